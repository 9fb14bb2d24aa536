package rule

import (
	"slices"
	"strconv"
	"strings"
)

// Logic says how the groups of a test combine.
type Logic string

// The logics of a test.
const (
	AllGroups      Logic = "ALL_GROUPS"        // every group must pass
	AnyGroup       Logic = "ANY_GROUP"         // one group is enough
	AtMostOneFails Logic = "AT_MOST_ONE_FAILS" // one group may fail
)

// FilterMode says what a filter does with the records that satisfy it.
type FilterMode string

// The modes of a filter.
const (
	Inclusion FilterMode = "inclusion" // only they are in scope
	Exclusion FilterMode = "exclusion" // they are out of scope
)

// AssertionKind says what is asserted over the records in scope.
type AssertionKind string

// The assertions over a set.
const (
	NoFail            AssertionKind = "nofail"            // every record satisfies the evaluator
	MaxFailing        AssertionKind = "maxFailing"        // at most Value records do not
	MinPassingPercent AssertionKind = "minPassingPercent" // at least Value percent do
	Count             AssertionKind = "count"             // from Min to Max records do
	Unique            AssertionKind = "unique"            // they do, and the values at Path differ
)

// OnEmpty is the verdict of a group that has nothing in scope.
type OnEmpty string

// The verdicts of an empty group.
const (
	EmptyError OnEmpty = "error"
	EmptyPass  OnEmpty = "pass"
	EmptyFail  OnEmpty = "fail"
)

// Test is the logic of a test: groups of conditions, each over one resource.
type Test struct {
	Logic  Logic
	Groups []Group
}

// Group is a condition over the records of one resource. ResourceID is 0 where
// the text did not say; the caller fills it.
type Group struct {
	Name       string
	ResourceID int64
	Filter     *Filter
	Evaluator  *Condition
	Assertion  Assertion
	OnEmpty    OnEmpty
}

// Filter takes records into scope or out of it.
type Filter struct {
	Mode      FilterMode
	Evaluator *Condition
}

// Assertion is what must hold over the set of records in scope. Value belongs
// to maxFailing (records) and minPassingPercent (0 to 100), Min and Max to
// count (nil = no bound), Path to unique.
type Assertion struct {
	Kind  AssertionKind
	Value float64
	Min   *int64
	Max   *int64
	Path  string
}

// ParseTest parses and checks the JSON text of a test. A bare evaluator stands
// for a test of one group, a bare evaluator as filteringCriteria for an
// exclusion. Every error is an [*Error]. To parse a text that refers to named
// conditions use [Conditions.ParseTest].
func ParseTest(text []byte) (*Test, error) { return (*Conditions)(nil).ParseTest(text) }

func (p *parser) test(n *item, where *place) (*Test, *Error) {
	if n.kind != kindObject {
		return nil, p.fail(n, where, "a test must be an object, not %s", n.describe())
	}
	if n.member("groups") == nil && n.member("logic") == nil {
		c, err := p.evaluator(n, where)
		if err != nil {
			return nil, err
		}
		return &Test{Logic: AllGroups, Groups: []Group{{Evaluator: c, Assertion: Assertion{Kind: NoFail}, OnEmpty: EmptyError}}}, nil
	}
	if err := p.keys(n, where, "a test", "logic", "groups"); err != nil {
		return nil, err
	}
	t := &Test{Logic: AllGroups}
	if v := n.member("logic"); v != nil {
		s, err := p.oneOf(v, where.child("logic"), "logic", wordNames(logics)...)
		if err != nil {
			return nil, err
		}
		t.Logic = Logic(s)
	}
	v := n.member("groups")
	where = where.child("groups")
	switch {
	case v == nil:
		return nil, p.fail(n, where.up, "this test has no `groups`")
	case v.kind != kindArray:
		return nil, p.fail(v, where, "`groups` must be an array, not %s", v.describe())
	case len(v.elems) == 0:
		return nil, p.fail(v, where, "a test needs at least one group")
	case len(v.elems) > maxGroups:
		return nil, p.fail(v, where, "a test has at most %d groups", maxGroups)
	}
	for i, e := range v.elems {
		g, err := p.group(e, where.at(i))
		if err != nil && p.goOn(err) {
			g, err = &Group{Evaluator: broken(), Assertion: Assertion{Kind: NoFail}, OnEmpty: EmptyError}, nil
		}
		if err != nil {
			return nil, err
		}
		t.Groups = append(t.Groups, *g)
	}
	return t, nil
}

const maxGroups = 100

func (p *parser) oneOf(v *item, where *place, key string, words ...string) (string, *Error) {
	if v.kind == kindString && slices.Contains(words, v.str) {
		return v.str, nil
	}
	list := "`" + strings.Join(words[:len(words)-1], "`, `") + "` or `" + words[len(words)-1] + "`"
	if v.kind != kindString {
		return "", p.fail(v, where, "`%s` must be %s, not %s", key, list, v.describe())
	}
	e := p.fail(v, where, "`%s` must be %s, not `%s`", key, list, clip(v.str, 60))
	e.Suggestion = nearest(v.str, words)
	return "", e
}

func (p *parser) group(n *item, where *place) (*Group, *Error) {
	if n.kind != kindObject {
		return nil, p.fail(n, where, "a group must be an object, not %s", n.describe())
	}
	if err := p.keys(n, where, "a group", "name", "resourceId", "filteringCriteria", "evaluator", "assertion", "onEmpty"); err != nil {
		return nil, err
	}
	g := &Group{Assertion: Assertion{Kind: NoFail}, OnEmpty: EmptyError}
	if v := n.member("name"); v != nil {
		if v.kind != kindString {
			return nil, p.fail(v, where.child("name"), "`name` must be a string, not %s", v.describe())
		}
		g.Name = v.str
	}
	if v := n.member("resourceId"); v != nil {
		if v.kind != kindInt || v.num < 0 {
			return nil, p.fail(v, where.child("resourceId"), "`resourceId` must be the number of a resource")
		}
		g.ResourceID = v.num
	}
	var err *Error
	if v := n.member("filteringCriteria"); v != nil && v.kind != kindNull {
		if g.Filter, err = p.filter(v, where.child("filteringCriteria")); err != nil && !p.goOn(err) {
			return nil, err
		} else if err != nil {
			g.Filter = nil
		}
	}
	v := n.member("evaluator")
	if v == nil {
		return nil, p.fail(n, where, "this group has no `evaluator`")
	}
	if g.Evaluator, err = p.evaluator(v, where.child("evaluator")); err != nil && !p.goOn(err) {
		return nil, err
	} else if err != nil {
		g.Evaluator = broken()
	}
	if v := n.member("assertion"); v != nil && v.kind != kindNull {
		if g.Assertion, err = p.assertion(v, where.child("assertion")); err != nil && !p.goOn(err) {
			return nil, err
		} else if err != nil {
			g.Assertion = Assertion{Kind: NoFail}
		}
	}
	if v := n.member("onEmpty"); v != nil && v.kind != kindNull {
		s, err := p.oneOf(v, where.child("onEmpty"), "onEmpty", wordNames(emptyWords)...)
		if err != nil {
			return nil, err
		}
		g.OnEmpty = OnEmpty(s)
	}
	return g, nil
}

func (p *parser) filter(n *item, where *place) (*Filter, *Error) {
	if n.kind != kindObject {
		return nil, p.fail(n, where, "`filteringCriteria` must be an object or null, not %s", n.describe())
	}
	if n.member("mode") == nil && n.member("evaluator") == nil {
		c, err := p.evaluator(n, where)
		return &Filter{Mode: Exclusion, Evaluator: c}, err
	}
	if err := p.keys(n, where, "filteringCriteria", "mode", "evaluator"); err != nil {
		return nil, err
	}
	f := &Filter{Mode: Exclusion}
	if v := n.member("mode"); v != nil {
		s, err := p.oneOf(v, where.child("mode"), "mode", wordNames(filterModes)...)
		if err != nil {
			return nil, err
		}
		f.Mode = FilterMode(s)
	}
	v := n.member("evaluator")
	if v == nil {
		return nil, p.fail(n, where, "`filteringCriteria` has no `evaluator`")
	}
	var err *Error
	f.Evaluator, err = p.evaluator(v, where.child("evaluator"))
	return f, err
}

func (p *parser) assertion(n *item, where *place) (a Assertion, err *Error) {
	if n.kind != kindObject {
		return a, p.fail(n, where, "`assertion` must be an object, not %s", n.describe())
	}
	k := n.member("kind")
	if k == nil {
		return a, p.fail(n, where, "this assertion has no `kind`")
	}
	kind, err := p.oneOf(k, where.child("kind"), "kind", assertionNames()...)
	if err != nil {
		return a, err
	}
	a.Kind = AssertionKind(kind)
	allowed := []string{"kind"}
	for _, param := range assertions[slices.IndexFunc(assertions, func(x AssertionInfo) bool { return x.Name == kind })].Parameters {
		allowed = append(allowed, param.Name)
	}
	if err := p.keys(n, where, "a `"+kind+"` assertion", allowed...); err != nil {
		return a, err
	}
	switch a.Kind {
	case MaxFailing, MinPassingPercent:
		v := n.member("value")
		if v == nil {
			return a, p.fail(n, where, "a `%s` assertion needs a `value`", kind)
		}
		if a.Kind == MaxFailing && (v.kind != kindInt || v.num < 0 || v.num > 1<<53) {
			return a, p.fail(v, where.child("value"), "`value` must be a number of records, 0 or more")
		}
		if a.Kind == MinPassingPercent && (!v.isNumber() || !(v.number() >= 0 && v.number() <= 100)) {
			return a, p.fail(v, where.child("value"), "`value` must be a percentage from 0 to 100")
		}
		a.Value = v.number()
	case Count:
		if a.Min, err = p.bound(n, where, "min"); err != nil {
			return a, err
		}
		if a.Max, err = p.bound(n, where, "max"); err != nil {
			return a, err
		}
		if a.Min == nil && a.Max == nil {
			return a, p.fail(n, where, "a `count` assertion needs `min` or `max`")
		}
		if a.Min != nil && a.Max != nil && *a.Min > *a.Max {
			return a, p.fail(n.member("min"), where.child("min"), "`min` is greater than `max`")
		}
	case Unique:
		v := n.member("path")
		if v == nil {
			return a, p.fail(n, where, "a `unique` assertion needs a `path`")
		}
		if v.kind != kindString || v.str == "" {
			return a, p.fail(v, where.child("path"), "`path` must be a path such as \"email\"")
		}
		if _, problem := parsePath(v.str); problem != "" {
			return a, p.fail(v, where.child("path"), "the path `%s` cannot be read: %s", clip(v.str, 80), problem)
		}
		a.Path = v.str
	}
	return a, nil
}

func assertionNames() []string {
	names := make([]string, len(assertions))
	for i, a := range assertions {
		names[i] = a.Name
	}
	return names
}

func (p *parser) bound(n *item, where *place, key string) (*int64, *Error) {
	v := n.member(key)
	if v == nil || v.kind == kindNull {
		return nil, nil
	}
	if v.kind != kindInt || v.num < 0 {
		return nil, p.fail(v, where.child(key), "`%s` must be a number of records, 0 or more", key)
	}
	return &v.num, nil
}

// JSON gives the test as compact JSON text that [ParseTest] reads back to the
// same test. Everything that has a default is written out.
func (t *Test) JSON() []byte {
	b := appendQuoted([]byte(`{"logic":`), string(t.Logic))
	b = append(b, `,"groups":[`...)
	for i := range t.Groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = t.Groups[i].appendJSON(b)
	}
	return append(b, `]}`...)
}

func (g *Group) appendJSON(b []byte) []byte {
	b = appendQuoted(append(b, `{"name":`...), g.Name)
	b = strconv.AppendInt(append(b, `,"resourceId":`...), g.ResourceID, 10)
	b = append(b, `,"filteringCriteria":`...)
	if g.Filter == nil {
		b = append(b, "null"...)
	} else {
		b = appendQuoted(append(b, `{"mode":`...), string(g.Filter.Mode))
		b = append(g.Filter.Evaluator.appendJSON(append(b, `,"evaluator":`...)), '}')
	}
	b = g.Evaluator.appendJSON(append(b, `,"evaluator":`...))
	b = g.Assertion.appendJSON(append(b, `,"assertion":`...))
	b = appendQuoted(append(b, `,"onEmpty":`...), string(g.OnEmpty))
	return append(b, '}')
}

func (a *Assertion) appendJSON(b []byte) []byte {
	b = appendQuoted(append(b, `{"kind":`...), string(a.Kind))
	switch a.Kind {
	case MaxFailing, MinPassingPercent:
		b = appendNumber(append(b, `,"value":`...), a.Value)
	case Count:
		if a.Min != nil {
			b = strconv.AppendInt(append(b, `,"min":`...), *a.Min, 10)
		}
		if a.Max != nil {
			b = strconv.AppendInt(append(b, `,"max":`...), *a.Max, 10)
		}
	case Unique:
		b = appendQuoted(append(b, `,"path":`...), a.Path)
	}
	return append(b, '}')
}

// Facts lists, sorted and each once, the top-level properties of a record that
// the group's evaluator, filter and unique path name. Properties of array
// elements that only a quantifier's condition names are not among them.
func (g *Group) Facts() []string {
	found := map[string]bool{}
	add := func(fact string, w *path) {
		if fact == "$" {
			fact = w.first()
		}
		if fact != "" {
			found[fact] = true
		}
	}
	var visit func(c *Condition)
	visit = func(c *Condition) {
		if c == nil {
			return
		}
		if c.kind == isLeaf {
			add(c.fact, c.where)
			if c.ref != nil {
				add(c.ref.fact, c.ref.where)
			}
		}
		for _, child := range c.children {
			visit(child)
		}
	}
	visit(g.Evaluator)
	if g.Filter != nil {
		visit(g.Filter.Evaluator)
	}
	if g.Assertion.Kind == Unique {
		if w, problem := parsePath(g.Assertion.Path); problem == "" {
			add("$", w)
		}
	}
	list := make([]string, 0, len(found))
	for f := range found {
		list = append(list, f)
	}
	slices.Sort(list)
	return list
}
