package check

import (
	"cmp"
	"context"
	"crypto/sha256"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/rule"
)

// span is how many record numbers one reader of a pass takes at a time, and
// turns how many such spans a step reads: a tenth of a second, after which
// changes get between.
const (
	span  = 1 << 14
	turns = 8
)

// Walked is a live record with what is said of it. Its parts are valid during
// the call only.
type Walked struct {
	ID        int64
	Key, Body []byte
	// Seq is the change in which the record took this form.
	Seq    int64
	States []byte
	// Flip is the moment in microseconds since 1970, 0 for none.
	Flip int64
}

// pass takes the runs that look at all records one step further: it evaluates
// the next records again and compares. What differs is evaluated once more by
// the way of all changes, and written; of the rest nothing is.
func (e *Evaluator) pass(ctx context.Context, ev Evaluation, rules *rule.Program) (more bool, err error) {
	cursor := ev.Parts[0].Cursor
	for _, part := range ev.Parts {
		cursor = min(cursor, part.Cursor)
	}
	now := e.now()
	w := &passing{e: e, ev: ev, rules: rules, cursor: cursor, now: now, covers: ev.coverage(now)}
	if !ev.plain() {
		return w.slowly(ctx)
	}
	return w.quickly(ctx)
}

// settled reports whether a pass is to go on: one waits until all groups are
// built.
func (ev Evaluation) settled() bool {
	return len(ev.Parts) > 0 && !slices.ContainsFunc(ev.Groups, func(g Group) bool { return g.State == Building })
}

// plain reports whether the verdict of a record follows from the record and the
// time alone, so that records can be looked at side by side.
func (ev Evaluation) plain() bool {
	return len(ev.Lookups) == 0 && !slices.ContainsFunc(ev.Groups, func(g Group) bool {
		return len(g.Asks) > 0 || g.Rule.Assertion.Kind == rule.Unique
	})
}

// passing is one step of a pass.
type passing struct {
	e      *Evaluator
	ev     Evaluation
	rules  *rule.Program
	cursor int64
	now    time.Time
	covers coverage
}

// stretch is what a reader found in one span of record numbers.
type stretch struct {
	records int64
	digests []byte
	// differ are the records whose stored verdict is not that of now.
	differ []int64
	err    error
}

// quickly reads several spans side by side.
func (w *passing) quickly(ctx context.Context) (more bool, err error) {
	if w.ev.Recorded {
		named, err := w.e.store.RecordCovers(ctx, w.ev.ResourceID, nil)
		if err != nil {
			return false, err
		}
		w.covers.name(named)
	}
	var found [turns]stretch
	var readers sync.WaitGroup
	next := make(chan int, turns)
	for i := range turns {
		next <- i
	}
	close(next)
	for range min(turns, runtime.GOMAXPROCS(0)) {
		readers.Go(func() {
			m := w.rules.Machine()
			for i := range next {
				if after := w.cursor + int64(i)*w.e.span; after < w.ev.LastRecord && ctx.Err() == nil {
					found[i].err = w.look(ctx, m, after, &found[i])
				}
			}
		})
	}
	readers.Wait()
	chains, err := w.chains()
	if err != nil {
		return false, err
	}
	changes := w.changes()
	end := w.cursor
	for i := range found {
		f := &found[i]
		if f.err != nil || ctx.Err() != nil {
			return false, cmp.Or(f.err, ctx.Err())
		}
		if ok, err := w.mend(ctx, f.differ); err != nil || !ok {
			return true, err
		}
		end += w.e.span
		for n := range changes {
			changes[n].Records += f.records
			chains[n].h.Write(f.digests)
		}
	}
	if ok, err := w.recount(ctx, end); err != nil || !ok {
		return true, err
	}
	return true, w.advance(ctx, changes, chains, end)
}

// parts are those that the step moves: all that are furthest behind.
func (w *passing) parts() []RunPart {
	return slices.DeleteFunc(slices.Clone(w.ev.Parts), func(p RunPart) bool { return p.Cursor != w.cursor })
}

func (w *passing) changes() []PartChange {
	var out []PartChange
	for _, p := range w.parts() {
		out = append(out, PartChange{RunID: p.RunID, ResourceID: w.ev.ResourceID})
	}
	return out
}

func (w *passing) chains() ([]chain, error) {
	var out []chain
	for _, p := range w.parts() {
		c, err := resumeChain(p.Digest)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// look evaluates the records of one span and compares.
func (w *passing) look(ctx context.Context, m *rule.Machine, after int64, f *stretch) error {
	var scratch []byte
	f.digests = make([]byte, 0, w.e.span*sha256.Size)
	return w.e.store.Walk(ctx, w.ev.ResourceID, after, min(after+w.e.span, w.ev.LastRecord)+1, func(r *Walked) error {
		f.records++
		f.digests = recordDigest(f.digests, &scratch, r.Key, r.Body)
		if r.Seq <= w.ev.Watermark.Seq && !w.agrees(m, r) {
			f.differ = append(f.differ, r.ID)
		}
		return nil
	})
}

// agrees reports whether the stored verdict of a record is that of now.
func (w *passing) agrees(m *rule.Machine, r *Walked) bool {
	m.Run(r.Body, w.now)
	excluded, flip := w.covers.of(m, w.covers.keyed[string(r.Key)])
	for i := range w.ev.Groups {
		g := &w.ev.Groups[i]
		if !covered(g, r.ID) {
			continue
		}
		state := stateOf(m.Outcome(i))
		if state != OutOfScope && slices.Contains(excluded, g.TestID) {
			state = state.excluded()
		}
		if g.Slot >= len(r.States) || State(r.States[g.Slot]) != state {
			return false
		}
		if at, ok := m.Flip(i); ok {
			flip = earlier(flip, roundUp(at))
		}
	}
	if flip.IsZero() {
		return r.Flip == 0
	}
	return flip.UnixMicro() == r.Flip
}

// mend evaluates records whose stored verdicts differ once more, and writes
// what does. It is false if somebody else stepped in.
func (w *passing) mend(ctx context.Context, ids []int64) (bool, error) {
	for part := range slices.Chunk(ids, chunk) {
		ev, err := w.e.store.Evaluation(ctx, w.ev.ResourceID)
		if err != nil {
			return false, err
		}
		subjects, err := w.e.store.Reread(ctx, part)
		if err != nil {
			return false, err
		}
		ok, err := w.verify(ctx, ev, subjects, func(drift int64) []PartChange {
			if drift == 0 {
				return nil
			}
			return w.note(drift)
		})
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// note counts drift for the parts and leaves them where they are.
func (w *passing) note(drift int64) []PartChange {
	var out []PartChange
	for _, p := range w.parts() {
		out = append(out, PartChange{RunID: p.RunID, ResourceID: p.Resource, Cursor: p.Cursor, Drift: w.drift(drift),
			ToSeq: p.ToSeq, SchemaVersion: p.SchemaVersion, Digest: p.Digest})
	}
	return out
}

// recount holds, at the end of a run by schedule, counters and open findings
// against the stored verdicts, and corrects what is not theirs. It is false if
// somebody else stepped in.
func (w *passing) recount(ctx context.Context, end int64) (bool, error) {
	if end < w.ev.LastRecord || !slices.ContainsFunc(w.parts(), func(p RunPart) bool { return p.Trigger == BySchedule }) {
		return true, nil
	}
	all, err := w.e.store.Recount(ctx, w.ev.ResourceID)
	if err != nil {
		return false, err
	}
	var drift int64
	off := map[int64]Counts{}
	for _, r := range all {
		counted, failing := r.counts()
		if counted != r.Group.Counts {
			off[r.Group.ID] = counted.minus(r.Group.Counts)
			drift++
		}
		if r.Group.Rule.Assertion.Kind != rule.Count && (failing != r.Findings || failing != r.Founded) {
			drift++
			if err := w.e.store.MendFindings(ctx, r.Group, w.now); err != nil {
				return false, err
			}
		}
	}
	if drift == 0 {
		return true, nil
	}
	ev, err := w.e.store.Evaluation(ctx, w.ev.ResourceID)
	if err != nil {
		return false, err
	}
	s, err := w.e.newStep(ev, w.now)
	if err != nil {
		return false, err
	}
	// What counters are off by stays the same whatever moves them meanwhile.
	for i := range s.ev.Groups {
		g := &s.ev.Groups[i]
		g.Counts = g.Counts.plus(off[g.ID])
	}
	s.batch.Parts = w.note(drift)
	return w.e.write(ctx, s)
}

// counts are the counters as they should be, and how many records have an open
// finding.
func (r Recount) counts() (c Counts, failing int64) {
	for state, n := range r.Letters {
		c.add(state, n)
		if state.failing() {
			failing += n
		}
	}
	return c, failing
}

func (c Counts) plus(d Counts) Counts {
	return Counts{OutOfScope: c.OutOfScope + d.OutOfScope, Passing: c.Passing + d.Passing, Failing: c.Failing + d.Failing,
		Errors: c.Errors + d.Errors, Excluded: c.Excluded + d.Excluded}
}

func (c Counts) minus(d Counts) Counts {
	return c.plus(Counts{OutOfScope: -d.OutOfScope, Passing: -d.Passing, Failing: -d.Failing, Errors: -d.Errors, Excluded: -d.Excluded})
}

// drift is how many of the verdicts that a pass changed should have been so
// before: to apply exclusions is what their pass is for, which others of the
// resource go along with.
func (w *passing) drift(changed int64) int64 {
	if slices.ContainsFunc(w.ev.Parts, func(p RunPart) bool { return p.Trigger == ByExclusion }) {
		return 0
	}
	return changed
}

// verify evaluates records again by the way of all changes and writes what
// differs. Records that changed since, or whose flip is due, are left to the
// steps that are to come: they may differ.
func (w *passing) verify(ctx context.Context, ev Evaluation, subjects []Subject, parts func(drift int64) []PartChange) (bool, error) {
	s, err := w.e.newStep(ev, w.now)
	if err != nil {
		return false, err
	}
	s.trigger = ByManual
	subjects = slices.DeleteFunc(subjects, func(sub Subject) bool {
		return sub.Deleted || sub.Mark.Seq > ev.Watermark.Seq || !sub.Old.Flip.IsZero() && !sub.Old.Flip.After(w.now)
	})
	if err := s.evaluate(ctx, subjects); err != nil {
		return false, err
	}
	var drift int64
	if len(s.batch.Verdicts)+s.batch.Values.size()+s.batch.Asks.size()+len(s.batch.Unique) > 0 {
		// What another resource did since is no drift, and comes first.
		later, err := w.e.store.Evaluation(ctx, ev.ResourceID)
		if err != nil || later.Stirred || later.Epoch != ev.Epoch {
			return false, err
		}
		drift = s.drifted()
	}
	s.batch.Parts = parts(drift)
	return w.e.write(ctx, s)
}

// drifted counts the records that stood wrong: under a letter that is not theirs,
// or without a look at the moment at which it changes. A look too early and a value
// asked for too much, which a test leaves that is over, do no harm.
func (s *step) drifted() (n int64) {
	for _, id := range s.order {
		t := s.verdicts[id]
		old := t.subject.Old
		late := !t.flip.IsZero() && (old.Flip.IsZero() || t.flip.Before(old.Flip))
		if late || slices.ContainsFunc(s.ev.Groups, func(g Group) bool {
			return covered(&g, id) && (g.Slot >= len(old.States) || old.States[g.Slot] != t.states[g.Slot])
		}) {
			n++
		}
	}
	return max(n, int64(min(1, s.batch.Values.size()+len(s.batch.Asks.Come)+len(s.batch.Unique))))
}

// slowly takes records in the way in which a new group is built: for tests in
// which records bear on one another.
func (w *passing) slowly(ctx context.Context) (more bool, err error) {
	rows, others, err := w.e.store.Rows(ctx, w.ev.ResourceID, w.ev.Watermark, w.cursor, chunk)
	if err != nil {
		return false, err
	}
	chains, err := w.chains()
	if err != nil {
		return false, err
	}
	end, records := w.cursor, int64(0)
	var scratch, digests []byte
	for _, r := range rows {
		end = r.ID
		if !r.Deleted {
			records++
			digests = recordDigest(digests, &scratch, r.Key, r.Body)
		}
	}
	if !others {
		end = max(end, w.ev.LastRecord)
	}
	// What was read may be newer than the beginning of the step.
	after, err := w.e.store.Evaluation(ctx, w.ev.ResourceID)
	if err != nil {
		return false, err
	}
	if ok, err := w.recount(ctx, end); err != nil || !ok {
		return true, err
	}
	_, err = w.verify(ctx, w.ev, rows, func(drift int64) []PartChange {
		changes := w.changes()
		for n := range changes {
			changes[n].Records, changes[n].Drift = records, w.drift(drift)
			chains[n].h.Write(digests)
		}
		w.move(changes, chains, end, after.ChangeSeq)
		return changes
	})
	return true, err
}

// move fills in where the parts stand at the end of the step, before which the
// last change of the resource was seq.
func (w *passing) move(changes []PartChange, chains []chain, end, seq int64) {
	for n := range changes {
		c := &changes[n]
		c.Cursor, c.ToSeq, c.SchemaVersion = end, seq, w.ev.Resource.SchemaVersion
		if c.Done = end >= w.ev.LastRecord; c.Done {
			c.Digest = chains[n].sum()
		} else {
			c.Digest = chains[n].state()
		}
	}
}

// advance writes how far the parts came. At their end the tests are settled.
func (w *passing) advance(ctx context.Context, changes []PartChange, chains []chain, end int64) error {
	ev, err := w.e.store.Evaluation(ctx, w.ev.ResourceID)
	if err != nil {
		return err
	}
	w.move(changes, chains, end, ev.ChangeSeq)
	s, err := w.e.newStep(ev, w.now)
	if err != nil {
		return err
	}
	s.batch.Parts = changes
	_, err = w.e.write(ctx, s)
	return err
}
