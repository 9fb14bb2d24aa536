package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Connection joins one outside system.
type Connection struct {
	ID int64 `json:"id"`
	// Name is clientAlias on the wire.
	Name          string   `json:"clientAlias"`
	Description   *string  `json:"description"`
	ProviderTypes []string `json:"providerTypes"`
	WorkspaceIDs  []int64  `json:"workspaceIds"`
	// Kind is STANDARD (the server pulls), PARTNER (somebody else pushes) or CUSTOM
	// (you push); CatalogSlug names the catalogue entry that it was made of.
	Kind        string  `json:"kind"`
	CatalogSlug *string `json:"catalogSlug"`
	// State is ACTIVE or DISCONNECTED.
	State string `json:"state"`
	// Health is HEALTHY, UNHEALTHY, STALE, or nil where nothing is known;
	// HealthReason says it in a sentence.
	Health       *string    `json:"health"`
	HealthReason string     `json:"healthReason"`
	HealthSince  *time.Time `json:"healthSince"`
	LastSyncAt   *time.Time `json:"lastSyncAt"`
	// RecordCount is how many records are live, in all resources.
	RecordCount int64      `json:"recordCount"`
	Resources   []Resource `json:"customResources"`
	CreatedAt   time.Time  `json:"createdAt"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

// ConnectionFilter narrows a list of connections; zero fields do not.
type ConnectionFilter struct {
	// Text is a part of the name, the description or the name of a resource.
	Text        string
	WorkspaceID int64
	// ProviderType is CUSTOM, MDM, HRIS or another type of provider.
	ProviderType string
	// DataStatus is CURRENT, STALE or NO_DATA.
	DataStatus string
}

// Resource is a typed dataset of a connection.
type Resource struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Description *string         `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	// DisplayNameKey is the property that names a record for people.
	DisplayNameKey string `json:"displayNameKey"`
	// FreshnessHours is the age after which the data is stale; nil: no limit.
	FreshnessHours *int64    `json:"freshnessHours"`
	RecordCount    int64     `json:"recordCount"`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
}

// NewConnection is what a connection is made of. For CUSTOM, exactly one of
// Schema and SampleData is given, and DisplayNameKey and WorkspaceIDs are
// required.
type NewConnection struct {
	Name          string          `json:"name"`
	Description   *string         `json:"description,omitempty"`
	ProviderTypes []string        `json:"providerTypes"`
	WorkspaceIDs  []int64         `json:"workspaceIds,omitempty"`
	Schema        json.RawMessage `json:"schema,omitempty"`
	// SampleData is an object or an array of objects from which the schema is
	// inferred.
	SampleData     json.RawMessage `json:"sampleData,omitempty"`
	DisplayNameKey string          `json:"displayNameKey,omitempty"`
	// ResourceName is the name of the resource, by default the connection's.
	ResourceName   string `json:"resourceName,omitempty"`
	FreshnessHours *int64 `json:"freshnessHours,omitempty"`
}

var withResources = url.Values{"expand[]": {"customResources"}}

// Connections walks the connections, each with its resources.
func (c *Client) Connections(ctx context.Context, f ConnectionFilter, l List) iter.Seq2[Connection, error] {
	q := l.values()
	q["expand[]"] = withResources["expand[]"]
	set(q, "q", f.Text)
	setID(q, "workspaceId", f.WorkspaceID)
	set(q, "providerType", f.ProviderType)
	set(q, "dataStatus", f.DataStatus)
	return walk[Connection](ctx, c, "/custom-connections", q)
}

// Connection reads one connection with its resources.
func (c *Client) Connection(ctx context.Context, id int64) (Connection, error) {
	var out Connection
	return out, c.get(ctx, path("custom-connections", id), withResources, &out)
}

// CreateConnection makes a connection and reads it with its resources.
func (c *Client) CreateConnection(ctx context.Context, n NewConnection) (Connection, error) {
	var out Connection
	if _, err := c.write(ctx, http.MethodPost, "/custom-connections", nil, n, &out); err != nil {
		return out, err
	}
	if len(out.Resources) > 0 {
		return out, nil
	}
	return c.Connection(ctx, out.ID)
}

// UpdateConnection changes name and description; nil leaves one as it is.
func (c *Client) UpdateConnection(ctx context.Context, id int64, name, description *string) (Connection, error) {
	in := map[string]string{}
	if name != nil {
		in["clientAlias"] = *name
	}
	if description != nil {
		in["description"] = *description
	}
	var out Connection
	_, err := c.write(ctx, http.MethodPut, path("custom-connections", id), nil, in, &out)
	return out, err
}

// DeleteConnection deletes a connection with all its records.
func (c *Client) DeleteConnection(ctx context.Context, id int64) error {
	return c.delete(ctx, path("custom-connections", id))
}

// Resource reads one resource.
func (c *Client) Resource(ctx context.Context, t Target) (Resource, error) {
	var out Resource
	return out, c.get(ctx, t.path(), nil, &out)
}

// ResourceChange is what to change of a resource; nil leaves a field as it is.
type ResourceChange struct {
	Name           *string
	Description    *string
	DisplayNameKey *string
	// FreshnessHours is the new limit, 0 for none.
	FreshnessHours *int64
}

// SetAccountMapping says which attributes of a resource's records are what of an
// account; mapping is its JSON, {"name": "login", …}.
func (c *Client) SetAccountMapping(ctx context.Context, t Target, mapping json.RawMessage) error {
	_, err := c.write(ctx, http.MethodPut, t.path("account-mapping"), nil, mapping, nil)
	return err
}

// UpdateResource changes the settings of a resource.
func (c *Client) UpdateResource(ctx context.Context, t Target, change ResourceChange) (Resource, error) {
	in := map[string]any{}
	for name, v := range map[string]*string{"name": change.Name, "description": change.Description, "displayNameKey": change.DisplayNameKey} {
		if v != nil {
			in[name] = *v
		}
	}
	switch hours := change.FreshnessHours; {
	case hours == nil:
	case *hours == 0:
		in["freshnessHours"] = nil
	default:
		in["freshnessHours"] = *hours
	}
	var out Resource
	_, err := c.write(ctx, http.MethodPut, t.path(), nil, in, &out)
	return out, err
}

// Target names a resource.
type Target struct{ ConnectionID, ResourceID int64 }

func (t Target) path(rest ...any) string {
	return path(append([]any{"custom-connections", t.ConnectionID, "resources", t.ResourceID}, rest...)...)
}
