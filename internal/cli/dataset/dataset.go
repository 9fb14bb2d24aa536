// Package dataset brings whole datasets and their tests to a server: what the
// commands that collect have in common.
package dataset

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/plumbline-dev/plumbline/client"
)

// Dataset is all records of one resource.
type Dataset struct {
	// Connection is the name of the connection, by which it is found again.
	Connection  string
	Description string
	// DisplayNameKey is the property that names a record for people.
	DisplayNameKey string
	// Schema is a JSON Schema; without one it is inferred from the records.
	Schema json.RawMessage
	// FreshnessHours is the age after which the data is stale; 0: no limit.
	FreshnessHours int64
	Records        []json.RawMessage
}

// Directory knows the connections of a server by name.
type Directory struct {
	c           *client.Client
	workspaceID int64
	connections map[string]client.Connection
}

// Read reads the connections of a workspace. Of several with one name the
// oldest counts.
func Read(ctx context.Context, c *client.Client, workspaceID int64) (*Directory, error) {
	d := &Directory{c: c, workspaceID: workspaceID, connections: map[string]client.Connection{}}
	for conn, err := range c.Connections(ctx, client.ConnectionFilter{}, client.List{}) {
		if err != nil {
			return nil, err
		}
		for _, id := range conn.WorkspaceIDs {
			if id == workspaceID && len(conn.Resources) > 0 {
				d.connections[conn.Name] = conn
			}
		}
	}
	return d, nil
}

// Find tells the target of a dataset's connection, if there is one.
func (d *Directory) Find(name string) (client.Target, bool) {
	conn, ok := d.connections[name]
	if !ok {
		return client.Target{}, false
	}
	return client.Target{ConnectionID: conn.ID, ResourceID: conn.Resources[0].ID}, true
}

// Ensure finds the connection of a dataset or makes it, and brings its schema
// up to date.
func (d *Directory) Ensure(ctx context.Context, s Dataset) (t client.Target, created bool, err error) {
	if t, found := d.Find(s.Connection); found {
		have := d.connections[s.Connection].Resources[0].Schema
		if len(s.Schema) > 0 && !sameJSON(have, s.Schema) {
			_, err = d.c.PutSchema(ctx, t, s.Schema, false)
		}
		return t, false, err
	}
	n := client.NewConnection{Name: s.Connection, Description: &s.Description, ProviderTypes: []string{"CUSTOM"},
		WorkspaceIDs: []int64{d.workspaceID}, Schema: s.Schema, DisplayNameKey: s.DisplayNameKey}
	if len(s.Schema) == 0 {
		n.SampleData = array(s.Records)
	}
	if s.FreshnessHours > 0 {
		n.FreshnessHours = &s.FreshnessHours
	}
	conn, err := d.c.CreateConnection(ctx, n)
	if err != nil {
		return t, false, err
	}
	if len(conn.Resources) == 0 {
		return t, false, fmt.Errorf("the server made connection %d without a resource", conn.ID)
	}
	d.connections[s.Connection] = conn
	t, _ = d.Find(s.Connection)
	return t, true, nil
}

func array(records []json.RawMessage) json.RawMessage {
	out := []byte{'['}
	for i, r := range records {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, r...)
	}
	return append(out, ']')
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return decode(a, &x) == nil && decode(b, &y) == nil && reflect.DeepEqual(x, y)
}

func decode(text json.RawMessage, into *any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// SessionID makes the id of a session.
func SessionID(prefix string, now time.Time) string {
	return prefix + "-" + now.UTC().Format("20060102T150405") + "-" + rand.Text()[:8]
}

// Replace makes the records the records of the target, in one session. If one
// is refused, nothing changes.
func Replace(ctx context.Context, c *client.Client, t client.Target, sessionID string, records []json.RawMessage) (done client.Completed, err error) {
	defer func() {
		if err != nil {
			undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			// If nothing was uploaded there is no session to cancel.
			_ = c.CancelSession(undo, t, sessionID)
		}
	}()
	var refused error
	p := c.NewPusher(t, client.PusherOptions{SessionID: sessionID, OnItem: func(n int, item client.Item) {
		if item.Error != nil && refused == nil {
			refused = fmt.Errorf("record %d was refused: %w", n+1, item.Error)
		}
	}})
	for _, r := range records {
		if err := p.Add(ctx, r); err != nil {
			return done, err
		}
	}
	if err := p.Flush(ctx); err != nil {
		return done, err
	}
	if refused != nil {
		return done, refused
	}
	if len(records) == 0 {
		if _, err := c.Upload(ctx, t, sessionID, nil); err != nil {
			return done, err
		}
	}
	expected := int64(len(records))
	return c.CompleteSession(ctx, t, sessionID, client.Guards{ExpectedCount: &expected})
}

// Tests knows the names of the tests of a workspace.
type Tests struct {
	c           *client.Client
	workspaceID int64
	byName      map[string]client.Test
}

// ReadTests reads the tests of a workspace.
func ReadTests(ctx context.Context, c *client.Client, workspaceID int64) (*Tests, error) {
	t := &Tests{c: c, workspaceID: workspaceID, byName: map[string]client.Test{}}
	for test, err := range c.Tests(ctx, workspaceID, "", client.List{}) {
		if err != nil {
			return nil, err
		}
		t.byName[test.Name] = test
	}
	return t, nil
}

// Controls are the ids of the controls of a workspace by code.
type Controls map[string]int64

// ReadControls reads the controls of a workspace. To a key that may not read
// them there are none.
func ReadControls(ctx context.Context, c *client.Client, workspaceID int64) (Controls, error) {
	out := Controls{}
	for each, err := range c.Controls(ctx, workspaceID, client.List{}) {
		var refused *client.Error
		if errors.As(err, &refused) && refused.Code == client.CodeForbidden {
			return Controls{}, nil
		}
		if err != nil {
			return nil, err
		}
		out[each.Code] = each.ID
	}
	return out, nil
}

// With is the control with a code, nothing if the workspace has none.
func (c Controls) With(code string) []int64 {
	if id, ok := c[code]; ok {
		return []int64{id}
	}
	return nil
}

// Ensure publishes a test unless there is one of that name.
func (t *Tests) Ensure(ctx context.Context, n client.NewTest) (test client.Test, created bool, err error) {
	if have, ok := t.byName[n.Name]; ok {
		return have, false, nil
	}
	n.Publish = true
	test, err = t.c.CreateTest(ctx, t.workspaceID, n)
	if err != nil {
		return test, false, fmt.Errorf("test %q: %w", n.Name, err)
	}
	t.byName[n.Name] = test
	return test, true, nil
}
