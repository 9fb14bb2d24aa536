package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

// previewed is what a preview said at a moment that has passed since.
type previewed struct {
	at    time.Time
	logic string
	want  expectation
}

// tryOut holds previews against a full evaluation: some of the records as they
// are, and what was seen before against the same moments now.
func (m *simulation) tryOut() {
	for range 2 {
		logic := m.randomLogic()
		m.previewIs(previewed{logic: logic, want: m.oracle(0, logic)})
		m.past = true
		m.seen = append(m.seen, previewed{m.clock.Now(), logic, m.oracle(0, logic)})
		m.past = false
	}
	m.remember()
	// What comes next comes later.
	m.clock.Advance(time.Millisecond)
	m.drain()
	m.recall()
	for _, p := range m.seen {
		m.previewIs(p)
	}
	m.prove()
	m.reprove()
	m.compareVersions(m.randomLogic(), m.randomLogic())
}

// compareVersions holds what two versions of a test would say against a full
// evaluation of each.
func (m *simulation) compareVersions(a, b string) {
	m.t.Helper()
	t, err := m.checks.Create(m.ctx, event.System(event.SourceApp), 1, check.Draft{Name: fmt.Sprint("compared ", m.clock.Now()), Logic: []byte(a)})
	m.must(err)
	_, err = m.checks.Update(m.ctx, event.System(event.SourceApp), 1, t.Number, check.Change{Logic: []byte(b)})
	m.must(err)
	got, err := m.checks.Compare(m.ctx, 1, t.Number, "1...draft")
	m.must(err)
	what := fmt.Sprintf("%s against %s: ", a, b)
	v := got.Difference.Verdicts
	for i, side := range []check.VersionVerdict{v.From, v.To} {
		want := m.oracle(0, []string{a, b}[i])
		equal(m.suite, what+"counts", side.Counts, want.counts)
		equal(m.suite, what+"result", side.Result, want.result)
	}
	from, to := m.judged(a), m.judged(b)
	want := map[string]int64{}
	for key := range from {
		if from[key] != to[key] {
			want[from[key]+" to "+to[key]]++
		}
	}
	moves := map[string]int64{}
	for _, move := range v.Moves {
		word := string(move.From) + " to " + string(move.To)
		moves[word] = move.Records
		equal(m.suite, what+word+": examples", len(move.Examples), int(min(20, move.Records)))
		for _, e := range move.Examples {
			key := fmt.Sprint(e.ResourceID, " ", e.RecordID)
			equal(m.suite, what+key, from[key]+" to "+to[key], word)
			equal(m.suite, what+key+" has a cause", len(e.Words) > 0, move.From == check.Fail || move.To == check.Fail)
		}
	}
	equal(m.suite, what+"moves", fmt.Sprint(moves), fmt.Sprint(want))
}

// judged is what logic says of each record, the worst of its groups.
func (m *simulation) judged(logic string) map[string]string {
	parsed, err := rule.ParseTest([]byte(logic))
	m.must(err)
	out := map[string]string{}
	for _, r := range m.resources {
		m.must(m.s.Scan(m.ctx, r.ID, func(_ int64, key string, _ []byte) error {
			out[fmt.Sprint(r.ID, " ", key)] = string(check.OutOfScope)
			return nil
		}))
	}
	order := "osnpef"
	for i := range parsed.Groups {
		g := &parsed.Groups[i]
		for key, state := range m.oracleStates(0, g) {
			name := fmt.Sprint(g.ResourceID, " ", key)
			if strings.Index(order, state) > strings.Index(order, out[name]) {
				out[name] = state
			}
		}
	}
	return out
}

// oracleStates is what a group says of each record, with the exclusions of a test
// if number is one.
func (m *simulation) oracleStates(number int64, g *rule.Group) map[string]string {
	p, err := rule.Compile([]rule.Rule{rule.NewRule(g)})
	m.must(err)
	run := p.Machine()
	m.provide(p, run)
	out, values, seen := map[string]string{}, map[string]string{}, map[string]int{}
	covered := m.covered(number, g.ResourceID)
	excluded := map[string]bool{}
	m.must(m.s.Scan(m.ctx, g.ResourceID, func(_ int64, key string, body []byte) error {
		run.Run(body, m.clock.Now())
		key = strings.Clone(key)
		excluded[key] = run.Outcome(0) != rule.OutOfScope && covered(key, body)
		out[key] = map[rule.Outcome]string{rule.OutOfScope: "o", rule.Pass: "p", rule.Fail: "f", rule.Errored: "e"}[run.Outcome(0)]
		if v, ok := run.Unique(0); ok {
			values[key] = string(v)
			if !excluded[key] {
				seen[string(v)]++
			}
		}
		return nil
	}))
	for key, v := range values {
		if others := seen[v]; others > 1 || others == 1 && excluded[key] {
			out[key] = "f"
		}
	}
	for key, state := range out {
		out[key] = string(check.State(state[0]).Told(g.Assertion.Kind))
		if excluded[key] {
			out[key] += " excluded"
		}
	}
	return out
}

func (m *simulation) previewIs(p previewed) {
	m.t.Helper()
	trial := check.Trial{Logic: []byte(p.logic)}
	if !p.at.IsZero() {
		trial.AsOf = p.at.Format(time.RFC3339Nano)
	}
	got, err := m.checks.Preview(m.ctx, event.System(event.SourceApp), 1, trial)
	m.must(err)
	what := fmt.Sprintf("preview as of %q of %s: ", trial.AsOf, p.logic)
	equal(m.suite, what+"sample", got.Sample == nil, true)
	equal(m.suite, what+"counts", got.Counts, p.want.counts)
	equal(m.suite, what+"result", fmt.Sprint(got.Result, " ", got.Reason), fmt.Sprint(p.want.result, " ", p.want.reason))
	equal(m.suite, what+"examples", len(got.Examples), int(min(20, p.want.counts.Failing)))
	for _, e := range got.Examples {
		if !slices.Contains(p.want.notPassing, e.RecordID) {
			m.t.Fatalf("%sexample %s does not fail: %v", what, e.RecordID, p.want.notPassing)
		}
		equal(m.suite, what+"a cause", len(e.Words) > 0, true)
	}
}

// RunPreviews proves what previews do beyond what [RunEvaluator] compares.
func RunPreviews(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"a sample and its job", sampled},
		{"cancelled jobs", cancelledJobs},
		{"a caller that goes away", callerGone},
		{"moments", moments},
		{"readers of one moment", oneMoment},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			b := newBench(&suite{t, await.Context(t), open(t, clock.Now), clock})
			t.Cleanup(b.checks.Close)
			c.test(b)
		})
	}
}

// hasty is a service whose time goes on with each look at the clock, unless it is
// told that there is no hurry.
func (b *bench) hasty(s check.Store) (checks *check.Service, hurry func(bool)) {
	var calm atomic.Bool
	checks = check.NewService(s, check.Options{Now: func() time.Time {
		if !calm.Load() {
			b.clock.Advance(200 * time.Millisecond)
		}
		return b.clock.Now()
	}})
	b.t.Cleanup(checks.Close)
	return checks, func(is bool) { calm.Store(!is) }
}

func (b *bench) pushMany(n int) {
	b.t.Helper()
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(`{"id":"r%03d","mfa":%t}`, i, i%3 > 0)
	}
	b.push(records...)
}

func sampled(b *bench) {
	b.pushMany(300)
	unique := fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[]},"assertion":{"kind":"unique","path":"mfa"}}]}`, b.resource.ID)
	for _, logic := range [][]byte{b.logic(""), unique} {
		checks, hurry := b.hasty(b.s)
		p, err := checks.Preview(b.ctx, b.actor, 1, check.Trial{Logic: logic})
		b.must(err)
		if p.Sample == nil || p.Sample.Records == 0 || p.Sample.Records >= 300 {
			b.t.Fatalf("the sample is %+v", p.Sample)
		}
		equal(b.suite, "of", p.Sample.Of, 300)
		equal(b.suite, "records", p.Counts.InScope(), p.Sample.Records)
		equal(b.suite, "result", p.Result, "")
		hurry(false)
		job := b.finished(checks, p.JobID)
		equal(b.suite, "state", job.State, check.PreviewDone)
		equal(b.suite, "read", fmt.Sprint(job.Read, " of ", job.Of), "300 of 300")
		equal(b.suite, "counted", job.Result.Counts.InScope(), 300)
		equal(b.suite, "result of the job", job.Result.Result, rule.VerdictFailed)
		equal(b.suite, "examples", len(job.Result.Examples), 20)
		equal(b.suite, "first", job.Result.Examples[0].RecordID, "r000")
		_, err = checks.PreviewJob(7, 1, p.JobID)
		b.refused(err, fault.CodeNotFound)
		_, err = checks.PreviewJob(b.actor.KeyID, 2, p.JobID)
		b.refused(err, fault.CodeNotFound)
		b.clock.Advance(time.Hour)
		_, err = checks.PreviewJob(b.actor.KeyID, 1, p.JobID)
		b.refused(err, fault.CodeNotFound)
	}
}

// finished waits for the end of a job.
func (b *bench) finished(checks *check.Service, id string) (j check.PreviewJob) {
	b.t.Helper()
	await.Until(b.t, "the end of the job", func() bool {
		var err error
		j, err = checks.PreviewJob(b.actor.KeyID, 1, id)
		b.must(err)
		return j.State == check.PreviewDone || j.State == check.PreviewFailed
	})
	return j
}

// asked marks the context of a call for which somebody waits.
type asked struct{}

// gated is a store whose looks wait at a gate, unless somebody waits for them.
type gated struct {
	check.Store
	arrived, gate chan struct{}
}

func (g *gated) Look(ctx context.Context, resources []int64, at time.Time, readers int, fn func([]check.Reader) error) error {
	if ctx.Value(asked{}) == nil {
		select {
		case g.arrived <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case <-g.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return g.Store.Look(ctx, resources, at, readers, fn)
}

func cancelledJobs(b *bench) {
	b.pushMany(300)
	g := &gated{b.s, make(chan struct{}), make(chan struct{})}
	checks, hurry := b.hasty(g)
	preview := func(keyID int64) string {
		b.t.Helper()
		a := b.actor
		a.KeyID = keyID
		p, err := checks.Preview(context.WithValue(b.ctx, asked{}, true), a, 1, check.Trial{Logic: b.logic("")})
		b.must(err)
		return p.JobID
	}
	var ids []string
	for range 5 {
		ids = append(ids, preview(0))
	}
	equal(b.suite, "a sixth job", preview(0), "")
	if preview(9) == "" {
		b.t.Fatal("another key has no job")
	}
	await.Receive(b.t, "the first job at the gate", g.arrived)
	b.refused(checks.CancelPreview(9, 1, ids[0]), fault.CodeNotFound)
	for _, id := range ids[1:] {
		j, err := checks.PreviewJob(0, 1, id)
		b.must(err)
		if j.State == check.PreviewDone {
			b.t.Fatalf("job %s is done behind the gate", id)
		}
		b.must(checks.CancelPreview(0, 1, id))
		_, err = checks.PreviewJob(0, 1, id)
		b.refused(err, fault.CodeNotFound)
		b.refused(checks.CancelPreview(0, 1, id), fault.CodeNotFound)
	}
	hurry(false)
	// The first goes on; nothing else was begun but the other key's.
	await.Send(b.t, "the way through the gate", g.gate, struct{}{})
	equal(b.suite, "the first", b.finished(checks, ids[0]).State, check.PreviewDone)
	await.Receive(b.t, "the other key's job at the gate", g.arrived)
	// The end of the service ends the jobs.
	checks.Close()
	hurry(true)
	equal(b.suite, "a job after the end", preview(0), "")
}

// leaving is a store whose caller goes away during a look.
type leaving struct {
	check.Store
	leave func()
}

func (l *leaving) Look(ctx context.Context, resources []int64, at time.Time, readers int, fn func([]check.Reader) error) error {
	return l.Store.Look(ctx, resources, at, readers, func(rs []check.Reader) error {
		l.leave()
		return fn(rs)
	})
}

func callerGone(b *bench) {
	b.pushMany(300)
	ctx, leave := context.WithCancel(b.ctx)
	checks := check.NewService(&leaving{b.s, leave}, check.Options{Now: b.clock.Now})
	defer checks.Close()
	_, err := checks.Preview(ctx, b.actor, 1, check.Trial{Logic: b.logic("")})
	if !errors.Is(err, context.Canceled) {
		b.t.Fatalf("a caller that went away got %v", err)
	}
	// Its turn is over.
	_, err = b.checks.Preview(b.ctx, b.actor, 1, check.Trial{Logic: b.logic("")})
	b.must(err)
}

func moments(b *bench) {
	made := b.clock.Now()
	b.clock.Advance(time.Hour)
	counts := func(asOf string) check.Counts {
		b.t.Helper()
		p, err := b.checks.Preview(b.ctx, b.actor, 1, check.Trial{Logic: b.logic(""), AsOf: asOf})
		b.must(err)
		return p.Counts
	}
	text := func() string { return b.clock.Now().Format(time.RFC3339Nano) }
	b.push(annOn, bobOff)
	pushed := text()
	b.clock.Advance(time.Hour)
	b.push(bobOn)
	fixed := text()
	b.clock.Advance(time.Hour)
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), "bob"))
	deleted := text()
	b.clock.Advance(30 * time.Hour)
	b.push(bobOff)
	for _, c := range []struct {
		asOf string
		want check.Counts
	}{
		{made.Format(time.RFC3339), check.Counts{}},
		{pushed, check.Counts{Passing: 1, Failing: 1}},
		{fixed, check.Counts{Passing: 2}},
		{deleted, check.Counts{Passing: 1}},
		{"2026-03-01", check.Counts{Passing: 1}},
		{"2026-03-01T15:30:00+01:00", check.Counts{Passing: 2}},
		{b.clock.Now().Format(time.DateOnly), check.Counts{Passing: 1, Failing: 1}},
		{"", check.Counts{Passing: 1, Failing: 1}},
	} {
		equal(b.suite, "as of "+c.asOf, counts(c.asOf), c.want)
	}
	p, err := b.checks.Preview(b.ctx, b.actor, 1, check.Trial{Logic: b.logic(""), AsOf: made.Format(time.RFC3339)})
	b.must(err)
	equal(b.suite, "an empty day", fmt.Sprint(p.Result, " ", p.Reason), "ERROR NO_DATA")
	for _, bad := range []string{"yesterday", "2026-02-30", "2026-03-01T11:59:59Z", "2026-02-28", "2026-04-01", "2026-03-03T00:00:00Z", "2026-03-01 12:00"} {
		_, err := b.checks.Preview(b.ctx, b.actor, 1, check.Trial{Logic: b.logic(""), AsOf: bad})
		b.refused(err, fault.CodeValidation)
	}
}

// oneMoment has the readers of a look see the same, whatever is pushed meanwhile.
func oneMoment(b *bench) {
	push := func(n int) error {
		var rows [][]byte
		for i := range 20 {
			rows = append(rows, fmt.Appendf(nil, `{"id":"r%d","n":%d}`, i, n))
		}
		_, err := b.records.Upsert(b.ctx, b.actor, b.target(), rows)
		return err
	}
	b.must(push(0))
	ended := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		for n := 1; ; n++ {
			select {
			case <-done:
				ended <- nil
				return
			default:
			}
			if err := push(n); err != nil {
				ended <- err
				return
			}
		}
	}()
	most := 0
	for range 30 {
		b.must(b.s.Look(b.ctx, []int64{b.resource.ID}, time.Time{}, 2, func(readers []check.Reader) error {
			most = max(most, len(readers))
			bodies := map[string]bool{}
			for _, r := range readers {
				parts, records, err := r.Parts(b.resource.ID, 3)
				b.must(err)
				equal(b.suite, "records", records, 20)
				seen := 0
				for _, p := range parts {
					b.must(r.Scan(p, func(_ int64, body []byte) error {
						seen++
						bodies[string(body[strings.LastIndexByte(string(body), ':'):])] = true
						return nil
					}))
				}
				equal(b.suite, "seen", seen, 20)
			}
			equal(b.suite, fmt.Sprint("states seen at once: ", bodies), len(bodies), 1)
			return nil
		}))
	}
	close(done)
	b.must(await.Receive(b.t, "the end of the pushes", ended))
	equal(b.suite, "readers at once", most, 2)
}
