package customfield

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Value is what a field has in an object.
type Value struct {
	FieldID int64
	// Name is what the field is called now.
	Name string
	Text string
}

// Setting is what somebody wants a field to be; the field is named by number or
// by name, a nil or empty value clears it.
type Setting struct {
	ID    *int64
	Name  *string
	Value *string
}

// Set is a value for a field that was found. An empty Text clears it.
type Set struct {
	Field Field
	Text  string
	// At points to the value in what was sent, for a refusal.
	At string
}

// maxSettings is how many settings one request may have.
const maxSettings = MaxFields

// Sets finds the fields of settings among those of a kind, which stand at a place
// in what was sent. A field that is named twice or that the kind does not have is
// refused, and so is a value that is too long.
func (k Kind) Sets(known []Field, list []Setting, at string) ([]Set, error) {
	if len(list) > maxSettings {
		return nil, invalid(at, "`%s` may name at most %d fields", strings.TrimPrefix(at, "/"), maxSettings)
	}
	seen := map[int64]bool{}
	out := make([]Set, 0, len(list))
	for i, each := range list {
		here := pointer(at, i)
		f, err := each.find(k, known, here)
		if err != nil {
			return nil, err
		}
		if seen[f.ID] {
			return nil, invalid(here, "“%s” is set twice", f.Name)
		}
		seen[f.ID] = true
		s, err := f.Set(each.Value, here+"/value")
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (s Setting) find(k Kind, known []Field, at string) (Field, error) {
	if (s.ID == nil) == (s.Name == nil) {
		return Field{}, invalid(at, "a custom field is named by `id` or by `name`: one of them, not both")
	}
	if s.ID != nil {
		if i := slices.IndexFunc(known, func(f Field) bool { return f.ID == *s.ID }); i >= 0 {
			return known[i], nil
		}
		return Field{}, invalid(at+"/id", "there is no custom field %d of %s", *s.ID, k.Things())
	}
	name := Key(strings.TrimSpace(*s.Name))
	if i := slices.IndexFunc(known, func(f Field) bool { return Key(f.Name) == name }); i >= 0 {
		return known[i], nil
	}
	return Field{}, invalid(at+"/name", "there is no custom field %q of %s", fault.Short(*s.Name, quoted), k.Things())
}

// Set is a value for the field; nil or empty clears it. at is where the value
// stands.
func (f Field) Set(value *string, at string) (Set, error) {
	s := Set{Field: f, At: at}
	if value == nil {
		return s, nil
	}
	s.Text = strings.TrimSpace(*value)
	if s.Text != "" && !plain(s.Text) {
		return s, invalid(at, "a value of “%s” may have at most %d characters, in one line", f.Name, maxText)
	}
	return s, nil
}

// Apply gives the values of an object after sets, in the order of their fields. A
// new value must be a choice of its field, if that has any; one that stands may
// stay.
func Apply(values []Value, sets []Set) ([]Value, error) {
	out := slices.Clone(values)
	for _, s := range sets {
		i := slices.IndexFunc(out, func(v Value) bool { return v.FieldID == s.Field.ID })
		switch {
		case s.Text == "" && i >= 0:
			out = slices.Delete(out, i, i+1)
			continue
		case s.Text == "", i >= 0 && out[i].Text == s.Text:
			continue
		}
		text := s.Text
		if len(s.Field.Choices) > 0 {
			if text = s.Field.choice(text); text == "" {
				return nil, invalid(s.At, "“%s” cannot be %q; it must be one of %s", s.Field.Name, fault.Short(s.Text, quoted), some(s.Field.Choices))
			}
		}
		v := Value{FieldID: s.Field.ID, Name: s.Field.Name, Text: text}
		if i >= 0 {
			out[i] = v
		} else {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Value) int { return cmp.Compare(a.FieldID, b.FieldID) })
	return out, nil
}

// some are choices for a message, cut where they become many.
func some(choices []string) string {
	const most = 20
	if len(choices) > most {
		return strings.Join(choices[:most], ", ") + " and " + strconv.Itoa(len(choices)-most) + " more"
	}
	return strings.Join(choices, ", ")
}

// Difference is a field whose value changed; nil is none.
type Difference struct {
	FieldID int64   `json:"customFieldId"`
	Name    string  `json:"name"`
	From    *string `json:"from"`
	To      *string `json:"to"`
}

// Differences are the fields that differ between two states of an object, in the
// order of the fields.
func Differences(old, now []Value) []Difference {
	byField := map[int64]*Difference{}
	for _, v := range old {
		byField[v.FieldID] = &Difference{FieldID: v.FieldID, Name: v.Name, From: &v.Text}
	}
	for _, v := range now {
		d := byField[v.FieldID]
		if d == nil {
			d = &Difference{FieldID: v.FieldID, Name: v.Name}
			byField[v.FieldID] = d
		}
		d.To = &v.Text
	}
	var out []Difference
	for _, d := range byField {
		if !same(d.From, d.To) {
			out = append(out, *d)
		}
	}
	slices.SortFunc(out, func(a, b Difference) int { return cmp.Compare(a.FieldID, b.FieldID) })
	return out
}

// ColumnPrefix is what the columns of custom fields in tables begin with.
const ColumnPrefix = "customFields."

// Column is the column of a field in tables. All behind the first dot is its name.
func Column(name string) string { return ColumnPrefix + name }

func pointer(at string, i int) string { return at + "/" + strconv.Itoa(i) }

// Wanted keeps the objects of which a field has a value, in any case, or with a nil
// Text any value at all.
type Wanted struct {
	FieldID int64
	Text    *string
}
