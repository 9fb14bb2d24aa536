package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Device is a computer or a phone that an MDM connection reports.
type Device struct {
	ID           int64   `json:"id"`
	DisplayName  string  `json:"displayName"`
	OSVersion    *string `json:"osVersion"`
	SerialNumber *string `json:"serialNumber"`
	PersonnelID  int64   `json:"personnelId"`
	ConnectionID int64   `json:"connectionId"`
	// LastCheckedAt is when it was reported last.
	LastCheckedAt *time.Time `json:"lastCheckedAt"`
}

// Devices walks the devices of the organisation.
func (c *Client) Devices(ctx context.Context, l List) iter.Seq2[Device, error] {
	return walk[Device](ctx, c, "/devices", l.values())
}

// ReportDevice tells of a device, a JSON object; what it leaves out is not known
// any more.
func (c *Client) ReportDevice(ctx context.Context, connectionID int64, report json.RawMessage) (Device, error) {
	var out Device
	_, err := c.write(ctx, http.MethodPost, path("custom-connections", connectionID, "devices"), nil, report, &out)
	return out, err
}

// Asset is a thing that the organisation answers for.
type Asset struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	AssetType   string `json:"assetType"`
	OwnerID     int64  `json:"ownerId"`
}

// NewAsset is what an asset is made of. AssetType is PHYSICAL or VIRTUAL, and
// OwnerID a user.
type NewAsset struct {
	Name            string   `json:"name"`
	Description     string   `json:"description"`
	AssetClassTypes []string `json:"assetClassTypes"`
	AssetType       string   `json:"assetType"`
	OwnerID         int64    `json:"ownerId"`
	Notes           *string  `json:"notes,omitempty"`
	ExternalID      *string  `json:"externalId,omitempty"`
}

// Assets walks the assets of the organisation.
func (c *Client) Assets(ctx context.Context, l List) iter.Seq2[Asset, error] {
	return walk[Asset](ctx, c, "/assets", l.values())
}

// CreateAsset makes an asset.
func (c *Client) CreateAsset(ctx context.Context, n NewAsset) (Asset, error) {
	var out Asset
	_, err := c.write(ctx, http.MethodPost, "/assets", nil, n, &out)
	return out, err
}
