package httpapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

func in(workspace int64, r access.Role) access.Grant {
	return access.Grant{Role: r, WorkspaceID: workspace}
}

// workspace makes another workspace.
func (s *server) workspace(t testing.TB) int64 {
	t.Helper()
	id := s.call(t, "POST", "/workspaces", fmt.Sprintf(`{"name":%q}`, s.name("Workspace"))).is(201).text("id")
	var n int64
	if _, err := fmt.Sscan(id, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func organisationCase(t *testing.T, s *server) {
	was := s.call(t, "GET", "/company", "").is(200)
	s.call(t, "PUT", "/company", `{"name":"Umbrella","domain":"Umbrella.Example","legalName":"Umbrella Ltd","description":"Rain\nand sun"}`).is(200).
		has(map[string]any{"name": "Umbrella", "domain": "umbrella.example", "legalName": "Umbrella Ltd", "accountId": was.at("accountId")})
	s.call(t, "PUT", "/company", `{"legalName":null,"description":null}`).is(200).has(map[string]any{"name": "Umbrella", "legalName": nil, "description": nil})
	for body, why := range map[string]string{`{"name":" "}`: "/name", `{"name":"a\nb"}`: "/name", `{"domain":"not a domain"}`: "/domain", `{"domain":""}`: "/domain", `{"legalName":"` + strings.Repeat("x", 192) + `"}`: "/legalName"} {
		s.call(t, "PUT", "/company", body).refused(400, 40001, why).has(map[string]any{"pointer": why})
	}
	s.call(t, "PUT", "/company", `{"name":"My organisation","domain":"localhost"}`).is(200)
	made := s.call(t, "POST", "/workspaces", `{"name":"Second","description":"Of two","url":"https://two.example"}`).is(201).has(map[string]any{"primary": false, "description": "Of two", "url": "https://two.example"})
	path := "/workspaces/" + made.text("id")
	s.call(t, "POST", "/workspaces", `{"name":"Second"}`).refused(409, 40902, "Second").has(map[string]any{"pointer": "/name"})
	s.call(t, "PUT", path, `{"name":"Primary"}`).refused(409, 40902, "Primary")
	s.call(t, "PUT", path, `{"name":"Two","description":null}`).is(200).has(map[string]any{"name": "Two", "description": nil, "url": "https://two.example"})
	s.call(t, "PUT", path, `{"url":"javascript:alert(1)"}`).refused(400, 40001, "https://")
	s.call(t, "POST", "/workspaces", `{}`).refused(400, 40001, "name")
	s.call(t, "PUT", "/workspaces/999999", `{"name":"x"}`).refused(404, 40401, "")
	s.call(t, "GET", path+"/monitoring-tests", "").is(200)
	s.call(t, "GET", "/events?type=WORKSPACE_UPDATED&workspaceId="+made.text("id"), "").is(200).has(map[string]any{"data.0.category": "COMPANY"})
}

func rolesCase(t *testing.T, s *server) {
	all := s.call(t, "GET", "/roles?expand[]=permissions&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": len(access.Roles), "data.0.role": "ADMIN",
		"data.0.name": "Administrator", "data.0.perWorkspace": false, "data.3.role": "CONTROL_MANAGER", "data.3.perWorkspace": true, "data.8.role": "EMPLOYEE"})
	if all.length("data.0.scopes") != len(access.Scopes)-2 || all.length("data.0.permissions") == 0 {
		t.Errorf("an administrator lacks something: %s", all.body)
	}
	first := s.call(t, "GET", "/roles?size=2&sortDir=DESC", "").is(200).has(map[string]any{"data.0.role": "EMPLOYEE", "data.1.role": "ACT_AS_READ_ONLY", "data.2": absent})
	s.call(t, "GET", "/roles?size=20&cursor="+first.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.role": "AUDITOR", "data.6.role": "ADMIN", "pagination.cursor": nil})
	s.call(t, "GET", "/roles/role:AUDITOR", "").is(200).has(map[string]any{"id": 7, "permissions": absent})
	s.call(t, "GET", "/roles/7?expand[]=permissions", "").is(200).has(map[string]any{"role": "AUDITOR", "permissions.0.action": "READ", "permissions.0.id": nil})
	s.call(t, "GET", "/roles/role:KING", "").refused(404, 40401, "KING")
	s.call(t, "GET", "/roles/99", "").is(404)
	u := s.user(t, everywhere(access.Auditor), in(1, access.DevOpsEngineer))
	s.call(t, "GET", "/roles/role:AUDITOR/users?expand[]=roles", "").is(200).has(map[string]any{"data.0.id": u.ID, "data.0.roles.0.role": "DEVOPS_ENGINEER", "data.0.grants.1.workspaceId": 1})

	// Each role does what its line says, and nothing else.
	questions := []struct {
		method, path, body string
		scope              access.Scope
	}{
		{"GET", "/custom-connections", "", access.ConnectionsGet}, {"POST", "/custom-connections", `{}`, access.ConnectionsPost},
		{"GET", monitoringTests, "", access.MonitorsGet}, {"POST", monitoringTests, `{}`, access.MonitorsPost}, {"GET", controls, "", access.ControlsGet},
		{"POST", controls, `{}`, access.ControlsPost}, {"POST", frameworks, `{}`, access.FrameworksPost}, {"GET", "/events", "", access.EventsGet},
		{"GET", "/api-keys", "", access.KeysGet}, {"POST", "/api-keys", `{}`, access.KeysPost}, {"DELETE", "/api-keys/999999", "", access.KeysDelete},
		{"GET", "/users", "", access.UsersGet}, {"POST", "/users", `{}`, access.UsersPost}, {"PUT", "/users/999999", `{}`, access.UsersPut},
		{"DELETE", "/users/999999", "", access.UsersDelete}, {"GET", "/settings", "", access.SettingsGet}, {"PUT", "/settings", `{"termsVersion":5}`, access.SettingsPut},
		{"GET", "/company", "", access.CompanyGet}, {"PUT", "/company", `{"name":""}`, access.CompanyPut}, {"POST", "/workspaces", `{}`, access.WorkspacesPost},
		{"PUT", "/workspaces/1", `{"name":""}`, access.WorkspacesPut}, {"GET", "/workspaces/1/notifications/channels", "", access.NotificationsGet},
	}
	for _, r := range access.Roles {
		t.Run(string(r.Role), func(t *testing.T) {
			b, _ := s.signedIn(t, everywhere(r.Role))
			for _, q := range questions {
				g := b.ask(t, q.method, q.path, q.body)
				lacks := g.status == 403 || r.Role == access.Employee && strings.Contains(q.path, "/workspaces/1") && g.status == 404
				if lacks == access.Grants(r.Scopes, q.scope) {
					t.Errorf("%s %s: %d %s", q.method, q.path, g.status, g.body)
				}
			}
		})
	}
	b, _ := s.signedIn(t, everywhere(access.Auditor))
	b.ask(t, "POST", controls, `{}`).refused(403, 40301, "you lack the permission “Controls: Create Control” (`controls-post`) in workspace 1; who has the role Administrator, Information security lead, Workspace manager, Control manager may do it")
}

func reachCase(t *testing.T, s *server) {
	second := s.workspace(t)
	inFirst := s.resource(t)
	shared := s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["CUSTOM"],"workspaceIds":[1,%d],"schema":{"type":"object","properties":{"id":{"type":"string"}}},"displayNameKey":"id"}`, s.name("Both"), second)).is(201)
	sharedPath := "/custom-connections/" + shared.text("id")
	b, _ := s.signedIn(t, in(second, access.ControlManager), in(second, access.DevOpsEngineer))
	me := b.ask(t, "GET", "/me", "").is(200).has(map[string]any{"grants.0.workspaceId": second, "grants.1": absent, "workspaces.0.id": second, "workspaces.1": absent})
	for _, scope := range []string{"api-keys-get", "users-post", "workspaces-get"} {
		if list := fmt.Sprint(me.at("scopes")); strings.Contains(list, scope) {
			t.Errorf("%s everywhere: %s", scope, list)
		}
	}
	b.ask(t, "GET", "/workspaces?includeTotalCount=true", "").is(200).has(map[string]any{"data.0.id": second, "pagination.totalCount": 1})
	b.ask(t, "GET", "/custom-connections?includeTotalCount=true", "").is(200).has(map[string]any{"data.0.id": shared.at("id"), "data.1": absent, "pagination.totalCount": 1,
		"data.0.workspaceIds.0": second, "data.0.workspaceIds.1": absent})
	// What is out of reach is as absent as what does not exist.
	for _, path := range []string{"/workspaces/%d", "/workspaces/%d/monitoring-tests", "/workspaces/%d/controls/1", "/workspaces/%d/frameworks", "/workspaces/%d/exclusions"} {
		absent := b.ask(t, "GET", fmt.Sprintf(path, 987654), "").is(404)
		out := b.ask(t, "GET", fmt.Sprintf(path, 1), "").is(404)
		if strings.ReplaceAll(string(absent.body), "987654", "1") != string(out.body) {
			t.Errorf("%s differs from %s", out.body, absent.body)
		}
		b.ask(t, "POST", fmt.Sprintf(path, 1), `{}`)
	}
	for _, path := range []string{"", "/resources/" + inFirst.id, "/resources/" + inFirst.id + "/records", "/resources/" + inFirst.id + "/sessions"} {
		absent := b.ask(t, "GET", "/custom-connections/987654"+path, "").is(404)
		out := b.ask(t, "GET", "/custom-connections/"+inFirst.connection+path, "").is(404)
		if strings.ReplaceAll(string(absent.body), "987654", inFirst.connection) != string(out.body) {
			t.Errorf("%s differs from %s", out.body, absent.body)
		}
	}
	b.ask(t, "POST", inFirst.path+"/records", `{"data":{"id":"a","email":"x"}}`).is(404)
	b.ask(t, "DELETE", "/custom-connections/"+inFirst.connection, "").is(404)
	// What several workspaces share is looked at from one, and changed from all.
	b.ask(t, "GET", sharedPath, "").is(200)
	b.ask(t, "PUT", sharedPath, `{"clientAlias":"Mine"}`).refused(403, 40301, "each of the workspaces")
	b.ask(t, "DELETE", sharedPath, "").is(403)
	both, _ := s.signedIn(t, in(1, access.DevOpsEngineer), in(second, access.DevOpsEngineer))
	both.ask(t, "PUT", sharedPath, `{"clientAlias":"Ours"}`).is(200)
	// Nothing is made where one may not.
	made := func(workspaces string) got {
		return b.ask(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["CUSTOM"],"workspaceIds":%s,"schema":{"type":"object","properties":{"id":{"type":"string"}}},"displayNameKey":"id"}`, s.name("Mine"), workspaces))
	}
	made("[1]").refused(400, 40001, "no such workspace")
	made(fmt.Sprintf("[%d,1]", second)).refused(400, 40001, "has 1, but")
	made("[]").refused(400, 40001, "workspaceIds")
	made(fmt.Sprintf("[%d]", second)).is(201)
	// A test looks at nothing of another workspace.
	b.ask(t, "POST", fmt.Sprintf("/workspaces/%d/monitoring-tests/preview", second), `{"logic":{"groups":[{"resourceId":`+inFirst.id+`,"evaluator":{"fact":"mfa","operator":"equal","value":true}}]}}`).is(400)
	// Events of other workspaces, and of the organisation, are not shown.
	events := b.ask(t, "GET", "/events?size=500", "").is(200)
	if events.length("data") == 0 {
		t.Error("no events at all")
	}
	for i := range events.length("data") {
		w, c := events.text(fmt.Sprintf("data.%d.workspaceId", i)), events.at(fmt.Sprintf("data.%d.connectionId", i))
		if w != fmt.Sprint(second) && c == nil {
			t.Errorf("an event of workspace %s: %v", w, events.at(fmt.Sprintf("data.%d.type", i)))
		}
	}
	b.ask(t, "GET", "/events?workspaceId=1", "").is(200).has(map[string]any{"data.0": absent})
	foreign := s.call(t, "GET", "/events?size=1&connectionId="+inFirst.connection, "").is(200).text("data.0.id")
	b.ask(t, "GET", "/events/"+foreign, "").refused(404, 40401, "")
	s.call(t, "GET", "/events/"+foreign, "").is(200)
	// What belongs to no workspace needs a role that is held everywhere.
	for _, path := range []string{"/api-keys", "/controls-requirement-comparison?controlIds[]=1", "/framework-requirements", "/public/sessions"} {
		b.ask(t, "GET", path, "").refused(403, 40301, "you lack")
	}
	b.ask(t, "POST", "/controls/action-reset-mappings", `{"controlIds":[1]}`).is(403)
	b.ask(t, "POST", "/schemas/infer", `{"sampleData":[{"id":"a"}]}`).is(200)
	b.ask(t, "GET", "/settings", "").is(200)
	b.ask(t, "GET", "/error-codes", "").is(200)
	// People of other workspaces are not listed, nor their roles there.
	outsider, neighbour := s.user(t, in(1, access.Auditor)), s.user(t, in(1, access.Auditor), in(second, access.Auditor))
	list := string(b.ask(t, "GET", "/users?size=500", "").is(200).body)
	if strings.Contains(list, outsider.Email) || !strings.Contains(list, neighbour.Email) {
		t.Errorf("%s", list)
	}
	b.ask(t, "GET", "/users/email:"+neighbour.Email, "").is(200).has(map[string]any{"grants.0.workspaceId": second, "grants.1": absent})
	b.ask(t, "GET", fmt.Sprintf("/users/%d", outsider.ID), "").refused(404, 40401, "")
}

func usersCase(t *testing.T, s *server) {
	made := s.call(t, "POST", "/users", `{"email":"Zoë.100%_x@Example.com","firstName":"Zoë","lastName":"Ångström","jobTitle":"Lead","roles":["AUDITOR"],"workspaceIds":[1]}`, with("Idempotency-Key", "zoe")).is(201)
	made.has(map[string]any{"user.state": "INVITED", "user.displayName": "Zoë Ångström", "user.grants.0.role": "AUDITOR", "user.grants.0.workspaceId": 1, "link.purpose": "INVITATION", "link.url": nil, "link.mailed": false})
	path := "/users/" + made.text("user.id")
	_, token, _ := strings.Cut(made.text("link.path"), "/invitation#token=")
	if again := s.call(t, "POST", "/users", `{"email":"Zoë.100%_x@Example.com","firstName":"Zoë","lastName":"Ångström","jobTitle":"Lead","roles":["AUDITOR"],"workspaceIds":[1]}`, with("Idempotency-Key", "zoe")).is(201); again.at("link") != absent {
		t.Errorf("a repetition tells the link: %s", again.body)
	}
	s.call(t, "POST", "/users", `{"email":"ZOË.100%_X@example.COM"}`).refused(409, 40902, "address").has(map[string]any{"pointer": "/email"})
	for query, want := range map[string]string{"q=%25_x": "1", "q=%25": "1", "q=100%25_": "1", "q=_zz": "0", "q=0__x": "0", "firstName=zo%C3%AB": "1", "firstName=%25": "0", "lastName=%C3%85NG": "1", "q=zo%C3%AB+%C3%A5ng": "1",
		"q=zo%C3%AB.100%25_x@example.com&state=INVITED&role=AUDITOR": "1", "q=zo%C3%AB&state=ACTIVE": "0", "q=zo%C3%AB&role=ADMIN": "0", "q=%5C": "0"} {
		if n := s.call(t, "GET", "/users?includeTotalCount=true&"+query, "").is(200).text("pagination.totalCount"); n != want {
			t.Errorf("%s finds %s, want %s", query, n, want)
		}
	}
	s.call(t, "GET", "/users?state=DELETED", "").refused(400, 40001, "state")
	s.call(t, "GET", "/users?role=KING", "").refused(400, 40001, "role")
	s.call(t, "GET", "/users?sort=updatedAt&sortDir=ASC&size=1&expand[]=identities&expand[]=documents&expand[]=backgroundChecks", "").is(200)
	s.call(t, "GET", "/users/email:zo%C3%AB.100%25_x%40example.com?expand[]=roles", "").is(200).has(map[string]any{"id": made.at("user.id"), "roles.0.name": "Auditor", "avatarUrl": nil, "drataTermsAgreedAt": nil})
	s.call(t, "GET", "/users/email:", "").is(400)
	s.call(t, "GET", "/users/email:nobody%40example.com", "").refused(404, 40401, "")
	for body, why := range map[string]string{
		`{}`: "/email", `{"email":"x"}`: "/email", `{"email":"a@b.c\r\nBcc: x@y.z"}`: "/email", `{"email":"A <a@b.c>"}`: "/email", `{"email":"a@b.c","firstName":"x\u0000"}`: "",
		`{"email":"a@b.c","roles":["KING"]}`: "KING", `{"email":"a@b.c","roles":["ADMIN"],"workspaceIds":[1]}`: "cannot be limited", `{"email":"a@b.c","roles":["AUDITOR"],"workspaceIds":[987654]}`: "987654",
		`{"email":"a@b.c","roles":["AUDITOR"],"workspaceIds":[0]}`: "workspace", `{"email":"a@b.c","grants":[{"role":"AUDITOR","workspaceId":-1}]}`: "workspace",
		`{"email":"a@b.c","firstName":"` + strings.Repeat("x", 192) + `"}`: "firstName",
	} {
		g := s.call(t, "POST", "/users", body).is(400)
		if !strings.Contains(g.text("message"), why) {
			t.Errorf("%s: %s", body, g.body)
		}
	}
	b := s.newBrowser()
	b.ask(t, "POST", "/auth/links", fmt.Sprintf(`{"token":%q}`, token)).is(200).has(map[string]any{"purpose": "INVITATION", "firstName": "Zoë", "email": "Zoë.100%_x@Example.com"})
	accept := func(token, password string) got {
		return b.ask(t, "POST", "/auth/accept-invitation", fmt.Sprintf(`{"token":%q,"password":%q,"jobTitle":"Head"}`, token, password))
	}
	accept(token, "Ångström Zoë 26").refused(400, 40001, "your name").has(map[string]any{"pointer": "/password"})
	// A newer link ends the one before.
	renewed := s.call(t, "POST", path+"/actions", `{"action":"renewLink"}`).is(200).has(map[string]any{"link.purpose": "INVITATION"})
	accept(token, strong).refused(401, 40102, "no longer good")
	_, token, _ = strings.Cut(renewed.text("link.path"), "#token=")
	b.ask(t, "POST", "/auth/sign-in", fmt.Sprintf(`{"token":%q}`, token)).refused(401, 40102, "no longer good")
	accept(token, strong).is(200).has(map[string]any{"user.firstName": "Zoë", "user.jobTitle": "Head"})
	b.ask(t, "GET", "/me", "").is(200)
	accept(token, other).refused(401, 40102, "no longer good")
	s.call(t, "GET", path, "").is(200).has(map[string]any{"state": "ACTIVE"})
	// A reset signs the person out elsewhere; the link lasts a day.
	late := s.call(t, "POST", path+"/actions", `{"action":"renewLink"}`).is(200).has(map[string]any{"link.purpose": "RESET"})
	_, token, _ = strings.Cut(late.text("link.path"), "#token=")
	s.clock.advance(24*time.Hour + time.Second)
	accept(token, other).refused(401, 40102, "no longer good")
	b.signIn(t, "zoë.100%_x@example.com", strong).is(200)
	renewed = s.call(t, "POST", path+"/actions", `{"action":"renewLink"}`).is(200)
	_, token, _ = strings.Cut(renewed.text("link.path"), "#token=")
	elsewhere := &browser{s: s, cookie: b.cookie, addr: b.addr}
	accept(token, other).is(200)
	elsewhere.ask(t, "GET", "/me", "").is(401)
	// Being signed out, disabled, enabled and deleted.
	s.call(t, "POST", path+"/actions", `{"action":"endSessions"}`).is(200)
	b.ask(t, "GET", "/me", "").is(401)
	b.signIn(t, "zoë.100%_x@example.com", other).is(200)
	renewed = s.call(t, "POST", path+"/actions", `{"action":"renewLink"}`).is(200)
	_, token, _ = strings.Cut(renewed.text("link.path"), "#token=")
	s.call(t, "POST", path+"/actions", `{"action":"disable"}`).is(200).has(map[string]any{"user.state": "DISABLED"})
	b.ask(t, "GET", "/me", "").refused(401, 26430, "Unauthorized")
	accept(token, strong).refused(401, 40102, "no longer good")
	s.call(t, "POST", path+"/actions", `{"action":"renewLink"}`).refused(409, 40901, "disabled")
	s.call(t, "POST", path+"/actions", `{"action":"enable"}`).is(200).has(map[string]any{"user.state": "ACTIVE"})
	b.ask(t, "GET", "/me", "").is(401)
	s.call(t, "POST", path+"/actions", `{"action":"promote"}`).refused(400, 40001, "renewLink")
	s.call(t, "PUT", path, `{"lastName":null,"grants":[{"role":"AUDITOR","workspaceId":null},{"role":"AUDITOR","workspaceId":1}]}`).is(200).
		has(map[string]any{"lastName": nil, "grants.0.workspaceId": nil, "grants.1": absent})
	b.signIn(t, "zoë.100%_x@example.com", other).is(200)
	s.call(t, "DELETE", path, "").is(204)
	b.ask(t, "GET", "/me", "").is(401)
	s.call(t, "GET", path, "").is(404)
	s.newBrowser().signIn(t, "zoë.100%_x@example.com", other).refused(401, 40101, "")
	s.call(t, "GET", "/events?expand[]=user&type=USER_SIGNED_IN&size=1&userId="+made.text("user.id"), "").is(200).has(map[string]any{"data.0.user.state": "DELETED", "data.0.user.firstName": "Zoë"})
	s.call(t, "POST", "/users", `{"email":"zoë.100%_x@example.com"}`).is(201)
}

// Nobody gives, or takes over, more than their own.
func escalationCase(t *testing.T, s *server) {
	second := s.workspace(t)
	root, rootUser := s.signedIn(t, everywhere(access.Administrator))
	manager, managerUser := s.signedIn(t, in(second, access.WorkspaceManager))
	lead, _ := s.signedIn(t, everywhere(access.SecurityLead))
	invite := func(b *browser, body string) got { return b.ask(t, "POST", "/users", body) }
	mail := func() string { return strings.ReplaceAll(s.name("new"), " ", "") + "@example.com" }

	for _, grants := range []string{`[{"role":"ADMIN"}]`, `[{"role":"AUDITOR"}]`, `[{"role":"EMPLOYEE"}]`, fmt.Sprintf(`[{"role":"AUDITOR","workspaceId":%d},{"role":"ADMIN"}]`, second), `[]`} {
		invite(manager, fmt.Sprintf(`{"email":%q,"grants":%s}`, mail(), grants)).refused(403, 40301, "")
	}
	invite(manager, fmt.Sprintf(`{"email":%q,"grants":[{"role":"AUDITOR","workspaceId":1}]}`, mail())).refused(400, 40001, "there is no workspace 1")
	theirs := invite(manager, fmt.Sprintf(`{"email":%q,"grants":[{"role":"CONTROL_MANAGER","workspaceId":%d}]}`, mail(), second)).is(201)
	invite(lead, fmt.Sprintf(`{"email":%q,"roles":["AUDITOR"]}`, mail())).refused(403, 40301, "users-post")

	// A manager of a workspace manages those who are only there.
	path := "/users/" + theirs.text("user.id")
	manager.ask(t, "PUT", path, fmt.Sprintf(`{"grants":[{"role":"DEVOPS_ENGINEER","workspaceId":%d}]}`, second)).is(200)
	manager.ask(t, "PUT", path, `{"grants":[{"role":"ADMIN"}]}`).refused(403, 40301, "")
	manager.ask(t, "POST", path+"/actions", `{"action":"renewLink"}`).is(200)
	root.ask(t, "PUT", path, fmt.Sprintf(`{"grants":[{"role":"DEVOPS_ENGINEER","workspaceId":%d},{"role":"AUDITOR","workspaceId":1}]}`, second)).is(200)
	for _, action := range []string{"renewLink", "disable", "endSessions", "enable"} {
		g := manager.ask(t, "POST", path+"/actions", `{"action":"`+action+`"}`)
		if g.status != 403 && g.status != 404 {
			t.Errorf("%s: %d %s", action, g.status, g.body)
		}
	}
	// Their own part is theirs to change; the rest stays, unseen.
	manager.ask(t, "PUT", path, `{"grants":[]}`).is(200).has(map[string]any{"grants.0": absent})
	root.ask(t, "GET", path, "").is(200).has(map[string]any{"grants.0.workspaceId": 1, "grants.0.role": "AUDITOR", "grants.1": absent})
	manager.ask(t, "GET", path, "").is(404)
	// Nor do they get hold of an administrator, or of themselves as one.
	for _, id := range []int64{rootUser.ID, managerUser.ID} {
		path := fmt.Sprintf("/users/%d", id)
		manager.ask(t, "PUT", path, `{"grants":[{"role":"ADMIN"}]}`).is(403)
		if id == rootUser.ID {
			manager.ask(t, "POST", path+"/actions", `{"action":"renewLink"}`).is(403)
			manager.ask(t, "PUT", path, `{"firstName":"Mallory"}`).is(403)
			manager.ask(t, "DELETE", path, "").is(403)
			lead.ask(t, "POST", path+"/actions", `{"action":"disable"}`).refused(403, 40301, "users-put")
		}
	}
	// A key is no way around, and has no more than who makes it.
	key := s.newKey(access.UsersPost, access.UsersPut, access.UsersGetOne, access.Read)
	s.call(t, "POST", "/users", fmt.Sprintf(`{"email":%q,"roles":["ADMIN"]}`, mail()), as(key)).refused(403, 40301, "Administrator allows more than this API key")
	s.call(t, "POST", "/users", fmt.Sprintf(`{"email":%q,"roles":["AUDITOR"]}`, mail()), as(key)).is(201)
	s.call(t, "PUT", fmt.Sprintf("/users/%d", managerUser.ID), `{"grants":[{"role":"ADMIN"}]}`, as(key)).refused(403, 40301, "")
	s.call(t, "POST", fmt.Sprintf("/users/%d/actions", rootUser.ID), `{"action":"renewLink"}`, as(key)).refused(403, 40301, "")
	lead.ask(t, "POST", "/api-keys", `{"name":"x","scopes":["all"]}`).refused(403, 40301, "")
	lead.ask(t, "POST", "/api-keys", `{"name":"x","scopes":["users-post"]}`).refused(403, 40301, "users-post")
	lead.ask(t, "POST", "/api-keys", `{"name":"x","scopes":["controls-post","settings-put"]}`).is(201)
	manager.ask(t, "POST", "/api-keys", `{"name":"x","scopes":["controls-post"]}`).refused(403, 40301, "api-keys-post")

	// Idempotency keys of one person tell another nothing.
	once := with("Idempotency-Key", "the-same")
	a := invite(root, `{"email":"once@example.com"}`)
	a.is(201)
	root.ask(t, "POST", "/workspaces", `{"name":"Once"}`, once).is(201)
	rootTwo, _ := s.signedIn(t, everywhere(access.Administrator))
	rootTwo.ask(t, "POST", "/workspaces", `{"name":"Once"}`, once).refused(409, 40902, "Once")
}

// lastAdministratorCase comes after all who made administrators.
func lastAdministratorCase(t *testing.T, s *server) {
	b, u := s.signedIn(t, everywhere(access.Administrator))
	for {
		list := b.ask(t, "GET", "/users?role=ADMIN&state=ACTIVE&size=500", "").is(200)
		if list.length("data") == 1 {
			break
		}
		for i := range list.length("data") {
			if id := list.text(fmt.Sprintf("data.%d.id", i)); id != fmt.Sprint(u.ID) {
				b.ask(t, "DELETE", "/users/"+id, "").is(204)
			}
		}
	}
	path := fmt.Sprintf("/users/%d", u.ID)
	// One who is invited, or disabled, does not count.
	b.ask(t, "POST", "/users", `{"email":"next@example.com","roles":["ADMIN"]}`).is(201)
	out := s.user(t, everywhere(access.Administrator))
	b.ask(t, "POST", fmt.Sprintf("/users/%d/actions", out.ID), `{"action":"disable"}`).is(200)
	for _, refuse := range []func() got{
		func() got { return b.ask(t, "DELETE", path, "") },
		func() got { return b.ask(t, "POST", path+"/actions", `{"action":"disable"}`) },
		func() got { return b.ask(t, "PUT", path, `{"grants":[{"role":"AUDITOR"}]}`) },
		func() got { return b.ask(t, "PUT", path, `{"grants":[]}`) },
		func() got { return s.call(t, "DELETE", path, "") },
	} {
		refuse().refused(409, 40901, "last administrator")
	}
	b.ask(t, "PUT", path, `{"firstName":"Still"}`).is(200)
	b.ask(t, "POST", fmt.Sprintf("/users/%d/actions", out.ID), `{"action":"enable"}`).is(200)
	b.ask(t, "PUT", path, `{"grants":[{"role":"AUDITOR"}]}`).is(200)
	b.ask(t, "GET", "/users", "").is(200)
	b.ask(t, "POST", "/users", `{"email":"x@example.com"}`).is(403)
}

// TestNarrowedRoutes holds the list of operations that answer to people with a
// part of the organisation against the routes.
func TestNarrowedRoutes(t *testing.T) {
	var open []string
	for _, o := range ours() {
		if security, ok := o.operation["security"].([]any); ok && len(security) == 1 && len(object(security[0])) == 0 {
			open = append(open, o.method+" "+o.path)
		}
	}
	slices.Sort(open)
	// A content wants a link that is signed.
	want := []string{"GET /public/v2/auth", "GET /public/v2/devices/{deviceId}/documents/{documentId}/content", "POST /public/v2/auth/accept-invitation", "POST /public/v2/auth/links", "POST /public/v2/auth/set-up", "POST /public/v2/auth/sign-in"}
	if !slices.Equal(open, want) {
		t.Errorf("open to anyone: %q", open)
	}
	s := newServer(t, sqlite)
	employee, _ := s.signedIn(t, everywhere(access.Employee))
	segments := strings.NewReplacer("{workspaceId}", "1", "{connectionId}", "1")
	for _, o := range ours() {
		path := pathParameter.ReplaceAllString(segments.Replace(o.path), "1")
		if slices.Contains(want, o.method+" "+o.path) {
			continue
		}
		scopes := list(o.operation["x-permissions"])
		if len(scopes) > 0 && scopes[0] != string(access.CompanyGet) {
			if g := employee.ask(t, o.method, path, ""); g.status != 403 && g.status != 404 {
				t.Errorf("%s %s answers an employee %d %s", o.method, path, g.status, g.body)
			}
		}
		if g := s.newBrowser().ask(t, o.method, path, ""); g.status != 401 {
			t.Errorf("%s %s answers anybody %d %s", o.method, path, g.status, g.body)
		}
	}
}
