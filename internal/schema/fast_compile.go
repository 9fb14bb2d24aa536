package schema

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// node is one subschema of the fast accept. It accepts a value only if the
// library would; everything it does not understand is left to the library.
type node struct {
	mode  mode
	types kinds // kinds of value that are acceptable

	allowed *values // enum or const; nil if absent

	plainIntegers bool // draft 4, where 1.0 may or may not be an integer

	minimum, maximum                   *decimal
	exclusiveMinimum, exclusiveMaximum bool

	minLength, maxLength int
	pattern              *pattern

	items              *node
	minItems, maxItems int

	branches  []*node // of a union
	container *node   // the branch of a union that takes objects and arrays

	members                    []member
	byName                     map[string]int
	required                   int // members that must be there
	additional                 *node
	minProperties, maxProperty int
}

type mode byte

const (
	modeTest  mode = iota
	modeAny        // accepts every value
	modeAsk        // leaves every value to the library
	modeUnion      // accepts what one of its branches accepts
)

type kinds byte

const (
	isNull kinds = 1 << iota
	isBoolean
	isInteger
	isNumber
	isString
	isArray
	isObject
	isAnything = isNull | isBoolean | isInteger | isNumber | isString | isArray | isObject
)

var kindOf = map[string]kinds{
	"null": isNull, "boolean": isBoolean, "integer": isInteger, "number": isNumber | isInteger,
	"string": isString, "array": isArray, "object": isObject,
}

// member is a declared or required member of an object.
type member struct {
	name     string
	required bool
	node     *node
}

// values are the scalars of an enum or const.
type values struct {
	texts    map[string]bool
	few      []string // the same, when there are few
	numbers  []decimal
	literals []string // true, false, null
}

const (
	fewTexts   = 8
	maxNumbers = 64 // beyond them a number is left to the library
)

// understood are the keywords that the fast accept reads, and those that assert
// nothing. A subschema with any other is left to the library.
var understood = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(`type enum const properties required additionalProperties items
		minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern minItems maxItems
		minProperties maxProperties
		title description default examples $comment readOnly writeOnly deprecated format $anchor
		contentEncoding contentMediaType contentSchema definitions $defs`) {
		m[k] = true
	}
	return m
}()

// fast is the fast accept of a whole schema.
type fast struct {
	root         *node
	patternSteps int // of the largest pattern
}

type fastCompiler struct {
	fast
	doc    *document
	known  map[string]*node
	unions []union
}

func compileFast(doc *document) fast {
	c := &fastCompiler{doc: doc, known: map[string]*node{}}
	c.root = c.node(doc.root, "")
	tries := 1
	for _, u := range c.unions {
		u.settle()
		tries = max(tries, len(u.node.branches))
	}
	c.patternSteps *= tries
	return c.fast
}

func (c *fastCompiler) node(v any, pointer string) *node {
	if n, ok := c.known[pointer]; ok {
		return n
	}
	n := &node{}
	c.known[pointer] = n
	switch v := v.(type) {
	case bool:
		n.mode = modeAsk
		if v {
			n.mode = modeAny
		}
	case map[string]any:
		if target, ok := c.reference(v); ok {
			c.known[pointer] = target
			return target
		}
		if same, ok := c.union(n, v, pointer); ok {
			c.known[pointer] = same
			return same
		}
		if !c.fill(n, v, pointer) {
			*n = node{mode: modeAsk}
		}
	default:
		n.mode = modeAsk
	}
	return n
}

// reference follows a subschema that is nothing but a reference.
func (c *fastCompiler) reference(object map[string]any) (*node, bool) {
	ref, ok := object["$ref"].(string)
	if !ok || c.doc.nested {
		return nil, false
	}
	if c.doc.draft >= 2019 {
		for name := range object {
			if name != "$ref" && !notes[name] {
				return nil, false
			}
		}
	}
	target, at, ok := c.doc.lookup(ref)
	if !ok {
		return nil, false
	}
	return c.node(target, at), true
}

// notes may stand beside a reference without an effect.
var notes = map[string]bool{
	"title": true, "description": true, "default": true, "examples": true, "$comment": true,
	"definitions": true, "$defs": true, "$schema": true, "readOnly": true, "writeOnly": true, "deprecated": true,
}

// fill is false if the subschema must be left to the library.
func (c *fastCompiler) fill(n *node, object map[string]any, pointer string) bool {
	plain := true
	for name := range object {
		if top := pointer == "" && (name == "$schema" || name == "$id" || name == "id"); !top && !understood[name] && !strings.HasPrefix(name, "x-") {
			return false
		}
		plain = plain && notes[name]
	}
	if plain {
		n.mode = modeAny
		return true
	}
	n.types, n.plainIntegers = isAnything, c.doc.draft == 4
	if t, ok := object["type"]; ok {
		n.types = 0
		for _, name := range typeList(t) {
			n.types |= kindOf[name]
		}
	}
	return c.fillScalar(n, object) && c.fillArray(n, object, pointer) && c.fillObject(n, object, pointer)
}

func (c *fastCompiler) fillScalar(n *node, object map[string]any) bool {
	list, isEnum := object["enum"].([]any)
	constant, isConst := object["const"]
	switch {
	case isEnum && isConst:
		return false
	case isEnum:
		n.allowed = newValues(list)
	case isConst:
		n.allowed = newValues([]any{constant})
	}
	ok := true
	n.minimum = bound(object["minimum"], &ok)
	n.maximum = bound(object["maximum"], &ok)
	n.exclusiveMinimum = object["exclusiveMinimum"] == true
	n.exclusiveMaximum = object["exclusiveMaximum"] == true
	if b := bound(object["exclusiveMinimum"], &ok); b != nil {
		if n.minimum != nil {
			return false
		}
		n.minimum, n.exclusiveMinimum = b, true
	}
	if b := bound(object["exclusiveMaximum"], &ok); b != nil {
		if n.maximum != nil {
			return false
		}
		n.maximum, n.exclusiveMaximum = b, true
	}
	n.minLength = count(object["minLength"], 0, &ok)
	n.maxLength = count(object["maxLength"], math.MaxInt, &ok)
	if expression, has := object["pattern"].(string); has {
		p, err := compilePattern(expression)
		if err != nil {
			return false
		}
		n.pattern = p
		c.patternSteps = max(c.patternSteps, p.steps)
	}
	return ok
}

func (c *fastCompiler) fillArray(n *node, object map[string]any, pointer string) bool {
	ok := true
	n.minItems = count(object["minItems"], 0, &ok)
	n.maxItems = count(object["maxItems"], math.MaxInt, &ok)
	if items, has := object["items"]; has {
		if _, tuple := items.([]any); tuple {
			return false
		}
		n.items = c.node(items, pointer+"/items")
	}
	return ok
}

func (c *fastCompiler) fillObject(n *node, object map[string]any, pointer string) bool {
	ok := true
	n.minProperties = count(object["minProperties"], 0, &ok)
	n.maxProperty = count(object["maxProperties"], math.MaxInt, &ok)
	if additional, has := object["additionalProperties"]; has {
		n.additional = c.node(additional, pointer+"/additionalProperties")
	}
	declared, _ := object["properties"].(map[string]any)
	n.byName = map[string]int{}
	for _, name := range c.doc.names[pointer+"/properties"] {
		n.byName[name] = len(n.members)
		n.members = append(n.members, member{name: name, node: c.node(declared[name], pointer+"/properties/"+escapeToken(name))})
	}
	required, _ := object["required"].([]any)
	for _, name := range required {
		name, isText := name.(string)
		if !isText {
			return false
		}
		at, has := n.byName[name]
		if !has {
			at = len(n.members)
			n.byName[name] = at
			n.members = append(n.members, member{name: name, node: n.additional})
		}
		if !n.members[at].required {
			n.members[at].required = true
			n.required++
		}
	}
	return ok
}

func newValues(list []any) *values {
	v := &values{texts: map[string]bool{}}
	for _, one := range list {
		switch one := one.(type) {
		case string:
			v.texts[one] = true
		case json.Number:
			if n, _ := scanNumber([]byte(one), 0); n.exact && len(v.numbers) < maxNumbers {
				v.numbers = append(v.numbers, n.value)
			}
		case bool:
			v.addLiteral(strconv.FormatBool(one))
		case nil:
			v.addLiteral("null")
		}
	}
	if len(v.texts) <= fewTexts {
		v.few = slices.Sorted(maps.Keys(v.texts))
	}
	return v
}

// bound is a number of the schema; ok becomes false if it is not exact.
func bound(v any, ok *bool) *decimal {
	number, isNumber := v.(json.Number)
	if !isNumber {
		return nil
	}
	n, _ := scanNumber([]byte(number), 0)
	*ok = *ok && n.exact
	return &n.value
}

// count is a keyword such as minLength; ok becomes false if it is not a plain
// integer.
func count(v any, absent int, ok *bool) int {
	number, isNumber := v.(json.Number)
	if !isNumber {
		return absent
	}
	n, err := strconv.Atoi(string(number))
	*ok = *ok && err == nil
	return n
}

func (v *values) addLiteral(word string) {
	if !slices.Contains(v.literals, word) {
		v.literals = append(v.literals, word)
	}
}

func (v *values) hasText(text []byte) bool {
	if v.few == nil {
		return v.texts[string(text)]
	}
	return slices.ContainsFunc(v.few, func(s string) bool { return s == string(text) })
}

func (v *values) hasNumber(n decimal) bool {
	return slices.ContainsFunc(v.numbers, func(m decimal) bool { return n.compare(m) == 0 })
}

func (v *values) hasLiteral(text []byte) bool {
	return slices.ContainsFunc(v.literals, func(s string) bool { return s == string(text) })
}
