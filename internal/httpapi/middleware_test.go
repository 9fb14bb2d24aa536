package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/httpapi"
	"github.com/plumbline-dev/plumbline/internal/page"
)

func TestDecision16RateLimit(t *testing.T) {
	s := newServer(t, sqlite, func(o *httpapi.Options) {
		o.RateLimit = 60
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("::ffff:172.16.0.0/108")}
	})
	ask := func(options ...option) got { return s.call(t, "GET", "/company", "", options...) }
	for i := range 60 {
		g := ask(from("192.0.2.1"))
		if g.status != http.StatusOK {
			t.Fatalf("request %d of a burst: %s", i, g.body)
		}
		g.headers(map[string]string{"RateLimit-Policy": `"minute";q=60;w=60`, "Retry-After": ""})
	}
	over := ask(from("192.0.2.1")).refused(429, 42901, "60 requests").headers(map[string]string{"Retry-After": "1", "RateLimit": `"minute";r=0;t=1`})
	if over.header.Get("X-Request-Id") == "" {
		t.Error("no request id")
	}
	ask(from("192.0.2.2")).is(200)
	ask(from("192.0.2.1"), with("X-Forwarded-For", "192.0.2.3")).is(429)
	ask(from("10.1.1.1"), with("X-Forwarded-For", "192.0.2.3")).is(200)
	ask(from("10.1.1.1"), with("X-Forwarded-For", "192.0.2.9, 192.0.2.1")).is(429)
	ask(from("10.1.1.1"), with("X-Forwarded-For", "192.0.2.1, 10.9.9.9")).is(429)
	ask(from("[::1]"), with("X-Forwarded-For", "192.0.2.1")).is(429)
	ask(from("172.16.9.9"), with("X-Forwarded-For", "192.0.2.1")).is(429)
	// One machine has the addresses of a whole /64.
	for i := range 60 {
		ask(from(fmt.Sprintf("[2001:db8::%x]", i+1))).is(200)
	}
	ask(from("[2001:db8::ffff:1:2:3]")).is(429)
	ask(from("[2001:db8:0:1::1]")).is(200)
	ask(from("10.1.1.1"), with("X-Forwarded-For", "junk")).is(200)
	s.raw(t, "GET", documentV2, "", from("192.0.2.1")).is(429)
	s.raw(t, "GET", "/healthz", "", from("192.0.2.1")).is(200)
	s.clock.advance(1100 * time.Millisecond)
	ask(from("192.0.2.1")).is(200)
	ask(from("192.0.2.1")).is(429)
	s.clock.advance(time.Hour)
	ask(from("192.0.2.1")).is(200).headers(map[string]string{"RateLimit": `"minute";r=59;t=1`})
	off := newServer(t, sqlite)
	for range 600 {
		if g := off.call(t, "GET", "/error-codes", ""); g.status != 200 || g.header.Get("RateLimit") != "" {
			t.Fatalf("%d %v", g.status, g.header)
		}
	}
}

// brokenEvents is an event store that fails, or panics.
type brokenEvents struct{ panics bool }

func (b brokenEvents) Events(context.Context, event.Filter, page.Request) (page.Page[event.Event], error) {
	if b.panics {
		panic("the secret of /etc/shadow")
	}
	return page.Page[event.Event]{}, errors.New("the place of the secret is away")
}

func (b brokenEvents) Event(context.Context, string, []int64) (event.Event, error) {
	return event.Event{}, context.Canceled
}

func TestUnknownFailuresAreOpaque(t *testing.T) {
	for _, panics := range []bool{false, true} {
		s := newServer(t, sqlite, func(o *httpapi.Options) { o.Events = brokenEvents{panics} })
		g := s.call(t, "GET", "/events", "", with("X-Request-Id", "find-me")).refused(500, 12300, "log")
		if strings.Contains(string(g.body), "secret") {
			t.Errorf("the reply tells the cause: %s", g.body)
		}
		log := s.log.String()
		if !strings.Contains(log, "secret") || strings.Count(log, `"requestId":"find-me"`) != 2 {
			t.Errorf("the log lacks the cause or the id: %s", log)
		}
		if panics != strings.Contains(log, "goroutine") {
			t.Errorf("panic: %v, but the log is %s", panics, log)
		}
		s.call(t, "GET", "/company", "").is(200)
	}
}

// A client that went away is no failure of ours.
func TestCancelledRequest(t *testing.T) {
	s := newServer(t, sqlite, func(o *httpapi.Options) { o.Events = brokenEvents{} })
	s.call(t, "GET", "/events/x", "", func(r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		*r = *r.WithContext(ctx)
	}).refused(503, 50301, "cancelled")
	if log := s.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log has an error: %s", log)
	}
	s.call(t, "GET", "/events/x", "").refused(500, 12300, "")
}

// stagedWaiter is a waiter whose waits a test controls.
type stagedWaiter struct {
	entered chan struct{}
	leave   chan struct{}
	waited  check.Waited
	mu      sync.Mutex
	left    time.Duration
	panics  bool
}

func (w *stagedWaiter) Wait(ctx context.Context, _, _ int64) (check.Waited, error) {
	if d, ok := ctx.Deadline(); ok {
		w.mu.Lock()
		w.left = time.Until(d)
		w.mu.Unlock()
	}
	if w.entered != nil {
		w.entered <- struct{}{}
		<-w.leave
	}
	if w.panics {
		panic("in the middle")
	}
	return w.waited, nil
}

func (w *stagedWaiter) WaitTest(ctx context.Context, _, _ int64) (check.Waited, error) {
	return w.Wait(ctx, 0, 0)
}

func TestVerdictsPending(t *testing.T) {
	w := &stagedWaiter{waited: check.Waited{Pending: true, Failing: 2, Errors: 1}}
	s := newServer(t, sqlite, func(o *httpapi.Options) { o.Waiter = w })
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records?wait=verdict&waitSeconds=7", `{"data":{"email":"x"}}`).is(201).
		headers(map[string]string{"X-Verdicts": "pending", "X-Tests-Failing": "2", "X-Tests-Error": "1"})
	if w.left > 7*time.Second || w.left <= 0 {
		t.Errorf("the limit was %s", w.left)
	}
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"email":"x"}}`).is(201)
	if w.left > 30*time.Second || w.left <= 7*time.Second {
		t.Errorf("the limit was %s", w.left)
	}
}

func TestDecision24InFlight(t *testing.T) {
	for _, d := range []dialect{sqlite, postgres} {
		t.Run(string(d), func(t *testing.T) {
			w := &stagedWaiter{entered: make(chan struct{}), leave: make(chan struct{})}
			s := newServer(t, d, func(o *httpapi.Options) { o.Waiter = w })
			r := s.resource(t)
			path, body, key := r.path+"/records?wait=verdict", `{"data":{"email":"x"}}`, with("Idempotency-Key", "slow")
			first := make(chan got, 1)
			go func() {
				q := httptest.NewRequest("POST", "/public/v2"+path, strings.NewReader(body))
				q.Header.Set("Authorization", "Bearer "+s.key)
				key(q)
				rec := httptest.NewRecorder()
				s.handler.ServeHTTP(rec, q)
				first <- reply(t, rec)
			}()
			await.Receive(t, "the first request", w.entered)
			busy := s.call(t, "POST", path, body, key).refused(409, 40905, "in flight")
			if busy.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			s.call(t, "POST", path, `{"data":{"email":"y"}}`, key).refused(422, 42206, "")
			close(w.leave)
			done := await.Receive(t, "the reply to the first request", first)
			done.is(201)
			again := s.call(t, "POST", path, body, key).is(201).headers(map[string]string{"Idempotency-Replayed": "true"})
			if string(again.body) != string(done.body) {
				t.Errorf("%s differs from %s", again.body, done.body)
			}
		})
	}
}

func TestDecision24FailureReleasesTheKey(t *testing.T) {
	w := &stagedWaiter{panics: true}
	s := newServer(t, sqlite, func(o *httpapi.Options) { o.Waiter = w })
	r := s.resource(t)
	key := with("Idempotency-Key", "healing")
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"a","email":"x"}}`, key).refused(500, 12300, "")
	w.panics = false
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"a","email":"x"}}`, key).is(200).headers(map[string]string{"Idempotency-Replayed": ""})
}

var pathParameter = regexp.MustCompile(`\{\w+\}`)

// Every operation wants exactly the scope that its document names.
func TestScopes(t *testing.T) {
	s := newServer(t, sqlite)
	reader := s.newKey(access.Read)
	reads := map[string]bool{}
	for _, info := range access.Scopes {
		reads[string(info.Scope)] = info.Reads
	}
	for _, d := range ours() {
		path := pathParameter.ReplaceAllString(d.path, "1")
		ask := func(key string) int { return s.raw(t, d.method, path, "", as(key)).status }
		scopes := list(d.operation["x-permissions"])
		if strings.Contains(path, "/auth") || d.method == http.MethodPut && strings.HasSuffix(path, "/me") {
			// For people, with or without a sign-in.
			continue
		}
		if strings.HasSuffix(path, "/stream") || strings.HasSuffix(path, "/content") {
			// It does not end by itself, or wants a link.
			continue
		}
		if strings.HasSuffix(path, "/search") {
			path += "?q=x"
		}
		if len(scopes) == 0 {
			if status := ask(s.newKey(access.EventsGet)); status != 200 {
				t.Errorf("%s %s: %d", d.method, path, status)
			}
			continue
		}
		need := access.Scope(scopes[0].(string))
		other := access.KeysGet
		if need == other {
			other = access.EventsGet
		}
		g := s.raw(t, d.method, path, "", as(s.newKey(other))).refused(403, 40301, string(need))
		if g.status == 403 && strings.Contains(g.text("message"), string(other)) && need != other {
			t.Errorf("%s %s names %s", d.method, path, other)
		}
		if status := ask(s.newKey(need)); status == 401 || status == 403 {
			t.Errorf("%s %s: %d with the scope %s", d.method, path, status, need)
		}
		if status := ask(reader); (status == 403) == reads[string(need)] {
			t.Errorf("%s %s: %d with the scope read", d.method, path, status)
		}
	}
}

func TestHealth(t *testing.T) {
	var broken error
	s := newServer(t, sqlite, func(o *httpapi.Options) {
		o.Ready = func(context.Context) error { return broken }
	})
	bare := without("Authorization")
	s.raw(t, "GET", "/healthz", "", bare).is(200).has(map[string]any{"status": "ok", "version": "test"})
	s.raw(t, "GET", "/readyz", "", bare).is(200)
	broken = errors.New("dial tcp: the database is away")
	if g := s.raw(t, "GET", "/readyz", "", bare).refused(503, 50301, "not ready"); strings.Contains(string(g.body), "dial") {
		t.Errorf("the reply tells the cause: %s", g.body)
	}
	s.raw(t, "GET", "/healthz", "", bare).is(200)
	s.call(t, "GET", "/company", "").is(200)
	s.raw(t, "GET", "/nonsense-"+strings.Repeat("x", 50), "", bare)
	g := s.raw(t, "GET", "/metrics", "", bare).is(200)
	for _, want := range []string{`plumbline_http_requests_total{method="GET",route="/public/v2/company",status="200"} 1`, "plumbline_http_request_seconds_bucket"} {
		if !strings.Contains(string(g.body), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(string(g.body), "nonsense") {
		t.Error("an unknown path makes a series")
	}
}

func TestWebApp(t *testing.T) {
	app := fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html><title>app</title>")},
		"icon.svg":             {Data: []byte("<svg/>")},
		"assets/index-AB12.js": {Data: []byte("run()")},
		".vite/manifest.json":  {Data: []byte("{}")},
	}
	h := httpapi.New(httpapi.Options{UI: app})
	get := func(method, path string, options ...option) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		for _, o := range options {
			o(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for path, want := range map[string][3]string{
		"/":                     {"200", "text/html; charset=utf-8", "no-cache"},
		"/docs":                 {"200", "text/html; charset=utf-8", "no-cache"},
		"/connections/1/x":      {"200", "text/html; charset=utf-8", "no-cache"},
		"/icon.svg":             {"200", "image/svg+xml", "no-cache"},
		"/assets/index-AB12.js": {"200", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		"/assets/index-gone.js": {"404", "text/plain; charset=utf-8", ""},
		"/.vite/manifest.json":  {"404", "text/plain; charset=utf-8", ""},
	} {
		w := get("GET", path)
		if got := [3]string{strconv.Itoa(w.Code), w.Header().Get("Content-Type"), w.Header().Get("Cache-Control")}; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
	index := get("GET", "/docs")
	const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	if csp := index.Header().Get("Content-Security-Policy"); csp != policy {
		t.Errorf("policy is %s", csp)
	}
	if w := get("GET", "/", with("If-None-Match", index.Header().Get("ETag"))); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := get("HEAD", "/"); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := get("POST", "/"); w.Code != 405 {
		t.Errorf("%d", w.Code)
	}
	h = httpapi.New(httpapi.Options{})
	if w := get("GET", "/docs"); w.Code != 200 || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// slowBody promises a large body and gives nothing until it is let go.
type slowBody struct {
	asked chan<- struct{}
	leave <-chan struct{}
}

func (b slowBody) Read([]byte) (int, error) {
	select {
	case b.asked <- struct{}{}:
		<-b.leave
	case <-b.leave:
	}
	return 0, io.ErrUnexpectedEOF
}

// Memory is for bytes that came, not for those that are announced.
func TestAnnouncedBodiesTakeNoMemory(t *testing.T) {
	s := newServer(t, sqlite)
	r := s.resource(t)
	const clients, length = 40, 5 << 20
	asked, leave, done := make(chan struct{}), make(chan struct{}), make(chan int)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range clients {
		go func() {
			q := httptest.NewRequest("POST", "/public/v2"+r.path+"/records", slowBody{asked, leave})
			q.ContentLength = length
			q.Header.Set("Authorization", "Bearer "+s.key)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, q)
			done <- w.Code
		}()
	}
	for range clients {
		await.Receive(t, "a read of a body", asked)
	}
	runtime.ReadMemStats(&after)
	close(leave)
	for range clients {
		if status := await.Receive(t, "a reply", done); status != http.StatusBadRequest {
			t.Errorf("status %d", status)
		}
	}
	if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(clients*length/4); got > limit {
		t.Errorf("%d clients that sent nothing took %d bytes, more than %d", clients, got, limit)
	}
}

// Most programs look at the reply only when all that they send is gone. Whatever
// is refused, they must not find the connection broken instead.
func TestRefusalOfALargeBodyIsHeard(t *testing.T) {
	s := newServer(t, sqlite, func(o *httpapi.Options) { o.RateLimit = 3 })
	live := httptest.NewServer(s.handler)
	defer live.Close()
	ask := func(key string, size int) string {
		t.Helper()
		c, err := net.Dial("tcp", live.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		head := fmt.Sprintf("POST /public/v2/assets HTTP/1.1\r\nHost: plumbline\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", key, size)
		if _, err := io.Copy(c, io.MultiReader(strings.NewReader(head), io.LimitReader(endless{}, int64(size)))); err != nil {
			t.Fatalf("the connection broke while the body was sent: %v", err)
		}
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		return r.Status
	}
	for _, c := range []struct {
		key    string
		size   int
		status string
	}{{s.key, 20 << 20, "413"}, {"plk_nobody", 20 << 20, "401"}, {s.key, 4 << 20, "400"}, {s.key, 20 << 20, "429"}} {
		if got := ask(c.key, c.size); !strings.HasPrefix(got, c.status) {
			t.Errorf("%d bytes: %s, want %s", c.size, got, c.status)
		}
	}
}

// endless is a text without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
