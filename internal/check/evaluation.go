package check

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/rule"
)

// Mark is a place in the changes of a resource: all changes up to Seq, and of
// the change Seq+… the records up to ID, are evaluated. Changes are ordered by
// (Seq, ID).
type Mark struct{ Seq, ID int64 }

// Whole is the Mark after all of change seq.
func Whole(seq int64) Mark { return Mark{seq, 1<<63 - 1} }

// Covers reports whether all of change seq lies before the Mark.
func (m Mark) Covers(seq int64) bool { return m.Seq > seq || m == Whole(seq) }

// Evaluation is where the evaluator stands with one resource.
type Evaluation struct {
	ResourceID int64
	Resource   connection.Resource
	// Epoch fences: a batch is applied only if no other one was since.
	Epoch     int64
	Watermark Mark
	// ChangeSeq is the resource's last change.
	ChangeSeq int64
	// Deleted is true once the resource's connection is deleted.
	Deleted bool
	Groups  []Group
	// Lookups are what groups ask the records of the resource; their values
	// follow its changes up to Answered.
	Lookups  []Lookup
	Answered Mark
	// Stirred is true while values came or left for which records of the
	// resource may ask.
	Stirred bool
	// Selectors are the exclusions by selector that no end is marked of, in the
	// order of their ids, of tests that have a group here.
	Selectors []Cover
	// Recorded is true if there are exclusions of single records too.
	Recorded bool
	// Expires is when the first exclusion ends by time that no end is marked of,
	// zero without one.
	Expires time.Time
	// Parts are those of runs over all records that are not done, LastRecord the
	// id of the last live record; both only where there are runs.
	Parts      []RunPart
	LastRecord int64
}

// Verdict is what the groups of a resource say of one record.
type Verdict struct {
	// States has one State per slot; a slot past its end is NoState.
	States string
	// Flip is the earliest moment at which a state can change without a
	// change of the record; zero: never.
	Flip time.Time
}

// Subject is a record to be evaluated, with what was said of it before.
type Subject struct {
	ID      int64
	Key     string
	Body    []byte
	Deleted bool
	// At is when the record took this form.
	At   time.Time
	Mark Mark
	Old  Verdict
}

// VerdictChange is a new verdict of a record; Deleted removes it.
type VerdictChange struct {
	RecordID int64
	Verdict  Verdict
	Deleted  bool
}

// Opening is the beginning of a finding.
type Opening struct {
	TestID, GroupID, RecordID int64
	Key                       string
	At                        time.Time
	// Early is true for a group that is not in force yet: where the record fails a
	// group that is, the finding began with that one's.
	Early bool
}

// Closing is the end of a finding.
type Closing struct {
	GroupID, RecordID int64
	Why               CloseReason
	At                time.Time
	// Early is true for a group that is not in force yet: the finding never
	// counted and leaves nothing.
	Early bool
}

// UniqueValue is the value of a record under a group that asserts uniqueness;
// the empty value removes it. That of an excluded record is not seen by others.
type UniqueValue struct {
	GroupID, RecordID int64
	Value             string
	Excluded          bool
}

// Holders are the excluded records that have one of some values under a group
// asserting uniqueness.
type Holders struct {
	GroupID int64
	Values  []string
}

// GroupChange moves a group's counters, cursor and state.
type GroupChange struct {
	ID      int64
	Counts  Counts
	Cursor  int64
	State   GroupState
	Problem Problem
}

// Batch is one step of the evaluator, applied in one transaction.
type Batch struct {
	ResourceID int64
	Epoch      int64
	Watermark  Mark
	Answered   Mark
	At         time.Time
	Verdicts   []VerdictChange
	Opened     []Opening
	Closed     []Closing
	Unique     []UniqueValue
	Groups     []GroupChange
	Lookups    []LookupChange
	// Values are given by the resource's records, Asks are what they ask for.
	Values, Asks LookupDifference
	// Seen, unless zero, ends the changes of values that were looked into.
	Seen Seen
	// Stir makes excluded records due, whose value others came to have or lost.
	Stir []Holders
	// Fixed are exclusions that ended because their record was mended.
	Fixed []int64
	// Expired is true if exclusions of the resource ended by time at At.
	Expired bool
	// Trigger is what the step follows, Moved how many verdicts it changed by
	// group. Evaluated and Digest tell what it looked at: how many records, and
	// the sum of their [chain], where a verdict changed.
	Trigger   Trigger
	Moved     map[int64]int64
	Evaluated int64
	Digest    []byte
	Parts     []PartChange
	// Settle, when set, is called with each test that has a group here, after
	// the step's changes, and tells its new verdict. It is left out in the
	// middle of a change of many records, so that no mixed verdict shows.
	Settle func(t Test) Settlement
}

// Recount is what is stored of the records of a group, counted.
type Recount struct {
	// Group has its counters of the same moment.
	Group   Group
	Letters map[State]int64
	// Findings are the open ones of records, Founded those of them whose record
	// fails.
	Findings, Founded int64
}

// LookupDifference is what changes in a set of values.
type LookupDifference struct{ Come, Gone []LookupValue }

// Settlement is the verdict of a test at the end of a step.
type Settlement struct {
	Result rule.Verdict
	Reason rule.Reason
	// SetFindings tells for each group that asserts `count` whether its one
	// finding is open.
	SetFindings map[int64]bool
	// Told is the result with staleness laid over it.
	Told rule.Verdict
	// Event is appended if what it tells changed: the result or its reason, or
	// whether stale data hides it.
	Event event.Event
}

// EvaluatorStore keeps what the evaluator knows of records.
type EvaluatorStore interface {
	// Pending lists resources with work: changes above the watermark, groups
	// to build, or flips due at now.
	Pending(ctx context.Context, now time.Time) ([]int64, error)
	// NextMoment is the first moment after now at which a flip is due, data
	// becomes stale, an exclusion ends or a run is due; zero without one.
	NextMoment(ctx context.Context, now time.Time) (time.Time, error)
	// Leased reports whether somebody else than owner has the resource.
	Leased(ctx context.Context, resourceID int64, owner string, now time.Time) (bool, error)
	// Lease gives the resource to owner until a moment, if nobody else has it.
	Lease(ctx context.Context, resourceID int64, owner string, now, until time.Time) (bool, error)
	// Release ends owner's lease of the resource.
	Release(ctx context.Context, resourceID int64, owner string) error
	Evaluation(ctx context.Context, resourceID int64) (Evaluation, error)
	// Progress reads how far the evaluation of a resource came, which costs little.
	Progress(ctx context.Context, resourceID int64) (Progress, error)
	// TestProgress lists the resources that the groups in force of a test look at,
	// and tells whether others are being built.
	TestProgress(ctx context.Context, testID int64) (resources []int64, building bool, err error)
	// Changes reads changed and deleted records after a mark, in its order, at
	// most limit of them; more tells that there may be others. As everywhere here
	// large records end a read early, but one is always read.
	Changes(ctx context.Context, resourceID int64, after Mark, limit int) (list []Subject, more bool, err error)
	// Due reads records whose flip is due.
	Due(ctx context.Context, resourceID int64, now time.Time, limit int) ([]Subject, error)
	// Rows reads live records by id, and among them those that were deleted
	// after a mark: a pass must not step over them, because the change that
	// deleted them is still to come.
	Rows(ctx context.Context, resourceID int64, since Mark, afterID int64, limit int) (list []Subject, more bool, err error)
	// Subjects reads live records by ids, without their bodies; absent ones are
	// left out.
	Subjects(ctx context.Context, resourceID int64, ids []int64) ([]Subject, error)
	// UniqueValues reads the values of records under a group.
	UniqueValues(ctx context.Context, groupID int64, records []int64) (map[int64]UniqueValue, error)
	// UniqueMembers reads records that have a value and are not excluded, for each
	// of some values up to as many as stand with it.
	UniqueMembers(ctx context.Context, groupID int64, values map[string]int) (map[string][]int64, error)
	// LookupValues reads the values that records give to lookups.
	LookupValues(ctx context.Context, lookups, records []int64) ([]LookupValue, error)
	// LookupAsks reads the values for which records ask.
	LookupAsks(ctx context.Context, records []int64) ([]LookupValue, error)
	// Presence tells which of the values some record gives to a lookup; sure is
	// false when a record gives [Unevaluable].
	Presence(ctx context.Context, lookupID int64, values []string) (found map[string]bool, sure bool, err error)
	// Stirred reads records of a resource that ask for values which came or
	// left, at most limit of them.
	Stirred(ctx context.Context, resourceID int64, limit int) (Stirred, error)
	// RecordCovers reads the exclusions of single records, named by their keys or
	// with nil of all, that no end is marked of.
	RecordCovers(ctx context.Context, resourceID int64, keys []string) ([]Cover, error)
	// Reread reads live records by ids; absent ones are left out, and none of
	// them counts as changed now.
	Reread(ctx context.Context, ids []int64) ([]Subject, error)
	// Walk reads, at one moment, the live records with after < id < end in the
	// order of their ids.
	Walk(ctx context.Context, resourceID, after, end int64, each func(*Walked) error) error
	// Recount counts, at one moment, the stored verdicts and open findings of the
	// groups of a resource that are built.
	Recount(ctx context.Context, resourceID int64) ([]Recount, error)
	// MendFindings opens and closes findings of a group so that they are those of
	// its stored verdicts.
	MendFindings(ctx context.Context, g Group, at time.Time) error
	// SweepGroups closes or deletes up to limit rows of what groups left that are
	// over; as many as limit means that there may be more.
	SweepGroups(ctx context.Context, limit int) (int64, error)
	// SweepLookups deletes up to limit rows of what retired lookups left; as
	// many as limit means that there may be more.
	SweepLookups(ctx context.Context, limit int) (int64, error)
	// Apply applies a step; false means that another step came first.
	Apply(ctx context.Context, b Batch) (bool, error)
}
