package rule

import (
	"bytes"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Limits of a rule text.
const (
	maxConditionDepth = 64
	maxConditions     = 10_000
	maxPattern        = 1 << 10
	maxPath           = 1 << 10
)

type conditionKind uint8

const (
	isLeaf conditionKind = iota
	isAll
	isAny
	isNot
	isNamed
	isBroken // stands for what was refused, only while a text is inspected
)

func (k conditionKind) String() string {
	return [...]string{"", "all", "any", "not", "condition", ""}[k]
}

// Condition is a parsed condition: a leaf, `all`, `any` or `not` over other
// conditions, or a reference to a named one. It is immutable and may be shared. The zero value is an empty
// `all` only through [ParseEvaluator]; make conditions with that function.
type Condition struct {
	kind     conditionKind
	children []*Condition

	fact     string
	path     string
	where    *path // of the path; nil without one
	operator string
	decs     []decorator
	op       *operatorEntry
	value    *item      // literal; nil for a reference or a condition
	ref      *reference // another value of the same record
	sub      *Condition // what each element must satisfy
	lookup   *Lookup    // what is asked of another resource
	refers   string     // the name of the condition that a reference stands for

	name     string
	named    bool
	priority *int64
	params   *item
}

// reference is a value taken from the record.
type reference struct {
	fact   string
	path   string
	where  *path
	params *item
}

// ParseEvaluator parses and checks the JSON text of one condition, whose root
// must be `all`, `any` or `not`. Every error is an [*Error]. To parse a text
// that refers to named conditions use [Conditions.ParseEvaluator].
func ParseEvaluator(text []byte) (*Condition, error) {
	return (*Conditions)(nil).ParseEvaluator(text)
}

type parser struct {
	text    []byte
	known   *Conditions
	namer   *namer // while named conditions themselves are parsed
	count   int
	deepest int
	looking bool // inside the `where` of a lookup
	// gathered, if set, takes refusals, so that what stands beside is read too.
	gathered *[]*Error
}

// goOn is whether to read on after a refusal.
func (p *parser) goOn(err *Error) bool {
	if p.gathered == nil || len(*p.gathered) >= maxDiagnostics {
		return false
	}
	*p.gathered = append(*p.gathered, err)
	return true
}

func broken() *Condition { return &Condition{kind: isBroken} }

func (p *parser) fail(n *item, where *place, format string, args ...any) *Error {
	return errorAt(p.text, n.offset, where, fmt.Sprintf(format, args...), "")
}

// keys refuses members that are not allowed here.
func (p *parser) keys(n *item, where *place, what string, allowed ...string) *Error {
	for _, m := range n.members {
		if !slices.Contains(allowed, m.key) {
			e := errorAt(p.text, m.offset, where.child(m.key), fmt.Sprintf("unknown key `%s` in %s", clip(m.key, 60), what), "")
			e.Suggestion = nearest(m.key, allowed)
			return e
		}
	}
	return nil
}

var booleanKeys = []string{"all", "any", "not"}

func (p *parser) evaluator(n *item, where *place) (*Condition, *Error) {
	if n.kind != kindObject {
		return nil, p.fail(n, where, "an evaluator must be an object with `all`, `any` or `not`, not %s", n.describe())
	}
	if len(n.members) == 0 {
		return nil, p.fail(n, where, "the evaluator is empty: it needs `all`, `any` or `not`")
	}
	for _, k := range booleanKeys {
		if n.member(k) != nil {
			return p.condition(n, where, 1)
		}
	}
	if n.member("condition") != nil {
		return p.condition(n, where, 1)
	}
	if n.member("fact") != nil || n.member("operator") != nil {
		e := p.fail(n, where, "the root of an evaluator must be `all`, `any` or `not`: put this condition into {\"all\":[...]}")
		e.fix = &fix{"Put it into `all`", []textChange{{n.offset, n.offset, `{"all": [`}, {n.end, n.end, "]}"}}}
		return nil, e
	}
	if err := p.keys(n, where, "an evaluator", "all", "any", "not", "name", "priority", "params"); err != nil {
		return nil, err
	}
	return nil, p.fail(n, where, "the root of an evaluator must be `all`, `any` or `not`")
}

func (p *parser) condition(n *item, where *place, depth int) (*Condition, *Error) {
	if n.kind != kindObject {
		return nil, p.fail(n, where, "a condition must be an object, not %s", n.describe())
	}
	if err := p.extent(n, where, depth, 1); err != nil {
		return nil, err
	}
	if n.member("condition") != nil {
		return p.named(n, where, depth)
	}
	for i, k := range booleanKeys {
		if v := n.member(k); v != nil {
			return p.boolean(n, where, depth, conditionKind(i+1), v)
		}
	}
	return p.leaf(n, where, depth)
}

func (p *parser) boolean(n *item, where *place, depth int, kind conditionKind, v *item) (*Condition, *Error) {
	key := kind.String()
	for _, m := range n.members {
		if m.key != key && slices.Contains(booleanKeys, m.key) {
			return nil, errorAt(p.text, m.offset, where.child(m.key), fmt.Sprintf("a condition is one of `all`, `any` and `not`: this one has `%s` and `%s`", key, m.key), "")
		}
	}
	if err := p.keys(n, where, "an `"+key+"` condition", key, "name", "priority", "params"); err != nil {
		return nil, err
	}
	c := &Condition{kind: kind}
	if err := p.extras(c, n, where); err != nil {
		return nil, err
	}
	where = where.child(key)
	if kind == isNot {
		if v.kind == kindArray {
			return nil, p.fail(v, where, "`not` takes one condition, not an array")
		}
		child, err := p.condition(v, where, depth+1)
		if err != nil && p.goOn(err) {
			child, err = broken(), nil
		}
		c.children = []*Condition{child}
		return c, err
	}
	if v.kind != kindArray {
		return nil, p.fail(v, where, "`%s` takes an array of conditions, not %s", key, v.describe())
	}
	for i, e := range v.elems {
		child, err := p.condition(e, where.at(i), depth+1)
		if err != nil && p.goOn(err) {
			child, err = broken(), nil
		}
		if err != nil {
			return nil, err
		}
		c.children = append(c.children, child)
	}
	return c, nil
}

// extras reads what every condition may carry and evaluation mostly ignores.
func (p *parser) extras(c *Condition, n *item, where *place) *Error {
	if v := n.member("name"); v != nil {
		if v.kind != kindString {
			return p.fail(v, where.child("name"), "`name` must be a string, not %s", v.describe())
		}
		c.name, c.named = v.str, true
	}
	if v := n.member("priority"); v != nil {
		if v.kind != kindInt {
			return p.fail(v, where.child("priority"), "`priority` must be an integer")
		}
		c.priority = &v.num
	}
	c.params = n.member("params")
	return nil
}

func (p *parser) leaf(n *item, where *place, depth int) (*Condition, *Error) {
	if err := p.keys(n, where, "a condition", "fact", "path", "operator", "value", "name", "priority", "params", "all", "any", "not"); err != nil {
		return nil, err
	}
	for _, k := range []string{"fact", "operator", "value"} {
		if n.member(k) == nil {
			return nil, p.fail(n, where, "this condition has no `%s`", k)
		}
	}
	c := &Condition{}
	if err := p.extras(c, n, where); err != nil {
		return nil, err
	}
	var err *Error
	if c.fact, c.path, c.where, err = p.source(n, where); err != nil {
		return nil, err
	}
	o := n.member("operator")
	if o.kind != kindString {
		return nil, p.fail(o, where.child("operator"), "`operator` must be a string, not %s", o.describe())
	}
	c.operator = o.str
	var message, suggestion string
	c.decs, c.op, message, suggestion = splitOperator(o.str)
	if message != "" {
		return nil, errorAt(p.text, o.offset, where.child("operator"), message, suggestion)
	}
	v := n.member("value")
	where = where.child("value")
	if c.op.code.quantifier() || c.op.code.looks() {
		for _, d := range c.decs {
			if d != decNot && d != decSomeFact && d != decEveryFact {
				return nil, p.fail(o, where.up.child("operator"), "`%s` cannot stand before `%s`, whose value is no value to compare with", decoratorNames[d], c.op.Name)
			}
		}
		if c.op.code.looks() {
			c.lookup, err = p.lookup(c.op, v, where, depth)
			return c, err
		}
		c.sub, err = p.condition(v, where, depth+1)
		return c, err
	}
	if v.kind == kindObject && v.member("fact") != nil {
		if err := p.keys(v, where, "a value taken from the record", "fact", "path", "params"); err != nil {
			return nil, err
		}
		c.ref = &reference{params: v.member("params")}
		if c.ref.fact, c.ref.path, c.ref.where, err = p.source(v, where); err != nil {
			return nil, err
		}
		v = nil
	}
	c.value = v
	return c, p.operand(c.op, c.decs, v, n, where)
}

// source reads `fact` and `path`.
func (p *parser) source(n *item, where *place) (fact, text string, w *path, err *Error) {
	f := n.member("fact")
	if f.kind != kindString {
		return "", "", nil, p.fail(f, where.child("fact"), "`fact` must be a string, not %s", f.describe())
	}
	v := n.member("path")
	if v == nil {
		return f.str, "", nil, nil
	}
	where = where.child("path")
	if v.kind != kindString {
		return "", "", nil, p.fail(v, where, "`path` must be a string, not %s", v.describe())
	}
	if v.str == "" {
		return f.str, "", nil, nil
	}
	w, problem := parsePath(v.str)
	if problem != "" {
		return "", "", nil, p.fail(v, where, "the path `%s` cannot be read: %s", clip(v.str, 80), problem)
	}
	return f.str, v.str, w, nil
}

// operand checks a literal value against what the operator needs once its
// decorators have been applied; v is nil when only the record knows it.
func (p *parser) operand(op *operatorEntry, decs []decorator, v, leaf *item, where *place) *Error {
	for i, d := range decs {
		switch d {
		case decSwap:
			v = nil
		case decSomeValue, decEveryValue:
			if v == nil {
				continue
			}
			if v.kind != kindArray {
				return p.fail(v, where, "`%s` needs an array as value, not %s", decoratorNames[d], v.describe())
			}
			for j, e := range v.elems {
				if err := p.operand(op, decs[i+1:], e, leaf, where.at(j)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if v == nil {
		if op.value == valueRegex {
			return p.fail(leaf, where, "`%s` needs its pattern in the rule, it cannot come from the record", op.Name)
		}
		return nil
	}
	wrong := func(need string) *Error {
		return p.fail(v, where, "`%s` needs %s as value, not %s", op.Name, need, v.describe())
	}
	switch op.value {
	case valueArray:
		if v.kind != kindArray {
			return wrong("an array")
		}
	case valueString:
		if v.kind != kindString {
			return wrong("a string")
		}
	case valueBoolean:
		if !v.isBool() {
			return wrong("true or false")
		}
	case valueNumber:
		if !v.isNumber() {
			return wrong("a number")
		}
		if f := v.number(); f < 0 || f > maxSpan {
			return p.fail(v, where, "`%s` needs a number from 0 to 1,000,000 as value", op.Name)
		}
	case valueDate:
		lit := v.literal()
		if _, ok := readInstant(&lit); !ok {
			return p.fail(v, where, "`%s` needs a date as value (RFC 3339, date only, or unix seconds or milliseconds)", op.Name)
		}
	case valueRegex:
		return p.pattern(op, v, where)
	case valueCidr:
		return p.cidr(op, v, where)
	case valueVersion:
		lit := v.literal()
		if _, ok := versionText(&lit); !ok {
			return p.fail(v, where, "`%s` needs a version such as \"11.2\" as value", op.Name)
		}
	}
	return nil
}

func (p *parser) pattern(op *operatorEntry, v *item, where *place) *Error {
	if v.kind != kindString {
		return p.fail(v, where, "`%s` needs a regular expression as value, not %s", op.Name, v.describe())
	}
	if len(v.str) > maxPattern {
		return p.fail(v, where, "the regular expression is longer than 1,024 bytes")
	}
	if _, err := regexp.Compile(v.str); err != nil {
		return p.fail(v, where, "the regular expression does not compile: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return nil
}

func (p *parser) cidr(op *operatorEntry, v *item, where *place) *Error {
	list := []*item{v}
	if v.kind == kindArray {
		list = v.elems
	}
	for i, e := range list {
		at := where
		if v.kind == kindArray {
			at = where.at(i)
		}
		if e.kind != kindString {
			return p.fail(e, at, "`%s` needs a network such as \"10.0.0.0/8\" as value, not %s", op.Name, e.describe())
		}
		if _, err := netip.ParsePrefix(e.str); err != nil {
			return p.fail(e, at, "`%s` is not a network such as 10.0.0.0/8", clip(e.str, 60))
		}
	}
	return nil
}

// JSON gives the condition as compact JSON text that [ParseEvaluator] (or, for
// a leaf, the condition it stands in) reads back to the same condition.
func (c *Condition) JSON() []byte { return c.appendJSON(nil) }

func (c *Condition) appendJSON(b []byte) []byte {
	b = append(b, '{')
	if c.named {
		b = append(appendQuoted(append(b, `"name":`...), c.name), ',')
	}
	if c.priority != nil {
		b = append(strconv.AppendInt(append(b, `"priority":`...), *c.priority, 10), ',')
	}
	switch c.kind {
	case isLeaf:
		b = appendQuoted(append(b, `"fact":`...), c.fact)
		if c.path != "" {
			b = appendQuoted(append(b, `,"path":`...), c.path)
		}
		b = appendQuoted(append(b, `,"operator":`...), c.operator)
		b = c.appendExpected(append(b, `,"value":`...))
	case isNamed:
		b = appendQuoted(append(b, `"condition":`...), c.refers)
	default:
		b = append(appendQuoted(b, c.kind.String()), ':')
		if c.kind == isNot {
			b = c.children[0].appendJSON(b)
		} else {
			b = append(b, '[')
			for i, child := range c.children {
				if i > 0 {
					b = append(b, ',')
				}
				b = child.appendJSON(b)
			}
			b = append(b, ']')
		}
	}
	if c.params != nil {
		b = c.params.appendJSON(append(b, `,"params":`...))
	}
	return append(b, '}')
}

// appendExpected writes the `value` of a leaf.
func (c *Condition) appendExpected(b []byte) []byte {
	switch {
	case c.sub != nil:
		return c.sub.appendJSON(b)
	case c.lookup != nil:
		return c.lookup.appendJSON(b)
	case c.ref != nil:
		b = appendQuoted(append(b, `{"fact":`...), c.ref.fact)
		if c.ref.path != "" {
			b = appendQuoted(append(b, `,"path":`...), c.ref.path)
		}
		if c.ref.params != nil {
			b = c.ref.params.appendJSON(append(b, `,"params":`...))
		}
		return append(b, '}')
	}
	return c.value.appendJSON(b)
}

// String is the JSON text of the condition.
func (c *Condition) String() string { return string(c.JSON()) }

// Equal is whether two conditions have the same JSON text.
func (c *Condition) Equal(d *Condition) bool { return bytes.Equal(c.JSON(), d.JSON()) }
