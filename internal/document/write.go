package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxInline is how long a mapping or list may be, in characters, to stand on
	// one line.
	maxInline = 100
	// maxKey is how long YAML lets a key be that has no mark of its own, with a
	// margin, in bytes.
	maxKey = 1000
)

// YAML writes the value for people: mappings and lists in blocks, small ones on
// one line, texts without quotes only where nobody can take them for something
// else. [Read] reads it back to the same value.
func (n *Node) YAML() []byte {
	w := &yamlWriter{}
	w.block(n, 0)
	if !bytes.HasSuffix(w.out.Bytes(), []byte("\n")) {
		w.out.WriteByte('\n')
	}
	return w.out.Bytes()
}

type yamlWriter struct{ out bytes.Buffer }

func (w *yamlWriter) indent(depth int) {
	for range depth {
		w.out.WriteString("  ")
	}
}

// block writes a value whose first line was begun already, at a depth that its
// other lines have.
func (w *yamlWriter) block(n *Node, depth int) {
	switch {
	case len(n.Items) == 0 || depth > 0 && n.small():
		w.out.WriteString(inline(n) + "\n")
	case n.Kind == IsMapping:
		for i, k := range n.Keys {
			if i > 0 {
				w.indent(depth)
			}
			w.member(k.Name, n.Items[i], depth)
		}
	default:
		for i, c := range n.Items {
			if i > 0 {
				w.indent(depth)
			}
			w.out.WriteString("- ")
			w.entry(c, depth+1)
		}
	}
}

func (w *yamlWriter) member(name string, v *Node, depth int) {
	key := quoted(name)
	if len(key) > maxKey {
		w.out.WriteString("? " + key + "\n")
		w.indent(depth)
		w.out.WriteString(": ")
		w.entry(v, depth+1)
		return
	}
	w.out.WriteString(key + ":")
	if len(v.Items) > 0 && !(v.small() && len(key)+2*depth < maxInline) {
		w.out.WriteByte('\n')
		w.indent(depth + 1)
		w.block(v, depth+1)
		return
	}
	w.out.WriteByte(' ')
	w.entry(v, depth+1)
}

// entry writes a value behind the mark of its place, and ends its line.
func (w *yamlWriter) entry(v *Node, depth int) {
	switch {
	case v.Kind == IsText && literal(v.Text):
		w.literal(v.Text, depth)
	case len(v.Items) == 0 || v.small():
		w.out.WriteString(inline(v) + "\n")
	default:
		w.block(v, depth)
	}
}

// literal writes a text of several lines as they are.
func (w *yamlWriter) literal(text string, depth int) {
	if body, ended := strings.CutSuffix(text, "\n"); ended {
		text = body
		w.out.WriteString("|\n")
	} else {
		w.out.WriteString("|-\n")
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			w.indent(depth)
			w.out.WriteString(line)
		}
		w.out.WriteByte('\n')
	}
}

// literal is whether a text can stand line by line: it has several, none of which
// begins or ends with what cannot be seen, and the first and the last are not
// empty.
func literal(text string) bool {
	body := strings.TrimSuffix(text, "\n")
	if !strings.Contains(body, "\n") || strings.HasPrefix(body, "\n") || strings.HasSuffix(body, "\n") || len(text) > 1<<20 {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if strings.TrimSpace(line) != line || strings.ContainsFunc(line, hidden) {
			return false
		}
	}
	return utf8.ValidString(text)
}

// small is whether a mapping or a list stands on one line: it holds only scalars,
// or a list of them, and is short.
func (n *Node) small() bool {
	if n.Kind != IsMapping && n.Kind != IsList || len(n.Items) > maxInline/4 {
		return false
	}
	for _, c := range n.Items {
		for _, below := range c.Items {
			if c.Kind != IsList || len(below.Items) > 0 {
				return false
			}
		}
	}
	if n.weight > 4*maxInline {
		return false
	}
	return utf8.RuneCountInString(inline(n)) <= maxInline
}

// inline writes a value on one line.
func inline(n *Node) string {
	var b strings.Builder
	appendInline(&b, n)
	return b.String()
}

func appendInline(b *strings.Builder, n *Node) {
	switch n.Kind {
	case IsText:
		b.WriteString(quoted(n.Text))
		return
	case IsLiteral:
		b.WriteString(n.Text)
		return
	}
	open, end := "[", "]"
	if n.Kind == IsMapping {
		open, end = "{", "}"
	}
	b.WriteString(open)
	for i, c := range n.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		if n.Kind == IsMapping {
			b.WriteString(quoted(n.Keys[i].Name) + ": ")
		}
		appendInline(b, c)
	}
	b.WriteString(end)
}

// quoted writes a text on one line, with quotes unless it is plain.
func quoted(text string) string {
	if plain(text) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' || !hidden(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// hidden is whether a character cannot be seen, or steers what is seen.
func hidden(r rune) bool { return r != ' ' && !unicode.IsPrint(r) || r == utf8.RuneError }

// words are what some reader of YAML takes for a value that is no text.
var words = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true, "nan": true, "inf": true}

// plain is whether a text needs no quotes: it begins with a letter, has nothing
// in it that means something to YAML, and is not a word of it.
func plain(text string) bool {
	if text == "" || len(text) > 1<<16 || words[strings.ToLower(text)] || strings.HasSuffix(text, " ") {
		return false
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r):
		case i > 0 && (unicode.IsDigit(r) || r == ' ' || strings.ContainsRune("_-./()+@", r)):
		default:
			return false
		}
	}
	return true
}
