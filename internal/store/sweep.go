package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
)

// unswept reads the first row of what is to be swept, if there is one at which
// no other node is: two at one would take what is locked for gone, and end it.
func unswept(q querier, sql string, dest ...any) (bool, error) {
	err := one(q, sql+" ORDER BY id LIMIT 1"+q.dialect().skipLocked, nil, dest...)
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

// SweepStaged implements record.Store.
func (s *Store) SweepStaged(ctx context.Context, limit int) (int64, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		var id int64
		n = 0
		found, err := unswept(q, "SELECT id FROM session WHERE swept = 0 AND status <> 'IN_PROGRESS'", &id)
		if !found {
			return err
		}
		first, end := recordRange(id)
		if n, err = q.exec("DELETE FROM staged_record WHERE id IN (SELECT id FROM staged_record WHERE id >= $1 AND id < $2 LIMIT $3)", first, end, limit); err != nil || n == int64(limit) {
			return err
		}
		_, err = q.exec("UPDATE session SET swept = 1 WHERE id = $1", id)
		// Another session may wait: say that the sweep is not over.
		n = int64(limit)
		return err
	})
	return n, err
}

// purged deletes, by range of record ids, what a deleted resource leaves.
var purged = []string{
	"DELETE FROM record WHERE id IN (SELECT id FROM record WHERE id >= $1 AND id < $2 LIMIT $3)",
	"DELETE FROM verdict WHERE record_id IN (SELECT record_id FROM verdict WHERE record_id >= $1 AND record_id < $2 LIMIT $3)",
	"DELETE FROM lookup_value WHERE record_id IN (SELECT record_id FROM lookup_value WHERE record_id >= $1 AND record_id < $2 LIMIT $3)",
	"DELETE FROM lookup_ask WHERE record_id IN (SELECT record_id FROM lookup_ask WHERE record_id >= $1 AND record_id < $2 LIMIT $3)",
}

var purgedByResource = []string{
	"DELETE FROM account WHERE id IN (SELECT id FROM account WHERE resource_id = $1 LIMIT $2)",
	"DELETE FROM account_mapping WHERE resource_id IN (SELECT resource_id FROM account_mapping WHERE resource_id = $1 LIMIT $2)",
	`DELETE FROM sync_run WHERE id IN (SELECT id FROM sync_run WHERE connection_id = (SELECT connection_id FROM resource WHERE id = $1)
		AND resource_id = $1 LIMIT $2)`,
	"DELETE FROM record_version WHERE id IN (SELECT id FROM record_version WHERE resource_id = $1 LIMIT $2)",
	`DELETE FROM unique_value WHERE (group_id, record_id) IN (SELECT group_id, record_id FROM unique_value
		WHERE group_id IN (SELECT id FROM test_group WHERE resource_id = $1) LIMIT $2)`,
	"UPDATE finding SET closed_at = " + later("opened_at", "(SELECT deleted_at FROM resource WHERE id = $1)") + `, close_reason = 'record deleted'
		WHERE id IN (SELECT id FROM finding WHERE group_id IN (SELECT id FROM test_group WHERE resource_id = $1 AND state <> 'retired')
		AND closed_at IS NULL LIMIT $2)`,
}

// PurgeDeleted implements record.Store.
func (s *Store) PurgeDeleted(ctx context.Context, limit int) (int64, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		var id int64
		n = 0
		found, err := unswept(q, "SELECT id FROM resource WHERE deleted_at IS NOT NULL AND purged_at IS NULL", &id)
		if !found {
			return err
		}
		n = int64(limit)
		first, end := recordRange(id)
		for _, sql := range purged {
			if deleted, err := q.exec(sql, first, end, limit); err != nil || deleted == n {
				return err
			}
		}
		for _, sql := range purgedByResource {
			if deleted, err := q.exec(sql, id, limit); err != nil || deleted == n {
				return err
			}
		}
		_, err = q.exec("UPDATE resource SET purged_at = $2 WHERE id = $1", id, s.now())
		return err
	})
	return n, err
}

// SweepGroups implements check.EvaluatorStore.
func (s *Store) SweepGroups(ctx context.Context, limit int) (int64, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		var id int64
		var at time.Time
		var why string
		n = 0
		found, err := unswept(q, "SELECT id, ended_at, ended_why FROM test_group WHERE unswept = 1", &id, &at, &why)
		if !found {
			return err
		}
		n = int64(limit)
		done, err := sweepFindings(q, id, why, at, limit)
		if err != nil || done == n {
			return err
		}
		if done, err = q.exec("DELETE FROM unique_value WHERE group_id = $1 AND record_id IN (SELECT record_id FROM unique_value WHERE group_id = $1 LIMIT $2)",
			id, limit); err != nil || done == n {
			return err
		}
		_, err = q.exec("UPDATE test_group SET unswept = 0 WHERE id = $1", id)
		return err
	})
	return n, err
}

// continued reads those of some findings that a later group of the test has gone on
// with: its finding took their beginning over. It may have ended before the version
// came into force, by a change that nobody had looked at yet: then that is when they
// ended too. A group that never came into force goes on with nothing: its findings
// are yet to be swept. It is asked of each by itself, and the sums leave only the
// index by record: a planner without statistics would go through all findings of
// the test.
const continued = `SELECT f.id, (SELECT 1 FROM finding n WHERE n.resource_id = f.resource_id AND n.record_key = f.record_key
	AND n.record_id + 0 = f.record_id AND n.test_id + 0 = f.test_id AND n.group_id + 0 > f.group_id AND n.opened_at + 0 <= f.opened_at
	AND EXISTS (SELECT 1 FROM test_group g WHERE g.id = n.group_id AND ` + wasInForce + `) LIMIT 1) FROM finding f WHERE `

// sweepFindings ends up to limit findings of a group that is over, and tells how
// many it was.
func sweepFindings(q querier, groupID int64, why string, at time.Time, limit int) (int64, error) {
	if why == "" {
		// The open ones and the others have an index each.
		var n int64
		for _, some := range []string{"NULL", "NOT NULL"} {
			done, err := q.exec("DELETE FROM finding WHERE id IN (SELECT id FROM finding WHERE group_id = $1 AND closed_at IS "+some+" LIMIT $2)", groupID, int64(limit)-n)
			if n += done; err != nil || n == int64(limit) {
				return n, err
			}
		}
		return n, nil
	}
	ids, err := idList(q, "SELECT id FROM finding WHERE group_id = $1 AND closed_at IS NULL LIMIT $2", groupID, limit)
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(ids, perLookup) {
		if why == string(check.TestChanged) {
			if err := dropContinued(q, part); err != nil {
				return 0, err
			}
		}
		cond, args := in("id", part)
		if _, err := q.exec("UPDATE finding SET closed_at = "+later("opened_at", "$1")+", close_reason = $2 WHERE "+shifted(cond, 2), append([]any{at, why}, args...)...); err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), nil
}

func dropContinued(q querier, ids []int64) error {
	cond, args := in("f.id", ids)
	var gone []int64
	if err := q.query(continued+shifted(cond, 0), func(r row) error {
		var id int64
		var goesOn bool
		err := r.scan(&id, &goesOn)
		if goesOn {
			gone = append(gone, id)
		}
		return err
	}, args...); err != nil || len(gone) == 0 {
		return err
	}
	cond, args = in("id", gone)
	_, err := q.exec("DELETE FROM finding WHERE "+shifted(cond, 0), args...)
	return err
}

// SweepLookups deletes, at most limit rows of each kind at a time, what retired
// lookups leave.
func (s *Store) SweepLookups(ctx context.Context, limit int) (int64, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		var id int64
		n = 0
		found, err := unswept(q, "SELECT id FROM lookup WHERE state = 'retired'", &id)
		if !found {
			return err
		}
		for _, table := range []string{"lookup_value", "lookup_ask"} {
			deleted, err := q.exec(`DELETE FROM `+table+` WHERE lookup_id = $1 AND record_id IN
				(SELECT record_id FROM `+table+` WHERE lookup_id = $1 LIMIT $2)`, id, limit)
			n += deleted
			if err != nil || n >= int64(limit) {
				return err
			}
		}
		for _, sql := range []string{"DELETE FROM lookup_change WHERE lookup_id = $1", "DELETE FROM group_lookup WHERE lookup_id = $1", "DELETE FROM lookup WHERE id = $1"} {
			if _, err := q.exec(sql, id); err != nil {
				return err
			}
		}
		// Another lookup may wait: say that the sweep is not over.
		n = int64(limit)
		return nil
	})
	return n, err
}
