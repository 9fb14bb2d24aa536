package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireDevice is the contract's device (section 2.3).
type wireDevice struct {
	ID                         int64           `json:"id"`
	AssetID                    *int64          `json:"assetId"`
	OSVersion                  *string         `json:"osVersion"`
	SerialNumber               *string         `json:"serialNumber"`
	Model                      *string         `json:"model"`
	MACAddress                 *string         `json:"macAddress"`
	LastCheckedAt              maybeTime       `json:"lastCheckedAt"`
	SourceType                 string          `json:"sourceType" enum:"CUSTOM,AGENT,UNKNOWN" doc:"UNKNOWN: the null device of a person of whom none is reported."`
	CreatedAt                  wireTime        `json:"createdAt"`
	UpdatedAt                  wireTime        `json:"updatedAt"`
	DeletedAt                  maybeTime       `json:"deletedAt"`
	AppsCount                  *int64          `json:"appsCount"`
	ScreenLockTime             *float64        `json:"screenLockTime"`
	ScreenLockExplanation      json.RawMessage `json:"screenLockExplanation" doc:"Any JSON."`
	AntivirusEnabled           *bool           `json:"antivirusEnabled"`
	AntivirusExplanation       json.RawMessage `json:"antivirusExplanation"`
	AutoUpdateEnabled          *bool           `json:"autoUpdateEnabled"`
	AutoUpdateExplanation      json.RawMessage `json:"autoUpdateExplanation"`
	PasswordManagerEnabled     *bool           `json:"passwordManagerEnabled"`
	PasswordManagerExplanation json.RawMessage `json:"passwordManagerExplanation"`
	EncryptionEnabled          *bool           `json:"encryptionEnabled"`
	EncryptionExplanation      json.RawMessage `json:"encryptionExplanation"`
	FirewallEnabled            *bool           `json:"firewallEnabled"`
	FirewallExplanation        json.RawMessage `json:"firewallExplanation"`
	UserID                     *int64          `json:"userId"`
	PersonnelID                int64           `json:"personnelId"`
	ExternalID                 *string         `json:"externalId" maxLength:"191"`
	ConnectionID               *int64          `json:"connectionId" doc:"null for a null device."`
	DisplayName                string          `json:"displayName" doc:"What people call it."`
	PlatformName               string          `json:"platformName,omitempty" enum:"MACOS,WINDOWS,LINUX,UNIX,ANDROID" doc:"A null device has none."`
	ScreenLockEnabled          *bool           `json:"screenLockEnabled"`

	Owner             *wireUser          `json:"owner,omitempty" doc:"With expand[]=owner, the user whose it is."`
	Asset             *wireAssetCompact  `json:"asset,omitempty" doc:"With expand[]=asset."`
	Identifiers       *[]wireIdentifier  `json:"identifiers,omitempty" doc:"With expand[]=identifiers."`
	Documents         *[]wireDocument    `json:"documents,omitempty" doc:"With expand[]=documents."`
	ComplianceChecks  *[]wireCheck       `json:"complianceChecks,omitempty" doc:"With expand[]=complianceChecks."`
	ComplianceStatus  *string            `json:"complianceStatus,omitempty" enum:"PASS,FAIL,MISCONFIGURED" doc:"With expand[]=complianceChecks: FAIL if a check fails, else MISCONFIGURED if one is."`
	IsDeviceCompliant *bool              `json:"isDeviceCompliant,omitempty" doc:"With expand[]=complianceChecks: every check passes."`
	Apps              *[]wireInstalledIn `json:"apps,omitempty" doc:"Of one device, with expand[]=apps or deviceApps."`
}

type wireIdentifier struct {
	ID         int64    `json:"id"`
	Type       string   `json:"type" enum:"SERIAL_NUMBER,MAC_ADDRESS,EXTERNAL_ID"`
	Identifier string   `json:"identifier"`
	CreatedAt  wireTime `json:"createdAt"`
	UpdatedAt  wireTime `json:"updatedAt"`
}

// wireInstalledIn is an application of a device.
type wireInstalledIn struct {
	ID           int64         `json:"id"`
	InstalledApp string        `json:"installedApp" example:"Chrome version 131"`
	Program      asset.Program `json:"program" doc:"The same in its parts."`
}

var deviceParts = []string{"asset", "complianceChecks", "documents", "identifiers", "owner"}

func identifierViews(list []asset.Identifier) []wireIdentifier {
	out := make([]wireIdentifier, len(list))
	for i, each := range list {
		out[i] = wireIdentifier{each.ID, string(each.Type), each.Text, wireTime(each.CreatedAt), wireTime(each.UpdatedAt)}
	}
	return out
}

func deviceView(d asset.Device) wireDevice {
	p := d.Posture
	out := wireDevice{ID: d.ID, AssetID: orNull(d.AssetID), OSVersion: orNull(d.OSVersion()), SerialNumber: d.SerialNumber, Model: d.Model, MACAddress: d.MACAddress,
		LastCheckedAt: maybeTime(d.LastCheckedAt), SourceType: string(d.Source), CreatedAt: wireTime(d.CreatedAt), UpdatedAt: wireTime(d.UpdatedAt),
		AppsCount: &d.AppsCount, ScreenLockTime: d.ScreenLockTime, ScreenLockExplanation: p.ScreenLock.Explanation, AntivirusEnabled: p.Antivirus.Enabled,
		AntivirusExplanation: p.Antivirus.Explanation, AutoUpdateEnabled: p.AutoUpdate.Enabled, AutoUpdateExplanation: p.AutoUpdate.Explanation,
		PasswordManagerEnabled: p.PasswordManager.Enabled, PasswordManagerExplanation: p.PasswordManager.Explanation, EncryptionEnabled: p.Encryption.Enabled,
		EncryptionExplanation: p.Encryption.Explanation, FirewallEnabled: p.Firewall.Enabled, FirewallExplanation: p.Firewall.Explanation, UserID: orNull(d.UserID),
		PersonnelID: d.PersonID, ExternalID: d.ExternalID, ConnectionID: orNull(d.ConnectionID), DisplayName: d.Name(), PlatformName: string(d.Platform), ScreenLockEnabled: p.ScreenLock.Enabled}
	if d.Null() {
		out.AppsCount = nil
	}
	return out
}

func (a *api) deviceViews(c *call, list ...asset.Device) ([]wireDevice, error) {
	byID, assetIDs := map[int64]asset.Device{}, []int64{}
	for _, d := range list {
		byID[d.ID] = d
		assetIDs = append(assetIDs, d.AssetID)
	}
	identifiers, err := a.identifiers(c, byID)
	if err != nil {
		return nil, err
	}
	owners, err := people(a, c, "owner", list, func(d asset.Device) int64 { return d.UserID })
	if err != nil {
		return nil, err
	}
	var assets map[int64]asset.Asset
	var company access.Company
	if c.expands("asset") {
		if company, err = a.Access.Company(c.ctx()); err != nil {
			return nil, err
		}
		if assets, err = a.People.AssetsByID(c.ctx(), assetIDs); err != nil {
			return nil, err
		}
	}
	var documents map[int64][]asset.Document
	if c.expands("documents") {
		if documents, err = a.documentsOf(c, list); err != nil {
			return nil, err
		}
	}
	out := make([]wireDevice, len(list))
	for i, d := range list {
		out[i] = deviceView(d)
		out[i].Owner = owners[d.UserID]
		if c.expands("documents") {
			out[i].Documents = plainDocuments(documents[d.ID], a.Now())
		}
		if v, is := assets[d.AssetID]; is {
			out[i].Asset = assetOfDevice(v, d, company.Name)
		}
		a.withChecks(c, &out[i], d, identifiers[d.ID])
	}
	return out, nil
}

// documentsOf are the documents of devices, by device. Those of a null device are
// the personnel record's.
func (a *api) documentsOf(c *call, list []asset.Device) (map[int64][]asset.Document, error) {
	ids := make([]int64, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	out, err := a.People.DocumentsOfDevices(c.ctx(), ids)
	for _, d := range list {
		if err == nil && d.Null() {
			out[d.ID], err = a.People.Documents(c.ctx(), d.ID, "")
		}
	}
	return out, err
}

// withChecks puts what a device is recognised by and how it stands into its view,
// as far as it is asked for.
func (a *api) withChecks(c *call, view *wireDevice, d asset.Device, identifiers []asset.Identifier) {
	if c.expands("identifiers") {
		views := identifierViews(identifiers)
		view.Identifiers = &views
	}
	if c.expands("complianceChecks") {
		checks, compliant, standing := checkViews(d.Checks(a.Now())), d.Compliant(a.Now()), string(d.Standing(a.Now()))
		view.ComplianceChecks, view.IsDeviceCompliant, view.ComplianceStatus = &checks, &compliant, &standing
	}
}

// deviceFilterV1 is the filter that v1 knows, too.
func (c *call) deviceFilterV1() (f asset.DeviceFilter, err error) {
	for _, p := range []parameter[*string]{{"externalId", &f.ExternalID}, {"macAddress", &f.MACAddress}, {"serialNumber", &f.SerialNumber}} {
		if *p.into, err = c.text(p.name); err != nil {
			return f, err
		}
	}
	if f.PersonID, err = c.id("personnelId"); err != nil {
		return f, err
	}
	source, err := c.choice("sourceType", deviceSources...)
	if err == nil && utf8.RuneCountInString(f.ExternalID) > maxShort {
		err = fault.New(fault.CodeValidation, "`externalId` may have at most %d characters", maxShort)
	}
	f.Source = asset.Source(source)
	return f, err
}

func (c *call) deviceFilter() (asset.DeviceFilter, error) {
	f, err := c.deviceFilterV1()
	if err != nil {
		return f, err
	}
	if f.Text, err = c.text("q"); err != nil {
		return f, err
	}
	if f.ConnectionID, err = c.id("connectionId"); err != nil {
		return f, err
	}
	platform, err := c.choice("platformName", choices(asset.PlatformNames)...)
	if err != nil {
		return f, err
	}
	f.Platform = asset.Platform(platform)
	if f.Standing, err = c.standing(deviceStatuses); err != nil {
		return f, err
	}
	failing, err := c.choice("failingCheck", choices(asset.DeviceChecks())...)
	f.Failing = asset.CheckType(failing)
	if err != nil {
		return f, err
	}
	f.Stale, err = c.boolean("stale")
	return f, err
}

func (a *api) deviceList(c *call, narrow func(*asset.DeviceFilter) error) (answer, error) {
	f, err := c.deviceFilter()
	if err != nil {
		return answer{}, err
	}
	if err := narrow(&f); err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.Devices(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.deviceViews(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireDevice]{Data: views, Pagination: paginationOf(p.Next, p.Total)})
}

func (a *api) listDevices(c *call) (answer, error) {
	return a.deviceList(c, func(*asset.DeviceFilter) error { return nil })
}

func (a *api) listPersonDevices(c *call) (answer, error) {
	return a.deviceList(c, func(f *asset.DeviceFilter) error {
		ref, err := c.personRef()
		if err != nil {
			return err
		}
		p, err := a.People.Person(c.ctx(), ref)
		f.PersonID = p.ID
		return err
	})
}

func (a *api) listConnectionDevices(c *call) (answer, error) {
	return a.deviceList(c, func(f *asset.DeviceFilter) (err error) {
		f.ConnectionID, err = c.number("connectionId")
		return err
	})
}

func (a *api) getDevice(c *call) (answer, error) {
	id, err := c.number("deviceId")
	if err != nil {
		return answer{}, err
	}
	d, err := a.People.DeviceOrNull(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	views, err := a.deviceViews(c, d)
	if err != nil {
		return answer{}, err
	}
	if !d.Null() && (c.expands("apps") || c.expands("deviceApps")) {
		all, err := a.People.Installed(c.ctx(), id)
		if err != nil {
			return answer{}, err
		}
		apps := appViews(all.Apps)
		views[0].Apps = &apps
	}
	return reply(http.StatusOK, views[0])
}

// appViews number applications by their place in the report.
func appViews(list []asset.Program) []wireInstalledIn {
	out := make([]wireInstalledIn, len(list))
	for i, p := range list {
		out[i] = wireInstalledIn{ID: int64(i) + 1, InstalledApp: p.InOne(), Program: p}
	}
	return out
}

func (a *api) listDeviceApps(c *call) (answer, error) {
	id, err := c.number("deviceId")
	if err != nil {
		return answer{}, err
	}
	// The order of the report is that of both times.
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	text, err := c.text("q")
	if err != nil {
		return answer{}, err
	}
	kind, err := c.choice("kind", choices(asset.ProgramKinds)...)
	if err != nil {
		return answer{}, err
	}
	all, err := a.People.Installed(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	p := pageOf(r, appViews(all.Found(asset.ProgramKind(kind), text)), func(v wireInstalledIn) int64 { return v.ID })
	return reply(http.StatusOK, wireList[wireInstalledIn]{Data: p.Items, Pagination: paginationOf(p.Next, p.Total)})
}

// numberOrText is the JSON of a property that is a number or a string.
type numberOrText json.RawMessage

// UnmarshalJSON implements json.Unmarshaler.
func (v *numberOrText) UnmarshalJSON(text []byte) error {
	*v = append((*v)[:0], text...)
	return nil
}

// Schema implements huma.SchemaProvider.
func (numberOrText) Schema(huma.Registry) *huma.Schema { return numberOrWord() }

// numberOrWord is an id that has a second form, a word with a colon.
func numberOrWord() *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeInteger, Format: "int64"}, {Type: huma.TypeString}}}
}

// reportedApp and reportedService are as the contract has them. What a report
// leaves out of one is not known.
type reportedApp struct {
	_           struct{} `additionalProperties:"true"`
	Name        string   `json:"name" minLength:"1" maxLength:"191"`
	Version     string   `json:"version" maxLength:"191"`
	Description *string  `json:"description,omitempty" nullable:"true"`
}

type reportedService struct {
	_           struct{} `additionalProperties:"true"`
	Description string   `json:"description" maxLength:"191"`
	Name        string   `json:"name" minLength:"1" maxLength:"191"`
	StartType   string   `json:"startType" maxLength:"191"`
	Status      string   `json:"status" maxLength:"191"`
}

func programs(list []reportedApp) []asset.Program {
	out := make([]asset.Program, len(list))
	for i, p := range list {
		out[i] = asset.Program{Name: p.Name, Version: p.Version, Description: p.Description}
	}
	return out
}

func services(list []reportedService) []asset.Program {
	out := make([]asset.Program, len(list))
	for i, p := range list {
		out[i] = asset.Program{Name: p.Name, Description: orNull(p.Description), StartType: p.StartType, Status: p.Status}
	}
	return out
}

// deviceReport is a device as it is reported; what it leaves out is not known.
type deviceReport struct {
	_                          struct{}          `additionalProperties:"true"`
	PersonnelID                numberOrText      `json:"personnelId" doc:"The number of the person, or email: and the address."`
	PlatformName               string            `json:"platformName" enum:"MACOS,WINDOWS,LINUX,UNIX,ANDROID"`
	PlatformVersion            string            `json:"platformVersion" minLength:"1" maxLength:"191"`
	Alias                      *string           `json:"alias,omitempty" nullable:"true" maxLength:"191"`
	Model                      *string           `json:"model,omitempty" nullable:"true" maxLength:"191"`
	SerialNumber               *string           `json:"serialNumber,omitempty" nullable:"true" maxLength:"191" doc:"A device is recognised by this, macAddress or externalId."`
	MACAddress                 *string           `json:"macAddress,omitempty" nullable:"true" doc:"Several stand with commas between them."`
	ExternalID                 *string           `json:"externalId,omitempty" nullable:"true" maxLength:"191"`
	AppList                    []reportedApp     `json:"appList,omitempty"`
	BrowserExtensions          []reportedApp     `json:"browserExtensions,omitempty"`
	WindowsServices            []reportedService `json:"windowsServices,omitempty"`
	ScreenLockTime             *float64          `json:"screenLockTime,omitempty" nullable:"true"`
	AntivirusEnabled           *bool             `json:"antivirusEnabled,omitempty" nullable:"true"`
	AntivirusExplanation       json.RawMessage   `json:"antivirusExplanation,omitempty" doc:"Any JSON."`
	AutoUpdateEnabled          *bool             `json:"autoUpdateEnabled,omitempty" nullable:"true"`
	AutoUpdateExplanation      json.RawMessage   `json:"autoUpdateExplanation,omitempty"`
	FirewallEnabled            *bool             `json:"firewallEnabled,omitempty" nullable:"true"`
	FirewallExplanation        json.RawMessage   `json:"firewallExplanation,omitempty"`
	PasswordManagerEnabled     *bool             `json:"passwordManagerEnabled,omitempty" nullable:"true"`
	PasswordManagerExplanation json.RawMessage   `json:"passwordManagerExplanation,omitempty"`
	EncryptionEnabled          *bool             `json:"encryptionEnabled,omitempty" nullable:"true"`
	EncryptionExplanation      json.RawMessage   `json:"encryptionExplanation,omitempty"`
	ScreenLockEnabled          *bool             `json:"screenLockEnabled,omitempty" nullable:"true"`
	ScreenLockExplanation      json.RawMessage   `json:"screenLockExplanation,omitempty"`
}

// owner is the person that a report names.
func (b deviceReport) owner() (asset.PersonRef, error) {
	return personNamed(b.PersonnelID, "`personnelId` must be", "/personnelId")
}

// personNamed is the person that a value names; what and pointer are for the
// refusal.
func personNamed(v numberOrText, what, pointer string) (asset.PersonRef, error) {
	var id int64
	var text string
	if err := json.Unmarshal(v, &id); err == nil && id > 0 {
		return asset.PersonRef{ID: id}, nil
	}
	if err := json.Unmarshal(v, &text); err == nil {
		if email, ok := strings.CutPrefix(text, "email:"); ok && email != "" {
			return asset.PersonRef{Email: email}, nil
		}
	}
	return asset.PersonRef{}, fault.New(fault.CodeValidation, "%s the number of a person, or %q and an address", what, "email:").At(pointer)
}

func (b deviceReport) report() (asset.Report, error) {
	owner, err := b.owner()
	said := func(enabled *bool, explanation json.RawMessage) asset.Protection {
		if string(explanation) == "null" {
			explanation = nil
		}
		return asset.Protection{Enabled: enabled, Explanation: explanation}
	}
	return asset.Report{Owner: owner, Device: asset.Device{Platform: asset.Platform(b.PlatformName), PlatformVersion: b.PlatformVersion, Alias: b.Alias, Model: b.Model,
		SerialNumber: b.SerialNumber, MACAddress: b.MACAddress, ExternalID: b.ExternalID, ScreenLockTime: b.ScreenLockTime, Posture: asset.Posture{
			Antivirus: said(b.AntivirusEnabled, b.AntivirusExplanation), AutoUpdate: said(b.AutoUpdateEnabled, b.AutoUpdateExplanation),
			Firewall: said(b.FirewallEnabled, b.FirewallExplanation), PasswordManager: said(b.PasswordManagerEnabled, b.PasswordManagerExplanation),
			Encryption: said(b.EncryptionEnabled, b.EncryptionExplanation), ScreenLock: said(b.ScreenLockEnabled, b.ScreenLockExplanation)}},
		Installed: asset.Installed{Apps: programs(b.AppList), Extensions: programs(b.BrowserExtensions), Services: services(b.WindowsServices)}}, err
}

func (a *api) reportDevice(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[deviceReport](c)
	if err != nil {
		return answer{}, err
	}
	report, err := body.report()
	if err != nil {
		return answer{}, err
	}
	if c.principal.Key.Reports() {
		report.Device.Source = asset.FromAgent
	}
	d, err := a.People.ReportDevice(c.ctx(), c.actor(), id, report)
	if err != nil {
		return answer{}, err
	}
	views, err := a.deviceViews(c, d)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, views[0])
}

func (a *api) deleteDevice(c *call) (answer, error) {
	connectionID, id, err := c.numbers("connectionId", "deviceId")
	if err != nil {
		return answer{}, err
	}
	if err := a.People.DeleteDevice(c.ctx(), c.actor(), connectionID, id); err != nil {
		return answer{}, err
	}
	return noContent(), nil
}
