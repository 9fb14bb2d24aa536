package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/rule"
)

// logics are tests over resource %[1]d and %[2]d that between them use every
// assertion, filters, dates and several groups.
var logics = []string{
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"n","operator":"lessThan","value":5}]}}]}`,
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"n","operator":"greaterThan","value":2}]},"assertion":{"kind":"maxFailing","value":2}}]}`,
	`{"groups":[{"resourceId":%[1]d,"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"kind","operator":"equal","value":"x"}]}},
		"evaluator":{"all":[{"fact":"n","operator":"in","value":[1,2,3]}]},"assertion":{"kind":"minPassingPercent","value":50},"onEmpty":"pass"}]}`,
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"n","operator":"equal","value":7}]},"assertion":{"kind":"count","min":1,"max":3}}]}`,
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"n","operator":"greaterThan","value":0}]},"assertion":{"kind":"unique","path":"n"}}]}`,
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"at","operator":"withinLastHours","value":6}]}}]}`,
	`{"logic":"ANY_GROUP","groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"n","operator":"lessThan","value":8}]}},
		{"resourceId":%[2]d,"filteringCriteria":{"all":[{"fact":"kind","operator":"equal","value":"y"}]},"evaluator":{"any":[{"fact":"n","operator":"lessThan","value":4}]},"onEmpty":"fail"}]}`,
	`{"logic":"AT_MOST_ONE_FAILS","groups":[{"resourceId":%[2]d,"evaluator":{"all":[{"fact":"kind","operator":"notEqual","value":"y"}]},"assertion":{"kind":"unique","path":"kind"}},
		{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"at","operator":"olderThanHours","value":2}]}}]}`,
}

// lookups are tests that look up records of resource %[2]d, or of their own.
var lookups = []string{
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"n","operator":"existsIn","value":{"resource":%[2]d,"path":"n"}}]}}]}`,
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"n","operator":"notExistsIn","value":{"resource":"far","path":"n",
		"where":{"fact":"at","operator":"withinLastHours","value":3}}}]}}]}`,
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"any":[{"fact":"n","operator":"notExistsIn","value":{"resource":%[1]d,"path":"n",
		"where":{"fact":"kind","operator":"equal","value":"x"}}}]},"assertion":{"kind":"unique","path":"n"}}]}`,
	`{"groups":[{"resourceId":%[1]d,"evaluator":{"all":[{"fact":"kind","operator":"existsIn","value":{"resource":%[2]d,"path":"list",
		"where":{"fact":"kind","operator":"in","value":{"fact":"list"}}}},{"fact":"at","operator":"withinLastHours","value":6}]}}]}`,
	`{"logic":"ANY_GROUP","groups":[{"resourceId":%[1]d,"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[
		{"fact":"list","operator":"someFact:existsIn","value":{"resource":%[2]d,"path":"kind"}}]}},"evaluator":{"all":[{"fact":"n","operator":"lessThan","value":6}]}},
		{"resourceId":%[2]d,"evaluator":{"all":[{"fact":"n","operator":"not:existsIn","value":{"resource":%[1]d,"path":"n"}}]},"assertion":{"kind":"count","max":3}}]}`,
}

// RunEvaluator proves that the evaluator's incremental results equal a full
// evaluation after any sequence of pushes, deletions, sessions, publications,
// clock moves and interruptions.
func RunEvaluator(t *testing.T, open Open) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("PLUMBLINE_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	rounds := 2
	if testing.Short() {
		rounds = 1
	}
	if s := os.Getenv("PLUMBLINE_TEST_ROUNDS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	for i := range rounds {
		seed := seed + uint64(i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			clock := NewClock()
			x := &suite{t, t.Context(), open(t, clock.Now), clock}
			newSimulation(x, seed).run()
		})
	}
}

// simulation is one random history.
type simulation struct {
	*suite
	rnd       *rand.Rand
	resources []connection.Resource
	conns     *connection.Service
	records   *record.Service
	checks    *check.Service
	evaluator *check.Evaluator
	// woken are the resources to evaluate.
	woken map[int64]bool
	tests []int64
	// logic is the published logic of each test, empty while disabled.
	logic map[int64]string
	steps []string
	// exclusions are those that were made, by id.
	exclusions map[int64]*excluded
	// seen are previews of moments that have passed; past has the oracle look at
	// the present as at one.
	seen []previewed
	// failed is what failed the tests at moments that have passed.
	failed []failedThen
	// proven are runs that were done.
	proven []proven
	past   bool
}

func newSimulation(x *suite, seed uint64) *simulation {
	m := &simulation{suite: x, rnd: rand.New(rand.NewPCG(seed, 1)), woken: map[int64]bool{}, logic: map[int64]string{}, exclusions: map[int64]*excluded{}}
	conns := connection.NewService(x.s, x.clock.Now)
	text := []byte(`{"type":"object","properties":{"id":{"type":"string"},"n":{"type":"integer"},"kind":{"type":"string"},"at":{"type":"string"}}}`)
	m.conns = conns
	for _, name := range []string{"near", "far"} {
		c, err := conns.Create(x.ctx, event.System(event.SourceApp), connection.New{Name: name, ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1}, Schema: text, DisplayNameKey: "id"})
		x.must(err)
		m.resources = append(m.resources, c.Resources[0])
	}
	wake := func(id int64) { m.woken[id] = true }
	m.records = record.NewService(x.s, conns, record.Options{Now: x.clock.Now, Changed: wake, SessionIdle: 15 * time.Minute})
	m.checks = check.NewService(x.s, check.Options{Now: x.clock.Now, Changed: wake, Policy: func(context.Context) (check.ExclusionPolicy, error) {
		return check.ExclusionPolicy{MaxAge: 24 * time.Hour, Warning: 2 * time.Hour}, nil
	}})
	m.restart()
	return m
}

// restart is what a kill leaves: a new evaluator that knows only what is
// stored.
func (m *simulation) restart() {
	// Passes take a few records at a time, so that much comes between.
	m.evaluator = check.NewEvaluator(m.s, check.Options{Now: m.clock.Now, Span: 2, Log: slog.New(slog.DiscardHandler)})
}

func (m *simulation) run() {
	defer func() {
		if m.t.Failed() {
			m.t.Logf("steps:\n%s", strings.Join(m.steps, "\n"))
		}
	}()
	moves := []func(){m.push, m.push, m.push, m.push, m.delete, m.session, m.create, m.publish, m.toggle, m.rerun, m.rerun, m.tick, m.advance, m.restart, m.sweep, m.step, m.step, m.step,
		m.exclude, m.exclude, m.exclude, m.alter, m.include}
	for n := range 120 {
		moves[m.rnd.IntN(len(moves))]()
		if m.rnd.IntN(7) == 0 || n == 119 {
			m.drain()
			m.compare()
			m.tryOut()
		}
	}
}

func (m *simulation) note(format string, args ...any) {
	m.steps = append(m.steps, fmt.Sprintf(format, args...))
}

func (m *simulation) target() record.Target {
	r := m.resources[m.rnd.IntN(len(m.resources))]
	return record.Target{ConnectionID: r.ConnectionID, ResourceID: r.ID}
}

func (m *simulation) rows() [][]byte {
	rows := make([][]byte, m.rnd.IntN(12))
	for i := range rows {
		at := m.clock.Now().Add(time.Duration(m.rnd.IntN(16)-8) * time.Hour).Format(time.RFC3339)
		list := []string{`["x","y"]`, `["z"]`, `["x"]`, `[]`, `["x","y","z"]`, `["y"]`, `["z","x"]`}[m.rnd.IntN(56)/8]
		if m.rnd.IntN(60) == 0 {
			list = "null"
		}
		rows[i] = fmt.Appendf(nil, `{"id":"r%d","n":%d,"kind":%q,"at":%q,"list":%s}`, m.rnd.IntN(25), m.rnd.IntN(10), []string{"x", "y", "z"}[m.rnd.IntN(3)], at, list)
	}
	return rows
}

func (m *simulation) push() {
	to, rows := m.target(), m.rows()
	m.note("push %d: %s", to.ResourceID, rows)
	_, err := m.records.Upsert(m.ctx, event.System(event.SourceApp), to, rows)
	m.must(err)
}

func (m *simulation) delete() {
	to, key := m.target(), fmt.Sprintf("r%d", m.rnd.IntN(25))
	m.note("delete %d: %s", to.ResourceID, key)
	if err := m.records.Delete(m.ctx, event.System(event.SourceApp), to, key); fault.KindOf(err) != fault.NotFound {
		m.must(err)
	}
}

func (m *simulation) session() {
	to, rows := m.target(), m.rows()
	id := fmt.Sprintf("session-%d", len(m.steps))
	m.note("session %d: %s", to.ResourceID, rows)
	_, err := m.records.Upload(m.ctx, event.System(event.SourceApp), to, id, rows)
	m.must(err)
	_, err = m.records.Complete(m.ctx, event.System(event.SourceApp), to, id, record.Guards{})
	m.must(err)
}

func (m *simulation) randomLogic() string {
	of := logics
	if m.rnd.IntN(2) == 0 {
		of = lookups
	}
	return fmt.Sprintf(of[m.rnd.IntN(len(of))], m.resources[0].ID, m.resources[1].ID)
}

func (m *simulation) create() {
	if len(m.tests) == 8 {
		return
	}
	logic := m.randomLogic()
	t, err := m.checks.Create(m.ctx, event.System(event.SourceApp), 1, check.Draft{Name: fmt.Sprintf("test %d", len(m.tests)), Logic: []byte(logic), Publish: true})
	m.must(err)
	m.note("create test %d: %s", t.Number, logic)
	m.tests = append(m.tests, t.Number)
	m.logic[t.Number] = logic
}

func (m *simulation) anyTest() (int64, bool) {
	if len(m.tests) == 0 {
		return 0, false
	}
	return m.tests[m.rnd.IntN(len(m.tests))], true
}

func (m *simulation) publish() {
	n, ok := m.anyTest()
	if !ok {
		return
	}
	logic := m.randomLogic()
	m.note("publish test %d: %s", n, logic)
	_, err := m.checks.Update(m.ctx, event.System(event.SourceApp), 1, n, check.Change{Logic: []byte(logic)})
	m.must(err)
	_, err = m.checks.Act(m.ctx, event.System(event.SourceApp), 1, n, check.Publish, "")
	m.must(err)
	m.logic[n] = logic
	m.forget(n)
}

func (m *simulation) toggle() {
	n, ok := m.anyTest()
	if !ok {
		return
	}
	t, err := m.checks.Get(m.ctx, 1, n)
	m.must(err)
	action := check.Enable
	if t.Enabled {
		action = check.Disable
	}
	m.note("%s test %d", action, n)
	m.forget(n)
	_, err = m.checks.Act(m.ctx, event.System(event.SourceApp), 1, n, action, "")
	m.must(err)
}

func (m *simulation) rerun() {
	n, ok := m.anyTest()
	if !ok {
		return
	}
	if t, err := m.checks.Get(m.ctx, 1, n); err == nil && t.Enabled {
		m.note("run test %d", n)
		_, err = m.checks.Act(m.ctx, event.System(event.SourceApp), 1, n, check.Run, "")
		m.must(err)
	}
}

func (m *simulation) advance() {
	d := time.Duration(m.rnd.IntN(240)) * time.Minute
	m.note("advance %s", d)
	m.clock.Advance(d)
}

func (m *simulation) tick() {
	m.note("tick")
	m.must(m.evaluator.Tick(m.ctx))
}

func (m *simulation) sweep() {
	m.note("sweep")
	m.must(m.evaluator.Sweep(m.ctx))
	m.must(m.checks.SweepExclusions(m.ctx))
}

func (m *simulation) step() {
	r := m.resources[m.rnd.IntN(len(m.resources))]
	m.note("step %d", r.ID)
	_, err := m.evaluator.Step(m.ctx, r.ID)
	m.must(err)
	m.progress()
}

// progress holds the cheap look at the evaluations against the whole one.
func (m *simulation) progress() {
	for _, r := range m.resources {
		ev, err := m.s.Evaluation(m.ctx, r.ID)
		m.must(err)
		want := check.Progress{ChangeSeq: ev.ChangeSeq, Watermark: ev.Watermark, Answered: ev.Answered,
			Groups: len(ev.Groups) > 0, Lookups: len(ev.Lookups) > 0, Stirred: ev.Stirred,
			Building: slices.ContainsFunc(ev.Groups, func(g check.Group) bool { return g.State == check.Building })}
		for _, l := range ev.Lookups {
			want.Building = want.Building || l.State == check.Building
			for _, asker := range l.Askers {
				other, err := m.s.Evaluation(m.ctx, asker)
				m.must(err)
				want.AskersStirred = want.AskersStirred || asker != r.ID && other.Stirred
			}
		}
		got, err := m.s.Progress(m.ctx, r.ID)
		m.must(err)
		due, err := m.s.Due(m.ctx, r.ID, m.clock.Now(), 1)
		m.must(err)
		// Of a record that is gone nothing is due any more, which its change tells.
		isDue := !got.Flip.IsZero() && !got.Flip.After(m.clock.Now())
		equal(m.suite, fmt.Sprint("due of resource ", r.ID), isDue, len(due) > 0 || isDue && ev.Watermark != check.Whole(ev.ChangeSeq))
		want.Flip = got.Flip
		equal(m.suite, fmt.Sprint("progress of resource ", r.ID), got, want)
	}
}

// drain evaluates until the store has nothing more to do.
func (m *simulation) drain() {
	m.note("drain")
	for n := 0; ; n++ {
		pending, err := m.evaluator.Pending(m.ctx)
		m.must(err)
		if len(pending) == 0 {
			return
		}
		if n > 50 {
			m.t.Fatalf("the evaluator does not come to rest: resources %v", pending)
		}
		for _, id := range pending {
			for more := true; more; {
				more, err = m.evaluator.Step(m.ctx, id)
				m.must(err)
			}
		}
	}
}

// compare holds every test against a full evaluation of the live records.
func (m *simulation) compare() {
	m.exclusionStates()
	everywhere := []string{}
	for _, n := range m.tests {
		t, err := m.checks.Get(m.ctx, 1, n)
		m.must(err)
		if !t.Enabled {
			equal(m.suite, fmt.Sprintf("findings of disabled test %d", n), len(m.failing(t, true)), 0)
			continue
		}
		want := m.oracle(n, m.logic[n])
		equal(m.suite, fmt.Sprintf("building of test %d", n), t.Building, false)
		equal(m.suite, fmt.Sprintf("counts of test %d", n), t.Totals(), want.counts)
		equal(m.suite, fmt.Sprintf("result of test %d", n), t.Result, want.result)
		equal(m.suite, fmt.Sprintf("reason of test %d", n), t.Reason, want.reason)
		equal(m.suite, fmt.Sprintf("failing since of test %d", n), t.FailedSince.IsZero(), want.result != rule.VerdictFailed)
		equal(m.suite, fmt.Sprintf("failures of test %d", n), fmt.Sprint(m.failing(t, false)), fmt.Sprint(want.failing))
		equal(m.suite, fmt.Sprintf("failures of test %d with those excluded", n), fmt.Sprint(m.failing(t, true)), fmt.Sprint(want.found))
		equal(m.suite, fmt.Sprintf("passes of test %d", n), fmt.Sprint(m.passing(t)), fmt.Sprint(want.passing))
		equal(m.suite, fmt.Sprintf("errors of test %d", n), fmt.Sprint(m.faulty(t)), fmt.Sprint(want.faulty))
		for _, name := range want.failing {
			everywhere = append(everywhere, fmt.Sprint(n, " ", name))
		}
		m.compareRuns(t)
	}
	m.compareAllFailures(everywhere)
	m.fixes()
}

// compareRuns proves that at rest all runs are over, that no full pass found
// anything to correct, and that the last run and the day show what the test does.
func (m *simulation) compareRuns(t check.Test) {
	p, err := m.checks.Runs(m.ctx, 1, t.Number, check.RunFilter{}, page.Request{Size: 500})
	m.must(err)
	if len(p.Items) == 0 {
		m.t.Errorf("test %d has no run", t.Number)
	}
	for _, r := range p.Items {
		equal(m.suite, fmt.Sprintf("drift of run %d (%s) of test %d", r.ID, r.Trigger, t.Number), r.Drift, 0)
		if r.State == check.RunRunning {
			m.t.Errorf("run %d (%s) of test %d is not over: %+v", r.ID, r.Trigger, t.Number, r)
		}
	}
	days, err := m.checks.History(m.ctx, 1, t.Number, 30)
	m.must(err)
	if len(days) == 0 {
		m.t.Errorf("test %d has no day", t.Number)
		return
	}
	today := days[len(days)-1]
	equal(m.suite, fmt.Sprintf("today's counts of test %d", t.Number), today.Counts, t.Totals())
	equal(m.suite, fmt.Sprintf("today's result of test %d", t.Number), today.Result, t.Result)
}

func (m *simulation) failing(t check.Test, excluded bool) []string {
	return m.all(func(ctx context.Context, r page.Request) (page.Page[check.Finding], error) {
		p, _, err := m.checks.Failures(ctx, 1, t.Number, excluded, r)
		return p, err
	})
}

func (m *simulation) passing(t check.Test) []string {
	return m.all(func(ctx context.Context, r page.Request) (page.Page[check.Finding], error) {
		p, _, err := m.checks.Passes(ctx, 1, t.Number, r)
		return p, err
	})
}

// all reads a list page by page and gives it as sorted "group:key" texts.
func (m *simulation) all(list func(context.Context, page.Request) (page.Page[check.Finding], error)) []string {
	out := []string{}
	r := page.Request{Size: 3, Ascending: m.rnd.IntN(2) == 0}
	for {
		p, err := list(m.ctx, r)
		m.must(err)
		for _, f := range p.Items {
			name := fmt.Sprintf("%d:%s", f.Group.Position, f.Key)
			if f.Excluded {
				name += " excluded"
				equal(m.suite, "an excluded finding tells its exclusion: "+name, f.Exclusion.ID != 0, true)
			}
			out = append(out, name)
		}
		if p.Next == "" {
			slices.Sort(out)
			return out
		}
		r, err = r.WithCursor(p.Next)
		m.must(err)
	}
}

type expectation struct {
	counts           check.Counts
	result           rule.Verdict
	reason           rule.Reason
	failing, passing []string
	faulty           []string
	// found are the failing ones and those that are excluded.
	found []string
	// notPassing are the keys of failing records.
	notPassing []string
}

// oracle evaluates a test from nothing: no states, no counters, no findings.
func (m *simulation) oracle(number int64, logic string) expectation {
	parsed, err := rule.ParseTest([]byte(logic))
	m.must(err)
	e := expectation{failing: []string{}, passing: []string{}, faulty: []string{}, found: []string{}}
	var verdicts []rule.GroupVerdict
	for i := range parsed.Groups {
		g := &parsed.Groups[i]
		c := m.oracleGroup(number, g, i, &e)
		v, why := g.Assertion.Assess(rule.Counts{InScope: c.InScope(), Passing: c.Passing, Failing: c.Failing, Errors: c.Errors}, g.OnEmpty)
		if m.unfed(g) {
			v, why = rule.VerdictError, rule.ReasonNoData
		}
		if g.Assertion.Kind == rule.Count && v == rule.VerdictFailed {
			e.failing = append(e.failing, fmt.Sprintf("%d:", i))
		}
		verdicts = append(verdicts, rule.GroupVerdict{Verdict: v, Reason: why})
		addCounts(&e.counts, (&check.Group{Rule: *g, Counts: c}).Told())
	}
	e.result, e.reason = rule.Combine(parsed.Logic, verdicts)
	e.found = append(e.found, e.failing...)
	slices.Sort(e.found)
	slices.Sort(e.failing)
	slices.Sort(e.faulty)
	slices.Sort(e.passing)
	return e
}

// asked is the resource that a lookup names.
func (m *simulation) asked(l rule.Lookup) connection.Resource {
	i := slices.IndexFunc(m.resources, func(r connection.Resource) bool { return r.Name == l.Resource || r.ID == l.ResourceID })
	r, err := m.conns.Resource(m.ctx, m.resources[i].ConnectionID, m.resources[i].ID)
	m.must(err)
	return r
}

func (m *simulation) unfed(g *rule.Group) bool {
	return slices.ContainsFunc(g.Lookups(), func(l rule.Lookup) bool { return m.asked(l).FreshAt.IsZero() || m.past && m.asked(l).RecordCount == 0 })
}

// provide answers the lookups of a program from all records as they are.
func (m *simulation) provide(p *rule.Program, run *rule.Machine) {
	for i, l := range p.Lookups() {
		values, err := rule.NewValues(l)
		m.must(err)
		m.must(m.s.Scan(m.ctx, m.asked(l).ID, func(_ int64, _ string, body []byte) error {
			values.Add(body, m.clock.Now())
			return nil
		}))
		run.Provide(i, values.Presence)
	}
}

func (m *simulation) oracleGroup(number int64, g *rule.Group, i int, e *expectation) check.Counts {
	p, err := rule.Compile([]rule.Rule{rule.NewRule(g)})
	m.must(err)
	run := p.Machine()
	m.provide(p, run)
	var c check.Counts
	covered := m.covered(number, g.ResourceID)
	outcomes, values, seen := map[string]rule.Outcome{}, map[string]string{}, map[string]int{}
	out := map[string]bool{}
	m.must(m.s.Scan(m.ctx, g.ResourceID, func(_ int64, key string, body []byte) error {
		run.Run(body, m.clock.Now())
		key = strings.Clone(key)
		outcomes[key] = run.Outcome(0)
		out[key] = run.Outcome(0) != rule.OutOfScope && covered(key, body)
		if v, ok := run.Unique(0); ok && g.Assertion.Kind == rule.Unique {
			values[key] = string(v)
			if !out[key] {
				seen[string(v)]++
			}
		}
		return nil
	}))
	for _, key := range slices.Sorted(maps.Keys(outcomes)) {
		o := outcomes[key]
		others := seen[values[key]]
		if !out[key] {
			others--
		}
		if o == rule.Pass && others > 0 {
			o = rule.Fail
		}
		name := fmt.Sprintf("%d:%s", i, key)
		wrong := rule.Fail
		if g.Assertion.Kind == rule.Count && g.Assertion.Min == nil {
			wrong = rule.Pass
		}
		m.stands(number, g.ResourceID, key, o == wrong || o == rule.Errored)
		switch {
		case out[key]:
			c.Excluded++
			if o == rule.Fail && g.Assertion.Kind != rule.Count {
				e.found = append(e.found, name+" excluded")
			}
		case o == rule.OutOfScope:
			c.OutOfScope++
		case o == rule.Pass:
			c.Passing++
			e.passing = append(e.passing, name)
		case o == rule.Fail:
			c.Failing++
			if g.Assertion.Kind != rule.Count {
				e.notPassing = append(e.notPassing, key)
				e.failing = append(e.failing, name)
			}
		default:
			c.Errors++
			e.faulty = append(e.faulty, name)
		}
	}
	return c
}
