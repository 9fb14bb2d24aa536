package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/notify"
)

// lifeOfATest drives a test through its whole life by the public API alone: what
// it is made of, what it says while data, logic, exclusions and time move, what
// that does to a control and a framework, who is told, and what is left to prove
// it.
func lifeOfATest(t *testing.T, s *server) {
	r := s.resource(t)
	users := func(second, third string) {
		t.Helper()
		s.call(t, "POST", r.path+"/records?wait=verdict", fmt.Sprintf(`{"data":[{"id":"1","email":"one@x","mfa":true,"n":1},
			{"id":"2","email":"two@x","mfa":%s,"n":2},{"id":"3","email":"three@x","mfa":%s,"n":3}]}`, second, third)).is(200)
	}
	users("false", "false")

	// A control of a framework, which nothing proves yet, and somebody to be told.
	framework, requirements := s.framework(t, "A.1")
	control, _ := s.control(t, fmt.Sprintf(`,"requirementIds":[%s]`, requirements[0]))
	readiness := func(control_, framework_ bool) {
		t.Helper()
		s.call(t, "GET", controls+"/"+control+"?expand[]=flags", "").is(200).has(map[string]any{"flags.isReady": control_})
		s.call(t, "GET", frameworks+"/"+framework, "").is(200).has(map[string]any{"isReady": framework_, "numInScopeControls": 1, "numInScopeRequirements": 1})
	}
	readiness(false, false)
	channel := s.webhook(t)

	// Logic is tried before anything is stored.
	s.call(t, "POST", monitoringTests+"/preview", `{"logic":`+logic(r)+`}`).is(200).has(map[string]any{"inScope": 3, "passing": 1, "failing": 2, "errors": 0, "filteredOut": 0,
		"result": "FAILED", "examples.0.recordId": "2", "examples.0.cause.0.fact": "mfa", "examples.2": absent})
	s.call(t, "POST", monitoringTests+"/preview", `{"logic":`+strings.Replace(logic(r), `"equal"`, `"equals"`, 1)+`}`).refused(400, 40006, "equals").
		has(map[string]any{"suggestion": "equal", "line": 1})

	// A draft counts for nothing, a published version for all.
	made := s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":%s,"controlIds":[%s]}`, s.name("Life"), logic(r), control)).is(201).
		has(map[string]any{"checkStatus": "NEW", "checkResultStatus": "READY", "hasDraft": true})
	test := monitoringTests + "/" + made.text("testId")
	s.call(t, "PUT", notifications+"/rules/"+channel.rule, fmt.Sprintf(`{"filter":{"testIds":[%s]}}`, made.text("testId"))).is(200)
	act := func(action, rest string) got {
		t.Helper()
		return s.call(t, "POST", test+"/actions?wait=verdict", fmt.Sprintf(`{"action":%q%s}`, action, rest)).is(200)
	}
	act("runDraft", "").has(map[string]any{"checkResultStatus": "READY", "draftRun.result": "FAILED", "draftRun.counts.failing": 2})
	readiness(false, false)
	failed := act("publish", `,"note":"MFA for all"`).has(map[string]any{"checkResultStatus": "FAILED", "version": 1, "counts.failing": 2})
	since := failed.text("failedSince")
	readiness(false, false)
	s.told(t, channel, notify.TestFailed)

	// Another version: what it would change is known before it is in force.
	s.clock.advance(time.Hour)
	beforeChange := s.clock.Now().UTC().Format(time.RFC3339)
	s.call(t, "PUT", test, `{"logic":`+strings.Replace(logic(r), `"evaluator"`, `"filteringCriteria":{"mode":"exclusion","evaluator":{"all":[{"fact":"n","operator":"equal","value":3}]}},"evaluator"`, 1)+`}`).is(200)
	s.call(t, "GET", test+"/versions/1...draft", "").is(200).has(map[string]any{"changes.0.op": "changed", "changes.0.pointer": "/groups/0/filteringCriteria", "verdicts.to.counts.failing": 1, "verdicts.moves.0.to": "outOfScope"})
	s.call(t, "GET", test+"/versions", "").is(200).has(map[string]any{"data.0.state": "draft", "data.1.state": "published", "data.1.note": "MFA for all", "data.2": absent})
	act("publish", `,"note":"without robots"`).has(map[string]any{"checkResultStatus": "FAILED", "counts.failing": 1, "counts.outOfScope": 1, "version": 2, "failedSince": since})
	s.call(t, "GET", test+"/failures", "").is(200).has(map[string]any{"data.0.recordId": "2", "data.0.failedSince": since, "data.1": absent})
	s.call(t, "GET", test+"/failures?includeTotalCount=true&asOf="+beforeChange, "").is(200).has(map[string]any{"pagination.totalCount": 2, "data.1.failedSince": since, "data.2": absent})

	// An exclusion takes the record out until it ends.
	end := s.until(2)
	exclusion := s.call(t, "POST", test+"/exclusions", fmt.Sprintf(`{"targetId":"2","reason":"a pilot","category":"ACCEPTED_RISK","approver":"Ann","expiresAt":%q}`, end)).is(201).
		has(map[string]any{"state": "ACTIVE"})
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "PASSED", "counts.excluded": 1, "counts.failing": 0, "failedSince": nil})
	readiness(true, true)
	s.told(t, channel, notify.TestRecovered)
	s.call(t, "GET", test+"/failures?includeExclusions=true", "").is(200).has(map[string]any{"data.0.isExcluded": true, "data.0.exclusionId": exclusion.at("id")})
	s.clock.advance(48*time.Hour + time.Minute)
	s.tick(t)
	s.eventually(t, "the failure after the exclusion", func() bool {
		return s.call(t, "GET", test, "").is(200).at("checkResultStatus") == "FAILED"
	})
	readiness(false, false)
	s.told(t, channel, notify.TestFailed)
	s.call(t, "GET", test+"/exclusions?state=EXPIRED", "").is(200).has(map[string]any{"data.0.id": exclusion.at("id")})
	s.call(t, "POST", test+"/exclusions", fmt.Sprintf(`{"selector":{"all":[{"fact":"n","operator":"greaterThan","value":0}]},"reason":"all of them","category":"OUT_OF_SCOPE","expiresAt":%q}`, s.until(3))).is(400)
	selected := s.call(t, "POST", test+"/exclusions", fmt.Sprintf(`{"selector":{"all":[{"fact":"n","operator":"equal","value":2}]},"reason":"pilots","category":"OUT_OF_SCOPE","expiresAt":%q}`, s.until(3))).is(201)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "PASSED", "counts.excluded": 1})
	s.call(t, "DELETE", test+"/exclusions/"+selected.text("id"), "").is(204)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "FAILED", "counts.excluded": 0})

	// The record is mended, and all is well; stale data is not.
	users("true", "false")
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "PASSED", "counts.passing": 2})
	readiness(true, true)
	// It passed, failed and passed in a moment, which is told once.
	s.told(t, channel, notify.TestRecovered)
	s.call(t, "PUT", r.path, `{"freshnessHours":24}`).is(200)
	s.clock.advance(25 * time.Hour)
	s.tick(t)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "ERROR", "resultReason": "STALE"})
	readiness(false, false)
	s.told(t, channel, notify.TestError)
	users("true", "false")
	s.tick(t)
	readiness(true, true)

	// What is left to prove it.
	act("run", "").has(map[string]any{"checkResultStatus": "PASSED"})
	run := s.call(t, "GET", test+"/runs?trigger=MANUAL", "").is(200).has(map[string]any{"data.0.state": "DONE", "data.0.drift": 0, "data.0.evidence.version": 2})
	hash := recordsHash("1", `{"id":"1","email":"one@x","mfa":true,"n":1}`, "2", `{"id":"2","email":"two@x","mfa":true,"n":2}`, "3", `{"id":"3","email":"three@x","mfa":false,"n":3}`)
	s.call(t, "GET", test+"/runs/"+run.text("data.0.id"), "").is(200).has(map[string]any{"evidence.resources.0.hash": hash, "evidence.resources.0.records": 3})
	s.call(t, "GET", test+"/runs/"+run.text("data.0.id")+"/evidence", "").is(200).has(map[string]any{"run.id": run.at("data.0.id"), "test.version": 2,
		"resources.0.schemaVersion": 1, "records.0.recordId": "1", "records.0.groups.0.verdict": "PASSED", "records.2.groups.0.verdict": "OUT_OF_SCOPE", "records.2.data.n": 3, "records.3": absent})
	for _, trigger := range []string{"PUBLISH", "EXCLUSION", "MANUAL", "PUSH", "TIME"} {
		if s.call(t, "GET", test+"/runs?trigger="+trigger, "").is(200).at("data.0.id") == absent {
			t.Errorf("there is no run by %s", trigger)
		}
	}
	days := s.call(t, "GET", test+"/history?days=90", "").is(200).has(map[string]any{"data.0.result": "PASSED", "data.4": absent})
	if n := days.text("data.3.passing"); n != "2" {
		t.Errorf("%s records pass today", n)
	}
	s.call(t, "GET", r.path[:strings.LastIndexByte(r.path, '/')]+"/"+r.id+"/records/2/verdicts", "").is(200)

	act("disable", `,"note":"a new one comes"`).has(map[string]any{"checkStatus": "DISABLED", "disabledReason": "a new one comes"})
	readiness(false, false)
	act("enable", "").has(map[string]any{"checkResultStatus": "PASSED"})
	readiness(true, true)
	act("delete", "")
	s.call(t, "GET", test, "").is(404)
	readiness(false, false)
}

// subscribed is a channel with the rule that sends to it.
type subscribed struct{ id, rule string }

// webhook makes a channel and a rule that sends all to it.
func (s *server) webhook(t testing.TB) subscribed {
	t.Helper()
	c := s.call(t, "POST", notifications+"/channels", fmt.Sprintf(`{"name":%q,"kind":"webhook","url":"https://hooks.example.com/life","signingKey":%q}`, s.name("Hook"), signingKey)).is(201).text("id")
	rule := s.call(t, "POST", notifications+"/rules", fmt.Sprintf(`{"name":%q,"events":["TEST_FAILED","TEST_RECOVERED","TEST_ERROR"],"channelIds":[%s],"mode":"immediate"}`, s.name("Rule"), c)).is(201).text("id")
	return subscribed{c, rule}
}

// told proves that a channel was sent one message, about one topic.
func (s *server) told(t *testing.T, c subscribed, want notify.Topic) {
	t.Helper()
	s.dispatch(t, 2*time.Minute)
	sent := s.outbox.take(c.id)
	if len(sent) != 1 || len(sent[0].Notice.Signals) != 1 || sent[0].Notice.Signals[0].Topic != want {
		var got []string
		for _, p := range sent {
			got = append(got, p.Message.Subject)
		}
		t.Errorf("sent %q, want one message about %s", got, want)
	}
}
