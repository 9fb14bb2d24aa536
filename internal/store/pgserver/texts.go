//go:build unix

package pgserver

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Texts is all that a database holds, as text: to look for what must not be in
// it. Bytes stand there as they are and in hexadecimal.
func Texts(t testing.TB, url string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, table := range tables {
		rows, err := conn.Query(t.Context(), "SELECT x::text FROM "+table+" x")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			out.WriteString(line + "\n")
			for part := range strings.SplitSeq(line, `\x`) {
				digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789abcdef"))]
				if b, err := hex.DecodeString(digits); err == nil {
					out.Write(b)
				}
			}
		}
	}
	return out.String()
}
