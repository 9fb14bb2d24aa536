package control

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const (
	maxCode     = 20
	maxQuestion = 768
)

// Draft is what a control is created from.
type Draft struct {
	Code, Name, Description, Question, Activity string
	Links                                       Links
}

// Change is what may change of a control; nil leaves a field as it is.
type Change struct {
	Code, Name, Description, Question, Activity *string
	Links                                       Links
}

// Action is something to do with a control.
type Action string

// The actions of the contract.
const (
	MarkInScope    Action = "markInScope"
	MarkOutOfScope Action = "markOutOfScope"
)

func (s *Service) event(a event.Actor, ty event.Type, c Control, what string, metadata map[string]any) event.Event {
	if metadata == nil {
		metadata = map[string]any{}
	}
	metadata["code"] = c.Code
	if c.ID != 0 {
		metadata["controlId"] = c.ID
	}
	e := event.New(a, s.now(), ty, event.CategoryControl, "Control "+c.Code+" “"+c.Name+"” "+what, metadata)
	e.WorkspaceID = c.WorkspaceID
	return e
}

// List lists the controls of a workspace with their standing at this moment,
// and with their requirements if asked for.
func (s *Service) List(ctx context.Context, workspaceID int64, f ControlFilter, r page.Request, requirements bool) (page.Page[Control], error) {
	judging := f.Ready != nil || f.Passing != nil
	if !judging {
		p, err := s.store.Controls(ctx, workspaceID, f, r)
		if err != nil {
			return p, err
		}
		return p, s.fill(ctx, p.Items, requirements)
	}
	// Verdicts depend on the moment: they are looked at here, in large pages.
	var out []Control
	all := r
	all.Size, all.WantTotal = page.MaxSize, false
	counting := r.WantTotal && r.After == nil
	for {
		p, err := s.store.Controls(ctx, workspaceID, f, all)
		if err != nil {
			return p, err
		}
		if err := s.fill(ctx, p.Items, false); err != nil {
			return p, err
		}
		for _, c := range p.Items {
			if (f.Ready == nil || *f.Ready == c.Standing.Ready()) && (f.Passing == nil || *f.Passing == (len(c.Standing.Passing) > 0)) {
				out = append(out, c)
			}
		}
		if p.Next == "" || len(out) > r.Limit() && !counting {
			break
		}
		if all, err = all.WithCursor(p.Next); err != nil {
			return p, err
		}
	}
	p := page.Cut(r, out, func(c Control) page.Position { return c.Position(r.Order()) })
	if counting {
		total := int64(len(out))
		p.Total = &total
	}
	if !requirements {
		return p, nil
	}
	return p, s.fill(ctx, p.Items, true)
}

// fill reads what follows from the mapping of controls.
func (s *Service) fill(ctx context.Context, list []Control, requirements bool) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]int64, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	m, err := s.store.ControlMapping(ctx, ids, requirements)
	if err != nil {
		return err
	}
	now := s.now()
	served := m.served()
	for i := range list {
		list[i].Standing = Stand(m.Tests[list[i].ID], now)
		list[i].Requirements = served[list[i].ID]
	}
	return nil
}

// served are the requirements by the id of the control that serves them.
func (m Mapping) served() map[int64][]Requirement {
	out := map[int64][]Requirement{}
	for _, l := range m.Links {
		r := m.Requirements[l.RequirementID]
		r.Framework = m.Frameworks[r.FrameworkID]
		out[l.ControlID] = append(out[l.ControlID], r)
	}
	return out
}

// Get reads a control with its requirements.
func (s *Service) Get(ctx context.Context, ref Ref) (Control, error) {
	c, err := s.store.Control(ctx, ref)
	if err != nil {
		return c, err
	}
	return s.whole(ctx, c)
}

func (s *Service) whole(ctx context.Context, c Control) (Control, error) {
	list := []Control{c}
	err := s.fill(ctx, list, true)
	return list[0], err
}

// Create makes a control of the workspace's own.
func (s *Service) Create(ctx context.Context, a event.Actor, workspaceID int64, d Draft) (Control, error) {
	now := s.now()
	c := Control{WorkspaceID: workspaceID, Code: d.Code, Name: d.Name, Description: d.Description, Question: d.Question, Activity: d.Activity,
		CreatedAt: now, UpdatedAt: now}
	if err := c.check(); err != nil {
		return c, err
	}
	if err := d.Links.check(); err != nil {
		return c, err
	}
	c, err := s.store.CreateControl(ctx, c, d.Links, func(c Control) event.Event {
		return s.event(a, event.ControlCreated, c, "was created", d.Links.metadata())
	})
	if err != nil {
		return c, err
	}
	return s.whole(ctx, c)
}

func (c *Control) check() error {
	c.Code, c.Name = strings.TrimSpace(c.Code), strings.TrimSpace(c.Name)
	for _, f := range []struct {
		name, text string
		low, high  int
	}{{"name", c.Name, 1, maxName}, {"description", c.Description, 1, maxText}, {"code", c.Code, 1, maxCode},
		{"question", c.Question, 0, maxQuestion}, {"activity", c.Activity, 0, maxQuestion}, {"rationale", c.Rationale, 0, maxRationale}} {
		if err := within(f.name, f.text, f.low, f.high); err != nil {
			return err
		}
	}
	// In a file of requirements codes are listed with semicolons between them.
	if strings.ContainsFunc(c.Code, func(r rune) bool { return r == ';' || unicode.IsControl(r) }) {
		return fault.New(fault.CodeValidation, "`code` (/code) has a semicolon or a control character")
	}
	return nil
}

// check refuses a mapping to too much.
func (l Links) check() error {
	if err := few("/requirementIds", l.Requirements); err != nil {
		return err
	}
	if l.Owners != nil && len(*l.Owners) > MaxOwners {
		return fault.New(fault.CodeValidation, "a control has at most %d owners (/ownersIds)", MaxOwners)
	}
	return few("/testIds", l.Tests)
}

func (l Links) metadata() map[string]any {
	m := map[string]any{}
	if l.Requirements != nil {
		m["requirementIds"] = *l.Requirements
	}
	if l.Tests != nil {
		m["testIds"] = *l.Tests
	}
	if l.Owners != nil {
		m["ownerIds"] = *l.Owners
	}
	return m
}

// Update changes a control and its mapping.
func (s *Service) Update(ctx context.Context, a event.Actor, ref Ref, c Change) (Control, error) {
	if err := c.Links.check(); err != nil {
		return Control{}, err
	}
	out, err := s.store.UpdateControl(ctx, ref, func(now *Control) (Links, event.Event, error) {
		texts := func() []string { return []string{now.Code, now.Name, now.Description, now.Question, now.Activity} }
		was := texts()
		for to, from := range map[*string]*string{&now.Code: c.Code, &now.Name: c.Name, &now.Description: c.Description,
			&now.Question: c.Question, &now.Activity: c.Activity} {
			if from != nil {
				*to = *from
			}
		}
		now.UpdatedAt = s.now()
		err := now.check()
		now.Edited = now.Edited || !slices.Equal(texts(), was)
		return c.Links, s.event(a, event.ControlUpdated, *now, "was changed", c.Links.metadata()), err
	})
	if err != nil {
		return out, err
	}
	return s.whole(ctx, out)
}

// Act marks a control in or out of scope.
func (s *Service) Act(ctx context.Context, a event.Actor, ref Ref, action Action, rationale string) (Control, error) {
	if action != MarkInScope && action != MarkOutOfScope {
		return Control{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be one of %s, %s", action, MarkInScope, MarkOutOfScope)
	}
	if err := within("rationale", rationale, 0, maxRationale); err != nil {
		return Control{}, err
	}
	c, err := s.store.UpdateControl(ctx, ref, func(c *Control) (Links, event.Event, error) {
		what := "was marked in scope"
		c.Rationale, c.UpdatedAt = rationale, s.now()
		if action == MarkInScope {
			c.ArchivedAt = time.Time{}
		} else {
			what = "was marked out of scope"
			if c.InScope() {
				c.ArchivedAt = c.UpdatedAt
			}
		}
		return Links{}, s.event(a, event.ControlScopeUpdated, *c, what, map[string]any{"inScope": action == MarkInScope, "rationale": rationale}), nil
	})
	if err != nil {
		return c, err
	}
	return s.whole(ctx, c)
}

// Reset is the outcome of a reset for one control.
type Reset struct {
	ControlID int64
	// Err is nil when it was done.
	Err error
}

// ResetMappings maps shipped controls to the requirements that the shipped
// content names, each by itself.
func (s *Service) ResetMappings(ctx context.Context, a event.Actor, ids []int64) ([]Reset, error) {
	if len(ids) == 0 || len(ids) > MaxReset {
		return nil, fault.New(fault.CodeValidation, "`controlIds` (/controlIds) must have 1 to %d ids", MaxReset)
	}
	out := make([]Reset, len(ids))
	for i, id := range ids {
		err := s.store.ResetMapping(ctx, id, func(c Control) (event.Event, error) {
			if c.TemplateID == 0 {
				return event.Event{}, fault.New(fault.CodeUnprocessable, "control %s is your own: there is no shipped mapping to go back to", c.Code)
			}
			return s.event(a, event.ControlMappingsReset, c, "was mapped as shipped", nil), nil
		})
		if err != nil && fault.KindOf(err) == fault.Internal {
			return nil, err
		}
		out[i] = Reset{id, err}
	}
	return out, nil
}

// Comparison tells how the mapping of a control differs from the shipped one.
type Comparison struct {
	Control Control
	// Current are the requirements that it serves; Added are those of them that
	// the shipped content does not map, Removed those that only it maps.
	Current, Added, Removed []Requirement
}

// Compare compares the mapping of controls with the shipped one.
func (s *Service) Compare(ctx context.Context, ids []int64) ([]Comparison, error) {
	if len(ids) == 0 || len(ids) > MaxCompared {
		return nil, fault.New(fault.CodeValidation, "`controlIds[]` must be given 1 to %d times", MaxCompared)
	}
	current, err := s.store.ControlMapping(ctx, ids, true)
	if err != nil {
		return nil, err
	}
	shipped, err := s.store.ShippedMapping(ctx, ids)
	if err != nil {
		return nil, err
	}
	now, before := current.served(), shipped.served()
	out := make([]Comparison, len(ids))
	for i, id := range ids {
		c, ok := current.Controls[id]
		if !ok {
			return nil, fault.New(fault.CodeNotFound, "there is no control %d (controlIds[])", id)
		}
		out[i] = Comparison{Control: c, Current: now[id], Added: without(now[id], before[id]), Removed: without(before[id], now[id])}
	}
	return out, nil
}

// without are the requirements of one list that are not in the other.
func without(list, other []Requirement) []Requirement {
	return slices.DeleteFunc(slices.Clone(list), func(r Requirement) bool {
		return slices.ContainsFunc(other, func(o Requirement) bool { return o.ID == r.ID })
	})
}

// OfTests lists the controls that tests prove, by the id of the test, with
// their standing at this moment.
func (s *Service) OfTests(ctx context.Context, testIDs []int64) (map[int64][]Control, error) {
	if len(testIDs) == 0 {
		return nil, nil
	}
	out, m, err := s.store.TestMapping(ctx, testIDs)
	if err != nil {
		return nil, err
	}
	now := s.now()
	for _, list := range out {
		for i := range list {
			list[i].Standing = Stand(m.Tests[list[i].ID], now)
		}
	}
	return out, nil
}
