package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schedule"
)

const collectionColumns = `SELECT resource_id, connection_id, recipe, inputs, secrets_at, sealed, schedule, enabled, guards, revision, next_at, failures,
	asked_at, asked_user, asked_key, owner, lease_until, fence, session_id, run_id, claimed_revision, started_at, cancel_asked, last, created_at, updated_at FROM collection`

func scanCollection(r row, c *collection.Collection) error {
	var inputs, secretsAt, guards, last []byte
	var cron string
	if err := r.scan(&c.ResourceID, &c.ConnectionID, &c.Recipe, &inputs, &secretsAt, &c.Sealed, &cron, &c.Enabled, &guards, &c.Revision, &c.NextAt, &c.Failures,
		&c.Asked.At, &c.Asked.UserID, &c.Asked.KeyID, &c.Claim.Owner, &c.Claim.Until, &c.Claim.Fence, &c.Claim.SessionID, &c.Claim.RunID, &c.Claim.Revision,
		&c.Claim.StartedAt, &c.Claim.CancelAsked, &last, &c.CreatedAt, &c.UpdatedAt); err != nil {
		return err
	}
	var err error
	if c.Schedule, err = schedule.Parse(cron); err != nil {
		return err
	}
	if len(last) > 0 {
		err = json.Unmarshal(last, &c.Last)
	}
	return errors.Join(err, json.Unmarshal(inputs, &c.Inputs), json.Unmarshal(secretsAt, &c.SecretsAt), json.Unmarshal(guards, &c.Guards))
}

func readCollections(q querier, where string, args ...any) (out []collection.Collection, err error) {
	err = q.query(collectionColumns+where, func(r row) error {
		var c collection.Collection
		err := scanCollection(r, &c)
		out = append(out, c)
		return err
	}, args...)
	return out, err
}

// readCollection reads the collection of a resource, and whether there is one.
func readCollection(q querier, t collection.Target, lock string) (c collection.Collection, found bool, err error) {
	var same int64
	if err := absentIf(one(q, "SELECT id FROM resource WHERE id = $1 AND connection_id = $2 AND deleted_at IS NULL", []any{t.ResourceID, t.ConnectionID}, &same),
		"resource", t.ResourceID); err != nil {
		return c, false, err
	}
	list, err := readCollections(q, " WHERE resource_id = $1"+lock, t.ResourceID)
	if err != nil || len(list) == 0 {
		return c, false, err
	}
	return list[0], true, nil
}

func noCollection(t collection.Target) error {
	return fault.New(fault.CodeNotFound, "there is no collection of resource %d", t.ResourceID)
}

// Collection implements collection.Store.
func (s *Store) Collection(ctx context.Context, t collection.Target) (c collection.Collection, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var found bool
		var err error
		if c, found, err = readCollection(q, t, ""); err == nil && !found {
			err = noCollection(t)
		}
		return err
	})
	return c, err
}

// PutCollection implements collection.Store. The lock of the resource keeps two
// from making the first one at once, and its connection from being deleted
// meanwhile.
func (s *Store) PutCollection(ctx context.Context, t collection.Target, change func(*collection.Collection) (event.Event, error)) (c collection.Collection, err error) {
	err = s.db.write(ctx, func(q querier) error {
		if _, err := lockResource(q, t.ResourceID); err != nil {
			return err
		}
		var found bool
		var err error
		if c, found, err = readCollection(q, t, q.dialect().forUpdate); err != nil {
			return err
		}
		e, err := change(&c)
		if err != nil {
			return err
		}
		if err := putCollection(q, c, found); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return c, err
}

func putCollection(q querier, c collection.Collection, found bool) error {
	var last any
	if c.Last != nil {
		last = toJSON(c.Last)
	}
	args := []any{c.ResourceID, c.ConnectionID, c.Recipe, toJSON(c.Inputs), toJSON(c.SecretsAt), c.Sealed, c.Schedule.String(), c.Enabled, toJSON(c.Guards), c.Revision,
		micros(c.NextAt), c.Failures, micros(c.Asked.At), nullID(c.Asked.UserID), nullID(c.Asked.KeyID), nullText(c.Claim.Owner), micros(c.Claim.Until), c.Claim.Fence,
		nullText(c.Claim.SessionID), nullID(c.Claim.RunID), c.Claim.Revision, micros(c.Claim.StartedAt), c.Claim.CancelAsked, last, c.CreatedAt, c.UpdatedAt}
	if found {
		_, err := q.exec(`UPDATE collection SET connection_id = $2, recipe = $3, inputs = $4, secrets_at = $5, sealed = $6, schedule = $7, enabled = $8, guards = $9,
			revision = $10, next_at = $11, failures = $12, asked_at = $13, asked_user = $14, asked_key = $15, owner = $16, lease_until = $17, fence = $18,
			session_id = $19, run_id = $20, claimed_revision = $21, started_at = $22, cancel_asked = $23, last = $24, created_at = $25, updated_at = $26
			WHERE resource_id = $1`, args...)
		return err
	}
	_, err := q.exec(`INSERT INTO collection (resource_id, connection_id, recipe, inputs, secrets_at, sealed, schedule, enabled, guards, revision, next_at, failures,
		asked_at, asked_user, asked_key, owner, lease_until, fence, session_id, run_id, claimed_revision, started_at, cancel_asked, last, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`, args...)
	return err
}

// DeleteCollection implements collection.Store.
func (s *Store) DeleteCollection(ctx context.Context, t collection.Target, e func(collection.Collection) event.Event) (c collection.Collection, err error) {
	err = s.db.write(ctx, func(q querier) error {
		var found bool
		var err error
		if c, found, err = readCollection(q, t, q.dialect().forUpdate); err != nil {
			return err
		}
		if !found {
			return noCollection(t)
		}
		if _, err := q.exec("DELETE FROM collection WHERE resource_id = $1", t.ResourceID); err != nil {
			return err
		}
		return s.append(q, e(c))
	})
	return c, err
}

// dueCollections are those that nobody runs and somebody or the schedule wants
// run, of connections that take data, and those whose node is gone.
const dueCollections = ` WHERE (owner IS NULL AND (asked_at IS NOT NULL OR next_at <= $1)
	AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.id = resource_id AND r.disconnected_at IS NOT NULL)
	OR owner IS NOT NULL AND lease_until < $1) ORDER BY next_at, resource_id LIMIT $2`

// ClaimCollections implements collection.RunStore.
func (s *Store) ClaimCollections(ctx context.Context, now time.Time, limit int, take func(*collection.Collection) []event.Event) (claimed []collection.Collection, err error) {
	if is, err := s.due(ctx, "SELECT resource_id FROM collection"+dueCollections, now, limit); !is {
		return nil, err
	}
	err = s.db.write(ctx, func(q querier) error {
		var err error
		if claimed, err = readCollections(q, dueCollections+q.dialect().skipLocked, now, limit); err != nil {
			return err
		}
		for i := range claimed {
			events := take(&claimed[i])
			if err := putCollection(q, claimed[i], true); err != nil {
				return err
			}
			for _, e := range events {
				if err := s.append(q, e); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return claimed, err
}

// HoldCollection implements collection.RunStore.
func (s *Store) HoldCollection(ctx context.Context, resourceID, fence, runID int64, soon, until time.Time) (held, cancel bool, err error) {
	var end time.Time
	var run int64
	err = s.db.read(ctx, func(q querier) error {
		err := one(q, "SELECT lease_until, run_id, cancel_asked FROM collection WHERE resource_id = $1 AND fence = $2 AND owner IS NOT NULL", []any{resourceID, fence}, &end, &run, &cancel)
		held = err == nil
		if errors.Is(err, errNoRow) {
			err = nil
		}
		return err
	})
	if err != nil || !held || !end.Before(soon) && run == runID {
		return held, cancel, err
	}
	err = s.db.write(ctx, func(q querier) error {
		n, err := q.exec("UPDATE collection SET lease_until = $3, run_id = $4 WHERE resource_id = $1 AND fence = $2 AND owner IS NOT NULL", resourceID, fence, until, nullID(runID))
		held = n == 1
		return err
	})
	return held, cancel, err
}

// EndCollection implements collection.RunStore.
func (s *Store) EndCollection(ctx context.Context, resourceID, fence int64, end func(*collection.Collection) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		list, err := readCollections(q, " WHERE resource_id = $1 AND fence = $2 AND owner IS NOT NULL"+q.dialect().forUpdate, resourceID, fence)
		if err != nil || len(list) == 0 {
			return err
		}
		e := end(&list[0])
		if err := putCollection(q, list[0], true); err != nil {
			return err
		}
		return s.append(q, e)
	})
}
