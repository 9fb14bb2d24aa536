package storetest

import (
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
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/store"
)

// RunVerdicts proves the table of results that must not be green, and the life
// of a test.
func RunVerdicts(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"not run", notRun},
		{"no data", noData},
		{"stale", stale},
		{"schema drift", drift},
		{"connection deleted", gone},
		{"fixed and since when", since},
		{"publication keeps the beginning", publication},
		{"drafts count for nothing", drafts},
		{"disable and enable", toggled},
		{"edits collide", collide},
		{"refusals", refusals},
		{"one name at once", oneNameAtOnce},
		{"long unique values", longValues},
		{"the logic of the groups in force", logicOfGroups},
		{"a count that goes on failing", countKeepsItsBeginning},
		{"a fence against another node", fence},
		{"clocks that differ", slowClock},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// bench is the services over one resource.
type bench struct {
	*suite
	connections *connection.Service
	records     *record.Service
	checks      *check.Service
	evaluator   *check.Evaluator
	resource    connection.Resource
	actor       event.Actor
}

func newBench(x *suite) *bench {
	b := &bench{suite: x, actor: event.System(event.SourceApp)}
	b.connections = connection.NewService(x.s, x.clock.Now)
	hours := int64(24)
	c, err := b.connections.Create(x.ctx, b.actor, connection.New{Name: "Users", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
		Schema:         []byte(`{"type":"object","properties":{"id":{"type":"string"},"mfa":{"type":"boolean"},"seen":{"type":"string"}}}`),
		DisplayNameKey: "id", FreshnessHours: &hours})
	x.must(err)
	b.resource = c.Resources[0]
	b.records = record.NewService(x.s, b.connections, record.Options{Now: x.clock.Now, SessionIdle: time.Hour})
	b.checks = check.NewService(x.s, check.Options{Now: x.clock.Now})
	b.evaluator = check.NewEvaluator(x.s, check.Options{Now: x.clock.Now, Log: slog.New(slog.DiscardHandler)})
	return b
}

func (b *bench) push(records ...string) {
	b.t.Helper()
	var texts [][]byte
	for _, r := range records {
		texts = append(texts, []byte(r))
	}
	res, err := b.records.Upsert(b.ctx, b.actor, b.target(), texts)
	b.must(err)
	equal(b.suite, "refused", res.Failed, 0)
	b.evaluate()
}

func (b *bench) target() record.Target {
	return record.Target{ConnectionID: b.resource.ConnectionID, ResourceID: b.resource.ID}
}

func (b *bench) evaluate() {
	b.t.Helper()
	for more := true; more; {
		var err error
		more, err = b.evaluator.Step(b.ctx, b.resource.ID)
		b.must(err)
	}
}

// logic is a test that MFA is on, with more members of its group.
func (b *bench) logic(more string) []byte {
	return fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}%s}]}`, b.resource.ID, more)
}

func (b *bench) create(logic []byte) check.Test {
	b.t.Helper()
	t, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "MFA is on", Logic: logic, Publish: true})
	b.must(err)
	return t
}

// result is the test's verdict and reason at the clock's time.
func (b *bench) result(want string) check.Test {
	b.t.Helper()
	t, err := b.checks.Get(b.ctx, 1, 1)
	b.must(err)
	verdict, why := t.Current(b.clock.Now())
	equal(b.suite, "result", string(verdict)+" "+why, want)
	return t
}

func (b *bench) failures() []check.Finding {
	b.t.Helper()
	p, _, err := b.checks.Failures(b.ctx, 1, 1, false, page.Request{})
	b.must(err)
	return p.Items
}

const (
	annOn  = `{"id":"ann","mfa":true}`
	bobOn  = `{"id":"bob","mfa":true}`
	bobOff = `{"id":"bob","mfa":false}`
)

func notRun(b *bench) {
	b.push(annOn)
	b.create(b.logic(""))
	b.result("READY NOT_RUN")
	b.evaluate()
	b.result("PASSED ")
}

func noData(b *bench) {
	for i, c := range []struct{ onEmpty, want string }{
		{"", "ERROR NO_DATA"}, {`,"onEmpty":"pass"`, "PASSED NO_DATA"}, {`,"onEmpty":"fail"`, "FAILED NO_DATA"}, {`,"onEmpty":"error"`, "ERROR NO_DATA"},
	} {
		t, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: fmt.Sprint(i), Logic: b.logic(c.onEmpty), Publish: true})
		b.must(err)
		b.evaluate()
		t, err = b.checks.Get(b.ctx, 1, t.Number)
		b.must(err)
		verdict, why := t.Current(b.clock.Now())
		equal(b.suite, "empty resource"+c.onEmpty, string(verdict)+" "+why, c.want)
	}
	// Nothing in scope after filtering is the same as nothing at all.
	b.push(annOn)
	t, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "filtered", Publish: true,
		Logic: b.logic(`,"filteringCriteria":{"all":[{"fact":"mfa","operator":"equal","value":true}]}`)})
	b.must(err)
	b.evaluate()
	t, err = b.checks.Get(b.ctx, 1, t.Number)
	b.must(err)
	verdict, why := t.Current(b.clock.Now())
	equal(b.suite, "all filtered out", string(verdict)+" "+why, "ERROR NO_DATA")
}

func stale(b *bench) {
	b.create(b.logic(""))
	b.push(annOn)
	b.result("PASSED ")
	b.clock.Advance(25 * time.Hour)
	b.result("ERROR STALE")
	list, err := b.checks.List(b.ctx, 1, check.Filter{Result: "ERROR"}, page.Request{WantTotal: true})
	b.must(err)
	equal(b.suite, "listed by its result of now", *list.Total, 1)
	b.push(annOn) // unchanged, but it confirms the data
	b.result("PASSED ")
	b.push(bobOff)
	b.clock.Advance(25 * time.Hour)
	b.result("FAILED STALE")
	equal(b.suite, "staleness closes no finding", len(b.failures()), 1)
	// Once a resource is fed by sessions, only they confirm it.
	_, err = b.records.Upload(b.ctx, b.actor, b.target(), "s-1", [][]byte{[]byte(annOn)})
	b.must(err)
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "s-1", record.Guards{})
	b.must(err)
	b.evaluate()
	b.result("PASSED ")
	b.clock.Advance(25 * time.Hour)
	b.push(annOn)
	b.result("ERROR STALE")
}

func drift(b *bench) {
	b.push(annOn, bobOff)
	b.create(b.logic(""))
	b.evaluate()
	b.result("FAILED ")
	change := func(text string) {
		_, err := b.records.PutSchema(b.ctx, b.actor, b.target(), []byte(text), "id", record.SchemaGuards{})
		b.must(err)
		b.evaluate()
	}
	change(`{"type":"object","properties":{"id":{"type":"string"}}}`)
	b.result("ERROR SCHEMA_DRIFT")
	change(`{"type":"object","properties":{"id":{"type":"string"},"mfa":{"type":"boolean"}}}`)
	b.result("FAILED ")
}

func gone(b *bench) {
	b.push(annOn, bobOff)
	b.create(b.logic(""))
	b.evaluate()
	equal(b.suite, "failures", len(b.failures()), 1)
	b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	b.evaluate()
	b.result("ERROR RULE_ERROR")
	equal(b.suite, "failures", len(b.failures()), 0)
	_, err := b.checks.Act(b.ctx, b.actor, 1, 1, check.Run, "")
	b.refused(err, fault.CodeValidation)
}

func since(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff)
	first := b.clock.Now()
	t := b.result("FAILED ")
	equal(b.suite, "failing since", t.FailedSince, first)
	b.clock.Advance(time.Hour)
	b.push(bobOff, `{"id":"eve","mfa":false}`)
	t = b.result("FAILED ")
	equal(b.suite, "still failing since", t.FailedSince, first)
	for _, f := range b.failures() {
		want := first
		if f.Key == "eve" {
			want = b.clock.Now()
		}
		equal(b.suite, f.Key+" failing since", f.OpenedAt, want)
		equal(b.suite, "cause", fmt.Sprint(f.Words), "[`mfa` is false, expected true]")
	}
	b.clock.Advance(time.Hour)
	b.push(bobOn, `{"id":"eve","mfa":true}`)
	t = b.result("PASSED ")
	equal(b.suite, "failing since", t.FailedSince.IsZero(), true)
	equal(b.suite, "last passed", t.LastPassed(), b.clock.Now())
	passed := b.clock.Now()
	b.clock.Advance(time.Hour)
	b.push(bobOff)
	equal(b.suite, "last passed before it failed", b.result("FAILED ").LastPassed().Before(passed), false)
	p, err := b.s.Events(b.ctx, event.Filter{Type: event.TestStatusUpdated}, page.Request{})
	b.must(err)
	equal(b.suite, "changes of status", len(p.Items), 3)
}

func publication(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff, `{"id":"eve","mfa":false,"seen":"x"}`)
	first := b.clock.Now()
	b.clock.Advance(time.Hour)
	strict := fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"seen","operator":"exists","value":true}]}}]}`, b.resource.ID)
	_, err := b.checks.Update(b.ctx, b.actor, 1, 1, check.Change{Logic: strict})
	b.must(err)
	_, err = b.checks.Act(b.ctx, b.actor, 1, 1, check.Publish, "look for seen")
	b.must(err)
	t := b.result("FAILED ") // the old verdict stands until the pass is done
	equal(b.suite, "building", t.Building, true)
	equal(b.suite, "old failures", len(b.failures()), 2)
	b.evaluate()
	t = b.result("FAILED ")
	equal(b.suite, "version", t.Published.Number, 2)
	equal(b.suite, "note", t.Published.Note, "look for seen")
	equal(b.suite, "draft", t.Draft == nil, true)
	got := map[string]time.Time{}
	for _, f := range b.failures() {
		got[f.Key] = f.OpenedAt
	}
	equal(b.suite, "failures", len(got), 2)
	equal(b.suite, "bob fails both versions", got["bob"], first)
	equal(b.suite, "ann fails the new one only", got["ann"], b.clock.Now())
}

func drafts(b *bench) {
	b.push(annOn, bobOff)
	t, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "MFA is on", Logic: b.logic("")})
	b.must(err)
	equal(b.suite, "status", t.Status(), check.New)
	t, err = b.checks.Act(b.ctx, b.actor, 1, 1, check.RunDraft, "")
	b.must(err)
	equal(b.suite, "draft result", string(t.DraftRun.Result), "FAILED")
	equal(b.suite, "draft failing", t.DraftRun.Counts.Failing, 1)
	equal(b.suite, "example", t.DraftRun.Examples[0].RecordID, "bob")
	b.evaluate()
	t = b.result("READY NOT_RUN")
	equal(b.suite, "kept", t.DraftRun.Counts.Passing, 1)
	equal(b.suite, "failures", len(b.failures()), 0)
	for id, want := range map[int64]int{b.resource.ID: 1, b.resource.ID + 1: 0} {
		p, err := b.checks.List(b.ctx, 1, check.Filter{ResourceID: id}, page.Request{})
		b.must(err)
		equal(b.suite, "drafts over a resource", len(p.Items), want)
	}
	_, err = b.checks.Act(b.ctx, b.actor, 1, 1, check.Run, "")
	b.refused(err, fault.CodeConflict)
	_, err = b.checks.Act(b.ctx, b.actor, 1, 1, check.DiscardDraft, "")
	b.refused(err, fault.CodeConflict)
}

func toggled(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff)
	t, err := b.checks.Act(b.ctx, b.actor, 1, 1, check.Disable, "")
	b.must(err)
	equal(b.suite, "status", t.Status(), check.Disabled)
	equal(b.suite, "reason", t.DisabledReason, "Disabled via Public API")
	equal(b.suite, "failures", len(b.failures()), 0)
	b.push(bobOn, `{"id":"eve","mfa":false}`)
	on := true
	_, err = b.checks.Update(b.ctx, b.actor, 1, 1, check.Change{Enabled: &on})
	b.must(err)
	b.evaluate()
	b.result("FAILED ")
	equal(b.suite, "failures", b.failures()[0].Key, "eve")
	_, err = b.checks.Act(b.ctx, b.actor, 1, 1, check.Delete, "")
	b.must(err)
	_, err = b.checks.Get(b.ctx, 1, 1)
	b.refused(err, fault.CodeNotFound)
	b.push(annOn)
	t = b.create(b.logic("")) // the name is free again, the number is not
	equal(b.suite, "number", t.Number, 2)
}

func collide(b *bench) {
	t := b.create(b.logic(""))
	name := "MFA is on for all"
	got, err := b.checks.Update(b.ctx, b.actor, 1, 1, check.Change{Name: &name, Revision: &t.Revision})
	b.must(err)
	equal(b.suite, "name", got.Name, name)
	_, err = b.checks.Update(b.ctx, b.actor, 1, 1, check.Change{Name: &name, Revision: &t.Revision})
	b.refused(err, fault.CodeEditConflict)
	_, err = b.s.SaveTest(b.ctx, t, b.event(event.TestUpdated))
	b.refused(err, fault.CodeEditConflict)
}

func refusals(b *bench) {
	b.create(b.logic(""))
	for _, c := range []struct {
		draft check.Draft
		code  fault.Code
	}{
		{check.Draft{Name: "MFA is on", Logic: b.logic("")}, fault.CodeDuplicateName},
		{check.Draft{Name: " ", Logic: b.logic("")}, fault.CodeValidation},
		{check.Draft{Name: "x", Logic: []byte(`{"groups":[{"resourceId":99,"evaluator":{"all":[]}}]}`)}, fault.CodeValidation},
		{check.Draft{Name: "x", Logic: []byte(`{"all":[]}`)}, fault.CodeValidation},
	} {
		_, err := b.checks.Create(b.ctx, b.actor, 1, c.draft)
		b.refused(err, c.code)
	}
	if _, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "x", Logic: []byte(`{"any":[{"fact":"a"}]}`)}); err == nil {
		b.t.Error("a leaf without operator is accepted")
	}
	_, err := b.checks.Get(b.ctx, 2, 1)
	b.refused(err, fault.CodeNotFound)
	_, err = b.checks.List(b.ctx, 2, check.Filter{}, page.Request{})
	b.refused(err, fault.CodeNotFound)
}

func fence(b *bench) {
	b.create(b.logic(""))
	b.push(annOn)
	before, err := b.s.Evaluation(b.ctx, b.resource.ID)
	b.must(err)
	b.push(bobOff)
	ok, err := b.s.Apply(b.ctx, check.Batch{ResourceID: b.resource.ID, Epoch: before.Epoch, Watermark: check.Whole(0), At: b.clock.Now()})
	b.must(err)
	equal(b.suite, "a step that read an old state applies", ok, false)
	b.result("FAILED ")
}

// slowClock ends findings in every way at a time before they began, as a node
// does whose clock is behind. Whoever opened the store looks at what it left.
func slowClock(b *bench) {
	b.create(b.logic(""))
	b.push(annOn)
	ends := func(begin, end func()) {
		b.t.Helper()
		b.clock.Advance(2 * time.Hour)
		begin()
		b.evaluate()
		equal(b.suite, "failures", len(b.failures()), 1)
		b.clock.Advance(-time.Hour)
		end()
		b.evaluate()
		equal(b.suite, "failures", len(b.failures()), 0)
	}
	bobFails := func() { b.push(bobOff) }
	ends(bobFails, func() { b.push(bobOn) })
	ends(bobFails, func() { b.must(b.records.Delete(b.ctx, b.actor, b.target(), "bob")) })
	ends(bobFails, func() { b.act(1, check.Disable) })
	b.act(1, check.Enable)
	ends(bobFails, func() {
		b.publish(1, b.logic(`,"filteringCriteria":{"all":[{"fact":"id","operator":"equal","value":"bob"}]}`))
	})
	ends(func() { b.publish(1, b.logic(`,"assertion":{"kind":"count","max":0}`)) }, func() { b.push(`{"id":"ann","mfa":false}`) })
	b.publish(1, b.logic(""))
	b.push(annOn)
	ends(bobFails, func() { b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID)) })
}

// Watched makes a resource with a published test and gives its id.
func Watched(t *testing.T, s *store.Store, clock *Clock) int64 {
	b := newBench(&suite{t, await.Context(t), s, clock})
	b.create(b.logic(""))
	return b.resource.ID
}
