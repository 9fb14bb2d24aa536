package rule

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	seedFlag   = flag.Uint64("seed", 0, "seed of the random tests, 0 for a new one")
	roundsFlag = flag.Int("rounds", 80, "rounds of the random test, each 8 rules over 12 records")
)

func newSeed(t testing.TB) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	return seed
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
		againstSlow(t, &generator{Rand: rand.New(rand.NewPCG(seed, 1))}, 0)
	})
	t.Run("dated", func(t *testing.T) {
		againstSlow(t, &generator{Rand: rand.New(rand.NewPCG(seed, 3)), dated: true}, 50)
	})
}

func againstSlow(t *testing.T, g *generator, atLeast int) {
	outcomes := map[Outcome]int{}
	flips := 0
	for range *roundsFlag {
		var rules []Rule
		var slow []slowRule
		for range 8 {
			s := slowRule{evaluator: redecode(t, g.condition(2))}
			r := Rule{Evaluator: parse(t, s.evaluator)}
			if g.IntN(3) == 0 {
				s.filter = redecode(t, g.condition(1))
				s.exclusion = g.IntN(2) == 0
				r.Filter = &Filter{Mode: Inclusion, Evaluator: parse(t, s.filter)}
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
			m.Run(text, testNow)
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
				if e := p.Explain(i, text, testNow); e.Outcome != want || want == Fail && len(e.Leaves()) == 0 && hasLeaf(slow[i].evaluator) {
					t.Fatalf("explained as %s with %d leaves, outcome %s%s", e.Outcome, len(e.Leaves()), want, context())
				}
				if checkFlip(t, m, i, slow[i], decoded, context) {
					flips++
				}
			}
		}
	}
	t.Logf("outcomes %v, flips %d", outcomes, flips)
	for o := OutOfScope; o <= Errored; o++ {
		if outcomes[o] < *roundsFlag/2 {
			t.Errorf("only %d outcomes are %s: the generator is too tame", outcomes[o], o)
		}
	}
	if flips < atLeast {
		t.Errorf("only %d flips", flips)
	}
}

// hasLeaf is whether a condition can name something to blame.
func hasLeaf(c map[string]any) bool {
	text := string(marshal(c))
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
	text := string(marshal(rule.evaluator)) + string(marshal(rule.filter))
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
	collect(rule.evaluator, &times, &spans)
	collect(rule.filter, &times, &spans)
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
