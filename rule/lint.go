package rule

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Severity says how sure a remark is that something is wrong.
type Severity string

// The severities of a remark.
const (
	SeverityWarning Severity = "warning" // the rule hardly says what was meant
	SeverityInfo    Severity = "info"    // worth knowing
)

// Remark is something that [Lint] noticed. Pointer is the JSON Pointer of the
// place in the text that [Test.JSON] gives.
type Remark struct {
	Pointer  string   `json:"pointer"`
	Message  string   `json:"message"`
	Severity Severity `json:"severity"`
}

// Lint looks for conditions that compile but hardly say what was meant. schema
// is the JSON Schema of the records that all groups look at; without one (nil)
// only what the rule itself shows is found. For a test over several resources
// use [Group.Lint] with the schema of each.
func Lint(t *Test, schema []byte) []Remark {
	list := []Remark{}
	for i := range t.Groups {
		for _, r := range t.Groups[i].Lint(schema) {
			r.Pointer = "/groups/" + strconv.Itoa(i) + r.Pointer
			list = append(list, r)
		}
	}
	return list
}

// Lint is [Lint] for one group, with pointers from the group on.
func (g *Group) Lint(schema []byte) []Remark {
	l := &linter{}
	l.group(g, readShape(schema))
	return l.list
}

func (l *linter) group(g *Group, record shape) {
	root := &place{}
	if g.Filter != nil {
		where := root.child("filteringCriteria")
		c := g.Filter.Evaluator
		if len(c.children) == 0 {
			if g.Filter.Mode == Exclusion {
				l.warn(where, "this filter is true for every record, so nothing is in scope")
			} else {
				l.info(where, "this filter takes every record")
			}
		} else {
			l.condition(c, where.child("evaluator"), record)
		}
	}
	if len(g.Evaluator.children) == 0 && g.Evaluator.kind != isBroken {
		l.vacuous(g.Evaluator, root.child("evaluator"), g.Assertion.Kind)
	} else {
		l.condition(g.Evaluator, root.child("evaluator"), record)
	}
	l.assertion(g.Assertion, root.child("assertion"), record)
}

// Always reports whether the text of the condition alone makes it true of every
// record.
func (c *Condition) Always() bool {
	switch c.kind {
	case isAll:
		return !slices.ContainsFunc(c.children, func(child *Condition) bool { return !child.Always() })
	case isAny:
		return len(c.children) == 0 || slices.ContainsFunc(c.children, (*Condition).Always)
	case isNamed:
		return c.children[0].Always()
	case isNot:
		return false
	}
	if len(c.decs) > 0 || c.value == nil {
		return false
	}
	switch c.op.code {
	case opNotEqual:
		return c.value.kind == kindArray || c.value.kind == kindObject
	case opNotIn:
		return len(c.value.elems) == 0
	}
	return false
}

type linter struct {
	list []Remark
	// fixes are what would mend a remark, by its place in the list.
	fixes map[int]remarkFix
}

// remarkFix replaces the values at places by JSON text.
type remarkFix struct {
	label  string
	values map[string]string
}

// fix offers to replace the values at places below where, by their key, for the
// last remark; the empty key is the value itself.
func (l *linter) fix(where *place, label string, values map[string]string) {
	if l.fixes == nil {
		l.fixes = map[int]remarkFix{}
	}
	at := make(map[string]string, len(values))
	for key, text := range values {
		pointer := where.pointer()
		if key != "" {
			pointer = where.child(key).pointer()
		}
		at[pointer] = text
	}
	l.fixes[len(l.list)-1] = remarkFix{label, at}
}

// replacing offers another text for the one at a place.
func (l *linter) replacing(where *place, text string) {
	l.fix(where, "Change to `"+clip(text, 60)+"`", map[string]string{"": string(appendQuoted(nil, text))})
}

const maxRemarks = 200

func (l *linter) add(s Severity, where *place, format string, args ...any) {
	if len(l.list) < maxRemarks {
		l.list = append(l.list, Remark{where.pointer(), fmt.Sprintf(format, args...), s})
	}
}

func (l *linter) warn(where *place, format string, args ...any) {
	l.add(SeverityWarning, where, format, args...)
}

func (l *linter) info(where *place, format string, args ...any) {
	l.add(SeverityInfo, where, format, args...)
}

func (l *linter) vacuous(c *Condition, where *place, kind AssertionKind) {
	if kind == Unique || kind == Count {
		return // "every record counts" is what these are often meant to say
	}
	l.warn(where, "an empty `%s` is true for every record", c.kind)
}

func (l *linter) assertion(a Assertion, where *place, record shape) {
	switch a.Kind {
	case MinPassingPercent:
		if a.Value == 0 {
			l.warn(where, "at least 0 percent is true of any set")
		}
	case Count:
		if a.Max == nil && *a.Min == 0 {
			l.warn(where, "at least 0 records is true of any set")
		}
	case Unique:
		w, problem := parsePath(a.Path)
		if problem == "" {
			l.property(where.child("path"), where.child("path"), "$", w, record)
		}
	}
}

// property remarks on a property that the schema does not have, and gives the
// shape of the one that is meant. where is the fact, at what is remarked on: the
// path if there is one.
func (l *linter) property(where, at *place, fact string, w *path, from shape) shape {
	if fact != "$" {
		next, missing := from.member(fact)
		if missing != nil {
			if s := l.missing(at, fact, missing); s != "" {
				l.replacing(where, s)
			}
			return next
		}
		from = next
	}
	out, name, missing := from.walk(w)
	if missing == nil {
		return out
	}
	if s := l.missing(at, name, missing); s != "" {
		var way []Segment
		changed := false
		for _, step := range w.steps {
			if !changed && step.name == name {
				step.name, changed = s, true
			}
			way = append(way, Segment{Name: step.name})
		}
		l.replacing(at, pathText(way))
	}
	return out
}

// missing remarks on a property and gives what was probably meant.
func (l *linter) missing(where *place, name string, properties []string) string {
	s := nearest(name, properties)
	if s != "" {
		l.warn(where, "the schema has no property `%s`; did you mean `%s`?", clip(name, 60), s)
	} else {
		l.warn(where, "the schema has no property `%s`", clip(name, 60))
	}
	return s
}

func (l *linter) condition(c *Condition, where *place, from shape) {
	if c.kind == isBroken {
		return
	}
	if c.kind == isLeaf {
		l.leaf(c, where, from)
		return
	}
	where = where.child(c.kind.String())
	if c.kind == isNamed {
		l.named(c, where, from)
		return
	}
	if c.kind == isNot {
		l.condition(c.children[0], where, from)
		return
	}
	if len(c.children) == 0 {
		l.warn(where, "an empty `%s` is always true", c.kind)
	}
	for i, child := range c.children {
		l.condition(child, where.at(i), from)
	}
	if len(c.children) <= 200 {
		l.pairs(c, where)
	}
}

// named remarks on what a reference stands for; the place is the reference.
func (l *linter) named(c *Condition, where *place, from shape) {
	inner := &linter{}
	inner.condition(c.children[0], &place{}, from)
	for _, r := range inner.list {
		l.add(r.Severity, where, "in the condition `%s`: %s", clip(c.refers, 60), r.Message)
	}
}

func (l *linter) leaf(c *Condition, where *place, from shape) {
	key := "fact"
	if c.path != "" {
		key = "path"
	}
	s := l.property(where.child("fact"), where.child(key), c.fact, c.where, from)
	if c.ref != nil {
		at := where.child("value").child("fact")
		if c.ref.path != "" {
			at = where.child("value").child("path")
		}
		other := l.property(where.child("value").child("fact"), at, c.ref.fact, c.ref.where, from)
		switch {
		case c.ref.fact == c.fact && c.ref.path == c.path:
			l.warn(where.child("value"), "this compares `%s` with itself", subject(c))
		case c.op.code == opEqual && s.optional && other.optional:
			l.warn(where, "`%s` and `%s` may both be missing, and are equal then; add `exists`", subject(c), referenceName(c.ref))
		}
	}
	if c.sub != nil {
		if c.op.code != opAny && len(c.decs) == 0 {
			l.info(where, "`%s` is true for an empty array", c.op.Name)
		}
		e := s.element()
		e.optional = false
		l.condition(c.sub, where.child("value"), e)
		return
	}
	if c.lookup != nil && c.lookup.Where != nil {
		l.condition(c.lookup.Where, where.child("value").child("where"), shape{})
	}
	if len(c.decs) > 0 {
		return
	}
	l.constant(c, where)
	l.absent(c, where, s)
	l.typed(c, where, s)
}

// constant remarks on comparisons whose value alone decides.
func (l *linter) constant(c *Condition, where *place) {
	if c.value == nil {
		return
	}
	container := c.value.kind == kindArray || c.value.kind == kindObject
	where = where.child("value")
	switch c.op.code {
	case opEqual:
		if container {
			l.warn(where, "no value is equal to an array or an object, so this is never true")
		}
	case opNotEqual:
		if container {
			l.warn(where, "no value is equal to an array or an object, so this is always true")
		}
	case opIn:
		if len(c.value.elems) == 0 {
			l.warn(where, "nothing is one of an empty array, so this is never true")
		}
	case opNotIn:
		if len(c.value.elems) == 0 {
			l.warn(where, "everything is none of an empty array, so this is always true")
		}
	case opContains:
		if container {
			l.warn(where, "no element is equal to an array or an object, so this is never true")
		}
	}
}

// absent remarks on comparisons that a missing value satisfies by surprise.
func (l *linter) absent(c *Condition, where *place, s shape) {
	if c.value == nil || !s.optional {
		return
	}
	switch {
	case c.op.code == opNotEqual && c.value.kind == kindNull:
		l.warn(where, "`%s` may be missing, and a missing value is not null, so this is true for it; use `isEmpty` with false, or add `exists`", subject(c))
		l.fix(where, "Use `isEmpty` with false", map[string]string{"operator": `"isEmpty"`, "value": "false"})
	case c.op.code == opEqual && c.value.kind == kindNull:
		l.info(where, "`%s` may be missing, and a missing value is not null, so this is false for it; `isEmpty` takes both", subject(c))
		l.fix(where, "Use `isEmpty`", map[string]string{"operator": `"isEmpty"`, "value": "true"})
	}
}

// typed remarks on operators that no value the schema allows can satisfy.
func (l *linter) typed(c *Condition, where *place, s shape) {
	types := s.types()
	can := func(t string) bool {
		return types == nil || slices.Contains(types, t) || t == "number" && slices.Contains(types, "integer")
	}
	if !slices.ContainsFunc(c.op.FactTypes, func(t string) bool { return can(t) || t == "missing" }) {
		l.warn(where.child("operator"), "`%s` is %s in the schema, on which `%s` is never true", subject(c), orList(types), c.op.Name)
		return
	}
	if c.value == nil {
		return
	}
	var wanted []*item
	at := where.child("value")
	switch c.op.code {
	case opEqual, opNotEqual:
		wanted = []*item{c.value}
	case opIn, opNotIn:
		wanted = c.value.elems
	}
	for i, v := range wanted {
		place := at
		if c.value.kind == kindArray {
			place = at.at(i)
		}
		if v.kind == kindNull && (c.op.code == opNotEqual || c.op.code == opNotIn) {
			continue // a common way to say that there is a value
		}
		if name := v.jsonType(); name != "array" && name != "object" && !can(name) {
			l.warn(place, "`%s` is %s in the schema, so it never equals %s", subject(c), orList(types), clip(string(v.appendJSON(nil)), 60))
			if text := converted(v, can); text != "" {
				l.fix(place, "Change to `"+clip(text, 60)+"`", map[string]string{"": text})
			}
			continue
		}
		l.enumerated(c, v, place, s)
	}
}

// converted is the JSON text of a value in another type that is allowed: a number
// or word that stands in quotes, or the other way round; else "".
func converted(v *item, can func(jsonType string) bool) string {
	if v.kind != kindString {
		if text := v.appendJSON(nil); can("string") && v.kind != kindNull {
			return string(appendQuoted(nil, string(text)))
		}
		return ""
	}
	n, err := readText([]byte(v.str))
	if err != nil || n.kind > kindString || !can(n.jsonType()) {
		return ""
	}
	return string(n.appendJSON(nil))
}

func (l *linter) enumerated(c *Condition, v *item, where *place, s shape) {
	allowed := s.values()
	if allowed == nil {
		return
	}
	lit := v.literal()
	var names []string
	for _, a := range allowed {
		text, err := json.Marshal(a)
		if err != nil {
			return
		}
		var x value
		var arena []byte
		if readValue(text, 0, &x, &arena) < 0 || equalValues(&x, &lit) {
			return
		}
		if x.kind == kindString {
			names = append(names, string(x.s))
		}
	}
	text := clip(string(v.appendJSON(nil)), 60)
	if near := nearest(v.str, names); v.kind == kindString && near != "" {
		l.warn(where, "the schema does not allow %s for `%s`; did you mean `%s`?", text, subject(c), near)
		l.replacing(where, near)
		return
	}
	l.warn(where, "the schema does not allow %s for `%s`", text, subject(c))
}

func (n *item) jsonType() string {
	switch n.kind {
	case kindNull:
		return "null"
	case kindTrue, kindFalse:
		return "boolean"
	case kindInt, kindFloat:
		return "number"
	case kindString:
		return "string"
	case kindArray:
		return "array"
	}
	return "object"
}

func orList(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			text += " or "
		default:
			text += ", "
		}
		text += w
	}
	return text
}
