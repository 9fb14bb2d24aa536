package rule

import (
	"slices"
	"strconv"
	"time"
)

// Lookup is a question of existsIn and notExistsIn: which values the records of
// another resource have at Path. The resource is named or, where Resource is
// empty, given by its id. An array at Path stands for its elements; only texts,
// numbers and booleans count. Where, if not nil, picks the records that are
// asked.
type Lookup struct {
	Resource   string
	ResourceID int64
	Path       string
	Where      *Condition
}

// Key is the JSON text of the lookup; lookups that ask the same have the same
// one.
func (l *Lookup) Key() string { return string(l.appendJSON(nil)) }

func (l *Lookup) appendJSON(b []byte) []byte {
	b = append(b, `{"resource":`...)
	if l.Resource != "" {
		b = appendQuoted(b, l.Resource)
	} else {
		b = strconv.AppendInt(b, l.ResourceID, 10)
	}
	b = appendQuoted(append(b, `,"path":`...), l.Path)
	if l.Where != nil {
		b = l.Where.appendJSON(append(b, `,"where":`...))
	}
	return append(b, '}')
}

// Rule is the rule to be run over the records of the other resource: those that
// pass have their values to give, see [Machine.Values].
func (l *Lookup) Rule() Rule { return Rule{Evaluator: l.Where, Unique: l.Path} }

// Facts lists, sorted and each once, the top-level properties of the other
// resource's records that the lookup names.
func (l *Lookup) Facts() []string {
	g := Group{Evaluator: l.Where, Assertion: Assertion{Kind: Unique, Path: l.Path}}
	return g.Facts()
}

// lookup reads the value of existsIn and notExistsIn.
func (p *parser) lookup(op *operatorEntry, v *item, where *place, depth int) (*Lookup, *Error) {
	if v.kind != kindObject {
		return nil, p.fail(v, where, "`%s` needs {\"resource\", \"path\"} as value, not %s", op.Name, v.describe())
	}
	if err := p.keys(v, where, "the value of `"+op.Name+"`", "resource", "path", "where"); err != nil {
		return nil, err
	}
	if p.looking {
		return nil, p.fail(v, where, "`where` looks at the records of one resource and cannot look into another")
	}
	l := &Lookup{}
	switch r := v.member("resource"); {
	case r == nil:
		return nil, p.fail(v, where, "the value of `%s` has no `resource`", op.Name)
	case r.kind == kindString && r.str != "":
		l.Resource = r.str
	case r.kind == kindInt && r.num > 0:
		l.ResourceID = r.num
	default:
		return nil, p.fail(r, where.child("resource"), "`resource` must be the name or the number of a resource")
	}
	w := v.member("path")
	switch {
	case w == nil:
		return nil, p.fail(v, where, "the value of `%s` has no `path`", op.Name)
	case w.kind != kindString || w.str == "":
		return nil, p.fail(w, where.child("path"), "`path` must be a path such as \"email\"")
	}
	if _, problem := parsePath(w.str); problem != "" {
		return nil, p.fail(w, where.child("path"), "the path `%s` cannot be read: %s", clip(w.str, 80), problem)
	}
	l.Path = w.str
	if c := v.member("where"); c != nil && c.kind != kindNull {
		p.looking = true
		defer func() { p.looking = false }()
		var err *Error
		if l.Where, err = p.condition(c, where.child("where"), depth+1); err != nil {
			return nil, err
		}
		if l.Where.looks() {
			return nil, p.fail(c, where.child("where"), "`where` looks at the records of one resource and cannot look into another")
		}
	}
	return l, nil
}

// looks is whether a condition, references followed, looks into other resources.
func (c *Condition) looks() bool {
	return c.lookup != nil || c.sub != nil && c.sub.looks() || slices.ContainsFunc(c.children, (*Condition).looks)
}

// Lookups lists what the group asks of other resources, each question once.
func (g *Group) Lookups() []Lookup {
	var list []Lookup
	seen := map[string]bool{}
	var visit func(c *Condition)
	visit = func(c *Condition) {
		if c == nil {
			return
		}
		if c.lookup != nil && !seen[c.lookup.Key()] {
			seen[c.lookup.Key()] = true
			list = append(list, *c.lookup)
		}
		visit(c.sub)
		for _, child := range c.children {
			visit(child)
		}
	}
	visit(g.Evaluator)
	if g.Filter != nil {
		visit(g.Filter.Evaluator)
	}
	return list
}

// Presence answers a lookup: whether a value, as canonical JSON text, is among
// those of the other resource. sure is false when some record there cannot be
// evaluated, or the answer is not known for another reason; a value that is not
// found for sure makes the outcome [Errored], never a pass. The text is only
// lent.
type Presence func(value []byte) (found, sure bool)

// Values holds the values that records of another resource give to a lookup.
type Values struct {
	machine *Machine
	found   map[string]struct{}
	unsure  bool
}

// NewValues makes an empty set of values for a lookup.
func NewValues(l Lookup) (*Values, error) {
	p, err := Compile([]Rule{l.Rule()})
	if err != nil {
		return nil, err
	}
	return &Values{machine: p.Machine(), found: map[string]struct{}{}}, nil
}

// Add adds the values of one record.
func (v *Values) Add(record []byte, now time.Time) {
	v.machine.Run(record, now)
	if v.machine.Outcome(0) == Errored {
		v.unsure = true
	}
	v.machine.Values(0, func(value []byte) {
		if _, ok := v.found[string(value)]; !ok {
			v.found[string(value)] = struct{}{}
		}
	})
}

// Presence is a [Presence] for [Machine.Provide].
func (v *Values) Presence(value []byte) (found, sure bool) {
	_, found = v.found[string(value)]
	return found, !v.unsure
}

// Lookups lists what the rules of the program ask of other resources, each
// question once. The places in the list are those of [Machine.Provide].
func (p *Program) Lookups() []Lookup { return slices.Clone(p.lookups) }

// Provide tells the machine who answers lookup i from now on. A lookup that
// nobody answers makes the outcome of its rules [Errored].
func (m *Machine) Provide(i int, answer Presence) { m.answers[i] = answer }

// Wanted calls each with every value that the rules could look up for a record,
// as canonical JSON text that is only lent; the same value may come twice. It
// lets a caller fetch the answers of many records at once before it runs them.
func (m *Machine) Wanted(record []byte, each func(lookup int, value []byte)) {
	if len(m.program.lookups) == 0 {
		return
	}
	m.arena = m.arena[:0]
	f := &m.frames[0]
	f.reset()
	i := skipSpace(record, 0)
	if i >= len(record) || record[i] != '{' || f.fill(f.scope.root, record, i, 0) < 0 {
		return
	}
	for r := range m.program.rules {
		rule := &m.program.rules[r]
		for _, g := range []*gate{rule.filter, rule.evaluator} {
			if g != nil {
				m.wanted(g.tree, f, each)
			}
		}
	}
}

func (m *Machine) wanted(t *tree, f *frame, each func(int, []byte)) {
	if !t.looks {
		return
	}
	for _, child := range t.children {
		m.wanted(child, f, each)
	}
	if t.leaf == nil {
		return
	}
	l := t.leaf
	levels := 0
	for _, d := range l.decs {
		if d != decNot {
			levels++
		}
	}
	m.wantedOf(l, m.load(f, &l.left), levels, each)
}

// wantedOf goes down the levels of arrays that the decorators go through.
func (m *Machine) wantedOf(l *leaf, v *value, levels int, each func(int, []byte)) {
	switch {
	case levels > 0:
		if v.kind != kindArray {
			return
		}
		mark := len(m.arena)
		item := m.borrow()
		for e := elementsOf(v.s); e.next(item, &m.arena); m.arena = m.arena[:mark] {
			m.wantedOf(l, item, levels-1, each)
		}
		m.arena = m.arena[:mark]
		m.borrowed--
	case l.unit != nil:
		if v.kind != kindArray {
			return
		}
		f := &m.frames[l.unit.scope.id]
		for i := afterBracket(v.s); i >= 0; {
			f.reset()
			end := f.fill(f.scope.root, v.s, i, 0)
			if end < 0 {
				return
			}
			m.wanted(l.unit.src, f, each)
			i = afterItem(v.s, end)
		}
	case v.lookable():
		m.scratch = appendValue(m.scratch[:0], v)
		each(l.lookup, m.scratch)
	}
}

// lookable is whether a value can be found in another resource.
func (v *value) lookable() bool { return v.kind > kindNull && v.scalar() }

// lookUp is the operator existsIn or notExistsIn.
func (m *Machine) lookUp(l *leaf, v *value) truth {
	if !v.lookable() {
		return no
	}
	answer := m.answers[l.lookup]
	if answer == nil {
		return failure
	}
	m.scratch = appendValue(m.scratch[:0], v)
	found, sure := answer(m.scratch)
	if !found && !sure {
		return failure
	}
	return truthOf(found == (l.op == opExistsIn))
}

// Values calls each with the values at the unique path of rule i, when the
// outcome is Pass: the value there, or the elements of an array; texts, numbers
// and booleans only. Equal values give equal bytes, which are only lent.
func (m *Machine) Values(i int, each func(value []byte)) {
	r := m.program.rules[i].unique
	if r == nil || m.outcomes[i] != Pass {
		return
	}
	give := func(v *value) bool {
		if v.lookable() {
			m.scratch = appendValue(m.scratch[:0], v)
			each(m.scratch)
		}
		return true
	}
	if v := m.load(&m.frames[0], r); v.kind == kindArray {
		eachElement(v.s, give)
	} else {
		give(v)
	}
}

// name says which resource is asked.
func (l *Lookup) name() string {
	if l.Resource == "" {
		return "resource " + strconv.FormatInt(l.ResourceID, 10)
	}
	return "`" + clip(l.Resource, 80) + "`"
}

// words names the values that are asked for.
func (l *Lookup) words() string {
	text := "the `" + clip(l.Path, 80) + "` of " + l.name()
	if l.Where != nil {
		text += " where " + sentence(l.Where, true)
	}
	return text
}
