package httpapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

func searchCase(t *testing.T, s *server) {
	find := func(q string, options ...option) got {
		t.Helper()
		return s.call(t, "GET", "/workspaces/1/search?q="+url.QueryEscape(q), "", options...).is(200)
	}
	titles := func(g got, kind string) (out []string) {
		for i := range g.length("data") {
			if at := fmt.Sprintf("data.%d.", i); g.text(at+"kind") == kind {
				out = append(out, g.text(at+"title"))
			}
		}
		return out
	}
	is := func(q, kind string, want ...string) {
		t.Helper()
		if have := titles(find(q), kind); strings.Join(have, "|") != strings.Join(want, "|") {
			t.Errorf("%q: %s %q, want %q", q, kind, have, want)
		}
	}
	conn := s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":"Zebra payroll","resourceName":"Zebra people","providerTypes":["CUSTOM"],"workspaceIds":[1],"schema":%s,"displayNameKey":"email"}`, userSchema)).is(201)
	r := resource{connection: conn.text("id"), id: conn.text("customResources.0.id")}
	r.path = "/custom-connections/" + r.connection + "/resources/" + r.id
	var rows []string
	for i := range 60 {
		rows = append(rows, fmt.Sprintf(`{"id":"zq-%03d","email":"walrus%d@example.org"}`, i, i))
	}
	rows = append(rows, `{"id":"other","email":"Odd_100%%@example.org"}`)
	s.call(t, "POST", r.path+"/records", `{"data":[`+strings.Join(rows, ",")+`]}`).is(200)
	for _, name := range []string{"Quokka accounts use MFA", "Accounts of quokkas", "Quokka", "Aquokka", "100%% quo"} {
		name = strings.ReplaceAll(name, "%%", "%")
		s.call(t, "POST", "/workspaces/1/monitoring-tests", fmt.Sprintf(`{"name":%q,"logic":`+mfaLogic+`}`, name, r.id)).is(201)
	}
	s.call(t, "POST", "/workspaces/1/controls", `{"name":"Quolls sign in","code":"QUO-7","description":"d"}`).is(201)
	made := s.call(t, "POST", "/workspaces/1/frameworks", `{"name":"Quoll standard","shortName":"QS","description":"d"}`).is(201)
	s.call(t, "POST", "/workspaces/1/frameworks/"+made.text("id")+"/requirements", `{"data":[{"code":"QS.1","name":"Quolls are known","description":"d"}]}`).is(201)

	is("quokka", "test", "Quokka", "Quokka accounts use MFA", "Accounts of quokkas", "Aquokka")
	is("  QUOKKA   mfa ", "test", "Quokka accounts use MFA")
	is("100%", "test", "100% quo")
	is("%", "test", "100% quo")
	is("nothing of that", "test")
	is("quo-7", "control", "Quolls sign in")
	is("qs.1", "requirement", "Quolls are known")
	is("qs", "framework", "Quoll standard")
	is("zebra", "connection", "Zebra payroll")
	is("zebra peo", "resource", "Zebra people")
	is("zq-01", "record", "walrus10@example.org", "walrus11@example.org", "walrus12@example.org", "walrus13@example.org", "walrus14@example.org",
		"walrus15@example.org", "walrus16@example.org", "walrus17@example.org")
	is("zq-059", "record", "walrus59@example.org")
	is("walrus42", "record", "walrus42@example.org")
	if have := titles(find("walrus"), "record"); len(have) != 8 || !strings.HasPrefix(have[7], "walrus") {
		t.Errorf("got %q", have)
	}
	is("odd_1", "record", "Odd_100%%@example.org")
	find("zq-007").has(map[string]any{"data.0.recordId": "zq-007", "data.0.connectionId": r.connection, "data.0.resourceId": r.id, "data.0.detail": "Zebra people", "data.0.id": absent})
	find("qs.1").has(map[string]any{"data.0.frameworkId": made.at("id"), "data.0.detail": "Quoll standard", "data.0.code": "QS.1"})

	s.call(t, "POST", s.hris(t), `[{"identityId":"s-1","email":"w.wombat@search.example","firstName":"Wilma","lastName":"Wombat","jobTitle":"Digger"},{"identityId":"s-2","email":"wombatless@search.example"}]`).is(201)
	s.applied(t)
	is("wombat", "person", "wombatless@search.example", "Wilma Wombat")
	find("w.wombat@").has(map[string]any{"data.0.kind": "person", "data.0.code": "w.wombat@search.example", "data.0.detail": "Digger", "data.1": absent})
	find("wilma", as(s.newKey(access.DevicesGet))).has(map[string]any{"data.0": absent})
	// Devices and assets, which belong to no workspace.
	person := s.staff(t, "quinn@search.example")[0]
	s.call(t, "POST", s.mdm(t), `{"personnelId":`+person+`,"platformName":"LINUX","platformVersion":"6","alias":"Quince laptop","serialNumber":"QX-881"}`).is(201)
	s.call(t, "POST", "/assets", fmt.Sprintf(`{"name":"Quince shelf","description":"d","assetClassTypes":["HARDWARE"],"assetType":"PHYSICAL","ownerId":%d,"externalId":"shelf-9"}`,
		s.user(t, everywhere(access.Auditor)).ID)).is(201)
	is("quince", "device", "Quince laptop")
	is("qx-88", "device", "Quince laptop")
	is("quince", "asset", "Quince shelf")
	is("shelf-9", "asset", "Quince shelf")
	find("quince", as(s.newKey(access.AssetsGet))).has(map[string]any{"data.0.kind": "asset", "data.1": absent})
	find("qx-881").has(map[string]any{"data.0.code": "QX-881", "data.0.detail": "quinn@search.example"})

	// What one may not read is not found, and another workspace's is absent.
	reader := as(s.newKey(access.ControlsGet))
	find("quolls", reader).has(map[string]any{"data.0.kind": "control", "data.1": absent})
	find("quo", as(s.newKey(access.CompanyGet))).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/workspaces/999/search?q=x", "").refused(404, 40401, "999")
	s.call(t, "GET", "/workspaces/1/search", "").refused(400, 40001, "`q`")
	s.call(t, "GET", "/workspaces/1/search?q=%20", "").refused(400, 40001, "`q`")
	s.call(t, "GET", "/workspaces/1/search?q="+strings.Repeat("x", 201), "").refused(400, 40001, "201")
	s.call(t, "GET", "/workspaces/1/search?q=%00", "").refused(400, 40001, "UTF-8")
	find(strings.Repeat("a ", 100))
	find(`'; DROP TABLE test; --`)

	// Deleted things are not found.
	s.call(t, "DELETE", "/custom-connections/"+r.connection, "").is(204)
	find("zebra").has(map[string]any{"data.0": absent})
	find("zq-007").has(map[string]any{"data.0": absent})
}
