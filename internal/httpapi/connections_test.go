package httpapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func connectionsCase(t *testing.T, s *server) {
	name := s.name("Sample")
	made := s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"description":"why","providerTypes":["CUSTOM"],"workspaceIds":[1,1],
		"sampleData":{"email":"a@b","n":1,"tags":["x"]},"displayNameKey":"email","freshnessHours":24}`, name)).is(201)
	made.has(map[string]any{"clientAlias": name, "description": "why", "providerTypes.0": "CUSTOM", "workspaceIds.0": 1, "workspaceIds.1": absent, "customResources.0.name": name,
		"customResources.0.displayNameKey": "email", "customResources.0.freshnessHours": 24, "customResources.0.schemaVersion": 1,
		"customResources.0.recordCount": 0, "customResources.0.lastRecordAt": nil, "customResources.0.schema.properties.n.type": "integer"})
	at := "/custom-connections/" + made.text("id")
	s.call(t, "GET", at, "").is(200).has(map[string]any{"clientAlias": name, "customResources": absent, "createdById": nil})
	s.call(t, "GET", "/custom-connections?size=1&expand[]=customResources", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.0.customResources.0.name": name})
	s.call(t, "PUT", at, `{"clientAlias":"Other name"}`).is(200).has(map[string]any{"clientAlias": "Other name", "description": "why"})
	s.call(t, "PUT", at, `{"description":null,"clientAlias":null}`).is(200).has(map[string]any{"clientAlias": "Other name", "description": nil})
	s.call(t, "PUT", at, `{"clientAlias":" "}`).refused(400, 40001, "clientAlias")
	s.call(t, "PUT", at, `{"clientAlias":5}`).refused(400, 40002, "/clientAlias")
	for body, why := range map[string]string{
		`{"providerTypes":["CUSTOM"]}`:                                                                                            "name",
		`{"name":"x","providerTypes":[]}`:                                                                                         "providerTypes",
		`{"name":"x","providerTypes":["OTHER"]}`:                                                                                  "OTHER",
		`{"name":"x","providerTypes":["CUSTOM"],"sampleData":{"a":1},"displayNameKey":"a"}`:                                       "workspaceIds",
		`{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[1],"displayNameKey":"a"}`:                                         "exactly one",
		`{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[1],"displayNameKey":"a","sampleData":{"a":1},"schema":{}}`:        "exactly one",
		`{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[1],"sampleData":{"a":1}}`:                                         "displayNameKey",
		`{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[1],"sampleData":{"a":1},"displayNameKey":"b"}`:                    "b",
		`{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[999],"sampleData":{"a":1},"displayNameKey":"a"}`:                  "999",
		`{"name":"x","providerTypes":["MDM"],"displayNameKey":"a"}`:                                                               "CUSTOM",
		`{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[1],"sampleData":{"a":1},"displayNameKey":"a","freshnessHours":0}`: "freshnessHours",
	} {
		s.call(t, "POST", "/custom-connections", body).refused(400, 40001, why)
	}
	s.call(t, "POST", "/custom-connections", `{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[1],"sampleData":[1],"displayNameKey":"a"}`).refused(400, 40005, "")
	s.call(t, "POST", "/custom-connections", `{"name":"x","providerTypes":["CUSTOM"],"workspaceIds":[1],"schema":{"type":5},"displayNameKey":"a"}`).refused(400, 40004, "")
	// What a person looks for.
	const list = "/custom-connections?includeTotalCount=true&expand[]=customResources"
	s.call(t, "GET", at, "").is(200).has(map[string]any{"dataStatus": "NO_DATA"})
	s.call(t, "GET", list+"&dataStatus=NO_DATA&q="+url.QueryEscape(strings.ToUpper(name)), "").is(200).
		has(map[string]any{"pagination.totalCount": 1, "data.0.id": made.at("id"), "data.0.customResources.0.dataStatus": "NO_DATA", "data.0.customResources.0.staleAt": nil})
	push := at + "/resources/" + made.text("customResources.0.id") + "/records"
	s.call(t, "POST", push, `{"data":{"email":"a@b","n":1,"tags":[]}}`).is(201)
	s.call(t, "GET", list+"&dataStatus=CURRENT&providerType=CUSTOM&workspaceId=1&q="+url.QueryEscape(name), "").is(200).
		has(map[string]any{"pagination.totalCount": 1, "data.0.dataStatus": "CURRENT"})
	for _, none := range []string{"dataStatus=STALE", "dataStatus=NO_DATA", "providerType=HRIS", "workspaceId=999"} {
		s.call(t, "GET", list+"&"+none+"&q="+url.QueryEscape(name), "").is(200).has(map[string]any{"pagination.totalCount": 0, "data.0": absent})
	}
	s.call(t, "GET", list+"&dataStatus=OLD", "").refused(400, 40001, "dataStatus")
	s.resource(t)
	first := s.call(t, "GET", "/custom-connections?providerType=CUSTOM&size=1", "").is(200)
	s.call(t, "GET", "/custom-connections?providerType=CUSTOM&size=1&cursor="+first.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.id": made.at("id")})
	hris := s.call(t, "POST", "/custom-connections", `{"name":"People","providerTypes":["HRIS"]}`).is(201).has(map[string]any{"customResources.0": absent, "providerTypes.0": "HRIS"})
	s.call(t, "DELETE", "/custom-connections/"+hris.text("id"), "").is(204)
	s.call(t, "DELETE", at, "").is(204)
	s.call(t, "GET", at, "").is(404)
	s.call(t, "DELETE", at, "").is(404)
}

func resourcesCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "GET", r.path, "").is(200).has(map[string]any{"id": r.id, "connectionId": r.connection, "recordCount": 0, "freshnessHours": nil})
	postAll(t, s, r, "a", "b")
	if at := s.call(t, "GET", r.path, "").is(200).has(map[string]any{"recordCount": 2}).text("lastRecordAt"); !isMoment.MatchString(at) {
		t.Errorf("lastRecordAt is %s", at)
	}
	s.call(t, "PUT", r.path, `{"name":"People","description":"d","displayNameKey":"id","freshnessHours":48}`).is(200).
		has(map[string]any{"name": "People", "description": "d", "displayNameKey": "id", "freshnessHours": 48})
	s.call(t, "PUT", r.path, `{"freshnessHours":null}`).is(200).has(map[string]any{"name": "People", "freshnessHours": nil, "description": "d"})
	s.call(t, "PUT", r.path, `{"displayNameKey":"none"}`).refused(400, 40001, "none")
	s.call(t, "PUT", r.path, `{"freshnessHours":"x"}`).refused(400, 40002, "/freshnessHours")
	other := s.resource(t)
	s.call(t, "PUT", other.path, `{"name":"People"}`).refused(409, 40902, "People")
}

func schemasCase(t *testing.T, s *server) {
	r := s.resource(t)
	postAll(t, s, r, "a", "b", "c")
	at := r.path + "/schema"
	const strict = `{"type":"object","properties":{"email":{"type":"string"},"mfa":{"type":"boolean"}},"required":["mfa"]}`
	s.call(t, "GET", at, "").is(200).has(map[string]any{"version": 1, "versions.0.version": 1, "versions.1": absent, "schema.required.0": "email"})
	want := map[string]any{"version": 1, "dryRun": true, "records": 3, "invalidRecords": 3, "examples.2.recordId": "c", "schema.required.0": "mfa"}
	s.call(t, "PUT", at, `{"schema":`+strict+`,"dryRun":true}`).is(200).has(want)
	s.call(t, "PUT", at+"?dryRun=true", `{"schema":`+strict+`}`).is(200).has(want)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"version": 1})
	s.call(t, "PUT", at, `{"schema":`+strict+`,"requireValid":true}`).refused(409, 40901, "3 of 3")
	s.call(t, "GET", at, "").is(200).has(map[string]any{"version": 1})
	test := "/workspaces/1/monitoring-tests/" + s.call(t, "POST", "/workspaces/1/monitoring-tests?wait=verdict", fmt.Sprintf(`{"name":%q,"logic":`+mfaLogic+`,"publish":true}`, s.name("MFA"), r.id)).is(201).text("testId")
	s.call(t, "PUT", at, `{"dryRun":true,"schema":{"type":"object","properties":{"email":{"type":"string"}}}}`).is(200).
		has(map[string]any{"invalidRecords": 0, "tests.0.testId": s.call(t, "GET", test, "").is(200).at("testId"), "tests.0.properties.0": "mfa", "tests.1": absent})
	s.call(t, "PUT", at, `{"schema":`+strict+`,"dryRun":true}`).is(200).has(map[string]any{"tests.0": absent})
	s.call(t, "PUT", at, `{"schema":`+strict+`}`).is(200).has(map[string]any{"version": 2, "dryRun": false, "invalidRecords": 3})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"version": 2, "versions.0.version": 2, "versions.1.version": 1, "schema.required.0": "mfa"})
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"d","email":"x"}}`).refused(400, 28022, "mfa")
	s.call(t, "PUT", at, `{"sampleData":[{"id":"a","email":"x"},{"id":"b"}],"displayNameKey":"id"}`).is(200).has(map[string]any{"version": 3, "invalidRecords": 0})
	s.call(t, "GET", r.path, "").is(200).has(map[string]any{"displayNameKey": "id", "schemaVersion": 3})
	s.call(t, "PUT", at, `{}`).refused(400, 40001, "exactly one")
	s.call(t, "PUT", at, `{"schema":{"type":"object"},"sampleData":{}}`).refused(400, 40001, "exactly one")
	s.call(t, "PUT", at, `{"schema":{"type":"object","properties":{"x":{}}}}`).refused(400, 40001, "id")
	s.call(t, "PUT", at, `{"schema":{"$ref":"file:///etc/passwd"}}`).refused(400, 40004, "")
	s.call(t, "PUT", at+"?dryRun=perhaps", `{"schema":{}}`).refused(400, 40001, "dryRun")
}

func inference(t *testing.T, s *server) {
	g := s.call(t, "POST", "/schemas/infer", `{"sampleData":[{"id":"a","n":1,"at":"2026-01-01T00:00:00Z"},{"id":"b","n":null}]}`).is(200)
	g.has(map[string]any{"samples": 2, "schema.properties.id.type": "string", "schema.required.1": "n", "schema.required.2": absent})
	found := false
	for i := range g.length("properties") {
		at := fmt.Sprintf("properties.%d.", i)
		if g.text(at+"path") == "/n" {
			found = true
			g.has(map[string]any{at + "nullable": true, at + "present": 2, at + "types.0.type": "integer", at + "types.0.count": 1, at + "examples.0": "1"})
		}
	}
	if !found {
		t.Errorf("no /n in %s", g.body)
	}
	g.has(map[string]any{"displayNameKeys.0": "id", "displayNameKeys.1": "at", "displayNameKeys.2": "n", "displayNameKeys.3": absent})
	s.call(t, "POST", "/schemas/check", `{"schema":{"type":"object","properties":{"on":{"type":"boolean"},"n":{"type":"number"},"id":{},"note":{"type":"string"},"email":{"type":["string","null"],"format":"email"}},"required":["email"]}}`).is(200).
		has(map[string]any{"properties.0.name": "on", "properties.2.types.0": absent, "properties.4.types.1": "null", "properties.4.required": true, "properties.4.format": "email",
			"displayNameKeys.0": "email", "displayNameKeys.1": "id", "displayNameKeys.2": "note", "displayNameKeys.3": "n", "displayNameKeys.4": absent})
	s.call(t, "POST", "/schemas/check", `{"schema":{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"text"}}}}`).refused(400, 40004, "/properties/a/type").has(map[string]any{"pointer": "/properties/a/type"})
	s.call(t, "POST", "/schemas/check", `{}`).refused(400, 40004, "schema")
	for _, ct := range []string{"text/plain", "application/x-ndjson; charset=utf-8"} {
		s.call(t, "POST", "/schemas/infer", "{\"id\":\"a\"}\n{\"id\":\"b\",\"x\":true}\n", with("Content-Type", ct)).is(200).
			has(map[string]any{"samples": 2, "schema.required.0": "id", "schema.required.1": absent})
	}
	s.call(t, "POST", "/schemas/infer", `{}`).refused(400, 40005, "sampleData")
	s.call(t, "POST", "/schemas/infer", `{"sampleData":[]}`).refused(400, 40005, "")
	s.call(t, "POST", "/schemas/infer", "{\"id\":\"a\"}\n{oops}\n", with("Content-Type", "text/plain")).is(400)
}

func absentIs404(t *testing.T, s *server) {
	r := s.resource(t)
	gone := strings.Replace(r.path, "/resources/"+r.id, "/resources/999999999", 1)
	for _, c := range [][3]string{
		{"GET", "/custom-connections/999999999", ""}, {"PUT", "/custom-connections/999999999", `{}`}, {"DELETE", "/custom-connections/999999999", ""},
		{"GET", gone, ""}, {"PUT", gone, `{}`}, {"GET", gone + "/schema", ""}, {"PUT", gone + "/schema", `{"schema":{"type":"object","properties":{"email":{"type":"string"}}}}`},
		{"GET", gone + "/records", ""}, {"POST", gone + "/records", `{"data":{"email":"x"}}`}, {"GET", gone + "/records/a", ""},
		{"GET", gone + "/records/a/versions", ""}, {"PUT", gone + "/records/a", `{"data":{}}`}, {"DELETE", gone + "/records/a", ""},
		{"GET", gone + "/sessions", ""}, {"POST", gone + "/sessions/abc", `{"data":[]}`}, {"POST", gone + "/sessions/abc/actions", `{"action":"complete"}`},
		{"POST", "/public" + gone + "/records", `{"data":{"email":"x"}}`}, {"PUT", "/public" + gone + "/records/a", `{"data":{}}`}, {"DELETE", "/public" + gone + "/records/a", ""},
		{"GET", "/workspaces/999", ""}, {"GET", "/workspaces/999/monitoring-tests", ""}, {"GET", "/workspaces/999/monitoring-tests?type=POLICY", ""},
		{"GET", "/workspaces/1/monitoring-tests/99999", ""}, {"PUT", "/workspaces/1/monitoring-tests/99999", `{}`},
		{"POST", "/workspaces/1/monitoring-tests/99999/actions", `{"action":"run"}`}, {"GET", "/workspaces/1/monitoring-tests/99999/failures", ""},
		{"GET", "/workspaces/1/monitoring-tests/99999/passes", ""}, {"GET", "/events/00000000-0000-4000-8000-000000000000", ""}, {"GET", "/events/nonsense", ""},
		{"DELETE", "/api-keys/99999", ""},
	} {
		s.call(t, c[0], c[1], c[2]).refused(404, 40401, "")
	}
}

func sameAbsence(t *testing.T, s *server) {
	a, b := s.resource(t), s.resource(t)
	mixed := "/custom-connections/" + a.connection + "/resources/" + b.id
	none := "/custom-connections/" + a.connection + "/resources/999999999"
	for _, rest := range []string{"", "/records", "/records/x", "/sessions", "/schema"} {
		theirs, absent := s.call(t, "GET", mixed+rest, "").refused(404, 40401, ""), s.call(t, "GET", none+rest, "").refused(404, 40401, "")
		if got, want := strings.ReplaceAll(string(theirs.body), b.id, "N"), strings.ReplaceAll(string(absent.body), "999999999", "N"); got != want {
			t.Errorf("%s: %s differs from %s", rest, got, want)
		}
	}
	test := s.test(t, a)
	theirs := s.call(t, "GET", strings.Replace(test, "workspaces/1", "workspaces/2", 1), "").refused(404, 40401, "")
	absentTest := s.call(t, "GET", "/workspaces/1/monitoring-tests/99999", "").refused(404, 40401, "")
	number := test[strings.LastIndexByte(test, '/')+1:]
	if got, want := strings.ReplaceAll(string(theirs.body), "test "+number, "test N"), strings.ReplaceAll(string(absentTest.body), "test 99999", "test N"); got != want {
		t.Errorf("%s differs from %s", got, want)
	}
}
