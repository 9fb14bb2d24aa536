package check

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// perTick is how many tests, or resources, one look at the clock handles at a
// time.
const perTick = 100

// Tick does what the clock alone brings about: runs that are due begin, and what
// became stale, or fresh again, is told.
func (e *Evaluator) Tick(ctx context.Context) error {
	if err := e.freshen(ctx); err != nil {
		return err
	}
	now := e.now()
	for {
		due, err := e.tests.DueRuns(ctx, now, perTick)
		if err != nil {
			return err
		}
		for _, t := range due {
			if err := e.begin(ctx, t); err != nil {
				return err
			}
		}
		if len(due) < perTick {
			return nil
		}
	}
}

// Next is how long it is until the clock alone changes something next, zero when
// nothing is known to come.
func (e *Evaluator) Next(ctx context.Context) (time.Duration, error) {
	now := e.now()
	next, err := e.store.NextMoment(ctx, now)
	if err != nil || next.IsZero() {
		return 0, err
	}
	return next.Sub(now), nil
}

// begin starts the run of a test that is due. A test that was not reckoned with
// yet, or has nothing in force, only gets its next moment.
func (e *Evaluator) begin(ctx context.Context, t Test) error {
	now := e.now()
	next := t.nextRun(now)
	if t.NextRunAt.IsZero() || len(t.Groups) == 0 {
		return e.tests.Reckon(ctx, t, next)
	}
	_, err := e.tests.StartRun(ctx, NewRun{Test: t, Trigger: BySchedule, At: now, NextAt: next})
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Conflict {
		// Somebody disabled or deleted it at this moment.
		return nil
	}
	return err
}

func (e *Evaluator) freshen(ctx context.Context) error {
	for {
		now := e.now()
		n, err := e.tests.Freshen(ctx, now, perTick,
			func(r connection.Resource) event.Event { return agedEvent(r, now) },
			func(t Test) Settlement { return tell(t, Settlement{Result: t.Result, Reason: t.Reason}, now) })
		if err != nil || n < perTick {
			return err
		}
	}
}

// agedEvent tells that a resource is stale, or fresh again, at a moment.
func agedEvent(r connection.Resource, now time.Time) event.Event {
	ty, text := event.ConnectionFresh, "Resource “%s” has fresh data again"
	if r.Stale(now) {
		ty, text = event.ConnectionStale, "Resource “%s” has had no data for longer than its limit"
	}
	e := event.New(event.System(event.SourceScheduled), now, ty, event.CategoryConnection, fmt.Sprintf(text, r.Name), map[string]any{
		"resourceId": r.ID, "resourceName": r.Name, "freshAt": r.FreshAt, "freshnessHours": r.FreshnessHours})
	e.ConnectionID = r.ConnectionID
	return e
}
