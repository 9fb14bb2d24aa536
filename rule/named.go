package rule

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Conditions are named conditions that rules refer to by {"condition":"name"}.
// They may refer to one another, but not in a circle. Nil has none. Conditions
// are immutable and may be shared.
type Conditions struct {
	byName map[string]sized
	names  []string
}

// sized is a condition with its extent once all references are followed.
type sized struct {
	*Condition
	count, height int
}

// ParseConditions parses and checks named conditions, each an evaluator or a
// leaf, as JSON text by name. Every error is an [*Error], whose pointer begins
// with the name and whose line and column are those in that condition's text.
func ParseConditions(texts map[string]json.RawMessage) (*Conditions, error) {
	r := &namer{texts: texts, done: &Conditions{byName: map[string]sized{}, names: slices.Sorted(maps.Keys(texts))}}
	for _, name := range r.done.names {
		if err := r.read(name); err != nil {
			return nil, err
		}
	}
	return r.done, nil
}

// Names lists the names, sorted.
func (c *Conditions) Names() []string {
	if c == nil {
		return nil
	}
	return slices.Clone(c.names)
}

// Condition is the condition of a name, nil when there is none.
func (c *Conditions) Condition(name string) *Condition {
	if c == nil {
		return nil
	}
	return c.byName[name].Condition
}

// References lists, sorted and each once, the named conditions that the
// condition refers to, directly or through others.
func (c *Condition) References() []string { return references(c) }

// References lists, sorted and each once, the named conditions that the test
// refers to, directly or through others.
func (t *Test) References() []string {
	var roots []*Condition
	for _, g := range t.Groups {
		roots = append(roots, g.Evaluator)
		if g.Filter != nil {
			roots = append(roots, g.Filter.Evaluator)
		}
	}
	return references(roots...)
}

func references(roots ...*Condition) []string {
	found := map[string]bool{}
	var visit func(c *Condition)
	visit = func(c *Condition) {
		if c == nil {
			return
		}
		if c.kind == isNamed {
			found[c.refers] = true
		}
		for _, child := range c.children {
			visit(child)
		}
		visit(c.sub)
		if c.lookup != nil {
			visit(c.lookup.Where)
		}
	}
	for _, c := range roots {
		visit(c)
	}
	return slices.Sorted(maps.Keys(found))
}

// ParseTest is the function of this name with the conditions known.
func (c *Conditions) ParseTest(text []byte) (*Test, error) {
	n, err := readText(text)
	if err != nil {
		return nil, err
	}
	t, err := (&parser{text: text, known: c}).test(n, &place{})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// ParseEvaluator is the function of this name with the conditions known.
func (c *Conditions) ParseEvaluator(text []byte) (*Condition, error) {
	n, err := readText(text)
	if err != nil {
		return nil, err
	}
	out, err := (&parser{text: text, known: c}).evaluator(n, &place{})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// namer reads named conditions, those that others refer to first.
type namer struct {
	texts map[string]json.RawMessage
	done  *Conditions
	path  []string // of names that are being read
}

func (r *namer) read(name string) *Error {
	if _, ok := r.done.byName[name]; ok {
		return nil
	}
	root := (&place{}).child(name)
	n, err := readText(r.texts[name])
	if err != nil {
		err.Pointer = root.pointer() + err.Pointer
		return err
	}
	r.path = append(r.path, name)
	defer func() { r.path = r.path[:len(r.path)-1] }()
	p := &parser{text: r.texts[name], known: r.done, namer: r}
	c, err := p.condition(n, root, 1)
	if err != nil {
		return err
	}
	r.done.byName[name] = sized{c, p.count, p.deepest}
	return nil
}

// named reads a reference to a named condition.
func (p *parser) named(n *item, where *place, depth int) (*Condition, *Error) {
	if err := p.keys(n, where, "a reference to a condition", "condition", "name", "priority", "params"); err != nil {
		return nil, err
	}
	v := n.member("condition")
	at := where.child("condition")
	if v.kind != kindString {
		return nil, p.fail(v, at, "`condition` must be the name of a condition, not %s", v.describe())
	}
	if p.namer != nil {
		if i := slices.Index(p.namer.path, v.str); i >= 0 {
			return nil, p.fail(v, at, "the condition `%s` refers to itself (%s)", clip(v.str, 60), strings.Join(append(p.namer.path[i:len(p.namer.path):len(p.namer.path)], v.str), " → "))
		}
		if p.namer.texts[v.str] != nil {
			if err := p.namer.read(v.str); err != nil {
				return nil, err
			}
		}
	}
	target, ok := sized{}, false
	if p.known != nil {
		target, ok = p.known.byName[v.str]
	}
	if !ok {
		e := p.fail(v, at, "there is no condition named `%s`", clip(v.str, 60))
		if p.known != nil {
			e.Suggestion = nearest(v.str, p.known.names)
		}
		return nil, e
	}
	// The reference itself is counted already.
	if err := p.extent(n, where, depth+target.height-1, target.count-1); err != nil {
		return nil, err
	}
	c := &Condition{kind: isNamed, refers: v.str, children: []*Condition{target.Condition}}
	return c, p.extras(c, n, where)
}

// extent counts conditions and holds against the limits.
func (p *parser) extent(n *item, where *place, depth, more int) *Error {
	p.deepest = max(p.deepest, depth)
	if depth > maxConditionDepth {
		return p.fail(n, where, "conditions are nested deeper than %d levels", maxConditionDepth)
	}
	if p.count += more; p.count > maxConditions {
		return p.fail(n, where, "the rule has more than 10,000 conditions")
	}
	return nil
}

// resolved is the condition that a reference stands for, with the reference's
// name and priority; any other condition is itself.
func (c *Condition) resolved() *Condition {
	if c.kind != isNamed {
		return c
	}
	out := *c.children[0].resolved()
	out.priority = c.priority
	if !out.named || c.named {
		out.name, out.named = c.refers, true
		if c.named {
			out.name = c.name
		}
	}
	return &out
}

// rewrite gives a copy with every reference replaced by what it stands for and
// every lookup passed through change; conditions without either stay shared.
func (c *Condition) rewrite(change func(*Lookup) (*Lookup, error)) (*Condition, error) {
	if c == nil {
		return nil, nil
	}
	out := *c.resolved()
	if out.children != nil {
		out.children = slices.Clone(out.children)
	}
	for i, child := range out.children {
		var err error
		if out.children[i], err = child.rewrite(change); err != nil {
			return nil, err
		}
	}
	if out.sub != nil {
		var err error
		if out.sub, err = out.sub.rewrite(change); err != nil {
			return nil, err
		}
	}
	if out.lookup != nil {
		l := *out.lookup
		var err error
		if l.Where, err = l.Where.rewrite(change); err != nil {
			return nil, err
		}
		if out.lookup, err = change(&l); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// Pin gives the group with nothing left in it that a name could change: named
// conditions are replaced by what they stand for, and resources that lookups
// name by the id that resource gives for the name.
func (g Group) Pin(resource func(name string) (id int64, err error)) (Group, error) {
	change := func(l *Lookup) (*Lookup, error) {
		if l.Resource == "" {
			return l, nil
		}
		id, err := resource(l.Resource)
		if err != nil {
			return nil, fmt.Errorf("the resource `%s`: %w", clip(l.Resource, 80), err)
		}
		l.Resource, l.ResourceID = "", id
		return l, nil
	}
	var err error
	if g.Evaluator, err = pinned(g.Evaluator, change); err != nil || g.Filter == nil {
		return g, err
	}
	f := *g.Filter
	f.Evaluator, err = pinned(f.Evaluator, change)
	g.Filter = &f
	return g, err
}

// pinned rewrites an evaluator. A reference may stand at its root, but not the
// leaf that it stands for.
func pinned(c *Condition, change func(*Lookup) (*Lookup, error)) (*Condition, error) {
	out, err := c.rewrite(change)
	if err != nil || c.kind != isNamed || out.kind != isLeaf {
		return out, err
	}
	return &Condition{kind: isAll, children: []*Condition{out}}, nil
}
