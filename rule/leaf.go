package rule

import (
	"bytes"
	"net/netip"
)

// truth is the outcome of a condition.
type truth int8

const (
	no      truth = 0
	yes     truth = 1
	failure truth = -1 // cannot be evaluated on this record
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// ref is where in a frame an operand stands. With a path, fact is the slot of
// the fact itself (else -1): a path on a scalar gives the scalar.
type ref struct {
	slot, fact int32
	length     bool // the path measures the fact itself
	query      bool
	at, factAt *node
	queryIndex int
}

// leaf is a compiled leaf condition.
type leaf struct {
	src        *Condition
	left       ref
	right      ref // when fromRecord
	fromRecord bool
	literal    value
	decs       []decorator
	op         opcode
	patterns   map[string]*matcher
	unit       *unit // of a quantifier
	lookup     int   // of existsIn: its place in the program
	fails      bool  // can give failure
	dated      bool

	// Read once, when the value is literal and nothing stands between it and
	// the operator.
	ready    bool
	pattern  *matcher
	span, at instant
	networks []netip.Prefix
	version  []byte
}

// unit is a compiled condition over the elements of an array.
type unit struct {
	src   *tree // the condition, for explaining
	scope *scope
	tree  *tree
	code  []inst
	entry int32
}

// load gives the value of an operand.
func (m *Machine) load(f *frame, r *ref) *value {
	if r.fact >= 0 {
		if v := &f.slots[r.fact]; v.scalar() && !(r.length && v.kind == kindString) {
			return v
		}
	}
	v := &f.slots[r.slot]
	if v.kind == kindPending {
		f.runQuery(r.slot)
	}
	return v
}

// runQuery fills the slot of a query with its match, or with an array of the
// matches when the query could give several.
func (f *frame) runQuery(slot int32) {
	q := &f.scope.queries[int(slot)-f.scope.nodes]
	out := &f.slots[slot]
	from := &f.slots[q.slot]
	*out = value{}
	if from.scalar() {
		return
	}
	found, ok := q.query.run(from, &f.arena)
	switch {
	case !ok:
		out.kind = kindFailed
	case len(found) == 0:
	case q.query.singular():
		*out = found[0]
	default:
		mark := len(f.arena)
		f.arena = append(f.arena, '[')
		for i := range found {
			if i > 0 {
				f.arena = append(f.arena, ',')
			}
			f.arena = appendValue(f.arena, &found[i])
		}
		f.arena = append(f.arena, ']')
		*out = value{kind: kindArray, s: f.arena[mark:len(f.arena):len(f.arena)]}
	}
}

// leaf evaluates a leaf in full generality.
func (m *Machine) leaf(l *leaf, f *frame) truth {
	a := m.load(f, &l.left)
	b := &l.literal
	if l.fromRecord {
		b = m.load(f, &l.right)
	}
	if a.kind == kindFailed || b.kind == kindFailed {
		return failure
	}
	return m.apply(l, l.decs, a, b)
}

// apply peels the decorators off.
func (m *Machine) apply(l *leaf, decs []decorator, a, b *value) truth {
	if len(decs) == 0 {
		return m.operate(l, a, b)
	}
	rest := decs[1:]
	switch decs[0] {
	case decNot:
		switch m.apply(l, rest, a, b) {
		case yes:
			return no
		case no:
			return yes
		}
		return failure
	case decSwap:
		return m.apply(l, rest, b, a)
	case decSomeFact, decEveryFact:
		if a.kind != kindArray {
			return no
		}
		return m.over(a, decs[0] == decSomeFact, func(e *value) truth { return m.apply(l, rest, e, b) })
	}
	if b.kind != kindArray {
		return failure
	}
	return m.over(b, decs[0] == decSomeValue, func(e *value) truth { return m.apply(l, rest, a, e) })
}

// over goes through the elements until one decides: a true one for some, a
// false one for every.
func (m *Machine) over(list *value, some bool, test func(e *value) truth) truth {
	mark := len(m.arena)
	v := m.borrow()
	decisive := truthOf(some)
	result := truthOf(!some)
	for e := elementsOf(list.s); e.next(v, &m.arena); m.arena = m.arena[:mark] {
		if t := test(v); t == failure || t == decisive {
			result = t
			break
		}
	}
	m.arena = m.arena[:mark]
	m.borrowed--
	return result
}

// borrow gives room for one element; elements of elements need more of it.
func (m *Machine) borrow() *value {
	if m.borrowed == len(m.elements) {
		m.elements = append(m.elements, new(value))
	}
	m.borrowed++
	return m.elements[m.borrowed-1]
}

// operate is the operator itself.
func (m *Machine) operate(l *leaf, a, b *value) truth {
	switch op := l.op; op {
	case opEqual:
		return truthOf(equalValues(a, b))
	case opNotEqual:
		return truthOf(!equalValues(a, b))
	case opIn, opNotIn:
		found := false
		switch b.kind {
		case kindArray:
			found = m.indexOf(b, a)
		case kindString:
			m.scratch = appendText(m.scratch[:0], a)
			found = bytes.Contains(b.s, m.scratch)
		default:
			return failure
		}
		return truthOf(found == (op == opIn))
	case opContains, opDoesNotContain:
		switch {
		case a.kind == kindArray:
			return truthOf(m.indexOf(a, b) == (op == opContains))
		case a.kind == kindString && b.kind == kindString:
			return truthOf(bytes.Contains(a.s, b.s) == (op == opContains))
		}
		return no
	case opLessThan, opLessThanInclusive, opGreaterThan, opGreaterThanInclusive:
		m.scratch = m.scratch[:0]
		if !looksNumeric(a, &m.scratch) {
			return no
		}
		return truthOf(holds(op, compareOrder(a, b, &m.scratch)))
	case opStartsWith, opEndsWith, opEqualIgnoreCase:
		if a.kind != kindString || b.kind != kindString {
			return no
		}
		switch op {
		case opStartsWith:
			return truthOf(bytes.HasPrefix(a.s, b.s))
		case opEndsWith:
			return truthOf(bytes.HasSuffix(a.s, b.s))
		}
		return truthOf(bytes.EqualFold(a.s, b.s))
	case opMatches, opDoesNotMatch:
		if a.kind != kindString || b.kind != kindString {
			return no
		}
		re := l.pattern
		if re == nil {
			re = l.patterns[string(b.s)]
		}
		return truthOf(re != nil && re.Match(a.s) == (op == opMatches))
	case opExists:
		return truthOf(b.isBool() && (a.kind != kindUndefined) == (b.kind == kindTrue))
	case opIsEmpty:
		return truthOf(b.isBool() && isEmpty(a) == (b.kind == kindTrue))
	case opBefore, opAfter:
		return m.beforeAfter(l, a, b)
	case opAll, opAny, opNoElement:
		return m.quantify(l, a)
	case opExistsIn, opNotExistsIn:
		return m.lookUp(l, a)
	case opInCidr, opNotInCidr:
		return m.inCidr(l, a, b)
	case opVersionAtLeast, opVersionBelow:
		x, ok := versionText(a)
		if !ok {
			return no
		}
		y := l.version
		if !l.ready {
			if y, ok = versionText(b); !ok {
				return no
			}
		}
		return truthOf((compareVersions(x, y) >= 0) == (op == opVersionAtLeast))
	}
	return m.withinDates(l, a, b)
}

func holds(op opcode, o ordering) bool {
	switch op {
	case opLessThan:
		return o == less
	case opLessThanInclusive:
		return o == less || o == same
	case opGreaterThan:
		return o == greater
	}
	return o == greater || o == same
}

// indexOf is whether the array has an element strictly equal to v.
func (m *Machine) indexOf(list, v *value) bool {
	mark := len(m.arena)
	item := m.borrow()
	found := false
	for e := elementsOf(list.s); !found && e.next(item, &m.arena); m.arena = m.arena[:mark] {
		found = equalValues(item, v)
	}
	m.arena = m.arena[:mark]
	m.borrowed--
	return found
}

func isEmpty(v *value) bool {
	switch v.kind {
	case kindUndefined, kindNull:
		return true
	case kindString:
		return len(v.s) == 0
	case kindArray, kindObject:
		i := skipSpace(v.s, 1)
		return i < len(v.s) && (v.s[i] == ']' || v.s[i] == '}')
	}
	return false
}

func (m *Machine) beforeAfter(l *leaf, a, b *value) truth {
	t, ok := l.dateOf(a)
	if !ok {
		return no
	}
	u := l.at
	if !l.ready {
		if u, ok = l.dateOf(b); !ok {
			return no
		}
	}
	if l.op == opBefore {
		return truthOf(t.compare(u) < 0)
	}
	return truthOf(t.compare(u) > 0)
}

func (m *Machine) withinDates(l *leaf, a, b *value) truth {
	t, ok := l.dateOf(a)
	if !ok {
		return no
	}
	span := l.span
	if !l.ready {
		if span, ok = readSpan(l.op, b); !ok {
			return no
		}
	}
	result, next, changes := dated(l.op, t, span, m.now)
	if changes && (!m.flips || next.compare(m.flip) < 0) {
		m.flips, m.flip = true, next
	}
	return truthOf(result)
}

func (m *Machine) inCidr(l *leaf, a, b *value) truth {
	if a.kind != kindString {
		return no
	}
	p, ok := readNetwork(a.s)
	if !ok {
		return no
	}
	list := l.networks
	if !l.ready {
		if list, ok = networks(b); !ok {
			return no
		}
	}
	in := false
	for _, n := range list {
		in = in || within(p, n)
	}
	return truthOf(in == (l.op == opInCidr))
}

// quantify evaluates the condition of all, any or none on the elements, in
// order, until one decides.
func (m *Machine) quantify(l *leaf, a *value) truth {
	if a.kind != kindArray {
		return no
	}
	f := &m.frames[l.unit.scope.id]
	decisive := truthOf(l.op != opAll)
	for i := afterBracket(a.s); i >= 0; {
		f.reset()
		end := f.fill(f.scope.root, a.s, i, 0)
		if end < 0 {
			break
		}
		t := m.unit(l.unit, f)
		if t == failure {
			return failure
		}
		if t == decisive {
			return truthOf(l.op == opAny)
		}
		i = afterItem(a.s, end)
	}
	return truthOf(l.op != opAny)
}

// afterBracket is where the first element begins, or -1.
func afterBracket(text []byte) int { return elementsOf(text).pos }

// unit evaluates a compiled condition over a filled frame.
func (m *Machine) unit(u *unit, f *frame) truth {
	if u.tree != nil {
		return m.walk(u.tree, f)
	}
	return truthOf(m.exec(u.code, u.entry, f))
}
