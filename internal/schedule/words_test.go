package schedule

import (
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ expression, words string }{
		{"0 2 * * *", "every day at 02:00 UTC"},
		{"30 6,18 * * *", "every day at 06:30 and 18:30 UTC"},
		{"5 1,2,3 * * *", "every day at 01:05, 02:05 and 03:05 UTC"},
		{"0 3 * * 1", "every Monday at 03:00 UTC"},
		{"0 3 * * MON,thu", "every Monday and Thursday at 03:00 UTC"},
		{"0 3 * * 7", "every Sunday at 03:00 UTC"},
		{"0 3 * * 1-5", "every day from Monday to Friday at 03:00 UTC"},
		{"0 4 1 * *", "on day 1 of every month at 04:00 UTC"},
		{"0 4 1,15 * *", "on day 1 and 15 of every month at 04:00 UTC"},
		{"0 4 1 1,7 *", "on day 1 of January and July at 04:00 UTC"},
		{"0 4 * JAN *", "every day of January at 04:00 UTC"},
		{"* * * * *", "every minute"},
		{"*/15 * * * *", "every 15 minutes"},
		{"*/1 * * * *", "every minute"},
		{"0 * * * *", "every hour"},
		{"10 * * * *", "every hour, at minute 10"},
		{"0 */6 * * *", "every 6 hours"},
		{"*/30 * * * 1", "every 30 minutes, every Monday"},
		{"@hourly", "every hour"},
		{"@daily", "every day at 00:00 UTC"},
		{"@weekly", "every Sunday at 00:00 UTC"},
		{"@monthly", "on day 1 of every month at 00:00 UTC"},
		{"@yearly", "on day 1 of January at 00:00 UTC"},
		{"0-9 2 * * *", "by 0-9 2 * * *, in UTC"},
		{"0 9-17 * * *", "by 0 9-17 * * *, in UTC"},
		{"0 2 1 * 1", "by 0 2 1 * 1, in UTC"},
		{"0 2 L * *", "by 0 2 L * *, in UTC"},
	} {
		s, err := Parse(c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if got := s.Words(); got != c.words {
			t.Errorf("%s is %q, want %q", c.expression, got, c.words)
		}
	}
}

// Whatever the parser takes has words.
func FuzzWords(f *testing.F) {
	for _, text := range []string{"0 2 * * *", "@every 5m", "1 2 3 4 5", "* */99 * * 8", "*/0 1 * * *"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := Parse(text); err == nil && strings.TrimSpace(s.Words()) == "" {
			t.Errorf("%q has no words", text)
		}
	})
}
