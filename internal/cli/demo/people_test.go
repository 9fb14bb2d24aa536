package demo

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// What the sample of an organisation names is in it.
func TestPeopleSample(t *testing.T) {
	now := time.Date(2028, 2, 29, 23, 59, 59, 0, time.UTC)
	var o organisation
	if err := readSample("people", now, &o); err != nil {
		t.Fatal(err)
	}
	type identity struct {
		IdentityID, Email, ManagerID, ManagerName, FirstName, LastName string
		StartedAt, SeparatedAt                                         string
	}
	byKey, byEmail := map[string]identity{}, map[string]identity{}
	for _, raw := range o.HRIS.Identities {
		var i identity
		if err := json.Unmarshal(raw, &i); err != nil {
			t.Fatal(err)
		}
		if _, twice := byKey[i.IdentityID]; twice || byEmail[i.Email].IdentityID != "" {
			t.Errorf("%+v is there twice", i)
		}
		byKey[i.IdentityID], byEmail[i.Email] = i, i
		if i.SeparatedAt != "" && i.SeparatedAt <= i.StartedAt {
			t.Errorf("%+v left before the first day", i)
		}
	}
	for _, i := range byKey {
		if m := byKey[i.ManagerID]; i.ManagerID != "" && m.FirstName+" "+m.LastName != i.ManagerName {
			t.Errorf("%+v has another manager: %+v", i, m)
		}
	}
	if byEmail["nadia.haas@example.com"].StartedAt <= now.Format(time.DateOnly) || byEmail["pedro.alvarez@example.com"].SeparatedAt == "" {
		t.Error("nobody comes, or nobody left")
	}
	var all []sample
	all, err := readSamples(now)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range all[0].Records {
		var u struct{ Email string }
		if err := json.Unmarshal(raw, &u); err != nil || byEmail[u.Email].Email == "" {
			t.Errorf("nobody has the account %s: %v", u.Email, err)
		}
	}
	var serials []string
	for _, raw := range o.MDM.Reports {
		var d struct{ PersonnelID, SerialNumber string }
		if err := json.Unmarshal(raw, &d); err != nil || byEmail[d.PersonnelID[len("email:"):]].Email == "" {
			t.Errorf("nobody has the device %+v: %v", d, err)
		}
		serials = append(serials, d.SerialNumber)
	}
	if slices.Sort(serials); len(slices.Compact(serials)) != len(o.MDM.Reports) {
		t.Errorf("serial numbers are there twice: %q", serials)
	}
	for _, a := range o.Assets {
		if byEmail[a.Owner].Email == "" || a.Name == "" || len(a.AssetClassTypes) == 0 {
			t.Errorf("asset %+v", a)
		}
	}
	for _, each := range o.OutOfScope {
		if byEmail[each.Email].Email == "" || each.Reason == "" {
			t.Errorf("out of scope is %+v", each)
		}
	}
}
