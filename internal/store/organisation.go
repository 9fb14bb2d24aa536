package store

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// lockCompany reads the organisation, which nobody else changes until the
// transaction ends.
func lockCompany(q querier) (c access.Company, err error) {
	err = one(q, companyColumns+q.dialect().forUpdate, nil, companyDestinations(&c)...)
	return c, err
}

const companyColumns = `SELECT account_id, name, domain, legal_name, description, created_at, updated_at FROM company WHERE id = 1`

func companyDestinations(c *access.Company) []any {
	return []any{&c.AccountID, &c.Name, &c.Domain, &c.LegalName, &c.Description, &c.CreatedAt, &c.UpdatedAt}
}

// Company implements access.Store.
func (s *Store) Company(ctx context.Context) (access.Company, error) {
	var c access.Company
	err := s.db.read(ctx, func(q querier) error { return one(q, companyColumns, nil, companyDestinations(&c)...) })
	return c, err
}

// ChangeCompany implements access.Store.
func (s *Store) ChangeCompany(ctx context.Context, change func(*access.Company) (event.Event, error)) (access.Company, error) {
	var c access.Company
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if c, err = lockCompany(q); err != nil {
			return err
		}
		e, err := change(&c)
		if err != nil {
			return err
		}
		if _, err := q.exec("UPDATE company SET name = $1, domain = $2, legal_name = $3, description = $4, updated_at = $5 WHERE id = 1",
			c.Name, c.Domain, nullText(c.LegalName), nullText(c.Description), c.UpdatedAt); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return c, err
}

func workspaceNamed(q querier, name string, except int64) error {
	var n int64
	if err := one(q, "SELECT count(*) FROM workspace WHERE name = $1 AND id <> $2", []any{name, except}, &n); err != nil || n == 0 {
		return err
	}
	err := fault.New(fault.CodeDuplicateName, "a workspace named %q (/name) exists: choose another name", name)
	err.Pointer = "/name"
	return err
}

// CreateWorkspace implements access.Store.
func (s *Store) CreateWorkspace(ctx context.Context, w access.Workspace, limit int, e event.Event) (access.Workspace, error) {
	out := w
	err := s.db.write(ctx, func(q querier) error {
		out = w
		if _, err := lockCompany(q); err != nil {
			return err
		}
		if err := workspaceNamed(q, w.Name, 0); err != nil {
			return err
		}
		var n int64
		if err := one(q, "SELECT count(*) FROM workspace", nil, &n); err != nil {
			return err
		}
		if n >= int64(limit) {
			return fault.New(fault.CodeConflict, "an organisation has at most %d workspaces", limit)
		}
		if err := one(q, `INSERT INTO workspace (is_primary, name, description, url, next_test, created_at, updated_at) VALUES (0, $1, $2, $3, 1, $4, $4) RETURNING id`,
			[]any{w.Name, nullText(w.Description), nullText(w.URL), w.CreatedAt}, &out.ID); err != nil {
			return err
		}
		if err := spreadBuiltIn(q); err != nil {
			return err
		}
		e.WorkspaceID = out.ID
		return s.append(q, e)
	})
	return out, err
}

// ChangeWorkspace implements access.Store.
func (s *Store) ChangeWorkspace(ctx context.Context, id int64, change func(*access.Workspace) (event.Event, error)) (access.Workspace, error) {
	var w access.Workspace
	err := s.db.write(ctx, func(q querier) error {
		if _, err := lockCompany(q); err != nil {
			return err
		}
		w = access.Workspace{}
		if err := q.query(workspaceColumns+" WHERE id = $1", func(r row) error { return scanWorkspace(r, &w) }, id); err != nil {
			return err
		}
		if w.ID == 0 {
			return absent("workspace", id)
		}
		e, err := change(&w)
		if err != nil {
			return err
		}
		if err := workspaceNamed(q, w.Name, id); err != nil {
			return err
		}
		if _, err := q.exec("UPDATE workspace SET name = $2, description = $3, url = $4, updated_at = $5 WHERE id = $1", id, w.Name, nullText(w.Description), nullText(w.URL), w.UpdatedAt); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return w, err
}
