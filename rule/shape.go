package rule

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// shape is what a JSON Schema says of one place in a record, as far as the
// linter can be sure of it.
type shape struct {
	root, node map[string]any
	known      bool // the schema describes this place
	optional   bool // the value may be missing
}

func readShape(schema []byte) shape {
	var root map[string]any
	if len(schema) == 0 || json.Unmarshal(schema, &root) != nil {
		return shape{optional: true}
	}
	s := shape{root: root, node: root, known: true}
	return s.resolved()
}

// resolved follows references inside the document.
func (s shape) resolved() shape {
	for range 16 {
		ref, ok := s.node["$ref"].(string)
		if !ok {
			return s
		}
		target, ok := s.lookup(ref)
		if !ok {
			s.known = false
			return s
		}
		s.node = target
	}
	s.known = false
	return s
}

func (s shape) lookup(ref string) (map[string]any, bool) {
	rest, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil, false
	}
	var at any = s.root
	for _, seg := range strings.Split(rest, "/")[1:] {
		seg = strings.NewReplacer("~1", "/", "~0", "~").Replace(seg)
		switch x := at.(type) {
		case map[string]any:
			at = x[seg]
		case []any:
			i, err := strconv.Atoi(seg)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			at = x[i]
		default:
			return nil, false
		}
	}
	m, ok := at.(map[string]any)
	return m, ok
}

// composed is whether the schema says things that this reading does not follow.
func (s shape) composed() bool {
	for _, k := range []string{"allOf", "anyOf", "oneOf", "if", "then", "else", "not", "patternProperties", "$dynamicRef", "$recursiveRef", "dependentSchemas"} {
		if _, ok := s.node[k]; ok {
			return true
		}
	}
	return false
}

// member is the shape of a property; missing lists the properties there are
// when the schema surely has none of that name.
func (s shape) member(name string) (out shape, missing []string) {
	out = shape{root: s.root, optional: true}
	if !s.known {
		return out, nil
	}
	properties, _ := s.node["properties"].(map[string]any)
	node, ok := properties[name].(map[string]any)
	if !ok {
		if _, boolean := properties[name].(bool); boolean || s.composed() || properties == nil {
			return out, nil
		}
		for p := range properties {
			missing = append(missing, p)
		}
		slices.Sort(missing)
		return out, missing
	}
	out.node, out.known = node, true
	out.optional = true
	if required, ok := s.node["required"].([]any); ok && slices.Contains(required, any(name)) {
		out.optional = s.optional
	}
	return out.resolved(), nil
}

func (s shape) element() shape {
	out := shape{root: s.root, optional: true}
	if !s.known {
		return out
	}
	if node, ok := s.node["items"].(map[string]any); ok && s.node["prefixItems"] == nil {
		out.node, out.known = node, true
		return out.resolved()
	}
	return out
}

// types lists the JSON types a value can have, nil when anything goes.
func (s shape) types() []string {
	if !s.known || s.composed() {
		return nil
	}
	switch t := s.node["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var list []string
		for _, e := range t {
			if name, ok := e.(string); ok {
				list = append(list, name)
			}
		}
		return list
	}
	return nil
}

// values lists the only values there can be, nil when there are others.
func (s shape) values() []any {
	if !s.known || s.composed() {
		return nil
	}
	if v, ok := s.node["const"]; ok {
		return []any{v}
	}
	list, _ := s.node["enum"].([]any)
	return list
}

// walk follows a path; the shape is unknown where the path is a query.
func (s shape) walk(w *path) (out shape, at string, missing []string) {
	if w == nil {
		return s, "", nil
	}
	if w.query != nil {
		return shape{root: s.root, optional: true}, "", nil
	}
	for _, step := range w.steps {
		types := s.types()
		switch {
		case step.name == lengthName && types != nil && !slices.Contains(types, "object"):
			return shape{root: s.root, optional: true}, "", nil
		case step.index >= 0 && slices.Contains(types, "array"):
			s = s.element()
		default:
			if s, missing = s.member(step.name); missing != nil {
				return s, step.name, missing
			}
		}
	}
	return s, "", nil
}
