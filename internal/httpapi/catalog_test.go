package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

const shelf = "/connection-catalog"

func catalogCase(t *testing.T, s *server) {
	all := s.call(t, "GET", shelf+"?size=500&includeTotalCount=true", "").is(200).has(map[string]any{"data.0.slug": "okta", "data.0.name": "Okta", "data.0.category": "IDENTITY",
		"data.0.categoryName": "Identity", "data.0.kind": "STANDARD", "data.0.recommended": 1, "pagination.cursor": nil})
	n := all.length("data")
	all.has(map[string]any{"pagination.totalCount": n})
	s.call(t, "GET", shelf+"?category=IDENTITY&kind=STANDARD&q=OKTA&includeTotalCount=true", "").is(200).has(map[string]any{"data.0.slug": "okta", "data.1": absent, "pagination.totalCount": 1})
	s.call(t, "GET", shelf+"?q=no+such+provider", "").is(200).has(map[string]any{"data.0": absent, "pagination.cursor": nil})
	s.call(t, "GET", shelf+"?category=NONE", "").refused(400, 40001, "category")
	s.call(t, "GET", shelf+"?kind=OTHER", "").refused(400, 40001, "kind")
	s.call(t, "GET", shelf+"?sort=createdAt", "").refused(400, 40001, "sort")
	// All pages together are the list.
	var walked []string
	for cursor := ""; ; {
		p := s.call(t, "GET", shelf+"?size=7&sort=name&sortDir=DESC&cursor="+cursor, "").is(200)
		for i := range p.length("data") {
			walked = append(walked, strings.ToLower(p.text(fmt.Sprintf("data.%d.name", i))))
		}
		if p.at("pagination.cursor") == nil {
			break
		}
		cursor = p.text("pagination.cursor")
	}
	if len(walked) != n {
		t.Errorf("the pages have %d entries, the list %d", len(walked), n)
	}
	for i := range walked[1:] {
		if walked[i] <= walked[i+1] {
			t.Errorf("%s comes before %s", walked[i], walked[i+1])
		}
	}
	categories := s.call(t, "GET", shelf+"/categories", "").is(200).has(map[string]any{"data.0.category": "AUTOMATION_TOOLS", "data.0.name": "Automation"})
	if categories.length("data") != 23 {
		t.Errorf("there are %d categories", categories.length("data"))
	}
	one := s.call(t, "GET", shelf+"/okta", "").is(200).has(map[string]any{"slug": "okta", "collector": "http", "inputs.0.name": "baseUrl", "inputs.0.secret": false, "inputs.1.secret": true,
		"tests.0.controls.0.code": "PLB-001", "tests.0.controls.0.name": "Everyone logs in with a second factor", "displayNameKey": "email", "freshnessHours": 26,
		"schema.properties.mfa.type": "boolean", "accountMapping.name": "login", "sampleRecords.0.email": "ada@example.com", "scheduleWords": "every 6 hours"})
	for part, want := range map[string]string{"guide": "Read-only Administrator", "recipe": "collector: http", "tests.0.words": "`mfa` is true"} {
		if got := one.text(part); !strings.Contains(got, want) {
			t.Errorf("%s has no %q: %s", part, want, got)
		}
	}
	s.call(t, "GET", shelf+"/none", "").refused(404, 40401, "none")
}

func catalogUseCase(t *testing.T, s *server) {
	first, second := s.workspace(t), s.workspace(t)
	use := shelf + "/okta/use"
	name := s.name("Okta")
	made := s.call(t, "POST", use, fmt.Sprintf(`{"name":%q,"workspaceIds":[%d,%d]}`, name, first, second)).is(201).has(map[string]any{
		"clientAlias": name, "kind": "STANDARD", "catalogSlug": "okta", "providerTypes.0": "IDENTITY", "providerTypes.1": absent, "workspaceIds.0": first, "workspaceIds.1": second,
		"customResources.0.name": name, "customResources.0.displayNameKey": "email", "customResources.0.freshnessHours": 26, "unmappedControls.0": absent, "tests.0.workspaceId": first})
	n := s.call(t, "GET", shelf+"/okta", "").is(200).length("tests")
	if got := made.length("tests"); got != 2*n {
		t.Fatalf("%d tests were made in two workspaces, want %d", got, 2*n)
	}
	connection := made.text("id")
	// It is ready to collect once somebody fills in what that needs, and tells of accounts.
	at := "/custom-connections/" + connection + "/resources/" + made.text("customResources.0.id")
	s.call(t, "GET", at+"/collection", "").is(200).has(map[string]any{"enabled": false, "schedule": "0 */6 * * *", "collector": "http", "missing.0": "baseUrl", "missing.1": "token", "state": "PAUSED", "nextRunAt": nil})
	s.call(t, "GET", at+"/account-mapping", "").is(200).has(map[string]any{"mapping.name": "login", "mapping.mfa.path": "mfa"})
	// The tests work: the sample records are judged.
	resource := "/custom-connections/" + connection + "/resources/" + made.text("customResources.0.id")
	s.call(t, "POST", resource+"/records?wait=verdict", `{"data":[{"id":"a","email":"ada@example.com","status":"ACTIVE","active":true,"mfa":true,"factors":["webauthn"]},
		{"id":"b","email":"ben@example.com","status":"ACTIVE","active":true,"mfa":false,"factors":[]}]}`).is(200)
	for i, workspace := range []int64{first, second} {
		at := fmt.Sprintf("/workspaces/%d/monitoring-tests/%s", workspace, made.text(fmt.Sprintf("tests.%d.testId", i*n)))
		s.call(t, "GET", at+"?expand[]=controls", "").is(200).has(map[string]any{"name": "Everyone has a second factor (" + name + ")", "checkResultStatus": "FAILED", "counts.failing": 1,
			"controls.0.code": "PLB-001", "controls.1": absent})
		s.call(t, "GET", fmt.Sprintf("/workspaces/%d/controls/code:PLB-001", workspace), "").is(200).has(map[string]any{"name": "Everyone logs in with a second factor"})
	}
	// The framework that these controls belong to takes them up.
	install := fmt.Sprintf("/workspaces/%d/frameworks/actions", first)
	s.call(t, "POST", install, `{"action":"install","slug":"plumbline-essentials"}`).is(200)
	s.call(t, "GET", fmt.Sprintf("/workspaces/%d/controls?includeTotalCount=true&q=PLB-001", first), "").is(200).has(map[string]any{"pagination.totalCount": 1})
	if s.call(t, "GET", fmt.Sprintf("/workspaces/%d/controls/code:PLB-001/requirements", first), "").is(200).length("data") == 0 {
		t.Error("the control serves nothing")
	}

	// A name that is taken, by whatever part, makes nothing at all.
	total := func() string {
		return s.call(t, "GET", "/custom-connections?includeTotalCount=true", "").is(200).text("pagination.totalCount")
	}
	events := func() string {
		return s.call(t, "GET", "/events?includeTotalCount=true&size=1", "").is(200).text("pagination.totalCount")
	}
	third := s.workspace(t)
	other := s.name("Okta")
	s.call(t, "POST", fmt.Sprintf("/workspaces/%d/monitoring-tests", third), fmt.Sprintf(`{"name":"Accounts are in use (%s)","logic":{"groups":[{"resourceId":%s,"evaluator":{"all":[]}}]}}`,
		other, s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["CUSTOM"],"workspaceIds":[%d],"sampleData":{"id":"a"},"displayNameKey":"id"}`, s.name("X"), third)).is(201).text("customResources.0.id"))).is(201)
	before, told := total(), events()
	s.call(t, "POST", use, fmt.Sprintf(`{"name":%q,"workspaceIds":[%d]}`, name, second)).refused(409, 40902, name)
	s.call(t, "POST", use, fmt.Sprintf(`{"name":%q,"workspaceIds":[%d]}`, other, third)).refused(409, 40902, "Accounts are in use")
	if total() != before || events() != told {
		t.Errorf("a refused use left something: %s connections, were %s; %s events, were %s", total(), before, events(), told)
	}
	s.call(t, "GET", fmt.Sprintf("/workspaces/%d/controls?includeTotalCount=true", third), "").is(200).has(map[string]any{"pagination.totalCount": 0})
	s.call(t, "POST", use, fmt.Sprintf(`{"name":%q,"workspaceIds":[%d]}`, other+" 2", third)).is(201)

	// The name defaults to the entry's. Who may not add controls is told which are absent.
	fourth := s.workspace(t)
	b, _ := s.signedIn(t, in(fourth, access.DevOpsEngineer))
	lean := b.ask(t, "POST", shelf+"/github/use", fmt.Sprintf(`{"workspaceIds":[%d]}`, fourth)).is(201).has(map[string]any{"clientAlias": "GitHub", "unmappedControls.0.workspaceId": fourth})
	if lean.length("unmappedControls") == 0 || lean.length("tests") == 0 {
		t.Errorf("%s", lean.body)
	}
	b.ask(t, "POST", shelf+"/github/use", fmt.Sprintf(`{"workspaceIds":[%d]}`, first)).refused(400, 40001, "/workspaceIds")

	for body, why := range map[string]string{
		`{}`: "workspaceIds", `{"workspaceIds":[]}`: "workspaceIds", `{"workspaceIds":[999]}`: "999",
		fmt.Sprintf(`{"workspaceIds":[%d],"name":%q}`, first, strings.Repeat("n", 101)): "/name",
	} {
		s.call(t, "POST", use, body).refused(400, 40001, why)
	}
	s.call(t, "POST", use, `{"workspaceIds":"x"}`).refused(400, 40002, "/workspaceIds")
	s.call(t, "POST", shelf+"/none/use", fmt.Sprintf(`{"workspaceIds":[%d]}`, first)).refused(404, 40401, "none")
}
