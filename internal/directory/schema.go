package directory

import (
	"reflect"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
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
	Type       any                  `json:"type"`
	Format     string               `json:"format,omitempty"`
	Enum       []any                `json:"enum,omitempty"`
	Items      *property            `json:"items,omitempty"`
	Properties map[string]*property `json:"properties,omitempty"`
	Required   []string             `json:"required,omitempty"`
}

// schemaOf is the schema of the records that a struct is written as, with checks.
func schemaOf(of any, checks []asset.Check) []byte {
	out := property{Type: "object", Properties: map[string]*property{}}
	t := reflect.TypeOf(of)
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("json")
		out.Required = append(out.Required, name)
		out.Properties[name] = propertyOf(name, t.Field(i).Type)
	}
	for _, c := range checks {
		out.Required = append(out.Required, field(c.Type))
		out.Properties[field(c.Type)] = &property{Type: "string", Enum: statuses}
	}
	return written(out)
}

// propertyOf is the schema of a property. A pointer may be null.
func propertyOf(name string, t reflect.Type) *property {
	kind := t.Kind()
	if kind == reflect.Pointer {
		kind = t.Elem().Kind()
	}
	p := &property{Type: jsonTypes[kind], Format: formats[name]}
	switch kind {
	case reflect.Slice:
		p.Items = propertyOf(name, t.Elem())
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
