package rule

import (
	"slices"
	"strings"
	"testing"
)

func compileOne(t *testing.T, rule string) *Program {
	t.Helper()
	c, err := ParseEvaluator([]byte(rule))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile([]Rule{{Evaluator: c}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func provide(t *testing.T, p *Program, m *Machine, records ...string) {
	t.Helper()
	for i, l := range p.Lookups() {
		values, err := NewValues(l)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			values.Add([]byte(r), testNow)
		}
		m.Provide(i, values.Presence)
	}
}

func TestLookup(t *testing.T) {
	far := []string{`{"v":"a"}`, `{"v":1.0}`, `{"v":true}`, `{"v":null}`, `{"v":["x",["y"],null,9007199254740993]}`, `{"w":"lost"}`, `{"v":{"k":1}}`}
	for _, c := range []struct{ value, in, notIn, why string }{
		{`"a"`, "pass", "fail", "found"},
		{`1`, "pass", "fail", "found"},
		{`1e0`, "pass", "fail", "found"},
		{`true`, "pass", "fail", "found"},
		{`"x"`, "pass", "fail", "found"},
		{`9007199254740993`, "pass", "fail", "found"},
		{`9007199254740992`, "fail", "pass", "not found"},
		{`"y"`, "fail", "pass", "not found"},
		{`"1"`, "fail", "pass", "not found"},
		{`false`, "fail", "pass", "not found"},
		{`null`, "fail", "fail", "type"},
		{`["a"]`, "fail", "fail", "type"},
		{`{"k":1}`, "fail", "fail", "type"},
		{``, "fail", "fail", "missing"},
	} {
		record := `{"f":` + c.value + `}`
		if c.value == "" {
			record = `{}`
		}
		for op, want := range map[string]string{"existsIn": c.in, "notExistsIn": c.notIn} {
			p := compileOne(t, `{"all":[{"fact":"f","operator":"`+op+`","value":{"resource":"r","path":"v"}}]}`)
			m := p.Machine()
			provide(t, p, m, far...)
			e := m.Explain(0, []byte(record), testNow)
			if e.Outcome.String() != want {
				t.Errorf("%s %s: %s, want %s", c.value, op, e.Outcome, want)
			}
			if want == "fail" && e.Leaves()[0].Reason != c.why {
				t.Errorf("%s %s: reason %q, want %q", c.value, op, e.Leaves()[0].Reason, c.why)
			}
		}
	}
}

func TestLookupErrors(t *testing.T) {
	p := compileOne(t, `{"all":[{"fact":"f","operator":"notExistsIn","value":{"resource":"r","path":"v","where":{"fact":"v","operator":"in","value":{"fact":"list"}}}}]}`)
	m := p.Machine()
	record := []byte(`{"f":"a"}`)
	m.Run(record, testNow)
	if m.Outcome(0) != Errored || m.Problem(0) != "the records of `r` cannot be looked up, or some of them not be evaluated" {
		t.Errorf("nobody answers: %s %q", m.Outcome(0), m.Problem(0))
	}
	provide(t, p, m, `{"v":"b","list":["b"]}`)
	if m.Run(record, testNow); m.Outcome(0) != Pass {
		t.Errorf("not there: %s", m.Outcome(0))
	}
	provide(t, p, m, `{"v":"b"}`)
	if m.Run(record, testNow); m.Outcome(0) != Errored {
		t.Errorf("one that may be it: %s", m.Outcome(0))
	}
	provide(t, p, m, `{"v":"b"}`, `{"v":"a","list":["a"]}`)
	if m.Run(record, testNow); m.Outcome(0) != Fail {
		t.Errorf("there in spite of another error: %s", m.Outcome(0))
	}
	e := m.Explain(0, record, testNow)
	if e.Words[0] != "`f` is \"a\", expected that it is not found in the `v` of `r` where `v` is one of `list`" || e.Counterfactual != "" {
		t.Errorf("%q %q", e.Words, e.Counterfactual)
	}
}

func TestWanted(t *testing.T) {
	p := compileOne(t, `{"any":[{"fact":"a","operator":"existsIn","value":{"resource":1,"path":"x"}},
		{"fact":"b","operator":"someFact:not:everyFact:existsIn","value":{"resource":1,"path":"y"}},
		{"fact":"c","operator":"any","value":{"all":[{"fact":"d","operator":"notExistsIn","value":{"resource":1,"path":"x"}}]}}]}`)
	m := p.Machine()
	var got []string
	each := func(i int, value []byte) { got = append(got, string(rune('0'+i))+string(value)) }
	m.Wanted([]byte(`{"a":"é","b":[[1,"two"],3,[[4]]],"c":[{"d":5.0},{"d":null},7,{"d":"six"}]}`), each)
	slices.Sort(got)
	if s := strings.Join(got, " "); s != `0"six" 0"é" 05 1"two" 11` {
		t.Error(s)
	}
	got = nil
	for _, record := range []string{``, `[]`, `{"a":`, `{}`, `{"a":[1],"b":2,"c":"x"}`} {
		m.Wanted([]byte(record), each)
	}
	if len(got) > 0 {
		t.Error(got)
	}
	l := p.Lookups()
	if len(l) != 2 || l[0].Key() != `{"resource":1,"path":"x"}` || strings.Join(l[1].Facts(), "") != "y" {
		t.Errorf("%+v", l)
	}
}
