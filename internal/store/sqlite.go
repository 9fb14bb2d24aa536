package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// sqliteFile is the database inside the data folder.
const sqliteFile = "plumbline.db"

// groupLimit bounds how many waiting transactions share one commit, and
// groupTime how long they may take together before it.
const (
	groupLimit = 64
	groupTime  = 5 * time.Millisecond
)

var sqliteDialect = dialect{words: map[string]string{
	"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "key": "INTEGER PRIMARY KEY", "bytes": "BLOB", "searched": ", search_key",
}}

// sqliteDB is the embedded database: one writer, whose waiting transactions
// are grouped into one commit, and a pool of readers. The low-level driver is
// used because database/sql costs a third of the write speed.
type sqliteDB struct {
	writer  *sqlite.Conn
	readers *sqlitex.Pool
	log     *checkpointer
	jobs    chan *sqliteJob
	stop    chan struct{}
	// ended is closed when the writer takes no more jobs.
	ended chan struct{}
}

type sqliteJob struct {
	ctx context.Context
	fn  func(querier) error
	// alone: it shares its commit with no other.
	alone bool
	err   chan error
}

func openSQLite(dir string) (*sqliteDB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data folder: %w", err)
	}
	path := filepath.Join(dir, sqliteFile)
	w, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pragmas(w, "journal_mode=WAL", "cache_size=-65536", fmt.Sprintf("wal_autocheckpoint=%d", logPages), "journal_size_limit=67108864"); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	pool, err := sqlitex.NewPool(path, sqlitex.PoolOptions{
		Flags: sqlite.OpenReadWrite, PoolSize: max(4, 2*runtime.NumCPU()) + maxLookers,
		PrepareConn: func(c *sqlite.Conn) error { return pragmas(c, "query_only=ON", "cache_size=-8192") },
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), w.Close())
	}
	log, err := newCheckpointer(path)
	if err != nil {
		return nil, errors.Join(err, pool.Close(), w.Close())
	}
	db := &sqliteDB{writer: w, readers: pool, log: log, jobs: make(chan *sqliteJob, groupLimit), stop: make(chan struct{}), ended: make(chan struct{})}
	go db.run()
	return db, nil
}

// pragmas sets what every connection needs and then the given ones. The page
// size counts only while the file is empty.
func pragmas(c *sqlite.Conn, more ...string) error {
	c.SetBusyTimeout(10 * time.Second)
	for _, p := range append([]string{"page_size=8192", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"}, more...) {
		if err := sqlitex.ExecuteTransient(c, "PRAGMA "+p, nil); err != nil {
			return fmt.Errorf("set %s: %w", p, err)
		}
	}
	return nil
}

func (db *sqliteDB) close() error {
	close(db.stop)
	<-db.ended
	return errors.Join(db.log.close(), db.readers.Close(), db.writer.Close())
}

func (db *sqliteDB) ping(ctx context.Context) error {
	return db.read(ctx, func(q querier) error { return q.query("SELECT 1", func(row) error { return nil }) })
}

func (db *sqliteDB) read(ctx context.Context, fn func(querier) error) error {
	if q := joint(ctx); q != nil {
		return fn(q)
	}
	return db.readAcquired(ctx, ctx, fn)
}

// readAcquired is read that waits for a reader as long as acquire allows.
func (db *sqliteDB) readAcquired(acquire, ctx context.Context, fn func(querier) error) (err error) {
	c, err := db.readers.Take(acquire)
	if err != nil {
		return fmt.Errorf("wait for a reader: %w", err)
	}
	defer db.readers.Put(c)
	defer c.SetInterrupt(c.SetInterrupt(ctx.Done()))
	q := &sqliteQuerier{c}
	if _, err := q.exec("BEGIN"); err != nil {
		return err
	}
	defer func() {
		c.SetInterrupt(nil)
		_, endErr := q.exec("ROLLBACK")
		err = errors.Join(err, endErr)
	}()
	return fn(q)
}

func (db *sqliteDB) write(ctx context.Context, fn func(querier) error) error {
	return db.enqueue(&sqliteJob{ctx: ctx, fn: fn})
}

// large keeps the transaction out of a savepoint: there SQLite remembers each page
// that is written again, and goes through all of them after each statement of
// several rows. 100,000 people took half a minute so.
func (db *sqliteDB) large(ctx context.Context, fn func(querier) error) error {
	return db.enqueue(&sqliteJob{ctx: ctx, fn: fn, alone: true})
}

func (db *sqliteDB) enqueue(j *sqliteJob) error {
	ctx := j.ctx
	if q := joint(ctx); q != nil {
		return j.fn(q)
	}
	j.err = make(chan error, 1)
	select {
	case db.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-db.stop:
		return errClosed
	}
	// Once it is queued the answer must be awaited: to give up here would
	// leave the caller in doubt about what was stored.
	select {
	case err := <-j.err:
		return err
	case <-db.ended:
	}
	select {
	case err := <-j.err:
		return err
	default:
		return errClosed
	}
}

var errClosed = errors.New("the database is closed")

// exclusive is write: BEGIN IMMEDIATE keeps other processes out.
func (db *sqliteDB) exclusive(ctx context.Context, fn func(querier) error) error {
	return db.write(ctx, fn)
}

func (db *sqliteDB) run() {
	defer close(db.ended)
	for {
		select {
		case j := <-db.jobs:
			db.groups(j)
		case <-db.stop:
			for {
				select {
				case j := <-db.jobs:
					db.groups(j)
				default:
					return
				}
			}
		}
	}
}

func (db *sqliteDB) groups(first *sqliteJob) {
	for first != nil {
		first = db.group(first)
	}
}

// group runs a transaction and those that wait behind it, each in a savepoint of
// its own, and commits them together. The first needs none. One that it may not
// run with others is given back.
func (db *sqliteDB) group(first *sqliteJob) (next *sqliteJob) {
	q := &sqliteQuerier{db.writer}
	if _, err := q.exec("BEGIN IMMEDIATE"); err != nil {
		first.err <- err
		return nil
	}
	start := time.Now()
	if err := attempt(first, q); err != nil {
		if !db.writer.AutocommitEnabled() {
			if _, rollbackErr := q.exec("ROLLBACK"); rollbackErr != nil {
				err = errors.Join(err, rollbackErr)
			}
		}
		first.err <- err
		return nil
	}
	ran := []*sqliteJob{first}
	for !first.alone && len(ran) < groupLimit && time.Since(start) < groupTime {
		var j *sqliteJob
		select {
		case j = <-db.jobs:
		default:
		}
		if j == nil {
			break
		}
		if j.alone {
			next = j
			break
		}
		if err := db.one(q, j); err != nil {
			j.err <- err
			// A full disk, among others, ends the whole transaction: what the
			// others did is lost, and what came now would stand alone.
			if db.writer.AutocommitEnabled() {
				for _, lost := range ran {
					lost.err <- fmt.Errorf("the transaction ended with another one: %w", err)
				}
				return next
			}
		} else {
			ran = append(ran, j)
		}
	}
	_, err := q.exec("COMMIT")
	if err != nil {
		_, rollbackErr := q.exec("ROLLBACK")
		err = errors.Join(err, rollbackErr)
	}
	for _, j := range ran {
		j.err <- err
	}
	db.log.committed()
	return next
}

// attempt runs what a transaction is; a panic in it is its error.
func attempt(j *sqliteJob, q *sqliteQuerier) (err error) {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v", p)
		}
	}()
	return j.fn(q)
}

// one runs one transaction in a savepoint.
func (db *sqliteDB) one(q *sqliteQuerier, j *sqliteJob) (err error) {
	if _, err := q.exec("SAVEPOINT job"); err != nil {
		return err
	}
	if err = attempt(j, q); err != nil {
		if _, backErr := q.exec("ROLLBACK TO job"); backErr != nil {
			err = errors.Join(err, backErr)
		}
	}
	if _, endErr := q.exec("RELEASE job"); endErr != nil {
		err = errors.Join(err, endErr)
	}
	return err
}

type sqliteQuerier struct{ conn *sqlite.Conn }

func (q *sqliteQuerier) dialect() dialect { return sqliteDialect }

// numbered caches the texts with $1 written as ?1: SQLite takes $1 for a name
// and would number it by first appearance.
var (
	numbered    sync.Map
	placeholder = regexp.MustCompile(`\$(\d+)`)
)

func (q *sqliteQuerier) prepare(sql string, args []any) (*sqlite.Stmt, error) {
	known, ok := numbered.Load(sql)
	if !ok {
		known, _ = numbered.LoadOrStore(sql, placeholder.ReplaceAllString(sql, "?$1"))
	}
	stmt, err := q.conn.Prepare(known.(string))
	if err != nil {
		return nil, translateSQLite(err)
	}
	for i, a := range args {
		if err := bind(stmt, i+1, a); err != nil {
			return nil, err
		}
	}
	return stmt, nil
}

func bind(stmt *sqlite.Stmt, i int, v any) error {
	switch v := argument(v).(type) {
	case nil:
		stmt.BindNull(i)
	case int64:
		stmt.BindInt64(i, v)
	case float64:
		stmt.BindFloat(i, v)
	case string:
		stmt.BindText(i, v)
	case text:
		stmt.BindText(i, unsafe.String(unsafe.SliceData(v), len(v)))
	case []byte:
		stmt.BindBytes(i, v)
	default:
		return fmt.Errorf("store: cannot bind a %T", v)
	}
	return nil
}

func (q *sqliteQuerier) exec(sql string, args ...any) (int64, error) {
	stmt, err := q.prepare(sql, args)
	if err != nil {
		return 0, err
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			_ = stmt.Reset() // reports the same error again
			return 0, translateSQLite(err)
		}
		if !more {
			break
		}
	}
	return int64(q.conn.Changes()), stmt.Reset()
}

func (q *sqliteQuerier) query(sql string, each func(row) error, args ...any) error {
	stmt, err := q.prepare(sql, args)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Reset() }()
	r := sqliteRow{stmt}
	for {
		more, err := stmt.Step()
		if err != nil {
			return translateSQLite(err)
		}
		if !more {
			return nil
		}
		if err := each(r); err != nil {
			return err
		}
	}
}

func translateSQLite(err error) error {
	switch sqlite.ErrCode(err) {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey, sqlite.ResultConstraintRowID:
		return fmt.Errorf("%w: %w", errDuplicate, err)
	case sqlite.ResultInterrupt:
		return fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return err
}

type sqliteRow struct{ stmt *sqlite.Stmt }

func (r sqliteRow) scan(dest ...any) error {
	s := r.stmt
	for i, d := range dest {
		switch d := d.(type) {
		case *int64:
			*d = s.ColumnInt64(i)
		case *string:
			*d = s.ColumnText(i)
		case *bool:
			*d = s.ColumnInt64(i) != 0
		case *[]byte:
			*d = r.copy(i)
		case *json.RawMessage:
			*d = r.copy(i)
		case *raw:
			n := s.ColumnLen(i)
			if cap(*d) < n {
				*d = make([]byte, n, 2*n)
			}
			*d = (*d)[:n]
			s.ColumnBytes(i, *d)
		case *time.Time:
			*d = fromMicros(s.ColumnInt64(i), s.ColumnIsNull(i))
		case **string:
			*d = nil
			if !s.ColumnIsNull(i) {
				v := s.ColumnText(i)
				*d = &v
			}
		case **int64:
			*d = nil
			if !s.ColumnIsNull(i) {
				v := s.ColumnInt64(i)
				*d = &v
			}
		default:
			return fmt.Errorf("store: cannot scan into a %T", d)
		}
	}
	return nil
}

func (r sqliteRow) copy(i int) []byte {
	if r.stmt.ColumnIsNull(i) {
		return nil
	}
	b := make([]byte, r.stmt.ColumnLen(i))
	r.stmt.ColumnBytes(i, b)
	return b
}
