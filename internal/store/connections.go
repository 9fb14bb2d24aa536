package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// CreateConnection implements connection.Store.
func (s *Store) CreateConnection(ctx context.Context, c connection.Connection, uniqueName bool, e event.Event) (connection.Connection, error) {
	out := c
	err := s.db.exclusive(ctx, func(q querier) error {
		out = c
		out.CreatedBy = e.UserID
		out.Resources = append([]connection.Resource(nil), c.Resources...)
		if err := one(q, `INSERT INTO connection (name, description, provider_types, created_at, updated_at, user_id, kind, catalog_slug)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
			[]any{c.Name, c.Description, toJSON(c.ProviderTypes), c.CreatedAt, c.UpdatedAt, nullID(e.UserID), string(c.Kind), nullText(c.CatalogSlug)}, &out.ID); err != nil {
			return err
		}
		for _, ws := range c.WorkspaceIDs {
			var found int64
			if err := one(q, "SELECT id FROM workspace WHERE id = $1", []any{ws}, &found); errors.Is(err, errNoRow) {
				return fault.New(fault.CodeValidation, "`workspaceIds` has %d, but there is no such workspace", ws)
			} else if err != nil {
				return err
			}
			if _, err := q.exec("INSERT INTO connection_workspace (workspace_id, connection_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", ws, out.ID); err != nil {
				return err
			}
		}
		for i := range out.Resources {
			if err := createResource(q, &out, &out.Resources[i], uniqueName, e); err != nil {
				return err
			}
		}
		e.ConnectionID = out.ID
		return s.append(q, e)
	})
	return out, err
}

func createResource(q querier, c *connection.Connection, r *connection.Resource, uniqueName bool, e event.Event) error {
	r.ConnectionID = c.ID
	name := r.Name
	for n := 2; ; n++ {
		taken, err := nameTaken(q, c.WorkspaceIDs, 0, r.Name)
		if err != nil {
			return err
		}
		if !taken {
			break
		}
		if !uniqueName {
			return duplicateResource(r.Name)
		}
		r.Name = fmt.Sprintf("%s (%d)", name, n)
	}
	if err := one(q, `INSERT INTO resource (connection_id, name, description, display_name_key, schema_version, freshness_hours,
		record_count, change_seq, next_record, session_fed, created_at, updated_at, built_in)
		VALUES ($1, $2, $3, $4, 1, $5, 0, 0, 1, 0, $6, $6, $7) RETURNING id`,
		[]any{c.ID, r.Name, r.Description, r.DisplayNameKey, r.FreshnessHours, r.CreatedAt, nullText(string(r.BuiltIn))}, &r.ID); err != nil {
		return err
	}
	return putVersion(q, r.ID, 1, r.Schema, r.CreatedAt, e)
}

func putVersion(q querier, resourceID, version int64, schema []byte, at time.Time, e event.Event) error {
	_, err := q.exec("INSERT INTO schema_version (resource_id, version, body, key_id, created_at, user_id) VALUES ($1, $2, $3, $4, $5, $6)",
		resourceID, version, text(schema), nullID(e.KeyID), at, nullID(e.UserID))
	return err
}

func duplicateResource(name string) error {
	return fault.New(fault.CodeDuplicateName, "a resource named %q exists in this workspace: choose another name", name)
}

// nameTaken reports whether another live resource in one of the workspaces has
// the name.
func nameTaken(q querier, workspaces []int64, except int64, name string) (bool, error) {
	if len(workspaces) == 0 {
		return false, nil
	}
	cond, args := in("w.workspace_id", workspaces)
	var n int64
	err := one(q, number(`SELECT count(*) FROM resource r JOIN connection_workspace w ON w.connection_id = r.connection_id
		WHERE r.name = ? AND r.id <> ? AND r.deleted_at IS NULL AND `+cond), append([]any{name, except}, args...), &n)
	return n > 0, err
}

const connectionColumns = `SELECT id, name, description, provider_types, created_at, updated_at, user_id, kind, catalog_slug, disconnected_at FROM connection`

func scanConnection(r row, c *connection.Connection) error {
	var types []byte
	var kind string
	if err := r.scan(&c.ID, &c.Name, &c.Description, &types, &c.CreatedAt, &c.UpdatedAt, &c.CreatedBy, &kind, &c.CatalogSlug, &c.DisconnectedAt); err != nil {
		return err
	}
	c.Kind = connection.Kind(kind)
	return json.Unmarshal(types, &c.ProviderTypes)
}

// Connections implements connection.Store.
func (s *Store) Connections(ctx context.Context, f connection.Filter, r page.Request) (page.Page[connection.Connection], error) {
	l := list[connection.Connection]{sql: connectionColumns, where: []string{"deleted_at IS NULL"}, id: "id",
		columns: map[page.Sort]string{page.CreatedAt: "created_at", page.UpdatedAt: "updated_at"}, scan: scanConnection,
		position: func(c connection.Connection) page.Position { return c.Position(r.Order()) }}
	if f.WorkspaceID != 0 {
		l.and("id IN (SELECT connection_id FROM connection_workspace WHERE workspace_id = ?)", f.WorkspaceID)
	}
	if f.Within != nil {
		cond, args := in("workspace_id", append([]int64{0}, f.Within...))
		l.where = append(l.where, "id IN (SELECT connection_id FROM connection_workspace WHERE "+cond+")")
		l.args = append(l.args, args...)
	}
	l.fill = fillConnections
	return l.run(ctx, s, r)
}

// Connection implements connection.Store.
func (s *Store) Connection(ctx context.Context, id int64) (connection.Connection, error) {
	var c connection.Connection
	err := s.db.read(ctx, func(q querier) error {
		var err error
		c, err = readConnection(q, id)
		return err
	})
	return c, err
}

func readConnection(q querier, id int64) (connection.Connection, error) {
	found := make([]connection.Connection, 0, 1)
	err := q.query(connectionColumns+" WHERE id = $1 AND deleted_at IS NULL", func(r row) error {
		found = found[:1]
		return scanConnection(r, &found[0])
	}, id)
	if err == nil && len(found) == 0 {
		err = absent("connection", id)
	}
	if err == nil {
		err = fillConnections(q, found)
	}
	if err != nil {
		return connection.Connection{}, err
	}
	return found[0], nil
}

// fillConnections reads the workspaces and resources of connections.
func fillConnections(q querier, cs []connection.Connection) error {
	if len(cs) == 0 {
		return nil
	}
	at := make(map[int64]*connection.Connection, len(cs))
	ids := make([]int64, len(cs))
	for i := range cs {
		ids[i] = cs[i].ID
		at[cs[i].ID] = &cs[i]
	}
	cond, args := in("connection_id", ids)
	if err := q.query(number("SELECT connection_id, workspace_id FROM connection_workspace WHERE "+cond+" ORDER BY workspace_id"), func(r row) error {
		var c, w int64
		if err := r.scan(&c, &w); err != nil {
			return err
		}
		at[c].WorkspaceIDs = append(at[c].WorkspaceIDs, w)
		return nil
	}, args...); err != nil {
		return err
	}
	cond, args = in("r.connection_id", ids)
	return q.query(number(resourceColumns+" WHERE r.deleted_at IS NULL AND "+cond+" ORDER BY r.id"), func(r row) error {
		var res connection.Resource
		if _, err := scanResource(r, &res); err != nil {
			return err
		}
		at[res.ConnectionID].Resources = append(at[res.ConnectionID].Resources, res)
		return nil
	}, args...)
}

const resourceColumns = `SELECT r.id, r.connection_id, r.name, r.description, r.display_name_key, v.body, r.schema_version, r.freshness_hours,
	r.created_at, r.updated_at, r.record_count, r.change_seq, r.fresh_at, s.session_id, r.deleted_at,
	r.sync_run, r.sync_failed, r.sync_reason, r.sync_since, r.sync_at,
	CASE WHEN EXISTS (SELECT 1 FROM collection k WHERE k.resource_id = r.id) THEN 1 ELSE 0 END, r.built_in
	FROM resource r JOIN schema_version v ON v.resource_id = r.id AND v.version = r.schema_version
	LEFT JOIN session s ON s.id = r.active_session`

func scanResource(r row, res *connection.Resource) (deleted bool, err error) {
	var deletedAt time.Time
	var failed, builtIn string
	err = r.scan(&res.ID, &res.ConnectionID, &res.Name, &res.Description, &res.DisplayNameKey, &res.Schema, &res.SchemaVersion,
		&res.FreshnessHours, &res.CreatedAt, &res.UpdatedAt, &res.RecordCount, &res.ChangeSeq, &res.FreshAt, &res.ActiveSession, &deletedAt,
		&res.Sync.RunID, &failed, &res.Sync.Reason, &res.Sync.Since, &res.Sync.At, &res.Collected, &builtIn)
	res.Sync.Failed, res.BuiltIn = syncrun.Name(failed), connection.BuiltIn(builtIn)
	return !deletedAt.IsZero(), err
}

// readResource reads a resource that may be deleted.
func readResource(q querier, id int64) (res connection.Resource, deleted bool, err error) {
	found := false
	err = q.query(resourceColumns+" WHERE r.id = $1", func(r row) error {
		found = true
		deleted, err = scanResource(r, &res)
		return err
	}, id)
	if err == nil && !found {
		err = absent("resource", id)
	}
	return res, deleted, err
}

// Resource implements connection.Store.
func (s *Store) Resource(ctx context.Context, connectionID, resourceID int64) (connection.Resource, error) {
	var res connection.Resource
	err := s.db.read(ctx, func(q querier) error {
		r, deleted, err := readResource(q, resourceID)
		if err == nil && (deleted || r.ConnectionID != connectionID) {
			return absent("resource", resourceID)
		}
		res = r
		return err
	})
	return res, err
}

// ResourceInWorkspace implements check.Store.
func (s *Store) ResourceInWorkspace(ctx context.Context, workspaceID, resourceID int64) (connection.Resource, error) {
	var res connection.Resource
	err := s.db.read(ctx, func(q querier) error {
		r, deleted, err := readResource(q, resourceID)
		if err != nil {
			return err
		}
		var n int64
		if err := one(q, "SELECT count(*) FROM connection_workspace WHERE workspace_id = $1 AND connection_id = $2",
			[]any{workspaceID, r.ConnectionID}, &n); err != nil {
			return err
		}
		if deleted || n == 0 {
			return absent("resource", resourceID)
		}
		res = r
		return nil
	})
	return res, err
}

// lockConnection reads a connection that nobody else changes until the
// transaction ends.
func lockConnection(q querier, id int64) (connection.Connection, error) {
	if lock := q.dialect().forUpdate; lock != "" {
		if _, err := q.exec("SELECT id FROM connection WHERE id = $1"+lock, id); err != nil {
			return connection.Connection{}, err
		}
	}
	return readConnection(q, id)
}

// UpdateConnection implements connection.Store.
func (s *Store) UpdateConnection(ctx context.Context, id int64, name *string, description **string, at time.Time, e event.Event) (connection.Connection, error) {
	var c connection.Connection
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if c, err = lockConnection(q, id); err != nil {
			return err
		}
		if name != nil {
			c.Name = *name
		}
		if description != nil {
			c.Description = *description
		}
		c.UpdatedAt = at
		if _, err := q.exec("UPDATE connection SET name = $2, description = $3, updated_at = $4 WHERE id = $1", id, c.Name, c.Description, at); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return c, err
}

// Disconnect implements connection.Store. The resources are locked before their
// sessions, as by whoever brings data.
func (s *Store) Disconnect(ctx context.Context, id int64, since, at time.Time, e event.Event) (connection.Connection, error) {
	var c connection.Connection
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if c, err = lockConnection(q, id); err != nil {
			return err
		}
		if c.DisconnectedAt.IsZero() == since.IsZero() {
			return fault.New(fault.CodeConflict, "connection %d is %s already", id, map[bool]string{true: "connected", false: "disconnected"}[since.IsZero()])
		}
		if _, err := q.exec("UPDATE connection SET disconnected_at = $2, updated_at = $3 WHERE id = $1", id, since, at); err != nil {
			return err
		}
		for _, r := range c.Resources {
			if _, err := lockResource(q, r.ID); err != nil {
				return err
			}
			if _, err := q.exec("UPDATE resource SET disconnected_at = $2 WHERE id = $1", r.ID, since); err != nil {
				return err
			}
			if err := s.dropRuns(q, r.ID, "its connection was disconnected", at); err != nil {
				return err
			}
		}
		c.DisconnectedAt, c.UpdatedAt = since, at
		return s.append(q, e)
	})
	return c, err
}

// DeleteConnection implements connection.Store. It marks what is deleted; the
// records are purged, and their findings closed, later in small transactions.
func (s *Store) DeleteConnection(ctx context.Context, id int64, at time.Time, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		c, err := lockConnection(q, id)
		if err != nil {
			return err
		}
		if _, err := q.exec("UPDATE connection SET deleted_at = $2, updated_at = $2 WHERE id = $1", id, at); err != nil {
			return err
		}
		if _, err := q.exec("DELETE FROM connection_summary WHERE connection_id = $1", id); err != nil {
			return err
		}
		for _, r := range c.Resources {
			// Fences a step that is under way with what it read before, and waits
			// for one that is just applied.
			if _, err := q.exec("UPDATE evaluation SET epoch = epoch + 1 WHERE resource_id = $1", r.ID); err != nil {
				return err
			}
			if _, err := q.exec(`UPDATE resource SET deleted_at = $2, change_seq = change_seq + 1, record_count = 0, active_session = NULL WHERE id = $1`, r.ID, at); err != nil {
				return err
			}
			if _, err := q.exec("UPDATE session SET status = 'CANCELED', canceled_at = $2, updated_at = $2 WHERE resource_id = $1 AND status = 'IN_PROGRESS'", r.ID, at); err != nil {
				return err
			}
			// Those of the records are seen no more; the purge closes them.
			if _, err := q.exec("UPDATE finding SET closed_at = "+later("opened_at", "$2")+", close_reason = 'record deleted' WHERE resource_id = $1 AND record_key = '' AND record_id = 0 AND closed_at IS NULL", r.ID, at); err != nil {
				return err
			}
			if _, err := q.exec(`UPDATE test_group SET out_of_scope = 0, passing = 0, failing = 0, errors = 0 WHERE resource_id = $1 AND state <> 'retired'`, r.ID); err != nil {
				return err
			}
			if err := stirAskers(q, r.ID); err != nil {
				return err
			}
			// With it go the secrets of the other system.
			if _, err := q.exec("DELETE FROM collection WHERE resource_id = $1", r.ID); err != nil {
				return err
			}
		}
		return s.append(q, e)
	})
}

// UpdateResource implements connection.Store.
func (s *Store) UpdateResource(ctx context.Context, connectionID, resourceID int64, change func(*connection.Resource) (event.Event, error)) (connection.Resource, error) {
	var out connection.Resource
	err := s.db.exclusive(ctx, func(q querier) error {
		h, err := lockResource(q, resourceID)
		if err != nil {
			return err
		}
		if h.connectionID != connectionID {
			return absent("resource", resourceID)
		}
		c, err := readConnection(q, connectionID)
		if err != nil {
			return err
		}
		r, _, err := readResource(q, resourceID)
		if err != nil {
			return err
		}
		e, err := change(&r)
		if err != nil {
			return err
		}
		if taken, err := nameTaken(q, c.WorkspaceIDs, resourceID, r.Name); err != nil {
			return err
		} else if taken {
			return duplicateResource(r.Name)
		}
		if _, err := q.exec("UPDATE resource SET name = $2, description = $3, display_name_key = $4, freshness_hours = $5, updated_at = $6 WHERE id = $1",
			resourceID, r.Name, r.Description, r.DisplayNameKey, r.FreshnessHours, r.UpdatedAt); err != nil {
			return err
		}
		if err := s.append(q, e); err != nil {
			return err
		}
		out, _, err = readResource(q, resourceID)
		return err
	})
	return out, err
}

// PutSchema implements connection.Store.
func (s *Store) PutSchema(ctx context.Context, read connection.Resource, schema []byte, displayNameKey string, at time.Time, e event.Event) (connection.Resource, error) {
	var out connection.Resource
	resourceID, from := read.ID, read.SchemaVersion
	err := s.db.write(ctx, func(q querier) error {
		h, err := lockResource(q, resourceID)
		if err != nil {
			return err
		}
		if h.schemaVersion != from {
			return fault.New(fault.CodeEditConflict, "somebody else changed the schema first (it is at version %d now): read it again", h.schemaVersion)
		}
		if h.displayNameKey != read.DisplayNameKey {
			return fault.New(fault.CodeEditConflict, "somebody else changed the displayNameKey first (it is %q now): read it again", h.displayNameKey)
		}
		if err := putVersion(q, resourceID, from+1, schema, at, e); err != nil {
			return err
		}
		// The change sequence moves so that the evaluator looks at the tests again.
		if _, err := q.exec("UPDATE resource SET schema_version = $2, display_name_key = $3, updated_at = $4, change_seq = change_seq + 1 WHERE id = $1",
			resourceID, from+1, displayNameKey, at); err != nil {
			return err
		}
		if err := stirAskers(q, resourceID); err != nil {
			return err
		}
		if err := s.append(q, e); err != nil {
			return err
		}
		out, _, err = readResource(q, resourceID)
		return err
	})
	return out, err
}

// SchemaVersions implements connection.Store.
func (s *Store) SchemaVersions(ctx context.Context, resourceID int64) ([]connection.SchemaVersion, error) {
	var out []connection.SchemaVersion
	err := s.db.read(ctx, func(q querier) error {
		return q.query("SELECT version, body, key_id, user_id, created_at FROM schema_version WHERE resource_id = $1 ORDER BY version DESC", func(r row) error {
			var v connection.SchemaVersion
			if err := r.scan(&v.Version, &v.Schema, &v.KeyID, &v.UserID, &v.CreatedAt); err != nil {
				return err
			}
			out = append(out, v)
			return nil
		}, resourceID)
	})
	return out, err
}
