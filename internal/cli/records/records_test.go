package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// listing is what a source gives: "LINE TEXT" or "LINE !REASON", the fatal
// error last.
func listing(in io.Reader, format string, columns func(string) Cell) string {
	var out strings.Builder
	src, err := Open(in, format, columns)
	for err == nil {
		var e Entry
		if e, err = src.Next(); err != nil {
			break
		}
		if e.Err != nil {
			fmt.Fprintf(&out, "%d !%v\n", e.Line, e.Err)
		} else {
			fmt.Fprintf(&out, "%d %s\n", e.Line, bytes.TrimSpace(e.Text))
		}
	}
	if !errors.Is(err, io.EOF) {
		fmt.Fprintf(&out, "fatal: %v\n", err)
	}
	return out.String()
}

func anyText(string) Cell { return TextCell }

func TestSources(t *testing.T) {
	typed, err := Columns(json.RawMessage(`{"properties":{"n":{"type":"integer"},"f":{"type":["number","null"]},
		"b":{"type":"boolean"},"s":{"type":"string"},"l":{"type":"array"},"o":{"type":["object","null"]},"m":{"type":["integer","string"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, format, in, want string
		columns                func(string) Cell
	}{
		{name: "empty", in: " \n\n"},
		{name: "one object", in: "\n {\n \"id\": 1\n}\n", want: "2 {\n \"id\": 1\n}\n"},
		{name: "one line", in: `{"id":1}`, want: "1 {\"id\":1}\n"},
		{name: "array", in: "[\n{\"id\":1},\n\n {\"id\":2}\n]\n", want: "2 {\"id\":1}\n4 {\"id\":2}\n"},
		{name: "empty array", in: "[]"},
		{name: "array of other things", in: "[1, {\"id\":2}, null]",
			want: "1 !a record must be a JSON object\n1 {\"id\":2}\n1 !a record must be a JSON object\n"},
		{name: "array with a strict fault", in: "[{\"id\":1,\"id\":2},{\"id\":3}]", want: "1 !/id\n1 {\"id\":3}\n"},
		{name: "cut array", in: "[{\"id\":1},\n{\"id\"", want: "1 {\"id\":1}\nfatal: the JSON ends before it is complete\n"},
		{name: "after the array", in: "[{\"id\":1}]\n[]", want: "1 {\"id\":1}\nfatal: line 2: there is something after the end of the JSON array\n"},
		{name: "broken array", in: "[{\"id\":1},\n{\"id\":2},\n{id:3}]", want: "1 {\"id\":1}\n2 {\"id\":2}\nfatal: line 3: the input is not JSON from here on"},
		{name: "objects in a row", in: "{\n\"id\":1}\n{\"id\":2}{\"id\":3}", want: "1 {\n\"id\":1}\n3 {\"id\":2}\n3 {\"id\":3}\n"},
		{name: "byte order mark", in: "\xEF\xBB\xBF[{\"id\":1}]", want: "1 {\"id\":1}\n"},
		{name: "UTF-16", in: "\xFF\xFE[\x00", want: "fatal: the input is UTF-16: save it as UTF-8\n"},
		{name: "no JSON", in: "hello", want: "fatal: the input is neither JSON nor NDJSON"},
		{name: "ndjson", in: "{\"id\":1}\r\n\r\n{\"id\":2}\nnope\n[]\n{\"id\":\"\xff\"}\n{\"id\":4}",
			want: "1 {\"id\":1}\n3 {\"id\":2}\n4 !\n5 !a record must be a JSON object\n6 !\n7 {\"id\":4}\n"},
		{name: "ndjson, two on a line", format: NDJSON, in: "{\"id\":1}{\"id\":2}", want: "1 !\n"},
		{name: "csv", format: CSV, in: "id,name\n1,Ada\n2,\"B\nb\"\n3,\n", columns: anyText,
			want: "2 {\"id\":\"1\",\"name\":\"Ada\"}\n3 {\"id\":\"2\",\"name\":\"B\\u000ab\"}\n5 {\"id\":\"3\"}\n"},
		{name: "ragged csv", format: CSV, in: "id,name\n1\n2,Bob,x\n3,Cy\n", columns: anyText,
			want: "2 !the line has 1 cells where the header has 2\n3 !the line has 3 cells where the header has 2\n4 {\"id\":\"3\",\"name\":\"Cy\"}\n"},
		{name: "bare quote", format: CSV, in: "id,name\n1,a\"b\n2,c\n", columns: anyText, want: "2 !\n3 {\"id\":\"2\",\"name\":\"c\"}\n"},
		{name: "bad UTF-8 in csv", format: CSV, in: "id,name\n1,\xff\n2,c\n", columns: anyText,
			want: "2 !the cell in column \"name\" is not valid UTF-8\n3 {\"id\":\"2\",\"name\":\"c\"}\n"},
		{name: "csv without header", format: CSV, in: "", columns: anyText, want: "fatal: the CSV is empty"},
		{name: "csv, same column twice", format: CSV, in: "a,a\n", columns: anyText, want: "fatal: the CSV has two columns named \"a\"\n"},
		{name: "csv, nameless column", format: CSV, in: "a, \n", columns: anyText, want: "fatal: column 2 of the CSV has no name\n"},
		{name: "typed csv", format: CSV, columns: typed, in: "n,f,b,s,l,o,m,x\n" +
			"9007199254740993,1.0,TRUE,1,\"[1,2]\",\"{\"\"a\"\":1}\",7,8\n,null,false,null,[],null,seven,\n",
			want: `2 {"n":9007199254740993,"f":1.0,"b":true,"s":"1","l":[1,2],"o":{"a":1},"m":7,"x":"8"}` + "\n" +
				`3 {"f":null,"b":false,"s":"null","l":[],"o":null,"m":"seven"}` + "\n"},
		{name: "typed csv, wrong", format: CSV, columns: typed, in: "n,f,b,l\n1.5,,,\n,x,,\n,,1,\n,,,{}\n0x1,,,\n,1e999,,\n",
			want: "2 !column \"n\": \"1.5\" is not a whole number\n3 !column \"f\": \"x\" is not a number\n4 !column \"b\": \"1\" is not true or false\n" +
				"5 !column \"l\": \"{}\" is not a JSON array\n6 !column \"n\": \"0x1\" is not a whole number\n7 !column \"f\": \"1e999\" is not a number\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			format := c.format
			if format == "" {
				format = Auto
			}
			for name, in := range map[string]io.Reader{"whole": strings.NewReader(c.in), "byte by byte": iotest.OneByteReader(strings.NewReader(c.in))} {
				got := listing(in, format, c.columns)
				if !alike(got, c.want) {
					t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.want)
				}
			}
		})
	}
}

// alike compares line by line; a wanted line that ends in ! or begins with
// "fatal:" is the beginning of the one that came, and "!/x" must be part of it.
func alike(got, want string) bool {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(g) != len(w) {
		// A fatal error ends the listing with a line break that the want may lack.
		if len(g) != len(w)+1 || g[len(g)-1] != "" {
			return false
		}
	}
	for i := range w {
		head, pointer, found := strings.Cut(w[i], "!/")
		switch {
		case g[i] == w[i]:
		case strings.HasPrefix(w[i], "fatal:") && strings.HasPrefix(g[i], w[i]):
		case strings.HasSuffix(w[i], "!") && strings.HasPrefix(g[i], w[i]):
		case found && strings.HasPrefix(g[i], head+"!") && strings.Contains(g[i], "/"+pointer):
		default:
			return false
		}
	}
	return true
}

// endless gives the same bytes for ever.
type endless struct {
	head string
	fill byte
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	for i := n; i < len(p); i++ {
		p[i] = e.fill
	}
	e.read += len(p)
	return len(p), nil
}

// One value without end must be refused after a bounded number of bytes.
func TestEndlessValues(t *testing.T) {
	for _, c := range []struct{ name, format, head string }{
		{"string in an array", Auto, `[{"id":"`},
		{"object", Auto, "{\n\"id\":\""},
		{"csv quote", CSV, "id\n\"a"},
		{"csv header", CSV, "\""},
		{"spaces in an array", JSON, "[ "},
	} {
		in := &endless{head: c.head, fill: ' '}
		got := listing(in, c.format, anyText)
		if !strings.Contains(got, "larger than") {
			t.Errorf("%s: %q", c.name, got)
		}
		if in.read > 4*maxRecord {
			t.Errorf("%s: %d bytes were read", c.name, in.read)
		}
	}
}

func TestHugeLineRefusesItselfOnly(t *testing.T) {
	in := "{\"id\":1}\n{\"x\":\"" + strings.Repeat("y", 2*maxRecord) + "\"}\n{\"id\":3}\n"
	got := listing(strings.NewReader(in), NDJSON, nil)
	if want := fmt.Sprintf("1 {\"id\":1}\n2 !%v\n3 {\"id\":3}\n", errLong); got != want {
		t.Errorf("got %.200q", got)
	}
}

func TestReadErrorIsTold(t *testing.T) {
	broken := errors.New("the disk is gone")
	for format, head := range map[string]string{
		NDJSON: "{\"id\":1}\n{", JSON: `[{"id":1},`, CSV: "id\n1\n2",
	} {
		got := listing(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)), format, anyText)
		if !strings.Contains(got, "fatal: ") || !strings.Contains(got, broken.Error()) {
			t.Errorf("%s: %q", format, got)
		}
	}
}

// Whatever its layout, an input gives the records that were put into it.
func TestLayoutsAgree(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		var records []string
		for i := range rnd.IntN(8) {
			records = append(records, fmt.Sprintf(`{"id":%d,"x":%s}`, i, []string{"1.0", `"a\nb"`, "null", "[1,[2]]", `{"y":{}}`, `" ] } "`}[rnd.IntN(6)]))
		}
		for name, in := range map[string]string{
			"ndjson": strings.Join(records, "\n"),
			"array":  "[" + strings.Join(records, " ,\n") + "]",
			"row":    strings.Join(records, strings.Repeat(" ", rnd.IntN(2))),
		} {
			format := Auto
			if name == "row" {
				format = JSON
			}
			var got []string
			src, err := Open(strings.NewReader(in), format, nil)
			for err == nil {
				var e Entry
				if e, err = src.Next(); err == nil {
					got = append(got, string(bytes.TrimSpace(e.Text)))
				}
			}
			if !errors.Is(err, io.EOF) || strings.Join(got, "|") != strings.Join(records, "|") {
				t.Fatalf("%s: error %v\ngot  %v\nwant %v", name, err, got, records)
			}
		}
	}
}

// No input may panic or give a record that the server's gate refuses.
func FuzzSource(f *testing.F) {
	for _, s := range []string{"", "[", "[{}]", "{}\n{}", "{\n}", "a,b\n1,2\n", "\"", "[{\"a\":1},]", "\xEF\xBB\xBF{}", "{}{}", "[[]]", "a\n\"\n"} {
		for _, format := range []string{Auto, CSV, NDJSON} {
			f.Add(s, format)
		}
	}
	f.Fuzz(func(t *testing.T, in, format string) {
		format, err := FormatOf(format, "")
		if err != nil {
			return
		}
		src, err := Open(strings.NewReader(in), format, anyText)
		last := 0
		for err == nil {
			var e Entry
			if e, err = src.Next(); err != nil {
				break
			}
			if e.Line < last || e.Line < 1 {
				t.Fatalf("line %d comes after line %d", e.Line, last)
			}
			last = e.Line
			if e.Err == nil && strictjson.Check(e.Text) != nil {
				t.Fatalf("record %q is not strict JSON", e.Text)
			}
		}
	})
}
