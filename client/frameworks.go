package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Framework is a set of requirements that a workspace wants to meet, with its
// readiness.
type Framework struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	ShortName   string `json:"shortName"`
	Description string `json:"description"`
	// Slug is its name in addresses.
	Slug    string `json:"slug"`
	Tag     string `json:"tag"`
	Pill    string `json:"pill"`
	Color   string `json:"color"`
	BgColor string `json:"bgColor"`
	// IsShipped is true for one that was installed from what comes with the
	// program.
	Shipped bool `json:"isShipped"`
	// Controls, Requirements and ReadyRequirements count those in scope.
	Controls          int64     `json:"numInScopeControls"`
	Requirements      int64     `json:"numInScopeRequirements"`
	ReadyRequirements int64     `json:"numReadyInScopeRequirements"`
	Ready             bool      `json:"isReady"`
	Enabled           bool      `json:"isEnabled"`
	CreatedAt         time.Time `json:"createdAt"`
	UpdatedAt         time.Time `json:"updatedAt"`
}

// FrameworkChange is what to change of a framework; nil leaves a field as it is.
type FrameworkChange struct {
	ShortName   *string `json:"shortName,omitempty"`
	Pill        *string `json:"pill,omitempty"`
	Description *string `json:"description,omitempty"`
	Color       *string `json:"color,omitempty"`
	BgColor     *string `json:"bgColor,omitempty"`
	Enabled     *bool   `json:"isEnabled,omitempty"`
}

// Requirement is one thing that a framework demands.
type Requirement struct {
	ID             int64   `json:"id"`
	FrameworkID    int64   `json:"frameworkId"`
	Code           string  `json:"code"`
	Name           string  `json:"name"`
	Description    *string `json:"description"`
	Category       *string `json:"category"`
	AdditionalInfo *string `json:"additionalInfo"`
	InScope        bool    `json:"isInScope"`
	// Rationale says why it is out of scope.
	Rationale *string `json:"rationale"`
}

// NewRequirement is what a requirement is made of.
type NewRequirement struct {
	Code           string `json:"code"`
	Name           string `json:"name"`
	Description    string `json:"description,omitempty"`
	Category       string `json:"category,omitempty"`
	AdditionalInfo string `json:"additionalInfo,omitempty"`
}

// RequirementChange is what to change of a requirement; nil leaves a field as it
// is.
type RequirementChange struct {
	Name           *string `json:"name,omitempty"`
	Description    *string `json:"description,omitempty"`
	Category       *string `json:"category,omitempty"`
	AdditionalInfo *string `json:"additionalInfo,omitempty"`
	InScope        *bool   `json:"isInScope,omitempty"`
	Rationale      *string `json:"rationale,omitempty"`
}

func frameworksPath(workspaceID int64, rest ...any) string {
	return path(append([]any{"workspaces", workspaceID, "frameworks"}, rest...)...)
}

// Frameworks walks the frameworks of a workspace.
func (c *Client) Frameworks(ctx context.Context, workspaceID int64, l List) iter.Seq2[Framework, error] {
	return walk[Framework](ctx, c, frameworksPath(workspaceID), l.values())
}

// Framework reads one.
func (c *Client) Framework(ctx context.Context, workspaceID, id int64) (Framework, error) {
	var out Framework
	return out, c.get(ctx, frameworksPath(workspaceID, id), nil, &out)
}

// CreateFramework makes a framework of the workspace's own, without requirements.
func (c *Client) CreateFramework(ctx context.Context, workspaceID int64, name, shortName, description string) (Framework, error) {
	var out Framework
	_, err := c.write(ctx, http.MethodPost, frameworksPath(workspaceID), nil,
		map[string]string{"name": name, "shortName": shortName, "description": description}, &out)
	return out, err
}

// InstallFramework brings a framework that comes with the program into a
// workspace, with the controls that serve it. A repetition does no harm.
func (c *Client) InstallFramework(ctx context.Context, workspaceID int64, slug string) (Framework, error) {
	var out struct {
		Framework Framework `json:"framework"`
	}
	_, err := c.write(ctx, http.MethodPost, frameworksPath(workspaceID, "actions"), nil, map[string]string{"action": "install", "slug": slug}, &out)
	return out.Framework, err
}

// UpdateFramework changes a framework.
func (c *Client) UpdateFramework(ctx context.Context, workspaceID, id int64, change FrameworkChange) (Framework, error) {
	var out Framework
	_, err := c.write(ctx, http.MethodPut, frameworksPath(workspaceID, id), nil, change, &out)
	return out, err
}

// DeleteFramework deletes a framework with its requirements. Controls stay.
func (c *Client) DeleteFramework(ctx context.Context, workspaceID, id int64) error {
	return c.delete(ctx, frameworksPath(workspaceID, id))
}

// Requirements walks the requirements of a framework.
func (c *Client) Requirements(ctx context.Context, workspaceID, frameworkID int64, l List) iter.Seq2[Requirement, error] {
	return walk[Requirement](ctx, c, frameworksPath(workspaceID, frameworkID, "requirements"), l.values())
}

// CreateRequirements adds requirements to a framework, all or none; at most 1000.
func (c *Client) CreateRequirements(ctx context.Context, workspaceID, frameworkID int64, list []NewRequirement) ([]Requirement, error) {
	var out struct {
		Data []Requirement `json:"data"`
	}
	_, err := c.write(ctx, http.MethodPost, frameworksPath(workspaceID, frameworkID, "requirements"), url.Values{}, map[string]any{"data": list}, &out)
	return out.Data, err
}

// DeleteRequirement deletes a requirement of a framework of the workspace's own.
func (c *Client) DeleteRequirement(ctx context.Context, workspaceID, frameworkID, id int64) error {
	return c.delete(ctx, frameworksPath(workspaceID, frameworkID, "requirements", id))
}

// UpdateRequirement changes a requirement.
func (c *Client) UpdateRequirement(ctx context.Context, workspaceID, frameworkID, id int64, change RequirementChange) (Requirement, error) {
	var out Requirement
	_, err := c.write(ctx, http.MethodPut, frameworksPath(workspaceID, frameworkID, "requirements", id), nil, change, &out)
	return out, err
}
