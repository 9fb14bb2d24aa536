package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/rule"
)

// Cover is an exclusion as the evaluator knows it: which records of a resource
// it takes out of the count of a test, and until when.
type Cover struct {
	ID, TestID int64
	// Version changes with every change of the exclusion.
	Version int64
	// Key names the one record, empty if there is a Selector. RecordID is its id, 0
	// if there is no such record now; steps do not ask for it.
	Key      string
	RecordID int64
	// Selector is the text of the condition that the records satisfy, with
	// named conditions written out.
	Selector json.RawMessage
	Reason   string
	// ExpiresAt is zero for an exclusion without an end.
	ExpiresAt   time.Time
	ExpireOnFix bool
}

func (x *Cover) active(at time.Time) bool { return x.ExpiresAt.IsZero() || at.Before(x.ExpiresAt) }

// rule is the selector as a rule: the records that satisfy it are covered.
func (x *Cover) rule() (rule.Rule, error) {
	c, err := rule.ParseEvaluator(x.Selector)
	if err != nil {
		return rule.Rule{}, fmt.Errorf("parse the selector of exclusion %d: %w", x.ID, err)
	}
	return rule.Rule{Evaluator: c}, nil
}

// excluded is the state of an excluded record that would have state s, which is
// neither NoState nor OutOfScope; plain is the opposite, of any state.
func (s State) excluded() State { return s &^ 0x20 }
func (s State) plain() State    { return s | 0x20 }

// troubled reports whether the group says anything but that the record passes.
func (s State) troubled() bool { return s.failing() || s.plain() == Faulty }

// coverage is the exclusions over a resource at a moment, to be held against its
// records one by one.
type coverage struct {
	now time.Time
	// selectors stand in the program of the resource from first on.
	selectors []Cover
	first     int
	keyed     map[string][]Cover
}

func (ev *Evaluation) coverage(now time.Time) coverage {
	return coverage{now: now, selectors: ev.Selectors, first: len(ev.Groups)}
}

// name adds exclusions of single records.
func (c *coverage) name(list []Cover) {
	c.keyed = make(map[string][]Cover, len(list))
	for _, x := range list {
		c.keyed[x.Key] = append(c.keyed[x.Key], x)
	}
}

// of are the tests from whose count a record is taken, on which m has just been
// run; keyed are the exclusions that name it. flip is when that may change.
func (c *coverage) of(m *rule.Machine, keyed []Cover) (tests []int64, flip time.Time) {
	covered := func(x *Cover) {
		tests = append(tests, x.TestID)
		if !x.ExpiresAt.IsZero() {
			flip = earlier(flip, x.ExpiresAt)
		}
	}
	for i := range keyed {
		if x := &keyed[i]; x.active(c.now) {
			covered(x)
		}
	}
	for n := range c.selectors {
		x := &c.selectors[n]
		if !x.active(c.now) {
			continue
		}
		if at, ok := m.Flip(c.first + n); ok {
			flip = earlier(flip, roundUp(at))
		}
		if m.Outcome(c.first+n) == rule.Pass {
			covered(x)
		}
	}
	return tests, flip
}

// cover reads the exclusions that name records of this step.
func (s *step) cover(ctx context.Context, subjects []Subject) error {
	if !s.ev.Recorded || len(subjects) == 0 {
		return nil
	}
	keys := make([]string, len(subjects))
	for i := range subjects {
		keys[i] = subjects[i].Key
	}
	list, err := s.store.RecordCovers(ctx, s.ev.ResourceID, keys)
	if err == nil && len(list) > 0 {
		s.covers.name(list)
	}
	return err
}

// endFixed ends the exclusions that end with the mending of their record, and
// has the record looked at once more without them.
func (s *step) endFixed() {
	byKey := map[string][]*touched{}
	for _, id := range s.order {
		t := s.verdicts[id]
		for _, x := range s.covers.keyed[t.subject.Key] {
			if x.ExpireOnFix && x.active(s.batch.At) {
				byKey[x.Key] = append(byKey[x.Key], t)
				break
			}
		}
	}
	for key, forms := range byKey {
		for _, x := range s.covers.keyed[key] {
			if !x.ExpireOnFix || !x.active(s.batch.At) || !s.mended(x.TestID, forms) {
				continue
			}
			s.batch.Fixed = append(s.batch.Fixed, x.ID)
			for _, t := range forms {
				t.flipAt(s.batch.At)
			}
		}
	}
}

// mended reports whether a test found something wrong with a record and does not
// any more. A key may have two forms in one step: what was deleted and what
// came after it.
func (s *step) mended(testID int64, forms []*touched) bool {
	was, is := false, false
	for i := range s.ev.Groups {
		g := &s.ev.Groups[i]
		if g.TestID != testID || g.State != Live {
			continue
		}
		for _, t := range forms {
			was = was || g.against(stateAt(t.subject.Old.States, g.Slot))
			is = is || g.against(stateAt(string(t.states), g.Slot))
		}
	}
	return was && !is
}

// against reports whether a record in a state is what the group would rather not
// have. Of what there may be at most so many, that is one that satisfies.
func (g *Group) against(s State) bool {
	if a := g.Rule.Assertion; a.Kind == rule.Count && a.Min == nil {
		return s.plain() == Pass || s.plain() == Faulty
	}
	return s.troubled()
}

// stateAt is the state at a slot, past the end NoState.
func stateAt(states string, slot int) State {
	if slot >= len(states) {
		return NoState
	}
	return State(states[slot])
}

// exclude takes records out of the counts of the groups over a resource, which
// are of one test.
func (s *survey) exclude(resourceID int64, list []Cover) error {
	p := s.plans[slices.IndexFunc(s.plans, func(p *plan) bool { return p.resourceID == resourceID })]
	rules := make([]rule.Rule, len(p.groups), len(p.groups)+len(list))
	for n, i := range p.groups {
		rules[n] = rule.NewRule(&s.groups[i].Rule)
	}
	p.excluded = map[int64]bool{}
	for i := range list {
		x := &list[i]
		switch {
		case !x.active(s.now):
		case x.Selector == nil:
			p.excluded[x.RecordID] = true
		default:
			r, err := x.rule()
			if err != nil {
				return err
			}
			rules, p.selectors = append(rules, r), p.selectors+1
		}
	}
	var err error
	p.program, err = rule.Compile(rules)
	return err
}

// excludes reports whether a record is excluded, on which m has just been run.
func (p *plan) excludes(m *rule.Machine, id int64) bool {
	if p.excluded[id] {
		return true
	}
	for n := range p.selectors {
		if m.Outcome(len(p.groups)+n) == rule.Pass {
			return true
		}
	}
	return false
}
