package store

import (
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// RunLogic implements check.RunStore.
func (s *Store) RunLogic(ctx context.Context, t check.Test, r check.TestRun) (out check.RunLogic, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out = check.RunLogic{}
		v := &out.Version
		if err := one(q, `SELECT version, logic, coalesce(pinned, logic), note, key_id, user_id, created_at, published_at FROM test_version WHERE test_id = $1 AND version = $2`,
			[]any{t.ID, r.Version}, &v.Number, &v.Logic, &v.Pinned, &v.Note, &v.KeyID, &v.UserID, &v.CreatedAt, &v.PublishedAt); err != nil {
			return err
		}
		if out.Groups, err = s.groupsAsOf(q, t.ID, r.FinishedAt); err != nil {
			return err
		}
		if len(out.Groups) == 0 || out.Groups[0].Version != r.Version {
			return fault.New(fault.CodeConflict, "what run %d judged by is no longer known", r.ID)
		}
		for i := range out.Groups {
			if err := schemaOfRun(q, &out.Groups[i].Resource, r); err != nil {
				return err
			}
		}
		out.Exclusions, err = exclusionsAt(q, t.ID, r.FinishedAt)
		return err
	})
	return out, err
}

// exclusionsAt reads the exclusions of a test that stood at a moment, as they were
// then.
func exclusionsAt(q querier, testID int64, at time.Time) (out []check.Exclusion, err error) {
	err = q.query(`SELECT x.id, x.resource_id, x.record_key, v.selector, v.pinned, v.reason, v.category, v.approver, v.ticket_url, v.expires_at, v.expire_on_fix,
		v.version, x.created_at, v.valid_from FROM exclusion x JOIN exclusion_version v ON v.exclusion_id = x.id
		WHERE x.test_id = $1 AND v.valid_from <= $2 AND (v.valid_to IS NULL OR v.valid_to > $2) AND (x.ended_at IS NULL OR x.ended_at > $2)
		AND (v.expires_at IS NULL OR v.expires_at > $2) ORDER BY x.id`, func(r row) error {
		var x check.Exclusion
		var category string
		err := r.scan(&x.ID, &x.Resource.ID, &x.Key, &x.Selector, &x.Pinned, &x.Reason, &category, &x.Approver, &x.TicketURL, &x.ExpiresAt, &x.ExpireOnFix,
			&x.Version, &x.CreatedAt, &x.UpdatedAt)
		x.Category = check.ExclusionCategory(category)
		x.Describe()
		out = append(out, x)
		return err
	}, testID, at)
	return out, err
}

// schemaOfRun reads the schema that a run saw, or, of a resource at which it did
// not look, the one of its end.
func schemaOfRun(q querier, res *connection.Resource, r check.TestRun) error {
	for _, p := range r.Parts {
		if p.Resource != res.ID {
			continue
		}
		err := one(q, "SELECT version, body FROM schema_version WHERE resource_id = $1 AND version = $2", []any{res.ID, p.SchemaVersion}, &res.SchemaVersion, &res.Schema)
		if !errors.Is(err, errNoRow) {
			return err
		}
	}
	return one(q, "SELECT version, body FROM schema_version WHERE resource_id = $1 AND (created_at <= $2 OR version = 1) ORDER BY version DESC LIMIT 1",
		[]any{res.ID, r.FinishedAt}, &res.SchemaVersion, &res.Schema)
}
