package records

import (
	"context"
	"fmt"
	"iter"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// OfFile reads the objects of a file of JSON or NDJSON, or of standard input for
// "-", as [Each].
func OfFile(ctx context.Context, env command.Env, name string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		format, err := FormatOf(Auto, name)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		in, err := env.Open(name)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer func() { _ = in.Close() }()
		for e, err := range Each(ctx, func() (Source, error) { return Open(in, format, nil) }) {
			if err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
			if !yield(e, err) {
				return
			}
		}
		if ctx.Err() != nil {
			yield(Entry{}, ctx.Err())
		}
	}
}
