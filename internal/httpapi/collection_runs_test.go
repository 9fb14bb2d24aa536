package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
)

// nextRun is in how long a collection runs next.
func (r resource) nextRun(t *testing.T, s *server) time.Duration {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s.call(t, "GET", r.path+"/collection", "").is(200).text("nextRunAt"))
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(s.clock.Now())
}

func collectionTimes(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	other.answers(503)
	s.call(t, "PUT", at, other.body("")).is(200)
	// A pause that doubles, up to the next run by the schedule.
	for _, want := range []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute} {
		s.collect(t)
		s.call(t, "GET", at, "").is(200).has(map[string]any{"state": "RETRYING"})
		if wait := r.nextRun(t, s); wait > want || wait < want-10*time.Second {
			t.Fatalf("it runs again in %s, not %s", wait, want)
		}
		before := other.requests()
		s.clock.advance(want - 15*time.Second)
		s.collect(t)
		if other.requests() != before {
			t.Error("it ran before its time")
		}
		s.clock.advance(16 * time.Second)
	}
	// It follows the schedule again once all is well, some minutes late and each
	// time as many.
	other.gives(person3("ann"))
	s.collect(t)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"state": "WAITING", "failures": 0, "lastRun.status": "COMPLETED"})
	late := func() time.Duration {
		next := s.clock.Now().Add(r.nextRun(t, s))
		return next.Sub(next.Truncate(24 * time.Hour)).Round(time.Second)
	}
	first := late()
	if first > 15*time.Minute {
		t.Errorf("it runs %s after midnight", first)
	}
	before := other.requests()
	s.clock.advance(r.nextRun(t, s) + time.Second)
	s.collect(t)
	if other.requests() != before+1 || late() != first {
		t.Errorf("%d requests; then %s after midnight, not %s", other.requests()-before, late(), first)
	}

	// What waits for the schedule runs at once when its inputs change, and not when
	// only its guards do.
	other.takes("another")
	r.failed(t, s, "UNAUTHORIZED", "401")
	s.call(t, "PUT", at, `{"guards":{"maxDeletePercent":40}}`).is(200)
	if wait := r.nextRun(t, s); wait < time.Hour {
		t.Errorf("a changed guard made it run in %s", wait)
	}
	s.call(t, "PUT", at, `{"inputs":{"token":"another"}}`).is(200)
	if wait := r.nextRun(t, s); wait > 0 {
		t.Errorf("it runs in %s although its token is another one", wait)
	}
	s.collect(t)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"lastRun.status": "COMPLETED"})
}

// begun begins the run of a collection, which the other system holds.
func (s *server) begun(t *testing.T, other *standIn) {
	t.Helper()
	if err := s.runner.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	await.Receive(t, "a request for people", other.entered)
}

func canceledCollections(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	other.gives(person3("ann"))
	s.call(t, "PUT", at, other.body("")).is(200)
	s.collect(t)
	s.call(t, "POST", at+"/actions", `{"action":"cancel"}`).refused(409, 40901, "nothing")

	// A wish for a run can be taken back.
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"cancel"}`).is(200)
	before := other.requests()
	s.collect(t)
	if other.requests() != before {
		t.Error("it ran although it was cancelled")
	}

	other.gives(person3("ann", "bob"))
	release := other.holding()
	defer release()
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.begun(t, other)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"state": "RUNNING", "running.canceling": false, "nextRunAt": nil})
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).refused(409, 40901, "already")
	s.call(t, "POST", at+"/actions", `{"action":"cancel"}`).is(200)
	s.runner.Wait()
	s.call(t, "GET", at, "").is(200).has(map[string]any{"state": "WAITING", "lastRun.status": "CANCELED", "lastRun.error.code": "CANCELED", "running": absent})
	if run, steps, _ := r.synced(t, s); run.Status != syncrun.Canceled || strings.Contains(steps, "RUNNING") {
		t.Errorf("the run is %s with %s", run.Status, steps)
	}
	if got := r.ids(t, s); got != "ann" {
		t.Fatalf("records %q", got)
	}

	// A node that stops breaks off, and the next one runs it again.
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.begun(t, other)
	s.runner.Stop()
	s.call(t, "GET", at, "").is(200).has(map[string]any{"lastRun.status": "CANCELED"})
	if text := s.call(t, "GET", at, "").text("lastRun.error.message"); !strings.Contains(text, "stopped") {
		t.Errorf("the sentence is %q", text)
	}
	release()
	s.collect(t)
	if got := r.ids(t, s); got != "ann bob" {
		t.Fatalf("records %q", got)
	}

	// One whose collection is deleted in the midst ends, and leaves no session.
	again := other.holding()
	defer again()
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.begun(t, other)
	s.call(t, "DELETE", at, "").is(204)
	s.runner.Wait()
	s.call(t, "GET", r.path+"/sessions?status=IN_PROGRESS", "").is(200).has(map[string]any{"data.0": absent})
}

func collectionNodes(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	other.gives(person3("ann"))
	release := other.holding()
	defer release()
	s.call(t, "PUT", at, other.body("")).is(200)
	s.begun(t, other)
	second := s.anotherRunner("node-2")
	step := func(n *collection.Runner) {
		t.Helper()
		if err := n.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// As long as the first node holds the claim nobody else runs it.
	for range 5 {
		s.clock.advance(30 * time.Second)
		step(s.runner)
		step(second)
	}
	if n := other.requests(); n != 1 {
		t.Fatalf("it was asked %d times", n)
	}
	// The first one falls silent: the second ends what it began, and runs it after a
	// while.
	s.clock.advance(2 * time.Minute)
	for range 10 {
		step(second)
		second.Wait()
	}
	s.call(t, "GET", at, "").is(200).has(map[string]any{"state": "RETRYING", "lastRun.status": "FAILED", "lastRun.error.code": "INTERRUPTED"})
	if run, steps, _ := r.synced(t, s); run.Status != syncrun.Failed || !strings.Contains(steps, "FETCH=FAILED INTERRUPTED") {
		t.Errorf("the run is %s with %s", run.Status, steps)
	}
	// What the first node still does comes to nothing.
	step(s.runner)
	release()
	s.runner.Wait()
	s.call(t, "GET", at, "").is(200).has(map[string]any{"state": "RETRYING", "lastRun.error.code": "INTERRUPTED"})
	if got := r.ids(t, s); got != "" {
		t.Fatalf("records %q", got)
	}
	s.call(t, "GET", r.path+"/sessions?status=IN_PROGRESS", "").is(200).has(map[string]any{"data.0": absent})
	s.clock.advance(5 * time.Minute)
	// Others are due by now, too.
	for range 10 {
		step(second)
		second.Wait()
	}
	s.call(t, "GET", at, "").is(200).has(map[string]any{"lastRun.status": "COMPLETED"})
	if got := r.ids(t, s); got != "ann" {
		t.Fatalf("records %q", got)
	}
}
