package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Asset is a thing that the organisation answers for.
type Asset struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// AssetType is PHYSICAL or VIRTUAL.
	AssetType string `json:"assetType"`
	// AssetProvider is DRATA for what was made by hand, by a script or by an MDM
	// connection, or AGENT.
	AssetProvider string  `json:"assetProvider"`
	Notes         *string `json:"notes"`
	// OwnerID is a user.
	OwnerID int64 `json:"ownerId"`
	// DeviceID is the device that it stands for.
	DeviceID        *int64     `json:"associatedId"`
	ExternalID      *string    `json:"externalId"`
	ExternalOwnerID *string    `json:"externalOwnerId"`
	UniqueID        *string    `json:"uniqueId"`
	RemovedAt       *time.Time `json:"removedAt"`
	CreatedAt       time.Time  `json:"createdAt"`
	UpdatedAt       time.Time  `json:"updatedAt"`

	Owner   *Owner       `json:"owner"`
	Classes []AssetClass `json:"assetClassTypes"`
	// Checks are those of the device that it stands for.
	Checks []Check `json:"complianceChecks"`
	// CustomFields are all that are defined for assets.
	CustomFields []FieldValue `json:"customFields"`
}

// AssetClass is one of the classes of an asset.
type AssetClass struct {
	ID int64 `json:"id"`
	// Type is HARDWARE, POLICY, DOCUMENT, PERSONNEL, SOFTWARE, CODE, CONTAINER,
	// COMPUTE, NETWORKING, DATABASE or STORAGE.
	Type string `json:"assetClassType"`
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
	ExternalOwnerID *string  `json:"externalOwnerId,omitempty"`
	UniqueID        *string  `json:"uniqueId,omitempty"`

	CustomFields []FieldSetting `json:"customFields,omitempty"`
}

// AssetChange is what to change of an asset; nil leaves a field as it is.
type AssetChange struct {
	Name            *string  `json:"name,omitempty"`
	Description     *string  `json:"description,omitempty"`
	AssetClassTypes []string `json:"assetClassTypes,omitempty"`
	AssetType       *string  `json:"assetType,omitempty"`
	OwnerID         *int64   `json:"ownerId,omitempty"`
	// What follows is a JSON text, or JSON null for none.
	Notes           json.RawMessage `json:"notes,omitempty"`
	ExternalID      json.RawMessage `json:"externalId,omitempty"`
	ExternalOwnerID json.RawMessage `json:"externalOwnerId,omitempty"`
	UniqueID        json.RawMessage `json:"uniqueId,omitempty"`
	// RemovedAt is a day such as 2026-01-31.
	RemovedAt json.RawMessage `json:"removedAt,omitempty"`
	// CustomFields that are not named stay.
	CustomFields []FieldSetting `json:"customFields,omitempty"`
}

// AssetFilter narrows a list of assets; zero fields do not.
type AssetFilter struct {
	// Text is a part of the name, the description or an id.
	Text                  string
	Class, Type, Provider string
	// OwnerID is a user, OwnerStatus an employment status of the owner.
	OwnerID            int64
	OwnerStatus        string
	Removed, OfDevices *bool
	// Fields must all fit, 10 at most.
	Fields []FieldFilter
}

var withAssetParts = url.Values{"expand[]": {"assetClassTypes", "complianceChecks", "customFields", "owner"}}

// Assets walks the assets of the organisation with classes, owners and custom
// fields. They can be sorted by name, too.
func (c *Client) Assets(ctx context.Context, f AssetFilter, l List) iter.Seq2[Asset, error] {
	q := l.values()
	q["expand[]"] = withAssetParts["expand[]"]
	set(q, "q", f.Text)
	set(q, "assetClassType", f.Class)
	set(q, "assetType", f.Type)
	set(q, "assetProvider", f.Provider)
	set(q, "employmentStatus", f.OwnerStatus)
	setID(q, "userId", f.OwnerID)
	setEither(q, "removed", f.Removed)
	setEither(q, "ofDevices", f.OfDevices)
	setFields(q, f.Fields)
	return walk[Asset](ctx, c, "/assets", q)
}

// Asset reads one with its classes, its owner and its custom fields.
func (c *Client) Asset(ctx context.Context, id int64) (Asset, error) {
	var out Asset
	return out, c.get(ctx, path("assets", id), withAssetParts, &out)
}

// CreateAsset makes an asset.
func (c *Client) CreateAsset(ctx context.Context, n NewAsset) (Asset, error) {
	var out Asset
	_, err := c.write(ctx, http.MethodPost, "/assets", withAssetParts, n, &out)
	return out, err
}

// UpdateAsset changes an asset.
func (c *Client) UpdateAsset(ctx context.Context, id int64, change AssetChange) (Asset, error) {
	var out Asset
	_, err := c.write(ctx, http.MethodPut, path("assets", id), withAssetParts, change, &out)
	return out, err
}

// DeleteAsset deletes an asset that does not stand for a device.
func (c *Client) DeleteAsset(ctx context.Context, id int64) error {
	return c.delete(ctx, path("assets", id))
}

// RestoreAsset brings back an asset that was deleted, as it was.
func (c *Client) RestoreAsset(ctx context.Context, id int64) (Asset, error) {
	var out Asset
	_, err := c.write(ctx, http.MethodPost, path("assets", id, "actions"), withAssetParts, map[string]string{"action": "restore"}, &out)
	return out, err
}

// AssetHistory walks what became of an asset, a deleted one too.
func (c *Client) AssetHistory(ctx context.Context, id int64, l List) iter.Seq2[ObjectChange, error] {
	return walk[ObjectChange](ctx, c, path("assets", id, "history"), l.values())
}
