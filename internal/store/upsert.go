package store

import (
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/record"
)

// stored is what a push finds under one of its keys.
type stored struct {
	id, seq              int64
	hash                 []byte
	createdAt, updatedAt time.Time
}

// keep notes that row i is stored as it came.
func (u *upsert) keep(i int, old stored) {
	u.written[i] = record.Written{Outcome: record.Unchanged, CreatedAt: old.createdAt, UpdatedAt: old.updatedAt}
	u.counts.Unchanged++
}

func (u *upsert) replace(i int, old stored) {
	u.written[i] = record.Written{Outcome: record.Updated, CreatedAt: old.createdAt, UpdatedAt: u.at}
	u.counts.Updated++
}

func (u *upsert) create(i int) {
	u.written[i] = record.Written{Outcome: record.Created, CreatedAt: u.at, UpdatedAt: u.at}
	u.counts.Created++
}

func (u *upsert) id(i int) int64 { return recordID(u.resourceID, u.firstRecord+int64(i)) }

// upsert writes row by row with prepared statements. It tries to insert first:
// a refused insert costs one look at the unique index, which a new record
// needs anyway.
func (db *sqliteDB) upsert(q querier, u *upsert) error {
	for _, i := range byKey(u.rows) {
		row := &u.rows[i]
		if u.replaces == 0 {
			n, err := q.exec(`INSERT INTO record (id, resource_id, record_key, body, hash, change_seq, created_at, updated_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (resource_id, record_key) DO NOTHING`,
				u.id(i), u.resourceID, row.Key, text(row.Body), row.Hash[:], u.seq, u.at)
			if err != nil {
				return err
			}
			if n == 1 {
				u.create(i)
				continue
			}
		}
		var old stored
		err := one(q, "SELECT id, hash, change_seq, created_at, updated_at FROM record WHERE resource_id = $1 AND record_key = $2",
			[]any{u.resourceID, row.Key}, &old.id, &old.hash, &old.seq, &old.createdAt, &old.updatedAt)
		if errors.Is(err, errNoRow) || u.replaces != 0 && old.seq != u.replaces {
			return record.ErrChanged
		}
		if err != nil {
			return err
		}
		if string(old.hash) == string(row.Hash[:]) {
			u.keep(i, old)
			continue
		}
		if _, err := q.exec(closeVersion, old.id, u.at, u.seq, 0); err != nil {
			return err
		}
		if _, err := q.exec("UPDATE record SET body = $2, hash = $3, change_seq = $4, updated_at = $5 WHERE id = $1",
			old.id, text(row.Body), row.Hash[:], u.seq, u.at); err != nil {
			return err
		}
		u.replace(i, old)
	}
	return nil
}

// upsert writes in bulk by arrays: one look at all keys, then one statement
// for what is new and three for what changed.
func (db *postgresDB) upsert(q querier, u *upsert) error {
	keys := make([]string, len(u.rows))
	for i := range u.rows {
		keys[i] = u.rows[i].Key
	}
	found := make(map[string]stored, len(keys))
	err := q.query(`SELECT record_key, id, hash, change_seq, created_at, updated_at FROM record WHERE resource_id = $1 AND record_key = ANY($2::text[])`, func(r row) error {
		var key string
		var s stored
		if err := r.scan(&key, &s.id, &s.hash, &s.seq, &s.createdAt, &s.updatedAt); err != nil {
			return err
		}
		found[key] = s
		return nil
	}, u.resourceID, keys)
	if err != nil {
		return err
	}
	var created, updated columns
	for i := range u.rows {
		row := &u.rows[i]
		old, known := found[row.Key]
		switch {
		case u.replaces != 0 && (!known || old.seq != u.replaces):
			return record.ErrChanged
		case !known:
			created.add(u.id(i), row)
			u.create(i)
		case string(old.hash) == string(row.Hash[:]):
			u.keep(i, old)
		default:
			updated.add(old.id, row)
			u.replace(i, old)
		}
	}
	if len(created.ids) > 0 {
		if _, err := q.exec(`INSERT INTO record (id, resource_id, record_key, body, hash, change_seq, created_at, updated_at)
			SELECT n.id, $1, n.record_key, n.body, n.hash, $2, $3, $3
			FROM unnest($4::bigint[], $5::text[], $6::text[], $7::bytea[]) AS n (id, record_key, body, hash)`,
			u.resourceID, u.seq, u.at, created.ids, created.keys, created.bodies, created.hashes); err != nil {
			return err
		}
	}
	if len(updated.ids) == 0 {
		return nil
	}
	if _, err := q.exec(`INSERT INTO record_version (resource_id, record_id, record_key, body, valid_from, valid_to, closed_seq, deleted)
		SELECT resource_id, id, record_key, body, updated_at, $2, $3, 0 FROM record WHERE id = ANY($1::bigint[])`, updated.ids, u.at, u.seq); err != nil {
		return err
	}
	_, err = q.exec(`UPDATE record SET body = n.body, hash = n.hash, change_seq = $1, updated_at = $2
		FROM unnest($3::bigint[], $4::text[], $5::bytea[]) AS n (id, body, hash) WHERE record.id = n.id`,
		u.seq, u.at, updated.ids, updated.bodies, updated.hashes)
	return err
}

// columns are rows turned into arrays for unnest.
type columns struct {
	ids          []int64
	keys, bodies []string
	hashes       [][]byte
}

func (c *columns) add(id int64, r *record.Row) {
	c.ids = append(c.ids, id)
	c.keys = append(c.keys, r.Key)
	c.bodies = append(c.bodies, string(r.Body))
	c.hashes = append(c.hashes, r.Hash[:])
}
