package collect

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Collect runs the recipe and hands each record to run.Emit as it comes. What
// the recipe cannot be run with is an [*InputError], what fails on the way a
// [*StepError]; an error of Emit is returned as it is. After an error the records
// that came are not all that there are.
func (r *Recipe) Collect(ctx context.Context, run Run) error {
	if err := r.Check(run.Inputs); err != nil {
		return err
	}
	e := newEngine(r, run)
	ctx, cancel := context.WithTimeout(ctx, e.limits.Time)
	defer cancel()
	err := e.collect(ctx)
	var kept emitError
	if errors.As(err, &kept) {
		e.finish(nil)
		return kept.error
	}
	if err == nil {
		e.finish(nil)
		return nil
	}
	f := e.redact.clean(e.failure(ctx, err))
	e.finish(f)
	return f
}

// engine is a run on its way.
type engine struct {
	*progress
	recipe *Recipe
	run    Run
	limits Limits
	redact *redactor
	values map[string]string
	// open are the variables of expressions.
	open map[string]any
	// deadline is the end of the time that the run has.
	deadline time.Time
	// items is how many came so far.
	items int64
}

func newEngine(r *Recipe, run Run) *engine {
	if run.Clock == nil {
		run.Clock = time.Now
	}
	if run.Sleep == nil {
		run.Sleep = sleep
	}
	e := &engine{progress: &progress{clock: run.Clock, tell: run.Step, ahead: map[string]map[string]int64{}}, recipe: r, run: run, limits: run.Limits.filled(), redact: &redactor{}, values: r.values(run.Inputs)}
	for _, i := range r.inputs {
		if i.Secret {
			e.redact.hide(e.values[i.Name])
		}
	}
	e.open = r.open(e.values)
	e.open["now"] = run.Now.UTC().Format(time.RFC3339)
	e.deadline = run.Clock().Add(e.limits.Time)
	return e
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (e *engine) collect(ctx context.Context) error {
	switch e.recipe.collector {
	case SQL:
		return e.collectSQL(ctx)
	case Command:
		return e.collectCommand(ctx)
	case File:
		return e.collectFiles(ctx)
	case Osquery:
		return e.collectOsquery(ctx)
	}
	return e.collectHTTP(ctx)
}

// emitError is what the receiver of the records answered.
type emitError struct{ error }

func (e emitError) Unwrap() error { return e.error }

// failure makes a failure of a step of any error.
func (e *engine) failure(ctx context.Context, err error) *StepError {
	var known *StepError
	isKnown := errors.As(err, &known)
	step := e.current()
	if isKnown {
		step = known.step
	}
	switch ctxErr := ctx.Err(); {
	case errors.Is(ctxErr, context.Canceled):
		return failed(step, CodeCanceled, nil, "The run was stopped.")
	case errors.Is(ctxErr, context.DeadlineExceeded) && (!isKnown || known.Code == CodeTimeout):
		return failed(step, CodeTimeout, []string{"after", e.limits.Time.String()}, "The run did not come to its end in time.")
	case isKnown:
		return known
	}
	return failed(step, CodeInternal, nil, "The collection failed: %v.", err)
}

// each gives the items of a reply to yield: what the expression finds in it,
// arrays element by element. Without one it is the elements of an array, or the
// one value.
func (e *engine) each(ctx context.Context, code *jq.Code, reply any, yield func(any) error) error {
	spread := func(v any) error {
		switch v := v.(type) {
		case nil:
			return nil
		case []any:
			for _, item := range v {
				if err := yield(item); err != nil {
					return err
				}
			}
			return nil
		}
		return yield(v)
	}
	if code == nil {
		return spread(reply)
	}
	return expressionError("items", 0, code.Run(ctx, reply, e.open, spread))
}

// listOf is each as a list.
func (e *engine) listOf(ctx context.Context, code *jq.Code, reply any) ([]any, error) {
	if list, ok := reply.([]any); ok && (code == nil || code.Identity()) {
		return list, nil
	}
	var out []any
	err := e.each(ctx, code, reply, func(v any) error {
		out = append(out, v)
		return nil
	})
	return out, err
}

// expressionError makes a failure of what an expression refused.
func expressionError(name string, item int64, err error) error {
	var bad *jq.Error
	if !errors.As(err, &bad) {
		return err
	}
	facts := []string{"expression", name}
	at := ""
	if item > 0 {
		facts = append(facts, "item", strconv.FormatInt(item, 10))
		at = fmt.Sprintf(" at item %d", item)
	}
	return failed(StepParse, CodeExpression, facts, "The expression `%s` cannot be used%s: %s.", name, at, bad.Message)
}

// item makes the records of one item and hands them on. details are the values
// of the requests that were made for it.
func (e *engine) item(ctx context.Context, item any, details map[string]any) error {
	e.items++
	if e.items > e.limits.Items {
		return failed(StepParse, CodeTooLarge, []string{"limit", strconv.FormatInt(e.limits.Items, 10)}, "There are more than %d items.", e.limits.Items)
	}
	e.count(StepParse, CountItems, 1)
	variables := e.open
	if details != nil {
		for name, value := range e.open {
			details[name] = value
		}
		variables = details
	}
	err := e.recipe.record.Run(ctx, item, variables, e.emit)
	return expressionError("record", e.items, err)
}

// emit hands on what the record expression gave.
func (e *engine) emit(v any) error {
	at := strconv.FormatInt(e.items, 10)
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		text, err := jq.Encode(nil, v, e.limits.RecordBytes)
		if errors.Is(err, jq.ErrTooLarge) {
			return failed(StepParse, CodeTooLarge, []string{"item", at, "limit", strconv.Itoa(e.limits.RecordBytes)},
				"The record of item %s is larger than %s.", at, size(int64(e.limits.RecordBytes)))
		}
		if err == nil {
			err = strictjson.Check(text)
		}
		if err != nil {
			return failed(StepParse, CodeBadJSON, []string{"item", at}, "The record of item %s cannot be used: %v.", at, err)
		}
		if n := e.count(StepParse, CountRecords, 1); n > e.limits.Items {
			return failed(StepParse, CodeTooLarge, []string{"limit", strconv.FormatInt(e.limits.Items, 10)}, "There are more than %d records.", e.limits.Items)
		} else if n%1000 == 0 {
			e.told()
		}
		if err := e.run.Emit(text); err != nil {
			return emitError{err}
		}
		return nil
	}
	return failed(StepParse, CodeNotAnObject, []string{"item", at, "kind", kindOf(v)},
		"The expression `record` made %s of item %s: a record is an object.", kindOf(v), at)
}

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case nil:
		return "nothing"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

// size is a number of bytes for a sentence.
func size(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// read counts bytes against the limit of the run.
func (e *engine) read(n int64) error {
	if e.count(StepFetch, CountBytes, n) > e.limits.TotalBytes {
		return failed(StepFetch, CodeTooLarge, []string{"limit", strconv.FormatInt(e.limits.TotalBytes, 10)}, "More than %s came in this run.", size(e.limits.TotalBytes))
	}
	return nil
}

// pause waits before the next attempt. It does not where that would be beyond
// the end of the run, or where nobody waits any more.
func (e *engine) pause(ctx context.Context, d time.Duration) bool {
	if e.clock().Add(d).After(e.deadline) {
		return false
	}
	return e.run.Sleep(ctx, d) == nil
}

// backoff is how long to wait after the n-th attempt, from 0.
func backoff(n int) time.Duration {
	full := min(500*time.Millisecond<<n, 30*time.Second)
	return full/2 + rand.N(full/2)
}
