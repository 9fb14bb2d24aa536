package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/httpapi"
	"github.com/plumbline-dev/plumbline/internal/outbound"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// collections gives a server what collects.
func (s *server) collections(c *connection.Service, r *record.Service) *collection.Service {
	s.collecting = collection.Options{Connections: c, Records: r, Sealer: reversed{}, Now: s.clock.Now,
		Sleep:    func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Outbound: outbound.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	s.runner = s.anotherRunner("node-1")
	collected := collection.NewService(s.store, s.collecting, s.runner)
	c.CollectWith(collected)
	return collected
}

// anotherRunner is one of a further node.
func (s *server) anotherRunner(owner string) *collection.Runner {
	return collection.NewRunner(s.store, s.collecting, collection.RunnerOptions{Runs: syncrun.NewService(s.store, s.clock.Now), Owner: owner})
}

// collect runs what is due until nothing is.
func (s *server) collect(t *testing.T) {
	t.Helper()
	for range 20 {
		if err := s.runner.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.runner.Wait()
	}
}

// standIn is another system with people, behind a token.
type standIn struct {
	*httptest.Server
	mu     sync.Mutex
	token  string
	people string
	status int
	asked  int
	// hold, if set, lets no reply out until it is closed.
	hold chan struct{}
	// entered gets a word with each request that is held.
	entered chan struct{}
}

const canary = "C4NARY-do-not-tell"

func newStandIn(t *testing.T) *standIn {
	s := &standIn{token: canary, people: "[]"}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked++
		hold, entered, token, people, status := s.hold, s.entered, s.token, s.people, s.status
		s.mu.Unlock()
		if hold != nil {
			entered <- struct{}{}
			select {
			case <-hold:
			case <-r.Context().Done():
				return
			}
		}
		switch {
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusUnauthorized)
			// What it says of the token must not come through.
			_, _ = fmt.Fprintf(w, `{"error":"the token %s is wrong"}`, r.Header.Get("Authorization"))
		case status != 0:
			w.WriteHeader(status)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"users":%s}`, people)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) gives(people string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people, s.status = people, 0
}

func (s *standIn) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *standIn) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// holding keeps replies back until its function is called.
func (s *standIn) holding() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	hold := make(chan struct{})
	s.hold, s.entered = hold, make(chan struct{}, 16)
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hold = nil
		close(hold)
	})
}

// recipe collects its people.
const peopleRecipe = `collector: http
inputs:
  - {name: baseUrl, label: Address, help: Where it is., example: "https://example.com", pattern: "^https?://.*"}
  - {name: token, label: API token, secret: true}
  - {name: team, label: Team, required: false, default: all}
http:
  url: ${baseUrl}/users
  query: {team: "${team}"}
  auth: {bearer: "${token}"}
  items: .users
record: "{id, email: .mail}"
`

func person3(ids ...string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = fmt.Sprintf(`{"id":%q,"mail":"%s@example.com"}`, id, id)
	}
	return "[" + strings.Join(out, ",") + "]"
}

// body is a collection of the people of a stand-in; more goes on in it.
func (s *standIn) body(more string) string {
	return fmt.Sprintf(`{"recipe":%s,"inputs":{"baseUrl":%q,"token":%q}%s}`, strconv.Quote(peopleRecipe), s.URL, s.token, more)
}

func (r resource) ids(t *testing.T, s *server) string {
	t.Helper()
	g := s.call(t, "GET", r.path+"/records?sortDir=ASC", "").is(200)
	var ids []string
	for i := range g.length("data") {
		ids = append(ids, g.text(fmt.Sprintf("data.%d.id", i)))
	}
	return strings.Join(ids, " ")
}

func collectionsCase(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	s.call(t, "GET", r.path, "").is(200).has(map[string]any{"collected": false})
	s.call(t, "GET", at, "").refused(404, 40401, r.id)
	other.gives(person3("ann", "bob"))
	made := s.call(t, "PUT", at, other.body("")).is(200).has(map[string]any{"recipe": peopleRecipe, "collector": "http", "schedule": "@daily", "enabled": true,
		"scheduleWords": "every day at 00:00 UTC", "state": "WAITING", "guards.maxDeletePercent": 50, "guards.allowEmpty": false, "running": absent, "lastRun": absent,
		"inputs.0.name": "baseUrl", "inputs.0.label": "Address", "inputs.0.value": other.URL, "inputs.0.set": true, "inputs.0.secret": false,
		"inputs.1.name": "token", "inputs.1.secret": true, "inputs.1.set": true, "inputs.1.value": nil, "inputs.2.set": false, "inputs.2.default": "all", "missing.0": absent})
	if made.at("inputs.1.setAt") == nil || made.at("nextRunAt") == nil {
		t.Errorf("made %s", made.body)
	}
	s.call(t, "GET", r.path, "").is(200).has(map[string]any{"collected": true})
	s.collect(t)
	if got := r.ids(t, s); got != "ann bob" {
		t.Fatalf("records %q", got)
	}
	ran := s.call(t, "GET", at, "").is(200).has(map[string]any{"state": "WAITING", "lastRun.status": "COMPLETED", "lastRun.records": 2, "lastRun.error": absent, "failures": 0})
	s.call(t, "GET", r.path+"/sessions", "").is(200).has(map[string]any{"data.0.sessionId": ran.at("lastRun.sessionId"), "data.0.status": "ACTIVE", "data.1": absent})

	// Its run is that of its session, with the steps of both.
	run, steps, n := r.synced(t, s)
	if run.Trigger != syncrun.Collection || run.Status != syncrun.Completed || fmt.Sprint(run.SessionID) != ran.text("lastRun.sessionId") || n != 1 ||
		strconv.FormatInt(run.ID, 10) != ran.text("lastRun.runId") {
		t.Errorf("%d runs, the last one %+v", n, run)
	}
	if !strings.HasPrefix(steps, "AUTHENTICATE=COMPLETED FETCH=COMPLETED PARSE=COMPLETED VALIDATE=COMPLETED STAGE=COMPLETED COMPARE=COMPLETED COMPLETE=COMPLETED ") {
		t.Errorf("steps %s", steps)
	}

	// What changed there changes here with the next run.
	other.gives(person3("ann", "cid"))
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200).has(map[string]any{"state": "WAITING"})
	s.collect(t)
	if got := r.ids(t, s); got != "ann cid" {
		t.Fatalf("records %q", got)
	}

	// Absent parts stay, also secrets; null clears one.
	s.call(t, "PUT", at, `{"schedule":"0 3 * * 1","guards":{"allowEmpty":true},"inputs":{"team":"core"}}`).is(200).has(map[string]any{"schedule": "0 3 * * 1",
		"scheduleWords": "every Monday at 03:00 UTC", "guards.maxDeletePercent": 50, "guards.allowEmpty": true, "inputs.1.set": true, "inputs.1.setAt": made.at("inputs.1.setAt"),
		"inputs.2.value": "core", "recipe": peopleRecipe})
	s.call(t, "PUT", at, `{"inputs":{"token":null},"enabled":false}`).is(200).has(map[string]any{"inputs.1.set": false, "missing.0": "token", "state": "PAUSED", "nextRunAt": nil})
	s.call(t, "POST", at+"/actions", `{"action":"resume"}`).refused(400, 40001, "/inputs/token")
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).refused(400, 40001, "/inputs/token")
	s.call(t, "PUT", at, fmt.Sprintf(`{"inputs":{"token":%q}}`, canary)).is(200).has(map[string]any{"state": "PAUSED"})
	s.call(t, "POST", at+"/actions", `{"action":"resume"}`).is(200).has(map[string]any{"state": "WAITING", "enabled": true})
	s.call(t, "POST", at+"/actions", `{"action":"pause"}`).is(200).has(map[string]any{"state": "PAUSED", "nextRunAt": nil})

	// A paused one runs when somebody asks for it.
	before := other.requests()
	s.clock.advance(30 * 24 * time.Hour)
	s.collect(t)
	if other.requests() != before {
		t.Error("a paused collection ran")
	}
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.collect(t)
	if other.requests() != before+1 {
		t.Error("a run that was asked for did not come")
	}
	s.call(t, "POST", "/connections/"+r.connection+"/actions", `{"action":"refresh"}`).is(200).has(map[string]any{"id": r.connection})
	s.collect(t)
	if other.requests() != before+2 {
		t.Error("a refresh of the connection did not come")
	}
	for _, ty := range []string{"CREATED", "UPDATED", "PAUSED", "RESUMED", "RUN", "STARTED", "COMPLETED"} {
		s.call(t, "GET", "/events?connectionId="+r.connection+"&type=COLLECTION_"+ty+"&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.resourceId": r.id})
	}
	s.call(t, "DELETE", at, "").is(204)
	s.call(t, "GET", at, "").is(404)
	s.call(t, "DELETE", at, "").is(404)
	if got := r.ids(t, s); got != "ann cid" {
		t.Errorf("the records went with the collection: %q", got)
	}
}

// synced is the newest sync run of a resource, its steps as "NAME=STATUS", and
// how many runs there were.
func (r resource) synced(t *testing.T, s *server) (run syncrun.Run, steps string, n int) {
	t.Helper()
	id, err := strconv.ParseInt(r.connection, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	p, err := syncrun.NewService(s.store, s.clock.Now).List(t.Context(), syncrun.Filter{ConnectionID: id}, page.Request{Size: 50})
	if err != nil || len(p.Items) == 0 {
		t.Fatalf("%d sync runs, error %v", len(p.Items), err)
	}
	for _, step := range p.Items[0].Steps {
		steps += string(step.Name) + "=" + string(step.Status) + " "
		if step.Error != nil {
			steps += step.Error.Code + " "
		}
	}
	return p.Items[0], steps, len(p.Items)
}

// failed runs a collection that fails, and tells in how long it runs again. The
// old records stand.
func (r resource) failed(t *testing.T, s *server, code, says string) time.Duration {
	t.Helper()
	before := r.ids(t, s)
	s.call(t, "POST", r.path+"/collection/actions", `{"action":"run"}`).is(200)
	s.collect(t)
	g := s.call(t, "GET", r.path+"/collection", "").is(200).has(map[string]any{"lastRun.status": "FAILED", "lastRun.error.code": code, "lastRun.records": 0})
	if text := g.text("lastRun.error.message"); !strings.Contains(text, says) || strings.Contains(text, canary) {
		t.Errorf("the sentence is %q", text)
	}
	if got := r.ids(t, s); got != before {
		t.Fatalf("the old data does not stand: %q", got)
	}
	s.call(t, "GET", r.path+"/sessions?status=IN_PROGRESS", "").is(200).has(map[string]any{"data.0": absent})
	at, err := time.Parse(time.RFC3339, g.text("nextRunAt"))
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(s.clock.Now())
}

func failingCollections(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	other.gives(person3("ann"))
	s.call(t, "PUT", at, other.body(`,"schedule":"0 0 1 1 *"`)).is(200)
	s.collect(t)
	for _, c := range []struct {
		name       string
		does       func()
		code, says string
		soon       bool
		step       string
	}{
		{"a wrong token", func() { other.takes("another") }, "UNAUTHORIZED", "401", false, "AUTHENTICATE"},
		{"no right", func() { other.takes(canary); other.answers(403) }, "FORBIDDEN", "403", false, "FETCH"},
		{"nothing there", func() { other.answers(404) }, "NOT_FOUND", "404", false, "FETCH"},
		{"broken there", func() { other.answers(500) }, "SERVER_ERROR", "500", true, "FETCH"},
		{"other JSON", func() { other.gives(`[7]`) }, "EXPRESSION", "record", false, "PARSE"},
		{"a record that the schema refuses", func() { other.gives(`[{"id":"ann","mail":"ann@example.com"},{"id":"bob","mail":7}]`) }, "SCHEMA", "1 of 2", false, "VALIDATE"},
		{"nothing", func() { other.gives(`[]`) }, "EMPTY", "no records", false, "COMPLETE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.does()
			if wait := r.failed(t, s, c.code, c.says); (wait < time.Hour) != c.soon {
				t.Errorf("it runs again in %s", wait)
			}
			if run, steps, _ := r.synced(t, s); run.Status != syncrun.Failed || !strings.Contains(steps, c.step+"=FAILED "+c.code) || strings.Contains(steps, "RUNNING") {
				t.Errorf("the run is %s with %s", run.Status, steps)
			}
		})
	}
	t.Run("a schema that refuses everything", func(t *testing.T) {
		other.gives(person3("ann", "bob"))
		s.call(t, "PUT", r.path+"/schema", `{"schema":{"type":"object","properties":{"email":{"type":"string"},"never":{}},"required":["never"]},"displayNameKey":"email"}`).is(200)
		r.failed(t, s, "SCHEMA", "2 of 2")
	})
	t.Run("no answer at all", func(t *testing.T) {
		other.Close()
		r.failed(t, s, "CONNECTION_REFUSED", "refuses")
	})
	s.call(t, "GET", "/events?connectionId="+r.connection+"&type=COLLECTION_FAILED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.code": "CONNECTION_REFUSED"})
}

// What may not be reached says what to set.
func guardedCollections(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	other.gives(person3("ann"))
	o := s.collecting
	o.Outbound = outbound.Policy{}
	careful := collection.NewRunner(s.store, o, collection.RunnerOptions{Runs: syncrun.NewService(s.store, s.clock.Now), Owner: "careful"})
	s.call(t, "PUT", r.path+"/collection", other.body("")).is(200)
	if err := careful.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	careful.Wait()
	g := s.call(t, "GET", r.path+"/collection", "").is(200).has(map[string]any{"lastRun.error.code": "ADDRESS_NOT_ALLOWED"})
	if text := g.text("lastRun.error.message"); !strings.Contains(text, "notify-networks") {
		t.Errorf("the sentence is %q", text)
	}
	if other.requests() > 0 {
		t.Error("it was asked all the same")
	}
}

func disconnectedCollections(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	other.gives(person3("ann"))
	s.call(t, "PUT", r.path+"/collection", other.body("")).is(200)
	s.call(t, "POST", "/connections/"+r.connection+"/actions", `{"action":"disconnect"}`).is(200)
	s.collect(t)
	if other.requests() > 0 {
		t.Error("a disconnected connection was collected")
	}
	s.call(t, "POST", r.path+"/collection/actions", `{"action":"run"}`).refused(409, 40907, r.connection)
	s.call(t, "POST", "/connections/"+r.connection+"/actions", `{"action":"reconnect"}`).is(200)
	s.collect(t)
	if got := r.ids(t, s); got != "ann" {
		t.Errorf("records %q", got)
	}
}

func (s *standIn) takes(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

func collectionGuards(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	other.gives(person3("a", "b", "c", "d"))
	s.call(t, "PUT", at, other.body("")).is(200)
	s.collect(t)
	other.gives(person3("a"))
	r.failed(t, s, "GUARD", "3 of 4")
	if run, steps, _ := r.synced(t, s); run.Status != syncrun.Failed || !strings.Contains(steps, "=FAILED GUARD") {
		t.Errorf("the run is %s with %s", run.Status, steps)
	}
	s.call(t, "PUT", at, `{"guards":{"maxDeletePercent":75}}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.collect(t)
	if got := r.ids(t, s); got != "a" {
		t.Fatalf("records %q", got)
	}
	other.gives("[]")
	r.failed(t, s, "EMPTY", "guards")
	s.call(t, "PUT", at, `{"guards":{"allowEmpty":true}}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.collect(t)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"lastRun.status": "COMPLETED", "lastRun.records": 0})
	if got := r.ids(t, s); got != "" {
		t.Fatalf("records %q", got)
	}
}

func triedRecipes(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection/actions"
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("u%02d", i))
	}
	other.gives(strings.Replace(person3(many...), `"u01@example.com"`, "7", 1))
	try := func(inputs string) string {
		return fmt.Sprintf(`{"action":"try","recipe":%s,"inputs":%s}`, strconv.Quote(peopleRecipe), inputs)
	}
	right := fmt.Sprintf(`{"baseUrl":%q,"token":%q}`, other.URL, canary)
	// Nothing is there yet, and nothing is kept.
	g := s.call(t, "POST", at, try(right)).is(200).has(map[string]any{"more": true, "records.0.id": "u00", "records.0.accepted": true, "records.0.data.email": "u00@example.com",
		"records.1.accepted": false, "records.1.id": nil, "records.1.data.email": 7, "records.19.accepted": true, "records.20": absent})
	if text := g.text("records.1.error"); !strings.Contains(text, "email") {
		t.Errorf("refused with %q", text)
	}
	for i := range g.length("steps") {
		g.has(map[string]any{fmt.Sprintf("steps.%d.status", i): "COMPLETED", fmt.Sprintf("steps.%d.error", i): absent})
	}
	s.call(t, "GET", r.path+"/collection", "").is(404)
	if got := r.ids(t, s); got != "" {
		t.Errorf("a try wrote %q", got)
	}
	s.call(t, "GET", r.path+"/sessions", "").is(200).has(map[string]any{"data.0": absent})

	// What is stored is laid under what is sent.
	s.call(t, "PUT", r.path+"/collection", other.body(`,"enabled":false`)).is(200)
	s.call(t, "POST", at, `{"action":"try"}`).is(200).has(map[string]any{"records.0.id": "u00"})
	g = s.call(t, "POST", at, `{"action":"try","inputs":{"token":"wrong-token-9"}}`).is(200).has(map[string]any{"records.0": absent, "more": false})
	last := fmt.Sprintf("steps.%d.", g.length("steps")-1)
	if g.text(last+"error.code") != "UNAUTHORIZED" && !strings.Contains(string(g.body), "UNAUTHORIZED") || strings.Contains(string(g.body), "wrong-token-9") {
		t.Errorf("tried with a wrong token: %s", g.body)
	}
	s.call(t, "POST", at, `{"action":"try"}`).is(200).has(map[string]any{"records.0.id": "u00"})

	// One that takes too long ends.
	release := other.holding()
	defer release()
	hasty := *s
	o, c := s.options, s.collecting
	c.TryTime = 50 * time.Millisecond
	o.Collections = collection.NewService(s.store, c, s.runner)
	hasty.handler = httpapi.New(o)
	g = hasty.call(t, "POST", at, `{"action":"try"}`).is(200).has(map[string]any{"records.0": absent})
	if !strings.Contains(string(g.body), "TIMEOUT") || !strings.Contains(string(g.body), "all that a try may take") {
		t.Errorf("it took long: %s", g.body)
	}
}

func collectionRefusals(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	for _, c := range []struct {
		body, says string
		status     int
		code       int
	}{
		{`{}`, "/recipe", 400, 40001},
		{`{"recipe":""}`, "/recipe", 400, 40001},
		{`{"recipe":7}`, "/recipe", 400, 40002},
		{`{"recipe":"collector: http"}`, "/recipe", 400, 40001},
		{`{"recipe":"collector: http\nhttp: {url: x, verb: GET}"}`, "line 2", 400, 40001},
		{`{"recipe":"a: [","inputs":{}}`, "/recipe", 400, 40001},
		{other.body(`,"guards":{"maxDeletePercent":101}`), "/guards/maxDeletePercent", 400, 40001},
		{other.body(`,"guards":{"maxDelete":1}`), "maxDelete", 400, 40002},
		{other.body(`,"schedule":"never"`), "schedule", 400, 40001},
		{other.body(`,"paused":true`), "/paused", 400, 40002},
		{fmt.Sprintf(`{"recipe":%s}`, strconv.Quote(peopleRecipe)), "/inputs/baseUrl", 400, 40001},
		{fmt.Sprintf(`{"recipe":%s,"inputs":{"baseUrl":"ftp://example.com","token":"abcdef"}}`, strconv.Quote(peopleRecipe)), "/inputs/baseUrl", 400, 40001},
		{fmt.Sprintf(`{"recipe":%s,"inputs":{"baseUrl":"https://example.com","token":"abcdef","x/y":"1"}}`, strconv.Quote(peopleRecipe)), "/inputs/x~1y", 400, 40001},
		{fmt.Sprintf(`{"recipe":%s,"inputs":{"baseUrl":"https://example.com","token":"a\u0000bcdef"}}`, strconv.Quote(peopleRecipe)), "/inputs/token", 400, 40002},
		{fmt.Sprintf(`{"recipe":%s,"inputs":{"baseUrl":7}}`, strconv.Quote(peopleRecipe)), "/inputs/baseUrl", 400, 40002},
	} {
		s.call(t, "PUT", at, c.body).refused(c.status, c.code, c.says)
	}
	s.call(t, "GET", at, "").is(404)

	// A recipe that reaches into the machine is refused, and the refusal says what
	// to set.
	local := strconv.Quote("collector: command\ncommand: {run: [id], format: json}\n")
	s.call(t, "PUT", at, `{"recipe":`+local+`}`).refused(422, 42201, "--collect-local")
	s.call(t, "POST", at+"/actions", `{"action":"try","recipe":`+local+`}`).refused(422, 42201, "--collect-local")
	s.call(t, "PUT", at, `{"enabled":false,"recipe":`+local+`}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"run"}`).refused(422, 42201, "--collect-local")
	s.call(t, "POST", at+"/actions", `{"action":"resume"}`).refused(422, 42201, "--collect-local")

	s.call(t, "POST", "/recipes/check", `{"recipe":`+local+`}`).is(200).has(map[string]any{"valid": true, "collector": "command"})

	s.call(t, "POST", at+"/actions", `{"action":"explode"}`).refused(400, 40001, "/action")
	s.call(t, "POST", at+"/actions", `{}`).refused(400, 40001, "/action")
	s.call(t, "POST", at+"/actions", `{"action":"run","recipe":"x"}`).refused(400, 40001, "try")
	s.call(t, "POST", "/recipes/check", `{"recipe":"collector: http\nhttp: {url: x, verb: GET}"}`).is(200).has(map[string]any{"valid": false, "collector": absent,
		"findings.0.line": 2, "findings.0.pointer": "/http/verb", "inputs.0": absent})
	s.call(t, "POST", "/recipes/check", fmt.Sprintf(`{"recipe":%s}`, strconv.Quote(peopleRecipe))).is(200).has(map[string]any{"valid": true, "collector": "http",
		"findings.0": absent, "inputs.0.name": "baseUrl", "inputs.1.secret": true, "inputs.2.required": false, "refused": nil})
	s.call(t, "POST", "/recipes/check", `{}`).is(200).has(map[string]any{"valid": false})

	elsewhere := s.resource(t)
	for _, path := range []string{"/custom-connections/" + elsewhere.connection + "/resources/" + r.id, "/custom-connections/" + r.connection + "/resources/99999",
		"/custom-connections/99999/resources/" + r.id} {
		s.call(t, "GET", path+"/collection", "").is(404)
		s.call(t, "PUT", path+"/collection", other.body("")).is(404)
		s.call(t, "DELETE", path+"/collection", "").is(404)
		s.call(t, "POST", path+"/collection/actions", `{"action":"run"}`).is(404)
		s.call(t, "POST", path+"/collection/actions", `{"action":"try"}`).is(404)
	}
	s.call(t, "PUT", at, other.body("")).is(200)
	reader := s.newKey(access.ConnectionsGet)
	s.call(t, "GET", at, "", as(reader)).is(200)
	s.call(t, "POST", "/recipes/check", `{"recipe":"x"}`, as(reader)).is(200)
	for _, method := range []string{"PUT", "DELETE"} {
		s.call(t, method, at, `{}`, as(reader)).is(403)
	}
	s.call(t, "POST", at+"/actions", `{"action":"run"}`, as(reader)).is(403)
}

// texts is all that the database holds.
func (s *server) texts(t *testing.T) string {
	t.Helper()
	if s.url != "" {
		return pgserver.Texts(t, s.url)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	return out.String()
}

// collectionSecrets looks for a secret in all that the server says and keeps.
func collectionSecrets(t *testing.T, s *server) {
	r, other := s.resource(t), newStandIn(t)
	at := r.path + "/collection"
	other.gives(person3("ann"))
	s.call(t, "PUT", at, other.body(""), with("Idempotency-Key", "collection-once")).is(200)
	s.collect(t)
	other.takes("another")
	r.failed(t, s, "UNAUTHORIZED", "401")
	for _, path := range []string{at, r.path, "/custom-connections/" + r.connection + "?expand[]=customResources", "/events?expand[]=metadata&connectionId=" + r.connection + "&size=500",
		r.path + "/sessions"} {
		if g := s.call(t, "GET", path, "").is(200); strings.Contains(string(g.body), canary) {
			t.Errorf("%s shows a secret", path)
		}
	}
	for _, action := range []string{"run", "pause", "resume", "try"} {
		if g := s.call(t, "POST", at+"/actions", `{"action":"`+action+`"}`).is(200); strings.Contains(string(g.body), canary) {
			t.Errorf("%s shows a secret: %s", action, g.body)
		}
	}
	s.call(t, "POST", at+"/actions", `{"action":"cancel"}`)
	if strings.Contains(s.log.String(), canary) {
		t.Error("the log shows a secret")
	}
	texts := s.texts(t)
	if !strings.Contains(texts, "COLLECTION_FAILED") || !strings.Contains(texts, other.URL) {
		t.Fatal("the database was not read")
	}
	if strings.Contains(texts, canary) {
		t.Error("the database keeps a secret as it is")
	}

	// Another sort of input, or another recipe, must not bring it to light.
	plain := strings.Replace(peopleRecipe, ", secret: true", "", 1)
	g := s.call(t, "PUT", at, fmt.Sprintf(`{"recipe":%s,"enabled":false}`, strconv.Quote(plain))).is(200).has(map[string]any{"inputs.1.secret": false, "inputs.1.set": false,
		"inputs.1.value": nil})
	if strings.Contains(string(g.body), canary) {
		t.Errorf("the secret came to light: %s", g.body)
	}
	s.call(t, "PUT", at, fmt.Sprintf(`{"recipe":%s}`, strconv.Quote(peopleRecipe))).is(200).has(map[string]any{"inputs.1.set": false})
	// With the connection they are gone.
	s.call(t, "PUT", at, other.body("")).is(200)
	s.call(t, "DELETE", "/custom-connections/"+r.connection, "").is(204)
	s.call(t, "GET", at, "").is(404)
}
