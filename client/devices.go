package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Device is a computer or a phone that an MDM connection reports. By the number of a
// person of whom none is reported there is a null device, with the documents of the
// personnel record: its ConnectionID is 0.
type Device struct {
	ID          int64  `json:"id"`
	DisplayName string `json:"displayName"`
	// PlatformName is MACOS, WINDOWS, LINUX, UNIX or ANDROID.
	PlatformName string  `json:"platformName"`
	OSVersion    *string `json:"osVersion"`
	Model        *string `json:"model"`
	SerialNumber *string `json:"serialNumber"`
	// MACAddress may hold several with commas between them.
	MACAddress   *string `json:"macAddress"`
	ExternalID   *string `json:"externalId"`
	PersonnelID  int64   `json:"personnelId"`
	UserID       *int64  `json:"userId"`
	AssetID      *int64  `json:"assetId"`
	ConnectionID int64   `json:"connectionId"`
	// SourceType is CUSTOM, AGENT for a report of `plumbline agent`, or UNKNOWN for a
	// null device.
	SourceType string `json:"sourceType"`
	AppsCount  *int64 `json:"appsCount"`
	// LastCheckedAt is when it was reported last.
	LastCheckedAt *time.Time `json:"lastCheckedAt"`
	CreatedAt     time.Time  `json:"createdAt"`
	UpdatedAt     time.Time  `json:"updatedAt"`

	// What was reported; nil was not. Explanations are any JSON.
	EncryptionEnabled          *bool           `json:"encryptionEnabled"`
	EncryptionExplanation      json.RawMessage `json:"encryptionExplanation"`
	FirewallEnabled            *bool           `json:"firewallEnabled"`
	FirewallExplanation        json.RawMessage `json:"firewallExplanation"`
	ScreenLockEnabled          *bool           `json:"screenLockEnabled"`
	ScreenLockExplanation      json.RawMessage `json:"screenLockExplanation"`
	ScreenLockTime             *float64        `json:"screenLockTime"`
	AutoUpdateEnabled          *bool           `json:"autoUpdateEnabled"`
	AutoUpdateExplanation      json.RawMessage `json:"autoUpdateExplanation"`
	AntivirusEnabled           *bool           `json:"antivirusEnabled"`
	AntivirusExplanation       json.RawMessage `json:"antivirusExplanation"`
	PasswordManagerEnabled     *bool           `json:"passwordManagerEnabled"`
	PasswordManagerExplanation json.RawMessage `json:"passwordManagerExplanation"`

	// Owner is whose it is, as a user.
	Owner  *Owner  `json:"owner"`
	Checks []Check `json:"complianceChecks"`
	// ComplianceStatus is PASS, FAIL or MISCONFIGURED over all checks.
	ComplianceStatus string `json:"complianceStatus"`
}

// Owner is the user whose a device or an asset is.
type Owner struct {
	ID        int64   `json:"id"`
	Email     string  `json:"email"`
	FirstName *string `json:"firstName"`
	LastName  *string `json:"lastName"`
}

// DeviceFilter narrows a list of devices; zero fields do not.
type DeviceFilter struct {
	// Text is a part of the name, the model, an identifier or the owner.
	Text                                 string
	PersonnelID, ConnectionID            int64
	SerialNumber, MACAddress, ExternalID string
	// Platform is MACOS, WINDOWS, LINUX, UNIX or ANDROID, Source is CUSTOM or
	// AGENT.
	Platform, Source string
}

var withStanding = url.Values{"expand[]": {"complianceChecks", "owner"}}

// Devices walks the devices of the organisation with their checks and owners.
func (c *Client) Devices(ctx context.Context, f DeviceFilter, l List) iter.Seq2[Device, error] {
	q := l.values()
	q["expand[]"] = withStanding["expand[]"]
	set(q, "q", f.Text)
	setID(q, "personnelId", f.PersonnelID)
	setID(q, "connectionId", f.ConnectionID)
	set(q, "serialNumber", f.SerialNumber)
	set(q, "macAddress", f.MACAddress)
	set(q, "externalId", f.ExternalID)
	set(q, "platformName", f.Platform)
	set(q, "sourceType", f.Source)
	return walk[Device](ctx, c, "/devices", q)
}

// Device reads one with its checks and its owner.
func (c *Client) Device(ctx context.Context, id int64) (Device, error) {
	var out Device
	return out, c.get(ctx, path("devices", id), withStanding, &out)
}

// ReportDevice tells of a device, a JSON object such as a [DeviceReport]; what it
// leaves out is not known any more.
func (c *Client) ReportDevice(ctx context.Context, connectionID int64, report json.RawMessage) (Device, error) {
	var out Device
	_, err := c.write(ctx, http.MethodPost, path("custom-connections", connectionID, "devices"), withStanding, report, &out)
	return out, err
}

// DeleteDevice deletes a device of a connection with its asset and its documents.
func (c *Client) DeleteDevice(ctx context.Context, connectionID, id int64) error {
	return c.delete(ctx, path("custom-connections", connectionID, "devices", id))
}

// DeviceApp is something that is installed on a device.
type DeviceApp struct {
	// ID is its place in the report.
	ID      int64           `json:"id"`
	Program ReportedProgram `json:"program"`
}

// DeviceApps walks what is installed on a device. Kind is APPLICATION (default),
// BROWSER_EXTENSION or WINDOWS_SERVICE; text is a part of the name.
func (c *Client) DeviceApps(ctx context.Context, id int64, kind, text string, l List) iter.Seq2[DeviceApp, error] {
	q := l.values()
	set(q, "kind", kind)
	set(q, "q", text)
	return walk[DeviceApp](ctx, c, path("devices", id, "apps"), q)
}

// DeviceHistory walks what became of a device, a deleted one too.
func (c *Client) DeviceHistory(ctx context.Context, id int64, l List) iter.Seq2[ObjectChange, error] {
	return walk[ObjectChange](ctx, c, path("devices", id, "history"), l.values())
}
