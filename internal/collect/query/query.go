// Package query asks a database that belongs to somebody else one question and
// reads the answer row by row: PostgreSQL, MySQL and SQLite, read only. The
// statement is the recipe's; there is none of ours about data.
package query

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// The databases.
const (
	Postgres = "postgres"
	MySQL    = "mysql"
	SQLite   = "sqlite"
)

// Question is what to ask, and where.
type Question struct {
	// Driver is [Postgres], [MySQL] or [SQLite].
	Driver string
	// DSN is a URL or the text that is usual for the database: key=value for
	// PostgreSQL, user:password@tcp(host:port)/database for MySQL, the path of a
	// file for SQLite.
	DSN string
	// Statement is one statement that gives rows.
	Statement string
	// Outbound says which addresses may be dialled.
	Outbound outbound.Policy
	// RowBytes bounds what is read for one row.
	RowBytes int64
}

// The ways in which a question goes wrong.
const (
	// BadDSN: the address cannot be read.
	BadDSN = iota
	// Unreachable: there is no connection; Err says why.
	Unreachable
	// LoginRefused: the database does not accept the credentials.
	LoginRefused
	// NoDatabase: there is no such database or file.
	NoDatabase
	// Denied: the credentials do not allow the statement.
	Denied
	// TimedOut: the database ended the statement because it took too long.
	TimedOut
	// TooLarge: a row is larger than may be read.
	TooLarge
	// Refused: the statement is not one that can be run.
	Refused
)

// Error says how a question went wrong.
type Error struct {
	Kind int
	// Host is where the database is, empty for a file.
	Host string
	// Code is the database's own, such as a SQLSTATE.
	Code string
	// Said is what the database said.
	Said string
	Err  error
}

func (e *Error) Error() string { return e.Said }

func (e *Error) Unwrap() error { return e.Err }

// Ask asks. ready is called once the database has let us in, row with each row: the
// names of the columns with their values, as JSON has them. An error of row ends
// it and is returned as it is; what the database refuses is an [*Error].
func Ask(ctx context.Context, q Question, ready func(), row func(map[string]any) error) error {
	switch q.Driver {
	case Postgres:
		return askPostgres(ctx, q, ready, row)
	case MySQL:
		return askMySQL(ctx, q, ready, row)
	}
	return askSQLite(ctx, q, ready, row)
}

// rationed is a connection on which so many bytes come in for a row: a server
// could send one without end.
type rationed struct {
	net.Conn
	most int64
	left atomic.Int64
}

var errRation = errors.New("a row is too large")

// dial makes the connection to a server. plain says that it carries no TLS.
func (q Question) dial(ctx context.Context, network, address string, plain bool) (*rationed, error) {
	conn, err := q.Outbound.Dialer(plain).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	r := &rationed{Conn: conn, most: q.RowBytes}
	r.refill()
	return r, nil
}

// refill gives what the next row may take.
func (r *rationed) refill() { r.left.Store(r.most) }

func (r *rationed) Read(p []byte) (int, error) {
	if r.left.Load() <= 0 {
		return 0, errRation
	}
	n, err := r.Conn.Read(p)
	r.left.Add(-int64(n))
	return n, err
}

// distinct refuses columns that would overwrite each other.
func distinct(names []string) error {
	seen := map[string]bool{}
	for _, n := range names {
		if n == "" || seen[n] {
			return &Error{Kind: Refused, Said: "each column of the answer needs a name of its own: give it one with `as`"}
		}
		seen[n] = true
	}
	return nil
}

// moment is a time as records have it.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// number reports whether a text is a number that JSON has.
func number(text string) bool {
	text = strings.TrimPrefix(text, "-")
	return text != "" && text[0] >= '0' && text[0] <= '9' && strings.Trim(text, "0123456789.eE+-") == "" && (len(text) == 1 || text[0] != '0' || text[1] == '.')
}
