package schema

import (
	"reflect"
	"unsafe"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxSteps bounds the work of one check by the library; a step takes about half
// a microsecond.
const maxSteps = 1_000_000

// affordable tells whether the library can check v, of n values and size bytes,
// within maxSteps. It counts what the library would do at most, without doing
// it: a subschema that meets the same value again is not looked into twice.
func (g *graph) affordable(v any, n, size int) bool {
	perValue := 3 + g.maxWeight
	if g.unique {
		perValue += 100
	}
	if bound := n*perValue + size*g.patternSteps/patternShare; bound < maxSteps && g.paths <= maxSteps/(bound+1) {
		return true
	}
	m := &meter{graph: g, known: map[visit]int{}, sizes: map[unsafe.Pointer]int{}}
	return m.cost(g.schemas[0], v) <= maxSteps
}

// patternShare is the number of pattern steps (instruction times byte) that
// take as long as one step.
const patternShare = 100

type meter struct {
	graph *graph
	known map[visit]int
	sizes map[unsafe.Pointer]int
}

type visit struct {
	schema *jsonschema.Schema
	value  unsafe.Pointer
}

func (m *meter) cost(s *jsonschema.Schema, v any) int {
	at := identity(v)
	if at != nil {
		if n, ok := m.known[visit{s, at}]; ok {
			return n
		}
	}
	n := m.count(s, v)
	if at != nil {
		m.known[visit{s, at}] = n
	}
	return n
}

// identity tells containers apart; nil for values without members.
func identity(v any) unsafe.Pointer {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 {
			return reflect.ValueOf(v).UnsafePointer()
		}
	case []any:
		if len(v) > 0 {
			return unsafe.Pointer(unsafe.SliceData(v))
		}
	}
	return nil
}

func (m *meter) count(s *jsonschema.Schema, v any) int {
	e := m.graph.edges[s]
	n := e.weight
	add := func(next *jsonschema.Schema, v any) {
		if next != nil && n <= maxSteps {
			n += m.cost(next, v)
		}
	}
	for _, next := range e.same {
		add(next, v)
	}
	switch v := v.(type) {
	case map[string]any:
		n += len(v) / 4
		if m.graph.unevaluated {
			n += len(v)
		}
		for name, member := range v {
			if n > maxSteps {
				break
			}
			add(s.Properties[name], member)
			for re, next := range s.PatternProperties {
				n += 1 + len(name)*stepsIn(re)/patternShare
				add(next, member)
			}
			additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
			add(additional, member)
			add(s.UnevaluatedProperties, member)
			add(e.names, name)
		}
	case []any:
		if m.graph.unevaluated {
			n += len(v)
		}
		if e.unique {
			n += m.size(v)
		}
		items, _ := s.Items.(*jsonschema.Schema)
		tuple, _ := s.Items.([]*jsonschema.Schema)
		additional, _ := s.AdditionalItems.(*jsonschema.Schema)
		for i, element := range v {
			if n > maxSteps {
				break
			}
			add(items, element)
			if i < len(tuple) {
				add(tuple[i], element)
			} else {
				add(additional, element)
			}
			if i < len(s.PrefixItems) {
				add(s.PrefixItems[i], element)
			} else {
				add(s.Items2020, element)
			}
			add(s.Contains, element)
			add(s.UnevaluatedItems, element)
		}
	case string:
		n += len(v) / 1000
		if s.Pattern != nil {
			n += len(v) * stepsIn(s.Pattern) / patternShare
		}
	}
	return min(n, maxSteps+1)
}

func stepsIn(re jsonschema.Regexp) int {
	if p, ok := re.(*pattern); ok {
		return p.steps
	}
	return 1
}

// size is sizeOf, remembered.
func (m *meter) size(v any) int {
	at := identity(v)
	if at == nil {
		return 1
	}
	if n, ok := m.sizes[at]; ok {
		return n
	}
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			n += m.size(member)
		}
	case []any:
		for _, member := range v {
			n += m.size(member)
		}
	}
	m.sizes[at] = n
	return n
}
