package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"syscall"
	"time"
)

// variant is one way of using an engine with the tests of one size of record.
type variant interface {
	// verdicts decides every test on every record.
	verdicts(records [][]byte) ([][]bool, error)
	// speed goes round and round the records on one core for a while and gives
	// records a second: from their text, or else from what decoding made of it.
	speed(records [][]byte, length time.Duration, decoded bool) (float64, error)
}

// engine is one contender with the ways of using it; the fastest is measured.
type engine struct {
	name, version string
	variants      []namedVariant
}

type namedVariant struct {
	name string
	variant
}

// decoding is a variant that decodes the text of a record and then decides.
type decoding struct {
	decode func(text []byte) (any, error)
	decide func(record any, verdicts []bool) error
	tests  int
}

// decodeMap is how most programs read JSON.
func decodeMap(text []byte) (any, error) {
	var m map[string]any
	err := json.Unmarshal(text, &m)
	return m, err
}

func (d *decoding) verdicts(records [][]byte) ([][]bool, error) {
	out := make([][]bool, len(records))
	for i, text := range records {
		record, err := d.decode(text)
		if err != nil {
			return nil, err
		}
		out[i] = make([]bool, d.tests)
		if err := d.decide(record, out[i]); err != nil {
			return nil, fmt.Errorf("record %s: %w", text, err)
		}
	}
	return out, nil
}

func (d *decoding) speed(records [][]byte, length time.Duration, decoded bool) (float64, error) {
	verdicts := make([]bool, d.tests)
	if !decoded {
		return perSecond(len(records), length, func(i int) error {
			record, err := d.decode(records[i])
			if err != nil {
				return err
			}
			return d.decide(record, verdicts)
		})
	}
	ready := make([]any, len(records))
	for i, text := range records {
		var err error
		if ready[i], err = d.decode(text); err != nil {
			return 0, err
		}
	}
	return perSecond(len(records), length, func(i int) error { return d.decide(ready[i], verdicts) })
}

// stride is how many records are decided between two looks at the clock.
const stride = 50

// roundAndRound calls do with 0 to n-1 again and again for a while and says how
// often.
func roundAndRound(n int, length time.Duration, do func(i int) error) (calls int, err error) {
	next := 0
	for begin := time.Now(); time.Since(begin) < length; calls += stride {
		for range stride {
			if err := do(next); err != nil {
				return calls, err
			}
			if next++; next == n {
				next = 0
			}
		}
	}
	return calls, nil
}

// stopwatch takes time by the clock, or by the processor where that is less, so
// that a core which this process had to share does not count as its own.
type stopwatch struct {
	clock     time.Time
	processor time.Duration
}

func startStopwatch() stopwatch { return stopwatch{time.Now(), processorTime()} }

func (s stopwatch) seconds() float64 {
	return min(time.Since(s.clock), processorTime()-s.processor).Seconds()
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// perSecond is the speed of calls on one core.
func perSecond(n int, length time.Duration, do func(i int) error) (float64, error) {
	watch := startStopwatch()
	calls, err := roundAndRound(n, length, do)
	return float64(calls) / watch.seconds(), err
}

// moduleVersion is that of a library this program was built with.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}
