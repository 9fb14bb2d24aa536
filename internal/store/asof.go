package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline-dev/plumbline/internal/check"
)

const (
	// lookTries is how often several readers try to begin at one moment before
	// one reads alone.
	lookTries = 5
	// lookPatience is how long a look waits for one more reader: there may be
	// none to spare.
	lookPatience = 20 * time.Millisecond
	// maxLookers is how many readers a look has at most.
	maxLookers = 4
)

// errMoved means that readers see different moments.
var errMoved = errors.New("the readers began at different moments")

// Look implements check.Store. Readers of one moment cannot be asked for on both
// databases; those that see the same changes of the resources are as good.
func (s *Store) Look(ctx context.Context, resources []int64, at time.Time, readers int, fn func([]check.Reader) error) error {
	for try := 1; ; try++ {
		if try > lookTries {
			readers = 1
		}
		err := s.db.reads(ctx, min(readers, maxLookers), func(qs []querier) error {
			list := make([]check.Reader, len(qs))
			var first []int64
			for i, q := range qs {
				seen, err := changesOf(q, resources)
				if err != nil {
					return err
				}
				if first == nil {
					first = seen
				} else if !slices.Equal(first, seen) {
					return errMoved
				}
				list[i] = &reader{q: q, at: at}
			}
			return fn(list)
		})
		if !errors.Is(err, errMoved) {
			return err
		}
	}
}

// changesOf reads the last change of each resource.
func changesOf(q querier, resources []int64) ([]int64, error) {
	out := make([]int64, 0, len(resources))
	for _, id := range resources {
		var seq int64
		if err := absentIf(one(q, "SELECT change_seq FROM resource WHERE id = $1 AND deleted_at IS NULL", []any{id}, &seq), "resource", id); err != nil {
			return nil, err
		}
		out = append(out, seq)
	}
	return out, nil
}

// reader is one reader of a look.
type reader struct {
	q  querier
	at time.Time
	// ends are the changes with which reading ends, by resource.
	ends map[int64]ending
}

// ending is a change with which reading ends. No change after it closed a version
// before the moment since.
type ending struct {
	change int64
	since  time.Time
}

// patience is how much later than it came a change may be written down: a request
// ends before, and the clocks of servers go alike.
const patience = 15 * time.Minute

// Until implements check.Reader.
func (r *reader) Until(resourceID, change int64, after time.Time) {
	if r.ends == nil {
		r.ends = map[int64]ending{}
	}
	r.ends[resourceID] = ending{change, after.Add(-patience)}
}

// closedAfter are the versions of a resource in which its records stood at change
// $3: those that a later one closed first. $1 is the resource, $2 and $4 as in
// [ending] and the moment of the look.
const closedAfter = ` FROM record_version v WHERE v.resource_id = $1 AND v.valid_to > $2 AND v.closed_seq > $3 AND v.valid_from <= $4
	AND NOT EXISTS (SELECT 1 FROM record_version w WHERE w.resource_id = v.resource_id AND w.record_key = v.record_key AND w.id < v.id
	AND w.record_id = v.record_id AND w.closed_seq > $3)`

// IDs implements check.Reader.
func (r *reader) IDs(resourceID int64, keys []string) (out []int64, err error) {
	for part := range slices.Chunk(keys, perLookup) {
		cond, args := inTexts("record_key", part)
		cond = shifted(cond, 1)
		found, err := idList(r.q, "SELECT id FROM record WHERE resource_id = $1 AND "+cond+" UNION SELECT record_id FROM record_version WHERE resource_id = $1 AND "+cond,
			append([]any{resourceID}, args...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// FailingSince implements check.Reader.
func (r *reader) FailingSince(testID, resourceID int64, keys []string) (map[string]time.Time, error) {
	out := make(map[string]time.Time, len(keys))
	for part := range slices.Chunk(keys, perLookup) {
		cond, args := inTexts("f.record_key", part)
		if err := r.q.query(`SELECT f.record_key, min(f.opened_at) FROM finding f JOIN test_group g ON g.id = f.group_id WHERE f.resource_id = $1 AND f.test_id + 0 = $2
			AND f.opened_at + 0 <= $3 AND (f.closed_at > $3 OR f.closed_at IS NULL AND (g.ended_at IS NULL OR g.ended_at > $3)) AND `+wasInForce+" AND "+
			shifted(cond, 3)+" GROUP BY f.record_key", func(row row) error {
			var key string
			var at time.Time
			err := row.scan(&key, &at)
			out[key] = at
			return err
		}, append([]any{resourceID, testID, r.at}, args...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Parts implements check.Reader.
func (r *reader) Parts(resourceID int64, n int) (parts []check.Part, records int64, err error) {
	var next int64
	if err := absentIf(one(r.q, "SELECT next_record, record_count FROM resource WHERE id = $1", []any{resourceID}, &next, &records), "resource", resourceID); err != nil {
		return nil, 0, err
	}
	begin, _ := recordRange(resourceID)
	size := max(next/int64(n)+1, 1)
	for first := int64(0); first < next; first += size {
		parts = append(parts, check.Part{ResourceID: resourceID, First: begin + first, End: begin + min(first+size, next)})
	}
	if !r.at.IsZero() {
		parts = append(parts, check.Part{ResourceID: resourceID, Closed: true})
	}
	return parts, records, nil
}

// Scan implements check.Reader.
func (r *reader) Scan(p check.Part, each func(id int64, body []byte) error) error {
	end, ends := r.ends[p.ResourceID]
	switch {
	case p.Closed && ends:
		return r.q.bodies("SELECT v.record_id, v.body"+closedAfter, each, p.ResourceID, end.since, end.change, r.at)
	case ends:
		return r.q.bodies("SELECT id, body FROM record WHERE id >= $1 AND id < $2 AND change_seq <= $3 ORDER BY id", each, p.First, p.End, end.change)
	case p.Closed:
		return r.q.bodies("SELECT record_id, body FROM record_version WHERE resource_id = $1 AND valid_to > $2 AND valid_from <= $2", each, p.ResourceID, r.at)
	case r.at.IsZero():
		return r.q.bodies("SELECT id, body FROM record WHERE id >= $1 AND id < $2", each, p.First, p.End)
	}
	return r.q.bodies("SELECT id, body FROM record WHERE id >= $1 AND id < $2 AND updated_at <= $3", each, p.First, p.End, r.at)
}

// Sightings implements check.Reader.
func (r *reader) Sightings(resourceID int64, ids []int64) (map[int64]check.Sighting, error) {
	out := make(map[int64]check.Sighting, len(ids))
	read := func(sql string, args ...any) error {
		return r.q.query(sql, func(row row) error {
			var id int64
			var s check.Sighting
			err := row.scan(&id, &s.Key, &s.Body)
			out[id] = s
			return err
		}, args...)
	}
	first, end := recordRange(resourceID)
	own := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id < first || id >= end })
	for part := range slices.Chunk(own, perLookup) {
		if r.at.IsZero() {
			cond, args := in("id", part)
			if err := read("SELECT id, record_key, body FROM record WHERE "+number(cond), args...); err != nil {
				return nil, err
			}
			continue
		}
		cond, args := in("id", part)
		if end, ends := r.ends[resourceID]; ends {
			if err := read("SELECT id, record_key, body FROM record WHERE change_seq <= $1 AND "+shifted(cond, 1), append([]any{end.change}, args...)...); err != nil {
				return nil, err
			}
			cond, args = in("v.record_id", part)
			if err := read("SELECT v.record_id, v.record_key, v.body"+closedAfter+" AND "+shifted(cond, 4),
				append([]any{resourceID, end.since, end.change, r.at}, args...)...); err != nil {
				return nil, err
			}
			continue
		}
		if err := read("SELECT id, record_key, body FROM record WHERE updated_at <= $1 AND "+shifted(cond, 1), append([]any{r.at}, args...)...); err != nil {
			return nil, err
		}
		cond, args = in("record_id", part)
		if err := read("SELECT record_id, record_key, body FROM record_version WHERE resource_id = $1 AND valid_to > $2 AND valid_from <= $2 AND "+
			shifted(cond, 2), append([]any{resourceID, r.at}, args...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readsMore begins further transactions beside those of qs, as long as
// connections are to be had at once.
func readsMore(ctx context.Context, n int, qs []querier, begin func(acquire, ctx context.Context, fn func(querier) error) error, fn func([]querier) error) error {
	if q := joint(ctx); q != nil {
		return fn([]querier{q})
	}
	if len(qs) >= n {
		return fn(qs)
	}
	acquire := ctx
	if len(qs) > 0 {
		short, cancel := context.WithTimeout(ctx, lookPatience)
		defer cancel()
		acquire = short
	}
	begun := false
	err := begin(acquire, ctx, func(q querier) error {
		begun = true
		return readsMore(ctx, n, append(qs, q), begin, fn)
	})
	if !begun && len(qs) > 0 && acquire.Err() != nil && ctx.Err() == nil {
		return fn(qs)
	}
	return err
}

func (db *sqliteDB) reads(ctx context.Context, n int, fn func([]querier) error) error {
	return readsMore(ctx, n, nil, db.readAcquired, fn)
}

func (db *postgresDB) reads(ctx context.Context, n int, fn func([]querier) error) error {
	// What is held while one waits for more must not be all there is.
	n = min(n, max(1, int(db.pool.Config().MaxConns)/2))
	return readsMore(ctx, n, nil, func(acquire, ctx context.Context, fn func(querier) error) error {
		c, err := db.pool.Acquire(acquire)
		if err != nil {
			return fmt.Errorf("wait for a reader: %w", err)
		}
		defer c.Release()
		return pgx.BeginTxFunc(ctx, c, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			return fn(&postgresQuerier{ctx, tx})
		})
	}, fn)
}

func (q *sqliteQuerier) bodies(sql string, each func(id int64, body []byte) error, args ...any) error {
	stmt, err := q.prepare(sql, args)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Reset() }()
	var body []byte
	for {
		more, err := stmt.Step()
		if err != nil {
			return translateSQLite(err)
		}
		if !more {
			return nil
		}
		n := stmt.ColumnLen(1)
		if cap(body) < n {
			body = make([]byte, 2*n)
		}
		stmt.ColumnBytes(1, body[:n])
		if err := each(stmt.ColumnInt64(0), body[:n]); err != nil {
			return err
		}
	}
}

func (q *postgresQuerier) bodies(sql string, each func(id int64, body []byte) error, args ...any) error {
	rows, err := q.tx.Query(q.ctx, sql, postgresArguments(args)...)
	if err != nil {
		return translatePostgres(err)
	}
	defer rows.Close()
	binaryID := rows.FieldDescriptions()[0].Format == pgx.BinaryFormatCode
	for rows.Next() {
		raw := rows.RawValues()
		var id int64
		if binaryID {
			id = int64(binary.BigEndian.Uint64(raw[0]))
		} else if id, err = strconv.ParseInt(string(raw[0]), 10, 64); err != nil {
			return err
		}
		if err := each(id, raw[1]); err != nil {
			return err
		}
	}
	return translatePostgres(rows.Err())
}
