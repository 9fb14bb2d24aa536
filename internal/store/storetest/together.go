package storetest

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunTogether proves that changes of several concepts come true at once or not at
// all.
func RunTogether(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"all", allTogether},
		{"nothing", nothingTogether},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// several makes a connection with a resource, a control and a published test.
func (b *bench) several(ctx context.Context) (check.Test, error) {
	c, err := connection.NewService(b.s, b.clock.Now).Create(ctx, b.actor, connection.New{Name: "Okta", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
		Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"},"mfa":{"type":"boolean"}}}`), DisplayNameKey: "id"})
	if err != nil {
		return check.Test{}, err
	}
	ids, lacking, err := b.controls().Bring(ctx, b.actor, 1, []string{"PLB-001", "PLB-008"}, true)
	if err != nil {
		return check.Test{}, err
	}
	equal(b.suite, "lacking controls", len(lacking), 0)
	logic := []byte(`{"groups":[{"resourceId":` + strconv.FormatInt(c.Resources[0].ID, 10) + `,"evaluator":{"all":[` + mfaOn + `]}}]}`)
	return b.checks.Create(ctx, b.actor, 1, check.Draft{Name: "A second factor", Logic: logic, Publish: true, ControlIDs: []int64{ids["PLB-001"]}})
}

func allTogether(b *bench) {
	var made check.Test
	b.must(b.s.Together(b.ctx, func(ctx context.Context) (err error) {
		made, err = b.several(ctx)
		return err
	}))
	got, err := b.checks.Get(b.ctx, 1, made.Number)
	b.must(err)
	equal(b.suite, "version", got.Published.Number, 1)
	brought := b.events(event.ControlCreated)
	equal(b.suite, "events of controls", brought, 1)
	// What is there is found, and not made again.
	ids, lacking, err := b.controls().Bring(b.ctx, b.actor, 1, []string{"PLB-001", "PLB-001", "PLB-002", "NONE"}, false)
	b.must(err)
	equal(b.suite, "found", len(ids), 1)
	equal(b.suite, "lacking", len(lacking), 2)
	_, _, err = b.controls().Bring(b.ctx, b.actor, 1, []string{"PLB-001"}, true)
	b.must(err)
	equal(b.suite, "events of controls", b.events(event.ControlCreated), brought)
}

func nothingTogether(b *bench) {
	count := func() (events int) {
		p, err := b.s.Events(b.ctx, event.Filter{}, page.Request{Size: page.MaxSize})
		b.must(err)
		return len(p.Items)
	}
	before := count()
	gone := errors.New("no")
	err := b.s.Together(b.ctx, func(ctx context.Context) error {
		made, err := b.several(ctx)
		b.must(err)
		// Within it, everything can be seen.
		_, err = b.checks.Get(ctx, 1, made.Number)
		b.must(err)
		return gone
	})
	equal(b.suite, "error", errors.Is(err, gone), true)
	equal(b.suite, "events", count(), before)
	controls, err := b.s.Controls(b.ctx, 1, control.ControlFilter{}, page.Request{})
	b.must(err)
	equal(b.suite, "controls", len(controls.Items), 0)
	tests, err := b.checks.List(b.ctx, 1, check.Filter{}, page.Request{})
	b.must(err)
	equal(b.suite, "tests", len(tests.Items), 0)
	connections, err := b.s.Connections(b.ctx, connection.Filter{}, page.Request{})
	b.must(err)
	equal(b.suite, "connections", len(connections.Items), 1)
}
