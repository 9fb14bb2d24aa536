// Package check holds tests: their versions, their verdict over records and
// the findings. Its evaluator feeds the records of a resource to the engine of
// package rule and keeps, per record, what the published tests say of it.
package check

import (
	"context"
	"encoding/json"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// Version is one version of a test's logic.
type Version struct {
	Number int64
	// Logic is the canonical text of the test, see package rule.
	Logic json.RawMessage
	// Pinned is Logic with named conditions expanded and resources by id, as of
	// publication, or of the last change of a draft. It is what is evaluated.
	Pinned json.RawMessage
	// Basis is the revision of the workspace's conditions that Pinned was made
	// with, 0 unless it was made just now.
	Basis       int64
	CreatedAt   time.Time
	PublishedAt time.Time
	Note        string
	KeyID       int64
	// UserID is the person who wrote it, 0 if none did.
	UserID int64
}

// Test is rules over records.
type Test struct {
	ID int64
	// Number is the test's number in its workspace, `testId` on the wire.
	Number      int64
	WorkspaceID int64
	Name        string
	Description string
	Enabled     bool
	// DisabledReason says why a disabled test is disabled.
	DisabledReason string
	// Published and Draft are nil when there is none.
	Published *Version
	Draft     *Version
	// DraftRun is the result of the last run of the draft, nil without one.
	DraftRun  *DraftRun
	CreatedAt time.Time
	UpdatedAt time.Time
	// Revision counts changes by people; it is the ETag of the test.
	Revision int64
	// LastVersion is the highest number of a version.
	LastVersion int64

	// Result and Reason are the settled verdict of the published version;
	// see [Test.Current] for the verdict at a moment.
	Result      rule.Verdict
	Reason      rule.Reason
	FailedSince time.Time
	// Told is the verdict that the last event told, staleness laid over it.
	Told rule.Verdict
	// ResultSince is since when the test has its settled result.
	ResultSince time.Time
	// Schedule is when a full pass verifies the test, a cron expression in UTC;
	// empty: [DefaultSchedule]. NextRunAt is its next moment.
	Schedule  string
	NextRunAt time.Time
	// LastPassedAt is when the test was last seen to pass, while it does not.
	LastPassedAt time.Time
	// Groups are those of the published version, in order; while a version is
	// built up they are those of the version before.
	Groups []Group
	// InForce is the pinned logic of the version that Groups are of, nil without
	// them.
	InForce json.RawMessage
	// Building is true while a version, or a run, is evaluated over all
	// records and its result is not in force yet.
	Building bool
	// ControlIDs, if set when a test is stored, replaces the controls that it
	// proves; one that is not of the workspace is a CodeValidation. Reads leave
	// it nil: the mapping is package control's.
	ControlIDs *[]int64
}

// GroupState is a step in the life of a group.
type GroupState string

// A group is built up by a pass over all records, is then live, and ends
// retired.
const (
	Building GroupState = "building"
	Built    GroupState = "built"
	Live     GroupState = "live"
	Retired  GroupState = "retired"
)

// Group is one condition group of a test's version as the evaluator runs it.
type Group struct {
	ID       int64
	TestID   int64
	Version  int64
	Position int
	Name     string
	Resource connection.Resource
	// Slot is the group's place in the states of the resource's records.
	Slot  int
	State GroupState
	// Cursor is the id of the last record that the building pass covered.
	Cursor int64
	Counts Counts
	// Unsettled is how many of its verdicts changed since its test was settled.
	Unsettled int64
	// Declared are the properties named by the rule that the schema declared
	// when the version was published.
	Declared []string
	// Problem says why the group cannot be evaluated, empty when it can.
	Problem Problem
	Rule    rule.Group
	// Asks are the lookups of its rule.
	Asks []Ask
	// EvaluatedAt is when its resource was last evaluated.
	EvaluatedAt time.Time
}

// Problem is a reason for which a group as a whole has no verdict.
type Problem string

// The problems.
const (
	NoProblem         Problem = ""
	SchemaDrift       Problem = "SCHEMA_DRIFT"
	ConnectionDeleted Problem = "CONNECTION_DELETED"
)

// Counts are the numbers of records by state of one group.
type Counts struct {
	OutOfScope int64 `json:"outOfScope"`
	Passing    int64 `json:"passing"`
	Failing    int64 `json:"failing"`
	Errors     int64 `json:"errors"`
	// Excluded are the records in scope that count nowhere else.
	Excluded int64 `json:"excluded"`
	// Counting is true where a group asserts `count`, under which no single record
	// passes or fails: they are Satisfying or NotSatisfying. Both are told of a
	// test; what is stored of a group has them as Passing and Failing.
	Counting      bool  `json:"counting,omitempty"`
	Satisfying    int64 `json:"satisfying,omitempty"`
	NotSatisfying int64 `json:"notSatisfying,omitempty"`
}

// InScope is the number of records that the filter let through and that are not
// excluded.
func (c Counts) InScope() int64 {
	return c.Passing + c.Failing + c.Errors + c.Satisfying + c.NotSatisfying
}

// PassRate is the share of the judged records that pass, in percent; false where
// no record is judged by itself.
func (c Counts) PassRate() (percent float64, ok bool) {
	judged := c.Passing + c.Failing
	if judged > 0 || !c.Counting {
		judged += c.Errors
	}
	if judged == 0 {
		return 0, false
	}
	return 100 * float64(c.Passing) / float64(judged), true
}

// Told are the counters of a group as people are told of them.
func (g *Group) Told() Counts {
	c := g.Counts
	if g.Rule.Assertion.Kind == rule.Count {
		c.Counting, c.Satisfying, c.NotSatisfying, c.Passing, c.Failing = true, c.Passing, c.Failing, 0, 0
	}
	return c
}

// DraftRun is the result of a run of a draft: it counts for nothing.
type DraftRun struct {
	Version  int64        `json:"version"`
	RunAt    time.Time    `json:"runAt"`
	Result   rule.Verdict `json:"result"`
	Reason   rule.Reason  `json:"reason,omitempty"`
	Counts   Counts       `json:"counts"`
	Examples []Example    `json:"examples"`
}

// Example is a record that fails logic which is tried out.
type Example struct {
	RecordID     string       `json:"recordId"`
	ResourceName string       `json:"resourceName"`
	Cause        []rule.Cause `json:"cause"`
	// Words say the cause.
	Words []string `json:"words,omitempty"`
	// ResourceID and Group name the group that the record fails.
	ResourceID int64  `json:"resourceId,omitempty"`
	Group      string `json:"group,omitempty"`
}

// State is what one group says of one record, kept as one character of the
// record's states. The capital letter is the same for an excluded record.
type State byte

// The states. Duplicate is a record that satisfies the evaluator of a group
// asserting uniqueness but shares its value with another one. A record out of
// scope is not excluded.
const (
	NoState    State = '-'
	OutOfScope State = 'o'
	Pass       State = 'p'
	Fail       State = 'f'
	Duplicate  State = 'u'
	Faulty     State = 'e'
)

// What is told, and never stored, in place of Pass and Fail under the assertion
// `count`, which no single record passes or fails.
const (
	Satisfied    State = 's'
	NotSatisfied State = 'n'
)

// Told is the state as people are told of it, under a kind of assertion.
func (s State) Told(kind rule.AssertionKind) State {
	to := s
	switch {
	case kind != rule.Count:
		return s
	case s.plain() == Pass:
		to = Satisfied
	case s.plain() == Fail:
		to = NotSatisfied
	}
	if s != s.plain() {
		return to.excluded()
	}
	return to
}

// CloseReason says why a finding ended.
type CloseReason string

// The reasons.
const (
	Fixed         CloseReason = "fixed"
	RecordDeleted CloseReason = "record deleted"
	LeftScope     CloseReason = "out of scope"
	TestChanged   CloseReason = "test changed"
	TestDisabled  CloseReason = "test disabled"
	TestDeleted   CloseReason = "test deleted"
)

// Finding is a record that fails a test, with a beginning and an end; under
// the assertion `count` it is the test itself (RecordID 0).
type Finding struct {
	ID       int64
	TestID   int64
	GroupID  int64
	RecordID int64
	Key      string
	OpenedAt time.Time
	// State is that of a record that has no finding, Pass or Faulty.
	State State
	// Body is the record as it is now, nil where there is none.
	Body []byte
	// Name, if set, is what people called the record then.
	Name string
	// Group is the group that the record fails, or passes.
	Group *Group
	// Connection names the record's connection.
	Connection   string
	ConnectionID int64
	Cause        []rule.Cause
	Words        []string
	// Excluded is true for an excluded record; Exclusion is one that covers it.
	Excluded  bool
	Exclusion Cover
}

// Status is `checkStatus` on the wire.
type Status string

// The statuses of the contract that occur: New has never been published.
const (
	New      Status = "NEW"
	Enabled  Status = "ENABLED"
	Disabled Status = "DISABLED"
)

// Status is the test's status.
func (t Test) Status() Status {
	switch {
	case t.Published == nil:
		return New
	case !t.Enabled:
		return Disabled
	}
	return Enabled
}

// NewTest is a test to be stored.
type NewTest struct {
	Test    Test
	Logic   rule.Test
	Publish bool
	Event   event.Event
}

// Store keeps tests.
type Store interface {
	// CreateTest stores a test with its first version as draft. A version with
	// a basis is stored, here and below, only if the conditions are still those
	// of that revision; else it is a CodeEditConflict.
	// A name that is taken in the workspace is a CodeDuplicateName.
	CreateTest(ctx context.Context, t Test, draft Version, e event.Event) (Test, error)
	Tests(ctx context.Context, workspaceID int64, r page.Request) (page.Page[Test], error)
	// Sources lists the resources of a workspace's connections.
	Sources(ctx context.Context, workspaceID int64) ([]Source, error)
	// TestsOfControl lists the ids of the tests that prove a control of the
	// workspace.
	TestsOfControl(ctx context.Context, workspaceID, controlID int64) ([]int64, error)
	// TestsOfOwners lists the ids of the tests that prove a control of one of the
	// users.
	TestsOfOwners(ctx context.Context, workspaceID int64, users []int64) ([]int64, error)
	// TestsOver lists the published, enabled tests over a resource, and those
	// that look its records up.
	TestsOver(ctx context.Context, resourceID int64) ([]Test, error)
	// Test reads one by its number; an absent one is a NotFound.
	Test(ctx context.Context, workspaceID, number int64) (Test, error)
	// SaveTest changes what people set (name, description, enabled, draft) if
	// the revision is still that of t, else it is a CodeEditConflict.
	SaveTest(ctx context.Context, t Test, e event.Event) (Test, error)
	// SaveDraftRun keeps the result of a run of t's draft; it is a CodeEditConflict
	// if the draft is another one by now.
	SaveDraftRun(ctx context.Context, t Test, r DraftRun, e event.Event) error
	// TestVersions lists the versions of a test by number.
	TestVersions(ctx context.Context, testID int64, r page.Request) (page.Page[Version], error)
	// TestVersion reads one; an absent one is a NotFound.
	TestVersion(ctx context.Context, testID, number int64) (Version, error)
	// GroupsAsOf reads the groups of a test that were in force at a moment, or came
	// into force next after it.
	GroupsAsOf(ctx context.Context, testID int64, at time.Time) ([]Group, error)
	// FindingsAsOf lists the findings that were open at a moment, without their
	// bodies. Their groups are the matching ones of groups, nil where none is.
	FindingsAsOf(ctx context.Context, t Test, groups []Group, at time.Time, r page.Request) (page.Page[Finding], error)
	// CoversAsOf reads the exclusions of a test over a resource that were active at
	// a moment; their RecordID is not filled.
	CoversAsOf(ctx context.Context, testID, resourceID int64, at time.Time) ([]Cover, error)
	// RecordVerdicts reads what the groups in force say of a live record, nothing
	// of a deleted one; one that never was is a NotFound.
	RecordVerdicts(ctx context.Context, resourceID int64, key string) ([]RecordVerdict, error)
	// Intervals lists the findings of a record, open and closed.
	Intervals(ctx context.Context, resourceID int64, key string, r page.Request) (page.Page[Interval], error)
	// Build starts a pass: it publishes version v of the test if it is not
	// published yet, and makes its groups. The groups in force stay until the
	// pass is done.
	Build(ctx context.Context, t Test, v Version, groups []Group, at time.Time, e event.Event) (Test, error)
	// Retire ends a test's groups and findings: disabled or deleted.
	Retire(ctx context.Context, t Test, why CloseReason, at time.Time, e event.Event) error
	// Findings lists the open findings of a test's live groups, those of excluded
	// records among them or not.
	Findings(ctx context.Context, t Test, excluded bool, r page.Request) (page.Page[Finding], error)
	// Ages counts the open findings of a test's live groups, those of excluded
	// records left out, by when they began: after the first of some moments, which
	// descend, then between each two of them, and last before all of them.
	Ages(ctx context.Context, t Test, moments []time.Time) ([]int64, error)
	// RecordsIn lists the records in a state, Pass or Faulty, as findings without an
	// id.
	RecordsIn(ctx context.Context, t Test, state State, r page.Request) (page.Page[Finding], error)
	// ResourceInWorkspace reads a resource of a workspace's connections; an
	// absent one is a NotFound.
	ResourceInWorkspace(ctx context.Context, workspaceID, resourceID int64) (connection.Resource, error)
	// ResourceNamed reads a resource of a workspace's connections by its name; an
	// absent one is a NotFound.
	ResourceNamed(ctx context.Context, workspaceID int64, name string) (connection.Resource, error)
	// ResourceNames lists resources of a workspace's connections by name, of each
	// its ID and Name only, at most limit of them.
	ResourceNames(ctx context.Context, workspaceID int64, limit int) ([]connection.Resource, error)
	// Conditions reads the named conditions of a workspace, in no order, and
	// their revision; an absent workspace is a NotFound.
	Conditions(ctx context.Context, workspaceID int64) (list []Condition, revision int64, err error)
	// Book reads the conditions with the tests that refer to any.
	Book(ctx context.Context, workspaceID int64) (Book, error)
	// PutCondition stores a condition and, in the same transaction, starts the
	// builds. If conditions or tests changed since the book was read, it is a
	// CodeEditConflict and nothing happens.
	PutCondition(ctx context.Context, b Book, c Condition, builds []Build, e event.Event) error
	// DeleteCondition deletes one under the same terms.
	DeleteCondition(ctx context.Context, b Book, name string, e event.Event) error
	// Look runs fn with up to so many readers, one at least, that all see the
	// records of the resources as of one moment: now, or at. An absent resource is
	// a NotFound.
	Look(ctx context.Context, resources []int64, at time.Time, readers int, fn func([]Reader) error) error
	// Sample calls each with live records of a resource, at most n of them, taken
	// from everywhere among its records. It ends early, without an error, when each
	// returns false. body is lent. An absent resource is a NotFound.
	Sample(ctx context.Context, resourceID int64, n int, each func(body []byte) bool) error

	ExclusionStore
	RunStore
	EvaluatorStore
}
