package check

import (
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// Tally counts tests by their result.
type Tally struct{ Passed, Failed, Error, Ready int }

func (t *Tally) add(v rule.Verdict, n int) {
	switch v {
	case rule.VerdictPassed:
		t.Passed += n
	case rule.VerdictFailed:
		t.Failed += n
	case rule.VerdictError:
		t.Error += n
	case rule.VerdictReady:
		t.Ready += n
	}
}

// Posture is how the tests of a workspace stand in one look.
type Posture struct {
	// Now counts the tests by their verdict at this moment, staleness included.
	Now Tally
	// Disabled and Drafts are among the ready ones: tests that are switched off,
	// and tests that were never published.
	Disabled, Drafts int
	// Failing and Excluded count records over all tests; one that fails two tests
	// counts twice.
	Failing, Excluded int64
	// Expiring are the exclusions that are about to expire, the next one first, at
	// most [page.MaxSize].
	Expiring []Exclusion
	// Days is the daily series up to today, beginning with the first day on which
	// a test had a verdict.
	Days []PostureDay
}

// PostureDay counts the tests by their result at the end of a day.
type PostureDay struct {
	// Date is the day's beginning, UTC.
	Date time.Time
	Tally
}

// TestDay is the result of a test at the end of a day on which it moved.
type TestDay struct {
	TestID int64
	Date   time.Time
	Result rule.Verdict
}

// Posture tells how the tests of a workspace stand, and stood in the last days.
func (s *Service) Posture(ctx context.Context, workspaceID int64, days int) (Posture, error) {
	var p Posture
	if days < 1 || days > maxDays {
		return p, fault.New(fault.CodeValidation, "`days` must be 1 to %d", maxDays)
	}
	now := s.now()
	err := s.eachTest(ctx, workspaceID, page.Request{Size: page.MaxSize}, func(t Test) bool {
		p.count(t, now)
		return true
	})
	if err != nil {
		return p, err
	}
	if p.Expiring, err = s.expiring(ctx, workspaceID, now); err != nil {
		return p, err
	}
	today := now.UTC().Truncate(24 * time.Hour)
	from := today.AddDate(0, 0, 1-days)
	moved, err := s.store.WorkspaceDays(ctx, workspaceID, from)
	if err != nil {
		return p, err
	}
	p.Days = postureSeries(moved, from, today)
	if n := len(p.Days); n > 0 {
		p.Days[n-1].Tally = p.Now
	}
	return p, nil
}

// eachTest shows the tests of a workspace from the place of a request on, in
// its order, until show is false.
func (s *Service) eachTest(ctx context.Context, workspaceID int64, r page.Request, show func(Test) bool) error {
	for {
		tests, err := s.store.Tests(ctx, workspaceID, r)
		if err != nil {
			return err
		}
		for _, t := range tests.Items {
			if !show(t) {
				return nil
			}
		}
		if tests.Next == "" {
			return nil
		}
		if r, err = r.WithCursor(tests.Next); err != nil {
			return err
		}
	}
}

// expiring lists the exclusions that are about to expire, the next one first.
func (s *Service) expiring(ctx context.Context, workspaceID int64, now time.Time) ([]Exclusion, error) {
	policy, err := s.policy(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Exclusions(ctx, ExclusionFilter{WorkspaceID: workspaceID, State: ExclusionActive, Now: now, ExpiresBefore: now.Add(policy.Warning)},
		page.Request{Size: page.MaxSize})
	slices.SortStableFunc(found.Items, func(a, b Exclusion) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	return found.Items, err
}

func (p *Posture) count(t Test, now time.Time) {
	verdict, _ := t.Current(now)
	p.Now.add(verdict, 1)
	switch t.Status() {
	case New:
		p.Drafts++
	case Disabled:
		p.Disabled++
	case Enabled:
		totals := t.Totals()
		p.Failing += totals.Failing
		p.Excluded += totals.Excluded
	}
}

// postureSeries counts the tests day by day; moved is in the order of days. A
// test on which nothing moved stands as it did the day before.
func postureSeries(moved []TestDay, from, to time.Time) []PostureDay {
	out := []PostureDay{}
	last := map[int64]rule.Verdict{}
	var tally Tally
	for date := from; !date.After(to); date = date.AddDate(0, 0, 1) {
		for len(moved) > 0 && !moved[0].Date.After(date) {
			m := moved[0]
			if before, known := last[m.TestID]; known {
				tally.add(before, -1)
			}
			tally.add(m.Result, 1)
			last[m.TestID], moved = m.Result, moved[1:]
		}
		if len(last) > 0 {
			out = append(out, PostureDay{Date: date, Tally: tally})
		}
	}
	return out
}
