package code

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/document"
)

// shape is what a field of a kind looks like.
type shape struct {
	key      string
	required bool
	// read checks a value and gives it in its one form, nil for the default.
	read func(r *reader, n *document.Node) (*document.Node, *document.Error)
}

// The defaults of the server that a file need not repeat.
const (
	defaultSchedule = "0 2 * * *"
	defaultColor    = "#475569"
	defaultBgColor  = "#F1F5F9"
)

// shapes are the fields of each kind in the order in which files have them.
var shapes map[kind][]shape

func init() {
	shapes = map[kind][]shape{
		connectionKind: {
			{"name", true, trimmed}, {"description", false, text}, {"providerTypes", false, providers}, {"resource", false, trimmed},
			{"resourceDescription", false, text}, {"displayNameKey", false, text}, {"freshnessHours", false, hours}, {"schema", false, schemaOf},
		},
		conditionKind: {{"name", true, text}, {"logic", true, mapping}},
		frameworkKind: {
			{"shipped", false, trimmed}, {"name", false, trimmed}, {"shortName", false, trimmed}, {"pill", false, trimmed}, {"description", false, trimmed},
			{"color", false, unless(defaultColor)}, {"bgColor", false, unless(defaultBgColor)}, {"enabled", false, yes}, {"requirements", false, requirements},
		},
		controlKind: {
			{"code", true, trimmed}, {"name", true, trimmed}, {"description", true, text}, {"question", false, text}, {"activity", false, text},
			{"inScope", false, yes}, {"rationale", false, text}, {"requirements", false, served},
		},
		testKind: {
			{"name", true, trimmed}, {"description", false, text}, {"enabled", false, yes}, {"schedule", false, cron}, {"controls", false, codes},
			{"logic", true, mapping}, {"exclusions", false, exclusions},
		},
	}
}

// identity is the field whose value names an object of a kind.
func (k kind) identity() string {
	if k == controlKind {
		return "code"
	}
	return "name"
}

// reader reads the object of one file.
type reader struct {
	document.Source
	kind kind
	// open reads a file that this one names.
	open func(r *reader, n *document.Node) (*document.Node, *document.Error)
	o    *object
}

// object reads the tree of a file.
func (r *reader) object(root *document.Node) (*object, *document.Error) {
	if root.Kind != document.IsMapping {
		return nil, r.Fail(root, "a file of a %s is a mapping, not %s", r.kind, root.Describe())
	}
	r.o = &object{kind: r.kind, source: r.Source, root: root}
	list := shapes[r.kind]
	known := make([]string, len(list))
	for i, s := range list {
		known[i] = s.key
	}
	if err := r.Keys(root, "a "+string(r.kind), known); err != nil {
		return nil, err
	}
	for _, s := range list {
		v := root.Get(s.key)
		if v == nil || v.IsNull() {
			if s.required {
				return nil, r.Fail(root, "the %s has no `%s`", r.kind, s.key)
			}
			continue
		}
		value, err := s.read(r, v)
		if err != nil {
			return nil, err
		}
		if value == nil && s.required {
			return nil, r.Fail(v, "`%s` is empty", s.key)
		}
		r.o.set(s.key, value)
	}
	if r.o.name = r.o.text(r.kind.identity()); r.kind == frameworkKind && r.o.get("shipped") != nil {
		r.o.name = r.o.text("shipped")
	}
	return r.o, r.whole(root)
}

// whole checks what fields say together.
func (r *reader) whole(root *document.Node) *document.Error {
	o := r.o
	switch r.kind {
	case connectionKind:
		if o.text("resource") == o.name {
			o.set("resource", nil)
		}
		custom := o.custom()
		for _, key := range []string{"schema", "displayNameKey"} {
			if custom && o.get(key) == nil {
				return r.Fail(root, "the connection has no `%s`", key)
			}
		}
		for _, key := range []string{"resource", "resourceDescription", "displayNameKey", "freshnessHours", "schema"} {
			if v := root.Get(key); !custom && !v.IsNull() {
				return r.Fail(v, "`%s` belongs to connections of the provider type CUSTOM", key)
			}
		}
	case frameworkKind:
		if o.get("shipped") != nil {
			for _, f := range o.fields {
				if f.key != "shipped" && f.key != "enabled" {
					return r.Fail(root.Get(f.key), "a framework that comes with the program says only `shipped` and `enabled`")
				}
			}
			return nil
		}
		for _, key := range []string{"name", "shortName", "description"} {
			if o.get(key) == nil {
				return r.Fail(root, "the framework has no `%s`; one that comes with the program has `shipped` instead", key)
			}
		}
		if o.text("pill") == o.text("shortName") {
			o.set("pill", nil)
		}
	}
	return nil
}

// custom is whether a connection has a resource.
func (o *object) custom() bool {
	return o.get("providerTypes") == nil || slices.Contains(o.texts("providerTypes"), "CUSTOM")
}

// resource is the name of a connection's resource.
func (o *object) resource() string {
	if name := o.text("resource"); name != "" {
		return name
	}
	return o.name
}

func text(r *reader, n *document.Node) (*document.Node, *document.Error) {
	if n.Kind != document.IsText {
		return nil, r.Fail(n, "this must be a text, not %s: put it in quotes", n.Describe())
	}
	if n.Text == "" {
		return nil, nil
	}
	return document.TextNode(n.Text), nil
}

// trimmed is a text without spaces around it, as the server keeps it.
func trimmed(r *reader, n *document.Node) (*document.Node, *document.Error) {
	v, err := text(r, n)
	if v == nil {
		return nil, err
	}
	return text(r, document.TextNode(strings.TrimSpace(v.Text)))
}

// unless is a text that is left out when it is the default.
func unless(usual string) func(*reader, *document.Node) (*document.Node, *document.Error) {
	return func(r *reader, n *document.Node) (*document.Node, *document.Error) {
		v, err := trimmed(r, n)
		if err != nil || v == nil || v.Text == usual {
			return nil, err
		}
		return v, nil
	}
}

func cron(r *reader, n *document.Node) (*document.Node, *document.Error) {
	v, err := text(r, n)
	if err != nil || v == nil {
		return nil, err
	}
	return unless(defaultSchedule)(r, document.TextNode(strings.Join(strings.Fields(v.Text), " ")))
}

// yes is true or false, of which true is the default.
func yes(r *reader, n *document.Node) (*document.Node, *document.Error) {
	switch {
	case n.Kind == document.IsLiteral && n.Text == "true":
		return nil, nil
	case n.Kind == document.IsLiteral && n.Text == "false":
		return document.LiteralNode("false"), nil
	}
	return nil, r.Fail(n, "this must be true or false, not %s", n.Describe())
}

func hours(r *reader, n *document.Node) (*document.Node, *document.Error) {
	if v, err := strconv.ParseInt(n.Text, 10, 64); n.Kind != document.IsLiteral || err != nil || v < 1 {
		return nil, r.Fail(n, "this must be a whole number of hours above 0, or be left out for no limit")
	}
	return document.LiteralNode(n.Text), nil
}

func mapping(r *reader, n *document.Node) (*document.Node, *document.Error) {
	if n.Kind != document.IsMapping {
		return nil, r.Fail(n, "this must be a mapping, not %s", n.Describe())
	}
	return n, nil
}

// schemaOf is a JSON Schema, or the name of the file that holds it.
func schemaOf(r *reader, n *document.Node) (*document.Node, *document.Error) {
	if n.Kind == document.IsText {
		return r.open(r, n)
	}
	return mapping(r, n)
}

// listed reads a list of texts, each once.
func (r *reader) listed(n *document.Node) ([]string, *document.Error) {
	if n.Kind != document.IsList {
		return nil, r.Fail(n, "this must be a list of texts, not %s", n.Describe())
	}
	var out []string
	for _, c := range n.Items {
		v, err := trimmed(r, c)
		if err != nil {
			return nil, err
		}
		switch {
		case v == nil:
			return nil, r.Fail(c, "this text is empty")
		case slices.Contains(out, v.Text):
			return nil, r.Fail(c, "`%s` stands twice in this list", document.Clip(v.Text, 60))
		}
		out = append(out, v.Text)
	}
	slices.Sort(out)
	return out, nil
}

var providerTypes = []string{"CUSTOM", "HRIS", "MDM"}

func providers(r *reader, n *document.Node) (*document.Node, *document.Error) {
	list, err := r.listed(n)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		if !slices.Contains(providerTypes, t) {
			return nil, r.Fail(n, "`%s` is no provider type: they are CUSTOM, HRIS and MDM", document.Clip(t, 60))
		}
	}
	if len(list) == 0 {
		return nil, r.Fail(n, "`providerTypes` is empty: leave it out for CUSTOM")
	}
	if slices.Equal(list, []string{"CUSTOM"}) {
		return nil, nil
	}
	return listOf(list), nil
}

// codes is a list that, unlike other fields, is not the same when it is empty:
// without it the workspace's own is left alone.
func codes(r *reader, n *document.Node) (*document.Node, *document.Error) {
	list, err := r.listed(n)
	return listOf(list), err
}

// served are the requirements that a control serves, by framework.
func served(r *reader, n *document.Node) (*document.Node, *document.Error) {
	if _, err := mapping(r, n); err != nil {
		return nil, err
	}
	out := &document.Node{Kind: document.IsMapping}
	for i, k := range n.Keys {
		list, err := r.listed(n.Items[i])
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			out.Keys, out.Items = append(out.Keys, document.Key{Name: k.Name}), append(out.Items, listOf(list))
		}
	}
	return sorted(out.Settle()), nil
}

// requirementShape are the fields of a requirement.
var requirementShape = []shape{
	{"code", true, trimmed}, {"name", true, trimmed}, {"description", false, text}, {"category", false, trimmed}, {"additionalInfo", false, text},
	{"inScope", false, yes}, {"rationale", false, text},
}

func requirements(r *reader, n *document.Node) (*document.Node, *document.Error) {
	if n.Kind != document.IsList {
		return nil, r.Fail(n, "`requirements` must be a list, not %s", n.Describe())
	}
	seen := map[string]bool{}
	var out []*document.Node
	for _, c := range n.Items {
		item, err := r.item(c, "a requirement", requirementShape)
		if err != nil {
			return nil, err
		}
		code := item.Get("code").Text
		if seen[code] {
			return nil, r.Fail(c, "the code `%s` stands twice", document.Clip(code, 60))
		}
		seen[code] = true
		out = append(out, item)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return document.ListNode(out...), nil
}

// item reads a mapping within a file in its one form.
func (r *reader) item(n *document.Node, what string, list []shape) (*document.Node, *document.Error) {
	if n.Kind != document.IsMapping {
		return nil, r.Fail(n, "%s must be a mapping, not %s", what, n.Describe())
	}
	known := make([]string, len(list))
	for i, s := range list {
		known[i] = s.key
	}
	if err := r.Keys(n, what, known); err != nil {
		return nil, err
	}
	out := &document.Node{Kind: document.IsMapping, Line: n.Line, Column: n.Column}
	for _, s := range list {
		v := n.Get(s.key)
		var value *document.Node
		if !v.IsNull() {
			var err *document.Error
			if value, err = s.read(r, v); err != nil {
				return nil, err
			}
		}
		if value == nil {
			if s.required {
				return nil, r.Fail(n, "%s has no `%s`", what, s.key)
			}
			continue
		}
		out.Keys, out.Items = append(out.Keys, document.Key{Name: s.key}), append(out.Items, value)
	}
	return out.Settle(), nil
}
