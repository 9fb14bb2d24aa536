package store

import (
	"context"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/event"
)

// belonging keeps those people in a list who belong to one of some groups.
func (l *list[T]) belonging(groups []int64) {
	of, args := in("m.group_id", groups)
	const members = " FROM personnel_group_member m WHERE "
	var group int64
	if len(groups) == 1 {
		group = groups[0]
	}
	l.rare = append(l.rare, rare{
		group: group,
		cond:  func(dialect) string { return "EXISTS (SELECT 1" + members + "m.person_id = p.id AND " + of + ")" },
		args:  args,
		find: func(q querier, most int) ([]int64, error) {
			return idList(q, number("SELECT DISTINCT m.person_id"+members+of+" LIMIT ?"), slices.Concat(args, []any{most})...)
		},
		count: func(q querier) (n int64, err error) {
			sql := "SELECT count(DISTINCT m.person_id)" + members + of
			if group != 0 {
				sql = "SELECT count(*)" + members + of
			}
			err = one(q, number(sql), args, &n)
			return n, err
		},
	})
}

// inScope keeps those people in a list who are in the scope of a workspace, if
// one is asked for.
func (l *list[T]) inScope(q querier, workspaceID int64) error {
	if workspaceID == 0 {
		return nil
	}
	if err := workspaceExists(q, workspaceID); err != nil {
		return err
	}
	groups, err := scopeOf(q, workspaceID)
	if len(groups) > 0 {
		l.belonging(groups)
	}
	return err
}

// scopeOf are the groups of a workspace's scope, in order.
func scopeOf(q querier, workspaceID int64) ([]int64, error) {
	return idList(q, "SELECT group_id FROM workspace_personnel_group WHERE workspace_id = $1 ORDER BY group_id", workspaceID)
}

// employed are the employment statuses that are so, as a list in parentheses.
func employed(are func(asset.EmploymentStatus) bool) string {
	var out []string
	for _, s := range asset.EmploymentStatuses {
		if are(s) {
			out = append(out, "'"+string(s)+"'")
		}
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// workHere are the people who work here now.
var workHere = "p.status IN " + employed(asset.EmploymentStatus.WorksHere)

func countScope(q querier, groups []int64) (n asset.ScopeCounts, err error) {
	if err := one(q, "SELECT count(*) FROM personnel p WHERE "+workHere, nil, &n.Total); err != nil || len(groups) == 0 {
		n.Scoped = n.Total
		return n, err
	}
	of, args := in("m.group_id", groups)
	err = one(q, number("SELECT count(*) FROM personnel p WHERE "+workHere+" AND EXISTS (SELECT 1 FROM personnel_group_member m WHERE m.person_id = p.id AND "+of+")"), args, &n.Scoped)
	return n, err
}

// CountScope implements asset.GroupStore.
func (s *Store) CountScope(ctx context.Context, workspaceID int64, groups []int64) (n asset.ScopeCounts, err error) {
	err = s.db.read(ctx, func(q querier) error {
		if err := workspaceExists(q, workspaceID); err != nil {
			return err
		}
		asked := groups
		if asked == nil {
			if asked, err = scopeOf(q, workspaceID); err != nil {
				return err
			}
		}
		n, err = countScope(q, asked)
		return err
	})
	return n, err
}

// Scopes implements asset.GroupStore.
func (s *Store) Scopes(ctx context.Context) (out map[int64][]int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out = map[int64][]int64{}
		return q.query("SELECT workspace_id, group_id FROM workspace_personnel_group ORDER BY workspace_id, group_id", func(r row) error {
			var workspace, group int64
			err := r.scan(&workspace, &group)
			out[workspace] = append(out[workspace], group)
			return err
		})
	})
	return out, err
}

// ChangeScope implements asset.GroupStore.
func (s *Store) ChangeScope(ctx context.Context, workspaceID int64, change func(now []int64) ([]int64, error), missing func(id int64) error,
	ev func(names []string, before, after asset.ScopeCounts) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if err := lockUsers(q); err != nil {
			return err
		}
		if err := workspaceExists(q, workspaceID); err != nil {
			return err
		}
		was, err := scopeOf(q, workspaceID)
		if err != nil {
			return err
		}
		then, err := change(slices.Clone(was))
		if err != nil || slices.Equal(was, then) {
			return err
		}
		names, err := groupNames(q, then, missing)
		if err != nil {
			return err
		}
		before, err := countScope(q, was)
		if err != nil {
			return err
		}
		if _, err := q.exec("DELETE FROM workspace_personnel_group WHERE workspace_id = $1", workspaceID); err != nil {
			return err
		}
		if err := insertRows(q, then, "INSERT INTO workspace_personnel_group (workspace_id, group_id) VALUES ", "(?, ?)", "", func(id *int64) []any {
			return []any{workspaceID, *id}
		}); err != nil {
			return err
		}
		after, err := countScope(q, then)
		if err != nil {
			return err
		}
		return s.append(q, ev(names, before, after))
	})
}

// groupNames are the names of groups, all of which must be there.
func groupNames(q querier, ids []int64, missing func(id int64) error) ([]string, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		found, err := selectPeopleGroups(q, "g.id = ?", id)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, missing(id)
		}
		names[i] = found[0].Name
	}
	return names, nil
}
