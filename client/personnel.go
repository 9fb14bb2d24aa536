package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Person is somebody of the organisation, as personnel.
type Person struct {
	ID     int64 `json:"id"`
	UserID int64 `json:"userId"`
	// DisplayName is the name, or the address of somebody without one.
	DisplayName      string  `json:"displayName"`
	Email            string  `json:"email"`
	EmploymentStatus string  `json:"employmentStatus"`
	NotHumanReason   *string `json:"notHumanReason"`
	// ByHand: status or dates were decided here, not by the identity sync.
	ByHand      bool       `json:"byHand"`
	StartedAt   *time.Time `json:"startedAt"`
	SeparatedAt *time.Time `json:"separatedAt"`
	CreatedAt   time.Time  `json:"createdAt"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

// PersonChange is what to decide of a person by hand; nil leaves a field as it
// is.
type PersonChange struct {
	EmploymentStatus *string `json:"employmentStatus,omitempty"`
	// NotHumanReason is needed with the status OUT_OF_SCOPE.
	NotHumanReason *string `json:"notHumanReason,omitempty"`
}

// Personnel walks the people of the organisation.
func (c *Client) Personnel(ctx context.Context, l List) iter.Seq2[Person, error] {
	return walk[Person](ctx, c, "/personnel", l.values())
}

// PersonByEmail reads the person with an address.
func (c *Client) PersonByEmail(ctx context.Context, email string) (Person, error) {
	var out Person
	return out, c.get(ctx, path("personnel", "email:"+email), nil, &out)
}

// UpdatePerson decides something of a person by hand.
func (c *Client) UpdatePerson(ctx context.Context, id int64, change PersonChange) (Person, error) {
	var out Person
	_, err := c.write(ctx, http.MethodPut, path("personnel", id), nil, change, &out)
	return out, err
}

// IdentityResult answers one identity of [Client.PutIdentities].
type IdentityResult struct {
	// StatusCode is 201 created, 200 updated or as it was, 400 refused.
	StatusCode int `json:"statusCode"`
	Error      *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// PutIdentities sends people of an HRIS system, at most 1,000 JSON objects, each
// judged by itself.
func (c *Client) PutIdentities(ctx context.Context, connectionID int64, identities []json.RawMessage) ([]IdentityResult, error) {
	var out []IdentityResult
	_, err := c.write(ctx, http.MethodPost, path("custom-connections", connectionID, "hris-user-identities"), nil, identities, &out)
	return out, err
}

// IdentitySync makes personnel of the identities.
type IdentitySync struct {
	ID int64 `json:"id"`
	// Status is RUNNING, COMPLETED or CANCELED.
	Status    string     `json:"status"`
	Total     int64      `json:"total"`
	Done      int64      `json:"done"`
	Created   int64      `json:"created"`
	Updated   int64      `json:"updated"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
}

// StartIdentitySync begins one; a Conflict when one is running.
func (c *Client) StartIdentitySync(ctx context.Context) (IdentitySync, error) {
	var out IdentitySync
	_, err := c.write(ctx, http.MethodPost, "/identity-syncs", nil, struct{}{}, &out)
	return out, err
}

// IdentitySync reads one, with its progress.
func (c *Client) IdentitySync(ctx context.Context, id int64) (IdentitySync, error) {
	var out IdentitySync
	return out, c.get(ctx, path("identity-syncs", id), nil, &out)
}
