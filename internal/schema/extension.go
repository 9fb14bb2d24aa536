package schema

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// adapt replaces what the library does in a way that does not suit us: formats
// are annotations; uniqueItems compares canonical texts (the library's hash can
// be made to collide, which costs quadratic time); propertyNames reports a
// location that stays right. Before draft 2019-09 nothing beside $ref counts,
// but the library looks at const.
func adapt(s *jsonschema.Schema) {
	s.Format = nil
	if s.DraftVersion < 2019 && s.Ref != nil {
		s.Const = nil
	}
	if s.UniqueItems {
		s.UniqueItems = false
		s.Extensions = append(s.Extensions, uniqueItems{})
	}
	if s.PropertyNames != nil {
		s.Extensions = append(s.Extensions, propertyNames{s.PropertyNames})
		s.PropertyNames = nil
	}
}

type uniqueItems struct{}

func (uniqueItems) Validate(ctx *jsonschema.ValidatorContext, v any) {
	list, ok := v.([]any)
	if !ok || len(list) < 2 {
		return
	}
	seen := make(map[string]int, len(list))
	var text []byte
	for i, element := range list {
		text = appendCanonical(text[:0], element)
		if first, ok := seen[string(text)]; ok {
			ctx.AddError(&kind.UniqueItems{Duplicates: [2]int{first, i}})
			return
		}
		seen[string(text)] = i
	}
}

// appendCanonical writes equal values, in the sense of JSON Schema, as equal
// texts and others as others.
func appendCanonical(dst []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		dst = append(dst, '{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			dst = strictjson.AppendText(dst, name)
			dst = append(dst, ':')
			dst = append(appendCanonical(dst, v[name]), ',')
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for _, element := range v {
			dst = append(appendCanonical(dst, element), ',')
		}
		return append(dst, ']')
	case string:
		return strictjson.AppendText(dst, v)
	case json.Number:
		if n, ok := new(big.Rat).SetString(string(v)); ok {
			return append(dst, n.RatString()...)
		}
		return append(dst, v...)
	case bool:
		if v {
			return append(dst, 't')
		}
		return append(dst, 'f')
	}
	return append(dst, 'n')
}

type propertyNames struct{ names *jsonschema.Schema }

func (p propertyNames) Validate(ctx *jsonschema.ValidatorContext, v any) {
	object, _ := v.(map[string]any)
	for name := range object {
		if err := ctx.Validate(p.names, name, []string{name}); err != nil {
			ctx.AddError(&kind.PropertyNames{Property: name})
		}
	}
}
