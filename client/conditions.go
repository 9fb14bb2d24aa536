package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Condition is a named condition to which tests refer.
type Condition struct {
	Name  string          `json:"name"`
	Logic json.RawMessage `json:"logic"`
	// Sentence says it in words.
	Sentence string `json:"sentence"`
	// UsedBy are the tests that refer to it, directly or through others.
	UsedBy    []int64   `json:"usedBy"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	// Republished is, in the answer to a change, how many tests got a new version
	// by it.
	Republished int `json:"republished"`
}

func conditionsPath(workspaceID int64, rest ...any) string {
	return path(append([]any{"workspaces", workspaceID, "conditions"}, rest...)...)
}

// Conditions lists the named conditions of a workspace by name.
func (c *Client) Conditions(ctx context.Context, workspaceID int64) iter.Seq2[Condition, error] {
	return walk[Condition](ctx, c, conditionsPath(workspaceID), nil)
}

// Condition reads one.
func (c *Client) Condition(ctx context.Context, workspaceID int64, name string) (Condition, error) {
	var out Condition
	return out, c.get(ctx, conditionsPath(workspaceID, name), nil, &out)
}

// PutCondition creates a condition or replaces its logic; the tests in force that
// refer to it get a new version in the same step.
func (c *Client) PutCondition(ctx context.Context, workspaceID int64, name string, logic json.RawMessage) (Condition, error) {
	var out Condition
	_, err := c.write(ctx, http.MethodPut, conditionsPath(workspaceID, name), nil, map[string]json.RawMessage{"logic": logic}, &out)
	return out, err
}

// DeleteCondition deletes a condition to which nothing refers.
func (c *Client) DeleteCondition(ctx context.Context, workspaceID int64, name string) error {
	return c.delete(ctx, conditionsPath(workspaceID, name))
}
