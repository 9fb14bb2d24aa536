package httpapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// recordsHash is the hash of a run's evidence as its documentation defines it.
func recordsHash(idsAndBodies ...string) string {
	all := sha256.New()
	for i := 0; i < len(idsAndBodies); i += 2 {
		sum := sha256.Sum256([]byte(idsAndBodies[i] + "\n" + idsAndBodies[i+1]))
		all.Write(sum[:])
	}
	return hex.EncodeToString(all.Sum(nil))
}

func runsCase(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	// Once the first pass is over, what comes is a change.
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":true},{"id":"2","email":"b","mfa":false}]}`).is(200)
	push := s.call(t, "GET", test+"/runs?trigger=PUSH&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 1, "data.0.state": "DONE",
		"data.0.result": "FAILED", "data.0.counts.failing": 1, "data.0.counts.passing": 1, "data.0.changed": 2, "data.0.drift": 0, "data.0.evidence.version": 1,
		"data.0.evidence.resources.0.resourceId": r.id, "data.0.evidence.resources.0.records": 2, "data.0.evidence.resources.0.schemaVersion": 1,
		"data.0.evidence.resources.0.hash": recordsHash("1", `{"id":"1","email":"a","mfa":true}`, "2", `{"id":"2","email":"b","mfa":false}`)})
	s.clock.advance(2 * time.Minute)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"2","email":"b","mfa":true}}`).is(200)
	s.call(t, "GET", test+"/runs?trigger=PUSH", "").is(200).has(map[string]any{"data.0.result": "PASSED", "data.0.changed": 1, "data.1.id": push.at("data.0.id"), "data.2": absent})
	// An unchanged record leaves no run.
	s.clock.advance(2 * time.Minute)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"2","email":"b","mfa":true}}`).is(200)
	s.call(t, "GET", test+"/runs?trigger=PUSH", "").is(200).has(map[string]any{"data.2": absent})

	s.call(t, "POST", test+"/actions?wait=verdict", `{"action":"run"}`).is(200).has(map[string]any{"checkResultStatus": "PASSED"}).headers(map[string]string{"X-Verdicts": ""})
	manual := s.call(t, "GET", test+"/runs?trigger=MANUAL&state=DONE", "").is(200).has(map[string]any{"data.0.trigger": "MANUAL", "data.0.result": "PASSED", "data.0.drift": 0,
		"data.0.changed": 0, "data.0.progress.records": 2, "data.0.progress.of": 2, "data.1": absent,
		"data.0.evidence.resources.0.hash": recordsHash("1", `{"id":"1","email":"a","mfa":true}`, "2", `{"id":"2","email":"b","mfa":true}`)})
	if from, to := manual.text("data.0.evidence.resources.0.fromChange"), manual.text("data.0.evidence.resources.0.toChange"); from != to {
		t.Errorf("the records stood still, but the run says from %s to %s", from, to)
	}
	s.call(t, "GET", test+"/runs?trigger=PUBLISH", "").is(200).has(map[string]any{"data.0.state": "DONE", "data.1": absent})
	s.call(t, "GET", test+"/runs/"+manual.text("data.0.id"), "").is(200).has(map[string]any{"trigger": "MANUAL", "state": "DONE"})
	s.call(t, "GET", test+"/runs/999999999", "").is(404)
	s.call(t, "GET", s.test(t, r)+"/runs/"+manual.text("data.0.id"), "").is(404)
	s.call(t, "GET", test+"/runs?trigger=NEVER", "").refused(400, 40001, "EXCLUSION")
	first := s.call(t, "GET", test+"/runs?size=1", "").is(200)
	s.call(t, "GET", test+"/runs?size=1&cursor="+first.text("pagination.cursor"), "").is(200).has(map[string]any{"data.1": absent})
}

func canceledRuns(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":true}]}`).is(200)
	run := test + "/runs/" + s.call(t, "GET", test+"/runs?trigger=PUBLISH", "").is(200).text("data.0.id")
	s.call(t, "POST", run+"/actions", `{"action":"cancel"}`).refused(409, 40901, "publish")
	s.call(t, "POST", test+"/actions?wait=verdict", `{"action":"run"}`).is(200)
	run = test + "/runs/" + s.call(t, "GET", test+"/runs?trigger=MANUAL", "").is(200).text("data.0.id")
	s.call(t, "POST", run+"/actions", `{"action":"cancel"}`).refused(409, 40901, "over")
	s.call(t, "POST", run+"/actions", `{"action":"stop"}`).refused(400, 40001, "cancel")
	s.call(t, "POST", test+"/runs/1x/actions", `{"action":"cancel"}`).is(400)
	// While nobody evaluates, a run is under way for as long as one likes.
	release := s.pause(t)
	s.call(t, "POST", test+"/actions", `{"action":"run"}`).is(200)
	running := s.call(t, "GET", test+"/runs?state=RUNNING", "").is(200).has(map[string]any{"data.0.trigger": "MANUAL", "data.0.result": nil, "data.0.finishedAt": nil,
		"data.0.progress.records": 0, "data.0.progress.of": 1, "data.0.evidence.resources.0.hash": nil})
	s.call(t, "POST", test+"/actions", `{"action":"run"}`).is(200)
	s.call(t, "GET", test+"/runs?state=RUNNING", "").is(200).has(map[string]any{"data.0.id": running.at("data.0.id"), "data.1": absent})
	s.call(t, "POST", test+"/runs/"+running.text("data.0.id")+"/actions", `{"action":"cancel"}`).is(200).has(map[string]any{"state": "CANCELED"})
	release()
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"1","email":"a","mfa":false}}`).is(200).headers(map[string]string{"X-Tests-Failing": "1"})
	s.call(t, "GET", test+"/runs?state=CANCELED", "").is(200).has(map[string]any{"data.0.id": running.at("data.0.id"), "data.0.result": nil})
}

func historyCase(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":true},{"id":"2","email":"b","mfa":false},{"id":"3","email":"c","mfa":true},{"id":"4","email":"d","mfa":true}]}`).is(200)
	s.clock.advance(72 * time.Hour)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"2","email":"b","mfa":true}}`).is(200)
	s.clock.advance(24 * time.Hour)
	s.call(t, "GET", test+"/history?days=90", "").is(200).has(map[string]any{"data.5": absent,
		"data.0.result": "FAILED", "data.0.passing": 3, "data.0.failing": 1, "data.0.excluded": 0, "data.0.errors": 0, "data.0.passRate": 75,
		"data.2.result": "FAILED", "data.2.failing": 1, "data.3.result": "PASSED", "data.3.passing": 4, "data.4.result": "PASSED", "data.4.passRate": 100})
	s.call(t, "GET", test+"/history?days=2", "").is(200).has(map[string]any{"data.0.result": "PASSED", "data.1.result": "PASSED", "data.2": absent})
	g := s.call(t, "GET", test+"/history?days=1", "").is(200)
	if got, want := g.text("data.0.date"), s.clock.Now().Format(time.DateOnly); got != want {
		t.Errorf("today is %s, want %s", got, want)
	}
	s.call(t, "GET", test+"/history?days=0", "").refused(400, 40001, "days")
	s.call(t, "GET", test+"/history?days=401", "").refused(400, 40001, "days")
}

func postureCase(t *testing.T, s *server) {
	const posture = "/workspaces/1/posture"
	s.call(t, "GET", posture, "").is(200).has(map[string]any{"tests.passed": 0, "tests.ready": 0, "days.0": absent})
	r := s.resource(t)
	s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":true},{"id":"2","email":"b","mfa":false}]}`).is(200)
	s.clock.advance(48 * time.Hour)
	other := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"2","email":"b","mfa":true}}`).is(200)
	s.clock.advance(24 * time.Hour)
	s.call(t, "POST", other+"/actions?wait=verdict", `{"action":"disable","note":"no need"}`).is(200)
	s.call(t, "POST", "/workspaces/1/monitoring-tests", fmt.Sprintf(`{"name":"a draft","logic":`+mfaLogic+`}`, r.id)).is(201)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":{"id":"3","email":"c","mfa":false}}`).is(201)
	s.call(t, "GET", posture, "").is(200).has(map[string]any{"tests.passed": 0, "tests.failed": 1, "tests.error": 0, "tests.ready": 2, "tests.disabled": 1, "tests.drafts": 1,
		"records.failing": 1, "records.excluded": 0,
		"days.0.failed": 1, "days.0.passed": 0, "days.1.failed": 1, "days.2.failed": 0, "days.2.passed": 2, "days.3.failed": 1, "days.3.ready": 2, "days.4": absent})
	s.exclude(t, other, `"targetId":"1"`, 30)
	s.exclude(t, other, `"targetId":"2"`, 5)
	s.exclude(t, other, `"targetId":"3"`, 2)
	s.call(t, "GET", posture, "").is(200).has(map[string]any{"expiring.0.targetId": "3", "expiring.1.targetId": "2", "expiring.2": absent})
	s.call(t, "GET", posture+"?days=2", "").is(200).has(map[string]any{"days.0.passed": 2, "days.1.failed": 1, "days.2": absent})
	s.call(t, "GET", posture+"?days=401", "").refused(400, 40001, "days")
	s.call(t, "GET", "/workspaces/99/posture", "").is(404)
}

func schedulesCase(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":true}]}`).is(200)
	s.call(t, "GET", test, "").is(200).has(map[string]any{"schedule": "0 2 * * *"})
	s.call(t, "PUT", test, `{"schedule":"every day"}`).refused(400, 40001, "cron")
	s.call(t, "PUT", test, `{"schedule":"0 0 31 2 *"}`).refused(400, 40001, "never")
	changed := s.call(t, "PUT", test, `{"schedule":"30 * * * *"}`).is(200).has(map[string]any{"schedule": "30 * * * *"})
	if next := changed.text("nextRunAt"); next[14:19] != "30:00" {
		t.Errorf("the next run is at %s", next)
	}
	s.clock.advance(time.Hour)
	s.tick(t)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	s.eventually(t, "the run by schedule", func() bool {
		return s.call(t, "GET", test+"/runs?trigger=SCHEDULE&state=DONE", "").is(200).at("data.0.result") == "PASSED"
	})
	s.tick(t)
	s.call(t, "GET", test+"/runs?trigger=SCHEDULE", "").is(200).has(map[string]any{"data.0.drift": 0, "data.1": absent})
	s.call(t, "PUT", test, `{"schedule":null}`).is(200).has(map[string]any{"schedule": "0 2 * * *"})
	s.call(t, "PUT", test, `{"enabled":false}`).is(200).has(map[string]any{"nextRunAt": nil})
}

func staleCase(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "PUT", r.path, `{"freshnessHours":2}`).is(200)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":true}]}`).is(200)
	passed := s.call(t, "GET", test, "").is(200).text("resultSince")
	s.tick(t)
	s.clock.advance(3 * time.Hour)
	s.tick(t)
	since := s.call(t, "GET", test, "").is(200).has(map[string]any{"checkResultStatus": "ERROR", "resultReason": "STALE"}).text("resultSince")
	if since <= passed {
		t.Errorf("in error since %s, and passed before since %s", since, passed)
	}
	// Other cases have data that goes stale at the same look.
	number := test[strings.LastIndexByte(test, '/')+1:]
	events := func(kind, member, value string, want map[string]any) (id string) {
		t.Helper()
		g := s.call(t, "GET", "/events?expand[]=metadata&expand[]=testId&size=100&type="+kind, "").is(200)
		for i := range g.length("data") {
			at := fmt.Sprintf("data.%d.", i)
			if g.text(at+member) != value {
				continue
			}
			here := map[string]any{}
			for k, v := range want {
				here[at+k] = v
			}
			g.has(here)
			return g.text(at + "id")
		}
		t.Errorf("there is no %s with %s %s", kind, member, value)
		return ""
	}
	events("PROVIDER_CONNECTION_STALE", "connectionId", r.connection, map[string]any{"metadata.resourceId": r.id, "metadata.freshnessHours": 2})
	before := events("MONITOR_TEST_STATUS_UPDATED", "testId", number, map[string]any{"metadata.from": "PASSED", "metadata.to": "ERROR", "metadata.reason": "STALE", "status": "ERROR"})
	s.call(t, "GET", test+"/history?days=1", "").is(200).has(map[string]any{"data.0.result": "ERROR", "data.0.passing": 1})
	s.tick(t)
	events("MONITOR_TEST_STATUS_UPDATED", "testId", number, map[string]any{"id": before})
	// The same data again is fresh data.
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"a","mfa":true}]}`).is(200)
	s.tick(t)
	events("PROVIDER_CONNECTION_FRESH", "connectionId", r.connection, nil)
	events("MONITOR_TEST_STATUS_UPDATED", "testId", number, map[string]any{"metadata.from": "ERROR", "metadata.to": "PASSED"})
}
