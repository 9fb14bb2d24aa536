package check

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/rule"
)

// uniqueStep collects what a step changes in the values of one group that
// asserts uniqueness.
type uniqueStep struct {
	// value is the new value of each record, empty for none.
	value map[int64]string
	// passes are the records that satisfy the evaluator, excluded those that give
	// no value to the others.
	passes, excluded map[int64]bool
}

func (s *step) uniqueOf(i int) *uniqueStep {
	u := s.unique[i]
	if u == nil {
		u = &uniqueStep{value: map[int64]string{}, passes: map[int64]bool{}, excluded: map[int64]bool{}}
		s.unique[i] = u
	}
	return u
}

func (u *uniqueStep) add(id int64, state State, excluded bool, m *rule.Machine, i int, deleted bool) {
	u.value[id] = ""
	u.passes[id], u.excluded[id] = state == Pass, excluded
	if deleted || state != Pass {
		return
	}
	if v, ok := m.Unique(i); ok {
		u.value[id] = keptText(v)
	}
}

// maxKept is the longest value in bytes that is kept as it is: an entry of an
// index holds no more than some thousand.
const maxKept = 512

// keptText is a value as it is kept and compared: the value itself, which is
// JSON, or for a long one its digest, which no JSON begins like.
func keptText(v []byte) string {
	if len(v) <= maxKept {
		return string(v)
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(v))
}

// members are the records that share a value and are not excluded, as far as
// they matter: whether there is none, one or more.
type members map[int64]bool

// resolve finds the records whose value became shared, or ceased to be, and
// moves their states.
func (u *uniqueStep) resolve(ctx context.Context, s *step, i int) error {
	g := &s.ev.Groups[i]
	ids := make([]int64, 0, len(u.value))
	for id := range u.value {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	old, err := s.store.UniqueValues(ctx, g.ID, ids)
	if err != nil {
		return err
	}
	leaving := map[string]int{}
	for _, v := range old {
		if !v.Excluded {
			leaving[v.Value]++
		}
	}
	sets := map[string]members{}
	for _, id := range ids {
		if v := u.value[id]; v != "" {
			sets[v] = nil
		}
	}
	for v := range leaving {
		sets[v] = nil
	}
	// The records of this step that have a value now may leave it, so two more
	// than these are enough to tell none, one and many.
	enough := map[string]int{}
	for v := range sets {
		enough[v] = leaving[v] + 2
	}
	found, err := s.store.UniqueMembers(ctx, g.ID, enough)
	if err != nil {
		return err
	}
	outside, before := map[string][]int64{}, map[string]bool{}
	for v := range sets {
		sets[v], before[v] = members{}, len(found[v]) > 0
		for _, id := range found[v] {
			sets[v][id] = true
			if _, here := u.value[id]; !here {
				outside[v] = append(outside[v], id)
			}
		}
	}
	for _, id := range ids {
		from, to := old[id], UniqueValue{g.ID, id, u.value[id], u.excluded[id] && u.value[id] != ""}
		if from.Value == to.Value && from.Excluded == to.Excluded {
			continue
		}
		if from.Value != "" && !from.Excluded {
			delete(sets[from.Value], id)
		}
		if to.Value != "" && !to.Excluded {
			sets[to.Value][id] = true
		}
		s.batch.Unique = append(s.batch.Unique, to)
	}
	for _, id := range ids {
		switch v := u.value[id]; {
		case !u.passes[id] || v == "":
		case u.excluded[id] && len(sets[v]) > 0:
			s.retouch(i, id, Duplicate.excluded())
		case !u.excluded[id] && len(sets[v]) > 1:
			s.retouch(i, id, Duplicate)
		}
	}
	s.stir(g.ID, sets, before)
	return u.resolveOutside(ctx, s, i, sets, outside)
}

// stir notes the values that the first record not excluded came to have, or the
// last one lost: for an excluded record that decides.
func (s *step) stir(groupID int64, sets map[string]members, before map[string]bool) {
	if !s.ev.Recorded && len(s.ev.Selectors) == 0 {
		return
	}
	h := Holders{GroupID: groupID}
	for v, now := range sets {
		if before[v] != (len(now) > 0) {
			h.Values = append(h.Values, v)
		}
	}
	if len(h.Values) > 0 {
		slices.Sort(h.Values)
		s.batch.Stir = append(s.batch.Stir, h)
	}
}

// retouch moves a record of this step from Pass to Duplicate, as if it had
// been evaluated so at once.
func (s *step) retouch(i int, id int64, to State) {
	t := s.verdicts[id]
	g := &s.ev.Groups[i]
	from := State(t.states[g.Slot])
	if from == to {
		return
	}
	// A record that was a duplicate before has just been closed as passing:
	// take the closing back instead of opening a new finding.
	was := NoState
	if g.Slot < len(t.subject.Old.States) && !s.fresh[i] {
		was = State(t.subject.Old.States[g.Slot])
	}
	// It moves once, whatever way it goes.
	if was != from {
		s.batch.Moved[g.ID]--
	}
	if was.failing() && to.failing() && !from.failing() {
		s.batch.Closed = slices.DeleteFunc(s.batch.Closed, func(c Closing) bool { return c.GroupID == g.ID && c.RecordID == id })
		g.Counts.move(from, to)
		t.states[g.Slot] = byte(to)
		if was != to {
			s.batch.Moved[g.ID]++
		}
		return
	}
	s.move(i, t, from, to)
}

// resolveOutside moves the records that this step did not read but whose value
// it made shared, or unique again.
func (u *uniqueStep) resolveOutside(ctx context.Context, s *step, i int, sets map[string]members, outside map[string][]int64) error {
	var ids []int64
	for _, list := range outside {
		// With two or more others outside nothing changes for them.
		if len(list) == 1 {
			ids = append(ids, list...)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	subjects, err := s.store.Subjects(ctx, s.ev.ResourceID, ids)
	if err != nil {
		return err
	}
	values, err := s.store.UniqueValues(ctx, s.ev.Groups[i].ID, ids)
	if err != nil {
		return err
	}
	for _, sub := range subjects {
		t := s.verdicts[sub.ID]
		if t == nil {
			sub.At = time.Time{}
			t = &touched{subject: sub, states: []byte(sub.Old.States), flip: sub.Old.Flip}
			s.verdicts[sub.ID] = t
			s.order = append(s.order, sub.ID)
		}
		to := Pass
		if len(sets[values[sub.ID].Value]) > 1 {
			to = Duplicate
		}
		slot := s.ev.Groups[i].Slot
		if slot < len(t.states) {
			s.move(i, t, State(t.states[slot]), to)
		}
	}
	return nil
}
