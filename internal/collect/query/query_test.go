package query_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"
	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/outbound"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

const sqlRecipe = "collector: sql\ninputs: [{name: dsn, secret: true}, {name: query}]\nsql: {driver: %s, dsn: '${dsn}', query: '${query}'}\n"

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// outcome is what a run of a recipe did.
type outcome struct {
	records []string
	// steps are those that ended.
	steps []collect.Step
	err   error
}

// failure is the run's, with the step that failed.
func (o *outcome) failure(t *testing.T) (*collect.StepError, string) {
	t.Helper()
	for _, s := range o.steps {
		if s.Err != nil {
			return s.Err, s.Name
		}
	}
	t.Fatalf("no step failed; the run ended with %v", o.err)
	return nil, ""
}

// asked runs a recipe of one query.
func asked(t *testing.T, driver, dsn, query string, run collect.Run) *outcome {
	t.Helper()
	r, err := collect.Parse(fmt.Appendf(nil, sqlRecipe, driver))
	if err != nil {
		t.Fatal(err)
	}
	o := &outcome{}
	run.Inputs, run.Now = map[string]string{"dsn": dsn, "query": query}, start
	if !run.Outbound.Any {
		run.Outbound.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	run.Clock = func() time.Time { return start }
	run.Emit = func(record []byte) error {
		o.records = append(o.records, string(record))
		return nil
	}
	run.Step = func(s collect.Step) {
		if !s.EndedAt.IsZero() {
			o.steps = append(o.steps, s)
		}
	}
	o.err = r.Collect(t.Context(), run)
	return o
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestPostgres(t *testing.T) {
	dsn := pgserver.Start(t)
	// The server of the tests listens on a socket, which only who may reach
	// everything may use.
	socket := collect.Run{Outbound: outbound.Policy{Any: true}}
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, text := range []string{
		`create table person (id bigint primary key, name text, score numeric, ratio double precision, at timestamptz, day date, ok boolean, data jsonb, tags text[], raw bytea, uid uuid, addr inet, gap interval, none text)`,
		`insert into person values (9007199254740993, 'ada "x"', 12345678901234567890.120, 'NaN', '2026-11-21 10:00:00+01', '2026-01-02', true, '{"n": 9007199254740993}', '{a,b}', '\x00ff', '00000000-0000-0000-0000-000000000007', '10.0.0.1', '1 day', null)`,
		`create role reader login`,
	} {
		if _, err := conn.Exec(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	o := asked(t, "postgres", dsn, "select * from person", socket)
	if o.err != nil {
		t.Fatal(o.err)
	}
	same(t, o.records, `{"addr":"10.0.0.1","at":"2026-11-21T09:00:00Z","data":{"n":9007199254740993},"day":"2026-01-02T00:00:00Z","gap":"1 day","id":9007199254740993,"name":"ada \"x\"","none":null,"ok":true,`+
		`"ratio":"NaN","raw":"AP8=","score":12345678901234567890.120,"tags":["a","b"],"uid":"00000000-0000-0000-0000-000000000007"}`)
	if len(o.steps) != 3 || o.steps[0].Name != collect.StepAuthenticate || o.steps[1].Counts[collect.CountBytes] == 0 || o.steps[2].Counts[collect.CountRecords] != 1 {
		t.Errorf("%+v", o.steps)
	}
	if o := asked(t, "postgres", dsn, "select generate_series(1, 5000) as id", socket); o.err != nil || len(o.records) != 5000 {
		t.Error(o.err, len(o.records))
	}
	changed := func(user, database string) string {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		u.User, u.Path = url.UserPassword(user, "pa55word-of-it"), cmp.Or(database, u.Path)
		return u.String()
	}
	for _, c := range []struct{ dsn, query, code, step, fact string }{
		{dsn, "delete from person returning id", collect.CodeQuery, collect.StepFetch, "25006"},
		{dsn, "select set_config('transaction_read_only', 'off', true), nextval('nothing')", collect.CodeQuery, collect.StepFetch, ""},
		{dsn, "select 1 as id; delete from person", collect.CodeQuery, collect.StepFetch, "42601"},
		{dsn, "commit; delete from person", collect.CodeQuery, collect.StepFetch, "42601"},
		{dsn, "selekt", collect.CodeQuery, collect.StepFetch, "42601"},
		{dsn, "select 1 as a, 2 as a", collect.CodeQuery, collect.StepFetch, ""},
		{dsn, "set role reader", collect.CodeQuery, collect.StepFetch, ""},
		{changed("reader", ""), "select id from person", collect.CodeForbidden, collect.StepFetch, "42501"},
		{changed("nobody-there", ""), "select 1 as id", collect.CodeUnauthorized, collect.StepAuthenticate, "28000"},
		{changed("postgres", "/nothing-there"), "select 1 as id", collect.CodeNotFound, collect.StepAuthenticate, "3D000"},
		{"postgres://x:pa55word-of-it@127.0.0.1:1/x", "select 1 as id", collect.CodeConnectionRefused, collect.StepAuthenticate, ""},
		{"postgres://x:pa55word-of-it@10.1.2.3/x", "select 1 as id", collect.CodeAddressNotAllowed, collect.StepAuthenticate, ""},
		{"host=/var/run/postgresql user=x password=pa55word-of-it", "select 1 as id", collect.CodeAddressNotAllowed, collect.StepAuthenticate, ""},
		{"postgres://x:pa55word-of-it@nowhere.invalid/x", "select 1 as id", collect.CodeDNS, collect.StepAuthenticate, ""},
		{"postgres://x:pa55word-of-it@[", "select 1 as id", collect.CodeQuery, collect.StepAuthenticate, ""},
	} {
		run := socket
		if c.code == collect.CodeAddressNotAllowed {
			run = collect.Run{}
		}
		f, step := asked(t, "postgres", c.dsn, c.query, run).failure(t)
		if f.Code != c.code || step != c.step || c.fact != "" && f.Facts["code"] != c.fact {
			t.Errorf("%s: %s in %s: %s %v", c.query, f.Code, step, f.Message, f.Facts)
		}
		if strings.Contains(fmt.Sprint(f.Message, f.Facts), "pa55word") {
			t.Errorf("%s: the password is told: %s %v", c.query, f.Message, f.Facts)
		}
	}
	if f, _ := asked(t, "postgres", dsn, "select pg_sleep(100)::text as id", collect.Run{Outbound: socket.Outbound, Limits: collect.Limits{Time: 300 * time.Millisecond}}).failure(t); f.Code != collect.CodeTimeout {
		t.Error(f)
	}
	large := asked(t, "postgres", dsn, "select i as id, repeat('x', case i when 3 then 3000000 else 400000 end) as text from generate_series(1, 5) as i", collect.Run{Outbound: socket.Outbound, Limits: collect.Limits{ReplyBytes: 1 << 20}})
	if f, step := large.failure(t); f.Code != collect.CodeTooLarge || step != collect.StepFetch || len(large.records) > 2 {
		t.Error(f, step, len(large.records))
	}
	var n int
	if err := conn.QueryRow(ctx, "select count(*) from person").Scan(&n); err != nil || n != 1 {
		t.Error(n, err)
	}
}

func TestSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	err = sqlitex.ExecuteScript(conn, `create table person (id integer, name text, ratio real, raw blob, none text);
		insert into person values (9007199254740993, 'ada', 1.5, x'00ff', null), (2, 'bob', 1e300, null, null);`, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := asked(t, "sqlite", path, "select * from person order by name; ", collect.Run{Local: true})
	if o.err != nil {
		t.Fatal(o.err)
	}
	same(t, o.records, `{"id":9007199254740993,"name":"ada","none":null,"ratio":1.5,"raw":"AP8="}`, `{"id":2,"name":"bob","none":null,"ratio":1e+300,"raw":null}`)
	other := filepath.Join(t.TempDir(), "other.db")
	for query, want := range map[string]string{
		"delete from person returning id":     collect.CodeForbidden,
		"attach '" + other + "' as o":         collect.CodeForbidden,
		"pragma journal_mode = delete":        collect.CodeForbidden,
		"select load_extension('x') as id":    collect.CodeQuery,
		"select 1 as id; select 2 as id":      collect.CodeQuery,
		"selekt":                              collect.CodeQuery,
		"select 1 as a, 2 as a":               collect.CodeQuery,
		"select count(*) as id from nothing":  collect.CodeQuery,
		"select hex(zeroblob(2000000)) as id": collect.CodeTooLarge,
		"with recursive c(x) as (select 1 union all select x from c) select count(*) as id from c": collect.CodeTimeout,
	} {
		o := asked(t, "sqlite", path, query, collect.Run{Local: true, Limits: collect.Limits{Time: 300 * time.Millisecond, ReplyBytes: 1 << 20}})
		if o.err == nil {
			t.Errorf("%s: %v", query, o.records)
			continue
		}
		f, _ := o.failure(t)
		if f.Code != want {
			t.Errorf("%s: %s %s %v", query, f.Code, f.Message, f.Facts)
		}
	}
	text := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{other, t.TempDir(), text} {
		if f, _ := asked(t, "sqlite", bad, "select 1 as id from sqlite_master", collect.Run{Local: true}).failure(t); f.Code != collect.CodeFileNotFound {
			t.Errorf("%s: %s %s", bad, f.Code, f.Message)
		}
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("another file was made")
	}
}

// mysqlHandler answers over the wire of MySQL as a server would.
type mysqlHandler struct {
	server.EmptyHandler
	asked []string
}

func (h *mysqlHandler) UseDB(name string) error {
	if name != "app" {
		return mysql.NewDefaultError(mysql.ER_BAD_DB_ERROR, name)
	}
	return nil
}

func (h *mysqlHandler) HandleQuery(query string) (*mysql.Result, error) {
	h.asked = append(h.asked, query)
	switch {
	case query == "START TRANSACTION READ ONLY":
		return nil, nil
	case strings.Contains(query, "secret_table"):
		return nil, mysql.NewDefaultError(mysql.ER_TABLEACCESS_DENIED_ERROR, "SELECT", "me", "host", "secret_table")
	case !strings.HasPrefix(query, "select "):
		return nil, mysql.NewDefaultError(mysql.ER_PARSE_ERROR, "You have an error", query, 1)
	}
	set, err := mysql.BuildSimpleTextResultset([]string{"id", "name", "ratio", "none"}, [][]any{{uint64(1 << 63), "ada é", 1.5, nil}, {uint64(7), "bob", 2.5, nil}})
	if err != nil {
		return nil, err
	}
	return mysql.NewResult(set), nil
}

// The wire is that of go-mysql's own server: there is no MySQL among the programs
// of the tests.
func TestMySQL(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	handler := &mysqlHandler{}
	settings := server.NewServer("8.0.11", mysql.DEFAULT_COLLATION_ID, mysql.AUTH_NATIVE_PASSWORD, nil, nil)
	go func() {
		for {
			line, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = line.Close() }()
				c, err := settings.NewConn(line, "me", "pa55word-of-it", handler)
				for err == nil {
					err = c.HandleCommand()
				}
			}()
		}
	}()
	at := l.Addr().String()
	for _, dsn := range []string{"mysql://me:pa55word-of-it@" + at + "/app?tls=false", "me:pa55word-of-it@tcp(" + at + ")/app?tls=false&parseTime=true"} {
		o := asked(t, "mysql", dsn, "select * from person", collect.Run{})
		if o.err != nil {
			t.Fatal(o.err, o.steps)
		}
		same(t, o.records, `{"id":9223372036854775808,"name":"ada é","none":null,"ratio":1.5}`, `{"id":7,"name":"bob","none":null,"ratio":2.5}`)
	}
	if handler.asked[0] != "START TRANSACTION READ ONLY" {
		t.Error(handler.asked)
	}
	for _, c := range []struct{ dsn, query, code, step string }{
		{"mysql://me:pa55word-of-it@" + at + "/app?tls=false", "selekt", collect.CodeQuery, collect.StepFetch},
		{"mysql://me:pa55word-of-it@" + at + "/app?tls=false", "select * from secret_table", collect.CodeForbidden, collect.StepFetch},
		{"mysql://me:another-pa55word@" + at + "/app?tls=false", "select 1", collect.CodeUnauthorized, collect.StepAuthenticate},
		{"mysql://me:pa55word-of-it@" + at + "/nothing?tls=false", "select 1", collect.CodeNotFound, collect.StepAuthenticate},
		{"mysql://me:pa55word-of-it@" + at + "/app", "select 1", collect.CodeConnectionRefused, collect.StepAuthenticate},
		{"mysql://me:pa55word-of-it@127.0.0.1:1/app", "select 1", collect.CodeConnectionRefused, collect.StepAuthenticate},
		{"me:pa55word-of-it@tcp(10.1.2.3)/app", "select 1", collect.CodeAddressNotAllowed, collect.StepAuthenticate},
		{"mysql://me:pa55word-of-it@8.8.8.8/app?tls=false", "select 1", collect.CodeAddressNotAllowed, collect.StepAuthenticate},
		{"me:pa55word-of-it@unix(/tmp/mysql.sock)/app", "select 1", collect.CodeQuery, collect.StepAuthenticate},
		{"me:pa55word-of-it@tcp(" + at + ")/app?tls=skip-verify", "select 1", collect.CodeQuery, collect.StepAuthenticate},
		{"pa55word-of-it", "select 1", collect.CodeQuery, collect.StepAuthenticate},
	} {
		f, step := asked(t, "mysql", c.dsn, c.query, collect.Run{}).failure(t)
		if f.Code != c.code || step != c.step {
			t.Errorf("%s %s: %s in %s: %s %v", c.dsn, c.query, f.Code, step, f.Message, f.Facts)
		}
		if strings.Contains(fmt.Sprint(f.Message, f.Facts), "pa55word") {
			t.Errorf("the password is told: %s %v", f.Message, f.Facts)
		}
	}

	// A server that says nothing holds nobody up.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	f, _ := asked(t, "mysql", "mysql://me:pa55word-of-it@"+silent.Addr().String()+"/app?tls=false", "select 1", collect.Run{Limits: collect.Limits{Time: 200 * time.Millisecond}}).failure(t)
	if f.Code != collect.CodeTimeout {
		t.Error(f)
	}
}
