package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

func readProvider(q querier, lock string) (diagnosis.Provider, error) {
	p := diagnosis.Provider{MaxTokens: diagnosis.DefaultTokens}
	var tokens int64
	err := one(q, "SELECT enabled, url, model, max_tokens, sealed, updated_at FROM ai_provider WHERE id = 1"+lock, nil,
		&p.Enabled, &p.URL, &p.Model, &tokens, &p.Sealed, &p.UpdatedAt)
	if errors.Is(err, errNoRow) {
		return p, nil
	}
	p.MaxTokens = int(tokens)
	return p, err
}

// lockProvider makes sure that there is the row, and that nobody else changes it.
func lockProvider(q querier) (diagnosis.Provider, error) {
	if _, err := q.exec(`INSERT INTO ai_provider (id, enabled, url, model, max_tokens, asked) VALUES (1, 0, '', '', $1, 0) ON CONFLICT (id) DO NOTHING`,
		diagnosis.DefaultTokens); err != nil {
		return diagnosis.Provider{}, err
	}
	return readProvider(q, q.dialect().forUpdate)
}

// AIProvider implements diagnosis.Store.
func (s *Store) AIProvider(ctx context.Context) (p diagnosis.Provider, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		p, err = readProvider(q, "")
		return err
	})
	return p, err
}

// ChangeAIProvider implements diagnosis.Store.
func (s *Store) ChangeAIProvider(ctx context.Context, change func(*diagnosis.Provider) (event.Event, error)) (p diagnosis.Provider, err error) {
	err = s.db.write(ctx, func(q querier) error {
		var err error
		if p, err = lockProvider(q); err != nil {
			return err
		}
		e, err := change(&p)
		if err != nil {
			return err
		}
		if _, err := q.exec("UPDATE ai_provider SET enabled = $1, url = $2, model = $3, max_tokens = $4, sealed = $5, updated_at = $6 WHERE id = 1",
			p.Enabled, p.URL, p.Model, p.MaxTokens, p.Sealed, p.UpdatedAt); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return p, err
}

func tooEarly(wait time.Duration, format string, args ...any) error {
	f := fault.New(fault.CodeTooManyRequests, format, args...)
	f.RetryAfter = max(wait, time.Second)
	return f
}

// spend counts one request to the model.
func spend(q querier, at time.Time, hourly int) error {
	if _, err := lockProvider(q); err != nil {
		return err
	}
	var since time.Time
	var asked int64
	if err := one(q, "SELECT window_at, asked FROM ai_provider WHERE id = 1", nil, &since, &asked); err != nil {
		return err
	}
	if age := at.Sub(since); since.IsZero() || age >= time.Hour || age < 0 {
		since, asked = at, 0
	}
	if asked >= int64(hourly) {
		return tooEarly(since.Add(time.Hour).Sub(at), "the AI provider was asked %d times within an hour, which is as often as it may be: try again later", hourly)
	}
	_, err := q.exec("UPDATE ai_provider SET window_at = $1, asked = $2 WHERE id = 1", since, asked+1)
	return err
}

// SpendAIRequest implements diagnosis.Store.
func (s *Store) SpendAIRequest(ctx context.Context, at time.Time, hourly int, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if err := spend(q, at, hourly); err != nil {
			return err
		}
		return s.append(q, e)
	})
}

// Summary implements diagnosis.Store.
func (s *Store) Summary(ctx context.Context, connectionID int64) (out diagnosis.Summary, found bool, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out = diagnosis.Summary{ConnectionID: connectionID}
		var runs []byte
		var helpful int64
		err := one(q, `SELECT hash, run_ids, runs_at, body, problem, model, created_at, coalesce(helpful, -1) FROM connection_summary
			WHERE connection_id = $1 AND created_at IS NOT NULL`, []any{connectionID},
			&out.Basis.Hash, &runs, &out.Basis.At, &out.Text, &out.Problem, &out.Model, &out.CreatedAt, &helpful)
		found = err == nil
		if errors.Is(err, errNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		if helpful >= 0 {
			yes := helpful == 1
			out.Helpful = &yes
		}
		return json.Unmarshal(runs, &out.Basis.RunIDs)
	})
	return out, found, err
}

// ClaimSummary implements diagnosis.Store.
func (s *Store) ClaimSummary(ctx context.Context, c diagnosis.Claim, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if _, err := lockConnection(q, c.ConnectionID); err != nil {
			return err
		}
		var asked, until time.Time
		err := one(q, "SELECT asked_at, busy_until FROM connection_summary WHERE connection_id = $1", []any{c.ConnectionID}, &asked, &until)
		switch {
		case errors.Is(err, errNoRow):
		case err != nil:
			return err
		case c.At.Before(until):
			return fault.New(fault.CodeConflict, "a summary of this connection is just being made: wait for it")
		case c.At.Before(asked.Add(c.Rest)) && !c.At.Before(asked):
			return tooEarly(asked.Add(c.Rest).Sub(c.At), "a summary of this connection was asked for a moment ago: try again in %d seconds", int(c.Rest.Seconds()))
		}
		if err := spend(q, c.At, c.Hourly); err != nil {
			return err
		}
		if _, err := q.exec(`INSERT INTO connection_summary (connection_id, asked_at, busy_until, hash, run_ids, body, problem, model)
			VALUES ($1, $2, $3, '', '[]', '', '', '') ON CONFLICT (connection_id) DO UPDATE SET asked_at = excluded.asked_at, busy_until = excluded.busy_until`,
			c.ConnectionID, c.At, c.Until); err != nil {
			return err
		}
		return s.append(q, e)
	})
}

// PutSummary implements diagnosis.Store.
func (s *Store) PutSummary(ctx context.Context, sum diagnosis.Summary, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		runs := sum.Basis.RunIDs
		if runs == nil {
			runs = []int64{}
		}
		n, err := q.exec(`UPDATE connection_summary SET busy_until = NULL, hash = $2, run_ids = $3, runs_at = $4, body = $5, problem = $6, model = $7,
			created_at = $8, helpful = NULL WHERE connection_id = $1`,
			sum.ConnectionID, sum.Basis.Hash, toJSON(runs), sum.Basis.At, sum.Text, sum.Problem, sum.Model, sum.CreatedAt)
		if err != nil {
			return err
		}
		if n == 0 {
			// The connection was deleted meanwhile.
			return absent("connection", sum.ConnectionID)
		}
		return s.append(q, e)
	})
}

// ReleaseSummary implements diagnosis.Store.
func (s *Store) ReleaseSummary(ctx context.Context, connectionID int64) error {
	return s.db.write(ctx, func(q querier) error {
		_, err := q.exec("UPDATE connection_summary SET busy_until = NULL WHERE connection_id = $1", connectionID)
		return err
	})
}

// RateSummary implements diagnosis.Store.
func (s *Store) RateSummary(ctx context.Context, connectionID int64, hash string, helpful *bool, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		var value any
		if helpful != nil {
			value = *helpful
		}
		n, err := q.exec("UPDATE connection_summary SET helpful = $3 WHERE connection_id = $1 AND hash = $2 AND body <> '' AND created_at IS NOT NULL", connectionID, hash, value)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "there is no summary of this data")
		}
		return s.append(q, e)
	})
}
