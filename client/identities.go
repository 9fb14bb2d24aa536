package client

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"time"
)

// MaxIdentities is how many identities go in one call.
const MaxIdentities = 1000

// Identity is what an HRIS system says of somebody.
type Identity struct {
	ID int64 `json:"id"`
	// IdentityID is what the system calls the person.
	IdentityID     string     `json:"identityId"`
	Email          *string    `json:"email"`
	SecondaryEmail *string    `json:"secondaryEmail"`
	FirstName      *string    `json:"firstName"`
	LastName       *string    `json:"lastName"`
	JobTitle       *string    `json:"jobTitle"`
	ManagerID      *string    `json:"managerId"`
	ManagerName    *string    `json:"managerName"`
	StartedAt      *time.Time `json:"startedAt"`
	SeparatedAt    *time.Time `json:"separatedAt"`
	IsContractor   *bool      `json:"isContractor"`
	ConnectionID   int64      `json:"connectionId"`
	// PersonnelID is the person who follows it, nil when nobody does; lists tell.
	PersonnelID *int64    `json:"personnelId,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

// IdentityResult answers one identity of [Client.PutIdentities].
type IdentityResult struct {
	// StatusCode is 201 created, 200 updated or as it was, 400 refused.
	StatusCode int `json:"statusCode"`
	// Data is nil when nothing changed, or the identity was refused.
	Data  *Identity `json:"data"`
	Error *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// PutIdentities sends people of an HRIS system, at most [MaxIdentities] JSON
// objects, each judged by itself.
func (c *Client) PutIdentities(ctx context.Context, connectionID int64, identities []json.RawMessage) ([]IdentityResult, error) {
	var out []IdentityResult
	_, err := c.write(ctx, http.MethodPost, path("custom-connections", connectionID, "hris-user-identities"), nil, identities, &out)
	return out, err
}

// Identities walks the identities of an HRIS connection.
func (c *Client) Identities(ctx context.Context, connectionID int64, l List) iter.Seq2[Identity, error] {
	return walk[Identity](ctx, c, path("custom-connections", connectionID, "hris-user-identities"), l.values())
}

// Identity reads one. Which is its number, or identity-id: and what the system
// calls the person.
func (c *Client) Identity(ctx context.Context, connectionID int64, which string) (Identity, error) {
	var out Identity
	return out, c.get(ctx, path("custom-connections", connectionID, "hris-user-identities", which), nil, &out)
}

// DeleteIdentity deletes an identity, named as for [Client.Identity]. To send it
// again brings it back.
func (c *Client) DeleteIdentity(ctx context.Context, connectionID int64, which string) error {
	return c.delete(ctx, path("custom-connections", connectionID, "hris-user-identities", which))
}

// IdentitySync makes personnel of the identities.
type IdentitySync struct {
	ID int64 `json:"id"`
	// Status is RUNNING, COMPLETED or CANCELED.
	Status string `json:"status"`
	// Trigger is SCHEDULED for that of the night, or REQUEST.
	Trigger   string `json:"trigger"`
	Total     int64  `json:"total"`
	Done      int64  `json:"done"`
	Created   int64  `json:"created"`
	Updated   int64  `json:"updated"`
	Unchanged int64  `json:"unchanged"`
	// WithoutAddress and Taken are identities that were passed over: those without
	// an address, and those whose address is of somebody who follows another one.
	WithoutAddress int64      `json:"withoutAddress"`
	Taken          int64      `json:"taken"`
	StartedAt      time.Time  `json:"startedAt"`
	EndedAt        *time.Time `json:"endedAt"`
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

// IdentitySyncs walks the identity syncs, the newest first.
func (c *Client) IdentitySyncs(ctx context.Context, l List) iter.Seq2[IdentitySync, error] {
	return walk[IdentitySync](ctx, c, "/identity-syncs", l.values())
}

// CancelIdentitySync ends one that is running; what it applied stays.
func (c *Client) CancelIdentitySync(ctx context.Context, id int64) (IdentitySync, error) {
	var out IdentitySync
	_, err := c.write(ctx, http.MethodPost, path("identity-syncs", id, "actions"), nil, map[string]string{"action": "cancel"}, &out)
	return out, err
}

// How often a sync is looked at: soon at first, and then less and less.
const (
	firstLook = 50 * time.Millisecond
	lastLook  = 2 * time.Second
)

// SyncIdentities starts an identity sync, once one that is running is over, and
// follows it to its end. Told, if it is not nil, is called with each look at it,
// and with the zero IdentitySync while another one is running.
func (c *Client) SyncIdentities(ctx context.Context, told func(IdentitySync)) (IdentitySync, error) {
	var y IdentitySync
	for wait := firstLook; ; wait = min(wait*3/2, lastLook) {
		var err error
		if y.ID == 0 {
			y, err = c.StartIdentitySync(ctx)
		} else {
			y, err = c.IdentitySync(ctx, y.ID)
		}
		var e *Error
		if errors.As(err, &e) && e.Status == http.StatusConflict {
			y, err = IdentitySync{}, nil
		}
		if err != nil {
			return y, err
		}
		if told != nil {
			told(y)
		}
		if y.EndedAt != nil {
			return y, nil
		}
		if err := c.o.Sleep(ctx, wait); err != nil {
			return y, err
		}
	}
}
