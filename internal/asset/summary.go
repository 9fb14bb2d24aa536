package asset

import (
	"context"
	"time"
)

// PeopleCount is how many people stand so.
type PeopleCount struct {
	Standing Standing
	People   int64
}

// PeopleSummary counts the people of the organisation.
type PeopleSummary struct {
	People int64
	// ByHand are those of whom something was decided by hand.
	ByHand int64
	// WithoutDevice are those who work here now and have none.
	WithoutDevice int64
	// Current and Former are those who work here now, and who did.
	Current, Former int64
	// Statuses has those that somebody has.
	Statuses map[EmploymentStatus]int64
	// Standing counts those who work here now by FULL_COMPLIANCE.
	Standing map[CheckStatus]int64
	// NextSyncAt is when the next identity sync begins by itself, zero while there
	// is no identity.
	NextSyncAt time.Time
}

// PeopleSummary counts everybody.
func (s *Service) PeopleSummary(ctx context.Context) (PeopleSummary, error) {
	counts, byHand, err := s.store.CountPeople(ctx, s.now())
	if err != nil {
		return PeopleSummary{}, err
	}
	out := PeopleSummary{ByHand: byHand, Statuses: map[EmploymentStatus]int64{}, Standing: map[CheckStatus]int64{}}
	for _, n := range counts {
		status := n.Standing.Employment()
		out.Statuses[status] += n.People
		out.People += n.People
		switch {
		case status.WorksHere():
			out.Current += n.People
			out.Standing[n.Standing.Compliance()] += n.People
			if n.Standing.Passing()&WithDevice == 0 {
				out.WithoutDevice += n.People
			}
		case status.Left():
			out.Former += n.People
		}
	}
	any, err := s.store.AnyIdentity(ctx)
	if err != nil || !any {
		return out, err
	}
	now := s.now()
	last, err := s.store.LastScheduled(ctx)
	if err != nil {
		return out, err
	}
	due := night(now)
	if !last.Before(due) {
		due = due.AddDate(0, 0, 1)
	}
	out.NextSyncAt = due
	return out, nil
}

// night is when the sync of the last night was due.
func night(now time.Time) time.Time {
	now = now.UTC()
	due := time.Date(now.Year(), now.Month(), now.Day(), nightly, 0, 0, 0, time.UTC)
	if now.Before(due) {
		due = due.AddDate(0, 0, -1)
	}
	return due
}
