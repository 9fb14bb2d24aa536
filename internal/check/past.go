package check

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// shownAtOnce is how many records of a past moment are in memory at a time.
const shownAtOnce = 10

// RecordVerdict is what a group in force says of a record now.
type RecordVerdict struct {
	WorkspaceID int64
	// Test is the test's number.
	Test     int64
	TestName string
	Group    string
	Version  int64
	// State is a told one, NoState while the record is not evaluated yet.
	State State
	// Excluded is true for an excluded record.
	Excluded bool
	// Problem is why the group as a whole has no verdict.
	Problem Problem
	// Since is when the finding was opened, or the last one was closed because
	// the record passed or left the scope; zero where it never failed.
	Since time.Time
}

// Apart is the state of a record without its exclusion, and whether there is one.
func (s State) Apart() (State, bool) {
	if s < 'A' || s > 'Z' {
		return s, false
	}
	return s + 'a' - 'A', true
}

// Interval is a time in which a record failed a group.
type Interval struct {
	ID          int64
	WorkspaceID int64
	Test        int64
	TestName    string
	Group       string
	// Version is the last one that it failed.
	Version  int64
	OpenedAt time.Time
	// ClosedAt is zero while it fails.
	ClosedAt time.Time
	Why      CloseReason
}

// RecordVerdicts tells what the tests say of a record now, and one page of the
// intervals in which it failed. A record that never was is a NotFound.
func (s *Service) RecordVerdicts(ctx context.Context, resourceID int64, key string, r page.Request) ([]RecordVerdict, page.Page[Interval], error) {
	now, err := s.store.RecordVerdicts(ctx, resourceID, key)
	if err != nil {
		return nil, page.Page[Interval]{}, err
	}
	p, err := s.store.Intervals(ctx, resourceID, key, r)
	return now, p, err
}

// FailuresAsOf lists the findings that were open at a past moment, with the cause
// that the records of then had under the logic of then. Those of records that
// were excluded then are left out unless excluded is true: a page may be shorter
// for it, and the total counts them.
func (s *Service) FailuresAsOf(ctx context.Context, workspaceID, number int64, at time.Time, excluded bool, r page.Request) (page.Page[Finding], Test, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return page.Page[Finding]{}, t, err
	}
	groups, err := s.store.GroupsAsOf(ctx, t.ID, at)
	if err != nil {
		return page.Page[Finding]{}, t, err
	}
	p, err := s.store.FindingsAsOf(ctx, t, groups, at, r)
	if err == nil {
		err = s.explainAsOf(ctx, t, groups, p.Items, at)
	}
	if !excluded {
		p.Items = slices.DeleteFunc(p.Items, func(f Finding) bool { return f.Excluded })
	}
	return p, t, err
}

// coveredThen are the exclusions of a test over one resource at a past moment.
type coveredThen struct {
	byKey     map[string]Cover
	selectors []Cover
	machine   *rule.Machine
}

func (s *Service) coveredThen(ctx context.Context, testID, resourceID int64, at time.Time) (*coveredThen, error) {
	list, err := s.store.CoversAsOf(ctx, testID, resourceID, at)
	if err != nil {
		return nil, err
	}
	c := &coveredThen{byKey: map[string]Cover{}}
	var rules []rule.Rule
	for _, x := range list {
		if x.Key != "" {
			c.byKey[x.Key] = x
			continue
		}
		one, err := x.rule()
		if err != nil {
			return nil, err
		}
		c.selectors, rules = append(c.selectors, x), append(rules, one)
	}
	p, err := rule.Compile(rules)
	if err != nil {
		return nil, err
	}
	c.machine = p.Machine()
	return c, nil
}

// mark notes on a finding that its record was excluded. Without its body only its
// name counts.
func (c *coveredThen) mark(f *Finding, body []byte, at time.Time) {
	if x, ok := c.byKey[f.Key]; ok && f.RecordID != 0 {
		f.Excluded, f.Exclusion = true, x
		return
	}
	if body == nil || len(c.selectors) == 0 {
		return
	}
	c.machine.Run(body, at)
	for i, x := range c.selectors {
		if c.machine.Outcome(i) == rule.Pass {
			f.Excluded, f.Exclusion = true, x
			return
		}
	}
}

// explainAsOf fills causes and names of findings as they were.
func (s *Service) explainAsOf(ctx context.Context, t Test, groups []Group, findings []Finding, at time.Time) error {
	var there []Group
	covered := map[int64]*coveredThen{}
	for i := range findings {
		f := &findings[i]
		if f.Group == nil {
			continue
		}
		if f.RecordID == 0 {
			f.Words = []string{"not as many records as expected satisfied the condition: " + assertionWords(f.Group.Rule.Assertion)}
			continue
		}
		id := f.Group.Resource.ID
		if covered[id] == nil {
			var err error
			if covered[id], err = s.coveredThen(ctx, t.ID, id, at); err != nil {
				return err
			}
		}
		covered[id].mark(f, nil, at)
	}
	for _, g := range groups {
		ok, err := s.stillThere(ctx, t.WorkspaceID, &g)
		if err != nil {
			return err
		}
		if ok {
			there = append(there, g)
		}
	}
	if len(there) == 0 || !slices.ContainsFunc(findings, func(f Finding) bool { return f.RecordID != 0 }) {
		return nil
	}
	v, err := newSurvey(s.store, there, at, at)
	if err != nil {
		return err
	}
	return s.store.Look(ctx, v.resources(), at, v.readers, func(readers []Reader) error {
		if err := v.collect(ctx, readers); err != nil {
			return err
		}
		for part := range slices.Chunk(findings, shownAtOnce) {
			if err := v.recall(readers[0], part, covered); err != nil {
				return err
			}
		}
		return nil
	})
}

// stillThere reports whether the records that a group looked at, and those that
// it looked up, are still kept.
func (s *Service) stillThere(ctx context.Context, workspaceID int64, g *Group) (bool, error) {
	ids := []int64{g.Resource.ID}
	for _, l := range g.Rule.Lookups() {
		ids = append(ids, l.ResourceID)
	}
	for _, id := range ids {
		if _, err := s.store.ResourceInWorkspace(ctx, workspaceID, id); err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return false, nil
			}
			return false, fmt.Errorf("read resource %d: %w", id, err)
		}
	}
	return true, nil
}

// recall fills some findings from the records as they were.
func (s *survey) recall(r Reader, findings []Finding, covered map[int64]*coveredThen) error {
	for _, p := range s.plans {
		var ids []int64
		for _, f := range findings {
			if f.Group != nil && f.Group.Resource.ID == p.resourceID && f.RecordID != 0 {
				ids = append(ids, f.RecordID)
			}
		}
		seen, err := r.Sightings(p.resourceID, ids)
		if err != nil {
			return err
		}
		m := s.counter(p).machine
		for i := range findings {
			f := &findings[i]
			x, ok := seen[f.RecordID]
			if !ok || f.Group == nil || f.Group.Resource.ID != p.resourceID {
				continue
			}
			covered[p.resourceID].mark(f, x.Body, s.now)
			f.Name = displayName(f.Group.Resource.DisplayNameKey, x.Key, x.Body)
			if n := s.blamed(p, m, f.Group.Position, x.Body); n >= 0 {
				f.Cause, f.Words = s.groups[p.groups[n]].causes(m, n, x.Body, s.now)
			}
		}
	}
	return nil
}

// blamed finds the rule of a plan that a record failed, which is one of its
// groups: the one at a position if it can be, and one that asserts uniqueness if
// no other.
func (s *survey) blamed(p *plan, m *rule.Machine, position int, body []byte) int {
	m.Run(body, s.now)
	best, worth := -1, 0
	for n, i := range p.groups {
		g := &s.groups[i]
		is := 0
		switch state := stateOf(m.Outcome(n)).Told(g.Rule.Assertion.Kind); {
		case state == Fail:
			is = 3
		case state == Pass && g.Rule.Assertion.Kind == rule.Unique:
			is = 1
		default:
			continue
		}
		if g.Position == position {
			is++
		}
		if is > worth {
			best, worth = n, is
		}
	}
	return best
}
