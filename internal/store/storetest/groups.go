package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// jobTitles are those of people in an upheaval.
var jobTitles = []string{"", "Engineer", "engineer", "Cook"}

// groupModel knows the groups of an upheaval and the scope of a workspace the
// slow way.
type groupModel struct {
	u         *upheaval
	workspace int64
	groups    map[int64]*knownGroup
	scope     []int64
	// belonged and limited count what was seen, so that it is known to prove
	// something.
	belonged, limited int
}

type knownGroup struct {
	name string
	rule *asset.GroupRule
	// byHand are the addresses' people, used without a rule.
	byHand map[int64]bool
}

func newGroupModel(u *upheaval) *groupModel {
	p, err := u.access.Workspaces(u.ctx, access.Reach{All: true}, page.Request{Size: 1})
	u.must(err)
	return &groupModel{u: u, workspace: p.Items[0].ID, groups: map[int64]*knownGroup{}}
}

func (m *groupModel) rule() *asset.GroupRule {
	r := m.u.r
	switch r.IntN(5) {
	case 0:
		return nil
	case 1:
		return &asset.GroupRule{ConnectionIDs: []int64{m.u.connection}}
	case 2:
		return &asset.GroupRule{JobTitles: []string{"COOK"}, EmailDomains: []string{"example.com"}}
	case 3:
		return &asset.GroupRule{EmailDomains: []string{"elsewhere.example"}}
	}
	return &asset.GroupRule{JobTitles: []string{"Engineer", "Boss"}}
}

// one is the number of a group, 0 when there is none.
func (m *groupModel) one() int64 {
	ids := slices.Sorted(maps.Keys(m.groups))
	if len(ids) == 0 {
		return 0
	}
	return ids[m.u.r.IntN(len(ids))]
}

// change is one change of groups or of the scope.
func (m *groupModel) change() {
	u, id := m.u, m.one()
	switch n := u.r.IntN(8); {
	case n < 2 || id == 0:
		name, rule := fmt.Sprint("Group ", u.r.IntN(4)), m.rule()
		g, err := u.people.CreatePeopleGroup(u.ctx, u.actor, asset.GroupChange{Name: &name, Rule: &rule})
		taken := slices.ContainsFunc(slices.Collect(maps.Values(m.groups)), func(k *knownGroup) bool { return k.name == name })
		if taken != (err != nil) {
			u.t.Fatalf("seed %d: the name %q is taken: %t, but: %v", u.seed, name, taken, err)
		}
		if err == nil {
			m.groups[g.ID] = &knownGroup{name, rule, map[int64]bool{}}
		}
	case n == 2:
		rule := m.rule()
		if m.groups[id].rule != nil && rule == nil {
			// Whom the rule named before stays.
			m.groups[id].byHand = m.members(id)
		}
		m.groups[id].rule = rule
		_, err := u.people.UpdatePeopleGroup(u.ctx, u.actor, id, asset.GroupChange{Rule: &rule})
		u.must(err)
	case n == 3:
		name := fmt.Sprint("Renamed ", id)
		_, err := u.people.UpdatePeopleGroup(u.ctx, u.actor, id, asset.GroupChange{Name: &name})
		u.must(err)
		m.groups[id].name = name
	case n < 6:
		p, err := u.people.Person(u.ctx, asset.PersonRef{Email: u.email()})
		if err != nil {
			return
		}
		add := u.r.IntN(4) > 0
		_, err = u.people.ChangeMembers(u.ctx, u.actor, id, add, []asset.PersonRef{{ID: p.ID}})
		if (err == nil) != (m.groups[id].rule == nil) {
			u.t.Fatalf("seed %d: a member of a group with the rule %v: %v", u.seed, m.groups[id].rule, err)
		}
		if err == nil {
			m.groups[id].byHand[p.ID] = add
		}
	case n == 6:
		m.scope = nil
		for _, each := range slices.Sorted(maps.Keys(m.groups)) {
			if u.r.IntN(2) == 0 {
				m.scope = append(m.scope, each)
			}
		}
		u.must(u.people.SetScope(u.ctx, u.actor, m.workspace, m.scope))
	default:
		err := u.people.DeletePeopleGroup(u.ctx, u.actor, id)
		if (err == nil) == slices.Contains(m.scope, id) {
			u.t.Fatalf("seed %d: group %d of the scope %v is deleted: %v", u.seed, id, m.scope, err)
		}
		if err == nil {
			delete(m.groups, id)
		}
	}
}

// everybody reads all people, with the connection of the identity that each
// follows.
func (m *groupModel) everybody() ([]asset.Person, map[int64]asset.Identity) {
	p, err := m.u.people.People(m.u.ctx, asset.PersonFilter{}, page.Request{Size: page.MaxSize})
	m.u.must(err)
	var ids []int64
	for _, each := range p.Items {
		ids = append(ids, each.IdentityID)
	}
	identities, err := m.u.people.IdentitiesByID(m.u.ctx, ids)
	m.u.must(err)
	return p.Items, identities
}

// members are who must belong to a group.
func (m *groupModel) members(id int64) map[int64]bool {
	out := map[int64]bool{}
	people, identities := m.everybody()
	g := m.groups[id]
	for _, p := range people {
		is := g.byHand[p.ID]
		if r := g.rule; r != nil {
			of := func(list []string, value string) bool {
				return len(list) == 0 || slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, value) })
			}
			is = of(r.JobTitles, p.User.JobTitle) && of(r.EmailDomains, strings.Split(p.User.Email, "@")[1]) &&
				(len(r.ConnectionIDs) == 0 || slices.Contains(r.ConnectionIDs, identities[p.IdentityID].ConnectionID))
		}
		if is {
			out[p.ID] = true
		}
	}
	return out
}

// hold compares lists and counts by group and scope with what must be.
func (m *groupModel) hold() {
	u := m.u
	u.t.Helper()
	numbers := func(f asset.PersonFilter) []int64 {
		p, err := u.people.People(u.ctx, f, page.Request{Size: page.MaxSize, WantTotal: true})
		u.must(err)
		out := make([]int64, len(p.Items))
		for i, each := range p.Items {
			out[i] = each.ID
		}
		equal(u.suite, "the total of a list", *p.Total, int64(len(out)))
		return slices.Sorted(slices.Values(out))
	}
	same := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			u.t.Fatalf("seed %d: %s: %v, want %v", u.seed, what, got, want)
		}
	}
	people, _ := m.everybody()
	listed, err := u.people.PeopleGroups(u.ctx, "", page.Request{Size: page.MaxSize, Sort: asset.ByName, Ascending: true})
	u.must(err)
	same("number of groups", len(listed.Items), len(m.groups))
	facets, err := u.people.PeopleFacets(u.ctx, asset.PersonFilter{}, true)
	u.must(err)
	inScope, counts := map[int64]bool{}, map[int64]int64{}
	for _, g := range listed.Items {
		members := m.members(g.ID)
		want := slices.Sorted(maps.Keys(members))
		m.belonged += len(want)
		if len(want) > 0 {
			counts[g.ID] = int64(len(want))
		}
		same(fmt.Sprint("who belongs to ", g.Name), numbers(asset.PersonFilter{GroupIDs: []int64{g.ID}}), want)
		same("how many belong to "+g.Name, g.People, len(want))
		same("scopes of "+g.Name, len(g.WorkspaceIDs) == 1, slices.Contains(m.scope, g.ID))
		if slices.Contains(m.scope, g.ID) {
			maps.Copy(inScope, members)
		}
	}
	same("people by group", facets.Groups, counts)
	var want []int64
	scoped, total := 0, 0
	for _, p := range people {
		in := len(m.scope) == 0 || inScope[p.ID]
		if in {
			want = append(want, p.ID)
		}
		if p.Status == asset.CurrentEmployee || p.Status == asset.CurrentContractor {
			total++
			if in {
				scoped++
			}
		}
	}
	if len(want) < len(people) {
		m.limited++
	}
	slices.Sort(want)
	same("who is in scope", numbers(asset.PersonFilter{WorkspaceID: m.workspace}), want)
	n, err := u.people.CountScope(u.ctx, m.workspace, nil)
	u.must(err)
	same("how many are in scope", n, asset.ScopeCounts{Scoped: int64(scoped), Total: int64(total)})
}

// end has somebody belong to a group, and nobody be in scope: whatever happened
// before, that was looked at then.
func (m *groupModel) end() {
	u := m.u
	u.put(`{"identityId":"the last","email":"last@example.com"}`)
	u.sync()
	for name, domain := range map[string]string{"Everybody": "EXAMPLE.com", "Nobody": "@nowhere.example"} {
		rule := &asset.GroupRule{EmailDomains: []string{domain}}
		g, err := u.people.CreatePeopleGroup(u.ctx, u.actor, asset.GroupChange{Name: &name, Rule: &rule})
		u.must(err)
		m.groups[g.ID] = &knownGroup{name, g.Rule, nil}
		if name == "Nobody" {
			m.scope = []int64{g.ID}
			u.must(u.people.SetScope(u.ctx, u.actor, m.workspace, m.scope))
		}
	}
	m.hold()
	if m.belonged == 0 || m.limited == 0 {
		u.t.Fatalf("seed %d: %d belonged to groups, and %d times somebody was out of scope, which proves little", u.seed, m.belonged, m.limited)
	}
}
