package syncrun

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// How long runs live.
const (
	// Lost is how long a collection may be silent before it is taken for one whose
	// server died.
	Lost = 15 * time.Minute
	// Kept is how long runs are kept, KeptLast how many of each connection are kept
	// however old they are.
	Kept     = 13 * 31 * 24 * time.Hour
	KeptLast = 1000
)

const (
	// settleAfter is how long after its end a run is settled: the minute of a push
	// is over then.
	settleAfter = 2 * time.Minute
	sweepBatch  = 500
)

// Service is the use of runs.
type Service struct {
	store Store
	now   func() time.Time
}

// NewService makes the service over a store and a clock.
func NewService(s Store, now func() time.Time) *Service { return &Service{store: s, now: now} }

// Begin begins the run of a collection and gives its id. Whoever began it tells
// its steps, again at least every few minutes (see [Lost]), and ends it.
func (s *Service) Begin(ctx context.Context, b Begin) (int64, error) {
	return s.store.BeginSyncRun(ctx, b, s.now())
}

// Step tells how a step stands. It replaces what was told of it before.
func (s *Service) Step(ctx context.Context, runID int64, step Step) error {
	return s.store.TellSyncStep(ctx, runID, step, s.now())
}

// End ends a run as FAILED or CANCELED. One whose session was completed, or
// cancelled, has ended already: then this changes nothing.
func (s *Service) End(ctx context.Context, runID int64, status Status) error {
	if status == Running {
		return fault.New(fault.CodeValidation, "a run cannot end as %s", status)
	}
	return s.store.EndSyncRun(ctx, runID, status, s.now())
}

// List lists runs by when they started.
func (s *Service) List(ctx context.Context, f Filter, r page.Request) (page.Page[Run], error) {
	return s.store.SyncRuns(ctx, f, r)
}

// Get reads a run of a connection; an absent one is a NotFound.
func (s *Service) Get(ctx context.Context, connectionID, runID int64) (Run, error) {
	return s.store.SyncRun(ctx, connectionID, runID)
}

// Sweep ends the collections that a server left behind when it died, notes of runs
// when they were evaluated, and deletes old ones, in small transactions.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	if _, err := s.store.EndLostRuns(ctx, now.Add(-Lost), now); err != nil {
		return err
	}
	for {
		n, err := s.store.SettleSyncRuns(ctx, now.Add(-settleAfter), sweepBatch)
		if err != nil {
			return err
		}
		if n < sweepBatch {
			break
		}
	}
	for {
		n, err := s.store.PruneSyncRuns(ctx, now.Add(-Kept), KeptLast, sweepBatch)
		if err != nil || n < sweepBatch {
			return err
		}
	}
}
