package store

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/live"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// A transaction that took its number first may end last; what it did is told all
// the same, also to who began to listen in between. Only PostgreSQL has two
// transactions at once.
func TestChangesAreToldInWhateverOrderTheyAreCommitted(t *testing.T) {
	s, err := Open(t.Context(), Options{URL: pgserver.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	write := func(typ event.Type, wait <-chan struct{}, appended chan<- struct{}) error {
		return s.db.write(t.Context(), func(q querier) error {
			if err := s.append(q, event.New(event.System(event.SourceApp), time.Now(), typ, event.CategoryCompany, "x", nil)); err != nil {
				return err
			}
			close(appended)
			<-wait
			return nil
		})
	}
	open := make(chan struct{})
	close(open)
	early, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() { ended <- write(event.KeyCreated, release, early) }()
	await.Receive(t, "the first event", early)
	if err := write(event.ChannelCreated, open, make(chan struct{})); err != nil {
		t.Fatal(err)
	}

	h := live.NewHub(live.Options{Store: s, Now: time.Now, Each: 2, All: 2, Timing: live.Timing{Look: time.Millisecond}})
	defer h.Close()
	ctx := await.Context(t)
	l, err := h.Listen(ctx, "me", "")
	if err != nil {
		t.Fatal(err)
	}
	until := func(topic live.Topic) {
		t.Helper()
		for {
			m, err := l.Next(ctx)
			if err != nil {
				t.Fatalf("no word of %s: %v", topic, err)
			}
			if slices.Contains(m.Changes, live.Change{Topic: topic}) {
				return
			}
		}
	}
	if err := write(event.OrganisationCreated, open, make(chan struct{})); err != nil {
		t.Fatal(err)
	}
	until(live.Workspaces)
	close(release)
	if err := await.Receive(t, "the end of the first transaction", ended); err != nil {
		t.Fatal(err)
	}
	until(live.Keys)
}

// listening is somebody who hears of each change from now on, until the end.
func listening(t *testing.T, s *Store) (ctx context.Context, l *live.Listener, end func()) {
	t.Helper()
	h := live.NewHub(live.Options{Store: s, Now: time.Now, Each: 2, All: 2, Timing: live.Timing{Look: time.Millisecond}})
	ctx = await.Context(t)
	l, err := h.Listen(ctx, "me", "")
	if err != nil {
		t.Fatal(err)
	}
	// Until its first message a listener is told to read everything, and no change by
	// itself.
	if m, err := l.Next(ctx); err != nil || !m.Resync {
		t.Fatal(m, err)
	}
	return ctx, l, h.Close
}

// A number that a transaction took with it keeps nobody waiting.
func TestChangesAfterAnUndoneOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx, l, end := listening(t, s)
		defer end()
		tell := func(typ event.Type, end error) {
			if err := s.db.write(t.Context(), func(q querier) error {
				if err := s.append(q, event.New(event.System(event.SourceApp), time.Now(), typ, event.CategoryCompany, "x", nil)); err != nil {
					return err
				}
				return end
			}); err != nil && end == nil {
				t.Fatal(err)
			}
		}
		tell(event.ChannelCreated, errNoRow)
		tell(event.KeyCreated, nil)
		heard := map[live.Topic]bool{}
		for !heard[live.Keys] {
			m, err := l.Next(ctx)
			if err != nil {
				t.Fatalf("no word of the key: %v", err)
			}
			for _, c := range m.Changes {
				heard[c.Topic] = true
			}
		}
		if heard[live.Notifications] {
			t.Error("what was undone was told")
		}
	})
}

// What becomes of people, devices and assets stands in their histories a moment
// after its event, which therefore cannot tell of it.
func TestEntriesOfHistoriesAreTold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx, l, end := listening(t, s)
		defer end()
		for _, o := range []struct {
			kind connection.BuiltIn
			live.Topic
		}{{directory.Person, live.Personnel}, {directory.Device, live.Devices}, {directory.Asset, live.Assets}} {
			if err := s.AddEntries(t.Context(), []directory.Entry{{Object: directory.Object{Kind: o.kind, ID: 1}, What: directory.Noted, At: time.Now()}}); err != nil {
				t.Fatal(err)
			}
			m, err := l.Next(ctx)
			if err != nil || !slices.Equal(m.Changes, []live.Change{{Topic: o.Topic}}) {
				t.Errorf("of an entry of a %s the stream tells %+v %v", o.kind, m.Changes, err)
			}
		}
	})
}
