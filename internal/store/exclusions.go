package store

import (
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const exclusionColumns = `SELECT x.id, x.workspace_id, x.test_id, t.number, t.name, x.resource_id, s.connection_id, s.name, s.display_name_key,
	x.record_key, x.selector, x.pinned, x.reason, x.category, x.approver, x.ticket_url, x.expires_at, x.expire_on_fix,
	x.approved_matching, x.approved_failing, x.version, x.key_id, x.user_id, x.created_at, x.updated_at, x.ended_at, x.ended_state, r.body FROM exclusion x
	JOIN test t ON t.id = x.test_id JOIN resource s ON s.id = x.resource_id
	LEFT JOIN record r ON r.resource_id = x.resource_id AND r.record_key = x.record_key`

const exclusionOfTest = "x.id = $1 AND t.workspace_id = $2 AND t.number = $3 AND t.deleted_at IS NULL"

func scanExclusion(r row, x *check.Exclusion) error {
	var category, ended string
	var body []byte
	err := r.scan(&x.ID, &x.WorkspaceID, &x.TestID, &x.TestNumber, &x.TestName, &x.Resource.ID, &x.Resource.ConnectionID, &x.Resource.Name, &x.Resource.DisplayNameKey,
		&x.Key, &x.Selector, &x.Pinned, &x.Reason, &category, &x.Approver, &x.TicketURL, &x.ExpiresAt, &x.ExpireOnFix,
		&x.Approved.Matching, &x.Approved.Failing, &x.Version, &x.KeyID, &x.UserID, &x.CreatedAt, &x.UpdatedAt, &x.EndedAt, &ended, &body)
	x.Category, x.Ended = check.ExclusionCategory(category), check.ExclusionState(ended)
	if len(body) > 0 {
		x.Body = body
	}
	x.Describe()
	return err
}

// Exclusion implements check.ExclusionStore.
func (s *Store) Exclusion(ctx context.Context, workspaceID, number, id int64) (check.Exclusion, error) {
	var x check.Exclusion
	err := s.db.read(ctx, func(q querier) error {
		var err error
		x, err = readExclusion(q, exclusionOfTest, id, workspaceID, number)
		return err
	})
	return x, absentIf(err, "exclusion", id)
}

func readExclusion(q querier, where string, args ...any) (check.Exclusion, error) {
	var x check.Exclusion
	found := false
	err := q.query(exclusionColumns+" WHERE "+where, func(r row) error {
		found = true
		return scanExclusion(r, &x)
	}, args...)
	if err == nil && !found {
		err = errNoRow
	}
	return x, err
}

// Exclusions implements check.ExclusionStore.
func (s *Store) Exclusions(ctx context.Context, f check.ExclusionFilter, r page.Request) (page.Page[check.Exclusion], error) {
	l := list[check.Exclusion]{sql: exclusionColumns, id: "x.id", scan: scanExclusion,
		columns: map[page.Sort]string{page.CreatedAt: "x.created_at", page.UpdatedAt: "x.updated_at",
			page.ExpiresAt: "coalesce(x.expires_at, 9223372036854775807)"},
		body: "r.body", size: func(x *check.Exclusion) int { return len(x.Body) },
		position: func(x check.Exclusion) page.Position { return x.Position(r.Order()) }}
	l.and("x.workspace_id = ?", f.WorkspaceID)
	l.where = append(l.where, "t.deleted_at IS NULL")
	if f.TestID != 0 {
		l.and("x.test_id = ?", f.TestID)
	}
	if f.ResourceID != 0 {
		l.and("x.resource_id = ?", f.ResourceID)
	}
	if f.Key != "" {
		l.and("x.record_key = ?", f.Key)
	}
	if f.Category != "" {
		l.and("x.category = ?", string(f.Category))
	}
	if f.BySelector != nil && *f.BySelector {
		l.where = append(l.where, "x.selector IS NOT NULL")
	} else if f.BySelector != nil {
		l.where = append(l.where, "x.selector IS NULL")
	}
	l.search(f.Search, "x.reason", "coalesce(x.record_key, '')", "coalesce(x.selector, '')", "t.name", "coalesce(x.approver, '')", "coalesce(x.ticket_url, '')")
	switch f.State {
	case "":
	case check.ExclusionActive:
		l.and("x.ended_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > ?)", f.Now)
	case check.ExclusionExpired:
		l.and("(x.ended_state = 'EXPIRED' OR x.ended_at IS NULL AND x.expires_at <= ?)", f.Now)
	default:
		l.and("x.ended_state = ?", string(f.State))
	}
	if !f.ExpiresBefore.IsZero() {
		l.and("x.expires_at <= ?", f.ExpiresBefore)
	}
	if !f.EndedSince.IsZero() {
		l.and("(x.ended_at IS NULL OR x.ended_state = 'EXPIRED' AND x.ended_at >= ?)", f.EndedSince)
	}
	return l.runIn(ctx, s, f.WorkspaceID, r)
}

// ExclusionVersions implements check.ExclusionStore.
func (s *Store) ExclusionVersions(ctx context.Context, id int64) ([]check.ExclusionVersion, error) {
	var out []check.ExclusionVersion
	err := s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT version, valid_from, valid_to, selector, reason, category, approver, ticket_url, expires_at, expire_on_fix, key_id, user_id
			FROM exclusion_version WHERE exclusion_id = $1 ORDER BY version`, func(r row) error {
			var v check.ExclusionVersion
			var category string
			err := r.scan(&v.Number, &v.ValidFrom, &v.ValidTo, &v.Selector, &v.Reason, &category, &v.Approver, &v.TicketURL, &v.ExpiresAt, &v.ExpireOnFix, &v.KeyID, &v.UserID)
			v.Category = check.ExclusionCategory(category)
			out = append(out, v)
			return err
		}, id)
	})
	return out, err
}

// CreateExclusion implements check.ExclusionStore. The evaluation is locked
// first, as by steps.
func (s *Store) CreateExclusion(ctx context.Context, x check.Exclusion, e func(check.Exclusion) event.Event) (check.Exclusion, error) {
	var out check.Exclusion
	err := s.db.write(ctx, func(q querier) error {
		if err := fenceResource(q, x.Resource.ID); err != nil {
			return err
		}
		var id int64
		if err := absentIf(one(q, "SELECT id FROM test WHERE id = $1 AND deleted_at IS NULL", []any{x.TestID}, &id), "test", x.TestNumber); err != nil {
			return err
		}
		// An exclusion that is over must not stand in the way.
		if err := s.markExpired(q, x.UpdatedAt, "resource_id = $2", x.Resource.ID); err != nil {
			return err
		}
		if err := exclusionFits(q, x); err != nil {
			return err
		}
		err := one(q, `INSERT INTO exclusion (workspace_id, test_id, resource_id, record_key, selector, pinned, reason, category, approver, ticket_url,
			expires_at, expire_on_fix, approved_matching, approved_failing, version, key_id, created_at, updated_at, user_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16, $16, $17) RETURNING id`,
			[]any{x.WorkspaceID, x.TestID, x.Resource.ID, nullText(x.Key), x.Selector, x.Pinned, x.Reason, string(x.Category), nullText(x.Approver), nullText(x.TicketURL),
				x.ExpiresAt, x.ExpireOnFix, x.Approved.Matching, x.Approved.Failing, nullID(x.KeyID), x.CreatedAt, nullID(x.UserID)}, &x.ID)
		if errors.Is(err, errDuplicate) {
			return excludedAlready(x)
		}
		if err != nil {
			return err
		}
		if err := putExclusionVersion(q, x); err != nil {
			return err
		}
		if err := s.reconsider(q, x, event.Event{KeyID: x.KeyID, UserID: x.UserID}, x.CreatedAt); err != nil {
			return err
		}
		if err := s.append(q, e(x)); err != nil {
			return err
		}
		out, err = readExclusion(q, "x.id = $1", x.ID)
		return err
	})
	return out, err
}

func excludedAlready(x check.Exclusion) error {
	return fault.New(fault.CodeConflict, "the record %q is excluded from the test already: change that exclusion", x.Key)
}

// exclusionFits proves that a new exclusion is about a record, the only one of
// it, and not one too many.
func exclusionFits(q querier, x check.Exclusion) error {
	count := func(where string, id int64) (n int64, err error) {
		err = one(q, "SELECT count(*) FROM exclusion WHERE ended_at IS NULL AND "+where, []any{id}, &n)
		return n, err
	}
	n, err := count("test_id = $1", x.TestID)
	if err != nil {
		return err
	}
	if n >= check.MaxExclusions {
		return fault.New(fault.CodeConflict, "the test has %d exclusions already, which is the most", check.MaxExclusions)
	}
	if x.Selector != nil {
		if n, err = count("resource_id = $1 AND selector IS NOT NULL", x.Resource.ID); err == nil && n >= check.MaxSelectors {
			err = fault.New(fault.CodeConflict, "resource “%s” has %d exclusions by selector already, which is the most", x.Resource.Name, check.MaxSelectors)
		}
		return err
	}
	var id int64
	err = one(q, "SELECT id FROM record WHERE resource_id = $1 AND record_key = $2", []any{x.Resource.ID, x.Key}, &id)
	if errors.Is(err, errNoRow) {
		return fault.New(fault.CodeValidation, "`targetId` (/targetId) is %q, but resource “%s” has no such record", x.Key, x.Resource.Name)
	}
	if err != nil {
		return err
	}
	err = one(q, "SELECT id FROM exclusion WHERE resource_id = $1 AND record_key = $2 AND test_id = $3 AND ended_at IS NULL", []any{x.Resource.ID, x.Key, x.TestID}, &id)
	if errors.Is(err, errNoRow) {
		return nil
	}
	if err == nil {
		err = excludedAlready(x)
	}
	return err
}

// fenceResource keeps out the steps that have read the exclusions of a resource
// and not applied yet.
func fenceResource(q querier, resourceID int64) error {
	_, err := q.exec("UPDATE evaluation SET epoch = epoch + 1 WHERE resource_id = $1", resourceID)
	return err
}

// reconsider has the records evaluated again that an exclusion covers, or did
// until now: one at once, those of a selector by a run over all records.
func (s *Store) reconsider(q querier, x check.Exclusion, e event.Event, at time.Time) error {
	if x.Selector == nil {
		return makeDue(q, at, "SELECT id FROM record WHERE resource_id = $2 AND record_key = $3", x.Resource.ID, x.Key)
	}
	t := check.Test{ID: x.TestID, Number: x.TestNumber}
	err := s.lockEnabled(q, t)
	if fault.KindOf(err) == fault.Conflict {
		// Nothing is in force, or on its way there.
		return nil
	}
	if err == nil {
		_, _, err = s.beginRun(q, check.NewRun{Test: t, Trigger: check.ByExclusion, KeyID: e.KeyID, UserID: e.UserID, At: at})
	}
	return err
}

func putExclusionVersion(q querier, x check.Exclusion) error {
	_, err := q.exec(`INSERT INTO exclusion_version (exclusion_id, version, valid_from, selector, pinned, reason, category, approver, ticket_url,
		expires_at, expire_on_fix, key_id, user_id) SELECT id, version, updated_at, selector, pinned, reason, category, approver, ticket_url,
		expires_at, expire_on_fix, CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM exclusion WHERE id = $1`, x.ID, nullID(x.KeyID), nullID(x.UserID))
	return err
}

// ChangeExclusion implements check.ExclusionStore.
func (s *Store) ChangeExclusion(ctx context.Context, workspaceID, number, id int64, at time.Time, change func(*check.Exclusion) (event.Event, error)) (check.Exclusion, error) {
	var out check.Exclusion
	err := s.db.write(ctx, func(q querier) error {
		x, err := s.lockExclusion(q, workspaceID, number, id, at)
		if err != nil {
			return err
		}
		before := x
		e, err := change(&x)
		if err != nil || x.SaysAs(&before) {
			out = before
			return err
		}
		if _, err := q.exec(`UPDATE exclusion SET selector = $2, pinned = $3, reason = $4, category = $5, approver = $6, ticket_url = $7, expires_at = $8,
			expire_on_fix = $9, approved_matching = $10, approved_failing = $11, version = version + 1, updated_at = `+later("updated_at", "$12")+`,
			warned_at = CASE WHEN $13 = 1 THEN NULL ELSE warned_at END WHERE id = $1`,
			x.ID, x.Selector, x.Pinned, x.Reason, string(x.Category), nullText(x.Approver), nullText(x.TicketURL), x.ExpiresAt,
			x.ExpireOnFix, x.Approved.Matching, x.Approved.Failing, x.UpdatedAt, !x.ExpiresAt.Equal(before.ExpiresAt)); err != nil {
			return err
		}
		if err := endVersion(q, x.ID, at); err != nil {
			return err
		}
		x.KeyID, x.UserID = e.KeyID, e.UserID
		if err := putExclusionVersion(q, x); err != nil {
			return err
		}
		if string(x.Pinned) != string(before.Pinned) || !x.ExpiresAt.Equal(before.ExpiresAt) || x.ExpireOnFix != before.ExpireOnFix {
			if err := s.reconsider(q, x, e, at); err != nil {
				return err
			}
		}
		if err := s.append(q, e); err != nil {
			return err
		}
		out, err = readExclusion(q, "x.id = $1", id)
		return err
	})
	return out, err
}

// lockExclusion reads an exclusion that stands and keeps steps and others from
// it.
func (s *Store) lockExclusion(q querier, workspaceID, number, id int64, at time.Time) (check.Exclusion, error) {
	x, err := readExclusion(q, exclusionOfTest, id, workspaceID, number)
	if err != nil {
		return x, absentIf(err, "exclusion", id)
	}
	if err := fenceResource(q, x.Resource.ID); err != nil {
		return x, err
	}
	if lock := q.dialect().forUpdate; lock != "" {
		if _, err := q.exec("SELECT id FROM exclusion WHERE id = $1"+lock, id); err != nil {
			return x, err
		}
	}
	if x, err = readExclusion(q, exclusionOfTest, id, workspaceID, number); err != nil {
		return x, absentIf(err, "exclusion", id)
	}
	if state := x.State(at); state != check.ExclusionActive {
		return x, fault.New(fault.CodeConflict, "the exclusion has ended (%s): create a new one", state)
	}
	return x, nil
}

// endVersion ends what an exclusion said.
func endVersion(q querier, id int64, at time.Time) error {
	_, err := q.exec("UPDATE exclusion_version SET valid_to = "+later("valid_from", "$2")+" WHERE exclusion_id = $1 AND valid_to IS NULL", id, at)
	return err
}

// endExclusion marks the end of an exclusion.
func (s *Store) endExclusion(q querier, x check.Exclusion, state check.ExclusionState, at time.Time, e event.Event) error {
	if _, err := q.exec("UPDATE exclusion SET ended_at = "+later("created_at", "$2")+", ended_state = $3, updated_at = "+later("updated_at", "$2")+" WHERE id = $1",
		x.ID, at, string(state)); err != nil {
		return err
	}
	if err := endVersion(q, x.ID, at); err != nil {
		return err
	}
	return s.append(q, e)
}

// endExclusionsOf ends the exclusions of a test that is deleted.
func endExclusionsOf(q querier, testID int64, at time.Time) error {
	const open = " IN (SELECT id FROM exclusion WHERE test_id = $1 AND ended_at IS NULL)"
	if _, err := q.exec("UPDATE exclusion_version SET valid_to = "+later("valid_from", "$2")+" WHERE valid_to IS NULL AND exclusion_id"+open, testID, at); err != nil {
		return err
	}
	_, err := q.exec("UPDATE exclusion SET ended_at = "+later("created_at", "$2")+", ended_state = 'DELETED', updated_at = "+later("updated_at", "$2")+" WHERE id"+open, testID, at)
	return err
}

// DeleteExclusion implements check.ExclusionStore.
func (s *Store) DeleteExclusion(ctx context.Context, workspaceID, number, id int64, at time.Time, e func(check.Exclusion) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		x, err := s.lockExclusion(q, workspaceID, number, id, at)
		if err != nil {
			return err
		}
		ended := e(x)
		if err := s.endExclusion(q, x, check.ExclusionDeleted, at, ended); err != nil {
			return err
		}
		return s.reconsider(q, x, ended, at)
	})
}

// ExpireExclusions implements check.ExclusionStore.
func (s *Store) ExpireExclusions(ctx context.Context, now time.Time, limit int) (int64, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		resources, err := idList(q, "SELECT resource_id FROM exclusion WHERE ended_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT 1", now)
		n = 0
		if err != nil || len(resources) == 0 {
			return err
		}
		// Another resource may wait: say that the sweep is not over.
		n = int64(limit)
		if err := fenceResource(q, resources[0]); err != nil {
			return err
		}
		return s.markExpired(q, now, "resource_id = $2", resources[0])
	})
	return n, err
}

// markExpired marks the ends of exclusions that ended by time; the arguments of
// where begin at $2. Their records are due by themselves.
func (s *Store) markExpired(q querier, now time.Time, where string, args ...any) error {
	ids, err := idList(q, "SELECT id FROM exclusion WHERE ended_at IS NULL AND expires_at <= $1 AND "+where+" ORDER BY id"+q.dialect().forUpdate, append([]any{now}, args...)...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		x, err := readExclusion(q, "x.id = $1", id)
		if err != nil {
			return err
		}
		if err := s.endExclusion(q, x, check.ExclusionExpired, x.ExpiresAt, check.ExclusionEvent(x, event.ExclusionExpired, now)); err != nil {
			return err
		}
	}
	return nil
}

// WarnExclusions implements check.ExclusionStore.
func (s *Store) WarnExclusions(ctx context.Context, now, before time.Time, limit int) (int64, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		ids, err := idList(q, `SELECT id FROM exclusion WHERE ended_at IS NULL AND warned_at IS NULL AND expires_at > $1 AND expires_at <= $2
			ORDER BY expires_at LIMIT $3`+q.dialect().skipLocked, now, before, limit)
		n = int64(len(ids))
		if err != nil {
			return err
		}
		for _, id := range ids {
			x, err := readExclusion(q, "x.id = $1", id)
			if err != nil {
				return err
			}
			if _, err := q.exec("UPDATE exclusion SET warned_at = $2 WHERE id = $1", id, now); err != nil {
				return err
			}
			if err := s.append(q, check.ExclusionEvent(x, event.ExclusionExpiring, now)); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
