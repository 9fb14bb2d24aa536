package rule

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random tests, 0 for a new one")

func newSeed(t testing.TB) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	return seed
}

// often is how often to do something random: a number of the environment, or so
// many times by default.
func often(t testing.TB, variable string, byDefault int) int {
	text := os.Getenv(variable)
	if text == "" {
		return byDefault
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

func slowOutcome(rule slowRule, record any, now time.Time) Outcome {
	if rule.filter != nil {
		in, err := slowEvaluate(rule.filter, record, now)
		if err != nil {
			return Errored
		}
		if in == rule.exclusion {
			return OutOfScope
		}
	}
	ok, err := slowEvaluate(rule.evaluator, record, now)
	switch {
	case err != nil:
		return Errored
	case ok:
		return Pass
	}
	return Fail
}

type slowRule struct {
	filter, evaluator map[string]any
	exclusion         bool
}

// redecode brings what the generator made into the form that a decoder gives.
func redecode(t *testing.T, v any) map[string]any {
	t.Helper()
	out, err := decodeText(marshal(v))
	if err != nil {
		t.Fatal(err)
	}
	return out.(map[string]any)
}

// TestAgainstSlow compares outcome and flip of random rules, compiled together,
// with the slow evaluator.
func TestAgainstSlow(t *testing.T) {
	seed := newSeed(t)
	t.Run("mixed", func(t *testing.T) {
		againstSlow(t, &generator{Rand: rand.New(rand.NewPCG(seed, 1))}, false)
	})
	t.Run("dated", func(t *testing.T) {
		againstSlow(t, &generator{Rand: rand.New(rand.NewPCG(seed, 3)), dated: true}, true)
	})
}

// TestLookupsAgainstSlow does the same with named conditions and records of
// other resources.
func TestLookupsAgainstSlow(t *testing.T) {
	seed := newSeed(t)
	t.Run("mixed", func(t *testing.T) {
		againstSlow(t, newLooker(t, rand.New(rand.NewPCG(seed, 4)), false), false)
	})
	t.Run("dated", func(t *testing.T) {
		againstSlow(t, newLooker(t, rand.New(rand.NewPCG(seed, 5)), true), false)
	})
}

// newLooker gives a generator of rules that refer to conditions and resources,
// which it lays down for the slow evaluator too.
func newLooker(t *testing.T, r *rand.Rand, dated bool) *generator {
	plain := &generator{Rand: r, dated: dated}
	g := &generator{Rand: r, dated: dated, named: map[string]any{}, far: map[string][]any{}}
	slowNamed, slowFar = map[string]map[string]any{}, map[string][]any{}
	t.Cleanup(func() { slowNamed, slowFar = nil, nil })
	// Each may refer to those before it.
	for _, name := range []string{"first", "second", "third"} {
		c := (&generator{Rand: r, dated: dated, named: maps.Clone(g.named), far: g.far}).condition(1)
		g.named[name], slowNamed[name] = c, redecode(t, c)
	}
	for _, name := range []string{"far", "7"} {
		for range 12 {
			g.far[name] = append(g.far[name], plain.object(2))
			slowFar[name] = append(slowFar[name], redecode(t, g.far[name][len(g.far[name])-1]))
		}
	}
	return g
}

// parse parses a condition with the generator's named conditions known.
func (g *generator) parse(t *testing.T, v any) *Condition {
	t.Helper()
	texts := map[string]json.RawMessage{}
	for name, c := range g.named {
		texts[name] = marshal(c)
	}
	known, err := ParseConditions(texts)
	if err != nil {
		t.Fatal(err)
	}
	c, err := known.ParseEvaluator(marshal(v))
	if err != nil {
		t.Fatalf("%v\n%s", err, marshal(v))
	}
	return c
}

// provide gives a machine the values of the generator's other resources, but
// only those that it wanted before.
func (g *generator) provide(t *testing.T, p *Program, m *Machine, text []byte) *Machine {
	t.Helper()
	wanted := map[string]bool{}
	key := func(i int, value []byte) string { return strconv.Itoa(i) + string(value) }
	m.Wanted(text, func(i int, value []byte) { wanted[key(i, value)] = true })
	for i, l := range p.Lookups() {
		values, err := NewValues(l)
		if err != nil {
			t.Fatal(err)
		}
		name := l.Resource
		if name == "" {
			name = strconv.FormatInt(l.ResourceID, 10)
		}
		for _, record := range g.far[name] {
			values.Add(marshal(record), testNow)
		}
		m.Provide(i, func(value []byte) (bool, bool) {
			if !wanted[key(i, value)] {
				return false, false // an outcome that hangs on it is an error, which the slow evaluator contradicts
			}
			return values.Presence(value)
		})
	}
	return m
}

func againstSlow(t *testing.T, g *generator, mustFlip bool) {
	outcomes := map[Outcome]int{}
	flips := 0
	rounds := often(t, "PLUMBLINE_TEST_ROUNDS", 40) // each 8 rules over 12 records
	if testing.Short() {
		rounds /= 5
	}
	for range rounds {
		var rules []Rule
		var slow []slowRule
		for range 8 {
			s := slowRule{evaluator: redecode(t, g.condition(2))}
			r := Rule{Evaluator: g.parse(t, s.evaluator)}
			if g.IntN(3) == 0 {
				s.filter = redecode(t, g.condition(1))
				s.exclusion = g.IntN(2) == 0
				r.Filter = &Filter{Mode: Inclusion, Evaluator: g.parse(t, s.filter)}
				if s.exclusion {
					r.Filter.Mode = Exclusion
				}
			}
			rules, slow = append(rules, r), append(slow, s)
		}
		p, err := Compile(rules)
		if err != nil {
			t.Fatal(err)
		}
		m := p.Machine()
		for range 12 {
			text := marshal(g.object(3))
			decoded, err := decodeText(text)
			if err != nil {
				t.Fatal(err)
			}
			g.provide(t, p, m, text).Run(text, testNow)
			for i := range rules {
				context := func() string {
					return fmt.Sprintf("\nrule %s\nfilter %s\nexclusion %v\nrecord %s", marshal(slow[i].evaluator), marshal(slow[i].filter), slow[i].exclusion, text)
				}
				want := slowOutcome(slow[i], decoded, testNow)
				if got := m.Outcome(i); got != want {
					t.Fatalf("outcome %s, slow %s%s", got, want, context())
				}
				outcomes[want]++
				if (want == Errored) != (m.Problem(i) != "") {
					t.Fatalf("outcome %s with problem %q%s", want, m.Problem(i), context())
				}
				if e := g.provide(t, p, p.Machine(), text).Explain(i, text, testNow); e.Outcome != want || want == Fail && len(e.Leaves()) == 0 && hasLeaf(slow[i].evaluator) {
					t.Fatalf("explained as %s with %d leaves, outcome %s%s", e.Outcome, len(e.Leaves()), want, context())
				}
				if checkFlip(t, m, i, slow[i], decoded, context) {
					flips++
				}
			}
		}
	}
	t.Logf("outcomes %v, flips %d", outcomes, flips)
	if testing.Short() {
		// Few rounds may lack what is rare.
		return
	}
	for o := OutOfScope; o <= Errored; o++ {
		if outcomes[o] < rounds/2 {
			t.Errorf("only %d outcomes are %s: the generator is too tame", outcomes[o], o)
		}
	}
	if mustFlip && flips < rounds/2 {
		t.Errorf("only %d flips", flips)
	}
}

// hasLeaf is whether a condition can name something to blame.
func hasLeaf(c map[string]any) bool {
	text := string(marshal(slowExpand(c)))
	return !strings.Contains(text, `"all":[]`) && !strings.Contains(text, `"any":[]`)
}

func parse(t testing.TB, v any) *Condition {
	t.Helper()
	text := marshal(v)
	c, err := ParseEvaluator(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

// checkFlip compares the flip with the outcomes at every moment at which
// anything could change.
func checkFlip(t *testing.T, m *Machine, i int, rule slowRule, record any, context func() string) bool {
	t.Helper()
	whole := []any{slowExpand(rule.evaluator), slowExpand(rule.filter)}
	text := string(marshal(whole))
	at, flips := m.Flip(i)
	if !strings.Contains(text, "within") && !strings.Contains(text, "olderThan") {
		if flips {
			t.Fatalf("flip without a date operator%s", context())
		}
		return false
	}
	now := testNow
	want := m.Outcome(i)
	var spans []time.Duration
	var times []time.Time
	collect(whole, &times, &spans)
	collect(record, &times, &spans)
	var moments []time.Time
	for _, x := range times {
		moments = append(moments, x, x.Add(1))
		for _, s := range spans {
			moments = append(moments, x.Add(s), x.Add(s+1), x.Add(-s), x.Add(1-s))
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	moments = slices.CompactFunc(moments, time.Time.Equal)
	for _, x := range moments {
		if !x.After(now) {
			continue
		}
		got := slowOutcome(rule, record, x)
		if flips && !x.Before(at) {
			if x.Equal(at) && got == want {
				t.Fatalf("at the flip %s the outcome is still %s%s", at, got, context())
			}
			break
		}
		if got != want {
			t.Fatalf("at %s the outcome is %s and not %s any more, the flip is %s %v%s", x.Format(time.RFC3339Nano), got, want, at.Format(time.RFC3339Nano), flips, context())
		}
	}
	if flips {
		if !at.After(now) {
			t.Fatalf("the flip %s is not after now%s", at, context())
		}
		if got := slowOutcome(rule, record, at); got == want {
			t.Fatalf("at the flip %s the outcome is still %s%s", at, got, context())
		}
		if got := slowOutcome(rule, record, at.Add(-1)); got != want {
			t.Fatalf("before the flip %s the outcome is already %s%s", at, got, context())
		}
	}
	return flips
}

// collect gathers every date and every span that a text could stand for.
func collect(v any, times *[]time.Time, spans *[]time.Duration) {
	if t, ok := slowDate(v); ok {
		*times = append(*times, t)
	}
	switch x := v.(type) {
	case map[string]any:
		for _, e := range x {
			collect(e, times, spans)
		}
	case []any:
		for _, e := range x {
			collect(e, times, spans)
		}
	case fmt.Stringer: // json.Number
		if f := slowFloat(slowNumeric(v)); f >= 0 && f <= 1000 {
			*spans = append(*spans, time.Duration(f*float64(time.Hour)), time.Duration(f*float64(24*time.Hour)))
		}
	}
}
