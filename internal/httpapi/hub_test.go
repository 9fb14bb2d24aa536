package httpapi_test

import (
	"net/url"
	"testing"
	"time"
)

func hubCase(t *testing.T, s *server) {
	r := s.resource(t)
	at := "/connections/" + r.connection
	runs := at + "/sync-runs"
	found := s.call(t, "GET", at, "").is(200).has(map[string]any{"kind": "CUSTOM", "catalogSlug": nil, "state": "ACTIVE", "health": nil, "healthSince": nil,
		"lastSyncAt": nil, "recordCount": 0, "customResources": absent})
	name := found.text("clientAlias")
	list := "/connections?includeTotalCount=true&q=" + url.QueryEscape(name)
	s.call(t, "GET", list, "").is(200).has(map[string]any{"pagination.totalCount": 1, "data.0.id": found.at("id")})
	s.call(t, "GET", runs, "").is(200).has(map[string]any{"data.0": absent})

	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"a","email":"a@b","mfa":true},{"id":"b","email":5}]}`).is(200)
	run := s.call(t, "GET", runs, "").is(200).has(map[string]any{"data.1": absent, "data.0.trigger": "PUSH", "data.0.status": "FAILED", "data.0.sessionId": nil,
		"data.0.resourceId": r.id, "data.0.actor.kind": "key", "data.0.steps.0.name": "VALIDATE", "data.0.steps.0.status": "FAILED", "data.0.steps.0.counts.rejected": 1,
		"data.0.steps.0.error.code": "SCHEMA", "data.0.steps.0.error.message": "1 of 2 records were refused; the others were taken.",
		"data.0.steps.0.error.records.0.id": "b", "data.0.steps.0.error.records.0.position": 1, "data.0.steps.0.error.records.0.pointer": "/email",
		"data.0.steps.1.name": "COMPARE", "data.0.steps.1.counts.created": 1, "data.0.steps.1.error": absent,
		"data.0.steps.3.name": "EVALUATE", "data.0.steps.3.status": "SKIPPED", "data.0.steps.4": absent})
	id := run.text("data.0.id")
	s.call(t, "GET", runs+"/"+id, "").is(200).has(map[string]any{"id": run.at("data.0.id"), "steps.2.status": "COMPLETED"})
	s.call(t, "GET", runs+"/999999", "").is(404)
	s.call(t, "GET", "/connections/"+s.resource(t).connection+"/sync-runs/"+id, "").is(404)
	s.call(t, "GET", "/connections/999999/sync-runs", "").is(404)
	for filter, there := range map[string]bool{"status=FAILED": true, "status=COMPLETED": false, "trigger=PUSH": true, "trigger=SESSION": false,
		"resourceId=" + r.id: true, "resourceId=999999": false} {
		want := any(absent)
		if there {
			want = run.at("data.0.id")
		}
		s.call(t, "GET", runs+"?"+filter, "").is(200).has(map[string]any{"data.0.id": want})
	}
	s.call(t, "GET", runs+"?status=ILL", "").refused(400, 40001, "status")
	s.call(t, "GET", runs+"?trigger=NONE", "").refused(400, 40001, "trigger")

	for _, path := range []string{at, "/custom-connections/" + r.connection} {
		s.call(t, "GET", path+"?expand[]=customResources", "").is(200).has(map[string]any{"health": "UNHEALTHY", "recordCount": 1,
			"healthReason":             "In “" + name + "”, 1 of 2 records were refused; the others were taken.",
			"customResources.0.health": "UNHEALTHY"})
	}
	s.call(t, "GET", "/events?type=PROVIDER_CONNECTION_ERROR&expand[]=metadata&expand[]=connection&connectionId="+r.connection, "").is(200).
		has(map[string]any{"data.0.metadata.step": "VALIDATE", "data.0.metadata.syncRunId": run.at("data.0.id"), "data.0.connection.state": "MISCONFIGURED", "data.1": absent})
	for filter, n := range map[string]int{"health=UNHEALTHY": 1, "health=HEALTHY": 0, "health=STALE": 0, "state=ACTIVE": 1, "state=DISCONNECTED": 0, "kind=CUSTOM": 1, "kind=PARTNER": 0,
		"providerTypes[]=IDENTITY": 0, "providerTypes[]=IDENTITY&providerTypes[]=CUSTOM": 1, "dataStatus=CURRENT": 1, "workspaceId=1": 1, "workspaceId=99": 0} {
		s.call(t, "GET", list+"&"+filter, "").is(200).has(map[string]any{"pagination.totalCount": n})
	}
	for _, wrong := range []string{"health=WELL", "state=ON", "kind=ODD", "providerTypes[]=NONE", "dataStatus=OLD"} {
		s.call(t, "GET", list+"&"+wrong, "").is(400)
	}
	s.clock.advance(time.Minute)
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"b","email":"b@b"}}`).is(201)
	well := s.call(t, "GET", at, "").is(200).has(map[string]any{"health": "HEALTHY"})
	well.has(map[string]any{"healthSince": well.at("lastSyncAt")})
	s.call(t, "GET", "/events?type=PROVIDER_CONNECTION_RECOVERED&connectionId="+r.connection, "").is(200).has(map[string]any{"data.1": absent})

	act := func(action string) got { return s.call(t, "POST", at+"/actions", `{"action":"`+action+`"}`) }
	act("refresh").refused(409, 40901, "pushed, not pulled")
	act("dance").refused(400, 40001, "/action")
	act("reconnect").refused(409, 40901, "connected already")
	act("disconnect").is(200).has(map[string]any{"state": "DISCONNECTED", "health": nil, "customResources.0.recordCount": 2})
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"c","email":"c@b"}}`).refused(409, 40907, "disconnected")
	s.call(t, "POST", r.path+"/sessions/one", `{"data":{"id":"c","email":"c@b"}}`).refused(409, 40907, "disconnected")
	act("refresh").refused(409, 40907, "disconnected")
	act("disconnect").refused(409, 40901, "disconnected already")
	v1 := "/public/connections?providerTypes=CUSTOM"
	s.call(t, "GET", v1+"&limit=50&state=MISCONFIGURED", "").is(200).has(map[string]any{"page": 1, "limit": 50, "data.0.id": found.at("id"), "data.0.clientType": "CUSTOM",
		"data.0.providerTypes.0": "CUSTOM", "data.0.workspaces.0.id": 1})
	act("reconnect").is(200).has(map[string]any{"state": "ACTIVE", "disconnectedAt": nil, "health": "HEALTHY"})
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"c","email":"c@b"}}`).is(201)
	active := s.call(t, "GET", v1+"&state=ACTIVE&page=1&limit=1", "").is(200).has(map[string]any{"data.0.failedAt": nil, "data.1": absent})
	if active.text("total") == "1" {
		t.Error("the total is that of a page")
	}
	s.call(t, "GET", v1+"&state=IN_PROGRESS", "").is(200).has(map[string]any{"total": 0, "data.0": absent})
	s.call(t, "GET", v1+"&state=ODD", "").is(400)
	s.call(t, "GET", "/workspaces/1/posture", "").is(200).has(map[string]any{"connections.stale": 0, "connections.disconnected": 0})
}
