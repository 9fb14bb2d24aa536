package client

import (
	"encoding/json"
	"testing"
)

func TestPeopleAndTheirDevices(t *testing.T) {
	s, c := newScript(t, answer(207, `[{"statusCode":201,"data":{}},{"statusCode":400,"data":null,"error":{"message":"no"}}]`), answer(202, `{"id":3,"status":"RUNNING"}`),
		answer(200, `{"id":3,"status":"COMPLETED","done":2}`), answer(200, `{"id":5,"email":"ada@example.com"}`), answer(200, `{"id":5,"employmentStatus":"OUT_OF_SCOPE"}`),
		answer(201, `{"id":6,"displayName":"ada-mac"}`), answer(201, `{"id":7,"name":"Backups"}`))
	results, err := c.PutIdentities(t.Context(), 9, []json.RawMessage{[]byte(`{"identityId":"1"}`), []byte(`{}`)})
	if err != nil || len(results) != 2 || results[0].Error != nil || results[1].Error.Message != "no" {
		t.Errorf("%+v, %v", results, err)
	}
	y, err := c.StartIdentitySync(t.Context())
	if err != nil || y.Status != "RUNNING" {
		t.Errorf("%+v, %v", y, err)
	}
	if y, err = c.IdentitySync(t.Context(), y.ID); err != nil || y.Done != 2 {
		t.Errorf("%+v, %v", y, err)
	}
	p, err := c.PersonByEmail(t.Context(), "ada@example.com")
	if err != nil || p.ID != 5 {
		t.Errorf("%+v, %v", p, err)
	}
	status, reason := "OUT_OF_SCOPE", "a mailbox"
	if p, err = c.UpdatePerson(t.Context(), 5, PersonChange{EmploymentStatus: &status, NotHumanReason: &reason}); err != nil || p.EmploymentStatus != status {
		t.Errorf("%+v, %v", p, err)
	}
	if d, err := c.ReportDevice(t.Context(), 9, []byte(`{"serialNumber":"C02"}`)); err != nil || d.DisplayName != "ada-mac" {
		t.Errorf("%+v, %v", d, err)
	}
	if a, err := c.CreateAsset(t.Context(), NewAsset{Name: "Backups", OwnerID: 2}); err != nil || a.ID != 7 {
		t.Errorf("%+v, %v", a, err)
	}
	want := []struct{ path, body string }{
		{"/public/v2/custom-connections/9/hris-user-identities", `[{"identityId":"1"},{}]`},
		{"/public/v2/identity-syncs", `{}`},
		{"/public/v2/identity-syncs/3", ""},
		{"/public/v2/personnel/email:ada@example.com", ""},
		{"/public/v2/personnel/5", `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a mailbox"}`},
		{"/public/v2/custom-connections/9/devices", `{"serialNumber":"C02"}`},
		{"/public/v2/assets", `{"name":"Backups","description":"","assetClassTypes":null,"assetType":"","ownerId":2}`},
	}
	for i, w := range want {
		if s.asked[i].URL.Path != w.path || s.bodies[i] != w.body {
			t.Errorf("asked %s with %s", s.asked[i].URL.Path, s.bodies[i])
		}
	}
}
