package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

const try = monitoringTests + "/try"

func attemptsCase(t *testing.T, s *server) {
	r, other := s.resource(t), s.resource(t)
	s.call(t, "POST", other.path+"/records", `{"data":[{"id":"a","email":"two@x"}]}`).is(200)
	first := fmt.Sprintf(`{"resourceId":%s,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]},
		"filteringCriteria":{"all":[{"fact":"n","operator":"equal","value":"bot"}]}}`, r.id)
	second := fmt.Sprintf(`{"resourceId":%s,"evaluator":{"all":[{"fact":"email","operator":"notExistsIn","value":{"resource":%s,"path":"email"}}]}}`, r.id, other.id)
	ask := func(more string) string { return `{"logic":{"groups":[` + first + "," + second + `]}` + more + `}` }

	s.call(t, "POST", try, ask(`,"records":[{"mfa":true},{"mfa":false},{"n":"bot"},{}]`)).is(200).has(map[string]any{
		"records.0.state": "pass", "records.0.cause": "[]", "records.0.causeText": "[]", "records.0.counterfactual": nil,
		"records.1.state": "fail", "records.1.cause.0.fact": "mfa", "records.1.cause.0.factResult": false, "records.1.causeText.0": "`mfa` is false, expected true",
		"records.2.state": "outOfScope", "records.3.state": "fail", "records.4": absent})
	if g := s.call(t, "POST", try, ask(`,"records":[{"mfa":false}]`)).is(200); g.text("records.0.counterfactual") == "" {
		t.Errorf("nothing would make it pass: %s", g.body)
	}
	s.call(t, "POST", try, ask(`,"group":1,"records":[{"email":"one@x"},{"email":"two@x"}]`)).is(200).has(map[string]any{
		"records.0.state": "pass", "records.1.state": "fail", "records.1.cause.0.reason": "found"})
	faulty := fmt.Sprintf(`{"logic":{"groups":[{"resourceId":%s,"evaluator":{"all":[{"fact":"email","operator":"in","value":{"fact":"n"}}]}}]},"records":[{"email":"x","n":1}]}`, r.id)
	s.call(t, "POST", try, faulty).is(200).has(map[string]any{"records.0.state": "error"})
	// Nothing is stored.
	s.call(t, "GET", r.path+"/records", "").is(200).has(map[string]any{"data.0": absent})

	s.call(t, "POST", try, ask("")).refused(400, 40001, "records").has(map[string]any{"pointer": "/records"})
	s.call(t, "POST", try, ask(`,"records":[]`)).refused(400, 40001, "records")
	s.call(t, "POST", try, ask(`,"records":[`+strings.Repeat("{},", 100)+`{}]`)).refused(400, 40001, "100")
	s.call(t, "POST", try, ask(`,"records":[{},null]`)).refused(400, 40001, "records[1]").has(map[string]any{"pointer": "/records/1"})
	s.call(t, "POST", try, ask(`,"records":[5]`)).is(400)
	s.call(t, "POST", try, ask(`,"records":[{}],"group":2}`)).is(400)
	s.call(t, "POST", try, ask(`,"records":[{}],"group":2`)).refused(400, 40001, "2 groups").has(map[string]any{"pointer": "/group"})
	s.call(t, "POST", try, ask(`,"records":[{}],"group":-1`)).refused(400, 40001, "group")
	s.call(t, "POST", try, ask(`,"record":[{}]`)).refused(400, 40002, "records")
	s.call(t, "POST", try, `{"records":[{}]}`).refused(400, 40001, "logic")
	s.call(t, "POST", try, strings.Replace(ask(`,"records":[{}]`), `"equal"`, `"equals"`, 1)).refused(400, 40006, "equals")
	s.call(t, "POST", try, strings.Replace(ask(`,"records":[{}]`), r.id, "999999999", 1)).refused(400, 40001, "999999999")
	s.call(t, "POST", "/workspaces/2/monitoring-tests/try", ask(`,"records":[{}]`)).refused(404, 40401, "")
	s.call(t, "POST", try, ask(`,"records":[{}]`), as(s.newKey(access.MonitorsGet))).refused(403, 40301, string(access.MonitorsPost))
}
