package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
)

// stirred reports whether records of a resource may ask for values that changed.
func stirred(q querier, resourceID int64) (bool, error) {
	ids, err := idList(q, "SELECT id FROM lookup_change WHERE resource_id = $1 LIMIT 1", resourceID)
	return len(ids) > 0, err
}

// lookupChange is a row of lookup_change.
type lookupChange struct {
	id, lookupID, cursor int64
	value                string
}

// concerned is a record that asks for what a change is about.
type concerned struct{ change, record int64 }

// Stirred implements check.EvaluatorStore. Changes of plain values are taken
// together; the others, which concern many records or none, one by one.
func (s *Store) Stirred(ctx context.Context, resourceID int64, limit int) (check.Stirred, error) {
	var out check.Stirred
	err := s.db.read(ctx, func(q querier) error {
		var changes []lookupChange
		if err := q.query("SELECT id, lookup_id, value, cursor_id FROM lookup_change WHERE resource_id = $1 ORDER BY id LIMIT $2", func(r row) error {
			var c lookupChange
			err := r.scan(&c.id, &c.lookupID, &c.value, &c.cursor)
			changes = append(changes, c)
			return err
		}, resourceID, limit); err != nil || len(changes) == 0 {
			return err
		}
		special := slices.IndexFunc(changes, func(c lookupChange) bool { return c.value == check.LookAgain || c.value == check.Unevaluable })
		var list []concerned
		var err error
		switch {
		case special != 0:
			if special > 0 {
				changes = changes[:special]
			}
			list, err = askersOf(q, resourceID, changes[len(changes)-1].id, limit)
		case changes[0].value == check.LookAgain:
			changes = changes[:1]
		default:
			changes = changes[:1]
			list, err = allAskers(q, resourceID, changes[0], limit)
		}
		if err != nil {
			return err
		}
		read, err := s.bodiesOf(q, list, &out.Records)
		if err != nil {
			return err
		}
		out.Seen = check.Seen{Done: changes[len(changes)-1].id}
		if read < len(list) || len(list) == limit {
			last := list[read-1]
			out.Seen = check.Seen{Done: last.change - 1, Partly: last.change, Cursor: last.record}
		}
		return nil
	})
	slices.SortFunc(out.Records, func(a, b check.Subject) int { return cmp.Compare(a.ID, b.ID) })
	return out, err
}

// bodiesOf reads records in the order of a list, each once, and tells how far in
// the list it came before there were enough bytes of them.
func (s *Store) bodiesOf(q querier, list []concerned, out *[]check.Subject) (read int, err error) {
	first := map[int64]int{}
	var ids []int64
	for i, c := range list {
		if _, ok := first[c.record]; !ok {
			first[c.record] = i
			ids = append(ids, c.record)
		}
	}
	bytes := 0
	for at := 0; at < len(ids); at += perInsert {
		if bytes >= s.budget {
			return first[ids[at]], nil
		}
		part := ids[at:min(at+perInsert, len(ids))]
		found, cut, err := s.subjectsInOrder(q, part, s.budget-bytes)
		if err != nil {
			return 0, err
		}
		for i := range found {
			// That the record is looked at now is no change of the record.
			found[i].At = time.Time{}
			bytes += len(found[i].Body)
		}
		*out = append(*out, found...)
		if cut {
			return first[part[slices.Index(part, found[len(found)-1].ID)+1]], nil
		}
	}
	return len(list), nil
}

// askersOf reads records that ask for the values of the changes up to last.
func askersOf(q querier, resourceID, last int64, limit int) (list []concerned, err error) {
	first, end := recordRange(resourceID)
	err = q.query(`SELECT c.id, a.record_id FROM lookup_change c JOIN lookup_ask a
		ON a.lookup_id = c.lookup_id AND a.value = c.value AND a.record_id > c.cursor_id
		WHERE c.resource_id = $1 AND c.id <= $2 AND a.record_id >= $3 AND a.record_id < $4 ORDER BY c.id, a.record_id LIMIT $5`, func(r row) error {
		var c concerned
		err := r.scan(&c.change, &c.record)
		list = append(list, c)
		return err
	}, resourceID, last, first, end, limit)
	return list, err
}

// allAskers reads records that ask a lookup for whatever value, in the order of
// their ids; the sum keeps a planner from the index by value.
func allAskers(q querier, resourceID int64, c lookupChange, limit int) ([]concerned, error) {
	first, end := recordRange(resourceID)
	ids, err := idList(q, `SELECT DISTINCT record_id FROM lookup_ask WHERE record_id > $1 AND record_id < $2 AND lookup_id + 0 = $3
		ORDER BY record_id LIMIT $4`, max(first-1, c.cursor), end, c.lookupID, limit)
	list := make([]concerned, len(ids))
	for i, id := range ids {
		list[i] = concerned{c.id, id}
	}
	return list, err
}
