package collection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
)

const (
	// look is how often the store is asked for what is due.
	look = time.Second
	// claimLife is after how long the run of a node that died is over. The node
	// moves the end on three times in that.
	claimLife = time.Minute
	// sideBySide is how many collections run on a node at once.
	sideBySide = 2
	// endTimeout is how long the store may take to note an end while the process
	// stops.
	endTimeout = 10 * time.Second
)

// Runs keeps what a run tells; syncrun.Service is one.
type Runs interface {
	Begin(ctx context.Context, b syncrun.Begin) (int64, error)
	Step(ctx context.Context, runID int64, s syncrun.Step) error
	End(ctx context.Context, runID int64, status syncrun.Status) error
}

// Runner runs the collections that are due. It looks at the store alone, so
// several may run on one database.
type Runner struct {
	store RunStore
	Options
	runs  Runs
	owner string
	log   *slog.Logger

	mu    sync.Mutex
	at    map[int64]*attempt
	group sync.WaitGroup
}

// RunnerOptions are what a Runner needs beyond Options.
type RunnerOptions struct {
	Runs Runs
	// Owner names this process among the nodes on one database.
	Owner string
	Log   *slog.Logger
}

// NewRunner makes a runner; Run starts it.
func NewRunner(s RunStore, o Options, r RunnerOptions) *Runner {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{store: s, Options: o, runs: r.Runs, owner: r.Owner, log: r.Log, at: map[int64]*attempt{}}
}

// Reasons for which a run is broken off.
var (
	errStopped  = errors.New("the server was stopped in the midst of it; it runs again when a server is there")
	errCanceled = errors.New("it was cancelled")
	errLost     = errors.New("another node has taken the run over")
)

// Run collects until ctx ends; then it breaks off what is under way and waits
// for that.
func (r *Runner) Run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := r.Step(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("look for collections", "error", err)
		}
		select {
		case <-ctx.Done():
			r.Stop()
			return nil
		case <-tick.C:
		}
	}
}

// Step holds the claims of what runs here, and begins what is due as long as
// there is room. It does not wait for what it begins.
func (r *Runner) Step(ctx context.Context) error {
	err := r.hold(ctx)
	r.mu.Lock()
	free := sideBySide - len(r.at)
	r.mu.Unlock()
	if free <= 0 {
		return err
	}
	now := r.Now()
	claimed, due := r.store.ClaimCollections(ctx, now, free, func(c *Collection) []event.Event { return r.take(c, now) })
	for _, c := range claimed {
		r.begin(ctx, c)
	}
	return errors.Join(err, due)
}

// Wait waits until nothing runs here.
func (r *Runner) Wait() { r.group.Wait() }

// Stop breaks off what runs here, and waits for that.
func (r *Runner) Stop() {
	r.mu.Lock()
	for _, a := range r.at {
		a.cancel(errStopped)
	}
	r.mu.Unlock()
	r.Wait()
}

// cancel breaks off the run of a resource, if it is here.
func (r *Runner) cancel(resourceID int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.at[resourceID]; a != nil {
		a.cancel(errCanceled)
	}
}

// take makes a claim of a collection that is due. An orphaned one keeps its
// session, which must be cancelled before another is opened.
func (r *Runner) take(c *Collection, now time.Time) []event.Event {
	orphan := c.Claim.Owner != ""
	c.Claim.Owner, c.Claim.Until, c.Claim.Fence, c.Claim.Orphan = r.owner, now.Add(claimLife), c.Claim.Fence+1, orphan
	if orphan {
		return nil
	}
	c.Claim.SessionID, c.Claim.RunID, c.Claim.StartedAt, c.Claim.Revision, c.Claim.CancelAsked = "collection-"+uuid.NewString(), 0, now, c.Revision, false
	return []event.Event{eventOf(r.actor(c), now, event.CollectionStarted, c, "Plumbline began to collect the records of a resource",
		map[string]any{"sessionId": c.Claim.SessionID})}
}

// actor is who a run is of: the person who asked for it, else the clock.
func (r *Runner) actor(c *Collection) event.Actor {
	a := event.System(event.SourceScheduled)
	if !c.Asked.At.IsZero() {
		a.UserID, a.KeyID = c.Asked.UserID, c.Asked.KeyID
	}
	return a
}

func (r *Runner) begin(ctx context.Context, c Collection) {
	// What began must come to its end though ctx ends: Stop says so.
	base, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	a := &attempt{Runner: r, c: c, actor: r.actor(&c), ctx: base, cancel: cancel}
	r.mu.Lock()
	r.at[c.ResourceID] = a
	r.mu.Unlock()
	r.group.Go(func() {
		defer func() {
			cancel(nil)
			r.mu.Lock()
			delete(r.at, c.ResourceID)
			r.mu.Unlock()
		}()
		if err := a.run(); err != nil {
			r.log.Error("collect", "resource", c.ResourceID, "error", err)
		}
	})
}

// hold moves the claims of what runs here on, and breaks off what was lost or is
// to end.
func (r *Runner) hold(ctx context.Context) error {
	r.mu.Lock()
	under := make([]*attempt, 0, len(r.at))
	for _, a := range r.at {
		under = append(under, a)
	}
	r.mu.Unlock()
	var errs []error
	for _, a := range under {
		errs = append(errs, a.hold(ctx))
	}
	return errors.Join(errs...)
}

// guarded is what runs a recipe; a panic is an error of that run alone.
func (r *Runner) guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}
