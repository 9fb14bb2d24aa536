package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/rule"
)

// perLookup is how many values or records one statement about lookups carries.
const perLookup = 200

// parsedQuestion is a lookup's question from its stored text.
func (s *Store) parsedQuestion(id int64, question string) (rule.Lookup, error) {
	g, err := s.parsedRule(id, `{"all":[{"fact":"$","operator":"existsIn","value":`+question+`}]}`)
	if err != nil {
		return rule.Lookup{}, fmt.Errorf("parse lookup %d: %w", id, err)
	}
	return g.Lookups()[0], nil
}

// ResourceNamed implements check.Store.
func (s *Store) ResourceNamed(ctx context.Context, workspaceID int64, name string) (connection.Resource, error) {
	var res connection.Resource
	err := s.db.read(ctx, func(q querier) error {
		var id int64
		err := one(q, `SELECT r.id FROM resource r JOIN connection_workspace w ON w.connection_id = r.connection_id
			WHERE w.workspace_id = $1 AND r.name = $2 AND r.deleted_at IS NULL`, []any{workspaceID, name}, &id)
		if err := absentIf(err, "resource", name); err != nil {
			return err
		}
		res, _, err = readResource(q, id)
		return err
	})
	return res, err
}

// lookupsInto reads the lookups that ask a resource.
func (s *Store) lookupsInto(q querier, resourceID int64) ([]check.Lookup, error) {
	var out []check.Lookup
	err := q.query("SELECT id, question, state, cursor_id FROM lookup WHERE resource_id = $1 AND state <> 'retired' ORDER BY id", func(r row) error {
		var l check.Lookup
		var question, state string
		if err := r.scan(&l.ID, &question, &state, &l.Cursor); err != nil {
			return err
		}
		l.State = check.GroupState(state)
		var err error
		l.Question, err = s.parsedQuestion(l.ID, question)
		out = append(out, l)
		return err
	}, resourceID)
	for i := range out {
		if err == nil {
			out[i].Askers, err = askers(q, out[i].ID)
		}
	}
	return out, err
}

// askers are the resources over which groups ask a lookup.
func askers(q querier, lookupID int64) ([]int64, error) {
	return idList(q, `SELECT DISTINCT g.resource_id FROM group_lookup a JOIN test_group g ON g.id = a.group_id
		WHERE a.lookup_id = $1 AND g.state <> 'retired' ORDER BY g.resource_id`, lookupID)
}

func idList(q querier, sql string, args ...any) ([]int64, error) {
	var out []int64
	err := q.query(sql, func(r row) error {
		var id int64
		err := r.scan(&id)
		out = append(out, id)
		return err
	}, args...)
	return out, err
}

// ResourceNames implements check.Store.
func (s *Store) ResourceNames(ctx context.Context, workspaceID int64, limit int) (out []connection.Resource, err error) {
	err = s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT r.id, r.name FROM resource r JOIN connection_workspace w ON w.connection_id = r.connection_id
			WHERE w.workspace_id = $1 AND r.deleted_at IS NULL ORDER BY r.name, r.id LIMIT $2`, func(row row) error {
			var r connection.Resource
			err := row.scan(&r.ID, &r.Name)
			out = append(out, r)
			return err
		}, workspaceID, limit)
	})
	return out, err
}

// fillAsks reads what groups ask; the resources come without schema.
func (s *Store) fillAsks(q querier, groups []check.Group) error {
	at := map[int64]*check.Group{}
	var ids []int64
	for i := range groups {
		if len(groups[i].Rule.Lookups()) > 0 {
			at[groups[i].ID] = &groups[i]
			ids = append(ids, groups[i].ID)
		}
	}
	for part := range slices.Chunk(ids, perLookup) {
		cond, args := in("a.group_id", part)
		if err := q.query(number(`SELECT a.group_id, a.declared, l.id, l.question, l.state, r.id, r.connection_id, r.name, r.schema_version,
			r.freshness_hours, r.fresh_at, r.deleted_at IS NOT NULL
			FROM group_lookup a JOIN lookup l ON l.id = a.lookup_id JOIN resource r ON r.id = l.resource_id WHERE `+cond+" ORDER BY a.group_id, l.id"), func(r row) error {
			var group int64
			var a check.Ask
			var state string
			var declared []byte
			res := &a.Resource
			if err := r.scan(&group, &declared, &a.LookupID, &a.Key, &state, &res.ID, &res.ConnectionID, &res.Name, &res.SchemaVersion,
				&res.FreshnessHours, &res.FreshAt, &a.Deleted); err != nil {
				return err
			}
			a.State = check.GroupState(state)
			g := at[group]
			err := json.Unmarshal(declared, &a.Declared)
			g.Asks = append(g.Asks, a)
			return err
		}, args...); err != nil {
			return err
		}
	}
	return nil
}

// createAsks finds or makes the lookups of a new group.
func createAsks(q querier, groupID int64, asks []check.Ask) error {
	for _, a := range asks {
		id, err := findLookup(q, a)
		if err != nil {
			return err
		}
		if _, err := q.exec("INSERT INTO group_lookup (group_id, lookup_id, declared) VALUES ($1, $2, $3)", groupID, id, toJSON(a.Declared)); err != nil {
			return err
		}
	}
	return nil
}

func findLookup(q querier, a check.Ask) (int64, error) {
	h, err := lockResource(q, a.Resource.ID)
	if err != nil {
		return 0, err
	}
	digest := sha256.Sum256([]byte(a.Key))
	var id int64
	err = one(q, "SELECT id FROM lookup WHERE resource_id = $1 AND digest = $2 AND state <> 'retired'", []any{a.Resource.ID, digest[:]}, &id)
	if !errors.Is(err, errNoRow) {
		return id, err
	}
	var others int64
	if err := one(q, "SELECT count(*) FROM lookup WHERE resource_id = $1 AND state <> 'retired'", []any{a.Resource.ID}, &others); err != nil {
		return 0, err
	}
	if err := ensureEvaluation(q, a.Resource.ID, h.changeSeq); err != nil {
		return 0, err
	}
	if others == 0 {
		// The building pass asks all records as they are from now on.
		if _, err := q.exec("UPDATE evaluation SET answered_seq = $2, answered_id = $3 WHERE resource_id = $1",
			a.Resource.ID, h.changeSeq, check.Whole(0).ID); err != nil {
			return 0, err
		}
	}
	first, _ := recordRange(a.Resource.ID)
	err = one(q, "INSERT INTO lookup (resource_id, question, digest, state, cursor_id) VALUES ($1, $2, $3, 'building', $4) RETURNING id",
		[]any{a.Resource.ID, a.Key, digest[:], first}, &id)
	return id, err
}

// ensureEvaluation makes the row of a resource that is evaluated for the first
// time; it begins at the present change. One that was evaluated before goes on
// from where it was left, so that records deleted meanwhile lose their states.
func ensureEvaluation(q querier, resourceID, changeSeq int64) error {
	_, err := q.exec(`INSERT INTO evaluation (resource_id, epoch, watermark_seq, watermark_id) VALUES ($1, 1, $2, $3)
		ON CONFLICT (resource_id) DO UPDATE SET epoch = evaluation.epoch + 1`, resourceID, changeSeq, check.Whole(0).ID)
	return err
}

// retireLookups ends the lookups of a test that no group asks any more. The
// resources are locked first, so that nobody finds one who is about to use it.
func retireLookups(q querier, testID int64) error {
	const mine = "(SELECT a.lookup_id FROM group_lookup a JOIN test_group g ON g.id = a.group_id WHERE g.test_id = $1)"
	if _, err := idList(q, "SELECT id FROM resource WHERE id IN (SELECT resource_id FROM lookup WHERE state <> 'retired' AND id IN "+mine+") ORDER BY id"+
		q.dialect().forUpdate, testID); err != nil {
		return err
	}
	_, err := q.exec(`UPDATE lookup SET state = 'retired' WHERE state <> 'retired' AND id IN `+mine+` AND NOT EXISTS
		(SELECT 1 FROM group_lookup a JOIN test_group g ON g.id = a.group_id WHERE a.lookup_id = lookup.id AND g.state <> 'retired')`, testID)
	return err
}

// LookupValues implements check.EvaluatorStore.
func (s *Store) LookupValues(ctx context.Context, lookups, records []int64) ([]check.LookupValue, error) {
	return s.values(ctx, "lookup_value", records, func(id int64) bool { return slices.Contains(lookups, id) })
}

// LookupAsks implements check.EvaluatorStore.
func (s *Store) LookupAsks(ctx context.Context, records []int64) ([]check.LookupValue, error) {
	return s.values(ctx, "lookup_ask", records, func(int64) bool { return true })
}

// values reads the values of records. It names nothing but the records, lest a
// planner without statistics choose the index by value.
func (s *Store) values(ctx context.Context, table string, records []int64, of func(lookupID int64) bool) ([]check.LookupValue, error) {
	var out []check.LookupValue
	err := s.db.read(ctx, func(q querier) error {
		for _, part := range lots(records, 0) {
			cond, args := in("record_id", part)
			if err := q.query(number("SELECT lookup_id, record_id, value FROM "+table+" WHERE "+cond), func(r row) error {
				var v check.LookupValue
				err := r.scan(&v.LookupID, &v.RecordID, &v.Value)
				if of(v.LookupID) {
					out = append(out, v)
				}
				return err
			}, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Presence implements check.EvaluatorStore.
func (s *Store) Presence(ctx context.Context, lookupID int64, values []string) (found map[string]bool, sure bool, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		found, err = present(q, lookupID, append([]string{check.Unevaluable}, values...))
		return err
	})
	return found, !found[check.Unevaluable], err
}

// present tells which values some record gives to a lookup. Each is looked up
// by itself in the index; as a join a planner without statistics would read
// all values.
func present(q querier, lookupID int64, values []string) (map[string]bool, error) {
	found := map[string]bool{}
	for _, part := range lots(values, "") {
		if err := q.query(`SELECT x.column1, (SELECT 1 FROM lookup_value v WHERE v.lookup_id = $1 AND v.value = x.column1 LIMIT 1)
			FROM (VALUES `+tuples("(CAST(? AS TEXT))", len(part), 2)+") x", func(r row) error {
			var v string
			var is bool
			err := r.scan(&v, &is)
			if is {
				found[v] = true
			}
			return err
		}, arguments([]any{lookupID}, part)...); err != nil {
			return found, err
		}
	}
	return found, nil
}

// applyLookups writes the values of a step, and stirs the records that ask for
// one that came or left.
func applyLookups(q querier, b check.Batch) error {
	var toggled []check.LookupValue
	err := putValues(q, "lookup_value", b.Values, func(write func() error) error {
		before, err := valuesPresent(q, b.Values)
		if err != nil {
			return err
		}
		if err := write(); err != nil {
			return err
		}
		after, err := valuesPresent(q, b.Values)
		for v := range before {
			if before[v] != after[v] {
				toggled = append(toggled, v)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(toggled, func(a, b check.LookupValue) int { return strings.Compare(a.Value, b.Value) })
	if err := stir(q, toggled); err != nil {
		return err
	}
	for _, l := range b.Lookups {
		if _, err := q.exec("UPDATE lookup SET state = $2, cursor_id = $3 WHERE id = $1 AND state <> 'retired'", l.ID, string(l.State), l.Cursor); err != nil {
			return err
		}
	}
	if err := putValues(q, "lookup_ask", b.Asks, func(write func() error) error { return write() }); err != nil || b.Seen == (check.Seen{}) {
		return err
	}
	if _, err := q.exec("DELETE FROM lookup_change WHERE resource_id = $1 AND id <= $2", b.ResourceID, b.Seen.Done); err != nil {
		return err
	}
	_, err = q.exec("UPDATE lookup_change SET cursor_id = $3 WHERE resource_id = $1 AND id = $2", b.ResourceID, b.Seen.Partly, b.Seen.Cursor)
	return err
}

// valuesPresent tells of each value of the live lookups in a difference whether
// any record gives it.
func valuesPresent(q querier, d check.LookupDifference) (map[check.LookupValue]bool, error) {
	byLookup := map[int64]map[string]bool{}
	for _, v := range slices.Concat(d.Come, d.Gone) {
		if byLookup[v.LookupID] == nil {
			byLookup[v.LookupID] = map[string]bool{}
		}
		byLookup[v.LookupID][v.Value] = true
	}
	out := map[check.LookupValue]bool{}
	for id, set := range byLookup {
		var live int64
		if err := one(q, "SELECT count(*) FROM lookup WHERE id = $1 AND state = 'live'", []any{id}, &live); err != nil {
			return nil, err
		}
		if live == 0 {
			continue
		}
		list := make([]string, 0, len(set))
		for v := range set {
			list = append(list, v)
		}
		slices.Sort(list)
		found, err := present(q, id, list)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			out[check.LookupValue{LookupID: id, Value: v}] = found[v]
		}
	}
	return out, nil
}

// putValues adds and removes values; around surrounds the writing.
func putValues(q querier, table string, d check.LookupDifference, around func(write func() error) error) error {
	if len(d.Come)+len(d.Gone) == 0 {
		return nil
	}
	return around(func() error {
		if err := insertRows(q, d.Gone, "DELETE FROM "+table+" WHERE (record_id, lookup_id, value) IN (VALUES ", "(CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT))", ")",
			func(v *check.LookupValue) []any { return []any{v.RecordID, v.LookupID, v.Value} }); err != nil {
			return err
		}
		return insertRows(q, d.Come, "INSERT INTO "+table+" (lookup_id, record_id, value) VALUES ", "(?, ?, ?)", " ON CONFLICT DO NOTHING",
			func(v *check.LookupValue) []any { return []any{v.LookupID, v.RecordID, v.Value} })
	})
}

// stir notes that values of lookups came or left, for every resource that asks.
// The steps under way over these resources, which may have read the values as
// they were, are fenced off.
func stir(q querier, values []check.LookupValue) error {
	asking := map[int64][]int64{}
	fenced := map[int64]bool{}
	for part := range slices.Chunk(values, perLookup) {
		var args []any
		for _, v := range part {
			if _, ok := asking[v.LookupID]; !ok {
				list, err := askers(q, v.LookupID)
				if err != nil {
					return err
				}
				asking[v.LookupID] = list
			}
			for _, resource := range asking[v.LookupID] {
				fenced[resource] = true
				args = append(args, resource, v.LookupID, v.Value)
			}
		}
		if len(args) == 0 {
			continue
		}
		if _, err := q.exec("INSERT INTO lookup_change (resource_id, lookup_id, value, cursor_id) VALUES "+tuples("(?, ?, ?, 0)", len(args)/3, 1)+
			" ON CONFLICT (resource_id, lookup_id, value) DO UPDATE SET cursor_id = 0", args...); err != nil {
			return err
		}
	}
	ids := make([]int64, 0, len(fenced))
	for id := range fenced {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if _, err := q.exec("UPDATE evaluation SET epoch = epoch + 1 WHERE resource_id = $1", id); err != nil {
			return err
		}
	}
	return nil
}

// stirAskers makes those who ask a resource look again at it as a whole: its
// schema changed, it was deleted, or its first data came.
func stirAskers(q querier, resourceID int64) error {
	ids, err := idList(q, "SELECT id FROM lookup WHERE resource_id = $1 AND state <> 'retired' ORDER BY id", resourceID)
	if err != nil {
		return err
	}
	values := make([]check.LookupValue, len(ids))
	for i, id := range ids {
		values[i] = check.LookupValue{LookupID: id, Value: check.LookAgain}
	}
	return stir(q, values)
}
