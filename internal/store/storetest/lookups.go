package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// RunLookups proves tests that look up records of another resource.
func RunLookups(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench, record.Target)
	}{
		{"both sides", bothSides},
		{"nothing was ever there", unfed},
		{"records pushed together", together},
		{"drafts and causes", lookupDraft},
		{"stale, changed, deleted", far},
		{"long values", longLookups},
		{"more than a step", many},
		{"what is left is swept", swept},
		{"several nodes sweep", sweptAtOnce},
		{"refusals", lookupRefusals},
		{"waiting", waiting},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			b := newBench(&suite{t, await.Context(t), open(t, clock.Now), clock})
			hours := int64(1)
			other, err := b.connections.Create(b.ctx, b.actor, connection.New{Name: "Leavers", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
				Schema:         []byte(`{"type":"object","properties":{"id":{"type":"string"},"account":{"type":"string"},"left":{"type":"string"}}}`),
				DisplayNameKey: "id", FreshnessHours: &hours})
			b.must(err)
			c.test(b, record.Target{ConnectionID: other.ID, ResourceID: other.Resources[0].ID})
		})
	}
}

// notLeft is the test that no user is among the leavers.
func (b *bench) notLeft(where string) check.Test {
	b.t.Helper()
	return b.create(fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"notExistsIn",
		"value":{"resource":"Leavers","path":"account"%s}}]}}]}`, b.resource.ID, where))
}

// feed pushes records and evaluates them.
func (b *bench) feed(to record.Target, records ...string) {
	b.t.Helper()
	texts := make([][]byte, len(records))
	for i := range records {
		texts[i] = []byte(records[i])
	}
	_, err := b.records.Upsert(b.ctx, b.actor, to, texts)
	b.must(err)
	b.rest()
}

// rest evaluates all resources until nothing is left to do.
func (b *bench) rest() {
	b.t.Helper()
	for range 20 {
		pending, err := b.evaluator.Pending(b.ctx)
		b.must(err)
		if len(pending) == 0 {
			return
		}
		for _, id := range pending {
			for more := true; more; {
				more, err = b.evaluator.Step(b.ctx, id)
				b.must(err)
			}
		}
	}
	b.t.Fatal("the evaluator does not come to rest")
}

func (b *bench) failing() string {
	b.t.Helper()
	var keys []string
	for _, f := range b.failures() {
		keys = append(keys, f.Key)
	}
	return strings.Join(keys, " ")
}

func bothSides(b *bench, leavers record.Target) {
	b.feed(leavers, `{"id":"1","account":"bob"}`, `{"id":"2","account":"zoe"}`)
	b.push(annOn, bobOn)
	b.notLeft("")
	b.rest()
	b.result("FAILED ")
	equal(b.suite, "failing", b.failing(), "bob")
	b.clock.Advance(time.Hour / 2)
	b.feed(leavers, `{"id":"3","account":"ann"}`, `{"id":"4","account":"bob"}`)
	b.result("FAILED ")
	p := b.failures()
	equal(b.suite, "failing", len(p), 2)
	for _, f := range p {
		if f.Key == "ann" {
			equal(b.suite, "since the other record came", f.OpenedAt, b.clock.Now())
		}
	}
	// bob stands there twice: that one goes changes nothing.
	b.must(b.records.Delete(b.ctx, b.actor, leavers, "1"))
	b.feed(leavers, `{"id":"3","account":"nobody"}`)
	equal(b.suite, "failing", b.failing(), "bob")
	_, err := b.records.Upload(b.ctx, b.actor, leavers, "s-1", [][]byte{[]byte(`{"id":"9","account":"zoe"}`)})
	b.must(err)
	_, err = b.records.Complete(b.ctx, b.actor, leavers, "s-1", record.Guards{})
	b.must(err)
	b.rest()
	b.result("PASSED ")
	b.feed(b.target(), `{"id":"zoe","mfa":true}`)
	equal(b.suite, "failing", b.failing(), "zoe")
}

func unfed(b *bench, leavers record.Target) {
	b.push(annOn)
	b.notLeft("")
	b.rest()
	b.result("ERROR NO_DATA")
	// Data without the value counts as data.
	b.feed(leavers, `{"id":"1"}`)
	b.result("PASSED ")
}

func together(b *bench, _ record.Target) {
	b.create(fmt.Appendf(nil, `{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"seen","operator":"existsIn",
		"value":{"resource":%[1]d,"path":"id"}}]}}]}`, b.resource.ID))
	b.rest()
	var rows []string
	for i := range 30 {
		rows = append(rows, fmt.Sprintf(`{"id":"p%d","seen":"p%d"}`, i, (i+1)%30))
	}
	b.feed(b.target(), rows...)
	b.result("PASSED ")
	var closed int64
	p, err := b.s.Events(b.ctx, event.Filter{Type: event.TestStatusUpdated}, page.Request{})
	b.must(err)
	for _, e := range p.Items {
		if strings.Contains(e.Description, "FAILED") {
			closed++
		}
	}
	equal(b.suite, "moments at which the test failed", closed, 0)
}

func lookupDraft(b *bench, leavers record.Target) {
	b.feed(leavers, `{"id":"1","account":"bob","left":"2026-01-01"}`)
	b.push(annOn, bobOn)
	t, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "draft", Logic: fmt.Appendf(nil,
		`{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"notExistsIn","value":{"resource":%d,"path":"account"}}]}}]}`, b.resource.ID, leavers.ResourceID)})
	b.must(err)
	t, err = b.checks.Act(b.ctx, b.actor, 1, t.Number, check.RunDraft, "")
	b.must(err)
	equal(b.suite, "draft", fmt.Sprint(t.DraftRun.Result, t.DraftRun.Counts), "FAILED{0 1 1 0 0 false 0 0}")
	equal(b.suite, "cause", t.DraftRun.Examples[0].Cause[0].Reason, "found")
	_, err = b.checks.Act(b.ctx, b.actor, 1, t.Number, check.Publish, "")
	b.must(err)
	b.rest()
	f := b.failures()
	equal(b.suite, "words", fmt.Sprint(f[0].Words), fmt.Sprintf("[`id` is \"bob\", expected that it is not found in the `account` of resource %d]", leavers.ResourceID))
}

func far(b *bench, leavers record.Target) {
	b.feed(leavers, `{"id":"1","account":"zoe"}`)
	b.push(annOn)
	b.notLeft("")
	b.rest()
	b.result("PASSED ")
	b.clock.Advance(2 * time.Hour)
	b.result("ERROR STALE")
	b.feed(leavers, `{"id":"1","account":"zoe"}`)
	b.result("PASSED ")
	change := func(text string) {
		_, err := b.records.PutSchema(b.ctx, b.actor, leavers, []byte(text), "id", record.SchemaGuards{})
		b.must(err)
		b.rest()
	}
	change(`{"type":"object","properties":{"id":{"type":"string"}}}`)
	b.result("ERROR SCHEMA_DRIFT")
	change(`{"type":"object","properties":{"id":{"type":"string"},"account":{"type":"string"}}}`)
	b.result("PASSED ")
	b.must(b.connections.Delete(b.ctx, b.actor, leavers.ConnectionID))
	b.rest()
	b.result("ERROR RULE_ERROR")
	_, err := b.checks.Act(b.ctx, b.actor, 1, 1, check.Run, "")
	b.refused(err, fault.CodeValidation)
	for n := int64(1); n > 0; {
		n, err = b.s.PurgeDeleted(b.ctx, 1000)
		b.must(err)
	}
}

func longLookups(b *bench, leavers record.Target) {
	long := strings.Repeat("é", 20_000)
	b.feed(leavers, `{"id":"1","account":"`+long+`"}`)
	b.feed(b.target(), `{"id":"a","seen":"`+long+`"}`, `{"id":"b","seen":"`+long[2:]+`"}`)
	b.create(fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"seen","operator":"existsIn",
		"value":{"resource":%d,"path":"account"}}]}}]}`, b.resource.ID, leavers.ResourceID))
	b.rest()
	equal(b.suite, "failing", b.failing(), "b")
	equal(b.suite, "explained", len(b.failures()[0].Cause), 1)
}

// many takes both sides, and a change that concerns every record, over the size
// of one step.
func many(b *bench, leavers record.Target) {
	var users, left []string
	for i := range 2500 {
		users = append(users, fmt.Sprintf(`{"id":"u%04d","mfa":true}`, i))
		left = append(left, fmt.Sprintf(`{"id":"l%d","account":"u%04d","left":"x"}`, i, i))
	}
	b.feed(leavers, left[:2100]...)
	b.feed(b.target(), users...)
	b.notLeft(`,"where":{"fact":"left","operator":"not:in","value":{"fact":"list"}}`)
	b.rest()
	t := b.result("ERROR RULE_ERROR") // `left` cannot be held against a list that is not there
	equal(b.suite, "counts", fmt.Sprint(t.Totals()), "{0 0 0 2500 0 false 0 0}")
	lists := make([]string, 2100)
	for i := range lists {
		lists[i] = fmt.Sprintf(`{"id":"l%d","account":"u%04d","left":"x","list":[]}`, i, i)
	}
	b.feed(leavers, lists[:2099]...)
	equal(b.suite, "counts", fmt.Sprint(b.result("FAILED ").Totals()), "{0 0 2099 401 0 false 0 0}")
	b.feed(leavers, lists[2099])
	equal(b.suite, "counts", fmt.Sprint(b.result("FAILED ").Totals()), "{0 400 2100 0 0 false 0 0}")
}

func swept(b *bench, leavers record.Target) {
	b.feed(leavers, `{"id":"1","account":"bob"}`)
	b.push(annOn, bobOn)
	b.notLeft("")
	b.rest()
	ev, err := b.s.Evaluation(b.ctx, leavers.ResourceID)
	b.must(err)
	equal(b.suite, "lookups", len(ev.Lookups), 1)
	_, err = b.checks.Act(b.ctx, b.actor, 1, 1, check.Delete, "")
	b.must(err)
	b.feed(leavers, `{"id":"1","account":"ann"}`)
	b.must(b.evaluator.Sweep(b.ctx))
	for _, of := range []int64{b.resource.ID, leavers.ResourceID} {
		ev, err := b.s.Evaluation(b.ctx, of)
		b.must(err)
		equal(b.suite, "lookups", len(ev.Lookups), 0)
		equal(b.suite, "changes", ev.Stirred, false)
	}
	found, _, err := b.s.Presence(b.ctx, 1, []string{`"bob"`, `"ann"`})
	b.must(err)
	equal(b.suite, "values", len(found), 0)
	// A new test asks anew.
	b.notLeft("")
	b.rest()
	p, _, err := b.checks.Failures(b.ctx, 1, 2, false, page.Request{})
	b.must(err)
	equal(b.suite, "failing", p.Items[0].Key, "ann")
}

// sweptAtOnce: of several nodes that sweep, none ends what another is still at.
func sweptAtOnce(b *bench, leavers record.Target) {
	const limit = 20
	var rows []string
	for i := range 1000 {
		rows = append(rows, fmt.Sprintf(`{"id":"%d","account":"u%d"}`, i, i))
	}
	b.feed(leavers, rows...)
	b.notLeft("")
	b.rest()
	var records []int64
	b.must(b.s.Scan(b.ctx, leavers.ResourceID, func(id int64, _ string, _ []byte) error {
		records = append(records, id)
		return nil
	}))
	values := func() int {
		v, err := b.s.LookupValues(b.ctx, []int64{1}, records)
		b.must(err)
		return len(v)
	}
	equal(b.suite, "values before", values(), 1000)
	b.act(1, check.Delete)
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			n, err := int64(limit), error(nil)
			for n >= limit && err == nil {
				n, err = b.s.SweepLookups(b.ctx, limit)
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		b.must(await.Receive(b.t, "the end of a sweep", errs))
	}
	b.must(b.evaluator.Sweep(b.ctx))
	equal(b.suite, "values left", values(), 0)
}

func lookupRefusals(b *bench, leavers record.Target) {
	for _, value := range []string{`{"resource":"Nobody","path":"a"}`, `{"resource":99,"path":"a"}`} {
		_, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "x", Logic: fmt.Appendf(nil,
			`{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"existsIn","value":%s}]}}]}`, leavers.ResourceID, value)})
		b.refused(err, fault.CodeValidation)
	}
}

// waiting proves that whoever pushes to the looked-up side and waits sees the
// tests of the other.
func waiting(b *bench, leavers record.Target) {
	b.feed(leavers, `{"id":"1","account":"zoe"}`)
	b.push(annOn)
	b.notLeft("")
	b.rest()
	res, err := b.records.Upsert(b.ctx, b.actor, leavers, [][]byte{[]byte(`{"id":"2","account":"ann"}`)})
	b.must(err)
	pending := func(what string) {
		ctx, cancel := context.WithTimeout(b.ctx, 50*time.Millisecond)
		defer cancel()
		w, err := b.evaluator.Wait(ctx, leavers.ResourceID, res.Seq)
		b.must(err)
		equal(b.suite, what, w.Pending, true)
	}
	pending("pending at first")
	for _, id := range []int64{leavers.ResourceID, leavers.ResourceID} {
		_, err = b.evaluator.Step(b.ctx, id)
		b.must(err)
	}
	pending("pending while the users are not evaluated")
	b.rest()
	w, err := b.evaluator.Wait(b.ctx, leavers.ResourceID, res.Seq)
	b.must(err)
	equal(b.suite, "waited", fmt.Sprint(w), "{false 1 0}")
	w, err = b.evaluator.WaitTest(b.ctx, 1, 1)
	b.must(err)
	equal(b.suite, "waited", fmt.Sprint(w), "{false 1 0}")
}
