package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

// applied is a text after a fix, whose edits count UTF-16 units.
func applied(text string, f *Fix) string {
	units := utf16.Encode([]rune(text))
	for i := len(f.Edits) - 1; i >= 0; i-- {
		e := f.Edits[i]
		units = append(append(append([]uint16{}, units[:e.From]...), utf16.Encode([]rune(e.Text))...), units[e.To:]...)
	}
	return string(utf16.Decode(units))
}

const inspectSchema = `{"type":"object","required":["mfa"],"properties":{"mfa":{"type":"boolean"},"age":{"type":"integer"},"role":{"enum":["admin","user"]},
	"note":{"type":["string","null"]},"host":{"type":"object","properties":{"os name":{"type":"string"},"disks":{"type":"array","items":{"type":"object","properties":{"size":{"type":"number"}}}}}}}}`

func TestInspect(t *testing.T) {
	known, err := ParseConditions(map[string]json.RawMessage{"strong": json.RawMessage(`{"fact":"mfa","operator":"equal","value":true}`)})
	if err != nil {
		t.Fatal(err)
	}
	around := Surroundings{Conditions: known, Schema: func(id int64) []byte {
		if id == 1 || id == 0 {
			return []byte(inspectSchema)
		}
		return nil
	}}
	for _, c := range []struct {
		what Subject
		text string
		// want has a line for each diagnostic: the text that it is about, severity, pointer, how its
		// message begins; then what the text is after its fix.
		want []string
	}{
		{SubjectEvaluator, `{"all":[{"fact":"mfa","operator":"equal","value":true}]}`, nil},
		{SubjectEvaluator, `{"fact":"mfa","operator":"equal","value":true}`, []string{
			`{"fact":"mfa","operator":"equal","value":true}| error  the root of an evaluator must be`, `{"all": [{"fact":"mfa","operator":"equal","value":true}]}`}},
		{SubjectCondition, `{"fact":"mfa","operator":"equal","value":true}`, nil},
		// Every refusal is told, and what is worth a remark beside them.
		{SubjectEvaluator, "{\"all\":[\n {\"fact\":\"😀\",\"operator\":\"equals\",\"value\":1},\n {\"any\":[{\"fact\":\"age\",\"operatr\":\"in\",\"value\":1}]},\n {\"fact\":\"mfaa\",\"operator\":\"exists\",\"value\":true},\n {\"condition\":\"stron\"}]}", []string{
			`"equals"| error /all/0/operator unknown operator`, "\x00\"equal\"",
			`"operatr"| error /all/1/any/0/operatr unknown key`, "\x00\"operator\"",
			`"mfaa"| warning /all/2/fact the schema has no property`, "\x00\"mfa\"",
			`"stron"| error /all/3/condition there is no condition named`, "\x00\"strong\""}},
		{SubjectLogic, "{\"groups\":[\n  {\"resourceId\":1,\"evaluator\":{\"all\":[{\"fact\":\"host\",\"path\":\"$['os nam']\",\"operator\":\"exists\",\"value\":true}]}},\n  {\"resourceId\":2,\"evaluator\":{\"all\":[{\"fact\":\"x\",\"operator\":\"exists\",\"value\":true}]},\"onEmpty\":\"pas\",\"assertion\":{\"kind\":\"cnt\"}}]}", []string{
			`"$['os nam']"| warning /groups/0/evaluator/all/0/path the schema has no property`, "\x00\"$['os name']\"",
			`"pas"| error /groups/1/onEmpty`, "\x00\"pass\"", `"cnt"| error /groups/1/assertion/kind`, ""}},
		{SubjectLogic, `{"all":[{"fact":"age","operator":"equal","value":"5"},{"fact":"mfa","operator":"notEqual","value":"true"},{"fact":"note","operator":"equal","value":7},{"fact":"role","operator":"in","value":["admn"]}]}`, []string{
			`"5"| warning /all/0/value`, "\x005", `"true"| warning /all/1/value`, "\x00true", `7| warning /all/2/value`, "\x00\"7\"",
			`"admn"| warning /all/3/value/0`, "\x00\"admin\""}},
		{SubjectGroup, `{"resourceId":1,"filteringCriteria":{"any":[{"fact":"note","operator":"notEqual","value":null}]},"evaluator":{"not":{"fact":"host","path":"disks","operator":"lessThan","value":1}}}`, []string{
			`{"fact":"note","operator":"notEqual","value":null}| warning /filteringCriteria/any/0`, `{"resourceId":1,"filteringCriteria":{"any":[{"fact":"note","operator":"isEmpty","value":false}]},"evaluator":{"not":{"fact":"host","path":"disks","operator":"lessThan","value":1}}}`,
			`"lessThan"| warning /evaluator/not/operator`, ""}},
		{SubjectGroup, `{"filteringCriteria":{"mode":"inclusion","evaluator":{"any":[{"fact":"rol","operator":"exists","value":true}]}},"evaluator":{"all":[]}}`, []string{
			`"rol"| warning /filteringCriteria/evaluator/any/0/fact`, "\x00\"role\"", `{"all":[]}| warning /evaluator an empty`, ""}},
		{SubjectGroup, `{"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":{"fact":"ag"}}]},"assertion":{"kind":"unique","path":"$.host['os nam']"}}`, []string{
			`"ag"| warning /evaluator/all/0/value/fact`, "\x00\"age\"", `"$.host['os nam']"| warning /assertion/path`, "\x00\"$.host['os name']\""}},
		// What is not JSON has one error, at its place.
		{SubjectLogic, ``, []string{`| error  the rule is empty`, ""}},
		{SubjectLogic, "{\"all\":[\n  1\n  2]}", []string{"2| error /all expected `,` or `]`", "{\"all\":[\n  1,\n  2]}"}},
		{SubjectLogic, "{\"all\":[1, ]}", []string{"]| error /all/1 this is not JSON", "{\"all\":[1 ]}"}},
		{SubjectLogic, "{\"all\":[],\n}", []string{"}| error  expected a key", "{\"all\":[]\n}"}},
		{SubjectLogic, "{\"all\":[1,,2]}", []string{",| error /all/1 this is not JSON", "\x00"}},
		{SubjectLogic, "{,\"all\":[]}", []string{",| error  expected a key", "\x00"}},
		{SubjectLogic, "{\"all\":[", []string{"| error /all/0 the text ends where", ""}},
		{SubjectLogic, "{\"all\":[]", []string{"| error  expected `,` or `}`", "\x00}"}},
		{SubjectLogic, "{\"all\":[],\"all\":[]}", []string{"\"all\"| error /all the key `all` stands twice", ""}},
		{SubjectLogic, "{\"all\":[nope]}", []string{"nope| error /all/0 this is not JSON", ""}},
		{SubjectLogic, "{\"all\":\"no end}\n}", []string{"| error /all a control character", ""}},
		{SubjectLogic, `5`, []string{"5| error  a test must be an object", ""}},
	} {
		in := Inspect([]byte(c.text), c.what, around)
		var got []string
		for _, d := range in.Diagnostics {
			units := utf16.Encode([]rune(c.text))
			got = append(got, fmt.Sprintf("%s| %s %s %s", string(utf16.Decode(units[d.From:d.To])), d.Severity, d.Pointer, d.Message))
			before := strings.Split(string(utf16.Decode(units[:d.From])), "\n")
			if line, column := len(before), len([]rune(before[len(before)-1]))+1; d.Line != line || d.Column != column {
				t.Errorf("%s: %+v is at %d:%d", c.text, d, line, column)
			}
			after := ""
			if d.Fix != nil {
				after = applied(c.text, d.Fix)
				if len(d.Fix.Edits) == 1 {
					if d.Fix.Edits[0].Span == d.Span {
						after = "\x00" + d.Fix.Edits[0].Text
					}
				}
			}
			got = append(got, after)
		}
		for i := range got {
			if i >= len(c.want) || i%2 == 0 && !strings.HasPrefix(got[i], c.want[i]) || i%2 == 1 && got[i] != c.want[i] {
				t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
				break
			}
		}
		if len(got) < len(c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestInspectionAdd(t *testing.T) {
	text := `{"all":[{"fact":"a","operator":"existsIn","value":{"resource":"gone","path":"x"}}]}`
	in := Inspect([]byte(text), SubjectEvaluator, Surroundings{})
	in.Add(SeverityWarning, "/all/0/value/resource/none", "w")
	if !in.Valid() || in.Diagnostics[0].Column != 63 || in.Diagnostics[0].EndColumn != 69 {
		t.Errorf("%+v", in.Diagnostics)
	}
	in.Add(SeverityError, "", "e")
	if in.Valid() || in.Diagnostics[0].Message != "e" || in.Diagnostics[0].EndColumn != len(text)+1 {
		t.Errorf("%+v", in.Diagnostics)
	}
	many := Inspect([]byte(`{"all":[`+strings.Repeat(`1,`, 5000)+`1]}`), SubjectEvaluator, Surroundings{})
	if len(many.Diagnostics) != maxDiagnostics || many.Valid() {
		t.Errorf("%d diagnostics", len(many.Diagnostics))
	}
}

func TestFormat(t *testing.T) {
	for _, c := range [][2]string{
		{`{"all":[{"fact":"a","operator":"equal","value":1.0}]}`, "{\n  \"all\": [\n    { \"fact\": \"a\", \"operator\": \"equal\", \"value\": 1.0 }\n  ]\n}\n"},
		{`{"b":1e400,"a":9007199254740993,"\u0061b":[ ],"c":{ },"e":[1,"\/"]}`, "{ \"b\": 1e400, \"a\": 9007199254740993, \"\\u0061b\": [], \"c\": {}, \"e\": [1, \"\\/\"] }\n"},
		{`{"fact":"disks","operator":"all","value":{"fact":"e","operator":"in","value":["` + strings.Repeat("x", 80) + `"]}}`,
			"{\n  \"fact\": \"disks\",\n  \"operator\": \"all\",\n  \"value\": {\n    \"fact\": \"e\",\n    \"operator\": \"in\",\n    \"value\": [\n      \"" + strings.Repeat("x", 80) + "\"\n    ]\n  }\n}\n"},
		{`[]`, "[]\n"}, {` "x" `, "\"x\"\n"},
	} {
		got, err := Format([]byte(c[0]))
		if err != nil || string(got) != c[1] {
			t.Errorf("%s: %v\n%s", c[0], err, got)
		}
	}
	for _, text := range []string{``, `{`, `{"a":1,"a":2}`, `{"a":01}`, `[1] 2`} {
		var invalid *Error
		if got, err := Format([]byte(text)); !errors.As(err, &invalid) {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
}

// tokens are what a JSON text says, as it is written.
func tokens(text []byte) []byte {
	var out []byte
	inside := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inside && c == '\\':
			out = append(out, c)
			i++
			c = text[i]
		case c == '"':
			inside = !inside
		case !inside && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		out = append(out, c)
	}
	return out
}

func FuzzInspect(f *testing.F) {
	for _, s := range []string{``, `{"all":[{"fact":"a","operator":"equal","value":1.0}]}`, `{"groups":[{"evaluator":{"any":[{"fact":"mfa","operator":"nope","value":{"fact":"b","path":"c.d"}}]}}]}`,
		"{\"all\":[\n1 2,]}", `{"not":{"fact":"host","path":"$.x","operator":"any","value":{"condition":"x"}}}`, `[1e400,"\ud83d\ude00"]`, "{\"a\":\"\xff"} {
		f.Add(s)
	}
	around := Surroundings{Schema: func(int64) []byte { return []byte(inspectSchema) }}
	f.Fuzz(func(t *testing.T, text string) {
		length := len(utf16.Encode([]rune(text)))
		for _, what := range Subjects {
			in := Inspect([]byte(text), what, around)
			errorsSeen := false
			for _, d := range in.Diagnostics {
				errorsSeen = errorsSeen || d.Severity == SeverityError
				if d.From > d.To || d.To > length || d.Line < 1 || d.Line > d.EndLine || d.Message == "" {
					t.Fatalf("%q: %+v", text, d)
				}
				if d.Fix != nil {
					applied(text, d.Fix)
				}
			}
			if in.Valid() == errorsSeen {
				t.Fatalf("%q as %s: valid %v, %+v", text, what, in.Valid(), in.Diagnostics)
			}
			var err error
			switch what {
			case SubjectLogic:
				_, err = ParseTest([]byte(text))
			case SubjectEvaluator:
				_, err = ParseEvaluator([]byte(text))
			default:
				continue
			}
			if in.Valid() != (err == nil) {
				t.Fatalf("%q as %s: valid %v, the parser says %v", text, what, in.Valid(), err)
			}
		}
		once, err := Format([]byte(text))
		if err != nil {
			return
		}
		if !bytes.Equal(tokens(once), tokens([]byte(text))) {
			t.Fatalf("%q became\n%s", text, once)
		}
		if twice, err := Format(once); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s\nbecame\n%s\n%v", once, twice, err)
		}
	})
}
