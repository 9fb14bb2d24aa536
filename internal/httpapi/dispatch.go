package httpapi

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// operation serves one route: who asks, may he, what does he send, has this
// been answered before, and only then the handler.
func (a *api) operation(rt *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := traceOf(r.Context())
		if t.sent != nil {
			r.URL = t.sent
			if r.PathValue("recordId") == "//" {
				r.SetPathValue("recordId", "/")
			}
		}
		c := &call{api: a, r: r, route: rt, trace: t}
		c.trace.route = rt.path
		defer c.recycle()
		ans, err := a.answer(c)
		if err != nil {
			ans = a.refusal(r, err)
		}
		if a.Live != nil && r.Method != http.MethodGet && r.Method != http.MethodHead {
			a.Live.Hint()
		}
		if ans.follow != nil {
			ans.follow(w)
			return
		}
		if ans.stream != nil {
			a.send(c, w, ans)
			return
		}
		ans.write(w, r)
	})
}

// answer runs the stages of a request. A panic becomes an error, so that it
// ends one request and nothing else.
func (a *api) answer(c *call) (ans answer, err error) {
	defer recovered(&err)
	ctx := c.r.Context()
	if c.principal, err = a.authenticate(c); err != nil {
		return ans, err
	}
	if c.route.feature != alwaysOn {
		if err := a.Access.Admit(ctx, c.route.feature.of()); err != nil {
			return ans, err
		}
	}
	if !storable(c.r.URL.Path) {
		return ans, fault.New(fault.CodeNotFound, "there is no such object: the path is not UTF-8 text")
	}
	if c.body, err = c.readBody(); err != nil {
		return ans, err
	}
	if c.r.Method == http.MethodPost && c.route.scope != anyone {
		if key, given := c.r.Header["Idempotency-Key"]; given {
			return a.once(c, key[0])
		}
	}
	return a.handle(c)
}

// authenticate says who asks, if he may take the route.
func (a *api) authenticate(c *call) (access.Principal, error) {
	p, err := a.identify(c)
	if err == nil {
		err = a.authorise(c, p)
	}
	if err == nil {
		err = a.mayLook(c, p)
	}
	return p, err
}

// panicked is a panic that was caught.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

func recovered(err *error) {
	if v := recover(); v != nil {
		if v == http.ErrAbortHandler { //nolint:errorlint // a sentinel that is panicked with, never wrapped
			panic(v)
		}
		*err = &panicked{v, debug.Stack()}
	}
}

// bearer is the API key of a request.
func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// byMethod picks the handler of a path by method.
func (a *api) byMethod(pattern string, methods map[string]http.Handler) http.Handler {
	allowed := slices.Sorted(maps.Keys(methods))
	if methods[http.MethodGet] != nil {
		allowed = append(allowed, http.MethodHead)
		methods[http.MethodHead] = methods[http.MethodGet]
	}
	allow := strings.Join(allowed, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := methods[r.Method]; h != nil {
			h.ServeHTTP(w, r)
			return
		}
		traceOf(r.Context()).route = pattern
		w.Header().Set("Allow", allow)
		a.refusal(r, fault.New(fault.CodeMethodNotAllowed, "%s does not take %s; it takes %s.",
			cutText(r.URL.Path, 200), cutText(r.Method, 20), allow)).write(w, r)
	})
}

func (a *api) noEndpoint(w http.ResponseWriter, r *http.Request) {
	a.refusal(r, fault.New(fault.CodeEndpointNotFound, "There is no endpoint %s; GET /public/openapi.json lists all of them.",
		cutText(r.URL.Path, 200))).write(w, r)
}

// cleanPath keeps net/http from answering a path such as /public//v2 with a
// redirect of its own, which clients of an API do not follow with their body.
func (a *api) cleanPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.EscapedPath()
		if strings.HasPrefix(p, v1+"/") && strings.TrimSuffix(p, "/") != strings.TrimSuffix(path.Clean(p), "/") {
			a.noEndpoint(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// slashID shows the router // where a segment is an escaped / and nothing else:
// net/http takes that one for the end of the path, but it is the id of a record
// such as a mount point.
func slashID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawPath == "" {
			next.ServeHTTP(w, r)
			return
		}
		segments, found := strings.Split(r.URL.EscapedPath(), "/"), false
		for i, s := range segments {
			if strings.EqualFold(s, "%2F") {
				segments[i], found = s+s, true
			}
		}
		if found {
			sent, shown, text := r.URL, *r.URL, strings.Join(segments, "/")
			shown.RawPath = text
			if path, err := url.PathUnescape(text); err == nil {
				shown.Path = path
			}
			traceOf(r.Context()).sent = sent
			r = r.Clone(r.Context())
			r.URL = &shown
		}
		next.ServeHTTP(w, r)
	})
}

// once answers a request with an idempotency key: the first time by doing it,
// then from what was kept (contract decision 24).
func (a *api) once(c *call, key string) (answer, error) {
	if !idempotencyKey(key) {
		return answer{}, fault.New(fault.CodeValidation, "`Idempotency-Key` must have 1 to 255 visible ASCII characters")
	}
	ctx, keyID := c.r.Context(), c.actor().Owner()
	claim, err := a.Access.ClaimIdempotency(ctx, keyID, key, c.digest())
	switch {
	case err != nil:
		return answer{}, err
	case claim.Fresh:
		return a.first(c, key, claim)
	case !claim.Same && (claim.Done != nil || claim.Busy):
		return answer{}, fault.New(fault.CodeIdempotencyReused, "this `Idempotency-Key` came before with another request: use a new one")
	case claim.Done != nil:
		ans := answer{status: claim.Done.Status, body: claim.Done.Body}
		for _, name := range slices.Sorted(maps.Keys(claim.Done.Header)) {
			ans.set(name, claim.Done.Header[name])
		}
		ans.set("Idempotency-Replayed", "true")
		return ans, nil
	}
	busy := fault.New(fault.CodeIdempotencyBusy, "a request with this `Idempotency-Key` is in flight: try again shortly")
	busy.RetryAfter = time.Second
	return answer{}, busy
}

// first does a request that owns its idempotency key. The outcome is kept even
// if the client is gone by then: it will ask again.
func (a *api) first(c *call, key string, claim access.Claim) (answer, error) {
	ctx, keyID := detached(c.r.Context()), c.actor().Owner()
	ans, err := func() (ans answer, err error) {
		defer recovered(&err)
		return c.route.handle(a, c)
	}()
	if err != nil {
		ans = a.refusal(c.r, err)
	}
	if !final(ans.status) {
		a.noteLost(c, a.Access.ReleaseIdempotency(ctx, keyID, key, claim))
		return ans, nil
	}
	kept := access.Reply{Status: ans.status, Body: ans.body, Header: map[string]string{}}
	if ans.keep != nil {
		kept.Body = ans.keep
	}
	for _, h := range ans.header {
		if h.name != setCookie {
			kept.Header[h.name] = h.value
		}
	}
	a.noteLost(c, a.Access.FinishIdempotency(ctx, keyID, key, claim, kept))
	return ans, nil
}

// final tells whether a repetition would get the same answer. A failure may
// heal, and a conflict or a state that forbids something ends with other
// requests; what was refused was not done.
func final(status int) bool {
	return status < http.StatusInternalServerError && status != http.StatusConflict && status != http.StatusUnprocessableEntity
}

// noteLost logs that an idempotency key could not be settled. The request
// itself is done, and its answer stands.
func (a *api) noteLost(c *call, err error) {
	if err != nil {
		a.Log.LogAttrs(c.ctx(), slog.LevelError, "idempotency key not settled", failure(c.r, err)...)
	}
}

func idempotencyKey(key string) bool {
	return key != "" && len(key) <= 255 && !strings.ContainsFunc(key, func(r rune) bool { return r < 0x21 || r > 0x7e })
}

// document serves an OpenAPI document.
func (a *api) document(path string, text []byte) http.Handler {
	size := strconv.Itoa(len(text))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		traceOf(r.Context()).route = path
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Length", size)
		_, _ = w.Write(text)
	})
}
