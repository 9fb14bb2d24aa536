package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const (
	maxRequirementCode = 191
	maxRequirementName = 1000
	maxRationale       = 191
)

// RequirementChange is what may change of a requirement; nil leaves a field as
// it is.
type RequirementChange struct {
	Code, Name, Description, Category, AdditionalInfo, Rationale *string
	InScope                                                      *bool
	// Controls replaces what it is mapped to, by ids.
	Controls *[]int64
}

// Requirements lists requirements with their framework, the controls that serve
// them and their readiness at this moment.
func (s *Service) Requirements(ctx context.Context, f RequirementFilter, r page.Request) (page.Page[Requirement], error) {
	if f.Ready == nil {
		p, err := s.store.Requirements(ctx, f, r)
		if err != nil {
			return p, err
		}
		return p, s.fillRequirements(ctx, p.Items)
	}
	// Verdicts depend on the moment: they are looked at here, in large pages.
	var out []Requirement
	all := r
	all.Size, all.WantTotal = page.MaxSize, false
	counting := r.WantTotal && r.After == nil
	for {
		p, err := s.store.Requirements(ctx, f, all)
		if err != nil {
			return p, err
		}
		if err := s.fillRequirements(ctx, p.Items); err != nil {
			return p, err
		}
		for _, v := range p.Items {
			if v.Ready == *f.Ready {
				out = append(out, v)
			}
		}
		if p.Next == "" || len(out) > r.Limit() && !counting {
			break
		}
		if all, err = all.WithCursor(p.Next); err != nil {
			return p, err
		}
	}
	p := page.Cut(r, out, func(v Requirement) page.Position { return v.Position(r.Order()) })
	if counting {
		total := int64(len(out))
		p.Total = &total
	}
	return p, nil
}

func (s *Service) fillRequirements(ctx context.Context, list []Requirement) error {
	if len(list) == 0 {
		return nil
	}
	m, err := s.store.RequirementMapping(ctx, list)
	if err != nil {
		return err
	}
	j := Judge(m, s.now())
	controls := map[int64][]Control{}
	for _, l := range m.Links {
		c := m.Controls[l.ControlID]
		c.Standing = j.Standings[c.ID]
		controls[l.RequirementID] = append(controls[l.RequirementID], c)
	}
	for i := range list {
		r := &list[i]
		r.Framework, r.Controls, r.Ready = m.Frameworks[r.FrameworkID], controls[r.ID], j.Ready[r.ID]
		r.Lack = r.lack()
	}
	return nil
}

// Requirement reads one; workspace and framework 0 stand for any.
func (s *Service) Requirement(ctx context.Context, workspaceID, frameworkID, id int64) (Requirement, error) {
	r, err := s.store.Requirement(ctx, workspaceID, frameworkID, id)
	if err != nil {
		return r, err
	}
	return s.filled(ctx, r)
}

func (s *Service) filled(ctx context.Context, r Requirement) (Requirement, error) {
	list := []Requirement{r}
	err := s.fillRequirements(ctx, list)
	return list[0], err
}

// CreateRequirements adds requirements to a framework, all or none.
func (s *Service) CreateRequirements(ctx context.Context, a event.Actor, workspaceID, frameworkID int64, items []Item) ([]Requirement, error) {
	f, err := s.store.Framework(ctx, workspaceID, frameworkID)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 || len(items) > MaxCreated {
		return nil, fault.New(fault.CodeValidation, "`data` (/data) must have 1 to %d requirements", MaxCreated)
	}
	now := s.now()
	for i := range items {
		item := &items[i]
		item.At = fmt.Sprintf("/data/%d", i)
		item.Requirement.CreatedAt, item.Requirement.UpdatedAt, item.Requirement.InScope = now, now, true
		if err := item.Requirement.check(item.At); err != nil {
			return nil, err
		}
		if err := few(item.At+"/controlIds", &item.Controls); err != nil {
			return nil, err
		}
	}
	if err := repeated(items); err != nil {
		return nil, err
	}
	e := s.frameworkEvent(a, event.RequirementCreated, f, fmt.Sprintf("got %d requirements", len(items)), map[string]any{"requirements": codesOf(items)})
	made, err := s.store.CreateRequirements(ctx, workspaceID, frameworkID, items, e)
	if err != nil {
		return nil, err
	}
	return made, s.fillRequirements(ctx, made)
}

// codesOf are the codes of items, as many as an event tells.
func codesOf(items []Item) []string {
	const told = 100
	codes := []string{}
	for _, item := range items[:min(len(items), told)] {
		codes = append(codes, item.Requirement.Code)
	}
	return codes
}

// repeated is the refusal of two items with one code.
func repeated(items []Item) error {
	seen := make(map[string]string, len(items))
	for _, item := range items {
		if at, ok := seen[item.Requirement.Code]; ok {
			return fault.New(fault.CodeUnprocessable, "the code %q (%s/code) is that of %s, too: a framework has each code once", item.Requirement.Code, item.At, at)
		}
		seen[item.Requirement.Code] = item.At
	}
	return nil
}

func (r *Requirement) check(at string) error {
	r.Code, r.Name, r.Category = strings.TrimSpace(r.Code), strings.TrimSpace(r.Name), strings.TrimSpace(r.Category)
	for _, f := range []struct {
		name, text string
		low, high  int
	}{{"code", r.Code, 1, maxRequirementCode}, {"name", r.Name, 1, maxRequirementName}, {"category", r.Category, 0, maxName},
		{"description", r.Description, 0, maxText}, {"additionalInfo", r.AdditionalInfo, 0, maxText}, {"rationale", r.Rationale, 0, maxRationale}} {
		if err := withinAt(at+"/"+f.name, f.name, f.text, f.low, f.high); err != nil {
			return err
		}
	}
	return nil
}

// few refuses a mapping to too much.
func few(pointer string, ids *[]int64) error {
	if ids != nil && len(*ids) > MaxMapped {
		return fault.New(fault.CodeValidation, "`%s` has %d ids; at most %d are taken", pointer, len(*ids), MaxMapped)
	}
	return nil
}

// UpdateRequirement changes a requirement and its mapping; workspace and
// framework 0 stand for any.
func (s *Service) UpdateRequirement(ctx context.Context, a event.Actor, workspaceID, frameworkID, id int64, c RequirementChange) (Requirement, error) {
	if err := few("/controlIds", c.Controls); err != nil {
		return Requirement{}, err
	}
	r, err := s.store.UpdateRequirement(ctx, workspaceID, frameworkID, id, func(r *Requirement) (Links, event.Event, error) {
		texts := func() []string { return []string{r.Code, r.Name, r.Description, r.Category} }
		was := texts()
		for to, from := range map[*string]*string{&r.Code: c.Code, &r.Name: c.Name, &r.Description: c.Description, &r.Category: c.Category,
			&r.AdditionalInfo: c.AdditionalInfo, &r.Rationale: c.Rationale} {
			if from != nil {
				*to = *from
			}
		}
		if c.InScope != nil {
			if *c.InScope && !r.InScope && c.Rationale == nil {
				r.Rationale = ""
			}
			r.InScope = *c.InScope
		}
		r.UpdatedAt = s.now()
		err := r.check("")
		r.Edited = r.Edited || !slices.Equal(texts(), was)
		e := s.frameworkEvent(a, event.RequirementUpdated, r.Framework, "requirement "+r.Code+" was changed",
			map[string]any{"requirement": r.Code, "requirementId": r.ID, "inScope": r.InScope, "controlIds": c.Controls})
		return Links{Controls: c.Controls}, e, err
	})
	if err != nil {
		return r, err
	}
	return s.filled(ctx, r)
}

// DeleteRequirement deletes a requirement of a framework of the workspace's
// own; what was installed would come back.
func (s *Service) DeleteRequirement(ctx context.Context, a event.Actor, workspaceID, frameworkID, id int64) error {
	return s.store.DeleteRequirement(ctx, workspaceID, frameworkID, id, func(r Requirement) (event.Event, error) {
		if r.Framework.Shipped != "" {
			return event.Event{}, fault.New(fault.CodeConflict, "requirement %s comes with the program and would come back: mark it out of scope", r.Code)
		}
		return s.frameworkEvent(a, event.RequirementDeleted, r.Framework, "lost requirement "+r.Code, map[string]any{"requirement": r.Code, "requirementId": r.ID}), nil
	})
}
