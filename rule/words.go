package rule

import (
	"strings"
)

// Sentence says a condition in plain words, such as "`mfa` is true and
// `disks` has only elements where `encrypted` is true".
func (c *Condition) Sentence() string { return clip(sentence(c, false), 2000) }

func sentence(c *Condition, nested bool) string {
	switch c.kind {
	case isLeaf:
		name := "`" + subject(c) + "`"
		if c.fact == "$" && c.path == "" {
			name = "it"
		}
		return name + " " + predicate(c)
	case isNamed:
		return sentence(c.children[0], nested)
	case isNot:
		return "not (" + sentence(c.children[0], false) + ")"
	}
	if len(c.children) == 0 {
		return "always"
	}
	var b strings.Builder
	for i, child := range c.children {
		if i > 0 {
			if c.kind == isAll {
				b.WriteString(" and ")
			} else {
				b.WriteString(" or ")
			}
		}
		b.WriteString(sentence(child, len(c.children) > 1))
		if b.Len() > 4000 {
			break
		}
	}
	if nested && len(c.children) > 1 {
		return "(" + b.String() + ")"
	}
	return b.String()
}

// predicate says what a leaf asks of its fact: "is true".
func predicate(c *Condition) string {
	if len(c.decs) > 0 {
		return "satisfies " + c.operator + " " + expected(c)
	}
	if len(c.op.Choices) == 0 {
		return strings.Replace(c.op.Phrase, "{value}", expected(c), 1)
	}
	if c.value == nil {
		return c.op.Choices[0].Words + " as " + expected(c) + " says"
	}
	for _, choice := range c.op.Choices {
		if choice.Value == (c.value.kind == kindTrue) {
			return choice.Words
		}
	}
	return ""
}

// expected writes the value of a leaf for a sentence.
func expected(c *Condition) string {
	switch {
	case c.sub != nil:
		return sentence(c.sub, true)
	case c.lookup != nil:
		return c.lookup.words()
	case c.ref != nil:
		return "`" + referenceName(c.ref) + "`"
	}
	return clip(string(c.value.appendJSON(nil)), 120)
}

// expectation continues "`mfa` is false, expected".
func expectation(c *Condition, want bool) string {
	if c.op.code == opEqual && len(c.decs) == 0 {
		if want {
			return expected(c)
		}
		return "anything but " + expected(c)
	}
	if want && c.op.code == opNotEqual && len(c.decs) == 0 {
		return "anything but " + expected(c)
	}
	text := "that it " + predicate(c)
	if !want {
		text = "the opposite of: it " + predicate(c)
	}
	return text
}
