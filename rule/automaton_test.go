package rule

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

var somePatterns = []string{
	``, `a`, `^a`, `a$`, `^a$`, `^$`, `$^`, `^`, `$`, `^[a-z]+\.[a-z]+@`, `(?i)abc`, `a|b`, `^(a|b)*c?$`, `\.(internal|local)$`, `[^a]b`, `.b`, `(?s).b`,
	`\d{3}-\d{4}`, `(^a|b$)`, `a*`, `a+?b`, `(?:a|ab)(?:c|bcd)`, `\A\z`, `\bab\b`, `(?m)^a$`, `[[:upper:]]+$`, `\pL+`, `é`, `[é-ü]`, `\x00`, `(?i)k`, `x{0}`, `a{2,5}$`,
	`^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$`, `^[^@\s]+@[^@\s]+\.[a-z]{2,}$`, `a.{8}b`, `(a?){12}a{12}`,
}

func checkMatcher(t *testing.T, pattern, text string, work int) (automatic bool) {
	t.Helper()
	p, err := newMatcher(pattern, &work)
	re, want := regexp.Compile(pattern)
	if (err == nil) != (want == nil) {
		t.Fatalf("%q: %v, regexp says %v", pattern, err, want)
	}
	if err != nil {
		return false
	}
	if got, want := p.Match([]byte(text)), re.MatchString(text); got != want {
		t.Fatalf("%q on %q: %v, regexp says %v", pattern, text, got, want)
	}
	return p.auto != nil
}

func TestMatcher(t *testing.T) {
	r := rand.New(rand.NewPCG(newSeed(t), 7))
	automatic := 0
	for range 20_000 {
		pattern := somePatterns[r.IntN(len(somePatterns))]
		if r.IntN(2) == 0 {
			pattern = randomPattern(r, 3)
		}
		var text strings.Builder
		for range r.IntN(14) {
			text.WriteString([]string{"a", "b", "c", "A", "K", "1", ".", "@", "-", "\n", " ", "é", "\xff", "ſ", "\x00", "ab", "255"}[r.IntN(17)])
		}
		if checkMatcher(t, pattern, text.String(), maxAutoWork) {
			automatic++
		}
	}
	if automatic < 10_000 {
		t.Errorf("only %d patterns have an automaton", automatic)
	}
}

func randomPattern(r *rand.Rand, depth int) string {
	if depth == 0 {
		return []string{"a", "b", "[ab]", "[^a]", ".", `\d`, "^", "$", "c", "(?i:a)", `\.`}[r.IntN(11)]
	}
	sub := func() string { return randomPattern(r, depth-1) }
	switch r.IntN(6) {
	case 0:
		return sub() + "|" + sub()
	case 1:
		return "(?:" + sub() + ")" + []string{"*", "+", "?", "{2}", "*?", "{0,2}"}[r.IntN(6)]
	case 2:
		return "^" + sub()
	case 3:
		return sub() + "$"
	}
	return sub() + sub()
}

// TestMatcherBudget makes sure that no pattern takes more than its share.
func TestMatcherBudget(t *testing.T) {
	work := maxAutoWork
	for range 1000 {
		if _, err := newMatcher(`[ab]*a[ab]{12}(c|d){9}[a-f]*e`, &work); err != nil {
			t.Fatal(err)
		}
	}
	if work > 0 {
		t.Error("1000 costly patterns did not use up the budget")
	}
	if work < -1<<17 {
		t.Errorf("%d steps beyond the budget", -work)
	}
	if checkMatcher(t, "a+b", "xaab", 10) {
		t.Error("an automaton without a budget")
	}
}

func FuzzMatcher(f *testing.F) {
	for _, p := range somePatterns {
		f.Add(p, "ab\n.é@x")
		f.Add(p, "")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) <= maxPattern {
			checkMatcher(t, pattern, text, maxAutoWork)
		}
	})
}

func BenchmarkMatcher(b *testing.B) {
	text := []byte("ada.lovelace@example.com")
	work := maxAutoWork
	p, err := newMatcher(`^[a-z]+\.[a-z]+@`, &work)
	if err != nil || p.auto == nil {
		b.Fatal(err)
	}
	b.Run("automaton", func(b *testing.B) {
		for b.Loop() {
			p.Match(text)
		}
	})
	b.Run("regexp", func(b *testing.B) {
		for b.Loop() {
			p.re.Match(text)
		}
	})
}
