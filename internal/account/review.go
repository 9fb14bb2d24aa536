package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Limits of a review.
const (
	// MaxItems is how many accounts one review may have.
	MaxItems      = 100_000
	maxReviewName = 191
	maxReviewers  = 50
)

// Decision is what a reviewer says about an account.
type Decision string

// The decisions.
const (
	Pending Decision = "PENDING"
	Keep    Decision = "KEEP"
	Revoke  Decision = "REVOKE"
	Alter   Decision = "CHANGE"
)

// Decisions lists every decision once.
var Decisions = []Decision{Pending, Keep, Revoke, Alter}

// ReviewState says how far a review is.
type ReviewState string

// The states.
const (
	InProgress ReviewState = "IN_PROGRESS"
	Overdue    ReviewState = "OVERDUE"
	SignedOff  ReviewState = "SIGNED_OFF"
)

// ReviewStates lists every state once.
var ReviewStates = []ReviewState{InProgress, Overdue, SignedOff}

// Review is an access review: a list of accounts as they were when it began, each
// of which somebody decides about.
type Review struct {
	ID          int64
	WorkspaceID int64
	Name        string
	// Filter chose the accounts.
	Filter Filter
	// Reviewers are the users who decide; nobody: everybody who may.
	Reviewers []int64
	// DueAt is zero without an end.
	DueAt time.Time
	// KeyID and UserID say who made it.
	KeyID, UserID        int64
	CreatedAt, UpdatedAt time.Time
	// SignedOff is nil until somebody has.
	SignedOff *SignOff
	Progress  Progressed
}

// SignOff is the end of a review.
type SignOff struct {
	At            time.Time
	Note          string
	KeyID, UserID int64
}

// Progressed counts the accounts of a review by decision. Open are those to be
// revoked that are still in the data, without evidence.
type Progressed struct {
	Total, Pending, Keep, Revoke, Change, Open int64
}

// State is how far the review is at a moment.
func (r Review) State(now time.Time) ReviewState {
	switch {
	case r.SignedOff != nil:
		return SignedOff
	case !r.DueAt.IsZero() && now.After(r.DueAt):
		return Overdue
	}
	return InProgress
}

// Position is the place of the review in a list of that order.
func (r Review) Position(s page.Sort) page.Position {
	if s == page.UpdatedAt {
		return page.Position{Value: r.UpdatedAt.UnixMicro(), ID: r.ID}
	}
	return page.Position{Value: r.CreatedAt.UnixMicro(), ID: r.ID}
}

// Revocation says what became of the decision to revoke.
type Revocation string

// The states: the account is still there; it vanished from the data; there is
// evidence; its connection is deleted, so that nothing can be seen any more.
const (
	RevocationOpen      Revocation = "OPEN"
	RevocationRemoved   Revocation = "REMOVED"
	RevocationEvidenced Revocation = "EVIDENCED"
	RevocationUntracked Revocation = "UNTRACKED"
)

// Item is an account of a review, as it was when the review began.
type Item struct {
	ID       int64
	ReviewID int64
	// Account is the account then; its Evidence, and RemovedAt, are those of now.
	Account Account
	// Tracked is false once the connection of the account is deleted.
	Tracked  bool
	Decision Decision
	Note     string
	// KeyID and UserID say who decided.
	KeyID, UserID int64
	DecidedAt     time.Time
}

// Revocation is empty unless access is to be revoked; since is when it was.
func (i Item) Revocation() (state Revocation, since time.Time) {
	switch {
	case i.Decision != Revoke:
		return "", time.Time{}
	case !i.Account.RemovedAt.IsZero():
		return RevocationRemoved, i.Account.RemovedAt
	case i.Account.Evidence != nil:
		return RevocationEvidenced, i.Account.Evidence.At
	case !i.Tracked:
		return RevocationUntracked, time.Time{}
	}
	return RevocationOpen, time.Time{}
}

// ReviewFilter narrows a list of reviews; zero fields do not.
type ReviewFilter struct {
	WorkspaceID int64
	State       ReviewState
	Text        string
	Now         time.Time
}

// ItemFilter narrows the accounts of a review; zero fields do not.
type ItemFilter struct {
	Decision Decision
	// Open keeps those to be revoked that are not yet.
	Open bool
	Text string
}

// Verdict is a decision about accounts of a review.
type Verdict struct {
	Decision      Decision
	Note          string
	KeyID, UserID int64
	At            time.Time
}

// ReviewStore keeps access reviews.
type ReviewStore interface {
	// CreateReview stores a review with the accounts of the sources that its filter
	// keeps, in scope and in the data; none, or more than MaxItems, are a
	// CodeValidation.
	CreateReview(ctx context.Context, r Review, from []Source, e func(Review) event.Event) (Review, error)
	// Reviews lists reviews; an absent workspace is a NotFound.
	Reviews(ctx context.Context, f ReviewFilter, r page.Request) (page.Page[Review], error)
	// Review reads one.
	Review(ctx context.Context, workspaceID, id int64) (Review, error)
	// ChangeReview stores what change makes of a review, which nobody changes or
	// decides meanwhile; change may be called more than once.
	ChangeReview(ctx context.Context, workspaceID, id int64, change func(*Review) (event.Event, error)) (Review, error)
	// DeleteReview deletes a review unless check refuses.
	DeleteReview(ctx context.Context, workspaceID, id int64, check func(Review) (event.Event, error)) error
	// ReviewItems lists the accounts of a review in the order of their names, by
	// createdAt upwards.
	ReviewItems(ctx context.Context, workspaceID, id int64, f ItemFilter, r page.Request) (page.Page[Item], error)
	// ReviewItem reads one of them.
	ReviewItem(ctx context.Context, workspaceID, id, itemID int64) (Item, error)
	// Decide stores a decision about items of a review; allowed is asked of the
	// review first. Items that are not of the review are left out of what comes
	// back.
	Decide(ctx context.Context, workspaceID, id int64, items []int64, v Verdict, allowed func(Review) error, e func(Review, []Item) event.Event) ([]Item, error)
	// TellOverdue writes the events of reviews that became overdue, of at most limit.
	TellOverdue(ctx context.Context, now time.Time, limit int, e func(Review) event.Event) (int64, error)
}

// NewReview is what a review is made of.
type NewReview struct {
	Name      string
	Filter    Filter
	Reviewers []int64
	DueAt     time.Time
}

// CreateReview begins a review of the accounts that are there at this moment.
func (m *Manager) CreateReview(ctx context.Context, a event.Actor, workspaceID int64, n NewReview) (Review, error) {
	now := m.o.Now()
	r := Review{WorkspaceID: workspaceID, Name: strings.TrimSpace(n.Name), Filter: n.Filter, Reviewers: slices.Compact(slices.Sorted(slices.Values(n.Reviewers))),
		DueAt: n.DueAt, KeyID: a.KeyID, UserID: a.UserID, CreatedAt: now, UpdatedAt: now}
	sources, err := m.store.AccountSources(ctx, workspaceID)
	if err != nil {
		return r, err
	}
	if err := r.check(now, true); err != nil {
		return r, err
	}
	for i, id := range n.Filter.ConnectionIDs {
		if !slices.ContainsFunc(sources, func(s Source) bool { return s.ConnectionID == id }) {
			return r, invalid(fmt.Sprintf("/connectionIds/%d", i), "connection %d has no accounts in this workspace", id)
		}
	}
	return m.store.CreateReview(ctx, r, n.Filter.Sources(sources), func(r Review) event.Event {
		return reviewEvent(a, now, event.AccessReviewCreated, r, fmt.Sprintf("began with %d accounts", r.Progress.Total), map[string]any{"accounts": r.Progress.Total})
	})
}

func (r Review) check(now time.Time, dueChanged bool) error {
	if n := utf8.RuneCountInString(r.Name); n == 0 || n > maxReviewName {
		return invalid("/name", "`name` must have 1 to %d characters", maxReviewName)
	}
	if len(r.Reviewers) > maxReviewers {
		return invalid("/reviewerIds", "a review may have at most %d reviewers", maxReviewers)
	}
	if dueChanged && !r.DueAt.IsZero() && !r.DueAt.After(now) {
		return invalid("/dueAt", "`dueAt` lies in the past")
	}
	return nil
}

func reviewEvent(a event.Actor, at time.Time, t event.Type, r Review, what string, metadata map[string]any) event.Event {
	metadata["accessReviewId"], metadata["accessReview"] = r.ID, r.Name
	e := event.New(a, at, t, event.CategoryAccount, "Access review “"+r.Name+"” "+what, metadata)
	e.WorkspaceID = r.WorkspaceID
	return e
}

// Reviews lists the reviews of a workspace.
func (m *Manager) Reviews(ctx context.Context, f ReviewFilter, r page.Request) (page.Page[Review], error) {
	f.Now = m.o.Now()
	return m.store.Reviews(ctx, f, r)
}

// Review reads one.
func (m *Manager) Review(ctx context.Context, workspaceID, id int64) (Review, error) {
	return m.store.Review(ctx, workspaceID, id)
}

// Items lists the accounts of a review.
func (m *Manager) Items(ctx context.Context, workspaceID, id int64, f ItemFilter, r page.Request) (page.Page[Item], error) {
	return m.store.ReviewItems(ctx, workspaceID, id, f, r)
}

// Item reads one account of a review.
func (m *Manager) Item(ctx context.Context, workspaceID, id, itemID int64) (Item, error) {
	return m.store.ReviewItem(ctx, workspaceID, id, itemID)
}

// ReviewChange is what may change of a review; nil leaves a field as it is.
type ReviewChange struct {
	Name      *string
	Reviewers *[]int64
	DueAt     *time.Time
}

// ChangeReview changes a review that nobody has signed off.
func (m *Manager) ChangeReview(ctx context.Context, a event.Actor, workspaceID, id int64, c ReviewChange) (Review, error) {
	now := m.o.Now()
	return m.store.ChangeReview(ctx, workspaceID, id, func(r *Review) (event.Event, error) {
		if err := r.open(); err != nil {
			return event.Event{}, err
		}
		dueChanged := c.DueAt != nil && !c.DueAt.Equal(r.DueAt)
		if c.Name != nil {
			r.Name = strings.TrimSpace(*c.Name)
		}
		if c.Reviewers != nil {
			r.Reviewers = slices.Compact(slices.Sorted(slices.Values(*c.Reviewers)))
		}
		if c.DueAt != nil {
			r.DueAt = *c.DueAt
		}
		r.UpdatedAt = now
		return reviewEvent(a, now, event.AccessReviewUpdated, *r, "was changed", map[string]any{}), r.check(now, dueChanged)
	})
}

// Decides reports whether a person is one of those who decide.
func (r Review) Decides(userID int64) bool {
	return len(r.Reviewers) == 0 || slices.Contains(r.Reviewers, userID)
}

func (r Review) open() error {
	if r.SignedOff != nil {
		return fault.New(fault.CodeConflict, "access review “%s” is signed off: nothing of it can change any more", r.Name)
	}
	return nil
}

// DeleteReview deletes a review that nobody has signed off.
func (m *Manager) DeleteReview(ctx context.Context, a event.Actor, workspaceID, id int64) error {
	return m.store.DeleteReview(ctx, workspaceID, id, func(r Review) (event.Event, error) {
		decided := r.Progress.Total - r.Progress.Pending
		return reviewEvent(a, m.o.Now(), event.AccessReviewDeleted, r, fmt.Sprintf("was deleted with %d decisions", decided),
			map[string]any{"accounts": r.Progress.Total, "decided": decided}), r.open()
	})
}

// SignOff ends a review of which everything is decided.
func (m *Manager) SignOff(ctx context.Context, a event.Actor, workspaceID, id int64, note string) (Review, error) {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > maxReason {
		return Review{}, invalid("/note", "`note` may have at most %d characters", maxReason)
	}
	now := m.o.Now()
	return m.store.ChangeReview(ctx, workspaceID, id, func(r *Review) (event.Event, error) {
		if err := r.open(); err != nil {
			return event.Event{}, err
		}
		if r.Progress.Pending > 0 {
			return event.Event{}, fault.New(fault.CodeConflict, "%d of %d accounts are not decided yet", r.Progress.Pending, r.Progress.Total)
		}
		r.SignedOff, r.UpdatedAt = &SignOff{At: now, Note: note, KeyID: a.KeyID, UserID: a.UserID}, now
		p := r.Progress
		return reviewEvent(a, now, event.AccessReviewSignedOff, *r, fmt.Sprintf("was signed off: %d kept, %d to be revoked, %d to be changed", p.Keep, p.Revoke, p.Change),
			map[string]any{"kept": p.Keep, "revoked": p.Revoke, "changed": p.Change, "note": note}), nil
	})
}

// Decide decides about accounts of a review. An account that is not of the review
// has a refusal as its outcome.
func (m *Manager) Decide(ctx context.Context, a event.Actor, workspaceID, id int64, items []int64, d Decision, note string) ([]Outcome[Item], error) {
	if err := checkIDs("/itemIds", items); err != nil {
		return nil, err
	}
	if !slices.Contains(Decisions, d) {
		return nil, invalid("/decision", "`decision` must be KEEP, REVOKE, CHANGE, or PENDING to take it back")
	}
	note = strings.TrimSpace(note)
	switch {
	case utf8.RuneCountInString(note) > maxReason:
		return nil, invalid("/note", "`note` may have at most %d characters", maxReason)
	case d == Alter && note == "":
		return nil, invalid("/note", "`note` is required with CHANGE: what is to be changed")
	case d == Pending:
		note = ""
	}
	v := Verdict{Decision: d, Note: note, KeyID: a.KeyID, UserID: a.UserID, At: m.o.Now()}
	got, err := m.store.Decide(ctx, workspaceID, id, items, v, func(r Review) error {
		if err := r.open(); err != nil {
			return err
		}
		if a.UserID != 0 && !r.Decides(a.UserID) {
			return fault.New(fault.CodeForbidden, "you are not a reviewer of access review “%s”", r.Name)
		}
		return nil
	}, func(r Review, done []Item) event.Event { return decidedEvent(a, v, r, done) })
	if err != nil {
		return nil, err
	}
	out := make([]Outcome[Item], len(items))
	for i, item := range items {
		out[i] = Outcome[Item]{ID: item, Err: fault.New(fault.CodeNotFound, "there is no account %d in this access review", item)}
		if at := slices.IndexFunc(got, func(g Item) bool { return g.ID == item }); at >= 0 {
			out[i] = Outcome[Item]{ID: item, Now: &got[at]}
		}
	}
	return out, nil
}

func decidedEvent(a event.Actor, v Verdict, r Review, done []Item) event.Event {
	what := map[Decision]string{Pending: "undecided again", Keep: "keep", Revoke: "revoke", Alter: "change"}[v.Decision]
	whom := fmt.Sprintf("%d accounts", len(done))
	if len(done) == 1 {
		whom = "account “" + done[0].Account.Name + "”"
	}
	ids := make([]int64, len(done))
	for i, d := range done {
		ids[i] = d.ID
	}
	return reviewEvent(a, v.At, event.AccessReviewDecided, r, "has a decision about "+whom+": "+what,
		map[string]any{"decision": v.Decision, "itemIds": ids, "note": v.Note})
}

// Sweep tells of reviews that became overdue.
func (m *Manager) Sweep(ctx context.Context) error {
	const limit = 100
	for {
		now := m.o.Now()
		n, err := m.store.TellOverdue(ctx, now, limit, func(r Review) event.Event {
			return reviewEvent(event.System(event.SourceScheduled), now, event.AccessReviewOverdue, r, fmt.Sprintf("is overdue: %d of %d accounts are not decided", r.Progress.Pending, r.Progress.Total),
				map[string]any{"dueAt": r.DueAt, "pending": r.Progress.Pending, "accounts": r.Progress.Total})
		})
		if err != nil || n < limit {
			return err
		}
	}
}
