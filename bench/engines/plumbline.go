package main

import (
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
	m, verdicts := p.program.Machine(), make([]bool, p.program.Len())
	return roundAndRound(len(records), length, func(i int) error { return judge(m, records[i], verdicts) })
}

// speedOn is the sum of that many goroutines, each on a core and with a machine
// of its own.
func (p *plumbline) speedOn(cores int, records [][]byte, length time.Duration) (float64, error) {
	before := runtime.GOMAXPROCS(cores)
	defer runtime.GOMAXPROCS(before)
	speeds, errs := make([]float64, cores), make([]error, cores)
	var all sync.WaitGroup
	for c := range cores {
		all.Go(func() { speeds[c], errs[c] = p.speed(records, length, false) })
	}
	all.Wait()
	sum := 0.0
	for c := range cores {
		if errs[c] != nil {
			return 0, errs[c]
		}
		sum += speeds[c]
	}
	return sum, nil
}

// allocations counts those of one pass over the records by a machine that has
// seen them before.
func (p *plumbline) allocations(records [][]byte) uint64 {
	m, verdicts := p.program.Machine(), make([]bool, p.program.Len())
	pass := func() {
		for _, text := range records {
			_ = judge(m, text, verdicts)
		}
	}
	pass()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	pass()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}
