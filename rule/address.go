package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address is how a condition names a value: by a fact and, unless it is empty, a
// path.
type Address struct {
	Fact string `json:"fact"`
	Path string `json:"path,omitempty"`
}

// Segment is a step from a value into it: to a property, or with Each to all
// elements of an array.
type Segment struct {
	Name string
	Each bool
}

// NewAddress gives the address of what is reached from a record, or from an
// element of a quantifier, by the segments. ok is false when there is none: a
// name that is not valid UTF-8, or a path that is too long.
func NewAddress(way []Segment) (a Address, ok bool) {
	for _, s := range way {
		if !utf8.ValidString(s.Name) {
			return a, false
		}
	}
	a.Fact = "$"
	if len(way) > 0 && !way[0].Each && way[0].Name != "$" {
		a.Fact, way = way[0].Name, way[1:]
	}
	a.Path = pathText(way)
	return a, len(a.Path) <= maxPath
}

// pathText writes a path that [parsePath] reads back: dotted where every name is
// plain, else JSONPath.
func pathText(way []Segment) string {
	var dotted, query strings.Builder
	query.WriteByte('$')
	simple := true
	for i, s := range way {
		switch {
		case s.Each:
			query.WriteString("[*]")
		case plainName(s.Name):
			query.WriteString("." + s.Name)
		default:
			query.WriteString("[" + quotedName(s.Name) + "]")
		}
		simple = simple && !s.Each && plainName(s.Name)
		if i > 0 {
			dotted.WriteByte('.')
		}
		dotted.WriteString(s.Name)
	}
	switch {
	case len(way) == 0:
		return ""
	case simple:
		return dotted.String()
	}
	return query.String()
}

// plainName is whether a name can stand in a path without quotes.
func plainName(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

func quotedName(name string) string {
	b := []byte{'\''}
	for _, c := range []byte(name) {
		switch {
		case c == '\'' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '\''))
}

// A Probe finds the values at an address in records. It must not be used by
// several goroutines at a time.
type Probe struct{ machine *Machine }

// NewProbe makes a probe; a path that cannot be read is an [*Error].
func NewProbe(a Address) (*Probe, error) {
	var w *path
	if a.Path != "" {
		var problem string
		if w, problem = parsePath(a.Path); problem != "" {
			return nil, &Error{Pointer: "/path", Message: "the path `" + clip(a.Path, 80) + "` cannot be read: " + problem}
		}
	}
	p := &Program{}
	b := (&compiler{program: p}).newScope()
	p.record = b.scope
	at := &ref{}
	b.source(at, a.Fact, w)
	b.finish()
	p.rules = []compiledRule{{unique: at}}
	return &Probe{p.Machine()}, nil
}

// Values calls each with the texts, numbers, booleans and nulls at the address, as
// canonical JSON text that is only lent: the value there, or the elements of an
// array. found is false where the address finds nothing.
func (p *Probe) Values(record []byte, each func(value []byte)) (found bool) {
	m := p.machine
	m.arena = m.arena[:0]
	f := &m.frames[0]
	f.reset()
	i := skipSpace(record, 0)
	if i >= len(record) || record[i] != '{' || f.fill(f.scope.root, record, i, 0) < 0 {
		return false
	}
	give := func(v *value) bool {
		if v.scalar() {
			m.scratch = appendValue(m.scratch[:0], v)
			each(m.scratch)
		}
		return true
	}
	v := m.load(f, m.program.rules[0].unique)
	switch v.kind {
	case kindUndefined, kindFailed:
		return false
	case kindArray:
		eachElement(v.s, give)
	default:
		give(v)
	}
	return true
}

// Rooted is the path from the record, or the element, to what the address names.
// The fact "$" without a path has none: "$".
func (a Address) Rooted() string {
	if a.Fact == "$" {
		if a.Path == "" {
			return "$"
		}
		return a.Path
	}
	fact := []Segment{{Name: a.Fact}}
	switch {
	case a.Path == "":
		return pathText(fact)
	case a.Path[0] == '$':
		if plainName(a.Fact) {
			return "$." + a.Fact + a.Path[1:]
		}
		return "$[" + quotedName(a.Fact) + "]" + a.Path[1:]
	case plainName(a.Fact) && a.Path[0] != '[' && a.Path[0] != '.':
		return a.Fact + "." + a.Path
	case plainName(a.Fact):
		return a.Fact + a.Path
	case a.Path[0] == '[' || a.Path[0] == '.':
		return "$[" + quotedName(a.Fact) + "]" + a.Path
	}
	return "$[" + quotedName(a.Fact) + "]." + a.Path
}
