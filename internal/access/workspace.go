package access

import (
	"context"
	"errors"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Workspace holds connections, tests, controls and frameworks. A fresh
// database has workspace 1, the primary one.
type Workspace struct {
	ID          int64
	Primary     bool
	Name        string
	Description string
	URL         string
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Company is the organisation that this installation belongs to.
type Company struct {
	// AccountID is a UUID in text form, made when the database is made.
	AccountID   string
	Name        string
	Domain      string
	LegalName   string
	Description string
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Reply is an answer that was given to a request with an idempotency key.
type Reply struct {
	Status int
	Header map[string]string
	Body   []byte
}

// Claim is the outcome of claiming an idempotency key: exactly one of the
// three holds.
type Claim struct {
	// Fresh means that the caller now owns the key and must finish or release
	// it.
	Fresh bool
	// At is when the caller claimed the key. It stands for the claim: one that is
	// past its time may have a successor.
	At time.Time
	// Busy means that another request with the key is in flight.
	Busy bool
	// Done is the reply of the finished request; Same says whether its body
	// was the same as this one's.
	Done *Reply
	Same bool
}

// Store keeps what this package knows.
type Store interface {
	KeyStore
	SettingsStore
	UserStore
	// Workspaces lists workspaces: all, or with within not nil those of it.
	Workspaces(ctx context.Context, within []int64, r page.Request) (page.Page[Workspace], error)
	// Workspace reads one; an absent one is a NotFound.
	Workspace(ctx context.Context, id int64) (Workspace, error)
	// CreateWorkspace stores a workspace; more than limit are a CodeConflict, a
	// taken name is a CodeDuplicateName.
	CreateWorkspace(ctx context.Context, w Workspace, limit int, e event.Event) (Workspace, error)
	// ChangeWorkspace stores what change makes of one, which nobody else changes
	// meanwhile; change may be called more than once.
	ChangeWorkspace(ctx context.Context, id int64, change func(*Workspace) (event.Event, error)) (Workspace, error)
	Company(ctx context.Context) (Company, error)
	// ChangeCompany is ChangeWorkspace for the organisation.
	ChangeCompany(ctx context.Context, change func(*Company) (event.Event, error)) (Company, error)
	// ClaimIdempotency claims a key for a request; digest covers route and
	// body. A claim that is past its time is as good as none.
	ClaimIdempotency(ctx context.Context, keyID int64, key string, digest [32]byte, now time.Time) (Claim, error)
	// FinishIdempotency keeps the reply of the claim of a moment, unless the key
	// has another owner by then; ReleaseIdempotency gives the claim back.
	FinishIdempotency(ctx context.Context, keyID int64, key string, claimed time.Time, r Reply) error
	ReleaseIdempotency(ctx context.Context, keyID int64, key string, claimed time.Time) error
	// SweepIdempotency forgets what was claimed before a moment.
	SweepIdempotency(ctx context.Context, before time.Time) error
}

// IdempotencyLife is how long a reply is kept for a repeated request, and
// IdempotencyFlight how long a claim without a reply blocks a repetition: a
// process that died in between must not block it for a day.
const (
	IdempotencyLife   = 24 * time.Hour
	IdempotencyFlight = 5 * time.Minute
)

// Workspaces lists the workspaces within reach.
func (s *Service) Workspaces(ctx context.Context, within Reach, r page.Request) (page.Page[Workspace], error) {
	if within.All {
		return s.store.Workspaces(ctx, nil, r)
	}
	return s.store.Workspaces(ctx, append([]int64{}, within.Workspaces...), r)
}

// Workspace reads one workspace; an absent one is a NotFound.
func (s *Service) Workspace(ctx context.Context, id int64) (Workspace, error) {
	return s.store.Workspace(ctx, id)
}

// Company reads the organisation.
func (s *Service) Company(ctx context.Context) (Company, error) { return s.store.Company(ctx) }

// ClaimIdempotency claims an idempotency key of an API key for one request.
func (s *Service) ClaimIdempotency(ctx context.Context, keyID int64, key string, digest [32]byte) (Claim, error) {
	return s.store.ClaimIdempotency(ctx, keyID, key, digest, s.now())
}

// Sweep forgets the replies that are kept no longer, and sessions, links and
// failures to sign in that are over.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	s.mu.Lock()
	for id, at := range s.touched {
		if now.Sub(at) > time.Minute {
			delete(s.touched, id)
		}
	}
	s.mu.Unlock()
	return errors.Join(s.store.SweepIdempotency(ctx, now.Add(-IdempotencyLife)),
		s.store.SweepSignIns(ctx, now.Add(-SessionIdle), now.Add(-SessionLife), now, now.Add(-failuresKept)))
}

// FinishIdempotency keeps the reply for repetitions of the request.
func (s *Service) FinishIdempotency(ctx context.Context, keyID int64, key string, c Claim, r Reply) error {
	return s.store.FinishIdempotency(ctx, keyID, key, c.At, r)
}

// ReleaseIdempotency gives a claim back after a failure that a repetition may
// heal.
func (s *Service) ReleaseIdempotency(ctx context.Context, keyID int64, key string, c Claim) error {
	return s.store.ReleaseIdempotency(ctx, keyID, key, c.At)
}
