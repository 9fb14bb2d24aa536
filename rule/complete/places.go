package complete

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/rule"
)

// role says what an object or an array is in a rule.
type role int

const (
	inNothing role = iota
	inTest
	inGroups
	inGroup
	inFilter
	inEvaluator
	inConditions
	inCondition
	inAssertion
	inLookup
	inReference
	inValues
)

// place is where an object or an array stands. leaf is the condition that a value
// belongs to.
type place struct {
	role  role
	scope scope
	leaf  *node
}

// scopeOf is what the conditions of a group, or of conditions alone, look at.
func (c *completer) scopeOf(n *node, r role) scope {
	id := int64(0)
	if r == inGroup && n != nil {
		if v := n.member("resourceId"); v != nil {
			id, _ = strconv.ParseInt(v.text, 10, 64)
		}
	}
	if c.vocabulary.Attributes == nil || r == inTest && n != nil && n.has("groups") {
		return scope{resourceID: id, record: true}
	}
	return newScope(c.vocabulary.Attributes(id), id)
}

// otherScope is what the condition of a lookup looks at.
func (c *completer) otherScope(lookup *node) scope {
	v := lookup.member("resource")
	switch {
	case v == nil:
	case v.kind == '"' && c.vocabulary.Named != nil:
		s := newScope(c.vocabulary.Named(v.text), 0)
		s.named = v.text
		return s
	case v.kind == 'w' && c.vocabulary.Attributes != nil:
		if id, err := strconv.ParseInt(v.text, 10, 64); err == nil && id > 0 {
			return newScope(c.vocabulary.Attributes(id), id)
		}
	}
	return scope{resourceID: -1, record: true}
}

// within is whether the caret is inside a container.
func (c *completer) within(n *node) bool {
	return n.from < c.caret && (c.caret < n.to || c.caret == n.to && !n.closed)
}

// touches is whether the caret is in a value, or at the end of a scalar.
func (c *completer) touches(n *node) bool {
	if n.kind == '{' || n.kind == '[' {
		return c.within(n)
	}
	return n.from <= c.caret && c.caret <= n.to
}

func (c *completer) visit(n *node, p place) {
	if !c.within(n) {
		return
	}
	if n.kind == '[' {
		c.visitArray(n, p)
		return
	}
	for i := range n.members {
		m := &n.members[i]
		switch {
		case m.key.from < c.caret && c.caret <= m.key.to:
			c.replacing(m.key)
			c.keys(n, p, m)
			return
		case m.value != nil && c.touches(m.value):
			if m.value.kind == '{' || m.value.kind == '[' {
				c.visit(m.value, c.child(n, p, m.key.text, m.value))
				return
			}
			c.replacing(m.value)
			c.values(n, p, m.key.text)
			return
		case m.value == nil && m.colon > 0 && c.caret >= m.colon && !strings.ContainsAny(c.text[m.colon:c.caret], ",}]\n") && (i+1 == len(n.members) || c.caret <= n.members[i+1].key.from):
			c.from, c.to = c.caret, c.caret
			if i+1 < len(n.members) && !strings.Contains(c.text[c.caret:n.members[i+1].key.from], ",") {
				c.after = ","
			}
			c.values(n, p, m.key.text)
			return
		case m.value != nil && m.colon > 0 && m.colon <= c.caret && c.caret <= m.value.from, m.colon > 0 && m.key.to < c.caret && c.caret < m.colon:
			return // beside a colon
		}
	}
	c.inserting()
	c.keys(n, p, nil)
}

func (c *completer) visitArray(n *node, p place) {
	for _, e := range n.elems {
		if !c.touches(e) {
			continue
		}
		if e.kind == '{' || e.kind == '[' {
			c.visit(e, c.element(p, e))
			return
		}
		c.replacing(e)
		c.elements(p)
		return
	}
	c.inserting()
	c.elements(p)
}

// whole proposes a whole text where there is none.
func (c *completer) whole(r role, n *node) {
	c.replacing(n)
	switch r {
	case inTest, inGroup:
		c.snippets(c.scopeOf(nil, inEvaluator), false)
		group := c.groupText()
		if r == inTest {
			group = `{ "groups": [` + group + `] }`
		}
		c.add(proposal{kind: KindSnippet, label: "group", detail: "conditions over one resource", text: group, caret: strings.Index(group, "[]") + 1})
	default:
		c.snippets(c.scopeOf(nil, r), r == inCondition)
	}
}

// child is the place of the value of a key.
func (c *completer) child(n *node, p place, key string, v *node) place {
	out := place{scope: p.scope}
	switch {
	case p.role == inTest && key == "groups":
		out.role = inGroups
	case p.role == inGroup && key == "filteringCriteria":
		out.role = inFilter
	case p.role == inGroup && key == "assertion":
		out.role = inAssertion
	case (p.role == inGroup || p.role == inFilter) && key == "evaluator":
		out.role = inEvaluator
	case p.role == inLookup && key == "where":
		out.role, out.scope = inCondition, c.otherScope(n)
	case p.conditions() && (key == "all" || key == "any"):
		out.role = inConditions
	case p.conditions() && key == "not":
		out.role = inCondition
	case p.role == inCondition && key == "value":
		out.leaf = n
		switch input := c.input(n); {
		case input == "condition":
			out.role, out.scope = inCondition, p.scope.element(addressOf(n))
		case input == "lookup":
			out.role = inLookup
		case v.kind == '[':
			out.role = inValues
		default:
			out.role = inReference
		}
	}
	return out
}

// conditions is whether all, any and not can stand there.
func (p place) conditions() bool {
	return p.role == inTest || p.role == inFilter || p.role == inEvaluator || p.role == inCondition
}

// element is the place of an element of an array.
func (c *completer) element(p place, e *node) place {
	switch p.role {
	case inGroups:
		return place{role: inGroup, scope: c.scopeOf(e, inGroup)}
	case inConditions:
		return place{role: inCondition, scope: p.scope}
	}
	return place{}
}

func addressOf(leaf *node) rule.Address {
	return rule.Address{Fact: leaf.string("fact"), Path: leaf.string("path")}
}

// operator is what is known of the operator of a condition, without decorators;
// nil if it is not one.
func (c *completer) operator(leaf *node) *rule.OperatorInfo {
	name := leaf.string("operator")
	name = name[strings.LastIndexByte(name, ':')+1:]
	i := slices.IndexFunc(c.language.Operators, func(o rule.OperatorInfo) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return &c.language.Operators[i]
}

func (c *completer) input(leaf *node) string {
	if o := c.operator(leaf); o != nil {
		return o.Input
	}
	return ""
}
