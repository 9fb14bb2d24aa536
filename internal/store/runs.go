package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// StartRun implements check.RunStore.
func (s *Store) StartRun(ctx context.Context, r check.NewRun) (check.TestRun, error) {
	var out check.TestRun
	err := s.db.write(ctx, func(q querier) error {
		if err := s.lockEnabled(q, r.Test); err != nil {
			return err
		}
		if !r.NextAt.IsZero() {
			if _, err := q.exec("UPDATE test SET next_run_at = $2 WHERE id = $1", r.Test.ID, r.NextAt); err != nil {
				return err
			}
		}
		id, begun, err := s.beginRun(q, r)
		if err != nil {
			return err
		}
		if begun && r.Event.Type != "" {
			if err := s.append(q, r.Event); err != nil {
				return err
			}
		}
		out, err = s.readRun(q, r.Test.ID, id)
		return err
	})
	return out, err
}

// lockEnabled locks a test and proves that it can run.
func (s *Store) lockEnabled(q querier, t check.Test) error {
	var enabled bool
	var published int64
	err := one(q, "SELECT enabled, published FROM test WHERE id = $1 AND deleted_at IS NULL"+q.dialect().forUpdate, []any{t.ID}, &enabled, &published)
	if errors.Is(err, errNoRow) {
		return absent("test", t.Number)
	}
	if err == nil && (!enabled || published == 0) {
		err = fault.New(fault.CodeConflict, "only a published, enabled test can run: publish or enable it first")
	}
	return err
}

// beginRun makes the run of a trigger, or finds the one that is running. One by
// exclusion begins anew, because what it looked at has changed. The test is
// locked.
func (s *Store) beginRun(q querier, r check.NewRun) (id int64, begun bool, err error) {
	err = one(q, "SELECT id FROM run WHERE test_id = $1 AND started_by = $2 AND state = 'RUNNING'", []any{r.Test.ID, string(r.Trigger)}, &id)
	switch {
	case err == nil && r.Trigger != check.ByExclusion:
		return id, false, nil
	case err == nil:
		if _, err := q.exec("DELETE FROM run_part WHERE run_id = $1", id); err != nil {
			return 0, false, err
		}
	case !errors.Is(err, errNoRow):
		return 0, false, err
	default:
		if err := one(q, `INSERT INTO run (test_id, version, started_by, state, started_at, changed, drift, key_id, user_id)
			SELECT id, published, $2, 'RUNNING', $3, 0, 0, $4, $5 FROM test WHERE id = $1 RETURNING id`,
			[]any{r.Test.ID, string(r.Trigger), r.At, nullID(r.KeyID), nullID(r.UserID)}, &id); err != nil {
			return 0, false, err
		}
	}
	resources, err := idList(q, "SELECT DISTINCT resource_id FROM test_group WHERE test_id = $1 AND state <> 'retired' ORDER BY resource_id", r.Test.ID)
	if err != nil {
		return 0, false, err
	}
	for _, resource := range resources {
		first, _ := recordRange(resource)
		if _, err := q.exec(`INSERT INTO run_part (run_id, resource_id, done, cursor_id, total, records, from_seq, to_seq, schema_version)
			SELECT $1, id, 0, $3, record_count, 0, change_seq, change_seq, schema_version FROM resource WHERE id = $2`, id, resource, first); err != nil {
			return 0, false, err
		}
	}
	return id, true, nil
}

// cancelRuns ends the runs of a test that something else makes pointless.
func cancelRuns(q querier, testID int64, at time.Time, triggers ...check.Trigger) error {
	for _, trigger := range triggers {
		if _, err := q.exec("UPDATE run SET state = 'CANCELED', finished_at = $3 WHERE test_id = $1 AND started_by = $2 AND state = 'RUNNING'",
			testID, string(trigger), at); err != nil {
			return err
		}
	}
	return endParts(q, testID)
}

// endParts closes the parts of the runs of a test that are over.
func endParts(q querier, testID int64) error {
	_, err := q.exec("UPDATE run_part SET done = 1 WHERE done = 0 AND run_id IN (SELECT id FROM run WHERE test_id = $1 AND state <> 'RUNNING')", testID)
	return err
}

const runColumns = `SELECT r.id, r.test_id, r.version, r.started_by, r.state, r.key_id, r.user_id, r.started_at, r.finished_at, r.result, r.reason, r.counts, r.changed, r.drift FROM run r`

func scanRun(r row, out *check.TestRun) error {
	var trigger, state, result, reason string
	var counts json.RawMessage
	if err := r.scan(&out.ID, &out.TestID, &out.Version, &trigger, &state, &out.KeyID, &out.UserID, &out.StartedAt, &out.FinishedAt, &result, &reason, &counts,
		&out.Changed, &out.Drift); err != nil {
		return err
	}
	out.Trigger, out.State, out.Result, out.Reason = check.Trigger(trigger), check.RunState(state), rule.Verdict(result), rule.Reason(reason)
	if counts == nil {
		return nil
	}
	return json.Unmarshal(counts, &out.Counts)
}

// Runs implements check.RunStore.
func (s *Store) Runs(ctx context.Context, t check.Test, f check.RunFilter, r page.Request) (page.Page[check.TestRun], error) {
	l := list[check.TestRun]{sql: runColumns, id: "r.id", columns: map[page.Sort]string{page.CreatedAt: "r.started_at"}, scan: scanRun,
		position: func(r check.TestRun) page.Position { return page.Position{Value: r.StartedAt.UnixMicro(), ID: r.ID} }}
	l.and("r.test_id = ?", t.ID)
	if f.Trigger != "" {
		l.and("r.started_by = ?", string(f.Trigger))
	}
	if f.State != "" {
		l.and("r.state = ?", string(f.State))
	}
	l.fill = fillParts
	return l.run(ctx, s, r)
}

// fillParts reads what runs look at.
func fillParts(q querier, runs []check.TestRun) error {
	if len(runs) == 0 {
		return nil
	}
	ids := make([]int64, len(runs))
	at := map[int64]*check.TestRun{}
	for i := range runs {
		ids[i] = runs[i].ID
		at[runs[i].ID] = &runs[i]
	}
	cond, args := in("p.run_id", ids)
	return q.query(number(partColumns+" WHERE "+cond+" ORDER BY p.run_id, p.resource_id"), func(r row) error {
		p, err := scanPart(r)
		if run := at[p.RunID]; err == nil {
			run.Parts = append(run.Parts, p)
		}
		return err
	}, args...)
}

const partColumns = `SELECT p.run_id, r.test_id, r.started_by, p.resource_id, s.name, p.done, p.cursor_id, p.total, p.records, p.from_seq, p.to_seq, p.schema_version, p.digest
	FROM run_part p JOIN run r ON r.id = p.run_id JOIN resource s ON s.id = p.resource_id`

func scanPart(r row) (check.RunPart, error) {
	var p check.RunPart
	var trigger string
	err := r.scan(&p.RunID, &p.TestID, &trigger, &p.Resource, &p.Name, &p.Done, &p.Cursor, &p.Total, &p.Records, &p.FromSeq, &p.ToSeq, &p.SchemaVersion, &p.Digest)
	p.Trigger = check.Trigger(trigger)
	return p, err
}

func (s *Store) readRun(q querier, testID, id int64) (check.TestRun, error) {
	out := make([]check.TestRun, 1)
	found := false
	if err := q.query(runColumns+" WHERE r.id = $1 AND r.test_id = $2", func(r row) error {
		found = true
		return scanRun(r, &out[0])
	}, id, testID); err != nil {
		return out[0], err
	}
	if !found {
		return out[0], absent("run", id)
	}
	return out[0], fillParts(q, out)
}

// Run implements check.RunStore.
func (s *Store) Run(ctx context.Context, t check.Test, id int64) (check.TestRun, error) {
	var out check.TestRun
	err := s.db.read(ctx, func(q querier) error {
		var err error
		out, err = s.readRun(q, t.ID, id)
		return err
	})
	return out, err
}

// CancelRun implements check.RunStore.
func (s *Store) CancelRun(ctx context.Context, t check.Test, id int64, at time.Time, e event.Event) (check.TestRun, error) {
	var out check.TestRun
	err := s.db.write(ctx, func(q querier) error {
		n, err := q.exec("UPDATE run SET state = 'CANCELED', finished_at = $3 WHERE id = $1 AND test_id = $2 AND state = 'RUNNING'", id, t.ID, at)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeConflict, "run %d is over: there is nothing to cancel", id)
		}
		if err := endParts(q, t.ID); err != nil {
			return err
		}
		if err := s.append(q, e); err != nil {
			return err
		}
		out, err = s.readRun(q, t.ID, id)
		return err
	})
	return out, err
}

// DueRuns implements check.RunStore.
func (s *Store) DueRuns(ctx context.Context, now time.Time, limit int) ([]check.Test, error) {
	var out []check.Test
	err := s.db.read(ctx, func(q querier) error {
		var err error
		out, err = s.selectTests(q, `t.deleted_at IS NULL AND t.enabled = 1 AND t.published IS NOT NULL AND (t.next_run_at IS NULL OR t.next_run_at <= $1)
			ORDER BY t.id LIMIT $2`, now, limit)
		return err
	})
	return out, err
}

// Reckon implements check.RunStore.
func (s *Store) Reckon(ctx context.Context, t check.Test, next time.Time) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("UPDATE test SET next_run_at = $2 WHERE id = $1", t.ID, next)
		return err
	})
}

const dayLength = 24 * time.Hour

func dayOf(t time.Time) int64 { return int64(t.Sub(time.Unix(0, 0)) / dayLength) }

// Days implements check.RunStore.
func (s *Store) Days(ctx context.Context, t check.Test, from time.Time) ([]check.Day, error) {
	var out []check.Day
	err := s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT day, result, reason, counts FROM test_day WHERE test_id = $1
			AND day >= coalesce((SELECT max(day) FROM test_day WHERE test_id = $1 AND day <= $2), $2) ORDER BY day`, func(r row) error {
			var d check.Day
			var day int64
			var result, reason string
			var counts json.RawMessage
			if err := r.scan(&day, &result, &reason, &counts); err != nil {
				return err
			}
			d.Date, d.Result, d.Reason = time.Unix(0, 0).UTC().Add(time.Duration(day)*dayLength), rule.Verdict(result), rule.Reason(reason)
			err := json.Unmarshal(counts, &d.Counts)
			out = append(out, d)
			return err
		}, t.ID, dayOf(from))
	})
	return out, err
}

// WorkspaceDays implements check.RunStore.
func (s *Store) WorkspaceDays(ctx context.Context, workspaceID int64, from time.Time) ([]check.TestDay, error) {
	var out []check.TestDay
	err := s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT t.id AS test, d.day AS day, d.result FROM test t JOIN test_day d ON d.test_id = t.id
				AND d.day = (SELECT max(e.day) FROM test_day e WHERE e.test_id = t.id AND e.day <= $2)
				WHERE t.workspace_id = $1 AND t.deleted_at IS NULL
			UNION ALL SELECT t.id, d.day, d.result FROM test t JOIN test_day d ON d.test_id = t.id AND d.day > $2
				WHERE t.workspace_id = $1 AND t.deleted_at IS NULL
			ORDER BY day, test`, func(r row) error {
			var d check.TestDay
			var day int64
			var result string
			if err := r.scan(&d.TestID, &day, &result); err != nil {
				return err
			}
			d.Date, d.Result = time.Unix(0, 0).UTC().Add(time.Duration(day)*dayLength), rule.Verdict(result)
			out = append(out, d)
			return nil
		}, workspaceID, dayOf(from))
	})
	return out, err
}
