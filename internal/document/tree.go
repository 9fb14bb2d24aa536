// Package document reads YAML and JSON files that people write into trees that
// know where each value stands, for refusals with file, line and column. Numbers
// keep their text, a date without quotes is a text, a key that stands twice is an
// error, and aliases count as often as they are used. It reaches no file itself.
package document

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a file, whose length MaxFile bounds. An alias counts as often as it is
// used.
const (
	MaxFile   = 2 << 20 // bytes of the file
	maxWeight = 8 << 20 // bytes of its values once aliases are followed
	maxHeight = 500     // nested lists and mappings
)

// Read reads the text of a file: one whose name ends in .json, or that begins as
// JSON does, is JSON, any other one YAML.
func Read(name string, text []byte) (*Node, *Error) {
	s := Source{name}
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	switch {
	case len(text) > MaxFile:
		return nil, s.Fail(nil, "the file is larger than %d MB", MaxFile>>20)
	case !utf8.Valid(text):
		return nil, s.Fail(nil, "the file is not UTF-8")
	case strings.EqualFold(filepath.Ext(name), ".json"):
		return ReadJSON(name, text)
	}
	// JSON has escapes that YAML has not.
	if first := bytes.TrimLeft(text, " \t\r\n"); len(first) > 0 && first[0] == '{' && json.Valid(text) {
		return ReadJSON(name, text)
	}
	return readYAML(name, text)
}

// Kind is the sort of a value.
type Kind uint8

// The sorts of values.
const (
	IsText    Kind = iota
	IsLiteral      // a number, true, false or null
	IsList
	IsMapping
)

// Node is one value of a file with the place where it stands. Nodes are
// immutable, and an alias shares the node that it stands for.
type Node struct {
	Kind Kind
	// Text is what a text says, or how a number, true, false or null is written
	// in JSON.
	Text string
	// raw is how a text was written in a JSON file.
	raw string
	// Keys are those of a mapping.
	Keys []Key
	// Items are those of a list, or the values of a mapping in the order of its keys.
	Items []*Node

	// Line and Column count from 1, 0 where there is none.
	Line, Column int
	// Block is whether a text begins on the line after its place.
	Block          bool
	weight, height int
}

// Key is a key of a mapping with its place.
type Key struct {
	Name         string
	Line, Column int
}

// Get is the value of a key, nil without one.
func (n *Node) Get(name string) *Node {
	if n == nil || n.Kind != IsMapping {
		return nil
	}
	for i := range n.Keys {
		if n.Keys[i].Name == name {
			return n.Items[i]
		}
	}
	return nil
}

// IsNull reports whether there is no value.
func (n *Node) IsNull() bool { return n == nil || n.Kind == IsLiteral && n.Text == "null" }

// IsNumber reports whether the value is a number.
func (n *Node) IsNumber() bool {
	return n.Kind == IsLiteral && n.Text != "null" && n.Text != "true" && n.Text != "false"
}

// Describe names the sort of value for a sentence.
func (n *Node) Describe() string {
	switch {
	case n.IsNull():
		return "nothing"
	case n.Kind == IsText:
		return "a text"
	case n.Kind == IsList:
		return "a list"
	case n.Kind == IsMapping:
		return "a mapping"
	case n.IsNumber():
		return "a number"
	}
	return n.Text
}

// Settle computes what the children make of a node.
func (n *Node) Settle() *Node {
	n.weight, n.height = len(n.Text)+4, 1
	for _, k := range n.Keys {
		n.weight += len(k.Name) + 4
	}
	for _, c := range n.Items {
		n.weight += c.weight
		n.height = max(n.height, c.height+1)
	}
	return n
}

// JSON is the value as JSON text, with numbers as they were written.
func (n *Node) JSON() []byte { return n.appendJSON(nil) }

func (n *Node) appendJSON(b []byte) []byte {
	switch n.Kind {
	case IsText:
		if n.raw != "" {
			return append(b, n.raw...)
		}
		return appendQuoted(b, n.Text)
	case IsLiteral:
		return append(b, n.Text...)
	case IsList:
		b = append(b, '[')
		for i, c := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = c.appendJSON(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, c := range n.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, n.Keys[i].Name), ':')
		b = c.appendJSON(b)
	}
	return append(b, '}')
}

func appendQuoted(b []byte, text string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)
	return append(b, bytes.TrimRight(out.Bytes(), "\n")...)
}

// TextNode is a text without a place.
func TextNode(text string) *Node { return (&Node{Kind: IsText, Text: text}).Settle() }

// LiteralNode is a number, true, false or null, as JSON writes it.
func LiteralNode(text string) *Node { return (&Node{Kind: IsLiteral, Text: text}).Settle() }

// ListNode is a list.
func ListNode(items ...*Node) *Node { return (&Node{Kind: IsList, Items: items}).Settle() }

// MappingNode is a mapping of one key.
func MappingNode(name string, value *Node) *Node {
	return (&Node{Kind: IsMapping, Keys: []Key{{Name: name}}, Items: []*Node{value}}).Settle()
}

// Step is one token of a JSON Pointer that has been found: the place of an item.
type Step struct {
	Token string
	Index int
}

// Walk follows a JSON Pointer as far as it leads. at is the last value on the
// way, whole is whether it is the one that was meant.
func (n *Node) Walk(pointer string) (at *Node, whole bool) {
	at = n
	if pointer == "" {
		return at, true
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		i := -1
		switch at.Kind {
		case IsMapping:
			i = slices.IndexFunc(at.Keys, func(k Key) bool { return k.Name == token })
		case IsList:
			if x, err := strconv.Atoi(token); err == nil && x < len(at.Items) {
				i = x
			}
		}
		if i < 0 {
			return at, false
		}
		at = at.Items[i]
	}
	return at, true
}

// With is a copy of the tree in which the value at the path is another one, or
// is gone if that is nil. What is not on the way is shared.
func (n *Node) With(path []Step, value *Node) *Node {
	if len(path) == 0 {
		return value
	}
	out := *n
	out.Items = slices.Clone(n.Items)
	i := path[0].Index
	child := n.Items[i].With(path[1:], value)
	if child != nil {
		out.Items[i] = child
	} else {
		out.Items = slices.Delete(out.Items, i, i+1)
		if n.Kind == IsMapping {
			out.Keys = slices.Delete(slices.Clone(n.Keys), i, i+1)
		}
	}
	return out.Settle()
}

// Pointer writes a path as a JSON Pointer.
func Pointer(path []Step) string {
	var b strings.Builder
	for _, s := range path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(s.Token))
	}
	return b.String()
}
