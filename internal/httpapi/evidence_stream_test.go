package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// sink takes a reply and looks from time to time at how much memory is in use.
type sink struct {
	header http.Header
	status int
	bytes  int64
	// most is the largest heap that was seen, looked at after each step of bytes.
	most       uint64
	step, next int64
	// limit, if set, is after how many bytes the client goes away.
	limit int64
	gone  func()
}

func (s *sink) Header() http.Header    { return s.header }
func (s *sink) WriteHeader(status int) { s.status = status }

var errGone = errors.New("the client is gone")

func (s *sink) Write(b []byte) (int, error) {
	s.bytes += int64(len(b))
	if s.limit > 0 && s.bytes > s.limit {
		s.gone()
		return 0, errGone
	}
	if s.step > 0 && s.bytes >= s.next {
		s.next += s.step
		s.most = max(s.most, heap())
	}
	return len(b), nil
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// download has the handler write into a sink; aborted tells that it broke the
// connection off.
func (s *server) download(path string, w *sink) (aborted bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.header, w.gone = http.Header{}, cancel
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/public/v2"+path, nil)
	r.Header.Set("Authorization", "Bearer "+s.key)
	defer func() {
		if v := recover(); v != nil {
			if v != http.ErrAbortHandler { //nolint:errorlint // a sentinel that is panicked with, never wrapped
				panic(v)
			}
			aborted = true
		}
	}()
	s.handler.ServeHTTP(w, r)
	return false
}

// Evidence takes little memory, however many records there are, and a client that
// goes away ends it.
func TestEvidenceOfManyRecords(t *testing.T) {
	const each, size = int64(5000), 500
	records := int64(100_000)
	if testing.Short() {
		records = 20_000 // under the race detector: what it watches happens with the first of them
	}
	s := newServer(t, sqlite)
	r := s.resource(t)
	test := s.test(t, r)
	for first := int64(0); first < records; first += each {
		list := make([]string, each)
		for i := range list {
			list[i] = fmt.Sprintf(`{"id":"%d","email":%q,"mfa":%t}`, first+int64(i), strings.Repeat("x", size), i%10 > 0)
		}
		s.call(t, "POST", r.path+"/records", `{"data":[`+strings.Join(list, ",")+`]}`).is(200)
	}
	s.call(t, "POST", r.path+"/records?wait=verdict&waitSeconds=30", `{"data":[]}`).is(200).headers(map[string]string{"X-Verdicts": ""})
	run := s.ran(t, test)
	for _, form := range []string{"json", "csv"} {
		before := heap()
		w := &sink{step: 8 << 20}
		if s.download(run+"/evidence?format="+form, w) || w.status != http.StatusOK || w.bytes < records*size {
			t.Fatalf("status %d, %d bytes", w.status, w.bytes)
		}
		const most = 12 << 20
		if used := int64(w.most) - int64(before); w.most == 0 || used > most {
			t.Errorf("%s: %d bytes were in use at a time for a file of %d, want at most %d", form, used, w.bytes, most)
		}
	}
	// Each of these would keep a place for a download if it went on.
	for range 5 {
		w := &sink{limit: 1 << 20}
		if !s.download(run+"/evidence", w) {
			t.Fatalf("a client that went away got its reply to the end: status %d", w.status)
		}
		if w.bytes > w.limit+1<<20 {
			t.Errorf("%d bytes were written for a client that was gone after %d", w.bytes, w.limit)
		}
	}
	if log := s.log.String(); !strings.Contains(log, "reply broken off") || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log is %s", log[max(0, len(log)-2000):])
	}
	// Through a real connection: a reply that breaks off is no whole one.
	live := httptest.NewServer(s.handler)
	defer live.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, live.URL+"/public/v2"+run+"/evidence", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := live.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var file bytes.Buffer
	if _, err := file.ReadFrom(resp.Body); err != nil || !bytes.HasSuffix(file.Bytes(), []byte("]}\n")) {
		t.Errorf("%d bytes, %v", file.Len(), err)
	}
}
