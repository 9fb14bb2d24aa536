package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ingest measures the server over HTTP.
func ingest(ctx context.Context, r *report, binary string, records int, database string, bare *limits) (err error) {
	s, err := start(ctx, binary, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	where := "HTTP, SQLite, synchronous=FULL"
	if database != "" {
		where = "HTTP, PostgreSQL"
	}
	path, _, err := s.connection(ctx, "first")
	if err != nil {
		return err
	}
	compare := func(what string, got result, limit float64) {
		against, ratio := "", ""
		if limit > 0 {
			against, ratio = "bare loop", times(got.rate, limit)
		}
		r.add(fmt.Sprintf("%s: %s", where, what), fmt.Sprintf("%s, p50 %s, p99 %s", rate(got.rate), got.p50, got.p99), against, ratio)
	}
	created, updated := 0.0, 0.0
	if bare != nil {
		created, updated = bare.created, bare.updated
	}
	part := records / 5 / batch * batch
	for i, c := range []struct {
		what    string
		clients int
		bodies  [][]byte
		limit   float64
	}{
		{"new records, 1 client", 1, bodies("a", part, 0), created},
		{"new records, 8 clients", 8, bodies("b", part, 0), created},
		{"new records, 8 clients, again", 8, bodies("c", part, 0), created},
		{"new records, 8 clients, random keys", 8, shuffled(part), 0},
		{"new records, 8 clients, the last of them all", 8, bodies("d", part, 0), created},
		{"unchanged records, 8 clients", 8, bodies("b", part, 0), 0},
		{"changed records, 8 clients", 8, bodies("b", part, 1), updated},
	} {
		got, err := s.push(ctx, path, c.clients, c.bodies)
		if err != nil {
			return err
		}
		compare(c.what, got, c.limit)
		if i == 4 {
			mb, err := s.peak()
			if err != nil {
				return err
			}
			r.add(where+fmt.Sprintf(": peak memory after %d records", 5*part), fmt.Sprintf("%.0f MB", mb), "", "")
		}
	}
	if err := lists(ctx, r, s, where, path); err != nil {
		return err
	}
	return verdicts(ctx, r, s, where)
}

func bodies(prefix string, records, salt int) [][]byte {
	var out [][]byte
	for first := 0; first < records; first += batch {
		out = append(out, body(prefix, first, salt))
	}
	return out
}

func shuffled(records int) [][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	var out [][]byte
	for first := 0; first < records; first += batch {
		out = append(out, bodyOf(first, 0, func(int) string { return fmt.Sprintf("%016x", rnd.Uint64()) }))
	}
	return out
}

type result struct {
	rate     float64
	p50, p99 time.Duration
}

// push sends the bodies with a number of clients and fails on any refusal.
func (s *server) push(ctx context.Context, path string, clients int, bodies [][]byte) (result, error) {
	var next atomic.Int64
	spans := make([]time.Duration, len(bodies))
	errs := make([]error, clients)
	var all sync.WaitGroup
	begin := time.Now()
	for c := range clients {
		all.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(bodies) {
					return
				}
				at := time.Now()
				if errs[c] = s.send(ctx, path, bodies[n]); errs[c] != nil {
					return
				}
				spans[n] = time.Since(at)
			}
		})
	}
	all.Wait()
	took := time.Since(begin).Seconds()
	slices.Sort(spans)
	return result{rate: float64(len(bodies)*batch) / took, p50: spans[len(spans)/2].Round(100 * time.Microsecond),
		p99: spans[len(spans)*99/100].Round(100 * time.Microsecond)}, errors.Join(errs...)
}

// send posts one body and throws the reply away, but for the count of refused
// records.
func (s *server) send(ctx context.Context, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("X-Records-Failed") != "0" {
		return fmt.Errorf("a push of the benchmark was answered %s with %s records refused", resp.Status, resp.Header.Get("X-Records-Failed"))
	}
	return nil
}

// lists measures pages at depth.
func lists(ctx context.Context, r *report, s *server, where, path string) error {
	cursor, first := "", 0.0
	for page := 1; page <= 1000; page++ {
		at := time.Now()
		_, reply, err := s.call(ctx, http.MethodGet, path+"?size=500&cursor="+cursor, nil)
		if err != nil {
			return err
		}
		ms := float64(time.Since(at).Microseconds()) / 1000
		var p struct{ Pagination struct{ Cursor string } }
		if err := json.Unmarshal(reply, &p); err != nil {
			return err
		}
		if cursor = p.Pagination.Cursor; cursor == "" {
			return nil
		}
		switch page {
		case 2: // the first one warms up
			first = ms
			r.add(where+": list, page 2 of 500 records", fmt.Sprintf("%.1f ms", ms), "", "")
		case 100, 1000:
			r.add(fmt.Sprintf("%s: list, page %d", where, page), fmt.Sprintf("%.1f ms", ms), "page 2", times(ms, first))
		}
	}
	return nil
}

const (
	latencyTests  = 10
	latencyPushes = 200
)

// verdicts measures how long a push waits for its verdicts while 5,000 other
// records a second arrive at the same resource.
func verdicts(ctx context.Context, r *report, s *server, where string) error {
	path, resource, err := s.connection(ctx, "watched")
	if err != nil {
		return err
	}
	if _, err := s.push(ctx, path, 8, bodies("a", 100_000, 0)); err != nil {
		return err
	}
	for i := range latencyTests {
		test := fmt.Appendf(nil, `{"name":"load %d","description":"","publish":true,"logic":{"groups":[{"resourceId":%d,"evaluator":{"all":[
			{"fact":"mfa","operator":"equal","value":true},{"fact":"age","operator":"lessThan","value":%d}]}}]}}`, i, resource, 50+i)
		if _, _, err := s.call(ctx, http.MethodPost, "/public/v2/workspaces/1/monitoring-tests", test); err != nil {
			return err
		}
	}
	if _, _, err := s.call(ctx, http.MethodPost, path+"?wait=verdict", []byte(`{"data":[]}`)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	load := make(chan error, 1)
	go func() { load <- s.drip(ctx, path) }()
	spans := make([]time.Duration, 0, latencyPushes)
	pace := time.NewTicker(25 * time.Millisecond)
	defer pace.Stop()
	for i := range latencyPushes {
		<-pace.C
		at := time.Now()
		header, _, err := s.call(ctx, http.MethodPost, path+"?wait=verdict", fmt.Appendf(nil, `{"data":%s}`, small("watched", i)))
		if err != nil {
			return err
		}
		if header.Get("X-Verdicts") != "" {
			return errors.New("a push of the benchmark did not get its verdicts in time")
		}
		spans = append(spans, time.Since(at))
	}
	cancel()
	if err := <-load; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	slices.Sort(spans)
	r.add(where+fmt.Sprintf(": push with %d tests to its verdicts, 5,000 records/s beside it", latencyTests),
		fmt.Sprintf("p50 %s, p99 %s", spans[len(spans)/2].Round(100*time.Microsecond), spans[len(spans)*99/100].Round(100*time.Microsecond)), "", "")
	return nil
}

// drip pushes 500 changed records every 100 ms.
func (s *server) drip(ctx context.Context, path string) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.send(ctx, path, body("a", n%200*batch, n)); err != nil {
				return err
			}
		}
	}
}
