package notify

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Mode says when a rule's messages go out.
type Mode string

// The modes: each signal by itself, or all of a while in one message.
const (
	Immediate Mode = "immediate"
	Digest    Mode = "digest"
)

// Limits of a workspace and of a rule.
const (
	MaxRules     = 200
	maxName      = 100
	maxChannelOf = 20
	maxFilterIDs = 500
)

// Rule says which signals go to which channels.
type Rule struct {
	ID          int64
	WorkspaceID int64
	Name        string
	Enabled     bool
	Topics      []Topic
	Filter      Filter
	ChannelIDs  []int64
	Mode        Mode
	// DigestAt counts with Digest only.
	DigestAt Schedule
	// NextDigest is when the next digest goes out; zero: never.
	NextDigest time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Filter narrows a rule: the signals of tests to some tests, those of
// connections to some connections. An empty list does not narrow.
type Filter struct {
	// TestIDs are the numbers of tests in their workspace.
	TestIDs       []int64 `json:"testIds"`
	ConnectionIDs []int64 `json:"connectionIds"`
}

// Matches reports whether a rule asks for a signal of its workspace.
func (r Rule) Matches(s Signal) bool {
	return r.Enabled && slices.Contains(r.Topics, s.Topic) && passes(r.Filter.TestIDs, s.TestID) && passes(r.Filter.ConnectionIDs, s.ConnectionID)
}

func passes(ids []int64, id int64) bool { return len(ids) == 0 || id == 0 || slices.Contains(ids, id) }

// RuleChange is what may change of a rule; nil leaves a field as it is.
type RuleChange struct {
	Name       *string
	Enabled    *bool
	Topics     *[]Topic
	TestIDs    *[]int64
	Connection *[]int64
	ChannelIDs *[]int64
	Mode       *Mode
	DigestAt   *Schedule
}

// apply changes a rule as of a moment.
func (c RuleChange) apply(r *Rule, now time.Time) error {
	was := *r
	if c.Name != nil {
		r.Name = strings.TrimSpace(*c.Name)
	}
	set(&r.Enabled, c.Enabled)
	set(&r.Topics, c.Topics)
	set(&r.Filter.TestIDs, c.TestIDs)
	set(&r.Filter.ConnectionIDs, c.Connection)
	set(&r.ChannelIDs, c.ChannelIDs)
	set(&r.Mode, c.Mode)
	set(&r.DigestAt, c.DigestAt)
	if err := r.check(); err != nil {
		return err
	}
	if r.Mode != Digest {
		r.DigestAt = Schedule{}
	}
	switch {
	case !r.Enabled:
		r.NextDigest = time.Time{}
	case r.Mode == Digest && (was.Mode != Digest || !was.Enabled || was.DigestAt != r.DigestAt || was.NextDigest.IsZero()):
		r.NextDigest = r.DigestAt.Next(now)
	case r.Mode == Immediate && was.Mode == Digest && was.Enabled:
		// What waits for a digest goes out at once.
		r.NextDigest = now
	}
	return nil
}

func set[T any](into *T, v *T) {
	if v != nil {
		*into = *v
	}
}

func (r *Rule) check() error {
	if err := checkName(r.Name); err != nil {
		return err
	}
	if len(r.Topics) == 0 {
		return fault.New(fault.CodeValidation, "`events` (/events) must name at least one of %s", topicNames())
	}
	for i, t := range r.Topics {
		if !slices.Contains(Topics, t) {
			return fault.New(fault.CodeValidation, "`events` (/events/%d) has %q; there are %s", i, fault.Short(string(t), 40), topicNames())
		}
	}
	r.Topics = distinct(r.Topics)
	slices.SortFunc(r.Topics, func(a, b Topic) int { return slices.Index(Topics, a) - slices.Index(Topics, b) })
	for _, list := range []struct {
		what, pointer string
		ids           *[]int64
		most          int
	}{
		{"testIds", "/filter/testIds", &r.Filter.TestIDs, maxFilterIDs}, {"connectionIds", "/filter/connectionIds", &r.Filter.ConnectionIDs, maxFilterIDs},
		{"channelIds", "/channelIds", &r.ChannelIDs, maxChannelOf},
	} {
		if len(*list.ids) > list.most {
			return fault.New(fault.CodeValidation, "`%s` (%s) may have at most %d entries", list.what, list.pointer, list.most)
		}
		*list.ids = distinct(*list.ids)
	}
	if len(r.ChannelIDs) == 0 {
		return fault.New(fault.CodeValidation, "`channelIds` (/channelIds) must name at least one channel")
	}
	switch r.Mode {
	case Immediate:
	case Digest:
		if r.DigestAt.Every == "" {
			return fault.New(fault.CodeValidation, "`digestAt` (/digestAt) is required with `mode` digest")
		}
	default:
		return fault.New(fault.CodeValidation, "`mode` (/mode) is %q; it must be immediate or digest", fault.Short(string(r.Mode), 40))
	}
	return nil
}

func topicNames() string {
	names := make([]string, len(Topics))
	for i, t := range Topics {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

// distinct keeps the first of equal elements; the result is never nil.
func distinct[T comparable](list []T) []T {
	out := make([]T, 0, len(list))
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || strings.ContainsFunc(name, control) {
		return fault.New(fault.CodeValidation, "`name` (/name) must have 1 to %d characters on one line", maxName)
	}
	return nil
}

func control(r rune) bool { return r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 }
