package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCheckAccepts(t *testing.T) {
	wide := make([]string, 1000)
	for i := range wide {
		wide[i] = fmt.Sprintf(`"member %d":%d`, i, i)
	}
	for _, text := range []string{
		`{}`, `[]`, ` null `, `true`, `false`, `""`, `0`, `-0`, `-1.5e+3`, "\t\r\n[ 1 , 2 ]\n",
		`{"a":{"a":{"a":[]}},"b":[{"a":1},{"a":2}]}`,
		`"Gr\u00fc\u00dfe \ud83d\ude00 😀 é \" \\ \/ \b\f\n\r\t"`,
		`[9007199254740993,1.0,1e308,1e-400,-0.0]`,
		strings.Repeat("1", 64),
		strings.Repeat("[", 100) + strings.Repeat("]", 100),
		strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100),
		"{" + strings.Join(wide, ",") + "}",
		"[{" + strings.Join(wide, ",") + "},{" + strings.Join(wide, ",") + "}]",
		`{"":1,"a":2,"aa":3,"aaa":4,"aaaaaaaa":5,"aaaaaaaaa":6,"aaaaaaaaab":7,"baaaaaaaaa":8}`,
		`{"k":"` + strings.Repeat("x", 100_000) + `"}`,
		"\"\u007f\ufeff\ufffd\"",
	} {
		if err := Check([]byte(text)); err != nil {
			t.Errorf("%.80s: %v", text, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	wide := func(last string) string {
		var b strings.Builder
		for i := range 40 {
			fmt.Fprintf(&b, `"m%d":0,`, i)
		}
		return "{" + b.String() + last + "}"
	}
	for _, c := range []struct {
		text, pointer string
		offset        int
		reason        string
	}{
		{``, "", 0, "empty"},
		{"  \n", "", 3, "empty"},
		{"\xef\xbb\xbf{}", "", 0, "byte order mark"},
		{`{} x`, "", 3, "after the end"},
		{`{}{}`, "", 2, "after the end"},
		{`{"a":1,"a":2}`, "/a", 7, "twice"},
		{`{"x":[0,{"a":1,"\u0061":2}]}`, "/x/1/a", 15, "twice"},
		{`{"\n":1,"\u000a":2}`, "/\n", 8, "twice"},
		{`{"abcdefgh1":1,"b":2,"abcdefgh1":2}`, "/abcdefgh1", 21, "twice"},
		{wide(`"m7":1`), "/m7", -1, "twice"},
		{wide(`"\u006d7":1`), "/m7", -1, "twice"},
		{`{"a/b~c":[1,tru]}`, "/a~1b~0c/1", 12, "value is expected"},
		{"{\"a\":\"\xff\"}", "/a", 6, "UTF-8"},
		{"{\"\xc0\xaf\":1}", "", 2, "UTF-8"},
		{"\"\xed\xa0\x80\"", "", 1, "UTF-8"},
		{`["\ud800"]`, "/0", 2, "surrogate"},
		{`["\udc00\ud800"]`, "/0", 2, "surrogate"},
		{`["\ud800\u0041"]`, "/0", 2, "surrogate"},
		{`["\ud800x"]`, "/0", 2, "surrogate"},
		{`{"\ud800":1}`, "", 2, "surrogate"},
		{`{"a":"\u0000"}`, "/a", 6, "NUL"},
		{`{"\u0000":1}`, "", 2, "NUL"},
		{"[\"\x00\"]", "/0", 2, "control character"},
		{"[\"\n\"]", "/0", 2, "control character"},
		{`["\x"]`, "/0", 2, "unknown escape"},
		{`["\u12g4"]`, "/0", 2, "hexadecimal"},
		{`["\u12`, "/0", 2, "hexadecimal"},
		{`["abc`, "/0", 5, "inside a string"},
		{`["abc\`, "/0", 5, "inside a string"},
		{strings.Repeat("1", 65), "", 0, "64 bytes"},
		{`[0.` + strings.Repeat("1", 63) + `]`, "/0", 1, "64 bytes"},
		{`{"n":1e309}`, "/n", 5, "too large"},
		{`{"n":-1e309}`, "/n", 5, "too large"},
		{`[1e10000001]`, "/0", 1, "too large"},
		{`[01]`, "/0", 1, "zero"},
		{`[-]`, "/0", 2, "digit"},
		{`[1.]`, "/0", 3, "digit"},
		{`[.5]`, "/0", 1, "value is expected"},
		{`[1e]`, "/0", 3, "digit"},
		{`[1e+]`, "/0", 4, "digit"},
		{`[+1]`, "/0", 1, "value is expected"},
		{`[NaN]`, "/0", 1, "value is expected"},
		{`[1 2]`, "", 3, `"]"`},
		{`[1,]`, "/1", 3, "value is expected"},
		{`[`, "/0", 1, "ends where"},
		{`{"a":1,}`, "", 7, "member name"},
		{`{a:1}`, "", 1, "member name"},
		{`{"a" 1}`, "", 5, `":"`},
		{`{"a":`, "/a", 5, "ends where"},
		{`{"a":1`, "", 6, `"}"`},
		{`{`, "", 1, "member name"},
		{strings.Repeat("[", 101) + strings.Repeat("]", 101), strings.Repeat("/0", 100), 100, "deeper than 100"},
		{strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101), strings.Repeat("/a", 100), 500, "deeper than 100"},
		{strings.Repeat("[", 5_000_000), strings.Repeat("/0", 100), 100, "deeper than 100"},
	} {
		err := Check([]byte(c.text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%.60q: got %v, want a SyntaxError", c.text, err)
			continue
		}
		if syntax.Pointer != c.pointer || (c.offset >= 0 && syntax.Offset != c.offset) || !strings.Contains(syntax.Reason, c.reason) {
			t.Errorf("%.60q: got %+v, want pointer %q offset %d reason ~%q", c.text, *syntax, c.pointer, c.offset, c.reason)
		}
		if !strings.Contains(err.Error(), syntax.Pointer) || !strings.Contains(err.Error(), fmt.Sprint(syntax.Offset)) {
			t.Errorf("%.60q: the sentence %q lacks pointer or offset", c.text, err)
		}
	}
}

func TestPointerIsBounded(t *testing.T) {
	long := strings.Repeat("ü", 100_000)
	text := strings.Repeat(`{"`+long+`":`, 20) + "x"
	err := Check([]byte(text))
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || len(syntax.Pointer) > maxPointerBytes+4 || !strings.HasSuffix(syntax.Pointer, "…") {
		t.Fatalf("pointer of %d bytes", len(syntax.Pointer))
	}
}

// A refused text must leave nothing behind in the reused scanner.
func TestScannerIsCleanAfterRefusal(t *testing.T) {
	for range 100 {
		if Check([]byte(`{"a":{"b":{"c":1,"c":2}}}`)) == nil || Check([]byte(`{"c":1,"a":{"b":2}}`)) != nil {
			t.Fatal("state leaked from one text into the next")
		}
	}
}

func TestWideObjectIsLinear(t *testing.T) {
	var b strings.Builder
	b.WriteByte('{')
	const members = 200_000
	for i := range members {
		fmt.Fprintf(&b, `"%08x":0,`, i)
	}
	good := []byte(b.String() + `"last":0}`)
	if err := Check(good); err != nil {
		t.Fatal(err)
	}
	if err := Check([]byte(b.String() + `"00000000":0}`)); err == nil {
		t.Fatal("the duplicate of the first member was not seen")
	}
}

func TestGoodPathDoesNotAllocate(t *testing.T) {
	record := []byte(sampleRecord(1))
	wide := []byte(`{` + strings.Join(func() (m []string) {
		for i := range 40 {
			m = append(m, fmt.Sprintf(`"k%d":%d`, i, i))
		}
		return
	}(), ",") + `,"\u0041":"\n"}`)
	_ = Check(wide)
	if n := testing.AllocsPerRun(200, func() {
		if Check(record) != nil || Check(wide) != nil {
			t.Fatal("refused")
		}
	}); n >= 1 && !raceDetector {
		t.Errorf("%v allocations", n)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5e3,"x\u00e9\ud83d\ude00"],"b":null}`, `{"a":1,"\u0061":2}`, `"\ud800"`, `"\u0000"`, `1e309`,
		strings.Repeat("7", 65), strings.Repeat("[", 101) + strings.Repeat("]", 101), "\"\xff\"", `[01]`, `{"a":1,}`,
		sampleRecord(7), "\xef\xbb\xbf1", `{"a":{"x":1},"b":{"x":1},"c":[{"x":1,"x":1}]}`, `-`, `"\`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		reasons := slowReasons(text)
		err := Check(text)
		switch {
		case err == nil && len(reasons) > 0:
			t.Fatalf("accepted %q, but: %v", text, reasons)
		case err != nil && len(reasons) == 0:
			t.Fatalf("refused %q without a stated reason: %v", text, err)
		case err == nil && !json.Valid(text):
			t.Fatalf("accepted %q, which is not JSON", text)
		}
		var syntax *SyntaxError
		if err != nil && (!errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text)) {
			t.Fatalf("%q: %v", text, err)
		}
		// Unchecked text must not hurt the readers either.
		Members(text, func(_, v []byte) bool { Text(v); return true })
		Elements(text, func([]byte) bool { return true })
		AppendCompact(nil, text)
		Fingerprint(text)
		Merge(text, text)
		locate(text, len(text)/2)
		_, _ = Split(text)
	})
}
