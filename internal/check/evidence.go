package check

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	// maxEvidences is how many downloads of evidence read at the same time: each
	// holds readers of the database for as long as its client takes.
	maxEvidences = 2
	// evidenceRows and evidenceBytes are how many records are read together, and
	// about how large they are; one is always read.
	evidenceRows  = 500
	evidenceBytes = 1 << 20
)

// Evidence is what a run judged: the records of its moment with what the run's
// version of the test says of each. It is made of the history of the records,
// and valid during the call that gets it only.
type Evidence struct {
	Run  TestRun
	Test Test
	// Version is the run's version of the logic.
	Version Version
	Logic   rule.Logic
	// Groups are those of the version as they were in force.
	Groups []Group
	// Resources are those of the groups, with the schema of the moment, in the
	// order of their ids.
	Resources []connection.Resource

	survey *survey
	reader Reader
	// seen is what each worker of the survey saw, by plan.
	seen [][]evidenceSeen
}

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

// EvidenceRecord is one record of an [Evidence].
type EvidenceRecord struct {
	Resource *connection.Resource
	Key      string
	// Body is the record's text as it is stored.
	Body []byte
	// Groups are what the groups over its resource say of it.
	Groups []EvidenceVerdict
	// Since is since when it failed the test at that moment, zero unless it did.
	Since time.Time
}

// EvidenceVerdict is what one group says of one record; Words say why it fails
// or cannot be evaluated.
type EvidenceVerdict struct {
	Group *Group
	State State
	Words []string
}

// Name is what people call the record.
func (r *EvidenceRecord) Name() string {
	return displayName(r.Resource.DisplayNameKey, r.Key, r.Body)
}

// Fails reports whether it fails or cannot be evaluated.
func (v EvidenceVerdict) Fails() bool { return fails([]State{v.State}) }

// RunLogic is what a run judged by.
type RunLogic struct {
	Version Version
	// Groups are those in force at the run's end. Their resources come with the
	// schema of the run.
	Groups []Group
}

// Evidence judges the records of a run's end anew and calls write with what it
// finds. A run that is not done, and one whose records are gone with their
// connection, is a CodeConflict; write is not called then.
func (s *Service) Evidence(ctx context.Context, workspaceID, number, id int64, write func(*Evidence) error) error {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return err
	}
	e := &Evidence{Test: t}
	if e.Run, err = s.store.Run(ctx, t, id); err != nil {
		return err
	}
	if e.Run.State != RunDone {
		return fault.New(fault.CodeConflict, "run %d is %s: only a run that is done has evidence", id, e.Run.State)
	}
	logic, err := s.store.RunLogic(ctx, t, e.Run)
	if err != nil {
		return err
	}
	if err := e.take(logic); err != nil {
		return err
	}
	free, err := turn(ctx, s.evidences)
	if err != nil {
		return err
	}
	defer free()
	if e.survey, err = newSurvey(s.store, e.Groups, e.Run.FinishedAt, s.now()); err != nil {
		return err
	}
	for _, resource := range e.survey.resources() {
		switch _, err := s.store.ResourceInWorkspace(ctx, workspaceID, resource); {
		case fault.KindOf(err) == fault.NotFound:
			return fault.New(fault.CodeConflict, "the records that run %d looked at are gone: the connection of resource %d was deleted, or is no longer in this workspace", id, resource)
		case err != nil:
			return err
		}
	}
	return s.store.Look(ctx, e.survey.resources(), e.survey.at, e.survey.readers, func(readers []Reader) error {
		for _, r := range readers {
			for _, p := range e.Run.Parts {
				if e.Run.fixed(p) {
					r.Until(p.Resource, p.ToSeq, e.Run.StartedAt)
				}
			}
		}
		if err := e.tally(ctx, readers); err != nil {
			return err
		}
		e.reader = readers[0]
		return write(e)
	})
}

// take fills in what the run judged by.
func (e *Evidence) take(l RunLogic) error {
	parsed, err := rule.ParseTest(l.Version.Pinned)
	if err != nil {
		return err
	}
	e.Version, e.Logic, e.Groups = l.Version, parsed.Logic, l.Groups
	seen := map[int64]connection.Resource{}
	for _, g := range e.Groups {
		seen[g.Resource.ID] = g.Resource
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		e.Resources = append(e.Resources, seen[id])
	}
	return nil
}

// fixed reports whether the change is known with which the run's look at a
// resource ended. The moment of the run's end alone would take in what was being
// written just then.
func (r TestRun) fixed(p RunPart) bool { return r.Trigger.Incremental() || p.FromSeq == p.ToSeq }

// tally judges the records and notes what is said of each.
func (e *Evidence) tally(ctx context.Context, readers []Reader) error {
	s := e.survey
	parts, err := s.parts(readers[0])
	if err == nil {
		err = s.collect(ctx, readers)
	}
	if err == nil && slices.ContainsFunc(s.groups, func(g Group) bool { return g.Rule.Assertion.Kind == rule.Unique }) {
		// Which values are shared is known at the end of a tally only.
		err = s.tally(ctx, readers, parts, nil)
	}
	if err != nil {
		return err
	}
	e.seen = make([][]evidenceSeen, len(s.plans))
	for p := range e.seen {
		e.seen[p] = make([]evidenceSeen, len(readers))
		for w := range e.seen[p] {
			e.seen[p][w].places = map[string]uint32{}
		}
	}
	if err := s.tally(ctx, readers, parts, func(worker, plan int, id int64, size int, states []State) {
		e.seen[plan][worker].note(id, size, states)
	}); err != nil {
		return err
	}
	for _, workers := range e.seen {
		for _, seen := range workers {
			slices.SortFunc(seen.rows, func(a, b evidenceRow) int { return cmp.Compare(a.id, b.id) })
		}
	}
	return nil
}

// Counts are how many records there are of each state, by group.
func (e *Evidence) Counts() []Counts {
	out := make([]Counts, len(e.Groups))
	for i := range e.survey.groups {
		out[i] = e.survey.groups[i].Counts
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
	return e.walk(ctx, fails, each)
}

func fails(states []State) bool {
	return slices.ContainsFunc(states, func(s State) bool { return s.failing() || s == Faulty })
}

// walk calls each for every record whose states are wanted.
func (e *Evidence) walk(ctx context.Context, want func([]State) bool, each func(*EvidenceRecord) error) error {
	for i := range e.Resources {
		r := &e.Resources[i]
		place := slices.IndexFunc(e.survey.plans, func(p *plan) bool { return p.resourceID == r.ID })
		p := e.survey.plans[place]
		shelf := evidenceShelf{e: e, resource: r, plan: p, machine: e.survey.counter(p).machine}
		if err := e.merged(place, r.ID, func(row evidenceRow, states []State) error {
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

// merged calls each for the rows of a plan in the order of ids.
func (e *Evidence) merged(plan int, resourceID int64, each func(row evidenceRow, states []State) error) error {
	workers := e.seen[plan]
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
		if fails(s.states[i]) {
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
			v := EvidenceVerdict{Group: g, State: s.states[i][n]}
			if v.Fails() {
				_, v.Words = g.causes(s.machine, n, x.Body, s.e.survey.now)
			}
			r.Groups = append(r.Groups, v)
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	s.rows, s.states, s.size = s.rows[:0], s.states[:0], 0
	return nil
}

// Sentences say the logic in words: what each group demands, and how they
// combine where there are several.
func (e *Evidence) Sentences() []string {
	var out []string
	for i := range e.Groups {
		out = append(out, e.Groups[i].sentence())
	}
	if len(out) > 1 {
		out = append(out, map[rule.Logic]string{
			rule.AllGroups: "Every group must pass.", rule.AnyGroup: "One group that passes is enough.", rule.AtMostOneFails: "At most one group may fail.",
		}[e.Logic])
	}
	return out
}

// sentence says what the group demands.
func (g *Group) sentence() string {
	whom := "“" + g.Resource.Name + "”"
	if f := g.Rule.Filter; f != nil && f.Mode == rule.Inclusion {
		whom += " where " + f.Evaluator.Sentence()
	} else if f != nil {
		whom += ", except where " + f.Evaluator.Sentence()
	}
	demand, text := g.Rule.Evaluator.Sentence(), ""
	switch a := g.Rule.Assertion; a.Kind {
	case rule.MaxFailing:
		text = fmt.Sprintf("of %s all but at most %v records satisfy: %s", whom, a.Value, demand)
	case rule.MinPassingPercent:
		text = fmt.Sprintf("of %s at least %v %% of the records satisfy: %s", whom, a.Value, demand)
	case rule.Count:
		text = fmt.Sprintf("of %s %s satisfy: %s", whom, bounds(a), demand)
	case rule.Unique:
		text = fmt.Sprintf("of %s every record satisfies: %s; and no two of them have the same `%s`", whom, demand, a.Path)
	default:
		text = fmt.Sprintf("of %s every record satisfies: %s", whom, demand)
	}
	if g.Name != "" {
		return g.Name + ": " + text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// bounds says how many records an assertion asks for.
func bounds(a rule.Assertion) string {
	switch {
	case a.Min != nil && a.Max != nil && *a.Min == *a.Max:
		return fmt.Sprintf("exactly %d records", *a.Min)
	case a.Min != nil && a.Max != nil:
		return fmt.Sprintf("%d to %d records", *a.Min, *a.Max)
	case a.Min != nil:
		return fmt.Sprintf("at least %d records", *a.Min)
	case a.Max != nil:
		return fmt.Sprintf("at most %d records", *a.Max)
	}
	return "any number of records"
}
