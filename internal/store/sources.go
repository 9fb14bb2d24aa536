package store

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/check"
)

// Sources implements check.Store.
func (s *Store) Sources(ctx context.Context, workspaceID int64) ([]check.Source, error) {
	var out []check.Source
	err := s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT r.id, r.name, c.id, c.name, c.provider_types, r.freshness_hours, r.fresh_at FROM connection_workspace w
			JOIN connection c ON c.id = w.connection_id JOIN resource r ON r.connection_id = c.id
			WHERE w.workspace_id = $1 AND c.deleted_at IS NULL AND r.deleted_at IS NULL ORDER BY r.id`, func(r row) error {
			var x check.Source
			var types []byte
			if err := r.scan(&x.ResourceID, &x.Resource, &x.ConnectionID, &x.Connection, &types, &x.FreshnessHours, &x.FreshAt); err != nil {
				return err
			}
			err := json.Unmarshal(types, &x.ProviderTypes)
			out = append(out, x)
			return err
		}, workspaceID)
	})
	return out, err
}

// TestsOfControl implements check.Store.
func (s *Store) TestsOfControl(ctx context.Context, workspaceID, controlID int64) ([]int64, error) {
	var out []int64
	err := s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT m.test_id FROM control_test m JOIN control c ON c.id = m.control_id WHERE c.workspace_id = $1 AND c.id = $2`, func(r row) error {
			var id int64
			err := r.scan(&id)
			out = append(out, id)
			return err
		}, workspaceID, controlID)
	})
	return out, err
}

// TestsOfOwners implements check.Store.
func (s *Store) TestsOfOwners(ctx context.Context, workspaceID int64, users []int64) ([]int64, error) {
	var out []int64
	err := s.db.read(ctx, func(q querier) error {
		out = nil
		for part := range slices.Chunk(users, perList) {
			cond, args := in("o.user_id", part)
			found, err := idList(q, number("SELECT DISTINCT m.test_id FROM control_owner o JOIN control_test m ON m.control_id = o.control_id JOIN control c ON c.id = o.control_id WHERE c.workspace_id = ? AND "+cond),
				append([]any{workspaceID}, args...)...)
			if err != nil {
				return err
			}
			out = append(out, found...)
		}
		return nil
	})
	return out, err
}
