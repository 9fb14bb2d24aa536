package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// authorsCase: what people and keys wrote names them.
func authorsCase(t *testing.T, s *server) {
	b, u := s.signedIn(t, access.Grant{Role: access.Administrator})
	r := s.resource(t)
	s.push(t, r, passing)
	person := func(prefix string) map[string]any {
		return map[string]any{prefix + ".kind": "user", prefix + ".id": u.ID, prefix + ".name": u.Email}
	}
	key := func(prefix string) map[string]any {
		return map[string]any{prefix + ".kind": "key", prefix + ".name": "test"}
	}
	at := monitoringTests + "/" + s.mfaTest(t, r, "")
	s.call(t, "GET", at+"/runs?trigger=PUBLISH", "").is(200).has(key("data.0.startedBy"))
	b.ask(t, "POST", at+"/actions", `{"action":"run"}`).is(200)
	s.settle(t, r)
	s.eventually(t, "the run is done", func() bool {
		return s.call(t, "GET", at+"/runs?trigger=MANUAL", "").is(200).text("data.0.state") == "DONE"
	})
	run := s.call(t, "GET", at+"/runs?trigger=MANUAL", "").is(200).has(person("data.0.startedBy")).text("data.0.id")
	s.call(t, "GET", at+"/runs/"+run, "").is(200).has(person("startedBy"))
	s.call(t, "GET", at+"/runs/"+run+"/evidence", "").is(200).has(person("run.startedBy"))
	s.push(t, r, failing)
	s.call(t, "GET", at+"/runs?trigger=PUSH", "").is(200).has(map[string]any{"data.0.startedBy.kind": "system"})

	name := strings.ReplaceAll(s.name("on"), " ", "-")
	condition := conditions + "/" + name
	s.call(t, "PUT", condition, `{"logic":{"fact":"mfa","operator":"equal","value":true}}`).is(200).has(key("updatedBy"))
	b.ask(t, "PUT", condition, `{"logic":{"fact":"mfa","operator":"equal","value":false}}`).is(200).has(person("updatedBy"))
	s.call(t, "GET", condition, "").is(200).has(person("updatedBy"))
	found := s.call(t, "GET", conditions, "").is(200)
	for i := range found.length("data") {
		if at := fmt.Sprintf("data.%d.", i); found.text(at+"name") == name {
			found.has(person(at + "updatedBy"))
		}
	}

	b.ask(t, "PUT", at, fmt.Sprintf(`{"logic":{"groups":[{"resourceId":%s,"evaluator":{"all":[{"fact":"mfa","operator":"exists","value":true}]}}]}}`, r.id)).is(200)
	s.call(t, "GET", at+"/versions", "").is(200).has(person("data.0.author")).has(key("data.1.author"))

	b.ask(t, "PUT", r.path+"/schema", `{"schema":{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string"},"mfa":{"type":"boolean"},"new":{}}}}`).is(200)
	s.call(t, "GET", r.path+"/schema", "").is(200).has(person("versions.0.author")).has(key("versions.1.author"))
}

// keysOfPeople: a key is the organisation's; it ends with the account of who made
// it only if somebody wants that.
func keysOfPeople(t *testing.T, s *server) {
	admin, _ := s.signedIn(t, access.Grant{Role: access.Administrator})
	b, u := s.signedIn(t, access.Grant{Role: access.Administrator})
	create := func(name, more string) got {
		return b.ask(t, "POST", "/api-keys", fmt.Sprintf(`{"name":%q,"scopes":["read"]%s}`, s.name(name), more)).is(201)
	}
	first, second, third := create("First", ""), create("Second", ""), create("Third", "")
	first.has(map[string]any{"createdBy.kind": "user", "createdBy.id": u.ID, "createdBy.name": u.Email})
	b.ask(t, "DELETE", "/api-keys/"+third.text("id"), "").is(204)
	path := fmt.Sprintf("/api-keys?includeTotalCount=true&userId=%d", u.ID)
	s.call(t, "GET", path, "").is(200).has(map[string]any{"pagination.totalCount": 3, "data.0.createdBy.id": u.ID})
	s.call(t, "GET", path+"&usable=true", "").is(200).has(map[string]any{"pagination.totalCount": 2, "data.0.id": second.at("id"), "data.1.id": first.at("id")})
	s.call(t, "GET", "/api-keys?userId=x", "").refused(400, 40001, "userId")
	s.call(t, "GET", "/api-keys?userId=null", "").refused(400, 40001, "userId")
	s.call(t, "POST", "/api-keys", fmt.Sprintf(`{"name":%q,"scopes":["read"]}`, s.name("By a key"))).is(201).has(map[string]any{"createdBy": absent})

	at := fmt.Sprintf("/users/%d", u.ID)
	use := func(k got) got { return s.call(t, "GET", "/me", "", as(k.text("key"))) }
	s.call(t, "POST", at+"/actions", `{"action":"enable","revokeKeys":true}`).refused(400, 40001, "revokeKeys")
	s.call(t, "POST", at+"/actions", `{"action":"disable","revokekeys":true}`).refused(400, 40002, "revokekeys")
	s.call(t, "POST", at+"/actions", `{"action":"disable","revokeKeys":true}`, as(s.newKey(access.UsersPut, access.UsersGetOne))).refused(403, 40301, "")
	use(first).is(200)
	admin.ask(t, "POST", at+"/actions", `{"action":"disable"}`).is(200)
	use(first).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"disable","revokeKeys":true}`).is(200)
	use(first).is(401)
	use(second).is(401)
	s.call(t, "GET", path+"&usable=true", "").is(200).has(map[string]any{"pagination.totalCount": 0})
	events := s.call(t, "GET", "/events?type=PUBLIC_API_KEY_REVOKED&size=2&expand[]=metadata", "").is(200)
	events.has(map[string]any{"data.0.metadata.keyId": second.at("id"), "data.1.metadata.keyId": first.at("id")})

	b, u = s.signedIn(t, access.Grant{Role: access.Administrator})
	kept, ended := create("Kept", ""), create("Ended", "")
	admin.ask(t, "DELETE", "/api-keys/"+ended.text("id"), "").is(204)
	admin.ask(t, "DELETE", fmt.Sprintf("/users/%d", u.ID), "").is(204)
	use(kept).is(200)
	b, u = s.signedIn(t, access.Grant{Role: access.Administrator})
	ended = create("Ended", "")
	admin.ask(t, "DELETE", fmt.Sprintf("/users/%d?revokeKeys=true", u.ID), "").is(204)
	use(ended).is(401)
}
