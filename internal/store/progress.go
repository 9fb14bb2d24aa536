package store

import (
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
)

// Progress implements check.EvaluatorStore.
func (s *Store) Progress(ctx context.Context, resourceID int64) (check.Progress, error) {
	var p check.Progress
	err := s.db.read(ctx, func(q querier) error {
		err := one(q, `SELECT r.change_seq, e.watermark_seq, e.watermark_id, e.answered_seq, e.answered_id,
			(SELECT count(*) FROM test_group g WHERE g.resource_id = r.id AND g.state <> 'retired'),
			(SELECT count(*) FROM lookup l WHERE l.resource_id = r.id AND l.state <> 'retired'),
			(SELECT count(*) FROM test_group g WHERE g.resource_id = r.id AND g.state = 'building')
				+ (SELECT count(*) FROM lookup l WHERE l.resource_id = r.id AND l.state = 'building'),
			(SELECT count(*) FROM (SELECT 1 FROM lookup_change c WHERE c.resource_id = r.id LIMIT 1) mine),
			(SELECT count(*) FROM lookup l JOIN group_lookup a ON a.lookup_id = l.id JOIN test_group g ON g.id = a.group_id
				WHERE l.resource_id = r.id AND l.state <> 'retired' AND g.state <> 'retired' AND g.resource_id <> r.id
				AND EXISTS (SELECT 1 FROM lookup_change c WHERE c.resource_id = g.resource_id)),
			(SELECT min(v.next_flip) FROM verdict v WHERE v.resource_id = r.id AND v.next_flip IS NOT NULL)
			FROM evaluation e JOIN resource r ON r.id = e.resource_id WHERE e.resource_id = $1`, []any{resourceID},
			&p.ChangeSeq, &p.Watermark.Seq, &p.Watermark.ID, &p.Answered.Seq, &p.Answered.ID, &p.Groups, &p.Lookups, &p.Building, &p.Stirred, &p.AskersStirred, &p.Flip)
		if errors.Is(err, errNoRow) {
			return nil
		}
		return err
	})
	return p, err
}

// NextMoment implements check.EvaluatorStore. Data is stale just after its limit.
func (s *Store) NextMoment(ctx context.Context, now time.Time) (time.Time, error) {
	var next time.Time
	err := s.db.read(ctx, func(q querier) error {
		return one(q, `SELECT min(moment) FROM (
			SELECT min((SELECT min(v.next_flip) FROM verdict v WHERE v.resource_id = e.resource_id AND v.next_flip > $1)) AS moment FROM evaluation e
			UNION ALL SELECT min(expires_at) FROM exclusion WHERE ended_at IS NULL AND expires_at > $1
			UNION ALL SELECT min(fresh_at + freshness_hours * 3600000000 + 1) FROM resource
				WHERE deleted_at IS NULL AND stale = 0 AND fresh_at + freshness_hours * 3600000000 >= $1
			UNION ALL SELECT min(next_run_at) FROM test WHERE deleted_at IS NULL AND enabled = 1 AND next_run_at > $1) moments`, []any{now}, &next)
	})
	return next, err
}

// TestProgress implements check.EvaluatorStore.
func (s *Store) TestProgress(ctx context.Context, testID int64) (resources []int64, building bool, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		if resources, err = idList(q, `SELECT g.resource_id FROM test_group g WHERE g.test_id = $1 AND g.state = 'live'
			UNION SELECT l.resource_id FROM test_group g JOIN group_lookup a ON a.group_id = g.id JOIN lookup l ON l.id = a.lookup_id
			WHERE g.test_id = $1 AND g.state = 'live'`, testID); err != nil {
			return err
		}
		return one(q, `SELECT (SELECT count(*) FROM test_group WHERE test_id = $1 AND state IN ('building', 'built'))
			+ (SELECT count(*) FROM run WHERE test_id = $1 AND state = 'RUNNING' AND started_by IN ('MANUAL', 'EXCLUSION'))`, []any{testID}, &building)
	})
	return resources, building, err
}
