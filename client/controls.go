package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Control is what an organisation does to meet requirements, proved by tests.
type Control struct {
	ID          int64   `json:"id"`
	Code        string  `json:"code"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Question    *string `json:"question"`
	Activity    *string `json:"activity"`
	// Ready: at least one of its tests passes and none fails or is in error.
	Ready   bool `json:"isReady"`
	InScope bool `json:"isInScope"`
	// ArchivedAt is when it was marked out of scope, nil while it is in scope.
	ArchivedAt *time.Time `json:"archivedAt"`
	// Rationale says why it is out of scope, or in it again.
	Rationale *string `json:"rationale"`
	// Requirements are those that it serves.
	Requirements []Requirement `json:"requirements"`
	CreatedAt    time.Time     `json:"createdAt"`
	UpdatedAt    time.Time     `json:"updatedAt"`
}

// NewControl is what a control is made of.
type NewControl struct {
	Code           string  `json:"code"`
	Name           string  `json:"name"`
	Description    string  `json:"description"`
	Question       string  `json:"question,omitempty"`
	Activity       string  `json:"activity,omitempty"`
	RequirementIDs []int64 `json:"requirementIds,omitempty"`
}

// ControlChange is what to change of a control; nil leaves a field as it is.
type ControlChange struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	Question    *string `json:"question,omitempty"`
	Activity    *string `json:"activity,omitempty"`
	// RequirementIDs replaces the requirements that it serves.
	RequirementIDs *[]int64 `json:"requirementIds,omitempty"`
}

func controlsPath(workspaceID int64, rest ...any) string {
	return path(append([]any{"workspaces", workspaceID, "controls"}, rest...)...)
}

var withRequirements = url.Values{"expand[]": {"requirements"}}

// Controls walks the controls of a workspace with their requirements.
func (c *Client) Controls(ctx context.Context, workspaceID int64, l List) iter.Seq2[Control, error] {
	q := l.values()
	q["expand[]"] = withRequirements["expand[]"]
	return walk[Control](ctx, c, controlsPath(workspaceID), q)
}

// Control reads a control by its id with its requirements.
func (c *Client) Control(ctx context.Context, workspaceID, id int64) (Control, error) {
	var out Control
	return out, c.get(ctx, controlsPath(workspaceID, id), withRequirements, &out)
}

// ControlByCode reads a control by its code with its requirements.
func (c *Client) ControlByCode(ctx context.Context, workspaceID int64, code string) (Control, error) {
	var out Control
	return out, c.get(ctx, controlsPath(workspaceID, "code:"+code), withRequirements, &out)
}

// CreateControl makes a control.
func (c *Client) CreateControl(ctx context.Context, workspaceID int64, n NewControl) (Control, error) {
	var out Control
	_, err := c.write(ctx, http.MethodPost, controlsPath(workspaceID), nil, n, &out)
	return out, err
}

// UpdateControl changes a control.
func (c *Client) UpdateControl(ctx context.Context, workspaceID, id int64, change ControlChange) (Control, error) {
	var out Control
	_, err := c.write(ctx, http.MethodPut, controlsPath(workspaceID, id), nil, change, &out)
	return out, err
}

// ScopeControl marks a control in or out of scope.
func (c *Client) ScopeControl(ctx context.Context, workspaceID, id int64, inScope bool, rationale string) (Control, error) {
	in := map[string]string{"action": "markOutOfScope", "rationale": rationale}
	if inScope {
		in["action"] = "markInScope"
	}
	var out Control
	_, err := c.write(ctx, http.MethodPost, controlsPath(workspaceID, id, "actions"), nil, in, &out)
	return out, err
}
