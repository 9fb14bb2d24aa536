package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

const (
	maxShown           = 200     // bytes of foreign text in a message
	maxPointerTotal    = 4 << 20 // bytes of the pointers of all subschemas
	maxValueContainers = 1000    // objects and arrays in enum and const
	maxExponent        = 400     // decimal exponent of a number
	maxCount           = 1 << 31 // minLength and its like
)

// draftOf maps the URLs of the drafts, without scheme and fragment, to numbers.
var draftOf = map[string]int{
	"json-schema.org/draft-04/schema":      4,
	"json-schema.org/draft-06/schema":      6,
	"json-schema.org/draft-07/schema":      7,
	"json-schema.org/draft/2019-09/schema": 2019,
	"json-schema.org/draft/2020-12/schema": 2020,
	"json-schema.org/schema":               2020,
}

// document is the text of a schema, decoded and inside the limits.
type document struct {
	text  []byte
	root  any
	draft int
	// nested tells that a subschema has an id or a $schema of its own, so that
	// a "#/..." reference may mean something else than a place in the document.
	nested bool
	refs   []reference
	names  map[string][]string // by pointer of a "properties" object, in order

	subschemas, pointerBytes, valueContainers int
}

type reference struct{ pointer, text string }

func readDocument(text []byte) (*document, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	doc := &document{text: text, draft: 7, names: map[string][]string{}}
	if err := d.Decode(&doc.root); err != nil {
		return nil, invalid("", "the text is not JSON")
	}
	object, ok := doc.root.(map[string]any)
	if !ok {
		return nil, invalid("", "a JSON Schema for records is a JSON object")
	}
	if v, ok := object["$schema"]; ok {
		if doc.draft = draftNumber(v); doc.draft == 0 {
			return nil, invalid("/$schema", "%q is not one of the drafts 4, 6, 7, 2019-09 and 2020-12", cut(fmt.Sprint(v), maxShown))
		}
	}
	if err := doc.walk(doc.root, "", 1, asSchema); err != nil {
		return nil, err
	}
	for _, ref := range doc.refs {
		// The library resolves it from the outside in, which the count of work
		// could not foresee.
		if doc.nested && strings.HasSuffix(ref.pointer, "/$recursiveRef") {
			return nil, invalid(ref.pointer, "$recursiveRef together with an $id below the top level is not supported; use $ref")
		}
	}
	doc.index(text, "")
	return doc, nil
}

func draftNumber(v any) int {
	s, _ := v.(string)
	s = strings.TrimSuffix(s, "#")
	if rest, ok := strings.CutPrefix(s, "http://"); ok {
		return draftOf[rest]
	}
	rest, _ := strings.CutPrefix(s, "https://")
	return draftOf[rest]
}

// role says what a value of the document is.
type role int

const (
	asSchema role = iota // a schema, or something that a $ref may reach
	asMap                // an object whose members are schemas
	asData               // a value to compare with
	asNote               // default, examples: a value nobody reads
)

var roles = map[string]role{
	"properties": asMap, "patternProperties": asMap, "definitions": asMap, "$defs": asMap,
	"dependentSchemas": asMap, "dependencies": asMap,
	"enum": asData, "const": asData, "default": asNote, "examples": asNote,
}

// flags are keywords whose value is a plain boolean.
var flags = map[string]bool{
	"uniqueItems": true, "readOnly": true, "writeOnly": true, "deprecated": true, "$recursiveAnchor": true,
	"exclusiveMinimum": true, "exclusiveMaximum": true,
}

var counts = map[string]bool{
	"minLength": true, "maxLength": true, "minItems": true, "maxItems": true, "minProperties": true,
	"maxProperties": true, "minContains": true, "maxContains": true,
}

func (d *document) walk(v any, pointer string, depth int, as role) error {
	switch v := v.(type) {
	case map[string]any:
		if err := d.enter(pointer, depth, as); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			next := as
			if as == asSchema {
				if flags[name] {
					if _, ok := v[name].(bool); ok {
						continue
					}
				}
				next = roles[name]
			} else if as == asMap {
				next = asSchema
			}
			at := pointer + "/" + escapeToken(name)
			if err := d.walk(v[name], at, depth+1, next); err != nil {
				return err
			}
			if as == asSchema {
				if err := d.keyword(name, v[name], at, pointer == ""); err != nil {
					return err
				}
			}
		}
	case []any:
		if depth > MaxDepth {
			return tooDeep(pointer)
		}
		if err := d.countValue(pointer, as); err != nil {
			return err
		}
		for i, element := range v {
			if err := d.walk(element, pointer+"/"+strconv.Itoa(i), depth+1, as); err != nil {
				return err
			}
		}
	case bool:
		if as == asSchema {
			return d.countSubschema(pointer)
		}
	case json.Number:
		return checkNumber(v, pointer)
	}
	return nil
}

func tooDeep(pointer string) error {
	return invalid(pointer, "objects and arrays are nested deeper than %d", MaxDepth)
}

func (d *document) enter(pointer string, depth int, as role) error {
	if depth > MaxDepth {
		return tooDeep(pointer)
	}
	if as == asMap {
		return nil
	}
	if err := d.countValue(pointer, as); err != nil {
		return err
	}
	return d.countSubschema(pointer)
}

func (d *document) countValue(pointer string, as role) error {
	if as != asData {
		return nil
	}
	if d.valueContainers++; d.valueContainers > maxValueContainers {
		return invalid(pointer, "enum and const hold more than %d objects and arrays", maxValueContainers)
	}
	return nil
}

func (d *document) countSubschema(pointer string) error {
	d.subschemas++
	d.pointerBytes += len(pointer)
	if d.subschemas > MaxSubschemas {
		return invalid(pointer, "there are more than %d subschemas", MaxSubschemas)
	}
	if d.pointerBytes > maxPointerTotal {
		return invalid(pointer, "the property names are too long for the number of subschemas under them")
	}
	return nil
}

// keyword checks what the library would misread or take too long over.
func (d *document) keyword(name string, v any, pointer string, top bool) error {
	switch name {
	case "$ref", "$dynamicRef", "$recursiveRef":
		if text, ok := v.(string); ok {
			d.refs = append(d.refs, reference{pointer, text})
		}
	case "$schema":
		if _, ok := v.(string); ok && !top {
			d.nested = true
			if draftNumber(v) == 0 {
				return invalid(pointer, "it is not one of the drafts 4, 6, 7, 2019-09 and 2020-12")
			}
		}
	case "$id", "id":
		if _, ok := v.(string); ok && !top {
			d.nested = true
		}
	case "pattern":
		if expression, ok := v.(string); ok {
			if _, err := compilePattern(expression); err != nil {
				return invalid(pointer, "%s", err.Error())
			}
		}
	case "patternProperties":
		if members, ok := v.(map[string]any); ok {
			for _, expression := range slices.Sorted(maps.Keys(members)) {
				if _, err := compilePattern(expression); err != nil {
					return invalid(pointer+"/"+escapeToken(expression), "%s", err.Error())
				}
			}
		}
	default:
		if n, ok := v.(json.Number); ok && counts[name] {
			if f, err := n.Float64(); err == nil && f >= maxCount {
				return invalid(pointer, "the number is too large")
			}
		}
	}
	return nil
}

// checkNumber refuses a number whose exact value would be expensive.
func checkNumber(n json.Number, pointer string) error {
	if e, _ := exponentOf(string(n)); e < -maxExponent || e > maxExponent {
		return invalid(pointer, "the exponent of %s is out of range", cut(string(n), maxShown))
	}
	return nil
}

// exponentOf is the written exponent of a checked JSON number, saturated, and
// whether the number is zero.
func exponentOf(n string) (exponent int, zero bool) {
	mantissa := n
	if i := strings.IndexAny(n, "eE"); i >= 0 {
		mantissa = n[:i]
		var err error
		if exponent, err = strconv.Atoi(n[i+1:]); err != nil {
			exponent = math.MaxInt32
			if n[i+1] == '-' {
				exponent = math.MinInt32
			}
		}
	}
	return exponent, !strings.ContainsAny(mantissa, "123456789")
}

// resolve follows the "#/..." references of a schema to the object that
// describes it. Without one the result is v itself; nil when v is no object.
func (d *document) resolve(v any, pointer string) (map[string]any, string) {
	object, _ := v.(map[string]any)
	for range MaxDepth {
		ref, ok := object["$ref"].(string)
		if !ok || d.nested || (d.draft >= 2019 && (object["type"] != nil || object["properties"] != nil)) {
			break
		}
		target, at, ok := d.lookup(ref)
		if !ok {
			break
		}
		next, ok := target.(map[string]any)
		if !ok {
			break
		}
		object, pointer = next, at
	}
	return object, pointer
}

// lookup finds the target of a reference that is a pointer into the document.
func (d *document) lookup(ref string) (v any, pointer string, ok bool) {
	fragment, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil, "", false
	}
	pointer, err := url.PathUnescape(fragment)
	if err != nil || (pointer != "" && pointer[0] != '/') {
		return nil, "", false
	}
	v, ok = d.at(pointer)
	return v, pointer, ok
}

// at is the value at a JSON Pointer.
func (d *document) at(pointer string) (v any, ok bool) {
	v = d.root
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch container := v.(type) {
		case map[string]any:
			if v, ok = container[token]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(container) {
				return nil, false
			}
			v = container[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// index remembers the order of the members of every "properties" object.
func (d *document) index(text []byte, pointer string) {
	ordered := strings.HasSuffix(pointer, "/properties")
	strictjson.Members(text, func(key, value []byte) bool {
		name := string(key)
		if ordered {
			d.names[pointer] = append(d.names[pointer], name)
		}
		d.index(value, pointer+"/"+escapeToken(name))
		return true
	})
	i := 0
	strictjson.Elements(text, func(value []byte) bool {
		d.index(value, pointer+"/"+strconv.Itoa(i))
		i++
		return true
	})
}

var tokenEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func escapeToken(s string) string { return tokenEscaper.Replace(s) }

// cut shortens s to at most limit bytes plus an ellipsis.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
