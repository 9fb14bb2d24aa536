package asset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// ScopeGroups lists the groups of a workspace's personnel scope. Without any,
// everybody is in scope.
func (s *Service) ScopeGroups(ctx context.Context, workspaceID int64, r page.Request) (page.Page[PeopleGroup], error) {
	return s.store.PeopleGroups(ctx, "", workspaceID, r)
}

// AddToScope adds a group to a workspace's scope; one that is there already is a
// CodeConflict.
func (s *Service) AddToScope(ctx context.Context, a event.Actor, workspaceID, groupID int64) (PeopleGroup, error) {
	if err := s.changeScope(ctx, a, workspaceID, "/groupId", func(now []int64) ([]int64, error) {
		if slices.Contains(now, groupID) {
			return nil, fault.New(fault.CodeConflict, "group %d is part of the personnel scope of this workspace already", groupID).At("/groupId")
		}
		return append(now, groupID), nil
	}); err != nil {
		return PeopleGroup{}, err
	}
	return s.store.PeopleGroup(ctx, groupID)
}

// SetScope makes these groups the scope of a workspace, and everybody when there
// are none.
func (s *Service) SetScope(ctx context.Context, a event.Actor, workspaceID int64, groups []int64) error {
	return s.changeScope(ctx, a, workspaceID, "/groupIds", func([]int64) ([]int64, error) { return slices.Clone(groups), nil })
}

// RemoveFromScope takes a group out of a workspace's scope; one that is not there
// is a NotFound. With the last one everybody is in scope again.
func (s *Service) RemoveFromScope(ctx context.Context, a event.Actor, workspaceID, groupID int64) error {
	return s.changeScope(ctx, a, workspaceID, "", func(now []int64) ([]int64, error) {
		i := slices.Index(now, groupID)
		if i < 0 {
			return nil, fault.New(fault.CodeNotFound, "there is no group %d in the personnel scope of this workspace", groupID)
		}
		return slices.Delete(now, i, i+1), nil
	})
}

// changeScope changes a scope; pointer says where the groups stand that came.
func (s *Service) changeScope(ctx context.Context, a event.Actor, workspaceID int64, pointer string, change func(now []int64) ([]int64, error)) error {
	at := s.now()
	return s.store.ChangeScope(ctx, workspaceID, func(now []int64) ([]int64, error) {
		then, err := change(now)
		if err != nil {
			return nil, err
		}
		then = slices.Compact(slices.Sorted(slices.Values(then)))
		if len(then) > MaxScopeGroups {
			return nil, invalid(pointer, "the personnel scope of a workspace has at most %d groups", MaxScopeGroups)
		}
		return then, nil
	}, func(id int64) error { return invalid(pointer, "there is no group %d", id) }, func(names []string, before, after ScopeCounts) event.Event {
		who := "everybody"
		if len(names) > 0 {
			who = "“" + strings.Join(names, "”, “") + "”"
		}
		e := event.New(a, at, event.PersonnelScopeUpdated, event.CategoryPersonnel,
			fmt.Sprintf("The personnel scope became %s: %d of %d people who work here, %d before", who, after.Scoped, after.Total, before.Scoped),
			map[string]any{"groups": names, "scoped": after.Scoped, "total": after.Total, "before": before.Scoped})
		e.WorkspaceID = workspaceID
		return e
	})
}

// CountScope counts who is in scope of a workspace: as it is, or with groups not
// nil as it would be with them.
func (s *Service) CountScope(ctx context.Context, workspaceID int64, groups []int64) (ScopeCounts, error) {
	return s.store.CountScope(ctx, workspaceID, groups)
}

// Scopes are the groups of the scopes of workspaces, those without any left out.
func (s *Service) Scopes(ctx context.Context) (map[int64][]int64, error) { return s.store.Scopes(ctx) }
