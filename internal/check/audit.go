package check

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// sought is a condition of which is to be told what it covers; slots are those
// of the groups in force of a test, none for a test that is not evaluated.
type sought struct {
	condition *rule.Condition
	slots     []slot
}

// slot is the place of a group in the states of records.
type slot struct {
	at   int
	kind rule.AssertionKind
}

// reached is what was found.
type reached struct {
	Reach
	// InScope are all records in scope, matching or not.
	InScope  int64
	Examples []Covered
}

// Covered is a record that a selector matches.
type Covered struct {
	RecordID     string
	ResourceName string
	// Fails is true if it fails the test, or cannot be evaluated.
	Fails bool
}

func (f reached) everything() bool { return f.InScope > 0 && f.Matching == f.InScope }

// slots are those of the groups in force over a resource.
func (t Test) slots(resourceID int64) []slot {
	var out []slot
	for _, g := range t.Groups {
		if g.Resource.ID == resourceID {
			out = append(out, slot{g.Slot, g.Rule.Assertion.Kind})
		}
	}
	return out
}

// standing reads the states of a record at some slots. Without slots every
// record is in scope and none fails.
func standing(states string, slots []slot) (inScope, fails bool) {
	inScope = len(slots) == 0
	for _, each := range slots {
		state := stateAt(states, each.at).Told(each.kind)
		inScope = inScope || state != OutOfScope && state != NoState
		fails = fails || state.troubled()
	}
	return inScope, fails
}

// reach holds conditions against all records of a resource, in one pass.
func (s *Service) reach(ctx context.Context, r connection.Resource, list []sought, examples int) ([]reached, error) {
	rules := make([]rule.Rule, len(list))
	for i, l := range list {
		rules[i] = rule.Rule{Evaluator: l.condition}
	}
	p, err := rule.Compile(rules)
	if err != nil {
		return nil, err
	}
	m, now := p.Machine(), s.now()
	out := make([]reached, len(list))
	return out, s.store.ScanStates(ctx, r.ID, func(key string, body []byte, states string) error {
		m.Run(body, now)
		for i := range list {
			f := &out[i]
			inScope, fails := standing(states, list[i].slots)
			if !inScope {
				continue
			}
			f.InScope++
			if m.Outcome(i) != rule.Pass {
				continue
			}
			f.Matching++
			if fails {
				f.Failing++
			}
			if len(f.Examples) < examples {
				key := strings.Clone(key)
				f.Examples = append(f.Examples, Covered{key, displayName(r.DisplayNameKey, key, body), fails})
			}
		}
		return nil
	})
}

// reachOfRecord is what the exclusion of one record covers: it, if it is in
// scope.
func (s *Service) reachOfRecord(ctx context.Context, t Test, x *Exclusion) (Reach, error) {
	states, err := s.store.States(ctx, x.Resource.ID, []string{x.Key})
	if err != nil {
		return Reach{}, err
	}
	return reachOf(states, x.Key, t.slots(x.Resource.ID)), nil
}

func reachOf(states map[string]string, key string, slots []slot) (r Reach) {
	text, there := states[key]
	inScope, fails := standing(text, slots)
	if there && inScope {
		r.Matching = 1
		if fails {
			r.Failing = 1
		}
	}
	return r
}

// SelectorPreview is what a selector would exclude now.
type SelectorPreview struct {
	Reach
	InScope  int64
	Examples []Covered
	Sentence string
	// Everything is true if all records in scope match: it would be refused.
	Everything bool
	Lint       []rule.Remark
}

// PreviewSelector tells what a selector would exclude, without writing.
func (s *Service) PreviewSelector(ctx context.Context, workspaceID, number, resourceID int64, text []byte) (SelectorPreview, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return SelectorPreview{}, err
	}
	r, err := s.excludedFrom(ctx, t, resourceID)
	if err != nil {
		return SelectorPreview{}, err
	}
	c, err := s.selector(ctx, workspaceID, r, text)
	if err != nil {
		return SelectorPreview{}, err
	}
	found, err := s.reach(ctx, r, []sought{{c.pinned, t.slots(r.ID)}}, maxExamples)
	if err != nil {
		return SelectorPreview{}, err
	}
	f := found[0]
	out := SelectorPreview{Reach: f.Reach, InScope: f.InScope, Examples: f.Examples, Sentence: c.pinned.Sentence(),
		Everything: c.pinned.Always() || f.everything()}
	g := rule.Group{Evaluator: c.given, Assertion: rule.Assertion{Kind: rule.NoFail}}
	for _, remark := range g.Lint(r.Schema) {
		remark.Pointer = strings.TrimPrefix(remark.Pointer, "/evaluator")
		out.Lint = append(out.Lint, remark)
	}
	return out, nil
}

// ExclusionProblem is why the self-audit tells of an exclusion.
type ExclusionProblem string

// The problems: it ended by time, covers nothing that fails, covers more than
// when it was approved, or is about to end.
const (
	ProblemExpired  ExclusionProblem = "EXPIRED"
	ProblemUnused   ExclusionProblem = "UNUSED"
	ProblemMore     ExclusionProblem = "MATCHES_MORE"
	ProblemExpiring ExclusionProblem = "EXPIRING"
)

// auditedFor is how long an exclusion that ended by time stays in the audit.
const auditedFor = 90 * 24 * time.Hour

// Audited is an exclusion that somebody should look at.
type Audited struct {
	Exclusion
	Problems []ExclusionProblem
	Now      Reach
}

// AuditExclusions lists the exclusions of a workspace that have a problem, or
// with one given, that one. Where the total is counted, so is each problem.
func (s *Service) AuditExclusions(ctx context.Context, workspaceID int64, only ExclusionProblem, r page.Request) (page.Page[Audited], map[ExclusionProblem]int64, error) {
	var none page.Page[Audited]
	policy, err := s.policy(ctx)
	if err != nil {
		return none, nil, err
	}
	now := s.now()
	f := ExclusionFilter{WorkspaceID: workspaceID, Now: now, EndedSince: now.Add(-auditedFor)}
	var out []Audited
	counts := map[ExclusionProblem]int64{}
	all := r
	all.Size, all.WantTotal = page.MaxSize, false
	for {
		p, err := s.store.Exclusions(ctx, f, all)
		if err != nil {
			return none, nil, err
		}
		audited, err := s.audit(ctx, p.Items, policy, now)
		if err != nil {
			return none, nil, err
		}
		for _, a := range audited {
			for _, problem := range a.Problems {
				counts[problem]++
			}
			if len(a.Problems) > 0 && (only == "" || slices.Contains(a.Problems, only)) {
				out = append(out, a)
			}
		}
		counting := r.WantTotal && r.After == nil
		if p.Next == "" || len(out) > r.Limit() && !counting {
			cut := page.Cut(r, out, func(a Audited) page.Position { return a.Position(r.Order()) })
			if !counting {
				return cut, nil, nil
			}
			total := int64(len(out))
			cut.Total = &total
			return cut, counts, nil
		}
		if all, err = all.WithCursor(p.Next); err != nil {
			return none, nil, err
		}
	}
}

// Warning is how long before its end an exclusion is about to expire.
func (s *Service) Warning(ctx context.Context) (time.Duration, error) {
	policy, err := s.policy(ctx)
	return policy.Warning, err
}

// Expiring reports whether an exclusion stands and ends within a time.
func (x *Exclusion) Expiring(now time.Time, within time.Duration) bool {
	return x.State(now) == ExclusionActive && !x.ExpiresAt.IsZero() && !now.Add(within).Before(x.ExpiresAt)
}

// Look is what the audit says of one exclusion, whether it has a problem or not.
// One that ended otherwise than by time has none.
func (s *Service) Look(ctx context.Context, x Exclusion) (Audited, error) {
	policy, err := s.policy(ctx)
	if err != nil {
		return Audited{}, err
	}
	list, err := s.audit(ctx, []Exclusion{x}, policy, s.now())
	if err != nil {
		return Audited{}, err
	}
	if state := x.State(s.now()); state != ExclusionActive && state != ExclusionExpired {
		list[0].Problems = nil
	}
	return list[0], nil
}

// audit looks what exclusions cover now, each resource once.
func (s *Service) audit(ctx context.Context, list []Exclusion, policy ExclusionPolicy, now time.Time) ([]Audited, error) {
	out := make([]Audited, len(list))
	byResource := map[int64][]*Audited{}
	for i, x := range list {
		out[i].Exclusion = x
		byResource[x.Resource.ID] = append(byResource[x.Resource.ID], &out[i])
	}
	for id, of := range byResource {
		tests, err := s.store.TestsOver(ctx, id)
		if err != nil {
			return nil, err
		}
		slots := map[int64][]slot{}
		for _, t := range tests {
			slots[t.ID] = t.slots(id)
		}
		if err := s.reachNow(ctx, of, slots); err != nil {
			return nil, err
		}
		for _, a := range of {
			a.judge(policy, now, slots[a.TestID])
		}
	}
	return out, nil
}

// reachNow fills what the exclusions of one resource cover now.
func (s *Service) reachNow(ctx context.Context, list []*Audited, slots map[int64][]slot) error {
	r := list[0].Resource
	var keys []string
	var look []sought
	var by []*Audited
	for _, a := range list {
		if a.Selector == nil {
			keys = append(keys, a.Key)
			continue
		}
		c, err := rule.ParseEvaluator(a.Pinned)
		if err != nil {
			return err
		}
		look, by = append(look, sought{c, slots[a.TestID]}), append(by, a)
	}
	states, err := s.store.States(ctx, r.ID, keys)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Selector == nil {
			a.Now = reachOf(states, a.Key, slots[a.TestID])
		}
	}
	if len(look) == 0 {
		return nil
	}
	found, err := s.reach(ctx, r, look, 0)
	for i := range found {
		by[i].Now = found[i].Reach
	}
	return err
}

// judge finds the problems by the groups of the test over the resource; without
// them it has no results there. What matters to a number of records matters
// without failing.
func (a *Audited) judge(policy ExclusionPolicy, now time.Time, slots []slot) {
	if a.State(now) == ExclusionExpired {
		a.Problems = append(a.Problems, ProblemExpired)
		return
	}
	counts := slices.ContainsFunc(slots, func(s slot) bool { return s.kind == rule.Count })
	if len(slots) > 0 && a.Now.Failing == 0 && (!counts || a.Now.Matching == 0) {
		a.Problems = append(a.Problems, ProblemUnused)
	}
	if a.Selector != nil && a.Now.Matching > a.Approved.Matching {
		a.Problems = append(a.Problems, ProblemMore)
	}
	if a.Expiring(now, policy.Warning) {
		a.Problems = append(a.Problems, ProblemExpiring)
	}
}
