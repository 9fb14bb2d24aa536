package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
)

// CatalogEntry is a provider of the catalogue.
type CatalogEntry struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	// Category is a type of provider, CategoryName says it in words.
	Category     string `json:"category"`
	CategoryName string `json:"categoryName"`
	// Kind is STANDARD (the server pulls), PARTNER (somebody else pushes) or CUSTOM
	// (you push).
	Kind        string `json:"kind"`
	Description string `json:"description"`
	// Recommended is the place in the order for a newcomer, nil without one.
	Recommended *int64 `json:"recommended"`
	TestCount   int64  `json:"testCount"`
}

// CatalogDetail is all of an entry.
type CatalogDetail struct {
	CatalogEntry
	// Proves says what the data is evidence of, Account in whose name it is read.
	Proves  string `json:"proves"`
	Account string `json:"account"`
	Access  []struct {
		Permission string `json:"permission"`
		Why        string `json:"why"`
	} `json:"access"`
	// Guide says how it is set up, in Markdown.
	Guide string `json:"guide"`
	// Collector and Recipe are nil where data is pushed only.
	Collector *string `json:"collector"`
	Recipe    *string `json:"recipe"`
	Inputs    []struct {
		Name     string `json:"name"`
		Label    string `json:"label"`
		Help     string `json:"help"`
		Example  string `json:"example"`
		Default  string `json:"default"`
		Required bool   `json:"required"`
		Secret   bool   `json:"secret"`
	} `json:"inputs"`
	Schedule       *string           `json:"schedule"`
	ScheduleWords  *string           `json:"scheduleWords"`
	FreshnessHours int64             `json:"freshnessHours"`
	DisplayNameKey string            `json:"displayNameKey"`
	Schema         json.RawMessage   `json:"schema"`
	SampleRecords  []json.RawMessage `json:"sampleRecords"`
	Tests          []SuggestedTest   `json:"tests"`
}

// SuggestedTest is a test that an entry recommends.
type SuggestedTest struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Words say the logic.
	Words    string          `json:"words"`
	Logic    json.RawMessage `json:"logic"`
	Controls []struct {
		Code string `json:"code"`
		Name string `json:"name"`
	} `json:"controls"`
}

// CatalogFilter narrows the catalogue; zero fields do not.
type CatalogFilter struct {
	// Text is a part of the name, the category or of what an entry is for.
	Text           string
	Category, Kind string
}

// Catalog walks the catalogue in the order for a newcomer.
func (c *Client) Catalog(ctx context.Context, f CatalogFilter) iter.Seq2[CatalogEntry, error] {
	q := url.Values{"size": {"500"}}
	set(q, "q", f.Text)
	set(q, "category", f.Category)
	set(q, "kind", f.Kind)
	return walk[CatalogEntry](ctx, c, "/connection-catalog", q)
}

// CatalogEntry reads one entry with its guide, recipe and tests.
func (c *Client) CatalogEntry(ctx context.Context, slug string) (CatalogDetail, error) {
	var out CatalogDetail
	return out, c.get(ctx, path("connection-catalog", slug), nil, &out)
}

// UsedEntry is the connection that was made of an entry.
type UsedEntry struct {
	Connection
	Tests []struct {
		WorkspaceID int64 `json:"workspaceId"`
		// TestID is the test's number in its workspace.
		TestID int64  `json:"testId"`
		Name   string `json:"name"`
	} `json:"tests"`
	// Unmapped are controls that tests would serve, but that are not there.
	Unmapped []struct {
		WorkspaceID int64  `json:"workspaceId"`
		Code        string `json:"code"`
	} `json:"unmappedControls"`
}

// UseEntry makes a connection of an entry, with its resource and tests. An empty
// name stands for that of the entry.
func (c *Client) UseEntry(ctx context.Context, slug, name string, workspaceIDs []int64) (UsedEntry, error) {
	var out UsedEntry
	body := struct {
		Name         string  `json:"name,omitempty"`
		WorkspaceIDs []int64 `json:"workspaceIds"`
	}{name, workspaceIDs}
	_, err := c.write(ctx, http.MethodPost, path("connection-catalog", slug, "use"), nil, body, &out)
	return out, err
}
