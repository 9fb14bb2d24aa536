package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/diagnosis/chat"
	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// model is a server of the chat completions protocol.
type model struct {
	url string

	mu     sync.Mutex
	answer http.HandlerFunc
	asked  []string
	keys   []string
}

// newModel starts one that streams what it is told to say.
func newModel(t testing.TB) *model {
	m := &model{}
	m.says("The value of one property has another type than the schema says.\n1. Change the sender.")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		m.mu.Lock()
		m.asked, m.keys = append(m.asked, string(body)), append(m.keys, r.Header.Get("Authorization"))
		answer := m.answer
		m.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	m.url = s.URL + "/v1"
	return m
}

func (m *model) does(answer http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = answer
}

func (m *model) says(text string) {
	m.does(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, piece := range strings.SplitAfter(text, " ") {
			delta, err := json.Marshal(map[string]any{"model": "tiny-1", "choices": []any{map[string]any{"delta": map[string]any{"content": piece}}}})
			if err != nil {
				panic(err)
			}
			_, _ = fmt.Fprintf(w, "data: %s\n\n", delta)
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	})
}

// heard is what it was asked since the last look.
func (m *model) heard() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.asked
	m.asked = nil
	return out
}

// asking is the client that a test server asks models with.
func asking() diagnosis.Model {
	policy := outbound.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	return chat.New(policy.Client(outbound.Options{}))
}

const aiProvider = "/settings/ai-provider"

func aiProviderCase(t *testing.T, s *server) {
	m := newModel(t)
	s.call(t, "GET", aiProvider, "").is(200).has(map[string]any{"enabled": false, "url": "", "model": "", "maxTokens": 1000, "keySet": false, "updatedAt": nil})
	s.call(t, "POST", aiProvider+"/actions", `{"action":"test"}`).refused(422, 42201, "set the address")
	for body, pointer := range map[string]string{
		`{"url":"ftp://x"}`: "/url", `{"enabled":true}`: "/url", `{"maxTokens":5}`: "/maxTokens", `{"key":"a b"}`: "/key", `{"keys":"a"}`: "/keys", `{"model":5}`: "/model",
	} {
		s.call(t, "PUT", aiProvider, body).is(400).has(map[string]any{"pointer": pointer})
	}
	s.call(t, "PUT", aiProvider, fmt.Sprintf(`{"url":%q,"model":"tiny","key":"sk-secret","maxTokens":200}`, m.url+"/")).is(200).
		has(map[string]any{"url": m.url, "model": "tiny", "maxTokens": 200, "keySet": true, "key": absent, "enabled": false})
	s.call(t, "GET", aiProvider, "").is(200).has(map[string]any{"url": m.url, "keySet": true, "key": absent})
	s.call(t, "PUT", aiProvider, `{"url":"https://other.example/v1"}`).refused(400, 40001, "given anew").has(map[string]any{"pointer": "/key"})
	s.call(t, "POST", aiProvider+"/actions", `{"action":"test"}`).is(200).has(map[string]any{"ok": true, "model": "tiny-1", "message": "The model answered."})
	if len(m.heard()) != 1 || m.keys[0] != "Bearer sk-secret" {
		t.Errorf("asked with %v", m.keys)
	}
	m.does(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	s.call(t, "POST", aiProvider+"/actions", `{"action":"test"}`).is(200).has(map[string]any{"ok": false, "message": "The AI provider does not accept the key (status 401)."})
	s.call(t, "POST", aiProvider+"/actions", `{"action":"learn"}`).refused(400, 40001, "test")
	s.call(t, "PUT", aiProvider, `{"key":null}`).is(200).has(map[string]any{"keySet": false})

	reader := s.newKey(access.Read)
	s.call(t, "GET", aiProvider, "", as(reader)).is(200)
	s.call(t, "PUT", aiProvider, `{}`, as(reader)).is(403)
	s.call(t, "POST", aiProvider+"/actions", `{"action":"test"}`, as(reader)).is(403)
	g := s.call(t, "GET", "/events?expand[]=metadata&type=AI_PROVIDER_UPDATED", "").is(200).has(map[string]any{"data.0.metadata.keySet": false, "data.1.metadata.keySet": true,
		"data.1.metadata.keyChanged": true, "data.1.metadata.url": m.url, "data.0.category": "COMPANY"})
	if strings.Contains(string(g.body), "sk-secret") {
		t.Errorf("the key is in an event: %s", g.body)
	}
	s.call(t, "GET", "/events?type=AI_PROVIDER_TESTED", "").is(200).has(map[string]any{"data.1.type": "AI_PROVIDER_TESTED", "data.2": absent})
}

func diagnosisCase(t *testing.T, s *server) {
	m := newModel(t)
	r := s.resource(t)
	path := "/connections/" + r.connection + "/diagnosis"
	s.call(t, "GET", path, "").is(200).has(map[string]any{"healthy": false, "source": "RULES", "causes.0.pattern": "never-received", "causes.0.code": "NO_DATA", "causes.0.step": nil,
		"causes.0.steps.0.page": "api", "madeFrom.runIds": "[]", "madeFrom.startedAt": nil, "summary.state": "OFF", "summary.text": nil, "summary.stale": false})
	push := func(records string) {
		s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[`+records+`]}`).is(200)
	}
	push(`{"id":"1","email":"a@x","mfa":true},{"id":"2","email":"b@x","mfa":true}`)
	s.call(t, "GET", path, "").is(200).has(map[string]any{"healthy": true, "causes": "[]"})
	s.call(t, "POST", path, "").is(200).has(map[string]any{"healthy": true})

	push(`{"id":"3","email":"c@x","mfa":"Sesame"},{"id":"4","email":"d@x","mfa":true}`)
	g := s.call(t, "GET", path, "").is(200).has(map[string]any{"healthy": false, "causes.0.pattern": "schema-type", "causes.0.code": "SCHEMA", "causes.0.step": "VALIDATE",
		"causes.0.resourceId": r.id, "causes.0.steps.0.page": "schema", "causes.1": absent, "summary.state": "OFF"})
	if text := g.text("causes.0.text"); !strings.Contains(text, "“mfa” must be boolean") || !strings.HasPrefix(text, "1 record was refused") {
		t.Errorf("the text is %s", text)
	}
	if g.text("madeFrom.startedAt") == "<nil>" || g.length("madeFrom.runIds") != 1 {
		t.Errorf("made from %s", g.body)
	}
	// Without a provider asking changes nothing, and nothing can be rated.
	s.call(t, "POST", path, "").is(200).has(map[string]any{"summary.state": "OFF", "causes.0.pattern": "schema-type"})
	s.call(t, "POST", path+"/feedback", `{"helpful":true}`).refused(409, 40901, "no summary")
	s.call(t, "PUT", aiProvider, fmt.Sprintf(`{"url":%q,"model":"tiny","enabled":true,"key":null}`, m.url)).is(200)
	s.call(t, "GET", path, "").is(200).has(map[string]any{"summary.state": "ABSENT", "summary.message": "Nobody asked for a summary yet."})
	made := s.call(t, "POST", path, "").is(200).has(map[string]any{"summary.state": "READY", "summary.model": "tiny-1", "summary.source": "AI", "summary.message": nil,
		"summary.helpful": nil, "summary.stale": false})
	if !strings.HasPrefix(made.text("summary.text"), "The value of one property") {
		t.Errorf("the summary is %s", made.body)
	}
	asked := m.heard()
	if len(asked) != 1 || !strings.Contains(asked[0], "mfa") || strings.Contains(asked[0], "Sesame") || strings.Contains(asked[0], "c@x") || strings.Contains(asked[0], m.url) {
		t.Errorf("asked %q", asked)
	}
	s.call(t, "POST", path, "").refused(429, 42901, "a moment ago")
	s.call(t, "GET", path, "").is(200).has(map[string]any{"summary.state": "READY", "summary.createdAt": made.at("summary.createdAt"), "summary.madeFrom.runIds": made.at("madeFrom.runIds")})

	for body, helpful := range map[string]any{`{"helpful":true}`: true, `{"helpful":false}`: false} {
		s.call(t, "POST", path+"/feedback", body).is(200).has(map[string]any{"summary.helpful": helpful})
		s.call(t, "GET", path, "").is(200).has(map[string]any{"summary.helpful": helpful})
	}
	s.call(t, "POST", path+"/feedback", `{"helpful":null}`).is(200).has(map[string]any{"summary.helpful": nil})
	for _, body := range []string{`{}`, `{"helpful":"yes"}`, `{"helpful":true,"why":"x"}`} {
		s.call(t, "POST", path+"/feedback", body).is(400)
	}

	// Newer data takes the summary away.
	s.clock.advance(2 * time.Minute)
	push(`{"id":"5","mfa":true}`)
	s.call(t, "GET", path, "").is(200).has(map[string]any{"causes.0.pattern": "schema-missing", "summary.state": "OUTDATED", "summary.text": nil, "summary.stale": true})
	s.call(t, "POST", path+"/feedback", `{"helpful":true}`).refused(409, 40901, "as it is now")

	// What is of no use is not shown; the rules stand.
	m.says("<b>All the records are good.</b> Nothing is to be done.")
	s.call(t, "POST", path, "").is(200).has(map[string]any{"summary.state": "FAILED", "summary.text": nil, "causes.0.pattern": "schema-missing",
		"summary.message": "There is no summary. The model's answer has HTML or code in it."})
	s.call(t, "GET", path, "").is(200).has(map[string]any{"summary.state": "FAILED"})

	// Who may what, and where.
	reader := s.newKey(access.Read)
	s.call(t, "GET", path, "", as(reader)).is(200)
	s.call(t, "POST", path, "", as(reader)).is(403)
	s.call(t, "POST", path+"/feedback", `{"helpful":true}`, as(reader)).is(403)
	for _, id := range []string{"999999", "99999999999999999999"} {
		s.call(t, "GET", "/connections/"+id+"/diagnosis", "").refused(404, 40401, "")
		s.call(t, "POST", "/connections/"+id+"/diagnosis", "").refused(404, 40401, "")
		s.call(t, "POST", "/connections/"+id+"/diagnosis/feedback", `{"helpful":true}`).refused(404, 40401, "")
	}
	s.diagnosisStream(t, m, path)
	for ty, n := range map[string]int{"REQUESTED": 4, "CREATED": 2, "FAILED": 2, "RATED": 3} {
		g := s.call(t, "GET", "/events?expand[]=metadata&type=CONNECTION_SUMMARY_"+ty+"&connectionId="+r.connection, "").is(200)
		if g.length("data") != n || strings.Contains(string(g.body), "property") {
			t.Errorf("%s: %s", ty, g.body)
		}
	}
	s.call(t, "PUT", aiProvider, `{"enabled":false}`).is(200)
	s.call(t, "GET", path, "").is(200).has(map[string]any{"summary.state": "OFF"})
}

// diagnosisStream asks over a real connection for a stream.
func (s *server) diagnosisStream(t *testing.T, m *model, path string) {
	t.Helper()
	real := httptest.NewServer(s.handler)
	defer real.Close()
	ask := func(ctx context.Context) *http.Response {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, real.URL+"/public/v2"+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.key)
		r.Header.Set("Accept", "text/event-stream")
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	// Before the first piece a refusal is a reply like any other.
	early := ask(t.Context())
	_ = early.Body.Close()
	if early.StatusCode != http.StatusTooManyRequests || early.Header.Get("Retry-After") == "" {
		t.Errorf("too early: %d", early.StatusCode)
	}

	// The first piece comes while the model goes on.
	heard := make(chan struct{})
	m.does(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"delta":{"content":"The sender left "}}]}`+"\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-heard:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, `data: {"choices":[{"delta":{"content":"a property out."},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	})
	s.clock.advance(time.Minute)
	reply := ask(t.Context())
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK || reply.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", reply.StatusCode, reply.Header)
	}
	var got []string
	for lines := bufio.NewScanner(reply.Body); lines.Scan(); {
		if line := lines.Text(); line != "" {
			got = append(got, line)
			if strings.Contains(line, "The sender left ") && len(got) == 2 {
				close(heard)
			}
		}
	}
	if len(got) != 6 || got[0] != "event: piece" || got[1] != `data: {"text":"The sender left "}` || got[3] != `data: {"text":"a property out."}` || got[4] != "event: done" ||
		!strings.Contains(got[5], `"text":"The sender left a property out."`) || !strings.Contains(got[5], `"state":"READY"`) {
		t.Errorf("the stream is %q", got)
	}

	// What was told of a text that turns out to be of no use is taken back at the end.
	s.clock.advance(time.Minute)
	m.says("Go to https://evil.example and log in.")
	reply = ask(t.Context())
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil || !strings.Contains(string(text), `"state":"FAILED"`) || !strings.Contains(string(text), "has links in it") {
		t.Errorf("%v: %s", err, text)
	}
}
