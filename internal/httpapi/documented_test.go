package httpapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// What the document does not show: the parts of a type that is embedded by a name
// of lower case, which JSON reads and writes all the same.
func TestEmbeddedPartsAreDocumented(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(at string, typ reflect.Type)
	walk = func(at string, typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(at, typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] || !strings.HasSuffix(typ.PkgPath(), "internal/httpapi") {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Anonymous && !f.IsExported() && f.Tag.Get("json") == "" {
				t.Errorf("%s: %s embeds %s, whose name must begin with a capital letter", at, typ.Name(), f.Type.Name())
			}
			walk(at, f.Type)
		}
	}
	for id, o := range operations {
		for _, v := range []any{o.body, o.flow} {
			if v != nil {
				walk(id, reflect.TypeOf(v))
			}
		}
		for _, v := range o.replies {
			if several, ok := v.(oneOf); ok {
				for _, each := range several {
					walk(id, reflect.TypeOf(each))
				}
			} else if v != nil {
				walk(id, reflect.TypeOf(v))
			}
		}
	}
	if len(seen) < 100 {
		t.Fatalf("only %d types were found", len(seen))
	}
}

// Every JSON body that is an object says what may be in it.
func TestBodiesAreDocumented(t *testing.T) {
	type schema struct {
		Ref        string         `json:"$ref"`
		Type       any            `json:"type"`
		Properties map[string]any `json:"properties"`
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			RequestBody struct {
				Content map[string]struct {
					Schema schema `json:"schema"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	for name, text := range documents() {
		doc.Paths, doc.Components.Schemas = nil, nil
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(name, err)
		}
		bodies := 0
		for path, methods := range doc.Paths {
			for method, op := range methods {
				body, ok := op.RequestBody.Content["application/json"]
				if !ok {
					continue
				}
				bodies++
				s := body.Schema
				if ref, is := strings.CutPrefix(s.Ref, "#/components/schemas/"); is {
					s = doc.Components.Schemas[ref]
				}
				if s.Type == "object" && len(s.Properties) == 0 && !freeBodies[op.OperationID] {
					t.Errorf("%s %s %s: the body has no properties", name, method, path)
				}
			}
		}
		if bodies == 0 {
			t.Errorf("%s has no body at all", name)
		}
	}
}

// freeBodies are the operations whose body is a document of another kind.
var freeBodies = map[string]bool{"importFramework": true}
