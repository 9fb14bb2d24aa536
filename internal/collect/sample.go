package collect

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
)

// Sample makes the records of one reply that was saved, as a run would, and hands
// them to emit: the body of an HTTP reply, the output of a program, a file, or
// the rows of a database as a JSON array. Nothing is asked for: details are null.
// inputs may lack what is required. Errors are those of [Recipe.Collect].
func (r *Recipe) Sample(ctx context.Context, reply []byte, inputs map[string]string, now time.Time, emit func(record []byte) error) error {
	e := newEngine(r, Run{Inputs: inputs, Now: now, Emit: emit})
	ctx, cancel := context.WithTimeout(ctx, e.limits.Time)
	defer cancel()
	e.begin(StepFetch)
	e.begin(StepParse)
	err := e.sample(ctx, reply)
	var kept emitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kept):
		return kept.error
	}
	return e.redact.clean(e.failure(ctx, err))
}

func (e *engine) sample(ctx context.Context, reply []byte) error {
	const what = "The sample"
	in := bytes.NewReader(reply)
	switch r := e.recipe; {
	case r.http != nil:
		v, err := jq.Decode(bytes.TrimPrefix(reply, []byte("\xEF\xBB\xBF")))
		if err != nil {
			return unreadable(what, "JSON", notEOF(err))
		}
		return e.each(ctx, r.http.items, v, func(item any) error { return e.item(ctx, item, map[string]any{}) })
	case r.command != nil:
		return e.rows(ctx, in, r.command.format, r.command.items, what)
	case r.file != nil && r.file.format == asParquet:
		return e.parquet(ctx, in, in.Size(), what)
	case r.file != nil:
		return e.rows(ctx, in, r.file.format, r.file.items, what)
	}
	return e.rows(ctx, in, asJSON, nil, what)
}
