//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/plumbline-dev/plumbline/internal/store"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// bare writes what the product writes for a push into a database that the
// product has made, with its driver and its settings, and does nothing else:
// nothing is received, checked, keyed, hashed, ordered or answered. Each batch
// is one durable commit.
type bare struct {
	conn *sqlite.Conn
	dir  string
}

// bareSettings are those of the product's writer.
var bareSettings = []string{
	"synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-65536", "wal_autocheckpoint=16000", "journal_size_limit=67108864",
}

func openBare(ctx context.Context) (_ *bare, err error) {
	dir, err := os.MkdirTemp("", "plumbline-load-bare")
	if err != nil {
		return nil, err
	}
	b := &bare{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	b.conn, err = sqlite.OpenConn(filepath.Join(dir, "plumbline.db"), sqlite.OpenReadWrite|sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	b.conn.SetInterrupt(ctx.Done())
	for _, s := range bareSettings {
		if err := sqlitex.ExecuteTransient(b.conn, "PRAGMA "+s, nil); err != nil {
			return nil, fmt.Errorf("bare loop: set %s: %w", s, err)
		}
	}
	return b, nil
}

func (b *bare) close() error {
	var err error
	if b.conn != nil {
		err = b.conn.Close()
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

// bareResource is one resource with the state of its row.
type bareResource struct {
	*bare
	id, seq, next, count int64
}

func (b *bare) resource(id int64) (*bareResource, error) {
	now := time.Now().UnixMicro()
	if err := b.run(1, `INSERT INTO connection (id, name, provider_types, created_at, updated_at) VALUES (?, 'first', '["CUSTOM"]', ?, ?)`, id, now, now); err != nil {
		return nil, err
	}
	return &bareResource{b, id, 0, 1, 0}, b.run(1, `INSERT INTO resource (id, connection_id, name, display_name_key, schema_version, record_count, change_seq, next_record,
		session_fed, created_at, updated_at) VALUES (?, ?, 'first', 'name', 1, 0, 0, 1, 0, ?, ?)`, id, id, now, now)
}

// bareRow is a record as the loop gets it.
type bareRow struct {
	id        int64
	key, body string
	hash      [16]byte
}

// rows are the records as the product would number and order them: those of a
// batch by their keys, which the indexes take fastest.
func (r *bareResource) rows(of keys, salt int) []bareRow {
	var out []bareRow
	id := r.id<<36 | 1
	for n, key := range of {
		text := small(key, n+salt)
		out = append(out, bareRow{id, key, string(text), strictjson.Fingerprint(text)})
		id++
	}
	for part := range slices.Chunk(out, batch) {
		slices.SortFunc(part, func(a, b bareRow) int { return strings.Compare(a.key, b.key) })
	}
	return out
}

// insert writes new records and gives how many a second.
func (r *bareResource) insert(of keys) (float64, error) {
	return r.measure(r.rows(of, 0), func(rows []bareRow, now int64) error {
		r.next += int64(len(rows))
		r.count += int64(len(rows))
		return r.upsert(rows, now)
	}, "created")
}

// update writes other records under the keys of those that insert has written.
func (r *bareResource) update(of keys, salt int) (float64, error) {
	return r.measure(r.rows(of, salt), func(rows []bareRow, now int64) error {
		for block := range slices.Chunk(rows, perStatement) {
			stmt, err := r.conn.Prepare(bareHistory)
			if err != nil {
				return err
			}
			stmt.BindInt64(1, now)
			stmt.BindInt64(2, r.seq)
			for i := range block {
				stmt.BindInt64(i+3, block[i].id)
			}
			if err := r.step(stmt, len(block)); err != nil {
				return err
			}
		}
		return r.upsert(rows, now)
	}, "updated")
}

func (r *bareResource) measure(rows []bareRow, write func(rows []bareRow, now int64) error, what string) (float64, error) {
	atRest()
	begin := time.Now()
	for part := range slices.Chunk(rows, batch) {
		if err := r.commit(part, write, what); err != nil {
			return 0, fmt.Errorf("bare loop: %w", err)
		}
	}
	return float64(len(rows)) / time.Since(begin).Seconds(), nil
}

// perStatement is how many rows one prepared statement carries.
const perStatement = 50

var (
	bareUpsert = `INSERT INTO record (id, resource_id, record_key, body, hash, change_seq, created_at, updated_at) VALUES ` + repeated("(?,?,?,?,?,?,?,?)") +
		` ON CONFLICT (resource_id, record_key) DO UPDATE SET body = excluded.body, hash = excluded.hash, change_seq = excluded.change_seq,
		updated_at = excluded.updated_at WHERE record.hash <> excluded.hash`
	bareHistory = `INSERT INTO record_version (resource_id, record_id, record_key, body, valid_from, valid_to, closed_seq, deleted)
		SELECT resource_id, id, record_key, body, updated_at, ?, ?, 0 FROM record WHERE id IN (` + repeated("?") + `)`
)

func repeated(s string) string { return strings.Repeat(s+",", perStatement-1) + s }

func (r *bareResource) upsert(rows []bareRow, now int64) error {
	for block := range slices.Chunk(rows, perStatement) {
		stmt, err := r.conn.Prepare(bareUpsert)
		if err != nil {
			return err
		}
		p := 0
		for i := range block {
			row := &block[i]
			stmt.BindInt64(p+1, row.id)
			stmt.BindInt64(p+2, r.id)
			stmt.BindText(p+3, row.key)
			stmt.BindText(p+4, row.body)
			stmt.BindBytes(p+5, row.hash[:])
			stmt.BindInt64(p+6, r.seq)
			stmt.BindInt64(p+7, now)
			stmt.BindInt64(p+8, now)
			p += 8
		}
		if err := r.step(stmt, len(block)); err != nil {
			return err
		}
	}
	return nil
}

// commit is one transaction with its event and the change of the resource's
// row, as the product has them.
func (r *bareResource) commit(rows []bareRow, write func(rows []bareRow, now int64) error, what string) error {
	now := time.Now().UnixMicro()
	r.seq++
	if err := r.run(-1, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := write(rows, now); err != nil {
		return err
	}
	if err := r.run(1, "UPDATE resource SET change_seq = ?, next_record = ?, record_count = ?, fresh_at = ? WHERE id = ?", r.seq, r.next, r.count, now, r.id); err != nil {
		return err
	}
	counts := map[string]int64{"resourceId": r.id, "created": 0, "updated": 0, "unchanged": 0}
	counts[what] = int64(len(rows))
	metadata, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	if err := r.run(1, `INSERT INTO event (id, type, category, source, description, metadata, status, workspace_id, connection_id, test_id, test_name, user_id, key_id,
		request, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		uuid.NewString(), "CUSTOM_RESOURCE_RECORD_"+strings.ToUpper(what), "CUSTOM_CONNECTION", "PUBLIC_API",
		fmt.Sprintf("Records of “first”: %d created, %d updated, 0 unchanged", counts["created"], counts["updated"]), string(metadata),
		nil, nil, r.id, nil, nil, nil, int64(1), fmt.Sprintf("POST /public/v2/custom-connections/%d/resources/%d/records", r.id, r.id), now); err != nil {
		return err
	}
	return r.run(-1, "COMMIT")
}

// run runs a statement that the driver keeps prepared. It must change so many
// rows, unless changes is negative.
func (b *bare) run(changes int, sql string, args ...any) error {
	stmt, err := b.conn.Prepare(sql)
	if err != nil {
		return err
	}
	for i, a := range args {
		switch a := a.(type) {
		case nil:
			stmt.BindNull(i + 1)
		case int64:
			stmt.BindInt64(i+1, a)
		case string:
			stmt.BindText(i+1, a)
		default:
			return fmt.Errorf("bare loop: cannot bind a %T", a)
		}
	}
	return b.step(stmt, changes)
}

func (b *bare) step(stmt *sqlite.Stmt, changes int) error {
	_, err := stmt.Step()
	if err := errors.Join(err, stmt.Reset()); err != nil {
		return err
	}
	if got := b.conn.Changes(); changes >= 0 && got != changes {
		return fmt.Errorf("a statement of the bare loop changed %d rows instead of %d", got, changes)
	}
	return nil
}
