package httpapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// newestCase: the open findings of all tests, the newest first, whatever test they
// are of.
func newestCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.push(t, r, `{"data":[{"id":"1","email":"one@x","mfa":false},{"id":"2","email":"two@x","mfa":true}]}`)
	first, second := s.mfaTest(t, r, ""), s.mfaTest(t, r, "")
	s.clock.advance(time.Minute)
	s.push(t, r, `{"data":[{"id":"2","email":"two@x","mfa":false}]}`)
	path := "/workspaces/1/findings"
	g := s.call(t, "GET", path+"?sort=openedAt&size=2&includeTotalCount=true", "").is(200).has(map[string]any{"data.0.recordId": "2", "data.1.recordId": "2",
		"data.0.resourceName": "two@x", "data.0.cause.0.fact": "mfa", "data.0.causeText.1": absent})
	tests := []string{g.text("data.0.testId"), g.text("data.1.testId")}
	slices.Sort(tests)
	if want := []string{first, second}; !slices.Equal(tests, want) || !strings.HasPrefix(g.text("data.0.testName"), "MFA") {
		t.Errorf("tests %v, want %v in %s", tests, want, g.body)
	}
	total, seen := 0, map[string]bool{}
	if _, err := fmt.Sscan(g.text("pagination.totalCount"), &total); err != nil {
		t.Fatal(err)
	}
	for at := path + "?size=3"; at != ""; {
		g := s.call(t, "GET", at, "").is(200)
		for i := range g.length("data") {
			seen[g.text(fmt.Sprintf("data.%d.id", i))] = true
		}
		at = ""
		if next := g.at("pagination.cursor"); next != nil {
			at = path + "?size=3&cursor=" + next.(string)
		}
	}
	if len(seen) != total {
		t.Errorf("%d findings in pages, %d in all", len(seen), total)
	}
	s.exclude(t, monitoringTests+"/"+second, `"targetId":"2"`, 3).is(201)
	s.settle(t, r)
	s.call(t, "GET", path+"?size=1", "").is(200).has(map[string]any{"data.0.recordId": "2", "data.0.testId": first})
	s.call(t, "GET", path+"?sort=name", "").refused(400, 40001, "openedAt")
	s.call(t, "GET", path+"?cursor=x", "").is(400)
	s.call(t, "GET", "/workspaces/99/findings", "").is(404)
	s.call(t, "GET", path, "", as(s.newKey(access.ConnectionsGet))).refused(403, 40301, string(access.MonitorsGet))
}

// errorsCase: the records on which a test cannot be evaluated, and why.
func errorsCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.push(t, r, `{"data":[{"id":"1","email":"one@x","n":5},{"id":"2","email":"two@x","n":["two@x"]},{"id":"3","email":"three@x","n":{"a":1}}]}`)
	logic := fmt.Sprintf(`{"groups":[{"resourceId":%s,"evaluator":{"all":[{"fact":"email","operator":"in","value":{"fact":"n"}}]}}]}`, r.id)
	at := monitoringTests + "/" + s.call(t, "POST", monitoringTests+"?wait=verdict", fmt.Sprintf(`{"name":%q,"publish":true,"logic":%s}`, s.name("Errors"), logic)).is(201).text("testId")
	g := s.call(t, "GET", at+"/errors?sortDir=ASC&includeTotalCount=true", "").is(200).has(map[string]any{"data.0.recordId": "1", "data.0.resourceName": "one@x", "data.0.failedSince": nil,
		"data.0.causeText.0": "`in` on `email` needs an array as value, but `n` is 5", "data.0.resourceId": r.id, "data.1.recordId": "3", "data.2": absent, "pagination.totalCount": 2})
	if g.at("lastCheck") == nil {
		t.Errorf("there is no last check: %s", g.body)
	}
	s.call(t, "GET", at+"/errors?q=THREE", "").is(200).has(map[string]any{"data.0.recordId": "3", "data.1": absent})
	next := s.call(t, "GET", at+"/errors?sortDir=ASC&size=1", "").is(200).text("pagination.cursor")
	s.call(t, "GET", at+"/errors?cursor="+next, "").is(200).has(map[string]any{"data.0.recordId": "3", "pagination.cursor": nil})
	s.exclude(t, at, `"targetId":"1"`, 3).is(201)
	s.settle(t, r)
	s.call(t, "GET", at+"/errors", "").is(200).has(map[string]any{"data.0.recordId": "3", "data.1": absent})
	s.push(t, r, `{"data":[{"id":"3","email":"three@x","n":[]},{"id":"4","email":"four@x"}]}`)
	s.call(t, "GET", at+"/errors", "").is(200).has(map[string]any{"data.0.recordId": "4", "data.1": absent})
	s.call(t, "GET", monitoringTests+"/99999/errors", "").is(404)
	s.call(t, "GET", at+"/errors", "", as(s.newKey(access.ConnectionsGet))).refused(403, 40301, string(access.MonitorsGetOne))
}
