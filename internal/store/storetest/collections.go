package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schedule"
)

// RunCollections proves that a collection that is due is taken by one node, and
// that only who holds it can end it.
func RunCollections(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"kept as it is put", keptCollection},
		{"claimed once", claimedOnce},
		{"due and not", dueCollections},
		{"fenced", fencedCollection},
		{"gone with its connection", goneCollection},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

func (b *bench) noted(c collection.Collection) event.Event {
	e := event.New(b.actor, b.clock.Now(), event.CollectionUpdated, event.CategoryConnection, "A collection", map[string]any{"resourceId": c.ResourceID})
	e.ConnectionID = c.ConnectionID
	return e
}

// due makes a collection that is due at a moment.
func (b *bench) due(t collection.Target, at time.Time) {
	b.t.Helper()
	daily, err := schedule.Parse("@daily")
	b.must(err)
	_, err = b.s.PutCollection(b.ctx, t, func(c *collection.Collection) (event.Event, error) {
		*c = collection.Collection{ConnectionID: t.ConnectionID, ResourceID: t.ResourceID, Recipe: "r", Inputs: map[string]string{"a": "b"},
			SecretsAt: map[string]time.Time{"token": b.clock.Now()}, Sealed: []byte{1, 0, 2}, Schedule: daily, Enabled: true,
			Guards: collection.Guards{MaxDeletePercent: 12.5, AllowEmpty: true}, Revision: 3, NextAt: at, Failures: 2,
			Last:      &collection.Outcome{RunID: 4, Status: collection.Failed, Code: "DNS", StartedAt: b.clock.Now(), EndedAt: b.clock.Now()},
			CreatedAt: b.clock.Now(), UpdatedAt: b.clock.Now()}
		return b.noted(*c), nil
	})
	b.must(err)
}

// another is the resource of a further connection.
func (b *bench) another(name string) collection.Target {
	b.t.Helper()
	c, err := b.connections.Create(b.ctx, b.actor, connection.New{Name: name, ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
		Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"}}}`), DisplayNameKey: "id"})
	b.must(err)
	return collection.Target{ConnectionID: c.ID, ResourceID: c.Resources[0].ID}
}

// claim takes what is due for an owner, at most limit.
func (b *bench) claim(owner string, limit int) []collection.Collection {
	b.t.Helper()
	now := b.clock.Now()
	got, err := b.s.ClaimCollections(b.ctx, now, limit, func(c *collection.Collection) []event.Event {
		c.Claim = collection.Claim{Owner: owner, Until: now.Add(time.Minute), Fence: c.Claim.Fence + 1, SessionID: "s-" + owner, StartedAt: now, Orphan: c.Claim.Owner != ""}
		return []event.Event{b.noted(*c)}
	})
	b.must(err)
	return got
}

func keptCollection(b *bench) {
	t := collection.Target(b.target())
	_, err := b.s.Collection(b.ctx, t)
	equal(b.suite, "absent", fault.CodeOf(err), fault.CodeNotFound)
	b.due(t, b.clock.Now().Add(time.Hour))
	got, err := b.s.Collection(b.ctx, t)
	b.must(err)
	equal(b.suite, "collection", fmt.Sprintf("%s %v %v %v %s %v %v %d %d %s", got.Recipe, got.Inputs, got.Sealed, got.SecretsAt["token"].Equal(b.clock.Now()), got.Schedule,
		got.Enabled, got.Guards, got.Revision, got.Failures, got.Last.Code), "r map[a:b] [1 0 2] true @daily true {12.5 true} 3 2 DNS")
	equal(b.suite, "next", got.NextAt, b.clock.Now().Add(time.Hour))
	_, err = b.s.Collection(b.ctx, collection.Target{ConnectionID: t.ConnectionID + 1, ResourceID: t.ResourceID})
	equal(b.suite, "another connection's", fault.CodeOf(err), fault.CodeNotFound)
	_, err = b.s.DeleteCollection(b.ctx, t, b.noted)
	b.must(err)
	_, err = b.s.DeleteCollection(b.ctx, t, b.noted)
	equal(b.suite, "deleted twice", fault.CodeOf(err), fault.CodeNotFound)
}

func claimedOnce(b *bench) {
	const many = 12
	for i := range many {
		b.due(b.another(fmt.Sprintf("C%d", i)), b.clock.Now())
	}
	var mu sync.Mutex
	taken := map[int64]int{}
	var nodes sync.WaitGroup
	for n := range 4 {
		nodes.Go(func() {
			for {
				got := b.claim(fmt.Sprintf("node-%d", n), 2)
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, c := range got {
					taken[c.ResourceID]++
				}
				mu.Unlock()
			}
		})
	}
	nodes.Wait()
	// A node finds nothing while others hold the rows that are left.
	for _, c := range b.claim("last", many) {
		taken[c.ResourceID]++
	}
	equal(b.suite, "collections that were taken", len(taken), many)
	for id, n := range taken {
		equal(b.suite, fmt.Sprintf("claims of resource %d", id), n, 1)
	}
}

func dueCollections(b *bench) {
	t := collection.Target(b.target())
	b.due(t, b.clock.Now().Add(time.Minute))
	equal(b.suite, "early", len(b.claim("a", 5)), 0)
	_, err := b.s.PutCollection(b.ctx, t, func(c *collection.Collection) (event.Event, error) {
		c.Enabled, c.NextAt, c.Asked = false, time.Time{}, collection.Asked{At: b.clock.Now(), UserID: 7}
		return b.noted(*c), nil
	})
	b.must(err)
	got := b.claim("a", 5)
	equal(b.suite, "asked for", len(got), 1)
	equal(b.suite, "by", got[0].Asked.UserID, 7)
	equal(b.suite, "while it is held", len(b.claim("b", 5)), 0)
	b.clock.Advance(time.Minute + time.Second)
	got = b.claim("b", 5)
	equal(b.suite, "orphaned", len(got), 1)
	equal(b.suite, "known as such", got[0].Claim.Orphan, true)

	// Of a disconnected connection nothing is collected.
	b.must(b.s.EndCollection(b.ctx, t.ResourceID, got[0].Claim.Fence, func(c *collection.Collection) event.Event {
		c.Claim, c.Asked, c.Enabled, c.NextAt = collection.Claim{Fence: c.Claim.Fence}, collection.Asked{}, true, b.clock.Now()
		return b.noted(*c)
	}))
	_, err = b.connections.Disconnect(b.ctx, b.actor, t.ConnectionID)
	b.must(err)
	equal(b.suite, "disconnected", len(b.claim("a", 5)), 0)
	_, err = b.connections.Reconnect(b.ctx, b.actor, t.ConnectionID)
	b.must(err)
	equal(b.suite, "connected again", len(b.claim("a", 5)), 1)
}

func fencedCollection(b *bench) {
	t := collection.Target(b.target())
	b.due(t, b.clock.Now())
	first := b.claim("a", 1)[0]
	hold := func(c collection.Collection, run int64) (held, cancel bool) {
		b.t.Helper()
		now := b.clock.Now()
		held, cancel, err := b.s.HoldCollection(b.ctx, c.ResourceID, c.Claim.Fence, run, now.Add(40*time.Second), now.Add(time.Minute))
		b.must(err)
		return held, cancel
	}
	held, cancel := hold(first, 9)
	equal(b.suite, "held", held, true)
	equal(b.suite, "to end", cancel, false)
	b.clock.Advance(45 * time.Second)
	held, _ = hold(first, 9)
	equal(b.suite, "held on", held, true)
	b.clock.Advance(45 * time.Second)
	equal(b.suite, "orphaned", len(b.claim("b", 1)), 0)
	_, err := b.s.PutCollection(b.ctx, t, func(c *collection.Collection) (event.Event, error) {
		equal(b.suite, "run", c.Claim.RunID, 9)
		c.Claim.CancelAsked = true
		return b.noted(*c), nil
	})
	b.must(err)
	_, cancel = hold(first, 9)
	equal(b.suite, "to end", cancel, true)

	b.clock.Advance(2 * time.Minute)
	second := b.claim("b", 1)[0]
	held, _ = hold(first, 9)
	equal(b.suite, "held by who lost it", held, false)
	ended := 0
	end := func(c *collection.Collection) event.Event {
		ended++
		c.Claim = collection.Claim{Fence: c.Claim.Fence}
		c.NextAt = b.clock.Now().Add(time.Hour)
		return b.noted(*c)
	}
	b.must(b.s.EndCollection(b.ctx, t.ResourceID, first.Claim.Fence, end))
	equal(b.suite, "ended by who lost it", ended, 0)
	b.must(b.s.EndCollection(b.ctx, t.ResourceID, second.Claim.Fence, end))
	b.must(b.s.EndCollection(b.ctx, t.ResourceID, second.Claim.Fence, end))
	equal(b.suite, "ended", ended, 1)
	held, _ = hold(second, 9)
	equal(b.suite, "held after its end", held, false)
}

func goneCollection(b *bench) {
	t := collection.Target(b.target())
	b.due(t, b.clock.Now())
	r, err := b.connections.Resource(b.ctx, t.ConnectionID, t.ResourceID)
	b.must(err)
	equal(b.suite, "collected", r.Collected, true)
	b.must(b.connections.Delete(b.ctx, b.actor, t.ConnectionID))
	equal(b.suite, "claims", len(b.claim("a", 5)), 0)
	_, err = b.s.PutCollection(b.ctx, t, func(c *collection.Collection) (event.Event, error) { return b.noted(*c), nil })
	equal(b.suite, "put", fault.CodeOf(err), fault.CodeNotFound)
}
