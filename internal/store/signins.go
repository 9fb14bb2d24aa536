package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
)

// withMember sets a member of a JSON object that this module made.
func withMember(object json.RawMessage, name string, v any) json.RawMessage {
	members := map[string]any{}
	_ = json.Unmarshal(object, &members)
	members[name] = v
	return json.RawMessage(toJSON(members))
}

// putSession stores a session; the person's oldest one ends if there are too
// many.
func putSession(q querier, n *access.NewSession) error {
	if err := one(q, "INSERT INTO web_session (digest, user_id, user_agent, address, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
		[]any{n.Digest[:], n.UserID, n.UserAgent, n.Address, n.CreatedAt}, &n.ID); err != nil {
		return err
	}
	if _, err := q.exec(`DELETE FROM web_session WHERE user_id = $1 AND id NOT IN
		(SELECT id FROM web_session WHERE user_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2)`, n.UserID, n.MaxSessions); err != nil {
		return err
	}
	_, err := q.exec("DELETE FROM sign_in_failure WHERE subject = $1", n.Clear)
	return err
}

// CreateSession implements access.SessionStore.
func (s *Store) CreateSession(ctx context.Context, n access.NewSession, password string, e event.Event) (access.WebSession, error) {
	err := s.db.write(ctx, func(q querier) error {
		var disabled time.Time
		if err := absentIf(one(q, "SELECT disabled_at FROM app_user WHERE id = $1 AND deleted_at IS NULL"+q.dialect().forUpdate, []any{n.UserID}, &disabled), "user", n.UserID); err != nil {
			return err
		}
		if !disabled.IsZero() {
			return access.Unauthorized()
		}
		if password != "" {
			if _, err := q.exec("UPDATE app_user SET password = $2 WHERE id = $1", n.UserID, password); err != nil {
				return err
			}
		}
		if _, err := q.exec("UPDATE app_user SET last_sign_in_at = $2 WHERE id = $1", n.UserID, n.CreatedAt); err != nil {
			return err
		}
		if err := putSession(q, &n); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return n.WebSession, err
}

const sessionOfWeb = "SELECT w.id, w.user_id, w.user_agent, w.address, w.created_at, w.seen_at FROM web_session w"

func scanWebSession(r row, w *access.WebSession) error {
	return r.scan(&w.ID, &w.UserID, &w.UserAgent, &w.Address, &w.CreatedAt, &w.SeenAt)
}

// SessionByDigest implements access.SessionStore.
func (s *Store) SessionByDigest(ctx context.Context, d access.Digest) (w access.WebSession, u access.User, err error) {
	err = s.db.read(ctx, func(q querier) error {
		found := false
		if err := q.query(sessionOfWeb+" WHERE w.digest = $1", func(r row) error {
			found = true
			return scanWebSession(r, &w)
		}, d[:]); err != nil {
			return err
		}
		if !found {
			return absent("session", "")
		}
		var err error
		u, err = oneUser(q, w.UserID, "u.id = $1 AND u.deleted_at IS NULL", w.UserID)
		return err
	})
	return w, u, err
}

// WebSessions implements access.SessionStore.
func (s *Store) WebSessions(ctx context.Context, userID int64) (out []access.WebSession, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out = []access.WebSession{}
		return q.query(sessionOfWeb+" WHERE w.user_id = $1 ORDER BY w.seen_at DESC, w.id DESC", func(r row) error {
			var w access.WebSession
			err := scanWebSession(r, &w)
			out = append(out, w)
			return err
		}, userID)
	})
	return out, err
}

// TouchSession implements access.SessionStore.
func (s *Store) TouchSession(ctx context.Context, id int64, at time.Time) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("UPDATE web_session SET seen_at = $2 WHERE id = $1", id, at)
		return err
	})
}

// EndSession implements access.SessionStore.
func (s *Store) EndSession(ctx context.Context, userID, id int64, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		n, err := q.exec("DELETE FROM web_session WHERE user_id = $1 AND id = $2", userID, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return absent("session", id)
		}
		return s.append(q, e)
	})
}

// EndSessions implements access.SessionStore.
func (s *Store) EndSessions(ctx context.Context, userID, but int64, e event.Event) (int, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if n, err = q.exec("DELETE FROM web_session WHERE user_id = $1 AND id <> $2", userID, but); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return int(n), err
}

func putLink(q querier, l access.Link) error {
	_, err := q.exec("INSERT INTO one_time_link (digest, purpose, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
		l.Digest[:], string(l.Purpose), nullID(l.UserID), l.CreatedAt, l.ExpiresAt)
	return err
}

// useUp uses a link that must be there and in time.
func useUp(q querier, d access.Digest, at time.Time, purposes ...access.Purpose) error {
	for _, p := range purposes {
		n, err := q.exec("DELETE FROM one_time_link WHERE digest = $1 AND purpose = $2 AND expires_at > $3", d[:], string(p), at)
		if err != nil || n == 1 {
			return err
		}
	}
	return absent("link", "of this token")
}

// PutLink implements access.SessionStore.
func (s *Store) PutLink(ctx context.Context, l access.Link) error {
	return s.db.write(ctx, func(q querier) error {
		if _, err := q.exec("DELETE FROM one_time_link WHERE purpose = $1", string(l.Purpose)); err != nil {
			return err
		}
		return putLink(q, l)
	})
}

// Link implements access.SessionStore.
func (s *Store) Link(ctx context.Context, d access.Digest, now time.Time) (access.Link, error) {
	l := access.Link{Digest: d}
	err := s.db.read(ctx, func(q querier) error {
		var purpose string
		err := absentIf(one(q, "SELECT purpose, user_id, created_at, expires_at FROM one_time_link WHERE digest = $1 AND expires_at > $2", []any{d[:], now},
			&purpose, &l.UserID, &l.CreatedAt, &l.ExpiresAt), "link", "of this token")
		l.Purpose = access.Purpose(purpose)
		return err
	})
	return l, err
}

// Attempt implements access.SessionStore.
func (s *Store) Attempt(ctx context.Context, subjects []access.Subject, now time.Time) (until time.Time, err error) {
	err = s.db.write(ctx, func(q querier) error {
		until = time.Time{}
		failures := make([]int64, len(subjects))
		for i, sub := range subjects {
			if _, err := q.exec("INSERT INTO sign_in_failure (subject, failures, failed_at, until) VALUES ($1, 0, $2, $2) ON CONFLICT DO NOTHING", sub.Name, now); err != nil {
				return err
			}
			var failed, wait time.Time
			if err := one(q, "SELECT failures, failed_at, until FROM sign_in_failure WHERE subject = $1"+q.dialect().forUpdate, []any{sub.Name}, &failures[i], &failed, &wait); err != nil {
				return err
			}
			if now.Sub(failed) > access.FailuresKept {
				failures[i] = 0
			}
			if wait.After(now) && wait.After(until) {
				until = wait
			}
		}
		if !until.IsZero() {
			return nil
		}
		for i, sub := range subjects {
			n := failures[i] + 1
			if _, err := q.exec("UPDATE sign_in_failure SET failures = $2, failed_at = $3, until = $4 WHERE subject = $1", sub.Name, n, now, now.Add(sub.Pause(n))); err != nil {
				return err
			}
		}
		return nil
	})
	return until, err
}

// Forgive implements access.SessionStore.
func (s *Store) Forgive(ctx context.Context, subject string) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("UPDATE sign_in_failure SET failures = failures - 1, until = failed_at WHERE subject = $1 AND failures > 0", subject)
		return err
	})
}

// SweepSignIns implements access.SessionStore.
func (s *Store) SweepSignIns(ctx context.Context, seenBefore, madeBefore, now, failedBefore time.Time) error {
	return s.db.write(ctx, func(q querier) error {
		_, a := q.exec("DELETE FROM web_session WHERE seen_at < $1 OR created_at < $2", seenBefore, madeBefore)
		_, b := q.exec("DELETE FROM one_time_link WHERE expires_at < $1", now)
		_, c := q.exec("DELETE FROM sign_in_failure WHERE failed_at < $1", failedBefore)
		return errors.Join(a, b, c)
	})
}
