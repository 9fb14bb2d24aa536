package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Company is the organisation that the server belongs to.
type Company struct {
	AccountID string    `json:"accountId"`
	Name      string    `json:"name"`
	Domain    string    `json:"domain"`
	LegalName *string   `json:"legalName"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Company reads the organisation; it is the cheapest way to check a key.
func (c *Client) Company(ctx context.Context) (Company, error) {
	var out Company
	return out, c.get(ctx, "/company", nil, &out)
}

// Workspace holds connections and tests.
type Workspace struct {
	ID          int64     `json:"id"`
	Primary     bool      `json:"primary"`
	Name        string    `json:"name"`
	Description *string   `json:"description"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

// Workspaces walks the workspaces.
func (c *Client) Workspaces(ctx context.Context, l List) iter.Seq2[Workspace, error] {
	return walk[Workspace](ctx, c, "/workspaces", l.values())
}

// Key is an API key. Secret is filled by [Client.CreateKey] only: it is shown
// once.
type Key struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	Secret     string     `json:"key,omitempty"`
	Scopes     []string   `json:"scopes"`
	State      string     `json:"state"`
	Prefix     string     `json:"prefix"`
	AllowedIPs []string   `json:"allowedIps"`
	CreatedAt  time.Time  `json:"createdAt"`
	ExpiresAt  *time.Time `json:"expiresAt"`
	RevokedAt  *time.Time `json:"revokedAt"`
	LastUsedAt *time.Time `json:"lastUsedAt"`
}

// NewKey is what may be chosen of a key.
type NewKey struct {
	Name string `json:"name"`
	// Scopes are permission scopes, or "all", or "read".
	Scopes []string `json:"scopes"`
	// ExpiresAt is nil for a key that never expires.
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	// AllowedIPs are the networks (CIDR) that the key may be used from; empty:
	// from anywhere.
	AllowedIPs []string `json:"allowedIps,omitempty"`
}

// Keys walks the keys, revoked and expired ones included.
func (c *Client) Keys(ctx context.Context, l List) iter.Seq2[Key, error] {
	return walk[Key](ctx, c, "/api-keys", l.values())
}

// CreateKey makes a key.
func (c *Client) CreateKey(ctx context.Context, n NewKey) (Key, error) {
	var out Key
	_, err := c.write(ctx, http.MethodPost, "/api-keys", nil, n, &out)
	return out, err
}

// RevokeKey ends a key; the next request that shows it is refused.
func (c *Client) RevokeKey(ctx context.Context, id int64) error {
	return c.delete(ctx, path("api-keys", id))
}
