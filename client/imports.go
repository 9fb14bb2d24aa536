package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// MaxImportBytes is how large a file may be.
const MaxImportBytes = 32 << 20

// importLines is how many lines are told at most in one answer.
const importLines = 1000

// ImportOptions say what is done with a CSV file.
type ImportOptions struct {
	// Preview: tell what would change, and change nothing.
	Preview bool
	// SkipRefused: take the other rows when some are refused; else all of the file
	// is taken, or nothing.
	SkipRefused bool
	// After is a line; only those below it are told, 1,000 at most.
	After int
}

// Import is what became of a file, or would.
type Import struct {
	Preview bool `json:"preview"`
	// CanApply: the file can be taken, with these options.
	CanApply bool `json:"canApply"`
	// NumRows is how many rows there are; the next four add up to it.
	NumRows        int            `json:"numRows"`
	NumCreated     int            `json:"numCreated"`
	NumUpdated     int            `json:"numUpdated"`
	NumUnchanged   int            `json:"numUnchanged"`
	NumRefused     int            `json:"numRefused"`
	IgnoredColumns []string       `json:"ignoredColumns"`
	Lines          []ImportLine   `json:"lines"`
	MoreLines      int            `json:"moreLines"`
	Errors         []ImportRefuse `json:"errors"`
	MoreErrors     int            `json:"moreErrors"`
}

// ImportLine is what a row changes, or would.
type ImportLine struct {
	// Line is where the row begins in the file, from 1.
	Line int `json:"line"`
	// Outcome is CREATED, UPDATED or UNCHANGED.
	Outcome string `json:"outcome"`
	// ID is nil while the person or the asset is not there yet.
	ID      *int64         `json:"id"`
	Name    string         `json:"name"`
	Changes []ImportChange `json:"changes"`
	// Kept are columns that differ and are left as they are.
	Kept []string `json:"kept"`
}

// ImportChange is one field of a row; nil is an empty one.
type ImportChange struct {
	Field string  `json:"field"`
	Old   *string `json:"old"`
	New   *string `json:"new"`
}

// ImportRefuse is why a row, or a whole file, cannot be taken.
type ImportRefuse struct {
	// Line is nil for the file as a whole, Column for the row as a whole.
	Line    *int    `json:"line"`
	Column  *string `json:"column"`
	Message string  `json:"message"`
	// Also is what else is wrong with the row, a few faults at most.
	Also []ImportFault `json:"also"`
}

// ImportFault is one more thing that is wrong with a row.
type ImportFault struct {
	Column  *string `json:"column"`
	Message string  `json:"message"`
}

// ImportPersonnel imports people from a CSV file.
func (c *Client) ImportPersonnel(ctx context.Context, file []byte, o ImportOptions) (Import, error) {
	return c.importFile(ctx, "/personnel/imports", file, o)
}

// ImportAssets imports assets from a CSV file.
func (c *Client) ImportAssets(ctx context.Context, file []byte, o ImportOptions) (Import, error) {
	return c.importFile(ctx, "/assets/imports", file, o)
}

func (c *Client) importFile(ctx context.Context, path string, file []byte, o ImportOptions) (Import, error) {
	q := url.Values{"limit": {strconv.Itoa(importLines)}}
	if o.Preview {
		q.Set("preview", "true")
	}
	if o.SkipRefused {
		q.Set("onError", "skip")
	}
	setID(q, "afterLine", int64(o.After))
	var out Import
	_, err := c.send(ctx, request{method: http.MethodPost, path: path, query: q, body: file, header: http.Header{"Content-Type": {"text/csv"}}, repeatable: o.Preview}, &out)
	return out, err
}

// PersonnelFile writes the people of the organisation to w as a CSV file that
// [Client.ImportPersonnel] takes, with a column for each custom field.
func (c *Client) PersonnelFile(ctx context.Context, w io.Writer) error {
	return c.listFile(ctx, "/personnel", w, "customFields", "user")
}

// AssetFile writes the assets of the organisation to w as a CSV file that
// [Client.ImportAssets] takes, with classes, owners and a column for each custom
// field.
func (c *Client) AssetFile(ctx context.Context, w io.Writer) error {
	return c.listFile(ctx, "/assets", w, "assetClassTypes", "customFields", "owner")
}

func (c *Client) listFile(ctx context.Context, path string, w io.Writer, parts ...string) error {
	q := url.Values{"format": {"csv"}, "sortDir": {"ASC"}, "expand[]": parts}
	return c.download(ctx, request{method: http.MethodGet, path: path, query: q, file: true}, w)
}

// PersonnelTemplate writes an example of a CSV file of personnel to w.
func (c *Client) PersonnelTemplate(ctx context.Context, w io.Writer) error {
	return c.download(ctx, request{method: http.MethodGet, path: "/personnel/import-template", file: true}, w)
}

// AssetTemplate writes an example of a CSV file of assets to w.
func (c *Client) AssetTemplate(ctx context.Context, w io.Writer) error {
	return c.download(ctx, request{method: http.MethodGet, path: "/assets/import-template", file: true}, w)
}
