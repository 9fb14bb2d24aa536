package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// An identity is gone with its connection.
const identityColumns = `SELECT i.id, i.connection_id, i.identity_key, i.email, i.secondary_email, i.first_name, i.last_name, i.job_title, i.manager_id,
	i.manager_name, i.started_at, i.separated_at, i.contractor, i.created_at, i.updated_at,
	COALESCE(i.deleted_at, (SELECT c.deleted_at FROM connection c WHERE c.id = i.connection_id)) FROM hris_identity i`

func scanIdentity(r row, i *asset.Identity) error {
	var contractor *int64
	err := r.scan(&i.ID, &i.ConnectionID, &i.Key, &i.Email, &i.SecondaryEmail, &i.FirstName, &i.LastName, &i.JobTitle, &i.ManagerID,
		&i.ManagerName, &i.StartedAt, &i.SeparatedAt, &contractor, &i.CreatedAt, &i.UpdatedAt, &i.DeletedAt)
	if contractor != nil {
		yes := *contractor == 1
		i.Contractor = &yes
	}
	return err
}

func identityValues(i *asset.Identity) []any {
	var contractor any
	if i.Contractor != nil {
		contractor = *i.Contractor
	}
	return []any{i.ConnectionID, i.Key, i.Email, i.SecondaryEmail, i.FirstName, i.LastName, i.JobTitle, i.ManagerID, i.ManagerName,
		i.StartedAt, i.SeparatedAt, contractor, i.CreatedAt, i.UpdatedAt, i.DeletedAt}
}

// selectIdentities reads identities, deleted ones too.
func selectIdentities(q querier, where string, args ...any) ([]asset.Identity, error) {
	var out []asset.Identity
	err := q.query(number(identityColumns+" WHERE "+where), func(r row) error {
		var i asset.Identity
		err := scanIdentity(r, &i)
		out = append(out, i)
		return err
	}, args...)
	return out, err
}

// Identities implements asset.IdentityStore.
func (s *Store) Identities(ctx context.Context, connectionID int64, r page.Request) (page.Page[asset.Identity], error) {
	l := list[asset.Identity]{sql: identityColumns, id: "i.id", where: []string{"i.connection_id = ?", "i.deleted_at IS NULL"}, args: []any{connectionID},
		columns: map[page.Sort]string{page.CreatedAt: "i.created_at", page.UpdatedAt: "i.updated_at"}, scan: scanIdentity,
		position: func(i asset.Identity) page.Position { return i.Position(r.Order()) }}
	return l.run(ctx, s, r)
}

func readIdentity(q querier, connectionID int64, ref asset.IdentityRef, tail string) (asset.Identity, error) {
	cond, name := "i.id = ?", any(ref.ID)
	if ref.Key != "" {
		cond, name = "i.identity_key = ?", ref.Key
	}
	found, err := selectIdentities(q, "i.connection_id = ? AND i.deleted_at IS NULL AND "+cond+tail, connectionID, name)
	if err == nil && len(found) == 0 {
		err = absent("identity", name)
	}
	if err != nil {
		return asset.Identity{}, err
	}
	return found[0], nil
}

// IdentitiesByID implements asset.IdentityStore.
func (s *Store) IdentitiesByID(ctx context.Context, ids []int64) (map[int64]asset.Identity, error) {
	out := map[int64]asset.Identity{}
	err := s.db.read(ctx, func(q querier) error {
		for part := range slices.Chunk(ids, perList) {
			cond, args := in("i.id", part)
			found, err := selectIdentities(q, cond, args...)
			if err != nil {
				return err
			}
			for _, i := range found {
				out[i.ID] = i
			}
		}
		return nil
	})
	return out, err
}

// Followers implements asset.IdentityStore.
func (s *Store) Followers(ctx context.Context, ids []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	err := s.db.read(ctx, func(q querier) error {
		for part := range slices.Chunk(ids, perList) {
			cond, args := in("p.identity_id", part)
			if err := q.query(number("SELECT p.identity_id, p.id FROM personnel p WHERE "+cond), func(r row) error {
				var identity, person int64
				err := r.scan(&identity, &person)
				out[identity] = person
				return err
			}, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Identity implements asset.IdentityStore.
func (s *Store) Identity(ctx context.Context, connectionID int64, ref asset.IdentityRef) (i asset.Identity, err error) {
	err = s.db.read(ctx, func(q querier) error {
		i, err = readIdentity(q, connectionID, ref, "")
		return err
	})
	return i, err
}

// ChangeIdentities implements asset.IdentityStore.
func (s *Store) ChangeIdentities(ctx context.Context, connectionID int64, keys []string, change func(int, *asset.Identity) bool, ev func() *event.Event) (map[string]int64, error) {
	ids := map[string]int64{}
	err := s.db.write(ctx, func(q querier) error {
		if _, err := lockConnection(q, connectionID); err != nil {
			return err
		}
		clear(ids)
		stored, err := identitiesByKey(q, connectionID, keys)
		if err != nil {
			return err
		}
		var fresh []asset.Identity
		var made []string
		for n, key := range keys {
			i, known := stored[key]
			if !known {
				i = asset.Identity{ConnectionID: connectionID, Key: key}
			}
			if !change(n, &i) {
				continue
			}
			if !known {
				fresh, made = append(fresh, i), append(made, key)
				continue
			}
			if _, err := q.exec(`UPDATE hris_identity SET email = $3, secondary_email = $4, first_name = $5, last_name = $6, job_title = $7, manager_id = $8,
				manager_name = $9, started_at = $10, separated_at = $11, contractor = $12, created_at = $13, updated_at = $14, deleted_at = $15
				WHERE connection_id = $1 AND identity_key = $2`, identityValues(&i)...); err != nil {
				return err
			}
		}
		if err := insertRows(q, fresh, `INSERT INTO hris_identity (connection_id, identity_key, email, secondary_email, first_name, last_name, job_title,
			manager_id, manager_name, started_at, separated_at, contractor, created_at, updated_at, deleted_at) VALUES `,
			"(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "", identityValues); err != nil {
			return err
		}
		added, err := identitiesByKey(q, connectionID, made)
		if err != nil {
			return err
		}
		maps.Copy(stored, added)
		for key, i := range stored {
			ids[key] = i.ID
		}
		if e := ev(); e != nil {
			return s.append(q, *e)
		}
		return nil
	})
	return ids, err
}

func identitiesByKey(q querier, connectionID int64, keys []string) (map[string]asset.Identity, error) {
	out := map[string]asset.Identity{}
	for part := range slices.Chunk(keys, perList) {
		found, err := selectIdentities(q, "i.connection_id = ? AND i.identity_key IN ("+marks(len(part))+")", arguments([]any{connectionID}, part)...)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			out[i.Key] = i
		}
	}
	return out, nil
}

// DeleteIdentity implements asset.IdentityStore.
func (s *Store) DeleteIdentity(ctx context.Context, connectionID int64, ref asset.IdentityRef, at time.Time, ev func(asset.Identity) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		i, err := readIdentity(q, connectionID, ref, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		if _, err := q.exec("UPDATE hris_identity SET deleted_at = $2, updated_at = $2 WHERE id = $1", i.ID, at); err != nil {
			return err
		}
		return s.append(q, ev(i))
	})
}
