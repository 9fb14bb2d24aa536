// Package worker runs what goes on beside the requests: the evaluation of
// changed records and the sweep of what is over.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Evaluator is the part of check.Evaluator that is driven from here.
type Evaluator interface {
	// Pending lists resources that have something to evaluate.
	Pending(ctx context.Context) ([]int64, error)
	// Leased reports whether somebody else than owner has a resource.
	Leased(ctx context.Context, resourceID int64, owner string) (bool, error)
	// Lease gives a resource to owner for a while, if nobody else has it.
	Lease(ctx context.Context, resourceID int64, owner string, life time.Duration) (bool, error)
	// Release gives a resource back that owner has.
	Release(ctx context.Context, resourceID int64, owner string) error
	// Tick does what the clock alone brings about.
	Tick(ctx context.Context) error
	// Next is how long it is until the clock alone changes something, zero when
	// nothing is known to come.
	Next(ctx context.Context) (time.Duration, error)
	// Step evaluates one chunk and reports whether there is more.
	Step(ctx context.Context, resourceID int64) (more bool, err error)
}

// Options are what a Worker needs.
type Options struct {
	Evaluator Evaluator
	// Beside is other work by its name, which is asked every second to do a part
	// of what is due and to report whether there is more.
	Beside map[string]func(ctx context.Context) (more bool, err error)
	// Sweep, if set, is called every minute.
	Sweep func(ctx context.Context) error
	Log   *slog.Logger
	// Owner names this process among the nodes on one database.
	Owner string
}

const (
	// lanes is how many resources are evaluated side by side.
	lanes = 2
	// turn is how many steps a resource takes before it lets others in.
	turn = 16
	// look is how often the store is asked for work at least: what another node
	// woke and what a crash left. What the clock brings about is looked for at its
	// moment.
	look = time.Second
	// shortest is the least time between two looks: moments lie close together.
	shortest = 10 * time.Millisecond
	// sweep is how often what is over is cleaned up.
	sweep = time.Minute
	// unleased is how many steps are taken before a resource is leased: what a
	// push leaves to do takes fewer, and should two nodes do it the store applies
	// it once.
	unleased = 4
	// leaseLife is how long a node that died keeps a resource, leaseRenew how
	// often a lease is renewed.
	leaseLife  = 3 * time.Second
	leaseRenew = time.Second
)

// Worker drives the evaluator. A wake-up is a hint only: what there is to do
// follows from the store.
type Worker struct {
	o Options

	mu     sync.Mutex
	queued []int64
	// state tells of each resource that is queued or at work whether it was
	// woken again meanwhile.
	state map[int64]*work
	ready chan struct{}
}

type work struct{ running, again bool }

// New makes a worker; Run starts it.
func New(o Options) *Worker {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{o: o, state: map[int64]*work{}, ready: make(chan struct{}, lanes)}
}

// Wake tells that a resource has something to evaluate. It never blocks.
func (w *Worker) Wake(resourceID int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.state[resourceID]; s != nil {
		s.again = s.running
		return
	}
	w.state[resourceID] = &work{}
	w.queued = append(w.queued, resourceID)
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns after the steps under way.
func (w *Worker) Run(ctx context.Context) error {
	var lanesDone sync.WaitGroup
	for range lanes {
		lanesDone.Go(func() { w.lane(ctx) })
	}
	if w.o.Sweep != nil {
		lanesDone.Go(func() { w.sweep(ctx) })
	}
	for name, step := range w.o.Beside {
		lanesDone.Go(func() { w.beside(ctx, name, step) })
	}
	for ctx.Err() == nil {
		if err := w.o.Evaluator.Tick(ctx); err != nil && ctx.Err() == nil {
			w.o.Log.Error("look at the clock", "error", err)
		}
		pending, err := w.o.Evaluator.Pending(ctx)
		if err != nil && ctx.Err() == nil {
			w.o.Log.Error("look for work", "error", err)
		}
		for _, id := range pending {
			w.Wake(id)
		}
		wait := time.NewTimer(w.untilNext(ctx))
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
	}
	lanesDone.Wait()
	return nil
}

// untilNext is how long the next look at the store can wait.
func (w *Worker) untilNext(ctx context.Context) time.Duration {
	next, err := w.o.Evaluator.Next(ctx)
	if err != nil && ctx.Err() == nil {
		w.o.Log.Error("look at the clock", "error", err)
	}
	if next <= 0 || next > look {
		return look
	}
	return max(next, shortest)
}

func (w *Worker) sweep(ctx context.Context) {
	tick := time.NewTicker(sweep)
	defer tick.Stop()
	for {
		if err := w.o.Sweep(ctx); err != nil && ctx.Err() == nil {
			w.o.Log.Error("sweep", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *Worker) beside(ctx context.Context, name string, step func(context.Context) (bool, error)) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = guarded(ctx, step); err != nil && ctx.Err() == nil {
				w.o.Log.Error(name, "error", err)
				more = false
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// guarded is a step in which a panic is an error: one object must not stop the
// process, which would meet it again after its restart.
func guarded(ctx context.Context, step func(context.Context) (bool, error)) (more bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			more, err = false, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return step(ctx)
}

// lane evaluates one resource after the other.
func (w *Worker) lane(ctx context.Context) {
	for {
		id, ok := w.take()
		if ok {
			w.release(id, w.evaluate(ctx, id))
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-w.ready:
		}
	}
}

func (w *Worker) take() (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queued) == 0 {
		return 0, false
	}
	id := w.queued[0]
	w.queued = w.queued[1:]
	w.state[id].running = true
	return id, true
}

func (w *Worker) release(id int64, more bool) {
	w.mu.Lock()
	again := more || w.state[id].again
	delete(w.state, id)
	w.mu.Unlock()
	if again {
		w.Wake(id)
	}
}

// evaluate takes steps until nothing is left to do, or its turn is over and
// others wait; then it reports more. A failure is logged and left to the next
// look.
func (w *Worker) evaluate(ctx context.Context, id int64) (more bool) {
	if elsewhere, err := w.o.Evaluator.Leased(ctx, id, w.o.Owner); err != nil || elsewhere {
		w.report(ctx, "look for the lease of a resource", id, err)
		return false
	}
	// Whoever saw the lease kept away: what came just before it was given back
	// is found by another look.
	for {
		more, leased := w.steps(ctx, id)
		if !leased {
			return more
		}
		w.giveBack(ctx, id)
		if more || ctx.Err() != nil {
			return more
		}
	}
}

// steps takes steps, and a lease if they are many.
func (w *Worker) steps(ctx context.Context, id int64) (more, leased bool) {
	var renewed time.Time
	for n := 1; ctx.Err() == nil; n++ {
		if n > unleased && time.Since(renewed) > leaseRenew {
			ok, err := w.o.Evaluator.Lease(ctx, id, w.o.Owner, leaseLife)
			if err != nil || !ok {
				w.report(ctx, "lease a resource", id, err)
				return false, leased
			}
			renewed, leased = time.Now(), true
		}
		more, err := w.step(ctx, id)
		if err != nil {
			w.report(ctx, "evaluate a resource", id, err)
			return false, leased
		}
		if !more {
			return false, leased
		}
		if n >= turn && w.othersWait() {
			return true, leased
		}
	}
	return false, leased
}

// giveBack ends a lease, also when the worker is stopping: another node, or this
// one started again, need not wait until it runs out.
func (w *Worker) giveBack(ctx context.Context, id int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseLife)
	defer cancel()
	w.report(ctx, "give back a resource", id, w.o.Evaluator.Release(ctx, id, w.o.Owner))
}

// step is one step of the evaluator.
func (w *Worker) step(ctx context.Context, id int64) (more bool, err error) {
	return guarded(ctx, func(ctx context.Context) (bool, error) { return w.o.Evaluator.Step(ctx, id) })
}

func (w *Worker) othersWait() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queued) > 0
}

func (w *Worker) report(ctx context.Context, what string, id int64, err error) {
	if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		w.o.Log.Error(what, "resource", id, "error", err)
	}
}
