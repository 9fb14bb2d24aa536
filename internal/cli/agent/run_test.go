package agent

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// reports makes a reporter to a server that answers with these statuses, one
// after the other.
func reports(t *testing.T, statuses ...int) (r *reporter, complaints *bytes.Buffer) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("it reads this machine")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		status := statuses[0]
		statuses = statuses[1:]
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"id":7,"personnelId":3,"displayName":"box","message":"no","code":1}`)
	}))
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("plk_x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	complaints = &bytes.Buffer{}
	env := command.Env{Out: io.Discard, Err: complaints, Now: time.Now, Version: "test"}
	return &reporter{env: env, target: target{url: server.URL, token: token}, connection: 9, person: int64(3)}, complaints
}

// A run goes on after failures, sooner than usual, and ends when the token is
// refused.
func TestLoop(t *testing.T) {
	r, complaints := reports(t, 201, 409, 409, 201, 401)
	var waits []time.Duration
	err := r.loop(t.Context(), 4*time.Hour, func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	})
	if command.ExitCode(err) != command.ExitUnauthorized || !strings.Contains(err.Error(), "does not accept the token") {
		t.Errorf("ended with %v", err)
	}
	want := []time.Duration{4 * time.Hour, 5 * time.Minute, 10 * time.Minute, 4 * time.Hour}
	if len(waits) != len(want) {
		t.Fatalf("waited %s", waits)
	}
	for i, w := range waits {
		if w < want[i]*9/10 || w > want[i]*11/10 {
			t.Errorf("waited %s, want about %s", w, want[i])
		}
	}
	if got := strings.Count(complaints.String(), "the next try is in"); got != 2 {
		t.Errorf("%d complaints: %s", got, complaints)
	}
}

// Being stopped is no fault.
func TestLoopStops(t *testing.T) {
	r, _ := reports(t, 201)
	if err := r.loop(t.Context(), time.Hour, func(context.Context, time.Duration) error { return context.Canceled }); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.loop(ctx, time.Hour, nil); err != nil {
		t.Error(err)
	}
}

func TestBackOff(t *testing.T) {
	for failed, want := range map[int]time.Duration{1: 5 * time.Minute, 2: 10 * time.Minute, 4: 40 * time.Minute, 9: 4 * time.Hour, 1000: 4 * time.Hour} {
		if got := backOff(failed, 4*time.Hour); got != want {
			t.Errorf("after %d failures %s, want %s", failed, got, want)
		}
	}
}

// A token that others can read is told, and used all the same.
func TestOpenToken(t *testing.T) {
	r, complaints := reports(t, 201)
	if err := os.Chmod(r.target.token, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.report(t.Context()); err != nil || !strings.Contains(complaints.String(), "can read "+r.target.token) {
		t.Errorf("%v, %s", err, complaints)
	}
	if err := os.WriteFile(r.target.token, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.report(t.Context()); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Error(err)
	}
}
