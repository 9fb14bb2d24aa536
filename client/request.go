package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	prefix = "/public/v2"
	// maxReply bounds what a server can make us keep in memory.
	maxReply = 256 << 20
	// maxRetryAfter bounds how long a server can make us wait.
	maxRetryAfter = 5 * time.Minute
	// busyPatience is how long a request is repeated while the server says that
	// one with its idempotency key is in flight: a server that died in the
	// middle of it frees the key within five minutes.
	busyPatience = 6 * time.Minute
)

type request struct {
	method string
	// path follows /public/v2 and is escaped.
	path  string
	query url.Values
	body  []byte
	// header is added to the request.
	header http.Header
	// file asks for something else than JSON.
	file bool
	// repeatable is true for a POST that may be done twice: it goes without an
	// idempotency key, for which the server would have to keep the reply.
	repeatable bool
}

// send sends a request, repeats it where that can heal it, and decodes the
// answer into out, if out is not nil.
func (c *Client) send(ctx context.Context, r request, out any) (http.Header, error) {
	idempotencyKey := ""
	if r.method == http.MethodPost && !r.repeatable {
		idempotencyKey = uuid.NewString()
	}
	var busy time.Duration
	for attempt := 1; ; attempt++ {
		header, body, err := c.once(ctx, r, idempotencyKey)
		if err == nil {
			return header, decode(body, out)
		}
		if ctx.Err() != nil {
			return header, ctx.Err()
		}
		wait, again := c.again(err, attempt)
		if IsCode(err, CodeIdempotencyBusy) && idempotencyKey != "" && attempt > 1 {
			again = busy < busyPatience
			busy += wait
		}
		if !again {
			return header, err
		}
		c.o.OnRetry(Retry{Attempt: attempt, Wait: wait, Err: err})
		if err := c.o.Sleep(ctx, wait); err != nil {
			return header, err
		}
	}
}

// again tells whether a repetition can heal err, and after which pause.
func (c *Client) again(err error, attempt int) (time.Duration, bool) {
	wait := c.pause(attempt)
	var e *Error
	var n *NetworkError
	switch {
	case errors.As(err, &e):
		if e.RetryAfter > 0 {
			wait = min(e.RetryAfter, maxRetryAfter)
		}
		switch e.Status {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return wait, attempt < c.o.Attempts
		}
		return wait, false
	case errors.As(err, &n):
		return wait, attempt < c.o.Attempts
	}
	return 0, false
}

func (c *Client) once(ctx context.Context, r request, idempotencyKey string) (http.Header, []byte, error) {
	resp, err := c.open(ctx, r, idempotencyKey)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return resp.Header, nil, &NetworkError{URL: c.base.String(), Err: err}
	}
	if len(text) > maxReply {
		return resp.Header, nil, errors.New("the answer is larger than 256 MB: ask for smaller pages")
	}
	if resp.StatusCode/100 != 2 {
		return resp.Header, nil, c.refusal(resp, text)
	}
	return resp.Header, text, nil
}

// open sends a request once; the caller closes the body of the answer.
func (c *Client) open(ctx context.Context, r request, idempotencyKey string) (*http.Response, error) {
	target := c.base.String() + prefix + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	if req.Header.Set("Accept", "application/json"); r.file {
		req.Header.Set("Accept", "*/*")
	}
	req.Header.Set("User-Agent", c.o.UserAgent)
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if idempotencyKey != "" {
		req.Header.Set("Idempotency-Key", idempotencyKey)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, &NetworkError{URL: c.base.String(), Err: err}
	}
	return resp, nil
}

// download sends a request until it is answered and copies the body of the answer
// to w. Once there is a first byte nothing is repeated: w has it.
func (c *Client) download(ctx context.Context, r request, w io.Writer) error {
	for attempt := 1; ; attempt++ {
		begun, err := c.copied(ctx, r, w)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		wait, again := c.again(err, attempt)
		if begun || !again {
			return err
		}
		c.o.OnRetry(Retry{Attempt: attempt, Wait: wait, Err: err})
		if err := c.o.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// copied is one try of a download; begun reports whether w has a part of it.
func (c *Client) copied(ctx context.Context, r request, w io.Writer) (begun bool, err error) {
	resp, err := c.open(ctx, r, "")
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 {
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
		if err != nil {
			return false, &NetworkError{URL: c.base.String(), Err: err}
		}
		return false, c.refusal(resp, text)
	}
	body := &source{in: resp.Body}
	n, err := io.Copy(w, body)
	if body.err != nil {
		err = &NetworkError{URL: c.base.String(), Err: body.err}
	}
	return n > 0, err
}

// source remembers why a body broke off, to tell it from a writer that did not
// take it.
type source struct {
	in  io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.in.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func decode(body []byte, out any) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("the server's answer is not what this client understands; is the URL that of Plumbline? %w", err)
	}
	return nil
}

func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	_, err := c.send(ctx, request{method: http.MethodGet, path: path, query: query}, out)
	return err
}

// write sends a body that is marshalled once, so that a repetition is the same
// to the byte.
func (c *Client) write(ctx context.Context, method, path string, query url.Values, in, out any) (http.Header, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, request{method: method, path: path, query: query, body: body}, out)
}

func (c *Client) delete(ctx context.Context, path string) error {
	_, err := c.send(ctx, request{method: http.MethodDelete, path: path}, nil)
	return err
}

// path joins segments; texts are escaped.
func path(segments ...any) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		if t, ok := s.(string); ok {
			b.WriteString(url.PathEscape(t))
		} else {
			fmt.Fprint(&b, s)
		}
	}
	return b.String()
}
