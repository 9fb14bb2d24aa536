package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/customfield"
)

// wantedFieldsParam narrows a list by custom fields.
func wantedFieldsParam() *huma.Param {
	explode := true
	p := query(fieldsParam, "Only those of which a custom field has a value: customFields[0][customFieldId]=1&customFields[0][value]=text, in any case. Without a value: any value. At most 10 fields.",
		&huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeObject, Required: []string{"customFieldId"},
			Properties: map[string]*huma.Schema{"customFieldId": id(), "value": plain()}}})
	p.Style, p.Explode = "deepObject", &explode
	return p
}

// fieldOperations describe the definitions of custom fields.
var fieldOperations = map[string]operation{
	"listCustomFields": {tag: "Custom fields", summary: "List custom fields", params: append(listing(customfield.Sorts...),
		query("kind", "Only those of assets, or of personnel.", words(choices(customfield.Kinds))), searching("the name")), replies: map[int]any{200: wireList[wireCustomField]{}}},
	"createCustomField": {tag: "Custom fields", summary: "Define a custom field", text: "There are at most 100 of assets, and 100 of personnel.", body: newCustomField{},
		replies: map[int]any{201: wireCustomField{}}, errors: []int{409}},
	"getCustomField": {tag: "Custom fields", summary: "Get a custom field", replies: map[int]any{200: wireCustomField{}}},
	"updateCustomField": {tag: "Custom fields", summary: "Change a custom field", text: "Values are set with the asset or the person that has them.", body: customFieldChange{},
		replies: map[int]any{200: wireCustomField{}}, errors: []int{409}},
	"deleteCustomField": {tag: "Custom fields", summary: "Delete a custom field with its values", replies: map[int]any{200: wireDeletedField{}}},
}
