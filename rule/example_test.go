package rule_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/rule"
)

func Example() {
	test, err := rule.ParseTest([]byte(`{"all":[
		{"fact":"mfa","operator":"equal","value":true},
		{"fact":"lastSeen","operator":"withinLastDays","value":30}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := rule.Compile([]rule.Rule{rule.NewRule(&test.Groups[0])})
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	machine := program.Machine()
	for _, record := range []string{
		`{"mfa":true,"lastSeen":"2026-09-21"}`,
		`{"mfa":true,"lastSeen":"2026-08-21"}`,
	} {
		machine.Run([]byte(record), now)
		fmt.Println(machine.Outcome(0))
		if at, ok := machine.Flip(0); ok {
			fmt.Println("until", at.Format(time.RFC3339Nano))
		}
	}
	// Output:
	// pass
	// until 2026-10-21T00:00:00.000000001Z
	// fail
}

func ExampleProgram_Explain() {
	c, _ := rule.ParseEvaluator([]byte(`{"all":[{"fact":"mfa","operator":"equal","value":true}]}`))
	program, _ := rule.Compile([]rule.Rule{{Evaluator: c}})
	why := program.Explain(0, []byte(`{"mfa":false}`), time.Unix(0, 0))
	cause, _ := json.Marshal(why.Leaves())
	fmt.Println(string(cause))
	fmt.Println(why.Words[0])
	fmt.Println(why.Counterfactual)
	// Output:
	// [{"fact":"mfa","operator":"equal","value":true,"factResult":false,"result":false}]
	// `mfa` is false, expected true
	// would pass if mfa = true
}

func ExampleParseTest_refused() {
	_, err := rule.ParseTest([]byte("{\"all\": [\n  {\"fact\": \"mfa\", \"operator\": \"equals\", \"value\": true}\n]}"))
	fmt.Println(err)
	var refused *rule.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Pointer)
	}
	// Output:
	// line 2, column 31: unknown operator `equals`; did you mean `equal`?
	// /all/0/operator
}

func ExampleLint() {
	test, _ := rule.ParseTest([]byte(`{"all":[{"fact":"emial","operator":"notEqual","value":null}]}`))
	for _, remark := range rule.Lint(test, []byte(`{"properties":{"email":{"type":"string"}}}`)) {
		fmt.Println(remark.Pointer, remark.Message)
	}
	// Output:
	// /groups/0/evaluator/all/0/fact the schema has no property `emial`; did you mean `email`?
	// /groups/0/evaluator/all/0 `emial` may be missing, and a missing value is not null, so this is true for it; use `isEmpty` with false, or add `exists`
}

func ExampleAssertion_Assess() {
	atLeastOneAdmin := int64(1)
	a := rule.Assertion{Kind: rule.Count, Min: &atLeastOneAdmin}
	verdict, _ := a.Assess(rule.Counts{InScope: 3, Passing: 1, Failing: 2, Records: 3}, rule.EmptyError)
	fmt.Println(verdict)
	fmt.Println(a.Assess(rule.Counts{Records: 3}, rule.EmptyError))
	// Output:
	// PASSED
	// ERROR NO_DATA
}

func ExampleCondition_Sentence() {
	c, _ := rule.ParseEvaluator([]byte(`{"all":[{"fact":"mfa","operator":"equal","value":true},
		{"fact":"disks","operator":"all","value":{"fact":"encrypted","operator":"equal","value":true}}]}`))
	fmt.Println(c.Sentence())
	// Output: `mfa` is true and `disks` has only elements where `encrypted` is true
}

func ExampleMachine_Provide() {
	c, _ := rule.ParseEvaluator([]byte(`{"all":[{"fact":"email","operator":"notExistsIn","value":
		{"resource":"accounts","path":"login","where":{"fact":"active","operator":"equal","value":true}}}]}`))
	program, _ := rule.Compile([]rule.Rule{{Evaluator: c}})
	machine := program.Machine()
	now := time.Unix(0, 0)
	for i, lookup := range program.Lookups() {
		values, _ := rule.NewValues(lookup)
		values.Add([]byte(`{"login":"ada@example.com","active":true}`), now)
		values.Add([]byte(`{"login":"bob@example.com","active":false}`), now)
		machine.Provide(i, values.Presence)
	}
	for _, record := range []string{`{"email":"ada@example.com"}`, `{"email":"bob@example.com"}`} {
		machine.Run([]byte(record), now)
		fmt.Println(machine.Outcome(0))
	}
	// Output:
	// fail
	// pass
}

func ExampleConditions_ParseTest() {
	known, err := rule.ParseConditions(map[string]json.RawMessage{
		"privileged": json.RawMessage(`{"fact":"role","operator":"in","value":["admin","root"]}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	test, err := known.ParseTest([]byte(`{"any":[{"not":{"condition":"privileged"}},{"fact":"mfa","operator":"equal","value":true}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(test.Groups[0].Evaluator.Sentence())
	// Output: not (`role` is one of ["admin","root"]) or `mfa` is true
}
