package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
)

const coverColumns = "SELECT id, test_id, version, record_key, pinned, reason, expires_at, expire_on_fix FROM exclusion x WHERE ended_at IS NULL"

// selectCovers reads exclusions that no end is marked of; where may end with an
// order.
func selectCovers(q querier, where string, args ...any) ([]check.Cover, error) {
	var out []check.Cover
	err := q.query(coverColumns+" AND "+where, func(r row) error {
		var x check.Cover
		err := r.scan(&x.ID, &x.TestID, &x.Version, &x.Key, &x.Selector, &x.Reason, &x.ExpiresAt, &x.ExpireOnFix)
		out = append(out, x)
		return err
	}, args...)
	return out, err
}

// Covers implements check.ExclusionStore.
func (s *Store) Covers(ctx context.Context, testID, resourceID int64, keys []string) ([]check.Cover, error) {
	var out []check.Cover
	err := s.db.read(ctx, func(q querier) error {
		var err error
		if keys == nil {
			if out, err = selectCovers(q, "test_id = $1 AND resource_id = $2 ORDER BY id", testID, resourceID); err != nil {
				return err
			}
			return recordIDs(q, resourceID, out)
		}
		if out, err = selectCovers(q, "test_id = $1 AND resource_id = $2 AND selector IS NOT NULL ORDER BY id", testID, resourceID); err != nil {
			return err
		}
		named, err := coversOf(q, resourceID, keys)
		for _, x := range named {
			if x.TestID == testID {
				out = append(out, x)
			}
		}
		return err
	})
	return out, err
}

// recordIDs fills the ids of the records that exclusions name.
func recordIDs(q querier, resourceID int64, list []check.Cover) error {
	ids := map[string]int64{}
	if err := q.query(`SELECT r.record_key, r.id FROM exclusion x JOIN record r ON r.resource_id = x.resource_id AND r.record_key = x.record_key
		WHERE x.resource_id = $1 AND x.ended_at IS NULL AND x.record_key IS NOT NULL`, func(r row) error {
		var key string
		var id int64
		err := r.scan(&key, &id)
		ids[key] = id
		return err
	}, resourceID); err != nil {
		return err
	}
	for i := range list {
		if list[i].Selector == nil {
			list[i].RecordID = ids[list[i].Key]
		}
	}
	return nil
}

// RecordCovers implements check.EvaluatorStore.
func (s *Store) RecordCovers(ctx context.Context, resourceID int64, keys []string) ([]check.Cover, error) {
	var out []check.Cover
	err := s.db.read(ctx, func(q querier) error {
		var err error
		out, err = coversOf(q, resourceID, keys)
		return err
	})
	return out, err
}

// coversOf reads the exclusions of single records. A resource has few of them
// as a rule, so that all are read where they are no more than the keys.
func coversOf(q querier, resourceID int64, keys []string) ([]check.Cover, error) {
	if keys == nil {
		return selectCovers(q, "resource_id = $1 AND record_key IS NOT NULL", resourceID)
	}
	all, err := selectCovers(q, "resource_id = $1 AND record_key IS NOT NULL LIMIT $2", resourceID, len(keys)+1)
	if err != nil {
		return nil, err
	}
	if len(all) <= len(keys) {
		wanted := make(map[string]bool, len(keys))
		for _, k := range keys {
			wanted[k] = true
		}
		return slices.DeleteFunc(all, func(x check.Cover) bool { return !wanted[x.Key] }), nil
	}
	var out []check.Cover
	for part := range slices.Chunk(keys, perLookup) {
		cond, args := within("record_key", part)
		found, err := selectCovers(q, "resource_id = $1 AND "+shifted(cond, 1), append([]any{resourceID}, args...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// within is [in] for texts.
func within(column string, texts []string) (string, []any) {
	cond, args := in(column, make([]int64, len(texts)))
	for i, t := range texts {
		args[i] = t
	}
	return cond, args
}

// States implements check.ExclusionStore.
func (s *Store) States(ctx context.Context, resourceID int64, keys []string) (map[string]string, error) {
	out := map[string]string{}
	err := s.db.read(ctx, func(q querier) error {
		for part := range slices.Chunk(keys, perLookup) {
			cond, args := within("r.record_key", part)
			if err := q.query(`SELECT r.record_key, v.states FROM record r LEFT JOIN verdict v ON v.record_id = r.id
				WHERE r.resource_id = $1 AND `+shifted(cond, 1), func(r row) error {
				var key, states string
				err := r.scan(&key, &states)
				out[key] = states
				return err
			}, append([]any{resourceID}, args...)...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// ScanStates implements check.ExclusionStore.
func (s *Store) ScanStates(ctx context.Context, resourceID int64, each func(key string, body []byte, states string) error) error {
	first, end := recordRange(resourceID)
	return s.db.read(ctx, func(q querier) error {
		var key, states string
		var body raw
		return q.query("SELECT r.record_key, r.body, v.states FROM record r LEFT JOIN verdict v ON v.record_id = r.id WHERE r.id >= $1 AND r.id < $2 ORDER BY r.id", func(r row) error {
			if err := r.scan(&key, &body, &states); err != nil {
				return err
			}
			return each(key, body, states)
		}, first, end)
	})
}

// readCovers fills what an evaluation must know of exclusions.
func readCovers(q querier, ev *check.Evaluation) error {
	var selectors bool
	err := one(q, `SELECT EXISTS (SELECT 1 FROM exclusion WHERE resource_id = $1 AND ended_at IS NULL AND selector IS NOT NULL),
		EXISTS (SELECT 1 FROM exclusion WHERE resource_id = $1 AND ended_at IS NULL AND record_key IS NOT NULL),
		(SELECT min(expires_at) FROM exclusion WHERE resource_id = $1 AND ended_at IS NULL AND expires_at IS NOT NULL)`,
		[]any{ev.ResourceID}, &selectors, &ev.Recorded, &ev.Expires)
	if err != nil || !selectors {
		return err
	}
	ev.Selectors, err = selectCovers(q, `resource_id = $1 AND selector IS NOT NULL AND EXISTS
		(SELECT 1 FROM test_group g WHERE g.test_id = x.test_id AND g.resource_id = x.resource_id AND g.state <> 'retired') ORDER BY id`, ev.ResourceID)
	return err
}

// applyExclusions ends the exclusions that ended with a step, and makes the
// records due that the step concerns.
func (s *Store) applyExclusions(q querier, b check.Batch) error {
	for _, h := range b.Stir {
		for part := range slices.Chunk(h.Values, perLookup) {
			cond, args := within("value", part)
			if err := makeDue(q, b.At, "SELECT record_id FROM unique_value WHERE group_id = $2 AND excluded = 1 AND "+shifted(cond, 2), append([]any{h.GroupID}, args...)...); err != nil {
				return err
			}
		}
	}
	for _, id := range b.Fixed {
		x, err := readExclusion(q, "x.id = $1 AND x.ended_at IS NULL", id)
		if errors.Is(err, errNoRow) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.endExclusion(q, x, check.ExclusionFixed, b.At, check.ExclusionEvent(x, event.ExclusionFixed, b.At)); err != nil {
			return err
		}
	}
	if !b.Expired {
		return nil
	}
	return s.markExpired(q, b.At, "resource_id = $2", b.ResourceID)
}

// makeDue makes records due, given by a query of their ids, whose arguments
// begin at $2. What is due already stays so since then.
func makeDue(q querier, at time.Time, ids string, args ...any) error {
	_, err := q.exec(`UPDATE verdict SET next_flip = CAST($1 AS BIGINT) WHERE (next_flip IS NULL OR next_flip > $1) AND record_id IN (`+ids+`)`,
		append([]any{at}, args...)...)
	return err
}
