package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// BenchmarkAccounts is what the page of accounts waits for with a hundred thousand
// of them: a page with the length of the list, whatever it is narrowed by.
func BenchmarkAccounts(b *testing.B) {
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
			m := manyAccounts(b, s, 100_000)
			yes, no := true, false
			for _, c := range []struct {
				name string
				f    account.Filter
				r    page.Request
			}{
				{"by name", account.Filter{}, page.Request{Sort: page.Name, Ascending: true}},
				{"by last activity", account.Filter{}, page.Request{Sort: account.LastActiveAt}},
				{"without a second factor", account.Filter{MFA: &no, Status: []account.Status{account.Active}}, page.Request{Sort: page.Name, Ascending: true}},
				{"of nobody", account.Filter{Linked: &no, Service: &no, InScope: &yes}, page.Request{Sort: page.Name, Ascending: true}},
				{"of those who are gone", account.Filter{Leaver: &yes}, page.Request{Sort: page.Name, Ascending: true}},
				{"with a text in few", account.Filter{Text: "user77777"}, page.Request{Sort: page.Name, Ascending: true}},
				{"with a text in none", account.Filter{Text: "nobody"}, page.Request{Sort: page.Name, Ascending: true}},
			} {
				c.r.WantTotal = true
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						if _, err := m.List(b.Context(), 1, c.f, c.r); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run("counts", func(b *testing.B) {
				for b.Loop() {
					if _, err := m.Standing(b.Context(), 1); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// manyAccounts makes a resource with n records and their accounts.
func manyAccounts(b *testing.B, s *Store, n int) *account.Manager {
	b.Helper()
	connections := connection.NewService(s, time.Now)
	records := record.NewService(s, connections, record.Options{Now: time.Now, SessionIdle: time.Hour})
	actor := event.System(event.SourceApp)
	c, err := connections.Create(b.Context(), actor, connection.New{Name: "Users", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1}, DisplayNameKey: "login",
		Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"},"login":{"type":"string"},"mail":{"type":"string"},"mfa":{"type":"boolean"},"roles":{"type":"array"},"seen":{"type":"string"}}}`)})
	if err != nil {
		b.Fatal(err)
	}
	r := c.Resources[0]
	for first := 0; first < n; first += 1000 {
		list := make([][]byte, 1000)
		for i := range list {
			at := first + i
			list[i] = fmt.Appendf(nil, `{"id":"%d","login":"user%d","mail":"user%d@example.com","mfa":%t,"roles":["reader","writer"],"seen":"2026-01-%02dT00:00:00Z"}`, at, at*7919%n, at, at%50 > 0, at%28+1)
		}
		if _, err := records.Upsert(b.Context(), actor, record.Target{ConnectionID: r.ConnectionID, ResourceID: r.ID}, list); err != nil {
			b.Fatal(err)
		}
	}
	m := account.NewManager(s, account.Options{Now: time.Now, Connections: connections})
	of, err := account.Parse([]byte(`{"name":"login","email":"mail","roles":"roles","mfa":{"path":"mfa"},"lastActiveAt":"seen"}`))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := m.SetMapping(b.Context(), actor, r.ConnectionID, r.ID, of); err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	for more := true; more; {
		if more, err = m.Step(b.Context(), r.ID); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d accounts were taken out in %s", n, time.Since(begun).Round(time.Millisecond))
	return m
}
