// Package jq runs jq expressions (gojq) within bounds: of time, of outputs and of
// what an output comes to. They reach nothing: no environment, no further input,
// no modules.
package jq

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

// Limits of an expression.
const (
	MaxText    = 16 << 10        // bytes of its text
	MaxOutputs = 1_000_000       // of one run
	maxTime    = 5 * time.Second // of one run
)

// Code is a compiled expression. It may be run by many at once.
type Code struct {
	code      *gojq.Code
	variables []string
	identity  bool
	within    time.Duration
}

// Error says why an expression cannot be read, or why it failed.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// Compile reads an expression. variables are the names that it may use, without
// the dollar.
func Compile(text string, variables []string) (*Code, error) {
	if len(text) > MaxText {
		return nil, &Error{fmt.Sprintf("the expression is longer than %d KB", MaxText>>10)}
	}
	q, err := gojq.Parse(text)
	if err != nil {
		return nil, &Error{"this is not jq: " + err.Error()}
	}
	if len(q.Imports) > 0 || q.Meta != nil {
		return nil, &Error{"an expression here has no modules"}
	}
	if err := tame(q); err != nil {
		return nil, err
	}
	named := make([]string, len(variables))
	for i, v := range variables {
		named[i] = "$" + v
	}
	code, err := gojq.Compile(q, gojq.WithVariables(named), bounded)
	if err != nil {
		return nil, &Error{"this is not jq that can be used here: " + err.Error()}
	}
	return &Code{code: code, variables: slices.Clone(variables), identity: strings.TrimSpace(text) == ".", within: maxTime}, nil
}

// Identity reports whether the expression gives what it is given.
func (c *Code) Identity() bool { return c.identity }

// Run gives the outputs for an input to yield, one after the other, until it
// errs. values holds those of the variables; what it has not is null. What goes
// wrong in the expression is an [*Error]; the errors of ctx and of yield are
// returned as they are.
func (c *Code) Run(ctx context.Context, input any, values map[string]any, yield func(any) error) error {
	args := make([]any, len(c.variables))
	for i, name := range c.variables {
		args[i] = values[name]
	}
	limited, cancel := context.WithTimeout(ctx, c.within)
	defer cancel()
	limited, stop := watched(limited)
	defer stop()
	iter := c.code.RunWithContext(limited, input, args...)
	for n := 1; ; n++ {
		v, ok := iter.Next()
		if !ok {
			return nil
		}
		if err, failed := v.(error); failed {
			return c.failure(ctx, limited, err)
		}
		if n > MaxOutputs {
			return &Error{fmt.Sprintf("the expression gives more than %d values for one input", MaxOutputs)}
		}
		if err := yield(v); err != nil {
			return err
		}
	}
}

func (c *Code) failure(ctx, limited context.Context, err error) error {
	var halt *gojq.HaltError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(context.Cause(limited), errMemory):
		return &Error{errMemory.Error()}
	case limited.Err() != nil:
		return &Error{fmt.Sprintf("the expression ran for more than %s", c.within)}
	case errors.As(err, &halt):
		return &Error{"the expression halted"}
	}
	return &Error{"the expression failed: " + err.Error()}
}

// Decode reads one JSON value for an expression. Numbers keep their text.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after the end of the JSON value")
	}
	return v, nil
}
