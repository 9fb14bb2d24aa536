package asset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// EmploymentStatus says how a person belongs to the organisation (contract
// section 2.14).
type EmploymentStatus string

// The statuses.
const (
	CurrentEmployee         EmploymentStatus = "CURRENT_EMPLOYEE"
	FormerEmployee          EmploymentStatus = "FORMER_EMPLOYEE"
	CurrentContractor       EmploymentStatus = "CURRENT_CONTRACTOR"
	FormerContractor        EmploymentStatus = "FORMER_CONTRACTOR"
	OutOfScope              EmploymentStatus = "OUT_OF_SCOPE"
	Unknown                 EmploymentStatus = "UNKNOWN"
	SpecialFormerEmployee   EmploymentStatus = "SPECIAL_FORMER_EMPLOYEE"
	SpecialFormerContractor EmploymentStatus = "SPECIAL_FORMER_CONTRACTOR"
	FutureHire              EmploymentStatus = "FUTURE_HIRE"
	ServiceAccount          EmploymentStatus = "SERVICE_ACCOUNT"
)

// EmploymentStatuses are all of them.
var EmploymentStatuses = []EmploymentStatus{CurrentEmployee, FormerEmployee, CurrentContractor, FormerContractor, OutOfScope, Unknown,
	SpecialFormerEmployee, SpecialFormerContractor, FutureHire, ServiceAccount}

// Left reports whether somebody worked here and does no more.
func (s EmploymentStatus) Left() bool {
	return s == FormerEmployee || s == FormerContractor || s == SpecialFormerEmployee || s == SpecialFormerContractor
}

// WorksHere reports whether somebody works here now.
func (s EmploymentStatus) WorksHere() bool { return s == CurrentEmployee || s == CurrentContractor }

// Checked reports whether compliance is asked of somebody: of those who work here,
// and of those of whom nobody knows whether they do.
func (s EmploymentStatus) Checked() bool {
	return s.WorksHere() || s == Unknown
}

// Person is a user as personnel.
type Person struct {
	// ID comes from the sequence that devices draw from too, so that the two
	// never share a number.
	ID     int64
	UserID int64
	// IdentityID is the HRIS identity that the person follows, 0 without one.
	IdentityID int64
	Status     EmploymentStatus
	// ManualStatus and ManualDates are set when somebody decided them here: the
	// identity sync leaves them alone until they are reset.
	ManualStatus bool
	ManualDates  bool
	// Reason is notHumanReason on the wire: why the person is out of scope.
	Reason *string
	// ReasonBy is the person who gave it, 0 when a key did.
	ReasonBy    int64
	StartedAt   time.Time
	SeparatedAt time.Time
	// StatusAt is when the status changed.
	StatusAt  time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	// User is the account, filled when people are read.
	User access.User
	// Evidence is what the documents of the personnel record say.
	Evidence []Evidence
	// Fields are the values of custom fields, in the order of the fields.
	Fields []customfield.Value
}

// Orders of people beyond those of all lists.
const (
	ByName      page.Sort = "name"
	ByStartDate page.Sort = "startDate"
)

// Orders of people for lists that are paged by number only. Besides these, the
// name of a check orders by it: who does not pass comes before who passes, and
// of whom nothing is asked comes last.
const (
	ByEmploymentStatus page.Sort = "employmentStatus"
	BySeparationDate   page.Sort = "separationDate"
	// Of the device that was reported last.
	ByDeviceSystem page.Sort = "osVersion"
	ByDeviceSerial page.Sort = "serialNumber"
	ByDeviceApps   page.Sort = "appsCount"
)

// PersonSorts are the orders of a search.
var PersonSorts = []page.Sort{page.CreatedAt, page.UpdatedAt, ByName, ByStartDate}

// NameKey is what people are ordered by.
func (p Person) NameKey() string { return access.Folded(p.User.DisplayName()) }

// SearchKey is what a search looks at: name and address.
func (p Person) SearchKey() string {
	return access.Folded(strings.TrimSpace(p.User.FirstName+" "+p.User.LastName) + " " + p.User.Email)
}

// Position is the person's place in a list; nameKey is the one that the store
// keeps.
func (p Person) Position(order page.Sort, nameKey string) page.Position {
	switch order {
	case page.UpdatedAt:
		return page.Position{Value: p.UpdatedAt.UnixMicro(), ID: p.ID}
	case ByName:
		return page.Position{Text: nameKey, ID: p.ID}
	case ByStartDate:
		if p.StartedAt.IsZero() {
			return page.Position{ID: p.ID}
		}
		return page.Position{Value: p.StartedAt.UnixMicro(), ID: p.ID}
	}
	return page.Position{Value: p.CreatedAt.UnixMicro(), ID: p.ID}
}

// PersonFilter narrows a list of people; zero fields do not.
type PersonFilter struct {
	Statuses []EmploymentStatus
	// Text is part of a name or an address, in any case.
	Text string
	// FirstName and LastName are what the names begin with, in any case.
	FirstName, LastName string
	// Standing keeps those whose FULL_COMPLIANCE has one of these statuses at the
	// moment At.
	Standing []CheckStatus
	At       time.Time
	// ByHand keeps those of whom something was decided by hand.
	ByHand bool
	// HasDevice keeps those with a device, or those without one.
	HasDevice *bool
	// Passing keeps those of whom these checks pass at the moment At (true), or do
	// not (false): they fail, or nothing is known. Of whom a check is excluded, or
	// of a check that is not made here, nobody is kept either way.
	Passing map[CheckType]bool
	// DevicesPass keeps those with devices that pass every check of a device, or
	// those with devices of which one does not.
	DevicesPass *bool
	// Source keeps those with a device that is reported so, NotSources those
	// without any that is reported in one of these ways.
	Source     Source
	NotSources []Source
	// Nobody keeps nobody: what is asked for is true of none.
	Nobody bool
	// Synced keeps those who follow an HRIS identity, or those who do not.
	Synced *bool
	// GroupIDs keeps those who belong to one of these groups.
	GroupIDs []int64
	// WorkspaceID keeps those in the personnel scope of a workspace; an absent one
	// is a NotFound.
	WorkspaceID int64
	// Fields keeps those with values of custom fields.
	Fields []customfield.Wanted
}

// PeopleFacets count the people of a filter by what a list is narrowed by. What
// nobody has is left out.
type PeopleFacets struct {
	Statuses map[EmploymentStatus]int64
	Standing map[CheckStatus]int64
	// Synced are those who follow an HRIS identity, NotSynced the others.
	Synced, NotSynced int64
	// Groups counts by group; it is nil unless it is asked for.
	Groups map[int64]int64
}

// PersonRef names a person by number or by the address of the account.
type PersonRef struct {
	ID    int64
	Email string
}

// PersonStore keeps people.
type PersonStore interface {
	People(ctx context.Context, f PersonFilter, r page.Request) (page.Page[Person], error)
	// Person reads one; an absent one is a NotFound.
	Person(ctx context.Context, ref PersonRef) (Person, error)
	// ChangePeople changes people in one transaction; identity is the one that
	// each follows, nil without one. An absent person is a NotFound. change
	// reports whether to write. ev is appended unless nothing was written.
	ChangePeople(ctx context.Context, refs []PersonRef, change func(p *Person, identity *Identity) (bool, error), ev func([]Person) event.Event) ([]Person, error)
	// PeopleOfUsers reads the people that users are, by user.
	PeopleOfUsers(ctx context.Context, userIDs []int64) (map[int64]Person, error)
	// PeopleFacets counts the people of a filter at its moment, and when asked to
	// also by group.
	PeopleFacets(ctx context.Context, f PersonFilter, groups bool) (PeopleFacets, error)
	// CountPeople counts everybody by how they stand at a moment, and those of whom
	// something was decided by hand.
	CountPeople(ctx context.Context, at time.Time) (counts []PeopleCount, byHand int64, err error)
}

// Store is what the service needs.
type Store interface {
	IdentityStore
	PersonStore
	GroupStore
	SyncStore
	AssetStore
	DeviceStore
	ImportStore
	DocumentStore
	FieldStore
}

// Service is the use of identities and personnel.
type Service struct {
	store       Store
	connections Connections
	now         func() time.Time
}

// Connections reads connections; connection.Service does.
type Connections interface {
	Get(ctx context.Context, id int64) (connection.Connection, error)
}

// NewService makes the service over a store and a clock.
func NewService(s Store, c Connections, now func() time.Time) *Service {
	return &Service{store: s, connections: c, now: now}
}

// People lists personnel.
func (s *Service) People(ctx context.Context, f PersonFilter, r page.Request) (page.Page[Person], error) {
	f.At = s.now()
	return s.store.People(ctx, f, r)
}

// PeopleFacets counts the people of a filter, and when asked to also by group.
func (s *Service) PeopleFacets(ctx context.Context, f PersonFilter, groups bool) (PeopleFacets, error) {
	f.At = s.now()
	return s.store.PeopleFacets(ctx, f, groups)
}

// Person reads one; an absent one is a NotFound.
func (s *Service) Person(ctx context.Context, ref PersonRef) (Person, error) {
	return s.store.Person(ctx, ref)
}

// PeopleOfUsers reads the people that users are, by user.
func (s *Service) PeopleOfUsers(ctx context.Context, userIDs []int64) (map[int64]Person, error) {
	return s.store.PeopleOfUsers(ctx, userIDs)
}

// PersonChange is what may be changed by hand; nil leaves a field as it is, and
// a zero time clears it.
type PersonChange struct {
	StartedAt, SeparatedAt *time.Time
	Status                 *EmploymentStatus
	Reason                 **string
	// Fields are values of custom fields.
	Fields []customfield.Setting

	sets []customfield.Set
}

const maxReason = 30000

// UpdatePerson changes a person by hand. From then on the identity sync leaves
// alone what was changed, until it is reset.
func (s *Service) UpdatePerson(ctx context.Context, a event.Actor, ref PersonRef, c PersonChange) (Person, error) {
	if err := c.check(); err != nil {
		return Person{}, err
	}
	var err error
	if c.sets, err = s.sets(ctx, customfield.Person, c.Fields); err != nil {
		return Person{}, err
	}
	now := s.now()
	var fields []customfield.Difference
	changed, err := s.store.ChangePeople(ctx, []PersonRef{ref}, func(p *Person, _ *Identity) (bool, error) {
		old := p.Fields
		write, err := c.apply(p, a, now)
		fields = customfield.Differences(old, p.Fields)
		return write, err
	}, func(list []Person) event.Event {
		return personEvent(a, now, event.PersonUpdated, list[0], "was changed", fields...)
	})
	if err != nil {
		return Person{}, err
	}
	return changed[0], nil
}

func (c PersonChange) check() error {
	var wrong faults
	if c.Status != nil && !slices.Contains(EmploymentStatuses, *c.Status) {
		wrong.add(invalid("/employmentStatus", "`employmentStatus` is %q; it must be one of %s", *c.Status, listed(EmploymentStatuses)))
	}
	if c.Reason != nil && *c.Reason != nil {
		if n := utf8.RuneCountInString(strings.TrimSpace(**c.Reason)); n == 0 || n > maxReason {
			wrong.add(invalid("/notHumanReason", "`notHumanReason` must have 1 to %d characters, or be null", maxReason))
		}
	}
	return wrong.err()
}

// listed are words as a part of a sentence.
func listed[T ~string](words []T) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return strings.Join(list, ", ")
}

func personEvent(a event.Actor, at time.Time, t event.Type, p Person, what string, fields ...customfield.Difference) event.Event {
	return event.New(a, at, t, event.CategoryPersonnel, p.User.DisplayName()+" "+what,
		withFields(map[string]any{"personnelId": p.ID, "userId": p.UserID, "employmentStatus": p.Status}, fields))
}

func (c PersonChange) apply(p *Person, a event.Actor, now time.Time) (bool, error) {
	old := *p
	if c.StartedAt != nil && !c.StartedAt.Equal(p.StartedAt) {
		p.StartedAt, p.ManualDates = *c.StartedAt, true
	}
	if c.SeparatedAt != nil && !c.SeparatedAt.Equal(p.SeparatedAt) {
		p.SeparatedAt, p.ManualDates = *c.SeparatedAt, true
	}
	if !p.SeparatedAt.IsZero() && p.SeparatedAt.Before(p.StartedAt) {
		return false, invalid("/separatedAt", "`separatedAt` is %s, before `startedAt` %s", p.SeparatedAt.Format(time.DateOnly), p.StartedAt.Format(time.DateOnly))
	}
	if c.Status != nil && *c.Status != p.Status {
		p.Status, p.ManualStatus, p.StatusAt = *c.Status, true, now
	}
	if c.Reason != nil {
		p.Reason = *c.Reason
	} else if p.Status != OutOfScope && old.Status == OutOfScope {
		p.Reason = nil
	}
	if p.Status == OutOfScope && p.Reason == nil {
		return false, invalid("/notHumanReason", "`notHumanReason` must say why the person is OUT_OF_SCOPE")
	}
	if p.Status != OutOfScope && p.Reason != nil {
		return false, invalid("/notHumanReason", "`notHumanReason` belongs to the status OUT_OF_SCOPE")
	}
	if p.Reason == nil {
		p.ReasonBy = 0
	} else if old.Reason == nil || *old.Reason != *p.Reason {
		p.ReasonBy = a.UserID
	}
	var err error
	if p.Fields, err = customfield.Apply(p.Fields, c.sets); err != nil {
		return false, err
	}
	if samePerson(old, *p) && slices.Equal(old.Fields, p.Fields) {
		return false, nil
	}
	p.UpdatedAt = now
	return true, nil
}

func samePerson(a, b Person) bool {
	reasons := (a.Reason == nil) == (b.Reason == nil) && (a.Reason == nil || *a.Reason == *b.Reason)
	return reasons && a.UserID == b.UserID && a.IdentityID == b.IdentityID && a.Status == b.Status && a.ManualStatus == b.ManualStatus &&
		a.ManualDates == b.ManualDates && a.ReasonBy == b.ReasonBy && a.StartedAt.Equal(b.StartedAt) && a.SeparatedAt.Equal(b.SeparatedAt)
}

// MaxReset is how many people one call may reset.
const MaxReset = 1000

// ResetPeople gives people back to the identity sync: what was decided here by
// hand is what their identity says again. It tells how many there were.
func (s *Service) ResetPeople(ctx context.Context, a event.Actor, ids []int64) (int, error) {
	if len(ids) == 0 || len(ids) > MaxReset {
		return 0, invalid("/personnelIds", "`personnelIds` must name 1 to %d people", MaxReset)
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	refs := make([]PersonRef, len(ids))
	for i, id := range ids {
		refs[i].ID = id
	}
	now := s.now()
	_, err := s.store.ChangePeople(ctx, refs, func(p *Person, i *Identity) (bool, error) { return p.reset(i, now), nil },
		func(list []Person) event.Event {
			if len(list) == 1 {
				return personEvent(a, now, event.PersonReset, list[0], "follows the identity sync again")
			}
			return event.New(a, now, event.PersonReset, event.CategoryPersonnel, fmt.Sprintf("%d people follow the identity sync again", len(list)),
				map[string]any{"personnelIds": ids})
		})
	return len(ids), err
}

// ResetAll is [Service.ResetPeople] of everybody of whom something was decided
// by hand.
func (s *Service) ResetAll(ctx context.Context, a event.Actor) (int, error) {
	total := 0
	for {
		p, err := s.store.People(ctx, PersonFilter{ByHand: true}, page.Request{Size: page.MaxSize})
		if err != nil || len(p.Items) == 0 {
			return total, err
		}
		ids := make([]int64, len(p.Items))
		for i, each := range p.Items {
			ids[i] = each.ID
		}
		n, err := s.ResetPeople(ctx, a, ids)
		if err != nil {
			return total, err
		}
		total += n
	}
}

// reset drops what was decided by hand, and follows the identity.
func (p *Person) reset(i *Identity, now time.Time) bool {
	old := *p
	p.ManualStatus, p.ManualDates, p.Reason, p.ReasonBy = false, false, nil, 0
	if i == nil {
		p.setStatus(Unknown, now)
	} else {
		p.follow(*i, now)
	}
	if samePerson(old, *p) {
		return false
	}
	p.UpdatedAt = now
	return true
}

func (p *Person) setStatus(s EmploymentStatus, now time.Time) {
	if p.Status != s {
		p.Status, p.StatusAt = s, now
	}
}

// follow takes over what an identity says, but not what was decided by hand.
func (p *Person) follow(i Identity, now time.Time) {
	p.IdentityID = i.ID
	if !p.ManualDates {
		p.StartedAt, p.SeparatedAt = i.StartedAt, i.SeparatedAt
	}
	if !p.ManualStatus {
		p.setStatus(i.Status(now), now)
	}
}

// Status is what an identity says of the person's employment at a moment. One
// that the system knows no more says nothing.
func (i Identity) Status(now time.Time) EmploymentStatus {
	contractor := i.Contractor != nil && *i.Contractor
	switch {
	case !i.DeletedAt.IsZero():
		return Unknown
	case !i.SeparatedAt.IsZero() && !i.SeparatedAt.After(now) && contractor:
		return FormerContractor
	case !i.SeparatedAt.IsZero() && !i.SeparatedAt.After(now):
		return FormerEmployee
	case i.StartedAt.After(now):
		return FutureHire
	case contractor:
		return CurrentContractor
	}
	return CurrentEmployee
}

// faultOf is the failure of the error that a caller may see, nil without one.
func faultOf(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

func invalid(pointer, format string, args ...any) error {
	return fault.New(fault.CodeValidation, format, args...).At(pointer)
}
