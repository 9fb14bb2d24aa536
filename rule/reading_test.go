package rule

import (
	"encoding/json"
	"strings"
	"testing"
)

func (w Words) lines(indent string) string {
	text := indent + w.Text + "\n"
	for _, i := range w.Items {
		text += i.lines(indent + "  ")
	}
	return text
}

func TestWords(t *testing.T) {
	known, err := ParseConditions(map[string]json.RawMessage{"strong": json.RawMessage(`{"any":[{"fact":"mfa","operator":"equal","value":true},{"fact":"key","operator":"isEmpty","value":false}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	test, err := known.ParseTest([]byte(`{"logic":"AT_MOST_ONE_FAILS","groups":[
		{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"role","operator":"in","value":["a","b"]}]}},
		 "evaluator":{"all":[{"condition":"strong","name":"Sign-in"},{"not":{"fact":"disks","path":"list","operator":"none","value":{"all":[{"fact":"$","operator":"lessThan","value":5},{"fact":"on","operator":"exists","value":false}]}}},
		  {"fact":"seen","operator":"olderThanDays","value":30},{"fact":"x","operator":"not:someFact:equal","value":1},{"any":[]}]},"onEmpty":"pass"},
		{"filteringCriteria":{"any":[{"fact":"test","operator":"equal","value":true}]},"evaluator":{"any":[{"fact":"a","operator":"existsIn","value":{"resource":"r","path":"p"}}]},"assertion":{"kind":"count","max":0}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	g := test.Groups[0].Words()
	const demand = "All of these:\n  Sign-in: The condition “strong”:\n    At least one of these:\n      `mfa` is true\n      `key` is not empty\n  Not:\n    `disks.list` has no element where:\n      All of these:\n        It is less than 5\n        `on` is not there\n" +
		"  `seen` is older than 30 days\n  `x` satisfies not:someFact:equal 1\n  Always true.\n"
	if got := g.Demand.lines(""); got != demand {
		t.Errorf("got\n%s\nwant\n%s", got, demand)
	}
	if got := g.Scope.lines("") + g.Assertion + g.OnEmpty; got != "Only records where:\n  `role` is one of [\"a\",\"b\"]\nEvery record must satisfy it.With no record to test the group passes." {
		t.Error(got)
	}
	g = test.Groups[1].Words()
	if got := g.Scope.lines("") + g.Demand.Text + g.Assertion + g.OnEmpty; got != "All records except where:\n  `test` is true\n`a` is found in the `p` of `r`No record may satisfy it.With no record to test the result is an error." {
		t.Error(got)
	}
	if test.Logic.Words() != "Only one group can fail." {
		t.Error(test.Logic.Words())
	}
	for text, want := range map[string]string{
		`{"kind":"nofail"}`: "Every record must satisfy it.", `{"kind":"maxFailing","value":1}`: "All but at most 1 record must satisfy it.",
		`{"kind":"minPassingPercent","value":99.5}`: "At least 99.5 % of the records must satisfy it.", `{"kind":"count","min":1}`: "At least 1 record must satisfy it.",
		`{"kind":"count","min":2,"max":2}`: "Exactly 2 records must satisfy it.", `{"kind":"count","min":0,"max":3}`: "At most 3 records may satisfy it.",
		`{"kind":"count","min":2,"max":5}`: "Between 2 and 5 records must satisfy it.", `{"kind":"unique","path":"a.b"}`: "Every record must satisfy it, and no two may have the same `a.b`.",
	} {
		test, err := ParseTest([]byte(`{"groups":[{"evaluator":{"all":[]},"assertion":` + text + `}]}`))
		if err != nil || test.Groups[0].Assertion.Words() != want {
			t.Errorf("%s: %v %v", text, test, err)
		}
	}
	many, err := ParseEvaluator([]byte(`{"all":[` + strings.Repeat(`{"any":[{"fact":"a","operator":"equal","value":1},{"fact":"b","operator":"equal","value":1}]},`, 3000) + `{"any":[]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := many.Words().lines(""); strings.Count(got, "\n") > maxWords+10 || !strings.Contains(got, "…") {
		t.Errorf("%d lines", strings.Count(got, "\n"))
	}
}
