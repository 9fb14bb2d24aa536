package store

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// CreateKey implements access.KeyStore.
func (s *Store) CreateKey(ctx context.Context, k access.Key, d access.Digest, e event.Event) (access.Key, error) {
	err := s.db.write(ctx, func(q querier) error {
		ips := k.AllowedIPs
		if ips == nil {
			ips = []netip.Prefix{}
		}
		var connections any
		if len(k.Connections) > 0 {
			connections = toJSON(k.Connections)
		}
		if err := one(q, `INSERT INTO api_key (name, digest, prefix, scopes, allowed_ips, connection_ids, created_at, expires_at, user_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
			[]any{k.Name, d[:], k.Prefix, toJSON(k.Scopes), toJSON(ips), connections, k.CreatedAt, k.ExpiresAt, nullID(k.UserID)}, &k.ID); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return k, err
}

const keyColumns = `SELECT id, name, prefix, scopes, allowed_ips, connection_ids, created_at, expires_at, revoked_at, last_used_at, user_id FROM api_key`

func scanKey(r row, k *access.Key) error {
	var scopes, ips, connections []byte
	if err := r.scan(&k.ID, &k.Name, &k.Prefix, &scopes, &ips, &connections, &k.CreatedAt, &k.ExpiresAt, &k.RevokedAt, &k.LastUsedAt, &k.UserID); err != nil {
		return err
	}
	if len(connections) > 0 {
		if err := json.Unmarshal(connections, &k.Connections); err != nil {
			return err
		}
	}
	return errors.Join(json.Unmarshal(scopes, &k.Scopes), json.Unmarshal(ips, &k.AllowedIPs))
}

// KeyByDigest implements access.KeyStore.
func (s *Store) KeyByDigest(ctx context.Context, d access.Digest) (access.Key, error) {
	var k access.Key
	err := s.db.read(ctx, func(q querier) error {
		found := false
		err := q.query(keyColumns+" WHERE digest = $1", func(r row) error {
			found = true
			return scanKey(r, &k)
		}, d[:])
		if err == nil && !found {
			return absent("API key", "")
		}
		return err
	})
	return k, err
}

// Keys implements access.KeyStore.
func (s *Store) Keys(ctx context.Context, f access.KeyFilter, r page.Request) (page.Page[access.Key], error) {
	l := list[access.Key]{sql: keyColumns, id: "id", columns: map[page.Sort]string{page.CreatedAt: "id"}, scan: scanKey,
		position: func(k access.Key) page.Position { return page.Position{ID: k.ID} }}
	if f.UserID != 0 {
		l.and("user_id = ?", f.UserID)
	}
	if !f.UsableAt.IsZero() {
		l.and("revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", f.UsableAt)
	}
	return l.run(ctx, s, r)
}

// revokeKeysOf revokes the keys that a person made.
func (s *Store) revokeKeysOf(q querier, userID int64, at time.Time, e func(id int64) event.Event) error {
	ids, err := idList(q, "UPDATE api_key SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING id", userID, at)
	if err != nil {
		return err
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := s.append(q, e(id)); err != nil {
			return err
		}
	}
	return nil
}

// RevokeKey implements access.KeyStore.
func (s *Store) RevokeKey(ctx context.Context, id int64, at time.Time, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		var revoked time.Time
		if err := absentIf(one(q, "SELECT revoked_at FROM api_key WHERE id = $1"+q.dialect().forUpdate, []any{id}, &revoked), "API key", id); err != nil || !revoked.IsZero() {
			return err
		}
		if _, err := q.exec("UPDATE api_key SET revoked_at = $2 WHERE id = $1", id, at); err != nil {
			return err
		}
		return s.append(q, e)
	})
}

// TouchKey implements access.KeyStore.
func (s *Store) TouchKey(ctx context.Context, id int64, at time.Time) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("UPDATE api_key SET last_used_at = $2 WHERE id = $1", id, at)
		return err
	})
}

const workspaceColumns = `SELECT id, is_primary, name, description, url, created_at, updated_at FROM workspace`

func scanWorkspace(r row, w *access.Workspace) error {
	return r.scan(&w.ID, &w.Primary, &w.Name, &w.Description, &w.URL, &w.CreatedAt, &w.UpdatedAt)
}

// Workspaces implements access.Store.
func (s *Store) Workspaces(ctx context.Context, within []int64, r page.Request) (page.Page[access.Workspace], error) {
	l := list[access.Workspace]{sql: workspaceColumns, id: "id", columns: map[page.Sort]string{page.CreatedAt: "created_at", page.UpdatedAt: "updated_at"},
		scan: scanWorkspace, position: func(w access.Workspace) page.Position {
			if r.Order() == page.UpdatedAt {
				return page.Position{Value: w.UpdatedAt.UnixMicro(), ID: w.ID}
			}
			return page.Position{Value: w.CreatedAt.UnixMicro(), ID: w.ID}
		}}
	if within != nil {
		cond, args := in("id", append([]int64{0}, within...))
		l.where, l.args = append(l.where, cond), args
	}
	return l.run(ctx, s, r)
}

// Workspace implements access.Store.
func (s *Store) Workspace(ctx context.Context, id int64) (access.Workspace, error) {
	var w access.Workspace
	err := s.db.read(ctx, func(q querier) error {
		found := false
		err := q.query(workspaceColumns+" WHERE id = $1", func(r row) error {
			found = true
			return scanWorkspace(r, &w)
		}, id)
		if err == nil && !found {
			return absent("workspace", id)
		}
		return err
	})
	return w, err
}

// Settings implements access.Store.
func (s *Store) Settings(ctx context.Context) (access.Settings, error) {
	var out access.Settings
	err := s.db.read(ctx, func(q querier) error {
		var err error
		out, err = readSettings(q, "")
		return err
	})
	return out, err
}

func readSettings(q querier, lock string) (out access.Settings, err error) {
	var body []byte
	if err := one(q, "SELECT settings FROM company WHERE id = 1"+lock, nil, &body); err != nil {
		return out, err
	}
	err = json.Unmarshal(body, &out)
	return out, err
}

// ChangeSettings implements access.Store.
func (s *Store) ChangeSettings(ctx context.Context, change func(*access.Settings) (event.Event, error)) (access.Settings, error) {
	var out access.Settings
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if out, err = readSettings(q, q.dialect().forUpdate); err != nil {
			return err
		}
		e, err := change(&out)
		if err != nil {
			return err
		}
		if _, err := q.exec("UPDATE company SET settings = $1, updated_at = $2 WHERE id = 1", toJSON(out), e.CreatedAt); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return out, err
}

// claimTries is how often a claim is tried that finds the key taken, but not by
// whom: it was just given back.
const claimTries = 3

// ClaimIdempotency implements access.Store.
func (s *Store) ClaimIdempotency(ctx context.Context, keyID int64, key string, digest [32]byte, now time.Time) (access.Claim, error) {
	var c access.Claim
	err := s.db.write(ctx, func(q querier) error {
		for range claimTries {
			var err error
			if c, err = claimKey(q, keyID, key, digest, now); !errors.Is(err, errNoRow) {
				return err
			}
		}
		c = access.Claim{Busy: true, Same: true}
		return nil
	})
	return c, err
}

// claimKey is one try; errNoRow means that the key was given back meanwhile.
func claimKey(q querier, keyID int64, key string, digest [32]byte, now time.Time) (c access.Claim, err error) {
	if _, err := q.exec("DELETE FROM idempotency WHERE key_id = $1 AND name = $2 AND (claimed_at < $3 OR (status IS NULL AND claimed_at < $4))",
		keyID, key, now.Add(-access.IdempotencyLife), now.Add(-access.IdempotencyFlight)); err != nil {
		return c, err
	}
	n, err := q.exec(`INSERT INTO idempotency (key_id, name, digest, claimed_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key_id, name) DO NOTHING`, keyID, key, digest[:], now)
	if err != nil || n == 1 {
		return access.Claim{Fresh: true, At: now}, err
	}
	var was, header, body []byte
	var status *int64
	if err := one(q, "SELECT digest, status, header, body FROM idempotency WHERE key_id = $1 AND name = $2", []any{keyID, key},
		&was, &status, &header, &body); err != nil {
		return c, err
	}
	c.Same = string(was) == string(digest[:])
	if status == nil {
		c.Busy = true
		return c, nil
	}
	c.Done = &access.Reply{Status: int(*status), Body: body}
	err = json.Unmarshal(header, &c.Done.Header)
	return c, err
}

// SweepIdempotency implements access.Store.
func (s *Store) SweepIdempotency(ctx context.Context, before time.Time) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("DELETE FROM idempotency WHERE claimed_at < $1", before)
		return err
	})
}

// ForgetClaims drops the claims of requests that a former process never
// answered, and ends those of collections that it never ended. Only the one
// server of a database may call it.
func (s *Store) ForgetClaims(ctx context.Context) error {
	return s.db.write(ctx, func(q querier) error {
		if _, err := q.exec("DELETE FROM idempotency WHERE status IS NULL"); err != nil {
			return err
		}
		_, err := q.exec("UPDATE collection SET lease_until = 0 WHERE owner IS NOT NULL")
		return err
	})
}

// FinishIdempotency implements access.Store.
func (s *Store) FinishIdempotency(ctx context.Context, keyID int64, key string, claimed time.Time, r access.Reply) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("UPDATE idempotency SET status = $4, header = $5, body = $6 WHERE key_id = $1 AND name = $2 AND claimed_at = $3 AND status IS NULL",
			keyID, key, claimed, r.Status, toJSON(r.Header), r.Body)
		return err
	})
}

// ReleaseIdempotency implements access.Store.
func (s *Store) ReleaseIdempotency(ctx context.Context, keyID int64, key string, claimed time.Time) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("DELETE FROM idempotency WHERE key_id = $1 AND name = $2 AND claimed_at = $3 AND status IS NULL", keyID, key, claimed)
		return err
	})
}
