package check

import (
	"context"
	"crypto/sha256"
	"encoding"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/schedule"
	"github.com/plumbline-dev/plumbline/rule"
)

// Trigger is what started a run.
type Trigger string

// The triggers. Runs by push and by time are incremental: they tell what one
// minute of changes, or of moments at which dates flipped, did to a test. The
// others look at all records.
const (
	ByPush      Trigger = "PUSH"
	ByTime      Trigger = "TIME"
	ByPublish   Trigger = "PUBLISH"
	ByManual    Trigger = "MANUAL"
	BySchedule  Trigger = "SCHEDULE"
	ByExclusion Trigger = "EXCLUSION"
)

// Triggers lists the triggers.
var Triggers = []Trigger{ByPush, ByTime, ByPublish, ByManual, BySchedule, ByExclusion}

// Incremental reports whether runs of the trigger look at changes only.
func (t Trigger) Incremental() bool { return t == ByPush || t == ByTime }

// RunState is where a run stands.
type RunState string

// The states of a run. A run that something else made pointless (the test was
// published anew, disabled or deleted) is canceled.
const (
	RunRunning  RunState = "RUNNING"
	RunDone     RunState = "DONE"
	RunCanceled RunState = "CANCELED"
)

// RunStates lists the states.
var RunStates = []RunState{RunRunning, RunDone, RunCanceled}

// TestRun is an occasion on which the verdicts of a test were made or verified.
type TestRun struct {
	ID      int64
	TestID  int64
	Version int64
	Trigger Trigger
	State   RunState
	// KeyID and UserID are the key or the person who caused it, 0 if none did.
	KeyID, UserID int64
	// StartedAt and FinishedAt enclose it; an incremental one is that of a
	// minute and ends with its last change.
	StartedAt  time.Time
	FinishedAt time.Time
	// Result, Reason and Counts are those of the test at the end.
	Result rule.Verdict
	Reason rule.Reason
	Counts Counts
	// Changed is how many verdicts of records it changed, Drift how many of them
	// a pass found to differ from what they should have been.
	Changed, Drift int64
	Parts          []RunPart
}

// RunPart is what a run looks at of one resource.
type RunPart struct {
	RunID    int64
	TestID   int64
	Trigger  Trigger
	Resource int64
	Name     string
	Done     bool
	// Cursor is the id of the last record that a pass covered.
	Cursor int64
	// Total is how many records there were at the beginning, Records how many
	// were evaluated.
	Total, Records int64
	// FromSeq and ToSeq are the changes of the resource at the beginning and at
	// the end; equal ones mean that the records stood still meanwhile.
	FromSeq, ToSeq int64
	SchemaVersion  int64
	// Digest is the state of a [chain] until the part is done, then its sum.
	Digest []byte
}

// Progress is how many records a run has evaluated, and of how many.
func (r TestRun) Progress() (records, of int64) {
	for _, p := range r.Parts {
		records += p.Records
		of += max(p.Total, p.Records)
	}
	return records, of
}

// PartChange moves a part of a run.
type PartChange struct {
	RunID, ResourceID int64
	Cursor            int64
	// Records and Drift are added.
	Records, Drift int64
	ToSeq          int64
	SchemaVersion  int64
	Digest         []byte
	Done           bool
}

// chain is the hash that a run leaves of the records that it evaluated: SHA-256
// over the SHA-256 of each record in turn, see [recordDigest].
type chain struct{ h hash.Hash }

// resumeChain goes on with a chain from its state; nil begins one.
func resumeChain(state []byte) (chain, error) {
	c := chain{sha256.New()}
	if len(state) == 0 {
		return c, nil
	}
	return c, c.h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
}

// state is what [resumeChain] takes; the hash of the standard library always
// has one.
func (c chain) state() []byte {
	b, err := c.h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(err)
	}
	return b
}

func (c chain) sum() []byte { return c.h.Sum(nil) }

// recordDigest appends the SHA-256 of a record to out: of its id, a line break
// and its text as it is stored.
func recordDigest[K string | []byte](out []byte, scratch *[]byte, key K, body []byte) []byte {
	*scratch = append(append(append((*scratch)[:0], key...), '\n'), body...)
	sum := sha256.Sum256(*scratch)
	return append(out, sum[:]...)
}

// ChainDigests is the hash of an incremental run that goes on: SHA-256 over the
// hash so far and that of the next step.
func ChainDigests(before, next []byte) []byte {
	sum := sha256.Sum256(slices.Concat(before, next))
	return sum[:]
}

// DriftEvent tells that a pass found stored verdicts that were not what they
// should have been. They are right again, but there must be none.
func DriftEvent(t Test, runID, drift int64, at time.Time) event.Event {
	e := event.New(event.System(event.SourceScheduled), at, event.TestDrift, event.CategoryMonitor,
		fmt.Sprintf("A full pass over test “%s” corrected %d verdicts that had drifted", t.Name, drift), map[string]any{"runId": runID, "drift": drift})
	e.WorkspaceID, e.TestID, e.TestName = t.WorkspaceID, t.Number, t.Name
	return e
}

// NewRun is a run to be started over all records.
type NewRun struct {
	Test    Test
	Trigger Trigger
	// KeyID and UserID are the key or the person who causes it.
	KeyID, UserID int64
	At            time.Time
	// NextAt, if set, is when the test is due again.
	NextAt time.Time
	Event  event.Event
}

// Day is the state of a test at the end of a day.
type Day struct {
	// Date is the day's beginning, UTC.
	Date   time.Time
	Result rule.Verdict
	Reason rule.Reason
	Counts Counts
}

// RunStore keeps runs and the daily series.
type RunStore interface {
	// StartRun starts a run over the resources of a test. One of the same
	// trigger that is running is returned as it is; one by exclusion begins anew.
	StartRun(ctx context.Context, r NewRun) (TestRun, error)
	// Runs lists the runs of a test.
	Runs(ctx context.Context, t Test, f RunFilter, r page.Request) (page.Page[TestRun], error)
	// Run reads a run of a test; an absent one is a NotFound.
	Run(ctx context.Context, t Test, id int64) (TestRun, error)
	// RunLogic reads what a run judged by.
	RunLogic(ctx context.Context, t Test, r TestRun) (RunLogic, error)
	// CancelRun ends a running run; one that is over is a CodeConflict.
	CancelRun(ctx context.Context, t Test, id int64, at time.Time, e event.Event) (TestRun, error)
	// Days reads the days of a test from one on, and the last one before it, in
	// order.
	Days(ctx context.Context, t Test, from time.Time) ([]Day, error)
	// WorkspaceDays reads the days of the tests that stand in a workspace, from one
	// on and the last one before it of each, in the order of days.
	WorkspaceDays(ctx context.Context, workspaceID int64, from time.Time) ([]TestDay, error)
	// DueRuns lists enabled, published tests whose next run is due, or not
	// reckoned yet.
	DueRuns(ctx context.Context, now time.Time, limit int) ([]Test, error)
	// Reckon sets when a test is due next.
	Reckon(ctx context.Context, t Test, next time.Time) error
	// Freshen writes that resources became stale or fresh again by now: the event
	// of each, and that of each test whose verdict thereby changed, see
	// [Settlement]. It handles up to limit resources and tells how many it was.
	Freshen(ctx context.Context, now time.Time, limit int, aged func(connection.Resource) event.Event, tell func(Test) Settlement) (int, error)
}

// RunFilter narrows a list of runs; zero fields do not.
type RunFilter struct {
	Trigger Trigger
	State   RunState
}

// DefaultSchedule is when tests are verified that say nothing else.
const DefaultSchedule = "0 2 * * *"

// Cron is when the test is verified, as a cron expression.
func (t Test) Cron() string {
	if t.Schedule == "" {
		return DefaultSchedule
	}
	return t.Schedule
}

// NextRun is when the test is verified next, zero while it is not published and
// enabled.
func (t Test) NextRun() time.Time {
	if t.Status() != Enabled {
		return time.Time{}
	}
	return t.NextRunAt
}

func (t *Test) reschedule(text string, now time.Time) error {
	t.Schedule = ""
	if strings.TrimSpace(text) != "" {
		s, err := schedule.Parse(text)
		if err != nil {
			return err
		}
		t.Schedule = s.String()
	}
	t.NextRunAt = t.nextRun(now)
	return nil
}

// nextRun is when a test is due after a moment.
func (t Test) nextRun(after time.Time) time.Time {
	s, err := schedule.Parse(t.Cron())
	if err != nil {
		// What is stored was parsed; a later version may know less.
		s, _ = schedule.Parse(DefaultSchedule)
	}
	return s.Next(after)
}

// Runs lists the runs of a test.
func (s *Service) Runs(ctx context.Context, workspaceID, number int64, f RunFilter, r page.Request) (page.Page[TestRun], error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return page.Page[TestRun]{}, err
	}
	return s.store.Runs(ctx, t, f, r)
}

// Run reads one run of a test.
func (s *Service) Run(ctx context.Context, workspaceID, number, id int64) (TestRun, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return TestRun{}, err
	}
	return s.store.Run(ctx, t, id)
}

// CancelRun ends a run by hand or by schedule before it is done. Runs by
// publication and by exclusion cannot be: the test would stand between two
// states.
func (s *Service) CancelRun(ctx context.Context, a event.Actor, workspaceID, number, id int64) (TestRun, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return TestRun{}, err
	}
	r, err := s.store.Run(ctx, t, id)
	if err != nil {
		return r, err
	}
	if r.Trigger != ByManual && r.Trigger != BySchedule {
		return r, fault.New(fault.CodeConflict, "a run by %s brings a change into force and cannot be canceled: publish another version, or change the exclusion back", r.Trigger)
	}
	return s.store.CancelRun(ctx, t, id, s.now(), s.event(a, event.TestRunCanceled, t, "A run of test “"+t.Name+"” was canceled", map[string]any{"runId": id}))
}

// start starts a run by hand.
func (s *Service) start(ctx context.Context, a event.Actor, t Test) (Test, error) {
	if _, err := s.compile(ctx, t.WorkspaceID, t.Published.Logic); err != nil {
		return t, err
	}
	if len(t.Groups) == 0 {
		// Its first pass is under way, which is a run over all records.
		return t, nil
	}
	_, err := s.store.StartRun(ctx, NewRun{Test: t, Trigger: ByManual, KeyID: a.KeyID, UserID: a.UserID, At: s.now(),
		Event: s.event(a, event.TestRun, t, "Test “"+t.Name+"” was run", map[string]any{"version": t.Published.Number})})
	if err != nil {
		return t, err
	}
	s.wake(t.Groups)
	return s.store.Test(ctx, t.WorkspaceID, t.Number)
}

// maxDays is the longest daily series.
const maxDays = 400

// History is the daily series of a test: the last of days days is today. A day
// on which nothing moved is like the one before it; days before the first
// verdict are left out.
func (s *Service) History(ctx context.Context, workspaceID, number int64, days int) ([]Day, error) {
	if days < 1 || days > maxDays {
		return nil, fault.New(fault.CodeValidation, "`days` must be 1 to %d", maxDays)
	}
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return nil, err
	}
	today := s.now().UTC().Truncate(24 * time.Hour)
	from := today.AddDate(0, 0, 1-days)
	known, err := s.store.Days(ctx, t, from)
	if err != nil {
		return nil, err
	}
	return series(known, from, today), nil
}

// series carries the last known day forward over those on which nothing moved.
func series(known []Day, from, to time.Time) []Day {
	out := []Day{}
	var last *Day
	for date := from; !date.After(to); date = date.AddDate(0, 0, 1) {
		for len(known) > 0 && !known[0].Date.After(date) {
			last, known = &known[0], known[1:]
		}
		if last != nil {
			day := *last
			day.Date = date
			out = append(out, day)
		}
	}
	return out
}
