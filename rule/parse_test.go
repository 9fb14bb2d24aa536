package rule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	leaf := func(s string) string { return `{"all":[` + s + `]}` }
	group := func(s string) string { return `{"groups":[{"evaluator":{"all":[]},` + s + `}]}` }
	for _, c := range []struct{ text, pointer, message, suggestion string }{
		{"", "", "the rule is empty", ""},
		{" \n ", "", "the rule is empty", ""},
		{"{", "", "expected a key in double quotes, found end of text", ""},
		{"[]", "", "a test must be an object, not an array", ""},
		{"{}", "", "the evaluator is empty", ""},
		{`{"all":[]} x`, "", "unexpected text after the end", ""},
		{`{"all":[],}`, "", "expected a key in double quotes", ""},
		{`{"all":[],"all":[]}`, "/all", "the key `all` stands twice", ""},
		{`{"all":[1]}`, "/all/0", "a condition must be an object, not a number", ""},
		{`{"all":{}}`, "/all", "`all` takes an array of conditions, not an object", ""},
		{`{"not":[]}`, "/not", "`not` takes one condition, not an array", ""},
		{`{"all":[],"any":[]}`, "/any", "a condition is one of `all`, `any` and `not`", ""},
		{`{"al":[]}`, "/al", "unknown key `al` in an evaluator", "all"},
		{`{"all":[],"prioritty":1}`, "/prioritty", "unknown key `prioritty`", "priority"},
		{`{"all":[],"priority":"x"}`, "/priority", "`priority` must be an integer", ""},
		{`{"all":[],"name":1}`, "/name", "`name` must be a string", ""},
		{`{"fact":"a","operator":"equal","value":1}`, "", "the root of an evaluator must be `all`, `any` or `not`", ""},
		{`{"name":"x"}`, "", "the root of an evaluator must be", ""},
		{`{"condition":"x"}`, "/condition", "there is no condition named `x`", ""},
		{leaf(`{"condition":"x"}`), "/all/0/condition", "there is no condition named `x`", ""},
		{leaf(`{"fact":"a","operator":"equal"}`), "/all/0", "this condition has no `value`", ""},
		{leaf(`{"operator":"equal","value":1}`), "/all/0", "this condition has no `fact`", ""},
		{leaf(`{"fact":"a","value":1}`), "/all/0", "this condition has no `operator`", ""},
		{leaf(`{"fact":1,"operator":"equal","value":1}`), "/all/0/fact", "`fact` must be a string", ""},
		{leaf(`{"fact":"a","operator":1,"value":1}`), "/all/0/operator", "`operator` must be a string", ""},
		{leaf(`{"fact":"a","operator":"equal","value":1,"pth":"x"}`), "/all/0/pth", "unknown key `pth` in a condition", "path"},
		{leaf(`{"fact":"a","operator":"equal","value":1,"path":1}`), "/all/0/path", "`path` must be a string", ""},
		{leaf(`{"fact":"a","operator":"equal","value":1,"path":"$["}`), "/all/0/path", "the path `$[` cannot be read", ""},
		{leaf(`{"fact":"a","operator":"equals","value":1}`), "/all/0/operator", "unknown operator `equals`", "equal"},
		{leaf(`{"fact":"a","operator":"notEquals","value":1}`), "/all/0/operator", "unknown operator `notEquals`", "notEqual"},
		{leaf(`{"fact":"a","operator":"not:someFcat:equal","value":1}`), "/all/0/operator", "unknown decorator `someFcat`", "not:someFact:equal"},
		{leaf(`{"fact":"a","operator":"someFact:gte","value":1}`), "/all/0/operator", "unknown operator `gte`", "someFact:greaterThanInclusive"},
		{leaf(`{"fact":"a","operator":"","value":1}`), "/all/0/operator", "the operator is empty", ""},
		{leaf(`{"fact":"a","operator":"xyzzyplugh","value":1}`), "/all/0/operator", "unknown operator", ""},
		{leaf(`{"fact":"a","operator":"` + strings.Repeat("not:", 17) + `equal","value":1}`), "/all/0/operator", "more than 16 decorators", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":1}`), "/all/0/value", "`existsIn` needs {\"resource\", \"path\"} as value, not a number", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"path":"b"}}`), "/all/0/value", "has no `resource`", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resource":1}}`), "/all/0/value", "has no `path`", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resource":0,"path":"b"}}`), "/all/0/value/resource", "must be the name or the number of a resource", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resource":"","path":"b"}}`), "/all/0/value/resource", "must be the name or the number of a resource", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resource":1,"path":""}}`), "/all/0/value/path", "must be a path", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resource":1,"path":"$["}}`), "/all/0/value/path", "cannot be read", ""},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resorce":1,"path":"b"}}`), "/all/0/value/resorce", "unknown key `resorce` in the value of `existsIn`", "resource"},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resource":1,"path":"b","where":{"fact":"c","operator":"equals","value":1}}}`), "/all/0/value/where/operator", "unknown operator `equals`", "equal"},
		{leaf(`{"fact":"a","operator":"existsIn","value":{"resource":1,"path":"b","where":{"fact":"c","operator":"existsIn","value":{"resource":2,"path":"d"}}}}`), "/all/0/value/where/value", "cannot look into another", ""},
		{leaf(`{"fact":"a","operator":"swap:existsIn","value":{"resource":2,"path":"d"}}`), "/all/0/operator", "`swap` cannot stand before `existsIn`", ""},
		{leaf(`{"fact":"a","operator":"in","value":"x"}`), "/all/0/value", "`in` needs an array as value, not a string", ""},
		{leaf(`{"fact":"a","operator":"someValue:in","value":[[1],2]}`), "/all/0/value/1", "`in` needs an array as value, not a number", ""},
		{leaf(`{"fact":"a","operator":"everyValue:equal","value":null}`), "/all/0/value", "`everyValue` needs an array as value, not null", ""},
		{leaf(`{"fact":"a","operator":"startsWith","value":1}`), "/all/0/value", "`startsWith` needs a string as value", ""},
		{leaf(`{"fact":"a","operator":"matches","value":"("}`), "/all/0/value", "the regular expression does not compile: missing closing ): `(`", ""},
		{leaf(`{"fact":"a","operator":"matches","value":"` + strings.Repeat("a", 1025) + `"}`), "/all/0/value", "longer than 1,024 bytes", ""},
		{leaf(`{"fact":"a","operator":"matches","value":true}`), "/all/0/value", "`matches` needs a regular expression as value, not a boolean", ""},
		{leaf(`{"fact":"a","operator":"matches","value":{"fact":"b"}}`), "/all/0/value", "`matches` needs its pattern in the rule", ""},
		{leaf(`{"fact":"a","operator":"swap:matches","value":"x"}`), "/all/0/value", "`matches` needs its pattern in the rule", ""},
		{leaf(`{"fact":"a","operator":"exists","value":"yes"}`), "/all/0/value", "`exists` needs true or false as value, not a string", ""},
		{leaf(`{"fact":"a","operator":"withinLastDays","value":"x"}`), "/all/0/value", "`withinLastDays` needs a number as value", ""},
		{leaf(`{"fact":"a","operator":"olderThanHours","value":-1}`), "/all/0/value", "needs a number from 0 to 1,000,000 as value", ""},
		{leaf(`{"fact":"a","operator":"before","value":"2026-02-30"}`), "/all/0/value", "`before` needs a date as value", ""},
		{leaf(`{"fact":"a","operator":"inCidr","value":"10.0.0.1"}`), "/all/0/value", "`10.0.0.1` is not a network", ""},
		{leaf(`{"fact":"a","operator":"inCidr","value":["10.0.0.0/8",1]}`), "/all/0/value/1", "needs a network such as", ""},
		{leaf(`{"fact":"a","operator":"versionBelow","value":"new"}`), "/all/0/value", "needs a version such as", ""},
		{leaf(`{"fact":"a","operator":"all","value":1}`), "/all/0/value", "a condition must be an object", ""},
		{leaf(`{"fact":"a","operator":"swap:all","value":{"all":[]}}`), "/all/0/operator", "`swap` cannot stand before `all`", ""},
		{leaf(`{"fact":"a","operator":"equal","value":{"fact":"b","pat":"x"}}`), "/all/0/value/pat", "unknown key `pat` in a value taken from the record", "path"},
		{leaf(`{"fact":"a","operator":"equal","value":{"fact":2}}`), "/all/0/value/fact", "`fact` must be a string", ""},
		{leaf(`{"fact":"a","operator":"equal","value":1e999}`), "/all/0/value", "the number 1e999 is too large", ""},
		{leaf(`{"fact":"a","operator":"equal","value":01}`), "/all/0", "expected `,` or `}`", ""},
		{leaf(`{"fact":"a","operator":"equal","value":-}`), "/all/0/value", "not a JSON number", ""},
		{leaf(`{"fact":"a","operator":"equal","value":nul}`), "/all/0/value", "this is not JSON: unexpected 'n'", ""},
		{leaf(`{"fact":"a","operator":"equal","value":"\ud800"}`), "/all/0/value", "half of a surrogate pair", ""},
		{leaf(`{"fact":"a","operator":"equal","value":"\x"}`), "/all/0/value", "wrong escape sequence", ""},
		{leaf("{\"fact\":\"a\",\"operator\":\"equal\",\"value\":\"\x01\"}"), "/all/0/value", "control character", ""},
		{leaf("{\"fact\":\"\xff\",\"operator\":\"equal\",\"value\":1}"), "/all/0/fact", "not valid UTF-8", ""},
		{leaf(`{"fact":"a`), "/all/0/fact", "no closing quote", ""},
		{strings.Repeat(`{"all":[`, 65) + strings.Repeat(`]}`, 65), strings.Repeat("/all/0", 64), "conditions are nested deeper than 64 levels", ""},
		{strings.Repeat(`[`, 1000), strings.Repeat("/0", 257), "nested deeper than 256 levels of JSON", ""},
		{leaf(strings.TrimSuffix(strings.Repeat(`{"all":[]},`, 10_000), ",")), "/all/9999", "more than 10,000 conditions", ""},
		{`{"logic":"ALL_GROUPS"}`, "", "this test has no `groups`", ""},
		{`{"logic":"ANY_GRUOP","groups":[]}`, "/logic", "`logic` must be `ALL_GROUPS`, `ANY_GROUP` or `AT_MOST_ONE_FAILS`, not `ANY_GRUOP`", "ANY_GROUP"},
		{`{"logic":1,"groups":[]}`, "/logic", "not a number", ""},
		{`{"groups":1}`, "/groups", "`groups` must be an array", ""},
		{`{"groups":[]}`, "/groups", "a test needs at least one group", ""},
		{`{"groups":[1]}`, "/groups/0", "a group must be an object", ""},
		{`{"groups":[{}]}`, "/groups/0", "this group has no `evaluator`", ""},
		{`{"groups":[` + strings.TrimSuffix(strings.Repeat("1,", 101), ",") + `]}`, "/groups", "at most 100 groups", ""},
		{`{"groups":[],"nam":1}`, "/nam", "unknown key `nam` in a test", ""},
		{group(`"resorceId":1`), "/groups/0/resorceId", "unknown key `resorceId` in a group", "resourceId"},
		{group(`"resourceId":-1`), "/groups/0/resourceId", "must be the number of a resource", ""},
		{group(`"name":1`), "/groups/0/name", "`name` must be a string", ""},
		{group(`"onEmpty":"passed"`), "/groups/0/onEmpty", "`onEmpty` must be `error`, `pass` or `fail`", "pass"},
		{group(`"filteringCriteria":1`), "/groups/0/filteringCriteria", "must be an object or null", ""},
		{group(`"filteringCriteria":{"mode":"exclude"}`), "/groups/0/filteringCriteria/mode", "`mode` must be `inclusion` or `exclusion`", "exclusion"},
		{group(`"filteringCriteria":{"mode":"exclusion"}`), "/groups/0/filteringCriteria", "has no `evaluator`", ""},
		{group(`"filteringCriteria":{"mode":"exclusion","evaluator":{"all":[]},"x":1}`), "/groups/0/filteringCriteria/x", "unknown key `x`", ""},
		{group(`"filteringCriteria":{"fact":"a"}`), "/groups/0/filteringCriteria", "the root of an evaluator", ""},
		{group(`"assertion":1`), "/groups/0/assertion", "`assertion` must be an object", ""},
		{group(`"assertion":{}`), "/groups/0/assertion", "this assertion has no `kind`", ""},
		{group(`"assertion":{"kind":"maxFailling","value":1}`), "/groups/0/assertion/kind", "`kind` must be", "maxFailing"},
		{group(`"assertion":{"kind":"nofail","value":1}`), "/groups/0/assertion/value", "unknown key `value` in a `nofail` assertion", ""},
		{group(`"assertion":{"kind":"maxFailing"}`), "/groups/0/assertion", "needs a `value`", ""},
		{group(`"assertion":{"kind":"maxFailing","value":1.5}`), "/groups/0/assertion/value", "must be a number of records", ""},
		{group(`"assertion":{"kind":"minPassingPercent","value":101}`), "/groups/0/assertion/value", "a percentage from 0 to 100", ""},
		{group(`"assertion":{"kind":"count"}`), "/groups/0/assertion", "needs `min` or `max`", ""},
		{group(`"assertion":{"kind":"count","min":2,"max":1}`), "/groups/0/assertion/min", "`min` is greater than `max`", ""},
		{group(`"assertion":{"kind":"count","min":-2}`), "/groups/0/assertion/min", "a number of records, 0 or more", ""},
		{group(`"assertion":{"kind":"unique"}`), "/groups/0/assertion", "needs a `path`", ""},
		{group(`"assertion":{"kind":"unique","path":""}`), "/groups/0/assertion/path", "must be a path", ""},
		{group(`"assertion":{"kind":"unique","path":"$["}`), "/groups/0/assertion/path", "cannot be read", ""},
	} {
		_, err := ParseTest([]byte(c.text))
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: not refused: %v", clip(c.text, 200), err)
			continue
		}
		if !strings.Contains(e.Message, c.message) || e.Pointer != c.pointer || e.Suggestion != c.suggestion {
			t.Errorf("%s\ngot  %q %q %q\nwant %q %q %q", clip(c.text, 200), e.Pointer, e.Message, e.Suggestion, c.pointer, c.message, c.suggestion)
		}
	}
}

func TestErrorPosition(t *testing.T) {
	_, err := ParseEvaluator([]byte("{\n\t\"all\": [\n  {\"fact\": \"é\", \"operator\": \"equl\", \"value\": 1}\n]}"))
	want := "line 3, column 29: unknown operator `equl`; did you mean `equal`?"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := Compile([]Rule{{}, {Unique: "$["}}); err == nil || !strings.HasPrefix(err.Error(), "the path `$[` of rule 1 cannot be read") {
		t.Error(err)
	}
}

func TestDeepestRuleAllowed(t *testing.T) {
	text := strings.Repeat(`{"all":[`, 64) + strings.Repeat(`]}`, 64)
	if _, err := ParseEvaluator([]byte(text)); err != nil {
		t.Error(err)
	}
	text = `{"all":[` + strings.Repeat(`{"fact":"a","operator":"all","value":`, 62) + `{"any":[]}` + strings.Repeat(`}`, 62) + `]}`
	c, err := ParseEvaluator([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile([]Rule{{Evaluator: c}}); err != nil {
		t.Error(err)
	}
}

func TestTestJSON(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"any":[]}`, `{"logic":"ALL_GROUPS","groups":[{"name":"","resourceId":0,"filteringCriteria":null,"evaluator":{"any":[]},"assertion":{"kind":"nofail"},"onEmpty":"error"}]}`},
		{` {"logic":"AT_MOST_ONE_FAILS","groups":[
			{"name":"Übung \"x\"","resourceId":7,"filteringCriteria":{"any":[]},"evaluator":{"not":{"fact":"a","path":"b","operator":"not:in","value":[1.50,"x",null,{"k":true}],"priority":3,"name":"n","params":{"z":[false]}}},"assertion":{"kind":"count","min":1,"max":9},"onEmpty":"pass"},
			{"evaluator":{"all":[{"fact":"a","operator":"any","value":{"all":[{"fact":"$","operator":"equal","value":{"fact":"q","path":"r","params":1}}],"name":""}}],"priority":-2},"assertion":{"kind":"minPassingPercent","value":99.5},"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[]}}},
			{"evaluator":{"all":[]},"assertion":{"kind":"unique","path":"$.a"},"onEmpty":"fail"},
			{"evaluator":{"all":[]},"assertion":{"kind":"maxFailing","value":12}}]}`,
			`{"logic":"AT_MOST_ONE_FAILS","groups":[` +
				`{"name":"Übung \"x\"","resourceId":7,"filteringCriteria":{"mode":"exclusion","evaluator":{"any":[]}},"evaluator":{"not":{"name":"n","priority":3,"fact":"a","path":"b","operator":"not:in","value":[1.50,"x",null,{"k":true}],"params":{"z":[false]}}},"assertion":{"kind":"count","min":1,"max":9},"onEmpty":"pass"},` +
				`{"name":"","resourceId":0,"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[]}},"evaluator":{"priority":-2,"all":[{"fact":"a","operator":"any","value":{"name":"","all":[{"fact":"$","operator":"equal","value":{"fact":"q","path":"r","params":1}}]}}]},"assertion":{"kind":"minPassingPercent","value":99.5},"onEmpty":"error"},` +
				`{"name":"","resourceId":0,"filteringCriteria":null,"evaluator":{"all":[]},"assertion":{"kind":"unique","path":"$.a"},"onEmpty":"fail"},` +
				`{"name":"","resourceId":0,"filteringCriteria":null,"evaluator":{"all":[]},"assertion":{"kind":"maxFailing","value":12},"onEmpty":"error"}]}`},
	} {
		for range 2 {
			test, err := ParseTest([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(test.JSON()); got != c.want {
				t.Fatalf("got\n%s\nwant\n%s", got, c.want)
			}
			c.text = c.want
		}
	}
}

func TestConditionEqual(t *testing.T) {
	a := parse(t, map[string]any{"all": []any{}})
	b := parse(t, map[string]any{"any": []any{}})
	if !a.Equal(a) || a.Equal(b) || a.String() != `{"all":[]}` {
		t.Error(a, b)
	}
}

func TestFacts(t *testing.T) {
	test, err := ParseTest([]byte(`{"groups":[{"evaluator":{"all":[
		{"fact":"z","operator":"equal","value":{"fact":"b","path":"x"}},
		{"not":{"fact":"list","operator":"all","value":{"fact":"inner","operator":"equal","value":1}}},
		{"fact":"$","path":"c.d","operator":"exists","value":true},
		{"fact":"$","path":"$.e[*]","operator":"exists","value":true},
		{"fact":"$","path":"$..f","operator":"exists","value":true},
		{"fact":"$","operator":"isEmpty","value":true}]},
		"filteringCriteria":{"any":[{"fact":"f","operator":"equal","value":1}]},
		"assertion":{"kind":"unique","path":"u.v"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"b", "c", "e", "f", "list", "u", "z"}
	if got := test.Groups[0].Facts(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOperatorInfos(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range OperatorInfos() {
		if seen[o.Name] || o.Group == "" || o.Words == "" || o.ValueType == "" || len(o.FactTypes) == 0 {
			t.Errorf("%+v", o)
		}
		seen[o.Name] = true
	}
	if len(seen) != 34 {
		t.Errorf("%d operators", len(seen))
	}
	OperatorInfos()[0].FactTypes[0] = "spoilt"
	if OperatorInfos()[0].FactTypes[0] == "spoilt" {
		t.Error("the table can be changed from outside")
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"contians", "contains"}, {"LESSTHAN", "lessThan"}, {"q", ""}, {strings.Repeat("x", 100), ""}, {"greaterThn", "greaterThan"},
	} {
		if got := nearest(c.word, operatorNames); got != c.want {
			t.Errorf("%s: %q, want %q", c.word, got, c.want)
		}
	}
	if d := editDistance("ab", "ba"); d != 1 {
		t.Errorf("a swap counts %d", d)
	}
}

func TestSentence(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{`{"all":[]}`, "always"},
		{`{"any":[{"fact":"a","operator":"equal","value":1},{"all":[{"fact":"b","path":"c","operator":"exists","value":false},{"fact":"d","operator":"isEmpty","value":true}]}]}`, "`a` is 1 or (`b.c` is not there and `d` is empty)"},
		{`{"not":{"fact":"t","operator":"olderThanHours","value":3}}`, "not (`t` is older than 3 hours)"},
		{`{"all":[{"fact":"t","operator":"withinNextDays","value":{"fact":"n"}},{"fact":"u","operator":"olderThanDays","value":2}]}`, "`t` is within the next `n` days and `u` is older than 2 days"},
		{`{"all":[{"fact":"a","path":"$[*].b","operator":"someFact:equal","value":1},{"fact":"a","path":"[0]","operator":"exists","value":{"fact":"$","path":"x"}}]}`, "`a[*].b` satisfies someFact:equal 1 and `a[0]` is there as `x` says"},
	} {
		cond, err := ParseEvaluator([]byte(c.rule))
		if err != nil {
			t.Fatal(err)
		}
		if got := cond.Sentence(); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
	long := parse(t, map[string]any{"all": slices.Repeat([]any{map[string]any{"fact": "name", "operator": "equal", "value": fmt.Sprint(1e9)}}, 500)})
	if n := len(long.Sentence()); n > 2100 {
		t.Errorf("a sentence of %d bytes", n)
	}
}
