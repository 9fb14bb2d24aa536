package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	stringText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	numberText = regexp.MustCompile(`-?[0-9][0-9.eE+-]*`)
	unicodeEsc = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|[^u])`)
)

// slowReasons is the second opinion on what the gate refuses: it shares nothing
// with the scanner and makes one pass for each of the stated reasons.
func slowReasons(text []byte) (reasons []string) {
	if !json.Valid(text) {
		return []string{"not JSON"}
	}
	if !utf8.Valid(text) {
		reasons = append(reasons, "UTF-8")
	}
	for _, s := range stringText.FindAllString(string(text), -1) {
		escapes := unicodeEsc.FindAllStringIndex(s, -1)
		for i := 0; i < len(escapes); i++ {
			at := escapes[i]
			if s[at[0]+1] != 'u' {
				continue
			}
			n, _ := strconv.ParseUint(s[at[0]+2:at[1]], 16, 32)
			switch {
			case n == 0:
				reasons = append(reasons, "NUL")
			case n >= 0xDC00 && n <= 0xDFFF:
				reasons = append(reasons, "surrogate")
			case n >= 0xD800 && n <= 0xDBFF:
				low := uint64(0)
				if i+1 < len(escapes) && escapes[i+1][0] == at[1] && s[at[1]+1] == 'u' {
					low, _ = strconv.ParseUint(s[at[1]+2:escapes[i+1][1]], 16, 32)
				}
				if low < 0xDC00 || low > 0xDFFF {
					reasons = append(reasons, "surrogate")
				}
				i++
			}
		}
	}
	bare := stringText.ReplaceAllString(string(text), `""`)
	for _, n := range numberText.FindAllString(bare, -1) {
		if _, err := strconv.ParseFloat(n, 64); err != nil || len(n) > 64 {
			reasons = append(reasons, "number")
		}
	}
	depth := 0
	for _, c := range bare {
		if strings.ContainsRune("[{", c) {
			depth++
		} else if strings.ContainsRune("]}", c) {
			depth--
		}
		if depth == 101 {
			return append(reasons, "depth")
		}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if slowDuplicates(d) {
		reasons = append(reasons, "duplicate")
	}
	return reasons
}

func slowDuplicates(d *json.Decoder) bool {
	token, _ := d.Token()
	delim, ok := token.(json.Delim)
	if !ok {
		return false
	}
	seen, found := map[string]bool{}, false
	for d.More() {
		if delim == '{' {
			name, _ := d.Token()
			found = found || seen[name.(string)]
			seen[name.(string)] = true
		}
		found = slowDuplicates(d) || found
	}
	_, _ = d.Token()
	return found
}

// sampleRecord is a record of about 250 bytes.
func sampleRecord(n int) string {
	return fmt.Sprintf(`{"id":"host-%06d","hostname":"web-%06d.example.org","os":"Debian GNU/Linux 13","encrypted":true,"agentVersion":"7.4.%d","lastSeen":"2025-07-01T16:45:55.246Z","openPorts":[22,443],"owner":{"email":"u%d@example.org","team":"platform"},"score":%d.5}`,
		n, n, n%10, n%1000, n%100)
}

// generator makes random documents: values as Go data with their order kept.
type generator struct{ *rand.Rand }

type node struct {
	kind    byte // '{', '[', '"' or 'x' for a bare literal
	text    string
	names   []string
	members []*node
}

var words = []string{"a", "b", "é", "😀", `q"q`, `back\slash`, "line\nfeed", "/", "", "aaaaaaaa", "aaaaaaaab", "\u007f", "A"}

func (g generator) word() string {
	w := words[g.IntN(len(words))]
	if g.IntN(3) == 0 {
		w += words[g.IntN(len(words))]
	}
	return w
}

func (g generator) node(depth int) *node {
	switch k := g.IntN(10); {
	case k < 3 && depth > 0:
		n := &node{kind: '{'}
		seen := map[string]bool{}
		size := g.IntN(6)
		if g.IntN(10) == 0 {
			size = 30
		}
		for range size {
			name := g.word()
			if size == 30 {
				name += strconv.Itoa(g.IntN(1000))
			}
			if !seen[name] {
				seen[name] = true
				n.names = append(n.names, name)
				n.members = append(n.members, g.node(depth-1))
			}
		}
		return n
	case k < 5 && depth > 0:
		n := &node{kind: '['}
		for range g.IntN(5) {
			n.members = append(n.members, g.node(depth-1))
		}
		return n
	case k < 7:
		return &node{kind: '"', text: g.word()}
	}
	literals := []string{"null", "true", "false", "0", "1", "1.0", "-3", "9007199254740993", "1e3", "0.1"}
	return &node{kind: 'x', text: literals[g.IntN(len(literals))]}
}

// print writes the document with random whitespace, escapes and member order.
func (g generator) print(b *strings.Builder, n *node, noise bool) {
	space := func() {
		if noise {
			b.WriteString([]string{"", "", "", " ", "\n\t", "  "}[g.IntN(6)])
		}
	}
	space()
	switch n.kind {
	case '"':
		g.quote(b, n.text, noise)
	case 'x':
		b.WriteString(n.text)
	case '[':
		b.WriteByte('[')
		for i, m := range n.members {
			if i > 0 {
				b.WriteByte(',')
			}
			g.print(b, m, noise)
		}
		space()
		b.WriteByte(']')
	default:
		order := make([]int, len(n.members))
		for i := range order {
			order[i] = i
		}
		if noise {
			g.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		b.WriteByte('{')
		for i, at := range order {
			if i > 0 {
				b.WriteByte(',')
			}
			space()
			g.quote(b, n.names[at], noise)
			space()
			b.WriteByte(':')
			g.print(b, n.members[at], noise)
		}
		space()
		b.WriteByte('}')
	}
	space()
}

func (g generator) quote(b *strings.Builder, s string, noise bool) {
	if !noise {
		b.Write(AppendText(nil, s))
		return
	}
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '/' && g.IntN(2) == 0:
			b.WriteString(`\/`)
		case r < 0x10000 && (r < 0x20 || r == '"' || r == '\\' || g.IntN(3) == 0):
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

func (g generator) text(n *node, noise bool) []byte {
	var b strings.Builder
	g.print(&b, n, noise)
	return []byte(b.String())
}
