package account

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/schema"
)

// Set is a mapping in force with how far its accounts are taken out.
type Set struct {
	ResourceID int64
	Mapping    Mapping
	CreatedAt  time.Time
	UpdatedAt  time.Time
	// KeyID and UserID say who wrote it last.
	KeyID, UserID int64
	// Current is true once the accounts are those of the records as they are.
	Current bool
	// Accounts are how many are in the data, Removed how many vanished from it.
	Accounts, Removed int64
}

// Store keeps accounts. Where a change is refused because of what people sent the
// error says so; what is absent is a NotFound.
type Store interface {
	ExtractionStore
	ReviewStore
	// Mapping reads the mapping of a resource; ok is false where there is none.
	Mapping(ctx context.Context, resourceID int64) (s Set, ok bool, err error)
	// PutMapping stores a mapping, whose accounts are then taken out anew.
	PutMapping(ctx context.Context, s Set, e event.Event) error
	// DeleteMapping ends a mapping. What was decided about its accounts stays for
	// the next one.
	DeleteMapping(ctx context.Context, resourceID int64, e event.Event) error
	// Sample reads records of a resource from everywhere until each is false.
	Sample(ctx context.Context, resourceID int64, n int, each func(body []byte) bool) error
	// AccountSources lists the resources with a mapping in a workspace; an absent
	// workspace is a NotFound.
	AccountSources(ctx context.Context, workspaceID int64) ([]Source, error)
	// Accounts lists accounts of the sources.
	Accounts(ctx context.Context, from []Source, f Filter, r page.Request) (page.Page[Account], error)
	// Account reads one account of a workspace.
	Account(ctx context.Context, workspaceID, id int64) (Account, error)
	// ChangeAccount changes what is decided about an account of a workspace; the
	// event is made of the account before.
	ChangeAccount(ctx context.Context, workspaceID, id int64, c Change, at time.Time, e func(Account) event.Event) (Account, error)
	// CountAccounts counts the accounts of each view.
	CountAccounts(ctx context.Context, from []Source) (map[int64]Tally, error)
}

// Tally is how many accounts a resource has.
type Tally struct {
	// Present are those in the data, Unlinked those of them with no person, no
	// service account and in scope, Leavers those of people who are gone.
	Present, Removed, Unlinked, Leavers, WithoutMFA int64
}

// Manager is the use of accounts and access reviews.
type Manager struct {
	store Store
	o     Options
}

// Options are what a [Manager] needs.
type Options struct {
	Now func() time.Time
	// Connections knows resources.
	Connections Connections
	// Changed is told of a resource whose accounts are to be taken out.
	Changed func(resourceID int64)
}

// Connections reads resources.
type Connections interface {
	Resource(ctx context.Context, connectionID, resourceID int64) (connection.Resource, error)
}

// NewManager makes the manager over a store.
func NewManager(s Store, o Options) *Manager {
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	return &Manager{s, o}
}

// previewSample is how many records a preview looks at, sampleBytes after how many
// bytes it ends.
const (
	previewSample = 200
	sampleBytes   = 16 << 20
)

// Preview is what a mapping makes of some records.
type Preview struct {
	// Records were looked at, of which Named gave an account.
	Records, Named int64
	// Accounts are the first of them.
	Accounts []Facts
	// With counts the accounts that have each part of the mapping.
	With map[string]int64
}

// State is what there is to say of the mapping of a resource.
type State struct {
	// Set is nil where there is no mapping; then there may be a proposal.
	Set      *Set
	Proposal *Mapping
	// Attributes are what a mapping can name.
	Attributes []Attribute
}

// Mapping reads the mapping of a resource.
func (m *Manager) Mapping(ctx context.Context, r connection.Resource) (State, error) {
	var out State
	s, ok, err := m.store.Mapping(ctx, r.ID)
	if err != nil {
		return out, err
	}
	o, err := m.outline(ctx, r)
	if err != nil {
		return out, err
	}
	out.Attributes = attributesOf(o)
	if ok {
		out.Set = &s
		return out, nil
	}
	p := Propose(o)
	out.Proposal = &p
	return out, nil
}

func (m *Manager) outline(ctx context.Context, r connection.Resource) (*schema.Outline, error) {
	o := schema.NewOutline(r.Schema)
	size := 0
	err := m.store.Sample(ctx, r.ID, previewSample, func(body []byte) bool {
		o.See(body)
		size += len(body)
		return size < sampleBytes
	})
	return o, err
}

// Preview tries a mapping on a sample of the records of a resource, and lists the
// first accounts, at most limit.
func (m *Manager) Preview(ctx context.Context, r connection.Resource, of Mapping, limit int) (Preview, error) {
	p := Preview{Accounts: []Facts{}, With: map[string]int64{}}
	if err := r.Open(); err != nil {
		return p, err
	}
	x, err := NewExtractor(of)
	if err != nil {
		return p, err
	}
	o := schema.NewOutline(r.Schema)
	size := 0
	if err := m.store.Sample(ctx, r.ID, previewSample, func(body []byte) bool {
		o.See(body)
		p.Records++
		if f, ok := x.Extract(body); ok {
			p.Named++
			p.count(f)
			if len(p.Accounts) < limit {
				p.Accounts = append(p.Accounts, f)
			}
		}
		size += len(body)
		return size < sampleBytes
	}); err != nil {
		return p, err
	}
	return p, of.fits(o)
}

func (p *Preview) count(f Facts) {
	for part, has := range map[string]bool{"email": f.Email != "", "displayName": f.DisplayName != "", "kind": f.Kind != "", "roles": len(f.Roles) > 0,
		"active": f.Active != nil, "mfa": f.MFA != nil, "lastActiveAt": !f.LastActiveAt.IsZero()} {
		if has {
			p.With[part]++
		}
	}
}

// SetMapping puts a mapping into force; its accounts are taken out soon after. A
// path that the records of the resource cannot have is a CodeValidation.
func (m *Manager) SetMapping(ctx context.Context, a event.Actor, connectionID, resourceID int64, of Mapping) (Set, error) {
	r, err := m.o.Connections.Resource(ctx, connectionID, resourceID)
	if err == nil {
		err = r.Open()
	}
	if err != nil {
		return Set{}, err
	}
	if _, err := NewExtractor(of); err != nil {
		return Set{}, err
	}
	o, err := m.outline(ctx, r)
	if err != nil {
		return Set{}, err
	}
	if err := of.fits(o); err != nil {
		return Set{}, err
	}
	now := m.o.Now()
	s := Set{ResourceID: resourceID, Mapping: of, CreatedAt: now, UpdatedAt: now, KeyID: a.KeyID, UserID: a.UserID}
	e := event.New(a, now, event.AccountMappingUpdated, event.CategoryAccount, "The account mapping of resource “"+r.Name+"” was set", map[string]any{"resourceId": r.ID, "mapping": of})
	e.ConnectionID = connectionID
	if err := m.store.PutMapping(ctx, s, e); err != nil {
		return Set{}, err
	}
	m.o.Changed(resourceID)
	s, _, err = m.store.Mapping(ctx, resourceID)
	return s, err
}

// DeleteMapping ends the mapping of a resource: its accounts are not listed any
// more. What was decided about them comes back with another mapping.
func (m *Manager) DeleteMapping(ctx context.Context, a event.Actor, r connection.Resource) error {
	e := event.New(a, m.o.Now(), event.AccountMappingDeleted, event.CategoryAccount, "The account mapping of resource “"+r.Name+"” was taken away", map[string]any{"resourceId": r.ID})
	e.ConnectionID = r.ConnectionID
	return m.store.DeleteMapping(ctx, r.ID, e)
}

// List lists the accounts of a workspace.
func (m *Manager) List(ctx context.Context, workspaceID int64, f Filter, r page.Request) (page.Page[Account], error) {
	sources, err := m.store.AccountSources(ctx, workspaceID)
	if err != nil {
		return page.Page[Account]{}, err
	}
	return m.store.Accounts(ctx, f.Sources(sources), f, r)
}

// Get reads one account of a workspace.
func (m *Manager) Get(ctx context.Context, workspaceID, id int64) (Account, error) {
	return m.store.Account(ctx, workspaceID, id)
}

// Standing is how the accounts of a workspace stand.
type Standing struct {
	Sources []Source
	// ByResource are the tallies of the sources.
	ByResource map[int64]Tally
}

// In adds up the tallies of a view; all of them for the empty one.
func (s Standing) In(v View) (sources int, sum Tally) {
	for _, source := range (Filter{View: v}).Sources(s.Sources) {
		t := s.ByResource[source.ResourceID]
		sources++
		sum.Present += t.Present
		sum.Removed += t.Removed
		sum.Unlinked += t.Unlinked
		sum.Leavers += t.Leavers
		sum.WithoutMFA += t.WithoutMFA
	}
	return sources, sum
}

// Standing counts the accounts of a workspace.
func (m *Manager) Standing(ctx context.Context, workspaceID int64) (Standing, error) {
	var s Standing
	var err error
	if s.Sources, err = m.store.AccountSources(ctx, workspaceID); err != nil {
		return s, err
	}
	s.ByResource, err = m.store.CountAccounts(ctx, s.Sources)
	return s, err
}

// Change changes what is decided about an account of a workspace.
func (m *Manager) Change(ctx context.Context, a event.Actor, workspaceID, id int64, c Change) (Account, error) {
	now := m.o.Now()
	c, err := c.of(a, now)
	if err != nil {
		return Account{}, err
	}
	return m.change(ctx, a, workspaceID, id, c, now)
}

// of is a change that is made by somebody at a moment, if it can be.
func (c Change) of(a event.Actor, now time.Time) (Change, error) {
	if c.Evidence != nil && *c.Evidence != nil {
		given := **c.Evidence
		given.RecordedAt, given.KeyID, given.UserID = now, a.KeyID, a.UserID
		if given.At.IsZero() {
			given.At = now
		}
		evidence := &given
		c.Evidence = &evidence
	}
	return c, c.check()
}

func (m *Manager) change(ctx context.Context, a event.Actor, workspaceID, id int64, c Change, now time.Time) (Account, error) {
	return m.store.ChangeAccount(ctx, workspaceID, id, c, now, func(before Account) event.Event {
		e := event.New(a, now, event.AccountUpdated, event.CategoryAccount, "Account “"+before.Name+"” in “"+before.ConnectionName+"”: "+c.words(), map[string]any{
			"accountId": id, "account": before.Name, "resourceId": before.ResourceID, "change": c.metadata()})
		e.WorkspaceID, e.ConnectionID = workspaceID, before.ConnectionID
		return e
	})
}

// words says what a change does.
func (c Change) words() string {
	var out string
	add := func(text string) {
		if out != "" {
			out += "; "
		}
		out += text
	}
	if c.Person != nil {
		if *c.Person == nil {
			add("the link to a person was taken away")
		} else {
			add("a person was linked")
		}
	}
	if c.Service != nil {
		if *c.Service == nil {
			add("it is no service account any more")
		} else {
			add("it is a service account of " + (*c.Service).Owner)
		}
	}
	if c.OutOfScope != nil {
		if *c.OutOfScope == nil {
			add("it is in scope")
		} else {
			add("it is out of scope")
		}
	}
	if c.Evidence != nil {
		if *c.Evidence == nil {
			add("the evidence of revocation was taken away")
		} else {
			add("evidence of revocation was given")
		}
	}
	return out
}

func (c Change) metadata() map[string]any {
	out := map[string]any{}
	if c.Person != nil {
		out["person"] = nil
		if p := *c.Person; p != nil {
			person := map[string]any{}
			if p.UserID != 0 {
				person["userId"] = p.UserID
			} else {
				person["email"] = p.Email
			}
			out["person"] = person
		}
	}
	if c.Service != nil {
		out["serviceAccount"] = *c.Service
	}
	if c.OutOfScope != nil {
		out["inScope"] = *c.OutOfScope == nil
		out["scopeReason"] = *c.OutOfScope
	}
	if c.Evidence != nil {
		out["evidence"] = *c.Evidence
	}
	return out
}

// maxBulk is how many objects one call changes.
const maxBulk = 500

// Outcome is what became of one of several: accounts that are changed, or items of
// a review that are decided.
type Outcome[T any] struct {
	ID int64
	// Now is the object as it is, nil if the change was refused.
	Now *T
	Err *fault.Error
}

// ChangeMany makes one change of several accounts, each by itself.
func (m *Manager) ChangeMany(ctx context.Context, a event.Actor, workspaceID int64, ids []int64, c Change) ([]Outcome[Account], error) {
	if err := checkIDs("/accountIds", ids); err != nil {
		return nil, err
	}
	now := m.o.Now()
	c, err := c.of(a, now)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome[Account], len(ids))
	for i, id := range ids {
		got, err := m.change(ctx, a, workspaceID, id, c, now)
		if out[i], err = outcome(id, err); err != nil {
			return nil, err
		}
		if out[i].Err == nil {
			out[i].Now = &got
		}
	}
	return out, nil
}

// outcome is that of one item; a failure of our own is the error.
func outcome(id int64, err error) (Outcome[Account], error) {
	var refused *fault.Error
	if errors.As(err, &refused) && fault.KindOf(err) != fault.Internal {
		return Outcome[Account]{ID: id, Err: refused}, nil
	}
	return Outcome[Account]{ID: id}, err
}

func checkIDs(pointer string, ids []int64) error {
	if len(ids) == 0 || len(ids) > maxBulk {
		return invalid(pointer, "`%s` must name 1 to %s of them", pointer[1:], strconv.Itoa(maxBulk))
	}
	return nil
}

// Text is a mapping as it is stored.
func (m Mapping) Text() string {
	b, _ := json.Marshal(m) // plain values only
	return string(b)
}
