package code

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/document"
	"github.com/plumbline-dev/plumbline/rule"
)

// readable is canonical logic as people write it: resources by their names,
// without what has its default. What nameOf does not know keeps its number.
func readable(n *document.Node, nameOf func(id string) (string, bool)) *document.Node {
	name := func(v *document.Node) *document.Node {
		if v.Kind != document.IsLiteral {
			return v
		}
		if text, ok := nameOf(v.Text); ok {
			return document.TextNode(text)
		}
		return v
	}
	groups := n.Get("groups")
	if groups == nil {
		return lookups(n, name)
	}
	if v := n.Get("logic"); v != nil && v.Text == string(rule.AllGroups) {
		n = without(n, "logic")
	}
	list := make([]*document.Node, len(groups.Items))
	for i, g := range groups.Items {
		if v := g.Get("name"); v != nil && v.Text == "" {
			g = without(g, "name")
		}
		if v := g.Get("resourceId"); v != nil {
			g = with(g, "resourceId", "resource", name(v))
		}
		switch v := g.Get("filteringCriteria"); {
		case v.IsNull():
			g = without(g, "filteringCriteria")
		default:
			g = with(g, "filteringCriteria", "filteringCriteria", lookups(v, name))
		}
		if v := g.Get("evaluator"); v != nil {
			g = with(g, "evaluator", "evaluator", lookups(v, name))
		}
		if v := g.Get("assertion"); v != nil && len(v.Items) == 1 && v.Items[0].Text == string(rule.NoFail) {
			g = without(g, "assertion")
		}
		if v := g.Get("onEmpty"); v != nil && v.Text == string(rule.EmptyError) {
			g = without(g, "onEmpty")
		}
		list[i] = g
	}
	return with(n, "groups", "groups", document.ListNode(list...))
}

// lookups is a condition, or a filter, with each resource that it looks into
// replaced.
func lookups(n *document.Node, resource func(*document.Node) *document.Node) *document.Node {
	switch n.Kind {
	case document.IsList:
		out := *n
		out.Items = make([]*document.Node, len(n.Items))
		for i, c := range n.Items {
			out.Items[i] = lookups(c, resource)
		}
		return out.Settle()
	case document.IsMapping:
	default:
		return n
	}
	for _, key := range []string{"all", "any", "not", "evaluator"} {
		if v := n.Get(key); v != nil {
			n = with(n, key, key, lookups(v, resource))
		}
	}
	// In a rule a mapping with these two is always a comparison.
	operator, value := n.Get("operator"), n.Get("value")
	if n.Get("fact") == nil || operator == nil || value == nil || value.Kind != document.IsMapping {
		return n
	}
	name := operator.Text[strings.LastIndexByte(operator.Text, ':')+1:]
	if name != "existsIn" && name != "notExistsIn" {
		return with(n, "value", "value", lookups(value, resource))
	}
	if v := value.Get("resource"); v != nil {
		value = with(value, "resource", "resource", resource(v))
	}
	if v := value.Get("where"); v != nil {
		value = with(value, "where", "where", lookups(v, resource))
	}
	return with(n, "value", "value", value)
}

// book is what logic can name: resources, and conditions.
type book struct {
	// ids are resources by name. Those that are to be created have numbers above
	// firstPlanned.
	ids   map[string]int64
	names map[int64]string
	known *rule.Conditions
}

const firstPlanned = int64(1) << 40

func newBook() *book { return &book{ids: map[string]int64{}, names: map[int64]string{}} }

func (b *book) add(name string, id int64) {
	if id == 0 {
		id = firstPlanned + int64(len(b.ids))
	}
	b.ids[name], b.names[id] = id, name
}

// planned is whether a resource is yet to be created.
func planned(id int64) bool { return id >= firstPlanned }

// wire is logic of a file as the API takes it.
func (b *book) wire(s document.Source, n *document.Node) ([]byte, *document.Error) {
	if n.Kind != document.IsMapping {
		return nil, s.Fail(n, "`logic` must be a mapping, not %s", n.Describe())
	}
	var failure *document.Error
	lookups(groupless(n), func(v *document.Node) *document.Node {
		if _, ok := b.ids[v.Text]; failure == nil && (v.Kind != document.IsText || !ok) {
			failure = b.unknown(s, v)
		}
		return v
	})
	groups := n.Get("groups")
	if groups == nil || groups.Kind != document.IsList {
		return n.JSON(), failure
	}
	list := make([]*document.Node, len(groups.Items))
	for i, g := range groups.Items {
		if g.Kind != document.IsMapping {
			list[i] = g
			continue
		}
		if v := g.Get("resourceId"); v != nil && failure == nil {
			failure = s.Fail(v, "a file names a resource: say `resource` and its name, not `resourceId`")
		}
		v := g.Get("resource")
		switch id, ok := int64(0), false; {
		case failure != nil:
		case v == nil:
			failure = s.Fail(g, "the group has no `resource`: name the resource whose records it tests")
		case v.Kind != document.IsText:
			failure = b.unknown(s, v)
		default:
			if id, ok = b.ids[v.Text]; !ok {
				failure = b.unknown(s, v)
			}
			g = with(g, "resource", "resourceId", document.LiteralNode(strconv.FormatInt(id, 10)))
		}
		list[i] = g
	}
	return with(n, "groups", "groups", document.ListNode(list...)).JSON(), failure
}

// groupless is a test as one condition over all that its groups hold, so that it
// can be walked.
func groupless(n *document.Node) *document.Node {
	groups := n.Get("groups")
	if groups == nil {
		return n
	}
	var list []*document.Node
	for _, g := range groups.Items {
		for _, key := range []string{"filteringCriteria", "evaluator"} {
			if v := g.Get(key); !v.IsNull() {
				list = append(list, v)
			}
		}
	}
	return document.ListNode(list...)
}

func (b *book) unknown(s document.Source, v *document.Node) *document.Error {
	if v.Kind != document.IsText {
		return s.Fail(v, "a resource is named by a text, not %s", v.Describe())
	}
	e := s.Fail(v, "there is no resource named `%s`, neither in the folder nor in the workspace", document.Clip(v.Text, 80))
	names := make([]string, 0, len(b.ids))
	for name := range b.ids {
		names = append(names, name)
	}
	e.Suggestion = document.Nearest(v.Text, names)
	return e
}

// test reads the logic of a file and gives it in its one form.
func (b *book) test(s document.Source, n *document.Node) (*rule.Test, *document.Node, error) {
	text, failure := b.wire(s, n)
	if failure != nil {
		return nil, nil, failure
	}
	t, err := b.known.ParseTest(text)
	if err != nil {
		return nil, nil, placed(s, n, err)
	}
	out, err := b.readable(t.JSON())
	return t, out, err
}

func (b *book) readable(text []byte) (*document.Node, error) {
	n, err := stored(text)
	if err != nil {
		return nil, err
	}
	return readable(n, func(id string) (string, bool) {
		number, err := strconv.ParseInt(id, 10, 64)
		name, ok := b.names[number]
		return name, ok && err == nil
	}), nil
}

// placed gives an error of a rule the place that it has in a file.
func placed(s document.Source, n *document.Node, err error) error {
	var invalid *rule.Error
	if !errors.As(err, &invalid) {
		return err
	}
	pointer := invalid.Pointer
	if strings.HasSuffix(pointer, "/resourceId") {
		pointer = strings.TrimSuffix(pointer, "Id")
	}
	at, _ := n.Walk(pointer)
	e := s.Fail(at, "%s", invalid.Message)
	e.Suggestion = invalid.Suggestion
	return e
}

// conditions parses named conditions, each of a file or of the workspace.
func (b *book) conditions(all map[string]*object) error {
	texts := make(map[string]json.RawMessage, len(all))
	for name, o := range all {
		if o.held != nil {
			texts[name] = o.held.logic
			continue
		}
		n := o.root.Get("logic")
		text, failure := b.wire(o.source, n)
		if failure != nil {
			return failure
		}
		texts[name] = text
	}
	known, err := rule.ParseConditions(texts)
	var invalid *rule.Error
	if errors.As(err, &invalid) {
		name, rest, below := strings.Cut(strings.TrimPrefix(invalid.Pointer, "/"), "/")
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		o := all[name]
		if o == nil || o.held != nil {
			return fmt.Errorf("the condition `%s` of the workspace would not be acceptable any more: %s", name, invalid.Message)
		}
		at := *invalid
		at.Pointer = ""
		if below {
			at.Pointer = "/" + rest
		}
		return placed(o.source, o.root.Get("logic"), &at)
	}
	if err != nil {
		return err
	}
	b.known = known
	return nil
}

// pinned is a test with nothing left in it that a name could change, and whether
// it looks at a resource that is yet to be created.
func (b *book) pinned(t *rule.Test) (text []byte, unborn bool, err error) {
	out := rule.Test{Logic: t.Logic}
	for _, g := range t.Groups {
		p, err := g.Pin(func(name string) (int64, error) {
			id, ok := b.ids[name]
			if !ok {
				return 0, fmt.Errorf("there is no resource named `%s`", name)
			}
			return id, nil
		})
		if err != nil {
			return nil, false, err
		}
		unborn = unborn || planned(p.ResourceID)
		for _, l := range p.Lookups() {
			unborn = unborn || planned(l.ResourceID)
		}
		out.Groups = append(out.Groups, p)
	}
	return out.JSON(), unborn, nil
}
