package rule

import (
	"encoding/binary"
	"slices"
)

// scope is what a set of conditions looks at: the paths into one kind of value
// (the record, or the elements of one quantifier's array), as a trie whose nodes
// are numbered in preorder. The number of a node is the slot of its value.
type scope struct {
	id      int // index of the frame in a machine
	root    *node
	nodes   int
	queries []queryRef // slots from nodes on
}

// queryRef is a query over the value in a slot.
type queryRef struct {
	slot  int32
	query *query
}

// node is one place in a value.
type node struct {
	id, end int32 // the slots of the node and everything below it
	names   []nameEdge
	table   []int32 // hash of a name -> 1 + index in names, chained by next
	indexes []indexEdge
	length  *node
}

type nameEdge struct {
	name string
	to   *node
	next int32
}

type indexEdge struct {
	index int
	to    *node
}

// add gives the node that a step leads to.
func (n *node) add(s step) *node {
	for i := range n.names {
		if n.names[i].name == s.name {
			return n.names[i].to
		}
	}
	to := &node{}
	n.names = append(n.names, nameEdge{name: s.name, to: to})
	if s.index >= 0 {
		at := 0
		for at < len(n.indexes) && n.indexes[at].index < s.index {
			at++
		}
		n.indexes = append(n.indexes, indexEdge{})
		copy(n.indexes[at+1:], n.indexes[at:])
		n.indexes[at] = indexEdge{s.index, to}
	}
	if s.name == lengthName {
		n.length = to
	}
	return to
}

// number gives the slots below and including n, and the tables for look-up.
func (n *node) number(next int32) int32 {
	n.id = next
	next++
	for i := range n.names {
		next = n.names[i].to.number(next)
	}
	n.end = next
	if len(n.names) > 4 {
		size := 8
		for size < 2*len(n.names) {
			size *= 2
		}
		n.table = make([]int32, size)
		for i := range n.names {
			h := nameHash([]byte(n.names[i].name)) & uint32(size-1)
			n.names[i].next = n.table[h]
			n.table[h] = int32(i + 1)
		}
	}
	return next
}

func nameHash(name []byte) uint32 {
	if len(name) == 0 {
		return 0
	}
	return uint32(len(name))*0x9E37 + uint32(name[0])*31 + uint32(name[len(name)/2])*7 + uint32(name[len(name)-1])
}

func (n *node) find(name []byte) *node {
	if n.table == nil {
		for i := range n.names {
			if n.names[i].name == string(name) {
				return n.names[i].to
			}
		}
		return nil
	}
	for i := n.table[nameHash(name)&uint32(len(n.table)-1)]; i != 0; i = n.names[i-1].next {
		if n.names[i-1].name == string(name) {
			return n.names[i-1].to
		}
	}
	return nil
}

// frame holds the values of one scope for one record or element.
type frame struct {
	scope *scope
	slots []value
	arena []byte // decoded strings and results of queries
	// habits are, by slot, the members that the objects there had so far.
	habits []habit
}

func newFrame(s *scope) frame {
	return frame{scope: s, slots: make([]value, s.nodes+len(s.queries)), habits: make([]habit, s.nodes)}
}

// habit is the order of members that objects in one place usually have. Records
// of one kind are written by one program, so the next member can be guessed and
// need not be read and looked up.
type habit struct {
	members []familiar
	lessons int
}

// familiar is a member as it was seen before: its name in quotes with the colon,
// and the node that asks for it, if any. head holds the first bytes of the text
// under mask.
type familiar struct {
	text       string
	head, mask uint64
	to         *node
}

const (
	maxFamiliar = 64  // members that a habit has, and bytes of the name of one
	maxLessons  = 256 // unexpected members, after which nothing more is learnt
	lookahead   = 4   // members that are tried for one
)

// guess finds the member at b[i:] among those that usually come after at, and
// gives its place, or -1.
func (h *habit) guess(b []byte, i, at int) int {
	if i+8 > len(b) {
		return -1
	}
	w := binary.LittleEndian.Uint64(b[i:])
	for j := at; j < len(h.members) && j < at+lookahead; j++ {
		if f := &h.members[j]; w&f.mask == f.head && (len(f.text) <= 8 || len(b)-i >= len(f.text) && string(b[i+8:i+len(f.text)]) == f.text[8:]) {
			return j
		}
	}
	return -1
}

// learn puts a member, whose text with quotes and colon is given, into its
// place in the order. What was learnt is bounded, so that records with ever new
// names cost no memory.
func (h *habit) learn(text []byte, at int, to *node) {
	if h.lessons++; len(h.members) >= maxFamiliar || len(text) > maxFamiliar || h.lessons > maxLessons {
		return
	}
	for j := range h.members {
		if h.members[j].text == string(text) {
			return
		}
	}
	f := familiar{text: string(text), to: to}
	var head, mask [8]byte
	for j := range min(8, len(text)) {
		head[j], mask[j] = text[j], 0xFF
	}
	f.head, f.mask = binary.LittleEndian.Uint64(head[:]), binary.LittleEndian.Uint64(mask[:])
	h.members = slices.Insert(h.members, min(at, len(h.members)), f)
}

func (f *frame) reset() {
	f.arena = f.arena[:0]
	for i := range f.slots[:f.scope.nodes] {
		f.slots[i].kind = kindUndefined
	}
	for i := f.scope.nodes; i < len(f.slots); i++ {
		f.slots[i].kind = kindPending
	}
}

// fill reads the value at i, which n stands for, into the slots of n and
// everything below it; the result is where it ends, or -1 when the text is no
// JSON or is nested too deep. Members that nothing asks for are passed over.
func (f *frame) fill(n *node, b []byte, i, depth int) int {
	if i >= len(b) {
		return -1
	}
	v := &f.slots[n.id]
	if v.kind != kindUndefined {
		// The same key came before; what it filled below does not count.
		for j := n.id; j < n.end; j++ {
			f.slots[j].kind = kindUndefined
		}
	}
	switch b[i] {
	case '{':
		if depth >= maxRecordDepth {
			return -1
		}
		end := 0
		if len(n.names) > 0 {
			end = f.fillObject(n, b, i+1, depth+1)
		} else {
			end = skipContainer(b, i, depth)
		}
		if end < 0 {
			return -1
		}
		v.kind, v.s = kindObject, b[i:end]
		return end
	case '[':
		if depth >= maxRecordDepth {
			return -1
		}
		end := 0
		v.flat = false
		if len(n.indexes) > 0 || n.length != nil {
			end = f.fillArray(n, b, i+1, depth+1)
		} else {
			end, v.flat = skipList(b, i, depth)
		}
		if end < 0 {
			return -1
		}
		v.kind, v.s = kindArray, b[i:end]
		return end
	}
	end := readValue(b, i, v, &f.arena)
	if n.length != nil && v.kind == kindString {
		f.slots[n.length.id] = intValue(textLength(v.s))
	}
	return end
}

func (f *frame) fillObject(n *node, b []byte, i, depth int) int {
	i = skipSpace(b, i)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	h := &f.habits[n.id]
	for at := 0; ; at++ {
		var to *node
		if j := h.guess(b, i, at); j >= 0 {
			at = j
			i += len(h.members[j].text)
			to = h.members[j].to
		} else if i, to = f.member(n, b, i, at); i < 0 {
			return -1
		}
		if i < len(b) && b[i] <= ' ' {
			i = skipSpace(b, i)
		}
		if to != nil {
			i = f.fill(to, b, i, depth)
		} else if i < len(b) && (b[i] == '{' || b[i] == '[') {
			i = skipContainer(b, i, depth)
		} else {
			i = skipValue(b, i)
		}
		if i < 0 {
			return -1
		}
		if i < len(b) && b[i] <= ' ' {
			i = skipSpace(b, i)
		}
		if i >= len(b) {
			return -1
		}
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1
		}
	}
}

// member reads the name at i and the colon after it, and finds the node that
// asks for the member, if any.
func (f *frame) member(n *node, b []byte, i, at int) (int, *node) {
	if i >= len(b) || b[i] != '"' {
		return -1, nil
	}
	start := i
	end, escaped := stringEnd(b, i+1)
	if end < 0 {
		return -1, nil
	}
	name := b[i+1 : end]
	if escaped {
		mark := len(f.arena)
		out, ok := unescape(f.arena, name)
		if !ok {
			return -1, nil
		}
		f.arena = out
		name = out[mark:]
	}
	i = end + 1
	if i < len(b) && b[i] != ':' {
		i = skipSpace(b, i)
	}
	if i >= len(b) || b[i] != ':' {
		return -1, nil
	}
	i++
	to := n.find(name)
	f.habits[n.id].learn(b[start:i], at, to)
	return i, to
}

func (f *frame) fillArray(n *node, b []byte, i, depth int) int {
	i = skipSpace(b, i)
	count, edge := 0, 0
	if i < len(b) && b[i] == ']' {
		i++
	} else {
		for {
			switch {
			case edge < len(n.indexes) && n.indexes[edge].index == count:
				i = f.fill(n.indexes[edge].to, b, i, depth)
				edge++
			case i < len(b) && (b[i] == '{' || b[i] == '['):
				i = skipContainer(b, i, depth)
			default:
				i = skipValue(b, i)
			}
			if i < 0 {
				return -1
			}
			count++
			i = skipSpace(b, i)
			if i >= len(b) {
				return -1
			}
			if b[i] == ']' {
				i++
				break
			}
			if b[i] != ',' {
				return -1
			}
			i = skipSpace(b, i+1)
		}
	}
	if n.length != nil {
		f.slots[n.length.id] = intValue(int64(count))
	}
	return i
}
