package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/plumbline-dev/plumbline/internal/store"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// limits are the rates of the bare loop in records a second.
type limits struct{ created, updated float64 }

const bareRecords = 300_000

// bareSQLite measures what a loop of prepared multi-row statements reaches on
// the tables and indexes of the product, with the same settings, in commits of
// 500 records: nothing is received, checked, keyed or hashed.
func bareSQLite(ctx context.Context, r *report) (*limits, error) {
	l := &limits{}
	var err error
	if l.created, err = median(func() (float64, error) { c, _, err := bareRun(ctx); return c, err }); err != nil {
		return nil, err
	}
	if l.updated, err = median(func() (float64, error) { _, u, err := bareRun(ctx); return u, err }); err != nil {
		return nil, err
	}
	r.add("bare loop into SQLite, new sequential records", rate(l.created), "", "")
	r.add("bare loop into SQLite, updates with history, row by row", rate(l.updated), "", "")
	return l, nil
}

func rate(perSecond float64) string { return fmt.Sprintf("%.0f/s", perSecond) }

func bareRun(ctx context.Context) (created, updated float64, err error) {
	dir, err := os.MkdirTemp("", "plumbline-bare")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return 0, 0, err
	}
	if err := s.Close(); err != nil {
		return 0, 0, err
	}
	c, err := sqlite.OpenConn(filepath.Join(dir, "plumbline.db"), sqlite.OpenReadWrite|sqlite.OpenWAL)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = c.Close() }()
	for _, p := range []string{"synchronous=FULL", "cache_size=-65536", "wal_autocheckpoint=4000", "temp_store=MEMORY"} {
		if err := sqlitex.ExecuteTransient(c, "PRAGMA "+p, nil); err != nil {
			return 0, 0, err
		}
	}
	rows := make([]bareRow, bareRecords)
	for i := range rows {
		key := fmt.Sprintf("k-%09d", i)
		rows[i] = bareRow{key: key, body: string(small(key, i)), hash: strictjson.Fingerprint(small(key, i))}
	}
	start := time.Now()
	for at := 0; at < len(rows); at += batch {
		if err := bareInsert(c, at, rows[at:at+batch]); err != nil {
			return 0, 0, err
		}
	}
	created = bareRecords / time.Since(start).Seconds()
	start = time.Now()
	for at := 0; at < len(rows); at += batch {
		if err := bareUpdate(c, at, rows[at:at+batch]); err != nil {
			return 0, 0, err
		}
	}
	return created, bareRecords / time.Since(start).Seconds(), nil
}

type bareRow struct {
	key, body string
	hash      [16]byte
}

// perStatement is how many rows one prepared statement carries.
const perStatement = 50

var bareSQL = `INSERT INTO record (id, resource_id, record_key, body, hash, change_seq, created_at, updated_at) VALUES ` +
	strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?,?,?),", perStatement), ",") +
	` ON CONFLICT (resource_id, record_key) DO UPDATE SET body = excluded.body, hash = excluded.hash, change_seq = excluded.change_seq,
	updated_at = excluded.updated_at WHERE record.hash <> excluded.hash`

func bareInsert(c *sqlite.Conn, at int, rows []bareRow) error {
	return bareCommit(c, at, func(now int64) error {
		for len(rows) > 0 {
			stmt, err := c.Prepare(bareSQL)
			if err != nil {
				return err
			}
			for i, r := range rows[:perStatement] {
				p := i * 8
				stmt.BindInt64(p+1, 1<<36|int64(at+1))
				stmt.BindInt64(p+2, 1)
				stmt.BindText(p+3, r.key)
				stmt.BindText(p+4, r.body)
				stmt.BindBytes(p+5, r.hash[:])
				stmt.BindInt64(p+6, int64(at/batch+1))
				stmt.BindInt64(p+7, now)
				stmt.BindInt64(p+8, now)
				at++
			}
			if _, err := stmt.Step(); err != nil {
				return err
			}
			if err := stmt.Reset(); err != nil {
				return err
			}
			rows = rows[perStatement:]
		}
		return nil
	})
}

func bareUpdate(c *sqlite.Conn, at int, rows []bareRow) error {
	return bareCommit(c, at, func(now int64) error {
		for _, r := range rows {
			at++
			id := int64(1<<36 | at)
			if err := sqlitex.Execute(c, `INSERT INTO record_version (resource_id, record_id, record_key, body, valid_from, valid_to, closed_seq, deleted)
				SELECT resource_id, id, record_key, body, updated_at, ?, ?, 0 FROM record WHERE id = ?`, &sqlitex.ExecOptions{Args: []any{now, at, id}}); err != nil {
				return err
			}
			r.hash[0]++
			if err := sqlitex.Execute(c, `UPDATE record SET body = ?, hash = ?, change_seq = ?, updated_at = ? WHERE id = ?`,
				&sqlitex.ExecOptions{Args: []any{r.body, r.hash[:], bareRecords + at/batch, now, id}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// bareCommit is one transaction with its event and the change of the
// resource's row.
func bareCommit(c *sqlite.Conn, at int, write func(now int64) error) error {
	now := time.Now().UnixMicro()
	if err := sqlitex.Execute(c, "BEGIN IMMEDIATE", nil); err != nil {
		return err
	}
	if err := write(now); err != nil {
		return err
	}
	if err := sqlitex.Execute(c, `INSERT INTO event (id, type, category, source, description, created_at) VALUES (?, 'a', 'b', 'c', 'd', ?)`,
		&sqlitex.ExecOptions{Args: []any{fmt.Sprintf("%d-%d", at, now), now}}); err != nil {
		return err
	}
	if err := sqlitex.Execute(c, "UPDATE resource SET change_seq = change_seq + 1 WHERE id = 1", nil); err != nil {
		return err
	}
	return sqlitex.Execute(c, "COMMIT", nil)
}
