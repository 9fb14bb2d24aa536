package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireCustomField is a field that somebody defined.
type wireCustomField struct {
	ID          int64    `json:"id"`
	Kind        string   `json:"kind" enum:"ASSET,PERSONNEL" doc:"What it is a field of."`
	Name        string   `json:"name" doc:"Unique among the fields of the kind, in any case."`
	Description *string  `json:"description"`
	Choices     []string `json:"choices" doc:"The values that it may have; none: any text."`
	CreatedAt   wireTime `json:"createdAt"`
	UpdatedAt   wireTime `json:"updatedAt"`
	ValueCount  *int64   `json:"valueCount,omitempty" doc:"Of how many objects it has a value. Not in the list."`
}

// wireDeletedField tells what went with a field.
type wireDeletedField struct {
	ID         int64 `json:"id"`
	ValueCount int64 `json:"valueCount" doc:"How many values went with it. The history of the objects keeps them."`
}

// wireFieldValue is the contract's value of a custom field.
type wireFieldValue struct {
	CustomFieldID int64   `json:"customFieldId"`
	Name          string  `json:"name"`
	Value         *string `json:"value" doc:"null: the object has none."`
}

// wireFieldSetting is what a custom field shall be.
type wireFieldSetting struct {
	_     struct{}   `additionalProperties:"true"`
	ID    *int64     `json:"id,omitempty" doc:"The field; or give its name."`
	Name  *string    `json:"name,omitempty" doc:"The name of the field, in any case; or give its id."`
	Value textOrNone `json:"value" doc:"At most 191 characters; one of the choices, if the field has some. null or empty clears it."`
}

// textOrNone is a text or null, which must be there.
type textOrNone struct {
	sent bool
	text *string
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *textOrNone) UnmarshalJSON(text []byte) error {
	v.sent = true
	return json.Unmarshal(text, &v.text)
}

// Schema implements huma.SchemaProvider.
func (textOrNone) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true}
}

func fieldSettings(list []wireFieldSetting) ([]customfield.Setting, error) {
	out := make([]customfield.Setting, len(list))
	for i, v := range list {
		if !v.Value.sent {
			return nil, fault.New(fault.CodeValidation, "`value` is required; null clears the field").At("/customFields/" + strconv.Itoa(i) + "/value")
		}
		out[i] = customfield.Setting{ID: v.ID, Name: v.Name, Value: v.Value.text}
	}
	return out, nil
}

// fieldValues gives what the fields of a kind have in an object, nil unless the
// request asks for them.
func (a *api) fieldValues(c *call, k customfield.Kind) (func([]customfield.Value) *[]wireFieldValue, error) {
	if !c.expands("customFields") {
		return func([]customfield.Value) *[]wireFieldValue { return nil }, nil
	}
	known, err := a.CustomFields.Of(c.ctx(), k)
	return func(has []customfield.Value) *[]wireFieldValue {
		out := make([]wireFieldValue, len(known))
		for i, f := range known {
			out[i] = wireFieldValue{CustomFieldID: f.ID, Name: f.Name}
			if at := slices.IndexFunc(has, func(v customfield.Value) bool { return v.FieldID == f.ID }); at >= 0 {
				out[i].Value = &has[at].Text
			}
		}
		return &out
	}, err
}

const (
	fieldsParam = "customFields"
	// maxFieldFilters is how many fields a list is narrowed by at once.
	maxFieldFilters = 10
)

var fieldsKey = regexp.MustCompile(`^customFields\[(\d{1,3})\]\[(customFieldId|value)\]$`)

// wantedFields reads customFields[0][customFieldId]=1&customFields[0][value]=x.
func (a *api) wantedFields(c *call, k customfield.Kind) ([]customfield.Wanted, error) {
	c.query(fieldsParam)
	type pair struct {
		id   int64
		text *string
	}
	byPlace := map[string]pair{}
	for key, values := range c.values {
		if len(key) <= len(fieldsParam) || key[:len(fieldsParam)+1] != fieldsParam+"[" {
			continue
		}
		m := fieldsKey.FindStringSubmatch(key)
		if m == nil {
			return nil, fault.New(fault.CodeValidation, "`%s` is no parameter; write customFields[0][customFieldId]=1&customFields[0][value]=text", cutText(key, 80))
		}
		p := byPlace[m[1]]
		if m[2] == "customFieldId" {
			id, err := c.within(key, 1, 1<<53, 0)
			if err != nil {
				return nil, err
			}
			p.id = id
		} else {
			if !storable(values[0]) {
				return nil, fault.New(fault.CodeValidation, "`%s` is not UTF-8 text", key)
			}
			p.text = &values[0]
		}
		byPlace[m[1]] = p
	}
	if len(byPlace) == 0 {
		return nil, nil
	}
	if len(byPlace) > maxFieldFilters {
		return nil, fault.New(fault.CodeValidation, "a list is narrowed by at most %d custom fields at once", maxFieldFilters)
	}
	known, err := a.CustomFields.Of(c.ctx(), k)
	if err != nil {
		return nil, err
	}
	var out []customfield.Wanted
	for _, place := range slices.Sorted(maps.Keys(byPlace)) {
		p := byPlace[place]
		if !slices.ContainsFunc(known, func(f customfield.Field) bool { return f.ID == p.id }) {
			return nil, fault.New(fault.CodeValidation, "`customFields[%s][customFieldId]` is %d; it must be a custom field of %s", place, p.id, k.Things())
		}
		out = append(out, customfield.Wanted{FieldID: p.id, Text: p.text})
	}
	return out, nil
}

func customFieldView(f customfield.Field) wireCustomField {
	return wireCustomField{ID: f.ID, Kind: string(f.Kind), Name: f.Name, Description: f.Description, Choices: append([]string{}, f.Choices...),
		CreatedAt: wireTime(f.CreatedAt), UpdatedAt: wireTime(f.UpdatedAt)}
}

func (a *api) oneCustomField(c *call, status int, f customfield.Field) (answer, error) {
	n, err := a.CustomFields.Count(c.ctx(), f.ID)
	if err != nil {
		return answer{}, err
	}
	view := customFieldView(f)
	view.ValueCount = &n
	return reply(status, view)
}

func (a *api) listCustomFields(c *call) (answer, error) {
	kind, err := c.choice("kind", choices(customfield.Kinds)...)
	if err != nil {
		return answer{}, err
	}
	f := customfield.Filter{Kind: customfield.Kind(kind)}
	if f.Text, err = c.text("q"); err != nil {
		return answer{}, err
	}
	r, err := c.paging(customfield.Sorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.CustomFields.List(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, customFieldView))
}

func (a *api) getCustomField(c *call) (answer, error) {
	id, err := c.number("customFieldId")
	if err != nil {
		return answer{}, err
	}
	f, err := a.CustomFields.Get(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	return a.oneCustomField(c, http.StatusOK, f)
}

// newCustomField is what a field is defined by.
type newCustomField struct {
	_           struct{} `additionalProperties:"true"`
	Kind        string   `json:"kind" enum:"ASSET,PERSONNEL" doc:"It cannot be changed later."`
	Name        *string  `json:"name" minLength:"1" maxLength:"191"`
	Description *string  `json:"description,omitempty" nullable:"true" maxLength:"768"`
	Choices     []string `json:"choices,omitempty" maxItems:"100" doc:"The values that it may have; none: any text."`
}

// customFieldChange is what may change of a field; absent properties stay.
type customFieldChange struct {
	_           struct{} `additionalProperties:"true"`
	Name        *string  `json:"name,omitempty" minLength:"1" maxLength:"191"`
	Description *string  `json:"description,omitempty" nullable:"true" maxLength:"768"`
	Choices     []string `json:"choices,omitempty" maxItems:"100" doc:"Values that stand stay, also when they are no choice any more."`
}

func (b customFieldChange) change(c *call) customfield.Change {
	return customfield.Change{Name: b.Name, Description: sent(c, "description", b.Description), Choices: sent(c, "choices", b.Choices)}
}

func (a *api) createCustomField(c *call) (answer, error) {
	body, err := decode[newCustomField](c)
	if err != nil {
		return answer{}, err
	}
	change := customFieldChange{Name: body.Name, Description: body.Description, Choices: body.Choices}.change(c)
	f, err := a.CustomFields.Create(c.ctx(), c.actor(), customfield.Kind(body.Kind), change)
	if err != nil {
		return answer{}, err
	}
	return a.oneCustomField(c, http.StatusCreated, f)
}

func (a *api) putCustomField(c *call) (answer, error) {
	id, err := c.number("customFieldId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[customFieldChange](c)
	if err != nil {
		return answer{}, err
	}
	f, err := a.CustomFields.Update(c.ctx(), c.actor(), id, body.change(c))
	if err != nil {
		return answer{}, err
	}
	return a.oneCustomField(c, http.StatusOK, f)
}

func (a *api) deleteCustomField(c *call) (answer, error) {
	id, err := c.number("customFieldId")
	if err != nil {
		return answer{}, err
	}
	n, err := a.CustomFields.Delete(c.ctx(), c.actor(), id)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireDeletedField{id, n})
}
