package directory

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// edition counts on when the records are made in another way: all are made anew
// then.
const edition = 3

// What there are records of.
const (
	Person connection.BuiltIn = "PERSONNEL"
	Device connection.BuiltIn = "DEVICE"
	Asset  connection.BuiltIn = "ASSET"
)

// kinds are all of them, in the order of their resources.
var kinds = []connection.BuiltIn{Person, Device, Asset}

// nameKey is the property with the name of an object.
const nameKey = "name"

// person is the record of a person. What time alone changes stands here as a date,
// or is written again at its moment.
type person struct {
	ID               int64    `json:"id"`
	Name             string   `json:"name"`
	Email            string   `json:"email"`
	EmploymentStatus string   `json:"employmentStatus"`
	DevicesCount     int      `json:"devicesCount"`
	FirstName        *string  `json:"firstName"`
	LastName         *string  `json:"lastName"`
	JobTitle         *string  `json:"jobTitle"`
	StatusAt         *string  `json:"statusUpdatedAt"`
	StartedAt        *string  `json:"startedAt"`
	SeparatedAt      *string  `json:"separatedAt"`
	IsContractor     *bool    `json:"isContractor"`
	IsOutOfScope     bool     `json:"isOutOfScope"`
	OutOfScopeReason *string  `json:"outOfScopeReason"`
	IsSetByHand      bool     `json:"isSetByHand"`
	IdentityID       *string  `json:"identityId"`
	IdentityGone     bool     `json:"identityIsDeleted"`
	ConnectionID     *int64   `json:"identityConnectionId"`
	ManagerID        *string  `json:"managerId"`
	ManagerName      *string  `json:"managerName"`
	UserID           int64    `json:"userId"`
	HasAccount       bool     `json:"hasAccount"`
	Roles            []string `json:"roles"`
	Groups           []string `json:"groups"`
	CreatedAt        *string  `json:"createdAt"`

	CustomFields map[string]string `json:"customFields,omitempty"`
}

// device is the record of a device.
type device struct {
	ID                     int64    `json:"id"`
	Name                   string   `json:"name"`
	OwnerEmail             string   `json:"ownerEmail"`
	OSVersion              string   `json:"osVersion"`
	IsCompliant            bool     `json:"isCompliant"`
	LastCheckedOn          *string  `json:"lastCheckedOn"`
	Platform               string   `json:"platform"`
	PlatformVersion        string   `json:"platformVersion"`
	Model                  *string  `json:"model"`
	SerialNumber           *string  `json:"serialNumber"`
	MACAddress             *string  `json:"macAddress"`
	ExternalID             *string  `json:"externalId"`
	Source                 string   `json:"sourceType"`
	ConnectionID           int64    `json:"connectionId"`
	AssetID                int64    `json:"assetId"`
	PersonnelID            int64    `json:"personnelId"`
	OwnerName              string   `json:"ownerName"`
	OwnerStatus            string   `json:"ownerEmploymentStatus"`
	EncryptionEnabled      *bool    `json:"encryptionEnabled"`
	FirewallEnabled        *bool    `json:"firewallEnabled"`
	AntivirusEnabled       *bool    `json:"antivirusEnabled"`
	AutoUpdateEnabled      *bool    `json:"autoUpdateEnabled"`
	PasswordManagerEnabled *bool    `json:"passwordManagerEnabled"`
	ScreenLockEnabled      *bool    `json:"screenLockEnabled"`
	ScreenLockTime         *float64 `json:"screenLockTime"`
	AppsCount              int64    `json:"appsCount"`
	CreatedAt              *string  `json:"createdAt"`
}

// thing is the record of an asset.
type thing struct {
	ID              int64    `json:"id"`
	Name            string   `json:"name"`
	Description     string   `json:"description"`
	Notes           *string  `json:"notes"`
	Type            string   `json:"assetType"`
	Classes         []string `json:"classes"`
	Provider        string   `json:"assetProvider"`
	Reference       string   `json:"assetReferenceType"`
	ExternalID      *string  `json:"externalId"`
	ExternalOwnerID *string  `json:"externalOwnerId"`
	UniqueID        *string  `json:"uniqueId"`
	OwnerID         int64    `json:"ownerId"`
	OwnerName       string   `json:"ownerName"`
	OwnerEmail      string   `json:"ownerEmail"`
	OwnerStatus     *string  `json:"ownerEmploymentStatus"`
	DeviceID        *int64   `json:"deviceId"`
	RemovedAt       *string  `json:"removedAt"`
	CreatedAt       *string  `json:"createdAt"`

	CustomFields map[string]string `json:"customFields,omitempty"`
}

// body is the record of an object at a moment, nil when there is no such object,
// and when it changes by time alone, zero for never.
func (f *Facts) body(o Object, now time.Time) ([]byte, time.Time) {
	switch o.Kind {
	case Person:
		if p, is := f.People[o.ID]; is {
			return withChecks(f.person(p), p.Checks(f.DevicesOf[p.ID], now)), f.personDue(p, now)
		}
	case Device:
		if d, is := f.Devices[o.ID]; is {
			return withChecks(f.device(d, now), d.Checks(now)), soonest(d.Checks(now), now)
		}
	case Asset:
		if a, is := f.Assets[o.ID]; is {
			return written(f.thing(a)), time.Time{}
		}
	}
	return nil, time.Time{}
}

func written(v any) []byte {
	// Plain values always marshal.
	b, _ := json.Marshal(v)
	return b
}

// withChecks is a record with the statuses of checks.
func withChecks(v any, checks []asset.Check) []byte {
	out := written(v)
	for _, c := range checks {
		out = strictjson.Set(out, field(c.Type), written(c.Status))
	}
	return out
}

func (f *Facts) person(p asset.Person) person {
	u := p.User
	out := person{ID: p.ID, Name: u.DisplayName(), Email: u.Email, FirstName: some(u.FirstName), LastName: some(u.LastName), JobTitle: some(u.JobTitle),
		EmploymentStatus: string(p.Status), StatusAt: moment(p.StatusAt), StartedAt: moment(p.StartedAt), SeparatedAt: moment(p.SeparatedAt),
		IsOutOfScope: p.Status == asset.OutOfScope, OutOfScopeReason: p.Reason, IsSetByHand: p.ManualStatus || p.ManualDates, UserID: p.UserID,
		HasAccount: !u.NoAccount && u.DeletedAt.IsZero() && u.DisabledAt.IsZero(), Roles: []string{}, Groups: []string{}, DevicesCount: len(f.DevicesOf[p.ID]),
		CreatedAt: moment(p.CreatedAt), CustomFields: byName(p.Fields)}
	if i, is := f.Identities[p.IdentityID]; is {
		out.IdentityID, out.IdentityGone, out.ConnectionID = &i.Key, !i.DeletedAt.IsZero(), &i.ConnectionID
		out.IsContractor, out.ManagerID, out.ManagerName = i.Contractor, i.ManagerID, i.ManagerName
	}
	for _, g := range f.GroupsOf[p.ID] {
		out.Groups = append(out.Groups, g.Name)
	}
	for _, role := range u.Roles() {
		out.Roles = append(out.Roles, string(role))
	}
	return out
}

// personDue is when a check of the person, or of one of their devices, runs out.
func (f *Facts) personDue(p asset.Person, now time.Time) time.Time {
	checks := p.Checks(f.DevicesOf[p.ID], now)
	for _, d := range f.DevicesOf[p.ID] {
		checks = append(checks, d.Checks(now)...)
	}
	return soonest(checks, now)
}

// soonest is the first moment to come at which a check runs out, zero for none.
func soonest(checks []asset.Check, now time.Time) time.Time {
	var first time.Time
	for _, c := range checks {
		if c.ExpiresAt.After(now) && (first.IsZero() || c.ExpiresAt.Before(first)) {
			first = c.ExpiresAt
		}
	}
	return first
}

func (f *Facts) device(d asset.Device, now time.Time) device {
	owner, p := f.People[d.PersonID], d.Posture
	// A day is fine enough, and not every report is another version of the record.
	day := d.LastCheckedAt.UTC().Format(time.DateOnly)
	return device{ID: d.ID, Name: d.Name(), Platform: string(d.Platform), PlatformVersion: d.PlatformVersion, OSVersion: d.OSVersion(), Model: d.Model,
		SerialNumber: d.SerialNumber, MACAddress: d.MACAddress, ExternalID: d.ExternalID, Source: string(d.Source), ConnectionID: d.ConnectionID,
		AssetID: d.AssetID, PersonnelID: d.PersonID, OwnerName: owner.User.DisplayName(), OwnerEmail: owner.User.Email, OwnerStatus: string(owner.Status),
		EncryptionEnabled: p.Encryption.Enabled, FirewallEnabled: p.Firewall.Enabled, AntivirusEnabled: p.Antivirus.Enabled,
		AutoUpdateEnabled: p.AutoUpdate.Enabled, PasswordManagerEnabled: p.PasswordManager.Enabled, ScreenLockEnabled: p.ScreenLock.Enabled,
		ScreenLockTime: d.ScreenLockTime, AppsCount: d.AppsCount, LastCheckedOn: &day, IsCompliant: d.Compliant(now),
		CreatedAt: moment(d.CreatedAt)}
}

func (f *Facts) thing(a asset.Asset) thing {
	owner := f.Owners[a.OwnerID]
	out := thing{ID: a.ID, Name: a.Name, Description: a.Description, Notes: a.Notes, Type: string(a.Type), Classes: []string{}, Provider: string(a.Provider),
		Reference: string(a.Reference), ExternalID: a.ExternalID, ExternalOwnerID: a.ExternalOwnerID, UniqueID: a.UniqueID, OwnerID: a.OwnerID,
		OwnerName: owner.User.DisplayName(), OwnerEmail: owner.User.Email, OwnerStatus: some(string(owner.Status)), RemovedAt: moment(a.RemovedAt),
		CreatedAt: moment(a.CreatedAt), CustomFields: byName(a.Fields)}
	if a.DeviceID != 0 {
		out.DeviceID = &a.DeviceID
	}
	for _, c := range a.Classes {
		out.Classes = append(out.Classes, string(c.Class))
	}
	return out
}

// byName are the values of custom fields as a record has them. One without any has
// no such property: whoever defines none has the records of before.
func byName(values []customfield.Value) map[string]string {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]string, len(values))
	for _, v := range values {
		out[v.Name] = v.Text
	}
	return out
}

func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return some(t.UTC().Format(time.RFC3339))
}

// field is the property with the status of a check: hddEncryptionCheck for
// HDD_ENCRYPTION.
func field(t asset.CheckType) string {
	words := strings.Split(strings.ToLower(string(t)), "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "") + "Check"
}
