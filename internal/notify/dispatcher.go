package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

const (
	// sendTimeout is how long the other side may take for a message.
	sendTimeout = 20 * time.Second
	// claimLife is after how long the deliveries of a process that died are tried
	// by another. No attempt takes as long.
	claimLife = 2 * time.Minute
	// batch is how many deliveries are sent side by side.
	batch = 8
	// finishTimeout is how long the store may take to note an outcome while the
	// process stops.
	finishTimeout = 5 * time.Second
	maxError      = 300
)

// Dispatcher makes deliveries of queued events and sends them. It looks at the
// store alone, so several may run on one database.
type Dispatcher struct {
	store DispatchStore
	Options
	window time.Duration
	chance func() float64
	log    *slog.Logger
}

// DispatcherOptions are what a Dispatcher needs beyond Options.
type DispatcherOptions struct {
	// Window is how long an event waits for others of its subject, which may
	// cancel it out.
	Window time.Duration
	// Chance gives numbers from 0 up to 1, for the pauses between attempts.
	Chance func() float64
	Log    *slog.Logger
}

// NewDispatcher makes a dispatcher; whoever drives it calls Step.
func NewDispatcher(s DispatchStore, o Options, d DispatcherOptions) *Dispatcher {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Dispatcher{store: s, Options: o, window: d.Window, chance: d.Chance, log: d.Log}
}

// Step does a part of what is due, and reports whether there may be more.
func (d *Dispatcher) Step(ctx context.Context) (more bool, err error) {
	now := d.Now()
	// What fails in one part must not keep the others from their work.
	dispatched, err := d.store.Dispatch(ctx, now.Add(-d.window), func(due Due) Plan { return dispatch(due, d.window, now, uuid.NewString) })
	errs := []error{err}
	digested, err := d.store.Digest(ctx, now, func(c Collected) ([]Delivery, time.Time) { return collect(c, now, uuid.NewString) })
	errs = append(errs, err)
	attempts, err := d.store.Claim(ctx, now, now.Add(claimLife), batch)
	errs = append(errs, err)
	sent := make([]error, len(attempts))
	var all sync.WaitGroup
	for i, a := range attempts {
		all.Go(func() { sent[i] = d.attempt(ctx, a) })
	}
	all.Wait()
	return dispatched || digested || len(attempts) > 0, errors.Join(append(errs, sent...)...)
}

// Sweep forgets deliveries that are over for long.
func (d *Dispatcher) Sweep(ctx context.Context) error {
	return d.store.SweepDeliveries(ctx, d.Now().Add(-kept))
}

// attempt sends one delivery and stores what became of it.
func (d *Dispatcher) attempt(ctx context.Context, a Attempt) error {
	var o Outcome
	var failure *event.Event
	if why := a.refusal(); why != "" {
		o = Outcome{Status: Canceled, Error: why}
	} else {
		o, failure = d.outcome(ctx, a.Delivery, d.try(ctx, a))
	}
	// What was sent must be noted even if the process stops now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	return d.store.Finish(ctx, a.Delivery, d.Now(), o, failure)
}

// try sends; a panic is an error of this delivery alone.
func (d *Dispatcher) try(ctx context.Context, a Attempt) (err error) {
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("send a notification", "delivery", a.Delivery.ID, "error", fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
			err = errors.New("the server failed to send it; its log has the reason")
		}
	}()
	return d.send(ctx, a)
}

func (d *Dispatcher) outcome(ctx context.Context, v Delivery, err error) (Outcome, *event.Event) {
	now := d.Now()
	switch {
	case err == nil:
		return Outcome{Status: Sent}, nil
	case ctx.Err() != nil:
		return Outcome{Status: Pending, NextAt: now, Error: v.LastError, Uncounted: true}, nil
	}
	text := fault.Short(oneLine(err.Error()), maxError)
	if v.Attempts < MaxAttempts {
		pause := Backoff(v.Attempts, d.chance())
		var r *Refusal
		if errors.As(err, &r) {
			pause = max(pause, min(r.After, longestPause))
		}
		return Outcome{Status: Pending, NextAt: now.Add(pause), Hold: now.Add(min(pause, firstPause/2)), Error: text}, nil
	}
	e := event.New(event.System(event.SourceScheduled), now, event.NotificationFailed, event.CategoryNotification,
		fmt.Sprintf("The notification “%s” could not be sent to channel “%s”: %s", v.Subject, v.ChannelName, text),
		map[string]any{"deliveryId": v.ID, "channelId": v.ChannelID, "channelName": v.ChannelName, "target": v.Target, "attempts": v.Attempts, "error": text})
	e.WorkspaceID = v.WorkspaceID
	return Outcome{Status: Failed, Error: text}, &e
}
