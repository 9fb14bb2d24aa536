package command

import (
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
)

// Listing is how much of a list is wanted, in which order and form.
type Listing struct {
	*Output
	limit   int
	sort    string
	reverse bool
}

// byName is the order that begins with the first; all others begin with the
// newest.
const byName = "name"

// AddListing adds --limit and --output to a command, and --sort with --reverse
// where there is a choice of orders; the first is that which is taken unless
// another one is asked for.
func AddListing(cmd *cobra.Command, sorts ...string) *Listing {
	l := &Listing{Output: AddListOutput(cmd)}
	cmd.Flags().IntVar(&l.limit, "limit", 0, "list so many at most (default: all)")
	if len(sorts) > 0 {
		cmd.Flags().StringVar(&l.sort, "sort", sorts[0], "order: "+strings.Join(sorts, ", "))
		cmd.Flags().BoolVar(&l.reverse, "reverse", false, "list in the opposite order")
	}
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case l.limit < 0:
			return Usagef("--limit must be 0 (all) or more")
		case len(sorts) > 0 && !slices.Contains(sorts, l.sort):
			return Usagef("--sort is %q: it must be %s", l.sort, strings.Join(sorts, ", "))
		}
		return before(cmd, args)
	}
	return l
}

// maxPage is the largest page of the API.
const maxPage = 500

// List is how the client walks it.
func (l *Listing) List() client.List {
	out := client.List{Sort: l.sort, Ascending: (l.sort == byName) != l.reverse}
	if l.limit > 0 {
		out.Size = min(l.limit, maxPage)
	}
	return out
}

// Walked writes what is walked, as [List], up to the limit.
func Walked[T any](env Env, l *Listing, all iter.Seq2[T, error], columns ...Column[T]) error {
	return List(env, l.Output, Limited(l, all), columns...)
}

// Limited is a walk up to the limit.
func Limited[T any](l *Listing, all iter.Seq2[T, error]) iter.Seq2[T, error] {
	if l.limit == 0 {
		return all
	}
	return func(yield func(T, error) bool) {
		n := 0
		for item, err := range all {
			if n++; !yield(item, err) || n == l.limit {
				return
			}
		}
	}
}
