package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Company is the organisation that the server belongs to.
type Company struct {
	AccountID string  `json:"accountId"`
	Name      string  `json:"name"`
	Domain    string  `json:"domain"`
	LegalName *string `json:"legalName"`
	// Description says what the organisation does.
	Description *string   `json:"description"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

// CompanyChange is what to change of the organisation; nil leaves a part as it is.
type CompanyChange struct {
	Name   *string `json:"name,omitempty"`
	Domain *string `json:"domain,omitempty"`
	// LegalName and Description are JSON texts, or JSON null for none.
	LegalName   json.RawMessage `json:"legalName,omitempty"`
	Description json.RawMessage `json:"description,omitempty"`
}

// Company reads the organisation; it is the cheapest way to check a key.
func (c *Client) Company(ctx context.Context) (Company, error) {
	var out Company
	return out, c.get(ctx, "/company", nil, &out)
}

// UpdateCompany changes what is said of the organisation.
func (c *Client) UpdateCompany(ctx context.Context, change CompanyChange) (Company, error) {
	var out Company
	_, err := c.write(ctx, http.MethodPut, "/company", nil, change, &out)
	return out, err
}

// Workspace holds connections and tests.
type Workspace struct {
	ID          int64     `json:"id"`
	Primary     bool      `json:"primary"`
	Name        string    `json:"name"`
	Description *string   `json:"description"`
	URL         *string   `json:"url"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
	// Scoped is how many current employees and contractors are in its personnel
	// scope; nil: the scope has no groups, so that everybody is.
	Scoped *int64 `json:"scopedPersonnelCount"`
}

// NewWorkspace is what a workspace is made of.
type NewWorkspace struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
}

// WorkspaceChange is what to change of a workspace; nil leaves a part as it is.
type WorkspaceChange struct {
	Name *string `json:"name,omitempty"`
	// Description and URL are JSON texts, or JSON null for none.
	Description json.RawMessage `json:"description,omitempty"`
	URL         json.RawMessage `json:"url,omitempty"`
}

var withScope = url.Values{"expand[]": {"personnelScope"}}

// Workspaces walks the workspaces that the key reaches.
func (c *Client) Workspaces(ctx context.Context, l List) iter.Seq2[Workspace, error] {
	q := l.values()
	q["expand[]"] = withScope["expand[]"]
	return walk[Workspace](ctx, c, "/workspaces", q)
}

// Workspace reads one.
func (c *Client) Workspace(ctx context.Context, id int64) (Workspace, error) {
	var out Workspace
	return out, c.get(ctx, path("workspaces", id), withScope, &out)
}

// CreateWorkspace makes a workspace.
func (c *Client) CreateWorkspace(ctx context.Context, n NewWorkspace) (Workspace, error) {
	var out Workspace
	_, err := c.write(ctx, http.MethodPost, "/workspaces", nil, n, &out)
	return out, err
}

// UpdateWorkspace changes a workspace.
func (c *Client) UpdateWorkspace(ctx context.Context, id int64, change WorkspaceChange) (Workspace, error) {
	var out Workspace
	_, err := c.write(ctx, http.MethodPut, path("workspaces", id), withScope, change, &out)
	return out, err
}

// ScopeGroups walks the groups of which the personnel scope of a workspace is made.
func (c *Client) ScopeGroups(ctx context.Context, workspaceID int64, l List) iter.Seq2[ScopeGroup, error] {
	return walk[ScopeGroup](ctx, c, path("workspaces", workspaceID, "scoped-personnel-groups"), l.values())
}

// SetScope makes the personnel scope of a workspace of groups; without any,
// everybody is in scope.
func (c *Client) SetScope(ctx context.Context, workspaceID int64, groupIDs []int64) error {
	_, err := c.write(ctx, http.MethodPut, path("workspaces", workspaceID, "scoped-personnel-groups"), nil, map[string]any{"groupIds": append([]int64{}, groupIDs...)}, nil)
	return err
}

// Role is a set of scopes that people may hold.
type Role struct {
	ID          int64  `json:"id"`
	Role        string `json:"role"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// PerWorkspace says that it can be held in some workspaces only.
	PerWorkspace bool        `json:"perWorkspace"`
	Scopes       []RoleScope `json:"scopes"`
}

// RoleScope is a scope in words.
type RoleScope struct {
	Scope string `json:"scope"`
	Name  string `json:"name"`
	// Reads says that it changes nothing.
	Reads bool `json:"reads"`
}

// Roles walks all roles.
func (c *Client) Roles(ctx context.Context) iter.Seq2[Role, error] {
	return walk[Role](ctx, c, "/roles", List{}.values())
}

// Role reads one by its word, such as AUDITOR.
func (c *Client) Role(ctx context.Context, word string) (Role, error) {
	var out Role
	return out, c.get(ctx, path("roles", "role:"+word), nil, &out)
}

// User is somebody who is known here, with an account or without.
type User struct {
	ID          int64  `json:"id"`
	Email       string `json:"email"`
	DisplayName string `json:"displayName"`
	// State is ACTIVE, INVITED, NO_ACCOUNT, DISABLED or DELETED.
	State        string     `json:"state"`
	Grants       []Grant    `json:"grants"`
	LastSignInAt *time.Time `json:"lastSignInAt"`
	CreatedAt    time.Time  `json:"createdAt"`
	UpdatedAt    time.Time  `json:"updatedAt"`
}

// Grant is a role that is held: in a workspace, or with nil in all of them.
type Grant struct {
	Role        string `json:"role"`
	WorkspaceID *int64 `json:"workspaceId"`
}

// RoleUsers walks those who hold a role, anywhere.
func (c *Client) RoleUsers(ctx context.Context, word string, l List) iter.Seq2[User, error] {
	return walk[User](ctx, c, path("roles", "role:"+word, "users"), l.values())
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
