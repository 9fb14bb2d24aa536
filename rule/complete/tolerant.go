package complete

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a text is read; what lies deeper is skipped.
const maxDepth = 300

// node is a value, or what stands for one, in a text that may be broken.
type node struct {
	// kind is the first character of a container or string, or w for a word or a
	// number.
	kind byte
	// from and to are in bytes; closed is whether a container or string ends.
	from, to int
	closed   bool
	// text is what a string says, or a word as it stands.
	text    string
	members []pair
	elems   []*node
}

// pair is a member of an object. colon is where its colon ends, 0 without one; the
// value may be missing.
type pair struct {
	key   *node
	colon int
	value *node
}

// member is the value of a key, nil without one.
func (n *node) member(key string) *node {
	for i := range n.members {
		if n.members[i].key.text == key {
			return n.members[i].value
		}
	}
	return nil
}

func (n *node) has(key string) bool {
	for i := range n.members {
		if n.members[i].key.text == key {
			return true
		}
	}
	return false
}

// string is the text of the string at a key, "" if there is none.
func (n *node) string(key string) string {
	if v := n.member(key); v != nil && v.kind == '"' {
		return v.text
	}
	return ""
}

// tolerant reads any text as far as it resembles JSON. It never fails.
type tolerant struct {
	text string
	pos  int
}

// read gives the first value of a text, nil if there is none.
func read(text string) *node {
	t := &tolerant{text: text}
	for t.pos < len(text) {
		if n := t.value(0); n != nil {
			return n
		}
		t.pos++
	}
	return nil
}

func (t *tolerant) space() {
	for t.pos < len(t.text) && strings.IndexByte(" \t\n\r", t.text[t.pos]) >= 0 {
		t.pos++
	}
}

func (t *tolerant) peek() byte {
	if t.space(); t.pos < len(t.text) {
		return t.text[t.pos]
	}
	return 0
}

// value reads a value; nil, and nothing is read, where none begins.
func (t *tolerant) value(depth int) *node {
	switch c := t.peek(); {
	case c == '{' && depth < maxDepth:
		return t.object(depth)
	case c == '[' && depth < maxDepth:
		return t.array(depth)
	case c == '"':
		return t.str()
	case isWord(c):
		return t.word()
	}
	return nil
}

func isWord(c byte) bool {
	return c >= utf8.RuneSelf || c == '_' || c == '-' || c == '+' || c == '.' || c == '$' || c-'0' <= 9 || c|0x20-'a' <= 25
}

func (t *tolerant) word() *node {
	n := &node{kind: 'w', from: t.pos, closed: true}
	for t.pos < len(t.text) && isWord(t.text[t.pos]) {
		t.pos++
	}
	n.to, n.text = t.pos, t.text[n.from:t.pos]
	return n
}

// str reads a string, at most to the end of its line.
func (t *tolerant) str() *node {
	n := &node{kind: '"', from: t.pos}
	for t.pos++; t.pos < len(t.text) && t.text[t.pos] != '\n'; t.pos++ {
		if t.text[t.pos] == '\\' && t.pos+1 < len(t.text) && t.text[t.pos+1] != '\n' {
			t.pos++
		} else if t.text[t.pos] == '"' {
			t.pos++
			n.closed = true
			break
		}
	}
	n.to, n.text = t.pos, unquoted(t.text[n.from:t.pos], n.closed)
	return n
}

// unquoted is what a string says, as far as it can be read.
func unquoted(raw string, closed bool) string {
	if !closed {
		raw += `"`
	}
	var out string
	if json.Unmarshal([]byte(raw), &out) != nil {
		return raw[1 : len(raw)-1]
	}
	return out
}

func (t *tolerant) object(depth int) *node {
	n := &node{kind: '{', from: t.pos}
	t.pos++
	for {
		switch c := t.peek(); {
		case c == 0 && t.pos >= len(t.text), c == ']' && depth > 0:
			n.to = t.pos
			return n
		case c == '}':
			t.pos++
			n.to, n.closed = t.pos, true
			return n
		case c == '"' || isWord(c):
			n.members = append(n.members, t.pair(depth))
		default:
			if v := t.value(depth + 1); v == nil {
				t.pos++
			}
		}
	}
}

func (t *tolerant) pair(depth int) (p pair) {
	if t.text[t.pos] == '"' {
		p.key = t.str()
	} else {
		p.key = t.word()
	}
	if t.peek() != ':' {
		return p
	}
	t.pos++
	p.colon = t.pos
	before := t.pos
	p.value = t.value(depth + 1)
	// A string before a colon is the next key: the value is missing.
	if p.value != nil && (p.value.kind == '"' || p.value.kind == 'w') && t.peek() == ':' {
		p.value, t.pos = nil, before
	}
	return p
}

func (t *tolerant) array(depth int) *node {
	n := &node{kind: '[', from: t.pos}
	t.pos++
	for {
		switch c := t.peek(); {
		case c == 0 && t.pos >= len(t.text), c == '}' && depth > 0:
			n.to = t.pos
			return n
		case c == ']':
			t.pos++
			n.to, n.closed = t.pos, true
			return n
		default:
			if v := t.value(depth + 1); v != nil {
				n.elems = append(n.elems, v)
			} else {
				t.pos++
			}
		}
	}
}
