package host

import "strings"

// The words of sudoers(5): a backslash takes the meaning from the next
// character, double quotes take it from all between them.

// scanSudo calls f with the place of every character that has its meaning.
// f returns false to stop.
func scanSudo(s string, f func(i int, c byte) bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && !f(i, c):
			return
		}
	}
}

// cutUnquoted cuts s at the first sep that has its meaning.
func cutUnquoted(s string, sep byte) (before, after string, found bool) {
	at := -1
	scanSudo(s, func(i int, c byte) bool {
		if c == sep {
			at = i
		}
		return at < 0
	})
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

// stripSudoComment takes away a comment. "#1000" is a uid where a user can
// stand, not a comment.
func stripSudoComment(s string) string {
	end := len(s)
	before := byte(',')
	scanSudo(s, func(i int, c byte) bool {
		if c == '#' {
			digit := i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9'
			if !digit || !strings.ContainsRune(",!%(:=", rune(before)) {
				end = i
				return false
			}
		}
		if c != ' ' && c != '\t' {
			before = c
		}
		return true
	})
	return s[:end]
}

// splitRaw splits at a separator that has its meaning and drops empty parts
// and the blanks around the others.
func splitRaw(s string, sep byte) []string {
	var parts []string
	for more := true; more; {
		var part string
		part, s, more = cutUnquoted(s, sep)
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// splitList splits at commas and takes quotes and backslashes away.
func splitList(s string) []string {
	parts := splitRaw(s, ',')
	for i, p := range parts {
		parts[i] = plain(p)
	}
	return parts
}

// listWords splits at blanks, where a list "a, b" is one word.
func listWords(s string) []string {
	var words []string
	start, end, last := -1, 0, -1
	add := func(from, to int) {
		switch {
		case start < 0:
			start = from
		case from > end && last != ',' && s[from] != ',':
			words = append(words, s[start:end])
			start = from
		}
		end, last = to, int(s[to-1])
	}
	from := 0
	scanSudo(s, func(i int, c byte) bool {
		if c == ' ' || c == '\t' || c == ',' {
			if i > from {
				add(from, i)
			}
			if c == ',' {
				add(i, i+1)
			}
			from = i + 1
		}
		return true
	})
	if from < len(s) {
		add(from, len(s))
	}
	if start >= 0 {
		words = append(words, s[start:end])
	}
	return words
}

// splitWord splits the first word off.
func splitWord(s string) (first, rest string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// plain takes quotes and backslashes away.
func plain(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
