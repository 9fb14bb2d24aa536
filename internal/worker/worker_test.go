package worker_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/worker"
)

// evaluator counts steps and tells when a resource is done.
type evaluator struct {
	mu      sync.Mutex
	left    map[int64]int
	running map[int64]bool
	clash   bool
	fail    error
	panics  bool
	pending []int64
	// next is when something comes by time, ticks how often the clock was looked at.
	next  time.Duration
	ticks int
	done  chan int64
	// elsewhere is true while another node has every resource, which ends when
	// that was seen.
	elsewhere bool
	log       []string
	// released is called, locked, when a lease is given back.
	released func()
}

func (e *evaluator) Tick(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ticks++
	return nil
}

func (e *evaluator) Next(context.Context) (time.Duration, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.next, nil
}

func (e *evaluator) Pending(context.Context) ([]int64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.pending
	e.pending = nil
	return p, nil
}

func (e *evaluator) Leased(context.Context, int64, string) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.log = append(e.log, "look")
	elsewhere := e.elsewhere
	e.elsewhere = false
	if elsewhere {
		e.done <- 0
	}
	return elsewhere, nil
}

func (e *evaluator) Lease(context.Context, int64, string, time.Duration) (bool, error) {
	e.note("lease")
	return true, nil
}

func (e *evaluator) Release(context.Context, int64, string) error {
	e.note("release")
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.released != nil {
		e.released()
	}
	return nil
}

func (e *evaluator) note(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.log = append(e.log, what)
}

func (e *evaluator) Step(_ context.Context, id int64) (bool, error) {
	e.mu.Lock()
	if e.running[id] {
		e.clash = true
	}
	e.running[id] = true
	e.log = append(e.log, "step")
	err := e.fail
	e.fail = nil
	panics := e.panics
	e.panics = false
	e.left[id]--
	left := e.left[id]
	e.mu.Unlock()
	e.mu.Lock()
	e.running[id] = false
	e.mu.Unlock()
	if err != nil || panics || left <= 0 {
		e.done <- id
	}
	if panics {
		panic("a record that nobody thought of")
	}
	return left > 0, err
}

func start(t *testing.T, e *evaluator) *worker.Worker {
	e.running, e.done = map[int64]bool{}, make(chan int64, 100)
	w := worker.New(worker.Options{Evaluator: e, Owner: "test"})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := await.Receive(t, "the end of the worker", ended); err != nil {
			t.Error(err)
		}
		if e.clash {
			t.Error("one resource was evaluated by two lanes at once")
		}
	})
	return w
}

// finished is the next resource that is done.
func (e *evaluator) finished(t *testing.T) int64 {
	t.Helper()
	return await.Receive(t, "a resource that is done", e.done)
}

// The clock is looked at each second, and at the moment at which something comes.
func TestLooksAtTheClock(t *testing.T) {
	for _, c := range []struct {
		next  time.Duration
		ticks int
	}{{0, 3}, {5 * time.Second, 3}, {-time.Second, 3}, {300 * time.Millisecond, 9}, {time.Nanosecond, 251}} {
		synctest.Test(t, func(t *testing.T) {
			e := &evaluator{next: c.next}
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond+time.Millisecond)
			defer cancel()
			if err := worker.New(worker.Options{Evaluator: e, Owner: "test"}).Run(ctx); err != nil {
				t.Error(err)
			}
			if e.ticks != c.ticks {
				t.Errorf("with something in %s: %d looks in 2.5 s, want %d", c.next, e.ticks, c.ticks)
			}
		})
	}
}

func TestWakeEvaluatesUntilNothingIsLeft(t *testing.T) {
	e := &evaluator{left: map[int64]int{1: 3, 2: 2}}
	w := start(t, e)
	for range 5 {
		w.Wake(1)
		w.Wake(2)
	}
	got := map[int64]bool{e.finished(t): true, e.finished(t): true}
	for !got[1] || !got[2] {
		got[e.finished(t)] = true
	}
}

func TestStoredWorkIsFoundWithoutAWake(t *testing.T) {
	e := &evaluator{left: map[int64]int{7: 1}, pending: []int64{7}}
	start(t, e)
	if id := e.finished(t); id != 7 {
		t.Errorf("got resource %d", id)
	}
}

func TestAFailureIsTriedAgain(t *testing.T) {
	e := &evaluator{left: map[int64]int{1: 2}, fail: errors.New("the disk is away")}
	w := start(t, e)
	w.Wake(1)
	e.finished(t)
	w.Wake(1)
	e.finished(t)
}

// A record that the engine stumbles over must not end the process.
func TestAPanicIsAFailureOfItsResource(t *testing.T) {
	e := &evaluator{left: map[int64]int{1: 2, 2: 1}, panics: true}
	w := start(t, e)
	w.Wake(1)
	e.finished(t)
	w.Wake(1)
	w.Wake(2)
	got := map[int64]bool{}
	for !got[1] || !got[2] {
		got[e.finished(t)] = true
	}
}

func (e *evaluator) logged(t *testing.T, want string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if got := strings.Join(e.log, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Short work takes no lease: it would be a write for each push, and another
// node would have to wait for its end.
func TestShortWorkTakesNoLease(t *testing.T) {
	e := &evaluator{left: map[int64]int{1: 3}}
	w := start(t, e)
	w.Wake(1)
	e.finished(t)
	e.logged(t, "look step step step")
}

// A node that has a resource gives it back when all is done, and looks once
// more for what came while others kept away from it.
func TestLeaseIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &evaluator{left: map[int64]int{1: 6}}
		e.released = func() { e.left[1] = 2 }
		w := start(t, e)
		w.Wake(1)
		e.finished(t)
		e.finished(t)
		e.logged(t, "look step step step step lease step step release step step")
	})
}

// While another node has a resource this one keeps away from it.
func TestLeasedElsewhere(t *testing.T) {
	e := &evaluator{left: map[int64]int{1: 1}, elsewhere: true}
	w := start(t, e)
	w.Wake(1)
	e.finished(t)
	w.Wake(1)
	e.finished(t)
	e.logged(t, "look look step")
}

// Resources with much to do take turns with the others.
func TestLongWorkLetsOthersIn(t *testing.T) {
	e := &evaluator{left: map[int64]int{1: 1 << 60, 2: 1 << 60, 3: 1}, pending: []int64{1, 2, 3}}
	start(t, e)
	if id := e.finished(t); id != 3 {
		t.Errorf("got resource %d", id)
	}
}

// What goes on beside is asked until nothing is left, then every second; a
// failure and a panic wait for the next second, and end nothing else.
func TestBesideIsAskedEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var asked []time.Duration
		answers := []func() (bool, error){
			func() (bool, error) { return true, nil },
			func() (bool, error) { return false, nil },
			func() (bool, error) { return true, errors.New("the database is away") },
			func() (bool, error) { panic("one object is odd") },
			func() (bool, error) { cancel(); return true, nil },
		}
		w := worker.New(worker.Options{Evaluator: &evaluator{left: map[int64]int{}, running: map[int64]bool{}},
			Beside: map[string]func(context.Context) (bool, error){"odd jobs": func(context.Context) (bool, error) {
				asked = append(asked, time.Since(began))
				return answers[len(asked)-1]()
			}}})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if want := []time.Duration{0, 0, time.Second, 2 * time.Second, 3 * time.Second}; !slices.Equal(asked, want) {
			t.Errorf("asked at %v, want %v", asked, want)
		}
	})
}
