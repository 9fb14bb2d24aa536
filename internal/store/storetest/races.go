package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunRaces proves what happens when something else comes between the reading
// and the writing of an evaluator's step.
func RunRaces(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"disabled during the first pass", disabledWhileBuilding},
		{"deleted during the first pass", deletedWhileBuilding},
		{"published elsewhere during a pass", movedWhileBuilding},
		{"in force from another resource", inForceFromElsewhere},
		{"record deleted under a pass", deletedUnderPass},
		{"connection deleted under a step", disconnectedUnderStep},
		{"draft replaced under its run", draftReplaced},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// meddled is a store in which something else happens once, just before a step
// reads rows or applies what it found.
type meddled struct {
	check.Store
	beforeRows, beforeApply func()
	beforeWalk              func()
	beforeDraftRun          func()
}

func once(f *func()) {
	if *f != nil {
		run := *f
		*f = nil
		run()
	}
}

func (m *meddled) Rows(ctx context.Context, resourceID int64, since check.Mark, afterID int64, limit int) ([]check.Subject, bool, error) {
	once(&m.beforeRows)
	return m.Store.Rows(ctx, resourceID, since, afterID, limit)
}

func (m *meddled) Walk(ctx context.Context, resourceID, after, end int64, each func(*check.Walked) error) error {
	once(&m.beforeWalk)
	return m.Store.Walk(ctx, resourceID, after, end, each)
}

func (m *meddled) Look(ctx context.Context, resources []int64, at time.Time, readers int, fn func([]check.Reader) error) error {
	once(&m.beforeDraftRun)
	return m.Store.Look(ctx, resources, at, readers, fn)
}

func (m *meddled) Apply(ctx context.Context, b check.Batch) (bool, error) {
	once(&m.beforeApply)
	return m.Store.Apply(ctx, b)
}

// meddle takes a step of a resource into which something else comes.
func (b *bench) meddle(resourceID int64, m meddled) {
	b.t.Helper()
	m.Store = b.s
	e := check.NewEvaluator(&m, check.Options{Now: b.clock.Now, Log: slog.New(slog.DiscardHandler)})
	_, err := e.Step(b.ctx, resourceID)
	b.must(err)
	equal(b.suite, "meddled", m.beforeRows == nil && m.beforeApply == nil && m.beforeWalk == nil, true)
}

// groups are the groups of a resource that count for something.
func (b *bench) groups(resourceID int64) []check.Group {
	b.t.Helper()
	ev, err := b.s.Evaluation(b.ctx, resourceID)
	b.must(err)
	return ev.Groups
}

func (b *bench) act(number int64, a check.Action) {
	b.t.Helper()
	_, err := b.checks.Act(b.ctx, b.actor, 1, number, a, "")
	b.must(err)
}

func disabledWhileBuilding(b *bench) {
	b.push(annOn, bobOff)
	t := b.create(b.logic(""))
	b.meddle(b.resource.ID, meddled{beforeApply: func() { b.act(t.Number, check.Disable) }})
	b.rest()
	equal(b.suite, "groups of a disabled test", len(b.groups(b.resource.ID)), 0)
	b.act(t.Number, check.Enable)
	b.rest()
	equal(b.suite, "groups", len(b.groups(b.resource.ID)), 1)
	equal(b.suite, "failures", len(b.failures()), 1)
}

func deletedWhileBuilding(b *bench) {
	b.push(annOn, bobOff)
	t := b.create(b.logic(""))
	b.meddle(b.resource.ID, meddled{beforeApply: func() { b.act(t.Number, check.Delete) }})
	b.rest()
	equal(b.suite, "groups of a deleted test", len(b.groups(b.resource.ID)), 0)
}

// second is another resource.
func (b *bench) second() connection.Resource {
	b.t.Helper()
	c, err := b.connections.Create(b.ctx, b.actor, connection.New{Name: "Machines", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
		Schema:         []byte(`{"type":"object","properties":{"id":{"type":"string"},"mfa":{"type":"boolean"}}}`),
		DisplayNameKey: "id"})
	b.must(err)
	return c.Resources[0]
}

func (b *bench) pushTo(r connection.Resource, records ...string) {
	b.t.Helper()
	to := b.target()
	to.ConnectionID, to.ResourceID = r.ConnectionID, r.ID
	for _, text := range records {
		_, err := b.records.Upsert(b.ctx, b.actor, to, [][]byte{[]byte(text)})
		b.must(err)
	}
}

// publish gives a test new logic and puts it on its way into force.
func (b *bench) publish(number int64, logic []byte) {
	b.t.Helper()
	_, err := b.checks.Update(b.ctx, b.actor, 1, number, check.Change{Logic: logic})
	b.must(err)
	b.act(number, check.Publish)
}

func movedWhileBuilding(b *bench) {
	b.push(annOn, bobOff)
	other := b.second()
	t := b.create(b.logic(""))
	b.meddle(b.resource.ID, meddled{beforeApply: func() {
		b.publish(t.Number, fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}`, other.ID))
	}})
	b.pushTo(other, annOn)
	b.rest()
	equal(b.suite, "groups of the former version", len(b.groups(b.resource.ID)), 0)
	equal(b.suite, "groups of the new version", len(b.groups(other.ID)), 1)
	b.result("PASSED ")
}

// both is a test that MFA is on in two resources.
func (b *bench) both(logic string, other connection.Resource) []byte {
	return fmt.Appendf(nil, `{"logic":%q,"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}},
		{"resourceId":%d,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}`, logic, b.resource.ID, other.ID)
}

// A step over one resource has read the groups when the last step over another
// resource brings the version into force.
func inForceFromElsewhere(b *bench) {
	other := b.second()
	b.push(annOn, bobOff)
	b.pushTo(other, annOn)
	t := b.create(b.both("ALL_GROUPS", other))
	b.rest()
	b.act(t.Number, check.Run)
	b.evaluate() // this resource is built, the other one is not yet
	to := b.target()
	_, err := b.records.Upsert(b.ctx, b.actor, to, [][]byte{[]byte(bobOn)})
	b.must(err)
	b.meddle(b.resource.ID, meddled{beforeApply: func() {
		for more := true; more; {
			more, err = b.evaluator.Step(b.ctx, other.ID)
			b.must(err)
		}
	}})
	b.rest()
	for _, r := range []int64{b.resource.ID, other.ID} {
		gs := b.groups(r)
		equal(b.suite, "groups", len(gs), 1)
		equal(b.suite, "state", gs[0].State, check.Live)
	}
	got := b.result("PASSED ")
	equal(b.suite, "groups of the test", len(got.Groups), 2)
	equal(b.suite, "counts", got.Totals(), check.Counts{Passing: 3})
	equal(b.suite, "failures", len(b.failures()), 0)
}

// The slots of a resource are used again: what a record that is gone leaves in
// one says nothing of the group that is being built.
func deletedUnderPass(b *bench) {
	b.push(annOn, bobOff)
	t := b.create(b.logic(""))
	b.evaluate()
	b.act(t.Number, check.Disable)
	b.act(t.Number, check.Enable)
	b.meddle(b.resource.ID, meddled{beforeRows: func() {
		b.must(b.records.Delete(b.ctx, b.actor, b.target(), "bob"))
	}})
	b.rest()
	equal(b.suite, "counts", b.result("PASSED ").Totals(), check.Counts{Passing: 1})
}

func disconnectedUnderStep(b *bench) {
	b.create(b.logic(""))
	b.push(annOn)
	_, err := b.records.Upsert(b.ctx, b.actor, b.target(), [][]byte{[]byte(bobOff)})
	b.must(err)
	b.meddle(b.resource.ID, meddled{beforeApply: func() {
		b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	}})
	b.rest()
	b.result("ERROR RULE_ERROR")
	equal(b.suite, "failures", len(b.failures()), 0)
}

// The run of a draft that is replaced meanwhile says nothing of its successor,
// which has the same number.
func draftReplaced(b *bench) {
	b.push(annOn, bobOff)
	t, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "draft", Logic: b.logic("")})
	b.must(err)
	for _, meanwhile := range []func(){
		func() {
			_, err := b.checks.Update(b.ctx, b.actor, 1, t.Number, check.Change{Logic: b.logic(`,"onEmpty":"fail"`)})
			b.must(err)
		},
		func() { b.act(t.Number, check.Publish) },
	} {
		m := &meddled{Store: b.s, beforeDraftRun: meanwhile}
		_, err = check.NewService(m, check.Options{Now: b.clock.Now}).Act(b.ctx, b.actor, 1, t.Number, check.RunDraft, "")
		b.refused(err, fault.CodeEditConflict)
		now, err := b.checks.Get(b.ctx, 1, t.Number)
		b.must(err)
		equal(b.suite, "a run", now.DraftRun == nil, true)
		p, err := b.s.Events(b.ctx, event.Filter{Type: event.DraftRun}, page.Request{})
		b.must(err)
		equal(b.suite, "events", len(p.Items), 0)
	}
}
