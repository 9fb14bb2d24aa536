// Package collection has Plumbline get the records of a resource by itself: a
// recipe with what a person filled in, a schedule, guards, and the runs.
package collection

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/schedule"
)

// Limits of a collection.
const (
	maxRecipe = 256 << 10
	maxInput  = 64 << 10
)

// DefaultSchedule is that of a collection which names none.
const DefaultSchedule = "@daily"

// DefaultMaxDeletePercent is the guard of a collection which names none.
const DefaultMaxDeletePercent = 50

// Collection is how the records of one resource are got.
type Collection struct {
	ConnectionID int64
	ResourceID   int64
	// Recipe is its text as it was sent, YAML or JSON.
	Recipe string
	// Inputs are what was filled in and is no secret.
	Inputs map[string]string
	// SecretsAt says which secrets there are, and when each was given.
	SecretsAt map[string]time.Time
	// Sealed holds the secrets, by name.
	Sealed   []byte
	Schedule schedule.Schedule
	// Enabled: it runs by its schedule.
	Enabled bool
	Guards  Guards
	// Revision counts the changes of recipe and inputs.
	Revision int64
	// NextAt is when it runs next, zero while it is not enabled.
	NextAt time.Time
	// Failures counts the runs in a row that failed for a reason which may pass.
	Failures int64
	// Asked is who wants a run besides the schedule, if somebody does.
	Asked Asked
	// Claim is the run that is under way, if one is.
	Claim Claim
	// Last is the run that ended last, nil before the first.
	Last      *Outcome
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Guards are what a run must keep to, else the old records stand.
type Guards struct {
	// MaxDeletePercent is the share of the live records that may vanish, 0 to 100.
	MaxDeletePercent float64 `json:"maxDeletePercent"`
	// AllowEmpty: a system that has nothing empties the resource.
	AllowEmpty bool `json:"allowEmpty"`
}

// Asked is a wish for a run. At is zero if there is none.
type Asked struct {
	At            time.Time
	UserID, KeyID int64
}

// Claim is a run that a node has taken on. Only the node whose Fence is that of
// the collection may end it.
type Claim struct {
	// Owner names the node; empty: nobody runs it.
	Owner string
	// Until is when others may take the claim for orphaned.
	Until time.Time
	// Fence grows with each claim of the resource.
	Fence int64
	// SessionID is the session of the run.
	SessionID string
	// RunID is its sync run, 0 before it began.
	RunID int64
	// Revision is the one that is run.
	Revision  int64
	StartedAt time.Time
	// CancelAsked: somebody wants it to end.
	CancelAsked bool
	// Orphan: the claim was taken from a node that did not end it. It is not stored.
	Orphan bool
}

// Status is how a run ended.
type Status string

// The statuses.
const (
	Completed Status = "COMPLETED"
	Failed    Status = "FAILED"
	Canceled  Status = "CANCELED"
)

// Outcome is how a run ended.
type Outcome struct {
	RunID     int64     `json:"runId"`
	SessionID string    `json:"sessionId"`
	Status    Status    `json:"status"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	// Records is how many there are, of one that completed.
	Records int64 `json:"records"`
	// Code and Message say why it did not complete.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// State is what a collection does at the moment.
type State string

// The states.
const (
	Running  State = "RUNNING"
	Waiting  State = "WAITING"
	Retrying State = "RETRYING"
	Paused   State = "PAUSED"
)

// State is what the collection does.
func (c Collection) State() State {
	switch {
	case c.Claim.Owner != "":
		return Running
	case !c.Enabled && c.Asked.At.IsZero():
		return Paused
	case c.Failures > 0:
		return Retrying
	}
	return Waiting
}

// Next is when the collection runs next, zero if it does not, or runs now.
func (c Collection) Next() time.Time {
	switch {
	case c.Claim.Owner != "":
		return time.Time{}
	case !c.Asked.At.IsZero():
		return c.Asked.At
	}
	return c.NextAt
}

// following is the first moment after another one at which the schedule has the
// collection run.
func (c Collection) following(after time.Time) time.Time {
	late := c.jitter(after)
	return c.Schedule.Next(after.Add(-late)).Add(late)
}

// maxJitter bounds how much later than its schedule a collection runs.
const maxJitter = 15 * time.Minute

// jitter is how much later than its schedule the collection runs, the same each
// time: a tenth of the time between two runs at most. Without it all that is
// daily would run at midnight.
func (c Collection) jitter(at time.Time) time.Duration {
	first := c.Schedule.Next(at)
	room := min(maxJitter, c.Schedule.Next(first).Sub(first)/10) / time.Second
	if room <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte("collection of resource " + strconv.FormatInt(c.ResourceID, 10)))
	return time.Duration(h.Sum64()%uint64(room)) * time.Second
}

// Target names a resource as a caller does.
type Target = record.Target

// Store keeps collections. What is absent is a NotFound.
type Store interface {
	Collection(ctx context.Context, t Target) (Collection, error)
	// PutCollection stores what change makes of the collection of a resource, which
	// nobody else changes meanwhile; change may be called more than once. One that
	// is not there yet has no CreatedAt.
	PutCollection(ctx context.Context, t Target, change func(*Collection) (event.Event, error)) (Collection, error)
	// DeleteCollection forgets it, and gives it as it was.
	DeleteCollection(ctx context.Context, t Target, e func(Collection) event.Event) (Collection, error)
}

// RunStore is what runners need. Several may run on one database.
type RunStore interface {
	// ClaimCollections takes up to limit collections that are due, or whose claim
	// is over without an end, and stores what take makes of each, with its events.
	ClaimCollections(ctx context.Context, now time.Time, limit int, take func(*Collection) []event.Event) ([]Collection, error)
	// HoldCollection moves the end of a claim on if it is before soon, notes the
	// sync run, and tells whether the claim is still held by its Fence, and whether
	// somebody wants the run to end.
	HoldCollection(ctx context.Context, resourceID, fence, runID int64, soon, until time.Time) (held, cancel bool, err error)
	// EndCollection stores what end makes of a collection whose Fence is still the
	// one given; of any other nothing is changed.
	EndCollection(ctx context.Context, resourceID, fence int64, end func(*Collection) event.Event) error
}
