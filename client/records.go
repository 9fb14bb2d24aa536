package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Record is one JSON object of a resource.
type Record struct {
	// ID is the record's own id.
	ID string `json:"id"`
	// Attributes is the record as it is stored.
	Attributes json.RawMessage `json:"attributes"`
	// SessionID is the id of the session that the record belongs to.
	SessionID *string   `json:"sessionId"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Item is what became of one record of a push.
type Item struct {
	// ID is empty when the record was refused.
	ID string `json:"id"`
	// Status is 201 (created), 200 (updated or unchanged) or 400 (refused).
	Status int `json:"statusCode"`
	// Error says why the record was refused, nil when it was stored.
	Error *ItemError `json:"error"`
}

// ItemError is why a record was refused.
type ItemError struct {
	Message string `json:"message"`
	Code    int    `json:"code"`
}

func (e *ItemError) Error() string { return e.Message }

// Pushed is the answer to a push.
type Pushed struct {
	// Items stand in the order of the records.
	Items []Item
	// The counts sum up to the number of records.
	Created, Updated, Unchanged, Failed int64
	// Verdict is nil unless the push waited for it.
	Verdict *Verdict
}

// Verdict sums up the published tests over a resource.
type Verdict struct {
	// Pending is true when not all verdicts were in when the server answered.
	Pending bool
	// Failing and Errors count the tests that are FAILED, and in ERROR.
	Failing, Errors int
}

// Wait asks the server to answer once the verdicts of what was written are in.
type Wait struct {
	// Seconds is how long the server may wait, 0 for its limit (30).
	Seconds int
}

func (w *Wait) values() url.Values {
	if w == nil {
		return nil
	}
	v := url.Values{"wait": {"verdict"}}
	if w.Seconds > 0 {
		v.Set("waitSeconds", strconv.Itoa(w.Seconds))
	}
	return v
}

// Push stores records with one request; the server takes at most 5 MB. A
// record whose id is stored already replaces the stored one. Refused records
// stand in Pushed.Items, the others are stored. Use a [Pusher] for many.
func (c *Client) Push(ctx context.Context, t Target, records []json.RawMessage, w *Wait) (Pushed, error) {
	return c.push(ctx, t.path("records"), w.values(), records)
}

// Verdicts waits for the verdicts of what was pushed before.
func (c *Client) Verdicts(ctx context.Context, t Target, w Wait) (Verdict, error) {
	p, err := c.push(ctx, t.path("records"), w.values(), nil)
	if err != nil || p.Verdict == nil {
		return Verdict{Pending: true}, err
	}
	return *p.Verdict, nil
}

// keyed reports whether every record has an id of its own: to store such
// records again changes nothing, while one without gets a new id each time.
func keyed(records []json.RawMessage) bool {
	for _, r := range records {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(r, &members); err != nil || members["id"] == nil {
			return false
		}
	}
	return true
}

func (c *Client) push(ctx context.Context, path string, query url.Values, records []json.RawMessage) (Pushed, error) {
	size := len(bodyHead) + len(bodyTail)
	for _, r := range records {
		size += len(r) + 1
	}
	body := append(make([]byte, 0, size), bodyHead...)
	for i, r := range records {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, bytes.TrimSpace(r)...)
	}
	body = append(body, bodyTail...)
	var p Pushed
	header, err := c.send(ctx, request{method: http.MethodPost, path: path, query: query, body: body, repeatable: keyed(records)}, &p.Items)
	if err != nil {
		return p, err
	}
	if len(p.Items) != len(records) {
		return p, fmt.Errorf("the server answered for %d records where %d were sent; is the URL that of Plumbline?", len(p.Items), len(records))
	}
	p.read(header)
	return p, nil
}

const (
	bodyHead = `{"data":[`
	bodyTail = `]}`
)

// read takes the counts from the headers: an unchanged record is told apart
// from an updated one only there.
func (p *Pushed) read(h http.Header) {
	for _, item := range p.Items {
		switch {
		case item.Error != nil || item.Status >= 400:
			p.Failed++
		case item.Status == http.StatusCreated:
			p.Created++
		default:
			p.Updated++
		}
	}
	if n, ok := count(h, "X-Records-Unchanged"); ok {
		p.Unchanged = n
		p.Updated -= n
	}
	if failing, ok := count(h, "X-Tests-Failing"); ok {
		errors, _ := count(h, "X-Tests-Error")
		p.Verdict = &Verdict{Pending: h.Get("X-Verdicts") == "pending", Failing: int(failing), Errors: int(errors)}
	}
}

func count(h http.Header, name string) (int64, bool) {
	n, err := strconv.ParseInt(h.Get(name), 10, 64)
	return n, err == nil
}

// UpdateRecord merges properties into a stored record: those of the patch
// replace its own, the others stay.
func (c *Client) UpdateRecord(ctx context.Context, t Target, id string, patch json.RawMessage) (Record, error) {
	var out Record
	_, err := c.write(ctx, http.MethodPut, t.path("records", id), nil, map[string]json.RawMessage{"data": patch}, &out)
	return out, err
}

// DeleteRecord deletes a record.
func (c *Client) DeleteRecord(ctx context.Context, t Target, id string) error {
	return c.delete(ctx, t.path("records", id))
}

// Records walks the live records of a resource.
func (c *Client) Records(ctx context.Context, t Target, l List) iter.Seq2[Record, error] {
	return walk[Record](ctx, c, t.path("records"), l.values())
}

// Record reads a live record.
func (c *Client) Record(ctx context.Context, t Target, id string) (Record, error) {
	var out Record
	return out, c.get(ctx, t.path("records", id), nil, &out)
}

// StagedRecords walks the records of a session that is in progress.
func (c *Client) StagedRecords(ctx context.Context, t Target, sessionID string, l List) iter.Seq2[Record, error] {
	q := l.values()
	q.Set("sessionId", sessionID)
	return walk[Record](ctx, c, t.path("records"), q)
}

// SchemaChange is what a new schema does, or would do.
type SchemaChange struct {
	// Invalid is the number of stored records that do not satisfy the schema.
	Invalid int64 `json:"invalidRecords"`
	// Records is the number of stored records that were checked.
	Records int64 `json:"records"`
	// Examples are the first that do not satisfy the schema.
	Examples []SchemaExample `json:"examples"`
	Version  int64           `json:"version"`
}

// SchemaExample is a record that does not satisfy a schema.
type SchemaExample struct {
	RecordID string `json:"recordId"`
	Message  string `json:"message"`
}

// PutSchema replaces the schema of a resource. With dryRun nothing changes.
func (c *Client) PutSchema(ctx context.Context, t Target, schema json.RawMessage, dryRun bool) (SchemaChange, error) {
	return c.PutSchemaWith(ctx, t, schema, "", dryRun)
}

// PutSchemaWith is [Client.PutSchema] with another display name key, unless that
// is empty.
func (c *Client) PutSchemaWith(ctx context.Context, t Target, schema json.RawMessage, displayNameKey string, dryRun bool) (SchemaChange, error) {
	in := map[string]any{"schema": schema, "dryRun": dryRun}
	if displayNameKey != "" {
		in["displayNameKey"] = displayNameKey
	}
	var out SchemaChange
	_, err := c.write(ctx, http.MethodPut, t.path("schema"), nil, in, &out)
	return out, err
}
