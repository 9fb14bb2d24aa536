package store

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Conditions implements check.Store.
func (s *Store) Conditions(ctx context.Context, workspaceID int64) (out []check.Condition, revision int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		out, revision, err = readConditions(q, workspaceID)
		return err
	})
	return out, revision, err
}

func readConditions(q querier, workspaceID int64) (out []check.Condition, revision int64, err error) {
	err = absentIf(one(q, "SELECT conditions_revision FROM workspace WHERE id = $1", []any{workspaceID}, &revision), "workspace", workspaceID)
	if err != nil {
		return nil, 0, err
	}
	err = q.query("SELECT name, logic, created_at, updated_at, key_id, user_id FROM condition WHERE workspace_id = $1", func(r row) error {
		var c check.Condition
		err := r.scan(&c.Name, &c.Logic, &c.CreatedAt, &c.UpdatedAt, &c.KeyID, &c.UserID)
		out = append(out, c)
		return err
	}, workspaceID)
	return out, revision, err
}

// testsRevision changes with every change that people make to a test of a
// workspace: revisions only grow, and rows of deleted tests stay.
const testsRevision = "SELECT CAST(coalesce(sum(revision), 0) AS BIGINT) FROM test WHERE workspace_id = $1"

// Book implements check.Store.
func (s *Store) Book(ctx context.Context, workspaceID int64) (check.Book, error) {
	var b check.Book
	err := s.db.read(ctx, func(q querier) error {
		b = check.Book{WorkspaceID: workspaceID}
		var err error
		if b.Conditions, b.Revision, err = readConditions(q, workspaceID); err != nil {
			return err
		}
		if err := one(q, testsRevision, []any{workspaceID}, &b.TestsRevision); err != nil {
			return err
		}
		// Stored logic is compact, so a reference is always written like this.
		return q.query(`SELECT t.number, t.name, t.enabled, v.version, coalesce(t.published, 0), v.logic FROM test t
			JOIN test_version v ON v.test_id = t.id AND (v.version = t.published OR v.version = t.draft)
			WHERE t.workspace_id = $1 AND t.deleted_at IS NULL AND v.logic LIKE '%"condition":%' ORDER BY t.id, v.version`, func(r row) error {
			var use check.Use
			var version, published int64
			err := r.scan(&use.Number, &use.Name, &use.InForce, &version, &published, &use.Logic)
			use.InForce = use.InForce && version == published
			b.Uses = append(b.Uses, use)
			return err
		}, workspaceID)
	})
	return b, err
}

// lockConditions keeps the conditions of a workspace from changing, and tells
// their revision.
func lockConditions(q querier, workspaceID int64) (revision int64, err error) {
	err = one(q, "SELECT conditions_revision FROM workspace WHERE id = $1"+q.dialect().forUpdate, []any{workspaceID}, &revision)
	return revision, absentIf(err, "workspace", workspaceID)
}

// lockBasis proves that the conditions are still those that a version was
// compiled with; one that is stored as it was read has no basis.
func lockBasis(q querier, workspaceID int64, v *check.Version) error {
	if v == nil || v.Basis == 0 {
		return nil
	}
	revision, err := lockConditions(q, workspaceID)
	if err == nil && revision != v.Basis {
		err = fault.New(fault.CodeEditConflict, "somebody changed a named condition at the same moment: try again")
	}
	return err
}

// lockBook proves that neither the conditions nor the tests changed since a
// book was read, and counts the change that is to come.
func lockBook(q querier, b check.Book) error {
	revision, err := lockConditions(q, b.WorkspaceID)
	if err != nil {
		return err
	}
	var tests int64
	if err := one(q, testsRevision, []any{b.WorkspaceID}, &tests); err != nil {
		return err
	}
	if revision != b.Revision || tests != b.TestsRevision {
		return fault.New(fault.CodeEditConflict, "somebody changed a condition or a test at the same moment: try again")
	}
	_, err = q.exec("UPDATE workspace SET conditions_revision = conditions_revision + 1 WHERE id = $1", b.WorkspaceID)
	return err
}

// PutCondition implements check.Store.
func (s *Store) PutCondition(ctx context.Context, b check.Book, c check.Condition, builds []check.Build, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if err := lockBook(q, b); err != nil {
			return err
		}
		if _, err := q.exec(`INSERT INTO condition (workspace_id, name, logic, created_at, updated_at, key_id, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (workspace_id, name) DO UPDATE SET logic = excluded.logic, updated_at = excluded.updated_at, key_id = excluded.key_id, user_id = excluded.user_id`,
			b.WorkspaceID, c.Name, text(c.Logic), c.CreatedAt, c.UpdatedAt, nullID(c.KeyID), nullID(c.UserID)); err != nil {
			return err
		}
		if err := s.append(q, e); err != nil {
			return err
		}
		for i := range builds {
			each := &builds[i]
			if err := lockTest(q, each.Test); err != nil {
				return err
			}
			if err := moveDraft(q, each); err != nil {
				return err
			}
			if err := s.build(q, each.Test, each.Version, each.Groups, c.UpdatedAt, each.Event); err != nil {
				return err
			}
		}
		return nil
	})
}

// moveDraft makes room for a version that is published while the test has a
// draft: the draft comes after it, and is yet to be run.
func moveDraft(q querier, b *check.Build) error {
	if b.Test.Draft == nil || b.Test.Draft.Number > b.Version.Number {
		return nil
	}
	draft := *b.Test.Draft
	draft.Number = b.Version.Number + 1
	if err := putTestVersion(q, b.Test.ID, draft); err != nil {
		return err
	}
	_, err := q.exec("UPDATE test SET draft = $2, draft_run = NULL WHERE id = $1", b.Test.ID, draft.Number)
	return err
}

// DeleteCondition implements check.Store.
func (s *Store) DeleteCondition(ctx context.Context, b check.Book, name string, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if err := lockBook(q, b); err != nil {
			return err
		}
		if _, err := q.exec("DELETE FROM condition WHERE workspace_id = $1 AND name = $2", b.WorkspaceID, name); err != nil {
			return err
		}
		return s.append(q, e)
	})
}
