package access

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Principal is who a request acts for: an API key or a person who is signed in.
type Principal struct {
	// Key has the id 0 for a person.
	Key Key
	// User and Session have the id 0 for a key.
	User    User
	Session WebSession
	Actor   event.Actor
	powers  powers
}

// Operator is who has the database in hand, and so may do anything.
func Operator(a event.Actor) Principal {
	return Principal{Actor: a, powers: powers{everywhere: []Scope{All}}}
}

// powers are what somebody may do: everywhere, and beyond that in workspaces.
// What is granted everywhere may be bundles.
type powers struct {
	everywhere []Scope
	in         map[int64][]Scope
}

func powersOf(grants []Grant) powers {
	p := powers{in: map[int64][]Scope{}}
	for _, g := range grants {
		everywhere, there := g.brings()
		p.everywhere = append(p.everywhere, everywhere...)
		if len(there) > 0 {
			p.in[g.WorkspaceID] = append(p.in[g.WorkspaceID], there...)
		}
	}
	return p
}

func (p powers) has(need Scope, workspaceID int64) bool {
	return Grants(p.everywhere, need) || workspaceID != 0 && slices.Contains(p.in[workspaceID], need)
}

// IsPerson is false for an API key.
func (p Principal) IsPerson() bool { return p.User.ID != 0 }

// Everywhere are the scopes that are granted in every workspace and beside
// them, without bundles.
func (p Principal) Everywhere() []Scope { return Expand(p.powers.everywhere) }

// In are the scopes that are granted in some workspaces beyond [Everywhere], by
// workspace.
func (p Principal) In() map[int64][]Scope {
	out := map[int64][]Scope{}
	for id, scopes := range p.powers.in {
		for _, s := range Expand(scopes) {
			if !Grants(p.powers.everywhere, s) {
				out[id] = append(out[id], s)
			}
		}
	}
	return out
}

// Has reports whether a scope is granted everywhere.
func (p Principal) Has(need Scope) bool { return p.powers.has(need, 0) }

// HasIn reports whether a scope is granted in a workspace.
func (p Principal) HasIn(need Scope, workspaceID int64) bool { return p.powers.has(need, workspaceID) }

// Reach is where something is allowed: in all workspaces, or in those of the
// list.
type Reach struct {
	All        bool
	Workspaces []int64
}

// Includes reports whether a workspace is within reach.
func (r Reach) Includes(workspaceID int64) bool {
	return r.All || slices.Contains(r.Workspaces, workspaceID)
}

// Reach is where a scope is granted.
func (p Principal) Reach(need Scope) Reach {
	r := Reach{All: p.Has(need)}
	for id, scopes := range p.powers.in {
		if slices.Contains(scopes, need) {
			r.Workspaces = append(r.Workspaces, id)
		}
	}
	slices.Sort(r.Workspaces)
	return r
}

// Sees reports whether anything of a workspace is within reach: else it is as
// absent as one that does not exist.
func (p Principal) Sees(workspaceID int64) bool {
	return !p.IsPerson() || len(p.powers.in[workspaceID]) > 0 || slices.ContainsFunc(p.Everywhere(), func(s Scope) bool {
		return !slices.Contains(organisational, s) && !slices.Contains(shared, s)
	})
}

// Require is nil when the principal has the scope everywhere, else a
// CodeForbidden that names it.
func (p Principal) Require(need Scope) error {
	if p.Has(need) {
		return nil
	}
	return p.lacks(need, "")
}

// RequireSomewhere is nil when the principal has the scope in a workspace at
// least.
func (p Principal) RequireSomewhere(need Scope) error {
	if r := p.Reach(need); r.All || len(r.Workspaces) > 0 {
		return nil
	}
	return p.lacks(need, "")
}

// RequireIn is nil when the principal has the scope in a workspace. A workspace
// of which nothing is within reach is absent (CodeNotFound).
func (p Principal) RequireIn(need Scope, workspaceID int64) error {
	switch {
	case p.HasIn(need, workspaceID):
		return nil
	case !p.Sees(workspaceID):
		return fault.New(fault.CodeNotFound, "there is no workspace %d", workspaceID)
	}
	return p.lacks(need, " in workspace "+strconv.FormatInt(workspaceID, 10))
}

// RequireShared is RequireIn for an object that several workspaces share, such
// as a connection: to look at it the scope in one of them is enough, to change
// it the scope is needed in each. absent is what an object out of reach answers.
func (p Principal) RequireShared(need Scope, workspaces []int64, absent error) error {
	if p.Has(need) {
		return nil
	}
	if !p.IsPerson() {
		return p.lacks(need, "")
	}
	if !slices.ContainsFunc(workspaces, p.Sees) {
		return absent
	}
	for _, id := range workspaces {
		switch granted := p.HasIn(need, id); {
		case granted && reads(need):
			return nil
		case !granted && !reads(need):
			return p.lacks(need, " in each of the workspaces that share this")
		}
	}
	if reads(need) {
		return p.lacks(need, "")
	}
	return nil
}

func reads(s Scope) bool {
	return slices.ContainsFunc(Scopes, func(i ScopeInfo) bool { return i.Scope == s && i.Reads })
}

// lacks says what is missing, and to people also who has it.
func (p Principal) lacks(need Scope, where string) error {
	if !p.IsPerson() {
		return fault.New(fault.CodeForbidden, "this API key lacks the scope `%s`", need)
	}
	var name string
	for _, i := range Scopes {
		if i.Scope == need {
			name = i.Name
		}
	}
	var roles []string
	for _, r := range Roles {
		if Grants(r.Scopes, need) {
			roles = append(roles, r.Name)
		}
	}
	return fault.New(fault.CodeForbidden, "you lack the permission “%s” (`%s`)%s; who has the role %s may do it", name, need, where, strings.Join(roles, ", "))
}

// Covers is nil when the principal may do all that grants bring, else a
// CodeForbidden: nobody gives, or takes over, more than their own.
func (p Principal) Covers(grants []Grant) error {
	for _, g := range grants {
		everywhere, there := g.brings()
		for _, s := range everywhere {
			if !p.Has(s) {
				return p.exceeds(g)
			}
		}
		for _, s := range there {
			if !p.HasIn(s, g.WorkspaceID) {
				return p.exceeds(g)
			}
		}
	}
	return nil
}

func (p Principal) exceeds(g Grant) error {
	who := "you"
	if !p.IsPerson() {
		who = "this API key"
	}
	info, _ := FindRole(g.Role)
	return fault.New(fault.CodeForbidden, "the role %s allows more than %s may do", info.Name, who)
}

// Narrow is the list of networks for a key that the principal makes: those
// that are wanted, which must lie within its own, and its own if none are.
func (p Principal) Narrow(wanted []netip.Prefix) ([]netip.Prefix, error) {
	own := p.Key.AllowedIPs
	if len(own) == 0 {
		return wanted, nil
	}
	if len(wanted) == 0 {
		return slices.Clone(own), nil
	}
	for _, w := range wanted {
		n := Network(w)
		if !slices.ContainsFunc(own, func(o netip.Prefix) bool { return o.Bits() <= n.Bits() && o.Contains(n.Addr()) }) {
			return nil, fault.New(fault.CodeForbidden, "this API key may not be used from all of %s, so it cannot allow that to another", n)
		}
	}
	return wanted, nil
}
