// Package schema holds the JSON Schema of a resource: it is inferred from
// samples or given in drafts 4, 6, 7, 2019-09 and 2020-12, compiled under limits
// that no document can escape, and checks records with a fast accept before the
// full library is asked.
package schema

import (
	"bytes"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Limits of a schema at registration.
const (
	MaxTextBytes  = 1 << 20 // text of the schema
	MaxDepth      = 64      // nested objects and arrays of the text
	MaxSubschemas = 5000
)

// Schema is a compiled JSON Schema. It does not change and is safe for
// concurrent use.
type Schema struct {
	text       []byte
	properties []Property
	byName     map[string]int
	required   map[string]bool
	closed     bool // undeclared members are refused
	patterns   []*pattern
	library    *library
	fast       fast
}

// Property is a declared top-level property.
type Property struct {
	Name     string
	Types    []string // as declared; empty when every type is allowed
	Format   string   // annotation only
	Required bool
}

// Compile reads the text of a JSON Schema for records; without $schema it is
// draft 7. A refusal is a *[fault.Error] with CodeInvalidSchema whose sentence
// names the place.
func Compile(text []byte) (*Schema, error) {
	if len(text) > MaxTextBytes {
		return nil, invalid("", "the text has %d bytes, the limit is %d", len(text), MaxTextBytes)
	}
	if err := strictjson.Check(text); err != nil {
		return nil, fault.New(fault.CodeInvalidSchema, "%s", err.Error())
	}
	doc, err := readDocument(bytes.Clone(text))
	if err != nil {
		return nil, err
	}
	s := &Schema{text: doc.text, byName: map[string]int{}, required: map[string]bool{}}
	if err := s.readTop(doc); err != nil {
		return nil, err
	}
	if s.library, err = compileLibrary(doc); err != nil {
		return nil, err
	}
	s.fast = compileFast(doc)
	return s, nil
}

func invalid(pointer, format string, args ...any) *fault.Error {
	e := fault.New(fault.CodeInvalidSchema, format, args...).At(pointer)
	if pointer == "" {
		pointer = "the top level"
	}
	e.Message = "The JSON Schema cannot be used: at " + cut(pointer, maxShown) + ": " + e.Message + "."
	return e
}

// Text is the schema as it was given. It must not be changed.
func (s *Schema) Text() []byte { return s.text }

// Fast is true if record, checked JSON, certainly satisfies the schema. False
// says nothing: only [Schema.Check] knows.
func (s *Schema) Fast(record []byte) bool {
	i := strictjson.SkipSpace(record, 0)
	if i >= len(record) || record[i] != '{' {
		return false
	}
	if len(record)*s.fast.patternSteps > maxFastPatternWork {
		return false
	}
	end := s.fast.root.run(record, i, 1)
	return end >= 0 && strictjson.SkipSpace(record, end) == len(record)
}

// Properties are the declared top-level properties in order of declaration.
func (s *Schema) Properties() []Property { return slices.Clone(s.properties) }

// Has tells whether name is a declared top-level property.
func (s *Schema) Has(name string) bool { _, ok := s.byName[name]; return ok }

// Requires tells whether the schema demands the top-level member name.
func (s *Schema) Requires(name string) bool { return s.required[name] }

// Allows tells whether a record may have the top-level member name: it is
// declared, or undeclared members are allowed.
func (s *Schema) Allows(name string) bool {
	if s.Has(name) || !s.closed {
		return true
	}
	return slices.ContainsFunc(s.patterns, func(p *pattern) bool { return p.MatchString(name) })
}

// DisplayNameCandidate refuses, with CodeValidation, a displayNameKey that is
// not a declared top-level property.
func (s *Schema) DisplayNameCandidate(key string) error {
	if s.Has(key) {
		return nil
	}
	return fault.New(fault.CodeValidation, "The displayNameKey %q is not a top-level property of the schema.", cut(key, maxShown))
}

// usualNames are the properties that people know things by, the best first.
var usualNames = []string{"displayName", "display_name", "email", "name", "fullName", "full_name", "userName", "username", "login", "hostname", "host",
	"title", "label", "slug", "key", "arn", "id"}

// DisplayNames are the properties that can name a record for people, the likely
// ones first: those that hold text or numbers.
func (s *Schema) DisplayNames() []string {
	var usual, others []string
	for _, name := range usualNames {
		if i, ok := s.byName[name]; ok && s.properties[i].names() {
			usual = append(usual, name)
		}
	}
	for _, texts := range []bool{true, false} {
		for _, p := range s.properties {
			if p.names() && slices.Contains(p.Types, "string") == texts && !slices.Contains(usual, p.Name) {
				others = append(others, p.Name)
			}
		}
	}
	return append(usual, others...)
}

func (p Property) names() bool {
	return len(p.Types) == 0 || slices.ContainsFunc(p.Types, func(t string) bool { return t == "string" || t == "integer" || t == "number" })
}

// readTop takes the view of the top level that the rest of the product needs.
func (s *Schema) readTop(doc *document) error {
	top, pointer := doc.resolve(doc.root, "")
	types := typeList(top["type"])
	declared, hasProperties := top["properties"].(map[string]any)
	switch {
	case len(types) == 1 && types[0] == "array":
		return invalid(pointer+"/type", "a record is one object, but the schema describes an array; give the schema of one element")
	case len(types) > 0 && !slices.Contains(types, "object"):
		return invalid(pointer+"/type", "a record is an object, but the schema does not allow type object")
	case len(types) == 0 && !hasProperties:
		return invalid(pointer, `the schema must describe an object: "type": "object" or "properties" is missing`)
	}
	required, _ := top["required"].([]any)
	for _, name := range required {
		if name, ok := name.(string); ok {
			s.required[name] = true
		}
	}
	usable := false
	for _, name := range doc.names[pointer+"/properties"] {
		p := Property{Name: name, Required: s.required[name]}
		sub, _ := doc.resolve(declared[name], pointer+"/properties/"+escapeToken(name))
		p.Types = typeList(sub["type"])
		p.Format, _ = sub["format"].(string)
		usable = usable || len(p.Types) == 0 && declared[name] != false ||
			slices.ContainsFunc(p.Types, func(t string) bool { return t == "string" || t == "number" || t == "integer" })
		s.byName[name] = len(s.properties)
		s.properties = append(s.properties, p)
	}
	if !usable {
		return invalid(pointer+"/properties", "at least one top-level property must be of type string or number, so that records can be named and compared")
	}
	s.closed = top["additionalProperties"] == false || top["unevaluatedProperties"] == false
	matched, _ := top["patternProperties"].(map[string]any)
	for expression := range matched {
		if p, err := compilePattern(expression); err == nil {
			s.patterns = append(s.patterns, p)
		}
	}
	return nil
}

func typeList(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, t := range v {
			if t, ok := t.(string); ok {
				list = append(list, t)
			}
		}
		return list
	}
	return nil
}
