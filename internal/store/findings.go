package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// excludedFinding is 1 for a finding of a record that is excluded from a test now.
func excludedFinding(t check.Test) string {
	var slot strings.Builder
	for _, g := range t.Groups {
		fmt.Fprintf(&slot, " WHEN %d THEN %d", g.ID, g.Slot+1)
	}
	return "CASE WHEN substr(v.states, CASE f.group_id" + slot.String() + " END, 1) IN ('F', 'U') THEN 1 ELSE 0 END"
}

// Findings implements check.Store.
func (s *Store) Findings(ctx context.Context, t check.Test, excluded bool, r page.Request) (page.Page[check.Finding], error) {
	if len(t.Groups) == 0 {
		return page.Page[check.Finding]{}, nil
	}
	l := list[check.Finding]{sql: `SELECT f.id, f.test_id, f.group_id, f.record_id, f.record_key, f.opened_at, c.id, c.name, r.body, ` + excludedFinding(t) + ` FROM finding f
		JOIN resource s ON s.id = f.resource_id JOIN connection c ON c.id = s.connection_id
		LEFT JOIN verdict v ON v.record_id = f.record_id LEFT JOIN record r ON r.id = f.record_id`,
		where: []string{"f.closed_at IS NULL", "s.deleted_at IS NULL"}, id: "f.id", columns: map[page.Sort]string{page.CreatedAt: "f.opened_at"},
		body: "r.body", size: func(f *check.Finding) int { return len(f.Body) },
		scan: func(r row, f *check.Finding) error {
			err := r.scan(&f.ID, &f.TestID, &f.GroupID, &f.RecordID, &f.Key, &f.OpenedAt, &f.ConnectionID, &f.Connection, &f.Body, &f.Excluded)
			f.Group = groupOf(t, f.GroupID)
			return err
		},
		position: func(f check.Finding) page.Position {
			return page.Position{Value: f.OpenedAt.UnixMicro(), ID: f.ID}
		}}
	l.and("f.test_id = ?", t.ID)
	if !excluded && t.Totals().Excluded > 0 {
		l.where = append(l.where, excludedFinding(t)+" = 0")
	}
	cond, args := in("f.group_id", groupIDs(t))
	l.where, l.args = append(l.where, cond), append(l.args, args...)
	return l.run(ctx, s, r)
}

// Ages implements check.Store.
func (s *Store) Ages(ctx context.Context, t check.Test, moments []time.Time) ([]int64, error) {
	out := make([]int64, len(moments)+1)
	if len(t.Groups) == 0 {
		return out, nil
	}
	var span strings.Builder
	var args []any
	for i, m := range moments {
		fmt.Fprintf(&span, " WHEN f.opened_at > ? THEN %d", i)
		args = append(args, m)
	}
	from, where := "finding f", "f.closed_at IS NULL AND f.test_id = ?"
	if t.Totals().Excluded > 0 {
		from, where = from+" LEFT JOIN verdict v ON v.record_id = f.record_id", where+" AND "+excludedFinding(t)+" = 0"
	}
	cond, ids := in("f.group_id", groupIDs(t))
	args = append(append(args, t.ID), ids...)
	err := s.db.read(ctx, func(q querier) error {
		return q.query(number("SELECT CASE"+span.String()+fmt.Sprintf(" ELSE %d END AS span, count(*) FROM ", len(moments))+from+" WHERE "+where+" AND "+cond+
			" GROUP BY span"), func(r row) error {
			var at, n int64
			err := r.scan(&at, &n)
			out[at] = n
			return err
		}, args...)
	})
	return out, err
}

func groupIDs(t check.Test) []int64 {
	ids := make([]int64, len(t.Groups))
	for i := range t.Groups {
		ids[i] = t.Groups[i].ID
	}
	return ids
}

func groupOf(t check.Test, id int64) *check.Group {
	for i := range t.Groups {
		if t.Groups[i].ID == id {
			return &t.Groups[i]
		}
	}
	return nil
}

// RecordsIn implements check.Store: the records of each group in turn, in the
// order of their ids, which is the order of groups by resource too.
func (s *Store) RecordsIn(ctx context.Context, t check.Test, state check.State, r page.Request) (page.Page[check.Finding], error) {
	type sight struct {
		check.Finding
		position page.Position
	}
	var found []sight
	var total int64
	var cut bool
	limit, budget := r.Limit()+1, s.budget
	err := s.db.read(ctx, func(q querier) error {
		for i := range t.Groups {
			total += countIn(t.Groups[i].Counts, state)
		}
		for n := range t.Groups {
			at := n
			if !r.Ascending {
				at = len(t.Groups) - 1 - n
			}
			g := &t.Groups[at]
			if countIn(g.Counts, state) == 0 {
				continue
			}
			// The position's value is the group's place, its id the record.
			if r.After != nil && (r.Ascending && int64(at) < r.After.Value || !r.Ascending && int64(at) > r.After.Value) {
				continue
			}
			first, end := recordRange(g.Resource.ID)
			first--
			order := "DESC"
			if r.Ascending {
				order = "ASC"
			}
			if r.After != nil && int64(at) == r.After.Value {
				if r.Ascending {
					first = r.After.ID
				} else {
					end = r.After.ID
				}
			}
			more, full, err := readPortion(q, portion{sql: `SELECT v.record_id, r.record_key, r.body, c.id, c.name FROM verdict v JOIN record r ON r.id = v.record_id
				JOIN resource s ON s.id = v.resource_id JOIN connection c ON c.id = s.connection_id
				WHERE v.record_id > $1 AND v.record_id < $2 AND substr(v.states, CAST($3 AS INTEGER), 1) = $4 ORDER BY v.record_id ` + order,
				args: []any{first, end, g.Slot + 1, string(rune(state))}, body: "r.body", limit: limit - len(found), budget: budget},
				func(r row, p *sight) error {
					p.Finding = check.Finding{TestID: t.ID, GroupID: g.ID, Group: g, State: state}
					err := r.scan(&p.RecordID, &p.Key, &p.Body, &p.ConnectionID, &p.Connection)
					p.position = page.Position{Value: int64(at), ID: p.RecordID}
					return err
				}, func(p *sight) int {
					budget -= len(p.Body)
					return len(p.Body)
				})
			if err != nil {
				return err
			}
			found, cut = append(found, more...), full || budget <= 0 && n < len(t.Groups)-1
			if cut || len(found) == limit {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return page.Page[check.Finding]{}, err
	}
	p := cutPage(r, found, cut, func(p sight) page.Position { return p.position })
	out := page.Page[check.Finding]{Next: p.Next}
	for _, p := range p.Items {
		out.Items = append(out.Items, p.Finding)
	}
	if r.WantTotal && r.After == nil {
		out.Total = &total
	}
	return out, nil
}

func countIn(c check.Counts, state check.State) int64 {
	if state == check.Faulty {
		return c.Errors
	}
	return c.Passing
}
