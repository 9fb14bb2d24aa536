package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Check is nil if record, one object of checked JSON, satisfies the schema.
// Else it is a *[fault.Error] with CodeSchema whose message lists at most ten
// faults as `Schema validation failed for data: [{"<JSON Pointer>":"<what must
// be>"}]`. CodeInternal means that the library failed, not the record.
func (s *Schema) Check(record []byte) error {
	if s.Fast(record) {
		return nil
	}
	found, err := s.library.check(record)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return nil
	}
	message := append([]byte(refusal), '[')
	for i, f := range found[:min(len(found), maxFaults)] {
		if i > 0 {
			message = append(message, ',')
		}
		message = strictjson.AppendText(append(message, '{'), f.pointer)
		message = strictjson.AppendText(append(message, ':'), f.message)
		message = append(message, '}')
	}
	return fault.New(fault.CodeSchema, "%s]", message)
}

// refusal begins the message of a record that does not satisfy its schema.
const refusal = "Schema validation failed for data: "

// Fault is one thing that is wrong with a record.
type Fault struct{ Pointer, Message string }

// Faults are the faults that an error of [Schema.Check] lists, none if it is
// another error.
func Faults(err error) []Fault {
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.CodeSchema {
		return nil
	}
	text, ok := strings.CutPrefix(e.Message, refusal)
	var list []map[string]string
	if !ok || json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	var out []Fault
	for _, each := range list {
		for pointer, message := range each {
			out = append(out, Fault{pointer, message})
		}
	}
	return out
}

// found is one thing that is wrong with a record.
type found struct {
	location []string
	pointer  string
	message  string
}

// check runs the library. A record that is not valid gives at least one found.
func (l *library) check(record []byte) (faults []found, err error) {
	defer func() {
		if r := recover(); r != nil {
			faults, err = nil, fault.Wrap(fmt.Errorf("schema validator: %v", r), fault.CodeInternal, "The record could not be checked against its schema.")
		}
	}()
	d := json.NewDecoder(bytes.NewReader(record))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fault.Wrap(err, fault.CodeMalformedJSON, "The record is not JSON.")
	}
	if _, ok := value.(map[string]any); !ok {
		return []found{{message: "must be object"}}, nil
	}
	values := 0
	value = tame(value, &values)
	if !l.graph.affordable(value, values, len(record)) {
		return []found{{message: "is too large or too deep to be checked against this schema"}}, nil
	}
	invalid := l.root.Validate(value)
	if invalid == nil {
		return nil, nil
	}
	faults = explain(invalid, value, l.order)
	if len(faults) == 0 {
		faults = []found{{message: "must satisfy the schema"}}
	}
	return faults, nil
}

// tiny stands for every number closer to zero than 1e-1900: it lies on the same
// side of each number that a schema can hold, and the library can compute with
// it. Numbers with huge exponents would stop the library with a panic.
const (
	tinyExponent = -2000
	tiny         = json.Number("1e-1900")
	negativeTiny = json.Number("-1e-1900")
)

// tame replaces numbers that the library cannot take and counts the values.
func tame(v any, values *int) any {
	*values++
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = tame(member, values)
		}
	case []any:
		for i, element := range v {
			v[i] = tame(element, values)
		}
	case json.Number:
		exponent, zero := exponentOf(string(v))
		switch {
		case zero:
			return json.Number("0")
		case exponent < tinyExponent && v[0] == '-':
			return negativeTiny
		case exponent < tinyExponent:
			return tiny
		}
	}
	return v
}

// explain turns an error of the library into findings, in order of their
// location. value may be nil; order gives the types of a list as declared.
func explain(err error, value any, order map[string][]string) []found {
	var top *jsonschema.ValidationError
	if !errors.As(err, &top) {
		return nil
	}
	x := &explainer{value: value, order: order}
	x.walk(top)
	return x.sorted()
}
