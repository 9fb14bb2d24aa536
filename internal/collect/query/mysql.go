package query

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
)

// mysqlTarget is an address of MySQL.
type mysqlTarget struct {
	host, user, password, database string
	// plain says that there shall be no TLS.
	plain bool
}

var mysqlForm = regexp.MustCompile(`^([^:/@]*)(?::(.*))?@(?:tcp)?\(([^()]*)\)/([^?]*)(?:\?(.*))?$`)

// readMySQL reads user:password@tcp(host:port)/database?tls=false, or the same as
// a URL, mysql://user:password@host:port/database.
func readMySQL(dsn string) (mysqlTarget, error) {
	bad := &Error{Kind: BadDSN, Said: "expected mysql://user:password@host:port/database, or user:password@tcp(host:port)/database"}
	var t mysqlTarget
	var options string
	if u, err := url.Parse(dsn); err == nil && u.Scheme == "mysql" {
		t = mysqlTarget{host: u.Host, user: u.User.Username(), database: strings.TrimPrefix(u.Path, "/")}
		t.password, _ = u.User.Password()
		options = u.RawQuery
	} else {
		m := mysqlForm.FindStringSubmatch(dsn)
		if m == nil {
			return t, bad
		}
		t = mysqlTarget{host: m[3], user: m[1], password: m[2], database: m[4]}
		options = m[5]
	}
	query, err := url.ParseQuery(options)
	if err != nil || t.host == "" || strings.HasPrefix(t.host, "/") {
		return t, bad
	}
	for name := range query {
		// What else such an address may say is about programs.
		if value := query.Get(name); name == "tls" && value == "false" {
			t.plain = true
		} else if name == "tls" && value != "true" {
			return t, &Error{Kind: BadDSN, Said: "`tls` must be true or false"}
		}
	}
	if _, _, err := net.SplitHostPort(t.host); err != nil {
		t.host = net.JoinHostPort(strings.Trim(t.host, "[]"), "3306")
	}
	return t, nil
}

func askMySQL(ctx context.Context, q Question, ready func(), row func(map[string]any) error) error {
	t, err := readMySQL(q.DSN)
	if err != nil {
		return err
	}
	connecting, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var line *rationed
	stop := func() bool { return true }
	dial := func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		if line, err = q.dial(ctx, network, address, t.plain); err != nil {
			return nil, err
		}
		// The library knows no context while it shakes hands.
		stop = context.AfterFunc(connecting, func() { _ = line.Close() })
		return line, nil
	}
	name, _, _ := net.SplitHostPort(t.host)
	conn, err := client.ConnectWithDialer(connecting, "tcp", t.host, t.user, t.password, t.database, dial, func(c *client.Conn) error {
		if !t.plain {
			c.SetTLSConfig(&tls.Config{ServerName: name, MinVersion: tls.VersionTLS12, RootCAs: q.Outbound.Roots})
		}
		return nil
	})
	stop()
	if err != nil {
		return mysqlError(connecting, t.host, err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = line.Close() })()
	if err := conn.BeginTx(true, ""); err != nil {
		return mysqlError(ctx, t.host, err)
	}
	ready()
	var answer mysql.Result
	var kept error
	err = conn.ExecuteSelectStreaming(q.Statement, &answer, func(values []mysql.FieldValue) error {
		line.refill()
		item := make(map[string]any, len(values))
		for i, f := range answer.Fields {
			item[string(f.Name)] = mysqlValue(f, values[i])
		}
		kept = row(item)
		return kept
	}, func(r *mysql.Result) error {
		names := make([]string, len(r.Fields))
		for i, f := range r.Fields {
			names[i] = string(f.Name)
		}
		kept = distinct(names)
		return kept
	})
	switch {
	case kept != nil:
		return kept
	case err != nil:
		return mysqlError(ctx, t.host, err)
	case len(answer.Fields) == 0:
		return &Error{Kind: Refused, Host: t.host, Said: "the statement gives no rows"}
	}
	return nil
}

const binaryCharset = 63

// mysqlValue is a value as JSON has it. Dates are texts as the server writes them.
func mysqlValue(f *mysql.Field, v mysql.FieldValue) any {
	switch v.Type {
	case mysql.FieldValueTypeNull:
		return nil
	case mysql.FieldValueTypeUnsigned:
		return json.Number(strconv.FormatUint(v.AsUint64(), 10))
	case mysql.FieldValueTypeSigned:
		return json.Number(strconv.FormatInt(v.AsInt64(), 10))
	case mysql.FieldValueTypeFloat:
		return json.Number(strconv.FormatFloat(v.AsFloat64(), 'g', -1, 64))
	}
	raw := v.AsString()
	switch {
	case f.Type == mysql.MYSQL_TYPE_JSON:
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var value any
		if d.Decode(&value) == nil {
			return value
		}
	case f.Type == mysql.MYSQL_TYPE_NEWDECIMAL && number(string(raw)):
		return json.Number(raw)
	case f.Charset == binaryCharset && !dated(f.Type) || !utf8.Valid(raw):
		return base64.StdEncoding.EncodeToString(raw)
	}
	return string(raw)
}

// dated reports whether values of a type are times, which come in binary though
// they are text.
func dated(kind byte) bool {
	switch kind {
	case mysql.MYSQL_TYPE_TIMESTAMP, mysql.MYSQL_TYPE_DATE, mysql.MYSQL_TYPE_TIME, mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_YEAR, mysql.MYSQL_TYPE_NEWDATE:
		return true
	}
	return false
}

// mysqlError says what went wrong with a server.
func mysqlError(ctx context.Context, host string, err error) error {
	var said *mysql.MyError
	if !errors.As(err, &said) {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if errors.Is(err, errRation) {
			return &Error{Kind: TooLarge, Host: host, Err: err}
		}
		return &Error{Kind: Unreachable, Host: host, Err: err}
	}
	e := &Error{Kind: Refused, Host: host, Code: strconv.Itoa(int(said.Code)), Said: said.Message}
	switch said.Code {
	case mysql.ER_ACCESS_DENIED_ERROR:
		e.Kind = LoginRefused
	case mysql.ER_BAD_DB_ERROR:
		e.Kind = NoDatabase
	case mysql.ER_DBACCESS_DENIED_ERROR, mysql.ER_TABLEACCESS_DENIED_ERROR, mysql.ER_COLUMNACCESS_DENIED_ERROR, mysql.ER_SPECIFIC_ACCESS_DENIED_ERROR:
		e.Kind = Denied
	case 3024, mysql.ER_QUERY_INTERRUPTED:
		e.Kind = TimedOut
	}
	return e
}
