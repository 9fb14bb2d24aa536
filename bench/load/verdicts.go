//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	watchedTests   = 10
	watchedRecords = 100_000
	// dripEvery and batch make 5,000 records a second.
	dripEvery = 100 * time.Millisecond
	// watchEvery is no divisor of dripEvery, so that the pushes that are timed
	// fall anywhere between two others.
	watchEvery = 27 * time.Millisecond
)

// verdicts measures how long a push of one record waits for its verdicts while
// 5,000 other changed records a second arrive at the same resource.
func verdicts(ctx context.Context, r *report, p plan, where string, s *server, to resource) error {
	if _, err := s.push(ctx, to.path, clients, bodies(sequential(0, watchedRecords), 0), created); err != nil {
		return err
	}
	for i := range watchedTests {
		test := fmt.Appendf(nil, `{"name":"load %d","description":"","publish":true,"logic":{"groups":[{"resourceId":%d,"evaluator":{"all":[
			{"fact":"mfa","operator":"equal","value":true},{"fact":"age","operator":"lessThan","value":%d}]}}]}}`, i, to.id, 50+i)
		if _, _, err := s.call(ctx, http.MethodPost, "/public/v2/workspaces/1/monitoring-tests", test); err != nil {
			return err
		}
	}
	if err := s.settle(ctx, to); err != nil {
		return err
	}
	dripping, stop := context.WithCancel(ctx)
	defer stop()
	type load struct {
		records int
		err     error
	}
	dripped := make(chan load, 1)
	begin := time.Now()
	go func() {
		n, err := s.drip(dripping, to)
		dripped <- load{n, err}
	}()
	var spans []time.Duration
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for time.Since(begin) < p.watch {
		<-tick.C
		at := time.Now()
		header, _, err := s.call(ctx, http.MethodPost, to.path+"?wait=verdict", fmt.Appendf(nil, `{"data":%s}`, small("watched", len(spans))))
		if err != nil {
			return err
		}
		if header.Get("X-Verdicts") != "" || header.Get("X-Tests-Failing") == "" {
			return errors.New("a push of the benchmark did not get its verdicts")
		}
		spans = append(spans, time.Since(at))
	}
	took := time.Since(begin)
	stop()
	beside := <-dripped
	if beside.err != nil {
		return beside.err
	}
	p50, p99 := quantiles(spans)
	r.add(fmt.Sprintf("%s: push to its verdicts of %d tests over %d records, %s changed beside it", where, watchedTests, watchedRecords, rate(float64(beside.records)/took.Seconds())),
		fmt.Sprintf("p50 %s, p99 %s", brief(p50), brief(p99)), "", "")
	return nil
}

// settle waits until the new tests have their first verdicts.
func (s *server) settle(ctx context.Context, to resource) error {
	for range 4 { // each waits up to 30 s
		header, _, err := s.call(ctx, http.MethodPost, to.path+"?wait=verdict", []byte(`{"data":[]}`))
		if err != nil || header.Get("X-Verdicts") == "" {
			return err
		}
	}
	return errors.New("the tests of the benchmark get no verdicts")
}

// drip pushes a batch of changed records every tick until ctx ends, and gives
// how many they were.
func (s *server) drip(ctx context.Context, to resource) (records int, err error) {
	tick := time.NewTicker(dripEvery)
	defer tick.Stop()
	for n := 0; ; n++ {
		first := n * batch % watchedRecords
		text := bodies(sequential(first, batch), n+1)[0]
		select {
		case <-ctx.Done():
			return records, nil
		case <-tick.C:
		}
		// A push that has begun is not broken off.
		if err := s.send(context.WithoutCancel(ctx), to.path, text, updated); err != nil {
			return records, err
		}
		records += batch
	}
}
