package sheet_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/sheet"
)

var things = sheet.Columns{Taken: []string{"id", "name", "note"}, Passed: []string{"owner", "createdAt"}, Needed: [][]string{{"id", "name"}}, MaxRows: 3}

// named are things with columns that people define: own.NAME.
var named = sheet.Columns{Taken: things.Taken, Passed: append([]string{"own"}, things.Passed...), MaxRows: 3, Others: "own.NAME", Named: func(name string) (column, why string) {
	name, ok := strings.CutPrefix(strings.ToLower(name), "own.")
	switch {
	case !ok:
		return "", ""
	case strings.HasPrefix(name, "no"):
		return "", "there is none"
	}
	return "own." + name, ""
}}

// told is a sheet as text: the rows with their lines, or the problems.
func told(s *sheet.Sheet) string {
	var out []string
	for _, p := range s.Problems {
		out = append(out, p.String())
	}
	for _, r := range s.Rows {
		out = append(out, strings.Join([]string{string(rune('0' + r.Line)), r.Cell("id"), r.Cell("name"), r.Cell("note")}, "|"))
	}
	return strings.Join(out, "\n")
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"commas":               {"id,name,note\n1,a,b\n2,c,\n", "2|1|a|b\n3|2|c|"},
		"semicolons":           {"id;name;note\r\n1;a,b;c\r\n", "2|1|a,b|c"},
		"a mark":               {"\ufeffid,name\n1,a\n", "2|1|a|"},
		"the separator said":   {"sep=;\nid;name\n1;a\n", "3|1|a|"},
		"said against count":   {"sep=,\r\nid,name\n1,\"a;b;c\"\n", "3|1|a;b;c|"},
		"names in any case":    {" ID ,Name\n1,a\n", "2|1|a|"},
		"another order":        {"note,id\nb,1\n", "2|1||b"},
		"quoted line breaks":   {"id,name\n1,\"a\nb\"\n2,c\n", "2|1|a\nb|\n4|2|c|"},
		"blank lines":          {"id,name\n\n ,\n1,a\n", "4|1|a|"},
		"short rows":           {"id,name,note\n1\n", "2|1||"},
		"formulas are texts":   {"id,name\n1,=1+1\n2,'=1+1\n3,''=x\n", "2|1|=1+1|\n3|2|=1+1|\n4|3|'=x|"},
		"columns of a list":    {"id,owner.email,createdAt,\n1,x,y,z\n", "2|1||"},
		"nothing":              {"", "line 1: the file is empty: its first line names the columns, id,name,note"},
		"only the first line":  {"id,name\n", ""},
		"no UTF-8":             {"id,name\n1,\xff\n", "the file is not UTF-8 text: save it as CSV in UTF-8"},
		"UTF-16":               {"i\x00d\x00", "the file is not UTF-8 text: save it as CSV in UTF-8"},
		"an unknown column":    {"id,nmae\n1,a\n", "line 1, column nmae: the column is not known: the columns are id, name, note"},
		"a column twice":       {"id,ID\n1,a\n", "line 1, column id: the column comes twice"},
		"no key":               {"note\nx\n", "line 1, column id: the column is missing: the file needs id or name"},
		"too many cells":       {"id,name\n1,a\n2,b,c\n", "line 3: the row has 3 cells; the first line has 2"},
		"too many rows":        {"id\n1\n2\n3\n4\n", "line 5: the file has more than 3 rows: split it"},
		"a quotation mark":     {"id,name\n1,a\"b\n", `line 2: a cell has a quotation mark in it: put the cell in quotation marks, and write "" for each mark in it`},
		"an open quotation":    {"sep=,\nid,name\n1,\"a\n2,b\n", "line 3: a cell that begins with a quotation mark does not end with one"},
		"a long unknown name":  {strings.Repeat("x", 200) + ",id\n", "line 1, column " + strings.Repeat("x", 80) + "…: the column is not known: the columns are id, name, note"},
		"only the mark":        {"\ufeff", "line 1: the file is empty: its first line names the columns, id,name,note"},
		"an unknown one below": {"id,note.x\n", "line 1, column note.x: the column is not known: the columns are id, name, note"},
	} {
		if got := told(sheet.Read([]byte(c.file), things)); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestColumnsThatPeopleDefine(t *testing.T) {
	long := "own." + strings.Repeat("x", 200)
	for name, c := range map[string]struct{ file, cell, want string }{
		"in any case":          {"id,OWN.Desk\n1,a\n", "own.desk", "a"},
		"one of a list":        {"id,own,own.desk\n1,a,b\n", "own.desk", "b"},
		"a long one":           {"id," + long + "\n1,a\n", long, "a"},
		"a written formula":    {"id,'=own.x\n1,a\n", "", "line 1, column =own.x: the column is not known: the columns are id, name, note and own.NAME"},
		"why it cannot be had": {"id,own.not\n1,a\n", "", "line 1, column own.not: there is none"},
		"twice":                {"own.a,Own.A\n1,a\n", "", "line 1, column own.a: the column comes twice"},
		"a long one twice":     {long + "," + long + "\n1,a\n", "", "line 1, column " + long[:80] + "…: the column comes twice"},
		"not known":            {"id,desk\n1,a\n", "", "line 1, column desk: the column is not known: the columns are id, name, note and own.NAME"},
	} {
		s := sheet.Read([]byte(c.file), named)
		got := told(s)
		if c.cell != "" && len(s.Rows) > 0 {
			got = s.Rows[0].Cell(c.cell)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestWrittenIsRead(t *testing.T) {
	rows := [][]string{{"id", "name", "note"}, {"1", "=1+1", "'-x"}, {"2", "+a\nb", "\"q\",;"}, {"3", "@", "''"}}
	text := sheet.Write(rows)
	for _, cell := range slices.Concat(must(csv.NewReader(strings.NewReader(string(text))).ReadAll())...) {
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			t.Errorf("a spreadsheet takes %q for a formula", cell)
		}
	}
	s := sheet.Read(text, things)
	for i, r := range s.Rows {
		if got := []string{r.Cell("id"), r.Cell("name"), r.Cell("note")}; !slices.Equal(got, rows[i+1]) {
			t.Errorf("wrote %q, read %q", rows[i+1], got)
		}
	}
	if len(s.Rows) != 3 {
		t.Fatalf("%d rows, problems %v", len(s.Rows), s.Problems)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestCellsAreNoFormulas(t *testing.T) {
	for cell, want := range map[string]string{"": "", "a": "a", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\ta": "'\ta", "\ra": "'\ra", "\na": "'\na",
		"'": "'", "'a": "'a", "'=": "''=", "''-": "'''-", "a=b": "a=b", "é": "é"} {
		got := sheet.Disarm(cell)
		if got != want || sheet.Rearm(got) != cell {
			t.Errorf("%q is written %q and read %q", cell, got, sheet.Rearm(got))
		}
	}
}

// Whatever comes, lines rise, stay within the file, and what was read can be
// written and read again.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"", "id,name\n1,a\n", "\ufeffsep=;\nid;name;note\n1;\"a\n\"\"b\";'=c\n", "id\n\"", "name,id\n,,\n", "id,name\r\n1,\"\r\n\"\r\n2", "own.x,'=own.y,own\n1,2,3", "own.no,OWN.A,own.a\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if s := sheet.Read(text, named); len(s.Problems) > 0 && len(s.Rows) > 0 {
			t.Fatal("rows beside problems")
		}
		s := sheet.Read(text, things)
		lines := strings.Count(string(text), "\n") + 1
		for _, p := range s.Problems {
			if p.Message == "" || p.Line < 0 || p.Line > lines {
				t.Fatalf("problem %+v in a file of %d lines", p, lines)
			}
		}
		if len(s.Problems) > 0 && len(s.Rows) > 0 {
			t.Fatal("rows beside problems")
		}
		names := []string{"id", "name", "note"}
		again := [][]string{names}
		last := 0
		for _, r := range s.Rows {
			if r.Line <= last || r.Line > lines {
				t.Fatalf("line %d after %d in a file of %d lines", r.Line, last, lines)
			}
			last = r.Line
			// One cell keeps the row from being blank.
			again = append(again, []string{"x" + r.Cell("id"), r.Cell("name"), r.Cell("note")})
		}
		back := sheet.Read(sheet.Write(again), things)
		if len(back.Problems) > 0 || len(back.Rows) != len(s.Rows) {
			t.Fatalf("%v: %d rows, %d wanted", back.Problems, len(back.Rows), len(s.Rows))
		}
		for i, r := range back.Rows {
			for n, name := range names {
				if got := r.Cell(name); got != strings.ReplaceAll(again[i+1][n], "\r\n", "\n") {
					t.Fatalf("wrote %q, read %q", again[i+1][n], got)
				}
			}
		}
	})
}
