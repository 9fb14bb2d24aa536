package strictjson

import "unicode/utf8"

// AppendCompact appends the checked JSON text without the whitespace outside of
// strings. Nothing else changes: numbers and escapes stay as they are written.
func AppendCompact(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		switch text[i] {
		case ' ', '\n', '\r', '\t':
			i++
		case '"':
			end := stringEnd(text, i)
			if end < 0 {
				end = len(text)
			}
			dst = append(dst, text[i:end]...)
			i = end
		default:
			dst = append(dst, text[i])
			i++
		}
	}
	return dst
}

// AppendText appends text as a JSON string with as few escapes as possible.
// Bytes that are not valid UTF-8 become U+FFFD.
func AppendText(dst []byte, text string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(text[i:])
			dst = utf8.AppendRune(dst, r)
			i += size
			continue
		default:
			dst = append(dst, c)
		}
		i++
	}
	return append(dst, '"')
}

// Set is a copy of the compact object with the member name set to value: in
// its place if it is there, else at the end.
func Set(object []byte, name string, value []byte) []byte {
	patch := make([]byte, 0, len(name)+len(value)+8)
	patch = append(patch, '{')
	patch = AppendText(patch, name)
	patch = append(patch, ':')
	patch = append(patch, value...)
	patch = append(patch, '}')
	return Merge(object, patch)
}

// Merge is a copy of the compact object with the members of the compact patch
// laid over it, at the top level only: a member of the patch replaces the one of
// the same name in its place, the others stay, new ones come at the end in the
// order of the patch.
func Merge(object, patch []byte) []byte {
	type member struct {
		value []byte
		used  bool
	}
	var order []string
	patched := make(map[string]*member)
	Members(patch, func(key, value []byte) bool {
		name := string(key)
		order = append(order, name)
		patched[name] = &member{value: value}
		return true
	})
	out := make([]byte, 0, len(object)+len(patch))
	out = append(out, '{')
	add := func(name string, value []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = AppendText(out, name)
		out = append(out, ':')
		out = append(out, value...)
	}
	Members(object, func(key, value []byte) bool {
		if p := patched[string(key)]; p != nil {
			p.used = true
			value = p.value
		}
		add(view(key), value)
		return true
	})
	for _, name := range order {
		if p := patched[name]; !p.used {
			add(name, p.value)
		}
	}
	return append(out, '}')
}
