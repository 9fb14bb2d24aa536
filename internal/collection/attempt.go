package collection

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// Bounds of what is written at once.
const (
	batchBytes   = 4 << 20
	batchRecords = 5000
	// tellEvery is how often the progress of a step is stored.
	tellEvery = time.Second
)

// attempt is one run of a collection.
type attempt struct {
	*Runner
	c      Collection
	actor  event.Actor
	ctx    context.Context
	cancel context.CancelCauseFunc

	batch   [][]byte
	bytes   int
	records int64
	opened  bool

	mu    sync.Mutex
	runID int64
	// told is when each step was stored last.
	told map[string]time.Time
}

func (a *attempt) target() Target {
	return Target{ConnectionID: a.c.ConnectionID, ResourceID: a.c.ResourceID}
}

// hold moves the claim on while the run goes on.
func (a *attempt) hold(ctx context.Context) error {
	a.mu.Lock()
	runID := a.runID
	a.mu.Unlock()
	now := a.Now()
	held, cancel, err := a.store.HoldCollection(ctx, a.c.ResourceID, a.c.Claim.Fence, runID, now.Add(claimLife*2/3), now.Add(claimLife))
	switch {
	case err != nil:
		return err
	case !held:
		a.cancel(errLost)
	case cancel:
		a.cancel(errCanceled)
	}
	return nil
}

// run comes to an end, and stores it.
func (a *attempt) run() error {
	var err error
	if a.c.Claim.Orphan {
		err = a.adopt()
	} else {
		err = a.guarded(a.collect)
	}
	if errors.Is(context.Cause(a.ctx), errLost) {
		// Whoever took it over cancels the session.
		return nil
	}
	// What became of it must be noted even if the process stops now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), endTimeout)
	defer cancel()
	f := a.why(err)
	if f != nil {
		a.giveUp(ctx, f)
	}
	return a.store.EndCollection(ctx, a.c.ResourceID, a.c.Claim.Fence, func(c *Collection) event.Event { return a.end(c, f) })
}

// adopt ends what another node began and left.
func (a *attempt) adopt() error {
	a.runID = a.c.Claim.RunID
	s, err := a.Records.Session(a.ctx, a.target(), a.c.Claim.SessionID)
	switch {
	case err == nil && (s.Status == record.Active || s.Status == record.Archived):
		// It died between the last two steps: all is done.
		a.records = s.Staged
		return nil
	case err != nil && fault.CodeOf(err) != fault.CodeNotFound:
		return err
	}
	a.opened = err == nil
	return &failure{at: syncrun.Fetch, code: codeInterrupted, message: "The server stopped in the midst of it, without an end."}
}

// collect does the work.
func (a *attempt) collect() error {
	runID, err := a.runs.Begin(a.ctx, syncrun.Begin{ConnectionID: a.c.ConnectionID, ResourceID: a.c.ResourceID, SessionID: a.c.Claim.SessionID, Actor: a.actor})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.runID = runID
	a.mu.Unlock()
	if err := a.hold(a.ctx); err != nil {
		return err
	}
	secrets, err := a.c.secrets(a.Sealer)
	if err != nil {
		return &failure{at: syncrun.Authenticate, code: codeSecrets, message: "The secrets cannot be read, because the server's key file is another one: give them anew."}
	}
	recipe, err := parse(a.c.Recipe)
	if err != nil {
		return &failure{at: syncrun.Authenticate, code: codeRecipe, message: sentence(err)}
	}
	if err := a.allowed(recipe); err != nil {
		return &failure{at: syncrun.Authenticate, code: "LOCAL_NOT_ALLOWED", message: sentence(err)}
	}
	if err := complete(recipe, a.c.Inputs, secrets); err != nil {
		return &failure{at: syncrun.Authenticate, code: codeInputs, message: sentence(err)}
	}
	if err := recipe.Collect(a.ctx, collect.Run{Inputs: values(recipe, a.c.Inputs, secrets), Outbound: a.Outbound, Now: a.Now(), Local: a.Local,
		Clock: a.Now, Sleep: a.Sleep, Emit: a.emit, Step: a.tell}); err != nil {
		return err
	}
	return a.finish()
}

// emit takes a record, and writes those that have gathered.
func (a *attempt) emit(body []byte) error {
	if err := a.ctx.Err(); err != nil {
		return context.Cause(a.ctx)
	}
	if a.bytes+len(body) > batchBytes || len(a.batch) == batchRecords {
		if err := a.flush(); err != nil {
			return err
		}
	}
	a.batch, a.bytes = append(a.batch, body), a.bytes+len(body)
	return nil
}

// errRefused: the schema refused records, which the sync run names.
var errRefused = errors.New("records were refused")

func (a *attempt) flush() error {
	result, err := a.Records.Upload(a.ctx, a.actor, a.target(), a.c.Claim.SessionID, a.batch)
	if err != nil {
		return err
	}
	a.opened = true
	a.records += int64(len(a.batch)) - result.Failed
	a.batch, a.bytes = nil, 0
	if result.Failed == 0 {
		return nil
	}
	for i, item := range result.Items {
		if item.Err != nil {
			return &failure{code: syncrun.CodeSchema, message: fmt.Sprintf("%d of %d records were refused, so none was taken. The first is number %d: %s",
				result.Failed, len(result.Items), i+1, sentence(item.Err)), cause: errRefused}
		}
	}
	return nil
}

// finish makes what was collected the live records.
func (a *attempt) finish() error {
	empty := a.records == 0 && len(a.batch) == 0
	if empty && !a.c.Guards.AllowEmpty {
		return &failure{at: syncrun.Complete, code: "EMPTY", message: "The system gave no records at all, so the old ones stand. If it may be empty, allow that in the guards."}
	}
	if len(a.batch) > 0 || empty {
		if err := a.flush(); err != nil {
			return err
		}
	}
	// A node that lost its claim must not complete.
	if err := a.hold(a.ctx); err != nil {
		return err
	}
	if a.ctx.Err() != nil {
		return context.Cause(a.ctx)
	}
	guards := record.Guards{MaxDeletePercent: &a.c.Guards.MaxDeletePercent}
	if empty {
		guards.MaxDeletePercent = nil
	}
	done, err := a.Records.Complete(a.ctx, a.actor, a.target(), a.c.Claim.SessionID, guards)
	if err != nil {
		return err
	}
	a.records = done.Session.Staged
	return nil
}

// tell stores what a step does: when it begins and ends, and now and then
// between.
func (a *attempt) tell(s collect.Step) {
	now := a.Now()
	before, begun := a.told[s.Name]
	due := !begun || !s.EndedAt.IsZero() || now.Sub(before) >= tellEvery
	if due {
		if a.told == nil {
			a.told = map[string]time.Time{}
		}
		a.told[s.Name] = now
	}
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), endTimeout)
	defer cancel()
	if err := a.runs.Step(ctx, a.runID, stepOf(s)); err != nil {
		a.log.Warn("note a step of a collection", "resource", a.c.ResourceID, "step", s.Name, "error", err)
	}
}

func stepOf(s collect.Step) syncrun.Step {
	out := syncrun.Step{Name: syncrun.Name(strings.ToUpper(s.Name)), Status: syncrun.StepRunning, StartedAt: s.StartedAt, EndedAt: s.EndedAt, Counts: s.Counts}
	switch {
	case s.Err != nil:
		out.Status, out.Error = syncrun.StepFailed, &syncrun.Error{Code: s.Err.Code, Message: advised(s.Err), Facts: s.Err.Facts}
	case !s.EndedAt.IsZero():
		out.Status = syncrun.StepCompleted
	}
	return out
}

// giveUp tells the run why it ended, and drops the session.
func (a *attempt) giveUp(ctx context.Context, f *failure) {
	var errs []error
	if a.runID != 0 {
		if f.at != "" {
			now := a.Now()
			errs = append(errs, a.runs.Step(ctx, a.runID, syncrun.Step{Name: f.at, Status: syncrun.StepFailed, StartedAt: now, EndedAt: now,
				Error: &syncrun.Error{Code: f.code, Message: f.message}}))
		}
		errs = append(errs, a.runs.End(ctx, a.runID, syncrun.Status(f.status())))
	}
	if a.opened {
		errs = append(errs, a.abandon(ctx, a.actor, a.target(), a.c.Claim.SessionID, lower(f.message)))
	}
	if err := errors.Join(errs...); err != nil {
		a.log.Warn("end a collection", "resource", a.c.ResourceID, "error", err)
	}
}

// end is what a collection is after its run; f is nil if it completed.
func (a *attempt) end(c *Collection, f *failure) event.Event {
	now := a.Now()
	claim := c.Claim
	c.Claim = Claim{Fence: claim.Fence}
	a.mu.Lock()
	c.Last = &Outcome{RunID: a.runID, SessionID: claim.SessionID, Status: Completed, StartedAt: claim.StartedAt, EndedAt: now, Records: a.records}
	a.mu.Unlock()
	if f == nil {
		c.Asked, c.Failures = Asked{}, 0
	} else {
		c.Last.Status, c.Last.Records, c.Last.Code, c.Last.Message = f.status(), 0, f.code, f.message
		f.next(c, claim, now)
	}
	if c.Enabled && (f == nil || c.NextAt.IsZero()) {
		c.NextAt = c.following(now)
	}
	m := map[string]any{"sessionId": claim.SessionID, "runId": c.Last.RunID}
	if f == nil {
		m["records"] = c.Last.Records
		return eventOf(a.actor, now, event.CollectionCompleted, c, "Plumbline collected "+strconv.FormatInt(c.Last.Records, 10)+" records of a resource", m)
	}
	m["code"], m["error"], m["failures"] = f.code, f.message, c.Failures
	if f.status() == Canceled {
		return eventOf(a.actor, now, event.CollectionStopped, c, "A run of a collection ended early: "+lower(f.message), m)
	}
	return eventOf(a.actor, now, event.CollectionFailed, c, "The records of a resource could not be collected: "+lower(f.message), m)
}
