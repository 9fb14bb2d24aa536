package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const monitoringTests = "/workspaces/1/monitoring-tests"

func logic(r resource) string { return fmt.Sprintf(mfaLogic, r.id) }

func testsCase(t *testing.T, s *server) {
	r := s.resource(t)
	name := s.name("Draft")
	draft := s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"description":"d","logic":%s}`, name, logic(r))).is(201)
	draft.has(map[string]any{"name": name, "checkResultStatus": "READY", "resultReason": "NOT_RUN", "checkStatus": "NEW", "testSource": "CUSTOM", "hasDraft": true,
		"version": nil, "lastCheckAt": nil, "failedSince": nil, "logic": absent, "counts.records": 0, "counts.excluded": 0})
	at := monitoringTests + "/" + draft.text("testId")
	tag := draft.header.Get("ETag")
	s.call(t, "GET", at+"?size=1&sort=createdAt&expand[]=logic&expand[]=controls&expand[]=monitorInstances", "").is(200).headers(map[string]string{"ETag": tag}).
		has(map[string]any{"logic.groups.0.name": "MFA", "draftLogic.groups.0.name": "MFA", "controls.0": absent, "monitorInstances.0.checkTypes.0": "CUSTOM"})
	changed := s.call(t, "PUT", at, `{"name":"New name `+name+`","description":null}`, with("If-Match", tag)).is(200).has(map[string]any{"description": "", "name": "New name " + name})
	if changed.header.Get("ETag") == tag {
		t.Error("the ETag did not change")
	}
	s.call(t, "PUT", at, `{"name":"Late"}`, with("If-Match", tag)).refused(409, 40906, "")
	s.call(t, "PUT", at, `{"name":"Late"}`, with("If-Match", "nonsense")).refused(400, 40001, "If-Match")
	s.call(t, "PUT", at, `{}`, with("If-Match", "*")).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"publish"}`, with("If-Match", tag)).refused(409, 40906, "")
	s.call(t, "POST", at+"/actions", `{"action":"runDraft"}`, with("If-Match", changed.header.Get("ETag"))).is(200)
	s.call(t, "PUT", at, `{"name":""}`).refused(400, 40001, "name")
	s.call(t, "PUT", at, `{"enabled":"no"}`).refused(400, 40002, "/enabled")
	s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":%s}`, "New name "+name, logic(r))).refused(409, 40902, name)
	s.call(t, "POST", monitoringTests, `{"name":"x"}`).refused(400, 40001, "logic")
	s.call(t, "POST", monitoringTests, `{"name":"x","logic":`+strings.Replace(logic(r), r.id, "999999999", 1)+`}`).refused(400, 40001, "999999999")
	s.call(t, "POST", "/workspaces/2/monitoring-tests", fmt.Sprintf(`{"name":"x","logic":%s}`, logic(r))).refused(404, 40401, "")
	s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":"x","logic":%s,"controlIds":[7]}`, logic(r))).refused(400, 40001, "control 7")
	s.call(t, "GET", monitoringTests+"?checkStatus=NEW&size=1", "").is(200).has(map[string]any{"data.0.id": draft.at("id"), "data.1": absent})
	published := s.test(t, r)
	// Its groups count once their first pass is done.
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	for _, none := range []string{"checkStatus=DISABLED", "checkResultStatus=PASSED", "checkResultStatus=PREAUDIT", "type=POLICY", "testSource=DRATA"} {
		s.call(t, "GET", monitoringTests+"?"+none+"&resourceId="+r.id, "").is(200).has(map[string]any{"data.0": absent, "pagination.cursor": nil})
	}
	s.call(t, "GET", monitoringTests+"?type=CUSTOM&testSource=CUSTOM&resourceId="+r.id, "").is(200).
		has(map[string]any{"data.0.testId": published[strings.LastIndexByte(published, '/')+1:], "data.1.testId": draft.at("testId"), "data.2": absent})
}

func testListCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"1","email":"one@x","mfa":false},{"id":"2","email":"two@x","mfa":true}]}`).is(200)
	name := s.name("Listed")
	made := func(name, more string) string {
		return s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"logic":%s%s}`, name, logic(r), more)).is(201).text("testId")
	}
	control, code := s.control(t, "")
	first := made(name+" one", `,"publish":true,"controlIds":[`+control+`]`)
	draft := made(name+" two", "")
	list := func(query string) got {
		return s.call(t, "GET", monitoringTests+"?resourceId="+r.id+query, "").is(200)
	}
	list("&sort=name&sortDir=ASC&expand[]=resources&expand[]=controls&expand[]=resultCounts&includeTotalCount=true").has(map[string]any{"data.0.testId": first, "data.1.testId": draft,
		"data.2": absent, "pagination.totalCount": 2, "resultCounts.FAILED": 1, "resultCounts.READY": 1, "resultCounts.ERROR": 0, "resultCounts.PASSED": 0,
		"data.0.resources.0.id": r.id, "data.0.resources.0.connectionId": r.connection, "data.0.resources.0.providerTypes.0": "CUSTOM", "data.0.resources.0.isStale": false,
		"data.0.resources.1": absent, "data.1.resources.0.id": r.id, "data.0.controls.0.code": code, "data.0.groups": absent})
	list("&sort=result").has(map[string]any{"data.0.testId": first, "resultCounts": absent, "data.0.resources": absent})
	page := list("&sort=failing&size=1")
	list("&sort=failing&size=1&cursor=" + page.text("pagination.cursor")).has(map[string]any{"data.0.testId": draft, "pagination.cursor": nil})
	list("&checkResultStatus=FAILED&expand[]=resultCounts").has(map[string]any{"data.1": absent, "resultCounts.READY": 1})
	for query, want := range map[string]string{"stage=draft": draft, "stage=published": first, "connectionId=" + r.connection + "&stage=draft": draft, "providerType=CUSTOM&checkStatus=ENABLED": first,
		"controlId=" + control: first, "q=%20ONE": first, "q=%23" + draft: draft} {
		list("&" + query).has(map[string]any{"data.0.testId": want, "data.1": absent})
	}
	for _, none := range []string{"connectionId=999999", "providerType=HRIS", "controlId=999999", "q=nothing", "type=POLICY&expand[]=resultCounts"} {
		list("&" + none).has(map[string]any{"data.0": absent})
	}
	for query, about := range map[string]string{"sort=reason": "sort", "stage=new": "stage", "providerType=X": "providerType", "connectionId=x": "connectionId", "q=" + strings.Repeat("x", 401): "q"} {
		s.call(t, "GET", monitoringTests+"?"+query, "").refused(400, 40001, about)
	}
	// A cursor of one order is of no other list, and a forged one of no order is refused.
	s.call(t, "GET", "/workspaces/1/controls?cursor="+page.text("pagination.cursor"), "").is(400)

	at := monitoringTests + "/" + first
	s.call(t, "GET", at+"?expand[]=groups&expand[]=plan&expand[]=resources", "").is(200).has(map[string]any{"groups.0.checkResultStatus": "FAILED", "groups.0.resourceId": r.id,
		"groups.0.resultReason": nil, "groups.0.counts.failing": 1, "groups.0.missingProperties": "[]", "groups.0.staleResources": "[]", "groups.1": absent,
		"plan.schedule": "0 2 * * *", "plan.words": "every day at 02:00 UTC", "resources.0.connectionId": r.connection})
	s.call(t, "GET", monitoringTests+"/"+draft+"?expand[]=groups", "").is(200).has(map[string]any{"groups": "[]", "plan": absent})
	s.call(t, "GET", "/schedule-plan?schedule=30+6+*+*+1", "").is(200).has(map[string]any{"words": "every Monday at 06:30 UTC", "schedule": "30 6 * * 1", "next.5": absent})
	s.call(t, "GET", "/schedule-plan", "").is(200).has(map[string]any{"schedule": "0 2 * * *"})
	s.call(t, "GET", "/schedule-plan?schedule=daily", "").refused(400, 40001, "schedule")
	s.call(t, "GET", at+"/failures?q=ONE@", "").is(200).has(map[string]any{"data.0.recordId": "1", "data.1": absent})
	s.call(t, "GET", at+"/failures?q=two", "").is(200).has(map[string]any{"data.0": absent, "pagination.cursor": nil})
	s.call(t, "GET", at+"/passes?q=tWo", "").is(200).has(map[string]any{"data.0.recordId": "2", "data.1": absent})
	s.call(t, "GET", at+"/failures?q=two&asOf=2026-01-01", "").refused(400, 40001, "asOf")
	s.call(t, "GET", at+"/history", "").is(200).has(map[string]any{"ages.0.fromDays": 0, "ages.0.toDays": 1, "ages.0.findings": 1, "ages.4.toDays": nil, "ages.4.findings": 0, "ages.5": absent})
}

func testActions(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"good","email":"g","mfa":true},{"id":"bad","email":"b","mfa":false}]}`).is(200)
	made := s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":%s}`, s.name("Actions"), logic(r))).is(201)
	at := monitoringTests + "/" + made.text("testId")
	act := func(action, rest string) got {
		return s.call(t, "POST", at+"/actions?wait=verdict&expand[]=logic", fmt.Sprintf(`{"action":%q%s}`, action, rest))
	}
	s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"logic":%s,"publish":true}`, s.name("Settled"), logic(r))).is(201).
		has(map[string]any{"checkResultStatus": "FAILED", "isBuilding": false}).headers(map[string]string{"X-Tests-Failing": "1", "X-Verdicts": ""})
	act("run", "").refused(409, 40901, "published")
	act("enable", "").refused(409, 40901, "publish")
	act("nothing", "").refused(400, 40001, "runDraft")
	act("runDraft", "").is(200).has(map[string]any{"checkResultStatus": "READY", "draftRun.result": "FAILED", "draftRun.counts.failing": 1,
		"draftRun.examples.0.recordId": "bad", "draftRun.examples.0.resourceName": "b", "draftRun.examples.0.cause.0.fact": "mfa"})
	published := act("publish", `,"note":"first"`).is(200).has(map[string]any{"checkResultStatus": "FAILED", "checkStatus": "ENABLED", "hasDraft": false, "version": 1,
		"isBuilding": false, "counts.failing": 1, "counts.passing": 1, "counts.inScope": 2, "counts.records": 2, "draftLogic": absent})
	published.headers(map[string]string{"X-Tests-Failing": "1", "X-Tests-Error": "0", "X-Verdicts": ""})
	if since := published.text("failedSince"); !isMoment.MatchString(since) {
		t.Errorf("failedSince is %s", since)
	}
	act("discardDraft", "").refused(409, 40901, "draft")
	s.call(t, "PUT", at, `{"logic":`+strings.Replace(logic(r), `"value":true`, `"value":false`, 1)+`}`).is(200).has(map[string]any{"hasDraft": true, "checkResultStatus": "FAILED"})
	s.call(t, "GET", at+"?expand[]=logic", "").is(200).has(map[string]any{"logic.groups.0.evaluator.all.0.value": true, "draftLogic.groups.0.evaluator.all.0.value": false})
	// Two people publish: whoever saw another draft than the one there is is told.
	seen := s.call(t, "GET", at, "").is(200).header.Get("ETag")
	s.call(t, "PUT", at, `{"logic":`+logic(r)+`}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"publish"}`, with("If-Match", seen)).refused(409, 40906, "read it again")
	act("discardDraft", "").is(200).has(map[string]any{"hasDraft": false})
	act("run", "").is(200).has(map[string]any{"checkResultStatus": "FAILED"})
	act("disable", "").is(200).has(map[string]any{"checkStatus": "DISABLED", "disabledReason": "Disabled via Public API"}).headers(map[string]string{"X-Tests-Failing": "0"})
	act("enable", "").is(200).has(map[string]any{"checkStatus": "ENABLED", "checkResultStatus": "FAILED", "disabledReason": nil})
	s.call(t, "PUT", at, `{"enabled":false}`).is(200).has(map[string]any{"checkStatus": "DISABLED", "disabledReason": "Disabled via Public API"})
	s.call(t, "PUT", at, `{"enabled":true}`).is(200).has(map[string]any{"checkStatus": "ENABLED"})
	act("delete", "").is(200).has(map[string]any{"testId": made.at("testId")})
	s.call(t, "GET", at, "").is(404)
	act("delete", "").is(404)
}

func invalidLogic(t *testing.T, s *server) {
	r := s.resource(t)
	body := "{\"name\":\"x\",\"logic\":" + strings.Replace(logic(r), `"equal"`, `"equals"`, 1) + "}"
	g := s.call(t, "POST", monitoringTests, body).refused(400, 40006, "equals")
	g.has(map[string]any{"name": "INVALID_RULE", "line": 1, "suggestion": "equal", "pointer": "/groups/0/evaluator/all/0/operator"})
	if g.at("column") == absent || !strings.Contains(g.text("message"), "did you mean") {
		t.Errorf("no position or suggestion in %s", g.body)
	}
	s.call(t, "POST", monitoringTests, `{"name":"x","logic":5}`).is(400)
}

func findingsCase(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"one@x","mfa":false},{"id":"2","email":"two@x","mfa":true},{"id":"3","email":"three@x"}]}`).
		is(200).headers(map[string]string{"X-Tests-Failing": "1", "X-Verdicts": ""})
	g := s.call(t, "GET", test+"/failures?includeTotalCount=true&sortDir=ASC&includeExclusions=true", "").is(200)
	g.has(map[string]any{"pagination.totalCount": 2, "data.0.recordId": "1", "data.0.resourceName": "one@x", "data.0.connectionId": r.connection, "data.0.resourceId": r.id,
		"data.0.accountName": nil, "data.0.cause.0.fact": "mfa", "data.0.cause.0.operator": "equal", "data.0.cause.0.value": true, "data.0.cause.0.factResult": false,
		"data.0.cause.0.result": false, "data.0.tags": absent, "data.1.recordId": "3", "data.1.cause.0.factResult": absent})
	if !isMoment.MatchString(g.text("data.0.failedSince")) || !isMoment.MatchString(g.text("lastCheck")) || g.text("data.0.causeText.0") == "" ||
		!strings.HasPrefix(g.text("data.0.providerName"), "Users") {
		t.Errorf("finding is %s", g.body)
	}
	first := s.call(t, "GET", test+"/failures?size=1&sortDir=ASC&expand[]=tags", "").is(200).has(map[string]any{"data.0.recordId": "1"})
	s.call(t, "GET", test+"/failures?size=1&cursor="+first.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.recordId": "3", "pagination.cursor": nil})
	passes := s.call(t, "GET", test+"/passes", "").is(200).has(map[string]any{"data.0.recordId": "2", "data.0.failedSince": nil, "data.1": absent, "data.0.cause.0": absent})
	if passes.text("data.0.id") == "" {
		t.Error("a pass has no id")
	}
	s.call(t, "PUT", r.path+"/records/1?wait=verdict", `{"data":{"mfa":true}}`).is(200).headers(map[string]string{"X-Tests-Failing": "1"})
	s.call(t, "DELETE", r.path+"/records/3?wait=verdict", "").is(204).headers(map[string]string{"X-Tests-Failing": "0"})
	s.call(t, "GET", test+"/failures", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "PASSED", "resultReason": nil, "failedSince": nil, "counts.passing": 2})
	s.call(t, "PUT", r.path, `{"freshnessHours":1}`).is(200)
	s.clock.advance(2 * time.Hour)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "ERROR", "resultReason": "STALE"})
	s.call(t, "GET", monitoringTests+"?checkResultStatus=ERROR&resourceId="+r.id, "").is(200).has(map[string]any{"data.0.resultReason": "STALE"})
}

func waitingForVerdicts(t *testing.T, s *server) {
	r := s.resource(t)
	s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict&waitSeconds=30", `{"data":{"id":"a","email":"x","mfa":true}}`).is(201).
		headers(map[string]string{"X-Tests-Failing": "0", "X-Tests-Error": "0", "X-Verdicts": ""})
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"a","email":"x"}}`).is(200).headers(map[string]string{"X-Tests-Failing": ""})
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200).headers(map[string]string{"X-Tests-Failing": "1"})
	s.call(t, "POST", r.path+"/sessions/wait", `{"data":[{"id":"a","email":"x","mfa":true}]}`).is(200)
	s.call(t, "POST", r.path+"/sessions/wait/actions?wait=verdict", `{"action":"complete"}`).is(200).headers(map[string]string{"X-Tests-Failing": "0"})
	s.call(t, "POST", r.path+"/sessions/empty", `{"data":[]}`).is(200)
	s.call(t, "POST", r.path+"/sessions/empty/actions?wait=verdict", `{"action":"complete"}`).is(200).headers(map[string]string{"X-Tests-Failing": "0", "X-Tests-Error": "1"})
}

func lookupsCase(t *testing.T, s *server) {
	users, leavers := s.resource(t), s.resource(t)
	ask := func(resource string) string {
		return fmt.Sprintf(`{"groups":[{"resourceId":%s,"evaluator":{"all":[{"fact":"email","operator":"notExistsIn","value":{"resource":%s,"path":"email",
			"where":{"fact":"mfa","operator":"equal","value":false}}}]}}]}`, users.id, resource)
	}
	s.call(t, "POST", users.path+"/records", `{"data":[{"id":"1","email":"one@x"},{"id":"2","email":"two@x"}]}`).is(200)
	s.call(t, "POST", monitoringTests, `{"name":"x","logic":`+ask(`"Nobody"`)+`}`).refused(400, 40001, "Nobody")
	s.call(t, "POST", monitoringTests, `{"name":"x","logic":`+ask("999999999")+`}`).refused(400, 40001, "999999999")
	s.call(t, "POST", monitoringTests, `{"name":"x","logic":`+strings.Replace(ask(leavers.id), `"path"`, `"pat"`, 1)+`}`).refused(400, 40006, "pat").
		has(map[string]any{"pointer": "/groups/0/evaluator/all/0/value/pat", "suggestion": "path"})
	made := s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Leavers"), ask(leavers.id))).is(201).
		has(map[string]any{"checkResultStatus": "ERROR", "resultReason": "NO_DATA"})
	at := monitoringTests + "/" + made.text("testId")
	s.call(t, "POST", leavers.path+"/records?wait=verdict", `{"data":[{"id":"a","email":"two@x","mfa":false},{"id":"b","email":"one@x","mfa":true}]}`).is(200).
		headers(map[string]string{"X-Tests-Failing": "1", "X-Tests-Error": "0", "X-Verdicts": ""})
	s.call(t, "GET", at+"/failures", "").is(200).has(map[string]any{"data.0.recordId": "2", "data.1": absent, "data.0.resourceId": users.id,
		"data.0.cause.0.operator": "notExistsIn", "data.0.cause.0.factResult": "two@x", "data.0.cause.0.reason": "found"})
	s.call(t, "DELETE", leavers.path+"/records/a?wait=verdict", "").is(204).headers(map[string]string{"X-Tests-Failing": "0"})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"checkResultStatus": "PASSED"})
}
