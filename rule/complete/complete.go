// Package complete proposes how a text of the rule language can go on at a place.
// It does no I/O; the text may be broken.
package complete

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/rule"
)

// Kind says what an item stands for.
type Kind string

// The kinds.
const (
	KindKey       Kind = "key"
	KindFact      Kind = "fact"
	KindPath      Kind = "path"
	KindOperator  Kind = "operator"
	KindValue     Kind = "value"
	KindCondition Kind = "condition" // a named condition
	KindResource  Kind = "resource"
	KindWord      Kind = "word"    // one of a few words
	KindSnippet   Kind = "snippet" // a whole condition
)

// Kinds lists the kinds.
var Kinds = []Kind{KindKey, KindFact, KindPath, KindOperator, KindValue, KindCondition, KindResource, KindWord, KindSnippet}

// Edit replaces the part of the text from one offset to another, in UTF-16 code
// units.
type Edit struct {
	From, To int
	Text     string
}

// Item is a proposal. Edits are in the order of the text, their places those before
// any of them; Caret is where to go on in the text after them.
type Item struct {
	Kind                Kind
	Label, Detail, Info string
	Edits               []Edit
	Caret               int
}

// List are the proposals for a place, the likely ones first. From and To are the
// part of the text that they are about; More is true where there are others.
type List struct {
	Items    []Item
	From, To int
	More     bool
}

// maxItems is how many items there are at most.
const maxItems = 100

// At proposes how a text, which is meant to be what the subject says, can go on at
// an offset in UTF-16 code units.
func At(text string, offset int, what rule.Subject, v Vocabulary) List {
	units := &counter{text: text}
	c := &completer{text: text, caret: units.byte(offset), vocabulary: v, language: rule.NewLanguage()}
	c.from, c.to = c.caret, c.caret
	root := read(text)
	first := map[rule.Subject]role{rule.SubjectLogic: inTest, rule.SubjectGroup: inGroup, rule.SubjectEvaluator: inEvaluator, rule.SubjectCondition: inCondition}[what]
	switch {
	case root == nil, (root.kind == 'w' || root.kind == '"') && c.touches(root):
		c.whole(first, root)
	default:
		c.visit(root, place{role: first, scope: c.scopeOf(root, first)})
	}
	return c.list(units)
}

// counter turns offsets in bytes into UTF-16 code units.
type counter struct {
	text  string
	known map[int]int
}

func (u *counter) byte(units int) int {
	for i, r := range u.text {
		if units <= 0 {
			return i
		}
		units -= unitsOf(r)
	}
	return len(u.text)
}

func (u *counter) unit(offset int) int {
	if n, ok := u.known[offset]; ok {
		return n
	}
	n := length(u.text[:offset])
	if u.known == nil {
		u.known = map[int]int{}
	}
	u.known[offset] = n
	return n
}

func length(text string) (n int) {
	for _, r := range text {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// proposal is an item on its way, with offsets in bytes.
type proposal struct {
	kind                Kind
	label, detail, info string
	// also are other words by which it is found.
	also string
	// text takes the place of what the list is about; caret is an offset in it,
	// -1 for its end.
	text  string
	caret int
	// further edits, behind the first one.
	more []change
}

type change struct {
	from, to int
	text     string
}

type completer struct {
	text       string
	caret      int
	vocabulary Vocabulary
	language   rule.Language

	// from and to are what is replaced, typed what stands there before the caret.
	from, to int
	typed    string
	// before and after are commas that the text needs beside what is inserted.
	before, after string
	found         []proposal
}

func (c *completer) add(p proposal) { c.found = append(c.found, p) }

// rank says how well a proposal fits what was typed, the best is 0; -1: not.
func (p *proposal) rank(typed string) int {
	if typed == "" {
		return 0
	}
	typed, label := strings.ToLower(typed), strings.ToLower(p.label)
	at := strings.Index(label, typed)
	switch {
	case at == 0:
		return 0
	case at > 0 && !isLetter(label[at-1]):
		return 1
	case at > 0:
		return 2
	case strings.Contains(strings.ToLower(p.also), typed):
		return 3
	case isSubsequence(typed, label):
		return 4
	}
	return -1
}

func isLetter(c byte) bool { return c >= utf8.RuneSelf || c|0x20-'a' <= 25 }

func isSubsequence(typed, label string) bool {
	for _, r := range typed {
		at := strings.IndexRune(label, r)
		if at < 0 {
			return false
		}
		label = label[at+utf8.RuneLen(r):]
	}
	return true
}

// list makes the items.
func (c *completer) list(units *counter) List {
	type ranked struct {
		*proposal
		rank int
	}
	var fit []ranked
	for i := range c.found {
		if r := c.found[i].rank(c.typed); r >= 0 {
			fit = append(fit, ranked{&c.found[i], r})
		}
	}
	slices.SortStableFunc(fit, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	out := List{Items: []Item{}, From: units.unit(c.from), To: units.unit(c.to), More: len(fit) > maxItems}
	for _, p := range fit[:min(len(fit), maxItems)] {
		text := c.before + p.text + c.after
		caret := p.caret
		if caret < 0 {
			caret = len(p.text)
		}
		it := Item{Kind: p.kind, Label: p.label, Detail: p.detail, Info: p.info, Edits: []Edit{{out.From, out.To, text}},
			Caret: out.From + length(text[:len(c.before)+caret])}
		for _, m := range p.more {
			it.Edits = append(it.Edits, Edit{units.unit(m.from), units.unit(m.to), m.text})
		}
		out.Items = append(out.Items, it)
	}
	return out
}

// replacing says that a token is what the list is about.
func (c *completer) replacing(n *node) {
	if n == nil {
		return
	}
	c.from, c.to = n.from, n.to
	if !n.closed {
		c.to = max(c.caret, n.from+1)
	}
	raw := c.text[n.from:max(c.caret, n.from)]
	if n.kind == '"' && raw != "" {
		raw = unquoted(raw, n.closed && c.caret == n.to && len(raw) > 1)
	}
	c.typed = raw
}

// inserting says that something new comes between members or elements.
func (c *completer) inserting() {
	c.from, c.to = c.caret, c.caret
	if b := strings.TrimRight(c.text[:c.caret], " \t\r\n"); b != "" && !strings.HasSuffix(b, "{") && !strings.HasSuffix(b, "[") && !strings.HasSuffix(b, ",") {
		c.before = ", "
	}
	if a := strings.TrimLeft(c.text[c.caret:], " \t\r\n"); a != "" && strings.IndexByte("}],:", a[0]) < 0 {
		c.after = ", "
	}
}

func quote(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
