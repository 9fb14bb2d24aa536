package rule

import (
	"regexp"
	"strings"
)

// The filter expressions of RFC 9535, section 2.3.5: syntax.

const maxFilterDepth = 32

func (p *queryParser) or() (*filterExpr, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.errorf("a filter nested too deep")
	}
	defer func() { p.depth-- }()
	return p.chain(filterOr, "||", func() (*filterExpr, error) {
		return p.chain(filterAnd, "&&", p.basic)
	})
}

func (p *queryParser) chain(kind filterKind, token string, part func() (*filterExpr, error)) (*filterExpr, error) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	list := []*filterExpr{first}
	for {
		mark := p.i
		p.space()
		if !p.accept(token) {
			p.i = mark
			break
		}
		p.space()
		next, err := part()
		if err != nil {
			return nil, err
		}
		list = append(list, next)
	}
	if len(list) == 1 {
		return first, nil
	}
	return &filterExpr{kind: kind, subs: list}, nil
}

func (p *queryParser) basic() (*filterExpr, error) {
	if p.accept("!") {
		p.space()
		e, err := p.primary(true)
		if err != nil {
			return nil, err
		}
		return &filterExpr{kind: filterNot, subs: []*filterExpr{e}}, nil
	}
	return p.primary(false)
}

func (p *queryParser) primary(negated bool) (*filterExpr, error) {
	if p.accept("(") {
		p.space()
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		p.space()
		if !p.accept(")") {
			return nil, p.errorf("expected `)`, found %s", p.seen())
		}
		return e, nil
	}
	a, err := p.operand()
	if err != nil {
		return nil, err
	}
	mark := p.i
	p.space()
	op := ""
	for _, token := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if p.accept(token) {
			op = token
			break
		}
	}
	if op == "" {
		p.i = mark
		switch {
		case a.literal != nil:
			return nil, p.errorf("a literal must be compared with something")
		case a.call != nil:
			if functions[a.call.name].result != logicalType {
				return nil, p.errorf("the result of `%s` must be compared with something", a.call.name)
			}
			return &filterExpr{kind: filterCall, a: a}, nil
		}
		return &filterExpr{kind: filterExists, a: a}, nil
	}
	if negated {
		return nil, p.errorf("`!` before a comparison needs parentheses")
	}
	p.space()
	b, err := p.operand()
	if err != nil {
		return nil, err
	}
	for _, o := range []*operand{a, b} {
		if o.query != nil && !o.query.singular() {
			return nil, p.errorf("only a query for a single value can be compared")
		}
		if o.call != nil && functions[o.call.name].result != valueResult {
			return nil, p.errorf("the result of `%s` cannot be compared", o.call.name)
		}
	}
	return &filterExpr{kind: filterCompare, op: op, a: a, b: b}, nil
}

func (p *queryParser) operand() (*operand, error) {
	switch c := p.peek(); {
	case c == '@' || c == '$':
		q, err := p.query()
		return &operand{query: q}, err
	case c == '\'' || c == '"':
		s, err := p.quoted()
		v := stringValue(s)
		return &operand{literal: &v}, err
	case c == '-' || c >= '0' && c <= '9':
		end, _ := numberEnd([]byte(p.s), p.i)
		if end < 0 {
			return nil, p.errorf("not a number")
		}
		var v value
		readNumber([]byte(p.s[p.i:end]), 0, &v)
		p.i = end
		return &operand{literal: &v}, nil
	case c >= 'a' && c <= 'z':
		return p.word()
	}
	return nil, p.errorf("expected a value, found %s", p.seen())
}

// word reads true, false, null or a function call.
func (p *queryParser) word() (*operand, error) {
	start := p.i
	for p.i < len(p.s) && (p.s[p.i] >= 'a' && p.s[p.i] <= 'z' || p.s[p.i] == '_' || p.s[p.i]-'0' <= 9) {
		p.i++
	}
	name := p.s[start:p.i]
	if p.peek() != '(' {
		for word, k := range map[string]kind{"true": kindTrue, "false": kindFalse, "null": kindNull} {
			if name == word {
				return &operand{literal: &value{kind: k}}, nil
			}
		}
		p.i = start
		return nil, p.errorf("unknown word `%s`", clip(name, 30))
	}
	f, ok := functions[name]
	if !ok {
		p.i = start
		return nil, p.errorf("unknown function `%s`", clip(name, 30))
	}
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.errorf("a filter nested too deep")
	}
	defer func() { p.depth-- }()
	p.i++
	call := &callExpr{name: name}
	for i, want := range f.args {
		p.space()
		if i > 0 && !p.accept(",") {
			return nil, p.errorf("`%s` takes %d arguments", name, len(f.args))
		}
		p.space()
		a, err := p.operand()
		if err != nil {
			return nil, err
		}
		switch {
		case want == nodesType && a.query == nil:
			return nil, p.errorf("`%s` takes a query", name)
		case want == valueResult && a.query != nil && !a.query.singular():
			return nil, p.errorf("`%s` takes a query for a single value", name)
		case want == valueResult && a.call != nil && functions[a.call.name].result != valueResult:
			return nil, p.errorf("`%s` cannot take the result of `%s`", name, a.call.name)
		}
		call.args = append(call.args, a)
	}
	p.space()
	if !p.accept(")") {
		return nil, p.errorf("`%s` takes %d arguments", name, len(f.args))
	}
	if (name == "match" || name == "search") && call.args[1].literal != nil {
		if pattern := call.args[1].literal; pattern.kind == kindString {
			if _, err := filterPattern(name, pattern.s); err != nil {
				return nil, p.errorf("the regular expression of `%s` does not compile", name)
			}
		}
	}
	return &operand{call: call}, nil
}

type functionType uint8

const (
	valueResult functionType = iota
	logicalType
	nodesType
)

// functions are those of RFC 9535, section 2.4.
var functions = map[string]struct {
	args   []functionType
	result functionType
}{
	"length": {[]functionType{valueResult}, valueResult},
	"count":  {[]functionType{nodesType}, valueResult},
	"value":  {[]functionType{nodesType}, valueResult},
	"match":  {[]functionType{valueResult, valueResult}, logicalType},
	"search": {[]functionType{valueResult, valueResult}, logicalType},
}

// filterPattern compiles an I-Regexp (RFC 9485), whose dot matches anything but
// line ends.
func filterPattern(function string, text []byte) (*regexp.Regexp, error) {
	if len(text) > maxPattern {
		return nil, &queryError{"longer than 1,024 bytes"}
	}
	var b strings.Builder
	class, escaped := false, false
	for _, c := range string(text) {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '.' && !class:
			b.WriteString(`[^\n\r]`)
			continue
		}
		b.WriteRune(c)
	}
	if function == "match" {
		return regexp.Compile(`\A(?:` + b.String() + `)\z`)
	}
	return regexp.Compile(b.String())
}
