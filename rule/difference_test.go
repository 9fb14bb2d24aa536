package rule

import "testing"

// differences proves the rows of the table in doc.go that a pair can show: what
// the base engine says (checked under the build tag oracle) and what we say.
var differences = []struct {
	row, rule, record string
	base, ours        string
}{
	{"contains on text", `{"all":[{"fact":"a","operator":"contains","value":"b"}]}`, `{"a":"abc"}`, "false", "true"},
	{"doesNotContain on text", `{"all":[{"fact":"a","operator":"doesNotContain","value":"x"}]}`, `{"a":"abc"}`, "false", "true"},
	{"an object with itself", `{"all":[{"fact":"a","operator":"equal","value":{"fact":"a"}}]}`, `{"a":{}}`, "true", "false"},
	{"integers beyond 2^53", `{"all":[{"fact":"a","operator":"equal","value":9007199254740992}]}`, `{"a":9007199254740993}`, "true", "false"},
	{"length of a fact", `{"all":[{"fact":"a","path":"$.length","operator":"equal","value":3}]}`, `{"a":"abc"}`, "false", "true"},
	{"length of an empty text", `{"all":[{"fact":"a","path":"$.b.length","operator":"equal","value":0}]}`, `{"a":{"b":""}}`, "false", "true"},
	{"index into a text", `{"all":[{"fact":"a","path":"$.b[0]","operator":"equal","value":"x"}]}`, `{"a":{"b":"xy"}}`, "true", "false"},
	{"fact $", `{"all":[{"fact":"$","operator":"equal","value":1}]}`, `{"$":1}`, "true", "false"},
	{"fact with an empty name", `{"all":[{"fact":"","operator":"equal","value":1}]}`, `{"":1}`, "error", "true"},
	{"filters", `{"all":[{"fact":"a","path":"$[?(@.n == '1')]","operator":"someFact:notEqual","value":0}]}`, `{"a":[{"n":1}]}`, "true", "false"},
	{"slice to 0", `{"all":[{"fact":"a","path":"$[0:0]","operator":"someFact:equal","value":1}]}`, `{"a":[1]}`, "true", "false"},
	{"negative index", `{"all":[{"fact":"a","path":"$[-1]","operator":"equal","value":2}]}`, `{"a":[1,2]}`, "false", "true"},
	{"descent", `{"all":[{"fact":"a","path":"$..b","operator":"equal","value":1}]}`, `{"a":{"b":1}}`, "true", "false"},
	{"* over an object", `{"all":[{"fact":"a","path":"$[*]","operator":"greaterThan","value":"2"}]}`, `{"a":{"b":"3","1":"1"}}`, "false", "true"},
	{"an extension of JSONPath", `{"all":[{"fact":"a","path":"$.b^","operator":"equal","value":1}]}`, `{"a":{"b":1}}`, "false", "refused"},
	{"an unknown key", `{"all":[{"fact":"a","operator":"equal","value":1,"x":1}]}`, `{"a":1}`, "true", "refused"},
	{"an unknown operator", `{"all":[{"fact":"a","operator":"equals","value":1}]}`, `{"a":1}`, "error", "refused"},
	{"in with a text", `{"all":[{"fact":"a","operator":"in","value":"abc"}]}`, `{"a":"b"}`, "true", "refused"},
	{"in with a text from the record", `{"all":[{"fact":"a","operator":"in","value":{"fact":"b"}}]}`, `{"a":"b","b":"abc"}`, "true", "true"},
	{"in with a number from the record", `{"all":[{"fact":"a","operator":"in","value":{"fact":"b"}}]}`, `{"a":"b","b":1}`, "error", "error"},
	{"a number too large", `{"all":[{"fact":"a","operator":"lessThan","value":1e999}]}`, `{"a":1}`, "true", "refused"},
	{"priority as text", `{"all":[{"fact":"a","operator":"equal","value":1,"priority":"2"}]}`, `{"a":1}`, "true", "refused"},
	{"a condition that is not there", `{"all":[{"condition":"x"}]}`, `{"a":1}`, "error", "refused"},
}

func verdictWord(t *testing.T, rule, record string) string {
	t.Helper()
	c, err := ParseEvaluator([]byte(rule))
	if err != nil {
		return "refused"
	}
	p, err := Compile([]Rule{{Evaluator: c}})
	if err != nil {
		t.Fatal(err)
	}
	m := p.Machine()
	m.Run([]byte(record), testNow)
	switch m.Outcome(0) {
	case Pass:
		return "true"
	case Errored:
		return "error"
	}
	return "false"
}

func TestDifferences(t *testing.T) {
	for _, d := range differences {
		if got := verdictWord(t, d.rule, d.record); got != d.ours {
			t.Errorf("%s: %s, want %s", d.row, got, d.ours)
		}
	}
}
