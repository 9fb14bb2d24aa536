package pdf

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestX(t *testing.T) {
	d := New("Evidence of a run: “MFA” Ελληνικά Кириллица", "Acme Inc. · generated 2026", time.Unix(0, 0))
	d.Field("Organisation", "Acme Inc. 日本語 (x) \\ 1234567890 ñ ß ™ €")
	d.Heading("Logic")
	d.Text(strings.Repeat("every record of “Users” satisfies `mfa` is true. ", 10))
	d.Heading("Failing")
	tb := d.Table(Column{"Record", 1}, Column{"Name", 2}, Column{"Cause", 4})
	for i := range 200 {
		tb.Row(fmt.Sprint(i), "😀 name "+strings.Repeat("x", i%70), "`mfa` is false, expected true")
	}
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/evd.pdf", b.Bytes(), 0o644)
}
