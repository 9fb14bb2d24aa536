package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
	"github.com/plumbline-dev/plumbline/rule"
)

// BenchmarkAttributes is what an editor waits for over a million records: their
// attributes, and the values of one.
func BenchmarkAttributes(b *testing.B) {
	for name, o := range map[string]func() Options{
		"SQLite":     func() Options { return Options{Dir: b.TempDir()} },
		"PostgreSQL": func() Options { return Options{URL: pgserver.Start(b)} },
	} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), o())
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			r := million(b, s)
			checks := check.NewService(s, check.Options{Now: time.Now})
			defer checks.Close()
			b.Run("attributes", func(b *testing.B) {
				for b.Loop() {
					if got, err := checks.Attributes(b.Context(), r); err != nil || got.Sample.Records != 200 || got.Sample.Of != 1_000_000 {
						b.Fatal(got.Sample, err)
					}
				}
			})
			b.Run("values", func(b *testing.B) {
				for b.Loop() {
					if got, err := checks.ValuesOf(b.Context(), r, rule.Address{Fact: "team"}, "", 20); err != nil || got.Different != 40 {
						b.Fatal(got, err)
					}
				}
			})
		})
	}
}

// million makes a resource with a million records.
func million(b *testing.B, s *Store) connection.Resource {
	b.Helper()
	now := time.Now()
	told := func() event.Event {
		return event.New(event.System(event.SourceApp), now, event.RecordsWritten, event.CategoryConnection, "a million records", nil)
	}
	c, err := s.CreateConnection(b.Context(), connection.Connection{Name: "Users", ProviderTypes: []connection.ProviderType{connection.Custom}, WorkspaceIDs: []int64{1},
		CreatedAt: now, UpdatedAt: now, Resources: []connection.Resource{{Name: "Users", DisplayNameKey: "id", SchemaVersion: 1, CreatedAt: now, UpdatedAt: now,
			Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"},"team":{"type":"string"}}}`)}}}, false, told())
	if err != nil {
		b.Fatal(err)
	}
	r := c.Resources[0]
	for first := 0; first < 1_000_000; first += 20_000 {
		rows := make([]record.Row, 20_000)
		for i := range rows {
			n := first + i
			rows[i] = record.Row{Key: fmt.Sprintf("user-%07d", n), Hash: [16]byte{byte(n), byte(n >> 8), byte(n >> 16)},
				Body: fmt.Appendf(nil, `{"id":"user-%07d","team":"team %d","mfa":%t,"host":{"os":"linux","disks":[{"size":%d,"encrypted":true}]},"seenAt":"2026-10-01T10:00:00Z"}`, n, n%40, n%7 > 0, n%512)}
		}
		if _, err := s.Write(b.Context(), record.Write{ResourceID: r.ID, SchemaVersion: 1, Rows: rows, At: now, Event: func(record.Counts) event.Event { return told() }}); err != nil {
			b.Fatal(err)
		}
	}
	if r, err = s.ResourceInWorkspace(b.Context(), 1, r.ID); err != nil {
		b.Fatal(err)
	}
	return r
}
