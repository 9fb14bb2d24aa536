package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

const preview = monitoringTests + "/preview"

func previewsCase(t *testing.T, s *server) {
	r, other := s.resource(t), s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"1","email":"one@x","mfa":true,"n":1},{"id":"2","email":"two@x","mfa":false,"n":1},{"id":"3","email":"three@x","n":2},{"id":"4","email":"bot@x","n":"bot"}]}`).is(200)
	s.call(t, "POST", other.path+"/records", `{"data":[{"id":"a","email":"two@x"}]}`).is(200)
	group := func(more string) string {
		return fmt.Sprintf(`{"logic":{"groups":[{"name":"G","resourceId":%s%s}]}}`, r.id, more)
	}
	mfa := `,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}`
	g := s.call(t, "POST", preview, group(mfa+`,"filteringCriteria":{"all":[{"fact":"n","operator":"equal","value":"bot"}]}`)).is(200)
	g.has(map[string]any{"inScope": 3, "filteredOut": 1, "passing": 1, "failing": 2, "errors": 0, "records": 4, "result": "FAILED", "reason": nil,
		"groups.0.name": "G", "groups.0.resourceId": r.id, "groups.0.counts.failing": 2, "groups.0.result": "FAILED", "groups.1": absent,
		"examples.0.recordId": "2", "examples.0.resourceName": "two@x", "examples.0.cause.0.fact": "mfa", "examples.0.cause.0.factResult": false,
		"examples.0.resourceId": r.id, "examples.0.group": "G", "examples.1.recordId": "3", "examples.2": absent, "sample": absent, "jobId": absent, "lint": "[]"})
	if g.text("examples.0.causeText.0") == "" || !isMoment.MatchString(g.text("evaluatedAt")) {
		t.Errorf("no cause or moment in %s", g.body)
	}
	everyone := `,"evaluator":{"all":[{"fact":"email","operator":"exists","value":true}]}`
	for _, c := range []struct {
		more string
		want map[string]any
	}{
		{everyone + `,"assertion":{"kind":"unique","path":"n"}`, map[string]any{"passing": 2, "failing": 2, "result": "FAILED", "examples.0.recordId": "1",
			"examples.1.recordId": "2", "examples.2": absent, "examples.0.cause.0.operator": "unique"}},
		{mfa + `,"assertion":{"kind":"count","min":1,"max":1}`, map[string]any{"passing": 0, "failing": 0, "satisfying": 1, "notSatisfying": 3, "examples": "[]", "result": "PASSED"}},
		{mfa + `,"assertion":{"kind":"minPassingPercent","value":25}`, map[string]any{"result": "PASSED"}},
		{mfa + `,"assertion":{"kind":"maxFailing","value":2}`, map[string]any{"result": "FAILED"}},
		{mfa + `,"onEmpty":"pass","filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"n","operator":"equal","value":99}]}}`,
			map[string]any{"inScope": 0, "filteredOut": 4, "result": "PASSED", "reason": "NO_DATA"}},
		{fmt.Sprintf(`,"evaluator":{"all":[{"fact":"email","operator":"notExistsIn","value":{"resource":%s,"path":"email"}}]}`, other.id),
			map[string]any{"passing": 3, "failing": 1, "examples.0.recordId": "2", "examples.0.cause.0.reason": "found"}},
		{`,"evaluator":{"all":[{"fact":"email","operator":"in","value":{"fact":"n"}}]},"filteringCriteria":{"all":[{"fact":"n","operator":"equal","value":"bot"}]}`, map[string]any{"errors": 3, "result": "ERROR", "reason": "RULE_ERROR"}},
		{`,"evaluator":{"all":[{"fact":"mfaa","operator":"equal","value":true}]}`, map[string]any{"lint.0.severity": "warning",
			"lint.0.pointer": "/groups/0/evaluator/all/0/fact"}},
		{mfa + `,"filteringCriteria":{"any":[{"fact":"mfaa","operator":"equal","value":true}]}`, map[string]any{"lint.0.pointer": "/groups/0/filteringCriteria/any/0/fact"}},
		{mfa + `,"filteringCriteria":{"mode":"exclusion","evaluator":{"any":[{"fact":"mfaa","operator":"equal","value":true}]}}`,
			map[string]any{"lint.0.pointer": "/groups/0/filteringCriteria/evaluator/any/0/fact"}},
	} {
		s.call(t, "POST", preview, group(c.more)).is(200).has(c.want)
	}
	// What would change from other logic.
	s.call(t, "POST", preview, `{"logic":`+logic(r)+`,"against":`+strings.Replace(logic(r), "true", "false", 1)+`}`).is(200).has(map[string]any{
		"difference.from.counts.passing": 1, "difference.to.counts.passing": 1, "difference.from.result": "FAILED", "difference.moves.0.from": "pass",
		"difference.moves.0.to": "fail", "difference.moves.0.records": 1, "difference.moves.1.to": "pass", "difference.moves.2": absent})
	s.call(t, "POST", preview, `{"logic":`+logic(r)+`,"against":{"groups":[]}}`).refused(400, 40001, "`against` (/against) cannot be evaluated: ")
	s.call(t, "POST", preview, `{"asOf":"2020-01-01T00:00:00Z","logic":`+logic(r)+`,"against":`+logic(r)+`}`).refused(400, 40001, "")
	name := s.name("Safe")
	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"mfa","operator":"equal","value":true}}`).is(200)
	s.call(t, "POST", preview, `{"logic":`+referring(r, name)+`}`).is(200).has(map[string]any{"passing": 1, "examples.0.cause.0.fact": "mfa"})

	// What it was before, whatever it is now; and nothing is written.
	at := s.clock.Now().Format(time.RFC3339Nano)
	s.call(t, "PUT", r.path+"/records/2", `{"data":{"mfa":true}}`).is(200)
	s.call(t, "DELETE", r.path+"/records/3", "").is(204)
	s.call(t, "POST", preview, group(mfa)).is(200).has(map[string]any{"passing": 2, "failing": 1})
	s.call(t, "POST", preview, strings.Replace(group(mfa), `{"logic"`, `{"asOf":"`+at+`","logic"`, 1)).is(200).
		has(map[string]any{"passing": 1, "failing": 3, "examples.0.recordId": "2", "examples.0.cause.0.factResult": false, "examples.1.recordId": "3"})
	s.call(t, "GET", monitoringTests+"?resourceId="+r.id, "").is(200).has(map[string]any{"data.0": absent})
}

func previewRefusals(t *testing.T, s *server) {
	r := s.resource(t)
	try := func(logic string) got { return s.call(t, "POST", preview, `{"logic":`+logic+`}`) }
	try("{\"groups\":[{\"resourceId\":"+r.id+",\"evaluator\":{\"all\":[\n {\"fact\":\"mfa\",\"operator\":\"equals\",\"value\":true}]}}]}").refused(400, 40006, "equals").
		has(map[string]any{"line": 2, "column": 27, "pointer": "/groups/0/evaluator/all/0/operator", "suggestion": "equal"})
	try(strings.Replace(logic(r), r.id, "999999999", 1)).refused(400, 40001, "999999999").has(map[string]any{"pointer": "/groups/0/resourceId"})
	try(`{"all":[]}`).refused(400, 40001, "resourceId").has(map[string]any{"pointer": "/groups/0/resourceId"})
	try(fmt.Sprintf(`{"groups":[{"resourceId":%s,"evaluator":{"all":[{"fact":"email","operator":"existsIn","value":{"resource":"Nobody has this","path":"email"}}]}}]}`, r.id)).
		refused(400, 40001, "Nobody has this").has(map[string]any{"pointer": "/groups/0"})
	try(fmt.Sprintf(`{"groups":[{"resourceId":%s,"evaluator":{"condition":"Nobody has this"}}]}`, r.id)).refused(400, 40006, "Nobody has this")
	try(`5`).is(400)
	try(`null`).refused(400, 40001, "logic")
	s.call(t, "POST", preview, `{"logic":`+logic(r)+`,"asof":"2026-01-01"}`).refused(400, 40002, "asOf")
	for _, bad := range []string{"soon", "2020-01-01", "2999-01-01"} {
		s.call(t, "POST", preview, `{"logic":`+logic(r)+`,"asOf":"`+bad+`"}`).refused(400, 40001, "asOf")
	}
	s.call(t, "POST", "/workspaces/2/monitoring-tests/preview", `{"logic":`+logic(r)+`}`).refused(404, 40401, "")
	s.call(t, "POST", preview, `{"logic":`+logic(r)+`}`, as(s.newKey(access.MonitorsGet, access.MonitorsGetOne))).refused(403, 40301, string(access.MonitorsPost))
	s.call(t, "GET", preview+"/nothing", "").refused(404, 40401, "nothing")
	s.call(t, "DELETE", preview+"/nothing", "").refused(404, 40401, "nothing")
	s.call(t, "POST", preview+"/nothing", "{}").refused(405, 40501, "")
	s.call(t, "GET", monitoringTests+"/1/nothing", "").refused(404, 40402, "")
	s.call(t, "DELETE", "/custom-connections/"+r.connection, "").is(204)
	try(logic(r)).refused(400, 40001, "no resource "+r.id)
}

func previewJobs(t *testing.T, s *server) {
	r := s.resource(t)
	var list []string
	for i := range 300 {
		list = append(list, fmt.Sprintf(`{"id":"%d","email":"e","mfa":%t}`, i, i%2 == 0))
	}
	s.call(t, "POST", r.path+"/records", `{"data":[`+strings.Join(list, ",")+`]}`).is(200)
	sampled := func() got {
		s.clock.hurry(200 * time.Millisecond)
		defer s.clock.hurry(0)
		return s.call(t, "POST", preview, `{"logic":`+logic(r)+`}`).is(200).has(map[string]any{"result": nil, "reason": nil, "sample.of": 300, "groups.0.result": nil})
	}
	g := sampled()
	if g.text("sample.records") != g.text("inScope") || g.text("inScope") == "0" || g.text("inScope") == "300" {
		t.Errorf("the sample is %s", g.body)
	}
	job := preview + "/" + g.text("jobId")
	s.eventually(t, "the end of the job", func() bool {
		g = s.call(t, "GET", job, "").is(200)
		return g.text("state") == "done"
	})
	g.has(map[string]any{"records": 300, "of": 300, "message": nil, "result.inScope": 300, "result.failing": 150, "result.result": "FAILED",
		"result.sample": absent, "result.jobId": absent, "result.examples.19.recordId": "39"})
	s.call(t, "GET", job, "", as(s.newKey(access.All))).refused(404, 40401, "")
	s.call(t, "GET", strings.Replace(job, "/workspaces/1/", "/workspaces/2/", 1), "").refused(404, 40401, "")
	s.call(t, "DELETE", job, "", as(s.newKey(access.All))).refused(404, 40401, "")
	s.call(t, "DELETE", job, "").is(204)
	s.call(t, "GET", job, "").refused(404, 40401, "")
}
