package query

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

func askPostgres(ctx context.Context, q Question, ready func(), row func(map[string]any) error) error {
	config, err := postgresConfig(q)
	if err != nil {
		return err
	}
	var line *rationed
	config.DialFunc = func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		if line, err = q.dial(ctx, network, address, false); err != nil {
			return nil, err
		}
		return line, nil
	}
	host := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return postgresError(host, err, true)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return postgresError(host, err, false)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	ready()
	// The extended protocol takes one statement only.
	rows, err := tx.Query(ctx, q.Statement, pgx.QueryExecModeExec, pgx.QueryResultFormats{pgx.TextFormatCode})
	if err != nil {
		return postgresError(host, err, false)
	}
	defer rows.Close()
	var names []string
	for _, f := range rows.FieldDescriptions() {
		names = append(names, f.Name)
	}
	if err := distinct(names); err != nil {
		return err
	}
	for rows.Next() {
		line.refill()
		item := make(map[string]any, len(names))
		raw := rows.RawValues()
		for i, f := range rows.FieldDescriptions() {
			if item[f.Name], err = postgresValue(conn.TypeMap(), f, raw[i]); err != nil {
				return &Error{Kind: Refused, Host: host, Said: fmt.Sprintf("the column %s cannot be read", f.Name)}
			}
		}
		if err := row(item); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return postgresError(host, err, false)
	}
	if len(names) == 0 {
		return &Error{Kind: Refused, Host: host, Said: "the statement gives no rows"}
	}
	return nil
}

var passwordGiven = regexp.MustCompile(`(?i)\bpassword\s*=`)

func postgresConfig(q Question) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(q.DSN)
	if err != nil {
		// The text of the error may hold the password.
		return nil, &Error{Kind: BadDSN, Said: "expected postgres://user:password@host:port/database"}
	}
	// A password of the process's own environment is not for this host.
	given := passwordGiven.MatchString(q.DSN)
	if u, err := url.Parse(q.DSN); err == nil && u.User != nil {
		_, has := u.User.Password()
		given = given || has
	}
	if !given {
		config.Password = ""
	}
	config.ConnectTimeout = 20 * time.Second
	config.RuntimeParams["default_transaction_read_only"] = "on"
	config.RuntimeParams["datestyle"] = "ISO"
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["application_name"] = "plumbline"
	config.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	return config, nil
}

// postgresValue is a value, which comes as text, as JSON has it.
func postgresValue(types *pgtype.Map, f pgconn.FieldDescription, raw []byte) (any, error) {
	if raw == nil {
		return nil, nil
	}
	text := string(raw)
	switch f.DataTypeOID {
	case pgtype.BoolOID:
		return text == "t", nil
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID, pgtype.OIDOID, pgtype.XID8OID, pgtype.XIDOID:
		if number(text) {
			return json.Number(text), nil
		}
		return text, nil
	case pgtype.JSONOID, pgtype.JSONBOID:
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		err := d.Decode(&v)
		return v, err
	}
	kind, ok := types.TypeForOID(f.DataTypeOID)
	if !ok {
		return text, nil
	}
	v, err := kind.Codec.DecodeValue(types, f.DataTypeOID, pgtype.TextFormatCode, raw)
	if err != nil {
		return text, nil
	}
	return plain(v, text), nil
}

// plain is a value of the driver as JSON has it, or the text where it has none.
func plain(v any, text string) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case int16, int32, int64, uint32, uint64, float32, float64:
		if t := fmt.Sprint(v); number(t) {
			return json.Number(t)
		}
		return text
	case time.Time:
		return moment(v)
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case netip.Addr:
		return v.String()
	case pgtype.Numeric:
		if t, err := v.Value(); err == nil {
			if s, ok := t.(string); ok && number(s) {
				return json.Number(s)
			}
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			t := ""
			if s, ok := e.(fmt.Stringer); ok {
				t = s.String()
			}
			out[i] = plain(e, t)
		}
		return out
	}
	return text
}

// postgresError says what went wrong with a server. connecting tells that there
// is no connection yet.
func postgresError(host string, err error, connecting bool) error {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		if errors.Is(err, errRation) {
			return &Error{Kind: TooLarge, Host: host, Err: err}
		}
		if !connecting && errors.Is(err, context.DeadlineExceeded) {
			return &Error{Kind: TimedOut, Host: host, Err: err}
		}
		return &Error{Kind: Unreachable, Host: host, Err: err}
	}
	e := &Error{Kind: Refused, Host: host, Code: said.Code, Said: said.Message}
	switch {
	case strings.HasPrefix(said.Code, "28"):
		e.Kind = LoginRefused
	case said.Code == "3D000":
		e.Kind = NoDatabase
	case said.Code == "42501":
		e.Kind = Denied
	case said.Code == "57014":
		e.Kind = TimedOut
	}
	return e
}
