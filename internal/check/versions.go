package check

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// compareTime is how long the verdicts of two versions are compared before the
// rest of the records is left out.
const compareTime = 10 * time.Second

// VersionState says what became of a version.
type VersionState string

// The states. A draft that was replaced by another one before it was published
// counts as discarded.
const (
	VersionPublished  VersionState = "published"
	VersionDraft      VersionState = "draft"
	VersionSuperseded VersionState = "superseded"
	VersionDiscarded  VersionState = "discarded"
)

// State says what became of a version of the test.
func (t Test) State(v Version) VersionState {
	switch {
	case t.Published != nil && t.Published.Number == v.Number:
		return VersionPublished
	case t.Draft != nil && t.Draft.Number == v.Number:
		return VersionDraft
	case !v.PublishedAt.IsZero():
		return VersionSuperseded
	}
	return VersionDiscarded
}

// Decides reports whether it is a version whose groups are those in force: while
// a newer one is built up that is not the published one.
func (t Test) Decides(v Version) bool { return len(t.Groups) > 0 && t.Groups[0].Version == v.Number }

// Versions lists the versions of a test, newest first.
func (s *Service) Versions(ctx context.Context, workspaceID, number int64, r page.Request) (page.Page[Version], Test, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return page.Page[Version]{}, t, err
	}
	p, err := s.store.TestVersions(ctx, t.ID, r)
	return p, t, err
}

// draftName names the draft where the number of a version is asked for.
const draftName = "draft"

// version finds a version by its number or as the draft.
func (s *Service) version(ctx context.Context, t Test, name string) (Version, error) {
	if name == draftName {
		if t.Draft == nil {
			return Version{}, fault.New(fault.CodeNotFound, "test %d has no draft", t.Number)
		}
		return *t.Draft, nil
	}
	n, err := strconv.ParseInt(name, 10, 64)
	if err != nil || n < 1 || name != strconv.FormatInt(n, 10) {
		return Version{}, fault.New(fault.CodeValidation, "%q is no version: give a number or draft, or two of them as 3...7", clipped(name))
	}
	return s.store.TestVersion(ctx, t.ID, n)
}

// Compared is one version, or two with their difference.
type Compared struct {
	Test Test
	// Version is the one that was asked for, or the later of two.
	Version Version
	// Difference is nil for one.
	Difference *VersionDifference
}

// VersionDifference is what differs between two versions.
type VersionDifference struct {
	From    Version
	Changes []LogicChange
	// More is true when there are more changes than are listed.
	More bool
	// Meaning is true where the texts mean something else because a named
	// condition, or the resource of a name, is another one.
	Meaning            bool
	FromWords, ToWords []GroupWords
	// Verdicts is nil when one of them cannot be evaluated any more, for which
	// Problem is the reason.
	Verdicts *VerdictDifference
	Problem  string
}

// GroupWords says a group in words.
type GroupWords struct {
	Name       string
	ResourceID int64
	// Filter is empty without one.
	Filter    string
	Mode      rule.FilterMode
	Evaluator string
	Assertion string
}

// VerdictDifference is what two versions say of the records of now.
type VerdictDifference struct {
	From, To VersionVerdict
	// Moves are the records that they judge differently.
	Moves  []Move
	Sample *Sample
}

// VersionVerdict is what one version says of all records.
type VersionVerdict struct {
	Counts Counts
	// Result is empty in a sample.
	Result rule.Verdict
	Reason rule.Reason
}

// Move are records of which one version says something else than the other. A
// record fails a version if it fails any group, and is in scope of it if it is in
// that of any.
type Move struct {
	From, To State
	Records  int64
	// Examples are the first of them, with the cause where it fails.
	Examples []Example
}

// Compare reads one version ("7", "draft") or what differs between two of them
// ("3...7", "7...draft"). An absent one is a NotFound.
func (s *Service) Compare(ctx context.Context, workspaceID, number int64, names string) (Compared, error) {
	var out Compared
	var err error
	if out.Test, err = s.store.Test(ctx, workspaceID, number); err != nil {
		return out, err
	}
	a, b, two := strings.Cut(names, "...")
	if !two {
		out.Version, err = s.version(ctx, out.Test, a)
		return out, err
	}
	var d VersionDifference
	if d.From, err = s.version(ctx, out.Test, a); err != nil {
		return out, err
	}
	if out.Version, err = s.version(ctx, out.Test, b); err != nil {
		return out, err
	}
	if d.Changes, d.More, err = compareLogic(d.From.Logic, out.Version.Logic); err != nil {
		return out, err
	}
	pinned, _, err := compareLogic(d.From.Pinned, out.Version.Pinned)
	if err != nil {
		return out, err
	}
	d.Meaning = len(d.Changes) == 0 && len(pinned) > 0
	out.Difference = &d
	return out, s.compareVerdicts(ctx, workspaceID, &d, out.Version)
}

// compareVerdicts evaluates both versions over the records of now.
func (s *Service) compareVerdicts(ctx context.Context, workspaceID int64, d *VersionDifference, to Version) error {
	var made [2]compiled
	for i, v := range []Version{d.From, to} {
		parsed, err := rule.ParseTest(v.Pinned)
		if err != nil {
			return fmt.Errorf("parse version %d: %s", v.Number, err.Error()) // not wrapped: it is no fault of the caller
		}
		words := groupWords(parsed)
		if i == 0 {
			d.FromWords = words
		} else {
			d.ToWords = words
		}
		made[i], err = s.compileWith(ctx, workspaceID, nil, v.Pinned)
		if fault.KindOf(err) != fault.Internal {
			d.Problem = fmt.Sprintf("version %d cannot be evaluated any more: %s", v.Number, err)
		} else if err != nil {
			return err
		}
	}
	if d.Problem != "" {
		return nil
	}
	free, err := s.previews.turn(ctx)
	if err != nil {
		return err
	}
	defer free()
	d.Verdicts, err = s.judgeBoth(ctx, made[0], made[1])
	return err
}

// groupWords says the groups of a test in words.
func groupWords(t *rule.Test) []GroupWords {
	out := make([]GroupWords, len(t.Groups))
	for i := range t.Groups {
		g := &t.Groups[i]
		out[i] = GroupWords{Name: g.Name, ResourceID: g.ResourceID, Evaluator: g.Evaluator.Sentence(), Assertion: assertionWords(g.Assertion)}
		if g.Filter != nil {
			out[i].Filter, out[i].Mode = g.Filter.Evaluator.Sentence(), g.Filter.Mode
		}
	}
	return out
}

func assertionWords(a rule.Assertion) string {
	switch a.Kind {
	case rule.MaxFailing:
		return fmt.Sprintf("at most %s records fail", strconv.FormatFloat(a.Value, 'f', -1, 64))
	case rule.MinPassingPercent:
		return fmt.Sprintf("at least %s percent of the records pass", strconv.FormatFloat(a.Value, 'f', -1, 64))
	case rule.Unique:
		return fmt.Sprintf("every record passes and `%s` is unique among them", a.Path)
	case rule.Count:
		switch {
		case a.Min == nil:
			return fmt.Sprintf("at most %d records satisfy it", *a.Max)
		case a.Max == nil:
			return fmt.Sprintf("at least %d records satisfy it", *a.Min)
		}
		return fmt.Sprintf("%d to %d records satisfy it", *a.Min, *a.Max)
	}
	return "every record passes"
}

// move is a change of a record's state from one version to the other.
type move struct{ from, to State }

// moved are the records of one goroutine, by move.
type moved struct {
	count map[move]int64
	first map[move]*leastIDs
}

// severity orders states: the worst that any group says is what a version says.
// A group that judges no single record counts least.
var severity = map[State]int{NoState: 0, OutOfScope: 0, Satisfied: 1, NotSatisfied: 2, Pass: 3, Faulty: 4, Fail: 5, Duplicate: 5}

func worst(states []State) State {
	out := OutOfScope
	for _, state := range states {
		if severity[state] > severity[out] {
			out = state
		}
	}
	if out == Duplicate {
		return Fail
	}
	return out
}

// judgeBoth evaluates two versions in one look at the records.
func (s *Service) judgeBoth(ctx context.Context, a, b compiled) (*VerdictDifference, error) {
	v, err := newSurvey(s.store, slices.Concat(a.groups, b.groups), time.Time{}, s.now())
	if err != nil {
		return nil, err
	}
	end := s.now().Add(compareTime)
	v.over = func() bool { return s.now().After(end) }
	all := make([]moved, v.readers)
	for i := range all {
		all[i] = moved{map[move]int64{}, map[move]*leastIDs{}}
	}
	// The groups of the first version come first, also within each resource.
	split := map[int64]int{}
	for _, g := range a.groups {
		split[g.Resource.ID]++
	}
	v.watch = func(worker int, resourceID, id int64, _ int, states []State) {
		n := split[resourceID]
		m := move{worst(states[:n]), worst(states[n:])}
		if m.from == m.to {
			return
		}
		mine := &all[worker]
		mine.count[m]++
		first := mine.first[m]
		if first == nil {
			first = &leastIDs{}
			mine.first[m] = first
		}
		first.add(id)
	}
	out := &VerdictDifference{}
	err = v.run(ctx, func(r Reader) error {
		out.Moves, err = v.moves(r, all, len(a.groups))
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, side := range []struct {
		made   compiled
		groups []Group
		to     *VersionVerdict
	}{{a, v.groups[:len(a.groups)], &out.From}, {b, v.groups[len(a.groups):], &out.To}} {
		t := Test{Groups: side.groups}
		side.to.Counts = t.Totals()
		if !v.cut {
			st := settle(t, side.made.logic)
			side.to.Result, side.to.Reason = st.Result, st.Reason
		}
	}
	if v.cut {
		out.Sample = &Sample{Records: v.read.Load(), Of: v.of.Load()}
	}
	return out, nil
}

// moves sums up what the goroutines saw; the first groups are those of the
// version that is left.
func (s *survey) moves(r Reader, all []moved, groups int) ([]Move, error) {
	count, first := map[move]int64{}, map[move]*leastIDs{}
	for _, each := range all {
		for m, n := range each.count {
			count[m] += n
			if first[m] == nil {
				first[m] = &leastIDs{}
			}
			for _, id := range *each.first[m] {
				first[m].add(id)
			}
		}
	}
	out := []Move{}
	order := []State{Pass, Fail, Faulty, Satisfied, NotSatisfied, OutOfScope}
	for _, from := range order {
		for _, to := range order {
			m := move{from, to}
			if count[m] == 0 {
				continue
			}
			in := func(i int) bool { return i >= groups }
			if from == Fail {
				in = func(i int) bool { return i < groups }
			}
			examples, err := s.showAny(r, *first[m], in)
			if err != nil {
				return nil, err
			}
			out = append(out, Move{from, to, count[m], examples})
		}
	}
	return out, nil
}
