package check

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	// maxExamples is how many records are shown of each kind.
	maxExamples = 20
	// surveyParts is into how many parts the records of a resource are divided,
	// so that a survey that ends early has seen some from everywhere.
	surveyParts = 64
	// surveyPace is how many records are evaluated between two looks at the clock.
	surveyPace = 256
	// maxValues is how many different values a survey keeps to find those that
	// are shared.
	maxValues = 20_000_000
)

// errOver ends a survey early: its time is up.
var errOver = errors.New("the time for the survey is up")

// survey evaluates groups over all records of one moment and writes nothing.
// The groups may be those of several tests.
type survey struct {
	store Store
	// at is the moment of the records, zero for now; now that of date operators.
	at, now time.Time
	// groups get their counts.
	groups []Group
	// readers is how many cores are used.
	readers int
	// over, if set, tells that the time is up.
	over func() bool
	// watch, if set, is called with each record.
	watch watcher

	// read is how many records were evaluated so far; of how many, where it is
	// known.
	read, of atomic.Int64
	// cut is true after a survey that ended early.
	cut bool
	// full is set when there are more values than are kept.
	full atomic.Bool
	// failing are the first failing records by group.
	failing []leastIDs
	// shared are the values that several records have, by group.
	shared []map[valueDigest]bool
	plans  []*plan
}

// watcher is told the told states of a record under the groups of its resource; size is
// that of its text. It is called by several goroutines, worker tells them apart.
type watcher func(worker int, resourceID, id int64, size int, states []State)

// plan is the groups over one resource.
type plan struct {
	resourceID int64
	// groups are places in survey.groups.
	groups  []int
	program *rule.Program
	answers []rule.Presence
	// selectors stand in the program behind the groups; excluded are ids of
	// records.
	selectors int
	excluded  map[int64]bool
}

// valueDigest stands for a value of a unique group.
type valueDigest [16]byte

func digestOf(value []byte) valueDigest {
	sum := sha256.Sum256(value)
	return valueDigest(sum[:16])
}

// newSurvey makes a survey of copies of the groups.
func newSurvey(store Store, groups []Group, at, now time.Time) (*survey, error) {
	s := &survey{store: store, at: at, now: now, groups: slices.Clone(groups), readers: runtime.GOMAXPROCS(0),
		failing: make([]leastIDs, len(groups)), shared: make([]map[valueDigest]bool, len(groups))}
	if !at.IsZero() {
		s.now = at
	}
	for i := range s.groups {
		id := s.groups[i].Resource.ID
		n := slices.IndexFunc(s.plans, func(p *plan) bool { return p.resourceID == id })
		if n < 0 {
			n = len(s.plans)
			s.plans = append(s.plans, &plan{resourceID: id})
		}
		s.plans[n].groups = append(s.plans[n].groups, i)
	}
	for _, p := range s.plans {
		rules := make([]rule.Rule, len(p.groups))
		for n, i := range p.groups {
			rules[n] = rule.NewRule(&s.groups[i].Rule)
		}
		var err error
		if p.program, err = rule.Compile(rules); err != nil {
			return nil, err
		}
		p.answers = make([]rule.Presence, len(p.program.Lookups()))
	}
	return s, nil
}

// resources are those that are read.
func (s *survey) resources() []int64 {
	var ids []int64
	for _, p := range s.plans {
		ids = append(ids, p.resourceID)
		for _, l := range p.program.Lookups() {
			ids = append(ids, l.ResourceID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// run evaluates. then, if set, is called while the records are still those of
// the moment.
func (s *survey) run(ctx context.Context, then func(r Reader) error) error {
	return s.store.Look(ctx, s.resources(), s.at, s.readers, func(readers []Reader) error {
		parts, err := s.parts(readers[0])
		if err == nil {
			err = s.collect(ctx, readers)
		}
		if err == nil {
			err = s.tallies(ctx, readers, parts)
		}
		if errors.Is(err, errOver) {
			s.cut, err = true, nil
		}
		if err != nil || then == nil {
			return err
		}
		return then(readers[0])
	})
}

// parts are those of all resources under the groups.
func (s *survey) parts(r Reader) (parts []Part, err error) {
	for _, p := range s.plans {
		more, records, err := r.Parts(p.resourceID, surveyParts)
		if err != nil {
			return nil, err
		}
		parts = append(parts, spread(more)...)
		s.of.Add(records)
	}
	return interleaved(parts), nil
}

// collect finds the values that lookups ask for.
func (s *survey) collect(ctx context.Context, readers []Reader) error {
	for _, p := range s.plans {
		for n, question := range p.program.Lookups() {
			parts, _, err := readers[0].Parts(question.ResourceID, surveyParts)
			if err != nil {
				return err
			}
			values := make([]*rule.Values, len(readers))
			for i := range values {
				if values[i], err = rule.NewValues(question); err != nil {
					return err
				}
			}
			var some atomic.Bool
			err = s.scan(ctx, readers, spread(parts), func(worker int, _ Part) func(int64, []byte) {
				return func(_ int64, body []byte) {
					if !some.Load() {
						some.Store(true)
					}
					values[worker].Add(body, s.now)
				}
			}, nil)
			if err != nil {
				return err
			}
			p.answers[n] = present(values)
			s.fed(p, question, some.Load())
		}
	}
	return nil
}

// present answers from several sets of values.
func present(sets []*rule.Values) rule.Presence {
	return func(value []byte) (found, sure bool) {
		sure = true
		for _, v := range sets {
			f, known := v.Presence(value)
			found, sure = found || f, sure && known
		}
		return found, sure
	}
}

// fed notes for a past moment that a resource that is asked had no records: as
// far as can be known it never had any until then.
func (s *survey) fed(p *plan, question rule.Lookup, some bool) {
	if s.at.IsZero() || some {
		return
	}
	for _, i := range p.groups {
		g := &s.groups[i]
		g.Asks = slices.Clone(g.Asks)
		for n := range g.Asks {
			if g.Asks[n].Resource.ID == question.ResourceID {
				g.Asks[n].Resource.FreshAt = time.Time{}
			}
		}
	}
}

// scan has the parts read by the readers, each part by one. begin gives for a
// part what is done with its records.
func (s *survey) scan(ctx context.Context, readers []Reader, parts []Part, begin func(worker int, p Part) func(id int64, body []byte), read *atomic.Int64) error {
	var next atomic.Int64
	var stopped atomic.Bool
	work := func(worker int) error {
		for {
			i := next.Add(1) - 1
			if i >= int64(len(parts)) || stopped.Load() {
				return nil
			}
			if s.over != nil && s.over() {
				return errOver
			}
			each := begin(worker, parts[i])
			n := int64(0)
			err := readers[worker].Scan(parts[i], func(id int64, body []byte) error {
				each(id, body)
				if n++; n%surveyPace != 0 {
					return nil
				}
				if read != nil {
					read.Add(surveyPace)
				}
				switch {
				case s.full.Load():
					return fault.New(fault.CodeUnprocessable, "more than %d different values must be unique: too many to be kept in memory", maxValues)
				case stopped.Load() || s.over != nil && s.over():
					return errOver
				}
				return ctx.Err()
			})
			if read != nil {
				read.Add(n % surveyPace)
			}
			if err != nil {
				return err
			}
		}
	}
	errs := make([]error, len(readers))
	var wait sync.WaitGroup
	for i := range readers {
		wait.Go(func() {
			if errs[i] = guarded(func() error { return work(i) }); errs[i] != nil {
				stopped.Store(true)
			}
		})
	}
	wait.Wait()
	// That the time was up is told only if nothing else went wrong.
	err := ctx.Err()
	for _, e := range errs {
		if e != nil && (err == nil || errors.Is(err, errOver)) {
			err = e
		}
	}
	return err
}

// guarded is do with a panic in it as an error: in a goroutine of its own it
// would end the server.
func guarded(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return do()
}

// spread orders parts so that any beginning of the order has some from
// everywhere.
func spread(parts []Part) []Part {
	out := make([]Part, 0, len(parts))
	stride := 1
	for stride < len(parts) {
		stride *= 2
	}
	for taken := make([]bool, len(parts)); stride > 0; stride /= 2 {
		for i := 0; i < len(parts); i += stride {
			if !taken[i] {
				taken[i] = true
				out = append(out, parts[i])
			}
		}
	}
	return out
}

// counter is what one goroutine counts of one plan.
type counter struct {
	machine *rule.Machine
	counts  []Counts
	failing []leastIDs
	// values are those of unique groups, by group of the plan.
	values []map[valueDigest]holders
	states []State
}

// holders are the records of one goroutine that have a value.
type holders struct {
	first int64
	many  bool
}

// tallies evaluates the records, once more where somebody wants to know of each
// record whether its value is unique.
func (s *survey) tallies(ctx context.Context, readers []Reader, parts []Part) error {
	if s.watch != nil && slices.ContainsFunc(s.groups, func(g Group) bool { return g.Rule.Assertion.Kind == rule.Unique }) {
		if err := s.tally(ctx, readers, parts, nil); err != nil {
			return err
		}
	}
	return s.tally(ctx, readers, parts, s.watch)
}

// tally evaluates the records. Where the shared values are known from a tally
// before, watch gets final states.
func (s *survey) tally(ctx context.Context, readers []Reader, parts []Part, watch watcher) error {
	s.read.Store(0)
	counters := make([]map[int64]*counter, len(readers))
	for w := range counters {
		counters[w] = map[int64]*counter{}
		for _, p := range s.plans {
			counters[w][p.resourceID] = s.counter(p)
		}
	}
	err := s.scan(ctx, readers, parts, func(worker int, part Part) func(int64, []byte) {
		c := counters[worker][part.ResourceID]
		p := s.plans[slices.IndexFunc(s.plans, func(p *plan) bool { return p.resourceID == part.ResourceID })]
		return func(id int64, body []byte) {
			c.machine.Run(body, s.now)
			out := p.excludes(c.machine, id)
			for n, i := range p.groups {
				state := stateOf(c.machine.Outcome(n))
				if out && state != OutOfScope {
					state = state.excluded()
				}
				if state == Pass && s.groups[i].Rule.Assertion.Kind == rule.Unique {
					state = c.value(n, id, s.shared[i])
					if len(c.values[n]) > maxValues {
						s.full.Store(true)
					}
				}
				c.counts[n].add(state, 1)
				c.states[n] = state.Told(s.groups[i].Rule.Assertion.Kind)
				if told := c.states[n]; told == Fail || told == Duplicate {
					c.failing[n].add(id)
				}
			}
			if watch != nil {
				watch(worker, p.resourceID, id, len(body), c.states)
			}
		}
	}, &s.read)
	for _, p := range s.plans {
		for n, i := range p.groups {
			s.merge(counters, p.resourceID, n, i)
		}
	}
	return err
}

// interleaved orders parts so that all resources are begun early.
func interleaved(parts []Part) []Part {
	place := map[int64]int{}
	type placed struct {
		Part
		place int
	}
	list := make([]placed, len(parts))
	for i, p := range parts {
		list[i] = placed{p, place[p.ResourceID]}
		place[p.ResourceID]++
	}
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	for i := range list {
		parts[i] = list[i].Part
	}
	return parts
}

func (s *survey) counter(p *plan) *counter {
	c := &counter{machine: p.program.Machine(), counts: make([]Counts, len(p.groups)), failing: make([]leastIDs, len(p.groups)),
		values: make([]map[valueDigest]holders, len(p.groups)), states: make([]State, len(p.groups))}
	for i, a := range p.answers {
		c.machine.Provide(i, a)
	}
	for n, i := range p.groups {
		if s.groups[i].Rule.Assertion.Kind == rule.Unique && s.shared[i] == nil {
			c.values[n] = map[valueDigest]holders{}
		}
	}
	return c
}

// value notes the value of a passing record and gives its state: that of a value
// which another record has too is known from a tally before, if there was one.
func (c *counter) value(n int, id int64, shared map[valueDigest]bool) State {
	text, ok := c.machine.Unique(n)
	if !ok {
		return Pass
	}
	d := digestOf(text)
	if shared != nil {
		if shared[d] {
			return Duplicate
		}
		return Pass
	}
	h, known := c.values[n][d]
	switch {
	case !known:
		h.first = id
	case id < h.first:
		c.repeated(n, h.first)
		h.first, h.many = id, true
	default:
		c.repeated(n, id)
		h.many = true
	}
	c.values[n][d] = h
	return Pass
}

// repeated moves a record from passing to failing.
func (c *counter) repeated(n int, id int64) {
	c.counts[n].move(Pass, Duplicate)
	c.failing[n].add(id)
}

// merge adds up what the goroutines counted of one group.
func (s *survey) merge(counters []map[int64]*counter, resourceID int64, n, i int) {
	var total Counts
	var failing leastIDs
	for w := range counters {
		c := counters[w][resourceID]
		total.OutOfScope += c.counts[n].OutOfScope
		total.Passing += c.counts[n].Passing
		total.Failing += c.counts[n].Failing
		total.Errors += c.counts[n].Errors
		total.Excluded += c.counts[n].Excluded
		for _, id := range c.failing[n] {
			failing.add(id)
		}
	}
	if counters[0][resourceID].values[n] != nil {
		shared := map[valueDigest]bool{}
		for w := range counters {
			for d, h := range counters[w][resourceID].values[n] {
				many := h.many
				for other := range counters {
					if other != w && !many {
						_, many = counters[other][resourceID].values[n][d]
					}
				}
				if many {
					// The first record of each goroutine counts as passing so far.
					shared[d] = true
					total.move(Pass, Duplicate)
					failing.add(h.first)
				}
			}
		}
		s.shared[i] = shared
	}
	s.groups[i].Counts, s.failing[i] = total, failing
}

// leastIDs are the first records that were added, in order.
type leastIDs []int64

func (l *leastIDs) add(id int64) {
	if len(*l) == maxExamples && id > (*l)[maxExamples-1] {
		return
	}
	at, found := slices.BinarySearch(*l, id)
	if found {
		return
	}
	*l = slices.Insert(*l, at, id)
	*l = (*l)[:min(len(*l), maxExamples)]
}

// examples are the first failing records, of the groups in their order.
func (s *survey) examples(r Reader) ([]Example, error) {
	out := []Example{}
	for i := range s.groups {
		more, err := s.show(r, i, s.failing[i][:min(len(s.failing[i]), maxExamples-len(out))])
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// show reads records and says why they fail a group.
func (s *survey) show(r Reader, i int, ids []int64) ([]Example, error) {
	out := []Example{}
	if len(ids) == 0 {
		return out, nil
	}
	g := &s.groups[i]
	seen, err := r.Sightings(g.Resource.ID, ids)
	if err != nil {
		return nil, err
	}
	p := s.plans[slices.IndexFunc(s.plans, func(p *plan) bool { return p.resourceID == g.Resource.ID })]
	m := s.counter(p).machine
	for _, id := range ids {
		x, ok := seen[id]
		if !ok {
			continue
		}
		e := Example{RecordID: x.Key, ResourceName: displayName(g.Resource.DisplayNameKey, x.Key, x.Body), ResourceID: g.Resource.ID, Group: g.Name}
		e.Cause, e.Words = g.causes(m, slices.Index(p.groups, i), x.Body, s.now)
		out = append(out, e)
	}
	return out, nil
}

// showAny reads records of any resource. The cause is that of the first group
// among some that a record fails.
func (s *survey) showAny(r Reader, ids []int64, among func(i int) bool) ([]Example, error) {
	out := []Example{}
	for _, p := range s.plans {
		seen, err := r.Sightings(p.resourceID, ids)
		if err != nil {
			return nil, err
		}
		m := s.counter(p).machine
		for _, id := range ids {
			x, ok := seen[id]
			if !ok {
				continue
			}
			g := &s.groups[p.groups[0]]
			e := Example{RecordID: x.Key, ResourceName: displayName(g.Resource.DisplayNameKey, x.Key, x.Body), ResourceID: p.resourceID, Cause: []rule.Cause{}}
			for n, i := range p.groups {
				if among(i) && s.fails(m, n, i, x.Body) {
					e.Group = s.groups[i].Name
					e.Cause, e.Words = s.groups[i].causes(m, n, x.Body, s.now)
					break
				}
			}
			out = append(out, e)
		}
	}
	return out, nil
}

// fails reports whether a record fails group i, which is rule n of the machine.
func (s *survey) fails(m *rule.Machine, n, i int, body []byte) bool {
	m.Run(body, s.now)
	state := stateOf(m.Outcome(n))
	if value, ok := m.Unique(n); ok && state == Pass && s.shared[i][digestOf(value)] {
		state = Duplicate
	}
	return state.Told(s.groups[i].Rule.Assertion.Kind).failing()
}
