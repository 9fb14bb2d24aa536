package store

import (
	"context"
	"time"
)

// single reports whether the database has one server only, which needs no lease.
func (s *Store) single() bool {
	_, is := s.db.(*sqliteDB)
	return is
}

// Leased implements check.EvaluatorStore.
func (s *Store) Leased(ctx context.Context, resourceID int64, owner string, now time.Time) (bool, error) {
	if s.single() {
		return false, nil
	}
	var n int64
	err := s.db.read(ctx, func(q querier) error {
		return one(q, "SELECT count(*) FROM evaluation WHERE resource_id = $1 AND lease_owner <> $2 AND lease_until >= $3", []any{resourceID, owner, now}, &n)
	})
	return n > 0, err
}

// Lease implements check.EvaluatorStore.
func (s *Store) Lease(ctx context.Context, resourceID int64, owner string, now, until time.Time) (bool, error) {
	if s.single() {
		return true, nil
	}
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		var err error
		n, err = q.exec(`UPDATE evaluation SET lease_owner = $2, lease_until = $4 WHERE resource_id = $1
			AND (lease_owner = $2 OR lease_until IS NULL OR lease_until < $3)`, resourceID, owner, now, until)
		return err
	})
	return n == 1, err
}

// Release implements check.EvaluatorStore.
func (s *Store) Release(ctx context.Context, resourceID int64, owner string) error {
	if s.single() {
		return nil
	}
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("UPDATE evaluation SET lease_owner = NULL, lease_until = NULL WHERE resource_id = $1 AND lease_owner = $2", resourceID, owner)
		return err
	})
}
