package strictjson

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// exactNames refuses a document for a value of type t in which an object that
// stands for a struct has a member whose name is that of a field but for the
// case of its letters (with known, is no field's at all), and null in place of
// the outermost struct.
func exactNames(text []byte, t reflect.Type, known bool) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || decodesItself(t) {
		return nil
	}
	from := skipSpace(text, 0)
	if t.Kind() == reflect.Struct && text[from] == 'n' {
		return &SyntaxError{Offset: from, Reason: "an object is expected"}
	}
	n := &namer{text: text, known: known}
	if n.value(from, t) {
		return nil
	}
	return &SyntaxError{Pointer: pointerOf(n.path), Offset: n.at, Reason: n.reason}
}

// namer looks for names that are nearly right; path is innermost first.
type namer struct {
	text   []byte
	known  bool
	path   []step
	at     int
	reason string
}

// value is false if something is wrong at or below the value at from.
func (n *namer) value(from int, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if decodesItself(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct:
		return n.object(from, fieldsOf(t))
	case reflect.Slice, reflect.Array:
		fine, i := true, 0
		eachElement(n.text, from, func(begin, _ int) bool {
			if fine = n.value(begin, t.Elem()); !fine {
				n.path = append(n.path, step{index: i})
			}
			i++
			return fine
		})
		return fine
	}
	return true
}

func (n *namer) object(from int, fields map[string]reflect.Type) bool {
	fine := true
	eachMember(n.text, from, func(key []byte, begin, _ int) bool {
		name := string(key)
		if t, known := fields[name]; known {
			fine = n.value(begin, t)
		} else if meant := likeName(fields, name); meant != "" {
			n.at, n.reason = begin, fmt.Sprintf("the name differs in letter case only; is %q meant?", meant)
			fine = false
		} else if n.known {
			n.at, n.reason = begin, "this is no property here; "+suggestion(fields, name)
			fine = false
		}
		if !fine {
			n.path = append(n.path, step{member: true, name: name})
		}
		return fine
	})
	return fine
}

func likeName(fields map[string]reflect.Type, name string) string {
	for known := range fields {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// suggestion names the field that is meant, or all.
func suggestion(fields map[string]reflect.Type, name string) string {
	names := slices.Sorted(maps.Keys(fields))
	best, meant := maxSlips+1, ""
	for _, known := range names {
		if d := slips(known, name); d < best && 2*d < len(known) {
			best, meant = d, known
		}
	}
	if meant != "" {
		return fmt.Sprintf("is %q meant?", meant)
	}
	return "there is " + strings.Join(names, ", ")
}

// maxSlips is in how many letters, of which half must stand, a name may differ
// from the one that is meant.
const maxSlips = 3

// slips is how many letters must be put in, left out or replaced to make b of
// a; more than maxSlips may be any larger number.
func slips(a, b string) int {
	if len(a)-len(b) > maxSlips || len(b)-len(a) > maxSlips {
		return maxSlips + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func decodesItself(t reflect.Type) bool { return reflect.PointerTo(t).Implements(unmarshaler) }

// fieldsOf are the JSON names of a struct without embedded fields.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields[name] = f.Type
	}
	return fields
}
