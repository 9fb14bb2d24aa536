package record

import (
	"strings"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Filter narrows a list of live records; zero fields do not.
type Filter struct {
	// Text is a part of the record's id or of its display name, in any case.
	Text string
	// Where are values of top-level properties: a record has them all.
	Where []Where
	// NameKey is the property with the display name; [Service.List] sets it.
	NameKey string
}

// Where is a property and the text of its value, in any case: a string as it is
// read, anything else as JSON. Of an array one element is enough.
type Where struct{ Name, Value string }

// Empty reports whether the filter keeps every record.
func (f Filter) Empty() bool { return f.Text == "" && len(f.Where) == 0 }

// Keeps reports whether a record is in the list.
func (f Filter) Keeps(r Record) bool {
	for _, w := range f.Where {
		if !w.holds(r.Body) {
			return false
		}
	}
	if f.Text == "" || contains(r.Key, f.Text) {
		return true
	}
	name, ok := strictjson.Member(r.Body, f.NameKey)
	return ok && contains(plainText(name), f.Text)
}

func (w Where) holds(body []byte) bool {
	value, ok := strictjson.Member(body, w.Name)
	if !ok {
		return false
	}
	if value[0] != '[' {
		return strings.EqualFold(plainText(value), w.Value)
	}
	found := strings.EqualFold(plainText(value), w.Value)
	strictjson.Elements(value, func(element []byte) bool {
		found = found || strings.EqualFold(plainText(element), w.Value)
		return !found
	})
	return found
}

// plainText is a value as people read it.
func plainText(value []byte) string {
	if text, ok := strictjson.Text(value); ok {
		return text
	}
	return string(value)
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
