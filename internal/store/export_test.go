package store

import (
	"context"
	"fmt"
	"time"
)

// Contradictions sweeps, and then counts what must not be: findings that end
// before they begin, open findings and values of groups that are over, and
// findings of groups that were never in force.
func (s *Store) Contradictions(ctx context.Context) (string, error) {
	for n := int64(1); n > 0; {
		var err error
		if n, err = s.SweepGroups(ctx, 7); err != nil {
			return "", err
		}
	}
	for _, sql := range []string{
		"SELECT count(*) FROM finding WHERE closed_at < opened_at",
		"SELECT count(*) FROM finding WHERE closed_at IS NULL AND group_id IN (SELECT id FROM test_group WHERE state = 'retired')",
		"SELECT count(*) FROM finding WHERE group_id IN (SELECT id FROM test_group WHERE state = 'retired' AND ended_why IS NULL)",
		"SELECT count(*) FROM unique_value WHERE group_id IN (SELECT id FROM test_group WHERE state = 'retired')",
		"SELECT count(*) FROM personnel_group_member m JOIN personnel p ON p.id = m.person_id WHERE m.standing <> p.standing",
		"SELECT count(*) FROM device_search k JOIN device d ON d.id = k.device_id JOIN personnel p ON p.id = d.person_id WHERE k.owner_key <> p.search_key",
	} {
		var n int64
		err := s.db.read(ctx, func(q querier) error { return one(q, sql, nil, &n) })
		if err != nil || n > 0 {
			return fmt.Sprintf("%s: %d", sql, n), err
		}
	}
	return "", nil
}

// Spoil changes rows behind the back of everybody.
func (s *Store) Spoil(ctx context.Context, sql string, args ...any) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec(sql, args...)
		return err
	})
}

// History lists the findings of a test in the order of their beginning, with
// their minutes since a moment.
func (s *Store) History(ctx context.Context, testID int64, since time.Time) ([]string, error) {
	var out []string
	err := s.db.read(ctx, func(q querier) error {
		return q.query("SELECT record_key, opened_at, closed_at, close_reason FROM finding WHERE test_id = $1 ORDER BY opened_at, record_key, id", func(r row) error {
			var key, why string
			var from, to time.Time
			err := r.scan(&key, &from, &to, &why)
			text := fmt.Sprintf("%s %v-", key, from.Sub(since).Minutes())
			if !to.IsZero() {
				text += fmt.Sprintf("%v %s", to.Sub(since).Minutes(), why)
			}
			out = append(out, text)
			return err
		}, testID)
	})
	return out, err
}
