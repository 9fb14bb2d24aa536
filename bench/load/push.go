//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// clients is how many push at once where it is not one.
const clients = 8

// atRest collects what was made before, so that it is not collected while
// something is measured.
func atRest() { runtime.GC() }

// result is one measurement of many pushes.
type result struct {
	records int
	took    time.Duration
	// spans are how long each push took.
	spans []time.Duration
}

func (r result) perSecond() float64 { return float64(r.records) / r.took.Seconds() }

// outcome is what every record of a push must become, as the header that
// counts it.
type outcome string

const (
	created   outcome = "X-Records-Created"
	updated   outcome = "X-Records-Updated"
	unchanged outcome = "X-Records-Unchanged"
)

// push sends the bodies with a number of clients. A record that becomes
// something else than wanted is an error.
func (s *server) push(ctx context.Context, path string, clients int, bodies [][]byte, want outcome) (result, error) {
	atRest()
	var next atomic.Int64
	spans := make([]time.Duration, len(bodies))
	errs := make([]error, clients)
	var all sync.WaitGroup
	begin := time.Now()
	for c := range clients {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(bodies); n = int(next.Add(1)) - 1 {
				at := time.Now()
				if errs[c] = s.send(ctx, path, bodies[n], want); errs[c] != nil {
					return
				}
				spans[n] = time.Since(at)
			}
		})
	}
	all.Wait()
	return result{len(bodies) * batch, time.Since(begin), spans}, errors.Join(errs...)
}

// send posts one body and throws the reply away, but for its counts.
func (s *server) send(ctx context.Context, path string, body []byte, want outcome) error {
	resp, err := s.request(ctx, http.MethodPost, path, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get(string(want)) != strconv.Itoa(batch) {
		return fmt.Errorf("a push of the benchmark was answered %s: %s is %q instead of %d, %q refused", resp.Status,
			want, resp.Header.Get(string(want)), batch, resp.Header.Get("X-Records-Failed"))
	}
	return nil
}
