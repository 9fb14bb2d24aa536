package collection

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/outbound"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/schedule"
)

// Options are what the service and the runner share.
type Options struct {
	Connections *connection.Service
	Records     *record.Service
	Sealer      Sealer
	// Outbound says which addresses may be asked.
	Outbound outbound.Policy
	// Local: recipes may run programs and read files of this machine.
	Local bool
	// Now is the clock.
	Now func() time.Time
	// Sleep waits between requests; nil: by the system's clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// TryTime is how long a try may take; 0 stands for 30 seconds.
	TryTime time.Duration
}

// Service is the use of collections.
type Service struct {
	store Store
	Options
	// cancel, if set, ends a run of this process at once.
	cancel func(resourceID int64)
	tries  chan struct{}
}

// NewService makes the service over a store. runner is the one of this process,
// nil without one.
func NewService(s Store, o Options, runner *Runner) *Service {
	o.TryTime = cmp.Or(o.TryTime, tryTime)
	out := &Service{store: s, Options: o, cancel: func(int64) {}, tries: make(chan struct{}, triesAtOnce)}
	if runner != nil {
		out.cancel = runner.cancel
	}
	return out
}

func eventOf(a event.Actor, at time.Time, ty event.Type, c *Collection, text string, metadata map[string]any) event.Event {
	m := map[string]any{"resourceId": c.ResourceID}
	for k, v := range metadata {
		m[k] = v
	}
	e := event.New(a, at, ty, event.CategoryConnection, text, m)
	e.ConnectionID = c.ConnectionID
	return e
}

// View is a collection with what its recipe says of itself.
type View struct {
	Collection
	Collector string
	// From says where the records come from, in a few words.
	From   string
	Inputs []Input
	// Missing names the inputs that are required and not there.
	Missing []string
}

// RecipeInput is what a recipe wants filled in.
type RecipeInput = collect.Input

// Input is an input of a recipe with what is filled in. The value of a secret is
// never in it.
type Input struct {
	RecipeInput
	Value string
	Set   bool
	// SetAt is when a secret was given.
	SetAt time.Time
}

func view(c Collection) View {
	out := View{Collection: c}
	recipe, err := parse(c.Recipe)
	if err != nil {
		// A later version may refuse what an earlier one took; a run says why.
		return out
	}
	out.Collector, out.From = recipe.Collector(), recipe.Source(values(recipe, c.Inputs, nil))
	for _, in := range recipe.Inputs() {
		v := Input{RecipeInput: in}
		if in.Secret {
			v.SetAt, v.Set = c.SecretsAt[in.Name]
		} else {
			v.Value, v.Set = c.Inputs[in.Name]
		}
		if !v.Set && in.Required && in.Default == "" {
			out.Missing = append(out.Missing, in.Name)
		}
		out.Inputs = append(out.Inputs, v)
	}
	return out
}

// Get reads the collection of a resource.
func (s *Service) Get(ctx context.Context, t Target) (View, error) {
	c, err := s.store.Collection(ctx, t)
	return view(c), err
}

// allowed refuses a recipe that reaches into the machine where it may not. Whether
// a file or a database is here shows when it is run.
func (o Options) allowed(r *collect.Recipe) error {
	if o.Local {
		return nil
	}
	switch k := r.Collector(); k {
	case collect.Command, collect.Osquery:
		return fault.New(fault.CodeUnprocessable, "a recipe with the collector %s (/recipe) reaches into the machine of the server, which its setting collect-local must allow: start it with --collect-local=true (PLUMBLINE_COLLECT_LOCAL), or run `plumbline collect` elsewhere", k).At("/recipe")
	}
	return nil
}

// Put makes the collection of a resource, or changes it; absent parts stay. A
// new one is enabled and runs at once, as does one whose last run failed and of
// which recipe or inputs changed.
func (s *Service) Put(ctx context.Context, a event.Actor, t Target, ch Change) (View, error) {
	r, err := s.Connections.Resource(ctx, t.ConnectionID, t.ResourceID)
	if err == nil {
		err = r.Open()
	}
	if err != nil {
		return View{}, err
	}
	out, err := s.store.PutCollection(ctx, t, func(c *Collection) (event.Event, error) {
		now := s.Now()
		isNew := c.CreatedAt.IsZero()
		if isNew {
			daily, err := schedule.Parse(DefaultSchedule)
			if err != nil {
				return event.Event{}, err
			}
			*c = Collection{ConnectionID: t.ConnectionID, ResourceID: t.ResourceID, Inputs: map[string]string{}, SecretsAt: map[string]time.Time{},
				Schedule: daily, Enabled: true, Guards: Guards{MaxDeletePercent: DefaultMaxDeletePercent}, CreatedAt: now}
			// A run of one that was deleted must not take this one for its own.
			c.Claim.Fence = now.UnixMicro()
		}
		changed, err := s.change(c, ch, now)
		if err != nil {
			return event.Event{}, err
		}
		if isNew {
			return eventOf(a, now, event.CollectionCreated, c, "Plumbline was set up to collect the records of a resource", s.described(c)), nil
		}
		m := s.described(c)
		m["recipeChanged"], m["inputsChanged"] = ch.Recipe != nil && changed, len(ch.Inputs) > 0 && changed
		return eventOf(a, now, event.CollectionUpdated, c, "How Plumbline collects the records of a resource was changed", m), nil
	})
	return view(out), err
}

func (s *Service) described(c *Collection) map[string]any {
	return map[string]any{"schedule": c.Schedule.String(), "enabled": c.Enabled, "maxDeletePercent": c.Guards.MaxDeletePercent, "allowEmpty": c.Guards.AllowEmpty}
}

// change applies a change, seals the secrets anew, and says when it runs next.
func (s *Service) change(c *Collection, ch Change, now time.Time) (changed bool, err error) {
	was := *c
	secrets, opened := c.secrets(s.Sealer)
	if opened != nil && needsSecrets(ch, c) {
		return false, fault.Wrap(opened, fault.CodeUnprocessable, "the secrets of this collection cannot be read, because the server's key file is another one: give all of them anew (/inputs)")
	}
	if changed, err = ch.apply(c, secrets, now); err != nil {
		return changed, err
	}
	if c.Enabled {
		if err := s.runnable(c, secrets); err != nil {
			return changed, err
		}
	}
	// What cannot be opened stays as it is until all is given anew.
	if changed && (opened == nil || len(ch.Inputs) > 0) {
		if err := c.seal(s.Sealer, secrets); err != nil {
			return changed, err
		}
	}
	if changed {
		c.Revision++
		c.Failures = 0
	}
	c.UpdatedAt = now
	switch {
	case !c.Enabled:
		c.NextAt = time.Time{}
	case changed && (c.Last == nil || c.Last.Status == Failed), !was.Enabled && c.Last == nil:
		c.NextAt = now
	case !was.Enabled, was.Schedule != c.Schedule:
		c.NextAt = c.following(now)
	}
	return changed, nil
}

// needsSecrets reports whether a change leaves a secret as it was.
func needsSecrets(ch Change, c *Collection) bool {
	for name := range c.SecretsAt {
		if _, given := ch.Inputs[name]; !given {
			return len(ch.Inputs) > 0 || ch.Recipe != nil || ch.Enabled != nil && *ch.Enabled
		}
	}
	return false
}

func (s *Service) runnable(c *Collection, secrets map[string]string) error {
	recipe, err := parse(c.Recipe)
	if err != nil {
		return err
	}
	if err := s.allowed(recipe); err != nil {
		return err
	}
	return complete(recipe, c.Inputs, secrets)
}

// Delete forgets a collection with its secrets; the records stay. A run that is
// under way is cancelled.
func (s *Service) Delete(ctx context.Context, a event.Actor, t Target) error {
	c, err := s.store.DeleteCollection(ctx, t, func(c Collection) event.Event {
		return eventOf(a, s.Now(), event.CollectionDeleted, &c, "Plumbline collects the records of a resource no more", nil)
	})
	if err != nil || c.Claim.Owner == "" {
		return err
	}
	s.cancel(c.ResourceID)
	return s.abandon(ctx, a, t, c.Claim.SessionID, "its collection was deleted")
}

// abandon cancels a session that may be over, or was never opened.
func (o Options) abandon(ctx context.Context, a event.Actor, t Target, session, why string) error {
	_, err := o.Records.CancelFor(ctx, a, t, session, why)
	if c := fault.CodeOf(err); c == fault.CodeNotFound || c == fault.CodeSessionAction {
		return nil
	}
	return err
}

// act changes a collection in place of an action.
func (s *Service) act(ctx context.Context, t Target, do func(c *Collection, now time.Time) (event.Event, error)) (View, error) {
	out, err := s.store.PutCollection(ctx, t, func(c *Collection) (event.Event, error) {
		if c.CreatedAt.IsZero() {
			return event.Event{}, fault.New(fault.CodeNotFound, "there is no collection of resource %d", t.ResourceID)
		}
		return do(c, s.Now())
	})
	return view(out), err
}

// Run asks for a run now, whatever the schedule says. One that is under way is a
// CodeConflict.
func (s *Service) Run(ctx context.Context, a event.Actor, t Target) (View, error) {
	of, err := s.Connections.Get(ctx, t.ConnectionID)
	if err != nil {
		return View{}, err
	}
	if of.State() == connection.Disconnected {
		return View{}, fault.New(fault.CodeIntakeStopped, "connection %d is disconnected: connect it again before it is collected", of.ID)
	}
	return s.act(ctx, t, func(c *Collection, now time.Time) (event.Event, error) {
		if c.Claim.Owner != "" {
			return event.Event{}, fault.New(fault.CodeConflict, "these records are being collected already: wait for the end, or cancel it")
		}
		secrets, err := c.secrets(s.Sealer)
		if err != nil {
			return event.Event{}, fault.Wrap(err, fault.CodeUnprocessable, "the secrets of this collection cannot be read, because the server's key file is another one: give them anew")
		}
		if err := s.runnable(c, secrets); err != nil {
			return event.Event{}, err
		}
		c.Asked = Asked{At: now, UserID: a.UserID, KeyID: a.KeyID}
		return eventOf(a, now, event.CollectionRun, c, "A collection was asked for", nil), nil
	})
}

// Pause has the schedule rest; a run that is under way goes on.
func (s *Service) Pause(ctx context.Context, a event.Actor, t Target) (View, error) {
	return s.act(ctx, t, func(c *Collection, now time.Time) (event.Event, error) {
		c.Enabled, c.NextAt, c.UpdatedAt = false, time.Time{}, now
		return eventOf(a, now, event.CollectionPaused, c, "A collection was paused", nil), nil
	})
}

// Resume has the schedule go on.
func (s *Service) Resume(ctx context.Context, a event.Actor, t Target) (View, error) {
	return s.act(ctx, t, func(c *Collection, now time.Time) (event.Event, error) {
		on := true
		if _, err := s.change(c, Change{Enabled: &on}, now); err != nil {
			return event.Event{}, err
		}
		return eventOf(a, now, event.CollectionResumed, c, "A collection was resumed", nil), nil
	})
}

// Cancel ends the run that is under way, or the wish for one; without either it
// is a CodeConflict.
func (s *Service) Cancel(ctx context.Context, a event.Actor, t Target) (View, error) {
	out, err := s.act(ctx, t, func(c *Collection, now time.Time) (event.Event, error) {
		switch {
		case c.Claim.Owner != "":
			c.Claim.CancelAsked = true
		case !c.Asked.At.IsZero():
			c.Asked = Asked{}
		default:
			return event.Event{}, fault.New(fault.CodeConflict, "nothing is being collected: there is nothing to cancel")
		}
		return eventOf(a, now, event.CollectionCanceled, c, "A run of a collection was cancelled", nil), nil
	})
	if err == nil && out.Claim.CancelAsked {
		s.cancel(t.ResourceID)
	}
	return out, err
}

// Refresh asks for a run of each collection of a connection that does not run
// already, and tells how many run then.
func (s *Service) Refresh(ctx context.Context, a event.Actor, c connection.Connection) (int, error) {
	n := 0
	var errs []error
	for _, r := range c.Resources {
		_, err := s.Run(ctx, a, Target{ConnectionID: c.ID, ResourceID: r.ID})
		switch code := fault.CodeOf(err); {
		case code == fault.CodeNotFound:
		case err == nil, code == fault.CodeConflict:
			n++
		default:
			errs = append(errs, err)
		}
	}
	return n, errors.Join(errs...)
}
