package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
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
	ByHand bool `json:"byHand"`
	// IdentityID is the HRIS identity that the person follows.
	IdentityID *int64 `json:"identityId"`
	// SyncStatus is SYNCED for those who follow an HRIS identity, else NOT_SYNCED.
	SyncStatus      string     `json:"syncStatus"`
	StartedAt       *time.Time `json:"startedAt"`
	SeparatedAt     *time.Time `json:"separatedAt"`
	StatusUpdatedAt *time.Time `json:"statusUpdatedAt"`
	CreatedAt       time.Time  `json:"createdAt"`
	UpdatedAt       time.Time  `json:"updatedAt"`
	// Checks are each protection on all devices of the person.
	Checks []Check `json:"complianceChecks"`
	// CustomFields are all that are defined for personnel.
	CustomFields []FieldValue `json:"customFields"`
	// Groups are those that the person belongs to.
	Groups GroupsOf `json:"groups"`
	// Workspaces are those within reach in whose personnel scope the person is.
	Workspaces []WorkspaceName `json:"workspaces"`
}

// GroupsOf are the groups of a person.
type GroupsOf struct {
	// First are the first ten, by name.
	First []GroupName `json:"data"`
	Total int         `json:"totalCount"`
}

// GroupName is a group as a part of a person.
type GroupName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// ExternalID is what another system calls it, empty without one.
	ExternalID string `json:"externalId"`
	// Source is CUSTOM: made here.
	Source string `json:"source"`
	// ConnectionID is nil: no connection brings groups.
	ConnectionID *int64    `json:"connectionId"`
	CreatedAt    time.Time `json:"createdAt"`
	UpdatedAt    time.Time `json:"updatedAt"`
}

// FullCompliance is the check that sums up all others.
const FullCompliance = "FULL_COMPLIANCE"

// Check is how a person or a device stands with one protection.
type Check struct {
	// Type is AGENT_INSTALLED, PASSWORD_MANAGER, HDD_ENCRYPTION, ANTIVIRUS,
	// AUTO_UPDATES or LOCK_SCREEN, or [FullCompliance], of a person, for all.
	Type string `json:"type"`
	// Status is PASS, FAIL, MISCONFIGURED (nothing is known) or EXCLUDED.
	Status string `json:"status"`
	// Basis is what the status of a device follows from: REPORTED, NOT_REPORTED,
	// REPORT_EXPIRED or DOCUMENT.
	Basis *string `json:"basis,omitempty"`
	// DocumentID is the document by which it passes.
	DocumentID    *int64     `json:"documentId"`
	Since         *time.Time `json:"since"`
	ExpiresAt     *time.Time `json:"expiresAt"`
	LastCheckedAt *time.Time `json:"lastCheckedAt"`
}

// PersonFilter narrows a list of people; zero fields do not.
type PersonFilter struct {
	// Text is a part of the name or the address.
	Text string
	// Statuses are employment statuses, Compliance are statuses of
	// [FullCompliance]; one of each must fit.
	Statuses, Compliance []string
	// ByHand: only those of whom something was decided by hand.
	ByHand    bool
	HasDevice *bool
	// Fields must all fit, 10 at most.
	Fields []FieldFilter
	// GroupIDs: only those who belong to one of these groups.
	GroupIDs []int64
}

// PersonChange is what to change of a person; nil leaves a field as it is. What
// is not a custom field is decided by hand then.
type PersonChange struct {
	EmploymentStatus *string `json:"employmentStatus,omitempty"`
	// NotHumanReason is needed with the status OUT_OF_SCOPE.
	NotHumanReason *string `json:"notHumanReason,omitempty"`
	// StartedAt and SeparatedAt are days such as 2026-01-31, or JSON null for none.
	StartedAt   json.RawMessage `json:"startedAt,omitempty"`
	SeparatedAt json.RawMessage `json:"separatedAt,omitempty"`
	// CustomFields that are not named stay.
	CustomFields []FieldSetting `json:"customFields,omitempty"`
}

var withPersonParts = url.Values{"expand[]": {"complianceChecks", "customFields", "groups", "workspaces"}}

// Personnel walks the people of the organisation with their checks, custom
// fields, groups and workspaces. They can be sorted by name and startDate, too.
func (c *Client) Personnel(ctx context.Context, f PersonFilter, l List) iter.Seq2[Person, error] {
	q := l.values()
	q["expand[]"] = withPersonParts["expand[]"]
	set(q, "q", f.Text)
	q["employmentStatus[]"], q["complianceStatus[]"] = f.Statuses, f.Compliance
	if f.ByHand {
		q.Set("byHand", "true")
	}
	setEither(q, "hasDevice", f.HasDevice)
	for _, id := range f.GroupIDs {
		q.Add("groupIds[]", strconv.FormatInt(id, 10))
	}
	if len(f.Fields) == 0 {
		return walk[Person](ctx, c, "/personnel", q)
	}
	// Only the search finds by custom fields; else it is the same list.
	setFields(q, f.Fields)
	return walk[Person](ctx, c, "/personnel-search", q)
}

// Person reads somebody with their checks, custom fields, groups and workspaces. Who is a number, or
// email: and the address.
func (c *Client) Person(ctx context.Context, who string) (Person, error) {
	var out Person
	return out, c.get(ctx, path("personnel", who), withPersonParts, &out)
}

// UpdatePerson changes something of somebody, named as for [Client.Person].
func (c *Client) UpdatePerson(ctx context.Context, who string, change PersonChange) (Person, error) {
	var out Person
	_, err := c.write(ctx, http.MethodPut, path("personnel", who), withPersonParts, change, &out)
	return out, err
}

// ResetPersonnel gives people back to the identity sync, of whom it is told how
// many had anything decided by hand; nil means everybody.
func (c *Client) ResetPersonnel(ctx context.Context, ids []int64) (int, error) {
	in := map[string]any{"action": "reset-sync-all"}
	if ids != nil {
		in = map[string]any{"action": "reset-sync", "personnelIds": ids}
	}
	var out struct {
		Count int `json:"count"`
	}
	_, err := c.write(ctx, http.MethodPost, "/personnel/actions", nil, in, &out)
	return out.Count, err
}

// PersonHistory walks what became of somebody, named as for [Client.Person].
func (c *Client) PersonHistory(ctx context.Context, who string, l List) iter.Seq2[ObjectChange, error] {
	return walk[ObjectChange](ctx, c, path("personnel", who, "history"), l.values())
}

// ObjectChange is one line of the history of a person, a device or an asset.
type ObjectChange struct {
	ID int64 `json:"id"`
	// Type is CREATED, UPDATED, DELETED, or NOTED for what changed no field.
	Type    string        `json:"type"`
	At      time.Time     `json:"at"`
	Changes []FieldChange `json:"changes"`
	// Events led to it.
	Events []Event `json:"events"`
}

// FieldChange is a field with its old and its new value; JSON null is none.
type FieldChange struct {
	Field string          `json:"field"`
	From  json.RawMessage `json:"from"`
	To    json.RawMessage `json:"to"`
}
