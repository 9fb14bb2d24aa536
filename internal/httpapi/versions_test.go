package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
)

// versioned is a published test, with a path, that was then edited twice.
func versioned(t *testing.T, s *server, r resource) string {
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"1","email":"one@x","mfa":true},{"id":"2","email":"two@x","mfa":false},{"id":"3","email":"three@x","mfa":false}]}`).is(200)
	made := s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"note":"the first","logic":%s}`, s.name("Versions"), logic(r))).is(201)
	at := monitoringTests + "/" + made.text("testId")
	s.call(t, "PUT", at, `{"logic":`+strings.Replace(logic(r), `"value":true`, `"value":false`, 1)+`}`).is(200)
	return at
}

func versionsCase(t *testing.T, s *server) {
	r := s.resource(t)
	at := versioned(t, s, r)
	// The same again is no other version.
	s.call(t, "PUT", at, `{"logic":`+strings.Replace(logic(r), `"value":true`, ` "value" : false `, 1)+`}`).is(200)
	third := strings.Replace(logic(r), `}]}}]`, `},{"fact":"email","operator":"equal","value":"two@x"}]},"onEmpty":"pass"}]`, 1)
	third = strings.Replace(third, `"all"`, `"any"`, 1)
	s.call(t, "PUT", at, `{"logic":`+third+`}`).is(200)
	key := s.call(t, "GET", at+"/versions?includeTotalCount=true&expand[]=logic", "").is(200).has(map[string]any{"pagination.totalCount": 3,
		"data.0.version": 3, "data.0.state": "draft", "data.0.note": nil, "data.0.publishedAt": nil, "data.0.isInForce": false, "data.0.logic.groups.0.onEmpty": "pass",
		"data.1.version": 2, "data.1.state": "discarded", "data.2.version": 1, "data.2.state": "published", "data.2.isInForce": true, "data.2.note": "the first"}).at("data.2.createdByKeyId")
	if key == nil || key == absent {
		t.Error("a version has no author")
	}
	page := s.call(t, "GET", at+"/versions?size=2&sortDir=ASC", "").is(200).has(map[string]any{"data.0.version": 1, "data.1.version": 2, "data.2": absent, "data.0.logic": absent})
	s.call(t, "GET", at+"/versions?size=2&cursor="+page.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.version": 3, "pagination.cursor": nil})
	s.call(t, "GET", at+"/versions/draft", "").is(200).has(map[string]any{"version": 3, "state": "draft", "createdByKeyId": key})
	s.call(t, "GET", at+"/versions/1", "").is(200).has(map[string]any{"version": 1, "logic.groups.0.evaluator.all.0.value": true})

	d := s.call(t, "GET", at+"/versions/1...draft", "").is(200)
	d.has(map[string]any{"from.version": 1, "to.version": 3, "to.state": "draft", "hasMoreChanges": false, "meaningDiffers": false, "problem": nil,
		"changes.0.pointer": "/groups/0/evaluator/all", "changes.0.op": "removed", "changes.0.to": absent, "changes.1.pointer": "/groups/0/evaluator/any", "changes.1.op": "added",
		"changes.2.pointer": "/groups/0/onEmpty", "changes.2.to": "pass", "words.from.0.evaluator": "`mfa` is true",
		"words.to.0.evaluator": "`mfa` is true or `email` is \"two@x\"", "words.to.0.filter": nil, "words.to.0.assertion": "every record passes",
		"verdicts.from.counts.failing": 2, "verdicts.to.counts.failing": 1, "verdicts.from.result": "FAILED", "verdicts.sample": absent,
		"verdicts.moves.0.from": "fail", "verdicts.moves.0.to": "pass", "verdicts.moves.0.records": 1, "verdicts.moves.0.examples.0.recordId": "2",
		"verdicts.moves.0.examples.0.cause.0.fact": "mfa", "verdicts.moves.1": absent})
	s.call(t, "GET", at+"/versions/3...1", "").is(200).has(map[string]any{"verdicts.moves.0.from": "pass", "verdicts.moves.0.to": "fail", "changes.0.op": "added"})
	s.call(t, "GET", at+"/versions/2...2", "").is(200).has(map[string]any{"changes.0": absent, "verdicts.moves.0": absent})

	s.call(t, "POST", at+"/actions?wait=verdict", `{"action":"publish","note":"two may be without"}`).is(200).has(map[string]any{"version": 3})
	s.call(t, "PUT", at, `{"logic":`+logic(r)+`}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"discardDraft"}`).is(200)
	s.call(t, "PUT", at, `{"logic":`+logic(r)+`}`).is(200)
	list := s.call(t, "GET", at+"/versions", "").is(200)
	for i, state := range []string{"draft", "discarded", "published", "discarded", "superseded"} {
		list.has(map[string]any{fmt.Sprintf("data.%d.version", i): 5 - i, fmt.Sprintf("data.%d.state", i): state, fmt.Sprintf("data.%d.isInForce", i): i == 2})
	}
	list.has(map[string]any{"data.2.note": "two may be without"})

	// A condition that changes makes a version whose text is the same.
	name := s.name("Changing")
	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"mfa","operator":"equal","value":true}}`).is(200)
	other := monitoringTests + "/" + s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Refers"), referring(r, name))).is(201).text("testId")
	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"mfa","operator":"equal","value":false}}`).is(200)
	s.call(t, "GET", other+"/versions/1...2", "").is(200).has(map[string]any{"changes.0": absent, "meaningDiffers": true, "words.from.0.evaluator": "`mfa` is true",
		"words.to.0.evaluator": "`mfa` is false", "verdicts.moves.0.records": 1, "verdicts.moves.1.records": 2})

	// What cannot be evaluated any more is still compared in its text.
	s.call(t, "DELETE", "/custom-connections/"+r.connection, "").is(204)
	s.call(t, "GET", at+"/versions/1...3", "").is(200).has(map[string]any{"verdicts": absent, "changes.0.op": "removed", "words.from.0.name": "MFA"})
}

func versionRefusals(t *testing.T, s *server) {
	r := s.resource(t)
	at := versioned(t, s, r)
	for _, bad := range []string{"x", "0", "-1", "01", "1..2", "1....2", "...", "1...", "published", "1...2...3", "99999999999999999999"} {
		s.call(t, "GET", at+"/versions/"+bad, "").refused(400, 40001, "no version")
	}
	for _, none := range []string{"9", "1...9", "9...1"} {
		s.call(t, "GET", at+"/versions/"+none, "").refused(404, 40401, "version 9")
	}
	s.call(t, "POST", at+"/actions", `{"action":"discardDraft"}`).is(200)
	s.call(t, "GET", at+"/versions/draft", "").refused(404, 40401, "draft")
	s.call(t, "GET", at+"/versions/1...draft", "").refused(404, 40401, "draft")
	s.call(t, "GET", monitoringTests+"/99999/versions", "").is(404)
	s.call(t, "GET", strings.Replace(at, "/workspaces/1/", "/workspaces/2/", 1)+"/versions/1", "").is(404)
	s.call(t, "GET", at+"/versions?sort=updatedAt", "").refused(400, 40001, "sort")
}

func reasonsCase(t *testing.T, s *server) {
	r := s.resource(t)
	at := s.test(t, r)
	number := at[strings.LastIndexByte(at, '/')+1:]
	for _, c := range []struct{ action, kind string }{{"disable", "MONITOR_TEST_STOPPED"}, {"enable", "MONITOR_TEST_ENABLED"}, {"delete", "MONITOR_TEST_DELETED"}} {
		s.call(t, "POST", at+"/actions", fmt.Sprintf(`{"action":%q,"note":%q}`, c.action, strings.Repeat("x", 2001))).refused(400, 40001, "note")
		why := "because of " + s.name(c.action)
		s.call(t, "POST", at+"/actions", fmt.Sprintf(`{"action":%q,"note":%q}`, c.action, why)).is(200)
		g := s.call(t, "GET", "/events?type="+c.kind+"&size=1&expand[]=metadata&expand[]=testId", "").is(200).
			has(map[string]any{"data.0.metadata.reason": why, "data.0.testId": number})
		if !strings.HasSuffix(g.text("data.0.description"), ": "+why) {
			t.Errorf("the event reads %s", g.body)
		}
	}
}
