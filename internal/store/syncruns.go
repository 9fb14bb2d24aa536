package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// What is known of the evaluation of a run for good: nothing yet, that it needed
// none, or that it was evaluated, be it at a time that nobody noted.
const (
	unsettled = 0
	evaluated = 2
)

// syncRunColumns reads runs with how far their resources are evaluated. A list counts
// from the first word FROM between spaces on.
const syncRunColumns = `SELECT s.id, s.connection_id, s.resource_id, s.started_by, s.actor, s.session_id, s.status, s.started_at, s.received_at, s.ended_at,
	s.pushes, s.received, s.rejected, s.created, s.updated, s.unchanged, s.refused, s.told, s.seq, s.evaluated_at, s.settled,
	e.watermark_seq, e.watermark_id, e.covered_at,
	CASE WHEN EXISTS (SELECT 1
		FROM test_group g WHERE g.resource_id = s.resource_id AND g.state <> 'retired') THEN 1 ELSE 0 END FROM sync_run s LEFT JOIN evaluation e ON e.resource_id = s.resource_id`

func scanFacts(r row, f *syncrun.Facts) error {
	var startedBy, status string
	var actor, groups int64
	var refused, told []byte
	var evaluatedAt, coveredAt time.Time
	var settled int64
	var mark check.Mark
	if err := r.scan(&f.Run.ID, &f.Run.ConnectionID, &f.Run.ResourceID, &startedBy, &actor, &f.Run.SessionID, &status, &f.Run.StartedAt, &f.ReceivedAt, &f.Run.EndedAt,
		&f.Pushes, &f.Received, &f.Rejected, &f.Created, &f.Updated, &f.Unchanged, &refused, &told, &f.Seq, &evaluatedAt, &settled,
		&mark.Seq, &mark.ID, &coveredAt, &groups); err != nil {
		return err
	}
	f.Run.Trigger, f.Run.Status = syncrun.Trigger(startedBy), syncrun.Status(status)
	if actor < 0 {
		f.Run.UserID = -actor
	} else {
		f.Run.KeyID = actor
	}
	e := syncrun.Evaluation{Tests: groups > 0}
	switch {
	case settled != unsettled:
		e = syncrun.Evaluation{Tests: settled == evaluated, Done: settled == evaluated, At: evaluatedAt}
	case e.Tests && f.Seq > 0 && mark.Covers(f.Seq):
		e.Done = true
		if mark == check.Whole(f.Seq) {
			e.At = coveredAt
		}
	}
	f.Evaluation = e
	if len(refused) > 0 {
		if err := json.Unmarshal(refused, &f.Refused); err != nil {
			return err
		}
	}
	if len(told) > 0 {
		return json.Unmarshal(told, &f.Told)
	}
	return nil
}

func scanSyncRun(r row, run *syncrun.Run) error {
	var f syncrun.Facts
	err := scanFacts(r, &f)
	*run = f.Run
	run.Steps = f.Steps()
	return err
}

// SyncRuns implements syncrun.Store.
func (s *Store) SyncRuns(ctx context.Context, f syncrun.Filter, r page.Request) (page.Page[syncrun.Run], error) {
	l := list[syncrun.Run]{sql: syncRunColumns, id: "s.id", columns: map[page.Sort]string{page.CreatedAt: "s.started_at"}, scan: scanSyncRun,
		position: func(run syncrun.Run) page.Position {
			return page.Position{Value: run.StartedAt.UnixMicro(), ID: run.ID}
		}}
	l.and("s.connection_id = ?", f.ConnectionID)
	if f.ResourceID != 0 {
		l.and("s.resource_id = ?", f.ResourceID)
	}
	if f.Status != "" {
		l.and("s.status = ?", string(f.Status))
	}
	if f.Trigger != "" {
		l.and("s.started_by = ?", string(f.Trigger))
	}
	return l.run(ctx, s, r)
}

// SyncRun implements syncrun.Store.
func (s *Store) SyncRun(ctx context.Context, connectionID, runID int64) (syncrun.Run, error) {
	var run syncrun.Run
	err := s.db.read(ctx, func(q querier) error {
		found := false
		err := q.query(syncRunColumns+" WHERE s.id = $1 AND s.connection_id = $2", func(r row) error {
			found = true
			return scanSyncRun(r, &run)
		}, runID, connectionID)
		if err == nil && !found {
			return absent("sync run", runID)
		}
		return err
	})
	return run, err
}

// readFacts reads one run, errNoRow if there is none.
func readFacts(q querier, where string, args ...any) (f syncrun.Facts, err error) {
	found := false
	err = q.query(syncRunColumns+" WHERE "+where, func(r row) error {
		found = true
		return scanFacts(r, &f)
	}, args...)
	if err == nil && !found {
		err = errNoRow
	}
	return f, err
}

// openSyncRun is the run of a session that goes on, or a new one. The resource is
// locked.
func openSyncRun(q querier, resourceID int64, h head, sessionID string, actor int64, at time.Time) (syncrun.Facts, error) {
	f, err := readFacts(q, "s.resource_id = $1 AND s.session_id = $2 AND s.status = 'RUNNING'", resourceID, sessionID)
	if !errors.Is(err, errNoRow) {
		return f, err
	}
	return newSyncRun(q, resourceID, h, syncrun.Session, sessionID, actor, at)
}

func newSyncRun(q querier, resourceID int64, h head, trigger syncrun.Trigger, sessionID string, actor int64, at time.Time) (syncrun.Facts, error) {
	f := syncrun.Facts{Run: syncrun.Run{ConnectionID: h.connectionID, ResourceID: resourceID, Trigger: trigger, SessionID: sessionID,
		Status: syncrun.Running, StartedAt: at}}
	err := one(q, `INSERT INTO sync_run (connection_id, resource_id, started_by, actor, session_id, status, started_at, moved_at,
		pushes, received, rejected, created, updated, unchanged, settled)
		VALUES ($1, $2, $3, $4, $5, 'RUNNING', $6, $6, 0, 0, 0, 0, 0, 0, 0) RETURNING id`,
		[]any{h.connectionID, resourceID, string(trigger), actor, nullText(sessionID), at}, &f.Run.ID)
	return f, err
}

// putSyncRun stores a run that was read as it is now.
func putSyncRun(q querier, f syncrun.Facts, at time.Time) error {
	_, err := q.exec(`UPDATE sync_run SET status = $2, received_at = $3, moved_at = $4, ended_at = $5, pushes = $6, received = $7, rejected = $8,
		refused = $9, told = $10, seq = $11 WHERE id = $1`,
		f.Run.ID, string(f.Run.Status), f.ReceivedAt, at, f.Run.EndedAt, f.Pushes, f.Received, f.Rejected, jsonOrNull(f.Refused), jsonOrNull(f.Told), nullID(f.Seq))
	return err
}

func jsonOrNull[T any](list []T) any {
	if len(list) == 0 {
		return nil
	}
	return toJSON(list)
}

// tellHealth stores what a resource remembers after an outcome of a run, and tells
// when its health changed. The resource is locked.
func (s *Store) tellHealth(q querier, resourceID int64, h head, o syncrun.Outcome, a event.Actor) error {
	after := h.sync.After(o)
	if err := putMark(q, resourceID, after); err != nil {
		return err
	}
	return s.appendHealth(q, resourceID, h, after, a)
}

func putMark(q querier, resourceID int64, m syncrun.Mark) error {
	_, err := q.exec("UPDATE resource SET sync_run = $2, sync_failed = $3, sync_reason = $4, sync_since = $5, sync_at = $6 WHERE id = $1",
		resourceID, nullID(m.RunID), nullText(string(m.Failed)), nullText(m.Reason), m.Since, m.At)
	return err
}

func (s *Store) appendHealth(q querier, resourceID int64, h head, after syncrun.Mark, a event.Actor) error {
	e, changed := after.Event(h.sync, a, syncrun.Resource{ID: resourceID, ConnectionID: h.connectionID, Name: h.name})
	if !changed {
		return nil
	}
	return s.append(q, e)
}

// BeginSyncRun implements syncrun.Store.
func (s *Store) BeginSyncRun(ctx context.Context, b syncrun.Begin, at time.Time) (int64, error) {
	var id int64
	err := s.db.write(ctx, func(q querier) error {
		h, err := lockIntake(q, b.ResourceID)
		if err == nil && h.connectionID != b.ConnectionID {
			err = absent("resource", b.ResourceID)
		}
		if err != nil {
			return err
		}
		f, err := newSyncRun(q, b.ResourceID, h, syncrun.Collection, b.SessionID, b.Actor.Owner(), at)
		if err != nil {
			return err
		}
		id = f.Run.ID
		return touchSync(q, b.ResourceID, at)
	})
	return id, err
}

// touchSync notes that a run of a resource was heard of.
func touchSync(q querier, resourceID int64, at time.Time) error {
	_, err := q.exec("UPDATE resource SET sync_at = $2 WHERE id = $1", resourceID, at)
	return err
}

// withRun hands over a run that goes on with its resource, both locked. Of one that
// has ended nothing is handed over.
func (s *Store) withRun(ctx context.Context, runID int64, do func(querier, head, syncrun.Facts) error) error {
	return s.db.write(ctx, func(q querier) error {
		var resourceID int64
		if err := one(q, "SELECT resource_id FROM sync_run WHERE id = $1", []any{runID}, &resourceID); err != nil {
			return absentIf(err, "sync run", runID)
		}
		h, err := lockResource(q, resourceID)
		if err != nil {
			return err
		}
		f, err := readFacts(q, "s.id = $1", runID)
		if err != nil || f.Run.Status != syncrun.Running {
			return absentIf(err, "sync run", runID)
		}
		return do(q, h, f)
	})
}

// TellSyncStep implements syncrun.Store.
func (s *Store) TellSyncStep(ctx context.Context, runID int64, step syncrun.Step, at time.Time) error {
	return s.withRun(ctx, runID, func(q querier, _ head, f syncrun.Facts) error {
		f.Tell(step)
		if err := putSyncRun(q, f, at); err != nil {
			return err
		}
		return touchSync(q, f.Run.ResourceID, at)
	})
}

// EndSyncRun implements syncrun.Store.
func (s *Store) EndSyncRun(ctx context.Context, runID int64, status syncrun.Status, at time.Time) error {
	return s.withRun(ctx, runID, func(q querier, h head, f syncrun.Facts) error {
		if err := s.dropSession(q, f, at, "its collection ended without it"); err != nil {
			return err
		}
		return s.overRun(q, h, f, status, event.System(event.SourceScheduled), at)
	})
}

// overRun ends a run and tells what its end says of the resource.
func (s *Store) overRun(q querier, h head, f syncrun.Facts, status syncrun.Status, a event.Actor, at time.Time) error {
	f.Run.Status, f.Run.EndedAt = status, at
	if err := putSyncRun(q, f, at); err != nil {
		return err
	}
	return s.tellHealth(q, f.Run.ResourceID, h, syncrun.Outcome{RunID: f.Run.ID, Failure: f.Failure(), Canceled: status == syncrun.Canceled,
		At: at, Aged: h.aged(at)}, a)
}

// dropSession cancels the session of a run if it is open.
func (s *Store) dropSession(q querier, f syncrun.Facts, at time.Time, why string) error {
	if err := lockOpenSession(q, f.Run.ResourceID); err != nil {
		return err
	}
	se, err := oneSession(q, "s.resource_id = $1 AND s.session_id = $2 AND s.status = 'IN_PROGRESS'", f.Run.ResourceID, f.Run.SessionID)
	if errors.Is(err, errNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := cancelSession(q, se.ID, at); err != nil {
		return err
	}
	return s.append(q, syncrun.SessionCanceled(event.System(event.SourceScheduled), at, f.Run, why))
}

// dropRuns cancels what goes on with a resource, which is locked. That is no failure.
func (s *Store) dropRuns(q querier, resourceID int64, why string, at time.Time) error {
	var open []syncrun.Facts
	if err := q.query(syncRunColumns+" WHERE s.resource_id = $1 AND s.status = 'RUNNING' ORDER BY s.id", func(r row) error {
		var f syncrun.Facts
		err := scanFacts(r, &f)
		open = append(open, f)
		return err
	}, resourceID); err != nil {
		return err
	}
	for _, f := range open {
		if err := s.dropSession(q, f, at, why); err != nil {
			return err
		}
		f.Run.Status, f.Run.EndedAt = syncrun.Canceled, at
		if err := putSyncRun(q, f, at); err != nil {
			return err
		}
	}
	return nil
}

// EndLostRuns implements syncrun.Store.
func (s *Store) EndLostRuns(ctx context.Context, before, at time.Time) (int, error) {
	var ids []int64
	err := s.db.read(ctx, func(q querier) error {
		var err error
		ids, err = idList(q, `SELECT s.id FROM sync_run s JOIN resource r ON r.id = s.resource_id
			WHERE s.status = 'RUNNING' AND s.started_by = 'COLLECTION' AND s.moved_at < $1 AND r.deleted_at IS NULL ORDER BY s.id`, before)
		return err
	})
	n := 0
	for _, id := range ids {
		err := s.withRun(ctx, id, func(q querier, h head, f syncrun.Facts) error {
			f.Lose(at)
			n++
			if err := s.dropSession(q, f, at, "the server stopped while it was filled"); err != nil {
				return err
			}
			return s.overRun(q, h, f, syncrun.Failed, event.System(event.SourceScheduled), at)
		})
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return n, err
		}
	}
	return n, err
}

// settled marks runs of which it is known whether, and when, they were evaluated. A
// run without a change, or of a resource at which no test looks, never is.
const settled = `UPDATE sync_run SET settled = CASE WHEN seq IS NOT NULL AND EXISTS
		(SELECT 1 FROM test_group g WHERE g.resource_id = sync_run.resource_id AND g.state <> 'retired') THEN 2 ELSE 1 END,
	evaluated_at = (SELECT e.covered_at FROM evaluation e WHERE e.resource_id = sync_run.resource_id AND e.watermark_seq = sync_run.seq)
	WHERE id IN (SELECT s.id FROM sync_run s LEFT JOIN evaluation e ON e.resource_id = s.resource_id WHERE s.settled = 0 AND s.ended_at < $1
		AND (s.seq IS NULL OR e.watermark_seq > s.seq OR e.watermark_seq = s.seq AND e.watermark_id = $2
			OR NOT EXISTS (SELECT 1 FROM test_group g WHERE g.resource_id = s.resource_id AND g.state <> 'retired'))
		ORDER BY s.id LIMIT $3)`

// SettleSyncRuns implements syncrun.Store. Nothing else writes runs that ended so
// long ago.
func (s *Store) SettleSyncRuns(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		var err error
		n, err = q.exec(settled, before, check.Whole(0).ID, limit)
		return err
	})
	return int(n), err
}

// PruneSyncRuns implements syncrun.Store.
func (s *Store) PruneSyncRuns(ctx context.Context, before time.Time, keep, limit int) (int64, error) {
	var connections []int64
	if err := s.db.read(ctx, func(q querier) error {
		var err error
		connections, err = idList(q, "SELECT id FROM connection c WHERE EXISTS (SELECT 1 FROM sync_run s WHERE s.connection_id = c.id AND s.started_at < $1)", before)
		return err
	}); err != nil {
		return 0, err
	}
	var n int64
	for _, id := range connections {
		if err := s.db.write(ctx, func(q querier) error {
			deleted, err := q.exec(`DELETE FROM sync_run WHERE id IN (SELECT id FROM sync_run WHERE connection_id = $1 AND status <> 'RUNNING' AND started_at < $2
				AND id NOT IN (SELECT id FROM sync_run WHERE connection_id = $1 ORDER BY started_at DESC, id DESC LIMIT $3) LIMIT $4)`, id, before, keep, limit)
			n += deleted
			return err
		}); err != nil || n >= int64(limit) {
			return n, err
		}
	}
	return n, nil
}
