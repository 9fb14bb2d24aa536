package notify

import (
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Person is somebody whom channels may name, as they are in a workspace now.
type Person struct {
	ID      int64
	Name    string
	Address string
	// Absence is empty for somebody who can sign in.
	Absence Absence
	// Tests and Connections say what they may look at there.
	Tests, Connections bool
}

// Absence says why a person gets no mail.
type Absence string

// Why a person gets no mail.
const (
	Invited  Absence = "INVITED"
	Disabled Absence = "DISABLED"
	Gone     Absence = "DELETED"
	NoAccess Absence = "NO_ACCESS"
)

// Why is why the person gets no mail at all; empty: they do.
func (p Person) Why() Absence {
	if p.Absence == "" && !p.Tests && !p.Connections {
		return NoAccess
	}
	return p.Absence
}

var absences = map[Absence]string{
	Invited: "has not taken the invitation yet", Disabled: "has a disabled account", Gone: "has no account any more",
	NoAccess: "may not look at this here",
}

// May reports whether a person may be told of a topic.
func (p Person) May(t Topic) bool {
	if t.aboutConnection() {
		return p.Why() == "" && p.Connections
	}
	return p.Why() == "" && p.Tests
}

// refusal says why a person is not sent a notice; empty: they are.
func (p Person) refusal(n Notice) string {
	why := p.Why()
	if why == "" {
		if !slices.ContainsFunc(n.Signals, func(s Signal) bool { return !p.May(s.Topic) }) && !slices.ContainsFunc(n.Counts, func(c Count) bool { return !p.May(c.Topic) }) {
			return ""
		}
		why = NoAccess
	}
	return fault.Short(oneLine(p.Name), maxName) + " " + absences[why]
}

// Audience is who the people of channels are.
type Audience struct {
	// People are those of the channels, and owners of controls, by id.
	People map[int64]Person
	// Owners are the owners of the controls that a test proves, by the number of
	// the test, where a channel asks for them.
	Owners map[int64][]int64
}

// about reports whether somebody is told of a topic of a test (0: of none).
type about func(t Topic, testID int64) bool

// target is where a message of a channel goes to.
type target struct {
	address string
	user    int64
	about   about
}

// targets are where a channel leads to, nobody twice.
func (a Audience) targets(c Channel) []target {
	all := func(Topic, int64) bool { return true }
	if c.Kind != Mail {
		return []target{{about: all}}
	}
	var out []target
	for _, address := range c.To {
		out = append(out, target{address: address, about: all})
	}
	add := func(t target) {
		if !slices.ContainsFunc(out, func(o target) bool { return strings.EqualFold(o.address, t.address) }) {
			out = append(out, t)
		}
	}
	for _, id := range c.UserIDs {
		if p := a.People[id]; p.Why() == "" {
			add(target{p.Address, id, func(t Topic, _ int64) bool { return p.May(t) }})
		}
	}
	if !c.ControlOwners {
		return out
	}
	for _, id := range a.owners() {
		if p := a.People[id]; p.Why() == "" {
			add(target{p.Address, id, func(t Topic, test int64) bool { return p.May(t) && slices.Contains(a.Owners[test], id) }})
		}
	}
	return out
}

// owners are all owners of controls, in an order of their own.
func (a Audience) owners() []int64 {
	var out []int64
	for _, ids := range a.Owners {
		out = append(out, ids...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
