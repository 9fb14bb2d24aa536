package asset

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/sheet"
)

// fieldColumn is a custom field with its column.
type fieldColumn struct {
	customfield.Field
	column string
}

// importColumns are the columns of a file with those of the custom fields of its
// kind.
func (s *Service) importColumns(ctx context.Context, k customfield.Kind, c sheet.Columns) (sheet.Columns, []fieldColumn, error) {
	known, err := s.store.CustomFieldsOf(ctx, k)
	if err != nil {
		return c, nil, err
	}
	fields := make([]fieldColumn, len(known))
	byKey := make(map[string]string, len(known))
	for i, f := range known {
		fields[i] = fieldColumn{f, customfield.Column(f.Name)}
		byKey[customfield.Key(f.Name)] = fields[i].column
	}
	c.Others = customfield.Column("NAME") + " for a custom field"
	c.Named = func(name string) (column, why string) {
		if n := len(customfield.ColumnPrefix); len(name) > n && strings.EqualFold(name[:n], customfield.ColumnPrefix) {
			if column = byKey[customfield.Key(strings.TrimSpace(name[n:]))]; column == "" {
				why = fmt.Sprintf("there is no custom field %q of %s: take the column out, or name a field as it is called now", fault.Short(name[n:], maxCell), k.Things())
			}
			return column, why
		}
		// What a list has by this name is no custom field; they have their long name.
		root, _, _ := strings.Cut(name, ".")
		if slices.Contains(c.Passed, root) {
			return "", ""
		}
		return byKey[customfield.Key(name)], ""
	}
	return c, fields, nil
}

// template is a file with the columns of custom fields: rows are examples below
// names. A field with choices has the first in the first example.
func (s *Service) template(ctx context.Context, k customfield.Kind, rows [][]string) ([]byte, error) {
	_, fields, err := s.importColumns(ctx, k, sheet.Columns{})
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		example := ""
		if len(f.Choices) > 0 {
			example = f.Choices[0]
		}
		rows[0], rows[1] = append(rows[0], f.column), append(rows[1], example)
		for i := range rows[2:] {
			rows[2+i] = append(rows[2+i], "")
		}
	}
	return sheet.Write(rows), nil
}

// cellSets are what the cells of a row set of custom fields, as far as they can be
// read; wrong gets why others cannot.
func cellSets(r sheet.Row, fields []fieldColumn, wrong *faults) []customfield.Set {
	var out []customfield.Set
	for _, f := range fields {
		text := cellText(r, f.column)
		if text == nil {
			continue
		}
		set, err := f.Set(*text, "/"+f.column)
		if err != nil {
			wrong.add(err)
			continue
		}
		out = append(out, set)
	}
	return out
}

// applySets is customfield.Apply that tells all that is wrong.
func applySets(values []customfield.Value, sets []customfield.Set) ([]customfield.Value, error) {
	out, err := customfield.Apply(values, sets)
	if err == nil {
		return out, nil
	}
	var wrong faults
	for i := range sets {
		_, err := customfield.Apply(values, sets[i:i+1])
		wrong.add(err)
	}
	return nil, wrong.err()
}

// fieldChanges puts what changed of custom fields behind the other changes of a
// line.
func (l *ImportLine) fieldChanges(old, now []customfield.Value) {
	if slices.Equal(old, now) {
		return
	}
	l.fields = customfield.Differences(old, now)
	for _, d := range l.fields {
		l.Changes = append(l.Changes, FieldChange{customfield.Column(d.Name), d.From, d.To})
	}
}

// changedField is a custom field that an import changed, and of how many objects.
type changedField struct {
	FieldID int64  `json:"customFieldId"`
	Name    string `json:"name"`
	Changed int    `json:"changed"`
}

// countFields counts what a line that is taken changes of custom fields.
func (m *importing[R]) countFields(l ImportLine) {
	for _, d := range l.fields {
		f := m.fields[d.FieldID]
		f.FieldID, f.Name = d.FieldID, d.Name
		f.Changed++
		m.fields[d.FieldID] = f
	}
}

// changedFields are the custom fields that change, in their order.
func (m *importing[R]) changedFields() []changedField {
	out := make([]changedField, 0, len(m.fields))
	for _, f := range m.fields {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b changedField) int { return cmp.Compare(a.FieldID, b.FieldID) })
	return out
}
