package httpapi_test

import (
	"fmt"
	"testing"
)

// numbersCase: where a number of records is asserted no single one fails, and none
// is told to.
func numbersCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.push(t, r, `{"data":[{"id":"1","email":"one@x","mfa":true},{"id":"2","email":"two@x","mfa":false},{"id":"3","email":"three@x","mfa":false}]}`)
	logic := fmt.Sprintf(`{"groups":[{"name":"Some","resourceId":%s,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]},"assertion":{"kind":"count","min":1,"max":2}}]}`, r.id)
	number := s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Some"), logic)).is(201).text("testId")
	at := monitoringTests + "/" + number
	counts := map[string]any{"passing": 0, "failing": 0, "satisfying": 1, "notSatisfying": 2, "inScope": 3, "records": 3}
	under := func(prefix string) map[string]any {
		out := map[string]any{}
		for k, v := range counts {
			out[prefix+k] = v
		}
		return out
	}
	s.call(t, "GET", at+"?expand[]=groups", "").is(200).has(under("counts.")).has(under("groups.0.counts.")).has(map[string]any{"checkResultStatus": "PASSED"})
	s.call(t, "GET", at+"/failures?includeTotalCount=true", "").is(200).has(map[string]any{"data.0": absent, "pagination.totalCount": 0})
	s.call(t, "GET", at+"/passes", "").is(200).has(map[string]any{"data.0.recordId": "1", "data.1": absent})
	s.call(t, "GET", at+"/history", "").is(200).has(map[string]any{"data.0.satisfying": 1, "data.0.notSatisfying": 2, "data.0.failing": 0, "data.0.passRate": nil})
	s.call(t, "GET", r.path+"/records/2/verdicts", "").is(200).has(map[string]any{"verdicts.0.state": "notSatisfied", "verdicts.0.since": nil})
	run := s.ran(t, at)
	s.call(t, "GET", run, "").is(200).has(under("counts."))
	s.call(t, "GET", run+"/evidence", "").is(200).has(map[string]any{"records.0.groups.0.verdict": "SATISFIED", "records.1.groups.0.verdict": "NOT_SATISFIED", "records.1.groups.0.causeText": absent})

	// A record that is left out of the number matters, though it does not fail.
	x := s.exclude(t, at, `"targetId":"1"`, 3).is(201)
	s.settle(t, r)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"checkResultStatus": "FAILED", "counts.satisfying": 0, "counts.notSatisfying": 2, "counts.excluded": 1, "counts.failing": 0})
	s.call(t, "GET", at+"/failures", "").is(200).has(map[string]any{"data.0.recordId": nil, "data.0.causeText.0": "0 records satisfy the condition, expected at least 1", "data.1": absent})
	s.call(t, "GET", "/workspaces/1/exclusions/audit?problem=EXPIRING&testId="+number, "").is(200).has(map[string]any{"data.0.id": x.at("id"), "data.0.problems": "[EXPIRING]"})

	// Two versions are told apart by the number alone.
	other := fmt.Sprintf(`{"groups":[{"resourceId":%s,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":false}]},"assertion":{"kind":"count","min":1}}]}`, r.id)
	s.call(t, "POST", monitoringTests+"/preview", fmt.Sprintf(`{"logic":%s,"against":%s}`, other, logic)).is(200).has(map[string]any{"failing": 0, "satisfying": 2,
		"difference.from.counts.satisfying": 1, "difference.moves.0.from": "satisfied", "difference.moves.0.to": "notSatisfied", "difference.moves.0.records": 1,
		"difference.moves.1.from": "notSatisfied", "difference.moves.1.records": 2})
}
