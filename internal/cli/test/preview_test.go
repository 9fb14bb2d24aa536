package test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// A sample is told as one and leaves no job behind, unless all is wanted.
func TestSample(t *testing.T) {
	for _, c := range []struct {
		full bool
		job  string
		want client.Preview
		asks string
		fail string
	}{
		{false, "", client.Preview{Failing: 3, Sample: &client.Sample{Records: 5}}, "POST preview DELETE preview/J", ""},
		{true, `{"state":"done","result":{"failing":9}}`, client.Preview{Failing: 9}, "POST preview GET preview/J GET preview/J", ""},
		{true, `{"state":"failed","message":"why"}`, client.Preview{}, "POST preview GET preview/J GET preview/J", "the full count failed: why"},
	} {
		var asks []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asks = append(asks, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/public/v2/workspaces/1/monitoring-tests/"))
			switch {
			case r.Method == http.MethodDelete:
				w.WriteHeader(http.StatusNoContent)
			case r.Method == http.MethodPost:
				_, _ = fmt.Fprint(w, `{"failing":3,"sample":{"records":5,"of":null},"jobId":"J"}`)
			case len(asks) == 2:
				_, _ = fmt.Fprint(w, `{"state":"running"}`)
			default:
				_, _ = fmt.Fprint(w, c.job)
			}
		}))
		api, err := client.New(s.URL, "key", client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := &previewing{workspace: 1, full: c.full}
		got, err := p.ask(t.Context(), api, []byte(`{}`))
		s.Close()
		if fmt.Sprint(err) != c.fail && (err != nil || c.fail != "") {
			t.Errorf("got %v, want %q", err, c.fail)
		}
		if err == nil && (got.Failing != c.want.Failing || (got.Sample == nil) != (c.want.Sample == nil) || got.JobID != "") {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
		if all := strings.Join(asks, " "); all != c.asks {
			t.Errorf("asked %s, want %s", all, c.asks)
		}
	}
	of := int64(90)
	var out bytes.Buffer
	if err := previewText(&out, command.NewPaint(command.Env{}, &out), client.Preview{InScope: 5, Passing: 2, Failing: 3, EvaluatedAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Sample: &client.Sample{Records: 5, Of: &of}, Examples: []client.Tried{{RecordID: "\x1b[1m", ResourceName: "\x1b[1m", Words: []string{"w"}}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SAMPLE of 2026-03-01 00:00:00: 5 in scope", "a sample: 5 of 90 records", "and 2 more"} {
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "\x1b") {
			t.Errorf("no %q in %q", want, out.String())
		}
	}
}
