package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

const rounds = 3

// calibration is how long a variant runs at a time before the fastest is chosen.
const calibration = 300 * time.Millisecond

// result is what came out for one size of record. Speeds are records a second.
type result struct {
	size
	bytes, records int
	ours, onTwo    float64
	allocations    uint64 // of one pass over the records
	peers          []peerResult
}

// peerResult has the speeds of the fastest way of using an engine, and those
// that each way reached when they were tried.
type peerResult struct {
	name, version, variant string
	text, decoded          float64
	tried                  []float64
	ways                   []namedVariant
}

// compare checks that all engines agree and then measures them in turn, round by
// round, so that what disturbs the machine disturbs them alike.
func compare(ctx context.Context, process *node, s size, records [][]byte, length time.Duration) (*result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ours, err := newPlumbline(s.tests)
	if err != nil {
		return nil, err
	}
	peers, err := newPeers(ctx, process, s.tests, records)
	if err != nil {
		return nil, err
	}
	if err := agree(s.tests, ours, peers, records); err != nil {
		return nil, err
	}
	r := &result{size: s, records: len(records), allocations: ours.allocations(records)}
	for _, record := range records {
		r.bytes += len(record)
	}
	chosen := make([]variant, len(peers))
	for i, e := range peers {
		tried, err := try(e, records, length)
		if err != nil {
			return nil, err
		}
		best := e.variants[slices.Index(tried, slices.Max(tried))]
		chosen[i] = best
		r.peers = append(r.peers, peerResult{name: e.name, version: e.version, variant: best.name, tried: tried, ways: e.variants})
	}
	own, both := make([]float64, rounds), make([]float64, rounds)
	text, decoded := make([][rounds]float64, len(peers)), make([][rounds]float64, len(peers))
	for round := range rounds {
		progress("%s records, round %d of %d", s.name, round+1, rounds)
		if own[round], err = ours.speed(records, length, false); err != nil {
			return nil, err
		}
		if both[round], err = ours.speedOn(2, records, length); err != nil {
			return nil, err
		}
		for i, v := range chosen {
			if text[i][round], err = v.speed(records, length, false); err != nil {
				return nil, err
			}
			if decoded[i][round], err = v.speed(records, length, true); err != nil {
				return nil, err
			}
		}
	}
	r.ours, r.onTwo = median(own), median(both)
	for i := range peers {
		r.peers[i].text, r.peers[i].decoded = median(text[i][:]), median(decoded[i][:])
	}
	return r, nil
}

func newPeers(ctx context.Context, process *node, tests []test, records [][]byte) ([]engine, error) {
	peers, err := newNodeEngines(process, tests, records)
	if err != nil {
		return nil, err
	}
	for _, start := range []func() (engine, error){
		func() (engine, error) { return newOpa(ctx, tests) },
		func() (engine, error) { return newCel(tests) },
		func() (engine, error) { return newExpr(tests) },
		func() (engine, error) { return newGojq(tests) },
	} {
		e, err := start()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		peers = append(peers, e)
	}
	return peers, nil
}

// agree fails when a variant of a peer decides a test on a record otherwise than
// the product does, or when a test says the same of all records.
func agree(tests []test, ours variant, peers []engine, records [][]byte) error {
	want, err := ours.verdicts(records)
	if err != nil {
		return err
	}
	var problems []error
	for i, t := range tests {
		passed := 0
		for _, row := range want {
			if row[i] {
				passed++
			}
		}
		if passed == 0 || passed == len(want) {
			problems = append(problems, fmt.Errorf("test %q passes %d of %d records", t.about, passed, len(want)))
		}
	}
	for _, e := range peers {
		for _, v := range e.variants {
			got, err := v.verdicts(records)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", e.name, v.name, err)
			}
			problems = append(problems, differences(e.name+", "+v.name, tests, records, want, got)...)
		}
	}
	return errors.Join(problems...)
}

// differences tells of each test the first record on which it differs.
func differences(who string, tests []test, records [][]byte, want, got [][]bool) []error {
	if len(got) != len(want) {
		return []error{fmt.Errorf("%s answers for %d of %d records", who, len(got), len(want))}
	}
	var out []error
	told := make([]bool, len(tests))
	for n := range want {
		if len(got[n]) != len(tests) {
			return append(out, fmt.Errorf("%s answers %d of %d tests", who, len(got[n]), len(tests)))
		}
		for i, t := range tests {
			if got[n][i] != want[n][i] && !told[i] {
				told[i] = true
				out = append(out, fmt.Errorf("%s says %t and package rule %t of test %q on %s", who, got[n][i], want[n][i], t.about, records[n]))
			}
		}
	}
	return out
}

// try runs the variants in turn, several times over, and gives the highest speed
// of each: what disturbs the machine can only slow a variant down.
func try(e engine, records [][]byte, length time.Duration) ([]float64, error) {
	best := make([]float64, len(e.variants))
	for range rounds {
		for i, v := range e.variants {
			speed, err := v.speed(records, min(length, calibration), false)
			if err != nil {
				return nil, err
			}
			best[i] = max(best[i], speed)
		}
	}
	return best, nil
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	return of[len(of)/2]
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
