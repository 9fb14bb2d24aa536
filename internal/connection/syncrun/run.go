// Package syncrun tells how data came in: every session, every collection and
// every minute of direct pushes is a run, made of steps. What is kept of a run are
// a few numbers and the steps that somebody told; the other steps follow from
// them, and so does the health of a resource from its last runs (ADR 24).
package syncrun

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Trigger says what began a run.
type Trigger string

// The triggers: direct pushes, a session that somebody opened, and a collection
// by the server itself.
const (
	Push       Trigger = "PUSH"
	Session    Trigger = "SESSION"
	Collection Trigger = "COLLECTION"
)

// Triggers lists every trigger once.
var Triggers = []Trigger{Push, Session, Collection}

// Status is the state of a run.
type Status string

// The states. A run is FAILED when it ended and a step of it failed, be it that
// one of many records was refused.
const (
	Running   Status = "RUNNING"
	Completed Status = "COMPLETED"
	Failed    Status = "FAILED"
	Canceled  Status = "CANCELED"
)

// Statuses lists every status once.
var Statuses = []Status{Running, Completed, Failed, Canceled}

// Name names a step.
type Name string

// The steps, in their order.
const (
	Authenticate Name = "AUTHENTICATE"
	Fetch        Name = "FETCH"
	Parse        Name = "PARSE"
	Validate     Name = "VALIDATE"
	Stage        Name = "STAGE"
	Compare      Name = "COMPARE"
	Complete     Name = "COMPLETE"
	Evaluate     Name = "EVALUATE"
)

// Names lists every step once, in their order.
var Names = []Name{Authenticate, Fetch, Parse, Validate, Stage, Compare, Complete, Evaluate}

// StepStatus is the state of a step.
type StepStatus string

// The states of a step. One is SKIPPED if its run ended without it.
const (
	StepPending   StepStatus = "PENDING"
	StepRunning   StepStatus = "RUNNING"
	StepCompleted StepStatus = "COMPLETED"
	StepFailed    StepStatus = "FAILED"
	StepSkipped   StepStatus = "SKIPPED"
)

// StepStatuses lists every status of a step once.
var StepStatuses = []StepStatus{StepPending, StepRunning, StepCompleted, StepFailed, StepSkipped}

// The codes of errors that a step of the record path has; those of a collector
// are its own.
const (
	// CodeSchema: records were refused.
	CodeSchema = "SCHEMA"
	// CodeGuard: a guard of the completion refused it.
	CodeGuard = "GUARD"
	// CodeSuperseded: a session that was opened later is in force.
	CodeSuperseded = "SUPERSEDED"
	// CodeCanceled: the session, or the run, rested too long.
	CodeCanceled = "CANCELED"
)

// Run is one run with its steps.
type Run struct {
	ID           int64
	ConnectionID int64
	ResourceID   int64
	Trigger      Trigger
	// KeyID or UserID is who sent the data or asked for it; both are 0 for a
	// collection by the clock.
	KeyID, UserID int64
	// SessionID is the client's id of the session, empty for direct pushes.
	SessionID string
	Status    Status
	StartedAt time.Time
	// EndedAt is zero while the run goes on.
	EndedAt time.Time
	Steps   []Step
}

// Step is one part of a run.
type Step struct {
	Name      Name             `json:"name"`
	Status    StepStatus       `json:"status"`
	StartedAt time.Time        `json:"startedAt,omitzero"`
	EndedAt   time.Time        `json:"endedAt,omitzero"`
	Counts    map[string]int64 `json:"counts,omitempty"`
	Error     *Error           `json:"error,omitempty"`
}

// Error says why a step failed.
type Error struct {
	// Code is one of a few words, on which the diagnosis goes by.
	Code string `json:"code"`
	// Message is one sentence for people. No secret stands in it.
	Message string            `json:"message"`
	Facts   map[string]string `json:"facts,omitempty"`
	// Records are the first MaxRefused records that were refused.
	Records []RefusedRecord `json:"records,omitempty"`
}

// RefusedRecord is a record that was not taken.
type RefusedRecord struct {
	// ID is the record's id if it could be read.
	ID string `json:"id,omitempty"`
	// Position is its place in what was sent, from 0.
	Position int64  `json:"position"`
	Message  string `json:"message"`
	// Pointer is the JSON pointer of what is wrong, if it is known.
	Pointer string `json:"pointer,omitempty"`
}

// MaxRefused is how many refused records a run keeps.
const MaxRefused = 20

// Begin is what a collection begins.
type Begin struct {
	ConnectionID, ResourceID int64
	// SessionID is the id of the session that the collection will open, by which
	// the run is found again.
	SessionID string
	Actor     event.Actor
}

// Filter narrows a list of runs; zero fields do not.
type Filter struct {
	ConnectionID int64
	ResourceID   int64
	Status       Status
	Trigger      Trigger
}

// Store keeps runs. Those of pushes and sessions are written by the store of
// records, in the transactions of these.
type Store interface {
	// BeginSyncRun begins the run of a collection. An absent resource is a
	// NotFound, one whose connection takes no data a CodeIntakeStopped.
	BeginSyncRun(ctx context.Context, b Begin, at time.Time) (int64, error)
	// TellSyncStep replaces the step of that name of a run that goes on; of one that
	// has ended it changes nothing.
	TellSyncStep(ctx context.Context, runID int64, s Step, at time.Time) error
	// EndSyncRun ends a run that goes on. Its session, if it is open still, is
	// cancelled.
	EndSyncRun(ctx context.Context, runID int64, status Status, at time.Time) error
	// SyncRuns lists runs by when they started.
	SyncRuns(ctx context.Context, f Filter, r page.Request) (page.Page[Run], error)
	// SyncRun reads a run of a connection; an absent one is a NotFound.
	SyncRun(ctx context.Context, connectionID, runID int64) (Run, error)
	// EndLostRuns ends the collections that were not heard of since before.
	EndLostRuns(ctx context.Context, before, at time.Time) (int, error)
	// SettleSyncRuns notes of up to limit runs that ended before a moment when they
	// were evaluated, and tells how many it looked at.
	SettleSyncRuns(ctx context.Context, before time.Time, limit int) (int, error)
	// PruneSyncRuns deletes up to limit runs that started before a moment, those of
	// the last keep of their connection excepted, and tells how many.
	PruneSyncRuns(ctx context.Context, before time.Time, keep, limit int) (int64, error)
}
