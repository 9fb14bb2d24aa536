package httpapi_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/httpapi"
	"github.com/plumbline-dev/plumbline/internal/live"
	"github.com/plumbline-dev/plumbline/internal/store"
)

// change is one of a stream's changes.
type change struct {
	Topic                                         string
	WorkspaceID, ConnectionID, ResourceID, TestID int64
}

// said is one message of a stream.
type said struct {
	id, event string
	data      []byte
	changes   []change
}

// following is an open stream.
type following struct {
	t      testing.TB
	resp   *http.Response
	lines  *bufio.Reader
	lastID string
	hangUp func()
}

// hear opens a stream at a server that listens.
func hear(t testing.TB, url, key, after string) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/public/v2/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return &following{t: t, resp: resp, lines: bufio.NewReader(resp.Body), hangUp: cancel}
}

// read is the next message, or the end of the stream.
func (f *following) read() (m said, err error) {
	for {
		line, err := f.lines.ReadString('\n')
		if err != nil {
			return m, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			m.id, f.lastID = value, value
		case "event":
			m.event = value
		case "data":
			m.data = []byte(value)
			var body struct{ Changes []change }
			if err := json.Unmarshal(m.data, &body); err != nil {
				return m, fmt.Errorf("%q: %w", value, err)
			}
			m.changes = body.Changes
		case "":
			if m.event != "" {
				return m, nil
			}
		}
	}
}

func (f *following) next() said {
	f.t.Helper()
	late := time.AfterFunc(await.Patience, f.hangUp)
	defer late.Stop()
	m, err := f.read()
	if err != nil {
		f.t.Fatalf("no message came: %v", err)
	}
	return m
}

// until reads up to a change, and gives all that was read.
func (f *following) until(want change) (all []change) {
	f.t.Helper()
	for {
		m := f.next()
		if m.event != "change" {
			f.t.Fatalf("got %s %s", m.event, m.data)
		}
		all = append(all, m.changes...)
		if slices.Contains(m.changes, want) {
			return all
		}
	}
}

func topics(list []change) map[string]bool {
	out := map[string]bool{}
	for _, c := range list {
		out[c.Topic] = true
	}
	return out
}

// listening is the server behind a real connection.
func (s *server) listening(t testing.TB) string {
	t.Helper()
	srv := httptest.NewServer(s.handler)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv.URL
}

func number(t testing.TB, text string) int64 {
	t.Helper()
	n, err := json.Number(text).Int64()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func streamCase(t *testing.T, s *server) {
	url := s.listening(t)
	f := hear(t, url, s.key, "")
	// Documented, and what a proxy must know.
	g := newGot(t, f.resp.StatusCode, f.resp.Header, nil)
	s.conforms(t, "GET", "/public/v2/stream", g)
	g.is(200).headers(map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no", "Content-Encoding": ""})
	if m := f.next(); m.event != "resync" || m.id == "" {
		t.Fatalf("got %+v", m)
	}

	r := s.resource(t)
	connection, resource := number(t, r.connection), number(t, r.id)
	f.until(change{Topic: "connections", WorkspaceID: 1, ConnectionID: connection})
	test := s.test(t, r)
	n := number(t, test[strings.LastIndex(test, "/")+1:])
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"secret-id","email":"secret@example.org","mfa":false}]}`).is(200)
	heard := f.until(change{Topic: "findings", WorkspaceID: 1, TestID: n})
	for !topics(heard)["controls"] || !topics(heard)["records"] {
		m := f.next()
		heard = append(heard, m.changes...)
		if strings.Contains(string(m.data), "secret") {
			t.Errorf("data is told: %s", m.data)
		}
	}
	if !slices.Contains(heard, change{Topic: "records", WorkspaceID: 1, ConnectionID: connection, ResourceID: resource}) {
		t.Errorf("the records are missing in %v", heard)
	}

	// An unchanged record is no change of data, but its source was heard of.
	quiet := s.resource(t)
	connection, resource = number(t, quiet.connection), number(t, quiet.id)
	s.call(t, "POST", quiet.path+"/records", `{"data":[{"id":"1","email":"a"}]}`).is(200)
	// What the evaluation writes is told a little later, also of what was before.
	records := change{Topic: "records", WorkspaceID: 1, ConnectionID: connection, ResourceID: resource}
	f.until(records)
	s.call(t, "POST", quiet.path+"/records", `{"data":[{"id":"1","email":"a"}]}`).is(200)
	if heard := f.until(change{Topic: "resources", WorkspaceID: 1, ConnectionID: connection, ResourceID: resource}); slices.Contains(heard, records) {
		t.Errorf("got %v", heard)
	}

	// Who comes back is told what came meanwhile and no more.
	last := f.lastID
	_ = f.resp.Body.Close()
	s.call(t, "PUT", "/workspaces/1/conditions/"+strings.ReplaceAll(s.name("live"), " ", "-"), `{"logic":{"fact":"mfa","operator":"equal","value":true}}`).is(200)
	s.call(t, "POST", quiet.path+"/sessions/upload-1", `{"data":[{"id":"1","email":"x"}]}`).is(200)
	again := hear(t, url, s.key, last)
	heard = again.until(change{Topic: "sessions", WorkspaceID: 1, ConnectionID: connection, ResourceID: resource})
	if !topics(heard)["conditions"] || slices.Contains(heard, records) {
		t.Errorf("got %v", heard)
	}
	if m := hear(t, url, s.key, "elsewhere.7").next(); m.event != "resync" {
		t.Errorf("got %+v", m)
	}

	s.call(t, "HEAD", "/stream", "").is(200).headers(map[string]string{"Content-Type": "text/event-stream"})
	s.call(t, "POST", "/stream", "").is(405)
	s.call(t, "GET", "/stream", "", as("plk_wrong")).is(401)
}

// What one may not read one does not even hear of.
func streamScopes(t *testing.T, s *server) {
	url := s.listening(t)
	none := hear(t, url, s.newKey(access.CompanyGet), "")
	some := hear(t, url, s.newKey(access.MonitorsGet, access.KeysGet), "")
	all := hear(t, url, s.key, "")
	for _, f := range []*following{none, some, all} {
		f.next()
	}
	r := s.resource(t)
	test := s.test(t, r)
	n := number(t, test[strings.LastIndex(test, "/")+1:])
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":false}]}`).is(200)
	all.until(change{Topic: "findings", WorkspaceID: 1, TestID: n})
	key := s.call(t, "POST", "/api-keys", `{"name":"k","scopes":["read"]}`).is(201)
	var heard []change
	for got := topics(heard); !got["keys"] || !got["tests"]; got = topics(heard) {
		heard = append(heard, some.next().changes...)
	}
	for topic := range topics(heard) {
		if topic != "tests" && topic != "keys" && topic != "exclusions" && topic != "conditions" {
			t.Errorf("a key that may read tests and keys heard of %s", topic)
		}
	}
	// A key that is revoked hears the end and nothing else.
	doomed := hear(t, url, key.text("key"), "")
	doomed.next()
	s.call(t, "DELETE", "/api-keys/"+key.text("id"), "").is(204)
	for {
		m := doomed.next()
		if m.event == "end" {
			if string(m.data) != `{"reason":"access"}` {
				t.Errorf("got %s", m.data)
			}
			break
		}
	}
	if m, err := doomed.read(); err != io.EOF { //nolint:errorlint // the end of a body is io.EOF itself
		t.Errorf("after the end: %+v, %v", m, err)
	}
}

func streamLimits(t *testing.T, s *server) {
	url := s.listening(t)
	key := s.newKey(access.Read)
	for range streamsEach {
		hear(t, url, key, "").next()
	}
	f := hear(t, url, key, "")
	body, err := io.ReadAll(f.resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	g := newGot(t, f.resp.StatusCode, f.resp.Header, body)
	s.conforms(t, "GET", "/public/v2/stream", g)
	g.refused(429, 42901, "8 streams").headers(map[string]string{"Retry-After": "10"})
	hear(t, url, s.newKey(access.Read), "").next()
}

// slowListener accepts connections that hold nothing: what is written waits
// until it is read.
type slowListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *slowListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *slowListener) Close() error   { close(l.done); return nil }
func (l *slowListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// closing tells when it was closed.
type closing struct {
	net.Conn
	closed chan struct{}
	once   sync.Once
}

func (c *closing) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// piped asks the handler of a server for a stream over a connection that holds
// nothing: what is written waits until it is read. closed tells when the other
// end lets go.
func piped(t *testing.T, s *server, timing httpapi.StreamTiming) (handler http.Handler, stream net.Conn, closed <-chan struct{}) {
	t.Helper()
	o := s.options
	o.Stream = timing
	handler = httpapi.New(o)
	l := &slowListener{make(chan net.Conn), make(chan struct{})}
	srv := &http.Server{Handler: handler, WriteTimeout: time.Nanosecond, ReadTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		_ = srv.Close()
		if err := await.Receive(t, "the end of the server", served); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	stream, other := net.Pipe()
	t.Cleanup(func() { _ = stream.Close() })
	if err := stream.SetDeadline(time.Now().Add(await.Patience)); err != nil {
		t.Fatal(err)
	}
	its := &closing{Conn: other, closed: make(chan struct{})}
	await.Send[net.Conn](t, "the connection", l.conns, its)
	if _, err := fmt.Fprintf(stream, "GET /public/v2/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", s.key); err != nil {
		t.Fatal(err)
	}
	return handler, stream, its.closed
}

// The server's own time limits do not end a stream, and a client that reads
// nothing is let go.
func TestStreamsAndTimeLimits(t *testing.T) {
	s := newServer(t, sqlite)
	_, stream, _ := piped(t, s, httpapi.StreamTiming{Rest: time.Millisecond, Beat: time.Millisecond, Patience: await.Patience})
	lines := bufio.NewReader(stream)
	for beats := 0; beats < 5; {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, ":") {
			beats++
		}
	}

	handler, _, closed := piped(t, s, httpapi.StreamTiming{Patience: 50 * time.Millisecond})
	await.Receive(t, "the end of a stream that nobody reads", closed)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{"plumbline_http_streams 0", `plumbline_http_requests_total{method="GET",route="/public/v2/stream",status="200"} 1`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

var lastUsed = regexp.MustCompile(`"lastUsedAt":[^,}]*`)

// snapshot has a digest of what the lists of each topic show.
func (s *server) snapshot(t testing.TB) map[string][sha256.Size]byte {
	t.Helper()
	out := map[string][sha256.Size]byte{}
	get := func(topic, path string) got {
		g := s.call(t, "GET", path, "").is(200)
		// What is not there yet shows no list, rather than an empty one.
		if list, ok := g.at("data").([]any); ok && len(list) == 0 {
			return g
		}
		text := string(g.body)
		// The use of a key is no change of it.
		if topic == "keys" {
			text = lastUsed.ReplaceAllString(text, "")
		}
		before := out[topic]
		out[topic] = sha256.Sum256(append(before[:], text...))
		return g
	}
	conns := get("connections", "/custom-connections?size=100&sortDir=ASC&expand[]=customResources")
	for i := range conns.length("data") {
		r := "/custom-connections/" + conns.text(fmt.Sprintf("data.%d.id", i)) + "/resources/" + conns.text(fmt.Sprintf("data.%d.customResources.0.id", i))
		get("resources", r)
		get("records", r+"/records?size=100")
		get("sessions", r+"/sessions?size=100")
	}
	list := get("tests", "/workspaces/1/monitoring-tests?size=100&sortDir=ASC")
	for i := range list.length("data") {
		test := "/workspaces/1/monitoring-tests/" + list.text(fmt.Sprintf("data.%d.testId", i))
		get("tests", test)
		get("findings", test+"/failures?size=100")
		get("runs", test+"/runs?size=100")
	}
	get("exclusions", "/workspaces/1/exclusions?size=100")
	get("conditions", "/workspaces/1/conditions?size=100")
	get("controls", "/workspaces/1/controls?size=100&sortDir=ASC")
	get("frameworks", "/workspaces/1/frameworks?size=100")
	get("requirements", "/framework-requirements?size=100")
	get("events", "/events?size=100")
	get("keys", "/api-keys?size=100")
	get("settings", "/settings")
	get("notifications", "/workspaces/1/notifications/channels?size=100")
	get("notifications", "/workspaces/1/notifications/deliveries?size=100")
	return out
}

// ear hears a stream and notes the topics.
type ear struct {
	from  map[string][sha256.Size]byte
	mu    sync.Mutex
	heard map[string]bool
	what  string
}

func (e *ear) listen(f *following) {
	for {
		m, err := f.read()
		if err != nil {
			return
		}
		e.mu.Lock()
		for _, c := range m.changes {
			e.heard[c.Topic] = true
		}
		e.mu.Unlock()
	}
}

func (e *ear) missed(now map[string][sha256.Size]byte) (out []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for topic, digest := range now {
		if e.from[topic] != digest && !e.heard[topic] {
			out = append(out, topic)
		}
	}
	slices.Sort(out)
	return out
}

// Whatever is done, at rest everybody was told of each topic that is not what it
// was when he began to listen, at whichever node.
func toldOfAll(t *testing.T, d dialect) {
	s := newServer(t, d)
	second := s.secondNode(t)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	nodes := []string{s.listening(t), second}
	w := &world{t: t, s: s, r: r}
	w.resources = append(w.resources, s.resource(t))
	w.tests = append(w.tests, s.test(t, w.resources[0]))
	var ears []*ear
	for round := range 4 {
		for node, url := range nodes {
			f := hear(t, url, s.key, "")
			if m := f.next(); m.event != "resync" {
				t.Fatalf("got %+v", m)
			}
			e := &ear{from: s.snapshot(t), heard: map[string]bool{}, what: fmt.Sprintf("listener of round %d at node %d", round, node)}
			go e.listen(f)
			ears = append(ears, e)
		}
		for range 6 {
			w.act()
		}
		w.settle()
		now := s.snapshot(t)
		for _, e := range ears {
			for deadline := time.Now().Add(await.Patience); len(e.missed(now)) > 0; {
				if time.Now().After(deadline) {
					t.Fatalf("seed %d: %s was not told of %v after %v", seed, e.what, e.missed(now), w.done)
				}
				time.Sleep(time.Millisecond)
			}
		}
	}
}

func TestEverybodyIsToldOnSQLite(t *testing.T)   { toldOfAll(t, sqlite) }
func TestEverybodyIsToldOnPostgres(t *testing.T) { toldOfAll(t, postgres) }

// secondNode is another server on the same database, which nothing wakes. The
// embedded database has one process only; there it is a second hub.
func (s *server) secondNode(t *testing.T) string {
	t.Helper()
	st := s.store
	if s.url != "" {
		var err error
		if st, err = store.Open(t.Context(), store.Options{URL: s.url, Now: s.clock.Now}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
	}
	hub := live.NewHub(live.Options{Store: st, Now: s.clock.Now, Each: streamsEach, All: 100, Timing: liveTiming})
	t.Cleanup(hub.Close)
	other := &server{handler: httpapi.New(httpapi.Options{Access: access.NewService(st, s.clock.Now), Live: hub, Now: s.clock.Now, Stream: streamTiming})}
	return other.listening(t)
}

// world does things at random.
type world struct {
	t         *testing.T
	s         *server
	r         *rand.Rand
	resources []resource
	tests     []string
	done      []string
}

func (w *world) do(what, method, path, body string) {
	w.t.Helper()
	g := w.s.call(w.t, method, path, body)
	if g.status >= 500 {
		w.t.Fatalf("%s %s: %s", method, path, g.body)
	}
	w.done = append(w.done, fmt.Sprintf("%s (%d)", what, g.status))
}

func (w *world) act() {
	r := w.resources[w.r.IntN(len(w.resources))]
	test := w.tests[w.r.IntN(len(w.tests))]
	one := w.r.IntN(8)
	name := w.s.name("live")
	switch w.r.IntN(22) {
	case 0, 1, 2:
		w.do("push", "POST", r.path+"/records", fmt.Sprintf(`{"data":[{"id":"%d","email":"a","mfa":%t},{"id":"x","email":"b","mfa":%t}]}`, one, w.r.IntN(2) == 0, w.r.IntN(2) == 0))
	case 3:
		w.do("push the same", "POST", r.path+"/records", `{"data":[{"id":"same","email":"a","mfa":true}]}`)
	case 4:
		w.do("delete", "DELETE", r.path+fmt.Sprintf("/records/%d", one), "")
	case 5, 6:
		w.do("upload", "POST", r.path+"/sessions/upload-1", fmt.Sprintf(`{"data":[{"id":"%d","email":"a","mfa":false}]}`, one))
	case 7:
		w.do("complete", "POST", r.path+"/sessions/upload-1/actions", `{"action":"complete"}`)
	case 8:
		w.do("resource", "PUT", r.path, fmt.Sprintf(`{"freshnessHours":%d}`, one+1))
	case 9:
		w.resources = append(w.resources, w.s.resource(w.t))
	case 10:
		w.tests = append(w.tests, w.s.test(w.t, r))
	case 11:
		w.do("run", "POST", test+"/actions", `{"action":"run"}`)
	case 12:
		w.do("disable", "POST", test+"/actions", `{"action":"disable","reason":"so"}`)
	case 13:
		w.do("enable", "POST", test+"/actions", `{"action":"enable"}`)
	case 14:
		w.do("exclude", "POST", test+"/exclusions", fmt.Sprintf(`{"targetId":"%d","reason":"because","category":"ACCEPTED_RISK","expiresAt":"2026-05-01T00:00:00.000Z"}`, one))
	case 15:
		w.do("schedule", "PUT", test, fmt.Sprintf(`{"schedule":"%d 3 * * *"}`, one))
	case 16:
		w.do("condition", "PUT", "/workspaces/1/conditions/mfa", fmt.Sprintf(`{"logic":{"fact":"n","operator":"equal","value":%d}}`, one))
	case 17:
		w.do("control", "POST", "/workspaces/1/controls", fmt.Sprintf(`{"name":%q,"code":%q,"description":"d"}`, name, strings.ReplaceAll(name, " ", "-")))
	case 18:
		w.do("framework", "POST", "/workspaces/1/frameworks", fmt.Sprintf(`{"name":%q,"shortName":"x","description":"d"}`, name))
	case 19:
		w.do("key", "POST", "/api-keys", `{"name":"k","scopes":["read"]}`)
	case 20:
		w.do("settings", "PUT", "/settings", fmt.Sprintf(`{"exclusionMaxDays":%d}`, 300+one))
	case 21:
		w.do("channel", "POST", "/workspaces/1/notifications/channels", fmt.Sprintf(`{"name":%q,"kind":"webhook","url":"https://hooks.example.com/in/x"}`, name))
	}
}

// settle waits until nothing is left to be evaluated.
func (w *world) settle() {
	w.s.tick(w.t)
	for _, r := range w.resources {
		w.s.call(w.t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`)
	}
	w.s.tick(w.t)
	resume := w.s.pause(w.t)
	resume()
}
