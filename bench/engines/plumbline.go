package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/rule"
)

// plumbline reads the text of a record itself, so it has nothing decoded.
type plumbline struct {
	program *rule.Program
}

func newPlumbline(tests []test) (*plumbline, error) {
	rules := make([]rule.Rule, len(tests))
	for i, t := range tests {
		evaluator, err := rule.ParseEvaluator([]byte(t.json))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.about, err)
		}
		rules[i].Evaluator = evaluator
	}
	program, err := rule.Compile(rules)
	return &plumbline{program}, err
}

func judge(m *rule.Machine, text []byte, verdicts []bool) error {
	m.Run(text, now)
	for i := range verdicts {
		switch m.Outcome(i) {
		case rule.Pass:
			verdicts[i] = true
		case rule.Fail:
			verdicts[i] = false
		default:
			return fmt.Errorf("test %d: %s %s", i+1, m.Outcome(i), m.Problem(i))
		}
	}
	return nil
}

func (p *plumbline) verdicts(records [][]byte) ([][]bool, error) {
	m := p.program.Machine()
	out := make([][]bool, len(records))
	for i, text := range records {
		out[i] = make([]bool, p.program.Len())
		if err := judge(m, text, out[i]); err != nil {
			return nil, fmt.Errorf("record %s: %w", text, err)
		}
	}
	return out, nil
}

func (p *plumbline) speed(records [][]byte, length time.Duration, _ bool) (float64, error) {
	return perSecond(len(records), length, p.judging(records))
}

// judging decides the tests on a record, with a machine of its own.
func (p *plumbline) judging(records [][]byte) func(i int) error {
	m, verdicts := p.program.Machine(), make([]bool, p.program.Len())
	return func(i int) error { return judge(m, records[i], verdicts) }
}

// speedOn is that of so many goroutines together, each with a core of its own. It
// goes by the clock, because the processor's time would hide that they wait.
func (p *plumbline) speedOn(cores int, records [][]byte, length time.Duration) (float64, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	calls, errs := make([]int, cores), make([]error, cores)
	begin := time.Now()
	var all sync.WaitGroup
	for c := range cores {
		all.Go(func() { calls[c], errs[c] = roundAndRound(len(records), length, p.judging(records)) })
	}
	all.Wait()
	seconds, sum := time.Since(begin).Seconds(), 0
	for _, n := range calls {
		sum += n
	}
	return float64(sum) / seconds, errors.Join(errs...)
}

// allocations counts those of one pass over the records by a machine that has
// seen them before.
func (p *plumbline) allocations(records [][]byte) uint64 {
	decide := p.judging(records)
	pass := func() {
		for i := range records {
			_ = decide(i)
		}
	}
	pass()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	pass()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}
