package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const peopleGroupColumns = "SELECT g.id, g.name, g.external_id, g.rule, g.created_at, g.updated_at FROM personnel_group g"

func scanPeopleGroup(r row, g *asset.PeopleGroup) error {
	var rule []byte
	if err := r.scan(&g.ID, &g.Name, &g.ExternalID, &rule, &g.CreatedAt, &g.UpdatedAt); err != nil || len(rule) == 0 {
		return err
	}
	return json.Unmarshal(rule, &g.Rule)
}

func selectPeopleGroups(q querier, where string, args ...any) ([]asset.PeopleGroup, error) {
	var out []asset.PeopleGroup
	err := q.query(number(peopleGroupColumns+" WHERE "+where), func(r row) error {
		var g asset.PeopleGroup
		err := scanPeopleGroup(r, &g)
		out = append(out, g)
		return err
	}, args...)
	return out, err
}

// fillPeopleGroups puts in how many people belong to groups, and whose scope they
// are part of.
func fillPeopleGroups(q querier, groups []asset.PeopleGroup) error {
	at := map[int64]*asset.PeopleGroup{}
	ids := make([]int64, len(groups))
	for i := range groups {
		ids[i], at[groups[i].ID] = groups[i].ID, &groups[i]
	}
	return inParts(ids, "group_id", func(cond string, args []any) error {
		if err := q.query(number("SELECT group_id, count(*) FROM personnel_group_member WHERE "+cond+" GROUP BY group_id"), func(r row) error {
			var id, n int64
			err := r.scan(&id, &n)
			at[id].People = n
			return err
		}, args...); err != nil {
			return err
		}
		return q.query(number("SELECT group_id, workspace_id FROM workspace_personnel_group WHERE "+cond+" ORDER BY workspace_id"), func(r row) error {
			var id, workspace int64
			err := r.scan(&id, &workspace)
			at[id].WorkspaceIDs = append(at[id].WorkspaceIDs, workspace)
			return err
		}, args...)
	})
}

// PeopleGroups implements asset.GroupStore.
func (s *Store) PeopleGroups(ctx context.Context, text string, workspaceID int64, r page.Request) (page.Page[asset.PeopleGroup], error) {
	l := list[asset.PeopleGroup]{sql: peopleGroupColumns, id: "g.id", columns: map[page.Sort]string{page.CreatedAt: "g.created_at", page.UpdatedAt: "g.updated_at"},
		texts: map[page.Sort]string{asset.ByName: "g.name_key"}, scan: scanPeopleGroup, fill: fillPeopleGroups,
		position: func(g asset.PeopleGroup) page.Position { return g.Position(r.Order()) },
		searched: searching(text, searched{table: "personnel_group g", keys: "SELECT id FROM personnel_group WHERE ", columns: []string{"g.name_key"}})}
	if workspaceID == 0 {
		return l.run(ctx, s, r)
	}
	l.and("g.id IN (SELECT group_id FROM workspace_personnel_group WHERE workspace_id = ?)", workspaceID)
	return l.runIn(ctx, s, workspaceID, r)
}

func readPeopleGroup(q querier, id int64, tail string) (asset.PeopleGroup, error) {
	found, err := selectPeopleGroups(q, "g.id = ?"+tail, id)
	if err == nil && len(found) == 0 {
		err = absent("group", id)
	}
	if err != nil {
		return asset.PeopleGroup{}, err
	}
	return found[0], fillPeopleGroups(q, found)
}

// PeopleGroup implements asset.GroupStore.
func (s *Store) PeopleGroup(ctx context.Context, id int64) (g asset.PeopleGroup, err error) {
	err = s.db.read(ctx, func(q querier) error {
		g, err = readPeopleGroup(q, id, "")
		return err
	})
	return g, err
}

func peopleGroupValues(g asset.PeopleGroup) []any {
	var rule any
	if g.Rule != nil {
		rule = toJSON(g.Rule)
	}
	return []any{g.Name, access.Folded(g.Name), nullText(g.ExternalID), rule, g.CreatedAt, g.UpdatedAt}
}

func duplicateGroup(err error, name string) error {
	if errors.Is(err, errDuplicate) {
		return fault.New(fault.CodeDuplicateName, "there is a group with the name %q already", name).At("/name")
	}
	return err
}

// CreatePeopleGroup implements asset.GroupStore.
func (s *Store) CreatePeopleGroup(ctx context.Context, g asset.PeopleGroup, limit int, ev func(asset.PeopleGroup) event.Event) (asset.PeopleGroup, error) {
	out := g
	err := s.db.write(ctx, func(q querier) error {
		out = g
		if err := lockUsers(q); err != nil {
			return err
		}
		var n int64
		if err := one(q, "SELECT count(*) FROM personnel_group", nil, &n); err != nil {
			return err
		}
		if n >= int64(limit) {
			return fault.New(fault.CodeConflict, "an organisation has at most %d groups of people", limit)
		}
		if err := one(q, "INSERT INTO personnel_group (name, name_key, external_id, rule, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
			peopleGroupValues(g), &out.ID); err != nil {
			return duplicateGroup(err, g.Name)
		}
		joined, _, err := regroupAll(q, out)
		if err != nil {
			return err
		}
		out.People = int64(len(joined))
		e := ev(out)
		if err := touchAll(q, directory.Person, joined, e); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return out, err
}

// ChangePeopleGroup implements asset.GroupStore.
func (s *Store) ChangePeopleGroup(ctx context.Context, id int64, change func(*asset.PeopleGroup) (bool, error),
	ev func(asset.PeopleGroup, asset.Membership) event.Event) (asset.PeopleGroup, error) {
	var g asset.PeopleGroup
	err := s.db.write(ctx, func(q querier) error {
		if err := lockUsers(q); err != nil {
			return err
		}
		var err error
		if g, err = readPeopleGroup(q, id, ""); err != nil {
			return err
		}
		name := g.Name
		if write, err := change(&g); err != nil || !write {
			return err
		}
		if _, err := q.exec("UPDATE personnel_group SET name = $1, name_key = $2, external_id = $3, rule = $4, created_at = $5, updated_at = $6 WHERE id = $7",
			append(peopleGroupValues(g), id)...); err != nil {
			return duplicateGroup(err, g.Name)
		}
		joined, left, err := regroupAll(q, g)
		if err != nil {
			return err
		}
		g.People += int64(len(joined) - len(left))
		touched := slices.Concat(joined, left)
		if g.Name != name {
			members, err := idList(q, "SELECT person_id FROM personnel_group_member WHERE group_id = $1", id)
			if err != nil {
				return err
			}
			touched = slices.Concat(members, left)
		}
		e := ev(g, asset.Membership{Joined: len(joined), Left: len(left)})
		if err := touchAll(q, directory.Person, touched, e); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return g, err
}

// DeletePeopleGroup implements asset.GroupStore.
func (s *Store) DeletePeopleGroup(ctx context.Context, id int64, refuse func(asset.PeopleGroup, []string) error, ev func(asset.PeopleGroup) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if err := lockUsers(q); err != nil {
			return err
		}
		g, err := readPeopleGroup(q, id, "")
		if err != nil {
			return err
		}
		var workspaces []string
		if err := q.query("SELECT w.name FROM workspace_personnel_group s JOIN workspace w ON w.id = s.workspace_id WHERE s.group_id = $1 ORDER BY w.id", func(r row) error {
			var name string
			err := r.scan(&name)
			workspaces = append(workspaces, "“"+name+"”")
			return err
		}, id); err != nil {
			return err
		}
		if err := refuse(g, workspaces); err != nil {
			return err
		}
		members, err := idList(q, "DELETE FROM personnel_group_member WHERE group_id = $1 RETURNING person_id", id)
		if err != nil {
			return err
		}
		if _, err := q.exec("DELETE FROM personnel_group WHERE id = $1", id); err != nil {
			return err
		}
		e := ev(g)
		if err := touchAll(q, directory.Person, members, e); err != nil {
			return err
		}
		return s.append(q, e)
	})
}

// ChangeMembers implements asset.GroupStore.
func (s *Store) ChangeMembers(ctx context.Context, id int64, add bool, refs []asset.PersonRef, refuse func(asset.PeopleGroup) error,
	ev func(asset.PeopleGroup, []int64) event.Event) (int, error) {
	var changed []int64
	err := s.db.write(ctx, func(q querier) error {
		changed = nil
		if err := lockUsers(q); err != nil {
			return err
		}
		g, err := readPeopleGroup(q, id, "")
		if err != nil {
			return err
		}
		if err := refuse(g); err != nil {
			return err
		}
		for _, ref := range refs {
			p, err := personNumber(q, ref)
			if err != nil {
				return err
			}
			sql := "DELETE FROM personnel_group_member WHERE group_id = $1 AND person_id = $2"
			if add {
				sql = joinGroup(q.dialect())
			}
			n, err := q.exec(sql, id, p)
			if err != nil {
				return err
			}
			if n > 0 {
				changed = append(changed, p)
			}
		}
		if len(changed) == 0 {
			return nil
		}
		return s.append(q, ev(g, changed))
	})
	return len(changed), err
}

// joining makes people members of groups: a statement up to its tuples, one of
// them, and what follows. How somebody stands who joins stays as it is until they
// have joined.
func joining(d dialect) (into, tuple, tail string) {
	return "INSERT INTO personnel_group_member (group_id, person_id, standing) SELECT v.column1, p.id, p.standing FROM (VALUES ", "(CAST(? AS BIGINT), CAST(? AS BIGINT))",
		") v CROSS JOIN personnel p WHERE p.id = v.column2" + d.locking("p")
}

// joinGroup has one person join a group, unless they belong to it.
func joinGroup(d dialect) string {
	into, tuple, tail := joining(d)
	return number(into + tuple + tail + " ON CONFLICT DO NOTHING")
}

// personNumber finds the number of a person.
func personNumber(q querier, ref asset.PersonRef) (id int64, err error) {
	if ref.Email != "" {
		return id, absentIf(one(q, "SELECT p.id FROM personnel p JOIN app_user u ON u.id = p.user_id WHERE u.email_key = $1 AND u.deleted_at IS NULL",
			[]any{access.Folded(ref.Email)}, &id), "person", ref.Email)
	}
	return id, absentIf(one(q, "SELECT id FROM personnel WHERE id = $1", []any{ref.ID}, &id), "person", ref.ID)
}

// ruled is what rules of groups look at.
const ruled = `SELECT p.id, u.job_title, u.email, i.connection_id FROM personnel p JOIN app_user u ON u.id = p.user_id
	LEFT JOIN hris_identity i ON i.id = p.identity_id`

// heldBy calls each with the people that the rules of groups are true of.
func heldBy(q querier, groups []asset.PeopleGroup, where string, args []any, each func(group, person int64)) error {
	return q.query(number(ruled+where), func(r row) error {
		var id, connection int64
		var title, email string
		err := r.scan(&id, &title, &email, &connection)
		for _, g := range groups {
			if g.Rule != nil && g.Rule.Holds(title, email, connection) {
				each(g.ID, id)
			}
		}
		return err
	}, args...)
}

// CountHeld implements asset.GroupStore.
func (s *Store) CountHeld(ctx context.Context, rule asset.GroupRule) (n int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		n = 0
		return heldBy(q, []asset.PeopleGroup{{Rule: &rule}}, "", nil, func(int64, int64) { n++ })
	})
	return n, err
}

// member is a row of personnel_group_member.
type member struct{ group, person int64 }

// regroupAll brings who belongs to a group with a rule up to date, and tells who
// joined and who left. The caller holds lockUsers, as everybody does who changes
// what rules look at.
func regroupAll(q querier, g asset.PeopleGroup) (joined, left []int64, err error) {
	if g.Rule == nil {
		return nil, nil, nil
	}
	is := map[member]bool{}
	if err := heldBy(q, []asset.PeopleGroup{g}, "", nil, func(group, person int64) { is[member{group, person}] = true }); err != nil {
		return nil, nil, err
	}
	in, out, err := putMembers(q, is, "group_id = ?", []any{g.ID})
	for _, m := range in {
		joined = append(joined, m.person)
	}
	for _, m := range out {
		left = append(left, m.person)
	}
	return joined, left, err
}

// regroup brings up to date to which groups with a rule people belong. Whoever
// calls it tells of the people themselves.
func regroup(q querier, people []int64) error {
	groups, err := selectPeopleGroups(q, "g.rule IS NOT NULL")
	if err != nil || len(groups) == 0 {
		return err
	}
	ids := make([]int64, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	ofGroups, groupArgs := in("group_id", ids)
	return inParts(people, "p.id", func(cond string, args []any) error {
		is := map[member]bool{}
		if err := heldBy(q, groups, " WHERE "+cond, args, func(group, person int64) { is[member{group, person}] = true }); err != nil {
			return err
		}
		ofPeople, _ := in("person_id", make([]int64, len(args)))
		_, _, err := putMembers(q, is, ofPeople+" AND "+ofGroups, slices.Concat(args, groupArgs))
		return err
	})
}

// putMembers makes the rows for which a condition holds those that are wanted.
func putMembers(q querier, wanted map[member]bool, where string, args []any) (joined, left []member, err error) {
	was := map[member]bool{}
	if err := q.query(number("SELECT group_id, person_id FROM personnel_group_member WHERE "+where), func(r row) error {
		var m member
		err := r.scan(&m.group, &m.person)
		was[m] = true
		return err
	}, args...); err != nil {
		return nil, nil, err
	}
	for m := range wanted {
		if !was[m] {
			joined = append(joined, m)
		}
	}
	for m := range was {
		if !wanted[m] {
			left = append(left, m)
		}
	}
	byNumber := func(a, b member) int { return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.person, b.person)) }
	slices.SortFunc(joined, byNumber)
	slices.SortFunc(left, byNumber)
	values := func(m *member) []any { return []any{m.group, m.person} }
	into, tuple, tail := joining(q.dialect())
	if err := insertRows(q, left, "DELETE FROM personnel_group_member WHERE (group_id, person_id) IN (VALUES ", tuple, ")", values); err != nil {
		return nil, nil, err
	}
	return joined, left, insertRows(q, joined, into, tuple, tail, values)
}

// GroupsOf implements asset.GroupStore.
func (s *Store) GroupsOf(ctx context.Context, people []int64) (out map[int64][]asset.PeopleGroup, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out, err = groupsOf(q, people)
		return err
	})
	return out, err
}

func groupsOf(q querier, people []int64) (map[int64][]asset.PeopleGroup, error) {
	out, known := map[int64][]asset.PeopleGroup{}, map[int64]asset.PeopleGroup{}
	var members []member
	if err := inParts(people, "person_id", func(cond string, args []any) error {
		return q.query(number("SELECT group_id, person_id FROM personnel_group_member WHERE "+cond), func(r row) error {
			var m member
			err := r.scan(&m.group, &m.person)
			members, known[m.group] = append(members, m), asset.PeopleGroup{}
			return err
		}, args...)
	}); err != nil {
		return nil, err
	}
	var ids []int64
	for id := range known {
		ids = append(ids, id)
	}
	if err := inParts(ids, "g.id", func(cond string, args []any) error {
		found, err := selectPeopleGroups(q, cond, args...)
		for _, g := range found {
			known[g.ID] = g
		}
		return err
	}); err != nil {
		return nil, err
	}
	for _, m := range members {
		out[m.person] = append(out[m.person], known[m.group])
	}
	for _, groups := range out {
		slices.SortFunc(groups, func(a, b asset.PeopleGroup) int {
			return cmp.Compare(access.Folded(a.Name), access.Folded(b.Name))
		})
	}
	return out, nil
}
