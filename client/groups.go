package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Group is a named set of people of the organisation.
type Group struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// ExternalID is what another system calls it, empty without one.
	ExternalID string `json:"externalId"`
	// Rule says who belongs to it; nil: people are named one by one.
	Rule *GroupRule `json:"rule"`
	// People is how many belong to it, those who left the organisation too.
	People int64 `json:"personnelCount"`
	// Workspaces are those whose personnel scope it is part of.
	Workspaces []WorkspaceName `json:"workspaces"`
	CreatedAt  time.Time       `json:"createdAt"`
	UpdatedAt  time.Time       `json:"updatedAt"`
}

// WorkspaceName names a workspace.
type WorkspaceName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// ScopeGroup is a group of a workspace's personnel scope.
type ScopeGroup struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	People int64  `json:"personnelCount"`
}

// GroupRule is true of those of whom each of its lists that has values is.
type GroupRule struct {
	// JobTitles and EmailDomains count in any case.
	JobTitles    []string `json:"jobTitles,omitempty"`
	EmailDomains []string `json:"emailDomains,omitempty"`
	// ConnectionIDs are HRIS connections whose identities people follow.
	ConnectionIDs []int64 `json:"connectionIds,omitempty"`
}

// GroupChange is what to make a group of, or to change of it; nil leaves a part as
// it is.
type GroupChange struct {
	Name *string `json:"name,omitempty"`
	// ExternalID is a JSON text, or JSON null for none.
	ExternalID json.RawMessage `json:"externalId,omitempty"`
	// Rule is a JSON [GroupRule], or JSON null: people are named one by one.
	Rule json.RawMessage `json:"rule,omitempty"`
}

// Groups walks the groups whose name has a text. They can be sorted by name, too.
func (c *Client) Groups(ctx context.Context, text string, l List) iter.Seq2[Group, error] {
	q := l.values()
	set(q, "q", text)
	return walk[Group](ctx, c, "/groups", q)
}

// Group reads one.
func (c *Client) Group(ctx context.Context, id int64) (Group, error) {
	var out Group
	return out, c.get(ctx, path("groups", id), nil, &out)
}

// CreateGroup makes a group.
func (c *Client) CreateGroup(ctx context.Context, n GroupChange) (Group, error) {
	var out Group
	_, err := c.write(ctx, http.MethodPost, "/groups", nil, n, &out)
	return out, err
}

// UpdateGroup changes a group.
func (c *Client) UpdateGroup(ctx context.Context, id int64, change GroupChange) (Group, error) {
	var out Group
	_, err := c.write(ctx, http.MethodPut, path("groups", id), nil, change, &out)
	return out, err
}

// DeleteGroup deletes a group that no personnel scope is made of.
func (c *Client) DeleteGroup(ctx context.Context, id int64) error {
	return c.delete(ctx, path("groups", id))
}

// ChangeMembers adds people to a group without a rule, or removes them, and tells how
// many that were who were not in it, or were. Each is named as for [Client.Person].
func (c *Client) ChangeMembers(ctx context.Context, id int64, add bool, people []string) (int, error) {
	action := "remove"
	if add {
		action = "add"
	}
	list := make([]json.RawMessage, len(people))
	for i, who := range people {
		list[i] = json.RawMessage(who)
		if !json.Valid(list[i]) {
			quoted, _ := json.Marshal(who) // a text always can be
			list[i] = quoted
		}
	}
	var out struct {
		Count int `json:"count"`
	}
	_, err := c.write(ctx, http.MethodPost, path("groups", id, "actions"), nil, map[string]any{"action": action, "personnelIds": list}, &out)
	return out.Count, err
}
