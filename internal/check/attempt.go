package check

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	// maxAttempts is how many records can be tried at once.
	maxAttempts = 100
	// attemptTime is how long values may be looked up in other resources.
	attemptTime = 5 * time.Second
)

// Attempt is what one group of some logic says of a record that somebody wrote or
// pasted. It is stored nowhere.
type Attempt struct {
	State State
	// Cause are the conditions to blame, Words the same in words; of a passing
	// record there are none.
	Cause []rule.Cause
	Words []string
	// Counterfactual says what would make a failing record pass, "" if that is not known.
	Counterfactual string
}

// Attempt evaluates a group of some logic, counted from 0, on given records, each
// a JSON object. What other resources hold is looked up; a uniqueness among the
// stored records is not.
func (s *Service) Attempt(ctx context.Context, workspaceID int64, logic []byte, group int, records [][]byte) ([]Attempt, error) {
	if len(records) == 0 || len(records) > maxAttempts {
		return nil, fault.New(fault.CodeValidation, "`records` (/records) must hold 1 to %d records", maxAttempts).At("/records")
	}
	made, err := s.compile(ctx, workspaceID, logic)
	if err != nil {
		return nil, err
	}
	if group < 0 || group >= len(made.groups) {
		return nil, fault.New(fault.CodeValidation, "`group` (/group) is %d; the logic has %d groups, counted from 0", group, len(made.groups)).At("/group")
	}
	free, err := s.previews.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	v, err := newSurvey(s.store, made.groups[group:group+1], time.Time{}, s.now())
	if err != nil {
		return nil, err
	}
	p := v.plans[0]
	if len(p.answers) > 0 {
		end := s.now().Add(attemptTime)
		v.over = func() bool { return s.now().After(end) }
		err := s.store.Look(ctx, v.resources(), v.at, v.readers, func(readers []Reader) error { return v.collect(ctx, readers) })
		if errors.Is(err, errOver) {
			return nil, fault.New(fault.CodeUnprocessable, "the group looks up more records of other resources than can be read in %d seconds", int(attemptTime.Seconds()))
		}
		if err != nil {
			return nil, err
		}
	}
	m := v.counter(p).machine
	out := make([]Attempt, len(records))
	for i, body := range records {
		x := m.Explain(0, body, v.now)
		out[i] = Attempt{State: stateOf(x.Outcome), Cause: slices.Clone(x.Leaves()), Words: x.Words, Counterfactual: x.Counterfactual}
	}
	return out, nil
}
