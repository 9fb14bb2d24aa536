package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	"github.com/plumbline-dev/plumbline/rule"
)

// assess is the verdict of one group by its counters.
func (g Group) assess() (rule.Verdict, rule.Reason) {
	switch g.Problem {
	case SchemaDrift:
		return rule.VerdictError, rule.ReasonSchemaDrift
	case ConnectionDeleted:
		return rule.VerdictError, rule.ReasonRuleError
	}
	if g.unfed() {
		return rule.VerdictError, rule.ReasonNoData
	}
	return g.Rule.Assertion.Assess(rule.Counts{
		Records: g.Counts.OutOfScope + g.Counts.InScope() + g.Counts.Excluded,
		InScope: g.Counts.InScope(), Passing: g.Counts.Passing, Failing: g.Counts.Failing, Errors: g.Counts.Errors, Excluded: g.Counts.Excluded,
	}, g.Rule.OnEmpty)
}

// settle is the verdict of a test by the counters of its groups, staleness
// left aside. It is the one place where a result is decided.
func settle(t Test, logic rule.Logic) Settlement {
	s := Settlement{SetFindings: map[int64]bool{}}
	verdicts := make([]rule.GroupVerdict, len(t.Groups))
	for i, g := range t.Groups {
		v, why := g.assess()
		verdicts[i] = rule.GroupVerdict{Verdict: v, Reason: why}
		if g.Rule.Assertion.Kind == rule.Count {
			s.SetFindings[g.ID] = v == rule.VerdictFailed
		}
	}
	s.Result, s.Reason = rule.Combine(logic, verdicts)
	return s
}

// Current is the test's verdict at a moment: the settled one with staleness
// laid over it. Stale data never hides a FAILED, whose reason then names both;
// it turns PASSED into ERROR.
func (t Test) Current(now time.Time) (rule.Verdict, string) {
	stale := false
	for _, g := range t.Groups {
		stale = stale || g.Resource.Stale(now) || slices.ContainsFunc(g.Asks, func(a Ask) bool { return a.Resource.Stale(now) })
	}
	switch {
	case !stale || t.Result == rule.VerdictReady:
		return t.Result, string(t.Reason)
	case t.Result == rule.VerdictPassed:
		return rule.VerdictError, string(rule.ReasonStale)
	case t.Reason == "":
		return t.Result, string(rule.ReasonStale)
	}
	return t.Result, string(t.Reason) + "," + string(rule.ReasonStale)
}

// Since is since when the test has its verdict of a moment, zero when it never
// had one.
func (t Test) Since(now time.Time) time.Time {
	since := t.ResultSince
	if verdict, _ := t.Current(now); verdict == t.Result {
		return since
	}
	for _, g := range t.Groups {
		for _, r := range append([]connection.Resource{g.Resource}, g.asked()...) {
			if end := r.StaleAt(); r.Stale(now) && (since.Before(end)) {
				since = end
			}
		}
	}
	return since
}

func (g Group) asked() []connection.Resource {
	var out []connection.Resource
	for _, a := range g.Asks {
		out = append(out, a.Resource)
	}
	return out
}

// LastCheck is when the records of the test were last evaluated, zero when
// never.
func (t Test) LastCheck() time.Time {
	var last time.Time
	for _, g := range t.Groups {
		if g.EvaluatedAt.After(last) {
			last = g.EvaluatedAt
		}
	}
	return last
}

// LastPassed is when the test was last seen to pass, zero when never.
func (t Test) LastPassed() time.Time {
	if t.Result == rule.VerdictPassed {
		return t.LastCheck()
	}
	return t.LastPassedAt
}

// Totals sums up the counters of the test's groups, as people are told of them.
func (t Test) Totals() Counts {
	var c Counts
	for i := range t.Groups {
		g := t.Groups[i].Told()
		c.OutOfScope += g.OutOfScope
		c.Passing += g.Passing
		c.Failing += g.Failing
		c.Errors += g.Errors
		c.Excluded += g.Excluded
		c.Counting = c.Counting || g.Counting
		c.Satisfying += g.Satisfying
		c.NotSatisfying += g.NotSatisfying
	}
	return c
}

// declaredFacts are those of the facts that a schema declares.
func declaredFacts(schemaText []byte, facts []string) ([]string, error) {
	sch, err := schema.Compile(schemaText)
	if err != nil {
		return nil, err
	}
	declared := []string{}
	for _, f := range facts {
		if sch.Has(f) {
			declared = append(declared, f)
		}
	}
	return declared, nil
}

// problem is why a group as a whole cannot be evaluated now.
func (g Group) problem(deleted bool, sch *schema.Schema) Problem {
	if deleted {
		return ConnectionDeleted
	}
	for _, f := range g.Declared {
		if !sch.Has(f) {
			return SchemaDrift
		}
	}
	return NoProblem
}

// DisplayName is what people call the record of the finding: the property
// that its resource names for that, else the record's id.
func (f Finding) DisplayName() string {
	if f.Name != "" {
		return f.Name
	}
	if f.Group == nil {
		return f.Key
	}
	if f.RecordID == 0 {
		return f.Group.Resource.Name
	}
	return displayName(f.Group.Resource.DisplayNameKey, f.Key, f.Body)
}

func displayName(property, key string, body []byte) string {
	value, ok := strictjson.Member(body, property)
	if !ok {
		return key
	}
	if text, ok := strictjson.Text(value); ok {
		if text == "" {
			return key
		}
		return text
	}
	if value[0] == '{' || value[0] == '[' || string(value) == "null" {
		return key
	}
	return string(value)
}

// explain fills the causes of findings by evaluating their records again; a
// page has few.
func (s *Service) explain(ctx context.Context, findings []Finding) error {
	now := s.now()
	programs := map[int64]*rule.Program{}
	for i := range findings {
		f := &findings[i]
		g := f.Group
		if f.RecordID == 0 {
			f.Words = []string{countWords(g)}
			continue
		}
		if f.ID == 0 && f.State != Faulty || f.Body == nil {
			continue
		}
		p := programs[g.ID]
		if p == nil {
			var err error
			if p, err = rule.Compile([]rule.Rule{rule.NewRule(&g.Rule)}); err != nil {
				return err
			}
			programs[g.ID] = p
		}
		m := p.Machine()
		if err := g.provide(ctx, s.store, m, p.Lookups(), f.Body); err != nil {
			return err
		}
		f.Cause, f.Words = g.causes(m, 0, f.Body, now)
	}
	return nil
}

// causes says why a record fails the group, which is rule i of the machine.
func (g *Group) causes(m *rule.Machine, i int, body []byte, now time.Time) ([]rule.Cause, []string) {
	x := m.Explain(i, body, now)
	if x.Outcome != rule.Pass || g.Rule.Assertion.Kind != rule.Unique {
		return x.Leaves(), x.Words
	}
	value, _ := m.Unique(i)
	return []rule.Cause{{Fact: g.Rule.Assertion.Path, Operator: "unique", Actual: json.RawMessage(value), Reason: "shared with another record"}},
		[]string{fmt.Sprintf("`%s` is %s, which another record has too", g.Rule.Assertion.Path, value)}
}

func countWords(g *Group) string {
	n, a := g.Counts.Passing, g.Rule.Assertion
	switch {
	case a.Min != nil && n < *a.Min:
		return fmt.Sprintf("%d records satisfy the condition, expected at least %d", n, *a.Min)
	case a.Max != nil && n > *a.Max:
		return fmt.Sprintf("%d records satisfy the condition, expected at most %d", n, *a.Max)
	}
	return fmt.Sprintf("%d records satisfy the condition", n)
}
