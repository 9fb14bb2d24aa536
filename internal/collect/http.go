package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
	"github.com/plumbline-dev/plumbline/internal/outbound"
)

const (
	// maxAttempts is how often a request is made that fails for a moment,
	// maxWaits how often one that is told to wait.
	maxAttempts = 5
	maxWaits    = 12
	maxHops     = 5
	// maxRefusal bounds what is read of a reply that is an error.
	maxRefusal     = 64 << 10
	maxReplyHeader = 64 << 10
	// sideBySide is how many requests for details are under way at once.
	sideBySide = 6
)

// httpRun is a run over HTTP.
type httpRun struct {
	*engine
	source *httpSource
	client *http.Client
	base   *url.URL
	hosts  []string
	door   *door
	// accepted is whether the other side has let us in.
	accepted bool
}

// request is what is asked for, without credentials.
type request struct {
	method string
	url    *url.URL
	// body is JSON, or a form where form says so; nil for none.
	body []byte
	form bool
	// basic is the user and password of a request for a token, which carries
	// none of the other credentials; token says that it is one.
	token bool
	basic [2]string
}

type reply struct {
	status int
	header http.Header
	body   []byte
	url    *url.URL
}

func (e *engine) collectHTTP(ctx context.Context) error {
	h := &httpRun{engine: e, source: e.recipe.http}
	h.client = e.run.Outbound.Client(outbound.Options{HeaderBytes: maxReplyHeader, Connections: sideBySide})
	defer h.client.CloseIdleConnections()
	var err error
	if h.base, err = h.source.address(e.values); err != nil {
		return err
	}
	for _, t := range h.source.hosts {
		h.hosts = append(h.hosts, strings.ToLower(t.fill(e.values)))
	}
	if h.door, err = h.newDoor(); err != nil {
		return err
	}
	if h.source.auth == nil {
		h.enter()
	} else {
		h.begin(StepAuthenticate)
	}
	return h.pages(ctx)
}

// enter notes that the other side has let us in.
func (h *httpRun) enter() {
	if !h.accepted {
		h.accepted = true
		h.end(StepAuthenticate)
		h.begin(StepFetch)
	}
}

// at is the step that is under way.
func (h *httpRun) at() string {
	if h.accepted {
		return StepFetch
	}
	return StepAuthenticate
}

// address is the URL of the first request with its query.
func (s *httpSource) address(values map[string]string) (*url.URL, error) {
	text, err := s.url.fillURL(values)
	if err != nil {
		return nil, err
	}
	name := ""
	if len(s.url.parts) > 0 {
		name = s.url.parts[0].input
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return nil, &InputError{either(name, "url"), "must be an address that begins with https:// and holds no user name"}
	}
	query := u.Query()
	for _, p := range s.query {
		query.Add(p.name, p.value.fill(values))
	}
	if len(s.query) > 0 {
		u.RawQuery = query.Encode()
	}
	u.Fragment = ""
	return u, nil
}

func (s *httpSource) check(values map[string]string) error {
	_, err := s.address(values)
	return err
}

// send makes a request until it is answered for good. An answer that is an error
// is a failure, but for the statuses of fine.
func (h *httpRun) send(ctx context.Context, r request, fine ...int) (*reply, error) {
	waits, renewed := 0, false
	for attempt := 0; ; attempt++ {
		got, f, again := h.once(ctx, r)
		var wait pauseFor
		switch {
		case f == nil && (got.status/100 == 2 || slices.Contains(fine, got.status) && !h.waitFor(got).limited):
			return got, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case f == nil:
			if got.status == http.StatusUnauthorized && !r.token && !renewed && h.door.renew(ctx) {
				renewed = true
				continue
			}
			wait = h.waitFor(got)
			f = h.refused(r, got, wait)
			again = wait.again
		}
		if wait.told && again {
			if waits++; waits > maxWaits || !h.pause(ctx, wait.time) {
				return nil, f
			}
			continue
		}
		if !again || attempt+1 >= maxAttempts || f.Code == CodeTimeout && attempt > 0 || !h.pause(ctx, backoff(attempt)) {
			return nil, f
		}
	}
}

// once makes a request and follows its redirects.
func (h *httpRun) once(ctx context.Context, r request) (*reply, *StepError, bool) {
	ctx, cancel := context.WithTimeout(ctx, h.limits.Request)
	defer cancel()
	own := true
	for hop := 0; ; hop++ {
		got, f, again := h.single(ctx, r, own)
		if f != nil || got.status/100 != 3 || got.status == http.StatusNotModified {
			return got, f, again
		}
		to, err := r.url.Parse(got.header.Get("Location"))
		facts := []string{"status", strconv.Itoa(got.status), "host", r.url.Host, "url", plainURL(r.url)}
		switch {
		case err != nil || got.header.Get("Location") == "":
			return nil, failed(h.at(), CodeRedirect, facts, "%s sends us on, but does not say where to.", r.url.Host), false
		case hop >= maxHops:
			return nil, failed(h.at(), CodeRedirect, facts, "%s sends us on again and again.", r.url.Host), false
		case r.method != http.MethodGet && got.status != http.StatusTemporaryRedirect && got.status != http.StatusPermanentRedirect,
			r.token && !sameHost(r.url, to), !h.mayFollow(r.url, to):
			return nil, failed(h.at(), CodeRedirect, append(facts, "to", to.Scheme+"://"+to.Host), "%s sends us on to %s, where the recipe does not lead.", r.url.Host, to.Host), false
		}
		own = own && sameHost(r.url, to)
		r.url = to
	}
}

// sameHost reports whether two URLs lead to the same server, the second not less
// safely.
func sameHost(from, to *url.URL) bool {
	if from.Scheme == to.Scheme {
		return strings.EqualFold(from.Host, to.Host)
	}
	return to.Scheme == "https" && from.Scheme == "http" && strings.EqualFold(from.Hostname(), to.Hostname())
}

// mayFollow reports whether the recipe allows to go on to a URL.
func (h *httpRun) mayFollow(from, to *url.URL) bool {
	if to.User != nil || to.Scheme != "https" && to.Scheme != "http" || to.Scheme == "http" && from.Scheme == "https" {
		return false
	}
	return sameHost(from, to) || sameHost(h.base, to) || slices.Contains(h.hosts, strings.ToLower(to.Host))
}

// single makes one request. own says that it goes where the recipe leads, not
// where a redirect does: only then does it carry credentials.
func (h *httpRun) single(ctx context.Context, r request, own bool) (*reply, *StepError, bool) {
	u := *r.url
	var content io.Reader
	if r.body != nil {
		content = bytes.NewReader(r.body)
	}
	q, err := http.NewRequestWithContext(ctx, r.method, u.String(), content)
	if err != nil {
		return nil, failed(h.at(), CodeHTTPStatus, nil, "The request cannot be made."), false
	}
	q.Header.Set("User-Agent", "Plumbline")
	q.Header.Set("Accept", "application/json")
	switch {
	case r.form:
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case r.body != nil:
		q.Header.Set("Content-Type", "application/json")
	}
	switch {
	case r.token && r.basic[0] != "":
		q.SetBasicAuth(r.basic[0], r.basic[1])
	case !r.token && own:
		for _, p := range h.source.headers {
			q.Header.Set(p.name, strings.TrimSpace(p.value.fill(h.values)))
		}
		if err := h.door.open(ctx, q); err != nil {
			var f *StepError
			if errors.As(err, &f) {
				return nil, f, false
			}
			return nil, failed(h.at(), CodeTimeout, nil, "There is no access token."), false
		}
	}
	h.count(h.at(), CountRequests, 1)
	answer, err := h.client.Do(q)
	if err != nil {
		f, again := networkFailure(h.at(), u.Host, err)
		return nil, f, again
	}
	defer func() { _ = answer.Body.Close() }()
	return h.take(answer, &u)
}

// take reads a reply within its bounds.
func (h *httpRun) take(answer *http.Response, u *url.URL) (*reply, *StepError, bool) {
	out := &reply{status: answer.StatusCode, header: answer.Header, url: u}
	most := h.limits.ReplyBytes
	if answer.StatusCode/100 != 2 {
		most = maxRefusal
	}
	tooLarge := func() *StepError {
		return failed(StepFetch, CodeTooLarge, []string{"host", u.Host, "url", plainURL(u), "limit", strconv.FormatInt(most, 10)},
			"The reply of %s is larger than %s.", u.Host, size(most))
	}
	whole := answer.StatusCode/100 == 2
	if whole && answer.ContentLength > most {
		return nil, tooLarge(), false
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if f := h.read(int64(len(text))); f != nil {
		var e *StepError
		errors.As(f, &e)
		return nil, e, false
	}
	switch {
	case whole && int64(len(text)) > most:
		return nil, tooLarge(), false
	case whole && err != nil:
		f, again := networkFailure(h.at(), u.Host, err)
		return nil, f, again
	}
	out.body = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	return out, nil, false
}

// refused makes a failure of an answer that is an error.
func (h *httpRun) refused(r request, got *reply, wait pauseFor) *StepError {
	host := got.url.Host
	facts := []string{"status", strconv.Itoa(got.status), "host", host, "url", plainURL(got.url), "contentType", contentType(got), "snippet", h.said(got)}
	if wait.told {
		facts = append(facts, "retryAfter", strconv.FormatInt(int64(wait.time.Seconds()), 10))
	}
	if r.token && got.status/100 == 4 && got.status != http.StatusTooManyRequests {
		return tokenRefused(got, facts)
	}
	if got.status != http.StatusUnauthorized && !r.token {
		h.enter()
	}
	step := h.at()
	answered := fmt.Sprintf("%s answered %d", host, got.status)
	switch {
	case got.status == http.StatusTooManyRequests, wait.limited:
		return failed(step, CodeRateLimited, facts, "%s: there were too many requests.", answered)
	case got.status == http.StatusUnauthorized:
		return failed(step, CodeUnauthorized, facts, "%s: it does not accept the credentials.", answered)
	case got.status == http.StatusForbidden:
		return failed(step, CodeForbidden, facts, "%s: the credentials do not allow this.", answered)
	case got.status == http.StatusNotFound:
		return failed(step, CodeNotFound, facts, "%s: there is nothing at %s.", answered, plainURL(got.url))
	case got.status/100 == 5:
		return failed(step, CodeServerError, facts, "%s: it has a fault of its own.", answered)
	}
	return failed(step, CodeHTTPStatus, facts, "%s, which is no answer that can be used.", answered)
}

// said is what a reply says, as text.
func (h *httpRun) said(got *reply) string {
	text := string(got.body)
	if looksLikeHTML(got.body) {
		_, rest, _ := strings.Cut(text, "<title>")
		title, _, found := strings.Cut(rest, "</title>")
		if !found {
			title = ""
		}
		text = title
	}
	return h.redact.snippet(text)
}

func contentType(got *reply) string {
	kind, _, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

func looksLikeHTML(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) }

// plainURL is a URL without its query, which may hold what is nobody's business.
func plainURL(u *url.URL) string {
	c := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return c.String()
}

// decode reads a reply as JSON. An empty one is nothing.
func (h *httpRun) decode(got *reply) (any, error) {
	if len(bytes.TrimSpace(got.body)) == 0 {
		return nil, nil
	}
	v, err := jq.Decode(got.body)
	if err == nil {
		return v, nil
	}
	kind := contentType(got)
	facts := []string{"host", got.url.Host, "url", plainURL(got.url), "contentType", kind, "snippet", h.said(got)}
	if looksLikeHTML(got.body) || !strings.Contains(kind, "json") {
		what := either(kind, "something else")
		if looksLikeHTML(got.body) {
			what = "a web page"
		}
		return nil, failed(StepParse, CodeNotJSON, facts, "%s answered with %s instead of JSON.", got.url.Host, what)
	}
	return nil, failed(StepParse, CodeBadJSON, append(facts, "reason", err.Error()), "The reply of %s is not JSON that can be read.", got.url.Host)
}
