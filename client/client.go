// Package client is the Go client of Plumbline's public API (`/public/v2`). It
// sends each request with the API key, repeats what a repetition can heal (see
// [Options.Attempts]), and turns refusals into an [*Error].
//
// A Client is safe for use by several goroutines. A [Pusher] is not.
package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options change how a Client works; the zero value is good for most uses.
type Options struct {
	// HTTPClient sends the requests; by default one without a time limit of its
	// own, so that the context decides. Redirects are never followed, because
	// a redirected write would arrive as a read.
	HTTPClient *http.Client
	// UserAgent names the program to the server.
	UserAgent string
	// Attempts is how often a request is sent at most, 6 by default. Repeated
	// are requests that got no answer and those answered with 429, 502, 503 or
	// 504, after the server's Retry-After or else a growing pause. Every POST
	// carries an Idempotency-Key, so that a repetition cannot do a thing twice;
	// a push of records with ids needs none.
	Attempts int
	// OnRetry, if set, is told before each pause.
	OnRetry func(Retry)

	// Now and Sleep are the clock, for tests. Sleep returns the context's error
	// when it ends before the pause does.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// Retry tells of a request that will be sent again.
type Retry struct {
	// Attempt is how often the request was sent so far.
	Attempt int
	// Wait is the pause before it is sent again.
	Wait time.Duration
	// Err is why it failed.
	Err error
}

// Client talks to one server with one key.
type Client struct {
	base  *url.URL
	key   string
	o     Options
	http  *http.Client
	pause func(attempt int) time.Duration
}

// New makes a client. The base URL is that of the server, such as
// http://127.0.0.1:8080; a path before `/public/v2` (of a proxy) may be part of
// it.
func New(baseURL, key string, o Options) (*Client, error) {
	u, err := url.Parse(strings.TrimSpace(baseURL))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("the URL %q is not that of a server: it must look like http://127.0.0.1:8080", baseURL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the URL of the server must not have a user, a query or a fragment")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the API key has a space, a line break or another character that no key has: copy it again")
	}
	u.Path = strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/public/v2")
	u.RawPath = ""
	if o.Attempts <= 0 {
		o.Attempts = 6
	}
	if o.UserAgent == "" {
		o.UserAgent = "plumbline-go"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.OnRetry == nil {
		o.OnRetry = func(Retry) {}
	}
	h := &http.Client{}
	if o.HTTPClient != nil {
		copied := *o.HTTPClient
		h = &copied
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{base: u, key: key, o: o, http: h, pause: backoff}, nil
}

// BaseURL is the URL of the server.
func (c *Client) BaseURL() string { return c.base.String() }

const (
	firstPause = 500 * time.Millisecond
	maxPause   = 30 * time.Second
)

// backoff doubles from half a second to half a minute, with the upper half of
// it random, so that many clients do not come back together.
func backoff(attempt int) time.Duration {
	d := maxPause
	if attempt < 7 {
		d = min(firstPause<<(attempt-1), maxPause)
	}
	return d/2 + rand.N(d/2+1)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
