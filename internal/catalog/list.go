package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/page"
)

// Entries lists the catalogue, in its own order or by name.
func (l *Library) Entries(f Filter, r page.Request) page.Page[*Entry] {
	var found []*Entry
	for _, e := range l.entries {
		if f.matches(e) {
			found = append(found, e)
		}
	}
	before := func(a, b page.Position) int {
		order := cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Text, b.Text))
		if !r.Ascending {
			return -order
		}
		return order
	}
	place := func(e *Entry) page.Position { return e.position(r.Order()) }
	slices.SortFunc(found, func(a, b *Entry) int { return before(place(a), place(b)) })
	total := int64(len(found))
	if r.After != nil {
		found = slices.DeleteFunc(found, func(e *Entry) bool { return before(place(e), *r.After) <= 0 })
	}
	if n := r.Limit() + 1; len(found) > n {
		found = found[:n]
	}
	p := page.Cut(r, found, place)
	if r.WantTotal && r.After == nil {
		p.Total = &total
	}
	return p
}

// unordered is the place of what is not recommended, after what is.
const unordered = 1 << 30

func (e *Entry) position(s page.Sort) page.Position {
	p := page.Position{Text: strings.ToLower(e.Name) + "\n" + e.Slug}
	if s == page.Recommended {
		p.Value = unordered
		if e.Recommended > 0 {
			p.Value = int64(e.Recommended)
		}
	}
	return p
}
