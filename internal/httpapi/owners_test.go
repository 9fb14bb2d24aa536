package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

func ownersCase(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	number := test[strings.LastIndexByte(test, '/')+1:]
	ann, annUser := s.signedIn(t, in(1, access.ControlManager))
	bob := s.user(t)
	made := s.call(t, "POST", controls+"?expand[]=owners&expand[]=flags", fmt.Sprintf(`{"name":"Owned","description":"d","code":"OWN-1","ownersIds":[%d],"testIds":[%s]}`, bob.ID, number)).is(201).
		has(map[string]any{"owners.data.0.id": bob.ID, "owners.data.0.displayName": bob.Email, "owners.data.0.lastSignInAt": nil, "owners.totalCount": 1, "flags.hasOwner": true})
	at := controls + "/" + made.text("id")
	ann.ask(t, "POST", at+"/owners", fmt.Sprintf(`{"ownerId":%d}`, annUser.ID)).is(200).has(map[string]any{"data.0.id": bob.ID, "data.1.id": annUser.ID})
	ann.ask(t, "POST", at+"/owners", fmt.Sprintf(`{"ownerId":%d}`, annUser.ID)).is(200).has(map[string]any{"data.2": absent})
	s.call(t, "GET", at+"/owners?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	for query, want := range map[string]int{"ownerIds[]=me": 1, fmt.Sprintf("ownerIds[]=%d", bob.ID): 1, "ownerIds[]=999999": 0, "ownerIds[]=999999&ownerIds[]=me": 1, "ownerIds[]=me&hasOwner=false": 0, "ownerIds[]=me&hasOwner=true": 1,
		"ownerIds[]=me&isReady=true": 0} {
		if n := ann.ask(t, "GET", controls+"?"+query, "").is(200).length("data"); n != want {
			t.Errorf("controls %s: %d, want %d", query, n, want)
		}
	}
	ann.ask(t, "GET", monitoringTests+"?ownerIds[]=me", "").is(200).has(map[string]any{"data.0.testId": number, "data.1": absent})
	ann.ask(t, "GET", monitoringTests+"?ownerIds[]=999999", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", controls+"?ownerIds[]=me", "").refused(400, 40001, "an API key owns nothing")
	s.call(t, "GET", monitoringTests+"?ownerIds[]=you", "").refused(400, 40001, "you")
	s.call(t, "DELETE", fmt.Sprintf("%s/owners/%d", at, bob.ID), "").is(200).has(map[string]any{"data.0.id": annUser.ID, "data.1": absent})
	s.call(t, "DELETE", fmt.Sprintf("%s/owners/%d", at, bob.ID), "").refused(404, 40401, "does not own")
	s.call(t, "PUT", at+"/owners", fmt.Sprintf(`{"ownerUserIds":[%d,%d]}`, bob.ID, annUser.ID)).is(200).has(map[string]any{"data.0.id": annUser.ID, "data.1.id": bob.ID})
	s.call(t, "PUT", at+"?expand[]=owners", `{"ownersIds":[]}`).is(200).has(map[string]any{"owners.totalCount": 0})
	s.call(t, "POST", at+"/owners", `{"ownerId":999999}`).refused(400, 40001, "999999").has(map[string]any{"pointer": "/ownerId"})
	s.call(t, "PUT", at, `{"ownersIds":[1]}`, as(s.newKey(access.ControlsPut))).refused(403, 40301, "controls-put-owners")
	s.call(t, "PUT", at+"/owners", `{"ownerUserIds":[`+strings.Repeat("1,", 50)+`1]}`).refused(400, 40001, "at most 50")
	s.call(t, "POST", at+"/owners", fmt.Sprintf(`{"ownerId":%d}`, bob.ID)).is(200)
	s.call(t, "GET", "/events?type=CONTROL_OWNERS_UPDATED&size=1&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.ownerIds.0": bob.ID, "data.0.workspaceId": 1})
	// Who is deleted owns nothing any more.
	s.call(t, "DELETE", fmt.Sprintf("/users/%d", bob.ID), "").is(204)
	s.call(t, "GET", at+"?expand[]=owners", "").is(200).has(map[string]any{"owners.totalCount": 0})
	s.call(t, "PUT", at+"/owners", fmt.Sprintf(`{"ownerUserIds":[%d]}`, bob.ID)).refused(400, 40001, "who does not exist")

	// Who wrote what is told.
	ann.ask(t, "POST", at+"/notes", `{"comment":"Looked at it."}`).is(201).has(map[string]any{"author.kind": "user", "author.id": annUser.ID, "keyId": nil})
	s.call(t, "GET", at+"/notes", "").is(200).has(map[string]any{"data.0.author.name": annUser.Email})
	dev, devUser := s.signedIn(t, in(1, access.WorkspaceManager))
	dev.ask(t, "PUT", test, `{"logic":`+reLogic(r)+`}`).is(200)
	dev.ask(t, "GET", test+"/versions?size=1", "").is(200).has(map[string]any{"data.0.createdByUser.id": devUser.ID, "data.0.createdByKeyId": nil, "data.1": absent})
	postAll(t, s, r, "who")
	x := dev.ask(t, "POST", test+"/exclusions?expand[]=exclusionDesignator", `{"targetId":"who","reason":"r","category":"ACCEPTED_RISK","expiresAt":"2026-12-31T00:00:00Z"}`).is(201).
		has(map[string]any{"createdBy.id": devUser.ID, "exclusionDesignator.email": devUser.Email})
	dev.ask(t, "GET", test+"/exclusions/"+x.text("id"), "").is(200).has(map[string]any{"versions.0.author.id": devUser.ID})
	conn := dev.ask(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["CUSTOM"],"workspaceIds":[1],"schema":{"type":"object","properties":{"id":{"type":"string"}}},"displayNameKey":"id"}`, s.name("By a person"))).is(201)
	dev.ask(t, "GET", "/custom-connections/"+conn.text("id")+"?expand[]=createdByUser", "").is(200).has(map[string]any{"createdById": devUser.ID, "createdByUser.email": devUser.Email})
}

func reLogic(r resource) string {
	return `{"groups":[{"resourceId":` + r.id + `,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}`
}
