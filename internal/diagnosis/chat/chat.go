// Package chat asks language models by the chat completions protocol of OpenAI,
// which servers of many makers speak, each with manners of its own.
package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/diagnosis"
)

const (
	// maxReply bounds what is read of a reply in bytes, maxText what of it is text.
	maxReply = 1 << 20
	maxText  = 32 << 10
	// maxRefusal bounds what is read of a refusal, to see what is not understood.
	maxRefusal = 16 << 10
)

// Client asks models. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New makes a client over one that says which addresses may be reached, and that
// follows no redirects.
func New(c *http.Client) *Client { return &Client{c} }

// failure is an error whose text is for people; nothing of a reply stands in it.
type failure struct{ text string }

func (f *failure) Error() string { return f.text }

func failed(format string, args ...any) error { return &failure{fmt.Sprintf(format, args...)} }

// body is a request. Not every server knows every property, see [Client.Ask].
type body struct {
	Model               string    `json:"model"`
	Messages            []message `json:"messages"`
	MaxTokens           int       `json:"max_tokens,omitempty"`
	MaxCompletionTokens int       `json:"max_completion_tokens,omitempty"`
	Stream              bool      `json:"stream"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Ask implements diagnosis.Model. It asks for a stream and takes a whole reply as
// well; a server that refuses the stream, or the older name of the bound on the
// answer, is asked once more without.
func (c *Client) Ask(ctx context.Context, q diagnosis.Question, each func(piece string) error) (diagnosis.Answer, error) {
	b := body{Model: q.Model, MaxTokens: q.MaxTokens, Stream: true,
		Messages: []message{{"system", q.System}, {"user", q.User}}}
	for {
		answer, again, err := c.once(ctx, q, &b, each)
		if err != nil && ctx.Err() != nil {
			err = ended(ctx.Err())
		}
		if !again {
			return answer, err
		}
	}
}

func request(ctx context.Context, q diagnosis.Question, b *body) (*http.Request, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, q.URL, bytes.NewReader(text))
	if err != nil {
		return nil, failed("the address of the AI provider cannot be used")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream, application/json")
	r.Header.Set("User-Agent", "Plumbline")
	if q.Key != "" {
		r.Header.Set("Authorization", "Bearer "+q.Key)
	}
	return r, nil
}

// once asks and reads the reply. It is again if the same should be asked in another
// way, to which b is changed.
func (c *Client) once(ctx context.Context, q diagnosis.Question, b *body, each func(string) error) (answer diagnosis.Answer, again bool, err error) {
	r, err := request(ctx, q, b)
	if err != nil {
		return answer, false, err
	}
	reply, err := c.http.Do(r)
	if err != nil {
		return answer, false, broken(ctx, err)
	}
	defer func() { _ = reply.Body.Close() }()
	if reply.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(reply.Body, maxRefusal))
		if err != nil {
			text = nil
		}
		if again := b.without(reply.StatusCode, string(text)); again {
			return answer, true, nil
		}
		return answer, false, refusal(reply)
	}
	limited := &bounded{r: reply.Body, left: maxReply}
	switch media, _, _ := strings.Cut(reply.Header.Get("Content-Type"), ";"); strings.ToLower(strings.TrimSpace(media)) {
	case "text/event-stream":
		answer, err = readStream(limited, each)
	case "text/html", "application/xhtml+xml":
		err = failed("the AI provider answered with a web page: the address is not that of its API")
	default:
		answer, err = readWhole(limited, each)
	}
	return answer, false, err
}

// without takes out of a request what a refusal names, and reports whether there
// was such a thing.
func (b *body) without(status int, refusal string) bool {
	if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity && status != http.StatusNotImplemented {
		return false
	}
	switch {
	case b.MaxTokens > 0 && strings.Contains(refusal, "max_completion_tokens"):
		b.MaxTokens, b.MaxCompletionTokens = 0, b.MaxTokens
	case b.Stream && strings.Contains(strings.ToLower(refusal), "stream"):
		b.Stream = false
	default:
		return false
	}
	return true
}

// bounded fails where a reader gives more than it may.
type bounded struct {
	r    io.Reader
	left int64
}

var errTooMuch = errors.New("too much")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err
}
