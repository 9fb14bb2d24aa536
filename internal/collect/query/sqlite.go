package query

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"
)

func askSQLite(ctx context.Context, q Question, ready func(), row func(map[string]any) error) error {
	if info, err := os.Stat(q.DSN); err != nil || !info.Mode().IsRegular() {
		return &Error{Kind: NoDatabase, Said: "there is no such file"}
	}
	conn, err := sqlite.OpenConn(q.DSN, sqlite.OpenReadOnly)
	if err != nil {
		return &Error{Kind: NoDatabase, Said: "the file cannot be opened as a database"}
	}
	defer func() { _ = conn.Close() }()
	conn.SetInterrupt(ctx.Done())
	conn.Limit(sqlite.LimitLength, int32(min(q.RowBytes, 1<<30)))
	if err := conn.SetAuthorizer(sqlite.AuthorizeFunc(looking)); err != nil {
		return err
	}
	text := strings.TrimSpace(q.Statement)
	statement, rest, err := conn.PrepareTransient(text)
	if err != nil {
		return sqliteError(err)
	}
	defer func() { _ = statement.Finalize() }()
	if strings.Trim(text[len(text)-rest:], "; \t\r\n") != "" {
		return &Error{Kind: Refused, Said: "there is more than one statement"}
	}
	names := make([]string, statement.ColumnCount())
	for i := range names {
		names[i] = statement.ColumnName(i)
	}
	if len(names) == 0 {
		return &Error{Kind: Refused, Said: "the statement gives no rows"}
	}
	if err := distinct(names); err != nil {
		return err
	}
	ready()
	for {
		more, err := statement.Step()
		if err != nil {
			return sqliteError(err)
		}
		if !more {
			return nil
		}
		item := make(map[string]any, len(names))
		for i, name := range names {
			item[name] = sqliteValue(statement, i)
		}
		if err := row(item); err != nil {
			return err
		}
	}
}

// looking allows what a question needs, and nothing that leads to another file.
func looking(a sqlite.Action) sqlite.AuthResult {
	switch a.Type() {
	case sqlite.OpSelect, sqlite.OpRead, sqlite.OpRecursive:
		return sqlite.AuthResultOK
	case sqlite.OpFunction:
		if !strings.EqualFold(a.Accessor(), "load_extension") {
			return sqlite.AuthResultOK
		}
	}
	return sqlite.AuthResultDeny
}

func sqliteValue(s *sqlite.Stmt, i int) any {
	switch s.ColumnType(i) {
	case sqlite.TypeInteger:
		return json.Number(strconv.FormatInt(s.ColumnInt64(i), 10))
	case sqlite.TypeFloat:
		if text := strconv.FormatFloat(s.ColumnFloat(i), 'g', -1, 64); number(text) {
			return json.Number(text)
		}
		return fmt.Sprint(s.ColumnFloat(i))
	case sqlite.TypeText:
		return s.ColumnText(i)
	case sqlite.TypeBlob:
		raw := make([]byte, s.ColumnLen(i))
		s.ColumnBytes(i, raw)
		return base64.StdEncoding.EncodeToString(raw)
	}
	return nil
}

func sqliteError(err error) error {
	code := sqlite.ErrCode(err)
	e := &Error{Kind: Refused, Code: code.String(), Said: err.Error()}
	switch code.ToPrimary() {
	case sqlite.ResultTooBig:
		e.Kind = TooLarge
	case sqlite.ResultInterrupt:
		e.Kind = TimedOut
	case sqlite.ResultAuth:
		e.Kind, e.Said = Denied, "the statement does more than look at this file"
	case sqlite.ResultNotADB, sqlite.ResultCantOpen:
		e.Kind = NoDatabase
	}
	return e
}
