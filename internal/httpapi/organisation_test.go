package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

func eventsCase(t *testing.T, s *server) {
	start := s.clock.Now()
	r := s.resource(t)
	test := s.test(t, r)
	postAll(t, s, r, "a")
	mine := "&connectionId=" + r.connection
	g := s.call(t, "GET", "/events?type=CUSTOM_RESOURCE_RECORD_CREATED&includeTotalCount=true"+mine, "").is(200).has(map[string]any{
		"data.0.type": "CUSTOM_RESOURCE_RECORD_CREATED", "data.0.category": "CUSTOM_CONNECTION", "data.0.source": "PUBLIC_API", "data.0.connectionId": r.connection,
		"data.0.userId": nil, "data.0.metadata": absent, "data.0.connection": absent, "data.0.requestDescription": "POST /public/v2" + r.path + "/records", "pagination.totalCount": 1})
	if g.at("data.0.keyId") == nil {
		t.Error("no key is named")
	}
	const all = "expand[]=connection&expand[]=metadata&expand[]=testId&expand[]=testName&expand[]=issues&expand[]=user"
	s.call(t, "GET", "/events?type=CUSTOM_RESOURCE_RECORD_CREATED&"+all+mine, "").is(200).has(map[string]any{"data.0.connection.id": r.connection,
		"data.0.connection.clientType": "CUSTOM", "data.0.metadata.created": 1, "data.0.issues.0": absent})
	one := s.call(t, "GET", "/events/"+g.text("data.0.id")+"?"+all, "").is(200).has(map[string]any{"id": g.at("data.0.id"), "connection.state": "ACTIVE"})
	if one.text("description") == "" {
		t.Error("no description")
	}
	number := test[strings.LastIndexByte(test, '/')+1:]
	s.call(t, "GET", "/events?category=MONITOR&type=MONITOR_TEST_PUBLISHED&workspaceId=1&"+all, "").is(200).has(map[string]any{"data.0.testId": number, "data.0.workspaceId": 1, "data.0.connectionId": nil})
	s.call(t, "GET", "/events?sortDir=ASC&type=MONITOR_TEST_PUBLISHED"+mine, "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/events?connectionId=null&size=1", "").is(200).has(map[string]any{"data.0.connectionId": nil})
	s.call(t, "GET", "/events?userId=null&source=PUBLIC_API&size=1", "").is(200).has(map[string]any{"data.0.userId": nil, "data.0.source": "PUBLIC_API"})
	s.call(t, "GET", "/events?userId=77", "").is(200).has(map[string]any{"data.0": absent})
	begin := start.UTC().Format("2006-01-02T15:04:05.000Z")
	s.call(t, "GET", "/events?createdAtStartDate="+begin+"&type=PROVIDER_CONNECTION_CREATED", "").is(200).has(map[string]any{"data.0.connectionId": r.connection, "data.1": absent})
	s.call(t, "GET", "/events?createdAtEndDate="+begin+"&type=PROVIDER_CONNECTION_CREATED"+mine, "").is(200).has(map[string]any{"data.0": absent})
	day := s.clock.Now().Format(time.DateOnly)
	s.call(t, "GET", "/events?createdAtStartDate="+start.Format(time.DateOnly)+"&createdAtEndDate="+day+mine+"&type=PROVIDER_CONNECTION_CREATED", "").is(200).has(map[string]any{"data.0.connectionId": r.connection})
	s.call(t, "GET", "/events?createdAtStartDate=2026-02-02&createdAtEndDate=2026-01-01", "").refused(400, 40001, "before")
	for _, bad := range []string{"connectionId=x", "userId=-1", "controlId=x", "keyId=-1", "testId=x", "source=NOBODY", "createdAtStartDate=yesterday"} {
		s.call(t, "GET", "/events?"+bad, "").refused(400, 40001, "")
	}
	id, code := s.control(t, "")
	other, _ := s.control(t, "")
	s.call(t, "GET", "/events?controlId="+id, "").is(200).has(map[string]any{"data.0.type": "CONTROL_CREATED", "data.1": absent})
	s.call(t, "PUT", controls+"/"+other, fmt.Sprintf(`{"name":"\"controlId\":%s}"}`, id)).is(200)
	s.call(t, "PUT", controls+"/"+id, `{"question":"Really?"}`).is(200)
	s.call(t, "GET", "/events?controlId="+id+"&sortDir=ASC", "").is(200).has(map[string]any{"data.0.type": "CONTROL_CREATED", "data.1.type": "CONTROL_UPDATED", "data.2": absent,
		"data.0.actor.kind": "key", "data.0.actor.name": "test", "data.0.actor.id": g.at("data.0.keyId")})
	s.call(t, "GET", "/events?q="+escape(strings.ToLower(code)+" “cont")+"&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	s.call(t, "GET", "/events?q=%25&controlId="+id, "").is(200).has(map[string]any{"data": "[]"})
	s.call(t, "GET", "/events?testId="+number+"&workspaceId=1&type=MONITOR_TEST_CREATED", "").is(200).has(map[string]any{"data.1": absent, "data.0.type": "MONITOR_TEST_CREATED"})
	s.call(t, "GET", "/events?controlId="+id+"&keyId="+g.text("data.0.keyId"), "").is(200).has(map[string]any{"data.1.type": "CONTROL_CREATED"})
	s.call(t, "GET", "/events?keyId=999999", "").is(200).has(map[string]any{"data": "[]"})
	s.call(t, "GET", "/events?frameworkId="+id+"&requirementId=7&exclusionId=9&resourceId=8", "").is(200).has(map[string]any{"data": "[]"})
	s.call(t, "DELETE", "/custom-connections/"+r.connection, "").is(204)
	s.call(t, "GET", "/events?type=PROVIDER_CONNECTION_REMOVED&"+all+mine, "").is(200).has(map[string]any{"data.0.connectionId": r.connection, "data.0.connection": absent})
}

func companyCase(t *testing.T, s *server) {
	c := s.call(t, "GET", "/company", "").is(200).has(map[string]any{"language": "ENGLISH_US", "legalName": nil, "entitlements.0.name": "CUSTOM_CONNECTIONS_AND_TESTS"})
	if old := s.call(t, "GET", "/public/company/info", "").is(200); string(old.body) != string(c.body) {
		t.Errorf("v1 says %s, v2 %s", old.body, c.body)
	}
	s.call(t, "GET", "/workspaces?includeTotalCount=true&expand[]=frameworks", "").is(200).has(map[string]any{"data.0.id": 1, "data.0.primary": true, "data.0.frameworks.0.activeLogo": nil, "pagination.totalCount": 1})
	s.call(t, "GET", "/workspaces/1", "").is(200).has(map[string]any{"primary": true, "frameworks": absent, "logo": nil})
	codes := s.call(t, "GET", "/error-codes", "", as(s.newKey(access.EventsGet))).is(200)
	if n := codes.length("data"); n != len(fault.Registry) {
		t.Errorf("%d codes, want %d", n, len(fault.Registry))
	}
	codes.has(map[string]any{"data.0.code": 12300, "data.0.name": "INTERNAL", "data.0.statusCode": 500})
}

// meCase: every valid key may ask who it is, and hears every scope by its name.
func meCase(t *testing.T, s *server) {
	all := s.call(t, "GET", "/me", "").is(200).has(map[string]any{"kind": "key", "key.name": "test", "grants.0": absent, "workspaces.0.id": 1, "workspaces.0.name": "Primary"})
	if n := all.length("scopes"); n != len(access.Scopes)-2 {
		t.Errorf("a key for everything has %d scopes, want all but the bundles of %d", n, len(access.Scopes))
	}
	reads := s.call(t, "GET", "/me", "", as(s.newKey(access.Read, access.DataPost))).is(200)
	for _, i := range access.Scopes {
		want := i.Scope != access.All && i.Scope != access.Read && (i.Reads || i.Scope == access.DataPost)
		if got := strings.Contains(string(reads.body), `"`+string(i.Scope)+`"`); got != want {
			t.Errorf("%s is listed: %v, want %v", i.Scope, got, want)
		}
	}
	s.call(t, "GET", "/me", "", as(s.newKey(access.EventsGet))).is(200).has(map[string]any{"scopes.0": "event-tracking-get", "scopes.1": absent})
	s.call(t, "GET", "/me", "", without("Authorization")).refused(401, 26430, "Unauthorized")
}

func keysCase(t *testing.T, s *server) {
	made := s.call(t, "POST", "/api-keys", `{"name":"CI","scopes":["custom-connections-get","api-keys-get"],"allowedIps":["192.0.2.7","198.51.100.0/24","::ffff:203.0.113.0/120"]}`).is(201)
	made.has(map[string]any{"name": "CI", "scopes.0": "custom-connections-get", "state": "ACTIVE", "lastUsedAt": nil, "revokedAt": nil, "allowedIps.0": "192.0.2.7/32", "allowedIps.1": "198.51.100.0/24", "allowedIps.2": "203.0.113.0/24"})
	key := made.text("key")
	if !strings.HasPrefix(key, "plk_") || !strings.HasPrefix(key, made.text("prefix")) || strings.Contains(s.log.String(), key) {
		t.Errorf("the key is %s with prefix %s", key, made.text("prefix"))
	}
	if expires := made.text("expiresAt"); !strings.HasPrefix(expires, fmt.Sprint(s.clock.Now().Year()+1)) {
		t.Errorf("expiresAt is %s", expires)
	}
	s.call(t, "GET", "/custom-connections", "", as(key), from("192.0.2.7")).is(200)
	s.call(t, "GET", "/custom-connections", "", as(key), from("198.51.100.200")).is(200)
	s.call(t, "GET", "/custom-connections", "", as(key), from("192.0.2.8")).refused(401, 26430, "Unauthorized")
	s.call(t, "POST", "/custom-connections", `{}`, as(key), from("192.0.2.7")).refused(403, 40301, "custom-connections-post")
	listed := s.call(t, "GET", "/api-keys?includeTotalCount=true", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.0.key": absent})
	if strings.Contains(string(listed.body), key) {
		t.Error("the list tells the secret")
	}
	s.call(t, "GET", "/api-keys?size=1&requires[]=custom-connections-get&requires[]=custom-connections-data-post", "").is(200).
		has(map[string]any{"data.0.missingScopes.0": "custom-connections-data-post", "data.0.missingScopes.1": absent})
	s.call(t, "GET", "/api-keys?size=1", "").is(200).has(map[string]any{"data.0.missingScopes": absent})
	s.call(t, "GET", "/api-keys?requires[]=fly", "").refused(400, 40001, "fly")
	s.call(t, "DELETE", "/api-keys/"+made.text("id"), "").is(204)
	s.call(t, "GET", "/custom-connections", "", as(key), from("192.0.2.7")).refused(401, 26430, "Unauthorized")
	s.call(t, "GET", "/api-keys?size=1", "").is(200).has(map[string]any{"data.0.state": "REVOKED"})
	s.call(t, "POST", "/api-keys", `{"name":"Forever","scopes":["read"],"expiresAt":null}`).is(201).has(map[string]any{"expiresAt": nil})
	s.call(t, "POST", "/api-keys", `{"name":"Soon","scopes":["read"],"expiresAt":"2099-01-01T00:00:00Z"}`).is(201).has(map[string]any{"expiresAt": "2099-01-01T00:00:00.000Z"})
	long := strings.Repeat("é", 191)
	s.call(t, "POST", "/api-keys", `{"name":"`+long+`","scopes":["read"]}`).is(201).has(map[string]any{"name": long})
	for body, why := range map[string]string{
		`{"name":"` + long + `x","scopes":["read"]}`: "191", `{"scopes":["read"]}`: "name", `{"name":"x"}`: "scopes", `{"name":"x","scopes":["everything"]}`: "everything",
		`{"name":"x","scopes":["read"],"expiresAt":"tomorrow"}`: "expiresAt", `{"name":"x","scopes":["read"],"expiresAt":"2001-01-01T00:00:00Z"}`: "past",
		`{"name":"x","scopes":["read"],"allowedIps":["home"]}`: "home",
	} {
		s.call(t, "POST", "/api-keys", body).refused(400, 40001, why)
	}
	weak := s.newKey(access.KeysPost, access.ConnectionsGet)
	s.call(t, "POST", "/api-keys", `{"name":"x","scopes":["all"]}`, as(weak)).refused(403, 40301, "all")
	s.call(t, "POST", "/api-keys", `{"name":"x","scopes":["read"]}`, as(weak)).refused(403, 40301, "read")
	s.call(t, "POST", "/api-keys", `{"name":"x","scopes":["custom-connections-get"]}`, as(weak)).is(201)
	// A key that works from some addresses only makes none that works elsewhere.
	bound := s.call(t, "POST", "/api-keys", `{"name":"bound","scopes":["api-keys-post","read"],"allowedIps":["198.51.100.0/24","2001:db8::/32"]}`).is(201).text("key")
	bindKey := func(ips string) got {
		return s.call(t, "POST", "/api-keys", `{"name":"x","scopes":["read"]`+ips+`}`, as(bound), from("198.51.100.9"))
	}
	bindKey(`,"allowedIps":["198.51.100.9","2001:db8:1::/48"]`).is(201).has(map[string]any{"allowedIps.0": "198.51.100.9/32", "allowedIps.1": "2001:db8:1::/48"})
	bindKey(``).is(201).has(map[string]any{"allowedIps.0": "198.51.100.0/24", "allowedIps.1": "2001:db8::/32"})
	bindKey(`,"allowedIps":[]`).is(201).has(map[string]any{"allowedIps.1": "2001:db8::/32"})
	for _, wider := range []string{"198.51.0.0/16", "192.0.2.1", "::/0", "0.0.0.0/0", "2001:db8::/31"} {
		bindKey(`,"allowedIps":["198.51.100.9","`+wider+`"]`).refused(403, 40301, strings.TrimSuffix(wider, "/31"))
	}
	once := with("Idempotency-Key", "one-api-key")
	first := s.call(t, "POST", "/api-keys", `{"name":"once","scopes":["read"]}`, once).is(201)
	again := s.call(t, "POST", "/api-keys", `{"name":"once","scopes":["read"]}`, once).is(201).headers(map[string]string{"Idempotency-Replayed": "true"})
	if first.at("key") == absent || again.at("key") != absent || first.text("id") != again.text("id") {
		t.Errorf("first %s, then %s", first.body, again.body)
	}
}

// settingsCase is decision 21. It comes last: it closes the API for a while.
func (s *server) settingsCase(t *testing.T) {
	t.Run("decision 21: 402 and 412", func(t *testing.T) {
		r := s.resource(t)
		s.call(t, "GET", "/settings", "").is(200).has(map[string]any{"disabledFeatures.0": absent, "features.0": "CUSTOM_CONNECTIONS_AND_TESTS", "termsVersion": nil, "termsAccepted": true})
		s.call(t, "POST", "/settings/actions", `{"action":"acceptTerms"}`).refused(422, 42201, "terms")
		s.call(t, "POST", "/settings/actions", `{"action":"other"}`).refused(400, 40001, "acceptTerms")
		s.call(t, "PUT", "/settings", `{"disabledFeatures":["LUNCH"]}`).refused(400, 40001, "LUNCH")
		s.call(t, "PUT", "/settings", `{"termsVersion":"1"}`).refused(400, 40001, "termsText")
		s.call(t, "PUT", "/settings", `{"disabledFeatures":["CUSTOM_CONNECTIONS_AND_TESTS","CUSTOM_FRAMEWORKS"]}`).is(200).has(map[string]any{"disabledFeatures.0": "CUSTOM_CONNECTIONS_AND_TESTS"})
		s.call(t, "POST", frameworks, `{"name":"n","shortName":"s","description":"d"}`).refused(402, 40201, "")
		for _, path := range []string{"/custom-connections", r.path, r.path + "/records", "/public" + r.path + "/records"} {
			method := "GET"
			if strings.HasPrefix(path, "/public") {
				method = "POST"
			}
			s.call(t, method, path, "").refused(402, 40201, "CUSTOM_CONNECTIONS_AND_TESTS")
		}
		s.call(t, "GET", "/company", "").is(200).has(map[string]any{"entitlements.0": absent})
		s.call(t, "PUT", "/settings", `{"disabledFeatures":[],"termsVersion":"2026-01","termsText":"Be kind."}`).is(200).
			has(map[string]any{"termsAccepted": false, "termsText": "Be kind.", "termsAcceptedVersion": nil})
		for _, path := range []string{"/custom-connections", "/company", "/workspaces", "/events", "/public/company/info", "/error-codes", monitoringTests} {
			s.call(t, "GET", path, "").refused(412, 41201, "2026-01")
		}
		s.call(t, "GET", "/custom-connections", "", as(s.newKey(access.EventsGet))).is(403)
		s.call(t, "GET", "/settings", "").is(200)
		s.call(t, "POST", "/settings/actions", `{"action":"acceptTerms"}`).is(200).has(map[string]any{"termsAccepted": true, "termsAcceptedVersion": "2026-01"})
		s.call(t, "GET", "/company", "").is(200)
		s.call(t, "PUT", "/settings", `{"termsVersion":"2026-02"}`).is(200).has(map[string]any{"termsAccepted": false, "termsText": "Be kind."})
		s.call(t, "GET", "/company", "").is(412)
		s.call(t, "PUT", "/settings", `{"termsVersion":null}`).is(200).has(map[string]any{"termsVersion": nil, "termsAccepted": true})
		s.call(t, "GET", r.path+"/records", "").is(200)
		s.exclusionSettings(t, r)
		s.call(t, "GET", "/events?type=COMPANY_SETTINGS_UPDATED&size=1", "").is(200).has(map[string]any{"data.0.category": "COMPANY"})
	})
}

func errorBodies(t *testing.T, s *server) {
	for _, g := range []got{
		s.call(t, "GET", "/company", "", without("Authorization")),
		s.call(t, "GET", "/company", "", as(s.newKey(access.EventsGet))),
		s.call(t, "GET", "/custom-connections/999999999", ""),
		s.call(t, "GET", "/custom-connections?size=0", ""),
		s.call(t, "POST", "/custom-connections", "{"),
		s.call(t, "GET", "/nowhere", ""),
		s.call(t, "DELETE", "/company", ""),
	} {
		g.has(map[string]any{"statusCode": g.status, "debugInfo": nil})
		for _, member := range []string{"name", "message"} {
			if v, ok := g.at(member).(string); !ok || v == "" {
				t.Errorf("%s is %v in %s", member, g.at(member), g.body)
			}
		}
		if g.header.Get("X-Request-Id") == "" || g.header.Get("Content-Type") != "application/json" || g.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("headers are %v", g.header)
		}
	}
	revoked := s.call(t, "POST", "/api-keys", `{"name":"x","scopes":["all"]}`).is(201)
	s.call(t, "DELETE", "/api-keys/"+revoked.text("id"), "").is(204)
	var bodies []string
	for _, o := range []option{without("Authorization"), as(""), as("nonsense"), as(revoked.text("key")), as(access.NewSecret()), with("Authorization", "Basic "+s.key)} {
		bodies = append(bodies, string(s.call(t, "GET", "/company", "", o).refused(401, 26430, "Unauthorized").body))
	}
	for _, b := range bodies[1:] {
		if b != bodies[0] {
			t.Errorf("%s differs from %s", b, bodies[0])
		}
	}
	s.call(t, "GET", "/company", "", with("Authorization", "bearer "+s.key)).is(200)
	s.call(t, "GET", "/company", "", with("X-Request-Id", "from-me.1")).is(200).headers(map[string]string{"X-Request-Id": "from-me.1"})
	if id := s.call(t, "GET", "/company", "", with("X-Request-Id", "a b\"")).is(200).header.Get("X-Request-Id"); strings.Contains(id, " ") || len(id) != 36 {
		t.Errorf("request id is %q", id)
	}
	if !strings.Contains(s.log.String(), `"requestId":"from-me.1"`) || strings.Contains(s.log.String(), s.key) {
		t.Error("the log lacks the request id, or has a key")
	}
}

func pathsAndMethods(t *testing.T, s *server) {
	for _, path := range []string{"/public/v2/nowhere", "/public/v2", "/public/v2/", "/public/v3/company", "/public/", "/public/v2//company", "/public/v2/x/../company", "/public/v2/company/", "/public/sessions/x"} {
		g := s.raw(t, "GET", path, "").refused(404, 40402, "endpoint")
		g.has(map[string]any{"name": "ENDPOINT_NOT_FOUND"})
	}
	s.call(t, "DELETE", "/company", "").refused(405, 40501, "GET, PUT, HEAD").has(map[string]any{"name": "METHOD_NOT_ALLOWED"})
	s.call(t, "DELETE", "/company", "").is(405).headers(map[string]string{"Allow": "GET, PUT, HEAD"})
	s.call(t, "PATCH", "/custom-connections", "").is(405).headers(map[string]string{"Allow": "GET, POST, HEAD"})
	s.call(t, "GET", "/custom-connections/1/resources/1/sessions/abc", "").is(405).headers(map[string]string{"Allow": "POST"})
	s.raw(t, "POST", "/public/openapi.json", "").is(405)
	if g := s.call(t, "HEAD", "/company", "").is(200); len(g.body) != 0 || g.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD answers %q with %v", g.body, g.header)
	}
	s.raw(t, "GET", documentV1, "", without("Authorization")).is(200)
}
