package rule

import (
	"fmt"
	"strings"
)

// maxWords is how many sentences a tree of them has about.
const maxWords = 1000

// Words are a condition as sentences: one, and what it is about below it. Names of
// attributes and of operators stand in backquotes.
type Words struct {
	Text  string
	Items []Words
}

// GroupWords are a group as sentences.
type GroupWords struct {
	// Scope says which records are tested, Demand what each is held against,
	// Assertion what is demanded of the set of them, and OnEmpty what holds where
	// there are none.
	Scope, Demand      Words
	Assertion, OnEmpty string
}

// Words says the condition in sentences.
func (c *Condition) Words() Words {
	r := &reading{left: maxWords}
	return r.condition(c)
}

// Words says the group in sentences.
func (g *Group) Words() GroupWords {
	r := &reading{left: maxWords}
	out := GroupWords{Scope: Words{Text: "All records"}, Assertion: g.Assertion.Words(), OnEmpty: emptySentences[g.OnEmpty]}
	if g.Filter != nil {
		out.Scope = Words{Text: describe(filterModes, string(g.Filter.Mode)) + ":", Items: []Words{r.condition(g.Filter.Evaluator)}}
	}
	out.Demand = r.condition(g.Evaluator)
	return out
}

// Words says how the groups combine.
func (l Logic) Words() string { return describe(logics, string(l)) + "." }

var emptySentences = map[OnEmpty]string{
	EmptyError: "With no record to test the result is an error.",
	EmptyPass:  "With no record to test the group passes.",
	EmptyFail:  "With no record to test the group fails.",
}

// Words says what is demanded of the records in scope.
func (a Assertion) Words() string {
	switch a.Kind {
	case MaxFailing:
		return fmt.Sprintf("All but at most %s must satisfy it.", recordsOf(int64(a.Value)))
	case MinPassingPercent:
		return fmt.Sprintf("At least %v %% of the records must satisfy it.", a.Value)
	case Count:
		return countSentence(a.Min, a.Max)
	case Unique:
		return "Every record must satisfy it, and no two may have the same `" + clip(a.Path, 80) + "`."
	}
	return "Every record must satisfy it."
}

func countSentence(least, most *int64) string {
	switch {
	case most == nil && least == nil:
		return "Any number of records may satisfy it."
	case most == nil:
		return fmt.Sprintf("At least %s must satisfy it.", recordsOf(*least))
	case *most == 0:
		return "No record may satisfy it."
	case least == nil || *least == 0:
		return fmt.Sprintf("At most %s may satisfy it.", recordsOf(*most))
	case *least == *most:
		return fmt.Sprintf("Exactly %s must satisfy it.", recordsOf(*most))
	}
	return fmt.Sprintf("Between %d and %s must satisfy it.", *least, recordsOf(*most))
}

func recordsOf(n int64) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

// describe is how a word of the language reads in a form.
func describe(list []WordInfo, name string) string {
	for _, w := range list {
		if w.Name == name {
			return w.Words
		}
	}
	return name
}

type reading struct{ left int }

func (r *reading) condition(c *Condition) Words {
	if r.left--; r.left < 0 {
		return Words{Text: "…"}
	}
	out := r.unnamed(c)
	if c.named && c.name != "" {
		out.Text = clip(c.name, 120) + ": " + out.Text
	}
	return out
}

func (r *reading) unnamed(c *Condition) Words {
	switch c.kind {
	case isLeaf:
		return r.leaf(c)
	case isNamed:
		return Words{Text: "The condition “" + clip(c.refers, 100) + "”:", Items: []Words{r.condition(c.children[0])}}
	case isNot:
		return Words{Text: describe(conditionWords, "not") + ":", Items: []Words{r.condition(c.children[0])}}
	}
	switch len(c.children) {
	case 0:
		return Words{Text: "Always true."}
	case 1:
		return r.condition(c.children[0])
	}
	out := Words{Text: describe(conditionWords, c.kind.String()) + ":"}
	for _, child := range c.children {
		if r.left <= 0 {
			out.Items = append(out.Items, Words{Text: "…"})
			break
		}
		out.Items = append(out.Items, r.condition(child))
	}
	return out
}

func (r *reading) leaf(c *Condition) Words {
	name := "`" + subject(c) + "`"
	if c.fact == "$" && c.path == "" {
		name = "It"
	}
	if c.sub == nil || len(c.decs) > 0 {
		return Words{Text: name + " " + predicate(c)}
	}
	before, _, _ := strings.Cut(c.op.Phrase, "{value}")
	return Words{Text: name + " " + strings.TrimSpace(before) + ":", Items: []Words{r.condition(c.sub)}}
}
