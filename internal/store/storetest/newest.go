package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

func (m *simulation) faulty(t check.Test) []string {
	return m.all(func(ctx context.Context, r page.Request) (page.Page[check.Finding], error) {
		p, _, err := m.checks.Faulty(ctx, 1, t.Number, "", r)
		for _, f := range p.Items {
			equal(m.suite, f.Key+" has a cause", len(f.Words) > 0, true)
		}
		return p, err
	})
}

// compareAllFailures holds the list over all tests against theirs, page by page in
// both directions.
func (m *simulation) compareAllFailures(want []string) {
	slices.Sort(want)
	for _, ascending := range []bool{false, true} {
		var got []string
		var last check.TestFinding
		for r := (page.Request{Sort: check.ByOpened, Ascending: ascending, Size: 1 + m.rnd.IntN(9), WantTotal: true}); ; {
			p, err := m.checks.AllFailures(m.ctx, 1, r)
			m.must(err)
			if p.Total != nil {
				equal(m.suite, "total of all failures", *p.Total, int64(len(want)))
			}
			for _, f := range p.Items {
				if order := cmp.Or(f.OpenedAt.Compare(last.OpenedAt), cmp.Compare(f.ID, last.ID)); len(got) > 0 && (order > 0) != ascending {
					m.t.Fatalf("all failures are out of order, ascending %t", ascending)
				}
				last = f
				got = append(got, fmt.Sprintf("%d %d:%s", f.Test.Number, f.Group.Position, f.Key))
			}
			if p.Next == "" {
				break
			}
			r, err = r.WithCursor(p.Next)
			m.must(err)
		}
		slices.Sort(got)
		equal(m.suite, "all failures", fmt.Sprint(got), fmt.Sprint(want))
	}
}

func addCounts(to *check.Counts, c check.Counts) {
	to.OutOfScope += c.OutOfScope
	to.Passing += c.Passing
	to.Failing += c.Failing
	to.Errors += c.Errors
	to.Excluded += c.Excluded
	to.Counting = to.Counting || c.Counting
	to.Satisfying += c.Satisfying
	to.NotSatisfying += c.NotSatisfying
}
