package store

import (
	"strings"
	"time"
	"unsafe"

	"zombiezen.com/go/sqlite"

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
// is there already; if it passed over any, the rows of the block are looked at.
// Where a block met no new record, the next one is looked at first: the usual
// push is all new or all known.
func (db *sqliteDB) upsert(q querier, u *upsert) error {
	conn := q.(*sqliteQuerier).conn
	insert := u.replaces == 0
	for order := byKey(u.rows); len(order) > 0; {
		block := order[:min(len(order), perStatement)]
		order = order[len(block):]
		before := u.counts.Created
		if insert {
			n, err := u.insertMany(conn, block)
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
		if err := u.settle(conn, block); err != nil {
			return err
		}
		insert = u.replaces == 0 && u.counts.Created > before
	}
	return nil
}

// insertMany inserts the rows of a block whose keys are new and tells how many
// these were. It binds without going through interfaces: this is the hottest
// place of the program.
func (u *upsert) insertMany(conn *sqlite.Conn, block []int) (int64, error) {
	return u.put(conn, insertTexts[len(block)], block, u.id)
}

// put runs a statement that takes rows with ids of their own, and tells how many
// it changed.
func (u *upsert) put(conn *sqlite.Conn, sql string, block []int, id func(i int) int64) (int64, error) {
	stmt, err := conn.Prepare(sql)
	if err != nil {
		return 0, translateSQLite(err)
	}
	at := u.at.UnixMicro()
	p := 0
	for _, i := range block {
		r := &u.rows[i]
		stmt.BindInt64(p+1, id(i))
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

// The statements for blocks of 0 to perStatement rows.
var (
	insertTexts = statementTexts(insertInto, "(?,?,?,?,?,?,?,?)", " ON CONFLICT (resource_id, record_key) DO NOTHING")
	updateTexts = statementTexts(insertInto, "(?,?,?,?,?,?,?,?)", " ON CONFLICT (id) DO UPDATE SET body = excluded.body, hash = excluded.hash,"+
		" change_seq = excluded.change_seq, updated_at = "+later("record.updated_at", "excluded.updated_at"))
	lookTexts = statementTexts("SELECT record_key, id, hash, change_seq, created_at, updated_at FROM record WHERE resource_id = ? AND record_key IN (", "?", ")")
	// closeTexts move the present forms of records into the history.
	closeTexts = statementTexts(`INSERT INTO record_version (resource_id, record_id, record_key, body, valid_from, valid_to, closed_seq, deleted)
		SELECT resource_id, id, record_key, body, updated_at, `+later("updated_at", "?1")+", ?2, 0 FROM record WHERE id IN (", "?", ")")
)

func statementTexts(head, tuple, tail string) (texts [perStatement + 1]string) {
	for n := range texts {
		texts[n] = head + strings.TrimSuffix(strings.Repeat(tuple+",", n), ",") + tail
	}
	return texts
}

// settle looks at the rows of a block: each may have been inserted just now, be
// stored as it is, be stored differently, or be new.
func (u *upsert) settle(conn *sqlite.Conn, block []int) error {
	found, err := u.look(conn, block)
	if err != nil {
		return err
	}
	var created, changed []int
	for _, i := range block {
		row := &u.rows[i]
		old, known := found[row.Key]
		switch {
		case u.replaces != 0 && (!known || old.seq != u.replaces):
			return record.ErrChanged
		case !known:
			created = append(created, i)
			u.create(i)
		case old.id == u.id(i):
			u.create(i)
		case string(old.hash) == string(row.Hash[:]):
			u.keep(i, old)
		default:
			changed = append(changed, i)
			u.replace(i, old)
		}
	}
	if len(created) > 0 {
		if _, err := u.insertMany(conn, created); err != nil {
			return err
		}
	}
	if len(changed) == 0 {
		return nil
	}
	id := func(i int) int64 { return found[u.rows[i].Key].id }
	if err := u.closeMany(conn, changed, id); err != nil {
		return err
	}
	_, err = u.put(conn, updateTexts[len(changed)], changed, id)
	return err
}

// look reads what is stored under the keys of a block.
func (u *upsert) look(conn *sqlite.Conn, block []int) (map[string]stored, error) {
	stmt, err := conn.Prepare(lookTexts[len(block)])
	if err != nil {
		return nil, translateSQLite(err)
	}
	defer func() { _ = stmt.Reset() }()
	stmt.BindInt64(1, u.resourceID)
	for p, i := range block {
		stmt.BindText(p+2, u.rows[i].Key)
	}
	found := make(map[string]stored, len(block))
	r := sqliteRow{stmt}
	for {
		more, err := stmt.Step()
		if err != nil {
			return nil, translateSQLite(err)
		}
		if !more {
			return found, nil
		}
		var key string
		var s stored
		if err := r.scan(&key, &s.id, &s.hash, &s.seq, &s.createdAt, &s.updatedAt); err != nil {
			return nil, err
		}
		found[key] = s
	}
}

// closeMany closes the present versions of the records of a block.
func (u *upsert) closeMany(conn *sqlite.Conn, block []int, id func(i int) int64) error {
	stmt, err := conn.Prepare(closeTexts[len(block)])
	if err != nil {
		return translateSQLite(err)
	}
	stmt.BindInt64(1, u.at.UnixMicro())
	stmt.BindInt64(2, u.seq)
	for p, i := range block {
		stmt.BindInt64(p+3, id(i))
	}
	if _, err := stmt.Step(); err != nil {
		_ = stmt.Reset() // reports the same error again
		return translateSQLite(err)
	}
	return stmt.Reset()
}

// upsert writes in bulk by arrays: one look at all keys, then one statement
// for what is new and three for what changed.
func (db *postgresDB) upsert(q querier, u *upsert) error {
	keys := make([]string, len(u.rows))
	for i := range u.rows {
		keys[i] = u.rows[i].Key
	}
	found := make(map[string]stored, len(keys))
	// Each key is looked up by itself, of a resource that is not known beforehand: a
	// planner without statistics, or with those of other resources, would take the
	// resource for a small one and read it as a whole by the index of changes.
	err := q.query(`SELECT r.record_key, r.id, r.hash, r.change_seq, r.created_at, r.updated_at FROM
		(SELECT $1::bigint AS resource_id, unnest($2::text[]) AS record_key OFFSET 0) k,
		LATERAL (SELECT * FROM record WHERE resource_id = k.resource_id AND record_key = k.record_key LIMIT 1) r`, func(r row) error {
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
