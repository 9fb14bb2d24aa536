package rule

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

const lintSchema = `{
	"type": "object",
	"required": ["id", "status", "tags", "ref"],
	"properties": {
		"id": {"type": "string"},
		"status": {"type": "string", "enum": ["active", "suspended"]},
		"mfa": {"type": "boolean"},
		"size": {"type": ["integer", "null"]},
		"open": {},
		"level": {"enum": ["low", "high"]},
		"tags": {"type": "object", "required": ["owner"], "properties": {"owner": {"type": "string"}, "x": true}},
		"disks": {"type": "array", "items": {"type": "object", "required": ["encrypted"], "properties": {"encrypted": {"type": "boolean"}}}},
		"ref": {"$ref": "#/$defs/thing"},
		"odd": {"$ref": "other.json"},
		"either": {"anyOf": [{"type": "string"}]},
		"kind": {"const": 3}
	},
	"$defs": {"thing": {"$ref": "#/$defs/list/0"}, "list": [{"type": "object", "properties": {"name": {"type": "string"}}}], "loop": {"$ref": "#/$defs/loop"}}
}`

func TestLint(t *testing.T) {
	leaf := func(s string) string { return `{"all":[` + s + `]}` }
	for _, c := range []struct {
		text string
		want []string
	}{
		{leaf(`{"fact":"mfa","operator":"equal","value":true}`), nil},
		{leaf(`{"fact":"mfa","operator":"notEqual","value":null}`), []string{"/all/0 `mfa` may be missing, and a missing value is not null, so this is true for it; use `isEmpty` with false, or add `exists`"}},
		{leaf(`{"fact":"size","operator":"equal","value":null}`), []string{"/all/0 `size` may be missing, and a missing value is not null, so this is false for it; `isEmpty` takes both"}},
		{leaf(`{"fact":"id","operator":"notEqual","value":null}`), nil},
		{leaf(`{"fact":"tags","path":"owner","operator":"notEqual","value":null}`), nil},
		{leaf(`{"fact":"staus","operator":"equal","value":"active"}`), []string{"/all/0/fact the schema has no property `staus`; did you mean `status`?"}},
		{leaf(`{"fact":"zzzzzz","operator":"isEmpty","value":true}`), []string{"/all/0/fact the schema has no property `zzzzzz`"}},
		{leaf(`{"fact":"tags","path":"ownr","operator":"exists","value":true}`), []string{"/all/0/path the schema has no property `ownr`; did you mean `owner`?"}},
		{leaf(`{"fact":"ref","path":"nam","operator":"exists","value":true}`), []string{"/all/0/path the schema has no property `nam`; did you mean `name`?"}},
		{leaf(`{"fact":"odd","path":"x","operator":"equal","value":1},{"fact":"either","operator":"equal","value":1},{"fact":"open","path":"y","operator":"equal","value":1},{"fact":"tags","path":"x.y","operator":"equal","value":2}`), nil},
		{leaf(`{"fact":"id","operator":"equal","value":{"fact":"stats"}}`), []string{"/all/0/value/fact the schema has no property `stats`; did you mean `status`?"}},
		{leaf(`{"fact":"id","operator":"equal","value":{"fact":"id"}}`), []string{"/all/0/value this compares `id` with itself"}},
		{leaf(`{"fact":"status","operator":"equal","value":"activ"}`), []string{"/all/0/value the schema does not allow \"activ\" for `status`; did you mean `active`?"}},
		{leaf(`{"fact":"status","operator":"in","value":["active","gone!!!!"]}`), []string{"/all/0/value/1 the schema does not allow \"gone!!!!\" for `status`"}},
		{leaf(`{"fact":"mfa","operator":"equal","value":"true"}`), []string{"/all/0/value `mfa` is boolean in the schema, so it never equals \"true\""}},
		{leaf(`{"fact":"size","operator":"equal","value":"x"}`), []string{"/all/0/value `size` is integer or null in the schema, so it never equals \"x\""}},
		{leaf(`{"fact":"size","operator":"equal","value":5}`), nil},
		{leaf(`{"fact":"mfa","operator":"startsWith","value":"t"}`), []string{"/all/0/operator `mfa` is boolean in the schema, on which `startsWith` is never true"}},
		{leaf(`{"fact":"mfa","operator":"all","value":{"fact":"x","operator":"equal","value":1}}`), []string{"/all/0 `all` is true for an empty array"}},
		{leaf(`{"fact":"disks","operator":"any","value":{"fact":"encrypte","operator":"equal","value":true}}`), []string{"/all/0/value/fact the schema has no property `encrypte`; did you mean `encrypted`?"}},
		{leaf(`{"fact":"disks","operator":"any","value":{"fact":"encrypted","operator":"notEqual","value":null}}`), nil},
		{leaf(`{"fact":"disks","path":"[0].encrypted","operator":"equal","value":1}`), []string{"/all/0/value `disks[0].encrypted` is boolean in the schema, so it never equals 1"}},
		{leaf(`{"fact":"disks","path":"length","operator":"equal","value":1},{"fact":"disks","path":"$[*].q","operator":"equal","value":1}`), nil},
		{leaf(`{"fact":"open","operator":"equal","value":[]}`), []string{"/all/0/value no value is equal to an array or an object, so this is never true"}},
		{leaf(`{"fact":"open","operator":"notEqual","value":{}}`), []string{"/all/0/value no value is equal to an array or an object, so this is always true"}},
		{leaf(`{"fact":"open","operator":"in","value":[]}`), []string{"/all/0/value nothing is one of an empty array, so this is never true"}},
		{leaf(`{"fact":"open","operator":"notIn","value":[]}`), []string{"/all/0/value everything is none of an empty array, so this is always true"}},
		{leaf(`{"fact":"open","operator":"contains","value":[]}`), []string{"/all/0/value no element is equal to an array or an object, so this is never true"}},
		{leaf(`{"any":[]}`), []string{"/all/0/any an empty `any` is always true"}},
		{`{"all":[]}`, []string{" an empty `all` is true for every record"}},
		{leaf(`{"fact":"open","operator":"equal","value":1},{"fact":"open","operator":"equal","value":2}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{leaf(`{"fact":"open","operator":"equal","value":1},{"fact":"open","operator":"notEqual","value":1.0}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{leaf(`{"fact":"open","operator":"exists","value":true},{"fact":"open","operator":"exists","value":false}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{leaf(`{"fact":"open","operator":"lessThan","value":3},{"fact":"open","operator":"greaterThan","value":3}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{leaf(`{"fact":"open","operator":"lessThanInclusive","value":3},{"fact":"open","operator":"greaterThanInclusive","value":3}`), nil},
		{leaf(`{"fact":"open","operator":"equal","value":3},{"fact":"open","operator":"equal","value":3}`), []string{"/all/1 this repeats condition 0"}},
		{leaf(`{"fact":"level","operator":"equal","value":"hihg"}`), []string{"/all/0/value the schema does not allow \"hihg\" for `level`; did you mean `high`?"}},
		{leaf(`{"fact":"mfa","operator":"equal","value":{"fact":"open"}}`), []string{"/all/0 `mfa` and `open` may both be missing, and are equal then; add `exists`"}},
		{leaf(`{"fact":"open","operator":"in","value":[1,2]},{"fact":"open","operator":"greaterThan","value":2}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{leaf(`{"fact":"open","operator":"in","value":[1,2]},{"fact":"open","operator":"greaterThan","value":1}`), []string{}},
		{leaf(`{"fact":"open","operator":"startsWith","value":"x"},{"fact":"open","operator":"equal","value":"abc"}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{leaf(`{"fact":"open","operator":"matches","value":"^x"},{"fact":"open","operator":"in","value":["abc","bcd"]}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{leaf(`{"fact":"open","operator":"in","value":[1,2]},{"fact":"open","operator":"notIn","value":[2,1,3]}`), []string{"/all/1 this and condition 0 can never be true together"}},
		{`{"any":[{"fact":"open","operator":"notIn","value":[1,2]},{"fact":"open","operator":"lessThan","value":5}]}`, []string{"/any/1 this or condition 0 is always true"}},
		{`{"any":[{"fact":"open","operator":"notIn","value":[1,7]},{"fact":"open","operator":"lessThan","value":5}]}`, []string{}},
		{`{"any":[{"fact":"open","operator":"notEqual","value":1},{"fact":"open","operator":"notEqual","value":2}]}`, []string{"/any/1 this or condition 0 is always true"}},
		{`{"any":[{"fact":"open","operator":"notEqual","value":1},{"fact":"open","operator":"equal","value":1}]}`, []string{"/any/1 this or condition 0 is always true"}},
		{`{"any":[{"fact":"open","operator":"exists","value":true},{"fact":"open","operator":"exists","value":false}]}`, []string{"/any/1 this or condition 0 is always true"}},
		{`{"any":[{"fact":"open","operator":"equal","value":1},{"fact":"open","operator":"equal","value":2}]}`, nil},
		{`{"not":{"fact":"nope5","operator":"not:equal","value":1}}`, []string{"/not/fact the schema has no property `nope5`; did you mean `open`?"}},
	} {
		test, err := ParseTest([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range Lint(test, []byte(lintSchema)) {
			got = append(got, r.Pointer[len("/groups/0/evaluator"):]+" "+r.Message)
			if r.Severity != SeverityWarning && r.Severity != SeverityInfo {
				t.Errorf("%s: severity %q", c.text, r.Severity)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestLintGroup(t *testing.T) {
	for _, c := range []struct{ group, want string }{
		{`"assertion":{"kind":"minPassingPercent","value":0}`, "/assertion at least 0 percent is true of any set"},
		{`"assertion":{"kind":"count","min":0}`, "/assertion at least 0 records is true of any set"},
		{`"assertion":{"kind":"unique","path":"emial"}`, "/assertion/path the schema has no property `emial`; did you mean `email`?"},
		{`"filteringCriteria":{"any":[]}`, "/filteringCriteria this filter is true for every record, so nothing is in scope"},
		{`"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[]}}`, "/filteringCriteria this filter takes every record"},
		{`"filteringCriteria":{"all":[{"fact":"emails","operator":"equal","value":1}]}`, "/filteringCriteria/evaluator/all/0/fact the schema has no property `emails`; did you mean `email`?"},
	} {
		test, err := ParseTest([]byte(`{"groups":[{"evaluator":{"all":[{"fact":"email","operator":"exists","value":true}]},` + c.group + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		list := test.Groups[0].Lint([]byte(`{"properties":{"email":{"type":"string"}}}`))
		if got := fmt.Sprint(list); len(list) != 1 || list[0].Pointer+" "+list[0].Message != c.want {
			t.Errorf("%s: %s, want %s", c.group, got, c.want)
		}
	}
	test, err := ParseTest([]byte(`{"all":[{"fact":"a","path":"b","operator":"equal","value":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{"", "true", "{", `{"$ref":"#/$defs/loop","$defs":{"loop":{"$ref":"#/$defs/loop"}}}`, `{"$ref":"#/nowhere/1"}`, `{"properties":{"a":{"$ref":"#/allOf/7"}}}`} {
		if list := Lint(test, []byte(schema)); len(list) != 0 {
			t.Errorf("%s: %v", schema, list)
		}
	}
}

func TestAlways(t *testing.T) {
	known, err := ParseConditions(map[string]json.RawMessage{"all": json.RawMessage(`{"all":[]}`), "some": json.RawMessage(`{"fact":"a","operator":"equal","value":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`{"all":[]}`:         true,
		`{"any":[]}`:         true,
		`{"not":{"any":[]}}`: false,
		`{"all":[{"any":[]},{"fact":"a","operator":"notIn","value":[]}]}`:                                   true,
		`{"any":[{"fact":"a","operator":"equal","value":1},{"fact":"a","operator":"notEqual","value":{}}]}`: true,
		`{"all":[{"fact":"a","operator":"equal","value":1},{"all":[]}]}`:                                    false,
		`{"any":[{"fact":"a","operator":"notEqual","value":1}]}`:                                            false,
		`{"any":[{"fact":"a","operator":"not:notIn","value":[]}]}`:                                          false,
		`{"any":[{"fact":"a","operator":"in","value":[]}]}`:                                                 false,
		`{"condition":"all"}`:  true,
		`{"condition":"some"}`: false,
		`{"any":[{"fact":"a","operator":"equal","value":{"fact":"a"}}]}`: false,
	} {
		c, err := known.ParseEvaluator([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Always(); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
