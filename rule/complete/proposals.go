package complete

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/rule"
)

// key is a key with what it begins with; caret is an offset in the value.
type key struct {
	name, detail, value string
	caret               int
}

const emptyEvaluator = `{ "all": [] }`

var (
	conditionKeys = []key{
		{"all", "every condition in it is true", "[]", 1}, {"any", "at least one condition in it is true", "[]", 1}, {"not", "the condition in it is false", "{}", 1},
		{"condition", "a named condition of the workspace", `""`, 1},
	}
	leafKeys = []key{
		{"fact", "the attribute", `""`, 1}, {"path", "the way into the attribute", `""`, 1}, {"operator", "how it is compared", `""`, 1}, {"value", "what it is compared with", `""`, 1},
	}
	extraKeys = []key{{"name", "what people call it", `""`, 1}, {"priority", "what is evaluated first", "1", 1}}
	groupKeys = []key{
		{"name", "what people call it", `""`, 1}, {"resourceId", "whose records are tested", "0", 0}, {"evaluator", "what each record is held against", emptyEvaluator, len(emptyEvaluator) - 3},
		{"filteringCriteria", "which records are tested", `{ "mode": "exclusion", "evaluator": { "all": [] } }`, 45}, {"assertion", "what is demanded of them together", `{ "kind": "nofail" }`, 11},
		{"onEmpty", "what holds where there are none", `"error"`, 1},
	}
	lookupKeys = []key{{"resource", "the resource that is asked", `""`, 1}, {"path", "the attribute of its records", `""`, 1}, {"where", "which of its records are asked", emptyEvaluator, len(emptyEvaluator) - 3}}
)

// keys proposes keys of an object; at is the one that is replaced, nil for a new
// one.
func (c *completer) keys(n *node, p place, at *pair) {
	var list []key
	switch p.role {
	case inTest:
		list = []key{{"groups", "conditions, each group over one resource", "[]", 1}, {"logic", "how the groups combine", `"ALL_GROUPS"`, 1}}
		if !n.has("groups") && !n.has("logic") {
			list = append(list, conditionKeys...)
		}
	case inGroup:
		list = groupKeys
	case inFilter:
		list = append([]key{{"mode", "what the filter does", `"exclusion"`, 1}, {"evaluator", "which records", emptyEvaluator, len(emptyEvaluator) - 3}}, conditionKeys...)
	case inEvaluator:
		list = slices.Concat(conditionKeys, extraKeys)
	case inCondition:
		list = slices.Concat(leafKeys, conditionKeys, extraKeys)
	case inAssertion:
		list = c.assertionKeys(n)
	case inLookup:
		list = lookupKeys
	case inReference:
		list = leafKeys[:2]
	}
	// all, any, not and condition exclude one another and comparisons.
	var kinds []string
	for _, k := range slices.Concat(conditionKeys, leafKeys) {
		if n.has(k.name) && (at == nil || at.key.text != k.name) {
			kinds = append(kinds, k.name)
		}
	}
	for _, k := range list {
		if n.has(k.name) && (at == nil || at.key.text != k.name) || p.conditions() && excluded(k.name, kinds) {
			continue
		}
		x := proposal{kind: KindKey, label: k.name, detail: k.detail, text: quote(k.name), caret: -1}
		if at == nil || at.colon == 0 {
			value, caret := k.value, k.caret
			if k.name == "value" {
				value, caret = c.emptyValue(n)
			}
			x.text += ": " + value
			x.caret = len(x.text) - len(value) + caret
		}
		if at != nil && at.colon == 0 && !c.followed(at.key.to) {
			x.text += ","
		}
		c.add(x)
	}
}

// followed is whether what ends at an offset needs no comma behind it.
func (c *completer) followed(offset int) bool {
	rest := strings.TrimLeft(c.text[offset:], " \t\r\n")
	return rest == "" || strings.IndexByte("}],", rest[0]) >= 0
}

// excluded is whether a key cannot stand beside others.
func excluded(name string, beside []string) bool {
	isLeaf := func(k string) bool {
		return slices.ContainsFunc(leafKeys, func(x key) bool { return x.name == k })
	}
	if !isLeaf(name) && !slices.ContainsFunc(conditionKeys, func(x key) bool { return x.name == name }) {
		return false
	}
	return slices.ContainsFunc(beside, func(k string) bool { return !isLeaf(k) || !isLeaf(name) })
}

func (c *completer) assertionKeys(n *node) []key {
	list := []key{{"kind", "what is demanded", `"nofail"`, 1}}
	for _, a := range c.language.Assertions {
		if kind := n.string("kind"); kind != "" && kind != a.Name {
			continue
		}
		for _, x := range a.Parameters {
			if slices.ContainsFunc(list, func(k key) bool { return k.name == x.Name }) {
				continue
			}
			value := map[string]string{"count": "1", "percentage": "100", "path": `""`}[x.Type]
			list = append(list, key{x.Name, x.Words, value, len(value) - strings.Count(value, `"`)/2})
		}
	}
	return list
}

// emptyValue is what the value of a condition begins with.
func (c *completer) emptyValue(leaf *node) (text string, caret int) {
	switch c.input(leaf) {
	case "choice":
		return "true", 4
	case "list":
		return "[]", 1
	case "number":
		return "0", 0
	case "duration":
		return "30", 0
	case "condition":
		return "{}", 1
	case "lookup":
		return `{ "resource": "", "path": "" }`, 15
	}
	return `""`, 1
}

// values proposes values of a key.
func (c *completer) values(n *node, p place, key string) {
	words := func(list []rule.WordInfo) {
		for _, w := range list {
			c.word(w.Name, w.Words, w.Help)
		}
	}
	switch {
	case p.role == inTest && key == "logic":
		words(c.language.Logics)
	case p.role == inGroup && key == "onEmpty":
		words(c.language.OnEmpty)
	case p.role == inFilter && key == "mode":
		words(c.language.Filters)
	case p.role == inAssertion && key == "kind":
		for _, a := range c.language.Assertions {
			c.word(a.Name, a.Words, a.Help)
		}
	case p.role == inAssertion && key == "path":
		c.rootPaths(p.scope)
	case p.role == inLookup && key == "path":
		c.rootPaths(c.otherScope(n))
	case p.role == inGroup && key == "resourceId":
		for _, r := range c.vocabulary.Resources {
			c.add(proposal{kind: KindResource, label: r.Name, detail: strconv.FormatInt(r.ID, 10), also: strconv.FormatInt(r.ID, 10), text: strconv.FormatInt(r.ID, 10), caret: -1})
		}
	case p.role == inLookup && key == "resource":
		for _, r := range c.vocabulary.Resources {
			c.add(proposal{kind: KindResource, label: r.Name, detail: strconv.FormatInt(r.ID, 10), also: strconv.FormatInt(r.ID, 10), text: quote(r.Name), caret: -1})
		}
	case p.conditions() && key == "condition":
		c.namedConditions(func(name string) string { return quote(name) })
	case (p.conditions() || p.role == inReference) && key == "fact":
		c.facts(n, p.scope)
	case (p.conditions() || p.role == inReference) && key == "path":
		for _, x := range p.scope.names {
			if x.Path != "" && x.Fact == n.string("fact") {
				c.add(proposal{kind: KindPath, label: x.Path, detail: x.detail(), info: x.info(), also: x.label, text: quote(x.Path), caret: -1})
			}
		}
	case p.conditions() && key == "operator":
		c.operators(n, p.scope)
	case p.conditions() && key == "value":
		c.operands(n, p.scope, false)
	case (p.role == inGroup || p.role == inFilter) && key == "evaluator" || p.conditions() && key == "not":
		c.snippets(p.scope, key == "not")
	}
}

// elements proposes elements of an array.
func (c *completer) elements(p place) {
	switch p.role {
	case inGroups:
		group := c.groupText()
		c.add(proposal{kind: KindSnippet, label: "group", detail: "conditions over one resource", text: group, caret: strings.Index(group, "[]") + 1})
	case inConditions:
		c.snippets(p.scope, true)
	case inValues:
		c.operands(p.leaf, p.scope, true)
	}
}

func (c *completer) groupText() string {
	id := "0"
	if len(c.vocabulary.Resources) == 1 {
		id = strconv.FormatInt(c.vocabulary.Resources[0].ID, 10)
	}
	return `{ "name": "", "resourceId": ` + id + `, "evaluator": ` + emptyEvaluator + ` }`
}

func (c *completer) word(name, words, help string) {
	c.add(proposal{kind: KindWord, label: name, detail: words, also: words, info: help, text: quote(name), caret: -1})
}

func (c *completer) namedConditions(text func(name string) string) {
	for _, x := range c.vocabulary.Conditions {
		c.add(proposal{kind: KindCondition, label: x.Name, info: x.Sentence, text: text(x.Name), caret: -1})
	}
}

// snippets proposes whole conditions, comparisons too where they may stand.
func (c *completer) snippets(s scope, comparisons bool) {
	if comparisons {
		const leaf = `{ "fact": "", "operator": "equal", "value": "" }`
		c.add(proposal{kind: KindSnippet, label: "comparison", detail: "an attribute, an operator and a value", text: leaf, caret: strings.Index(leaf, `""`) + 1})
	}
	for _, k := range conditionKeys[:3] {
		text := `{ ` + quote(k.name) + `: ` + k.value + ` }`
		c.add(proposal{kind: KindSnippet, label: k.name, detail: k.detail, text: text, caret: len(text) - 3})
	}
	c.namedConditions(func(name string) string { return `{ "condition": ` + quote(name) + ` }` })
	if !comparisons {
		return
	}
	for _, x := range s.names {
		if x.inside {
			continue
		}
		text := `{ "fact": ` + quote(x.Fact)
		if x.Path != "" {
			text += `, "path": ` + quote(x.Path)
		}
		operators := rule.Fitting(x.types, x.Format)
		text += `, "operator": "`
		caret := len(text)
		value := `""`
		if len(operators) > 0 {
			text += operators[0]
			value, _ = c.emptyValue(&node{members: []pair{{key: &node{text: "operator"}, value: &node{kind: '"', text: operators[0]}}}})
		}
		c.add(proposal{kind: KindFact, label: x.label, detail: x.detail(), info: x.info(), text: text + `", "value": ` + value + ` }`, caret: caret})
	}
}

// facts proposes attributes. One that needs a path takes or brings one.
func (c *completer) facts(leaf *node, s scope) {
	path := leaf.member("path")
	for _, x := range s.names {
		p := proposal{kind: KindFact, label: x.label, detail: x.detail(), info: x.info(), text: quote(x.Fact), caret: -1}
		switch {
		case path != nil && path.from > c.to && path.kind == '"' && path.closed:
			if path.text != x.Path {
				p.more = []change{{path.from, path.to, quote(x.Path)}}
			}
		case leaf.has("path") && x.Path != "":
			continue
		case x.Path != "":
			p.text += `, "path": ` + quote(x.Path)
		}
		c.add(p)
	}
	c.add(proposal{kind: KindFact, label: "$", detail: "the whole", info: "The whole record, or the element inside all, any and none.", text: `"$"`, caret: -1})
}

// rootPaths proposes paths from the record.
func (c *completer) rootPaths(s scope) {
	for _, x := range s.names {
		c.add(proposal{kind: KindPath, label: x.label, detail: x.detail(), info: x.info(), text: quote(x.Rooted()), caret: -1})
	}
}

func (c *completer) operators(leaf *node, s scope) {
	typed := c.typed
	before := typed[:strings.LastIndexByte(typed, ':')+1]
	c.typed = typed[len(before):]
	x := s.find(addressOf(leaf))
	var list []string
	if x != nil && before == "" {
		list = rule.Fitting(x.types, x.Format)
	} else {
		list = rule.Fitting(nil, "")
	}
	for _, name := range list {
		i := slices.IndexFunc(c.language.Operators, func(o rule.OperatorInfo) bool { return o.Name == name })
		o := &c.language.Operators[i]
		c.add(proposal{kind: KindOperator, label: name, detail: o.Words, also: o.Words, info: o.Help, text: quote(before + name), caret: -1})
	}
	for _, d := range c.language.Decorators {
		if d.On == "fact" && x != nil && before == "" && len(x.types) > 0 && !slices.Contains(x.types, "array") {
			continue
		}
		p := proposal{kind: KindOperator, label: d.Name + ":", detail: d.Words, also: d.Words, info: d.Help, text: quote(before + d.Name + ":")}
		p.caret = len(p.text) - 1
		c.add(p)
	}
}

var (
	someDays     = []string{"7", "30", "90", "180", "365"}
	someHours    = []string{"1", "24", "48", "72", "168"}
	someNetworks = []string{`"10.0.0.0/8"`, `"172.16.0.0/12"`, `"192.168.0.0/16"`, `"fd00::/8"`}
)

// operands proposes what to compare with; one says that it is an element of a
// list.
func (c *completer) operands(leaf *node, s scope, one bool) {
	o := c.operator(leaf)
	input := ""
	if o != nil {
		input = o.Input
	}
	value := func(text, detail string) {
		p := proposal{kind: KindValue, label: text, detail: detail, text: text, caret: -1}
		if json.Unmarshal([]byte(text), &p.label) != nil {
			p.label = text
		}
		if input == "list" && !one {
			p.text = "[" + text + "]"
			p.caret = len(p.text) - 1
		}
		c.add(p)
	}
	switch input {
	case "choice":
		for _, x := range o.Choices {
			value(strconv.FormatBool(x.Value), x.Words)
		}
		return
	case "duration":
		list := someDays
		if o.Unit == "hours" {
			list = someHours
		}
		for _, n := range list {
			value(n, o.Unit)
		}
	case "condition":
		c.snippets(s.element(addressOf(leaf)), true)
		return
	case "lookup":
		const text = `{ "resource": "", "path": "" }`
		c.add(proposal{kind: KindSnippet, label: "resource", detail: "the values of another resource", text: text, caret: 15})
		return
	case "network":
		for _, n := range someNetworks {
			value(n, "private addresses")
		}
	default:
		c.knownValues(leaf, s, value)
	}
	if one || o != nil && !o.Reference {
		return
	}
	for _, x := range s.names {
		if x.inside || x.Address == addressOf(leaf) {
			continue
		}
		text := `{ "fact": ` + quote(x.Fact)
		if x.Path != "" {
			text += `, "path": ` + quote(x.Path)
		}
		c.add(proposal{kind: KindFact, label: x.label, detail: "the value of another attribute", info: x.info(), text: text + " }", caret: -1})
	}
}

func (c *completer) knownValues(leaf *node, s scope, value func(text, detail string)) {
	x := s.find(addressOf(leaf))
	if x == nil {
		return
	}
	seen := map[string]bool{}
	take := func(list []json.RawMessage, detail string) {
		for _, v := range list {
			if !seen[string(v)] {
				seen[string(v)] = true
				value(string(v), detail)
			}
		}
	}
	take(x.Enum, "the schema allows it")
	if slices.Contains(x.Types, "boolean") {
		take([]json.RawMessage{json.RawMessage("true"), json.RawMessage("false")}, "")
	}
	if s.record && s.named == "" && c.vocabulary.Values != nil {
		take(c.vocabulary.Values(s.resourceID, x.Address), "in records")
	} else {
		take(x.Values, "in records")
	}
	if slices.Contains(x.Types, "null") {
		take([]json.RawMessage{json.RawMessage("null")}, "")
	}
}
