package check

import (
	"cmp"
	"context"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/page"
)

// ByOpened orders findings by when they began.
const ByOpened page.Sort = "openedAt"

// TestFinding is an open finding with its test.
type TestFinding struct {
	Finding
	Test Test
}

func (f TestFinding) position() page.Position {
	return page.Position{Value: f.OpenedAt.UnixMicro(), ID: f.ID}
}

// AllFailures lists the open findings of all tests of a workspace by when they
// began. It puts a page together from one of each test that has any: an index
// over all open findings would cost each change of one.
func (s *Service) AllFailures(ctx context.Context, workspaceID int64, r page.Request) (page.Page[TestFinding], error) {
	compare := func(a, b page.Position) int {
		c := cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.ID, b.ID))
		if !r.Ascending {
			return -c
		}
		return c
	}
	one := r
	one.Sort, one.Size = page.CreatedAt, r.Limit()+1
	var all []TestFinding
	var total int64
	// known is up to where all findings are known, where a test has a page of
	// large records that is short.
	var known *page.Position
	var failed error
	err := s.eachTest(ctx, workspaceID, page.Request{Size: page.MaxSize}, func(t Test) bool {
		if totals := t.Totals(); t.Status() != Enabled || totals.Failing == 0 && !totals.Counting {
			return true
		}
		var p page.Page[Finding]
		if p, failed = s.store.Findings(ctx, t, false, one); failed != nil {
			return false
		}
		if p.Total != nil {
			total += *p.Total
		}
		for _, f := range p.Items {
			all = append(all, TestFinding{f, t})
		}
		if n := len(p.Items); p.Next != "" && n > 0 {
			if end := all[len(all)-1].position(); known == nil || compare(end, *known) < 0 {
				known = &end
			}
		}
		slices.SortFunc(all, func(a, b TestFinding) int { return compare(a.position(), b.position()) })
		all = slices.Delete(all, min(len(all), one.Size), len(all))
		return true
	})
	if err = cmp.Or(failed, err); err != nil {
		return page.Page[TestFinding]{}, err
	}
	if known != nil {
		all = slices.DeleteFunc(all, func(f TestFinding) bool { return compare(f.position(), *known) > 0 })
	}
	p := page.Cut(r, all, TestFinding.position)
	if n := len(p.Items); known != nil && p.Next == "" && n > 0 {
		p.Next = r.Cursor(p.Items[n-1].position())
	}
	if one.WantTotal && r.After == nil {
		p.Total = &total
	}
	return p, s.explainAll(ctx, p.Items)
}

func (s *Service) explainAll(ctx context.Context, list []TestFinding) error {
	findings := make([]Finding, len(list))
	for i := range list {
		findings[i] = list[i].Finding
	}
	err := s.explain(ctx, findings)
	for i := range list {
		list[i].Finding = findings[i]
	}
	return err
}
