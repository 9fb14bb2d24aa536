package complete

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/plumbline-dev/plumbline/rule"
)

func attribute(label string, own, from rule.Address, types ...string) Attribute {
	return Attribute{Own: own, From: from, Label: label, Types: types}
}

func plain(name string, types ...string) Attribute {
	a := rule.Address{Fact: name}
	return attribute(name, a, a, types...)
}

func testVocabulary() Vocabulary {
	role := plain("role", "string", "null")
	role.Enum = []json.RawMessage{json.RawMessage(`"admin"`), json.RawMessage(`"user"`), json.RawMessage("null")}
	seen := plain("seenAt", "string")
	seen.Format = "date-time"
	host := plain("host", "object")
	osName := rule.Address{Fact: "host", Path: "$['os name']"}
	host.Children = []Attribute{attribute("os name", osName, osName, "string")}
	disks := plain("disks", "array")
	on := attribute("encrypted", rule.Address{Fact: "encrypted"}, rule.Address{Fact: "disks", Path: "$[*].encrypted"}, "boolean")
	disks.Elements = &Attribute{Own: rule.Address{Fact: "$"}, Types: []string{"object"}, Children: []Attribute{on}}
	ports := plain("ports", "array")
	ports.Elements = &Attribute{Own: rule.Address{Fact: "$"}, Types: []string{"integer"}, Values: []json.RawMessage{json.RawMessage("22")}}
	return Vocabulary{
		Attributes: func(id int64) []Attribute {
			if id > 1 {
				return nil
			}
			return []Attribute{plain("mfa", "boolean"), role, seen, plain("age", "integer"), host, disks, ports, plain("emo😀ji", "string")}
		},
		Named: func(name string) []Attribute {
			if name != "people" {
				return nil
			}
			return []Attribute{plain("email", "string")}
		},
		Values: func(id int64, at rule.Address) []json.RawMessage {
			if at.Fact == "age" {
				return []json.RawMessage{json.RawMessage("42"), json.RawMessage("7")}
			}
			return nil
		},
		Conditions: []Condition{{"strong", "`mfa` is true"}},
		Resources:  []Resource{{1, "Users"}, {2, "people"}},
	}
}

// split takes the caret out of a text; the caret counts UTF-16 units.
func split(marked string) (text string, caret int) {
	before, after, _ := strings.Cut(marked, "|")
	return before + after, length(before)
}

// after is the text once an item is taken, with the caret.
func after(t *testing.T, text string, it Item) string {
	t.Helper()
	units := utf16.Encode([]rune(text))
	end := len(units)
	for i := len(it.Edits) - 1; i >= 0; i-- {
		e := it.Edits[i]
		if e.From < 0 || e.From > e.To || e.To > end {
			t.Fatalf("%q: the edits of %+v are not in order", text, it)
		}
		end = e.From
		units = slices.Concat(units[:e.From], utf16.Encode([]rune(e.Text)), units[e.To:])
	}
	if it.Caret < 0 || it.Caret > len(units) {
		t.Fatalf("%q: the caret of %+v is outside", text, it)
	}
	return string(utf16.Decode(units[:it.Caret])) + "|" + string(utf16.Decode(units[it.Caret:]))
}

func TestAt(t *testing.T) {
	for _, c := range []struct {
		what rule.Subject
		text string
		// labels are the first items; result is the text after the first one.
		labels []string
		result string
	}{
		{rule.SubjectLogic, "|", []string{"all", "any", "not", "strong", "group"}, `{ "all": [|] }`},
		{rule.SubjectGroup, ` |`, []string{"all"}, ` { "all": [|] }`},
		{rule.SubjectLogic, `{|}`, []string{"groups", "logic", "all"}, `{"groups": [|]}`},
		{rule.SubjectLogic, `{"groups":[], "lo|"}`, []string{"logic"}, `{"groups":[], "logic": "|ALL_GROUPS"}`},
		{rule.SubjectLogic, `{"groups":[|]}`, []string{"group"}, `{"groups":[{ "name": "", "resourceId": 0, "evaluator": { "all": [|] } }]}`},
		{rule.SubjectLogic, `{"logic":"|","groups":[]}`, []string{"ALL_GROUPS", "ANY_GROUP", "AT_MOST_ONE_FAILS"}, `{"logic":"ALL_GROUPS"|,"groups":[]}`},
		{rule.SubjectGroup, `{"resourceId": |}`, []string{"Users", "people"}, `{"resourceId": 1|}`},
		{rule.SubjectGroup, `{"resourceId":1,"onEmpty":"f|"}`, []string{"fail"}, `{"resourceId":1,"onEmpty":"fail"|}`},
		{rule.SubjectGroup, `{"assertion":{"kind":"count" |}}`, []string{"min", "max"}, `{"assertion":{"kind":"count" , "min": 1|}}`},
		{rule.SubjectGroup, `{"assertion":{"kind":"unique","path":"|"}}`, []string{"mfa", "role", "seenAt", "age", "host", "host.os name"}, `{"assertion":{"kind":"unique","path":"mfa"|}}`},
		{rule.SubjectGroup, `{"filteringCriteria":{"mode":"in|"}}`, []string{"inclusion"}, ""},
		{rule.SubjectEvaluator, `{"all":[|]}`, []string{"comparison", "all", "any", "not", "strong", "mfa"}, `{"all":[{ "fact": "|", "operator": "equal", "value": "" }]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"mfa","operator":"equal","value":true} |]}`, []string{"comparison"}, ""},
		{rule.SubjectEvaluator, `{"all":[{|}]}`, []string{"fact", "path", "operator", "value", "all"}, `{"all":[{"fact": "|"}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"mfa"|}]}`, []string{"mfa"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"mfa",|}]}`, []string{"path", "operator", "value", "name", "priority"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"|"}]}`, []string{"mfa", "role", "seenAt", "age", "host", "host.os name", "disks", "disks[*].encrypted", "ports", "emo😀ji", "$"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"os n|"}]}`, []string{"host.os name"}, `{"all":[{"fact":"host", "path": "$['os name']"|}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"os n|","path":"x","operator":"equal"}]}`, []string{"host.os name"}, `{"all":[{"fact":"host"|,"path":"$['os name']","operator":"equal"}]}`},
		{rule.SubjectEvaluator, "{\"all\":[{\"fact\": |\n \"operator\":\"equal\"}]}", []string{"mfa"}, "{\"all\":[{\"fact\": \"mfa\"|,\n \"operator\":\"equal\"}]}"},
		{rule.SubjectEvaluator, `{"all":[{"fact":"😀","operator":"|","x":"😀"}]}`, []string{"equal"}, `{"all":[{"fact":"😀","operator":"equal"|,"x":"😀"}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"host","path":"|"}]}`, []string{"$['os name']"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"seenAt","operator":"|"}]}`, []string{"withinLastHours", "withinLastDays"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"mfa","operator":"|","value":true}]}`, []string{"equal", "notEqual", "in", "notIn", "exists", "isEmpty", "existsIn", "notExistsIn"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"seenAt","operator":"older|"}]}`, []string{"olderThanHours", "olderThanDays"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"age","operator":"at least|"}]}`, []string{"greaterThanInclusive", "versionAtLeast"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"x","operator":"not:someF|"}]}`, []string{"someFact:"}, `{"all":[{"fact":"x","operator":"not:someFact:|"}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"x","operator":"not:eq|"}]}`, []string{"equal", "equalIgnoreCase", "notEqual"}, `{"all":[{"fact":"x","operator":"not:equal"|}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"role","operator":"equal","value":|}]}`, []string{"admin", "user", "null", "mfa"}, `{"all":[{"fact":"role","operator":"equal","value":"admin"|}]}`},
		{rule.SubjectEvaluator, `{"all":[{"value":|, "fact":"role","operator":"in"}]}`, []string{"admin", "user"}, `{"all":[{"value":["admin"|], "fact":"role","operator":"in"}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"role","operator":"in","value":["admin",|]}]}`, []string{"admin", "user", "null"}, `{"all":[{"fact":"role","operator":"in","value":["admin","admin"|]}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"age","operator":"equal","value":4|}]}`, []string{"42"}, `{"all":[{"fact":"age","operator":"equal","value":42|}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"age","operator":"exists","value":|}]}`, []string{"true", "false"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"seenAt","operator":"olderThanDays","value":|}]}`, []string{"7", "30"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"disks","operator":"all","value":{"fact":"|"}}]}`, []string{"encrypted", "$"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"disks","operator":"all","value":|}]}`, []string{"comparison", "all", "any", "not", "strong", "encrypted"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"ports","operator":"any","value":{"all":[{"fact":"$","operator":"equal","value":|}]}}]}`, []string{"22"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"disks","path":"$[*].encrypted","operator":"|"}]}`, []string{"notEqual", "notIn", "contains"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"x","operator":"existsIn","value":{"resource":"|"}}]}`, []string{"Users", "people"}, `{"all":[{"fact":"x","operator":"existsIn","value":{"resource":"Users"|}}]}`},
		{rule.SubjectEvaluator, `{"all":[{"fact":"x","operator":"existsIn","value":{"resource":"people","path":"|"}}]}`, []string{"email"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"x","operator":"existsIn","value":{"resource":"people","where":{"fact":"|"}}}]}`, []string{"email", "$"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"age","operator":"lessThan","value":{"fact":"se|"}}]}`, []string{"seenAt"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"condition":"|"}]}`, []string{"strong"}, `{"all":[{"condition":"strong"|}]}`},
		{rule.SubjectCondition, `{"not":|}`, []string{"comparison", "all"}, ""},
		// Broken texts.
		{rule.SubjectGroup, "{\"resourceId\":1,\"evaluator\":{\"all\":[{\"fact\":\"ro|", []string{"role"}, "{\"resourceId\":1,\"evaluator\":{\"all\":[{\"fact\":\"role\"|"},
		{rule.SubjectEvaluator, "{\"all\":[{\"fact\":\"role\",\n\"operator\":\"no|\n}]}", []string{"notEqual", "notIn"}, "{\"all\":[{\"fact\":\"role\",\n\"operator\":\"notEqual\"|\n}]}"},
		{rule.SubjectEvaluator, `{"all":[{fact:|`, []string{"mfa"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact"|:"role"}]}`, []string{"fact"}, ""},
		{rule.SubjectEvaluator, `{"all":[{"fact":"role"}]}  |`, nil, ""},
		{rule.SubjectEvaluator, `nonsense|`, nil, ""},
	} {
		text, caret := split(c.text)
		got := At(text, caret, c.what, testVocabulary())
		var labels []string
		for _, it := range got.Items {
			labels = append(labels, it.Label)
		}
		if len(labels) < len(c.labels) || !slices.Equal(labels[:len(c.labels)], c.labels) || c.labels == nil && labels != nil {
			t.Errorf("%s\n got %q\nwant %q", c.text, labels, c.labels)
			continue
		}
		if c.result != "" {
			if result := after(t, text, got.Items[0]); result != c.result {
				t.Errorf("%s\n got %s\nwant %s", c.text, result, c.result)
			}
		}
	}
}

var whole = []struct {
	what rule.Subject
	text string
}{
	{rule.SubjectLogic, `{"logic":"ALL_GROUPS","groups":[{"name":"G","resourceId":1,"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[]}},"evaluator":{"any":[{"fact":"mfa","operator":"equal","value":true},{"not":{"fact":"host","path":"$['os name']","operator":"in","value":["x"]}}]},"assertion":{"kind":"count","min":1},"onEmpty":"pass"}]}`},
	{rule.SubjectGroup, `{"evaluator":{"all":[{"condition":"strong"},{"fact":"disks","operator":"all","value":{"any":[{"fact":"encrypted","operator":"exists","value":false}]}},{"fact":"age","operator":"not:lessThan","value":{"fact":"seenAt"}}]}}`},
	{rule.SubjectEvaluator, `{ "all" : [ { "fact" : "x" , "operator" : "existsIn" , "value" : { "resource" : "people" , "path" : "email" , "where" : { "fact" : "email", "operator": "isEmpty", "value": false } } } , { "fact":"role","operator":"in","value":["admin", "user"] } ] }`},
	{rule.SubjectCondition, `{"fact":"emo😀ji","operator":"matches","value":"^a","name":"x","priority":3}`},
}

// TestItemsKeepJSON takes every item at every place of valid texts: what comes out
// is JSON.
func TestItemsKeepJSON(t *testing.T) {
	items := 0
	for _, w := range whole {
		for caret := range length(w.text) + 1 {
			got := At(w.text, caret, w.what, testVocabulary())
			for _, it := range got.Items {
				items++
				result := strings.Replace(after(t, w.text, it), "|", "", 1)
				if !json.Valid([]byte(result)) {
					t.Fatalf("%q at %d became\n%s\nwith %+v", w.text, caret, result, it)
				}
				if !slices.Contains(Kinds, it.Kind) || it.Label == "" || strings.Contains(it.Label, "\x00") {
					t.Fatalf("%+v", it)
				}
			}
		}
	}
	if items < 2000 {
		t.Errorf("only %d items", items)
	}
}

// TestSnippetsAreRules: what is proposed as a whole, and the empty forms of keys,
// are of the language, apart from the names that are still to come.
func TestSnippetsAreRules(t *testing.T) {
	known, err := rule.ParseConditions(map[string]json.RawMessage{"strong": json.RawMessage(`{"all":[]}`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range At("", 0, rule.SubjectEvaluator, testVocabulary()).Items {
		text := strings.ReplaceAll(it.Edits[0].Text, "{}", `{"all":[]}`)
		if _, err := known.ParseEvaluator([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, it := range At(`{"all":[]}`, 8, rule.SubjectEvaluator, testVocabulary()).Items {
		text := strings.ReplaceAll(it.Edits[0].Text, "{}", `{"all":[]}`)
		if _, err := known.ParseEvaluator([]byte(`{"all":[` + text + `]}`)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := rule.ParseTest([]byte(At("", 0, rule.SubjectLogic, testVocabulary()).Items[4].Edits[0].Text)); err != nil {
		t.Error(err)
	}
}

// TestBrokenTexts cuts valid texts and damages them: there is always an answer, and
// what is cut off at a place of a name has the same proposals as the whole.
func TestBrokenTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		w := whole[r.IntN(len(whole))]
		text := []rune(w.text)
		for range r.IntN(4) {
			i := r.IntN(len(text))
			switch r.IntN(3) {
			case 0:
				text = text[:i+1]
			case 1:
				text = slices.Delete(text, i, i+1)
			default:
				text = slices.Insert(text, i, []rune("{}[]\",:\\x1 \n")[r.IntN(12)])
			}
			if len(text) == 0 {
				break
			}
		}
		check(t, string(text), r.IntN(length(string(text))+1), w.what)
	}
	for cut := range whole[1].text {
		got := At(whole[1].text[:cut], length(whole[1].text[:cut]), rule.SubjectGroup, testVocabulary())
		full := At(whole[1].text, length(whole[1].text[:cut]), rule.SubjectGroup, testVocabulary())
		if strings.HasSuffix(whole[1].text[:cut], `"fact":"`) && (len(got.Items) == 0 || fmt.Sprint(got.Items[0].Label) != full.Items[0].Label) {
			t.Errorf("%s: %v, and whole %v", whole[1].text[:cut], got.Items, full.Items)
		}
	}
}

func check(t *testing.T, text string, caret int, what rule.Subject) {
	t.Helper()
	got := At(text, caret, what, testVocabulary())
	if got.From > got.To || got.From < 0 || got.To > length(text) || len(got.Items) > maxItems || got.From > caret+1 || got.To < caret {
		t.Fatalf("%q at %d: %+v", text, caret, got)
	}
	for _, it := range got.Items {
		after(t, text, it)
	}
}

func FuzzAt(f *testing.F) {
	for _, w := range whole {
		f.Add(w.text, 30)
	}
	f.Add("{\"all\":[{\"fact\":\"\\ud83d", 20)
	f.Add(strings.Repeat("[", 1000), 500)
	f.Fuzz(func(t *testing.T, text string, caret int) {
		text = strings.ToValidUTF8(text, "?")
		if caret < 0 || caret > length(text) {
			t.Skip()
		}
		for _, what := range rule.Subjects {
			check(t, text, caret, what)
		}
	})
}
