package schema

import (
	"bytes"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// maxFastPatternWork bounds pattern instruction times byte of one record (some
// tenths of a second); above it the library decides, whose work is counted.
const maxFastPatternWork = 20_000_000

// unknown is what run returns when the library must decide.
const unknown = -1

// run reads the value that begins at i and returns the position after it if the
// value is certainly valid, else unknown.
func (n *node) run(t []byte, i, depth int) int {
	if i >= len(t) || depth > strictjson.MaxDepth+1 {
		return unknown
	}
	switch n.mode {
	case modeAny:
		return strictjson.SkipValue(t, i)
	case modeAsk:
		return unknown
	case modeUnion:
		return n.runUnion(t, i, depth)
	}
	switch c := t[i]; c {
	case '"':
		return n.runText(t, i)
	case '{':
		if n.types&isObject == 0 || n.allowed != nil {
			return unknown
		}
		return n.runObject(t, i, depth)
	case '[':
		if n.types&isArray == 0 || n.allowed != nil {
			return unknown
		}
		return n.runArray(t, i, depth)
	case 't', 'f', 'n':
		kind := isBoolean
		if c == 'n' {
			kind = isNull
		}
		end := strictjson.SkipValue(t, i)
		if n.types&kind == 0 || end < 0 || (n.allowed != nil && !n.allowed.hasLiteral(t[i:end])) {
			return unknown
		}
		return end
	default:
		return n.runNumber(t, i)
	}
}

func (n *node) runText(t []byte, i int) int {
	end := strictjson.SkipValue(t, i)
	if n.types&isString == 0 || end < 0 {
		return unknown
	}
	if n.allowed == nil && n.pattern == nil && n.minLength == 0 && n.maxLength >= len(t) {
		return end
	}
	text := t[i+1 : end-1]
	if n.minLength > 0 || n.maxLength < len(text) {
		if length := characters(text); length < n.minLength || length > n.maxLength {
			return unknown
		}
	}
	if n.allowed == nil && n.pattern == nil {
		return end
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		decoded, _ := strictjson.Text(t[i:end])
		text = []byte(decoded)
	}
	if n.allowed != nil && !n.allowed.hasText(text) || n.pattern != nil && !n.pattern.Match(text) {
		return unknown
	}
	return end
}

// runUnion tries the branches. An object or array is run through one of them
// only, so that the work does not grow with the depth.
func (n *node) runUnion(t []byte, i, depth int) int {
	if t[i] == '{' || t[i] == '[' {
		if n.container == nil {
			return unknown
		}
		return n.container.run(t, i, depth)
	}
	for _, b := range n.branches {
		if end := b.run(t, i, depth); end >= 0 {
			return end
		}
	}
	return unknown
}

// characters counts the code points of the text of a JSON string.
func characters(text []byte) (n int) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c&0xC0 == 0x80:
		case c != '\\':
			n++
		case i+2 < len(text) && text[i+1] == 'u' && text[i+2]|0x20 == 'd' && i+3 < len(text) && text[i+3] >= '8':
			n++ // a surrogate pair: two escapes, one code point
			i += 11
		case i+1 < len(text) && text[i+1] == 'u':
			n++
			i += 5
		default:
			n++
			i++
		}
	}
	return n
}

func (n *node) runNumber(t []byte, i int) int {
	number, end := scanNumber(t, i)
	switch {
	case n.types&isNumber != 0:
	case n.types&isInteger == 0:
		return unknown
	case !number.plain && (n.plainIntegers || !number.integral):
		return unknown
	}
	if n.minimum == nil && n.maximum == nil && n.allowed == nil {
		return end
	}
	if !number.exact {
		return unknown
	}
	if n.minimum != nil {
		if c := number.value.compare(*n.minimum); c < 0 || (c == 0 && n.exclusiveMinimum) {
			return unknown
		}
	}
	if n.maximum != nil {
		if c := number.value.compare(*n.maximum); c > 0 || (c == 0 && n.exclusiveMaximum) {
			return unknown
		}
	}
	if n.allowed != nil && !n.allowed.hasNumber(number.value) {
		return unknown
	}
	return end
}

func (n *node) runArray(t []byte, i, depth int) int {
	count := 0
	i = strictjson.SkipSpace(t, i+1)
	for i < len(t) && t[i] != ']' {
		if count > 0 {
			if t[i] != ',' {
				return unknown
			}
			i = strictjson.SkipSpace(t, i+1)
		}
		count++
		if n.items == nil {
			i = strictjson.SkipValue(t, i)
		} else {
			i = n.items.run(t, i, depth+1)
		}
		if i < 0 {
			return unknown
		}
		if i < len(t) && t[i] <= ' ' {
			i = strictjson.SkipSpace(t, i)
		}
	}
	if i >= len(t) || count < n.minItems || count > n.maxItems {
		return unknown
	}
	return i + 1
}

func (n *node) runObject(t []byte, i, depth int) int {
	count, required, next := 0, 0, 0
	i = strictjson.SkipSpace(t, i+1)
	for i < len(t) && t[i] != '}' {
		if count > 0 {
			if t[i] != ',' {
				return unknown
			}
			i++
			if i < len(t) && t[i] <= ' ' {
				i = strictjson.SkipSpace(t, i)
			}
		}
		count++
		if i >= len(t) || t[i] != '"' {
			return unknown
		}
		from, escaped := i, false
		for i++; i < len(t) && t[i] != '"'; i++ {
			if t[i] == '\\' {
				escaped = true
				i++
			}
		}
		if i >= len(t) {
			return unknown
		}
		name := t[from+1 : i]
		i++
		if escaped {
			decoded, _ := strictjson.Text(t[from:i])
			name = []byte(decoded)
		}
		if i < len(t) && t[i] <= ' ' {
			i = strictjson.SkipSpace(t, i)
		}
		if i >= len(t) || t[i] != ':' {
			return unknown
		}
		i++
		if i < len(t) && t[i] <= ' ' {
			i = strictjson.SkipSpace(t, i)
		}
		value := n.additional
		// Records mostly have their members in the order of the schema.
		if next < len(n.members) && n.members[next].name == string(name) {
			value = n.members[next].node
			if n.members[next].required {
				required++
			}
			next++
		} else if at, ok := n.byName[string(name)]; ok {
			value = n.members[at].node
			if n.members[at].required {
				required++
			}
			next = at + 1
		}
		if value == nil {
			i = strictjson.SkipValue(t, i)
		} else {
			i = value.run(t, i, depth+1)
		}
		if i < 0 {
			return unknown
		}
		if i < len(t) && t[i] <= ' ' {
			i = strictjson.SkipSpace(t, i)
		}
	}
	if i >= len(t) || required != n.required || count < n.minProperties || count > n.maxProperty {
		return unknown
	}
	return i + 1
}
