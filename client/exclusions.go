package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Exclusion takes a record, or the records that satisfy a selector, out of the
// count of a test.
type Exclusion struct {
	ID int64 `json:"id"`
	// TestID is the test's number in its workspace.
	TestID     int64  `json:"testId"`
	TestName   string `json:"testName"`
	ResourceID int64  `json:"resourceId"`
	// TargetID is the id of the record, empty with a Selector.
	TargetID   string          `json:"targetId"`
	TargetName string          `json:"targetName"`
	Selector   json.RawMessage `json:"selector,omitempty"`
	Reason     string          `json:"reason"`
	// Category is ACCEPTED_RISK, FALSE_POSITIVE, COMPENSATING_CONTROL or
	// OUT_OF_SCOPE.
	Category    string     `json:"category"`
	Approver    *string    `json:"approver"`
	TicketURL   *string    `json:"ticketUrl"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	ExpireOnFix bool       `json:"expireOnFix"`
	// State is ACTIVE, EXPIRED, FIXED or DELETED.
	State     string     `json:"state"`
	EndedAt   *time.Time `json:"endedAt"`
	Version   int64      `json:"version"`
	CreatedAt time.Time  `json:"createdAt"`
	UpdatedAt time.Time  `json:"updatedAt"`
	// Approved is what it covered when it was made, or its selector changed.
	Approved Reach `json:"approved"`
	// Problems (EXPIRED, UNUSED, MATCHES_MORE, EXPIRING) and Now, what it covers
	// now, are there in the audit.
	Problems []string `json:"problems,omitempty"`
	Now      *Reach   `json:"now,omitempty"`
}

// Reach is how many records in scope an exclusion covers, and how many of them
// fail or cannot be evaluated.
type Reach struct {
	Matching int64 `json:"matching"`
	Failing  int64 `json:"failing"`
}

// NewExclusion is an exclusion to be made: of the record TargetID, or of those
// that satisfy Selector.
type NewExclusion struct {
	TargetID string          `json:"targetId,omitempty"`
	Selector json.RawMessage `json:"selector,omitempty"`
	// ResourceID is needed for a test over several resources.
	ResourceID  int64      `json:"resourceId,omitempty"`
	Reason      string     `json:"reason"`
	Category    string     `json:"category"`
	Approver    string     `json:"approver,omitempty"`
	TicketURL   string     `json:"ticketUrl,omitempty"`
	ExpiresAt   *time.Time `json:"expiresAt,omitempty"`
	ExpireOnFix bool       `json:"expireOnFix,omitempty"`
}

// ExclusionFilter narrows a list of exclusions; zero fields do not.
type ExclusionFilter struct {
	TestID     int64
	ResourceID int64
	// State is ACTIVE (default), EXPIRED, FIXED, DELETED or ALL.
	State    string
	Category string
	TargetID string
}

// Exclusions walks the exclusions of a workspace.
func (c *Client) Exclusions(ctx context.Context, workspaceID int64, f ExclusionFilter, l List) iter.Seq2[Exclusion, error] {
	q := l.values()
	setID(q, "testId", f.TestID)
	setID(q, "resourceId", f.ResourceID)
	set(q, "state", f.State)
	set(q, "category", f.Category)
	set(q, "targetId", f.TargetID)
	return walk[Exclusion](ctx, c, path("workspaces", workspaceID, "exclusions"), q)
}

// AuditExclusions walks the exclusions of a workspace that somebody should look
// at; problem, if not empty, narrows them.
func (c *Client) AuditExclusions(ctx context.Context, workspaceID int64, problem string, l List) iter.Seq2[Exclusion, error] {
	q := l.values()
	set(q, "problem", problem)
	return walk[Exclusion](ctx, c, path("workspaces", workspaceID, "exclusions", "audit"), q)
}

// Exclude makes an exclusion. The server answers once it is in effect, or after
// half a minute.
func (c *Client) Exclude(ctx context.Context, workspaceID, testID int64, n NewExclusion) (Exclusion, error) {
	var out Exclusion
	_, err := c.write(ctx, http.MethodPost, testsPath(workspaceID, testID, "exclusions"), url.Values{}, n, &out)
	return out, err
}

// ExclusionChange is what to change of an exclusion; nil leaves a field as it is,
// an empty text takes it away.
type ExclusionChange struct {
	Reason      *string `json:"reason,omitempty"`
	Category    *string `json:"category,omitempty"`
	Approver    *string `json:"approver,omitempty"`
	TicketURL   *string `json:"ticketUrl,omitempty"`
	ExpiresAt   *string `json:"expiresAt,omitempty"`
	ExpireOnFix *bool   `json:"expireOnFix,omitempty"`
}

// UpdateExclusion changes an exclusion that stands.
func (c *Client) UpdateExclusion(ctx context.Context, workspaceID, testID, id int64, change ExclusionChange) (Exclusion, error) {
	var out Exclusion
	_, err := c.write(ctx, http.MethodPut, testsPath(workspaceID, testID, "exclusions", id), nil, change, &out)
	return out, err
}

// Exclusion reads one.
func (c *Client) Exclusion(ctx context.Context, workspaceID, testID, id int64) (Exclusion, error) {
	var out Exclusion
	return out, c.get(ctx, testsPath(workspaceID, testID, "exclusions", id), nil, &out)
}

// SelectorPreview is what a selector would exclude.
type SelectorPreview struct {
	// InScope are the records in scope of the test, Matching those of them that
	// would be excluded, Failing those of these that fail now.
	InScope  int64 `json:"inScope"`
	Matching int64 `json:"matching"`
	Failing  int64 `json:"failing"`
	// MatchesEverything is true for a selector that is refused for it.
	MatchesEverything bool   `json:"matchesEverything"`
	Sentence          string `json:"sentence"`
}

// PreviewSelector tells what a selector would exclude from a test; the resource is
// needed for a test over several.
func (c *Client) PreviewSelector(ctx context.Context, workspaceID, testID, resourceID int64, selector json.RawMessage) (SelectorPreview, error) {
	body, err := json.Marshal(map[string]any{"selector": selector, "resourceId": resourceID})
	if err != nil {
		return SelectorPreview{}, err
	}
	var out SelectorPreview
	_, err = c.send(ctx, request{method: http.MethodPost, path: testsPath(workspaceID, testID, "exclusions", "preview"), body: body, repeatable: true}, &out)
	return out, err
}

// EndExclusion ends an exclusion; it stays readable.
func (c *Client) EndExclusion(ctx context.Context, workspaceID, testID, id int64) error {
	return c.delete(ctx, testsPath(workspaceID, testID, "exclusions", id))
}
