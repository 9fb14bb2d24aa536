package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// CustomField is a field that an organisation defined for its assets or its
// personnel.
type CustomField struct {
	ID int64 `json:"id"`
	// Kind is ASSET or PERSONNEL.
	Kind        string  `json:"kind"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	// Choices are the values that it may have; none: any text.
	Choices   []string  `json:"choices"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	// ValueCount is of how many objects it has a value; nil in a list.
	ValueCount *int64 `json:"valueCount,omitempty"`
}

// NewCustomField is what a custom field is made of. Kind is ASSET or PERSONNEL.
type NewCustomField struct {
	Kind        string   `json:"kind"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Choices     []string `json:"choices,omitempty"`
}

// CustomFieldChange is what to change of a custom field; nil leaves a part as it
// is.
type CustomFieldChange struct {
	Name *string `json:"name,omitempty"`
	// Description is a JSON text, or JSON null for none.
	Description json.RawMessage `json:"description,omitempty"`
	// Choices that are empty and not nil allow any text.
	Choices []string `json:"choices,omitzero"`
}

// FieldValue is what an object has in a custom field.
type FieldValue struct {
	CustomFieldID int64  `json:"customFieldId"`
	Name          string `json:"name"`
	// Value is nil where the object has none.
	Value *string `json:"value"`
}

// FieldSetting is what a custom field, named by ID or by Name, shall be in an
// object; a nil Value clears it.
type FieldSetting struct {
	ID    int64   `json:"id,omitempty"`
	Name  string  `json:"name,omitempty"`
	Value *string `json:"value"`
}

// FieldFilter keeps the objects of which a custom field has a value, in any case, or
// with a nil Value any value at all.
type FieldFilter struct {
	ID    int64
	Value *string
}

func setFields(q url.Values, fields []FieldFilter) {
	for i, f := range fields {
		at := "customFields[" + strconv.Itoa(i) + "]"
		setID(q, at+"[customFieldId]", f.ID)
		if f.Value != nil {
			q.Set(at+"[value]", *f.Value)
		}
	}
}

// CustomFields walks the custom fields of a kind, or of both with an empty one,
// whose name has a text. They can be sorted by name, too.
func (c *Client) CustomFields(ctx context.Context, kind, text string, l List) iter.Seq2[CustomField, error] {
	q := l.values()
	set(q, "kind", kind)
	set(q, "q", text)
	return walk[CustomField](ctx, c, "/custom-fields", q)
}

// CustomField reads one, with the number of its values.
func (c *Client) CustomField(ctx context.Context, id int64) (CustomField, error) {
	var out CustomField
	return out, c.get(ctx, path("custom-fields", id), nil, &out)
}

// CreateCustomField defines a custom field.
func (c *Client) CreateCustomField(ctx context.Context, n NewCustomField) (CustomField, error) {
	var out CustomField
	_, err := c.write(ctx, http.MethodPost, "/custom-fields", nil, n, &out)
	return out, err
}

// UpdateCustomField changes a custom field; values that stand stay.
func (c *Client) UpdateCustomField(ctx context.Context, id int64, change CustomFieldChange) (CustomField, error) {
	var out CustomField
	_, err := c.write(ctx, http.MethodPut, path("custom-fields", id), nil, change, &out)
	return out, err
}

// DeleteCustomField deletes a custom field with all of its values, and tells how
// many those were.
func (c *Client) DeleteCustomField(ctx context.Context, id int64) (values int64, err error) {
	var out struct {
		ValueCount int64 `json:"valueCount"`
	}
	_, err = c.send(ctx, request{method: http.MethodDelete, path: path("custom-fields", id)}, &out)
	return out.ValueCount, err
}
