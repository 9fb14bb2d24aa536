package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// hris makes an HRIS connection, and tells the path of its identities.
func (s *server) hris(t testing.TB) string {
	t.Helper()
	made := s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["HRIS"]}`, s.name("HR"))).is(201)
	return "/custom-connections/" + made.text("id") + "/hris-user-identities"
}

func identitiesCase(t *testing.T, s *server) {
	path := s.hris(t)
	first := s.call(t, "POST", path, `[{"identityId":"e-1","email":"ann@hr.example","firstName":"Ann","startedAt":"2020-07-06","isContractor":false},{"identityId":"e-2"}]`).is(201).
		has(map[string]any{"0.statusCode": 201, "0.data.identityId": "e-1", "0.data.startedAt": "2020-07-06T00:00:00.000Z", "0.data.isContractor": false, "0.data.jobTitle": nil, "0.error": absent, "1.statusCode": 201})
	s.call(t, "POST", path, `[{"identityId":"e-1","jobTitle":"Cook"},{"identityId":"e-2"}]`).is(200).
		has(map[string]any{"0.statusCode": 200, "0.data.jobTitle": "Cook", "0.data.firstName": "Ann", "1.statusCode": 200, "1.data": nil})
	s.call(t, "POST", path, `[{"identityId":"e-3"},{"identityId":"e-3"},{"identityId":""},{"email":"x@hr.example"},7,{"identityId":"e-4","email":"not one"},{"identityId":"e-5","isContractor":"no"},{"identityId":"e-6","startedAt":"soon"}]`).is(207).
		has(map[string]any{"0.statusCode": 201, "1.statusCode": 400, "1.data": nil, "2.statusCode": 400, "3.statusCode": 400, "4.statusCode": 400, "5.statusCode": 400, "6.statusCode": 400, "7.statusCode": 400})
	for body, why := range map[string]string{`{}`: "array", `[]`: "1 to 1000", `{"data":[]}`: "array", ``: "", "[" + strings.Repeat(`{"identityId":"x"},`, 1000) + `{}]`: "1 to 1000"} {
		if g := s.call(t, "POST", path, body); g.status != 400 || !strings.Contains(string(g.body), why) {
			t.Errorf("%.40s: %d %s", body, g.status, g.body)
		}
	}
	one := path + "/" + first.text("0.data.id")
	s.call(t, "GET", one, "").is(200).has(map[string]any{"identityId": "e-1", "firstName": "Ann"})
	s.call(t, "GET", path+"/identity-id%3Ae-1", "").is(200).has(map[string]any{"identityId": "e-1"})
	s.call(t, "GET", path+"/identity-id:", "").refused(400, 40001, "colon")
	s.call(t, "GET", path+"/identity-id:nobody", "").refused(404, 40401, "nobody")
	s.call(t, "DELETE", one, "").is(204)
	s.call(t, "DELETE", one, "").refused(404, 40401, "")
	s.call(t, "GET", path+"?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	s.call(t, "POST", path, `[{"identityId":"e-1"}]`).is(200).has(map[string]any{"0.data.firstName": "Ann"})

	other := s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["MDM"]}`, s.name("MDM"))).is(201).text("id")
	s.call(t, "GET", "/custom-connections/"+other+"/hris-user-identities", "").refused(400, 40001, "HRIS")
	s.call(t, "POST", "/custom-connections/999999/hris-user-identities", `[{"identityId":"1"}]`).refused(404, 40401, "")
	b, _ := s.signedIn(t, everywhere(access.Auditor))
	b.ask(t, "POST", path, `[]`).refused(403, 40301, "")
	b.ask(t, "GET", path, "").is(200)
	manager, _ := s.signedIn(t, everywhere(access.PersonnelManager))
	manager.ask(t, "POST", path, `[{"identityId":"m-1"}]`).is(201)
}

// applied runs an identity sync to its end.
func (s *server) applied(t testing.TB) {
	t.Helper()
	s.call(t, "POST", "/identity-syncs", "").is(202)
	for {
		more, err := s.people.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
	}
}

func personnelCase(t *testing.T, s *server) {
	path := s.hris(t)
	s.call(t, "POST", path, `[{"identityId":"p-1","email":"Grace@people.example","firstName":"Grace","lastName":"Hopper","startedAt":"2020-07-06"},
		{"identityId":"p-2","email":"desk@people.example","isContractor":true}]`).is(201)
	s.call(t, "GET", "/personnel/email:grace@people.example", "").refused(404, 40401, "")
	known := s.accountsOf(t, `{"id":"1","login":"ghopper","mail":"grace@people.example"}`)
	s.applied(t)
	s.call(t, "GET", accounts+"?resourceId="+known.id, "").is(200).has(map[string]any{"data.0.person.name": "Grace Hopper", "data.0.person.automatic": true})
	grace := s.call(t, "GET", "/personnel/email%3Agrace@people.example?expand[]=user&expand[]=reasonProvider", "").is(200).
		has(map[string]any{"employmentStatus": "CURRENT_EMPLOYEE", "notHumanReason": nil, "startedAt": "2020-07-06T00:00:00.000Z", "separatedAt": nil, "displayName": "Grace Hopper",
			"user.state": "NO_ACCOUNT", "user.email": "Grace@people.example", "byHand": false})
	s.call(t, "GET", "/users/"+grace.text("userId"), "").is(200).has(map[string]any{"firstName": "Grace", "state": "NO_ACCOUNT", "grants": []any{}})
	s.call(t, "GET", "/users?state=NO_ACCOUNT&q=grace@people", "").is(200).has(map[string]any{"data.0.firstName": "Grace"})
	one := "/personnel/" + grace.text("id")
	s.call(t, "PUT", one, `{"employmentStatus":"OUT_OF_SCOPE"}`).refused(400, 40001, "notHumanReason").has(map[string]any{"pointer": "/notHumanReason"})
	s.call(t, "PUT", one, `{"employmentStatus":"BOSS"}`).refused(400, 40001, "BOSS").has(map[string]any{"pointer": "/employmentStatus"})
	s.call(t, "PUT", one, `{"separatedAt":"2019-01-01"}`).refused(400, 40001, "before").has(map[string]any{"pointer": "/separatedAt"})
	s.call(t, "PUT", one, `{"startedAt":"tomorrow"}`).refused(400, 40001, "tomorrow").has(map[string]any{"pointer": "/startedAt"})
	b, u := s.signedIn(t, everywhere(access.PersonnelManager))
	b.ask(t, "PUT", one+"?expand[]=reasonProvider", `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a compiler","separatedAt":"2027-01-31"}`).is(200).
		has(map[string]any{"employmentStatus": "OUT_OF_SCOPE", "reasonProvider.id": u.ID, "separatedAt": "2027-01-31T00:00:00.000Z", "byHand": true})
	s.call(t, "PUT", one, `{"employmentStatus":"CURRENT_EMPLOYEE","separatedAt":null}`).is(200).has(map[string]any{"notHumanReason": nil, "separatedAt": nil, "byHand": true})
	s.call(t, "POST", "/personnel/actions", fmt.Sprintf(`{"action":"reset-sync","personnelIds":[%s]}`, grace.text("id"))).is(201).has(map[string]any{"count": 1})
	s.call(t, "GET", one, "").is(200).has(map[string]any{"byHand": false})
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync","personnelIds":[999999]}`).refused(404, 40401, "999999")
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync"}`).refused(400, 40001, "personnelIds")
	s.call(t, "POST", "/personnel/actions", `{"action":"fire"}`).refused(400, 40001, "fire")
	s.call(t, "PUT", one, `{"employmentStatus":"UNKNOWN"}`).is(200)
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync-all"}`).is(201).has(map[string]any{"count": 1})

	s.call(t, "GET", "/personnel?q=people.example&sort=name&sortDir=ASC&expand[]=user", "").is(200).has(map[string]any{"data.0.email": "desk@people.example", "data.1.displayName": "Grace Hopper"})
	before := s.call(t, "GET", "/personnel/summary", "").is(200)
	if n := before.length("statuses"); n != 10 || before.length("compliance") != 3 || before.text("nextSyncAt") == "" {
		t.Errorf("the summary is %s", before.body)
	}
	s.call(t, "GET", one+"?expand[]=identity", "").is(200).has(map[string]any{"identity.identityId": "p-1", "identity.deletedAt": nil, "identity.personnelId": absent})
	s.call(t, "GET", path+"?sort=createdAt&sortDir=ASC", "").is(200).has(map[string]any{"data.0.identityId": "p-1", "data.0.personnelId": grace.at("id")})
	s.call(t, "PUT", one, `{"employmentStatus":"SERVICE_ACCOUNT"}`).is(200)
	s.call(t, "GET", "/personnel?byHand=true&hasDevice=false&q=people.example", "").is(200).has(map[string]any{"data.0.id": grace.at("id"), "data.1": absent})
	s.call(t, "GET", "/personnel?hasDevice=true&q=people.example", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/personnel?hasDevice=perhaps", "").refused(400, 40001, "hasDevice")
	s.call(t, "GET", "/personnel?byHand=perhaps", "").refused(400, 40001, "byHand")
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync-all"}`).is(201)
	s.call(t, "GET", "/personnel-search?q=HOPPER&sort=startDate", "").is(200).has(map[string]any{"data.0.id": grace.at("id"), "data.1": absent})
	s.call(t, "GET", "/workspaces/1/personnel-search?employmentStatus[]=CURRENT_CONTRACTOR&employmentStatus[]=FUTURE_HIRE&q=people.example", "").is(200).
		has(map[string]any{"data.0.email": "desk@people.example", "data.1": absent})
	s.call(t, "GET", "/personnel?employmentStatus[]=BOSS", "").refused(400, 40001, "BOSS")
	s.call(t, "GET", "/personnel/email:", "").refused(400, 40001, "colon")

	begun := s.call(t, "POST", "/identity-syncs?expand[]=startedBy", "").is(202).has(map[string]any{"status": "RUNNING", "trigger": "REQUEST", "done": 0})
	s.call(t, "POST", "/identity-syncs", "").refused(409, 40901, "running")
	sync := "/identity-syncs/" + begun.text("id")
	s.call(t, "GET", sync, "").is(200).has(map[string]any{"status": "RUNNING"})
	s.call(t, "POST", sync+"/actions", `{"action":"stop"}`).refused(400, 40001, "cancel")
	s.call(t, "POST", sync+"/actions", `{"action":"cancel"}`).is(200).has(map[string]any{"status": "CANCELED"})
	s.call(t, "POST", sync+"/actions", `{"action":"cancel"}`).refused(409, 40901, "over")
	s.call(t, "GET", "/identity-syncs?size=1", "").is(200).has(map[string]any{"data.0.id": begun.at("id")})
	s.call(t, "GET", "/identity-syncs/999999", "").refused(404, 40401, "")
	s.call(t, "GET", "/events?type=IDENTITY_SYNC_COMPLETED", "").is(200).has(map[string]any{"data.0.category": "PERSONNEL"})
}
