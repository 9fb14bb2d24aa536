package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Control is what an organisation does, proved by tests.
type Control struct {
	ID   int64  `json:"id"`
	Code string `json:"code"`
	Name string `json:"name"`
	// Ready: at least one of its tests passes and none fails or is in error.
	Ready bool `json:"isReady"`
	// ArchivedAt is when it was marked out of scope, nil while it is in scope.
	ArchivedAt *time.Time `json:"archivedAt"`
	CreatedAt  time.Time  `json:"createdAt"`
	UpdatedAt  time.Time  `json:"updatedAt"`
}

// Framework is a set of requirements with its readiness.
type Framework struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
	Tag  string `json:"tag"`
	// Controls, Requirements and ReadyRequirements count those in scope.
	Controls          int64     `json:"numInScopeControls"`
	Requirements      int64     `json:"numInScopeRequirements"`
	ReadyRequirements int64     `json:"numReadyInScopeRequirements"`
	Ready             bool      `json:"isReady"`
	Enabled           bool      `json:"isEnabled"`
	CreatedAt         time.Time `json:"createdAt"`
	UpdatedAt         time.Time `json:"updatedAt"`
}

// Controls walks the controls of a workspace.
func (c *Client) Controls(ctx context.Context, workspaceID int64, l List) iter.Seq2[Control, error] {
	return walk[Control](ctx, c, path("workspaces", workspaceID, "controls"), l.values())
}

// Frameworks walks the frameworks of a workspace.
func (c *Client) Frameworks(ctx context.Context, workspaceID int64, l List) iter.Seq2[Framework, error] {
	return walk[Framework](ctx, c, path("workspaces", workspaceID, "frameworks"), l.values())
}

// InstallFramework brings a framework that comes with the server into a
// workspace, with the controls that serve it. A repetition does no harm.
func (c *Client) InstallFramework(ctx context.Context, workspaceID int64, slug string) (Framework, error) {
	var out struct {
		Framework Framework `json:"framework"`
	}
	_, err := c.write(ctx, http.MethodPost, path("workspaces", workspaceID, "frameworks", "actions"), nil, map[string]string{"action": "install", "slug": slug}, &out)
	return out.Framework, err
}
