package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

const sessionColumns = `SELECT s.id, s.session_id, r.connection_id, s.resource_id, s.status, s.created_at, s.updated_at, s.activated_at, s.canceled_at, s.staged FROM session s JOIN resource r ON r.id = s.resource_id`

func scanSession(r row, se *record.Session) error {
	var status string
	err := r.scan(&se.ID, &se.SessionID, &se.ConnectionID, &se.ResourceID, &status, &se.CreatedAt, &se.UpdatedAt, &se.ActivatedAt, &se.CanceledAt, &se.Staged)
	se.Status = record.SessionStatus(status)
	return err
}

func oneSession(q querier, where string, args ...any) (se record.Session, err error) {
	found := false
	err = q.query(sessionColumns+" WHERE "+where, func(r row) error {
		found = true
		return scanSession(r, &se)
	}, args...)
	if err == nil && !found {
		err = errNoRow
	}
	return se, err
}

func readSession(q querier, resourceID int64, sessionID string) (record.Session, error) {
	se, err := oneSession(q, "s.resource_id = $1 AND s.session_id = $2", resourceID, sessionID)
	return se, absentIf(err, "session", sessionID)
}

// Session implements record.Store.
func (s *Store) Session(ctx context.Context, resourceID int64, sessionID string) (record.Session, error) {
	var se record.Session
	err := s.db.read(ctx, func(q querier) error {
		var err error
		se, err = readSession(q, resourceID, sessionID)
		return err
	})
	return se, err
}

func sessionList(f record.SessionFilter, order page.Sort) list[record.Session] {
	l := list[record.Session]{sql: sessionColumns, where: []string{"r.deleted_at IS NULL"}, id: "s.id",
		columns: map[page.Sort]string{page.CreatedAt: "s.created_at", page.UpdatedAt: "s.updated_at"}, scan: scanSession,
		position: func(se record.Session) page.Position {
			if order == page.UpdatedAt {
				return page.Position{Value: se.UpdatedAt.UnixMicro(), ID: se.ID}
			}
			return page.Position{Value: se.CreatedAt.UnixMicro(), ID: se.ID}
		}}
	if f.ResourceID != 0 {
		l.and("s.resource_id = ?", f.ResourceID)
	}
	if f.ConnectionID != 0 {
		l.and("r.connection_id = ?", f.ConnectionID)
	}
	if f.Status != "" {
		l.and("s.status = ?", string(f.Status))
	}
	if f.SessionID != "" {
		l.and("s.session_id = ?", f.SessionID)
	}
	if f.Within != nil {
		cond, args := "1 = 0", []any(nil)
		if len(f.Within) > 0 {
			cond, args = in("w.workspace_id", f.Within)
		}
		l.where = append(l.where, "EXISTS (SELECT 1 FROM connection_workspace w WHERE w.connection_id = r.connection_id AND "+cond+")")
		l.args = append(l.args, args...)
	}
	return l
}

// Sessions implements record.Store.
func (s *Store) Sessions(ctx context.Context, f record.SessionFilter, r page.Request) (page.Page[record.Session], error) {
	l := sessionList(f, r.Order())
	return l.run(ctx, s, r)
}

// SessionsPage implements record.Store.
func (s *Store) SessionsPage(ctx context.Context, f record.SessionFilter, pageNumber, limit int) ([]record.Session, int64, error) {
	l := sessionList(f, page.CreatedAt)
	var out []record.Session
	var total int64
	err := s.db.read(ctx, func(q querier) error {
		if err := one(q, number("SELECT count(*)"+l.sql[strings.Index(l.sql, " FROM "):]+condition(l.where)), l.args, &total); err != nil {
			return err
		}
		return q.query(number(l.sql+condition(l.where)+" ORDER BY s.created_at DESC, s.id DESC LIMIT ? OFFSET ?"), func(r row) error {
			var se record.Session
			if err := scanSession(r, &se); err != nil {
				return err
			}
			out = append(out, se)
			return nil
		}, append(l.args[:len(l.args):len(l.args)], limit, (pageNumber-1)*limit)...)
	})
	return out, total, err
}

// Staged implements record.Store. A record that is sent again is staged anew,
// so the order of creation is that of updates too.
func (s *Store) Staged(ctx context.Context, sessionID int64, r page.Request) (page.Page[record.Record], error) {
	l := list[record.Record]{sql: "SELECT id, record_key, body, created_at, created_at, 0 FROM staged_record", id: "id",
		columns: map[page.Sort]string{page.CreatedAt: "id"}, scan: scanRecord, body: "body", size: recordSize,
		position: func(rec record.Record) page.Position { return page.Position{ID: rec.ID} }}
	first, end := recordRange(sessionID)
	l.ids = &[2]int64{first, end}
	return l.run(ctx, s, r)
}

// staging is one upload as the drivers see it.
type staging struct {
	sessionID   int64
	rows        []record.Row
	at          time.Time
	firstRecord int64
	written     []record.Written
	added       int64
}

func (u *staging) id(i int) int64 { return recordID(u.sessionID, u.firstRecord+int64(i)) }

func (u *staging) note(i int, again bool) {
	u.written[i] = record.Written{Outcome: record.Created, CreatedAt: u.at, UpdatedAt: u.at}
	if again {
		u.written[i].Outcome = record.Updated
	} else {
		u.added++
	}
}

// Stage implements record.Store.
func (s *Store) Stage(ctx context.Context, st record.Stage) (record.Session, []record.Written, error) {
	var se record.Session
	var written []record.Written
	err := s.db.write(ctx, func(q querier) error {
		h, err := lockIntake(q, st.ResourceID)
		if err != nil {
			return err
		}
		if h.schemaVersion != st.SchemaVersion {
			return record.ErrChanged
		}
		if err := lockOpenSession(q, st.ResourceID); err != nil {
			return err
		}
		ev := st.Uploaded
		se, err = oneSession(q, "s.resource_id = $1 AND s.session_id = $2", st.ResourceID, st.SessionID)
		if errors.Is(err, errNoRow) {
			ev = st.Started
			se, err = s.openSession(q, h, st)
		}
		if err != nil {
			return err
		}
		if se.Status != record.InProgress {
			return fault.New(fault.CodeSessionClosed, "session %q is %s: it takes no more records, open one by another id", se.SessionID, se.Status)
		}
		u := &staging{sessionID: se.ID, rows: st.Rows, at: st.At, written: make([]record.Written, len(st.Rows))}
		if err := one(q, "SELECT next_record FROM session WHERE id = $1", []any{se.ID}, &u.firstRecord); err != nil {
			return err
		}
		if err := numbersLeft(u.firstRecord, int64(len(st.Rows))); err != nil {
			return err
		}
		if err := s.db.stage(q, u); err != nil {
			return err
		}
		written = u.written
		se.Staged += u.added
		se.UpdatedAt = st.At
		if _, err := q.exec("UPDATE session SET staged = $2, next_record = next_record + $3, updated_at = $4 WHERE id = $1",
			se.ID, se.Staged, len(st.Rows), st.At); err != nil {
			return err
		}
		if err := s.stagedRun(q, h, st); err != nil {
			return err
		}
		return s.append(q, ev)
	})
	return se, written, err
}

// lockOpenSession keeps the sweep from cancelling the open session of a
// resource while it is worked on.
func lockOpenSession(q querier, resourceID int64) error {
	lock := q.dialect().forUpdate
	if lock == "" {
		return nil
	}
	_, err := q.exec("SELECT id FROM session WHERE resource_id = $1 AND status = 'IN_PROGRESS'"+lock, resourceID)
	return err
}

// openSession makes a session. Another one in progress is in the way, unless
// it rested too long: then it is cancelled.
func (s *Store) openSession(q querier, h head, st record.Stage) (record.Session, error) {
	open, err := oneSession(q, "s.resource_id = $1 AND s.status = 'IN_PROGRESS'", st.ResourceID)
	switch {
	case errors.Is(err, errNoRow):
	case err != nil:
		return open, err
	case !open.UpdatedAt.Before(st.IdleBefore):
		return open, fault.New(fault.CodeSessionOpen, "session %q is in progress on this resource: complete or cancel it first", open.SessionID)
	default:
		if err := cancelSession(q, open.ID, st.At); err != nil {
			return open, err
		}
		if err := s.append(q, st.Superseded(open)); err != nil {
			return open, err
		}
		if err := s.canceledRun(q, h, open, "The session rested while another one was opened, so it was cancelled.", st.Intake.Actor, st.At); err != nil {
			return open, err
		}
	}
	se := record.Session{SessionID: st.SessionID, ConnectionID: st.ConnectionID, ResourceID: st.ResourceID, Status: record.InProgress,
		CreatedAt: st.At, UpdatedAt: st.At}
	err = one(q, `INSERT INTO session (resource_id, session_id, status, staged, next_record, created_at, updated_at, swept)
		VALUES ($1, $2, 'IN_PROGRESS', 0, 1, $3, $3, 0) RETURNING id`, []any{st.ResourceID, st.SessionID, st.At}, &se.ID)
	return se, err
}

func cancelSession(q querier, id int64, at time.Time) error {
	_, err := q.exec("UPDATE session SET status = 'CANCELED', canceled_at = $2, updated_at = $2 WHERE id = $1", id, at)
	return err
}

func (db *sqliteDB) stage(q querier, u *staging) error {
	const insert = `INSERT INTO staged_record (id, session_id, record_key, body, hash, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session_id, record_key) DO NOTHING`
	for _, i := range byKey(u.rows) {
		r := &u.rows[i]
		args := []any{u.id(i), u.sessionID, r.Key, text(r.Body), r.Hash[:], u.at}
		n, err := q.exec(insert, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			if _, err := q.exec("DELETE FROM staged_record WHERE session_id = $1 AND record_key = $2", u.sessionID, r.Key); err != nil {
				return err
			}
			if _, err := q.exec(insert, args...); err != nil {
				return err
			}
		}
		u.note(i, n == 0)
	}
	return nil
}

func (db *postgresDB) stage(q querier, u *staging) error {
	var c columns
	for i := range u.rows {
		c.add(u.id(i), &u.rows[i])
	}
	again := map[string]bool{}
	if err := q.query("DELETE FROM staged_record WHERE session_id = $1 AND record_key = ANY($2::text[]) RETURNING record_key", func(r row) error {
		var key string
		if err := r.scan(&key); err != nil {
			return err
		}
		again[key] = true
		return nil
	}, u.sessionID, c.keys); err != nil {
		return err
	}
	for i := range u.rows {
		u.note(i, again[u.rows[i].Key])
	}
	_, err := q.exec(`INSERT INTO staged_record (id, session_id, record_key, body, hash, created_at)
		SELECT n.id, $1, n.record_key, n.body, n.hash, $2 FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bytea[]) AS n (id, record_key, body, hash)`,
		u.sessionID, u.at, c.ids, c.keys, c.bodies, c.hashes)
	return err
}

// Complete implements record.Store: one transaction applies the difference
// between the staged and the live records; what is the same is not touched.
func (s *Store) Complete(ctx context.Context, resourceID int64, sessionID string, g record.Guards, at time.Time, e func(record.Counts) event.Event) (record.Completion, error) {
	var out record.Completion
	var refused error
	err := s.db.write(ctx, func(q querier) error {
		refused = nil
		h, err := lockIntake(q, resourceID)
		if err != nil {
			return err
		}
		if err := lockOpenSession(q, resourceID); err != nil {
			return err
		}
		se, err := readSession(q, resourceID, sessionID)
		if err != nil {
			return err
		}
		if err := numbersLeft(h.nextRecord, se.Staged); err != nil {
			return err
		}
		if se.Status != record.InProgress {
			return fault.New(fault.CodeSessionAction, "session %q is %s: only a session IN_PROGRESS can be completed", sessionID, se.Status)
		}
		c := completing{resourceID: resourceID, sessionID: sessionID, head: h, at: at, actor: actorOf(e(record.Counts{}))}
		if h.activeSession > se.ID {
			refused = fault.New(fault.CodeSessionSuperseded, "SESSION_SUPERSEDED: a session that was opened after %q is active already: cancel this one", sessionID)
			if g.DryRun {
				return refused
			}
			return s.refusedRun(q, c, nil, syncrun.CodeSuperseded, refused)
		}
		if err := planJoins(q); err != nil {
			return err
		}
		counts, err := difference(q, h, resourceID, se.ID, se.Staged)
		if err != nil {
			return err
		}
		if refused = guard(g, counts, se.Staged, h.recordCount); refused != nil {
			if g.DryRun {
				return refused
			}
			return s.refusedRun(q, c, &counts, syncrun.CodeGuard, refused)
		}
		out = record.Completion{Session: se, Counts: counts, Seq: h.changeSeq}
		if g.DryRun {
			return nil
		}
		out.Seq = h.changeSeq + 1
		if err := replaceRecords(q, h, resourceID, se.ID, counts, at); err != nil {
			return err
		}
		if err := activate(q, h, resourceID, &out, at); err != nil {
			return err
		}
		if err := s.completedRun(q, c, out); err != nil {
			return err
		}
		return s.append(q, e(counts))
	})
	if err == nil {
		err = refused
	}
	return out, err
}

// planJoins lets a completion, which joins all records with all staged ones, be
// planned with what [planning] switches off.
func planJoins(q querier) error {
	if !q.dialect().postgres {
		return nil
	}
	_, err := q.exec("SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true)")
	return err
}

// difference counts what a completion would do.
func difference(q querier, h head, resourceID, session, staged int64) (c record.Counts, err error) {
	var matched int64
	err = one(q, `SELECT count(*), coalesce(sum(CASE WHEN r.hash <> s.hash THEN 1 ELSE 0 END), 0)
		FROM staged_record s JOIN record r ON r.resource_id = $1 AND r.record_key = s.record_key WHERE s.session_id = $2`,
		[]any{resourceID, session}, &matched, &c.Updated)
	c.Created = staged - matched
	c.Unchanged = matched - c.Updated
	c.Deleted = h.recordCount - matched
	return c, err
}

func guard(g record.Guards, c record.Counts, staged, live int64) error {
	if g.ExpectedCount != nil && *g.ExpectedCount != staged {
		return fault.New(fault.CodeExpectedCount, "the session has %d staged records, not the expected %d", staged, *g.ExpectedCount)
	}
	if g.MaxDeletePercent != nil && float64(c.Deleted)*100 > *g.MaxDeletePercent*float64(live) {
		return fault.New(fault.CodeMaxDeletePercent, "%d of %d live records would be deleted, more than %g %%", c.Deleted, live, *g.MaxDeletePercent)
	}
	return nil
}

// replaceRecords makes the staged records the live ones. Each of its steps reads
// all of them: those of which nothing comes are left out.
func replaceRecords(q querier, h head, resourceID, session int64, counts record.Counts, at time.Time) error {
	first, end := recordRange(resourceID)
	seq := h.changeSeq + 1
	const gone = ` FROM record WHERE id >= $1 AND id < $2
		AND NOT EXISTS (SELECT 1 FROM staged_record s WHERE s.session_id = $3 AND s.record_key = record.record_key)`
	const into = `INSERT INTO record_version (resource_id, record_id, record_key, body, valid_from, valid_to, closed_seq, deleted) `
	for _, step := range []struct {
		rows int64
		sql  string
		args []any
	}{
		{counts.Deleted, into + `SELECT resource_id, id, record_key, body, updated_at, ` + later("updated_at", "$4") + `, CAST($5 AS BIGINT), 1` + gone, []any{first, end, session, at, seq}},
		{counts.Deleted, `DELETE` + gone, []any{first, end, session}},
		{counts.Updated, into + `SELECT r.resource_id, r.id, r.record_key, r.body, r.updated_at, ` + later("r.updated_at", "$3") + `, CAST($4 AS BIGINT), 0
			FROM staged_record s JOIN record r ON r.resource_id = $1 AND r.record_key = s.record_key
			WHERE s.session_id = $2 AND r.hash <> s.hash`, []any{resourceID, session, at, seq}},
		{counts.Updated, `UPDATE record SET body = s.body, hash = s.hash, change_seq = $4, updated_at = ` + later("record.updated_at", "$3") + ` FROM staged_record s
			WHERE s.session_id = $2 AND record.resource_id = $1 AND record.record_key = s.record_key AND record.hash <> s.hash`,
			[]any{resourceID, session, at, seq}},
		{counts.Created, `INSERT INTO record (id, resource_id, record_key, body, hash, change_seq, created_at, updated_at)
			SELECT CAST($5 AS BIGINT) + row_number() OVER (ORDER BY s.id), CAST($1 AS BIGINT), s.record_key, s.body, s.hash, CAST($4 AS BIGINT), CAST($3 AS BIGINT), CAST($3 AS BIGINT)
			FROM staged_record s WHERE s.session_id = $2
			AND NOT EXISTS (SELECT 1 FROM record r WHERE r.resource_id = $1 AND r.record_key = s.record_key)`,
			[]any{resourceID, session, at, seq, recordID(resourceID, h.nextRecord) - 1}},
	} {
		if step.rows == 0 {
			continue
		}
		if _, err := q.exec(step.sql, step.args...); err != nil {
			return err
		}
	}
	return nil
}

func activate(q querier, h head, resourceID int64, c *record.Completion, at time.Time) error {
	if _, err := q.exec("UPDATE session SET status = 'ARCHIVED', updated_at = $2 WHERE id = $1", h.activeSession, at); err != nil {
		return err
	}
	if _, err := q.exec("UPDATE session SET status = 'ACTIVE', activated_at = $2, updated_at = $2 WHERE id = $1", c.Session.ID, at); err != nil {
		return err
	}
	c.Session.Status, c.Session.ActivatedAt, c.Session.UpdatedAt = record.Active, at, at
	if h.freshAt.IsZero() {
		if err := stirAskers(q, resourceID); err != nil {
			return err
		}
	}
	_, err := q.exec(`UPDATE resource SET change_seq = $2, next_record = next_record + $3, record_count = $4, active_session = $5,
		session_fed = 1, fresh_at = $6 WHERE id = $1`, resourceID, c.Seq, c.Counts.Created, c.Session.Staged, c.Session.ID, at)
	return err
}

// Cancel implements record.Store.
func (s *Store) Cancel(ctx context.Context, resourceID int64, sessionID string, at time.Time, e event.Event) (record.Session, error) {
	var se record.Session
	err := s.db.write(ctx, func(q querier) error {
		h, err := lockResource(q, resourceID)
		if err != nil {
			return err
		}
		if err := lockOpenSession(q, resourceID); err != nil {
			return err
		}
		if se, err = readSession(q, resourceID, sessionID); err != nil {
			return err
		}
		if se.Status != record.InProgress {
			return fault.New(fault.CodeSessionAction, "session %q is %s: only a session IN_PROGRESS can be cancelled", sessionID, se.Status)
		}
		if err := cancelSession(q, se.ID, at); err != nil {
			return err
		}
		se.Status, se.CanceledAt, se.UpdatedAt = record.Canceled, at, at
		if err := s.canceledRun(q, h, se, "", actorOf(e), at); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return se, err
}

// CancelIdle implements record.Store. Each session is cancelled by itself: whoever
// works on one has locked its resource first.
func (s *Store) CancelIdle(ctx context.Context, before, at time.Time, e func(record.Session) event.Event) (int, error) {
	var idle []record.Session
	err := s.db.read(ctx, func(q querier) error {
		return q.query(sessionColumns+" WHERE s.status = 'IN_PROGRESS' AND s.updated_at < $1", func(r row) error {
			var se record.Session
			err := scanSession(r, &se)
			idle = append(idle, se)
			return err
		}, before)
	})
	n := 0
	for _, se := range idle {
		canceled := false
		if err := s.db.write(ctx, func(q querier) error {
			h, err := lockResource(q, se.ResourceID)
			if err != nil {
				return err
			}
			changed, err := q.exec("UPDATE session SET status = 'CANCELED', canceled_at = $2, updated_at = $2 WHERE id = $1 AND status = 'IN_PROGRESS' AND updated_at < $3", se.ID, at, before)
			if canceled = changed > 0; err != nil || !canceled {
				return err
			}
			ev := e(se)
			if err := s.canceledRun(q, h, se, "The session rested for too long, so it was cancelled.", actorOf(ev), at); err != nil {
				return err
			}
			return s.append(q, ev)
		}); err != nil && fault.KindOf(err) != fault.NotFound {
			return n, err
		}
		if canceled {
			n++
		}
	}
	return n, err
}
