package httpapi_test

import (
	"fmt"
	"slices"
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
	for range 10_000 {
		more, err := s.people.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
	}
	t.Fatal("it does not come to an end")
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
	s.call(t, "GET", one+"?expand[]=reasonProvider", "").is(200).has(map[string]any{"reasonProvider": nil})
	s.call(t, "GET", one, "").is(200).has(map[string]any{"reasonProvider": absent})
	b.ask(t, "PUT", one+"?expand[]=reasonProvider", `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a compiler","separatedAt":"2027-01-31"}`).is(200).
		has(map[string]any{"employmentStatus": "OUT_OF_SCOPE", "reasonProvider.id": u.ID, "separatedAt": "2027-01-31T00:00:00.000Z", "byHand": true})
	s.call(t, "PUT", one, `{"employmentStatus":"CURRENT_EMPLOYEE","separatedAt":null}`).is(200).has(map[string]any{"notHumanReason": nil, "separatedAt": nil, "byHand": true})
	s.call(t, "POST", "/personnel/actions", fmt.Sprintf(`{"action":"reset-sync","personnelIds":[%s]}`, grace.text("id"))).is(201).has(map[string]any{"count": 1})
	s.call(t, "GET", one, "").is(200).has(map[string]any{"byHand": false})
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync","personnelIds":[999999]}`).refused(404, 40401, "999999")
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync"}`).refused(400, 40001, "personnelIds")
	s.call(t, "POST", "/personnel/actions", `{"action":"fire"}`).refused(400, 40001, "fire")
	s.call(t, "PUT", one, `{"employmentStatus":"UNKNOWN"}`).is(200)
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync-all","personnelIds":[1]}`).refused(400, 40001, "goes with reset-sync").has(map[string]any{"pointer": "/personnelIds"})
	s.call(t, "POST", "/personnel/actions", `{"action":"reset-sync-all","personnelIds":[]}`).is(201).has(map[string]any{"count": 1})

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

func personnelSearchCase(t *testing.T, s *server) {
	s.call(t, "POST", s.hris(t), `[{"identityId":"s-1","email":"selma@found.example","firstName":"Selma","lastName":"Steiner"},
		{"identityId":"s-2","email":"sven@found.example","firstName":"Sven","lastName":"Stein"},{"identityId":"s-3","email":"robot@found.example","firstName":"Selma","lastName":"R"}]`).is(201)
	s.applied(t)
	s.call(t, "PUT", "/personnel/email:robot@found.example", `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a robot"}`).is(200)
	for query, want := range map[string][]string{
		"firstName=SEL":                                      {"robot@found.example", "selma@found.example"},
		"firstName=sel&lastName=stein":                       {"selma@found.example"},
		"lastName=Stein":                                     {"selma@found.example", "sven@found.example"},
		"firstName=elma":                                     {},
		"firstName=%25elma":                                  {},
		"complianceStatus[]=OUT_OF_SCOPE":                    {"robot@found.example"},
		"complianceStatus[]=EXCLUDED&firstName=S":            {"robot@found.example"},
		"complianceStatus[]=FAIL":                            {"selma@found.example", "sven@found.example"},
		"complianceStatus[]=FAIL&employmentStatus[]=UNKNOWN": {},
		"syncStatus=SYNCED":                                  {"robot@found.example", "selma@found.example", "sven@found.example"},
		"syncStatus=NOT_SYNCED":                              {},
	} {
		for _, path := range []string{"/personnel-search", "/workspaces/1/personnel-search"} {
			g := s.call(t, "GET", path+"?q=found.example&sort=name&sortDir=ASC&"+query, "").is(200)
			found := []string{}
			for i := range g.length("data") {
				found = append(found, g.text(fmt.Sprintf("data.%d.email", i)))
			}
			slices.Sort(found)
			if !slices.Equal(found, want) {
				t.Errorf("%s?%s finds %v, want %v", path, query, found, want)
			}
		}
	}
	g := s.call(t, "GET", "/personnel-search?q=found.example&size=1&facets[]=employmentStatus&facets[]=complianceStatus&facets[]=syncStatus&includeTotalCount=true", "").is(200).
		has(map[string]any{"data.0.syncStatus": "SYNCED", "data.1": absent, "pagination.totalCount": 3, "facets.syncStatus.0.value": "SYNCED", "facets.syncStatus.0.count": 3, "facets.syncStatus.1.count": 0,
			"facets.complianceStatus.1.value": "FAIL", "facets.complianceStatus.1.count": 2, "facets.complianceStatus.3.value": "EXCLUDED", "facets.complianceStatus.3.count": 1,
			"facets.employmentStatus.0.value": "CURRENT_EMPLOYEE", "facets.employmentStatus.0.count": 2, "facets.employmentStatus.4.value": "OUT_OF_SCOPE", "facets.employmentStatus.4.count": 1,
			"facets.employmentStatus.9.count": 0})
	s.call(t, "GET", "/personnel-search?q=found.example&size=1&facets[]=syncStatus&cursor="+g.text("pagination.cursor"), "").is(200).has(map[string]any{"facets": absent})
	s.call(t, "GET", "/personnel-search?q=found.example&complianceStatus[]=FAIL&firstName=sv&facets[]=complianceStatus", "").is(200).
		has(map[string]any{"facets.complianceStatus.1.count": 1, "facets.complianceStatus.3.count": 0, "facets.employmentStatus": absent})
	s.call(t, "GET", "/personnel-search?facets[]=shoeSize", "").refused(400, 40001, "shoeSize")
	s.call(t, "GET", "/personnel-search?syncStatus=perhaps", "").refused(400, 40001, "perhaps")
	s.call(t, "GET", "/personnel?complianceStatus[]=OUT_OF_SCOPE", "").refused(400, 40001, "OUT_OF_SCOPE")
	s.call(t, "GET", "/workspaces/999999/personnel-search", "").refused(404, 40401, "")
}

// usersAsPersonnelCase is about what a user is beyond the account.
func usersAsPersonnelCase(t *testing.T, s *server) {
	s.call(t, "POST", s.hris(t), `[{"identityId":"u-1","email":"uma@users.example","firstName":"Uma"}]`).is(201)
	s.applied(t)
	person := s.call(t, "GET", "/personnel/email:uma@users.example", "").is(200)
	parts := "?expand[]=personnel&expand[]=identities&expand[]=backgroundChecks&expand[]=documents&expand[]=roles"
	want := map[string]any{"personnel.id": person.at("id"), "personnel.employmentStatus": "CURRENT_EMPLOYEE", "identities.0.identityId": "u-1", "identities.1": absent, "backgroundChecks.0": absent,
		"documents.0": absent, "roles.0": absent}
	s.call(t, "GET", "/users/email:uma@users.example"+parts, "").is(200).has(want)
	s.call(t, "GET", "/users/"+person.text("userId"), "").is(200).has(map[string]any{"personnel": absent, "identities": absent})
	listed := map[string]any{}
	for at, v := range want {
		listed["data.0."+at] = v
	}
	s.call(t, "GET", "/users"+parts+"&firstName=um&q=users.example", "").is(200).has(listed)
	// Somebody who is no personnel, and somebody who may not see it.
	known := s.user(t, everywhere(access.Auditor))
	s.call(t, "GET", fmt.Sprintf("/users/%d%s", known.ID, parts), "").is(200).has(map[string]any{"personnel": absent, "identities.0": absent})
	reader := s.newKey(access.UsersGetOne)
	s.call(t, "GET", "/users/email:uma@users.example"+parts, "", as(reader)).is(200).has(map[string]any{"personnel": absent, "identities.0": absent})
	s.call(t, "GET", "/workspaces/1?expand[]=personnelScope", "").is(200).has(map[string]any{"scopedPersonnelCount": nil})
	s.call(t, "GET", "/workspaces/1", "").is(200).has(map[string]any{"scopedPersonnelCount": absent})
	s.call(t, "GET", "/company", "").is(200).has(map[string]any{"agentEnabled": true, "manualUploadEnabled": true})
}
