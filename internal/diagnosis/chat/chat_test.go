package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/diagnosis/chat"
	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// asked is a request as a server of the protocol sees it.
type asked struct {
	Model               string `json:"model"`
	MaxTokens           int    `json:"max_tokens"`
	MaxCompletionTokens int    `json:"max_completion_tokens"`
	Stream              bool   `json:"stream"`
	Messages            []struct{ Role, Content string }
	key                 string
}

// serve starts a server that answers as told and notes what it was asked.
func serve(t *testing.T, answer func(w http.ResponseWriter, a asked)) (url string, log *[]asked) {
	t.Helper()
	log = &[]asked{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a asked
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		a.key = r.Header.Get("Authorization")
		*log = append(*log, a)
		answer(w, a)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1/chat/completions", log
}

var loopback = outbound.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

func ask(ctx context.Context, url string, each func(string) error) (diagnosis.Answer, error) {
	c := chat.New(loopback.Client(outbound.Options{Header: 10 * time.Second, HeaderBytes: 64 << 10}))
	return c.Ask(ctx, diagnosis.Question{URL: url, Key: "sk-secret", Model: "small", MaxTokens: 300, System: "You help.", User: "{}"}, each)
}

func quiet(string) error { return nil }

func event(w http.ResponseWriter, data string) {
	_, _ = io.WriteString(w, "data: "+data+"\n\n")
	_ = http.NewResponseController(w).Flush()
}

func delta(text string) string {
	return fmt.Sprintf(`{"id":"x","object":"chat.completion.chunk","model":"small-2026","choices":[{"index":0,"delta":{"content":%q},"finish_reason":null}]}`, text)
}

const stop = `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`

func streaming(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/event-stream") }

func TestStream(t *testing.T) {
	url, log := serve(t, func(w http.ResponseWriter, _ asked) {
		streaming(w)
		_, _ = io.WriteString(w, ": keep-alive\n\nevent: whatever\n")
		event(w, `{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`)
		for _, piece := range []string{"The token", " has", " expired — ", "é\n"} {
			event(w, delta(piece))
		}
		event(w, stop)
		event(w, `{"choices":[],"usage":{"total_tokens":12}}`)
		event(w, "[DONE]")
	})
	var pieces []string
	got, err := ask(t.Context(), url, func(p string) error { pieces = append(pieces, p); return nil })
	if want := (diagnosis.Answer{Text: "The token has expired — é\n", Model: "small-2026"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if !slices.Equal(pieces, []string{"The token", " has", " expired — ", "é\n"}) {
		t.Errorf("pieces %q", pieces)
	}
	a := (*log)[0]
	if len(*log) != 1 || a.Model != "small" || a.MaxTokens != 300 || !a.Stream || a.key != "Bearer sk-secret" || len(a.Messages) != 2 || a.Messages[0].Role != "system" || a.Messages[1].Content != "{}" {
		t.Errorf("asked %+v", *log)
	}
}

const whole = `{"model":"small","choices":[{"index":0,"message":{"role":"assistant","content":"It expired."},"finish_reason":"stop"}]}`

// Servers that do not stream, or know another name of the bound, are understood.
func TestOtherDialects(t *testing.T) {
	refuse := func(w http.ResponseWriter, text string) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, text)
	}
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, a asked)
		asked  int
	}{
		"a whole reply in place of a stream": {func(w http.ResponseWriter, _ asked) { _, _ = io.WriteString(w, whole) }, 1},
		"a refused stream": {func(w http.ResponseWriter, a asked) {
			if a.Stream {
				refuse(w, `{"error":{"message":"Streaming is not supported"}}`)
				return
			}
			_, _ = io.WriteString(w, whole)
		}, 2},
		"another name of the bound": {func(w http.ResponseWriter, a asked) {
			if a.MaxTokens > 0 || a.MaxCompletionTokens != 300 {
				refuse(w, `{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}`)
				return
			}
			streaming(w)
			event(w, delta("It expired."))
			event(w, stop)
			event(w, "[DONE]")
		}, 2},
		"a stream without [DONE]": {func(w http.ResponseWriter, _ asked) {
			streaming(w)
			event(w, delta("It expired."))
			event(w, stop)
		}, 1},
		"a stream without spaces and with CRLF": {func(w http.ResponseWriter, _ asked) {
			streaming(w)
			_, _ = io.WriteString(w, "data:"+delta("It expired.")+"\r\n\r\ndata:[DONE]\r\n\r\n")
		}, 1},
	} {
		url, log := serve(t, c.answer)
		var heard strings.Builder
		got, err := ask(t.Context(), url, func(p string) error { heard.WriteString(p); return nil })
		if err != nil || got.Text != "It expired." || heard.String() != "It expired." || len(*log) != c.asked {
			t.Errorf("%s: %+v, %v, heard %q, asked %d times", name, got, err, heard.String(), len(*log))
		}
	}
}

func TestOtherAnswers(t *testing.T) {
	for text, want := range map[string]diagnosis.Answer{
		`{"choices":[{"message":{"content":null,"refusal":"I will not"},"finish_reason":"stop"}]}`:                                                     {Refused: true},
		`{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}`:                                                                    {Refused: true},
		`{"choices":[{"message":{"content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"rm"}}]},"finish_reason":"tool_calls"}]}`: {Called: true},
		`{"choices":[{"message":{"content":null,"function_call":{"name":"rm"}},"finish_reason":"function_call"}]}`:                                     {Called: true},
		`{"choices":[{"message":{"content":"and then","tool_calls":[]},"finish_reason":"length"}]}`:                                                    {Text: "and then", Cut: true},
	} {
		url, _ := serve(t, func(w http.ResponseWriter, _ asked) { _, _ = io.WriteString(w, text) })
		if got, err := ask(t.Context(), url, quiet); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		streamed := strings.Replace(text, `"message"`, `"delta"`, 1)
		url, _ = serve(t, func(w http.ResponseWriter, _ asked) { streaming(w); event(w, streamed); event(w, "[DONE]") })
		if got, err := ask(t.Context(), url, quiet); err != nil || got != want {
			t.Errorf("%s: %+v, %v", streamed, got, err)
		}
	}
}

func status(code int, header ...string) func(http.ResponseWriter, asked) {
	return func(w http.ResponseWriter, _ asked) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, `{"error":{"message":"sk-secret is bad <script>"}}`)
	}
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, a asked)
		want   string
	}{
		"401":          {status(401), "does not accept the key"},
		"402":          {status(402), "paid"},
		"403":          {status(403), "may not use this model"},
		"404":          {status(404), "no such model"},
		"429":          {status(429), "no more requests"},
		"429 and when": {status(429, "Retry-After", "30"), "wait 30 seconds"},
		"500":          {status(500), "failed (status 500)"},
		"418":          {status(418), "refused the question (status 418)"},
		"400":          {status(400), "refused the question (status 400)"},
		"a redirect":   {status(302, "Location", "http://127.0.0.1:1/"), "not followed"},
		"a web page": {func(w http.ResponseWriter, _ asked) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<html>sign in</html>")
		}, "web page"},
		"no JSON":         {func(w http.ResponseWriter, _ asked) { _, _ = io.WriteString(w, "hello") }, "no chat completion"},
		"other JSON":      {func(w http.ResponseWriter, _ asked) { _, _ = io.WriteString(w, `{"choices":[]}`) }, "no chat completion"},
		"nothing":         {func(http.ResponseWriter, asked) {}, "no chat completion"},
		"an error in 200": {func(w http.ResponseWriter, _ asked) { _, _ = io.WriteString(w, `{"error":{"message":"overloaded"}}`) }, "began to answer"},
		"an error in a stream": {func(w http.ResponseWriter, _ asked) {
			streaming(w)
			event(w, delta("The tok"))
			event(w, `{"error":{"message":"overloaded"}}`)
		}, "began to answer"},
		"a stream of nothing": {func(w http.ResponseWriter, _ asked) { streaming(w) }, "no chat completion"},
		"a stream of no JSON": {func(w http.ResponseWriter, _ asked) { streaming(w); event(w, "<html>") }, "no chat completion"},
		"a stream that is cut": {func(w http.ResponseWriter, _ asked) {
			streaming(w)
			event(w, delta("The tok"))
			panic(http.ErrAbortHandler)
		}, "broke off"},
		"a stream that ends early": {func(w http.ResponseWriter, _ asked) { streaming(w); event(w, delta("The tok")) }, "broke off"},
		"a reply that is cut": {func(w http.ResponseWriter, _ asked) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"choices":[`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "broke off"},
		"200 MB in one reply": {func(w http.ResponseWriter, _ asked) {
			_, _ = io.WriteString(w, `{"choices":[{"message":{"content":"`)
			pour(w, "the ")
		}, "too large"},
		"200 MB in one line of a stream": {func(w http.ResponseWriter, _ asked) {
			streaming(w)
			_, _ = io.WriteString(w, `data: {"choices":[{"delta":{"content":"`)
			pour(w, "the ")
		}, "too large"},
		"a stream without end": {func(w http.ResponseWriter, _ asked) { streaming(w); pour(w, "data: "+delta("and so on ")+"\n\n") }, "too large"},
		"comments without end": {func(w http.ResponseWriter, _ asked) { streaming(w); pour(w, ": still here\n\n") }, "too large"},
	} {
		url, _ := serve(t, c.answer)
		_, err := ask(t.Context(), url, quiet)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "sk-secret") || strings.Contains(err.Error(), "<") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// pour writes 200 MB unless the other side has enough before that.
func pour(w io.Writer, text string) {
	piece := strings.Repeat(text, (64<<10)/len(text)+1)
	for range (200 << 20) / (64 << 10) {
		if _, err := io.WriteString(w, piece); err != nil {
			return
		}
	}
}

// A server that drips, or says nothing at all, is left when the time is up.
func TestSlow(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"drips": func(w http.ResponseWriter, r *http.Request) {
			streaming(w)
			for r.Context().Err() == nil {
				event(w, delta("a "))
			}
		},
		"says nothing": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			answer(w, r)
		}))
		heard := make(chan struct{})
		_, err := ask(ctx, s.URL, func(string) error {
			// The reader is in no hurry either, so that the text does not become too long.
			select {
			case <-ctx.Done():
			case <-heard:
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "did not answer in time") {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		s.Close()
	}
}

func TestReaderThatLeaves(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, _ asked) {
		streaming(w)
		pour(w, "data: "+delta("a ")+"\n\n")
	})
	left := errors.New("left")
	if _, err := ask(t.Context(), url, func(string) error { return left }); !errors.Is(err, left) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := ask(ctx, url, func(string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWhereItMayGo(t *testing.T) {
	url, log := serve(t, func(w http.ResponseWriter, _ asked) { _, _ = io.WriteString(w, whole) })
	c := chat.New(outbound.Policy{}.Client(outbound.Options{}))
	for address, want := range map[string]string{url: "private network", "http://no.such.host.invalid/v1": "cannot be resolved", "http://[::1]:9/v1": "private network", ":": "cannot be used"} {
		if _, err := c.Ask(t.Context(), diagnosis.Question{URL: address}, quiet); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	if len(*log) != 0 {
		t.Error("the guard let a question through")
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for address, want := range map[string]string{secure.URL: "certificate", gone.URL: "cannot be reached"} {
		if _, err := ask(t.Context(), address, quiet); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}
