package access

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// The length of a password: characters at least, bytes at most (NIST SP
// 800-63B asks for 64 characters at least to be taken).
const (
	MinPassword      = 12
	MaxPasswordBytes = 1024
)

// commonWords are what the passwords that most people choose are made of, one a
// line: a list of ours, from common knowledge.
//
//go:embed common.txt
var commonText string

var commonWords = sync.OnceValue(func() []string { return strings.Fields(commonText) })

// What must be left of a password when what is easily guessed is taken away:
// letters, or characters of any kind; and how many different ones it has.
const (
	minRest          = 5
	minRestWithSigns = 8
	minDistinct      = 5
	minRun           = 4
	minContext       = 3
)

// rows are what fingers and the alphabet run along.
var rows = []string{"1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "abcdefghijklmnopqrstuvwxyz",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p"}

// checkPassword refuses a password that is too short, too long, or among the
// first that anybody would try. about are words that others connect with its
// owner: names, the address, the organisation.
func checkPassword(password string, about ...string) error {
	refuse := func(text string, args ...any) error {
		err := fault.New(fault.CodeValidation, text, args...)
		err.Pointer = "/password"
		return err
	}
	if len(password) > MaxPasswordBytes {
		return refuse("the password (/password) may have at most %d bytes", MaxPasswordBytes)
	}
	if !utf8.ValidString(password) {
		return refuse("the password (/password) is not UTF-8 text")
	}
	text := norm.NFKC.String(password)
	if utf8.RuneCountInString(text) < MinPassword {
		return refuse("the password (/password) must have %d characters or more: a few words that do not belong together are easy to remember", MinPassword)
	}
	folded := strings.ToLower(text)
	if distinct(folded) < minDistinct || repeats(folded) {
		return refuse("the password (/password) repeats the same few characters: choose one that is harder to guess")
	}
	if rest := withoutRuns(folded); !enough(folded, rest) {
		return refuse("the password (/password) follows the keyboard, the alphabet or the digits: choose one that is harder to guess")
	}
	if rest := withoutRuns(withoutWords(folded, commonWords())); !enough(folded, rest) {
		return refuse("the password (/password) is one of the first that others would try: choose one that is harder to guess")
	}
	if rest := withoutWords(folded, append([]string{"plumbline"}, contextWords(about)...)); rest != folded && !enough(folded, withoutRuns(withoutWords(rest, commonWords()))) {
		return refuse("the password (/password) is made of your name, your address or the organisation's: choose one that is harder to guess")
	}
	return nil
}

// enough reports whether something that is hard to guess is left of a text from
// which parts were taken away.
func enough(text, rest string) bool {
	if rest == text {
		return true
	}
	n, signs := 0, 0
	for _, r := range rest {
		switch {
		case unicode.IsLetter(r) || r > unicode.MaxASCII:
			n++
		case r != ' ':
			signs++
		}
	}
	return n >= minRest || n+signs >= minRestWithSigns
}

var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// repeats reports whether a text is a short part over and over.
func repeats(text string) bool {
	runes := []rune(text)
	for period := 1; period <= len(runes)/3; period++ {
		same := true
		for i := period; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-period]
		}
		if same {
			return true
		}
	}
	return false
}

var allRows = sync.OnceValue(func() []string {
	out := make([]string, 0, 2*len(rows))
	for _, row := range rows {
		back := []byte(row)
		for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
			back[i], back[j] = back[j], back[i]
		}
		out = append(out, row, string(back))
	}
	return out
})

// withoutRuns takes away what runs along a row for minRun characters or more.
func withoutRuns(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		longest := 0
		for _, row := range allRows() {
			at := strings.IndexByte(row, text[i])
			if at < 0 {
				continue
			}
			n := 0
			for at+n < len(row) && i+n < len(text) && row[at+n] == text[i+n] {
				n++
			}
			longest = max(longest, n)
		}
		if longest >= minRun {
			i += longest
			continue
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}

// withoutWords takes words away, also where digits stand for letters.
func withoutWords(text string, words []string) string {
	for _, form := range []string{text, leet.Replace(text)} {
		rest := form
		for _, w := range words {
			rest = strings.ReplaceAll(rest, w, " ")
		}
		if len(rest) < len(text) {
			return rest
		}
	}
	return text
}

// contextWords are the words within texts that are long enough to matter.
func contextWords(texts []string) []string {
	var out []string
	for _, t := range texts {
		t = strings.ToLower(norm.NFKC.String(t))
		for _, w := range append(strings.FieldsFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), strings.ReplaceAll(t, " ", "")) {
			if utf8.RuneCountInString(w) >= minContext {
				out = append(out, w)
			}
		}
	}
	return out
}
