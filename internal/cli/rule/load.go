package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	engine "github.com/plumbline-dev/plumbline/rule"
)

// maxRule is the largest file of a rule; the server takes no larger body.
const maxRule = 5 << 20

// logic is a rule that was read from a file.
type logic struct {
	file string
	text []byte
	test *engine.Test
	// bare is whether the file holds an evaluator and not a whole test.
	bare bool
}

// readText reads a file of JSON.
func readText(env command.Env, name string) ([]byte, error) {
	text, err := env.ReadFile(name, maxRule)
	return bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")), err
}

// shown is the name of a file as findings have it.
func shown(name string) string {
	if name == "-" {
		return "<stdin>"
	}
	return name
}

// load reads a rule, which may refer to the conditions.
func load(env command.Env, name string, known *engine.Conditions) (*logic, error) {
	text, err := readText(env, name)
	if err != nil {
		return nil, err
	}
	l := &logic{file: shown(name), text: text}
	if l.test, err = known.ParseTest(text); err != nil {
		return nil, l.refused(err)
	}
	if err := gate(l.file, text); err != nil {
		return nil, err
	}
	root := strictjson.SkipSpace(text, 0)
	l.bare = child(text, root, "groups") < 0
	return l, nil
}

// gate refuses what the server would not take as JSON.
func gate(file string, text []byte) error {
	err := strictjson.Check(text)
	var s *strictjson.SyntaxError
	if !errors.As(err, &s) {
		return err
	}
	line, column := lineOf(text, s.Offset)
	return &finding{File: file, Line: line, Column: column, Pointer: s.Pointer, Severity: severityError, Message: s.Reason}
}

// refused puts a refusal of the engine at its place in the file.
func (l *logic) refused(err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	return &finding{l.file, e.Line, e.Column, e.Pointer, severityError, e.Message, e.Suggestion}
}

// filter lays a filteringCriteria over a bare evaluator.
func (l *logic) filter(env command.Env, name string, known *engine.Conditions) error {
	if !l.bare {
		return command.Usagef("--filter goes with a bare evaluator: the groups of the test in %s have a filteringCriteria of their own", l.file)
	}
	text, err := readText(env, name)
	if err != nil {
		return err
	}
	if err := gate(shown(name), text); err != nil {
		return err
	}
	// The filter stands on lines of its own, so that positions are its own too.
	const head, frame = "{\"groups\":[{\"filteringCriteria\":\n", "/groups/0/filteringCriteria"
	framed := fmt.Appendf(nil, "%s%s\n,\"evaluator\":%s}]}", head, text, l.text)
	test, err := known.ParseTest(framed)
	var e *engine.Error
	if errors.As(err, &e) {
		return &finding{shown(name), e.Line - 1, e.Column, strings.TrimPrefix(e.Pointer, frame), severityError, e.Message, e.Suggestion}
	}
	l.test = test
	return err
}

// conditions reads named conditions, a JSON object by name. Without a name of a
// file there are none.
func conditions(env command.Env, name string) (*engine.Conditions, error) {
	if name == "" {
		return nil, nil
	}
	text, err := readText(env, name)
	if err != nil {
		return nil, err
	}
	file := shown(name)
	if err := gate(file, text); err != nil {
		return nil, err
	}
	if at := strictjson.SkipSpace(text, 0); text[at] != '{' {
		line, column := lineOf(text, at)
		return nil, &finding{File: file, Line: line, Column: column, Severity: severityError, Message: "named conditions are an object of names and conditions"}
	}
	texts := map[string]json.RawMessage{}
	strictjson.Members(text[strictjson.SkipSpace(text, 0):], func(key, value []byte) bool {
		texts[string(key)] = value
		return true
	})
	known, err := engine.ParseConditions(texts)
	var e *engine.Error
	if !errors.As(err, &e) {
		return known, err
	}
	// The position counts from the beginning of the condition.
	condition, _, _ := strings.Cut(strings.TrimPrefix(e.Pointer, "/"), "/")
	line, column := lineOf(text, locate(text, "/"+condition))
	if e.Line > 1 {
		line, column = line+e.Line-1, 1
	}
	return nil, &finding{file, line, column + e.Column - 1, e.Pointer, severityError, e.Message, e.Suggestion}
}
