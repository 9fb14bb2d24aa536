package collect

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/outbound"
)

var loopback = outbound.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// start is when the runs of the tests begin.
var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// outcome is what a run did.
type outcome struct {
	records []string
	// steps are those that ended, as they ended.
	steps []Step
	// told are all steps that were told.
	told []Step
	// waits are the pauses of the run, on a clock that they move.
	waits []time.Duration
	err   error
}

// failure is the run's failure, which must be the one of the step that failed.
func (o *outcome) failure(t *testing.T) *StepError {
	t.Helper()
	var f *StepError
	if !errors.As(o.err, &f) {
		t.Fatalf("the run ended with %v, want a StepError", o.err)
	}
	for _, s := range o.steps {
		if s.Err != nil {
			if s.Err.Code != f.Code {
				t.Errorf("step %s failed with %s, the run with %s", s.Name, s.Err.Code, f.Code)
			}
			return s.Err
		}
	}
	t.Fatalf("no step failed, the run did with %s", f.Code)
	return nil
}

func (o *outcome) step(name string) Step {
	for _, s := range slices.Backward(o.steps) {
		if s.Name == name {
			return s
		}
	}
	return Step{}
}

func parsed(t *testing.T, text string) *Recipe {
	t.Helper()
	r, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return r
}

// collected runs a recipe on a clock that only waiting moves.
func collected(t *testing.T, text string, run Run) *outcome {
	t.Helper()
	return collectedBy(t.Context(), parsed(t, text), run)
}

func collectedBy(ctx context.Context, r *Recipe, run Run) *outcome {
	o := &outcome{}
	now := start
	var mu sync.Mutex
	if run.Outbound.Networks == nil && !run.Outbound.Any {
		run.Outbound = loopback
	}
	run.Now = start
	run.Clock = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	run.Sleep = func(ctx context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
		o.waits = append(o.waits, d)
		return ctx.Err()
	}
	if run.Emit == nil {
		run.Emit = func(record []byte) error {
			o.records = append(o.records, string(record))
			return nil
		}
	}
	run.Step = func(s Step) {
		o.told = append(o.told, s)
		if !s.EndedAt.IsZero() {
			o.steps = append(o.steps, s)
		}
	}
	o.err = r.Collect(ctx, run)
	return o
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// simple is a recipe for one reply, with more lines of its section.
func simple(more ...string) string {
	return "collector: http\ninputs:\n  - {name: baseUrl}\n  - {name: token, secret: true, required: false}\nhttp:\n  url: ${baseUrl}/users\n  " +
		strings.Join(more, "\n  ") + "\n"
}
