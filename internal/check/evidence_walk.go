package check

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/rule"
)

// evidenceSeen is what one worker saw of the records of one resource.
type evidenceSeen struct {
	// rows are in the order of ids.
	rows []evidenceRow
	// states are those that the rows name, places where they stand.
	states [][]State
	places map[string]uint32
}

// evidenceRow is a record that was surveyed, in 16 bytes: there may be millions.
type evidenceRow struct {
	id int64
	// size is that of its text, states a place in evidenceSeen.states.
	size, states uint32
}

// note adds a record.
func (e *evidenceSeen) note(id int64, size int, states []State) {
	var text [64]byte
	key := text[:0]
	for _, s := range states {
		key = append(key, byte(s))
	}
	place, known := e.places[string(key)]
	if !known {
		place = uint32(len(e.states)) //nolint:gosec // there are few
		e.states = append(e.states, slices.Clone(states))
		e.places[string(key)] = place
	}
	e.rows = append(e.rows, evidenceRow{id, uint32(min(size, evidenceBytes)), place}) //nolint:gosec // not negative
}

// Counts are how many records there are of each told state, by group.
func (e *Evidence) Counts() []Counts {
	out := make([]Counts, len(e.Groups))
	for i := range e.survey.groups {
		out[i] = e.survey.groups[i].Told()
	}
	return out
}

// Records calls each for every record, resource by resource in the order of
// Resources, of each the records in the order in which they were created.
func (e *Evidence) Records(ctx context.Context, each func(*EvidenceRecord) error) error {
	return e.walk(ctx, func([]State) bool { return true }, each)
}

// Failing is Records of those that fail a group or cannot be evaluated.
func (e *Evidence) Failing(ctx context.Context, each func(*EvidenceRecord) error) error {
	return e.walk(ctx, func(states []State) bool {
		return slices.ContainsFunc(states, func(s State) bool { return s == Fail || s == Duplicate || s == Faulty })
	}, each)
}

// Excluded is Records of those that are excluded.
func (e *Evidence) Excluded(ctx context.Context, each func(*EvidenceRecord) error) error {
	return e.walk(ctx, excludedAny, each)
}

func excludedAny(states []State) bool {
	return slices.ContainsFunc(states, func(s State) bool { return s != s.plain() })
}

// walk calls each for every record whose states are wanted.
func (e *Evidence) walk(ctx context.Context, want func([]State) bool, each func(*EvidenceRecord) error) error {
	for i := range e.Resources {
		r := &e.Resources[i]
		p := e.survey.plans[slices.IndexFunc(e.survey.plans, func(p *plan) bool { return p.resourceID == r.ID })]
		shelf := evidenceShelf{e: e, resource: r, plan: p, machine: e.survey.counter(p).machine}
		if err := e.merged(r.ID, func(row evidenceRow, states []State) error {
			if !want(states) {
				return nil
			}
			if shelf.full(row) {
				if err := shelf.empty(ctx, each); err != nil {
					return err
				}
			}
			shelf.put(row, states)
			return nil
		}); err != nil {
			return err
		}
		if err := shelf.empty(ctx, each); err != nil {
			return err
		}
	}
	return nil
}

// merged calls each for the rows of a resource in the order of ids.
func (e *Evidence) merged(resourceID int64, each func(row evidenceRow, states []State) error) error {
	workers := e.seen[resourceID]
	at := make([]int, len(workers))
	for left := e.Run.population(resourceID); left > 0; left-- {
		first := -1
		for w := range workers {
			if at[w] < len(workers[w].rows) && (first < 0 || workers[w].rows[at[w]].id < workers[first].rows[at[first]].id) {
				first = w
			}
		}
		if first < 0 {
			return nil
		}
		row := workers[first].rows[at[first]]
		at[first]++
		if err := each(row, workers[first].states[row.states]); err != nil {
			return err
		}
	}
	return nil
}

// population is how many records of a resource there were, where the run counted
// them while they stood still. A record that was made later and has changed since
// cannot be told from them by its history, but comes behind them.
func (r TestRun) population(resourceID int64) int64 {
	for _, p := range r.Parts {
		if p.Resource == resourceID && !r.Trigger.Incremental() && r.fixed(p) {
			return p.Records
		}
	}
	return math.MaxInt64
}

// evidenceShelf holds rows until there are enough to be read together.
type evidenceShelf struct {
	e        *Evidence
	resource *connection.Resource
	plan     *plan
	machine  *rule.Machine
	rows     []evidenceRow
	states   [][]State
	size     int
}

func (s *evidenceShelf) full(next evidenceRow) bool {
	return len(s.rows) >= evidenceRows || len(s.rows) > 0 && s.size+int(next.size) > evidenceBytes
}

func (s *evidenceShelf) put(row evidenceRow, states []State) {
	s.rows, s.states, s.size = append(s.rows, row), append(s.states, states), s.size+int(row.size)
}

// empty reads the records and passes them on.
func (s *evidenceShelf) empty(ctx context.Context, each func(*EvidenceRecord) error) error {
	if len(s.rows) == 0 {
		return nil
	}
	ids := make([]int64, len(s.rows))
	for i, row := range s.rows {
		ids[i] = row.id
	}
	seen, err := s.e.reader.Sightings(s.resource.ID, ids)
	if err != nil {
		return err
	}
	var failing []string
	for i, id := range ids {
		if slices.ContainsFunc(s.states[i], State.troubled) {
			failing = append(failing, seen[id].Key)
		}
	}
	since, err := s.e.reader.FailingSince(s.e.Test.ID, s.resource.ID, failing)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		x, ok := seen[id]
		if !ok {
			return fmt.Errorf("record %d, which was surveyed, cannot be read", id)
		}
		r := EvidenceRecord{Resource: s.resource, Key: x.Key, Body: x.Body, Since: since[x.Key]}
		for n, place := range s.plan.groups {
			g := &s.e.Groups[place]
			state := s.states[i][n]
			v := EvidenceVerdict{Group: g, State: state.plain(), Excluded: state != state.plain()}
			if state.troubled() {
				_, v.Words = g.causes(s.machine, n, x.Body, s.e.survey.now)
			}
			r.Groups = append(r.Groups, v)
		}
		if excludedAny(s.states[i]) {
			r.Exclusions = s.covering(&r)
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	s.rows, s.states, s.size = s.rows[:0], s.states[:0], 0
	return nil
}

// covering are the exclusions that cover a record.
func (s *evidenceShelf) covering(r *EvidenceRecord) (out []*Exclusion) {
	s.machine.Run(r.Body, s.e.survey.now)
	selector := len(s.plan.groups)
	for i := range s.e.Exclusions {
		x := &s.e.Exclusions[i]
		if x.Resource.ID != s.resource.ID {
			continue
		}
		covers := x.Key == r.Key
		if x.Key == "" {
			covers = s.machine.Outcome(selector) == rule.Pass
			selector++
		}
		if covers {
			out = append(out, x)
		}
	}
	return out
}
