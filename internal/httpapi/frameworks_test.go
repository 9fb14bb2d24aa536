package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

func frameworksCase(t *testing.T, s *server) {
	name := s.name("Our Rules é")
	made := s.call(t, "POST", frameworks, fmt.Sprintf(`{"name":%q,"shortName":"OWN","description":"What we want."}`, " "+name)).is(201).
		has(map[string]any{"name": name, "shortName": "OWN", "pill": "OWN", "tag": "CUSTOM", "isEnabled": true, "isReady": false, "numInScopeControls": 0,
			"numInScopeRequirements": 0, "numReadyInScopeRequirements": 0, "isShipped": false, "updateAvailable": false, "activeLogo": nil, "source": nil})
	at := frameworks + "/" + made.text("id")
	s.call(t, "GET", at, "").is(200).has(map[string]any{"slug": made.at("slug"), "createdAt": made.at("createdAt")})
	s.call(t, "PUT", at, `{"shortName":"OUR","pill":"Rules","color":"#000000","bgColor":"#ffffff","description":"Changed."}`).is(200).
		has(map[string]any{"shortName": "OUR", "pill": "Rules", "color": "#000000", "name": name})

	r := s.resource(t)
	s.push(t, r, passing)
	ready, _ := s.control(t, fmt.Sprintf(`,"testIds":[%s]`, s.mfaTest(t, r, "")))
	bare, _ := s.control(t, "")
	list := s.call(t, "POST", at+"/requirements?expand[]=controls", fmt.Sprintf(`{"data":[{"code":"1","name":"One","description":"Do it.","category":"First","additionalInfo":"More.","controlIds":[%s,%s,%s]},
		{"code":"2","name":"Two","controlIds":[%s]},{"code":" 3 ","name":"Three","category":null}]}`, ready, bare, ready, ready)).is(201).
		has(map[string]any{"data.0.code": "1", "data.0.isReady": false, "data.0.controlCount": 2, "data.0.additionalInfo": "More.", "data.0.category": "First", "data.1.isReady": true,
			"data.1.controls.0.id": ready, "data.2.code": "3", "data.2.isReady": false, "data.2.description": nil, "data.2.isInScope": true})
	one, three := list.text("data.0.id"), list.text("data.2.id")
	counts := func(controls, requirements, readyOnes int, isReady bool) {
		t.Helper()
		s.call(t, "GET", at, "").is(200).has(map[string]any{"numInScopeControls": controls, "numInScopeRequirements": requirements, "numReadyInScopeRequirements": readyOnes, "isReady": isReady})
	}
	counts(2, 3, 1, false)
	s.call(t, "POST", controls+"/"+bare+"/actions", `{"action":"markOutOfScope","rationale":"None here."}`).is(200)
	counts(1, 3, 2, false)
	s.call(t, "PUT", at+"/requirements/"+three, `{"isInScope":false,"rationale":"Not our trade."}`).is(200).has(map[string]any{"isInScope": false, "rationale": "Not our trade."})
	counts(1, 2, 2, true)
	s.call(t, "GET", frameworks+"?isReady=true&size=500&expand[]=x", "").is(200).has(map[string]any{"data.0.id": made.at("id")})
	s.call(t, "PUT", at+"/requirements/"+three+"?expand[]=framework&expand[]=controls&expand[]=customFields", `{"isInScope":true,"name":"Third","description":"New.","additionalInfo":null}`).is(200).
		has(map[string]any{"isInScope": true, "rationale": nil, "name": "Third", "description": "New.", "framework.tag": "CUSTOM", "controls": "[]", "customFields": "[]"})
	s.call(t, "PUT", at+"/requirements/"+one+"?expand[]=controls", fmt.Sprintf(`{"controlIds":[%s]}`, bare)).is(200).has(map[string]any{"controls.0.id": bare, "controls.1": absent, "isReady": false})
	counts(1, 3, 1, false)
	s.call(t, "GET", at+"/requirements/"+one+"/controls?expand[]=flags", "").is(200).has(map[string]any{"data.0.id": bare, "data.1": absent, "data.0.flags.isReady": false})
	s.call(t, "GET", at+"/requirements/"+one, "").is(200).has(map[string]any{"code": "1", "controls": absent})
	s.call(t, "GET", at+"/requirements?sortDir=ASC&size=2&includeTotalCount=true", "").is(200).has(map[string]any{"data.0.code": "1", "data.1.code": "2", "data.2": absent, "pagination.totalCount": 3})
	s.call(t, "GET", at+"/requirements?sort=updatedAt", "").is(200).has(map[string]any{"data.0.code": "1", "data.1.code": "3"})

	for query, want := range map[string]string{"q=thIRD": "[3]", "q=FIRST": "[1]", "q=%25": "[]", "isInScope=true": "[1 2 3]", "isInScope=false": "[]",
		"isReady=true": "[2]", "isReady=false&size=1": "[1 3]", "isReady=false&q=t": "[1 3]", "sort=code": "[1 2 3]"} {
		var codes []string
		for cursor := ""; cursor != "<nil>"; {
			g := s.call(t, "GET", at+"/requirements?sortDir=ASC&"+query+"&cursor="+cursor, "").is(200)
			for i := range g.length("data") {
				codes = append(codes, g.text(fmt.Sprintf("data.%d.code", i)))
			}
			cursor = g.text("pagination.cursor")
		}
		if fmt.Sprint(codes) != want {
			t.Errorf("%s lists %v, want %s", query, codes, want)
		}
	}
	s.call(t, "GET", at+"/requirements?isReady=false&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	bareCode := s.call(t, "GET", controls+"/"+bare, "").text("code")
	s.call(t, "POST", controls+"/"+bare+"/actions", `{"action":"markInScope"}`).is(200)
	s.call(t, "GET", at+"/requirements/"+one, "").is(200).has(map[string]any{"notReadyBecause": "Its control is not ready: " + bareCode + "."})
	s.call(t, "POST", controls+"/"+bare+"/actions", `{"action":"markOutOfScope"}`).is(200)
	s.call(t, "GET", at+"/requirements/"+one, "").is(200).has(map[string]any{"notReadyBecause": "All controls that serve it are out of scope."})
	s.call(t, "GET", at+"/requirements/"+three, "").is(200).has(map[string]any{"notReadyBecause": "No control serves it yet."})
	s.call(t, "PUT", at+"/requirements/"+three, `{"isInScope":false}`).is(200).has(map[string]any{"isReady": false, "notReadyBecause": absent})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"numOutOfScopeRequirements": 1})
	s.call(t, "PUT", at+"/requirements/"+three, `{"isInScope":true}`).is(200)

	// The older forms.
	s.call(t, "GET", "/framework-requirements?frameworkId="+made.text("id")+"&workspaceId=1&sortDir=ASC&expand[]=framework", "").is(200).has(map[string]any{"data.2.code": "3", "data.0.framework.id": made.at("id")})
	s.call(t, "GET", "/framework-requirements?frameworkSlug="+made.text("slug")+"&excludeIds="+one, "").is(200).has(map[string]any{"data.1.code": "2", "data.2": absent})
	s.call(t, "GET", "/framework-requirements?frameworkId="+made.text("id")+"&q=THIRD", "").is(200).has(map[string]any{"data.0.code": "3", "data.1": absent})
	s.call(t, "PUT", "/framework-requirements/"+one, `{"code":"1a"}`).is(200).has(map[string]any{"code": "1a"})

	s.call(t, "GET", frameworks+"?name="+strings.ToLower("OUR+RULES")+"&isEnabled=true&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 1, "data.0.name": name})
	s.call(t, "GET", frameworks+"?name=our+rules&excludeIds="+made.text("id"), "").is(200).has(map[string]any{"data": "[]"})
	s.call(t, "GET", "/workspaces/1?expand[]=frameworks", "").is(200)
	if g := s.call(t, "GET", "/workspaces?expand[]=frameworks", "").is(200); !strings.Contains(string(g.body), name) {
		t.Errorf("the workspace does not show its framework: %s", g.body)
	}
	// Both orders, page by page, give the whole list.
	for _, order := range []string{"", "&sort=updatedAt", "&sortDir=ASC", "&sort=updatedAt&sortDir=ASC"} {
		total, n := s.call(t, "GET", frameworks+"?includeTotalCount=true&size=1"+order, "").is(200).text("pagination.totalCount"), 0
		seen := map[string]bool{}
		for cursor := ""; cursor != "<nil>"; n++ {
			g := s.call(t, "GET", frameworks+"?size=1"+order+"&cursor="+cursor, "").is(200)
			seen[g.text("data.0.id")], cursor = true, g.text("pagination.cursor")
		}
		if fmt.Sprint(n) != total || len(seen) != n {
			t.Errorf("%q: %d pages with %d frameworks of %s", order, n, len(seen), total)
		}
	}
	s.call(t, "DELETE", at+"/requirements/"+three, "").is(204)
	s.call(t, "DELETE", at+"/requirements/"+three, "").refused(404, 40401, "requirement")
	s.call(t, "GET", "/events?type=FRAMEWORK_REQUIREMENT_DELETED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.requirement": "3"})
	s.call(t, "DELETE", at+"/requirements/"+one, "").is(204)
	s.call(t, "GET", at+"/requirements", "").is(200).has(map[string]any{"data.0.code": "2", "data.1": absent})
	s.call(t, "DELETE", at, "").is(204)
	s.call(t, "GET", at, "").is(404)
	s.call(t, "GET", controls+"/"+ready+"?expand[]=requirements", "").is(200).has(map[string]any{"requirements": "[]"})
	s.call(t, "GET", "/events?category=FRAMEWORK&expand[]=metadata", "").is(200).has(map[string]any{"data.0.type": "FRAMEWORK_DELETED", "data.0.metadata.framework": name})
}

func frameworkRefusals(t *testing.T, s *server) {
	id, requirements := s.framework(t, "X.1", "X.2")
	at := frameworks + "/" + id
	taken := s.call(t, "GET", at, "").is(200).text("name")
	for body, text := range map[string]string{
		`{"shortName":"S","description":"d"}`:                                           "`name` (/name) is required",
		`{"name":"n","description":"d"}`:                                                "`shortName` (/shortName) is required",
		`{"name":"n","shortName":"S"}`:                                                  "`description` (/description) is required",
		`{"name":"n","shortName":"` + strings.Repeat("S", 17) + `","description":"d"}`:  "`shortName` (/shortName) has 17",
		`{"name":"` + strings.Repeat("n", 192) + `","shortName":"S","description":"d"}`: "`name` (/name) has 192",
	} {
		s.call(t, "POST", frameworks, body).refused(400, 40001, text)
	}
	s.call(t, "POST", frameworks, fmt.Sprintf(`{"name":%q,"shortName":"S","description":"d"}`, taken)).refused(409, 40902, taken)
	other, _ := s.framework(t)
	s.call(t, "PUT", frameworks+"/"+other, fmt.Sprintf(`{"name":%q}`, taken)).refused(409, 40902, taken)
	s.call(t, "PUT", at, `{"color":"red"}`).refused(400, 40001, "color")
	// All or none.
	post := func(items string) got { return s.call(t, "POST", at+"/requirements", `{"data":[`+items+`]}`) }
	post(`{"code":"N.1","name":"n"},{"code":"X.2","name":"n"}`).refused(422, 42201, "/data/1/code")
	post(`{"code":"N.1","name":"n"},{"code":"N.1","name":"n"}`).refused(422, 42201, "/data/0")
	post(`{"code":"N.1","name":"n","controlIds":[999999]}`).refused(422, 42201, "/data/0/controlIds/0) names control 999999")
	post(`{"code":"N.1","name":"n"},{"code":"","name":"n"}`).refused(400, 40001, "/data/1/code")
	post(`{"code":"N.1"}`).refused(400, 40001, "/data/0/name")
	post(`{"code":"N.1","name":"n","category":"`+strings.Repeat("c", 192)+`"}`).refused(400, 40001, "/data/0/category")
	post("").refused(400, 40001, "/data")
	post(strings.TrimSuffix(strings.Repeat(`{"code":"N.1","name":"n"},`, 1001), ",")).refused(400, 40001, "1 to 1000")
	s.call(t, "GET", at+"/requirements?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	s.call(t, "PUT", at+"/requirements/"+requirements[0], `{"code":"X.2"}`).refused(409, 40902, "X.2")
	s.call(t, "PUT", at+"/requirements/"+requirements[0], `{"controlIds":[999999]}`).refused(400, 40001, "/controlIds/0")
	s.call(t, "PUT", at+"/requirements/"+requirements[0], `{"rationale":"`+strings.Repeat("x", 192)+`"}`).refused(400, 40001, "rationale")
	s.call(t, "PUT", at+"/requirements/"+requirements[0], `{"name":null,"code":" "}`).refused(400, 40001, "/code")

	for _, path := range []string{frameworks + "/999999", "/workspaces/2/frameworks/" + id} {
		for _, each := range []struct{ method, rest, body string }{{"GET", "", ""}, {"PUT", "", `{}`}, {"DELETE", "", ""}, {"GET", "/requirements", ""},
			{"POST", "/requirements", `{"data":[{"code":"a","name":"b"}]}`}, {"GET", "/requirements/" + requirements[0], ""}, {"PUT", "/requirements/" + requirements[0], `{}`},
			{"GET", "/requirements/" + requirements[0] + "/controls", ""}, {"DELETE", "/requirements/" + requirements[0], ""}} {
			s.call(t, each.method, path+each.rest, each.body).refused(404, 40401, "")
		}
	}
	s.call(t, "GET", frameworks+"/"+other+"/requirements/"+requirements[0], "").refused(404, 40401, "requirement")
	s.call(t, "PUT", "/framework-requirements/999999", `{}`).refused(404, 40401, "requirement")
	s.call(t, "GET", "/framework-requirements?workspaceId=2", "").refused(404, 40401, "")
	s.call(t, "GET", "/framework-requirements?frameworkId=999999", "").refused(404, 40401, "")
	s.call(t, "GET", "/framework-requirements?frameworkTag=x", "").refused(400, 40001, "frameworkTag")
	for _, path := range []string{"", "/available"} {
		s.call(t, "GET", "/workspaces/2/frameworks"+path, "").refused(404, 40401, "")
	}
	s.call(t, "POST", "/workspaces/2/frameworks", `{"name":"n","shortName":"S","description":"d"}`).refused(404, 40401, "")
	s.call(t, "POST", "/workspaces/2/frameworks/actions", `{"action":"install","slug":"soc-2"}`).refused(404, 40401, "")
	s.call(t, "POST", frameworks+"/actions", `{"action":"remove","slug":"soc-2"}`).refused(400, 40001, "install")
	s.call(t, "POST", frameworks+"/actions", `{"action":"install","slug":"none"}`).refused(400, 40001, "soc-2")
	s.call(t, "GET", frameworks+"?isReady=x", "").refused(400, 40001, "isReady")
	s.call(t, "GET", frameworks+"?excludeIds=x", "").refused(400, 40001, "excludeIds")

	for _, c := range []struct {
		scope              access.Scope
		method, path, body string
	}{
		{access.FrameworksGet, "GET", "", ""}, {access.FrameworksPost, "POST", "", `{}`}, {access.FrameworksGet, "GET", "/available", ""}, {access.FrameworksPost, "POST", "/actions", `{}`},
		{access.FrameworksPut, "PUT", "/" + id, `{}`}, {access.FrameworksDelete, "DELETE", "/999999", ""}, {access.RequirementsGet, "GET", "/" + id + "/requirements", ""},
		{access.RequirementsPost, "POST", "/" + id + "/requirements", `{}`}, {access.RequirementsPut, "PUT", "/" + id + "/requirements/1", `{}`},
		{access.RequirementsDelete, "DELETE", "/" + id + "/requirements/1", ""},
	} {
		s.call(t, c.method, frameworks+c.path, c.body, as(s.newKey(access.DataPost))).refused(403, 40301, string(c.scope))
		if g := s.call(t, c.method, frameworks+c.path, c.body, as(s.newKey(c.scope))); g.status == 403 {
			t.Errorf("%s %s with its scope: %s", c.method, c.path, g.body)
		}
	}
}

func shippedFrameworks(t *testing.T, s *server) {
	g := s.call(t, "GET", frameworks+"/available", "").is(200)
	for i := range g.length("data") {
		slug := g.text(fmt.Sprintf("data.%d.slug", i))
		requirements := g.at(fmt.Sprintf("data.%d.numRequirements", i))
		made := s.call(t, "POST", frameworks+"/actions", fmt.Sprintf(`{"action":"install","slug":%q}`, slug)).is(200).
			has(map[string]any{"requirementsCreated": requirements, "requirementsUpdated": 0, "framework.isShipped": true, "framework.isEnabled": true, "framework.updateAvailable": false,
				"framework.slug": slug, "framework.numInScopeRequirements": requirements, "framework.numReadyInScopeRequirements": 0})
		if made.at("framework.source") == nil || made.at("framework.licence") == nil {
			t.Errorf("no source or licence: %s", made.body)
		}
		s.call(t, "POST", frameworks+"/actions", fmt.Sprintf(`{"action":"install","slug":%q}`, slug)).is(200).
			has(map[string]any{"requirementsCreated": 0, "controlsCreated": 0, "mappingsCreated": 0, "framework.id": made.at("framework.id")})
		one := frameworks + "/" + made.text("framework.id") + "/requirements"
		one += "/" + s.call(t, "GET", one+"?size=1", "").is(200).text("data.0.id")
		s.call(t, "DELETE", one, "").refused(409, 40901, "out of scope")
		s.call(t, "GET", frameworks+"/available", "").is(200).has(map[string]any{fmt.Sprintf("data.%d.frameworkId", i): made.at("framework.id"), fmt.Sprintf("data.%d.updateAvailable", i): false})
	}
	if g.length("data") == 0 {
		t.Fatal("nothing is available")
	}
	installs := s.call(t, "GET", "/events?type=FRAMEWORK_INSTALLED&includeTotalCount=true", "").is(200).text("pagination.totalCount")
	if installs != fmt.Sprint(g.length("data")) {
		t.Errorf("%s events for %d installations", installs, g.length("data"))
	}
	// The slug and the name of shipped content are taken.
	s.call(t, "POST", frameworks, fmt.Sprintf(`{"name":%q,"shortName":"S","description":"d"}`, g.text("data.0.name"))).refused(409, 40902, g.text("data.0.name"))
}

// BenchmarkFrameworks lists all shipped frameworks with their readiness, by 200
// tests that prove their controls.
func BenchmarkFrameworks(b *testing.B) {
	s := newServer(b, sqlite)
	r := s.resource(b)
	s.push(b, r, passing)
	g := s.call(b, "GET", frameworks+"/available", "").is(200)
	for i := range g.length("data") {
		s.call(b, "POST", frameworks+"/actions", fmt.Sprintf(`{"action":"install","slug":%q}`, g.text(fmt.Sprintf("data.%d.slug", i)))).is(200)
	}
	all := s.call(b, "GET", controls+"?size=500", "").is(200)
	for i := range 200 {
		s.mfaTest(b, r, fmt.Sprintf(`,"controlIds":[%s]`, all.text(fmt.Sprintf("data.%d.id", i%all.length("data")))))
	}
	for _, path := range []string{frameworks, controls + "?isReady=true", "/framework-requirements?size=500&expand[]=controls"} {
		b.Run(path[strings.LastIndex(path, "/")+1:], func(b *testing.B) {
			for b.Loop() {
				s.call(b, "GET", path, "").is(200)
			}
		})
	}
}
