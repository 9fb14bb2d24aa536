package httpapi_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// excluding is a resource with three failing records and a passing one, and a
// test over it.
func (s *server) excluding(t *testing.T) (resource, string) {
	t.Helper()
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"one@x","mfa":false,"n":1},{"id":"2","email":"two@x","mfa":false,"n":2},
		{"id":"3","email":"three@x","n":3},{"id":"4","email":"four@x","mfa":true,"n":4}]}`).is(200)
	return r, test
}

// until is a moment some days from now.
func (s *server) until(days int) string {
	return s.clock.Now().Add(time.Duration(days) * 24 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
}

func (s *server) exclude(t *testing.T, test, what string, days int) got {
	t.Helper()
	return s.call(t, "POST", test+"/exclusions", fmt.Sprintf(`{%s,"reason":"because","category":"ACCEPTED_RISK","expiresAt":%q}`, what, s.until(days))).is(201)
}

func exclusionsCase(t *testing.T, s *server) {
	r, test := s.excluding(t)
	number := test[strings.LastIndexByte(test, '/')+1:]
	at := test + "/exclusions"
	end := s.until(30)
	made := s.call(t, "POST", at, fmt.Sprintf(`{"targetId":"1","reason":" an old device ","category":"COMPENSATING_CONTROL","approver":"Ann","ticketUrl":"https://t.example/1","expiresAt":%q}`, end)).
		is(201).headers(map[string]string{"X-Verdicts": "", "X-Tests-Failing": "1"}).
		has(map[string]any{"targetId": "1", "targetName": "one@x", "exclusionReason": "an old device", "reason": "an old device", "category": "COMPENSATING_CONTROL", "approver": "Ann",
			"ticketUrl": "https://t.example/1", "expiresAt": end, "expireOnFix": false, "state": "ACTIVE", "endedAt": nil, "version": 1, "testId": number, "resourceId": r.id,
			"approved.matching": 1, "approved.failing": 1, "selector": absent, "connection": absent, "versions": absent})
	id := made.text("id")
	// It counts at once, and apart.
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "FAILED", "counts.failing": 2, "counts.excluded": 1, "counts.inScope": 3, "counts.records": 4})
	s.call(t, "GET", test+"/failures?includeTotalCount=true&sortDir=ASC", "").is(200).
		has(map[string]any{"pagination.totalCount": 2, "data.0.recordId": "2", "data.1.recordId": "3", "data.0.isExcluded": absent})
	s.call(t, "GET", test+"/failures?includeExclusions=true&includeTotalCount=true&sortDir=ASC", "").is(200).
		has(map[string]any{"pagination.totalCount": 3, "data.0.recordId": "1", "data.0.isExcluded": true, "data.0.exclusionId": id, "data.0.exclusionReason": "an old device",
			"data.0.cause.0.fact": "mfa", "data.1.isExcluded": false, "data.1.exclusionId": absent})
	s.call(t, "POST", at, fmt.Sprintf(`{"targetId":"1","reason":"x","category":"ACCEPTED_RISK","expiresAt":%q}`, end)).refused(409, 40901, "excluded")

	second := s.exclude(t, test, `"targetId":"2"`, 10)
	s.exclude(t, test, `"targetId":"4"`, 10)
	s.exclude(t, test, `"targetId":"3"`, 10)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "ERROR", "resultReason": "NO_DATA", "counts.inScope": 0, "counts.excluded": 4, "failedSince": nil})
	s.call(t, "GET", test+"/passes?includeTotalCount=true", "").is(200).has(map[string]any{"data.0": absent, "pagination.totalCount": 0})

	// The lists.
	s.call(t, "GET", at+"?includeTotalCount=true&size=1&sort=createdAt&sortDir=ASC&expand[]=connection&expand[]=exclusionDesignator", "").is(200).
		has(map[string]any{"pagination.totalCount": 4, "data.0.id": id, "data.1": absent, "data.0.connection.id": r.connection, "data.0.connection.clientType": "CUSTOM"})
	page := s.call(t, "GET", at+"?size=3", "").is(200).has(map[string]any{"data.0.targetId": "3"})
	s.call(t, "GET", at+"?cursor="+page.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.id": id, "data.1": absent, "pagination.cursor": nil})
	s.call(t, "GET", at+"?targetId=2", "").is(200).has(map[string]any{"data.0.id": second.at("id"), "data.1": absent})
	s.call(t, "GET", at+"?targetId=none", "").is(200).has(map[string]any{"data.0": absent})
	all := "/workspaces/1/exclusions"
	s.call(t, "GET", all+"?testId="+number+"&sortDir=ASC", "").is(200).has(map[string]any{"data.0.id": id, "data.3.targetId": "3", "data.4": absent})
	s.call(t, "GET", all+"?resourceId="+r.id+"&category=COMPENSATING_CONTROL", "").is(200).has(map[string]any{"data.0.id": id, "data.1": absent})
	s.call(t, "GET", all+"?state=DELETED&resourceId="+r.id, "").is(200).has(map[string]any{"data.0": absent})
	ours := all + "?resourceId=" + r.id + "&includeTotalCount=true&"
	for query, want := range map[string]int{"kind=RECORD": 4, "kind=SELECTOR": 0, "q=OLD+dev": 1, "q=ANN": 1, "q=t.example": 1, "q=t_example": 0, "q=because": 3} {
		s.call(t, "GET", ours+query, "").is(200).has(map[string]any{"pagination.totalCount": want})
	}
	s.call(t, "GET", ours+"sort=expiresAt&size=2", "").is(200).has(map[string]any{"data.0.id": id, "data.0.resourceName": made.at("resourceName"), "data.0.connectionId": r.connection,
		"data.0.createdBy.kind": "key", "data.0.createdBy.name": "test"})
	soon := s.call(t, "GET", ours+"sort=expiresAt&sortDir=ASC&size=3", "").is(200)
	s.call(t, "GET", ours+"cursor="+soon.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.id": id, "data.1": absent})
	s.call(t, "GET", at+"/"+id+"?expand[]=now", "").is(200).has(map[string]any{"isExpiring": false, "now.matching": 1, "now.failing": 1, "problems": absent, "versions.0.author.name": "test"})
	s.call(t, "GET", at+"/"+id, "").is(200).has(map[string]any{"now": absent, "problems": absent})
	s.call(t, "GET", all+"?kind=BOTH", "").refused(400, 40001, "`kind`")

	// What is absent in a change stays.
	later := s.until(60)
	s.call(t, "PUT", at+"/"+id, fmt.Sprintf(`{"reason":"another","approver":null,"expiresAt":%q}`, later)).is(200).
		has(map[string]any{"reason": "another", "approver": nil, "expiresAt": later, "category": "COMPENSATING_CONTROL", "ticketUrl": "https://t.example/1", "version": 2, "createdAt": made.at("createdAt")})
	s.call(t, "GET", at+"/"+id+"?expand[]=connection", "").is(200).has(map[string]any{"reason": "another", "versions.0.reason": "an old device", "versions.0.version": 1,
		"versions.0.approver": "Ann", "versions.0.expiresAt": end, "versions.1.reason": "another", "versions.1.validTo": nil, "versions.2": absent, "connection.id": r.connection})
	s.call(t, "DELETE", at+"/"+id, "").is(204).headers(map[string]string{"X-Tests-Failing": "1"})
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "FAILED", "counts.failing": 1, "counts.excluded": 3})
	s.call(t, "GET", test+"/failures", "").is(200).has(map[string]any{"data.0.recordId": "1", "data.1": absent})
	ended := s.call(t, "GET", at+"/"+id, "").is(200).has(map[string]any{"state": "DELETED", "versions.1.version": 2})
	if ended.text("endedAt") != ended.text("versions.1.validTo") || !isMoment.MatchString(ended.text("endedAt")) {
		t.Errorf("the end of %s", ended.body)
	}
	s.call(t, "GET", at+"?state=ALL&targetId=1", "").is(200).has(map[string]any{"data.0.id": id})
	s.call(t, "GET", at+"?targetId=1", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "PUT", at+"/"+id, `{"reason":"late"}`).refused(409, 40901, "ended")
	s.call(t, "DELETE", at+"/"+id, "").refused(409, 40901, "DELETED")
	for i, kind := range []string{"DELETED", "UPDATED", "CREATED"} {
		g := s.call(t, "GET", "/events?expand[]=metadata&expand[]=testId&type=MONITOR_EXCLUSION_"+kind, "").is(200).has(map[string]any{"data.0.category": "MONITOR",
			"data.0.testId": number, "data.0.workspaceId": 1})
		if i < 2 {
			g.has(map[string]any{"data.0.metadata.exclusionId": id, "data.0.metadata.targetId": "1", "data.0.metadata.reason": "another", "data.0.metadata.expiresAt": later})
		}
	}
	// A record that comes back is still the one that is excluded.
	s.call(t, "DELETE", r.path+"/records/2?wait=verdict", "").is(204)
	s.call(t, "GET", at+"?targetId=2", "").is(200).has(map[string]any{"data.0.targetName": "2"})
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"2","email":"new@x","mfa":false}}`).is(201)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 1, "counts.excluded": 3})

	// A draft is run with the exclusions of the test.
	s.call(t, "PUT", test, `{"logic":`+logic(r)+`}`).is(200)
	s.call(t, "POST", test+"/actions", `{"action":"runDraft"}`).is(200).has(map[string]any{"draftRun.counts.excluded": 3, "draftRun.counts.failing": 1, "draftRun.examples.1": absent})
}

func selectorsCase(t *testing.T, s *server) {
	r, test := s.excluding(t)
	at := test + "/exclusions"
	selector := func(n int) string {
		return fmt.Sprintf(`"selector":{"all":[{"fact":"n","operator":"lessThan","value":%d}]}`, n)
	}
	s.call(t, "POST", at+"/preview", `{`+selector(4)+`}`).is(200).has(map[string]any{"inScope": 4, "matching": 3, "failing": 3, "matchesEverything": false,
		"sentence": "`n` is less than 4", "examples.0.recordId": "1", "examples.0.resourceName": "one@x", "examples.0.isFailing": true, "examples.3": absent, "lint": "[]"})
	s.call(t, "POST", at+"/preview", `{`+selector(5)+`}`).is(200).has(map[string]any{"matching": 4, "failing": 3, "matchesEverything": true})
	s.call(t, "POST", at+"/preview", `{"selector":{"any":[{"fact":"n","operator":"in","value":[]}]}}`).is(200).
		has(map[string]any{"matching": 0, "examples": "[]", "lint.0.pointer": "/any/0/value", "lint.0.severity": "warning"})
	s.call(t, "GET", at+"?state=ALL", "").is(200).has(map[string]any{"data.0": absent})

	made := s.exclude(t, test, selector(3), 20).headers(map[string]string{"X-Verdicts": ""}).has(map[string]any{"targetId": "", "targetName": "`n` is less than 3",
		"selector.all.0.value": 3, "approved.matching": 2, "approved.failing": 2})
	id := made.text("id")
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 1, "counts.excluded": 2})
	// What comes later is excluded too.
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"5","email":"five@x","mfa":false,"n":0}}`).is(201)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 1, "counts.excluded": 3})
	s.call(t, "GET", test+"/failures?includeExclusions=true", "").is(200).has(map[string]any{"data.0.recordId": "5", "data.0.exclusionId": id})
	s.call(t, "PUT", r.path+"/records/5?wait=verdict", `{"data":{"n":9}}`).is(200)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 2, "counts.excluded": 2})

	s.call(t, "PUT", at+"/"+id, `{`+selector(2)+`}`).is(200).has(map[string]any{"approved.matching": 1, "version": 2, "selector.all.0.value": 2})
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 3, "counts.excluded": 1})
	s.call(t, "GET", at+"/"+id, "").is(200).has(map[string]any{"versions.0.selector.all.0.value": 3, "versions.1.selector.all.0.value": 2})
	s.call(t, "PUT", at+"/"+id, `{`+selector(50)+`}`).refused(400, 40001, "matches everything: all 5 records")
	s.call(t, "PUT", at+"/"+id, `{"expireOnFix":true}`).refused(400, 40001, "/expireOnFix")
	s.call(t, "DELETE", at+"/"+id, "").is(204)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 4, "counts.excluded": 0})
	s.call(t, "GET", "/events?expand[]=metadata&type=MONITOR_EXCLUSION_DELETED", "").is(200).has(map[string]any{"data.0.metadata.selector": "`n` is less than 2"})

	// A named condition counts as it was when the exclusion was approved.
	name := s.name("Small")
	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"n","operator":"lessThan","value":3}}`).is(200)
	s.exclude(t, test, fmt.Sprintf(`"selector":{"condition":%q}`, name), 20).has(map[string]any{"selector.condition": name, "targetName": "`n` is less than 3"})
	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"n","operator":"lessThan","value":2}}`).is(200)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 2, "counts.excluded": 2})
}

func exclusionEnds(t *testing.T, s *server) {
	r, test := s.excluding(t)
	at := test + "/exclusions"
	fixed := s.exclude(t, test, `"targetId":"1","expireOnFix":true`, 30)
	expired := s.exclude(t, test, `"targetId":"2"`, 2)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 1, "counts.excluded": 2, "counts.passing": 1})
	s.call(t, "PUT", r.path+"/records/1?wait=verdict", `{"data":{"mfa":true}}`).is(200)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 1, "counts.excluded": 1, "counts.passing": 2})
	s.call(t, "GET", at+"/"+fixed.text("id"), "").is(200).has(map[string]any{"state": "FIXED"})
	s.call(t, "GET", "/events?expand[]=metadata&type=MONITOR_EXCLUSION_FIXED", "").is(200).has(map[string]any{"data.0.metadata.exclusionId": fixed.at("id"), "data.0.source": "AUTOPILOT"})
	s.call(t, "PUT", r.path+"/records/1?wait=verdict", `{"data":{"mfa":false}}`).is(200)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 2, "counts.excluded": 1})

	s.clock.advance(3 * 24 * time.Hour)
	// It is over at its moment, whoever looks.
	s.call(t, "GET", at+"/"+expired.text("id"), "").is(200).has(map[string]any{"state": "EXPIRED", "endedAt": expired.at("expiresAt")})
	s.call(t, "DELETE", at+"/"+expired.text("id"), "").refused(409, 40901, "EXPIRED")
	s.call(t, "GET", at, "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", at+"?state=EXPIRED", "").is(200).has(map[string]any{"data.0.id": expired.at("id"), "data.1": absent})
	s.settle(t, r)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"counts.failing": 3, "counts.excluded": 0})
	s.call(t, "GET", test+"/failures?sortDir=ASC", "").is(200).has(map[string]any{"data.2.recordId": "1"})
	s.call(t, "GET", "/events?expand[]=metadata&type=MONITOR_EXCLUSION_EXPIRED", "").is(200).has(map[string]any{"data.0.metadata.exclusionId": expired.at("id"), "data.0.source": "SCHEDULED"})
	s.exclude(t, test, `"targetId":"2"`, 2)
}

func exclusionRefusals(t *testing.T, s *server) {
	r, test := s.excluding(t)
	at := test + "/exclusions"
	body := func(rest string) string {
		return fmt.Sprintf(`{"reason":"r","category":"FALSE_POSITIVE","expiresAt":%q%s}`, s.until(3), rest)
	}
	for rest, why := range map[string]string{
		``:                                       "/targetId",
		`,"targetId":""`:                         "/targetId",
		`,"targetId":"9"`:                        "no such record",
		`,"targetId":"1","selector":{}`:          "either",
		`,"targetId":"1","resourceId":999999999`: "no resource of the test",
		`,"targetId":"1","reason":" "`:           "/reason",
		`,"targetId":"1","reason":"` + strings.Repeat("x", 2001) + `"`:                       "/reason",
		`,"targetId":"1","category":"LAZY"`:                                                  "ACCEPTED_RISK",
		`,"targetId":"1","approver":"` + strings.Repeat("x", 192) + `"`:                      "/approver",
		`,"targetId":"1","ticketUrl":"javascript:alert(1)"`:                                  "/ticketUrl",
		`,"targetId":"1","ticketUrl":"https://"`:                                             "/ticketUrl",
		`,"targetId":"1","expiresAt":"soon"`:                                                 "/expiresAt",
		`,"targetId":"1","expiresAt":"2026-02-01"`:                                           "past",
		`,"targetId":"1","expiresAt":null`:                                                   "required",
		`,"targetId":"1","expiresAt":"2099-01-01T00:00:00Z"`:                                 "365 days",
		`,"selector":{"all":[]}`:                                                             "matches everything",
		`,"selector":{"any":[{"fact":"n","operator":"notIn","value":[]}]}`:                   "matches everything",
		`,"selector":{"all":[{"fact":"n","operator":"exists","value":true}]}`:                "matches everything: all 4",
		`,"expireOnFix":true,"selector":{"all":[{"fact":"n","operator":"equal","value":1}]}`: "/expireOnFix",
	} {
		text := body(rest)
		if strings.Count(text, `"expiresAt"`) > 1 || strings.Count(text, `"reason"`) > 1 || strings.Count(text, `"category"`) > 1 {
			for _, p := range []string{`"expiresAt"`, `"reason"`, `"category"`} {
				if strings.Count(text, p) > 1 {
					first := strings.Index(text, p)
					end := first + strings.IndexByte(text[first:], ',') + 1
					text = text[:first] + text[end:]
				}
			}
		}
		s.call(t, "POST", at, text).refused(400, 40001, why)
	}
	for rest, why := range map[string]string{
		`,"selector":{"all":[{"fact":"nn","operator":"equal","value":1}]}`:                                      "declares no property `nn`",
		`,"selector":{"all":[{"fact":"n","operator":"equals","value":1}]}`:                                      "equals",
		`,"selector":{"fact":"n","operator":"equal","value":1}`:                                                 "root",
		`,"selector":{"condition":"nobody"}`:                                                                    "nobody",
		`,"selector":{"all":[{"fact":"n","operator":"existsIn","value":{"resource":` + r.id + `,"path":"n"}}]}`: "cannot look",
	} {
		s.call(t, "POST", at, body(rest)).refused(400, 40006, why)
		s.call(t, "POST", at+"/preview", `{`+rest[1:]+`}`).refused(400, 40006, why)
	}
	s.call(t, "POST", at, body(`,"selector":{"all":[{"fact":"n","operator":"equals","value":1}]}`)).has(map[string]any{"pointer": "/all/0/operator", "suggestion": "equal"})
	s.call(t, "POST", at, `{"targetId":`).refused(400, 40002, "")
	s.call(t, "POST", at, `{"targetId":5}`).refused(400, 40002, "/targetId")
	s.call(t, "POST", at+"/preview", `{}`).refused(400, 40001, "/selector")
	s.call(t, "POST", at+"?waitSeconds=31", body(`,"targetId":"1"`)).refused(400, 40001, "0 to 30")
	s.call(t, "GET", at+"?state=ALL", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", at+"?state=OVER", "").refused(400, 40001, "EXPIRED")
	s.call(t, "GET", at+"?targetId="+strings.Repeat("x", 30001), "").refused(400, 40001, "targetId")
	s.call(t, "GET", at+"?targetId=%FF", "").refused(400, 40001, "UTF-8")
	s.call(t, "GET", "/workspaces/1/exclusions?category=LAZY", "").refused(400, 40001, "OUT_OF_SCOPE")
	s.call(t, "GET", "/workspaces/1/exclusions?testId=x", "").refused(400, 40001, "testId")
	s.call(t, "GET", "/workspaces/1/exclusions/audit?problem=x", "").refused(400, 40001, "UNUSED")

	// A test over two resources must be told which is meant.
	other := s.resource(t)
	two := s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":{"groups":[{"resourceId":%s,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}},
		{"resourceId":%s,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}}`, s.name("Two"), r.id, other.id)).is(201)
	both := monitoringTests + "/" + two.text("testId") + "/exclusions"
	s.call(t, "POST", both, body(`,"targetId":"1"`)).refused(400, 40001, "several resources ("+r.id+", "+other.id+")")
	s.call(t, "POST", both, body(`,"targetId":"1","resourceId":`+other.id)).refused(400, 40001, "no such record")
	s.call(t, "POST", both, body(`,"targetId":"1","resourceId":`+r.id)).is(201).has(map[string]any{"approved.failing": 0, "approved.matching": 1})

	made := s.exclude(t, test, `"targetId":"1"`, 3)
	id := made.text("id")
	for change, why := range map[string]string{
		`{"targetId":"2"}`: "cannot be changed", `{"reason":""}`: "/reason", `{"category":"x"}`: "/category", `{"expiresAt":"2020-01-01"}`: "past",
		`{"expiresAt":null}`: "required", `{"selector":{"all":[]}}`: "of one record", `{"ticketUrl":"x"}`: "/ticketUrl",
	} {
		s.call(t, "PUT", at+"/"+id, change).refused(400, 40001, why)
	}
	s.call(t, "GET", at+"/"+id, "").is(200).has(map[string]any{"version": 1, "versions.1": absent})

	for _, path := range []string{at + "/999999999", both + "/" + id, monitoringTests + "/999999999/exclusions/" + id, strings.Replace(at, "/workspaces/1/", "/workspaces/2/", 1) + "/" + id} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			s.call(t, method, path, `{}`).refused(404, 40401, "")
		}
	}
	for _, path := range []string{monitoringTests + "/999999999/exclusions", "/workspaces/2/monitoring-tests/1/exclusions", "/workspaces/2/exclusions", "/workspaces/2/exclusions/audit"} {
		s.call(t, "GET", path, "").refused(404, 40401, "")
	}
	s.call(t, "POST", monitoringTests+"/999999999/exclusions", body(`,"targetId":"1"`)).refused(404, 40401, "")
	for _, c := range []struct {
		scope              access.Scope
		method, path, body string
	}{
		{access.MonitorsGetOne, "GET", at, ""}, {access.ExclusionsPost, "POST", at, `{}`}, {access.MonitorsGetOne, "POST", at + "/preview", `{}`},
		{access.MonitorsGetOne, "GET", at + "/" + id, ""}, {access.ExclusionsPut, "PUT", at + "/" + id, `{}`},
		{access.ExclusionsDelete, "DELETE", at + "/999999999", ""}, {access.MonitorsGet, "GET", "/workspaces/1/exclusions", ""},
		{access.MonitorsGet, "GET", "/workspaces/1/exclusions/audit", ""},
	} {
		s.call(t, c.method, c.path, c.body, as(s.newKey(access.DataPost))).refused(403, 40301, string(c.scope))
		if g := s.call(t, c.method, c.path, c.body, as(s.newKey(c.scope))); g.status == 403 {
			t.Errorf("%s %s with its scope: %s", c.method, c.path, g.body)
		}
	}
}

func exclusionAudit(t *testing.T, s *server) {
	r, test := s.excluding(t)
	number := test[strings.LastIndexByte(test, '/')+1:]
	// of reads the problems of this test's exclusions.
	of := func(query string) map[string]string {
		out := map[string]string{}
		cursor := ""
		for {
			g := s.call(t, "GET", "/workspaces/1/exclusions/audit?size=2&sortDir=ASC&"+query+"&cursor="+cursor, "").is(200)
			for i := range g.length("data") {
				if p := fmt.Sprintf("data.%d.", i); g.text(p+"testId") == number {
					out[g.text(p+"targetName")] = g.text(p+"problems") + " " + g.text(p+"now.matching") + "/" + g.text(p+"now.failing")
				}
			}
			if cursor = g.text("pagination.cursor"); g.at("pagination.cursor") == nil {
				return out
			}
		}
	}
	expect := func(query string, want map[string]string) {
		t.Helper()
		if got := of(query); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("audit with %q: %v, want %v", query, got, want)
		}
	}
	s.exclude(t, test, `"targetId":"1"`, 30)
	s.exclude(t, test, `"targetId":"4"`, 30)
	s.exclude(t, test, `"targetId":"2"`, 5)
	s.exclude(t, test, `"selector":{"all":[{"fact":"n","operator":"equal","value":3}]}`, 30)
	expect("", map[string]string{"four@x": "[UNUSED] 1/0", "two@x": "[EXPIRING] 1/1"})
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"6","email":"six@x","mfa":true,"n":3}}`).is(201)
	s.call(t, "DELETE", r.path+"/records/1?wait=verdict", "").is(204)
	expect("", map[string]string{"1": "[UNUSED] 0/0", "four@x": "[UNUSED] 1/0", "two@x": "[EXPIRING] 1/1", "`n` is 3": "[MATCHES_MORE] 2/1"})
	expect("problem=MATCHES_MORE", map[string]string{"`n` is 3": "[MATCHES_MORE] 2/1"})
	s.clock.advance(25 * 24 * time.Hour)
	s.settle(t, r)
	s.call(t, "GET", "/workspaces/1/exclusions?resourceId="+r.id+"&targetId=1", "").is(200).has(map[string]any{"data.0.isExpiring": true})
	s.call(t, "GET", "/workspaces/1/exclusions?resourceId="+r.id+"&targetId=2&state=EXPIRED", "").is(200).has(map[string]any{"data.0.isExpiring": false})
	expect("", map[string]string{"1": "[UNUSED EXPIRING] 0/0", "four@x": "[UNUSED EXPIRING] 1/0", "two@x": "[EXPIRED] 1/1", "`n` is 3": "[MATCHES_MORE EXPIRING] 2/1"})
	counted := s.call(t, "GET", "/workspaces/1/exclusions/audit?includeTotalCount=true&problem=EXPIRED&size=1", "").is(200)
	for problem, least := range map[string]int{"EXPIRED": 1, "UNUSED": 2, "EXPIRING": 3, "MATCHES_MORE": 1} {
		if n, err := strconv.Atoi(counted.text("counts." + problem)); err != nil || n < least {
			t.Errorf("%s: %s, want %d or more", problem, counted.body, least)
		}
	}
	if counted.text("counts.EXPIRED") != counted.text("pagination.totalCount") {
		t.Errorf("counts of the audit: %s", counted.body)
	}
	s.call(t, "GET", "/workspaces/1/exclusions/audit", "").is(200).has(map[string]any{"counts": absent})
	expect("problem=EXPIRED", map[string]string{"two@x": "[EXPIRED] 1/1"})
	g := s.call(t, "GET", "/workspaces/1/exclusions/audit?includeTotalCount=true&size=1", "").is(200)
	if n := g.text("pagination.totalCount"); n == "0" || n == "1" {
		t.Errorf("the whole audit has %s lines", n)
	}
	s.clock.advance(96 * 24 * time.Hour)
	s.settle(t, r)
	expect("", map[string]string{})
}

// exclusionSettings changes what is demanded of exclusions.
func (s *server) exclusionSettings(t *testing.T, _ resource) {
	r, test := s.excluding(t)
	at := test + "/exclusions"
	s.call(t, "GET", "/settings", "").is(200).has(map[string]any{"exclusionExpiryRequired": true, "exclusionMaxDays": 365, "exclusionWarningDays": 7})
	s.call(t, "PUT", "/settings", `{"exclusionMaxDays":-1}`).refused(400, 40001, "exclusionMaxDays")
	s.call(t, "PUT", "/settings", `{"exclusionWarningDays":3651}`).refused(400, 40001, "exclusionWarningDays")
	s.call(t, "PUT", "/settings", `{"exclusionExpiryRequired":false,"exclusionMaxDays":10,"exclusionWarningDays":3}`).is(200).
		has(map[string]any{"exclusionExpiryRequired": false, "exclusionMaxDays": 10, "exclusionWarningDays": 3})
	made := s.call(t, "POST", at, `{"targetId":"1","reason":"r","category":"OUT_OF_SCOPE"}`).is(201).has(map[string]any{"expiresAt": nil, "state": "ACTIVE"})
	s.call(t, "PUT", at+"/"+made.text("id"), fmt.Sprintf(`{"expiresAt":%q}`, s.until(11))).refused(400, 40001, "10 days")
	s.call(t, "PUT", at+"/"+made.text("id"), fmt.Sprintf(`{"expiresAt":%q}`, s.until(9))).is(200)
	s.call(t, "PUT", at+"/"+made.text("id"), `{"expiresAt":null}`).is(200).has(map[string]any{"expiresAt": nil, "version": 3})
	s.call(t, "PUT", "/settings", `{"exclusionExpiryRequired":true,"exclusionMaxDays":0,"exclusionWarningDays":0}`).is(200).
		has(map[string]any{"exclusionExpiryRequired": true, "exclusionMaxDays": 365, "exclusionWarningDays": 7})
	s.call(t, "PUT", at+"/"+made.text("id"), `{"expiresAt":null}`).refused(400, 40001, "required")
	s.call(t, "GET", r.path+"/records", "").is(200)
}
