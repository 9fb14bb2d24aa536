package store

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
)

// aged are the resources whose mark is not that of a moment.
const aged = `SELECT id FROM resource WHERE deleted_at IS NULL AND (
	stale = 0 AND freshness_hours IS NOT NULL AND fresh_at IS NOT NULL AND fresh_at + freshness_hours * 3600000000 < $1 OR
	stale = 1 AND (freshness_hours IS NULL OR fresh_at IS NULL OR fresh_at + freshness_hours * 3600000000 >= $1)) ORDER BY id LIMIT $2`

// Freshen implements check.RunStore. A look that finds nothing takes no lock.
func (s *Store) Freshen(ctx context.Context, now time.Time, limit int, agedEvent func(connection.Resource) event.Event, tell func(check.Test) check.Settlement) (int, error) {
	var ids []int64
	err := s.db.read(ctx, func(q querier) error {
		var err error
		ids, err = idList(q, aged, now, limit)
		return err
	})
	for _, id := range ids {
		if err := s.db.write(ctx, func(q querier) error { return s.age(q, id, now, agedEvent, tell) }); err != nil {
			return 0, err
		}
	}
	return len(ids), err
}

// age marks a resource as it is now, and tells it and what it does to tests.
// These are locked first, as whoever publishes does.
func (s *Store) age(q querier, id int64, now time.Time, agedEvent func(connection.Resource) event.Event, tell func(check.Test) check.Settlement) error {
	const over = `t.deleted_at IS NULL AND t.enabled = 1 AND t.id IN
		(SELECT g.test_id FROM test_group g WHERE g.state = 'live' AND (g.resource_id = $1 OR g.id IN
			(SELECT a.group_id FROM group_lookup a JOIN lookup l ON l.id = a.lookup_id WHERE l.resource_id = $1))) ORDER BY t.id`
	if lock := q.dialect().forUpdate; lock != "" {
		if _, err := q.exec("SELECT t.id FROM test t WHERE "+over+lock, id); err != nil {
			return err
		}
	}
	r, deleted, err := readResource(q, id)
	if err != nil || deleted {
		return err
	}
	if n, err := q.exec("UPDATE resource SET stale = $2 WHERE id = $1 AND stale <> $2", id, r.Stale(now)); err != nil || n == 0 {
		return err
	}
	if err := s.append(q, agedEvent(r)); err != nil {
		return err
	}
	tests, err := s.selectTests(q, over, id)
	if err != nil {
		return err
	}
	for _, t := range tests {
		st := tell(t)
		if st.Told == t.Told {
			continue
		}
		if _, err := q.exec("UPDATE test SET told = $2 WHERE id = $1", t.ID, string(st.Told)); err != nil {
			return err
		}
		if err := putDay(q, t, st, toJSON(t.Totals()), now); err != nil {
			return err
		}
		if err := s.append(q, st.Event); err != nil {
			return err
		}
	}
	return nil
}
