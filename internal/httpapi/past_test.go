package httpapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

func pastCase(t *testing.T, s *server) {
	r, other := s.resource(t), s.resource(t)
	now := func() string { return url.QueryEscape(s.clock.Now().Format(time.RFC3339Nano)) }
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"a","email":"a@x","mfa":false,"n":1},{"id":"b","email":"b@x","mfa":true,"n":1},{"id":"a/ä","email":"c@x","mfa":true,"n":2}]}`).is(200)
	before := now()
	made := s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Past"), logic(r))).is(201)
	at := monitoringTests + "/" + made.text("testId")
	failed := s.call(t, "GET", at+"/failures", "").is(200)
	first := now()
	s.call(t, "PUT", r.path+"/records/a?wait=verdict", `{"data":{"mfa":true,"email":"new@x"}}`).is(200)
	fixed := now()
	// From now on another logic is in force, which b and a fail for their number.
	s.call(t, "PUT", at, `{"logic":`+fmt.Sprintf(`{"groups":[{"name":"N","resourceId":%s,"evaluator":{"all":[]},"assertion":{"kind":"unique","path":"n"}}]}`, r.id)+`}`).is(200)
	s.call(t, "POST", at+"/actions?wait=verdict", `{"action":"publish"}`).is(200).has(map[string]any{"counts.failing": 2})
	second := now()
	s.call(t, "DELETE", r.path+"/records/b?wait=verdict", "").is(204)

	s.call(t, "GET", at+"/failures?asOf="+before, "").is(200).has(map[string]any{"data.0": absent, "lastCheck": nil})
	s.call(t, "GET", at+"/failures?includeTotalCount=true&asOf="+first, "").is(200).has(map[string]any{"data.0.recordId": "a", "data.0.resourceName": "a@x",
		"data.0.cause.0.fact": "mfa", "data.0.cause.0.factResult": false, "data.0.id": failed.at("data.0.id"), "data.0.failedSince": failed.at("data.0.failedSince"),
		"data.0.resourceId": r.id, "data.0.connectionId": r.connection, "data.1": absent, "pagination.totalCount": 1})
	s.call(t, "GET", at+"/failures?asOf="+fixed, "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", at+"/failures?sortDir=ASC&size=1&asOf="+second, "").is(200).has(map[string]any{"data.0.recordId": "a", "data.0.resourceName": "new@x",
		"data.0.cause.0.operator": "unique", "data.1": absent})
	s.call(t, "GET", at+"/failures?asOf="+second, "").is(200).has(map[string]any{"data.1.recordId": "a", "data.0.recordId": "b", "data.0.resourceName": "b@x"})
	s.call(t, "GET", at+"/failures?asOf=2999-01-01", "").refused(400, 40001, "yet to come")
	s.call(t, "GET", at+"/failures?asOf=once", "").refused(400, 40001, "asOf")
	s.call(t, "GET", monitoringTests+"/99999/failures?asOf="+first, "").is(404)

	// A count is about no record, a lookup is answered by the records of then.
	count := monitoringTests + "/" + s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":{"groups":[{"name":"C","resourceId":%s,
		"evaluator":{"all":[]},"assertion":{"kind":"count","min":5}}]}}`, s.name("Count"), r.id)).is(201).text("testId")
	s.call(t, "GET", count+"/failures?asOf="+now(), "").is(200).has(map[string]any{"data.0.recordId": nil, "data.0.causeText.0": "not as many records as expected satisfied the condition: at least 5 records satisfy it"})
	s.call(t, "POST", other.path+"/records", `{"data":[{"id":"left","email":"new@x"}]}`).is(200)
	look := monitoringTests + "/" + s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":{"groups":[{"name":"L","resourceId":%s,
		"evaluator":{"all":[{"fact":"email","operator":"notExistsIn","value":{"resource":%s,"path":"email"}}]}}]}}`, s.name("Look"), r.id, other.id)).is(201).text("testId")
	looked := now()
	x := s.call(t, "POST", look+"/exclusions", `{"targetId":"a","reason":"known","category":"ACCEPTED_RISK","expiresAt":"`+s.clock.Now().Add(time.Hour).Format(time.RFC3339)+`"}`).is(201)
	excluded := now()
	s.call(t, "DELETE", look+"/exclusions/"+x.text("id"), "").is(204)
	s.call(t, "GET", look+"/failures?asOf="+excluded, "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", look+"/failures?includeExclusions=true&asOf="+excluded, "").is(200).has(map[string]any{"data.0.recordId": "a", "data.0.isExcluded": true, "data.0.exclusionReason": "known"})
	s.call(t, "GET", look+"/failures?includeExclusions=true&asOf="+looked, "").is(200).has(map[string]any{"data.0.recordId": "a", "data.0.isExcluded": false})
	s.call(t, "DELETE", other.path+"/records/left?wait=verdict", "").is(204)
	s.call(t, "GET", look+"/failures?asOf="+looked, "").is(200).has(map[string]any{"data.0.recordId": "a", "data.0.cause.0.reason": "found"})
	s.settle(t, r)

	number := func(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
	g := s.call(t, "GET", r.path+"/records/a/verdicts?includeTotalCount=true", "").is(200).has(map[string]any{
		"verdicts.0.testId": number(at), "verdicts.0.state": "pass", "verdicts.0.group": "N", "verdicts.0.version": 2, "verdicts.0.problem": nil, "verdicts.0.workspaceId": 1,
		"verdicts.1.testId": number(count), "verdicts.1.state": "satisfied", "verdicts.1.since": nil, "verdicts.2.testId": number(look), "verdicts.2.state": "pass",
		"data.0.testId": number(look), "data.0.closeReason": "fixed", "data.1.testId": number(at), "data.1.version": 2, "data.1.closeReason": "fixed", "data.1.group": "N",
		"data.2.version": 1, "data.2.closeReason": "fixed", "data.3": absent, "pagination.totalCount": 3})
	if g.text("verdicts.2.since") != g.text("data.0.closedAt") {
		t.Errorf("since when it passes is not when the finding was closed: %s", g.body)
	}
	page := s.call(t, "GET", r.path+"/records/a/verdicts?size=2", "").is(200)
	s.call(t, "GET", r.path+"/records/a/verdicts?size=2&cursor="+page.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.version": 1, "data.1": absent})
	s.call(t, "GET", r.path+"/records/b/verdicts", "").is(200).has(map[string]any{"verdicts.0": absent, "data.0.closeReason": "record deleted"})
	s.call(t, "GET", r.path+"/records/"+escape("a/ä")+"/verdicts", "").is(200).has(map[string]any{"verdicts.2.state": "pass", "data.0": absent})
	s.call(t, "GET", r.path+"/records/nobody/verdicts", "").refused(404, 40401, "nobody")
	s.call(t, "GET", other.path+"/records/a/verdicts", "").is(404)
	s.call(t, "GET", strings.Replace(r.path, r.connection, other.connection, 1)+"/records/a/verdicts", "").is(404)

	// What is left of a deleted connection is that something failed.
	s.call(t, "DELETE", "/custom-connections/"+r.connection, "").is(204)
	s.call(t, "GET", at+"/failures?asOf="+first, "").is(200).has(map[string]any{"data.0.recordId": "a", "data.0.cause.0": absent})
}
