package rule

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Subject is what a text is meant to be.
type Subject string

// The subjects.
const (
	SubjectLogic     Subject = "logic"     // a test, see [ParseTest]
	SubjectGroup     Subject = "group"     // one group of a test
	SubjectEvaluator Subject = "evaluator" // see [ParseEvaluator]
	SubjectCondition Subject = "condition" // an evaluator or a leaf, as a named condition is
)

// Subjects lists the subjects.
var Subjects = []Subject{SubjectLogic, SubjectGroup, SubjectEvaluator, SubjectCondition}

// SeverityError is the severity of a refusal.
const SeverityError Severity = "error"

// maxDiagnostics bounds what is told of a text.
const maxDiagnostics = 200

// Span is a part of a text. Lines and columns count from 1, columns in characters
// (code points); From and To count UTF-16 code units from 0, as browsers do. The
// end is the place behind the last character.
type Span struct {
	Line, Column, EndLine, EndColumn int
	From, To                         int
}

// Edit replaces a part of a text.
type Edit struct {
	Span
	Text string
}

// Fix is a change that would mend what a diagnostic tells.
type Fix struct {
	Label string
	Edits []Edit
}

// Diagnostic is an error or a remark at its place in a text. Pointer is the JSON
// Pointer of the value.
type Diagnostic struct {
	Span
	Severity Severity
	Message  string
	Pointer  string
	Fix      *Fix
}

// Surroundings are what a text stands in.
type Surroundings struct {
	// Conditions are the named conditions that it may refer to.
	Conditions *Conditions
	// Schema gives the JSON Schema of a resource's records by the number that a
	// group names, 0 where it names none; nil if it is not known. It may be nil.
	Schema func(resourceID int64) []byte
}

// Inspection is what can be told of a text.
type Inspection struct {
	// Diagnostics are in the order of the text. Without an error among them, what
	// the text is meant to be is in one of Test, Group and Condition.
	Diagnostics []Diagnostic
	Test        *Test
	Group       *Group
	Condition   *Condition

	text locator
	root *item
}

// Inspect reads a text as an editor has it: it tells every refusal that it finds,
// not only the first, and what hardly says what was meant.
func Inspect(text []byte, what Subject, around Surroundings) *Inspection {
	in := &Inspection{text: newLocator(text)}
	n, err := readText(text)
	if err != nil {
		in.refused(err)
		return in
	}
	in.root = n
	var gathered []*Error
	p := &parser{text: text, known: around.Conditions, gathered: &gathered}
	top := &place{}
	switch what {
	case SubjectLogic:
		in.Test, err = p.test(n, top)
	case SubjectGroup:
		in.Group, err = p.group(n, top)
	case SubjectEvaluator:
		in.Condition, err = p.evaluator(n, top)
	default:
		in.Condition, err = p.condition(n, top, 1)
	}
	if err != nil {
		gathered = append(gathered, err)
		in.Test, in.Group, in.Condition = nil, nil, nil
	}
	for _, e := range gathered {
		in.refused(e)
	}
	in.lint(what, around)
	if len(gathered) > 0 {
		in.Test, in.Group, in.Condition = nil, nil, nil
	}
	in.sort()
	return in
}

// Valid is whether there is no error.
func (in *Inspection) Valid() bool {
	return in.Test != nil || in.Group != nil || in.Condition != nil
}

// Add adds a diagnostic at the value of a JSON Pointer, or what is nearest around
// it; an error makes the text invalid.
func (in *Inspection) Add(s Severity, pointer, message string) {
	from, to := in.value(pointer)
	in.Diagnostics = append(in.Diagnostics, Diagnostic{Span: in.text.span(from, to), Severity: s, Message: message, Pointer: pointer})
	if s == SeverityError {
		in.Test, in.Group, in.Condition = nil, nil, nil
	}
	in.sort()
}

// PlacedLookup is a lookup, and where its value stands as a JSON Pointer.
type PlacedLookup struct {
	Lookup
	Pointer string
}

// Lookups lists what a valid text asks of other resources, without what named
// conditions ask.
func (in *Inspection) Lookups() []PlacedLookup {
	var out []PlacedLookup
	var visit func(c *Condition, at string)
	visit = func(c *Condition, at string) {
		switch {
		case c.kind == isLeaf && c.lookup != nil:
			out = append(out, PlacedLookup{*c.lookup, at + "/value"})
		case c.kind == isLeaf && c.sub != nil:
			visit(c.sub, at+"/value")
		case c.kind == isNot:
			visit(c.children[0], at+"/not")
		case c.kind == isAll, c.kind == isAny:
			for i, child := range c.children {
				visit(child, at+"/"+c.kind.String()+"/"+strconv.Itoa(i))
			}
		}
	}
	group := func(g *Group, place func(string) string) {
		if g.Filter != nil {
			visit(g.Filter.Evaluator, place("/filteringCriteria/evaluator"))
		}
		visit(g.Evaluator, place("/evaluator"))
	}
	switch {
	case in.Test != nil:
		for i := range in.Test.Groups {
			group(&in.Test.Groups[i], in.placing(in.groupAt(i)))
		}
	case in.Group != nil:
		group(in.Group, in.placing("", ""))
	case in.Condition != nil:
		visit(in.Condition, "")
	}
	return out
}

// groupAt is where a group of a test stands, and what its own pointers begin with
// that the text leaves out.
func (in *Inspection) groupAt(i int) (at, without string) {
	if in.root.member("groups") == nil && in.root.member("logic") == nil {
		return "", "/evaluator"
	}
	return "/groups/" + strconv.Itoa(i), ""
}

// placing makes a pointer from a group on one into the text.
func (in *Inspection) placing(at, without string) func(string) string {
	const inFilter = "/filteringCriteria/evaluator"
	return func(pointer string) string {
		pointer = strings.TrimPrefix(pointer, without)
		if rest, ok := strings.CutPrefix(pointer, inFilter); ok && in.root.at(at+inFilter) == nil {
			pointer = "/filteringCriteria" + rest
		}
		return at + pointer
	}
}

func (in *Inspection) sort() {
	sort.SliceStable(in.Diagnostics, func(i, j int) bool { return in.Diagnostics[i].From < in.Diagnostics[j].From })
	in.Diagnostics = in.Diagnostics[:min(len(in.Diagnostics), maxDiagnostics)]
}

func (in *Inspection) refused(e *Error) {
	from, to := e.offset, in.text.tokenEnd(e.offset)
	if in.root != nil {
		if key, value := in.root.find(e.offset); key != nil {
			to = key.end
		} else if value != nil {
			to = in.text.firstLine(value)
		}
	}
	d := Diagnostic{Span: in.text.span(from, to), Severity: SeverityError, Message: e.Message, Pointer: e.Pointer}
	switch {
	case e.fix != nil:
		d.Fix = in.fix(e.fix)
	case e.Suggestion != "":
		d.Fix = in.fix(&fix{"Change to `" + clip(e.Suggestion, 60) + "`", []textChange{{from, to, string(appendQuoted(nil, e.Suggestion))}}})
	}
	in.Diagnostics = append(in.Diagnostics, d)
}

func (in *Inspection) fix(f *fix) *Fix {
	out := &Fix{Label: f.label}
	for _, c := range f.changes {
		out.Edits = append(out.Edits, Edit{in.text.span(c.from, c.to), c.text})
	}
	return out
}

// find gives the key or the value that begins at an offset, of several the
// innermost key or the outermost value.
func (n *item) find(offset int) (key *member, value *item) {
	if n.offset == offset {
		return nil, n
	}
	for i := range n.members {
		if m := &n.members[i]; m.offset == offset {
			return m, nil
		} else if m.value.offset <= offset && offset < m.value.end {
			return m.value.find(offset)
		}
	}
	for _, e := range n.elems {
		if e.offset <= offset && offset < e.end {
			return e.find(offset)
		}
	}
	return nil, nil
}

func (in *Inspection) lint(what Subject, around Surroundings) {
	schema := func(resourceID int64) shape {
		if around.Schema == nil {
			return shape{optional: true}
		}
		return readShape(around.Schema(resourceID))
	}
	switch {
	case in.Test != nil:
		for i := range in.Test.Groups {
			l := &linter{}
			l.group(&in.Test.Groups[i], schema(in.Test.Groups[i].ResourceID))
			in.remarks(l, in.placing(in.groupAt(i)))
		}
	case in.Group != nil:
		l := &linter{}
		l.group(in.Group, schema(in.Group.ResourceID))
		in.remarks(l, in.placing("", ""))
	case in.Condition != nil:
		l := &linter{}
		l.condition(in.Condition, &place{}, schema(0))
		in.remarks(l, in.placing("", ""))
	}
}

// remarks takes what a linter found.
func (in *Inspection) remarks(l *linter, place func(string) string) {
	for i, r := range l.list {
		pointer := place(r.Pointer)
		from, to := in.value(pointer)
		d := Diagnostic{Span: in.text.span(from, to), Severity: r.Severity, Message: r.Message, Pointer: pointer}
		if f, ok := l.fixes[i]; ok {
			changes := &fix{label: f.label}
			for pointer, text := range f.values {
				if n := in.root.at(place(pointer)); n != nil {
					changes.changes = append(changes.changes, textChange{n.offset, n.end, text})
				}
			}
			sort.Slice(changes.changes, func(i, j int) bool { return changes.changes[i].from < changes.changes[j].from })
			d.Fix = in.fix(changes)
		}
		in.Diagnostics = append(in.Diagnostics, d)
	}
}

// at is the value at a JSON Pointer, nil if there is none.
func (n *item) at(pointer string) *item {
	for _, seg := range strings.Split(pointer, "/")[1:] {
		seg = strings.NewReplacer("~1", "/", "~0", "~").Replace(seg)
		switch n.kind {
		case kindObject:
			n = n.member(seg)
		case kindArray:
			i, err := strconv.Atoi(seg)
			if err != nil || i < 0 || i >= len(n.elems) {
				return nil
			}
			n = n.elems[i]
		default:
			return nil
		}
		if n == nil {
			return nil
		}
	}
	return n
}

// value is where the value of a pointer stands, or what is nearest around it.
func (in *Inspection) value(pointer string) (from, to int) {
	for in.root != nil {
		if n := in.root.at(pointer); n != nil {
			return n.offset, in.text.firstLine(n)
		}
		pointer = pointer[:max(strings.LastIndexByte(pointer, '/'), 0)]
	}
	return 0, in.text.tokenEnd(0)
}

// locator finds lines and columns in a text.
type locator struct {
	text []byte
	// starts are where lines begin, in bytes, units the same in UTF-16.
	starts, units []int
}

func newLocator(text []byte) locator {
	l := locator{text: text, starts: []int{0}, units: []int{0}}
	units := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		i += n
		units += unitsOf(r)
		if r == '\n' {
			l.starts, l.units = append(l.starts, i), append(l.units, units)
		}
	}
	return l
}

func unitsOf(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// place gives line, column and UTF-16 offset of a byte.
func (l *locator) place(offset int) (line, column, unit int) {
	offset = min(max(offset, 0), len(l.text))
	line = sort.SearchInts(l.starts, offset+1)
	column, unit = 1, l.units[line-1]
	for i := l.starts[line-1]; i < offset; {
		r, n := utf8.DecodeRune(l.text[i:])
		i, column, unit = i+n, column+1, unit+unitsOf(r)
	}
	return line, column, unit
}

func (l *locator) span(from, to int) (s Span) {
	s.Line, s.Column, s.From = l.place(from)
	s.EndLine, s.EndColumn, s.To = l.place(max(from, to))
	return s
}

// tokenEnd is where the token ends that begins at an offset: a word, a string on
// its line, or one character.
func (l *locator) tokenEnd(offset int) int {
	rest := l.text[min(offset, len(l.text)):]
	if len(rest) == 0 || rest[0] == '\n' {
		return offset
	}
	word := func(c byte) bool {
		return c >= utf8.RuneSelf || c == '_' || c == '-' || c == '+' || c == '.' || c-'0' <= 9 || c|0x20-'a' <= 25
	}
	n := 0
	if rest[0] == '"' {
		for n = 1; n < len(rest) && rest[n] != '"' && rest[n] != '\n'; n++ {
			if rest[n] == '\\' && n+1 < len(rest) && rest[n+1] != '\n' {
				n++
			}
		}
		if n < len(rest) && rest[n] == '"' {
			n++
		}
		return offset + n
	}
	for n < len(rest) && word(rest[n]) {
		n++
	}
	return offset + max(n, 1)
}

// firstLine is where a value ends, or where its first line does.
func (l *locator) firstLine(n *item) int {
	for i := n.offset; i < n.end; i++ {
		if l.text[i] == '\n' || l.text[i] == '\r' {
			return i
		}
	}
	return n.end
}
