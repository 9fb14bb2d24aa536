package httpapi_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

func oneSession(t *testing.T, s *server) {
	r := s.resource(t)
	sessions := r.path + "/sessions/"
	s.call(t, "POST", sessions+"first", `{"data":[]}`).is(200)
	s.call(t, "POST", sessions+"second", `{"data":[]}`).refused(409, 40903, "first")
	s.clock.advance(quarter - time.Minute)
	s.call(t, "POST", sessions+"second", `{"data":[]}`).refused(409, 40903, "first")
	s.clock.advance(2 * time.Minute)
	s.call(t, "POST", sessions+"second", `{"data":{"id":"a","email":"x"}}`).is(201)
	s.call(t, "GET", r.path+"/sessions?sortDir=ASC", "").is(200).has(map[string]any{"data.0.sessionId": "first", "data.0.status": "CANCELED",
		"data.1.sessionId": "second", "data.1.status": "IN_PROGRESS", "data.1.activatedAt": nil, "data.1.recordCount": 1})
	s.call(t, "GET", "/events?type=CUSTOM_DATA_SESSION_CANCELED&expand[]=metadata&connectionId="+r.connection, "").is(200).
		has(map[string]any{"data.0.metadata.sessionId": "first", "data.1": absent})
	for _, id := range []string{"ab", "has space", "dot.dot", "x%2Fy", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if id == "has space" {
			id = "has%20space"
		}
		s.call(t, "POST", sessions+id, `{"data":[]}`).refused(400, 40001, "3 to 64")
	}
}

func uploadToEnded(t *testing.T, s *server) {
	r := s.resource(t)
	at := r.path + "/sessions/once"
	s.call(t, "POST", at, `{"data":[{"id":"a","email":"x"}]}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"complete"}`).is(200)
	s.call(t, "POST", at, `{"data":[]}`).refused(409, 40904, "once")
	s.call(t, "POST", r.path+"/sessions/twice", `{"data":[]}`).is(200)
	s.call(t, "POST", r.path+"/sessions/twice/actions", `{"action":"cancel"}`).is(200)
	s.call(t, "POST", r.path+"/sessions/twice", `{"data":[]}`).refused(409, 40904, "twice")
}

func wrongAction(t *testing.T, s *server) {
	r := s.resource(t)
	at := r.path + "/sessions/once/actions"
	s.call(t, "POST", at, `{"action":"complete"}`).is(404)
	s.call(t, "POST", at, `{"action":"cancel"}`).is(404)
	s.call(t, "POST", r.path+"/sessions/once", `{"data":[]}`).is(200)
	s.call(t, "POST", at, `{"action":"explode"}`).refused(400, 40001, "complete or cancel")
	s.call(t, "POST", at, `{}`).refused(400, 40001, "complete or cancel")
	s.call(t, "POST", at, `{"action":5}`).refused(400, 40002, "/action")
	s.call(t, "POST", at, `null`).refused(400, 40002, "object")
	s.call(t, "POST", at, `{"action":"cancel","ACTION":"complete"}`).refused(400, 40002, "/ACTION")
	s.call(t, "POST", at, `{"action":"complete","ExpectedCount":7}`).refused(400, 40002, "/ExpectedCount")
	s.call(t, "POST", at, `{"action":"complete","maxDeletePercentage":7}`).refused(400, 40002, "maxDeletePercent\"")
	s.call(t, "POST", at, `{"action":"complete","guard":7}`).refused(400, 40002, "expectedCount")
	s.call(t, "POST", at, `{"action":"complete"}`).is(200).has(map[string]any{"sessionId": "once", "status": "ACTIVE", "action": "complete",
		"connectionId": r.connection, "resourceId": r.id})
	s.call(t, "POST", at, `{"action":"complete"}`).refused(422, 42202, "once")
	s.call(t, "POST", at, `{"action":"cancel"}`).refused(422, 42202, "once")
}

func emptySession(t *testing.T, s *server) {
	r := s.resource(t)
	postAll(t, s, r, "a", "b")
	s.call(t, "POST", r.path+"/sessions/none", `{"data":[]}`).is(200)
	s.call(t, "POST", r.path+"/sessions/none/actions", `{"action":"complete"}`).is(200).has(map[string]any{"deleted": 2, "created": 0})
	s.call(t, "GET", r.path+"/records", "").is(200).has(map[string]any{"data.0": absent})
}

// A late session was cancelled when it made room for the one that is active by
// now. SESSION_SUPERSEDED would answer one that raced past that, which no caller
// can stage.
func lateCompletion(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/sessions/early", `{"data":[{"id":"old","email":"x"}]}`).is(200)
	s.clock.advance(quarter + time.Minute)
	s.call(t, "POST", r.path+"/sessions/later", `{"data":[{"id":"new","email":"x"}]}`).is(200)
	s.call(t, "POST", r.path+"/sessions/later/actions", `{"action":"complete"}`).is(200)
	s.call(t, "POST", r.path+"/sessions/early/actions", `{"action":"complete"}`).refused(422, 42202, "early")
	codes := s.call(t, "GET", "/error-codes", "").is(200)
	if !bytes.Contains(codes.body, []byte(`{"code":42203,"name":"SESSION_SUPERSEDED","statusCode":422}`)) {
		t.Errorf("no SESSION_SUPERSEDED in %s", codes.body)
	}
	s.call(t, "GET", r.path+"/records", "").is(200).has(map[string]any{"data.0.id": "new", "data.1": absent})
}

func guards(t *testing.T, s *server) {
	r := s.resource(t)
	postAll(t, s, r, "a", "b", "c", "d")
	at := r.path + "/sessions/guarded"
	s.call(t, "POST", at, `{"data":[{"id":"a","email":"x"},{"id":"b","email":"changed"},{"id":"e","email":"x"}]}`).is(200)
	act := func(body string) got { return s.call(t, "POST", at+"/actions", body) }
	act(`{"action":"complete","expectedCount":4}`).refused(422, 42204, "4")
	act(`{"action":"complete","maxDeletePercent":49}`).refused(422, 42205, "49")
	act(`{"action":"complete","maxDeletePercent":101}`).refused(400, 40001, "0 to 100")
	act(`{"action":"complete","expectedCount":-1}`).refused(400, 40001, "expectedCount")
	counts := map[string]any{"created": 1, "updated": 1, "unchanged": 1, "deleted": 2}
	act(`{"action":"complete","dryRun":true}`).is(200).has(counts).has(map[string]any{"status": "IN_PROGRESS", "dryRun": true})
	s.call(t, "GET", r.path+"/records?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 4})
	act(`{"action":"complete","expectedCount":3,"maxDeletePercent":50}`).is(200).has(counts).has(map[string]any{"status": "ACTIVE"})
	s.call(t, "GET", r.path+"/records?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 3})
}

func spelling(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/sessions/drop", `{"data":{"id":"a","email":"x"}}`).is(201)
	s.call(t, "POST", r.path+"/sessions/drop/actions", `{"action":"cancel"}`).is(200).has(map[string]any{"status": "CANCELED", "created": absent})
	g := s.call(t, "GET", r.path+"/sessions?status=CANCELED", "").is(200).has(map[string]any{"data.0.status": "CANCELED"})
	if !isMoment.MatchString(g.text("data.0.canceledAt")) {
		t.Errorf("canceledAt is %s", g.text("data.0.canceledAt"))
	}
	s.call(t, "GET", r.path+"/sessions?status=CANCELLED", "").refused(400, 40001, "CANCELED")
}

func sessionsV1(t *testing.T, s *server) {
	r := s.resource(t)
	at := "/public" + r.path + "/records"
	id := func(v string) option { return with("x-session-id", v) }
	postAll(t, s, r, "old")
	s.call(t, "POST", at, `{"data":[{"id":"a","email":"x"}]}`, id("v1-one")).is(200).has(map[string]any{"0.statusCode": 201})
	s.call(t, "GET", r.path+"/records/old", "").is(200)
	s.call(t, "POST", at, `{"data":{"id":"b","email":"x"}}`, id("v1-one"), with("x-session-complete", "true"), with("x-session-abort", "false")).is(201)
	s.call(t, "GET", r.path+"/records?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	s.call(t, "POST", at, `{"data":[]}`, id("v1-two"), with("x-session-abort", "true")).is(200)
	s.call(t, "GET", r.path+"/records?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	// What comes with an abort is dropped, so it may be anything.
	s.call(t, "POST", at, `{"data":{"id":"c","email":"x"}}`, id("v1-four")).is(201)
	s.call(t, "POST", at, `{"data":{}}`, id("v1-four"), with("x-session-abort", "true")).is(200).headers(map[string]string{"X-Records-Created": "0", "X-Records-Failed": "0"})
	s.call(t, "GET", r.path+"/sessions?status=IN_PROGRESS", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "POST", at, `{"data":[]}`, id("v1-four"), with("x-session-abort", "true")).refused(409, 40904, "v1-four")
	s.call(t, "POST", at, `{"data":[]}`, with("x-session-complete", "true")).refused(400, 40001, "x-session-id")
	s.call(t, "POST", at, `{"data":[]}`, id("v1-3"), with("x-session-complete", "yes")).refused(400, 40001, "true or false")
	s.call(t, "POST", at, `{"data":[]}`, id("v1-3"), with("x-session-complete", "true"), with("x-session-abort", "true")).refused(400, 40001, "both")
	list := "/public/sessions?resourceId=" + r.id
	s.call(t, "GET", list, "").is(200).has(map[string]any{"page": 1, "limit": 20, "total": 3, "data.0.sessionId": "v1-four", "data.1.sessionId": "v1-two", "data.1.status": "CANCELED",
		"data.2.sessionId": "v1-one", "data.2.status": "ACTIVE", "data.2.customResourceId": r.id, "data.2.connectionId": r.connection, "data.2.workspaces.0.id": 1})
	s.call(t, "GET", list+"&connectionId="+r.connection+"&limit=1&page=3", "").is(200).has(map[string]any{"data.0.sessionId": "v1-one", "data.1": absent, "page": 3, "total": 3})
	s.call(t, "GET", list+"&page=9", "").is(200).has(map[string]any{"data.0": absent, "total": 3})
	for _, bad := range []string{"limit=51", "limit=0", "page=0", "connectionId=x"} {
		s.call(t, "GET", "/public/sessions?"+bad, "").is(400)
	}
}

// sessionEvidenceV1 asks for records by the id of a session alone.
func sessionEvidenceV1(t *testing.T, s *server) {
	r, other := s.resource(t), s.resource(t)
	name := func(n int) string { return fmt.Sprintf("evidence-%s-%d", r.id, n) }
	at := func(n int) string { return "/public/sessions/" + name(n) + "/evidence" }
	s.call(t, "POST", r.path+"/sessions/"+name(1), `{"data":[{"id":"a","email":"a@x","createdAt":"mine"},{"id":"b","email":"b@x"},{"id":"c","email":"c@x"}]}`).is(200)
	s.call(t, "GET", at(1), "").is(200).has(map[string]any{"total": 3, "page": 1, "limit": 20, "sessionId": name(1), "connectionId": r.connection, "customResourceId": r.id,
		"data.0.id": "c", "data.0.email": "c@x", "data.0.attributes": absent, "data.2.id": "a", "data.3": absent})
	if g := s.call(t, "GET", at(1)+"?limit=2&page=2", "").is(200).has(map[string]any{"total": 3, "page": 2, "limit": 2, "data.0.id": "a", "data.1": absent}); !isMoment.MatchString(g.text("data.0.createdAt")) {
		t.Errorf("ours must stand there: %s", g.body)
	}
	s.call(t, "GET", at(1)+"?page=9", "").is(200).has(map[string]any{"data.0": absent, "total": 3})
	s.call(t, "POST", r.path+"/sessions/"+name(1)+"/actions", `{"action":"complete"}`).is(200)
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"d","email":"d@x"}}`).is(201)
	s.call(t, "GET", at(1), "").is(200).has(map[string]any{"total": 4, "data.0.id": "d"})
	// Staged ones of the next session are not those of the active one, and nothing is left of what is over.
	s.call(t, "POST", r.path+"/sessions/"+name(2), `{"data":[{"id":"e","email":"e@x"}]}`).is(200)
	s.call(t, "GET", at(2), "").is(200).has(map[string]any{"total": 1, "data.0.id": "e"})
	s.call(t, "GET", at(1), "").is(200).has(map[string]any{"total": 4})
	s.call(t, "POST", r.path+"/sessions/"+name(2)+"/actions", `{"action":"complete"}`).is(200)
	s.call(t, "GET", at(1), "").is(200).has(map[string]any{"total": 0, "data": []any{}})
	s.call(t, "POST", r.path+"/sessions/"+name(3), `{"data":[{"id":"f","email":"f@x"}]}`).is(200)
	s.call(t, "POST", r.path+"/sessions/"+name(3)+"/actions", `{"action":"cancel"}`).is(200)
	s.call(t, "GET", at(3), "").is(200).has(map[string]any{"total": 0, "data.0": absent})

	// Two resources with a session of one id.
	s.call(t, "POST", other.path+"/sessions/"+name(2), `{"data":[{"id":"other","email":"o@x"}]}`).is(200)
	s.call(t, "GET", at(2), "").refused(400, 40001, "resourceId")
	s.call(t, "GET", at(2)+"?resourceId="+other.id, "").is(200).has(map[string]any{"data.0.id": "other", "customResourceId": other.id})
	s.call(t, "GET", at(2)+"?connectionId="+r.connection+"&resourceId="+r.id, "").is(200).has(map[string]any{"data.0.id": "e", "customResourceId": r.id})
	s.call(t, "GET", at(2)+"?resourceId=999999", "").refused(404, 40401, name(2))
	s.call(t, "GET", "/public/sessions/nobody-knows/evidence", "").refused(404, 40401, "nobody-knows")
	s.call(t, "GET", "/public/sessions/x/evidence", "").refused(400, 40001, "session id")
	for _, bad := range []string{"limit=51", "limit=0", "page=0", "resourceId=x"} {
		s.call(t, "GET", at(1)+"?"+bad, "").is(400)
	}
	// What is out of reach is as absent, and what is deleted, too.
	elsewhere, _ := s.signedIn(t, in(s.workspace(t), access.Auditor))
	elsewhere.ask(t, "GET", at(1), "").refused(404, 40401, name(1))
	here, _ := s.signedIn(t, in(1, access.Auditor))
	here.ask(t, "GET", at(1), "").is(200)
	s.call(t, "GET", at(1), "", as(s.newKey(access.PersonnelGet))).refused(403, 40301, "")
	s.call(t, "DELETE", "/custom-connections/"+other.connection, "").is(204)
	s.call(t, "GET", at(2), "").is(200).has(map[string]any{"data.0.id": "e"})
}

func writesV1(t *testing.T, s *server) {
	r := s.resource(t)
	at := "/public" + r.path + "/records"
	s.call(t, "POST", at, `{"data":{"id":"a","email":"x","mfa":true}}`).is(201).has(map[string]any{"id": "a", "mfa": true, "statusCode": absent})
	s.call(t, "PUT", at+"/a", `{"data":{"mfa":false}}`).is(200).has(map[string]any{"id": "a", "email": "x", "mfa": false, "attributes": absent})
	if g := s.call(t, "DELETE", at+"/a", "").is(200); len(g.body) != 0 {
		t.Errorf("body is %s", g.body)
	}
	s.call(t, "DELETE", at+"/a", "").is(404)
	s.call(t, "POST", at, `{"data":{"id":"b"}}`).refused(400, 28022, schemaMessage)
}

func idempotencyKeys(t *testing.T, s *server) {
	r := s.resource(t)
	records := r.path + "/records"
	key := func(v string) option { return with("Idempotency-Key", v) }
	name := s.name("key-")
	name = fmt.Sprintf("key-%x", name)
	const body = `{"data":{"email":"x"}}`
	first := s.call(t, "POST", records, body, key(name)).is(201)
	again := s.call(t, "POST", records, body, key(name)).is(201)
	if string(first.body) != string(again.body) {
		t.Errorf("the replay %s differs from %s", again.body, first.body)
	}
	again.headers(map[string]string{"Idempotency-Replayed": "true", "X-Records-Created": "1"})
	first.headers(map[string]string{"Idempotency-Replayed": ""})
	s.call(t, "GET", records+"?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 1})
	s.call(t, "POST", records, `{"data":{"email":"y"}}`, key(name)).refused(422, 42206, "Idempotency-Key")
	s.call(t, "POST", records+"?wait=verdict", body, key(name)).refused(422, 42206, "Idempotency-Key")
	s.call(t, "POST", "/public"+records, body, key(name)).refused(422, 42206, "Idempotency-Key")
	s.call(t, "POST", records, body, key(name), as(s.newKey("all"))).is(201).headers(map[string]string{"Idempotency-Replayed": ""})
	s.call(t, "POST", records, `{"data":{}}`, key(name+"-bad")).refused(400, 28022, "")
	s.call(t, "POST", records, `{"data":{}}`, key(name+"-bad")).refused(400, 28022, "").headers(map[string]string{"Idempotency-Replayed": "true"})
	// What another time may go otherwise is not kept.
	s.call(t, "POST", r.path+"/sessions/first", `{"data":[]}`).is(200)
	s.call(t, "POST", r.path+"/sessions/second", `{"data":[]}`, key(name+"-later")).refused(409, 40903, "first")
	s.call(t, "POST", r.path+"/sessions/first/actions", `{"action":"complete","expectedCount":1}`, key(name+"-guard")).refused(422, 42204, "1")
	s.call(t, "POST", r.path+"/sessions/first", `{"data":{"id":"a","email":"x"}}`).is(201)
	s.call(t, "POST", r.path+"/sessions/first/actions", `{"action":"complete","expectedCount":1}`, key(name+"-guard")).is(200)
	s.call(t, "POST", r.path+"/sessions/second", `{"data":[]}`, key(name+"-later")).is(200).headers(map[string]string{"Idempotency-Replayed": ""})
	s.call(t, "POST", records, body, key("has space")).refused(400, 40001, "Idempotency-Key")
	s.call(t, "POST", records, body, key("")).refused(400, 40001, "Idempotency-Key")
	s.clock.advance(25 * time.Hour)
	s.call(t, "POST", records, body, key(name)).is(201).headers(map[string]string{"Idempotency-Replayed": ""})
}
