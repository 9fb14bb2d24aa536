package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

var fuzzRules = []string{
	`{"all":[]}`,
	`{"any":[{"fact":"a","operator":"someFact:not:equal","value":"x","priority":2},{"not":{"fact":"$","path":"$..b[?@.c>1]","operator":"exists","value":true}}]}`,
	`{"all":[{"fact":"a","path":"b[0].length","operator":"greaterThan","value":{"fact":"c"}}]}`,
	`{"all":[{"fact":"disks","operator":"none","value":{"any":[{"fact":"$","operator":"in","value":[1,"2",null]}]}}]}`,
	`{"all":[{"fact":"t","operator":"withinLastDays","value":30},{"fact":"ip","operator":"inCidr","value":["10.0.0.0/8"]},{"fact":"v","operator":"versionBelow","value":"1.2"}]}`,
	`{"all":[{"fact":"s","operator":"someValue:matches","value":["^a+$","\\d"]},{"fact":"s","operator":"swap:in","value":"x"}]}`,
	`{"logic":"ANY_GROUP","groups":[{"name":"g","resourceId":3,"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[]}},"evaluator":{"any":[]},"assertion":{"kind":"count","min":1},"onEmpty":"pass"}]}`,
	`{"all":[{"fact":"a","operator":"equals","value":1}]}`,
	"{\n \"all\": [\n  {\"fact\": \"é\\ud83d\\ude00\", \"fact\": 2}]}",
}

// FuzzParseTest: whatever the text, an [*Error] that points into it or a test
// whose JSON is stable.
func FuzzParseTest(f *testing.F) {
	for _, r := range fuzzRules {
		f.Add([]byte(r))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		test, err := ParseTest(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("not an *Error: %v", err)
			}
			if lines := 1 + bytes.Count(text, []byte("\n")); e.Line < 1 || e.Line > lines || e.Column < 1 || e.Message == "" {
				t.Fatalf("error without a place in the text: %+v", e)
			}
			if strings.Contains(e.Error(), "\n") || !utf8.ValidString(e.Error()) {
				t.Fatalf("not a sentence: %q", e.Error())
			}
			return
		}
		out := test.JSON()
		if !json.Valid(out) {
			t.Fatalf("invalid JSON: %s", out)
		}
		again, err := ParseTest(out)
		if err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if !bytes.Equal(again.JSON(), out) {
			t.Fatalf("%s became %s", out, again.JSON())
		}
		Lint(test, nil)
		for i := range test.Groups {
			test.Groups[i].Facts()
		}
	})
}

// FuzzRun: whatever rule and record, no panic, the outcome of the slow
// evaluator, the same outcome in Explain, JSON that marshals.
func FuzzRun(f *testing.F) {
	records := []string{
		`{}`, `{"a":{"b":[[1,2],"x"]},"c":1,"disks":[1,2.5,{"a":null}],"t":"2026-09-30","ip":"10.0.0.9","v":"1.1","s":"a1"}`,
		`{"a":["\ud800","\u0041",1e400,-0],"a":2}`, "\x00", `{"a":[[[[[[`, `{"s":"\"","t":1790000000}`,
	}
	for _, r := range fuzzRules {
		for _, record := range records {
			f.Add([]byte(r), []byte(record))
		}
	}
	f.Fuzz(func(t *testing.T, rule, record []byte) {
		c, err := ParseEvaluator(rule)
		if err != nil {
			return
		}
		p, err := Compile([]Rule{{Evaluator: c, Unique: "a.b"}, {Filter: &Filter{Mode: Inclusion, Evaluator: c}, Evaluator: c}})
		if err != nil {
			t.Fatal(err)
		}
		m := p.Machine()
		m.Run(record, testNow)
		got := m.Outcome(0)
		flip, flips := m.Flip(0)
		if flips && !flip.After(testNow) {
			t.Fatalf("flip %s", flip)
		}
		if u, ok := m.Unique(0); ok && json.Valid(record) && !json.Valid(u) {
			t.Fatalf("unique value %q", u)
		}
		e := p.Explain(0, record, testNow)
		if e.Outcome != got {
			t.Fatalf("explained as %s, run as %s", e.Outcome, got)
		}
		if _, err := json.Marshal(e); err != nil {
			t.Fatal(err)
		}
		if !withinSlow(rule, record) {
			return
		}
		decodedRule, err := decodeText(rule)
		if err != nil {
			return
		}
		decoded, err := decodeText(record)
		if err != nil {
			return
		}
		if want := slowOutcome(slowRule{evaluator: decodedRule.(map[string]any)}, decoded, testNow); got != want {
			t.Fatalf("outcome %s, slow %s\n%s\n%s", got, want, rule, record)
		}
	})
}

// withinSlow is whether both texts stay within what the slow evaluator knows:
// valid records without halves of surrogate pairs, and rules without queries.
func withinSlow(rule, record []byte) bool {
	both := append(append([]byte{}, rule...), record...)
	trimmed := bytes.TrimLeft(record, " \t\r\n")
	return json.Valid(record) && bytes.HasPrefix(trimmed, []byte("{")) && utf8.Valid(both) &&
		!bytes.ContainsAny(both, `\`) && !bytes.Contains(rule, []byte(`"path"`)) &&
		!bytes.Contains(rule, []byte("atch")) && !bytes.Contains(rule, []byte("ersion")) &&
		!bytes.Contains(rule, []byte("Cidr")) && !bytes.ContainsAny(both, "eE\u0085") &&
		strings.Count(string(record), "[") < 100
}

// FuzzPath: a path is refused or can be run on any value.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"a.b[0]", "$", "$..a", "$[?@.a=='x' && (!@.b || length(@.c)>=2)]", "$[1:-1:2,'x',*]", "$[?match(@.a, 'x.*') || count(@..*) < value($.n)]"} {
		f.Add(p, []byte(`{"a":[{"a":"x","b":1},[2]],"n":3}`))
	}
	f.Fuzz(func(t *testing.T, text string, json []byte) {
		if text == "" {
			return
		}
		w, problem := parsePath(text)
		if problem != "" || w.query == nil {
			return
		}
		var v value
		var arena []byte
		if readValue(json, 0, &v, &arena) < 0 {
			return
		}
		w.query.run(&v, &arena)
	})
}
