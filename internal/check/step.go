package check

import (
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/rule"
)

// step is the work of one evaluation: it gathers subjects, runs the program
// over them and collects what changes.
type step struct {
	ev      Evaluation
	rules   *rule.Program
	machine *rule.Machine
	// sources runs the questions of the lookups over the records.
	sources *rule.Machine
	store   EvaluatorStore
	batch   Batch
	// before are the groups as they were read, to tell what changed.
	before []GroupChange
	unique map[int]*uniqueStep
	// fresh are the groups to which the subjects of this step are new.
	fresh map[int]bool
	// verdicts are the records of this step by id, so that one that is touched
	// twice is written once; order is the order in which they came.
	verdicts map[int64]*touched
	order    []int64
	// covers are the exclusions; those that name a record only of this step.
	covers coverage
	// trigger is what the step follows.
	trigger Trigger
}

// touched is a record whose verdict is worked on in this step.
type touched struct {
	subject Subject
	states  []byte
	flip    time.Time
}

// newStep is a step over a resource as it was read, at a moment.
func (e *Evaluator) newStep(ev Evaluation, now time.Time) (*step, error) {
	p, err := e.program(ev)
	if err != nil {
		return nil, err
	}
	s := &step{trigger: ByPush, ev: ev, rules: p.rules, machine: p.rules.Machine(), sources: p.sources.Machine(), store: e.store,
		batch:  Batch{ResourceID: ev.ResourceID, Epoch: ev.Epoch, Watermark: ev.Watermark, Answered: ev.Answered, At: now},
		unique: map[int]*uniqueStep{}, fresh: map[int]bool{}, verdicts: map[int64]*touched{}}
	s.covers = ev.coverage(now)
	s.batch.Expired = !ev.Expires.IsZero() && !now.Before(ev.Expires)
	for _, g := range ev.Groups {
		s.before = append(s.before, g.change())
	}
	s.markProblems(p)
	return s, nil
}

func (g Group) change() GroupChange {
	return GroupChange{ID: g.ID, Counts: g.Counts, Cursor: g.Cursor, State: g.State, Problem: g.Problem}
}

// markProblems notes groups that cannot be evaluated as a whole any more, or
// can again.
func (s *step) markProblems(p program) {
	for i := range s.ev.Groups {
		g := &s.ev.Groups[i]
		g.Problem = g.problem(s.ev.Deleted, p.sch)
		for n := range g.Asks {
			if g.Problem == NoProblem {
				g.Problem = g.Asks[n].problem(p.asked)
			}
		}
	}
}

// gather takes the next subjects: changes first, then flips that are due, then
// records that ask for values which came or left, then those that a building
// group has not seen. It reports whether there may be more.
func (s *step) gather(ctx context.Context) (more bool, err error) {
	id := s.ev.ResourceID
	if s.ev.Deleted {
		s.abandon()
		return false, nil
	}
	if worked, err := s.answer(ctx); worked || err != nil {
		return true, err
	}
	if s.ev.Watermark.before(s.ev.ChangeSeq) {
		changes, more, err := s.store.Changes(ctx, id, s.ev.Watermark, chunk)
		if err != nil {
			return false, err
		}
		changes, s.batch.Watermark = whole(changes, more, s.ev.ChangeSeq)
		return true, s.evaluate(ctx, changes)
	}
	due, err := s.store.Due(ctx, id, s.batch.At, chunk)
	if err != nil {
		return false, err
	}
	if len(due) > 0 {
		s.trigger = ByTime
		// Values that changed by time are stored first; the records stay due.
		if changed, err := s.contribute(ctx, due); changed || err != nil {
			return true, err
		}
		return true, s.judge(ctx, due)
	}
	if worked, err := s.revisit(ctx); worked || err != nil {
		return true, err
	}
	return s.build(ctx)
}

// abandon ends the work on a resource whose connection is deleted.
func (s *step) abandon() {
	s.batch.Watermark = Whole(s.ev.ChangeSeq)
	s.batch.Answered = s.batch.Watermark
	for _, l := range s.ev.Lookups {
		if l.State == Building {
			s.batch.Lookups = append(s.batch.Lookups, LookupChange{l.ID, Live, l.Cursor})
		}
	}
	for i := range s.ev.Groups {
		if g := &s.ev.Groups[i]; g.State == Building {
			g.State = Built
		}
	}
	for _, p := range s.ev.Parts {
		s.batch.Parts = append(s.batch.Parts, PartChange{RunID: p.RunID, ResourceID: p.Resource, Cursor: p.Cursor,
			ToSeq: s.ev.ChangeSeq, SchemaVersion: p.SchemaVersion, Digest: p.Digest, Done: true})
	}
}

func (m Mark) before(seq int64) bool { return m.Seq < seq || m.Seq == seq && m.ID != Whole(0).ID }

// whole cuts a chunk, unless it holds all changes up to seq, back to the end of
// its last whole change, so that verdicts can settle there, and tells the
// watermark after it. A change larger than a chunk is taken in parts.
func whole(changes []Subject, more bool, seq int64) ([]Subject, Mark) {
	if !more {
		return changes, Whole(seq)
	}
	last := changes[len(changes)-1].Mark
	cut := slices.IndexFunc(changes, func(c Subject) bool { return c.Mark.Seq == last.Seq })
	if cut == 0 {
		return changes, last
	}
	return changes[:cut], Whole(last.Seq - 1)
}

// build covers the next records for the building groups that are furthest
// behind. To these groups the rows are fresh: the states in their slots are
// those of whoever had the slot before.
func (s *step) build(ctx context.Context) (more bool, err error) {
	cursor := int64(-1)
	for _, g := range s.ev.Groups {
		if g.State == Building && g.ready() && (cursor < 0 || g.Cursor < cursor) {
			cursor = g.Cursor
		}
	}
	if cursor < 0 {
		return false, nil
	}
	s.trigger = ByPublish
	rows, others, err := s.store.Rows(ctx, s.ev.ResourceID, s.ev.Watermark, cursor, chunk)
	if err != nil {
		return false, err
	}
	next := cursor
	if len(rows) > 0 {
		next = rows[len(rows)-1].ID
	}
	for i := range s.ev.Groups {
		g := &s.ev.Groups[i]
		if g.State != Building || !g.ready() || g.Cursor != cursor {
			continue
		}
		g.Cursor = next
		s.fresh[i] = true
		if !others {
			defer func() { g.State = Built }()
		}
	}
	return true, s.evaluate(ctx, rows)
}

// evaluate runs the program over subjects and writes down what changed.
func (s *step) evaluate(ctx context.Context, subjects []Subject) error {
	// Time may have changed values since they were stored, and the flips that
	// are noted here begin at this moment.
	if _, err := s.contribute(ctx, subjects); err != nil {
		return err
	}
	return s.judge(ctx, subjects)
}

// judge is evaluate for subjects whose values are stored as they are now.
func (s *step) judge(ctx context.Context, subjects []Subject) error {
	if err := s.consult(ctx, subjects); err != nil {
		return err
	}
	if err := s.cover(ctx, subjects); err != nil {
		return err
	}
	for i := range subjects {
		s.touch(&subjects[i])
	}
	for i, u := range s.unique {
		if err := u.resolve(ctx, s, i); err != nil {
			return err
		}
	}
	s.endFixed()
	s.finish()
	return nil
}

// covered reports whether a group has a state of its own for a record: a
// building one only up to its cursor.
func covered(g *Group, recordID int64) bool { return g.State != Building || recordID <= g.Cursor }

func (s *step) touch(sub *Subject) {
	t := &touched{subject: *sub, states: slices.Repeat([]byte{byte(NoState)}, s.slots(sub.Old.States))}
	copy(t.states, sub.Old.States)
	s.verdicts[sub.ID] = t
	s.order = append(s.order, sub.ID)
	var excluded []int64
	if !sub.Deleted {
		s.machine.Run(sub.Body, s.batch.At)
		var flip time.Time
		if excluded, flip = s.covers.of(s.machine, s.covers.keyed[sub.Key]); !flip.IsZero() {
			t.flipAt(flip)
		}
	}
	for i := range s.ev.Groups {
		g := &s.ev.Groups[i]
		if !covered(g, sub.ID) {
			continue
		}
		old := State(t.states[g.Slot])
		if s.fresh[i] {
			old = NoState
			t.states[g.Slot] = byte(NoState)
		}
		state := NoState
		if !sub.Deleted {
			state = stateOf(s.machine.Outcome(i))
			if flip, ok := s.machine.Flip(i); ok {
				t.flipAt(flip)
			}
		}
		out := state != OutOfScope && slices.Contains(excluded, g.TestID)
		if g.Rule.Assertion.Kind == rule.Unique {
			s.uniqueOf(i).add(sub.ID, state, out, s.machine, i, sub.Deleted)
		}
		if out {
			state = state.excluded()
		}
		s.move(i, t, old, state)
	}
	if !sub.Deleted {
		s.flipLookups(sub.Body, t)
	}
}

// flipAt notes a moment at which the record must be looked at again, rounded up
// to what the store keeps: a moment rounded down would come before the flip.
func (t *touched) flipAt(at time.Time) {
	t.flip = earlier(t.flip, roundUp(at))
}

func roundUp(at time.Time) time.Time { return at.Add(time.Microsecond - 1).Truncate(time.Microsecond) }

// earlier is the earlier of two moments, of which a may be zero: never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func (s *step) slots(old string) int {
	n := len(old)
	for i := range s.ev.Groups {
		n = max(n, s.ev.Groups[i].Slot+1)
	}
	return n
}

// move takes a record to a state under a group: counters and findings follow.
func (s *step) move(i int, t *touched, from, to State) {
	g := &s.ev.Groups[i]
	t.states[g.Slot] = byte(to)
	if from == to {
		return
	}
	g.Counts.move(from, to)
	s.moved(g)
	if g.Rule.Assertion.Kind == rule.Count {
		return
	}
	was, is := from.failing(), to.failing()
	at := s.batch.At
	if !t.subject.At.IsZero() {
		at = t.subject.At
	}
	switch {
	case is && !was:
		s.batch.Opened = append(s.batch.Opened, Opening{g.TestID, g.ID, t.subject.ID, t.subject.Key, at, g.State != Live})
	case was && !is:
		s.batch.Closed = append(s.batch.Closed, Closing{g.ID, t.subject.ID, closeReason(to), at, g.State != Live})
	}
}

// failing reports whether there is a finding; an exclusion closes none.
func (s State) failing() bool { return s.plain() == Fail || s.plain() == Duplicate }

func closeReason(to State) CloseReason {
	switch to {
	case NoState:
		return RecordDeleted
	case OutOfScope:
		return LeftScope
	}
	return Fixed
}

// moved counts a verdict that changed.
func (s *step) moved(g *Group) {
	if s.batch.Moved == nil {
		s.batch.Moved = map[int64]int64{}
	}
	s.batch.Moved[g.ID]++
}

// finish writes down the verdicts and groups that changed.
func (s *step) finish() {
	for _, id := range s.order {
		t := s.verdicts[id]
		states := string(t.states)
		switch {
		case t.subject.Deleted:
			s.batch.Verdicts = append(s.batch.Verdicts, VerdictChange{RecordID: id, Deleted: true})
		case states != t.subject.Old.States || !t.flip.Equal(t.subject.Old.Flip):
			s.batch.Verdicts = append(s.batch.Verdicts, VerdictChange{RecordID: id, Verdict: Verdict{states, t.flip}})
		}
	}
	s.witness()
}

// witness notes what was evaluated, where it changed a verdict.
func (s *step) witness() {
	s.batch.Trigger = s.trigger
	if len(s.batch.Moved) == 0 || !s.trigger.Incremental() {
		return
	}
	c, _ := resumeChain(nil)
	var digest, scratch []byte
	for _, id := range s.order {
		if sub := &s.verdicts[id].subject; sub.Deleted || sub.Body != nil {
			digest = recordDigest(digest[:0], &scratch, sub.Key, sub.Body)
			c.h.Write(digest)
			s.batch.Evaluated++
		}
	}
	s.batch.Digest = c.sum()
}

// worth reports whether the step has anything to apply.
func (s *step) worth() bool {
	for i, g := range s.ev.Groups {
		if c := g.change(); c != s.before[i] {
			s.batch.Groups = append(s.batch.Groups, c)
		}
	}
	b := &s.batch
	return len(b.Groups)+len(b.Verdicts)+len(b.Lookups)+len(b.Parts)+b.Values.size()+b.Asks.size()+len(b.Fixed) > 0 || b.Expired ||
		b.Watermark != s.ev.Watermark || b.Answered != s.ev.Answered || b.Seen != (Seen{})
}

// boundary reports whether the step ends between two changes, so that the
// verdicts are those of a state that readers of the records can see.
func (s *step) boundary() bool { return s.batch.Watermark.ID == Whole(0).ID }
