package strictjson

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"sync"
)

// Fingerprint is the first half of the SHA-256 of a canonical form of checked
// JSON. Whitespace, the order of members and the way in which a character is
// escaped do not change it; a number counts by its literal, so 1 and 1.0 differ.
func Fingerprint(text []byte) [16]byte {
	c := canons.Get().(*canon)
	c.text = text
	c.value(skipSpace(text, 0))
	sum := sha256.Sum256(c.out)
	c.release()
	return [16]byte(sum[:16])
}

// canon writes the canonical form. Each object is written in the order of its
// text and put in order afterwards, so that deep nesting is still one pass.
type canon struct {
	text    []byte
	out     []byte
	spare   []byte
	name    []byte
	members []span
	// shape is the order of the last objects: records of one kind come one
	// after the other with their members in the same order.
	shape shape
}

// shape is how the members of an object were put in order: names as they stood
// in the text, and their places in the order.
type shape struct {
	names []byte
	order []int
}

// span is a member in the canonical output: its quoted name and its value.
type span struct{ from, colon, to int }

var canons = sync.Pool{New: func() any { return new(canon) }}

func (c *canon) release() {
	c.text = nil
	c.out, c.spare, c.members = c.out[:0], c.spare[:0], c.members[:0]
	if cap(c.out)+cap(c.spare)+cap(c.name)+cap(c.shape.names) > 64*maxPooled || cap(c.members) > maxPooled {
		return
	}
	canons.Put(c)
}

// value writes the value at i and returns the position after it.
func (c *canon) value(i int) int {
	t := c.text
	if i >= len(t) {
		return len(t)
	}
	switch t[i] {
	case '"':
		return c.str(i)
	case '{':
		return c.object(i)
	case '[':
		c.out = append(c.out, '[')
		for i = skipSpace(t, i+1); i < len(t) && t[i] != ']'; i = skipSpace(t, i) {
			if t[i] == ',' {
				c.out = append(c.out, ',')
				i = skipSpace(t, i+1)
			}
			i = c.value(i)
		}
		c.out = append(c.out, ']')
		return i + 1
	}
	end := valueEnd(t, i)
	if end < 0 {
		return len(t)
	}
	c.out = append(c.out, t[i:end]...)
	return end
}

func (c *canon) str(i int) int {
	t := c.text
	end := stringEnd(t, i)
	if end < 0 {
		return len(t)
	}
	if inner := t[i+1 : end-1]; plain(inner) {
		c.out = append(c.out, t[i:end]...)
	} else {
		c.name = appendDecoded(c.name[:0], inner)
		c.out = AppendText(c.out, view(c.name))
	}
	return end
}

func (c *canon) object(i int) int {
	t := c.text
	c.out = append(c.out, '{')
	base, start := len(c.members), len(c.out)
	sorted := true
	for i = skipSpace(t, i+1); i < len(t) && t[i] != '}'; i = skipSpace(t, i) {
		if t[i] == ',' {
			i = skipSpace(t, i+1)
		}
		if i >= len(t) || t[i] != '"' {
			return len(t)
		}
		from := len(c.out)
		i = skipSpace(t, c.str(i))
		colon := len(c.out)
		c.out = append(c.out, ':')
		i = c.value(skipSpace(t, i+1))
		c.out = append(c.out, ',')
		if n := len(c.members); n > base {
			last := c.members[n-1]
			sorted = sorted && bytes.Compare(c.out[last.from:last.colon], c.out[from:colon]) < 0
		}
		c.members = append(c.members, span{from, colon, len(c.out)})
	}
	if !sorted {
		c.sort(c.members[base:], start)
	}
	c.members = c.members[:base]
	c.out = append(c.out, '}')
	return i + 1
}

func (c *canon) sort(members []span, start int) {
	out := c.out
	if !c.shape.fits(out, members) {
		c.shape.learn(out, members)
	}
	c.spare = append(c.spare[:0], out[start:]...)
	out = out[:start]
	for _, i := range c.shape.order {
		m := members[i]
		out = append(out, c.spare[m.from-start:m.to-start]...)
	}
}

// fits reports whether the members have the names of the shape, in its order.
func (s *shape) fits(out []byte, members []span) bool {
	if len(members) != len(s.order) {
		return false
	}
	rest := s.names
	for _, m := range members {
		name := out[m.from : m.colon+1]
		if len(rest) < len(name) || string(rest[:len(name)]) != string(name) {
			return false
		}
		rest = rest[len(name):]
	}
	return true
}

// learn takes the shape of the members.
func (s *shape) learn(out []byte, members []span) {
	s.names, s.order = s.names[:0], s.order[:0]
	for i, m := range members {
		s.names = append(s.names, out[m.from:m.colon+1]...)
		s.order = append(s.order, i)
	}
	slices.SortFunc(s.order, func(a, b int) int {
		x, y := members[a], members[b]
		return bytes.Compare(out[x.from:x.colon], out[y.from:y.colon])
	})
}
