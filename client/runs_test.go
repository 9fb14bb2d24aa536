package client

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestEvidenceIsCopied(t *testing.T) {
	s, c := newScript(t, breaks(errors.New("no route")), answer(503, `{"name":"UNAVAILABLE","statusCode":503,"message":"later","code":50301}`), answer(200, "the file"))
	var b bytes.Buffer
	if err := c.Evidence(t.Context(), 1, 2, 3, EvidencePDF, &b); err != nil || b.String() != "the file" {
		t.Fatalf("%q, %v", b.String(), err)
	}
	if len(s.asked) != 3 || s.asked[2].URL.Path != "/public/v2/workspaces/1/monitoring-tests/2/runs/3/evidence" || s.asked[2].URL.RawQuery != "format=pdf" || s.asked[2].Header.Get("Accept") != "*/*" {
		t.Errorf("asked %v", s.asked)
	}

	_, c = newScript(t, answer(409, `{"name":"CONFLICT","statusCode":409,"message":"run 3 is RUNNING","code":40901}`))
	if err := c.Evidence(t.Context(), 1, 2, 3, EvidenceJSON, &b); err == nil || !strings.Contains(err.Error(), "RUNNING") {
		t.Errorf("a refusal is %v", err)
	}
}

func TestEvidenceThatBreaksOffIsNotRepeated(t *testing.T) {
	s, c := newScript(t, func(r *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader("the begin"), &failing{io.ErrUnexpectedEOF})
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
	})
	var b bytes.Buffer
	var network *NetworkError
	if err := c.Evidence(t.Context(), 1, 2, 3, EvidenceCSV, &b); !errors.As(err, &network) || b.String() != "the begin" || len(s.asked) != 1 {
		t.Errorf("%q after %d requests, %v", b.String(), len(s.asked), err)
	}
	_, c = newScript(t, answer(200, "the file"))
	full := errors.New("no space left")
	if err := c.Evidence(t.Context(), 1, 2, 3, EvidenceCSV, refusing{full}); !errors.Is(err, full) || errors.As(err, &network) {
		t.Errorf("a full disk is %v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }
