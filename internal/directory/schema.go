package directory

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// shape is a built-in resource.
type shape struct {
	name, about string
	// schema is the text of its JSON Schema.
	schema []byte
}

// shapes are the built-in resources by what they hold.
var shapes = map[connection.BuiltIn]shape{
	Person: {"Personnel", "Everybody who belongs, belonged or will belong to the organisation. The compliance checks are those of all their devices together.",
		schemaOf(person{}, asset.Person{}.Checks(nil, time.Time{}))},
	Device: {"Devices", "The computers and phones that MDM connections report, with what they said of themselves last.", schemaOf(device{}, asset.Device{}.Checks(time.Time{}))},
	Asset:  {"Assets", "What the organisation answers for; each device has an asset, too.", schemaOf(thing{}, nil)},
}

// formats are the properties that hold dates.
var formats = map[string]string{"statusUpdatedAt": "date-time", "startedAt": "date-time", "separatedAt": "date-time", "createdAt": "date-time",
	"removedAt": "date-time", "lastCheckedOn": "date"}

// words are the properties with a few values.
var words = map[string][]string{
	"employmentStatus":      choices(asset.EmploymentStatuses),
	"ownerEmploymentStatus": choices(asset.EmploymentStatuses),
	"assetType":             choices(asset.Types),
	"classes":               choices(asset.ClassTypes),
}

// statuses are what a check may say.
var statuses = []any{asset.CheckPass, asset.CheckFail, asset.CheckMisconfigured, asset.CheckExcluded}

func choices[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// property is a JSON Schema as far as it is needed here.
type property struct {
	Type       any             `json:"type"`
	Format     string          `json:"format,omitempty"`
	Enum       []any           `json:"enum,omitempty"`
	Items      *property       `json:"items,omitempty"`
	Properties json.RawMessage `json:"properties,omitempty"`
	Required   []string        `json:"required,omitempty"`
	// Others is the schema of properties that are not named.
	Others *property `json:"additionalProperties,omitempty"`
}

// add declares a property of an object, behind those that are there.
func (p *property) add(name string, of property) {
	p.Required = append(p.Required, name)
	p.Properties = strictjson.Set(p.Properties, name, written(of))
}

// schemaOf is the schema of the records that a struct is written as, with checks
// and without custom fields.
func schemaOf(of any, checks []asset.Check) []byte {
	out := property{Type: "object", Properties: json.RawMessage("{}")}
	t := reflect.TypeOf(of)
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("json")
		if t.Field(i).Type.Kind() == reflect.Map {
			continue
		}
		out.add(name, propertyOf(name, t.Field(i).Type))
	}
	for _, c := range checks {
		out.add(field(c.Type), property{Type: "string", Enum: statuses})
	}
	return written(out)
}

// fieldsKey is the property with the custom fields of an object.
const fieldsKey = "customFields"

// fieldsOf are the custom fields that records of a kind have.
var fieldsOf = map[connection.BuiltIn]customfield.Kind{Person: customfield.Person, Asset: customfield.Asset}

// withFields is a schema with custom fields. It does not demand what records need
// not have: a value, or one of the choices. A record may be behind a new name.
func withFields(schema []byte, known []customfield.Field) []byte {
	if len(known) == 0 {
		return schema
	}
	text := property{Type: "string"}
	own := property{Type: "object", Properties: json.RawMessage("{}"), Others: &text}
	for _, f := range known {
		own.Properties = strictjson.Set(own.Properties, f.Name, written(text))
	}
	all, _ := strictjson.Member(schema, "properties")
	return strictjson.Set(schema, "properties", strictjson.Set(all, fieldsKey, written(own)))
}

// propertyOf is the schema of a property. A pointer may be null.
func propertyOf(name string, t reflect.Type) property {
	kind := t.Kind()
	if kind == reflect.Pointer {
		kind = t.Elem().Kind()
	}
	p := property{Type: jsonTypes[kind], Format: formats[name]}
	switch kind {
	case reflect.Slice:
		items := propertyOf(name, t.Elem())
		p.Items = &items
	case reflect.String:
		for _, w := range words[name] {
			p.Enum = append(p.Enum, w)
		}
	}
	if t.Kind() == reflect.Pointer {
		p.Type = []string{jsonTypes[kind], "null"}
		if p.Enum != nil {
			p.Enum = append(p.Enum, nil)
		}
	}
	return p
}

var jsonTypes = map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer",
	reflect.Float64: "number", reflect.Slice: "array"}
