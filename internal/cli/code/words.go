package code

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/document"
	"github.com/plumbline-dev/plumbline/rule"
)

// words tell one thing that is added, removed or changed.
type words struct {
	Op   op     `json:"op"`
	Text string `json:"text"`
}

type op string

const (
	added   op = "added"
	removed op = "removed"
	changed op = "changed"
)

// shown is a value in a line of text.
func shown(text []byte) string {
	if text == nil {
		return "none"
	}
	return document.Clip(string(text), 200)
}

// schemaWords tell which properties of a schema differ.
func schemaWords(a, b *document.Node) []words {
	if a == nil || b == nil {
		return []words{{changed, "the schema"}}
	}
	var out []words
	before, after := a.Get("properties"), b.Get("properties")
	for i, k := range keysOf(before) {
		switch v := after.Get(k.Name); {
		case v == nil:
			out = append(out, words{removed, fmt.Sprintf("property `%s`", document.Clip(k.Name, 60))})
		case !same(before.Items[i], v):
			out = append(out, words{changed, fmt.Sprintf("property `%s`: %s → %s", document.Clip(k.Name, 60), shown(told(before.Items[i])), shown(told(v)))})
		}
	}
	for i, k := range keysOf(after) {
		if before.Get(k.Name) == nil {
			out = append(out, words{added, fmt.Sprintf("property `%s`: %s", document.Clip(k.Name, 60), shown(told(after.Items[i])))})
		}
	}
	for _, k := range keysOf(a) {
		if v := b.Get(k.Name); k.Name != "properties" && !same(a.Get(k.Name), v) {
			out = append(out, words{changed, fmt.Sprintf("%s: %s → %s", document.Clip(k.Name, 60), shown(told(a.Get(k.Name))), shown(told(v)))})
		}
	}
	for _, k := range keysOf(b) {
		if a.Get(k.Name) == nil && k.Name != "properties" {
			out = append(out, words{added, fmt.Sprintf("%s: %s", document.Clip(k.Name, 60), shown(told(b.Get(k.Name))))})
		}
	}
	return out
}

func keysOf(n *document.Node) []document.Key {
	if n == nil || n.Kind != document.IsMapping {
		return nil
	}
	return n.Keys
}

// speaker says logic in words.
type speaker struct {
	before, after *book
	out           []words
	within        string
}

func (s *speaker) say(o op, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s.within != "" {
		text = s.within + ": " + text
	}
	s.out = append(s.out, words{o, text})
}

func (p *plan) conditionWords(a, b *document.Node) []words {
	s := &speaker{before: p.now, after: p.then}
	s.condition(a, b)
	return s.out
}

func (p *plan) testWords(a, b *document.Node) []words {
	s := &speaker{before: p.now, after: p.then}
	if x, y := combined(a), combined(b); x != y {
		s.say(changed, "%s → %s", x, y)
	}
	before, after := a.Get("groups").Items, b.Get("groups").Items
	partner := partners(before, after)
	for i, g := range before {
		if partner[i] < 0 {
			s.within = ""
			s.say(removed, "%s: %s", groupName(g, i), sentence(s.before, g.Get("evaluator")))
			continue
		}
		s.within = groupName(after[partner[i]], partner[i])
		s.group(g, after[partner[i]])
	}
	s.within = ""
	for i, g := range after {
		if !slices.Contains(partner, i) {
			s.say(added, "%s over `%s`: %s", groupName(g, i), textOf(g.Get("resource")), sentence(s.after, g.Get("evaluator")))
		}
	}
	return s.out
}

func combined(n *document.Node) string {
	switch textOf(n.Get("logic")) {
	case string(rule.AnyGroup):
		return "one group is enough"
	case string(rule.AtMostOneFails):
		return "one group may fail"
	}
	return "every group must pass"
}

func textOf(n *document.Node) string {
	if n == nil {
		return ""
	}
	return n.Text
}

func groupName(g *document.Node, i int) string {
	if name := textOf(g.Get("name")); name != "" {
		return "group “" + document.Clip(name, 60) + "”"
	}
	return fmt.Sprintf("group %d", i+1)
}

// partners are the groups that take the place of others: those of the same name,
// else those at the same place.
func partners(before, after []*document.Node) []int {
	out := make([]int, len(before))
	taken := map[int]bool{}
	for i, g := range before {
		name := textOf(g.Get("name"))
		out[i] = slices.IndexFunc(after, func(h *document.Node) bool { return name != "" && textOf(h.Get("name")) == name })
		if taken[out[i]] {
			out[i] = -1
		}
		taken[out[i]] = true
	}
	for i := range out {
		if out[i] < 0 && i < len(after) && !taken[i] {
			out[i] = i
			taken[i] = true
		}
	}
	return out
}

func (s *speaker) group(a, b *document.Node) {
	if x, y := textOf(a.Get("name")), textOf(b.Get("name")); x != y {
		s.say(changed, "name %q → %q", x, y)
	}
	if x, y := textOf(a.Get("resource")), textOf(b.Get("resource")); x != y {
		s.say(changed, "resource `%s` → `%s`", x, y)
	}
	switch x, y := a.Get("filteringCriteria"), b.Get("filteringCriteria"); {
	case same(x, y):
	case x == nil:
		s.say(added, "filter: %s", filterWords(s.after, y))
	case y == nil:
		s.say(removed, "filter: %s", filterWords(s.before, x))
	default:
		s.say(changed, "filter: %s → %s", filterWords(s.before, x), filterWords(s.after, y))
	}
	s.condition(a.Get("evaluator"), b.Get("evaluator"))
	if x, y := a.Get("assertion"), b.Get("assertion"); !same(x, y) {
		s.say(changed, "assertion: %s → %s", assertionWords(x), assertionWords(y))
	}
	if x, y := textOf(a.Get("onEmpty")), textOf(b.Get("onEmpty")); x != y {
		s.say(changed, "without records: %s → %s", emptyWords(x), emptyWords(y))
	}
}

func emptyWords(text string) string {
	if text == "" {
		return string(rule.EmptyError)
	}
	return text
}

func assertionWords(n *document.Node) string {
	if n == nil {
		return "every record passes"
	}
	return shown(told(n))
}

func filterWords(b *book, n *document.Node) string {
	verb := "leaves out"
	if textOf(n.Get("mode")) == string(rule.Inclusion) {
		verb = "takes"
	}
	return verb + " records of which " + sentence(b, n.Get("evaluator"))
}

// condition tells what differs between two conditions, as deep within them as
// they are alike.
func (s *speaker) condition(a, b *document.Node) {
	if same(a, b) {
		return
	}
	for _, key := range []string{"all", "any"} {
		x, y := a.Get(key), b.Get(key)
		if x != nil && y != nil && same(without(a, key), without(b, key)) {
			s.children(x.Items, y.Items)
			return
		}
	}
	if x, y := a.Get("not"), b.Get("not"); x != nil && y != nil && same(without(a, "not"), without(b, "not")) {
		s.condition(x, y)
		return
	}
	s.say(changed, "%s → %s", sentence(s.before, a), sentence(s.after, b))
}

// children compares lists of conditions, in which the order means nothing.
func (s *speaker) children(a, b []*document.Node) {
	rest := slices.Clone(b)
	var gone []*document.Node
	for _, c := range a {
		if i := slices.IndexFunc(rest, func(d *document.Node) bool { return same(c, d) }); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		gone = append(gone, c)
	}
	if len(gone) == 0 && len(rest) == 0 {
		s.say(changed, "the conditions stand in another order")
		return
	}
	for _, c := range gone {
		i := slices.IndexFunc(rest, func(d *document.Node) bool { return alike(c, d) })
		if i < 0 {
			s.say(removed, "%s", sentence(s.before, c))
			continue
		}
		s.condition(c, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	for _, c := range rest {
		s.say(added, "%s", sentence(s.after, c))
	}
}

// alike is whether one condition may be the other, changed: both group others in
// the same way, or look at the same value.
func alike(a, b *document.Node) bool {
	for _, key := range []string{"all", "any", "not"} {
		if a.Get(key) != nil {
			return b.Get(key) != nil
		}
	}
	return a.Get("fact") != nil && same(a.Get("fact"), b.Get("fact")) && same(a.Get("path"), b.Get("path"))
}

// sentence says a condition in words.
func sentence(b *book, n *document.Node) string {
	if n == nil {
		return "nothing"
	}
	text := n.JSON()
	if n.Get("all") == nil && n.Get("any") == nil && n.Get("not") == nil {
		text = []byte(`{"all":[` + string(text) + `]}`)
	}
	c, err := b.known.ParseEvaluator(text)
	if err != nil {
		return shown(n.JSON())
	}
	words := c.Sentence()
	if name := textOf(n.Get("condition")); name != "" {
		words = "“" + name + "” (" + words + ")"
	}
	return document.Clip(strings.ReplaceAll(words, "\n", " "), 500)
}
