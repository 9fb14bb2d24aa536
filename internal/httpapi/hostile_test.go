package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRequest sends anything to every operation: each reply is a documented
// one with a body that its schema allows, never a failure of ours.
func FuzzRequest(f *testing.F) {
	s := newServer(f, sqlite)
	r := s.resource(f)
	s.test(f, r)
	all := ours()
	for i := range all {
		f.Add(i, r.connection, r.id, "size=2&sort=createdAt&expand[]=logic&cursor=undefined", "application/json", []byte(`{"data":{"id":"a","email":"x"}}`))
	}
	f.Add(1, r.connection, r.id, "wait=verdict&waitSeconds=1", "text/plain", []byte(`{"data":[{"id":"é","email":"\ud83d\ude00"},{"id":1.0}]}`))
	f.Add(3, r.connection, "%2e%2e", "cursor=Y3JlYXRlZEF0LmQuMS4x", "", []byte(`{"data":`))
	f.Add(5, "1", "1", "dryRun=true", "application/json", []byte(`{"schema":{"$ref":"#"},"sampleData":null,"action":"complete","logic":{"all":[]},"name":"x","scopes":["read"]}`))
	f.Fuzz(func(t *testing.T, which int, first, second, query, contentType string, body []byte) {
		d := all[int(uint(which)%uint(len(all)))]
		if strings.HasSuffix(d.path, "/stream") || strings.Contains(d.path, "settings") || strings.Contains(d.path, "api-keys") && d.method == http.MethodDelete ||
			d.method == http.MethodDelete && strings.HasSuffix(d.path, "/{connectionId}") {
			// They would end the run for all that come later, or never end.
			return
		}
		segment := escape
		values := []string{segment(first), segment(second), segment(first + second)}
		path := pathParameter.ReplaceAllStringFunc(d.path, func(string) string {
			v := values[0]
			values = append(values[1:], v)
			return v
		})
		q, err := http.NewRequest(d.method, "http://host"+path+"?"+escape(query), bytes.NewReader(body))
		if err != nil {
			return
		}
		q.URL.RawQuery = query
		q.RemoteAddr = "192.0.2.1:1"
		q.Header.Set("Authorization", "Bearer "+s.key)
		q.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, q)
		if w.Code >= 500 {
			t.Errorf("%s %s: %d %s\n%s", d.method, path, w.Code, w.Body, s.log)
		}
		s.conforms(t, d.method, q.URL.EscapedPath(), reply(t, w))
	})
}

// escape makes a text one segment of a path; the empty one a dash, because a
// path has no empty segments.
func escape(text string) string {
	if text == "" || text == "." || text == ".." {
		return "-" + text
	}
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// BenchmarkPush is the hot path without a network: 500 new records of about
// 250 bytes a request.
func BenchmarkPush(b *testing.B) {
	s := newServer(b, sqlite)
	r := s.resource(b)
	id := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		var body bytes.Buffer
		body.WriteString(`{"data":[`)
		for i := range 500 {
			if i > 0 {
				body.WriteByte(',')
			}
			id++
			fmt.Fprintf(&body, `{"id":"user-%09d","email":"user-%d@example.test","mfa":%t,"n":{"roles":["admin","dev"],"last":"2026-01-31T10:00:00Z","note":%q}}`, id, id, id%3 == 0, strings.Repeat("x", 110))
		}
		body.WriteString(`]}`)
		q := httptest.NewRequest(http.MethodPost, "/public/v2"+r.path+"/records", &body)
		q.Header.Set("Authorization", "Bearer "+s.key)
		w := httptest.NewRecorder()
		b.StartTimer()
		s.handler.ServeHTTP(w, q)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
