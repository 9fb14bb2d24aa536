package schema

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

const (
	maxFaults = 10   // faults in a message
	maxLeaves = 2000 // faults that are looked at to choose them
)

// explainer words the errors of the library the way Ajv does, which is what
// clients of the published API know.
type explainer struct {
	value  any
	order  map[string][]string
	leaves []found
}

func (x *explainer) add(location []string, format string, args ...any) {
	x.leaves = append(x.leaves, found{location: location, message: fmt.Sprintf(format, args...)})
}

func (x *explainer) walk(e *jsonschema.ValidationError) {
	if len(x.leaves) >= maxLeaves {
		return
	}
	at := e.InstanceLocation
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		x.add(at, "must match a schema in anyOf")
	case *kind.OneOf:
		x.add(at, "must match exactly one schema in oneOf")
	case *kind.Not:
		x.add(at, "must NOT be valid")
	case *kind.FalseSchema:
		x.falseSchema(e)
	case *kind.Type:
		x.add(at, "must be %s", strings.Join(x.types(e.SchemaURL, k.Want), ","))
	case *kind.Enum:
		x.add(at, "must be equal to one of the allowed values")
	case *kind.Const:
		x.add(at, "must be equal to constant")
	case *kind.Format:
		x.add(at, "must match format %q", k.Want)
		if k.Want == "regex" && k.Err != nil {
			x.leaves[len(x.leaves)-1].message = k.Err.Error()
		}
	default:
		x.walkObject(e)
	}
	if _, ok := e.ErrorKind.(*kind.Contains); ok {
		return
	}
	if _, ok := e.ErrorKind.(*kind.MinContains); ok {
		return
	}
	for _, cause := range e.Causes {
		x.walk(cause)
	}
}

func (x *explainer) walkObject(e *jsonschema.ValidationError) {
	at := e.InstanceLocation
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing[:min(len(k.Missing), maxLeaves)] {
			x.add(at, "must have required property '%s'", cut(name, maxShown))
		}
	case *kind.AdditionalProperties:
		x.add(at, "must NOT have additional properties")
	case *kind.PropertyNames:
		x.add(at, "property name must be valid")
	case *kind.MinProperties:
		x.add(at, "must NOT have fewer than %d properties", k.Want)
	case *kind.MaxProperties:
		x.add(at, "must NOT have more than %d properties", k.Want)
	case *kind.Dependency:
		x.dependency(at, k.Prop, k.Missing)
	case *kind.DependentRequired:
		x.dependency(at, k.Prop, k.Missing)
	default:
		x.walkArray(e)
	}
}

func (x *explainer) dependency(at []string, property string, missing []string) {
	noun := "property"
	if len(missing) > 1 {
		noun = "properties"
	}
	x.add(at, "must have %s %s when property %s is present", noun, cut(strings.Join(missing, ", "), maxShown), cut(property, maxShown))
}

func (x *explainer) walkArray(e *jsonschema.ValidationError) {
	at := e.InstanceLocation
	switch k := e.ErrorKind.(type) {
	case *kind.MinItems:
		x.add(at, "must NOT have fewer than %d items", k.Want)
	case *kind.MaxItems:
		x.add(at, "must NOT have more than %d items", k.Want)
	case *kind.AdditionalItems:
		x.add(at, "must NOT have more than %d items", x.length(at)-k.Count)
	case *kind.UniqueItems:
		x.add(at, "must NOT have duplicate items (items ## %d and %d are identical)", k.Duplicates[0], k.Duplicates[1])
	case *kind.Contains:
		x.add(at, "must contain at least 1 valid item(s)")
	case *kind.MinContains:
		x.add(at, "must contain at least %d valid item(s)", k.Want)
	case *kind.MaxContains:
		x.add(at, "must contain no more than %d valid item(s)", k.Want)
	default:
		x.walkScalar(e)
	}
}

func (x *explainer) walkScalar(e *jsonschema.ValidationError) {
	at := e.InstanceLocation
	switch k := e.ErrorKind.(type) {
	case *kind.MinLength:
		x.add(at, "must NOT have fewer than %d characters", k.Want)
	case *kind.MaxLength:
		x.add(at, "must NOT have more than %d characters", k.Want)
	case *kind.Pattern:
		x.add(at, `must match pattern "%s"`, cut(k.Want, maxShown))
	case *kind.Minimum:
		x.add(at, "must be >= %s", number(k.Want))
	case *kind.Maximum:
		x.add(at, "must be <= %s", number(k.Want))
	case *kind.ExclusiveMinimum:
		x.add(at, "must be > %s", number(k.Want))
	case *kind.ExclusiveMaximum:
		x.add(at, "must be < %s", number(k.Want))
	case *kind.MultipleOf:
		x.add(at, "must be multiple of %s", number(k.Want))
	}
}

// falseSchema words a schema that allows nothing by the keyword it stands under.
func (x *explainer) falseSchema(e *jsonschema.ValidationError) {
	at := e.InstanceLocation
	keyword := e.SchemaURL[strings.LastIndexByte(e.SchemaURL, '/')+1:]
	if len(at) > 0 && !strings.HasSuffix(e.SchemaURL, "/properties/"+keyword) {
		switch keyword {
		case "unevaluatedProperties":
			x.add(at[:len(at)-1], "must NOT have unevaluated properties")
			return
		case "unevaluatedItems":
			x.add(at[:len(at)-1], "must NOT have unevaluated items")
			return
		}
	}
	x.add(at, "boolean schema is false")
}

func (x *explainer) types(location string, want []string) []string {
	if declared := x.order[location]; len(declared) > 0 {
		return declared
	}
	return want
}

// length is the number of elements of the array at a location.
func (x *explainer) length(location []string) int {
	v := x.value
	for _, token := range location {
		switch container := v.(type) {
		case map[string]any:
			v = container[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(container) {
				return 0
			}
			v = container[i]
		}
	}
	list, _ := v.([]any)
	return len(list)
}

// number writes a number of a schema as JavaScript would.
func number(n *big.Rat) string {
	if n.IsInt() && n.Num().BitLen() < 70 {
		return n.Num().String()
	}
	f, _ := n.Float64()
	return strings.ReplaceAll(strconv.FormatFloat(f, 'g', -1, 64), "e-0", "e-")
}

// sorted puts the findings in order of location and drops repeated ones, so that
// the same record always gives the same message.
func (x *explainer) sorted() []found {
	slices.SortStableFunc(x.leaves, func(a, b found) int {
		return cmp.Or(slices.CompareFunc(a.location, b.location, compareTokens), strings.Compare(a.message, b.message))
	})
	x.leaves = slices.CompactFunc(x.leaves, func(a, b found) bool {
		return a.message == b.message && slices.Equal(a.location, b.location)
	})
	for i := range x.leaves[:min(len(x.leaves), maxFaults)] {
		x.leaves[i].pointer = pointerOf(x.leaves[i].location)
	}
	return x.leaves
}

func compareTokens(a, b string) int {
	i, notA := strconv.Atoi(a)
	j, notB := strconv.Atoi(b)
	if notA == nil && notB == nil {
		return cmp.Compare(i, j)
	}
	return strings.Compare(a, b)
}

func pointerOf(location []string) string {
	var b strings.Builder
	for _, token := range location {
		b.WriteByte('/')
		b.WriteString(escapeToken(cut(token, maxShown)))
		if b.Len() > 5*maxShown {
			b.WriteString("/…")
			break
		}
	}
	return b.String()
}
