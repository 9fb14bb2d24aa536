package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/sheet"
)

// otherColumn holds what has no column of its own.
const otherColumn = "_other"

// columnDepth is how deep objects are laid out in columns; deeper ones are JSON.
const columnDepth = 6

// column is a property of the objects of a list: a column of the table, or an
// object whose properties are columns.
type column struct {
	key string
	// at is the place of the column, children are there instead.
	at       int
	children []*column
	// other is the place of the column for what no child takes, -1 for none.
	other int
	// fields are the columns of custom fields, by the number of the field; nil when
	// this is something else.
	fields map[int64]int
	// cell is how a value stands in the column; nil as [cellOf] has it.
	cell func(json.RawMessage) (string, error)
}

// tableFile writes a list as CSV (RFC 4180).
type tableFile struct {
	root  *column
	names []string
	cells []string
	// fielded: custom fields have columns, which are those of known.
	fielded bool
	known   []customfield.Field
}

// recordLists are the lists whose objects have records in them, by the property
// that is one. The schema of the resource in their path says what it holds.
var recordLists = map[string]string{
	records + "listCustomDataRecords": "attributes",
	"listRecordVersions":              "attributes",
}

// fieldedLists are the types of lists whose objects have custom fields. When these
// are asked for, each is a column.
var fieldedLists = map[reflect.Type]customfield.Kind{
	reflect.TypeFor[wirePerson](): customfield.Person,
	reflect.TypeFor[wireAsset]():  customfield.Asset,
}

// newTable lays out the columns of a list. They follow from types and schemas,
// never from what the objects hold: the same list has the same columns tomorrow.
func (a *api) newTable(c *call) (*tableFile, error) {
	reply := reflect.TypeOf(operations[c.route.id].replies[200])
	data, _ := reply.FieldByName("Data")
	t := &tableFile{}
	var record *schema.Attribute
	if recordLists[c.route.id] != "" {
		target, err := c.target()
		if err != nil {
			return nil, err
		}
		resource, err := a.Connections.Resource(c.ctx(), target.ConnectionID, target.ResourceID)
		if err != nil {
			return nil, err
		}
		record = &schema.NewOutline(resource.Schema).Root
	}
	if kind, ok := fieldedLists[data.Type.Elem()]; ok && c.expands(fieldsParam) {
		var err error
		t.fielded = true
		if t.known, err = a.CustomFields.Of(c.ctx(), kind); err != nil {
			return nil, err
		}
	}
	t.root = t.ofType(data.Type.Elem(), "", 0)
	if record != nil {
		for _, each := range t.root.children {
			if each.key == recordLists[c.route.id] {
				// It was laid out as one column, in the middle: its own come last.
				t.names = append(t.names[:each.at], t.names[each.at+1:]...)
				for _, later := range t.root.children {
					if later.at > each.at {
						later.at--
					}
				}
				*each = *t.ofAttribute(record, each.key, 0)
			}
		}
	}
	t.cells = make([]string, len(t.names))
	return t, nil
}

func (t *tableFile) place(name string) int {
	t.names = append(t.names, name)
	return len(t.names) - 1
}

var (
	marshaler       = reflect.TypeFor[json.Marshaler]()
	fieldValuesType = reflect.TypeFor[[]wireFieldValue]()
	assetClassType  = reflect.TypeFor[[]wireAssetClass]()
)

// ofType is the layout of a wire type.
func (t *tableFile) ofType(typ reflect.Type, name string, depth int) *column {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	col := &column{other: -1}
	if typ == fieldValuesType && t.fielded && depth == 1 {
		col.fields = map[int64]int{}
		for _, f := range t.known {
			col.fields[f.ID] = t.place(customfield.Column(f.Name))
		}
		return col
	}
	if typ.Kind() != reflect.Struct || typ.Implements(marshaler) || reflect.PointerTo(typ).Implements(marshaler) || depth == columnDepth {
		col.at = t.place(name)
		if typ == assetClassType {
			col.cell = classesCell
		}
		return col
	}
	for _, f := range reflect.VisibleFields(typ) {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || key == "-" || key == "" {
			continue
		}
		child := t.ofType(f.Type, joined(name, key), depth+1)
		child.key = key
		col.children = append(col.children, child)
	}
	return col
}

// ofAttribute is the layout of an object that a schema describes.
func (t *tableFile) ofAttribute(a *schema.Attribute, name string, depth int) *column {
	col := &column{key: a.Name, other: -1}
	if depth == 0 {
		col.key = name
	}
	if depth > 0 && (len(a.Children) == 0 || depth == columnDepth) {
		col.at = t.place(name)
		return col
	}
	for _, child := range a.Children {
		col.children = append(col.children, t.ofAttribute(child, joined(name, child.Name), depth+1))
	}
	if depth == 0 {
		col.other = t.place(name + "." + otherColumn)
	}
	return col
}

// joined is the name of a column below another one. A property that cannot stand
// between dots is a JSON text in brackets.
func joined(above, key string) string {
	switch {
	case above == "":
		return key
	case key == "" || key == otherColumn || strings.ContainsAny(key, ".[]\""):
		text, err := encode(key)
		if err != nil {
			panic(err) // a text
		}
		return above + "[" + string(text) + "]"
	}
	return above + "." + key
}

func (t *tableFile) begin(w io.Writer, _ exportPage) error { return writeCells(w, t.names) }

func (t *tableFile) end(io.Writer, int) error { return nil }

func (t *tableFile) object(w io.Writer, text json.RawMessage) error {
	clear(t.cells)
	rest, err := t.fill(t.root, text)
	if err != nil {
		return err
	}
	if rest != nil {
		return fmt.Errorf("the list has no column for %s", cutText(string(rest), 200))
	}
	return writeCells(w, t.cells)
}

// fill puts a value into its cells and returns what of it has none, nil if all
// has.
func (t *tableFile) fill(col *column, value json.RawMessage) (json.RawMessage, error) {
	value = bytes.TrimSpace(value)
	if col.fields != nil {
		return nil, t.fillFields(col, value)
	}
	if col.children == nil && col.other < 0 {
		cell := cellOf
		if col.cell != nil {
			cell = col.cell
		}
		text, err := cell(value)
		t.cells[col.at] = text
		return nil, err
	}
	if string(value) == "null" {
		return nil, nil
	}
	if len(value) == 0 || value[0] != '{' {
		return value, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(value, &object); err != nil {
		return nil, err
	}
	for _, child := range col.children {
		of, ok := object[child.key]
		if !ok {
			continue
		}
		rest, err := t.fill(child, of)
		if err != nil {
			return nil, err
		}
		if delete(object, child.key); rest != nil {
			object[child.key] = rest
		}
	}
	if len(object) == 0 {
		return nil, nil
	}
	rest, err := encode(object)
	if err == nil && col.other >= 0 {
		t.cells[col.other], rest = string(rest), nil
	}
	return rest, err
}

// fillFields puts the values of custom fields into their cells. A field that was
// defined after the first line was written has none.
func (t *tableFile) fillFields(col *column, value json.RawMessage) error {
	var values []wireFieldValue
	if err := json.Unmarshal(value, &values); err != nil {
		return err
	}
	for _, v := range values {
		if at, ok := col.fields[v.CustomFieldID]; ok && v.Value != nil {
			t.cells[at] = sheet.Disarm(*v.Value)
		}
	}
	return nil
}

// cellOf is a JSON value as the text of a cell: nothing for null, the text of a
// text, and JSON for all else.
func cellOf(value json.RawMessage) (string, error) {
	switch {
	case string(value) == "null":
		return "", nil
	case len(value) > 0 && value[0] == '"':
		var text string
		err := json.Unmarshal(value, &text)
		return sheet.Disarm(text), err
	}
	return string(value), nil
}

// classesCell are the classes of an asset as an import takes them (ADR 37).
func classesCell(value json.RawMessage) (string, error) {
	var list []struct {
		AssetClassType string `json:"assetClassType"`
	}
	err := json.Unmarshal(value, &list)
	words := make([]string, len(list))
	for i, each := range list {
		words[i] = each.AssetClassType
	}
	return strings.Join(words, "; "), err
}

// writeRow writes one row of texts.
func writeRow(w io.Writer, cells []string) error {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = sheet.Disarm(cell)
	}
	return writeCells(w, safe)
}

// writeCells writes one row of CSV as it is.
func writeCells(w io.Writer, cells []string) error {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(cell, "\",\r\n") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(cell)
	}
	b.WriteString("\r\n")
	_, err := io.WriteString(w, b.String())
	return err
}
