package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"time"
)

// Event is one line of the audit trail.
type Event struct {
	ID           string          `json:"id"`
	Type         string          `json:"type"`
	Category     string          `json:"category"`
	Source       string          `json:"source"`
	Description  string          `json:"description"`
	Metadata     json.RawMessage `json:"metadata"`
	Actor        Actor           `json:"actor"`
	ConnectionID *int64          `json:"connectionId"`
	TestID       string          `json:"testId"`
	TestName     string          `json:"testName"`
	CreatedAt    time.Time       `json:"createdAt"`
}

// Actor is who did something.
type Actor struct {
	// Kind is key, user or system.
	Kind string `json:"kind"`
	// ID is that of the key or the user.
	ID   *int64 `json:"id"`
	Name string `json:"name"`
}

// EventFilter narrows a list of events; zero fields do not.
type EventFilter struct {
	Type, Category, Source    string
	WorkspaceID, ConnectionID int64
	// From and To bound the time: From <= createdAt < To.
	From, To time.Time
}

// eventExpansions are the parts of an event that must be asked for.
var eventExpansions = []string{"metadata", "testId", "testName"}

// Events walks the audit trail.
func (c *Client) Events(ctx context.Context, f EventFilter, l List) iter.Seq2[Event, error] {
	q := l.values()
	q["expand[]"] = eventExpansions
	set(q, "type", f.Type)
	set(q, "category", f.Category)
	set(q, "source", f.Source)
	setID(q, "workspaceId", f.WorkspaceID)
	setID(q, "connectionId", f.ConnectionID)
	if !f.From.IsZero() {
		q.Set("createdAtStartDate", f.From.UTC().Format(time.RFC3339Nano))
	}
	if !f.To.IsZero() {
		q.Set("createdAtEndDate", f.To.UTC().Format(time.RFC3339Nano))
	}
	return walk[Event](ctx, c, "/events", q)
}

// Event reads one event.
func (c *Client) Event(ctx context.Context, id string) (Event, error) {
	var out Event
	return out, c.get(ctx, path("events", id), url.Values{"expand[]": eventExpansions}, &out)
}
