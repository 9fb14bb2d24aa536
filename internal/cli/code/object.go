package code

import (
	"bytes"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/document"
)

// kind is a sort of objects that a folder holds.
type kind string

const (
	connectionKind kind = "connection"
	conditionKind  kind = "condition"
	frameworkKind  kind = "framework"
	controlKind    kind = "control"
	testKind       kind = "test"
	exclusionKind  kind = "exclusion"
)

// kinds are those that have files, in the order in which they depend on one
// another.
var kinds = []kind{connectionKind, conditionKind, frameworkKind, controlKind, testKind}

// folder is where the files of a kind stand.
func (k kind) folder() string { return string(k) + "s" }

// object is one thing as a file or the workspace describes it.
type object struct {
	kind kind
	// name is what tells it from others of its kind.
	name string
	// fields are in the order in which a file has them. What has its default is
	// not among them, so that equal fields mean the same.
	fields []field

	// source and root are the file, which has its schema in another one if
	// schemaFile is not empty.
	source     document.Source
	root       *document.Node
	schemaFile string

	// held is what only the workspace knows; nil for a file.
	held *held
}

// field is a value by its key.
type field struct {
	key   string
	value *document.Node
}

// get is the value of a field, nil where it has its default.
func (o *object) get(key string) *document.Node {
	i := slices.IndexFunc(o.fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return nil
	}
	return o.fields[i].value
}

// set puts a field at its place among the keys of its kind; nil takes it away.
func (o *object) set(key string, value *document.Node) {
	o.fields = slices.DeleteFunc(o.fields, func(f field) bool { return f.key == key })
	if value == nil {
		return
	}
	order := func(key string) int {
		return slices.IndexFunc(shapes[o.kind], func(s shape) bool { return s.key == key })
	}
	at := slices.IndexFunc(o.fields, func(f field) bool { return order(f.key) > order(key) })
	if at < 0 {
		at = len(o.fields)
	}
	o.fields = slices.Insert(o.fields, at, field{key, value})
}

// setText sets a text, unless it is empty.
func (o *object) setText(key, text string) {
	if text == "" {
		o.set(key, nil)
		return
	}
	o.set(key, document.TextNode(text))
}

// text is a text, empty where it is not given.
func (o *object) text(key string) string {
	if n := o.get(key); n != nil {
		return n.Text
	}
	return ""
}

// flag is whether something is so, which it is unless the field says false.
func (o *object) flag(key string) bool { return o.get(key) == nil }

// texts are those of a list.
func (o *object) texts(key string) []string { return textsOf(o.get(key)) }

func textsOf(n *document.Node) []string {
	var out []string
	if n != nil {
		for _, c := range n.Items {
			out = append(out, c.Text)
		}
	}
	return out
}

// tree is the object as a file has it.
func (o *object) tree() *document.Node {
	n := &document.Node{Kind: document.IsMapping}
	for _, f := range o.fields {
		n.Keys, n.Items = append(n.Keys, document.Key{Name: f.key}), append(n.Items, f.value)
	}
	return n.Settle()
}

func listOf(texts []string) *document.Node {
	list := make([]*document.Node, len(texts))
	for i, t := range texts {
		list[i] = document.TextNode(t)
	}
	return document.ListNode(list...)
}

// same is whether two values mean the same: the order of keys means nothing,
// numbers are what is written.
func same(a, b *document.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return bytes.Equal(meaning(a), meaning(b))
}

// meaning is a text of a value that is equal for values that mean the same.
func meaning(n *document.Node) []byte { return sorted(n).JSON() }

// sorted is the value with the keys of mappings in order.
func sorted(n *document.Node) *document.Node {
	switch n.Kind {
	case document.IsText:
		return document.TextNode(n.Text)
	case document.IsLiteral:
		return n
	}
	out := &document.Node{Kind: n.Kind, Items: make([]*document.Node, len(n.Items))}
	if n.Kind == document.IsList {
		for i, c := range n.Items {
			out.Items[i] = sorted(c)
		}
		return out.Settle()
	}
	order := make([]int, len(n.Keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(n.Keys[a].Name, n.Keys[b].Name) })
	for to, from := range order {
		out.Keys = append(out.Keys, document.Key{Name: n.Keys[from].Name})
		out.Items[to] = sorted(n.Items[from])
	}
	return out.Settle()
}

// with is the mapping with a key renamed and given another value, at the same
// place.
func with(n *document.Node, key, name string, value *document.Node) *document.Node {
	out := *n
	out.Keys, out.Items = slices.Clone(n.Keys), slices.Clone(n.Items)
	for i := range out.Keys {
		if out.Keys[i].Name == key {
			out.Keys[i].Name, out.Items[i] = name, value
		}
	}
	return out.Settle()
}

// without is the mapping without a key.
func without(n *document.Node, key string) *document.Node {
	out := *n
	out.Keys, out.Items = nil, nil
	for i, k := range n.Keys {
		if k.Name != key {
			out.Keys, out.Items = append(out.Keys, k), append(out.Items, n.Items[i])
		}
	}
	return out.Settle()
}
