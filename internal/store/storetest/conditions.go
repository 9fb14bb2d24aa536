package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunConditions proves that named conditions and the tests that refer to them
// change together or not at all.
func RunConditions(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"one transaction", conditionWithTests},
		{"a condition changes under a test", conditionUnderTest},
		{"a test changes under a condition", testUnderCondition},
		{"never at rest", neverAtRest},
		{"all at once", conditionsAtOnce},
		{"a pinned version", pinnedVersion},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

const (
	mfaOn  = `{"fact":"mfa","operator":"equal","value":true}`
	mfaOff = `{"fact":"mfa","operator":"equal","value":false}`
)

// define puts a condition and tells how many tests were published anew.
func (b *bench) define(name, logic string) int {
	b.t.Helper()
	_, n, err := b.checks.PutCondition(b.ctx, b.actor, 1, name, []byte(logic))
	b.must(err)
	return n
}

// named is a test of a condition.
func (b *bench) named(condition string) []byte {
	return fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"condition":%q}}]}`, b.resource.ID, condition)
}

func contains(x *suite, text, part string) {
	x.t.Helper()
	if !strings.Contains(text, part) {
		x.t.Fatalf("%s has no %s", text, part)
	}
}

func (b *bench) events(ty event.Type) int {
	b.t.Helper()
	p, err := b.s.Events(b.ctx, event.Filter{Type: ty}, page.Request{})
	b.must(err)
	return len(p.Items)
}

func conditionWithTests(b *bench) {
	b.push(annOn, bobOff)
	b.define("safe", mfaOn)
	t := b.create(b.named("safe"))
	b.rest()
	b.result("FAILED ")
	equal(b.suite, "failing", b.failing(), "bob")
	book, err := b.s.Book(b.ctx, 1)
	b.must(err)
	equal(b.suite, "uses", len(book.Uses), 1)
	equal(b.suite, "in force", book.Uses[0].InForce, true)

	// The last of the builds is refused: nothing of the rest may stay.
	t, err = b.checks.Get(b.ctx, 1, t.Number)
	b.must(err)
	c := check.Condition{Name: "safe", Logic: []byte(mfaOff), CreatedAt: b.clock.Now(), UpdatedAt: b.clock.Now()}
	build := check.Build{Test: t, Version: check.Version{Number: 2, Logic: t.Published.Logic, Pinned: t.Published.Pinned, CreatedAt: b.clock.Now()},
		Event: b.event(event.TestPublished)}
	stale := build
	stale.Test.Revision--
	published := b.events(event.TestPublished)
	b.refused(b.s.PutCondition(b.ctx, book, c, []check.Build{build, stale}, b.event(event.ConditionUpdated)), fault.CodeEditConflict)
	got, err := b.checks.Condition(b.ctx, 1, "safe")
	b.must(err)
	equal(b.suite, "logic", string(got.Logic), mfaOn)
	after, err := b.s.Book(b.ctx, 1)
	b.must(err)
	equal(b.suite, "revision", after.Revision, book.Revision)
	equal(b.suite, "version", b.result("FAILED ").Published.Number, 1)
	equal(b.suite, "events of the condition", b.events(event.ConditionUpdated), 0)
	equal(b.suite, "events of the test", b.events(event.TestPublished), published)

	// Now for good.
	b.clock.Advance(1)
	equal(b.suite, "published anew", b.define("safe", mfaOff), 1)
	building := b.result("FAILED ")
	equal(b.suite, "building", building.Building, true)
	equal(b.suite, "version", building.Published.Number, 2)
	equal(b.suite, "note", building.Published.Note, "condition “safe” changed")
	equal(b.suite, "in force meanwhile", b.failing(), "bob")
	b.rest()
	equal(b.suite, "failing", b.failing(), "ann")
	equal(b.suite, "the same again", b.define("safe", mfaOff), 0)
	equal(b.suite, "events of the condition", b.events(event.ConditionUpdated), 1)
	equal(b.suite, "events of the test", b.events(event.TestPublished), published+1)
	// An old book is of no use any more.
	b.refused(b.s.DeleteCondition(b.ctx, book, "safe", b.event(event.ConditionDeleted)), fault.CodeEditConflict)
	b.refused(b.checks.DeleteCondition(b.ctx, b.actor, 1, "safe"), fault.CodeConflict)
	b.act(t.Number, check.Delete)
	b.must(b.checks.DeleteCondition(b.ctx, b.actor, 1, "safe"))
	list, err := b.checks.Conditions(b.ctx, 1)
	b.must(err)
	equal(b.suite, "left", len(list), 0)
	equal(b.suite, "events of the deletion", b.events(event.ConditionDeleted), 1)
}

// interrupted is a store in which something else happens before it stores a
// test or a condition, a number of times.
type interrupted struct {
	check.Store
	times  int
	before func()
}

func (i *interrupted) interrupt() {
	if i.times > 0 {
		i.times--
		i.before()
	}
}

func (i *interrupted) Build(ctx context.Context, t check.Test, v check.Version, groups []check.Group, at time.Time, e event.Event) (check.Test, error) {
	i.interrupt()
	return i.Store.Build(ctx, t, v, groups, at, e)
}

func (i *interrupted) SaveTest(ctx context.Context, t check.Test, e event.Event) (check.Test, error) {
	i.interrupt()
	return i.Store.SaveTest(ctx, t, e)
}

func (i *interrupted) CreateTest(ctx context.Context, t check.Test, draft check.Version, e event.Event) (check.Test, error) {
	i.interrupt()
	return i.Store.CreateTest(ctx, t, draft, e)
}

func (i *interrupted) PutCondition(ctx context.Context, book check.Book, c check.Condition, builds []check.Build, e event.Event) error {
	i.interrupt()
	return i.Store.PutCondition(ctx, book, c, builds, e)
}

func (i *interrupted) DeleteCondition(ctx context.Context, book check.Book, name string, e event.Event) error {
	i.interrupt()
	return i.Store.DeleteCondition(ctx, book, name, e)
}

func (b *bench) interruptedBy(times int, before func()) (*check.Service, *interrupted) {
	i := &interrupted{b.s, times, before}
	return check.NewService(i, check.Options{Now: b.clock.Now}), i
}

// What was compiled with a condition as it was must not be stored after it
// changed: nobody would compile it again.
func conditionUnderTest(b *bench) {
	b.push(annOn, bobOff)
	b.define("safe", mfaOn)
	logic := []string{mfaOff, mfaOn, mfaOff}
	change := func() {
		b.define("safe", logic[0])
		logic = logic[1:]
	}
	checks, _ := b.interruptedBy(1, change)
	_, err := checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "MFA is on", Logic: b.named("safe")})
	b.refused(err, fault.CodeEditConflict)
	t, err := checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "MFA is on", Logic: b.named("safe")})
	b.must(err)
	checks, _ = b.interruptedBy(1, change)
	_, err = checks.Update(b.ctx, b.actor, 1, t.Number, check.Change{Logic: b.named("safe")})
	b.refused(err, fault.CodeEditConflict)
	// A change that compiles nothing goes through.
	name := "MFA is really on"
	_, err = checks.Update(b.ctx, b.actor, 1, t.Number, check.Change{Name: &name})
	b.must(err)
	checks, _ = b.interruptedBy(1, change)
	_, err = checks.Act(b.ctx, b.actor, 1, t.Number, check.Publish, "")
	b.refused(err, fault.CodeEditConflict)
	_, err = checks.Act(b.ctx, b.actor, 1, t.Number, check.Publish, "")
	b.must(err)
	b.rest()
	equal(b.suite, "failing", b.failing(), "ann")
}

// A test that comes to refer to a condition while that changes is published
// anew with it.
func testUnderCondition(b *bench) {
	b.push(annOn, bobOff)
	b.define("safe", mfaOn)
	checks, i := b.interruptedBy(1, func() { b.create(b.named("safe")) })
	_, n, err := checks.PutCondition(b.ctx, b.actor, 1, "safe", []byte(mfaOff))
	b.must(err)
	equal(b.suite, "interruptions left", i.times, 0)
	equal(b.suite, "published anew", n, 1)
	b.rest()
	equal(b.suite, "failing", b.failing(), "ann")
	equal(b.suite, "version", b.result("FAILED ").Published.Number, 2)

	b.define("other", mfaOn)
	checks, _ = b.interruptedBy(1, func() { b.define("third", `{"not":{"condition":"other"}}`) })
	b.refused(checks.DeleteCondition(b.ctx, b.actor, 1, "other"), fault.CodeConflict)
	checks, _ = b.interruptedBy(1, func() { b.must(b.checks.DeleteCondition(b.ctx, b.actor, 1, "third")) })
	_, _, err = checks.PutCondition(b.ctx, b.actor, 1, "third", []byte(mfaOff))
	b.must(err)
	third, err := b.checks.Condition(b.ctx, 1, "third")
	b.must(err)
	equal(b.suite, "made again", string(third.Logic), mfaOff)
}

// Where something always comes between, a change ends with a refusal.
func neverAtRest(b *bench) {
	n := 0
	checks, i := b.interruptedBy(1000, func() {
		n++
		b.define("other", fmt.Sprintf(`{"fact":"n","operator":"equal","value":%d}`, n))
	})
	_, _, err := checks.PutCondition(b.ctx, b.actor, 1, "safe", []byte(mfaOn))
	b.refused(err, fault.CodeEditConflict)
	equal(b.suite, "tries", 1000-i.times, 5)
	_, err = b.checks.Condition(b.ctx, 1, "safe")
	b.refused(err, fault.CodeNotFound)
}

// conditionsAtOnce: conditions and tests are changed together by several; in
// the end each test in force is what the conditions say.
func conditionsAtOnce(b *bench) {
	b.push(annOn, bobOff)
	b.define("safe", mfaOn)
	b.define("outer", `{"not":{"condition":"safe"}}`)
	first := b.create(b.named("outer"))
	second, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "second", Logic: b.named("safe"), Publish: true})
	b.must(err)
	var wg sync.WaitGroup
	errs := make(chan error, 100)
	for _, logic := range []string{mfaOn, mfaOff} {
		wg.Go(func() {
			for range 8 {
				_, _, err := b.checks.PutCondition(b.ctx, b.actor, 1, "safe", []byte(logic))
				errs <- err
			}
		})
	}
	for _, n := range []int64{first.Number, second.Number} {
		wg.Go(func() {
			for range 8 {
				_, err := b.checks.Act(b.ctx, b.actor, 1, n, check.Run, "")
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			b.refused(err, fault.CodeEditConflict)
		}
	}
	safe, err := b.checks.Condition(b.ctx, 1, "safe")
	b.must(err)
	for n, want := range map[int64]string{first.Number: `"evaluator":{"name":"outer","not":{"name":"safe",`, second.Number: `"evaluator":{"all":[{"name":"safe",`} {
		t, err := b.checks.Get(b.ctx, 1, n)
		b.must(err)
		contains(b.suite, string(t.Published.Pinned), want+string(safe.Logic[1:]))
	}
	b.rest()
	passing := map[string]string{mfaOn: "bob", mfaOff: "ann"}[string(safe.Logic)]
	p, _, err := b.checks.Failures(b.ctx, 1, second.Number, false, page.Request{})
	b.must(err)
	equal(b.suite, "failing", p.Items[0].Key, passing)
}

// A resource that a version looks up by name is kept by its id.
func pinnedVersion(b *bench) {
	other := b.second()
	b.define("listed", fmt.Sprintf(`{"fact":"id","operator":"existsIn","value":{"resource":%q,"path":"id"}}`, other.Name))
	t := b.create(b.named("listed"))
	contains(b.suite, string(t.Published.Logic), `"evaluator":{"condition":"listed"}`)
	contains(b.suite, string(t.Published.Pinned), fmt.Sprintf(`{"resource":%d,"path":"id"}`, other.ID))
	b.pushTo(other, annOn)
	b.push(annOn, bobOn)
	b.rest()
	got := b.result("FAILED ")
	equal(b.suite, "failing", b.failing(), "bob")
	equal(b.suite, "in force", string(got.InForce), string(got.Published.Pinned))
	p, err := b.checks.List(b.ctx, 1, check.Filter{ResourceID: b.resource.ID}, page.Request{})
	b.must(err)
	equal(b.suite, "tests over the resource", len(p.Items), 1)
}
