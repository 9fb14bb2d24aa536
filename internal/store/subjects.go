package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
)

func scanSubject(r row, s *check.Subject) error {
	err := r.scan(&s.ID, &s.Key, &s.Body, &s.At, &s.Mark.Seq, &s.Old.States, &s.Old.Flip)
	s.Mark.ID = s.ID
	return err
}

const subjectColumns = `SELECT r.id, r.record_key, r.body, r.updated_at, r.change_seq, v.states, v.next_flip FROM record r
	LEFT JOIN verdict v ON v.record_id = r.id`

const deletedColumns = `SELECT r.record_id, r.record_key, '', r.valid_to, r.closed_seq, v.states, v.next_flip
	FROM record_version r LEFT JOIN verdict v ON v.record_id = r.record_id`

// subjects reads live records; cut is true if their bytes ended the read.
func (s *Store) subjects(q querier, limit int, sql string, args ...any) (out []check.Subject, cut bool, err error) {
	return readPortion(q, portion{sql: sql, args: args, body: "r.body", limit: limit, budget: s.budget}, scanSubject,
		func(s *check.Subject) int { return len(s.Body) })
}

// subjectsInOrder reads live records in the order of at most perInsert ids, until
// there are enough bytes of them.
func (s *Store) subjectsInOrder(q querier, ids []int64, budget int) (out []check.Subject, cut bool, err error) {
	var args []any
	part := lots(ids, 0)[0]
	for i, id := range part {
		args = append(args, id, i)
	}
	return readPortion(q, portion{sql: `SELECT r.id, r.record_key, r.body, r.updated_at, r.change_seq, v.states, v.next_flip FROM (VALUES ` +
		tuples("(CAST(? AS BIGINT), CAST(? AS BIGINT))", len(part), 1) + `) x CROSS JOIN record r LEFT JOIN verdict v ON v.record_id = r.id
		WHERE r.id = x.column1 ORDER BY x.column2`, args: args, body: "r.body", limit: len(part), budget: budget}, scanSubject,
		func(s *check.Subject) int { return len(s.Body) })
}

// deletedSubjects reads records that are gone, which have no bodies.
func deletedSubjects(q querier, limit int, sql string, args ...any) ([]check.Subject, error) {
	out, _, err := readPortion(q, portion{sql: sql, args: args, limit: limit}, scanSubject, nil)
	for i := range out {
		out[i].Deleted, out[i].Body = true, nil
	}
	return out, err
}

// Changes implements check.EvaluatorStore: the changed records and the deleted
// ones, read at one moment and merged.
func (s *Store) Changes(ctx context.Context, resourceID int64, after check.Mark, limit int) (list []check.Subject, more bool, err error) {
	var changed, deleted []check.Subject
	var cut bool
	err = s.db.read(ctx, func(q querier) error {
		var err error
		changed, cut, err = s.subjects(q, limit, subjectColumns+` WHERE r.resource_id = $1 AND (r.change_seq, r.id) > ($2, $3)
			ORDER BY r.change_seq, r.id`, resourceID, after.Seq, after.ID)
		if err != nil {
			return err
		}
		deleted, err = deletedSubjects(q, limit, deletedColumns+` WHERE r.resource_id = $1 AND r.deleted = 1 AND (r.closed_seq, r.record_id) > ($2, $3)
			ORDER BY r.closed_seq, r.record_id`, resourceID, after.Seq, after.ID)
		return err
	})
	list, more = merged(changed, deleted, limit, cut, func(a, b check.Subject) int {
		return cmp.Or(cmp.Compare(a.Mark.Seq, b.Mark.Seq), cmp.Compare(a.ID, b.ID))
	})
	return list, more, err
}

// merged is the first of the live and the deleted records in an order. Of live
// ones that were cut off nothing is known beyond their last.
func merged(live, deleted []check.Subject, limit int, cut bool, order func(a, b check.Subject) int) (all []check.Subject, more bool) {
	if cut {
		last := live[len(live)-1]
		deleted = slices.DeleteFunc(deleted, func(d check.Subject) bool { return order(d, last) > 0 })
	}
	all = slices.Concat(live, deleted)
	slices.SortFunc(all, order)
	return all[:min(len(all), limit)], cut || len(all) >= limit
}

// Due implements check.EvaluatorStore.
func (s *Store) Due(ctx context.Context, resourceID int64, now time.Time, limit int) ([]check.Subject, error) {
	var out []check.Subject
	err := s.db.read(ctx, func(q querier) error {
		var err error
		out, _, err = s.subjects(q, limit, `SELECT r.id, r.record_key, r.body, v.next_flip, r.change_seq, v.states, v.next_flip FROM verdict v
			JOIN record r ON r.id = v.record_id WHERE v.next_flip <= $2 AND v.resource_id = $1 ORDER BY v.next_flip`, resourceID, now)
		return err
	})
	return out, err
}

// Rows implements check.EvaluatorStore.
func (s *Store) Rows(ctx context.Context, resourceID int64, since check.Mark, afterID int64, limit int) (list []check.Subject, more bool, err error) {
	_, end := recordRange(resourceID)
	var live, deleted []check.Subject
	var cut bool
	err = s.db.read(ctx, func(q querier) error {
		var err error
		live, cut, err = s.subjects(q, limit, subjectColumns+" WHERE r.id > $1 AND r.id < $2 ORDER BY r.id", afterID, end)
		if err != nil {
			return err
		}
		deleted, err = deletedSubjects(q, limit, deletedColumns+` WHERE r.resource_id = $1 AND r.deleted = 1 AND (r.closed_seq, r.record_id) > ($2, $3) AND r.record_id > $4
			ORDER BY r.record_id`, resourceID, since.Seq, since.ID, afterID)
		return err
	})
	for i := range live {
		// That the record is looked at now is no change of the record.
		live[i].At = time.Time{}
	}
	list, more = merged(live, deleted, limit, cut, func(a, b check.Subject) int { return cmp.Compare(a.ID, b.ID) })
	return list, more, err
}

// Subjects implements check.EvaluatorStore.
func (s *Store) Subjects(ctx context.Context, _ int64, ids []int64) ([]check.Subject, error) {
	var out []check.Subject
	err := s.db.read(ctx, func(q querier) error {
		for _, part := range lots(ids, 0) {
			cond, args := in("r.id", part)
			if err := q.query(number(`SELECT r.id, r.record_key, '', r.updated_at, r.change_seq, v.states, v.next_flip FROM record r
				LEFT JOIN verdict v ON v.record_id = r.id WHERE `+cond), func(r row) error {
				var sub check.Subject
				err := scanSubject(r, &sub)
				sub.Body = nil
				out = append(out, sub)
				return err
			}, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
