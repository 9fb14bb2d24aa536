package rule

// formatWidth is how wide a line may be for values that stand on one.
const formatWidth = 88

// Format lays the JSON text of a rule out: short conditions on one line, others
// over several, indented by two. Keys stay in their order; numbers and strings are
// written as they are. A text that is not JSON, or has a key twice, is an [*Error].
func Format(text []byte) ([]byte, error) {
	r := &textReader{text: text, written: true}
	n, err := r.whole()
	if err != nil {
		return nil, err
	}
	f := &formatter{text: text}
	f.value(n, 0, 0)
	return append(f.out, '\n'), nil
}

type formatter struct {
	text []byte
	out  []byte
}

// value writes a value; column is how much of the line is taken.
func (f *formatter) value(n *item, indent, column int) {
	if n.size() == 0 || f.width(n, formatWidth-column) >= 0 && !n.list() {
		f.inline(n)
		return
	}
	open, closing := byte('['), byte(']')
	if n.kind == kindObject {
		open, closing = '{', '}'
	}
	f.out = append(f.out, open)
	for i := range n.size() {
		if i > 0 {
			f.out = append(f.out, ',')
		}
		f.line(indent + 2)
		start := len(f.out)
		if n.kind == kindArray {
			f.value(n.elems[i], indent+2, indent+3)
			continue
		}
		m := &n.members[i]
		f.out = append(append(f.out, f.text[m.offset:m.end]...), ": "...)
		f.value(m.value, indent+2, indent+3+len(f.out)-start)
	}
	f.line(indent)
	f.out = append(f.out, closing)
}

func (f *formatter) line(indent int) {
	f.out = append(f.out, '\n')
	for range indent {
		f.out = append(f.out, ' ')
	}
}

func (n *item) size() int { return len(n.elems) + len(n.members) }

// list is whether there is a list of conditions or groups in the value, which
// has a line for each.
func (n *item) list() bool {
	for _, e := range n.elems {
		if e.kind == kindObject {
			return true
		}
	}
	for _, m := range n.members {
		if m.value.kind >= kindArray && m.value.list() {
			return true
		}
	}
	return false
}

// width is how wide a value is on one line, or -1 if more than room.
func (f *formatter) width(n *item, room int) int {
	switch n.kind {
	case kindArray, kindObject:
		left := room - 2
		for i, e := range n.elems {
			if i > 0 {
				left -= 2
			}
			w := f.width(e, left)
			if w < 0 {
				return -1
			}
			left -= w
		}
		for _, m := range n.members {
			left -= m.end - m.offset + 4 // with what stands before the key and after it
			w := f.width(m.value, left)
			if w < 0 {
				return -1
			}
			left -= w
		}
		if left < 0 {
			return -1
		}
		return room - left
	}
	if w := n.end - n.offset; w <= room {
		return w
	}
	return -1
}

func (f *formatter) inline(n *item) {
	switch {
	case n.kind == kindArray:
		f.out = append(f.out, '[')
		for i, e := range n.elems {
			if i > 0 {
				f.out = append(f.out, ", "...)
			}
			f.inline(e)
		}
		f.out = append(f.out, ']')
	case n.kind == kindObject && len(n.members) == 0:
		f.out = append(f.out, "{}"...)
	case n.kind == kindObject:
		f.out = append(f.out, "{ "...)
		for i := range n.members {
			m := &n.members[i]
			if i > 0 {
				f.out = append(f.out, ", "...)
			}
			f.out = append(append(f.out, f.text[m.offset:m.end]...), ": "...)
			f.inline(m.value)
		}
		f.out = append(f.out, " }"...)
	default:
		f.out = append(f.out, f.text[n.offset:n.end]...)
	}
}
