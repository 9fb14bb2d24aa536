package asset

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Device is a computer or a phone that an MDM connection reports (contract
// section 2.3).
type Device struct {
	// ID comes from the sequence of personnel.
	ID int64
	// ConnectionID is the connection that reports it, 0 for a null device.
	ConnectionID int64
	AssetID      int64
	PersonID     int64
	// UserID is the person's.
	UserID          int64
	Platform        Platform
	PlatformVersion string
	Alias           *string
	Model           *string
	SerialNumber    *string
	MACAddress      *string
	ExternalID      *string
	Source          Source
	Posture         Posture
	// ScreenLockTime is as it was reported; nil: it was not.
	ScreenLockTime *float64
	AppsCount      int64
	// Evidence is what documents say of its checks.
	Evidence      []Evidence
	LastCheckedAt time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
	DeletedAt     time.Time
}

// Platform is an operating system.
type Platform string

// Platforms are all of them, with what people call them.
var Platforms = map[Platform]string{"MACOS": "macOS", "WINDOWS": "Windows", "LINUX": "Linux", "UNIX": "Unix", "ANDROID": "Android"}

// PlatformNames are their names on the wire, in the order in which people read them.
var PlatformNames = []Platform{"MACOS", "WINDOWS", "LINUX", "UNIX", "ANDROID"}

// Source says through what a device is reported. The words are the contract's.
type Source string

// The sources that occur here: a custom MDM connection, and the agent.
const (
	FromConnection Source = "CUSTOM"
	FromAgent      Source = "AGENT"
	// FromNowhere is the source of a null device.
	FromNowhere Source = "UNKNOWN"
)

// Sources are those that occur here.
var Sources = []Source{FromConnection, FromAgent}

// Protection is what was reported of one.
type Protection struct {
	// Enabled is nil when nothing was reported.
	Enabled *bool
	// Explanation is any JSON, nil when there is none.
	Explanation json.RawMessage
	// Since is from when on reports say so, zero where that was not noted.
	Since time.Time
}

// Posture is what was reported of a device's protections.
type Posture struct {
	Antivirus, AutoUpdate, Firewall, PasswordManager, Encryption, ScreenLock Protection
}

// OSVersion is the system with its version, such as "macOS 15.1".
func (d Device) OSVersion() string {
	return strings.TrimSpace(Platforms[d.Platform] + " " + d.PlatformVersion)
}

// NullDevice stands for the device of a person of whom none is reported: it has the
// person's number, and its checks follow from the documents of the personnel record,
// which are its own. It is in no list, and goes when a device is reported.
func (p Person) NullDevice() Device {
	return Device{ID: p.ID, PersonID: p.ID, UserID: p.UserID, Source: FromNowhere, Evidence: p.Evidence, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
}

// Null reports whether it stands for a device that there is not; see
// [Person.NullDevice].
func (d Device) Null() bool { return d.ConnectionID == 0 }

// Name is what people call the device.
func (d Device) Name() string {
	if d.Null() {
		return "No device"
	}
	for _, text := range []*string{d.Alias, d.Model, d.SerialNumber, d.ExternalID, d.MACAddress} {
		if text != nil && *text != "" {
			return *text
		}
	}
	return fmt.Sprintf("Device %d", d.ID)
}

// Position is the device's place in a list.
func (d Device) Position(order page.Sort) page.Position {
	if order == page.UpdatedAt {
		return page.Position{Value: d.UpdatedAt.UnixMicro(), ID: d.ID}
	}
	return page.Position{Value: d.CreatedAt.UnixMicro(), ID: d.ID}
}

// IdentifierType says what a device is recognised by.
type IdentifierType string

// The types, in the order in which a match is told.
const (
	BySerialNumber IdentifierType = "SERIAL_NUMBER"
	ByMACAddress   IdentifierType = "MAC_ADDRESS"
	ByExternalID   IdentifierType = "EXTERNAL_ID"
)

// Identifier is one thing that a device is recognised by.
type Identifier struct {
	ID   int64
	Type IdentifierType
	// Text is as it was reported, Key the form that is compared.
	Text      string
	Key       string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Program is an application, a browser extension or a service of a device.
type Program struct {
	Name        string  `json:"name"`
	Version     string  `json:"version,omitempty"`
	Description *string `json:"description,omitempty"`
	StartType   string  `json:"startType,omitempty"`
	Status      string  `json:"status,omitempty"`
}

// InOne is the program in one text, such as "Chrome version 131".
func (p Program) InOne() string {
	if p.Version == "" {
		return p.Name
	}
	return p.Name + " version " + p.Version
}

// Installed is what runs on a device.
type Installed struct {
	Apps       []Program `json:"apps,omitempty"`
	Extensions []Program `json:"extensions,omitempty"`
	Services   []Program `json:"services,omitempty"`
}

// ProgramKind is what a program of a device is.
type ProgramKind string

// ProgramKinds are all of them; the first is what an answer lists unless it is
// asked for another one.
var ProgramKinds = []ProgramKind{"APPLICATION", "BROWSER_EXTENSION", "WINDOWS_SERVICE"}

// Found are the programs of a kind, the first one if it is empty, that have a
// text in their name, in any case, in the order of the report.
func (i Installed) Found(kind ProgramKind, text string) []Program {
	list := map[ProgramKind][]Program{"": i.Apps, "APPLICATION": i.Apps, "BROWSER_EXTENSION": i.Extensions, "WINDOWS_SERVICE": i.Services}[kind]
	text = access.Folded(text)
	return slices.DeleteFunc(slices.Clone(list), func(p Program) bool { return !strings.Contains(access.Folded(p.Name), text) })
}

// DeviceFilter narrows a list of devices; zero fields do not.
type DeviceFilter struct {
	PersonID     int64
	ConnectionID int64
	ExternalID   string
	// MACAddress may be several, with commas between them: any of them counts.
	MACAddress   string
	SerialNumber string
	Source       Source
	Platform     Platform
	// Standing keeps those that stand so as a whole at the moment At; Failing those
	// of which this check fails, Stale those without a report that counts.
	Standing []CheckStatus
	Failing  CheckType
	Stale    bool
	At       time.Time
	// Text is part of the name, the model, the serial number or the owner's name
	// or address, in any case.
	Text string
}

// Report is a device as it was reported.
type Report struct {
	Owner  PersonRef
	Device Device
	Installed
}

// Matched is a device that a report may be of, with what it was recognised by.
type Matched struct {
	Device Device
	By     []IdentifierType
	// Orphaned says that the connection which reported it is deleted.
	Orphaned bool
}

// DeviceStore keeps devices.
type DeviceStore interface {
	Devices(ctx context.Context, f DeviceFilter, r page.Request) (page.Page[Device], error)
	// Device reads one that is not deleted; an absent one is a NotFound.
	Device(ctx context.Context, id int64) (Device, error)
	// CountDevices counts them by how they stand at a moment.
	CountDevices(ctx context.Context, at time.Time) ([]DeviceCount, error)
	// DevicesByAsset reads the devices of assets, by asset.
	DevicesByAsset(ctx context.Context, assetIDs []int64) (map[int64]Device, error)
	// DevicesOf reads the devices of people, by person.
	DevicesOf(ctx context.Context, personIDs []int64) (map[int64][]Device, error)
	// Identifiers reads what devices are recognised by, by device.
	Identifiers(ctx context.Context, deviceIDs []int64) (map[int64][]Identifier, error)
	// Installed reads what runs on a device.
	Installed(ctx context.Context, deviceID int64) (Installed, error)
	// ReportDevice stores a report in one transaction: merge gets the person and
	// the devices that are recognised, and gives the device, whose id is 0 when
	// it is new. Its asset is made, or changed, with it. An absent person is a
	// NotFound.
	ReportDevice(ctx context.Context, r Report, ids []Identifier, merge func(Person, []Matched) (Device, error), ev func(Device) event.Event) (Device, error)
	// DeleteDevice deletes a device of a connection, with its asset.
	DeleteDevice(ctx context.Context, connectionID, id int64, at time.Time, ev func(Device) event.Event) error
}

// Devices lists devices.
func (s *Service) Devices(ctx context.Context, f DeviceFilter, r page.Request) (page.Page[Device], error) {
	if strings.Count(f.MACAddress, ",") >= maxAddresses {
		return page.Page[Device]{}, invalid("", "`macAddress` may name at most %d addresses", maxAddresses)
	}
	if f.PersonID != 0 {
		if _, err := s.store.Person(ctx, PersonRef{ID: f.PersonID}); err != nil {
			return page.Page[Device]{}, err
		}
	}
	if f.ConnectionID != 0 {
		if _, err := s.connections.Get(ctx, f.ConnectionID); err != nil {
			return page.Page[Device]{}, err
		}
	}
	f.At = s.now()
	return s.store.Devices(ctx, f, r)
}

// Device reads one; an absent one is a NotFound.
func (s *Service) Device(ctx context.Context, id int64) (Device, error) {
	return s.store.Device(ctx, id)
}

// DeviceOrNull reads one, or by the number of a person of whom none is reported the
// null device. An absent one is a NotFound.
func (s *Service) DeviceOrNull(ctx context.Context, id int64) (Device, error) {
	d, absent := s.store.Device(ctx, id)
	if fault.CodeOf(absent) != fault.CodeNotFound {
		return d, absent
	}
	p, err := s.store.Person(ctx, PersonRef{ID: id})
	if fault.CodeOf(err) == fault.CodeNotFound {
		return Device{}, absent
	}
	if err != nil {
		return Device{}, err
	}
	devices, err := s.store.DevicesOf(ctx, []int64{id})
	if err != nil {
		return Device{}, err
	}
	if n := len(devices[id]); n > 0 {
		return Device{}, fault.New(fault.CodeNotFound, "there is no device %d: it is the number of a person with %d devices, which GET /personnel/%d/devices lists", id, n, id)
	}
	return p.NullDevice(), nil
}

// DevicesByAsset reads the devices that assets stand for, by asset.
func (s *Service) DevicesByAsset(ctx context.Context, assetIDs []int64) (map[int64]Device, error) {
	return s.store.DevicesByAsset(ctx, assetIDs)
}

// DevicesOf reads the devices of people, by person.
func (s *Service) DevicesOf(ctx context.Context, personIDs []int64) (map[int64][]Device, error) {
	return s.store.DevicesOf(ctx, personIDs)
}

// Asset is the asset that stands for the device of a person.
func (d Device) Asset(p Person) Asset {
	provider := ByHand
	if d.Source == FromAgent {
		provider = ByAgent
	}
	return Asset{Name: d.Name(), Description: d.OSVersion(), Classes: []Class{{Class: "HARDWARE", CreatedAt: d.CreatedAt}}, Type: Physical, Provider: provider,
		Reference: Workstation, ExternalID: d.ExternalID, UniqueID: d.SerialNumber, OwnerID: p.UserID, DeviceID: d.ID, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
}

// Identifiers reads what devices are recognised by, by device.
func (s *Service) Identifiers(ctx context.Context, deviceIDs []int64) (map[int64][]Identifier, error) {
	return s.store.Identifiers(ctx, deviceIDs)
}

// Installed reads what runs on a device.
func (s *Service) Installed(ctx context.Context, deviceID int64) (Installed, error) {
	return s.store.Installed(ctx, deviceID)
}

func (s *Service) mdm(ctx context.Context, id int64) (connection.Connection, error) {
	c, err := s.connections.Get(ctx, id)
	if err == nil && !slices.Contains(c.ProviderTypes, connection.MDM) {
		err = fault.New(fault.CodeValidation, "connection %d is not an MDM connection: devices go to one whose `providerTypes` name MDM", id)
	}
	return c, err
}

// TakeDevices refuses connections that are not there, or take no devices, for a
// key that is to report to them.
func (s *Service) TakeDevices(ctx context.Context, ids ...int64) error {
	for i, id := range ids {
		pointer := fmt.Sprintf("/connectionIds/%d", i)
		switch _, err := s.mdm(ctx, id); {
		case fault.KindOf(err) == fault.NotFound:
			return invalid(pointer, "there is no connection %d", id)
		case fault.CodeOf(err) == fault.CodeValidation:
			return invalid(pointer, "connection %d is not an MDM connection: only those take devices", id)
		case err != nil:
			return err
		}
	}
	return nil
}

const (
	maxPrograms   = 10000
	maxIdentifier = 500
)

// ReportDevice creates the device of a report, or replaces what was known of
// it. It is recognised by serial number, MAC address or external id; two devices
// that are recognised, one of another connection and one of another person are
// a Conflict.
func (s *Service) ReportDevice(ctx context.Context, a event.Actor, connectionID int64, r Report) (Device, error) {
	c, err := s.mdm(ctx, connectionID)
	if err != nil {
		return Device{}, err
	}
	if err := c.Intake(); err != nil {
		return Device{}, err
	}
	if err := r.check(); err != nil {
		return Device{}, err
	}
	now := s.now()
	ids := r.Device.identifiers(now)
	if len(ids) == 0 {
		return Device{}, invalid("/serialNumber", "a device is recognised by `serialNumber`, `macAddress` or `externalId`: give at least one of them")
	}
	r.Device.ConnectionID, r.Device.LastCheckedAt, r.Device.UpdatedAt = c.ID, now, now
	r.Device.AppsCount = int64(len(r.Apps))
	if r.Device.Source == "" {
		r.Device.Source = FromConnection
	}
	created := false
	return s.store.ReportDevice(ctx, r, ids, func(p Person, found []Matched) (Device, error) {
		d := r.Device
		created = len(found) == 0
		d.PersonID, d.UserID, d.CreatedAt = p.ID, p.UserID, now
		if created {
			d.date(nil, now)
			return d, nil
		}
		if err := sole(found, c.ID, p); err != nil {
			return d, err
		}
		old := found[0].Device
		d.ID, d.AssetID, d.CreatedAt = old.ID, old.AssetID, old.CreatedAt
		d.date(&old, now)
		return d, nil
	}, func(d Device) event.Event {
		kind, what := event.DeviceUpdated, "was reported"
		if created {
			kind, what = event.DeviceLinked, "was reported for the first time"
		}
		return deviceEvent(a, now, kind, d, what)
	})
}

// sole refuses what a report cannot be of.
func sole(found []Matched, connectionID int64, p Person) error {
	if len(found) > 1 {
		return fault.New(fault.CodeDeviceConflict, "the report is of two devices: %s is that of device %d, %s that of device %d",
			found[0].By[0], found[0].Device.ID, found[1].By[0], found[1].Device.ID)
	}
	d := found[0].Device
	if d.ConnectionID != connectionID && !found[0].Orphaned {
		return fault.New(fault.CodeDeviceConflict, "device %d, recognised by its %s, is reported by connection %d", d.ID, found[0].By[0], d.ConnectionID)
	}
	if d.PersonID != p.ID {
		return fault.New(fault.CodeDeviceOwner, "device %d, recognised by its %s, belongs to person %d: delete it before it is given to person %d",
			d.ID, found[0].By[0], d.PersonID, p.ID)
	}
	return nil
}

func deviceEvent(a event.Actor, at time.Time, t event.Type, d Device, what string) event.Event {
	e := event.New(a, at, t, event.CategoryDevice, "Device “"+d.Name()+"” "+what, map[string]any{"deviceId": d.ID, "personnelId": d.PersonID, "assetId": d.AssetID})
	e.ConnectionID = d.ConnectionID
	return e
}

// DeleteDevice deletes a device with its asset, also that of a connection that
// is deleted.
func (s *Service) DeleteDevice(ctx context.Context, a event.Actor, connectionID, id int64) error {
	now := s.now()
	return s.store.DeleteDevice(ctx, connectionID, id, now, func(d Device) event.Event {
		return deviceEvent(a, now, event.DeviceDeleted, d, "was deleted")
	})
}

func (r Report) check() error {
	d := r.Device
	if _, known := Platforms[d.Platform]; !known {
		return invalid("/platformName", "`platformName` is %q; it must be MACOS, WINDOWS, LINUX, UNIX or ANDROID", d.Platform)
	}
	if d.PlatformVersion == "" {
		return invalid("/platformVersion", "`platformVersion` is required")
	}
	for _, f := range []struct {
		name string
		text *string
		most int
	}{{"platformVersion", &d.PlatformVersion, maxText}, {"alias", d.Alias, maxText}, {"model", d.Model, maxText}, {"serialNumber", d.SerialNumber, maxText},
		{"macAddress", d.MACAddress, maxIdentifier}, {"externalId", d.ExternalID, maxText}} {
		if f.text != nil && utf8.RuneCountInString(*f.text) > f.most {
			return invalid("/"+f.name, "`%s` may have at most %d characters", f.name, f.most)
		}
	}
	for _, l := range []struct {
		name string
		list []Program
	}{{"appList", r.Apps}, {"browserExtensions", r.Extensions}, {"windowsServices", r.Services}} {
		if len(l.list) > maxPrograms {
			return invalid("/"+l.name, "`%s` may name at most %d", l.name, maxPrograms)
		}
		for i, p := range l.list {
			if f := p.refused(l.name == "windowsServices"); f != "" {
				return invalid(fmt.Sprintf("/%s/%d/%s", l.name, i, f), "`%s` of `%s` must have at most %d characters, and a name at least one", f, l.name, maxText)
			}
		}
	}
	return nil
}

// refused is the first field that is too long, or missing.
func (p Program) refused(service bool) string {
	about := ""
	if service && p.Description != nil {
		about = *p.Description
	}
	for _, f := range []struct{ name, text string }{{"name", p.Name}, {"version", p.Version}, {"description", about}, {"startType", p.StartType}, {"status", p.Status}} {
		if utf8.RuneCountInString(f.text) > maxText || f.name == "name" && f.text == "" {
			return f.name
		}
	}
	return ""
}

// identifiers are what the device is recognised by. Serial numbers and external
// ids are compared in any case, MAC addresses in any of their notations.
func (d Device) identifiers(now time.Time) []Identifier {
	var out []Identifier
	add := func(t IdentifierType, text, key string) {
		if key != "" && !slices.ContainsFunc(out, func(i Identifier) bool { return i.Type == t && i.Key == key }) {
			out = append(out, Identifier{Type: t, Text: text, Key: key, CreatedAt: now, UpdatedAt: now})
		}
	}
	if d.SerialNumber != nil {
		add(BySerialNumber, *d.SerialNumber, SerialKey(*d.SerialNumber))
	}
	if d.MACAddress != nil {
		for each := range strings.SplitSeq(*d.MACAddress, ",") {
			add(ByMACAddress, strings.TrimSpace(each), MACKey(each))
		}
	}
	if d.ExternalID != nil {
		add(ByExternalID, *d.ExternalID, SerialKey(*d.ExternalID))
	}
	return out
}

// SerialKey is the form of a serial number or an external id that is compared.
func SerialKey(text string) string { return access.Folded(strings.TrimSpace(text)) }

// maxAddresses is how many MAC addresses a filter may name.
const maxAddresses = 100

// MACKeys are the keys of addresses with commas between them.
func MACKeys(text string) []string {
	var out []string
	for each := range strings.SplitSeq(text, ",") {
		out = append(out, MACKey(each))
	}
	return out
}

// MACKey is the form of a MAC address that is compared: its digits.
func MACKey(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, text)
}
