package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
)

const maxReasonBytes = 200

// Decode checks body and decodes it into the Go value that into points to, by
// the rules of encoding/json with UseNumber. Unknown properties are ignored. A
// property of the wrong type is a *[SyntaxError] that says what is expected; so
// is a name that differs from a known one in letter case only, which
// encoding/json would take for it and other readers would not.
func Decode(body []byte, into any) error { return decode(body, into, false) }

// DecodeKnown is Decode for a body of which nothing may be ignored: an unknown
// property is a *[SyntaxError] that names the known one that is meant, or all.
func DecodeKnown(body []byte, into any) error { return decode(body, into, true) }

func decode(body []byte, into any, known bool) error {
	if err := Check(body); err != nil {
		return err
	}
	if err := exactNames(body, reflect.TypeOf(into), known); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		steps, offset := locate(body, int(mismatch.Offset))
		return &SyntaxError{Pointer: pointerOf(steps), Offset: offset, Reason: expected(mismatch.Type) + " is expected"}
	}
	var invalid *json.InvalidUnmarshalError
	if errors.As(err, &invalid) {
		return err
	}
	return &SyntaxError{Reason: cut(err.Error(), maxReasonBytes)}
}

func expected(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "an integer in range"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "an integer in range, not negative,"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return "a string"
}

// locate finds the innermost value of the checked text that holds the byte
// before offset; the steps are innermost first.
func locate(text []byte, offset int) (steps []step, from int) {
	from = skipSpace(text, 0)
	for {
		inner, index := -1, 0
		var at step
		eachMember(text, from, func(key []byte, begin, end int) bool {
			if begin < offset && offset <= end {
				inner, at = begin, step{member: true, name: string(key)}
			}
			return inner < 0
		})
		eachElement(text, from, func(begin, end int) bool {
			if begin < offset && offset <= end {
				inner, at = begin, step{index: index}
			}
			index++
			return inner < 0
		})
		if inner < 0 {
			slices.Reverse(steps)
			return steps, from
		}
		steps, from = append(steps, at), inner
	}
}
