package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireRequirement struct {
	ID             int64    `json:"id"`
	Code           string   `json:"code"`
	Name           string   `json:"name"`
	Description    *string  `json:"description"`
	Category       *string  `json:"category"`
	AdditionalInfo *string  `json:"additionalInfo"`
	CreatedAt      wireTime `json:"createdAt"`
	UpdatedAt      wireTime `json:"updatedAt"`
	FrameworkID    int64    `json:"frameworkId"`
	IsInScope      bool     `json:"isInScope" doc:"false: it does not apply, and counts for nothing."`
	Rationale      *string  `json:"rationale" doc:"Why it is out of scope."`
	// IsReady is there where the controls were looked at.
	IsReady         *bool               `json:"isReady,omitempty" doc:"At least one control in scope serves it, and all that do are ready."`
	NotReadyBecause *string             `json:"notReadyBecause,omitempty" doc:"Why it is not ready, in a sentence; absent if it is ready or out of scope."`
	Framework       *wireFrameworkBrief `json:"framework,omitempty" doc:"With expand[]=framework."`
	Controls        *[]wireControl      `json:"controls,omitempty" doc:"With expand[]=controls: the first ten by code."`
	ControlCount    *int64              `json:"controlCount,omitempty" doc:"With expand[]=controls: how many there are."`
	CustomFields    *[]wireObject       `json:"customFields,omitempty" doc:"With expand[]=customFields."`
}

// wireFrameworkBrief is a framework without its counts.
type wireFrameworkBrief struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Slug      string `json:"slug"`
	Tag       string `json:"tag"`
	Pill      string `json:"pill"`
	IsEnabled bool   `json:"isEnabled"`
}

func frameworkBrief(f control.Framework) *wireFrameworkBrief {
	return &wireFrameworkBrief{ID: f.ID, Name: f.Name, Slug: f.Slug, Tag: string(f.Tag), Pill: f.Pill, IsEnabled: f.Enabled}
}

var requirementParts = []string{"controls", "customFields", "framework"}

// maxShownControls is how many controls a requirement shows.
const maxShownControls = 10

func plainRequirement(r control.Requirement) wireRequirement {
	return wireRequirement{ID: r.ID, Code: r.Code, Name: r.Name, Description: orNull(r.Description), Category: orNull(r.Category),
		AdditionalInfo: orNull(r.AdditionalInfo), CreatedAt: wireTime(r.CreatedAt), UpdatedAt: wireTime(r.UpdatedAt), FrameworkID: r.FrameworkID,
		IsInScope: r.InScope, Rationale: orNull(r.Rationale)}
}

// requirementViews are requirements with the framework they belong to.
func requirementViews(list []control.Requirement) []wireRequirement {
	out := make([]wireRequirement, len(list))
	for i, r := range list {
		out[i] = plainRequirement(r)
		out[i].Framework = frameworkBrief(r.Framework)
	}
	return out
}

func requirementView(c *call, r control.Requirement) wireRequirement {
	out := plainRequirement(r)
	out.IsReady, out.NotReadyBecause = &r.Ready, orNull(r.Lack)
	if c.expands("framework") {
		out.Framework = frameworkBrief(r.Framework)
	}
	if c.expands("controls") {
		count, shown := int64(len(r.Controls)), r.Controls[:min(len(r.Controls), maxShownControls)]
		list := make([]wireControl, len(shown))
		for i, v := range shown {
			list[i] = plainControl(v)
		}
		out.Controls, out.ControlCount = &list, &count
	}
	if c.expands("customFields") {
		out.CustomFields = &[]wireObject{}
	}
	return out
}

// requirementFilter reads the filters of a control's requirements.
func (c *call) requirementFilter() (control.RequirementFilter, error) {
	f := control.RequirementFilter{Tags: slices.DeleteFunc(slices.Clone(c.all("frameworkTag")), func(t string) bool { return t == "" })}
	for _, t := range f.Tags {
		if !slices.Contains(control.Tags, t) {
			return f, fault.New(fault.CodeValidation, "`frameworkTag` is %q; it must be one of %s", cutText(t, 80), strings.Join(control.Tags, ", "))
		}
	}
	if slices.Contains(f.Tags, string(control.TagAll)) {
		f.Tags = nil
	}
	var err error
	if f.Exclude, err = c.ids("excludeIds"); err != nil {
		return f, err
	}
	f.Slug, err = c.text("frameworkSlug")
	return f, err
}

func (a *api) requirementList(c *call, f control.RequirementFilter, r page.Request) (answer, error) {
	p, err := a.Controls.Requirements(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(v control.Requirement) wireRequirement { return requirementView(c, v) }))
}

func (a *api) listRequirements(c *call) (answer, error) {
	workspace, framework, err := c.numbers("workspaceId", "frameworkId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(requirementSorts...)
	if err != nil {
		return answer{}, err
	}
	f := control.RequirementFilter{WorkspaceID: workspace, FrameworkID: framework}
	if f.Search, err = c.searchText(); err != nil {
		return answer{}, err
	}
	if f.InScope, err = c.tristate("isInScope"); err != nil {
		return answer{}, err
	}
	if f.Ready, err = c.tristate("isReady"); err != nil {
		return answer{}, err
	}
	return a.requirementList(c, f, r)
}

// listAllRequirements is the older form, over all workspaces.
func (a *api) listAllRequirements(c *call) (answer, error) {
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	f, err := c.requirementFilter()
	if err != nil {
		return answer{}, err
	}
	if f.Search, err = c.searchText(); err != nil {
		return answer{}, err
	}
	if f.WorkspaceID, _, err = c.idOrNull("workspaceId"); err != nil {
		return answer{}, err
	}
	if f.FrameworkID, _, err = c.idOrNull("frameworkId"); err != nil {
		return answer{}, err
	}
	return a.requirementList(c, f, r)
}

// newRequirements are requirements to be created, all or none.
type newRequirements struct {
	_    struct{}         `additionalProperties:"true"`
	Data []newRequirement `json:"data" minItems:"1" maxItems:"1000"`
}

type newRequirement struct {
	_              struct{} `additionalProperties:"true"`
	Code           string   `json:"code" minLength:"1" maxLength:"191" doc:"One in the framework."`
	Name           string   `json:"name" minLength:"1" maxLength:"1000"`
	Description    *string  `json:"description,omitempty" nullable:"true" maxLength:"30000"`
	Category       *string  `json:"category,omitempty" nullable:"true" maxLength:"191"`
	AdditionalInfo *string  `json:"additionalInfo,omitempty" nullable:"true" maxLength:"30000"`
	ControlIDs     []int64  `json:"controlIds,omitempty" doc:"Controls that serve it; each must exist."`
}

type wireRequirements struct {
	Data []wireRequirement `json:"data"`
}

func (a *api) createRequirements(c *call) (answer, error) {
	workspace, framework, err := c.numbers("workspaceId", "frameworkId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newRequirements](c)
	if err != nil {
		return answer{}, err
	}
	items := make([]control.Item, len(body.Data))
	for i, r := range body.Data {
		items[i] = control.Item{Controls: r.ControlIDs, Requirement: control.Requirement{Code: r.Code, Name: r.Name, Description: orEmpty(r.Description),
			Category: orEmpty(r.Category), AdditionalInfo: orEmpty(r.AdditionalInfo)}}
	}
	made, err := a.Controls.CreateRequirements(c.ctx(), c.actor(), workspace, framework, items)
	if err != nil {
		return answer{}, err
	}
	out := wireRequirements{Data: make([]wireRequirement, len(made))}
	for i, r := range made {
		out.Data[i] = requirementView(c, r)
	}
	return reply(http.StatusCreated, out)
}

func (a *api) getRequirement(c *call) (answer, error) {
	workspace, framework, id, err := c.nested("workspaceId", "frameworkId", "requirementId")
	if err != nil {
		return answer{}, err
	}
	r, err := a.Controls.Requirement(c.ctx(), workspace, framework, id)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, requirementView(c, r))
}

// requirementChange is what may change of a requirement; absent properties stay.
type requirementChange struct {
	_              struct{} `additionalProperties:"true"`
	Code           *string  `json:"code,omitempty" minLength:"1" maxLength:"191"`
	Name           *string  `json:"name,omitempty" minLength:"1" maxLength:"1000"`
	Description    *string  `json:"description,omitempty" nullable:"true" maxLength:"30000" doc:"null removes it."`
	Category       *string  `json:"category,omitempty" nullable:"true" maxLength:"191" doc:"null removes it."`
	AdditionalInfo *string  `json:"additionalInfo,omitempty" nullable:"true" maxLength:"30000" doc:"null removes it."`
	ControlIDs     *[]int64 `json:"controlIds,omitempty" doc:"Replaces the controls that serve it."`
	IsInScope      *bool    `json:"isInScope,omitempty" doc:"false: it does not apply."`
	Rationale      *string  `json:"rationale,omitempty" nullable:"true" maxLength:"191" doc:"Why it does not apply, for the auditor; null removes it."`
}

func (a *api) putRequirement(c *call) (answer, error) {
	workspace, framework, err := c.numbers("workspaceId", "frameworkId")
	if err != nil {
		return answer{}, err
	}
	return a.changeRequirement(c, workspace, framework)
}

// putAnyRequirement is the older form, which names the requirement alone.
func (a *api) putAnyRequirement(c *call) (answer, error) { return a.changeRequirement(c, 0, 0) }

func (a *api) changeRequirement(c *call, workspace, framework int64) (answer, error) {
	id, err := c.number("requirementId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[requirementChange](c)
	if err != nil {
		return answer{}, err
	}
	r, err := a.Controls.UpdateRequirement(c.ctx(), c.actor(), workspace, framework, id, control.RequirementChange{Code: body.Code, Name: body.Name,
		Description: c.clearable("description", body.Description), Category: c.clearable("category", body.Category),
		AdditionalInfo: c.clearable("additionalInfo", body.AdditionalInfo), Rationale: c.clearable("rationale", body.Rationale),
		InScope: body.IsInScope, Controls: body.ControlIDs})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, requirementView(c, r))
}

func (a *api) deleteRequirement(c *call) (answer, error) {
	workspace, framework, id, err := c.nested("workspaceId", "frameworkId", "requirementId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Controls.DeleteRequirement(c.ctx(), c.actor(), workspace, framework, id)
}

func (a *api) listRequirementControls(c *call) (answer, error) {
	workspace, framework, id, err := c.nested("workspaceId", "frameworkId", "requirementId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	if _, err := a.Controls.Requirement(c.ctx(), workspace, framework, id); err != nil {
		return answer{}, err
	}
	return a.controlList(c, workspace, control.ControlFilter{RequirementID: id}, r)
}
