package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// fake is a server that takes everything, as far as refuse lets it, and keeps
// what was asked.
type fake struct {
	mu     sync.Mutex
	asked  []string
	refuse func(n int, path string) int
	// seen is told of each request.
	seen chan string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI()+" "+string(body))
	n := len(f.asked)
	f.mu.Unlock()
	if f.seen != nil {
		f.seen <- r.URL.Path
	}
	if f.refuse != nil {
		if status := f.refuse(n, r.URL.Path); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"message":"No.","code":1}`)
			return
		}
	}
	if strings.HasSuffix(r.URL.Path, "/actions") {
		_, _ = io.WriteString(w, `{"status":"ACTIVE","created":1}`)
		return
	}
	var in struct{ Data []json.RawMessage }
	if err := json.Unmarshal(body, &in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	items := make([]string, len(in.Data))
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":"r%d","statusCode":201}`, i)
	}
	_, _ = fmt.Fprintf(w, "[%s]", strings.Join(items, ","))
}

// run runs the command against the fake; the result is its output, what it said
// and its error.
func (f *fake) run(ctx context.Context, t *testing.T, in io.Reader, args ...string) (out, said string, err error) {
	t.Helper()
	server := httptest.NewServer(f)
	defer server.Close()
	var o, e bytes.Buffer
	cmd := Command(command.Env{In: in, Out: &o, Err: &e, Now: time.Now, Version: "test"})
	cmd.SetArgs(append(args, "--url", server.URL, "--key", "k", "--connection", "1", "--resource", "2"))
	cmd.SetOut(&e)
	cmd.SetErr(&e)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err = cmd.ExecuteContext(ctx)
	return o.String(), e.String(), err
}

// An interruption ends a push whose input does not come, and cancels its
// session.
func TestInterrupted(t *testing.T) {
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(in.Close(), feed.Close()) }()
	ctx, cancel := context.WithCancel(await.Context(t))
	f := &fake{seen: make(chan string, 8)}
	go func() {
		for i := range 600 {
			_, _ = fmt.Fprintf(feed, "{\"id\":%d}\n", i)
		}
		// One batch was sent; the rest never comes.
		<-f.seen
		cancel()
	}()
	_, _, err = f.run(ctx, t, in, "-", "--replace")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	last := f.asked[len(f.asked)-1]
	if len(f.asked) != 2 || !strings.HasSuffix(last, `/actions {"action":"cancel"}`) {
		t.Errorf("asked %d times, last %.120s", len(f.asked), last)
	}
}

// A server that fails in the middle ends the push; what was stored is told.
func TestServerFailsInTheMiddle(t *testing.T) {
	var in strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&in, "{\"id\":%d}\n", i)
	}
	f := &fake{refuse: func(n int, _ string) int {
		if n == 2 {
			return http.StatusInternalServerError
		}
		return 0
	}}
	out, _, err := f.run(t.Context(), t, strings.NewReader(in.String()), "-", "--output", "json")
	if err == nil || command.ExitCode(err) != command.ExitError {
		t.Errorf("got %v", err)
	}
	var r report
	if jerr := json.Unmarshal([]byte(out), &r); jerr != nil || r.Created != 500 {
		t.Errorf("told %q", out)
	}
	if len(f.asked) != 2 {
		t.Errorf("asked %d times", len(f.asked))
	}
}

// A replacement that is cut off leaves no open session behind.
func TestReplaceCutOff(t *testing.T) {
	for name, f := range map[string]*fake{
		"upload": {refuse: func(n int, _ string) int {
			if n == 1 {
				return http.StatusInternalServerError
			}
			return 0
		}},
		"complete": {refuse: func(n int, _ string) int {
			if n == 2 {
				return http.StatusUnprocessableEntity
			}
			return 0
		}},
	} {
		out, _, err := f.run(t.Context(), t, strings.NewReader(`{"id":"1"}`), "-", "--replace")
		last := f.asked[len(f.asked)-1]
		if err == nil || out != "" || !strings.HasSuffix(last, `/actions {"action":"cancel"}`) {
			t.Errorf("%s: error %v, told %q, last request %s", name, err, out, last)
		}
	}
}

// The guards go to the server as they were given.
func TestGuards(t *testing.T) {
	f := &fake{}
	if _, _, err := f.run(t.Context(), t, strings.NewReader(`{"id":"1"}`), "-", "--replace", "--max-delete-percent", "12.5"); err != nil {
		t.Fatal(err)
	}
	if want := `/actions {"action":"complete","expectedCount":1,"maxDeletePercent":12.5}`; !strings.HasSuffix(f.asked[1], want) {
		t.Errorf("asked %s", f.asked[1])
	}
}

// Only so many refused records are listed, however many there are.
func TestManyRefusals(t *testing.T) {
	out, _, err := (&fake{}).run(t.Context(), t, strings.NewReader("{}\n"+strings.Repeat("x\n", 3000)), "-", "--output", "json")
	var r report
	if jerr := json.Unmarshal([]byte(out), &r); jerr != nil || err == nil {
		t.Fatalf("%v, %v", err, jerr)
	}
	if r.Failed != 3000 || len(r.Errors) != maxErrors || r.Created != 1 || r.Errors[0].Line != 2 {
		t.Errorf("failed %d, listed %d, created %d", r.Failed, len(r.Errors), r.Created)
	}
}
