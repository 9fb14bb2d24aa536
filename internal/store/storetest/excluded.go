package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// excluded is an exclusion as the simulation knows it by itself.
type excluded struct {
	test, resource int64
	key            string
	selector       string
	until          time.Time
	onFix          bool
	// ended is how it ended that nobody but the simulation ended.
	ended check.ExclusionState
	// troubled is whether the record failed when all was at rest last, and
	// troubledNow what is found at this rest.
	troubled, troubledNow bool
}

// exclude takes a few records out of the count of a test.
func (m *simulation) exclude() {
	n, ok := m.anyTest()
	if !ok {
		return
	}
	r := m.resources[m.rnd.IntN(len(m.resources))]
	if parsed, err := rule.ParseTest([]byte(m.logic[n])); err == nil && m.rnd.IntN(10) > 0 {
		r.ID = parsed.Groups[m.rnd.IntN(len(parsed.Groups))].ResourceID
	}
	keys := []string{"r0"}
	m.must(m.s.Scan(m.ctx, r.ID, func(_ int64, key string, _ []byte) error {
		keys = append(keys, strings.Clone(key))
		return nil
	}))
	if m.rnd.IntN(3) == 0 {
		m.excludeOne(excluded{test: n, resource: r.ID, selector: m.selector()})
		return
	}
	for range 1 + m.rnd.IntN(4) {
		m.excludeOne(excluded{test: n, resource: r.ID, key: keys[m.rnd.IntN(len(keys))], onFix: m.rnd.IntN(2) == 0})
	}
}

func (m *simulation) selector() string {
	return []string{`{"all":[{"fact":"kind","operator":"equal","value":"x"}]}`, `{"any":[{"fact":"n","operator":"greaterThan","value":7}]}`,
		`{"all":[{"fact":"at","operator":"withinLastHours","value":3}]}`, `{"not":{"fact":"n","operator":"lessThan","value":6}}`}[m.rnd.IntN(4)]
}

func (m *simulation) excludeOne(x excluded) {
	if m.rnd.IntN(3) > 0 {
		x.until = m.clock.Now().Add(time.Duration(1+m.rnd.IntN(600)) * time.Minute)
	}
	n := check.NewExclusion{Key: x.key, ResourceID: x.resource, Reason: "because", Category: "ACCEPTED_RISK", ExpiresAt: x.until, ExpireOnFix: x.onFix}
	if x.selector != "" {
		n.Selector = []byte(x.selector)
	}
	made, err := m.checks.Exclude(m.ctx, event.System(event.SourceApp), 1, x.test, n)
	if code := fault.CodeOf(err); code == fault.CodeValidation || code == fault.CodeConflict {
		return
	}
	m.must(err)
	m.note("exclude %s%s of resource %d from test %d until %s, on fix %v: exclusion %d", x.key, x.selector, x.resource, x.test, x.until.Format(time.TimeOnly), x.onFix, made.ID)
	m.exclusions[made.ID] = &x
}

// alter changes one that stands.
func (m *simulation) alter() {
	id, x := m.anyExclusion()
	if x == nil {
		return
	}
	var c check.ExclusionChange
	if m.rnd.IntN(2) == 0 {
		until := m.clock.Now().Add(time.Duration(1+m.rnd.IntN(600)) * time.Minute)
		if m.rnd.IntN(3) == 0 {
			until = time.Time{}
		}
		c.ExpiresAt = &until
	}
	if x.key == "" && m.rnd.IntN(2) == 0 {
		c.Selector = []byte(m.selector())
	}
	if x.key != "" && m.rnd.IntN(2) == 0 {
		onFix := !x.onFix
		c.ExpireOnFix = &onFix
	}
	_, err := m.checks.ChangeExclusion(m.ctx, event.System(event.SourceApp), 1, x.test, id, c)
	if fault.CodeOf(err) == fault.CodeValidation && c.Selector != nil || m.over(id, x, err) {
		return
	}
	if c.ExpiresAt != nil {
		x.until = *c.ExpiresAt
	}
	if c.ExpireOnFix != nil {
		x.onFix = *c.ExpireOnFix
		x.troubled = false
	}
	m.note("change exclusion %d: until %s, %s on fix %v", id, x.until.Format(time.TimeOnly), c.Selector, x.onFix)
}

// include ends one that stands.
func (m *simulation) include() {
	id, x := m.anyExclusion()
	if x == nil || m.over(id, x, m.checks.DeleteExclusion(m.ctx, event.System(event.SourceApp), 1, x.test, id)) {
		return
	}
	m.note("delete exclusion %d", id)
	x.ended = check.ExclusionDeleted
}

// over reports whether a change was refused because the exclusion had ended.
func (m *simulation) over(id int64, x *excluded, err error) bool {
	if fault.CodeOf(err) != fault.CodeConflict {
		m.must(err)
		return false
	}
	got, _, err := m.checks.Exclusion(m.ctx, 1, x.test, id)
	m.must(err)
	equal(m.suite, "an exclusion that ended refuses a change", got.State(m.clock.Now()) != check.ExclusionActive, true)
	return true
}

func (m *simulation) anyExclusion() (int64, *excluded) {
	if len(m.exclusions) == 0 {
		return 0, nil
	}
	id := int64(1 + m.rnd.IntN(len(m.exclusions)))
	return id, m.exclusions[id]
}

// forget is called when a test gets other groups: that a record does not fail
// those does not mean that it was mended.
func (m *simulation) forget(test int64) {
	for _, x := range m.exclusions {
		if x.test == test {
			x.troubled = false
		}
	}
}

// exclusionStates holds the exclusions against what was done with them.
func (m *simulation) exclusionStates() {
	now := m.clock.Now()
	for id, x := range m.exclusions {
		got, versions, err := m.checks.Exclusion(m.ctx, 1, x.test, id)
		m.must(err)
		want := x.ended
		switch {
		case want != "":
		case got.Ended == check.ExclusionFixed && x.onFix:
			want = check.ExclusionFixed
		case !x.until.IsZero() && !now.Before(x.until):
			want = check.ExclusionExpired
		default:
			want = check.ExclusionActive
		}
		equal(m.suite, fmt.Sprintf("state of exclusion %d", id), got.State(now), want)
		equal(m.suite, fmt.Sprintf("versions of exclusion %d", id), int64(len(versions)), got.Version)
		if want != check.ExclusionActive {
			x.ended = want
		}
		// All is at rest: the end is marked by now.
		equal(m.suite, fmt.Sprintf("marked end of exclusion %d", id), got.Ended != "" || !m.evaluates(x), want != check.ExclusionActive || !m.evaluates(x))
		x.troubledNow = false
	}
}

// evaluates reports whether the test of an exclusion is over its resource now.
func (m *simulation) evaluates(x *excluded) bool {
	t, err := m.checks.Get(m.ctx, 1, x.test)
	m.must(err)
	for _, g := range t.Groups {
		if g.Resource.ID == x.resource {
			return true
		}
	}
	return false
}

// stands notes what the oracle finds of a record.
func (m *simulation) stands(test, resource int64, key string, troubled bool) {
	for _, x := range m.exclusions {
		if x.test == test && x.resource == resource && x.key == key {
			x.troubledNow = x.troubledNow || troubled
		}
	}
}

// fixes proves that no exclusion outlived the mending of its record.
func (m *simulation) fixes() {
	for id, x := range m.exclusions {
		if x.ended == "" && x.onFix && x.troubled && !x.troubledNow && m.evaluates(x) {
			m.t.Errorf("exclusion %d outlived the mending of %s", id, x.key)
		}
		x.troubled = x.troubledNow && x.ended == ""
	}
}

// covered tells of the records of a resource whether they are excluded from a
// test now; nothing is from what is no test yet, number 0.
func (m *simulation) covered(number, resource int64) func(key string, body []byte) bool {
	if number == 0 {
		return func(string, []byte) bool { return false }
	}
	keys := map[string]bool{}
	var rules []rule.Rule
	r := page.Request{Size: 7}
	for {
		p, err := m.checks.Exclusions(m.ctx, check.ExclusionFilter{WorkspaceID: 1, ResourceID: resource, State: check.ExclusionActive}, number, r)
		m.must(err)
		for _, x := range p.Items {
			if x.Selector == nil {
				keys[x.Key] = true
				continue
			}
			c, err := rule.ParseEvaluator(x.Pinned)
			m.must(err)
			rules = append(rules, rule.Rule{Evaluator: c})
		}
		if p.Next == "" {
			break
		}
		r, err = r.WithCursor(p.Next)
		m.must(err)
	}
	p, err := rule.Compile(rules)
	m.must(err)
	run := p.Machine()
	return func(key string, body []byte) bool {
		if keys[key] {
			return true
		}
		run.Run(body, m.clock.Now())
		for i := range rules {
			if run.Outcome(i) == rule.Pass {
				return true
			}
		}
		return false
	}
}
