package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRecordsThatAreNone(t *testing.T) {
	p := compileTexts(t, []string{`{"all":[]}`, `{"any":[{"fact":"a","path":"[0].b","operator":"equal","value":1},{"fact":"c","path":"d","operator":"exists","value":false}]}`})
	m := p.Machine()
	for _, record := range []string{
		"", " ", "{", "}", "[]", "1", "null", `"a"`, `{}}`, `{} x`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{a:1}`, `{"a`, `{"a":"`, `{"a":"\`, `{"a":[1`, `{"a":[1 2]}`, `{"a":[,]}`,
		`{"a":tru}`, `{"a":nul}`, `{"a":falsy}`, `{"a":-}`, `{"a":1.}`, `{"a":1e}`, `{"a":+1}`, `{"\u00":1}`, `{"a":"\q"}`, `{"a":"\u12"}`, `{"c":{"d":}}`, `{"x":}`, `{"x":{`,
		`{"a":` + strings.Repeat("[", 1001) + strings.Repeat("]", 1001) + `}`,
		`{"x":` + strings.Repeat("[", 1001) + strings.Repeat("]", 1001) + `}`,
	} {
		m.Run([]byte(record), testNow)
		if m.Outcome(0) != Errored || m.Problem(1) != notAnObject {
			t.Errorf("%.40s: %s %q", record, m.Outcome(0), m.Problem(1))
		}
		if _, flips := m.Flip(0); flips {
			t.Errorf("%.40s flips", record)
		}
	}
	for _, record := range []string{
		`{}`, " \t{ }\n", `{"x":[1,{"y":[]}],"a":[{"b":2},3]}`,
		`{"a":` + strings.Repeat("[", 999) + strings.Repeat("]", 999) + `}`,
	} {
		m.Run([]byte(record), testNow)
		if m.Outcome(0) != Pass || m.Problem(0) != "" {
			t.Errorf("%.40s: %s %q", record, m.Outcome(0), m.Problem(0))
		}
	}
}

// TestMachinesShareAProgram runs one program on several goroutines.
func TestMachinesShareAProgram(t *testing.T) {
	p := compileTexts(t, append([]string{
		`{"all":[{"fact":"groups","operator":"any","value":{"fact":"$","operator":"matches","value":"^on"}}]}`,
		`{"all":[{"fact":"groups","path":"$[?@ == 'all']","operator":"exists","value":true}]}`,
	}, smallRules...))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			m := p.Machine()
			for range 200 {
				m.Run(smallRecord, testNow)
				for i := range p.Len() {
					if m.Outcome(i) != Pass {
						t.Errorf("rule %d: %s", i, m.Outcome(i))
						return
					}
				}
			}
		})
	}
	group.Wait()
}

// TestManyFacts goes through the hash table of names.
func TestManyFacts(t *testing.T) {
	g := rand.New(rand.NewPCG(newSeed(t), 5))
	record := map[string]any{}
	var texts []string
	for i := range 300 {
		name := fmt.Sprintf("%c%d%s", 'a'+g.IntN(3), g.IntN(1000), strings.Repeat("x", g.IntN(4)))
		record[name] = i
		texts = append(texts, fmt.Sprintf(`{"all":[{"fact":%q,"operator":"lessThanInclusive","value":%d},{"fact":"$","path":%q,"operator":"exists","value":true}]}`, name, 300, name))
	}
	record[""] = true
	texts = append(texts, `{"all":[{"fact":"","operator":"equal","value":true}]}`)
	m := compileTexts(t, texts).Machine()
	m.Run(marshal(record), testNow)
	for i, text := range texts {
		if m.Outcome(i) != Pass {
			t.Errorf("%s: %s", text, m.Outcome(i))
		}
	}
}

func TestUniqueForms(t *testing.T) {
	p, err := Compile([]Rule{{Unique: "v"}, {Unique: "$.v[*]"}})
	if err != nil {
		t.Fatal(err)
	}
	m := p.Machine()
	for _, c := range []struct{ record, want, list string }{
		{`{"v":"a\u0062"}`, `"ab"`, ""},
		{`{"v":1.50}`, `1.5`, ""},
		{`{"v":-0.0}`, `0`, ""},
		{`{"v":1e400}`, `1e400`, ""},
		{`{"v":12345678901234567890}`, `12345678901234567000`, ""},
		{`{"v":true}`, `true`, ""}, {`{"v":false}`, `false`, ""}, {`{"v":null}`, "", ""}, {`{}`, "", ""},
		{`{"v":[ 1 , {"b":null,"a":"\n\t\r\u0001\\\""} ]}`, `[1,{"a":"\n\t\r\u0001\\\"","b":null}]`, `[1,{"a":"\n\t\r\u0001\\\"","b":null}]`},
		{`{"v":{"a":1,"b":2,"a":3}}`, `{"a":3,"b":2}`, `[3,2]`},
		{`{"v":"\ud83d\ude00\ud83d"}`, `"😀\ud83d"`, ""},
	} {
		m.Run([]byte(c.record), testNow)
		if got, ok := m.Unique(0); string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s: %s, want %s", c.record, got, c.want)
		}
		if got, _ := m.Unique(1); c.list != "" && string(got) != c.list {
			t.Errorf("%s: %s, want %s", c.record, got, c.list)
		}
	}
	m.Run([]byte("[]"), testNow)
	if _, ok := m.Unique(0); ok {
		t.Error("a unique value of no record")
	}
}

// TestCompareText checks the order of texts against that of their UTF-16 form.
func TestCompareText(t *testing.T) {
	list := []string{`""`, `"a"`, `"ab"`, `"b"`, `"é"`, `"\ud7ff"`, `"\ud83d"`, `"\ud83dx"`, `"😀"`, `"😀a"`, `"\ude00"`, `"\ue000"`, `"\uffff"`}
	units := func(s string) []rune {
		var out []rune
		for s = s[1 : len(s)-1]; s != ""; {
			switch {
			case strings.HasPrefix(s, `\u`):
				r, _ := hex4([]byte(s), 2)
				out, s = append(out, r), s[6:]
			case strings.HasPrefix(s, "😀"):
				out, s = append(out, 0xD83D, 0xDE00), s[len("😀"):]
			default:
				r := []rune(s)[0]
				out, s = append(out, r), s[len(string(r)):]
			}
		}
		return out
	}
	for _, x := range list {
		for _, y := range list {
			var a, b value
			var arena []byte
			readValue([]byte(x), 0, &a, &arena)
			readValue([]byte(y), 0, &b, &arena)
			want := less
			switch p, q := fmt.Sprintf("%08x", units(x)), fmt.Sprintf("%08x", units(y)); {
			case p == q:
				want = same
			case strings.Trim(p, "[]") > strings.Trim(q, "[]"):
				want = greater
			}
			if got := compareText(a.s, b.s); got != want {
				t.Errorf("%s and %s: %d, want %d", x, y, got, want)
			}
		}
	}
}

// TestInstant compares the reading of dates with package time.
func TestInstant(t *testing.T) {
	g := rand.New(rand.NewPCG(newSeed(t), 6))
	for range 5000 {
		at := time.Unix(minSecond+g.Int64N(maxSecond-minSecond), g.Int64N(1e9)).UTC()
		zone := time.FixedZone("", (g.IntN(47)-23)*1800)
		for _, text := range []string{at.Format(time.RFC3339Nano), at.In(zone).Format(time.RFC3339Nano), at.Format("2006-01-02 15:04:05.000000000")} {
			if len(text) < 19 || text[4] != '-' {
				continue // a zone beyond year 0 or 9999
			}
			got, ok := parseInstant([]byte(text))
			if !ok || !got.time().Equal(at) {
				t.Fatalf("%s: %s %v", text, got.time(), ok)
			}
		}
		if day, ok := parseInstant([]byte(at.Format(time.DateOnly))); !ok || !day.time().Equal(at.Truncate(24*time.Hour)) {
			t.Fatalf("%s: %s", at, day.time())
		}
	}
	for _, text := range []string{"", "2026", "2026-1-01", "2026-00-01", "2026-01-32", "2025-02-29", "2100-02-29", "x026-01-01", "2026-01-01T", "2026-01-01T10:00", "2026-01-01T24:00:00Z", "2026-01-01T10:60:00Z", "2026-01-01T10:00:61Z", "2026-01-01T10:00:00.Z", "2026-01-01T10:00:00+1:00", "2026-01-01T10:00:00+24:00", "2026-01-01T10:00:00ZZ", "2026-01-01x10:00:00Z", "2026-01-01T10-00:00Z", " 2026-01-01"} {
		if _, ok := parseInstant([]byte(text)); ok {
			t.Errorf("%q is a date", text)
		}
	}
	for _, c := range []struct {
		text, want string
	}{
		{"0", "1970-01-01"}, {"-1", "1969-12-31T23:59:59Z"}, {"1790000000", "2026-09-21T14:13:20Z"}, {"1790000000123", "2026-09-21T14:13:20.123Z"}, {"1790000000.5", "2026-09-21T14:13:20.5Z"},
		{"1790000000123.0", "2026-09-21T14:13:20.123Z"}, {"-100000000001", "1966-10-31T14:13:19.999Z"}, {"1e300", ""}, {"9223372036854775807", ""}, {"-9e15", ""}, {"true", ""}, {`"2000-02-29T23:59:60z"`, "2000-03-01"},
	} {
		var v value
		var arena []byte
		readValue([]byte(c.text), 0, &v, &arena)
		got := ""
		if at, ok := readInstant(&v); ok {
			got = formatInstant(at)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestExplainCutsLongValues(t *testing.T) {
	p := compileTexts(t, []string{`{"all":[{"fact":"a","operator":"equal","value":1},{"fact":"b","operator":"equal","value":1}]}`})
	record := fmt.Sprintf(`{"a":"%s","b":[%s1]}`, strings.Repeat("é", 5000), strings.Repeat("1 , ", 5000))
	e := p.Explain(0, []byte(record), testNow)
	for _, c := range e.Leaves() {
		if len(c.Actual) > 1100 || !json.Valid(c.Actual) || !bytes.Contains(c.Actual, []byte("…")) {
			t.Errorf("%d bytes: %.60s", len(c.Actual), c.Actual)
		}
	}
	for _, w := range e.Words {
		if len(w) > 300 {
			t.Errorf("words of %d bytes", len(w))
		}
	}
	if _, err := json.Marshal(e); err != nil {
		t.Error(err)
	}
}

// TestCounterfactuals covers the operators that can say what would do.
func TestCounterfactuals(t *testing.T) {
	for _, c := range []struct{ leaf, record, want string }{
		{`{"fact":"a","operator":"notEqual","value":"x"}`, `{"a":"x"}`, `a is not "x"`},
		{`{"fact":"a","operator":"notIn","value":["x"]}`, `{"a":"x"}`, `a is none of ["x"]`},
		{`{"fact":"a","operator":"not:in","value":["x"]}`, `{"a":"x"}`, `a is none of ["x"]`},
		{`{"fact":"a","operator":"not:equal","value":true}`, `{"a":true}`, `a = false`},
		{`{"fact":"a","operator":"notEqual","value":false}`, `{"a":false}`, `a = true`},
		{`{"fact":"a","operator":"contains","value":3}`, `{"a":[]}`, `a contains 3`},
		{`{"fact":"a","operator":"doesNotContain","value":3}`, `{"a":[3]}`, `a does not contain 3`},
		{`{"fact":"a","operator":"not:contains","value":3}`, `{"a":[3]}`, `a does not contain 3`},
		{`{"fact":"a","operator":"not:doesNotContain","value":3}`, `{"a":[]}`, `a contains 3`},
		{`{"fact":"a","operator":"lessThan","value":3}`, `{"a":9}`, `a < 3`},
		{`{"fact":"a","operator":"not:lessThan","value":3}`, `{"a":1}`, `a >= 3`},
		{`{"fact":"a","operator":"not:lessThanInclusive","value":3}`, `{"a":1}`, `a > 3`},
		{`{"fact":"a","operator":"not:greaterThan","value":3}`, `{"a":9}`, `a <= 3`},
		{`{"fact":"a","operator":"not:greaterThanInclusive","value":3}`, `{"a":9}`, `a < 3`},
		{`{"fact":"a","operator":"greaterThan","value":{"fact":"b"}}`, `{"a":9,"b":10.5}`, `a > 10.5`},
		{`{"fact":"a","operator":"endsWith","value":"z"}`, `{}`, `a ends with "z"`},
		{`{"fact":"a","operator":"equalIgnoreCase","value":"z"}`, `{}`, `a = "z"`},
		{`{"fact":"a","operator":"exists","value":true}`, `{}`, `a is there`},
		{`{"fact":"a","path":"b.c","operator":"exists","value":false}`, `{"a":{"b":{"c":1}}}`, `a.b.c is not there`},
		{`{"fact":"a","operator":"isEmpty","value":true}`, `{"a":1}`, `a is empty`},
		{`{"fact":"a","path":"b[1].c","operator":"equal","value":2}`, `{"a":{"b":[0,{"c":1}]}}`, `a.b[1].c = 2`},
		{`{"fact":"a","path":"b[1]","operator":"equal","value":2}`, `{"a":{"b":[0,1]}}`, `a.b[1] = 2`},
		{`{"fact":"a","path":"b[1]","operator":"equal","value":2}`, `{"a":{"b":[0]}}`, ``},
		{`{"fact":"a","path":"b[0]","operator":"exists","value":false}`, `{"a":{"b":[0]}}`, ``},
		{`{"fact":"a","path":"b.c","operator":"equal","value":2}`, `{}`, `a.b.c = 2`},
		{`{"fact":"a","path":"b.c","operator":"equal","value":2}`, `{"a":7}`, ``},
		{`{"fact":"a","path":"length","operator":"equal","value":2}`, `{"a":"x"}`, ``},
		{`{"fact":"a","operator":"someFact:equal","value":2}`, `{"a":[]}`, ``},
		{`{"fact":"a","operator":"matches","value":"x"}`, `{"a":"y"}`, ``},
		{`{"fact":"a","operator":"not:startsWith","value":"x"}`, `{"a":"xy"}`, ``},
		{`{"fact":"a","operator":"equal","value":[]}`, `{"a":1}`, ``},
		{`{"fact":"a","operator":"inCidr","value":"10.0.0.0/8"}`, `{"a":"1.1.1.1"}`, `a is in "10.0.0.0/8"`},
		{`{"fact":"a","operator":"not:versionBelow","value":"2"}`, `{"a":"1"}`, `a >= "2"`},
		{`{"fact":"a","operator":"withinLastHours","value":6}`, `{"a":"2020-01-01"}`, `a >= 2026-10-01T06:30:00Z`},
		{`{"fact":"a","operator":"withinNextDays","value":1}`, `{"a":"2020-01-01"}`, `a <= 2026-10-02T12:30:00Z`},
		{`{"fact":"a","operator":"olderThanDays","value":1}`, `{"a":"2026-10-01"}`, `a < 2026-09-30T12:30:00Z`},
		{`{"fact":"a","operator":"before","value":"2020-01-01"}`, `{"a":"2026-10-01"}`, `a < 2020-01-01`},
		{`{"fact":"a","operator":"after","value":"2020-01-01"}`, `{"a":null}`, `a > 2020-01-01`},
		{`{"all":[{"fact":"a","operator":"equal","value":1},{"fact":"b","operator":"equal","value":1},{"fact":"c","operator":"equal","value":1}]}`, `{}`, `a = 1 and b = 1 and c = 1`},
		{`{"all":[{"fact":"a","operator":"equal","value":1},{"fact":"b","operator":"equal","value":1},{"fact":"c","operator":"equal","value":1},{"fact":"d","operator":"equal","value":1}]}`, `{}`, ``},
		{`{"any":[{"fact":"a","operator":"someFact:equal","value":2},{"fact":"b","operator":"equal","value":1}]}`, `{}`, `b = 1`},
	} {
		p := compileTexts(t, []string{`{"all":[` + c.leaf + `]}`})
		e := p.Explain(0, []byte(c.record), testNow)
		want := c.want
		if want != "" {
			want = "would pass if " + want
		}
		if e.Outcome != Fail || e.Counterfactual != want {
			t.Errorf("%s on %s\n%s %q, want %q", c.leaf, c.record, e.Outcome, e.Counterfactual, want)
		}
	}
}

func TestOutcomeString(t *testing.T) {
	for o, want := range map[Outcome]string{OutOfScope: "out_of_scope", Pass: "pass", Fail: "fail", Errored: "error", 9: "Outcome(9)"} {
		if o.String() != want {
			t.Errorf("%s, want %s", o, want)
		}
	}
}

// TestNumbers checks the texts that JavaScript makes of numbers and the numbers
// that it makes of texts.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{{0, "0"}, {math.Copysign(0, -1), "0"}, {1e21, "1e+21"}, {1e20, "100000000000000000000"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {1.5e300, "1.5e+300"}, {math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"}, {-2.5, "-2.5"}} {
		if got := string(appendNumber(nil, c.f)); got != c.want {
			t.Errorf("%v: %s, want %s", c.f, got, c.want)
		}
	}
	for _, c := range []struct {
		text string
		want float64
	}{{"", 0}, {" \u00a0\ufeff", 0}, {"0x1F", 31}, {"0b101", 5}, {"0o17", 15}, {"0xFFFFFFFFFFFFFFFFFF", 4722366482869645213695}, {"+5", 5}, {"5.", 5}, {".5", 0.5}, {"1e3", 1000}, {"-Infinity", math.Inf(-1)}, {"\n7\u2028", 7}, {"1e999", math.Inf(1)}} {
		if v := textToNumber([]byte(c.text)); v.number() != c.want {
			t.Errorf("%q: %v, want %v", c.text, v.number(), c.want)
		}
	}
	for _, text := range []string{"x", "1x", "0x", "0xG", "-0x1", "1e", "1_0", ".", "inf", "NaN", "0b2", "1 2", "0x1p4"} {
		if v := textToNumber([]byte(text)); !math.IsNaN(v.number()) {
			t.Errorf("%q: %v", text, v.number())
		}
	}
}
