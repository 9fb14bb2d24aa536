package httpapi

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireDeviceV1 is a device in v1.
type wireDeviceV1 struct {
	ID                         int64           `json:"id"`
	OSVersion                  *string         `json:"osVersion"`
	SerialNumber               *string         `json:"serialNumber"`
	Model                      *string         `json:"model"`
	MACAddress                 *string         `json:"macAddress"`
	EncryptionEnabled          *bool           `json:"encryptionEnabled"`
	EncryptionExplanation      json.RawMessage `json:"encryptionExplanation" doc:"Any JSON."`
	FirewallEnabled            *bool           `json:"firewallEnabled"`
	FirewallExplanation        json.RawMessage `json:"firewallExplanation"`
	LastCheckedAt              maybeTime       `json:"lastCheckedAt"`
	SourceType                 string          `json:"sourceType" enum:"CUSTOM,AGENT,UNKNOWN" doc:"UNKNOWN: the null device of a person of whom none is reported."`
	CreatedAt                  wireTime        `json:"createdAt"`
	UpdatedAt                  wireTime        `json:"updatedAt"`
	DeletedAt                  maybeTime       `json:"deletedAt"`
	AppsCount                  *int64          `json:"appsCount"`
	IsDeviceCompliant          bool            `json:"isDeviceCompliant" doc:"Every check passes."`
	ScreenLockTime             *float64        `json:"screenLockTime"`
	ScreenLockExplanation      json.RawMessage `json:"screenLockExplanation"`
	AntivirusEnabled           *bool           `json:"antivirusEnabled"`
	AntivirusExplanation       json.RawMessage `json:"antivirusExplanation"`
	AutoUpdateEnabled          *bool           `json:"autoUpdateEnabled"`
	AutoUpdateExplanation      json.RawMessage `json:"autoUpdateExplanation"`
	PasswordManagerEnabled     *bool           `json:"passwordManagerEnabled"`
	PasswordManagerExplanation json.RawMessage `json:"passwordManagerExplanation"`
	AgentVersion               *string         `json:"agentVersion" doc:"The contract's; reports do not tell it, so it is null."`
	UserID                     *int64          `json:"userId"`
	PersonnelID                int64           `json:"personnelId"`
	ExternalID                 *string         `json:"externalId" maxLength:"191"`

	Asset            *wireAssetCompact  `json:"asset,omitempty" doc:"With expand[]=asset."`
	Identifiers      *[]wireIdentifier  `json:"identifiers,omitempty" doc:"With expand[]=identifiers; always with a person or an asset."`
	Documents        *[]wireDocument    `json:"documents,omitempty" doc:"With expand[]=documents; with a person or an asset for a key that may list documents."`
	ComplianceChecks *[]wireCheck       `json:"complianceChecks,omitempty" doc:"With expand[]=complianceChecks; always with a person or an asset."`
	Apps             *[]wireInstalledV1 `json:"apps,omitempty" doc:"Of one device, with expand[]=deviceApps."`
}

// wireInstalledV1 is an application of a device in v1.
type wireInstalledV1 struct {
	ID           int64  `json:"id"`
	InstalledApp string `json:"installedApp" example:"Chrome version 131"`
}

// devicePartsV1 are what v1 adds to a device.
var devicePartsV1 = []string{"asset", "complianceChecks", "documents", "identifiers"}

// deviceV1 is a device, of which w is how v2 shows it.
func deviceV1(w wireDevice, d asset.Device, now time.Time) wireDeviceV1 {
	return wireDeviceV1{ID: w.ID, OSVersion: w.OSVersion, SerialNumber: w.SerialNumber, Model: w.Model, MACAddress: w.MACAddress, EncryptionEnabled: w.EncryptionEnabled,
		EncryptionExplanation: w.EncryptionExplanation, FirewallEnabled: w.FirewallEnabled, FirewallExplanation: w.FirewallExplanation, LastCheckedAt: w.LastCheckedAt,
		SourceType: w.SourceType, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, DeletedAt: w.DeletedAt, AppsCount: w.AppsCount, IsDeviceCompliant: d.Compliant(now),
		ScreenLockTime: w.ScreenLockTime, ScreenLockExplanation: w.ScreenLockExplanation, AntivirusEnabled: w.AntivirusEnabled, AntivirusExplanation: w.AntivirusExplanation,
		AutoUpdateEnabled: w.AutoUpdateEnabled, AutoUpdateExplanation: w.AutoUpdateExplanation, PasswordManagerEnabled: w.PasswordManagerEnabled,
		PasswordManagerExplanation: w.PasswordManagerExplanation, UserID: w.UserID, PersonnelID: w.PersonnelID, ExternalID: w.ExternalID,
		Asset: w.Asset, Identifiers: w.Identifiers, Documents: w.Documents, ComplianceChecks: w.ComplianceChecks}
}

// wholeV1 are devices, by number, as v1 shows them with a person or an asset, where
// no part can be asked for: with all that the caller may see.
func (a *api) wholeV1(c *call, list []asset.Device) (map[int64]wireDeviceV1, error) {
	ids := make([]int64, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	identifiers, err := a.People.Identifiers(c.ctx(), ids)
	if err != nil {
		return nil, err
	}
	mayList, documents := c.principal.Has(access.DocumentsGet), map[int64][]asset.Document{}
	if mayList {
		if documents, err = a.People.DocumentsOfDevices(c.ctx(), ids); err != nil {
			return nil, err
		}
	}
	now, out := a.Now(), make(map[int64]wireDeviceV1, len(list))
	for _, d := range list {
		view, names, checks := deviceV1(deviceView(d), d, now), identifierViews(identifiers[d.ID]), checkViews(d.Checks(now))
		view.Identifiers, view.ComplianceChecks = &names, &checks
		if mayList {
			view.Documents = plainDocuments(documents[d.ID], now)
		}
		out[d.ID] = view
	}
	return out, nil
}

func (a *api) deviceViewsV1(c *call, list ...asset.Device) ([]wireDeviceV1, error) {
	views, err := a.deviceViews(c, list...)
	if err != nil {
		return nil, err
	}
	out := make([]wireDeviceV1, len(list))
	for i, d := range list {
		out[i] = deviceV1(views[i], d, a.Now())
	}
	return out, nil
}

func (a *api) oneDeviceV1(c *call, status int, d asset.Device) (answer, error) {
	views, err := a.deviceViewsV1(c, d)
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func (a *api) deviceListV1(c *call, narrow func(*asset.DeviceFilter) error) (answer, error) {
	f, err := c.deviceFilterV1()
	if err != nil {
		return answer{}, err
	}
	if err := narrow(&f); err != nil {
		return answer{}, err
	}
	r, err := c.numbered(maxPageV1, nil)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.Devices(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.deviceViewsV1(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, numberedPage(r, p, views))
}

func (a *api) listDevicesV1(c *call) (answer, error) {
	return a.deviceListV1(c, func(*asset.DeviceFilter) error { return nil })
}

func (a *api) listPersonDevicesV1(c *call) (answer, error) {
	return a.deviceListV1(c, func(f *asset.DeviceFilter) (err error) {
		f.PersonID, err = c.number("personnelId")
		return err
	})
}

func (a *api) listConnectionDevicesV1(c *call) (answer, error) {
	return a.deviceListV1(c, func(f *asset.DeviceFilter) (err error) {
		f.Source = ""
		f.ConnectionID, err = c.number("connectionId")
		return err
	})
}

func (a *api) getDeviceV1(c *call) (answer, error) {
	id, err := c.number("deviceId")
	if err != nil {
		return answer{}, err
	}
	d, err := a.People.DeviceOrNull(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	views, err := a.deviceViewsV1(c, d)
	if err != nil {
		return answer{}, err
	}
	if !d.Null() && c.expands("deviceApps") {
		all, err := a.People.Installed(c.ctx(), id)
		if err != nil {
			return answer{}, err
		}
		apps := appViewsV1(all.Apps)
		views[0].Apps = &apps
	}
	return reply(http.StatusOK, views[0])
}

// appViewsV1 number applications by their place in the report.
func appViewsV1(list []asset.Program) []wireInstalledV1 {
	out := make([]wireInstalledV1, len(list))
	for i, p := range list {
		out[i] = wireInstalledV1{int64(i) + 1, p.InOne()}
	}
	return out
}

func (a *api) listDeviceAppsV1(c *call) (answer, error) {
	id, err := c.number("deviceId")
	if err != nil {
		return answer{}, err
	}
	number, limit, err := c.place(maxPageV1)
	if err != nil {
		return answer{}, err
	}
	all, err := a.People.Installed(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	apps := appViewsV1(all.Apps)
	total := int64(len(apps))
	first := min((number-1)*limit, total)
	return reply(http.StatusOK, wirePageV1[wireInstalledV1]{Data: slices.Clone(apps[first:min(first+limit, total)]), Page: number, Limit: limit, Total: total})
}

// deviceReportV1 is a deviceReport that names its person by number only.
type deviceReportV1 deviceReport

// Schema implements huma.SchemaProvider.
func (deviceReportV1) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, reflect.TypeFor[deviceReport]())
	s.Properties = maps.Clone(s.Properties)
	s.Properties["personnelId"] = &huma.Schema{Type: huma.TypeInteger, Format: "int64", Description: "The number of the person."}
	return &s
}

func (a *api) reportDeviceV1(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[deviceReport](c)
	if err != nil {
		return answer{}, err
	}
	report, err := body.report()
	if err != nil || report.Owner.ID == 0 {
		return answer{}, cmp.Or(err, error(fault.New(fault.CodeValidation, "`personnelId` must be the number of a person").At("/personnelId")))
	}
	d, err := a.People.ReportDevice(c.ctx(), c.actor(), id, report)
	if err != nil {
		return answer{}, err
	}
	return a.oneDeviceV1(c, http.StatusCreated, d)
}
