package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunExclusions proves what exclusions do beyond what [RunEvaluator] compares.
func RunExclusions(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"a step that did not see it", unseenExclusion},
		{"of a record not evaluated yet", earlyExclusion},
		{"under unique", uniqueExclusion},
		{"a value that many excluded records have", stirredHolders},
		{"percentages and numbers", exclusionAssertions},
		{"mended", mendedRecord},
		{"mended in another form", mendedForms},
		{"mended where there may be some", mendedSurplus},
		{"the end at its moment", expiryFlip},
		{"the sweep", exclusionSweep},
		{"nothing mixed", nothingMixed},
		{"of a disabled test", disabledExclusion},
		{"all at once", excludedAtOnce},
		{"more than a step", manyExclusions},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// exclude takes a record out of the count of test 1, for a day.
func (b *bench) exclude(key string, onFix bool) check.Exclusion {
	b.t.Helper()
	x, err := b.checks.Exclude(b.ctx, b.actor, 1, 1, check.NewExclusion{Key: key, Reason: "because", Category: "ACCEPTED_RISK",
		ExpiresAt: b.clock.Now().Add(24 * time.Hour), ExpireOnFix: onFix})
	b.must(err)
	return x
}

func (b *bench) selectBy(selector string) check.Exclusion {
	b.t.Helper()
	x, err := b.checks.Exclude(b.ctx, b.actor, 1, 1, check.NewExclusion{Selector: []byte(selector), Reason: "because", Category: "ACCEPTED_RISK",
		ExpiresAt: b.clock.Now().Add(24 * time.Hour)})
	b.must(err)
	return x
}

func (b *bench) ended(x check.Exclusion) *check.Exclusion {
	b.t.Helper()
	got, _, err := b.checks.Exclusion(b.ctx, 1, 1, x.ID)
	b.must(err)
	return &got
}

// counts are those of test 1.
func (b *bench) counts(want check.Counts) {
	b.t.Helper()
	t, err := b.checks.Get(b.ctx, 1, 1)
	b.must(err)
	equal(b.suite, "counts", t.Totals(), want)
}

// found are the findings of test 1 with those of excluded records, the oldest
// first.
func (b *bench) found() string {
	b.t.Helper()
	p, _, err := b.checks.Failures(b.ctx, 1, 1, true, page.Request{Ascending: true})
	b.must(err)
	out := ""
	for _, f := range p.Items {
		out += f.Key
		if f.Excluded {
			out += "*"
		}
		out += " "
	}
	return out
}

func unseenExclusion(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff)
	ev, err := b.s.Evaluation(b.ctx, b.resource.ID)
	b.must(err)
	x := b.exclude("bob", false)
	batch := check.Batch{ResourceID: b.resource.ID, Epoch: ev.Epoch, Watermark: ev.Watermark, At: b.clock.Now()}
	for _, change := range []func(){
		func() {},
		func() {
			reason := "another"
			_, err := b.checks.ChangeExclusion(b.ctx, b.actor, 1, 1, x.ID, check.ExclusionChange{Reason: &reason})
			b.must(err)
		},
		func() { b.must(b.checks.DeleteExclusion(b.ctx, b.actor, 1, 1, x.ID)) },
	} {
		ev, err = b.s.Evaluation(b.ctx, b.resource.ID)
		b.must(err)
		change()
		ok, err := b.s.Apply(b.ctx, batch)
		b.must(err)
		equal(b.suite, "a step that read before the exclusion changed applies", ok, false)
		batch.Epoch = ev.Epoch
	}
	b.evaluate()
	b.counts(check.Counts{Passing: 1, Failing: 1})
}

func earlyExclusion(b *bench) {
	b.create(b.logic(""))
	_, err := b.records.Upsert(b.ctx, b.actor, b.target(), [][]byte{[]byte(annOn), []byte(bobOff)})
	b.must(err)
	b.exclude("bob", false)
	b.evaluate()
	b.counts(check.Counts{Passing: 1, Excluded: 1})
	b.result("PASSED ")
	equal(b.suite, "findings", b.found(), "bob* ")
	equal(b.suite, "failures", len(b.failures()), 0)
}

const uniqueSeen = `,"assertion":{"kind":"unique","path":"seen"}`

func uniqueExclusion(b *bench) {
	b.create(b.logic(uniqueSeen))
	b.push(`{"id":"a","mfa":true,"seen":"1"}`, `{"id":"b","mfa":true,"seen":"1"}`, `{"id":"c","mfa":true,"seen":"2"}`)
	b.counts(check.Counts{Passing: 1, Failing: 2})
	x := b.exclude("a", true)
	b.evaluate()
	// b has its value for itself now, and still a finding has a.
	b.counts(check.Counts{Passing: 2, Excluded: 1})
	equal(b.suite, "findings", b.found(), "a* ")
	b.push(`{"id":"d","mfa":true,"seen":"1"}`)
	b.counts(check.Counts{Passing: 1, Failing: 2, Excluded: 1})
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), "d"))
	b.evaluate()
	b.counts(check.Counts{Passing: 2, Excluded: 1})
	// Nobody has the value of a any more: it is mended, and counts again.
	b.push(`{"id":"b","mfa":true,"seen":"3"}`)
	equal(b.suite, "state", b.ended(x).Ended, check.ExclusionFixed)
	b.counts(check.Counts{Passing: 3})
	b.push(`{"id":"b","mfa":true,"seen":"1"}`)
	b.counts(check.Counts{Passing: 1, Failing: 2})
}

// stirredHolders has the first record not excluded come to a value, and go.
func stirredHolders(b *bench) {
	b.create(b.logic(uniqueSeen))
	b.push(`{"id":"a","mfa":true,"seen":"1"}`, `{"id":"b","mfa":true,"seen":"1"}`, `{"id":"c","mfa":true,"seen":"1"}`)
	for _, key := range []string{"a", "b", "c"} {
		b.exclude(key, false)
	}
	b.evaluate()
	b.counts(check.Counts{Excluded: 3})
	equal(b.suite, "findings among the excluded alone", b.found(), "")
	b.push(`{"id":"d","mfa":true,"seen":"1"}`)
	b.counts(check.Counts{Passing: 1, Excluded: 3})
	equal(b.suite, "findings beside one that counts", b.found(), "a* b* c* ")
	b.push(`{"id":"d","mfa":true,"seen":"2"}`)
	equal(b.suite, "findings once it has another value", b.found(), "")
}

func exclusionAssertions(b *bench) {
	off := func(id string) string { return fmt.Sprintf(`{"id":%q,"mfa":false}`, id) }
	b.create(b.logic(`,"assertion":{"kind":"maxFailing","value":1}`))
	b.push(annOn, off("a"), off("b"))
	b.result("FAILED ")
	x := b.exclude("a", false)
	b.evaluate()
	b.result("PASSED ")
	b.publish(1, b.logic(`,"assertion":{"kind":"minPassingPercent","value":50}`))
	b.evaluate()
	b.counts(check.Counts{Passing: 1, Failing: 1, Excluded: 1})
	b.result("PASSED ")
	b.must(b.checks.DeleteExclusion(b.ctx, b.actor, 1, 1, x.ID))
	b.evaluate()
	b.result("FAILED ")
	b.publish(1, b.logic(`,"assertion":{"kind":"count","min":1}`))
	b.evaluate()
	b.result("PASSED ")
	b.exclude("ann", false)
	b.evaluate()
	b.result("FAILED ")
	b.exclude("a", false)
	b.exclude("b", false)
	b.evaluate()
	b.result("ERROR NO_DATA")
	b.publish(1, b.logic(`,"onEmpty":"pass"`))
	b.evaluate()
	b.result("PASSED NO_DATA")
}

func mendedRecord(b *bench) {
	b.create(b.logic(`,"filteringCriteria":{"all":[{"fact":"seen","operator":"equal","value":"never"}]}`))
	ends := map[string]func(){
		"it passes":    func() { b.push(bobOn) },
		"out of scope": func() { b.push(`{"id":"bob","mfa":false,"seen":"never"}`) },
		"deleted":      func() { b.must(b.records.Delete(b.ctx, b.actor, b.target(), "bob")); b.evaluate() },
	}
	b.push(annOn)
	n := 0
	for name, end := range ends {
		b.push(bobOff)
		x := b.exclude("bob", true)
		kept, err := b.checks.Exclude(b.ctx, b.actor, 1, 1, check.NewExclusion{Key: "ann", Reason: "r", Category: "OUT_OF_SCOPE", ExpiresAt: b.clock.Now().Add(time.Hour), ExpireOnFix: true})
		b.must(err)
		b.evaluate()
		b.counts(check.Counts{Excluded: 2})
		b.clock.Advance(time.Minute)
		end()
		got := b.ended(x)
		equal(b.suite, name+": state", got.Ended, check.ExclusionFixed)
		equal(b.suite, name+": end", got.EndedAt, b.clock.Now())
		n++
		equal(b.suite, name+": events", b.events(event.ExclusionFixed), n)
		// What never failed is not mended.
		equal(b.suite, name+": of a record that passes", b.ended(kept).State(b.clock.Now()), check.ExclusionActive)
		b.must(b.checks.DeleteExclusion(b.ctx, b.actor, 1, 1, kept.ID))
		b.push(bobOff)
		b.counts(check.Counts{Passing: 1, Failing: 1})
	}
}

// mendedSurplus is of a test of at most so many records: one of them is mended when
// it is none of them any more.
func mendedSurplus(b *bench) {
	b.create(b.logic(`,"assertion":{"kind":"count","max":0}`))
	b.push(annOn, bobOff)
	ann, bob := b.exclude("ann", true), b.exclude("bob", true)
	b.evaluate()
	b.push(bobOn)
	equal(b.suite, "of one that comes to count", b.ended(bob).State(b.clock.Now()), check.ExclusionActive)
	b.push(`{"id":"ann","mfa":false}`)
	equal(b.suite, "of one that counts no more", b.ended(ann).Ended, check.ExclusionFixed)
	b.push(bobOff)
	equal(b.suite, "of one that counted for a while", b.ended(bob).Ended, check.ExclusionFixed)
}

// mendedForms deletes a record that comes back, all in one step: it was never
// mended.
func mendedForms(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff)
	x := b.exclude("bob", true)
	b.evaluate()
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), "bob"))
	b.push(bobOff)
	equal(b.suite, "state", b.ended(x).State(b.clock.Now()), check.ExclusionActive)
	b.counts(check.Counts{Passing: 1, Excluded: 1})
	equal(b.suite, "findings", b.found(), "bob* ")
}

func expiryFlip(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff)
	first := b.failures()[0].OpenedAt
	x, y := b.exclude("bob", false), b.selectBy(`{"all":[{"fact":"id","operator":"equal","value":"bob"}]}`)
	b.evaluate()
	b.result("PASSED ")
	b.clock.Advance(24*time.Hour - time.Microsecond)
	b.push(annOn)
	pending, err := b.evaluator.Pending(b.ctx)
	b.must(err)
	equal(b.suite, "pending a moment before", len(pending), 0)
	b.clock.Advance(time.Microsecond)
	if pending, err = b.evaluator.Pending(b.ctx); err != nil || len(pending) != 1 {
		b.t.Fatalf("pending at the moment: %v, %v", pending, err)
	}
	b.evaluate()
	b.result("FAILED ")
	equal(b.suite, "an exclusion closes no finding", b.failures()[0].OpenedAt, first)
	for _, each := range []check.Exclusion{x, y} {
		got := b.ended(each)
		equal(b.suite, "state", got.Ended, check.ExclusionExpired)
		equal(b.suite, "end", got.EndedAt, each.ExpiresAt)
	}
	equal(b.suite, "events", b.events(event.ExclusionExpired), 2)
	if pending, err = b.evaluator.Pending(b.ctx); err != nil || len(pending) != 0 {
		b.t.Fatalf("pending afterwards: %v, %v", pending, err)
	}
}

func exclusionSweep(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff)
	until := b.clock.Now().Add(30 * 24 * time.Hour)
	x := b.exclude("bob", false)
	y, err := b.checks.ChangeExclusion(b.ctx, b.actor, 1, 1, x.ID, check.ExclusionChange{ExpiresAt: &until})
	b.must(err)
	b.act(1, check.Disable)
	sweep := func(expiring, expired int) {
		b.t.Helper()
		b.must(b.checks.SweepExclusions(b.ctx))
		equal(b.suite, "events of what is about to expire", b.events(event.ExclusionExpiring), expiring)
		equal(b.suite, "events of what expired", b.events(event.ExclusionExpired), expired)
	}
	sweep(0, 0)
	b.clock.Advance(23 * 24 * time.Hour)
	sweep(1, 0)
	sweep(1, 0)
	// Another end is warned of anew.
	until = until.Add(time.Hour)
	_, err = b.checks.ChangeExclusion(b.ctx, b.actor, 1, 1, x.ID, check.ExclusionChange{ExpiresAt: &until})
	b.must(err)
	sweep(1, 0)
	b.clock.Advance(time.Hour)
	sweep(2, 0)
	_, err = b.checks.ChangeExclusion(b.ctx, b.actor, 1, 1, x.ID, check.ExclusionChange{ExpiresAt: &until})
	b.must(err)
	equal(b.suite, "the same again is no change", b.ended(x).Version, 3)
	reason := "the same end"
	_, err = b.checks.ChangeExclusion(b.ctx, b.actor, 1, 1, x.ID, check.ExclusionChange{Reason: &reason})
	b.must(err)
	sweep(2, 0)
	b.clock.Advance(8 * 24 * time.Hour)
	sweep(2, 1)
	sweep(2, 1)
	equal(b.suite, "state", b.ended(y).Ended, check.ExclusionExpired)
	_, versions, err := b.checks.Exclusion(b.ctx, 1, 1, x.ID)
	b.must(err)
	equal(b.suite, "versions", len(versions), 4)
	for i, v := range versions {
		end := until
		if i < 3 {
			end = versions[i+1].ValidFrom
		}
		equal(b.suite, fmt.Sprint("end of version ", v.Number), v.ValidTo, end)
	}
}

// nothingMixed excludes one half of many failing records, and then the other half
// instead: until all are looked at again, the test keeps its result.
func nothingMixed(b *bench) {
	b.create(b.logic(`,"assertion":{"kind":"maxFailing","value":2500}`))
	rows := [][]byte{[]byte(annOn)}
	for i := range 5000 {
		rows = append(rows, fmt.Appendf(nil, `{"id":"r%04d","mfa":false,"seen":%q}`, i, []string{"first", "second"}[i/2500]))
	}
	for part := range slices.Chunk(rows, 500) {
		_, err := b.records.Upsert(b.ctx, b.actor, b.target(), part)
		b.must(err)
	}
	b.evaluate()
	b.result("FAILED ")
	selector := func(seen string) []byte {
		return fmt.Appendf(nil, `{"all":[{"fact":"seen","operator":"equal","value":%q}]}`, seen)
	}
	x := b.selectBy(string(selector("first")))
	b.evaluate()
	b.counts(check.Counts{Passing: 1, Failing: 2500, Excluded: 2500})
	b.result("PASSED ")

	before := b.events(event.TestStatusUpdated)
	_, err := b.checks.ChangeExclusion(b.ctx, b.actor, 1, 1, x.ID, check.ExclusionChange{Selector: selector("second")})
	b.must(err)
	// A kill on the way changes nothing, nor does a push.
	_, err = b.evaluator.Step(b.ctx, b.resource.ID)
	b.must(err)
	b.evaluator = check.NewEvaluator(b.s, check.Options{Now: b.clock.Now, Log: slog.New(slog.DiscardHandler)})
	b.push(annOn, `{"id":"new","mfa":true}`)
	b.counts(check.Counts{Passing: 2, Failing: 2500, Excluded: 2500})
	b.result("PASSED ")
	equal(b.suite, "changes of status", b.events(event.TestStatusUpdated), before)
	runs, err := b.checks.Runs(b.ctx, 1, 1, check.RunFilter{Trigger: check.ByExclusion}, page.Request{})
	b.must(err)
	equal(b.suite, "runs", len(runs.Items), 2)
	for _, r := range runs.Items {
		equal(b.suite, "state of the run", r.State, check.RunDone)
		equal(b.suite, "drift", r.Drift, 0)
	}
}

func disabledExclusion(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff)
	b.act(1, check.Disable)
	b.selectBy(`{"all":[{"fact":"id","operator":"equal","value":"bob"}]}`)
	x := b.exclude("ann", false)
	b.evaluate()
	b.act(1, check.Enable)
	b.evaluate()
	b.counts(check.Counts{Excluded: 2})
	b.act(1, check.Disable)
	b.must(b.checks.DeleteExclusion(b.ctx, b.actor, 1, 1, x.ID))
	b.act(1, check.Enable)
	b.evaluate()
	b.counts(check.Counts{Passing: 1, Excluded: 1})
	x = b.exclude("bob", false)
	b.act(1, check.Delete)
	versions, err := b.s.ExclusionVersions(b.ctx, x.ID)
	b.must(err)
	equal(b.suite, "its exclusions end with a test", versions[0].ValidTo, b.clock.Now())
	b.clock.Advance(20 * time.Hour)
	b.must(b.checks.SweepExclusions(b.ctx))
	equal(b.suite, "events of exclusions of a deleted test", b.events(event.ExclusionExpiring), 0)
	_, _, err = b.checks.Exclusion(b.ctx, 1, 1, x.ID)
	b.refused(err, fault.CodeNotFound)
	p, err := b.checks.Exclusions(b.ctx, check.ExclusionFilter{WorkspaceID: 1}, 0, page.Request{})
	b.must(err)
	equal(b.suite, "exclusions of a deleted test", len(p.Items), 0)
}

// excludedAtOnce has several people exclude one record while the evaluator is at
// work: one wins, and all is counted once.
func excludedAtOnce(b *bench) {
	b.create(b.logic(""))
	b.push(annOn, bobOff, `{"id":"eve","mfa":false}`)
	ctx, stop := context.WithCancel(b.ctx)
	var evaluating, all sync.WaitGroup
	evaluating.Go(func() {
		for ctx.Err() == nil {
			if _, err := b.evaluator.Step(ctx, b.resource.ID); err != nil && ctx.Err() == nil {
				b.t.Error(err)
			}
		}
	})
	var mu sync.Mutex
	won := map[string]int{}
	for i := range 12 {
		all.Go(func() {
			n := check.NewExclusion{Reason: "r", Category: "OUT_OF_SCOPE", ExpiresAt: b.clock.Now().Add(time.Hour)}
			name := []string{"bob", "eve", "selector"}[i%3]
			if n.Key = name; name == "selector" {
				n.Key, n.Selector = "", []byte(`{"all":[{"fact":"mfa","operator":"equal","value":false}]}`)
			}
			x, err := b.checks.Exclude(b.ctx, b.actor, 1, 1, n)
			switch {
			case err == nil:
				mu.Lock()
				won[name]++
				mu.Unlock()
				if name == "selector" {
					err = b.checks.DeleteExclusion(b.ctx, b.actor, 1, 1, x.ID)
				}
			case fault.CodeOf(err) == fault.CodeConflict && name != "selector":
				err = nil
			}
			if err != nil {
				b.t.Error(name, err)
			}
		})
	}
	all.Wait()
	stop()
	evaluating.Wait()
	b.evaluate()
	equal(b.suite, "who won", fmt.Sprint(won), "map[bob:1 eve:1 selector:4]")
	b.counts(check.Counts{Passing: 1, Excluded: 2})
	b.result("PASSED ")
}

// manyExclusions has more exclusions of single records than a step reads at once
// for a push of few.
func manyExclusions(b *bench) {
	b.create(b.logic(""))
	var rows []string
	for i := range 300 {
		rows = append(rows, fmt.Sprintf(`{"id":"r%d","mfa":false}`, i))
	}
	b.push(rows...)
	for i := range 250 {
		b.exclude(fmt.Sprint("r", i), false)
	}
	b.evaluate()
	b.counts(check.Counts{Failing: 50, Excluded: 250})
	b.push(`{"id":"r7","mfa":false,"seen":"again"}`, `{"id":"r299","mfa":true}`)
	b.counts(check.Counts{Passing: 1, Failing: 49, Excluded: 250})
	b.act(1, check.Run)
	b.evaluate()
	runs, err := b.checks.Runs(b.ctx, 1, 1, check.RunFilter{Trigger: check.ByManual}, page.Request{})
	b.must(err)
	equal(b.suite, "drift", runs.Items[0].Drift, 0)
	equal(b.suite, "state", runs.Items[0].State, check.RunDone)
	b.counts(check.Counts{Passing: 1, Failing: 49, Excluded: 250})
}
