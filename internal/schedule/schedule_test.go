package schedule

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

func TestNext(t *testing.T) {
	from := time.Date(2026, 11, 21, 13, 7, 30, 500, time.UTC)
	for _, c := range []struct{ expression, want string }{
		{"0 3 * * *", "2026-11-22T03:00:00Z"},
		{"  0   3 * * * ", "2026-11-22T03:00:00Z"},
		{"@daily", "2026-11-22T00:00:00Z"},
		{"@hourly", "2026-11-21T14:00:00Z"},
		{"*/15 * * * *", "2026-11-21T13:15:00Z"},
		{"7 13 * * *", "2026-11-22T13:07:00Z"},
		{"8 13 * * *", "2026-11-21T13:08:00Z"},
		{"0 0 29 2 *", "2028-02-29T00:00:00Z"},
		{"0 9 * * MON", "2026-11-23T09:00:00Z"},
	} {
		s, err := Parse(c.expression)
		if err != nil {
			t.Errorf("%q: %v", c.expression, err)
			continue
		}
		if got := s.Next(from).Format(time.RFC3339); got != c.want {
			t.Errorf("%q after %s: got %s, want %s", c.expression, from, got, c.want)
		}
	}
	if got := (Schedule{}).Next(from); !got.IsZero() {
		t.Errorf("the zero schedule is due at %s", got)
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{"", "daily", "* * * *", "* * * * * *", "61 * * * *", "0 25 * * *", "a b c d e", "@never", "0 0 30 2 *", strings.Repeat("1,", 80) + "1 * * * *"} {
		if _, err := Parse(text); fault.CodeOf(err) != fault.CodeValidation {
			t.Errorf("%q: got %v, want a refusal", text, err)
		}
	}
}

// The next moment is later, on a minute, and never skips one: of two moments
// between which nothing is due the next is the same.
func TestNextIsMonotonous(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	for _, expression := range []string{"0 3 * * *", "*/7 2-5 * * *", "0 0 1 * *", "30 6 * * 1-5", "@weekly"} {
		s, err := Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			from := time.Unix(1_700_000_000+rnd.Int64N(200_000_000), rnd.Int64N(1e9)).UTC()
			next := s.Next(from)
			if !next.After(from) || next.Second() != 0 || next.Nanosecond() != 0 {
				t.Fatalf("seed %d: %q after %s gives %s", seed, expression, from, next)
			}
			between := from.Add(time.Duration(rnd.Int64N(int64(next.Sub(from)))))
			if got := s.Next(between); !got.Equal(next) {
				t.Fatalf("seed %d: %q gives %s after %s, but %s after %s", seed, expression, next, from, got, between)
			}
		}
	}
}
