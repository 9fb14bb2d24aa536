package control

import (
	"context"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// SetOwners makes people the owners of a control.
func (s *Service) SetOwners(ctx context.Context, a event.Actor, ref Ref, ids []int64) (Control, error) {
	return s.changeOwners(ctx, a, ref, func([]int64) ([]int64, error) { return ids, nil })
}

// AddOwner adds an owner; one who is there already stays.
func (s *Service) AddOwner(ctx context.Context, a event.Actor, ref Ref, id int64) (Control, error) {
	return s.changeOwners(ctx, a, ref, func(have []int64) ([]int64, error) {
		if slices.Contains(have, id) {
			return have, nil
		}
		return append(slices.Clone(have), id), nil
	})
}

// RemoveOwner removes an owner; somebody who is none is a NotFound.
func (s *Service) RemoveOwner(ctx context.Context, a event.Actor, ref Ref, id int64) (Control, error) {
	return s.changeOwners(ctx, a, ref, func(have []int64) ([]int64, error) {
		if !slices.Contains(have, id) {
			return nil, fault.New(fault.CodeNotFound, "user %d does not own this control", id)
		}
		return slices.DeleteFunc(slices.Clone(have), func(each int64) bool { return each == id }), nil
	})
}

func (s *Service) changeOwners(ctx context.Context, a event.Actor, ref Ref, change func(have []int64) ([]int64, error)) (Control, error) {
	return s.store.UpdateControl(ctx, ref, func(c *Control) (Links, event.Event, error) {
		was := c.Owners
		next, err := change(was)
		if err != nil {
			return Links{}, event.Event{}, err
		}
		links := Links{Owners: &next}
		if err := links.check(); err != nil {
			return Links{}, event.Event{}, err
		}
		c.UpdatedAt = s.now()
		return links, s.event(a, event.ControlOwnersUpdated, *c, "has other owners", map[string]any{"ownerIds": next, "ownerIdsBefore": was}), nil
	})
}
