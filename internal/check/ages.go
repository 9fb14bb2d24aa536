package check

import (
	"context"
	"time"
)

// Age is how many open findings of a test began within a span of days before
// now.
type Age struct {
	// From and To are days: at least From, less than To; a To of 0 is no end.
	From, To int64
	Findings int64
}

// ageDays are the limits of the spans, in days.
var ageDays = []int64{1, 7, 30, 90}

// Ages counts the open findings of a test by how long they are open, those of
// excluded records left out.
func (s *Service) Ages(ctx context.Context, workspaceID, number int64) ([]Age, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return nil, err
	}
	now := s.now()
	moments := make([]time.Time, len(ageDays))
	for i, d := range ageDays {
		moments[i] = now.Add(-time.Duration(d) * 24 * time.Hour)
	}
	counts, err := s.store.Ages(ctx, t, moments)
	if err != nil {
		return nil, err
	}
	out := make([]Age, len(counts))
	for i, n := range counts {
		out[i].Findings = n
		if i > 0 {
			out[i].From = ageDays[i-1]
		}
		if i < len(ageDays) {
			out[i].To = ageDays[i]
		}
	}
	return out, nil
}
