package check

import (
	"context"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

// draftExamples is how many failing records a draft's run keeps.
const draftExamples = 20

// runDraft evaluates the draft over the live records. It keeps counts and
// examples and counts for nothing.
func (s *Service) runDraft(ctx context.Context, a event.Actor, t Test) (Test, error) {
	if t.Draft == nil {
		return t, fault.New(fault.CodeConflict, "the test has no draft to run")
	}
	made, err := s.compile(ctx, t.WorkspaceID, t.Draft.Logic)
	if err != nil {
		return t, err
	}
	groups := made.groups
	run := DraftRun{Version: t.Draft.Number, RunAt: s.now(), Examples: []Example{}}
	for i := range groups {
		if err := s.tally(ctx, t.ID, &groups[i], &run); err != nil {
			return t, err
		}
	}
	st := settle(Test{Groups: groups}, made.logic)
	run.Result, run.Reason = st.Result, st.Reason
	run.Counts = Test{Groups: groups}.Totals()
	t.DraftRun = &run
	return t, s.store.SaveDraftRun(ctx, t, run, s.event(a, event.DraftRun, t, "The draft of test “"+t.Name+"” was run",
		map[string]any{"result": run.Result, "failing": run.Counts.Failing}))
}

// tally counts the states of all records under one group.
func (s *Service) tally(ctx context.Context, testID int64, g *Group, run *DraftRun) error {
	p, err := rule.Compile([]rule.Rule{rule.NewRule(&g.Rule)})
	if err != nil {
		return err
	}
	m := p.Machine()
	if err := s.collect(ctx, p, m, run.RunAt); err != nil {
		return err
	}
	list, err := s.store.Covers(ctx, testID, g.Resource.ID, nil)
	if err != nil {
		return err
	}
	excluded, err := newCovers(list)
	if err != nil {
		return err
	}
	unique := g.Rule.Assertion.Kind == rule.Unique
	members := map[string]int64{}
	err = s.store.Scan(ctx, g.Resource.ID, func(_ int64, key string, body []byte) error {
		m.Run(body, run.RunAt)
		state := stateOf(m.Outcome(0))
		if state != OutOfScope && excluded.of(key, body, run.RunAt) != nil {
			state = state.excluded()
		}
		g.Counts.move(NoState, state)
		if unique && state == Pass {
			if v, ok := m.Unique(0); ok {
				members[keptText(v)]++
			}
		}
		if state == Fail && len(run.Examples) < draftExamples {
			text := []byte(strings.Clone(string(body)))
			run.Examples = append(run.Examples, Example{RecordID: strings.Clone(key),
				ResourceName: displayName(g.Resource.DisplayNameKey, strings.Clone(key), text),
				Cause:        m.Explain(0, text, run.RunAt).Leaves()})
		}
		return nil
	})
	for _, n := range members {
		if n > 1 {
			g.Counts.Passing -= n
			g.Counts.Failing += n
		}
	}
	return err
}

func stateOf(o rule.Outcome) State {
	switch o {
	case rule.OutOfScope:
		return OutOfScope
	case rule.Pass:
		return Pass
	case rule.Fail:
		return Fail
	}
	return Faulty
}

// move takes a record from one state to another.
func (c *Counts) move(from, to State) {
	c.add(from, -1)
	c.add(to, 1)
}

func (c *Counts) add(s State, n int64) {
	switch s {
	case OutOfScope:
		c.OutOfScope += n
	case Pass:
		c.Passing += n
	case Fail, Duplicate:
		c.Failing += n
	case Faulty:
		c.Errors += n
	case Pass.excluded(), Fail.excluded(), Duplicate.excluded(), Faulty.excluded():
		c.Excluded += n
	}
}
