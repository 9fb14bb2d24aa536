package client

import (
	"bytes"
	"encoding/json"
	"testing"
)

// wants compares what a script was asked with METHOD, path with query, and body.
func (s *script) wants(want ...[3]string) {
	s.t.Helper()
	if len(s.asked) != len(want) {
		s.t.Fatalf("%d requests, want %d", len(s.asked), len(want))
	}
	for i, w := range want {
		if r := s.asked[i]; r.Method != w[0] || r.URL.RequestURI() != "/public/v2"+w[1] || s.bodies[i] != w[2] {
			s.t.Errorf("%s %s %s", r.Method, r.URL.RequestURI(), s.bodies[i])
		}
	}
}

func TestPeople(t *testing.T) {
	s, c := newScript(t, answer(200, `{"data":[{"id":5,"email":"ada@example.com","complianceChecks":[{"type":"FULL_COMPLIANCE","status":"PASS"}]}],"pagination":{"cursor":null}}`),
		answer(200, `{"id":5,"email":"ada@example.com","customFields":[{"customFieldId":3,"name":"Desk","value":"4"}],"groups":{"data":[{"id":2,"name":"Response"}],"totalCount":1}}`), answer(200, `{"id":5,"employmentStatus":"OUT_OF_SCOPE"}`), answer(201, `{"count":2}`), answer(201, `{"count":9}`),
		answer(200, `{"data":[{"id":1,"type":"UPDATED","changes":[{"field":"email","from":null,"to":"x"}],"events":[{"actor":{"kind":"key","name":"ci"}}]}],"pagination":{"cursor":null}}`))
	f := PersonFilter{Text: "ada", Statuses: []string{"UNKNOWN", "FUTURE_HIRE"}, Compliance: []string{"PASS"}, ByHand: true, HasDevice: new(false)}
	for p, err := range c.Personnel(t.Context(), f, List{Size: 1, Sort: "name", Ascending: true}) {
		if err != nil || p.ID != 5 || p.Checks[0].Type != FullCompliance {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if p, err := c.Person(t.Context(), "email:ada@example.com"); err != nil || p.ID != 5 || *p.CustomFields[0].Value != "4" || p.Groups.Total != 1 || p.Groups.First[0].Name != "Response" {
		t.Errorf("%+v, %v", p, err)
	}
	change := PersonChange{EmploymentStatus: new("OUT_OF_SCOPE"), NotHumanReason: new("a mailbox"), StartedAt: []byte(`null`),
		CustomFields: []FieldSetting{{Name: "Desk", Value: new("4")}, {ID: 3}}}
	if p, err := c.UpdatePerson(t.Context(), "5", change); err != nil || p.EmploymentStatus != "OUT_OF_SCOPE" {
		t.Errorf("%+v, %v", p, err)
	}
	if n, err := c.ResetPersonnel(t.Context(), []int64{5, 6}); err != nil || n != 2 {
		t.Error(n, err)
	}
	if n, err := c.ResetPersonnel(t.Context(), nil); err != nil || n != 9 {
		t.Error(n, err)
	}
	for h, err := range c.PersonHistory(t.Context(), "5", List{}) {
		if err != nil || h.Changes[0].Field != "email" || h.Events[0].Actor.Name != "ci" {
			t.Errorf("%+v, %v", h, err)
		}
	}
	const person = "expand%5B%5D=complianceChecks&expand%5B%5D=customFields&expand%5B%5D=groups&expand%5B%5D=workspaces"
	s.wants([3]string{"GET", "/personnel?byHand=true&complianceStatus%5B%5D=PASS&employmentStatus%5B%5D=UNKNOWN&employmentStatus%5B%5D=FUTURE_HIRE&" + person + "&hasDevice=false&q=ada&size=1&sort=name&sortDir=ASC"},
		[3]string{"GET", "/personnel/email:ada@example.com?" + person},
		[3]string{"PUT", "/personnel/5?" + person, `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a mailbox","startedAt":null,"customFields":[{"name":"Desk","value":"4"},{"id":3,"value":null}]}`},
		[3]string{"POST", "/personnel/actions", `{"action":"reset-sync","personnelIds":[5,6]}`},
		[3]string{"POST", "/personnel/actions", `{"action":"reset-sync-all"}`},
		[3]string{"GET", "/personnel/5/history?size=500"})
}

func TestIdentities(t *testing.T) {
	s, c := newScript(t, answer(207, `[{"statusCode":201,"data":{"id":1}},{"statusCode":400,"data":null,"error":{"message":"no"}}]`),
		answer(200, `{"data":[{"id":1,"identityId":"a/b"}],"pagination":{"cursor":null}}`), answer(200, `{"id":1,"identityId":"a/b"}`), answer(204, ``))
	results, err := c.PutIdentities(t.Context(), 9, []json.RawMessage{[]byte(`{"identityId":"1"}`), []byte(`{}`)})
	if err != nil || len(results) != 2 || results[0].Data.ID != 1 || results[1].Error.Message != "no" {
		t.Errorf("%+v, %v", results, err)
	}
	for i, err := range c.Identities(t.Context(), 9, List{}) {
		if err != nil || i.IdentityID != "a/b" {
			t.Errorf("%+v, %v", i, err)
		}
	}
	if i, err := c.Identity(t.Context(), 9, "1"); err != nil || i.ID != 1 {
		t.Errorf("%+v, %v", i, err)
	}
	if err := c.DeleteIdentity(t.Context(), 9, "identity-id:a/b"); err != nil {
		t.Error(err)
	}
	const at = "/custom-connections/9/hris-user-identities"
	s.wants([3]string{"POST", at, `[{"identityId":"1"},{}]`}, [3]string{"GET", at + "?size=500"}, [3]string{"GET", at + "/1"}, [3]string{"DELETE", at + "/identity-id:a%2Fb"})
}

func TestSyncIdentities(t *testing.T) {
	s, c := newScript(t, answer(409, `{"message":"one is running"}`), answer(202, `{"id":3,"status":"RUNNING"}`), answer(200, `{"id":3,"status":"RUNNING","done":1}`),
		answer(200, `{"id":3,"status":"COMPLETED","done":2,"endedAt":"2026-03-01T12:00:00.000Z"}`), answer(403, `{"message":"no"}`),
		answer(200, `{"data":[{"id":3,"trigger":"REQUEST"}],"pagination":{"cursor":null}}`), answer(200, `{"id":3,"status":"CANCELED"}`))
	var told []int64
	y, err := c.SyncIdentities(t.Context(), func(y IdentitySync) { told = append(told, y.ID, y.Done) })
	if err != nil || y.Status != "COMPLETED" || len(told) != 8 || told[0] != 0 || told[5] != 1 || len(s.slept) != 3 {
		t.Errorf("%+v, %v, %v, %v", y, err, told, s.slept)
	}
	if _, err := c.SyncIdentities(t.Context(), nil); !IsCode(err, 0) {
		t.Error(err)
	}
	for y, err := range c.IdentitySyncs(t.Context(), List{}) {
		if err != nil || y.Trigger != "REQUEST" {
			t.Errorf("%+v, %v", y, err)
		}
	}
	if y, err := c.CancelIdentitySync(t.Context(), 3); err != nil || y.Status != "CANCELED" {
		t.Errorf("%+v, %v", y, err)
	}
	const at = "/identity-syncs"
	s.wants([3]string{"POST", at, "{}"}, [3]string{"POST", at, "{}"}, [3]string{"GET", at + "/3"}, [3]string{"GET", at + "/3"}, [3]string{"POST", at, "{}"},
		[3]string{"GET", at + "?size=500"}, [3]string{"POST", at + "/3/actions", `{"action":"cancel"}`})
}

func TestDevicesAndAssets(t *testing.T) {
	none := `{"data":[],"pagination":{"cursor":null}}`
	s, c := newScript(t, answer(200, `{"data":[{"id":6,"owner":{"email":"ada@example.com"},"complianceStatus":"FAIL"}],"pagination":{"cursor":null}}`), answer(200, `{"id":6}`),
		answer(201, `{"id":6,"displayName":"ada-mac"}`), answer(204, ``), answer(200, `{"data":[{"id":1,"installedApp":"Editor","program":{"name":"Editor"}}],"pagination":{"cursor":null}}`), answer(200, none),
		answer(200, none), answer(200, `{"id":7,"assetClassTypes":[{"assetClassType":"CODE"}]}`), answer(201, `{"id":7,"name":"Backups"}`), answer(200, `{"id":7}`), answer(204, ``), answer(200, `{"id":7}`), answer(200, none))
	ctx := t.Context()
	for d, err := range c.Devices(ctx, DeviceFilter{Text: "mac", PersonnelID: 5, ConnectionID: 9, SerialNumber: "C", MACAddress: "m", ExternalID: "e", Platform: "MACOS", Source: "AGENT"}, List{}) {
		if err != nil || d.Owner.Email != "ada@example.com" || d.ComplianceStatus != "FAIL" {
			t.Errorf("%+v, %v", d, err)
		}
	}
	if d, err := c.Device(ctx, 6); err != nil || d.ID != 6 {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err := c.ReportDevice(ctx, 9, []byte(`{"serialNumber":"C02"}`)); err != nil || d.DisplayName != "ada-mac" {
		t.Errorf("%+v, %v", d, err)
	}
	if err := c.DeleteDevice(ctx, 9, 6); err != nil {
		t.Error(err)
	}
	for a, err := range c.DeviceApps(ctx, 6, "APPLICATION", "ed", List{}) {
		if err != nil || a.Program.Name != "Editor" {
			t.Errorf("%+v, %v", a, err)
		}
	}
	for h, err := range c.DeviceHistory(ctx, 6, List{}) {
		t.Error(h, err)
	}
	for a, err := range c.Assets(ctx, AssetFilter{Text: "b", Class: "CODE", Type: "VIRTUAL", Provider: "DRATA", OwnerID: 2, OwnerStatus: "UNKNOWN", Removed: new(true), OfDevices: new(false)}, List{}) {
		t.Error(a, err)
	}
	if a, err := c.Asset(ctx, 7); err != nil || a.Classes[0].Type != "CODE" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := c.CreateAsset(ctx, NewAsset{Name: "Backups", OwnerID: 2}); err != nil || a.ID != 7 {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := c.UpdateAsset(ctx, 7, AssetChange{Name: new("B"), RemovedAt: []byte(`null`)}); err != nil || a.ID != 7 {
		t.Errorf("%+v, %v", a, err)
	}
	if err := c.DeleteAsset(ctx, 7); err != nil {
		t.Error(err)
	}
	if a, err := c.RestoreAsset(ctx, 7); err != nil || a.ID != 7 {
		t.Errorf("%+v, %v", a, err)
	}
	for h, err := range c.AssetHistory(ctx, 7, List{}) {
		t.Error(h, err)
	}
	const device, asset = "expand%5B%5D=complianceChecks&expand%5B%5D=owner", "expand%5B%5D=assetClassTypes&expand%5B%5D=complianceChecks&expand%5B%5D=customFields&expand%5B%5D=owner"
	s.wants([3]string{"GET", "/devices?connectionId=9&" + device + "&externalId=e&macAddress=m&personnelId=5&platformName=MACOS&q=mac&serialNumber=C&size=500&sourceType=AGENT"},
		[3]string{"GET", "/devices/6?" + device}, [3]string{"POST", "/custom-connections/9/devices?" + device, `{"serialNumber":"C02"}`},
		[3]string{"DELETE", "/custom-connections/9/devices/6"}, [3]string{"GET", "/devices/6/apps?kind=APPLICATION&q=ed&size=500"}, [3]string{"GET", "/devices/6/history?size=500"},
		[3]string{"GET", "/assets?assetClassType=CODE&assetProvider=DRATA&assetType=VIRTUAL&employmentStatus=UNKNOWN&" + asset + "&ofDevices=false&q=b&removed=true&size=500&userId=2"},
		[3]string{"GET", "/assets/7?" + asset}, [3]string{"POST", "/assets?" + asset, `{"name":"Backups","description":"","assetClassTypes":null,"assetType":"","ownerId":2}`},
		[3]string{"PUT", "/assets/7?" + asset, `{"name":"B","removedAt":null}`}, [3]string{"DELETE", "/assets/7"},
		[3]string{"POST", "/assets/7/actions?" + asset, `{"action":"restore"}`}, [3]string{"GET", "/assets/7/history?size=500"})
}

func TestImports(t *testing.T) {
	s, c := newScript(t, answer(200, `{"preview":true,"canApply":false,"errors":[{"line":4,"column":"email","message":"no"}]}`), answer(201, `{"numCreated":2}`),
		answer(200, "email\n"), answer(200, "externalId\n"), answer(200, "email,user.email\n"), answer(200, "id,externalId\n"))
	r, err := c.ImportPersonnel(t.Context(), []byte("email\nx"), ImportOptions{Preview: true, SkipRefused: true, After: 3})
	if err != nil || *r.Errors[0].Line != 4 || s.asked[0].Header.Get("Content-Type") != "text/csv" || s.asked[0].Header.Get("Idempotency-Key") != "" {
		t.Errorf("%+v, %v, %v", r, err, s.asked[0].Header)
	}
	if r, err = c.ImportAssets(t.Context(), []byte("id"), ImportOptions{}); err != nil || r.NumCreated != 2 || s.asked[1].Header.Get("Idempotency-Key") == "" {
		t.Errorf("%+v, %v", r, err)
	}
	var out bytes.Buffer
	if err := c.PersonnelTemplate(t.Context(), &out); err != nil {
		t.Error(err)
	}
	if err := c.AssetTemplate(t.Context(), &out); err != nil || out.String() != "email\nexternalId\n" {
		t.Error(err, out.String())
	}
	out.Reset()
	if err := c.PersonnelFile(t.Context(), &out); err != nil {
		t.Error(err)
	}
	if err := c.AssetFile(t.Context(), &out); err != nil || out.String() != "email,user.email\nid,externalId\n" {
		t.Error(err, out.String())
	}
	s.wants([3]string{"POST", "/personnel/imports?afterLine=3&limit=1000&onError=skip&preview=true", "email\nx"}, [3]string{"POST", "/assets/imports?limit=1000", "id"},
		[3]string{"GET", "/personnel/import-template"}, [3]string{"GET", "/assets/import-template"},
		[3]string{"GET", "/personnel?expand%5B%5D=customFields&expand%5B%5D=user&format=csv&sortDir=ASC"},
		[3]string{"GET", "/assets?expand%5B%5D=assetClassTypes&expand%5B%5D=customFields&expand%5B%5D=owner&format=csv&sortDir=ASC"})
}
