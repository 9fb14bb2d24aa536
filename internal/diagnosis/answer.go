package diagnosis

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Answer is what a model said.
type Answer struct {
	Text string
	// Refused: the model, or a filter before it, would not answer.
	Refused bool
	// Called: it asked for a function in place of an answer.
	Called bool
	// Cut: it ended because it had become too long.
	Cut bool
	// Model is the name that the other side gives the model, empty if it gives none.
	Model string
}

// maxSummary bounds a summary in characters.
const maxSummary = 2500

var (
	thinking   = regexp.MustCompile(`(?s)^\s*<think(ing)?>.*?</think(ing)?>`)
	markup     = regexp.MustCompile(`(?i)<\s*/?\s*[a-z!?][^>]*>|&(lt|gt|amp|#[0-9]+|#x[0-9a-f]+);`)
	link       = regexp.MustCompile(`(?i)\b(https?|ftp|javascript|data|mailto):|\bwww\.|\]\(`)
	heading    = regexp.MustCompile(`(?m)^ {0,3}#{1,6} +`)
	emphasis   = regexp.MustCompile(`(\*\*|__)([^*_\n]+)(\*\*|__)`)
	bullet     = regexp.MustCompile(`(?m)^( *)[*•] +`)
	blankLines = regexp.MustCompile(`\n{3,}`)
	declined   = regexp.MustCompile(`(?i)^(i['’]?m sorry|i am sorry|sorry,|i can(no|['’])t|i am unable|i['’]m unable|as an ai|i won['’]t)`)
	// obeyed is how an answer begins to speak that follows an order hidden in an error.
	obeyed = regexp.MustCompile(`(?i)(system prompt|previous instructions|my instructions|ignore (all|the|any) |disregard (all|the|any) )`)
	// toldSecrets asks the reader for what no diagnosis needs.
	toldSecrets = regexp.MustCompile(`(?i)\b(send|mail|email|post|tell|paste|share|give) (me|us|it to|your|the) [^.\n]{0,40}\b(password|token|secret|api key|credentials?)\b[^.\n]{0,30}\b(here|to me|to us|in (your|the) (reply|chat|answer))`)
)

// Why a model's answer is of no use, in words for people.
var (
	errDeclined  = errors.New("the model declined to answer")
	errCalled    = errors.New("the model asked to call a function instead of answering")
	errEmpty     = errors.New("the model's answer is empty")
	errTooLong   = errors.New("the model's answer is too long")
	errMarkup    = errors.New("the model's answer has HTML or code in it")
	errLink      = errors.New("the model's answer has links in it, which nobody can vouch for")
	errLanguage  = errors.New("the model's answer is not in English")
	errOffTopic  = errors.New("the model's answer speaks of its instructions and not of the connection")
	errSoliciter = errors.New("the model's answer asks for secrets")
)

// english are small words of which any English text of some length has several.
var english = []string{"the", "to", "is", "and", "of", "a", "that", "in", "it", "for", "not", "was", "has", "or", "with"}

// summaryOf is the text of an answer as it may be shown, or why it may not.
func summaryOf(a Answer) (string, error) {
	switch {
	case a.Refused:
		return "", errDeclined
	case a.Called:
		return "", errCalled
	}
	text := thinking.ReplaceAllString(a.Text, "")
	text = strings.TrimSpace(tidy(text))
	switch {
	case text == "":
		return "", errEmpty
	case a.Cut || utf8.RuneCountInString(text) > maxSummary:
		return "", errTooLong
	case markup.MatchString(text) || strings.Contains(text, "```"):
		return "", errMarkup
	case link.MatchString(text):
		return "", errLink
	case declined.MatchString(text):
		return "", errDeclined
	case obeyed.MatchString(text):
		return "", errOffTopic
	case toldSecrets.MatchString(text):
		return "", errSoliciter
	case !isEnglish(text):
		return "", errLanguage
	}
	text = heading.ReplaceAllString(text, "")
	text = emphasis.ReplaceAllString(text, "$2")
	text = bullet.ReplaceAllString(text, "$1- ")
	text = strings.ReplaceAll(text, "`", "")
	return blankLines.ReplaceAllString(text, "\n\n"), nil
}

// tidy is a text without characters that nobody sees; line ends stay.
func tidy(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, text)
}

const shortText = 8 // words

func isEnglish(text string) bool {
	letters, latin := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(unicode.Latin, r) {
				latin++
			}
		}
	}
	if letters == 0 || latin*10 < letters*9 {
		return false
	}
	all := strings.FieldsFunc(strings.ToLower(text), notLetter)
	seen := map[string]bool{}
	for _, w := range all {
		seen[w] = true
	}
	found := 0
	for _, w := range english {
		if seen[w] {
			found++
		}
	}
	return found >= 3 || len(all) < shortText && found >= 1
}
