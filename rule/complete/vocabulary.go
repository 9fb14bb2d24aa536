package complete

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/rule"
)

// Vocabulary is what a text can refer to. Its functions may be nil; they are asked
// only for what stands where the caret is.
type Vocabulary struct {
	// Attributes are those of a resource's records; 0 is the resource that is
	// meant where a text names none.
	Attributes func(resourceID int64) []Attribute
	// Named are those of the resource of a name.
	Named func(resource string) []Attribute
	// Values are known values at an address of a resource's records, as JSON text,
	// the likely ones first.
	Values func(resourceID int64, at rule.Address) []json.RawMessage
	// Conditions and Resources are those of the workspace.
	Conditions []Condition
	Resources  []Resource
}

// Attribute is something in a record, see [rule.Address]; Own is its address
// within the record, or within the element that it is in.
type Attribute struct {
	Own, From   rule.Address
	Label       string
	Types       []string
	Format      string
	Description string
	Enum        []json.RawMessage
	Values      []json.RawMessage
	Children    []Attribute
	Elements    *Attribute
}

// Condition is a named condition.
type Condition struct{ Name, Sentence string }

// Resource is a resource of the workspace.
type Resource struct {
	ID   int64
	Name string
}

// maxNames is how many attributes are offered at most.
const maxNames = 500

// name is an attribute as a condition at some place names it.
type name struct {
	rule.Address
	label string
	// types are those of what the address gives: an array where it goes through
	// the elements of one.
	types []string
	*Attribute
	inside bool
}

// scope is what the conditions at a place look at.
type scope struct {
	resourceID int64
	// record is whether it is a record, and not an element.
	record bool
	// named is the resource of a lookup that gives a name.
	named string
	names []name
}

func newScope(list []Attribute, resourceID int64) scope {
	s := scope{resourceID: resourceID, record: true}
	s.add("", list, false)
	return s
}

// add lists attributes with what is inside them.
func (s *scope) add(label string, list []Attribute, inside bool) {
	for i := range list {
		if len(s.names) >= maxNames {
			return
		}
		a := &list[i]
		n := name{Address: a.Own, label: a.Label, types: a.Types, Attribute: a, inside: inside}
		if label != "" {
			n.label = label + "." + a.Label
		}
		if inside {
			n.Address, n.types = a.From, []string{"array"}
		}
		s.names = append(s.names, n)
		s.add(n.label, a.Children, inside)
		if s.record && a.Elements != nil {
			s.add(n.label+"[*]", a.Elements.Children, true)
		}
	}
}

// find is the attribute at an address, nil if it is not known.
func (s *scope) find(at rule.Address) *name {
	i := slices.IndexFunc(s.names, func(n name) bool { return n.Address == at })
	if i < 0 {
		return nil
	}
	return &s.names[i]
}

// element is the scope of the conditions over the elements of an array.
func (s *scope) element(at rule.Address) scope {
	out := scope{resourceID: s.resourceID, named: s.named}
	n := s.find(at)
	if n == nil || n.Elements == nil || n.inside {
		return out
	}
	if len(n.Elements.Children) == 0 {
		out.names = []name{{Address: rule.Address{Fact: "$"}, label: "$", types: n.Elements.Types, Attribute: n.Elements}}
		return out
	}
	out.add("", n.Elements.Children, false)
	return out
}

// detail says the types of an attribute.
func (n *name) detail() string {
	text := strings.Join(n.types, " or ")
	if n.inside {
		text = "list of " + strings.Join(n.Types, " or ")
	}
	if n.Format != "" {
		text += ", " + n.Format
	}
	return text
}

// info tells more of an attribute: what the schema says, and values.
func (n *name) info() string {
	var values []string
	list := n.Enum
	if len(list) == 0 {
		list = n.Values
	}
	for _, v := range list[:min(len(list), 5)] {
		values = append(values, string(v))
	}
	text := n.Description
	if len(values) > 0 {
		if text != "" {
			text += "\n"
		}
		text += "For example: " + strings.Join(values, ", ")
	}
	return text
}
