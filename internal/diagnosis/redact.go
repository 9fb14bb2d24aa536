package diagnosis

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed vocabulary.txt
var vocabularyText string

// vocabulary are the words that may leave the house. Whatever else a text of an
// error has, be it a name, a value or a secret, is replaced: what is not known to
// be harmless does not go.
var vocabulary = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(vocabularyText) {
		out[w] = true
	}
	for _, p := range book().Patterns {
		for _, text := range p.texts() {
			for _, w := range strings.FieldsFunc(strings.ToLower(placeholder.ReplaceAllString(text, " ")), notLetter) {
				out[w] = true
			}
		}
	}
	return out
})

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

const (
	hidden = "[…]"
	// maxRedacted bounds a text of the prompt in bytes.
	maxRedacted = 600
)

var (
	// quotedText is text in quotation marks of any kind, also where it does not end.
	quotedText = regexp.MustCompile("\"[^\"]*(\"|$)|'[^']*('|$)|`[^`]*(`|$)|“[^”]*(”|$)|‘[^’]*(’|$)|«[^»]*(»|$)|\\{[^}]*(\\}|$)|\\[[^\\]]*(\\]|$)")
	// wordOrElse is a run without white space.
	wordOrElse = regexp.MustCompile(`\S+`)
	// plainWord is a word with the punctuation around it.
	plainWord = regexp.MustCompile(`^([(\-]*)([A-Za-z][A-Za-z0-9]*(?:[-/'][A-Za-z]+)*)([)\-.,:;!?]*)$`)
)

// redact leaves of a text the words of the vocabulary and the names that are
// given, those of the schema's properties. Numbers may be values: none stays.
func redact(text string, names map[string]bool) string {
	text = quotedText.ReplaceAllStringFunc(plain(text, 4*maxRedacted), func(q string) string {
		inner := strings.Trim(q, "\"'`“”‘’«»{}[]")
		if names[inner] {
			return `"` + inner + `"`
		}
		return " " + hidden + " "
	})
	text = wordOrElse.ReplaceAllStringFunc(text, func(w string) string {
		if w == hidden || names[strings.Trim(w, `".,:;!?()`)] {
			return w
		}
		m := plainWord.FindStringSubmatch(w)
		if len(m) == 0 || !known(m[2]) {
			return hidden
		}
		return w
	})
	return cutBytes(squeezed(text), maxRedacted)
}

// known reports whether each part of a word is in the vocabulary.
func known(word string) bool {
	return !slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return r == '-' || r == '/' || r == '\'' }), func(part string) bool {
		return !vocabulary()[part] && part != "t" && part != "s"
	})
}

var manyHidden = regexp.MustCompile(`\[…\]( *\[…\])+`)

func squeezed(text string) string {
	return manyHidden.ReplaceAllString(strings.Join(strings.Fields(text), " "), hidden)
}

func cutBytes(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
