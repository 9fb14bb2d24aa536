package chat

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/diagnosis"
)

// completion is a whole reply, or one piece of a stream.
type completion struct {
	Model   string `json:"model"`
	Choices []struct {
		Message      *said  `json:"message"`
		Delta        *said  `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Error json.RawMessage `json:"error"`
}

type said struct {
	Content      string          `json:"content"`
	Refusal      string          `json:"refusal"`
	ToolCalls    json.RawMessage `json:"tool_calls"`
	FunctionCall json.RawMessage `json:"function_call"`
}

func present(v json.RawMessage) bool {
	text := string(v)
	return text != "" && text != "null" && text != "[]"
}

var (
	errNotUnderstood = failed("the AI provider answered with something that is no chat completion")
	errTold          = failed("the AI provider began to answer and then failed")
	errBrokenOff     = failed("the AI provider broke off in the middle of its answer")
	errTooLarge      = failed("the AI provider's answer is too large")
)

// listener gathers an answer.
type listener struct {
	answer diagnosis.Answer
	text   strings.Builder
	each   func(string) error
	ended  bool
}

// hear takes in a piece; the error of each is given back as it is.
func (l *listener) hear(c completion) error {
	if present(c.Error) {
		return errTold
	}
	if c.Model != "" {
		l.answer.Model = c.Model
	}
	if len(c.Choices) == 0 {
		return nil
	}
	choice := c.Choices[0]
	for _, s := range []*said{choice.Message, choice.Delta} {
		if s == nil {
			continue
		}
		l.answer.Refused = l.answer.Refused || s.Refusal != ""
		l.answer.Called = l.answer.Called || present(s.ToolCalls) || present(s.FunctionCall)
		if s.Content == "" {
			continue
		}
		if l.text.Len()+len(s.Content) > maxText {
			return errTooLarge
		}
		l.text.WriteString(s.Content)
		if err := l.each(s.Content); err != nil {
			return err
		}
	}
	switch choice.FinishReason {
	case "":
		return nil
	case "content_filter":
		l.answer.Refused = true
	case "tool_calls", "function_call":
		l.answer.Called = true
	case "length":
		l.answer.Cut = true
	}
	l.ended = true
	return nil
}

func (l *listener) end() diagnosis.Answer {
	l.answer.Text = l.text.String()
	return l.answer
}

// readWhole reads a reply that is one JSON object.
func readWhole(r io.Reader, each func(string) error) (diagnosis.Answer, error) {
	text, err := io.ReadAll(r)
	switch {
	case errors.Is(err, errTooMuch):
		return diagnosis.Answer{}, errTooLarge
	case err != nil:
		return diagnosis.Answer{}, errBrokenOff
	}
	var c completion
	if err := json.Unmarshal(text, &c); err != nil {
		return diagnosis.Answer{}, errNotUnderstood
	}
	if len(c.Choices) == 0 && !present(c.Error) {
		return diagnosis.Answer{}, errNotUnderstood
	}
	l := &listener{each: each}
	err = l.hear(c)
	return l.end(), err
}

// readStream reads server-sent events, each with a piece of the answer, up to
// [DONE]. What other makers add besides is passed over.
func readStream(r io.Reader, each func(string) error) (diagnosis.Answer, error) {
	l := &listener{each: each}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4<<10), 256<<10)
	understood := false
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data:")
		if !ok {
			continue
		}
		data = strings.TrimSpace(data)
		if data == "[DONE]" {
			return l.end(), nil
		}
		if data == "" {
			continue
		}
		var c completion
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return l.end(), errNotUnderstood
		}
		understood = true
		if err := l.hear(c); err != nil {
			return l.end(), err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, errTooMuch), errors.Is(err, bufio.ErrTooLong):
		return l.end(), errTooLarge
	case err != nil, !l.ended && understood:
		return l.end(), errBrokenOff
	case !understood:
		return l.end(), errNotUnderstood
	}
	return l.end(), nil
}

// ended says why a context is over.
func ended(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errSlow
	}
	return err
}
