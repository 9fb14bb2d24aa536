package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// project brings the records of people, devices and assets up to date.
func (s *server) project(t testing.TB) {
	t.Helper()
	for range 10_000 {
		more, err := s.projector.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
	}
	t.Fatal("it does not come to an end")
}

// builtIn are the paths of the built-in connection and of its resources.
func (s *server) builtIn(t testing.TB) (connection string, resources map[string]string) {
	t.Helper()
	made := s.call(t, "GET", "/connections?kind=BUILT_IN&expand[]=customResources", "").is(200).
		has(map[string]any{"data.0.clientAlias": "Plumbline directory", "data.0.kind": "BUILT_IN", "data.1": absent})
	connection = "/custom-connections/" + made.text("data.0.id")
	resources = map[string]string{}
	for i := range 3 {
		at := fmt.Sprintf("data.0.customResources.%d.", i)
		resources[made.text(at+"builtIn")] = connection + "/resources/" + made.text(at+"id")
	}
	return connection, resources
}

func directoryCase(t *testing.T, s *server) {
	ids := s.staff(t, "una@directory.example")
	s.project(t)
	path := s.mdm(t)
	report := func(encrypted string) got {
		return s.call(t, "POST", path, `{"personnelId":`+ids[0]+`,"platformName":"LINUX","platformVersion":"6","serialNumber":"dir-1","encryptionEnabled":`+encrypted+`,
			"antivirusEnabled":true,"autoUpdateEnabled":true,"passwordManagerEnabled":true,"screenLockEnabled":true}`).is(201)
	}
	made := report("true")
	s.project(t)
	connection, resources := s.builtIn(t)
	device := resources["DEVICE"] + "/records/" + made.text("id")
	s.call(t, "GET", device, "").is(200).has(map[string]any{"attributes.ownerEmail": "una@directory.example", "attributes.encryptionEnabled": true, "attributes.firewallEnabled": nil,
		"attributes.isCompliant": true, "attributes.hddEncryptionCheck": "PASS"})
	s.call(t, "GET", resources["PERSONNEL"]+"/records/"+ids[0], "").is(200).has(map[string]any{"attributes.employmentStatus": "CURRENT_EMPLOYEE", "attributes.devicesCount": 1,
		"attributes.fullComplianceCheck": "PASS", "attributes.hasAccount": false, "attributes.roles": []any{}})
	s.call(t, "GET", resources["ASSET"]+"/records/"+made.text("assetId"), "").is(200).has(map[string]any{"attributes.deviceId": made.at("id"), "attributes.classes.0": "HARDWARE"})

	// A report makes the test over the devices fail, another one heals it.
	number := resources["DEVICE"][strings.LastIndex(resources["DEVICE"], "/")+1:]
	test := s.call(t, "POST", "/workspaces/1/monitoring-tests", `{"name":"Disks of devices are encrypted","publish":true,"logic":{"groups":[{"resourceId":`+number+`,
		"filteringCriteria":{"all":[{"fact":"serialNumber","operator":"notEqual","value":"dir-1"}]},
		"evaluator":{"all":[{"fact":"hddEncryptionCheck","operator":"equal","value":"PASS"}]}}]}}`).is(201)
	one := "/workspaces/1/monitoring-tests/" + test.text("testId")
	comes := func(result string) {
		t.Helper()
		s.project(t)
		s.eventually(t, result, func() bool { return s.call(t, "GET", one, "").text("checkResultStatus") == result })
	}
	comes("PASSED")
	report("false")
	comes("FAILED")
	s.call(t, "GET", one+"/failures", "").is(200).has(map[string]any{"data.0.recordId": made.text("id"), "data.1": absent})
	report("true")
	comes("PASSED")

	// What it says of itself runs out after thirty days: what nobody knows never passes.
	s.clock.advance(30*24*time.Hour - time.Minute)
	comes("PASSED")
	s.clock.advance(2 * time.Minute)
	comes("FAILED")
	s.call(t, "GET", device, "").is(200).has(map[string]any{"attributes.encryptionEnabled": true, "attributes.isCompliant": false, "attributes.hddEncryptionCheck": "MISCONFIGURED"})
	report("true")
	comes("PASSED")

	s.testsOverCustomFields(t, resources["ASSET"])
	builtInRefusals(t, s, connection, resources, made.text("id"))
	historyOfObjects(t, s, ids[0], made, path)

	// What is deleted is no record any more, and nobody's.
	s.call(t, "GET", device, "").refused(404, 40401, "")
	s.call(t, "GET", resources["PERSONNEL"]+"/records/"+ids[0], "").is(200).has(map[string]any{"attributes.devicesCount": 0, "attributes.agentInstalledCheck": "EXCLUDED"})
	later := s.call(t, "POST", "/workspaces", `{"name":"`+s.name("Later")+`"}`).is(201)
	s.call(t, "GET", connection, "").is(200)
	if all := s.call(t, "GET", connection, "").at("workspaceIds"); !strings.Contains(fmt.Sprint(all), later.text("id")) {
		t.Errorf("the new workspace %s is not one of %v", later.text("id"), all)
	}
}

// builtInRefusals: only the server changes what is built in, and who may not see
// people does not see them as records.
func builtInRefusals(t *testing.T, s *server, connection string, resources map[string]string, id string) {
	r := resources["DEVICE"]
	for _, c := range []struct{ method, path, body string }{
		{"POST", r + "/records", `{"data":{"id":1}}`}, {"PUT", r + "/records/" + id, `{"data":{"name":"x"}}`}, {"DELETE", r + "/records/" + id, ""},
		{"POST", r + "/sessions/mine", `{"data":[{"id":1}]}`}, {"POST", r + "/sessions/mine/actions", `{"action":"complete"}`},
		{"PUT", r, `{"name":"Mine"}`}, {"PUT", r + "/schema", `{"schema":{"properties":{"name":{}}}}`}, {"PUT", r + "/collection", `{"recipe":"x"}`},
		{"PUT", r + "/account-mapping", `{"name":"ownerEmail"}`}, {"POST", r + "/account-mapping/preview", `{"name":"ownerEmail"}`},
		{"PUT", connection, `{"clientAlias":"Mine"}`}, {"DELETE", connection, ""}, {"POST", strings.Replace(connection, "custom-", "", 1) + "/actions", `{"action":"disconnect"}`},
	} {
		if g := s.call(t, c.method, c.path, c.body); g.status != 409 || g.text("code") != "40910" {
			t.Errorf("%s %s: %d %s", c.method, c.path, g.status, g.body)
		}
	}
	narrow := s.newKey(access.ConnectionsGet, access.DevicesGet)
	s.call(t, "GET", resources["DEVICE"]+"/records", "", as(narrow)).is(200)
	for _, more := range []string{"/records", "/records/1", "/records/1/versions", "/attributes/values?path=email"} {
		s.call(t, "GET", resources["PERSONNEL"]+more, "", as(narrow)).refused(403, 40301, "personnel-get")
	}
}

func historyOfObjects(t *testing.T, s *server, person string, made got, path string) {
	device := "/devices/" + made.text("id") + "/history"
	got := s.call(t, "GET", device, "").is(200)
	got.has(map[string]any{"data.0.type": "UPDATED", "data.0.events.0.type": "DEVICE_UPDATED", "data.0.events.0.actor.kind": "key",
		"data.1.changes.0.field": "antivirusCheck", "data.1.changes.0.from": "PASS", "data.1.changes.0.to": "MISCONFIGURED", "data.1.events.0": absent})
	n := got.length("data")
	got.has(map[string]any{fmt.Sprintf("data.%d.type", n-1): "CREATED", fmt.Sprintf("data.%d.events.0.type", n-1): "DEVICE_LINKED", fmt.Sprintf("data.%d.changes", n-1): []any{}})
	first := s.call(t, "GET", device+"?size=1&sortDir=ASC", "").is(200).has(map[string]any{"data.0.type": "CREATED"})
	s.call(t, "GET", device+"?size=1&sortDir=ASC&cursor="+first.text("pagination.cursor"), "").is(200).
		has(map[string]any{"data.0.changes.0.field": "encryptionEnabled", "data.0.changes.0.to": false, "data.0.changes.1.from": "PASS"})

	// A change by hand has its author, the device and the asset follow.
	manager, _ := s.signedIn(t, everywhere(access.PersonnelManager))
	manager.ask(t, "PUT", "/personnel/"+person, `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"A printer"}`).is(200)
	s.call(t, "PUT", "/assets/"+made.text("assetId"), `{"notes":"on loan"}`).is(200)
	s.project(t)
	s.call(t, "GET", "/personnel/email:una@directory.example/history", "").is(200).has(map[string]any{"data.0.events.0.type": "PERSONNEL_UPDATED", "data.0.events.0.actor.kind": "user",
		"data.0.changes.0.field": "agentInstalledCheck", "data.0.changes.0.to": "EXCLUDED"})
	s.call(t, "GET", device, "").is(200).has(map[string]any{"data.0.changes.0.field": "ownerEmploymentStatus", "data.0.events.0.type": "PERSONNEL_UPDATED"})
	s.call(t, "GET", "/assets/"+made.text("assetId")+"/history", "").is(200).has(map[string]any{"data.0.changes.0.field": "notes", "data.0.changes.0.to": "on loan",
		"data.0.changes.1.field": "ownerEmploymentStatus", "data.1.type": "CREATED", "data.1.events.0.type": "DEVICE_LINKED"})

	s.call(t, "DELETE", path+"/"+made.text("id"), "").is(204)
	s.project(t)
	s.call(t, "GET", device, "").is(200).has(map[string]any{"data.0.type": "DELETED", "data.0.events.0.type": "DEVICE_DELETED"})
	rack := s.call(t, "POST", "/assets", fmt.Sprintf(`{"name":"Rack","description":"d","assetClassTypes":["HARDWARE"],"assetType":"PHYSICAL","ownerId":%d}`, s.user(t, everywhere(access.Auditor)).ID)).is(201).text("id")
	s.project(t)
	s.call(t, "DELETE", "/assets/"+rack, "").is(204)
	s.project(t)
	s.call(t, "POST", "/assets/"+rack+"/actions", `{"action":"restore"}`).is(200)
	s.project(t)
	s.call(t, "GET", "/assets/"+rack+"/history", "").is(200).has(map[string]any{"data.0.type": "RESTORED", "data.0.events.0.type": "MANUAL_ASSET_RESTORED", "data.0.changes": []any{},
		"data.1.type": "DELETED", "data.2.type": "CREATED"})
	for _, none := range []string{"/devices/999999", "/assets/999999", "/personnel/999999", "/personnel/email:nobody@directory.example"} {
		s.call(t, "GET", none+"/history", "").refused(404, 40401, "")
	}
}
