package collect

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// pageOf is a page of the numbers 0 to 6, three at a time.
func pageOf(from int) []map[string]any {
	out := []map[string]any{}
	for i := from; i < min(from+3, 7); i++ {
		out = append(out, map[string]any{"id": i})
	}
	return out
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		recipe string
		handle func(w http.ResponseWriter, q *http.Request)
	}{
		"link": {simple("pages: {link: {}}"), func(w http.ResponseWriter, q *http.Request) {
			after := number(q.FormValue("after"))
			if after < 6 {
				// A target may hold a comma, and a header several targets.
				w.Header().Add("Link", `</users?after=0,0>; rel="first"`)
				w.Header().Add("Link", fmt.Sprintf(`<x>; rel=prev, </users?after=%d>; title="a;b"; rel="next last"`, after+3))
			}
			answer(w, pageOf(after))
		}},
		"cursor": {simple("pages: {cursor: {from: .meta.next, parameter: at}}", "items: .users"), func(w http.ResponseWriter, q *http.Request) {
			at := number(q.FormValue("at"))
			next := any(strconv.Itoa(at + 3))
			if at == 6 {
				next = nil
			}
			answer(w, map[string]any{"users": pageOf(at), "meta": map[string]any{"next": next}})
		}},
		"cursor in the body": {simple("method: POST", "body: {query: {term: 'of ${baseUrl}', size: 3}}", "pages: {cursor: {from: .next, parameter: query.at, in: body}}", "items: .users[]"),
			func(w http.ResponseWriter, q *http.Request) {
				var body struct {
					Query struct {
						Term string
						Size int
						At   int
					}
				}
				if err := json.NewDecoder(q.Body).Decode(&body); err != nil || body.Query.Size != 3 || body.Query.Term != "of http://"+q.Host {
					http.Error(w, "what?", http.StatusBadRequest)
					return
				}
				out := map[string]any{"users": pageOf(body.Query.At)}
				if body.Query.At < 6 {
					out["next"] = body.Query.At + 3
				}
				answer(w, out)
			}},
		"cursor is the URL": {simple("pages: {cursor: {from: '.\"@odata.nextLink\"', url: true}}", "items: .value"), func(w http.ResponseWriter, q *http.Request) {
			at := number(q.FormValue("$skip"))
			out := map[string]any{"value": pageOf(at)}
			if at < 6 {
				out["@odata.nextLink"] = fmt.Sprintf("http://%s/users?$skip=%d", q.Host, at+3)
			}
			answer(w, out)
		}},
		"page": {simple("pages: {page: {parameter: page, size: {parameter: per_page, value: 3}}}", "query: {page: 9, sort: id}"), func(w http.ResponseWriter, q *http.Request) {
			if q.FormValue("per_page") != "3" || q.FormValue("sort") != "id" || len(q.Form["page"]) != 1 {
				http.Error(w, "what?", http.StatusBadRequest)
				return
			}
			answer(w, pageOf((number(q.FormValue("page"))-1)*3))
		}},
		"page without a size": {simple("pages: {page: {parameter: page, first: 0}}"), func(w http.ResponseWriter, q *http.Request) {
			answer(w, pageOf(number(q.FormValue("page"))*3))
		}},
		"offset": {simple("pages: {offset: {parameter: start, size: {parameter: limit, value: 3}}}", "items: .users"), func(w http.ResponseWriter, q *http.Request) {
			answer(w, map[string]any{"users": pageOf(number(q.FormValue("start")))})
		}},
		"offset without a size": {simple("pages: {offset: {parameter: start}}"), func(w http.ResponseWriter, q *http.Request) {
			answer(w, pageOf(number(q.FormValue("start"))))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.handle)
			o := collected(t, c.recipe, Run{Inputs: map[string]string{"baseUrl": s.URL}})
			if o.err != nil {
				t.Fatal(o.err)
			}
			same(t, o.records, `{"id":0}`, `{"id":1}`, `{"id":2}`, `{"id":3}`, `{"id":4}`, `{"id":5}`, `{"id":6}`)
			if fetch := o.step(StepFetch); fetch.Counts[CountPages] < 3 || fetch.Counts[CountRequests] != fetch.Counts[CountPages] || fetch.Counts[CountBytes] < 50 {
				t.Errorf("fetch counts %v", fetch.Counts)
			}
			if parse := o.step(StepParse); parse.Counts[CountItems] != 7 || parse.Counts[CountRecords] != 7 {
				t.Errorf("parse counts %v", parse.Counts)
			}
		})
	}
}

func TestDetails(t *testing.T) {
	var most, now atomic.Int32
	var both sync.Once
	two := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/users" {
			list := []map[string]any{}
			for i := range 40 {
				list = append(list, map[string]any{"id": fmt.Sprintf("u%d", i)})
			}
			answer(w, list)
			return
		}
		n := now.Add(1)
		defer now.Add(-1)
		for was := most.Load(); n > was && !most.CompareAndSwap(was, n); was = most.Load() {
		}
		// The first waits for a second one beside it.
		if n == 2 {
			both.Do(func() { close(two) })
		}
		select {
		case <-two:
		case <-q.Context().Done():
		}
		switch {
		case strings.HasSuffix(q.URL.Path, "/u3/factors"):
			http.NotFound(w, q)
		case q.Header.Get("Authorization") != "Bearer secret":
			http.Error(w, "no", http.StatusUnauthorized)
		case strings.HasSuffix(q.URL.Path, "/factors"):
			answer(w, map[string]any{"list": []string{strings.Split(q.URL.Path, "/")[2]}})
		default:
			answer(w, map[string]any{"n": q.FormValue("of")})
		}
	})
	o := collected(t, simple("auth: {bearer: '${token}'}", "details:",
		`  - {as: factors, url: '"\($baseUrl)/users/\(.id)/factors"', absent: [404], items: .list}`,
		`  - {as: group, url: 'if $factors then "/groups?of=\($factors[0])" else null end'}`)+
		"record: '{id, factors: $factors, group: $group.n, at: $now}'\n", Run{Inputs: map[string]string{"baseUrl": s.URL, "token": "secret"}})
	if o.err != nil || len(o.records) != 40 {
		t.Fatalf("%v, %d records", o.err, len(o.records))
	}
	for i, got := range o.records {
		want := fmt.Sprintf(`{"at":"2026-11-21T09:00:00Z","factors":["u%d"],"group":"u%d","id":"u%d"}`, i, i, i)
		if i == 3 {
			want = `{"at":"2026-11-21T09:00:00Z","factors":null,"group":null,"id":"u3"}`
		}
		if got != want {
			t.Errorf("record %d: %s", i, got)
		}
	}
	if most.Load() < 2 || most.Load() > sideBySide {
		t.Errorf("%d requests at once", most.Load())
	}
}

func TestFailures(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	elsewhere := serve(t, func(w http.ResponseWriter, q *http.Request) {
		t.Errorf("a request came to another host: %s %v", q.URL, q.Header)
		answer(w, pageOf(0))
	})
	status := func(code int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, text)
		}
	}
	page := func(kind, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, text)
		}
	}
	for name, c := range map[string]struct {
		more    []string
		record  string
		handle  http.HandlerFunc
		url     string
		limits  Limits
		policy  outbound.Policy
		code    string
		step    string
		facts   map[string]string
		records int
	}{
		"no such name":         {url: "https://nowhere.invalid", code: CodeDNS, step: StepFetch},
		"nobody listens":       {url: closed.URL, code: CodeConnectionRefused, step: StepFetch, facts: map[string]string{"reason": "refused"}},
		"a private address":    {url: "https://10.1.2.3", code: CodeAddressNotAllowed, step: StepFetch, facts: map[string]string{"reason": "private"}},
		"without encryption":   {url: "http://8.8.8.8", code: CodeAddressNotAllowed, step: StepFetch, facts: map[string]string{"reason": "plain"}},
		"unknown certificate":  {url: secure.URL, code: CodeTLS, step: StepFetch},
		"no TLS there":         {url: "https" + strings.TrimPrefix(elsewhere.URL, "http"), code: CodeTLS, step: StepFetch},
		"401":                  {handle: status(401, "who are you?"), code: CodeUnauthorized, step: StepFetch, facts: map[string]string{"status": "401", "snippet": "who are you?"}},
		"401 with credentials": {more: []string{"auth: {bearer: abcd}"}, handle: status(401, ""), code: CodeUnauthorized, step: StepAuthenticate},
		"403":                  {more: []string{"auth: {bearer: abcd}"}, handle: status(403, `{"message": "scope \"x\""}`), code: CodeForbidden, step: StepFetch},
		"404":                  {handle: status(404, "<html><title>Not here</title>"), code: CodeNotFound, step: StepFetch, facts: map[string]string{"snippet": "Not here"}},
		"500":                  {handle: status(500, ""), code: CodeServerError, step: StepFetch},
		"418":                  {handle: status(418, ""), code: CodeHTTPStatus, step: StepFetch, facts: map[string]string{"status": "418"}},
		"a web page": {handle: page("text/html; charset=utf-8", "<!doctype html><title>Sign in</title>"), code: CodeNotJSON, step: StepParse,
			facts: map[string]string{"contentType": "text/html", "snippet": "Sign in"}},
		"plain text": {handle: page("text/plain", "hello"), code: CodeNotJSON, step: StepParse},
		"cut off":    {handle: page("application/json", `[{"id":1},`), code: CodeBadJSON, step: StepParse},
		"two values": {handle: page("application/json", `{} {}`), code: CodeBadJSON, step: StepParse},
		"too large": {handle: page("application/json", `["`+strings.Repeat("x", 2000)+`"]`), limits: Limits{ReplyBytes: 1000}, code: CodeTooLarge, step: StepFetch,
			facts: map[string]string{"limit": "1000"}},
		"too large once it is unpacked": {handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.Copy(z, io.LimitReader(zeros{}, 64<<20))
			_ = z.Close()
		}, limits: Limits{ReplyBytes: 1 << 20}, code: CodeTooLarge, step: StepFetch},
		"endless": {handle: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, zeros{}) }, limits: Limits{ReplyBytes: 1 << 20}, code: CodeTooLarge, step: StepFetch},
		"too much together": {more: []string{"pages: {page: {parameter: p}}"}, handle: func(w http.ResponseWriter, q *http.Request) {
			answer(w, []string{q.FormValue("p"), strings.Repeat("x", 400)})
		}, record: "empty", limits: Limits{TotalBytes: 1000}, code: CodeTooLarge, step: StepFetch},
		"pages without end": {more: []string{"pages: {page: {parameter: p}}"}, handle: func(w http.ResponseWriter, q *http.Request) {
			answer(w, []map[string]string{{"id": q.FormValue("p")}})
		}, limits: Limits{Pages: 5}, code: CodeTooManyPages, step: StepFetch, records: 5},
		"the page is not heeded": {more: []string{"pages: {page: {parameter: p}}"}, handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(0)) },
			code: CodeLoop, step: StepFetch, records: 3},
		"links in a ring": {more: []string{"pages: {link: {}}"}, handle: func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set("Link", fmt.Sprintf("</users?n=%d>; rel=next", (number(q.FormValue("n"))+1)%2))
			answer(w, pageOf(6))
		}, code: CodeLoop, step: StepFetch, records: 3},
		"a cursor that stands still": {more: []string{"pages: {cursor: {from: '\"x\"', parameter: at}}"}, handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(6)) },
			code: CodeLoop, step: StepFetch, records: 2},
		"a link to another host": {more: []string{"pages: {link: {}}"}, handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "<"+elsewhere.URL+"/users>; rel=next")
			answer(w, pageOf(6))
		}, code: CodeRedirect, step: StepFetch, records: 1},
		"sent to another host": {more: []string{"auth: {bearer: abcd}"}, handle: func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, elsewhere.URL, http.StatusFound)
		}, code: CodeRedirect, step: StepAuthenticate, facts: map[string]string{"to": elsewhere.URL}},
		"sent to a private address": {handle: func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "http://169.254.169.254/latest", http.StatusFound)
		},
			code: CodeRedirect, step: StepFetch},
		"sent in a ring": {handle: func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, "/users", http.StatusFound) }, code: CodeRedirect, step: StepFetch},
		"sent nowhere":   {handle: status(302, ""), code: CodeRedirect, step: StepFetch},
		"details elsewhere": {more: []string{`details: [{as: more, url: '"` + elsewhere.URL + `/x"'}]`}, handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(6)) },
			code: CodeRedirect, step: StepFetch, facts: map[string]string{"item": "1"}},
		"details without a URL": {more: []string{`details: [{as: more, url: '.id'}]`}, handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(6)) },
			code: CodeExpression, step: StepParse},
		"an item that does not fit": {handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(5)) }, record: "if .id == 6 then .id[0] else . end", code: CodeExpression, step: StepParse,
			facts: map[string]string{"item": "2", "expression": "record"}, records: 1},
		"no object":             {handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(5)) }, record: ".id", code: CodeNotAnObject, step: StepParse, facts: map[string]string{"kind": "a number"}},
		"an endless expression": {handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(6)) }, record: "def f: f; f", limits: Limits{Time: 200 * time.Millisecond}, code: CodeTimeout, step: StepFetch},
		"a record too large": {handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(6)) }, record: "reduce range(40) as $i ({}; {a: ., b: .})", limits: Limits{RecordBytes: 1 << 20},
			code: CodeTooLarge, step: StepParse},
		"too many items": {handle: func(w http.ResponseWriter, _ *http.Request) { answer(w, pageOf(0)) }, limits: Limits{Items: 2}, code: CodeTooLarge, step: StepParse, records: 2},
		"a slow drip": {handle: func(w http.ResponseWriter, q *http.Request) {
			for q.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				<-time.After(time.Millisecond)
			}
		}, limits: Limits{Request: 50 * time.Millisecond}, code: CodeTimeout, step: StepFetch},
	} {
		t.Run(name, func(t *testing.T) {
			to := c.url
			if to == "" {
				to = serve(t, c.handle).URL
			}
			recipe := simple(c.more...)
			if c.record != "" {
				recipe += "record: " + strconv.Quote(c.record) + "\n"
			}
			o := collected(t, recipe, Run{Inputs: map[string]string{"baseUrl": to}, Limits: c.limits, Outbound: c.policy})
			f := o.failure(t)
			if f.Code != c.code || f.step != c.step || f.Message == "" || !strings.HasSuffix(f.Message, ".") {
				t.Errorf("%s in %s: %s %v", f.Code, f.step, f.Message, f.Facts)
			}
			for name, want := range c.facts {
				if f.Facts[name] != want {
					t.Errorf("%s is %q, want %q", name, f.Facts[name], want)
				}
			}
			if c.records > 0 && len(o.records) != c.records {
				t.Errorf("%d records came before, want %d", len(o.records), c.records)
			}
			for _, s := range o.told[len(o.told)-1:] {
				if s.EndedAt.IsZero() {
					t.Error("a step was left open")
				}
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestRetries(t *testing.T) {
	at := start.Add(90 * time.Second)
	for name, c := range map[string]struct {
		status  int
		header  map[string]string
		times   int
		code    string
		waits   []time.Duration
		atLeast int
		fact    string
	}{
		"429 in seconds":      {429, map[string]string{"Retry-After": "7"}, 2, "", []time.Duration{7 * time.Second, 7 * time.Second}, 0, ""},
		"503 until a date":    {503, map[string]string{"Retry-After": at.Format(http.TimeFormat)}, 1, "", []time.Duration{90 * time.Second}, 0, ""},
		"429 until a reset":   {429, map[string]string{"X-Rate-Limit-Reset": strconv.FormatInt(at.Unix(), 10)}, 1, "", []time.Duration{91 * time.Second}, 0, ""},
		"403 that is a limit": {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(at.Unix(), 10)}, 1, "", []time.Duration{91 * time.Second}, 0, ""},
		"403":                 {403, nil, 1, CodeForbidden, nil, 0, ""},
		"500":                 {500, nil, 1, CodeServerError, nil, 0, ""},
		"502 for a moment":    {502, nil, 2, "", nil, 2, ""},
		"503 for good":        {503, nil, 100, CodeServerError, nil, maxAttempts - 1, ""},
		"429 for good":        {429, map[string]string{"Retry-After": "1"}, 100, CodeRateLimited, nil, maxWaits, "1"},
		"429 for too long":    {429, map[string]string{"Retry-After": "86400"}, 1, CodeRateLimited, []time.Duration{}, 0, "86400"},
	} {
		t.Run(name, func(t *testing.T) {
			left := c.times
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if left == 0 {
					answer(w, pageOf(6))
					return
				}
				left--
				for name, value := range c.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
			})
			o := collected(t, simple(), Run{Inputs: map[string]string{"baseUrl": s.URL}})
			if c.code != "" {
				if f := o.failure(t); f.Code != c.code || f.Facts["retryAfter"] != c.fact {
					t.Errorf("%s %v", f.Code, f.Facts)
				}
			} else if o.err != nil {
				t.Error(o.err)
			}
			if c.waits != nil && fmt.Sprint(o.waits) != fmt.Sprint(c.waits) {
				t.Errorf("waited %v, want %v", o.waits, c.waits)
			}
			if len(o.waits) < c.atLeast {
				t.Errorf("waited %v", o.waits)
			}
		})
	}

	// A connection that is cut off is made anew.
	var asked atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "[")
			panic(http.ErrAbortHandler)
		}
		answer(w, pageOf(6))
	})
	if o := collected(t, simple(), Run{Inputs: map[string]string{"baseUrl": s.URL}}); o.err != nil || len(o.records) != 1 {
		t.Errorf("%v, %d records", o.err, len(o.records))
	}
}

// Within the same host a redirect keeps the credentials; to a host that the
// recipe names it leaves them behind.
func TestRedirects(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, q *http.Request) {
		if q.Header.Get("Authorization") != "" || q.Header.Get("X-Extra") != "" {
			t.Errorf("credentials went along: %v", q.Header)
		}
		answer(w, pageOf(6))
	})
	host := strings.TrimPrefix(other.URL, "http://")
	s := serve(t, func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/users":
			http.Redirect(w, q, "/v2/users", http.StatusMovedPermanently)
		case "/v2/users":
			if q.Header.Get("Authorization") != "Bearer abcd" || q.Header.Get("X-Extra") != "abcd" {
				t.Errorf("credentials were lost: %v", q.Header)
			}
			http.Redirect(w, q, other.URL, http.StatusFound)
		}
	})
	o := collected(t, simple("auth: {bearer: '${token}'}", "headers: {X-Extra: '${token}'}", "hosts: ["+host+"]"), Run{Inputs: map[string]string{"baseUrl": s.URL, "token": "abcd"}})
	if o.err != nil || len(o.records) != 1 {
		t.Error(o.err, o.records)
	}
}

// What ends a run from outside.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, q *http.Request) {
		if q.FormValue("p") == "3" {
			cancel()
			<-q.Context().Done()
		}
		answer(w, []map[string]string{{"id": q.FormValue("p")}})
	})
	r := parsed(t, simple("pages: {page: {parameter: p}}"))
	o := collectedBy(ctx, r, Run{Inputs: map[string]string{"baseUrl": s.URL}})
	if f := o.failure(t); f.Code != CodeCanceled || len(o.records) != 2 {
		t.Errorf("%v, %d records", f, len(o.records))
	}
	full := errors.New("the session is gone")
	o = collectedBy(t.Context(), r, Run{Inputs: map[string]string{"baseUrl": s.URL}, Emit: func([]byte) error { return full }})
	if !errors.Is(o.err, full) || o.step(StepFetch).EndedAt.IsZero() || o.step(StepFetch).Err != nil {
		t.Errorf("%v, %+v", o.err, o.steps)
	}
	o = collectedBy(t.Context(), parsed(t, simple()), Run{Inputs: map[string]string{"baseUrl": s.URL}, Outbound: outbound.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}})
	if f := o.failure(t); f.Code != CodeAddressNotAllowed {
		t.Error(f)
	}
}
