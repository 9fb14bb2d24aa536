package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/rule"
)

// Pending implements check.EvaluatorStore.
func (s *Store) Pending(ctx context.Context, now time.Time) ([]int64, error) {
	var out []int64
	err := s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT DISTINCT r.id FROM resource r JOIN evaluation e ON e.resource_id = r.id
			JOIN test_group g ON g.resource_id = r.id AND g.state <> 'retired'
			WHERE e.watermark_seq < r.change_seq OR e.watermark_id <> $2 OR g.state = 'building'
			UNION SELECT resource_id FROM run_part WHERE done = 0
			UNION SELECT e.resource_id FROM evaluation e
			WHERE (EXISTS (SELECT 1 FROM test_group g WHERE g.resource_id = e.resource_id AND g.state <> 'retired')
				OR EXISTS (SELECT 1 FROM lookup l WHERE l.resource_id = e.resource_id AND l.state <> 'retired'))
			AND EXISTS (SELECT 1 FROM verdict v WHERE v.resource_id = e.resource_id AND v.next_flip <= $1)
			UNION SELECT r.id FROM lookup l JOIN resource r ON r.id = l.resource_id JOIN evaluation e ON e.resource_id = r.id
			WHERE l.state <> 'retired' AND (l.state = 'building' OR e.answered_seq < r.change_seq OR e.answered_id <> $2
				OR e.watermark_seq < r.change_seq OR e.watermark_id <> $2)
			UNION SELECT g.resource_id FROM test_group g WHERE g.state <> 'retired'
			AND EXISTS (SELECT 1 FROM lookup_change c WHERE c.resource_id = g.resource_id)
			UNION SELECT x.resource_id FROM exclusion x WHERE x.ended_at IS NULL AND x.expires_at <= $1
			AND EXISTS (SELECT 1 FROM test_group g WHERE g.test_id = x.test_id AND g.resource_id = x.resource_id AND g.state <> 'retired')`, func(r row) error {
			var id int64
			err := r.scan(&id)
			out = append(out, id)
			return err
		}, now, check.Whole(0).ID)
	})
	return out, err
}

// Evaluation implements check.EvaluatorStore. A resource without groups has an
// Evaluation without groups.
func (s *Store) Evaluation(ctx context.Context, resourceID int64) (check.Evaluation, error) {
	ev := check.Evaluation{ResourceID: resourceID}
	err := s.db.read(ctx, func(q querier) error {
		err := one(q, "SELECT epoch, watermark_seq, watermark_id, answered_seq, answered_id FROM evaluation WHERE resource_id = $1", []any{resourceID},
			&ev.Epoch, &ev.Watermark.Seq, &ev.Watermark.ID, &ev.Answered.Seq, &ev.Answered.ID)
		if errors.Is(err, errNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		if ev.Resource, ev.Deleted, err = readResource(q, resourceID); err != nil {
			return err
		}
		ev.ChangeSeq = ev.Resource.ChangeSeq
		if ev.Groups, err = s.selectGroups(q, "g.resource_id = $1 AND g.state <> 'retired'", resourceID); err != nil {
			return err
		}
		asked := map[int64]connection.Resource{resourceID: ev.Resource}
		for i := range ev.Groups {
			g := &ev.Groups[i]
			g.Resource = ev.Resource
			for n := range g.Asks {
				id := g.Asks[n].Resource.ID
				if _, ok := asked[id]; !ok {
					if asked[id], _, err = readResource(q, id); err != nil {
						return err
					}
				}
				g.Asks[n].Resource = asked[id]
			}
		}
		if ev.Lookups, err = s.lookupsInto(q, resourceID); err != nil {
			return err
		}
		if err := readCovers(q, &ev); err != nil {
			return err
		}
		if ev.Parts, ev.LastRecord, err = openParts(q, resourceID); err != nil {
			return err
		}
		ev.Stirred, err = stirred(q, resourceID)
		return err
	})
	return ev, err
}

// Apply implements check.EvaluatorStore.
func (s *Store) Apply(ctx context.Context, b check.Batch) (bool, error) {
	var applied bool
	err := s.db.write(ctx, func(q querier) error {
		if err := lockEvaluations(q, b); err != nil {
			return err
		}
		n, err := q.exec(`UPDATE evaluation SET epoch = epoch + 1, watermark_seq = $3, watermark_id = $4, evaluated_at = $5,
			covered_at = CASE WHEN watermark_seq = $3 AND watermark_id = $4 THEN covered_at ELSE CAST($5 AS BIGINT) END,
			answered_seq = $6, answered_id = $7 WHERE resource_id = $1 AND epoch = $2`,
			b.ResourceID, b.Epoch, b.Watermark.Seq, b.Watermark.ID, b.At, b.Answered.Seq, b.Answered.ID)
		applied = n == 1
		if err != nil || !applied {
			return err
		}
		for _, step := range []func(querier, check.Batch) error{applyLookups, applyVerdicts, applyUnique, applyFindings, applyGroups, s.applyExclusions, s.bringIntoForce, applyParts, s.settle} {
			if err := step(q, b); err != nil {
				return err
			}
		}
		return nil
	})
	return applied, err
}

// lockEvaluations locks, in order, what a step that may bring versions into
// force must fence: two such steps would else wait for each other.
func lockEvaluations(q querier, b check.Batch) error {
	lock := q.dialect().forUpdate
	if lock == "" || !slices.ContainsFunc(b.Groups, func(g check.GroupChange) bool { return g.State == check.Built }) {
		return nil
	}
	_, err := q.exec(`SELECT resource_id FROM evaluation WHERE resource_id IN (SELECT o.resource_id FROM test_group g
		JOIN test_group o ON o.test_id = g.test_id WHERE g.resource_id = $1 AND g.state IN ('building', 'built') AND o.state <> 'retired')
		ORDER BY resource_id`+lock, b.ResourceID)
	return err
}

func applyVerdicts(q querier, b check.Batch) error {
	kept := make([]check.VerdictChange, 0, len(b.Verdicts))
	var gone []int64
	for _, v := range b.Verdicts {
		if v.Deleted {
			gone = append(gone, v.RecordID)
		} else {
			kept = append(kept, v)
		}
	}
	if err := insertRows(q, gone, "DELETE FROM verdict WHERE record_id IN (VALUES ", "(CAST(? AS BIGINT))", ")", func(id *int64) []any { return []any{*id} }); err != nil {
		return err
	}
	return insertRows(q, kept, "INSERT INTO verdict (record_id, resource_id, states, next_flip) VALUES ", "(?, ?, ?, ?)",
		" ON CONFLICT (record_id) DO UPDATE SET states = excluded.states, next_flip = excluded.next_flip",
		func(v *check.VerdictChange) []any {
			return []any{v.RecordID, b.ResourceID, v.Verdict.States, v.Verdict.Flip}
		})
}

// Many findings are changed at a time, because a statement costs a round trip on a
// server. Each is looked up by itself: as a join it would be up to statistics
// whether all open ones are read instead.
var (
	closeFindings = "UPDATE finding SET closed_at = " + later("opened_at", "x.column3") + ", close_reason = x.column4 FROM (VALUES "
	closeEach     = ") x WHERE id = " + openFinding
	dropFindings  = "DELETE FROM finding WHERE id IN (SELECT " + openFinding + " FROM (VALUES "
	dropEach      = ") x)"
)

const openFinding = "(SELECT f.id FROM finding f WHERE f.group_id = x.column1 AND f.record_id = x.column2 AND f.closed_at IS NULL)"

func applyFindings(q querier, b check.Batch) error {
	var closed, dropped []check.Closing
	for _, f := range b.Closed {
		if f.Early {
			dropped = append(dropped, f)
		} else {
			closed = append(closed, f)
		}
	}
	if err := insertRows(q, closed, closeFindings, "(CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), ?)", closeEach, func(f *check.Closing) []any {
		return []any{f.GroupID, f.RecordID, f.At, string(f.Why)}
	}); err != nil {
		return err
	}
	if err := insertRows(q, dropped, dropFindings, "(CAST(? AS BIGINT), CAST(? AS BIGINT))", dropEach, func(f *check.Closing) []any {
		return []any{f.GroupID, f.RecordID}
	}); err != nil {
		return err
	}
	followed, err := followedTests(q, b)
	if err != nil {
		return err
	}
	var opened, early []check.Opening
	for _, f := range b.Opened {
		if f.Early && followed[f.TestID] {
			early = append(early, f)
		} else {
			opened = append(opened, f)
		}
	}
	const into = "INSERT INTO finding (test_id, group_id, resource_id, record_id, record_key, opened_at) VALUES "
	if err := insertRows(q, opened, into, "(?, ?, ?, ?, ?, ?)", unlessOpen, func(f *check.Opening) []any {
		return []any{f.TestID, f.GroupID, b.ResourceID, f.RecordID, f.Key, f.At}
	}); err != nil {
		return err
	}
	// The inner query names what the index finding_open needs and nothing else,
	// lest a planner without statistics choose another one.
	return insertRows(q, early, into, `(?, ?, ?, ?, ?, coalesce((SELECT min(old.opened_at) FROM finding old
		WHERE old.group_id IN (SELECT id FROM test_group WHERE test_id = ? AND state = 'live') AND old.record_id = ? AND old.closed_at IS NULL), ?))`, unlessOpen,
		func(f *check.Opening) []any {
			return []any{f.TestID, f.GroupID, b.ResourceID, f.RecordID, f.Key, f.TestID, f.RecordID, f.At}
		})
}

// unlessOpen keeps a finding that is open already, which only a verdict that was
// lost leads to.
const unlessOpen = " ON CONFLICT (group_id, record_id) WHERE closed_at IS NULL DO NOTHING"

// followedTests are those of which a step builds groups that follow others in
// force: what fails both began with the one before.
func followedTests(q querier, b check.Batch) (map[int64]bool, error) {
	out := map[int64]bool{}
	if !slices.ContainsFunc(b.Opened, func(f check.Opening) bool { return f.Early }) {
		return out, nil
	}
	ids, err := idList(q, `SELECT DISTINCT o.test_id FROM test_group g JOIN test_group o ON o.test_id = g.test_id
		WHERE g.resource_id = $1 AND g.state IN ('building', 'built') AND o.state = 'live'`, b.ResourceID)
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

func applyGroups(q querier, b check.Batch) error {
	for _, g := range b.Groups {
		if _, err := q.exec(`UPDATE test_group SET out_of_scope = $2, passing = $3, failing = $4, errors = $5, cursor_id = $6, state = $7, problem = $8,
			unsettled = unsettled + CASE WHEN state = 'live' THEN CAST($9 AS BIGINT) ELSE 0 END, excluded = $10 WHERE id = $1`,
			g.ID, g.Counts.OutOfScope, g.Counts.Passing, g.Counts.Failing, g.Counts.Errors, g.Cursor, string(g.State), string(g.Problem), b.Moved[g.ID], g.Counts.Excluded); err != nil {
			return err
		}
	}
	return nil
}

// bringIntoForce makes a version's groups those in force once all of them are
// built. What failed under the old ones is left to [Store.SweepGroups].
func (s *Store) bringIntoForce(q querier, b check.Batch) error {
	tests := map[int64]bool{}
	for _, g := range b.Groups {
		if g.State == check.Built {
			var id int64
			if err := one(q, "SELECT test_id FROM test_group WHERE id = $1", []any{g.ID}, &id); err != nil {
				return err
			}
			tests[id] = true
		}
	}
	for id := range tests {
		if _, err := q.exec("SELECT id FROM test WHERE id = $1"+q.dialect().forUpdate, id); err != nil {
			return err
		}
		var building int64
		if err := one(q, "SELECT count(*) FROM test_group WHERE test_id = $1 AND state = 'building'", []any{id}, &building); err != nil {
			return err
		}
		if building > 0 {
			continue
		}
		if err := s.swap(q, id, b.At); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) swap(q querier, testID int64, at time.Time) error {
	if err := fenceTest(q, testID); err != nil {
		return err
	}
	if err := s.keepCounts(q, testID); err != nil {
		return err
	}
	if err := endGroups(q, testID, check.TestChanged, at); err != nil {
		return err
	}
	if _, err := q.exec("UPDATE test_group SET state = 'live' WHERE test_id = $1 AND state = 'built'", testID); err != nil {
		return err
	}
	return retireLookups(q, testID)
}

// keepCounts gives the one finding of a group that asserts a count to the group
// that follows it, if that asserts a count too.
func (s *Store) keepCounts(q querier, testID int64) error {
	groups, err := s.selectGroups(q, "g.test_id = $1 AND g.state IN ('live', 'built')", testID)
	if err != nil {
		return err
	}
	for _, old := range groups {
		for _, g := range groups {
			if old.State != check.Live || g.State != check.Built || old.Position != g.Position || g.Rule.Assertion.Kind != rule.Count {
				continue
			}
			if _, err := q.exec("UPDATE finding SET group_id = $2, resource_id = $3 WHERE group_id = $1 AND record_id = 0 AND closed_at IS NULL",
				old.ID, g.ID, g.Resource.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// settleable are the tests that a step over a resource may settle: those with a
// group in force over it, and those of which a run looks at it.
const settleable = `(SELECT test_id FROM test_group WHERE resource_id = $1 AND state = 'live'
	UNION SELECT r.test_id FROM run_part p JOIN run r ON r.id = p.run_id WHERE p.resource_id = $1 AND r.state = 'RUNNING')`

// settle stores the verdicts of the tests over the resource.
func (s *Store) settle(q querier, b check.Batch) error {
	if b.Settle == nil && len(b.Moved) == 0 {
		return nil
	}
	if lock := q.dialect().forUpdate; lock != "" {
		if _, err := q.exec(`SELECT id FROM test WHERE id IN `+settleable+` ORDER BY id`+lock, b.ResourceID); err != nil {
			return err
		}
	}
	tests, err := s.testsOver(q, b.ResourceID)
	if err != nil {
		return err
	}
	runs, err := runningOver(q, b.ResourceID)
	if err != nil {
		return err
	}
	for _, t := range tests {
		if len(t.Groups) == 0 {
			continue
		}
		if b.Settle == nil || held(runs[t.ID]) {
			if err := noteStep(q, b, t); err != nil {
				return err
			}
			continue
		}
		st := b.Settle(t)
		if err := setFindings(q, t, st.SetFindings, b.At); err != nil {
			return err
		}
		if err := s.keepRuns(q, b, t, st, runs[t.ID]); err != nil {
			return err
		}
		if st.Result == t.Result && st.Reason == t.Reason && st.Told == t.Told {
			continue
		}
		since, passed := t.FailedSince, t.LastPassedAt
		if st.Result != rule.VerdictFailed {
			since = time.Time{}
		} else if since.IsZero() {
			since = b.At
		}
		if t.Result == rule.VerdictPassed && st.Result != t.Result {
			passed = b.At
		}
		if _, err := q.exec("UPDATE test SET result = $2, reason = $3, failed_since = $4, last_passed_at = $5, result_since = $6, told = $7 WHERE id = $1",
			t.ID, string(st.Result), nullText(string(st.Reason)), since, passed, resultSince(t, st, b.At), string(st.Told)); err != nil {
			return err
		}
		if err := s.append(q, st.Event); err != nil {
			return err
		}
	}
	return nil
}

// resultSince is since when a test has its result; another reason for it is no
// new result.
func resultSince(t check.Test, st check.Settlement, at time.Time) time.Time {
	if st.Result == t.Result && !t.ResultSince.IsZero() {
		return t.ResultSince
	}
	return at
}

// setFindings opens or closes the one finding of groups that assert a count.
func setFindings(q querier, t check.Test, want map[int64]bool, at time.Time) error {
	for _, g := range t.Groups {
		open, counts := want[g.ID]
		if !counts {
			continue
		}
		var err error
		if open {
			_, err = q.exec(`INSERT INTO finding (test_id, group_id, resource_id, record_id, record_key, opened_at)
				SELECT $1, $2, $3, 0, '', $4 WHERE NOT EXISTS (SELECT 1 FROM finding WHERE group_id = $2 AND record_id = 0 AND closed_at IS NULL)`,
				t.ID, g.ID, g.Resource.ID, at)
		} else {
			_, err = q.exec("UPDATE finding SET closed_at = "+later("opened_at", "$2")+", close_reason = 'fixed' WHERE group_id = $1 AND record_id = 0 AND closed_at IS NULL", g.ID, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
