package check

import (
	"cmp"
	"context"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/rule"
)

// Lookup is a question that groups ask the records of a resource. The values
// that the records give to it are stored, so that one record of another
// resource can be evaluated without a look at all of them.
type Lookup struct {
	ID       int64
	Question rule.Lookup
	// State is Building until all records were asked, then Live.
	State GroupState
	// Cursor is the id of the last record that the building pass asked.
	Cursor int64
	// Askers are the resources over which groups ask.
	Askers []int64
}

// Ask is a lookup as one group uses it.
type Ask struct {
	LookupID int64
	// Key is that of the question, see [rule.Lookup.Key].
	Key   string
	State GroupState
	// Resource is the one that is asked; its schema is there where an
	// evaluation needs it.
	Resource connection.Resource
	// Deleted is true once the connection of Resource is deleted.
	Deleted bool
	// Declared are the properties named by the question that the schema of
	// Resource declared when the version was published.
	Declared []string
}

// LookupValue is a value of a record under a lookup: one that it gives, or one
// that it asks for. The values are those of [keptText], or one of the constants.
type LookupValue struct {
	LookupID, RecordID int64
	Value              string
}

// Values that no record has.
const (
	// Unevaluable is given by a record on which the question cannot be
	// evaluated: nobody can be sure that a value is absent.
	Unevaluable = ""
	// LookAgain changes when something else about the asked resource does.
	LookAgain = "!"
)

// LookupChange moves a lookup that is being built.
type LookupChange struct {
	ID     int64
	State  GroupState
	Cursor int64
}

// Stirred are records that ask for values which came to a lookup or left it.
type Stirred struct {
	Records []Subject
	Seen    Seen
}

// Seen says up to which change of values the records that ask were evaluated:
// all up to Done, and of Partly the records up to Cursor (0: of none).
type Seen struct{ Done, Partly, Cursor int64 }

// ready reports whether everything that a group asks can be answered.
func (g *Group) ready() bool {
	return !slices.ContainsFunc(g.Asks, func(a Ask) bool { return a.State != Live })
}

// unfed reports whether a group asks a resource that never had any data, of
// which nothing can be said to be absent.
func (g *Group) unfed() bool {
	return slices.ContainsFunc(g.Asks, func(a Ask) bool { return a.Resource.FreshAt.IsZero() })
}

// problem is why a question cannot be asked any more.
func (a *Ask) problem(schemas map[int64]*schema.Schema) Problem {
	if a.Deleted {
		return ConnectionDeleted
	}
	sch := schemas[a.Resource.ID]
	if slices.ContainsFunc(a.Declared, func(f string) bool { return !sch.Has(f) }) {
		return SchemaDrift
	}
	return NoProblem
}

// answer brings the values of the lookups into this resource up to its records.
// It comes before everything else, so that records pushed together see one
// another.
func (s *step) answer(ctx context.Context) (worked bool, err error) {
	if len(s.ev.Lookups) == 0 {
		return false, nil
	}
	if s.ev.Answered.before(s.ev.ChangeSeq) {
		changes, more, err := s.store.Changes(ctx, s.ev.ResourceID, s.ev.Answered, chunk)
		if err != nil {
			return false, err
		}
		changes, s.batch.Answered = whole(changes, more, s.ev.ChangeSeq)
		_, err = s.contribute(ctx, changes)
		return true, err
	}
	return s.buildLookups(ctx)
}

// buildLookups asks the next records for the lookups that are furthest behind.
func (s *step) buildLookups(ctx context.Context) (worked bool, err error) {
	cursor := int64(-1)
	for _, l := range s.ev.Lookups {
		if l.State == Building && (cursor < 0 || l.Cursor < cursor) {
			cursor = l.Cursor
		}
	}
	if cursor < 0 {
		return false, nil
	}
	rows, more, err := s.store.Rows(ctx, s.ev.ResourceID, s.ev.Answered, cursor, chunk)
	if err != nil {
		return false, err
	}
	for i := range s.ev.Lookups {
		l := &s.ev.Lookups[i]
		if l.State != Building || l.Cursor != cursor {
			continue
		}
		if len(rows) > 0 {
			l.Cursor = rows[len(rows)-1].ID
		}
		if !more {
			l.State = Live
		}
		s.batch.Lookups = append(s.batch.Lookups, LookupChange{l.ID, l.State, l.Cursor})
	}
	if _, err := s.contribute(ctx, rows); err != nil {
		return false, err
	}
	// The records are not evaluated here, but from now on they change with
	// time under these lookups too.
	for i := range rows {
		sub := &rows[i]
		if sub.Deleted {
			continue
		}
		t := &touched{subject: *sub, flip: sub.Old.Flip}
		s.flipLookups(sub.Body, t)
		if !t.flip.Equal(sub.Old.Flip) {
			s.batch.Verdicts = append(s.batch.Verdicts, VerdictChange{RecordID: sub.ID, Verdict: Verdict{sub.Old.States, t.flip}})
		}
	}
	return true, nil
}

// flipLookups notes the moments at which a record's values change.
func (s *step) flipLookups(body []byte, t *touched) {
	if len(s.ev.Lookups) == 0 {
		return
	}
	s.sources.Run(body, s.batch.At)
	for i := range s.ev.Lookups {
		if flip, ok := s.sources.Flip(i); ok {
			t.flipAt(flip)
		}
	}
}

// contribute finds the values that subjects give to the lookups now, and
// reports whether any differ from those that are stored.
func (s *step) contribute(ctx context.Context, subjects []Subject) (changed bool, err error) {
	if len(subjects) == 0 || len(s.ev.Lookups) == 0 {
		return false, nil
	}
	lookups := make([]int64, len(s.ev.Lookups))
	for i, l := range s.ev.Lookups {
		lookups[i] = l.ID
	}
	stored, err := s.store.LookupValues(ctx, lookups, idsOf(subjects))
	if err != nil {
		return false, err
	}
	var d difference
	for i := range subjects {
		sub := &subjects[i]
		if sub.Deleted {
			continue
		}
		s.sources.Run(sub.Body, s.batch.At)
		for n, id := range lookups {
			if s.sources.Outcome(n) == rule.Errored {
				d.add(LookupValue{id, sub.ID, Unevaluable})
			}
			s.sources.Values(n, func(value []byte) { d.add(LookupValue{id, sub.ID, keptText(value)}) })
		}
	}
	s.batch.Values.Come, s.batch.Values.Gone = d.against(stored)
	return s.batch.Values.size() > 0, nil
}

func idsOf(subjects []Subject) []int64 {
	ids := make([]int64, len(subjects))
	for i := range subjects {
		ids[i] = subjects[i].ID
	}
	return ids
}

// difference collects values, each once, to be held against those stored.
type difference struct{ now map[LookupValue]bool }

func (d *difference) add(v LookupValue) {
	if d.now == nil {
		d.now = map[LookupValue]bool{}
	}
	d.now[v] = true
}

func (d *difference) against(stored []LookupValue) (come, gone []LookupValue) {
	for _, v := range stored {
		if d.now[v] {
			delete(d.now, v)
		} else {
			gone = append(gone, v)
		}
	}
	for v := range d.now {
		come = append(come, v)
	}
	slices.SortFunc(come, compareValues)
	slices.SortFunc(gone, compareValues)
	return come, gone
}

func (d LookupDifference) size() int { return len(d.Come) + len(d.Gone) }

func compareValues(a, b LookupValue) int {
	return cmp.Or(cmp.Compare(a.RecordID, b.RecordID), cmp.Compare(a.LookupID, b.LookupID), cmp.Compare(a.Value, b.Value))
}

// consult fetches what the rules could look up for the subjects, and notes for
// what the records ask.
func (s *step) consult(ctx context.Context, subjects []Subject) error {
	questions := s.rules.Lookups()
	if len(questions) == 0 {
		return nil
	}
	ids := make([]int64, len(questions))
	for i := range questions {
		ids[i] = s.ev.lookupID(questions[i].Key())
	}
	var d difference
	w := newWishes(ids)
	for n := range subjects {
		sub := &subjects[n]
		if sub.Deleted {
			continue
		}
		s.machine.Wanted(sub.Body, func(i int, value []byte) {
			d.add(LookupValue{ids[i], sub.ID, w.add(i, value)})
		})
	}
	if err := w.provide(ctx, s.store, s.machine); err != nil {
		return err
	}
	stored, err := s.store.LookupAsks(ctx, idsOf(subjects))
	if err != nil {
		return err
	}
	s.batch.Asks.Come, s.batch.Asks.Gone = d.against(stored)
	return nil
}

// wishes are the values, by question, that a machine could look up.
type wishes struct {
	lookups []int64
	values  []map[string]bool
}

func newWishes(lookups []int64) wishes {
	w := wishes{lookups, make([]map[string]bool, len(lookups))}
	for i := range w.values {
		w.values[i] = map[string]bool{}
	}
	return w
}

// add adds a value and gives its stored form.
func (w wishes) add(i int, value []byte) string {
	key := keptText(value)
	w.values[i][key] = true
	return key
}

// provide fetches the answers for a machine.
func (w wishes) provide(ctx context.Context, store EvaluatorStore, m *rule.Machine) error {
	for i, values := range w.values {
		answer, err := presence(ctx, store, w.lookups[i], values)
		if err != nil {
			return err
		}
		m.Provide(i, answer)
	}
	return nil
}

// presence asks the store for the values of one lookup.
func presence(ctx context.Context, store EvaluatorStore, lookupID int64, values map[string]bool) (rule.Presence, error) {
	list := make([]string, 0, len(values))
	for v := range values {
		list = append(list, v)
	}
	slices.Sort(list)
	found, sure, err := store.Presence(ctx, lookupID, list)
	return func(value []byte) (bool, bool) {
		key := keptText(value)
		return found[key], sure && values[key]
	}, err
}

// lookupID is the lookup of a question that a group of the resource asks.
func (ev *Evaluation) lookupID(key string) int64 {
	for i := range ev.Groups {
		if id := ev.Groups[i].lookupID(key); id != 0 {
			return id
		}
	}
	return 0
}

func (g *Group) lookupID(key string) int64 {
	for _, a := range g.Asks {
		if a.Key == key {
			return a.LookupID
		}
	}
	return 0
}

// revisit evaluates records that ask for values which came or left.
func (s *step) revisit(ctx context.Context) (worked bool, err error) {
	if !s.ev.Stirred {
		return false, nil
	}
	stirred, err := s.store.Stirred(ctx, s.ev.ResourceID, chunk)
	if err != nil || stirred.Seen == (Seen{}) {
		return false, err
	}
	s.batch.Seen = stirred.Seen
	return true, s.evaluate(ctx, stirred.Records)
}

// provide gives a machine the answers for one record of a group.
func (g *Group) provide(ctx context.Context, store EvaluatorStore, m *rule.Machine, questions []rule.Lookup, body []byte) error {
	ids := make([]int64, len(questions))
	for i := range questions {
		ids[i] = g.lookupID(questions[i].Key())
	}
	w := newWishes(ids)
	m.Wanted(body, func(i int, value []byte) { w.add(i, value) })
	return w.provide(ctx, store, m)
}
