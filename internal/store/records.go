package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// numberBits is how many bits of a record's id number it within its resource
// (68 thousand million records for each of 134 million resources).
const numberBits = 36

// recordID is the id of a resource's (or a session's) n-th record.
func recordID(owner, n int64) int64 { return owner<<numberBits | n }

// recordRange is the ids of a resource's records: first <= id < end.
func recordRange(owner int64) (first, end int64) {
	return recordID(owner, 0), recordID(owner+1, 0)
}

// numbersLeft refuses what would run over into the ids of the next resource.
func numbersLeft(next, more int64) error {
	if next+more > 1<<numberBits {
		return fault.New(fault.CodeConflict, "the numbers for records of this resource are used up: make a new connection")
	}
	return nil
}

// head is the row of a resource that everybody locks who changes its records.
type head struct {
	connectionID, schemaVersion, changeSeq, nextRecord, recordCount, activeSession int64
	sessionFed                                                                     bool
	name, displayNameKey                                                           string
	freshnessHours                                                                 *int64
	freshAt, disconnectedAt                                                        time.Time
	sync                                                                           syncrun.Mark
}

// aged reports whether the data was too old at a moment.
func (h head) aged(at time.Time) bool {
	return connection.Resource{FreshnessHours: h.freshnessHours, FreshAt: h.freshAt}.Stale(at)
}

func lockResource(q querier, id int64) (h head, err error) {
	var deleted time.Time
	var failed string
	err = one(q, `SELECT connection_id, schema_version, change_seq, next_record, record_count, active_session, session_fed, fresh_at, deleted_at, display_name_key,
		name, freshness_hours, disconnected_at, sync_run, sync_failed, sync_reason, sync_since, sync_at
		FROM resource WHERE id = $1`+q.dialect().forUpdate, []any{id},
		&h.connectionID, &h.schemaVersion, &h.changeSeq, &h.nextRecord, &h.recordCount, &h.activeSession, &h.sessionFed, &h.freshAt, &deleted, &h.displayNameKey,
		&h.name, &h.freshnessHours, &h.disconnectedAt, &h.sync.RunID, &failed, &h.sync.Reason, &h.sync.Since, &h.sync.At)
	h.sync.Failed = syncrun.Name(failed)
	if errors.Is(err, errNoRow) || err == nil && !deleted.IsZero() {
		return h, absent("resource", id)
	}
	return h, err
}

// lockIntake is lockResource for whoever brings data: while the connection is
// disconnected it is refused.
func lockIntake(q querier, id int64) (head, error) {
	h, err := lockResource(q, id)
	if err == nil && !h.disconnectedAt.IsZero() {
		err = fault.New(fault.CodeIntakeStopped, "connection %d is disconnected: it takes no data until it is connected again", h.connectionID)
	}
	return h, err
}

// upsert is one push as the drivers see it: they fill written and counts.
type upsert struct {
	resourceID int64
	rows       []record.Row
	replaces   int64
	at         time.Time
	seq        int64
	// firstRecord is the number of the first new record.
	firstRecord int64
	written     []record.Written
	counts      record.Counts
}

// byKey is the rows' indexes in the order of their keys, which the unique
// index takes much faster than a random order.
func byKey(rows []record.Row) []int {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	compare := func(a, b int) int { return cmp.Compare(rows[a].Key, rows[b].Key) }
	if !slices.IsSortedFunc(order, compare) {
		slices.SortFunc(order, compare)
	}
	return order
}

// Write implements record.Store.
func (s *Store) Write(ctx context.Context, w record.Write) (record.Applied, error) {
	var out record.Applied
	err := s.db.write(ctx, func(q querier) error {
		h, err := lockIntake(q, w.ResourceID)
		if err != nil {
			return err
		}
		if h.schemaVersion != w.SchemaVersion {
			return record.ErrChanged
		}
		if err := numbersLeft(h.nextRecord, int64(len(w.Rows))); err != nil {
			return err
		}
		u := &upsert{resourceID: w.ResourceID, rows: w.Rows, replaces: w.Replaces, at: w.At, seq: h.changeSeq + 1,
			firstRecord: h.nextRecord, written: make([]record.Written, len(w.Rows))}
		if err := s.db.upsert(q, u); err != nil {
			return err
		}
		out = record.Applied{Rows: u.written, Counts: u.counts, Seq: h.changeSeq}
		if u.counts.Created+u.counts.Updated > 0 {
			out.Seq = u.seq
		}
		after, err := pushRun(q, h, w, out)
		if err != nil {
			return err
		}
		fresh, next := h.freshAt, h.nextRecord
		if !h.sessionFed && len(w.Rows) > 0 {
			fresh = w.At
		}
		if h.freshAt.IsZero() && !fresh.IsZero() {
			if err := stirAskers(q, w.ResourceID); err != nil {
				return err
			}
		}
		if u.counts.Created > 0 {
			next += int64(len(w.Rows))
		}
		if _, err := q.exec(`UPDATE resource SET change_seq = $2, next_record = $3, record_count = $4, fresh_at = $5,
			sync_run = $6, sync_failed = $7, sync_reason = $8, sync_since = $9, sync_at = $10 WHERE id = $1`,
			w.ResourceID, out.Seq, next, h.recordCount+u.counts.Created, fresh,
			nullID(after.RunID), nullText(string(after.Failed)), nullText(after.Reason), after.Since, after.At); err != nil {
			return err
		}
		if err := s.appendHealth(q, w.ResourceID, h, after, w.Intake.Actor); err != nil || out.Seq == h.changeSeq {
			return err
		}
		return s.append(q, w.Event(u.counts))
	})
	return out, err
}

// later is the SQL of a new time of a record or a finding: at, unless somebody
// was first who took the time later, or whose clock is ahead. So nothing ends
// before it begins.
func later(updated, at string) string {
	return fmt.Sprintf("CASE WHEN %[1]s > CAST(%[2]s AS BIGINT) THEN %[1]s ELSE CAST(%[2]s AS BIGINT) END", updated, at)
}

// closeVersion moves a live record's present form into the history.
var closeVersion = `INSERT INTO record_version (resource_id, record_id, record_key, body, valid_from, valid_to, closed_seq, deleted)
	SELECT resource_id, id, record_key, body, updated_at, ` + later("updated_at", "$2") + `, CAST($3 AS BIGINT), CAST($4 AS BIGINT) FROM record WHERE id = $1`

// Delete implements record.Store.
func (s *Store) Delete(ctx context.Context, resourceID int64, key string, at time.Time, e event.Event) (int64, error) {
	var seq int64
	err := s.db.write(ctx, func(q querier) error {
		h, err := lockResource(q, resourceID)
		if err != nil {
			return err
		}
		var id int64
		if err := absentIf(one(q, "SELECT id FROM record WHERE resource_id = $1 AND record_key = $2", []any{resourceID, key}, &id), "record", key); err != nil {
			return err
		}
		seq = h.changeSeq + 1
		if _, err := q.exec(closeVersion, id, at, seq, 1); err != nil {
			return err
		}
		if _, err := q.exec("DELETE FROM record WHERE id = $1", id); err != nil {
			return err
		}
		if _, err := q.exec("UPDATE resource SET change_seq = $2, record_count = record_count - 1 WHERE id = $1", resourceID, seq); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return seq, err
}

const recordColumns = `SELECT id, record_key, body, created_at, updated_at, change_seq FROM record`

func scanRecord(r row, rec *record.Record) error {
	return r.scan(&rec.ID, &rec.Key, &rec.Body, &rec.CreatedAt, &rec.UpdatedAt, &rec.ChangeSeq)
}

func recordSize(rec *record.Record) int { return len(rec.Body) }

// Record implements record.Store.
func (s *Store) Record(ctx context.Context, resourceID int64, key string) (record.Record, error) {
	var rec record.Record
	err := s.db.read(ctx, func(q querier) error {
		found := false
		err := q.query(recordColumns+" WHERE resource_id = $1 AND record_key = $2", func(r row) error {
			found = true
			return scanRecord(r, &rec)
		}, resourceID, key)
		if err == nil && !found {
			return absent("record", key)
		}
		return err
	})
	return rec, err
}

// Records implements record.Store. The order of creation is that of the ids,
// the order of updates that of the change sequence.
func (s *Store) Records(ctx context.Context, resourceID int64, f record.Filter, r page.Request) (page.Page[record.Record], error) {
	l := list[record.Record]{sql: recordColumns, id: "id", columns: map[page.Sort]string{page.CreatedAt: "id", page.UpdatedAt: "change_seq"},
		scan: scanRecord, body: "body", size: recordSize,
		position: func(rec record.Record) page.Position { return page.Position{Value: rec.ChangeSeq, ID: rec.ID} }}
	if r.Order() == page.UpdatedAt {
		l.and("resource_id = ?", resourceID)
	} else {
		first, end := recordRange(resourceID)
		l.ids = &[2]int64{first, end}
	}
	var p page.Page[record.Record]
	err := s.db.read(ctx, func(q querier) error {
		if !f.Empty() {
			var err error
			p, err = s.sift(q, l, f, r)
			return err
		}
		plain := r
		plain.WantTotal = false
		var err error
		if p, err = l.page(s, q, plain); err != nil || !r.WantTotal || r.After != nil {
			return err
		}
		var total int64
		p.Total = &total
		return one(q, "SELECT record_count FROM resource WHERE id = $1", []any{resourceID}, &total)
	})
	return p, err
}

// maxSifted is how many records one page of a filtered list looks at, siftedAtOnce
// how many are read by one statement.
const (
	maxSifted    = 20_000
	siftedAtOnce = 1000
)

// sift reads a page of the records that a filter keeps.
func (s *Store) sift(q querier, l list[record.Record], f record.Filter, r page.Request) (page.Page[record.Record], error) {
	var out page.Page[record.Record]
	next := r
	next.Size, next.WantTotal = siftedAtOnce, false
	for looked, bytes := 0, 0; ; {
		part, err := l.page(s, q, next)
		if err != nil {
			return out, err
		}
		for i, rec := range part.Items {
			looked++
			if f.Keeps(rec) {
				out.Items = append(out.Items, rec)
				bytes += len(rec.Body)
			}
			if len(out.Items) < r.Limit() && bytes < s.budget && looked < maxSifted {
				continue
			}
			if part.Next != "" || i < len(part.Items)-1 {
				out.Next = r.Cursor(l.position(rec))
			}
			return out, nil
		}
		if part.Next == "" {
			return out, nil
		}
		at := l.position(part.Items[len(part.Items)-1])
		next.After = &at
	}
}

// Scan implements record.Store.
func (s *Store) Scan(ctx context.Context, resourceID int64, each func(id int64, key string, body []byte) error) error {
	first, end := recordRange(resourceID)
	return s.db.read(ctx, func(q querier) error {
		var id int64
		var key string
		var body raw
		return q.query("SELECT id, record_key, body FROM record WHERE id >= $1 AND id < $2 ORDER BY id", func(r row) error {
			if err := r.scan(&id, &key, &body); err != nil {
				return err
			}
			return each(id, key, body)
		}, first, end)
	})
}

// Versions implements record.Store.
func (s *Store) Versions(ctx context.Context, resourceID int64, key string, r page.Request) (page.Page[record.Version], error) {
	type version struct {
		record.Version
		id int64
	}
	l := list[version]{sql: "SELECT id, body, valid_from, valid_to, deleted FROM record_version", id: "id",
		columns: map[page.Sort]string{page.CreatedAt: "id"}, body: "body", size: func(v *version) int { return len(v.Body) },
		scan: func(r row, v *version) error {
			return r.scan(&v.id, &v.Body, &v.ValidFrom, &v.ValidTo, &v.Deleted)
		},
		position: func(v version) page.Position { return page.Position{ID: v.id} }}
	l.and("resource_id = ?", resourceID)
	l.and("record_key = ?", key)
	p, err := l.run(ctx, s, r)
	out := page.Page[record.Version]{Next: p.Next, Total: p.Total}
	for _, v := range p.Items {
		out.Items = append(out.Items, v.Version)
	}
	return out, err
}
