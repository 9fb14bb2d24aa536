package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Limits of an outline.
const (
	MaxOutlinePlaces   = 1000 // attributes and elements
	maxOutlineDepth    = 12
	maxOutlineChildren = 300
	maxOutlineValues   = 5
	maxOutlineEnum     = 50
	maxOutlineText     = 500 // characters of a description
	maxOutlineValue    = 100 // bytes of a value as JSON text
	maxOutlineElements = 100 // of one array of a record
)

// Outline is what can be said about the attributes of records: what the schema
// declares, and what was seen in samples.
type Outline struct {
	// Root stands for the record.
	Root Attribute
	// Samples is how many records were seen.
	Samples int
	// Cut is true where there are more attributes than are described.
	Cut bool

	places, work int
}

// Attribute is a property, or the elements of an array.
type Attribute struct {
	Name string
	// Declared is true for what the schema names, Required where the schema
	// demands it of what is around it.
	Declared, Required bool
	// Types are the JSON types that are declared, or else were seen.
	Types []string
	// Title and Description are those of the schema. Format is declared, or one that
	// all texts seen have.
	Title, Description, Format string
	// Enum are the only values that the schema allows, as JSON text.
	Enum []json.RawMessage
	// Present and Nulls are in how many of the samples it was there, and was null.
	Present, Nulls int
	// Values are some different values that were seen, as JSON text.
	Values []json.RawMessage
	// Children are the properties of an object, Elements what an array holds, nil
	// if nothing is known of it.
	Children []*Attribute
	Elements *Attribute

	byName         map[string]*Attribute
	seen, seenNull int // the last samples with it
	formats        formats
	texts          bool
}

// NewOutline reads the text of a schema that [Compile] accepts; on anything else it
// is empty.
func NewOutline(text []byte) *Outline {
	o := &Outline{}
	doc, err := readDocument(bytes.Clone(text))
	if err != nil {
		return o
	}
	// Level by level, so that a schema that refers to itself does not take up all
	// room in one place.
	level := []declaration{{at: &o.Root, schema: doc.root}}
	for depth := 0; len(level) > 0 && depth < maxOutlineDepth; depth++ {
		var next []declaration
		for _, d := range level {
			next = o.declare(doc, d, next, 0)
		}
		level = next
	}
	o.Cut = o.Cut || len(level) > 0
	return o
}

// declaration is a schema of an attribute.
type declaration struct {
	at      *Attribute
	schema  any
	pointer string
}

func (o *Outline) declare(doc *document, d declaration, next []declaration, nested int) []declaration {
	object, pointer := doc.resolve(d.schema, d.pointer)
	// Branches that lead back to where they stand are endless.
	if o.work++; object == nil || nested > maxOutlineDepth || o.work > 10*MaxOutlinePlaces {
		return next
	}
	d.at.annotate(object)
	required, _ := object["required"].([]any)
	properties, _ := object["properties"].(map[string]any)
	for _, name := range doc.names[pointer+"/properties"] {
		child := o.child(d.at, name)
		if child == nil {
			continue
		}
		child.Declared = true
		child.Required = child.Required || nested == 0 && slices.Contains(required, any(name))
		next = append(next, declaration{child, properties[name], pointer + "/properties/" + escapeToken(name)})
	}
	for _, key := range []string{"items", "additionalItems"} {
		if _, ok := object[key].(map[string]any); ok {
			if e := o.elements(d.at); e != nil {
				e.Declared = true
				next = append(next, declaration{e, object[key], pointer + "/" + key})
			}
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := object[key].([]any)
		for i, part := range list {
			next = o.declare(doc, declaration{d.at, part, pointer + "/" + key + "/" + strconv.Itoa(i)}, next, nested+1)
		}
	}
	return next
}

// annotate takes what the schema says of the attribute itself.
func (a *Attribute) annotate(object map[string]any) {
	for _, t := range typeList(object["type"]) {
		if slices.Contains(typeNames[:], t) && !slices.Contains(a.Types, t) {
			a.Types = append(a.Types, t)
		}
	}
	for key, into := range map[string]*string{"title": &a.Title, "description": &a.Description, "format": &a.Format} {
		if text, ok := object[key].(string); ok && *into == "" {
			*into = shortened(text)
		}
	}
	list, _ := object["enum"].([]any)
	if v, ok := object["const"]; ok {
		list = []any{v}
	}
	for _, v := range list {
		text, err := json.Marshal(v)
		if err == nil && len(text) <= maxOutlineValue && len(a.Enum) < maxOutlineEnum && !hasText(a.Enum, text) {
			a.Enum = append(a.Enum, text)
		}
	}
}

func shortened(text string) string {
	if utf8.RuneCountInString(text) <= maxOutlineText {
		return text
	}
	return string([]rune(text)[:maxOutlineText]) + "…"
}

func hasText(list []json.RawMessage, text []byte) bool {
	return slices.ContainsFunc(list, func(e json.RawMessage) bool { return bytes.Equal(e, text) })
}

// child is the property of a name, new if there is room; else nil.
func (o *Outline) child(a *Attribute, name string) *Attribute {
	if c := a.byName[name]; c != nil {
		return c
	}
	if o.places >= MaxOutlinePlaces || len(a.Children) >= maxOutlineChildren || !utf8.ValidString(name) {
		o.Cut = true
		return nil
	}
	o.places++
	c := &Attribute{Name: name, formats: allFormats}
	if a.byName == nil {
		a.byName = map[string]*Attribute{}
	}
	a.byName[name] = c
	a.Children = append(a.Children, c)
	return c
}

func (o *Outline) elements(a *Attribute) *Attribute {
	if a.Elements == nil {
		if o.places >= MaxOutlinePlaces {
			o.Cut = true
			return nil
		}
		o.places++
		a.Elements = &Attribute{formats: allFormats}
	}
	return a.Elements
}

// See adds a record, checked JSON. What it holds stays the caller's.
func (o *Outline) See(record []byte) {
	i := strictjson.SkipSpace(record, 0)
	if i >= len(record) || record[i] != '{' {
		return
	}
	o.Samples++
	o.see(&o.Root, record[i:], 0)
}

func (o *Outline) see(a *Attribute, value []byte, depth int) {
	if a.seen != o.Samples {
		a.seen = o.Samples
		a.Present++
	}
	switch value[0] {
	case '{':
		a.sawType(tObject)
		if depth == maxOutlineDepth {
			o.Cut = true
			return
		}
		strictjson.Members(value, func(key, v []byte) bool {
			if child := o.child(a, string(key)); child != nil {
				o.see(child, v, depth+1)
			}
			return true
		})
	case '[':
		a.sawType(tArray)
		if depth == maxOutlineDepth {
			o.Cut = true
			return
		}
		n := 0
		strictjson.Elements(value, func(v []byte) bool {
			e := o.elements(a)
			if e == nil {
				return false
			}
			o.see(e, v, depth+1)
			n++
			return n < maxOutlineElements
		})
	case 'n':
		a.sawType(tNull)
		if a.seenNull != o.Samples {
			a.seenNull = o.Samples
			a.Nulls++
		}
	case '"':
		a.sawType(tString)
		text, _ := strictjson.Text(value[:strictjson.SkipValue(value, 0)])
		a.texts = true
		a.formats &= formatsOf(text, a.formats)
		a.sawValue(value)
	case 't', 'f':
		a.sawType(tBoolean)
		a.sawValue(value)
	default:
		if number, _ := scanNumber(value, 0); number.plain {
			a.sawType(tInteger)
		} else {
			a.sawType(tNumber)
		}
		a.sawValue(value)
	}
}

// sawType notes a type that is not known of the attribute yet.
func (a *Attribute) sawType(t int) {
	name := typeNames[t]
	if slices.Contains(a.Types, name) || t == tInteger && slices.Contains(a.Types, typeNames[tNumber]) {
		return
	}
	if t == tNumber {
		if i := slices.Index(a.Types, typeNames[tInteger]); i >= 0 {
			a.Types[i] = name
			return
		}
	}
	a.Types = append(a.Types, name)
}

// sawValue keeps a short value that was not seen before.
func (a *Attribute) sawValue(value []byte) {
	if len(a.Values) == maxOutlineValues {
		return
	}
	end := strictjson.SkipValue(value, 0)
	if end < 0 || end > maxOutlineValue {
		return
	}
	if value[0] == '"' {
		if text, ok := strictjson.Text(value[:end]); !ok || !utf8.ValidString(text) {
			return
		}
	}
	if text := value[:end]; !hasText(a.Values, text) {
		a.Values = append(a.Values, bytes.Clone(text))
	}
}

// LikelyFormat is the declared format, or one that all texts seen have.
func (a *Attribute) LikelyFormat() string {
	if a.Format != "" || !a.texts {
		return a.Format
	}
	return a.formats.name()
}
