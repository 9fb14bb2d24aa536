package asset

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Sync is one application of all identities to people.
type Sync struct {
	ID        int64
	Status    SyncStatus
	Scheduled bool
	// UserID and KeyID are who asked for it, 0 when the clock did.
	UserID int64
	KeyID  int64
	// Position is the last identity that was looked at.
	Position int64
	// Total is how many identities there were when it began.
	Total     int64
	Counts    SyncCounts
	StartedAt time.Time
	EndedAt   time.Time
}

// SyncCounts is what became of the identities so far.
type SyncCounts struct {
	Created, Updated, Unchanged int64
	// WithoutAddress and Taken were passed over: nobody can be made of an identity
	// without an address, nor of one whose person another identity has.
	WithoutAddress, Taken int64
}

// Done is how many identities were looked at.
func (c SyncCounts) Done() int64 {
	return c.Created + c.Updated + c.Unchanged + c.WithoutAddress + c.Taken
}

// SyncStatus is the state of a sync.
type SyncStatus string

// The states.
const (
	SyncRunning   SyncStatus = "RUNNING"
	SyncCompleted SyncStatus = "COMPLETED"
	SyncCanceled  SyncStatus = "CANCELED"
)

// Place is the sync's place in a list.
func (s Sync) Place() page.Position { return page.Position{ID: s.ID} }

// Match is an identity with whom it may concern.
type Match struct {
	Identity Identity
	// Person follows the identity, or belongs to User; nil: there is none.
	Person *Person
	// Follows is the identity that Person follows, if it is another one.
	Follows *Identity
	// User is the account of Person, else the one with the identity's address;
	// nil: there is none.
	User *access.User
	// AddressTaken is set when the identity's address is that of another account.
	AddressTaken bool
}

// SyncStore keeps syncs.
type SyncStore interface {
	// BeginSync starts one; ErrSyncRunning when one is running.
	BeginSync(ctx context.Context, s Sync, ev event.Event) (Sync, error)
	Syncs(ctx context.Context, r page.Request) (page.Page[Sync], error)
	// Sync reads one; an absent one is a NotFound.
	Sync(ctx context.Context, id int64) (Sync, error)
	// RunningSync is the one that is running, ok false without one.
	RunningSync(ctx context.Context) (s Sync, ok bool, err error)
	// LastScheduled is when the clock started the last one, zero: never.
	LastScheduled(ctx context.Context) (time.Time, error)
	// AnyIdentity reports whether there is an identity at all.
	AnyIdentity(ctx context.Context) (bool, error)
	// StepSync applies up to limit more identities in one transaction: judge
	// gets each with whom it concerns and fills in what is to be. It reports the
	// sync as it is then. A sync that is not running stays as it is.
	StepSync(ctx context.Context, id int64, limit int, judge func(*Match) Verdict, ev func(before, after Sync) *event.Event, now time.Time) (Sync, error)
	// EndSync ends one that is running.
	EndSync(ctx context.Context, id int64, status SyncStatus, at time.Time, ev func(Sync) event.Event) (Sync, error)
}

// Verdict is what a match leads to. The store writes what Match then holds.
type Verdict int

// The verdicts. In NewPerson and Changed, User without an id is to be made.
const (
	AsItWas Verdict = iota
	NewPerson
	Changed
	NoAddress
	PersonTaken
)

// ErrSyncRunning means that another sync is at work.
var ErrSyncRunning = fault.New(fault.CodeConflict, "an identity sync is running already: wait until it is done, or cancel it")

// ErrSyncOver means that a sync cannot be cancelled any more.
var ErrSyncOver = fault.New(fault.CodeConflict, "this identity sync is over: there is nothing to cancel")

const (
	// syncChunk is how many identities one transaction applies.
	syncChunk = 500
	// nightly is the hour (UTC) from which the day's sync is due.
	nightly = 2
)

// StartSync begins the application of all identities to people.
func (s *Service) StartSync(ctx context.Context, a event.Actor) (Sync, error) {
	now := s.now()
	return s.store.BeginSync(ctx, Sync{Status: SyncRunning, Scheduled: a.Source == event.SourceScheduled, UserID: a.UserID, KeyID: a.KeyID, StartedAt: now},
		event.New(a, now, event.IdentitySyncStarted, event.CategoryPersonnel, "The identity sync began", nil))
}

// CancelSync stops one; what it applied stays.
func (s *Service) CancelSync(ctx context.Context, a event.Actor, id int64) (Sync, error) {
	now := s.now()
	return s.store.EndSync(ctx, id, SyncCanceled, now, func(y Sync) event.Event {
		return event.New(a, now, event.IdentitySyncCanceled, event.CategoryPersonnel,
			fmt.Sprintf("The identity sync was cancelled after %d of %d identities", y.Counts.Done(), y.Total), nil)
	})
}

// Syncs lists syncs.
func (s *Service) Syncs(ctx context.Context, r page.Request) (page.Page[Sync], error) {
	return s.store.Syncs(ctx, r)
}

// Sync reads one; an absent one is a NotFound.
func (s *Service) Sync(ctx context.Context, id int64) (Sync, error) { return s.store.Sync(ctx, id) }

// Step goes on with the sync that is running, on whatever node, and starts the
// one of the night. It reports whether there is more to do.
func (s *Service) Step(ctx context.Context) (more bool, err error) {
	now := s.now()
	y, running, err := s.store.RunningSync(ctx)
	if err != nil {
		return false, err
	}
	if !running {
		return s.tonight(ctx, now)
	}
	y, err = s.store.StepSync(ctx, y.ID, syncChunk, func(m *Match) Verdict { return m.judge(now) }, func(before, after Sync) *event.Event {
		return progressEvent(before, after, now)
	}, now)
	return err == nil && y.Status == SyncRunning, err
}

// tonight starts the sync of the night if it is due.
func (s *Service) tonight(ctx context.Context, now time.Time) (bool, error) {
	due := night(now)
	last, err := s.store.LastScheduled(ctx)
	if err != nil || !last.Before(due) {
		return false, err
	}
	if any, err := s.store.AnyIdentity(ctx); err != nil || !any {
		return false, err
	}
	_, err = s.StartSync(ctx, event.System(event.SourceScheduled))
	if err == ErrSyncRunning { //nolint:errorlint // a sentinel that is never wrapped
		// Another node was first.
		err = nil
	}
	return err == nil, err
}

func progressEvent(before, after Sync, now time.Time) *event.Event {
	created, updated := after.Counts.Created-before.Counts.Created, after.Counts.Updated-before.Counts.Updated
	system := event.System(event.SourceScheduled)
	if after.Status == SyncCompleted {
		c := after.Counts
		e := event.New(system, now, event.IdentitySyncCompleted, event.CategoryPersonnel,
			fmt.Sprintf("The identity sync looked at %d identities: %d people were created, %d updated", c.Done(), c.Created, c.Updated),
			map[string]any{"created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged, "withoutAddress": c.WithoutAddress, "taken": c.Taken})
		return &e
	}
	if created+updated == 0 {
		return nil
	}
	e := event.New(system, now, event.PersonUpdated, event.CategoryPersonnel,
		fmt.Sprintf("The identity sync created %d people and updated %d", created, updated), map[string]any{"created": created, "updated": updated})
	return &e
}

// judge decides what an identity means for people.
func (m *Match) judge(now time.Time) Verdict {
	i := m.Identity
	gone := !i.DeletedAt.IsZero()
	mine := m.Person != nil && m.Person.IdentityID == i.ID
	switch {
	case gone && !mine:
		return AsItWas
	case !gone && !mine && i.Email == nil:
		return NoAddress
	case !mine && m.Person != nil && m.Follows != nil && m.Follows.DeletedAt.IsZero():
		return PersonTaken
	}
	verdict := Changed
	if m.Person == nil {
		verdict = NewPerson
		m.Person = &Person{CreatedAt: now}
	}
	old := *m.Person
	m.Person.follow(i, now)
	account := m.account(now)
	if verdict == Changed && !account && samePerson(old, *m.Person) {
		return AsItWas
	}
	m.Person.UpdatedAt = now
	return verdict
}

// account makes or mends the account of the person, and reports whether it
// changed. People who can sign in manage their own name and address.
func (m *Match) account(now time.Time) bool {
	i := m.Identity
	if m.User == nil {
		if i.Email == nil || m.AddressTaken || !i.DeletedAt.IsZero() {
			return false
		}
		m.User = &access.User{Email: *i.Email, NoAccount: true, CreatedAt: now, UpdatedAt: now}
	}
	u := m.User
	if !u.NoAccount || !i.DeletedAt.IsZero() {
		return u.ID == 0
	}
	changed := u.ID == 0
	for to, from := range map[*string]*string{&u.FirstName: i.FirstName, &u.LastName: i.LastName, &u.JobTitle: i.JobTitle, &u.Email: i.Email} {
		text := ""
		if from != nil {
			text = *from
		}
		if *to != text && (to != &u.Email || text != "" && !m.AddressTaken) {
			*to, changed = text, true
		}
	}
	if changed {
		u.UpdatedAt = now
	}
	return changed
}
