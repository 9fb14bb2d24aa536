package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// attempts is how often a write is prepared anew when the schema or the
// record it is merged with changes under it.
const attempts = 8

// Service is the use of records.
type Service struct {
	store       Store
	connections *connection.Service
	now         func() time.Time
	// changed is told after a commit that changed records of a resource.
	changed func(resourceID int64)
	idle    time.Duration
	builtIn bool
	merges  *turns
}

// Options are the settings of a Service.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// Changed, if set, is told after a commit that changed records.
	Changed func(resourceID int64)
	// SessionIdle is how long an open session may rest before a newcomer
	// cancels it.
	SessionIdle time.Duration
	// BuiltIn lets it write into built-in resources, as only the server itself does.
	BuiltIn bool
}

// NewService makes the service.
func NewService(s Store, c *connection.Service, o Options) *Service {
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	return &Service{store: s, connections: c, now: o.Now, changed: o.Changed, idle: o.SessionIdle, builtIn: o.BuiltIn, merges: newTurns()}
}

// Target names a resource as a caller does.
type Target struct{ ConnectionID, ResourceID int64 }

// Result is what became of a push.
type Result struct {
	// Items stand in the order of the input.
	Items    []Item
	Counts   Counts
	Failed   int64
	Seq      int64
	Resource connection.Resource
}

// Upsert stores records (each a checked JSON object). A record with a stored
// id replaces it whole. Refused records stand in Result.Items; the error is
// for what refuses the whole push.
func (s *Service) Upsert(ctx context.Context, a event.Actor, t Target, records [][]byte) (Result, error) {
	begun := s.now()
	return s.write(ctx, t, func(r connection.Resource, sch *schema.Schema) (batch, Write, error) {
		b := prepare(records, sch)
		return b, Write{Rows: b.rows, Event: s.pushed(a, r), Intake: b.intake(a, begun)}, nil
	})
}

// Update merges a patch (a checked JSON object) into a stored record: its
// top-level properties replace those of the record, the others stay.
func (s *Service) Update(ctx context.Context, a event.Actor, t Target, key string, patch []byte) (Result, error) {
	if id, given, err := keyOf(patch); err != nil {
		return Result{}, err
	} else if given && id != key {
		return Result{}, fault.New(fault.CodeValidation, "`data.id` (/data/id) is %q but the path names record %q: they must be equal", id, key)
	}
	done, err := s.merges.wait(ctx, t.ResourceID, key)
	if err != nil {
		return Result{}, err
	}
	defer done()
	begun := s.now()
	res, err := s.write(ctx, t, func(r connection.Resource, sch *schema.Schema) (batch, Write, error) {
		old, err := s.store.Record(ctx, r.ID, key)
		if err != nil {
			return batch{}, Write{}, err
		}
		merged := strictjson.Merge(old.Body, strictjson.AppendCompact(nil, patch))
		if err := sch.Check(merged); err != nil {
			b := batch{items: []Item{{Key: key, Data: merged, Err: err}}, rowOf: []int{-1}}
			return b, Write{Intake: b.intake(a, begun)}, nil
		}
		row := Row{Key: key, Body: merged, Hash: strictjson.Fingerprint(merged)}
		b := batch{items: []Item{{Key: key, Data: merged}}, rows: []Row{row}, rowOf: []int{0}}
		return b, Write{Rows: b.rows, Replaces: old.ChangeSeq, Event: s.pushed(a, r), Intake: b.intake(a, begun)}, nil
	})
	if err == nil {
		err = res.Items[0].Err
	}
	return res, err
}

// resource reads a resource whose records are to be changed. A built-in one is a
// CodeBuiltIn.
func (s *Service) resource(ctx context.Context, t Target) (connection.Resource, error) {
	r, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err == nil && !s.builtIn {
		err = r.Open()
	}
	return r, err
}

// write prepares and stores until nothing changes in between.
func (s *Service) write(ctx context.Context, t Target, prep func(connection.Resource, *schema.Schema) (batch, Write, error)) (Result, error) {
	for range attempts {
		r, err := s.resource(ctx, t)
		if err != nil {
			return Result{}, err
		}
		sch, err := s.connections.Schema(r)
		if err != nil {
			return Result{}, err
		}
		b, w, err := prep(r, sch)
		if err != nil {
			return Result{}, err
		}
		res := Result{Items: b.items, Failed: int64(len(b.items)), Seq: r.ChangeSeq, Resource: r}
		if len(b.items) == 0 {
			return res, nil
		}
		w.ResourceID, w.SchemaVersion, w.At = r.ID, r.SchemaVersion, s.now()
		applied, err := s.store.Write(ctx, w)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return Result{}, err
		}
		b.settle(applied.Rows)
		res.Counts, res.Seq = applied.Counts, applied.Seq
		for _, item := range b.items {
			if item.Err == nil {
				res.Failed--
			}
		}
		if applied.Counts.Created+applied.Counts.Updated > 0 {
			s.changed(r.ID)
		}
		return res, nil
	}
	return Result{}, fault.New(fault.CodeEditConflict, "the record or the schema keeps changing: try again")
}

func (s *Service) pushed(a event.Actor, r connection.Resource) func(Counts) event.Event {
	return func(c Counts) event.Event {
		t := event.RecordsWritten
		if c.Created == 0 {
			t = event.RecordsUpdated
		}
		return s.event(a, t, r, fmt.Sprintf("Records of “%s”: %d created, %d updated, %d unchanged", r.Name, c.Created, c.Updated, c.Unchanged),
			map[string]any{"resourceId": r.ID, "created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged})
	}
}

func (s *Service) event(a event.Actor, t event.Type, r connection.Resource, text string, metadata map[string]any) event.Event {
	e := event.New(a, s.now(), t, event.CategoryConnection, text, metadata)
	e.ConnectionID = r.ConnectionID
	return e
}

// Delete removes a live record; an absent one is a NotFound.
func (s *Service) Delete(ctx context.Context, a event.Actor, t Target, key string) error {
	r, err := s.resource(ctx, t)
	if err != nil {
		return err
	}
	e := s.event(a, event.RecordRemoved, r, "A record of “"+r.Name+"” was deleted", map[string]any{"resourceId": r.ID, "recordId": key})
	if _, err := s.store.Delete(ctx, r.ID, key, s.now(), e); err != nil {
		return err
	}
	s.changed(r.ID)
	return nil
}

// List lists live records that f keeps, or with the id of an open session its staged ones;
// the id of the ACTIVE session lists the live records, that of an ended one
// nothing.
func (s *Service) List(ctx context.Context, t Target, sessionID string, f Filter, r page.Request) (page.Page[Record], connection.Resource, error) {
	res, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err != nil {
		return page.Page[Record]{}, res, err
	}
	if sessionID == "" || sessionID == res.ActiveSession {
		f.NameKey = res.DisplayNameKey
		p, err := s.store.Records(ctx, res.ID, f, r)
		return p, res, err
	}
	session, err := s.store.Session(ctx, res.ID, sessionID)
	if err != nil {
		return page.Page[Record]{}, res, err
	}
	if session.Status != InProgress {
		return page.Page[Record]{}, res, nil
	}
	if !f.Empty() {
		return page.Page[Record]{}, res, fault.New(fault.CodeValidation, "`q` and `where` look at live records only: leave out `sessionId`, or them")
	}
	p, err := s.store.Staged(ctx, session.ID, r)
	return p, res, err
}

// Get reads one live record; an absent one is a NotFound.
func (s *Service) Get(ctx context.Context, t Target, key string) (Record, connection.Resource, error) {
	res, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err != nil {
		return Record{}, res, err
	}
	rec, err := s.store.Record(ctx, res.ID, key)
	return rec, res, err
}

// Versions lists the closed versions of a record, newest first.
func (s *Service) Versions(ctx context.Context, t Target, key string, r page.Request) (page.Page[Version], error) {
	res, err := s.connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err != nil {
		return page.Page[Version]{}, err
	}
	return s.store.Versions(ctx, res.ID, key, r)
}

// SchemaChange is the outcome of a change of schema.
type SchemaChange struct {
	Resource connection.Resource
	// Schema is the one that was checked.
	Schema *schema.Schema
	// Records is how many stored records were checked, Invalid how many of
	// them do not satisfy the new schema, Examples the first of these.
	Records, Invalid int64
	Examples         []Invalid
}

// Invalid is a stored record that a schema refuses.
type Invalid struct{ Key, Message string }

const maxExamples = 10

// SchemaGuards are the conditions of a change of schema.
type SchemaGuards struct {
	// DryRun changes nothing, it only checks.
	DryRun bool
	// RequireValid refuses the change if a stored record does not satisfy it.
	RequireValid bool
}

// PutSchema checks all stored records against a new schema and, unless how says
// otherwise, makes it the one in force. Records that do not satisfy it stay; they
// are counted. displayNameKey, if empty, stays what it is.
func (s *Service) PutSchema(ctx context.Context, a event.Actor, t Target, text []byte, displayNameKey string, how SchemaGuards) (SchemaChange, error) {
	r, err := s.resource(ctx, t)
	if err != nil {
		return SchemaChange{}, err
	}
	sch, err := schema.Compile(text)
	if err != nil {
		return SchemaChange{}, err
	}
	if displayNameKey == "" {
		displayNameKey = r.DisplayNameKey
	}
	if err := sch.DisplayNameCandidate(displayNameKey); err != nil {
		return SchemaChange{}, err
	}
	change := SchemaChange{Resource: r, Schema: sch}
	err = s.store.Scan(ctx, r.ID, func(_ int64, key string, body []byte) error {
		change.Records++
		if err := sch.Check(body); err != nil {
			change.Invalid++
			if len(change.Examples) < maxExamples {
				change.Examples = append(change.Examples, Invalid{key, err.Error()})
			}
		}
		return nil
	})
	if err != nil || how.DryRun {
		return change, err
	}
	if how.RequireValid && change.Invalid > 0 {
		return change, fault.New(fault.CodeConflict, "%d of %d stored records do not satisfy the schema (the first is %q: %s), so it was not changed",
			change.Invalid, change.Records, change.Examples[0].Key, change.Examples[0].Message)
	}
	change.Resource, err = s.connections.PutSchema(ctx, a, r, sch.Text(), displayNameKey)
	if err == nil {
		s.changed(r.ID)
	}
	return change, err
}
