package asset

import (
	"context"
	"time"
)

// PeopleCount is how many people have a status.
type PeopleCount struct {
	People int64
	// ByHand are those of whom something was decided by hand.
	ByHand        int64
	WithoutDevice int64
}

// PeopleSummary counts the people of the organisation.
type PeopleSummary struct {
	PeopleCount

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

// currentStatuses are those of people who work here now.
var currentStatuses = []EmploymentStatus{CurrentEmployee, CurrentContractor}

// PeopleSummary counts everybody; without a device are those of them who should
// have one: current employees and contractors.
func (s *Service) PeopleSummary(ctx context.Context) (PeopleSummary, error) {
	counts, err := s.store.CountPeople(ctx)
	if err != nil {
		return PeopleSummary{}, err
	}
	out := PeopleSummary{Statuses: map[EmploymentStatus]int64{}}
	for status, n := range counts {
		out.Statuses[status] = n.People
		out.People += n.People
		out.ByHand += n.ByHand
		switch {
		case status == CurrentEmployee || status == CurrentContractor:
			out.Current += n.People
			out.WithoutDevice += n.WithoutDevice
		case status.Left():
			out.Former += n.People
		}
	}
	if out.Standing, err = s.store.CountStanding(ctx, currentStatuses, s.now()); err != nil {
		return out, err
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
