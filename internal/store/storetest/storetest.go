// Package storetest is the one suite that every database must pass.
package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/store"
)

// Clock is a clock that tests move.
type Clock struct{ micros atomic.Int64 }

// NewClock starts at a fixed moment.
func NewClock() *Clock {
	c := &Clock{}
	c.micros.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

// Now is the clock's time.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.micros.Add(d.Microseconds()) }

// Open opens a fresh database with a clock.
type Open func(t *testing.T, now func() time.Time) *store.Store

type suite struct {
	t     *testing.T
	ctx   context.Context //nolint:containedctx // the context of one test
	s     *store.Store
	clock *Clock
}

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*suite)
	}{
		{"fresh database", fresh},
		{"keys", keys},
		{"idempotency", idempotency},
		{"connections", connections},
		{"resource names", resourceNames},
		{"schema versions", schemaVersions},
		{"records", records},
		{"samples", samples},
		{"record versions", versions},
		{"filtered records", filtered},
		{"keyset lists", lists},
		{"concurrent pushes", concurrent},
		{"sessions", sessions},
		{"session guards", guards},
		{"idle sessions", idle},
		{"deleted connection", deleted},
		{"pushes out of order", pushesOutOfOrder},
		{"edits at once", editsAtOnce},
		{"edits of a resource at once", resourceEditsAtOnce},
		{"settings at once", settingsAtOnce},
		{"several sweepers", sweepers},
		{"events", events},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(&suite{t, await.Context(t), open(t, clock.Now), clock})
		})
	}
}

func (x *suite) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *suite) refused(err error, code fault.Code) {
	x.t.Helper()
	if fault.CodeOf(err) != code {
		x.t.Fatalf("got %v, want a refusal with code %d", err, code)
	}
}

func equal[T comparable](x *suite, what string, got, want T) {
	x.t.Helper()
	if got != want {
		x.t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

const schemaText = `{"type":"object","properties":{"id":{"type":"string"},"n":{"type":"integer"}}}`

func (x *suite) event(t event.Type) event.Event {
	return event.New(event.System(event.SourceApp), x.clock.Now(), t, event.CategoryConnection, "test", map[string]any{"a": 1})
}

// resource makes a connection with one resource.
func (x *suite) resource(name string) connection.Resource {
	x.t.Helper()
	now := x.clock.Now()
	c, err := x.s.CreateConnection(x.ctx, connection.Connection{Name: name, ProviderTypes: []connection.ProviderType{connection.Custom},
		WorkspaceIDs: []int64{1}, CreatedAt: now, UpdatedAt: now, Resources: []connection.Resource{
			{Name: name, Schema: []byte(schemaText), SchemaVersion: 1, DisplayNameKey: "id", CreatedAt: now, UpdatedAt: now}}},
		false, x.event(event.ConnectionCreated))
	x.must(err)
	return c.Resources[0]
}

func row(key string, n int) record.Row {
	body := fmt.Sprintf(`{"id":%q,"n":%d}`, key, n)
	sum := sha256.Sum256([]byte(body))
	return record.Row{Key: key, Body: []byte(body), Hash: [16]byte(sum[:16])}
}

func (x *suite) write(r connection.Resource, rows ...record.Row) record.Applied {
	x.t.Helper()
	a, err := x.s.Write(x.ctx, record.Write{ResourceID: r.ID, SchemaVersion: r.SchemaVersion, Rows: rows, At: x.clock.Now(),
		Event: func(record.Counts) event.Event { return x.event(event.RecordsWritten) }})
	x.must(err)
	return a
}

func (x *suite) resourceNow(r connection.Resource) connection.Resource {
	x.t.Helper()
	out, err := x.s.Resource(x.ctx, r.ConnectionID, r.ID)
	x.must(err)
	return out
}

// live is the keys and bodies of the live records.
func (x *suite) live(r connection.Resource) map[string]string {
	x.t.Helper()
	out := map[string]string{}
	x.must(x.s.Scan(x.ctx, r.ID, func(_ int64, key string, body []byte) error {
		out[key] = string(body)
		return nil
	}))
	equal(x, "record count", x.resourceNow(r).RecordCount, int64(len(out)))
	return out
}

func fresh(x *suite) {
	w, err := x.s.Workspace(x.ctx, 1)
	x.must(err)
	equal(x, "primary", w.Primary, true)
	c, err := x.s.Company(x.ctx)
	x.must(err)
	equal(x, "account id length", len(c.AccountID), 36)
	_, err = x.s.Workspace(x.ctx, 99)
	x.refused(err, fault.CodeNotFound)
	ev, err := x.s.Events(x.ctx, event.Filter{}, page.Request{})
	x.must(err)
	equal(x, "events", len(ev.Items), 1)
}

func keys(x *suite) {
	digest := access.Digest(sha256.Sum256([]byte("secret")))
	k, err := x.s.CreateKey(x.ctx, access.Key{Name: "ci", Prefix: "plk_abcd", Scopes: []access.Scope{access.Read}, CreatedAt: x.clock.Now()}, digest, x.event(event.KeyCreated))
	x.must(err)
	got, err := x.s.KeyByDigest(x.ctx, digest)
	x.must(err)
	equal(x, "id", got.ID, k.ID)
	equal(x, "scope", got.Scopes[0], access.Read)
	equal(x, "expiry", got.ExpiresAt.IsZero(), true)
	equal(x, "connections", len(got.Connections), 0)
	reports := access.Digest(sha256.Sum256([]byte("agent")))
	_, err = x.s.CreateKey(x.ctx, access.Key{Name: "agent", Prefix: "plk_agen", Scopes: []access.Scope{access.DevicesReport}, Connections: []int64{7, 9}, CreatedAt: x.clock.Now()}, reports, x.event(event.KeyCreated))
	x.must(err)
	bound, err := x.s.KeyByDigest(x.ctx, reports)
	x.must(err)
	equal(x, "connections", fmt.Sprint(bound.Connections), "[7 9]")
	x.must(x.s.TouchKey(x.ctx, k.ID, x.clock.Now()))
	x.must(x.s.RevokeKey(x.ctx, k.ID, x.clock.Now(), x.event(event.KeyRevoked)))
	got, err = x.s.KeyByDigest(x.ctx, digest)
	x.must(err)
	equal(x, "revoked", got.RevokedAt, x.clock.Now())
	equal(x, "last used", got.LastUsedAt, x.clock.Now())
	x.refused(x.s.RevokeKey(x.ctx, 99, x.clock.Now(), x.event(event.KeyRevoked)), fault.CodeNotFound)
	_, err = x.s.KeyByDigest(x.ctx, access.Digest{})
	x.refused(err, fault.CodeNotFound)
}

func idempotency(x *suite) {
	body, other := sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))
	claim := func(d [32]byte) access.Claim {
		x.t.Helper()
		c, err := x.s.ClaimIdempotency(x.ctx, 1, "k", d, x.clock.Now())
		x.must(err)
		return c
	}
	finish := func(c access.Claim, status int) {
		x.t.Helper()
		x.must(x.s.FinishIdempotency(x.ctx, 1, "k", c.At, access.Reply{Status: status}))
	}
	first := claim(body)
	equal(x, "first", first.Fresh, true)
	equal(x, "second while in flight", claim(body).Busy, true)
	x.must(x.s.FinishIdempotency(x.ctx, 1, "k", first.At, access.Reply{Status: 201, Header: map[string]string{"A": "b"}, Body: []byte("{}")}))
	c := claim(body)
	equal(x, "status", c.Done.Status, 201)
	equal(x, "header", c.Done.Header["A"], "b")
	equal(x, "body", string(c.Done.Body), "{}")
	equal(x, "same", c.Same, true)
	equal(x, "other body", claim(other).Same, false)
	x.clock.Advance(access.IdempotencyLife + time.Second)
	tomorrow := claim(other)
	equal(x, "after a day", tomorrow.Fresh, true)
	x.must(x.s.ReleaseIdempotency(x.ctx, 1, "k", tomorrow.At))
	slow := claim(body)
	equal(x, "after release", slow.Fresh, true)
	x.clock.Advance(access.IdempotencyFlight + time.Second)
	next := claim(body)
	equal(x, "after the process died", next.Fresh, true)
	// The request that was slow, not dead, ends at last.
	finish(slow, 500)
	x.must(x.s.ReleaseIdempotency(x.ctx, 1, "k", slow.At))
	equal(x, "its successor is in flight", claim(body).Busy, true)
	finish(next, 201)
	finish(slow, 500)
	equal(x, "the reply of the successor", claim(body).Done.Status, 201)
	x.clock.Advance(access.IdempotencyLife + time.Second)
	equal(x, "after another day", claim(body).Fresh, true)
	x.must(x.s.SweepIdempotency(x.ctx, x.clock.Now()))
	equal(x, "not yet over", claim(body).Busy, true)
	x.must(x.s.SweepIdempotency(x.ctx, x.clock.Now().Add(time.Second)))
	equal(x, "swept", claim(body).Fresh, true)
	x.must(x.s.ForgetClaims(x.ctx))
	equal(x, "after the only server started again", claim(body).Fresh, true)
}

func connections(x *suite) {
	r := x.resource("one")
	c, err := x.s.Connection(x.ctx, r.ConnectionID)
	x.must(err)
	equal(x, "name", c.Name, "one")
	equal(x, "description", c.Description == nil, true)
	equal(x, "schema", string(c.Resources[0].Schema), schemaText)
	text := "what it is"
	description := &text
	name := "new"
	c, err = x.s.UpdateConnection(x.ctx, c.ID, &name, &description, x.clock.Now(), x.event(event.ConnectionUpdated))
	x.must(err)
	equal(x, "name", c.Name, "new")
	equal(x, "description", *c.Description, text)
	hours := int64(24)
	res := c.Resources[0]
	update := func(of int64) error {
		var err error
		res, err = x.s.UpdateResource(x.ctx, of, r.ID, func(r *connection.Resource) (event.Event, error) {
			r.FreshnessHours = &hours
			return x.event(event.ResourceUpdated), nil
		})
		return err
	}
	x.refused(update(99), fault.CodeNotFound)
	x.must(update(c.ID))
	equal(x, "freshness", *res.FreshnessHours, 24)
	_, err = x.s.Connection(x.ctx, 99)
	x.refused(err, fault.CodeNotFound)
	_, err = x.s.Resource(x.ctx, 99, res.ID)
	x.refused(err, fault.CodeNotFound)
	_, err = x.s.UpdateConnection(x.ctx, 99, &name, nil, x.clock.Now(), x.event(event.ConnectionUpdated))
	x.refused(err, fault.CodeNotFound)
	x.resource("two")
	p, err := x.s.Connections(x.ctx, connection.Filter{WorkspaceID: 1}, page.Request{Size: 1, WantTotal: true})
	x.must(err)
	equal(x, "total", *p.Total, 2)
	equal(x, "newest first", p.Items[0].Name, "two")
	next, err := page.Request{Size: 1}.WithCursor(p.Next)
	x.must(err)
	p, err = x.s.Connections(x.ctx, connection.Filter{WorkspaceID: 1}, next)
	x.must(err)
	equal(x, "second page", p.Items[0].Name, "new")
	equal(x, "end", p.Next, "")
}

func resourceNames(x *suite) {
	x.resource("same")
	now := x.clock.Now()
	c := connection.Connection{Name: "same", WorkspaceIDs: []int64{1}, CreatedAt: now, UpdatedAt: now, Resources: []connection.Resource{
		{Name: "same", Schema: []byte(schemaText), DisplayNameKey: "id", CreatedAt: now}}}
	_, err := x.s.CreateConnection(x.ctx, c, false, x.event(event.ConnectionCreated))
	x.refused(err, fault.CodeDuplicateName)
	out, err := x.s.CreateConnection(x.ctx, c, true, x.event(event.ConnectionCreated))
	x.must(err)
	equal(x, "numbered name", out.Resources[0].Name, "same (2)")
	c.WorkspaceIDs = []int64{7}
	_, err = x.s.CreateConnection(x.ctx, c, true, x.event(event.ConnectionCreated))
	x.refused(err, fault.CodeValidation)
}

func schemaVersions(x *suite) {
	r := x.resource("one")
	text := []byte(`{"type":"object","properties":{"id":{"type":"string"}}}`)
	got, err := x.s.PutSchema(x.ctx, r, text, "id", x.clock.Now(), x.event(event.SchemaUpdated))
	x.must(err)
	equal(x, "version", got.SchemaVersion, 2)
	equal(x, "text", string(got.Schema), string(text))
	_, err = x.s.PutSchema(x.ctx, r, text, "id", x.clock.Now(), x.event(event.SchemaUpdated))
	x.refused(err, fault.CodeEditConflict)
	_, err = x.s.UpdateResource(x.ctx, r.ConnectionID, r.ID, func(r *connection.Resource) (event.Event, error) {
		r.DisplayNameKey = "other"
		return x.event(event.ResourceUpdated), nil
	})
	x.must(err)
	_, err = x.s.PutSchema(x.ctx, got, text, "id", x.clock.Now(), x.event(event.SchemaUpdated))
	x.refused(err, fault.CodeEditConflict)
	vs, err := x.s.SchemaVersions(x.ctx, r.ID)
	x.must(err)
	equal(x, "versions", len(vs), 2)
	equal(x, "first", string(vs[1].Schema), schemaText)
	_, err = x.s.Write(x.ctx, record.Write{ResourceID: r.ID, SchemaVersion: 1, Rows: []record.Row{row("a", 1)}, At: x.clock.Now()})
	if !errors.Is(err, record.ErrChanged) {
		x.t.Fatalf("a push checked against the old schema: got %v", err)
	}
}
