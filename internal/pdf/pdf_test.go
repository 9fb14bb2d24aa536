package pdf_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/pdf"
	"github.com/plumbline-dev/plumbline/internal/pdf/pdftest"
)

var update = flag.Bool("update", false, "write the golden text anew")

func report(rows int) *pdf.Document {
	d := pdf.New("Evidence of “MFA” \\(1)", "Acme Inc. · made for a test", time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600)))
	d.Field("Organisation", "Ünïcødé Ελληνικά Кириллица – ™ €")
	d.Field("Not in the font", "日本語 😀 \U0010ffff \uffff")
	d.Field("Controls", "a\tb\x00c\u202ed\u200be\u2028f")
	d.Field("", "")
	d.Heading("Long")
	d.Text(strings.Repeat("every record of “Users” satisfies `mfa` is true. ", 10))
	d.Text("one\r\ntwo\n\nfour")
	t := d.Table(pdf.Column{Name: "Record", Share: 1}, pdf.Column{Name: "Name", Share: 2}, pdf.Column{Name: "Cause", Share: 3})
	for i := range rows {
		t.Row(fmt.Sprint(i), strings.Repeat("x", i), "`mfa` is false")
	}
	return d
}

func written(t testing.TB, d *pdf.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The text of a document changes only on purpose: run this test with -update and
// read the difference.
func TestTextIsGolden(t *testing.T) {
	const file = "testdata/report.txt"
	got := strings.Join(pdftest.Lines(t, written(t, report(90))), "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the text is\n%s", got)
	}
}

func TestTheSameContentMakesTheSameBytes(t *testing.T) {
	first := written(t, report(50))
	for range 5 {
		if again := written(t, report(50)); !bytes.Equal(first, again) {
			t.Fatal("the bytes differ")
		}
	}
	if bytes.Equal(first, written(t, report(51))) {
		t.Fatal("another row makes no difference")
	}
}

func TestPagesAreBounded(t *testing.T) {
	d := report(0)
	table := d.Table(pdf.Column{Name: "Record", Share: 1})
	rows := 0
	for table.Row(strings.Repeat("long ", 100_000)) {
		if rows++; rows > 10*pdf.MaxPages {
			t.Fatal("there is no end to it")
		}
	}
	if !d.Full() {
		t.Error("a row found no place, and the document is not full")
	}
	d.Heading("No place")
	d.Text("no place")
	d.Field("no", "place")
	if table.Row("no place") {
		t.Error("a full document takes another row")
	}
	lines := pdftest.Lines(t, written(t, d))
	if !slices.Contains(lines, fmt.Sprintf("Page %d of %d", pdf.MaxPages, pdf.MaxPages)) {
		t.Error("the last page has no number")
	}
	if slices.ContainsFunc(lines, func(s string) bool { return strings.Contains(s, "place") }) {
		t.Error("what found no place is there")
	}
	// Two rows of forty lines do not fit on one page.
	if rows > pdf.MaxPages {
		t.Errorf("%d rows stand on %d pages", rows, pdf.MaxPages)
	}
}

// Nothing that a text may hold is a failure.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "日本語", "\xff\xfe", "(\\)", "a\r\nb", strings.Repeat("x", 5000), "\U0001f600", "\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := pdf.New(text, text, time.Unix(0, 0))
		d.Field(text, text)
		d.Heading(text)
		d.Text(text)
		d.Table(pdf.Column{Name: text, Share: 1}, pdf.Column{Name: "b", Share: 9}).Row(text, text)
		pdftest.Lines(t, written(t, d))
	})
}
