package httpapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

const conditions = "/workspaces/1/conditions"

func conditionAt(name string) string { return conditions + "/" + url.PathEscape(name) }

// referring is a test whose records must satisfy a named condition.
func referring(r resource, name string) string {
	return fmt.Sprintf(`{"groups":[{"name":"Named","resourceId":%s,"evaluator":{"condition":%q}}]}`, r.id, name)
}

func conditionsCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"1","email":"one@x","mfa":true,"n":1},{"id":"2","email":"two@x","mfa":false,"n":1},{"id":"3","email":"three@x","mfa":false,"n":2}]}`).is(200)
	// The names sort before and after one another, and need escaping in a path.
	first, second := s.name("A protected.É_-"), s.name("B second")
	mfa := `{"logic":{"fact":"mfa","operator":"equal","value":true}}`
	made := s.call(t, "PUT", conditionAt(first), mfa).is(200).has(map[string]any{"name": first, "logic.fact": "mfa", "sentence": "`mfa` is true",
		"usedBy": "[]", "republished": 0})
	if at := made.text("createdAt"); !isMoment.MatchString(at) || made.text("updatedAt") != at {
		t.Errorf("times of %s", made.body)
	}
	s.call(t, "PUT", conditionAt(second), fmt.Sprintf(`{"logic":{"any":[{"condition":%q},{"fact":"n","operator":"equal","value":2}]}}`, first)).is(200).
		has(map[string]any{"sentence": "`mfa` is true or `n` is 2"})

	test := s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Conditions"), referring(r, second))).is(201).
		has(map[string]any{"checkResultStatus": "FAILED", "counts.failing": 1, "counts.passing": 2})
	at, number := monitoringTests+"/"+test.text("testId"), test.text("testId")
	draft := s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":%s}`, s.name("Draft"), referring(r, first))).is(201)
	direct := s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Direct"), referring(r, first))).is(201).
		has(map[string]any{"counts.failing": 2})
	s.call(t, "POST", monitoringTests+"/"+direct.text("testId")+"/actions", `{"action":"disable"}`).is(200)
	s.call(t, "GET", conditionAt(first), "").is(200).has(map[string]any{"name": first, "republished": absent, "createdAt": made.at("createdAt"),
		"usedBy": fmt.Sprintf("[%s %s %s]", number, draft.text("testId"), direct.text("testId"))})
	s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":"x","logic":%s}`, referring(r, first[1:]))).refused(400, 40006, "there is no condition named").
		has(map[string]any{"pointer": "/groups/0/evaluator/condition", "suggestion": first})

	// The list is by name, on one page.
	g := s.call(t, "GET", conditions+"?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.cursor": nil})
	if n := g.length("data"); g.text("pagination.totalCount") != fmt.Sprint(n) {
		t.Errorf("%d conditions in %s", n, g.body)
	}
	for i, last := 0, ""; i < g.length("data"); i++ {
		name := g.text(fmt.Sprintf("data.%d.name", i))
		if name <= last {
			t.Errorf("%q comes after %q", name, last)
		}
		last = name
	}
	s.call(t, "GET", conditions, "").is(200).has(map[string]any{"pagination.totalCount": nil})

	// The same again changes nothing, whatever its layout.
	s.call(t, "PUT", conditionAt(first), `{"logic": {"fact" : "mfa", "operator":"equal", "value":true} }`).is(200).
		has(map[string]any{"republished": 0, "updatedAt": made.at("updatedAt")})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"version": 1})
	// A draft of the test stays one, after the new version.
	s.call(t, "PUT", at, `{"logic":`+logic(r)+`}`).is(200).has(map[string]any{"hasDraft": true})
	s.call(t, "POST", at+"/actions", `{"action":"runDraft"}`).is(200).has(map[string]any{"draftRun.version": 2})
	s.call(t, "PUT", conditionAt(first), `{"logic":{"fact":"email","operator":"startsWith","value":"t"}}`).is(200).
		has(map[string]any{"republished": 1, "sentence": "`email` starts with \"t\"", "createdAt": made.at("createdAt")})
	s.settle(t, r)
	s.call(t, "GET", at+"?expand[]=logic", "").is(200).has(map[string]any{"version": 3, "checkResultStatus": "FAILED", "counts.failing": 1, "hasDraft": true,
		"draftRun": absent, "logic.groups.0.evaluator.condition": second, "draftLogic.groups.0.name": "MFA"})
	s.call(t, "GET", at+"/failures", "").is(200).has(map[string]any{"data.0.recordId": "1", "data.1": absent, "data.0.cause.0.fact": "email"})
	s.call(t, "POST", at+"/actions?wait=verdict", `{"action":"publish"}`).is(200).has(map[string]any{"version": 4, "counts.failing": 2})
	s.call(t, "POST", monitoringTests+"/"+draft.text("testId")+"/actions", `{"action":"runDraft"}`).is(200).has(map[string]any{"draftRun.counts.failing": 1})
	s.call(t, "POST", monitoringTests+"/"+direct.text("testId")+"/actions?wait=verdict", `{"action":"enable"}`).is(200).has(map[string]any{"counts.failing": 1})
	s.call(t, "GET", monitoringTests+"?resourceId="+r.id, "").is(200).has(map[string]any{"data.2.testId": test.at("testId"), "data.3": absent})
	s.call(t, "GET", "/events?type=NAMED_CONDITION_UPDATED&expand[]=metadata", "").is(200).
		has(map[string]any{"data.0.metadata.condition": first, "data.0.metadata.republished": "[" + number + "]", "data.0.category": "MONITOR"})

	s.call(t, "DELETE", conditionAt(first), "").refused(409, 40901, "condition “"+second+"”, test "+draft.text("testId"))
	s.call(t, "DELETE", conditionAt(second), "").is(204)
	s.call(t, "DELETE", conditionAt(second), "").refused(404, 40401, second)
	s.call(t, "GET", conditionAt(second), "").refused(404, 40401, second)
	for _, n := range []string{draft.text("testId"), direct.text("testId")} {
		s.call(t, "DELETE", conditionAt(first), "").refused(409, 40901, "test "+n)
		s.call(t, "POST", monitoringTests+"/"+n+"/actions", `{"action":"delete"}`).is(200)
	}
	s.call(t, "DELETE", conditionAt(first), "").is(204)
	for _, kind := range []string{"CREATED", "DELETED"} {
		s.call(t, "GET", "/events?expand[]=metadata&type=NAMED_CONDITION_"+kind, "").is(200).has(map[string]any{"data.0.workspaceId": 1,
			"data.0.metadata.condition": map[string]string{"CREATED": second, "DELETED": first}[kind]})
	}
}

// settle waits until the evaluator has caught up with a resource.
func (s *server) settle(t *testing.T, r resource) {
	t.Helper()
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200).headers(map[string]string{"X-Verdicts": ""})
}

func conditionRefusals(t *testing.T, s *server) {
	r := s.resource(t)
	name, other := s.name("One"), s.name("Other")
	for _, bad := range []string{"/", "a/b", "..", " ", "--", "a\tb", "a~b", "“a”", strings.Repeat("é", 101)} {
		escaped := escape(bad)
		if bad == ".." {
			escaped = "%2e%2e"
		}
		s.call(t, "PUT", conditions+"/"+escaped, `{"logic":{"all":[]}}`).refused(400, 40001, "1 to 100 letters")
		s.call(t, "GET", conditions+"/"+escaped, "").is(404)
		s.call(t, "DELETE", conditions+"/"+escaped, "").is(404)
	}
	for _, unreadable := range []string{"a%00", "a%FF"} {
		s.call(t, "PUT", conditions+"/"+unreadable, `{"logic":{"all":[]}}`).is(404)
	}
	long := strings.Repeat("é", 100)
	s.call(t, "PUT", conditionAt(long), `{"logic":{"all":[]}}`).is(200).has(map[string]any{"name": long, "sentence": "always"})
	s.call(t, "DELETE", conditionAt(long), "").is(204)
	s.call(t, "PUT", conditionAt(name), `{}`).refused(400, 40001, "logic")
	s.call(t, "PUT", conditionAt(name), `{"logic":null}`).refused(400, 40001, "logic")
	s.call(t, "PUT", conditionAt(name), `{"logic":5}`).refused(400, 40006, "object")
	s.call(t, "PUT", conditionAt(name), `{"logic":`).refused(400, 40002, "")
	s.call(t, "PUT", conditionAt(name), "{\"logic\":{\"all\":[\n{\"fact\":\"mfa\",\"operator\":\"equals\",\"value\":true}]}}").refused(400, 40006, "equals").
		has(map[string]any{"pointer": "/all/0/operator", "line": 2, "column": 26, "suggestion": "equal"})
	s.call(t, "PUT", conditionAt(name), `{"logic":{"condition":"`+name+`"}}`).refused(400, 40006, "refers to itself").has(map[string]any{"pointer": "/condition"})
	s.call(t, "GET", conditionAt(name), "").is(404)
	s.call(t, "GET", "/workspaces/2/conditions", "").is(404)
	s.call(t, "PUT", "/workspaces/2/conditions/x", `{"logic":{"all":[]}}`).is(404)
	s.call(t, "GET", "/workspaces/x/conditions", "").is(400)
	s.call(t, "GET", conditions+"?includeTotalCount=maybe", "").refused(400, 40001, "includeTotalCount")

	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"mfa","operator":"equal","value":true}}`).is(200)
	s.call(t, "GET", conditionAt(strings.ToLower(name)), "").is(404)
	s.call(t, "PUT", conditionAt(other), `{"logic":{"not":{"condition":"`+name+`"}}}`).is(200)
	// The circle is seen in the other condition's text, so it has no place in
	// this one.
	g := s.call(t, "PUT", conditionAt(name), `{"logic":{"all":[{"condition":"`+other+`"}]}}`).refused(400, 40006, "refers to itself ("+name+" → "+other+" → "+name+")")
	g.has(map[string]any{"line": absent, "pointer": absent})
	if !strings.Contains(g.text("message"), "“"+other+"”") {
		t.Errorf("the message does not name the other condition: %s", g.body)
	}

	// A test in force that would not compile any more refuses the change.
	made := s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Refuses"), referring(r, other))).is(201)
	who := "test " + made.text("testId") + " “Refuses"
	lookup := `{"logic":{"fact":"email","operator":"existsIn","value":{"resource":%q,"path":"email"}}}`
	s.call(t, "PUT", conditionAt(name), fmt.Sprintf(lookup, "Nobody has this")).refused(400, 40006, who)
	// So does a draft that could not even be read.
	draft := s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":{"groups":[{"resourceId":%s,"evaluator":{"all":[
		{"fact":"email","operator":"existsIn","value":{"resource":%s,"path":"email","where":{"condition":%q}}}]}}]}}`, s.name("Looks"), r.id, r.id, name)).is(201)
	s.call(t, "PUT", conditionAt(name), fmt.Sprintf(lookup, "Nobody has this")).refused(400, 40006, "test "+draft.text("testId"))
	s.call(t, "GET", conditionAt(name), "").is(200).has(map[string]any{"logic.operator": "equal"})
	s.call(t, "GET", monitoringTests+"/"+made.text("testId"), "").is(200).has(map[string]any{"version": 1})

	for _, c := range []struct {
		scope        access.Scope
		method, path string
	}{
		{access.MonitorsGet, "GET", conditions}, {access.MonitorsGetOne, "GET", conditionAt(name)}, {access.MonitorsPut, "PUT", conditionAt(name)},
		{access.MonitorsAction, "DELETE", conditionAt(name)},
	} {
		body := ""
		if c.method == "PUT" {
			body = `{"logic":{"all":[],"not":5}}`
		}
		s.call(t, c.method, c.path, body, as(s.newKey(access.DataPost))).refused(403, 40301, string(c.scope))
		if g := s.call(t, c.method, c.path, body, as(s.newKey(c.scope))); g.status == 403 {
			t.Errorf("%s %s with its scope: %s", c.method, c.path, g.body)
		}
	}
}
