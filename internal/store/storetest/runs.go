package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/store"
)

// RunRuns proves what passes find and leave. spoil changes rows by SQL behind the
// back of everybody.
func RunRuns(t *testing.T, open Open, spoil func(s *store.Store, ctx context.Context, sql string, args ...any) error) {
	for _, c := range []struct {
		name string
		test func(*bench, func(sql string, args ...any))
	}{
		{"what drifted is found and mended", drifted},
		{"a pass goes on after a crash", resumed},
		{"a pass beside pushes", beside},
		{"a push within a step of a pass", within},
		{"runs that meet go on together", joined},
		{"the next moment", nextMoments},
		{"runs that are due", dueRuns},
		{"a run of a test that is over", overtaken},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			b := newBench(&suite{t, await.Context(t), open(t, clock.Now), clock})
			b.restart()
			c.test(b, func(sql string, args ...any) {
				t.Helper()
				b.must(spoil(b.s, b.ctx, sql, args...))
			})
		})
	}
}

// restart is a new evaluator, whose passes take few records at a time.
func (b *bench) restart() {
	b.evaluator = check.NewEvaluator(b.s, check.Options{Now: b.clock.Now, Log: slog.New(slog.DiscardHandler), Span: 2})
}

// run runs test 1 to its end.
func (b *bench) run() check.TestRun {
	b.t.Helper()
	b.act(1, check.Run)
	b.evaluate()
	return b.lastRun(check.ByManual)
}

func (b *bench) lastRun(trigger check.Trigger) check.TestRun {
	b.t.Helper()
	p, err := b.checks.Runs(b.ctx, 1, 1, check.RunFilter{Trigger: trigger}, page.Request{Size: 1})
	b.must(err)
	if len(p.Items) == 0 {
		b.t.Fatalf("there is no run by %s", trigger)
	}
	return p.Items[0]
}

func (b *bench) people(n int, more string) {
	b.t.Helper()
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"id":"p%03d","mfa":%t%s}`, i, i%4 > 0, more))
	}
	b.push(all...)
}

const uniqueID = `,"assertion":{"kind":"unique","path":"id"}`

func drifted(b *bench, spoil func(string, ...any)) {
	b.create(b.logic(""))
	b.people(9, "")
	want := b.result("FAILED ").Totals()
	spoilt := map[string]string{
		"a wrong letter":    "UPDATE verdict SET states = 'f' WHERE states = 'p' AND record_id = (SELECT min(record_id) FROM verdict WHERE states = 'p')",
		"no verdict at all": "DELETE FROM verdict WHERE record_id = (SELECT max(record_id) FROM verdict)",
	}
	for what, sql := range spoilt {
		spoil(sql)
		run := b.run()
		equal(b.suite, what+": drift", run.Drift, 1)
		equal(b.suite, what+": state", run.State, check.RunDone)
		events, err := b.s.Events(b.ctx, event.Filter{Type: event.TestDrift}, page.Request{Size: 1})
		b.must(err)
		equal(b.suite, what+": events", len(events.Items), 1)
		equal(b.suite, what+": drift afterwards", b.run().Drift, 0)
	}
	// Counters follow from the letters as they were, so what spoils these leaves
	// the counters apart. The run by schedule counts.
	b.scheduled()
	equal(b.suite, "drift of counters and findings", b.lastRun(check.BySchedule).Drift > 0, true)
	b.right(want)
	for what, sql := range map[string]string{
		"counters":                   "UPDATE test_group SET passing = passing + 3, failing = 0",
		"a finding that is missing":  "DELETE FROM finding WHERE id = (SELECT max(id) FROM finding WHERE closed_at IS NULL)",
		"a finding of a passing one": "UPDATE finding SET record_id = (SELECT min(record_id) FROM verdict WHERE states = 'p') WHERE id = (SELECT max(id) FROM finding WHERE closed_at IS NULL)",
	} {
		spoil(sql)
		b.scheduled()
		if b.lastRun(check.BySchedule).Drift == 0 {
			b.t.Errorf("%s: no drift", what)
		}
		b.right(want)
	}

	b.publish(1, b.logic(`,"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"seen","operator":"withinLastHours","value":5}]}}`))
	b.people(3, fmt.Sprintf(`,"seen":%q`, b.clock.Now().Format(time.RFC3339)))
	spoil("UPDATE verdict SET next_flip = NULL")
	equal(b.suite, "moments that are missing", b.run().Drift, 3)
	spoil("UPDATE verdict SET next_flip = 1 + next_flip WHERE next_flip IS NOT NULL")
	equal(b.suite, "moments that are too late", b.run().Drift, 3)
	spoil("UPDATE verdict SET next_flip = next_flip - 1 WHERE next_flip IS NOT NULL")
	equal(b.suite, "moments that are too early", b.run().Drift, 0)

	b.publish(1, b.logic(uniqueID))
	b.evaluate()
	spoil("DELETE FROM unique_value WHERE record_id = (SELECT max(record_id) FROM unique_value)")
	if n := b.run().Drift; n == 0 {
		b.t.Error("a value that is missing is no drift")
	}
	equal(b.suite, "drift afterwards", b.run().Drift, 0)
}

// scheduled runs test 1 by its schedule.
func (b *bench) scheduled() {
	b.t.Helper()
	b.must(b.evaluator.Tick(b.ctx))
	t, err := b.checks.Get(b.ctx, 1, 1)
	b.must(err)
	b.clock.Advance(t.NextRun().Sub(b.clock.Now()))
	// Data that is not fresh would be told first.
	b.push(`{"id":"p000","mfa":false}`)
	b.must(b.evaluator.Tick(b.ctx))
	b.evaluate()
}

// right proves that counters and findings are those of the records.
func (b *bench) right(want check.Counts) {
	b.t.Helper()
	t := b.result("FAILED ")
	equal(b.suite, "counts", t.Totals(), want)
	p, _, err := b.checks.Failures(b.ctx, 1, 1, false, page.Request{Size: 500})
	b.must(err)
	equal(b.suite, "failures", int64(len(p.Items)), want.Failing)
	for _, f := range p.Items {
		if len(f.Cause) == 0 {
			b.t.Errorf("%s is listed as failing, and is not", f.Key)
		}
	}
}

// sumOf is the hash of a run over records in the order of their making.
func sumOf(ids, bodies []string) string {
	all := sha256.New()
	for i := range ids {
		one := sha256.Sum256([]byte(ids[i] + "\n" + bodies[i]))
		all.Write(one[:])
	}
	return hex.EncodeToString(all.Sum(nil))
}

func resumed(b *bench, _ func(string, ...any)) {
	for _, more := range []string{"", uniqueID} {
		if more == "" {
			b.create(b.logic(more))
		} else {
			b.publish(1, b.logic(more))
		}
		const n = 60
		b.people(n, "")
		var ids, bodies []string
		for i := range n {
			ids = append(ids, fmt.Sprintf("p%03d", i))
			bodies = append(bodies, fmt.Sprintf(`{"id":"p%03d","mfa":%t}`, i, i%4 > 0))
		}
		b.act(1, check.Run)
		last, broken := int64(-1), 0
		for more := true; more; {
			var err error
			more, err = b.evaluator.Step(b.ctx, b.resource.ID)
			b.must(err)
			b.restart()
			if run := b.lastRun(check.ByManual); run.State == check.RunRunning {
				records, of := run.Progress()
				equal(b.suite, "records to evaluate", of, n)
				if records < last {
					b.t.Errorf("the run went back from %d to %d records", last, records)
				}
				last, broken = records, broken+1
			}
		}
		if more == "" && broken < 3 {
			b.t.Errorf("the run was broken off %d times only", broken)
		}
		run := b.lastRun(check.ByManual)
		equal(b.suite, "state", run.State, check.RunDone)
		equal(b.suite, "records", run.Parts[0].Records, n)
		equal(b.suite, "drift", run.Drift, 0)
		equal(b.suite, "hash", hex.EncodeToString(run.Parts[0].Digest), sumOf(ids, bodies))
		equal(b.suite, "changes meanwhile", run.Parts[0].ToSeq-run.Parts[0].FromSeq, 0)
	}
}

func beside(b *bench, _ func(string, ...any)) {
	b.create(b.logic(""))
	b.people(40, "")
	b.act(1, check.Run)
	for i := range 10 {
		_, err := b.evaluator.Step(b.ctx, b.resource.ID)
		b.must(err)
		_, err = b.records.Upsert(b.ctx, b.actor, b.target(), [][]byte{fmt.Appendf(nil, `{"id":"p%03d","mfa":%t}`, 4*i, i%2 == 0), fmt.Appendf(nil, `{"id":"new%d","mfa":true}`, i)})
		b.must(err)
	}
	b.evaluate()
	run := b.lastRun(check.ByManual)
	equal(b.suite, "state", run.State, check.RunDone)
	equal(b.suite, "drift", run.Drift, 0)
	if p := run.Parts[0]; p.ToSeq <= p.FromSeq {
		b.t.Errorf("records changed, but the run says from change %d to %d", p.FromSeq, p.ToSeq)
	}
	equal(b.suite, "drift of a run afterwards", b.run().Drift, 0)
}

// within has records change between the beginning of a step and its look at them:
// what it looked at is not the change with which it began.
func within(b *bench, _ func(string, ...any)) {
	b.push(annOn, bobOff)
	unique := fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[]},"assertion":{"kind":"unique","path":"id"}}]}`, b.resource.ID)
	for n, logic := range [][]byte{b.logic(""), unique} {
		t := b.create(logic)
		b.evaluate()
		b.act(t.Number, check.Run)
		body := []byte(bobOn)
		if n == 1 {
			body = []byte(bobOff)
		}
		push := func() {
			_, err := b.records.Upsert(b.ctx, b.actor, b.target(), [][]byte{body})
			b.must(err)
		}
		m := meddled{beforeWalk: push}
		if n == 1 {
			m = meddled{beforeRows: push}
		}
		b.meddle(b.resource.ID, m)
		b.evaluate()
		p, err := b.checks.Runs(b.ctx, 1, t.Number, check.RunFilter{Trigger: check.ByManual}, page.Request{Size: 1})
		b.must(err)
		equal(b.suite, "state", p.Items[0].State, check.RunDone)
		if part := p.Items[0].Parts[0]; part.FromSeq == part.ToSeq {
			b.t.Errorf("records changed under the step, but the run says that they stood still at change %d", part.ToSeq)
		}
		b.act(t.Number, check.Delete)
	}
}

func joined(b *bench, _ func(string, ...any)) {
	b.create(b.logic(""))
	_, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "another", Logic: b.logic(""), Publish: true})
	b.must(err)
	b.people(64, "")
	b.act(1, check.Run)
	_, err = b.evaluator.Step(b.ctx, b.resource.ID)
	b.must(err)
	b.act(2, check.Run)
	b.evaluate()
	first := b.lastRun(check.ByManual)
	p, err := b.checks.Runs(b.ctx, 1, 2, check.RunFilter{Trigger: check.ByManual}, page.Request{Size: 1})
	b.must(err)
	second := p.Items[0]
	for _, run := range []check.TestRun{first, second} {
		equal(b.suite, "state", run.State, check.RunDone)
		equal(b.suite, "records", run.Parts[0].Records, 64)
	}
	equal(b.suite, "hashes", hex.EncodeToString(first.Parts[0].Digest), hex.EncodeToString(second.Parts[0].Digest))
}

func nextMoments(b *bench, _ func(string, ...any)) {
	next := func(what string, want time.Time) {
		b.t.Helper()
		got, err := b.s.NextMoment(b.ctx, b.clock.Now())
		b.must(err)
		equal(b.suite, "next moment: "+what, got.UTC().Format(time.RFC3339Nano), want.UTC().Format(time.RFC3339Nano))
	}
	next("nothing", time.Time{})
	b.create(b.logic(`,"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"seen","operator":"withinLastHours","value":5}]}}`))
	fed := b.clock.Now()
	b.push(fmt.Sprintf(`{"id":"a","mfa":true,"seen":%q}`, fed.Format(time.RFC3339)))
	flip := fed.Truncate(time.Second).Add(5*time.Hour + time.Microsecond)
	next("a flip", flip)
	b.must(b.evaluator.Tick(b.ctx))
	b.clock.Advance(5*time.Hour + time.Second)
	b.evaluate()
	run := time.Date(fed.Year(), fed.Month(), fed.Day(), 2, 0, 0, 0, time.UTC)
	for !run.After(b.clock.Now()) {
		run = run.AddDate(0, 0, 1)
	}
	stale := fed.Truncate(time.Microsecond).Add(24*time.Hour + time.Microsecond)
	soonest, latest := run, stale
	if stale.Before(run) {
		soonest, latest = stale, run
	}
	next("a run or stale data", soonest)
	b.clock.Advance(soonest.Sub(b.clock.Now()))
	next("the other of them", latest)
}

func dueRuns(b *bench, _ func(string, ...any)) {
	b.create(b.logic(""))
	b.people(5, "")
	b.must(b.evaluator.Tick(b.ctx))
	schedule := "0 */6 * * *"
	t, err := b.checks.Update(b.ctx, b.actor, 1, 1, check.Change{Schedule: &schedule})
	b.must(err)
	for range 3 {
		b.clock.Advance(t.NextRun().Sub(b.clock.Now()) - time.Second)
		b.must(b.evaluator.Tick(b.ctx))
		before, err := b.checks.Runs(b.ctx, 1, 1, check.RunFilter{Trigger: check.BySchedule}, page.Request{Size: 50})
		b.must(err)
		b.clock.Advance(time.Second)
		b.must(b.evaluator.Tick(b.ctx))
		b.must(b.evaluator.Tick(b.ctx))
		b.evaluate()
		after, err := b.checks.Runs(b.ctx, 1, 1, check.RunFilter{Trigger: check.BySchedule}, page.Request{Size: 50})
		b.must(err)
		equal(b.suite, "runs by schedule", len(after.Items), len(before.Items)+1)
		equal(b.suite, "state", after.Items[0].State, check.RunDone)
		t, err = b.checks.Get(b.ctx, 1, 1)
		b.must(err)
	}
	// A server that slept makes up for one run, not for each.
	b.clock.Advance(72 * time.Hour)
	b.must(b.evaluator.Tick(b.ctx))
	b.evaluate()
	all, err := b.checks.Runs(b.ctx, 1, 1, check.RunFilter{Trigger: check.BySchedule}, page.Request{Size: 50})
	b.must(err)
	equal(b.suite, "runs by schedule in the end", len(all.Items), 4)
	b.act(1, check.Disable)
	b.clock.Advance(72 * time.Hour)
	b.must(b.evaluator.Tick(b.ctx))
	all, err = b.checks.Runs(b.ctx, 1, 1, check.RunFilter{Trigger: check.BySchedule}, page.Request{Size: 50})
	b.must(err)
	equal(b.suite, "runs of a disabled test", len(all.Items), 4)
}

func overtaken(b *bench, _ func(string, ...any)) {
	b.create(b.logic(""))
	b.people(5, "")
	b.act(1, check.Run)
	b.publish(1, b.logic(`,"onEmpty":"pass"`))
	equal(b.suite, "run by hand under a new version", b.lastRun(check.ByManual).State, check.RunCanceled)
	b.evaluate()
	equal(b.suite, "run by publication", b.lastRun(check.ByPublish).State, check.RunDone)
	b.act(1, check.Run)
	b.act(1, check.Disable)
	equal(b.suite, "run of a disabled test", b.lastRun(check.ByManual).State, check.RunCanceled)
	b.evaluate()
	b.act(1, check.Enable)
	b.evaluate()
	b.act(1, check.Run)
	b.must(b.records.Sweep(b.ctx))
	b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	b.evaluate()
	equal(b.suite, "run over a deleted connection", b.lastRun(check.ByManual).State, check.RunDone)
}
