package httpapi_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const (
	controls   = "/workspaces/1/controls"
	frameworks = "/workspaces/1/frameworks"
)

// control makes a control that tests prove; rest is more of the body.
func (s *server) control(t testing.TB, rest string) (id, code string) {
	t.Helper()
	code = strings.ReplaceAll(s.name("C"), " ", "-")
	g := s.call(t, "POST", controls, fmt.Sprintf(`{"name":%q,"description":"What is done.","code":%q%s}`, s.name("Control"), code, rest)).is(201)
	return g.text("id"), code
}

// framework makes a framework with requirements of some codes.
func (s *server) framework(t testing.TB, codes ...string) (id string, requirements []string) {
	t.Helper()
	id = s.call(t, "POST", frameworks, fmt.Sprintf(`{"name":%q,"shortName":"FW","description":"Ours."}`, s.name("Framework"))).is(201).text("id")
	for _, code := range codes {
		g := s.call(t, "POST", frameworks+"/"+id+"/requirements", fmt.Sprintf(`{"data":[{"code":%q,"name":"Demand %s","category":"All"}]}`, code, code)).is(201)
		requirements = append(requirements, g.text("data.0.id"))
	}
	return id, requirements
}

// mfaTest makes a published test over records and tells its number.
func (s *server) mfaTest(t testing.TB, r resource, rest string) (number string) {
	t.Helper()
	return s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":`+mfaLogic+`%s}`, s.name("MFA"), r.id, rest)).is(201).text("testId")
}

const (
	passing = `{"data":[{"id":"1","email":"one@x","mfa":true}]}`
	failing = `{"data":[{"id":"1","email":"one@x","mfa":false}]}`
)

func (s *server) push(t testing.TB, r resource, body string) {
	t.Helper()
	s.call(t, "POST", r.path+"/records?wait=verdict", body).is(200)
}

func controlsCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.push(t, r, passing)
	framework, requirements := s.framework(t, "A.1", "A.2")
	test := s.mfaTest(t, r, "")
	code := s.name("AC")
	made := s.call(t, "POST", controls+"?expand[]=flags&expand[]=testIds&expand[]=requirements&expand[]=frameworkTags", fmt.Sprintf(
		`{"name":" Second factor ","description":"All have one.","code":%q,"question":"Who has none?","activity":"Look.","requirementIds":[%s],"testIds":[%s],
		"policyIds":[],"reportIds":[],"ownersIds":[],"customFields":[],"externalEvidence":[],"externalEvidenceMetadata":[],"base64Files":[]}`, code, requirements[0], test)).is(201).
		has(map[string]any{"name": "Second factor", "code": code, "isReady": true, "isInScope": true, "archivedAt": nil, "rationale": nil, "controlTemplateId": nil,
			"question": "Who has none?", "activity": "Look.", "slug": nil, "frameworkTags": "[CUSTOM]", "requirements.0.code": "A.1", "requirements.0.framework.id": framework,
			"requirements.1": absent, "testIds.passing": "[" + test + "]", "testIds.failing": "[]", "testIds.monitored": "[" + test + "]",
			"flags.isReady": true, "flags.isMonitored": true, "flags.hasEvidence": false, "flags.hasPolicy": false, "flags.hasTicket": false, "flags.hasOwner": false})
	id := made.text("id")
	at := controls + "/" + id
	all := "?expand[]=customFields&expand[]=evidenceIds&expand[]=owners&expand[]=topics&cursor=undefined&size=1"
	s.call(t, "GET", at+all, "").is(200).has(map[string]any{"customFields": "[]", "topics": "[]", "owners.totalCount": 0, "evidenceIds.validReportIds": "[]",
		"flags": absent, "testIds": absent, "requirements": absent, "createdAt": made.at("createdAt")})
	s.call(t, "GET", controls+"/code:"+escape(code), "").is(200).has(map[string]any{"id": id})
	s.call(t, "GET", controls+"/code%3A"+escape(code), "").is(200).has(map[string]any{"id": id})

	// A failing test takes readiness away; so do stale data.
	s.push(t, r, failing)
	s.call(t, "GET", at+"?expand[]=testIds", "").is(200).has(map[string]any{"isReady": false, "testIds.failing": "[" + test + "]", "testIds.passing": "[]"})
	s.push(t, r, passing)
	s.call(t, "PUT", r.path, `{"freshnessHours":1}`).is(200)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"isReady": true})
	s.clock.advance(2 * time.Hour)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"isReady": false})
	s.call(t, "PUT", r.path, `{"freshnessHours":null}`).is(200)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"isReady": true})

	s.call(t, "PUT", at+"?expand[]=requirements", fmt.Sprintf(`{"requirementIds":[%s,%s],"question":null}`, requirements[1], requirements[1])).is(200).
		has(map[string]any{"question": nil, "activity": "Look.", "requirements.0.code": "A.2", "requirements.1": absent, "isReady": true})
	s.call(t, "PUT", at, `{"name":"Other","code":"`+code+`"}`).is(200).has(map[string]any{"name": "Other"})
	s.call(t, "GET", at+"/requirements?frameworkTag=CUSTOM&frameworkTag=SOC_2&expand[]=controls&expand[]=framework&expand[]=customFields&includeTotalCount=true", "").is(200).
		has(map[string]any{"data.0.code": "A.2", "data.0.isReady": true, "data.0.controls.0.id": id, "data.0.controlCount": 1, "data.0.framework.id": framework, "pagination.totalCount": 1})
	for _, none := range []string{"?frameworkTag=SOC_2", "?excludeIds=" + requirements[1], "?frameworkSlug=none"} {
		s.call(t, "GET", at+"/requirements"+none, "").is(200).has(map[string]any{"data": "[]"})
	}
	s.call(t, "GET", at+"/requirements?frameworkTag=ALL", "").is(200).has(map[string]any{"data.0.code": "A.2"})
	s.call(t, "PUT", at+"?expand[]=testIds", `{"testIds":[]}`).is(200).has(map[string]any{"isReady": false, "testIds.monitored": "[]"})

	s.call(t, "POST", at+"/actions?expand[]=flags", `{"action":"markOutOfScope","rationale":"No such systems."}`).is(200).has(map[string]any{"isInScope": false, "rationale": "No such systems."})
	out := s.call(t, "GET", at, "").is(200)
	if !isMoment.MatchString(out.text("archivedAt")) {
		t.Errorf("archivedAt of %s", out.body)
	}
	s.call(t, "POST", at+"/actions", `{"action":"markOutOfScope","rationale":"Still none."}`).is(200).has(map[string]any{"archivedAt": out.at("archivedAt"), "rationale": "Still none."})
	s.call(t, "POST", at+"/actions", `{"action":"markInScope"}`).is(200).has(map[string]any{"archivedAt": nil, "rationale": nil, "isInScope": true})
	s.call(t, "GET", "/events?category=CONTROL&type=CONTROL_SCOPE_UPDATED&expand[]=metadata", "").is(200).
		has(map[string]any{"data.0.metadata.code": code, "data.0.metadata.inScope": true, "data.0.workspaceId": 1, "data.1.metadata.rationale": "Still none."})

	s.call(t, "GET", at+"/owners?includeTotalCount=true", "").is(200).has(map[string]any{"data": "[]", "pagination.totalCount": 0})
	s.call(t, "PUT", at+"/owners", `{"ownerUserIds":[]}`).is(200).has(map[string]any{"data": "[]"})
	s.call(t, "PUT", at+"/owners", `{"ownerUserIds":[5]}`).refused(400, 40001, "`ownerUserIds` (/ownerUserIds/0) names user 5")
	s.call(t, "POST", "/controls/action-reset-mappings", fmt.Sprintf(`{"controlIds":[%s,999999]}`, id)).is(200).
		has(map[string]any{"results.0.controlId": id, "results.0.success": false, "results.1.success": false, "results.1.error": "there is no control 999999"})
	s.call(t, "GET", "/controls-requirement-comparison?controlIds[]="+id, "").is(200).
		has(map[string]any{"data.0.controlId": id, "data.0.isShipped": false, "data.0.current.0.code": "A.2", "data.0.added.0.code": "A.2", "data.0.removed": "[]"})
}

func controlFilters(t *testing.T, s *server) {
	r, dead := s.resource(t), s.resource(t)
	s.push(t, r, passing)
	s.push(t, dead, failing)
	framework, requirements := s.framework(t, "F.1")
	serving := fmt.Sprintf(`,"requirementIds":[%s]`, requirements[0])
	green, red := s.mfaTest(t, r, ""), s.mfaTest(t, dead, "")
	ready, _ := s.control(t, serving+fmt.Sprintf(`,"testIds":[%s]`, green))
	mixed, mixedCode := s.control(t, serving+fmt.Sprintf(`,"testIds":[%s,%s]`, green, red))
	failed, _ := s.control(t, serving+fmt.Sprintf(`,"testIds":[%s]`, red))
	bare, _ := s.control(t, serving)
	s.call(t, "POST", controls+"/"+bare+"/actions", `{"action":"markOutOfScope"}`).is(200)
	in := controls + "?frameworkId=" + framework + "&sortDir=ASC&includeTotalCount=true"
	for query, want := range map[string][]string{
		"": {ready, mixed, failed, bare}, "&isReady=true": {ready}, "&isReady=False": {mixed, failed, bare}, "&hasPassingTest=true": {ready, mixed},
		"&hasPassingTest=false": {failed, bare}, "&isMonitored=true": {ready, mixed, failed}, "&isMonitored=0": {bare}, "&isArchived=true": {bare},
		"&isArchived=false": {ready, mixed, failed}, "&isEnabled=true": {ready, mixed, failed, bare}, "&isEnabled=false": {}, "&hasEvidence=true": {},
		"&hasEvidence=false&isReady=true&expand[]=requirements": {ready}, "&hasPolicy=true": {}, "&policyId=3": {}, "&ticketStatus=IN_PROGRESS": {},
		"&hasPassingTest=true&isReady=false": {mixed}, "&hasTest=true": {ready, mixed, failed}, "&hasTest=false": {bare},
		"&q=" + escape(strings.ToLower(mixedCode)): {mixed}, "&q=WHAT+IS": {ready, mixed, failed, bare}, "&q=100%25": {}, "&q=what_is": {},
	} {
		g := s.call(t, "GET", in+query, "").is(200).has(map[string]any{"pagination.totalCount": len(want), "pagination.cursor": nil})
		var ids []string
		for i := range g.length("data") {
			ids = append(ids, g.text(fmt.Sprintf("data.%d.id", i)))
		}
		if fmt.Sprint(ids) != fmt.Sprint(want) {
			t.Errorf("%s lists %v, want %v", query, ids, want)
		}
		// The same in pages of one.
		var paged []string
		for cursor := "undefined"; cursor != "<nil>"; {
			g := s.call(t, "GET", in+query+"&size=1&cursor="+cursor, "").is(200)
			for i := range g.length("data") {
				paged = append(paged, g.text(fmt.Sprintf("data.%d.id", i)))
			}
			cursor = g.text("pagination.cursor")
		}
		if fmt.Sprint(paged) != fmt.Sprint(want) {
			t.Errorf("%s gives %v page by page, want %v", query, paged, want)
		}
	}
	s.call(t, "GET", controls+"/"+ready+"?expand[]=tests", "").is(200).has(map[string]any{"notReadyBecause": nil, "numTests": 1, "numPassingTests": 1, "numFailingTests": 0,
		"tests.0.testId": green, "tests.0.checkResultStatus": "PASSED", "tests.0.checkStatus": "ENABLED", "tests.0.counts.passing": 1, "tests.1": absent})
	s.call(t, "GET", controls+"/"+mixed, "").is(200).has(map[string]any{"notReadyBecause": "1 of its 2 tests does not pass.", "numTests": 2, "numPassingTests": 1, "numFailingTests": 1, "tests": absent})
	s.call(t, "GET", controls+"/"+bare, "").is(200).has(map[string]any{"notReadyBecause": "No test proves it yet.", "numTests": 0})
	// Texts are ordered in any case, page by page, whatever is in them.
	for i, name := range []string{"b", "A", "a.b", "é", "Z", "%_\\", "a"} {
		s.call(t, "PUT", controls+"/"+[]string{ready, mixed, failed, bare}[i%4], fmt.Sprintf(`{"name":%q}`, name)).is(200)
	}
	for _, order := range []string{"name&sortDir=ASC", "name", "code&sortDir=ASC", "code", "name&isReady=false", "code&isReady=false&sortDir=ASC"} {
		whole := controls + "?frameworkId=" + framework + "&sort=" + order
		all := s.call(t, "GET", whole, "").is(200)
		n := 0
		for cursor := ""; cursor != "<nil>"; n++ {
			g := s.call(t, "GET", whole+"&size=1&cursor="+cursor, "").is(200)
			if g.text("data.0.id") != all.text(fmt.Sprintf("data.%d.id", n)) {
				t.Errorf("%s: at %d %s", order, n, g.body)
			}
			cursor = g.text("pagination.cursor")
		}
		if n != all.length("data") || n == 0 {
			t.Errorf("%s: %d pages of one, %d at once", order, n, all.length("data"))
		}
	}
	s.call(t, "GET", controls+"?frameworkId="+framework+"&sort=name&sortDir=ASC&q=what", "").is(200).
		has(map[string]any{"data.0.name": "%_\\", "data.1.name": "a"})
	s.call(t, "GET", controls+"?frameworkId="+framework+"&q=%25_%5C", "").is(200).has(map[string]any{"data.0.id": mixed, "data.1": absent})
	// A cursor that somebody made up is refused before a database sees it.
	for _, text := range []string{"\xff", "a\x00b"} {
		list := crc32.ChecksumIEEE([]byte("/public/v2" + controls))
		forged := page.Request{Sort: page.Name, List: list}.Cursor(page.Position{Text: text, ID: 1})
		s.call(t, "GET", controls+"?cursor="+forged, "").refused(400, 40007, "cursor")
	}
	s.call(t, "GET", controls+"?q="+strings.Repeat("x", 401), "").refused(400, 40001, "`q`")
	s.call(t, "PUT", frameworks+"/"+framework, `{"isEnabled":false}`).is(200).has(map[string]any{"isEnabled": false})
	s.call(t, "GET", in+"&isEnabled=true", "").is(200).has(map[string]any{"data": "[]"})
	s.call(t, "POST", monitoringTests+"/"+red+"/actions", `{"action":"disable"}`).is(200)
	s.call(t, "GET", in+"&isReady=true", "").is(200).has(map[string]any{"data.0.id": ready, "data.1.id": mixed, "data.2": absent})
	s.call(t, "GET", controls+"/"+failed+"?expand[]=flags", "").is(200).has(map[string]any{"flags.isMonitored": false, "isReady": false})
	s.call(t, "POST", monitoringTests+"/"+green+"/actions", `{"action":"delete"}`).is(200)
	s.call(t, "GET", in+"&isReady=true", "").is(200).has(map[string]any{"data": "[]"})
	s.call(t, "GET", controls+"?sort=updatedAt&size=2&isMonitored=true", "").is(200)
	s.call(t, "GET", controls+"?sort=updatedAt&size=2&isReady=false", "").is(200)
	for query, text := range map[string]string{"isReady=maybe": "isReady", "ticketStatus=OPEN": "ticketStatus", "policyId=x": "policyId", "frameworkId=-1": "frameworkId", "size=0": "size"} {
		s.call(t, "GET", controls+"?"+query, "").refused(400, 40001, text)
	}
}

func testsAndControls(t *testing.T, s *server) {
	r := s.resource(t)
	s.push(t, r, passing)
	one, code := s.control(t, "")
	two, _ := s.control(t, "")
	test := s.mfaTest(t, r, fmt.Sprintf(`,"controlIds":[%s,%s,%s]`, one, two, one))
	at := monitoringTests + "/" + test
	s.call(t, "GET", at+"?expand[]=controls", "").is(200).has(map[string]any{"controls.0.id": one, "controls.0.code": code, "controls.0.isReady": true,
		"controls.0.description": "What is done.", "controls.1.id": two, "controls.2": absent})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"controls": absent})
	s.call(t, "GET", monitoringTests+"?resourceId="+r.id+"&expand[]=controls", "").is(200).has(map[string]any{"data.0.controls.1.id": two})
	s.call(t, "PUT", at+"?expand[]=controls", fmt.Sprintf(`{"controlIds":[%s]}`, two)).is(200).has(map[string]any{"controls.0.id": two, "controls.1": absent})
	s.call(t, "GET", "/events?type=MONITOR_TEST_DETAILS_UPDATED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.controlIds": "[" + two + "]"})
	s.call(t, "PUT", at+"?expand[]=controls", `{"description":"x"}`).is(200).has(map[string]any{"controls.0.id": two})
	s.call(t, "GET", controls+"/"+one+"?expand[]=testIds", "").is(200).has(map[string]any{"testIds.monitored": "[]", "isReady": false})
	s.call(t, "PUT", at, fmt.Sprintf(`{"controlIds":[%s,999999]}`, one)).refused(400, 40001, "/controlIds/1 names control 999999")
	s.call(t, "GET", at+"?expand[]=controls", "").is(200).has(map[string]any{"controls.0.id": two, "controls.1": absent})
	name := s.name("Refused")
	s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":%s,"controlIds":[%s,%s,999999]}`, name, logic(r), one, one)).refused(400, 40001, "/controlIds/2 names control 999999")
	s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":%s,"controlIds":[]}`, name, logic(r))).is(201)
	s.call(t, "PUT", at, `{"controlIds":[]}`).is(200)
	s.call(t, "GET", at+"?expand[]=controls", "").is(200).has(map[string]any{"controls": "[]"})
	many := strings.TrimSuffix(strings.Repeat(one+",", 1001), ",")
	s.call(t, "PUT", at, `{"controlIds":[`+many+`]}`).refused(400, 40001, "at most 1000")
	s.call(t, "PUT", controls+"/"+one, `{"testIds":[`+many+`]}`).refused(400, 40001, "at most 1000")
}

// formOf is a form with fields, name and value in turn.
func formOf(fields ...string) (body string, contentType option) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1])
	}
	_ = w.Close()
	return b.String(), with("Content-Type", w.FormDataContentType())
}

func controlForms(t *testing.T, s *server) {
	_, requirements := s.framework(t, "M.1", "M.2", "M.3")
	post := func(fields ...string) got {
		body, contentType := formOf(fields...)
		return s.call(t, "POST", controls+"?expand[]=requirements", body, contentType)
	}
	code := s.name("M")
	post("name", `With "quotes"`, "description", "1", "code", code, "requirementIds[]", requirements[0], "requirementIds", requirements[1],
		"requirementIds", "["+requirements[2]+"]", "testIds", "", "unknown", "x").is(201).
		has(map[string]any{"name": `With "quotes"`, "description": "1", "code": code, "requirements.2.code": "M.3"})
	full := []string{"name", "n", "description", "d", "code", s.name("M")}
	post(append(full, "requirementIds", "x")...).refused(400, 40001, "requirementIds")
	post(append(full, "name", "again")...).refused(400, 40001, "twice")
	post(append(full, "activity", "a\xff")...).refused(400, 40001, "activity")
	post(append(full, "policyIds", "4")...).refused(400, 40001, "names policy 4")
	post("name", "n").refused(400, 40001, "description")
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile("externalEvidence", "proof.pdf")
	_, _ = part.Write([]byte("%PDF"))
	_ = w.Close()
	s.call(t, "POST", controls, b.String(), with("Content-Type", w.FormDataContentType())).refused(400, 40001, "`externalEvidence` is a file")
	s.call(t, "POST", controls, "--x\r\nbroken", with("Content-Type", "multipart/form-data; boundary=x")).refused(400, 40001, "not a whole form")
	s.call(t, "POST", controls, "--x--", with("Content-Type", "multipart/form-data")).refused(400, 40001, "")
	s.call(t, "PUT", controls+"/1", "--x--", with("Content-Type", "multipart/form-data; boundary=x")).refused(400, 40009, "application/json")
}

func controlRefusals(t *testing.T, s *server) {
	id, code := s.control(t, "")
	post := func(body string) got { return s.call(t, "POST", controls, body) }
	const rest = `"description":"d","code":"R-1"`
	for body, text := range map[string]string{
		`{` + rest + `}`:                                                               "`name` (/name) is required",
		`{"name":"n","description":"d"}`:                                               "`code` (/code) is required",
		`{"name":"n","code":"R-1"}`:                                                    "`description` (/description) is required",
		`{"name":"` + strings.Repeat("é", 192) + `",` + rest + `}`:                     "`name` (/name) has 192 characters",
		`{"name":"n","description":"d","code":"` + strings.Repeat("x", 21) + `"}`:      "`code` (/code) has 21",
		`{"name":"n","description":"d","code":"a;b"}`:                                  "semicolon",
		`{"name":"n","question":"` + strings.Repeat("x", 769) + `",` + rest + `}`:      "`question` (/question) has 769",
		`{"name":"n","activity":"` + strings.Repeat("x", 769) + `",` + rest + `}`:      "`activity` (/activity) has 769",
		`{"name":"n","description":"` + strings.Repeat("x", 30001) + `","code":"R-1"}`: "`description` (/description) has 30001",
		`{"name":"n","requirementIds":[999999],` + rest + `}`:                          "/requirementIds/0 names requirement 999999",
		`{"name":"n","testIds":[999999],` + rest + `}`:                                 "/testIds/0 names test 999999",
		`{"name":"n","reportIds":[1],` + rest + `}`:                                    "`reportIds` (/reportIds/0) names report 1",
		`{"name":"n","policyIds":[2],` + rest + `}`:                                    "`policyIds` (/policyIds/0) names policy 2",
		`{"name":"n","ownersIds":[3],` + rest + `}`:                                    "`ownersIds` (/ownersIds/0) names user 3",
		`{"name":"n","customFields":[{}],` + rest + `}`:                                "`customFields` (/customFields/0)",
		`{"name":"n","externalEvidence":[{}],` + rest + `}`:                            "`externalEvidence` (/externalEvidence/0)",
		`{"name":"n","externalEvidenceMetadata":[{}],` + rest + `}`:                    "`externalEvidenceMetadata`",
		`{"name":"n","base64Files":[{}],` + rest + `}`:                                 "`base64Files`",
	} {
		post(body).refused(400, 40001, text)
	}
	post(`{"name":5}`).refused(400, 40002, "/name")
	post(fmt.Sprintf(`{"name":"n","description":"d","code":%q}`, code)).refused(409, 40902, code)
	other, _ := s.control(t, "")
	s.call(t, "PUT", controls+"/"+other, fmt.Sprintf(`{"code":%q}`, code)).refused(409, 40902, code)
	s.call(t, "PUT", controls+"/"+other, `{"name":" "}`).refused(400, 40001, "/name")
	s.call(t, "PUT", controls+"/"+other, `{"policyIds":[1]}`).refused(400, 40001, "policy 1")
	s.call(t, "PUT", controls+"/"+other, `{"requirementIds":[999999]}`).refused(400, 40001, "/requirementIds/0")
	s.call(t, "POST", controls+"/"+id+"/actions", `{"action":"archive"}`).refused(400, 40001, "archive")
	s.call(t, "POST", controls+"/"+id+"/actions", `{"action":"markOutOfScope","rationale":"`+strings.Repeat("x", 192)+`"}`).refused(400, 40001, "rationale")
	for _, path := range []string{controls + "/999999", controls + "/code:none", "/workspaces/2/controls/" + id, "/workspaces/2/controls/code:" + escape(code)} {
		for _, each := range []struct{ method, rest, body string }{{"GET", "", ""}, {"PUT", "", `{}`}, {"GET", "/requirements", ""}, {"POST", "/actions", `{"action":"markInScope"}`},
			{"GET", "/owners", ""}, {"PUT", "/owners", `{"ownerUserIds":[]}`}, {"GET", "/notes", ""}, {"POST", "/notes", `{"comment":"x"}`}, {"GET", "/notes/1", ""},
			{"PUT", "/notes/1", `{"comment":"x"}`}, {"DELETE", "/notes/1", ""}} {
			s.call(t, each.method, path+each.rest, each.body).refused(404, 40401, "")
		}
	}
	s.call(t, "GET", controls+"/code:", "").refused(400, 40001, "code")
	s.call(t, "GET", controls+"/abc", "").refused(400, 40001, "controlId")
	s.call(t, "GET", "/workspaces/2/controls", "").refused(404, 40401, "")
	s.call(t, "POST", "/workspaces/2/controls", `{"name":"n",`+rest+`}`).refused(404, 40401, "")
	s.call(t, "POST", "/controls/action-reset-mappings", `{"controlIds":[]}`).refused(400, 40001, "controlIds")
	s.call(t, "POST", "/controls/action-reset-mappings", `{"controlIds":[`+strings.TrimSuffix(strings.Repeat("1,", 101), ",")+`]}`).refused(400, 40001, "100")
	s.call(t, "GET", "/controls-requirement-comparison", "").refused(400, 40001, "controlIds[]")
	s.call(t, "GET", "/controls-requirement-comparison?controlIds[]=x", "").refused(400, 40001, "controlIds[]")
	s.call(t, "GET", "/controls-requirement-comparison?controlIds[]=999999", "").refused(404, 40401, "999999")
	s.call(t, "GET", "/controls-requirement-comparison?"+strings.Repeat("controlIds[]="+id+"&", 301), "").refused(400, 40001, "300")
	s.call(t, "GET", controls+"/"+id+"/requirements?frameworkTag=LUNCH", "").refused(400, 40001, "LUNCH")
	s.call(t, "GET", controls+"/"+id+"/requirements?excludeIds=a", "").refused(400, 40001, "excludeIds")

	for _, c := range []struct {
		scope              access.Scope
		method, path, body string
	}{
		{access.ControlsGet, "GET", "", ""}, {access.ControlsPost, "POST", "", `{}`}, {access.ControlsGetOne, "GET", "/" + id, ""}, {access.ControlsPut, "PUT", "/" + id, `{}`},
		{access.ControlsGetOne, "GET", "/" + id + "/requirements", ""}, {access.ControlsAction, "POST", "/" + id + "/actions", `{}`},
		{access.ControlsPutOwners, "PUT", "/" + id + "/owners", `{}`}, {access.ControlNotesGet, "GET", "/" + id + "/notes", ""},
		{access.ControlNotesPost, "POST", "/" + id + "/notes", `{}`}, {access.ControlNotesPut, "PUT", "/" + id + "/notes/1", `{}`},
		{access.ControlNotesDelete, "DELETE", "/" + id + "/notes/1", ""},
	} {
		s.call(t, c.method, controls+c.path, c.body, as(s.newKey(access.DataPost))).refused(403, 40301, string(c.scope))
		if g := s.call(t, c.method, controls+c.path, c.body, as(s.newKey(c.scope))); g.status == 403 {
			t.Errorf("%s %s with its scope: %s", c.method, c.path, g.body)
		}
	}
}

func controlNotes(t *testing.T, s *server) {
	id, code := s.control(t, "")
	at := controls + "/code:" + escape(code) + "/notes"
	one := s.call(t, "POST", at, `{"comment":"first"}`).is(201).has(map[string]any{"comment": "first", "controlId": id})
	two := s.call(t, "POST", at, `{"comment":"second"}`).is(201)
	s.call(t, "GET", at+"?size=1&includeTotalCount=true", "").is(200).has(map[string]any{"data.0.id": two.at("id"), "data.1": absent, "pagination.totalCount": 2})
	s.call(t, "PUT", at+"/"+one.text("id"), `{"comment":"changed"}`).is(200).has(map[string]any{"comment": "changed", "createdAt": one.at("createdAt")})
	s.call(t, "GET", at+"?sort=updatedAt", "").is(200).has(map[string]any{"data.0.id": one.at("id")})
	s.call(t, "GET", at+"/"+one.text("id"), "").is(200).has(map[string]any{"comment": "changed"})
	other, _ := s.control(t, "")
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		body := map[string]string{"PUT": `{"comment":"x"}`}[method]
		s.call(t, method, controls+"/"+other+"/notes/"+one.text("id"), body).refused(404, 40401, "note")
	}
	s.call(t, "DELETE", at+"/"+one.text("id"), "").is(204)
	s.call(t, "DELETE", at+"/"+one.text("id"), "").is(404)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"data.0.id": two.at("id"), "data.1": absent})
	s.call(t, "POST", at, `{"comment":""}`).refused(400, 40001, "comment")
	s.call(t, "PUT", at+"/"+two.text("id"), `{"comment":"`+strings.Repeat("x", 30001)+`"}`).refused(400, 40001, "30001")
	s.call(t, "GET", "/events?category=CONTROL&type=CONTROL_NOTE_DELETED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.noteId": one.at("id")})
}
