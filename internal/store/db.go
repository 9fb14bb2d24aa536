package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// querier runs SQL inside one transaction. The same text runs on both
// databases: placeholders are $1, $2 …; where they differ, the dialect has the
// words.
type querier interface {
	// exec runs a statement and tells how many rows it changed.
	exec(sql string, args ...any) (int64, error)
	// query calls each for every row. What each scans into *raw is valid
	// during the call only.
	query(sql string, each func(row) error, args ...any) error
	// bodies calls each for every row of a query for an id and a body, which is
	// lent: nothing is allocated for a row.
	bodies(sql string, each func(id int64, body []byte) error, args ...any) error
	dialect() dialect
}

// row is one row of a result.
type row interface {
	// scan copies the columns into pointers to int64, string, bool, []byte,
	// raw, json.RawMessage, time.Time, or pointers to these. NULL gives the
	// zero value. Times are stored as microseconds since 1970 UTC.
	scan(dest ...any) error
}

// raw is a column's bytes without a copy.
type raw []byte

// text is bytes that are stored as TEXT.
type text []byte

// dialect is what differs between the databases beyond their drivers.
type dialect struct {
	postgres bool
	// forUpdate locks the selected rows until the transaction ends; SQLite has
	// one writer and needs no lock. Foreign keys are checked past the lock: who
	// refers to a locked row need not wait.
	forUpdate string
	// skipLocked is forUpdate that passes over rows that another transaction
	// has locked.
	skipLocked string
	// inOrder makes the planner read ranges along their index, for the rest of
	// the transaction. Without statistics it would rather sort them.
	inOrder string
	// whole makes the planner read tables as a whole where that is faster, and joined
	// those that they are joined with, too; see [wholly].
	whole, joined string
	// usual takes all of this back.
	usual string
	// words replace {{name}} in migrations.
	words map[string]string
}

// by follows a table that is read along an index of it. PostgreSQL finds it by
// its statistics, and by what [orderly] says.
func (d dialect) by(index string) string {
	if d.postgres {
		return ""
	}
	return " INDEXED BY " + index
}

// locking is forUpdate for one table of a query, by its alias.
func (d dialect) locking(alias string) string {
	if d.forUpdate == "" {
		return ""
	}
	return d.forUpdate + " OF " + alias
}

// unindexed follows a table that is read in the order of its rows, or by their
// numbers: SQLite would rather go by an index of what is counted, and look up every
// row of it.
func (d dialect) unindexed() string {
	if d.postgres {
		return ""
	}
	return " NOT INDEXED"
}

// walked is a condition on columns of a table with an alias by which the table is
// not read: SQLite takes any index for one that leads to few rows.
func (d dialect) walked(cond, alias string) string {
	if d.postgres {
		return cond
	}
	return strings.ReplaceAll(cond, alias+".", "+"+alias+".")
}

// within is the condition that a column of bytes has the bytes ? in it.
func (d dialect) within(column string) string {
	if d.postgres {
		return "position(CAST(? AS BYTEA) IN " + column + ") > 0"
	}
	return "instr(" + column + ", ?) > 0"
}

// holds is the condition that a column of text has the text ? in it, to the
// letter. In the embedded database it takes half the time of LIKE.
func (d dialect) holds(column string) string {
	if d.postgres {
		return "strpos(" + column + ", ?) > 0"
	}
	return "instr(" + column + ", ?) > 0"
}

// anew, as the first argument of a statement, has it planned each time.
type anew struct{}

// wholly is a query that reads a table from its first to its last row; join reports
// that so much is found that what it is joined with is read as a whole, too.
func wholly(q querier, join bool, sql string, each func(row) error, args ...any) error {
	d := q.dialect()
	if !d.postgres {
		return q.query(sql, each, args...)
	}
	plan := d.whole
	if join {
		plan = d.joined
	}
	if err := set(q, plan); err != nil {
		return err
	}
	if err := q.query(sql, each, append([]any{anew{}}, args...)...); err != nil {
		return err
	}
	return asUsual(q)
}

// database is one of the two drivers.
type database interface {
	// read runs fn in a read-only transaction that sees one moment.
	read(ctx context.Context, fn func(querier) error) error
	// reads runs fn with up to n such transactions, one at least; they need not
	// see the same moment.
	reads(ctx context.Context, n int, fn func([]querier) error) error
	// write runs fn in a transaction and returns after it is durable. fn may
	// run more than once.
	write(ctx context.Context, fn func(querier) error) error
	// large is write for a transaction that changes very many rows.
	large(ctx context.Context, fn func(querier) error) error
	// exclusive is write, one at a time among all exclusive ones of all
	// processes. On PostgreSQL it keeps no plain write out.
	exclusive(ctx context.Context, fn func(querier) error) error
	ping(ctx context.Context) error
	close() error
	// upsert is the bulk write of records, see records.go.
	upsert(q querier, u *upsert) error
	stage(q querier, u *staging) error
}

// Errors that drivers are translated to, by code.
var (
	errDuplicate = errors.New("duplicate key")
	errNoRow     = errors.New("no row")
)

// one runs a query that gives at most one row, errNoRow when it gives none.
func one(q querier, sql string, args []any, dest ...any) error {
	found := false
	err := q.query(sql, func(r row) error {
		found = true
		return r.scan(dest...)
	}, args...)
	if err == nil && !found {
		return errNoRow
	}
	return err
}

// micros is a time as it is stored; the zero time is NULL.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func fromMicros(v int64, null bool) time.Time {
	if null {
		return time.Time{}
	}
	return time.UnixMicro(v).UTC()
}

// nullID is an id as it is stored; 0 is NULL.
func nullID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// nullText is a text as it is stored; the empty one is NULL.
func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		// Only plain values made by this module come here.
		panic(fmt.Sprintf("store: cannot marshal %T: %v", v, err))
	}
	return string(b)
}

// argument turns what callers pass into what both drivers know.
func argument(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int:
		return int64(v)
	case time.Time:
		return micros(v)
	case *string:
		if v == nil {
			return nil
		}
		return *v
	case *int64:
		if v == nil {
			return nil
		}
		return *v
	case json.RawMessage:
		if v == nil {
			return nil
		}
		return text(v)
	}
	return v
}
