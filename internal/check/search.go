package check

import (
	"context"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/page"
)

// maxSearched is how many records one page of a search looks at, at most: then
// it ends early, and the next one goes on.
const maxSearched = 10_000

// searching lists only what people call, or what has an id, with a text in it,
// in any case. A page may be shorter than was asked for, and lead on.
func searching(text string, list findingPages) findingPages {
	if text == "" {
		return list
	}
	lower := strings.ToLower(text)
	return func(ctx context.Context, t Test, r page.Request) (page.Page[Finding], error) {
		var out page.Page[Finding]
		all := r
		all.Size, all.WantTotal = page.MaxSize, false
		for looked := 0; ; {
			p, err := list(ctx, t, all)
			if err != nil {
				return out, err
			}
			for i := range p.Items {
				f := p.Items[i]
				if !strings.Contains(strings.ToLower(f.Key), lower) && !strings.Contains(strings.ToLower(f.DisplayName()), lower) {
					continue
				}
				if len(out.Items) == r.Limit() {
					// The page after this one begins behind its last record.
					return page.Page[Finding]{Items: out.Items, Next: all.Cursor(t.place(out.Items[len(out.Items)-1]))}, nil
				}
				out.Items = append(out.Items, f)
			}
			looked += len(p.Items)
			out.Next = p.Next
			if p.Next == "" || looked >= maxSearched {
				return out, nil
			}
			if all, err = all.WithCursor(p.Next); err != nil {
				return out, err
			}
		}
	}
}

// findingPages lists findings of a test.
type findingPages func(context.Context, Test, page.Request) (page.Page[Finding], error)

// place is where a finding, or a record that passes, stands in its list.
func (t Test) place(f Finding) page.Position {
	if f.ID != 0 {
		return page.Position{Value: f.OpenedAt.UnixMicro(), ID: f.ID}
	}
	for i := range t.Groups {
		if t.Groups[i].ID == f.GroupID {
			return page.Position{Value: int64(i), ID: f.RecordID}
		}
	}
	return page.Position{ID: f.RecordID}
}
