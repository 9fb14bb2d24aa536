package rule

import "bytes"

// Targets of a jump that end the evaluation.
const (
	accept int32 = -1
	reject int32 = -2
)

// fastOp is an operator specialised on the type of its literal.
type fastOp uint8

const (
	fastNone   fastOp = iota // the leaf in full generality
	fastPlain                // the operator on a literal, without decorators
	fastKind                 // equal to true, false or null
	fastInt                  // equal to an integer
	fastString               // equal to a text
	fastOrder                // ordered against an integer
	fastInText               // one of some texts
	fastExists               // there, or not
	fastEmpty                // empty, or not
	fastPrefix               // begins with a text
	fastSuffix               // ends with a text
	fastMatch                // matches a pattern
	fastHas                  // an array that may have a text
)

// inst compares one operand and jumps. Conditions become such code by threading:
// `all`, `any` and `not` leave no trace but the targets.
type inst struct {
	op     fastOp
	kind   kind
	order  opcode
	length bool
	slot   int32
	fact   int32
	t, f   int32
	n      int64
	s      []byte
	set    *textSet
	leaf   *leaf
}

type emitter struct {
	code []inst // in reverse, so that targets are known when they are needed
}

// emit adds the code of t and gives its entry: targets count from the end of the
// finished code until finish turns them round.
func (e *emitter) emit(t *tree, yes, no int32) int32 {
	switch t.kind {
	case isNot:
		return e.emit(t.children[0], no, yes)
	case isAll, isAny:
		if len(t.children) == 0 {
			return yes
		}
		next := yes
		if t.kind == isAny {
			next = no
		}
		for i := len(t.children) - 1; i >= 0; i-- {
			if t.kind == isAll {
				next = e.emit(t.children[i], next, no)
			} else {
				next = e.emit(t.children[i], yes, next)
			}
		}
		return next
	}
	in := specialise(t.leaf)
	in.t, in.f = yes, no
	if in.op != fastNone {
		for _, d := range t.leaf.decs {
			if d == decNot {
				in.t, in.f = in.f, in.t
			}
		}
		if in.op != fastPlain && (t.leaf.op == opNotEqual || t.leaf.op == opNotIn) {
			in.t, in.f = in.f, in.t
		}
	}
	e.code = append(e.code, in)
	return int32(len(e.code) - 1)
}

func (e *emitter) finish(entries ...*int32) []inst {
	n := int32(len(e.code))
	turn := func(p *int32) {
		if *p >= 0 {
			*p = n - 1 - *p
		}
	}
	out := make([]inst, n)
	for i := range e.code {
		in := e.code[i]
		turn(&in.t)
		turn(&in.f)
		out[n-1-int32(i)] = in
	}
	for _, p := range entries {
		turn(p)
	}
	return out
}

// specialise picks the fast form of a leaf where it has one.
func specialise(l *leaf) inst {
	in := inst{leaf: l, slot: l.left.slot, fact: l.left.fact, length: l.left.length}
	if l.fromRecord || l.left.query || l.unit != nil {
		return in
	}
	for _, d := range l.decs {
		if d != decNot {
			return in
		}
	}
	in.op = fastPlain
	switch l.op {
	case opEqual, opNotEqual:
		switch l.literal.kind {
		case kindTrue, kindFalse, kindNull:
			in.op, in.kind = fastKind, l.literal.kind
		case kindInt:
			in.op, in.n = fastInt, l.literal.bits
		case kindString:
			in.op, in.s = fastString, l.literal.s
		}
	case opLessThan, opLessThanInclusive, opGreaterThan, opGreaterThanInclusive:
		if l.literal.kind == kindInt {
			in.op, in.n, in.order = fastOrder, l.literal.bits, l.op
		}
	case opIn, opNotIn:
		if set := newTextSet(&l.literal); set != nil {
			in.op, in.set = fastInText, set
		}
	case opExists:
		in.op, in.kind = fastExists, l.literal.kind
	case opIsEmpty:
		in.op, in.kind = fastEmpty, l.literal.kind
	case opStartsWith:
		in.op, in.s = fastPrefix, l.literal.s
	case opEndsWith:
		in.op, in.s = fastSuffix, l.literal.s
	case opMatches:
		in.op = fastMatch
	case opContains:
		// A text that needs escapes cannot stand in an array without any.
		if q := appendQuoted(nil, l.literal.s); l.literal.kind == kindString && bytes.IndexByte(q, '\\') < 0 {
			in.op, in.s = fastHas, q
		}
	}
	return in
}

// listed is whether a text, given in quotes, is an element of a flat array: it
// stands there, and not from the end of one element to the beginning of another.
func listed(list, quoted []byte) bool {
	for at := 0; ; {
		i := bytes.Index(list[at:], quoted)
		if i < 0 {
			return false
		}
		if at += i; bytes.Count(list[:at], quote)%2 == 0 {
			return true
		}
		at++
	}
}

var quote = []byte{'"'}

// textSet is a set of texts; nothing else than a text is in it.
type textSet struct {
	list  [][]byte
	table map[string]struct{} // when there are many
}

func newTextSet(list *value) *textSet {
	s := &textSet{}
	onlyText := true
	eachElement(list.s, func(e *value) bool {
		onlyText = e.kind == kindString
		s.list = append(s.list, e.s)
		return onlyText
	})
	if !onlyText {
		return nil
	}
	if len(s.list) > 8 {
		s.table = make(map[string]struct{}, len(s.list))
		for _, t := range s.list {
			s.table[string(t)] = struct{}{}
		}
	}
	return s
}

func (s *textSet) has(text []byte) bool {
	if s.table != nil {
		_, ok := s.table[string(text)]
		return ok
	}
	for _, t := range s.list {
		if bytes.Equal(t, text) {
			return true
		}
	}
	return false
}

// exec runs code from entry on.
func (m *Machine) exec(code []inst, pc int32, fr *frame) bool {
	for pc >= 0 {
		in := &code[pc]
		v := &fr.slots[in.slot]
		if in.fact >= 0 {
			if w := &fr.slots[in.fact]; w.scalar() && !(in.length && w.kind == kindString) {
				v = w
			}
		}
		var ok bool
		switch in.op {
		case fastKind:
			ok = v.kind == in.kind
		case fastInt:
			ok = v.kind == kindInt && v.bits == in.n || v.kind == kindFloat && v.number() == float64(in.n)
		case fastString:
			ok = v.kind == kindString && string(v.s) == string(in.s)
		case fastOrder:
			if v.kind == kindInt {
				ok = holds(in.order, compareInts(v.bits, in.n))
			} else {
				ok = m.operate(in.leaf, v, &in.leaf.literal) == yes
			}
		case fastInText:
			ok = v.kind == kindString && in.set.has(v.s)
		case fastExists:
			ok = (v.kind != kindUndefined) == (in.kind == kindTrue)
		case fastEmpty:
			ok = isEmpty(v) == (in.kind == kindTrue)
		case fastPrefix:
			ok = v.kind == kindString && bytes.HasPrefix(v.s, in.s)
		case fastSuffix:
			ok = v.kind == kindString && bytes.HasSuffix(v.s, in.s)
		case fastMatch:
			ok = v.kind == kindString && in.leaf.pattern.Match(v.s)
		case fastHas:
			if v.kind == kindArray && v.flat {
				ok = listed(v.s, in.s)
			} else {
				ok = m.operate(in.leaf, v, &in.leaf.literal) == yes
			}
		case fastPlain:
			ok = m.operate(in.leaf, v, &in.leaf.literal) == yes
		default:
			ok = m.leaf(in.leaf, fr) == yes
		}
		// Without a branch: what is true of a record cannot be predicted.
		t, f := in.t, in.f
		if ok {
			f = t
		}
		pc = f
	}
	return pc == accept
}

// walk evaluates a tree in which a leaf can fail, in the order of the base
// engine: a set of equal priority is evaluated whole, a lower set only while the
// outcome is open, and one failure fails everything around it.
func (m *Machine) walk(t *tree, f *frame) truth {
	switch t.kind {
	case isLeaf:
		return m.leaf(t.leaf, f)
	case isNot:
		switch m.walk(t.children[0], f) {
		case yes:
			return no
		case no:
			return yes
		}
		return failure
	}
	if !t.fails {
		return m.walkSure(t, f)
	}
	decisive := truthOf(t.kind == isAny)
	for _, set := range t.sets {
		decided, failed := false, false
		for _, child := range set {
			switch m.walk(child, f) {
			case failure:
				failed = true
			case decisive:
				decided = true
			}
		}
		if failed {
			return failure
		}
		if decided {
			return decisive
		}
	}
	return 1 - decisive
}

// walkSure evaluates `all` and `any` where nothing can fail.
func (m *Machine) walkSure(t *tree, f *frame) truth {
	if len(t.children) == 0 {
		return yes
	}
	decisive := truthOf(t.kind == isAny)
	for _, child := range t.children {
		if m.walk(child, f) == decisive {
			return decisive
		}
	}
	return 1 - decisive
}
