package asset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// PeopleGroup is a named set of people. The personnel scope of a workspace is
// made of groups.
type PeopleGroup struct {
	ID   int64
	Name string
	// ExternalID is what another system calls the group, empty without one.
	ExternalID string
	// Rule says who belongs to it; nil: they are named one by one.
	Rule      *GroupRule
	CreatedAt time.Time
	UpdatedAt time.Time
	// People is how many belong to it, WorkspaceIDs whose scope it is part of, in
	// order; both are filled when groups are read.
	People       int64
	WorkspaceIDs []int64
}

// Position is the group's place in a list.
func (g PeopleGroup) Position(order page.Sort) page.Position {
	switch order {
	case page.UpdatedAt:
		return page.Position{Value: g.UpdatedAt.UnixMicro(), ID: g.ID}
	case ByName:
		return page.Position{Text: access.Folded(g.Name), ID: g.ID}
	}
	return page.Position{Value: g.CreatedAt.UnixMicro(), ID: g.ID}
}

// GroupSorts are the orders of groups.
var GroupSorts = []page.Sort{page.CreatedAt, page.UpdatedAt, ByName}

// GroupRule says who belongs to a group: those of whom each part that has values
// is true of one of them. Texts are compared in any case.
type GroupRule struct {
	JobTitles []string `json:"jobTitles,omitempty"`
	// EmailDomains are what stands behind the @ of an address.
	EmailDomains []string `json:"emailDomains,omitempty"`
	// ConnectionIDs are the HRIS connections of the identities that people follow.
	ConnectionIDs []int64 `json:"connectionIds,omitempty"`
}

// Holds reports whether somebody belongs to a group of this rule; connectionID is
// 0 for who follows no identity.
func (r GroupRule) Holds(jobTitle, email string, connectionID int64) bool {
	domain := email[strings.LastIndexByte(email, '@')+1:]
	return anyOf(r.JobTitles, jobTitle) && anyOf(r.EmailDomains, domain) && (len(r.ConnectionIDs) == 0 || slices.Contains(r.ConnectionIDs, connectionID))
}

func anyOf(wanted []string, is string) bool {
	is = access.Folded(strings.TrimSpace(is))
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return access.Folded(w) == is })
}

func (r GroupRule) same(o GroupRule) bool {
	return slices.Equal(r.JobTitles, o.JobTitles) && slices.Equal(r.EmailDomains, o.EmailDomains) && slices.Equal(r.ConnectionIDs, o.ConnectionIDs)
}

// Limits of groups.
const (
	MaxPeopleGroups = 500
	// MaxScopeGroups is how many groups a workspace's scope may have.
	MaxScopeGroups = 100
	// MaxMembers is how many people one call may add or remove.
	MaxMembers    = 1000
	maxRuleValues = 200
)

// Membership is how many people came into a group and left it.
type Membership struct{ Joined, Left int }

// ScopeCounts are how many people who work here now are in the scope of a
// workspace, and how many there are at all.
type ScopeCounts struct{ Scoped, Total int64 }

// GroupStore keeps groups of people and the scopes of workspaces.
type GroupStore interface {
	// PeopleGroups lists groups: with a text in their name, in any case, and with
	// workspaceID not 0 those of its scope; an absent workspace is a NotFound.
	PeopleGroups(ctx context.Context, text string, workspaceID int64, r page.Request) (page.Page[PeopleGroup], error)
	// PeopleGroup reads one; an absent one is a NotFound.
	PeopleGroup(ctx context.Context, id int64) (PeopleGroup, error)
	// CreatePeopleGroup stores a group with who belongs to it by its rule. More than
	// limit are a CodeConflict, a taken name is a CodeDuplicateName.
	CreatePeopleGroup(ctx context.Context, g PeopleGroup, limit int, ev func(PeopleGroup) event.Event) (PeopleGroup, error)
	// ChangePeopleGroup stores what change makes of one, which nobody else changes
	// meanwhile, and who belongs to it by its rule from now on. change reports
	// whether to write.
	ChangePeopleGroup(ctx context.Context, id int64, change func(*PeopleGroup) (bool, error), ev func(PeopleGroup, Membership) event.Event) (PeopleGroup, error)
	// DeletePeopleGroup deletes one, unless refuse has a reason: it gets the group
	// and the names of the workspaces whose scope it is part of.
	DeletePeopleGroup(ctx context.Context, id int64, refuse func(g PeopleGroup, workspaces []string) error, ev func(PeopleGroup) event.Event) error
	// ChangeMembers adds people to a group, or removes them; those who are, or are
	// not, there already change nothing. An absent person is a NotFound. ev tells
	// of those who changed, and is not asked when there are none.
	ChangeMembers(ctx context.Context, id int64, add bool, refs []PersonRef, refuse func(PeopleGroup) error, ev func(PeopleGroup, []int64) event.Event) (int, error)
	// CountHeld tells how many people a rule is true of.
	CountHeld(ctx context.Context, r GroupRule) (int64, error)
	// ChangeScope stores what change makes of the groups of a workspace's scope, by
	// their numbers, and counts before and after. A group that is not there is
	// told by missing; without a change ev is not asked.
	ChangeScope(ctx context.Context, workspaceID int64, change func(now []int64) ([]int64, error), missing func(id int64) error,
		ev func(names []string, before, after ScopeCounts) event.Event) error
	// CountScope counts people for the groups, or for those of the workspace's
	// scope when they are nil. No groups at all: everybody is in scope.
	CountScope(ctx context.Context, workspaceID int64, groups []int64) (ScopeCounts, error)
	// Scopes are the groups of the scopes of workspaces, those without any left out.
	Scopes(ctx context.Context) (map[int64][]int64, error)
	// GroupsOf are the groups of people, by person and in the order of names.
	GroupsOf(ctx context.Context, people []int64) (map[int64][]PeopleGroup, error)
}

// PeopleGroups lists groups with a text in their name.
func (s *Service) PeopleGroups(ctx context.Context, text string, r page.Request) (page.Page[PeopleGroup], error) {
	return s.store.PeopleGroups(ctx, text, 0, r)
}

// PeopleGroup reads one; an absent one is a NotFound.
func (s *Service) PeopleGroup(ctx context.Context, id int64) (PeopleGroup, error) {
	return s.store.PeopleGroup(ctx, id)
}

// GroupsOf are the groups of people, by person and in the order of names.
func (s *Service) GroupsOf(ctx context.Context, people []int64) (map[int64][]PeopleGroup, error) {
	return s.store.GroupsOf(ctx, people)
}

// GroupChange is what a group is made from or changed to; nil leaves a field as
// it is. A Rule that points to nil has people named one by one.
type GroupChange struct {
	Name       *string
	ExternalID *string
	Rule       **GroupRule
}

// CreatePeopleGroup makes a group.
func (s *Service) CreatePeopleGroup(ctx context.Context, a event.Actor, c GroupChange) (PeopleGroup, error) {
	if c.Name == nil {
		return PeopleGroup{}, invalid("/name", "`name` is required: what the group is called")
	}
	now := s.now()
	g := PeopleGroup{CreatedAt: now, UpdatedAt: now}
	if err := s.checkGroup(ctx, c); err != nil {
		return PeopleGroup{}, err
	}
	c.set(&g)
	return s.store.CreatePeopleGroup(ctx, g, MaxPeopleGroups, func(g PeopleGroup) event.Event {
		return groupEvent(a, now, event.PersonnelGroupCreated, g, fmt.Sprintf("was created, with %s", people(g.People)))
	})
}

// UpdatePeopleGroup changes one.
func (s *Service) UpdatePeopleGroup(ctx context.Context, a event.Actor, id int64, c GroupChange) (PeopleGroup, error) {
	if err := s.checkGroup(ctx, c); err != nil {
		return PeopleGroup{}, err
	}
	now := s.now()
	return s.store.ChangePeopleGroup(ctx, id, func(g *PeopleGroup) (bool, error) {
		changed := c.set(g)
		if changed {
			g.UpdatedAt = now
		}
		return changed, nil
	}, func(g PeopleGroup, m Membership) event.Event {
		return groupEvent(a, now, event.PersonnelGroupUpdated, g, fmt.Sprintf("was changed: %d joined, %d left", m.Joined, m.Left))
	})
}

// checkGroup checks a change, and makes its values what is stored.
func (s *Service) checkGroup(ctx context.Context, c GroupChange) error {
	if c.Name != nil {
		*c.Name = strings.TrimSpace(*c.Name)
		if n := utf8.RuneCountInString(*c.Name); n == 0 || n > maxText {
			return invalid("/name", "`name` must have 1 to %d characters", maxText)
		}
	}
	if c.ExternalID != nil && utf8.RuneCountInString(*c.ExternalID) > maxText {
		return invalid("/externalId", "`externalId` must have at most %d characters", maxText)
	}
	if c.Rule != nil && *c.Rule != nil {
		return s.checkRule(ctx, *c.Rule)
	}
	return nil
}

// set applies a change that was checked.
func (c GroupChange) set(g *PeopleGroup) bool {
	changed := false
	for _, f := range []struct{ to, from *string }{{&g.Name, c.Name}, {&g.ExternalID, c.ExternalID}} {
		if f.from != nil && *f.from != *f.to {
			*f.to, changed = *f.from, true
		}
	}
	if c.Rule == nil || *c.Rule == nil && g.Rule == nil || *c.Rule != nil && g.Rule != nil && (*c.Rule).same(*g.Rule) {
		return changed
	}
	g.Rule = *c.Rule
	return true
}

// checkRule checks a rule, and makes its values what is stored.
func (s *Service) checkRule(ctx context.Context, r *GroupRule) error {
	if len(r.JobTitles)+len(r.EmailDomains)+len(r.ConnectionIDs) == 0 {
		return invalid("/rule", "`rule` must name at least one of `jobTitles`, `emailDomains` and `connectionIds`; leave it out to name people one by one")
	}
	for _, part := range []struct {
		name, what, without string
		list                []string
		stored              func(trimmed string) string
	}{
		{"jobTitles", "a job title", "", r.JobTitles, func(v string) string { return v }},
		{"emailDomains", "a domain such as example.com", "@ ", r.EmailDomains, func(v string) string { return strings.ToLower(strings.TrimPrefix(v, "@")) }},
	} {
		if len(part.list) > maxRuleValues {
			return invalid("/rule/"+part.name, "`%s` has %d values; it may have %d", part.name, len(part.list), maxRuleValues)
		}
		for i, v := range part.list {
			part.list[i] = part.stored(strings.TrimSpace(v))
			if n := utf8.RuneCountInString(part.list[i]); n == 0 || n > maxText || strings.ContainsAny(part.list[i], part.without) {
				return invalid(fmt.Sprintf("/rule/%s/%d", part.name, i), "`%s` has %q, which is not %s of 1 to %d characters", part.name, v, part.what, maxText)
			}
		}
	}
	if len(r.ConnectionIDs) > maxRuleValues {
		return invalid("/rule/connectionIds", "`connectionIds` has %d values; it may have %d", len(r.ConnectionIDs), maxRuleValues)
	}
	for i, id := range r.ConnectionIDs {
		if _, err := s.hris(ctx, id); err != nil {
			if f := faultOf(err); f == nil || f.Kind != fault.NotFound && f.Kind != fault.Invalid {
				return err
			}
			return invalid(fmt.Sprintf("/rule/connectionIds/%d", i), "there is no HRIS connection %d", id)
		}
	}
	return nil
}

// PreviewGroup tells how many people a rule is true of.
func (s *Service) PreviewGroup(ctx context.Context, r GroupRule) (int64, error) {
	if err := s.checkRule(ctx, &r); err != nil {
		return 0, err
	}
	return s.store.CountHeld(ctx, r)
}

// DeletePeopleGroup deletes one that is part of no workspace's scope: without it
// that could be everybody.
func (s *Service) DeletePeopleGroup(ctx context.Context, a event.Actor, id int64) error {
	now := s.now()
	return s.store.DeletePeopleGroup(ctx, id, func(g PeopleGroup, workspaces []string) error {
		if len(workspaces) == 0 {
			return nil
		}
		return fault.New(fault.CodeConflict, "the group “%s” is part of the personnel scope of %s: take it out there first", g.Name, strings.Join(workspaces, ", "))
	}, func(g PeopleGroup) event.Event {
		return groupEvent(a, now, event.PersonnelGroupDeleted, g, fmt.Sprintf("was deleted, which had %s", people(g.People)))
	})
}

// ChangeMembers adds people to a group without a rule, or removes them, and tells
// of how many that changed something.
func (s *Service) ChangeMembers(ctx context.Context, a event.Actor, id int64, add bool, refs []PersonRef) (int, error) {
	if len(refs) == 0 || len(refs) > MaxMembers {
		return 0, invalid("/personnelIds", "`personnelIds` must name 1 to %d people", MaxMembers)
	}
	now := s.now()
	return s.store.ChangeMembers(ctx, id, add, refs, func(g PeopleGroup) error {
		if g.Rule == nil {
			return nil
		}
		return fault.New(fault.CodeConflict, "who belongs to the group “%s” follows from its rule: change that, or take it away first", g.Name)
	}, func(g PeopleGroup, changed []int64) event.Event {
		what := "left"
		if add {
			what = "joined"
		}
		return event.New(a, now, event.PersonnelGroupMembers, event.CategoryPersonnel, fmt.Sprintf("%s %s the group “%s”", people(int64(len(changed))), what, g.Name),
			map[string]any{"groupId": g.ID, "personnelIds": changed})
	})
}

func groupEvent(a event.Actor, at time.Time, t event.Type, g PeopleGroup, what string) event.Event {
	return event.New(a, at, t, event.CategoryPersonnel, fmt.Sprintf("The group “%s” %s", g.Name, what), map[string]any{"groupId": g.ID, "name": g.Name, "people": g.People})
}

func people(n int64) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
