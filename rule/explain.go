package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// Explanation says why a rule gave its outcome on one record.
type Explanation struct {
	Outcome Outcome `json:"outcome"`
	// Cause holds the tree of conditions that decided: that of the filter when
	// the record is out of scope or the filter cannot be evaluated, else that of
	// the evaluator.
	Cause []Cause `json:"cause"`
	// Words says in one sentence each what the leaves of the cause found.
	Words []string `json:"words"`
	// Counterfactual says what would make a failing record pass with the fewest
	// changes, "" when that is not known. What it says was tried on the record.
	Counterfactual string `json:"counterfactual,omitempty"`
}

// Cause is one condition with what it found. Kind is "all", "any" or "not" for
// conditions over others, "" for a leaf. Expected is the value it asks for,
// taken from the record where ValueFact names a property. Actual is absent when
// there is no such value in the record; a longer one is cut at 1 KB and then is
// the JSON string of its beginning. Reason says why a condition could not be
// true on a value of this sort: "missing", "type", "not a number", "not a date",
// "not an array", "not an address", "not a version", "not found", "found",
// "value", or a sentence
// about an element or an error.
type Cause struct {
	Kind      string          `json:"kind,omitempty"`
	Name      string          `json:"name,omitempty"`
	Fact      string          `json:"fact,omitempty"`
	Path      string          `json:"path,omitempty"`
	Operator  string          `json:"operator,omitempty"`
	Expected  json.RawMessage `json:"value,omitempty"`
	ValueFact string          `json:"valueFact,omitempty"`
	Actual    json.RawMessage `json:"factResult,omitempty"`
	Result    bool            `json:"result"`
	Reason    string          `json:"reason,omitempty"`
	Children  []Cause         `json:"children,omitempty"`

	tree   *tree
	failed bool // it cannot be evaluated
	blamed bool // a leaf that stands in the way of the outcome that was wanted
	words  string
}

// Leaves lists the leaf conditions that are to blame for the outcome, without
// their children: those that keep a failing record from passing, those that put
// a record out of scope, or those that cannot be evaluated. Of a passing record
// there are none.
func (e Explanation) Leaves() []Cause {
	list := []Cause{}
	var visit func(c *Cause)
	visit = func(c *Cause) {
		if c.blamed {
			leaf := *c
			leaf.Children = nil
			list = append(list, leaf)
			return
		}
		for i := range c.Children {
			visit(&c.Children[i])
		}
	}
	for i := range e.Cause {
		visit(&e.Cause[i])
	}
	return list
}

// Explain evaluates rule i on one record and says why. It is meant for the few
// records that somebody looks at; [Machine.Run] is for all of them.
func (p *Program) Explain(i int, record []byte, now time.Time) Explanation {
	return p.Machine().Explain(i, record, now)
}

// Explain is [Program.Explain] with the answers that the machine was provided
// with. It runs the record.
func (m *Machine) Explain(i int, record []byte, now time.Time) Explanation {
	p := m.program
	m.Run(record, now)
	e := Explanation{Outcome: m.Outcome(i), Cause: []Cause{}, Words: []string{}}
	if m.problem != "" {
		e.Words = append(e.Words, m.problem)
		return e
	}
	rule := &p.rules[i]
	g, want := rule.evaluator, true
	if rule.filter != nil {
		if e.Outcome == OutOfScope || e.Outcome == Errored && m.gate(rule.filter) == failure {
			g, want = rule.filter, !rule.exclusion
		}
	}
	if g == nil {
		return e
	}
	c, _ := m.cause(g.tree, &m.frames[0])
	if e.Outcome != Pass {
		c.blame(want)
	}
	e.Cause = append(e.Cause, c)
	for _, l := range e.Leaves() {
		e.Words = append(e.Words, l.words)
	}
	if e.Outcome == Fail && len(e.Words) == 0 {
		e.Words = append(e.Words, "an empty `all` or `any` is always true, which no record can change")
	}
	if e.Outcome == Fail {
		e.Counterfactual = m.counterfactual(i, record, now)
	}
	return e
}

// cause evaluates a condition whole, without stopping early.
func (m *Machine) cause(t *tree, f *frame) (Cause, truth) {
	if t.leaf != nil {
		return m.leafCause(t, f)
	}
	c := Cause{Kind: t.kind.String(), Name: t.src.name, tree: t}
	for _, child := range t.children {
		s, _ := m.cause(child, f)
		c.Children = append(c.Children, s)
	}
	result := m.walk(t, f)
	c.Result, c.failed = result == yes, result == failure
	return c, result
}

func (m *Machine) leafCause(t *tree, f *frame) (Cause, truth) {
	l := t.leaf
	src := l.src
	result := m.leaf(l, f)
	a := m.load(f, &l.left)
	b := &l.literal
	c := Cause{
		Name: src.name, Fact: src.fact, Path: src.path, Operator: src.operator,
		Actual: shortJSON(a), Result: result == yes, failed: result == failure, tree: t,
	}
	if l.fromRecord {
		b = m.load(f, &l.right)
		c.ValueFact = referenceName(src.ref)
		c.Expected = shortJSON(b)
	} else {
		c.Expected = src.appendExpected(nil)
	}
	if c.failed {
		c.Reason = m.complain(l, f)
		c.words = c.Reason
		return c, result
	}
	if l.unit != nil && a.kind == kindArray && len(l.decs) == 0 {
		m.elementCause(&c, l, a)
	} else if result != yes {
		c.Reason = l.unfit(a, b)
	}
	return c, result
}

// elementCause shows the element that decided a quantifier.
func (m *Machine) elementCause(c *Cause, l *leaf, a *value) {
	if l.op == opAny || c.Result {
		if !c.Result {
			c.Reason = "no element satisfies the condition"
		}
		return
	}
	t := l.unit.src
	f := &m.frames[l.unit.scope.id]
	for i, at := 0, afterBracket(a.s); at >= 0; i++ {
		f.reset()
		end := f.fill(f.scope.root, a.s, at, 0)
		if end < 0 {
			return
		}
		if (m.walk(t, f) == yes) == (l.op == opNoElement) {
			s, _ := m.cause(t, f)
			c.Children = []Cause{s}
			c.Reason = fmt.Sprintf("element %d does not satisfy the condition", i)
			if l.op == opNoElement {
				c.Reason = fmt.Sprintf("element %d satisfies the condition", i)
			}
			return
		}
		at = afterItem(a.s, end)
	}
}

// unfit says why a leaf that is false could not be true on such values; "" when
// the comparison itself decided.
func (l *leaf) unfit(a, b *value) string {
	for _, d := range l.decs {
		switch d {
		case decSwap:
			a, b = b, a
		case decSomeFact, decEveryFact:
			if a.kind != kindArray {
				return "not an array"
			}
			return ""
		case decSomeValue, decEveryValue:
			return ""
		}
	}
	var scratch []byte
	switch l.op.valued() {
	case valueString, valueRegex:
		switch {
		case a.kind != kindString:
			return "type"
		case b.kind != kindString:
			return "value"
		}
	case valueNumber, valueDate:
		if _, ok := readInstant(a); !ok {
			return "not a date"
		}
		if _, ok := readInstant(b); l.op.valued() == valueDate && !ok {
			return "value"
		}
		if _, ok := readSpan(l.op, b); l.op.valued() == valueNumber && !ok {
			return "value"
		}
	case valueCondition:
		if a.kind != kindArray {
			return "not an array"
		}
	case valueCidr:
		if _, ok := readNetwork(a.s); a.kind != kindString || !ok {
			return "not an address"
		}
		if _, ok := networks(b); !ok {
			return "value"
		}
	case valueVersion:
		if _, ok := versionText(a); !ok {
			return "not a version"
		}
		if _, ok := versionText(b); !ok {
			return "value"
		}
	case valueLookup:
		switch {
		case a.kind == kindUndefined:
			return "missing"
		case !a.lookable():
			return "type"
		case l.op == opExistsIn:
			return "not found"
		}
		return "found"
	case valueBoolean:
		if !b.isBool() {
			return "value"
		}
	case valueAny:
		if a.kind != kindUndefined && !looksNumeric(a, &scratch) {
			return "not a number"
		}
	}
	switch {
	case a.kind == kindUndefined && l.op != opExists && l.op != opIsEmpty:
		return "missing"
	case (l.op == opContains || l.op == opDoesNotContain) && a.kind != kindArray && (a.kind != kindString || b.kind != kindString):
		return "type"
	}
	return ""
}

// blame marks the leaves that stand in the way of the wanted result.
func (c *Cause) blame(want bool) {
	if c.failed {
		if c.Kind == "" {
			c.blamed = true
			return
		}
		for i := range c.Children {
			if c.Children[i].failed {
				c.Children[i].blame(want)
			}
		}
		return
	}
	if c.Result == want {
		return
	}
	switch c.Kind {
	case "":
		c.blamed = true
		c.words = c.found() + ", expected " + expectation(c.tree.src, want)
	case "not":
		c.Children[0].blame(!want)
	default:
		for i := range c.Children {
			c.Children[i].blame(want)
		}
	}
}

// found says what a leaf found.
func (c *Cause) found() string {
	name := "`" + named(c.Fact, c.Path) + "`"
	if c.Fact == "$" && c.Path == "" {
		name = "the element"
	}
	switch {
	case c.Actual == nil:
		return name + " is missing"
	case len(c.Children) > 0:
		return name + ": " + c.Reason
	}
	return name + " is " + clip(string(c.Actual), 120)
}

const maxActual = 1 << 10

// shortJSON gives a value as JSON of at most about 1 KB, nil for undefined.
func shortJSON(v *value) json.RawMessage {
	if v.kind <= kindFailed {
		return nil
	}
	if v.kind == kindString && len(v.s) > maxActual {
		return appendQuoted(nil, clipBytes(v.s))
	}
	text := appendValue(nil, v)
	var b bytes.Buffer
	if json.Compact(&b, text) == nil && b.Len() <= maxActual {
		return b.Bytes()
	}
	return appendQuoted(nil, clipBytes(text))
}

func clipBytes(s []byte) string {
	if len(s) <= maxActual {
		return string(s)
	}
	n := maxActual - len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return string(s[:n]) + "…"
}
