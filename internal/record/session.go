package record

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// SessionExpiry is how long a session may rest before the server cancels it.
const SessionExpiry = 24 * time.Hour

var sessionID = regexp.MustCompile(`^[A-Za-z0-9_-]{3,64}$`)

// CheckSessionID reports why a text cannot be a session's id, nil when it can.
func CheckSessionID(id string) error {
	if !sessionID.MatchString(id) {
		return fault.New(fault.CodeValidation, "the session id must have 3 to 64 characters of A-Z, a-z, 0-9, `_` and `-`")
	}
	return nil
}

// Upload stages records in a session, which it opens if there is none by that
// id. Refused records are not staged; they stand in Result.Items.
func (s *Service) Upload(ctx context.Context, a event.Actor, t Target, id string, records [][]byte) (Result, error) {
	if err := CheckSessionID(id); err != nil {
		return Result{}, err
	}
	for range attempts {
		r, err := s.resource(ctx, t)
		if err != nil {
			return Result{}, err
		}
		sch, err := s.connections.Schema(r)
		if err != nil {
			return Result{}, err
		}
		begun := s.now()
		b := prepare(records, sch)
		now := s.now()
		meta := map[string]any{"resourceId": r.ID, "sessionId": id, "records": len(b.rows)}
		_, written, err := s.store.Stage(ctx, Stage{
			ResourceID: r.ID, ConnectionID: r.ConnectionID, SessionID: id, SchemaVersion: r.SchemaVersion, Rows: b.rows,
			At: now, IdleBefore: now.Add(-s.idle), Intake: b.intake(a, begun),
			Started:    s.event(a, event.SessionStarted, r, "Session “"+id+"” was opened", meta),
			Uploaded:   s.event(a, event.SessionUploaded, r, fmt.Sprintf("Session “%s” received %d records", id, len(b.rows)), meta),
			Superseded: s.canceled(a, "it rested while another session was opened"),
		})
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return Result{}, err
		}
		b.settle(written)
		res := Result{Items: b.items, Resource: r, Seq: r.ChangeSeq}
		for _, item := range b.items {
			switch {
			case item.Err != nil:
				res.Failed++
			case item.Written.Outcome == Created:
				res.Counts.Created++
			case item.Written.Outcome == Updated:
				res.Counts.Updated++
			default:
				res.Counts.Unchanged++
			}
		}
		return res, nil
	}
	return Result{}, fault.New(fault.CodeEditConflict, "the schema keeps changing: try again")
}

// Verdicts says of records what an upload would make of each, without writing:
// a refused one has its Err.
func (s *Service) Verdicts(ctx context.Context, t Target, records [][]byte) ([]Item, error) {
	r, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err != nil {
		return nil, err
	}
	sch, err := s.connections.Schema(r)
	if err != nil {
		return nil, err
	}
	return prepare(records, sch).items, nil
}

func (s *Service) canceled(a event.Actor, why string) func(Session) event.Event {
	return func(se Session) event.Event {
		return syncrun.SessionCanceled(a, s.now(), syncrun.Run{ConnectionID: se.ConnectionID, ResourceID: se.ResourceID, SessionID: se.SessionID}, why)
	}
}

// Complete makes a session's records the live set in one step.
func (s *Service) Complete(ctx context.Context, a event.Actor, t Target, id string, g Guards) (Completion, error) {
	if p := g.MaxDeletePercent; p != nil && !(*p >= 0 && *p <= 100) {
		return Completion{}, fault.New(fault.CodeValidation, "`maxDeletePercent` must be 0 to 100")
	}
	if n := g.ExpectedCount; n != nil && *n < 0 {
		return Completion{}, fault.New(fault.CodeValidation, "`expectedCount` must be 0 or more")
	}
	r, err := s.resource(ctx, t)
	if err != nil {
		return Completion{}, err
	}
	done, err := s.store.Complete(ctx, r.ID, id, g, s.now(), s.completed(a, r, id))
	if err == nil && !g.DryRun {
		s.changed(r.ID)
	}
	return done, err
}

func (s *Service) completed(a event.Actor, r connection.Resource, id string) func(Counts) event.Event {
	return func(c Counts) event.Event {
		return s.event(a, event.SessionCompleted, r, fmt.Sprintf("Session “%s” replaced the records of “%s”: %d created, %d updated, %d unchanged, %d deleted",
			id, r.Name, c.Created, c.Updated, c.Unchanged, c.Deleted), map[string]any{"resourceId": r.ID, "sessionId": id,
			"created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged, "deleted": c.Deleted})
	}
}

// Cancel drops a session and what it staged.
func (s *Service) Cancel(ctx context.Context, a event.Actor, t Target, id string) (Session, error) {
	return s.CancelFor(ctx, a, t, id, "the client asked for it")
}

// Session reads a session by its id; an absent one is a NotFound.
func (s *Service) Session(ctx context.Context, t Target, id string) (Session, error) {
	r, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err != nil {
		return Session{}, err
	}
	return s.store.Session(ctx, r.ID, id)
}

// CancelFor is Cancel with the reason, which goes on after "was cancelled:".
func (s *Service) CancelFor(ctx context.Context, a event.Actor, t Target, id, why string) (Session, error) {
	r, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err != nil {
		return Session{}, err
	}
	e := s.canceled(a, why)(Session{SessionID: id, ResourceID: r.ID, ConnectionID: r.ConnectionID})
	return s.store.Cancel(ctx, r.ID, id, s.now(), e)
}

// Sessions lists the sessions of a resource.
func (s *Service) Sessions(ctx context.Context, t Target, status SessionStatus, r page.Request) (page.Page[Session], error) {
	res, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err != nil {
		return page.Page[Session]{}, err
	}
	return s.store.Sessions(ctx, SessionFilter{ResourceID: res.ID, Status: status}, r)
}

// SessionsPage lists sessions by page number, newest first, with the total
// (v1).
func (s *Service) SessionsPage(ctx context.Context, f SessionFilter, number, limit int) ([]Session, int64, error) {
	return s.store.SessionsPage(ctx, f, number, limit)
}

// Named finds the session of an id that clients chose. Each resource has its own:
// of several that the filter leaves, none is meant more than another, which is a
// CodeValidation that names them.
func (s *Service) Named(ctx context.Context, id string, f SessionFilter) (Session, error) {
	if err := CheckSessionID(id); err != nil {
		return Session{}, err
	}
	f.SessionID = id
	found, total, err := s.store.SessionsPage(ctx, f, 1, 10)
	switch {
	case err != nil:
		return Session{}, err
	case total == 0:
		return Session{}, fault.New(fault.CodeNotFound, "there is no session %q", id)
	case total == 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, each := range found {
		names[i] = fmt.Sprint(each.ResourceID)
	}
	return Session{}, fault.New(fault.CodeValidation, "%d resources have a session %q: add `resourceId`, which is one of %s", total, id, strings.Join(names, ", "))
}

// Evidence reads a page by number of the records of a session, newest first, with
// how many there are: those that are staged, or the live ones of the session that
// made them so. A session that is over holds none.
func (s *Service) Evidence(ctx context.Context, se Session, number, limit int) ([]Record, int64, error) {
	t := Target{ConnectionID: se.ConnectionID, ResourceID: se.ResourceID}
	r := page.Request{Number: number, Size: limit, WantTotal: true}
	p, _, err := s.List(ctx, t, se.SessionID, Filter{}, r)
	if err != nil || p.Total == nil {
		return nil, 0, err
	}
	total, out := *p.Total, p.Items
	// A page of large records is short, but here no cursor leads to the others.
	for p.Next != "" && len(out) < limit {
		rest, err := page.Request{Size: limit - len(out)}.WithCursor(p.Next)
		if err != nil {
			return nil, 0, err
		}
		if p, _, err = s.List(ctx, t, se.SessionID, Filter{}, rest); err != nil {
			return nil, 0, err
		}
		out = append(out, p.Items...)
	}
	return out, total, nil
}

const sweepBatch = 5000

// Sweep cancels sessions that rested too long and deletes what ended sessions
// had staged and what deleted resources left, in small transactions so that
// pushes can go between.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	if _, err := s.store.CancelIdle(ctx, now.Add(-SessionExpiry), now,
		s.canceled(event.System(event.SourceScheduled), "it rested for 24 hours")); err != nil {
		return err
	}
	for _, sweep := range []func(context.Context, int) (int64, error){s.store.SweepStaged, s.store.PurgeDeleted} {
		for {
			n, err := sweep(ctx, sweepBatch)
			if err != nil {
				return err
			}
			if n < sweepBatch {
				break
			}
		}
	}
	return nil
}
