package diagnosis

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// world is all that the service needs, in memory. What a database must do besides
// is proved by storetest.RunDiagnosis.
type world struct {
	Store
	provider Provider
	kept     map[int64]Summary
	busy     bool
	events   []event.Event

	c connection.Connection
	r []syncrun.Run

	asked  []Question
	answer func(ctx context.Context, each func(string) error) (Answer, error)
}

func (w *world) AIProvider(context.Context) (Provider, error) { return w.provider, nil }

func (w *world) ChangeAIProvider(_ context.Context, change func(*Provider) (event.Event, error)) (Provider, error) {
	next := w.provider
	e, err := change(&next)
	if err == nil {
		w.provider, w.events = next, append(w.events, e)
	}
	return next, err
}

func (w *world) SpendAIRequest(_ context.Context, _ time.Time, _ int, e event.Event) error {
	w.events = append(w.events, e)
	return nil
}

func (w *world) Summary(_ context.Context, id int64) (Summary, bool, error) {
	s, ok := w.kept[id]
	return s, ok, nil
}

func (w *world) ClaimSummary(_ context.Context, c Claim, e event.Event) error {
	if w.busy {
		return fault.New(fault.CodeConflict, "busy")
	}
	if !c.Until.After(c.At) || c.Rest <= 0 || c.Hourly <= 0 {
		return errors.New("the claim has no bounds")
	}
	w.busy, w.events = true, append(w.events, e)
	return nil
}

func (w *world) PutSummary(_ context.Context, s Summary, e event.Event) error {
	w.busy, w.kept[s.ConnectionID], w.events = false, s, append(w.events, e)
	return nil
}

func (w *world) ReleaseSummary(ctx context.Context, _ int64) error {
	w.busy = false
	return ctx.Err()
}

func (w *world) RateSummary(_ context.Context, id int64, hash string, helpful *bool, e event.Event) error {
	s := w.kept[id]
	if s.Basis.Hash != hash {
		return errors.New("another basis")
	}
	s.Helpful = helpful
	w.kept[id], w.events = s, append(w.events, e)
	return nil
}

func (w *world) Get(context.Context, int64) (connection.Connection, error) { return w.c, nil }

// runsOfWorld are its runs.
type runsOfWorld struct{ *world }

func (w runsOfWorld) List(_ context.Context, f syncrun.Filter, r page.Request) (page.Page[syncrun.Run], error) {
	all := runsOf(w.r, f.ResourceID)
	return page.Page[syncrun.Run]{Items: all[:min(len(all), r.Size)]}, nil
}

func (w runsOfWorld) Get(_ context.Context, _, id int64) (syncrun.Run, error) {
	i := slices.IndexFunc(w.r, func(r syncrun.Run) bool { return r.ID == id })
	if i < 0 {
		return syncrun.Run{}, fault.New(fault.CodeNotFound, "no run")
	}
	return w.r[i], nil
}

func (w *world) Ask(ctx context.Context, q Question, each func(string) error) (Answer, error) {
	w.asked = append(w.asked, q)
	return w.answer(ctx, each)
}

type plainSealer struct{ broken bool }

func (plainSealer) Seal(plain []byte, purpose string) ([]byte, error) {
	return append([]byte(purpose+":"), plain...), nil
}

func (p plainSealer) Open(sealed []byte, purpose string) ([]byte, error) {
	if p.broken {
		return nil, errors.New("another key file")
	}
	return sealed[len(purpose)+1:], nil
}

var person = event.Actor{Source: event.SourceApp, UserID: 3}

func newWorld() (*world, *Service) {
	w := &world{kept: map[int64]Summary{}, provider: Provider{MaxTokens: DefaultTokens},
		answer: func(_ context.Context, each func(string) error) (Answer, error) {
			for _, piece := range strings.SplitAfter(fine, " ") {
				if err := each(piece); err != nil {
					return Answer{}, err
				}
			}
			return Answer{Text: fine, Model: "small-2026"}, nil
		}}
	w.fail(1, 2)
	return w, NewService(w, Options{Connections: w, Runs: runsOfWorld{w}, Model: w, Sealer: plainSealer{}, Now: func() time.Time { return noon }})
}

// fail has the last run fail.
func (w *world) fail(id int64, hoursAgo int) {
	w.r = append(w.r, run(id, hoursAgo, syncrun.Failed, failing(syncrun.Fetch, syncrun.Error{Code: "UNAUTHORIZED", Message: "no"})))
	w.c = marked(Case{Connection: users(), Runs: w.r}).Connection
}

func ptr[T any](v T) *T { return &v }

func (w *world) setUp(t *testing.T, s *Service) {
	t.Helper()
	if _, err := s.UpdateProvider(t.Context(), person, ProviderChange{URL: ptr("https://ai.example/v1/"), Model: ptr("small"), Key: ptr("sk-1"), Enabled: ptr(true), MaxTokens: ptr(500)}); err != nil {
		t.Fatal(err)
	}
}

func quiet(string) error { return nil }

func TestSummaryComesAndGoes(t *testing.T) {
	w, s := newWorld()
	ctx := t.Context()
	d, err := s.Refresh(ctx, person, 7, quiet)
	if err != nil || d.State != Off || len(d.Causes) != 1 || len(w.asked) != 0 || len(w.events) != 0 {
		t.Fatalf("without a provider: %+v, %v", d, err)
	}
	w.setUp(t, s)
	if d, err = s.Get(ctx, 7); err != nil || d.State != Absent || d.Summary != nil || !slices.Equal(d.Basis.RunIDs, []int64{1}) || !d.Basis.At.Equal(noon.Add(-2*time.Hour)) {
		t.Fatalf("before: %+v, %v", d, err)
	}
	var heard strings.Builder
	d, err = s.Refresh(ctx, person, 7, func(p string) error { heard.WriteString(p); return nil })
	if err != nil || d.State != Ready || d.Summary.Text != fine || d.Summary.Model != "small-2026" || heard.String() != fine || d.Summary.Basis.Hash != d.Basis.Hash {
		t.Fatalf("asked: %+v, %v, heard %q", d, err, heard.String())
	}
	q := w.asked[0]
	if q.URL != "https://ai.example/v1/chat/completions" || q.Key != "sk-1" || q.Model != "small" || q.MaxTokens != 500 || q.System != instruction || !strings.Contains(q.User, "UNAUTHORIZED") {
		t.Errorf("question %+v", q)
	}
	if d, err = s.Get(ctx, 7); err != nil || d.State != Ready || d.Summary.Text != fine {
		t.Fatalf("afterwards: %+v, %v", d, err)
	}
	if d, err = s.Rate(ctx, person, 7, ptr(true)); err != nil || !*d.Summary.Helpful || !*w.kept[7].Helpful {
		t.Fatalf("rated: %+v, %v", d, err)
	}

	// Newer data takes it away.
	w.fail(2, 1)
	if d, err = s.Get(ctx, 7); err != nil || d.State != Outdated || d.Summary.Text != "" || d.Summary.Helpful != nil {
		t.Fatalf("newer data: %+v, %v", d, err)
	}
	if _, err = s.Rate(ctx, person, 7, ptr(true)); fault.CodeOf(err) != fault.CodeConflict {
		t.Errorf("rated what is not shown: %v", err)
	}
	// That a run is under way is no data yet.
	if d, err = s.Refresh(ctx, person, 7, quiet); err != nil || d.State != Ready {
		t.Fatalf("asked anew: %+v, %v", d, err)
	}
	w.r = append(w.r, run(3, 0, syncrun.Running))
	if d, err = s.Get(ctx, 7); err != nil || d.State != Ready {
		t.Errorf("a run is under way: %+v, %v", d, err)
	}
	// Nor that it is evaluated.
	w.r[1].Steps = append(w.r[1].Steps, syncrun.Step{Name: syncrun.Evaluate, Status: syncrun.StepCompleted})
	if d, err = s.Get(ctx, 7); err != nil || d.State != Ready {
		t.Errorf("evaluated: %+v, %v", d, err)
	}

	// Switched off, it is not shown.
	if _, err := s.UpdateProvider(ctx, person, ProviderChange{Enabled: ptr(false)}); err != nil {
		t.Fatal(err)
	}
	if d, err = s.Get(ctx, 7); err != nil || d.State != Off || d.Summary != nil {
		t.Errorf("switched off: %+v, %v", d, err)
	}
	var told []string
	for _, e := range w.events {
		told = append(told, string(e.Type))
		if strings.Contains(string(e.Metadata)+e.Description, "sk-1") || strings.Contains(string(e.Metadata), "token") && strings.Contains(string(e.Metadata), "no longer") {
			t.Errorf("event %s says too much: %s", e.Type, e.Metadata)
		}
	}
	want := []string{"AI_PROVIDER_UPDATED", "CONNECTION_SUMMARY_REQUESTED", "CONNECTION_SUMMARY_CREATED", "CONNECTION_SUMMARY_RATED",
		"CONNECTION_SUMMARY_REQUESTED", "CONNECTION_SUMMARY_CREATED", "AI_PROVIDER_UPDATED"}
	if !slices.Equal(told, want) {
		t.Errorf("events %v", told)
	}
}

func TestNoSummary(t *testing.T) {
	for _, c := range []struct {
		name    string
		answer  func(ctx context.Context, each func(string) error) (Answer, error)
		problem string
	}{
		{"a failure", func(context.Context, func(string) error) (Answer, error) {
			return Answer{}, errors.New("the AI provider failed")
		}, "The AI provider failed."},
		{"a refusal", func(context.Context, func(string) error) (Answer, error) { return Answer{Refused: true}, nil }, "The model declined to answer."},
		{"HTML", func(context.Context, func(string) error) (Answer, error) { return Answer{Text: "<b>the</b>"}, nil }, "The model's answer has HTML or code in it."},
		{"too slow", func(ctx context.Context, _ func(string) error) (Answer, error) {
			<-ctx.Done()
			return Answer{}, errors.New("the AI provider did not answer in time")
		}, "The AI provider did not answer in time."},
	} {
		w, s := newWorld()
		w.setUp(t, s)
		s.Patience = 10 * time.Millisecond
		w.answer = c.answer
		d, err := s.Refresh(t.Context(), person, 7, quiet)
		if err != nil || d.State != Useless || d.Summary.Problem != c.problem || d.Summary.Text != "" || len(d.Causes) != 1 || w.busy {
			t.Errorf("%s: %+v, %v", c.name, d, err)
		}
		if d, err = s.Get(t.Context(), 7); err != nil || d.State != Useless || d.Summary.Problem != c.problem {
			t.Errorf("%s, afterwards: %+v, %v", c.name, d, err)
		}
	}
}

func TestAskerWhoLeaves(t *testing.T) {
	w, s := newWorld()
	w.setUp(t, s)
	ctx, leave := context.WithCancel(t.Context())
	w.answer = func(context.Context, func(string) error) (Answer, error) {
		leave()
		return Answer{}, context.Canceled
	}
	if _, err := s.Refresh(ctx, person, 7, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, found := w.kept[7]; found || w.busy {
		t.Errorf("kept %+v, busy %v", w.kept, w.busy)
	}
}

func TestHealthyIsNotAsked(t *testing.T) {
	w, s := newWorld()
	w.setUp(t, s)
	w.r, w.c = nil, users()
	d, err := s.Refresh(t.Context(), person, 7, quiet)
	if err != nil || !d.Healthy() || d.State != Absent || len(w.asked) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

// The run that health goes by may be older than the last ones.
func TestOldFailure(t *testing.T) {
	w, s := newWorld()
	for i := range int64(lastRuns) {
		w.r = append(w.r, run(100+i, 1, syncrun.Canceled))
	}
	if d, err := s.Get(t.Context(), 7); err != nil || len(d.Causes) != 1 || d.Causes[0].RunID != 1 || d.Causes[0].Code != "UNAUTHORIZED" {
		t.Errorf("%+v, %v", d, err)
	}
	// Or no longer kept.
	w.r = w.r[1:]
	if d, err := s.Get(t.Context(), 7); err != nil || len(d.Causes) != 1 || d.Causes[0].RunID != 1 || d.Causes[0].Code != "" {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestProviderRefusals(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  ProviderChange
		pointer string
	}{
		{"no scheme", ProviderChange{URL: ptr("api.openai.com/v1")}, "/url"},
		{"another scheme", ProviderChange{URL: ptr("file:///etc/passwd")}, "/url"},
		{"no host", ProviderChange{URL: ptr("https:///v1")}, "/url"},
		{"a password", ProviderChange{URL: ptr("https://u:p@ai.example/v1")}, "/url"},
		{"a query", ProviderChange{URL: ptr("https://ai.example/v1?key=1")}, "/url"},
		{"an empty query", ProviderChange{URL: ptr("https://ai.example/v1?")}, "/url"},
		{"a long address", ProviderChange{URL: ptr("https://ai.example/" + strings.Repeat("a", 1000))}, "/url"},
		{"a model of two lines", ProviderChange{Model: ptr("a\nb")}, "/model"},
		{"a long model", ProviderChange{Model: ptr(strings.Repeat("é", 201))}, "/model"},
		{"few tokens", ProviderChange{MaxTokens: ptr(99)}, "/maxTokens"},
		{"many tokens", ProviderChange{MaxTokens: ptr(8001)}, "/maxTokens"},
		{"a key with a line end", ProviderChange{Key: ptr("a\r\nX: y")}, "/key"},
		{"a long key", ProviderChange{Key: ptr(strings.Repeat("k", 2001))}, "/key"},
		{"on without an address", ProviderChange{Enabled: ptr(true), URL: ptr(""), Key: ptr("")}, "/url"},
		{"on without a model", ProviderChange{Enabled: ptr(true), Model: ptr(" ")}, "/model"},
		{"the key to another host", ProviderChange{URL: ptr("https://evil.example/v1")}, "/key"},
		{"the key to another port", ProviderChange{URL: ptr("https://ai.example:444/v1")}, "/key"},
		{"the key without TLS", ProviderChange{URL: ptr("http://ai.example/v1")}, "/key"},
	} {
		w, s := newWorld()
		w.setUp(t, s)
		_, err := s.UpdateProvider(t.Context(), person, c.change)
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.CodeValidation || f.Pointer != c.pointer || len(w.events) != 1 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	w, s := newWorld()
	w.setUp(t, s)
	for _, c := range []struct {
		change ProviderChange
		url    string
		keySet bool
	}{
		{ProviderChange{URL: ptr("https://AI.example/v2/chat/completions/")}, "https://AI.example/v2", true},
		{ProviderChange{URL: ptr("https://other.example/v1"), Key: ptr("sk-2")}, "https://other.example/v1", true},
		{ProviderChange{URL: ptr("http://127.0.0.1:11434/v1"), Key: ptr("")}, "http://127.0.0.1:11434/v1", false},
		{ProviderChange{URL: ptr("https://ai.example/v1")}, "https://ai.example/v1", false},
	} {
		p, err := s.UpdateProvider(t.Context(), person, c.change)
		if err != nil || p.URL != c.url || p.KeySet() != c.keySet {
			t.Errorf("%+v, %v", p, err)
		}
	}
}

func TestTry(t *testing.T) {
	w, s := newWorld()
	if _, err := s.Try(t.Context(), person); fault.CodeOf(err) != fault.CodeUnprocessable {
		t.Errorf("nothing to try: %v", err)
	}
	w.setUp(t, s)
	if got, err := s.Try(t.Context(), person); err != nil || !got.OK || got.Model != "small-2026" || got.Message != "The model answered." {
		t.Errorf("%+v, %v", got, err)
	}
	if q := w.asked[0]; strings.Contains(q.User+q.System, "connection") || q.Key != "sk-1" {
		t.Errorf("%+v", q)
	}
	w.answer = func(context.Context, func(string) error) (Answer, error) {
		return Answer{}, errors.New("the AI provider does not accept the key (status 401)")
	}
	if got, err := s.Try(t.Context(), person); err != nil || got.OK || got.Message != "The AI provider does not accept the key (status 401)." {
		t.Errorf("%+v, %v", got, err)
	}
	w.answer = func(context.Context, func(string) error) (Answer, error) { return Answer{Called: true}, nil }
	if got, err := s.Try(t.Context(), person); err != nil || got.OK {
		t.Errorf("%+v, %v", got, err)
	}
	s.Sealer = plainSealer{broken: true}
	if _, err := s.Try(t.Context(), person); fault.CodeOf(err) != fault.CodeUnprocessable || !strings.Contains(err.Error(), "give the key anew") {
		t.Errorf("%v", err)
	}
	if _, err := s.Refresh(t.Context(), person, 7, quiet); fault.CodeOf(err) != fault.CodeUnprocessable || w.busy {
		t.Errorf("%v", err)
	}
}
