package httpapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// crew are people of the domain: an engineer, a cook, and a contractor who is an
// engineer; it tells their numbers.
func (s *server) crew(t testing.TB, domain string) (engineer, cook, contractor string) {
	t.Helper()
	path := s.hris(t)
	s.call(t, "POST", path, strings.ReplaceAll(`[{"identityId":"1","email":"erin@D","jobTitle":"Engineer"},{"identityId":"2","email":"cora@D","jobTitle":"Cook"},
		{"identityId":"3","email":"carl@D","jobTitle":"engineer","isContractor":true}]`, "D", domain)).is(201)
	s.applied(t)
	number := func(name string) string {
		return s.call(t, "GET", "/personnel/email:"+name+"@"+domain, "").is(200).text("id")
	}
	return number("erin"), number("cora"), number("carl")
}

// found are the numbers of the people of a list, in order.
func (s *server) found(t testing.TB, path string) []string {
	t.Helper()
	g := s.call(t, "GET", path, "").is(200)
	out := make([]string, g.length("data"))
	for i := range out {
		out[i] = g.text(fmt.Sprintf("data.%d.id", i))
	}
	slices.Sort(out)
	return out
}

func sortedTexts(list ...string) []string { slices.Sort(list); return list }

func groupsCase(t *testing.T, s *server) {
	const domain = "groups.example"
	erin, cora, carl := s.crew(t, domain)
	name := s.name("Engineers")
	rule := `{"jobTitles":["ENGINEER"," chief "],"emailDomains":["@Groups.example"]}`
	s.call(t, "POST", "/groups/preview", `{"rule":`+rule+`}`).is(200).has(map[string]any{"personnelCount": 2})
	made := s.call(t, "POST", "/groups", fmt.Sprintf(`{"name":%q,"externalId":"okta-7","rule":%s}`, name, rule)).is(201).
		has(map[string]any{"name": name, "externalId": "okta-7", "source": "CUSTOM", "connectionId": nil, "personnelCount": 2, "workspaces": []any{},
			"rule.jobTitles.1": "chief", "rule.emailDomains.0": "groups.example", "rule.connectionIds": absent})
	one := "/groups/" + made.text("id")
	list := "/personnel?groupIds[]=" + made.text("id")
	if got := s.found(t, list); !slices.Equal(got, sortedTexts(erin, carl)) {
		t.Errorf("engineers are %v", got)
	}
	s.call(t, "GET", "/events?type=PERSONNEL_GROUP_CREATED&expand[]=metadata&size=1", "").is(200).has(map[string]any{"data.0.category": "PERSONNEL", "data.0.metadata.people": 2})
	s.call(t, "GET", "/groups?q="+url.QueryEscape(strings.ToUpper(name))+"&includeTotalCount=true&sort=name", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.1": absent, "pagination.totalCount": 1})

	// People come and go with their job title, whichever way it changes.
	person := s.call(t, "GET", "/personnel/"+cora, "").is(200)
	s.call(t, "PUT", "/users/"+person.text("userId"), `{"jobTitle":"Engineer"}`).is(200)
	s.csv(t, "/personnel/imports", "email,jobTitle", "fred@"+domain+",ENGINEER").is(201)
	s.call(t, "POST", s.hris(t), `[{"identityId":"9","email":"new@`+domain+`","jobTitle":"Engineer"}]`).is(201)
	s.call(t, "GET", one, "").is(200).has(map[string]any{"personnelCount": 4})
	// What the identity sync takes back, the group takes back too: the cook is one again.
	s.applied(t)
	s.call(t, "GET", one, "").is(200).has(map[string]any{"personnelCount": 4})

	s.call(t, "PUT", one, `{"rule":{"jobTitles":["Cook"],"emailDomains":["groups.example"]},"externalId":null}`).is(200).has(map[string]any{"name": name, "personnelCount": 1, "externalId": ""})
	s.call(t, "GET", "/events?type=PERSONNEL_GROUP_UPDATED&size=1", "").is(200).has(map[string]any{"data.0.description": "The group “" + name + "” was changed: 1 joined, 4 left"})
	hris := strings.Split(s.hris(t), "/")[2]
	s.call(t, "PUT", one, `{"rule":{"connectionIds":[`+hris+`]}}`).is(200).has(map[string]any{"personnelCount": 0})
	for body, want := range map[string]string{`{"rule":{}}`: "/rule", `{"rule":{"jobTitles":[""]}}`: "/rule/jobTitles/0", `{"rule":{"emailDomains":["example.com","a@b"]}}`: "/rule/emailDomains/1",
		`{"rule":{"connectionIds":[999999]}}`: "/rule/connectionIds/0", `{"name":" "}`: "/name", `{"externalId":"` + strings.Repeat("x", 192) + `"}`: "/externalId",
		`{"rule":{"jobTitles":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 201), ",") + `]}}`: "/rule/jobTitles"} {
		s.call(t, "PUT", one, body).refused(400, 40001, "").has(map[string]any{"pointer": want})
		if strings.Contains(body, "rule") {
			s.call(t, "POST", "/groups/preview", body).refused(400, 40001, "").has(map[string]any{"pointer": want})
		}
	}
	s.call(t, "PUT", one, `{"rule":{"jobTitles":["Cook"],"emails":["x"]}}`).refused(400, 40002, "emails")
	s.call(t, "POST", "/groups/preview", `{}`).refused(400, 40001, "rule")
	s.call(t, "POST", "/groups", `{}`).refused(400, 40001, "name")
	s.call(t, "POST", "/groups", fmt.Sprintf(`{"name":%q}`, strings.ToUpper(name))).refused(409, 40902, "already").has(map[string]any{"pointer": "/name"})
	s.call(t, "PUT", "/groups/999999", `{"name":"x"}`).refused(404, 40401, "999999")
	s.call(t, "GET", "/groups/999999", "").refused(404, 40401, "999999")
	s.call(t, "GET", "/personnel?groupIds[]=all", "").refused(400, 40001, "groupIds[]")
	s.call(t, "GET", "/personnel?groupIds[]=999999", "").is(200).has(map[string]any{"data.0": absent})

	reader, _ := s.signedIn(t, everywhere(access.Auditor))
	reader.ask(t, "GET", "/groups", "").is(200)
	reader.ask(t, "DELETE", one, "").refused(403, 40301, "")
	manager, _ := s.signedIn(t, everywhere(access.PersonnelManager))
	manager.ask(t, "DELETE", one, "").is(204)
	s.call(t, "DELETE", one, "").refused(404, 40401, "")
	s.call(t, "GET", list, "").is(200).has(map[string]any{"data.0": absent})
}

func membersCase(t *testing.T, s *server) {
	const domain = "members.example"
	erin, cora, _ := s.crew(t, domain)
	made := s.call(t, "POST", "/groups", fmt.Sprintf(`{"name":%q}`, s.name("Payments"))).is(201).has(map[string]any{"rule": nil, "personnelCount": 0})
	one := "/groups/" + made.text("id")
	s.call(t, "POST", one+"/actions", `{"action":"add","personnelIds":[`+erin+`,"email:CORA@members.example",`+erin+`]}`).is(200).has(map[string]any{"count": 2})
	s.call(t, "POST", one+"/actions", `{"action":"add","personnelIds":[`+erin+`]}`).is(200).has(map[string]any{"count": 0})
	s.call(t, "GET", "/events?type=PERSONNEL_GROUP_MEMBERS_UPDATED&expand[]=metadata&size=1", "").is(200).
		has(map[string]any{"data.0.metadata.personnelIds.0": erin, "data.0.metadata.personnelIds.1": cora, "data.0.metadata.personnelIds.2": absent})
	s.call(t, "GET", "/personnel/"+cora+"?expand[]=groups&expand[]=workspaces", "").is(200).
		has(map[string]any{"groups.totalCount": 1, "groups.data.0.id": made.at("id"), "groups.data.0.externalId": "", "workspaces.0.id": 1})
	s.call(t, "GET", "/personnel/"+cora, "").is(200).has(map[string]any{"groups": absent, "workspaces": absent})
	s.call(t, "POST", one+"/actions", `{"action":"remove","personnelIds":[`+cora+`]}`).is(200).has(map[string]any{"count": 1})
	g := s.call(t, "GET", "/personnel-search?q=members.example&facets[]=groupIds", "").is(200)
	if g.length("facets.groupIds") != 1 {
		t.Errorf("the groups of those who are found are %s", g.body)
	}
	g.has(map[string]any{"facets.groupIds.0.value": made.text("id"), "facets.groupIds.0.count": 1})
	if got := s.found(t, "/personnel-search?groupIds[]="+made.text("id")); !slices.Equal(got, []string{erin}) {
		t.Errorf("%v belong to the group", got)
	}

	for body, why := range map[string]string{`{"action":"fire","personnelIds":[1]}`: "/action", `{"action":"add"}`: "/personnelIds", `{"action":"add","personnelIds":[]}`: "/personnelIds",
		`{"action":"add","personnelIds":[` + erin + `,"erin"]}`: "/personnelIds/1", `{"action":"add","personnelIds":[0]}`: "/personnelIds/0",
		`{"action":"add","personnelIds":[` + strings.TrimSuffix(strings.Repeat(erin+",", 1001), ",") + `]}`: "/personnelIds"} {
		s.call(t, "POST", one+"/actions", body).refused(400, 40001, "").has(map[string]any{"pointer": why})
	}
	// One who is not there keeps the others out, too.
	s.call(t, "POST", one+"/actions", `{"action":"add","personnelIds":[`+cora+`,999999]}`).refused(404, 40401, "999999")
	s.call(t, "POST", one+"/actions", `{"action":"add","personnelIds":["email:nobody@members.example"]}`).refused(404, 40401, "nobody@members.example")
	s.call(t, "GET", one, "").is(200).has(map[string]any{"personnelCount": 1})
	s.call(t, "POST", "/groups/999999/actions", `{"action":"add","personnelIds":[`+cora+`]}`).refused(404, 40401, "999999")
	s.call(t, "PUT", one, `{"rule":{"emailDomains":["members.example"]}}`).is(200).has(map[string]any{"personnelCount": 3})
	s.call(t, "POST", one+"/actions", `{"action":"remove","personnelIds":[`+cora+`]}`).refused(409, 40901, "rule")
	s.call(t, "PUT", one, `{"rule":null}`).is(200).has(map[string]any{"personnelCount": 3, "rule": nil})
	s.call(t, "POST", one+"/actions", `{"action":"remove","personnelIds":[`+cora+`]}`).is(200).has(map[string]any{"count": 1})
}

func scopeCase(t *testing.T, s *server) {
	const domain = "scope.example"
	erin, cora, carl := s.crew(t, domain)
	workspace := s.workspace(t)
	at := fmt.Sprintf("/workspaces/%d", workspace)
	scope, counts, search := at+"/scoped-personnel-groups", at+"/scoped-personnel-counts", at+"/personnel-search?q="+domain
	group := func(rule string) string {
		return s.call(t, "POST", "/groups", fmt.Sprintf(`{"name":%q,"rule":%s}`, s.name("Scoped"), rule)).is(201).text("id")
	}
	engineers, cooks := group(`{"jobTitles":["Engineer"],"emailDomains":["scope.example"]}`), group(`{"jobTitles":["Cook"],"emailDomains":["scope.example"]}`)

	s.call(t, "GET", scope, "").is(200).has(map[string]any{"data.0": absent, "pagination.cursor": nil})
	all := s.call(t, "GET", counts, "").is(200)
	all.has(map[string]any{"scopedPersonnelCount": all.at("totalPersonnelCount")})
	s.call(t, "GET", at+"?expand[]=personnelScope", "").is(200).has(map[string]any{"scopedPersonnelCount": nil})
	if got := s.found(t, search); !slices.Equal(got, sortedTexts(erin, cora, carl)) {
		t.Errorf("without groups %v are in scope", got)
	}

	s.call(t, "GET", counts+"?groupIds[]="+cooks+"&groupIds[]="+engineers, "").is(200).has(map[string]any{"scopedPersonnelCount": 3})
	s.call(t, "POST", scope, `{"groupId":`+engineers+`}`).is(201).has(map[string]any{"id": engineers, "connectionProvider": nil, "personnelCount": 2})
	s.call(t, "POST", scope, `{"groupId":`+engineers+`}`).refused(409, 40901, engineers)
	s.call(t, "POST", scope, `{"groupId":999999}`).refused(400, 40001, "999999").has(map[string]any{"pointer": "/groupId"})
	s.call(t, "POST", scope, `{}`).refused(400, 40001, "groupId")
	s.call(t, "GET", scope, "").is(200).has(map[string]any{"data.0.id": engineers, "data.1": absent})
	s.call(t, "GET", counts, "").is(200).has(map[string]any{"scopedPersonnelCount": 2, "totalPersonnelCount": all.at("totalPersonnelCount")})
	s.call(t, "GET", at+"?expand[]=personnelScope", "").is(200).has(map[string]any{"scopedPersonnelCount": 2})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"scopedPersonnelCount": absent})
	s.call(t, "GET", "/workspaces?expand[]=personnelScope&sort=createdAt&sortDir=DESC", "").is(200).has(map[string]any{"data.0.id": workspace, "data.0.scopedPersonnelCount": 2})
	// Those who left are found, but not counted as working here.
	s.call(t, "PUT", "/personnel/"+erin, `{"employmentStatus":"FORMER_EMPLOYEE"}`).is(200)
	s.call(t, "GET", counts, "").is(200).has(map[string]any{"scopedPersonnelCount": 1})
	for _, path := range []string{search, "/personnel?q=" + domain + fmt.Sprintf("&workspaceId=%d", workspace)} {
		if got := s.found(t, path); !slices.Equal(got, sortedTexts(erin, carl)) {
			t.Errorf("%s finds %v", path, got)
		}
	}
	s.call(t, "GET", search+"&facets[]=employmentStatus&facets[]=groupIds&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2,
		"facets.employmentStatus.1.count": 1, "facets.employmentStatus.2.count": 1, "facets.groupIds.0.value": engineers, "facets.groupIds.1": absent})
	s.call(t, "GET", "/personnel/"+cora+"?expand[]=workspaces", "").is(200).has(map[string]any{"workspaces.0.id": 1})
	if text := string(s.call(t, "GET", "/personnel/"+cora+"?expand[]=workspaces", "").is(200).body); strings.Contains(text, fmt.Sprintf(`"id":%d,`, workspace)) {
		t.Errorf("the cook is in scope: %s", text)
	}
	s.call(t, "GET", "/groups/"+engineers, "").is(200).has(map[string]any{"workspaces.0.id": workspace})
	s.call(t, "GET", fmt.Sprintf("/events?type=WORKSPACE_PERSONNEL_SCOPE_UPDATED&expand[]=metadata&workspaceId=%d&size=1", workspace), "").is(200).has(map[string]any{"data.0.metadata.scoped": 2})
	s.call(t, "DELETE", "/groups/"+engineers, "").refused(409, 40901, "personnel scope")

	s.call(t, "PUT", scope, `{"groupIds":[`+cooks+`,`+engineers+`,`+cooks+`]}`).is(204)
	s.call(t, "PUT", scope, `{"groupIds":[`+cooks+`,`+engineers+`]}`).is(204)
	s.call(t, "GET", counts, "").is(200).has(map[string]any{"scopedPersonnelCount": 2})
	s.call(t, "PUT", scope, `{}`).refused(400, 40001, "groupIds")
	s.call(t, "PUT", scope, `{"groupIds":[`+cooks+`,999999]}`).refused(400, 40001, "999999").has(map[string]any{"pointer": "/groupIds"})
	s.call(t, "DELETE", scope+"/"+engineers, "").is(204)
	s.call(t, "DELETE", scope+"/"+engineers, "").refused(404, 40401, engineers)
	if got := s.found(t, search); !slices.Equal(got, []string{cora}) {
		t.Errorf("of the cooks %v are in scope", got)
	}
	s.call(t, "PUT", scope, `{"groupIds":[]}`).is(204)
	s.call(t, "GET", at+"?expand[]=personnelScope", "").is(200).has(map[string]any{"scopedPersonnelCount": nil})
	s.call(t, "DELETE", "/groups/"+engineers, "").is(204)

	for _, path := range []string{"/scoped-personnel-groups", "/scoped-personnel-counts", "/personnel-search"} {
		s.call(t, "GET", "/workspaces/999999"+path, "").refused(404, 40401, "999999")
	}
	s.call(t, "GET", "/personnel?workspaceId=999999", "").refused(404, 40401, "999999")
	s.call(t, "GET", counts+"?groupIds[]=all", "").refused(400, 40001, "groupIds[]")
	s.call(t, "PUT", "/workspaces/999999/scoped-personnel-groups", `{"groupIds":[]}`).refused(404, 40401, "999999")
	// Who may do what, and where.
	manager, _ := s.signedIn(t, in(workspace, access.WorkspaceManager))
	manager.ask(t, "PUT", scope, `{"groupIds":[`+cooks+`]}`).is(204)
	manager.ask(t, "GET", "/workspaces/1/scoped-personnel-groups", "").refused(404, 40401, "")
	manager.ask(t, "POST", "/groups", `{"name":"mine"}`).refused(403, 40301, "")
	// The primary workspace is about everybody, and nothing that the manager may know of.
	if g := manager.ask(t, "GET", at+"/personnel-search?q="+domain+"&expand[]=workspaces", "").is(200).has(map[string]any{"data.0.workspaces.0.id": workspace}); g.length("data.0.workspaces") != 1 {
		t.Errorf("who sees one workspace is told of %s", g.body)
	}
	reader, _ := s.signedIn(t, everywhere(access.Auditor))
	reader.ask(t, "GET", at+"/personnel-search?q="+domain+"&expand[]=workspaces", "").is(200).has(map[string]any{"data.0.workspaces.0.id": 1})
	reader.ask(t, "GET", "/groups/"+cooks, "").is(200).has(map[string]any{"workspaces.0.id": workspace})
	people, _ := s.signedIn(t, everywhere(access.PersonnelManager))
	people.ask(t, "GET", scope, "").is(200)
	people.ask(t, "PUT", scope, `{"groupIds":[]}`).refused(403, 40301, "")
	s.call(t, "DELETE", scope+"/"+cooks, "", as(s.newKey(access.PersonnelScopePut))).refused(403, 40301, "")
	s.call(t, "DELETE", scope+"/"+cooks, "", as(s.newKey(access.PersonnelScopeDelete))).is(204)
	s.call(t, "POST", scope, `{"groupId":`+cooks+`}`).is(201)
	s.call(t, "GET", scope, "").is(200).has(map[string]any{"data.0.id": cooks})
}
