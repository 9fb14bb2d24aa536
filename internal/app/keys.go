package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/config"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Keys is the use of API keys by somebody who can reach the database.
type Keys struct {
	access *access.Service
	people *asset.Service
	now    func() time.Time
	close  func() error
}

// Key is an API key as people see it.
type Key struct {
	ID        int64
	Name      string
	Scopes    []string
	State     string
	Prefix    string
	CreatedAt time.Time
	// ExpiresAt, RevokedAt and LastUsedAt are zero for never.
	ExpiresAt  time.Time
	RevokedAt  time.Time
	LastUsedAt time.Time
	AllowedIPs []netip.Prefix
	// Connections are those of a key that only reports devices.
	Connections []int64
}

// NewKey is what may be chosen of a key.
type NewKey struct {
	Name string
	// Scopes are scope strings of the contract, or "all", or "read".
	Scopes []string
	// ExpiresAt is zero for a key that never expires.
	ExpiresAt  time.Time
	AllowedIPs []netip.Prefix
	// Connections are those of a key that only reports devices.
	Connections []int64
}

// Check reports why no such key can be made, nil if it can.
func (n NewKey) Check() error {
	_, err := access.ParseScopes(n.Scopes)
	return err
}

// OpenKeys opens the database beside a server that may be running. Only with
// fresh it may make a database where there is none.
func OpenKeys(ctx context.Context, c config.Config, now func() time.Time, fresh bool) (*Keys, error) {
	if err := present(c, fresh); err != nil {
		return nil, err
	}
	st, err := openStore(ctx, c, slog.New(slog.DiscardHandler), now)
	if err != nil {
		return nil, err
	}
	people := asset.NewService(st, connection.NewService(st, now), now)
	return &Keys{access.NewService(st, now), people, now, st.Close}, nil
}

// present reports that there is no database where one must be.
func present(c config.Config, fresh bool) error {
	if _, err := os.Stat(c.DataDir); err != nil && c.DatabaseURL == "" && !fresh {
		return fmt.Errorf("there is no database in %s: is --data right? (%w)", c.DataDir, err)
	}
	return nil
}

// Keys is the use of the keys of this server.
func (a *App) Keys() *Keys { return &Keys{a.access, a.people, a.now, func() error { return nil }} }

// Close gives the database back.
func (k *Keys) Close() error { return k.close() }

var cliActor = event.Actor{Source: event.SourceApp, Name: "command line", Request: "plumbline keys"}

// Create makes a key and returns it with its secret, which is shown this once.
func (k *Keys) Create(ctx context.Context, n NewKey) (Key, string, error) {
	scopes, err := access.ParseScopes(n.Scopes)
	if err != nil {
		return Key{}, "", err
	}
	if err := k.people.TakeDevices(ctx, n.Connections...); err != nil {
		return Key{}, "", err
	}
	made, secret, err := k.access.CreateKey(ctx, cliActor, access.NewKey{Name: n.Name, Scopes: scopes, ExpiresAt: n.ExpiresAt, AllowedIPs: n.AllowedIPs, Connections: n.Connections})
	if err != nil {
		return Key{}, "", err
	}
	return k.describe(made), secret, nil
}

// List lists all keys, the newest first, revoked and expired ones included.
func (k *Keys) List(ctx context.Context) ([]Key, error) {
	all := []Key{}
	r := page.Request{Size: page.MaxSize}
	for {
		p, err := k.access.Keys(ctx, access.KeyFilter{}, r)
		if err != nil {
			return nil, err
		}
		for _, one := range p.Items {
			all = append(all, k.describe(one))
		}
		if p.Next == "" {
			return all, nil
		}
		if r, err = r.WithCursor(p.Next); err != nil {
			return nil, err
		}
	}
}

// Revoke ends a key; the next request that shows it is refused.
func (k *Keys) Revoke(ctx context.Context, id int64) error {
	return k.access.RevokeKey(ctx, cliActor, id)
}

func (k *Keys) describe(a access.Key) Key {
	out := Key{ID: a.ID, Name: a.Name, State: string(a.State(k.now())), Prefix: a.Prefix, CreatedAt: a.CreatedAt,
		ExpiresAt: a.ExpiresAt, RevokedAt: a.RevokedAt, LastUsedAt: a.LastUsedAt, AllowedIPs: a.AllowedIPs, Connections: a.Connections}
	for _, s := range a.Scopes {
		out.Scopes = append(out.Scopes, string(s))
	}
	return out
}
