package schema

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	maxExpansion  = 10_000 // subschemas that apply to one and the same value
	maxApplyChain = 100    // length of a chain of them
	manyPaths     = 1 << 40
)

// graph holds every compiled subschema that validation can reach, with the
// edges along which it is reached.
type graph struct {
	schemas []*jsonschema.Schema
	edges   map[*jsonschema.Schema]*edges
	// paths bounds how often one value can be visited; manyPaths when a
	// recursive schema gives no bound.
	paths        int
	maxWeight    int // highest fixed weight of one visit
	patternSteps int // highest sum of pattern sizes in one subschema
	unique       bool
	unevaluated  bool
}

// edges of a subschema: those to the same value, and those to a member, element
// or member name of it.
type edges struct {
	same, below []*jsonschema.Schema
	names       *jsonschema.Schema // for member names, one of below
	unique      bool
	weight      int
	expansion   int // subschemas that apply to the same value, itself counted
	chain       int
	paths       int
	state       byte // 0 new, 1 open, 2 done; for the search that is running
}

func newGraph(root *jsonschema.Schema) (*graph, error) {
	g := &graph{edges: map[*jsonschema.Schema]*edges{}}
	g.collect(root)
	anchors := map[string][]*jsonschema.Schema{}
	for _, s := range g.schemas {
		if s.DynamicAnchor != "" {
			anchors[s.DynamicAnchor] = append(anchors[s.DynamicAnchor], s)
		}
	}
	for _, s := range g.schemas {
		e := g.edges[s]
		if s.DynamicRef != nil && s.DynamicRef.Anchor != "" {
			e.same = append(e.same, without(anchors[s.DynamicRef.Anchor], s.DynamicRef.Ref)...)
		}
		if s.RecursiveRef != nil {
			for _, other := range g.schemas {
				if other.RecursiveAnchor && other != s.RecursiveRef {
					e.same = append(e.same, other)
				}
			}
		}
		g.weigh(s, e)
	}
	for _, s := range g.schemas {
		if err := g.expand(s); err != nil {
			return nil, err
		}
	}
	for _, e := range g.edges {
		e.state = 0
	}
	g.paths = g.countPaths(root)
	return g, nil
}

func without(list []*jsonschema.Schema, one *jsonschema.Schema) (rest []*jsonschema.Schema) {
	for _, s := range list {
		if s != one {
			rest = append(rest, s)
		}
	}
	return rest
}

// collect visits the subschemas breadth first, so that a long chain of
// references needs no deep stack.
func (g *graph) collect(root *jsonschema.Schema) {
	g.edges[root] = nil
	g.schemas = append(g.schemas, root)
	for i := 0; i < len(g.schemas); i++ {
		e := edgesOf(g.schemas[i])
		g.edges[g.schemas[i]] = e
		for _, list := range [][]*jsonschema.Schema{e.same, e.below} {
			for _, s := range list {
				if _, seen := g.edges[s]; !seen {
					g.edges[s] = nil
					g.schemas = append(g.schemas, s)
				}
			}
		}
	}
}

func edgesOf(s *jsonschema.Schema) *edges {
	e := &edges{names: s.PropertyNames, unique: s.UniqueItems}
	same := func(list ...*jsonschema.Schema) {
		for _, s := range list {
			if s != nil {
				e.same = append(e.same, s)
			}
		}
	}
	below := func(list ...*jsonschema.Schema) {
		for _, s := range list {
			if s != nil {
				e.below = append(e.below, s)
			}
		}
	}
	either := func(v any) {
		switch v := v.(type) {
		case *jsonschema.Schema:
			below(v)
		case []*jsonschema.Schema:
			below(v...)
		}
	}
	same(s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else)
	if s.DynamicRef != nil {
		same(s.DynamicRef.Ref)
	}
	same(s.AllOf...)
	same(s.AnyOf...)
	same(s.OneOf...)
	for _, d := range s.Dependencies {
		if d, ok := d.(*jsonschema.Schema); ok {
			same(d)
		}
	}
	for _, d := range s.DependentSchemas {
		same(d)
	}
	for _, p := range s.Properties {
		below(p)
	}
	for _, p := range s.PatternProperties {
		below(p)
	}
	below(s.PropertyNames, s.UnevaluatedProperties, s.Contains, s.Items2020, s.UnevaluatedItems)
	below(s.PrefixItems...)
	either(s.AdditionalProperties)
	either(s.Items)
	either(s.AdditionalItems)
	return e
}

// weigh sets the fixed cost of one visit, in steps of about half a microsecond.
func (g *graph) weigh(s *jsonschema.Schema, e *edges) {
	e.weight = 1 + (len(s.Required)+len(s.Dependencies)+len(s.DependentRequired)+len(s.DependentSchemas))/4
	for _, list := range s.DependentRequired {
		e.weight += len(list) / 4
	}
	for _, d := range s.Dependencies {
		if list, ok := d.([]string); ok {
			e.weight += len(list) / 4
		}
	}
	if s.Enum != nil {
		e.weight += sizeOf(s.Enum.Values)
	}
	if s.Const != nil {
		e.weight += sizeOf(*s.Const)
	}
	if s.DynamicRef != nil || s.RecursiveRef != nil {
		e.weight += maxApplyChain
	}
	g.maxWeight = max(g.maxWeight, e.weight)
	g.patternSteps = max(g.patternSteps, patternSteps(s))
	g.unique = g.unique || s.UniqueItems
	g.unevaluated = g.unevaluated || s.UnevaluatedItems != nil || s.UnevaluatedProperties != nil
}

func patternSteps(s *jsonschema.Schema) (n int) {
	if p, ok := s.Pattern.(*pattern); ok {
		n += p.steps
	}
	for re := range s.PatternProperties {
		if p, ok := re.(*pattern); ok {
			n += p.steps
		}
	}
	return n
}

// sizeOf is the number of values in v, itself counted.
func sizeOf(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, m := range v {
			n += sizeOf(m)
		}
	case []any:
		for _, m := range v {
			n += sizeOf(m)
		}
	}
	return n
}

// expand refuses subschemas that apply to one value without end, too often or
// in too long a chain.
func (g *graph) expand(s *jsonschema.Schema) error {
	e := g.edges[s]
	switch e.state {
	case 2:
		return nil
	case 1:
		return invalid(pointerOfLocation(s.Location), "the schema refers to itself without going into a member or element of the record")
	}
	e.state = 1
	e.expansion, e.chain = 1, 1
	for _, next := range e.same {
		if err := g.expand(next); err != nil {
			return err
		}
		n := g.edges[next]
		e.expansion += n.expansion
		e.chain = max(e.chain, n.chain+1)
		if e.expansion > maxExpansion {
			return invalid(pointerOfLocation(s.Location), "more than %d subschemas apply to one and the same value", maxExpansion)
		}
		if e.chain > maxApplyChain {
			return invalid(pointerOfLocation(s.Location), "a chain of more than %d subschemas applies to one and the same value", maxApplyChain)
		}
	}
	e.state = 2
	return nil
}

// countPaths is the number of ways from s to any subschema.
func (g *graph) countPaths(s *jsonschema.Schema) int {
	e := g.edges[s]
	switch e.state {
	case 2:
		return e.paths
	case 1:
		return manyPaths
	}
	e.state = 1
	n := 1
	for _, list := range [][]*jsonschema.Schema{e.same, e.below} {
		for _, next := range list {
			n = min(n+g.countPaths(next), manyPaths)
		}
	}
	e.state, e.paths = 2, n
	return n
}
