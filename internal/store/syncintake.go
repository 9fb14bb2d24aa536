package store

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// pushRun adds a push to the run of its minute and gives what the resource
// remembers after it. It is one statement for a push without refused records.
func pushRun(q querier, h head, w record.Write, done record.Applied) (syncrun.Mark, error) {
	in := w.Intake
	seq := done.Seq
	if len(w.Rows) == 0 {
		seq = 0
	}
	f := syncrun.Facts{Run: syncrun.Run{Trigger: syncrun.Push, Status: syncrun.Completed}}
	begun := in.At
	if begun.IsZero() {
		begun = w.At
	}
	var refused []byte
	if err := one(q, `INSERT INTO sync_run (connection_id, resource_id, started_by, actor, slot, status, started_at, received_at, moved_at, ended_at,
			pushes, received, rejected, created, updated, unchanged, seq, settled)
		VALUES ($1, $2, 'PUSH', $3, $4, CASE WHEN CAST($5 AS BIGINT) > 0 THEN 'FAILED' ELSE 'COMPLETED' END, $6, $7, $7, $7, 1, $8, $5, $9, $10, $11, $12, 0)
		ON CONFLICT (resource_id, slot, actor) WHERE slot IS NOT NULL DO UPDATE SET
			status = CASE WHEN sync_run.rejected + excluded.rejected > 0 THEN 'FAILED' ELSE 'COMPLETED' END,
			received_at = excluded.received_at, moved_at = excluded.moved_at, ended_at = excluded.ended_at,
			pushes = sync_run.pushes + 1, received = sync_run.received + excluded.received, rejected = sync_run.rejected + excluded.rejected,
			created = sync_run.created + excluded.created, updated = sync_run.updated + excluded.updated, unchanged = sync_run.unchanged + excluded.unchanged,
			seq = coalesce(excluded.seq, sync_run.seq)
		RETURNING id, pushes, received, rejected, refused`,
		[]any{h.connectionID, w.ResourceID, in.Actor.Owner(), w.At.Unix() / 60, in.Rejected, begun, w.At, in.Received,
			done.Counts.Created, done.Counts.Updated, done.Counts.Unchanged, nullID(seq)},
		&f.Run.ID, &f.Pushes, &f.Received, &f.Rejected, &refused); err != nil {
		return h.sync, err
	}
	o := syncrun.Outcome{RunID: f.Run.ID, At: w.At, Aged: h.aged(w.At)}
	if f.Rejected == 0 {
		return h.sync.After(o), nil
	}
	o.Failure = f.Failure()
	if in.Rejected == 0 {
		return h.sync.After(o), nil
	}
	if len(refused) > 0 {
		if err := json.Unmarshal(refused, &f.Refused); err != nil {
			return h.sync, err
		}
	}
	before := syncrun.Facts{Received: f.Received - in.Received, Refused: f.Refused}
	before.Take(in, w.At)
	_, err := q.exec("UPDATE sync_run SET refused = $2 WHERE id = $1", f.Run.ID, toJSON(before.Refused))
	return h.sync.After(o), err
}

// stagedRun adds an upload to the run of its session. The resource is locked.
func (s *Store) stagedRun(q querier, h head, st record.Stage) error {
	begun := st.Intake.At
	if begun.IsZero() {
		begun = st.At
	}
	f, err := openSyncRun(q, st.ResourceID, h, st.SessionID, st.Intake.Actor.Owner(), begun)
	if err != nil {
		return err
	}
	f.Take(st.Intake, st.At)
	if err := putSyncRun(q, f, st.At); err != nil {
		return err
	}
	if st.Intake.Rejected == 0 {
		return touchSync(q, st.ResourceID, st.At)
	}
	return s.tellHealth(q, st.ResourceID, h, syncrun.Outcome{RunID: f.Run.ID, Failure: f.Failure(), At: st.At}, st.Intake.Actor)
}

// completing are the steps of a completion.
type completing struct {
	resourceID int64
	sessionID  string
	head       head
	at         time.Time
	actor      event.Actor
}

func (c completing) run(q querier) (syncrun.Facts, error) {
	return openSyncRun(q, c.resourceID, c.head, c.sessionID, c.actor.Owner(), c.at)
}

// completedRun ends the run of a session that was completed.
func (s *Store) completedRun(q querier, c completing, done record.Completion) error {
	f, err := c.run(q)
	if err != nil {
		return err
	}
	end := s.after(c.at)
	f.Tell(compared(c.at, end, done.Counts))
	f.Tell(syncrun.Step{Name: syncrun.Complete, Status: syncrun.StepCompleted, StartedAt: c.at, EndedAt: end,
		Counts: map[string]int64{"records": done.Session.Staged}})
	f.Seq = done.Seq
	return s.overRun(q, c.head, f, f.Ended(), c.actor, end)
}

// refusedRun notes that a completion was refused; the session goes on.
func (s *Store) refusedRun(q querier, c completing, counts *record.Counts, code string, refusal error) error {
	f, err := c.run(q)
	if err != nil {
		return err
	}
	end := s.after(c.at)
	if counts != nil {
		f.Tell(compared(c.at, end, *counts))
	}
	f.Tell(syncrun.Step{Name: syncrun.Complete, Status: syncrun.StepFailed, StartedAt: c.at, EndedAt: end,
		Error: &syncrun.Error{Code: code, Message: fault.Sentence(refusal)}})
	if err := putSyncRun(q, f, end); err != nil {
		return err
	}
	return s.tellHealth(q, c.resourceID, c.head, syncrun.Outcome{RunID: f.Run.ID, Failure: f.Failure(), At: end}, c.actor)
}

func compared(at, end time.Time, c record.Counts) syncrun.Step {
	return syncrun.Step{Name: syncrun.Compare, Status: syncrun.StepCompleted, StartedAt: at, EndedAt: end,
		Counts: map[string]int64{"created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged, "deleted": c.Deleted}}
}

// after is the moment now, or one that is known to be past, whichever is later.
func (s *Store) after(at time.Time) time.Time {
	if now := s.now(); now.After(at) {
		return now
	}
	return at
}

// canceledRun ends the run of a session that was cancelled. One that nobody asked to
// cancel has failed; why says how.
func (s *Store) canceledRun(q querier, h head, se record.Session, why string, a event.Actor, at time.Time) error {
	f, err := readFacts(q, "s.resource_id = $1 AND s.session_id = $2 AND s.status = 'RUNNING'", se.ResourceID, se.SessionID)
	if errors.Is(err, errNoRow) {
		// The session is older than runs are.
		return nil
	}
	if err != nil {
		return err
	}
	if why != "" {
		f.Tell(syncrun.Step{Name: syncrun.Complete, Status: syncrun.StepFailed, StartedAt: at, EndedAt: at,
			Error: &syncrun.Error{Code: syncrun.CodeCanceled, Message: why}})
	}
	status := syncrun.Canceled
	if f.Run.Trigger == syncrun.Collection && f.Failure() != nil {
		status = syncrun.Failed
	}
	return s.overRun(q, h, f, status, a, at)
}

// actorOf is who an event is of.
func actorOf(e event.Event) event.Actor {
	return event.Actor{Source: e.Source, KeyID: e.KeyID, UserID: e.UserID, Request: e.Request}
}
