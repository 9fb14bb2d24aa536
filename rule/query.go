package rule

import "slices"

// queryRun is one run of a query over one fact. work bounds the bytes it may
// look at, so that a chain of descents over a deep record ends.
type queryRun struct {
	root  *value
	arena *[]byte
	work  int
}

// run gives the matches, or false when the query costs too much on this record.
func (q *query) run(root *value, arena *[]byte) ([]value, bool) {
	r := &queryRun{root: root, arena: arena, work: 4<<20 + 8*len(root.s)}
	out := r.query(q, root)
	for i := range out {
		r.work -= len(out[i].s)
	}
	return out, r.work >= 0
}

func (r *queryRun) query(q *query, current *value) []value {
	from := r.root
	if q.relative {
		from = current
	}
	nodes := []value{*from}
	for i := range q.segments {
		s := &q.segments[i]
		var next []value
		for j := range nodes {
			if s.descend {
				next = r.descend(s, &nodes[j], next)
			} else {
				next = r.selectAll(s, &nodes[j], next)
			}
			if r.work < 0 {
				return nil
			}
		}
		nodes = next
	}
	return nodes
}

func (r *queryRun) descend(s *segment, v *value, out []value) []value {
	if v.scalar() || r.work < 0 {
		return out
	}
	out = r.selectAll(s, v, out)
	for _, child := range r.children(v) {
		out = r.descend(s, &child, out)
	}
	return out
}

func (r *queryRun) selectAll(s *segment, v *value, out []value) []value {
	for i := range s.selectors {
		if r.work < 0 {
			return out
		}
		out = r.pick(&s.selectors[i], v, out)
	}
	return out
}

// children are the elements, or the values of the members: of a key that stands
// twice the last value, in the place of the first.
func (r *queryRun) children(v *value) []value {
	r.work -= len(v.s) + 16
	var out []value
	if r.work < 0 {
		return nil
	}
	switch v.kind {
	case kindArray:
		for e := elementsOf(v.s); ; {
			var x value
			if !e.next(&x, r.arena) {
				break
			}
			out = append(out, x)
		}
	case kindObject:
		at := map[string]int{}
		eachMember(v.s, func(key []byte, x *value) bool {
			if i, twice := at[string(key)]; twice {
				out[i] = *x
				return true
			}
			at[string(key)] = len(out)
			out = append(out, *x)
			return true
		})
	}
	r.work -= 8 * len(out)
	return out
}

func (r *queryRun) pick(s *selector, v *value, out []value) []value {
	switch s.kind {
	case selectName:
		if x, ok := r.member(v, nameStep(s.name)); ok {
			out = append(out, x)
		}
	case selectIndex:
		if s.index >= 0 && v.kind == kindObject {
			if x, ok := r.member(v, step{name: string(appendValue(nil, &value{kind: kindInt, bits: s.index})), index: -1}); ok {
				out = append(out, x)
			}
			return out
		}
		if v.kind == kindArray {
			list := r.children(v)
			i := s.index
			if i < 0 {
				i += int64(len(list))
			}
			if i >= 0 && i < int64(len(list)) {
				out = append(out, list[i])
			}
		}
	case selectAll:
		out = append(out, r.children(v)...)
	case selectSlice:
		if v.kind == kindArray {
			out = slicePick(s, r.children(v), out)
		}
	case selectFilter:
		if !v.scalar() {
			for _, x := range r.children(v) {
				if r.holds(s.filter, &x) {
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// member finds what a name selects: a member, an element, or a length.
func (r *queryRun) member(v *value, s step) (found value, ok bool) {
	switch v.kind {
	case kindObject:
		r.work -= len(v.s)
		eachMember(v.s, func(key []byte, x *value) bool {
			if string(key) == s.name {
				found, ok = *x, true
			}
			return true
		})
	case kindArray:
		if s.name == lengthName {
			return intValue(int64(len(r.children(v)))), true
		}
		if list := r.children(v); s.index >= 0 && s.index < len(list) {
			return list[s.index], true
		}
	case kindString:
		if s.name == lengthName {
			return intValue(textLength(v.s)), true
		}
	}
	return found, ok
}

// slicePick follows RFC 9535, section 2.3.4.2.2.
func slicePick(s *selector, list, out []value) []value {
	n := int64(len(list))
	norm := func(p *int64, missing int64) int64 {
		switch {
		case p == nil:
			return missing
		case *p >= 0:
			return *p
		}
		return n + *p
	}
	switch {
	case s.step > 0:
		from := min(max(norm(s.start, 0), 0), n)
		to := min(max(norm(s.end, n), 0), n)
		for i := from; i < to; i += s.step {
			out = append(out, list[i])
		}
	case s.step < 0:
		from := min(max(norm(s.start, n-1), -1), n-1)
		to := min(max(norm(s.end, -n-1), -1), n-1)
		for i := from; i > to; i += s.step {
			out = append(out, list[i])
		}
	}
	return out
}

func (r *queryRun) holds(f *filterExpr, current *value) bool {
	switch f.kind {
	case filterOr:
		return slices.ContainsFunc(f.subs, func(e *filterExpr) bool { return r.holds(e, current) })
	case filterAnd:
		return !slices.ContainsFunc(f.subs, func(e *filterExpr) bool { return !r.holds(e, current) })
	case filterNot:
		return !r.holds(f.subs[0], current)
	case filterExists:
		return len(r.query(f.a.query, current)) > 0
	case filterCall:
		return r.matches(f.a.call, current)
	}
	a, b := r.operand(f.a, current), r.operand(f.b, current)
	switch f.op {
	case "==":
		return r.equal(&a, &b)
	case "!=":
		return !r.equal(&a, &b)
	case "<":
		return filterLess(&a, &b)
	case ">":
		return filterLess(&b, &a)
	case "<=":
		return filterLess(&a, &b) || r.equal(&a, &b)
	}
	return filterLess(&b, &a) || r.equal(&a, &b)
}

// operand gives the value of a comparable; kindUndefined stands for Nothing.
func (r *queryRun) operand(o *operand, current *value) value {
	switch {
	case o.literal != nil:
		return *o.literal
	case o.query != nil:
		if nodes := r.query(o.query, current); len(nodes) == 1 {
			return nodes[0]
		}
		return value{}
	}
	arg := o.call.args[0]
	switch o.call.name {
	case "count":
		return intValue(int64(len(r.query(arg.query, current))))
	case "value":
		if nodes := r.query(arg.query, current); len(nodes) == 1 {
			return nodes[0]
		}
		return value{}
	}
	switch v := r.operand(arg, current); v.kind {
	case kindString:
		n := int64(0)
		for i := 0; i < len(v.s); n++ {
			_, size := decodeUnit(v.s[i:])
			i += size
		}
		return intValue(n)
	case kindArray, kindObject:
		return intValue(int64(len(r.children(&v))))
	}
	return value{}
}

func (r *queryRun) matches(c *callExpr, current *value) bool {
	text, pattern := r.operand(c.args[0], current), r.operand(c.args[1], current)
	if text.kind != kindString || pattern.kind != kindString {
		return false
	}
	r.work -= len(text.s) + 16*len(pattern.s) + 256
	re, err := filterPattern(c.name, pattern.s)
	return err == nil && re.Match(text.s)
}

func (r *queryRun) equal(a, b *value) bool {
	if a.scalar() || b.scalar() {
		return equalValues(a, b)
	}
	r.work -= len(a.s) + len(b.s)
	return r.work >= 0 && a.kind == b.kind && string(appendCanonical(nil, a)) == string(appendCanonical(nil, b))
}

// filterLess orders numbers with numbers and text with text by Unicode scalar
// values, which is the order of the bytes.
func filterLess(a, b *value) bool {
	switch {
	case a.kind == kindInt && b.kind == kindInt:
		return a.bits < b.bits
	case a.isNumber() && b.isNumber():
		return a.number() < b.number()
	case a.kind == kindString && b.kind == kindString:
		return string(a.s) < string(b.s)
	}
	return false
}
