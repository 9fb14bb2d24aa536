package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// field defines a custom field, and tells its number and name.
func (s *server) field(t testing.TB, kind, more string) (id, name string) {
	t.Helper()
	name = s.name("Field")
	return s.call(t, "POST", "/custom-fields", fmt.Sprintf(`{"kind":%q,"name":%q%s}`, kind, name, more)).is(201).text("id"), name
}

// thing makes an asset, and tells its path.
func (s *server) thing(t testing.TB, more string) string {
	t.Helper()
	owner := s.user(t, everywhere(access.Auditor))
	return "/assets/" + s.call(t, "POST", "/assets", fmt.Sprintf(`{"name":%q,"description":"d","assetClassTypes":["HARDWARE"],"assetType":"PHYSICAL","ownerId":%d%s}`,
		s.name("Thing"), owner.ID, more)).is(201).text("id")
}

func customFieldsCase(t *testing.T, s *server) {
	name := s.name("Cost centre")
	made := s.call(t, "POST", "/custom-fields", fmt.Sprintf(`{"kind":"ASSET","name":" %s ","description":" Who pays ","choices":[" 4711","4712"]}`, name)).is(201).
		has(map[string]any{"kind": "ASSET", "name": name, "description": "Who pays", "choices.0": "4711", "choices.2": absent, "valueCount": 0})
	one := "/custom-fields/" + made.text("id")
	// Another kind may have a field of the name, and a field its own.
	s.call(t, "POST", "/custom-fields", fmt.Sprintf(`{"kind":"PERSONNEL","name":%q}`, name)).is(201).has(map[string]any{"description": nil, "choices": []any{}})
	s.call(t, "PUT", one, fmt.Sprintf(`{"name":%q}`, strings.ToUpper(name))).is(200).has(map[string]any{"name": strings.ToUpper(name), "choices.1": "4712", "description": "Who pays"})
	s.call(t, "POST", "/custom-fields", fmt.Sprintf(`{"kind":"ASSET","name":%q}`, name)).refused(409, 40902, "already").has(map[string]any{"pointer": "/name"})
	other, otherName := s.field(t, "ASSET", "")
	s.call(t, "PUT", "/custom-fields/"+other, fmt.Sprintf(`{"name":%q}`, name)).refused(409, 40902, "already").has(map[string]any{"pointer": "/name"})
	s.call(t, "GET", "/custom-fields/"+other, "").is(200).has(map[string]any{"name": otherName})
	s.call(t, "PUT", one, `{"choices":[],"description":null}`).is(200).has(map[string]any{"choices": []any{}, "description": nil})

	list := "/custom-fields?kind=ASSET&sort=name&sortDir=ASC&size=1&includeTotalCount=true&q=" + strings.ReplaceAll(name, " ", "+")
	s.call(t, "GET", list, "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.0.valueCount": absent, "data.1": absent, "pagination.totalCount": 1, "pagination.cursor": nil})
	first := s.call(t, "GET", "/custom-fields?size=1", "").is(200)
	s.call(t, "GET", "/custom-fields?size=1&cursor="+first.text("pagination.cursor"), "").is(200)

	events := s.call(t, "GET", "/events?type=CUSTOM_FIELD_UPDATED", "").is(200)
	if text := events.text("data.1.description"); !strings.Contains(text, "was renamed; it was “"+name+"”") {
		t.Errorf("the event of the new name says %q", text)
	}

	// Who looks after people reads fields; only administrators write them.
	manager, _ := s.signedIn(t, everywhere(access.PersonnelManager))
	manager.ask(t, "GET", one, "").is(200)
	lead, _ := s.signedIn(t, everywhere(access.SecurityLead))
	lead.ask(t, "PUT", one, `{"name":"x"}`).refused(403, 40301, "")
	s.call(t, "GET", one, "", as(s.newKey(access.AssetsGet))).refused(403, 40301, string(access.CustomFieldsGet))

	s.call(t, "DELETE", one, "").is(200).has(map[string]any{"id": made.at("id"), "valueCount": 0})
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		s.call(t, method, one, `{}`).refused(404, 40401, "")
	}
	s.call(t, "POST", "/custom-fields", fmt.Sprintf(`{"kind":"ASSET","name":%q}`, name)).is(201)
}

func customValuesCase(t *testing.T, s *server) {
	free, freeName := s.field(t, "ASSET", "")
	fixed, fixedName := s.field(t, "ASSET", `,"choices":["Berlin","Köln"]`)
	one := s.thing(t, fmt.Sprintf(`,"customFields":[{"id":%s,"value":" 4711 "},{"name":%q,"value":"KÖLN"}]`, free, strings.ToUpper(fixedName)))
	whole := one + "?expand[]=customFields"
	// values are those that the fields of this case have in a reply.
	values := func(g got, at string, names ...string) string {
		t.Helper()
		var out []string
		for i := range g.length(at + "customFields") {
			here := fmt.Sprintf("%scustomFields.%d.", at, i)
			for _, name := range names {
				if g.text(here+"name") == name {
					out = append(out, fmt.Sprint(g.at(here+"value")))
				}
			}
		}
		return strings.Join(out, " ")
	}
	says := func(g got, at, want string, names ...string) {
		t.Helper()
		if got := values(g.is(200), at, names...); got != want {
			t.Errorf("the values are %s, want %s", got, want)
		}
	}
	s.call(t, "GET", one, "").is(200).has(map[string]any{"customFields": absent})
	says(s.call(t, "GET", whole, ""), "", "4711 Köln", freeName, fixedName)
	says(s.call(t, "PUT", whole, `{"notes":"other"}`), "", "4711 Köln", freeName, fixedName)
	updates := s.call(t, "GET", "/events?type=MANUAL_ASSET_UPDATED&includeTotalCount=true", "").is(200).at("pagination.totalCount")
	says(s.call(t, "PUT", whole, fmt.Sprintf(`{"customFields":[{"id":%s,"value":"4711"},{"id":%s,"value":"köln"}]}`, free, fixed)), "", "4711 Köln", freeName, fixedName)
	s.call(t, "GET", "/events?type=MANUAL_ASSET_UPDATED&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": updates})
	says(s.call(t, "PUT", whole, fmt.Sprintf(`{"customFields":[{"id":%s,"value":"4712"},{"name":%q,"value":null}]}`, free, fixedName)), "", "4712 <nil>", freeName, fixedName)
	s.call(t, "GET", "/events?type=MANUAL_ASSET_UPDATED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.customFields.0.name": freeName, "data.0.metadata.customFields.0.from": "4711",
		"data.0.metadata.customFields.0.to": "4712", "data.0.metadata.customFields.1.from": "Köln", "data.0.metadata.customFields.1.to": nil, "data.0.metadata.customFields.2": absent})

	// A value that stands may stay when it is no choice any more.
	says(s.call(t, "PUT", whole, fmt.Sprintf(`{"customFields":[{"id":%s,"value":"Berlin"}]}`, fixed)), "", "Berlin", fixedName)
	s.call(t, "PUT", "/custom-fields/"+fixed, `{"choices":["Bonn"]}`).is(200).has(map[string]any{"valueCount": 1})
	says(s.call(t, "PUT", whole, fmt.Sprintf(`{"notes":"x","customFields":[{"id":%s,"value":"Berlin"}]}`, fixed)), "", "Berlin", fixedName)
	other := s.thing(t, "")
	s.call(t, "PUT", other, fmt.Sprintf(`{"customFields":[{"id":%s,"value":"Berlin"}]}`, fixed)).refused(400, 40001, "Bonn").has(map[string]any{"pointer": "/customFields/0/value"})

	// Lists show and find them.
	says(s.call(t, "GET", fmt.Sprintf("/assets?customFields[0][customFieldId]=%s&customFields[0][value]=BERLIN&expand[]=customFields", fixed), "").
		has(map[string]any{"data.1": absent}), "data.0.", "4712 Berlin", freeName, fixedName)
	s.call(t, "GET", fmt.Sprintf("/assets?customFields[0][customFieldId]=%s&customFields[1][customFieldId]=%s&customFields[1][value]=nowhere", free, fixed), "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", fmt.Sprintf("/assets?customFields[7][customFieldId]=%s&includeTotalCount=true", free), "").is(200).has(map[string]any{"data.1": absent, "pagination.totalCount": 1})
	s.call(t, "GET", "/assets?customFields[0][customFieldId]=999999", "").refused(400, 40001, "custom field of assets")
	s.call(t, "GET", "/assets?customFields[0][name]=x", "").refused(400, 40001, "customFields[0][name]")
	s.call(t, "GET", "/assets?customFields[0][customFieldId]="+free+"&customFields[0][value]=%ff", "").refused(400, 40001, "UTF-8")

	// The new name is that of the values; who is deleted takes theirs along.
	renamed := s.name("Renamed")
	s.call(t, "PUT", "/custom-fields/"+free, fmt.Sprintf(`{"name":%q}`, renamed)).is(200)
	says(s.call(t, "GET", whole, ""), "", "4712", renamed)
	gone := s.thing(t, fmt.Sprintf(`,"customFields":[{"id":%s,"value":"x"}]`, free))
	s.call(t, "GET", "/custom-fields/"+free, "").is(200).has(map[string]any{"valueCount": 2})
	s.call(t, "DELETE", gone, "").is(204)
	s.call(t, "DELETE", "/custom-fields/"+free, "").is(200).has(map[string]any{"valueCount": 1})
	says(s.call(t, "GET", whole, ""), "", "Berlin", renamed, fixedName)
	s.call(t, "GET", "/assets?customFields[0][customFieldId]="+free, "").refused(400, 40001, "")

	// People.
	s.call(t, "POST", s.hris(t), `[{"identityId":"cf-1","email":"cleo@fields.example","firstName":"Cleo"},{"identityId":"cf-2","email":"carl@fields.example"}]`).is(201)
	s.applied(t)
	level, levelName := s.field(t, "PERSONNEL", `,"choices":["Low","High"]`)
	cleo := "/personnel/email:cleo@fields.example?expand[]=customFields"
	says(s.call(t, "PUT", cleo, fmt.Sprintf(`{"customFields":[{"name":%q,"value":"high"}]}`, levelName)).has(map[string]any{"byHand": false}), "", "High", levelName)
	says(s.call(t, "PUT", cleo, `{"employmentStatus":"SERVICE_ACCOUNT"}`), "", "High", levelName)
	for _, path := range []string{"/personnel-search", "/workspaces/1/personnel-search"} {
		query := path + "?customFields[0][customFieldId]=" + level
		says(s.call(t, "GET", query+"&customFields[0][value]=high&expand[]=customFields&facets[]=employmentStatus", "").
			has(map[string]any{"data.0.email": "cleo@fields.example", "data.1": absent, "facets.employmentStatus.9.count": 1}), "data.0.", "High", levelName)
		s.call(t, "GET", query+"&customFields[0][value]=low", "").is(200).has(map[string]any{"data.0": absent})
	}
	s.call(t, "GET", "/events?type=PERSONNEL_UPDATED&expand[]=metadata", "").is(200).has(map[string]any{"data.1.metadata.customFields.0.to": "High", "data.0.metadata.customFields": absent})
	says(s.call(t, "PUT", cleo, fmt.Sprintf(`{"customFields":[{"id":%s,"value":"  "}]}`, level)), "", "<nil>", levelName)
	says(s.call(t, "GET", "/personnel?q=fields.example&sort=name&sortDir=ASC&expand[]=customFields", ""), "data.1.", "<nil>", levelName)
}

func customFieldRefusals(t *testing.T, s *server) {
	long := strings.Repeat("x", 192)
	for body, pointer := range map[string]string{`{"name":"x"}`: "/kind", `{"kind":"DEVICE","name":"x"}`: "/kind", `{"kind":"ASSET"}`: "/name", `{"kind":"ASSET","name":"  "}`: "/name",
		`{"kind":"ASSET","name":"` + long + `"}`: "/name", `{"kind":"ASSET","name":"a\nb"}`: "/name", `{"kind":"ASSET","name":"x","choices":["a",""]}`: "/choices/1",
		`{"kind":"ASSET","name":"x","choices":["a"," A "]}`: "/choices/1", `{"kind":"ASSET","name":"x","choices":["` + long + `"]}`: "/choices/0",
		`{"kind":"ASSET","name":"x","choices":["` + strings.Repeat(`a","`, 100) + `"]}`: "/choices",
		`{"kind":"ASSET","name":"x","description":"` + strings.Repeat("x", 769) + `"}`:  "/description"} {
		s.call(t, "POST", "/custom-fields", body).refused(400, 40001, "").has(map[string]any{"pointer": pointer})
	}
	s.call(t, "GET", "/custom-fields?kind=DEVICE", "").refused(400, 40001, "DEVICE")
	free, name := s.field(t, "ASSET", "")
	ofPeople, _ := s.field(t, "PERSONNEL", "")
	one := s.thing(t, "")
	for settings, pointer := range map[string]string{
		`[{"value":"x"}]`: "/customFields/0",
		fmt.Sprintf(`[{"id":%s,"name":%q,"value":"x"}]`, free, name):                                "/customFields/0",
		fmt.Sprintf(`[{"id":%s}]`, free):                                                            "/customFields/0/value",
		fmt.Sprintf(`[{"id":%s,"value":%q}]`, free, long):                                           "/customFields/0/value",
		fmt.Sprintf(`[{"id":%s,"value":"a\nb"}]`, free):                                             "/customFields/0/value",
		fmt.Sprintf(`[{"id":%s,"value":"a"},{"name":%q,"value":"b"}]`, free, strings.ToUpper(name)): "/customFields/1",
		"[" + strings.Repeat(`{"id":1,"value":null},`, 100) + `{"id":1,"value":null}]`:              "/customFields",
	} {
		s.call(t, "PUT", one, `{"customFields":`+settings+`}`).refused(400, 40001, "").has(map[string]any{"pointer": pointer})
	}
	for settings, pointer := range map[string]string{
		`[{"id":999999,"value":"x"}]`:                    "/customFields/0/id",
		`[{"name":"no such field","value":"x"}]`:         "/customFields/0/name",
		fmt.Sprintf(`[{"id":%s,"value":"x"}]`, ofPeople): "/customFields/0/id",
	} {
		s.call(t, "PUT", one, `{"customFields":`+settings+`}`).refused(400, 40001, "custom field").has(map[string]any{"pointer": pointer})
	}
	for _, body := range []string{`{"customFields":7}`, `{"customFields":[7]}`, fmt.Sprintf(`{"customFields":[{"id":%s,"value":7}]}`, free),
		fmt.Sprintf(`{"customFields":[{"id":%s,"value":{}}]}`, free), `{"customFields":[{"id":1.5,"value":"x"}]}`, fmt.Sprintf(`{"customFields":[{"id":%s,"value":"a\u0000b"}]}`, free)} {
		if g := s.call(t, "PUT", one, body); g.status != 400 {
			t.Errorf("%s: %d %s", body, g.status, g.body)
		}
	}
	s.call(t, "GET", one+"?expand[]=customFields", "").is(200)
	s.call(t, "GET", "/custom-fields/"+free, "").is(200).has(map[string]any{"valueCount": 0})
	// Nothing of a creation is left when a value is refused.
	before := s.call(t, "GET", "/assets?includeTotalCount=true&size=1", "").is(200).at("pagination.totalCount")
	owner := s.user(t, everywhere(access.Auditor))
	s.call(t, "POST", "/assets", fmt.Sprintf(`{"name":"n","description":"d","assetClassTypes":["HARDWARE"],"assetType":"PHYSICAL","ownerId":%d,"customFields":[{"name":"no such","value":"x"}]}`, owner.ID)).
		refused(400, 40001, "no such")
	s.call(t, "GET", "/assets?includeTotalCount=true&size=1", "").is(200).has(map[string]any{"pagination.totalCount": before})
}

// testsOverCustomFields: a test names a custom field by its name, whatever that is
// made of, and editors offer it.
func (s *server) testsOverCustomFields(t *testing.T, resource string) {
	t.Helper()
	asset := strings.TrimPrefix(s.thing(t, ""), "/assets/")
	field, _ := s.field(t, "ASSET", "")
	name := "Cost. 'centre' [1]"
	s.call(t, "PUT", "/custom-fields/"+field, fmt.Sprintf(`{"name":%q}`, name)).is(200)
	s.project(t)
	offered := s.call(t, "GET", resource+"/attributes", "").is(200)
	path := ""
	for i := range offered.length("attributes") {
		at := fmt.Sprintf("attributes.%d.", i)
		for n := range offered.length(at + "children") {
			if child := fmt.Sprintf("%schildren.%d.", at, n); offered.text(child+"name") == name {
				path, _ = offered.at(child + "own.path").(string)
			}
		}
	}
	if path == "" {
		t.Fatalf("no attribute is the custom field: %s", offered.body)
	}
	number := resource[strings.LastIndex(resource, "/")+1:]
	test := s.call(t, "POST", "/workspaces/1/monitoring-tests", fmt.Sprintf(`{"name":"Assets have a cost centre","publish":true,"logic":{"groups":[{"resourceId":%s,
		"filteringCriteria":{"all":[{"fact":"id","operator":"notEqual","value":%s}]},
		"evaluator":{"all":[{"fact":"customFields","path":%q,"operator":"equal","value":"4711"}]}}]}}`, number, asset, path)).is(201)
	one := "/workspaces/1/monitoring-tests/" + test.text("testId")
	comes := func(result string) {
		t.Helper()
		s.project(t)
		s.eventually(t, result, func() bool { return s.call(t, "GET", one, "").text("checkResultStatus") == result })
	}
	comes("FAILED")
	s.call(t, "PUT", "/assets/"+asset, fmt.Sprintf(`{"customFields":[{"id":%s,"value":"4711"}]}`, field)).is(200)
	comes("PASSED")
	s.call(t, "GET", "/assets/"+asset+"/history?size=1", "").is(200).has(map[string]any{"data.0.changes.0.field": "customFields." + name, "data.0.changes.0.to": "4711",
		"data.0.events.0.type": "MANUAL_ASSET_UPDATED"})
	// A file changes it like a request.
	for _, file := range []struct{ value, result string }{{"4712", "FAILED"}, {"4711", "PASSED"}} {
		s.csv(t, "/assets/imports", `id,"customFields.`+strings.ReplaceAll(name, `"`, `""`)+`"`, asset+","+file.value).is(201).has(map[string]any{"numUpdated": 1})
		comes(file.result)
		s.call(t, "GET", "/assets/"+asset+"/history?size=1", "").is(200).has(map[string]any{"data.0.changes.0.field": "customFields." + name, "data.0.changes.0.to": file.value,
			"data.0.changes.1": absent, "data.0.events.0.type": "ASSETS_IMPORTED"})
	}
	s.call(t, "PUT", "/custom-fields/"+field, `{"name":"Cost centre"}`).is(200)
	comes("FAILED")
	s.call(t, "DELETE", "/custom-fields/"+field, "").is(200).has(map[string]any{"valueCount": 1})
	s.project(t)
	s.call(t, "GET", "/assets/"+asset+"/history?size=1", "").is(200).has(map[string]any{"data.0.changes.0.field": "customFields.Cost centre", "data.0.events.0.type": "CUSTOM_FIELD_DELETED"})
	s.call(t, "POST", one+"/actions", `{"action":"delete"}`).is(200)
}
