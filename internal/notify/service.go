package notify

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Parcel is a message for one target, ready to be sent.
type Parcel struct {
	// UID is the same with each attempt.
	UID       string
	Workspace int64
	Channel   Channel
	Secrets   Secrets
	Target    string
	Notice    Notice
	Message   Message
	CreatedAt time.Time
}

// Sender sends messages to channels of every kind.
type Sender interface {
	// Check refuses a channel to which nothing could be sent, without sending
	// anything (CodeValidation, or CodeUnprocessable if a setting is missing).
	Check(c Channel, s Secrets) error
	// Send sends one message and returns once the other side has taken it. An
	// error's text holds no secret: people read it.
	Send(ctx context.Context, p Parcel) error
}

// Refusal is an error of a Sender whose other side says when to come again.
type Refusal struct {
	Text string
	// After is how long to wait, 0 if that was not said.
	After time.Duration
}

func (r *Refusal) Error() string { return r.Text }

// Options are what the service and the dispatcher share.
type Options struct {
	Sender Sender
	Sealer Sealer
	// Now is the clock.
	Now func() time.Time
	// Base is the address of the web app, for links; empty: none.
	Base string
}

// Service is the use of channels, rules and deliveries.
type Service struct {
	store Store
	Options
}

// NewService makes the service over a store.
func NewService(s Store, o Options) *Service { return &Service{s, o} }

// Channels lists the channels of a workspace.
func (s *Service) Channels(ctx context.Context, workspaceID int64, r page.Request) (page.Page[Channel], error) {
	return s.store.Channels(ctx, workspaceID, r)
}

// Channel reads one.
func (s *Service) Channel(ctx context.Context, workspaceID, id int64) (Channel, error) {
	return s.store.Channel(ctx, workspaceID, id)
}

// Recipients are the people whom channels of a workspace name, by id.
func (s *Service) Recipients(ctx context.Context, workspaceID int64, channels ...Channel) (map[int64]Person, error) {
	var ids []int64
	for _, c := range channels {
		ids = append(ids, c.UserIDs...)
	}
	slices.Sort(ids)
	return s.store.Recipients(ctx, workspaceID, slices.Compact(ids))
}

func (s *Service) event(a event.Actor, ty event.Type, workspaceID int64, text string, metadata map[string]any) event.Event {
	e := event.New(a, s.Now(), ty, event.CategoryNotification, text, metadata)
	e.WorkspaceID = workspaceID
	return e
}

func (s *Service) channelEvent(a event.Actor, ty event.Type, what string) func(Channel) event.Event {
	return func(c Channel) event.Event {
		return s.event(a, ty, c.WorkspaceID, "Notification channel “"+c.Name+"” "+what,
			map[string]any{"channelId": c.ID, "name": c.Name, "kind": c.Kind, "to": c.To, "userIds": c.UserIDs, "controlOwners": c.ControlOwners, "urlHint": c.URLHint})
	}
}

// CreateChannel makes a channel of a kind.
func (s *Service) CreateChannel(ctx context.Context, a event.Actor, workspaceID int64, k Kind, ch ChannelChange) (Channel, error) {
	now := s.Now()
	c := Channel{WorkspaceID: workspaceID, Kind: k, CreatedAt: now, UpdatedAt: now}
	if err := s.change(&c, ch); err != nil {
		return Channel{}, err
	}
	return s.store.CreateChannel(ctx, c, s.channelEvent(a, event.ChannelCreated, "was created"))
}

// change applies a change and seals the secrets anew if they changed.
func (s *Service) change(c *Channel, ch ChannelChange) error {
	secrets, err := c.open(s.Sealer)
	if err != nil {
		// What cannot be opened can still be replaced as a whole.
		if ch.URL == nil || c.Kind == Webhook && ch.SigningKey == nil {
			return fault.Wrap(err, fault.CodeUnprocessable, "the secrets of this channel cannot be read, because the server's key file is another one: give all of them anew")
		}
		secrets = Secrets{}
	}
	was := secrets
	if err := ch.apply(c, &secrets); err != nil {
		return err
	}
	if err := s.Sender.Check(*c, secrets); err != nil {
		return err
	}
	if secrets == was && err == nil && c.ID != 0 {
		return nil
	}
	return c.seal(s.Sealer, secrets)
}

// UpdateChannel changes a channel; absent parts stay.
func (s *Service) UpdateChannel(ctx context.Context, a event.Actor, workspaceID, id int64, ch ChannelChange) (Channel, error) {
	return s.store.ChangeChannel(ctx, workspaceID, id, func(c *Channel) (event.Event, error) {
		if err := s.change(c, ch); err != nil {
			return event.Event{}, err
		}
		c.UpdatedAt = s.Now()
		return s.channelEvent(a, event.ChannelUpdated, "was changed")(*c), nil
	})
}

// DeleteChannel deletes a channel that no rule names.
func (s *Service) DeleteChannel(ctx context.Context, a event.Actor, workspaceID, id int64) error {
	return s.store.DeleteChannel(ctx, workspaceID, id, s.Now(), s.channelEvent(a, event.ChannelDeleted, "was deleted"))
}

// Tried is what a test message came to for one target.
type Tried struct {
	Target string
	// Error is empty if the other side took the message.
	Error string
}

// TestChannel sends a test message to each target of a channel now.
func (s *Service) TestChannel(ctx context.Context, a event.Actor, workspaceID, id int64, uid func() string) ([]Tried, error) {
	c, err := s.store.Channel(ctx, workspaceID, id)
	if err != nil {
		return nil, err
	}
	people, err := s.store.Recipients(ctx, workspaceID, c.UserIDs)
	if err != nil {
		return nil, err
	}
	targets := Audience{People: people}.targets(c)
	if len(targets) == 0 {
		return nil, fault.New(fault.CodeConflict, "nobody gets a test message by the channel “%s”: its people cannot get mail now, and the owners of controls get it for tests only", c.Name)
	}
	out := make([]Tried, len(targets))
	var all sync.WaitGroup
	places := make(chan struct{}, batch)
	for i, to := range targets {
		out[i].Target = to.address
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			d := Delivery{UID: uid(), WorkspaceID: workspaceID, Target: to.address, Notice: Notice{Test: true, Signals: []Signal{}}, CreatedAt: s.Now()}
			if err := s.send(ctx, Attempt{Delivery: d, Channel: c}); err != nil {
				out[i].Error = fault.Short(oneLine(err.Error()), maxError)
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	failures := len(slices.DeleteFunc(slices.Clone(out), func(t Tried) bool { return t.Error == "" }))
	e := s.event(a, event.ChannelTested, workspaceID, "Notification channel “"+c.Name+"” was tried", map[string]any{
		"channelId": c.ID, "name": c.Name, "messages": len(out), "failed": failures})
	return out, s.store.NoteEvent(ctx, e)
}

// errSealed is what people read where a secret cannot be opened; they cannot do
// without whoever runs the server.
var errSealed = errors.New("the secrets of the channel cannot be read, because the server's key file is another one: give them anew")

// send sends one attempt.
func (o Options) send(ctx context.Context, a Attempt) error {
	secrets, err := a.Channel.open(o.Sealer)
	if err != nil {
		return errSealed
	}
	d := a.Delivery
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return o.Sender.Send(ctx, Parcel{UID: d.UID, Workspace: d.WorkspaceID, Channel: a.Channel, Secrets: secrets, Target: d.Target, Notice: d.Notice,
		Message: d.Notice.Message(o.Base), CreatedAt: d.CreatedAt})
}

// Rules lists the rules of a workspace.
func (s *Service) Rules(ctx context.Context, workspaceID int64, r page.Request) (page.Page[Rule], error) {
	return s.store.Rules(ctx, workspaceID, r)
}

// Rule reads one.
func (s *Service) Rule(ctx context.Context, workspaceID, id int64) (Rule, error) {
	return s.store.Rule(ctx, workspaceID, id)
}

func (s *Service) ruleEvent(a event.Actor, ty event.Type, what string) func(Rule) event.Event {
	return func(r Rule) event.Event {
		return s.event(a, ty, r.WorkspaceID, "Notification rule “"+r.Name+"” "+what, map[string]any{"ruleId": r.ID, "name": r.Name,
			"enabled": r.Enabled, "events": r.Topics, "filter": r.Filter, "channelIds": r.ChannelIDs, "mode": r.Mode})
	}
}

// CreateRule makes a rule; it is enabled and immediate unless the change says
// otherwise.
func (s *Service) CreateRule(ctx context.Context, a event.Actor, workspaceID int64, ch RuleChange) (Rule, error) {
	now := s.Now()
	r := Rule{WorkspaceID: workspaceID, Enabled: true, Mode: Immediate, CreatedAt: now, UpdatedAt: now}
	if err := ch.apply(&r, now); err != nil {
		return Rule{}, err
	}
	return s.store.CreateRule(ctx, r, s.ruleEvent(a, event.RuleCreated, "was created"))
}

// UpdateRule changes a rule; absent parts stay.
func (s *Service) UpdateRule(ctx context.Context, a event.Actor, workspaceID, id int64, ch RuleChange) (Rule, error) {
	return s.store.ChangeRule(ctx, workspaceID, id, func(r *Rule) (event.Event, error) {
		now := s.Now()
		if err := ch.apply(r, now); err != nil {
			return event.Event{}, err
		}
		r.UpdatedAt = now
		return s.ruleEvent(a, event.RuleUpdated, "was changed")(*r), nil
	})
}

// DeleteRule deletes a rule, and what waits for its digest.
func (s *Service) DeleteRule(ctx context.Context, a event.Actor, workspaceID, id int64) error {
	return s.store.DeleteRule(ctx, workspaceID, id, s.ruleEvent(a, event.RuleDeleted, "was deleted"))
}

// Deliveries lists the deliveries of a workspace.
func (s *Service) Deliveries(ctx context.Context, workspaceID int64, f DeliveryFilter, r page.Request) (page.Page[Delivery], error) {
	return s.store.Deliveries(ctx, workspaceID, f, r)
}

// RetryDelivery tries a delivery that was given up anew, as often as a new one.
func (s *Service) RetryDelivery(ctx context.Context, a event.Actor, workspaceID, id int64) (Delivery, error) {
	return s.store.RetryDelivery(ctx, workspaceID, id, s.Now(), func(d Delivery) event.Event {
		return s.event(a, event.NotificationRetried, workspaceID, "The notification “"+d.Subject+"” to channel “"+d.ChannelName+"” is tried anew",
			map[string]any{"deliveryId": d.ID, "channelId": d.ChannelID, "channelName": d.ChannelName, "target": d.Target})
	})
}

// Delivery reads one with its message.
func (s *Service) Delivery(ctx context.Context, workspaceID, id int64) (Delivery, Message, error) {
	d, err := s.store.Delivery(ctx, workspaceID, id)
	if err != nil {
		return d, Message{}, err
	}
	return d, d.Notice.Message(s.Base), nil
}
