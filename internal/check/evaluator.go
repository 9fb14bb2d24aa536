package check

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/rule"
)

// chunk is how many records one step evaluates: small enough that pushes get
// between, large enough that a commit is cheap for each.
const chunk = 2000

// Evaluator keeps the states of records, the findings and the verdicts of
// tests in step with the records. Its work is level-triggered: what is to be
// done follows from what is stored (watermark, cursors, flips), so that a
// crash loses nothing and a wake-up too many does no harm.
type Evaluator struct {
	store EvaluatorStore
	tests Store
	now   func() time.Time
	log   *slog.Logger

	mu       sync.Mutex
	programs map[int64]program
	applied  chan struct{}
}

// program is the compiled groups of a resource, kept while they are the same.
type program struct {
	key   string
	rules *rule.Program
	sch   *schema.Schema
}

// NewEvaluator makes an evaluator over a store.
func NewEvaluator(s Store, o Options) *Evaluator {
	return &Evaluator{store: s, tests: s, now: o.Now, log: o.Log, programs: map[int64]program{}, applied: make(chan struct{})}
}

// Pending lists resources that have something to evaluate.
func (e *Evaluator) Pending(ctx context.Context) ([]int64, error) {
	return e.store.Pending(ctx, e.now())
}

// Lease gives a resource to owner for a while, if nobody else has it.
func (e *Evaluator) Lease(ctx context.Context, resourceID int64, owner string, life time.Duration) (bool, error) {
	now := e.now()
	return e.store.Lease(ctx, resourceID, owner, now, now.Add(life))
}

// Release gives back all resources that owner has.
func (e *Evaluator) Release(ctx context.Context, owner string) error {
	return e.store.Release(ctx, owner)
}

// Step evaluates one chunk of a resource and reports whether there is more to
// do. A step that lost a race with another node's changes nothing and reports
// more.
func (e *Evaluator) Step(ctx context.Context, resourceID int64) (more bool, err error) {
	ev, err := e.store.Evaluation(ctx, resourceID)
	if err != nil || len(ev.Groups) == 0 {
		return false, err
	}
	p, err := e.program(ev)
	if err != nil {
		return false, err
	}
	s := newStep(ev, p, e.store, e.now())
	s.markProblems(p.sch)
	if more, err = s.gather(ctx); err != nil || !s.worth() {
		return false, err
	}
	if s.boundary() {
		s.batch.Settle = e.settler(s.batch.At)
	}
	ok, err := e.store.Apply(ctx, s.batch)
	if err != nil {
		return false, fmt.Errorf("apply evaluation of resource %d: %w", resourceID, err)
	}
	e.broadcast()
	return more || !ok, nil
}

func (e *Evaluator) settler(at time.Time) func(Test) Settlement {
	return func(t Test) Settlement {
		parsed, err := rule.ParseTest(t.InForce)
		if err != nil {
			e.log.Error("a published test does not parse", "test", t.ID, "error", err)
			return Settlement{Result: rule.VerdictError, Reason: rule.ReasonRuleError}
		}
		st := settle(t, parsed.Logic)
		text := fmt.Sprintf("Test “%s” is now %s", t.Name, st.Result)
		if st.Reason != "" {
			text += " (" + string(st.Reason) + ")"
		}
		st.Event = event.New(event.System(event.SourceEvaluator), at, event.TestStatusUpdated, event.CategoryMonitor, text,
			map[string]any{"from": t.Result, "to": st.Result, "reason": st.Reason})
		st.Event.WorkspaceID, st.Event.TestID, st.Event.TestName, st.Event.Status = t.WorkspaceID, t.Number, t.Name, string(st.Result)
		return st
	}
}

// program compiles the groups of a resource, or takes them from before.
func (e *Evaluator) program(ev Evaluation) (program, error) {
	var key strings.Builder
	key.WriteString(strconv.FormatInt(ev.Groups[0].Resource.SchemaVersion, 36))
	for _, g := range ev.Groups {
		key.WriteByte(',')
		key.WriteString(strconv.FormatInt(g.ID, 36))
	}
	e.mu.Lock()
	p, ok := e.programs[ev.ResourceID]
	e.mu.Unlock()
	if ok && p.key == key.String() {
		return p, nil
	}
	rules := make([]rule.Rule, len(ev.Groups))
	for i := range ev.Groups {
		rules[i] = rule.NewRule(&ev.Groups[i].Rule)
	}
	compiled, err := rule.Compile(rules)
	if err != nil {
		return p, fmt.Errorf("compile the tests of resource %d: %w", ev.ResourceID, err)
	}
	sch, err := schema.Compile(ev.Groups[0].Resource.Schema)
	if err != nil {
		return p, fmt.Errorf("compile the schema of resource %d: %w", ev.ResourceID, err)
	}
	p = program{key.String(), compiled, sch}
	e.mu.Lock()
	e.programs[ev.ResourceID] = p
	e.mu.Unlock()
	return p, nil
}

func (e *Evaluator) broadcast() {
	e.mu.Lock()
	close(e.applied)
	e.applied = make(chan struct{})
	e.mu.Unlock()
}

// Waited is what a wait for verdicts found.
type Waited struct {
	// Pending is true when the time was up before the verdicts were in.
	Pending bool
	// Failing and Errors count the published tests over the resource (or the
	// one test) by result.
	Failing, Errors int
}

// lookAgain is how often a wait looks at the store by itself: another node may
// be the one that evaluates.
const lookAgain = 100 * time.Millisecond

// Wait blocks until the verdicts of a resource cover its changes up to seq, or
// ctx ends, which is not an error.
func (e *Evaluator) Wait(ctx context.Context, resourceID, seq int64) (Waited, error) {
	pending, err := e.wait(ctx, func() (bool, error) {
		ev, err := e.store.Evaluation(ctx, resourceID)
		return err == nil && ev.covers(seq), err
	})
	if err != nil {
		return Waited{}, err
	}
	tests, err := e.tests.TestsOver(context.WithoutCancel(ctx), resourceID)
	if err != nil {
		return Waited{}, err
	}
	return e.count(tests, pending), nil
}

// WaitTest blocks until a test's pass is done and its resources are evaluated
// up to their present change, or ctx ends.
func (e *Evaluator) WaitTest(ctx context.Context, workspaceID, number int64) (Waited, error) {
	var t Test
	pending, err := e.wait(ctx, func() (bool, error) {
		var err error
		if t, err = e.tests.Test(ctx, workspaceID, number); err != nil || t.Building {
			return false, err
		}
		for _, g := range t.Groups {
			ev, err := e.store.Evaluation(ctx, g.Resource.ID)
			if err != nil || !ev.covers(ev.ChangeSeq) {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return Waited{}, err
	}
	return e.count([]Test{t}, pending), nil
}

func (ev Evaluation) covers(seq int64) bool {
	if len(ev.Groups) == 0 {
		return true
	}
	for _, g := range ev.Groups {
		if g.State == Building {
			return false
		}
	}
	return !ev.Watermark.before(seq)
}

func (e *Evaluator) wait(ctx context.Context, done func() (bool, error)) (pending bool, err error) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		e.mu.Lock()
		applied := e.applied
		e.mu.Unlock()
		ok, err := done()
		if ctx.Err() != nil {
			return true, nil
		}
		if ok || err != nil {
			return false, err
		}
		select {
		case <-ctx.Done():
			return true, nil
		case <-applied:
		case <-tick.C:
		}
	}
}

func (e *Evaluator) count(tests []Test, pending bool) Waited {
	w := Waited{Pending: pending}
	now := e.now()
	for _, t := range tests {
		switch verdict, _ := t.Current(now); verdict {
		case rule.VerdictFailed:
			w.Failing++
		case rule.VerdictError:
			w.Errors++
		}
	}
	return w
}
