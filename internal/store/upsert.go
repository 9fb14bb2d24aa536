package store

import (
	"errors"
	"strings"
	"time"
	"unsafe"

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
	if old.updatedAt.After(u.at) {
		u.written[i].UpdatedAt = old.updatedAt
	}
	u.counts.Updated++
}

func (u *upsert) create(i int) {
	u.written[i] = record.Written{Outcome: record.Created, CreatedAt: u.at, UpdatedAt: u.at}
	u.counts.Created++
}

func (u *upsert) id(i int) int64 { return recordID(u.resourceID, u.firstRecord+int64(i)) }

// perStatement is how many rows one insert of SQLite carries.
const perStatement = 50

// upsert inserts many rows by one statement, which passes over those whose key
// is there already; if it passed over any, the rows are looked at one by one.
// Where a block met no new record, the next one is looked at first: the usual
// push is all new or all known.
func (db *sqliteDB) upsert(q querier, u *upsert) error {
	insert := u.replaces == 0
	for order := byKey(u.rows); len(order) > 0; {
		block := order[:min(len(order), perStatement)]
		order = order[len(block):]
		before := u.counts.Created
		if insert {
			n, err := db.insertMany(q, u, block)
			if err != nil {
				return err
			}
			if n == int64(len(block)) {
				for _, i := range block {
					u.create(i)
				}
				continue
			}
		}
		for _, i := range block {
			if err := db.upsertOne(q, u, i); err != nil {
				return err
			}
		}
		insert = u.replaces == 0 && u.counts.Created > before
	}
	return nil
}

// insertMany inserts the rows of a block whose keys are new and tells how many
// these were. It binds without going through interfaces: this is the hottest
// place of the program.
func (db *sqliteDB) insertMany(q querier, u *upsert, block []int) (int64, error) {
	conn := q.(*sqliteQuerier).conn
	stmt, err := conn.Prepare(insertSQL(len(block)))
	if err != nil {
		return 0, translateSQLite(err)
	}
	at := u.at.UnixMicro()
	p := 0
	for _, i := range block {
		r := &u.rows[i]
		stmt.BindInt64(p+1, u.id(i))
		stmt.BindInt64(p+2, u.resourceID)
		stmt.BindText(p+3, r.Key)
		stmt.BindText(p+4, unsafe.String(unsafe.SliceData(r.Body), len(r.Body)))
		stmt.BindBytes(p+5, r.Hash[:])
		stmt.BindInt64(p+6, u.seq)
		stmt.BindInt64(p+7, at)
		stmt.BindInt64(p+8, at)
		p += 8
	}
	if _, err := stmt.Step(); err != nil {
		_ = stmt.Reset() // reports the same error again
		return 0, translateSQLite(err)
	}
	return int64(conn.Changes()), stmt.Reset()
}

const insertInto = `INSERT INTO record (id, resource_id, record_key, body, hash, change_seq, created_at, updated_at) VALUES `

var insertTexts = func() (texts [perStatement + 1]string) {
	for n := range texts {
		texts[n] = insertInto + strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?,?,?),", n), ",") + " ON CONFLICT (resource_id, record_key) DO NOTHING"
	}
	return texts
}()

// insertSQL is the insert of n rows.
func insertSQL(n int) string { return insertTexts[n] }

var updateRecord = "UPDATE record SET body = $2, hash = $3, change_seq = $4, updated_at = " + later("updated_at", "$5") + " WHERE id = $1"

// upsertOne settles one row: it may have been inserted just now, be stored as
// it is, be stored differently, or be new.
func (db *sqliteDB) upsertOne(q querier, u *upsert, i int) error {
	row := &u.rows[i]
	var old stored
	err := one(q, "SELECT id, hash, change_seq, created_at, updated_at FROM record WHERE resource_id = $1 AND record_key = $2",
		[]any{u.resourceID, row.Key}, &old.id, &old.hash, &old.seq, &old.createdAt, &old.updatedAt)
	absent := errors.Is(err, errNoRow)
	if err != nil && !absent {
		return err
	}
	switch {
	case u.replaces != 0 && (absent || old.seq != u.replaces):
		return record.ErrChanged
	case absent:
		_, err := db.insertMany(q, u, []int{i})
		u.create(i)
		return err
	case old.id == u.id(i):
		u.create(i)
		return nil
	case string(old.hash) == string(row.Hash[:]):
		u.keep(i, old)
		return nil
	}
	if _, err := q.exec(closeVersion, old.id, u.at, u.seq, 0); err != nil {
		return err
	}
	_, err = q.exec(updateRecord,
		old.id, text(row.Body), row.Hash[:], u.seq, u.at)
	u.replace(i, old)
	return err
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
		SELECT resource_id, id, record_key, body, updated_at, `+later("updated_at", "$2")+`, $3, 0 FROM record WHERE id = ANY($1::bigint[])`, updated.ids, u.at, u.seq); err != nil {
		return err
	}
	_, err = q.exec(`UPDATE record SET body = n.body, hash = n.hash, change_seq = $1, updated_at = `+later("record.updated_at", "$2")+`
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
