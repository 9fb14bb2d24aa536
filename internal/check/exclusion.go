package check

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// ExclusionCategory says what kind of reason an exclusion has.
type ExclusionCategory string

// ExclusionCategories are the categories on the wire.
var ExclusionCategories = []ExclusionCategory{"ACCEPTED_RISK", "FALSE_POSITIVE", "COMPENSATING_CONTROL", "OUT_OF_SCOPE"}

// ExclusionState says whether an exclusion stands, or how it ended.
type ExclusionState string

// The states. An exclusion that ended by time is over at that moment, although
// its end is marked a little later.
const (
	ExclusionActive  ExclusionState = "ACTIVE"
	ExclusionExpired ExclusionState = "EXPIRED"
	ExclusionFixed   ExclusionState = "FIXED"
	ExclusionDeleted ExclusionState = "DELETED"
)

// Exclusion takes one record, or the records that satisfy a selector, out of the
// count of a test. It changes no verdict of a record and closes no finding.
type Exclusion struct {
	ID          int64
	WorkspaceID int64
	// TestID is the test's id, TestNumber its number in the workspace.
	TestID, TestNumber int64
	TestName           string
	// Resource comes without its schema.
	Resource connection.Resource
	// Key names the one record, empty if there is a Selector. Body is the record
	// as it is now, nil if there is none.
	Key  string
	Body []byte
	// Selector is the condition as it was given, Pinned with named conditions
	// written out, as they were then; Sentence says it in words.
	Selector, Pinned json.RawMessage
	Sentence         string

	Reason    string
	Category  ExclusionCategory
	Approver  string
	TicketURL string
	// ExpiresAt is zero for an exclusion without an end.
	ExpiresAt   time.Time
	ExpireOnFix bool
	// Approved is what it covered when it was created, or its selector changed.
	Approved Reach
	// Version counts the changes by people from 1 on.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// KeyID and UserID are the key or the person who created it, 0 if none did.
	KeyID  int64
	UserID int64
	// EndedAt and Ended are set once its end is marked.
	EndedAt time.Time
	Ended   ExclusionState
}

// Reach is how much an exclusion covers: records in scope, and how many of them
// fail or cannot be evaluated.
type Reach struct{ Matching, Failing int64 }

// State is the exclusion's state at a moment.
func (x *Exclusion) State(now time.Time) ExclusionState {
	switch {
	case x.Ended != "":
		return x.Ended
	case !x.ExpiresAt.IsZero() && !now.Before(x.ExpiresAt):
		return ExclusionExpired
	}
	return ExclusionActive
}

// Position is the exclusion's place in a list of that order; one without an end
// comes after all others.
func (x *Exclusion) Position(s page.Sort) page.Position {
	switch s {
	case page.UpdatedAt:
		return page.Position{Value: x.UpdatedAt.UnixMicro(), ID: x.ID}
	case page.ExpiresAt:
		if x.ExpiresAt.IsZero() {
			return page.Position{Value: math.MaxInt64, ID: x.ID}
		}
		return page.Position{Value: x.ExpiresAt.UnixMicro(), ID: x.ID}
	}
	return page.Position{Value: x.CreatedAt.UnixMicro(), ID: x.ID}
}

// SaysAs reports whether the exclusion says what another version of it says.
func (x *Exclusion) SaysAs(y *Exclusion) bool {
	return string(x.Selector) == string(y.Selector) && string(x.Pinned) == string(y.Pinned) && x.Reason == y.Reason && x.Category == y.Category &&
		x.Approver == y.Approver && x.TicketURL == y.TicketURL && x.ExpiresAt.Equal(y.ExpiresAt) && x.ExpireOnFix == y.ExpireOnFix
}

// TargetName is what people call that which is excluded.
func (x *Exclusion) TargetName() string {
	if x.Selector != nil {
		return x.Sentence
	}
	return displayName(x.Resource.DisplayNameKey, x.Key, x.Body)
}

// ExclusionVersion is what an exclusion said during an interval.
type ExclusionVersion struct {
	Number int64
	// ValidTo is zero for what it says now.
	ValidFrom, ValidTo time.Time
	Selector           json.RawMessage
	Reason             string
	Category           ExclusionCategory
	Approver           string
	TicketURL          string
	ExpiresAt          time.Time
	ExpireOnFix        bool
	KeyID, UserID      int64
}

// ExclusionPolicy is what the organisation demands of exclusions.
type ExclusionPolicy struct {
	// ExpiryRequired refuses exclusions without an end.
	ExpiryRequired bool
	// MaxAge is how far off an end may be.
	MaxAge time.Duration
	// Warning is how long before its end an exclusion is about to expire.
	Warning time.Duration
}

// NewExclusionPolicy makes a policy with times in days.
func NewExclusionPolicy(expiryRequired bool, maxDays, warningDays int) ExclusionPolicy {
	const day = 24 * time.Hour
	return ExclusionPolicy{expiryRequired, time.Duration(maxDays) * day, time.Duration(warningDays) * day}
}

// Limits of exclusions: every selector runs over every record of its resource.
const (
	// MaxSelectors is how many exclusions by selector a resource has at most.
	MaxSelectors = 100
	// MaxExclusions is how many exclusions a test has at most.
	MaxExclusions = 10_000
)

// ExclusionFilter narrows a list of exclusions; zero fields do not.
type ExclusionFilter struct {
	WorkspaceID int64
	// TestID is the test's id.
	TestID     int64
	ResourceID int64
	State      ExclusionState
	Category   ExclusionCategory
	Key        string
	// BySelector keeps those with a selector, or if it points to false those of
	// one record.
	BySelector *bool
	// Search is a part of the reason, the record's id, the test's name, the
	// approver or the ticket, in any case.
	Search string
	// Now is the moment that State is meant at.
	Now time.Time
	// EndedSince keeps those that stand or ended later.
	EndedSince time.Time
	// ExpiresBefore keeps those that have an end by then.
	ExpiresBefore time.Time
}

// ExclusionStore keeps exclusions.
type ExclusionStore interface {
	// CreateExclusion stores a new exclusion of an existing test and, unless it
	// has a selector, record; e makes its event. A record that is excluded
	// already is a CodeConflict.
	CreateExclusion(ctx context.Context, x Exclusion, e func(Exclusion) event.Event) (Exclusion, error)
	// ChangeExclusion stores what change makes of an exclusion that stands, which
	// nobody else changes meanwhile; one that ended is a CodeConflict.
	ChangeExclusion(ctx context.Context, workspaceID, number, id int64, at time.Time, change func(*Exclusion) (event.Event, error)) (Exclusion, error)
	// DeleteExclusion ends one that stands; one that ended is a CodeConflict.
	DeleteExclusion(ctx context.Context, workspaceID, number, id int64, at time.Time, e func(Exclusion) event.Event) error
	// Exclusion reads one of a test; an absent one is a NotFound.
	Exclusion(ctx context.Context, workspaceID, number, id int64) (Exclusion, error)
	// ExclusionVersions reads all that an exclusion said, the first one first.
	ExclusionVersions(ctx context.Context, id int64) ([]ExclusionVersion, error)
	Exclusions(ctx context.Context, f ExclusionFilter, r page.Request) (page.Page[Exclusion], error)
	// Covers reads the exclusions of a test over a resource that no end is marked
	// of; those of single records only of these keys, or with nil of all, and then
	// with the ids of the records.
	Covers(ctx context.Context, testID, resourceID int64, keys []string) ([]Cover, error)
	// States reads the states of live records by their keys.
	States(ctx context.Context, resourceID int64, keys []string) (map[string]string, error)
	// ScanStates is Scan with the states of each record.
	ScanStates(ctx context.Context, resourceID int64, each func(key string, body []byte, states string) error) error
	// ExpireExclusions marks the end of up to limit exclusions that ended by
	// time; WarnExclusions notes that up to limit ones end before a moment, each
	// once. As many as limit means that there may be more.
	ExpireExclusions(ctx context.Context, now time.Time, limit int) (int64, error)
	WarnExclusions(ctx context.Context, now, before time.Time, limit int) (int64, error)
}

// ExclusionEvent is the event of something that time or the evaluator does with
// an exclusion.
func ExclusionEvent(x Exclusion, ty event.Type, at time.Time) event.Event {
	source := event.SourceScheduled
	what := "expires soon"
	switch ty {
	case event.ExclusionExpired:
		what = "expired"
	case event.ExclusionFixed:
		source, what = event.SourceEvaluator, "ended because the record was mended"
	}
	return x.event(event.System(source), ty, at, what)
}

func (x *Exclusion) event(a event.Actor, ty event.Type, at time.Time, what string) event.Event {
	metadata := map[string]any{"exclusionId": x.ID, "resourceId": x.Resource.ID, "reason": x.Reason, "category": x.Category}
	name := x.Key
	if x.Selector != nil {
		name = x.Sentence
		metadata["selector"] = x.Sentence
	} else {
		metadata["targetId"] = x.Key
	}
	metadata["expiresAt"] = nil
	if !x.ExpiresAt.IsZero() {
		metadata["expiresAt"] = x.ExpiresAt.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	e := event.New(a, at, ty, event.CategoryMonitor, "The exclusion of “"+name+"” from test “"+x.TestName+"” "+what, metadata)
	e.WorkspaceID, e.TestID, e.TestName = x.WorkspaceID, x.TestNumber, x.TestName
	return e
}
