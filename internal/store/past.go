package store

import (
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wasInForce leaves out groups g that never were, or are not yet.
const wasInForce = "(g.state = 'live' OR g.ended_why IS NOT NULL)"

// counted leaves out findings that count for nothing: those of groups g that are
// not in force yet, or never were, and those with which a later version has gone
// on: it took their beginning over (see [continued]).
const counted = wasInForce + ` AND NOT (g.ended_why IS NOT NULL AND EXISTS (SELECT 1 FROM finding n JOIN test_group ng ON ng.id = n.group_id
	WHERE n.resource_id = f.resource_id AND n.record_key = f.record_key AND n.record_id + 0 = f.record_id AND n.test_id + 0 = f.test_id
	AND ng.version + 0 > g.version AND (ng.state = 'live' OR ng.ended_why IS NOT NULL) AND n.opened_at + 0 <= f.opened_at))`

// GroupsAsOf implements check.Store.
func (s *Store) GroupsAsOf(ctx context.Context, testID int64, at time.Time) (out []check.Group, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out, err = s.groupsAsOf(q, testID, at)
		return err
	})
	return out, err
}

// groupsAsOf reads, of the groups that ended later than the moment, those that
// ended first, else those in force now. Of versions that ended at the same moment
// the first was in force until then.
func (s *Store) groupsAsOf(q querier, testID int64, at time.Time) ([]check.Group, error) {
	var ended time.Time
	err := one(q, "SELECT min(ended_at) FROM test_group WHERE test_id = $1 AND ended_why IS NOT NULL AND ended_at > $2", []any{testID, at}, &ended)
	if err != nil && !errors.Is(err, errNoRow) {
		return nil, err
	}
	if ended.IsZero() {
		return s.selectGroups(q, "g.test_id = $1 AND g.state = 'live'", testID)
	}
	return s.selectGroups(q, `g.test_id = $1 AND g.ended_why IS NOT NULL AND g.ended_at = $2 AND g.version =
		(SELECT min(version) FROM test_group WHERE test_id = $1 AND ended_why IS NOT NULL AND ended_at = $2)`, testID, ended)
}

// FindingsAsOf implements check.Store.
func (s *Store) FindingsAsOf(ctx context.Context, t check.Test, groups []check.Group, at time.Time, r page.Request) (page.Page[check.Finding], error) {
	l := list[check.Finding]{sql: `SELECT f.id, f.test_id, f.group_id, f.record_id, f.record_key, f.opened_at, c.id, c.name, f.resource_id, g.position FROM finding f
		JOIN test_group g ON g.id = f.group_id JOIN resource s ON s.id = f.resource_id JOIN connection c ON c.id = s.connection_id`,
		where: []string{counted}, id: "f.id", columns: map[page.Sort]string{page.CreatedAt: "f.opened_at"},
		scan: func(r row, f *check.Finding) error {
			var resourceID, position int64
			err := r.scan(&f.ID, &f.TestID, &f.GroupID, &f.RecordID, &f.Key, &f.OpenedAt, &f.ConnectionID, &f.Connection, &resourceID, &position)
			f.Group = groupAt(groups, resourceID, int(position))
			return err
		},
		position: func(f check.Finding) page.Position {
			return page.Position{Value: f.OpenedAt.UnixMicro(), ID: f.ID}
		}}
	l.and("f.test_id = ?", t.ID)
	l.and("f.opened_at <= ?", at)
	l.where = append(l.where, "(f.closed_at > ? OR f.closed_at IS NULL AND (g.ended_at IS NULL OR g.ended_at > ?))", "(s.deleted_at IS NULL OR s.deleted_at > ?)")
	l.args = append(l.args, at, at, at)
	return l.run(ctx, s, r)
}

// CoversAsOf implements check.Store.
func (s *Store) CoversAsOf(ctx context.Context, testID, resourceID int64, at time.Time) ([]check.Cover, error) {
	var out []check.Cover
	err := s.db.read(ctx, func(q querier) error {
		out = nil
		return q.query(`SELECT x.id, x.test_id, v.version, x.record_key, v.pinned, v.reason, v.expires_at, v.expire_on_fix FROM exclusion x
			JOIN exclusion_version v ON v.exclusion_id = x.id WHERE x.test_id = $1 AND x.resource_id = $2 AND (x.ended_at IS NULL OR x.ended_at > $3)
			AND v.valid_from <= $3 AND (v.valid_to IS NULL OR v.valid_to > $3) AND (v.expires_at IS NULL OR v.expires_at > $3) ORDER BY x.id`, func(r row) error {
			var c check.Cover
			err := r.scan(&c.ID, &c.TestID, &c.Version, &c.Key, &c.Selector, &c.Reason, &c.ExpiresAt, &c.ExpireOnFix)
			out = append(out, c)
			return err
		}, testID, resourceID, at)
	})
	return out, err
}

// groupAt is the group of a version that stands where another one of its test
// stood, or is over the same resource.
func groupAt(groups []check.Group, resourceID int64, position int) *check.Group {
	var found *check.Group
	for i := range groups {
		if g := &groups[i]; g.Resource.ID == resourceID && (found == nil || g.Position == position) {
			found = g
		}
	}
	return found
}

// RecordVerdicts implements check.Store.
func (s *Store) RecordVerdicts(ctx context.Context, resourceID int64, key string) ([]check.RecordVerdict, error) {
	var out []check.RecordVerdict
	err := s.db.read(ctx, func(q querier) error {
		out = nil
		var id int64
		err := one(q, "SELECT id FROM record WHERE resource_id = $1 AND record_key = $2", []any{resourceID, key}, &id)
		if errors.Is(err, errNoRow) {
			return absentIf(one(q, "SELECT id FROM record_version WHERE resource_id = $1 AND record_key = $2 LIMIT 1", []any{resourceID, key}, &id), "record", key)
		}
		if err != nil {
			return err
		}
		var states string
		if err := one(q, "SELECT states FROM verdict WHERE record_id = $1", []any{id}, &states); err != nil && !errors.Is(err, errNoRow) {
			return err
		}
		return q.query(`SELECT t.workspace_id, t.number, t.name, g.id, g.name, g.version, g.slot, g.problem, g.rule, f.opened_at,
			(SELECT max(o.closed_at) FROM finding o JOIN test_group og ON og.id = o.group_id WHERE o.resource_id = g.resource_id AND o.record_key = $2
				AND o.test_id + 0 = g.test_id AND og.position + 0 = g.position AND o.record_id + 0 = $3 AND o.close_reason IN ('fixed', 'out of scope'))
			FROM test_group g JOIN test t ON t.id = g.test_id LEFT JOIN finding f ON f.group_id = g.id AND f.record_id = $3 AND f.closed_at IS NULL
			WHERE g.resource_id = $1 AND g.state = 'live' AND t.deleted_at IS NULL ORDER BY t.workspace_id, t.number, g.position`, func(r row) error {
			var v check.RecordVerdict
			var group, slot int64
			var problem, body string
			var ended time.Time
			if err := r.scan(&v.WorkspaceID, &v.Test, &v.TestName, &group, &v.Group, &v.Version, &slot, &problem, &body, &v.Since, &ended); err != nil {
				return err
			}
			parsed, err := s.parsedRule(group, body)
			if err != nil {
				return err
			}
			v.State, v.Problem = check.NoState, check.Problem(problem)
			if slot < int64(len(states)) {
				v.State, v.Excluded = check.State(states[slot]).Told(parsed.Assertion.Kind).Apart()
			}
			if v.Since.IsZero() {
				v.Since = ended
			}
			out = append(out, v)
			return nil
		}, resourceID, key, id)
	})
	return out, err
}

// Intervals implements check.Store.
func (s *Store) Intervals(ctx context.Context, resourceID int64, key string, r page.Request) (page.Page[check.Interval], error) {
	l := list[check.Interval]{sql: `SELECT f.id, t.workspace_id, t.number, t.name, g.name, g.version, f.opened_at, coalesce(f.closed_at, g.ended_at), coalesce(f.close_reason, g.ended_why) FROM finding f
		JOIN test_group g ON g.id = f.group_id JOIN test t ON t.id = f.test_id`,
		where: []string{counted}, id: "f.id", columns: map[page.Sort]string{page.CreatedAt: "f.opened_at"},
		scan: func(r row, i *check.Interval) error {
			var why string
			err := r.scan(&i.ID, &i.WorkspaceID, &i.Test, &i.TestName, &i.Group, &i.Version, &i.OpenedAt, &i.ClosedAt, &why)
			i.Why = check.CloseReason(why)
			return err
		},
		position: func(i check.Interval) page.Position {
			return page.Position{Value: i.OpenedAt.UnixMicro(), ID: i.ID}
		}}
	l.and("f.resource_id = ?", resourceID)
	l.and("f.record_key = ?", key)
	l.and("f.record_id > ?", 0)
	return l.run(ctx, s, r)
}
