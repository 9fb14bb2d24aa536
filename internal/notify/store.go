package notify

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Store keeps channels, rules and deliveries. What is absent, or of another
// workspace, is a NotFound.
type Store interface {
	Channels(ctx context.Context, workspaceID int64, r page.Request) (page.Page[Channel], error)
	Channel(ctx context.Context, workspaceID, id int64) (Channel, error)
	// CreateChannel refuses a name that is taken (CodeDuplicateName), more than
	// MaxChannels, and people who may not look at the workspace (CodeValidation). The event is made of the channel with its id.
	CreateChannel(ctx context.Context, c Channel, e func(Channel) event.Event) (Channel, error)
	// ChangeChannel stores what change makes of a channel, which nobody else
	// changes meanwhile; change may be called more than once. People whom it named
	// before may stay.
	ChangeChannel(ctx context.Context, workspaceID, id int64, change func(*Channel) (event.Event, error)) (Channel, error)
	// DeleteChannel refuses while rules name the channel (CodeConflict), and
	// cancels what was on its way to it.
	DeleteChannel(ctx context.Context, workspaceID, id int64, at time.Time, e func(Channel) event.Event) error

	Rules(ctx context.Context, workspaceID int64, r page.Request) (page.Page[Rule], error)
	Rule(ctx context.Context, workspaceID, id int64) (Rule, error)
	// CreateRule refuses a name that is taken, more than MaxRules, and a channel,
	// test or connection that the workspace does not have (CodeValidation).
	CreateRule(ctx context.Context, r Rule, e func(Rule) event.Event) (Rule, error)
	// ChangeRule is to rules what ChangeChannel is to channels. What waits for
	// the digest of a rule that is disabled is dropped.
	ChangeRule(ctx context.Context, workspaceID, id int64, change func(*Rule) (event.Event, error)) (Rule, error)
	DeleteRule(ctx context.Context, workspaceID, id int64, e func(Rule) event.Event) error

	Deliveries(ctx context.Context, workspaceID int64, f DeliveryFilter, r page.Request) (page.Page[Delivery], error)
	Delivery(ctx context.Context, workspaceID, id int64) (Delivery, error)
	// RetryDelivery makes a delivery that was given up one that is due; any other,
	// and one whose channel was deleted, is a CodeConflict.
	RetryDelivery(ctx context.Context, workspaceID, id int64, at time.Time, e func(Delivery) event.Event) (Delivery, error)
	// NoteEvent writes an event that nothing else changes with.
	NoteEvent(ctx context.Context, e event.Event) error
	// Recipients are people as they are in a workspace, deleted ones too; who is
	// absent is left out.
	Recipients(ctx context.Context, workspaceID int64, ids []int64) (map[int64]Person, error)
}

// Attempt is a delivery that was claimed for an attempt, with its channel as it
// is now.
type Attempt struct {
	Delivery Delivery
	Channel  Channel
	// Person is whom the delivery is for, if it is for somebody.
	Person Person
}

// refusal says why the person of a delivery does not get it; empty: they do.
func (a Attempt) refusal() string {
	if a.Delivery.UserID == 0 {
		return ""
	}
	return a.Person.refusal(a.Delivery.Notice)
}

// Outcome is what became of an attempt.
type Outcome struct {
	Status Status
	// NextAt is when a Pending one is tried again.
	NextAt time.Time
	// Hold, if set, is until when other deliveries to the same target wait: where
	// one failed, they would take their time to fail as well.
	Hold  time.Time
	Error string
	// Uncounted takes the attempt back: it was broken off by us.
	Uncounted bool
}

// DispatchStore is what the dispatcher needs. Several may run at once.
type DispatchStore interface {
	// Dispatch shows plan the queued events of one workspace whose subject has one
	// from before a moment or at it, and stores what plan makes of them in place of
	// those that are done. It reports whether there were any.
	Dispatch(ctx context.Context, before time.Time, plan func(Due) Plan) (bool, error)
	// Digest takes what waits for one digest that is due, stores the deliveries
	// that collect makes of it in its place, and when the next one is due.
	Digest(ctx context.Context, now time.Time, collect func(Collected) ([]Delivery, time.Time)) (bool, error)
	// Claim takes deliveries that are due, at most limit. Nobody else gets them
	// until a moment, unless they are finished before.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]Attempt, error)
	// Finish stores the outcome of an attempt, with an event if there is one. It
	// does nothing if somebody else claimed the delivery since.
	Finish(ctx context.Context, d Delivery, at time.Time, o Outcome, e *event.Event) error
	// SweepDeliveries forgets deliveries that were over before a moment.
	SweepDeliveries(ctx context.Context, before time.Time) error
}
