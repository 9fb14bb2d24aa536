package rule

import (
	"fmt"
	"net/netip"
	"slices"
)

// Rule is what is asked of each record of a resource: whether it is in scope,
// whether it satisfies the evaluator, and which value must be unique.
// A nil Filter takes every record, a nil Evaluator is satisfied by every one.
// Unique is a path from the root of the record, "" for none.
type Rule struct {
	Filter    *Filter
	Evaluator *Condition
	Unique    string
}

// NewRule gives the rule of a group of a test.
func NewRule(g *Group) Rule {
	r := Rule{Filter: g.Filter, Evaluator: g.Evaluator}
	if g.Assertion.Kind == Unique {
		r.Unique = g.Assertion.Path
	}
	return r
}

// Program is a set of compiled rules. It is immutable and may be shared by any
// number of goroutines, each with a [Machine] of its own.
type Program struct {
	rules  []compiledRule
	record *scope
	scopes []*scope // by frame index
	code   []inst
	// lookups are the questions to other resources, each once.
	lookups []Lookup
}

type compiledRule struct {
	filter    *gate
	evaluator *gate
	exclusion bool
	unique    *ref
	dated     bool
	plain     bool // nothing but an evaluator in which no leaf can fail
}

// gate is one compiled condition at the level of the record.
type gate struct {
	tree  *tree
	entry int32
	slow  bool // a leaf can fail, so the tree is walked as the base engine does
}

// tree mirrors a condition with its leaves compiled.
type tree struct {
	kind     conditionKind
	children []*tree
	sets     [][]*tree // children by falling priority, where failure is possible
	leaf     *leaf
	priority int64
	fails    bool
	dated    bool
	looks    bool // it asks other resources
	src      *Condition
}

// Compile makes one program of the rules, to be run together over each record
// of one resource. The rules keep their order. An error is an [*Error] and says
// which rule it is about; conditions made by this package's parsers compile.
func Compile(rules []Rule) (*Program, error) {
	p := &Program{}
	c := &compiler{program: p, work: maxAutoWork}
	b := c.newScope()
	p.record = b.scope
	for i := range rules {
		r := &rules[i]
		var out compiledRule
		if r.Filter != nil && r.Filter.Evaluator != nil {
			out.filter = c.gate(b, r.Filter.Evaluator)
			out.exclusion = r.Filter.Mode != Inclusion
		}
		if r.Evaluator != nil {
			out.evaluator = c.gate(b, r.Evaluator)
		}
		if r.Unique != "" {
			w, problem := parsePath(r.Unique)
			if problem != "" {
				return nil, &Error{Pointer: fmt.Sprintf("/%d/unique", i), Message: fmt.Sprintf("the path `%s` of rule %d cannot be read: %s", clip(r.Unique, 80), i, problem)}
			}
			out.unique = &ref{fact: -1}
			b.walkFrom(out.unique, b.root, w)
			b.refs = append(b.refs, out.unique)
		}
		for _, g := range []*gate{out.filter, out.evaluator} {
			out.dated = out.dated || g != nil && g.tree.dated
		}
		out.plain = out.filter == nil && out.unique == nil && out.evaluator != nil && !out.evaluator.slow
		p.rules = append(p.rules, out)
	}
	b.finish()
	e := &emitter{}
	for i := range p.rules {
		for _, g := range []*gate{p.rules[i].filter, p.rules[i].evaluator} {
			if g != nil && !g.slow {
				g.entry = e.emit(g.tree, accept, reject)
			}
		}
	}
	entries := make([]*int32, 0, 2*len(p.rules))
	for i := range p.rules {
		for _, g := range []*gate{p.rules[i].filter, p.rules[i].evaluator} {
			if g != nil {
				entries = append(entries, &g.entry)
			}
		}
	}
	p.code = e.finish(entries...)
	return p, nil
}

// Len is the number of rules.
func (p *Program) Len() int { return len(p.rules) }

type compiler struct {
	program *Program
	work    int // left to spend on automata
}

// scopeBuilder collects the paths into one kind of value; their slots are known
// only once all are there.
type scopeBuilder struct {
	scope   *scope
	root    *node
	queries []queryUse
	refs    []*ref
}

type queryUse struct {
	from  *node
	query *query
}

func (c *compiler) newScope() *scopeBuilder {
	s := &scope{id: len(c.program.scopes), root: &node{}}
	c.program.scopes = append(c.program.scopes, s)
	return &scopeBuilder{scope: s, root: s.root}
}

func (b *scopeBuilder) finish() {
	b.scope.nodes = int(b.root.number(0))
	for _, q := range b.queries {
		b.scope.queries = append(b.scope.queries, queryRef{slot: q.from.id, query: q.query})
	}
	for _, r := range b.refs {
		if r.factAt != nil {
			r.fact = r.factAt.id
		}
		if r.query {
			r.slot = int32(b.scope.nodes + r.queryIndex)
		} else {
			r.slot = r.at.id
		}
		r.at, r.factAt = nil, nil
	}
}

// walkFrom points r at the path under n.
func (b *scopeBuilder) walkFrom(r *ref, n *node, w *path) {
	if w == nil {
		r.at = n
		return
	}
	if w.query == nil {
		for _, s := range w.steps {
			n = n.add(s)
		}
		r.at = n
		return
	}
	r.query, r.at = true, n
	r.queryIndex = len(b.queries)
	b.queries = append(b.queries, queryUse{from: n, query: w.query})
}

// source points r at a fact and its path.
func (b *scopeBuilder) source(r *ref, fact string, w *path) {
	n := b.root
	if fact != "$" {
		n = n.add(step{name: fact, index: -1})
	}
	r.fact = -1
	if w != nil {
		r.factAt = n
		r.length = w.isLength()
	}
	b.walkFrom(r, n, w)
	b.refs = append(b.refs, r)
}

func (c *compiler) gate(b *scopeBuilder, cond *Condition) *gate {
	t := c.tree(b, cond)
	return &gate{tree: t, slow: t.fails}
}

func (c *compiler) tree(b *scopeBuilder, cond *Condition) *tree {
	cond = cond.resolved()
	t := &tree{kind: cond.kind, src: cond, priority: 1}
	if cond.priority != nil && *cond.priority != 0 {
		t.priority = *cond.priority
	}
	if cond.kind == isLeaf {
		t.leaf = c.leaf(b, cond)
		t.fails, t.dated = t.leaf.fails, t.leaf.dated
		t.looks = cond.lookup != nil || t.leaf.unit != nil && t.leaf.unit.src.looks
		return t
	}
	for _, child := range cond.children {
		s := c.tree(b, child)
		t.children = append(t.children, s)
		t.fails = t.fails || s.fails
		t.dated = t.dated || s.dated
		t.looks = t.looks || s.looks
	}
	if t.fails {
		t.sets = bySets(t.children)
	}
	return t
}

// bySets groups by priority, highest first, keeping the order within a set.
func bySets(children []*tree) [][]*tree {
	sorted := slices.Clone(children)
	slices.SortStableFunc(sorted, func(x, y *tree) int {
		switch {
		case x.priority > y.priority:
			return -1
		case x.priority < y.priority:
			return 1
		}
		return 0
	})
	var sets [][]*tree
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j].priority == sorted[i].priority {
			j++
		}
		sets = append(sets, sorted[i:j])
		i = j
	}
	return sets
}

func (c *compiler) leaf(b *scopeBuilder, cond *Condition) *leaf {
	l := &leaf{src: cond, decs: cond.decs, op: cond.op.code}
	b.source(&l.left, cond.fact, cond.where)
	l.fails = l.left.query
	l.dated = l.op.dated()
	switch {
	case cond.sub != nil:
		c.quantifier(l, cond.sub)
	case cond.lookup != nil:
		l.lookup = c.lookup(cond.lookup)
		l.fails = true
	case cond.ref != nil:
		l.fromRecord = true
		b.source(&l.right, cond.ref.fact, cond.ref.where)
		l.fails = l.fails || l.right.query
	default:
		l.literal = cond.value.literal()
	}
	l.fails = l.fails || l.canMiss()
	if l.op.valued() == valueRegex && !l.fromRecord {
		l.patterns = map[string]*matcher{}
		c.patterns(cond.value, l.patterns)
	}
	plain := !l.fromRecord
	for _, d := range l.decs {
		plain = plain && (d == decNot || d == decSomeFact || d == decEveryFact)
	}
	if plain {
		l.prepare()
	}
	return l
}

// canMiss is whether the value may turn out not to be the array that `in`,
// someValue and everyValue need.
func (l *leaf) canMiss() bool {
	sure := !l.fromRecord && l.literal.kind == kindArray
	for _, d := range l.decs {
		switch d {
		case decSwap:
			sure = false
		case decSomeValue, decEveryValue:
			if !sure {
				return true
			}
			// The elements of a literal were checked by the parser.
		}
	}
	return (l.op == opIn || l.op == opNotIn) && !sure
}

func (o opcode) valued() valueType { return operatorByCode[o].value }

// patterns compiles the regular expressions of a value.
func (c *compiler) patterns(v *item, into map[string]*matcher) {
	if v.kind == kindString {
		if p, err := newMatcher(v.str, &c.work); err == nil {
			into[v.str] = p
		}
	}
	for _, e := range v.elems {
		c.patterns(e, into)
	}
}

// prepare reads the literal once instead of for every record.
func (l *leaf) prepare() {
	switch l.op.valued() {
	case valueRegex:
		l.pattern = l.patterns[string(l.literal.s)]
	case valueNumber:
		l.span, l.ready = readSpan(l.op, &l.literal)
	case valueDate:
		l.at, l.ready = readInstant(&l.literal)
	case valueCidr:
		var list []netip.Prefix
		list, l.ready = networks(&l.literal)
		l.networks = list
	case valueVersion:
		l.version, l.ready = versionText(&l.literal)
	}
}

// lookup gives the place of a question among those of the program.
func (c *compiler) lookup(l *Lookup) int {
	key := l.Key()
	at := slices.IndexFunc(c.program.lookups, func(k Lookup) bool { return k.Key() == key })
	if at < 0 {
		at = len(c.program.lookups)
		c.program.lookups = append(c.program.lookups, *l)
	}
	return at
}

func (c *compiler) quantifier(l *leaf, sub *Condition) {
	b := c.newScope()
	t := c.tree(b, sub)
	u := &unit{scope: b.scope, src: t}
	b.finish()
	l.fails = l.fails || t.fails
	l.dated = l.dated || t.dated
	l.unit = u
	if t.fails {
		u.tree = t
		return
	}
	e := &emitter{}
	u.entry = e.emit(t, accept, reject)
	u.code = e.finish(&u.entry)
}
