package httpapi_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/httpapi"
	"github.com/plumbline-dev/plumbline/internal/live"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/search"
	"github.com/plumbline-dev/plumbline/internal/store"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// dialect names the database of a test server.
type dialect string

const (
	sqlite   dialect = "SQLite"
	postgres dialect = "PostgreSQL"
)

// clock is the time of a test server. It goes on by itself a little with each
// look, so that what happens later is later.
type clock struct {
	mu  sync.Mutex
	now time.Time
	// step is by how much; 0 stands for a millisecond.
	step time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(cmp.Or(c.step, time.Millisecond))
	return c.now
}

func (c *clock) hurry(step time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step = step
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// server is the whole API over a real database, with its evaluator at work.
type server struct {
	t       testing.TB
	handler http.Handler
	clock   *clock
	// tick is a look at the clock, as the worker takes one each second.
	tick func(testing.TB)
	// pause stops the evaluation until its function is called.
	pause func(testing.TB) func()
	log   *lockedBuffer
	store *store.Store
	// url is that of the database if it is a server, else dir is its folder.
	url, dir string
	access   *access.Service
	// accounts are taken out of the records that are evaluated.
	accounts *account.Manager
	people   *asset.Service
	// projector keeps people, devices and assets as records when project has it.
	projector *directory.Projector
	// key is one that may do everything.
	key   string
	names int
	// browsers counts the browsers that were made.
	browsers int
	// outbox has what dispatcher sent.
	outbox     *outbox
	dispatcher *notify.Dispatcher
	// runner collects when collect has it look; collecting are its options.
	runner     *collection.Runner
	collecting collection.Options
	// seen are the operations that answered with success, "METHOD path".
	seen map[string]bool
	// options are those of handler.
	options httpapi.Options
	// lists are requests that lists answered, by operation.
	lists map[string][]listed
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Streams of a test server are quick.
var (
	liveTiming   = live.Timing{Look: 5 * time.Millisecond, Gap: time.Millisecond, Slow: 10 * time.Millisecond}
	streamTiming = httpapi.StreamTiming{Rest: time.Millisecond}
)

const streamsEach = 8

// newServer starts a server; adjust may change its options.
func newServer(t testing.TB, d dialect, adjust ...func(*httpapi.Options)) *server {
	t.Helper()
	s := &server{t: t, clock: &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, log: &lockedBuffer{}, seen: map[string]bool{}, lists: map[string][]listed{}}
	o := store.Options{Now: s.clock.Now}
	if d == postgres {
		o.URL = pgserver.Start(t)
	} else {
		o.Dir = t.TempDir()
	}
	st, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s.store, s.url, s.dir = st, o.URL, o.Dir
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	woken := make(chan int64, 10_000)
	paused := make(chan func())
	changed := func(id int64) { woken <- id }
	s.access = access.NewService(st, s.clock.Now)
	connections := connection.NewService(st, s.clock.Now)
	evaluator := check.NewEvaluator(st, check.Options{Now: s.clock.Now, Log: log, Changed: changed})
	checks := check.NewService(st, check.Options{Now: s.clock.Now, Log: log, Changed: changed, Policy: func(ctx context.Context) (check.ExclusionPolicy, error) {
		set, err := s.access.Settings(ctx)
		return check.NewExclusionPolicy(set.Exclusions()), err
	}})
	t.Cleanup(checks.Close)
	hub := live.NewHub(live.Options{Store: st, Now: s.clock.Now, Each: streamsEach, All: 100, Timing: liveTiming, Jobs: func() (out []live.Job) {
		for _, m := range checks.PreviewMarks() {
			out = append(out, live.Job(m))
		}
		return out
	}})
	t.Cleanup(hub.Close)
	s.accounts = account.NewManager(st, account.Options{Now: s.clock.Now, Connections: connections, Changed: changed})
	s.people = asset.NewService(st, connections, s.clock.Now)
	records := record.NewService(st, connections, record.Options{Now: s.clock.Now, Changed: changed, SessionIdle: 15 * time.Minute})
	s.projector = directory.NewProjector(st, directory.Options{Now: s.clock.Now, Changed: changed,
		Records: record.NewService(st, connections, record.Options{Now: s.clock.Now, Changed: changed, BuiltIn: true})})
	collections := s.collections(connections, records)
	options := httpapi.Options{
		Access: s.access, Connections: connections, SyncRuns: syncrun.NewService(st, s.clock.Now), Accounts: s.accounts, Records: records,
		Collections: collections,
		People:      s.people, Links: asset.NewLinks(reversed{}, s.clock.Now),
		Directory: s.projector, CustomFields: customfield.NewService(st, s.clock.Now),
		Checks: checks, Controls: control.NewService(st, s.clock.Now),
		Catalog: catalog.NewService(catalog.Options{Store: st, Connections: connections, Checks: checks, Controls: control.NewService(st, s.clock.Now),
			Collections: collections, Accounts: s.accounts, Changed: changed}),
		Notifications: s.notifying(st),
		Diagnosis: diagnosis.NewService(st, diagnosis.Options{Connections: connections, Runs: syncrun.NewService(st, s.clock.Now), Model: asking(),
			Sealer: reversed{}, Now: s.clock.Now}),
		Search: search.NewService(st),
		Live:   hub, Stream: streamTiming,
		Events: st, Waiter: evaluator, Ready: st.Ping, Now: s.clock.Now, Log: log, Version: "test",
	}
	for _, f := range adjust {
		f(&options)
	}
	s.options = options
	s.handler = httpapi.New(options)
	s.key = s.newKey(access.All)
	s.pause = func(t testing.TB) func() {
		t.Helper()
		gate := make(chan struct{})
		entered := make(chan struct{})
		await.Send(t, "the pause", paused, func() { close(entered); <-gate })
		await.Receive(t, "the pause", entered)
		return func() { close(gate) }
	}
	s.tick = func(t testing.TB) {
		t.Helper()
		if err := evaluator.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		pending, err := evaluator.Pending(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range pending {
			changed(id)
		}
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		evaluate(ctx, t, evaluator, s.accounts, woken, paused)
	}()
	t.Cleanup(func() {
		stop()
		await.Receive(t, "the end of the evaluation", done)
	})
	return s
}

// evaluate does what the worker does, without its timers.
func evaluate(ctx context.Context, t testing.TB, e *check.Evaluator, accounts *account.Manager, woken <-chan int64, paused <-chan func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case pause := <-paused:
			pause()
		case id := <-woken:
			for more := true; more && ctx.Err() == nil; {
				var err error
				if more, err = e.Step(ctx, id); err == nil && !more {
					more, err = accounts.Step(ctx, id)
				}
				if err != nil && ctx.Err() == nil {
					t.Errorf("evaluate resource %d: %v", id, err)
				}
			}
		}
	}
}

// newKey makes an API key and returns its secret.
func (s *server) newKey(scopes ...access.Scope) string {
	s.t.Helper()
	_, secret, err := s.access.CreateKey(s.t.Context(), event.System(event.SourceApp), access.NewKey{Name: "test", Scopes: scopes})
	if err != nil {
		s.t.Fatal(err)
	}
	return secret
}

// eventually waits until the evaluation, which nothing else tells of, came to
// what is true at its end.
func (s *server) eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	await.Until(t, what, ok)
}

// name is a new name.
func (s *server) name(kind string) string {
	s.names++
	return kind + " " + strconv.Itoa(s.names)
}

// got is a reply.
type got struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
	// parsed is what the body says, read once.
	parsed func() (any, error)
}

func newGot(t testing.TB, status int, header http.Header, body []byte) got {
	return got{t: t, status: status, header: header, body: body, parsed: sync.OnceValues(func() (any, error) { return parse(body) })}
}

func reply(t testing.TB, w *httptest.ResponseRecorder) got {
	return newGot(t, w.Code, w.Header(), w.Body.Bytes())
}

// option changes a request before it is sent.
type option func(*http.Request)

func with(name, value string) option { return func(r *http.Request) { r.Header.Set(name, value) } }

func without(name string) option { return func(r *http.Request) { r.Header.Del(name) } }

func as(key string) option { return with("Authorization", "Bearer "+key) }

func from(addr string) option { return func(r *http.Request) { r.RemoteAddr = addr + ":4711" } }

// call sends a request and checks the reply against our OpenAPI document and
// the contract's facts. path is under /public/v2 unless it begins with
// /public or is followed by nothing of the API.
func (s *server) call(t testing.TB, method, path, body string, options ...option) got {
	t.Helper()
	full := path
	if !strings.HasPrefix(path, "/public") {
		full = "/public/v2" + path
	}
	return s.raw(t, method, full, body, options...)
}

// raw is call with the whole path.
func (s *server) raw(t testing.TB, method, path, body string, options ...option) got {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, o := range options {
		o(r)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	g := reply(t, w)
	s.conforms(t, method, r.URL.EscapedPath(), g)
	s.noteList(method, path, g)
	return g
}

// is demands a status.
func (g got) is(status int) got {
	g.t.Helper()
	if g.status != status {
		g.t.Fatalf("status %d, want %d: %s", g.status, status, g.body)
	}
	return g
}

// refused demands a status and a code, and that the message has a text.
func (g got) refused(status, code int, text string) got {
	g.t.Helper()
	g.is(status)
	if c := g.at("code"); c != json.Number(strconv.Itoa(code)) {
		g.t.Fatalf("code %v, want %d: %s", c, code, g.body)
	}
	if m, _ := g.at("message").(string); m == "" || !strings.Contains(m, text) {
		g.t.Fatalf("message %q has not %q", m, text)
	}
	return g
}

// at is the value at a path such as "data.0.id"; absent is the word for one
// that is not there.
func (g got) at(path string) any {
	g.t.Helper()
	v := g.json()
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[step]
			if !ok {
				return absent
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(in) {
				return absent
			}
			v = in[i]
		default:
			return absent
		}
	}
	return v
}

const absent = "(absent)"

func (g got) json() any {
	g.t.Helper()
	v, err := g.parsed()
	if err != nil {
		g.t.Fatalf("%v: %q", err, g.body)
	}
	return v
}

// parse reads one JSON value and nothing behind it; numbers stay as they are written.
func parse(text []byte) (any, error) { return jsonschema.UnmarshalJSON(bytes.NewReader(text)) }

// has demands values by path, written as fmt prints them.
func (g got) has(want map[string]any) got {
	g.t.Helper()
	for path, w := range want {
		if v := g.at(path); fmt.Sprint(v) != fmt.Sprint(w) {
			g.t.Errorf("%s is %v, want %v in %s", path, v, w, g.body)
		}
	}
	return g
}

// headers demands headers.
func (g got) headers(want map[string]string) got {
	g.t.Helper()
	for name, w := range want {
		if v := g.header.Get(name); v != w {
			g.t.Errorf("header %s is %q, want %q", name, v, w)
		}
	}
	return g
}

func (g got) text(path string) string {
	g.t.Helper()
	return fmt.Sprint(g.at(path))
}

func (g got) length(path string) int {
	g.t.Helper()
	list, ok := g.at(path).([]any)
	if !ok {
		g.t.Fatalf("%s is no list: %s", path, g.body)
	}
	return len(list)
}

// resource is a new resource with a schema; its paths are under path.
type resource struct {
	connection, id string
	path           string
}

const userSchema = `{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string"},"mfa":{"type":"boolean"},"n":{}},"required":["email"]}`

// resource makes a connection with a resource of users.
func (s *server) resource(t testing.TB) resource {
	t.Helper()
	return s.resourceOf(t, userSchema, "email")
}

func (s *server) resourceOf(t testing.TB, schema, displayNameKey string) resource {
	t.Helper()
	g := s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["CUSTOM"],"workspaceIds":[1],"schema":%s,"displayNameKey":%q}`,
		s.name("Users"), schema, displayNameKey)).is(201)
	r := resource{connection: g.text("id"), id: g.text("customResources.0.id")}
	r.path = "/custom-connections/" + r.connection + "/resources/" + r.id
	return r
}

const mfaLogic = `{"logic":"ALL_GROUPS","groups":[{"name":"MFA","resourceId":%s,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}`

// test makes a published test that demands mfa of every record.
func (s *server) test(t testing.TB, r resource) (path string) {
	t.Helper()
	g := s.call(t, "POST", "/workspaces/1/monitoring-tests", fmt.Sprintf(`{"name":%q,"logic":`+mfaLogic+`,"publish":true}`, s.name("MFA"), r.id)).is(201)
	return "/workspaces/1/monitoring-tests/" + g.text("testId")
}
