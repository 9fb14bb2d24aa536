package collection

import (
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/schedule"
)

func scheduled(t *testing.T, cron string, resourceID int64) Collection {
	t.Helper()
	s, err := schedule.Parse(cron)
	if err != nil {
		t.Fatal(err)
	}
	return Collection{ResourceID: resourceID, Schedule: s, Enabled: true, Revision: 1}
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// The jitter spreads resources, is the same each time, and loses and doubles no
// run.
func TestFollowing(t *testing.T) {
	for _, cron := range []string{"* * * * *", "*/5 * * * *", "@hourly", "@daily", "0 3 * * 1", "30 2 29 2 *"} {
		seen := map[time.Duration]bool{}
		for id := range int64(40) {
			c := scheduled(t, cron, id)
			at := noon
			for range 5 {
				next := c.following(at)
				plain := c.Schedule.Next(next.Add(-maxJitter - time.Nanosecond))
				for !next.Before(c.Schedule.Next(plain)) {
					plain = c.Schedule.Next(plain)
				}
				late := next.Sub(plain)
				if !next.After(at) || late < 0 || late > maxJitter {
					t.Fatalf("%s of %d after %s is %s, %s late", cron, id, at, next, late)
				}
				if again := c.following(next.Add(-time.Second)); !again.Equal(next) {
					t.Fatalf("%s of %d: %s, and %s from a second before", cron, id, next, again)
				}
				seen[late] = true
				at = next
			}
		}
		if cron != "* * * * *" && len(seen) < 10 {
			t.Errorf("%s: %d resources run at %d moments", cron, 40, len(seen))
		}
	}
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		name     string
		failure  failure
		before   func(*Collection)
		wait     time.Duration
		schedule bool
		failures int64
	}{
		{name: "no answer", failure: failure{code: "TIMEOUT"}, wait: 5 * time.Minute, failures: 1},
		{name: "no answer again", failure: failure{code: "DNS"}, before: func(c *Collection) { c.Failures = 2 }, wait: 20 * time.Minute, failures: 3},
		{name: "not beyond the schedule", failure: failure{code: "DNS"}, before: func(c *Collection) { c.Failures = 30 }, schedule: true, failures: 31},
		{name: "the other side says when", failure: failure{code: "RATE_LIMITED", after: time.Hour}, wait: time.Hour, failures: 1},
		{name: "the other side says too much", failure: failure{code: "RATE_LIMITED", after: 1000 * time.Hour}, wait: maxPause, failures: 1},
		{name: "a wrong password", failure: failure{code: "UNAUTHORIZED"}, before: func(c *Collection) { c.Failures = 2 }, schedule: true},
		{name: "a guard", failure: failure{code: syncrun.CodeGuard}, schedule: true},
		{name: "changed meanwhile", failure: failure{code: "UNAUTHORIZED"}, before: func(c *Collection) { c.Revision = 2 }},
		{name: "the process ends", failure: failure{code: syncrun.CodeCanceled, stopped: true}, before: func(c *Collection) { c.Failures = 2 }, failures: 2},
		{name: "cancelled", failure: failure{code: syncrun.CodeCanceled}, schedule: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := scheduled(t, "@daily", 1)
			got.Asked.At = noon
			was := Claim{Revision: 1}
			if c.before != nil {
				c.before(&got)
			}
			c.failure.next(&got, was, noon)
			if got.NextAt.IsZero() {
				// As the end of a run does.
				got.NextAt = got.following(noon)
			}
			want := noon.Add(c.wait)
			if c.schedule {
				want = got.following(noon)
			}
			if !got.NextAt.Equal(want) || got.Failures != c.failures {
				t.Errorf("next %s with %d failures, want %s with %d", got.NextAt, got.Failures, want, c.failures)
			}
			if asked := !got.Asked.At.IsZero(); asked != c.failure.stopped {
				t.Errorf("the wish for a run stands: %v", asked)
			}
		})
	}
	t.Run("paused", func(t *testing.T) {
		got := scheduled(t, "@daily", 1)
		got.Enabled = false
		(&failure{code: "TIMEOUT"}).next(&got, Claim{Revision: 1}, noon)
		if !got.NextAt.IsZero() || got.Failures != 0 {
			t.Errorf("a paused one runs again at %s", got.NextAt)
		}
	})
}
