package rule

import (
	"bytes"
	"fmt"
	"time"
)

// Outcome is what a rule says of one record.
type Outcome uint8

// The outcomes. A record that cannot be evaluated is never a pass.
const (
	OutOfScope Outcome = iota
	Pass
	Fail
	Errored // the rule cannot be evaluated on this record; see [Machine.Problem]
)

// String gives out_of_scope, pass, fail or error.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// MarshalText gives the same as String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

var outcomeNames = [...]string{"out_of_scope", "pass", "fail", "error"}

// Machine is the scratch memory of one goroutine for running a program over
// many records. It is not safe for concurrent use.
type Machine struct {
	program  *Program
	frames   []frame
	outcomes []Outcome
	changes  []change
	arena    []byte
	scratch  []byte
	elements []*value // of the arrays being gone through, borrowed of them in use
	borrowed int
	problem  string // of the record as a whole
	answers  []Presence

	now   instant
	flip  instant // earliest change of a date operator evaluated since it was cleared
	flips bool
}

type change struct {
	at instant
	is bool
}

// Machine gives a new machine for the program.
func (p *Program) Machine() *Machine {
	m := &Machine{
		program:  p,
		outcomes: make([]Outcome, len(p.rules)),
		changes:  make([]change, len(p.rules)),
		answers:  make([]Presence, len(p.lookups)),
	}
	for _, s := range p.scopes {
		m.frames = append(m.frames, newFrame(s))
	}
	return m
}

const notAnObject = "the record is not a JSON object, or is nested deeper than 1,000 levels"

// Run evaluates every rule on one record, in one pass over its text. record is
// the text of a valid JSON object; it must not change until the next Run,
// because the other methods read from it. A text that is no object makes every
// outcome an error. In a record that has a key twice the last one counts.
func (m *Machine) Run(record []byte, now time.Time) {
	m.now = instantOf(now)
	m.arena = m.arena[:0]
	f := &m.frames[0]
	f.reset()
	m.problem = ""
	i := skipSpace(record, 0)
	if i < len(record) && record[i] == '{' {
		i = f.fill(f.scope.root, record, i, 0)
	} else {
		i = -1
	}
	if i < 0 || skipSpace(record, i) != len(record) {
		m.problem = notAnObject
		for r := range m.outcomes {
			m.outcomes[r] = Errored
			m.changes[r] = change{}
		}
		return
	}
	for r := range m.program.rules {
		rule := &m.program.rules[r]
		if rule.plain && !rule.dated {
			out := Fail
			if m.exec(m.program.code, rule.evaluator.entry, f) {
				out = Pass
			}
			m.outcomes[r] = out
			continue
		}
		m.outcomes[r] = m.evaluate(rule)
		if rule.dated {
			m.changes[r] = change{m.flip, m.flips}
		}
	}
}

// evaluate decides one rule on the filled frame and leaves in m.flip the first
// later moment at which something it looked at changes.
func (m *Machine) evaluate(rule *compiledRule) Outcome {
	m.flips = false
	if g := rule.filter; g != nil {
		switch m.gate(g) {
		case failure:
			return Errored
		case truthOf(rule.exclusion):
			return OutOfScope
		}
	}
	if g := rule.evaluator; g != nil {
		switch m.gate(g) {
		case failure:
			return Errored
		case no:
			return Fail
		}
	}
	if u := rule.unique; u != nil && u.query && m.load(&m.frames[0], u).kind == kindFailed {
		return Errored
	}
	return Pass
}

func (m *Machine) gate(g *gate) truth {
	if g.slow {
		return m.walk(g.tree, &m.frames[0])
	}
	return truthOf(m.exec(m.program.code, g.entry, &m.frames[0]))
}

// Outcome is what rule i says of the record of the last Run.
func (m *Machine) Outcome(i int) Outcome { return m.outcomes[i] }

// maxSteps bounds the search for the moment at which an outcome really changes.
const maxSteps = 32

// Flip gives the earliest moment after now at which the outcome of rule i for
// the record of the last Run could change; false when no passing of time can
// change it. The outcome is the same at every moment in [now, flip). It is exact
// to the nanosecond: a caller that keeps coarser times rounds up.
func (m *Machine) Flip(i int) (time.Time, bool) {
	c := m.changes[i]
	if !c.is {
		return time.Time{}, false
	}
	now := m.now
	defer func() { m.now = now }()
	// A date operator that changes need not change the outcome, so look on.
	for step := 0; c.is && step < maxSteps; step++ {
		m.now = c.at
		if m.evaluate(&m.program.rules[i]) != m.outcomes[i] {
			break
		}
		c = change{m.flip, m.flips}
	}
	if !c.is {
		return time.Time{}, false
	}
	return c.at.time(), true
}

// Unique gives the canonical JSON text of the value at the unique path of rule
// i, when the outcome is Pass and the value is neither null nor missing. Equal
// values give equal bytes. The result is the caller's.
func (m *Machine) Unique(i int) ([]byte, bool) {
	r := m.program.rules[i].unique
	if r == nil || m.outcomes[i] != Pass {
		return nil, false
	}
	v := m.load(&m.frames[0], r)
	if v.kind <= kindNull {
		return nil, false
	}
	return appendCanonical(nil, v), true
}

// Problem says in a sentence why the outcome of rule i is an error, "" when it
// is none.
func (m *Machine) Problem(i int) string {
	switch {
	case m.outcomes[i] != Errored:
		return ""
	case m.problem != "":
		return m.problem
	}
	rule := &m.program.rules[i]
	f := &m.frames[0]
	for _, g := range []*gate{rule.filter, rule.evaluator} {
		if g != nil {
			if l := m.culprit(g.tree, f); l != nil {
				return m.complain(l, f)
			}
		}
	}
	return "the path of the unique value selects too much of this record"
}

// culprit finds the first leaf that fails.
func (m *Machine) culprit(t *tree, f *frame) *leaf {
	if t.leaf != nil {
		if t.fails && m.leaf(t.leaf, f) == failure {
			return t.leaf
		}
		return nil
	}
	for _, child := range t.children {
		if l := m.culprit(child, f); l != nil {
			return l
		}
	}
	return nil
}

// complain says why a leaf fails on this record.
func (m *Machine) complain(l *leaf, f *frame) string {
	switch {
	case m.load(f, &l.left).kind == kindFailed:
		return fmt.Sprintf("the path `%s` of `%s` selects too much of this record", clip(l.src.path, 80), l.src.fact)
	case l.fromRecord && m.load(f, &l.right).kind == kindFailed:
		return fmt.Sprintf("the path `%s` of `%s` selects too much of this record", clip(l.src.ref.path, 80), l.src.ref.fact)
	case l.src.lookup != nil:
		return fmt.Sprintf("the records of %s cannot be looked up, or some of them not be evaluated", l.src.lookup.name())
	case l.unit != nil:
		return fmt.Sprintf("the condition of `%s` on `%s` cannot be evaluated on one of its elements", l.src.operator, subject(l.src))
	case l.fromRecord:
		return fmt.Sprintf("`%s` on `%s` needs an array as value, but %s", l.src.operator, subject(l.src), state(referenceName(l.src.ref), m.load(f, &l.right)))
	}
	return fmt.Sprintf("`%s` needs an array, but %s", l.src.operator, state(subject(l.src), m.load(f, &l.left)))
}

// subject names what a leaf looks at.
func subject(c *Condition) string { return named(c.fact, c.path) }

func referenceName(r *reference) string { return named(r.fact, r.path) }

// named joins fact and path the way a person would write them.
func named(fact, path string) string {
	switch {
	case path == "":
		if fact == "$" {
			return "the element"
		}
		return fact
	case fact == "$":
		return path
	case path[0] == '$':
		return fact + path[1:]
	case path[0] == '[':
		return fact + path
	}
	return fact + "." + path
}

// state says what a value is.
func state(name string, v *value) string {
	if v.kind == kindUndefined {
		return "`" + name + "` is missing"
	}
	var b bytes.Buffer
	b.WriteString("`" + name + "` is ")
	b.Write(appendShort(nil, v))
	return b.String()
}

// appendShort writes a value for a sentence.
func appendShort(b []byte, v *value) []byte {
	switch v.kind {
	case kindUndefined:
		return append(b, "missing"...)
	case kindString:
		return appendQuoted(b, clip(string(v.s), 80))
	case kindArray, kindObject:
		return append(b, clip(string(v.s), 80)...)
	}
	return appendValue(b, v)
}
