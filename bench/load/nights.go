//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	nightRounds = 3
	// nightPart is how many records of a session are made at a time.
	nightPart = 100 * batch
	// oneChangedOf is how many records there are for each that a night changes.
	oneChangedOf = 1000
)

// night is how long the parts of one session took.
type night struct{ staging, completion, evaluation time.Duration }

// nights measures sessions that bring all records of a tested resource again, of
// which few have changed, beside a bare scan of the same rows.
func nights(ctx context.Context, r *report, where string, s *server, of resource, records int, what string, bare scan) error {
	var all []night
	var limits []time.Duration
	for n := range nightRounds {
		limit, err := timed(ctx, bare, records)
		if err != nil {
			return err
		}
		took, err := s.night(ctx, of, records, n+1)
		if err != nil {
			return err
		}
		all, limits = append(all, took), append(limits, limit)
	}
	for _, part := range []struct {
		name string
		took func(night) time.Duration
	}{
		{"staging", func(n night) time.Duration { return n.staging }},
		{"its completion", func(n night) time.Duration { return n.completion }},
		{"from there to the verdicts", func(n night) time.Duration { return n.evaluation }},
	} {
		var spans []time.Duration
		var ratios []float64
		for i, n := range all {
			spans, ratios = append(spans, part.took(n)), append(ratios, part.took(n).Seconds()/limits[i].Seconds())
		}
		r.add(fmt.Sprintf("%s: session of %d records, one of %d changed: %s", where, records, oneChangedOf, part.name), brief(median(spans)),
			fmt.Sprintf("%s %s", what, brief(median(limits))), spread(ratios))
	}
	return nil
}

// nightly are records as they were pushed first, with the number of some raised.
func nightly(first, records, salt int) keys {
	return func(yield func(int, string) bool) {
		for n, key := range sequential(first, records) {
			if n%oneChangedOf == 0 {
				n += salt
			}
			if !yield(n, key) {
				return
			}
		}
	}
}

func (s *server) night(ctx context.Context, of resource, records, salt int) (took night, err error) {
	path := fmt.Sprintf("%s/sessions/night-%d", strings.TrimSuffix(of.path, "/records"), salt)
	for first := 0; first < records; first += nightPart {
		part, err := s.push(ctx, path, clients, bodies(nightly(first, min(nightPart, records-first), salt), 0), created)
		if err != nil {
			return took, err
		}
		took.staging += part.took
	}
	begin := time.Now()
	_, reply, err := s.call(ctx, http.MethodPost, path+"/actions", []byte(`{"action":"complete"}`))
	if err != nil {
		return took, err
	}
	took.completion = time.Since(begin)
	var done struct{ Created, Updated, Unchanged, Deleted int }
	if err := json.Unmarshal(reply, &done); err != nil {
		return took, err
	}
	if changed := (records + oneChangedOf - 1) / oneChangedOf; done.Updated != changed || done.Unchanged != records-changed || done.Created+done.Deleted != 0 {
		return took, fmt.Errorf("a session of the benchmark ended with %.300s", reply)
	}
	begin = time.Now()
	if err := s.settle(ctx, of); err != nil {
		return took, err
	}
	took.evaluation = time.Since(begin)
	return took, nil
}
