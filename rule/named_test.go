package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestNamedConditions(t *testing.T) {
	known, err := ParseConditions(map[string]json.RawMessage{
		"admin":      json.RawMessage(`{"fact":"role","operator":"equal","value":"admin"}`),
		"protected":  json.RawMessage(`{"any":[{"not":{"condition":"admin"}},{"condition":"mfa","priority":3}]}`),
		"mfa":        json.RawMessage(`{"all":[{"fact":"mfa","operator":"equal","value":true}],"name":"second factor"}`),
		"everywhere": json.RawMessage(`{"fact":"accounts","operator":"all","value":{"condition":"protected"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(known.Names(), " "); got != "admin everywhere mfa protected" {
		t.Error(got)
	}
	for _, c := range []struct{ rule, record, outcome, words string }{
		{`{"condition":"protected"}`, `{"role":"admin","mfa":true}`, "pass", ""},
		{`{"condition":"admin"}`, `{"role":"user"}`, "fail", "`role` is \"user\", expected \"admin\""},
		{`{"condition":"protected"}`, `{"role":"admin"}`, "fail", "`role` is \"admin\", expected anything but \"admin\"; `mfa` is missing, expected true"},
		{`{"all":[{"condition":"everywhere"}]}`, `{"accounts":[{"role":"user"},{"role":"admin"}]}`, "fail", "`accounts`: element 1 does not satisfy the condition, expected that it has only elements where (not (`role` is \"admin\") or `mfa` is true)"},
		{`{"not":{"condition":"admin"}}`, `{"role":"user"}`, "pass", ""},
	} {
		test, err := known.ParseTest([]byte(c.rule))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(test.Groups[0].Evaluator.JSON()); got != c.rule {
			t.Errorf("%s became %s", c.rule, got)
		}
		p, err := Compile([]Rule{NewRule(&test.Groups[0])})
		if err != nil {
			t.Fatal(err)
		}
		e := p.Explain(0, []byte(c.record), testNow)
		if e.Outcome.String() != c.outcome || strings.Join(e.Words, "; ") != c.words {
			t.Errorf("%s on %s: %s %q", c.rule, c.record, e.Outcome, e.Words)
		}
		pinned, err := test.Groups[0].Pin(nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(pinned.Evaluator.JSON()), `"condition"`) {
			t.Errorf("still refers: %s", pinned.Evaluator)
		}
		again, err := ParseEvaluator(pinned.Evaluator.JSON())
		if err != nil {
			t.Fatal(err)
		}
		if p, err = Compile([]Rule{{Evaluator: again}}); err != nil {
			t.Fatal(err)
		}
		if got := p.Explain(0, []byte(c.record), testNow).Outcome.String(); got != c.outcome {
			t.Errorf("%s pinned on %s: %s", c.rule, c.record, got)
		}
		if facts := strings.Join(test.Groups[0].Facts(), " "); facts == "" {
			t.Error("no facts")
		}
	}
}

func TestNamedConditionRefusals(t *testing.T) {
	doubling := map[string]json.RawMessage{"c0": json.RawMessage(`{"all":[]}`)}
	deep := map[string]json.RawMessage{"c0": json.RawMessage(`{"all":[]}`)}
	for i := 1; i < 70; i++ {
		name := fmt.Sprintf("c%d", i)
		deep[name] = fmt.Appendf(nil, `{"not":{"condition":"c%d"}}`, i-1)
		if i < 20 {
			doubling[name] = fmt.Appendf(nil, `{"all":[{"condition":"c%d"},{"condition":"c%d"}]}`, i-1, i-1)
		}
	}
	for _, c := range []struct {
		name                       string
		texts                      map[string]json.RawMessage
		pointer, message, proposal string
	}{
		{"circle", map[string]json.RawMessage{"a": json.RawMessage(`{"not":{"condition":"b"}}`), "b": json.RawMessage(`{"all":[{"condition":"a"}]}`)},
			"/b/all/0/condition", "the condition `a` refers to itself (a → b → a)", ""},
		{"itself", map[string]json.RawMessage{"a": json.RawMessage(`{"condition":"a"}`)}, "/a/condition", "refers to itself (a → a)", ""},
		{"absent", map[string]json.RawMessage{"mfa": json.RawMessage(`{"all":[]}`), "b": json.RawMessage(`{"condition":"mafa"}`)}, "/b/condition", "there is no condition named `mafa`", "mfa"},
		{"no name", map[string]json.RawMessage{"a": json.RawMessage(`{"condition":1}`)}, "/a/condition", "must be the name of a condition", ""},
		{"other keys", map[string]json.RawMessage{"a": json.RawMessage(`{"condition":"b","value":1}`)}, "/a/value", "unknown key `value` in a reference", ""},
		{"no JSON", map[string]json.RawMessage{"a": json.RawMessage(`{`)}, "/a", "expected a key in double quotes", ""},
		{"empty", map[string]json.RawMessage{"a": nil}, "/a", "the rule is empty", ""},
		{"grows without end", doubling, "", "more than 10,000 conditions", ""},
		{"too deep", deep, "", "nested deeper than 64 levels", ""},
		{"far and further", map[string]json.RawMessage{
			"far":  json.RawMessage(`{"fact":"a","operator":"existsIn","value":{"resource":1,"path":"b"}}`),
			"next": json.RawMessage(`{"fact":"a","operator":"existsIn","value":{"resource":1,"path":"b","where":{"condition":"far"}}}`)},
			"/next/value/where", "cannot look into another", ""},
	} {
		_, err := ParseConditions(c.texts)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, c.message) || e.Suggestion != c.proposal || c.pointer != "" && e.Pointer != c.pointer {
			t.Errorf("%s: %+v", c.name, err)
		}
	}
	known, err := ParseConditions(map[string]json.RawMessage{"mfa": json.RawMessage(`{"all":[]}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = known.ParseTest([]byte(`{"groups":[{"evaluator":{"condition":"mfaa"}}]}`))
	if err == nil || err.Error() != "line 1, column 38: there is no condition named `mfaa`; did you mean `mfa`?" {
		t.Error(err)
	}
}

func TestReferences(t *testing.T) {
	known, err := ParseConditions(map[string]json.RawMessage{
		"admin": json.RawMessage(`{"fact":"role","operator":"equal","value":"admin"}`),
		"safe":  json.RawMessage(`{"any":[{"not":{"condition":"admin"}},{"fact":"mfa","operator":"equal","value":true}]}`),
		"other": json.RawMessage(`{"all":[]}`),
		"asks":  json.RawMessage(`{"fact":"id","operator":"existsIn","value":{"resource":1,"path":"a","where":{"condition":"other"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ test, want string }{
		{`{"all":[]}`, "[]"},
		{`{"not":{"condition":"safe"}}`, "[admin safe]"},
		{`{"condition":"asks"}`, "[asks other]"},
		{`{"groups":[{"evaluator":{"all":[{"fact":"list","operator":"any","value":{"condition":"admin"}}]},"filteringCriteria":{"condition":"asks"}},{"evaluator":{"all":[]}}]}`,
			"[admin asks other]"},
	} {
		test, err := known.ParseTest([]byte(c.test))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(test.References()); got != c.want {
			t.Errorf("%s refers to %s, want %s", c.test, got, c.want)
		}
	}
	if got := fmt.Sprint(known.Condition("safe").References()); got != "[admin]" {
		t.Error(got)
	}
	if known.Condition("Safe") != nil || (*Conditions)(nil).Condition("safe") != nil {
		t.Error("a condition that is not there")
	}
}

func TestPinResources(t *testing.T) {
	test, err := ParseTest([]byte(`{"groups":[{"filteringCriteria":{"all":[{"fact":"x","operator":"existsIn","value":{"resource":"old","path":"y"}}]},
		"evaluator":{"any":[{"fact":"list","operator":"any","value":{"fact":"$","operator":"notExistsIn","value":{"resource":"accounts","path":"z","where":{"all":[]}}}},
		{"fact":"x","operator":"existsIn","value":{"resource":4,"path":"y"}}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int64{"accounts": 7, "old": 9}
	pinned, err := test.Groups[0].Pin(func(name string) (int64, error) {
		if ids[name] == 0 {
			return 0, errors.New("not there")
		}
		return ids[name], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, l := range pinned.Lookups() {
		keys = append(keys, l.Key())
	}
	want := `{"resource":7,"path":"z","where":{"all":[]}} {"resource":4,"path":"y"} {"resource":9,"path":"y"}`
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if before := test.Groups[0].Lookups(); before[0].Resource != "accounts" {
		t.Error("the test itself was changed")
	}
	delete(ids, "accounts")
	if _, err := test.Groups[0].Pin(func(name string) (int64, error) {
		if ids[name] == 0 {
			return 0, errors.New("not there")
		}
		return ids[name], nil
	}); err == nil || err.Error() != "the resource `accounts`: not there" {
		t.Error(err)
	}
}
