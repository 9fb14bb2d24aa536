package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Session is a bulk push that replaces the records of a resource when it is
// completed.
type Session struct {
	SessionID string `json:"sessionId"`
	// Status is IN_PROGRESS, ACTIVE, CANCELED or ARCHIVED.
	Status      string     `json:"status"`
	CreatedAt   time.Time  `json:"createdAt"`
	UpdatedAt   time.Time  `json:"updatedAt"`
	ActivatedAt *time.Time `json:"activatedAt"`
	CanceledAt  *time.Time `json:"canceledAt"`
	// RecordCount is how many records are staged, or were when it ended.
	RecordCount int64 `json:"recordCount"`
}

// Guards are the conditions under which a session completes; the server
// answers 422 when one does not hold, and nothing changes.
type Guards struct {
	// ExpectedCount is the number of records that the session must hold.
	ExpectedCount *int64 `json:"expectedCount,omitempty"`
	// MaxDeletePercent is how much of the live records may vanish, 0 to 100.
	MaxDeletePercent *float64 `json:"maxDeletePercent,omitempty"`
	// DryRun changes nothing and says what would change.
	DryRun bool `json:"dryRun,omitempty"`
}

// Completed is what a completed session did, or would do.
type Completed struct {
	Status    string `json:"status"`
	Created   int64  `json:"created"`
	Updated   int64  `json:"updated"`
	Unchanged int64  `json:"unchanged"`
	Deleted   int64  `json:"deleted"`
}

// Upload stages records in a session, which is opened if there is none by that
// id (3 to 64 characters of A-Z, a-z, 0-9, `_` and `-`).
func (c *Client) Upload(ctx context.Context, t Target, sessionID string, records []json.RawMessage) (Pushed, error) {
	return c.push(ctx, t.path("sessions", sessionID), nil, records)
}

// CompleteSession makes the records of a session the records of the resource.
func (c *Client) CompleteSession(ctx context.Context, t Target, sessionID string, g Guards) (Completed, error) {
	var out Completed
	_, err := c.write(ctx, http.MethodPost, t.path("sessions", sessionID, "actions"), nil, struct {
		Action string `json:"action"`
		Guards
	}{"complete", g}, &out)
	return out, err
}

// CancelSession drops a session and what it staged.
func (c *Client) CancelSession(ctx context.Context, t Target, sessionID string) error {
	_, err := c.write(ctx, http.MethodPost, t.path("sessions", sessionID, "actions"), nil, map[string]string{"action": "cancel"}, nil)
	return err
}

// Sessions walks the sessions of a resource; status, if not empty, narrows it.
func (c *Client) Sessions(ctx context.Context, t Target, status string, l List) iter.Seq2[Session, error] {
	q := l.values()
	set(q, "status", status)
	return walk[Session](ctx, c, t.path("sessions"), q)
}
