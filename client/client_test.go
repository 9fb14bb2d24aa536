package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// script answers requests one after the other and keeps what was asked.
type script struct {
	t       *testing.T
	answers []func(*http.Request) (*http.Response, error)
	asked   []*http.Request
	bodies  []string
	slept   []time.Duration
	now     time.Time
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Error(err)
		}
		body = string(b)
	}
	s.asked, s.bodies = append(s.asked, r), append(s.bodies, body)
	if len(s.answers) == 0 {
		s.t.Errorf("unexpected request %s %s", r.Method, r.URL)
		return nil, errors.New("no more answers")
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	return next(r)
}

func answer(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func breaks(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func newScript(t *testing.T, answers ...func(*http.Request) (*http.Response, error)) (*script, *Client) {
	s := &script{t: t, answers: answers, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	c, err := New("http://plumbline.test/", "plk_secret", Options{
		HTTPClient: &http.Client{Transport: s},
		Now:        func() time.Time { return s.now },
		Sleep: func(ctx context.Context, d time.Duration) error {
			s.slept = append(s.slept, d)
			s.now = s.now.Add(d)
			return ctx.Err()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

var target = Target{ConnectionID: 3, ResourceID: 4}

func raws(texts ...string) []json.RawMessage {
	out := make([]json.RawMessage, len(texts))
	for i, t := range texts {
		out[i] = json.RawMessage(t)
	}
	return out
}

const oneCreated = `[{"id":"a","statusCode":201,"createdAt":"2026-03-01T12:00:00.000Z"}]`

func TestRetryHealsWithTheSameRequest(t *testing.T) {
	s, c := newScript(t,
		breaks(errors.New("connection reset")),
		answer(429, `{"message":"slow down","code":42901}`, "Retry-After", "7"),
		answer(503, "", "Retry-After", "Sun, 01 Mar 2026 12:01:00 GMT"),
		answer(502, "<html>bad gateway</html>"),
		answer(200, oneCreated, "X-Records-Created", "1", "X-Records-Unchanged", "0"),
	)
	got, err := c.Push(t.Context(), target, raws(`{"ID":"a"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Created != 1 || got.Failed != 0 {
		t.Errorf("got %+v", got)
	}
	key := s.asked[0].Header.Get("Idempotency-Key")
	if key == "" {
		t.Error("the request has no idempotency key")
	}
	for i, r := range s.asked {
		if r.Header.Get("Idempotency-Key") != key || s.bodies[i] != `{"data":[{"ID":"a"}]}` {
			t.Errorf("attempt %d differs: key %q body %s", i, r.Header.Get("Idempotency-Key"), s.bodies[i])
		}
		if r.URL.Path != "/public/v2/custom-connections/3/resources/4/records" || r.Header.Get("Authorization") != "Bearer plk_secret" {
			t.Errorf("attempt %d: %s, %s", i, r.URL, r.Header.Get("Authorization"))
		}
	}
	if s.slept[1] != 7*time.Second {
		t.Errorf("Retry-After in seconds: slept %s", s.slept[1])
	}
	if want := 60*time.Second - s.slept[0] - 7*time.Second; s.slept[2] != want {
		t.Errorf("Retry-After as a date: slept %s, want %s", s.slept[2], want)
	}
	for i, base := range map[int]time.Duration{0: firstPause, 3: firstPause << 3} {
		if s.slept[i] < base/2 || s.slept[i] > base {
			t.Errorf("pause %d is %s, want %s to %s", i, s.slept[i], base/2, base)
		}
	}
}

func TestWhatIsNotRepeated(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 409, 413, 422, 500} {
		s, c := newScript(t, answer(status, `{"name":"X","statusCode":400,"message":"No.","code":40001}`, "X-Request-Id", "r1"))
		_, err := c.Push(t.Context(), target, raws(`{}`), nil)
		var e *Error
		if !errors.As(err, &e) || e.Status != status || e.Message != "No." || e.Code != 40001 || e.RequestID != "r1" {
			t.Errorf("%d: %v", status, err)
		}
		if len(s.asked) != 1 {
			t.Errorf("%d was sent %d times", status, len(s.asked))
		}
	}
}

func TestGivesUp(t *testing.T) {
	var answers []func(*http.Request) (*http.Response, error)
	for range 6 {
		answers = append(answers, breaks(errors.New("connection refused")))
	}
	s, c := newScript(t, answers...)
	_, err := c.Company(t.Context())
	var n *NetworkError
	if !errors.As(err, &n) || !strings.Contains(err.Error(), "http://plumbline.test") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
	if len(s.asked) != 6 {
		t.Errorf("sent %d times", len(s.asked))
	}
}

func TestContextEndsTheRetries(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, c := newScript(t, func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, errors.New("connection reset")
	})
	if _, err := c.Company(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if len(s.slept) != 0 {
		t.Errorf("slept %v", s.slept)
	}
}

// To push records with ids twice changes nothing, so the server need not keep
// the reply.
func TestRecordsWithIDsNeedNoIdempotencyKey(t *testing.T) {
	s, c := newScript(t, breaks(errors.New("connection reset")), answer(200, oneCreated, "X-Records-Unchanged", "1"))
	if _, err := c.Push(t.Context(), target, raws(`{"id":"a"}`), nil); err != nil {
		t.Fatal(err)
	}
	for i, r := range s.asked {
		if key := r.Header.Get("Idempotency-Key"); key != "" {
			t.Errorf("attempt %d carries the key %q", i, key)
		}
	}
}

// A server that died in the middle of a request frees its idempotency key
// after five minutes; until then the repetition waits.
func TestBusyIdempotencyKey(t *testing.T) {
	busy := answer(409, `{"message":"in flight","code":40905}`)
	answers := []func(*http.Request) (*http.Response, error){breaks(errors.New("connection reset"))}
	for range 40 {
		answers = append(answers, busy)
	}
	s, c := newScript(t, answers...)
	start := s.now
	_, err := c.Push(t.Context(), target, raws(`{"name":"a"}`), nil)
	if !IsCode(err, CodeIdempotencyBusy) {
		t.Fatalf("got %v", err)
	}
	if waited := s.now.Sub(start); waited < 5*time.Minute || waited > 8*time.Minute {
		t.Errorf("waited %s", waited)
	}

	s, c = newScript(t, busy)
	if _, err := c.Push(t.Context(), target, raws(`{"name":"a"}`), nil); !IsCode(err, CodeIdempotencyBusy) || len(s.asked) != 1 {
		t.Errorf("a busy key at the first attempt is not ours: %v after %d requests", err, len(s.asked))
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ status, body, header, want string }{
		{"500", ``, "", "internal server error"},
		{"500", `<html>`, "", "internal server error"},
		{"400", `{"message":["a","b"],"code":1}`, "", `["a","b"]`},
		{"400", `{"message":""}`, "", "bad request"},
		{"307", ``, "https://other.test/", "redirects to https://other.test/"},
	} {
		status := 0
		_, _ = fmt.Sscan(c.status, &status)
		s, cl := newScript(t, answer(status, c.body, "Location", c.header))
		_, err := cl.Company(t.Context())
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s %s: %v does not say %q", c.status, c.body, err, c.want)
		}
		if len(s.asked) != 1 {
			t.Errorf("%s: %d requests; a redirect must not be followed", c.status, len(s.asked))
		}
	}
}

func TestNotOurServer(t *testing.T) {
	_, c := newScript(t, answer(200, "<html>welcome</html>"))
	if _, err := c.Company(t.Context()); err == nil || !strings.Contains(err.Error(), "Plumbline") {
		t.Errorf("got %v", err)
	}
	_, c = newScript(t, answer(200, "[]"))
	if _, err := c.Push(t.Context(), target, raws(`{}`), nil); err == nil || !strings.Contains(err.Error(), "0 records where 1") {
		t.Errorf("got %v", err)
	}
}

func TestNew(t *testing.T) {
	for _, u := range []string{"", "127.0.0.1:8080", "ftp://x", "http://", "http://u:p@x", "http://x?a=1", "http://x#key=1", "http://[::1"} {
		if _, err := New(u, "k", Options{}); err == nil {
			t.Errorf("%q was accepted", u)
		}
	}
	for u, want := range map[string]string{
		"http://x": "http://x", "http://x/": "http://x", "https://x/a/": "https://x/a",
		"http://x/public/v2": "http://x", "http://x/a/public/v2/": "http://x/a", " http://x\n": "http://x",
	} {
		if c, err := New(u, "k", Options{}); err != nil || c.BaseURL() != want {
			t.Errorf("%q: %v, %v", u, c, err)
		}
	}
	for _, k := range []string{"plk a", "plk\n", "plé"} {
		if _, err := New("http://x", k, Options{}); err == nil {
			t.Errorf("the key %q was accepted", k)
		}
	}
}

func TestWalk(t *testing.T) {
	s, c := newScript(t,
		answer(200, `{"data":[{"id":"a"},{"id":"b"}],"pagination":{"cursor":"n1"}}`),
		answer(200, `{"data":[{"id":"c"}],"pagination":{"cursor":null}}`),
	)
	var ids []string
	for r, err := range c.Records(t.Context(), target, List{Size: 2, Ascending: true}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	if fmt.Sprint(ids) != "[a b c]" {
		t.Errorf("got %v", ids)
	}
	if q := s.asked[0].URL.Query(); q.Get("size") != "2" || q.Get("sortDir") != "ASC" || q.Has("cursor") {
		t.Errorf("first page: %s", s.asked[0].URL)
	}
	if q := s.asked[1].URL.Query(); q.Get("cursor") != "n1" {
		t.Errorf("second page: %s", s.asked[1].URL)
	}
}

func TestWalkStops(t *testing.T) {
	same := answer(200, `{"data":[{"id":"a"}],"pagination":{"cursor":"n1"}}`)
	_, c := newScript(t, same, same)
	var last error
	n := 0
	for _, err := range c.Records(t.Context(), target, List{}) {
		last = err
		n++
	}
	if !errors.Is(last, errRepeatedCursor) || n != 3 {
		t.Errorf("%d steps, error %v", n, last)
	}

	s, c := newScript(t, same)
	for _, err := range c.Records(t.Context(), target, List{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if len(s.asked) != 1 {
		t.Errorf("%d pages were fetched after a break", len(s.asked))
	}

	_, c = newScript(t, answer(404, `{"message":"gone","code":40401}`))
	for _, err := range c.Records(t.Context(), target, List{}) {
		if !IsNotFound(err) {
			t.Errorf("got %v", err)
		}
	}
}

func TestPaths(t *testing.T) {
	s, c := newScript(t, answer(204, ""))
	if err := c.DeleteRecord(t.Context(), target, "a/b c?%é"); err != nil {
		t.Fatal(err)
	}
	if got := s.asked[0].URL.EscapedPath(); got != "/public/v2/custom-connections/3/resources/4/records/a%2Fb%20c%3F%25%C3%A9" {
		t.Errorf("path %s", got)
	}
}

func TestVerdictHeaders(t *testing.T) {
	s, c := newScript(t, answer(200, oneCreated, "X-Tests-Failing", "2", "X-Tests-Error", "1", "X-Verdicts", "pending"))
	got, err := c.Push(t.Context(), target, raws(`{"id":"a"}`), &Wait{Seconds: 5})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict == nil || *got.Verdict != (Verdict{Pending: true, Failing: 2, Errors: 1}) {
		t.Errorf("verdict %+v", got.Verdict)
	}
	if q := s.asked[0].URL.Query(); q.Get("wait") != "verdict" || q.Get("waitSeconds") != "5" {
		t.Errorf("query %s", s.asked[0].URL.RawQuery)
	}
}

// sink is a server that stores batches and refuses what is larger than limit.
func sink(t *testing.T, limit int) (*Client, *[][]string) {
	var batches [][]string
	c, err := New("http://plumbline.test", "k", Options{HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if len(body) > limit {
			return answer(413, `{"message":"too large","code":41301}`)(r)
		}
		var in struct{ Data []struct{ ID string } }
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		var ids []string
		var out bytes.Buffer
		for i, rec := range in.Data {
			ids = append(ids, rec.ID)
			if i > 0 {
				out.WriteByte(',')
			}
			if strings.HasPrefix(rec.ID, "bad") {
				out.WriteString(`{"statusCode":400,"error":{"message":"bad record","code":28022}}`)
			} else {
				fmt.Fprintf(&out, `{"id":%q,"statusCode":201}`, rec.ID)
			}
		}
		batches = append(batches, ids)
		return answer(200, "["+out.String()+"]")(r)
	})}})
	if err != nil {
		t.Fatal(err)
	}
	return c, &batches
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestPusherBatches(t *testing.T) {
	c, batches := sink(t, 5<<20)
	var seen []string
	p := c.NewPusher(target, PusherOptions{OnItem: func(n int, item Item) {
		seen = append(seen, fmt.Sprintf("%d %s %t", n, cmp.Or(item.ID, "-"), item.Error != nil))
	}})
	for i := range 1203 {
		id := fmt.Sprintf("r%d", i)
		if i == 700 {
			id = "bad"
		}
		if err := p.Add(t.Context(), json.RawMessage(fmt.Sprintf(`{"id":%q}`, id))); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.Total(); got.Created != 1202 || got.Failed != 1 {
		t.Errorf("total %+v", got)
	}
	if len(*batches) != 3 || len((*batches)[0]) != 500 || len((*batches)[2]) != 203 {
		t.Errorf("%d batches", len(*batches))
	}
	if len(seen) != 1203 || seen[699] != "699 r699 false" || seen[700] != "700 - true" || seen[1202] != "1202 r1202 false" {
		t.Errorf("items are out of order: %v", seen[699:701])
	}
}

func TestPusherBytes(t *testing.T) {
	c, batches := sink(t, 5<<20)
	p := c.NewPusher(target, PusherOptions{})
	big := strings.Repeat("x", 1<<20)
	for i := range 10 {
		if err := p.Add(t.Context(), json.RawMessage(fmt.Sprintf(`{"id":"r%d","x":%q}`, i, big))); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(*batches) != 4 || p.Total().Created != 10 {
		t.Errorf("%d batches, total %+v", len(*batches), p.Total())
	}
}

// A limit that is lower than ours splits the batch; only the record that is too
// large by itself is refused.
func TestPusherSplits(t *testing.T) {
	c, _ := sink(t, 1000)
	var refused []int
	p := c.NewPusher(target, PusherOptions{OnItem: func(n int, item Item) {
		if item.Error != nil {
			refused = append(refused, n)
		}
	}})
	for i := range 100 {
		size := 20
		if i == 37 {
			size = 2000
		}
		if err := p.Add(t.Context(), json.RawMessage(fmt.Sprintf(`{"id":"r%d","x":%q}`, i, strings.Repeat("x", size)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.Total(); got.Created != 99 || got.Failed != 1 || fmt.Sprint(refused) != "[37]" {
		t.Errorf("total %+v, refused %v", got, refused)
	}
}

func FuzzRefusal(f *testing.F) {
	f.Add(`{"message":"a"}`, "5")
	f.Add(`{"message":{"a":[1]},"code":"x"}`, "-1")
	f.Add("\xff", "Sun, 99 Mar")
	f.Add("null", "1e300")
	c, err := New("http://plumbline.test", "k", Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, retryAfter string) {
		e := c.refusal(&http.Response{StatusCode: 400, Header: http.Header{"Retry-After": {retryAfter}}}, []byte(body))
		if e.Message == "" || e.RetryAfter < 0 {
			t.Errorf("%+v", e)
		}
	})
}

func TestRuns(t *testing.T) {
	s, c := newScript(t,
		answer(200, `{"data":[{"id":7,"trigger":"MANUAL","state":"DONE","result":"PASSED","drift":0,"progress":{"records":2,"of":2},"evidence":{"version":3,"resources":[{"resourceId":4,"records":2,"hash":"ab"}]}}],"pagination":{"cursor":null}}`),
		answer(200, `{"id":7,"state":"RUNNING"}`),
		answer(200, `{"id":7,"state":"CANCELED"}`),
		answer(200, `{"data":[{"date":"2026-03-01","result":"PASSED","passing":2}]}`))
	for run, err := range c.Runs(t.Context(), 1, 5, "MANUAL", List{}) {
		if err != nil || run.ID != 7 || *run.Result != Passed || run.Evidence.Version != 3 || *run.Evidence.Resources[0].Hash != "ab" {
			t.Errorf("run is %+v, %v", run, err)
		}
	}
	if run, err := c.Run(t.Context(), 1, 5, 7); err != nil || run.State != RunRunning {
		t.Errorf("run is %+v, %v", run, err)
	}
	if run, err := c.CancelRun(t.Context(), 1, 5, 7); err != nil || run.State != RunCanceled {
		t.Errorf("run is %+v, %v", run, err)
	}
	if days, err := c.History(t.Context(), 1, 5, 90); err != nil || len(days) != 1 || days[0].Passing != 2 {
		t.Errorf("days are %+v, %v", days, err)
	}
	for i, want := range []string{"/runs?size=500&trigger=MANUAL", "/runs/7", "/runs/7/actions", "/history?days=90"} {
		if got := s.asked[i].URL.String(); !strings.HasSuffix(got, "/public/v2/workspaces/1/monitoring-tests/5"+want) {
			t.Errorf("request %d went to %s", i, got)
		}
	}
	if s.bodies[2] != `{"action":"cancel"}` {
		t.Errorf("the action was %s", s.bodies[2])
	}
}
