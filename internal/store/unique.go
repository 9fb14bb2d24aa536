package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/check"
)

// UniqueValues implements check.EvaluatorStore. What a record has is looked up by
// itself, as one text that begins with whether it is excluded.
func (s *Store) UniqueValues(ctx context.Context, groupID int64, records []int64) (map[int64]check.UniqueValue, error) {
	out := map[int64]check.UniqueValue{}
	err := s.db.read(ctx, func(q querier) error {
		for _, part := range lots(records, 0) {
			if err := q.query(`SELECT x.column1, (SELECT u.excluded || u.value FROM unique_value u WHERE u.group_id = $1 AND u.record_id = x.column1)
				FROM (VALUES `+tuples("(CAST(? AS BIGINT))", len(part), 2)+") x", func(r row) error {
				u := check.UniqueValue{GroupID: groupID}
				var has string
				err := r.scan(&u.RecordID, &has)
				if has != "" {
					u.Value, u.Excluded = has[1:], has[0] == '1'
					out[u.RecordID] = u
				}
				return err
			}, arguments([]any{groupID}, part)...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// UniqueMembers implements check.EvaluatorStore.
func (s *Store) UniqueMembers(ctx context.Context, groupID int64, values map[string]int) (map[string][]int64, error) {
	byLimit := map[int][]string{}
	for v, limit := range values {
		byLimit[limit] = append(byLimit[limit], v)
	}
	out := map[string][]int64{}
	err := s.db.read(ctx, func(q querier) error {
		for limit, list := range byLimit {
			for _, part := range lots(list, "") {
				if err := q.query(`SELECT x.column1, (SELECT string_agg(CAST(m.record_id AS TEXT), ',') FROM (SELECT u.record_id FROM unique_value u
					WHERE u.group_id = $1 AND u.excluded = 0 AND u.value = x.column1 LIMIT $2) m) FROM (VALUES `+tuples("(CAST(? AS TEXT))", len(part), 3)+") x", func(r row) error {
					var value, members string
					if err := r.scan(&value, &members); err != nil || members == "" {
						return err
					}
					var ids []int64
					for m := range strings.SplitSeq(members, ",") {
						id, err := strconv.ParseInt(m, 10, 64)
						if err != nil {
							return err
						}
						ids = append(ids, id)
					}
					out[value] = ids
					return nil
				}, arguments([]any{groupID, limit}, part)...); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

func applyUnique(q querier, b check.Batch) error {
	kept := make([]check.UniqueValue, 0, len(b.Unique))
	var gone []check.UniqueValue
	for _, u := range b.Unique {
		if u.Value == "" {
			gone = append(gone, u)
		} else {
			kept = append(kept, u)
		}
	}
	if err := insertRows(q, gone, "DELETE FROM unique_value WHERE (group_id, record_id) IN (VALUES ", "(CAST(? AS BIGINT), CAST(? AS BIGINT))", ")",
		func(u *check.UniqueValue) []any { return []any{u.GroupID, u.RecordID} }); err != nil {
		return err
	}
	return insertRows(q, kept, "INSERT INTO unique_value (group_id, record_id, value, excluded) VALUES ", "(?, ?, ?, ?)",
		" ON CONFLICT (group_id, record_id) DO UPDATE SET value = excluded.value, excluded = excluded.excluded",
		func(u *check.UniqueValue) []any { return []any{u.GroupID, u.RecordID, u.Value, u.Excluded} })
}
