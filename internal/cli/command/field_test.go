package command

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/plumbline-dev/plumbline/client"
)

func TestFieldSettings(t *testing.T) {
	for in, want := range map[string]client.FieldSetting{
		"Desk=4":               {Name: "Desk", Value: new("4")},
		" Cost centre = 4, 7 ": {Name: "Cost centre", Value: new("4, 7")},
		"Desk=":                {Name: "Desk"},
		"Desk= ":               {Name: "Desk"},
		"Formula=a=b":          {Name: "Formula", Value: new("a=b")},
		"id:3=a=b":             {ID: 3, Value: new("a=b")},
		"id:3=":                {ID: 3},
		"id=3":                 {Name: "id", Value: new("3")},
		"id:x=3":               {Name: "id:x", Value: new("3")},
		"id:0=3":               {Name: "id:0", Value: new("3")},
		"3=4":                  {Name: "3", Value: new("4")},
	} {
		if got, err := FieldSettings([]string{in}); err != nil || !reflect.DeepEqual(got, []client.FieldSetting{want}) {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "Desk", "=4", "  =4"} {
		if got, err := FieldSettings([]string{"Desk=4", in}); ExitCode(err) != ExitUsage {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
}

func TestFieldFiltersOfWrongForms(t *testing.T) {
	for _, in := range []string{"", "Desk=", "Desk= ", "=4", "  "} {
		if got, err := FieldFilters(t.Context(), nil, "PERSONNEL", []string{"id:3", in}); ExitCode(err) != ExitUsage {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	got, err := FieldFilters(t.Context(), nil, "ASSET", []string{"id:3", "id:4= a=b "})
	if want := []client.FieldFilter{{ID: 3}, {ID: 4, Value: new("a=b")}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFieldValues(t *testing.T) {
	for _, c := range []struct {
		values []client.FieldValue
		want   string
	}{
		{nil, ""},
		{[]client.FieldValue{{Name: "Desk"}}, ""},
		{[]client.FieldValue{{Name: "Desk", Value: new("4\x1b[2J\n7")}, {Name: "Floor"}, {Name: "Cost centre", Value: new("11")}}, "Custom fields\n  Desk         4\\u001b[2J 7\n  Cost centre  11\n"},
	} {
		var out bytes.Buffer
		if err := FieldValues(&out, c.values); err != nil || out.String() != c.want {
			t.Errorf("%q, want %q (%v)", out.String(), c.want, err)
		}
	}
	if err := FieldValues(failing{}, []client.FieldValue{{Name: "Desk", Value: new("4")}}); err == nil {
		t.Error("nothing was written")
	}
}
