package check

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

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
	run := DraftRun{Version: t.Draft.Number, RunAt: s.now()}
	v, err := newSurvey(s.store, made.groups, time.Time{}, run.RunAt)
	if err != nil {
		return t, err
	}
	for _, p := range v.plans {
		list, err := s.store.Covers(ctx, t.ID, p.resourceID, nil)
		if err == nil && len(list) > 0 {
			err = v.exclude(p.resourceID, list)
		}
		if err != nil {
			return t, err
		}
	}
	if err := v.run(ctx, func(r Reader) (err error) {
		run.Examples, err = v.examples(r)
		return err
	}); err != nil {
		return t, err
	}
	st := settle(Test{Groups: v.groups}, made.logic)
	run.Result, run.Reason = st.Result, st.Reason
	run.Counts = Test{Groups: v.groups}.Totals()
	t.DraftRun = &run
	return t, s.store.SaveDraftRun(ctx, t, run, s.event(a, event.DraftRun, t, "The draft of test “"+t.Name+"” was run",
		map[string]any{"result": run.Result, "failing": run.Counts.Failing}))
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
