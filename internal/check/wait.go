package check

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/rule"
)

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
		return e.covered(ctx, resourceID, seq)
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
	t, err := e.tests.Test(context.WithoutCancel(ctx), workspaceID, number)
	if err != nil {
		return Waited{}, err
	}
	pending, err := e.wait(ctx, func() (bool, error) {
		resources, building, err := e.store.TestProgress(ctx, t.ID)
		if err != nil || building {
			return false, err
		}
		for _, id := range resources {
			if ok, err := e.covered(ctx, id, 0); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return Waited{}, err
	}
	if t, err = e.tests.Test(context.WithoutCancel(ctx), workspaceID, number); err != nil {
		return Waited{}, err
	}
	return e.count([]Test{t}, pending), nil
}

// covered reports whether the verdicts of a resource, and those that look its
// records up, cover its changes up to seq, or with 0 all of them.
func (e *Evaluator) covered(ctx context.Context, resourceID, seq int64) (bool, error) {
	p, err := e.store.Progress(ctx, resourceID)
	if seq == 0 {
		seq = p.ChangeSeq
	}
	// The clock is read last: a step that was applied just before may have made a
	// record due at its own moment.
	now := e.now()
	if p.due(now) {
		// What became due by time alone has woken nobody yet.
		e.changed(resourceID)
	}
	return err == nil && p.covers(seq, now), err
}

// Progress is how far the evaluation of a resource came. The zero value is that
// of a resource that nobody evaluates.
type Progress struct {
	ChangeSeq           int64
	Watermark, Answered Mark
	// Groups and Lookups tell whether there are any, Building whether one of them
	// is being built.
	Groups, Lookups, Building bool
	// Stirred is that of [Evaluation], AskersStirred that of the other resources
	// whose groups look records of this one up.
	Stirred, AskersStirred bool
	// Flip is the first flip, which a changed exclusion makes due too; zero without
	// one.
	Flip time.Time
}

func (p Progress) due(now time.Time) bool { return !p.Flip.IsZero() && !p.Flip.After(now) }

func (p Progress) covers(seq int64, now time.Time) bool {
	return !p.Building && !p.AskersStirred && !(p.Lookups && p.Answered.before(seq)) &&
		!(p.Groups && (p.Stirred || p.due(now) || p.Watermark.before(seq)))
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
