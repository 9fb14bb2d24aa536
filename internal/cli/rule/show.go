package rule

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	engine "github.com/plumbline-dev/plumbline/rule"
)

// maxWidth bounds the column of keys.
const maxWidth = 36

// line shows a result: what came out, which record, why.
func (e *evaluation) line(r *result) error {
	words := map[engine.Outcome]string{
		engine.Pass:       e.paint.Good("pass "),
		engine.Fail:       e.paint.Bad("FAIL "),
		engine.OutOfScope: e.paint.Faint("out  "),
		engine.Errored:    e.paint.Odd("ERROR"),
	}[r.Outcome]
	key := command.Plain(r.Key)
	if r.nameless {
		key = "line " + key
	}
	n := utf8.RuneCountInString(key)
	e.width = max(e.width, min(n, maxWidth))
	why := r.why()
	text := words + " " + key
	if r.Group != "" {
		why = strings.TrimSpace("[" + r.Group + "] " + why)
	}
	if why = command.Plain(why); why != "" {
		if r.Outcome == engine.OutOfScope {
			why = e.paint.Faint(why)
		}
		text += strings.Repeat(" ", max(e.width-n, 0)) + "  " + why
	}
	_, err := e.out.WriteString(text + "\n")
	return err
}

// why says in one line what decided.
func (r *result) why() string {
	words := strings.Join(r.Words, "; ")
	switch {
	case r.Counterfactual != "":
		return words + "; " + r.Counterfactual
	case r.Outcome != engine.OutOfScope:
		return words
	case r.tally.group.Filter.Mode == engine.Exclusion:
		return "excluded, because " + r.tally.group.Filter.Evaluator.Sentence()
	}
	return "not included: " + words
}

// summary shows the counts and the result.
func (e *evaluation) summary() error {
	all, whole := e.verdict()
	if e.groups[0].counts.Records > 0 {
		_ = e.out.WriteByte('\n')
	}
	for i, t := range e.groups {
		name := ""
		if len(e.groups) > 1 {
			name = command.Plain(t.name) + ": "
		}
		c := t.counts
		_, _ = fmt.Fprintf(e.out, "%s%s: %d pass, %d fail, %d out of scope, %d in error", name, command.Plural(int(c.Records), "record", "records"),
			c.Passing, c.Failing, c.Excluded, c.Errors)
		if len(e.groups) > 1 {
			_, _ = fmt.Fprintf(e.out, ": %s", verdictWords(all[i]))
		}
		_ = e.out.WriteByte('\n')
	}
	words := verdictWords(whole)
	switch whole.Verdict {
	case engine.VerdictPassed:
		words = e.paint.Good(words)
	case engine.VerdictFailed:
		words = e.paint.Bad(words)
	default:
		words = e.paint.Odd(words)
	}
	_, err := fmt.Fprintf(e.out, "Result: %s\n", words)
	return err
}
