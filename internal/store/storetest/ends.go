package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/store"
)

// RunEnds proves what is left of findings when the group that had them is over.
// history lists the findings of a test, those that are closed too, with minutes.
func RunEnds(t *testing.T, open Open, history func(s *store.Store, ctx context.Context, testID int64, since time.Time) ([]string, error)) {
	for _, c := range []struct {
		name string
		// end comes ten minutes after bob and eve began to fail.
		end  func(*bench)
		want string
	}{
		{"disabled", func(b *bench) { b.act(1, check.Disable) }, "bob 0-10 test disabled, eve 0-10 test disabled"},
		{"deleted", func(b *bench) { b.act(1, check.Delete) }, "bob 0-10 test deleted, eve 0-10 test deleted"},
		{"connection deleted", func(b *bench) { b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID)) },
			"bob 0-10 record deleted, eve 0-10 record deleted"},
		{"disabled and enabled again", func(b *bench) {
			b.act(1, check.Disable)
			b.act(1, check.Enable)
		}, "bob 0-10 test disabled, eve 0-10 test disabled, bob 10-, eve 10-"},
		{"published: bob fails both, ann the new one", func(b *bench) { b.publish(1, b.noAnnNorBob()) },
			"bob 0-, eve 0-10 test changed, ann 10-"},
		{"published, and another one before the first is in force", func(b *bench) {
			b.publish(1, b.logic(`,"onEmpty":"pass"`))
			_, err := b.evaluator.Step(b.ctx, b.resource.ID)
			b.must(err)
			b.publish(1, b.noAnnNorBob())
		}, "bob 0-, eve 0-10 test changed, ann 10-"},
		{"published, and another one while the first is half built", func(b *bench) {
			b.publish(1, b.both("ALL_GROUPS", b.second()))
			_, err := b.evaluator.Step(b.ctx, b.resource.ID)
			b.must(err)
			b.publish(1, b.noAnnNorBob())
		}, "bob 0-, eve 0-10 test changed, ann 10-"},
		{"published, and bob is well before it is in force", func(b *bench) {
			other := b.second()
			b.publish(1, b.both("ALL_GROUPS", other))
			b.evaluate() // here it is built, there not yet
			b.clock.Advance(10 * time.Minute)
			b.push(bobOn)
			b.clock.Advance(10 * time.Minute)
		}, "bob 0-20 fixed, eve 0-"},
		{"published, and bob is gone before it is in force by a step elsewhere", func(b *bench) {
			other := b.second()
			b.publish(1, b.both("ALL_GROUPS", other))
			_, err := b.evaluator.Step(b.ctx, b.resource.ID) // here it is built, there not yet
			b.must(err)
			b.clock.Advance(10 * time.Minute)
			b.must(b.records.Delete(b.ctx, b.actor, b.target(), "bob"))
			b.clock.Advance(10 * time.Minute)
			_, err = b.evaluator.Step(b.ctx, other.ID)
			b.must(err)
		}, "bob 0-20 record deleted, eve 0-"},
		{"published twice", func(b *bench) {
			b.publish(1, b.noAnnNorBob())
			b.rest()
			b.clock.Advance(10 * time.Minute)
			b.publish(1, b.logic(""))
		}, "bob 0-, eve 0-10 test changed, ann 10-20 test changed, eve 20-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			b := newBench(&suite{t, await.Context(t), open(t, clock.Now), clock})
			test := b.create(b.logic(""))
			b.push(annOn)
			start := clock.Now()
			b.push(bobOff, `{"id":"eve","mfa":false}`)
			clock.Advance(10 * time.Minute)
			c.end(b)
			b.rest()
			seen := 0
			if now, err := b.checks.Get(b.ctx, 1, 1); err == nil {
				equal(b.suite, "building", now.Building, false)
				seen = len(b.failures())
			}
			equal(b.suite, "failures that are seen before the sweep", seen, strings.Count(c.want+",", "-,"))
			b.failedThen(start.Add(5*time.Minute), "before the sweep")
			for range 2 {
				b.must(b.evaluator.Sweep(b.ctx))
				for n := int64(1); n > 0; {
					var err error
					n, err = b.s.PurgeDeleted(b.ctx, 1)
					b.must(err)
				}
			}
			b.failedThen(start.Add(5*time.Minute), "after the sweep")
			got, err := history(b.s, b.ctx, test.ID, start)
			b.must(err)
			equal(b.suite, "findings", strings.Join(got, ", "), c.want)
		})
	}
}

// failedThen proves that bob and eve failed test 1 then, once each, unless it is
// deleted.
func (b *bench) failedThen(at time.Time, when string) {
	b.t.Helper()
	p, _, err := b.checks.FailuresAsOf(b.ctx, 1, 1, at, true, page.Request{})
	if fault.KindOf(err) == fault.NotFound {
		return
	}
	b.must(err)
	var keys []string
	for _, f := range p.Items {
		keys = append(keys, f.Key)
	}
	slices.Sort(keys)
	equal(b.suite, "failures of then "+when, strings.Join(keys, " "), "bob eve")
}

// noAnnNorBob is a test that ann and bob fail.
func (b *bench) noAnnNorBob() []byte {
	return fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"notIn","value":["ann","bob"]}]}}]}`, b.resource.ID)
}
