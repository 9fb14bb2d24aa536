package rule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// path says where inside a fact a value stands. A path of names and indexes is
// singular and becomes part of the trie; anything else is a query that runs on
// the text of the fact.
type path struct {
	steps []step
	query *query
}

// step is one name of a singular path. A name that is a canonical array index
// also selects from arrays, and `length` measures arrays and strings, as in the
// base engine.
type step struct {
	name  string
	index int // -1 when the name is not an index
}

const lengthName = "length"

func nameStep(name string) step {
	s := step{name: name, index: -1}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && strconv.Itoa(n) == name && n < 1<<31 {
		s.index = n
	}
	return s
}

// isLength is whether the whole path is the measure of the fact itself.
func (p *path) isLength() bool {
	return p.query == nil && len(p.steps) == 1 && p.steps[0].name == lengthName
}

// parsePath reads the text of a path; problem is "" when it could.
func parsePath(text string) (p *path, problem string) {
	if len(text) > maxPath {
		return nil, "it is longer than 1,024 bytes"
	}
	if !utf8.ValidString(text) {
		return nil, "it is not valid UTF-8"
	}
	if text[0] != '$' {
		if steps, ok := dottedPath(text); ok {
			return &path{steps: steps}, ""
		}
		if text[0] != '[' && text[0] != '.' {
			text = "." + text
		}
		text = "$" + text
	}
	q, err := parseQuery(text)
	if err != nil {
		return nil, err.Error()
	}
	if steps, ok := q.steps(); ok {
		return &path{steps: steps}, ""
	}
	return &path{query: q}, ""
}

// dottedPath reads `a.b[0].c`; false when the text needs the grammar of
// JSONPath (wildcards, filters, slices, quotes) or is wrong.
func dottedPath(text string) ([]step, bool) {
	var steps []step
	for {
		end := strings.IndexAny(text, ".[")
		name := text
		if end >= 0 {
			name = text[:end]
		}
		if name == "" || strings.ContainsAny(name, "*]'\"()?@~^`,: \t\n\r") {
			return nil, false
		}
		steps = append(steps, nameStep(name))
		if end < 0 {
			return steps, true
		}
		text = text[end:]
		for strings.HasPrefix(text, "[") {
			end := strings.IndexByte(text, ']')
			if end < 0 {
				return nil, false
			}
			s := nameStep(text[1:end])
			if s.index < 0 {
				return nil, false
			}
			steps = append(steps, s)
			text = text[end+1:]
		}
		if text == "" {
			return steps, true
		}
		if text[0] != '.' {
			return nil, false
		}
		text = text[1:]
	}
}

// first is the name of the first step where it is certain, else "".
func (p *path) first() string {
	if p == nil {
		return ""
	}
	if p.query == nil {
		return p.steps[0].name
	}
	if s := p.query.segments; len(s) > 0 && !s[0].descend && len(s[0].selectors) == 1 && s[0].selectors[0].kind == selectName {
		return s[0].selectors[0].name
	}
	return ""
}

// steps gives a query as a singular path where it is one. A bare `$` is none,
// because it has no steps to walk.
func (q *query) steps() ([]step, bool) {
	var steps []step
	for _, s := range q.segments {
		if s.descend || len(s.selectors) != 1 {
			return nil, false
		}
		switch x := &s.selectors[0]; {
		case x.kind == selectName:
			steps = append(steps, nameStep(x.name))
		case x.kind == selectIndex && x.index >= 0:
			steps = append(steps, nameStep(strconv.FormatInt(x.index, 10)))
		default:
			return nil, false
		}
	}
	return steps, len(steps) > 0
}

// singular is whether at most one value can match.
func (q *query) singular() bool {
	for _, s := range q.segments {
		if s.descend || len(s.selectors) != 1 || s.selectors[0].kind > selectIndex {
			return false
		}
	}
	return true
}

// Syntax tree of RFC 9535.

type query struct {
	relative bool // begins with @
	segments []segment
}

type segment struct {
	descend   bool
	selectors []selector
}

type selectorKind uint8

const (
	selectName selectorKind = iota
	selectIndex
	selectAll
	selectSlice
	selectFilter
)

type selector struct {
	kind       selectorKind
	name       string
	index      int64
	start, end *int64
	step       int64
	filter     *filterExpr
}

type filterKind uint8

const (
	filterOr filterKind = iota
	filterAnd
	filterNot
	filterCompare
	filterExists
	filterCall
)

type filterExpr struct {
	kind filterKind
	subs []*filterExpr // or, and, not
	op   string        // compare
	a, b *operand      // compare; exists and call use a
}

// operand is a literal, a query or a function call inside a filter.
type operand struct {
	literal *value
	query   *query
	call    *callExpr
}

type callExpr struct {
	name string
	args []*operand
}

type queryError struct{ text string }

func (e *queryError) Error() string { return e.text }

type queryParser struct {
	s     string
	i     int
	depth int
}

func parseQuery(text string) (q *query, err error) {
	p := &queryParser{s: text}
	q, err = p.query()
	if err == nil && p.i < len(p.s) {
		err = p.errorf("unexpected %s", p.seen())
	}
	return q, err
}

func (p *queryParser) errorf(format string, args ...any) error {
	return &queryError{fmt.Sprintf(format, args...) + fmt.Sprintf(" at character %d", utf8.RuneCountInString(p.s[:p.i])+1)}
}

func (p *queryParser) seen() string {
	if p.i >= len(p.s) {
		return "end"
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return strconv.QuoteRune(r)
}

func (p *queryParser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *queryParser) accept(token string) bool {
	if strings.HasPrefix(p.s[p.i:], token) {
		p.i += len(token)
		return true
	}
	return false
}

func (p *queryParser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

// query reads from `$` or `@` to the last segment.
func (p *queryParser) query() (*query, error) {
	q := &query{}
	switch p.peek() {
	case '@':
		q.relative = true
	case '$':
	default:
		return nil, p.errorf("expected `$`, found %s", p.seen())
	}
	p.i++
	for {
		mark := p.i
		p.space()
		var seg segment
		var err error
		switch {
		case p.accept(".."):
			seg.descend = true
			if p.peek() == '[' {
				p.i++
				seg.selectors, err = p.bracket()
			} else {
				seg.selectors, err = p.shorthand()
			}
		case p.accept("."):
			seg.selectors, err = p.shorthand()
		case p.accept("["):
			seg.selectors, err = p.bracket()
		default:
			p.i = mark
			return q, nil
		}
		if err != nil {
			return nil, err
		}
		q.segments = append(q.segments, seg)
	}
}

func (p *queryParser) shorthand() ([]selector, error) {
	if p.accept("*") {
		return []selector{{kind: selectAll}}, nil
	}
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c < utf8.RuneSelf && c != '_' && c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
		p.i++
	}
	if p.i == start {
		return nil, p.errorf("expected a name, found %s", p.seen())
	}
	return []selector{{kind: selectName, name: p.s[start:p.i]}}, nil
}

func (p *queryParser) bracket() ([]selector, error) {
	var list []selector
	for {
		p.space()
		s, err := p.selector()
		if err != nil {
			return nil, err
		}
		list = append(list, s)
		p.space()
		if p.accept(",") {
			continue
		}
		if p.accept("]") {
			return list, nil
		}
		return nil, p.errorf("expected `,` or `]`, found %s", p.seen())
	}
}

func (p *queryParser) selector() (selector, error) {
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		name, err := p.quoted()
		return selector{kind: selectName, name: name}, err
	case c == '*':
		p.i++
		return selector{kind: selectAll}, nil
	case c == '?':
		p.i++
		p.space()
		f, err := p.or()
		return selector{kind: selectFilter, filter: f}, err
	case c == '-' || c == ':' || c >= '0' && c <= '9':
		return p.indexOrSlice()
	}
	return selector{}, p.errorf("expected a name in quotes, an index, `*` or `?`, found %s", p.seen())
}

func (p *queryParser) indexOrSlice() (selector, error) {
	first, err := p.optionalInt()
	if err != nil {
		return selector{}, err
	}
	p.space()
	if !p.accept(":") {
		return selector{kind: selectIndex, index: *first}, nil
	}
	s := selector{kind: selectSlice, start: first, step: 1}
	p.space()
	if s.end, err = p.optionalInt(); err != nil {
		return s, err
	}
	p.space()
	if p.accept(":") {
		p.space()
		n, err := p.optionalInt()
		if err != nil {
			return s, err
		}
		if n != nil {
			s.step = *n
		}
	}
	return s, nil
}

// optionalInt gives nil where no number stands.
func (p *queryParser) optionalInt() (*int64, error) {
	start := p.i
	if p.peek() == '-' {
		p.i++
	}
	digits := p.i
	for p.i < len(p.s) && p.s[p.i]-'0' <= 9 {
		p.i++
	}
	text := p.s[start:p.i]
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || p.i-digits > 1 && p.s[digits] == '0' || text == "-0" || n >= 1<<53 || n <= -1<<53 {
		p.i = start
		return nil, p.errorf("`%s` is not an index", clip(text, 30))
	}
	return &n, nil
}

// quoted reads a string in single or double quotes with the escapes of JSON.
func (p *queryParser) quoted() (string, error) {
	quote := p.s[p.i]
	start := p.i
	p.i++
	var raw []byte
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch {
		case c == quote:
			p.i++
			out, ok := unescape(nil, raw)
			if !ok || !utf8.Valid(out) {
				p.i = start
				return "", p.errorf("wrong escape in a name")
			}
			return string(out), nil
		case c == '\\' && p.i+1 < len(p.s):
			if next := p.s[p.i+1]; next == quote {
				raw = append(raw, '\\', 'u', '0', '0', hexDigits[quote>>4], hexDigits[quote&15])
			} else if next == '\'' || next == '"' {
				return "", p.errorf("wrong escape in a name")
			} else {
				raw = append(raw, c, next)
			}
			p.i += 2
		case c < 0x20:
			return "", p.errorf("a control character inside quotes")
		default:
			raw = append(raw, c)
			p.i++
		}
	}
	p.i = start
	return "", p.errorf("a quote that is not closed")
}
