package client

import "testing"

func TestCustomFields(t *testing.T) {
	const one = `{"id":3,"kind":"ASSET","name":"Criticality","description":null,"choices":["Low"],"valueCount":2}`
	s, c := newScript(t, answer(200, `{"data":[`+one+`],"pagination":{"cursor":null}}`), answer(200, one), answer(201, one), answer(200, one), answer(200, one), answer(200, `{"id":3,"valueCount":2}`))
	for f, err := range c.CustomFields(t.Context(), "ASSET", "crit", List{Sort: "name", Ascending: true}) {
		if err != nil || f.Name != "Criticality" || f.Choices[0] != "Low" {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if f, err := c.CustomField(t.Context(), 3); err != nil || *f.ValueCount != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err := c.CreateCustomField(t.Context(), NewCustomField{Kind: "ASSET", Name: "Criticality", Choices: []string{"Low"}}); err != nil || f.ID != 3 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, change := range []CustomFieldChange{{Name: new("Impact"), Description: []byte(`null`)}, {Choices: []string{}}} {
		if f, err := c.UpdateCustomField(t.Context(), 3, change); err != nil || f.ID != 3 {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if n, err := c.DeleteCustomField(t.Context(), 3); err != nil || n != 2 {
		t.Error(n, err)
	}
	s.wants([3]string{"GET", "/custom-fields?kind=ASSET&q=crit&size=500&sort=name&sortDir=ASC"}, [3]string{"GET", "/custom-fields/3"},
		[3]string{"POST", "/custom-fields", `{"kind":"ASSET","name":"Criticality","choices":["Low"]}`},
		[3]string{"PUT", "/custom-fields/3", `{"name":"Impact","description":null}`}, [3]string{"PUT", "/custom-fields/3", `{"choices":[]}`}, [3]string{"DELETE", "/custom-fields/3"})
}

func TestListsByCustomFields(t *testing.T) {
	none := `{"data":[],"pagination":{"cursor":null}}`
	s, c := newScript(t, answer(200, none), answer(200, none))
	fields := []FieldFilter{{ID: 3, Value: new("4 & 5")}, {ID: 7}}
	for a, err := range c.Assets(t.Context(), AssetFilter{Fields: fields}, List{}) {
		t.Error(a, err)
	}
	for p, err := range c.Personnel(t.Context(), PersonFilter{Text: "ada", Fields: fields[1:]}, List{}) {
		t.Error(p, err)
	}
	s.wants([3]string{"GET", "/assets?customFields%5B0%5D%5BcustomFieldId%5D=3&customFields%5B0%5D%5Bvalue%5D=4+%26+5&customFields%5B1%5D%5BcustomFieldId%5D=7" +
		"&expand%5B%5D=assetClassTypes&expand%5B%5D=complianceChecks&expand%5B%5D=customFields&expand%5B%5D=owner&size=500", ""},
		[3]string{"GET", "/personnel-search?customFields%5B0%5D%5BcustomFieldId%5D=7&expand%5B%5D=complianceChecks&expand%5B%5D=customFields&expand%5B%5D=groups&expand%5B%5D=workspaces&q=ada&size=500", ""})
}
