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

// maxPrograms is how many resources have their compiled groups kept; one more
// and they are all compiled anew when it is their turn.
const maxPrograms = 1000

// Evaluator keeps the states of records, the findings and the verdicts of
// tests in step with the records. Its work is level-triggered: what is to be
// done follows from what is stored (watermark, cursors, flips), so that a
// crash loses nothing and a wake-up too many does no harm.
type Evaluator struct {
	store EvaluatorStore
	tests Store
	now   func() time.Time
	log   *slog.Logger
	span  int64
	// changed is told that another resource has something to evaluate.
	changed func(resourceID int64)

	mu       sync.Mutex
	programs map[int64]program
	applied  chan struct{}
}

// program is the compiled groups of a resource, kept while they are the same.
type program struct {
	key   string
	rules *rule.Program
	sch   *schema.Schema
	// sources are the questions of the lookups, asked the schemas of the
	// resources that the groups ask.
	sources *rule.Program
	asked   map[int64]*schema.Schema
}

// NewEvaluator makes an evaluator over a store.
func NewEvaluator(s Store, o Options) *Evaluator {
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	if o.Span == 0 {
		o.Span = span
	}
	return &Evaluator{store: s, tests: s, span: o.Span, now: o.Now, log: o.Log, changed: o.Changed, programs: map[int64]program{}, applied: make(chan struct{})}
}

// Pending lists resources that have something to evaluate.
func (e *Evaluator) Pending(ctx context.Context) ([]int64, error) {
	return e.store.Pending(ctx, e.now())
}

// Leased reports whether somebody else than owner has a resource.
func (e *Evaluator) Leased(ctx context.Context, resourceID int64, owner string) (bool, error) {
	return e.store.Leased(ctx, resourceID, owner, e.now())
}

// Lease gives a resource to owner for a while, if nobody else has it.
func (e *Evaluator) Lease(ctx context.Context, resourceID int64, owner string, life time.Duration) (bool, error) {
	now := e.now()
	return e.store.Lease(ctx, resourceID, owner, now, now.Add(life))
}

// Release gives a resource back that owner has.
func (e *Evaluator) Release(ctx context.Context, resourceID int64, owner string) error {
	return e.store.Release(ctx, resourceID, owner)
}

// Sweep ends what groups leave that are over, and what lookups leave that nobody
// asks any more.
func (e *Evaluator) Sweep(ctx context.Context) error {
	for _, sweep := range []func(context.Context, int) (int64, error){e.store.SweepGroups, e.store.SweepLookups} {
		for n := int64(chunk); n >= chunk; {
			var err error
			if n, err = sweep(ctx, chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

// Step evaluates one chunk of a resource and reports whether there is more to
// do. A step that lost a race with another node's changes nothing and reports
// more.
func (e *Evaluator) Step(ctx context.Context, resourceID int64) (more bool, err error) {
	ev, err := e.store.Evaluation(ctx, resourceID)
	if err != nil {
		return false, err
	}
	if len(ev.Groups) == 0 && len(ev.Lookups) == 0 && len(ev.Parts) == 0 {
		e.forget(resourceID)
		return false, nil
	}
	s, err := e.newStep(ev, e.now())
	if err != nil {
		return false, err
	}
	if more, err = s.gather(ctx); err != nil {
		return false, err
	}
	if s.worth() {
		ok, err := e.apply(ctx, s)
		return more || !ok || ev.settled(), err
	}
	if !more && ev.settled() {
		return e.pass(ctx, ev, s.rules)
	}
	return more, nil
}

// write applies a step that has anything to apply; false means that another one
// came first.
func (e *Evaluator) write(ctx context.Context, s *step) (bool, error) {
	if !s.worth() {
		return true, nil
	}
	return e.apply(ctx, s)
}

// apply writes a step down; false means that another one came first.
func (e *Evaluator) apply(ctx context.Context, s *step) (bool, error) {
	if s.boundary() {
		s.batch.Settle = e.settle
	}
	ok, err := e.store.Apply(ctx, s.batch)
	if err != nil {
		return false, fmt.Errorf("apply evaluation of resource %d: %w", s.ev.ResourceID, err)
	}
	e.broadcast()
	if ok && s.batch.Values.size()+len(s.batch.Lookups) > 0 {
		for _, l := range s.ev.Lookups {
			for _, asker := range l.Askers {
				e.changed(asker)
			}
		}
	}
	return ok, nil
}

// settle is called with the test locked. Staleness is that of this moment: since
// the step began somebody may have told that data became stale.
func (e *Evaluator) settle(t Test) Settlement {
	st := Settlement{Result: rule.VerdictError, Reason: rule.ReasonRuleError}
	if parsed, err := rule.ParseTest(t.InForce); err != nil {
		e.log.Error("a published test does not parse", "test", t.ID, "error", err)
	} else {
		st = settle(t, parsed.Logic)
	}
	return tell(t, st, e.now())
}

// tell lays staleness over a settlement and makes its event.
func tell(t Test, st Settlement, at time.Time) Settlement {
	was := t.Told
	t.Result, t.Reason = st.Result, st.Reason
	is, why := t.Current(at)
	st.Told = is
	text := fmt.Sprintf("Test “%s” is now %s", t.Name, is)
	if why != "" {
		text += " (" + why + ")"
	}
	st.Event = event.New(event.System(event.SourceEvaluator), at, event.TestStatusUpdated, event.CategoryMonitor, text,
		map[string]any{"from": was, "to": is, "reason": why})
	st.Event.WorkspaceID, st.Event.TestID, st.Event.TestName, st.Event.Status = t.WorkspaceID, t.Number, t.Name, string(is)
	return st
}

// program compiles the groups of a resource, or takes them from before.
func (e *Evaluator) program(ev Evaluation) (program, error) {
	var key strings.Builder
	key.WriteString(strconv.FormatInt(ev.Resource.SchemaVersion, 36))
	for _, g := range ev.Groups {
		key.WriteByte(',')
		key.WriteString(strconv.FormatInt(g.ID, 36))
		for _, a := range g.Asks {
			key.WriteByte('.')
			key.WriteString(strconv.FormatInt(a.Resource.SchemaVersion, 36))
		}
	}
	for _, l := range ev.Lookups {
		key.WriteByte(';')
		key.WriteString(strconv.FormatInt(l.ID, 36))
	}
	for _, x := range ev.Selectors {
		fmt.Fprintf(&key, "!%x.%x", x.ID, x.Version)
	}
	e.mu.Lock()
	p, ok := e.programs[ev.ResourceID]
	e.mu.Unlock()
	if ok && p.key == key.String() {
		return p, nil
	}
	rules := make([]rule.Rule, len(ev.Groups), len(ev.Groups)+len(ev.Selectors))
	for i := range ev.Groups {
		rules[i] = rule.NewRule(&ev.Groups[i].Rule)
	}
	for _, x := range ev.Selectors {
		r, err := x.rule()
		if err != nil {
			return p, err
		}
		rules = append(rules, r)
	}
	compiled, err := rule.Compile(rules)
	if err != nil {
		return p, fmt.Errorf("compile the tests of resource %d: %w", ev.ResourceID, err)
	}
	p = program{key: key.String(), rules: compiled, asked: map[int64]*schema.Schema{}}
	questions := make([]rule.Rule, len(ev.Lookups))
	for i := range ev.Lookups {
		questions[i] = ev.Lookups[i].Question.Rule()
	}
	if p.sources, err = rule.Compile(questions); err != nil {
		return p, fmt.Errorf("compile the lookups into resource %d: %w", ev.ResourceID, err)
	}
	if p.sch, err = schema.Compile(ev.Resource.Schema); err != nil {
		return p, fmt.Errorf("compile the schema of resource %d: %w", ev.ResourceID, err)
	}
	for _, g := range ev.Groups {
		for _, a := range g.Asks {
			if p.asked[a.Resource.ID], err = schema.Compile(a.Resource.Schema); err != nil {
				return p, fmt.Errorf("compile the schema of resource %d: %w", a.Resource.ID, err)
			}
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.programs) >= maxPrograms {
		clear(e.programs)
	}
	e.programs[ev.ResourceID] = p
	return p, nil
}

// forget drops the program of a resource that nobody tests any more.
func (e *Evaluator) forget(resourceID int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.programs, resourceID)
}

func (e *Evaluator) broadcast() {
	e.mu.Lock()
	close(e.applied)
	e.applied = make(chan struct{})
	e.mu.Unlock()
}
