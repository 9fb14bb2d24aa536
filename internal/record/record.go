// Package record holds the records of resources: the ingest path, bulk
// sessions and the versions of a record over time.
package record

import (
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Record is one live or staged JSON object.
type Record struct {
	// ID is internal; Key is the id that people and clients know.
	ID        int64
	Key       string
	Body      []byte
	CreatedAt time.Time
	UpdatedAt time.Time
	// ChangeSeq is the number of the change that made this version.
	ChangeSeq int64
}

// Row is a record that is ready to be stored: checked, keyed and hashed.
type Row struct {
	Key  string
	Body []byte
	// Hash is the fingerprint of Body; equal hashes mean the same record.
	Hash [16]byte
}

// Outcome says what a write did.
type Outcome uint8

// The outcomes.
const (
	Created Outcome = iota + 1
	Updated
	Unchanged
)

// Written is what became of one row.
type Written struct {
	Outcome   Outcome
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Counts sums up a change of many records.
type Counts struct {
	Created, Updated, Unchanged, Deleted int64
}

// Write is one push: rows with distinct keys, checked against one version of
// the resource's schema.
type Write struct {
	ResourceID    int64
	SchemaVersion int64
	Rows          []Row
	// Replaces, when above zero, is the ChangeSeq of the one stored record
	// that Rows[0] was merged from; another one is an ErrChanged.
	Replaces int64
	At       time.Time
	// Event makes the event of the push once its counts are known; it is not
	// called when nothing changed.
	Event func(Counts) event.Event
	// Intake is what the push brings to its sync run. A push of which everything
	// was refused has no rows and writes its run only.
	Intake syncrun.Intake
}

// Applied is what became of a push.
type Applied struct {
	// Rows stand in the order of Write.Rows.
	Rows   []Written
	Counts Counts
	// Seq is the resource's change sequence after the push: verdicts that are
	// in up to Seq cover it.
	Seq int64
}

// ErrChanged means that what a write was prepared against (the schema, or the
// record to merge with) has changed: prepare it again.
var ErrChanged = errors.New("changed meanwhile")

// SessionStatus is the state of a bulk session.
type SessionStatus string

// The states.
const (
	InProgress SessionStatus = "IN_PROGRESS"
	Active     SessionStatus = "ACTIVE"
	Canceled   SessionStatus = "CANCELED"
	Archived   SessionStatus = "ARCHIVED"
)

// Session is a bulk push that replaces the dataset when it is completed.
type Session struct {
	ID int64
	// SessionID is chosen by the client, unique within the resource.
	SessionID    string
	ConnectionID int64
	ResourceID   int64
	Status       SessionStatus
	CreatedAt    time.Time
	UpdatedAt    time.Time
	ActivatedAt  time.Time
	CanceledAt   time.Time
	// Staged is the number of staged records while IN_PROGRESS, afterwards
	// what it was when the session ended.
	Staged int64
}

// Guards are the conditions of a completion; see the contract's decision 13.
type Guards struct {
	ExpectedCount    *int64
	MaxDeletePercent *float64
	DryRun           bool
}

// Completion is what a completed session did, or would do.
type Completion struct {
	Session Session
	Counts  Counts
	Seq     int64
}

// SessionFilter narrows a list of sessions; zero fields do not.
type SessionFilter struct {
	ConnectionID int64
	ResourceID   int64
	Status       SessionStatus
	// SessionID is the id that clients chose; several resources may have one of it.
	SessionID string
	// Within keeps the sessions of connections of these workspaces; nil keeps all.
	Within []int64
}

// Version is one closed version of a record.
type Version struct {
	Body      []byte
	ValidFrom time.Time
	ValidTo   time.Time
	Deleted   bool
}

// Store keeps records. Its writes are atomic and durable when they return.
type Store interface {
	// Write stores a push. A gone resource is a NotFound, a stale
	// SchemaVersion or Replaces an ErrChanged.
	Write(ctx context.Context, w Write) (Applied, error)
	// Delete removes a live record; an absent one is a NotFound.
	Delete(ctx context.Context, resourceID int64, key string, at time.Time, e event.Event) (seq int64, err error)
	// Record reads one live record; an absent one is a NotFound.
	Record(ctx context.Context, resourceID int64, key string) (Record, error)
	// Records lists live records. A page of those that f keeps can be shorter than
	// asked for, even empty, while the list goes on: it looks at a bounded number
	// of records.
	Records(ctx context.Context, resourceID int64, f Filter, r page.Request) (page.Page[Record], error)
	// Staged lists the staged records of a session.
	Staged(ctx context.Context, sessionID int64, r page.Request) (page.Page[Record], error)
	// Scan calls each for every live record until it returns an error; body is
	// valid during the call only.
	Scan(ctx context.Context, resourceID int64, each func(id int64, key string, body []byte) error) error
	// Versions lists the closed versions of a record, newest first.
	Versions(ctx context.Context, resourceID int64, key string, r page.Request) (page.Page[Version], error)

	// Session reads one by the client's id; an absent one is a NotFound.
	Session(ctx context.Context, resourceID int64, sessionID string) (Session, error)
	Sessions(ctx context.Context, f SessionFilter, r page.Request) (page.Page[Session], error)
	// SessionsPage lists sessions by page number (v1), newest first, with the
	// total.
	SessionsPage(ctx context.Context, f SessionFilter, page, limit int) ([]Session, int64, error)
	// Stage adds rows to a session and opens it if there is none by that id.
	// idle is how long another open session may rest before it is cancelled in
	// favour of this one.
	Stage(ctx context.Context, s Stage) (Session, []Written, error)
	// Complete makes a session's records the live set.
	Complete(ctx context.Context, resourceID int64, sessionID string, g Guards, at time.Time, e func(Counts) event.Event) (Completion, error)
	Cancel(ctx context.Context, resourceID int64, sessionID string, at time.Time, e event.Event) (Session, error)
	// CancelIdle cancels every session that rested since before.
	CancelIdle(ctx context.Context, before, at time.Time, e func(Session) event.Event) (int, error)
	// SweepStaged deletes up to limit staged rows of an ended session and says
	// how many; fewer than limit means that nothing is left.
	SweepStaged(ctx context.Context, limit int) (int64, error)
	// PurgeDeleted deletes up to limit rows of what a deleted resource left
	// and says how many; fewer than limit means that nothing is left.
	PurgeDeleted(ctx context.Context, limit int) (int64, error)
}

// Stage is one upload to a session.
type Stage struct {
	ResourceID    int64
	ConnectionID  int64
	SessionID     string
	SchemaVersion int64
	Rows          []Row
	At            time.Time
	// Intake is what the upload brings to the sync run of the session.
	Intake syncrun.Intake
	// IdleBefore: another open session that rested since then is cancelled.
	IdleBefore time.Time
	Started    event.Event
	Uploaded   event.Event
	Superseded func(Session) event.Event
}
