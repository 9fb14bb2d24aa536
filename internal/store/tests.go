package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

const testColumns = `SELECT t.id, t.number, t.workspace_id, t.name, t.description, t.enabled, t.disabled_reason, t.published, t.draft, t.draft_run,
	t.revision, t.result, t.reason, t.failed_since, t.last_passed_at, t.created_at, t.updated_at, t.schedule, t.next_run_at, t.result_since, coalesce(t.told, t.result) FROM test t`

// testRow is a test with the numbers of its versions.
type testRow struct {
	check.Test
	published, draft int64
}

func scanTest(r row, t *testRow) error {
	var result, reason, told string
	var run json.RawMessage
	if err := r.scan(&t.ID, &t.Number, &t.WorkspaceID, &t.Name, &t.Description, &t.Enabled, &t.DisabledReason, &t.published, &t.draft, &run,
		&t.Revision, &result, &reason, &t.FailedSince, &t.LastPassedAt, &t.CreatedAt, &t.UpdatedAt,
		&t.Schedule, &t.NextRunAt, &t.ResultSince, &told); err != nil {
		return err
	}
	t.Result, t.Reason, t.Told = rule.Verdict(result), rule.Reason(reason), rule.Verdict(told)
	if run == nil {
		return nil
	}
	t.DraftRun = &check.DraftRun{}
	return json.Unmarshal(run, t.DraftRun)
}

// selectTests reads tests with their versions and groups.
func (s *Store) selectTests(q querier, where string, args ...any) ([]check.Test, error) {
	var rows []testRow
	if err := q.query(testColumns+" WHERE "+where, func(r row) error {
		var t testRow
		err := scanTest(r, &t)
		rows = append(rows, t)
		return err
	}, args...); err != nil {
		return nil, err
	}
	return s.fillTests(q, rows)
}

func (s *Store) fillTests(q querier, rows []testRow) ([]check.Test, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(rows))
	at := make(map[int64]*testRow, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
		at[rows[i].ID] = &rows[i]
	}
	cond, args := in("v.test_id", ids)
	err := q.query(number(`SELECT v.test_id, v.version, v.logic, coalesce(v.pinned, v.logic), v.note, v.key_id, v.user_id, v.created_at, v.published_at,
		(SELECT max(n.version) FROM test_version n WHERE n.test_id = v.test_id) FROM test_version v
		JOIN test t ON t.id = v.test_id AND (v.version = t.published OR v.version = t.draft) WHERE `+cond), func(r row) error {
		var id, last int64
		var v check.Version
		if err := r.scan(&id, &v.Number, &v.Logic, &v.Pinned, &v.Note, &v.KeyID, &v.UserID, &v.CreatedAt, &v.PublishedAt, &last); err != nil {
			return err
		}
		t := at[id]
		t.LastVersion = last
		switch v.Number {
		case t.published:
			t.Published = &v
		case t.draft:
			t.Draft = &v
		}
		return nil
	}, args...)
	if err != nil {
		return nil, err
	}
	cond, args = in("g.test_id", ids)
	groups, err := s.selectGroups(q, number("g.state <> 'retired' AND "+cond), args...)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		t := at[g.TestID]
		if g.State == check.Live {
			t.Groups = append(t.Groups, g)
		} else {
			t.Building = true
		}
	}
	if err := logicInForce(q, rows); err != nil {
		return nil, err
	}
	out := make([]check.Test, len(rows))
	for i := range rows {
		out[i] = rows[i].Test
	}
	return out, nil
}

// logicInForce reads what the groups of tests are combined by: while a version
// is built that is not what was published last.
func logicInForce(q querier, rows []testRow) error {
	older := map[int64]*testRow{}
	var ids []int64
	for i := range rows {
		t := &rows[i]
		switch {
		case len(t.Groups) == 0:
		case t.Groups[0].Version == t.published:
			t.InForce = t.Published.Pinned
		default:
			older[t.ID] = t
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	cond, args := in("v.test_id", ids)
	return q.query(number(`SELECT v.test_id, coalesce(v.pinned, v.logic) FROM test_version v
		WHERE EXISTS (SELECT 1 FROM test_group g WHERE g.test_id = v.test_id AND g.version = v.version AND g.state = 'live') AND `+cond), func(r row) error {
		var id int64
		var logic json.RawMessage
		err := r.scan(&id, &logic)
		if t := older[id]; t != nil {
			t.InForce = logic
		}
		return err
	}, args...)
}

const groupColumns = `SELECT g.id, g.test_id, g.version, g.position, g.name, g.resource_id, g.slot, g.state, g.cursor_id,
	g.out_of_scope, g.passing, g.failing, g.errors, g.excluded, g.unsettled, g.declared, g.problem, g.rule,
	r.connection_id, r.name, r.display_name_key, r.schema_version, r.freshness_hours, r.fresh_at, r.change_seq, e.evaluated_at
	FROM test_group g JOIN resource r ON r.id = g.resource_id LEFT JOIN evaluation e ON e.resource_id = g.resource_id`

// selectGroups reads groups in order; their resources come without schema.
func (s *Store) selectGroups(q querier, where string, args ...any) ([]check.Group, error) {
	var out []check.Group
	err := q.query(groupColumns+" WHERE "+where+" ORDER BY g.test_id, g.position, g.id", func(r row) error {
		var g check.Group
		var state, problem, body string
		var position, slot int64
		var declared []byte
		if err := r.scan(&g.ID, &g.TestID, &g.Version, &position, &g.Name, &g.Resource.ID, &slot, &state, &g.Cursor,
			&g.Counts.OutOfScope, &g.Counts.Passing, &g.Counts.Failing, &g.Counts.Errors, &g.Counts.Excluded, &g.Unsettled, &declared, &problem, &body,
			&g.Resource.ConnectionID, &g.Resource.Name, &g.Resource.DisplayNameKey, &g.Resource.SchemaVersion, &g.Resource.FreshnessHours,
			&g.Resource.FreshAt, &g.Resource.ChangeSeq, &g.EvaluatedAt); err != nil {
			return err
		}
		g.Position, g.Slot, g.State, g.Problem = int(position), int(slot), check.GroupState(state), check.Problem(problem)
		var err error
		if g.Rule, err = s.parsedRule(g.ID, body); err != nil {
			return err
		}
		err = json.Unmarshal(declared, &g.Declared)
		out = append(out, g)
		return err
	}, args...)
	if err != nil {
		return nil, err
	}
	return out, s.fillAsks(q, out)
}

// CreateTest implements check.Store.
func (s *Store) CreateTest(ctx context.Context, t check.Test, draft check.Version, e event.Event) (check.Test, error) {
	var out check.Test
	err := s.db.write(ctx, func(q querier) error {
		var number int64
		if err := absentIf(one(q, "SELECT next_test FROM workspace WHERE id = $1"+q.dialect().forUpdate, []any{t.WorkspaceID}, &number), "workspace", t.WorkspaceID); err != nil {
			return err
		}
		if err := lockBasis(q, t.WorkspaceID, &draft); err != nil {
			return err
		}
		if err := testNameFree(q, t.WorkspaceID, 0, t.Name); err != nil {
			return err
		}
		if _, err := q.exec("UPDATE workspace SET next_test = next_test + 1 WHERE id = $1", t.WorkspaceID); err != nil {
			return err
		}
		var id int64
		if err := one(q, `INSERT INTO test (workspace_id, number, name, description, enabled, draft, revision, result, reason, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $9) RETURNING id`,
			[]any{t.WorkspaceID, number, t.Name, t.Description, t.Enabled, draft.Number, string(t.Result), string(t.Reason), t.CreatedAt}, &id); err != nil {
			return err
		}
		if err := putTestVersion(q, id, draft); err != nil {
			return err
		}
		if err := putTestControls(q, t.WorkspaceID, id, t.ControlIDs); err != nil {
			return err
		}
		e.TestID = number
		if err := s.append(q, e); err != nil {
			return err
		}
		var err error
		out, err = s.readTest(q, t.WorkspaceID, number)
		return err
	})
	return out, orDuplicateTest(err, t.Name)
}

func testNameFree(q querier, workspaceID, except int64, name string) error {
	var n int64
	if err := one(q, "SELECT count(*) FROM test WHERE workspace_id = $1 AND name = $2 AND id <> $3 AND deleted_at IS NULL",
		[]any{workspaceID, name, except}, &n); err != nil {
		return err
	}
	if n > 0 {
		return duplicateTest(name)
	}
	return nil
}

func duplicateTest(name string) error {
	return fault.New(fault.CodeDuplicateName, "a test named %q exists in this workspace: choose another name", name)
}

// orDuplicateTest is the refusal of a name that another transaction took after
// testNameFree looked.
func orDuplicateTest(err error, name string) error {
	if errors.Is(err, errDuplicate) {
		return duplicateTest(name)
	}
	return err
}

func putTestVersion(q querier, testID int64, v check.Version) error {
	_, err := q.exec(`INSERT INTO test_version (test_id, version, logic, pinned, note, key_id, created_at, published_at, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (test_id, version) DO UPDATE SET logic = excluded.logic, pinned = excluded.pinned, note = excluded.note, key_id = excluded.key_id, user_id = excluded.user_id,
		created_at = excluded.created_at, published_at = excluded.published_at`,
		testID, v.Number, text(v.Logic), v.Pinned, nullText(v.Note), nullID(v.KeyID), v.CreatedAt, v.PublishedAt, nullID(v.UserID))
	return err
}

func (s *Store) readTest(q querier, workspaceID, number int64) (check.Test, error) {
	ts, err := s.selectTests(q, "t.workspace_id = $1 AND t.number = $2 AND t.deleted_at IS NULL", workspaceID, number)
	if err == nil && len(ts) == 0 {
		err = absent("test", number)
	}
	if err != nil {
		return check.Test{}, err
	}
	return ts[0], nil
}

// Test implements check.Store.
func (s *Store) Test(ctx context.Context, workspaceID, number int64) (check.Test, error) {
	var t check.Test
	err := s.db.read(ctx, func(q querier) error {
		var err error
		t, err = s.readTest(q, workspaceID, number)
		return err
	})
	return t, err
}

// Tests implements check.Store.
func (s *Store) Tests(ctx context.Context, workspaceID int64, r page.Request) (page.Page[check.Test], error) {
	l := list[testRow]{sql: testColumns, where: []string{"t.deleted_at IS NULL"}, id: "t.id", scan: scanTest,
		columns: map[page.Sort]string{page.CreatedAt: "t.created_at", page.UpdatedAt: "t.updated_at"},
		position: func(t testRow) page.Position {
			if r.Order() == page.UpdatedAt {
				return page.Position{Value: t.UpdatedAt.UnixMicro(), ID: t.ID}
			}
			return page.Position{Value: t.CreatedAt.UnixMicro(), ID: t.ID}
		}}
	l.and("t.workspace_id = ?", workspaceID)
	var out page.Page[check.Test]
	err := s.db.read(ctx, func(q querier) error {
		if err := workspaceExists(q, workspaceID); err != nil {
			return err
		}
		p, err := l.page(s, q, r)
		if err != nil {
			return err
		}
		out = page.Page[check.Test]{Next: p.Next, Total: p.Total}
		out.Items, err = s.fillTests(q, p.Items)
		return err
	})
	return out, err
}

// TestsOver implements check.Store.
func (s *Store) TestsOver(ctx context.Context, resourceID int64) ([]check.Test, error) {
	var out []check.Test
	err := s.db.read(ctx, func(q querier) error {
		var err error
		out, err = s.selectTests(q, `t.deleted_at IS NULL AND t.enabled = 1 AND t.id IN
			(SELECT g.test_id FROM test_group g WHERE g.state = 'live' AND (g.resource_id = $1 OR g.id IN
				(SELECT a.group_id FROM group_lookup a JOIN lookup l ON l.id = a.lookup_id WHERE l.resource_id = $1))) ORDER BY t.id`, resourceID)
		return err
	})
	return out, err
}

func (s *Store) testsOver(q querier, resourceID int64) ([]check.Test, error) {
	return s.selectTests(q, "t.deleted_at IS NULL AND t.enabled = 1 AND t.id IN "+settleable+" ORDER BY t.id", resourceID)
}

// SaveTest implements check.Store.
func (s *Store) SaveTest(ctx context.Context, t check.Test, e event.Event) (check.Test, error) {
	var out check.Test
	err := s.db.write(ctx, func(q querier) error {
		if err := lockBasis(q, t.WorkspaceID, t.Draft); err != nil {
			return err
		}
		if err := lockTest(q, t); err != nil {
			return err
		}
		if err := testNameFree(q, t.WorkspaceID, t.ID, t.Name); err != nil {
			return err
		}
		var draft, run any
		if t.Draft != nil {
			draft = t.Draft.Number
			if err := putTestVersion(q, t.ID, *t.Draft); err != nil {
				return err
			}
		}
		if t.DraftRun != nil {
			run = toJSON(t.DraftRun)
		}
		if _, err := q.exec(`UPDATE test SET name = $2, description = $3, draft = $4, draft_run = $5, updated_at = $6, schedule = $7, next_run_at = $8,
			revision = revision + 1 WHERE id = $1`, t.ID, t.Name, t.Description, draft, run, t.UpdatedAt, nullText(t.Schedule), t.NextRunAt); err != nil {
			return err
		}
		if err := putTestControls(q, t.WorkspaceID, t.ID, t.ControlIDs); err != nil {
			return err
		}
		if err := s.append(q, e); err != nil {
			return err
		}
		var err error
		out, err = s.readTest(q, t.WorkspaceID, t.Number)
		return err
	})
	return out, orDuplicateTest(err, t.Name)
}

// lockTest locks a test and proves that nobody changed it since t was read.
func lockTest(q querier, t check.Test) error {
	var revision int64
	err := one(q, "SELECT revision FROM test WHERE id = $1 AND deleted_at IS NULL"+q.dialect().forUpdate, []any{t.ID}, &revision)
	if errors.Is(err, errNoRow) {
		return absent("test", t.Number)
	}
	if err == nil && revision != t.Revision {
		return fault.New(fault.CodeEditConflict, "somebody else changed the test first: read it again")
	}
	return err
}

// SaveDraftRun implements check.Store. A draft keeps its number when it is
// replaced, so its text tells.
func (s *Store) SaveDraftRun(ctx context.Context, t check.Test, r check.DraftRun, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if lock := q.dialect().forUpdate; lock != "" {
			if _, err := q.exec("SELECT id FROM test WHERE id = $1"+lock, t.ID); err != nil {
				return err
			}
		}
		n, err := q.exec(`UPDATE test SET draft_run = $3 WHERE id = $1 AND draft = $2 AND deleted_at IS NULL
			AND EXISTS (SELECT 1 FROM test_version v WHERE v.test_id = $1 AND v.version = $2 AND v.logic = $4)`, t.ID, r.Version, toJSON(r), text(t.Draft.Logic))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeEditConflict, "somebody else replaced or published the draft while it ran: read the test again")
		}
		return s.append(q, e)
	})
}

// Build implements check.Store.
func (s *Store) Build(ctx context.Context, t check.Test, v check.Version, groups []check.Group, at time.Time, e event.Event) (check.Test, error) {
	var out check.Test
	err := s.db.write(ctx, func(q querier) error {
		if err := lockBasis(q, t.WorkspaceID, &v); err != nil {
			return err
		}
		if err := s.build(q, t, v, groups, at, e); err != nil {
			return err
		}
		var err error
		out, err = s.readTest(q, t.WorkspaceID, t.Number)
		return err
	})
	return out, err
}

func (s *Store) build(q querier, t check.Test, v check.Version, groups []check.Group, at time.Time, e event.Event) error {
	if err := lockTest(q, t); err != nil {
		return err
	}
	if err := fenceTest(q, t.ID); err != nil {
		return err
	}
	if err := dropGroups(q, t.ID); err != nil {
		return err
	}
	if v.PublishedAt.IsZero() {
		v.PublishedAt = at
	}
	if err := putTestVersion(q, t.ID, v); err != nil {
		return err
	}
	if _, err := q.exec(`UPDATE test SET enabled = 1, disabled_reason = NULL, published = $2,
		draft = CASE WHEN draft = $2 THEN NULL ELSE draft END, draft_run = CASE WHEN draft = $2 THEN NULL ELSE draft_run END,
		updated_at = $3, revision = revision + 1 WHERE id = $1`, t.ID, v.Number, at); err != nil {
		return err
	}
	for _, g := range groups {
		if err := createGroup(q, t.ID, v.Number, g); err != nil {
			return err
		}
	}
	if err := cancelRuns(q, t.ID, at, check.ByManual, check.BySchedule, check.ByPublish); err != nil {
		return err
	}
	if _, _, err := s.beginRun(q, check.NewRun{Test: t, Trigger: check.ByPublish, KeyID: e.KeyID, UserID: e.UserID, At: at}); err != nil {
		return err
	}
	return s.append(q, e)
}

// Retire implements check.Store.
func (s *Store) Retire(ctx context.Context, t check.Test, why check.CloseReason, at time.Time, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if err := lockTest(q, t); err != nil {
			return err
		}
		if err := fenceTest(q, t.ID); err != nil {
			return err
		}
		if err := dropGroups(q, t.ID); err != nil {
			return err
		}
		if err := endGroups(q, t.ID, why, at); err != nil {
			return err
		}
		if err := retireLookups(q, t.ID); err != nil {
			return err
		}
		if err := cancelRuns(q, t.ID, at, check.Triggers...); err != nil {
			return err
		}
		var deleted any
		if why == check.TestDeleted {
			deleted = at.UnixMicro()
			if err := endExclusionsOf(q, t.ID, at); err != nil {
				return err
			}
		}
		// A disabled test has no verdict of its own any more.
		if _, err := q.exec(`UPDATE test SET enabled = 0, disabled_reason = $2, deleted_at = $3, updated_at = $4, revision = revision + 1,
			result = 'READY', reason = 'NOT_RUN', failed_since = NULL, result_since = $4, told = NULL WHERE id = $1`, t.ID, nullText(t.DisabledReason), deleted, at); err != nil {
			return err
		}
		return s.append(q, e)
	})
}
