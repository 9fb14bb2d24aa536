package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireFramework is the contract's framework (section 2.9), and ours below the
// times.
type wireFramework struct {
	ID                          int64    `json:"id"`
	Name                        string   `json:"name"`
	Description                 string   `json:"description"`
	Slug                        string   `json:"slug"`
	Tag                         string   `json:"tag"`
	Pill                        string   `json:"pill"`
	NumInScopeControls          int64    `json:"numInScopeControls" doc:"Controls in scope that serve a requirement in scope, each once."`
	NumInScopeRequirements      int64    `json:"numInScopeRequirements"`
	NumReadyInScopeRequirements int64    `json:"numReadyInScopeRequirements"`
	IsReady                     bool     `json:"isReady" doc:"It has requirements in scope, and all of them are ready."`
	IsEnabled                   bool     `json:"isEnabled"`
	Color                       string   `json:"color"`
	BgColor                     string   `json:"bgColor"`
	ActiveLogo                  *string  `json:"activeLogo"`
	InactiveLogo                *string  `json:"inactiveLogo"`
	CreatedAt                   wireTime `json:"createdAt"`
	UpdatedAt                   wireTime `json:"updatedAt"`

	ShortName                 string  `json:"shortName"`
	NumReadyInScopeControls   int64   `json:"numReadyInScopeControls"`
	NumOutOfScopeRequirements int64   `json:"numOutOfScopeRequirements" doc:"Requirements that do not apply."`
	IsShipped                 bool    `json:"isShipped" doc:"It was installed from the content that comes with the program."`
	UpdateAvailable           bool    `json:"updateAvailable" doc:"The program comes with another edition than the one that was installed: install it again."`
	Source                    *string `json:"source" doc:"The document that a shipped framework refers to."`
	Licence                   *string `json:"licence" doc:"What allows to ship it."`
}

func frameworkView(f control.Framework) wireFramework {
	return wireFramework{ID: f.ID, Name: f.Name, Description: f.Description, Slug: f.Slug, Tag: string(f.Tag), Pill: f.Pill,
		NumInScopeControls: f.Counts.Controls, NumInScopeRequirements: f.Counts.Requirements, NumReadyInScopeRequirements: f.Counts.ReadyRequirements,
		IsReady: f.Counts.Ready(), IsEnabled: f.Enabled, Color: f.Color, BgColor: f.BgColor, CreatedAt: wireTime(f.CreatedAt), UpdatedAt: wireTime(f.UpdatedAt),
		ShortName: f.ShortName, NumReadyInScopeControls: f.Counts.ReadyControls, NumOutOfScopeRequirements: f.Counts.OutOfScope, IsShipped: f.Shipped != "",
		UpdateAvailable: control.Library().NewerThan(f), Source: orNull(f.Source), Licence: orNull(f.Licence)}
}

func (a *api) listFrameworks(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	var f control.FrameworkFilter
	if f.Name, err = c.text("name"); err != nil {
		return answer{}, err
	}
	if f.Exclude, err = c.ids("excludeIds"); err != nil {
		return answer{}, err
	}
	if f.Ready, err = c.tristate("isReady"); err != nil {
		return answer{}, err
	}
	if f.Enabled, err = c.tristate("isEnabled"); err != nil {
		return answer{}, err
	}
	p, err := a.Controls.Frameworks(c.ctx(), workspace, f, r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, frameworkView))
}

// newFramework is what a framework is created from.
type newFramework struct {
	_           struct{} `additionalProperties:"true"`
	Name        string   `json:"name" minLength:"1" maxLength:"191" doc:"One in the workspace."`
	ShortName   string   `json:"shortName" minLength:"1" maxLength:"16"`
	Description string   `json:"description" maxLength:"30000"`
}

func (a *api) createFramework(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newFramework](c)
	if err != nil {
		return answer{}, err
	}
	f, err := a.Controls.CreateFramework(c.ctx(), c.actor(), workspace, body.Name, body.ShortName, body.Description)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, frameworkView(f))
}

func (a *api) getFramework(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "frameworkId")
	if err != nil {
		return answer{}, err
	}
	f, err := a.Controls.Framework(c.ctx(), workspace, id)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, frameworkView(f))
}

// frameworkChange is what may change of a framework; absent properties stay.
type frameworkChange struct {
	_           struct{} `additionalProperties:"true"`
	Name        *string  `json:"name,omitempty" minLength:"1" maxLength:"191"`
	ShortName   *string  `json:"shortName,omitempty" minLength:"1" maxLength:"16"`
	Pill        *string  `json:"pill,omitempty" minLength:"1" maxLength:"16" doc:"The label on a badge."`
	Description *string  `json:"description,omitempty" maxLength:"30000"`
	Color       *string  `json:"color,omitempty" pattern:"^#[0-9A-Fa-f]{6}$"`
	BgColor     *string  `json:"bgColor,omitempty" pattern:"^#[0-9A-Fa-f]{6}$"`
	IsEnabled   *bool    `json:"isEnabled,omitempty"`
}

func (a *api) putFramework(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "frameworkId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[frameworkChange](c)
	if err != nil {
		return answer{}, err
	}
	f, err := a.Controls.UpdateFramework(c.ctx(), c.actor(), workspace, id, control.FrameworkChange{Name: body.Name, ShortName: body.ShortName,
		Pill: body.Pill, Description: body.Description, Color: body.Color, BgColor: body.BgColor, Enabled: body.IsEnabled})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, frameworkView(f))
}

func (a *api) deleteFramework(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "frameworkId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Controls.DeleteFramework(c.ctx(), c.actor(), workspace, id)
}

type wireAvailables struct {
	Data []wireAvailable `json:"data"`
}

type wireAvailable struct {
	Slug            string `json:"slug"`
	Tag             string `json:"tag"`
	Name            string `json:"name"`
	ShortName       string `json:"shortName"`
	Pill            string `json:"pill"`
	Description     string `json:"description"`
	Color           string `json:"color"`
	BgColor         string `json:"bgColor"`
	Source          string `json:"source"`
	Licence         string `json:"licence"`
	NumRequirements int    `json:"numRequirements"`
	NumControls     int    `json:"numControls" doc:"The shipped controls that serve it."`
	FrameworkID     *int64 `json:"frameworkId" doc:"The framework in this workspace; null if it is not installed."`
	UpdateAvailable bool   `json:"updateAvailable" doc:"It was installed from another edition: install it again."`
}

func (a *api) listAvailableFrameworks(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	list, err := a.Controls.Available(c.ctx(), workspace)
	if err != nil {
		return answer{}, err
	}
	out := wireAvailables{Data: make([]wireAvailable, len(list))}
	for i, v := range list {
		f := v.Framework
		out.Data[i] = wireAvailable{Slug: f.Slug, Tag: string(f.Tag), Name: f.Name, ShortName: f.ShortName, Pill: f.Pill, Description: f.Description,
			Color: f.Color, BgColor: f.BgColor, Source: f.Source, Licence: f.Licence, NumRequirements: v.Requirements, NumControls: v.Controls,
			FrameworkID: orNull(v.Installed), UpdateAvailable: v.Newer}
	}
	return reply(http.StatusOK, out)
}

// frameworksAction is something to do with the frameworks of a workspace.
type frameworksAction struct {
	_      struct{} `additionalProperties:"true"`
	Action string   `json:"action" enum:"install"`
	Slug   string   `json:"slug" doc:"A framework that is available."`
}

type wireInstalled struct {
	Framework           wireFramework `json:"framework"`
	RequirementsCreated int           `json:"requirementsCreated"`
	RequirementsUpdated int           `json:"requirementsUpdated"`
	ControlsCreated     int           `json:"controlsCreated"`
	ControlsUpdated     int           `json:"controlsUpdated"`
	MappingsCreated     int           `json:"mappingsCreated"`
}

func (a *api) actOnFrameworks(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[frameworksAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "install" {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be install", cutText(body.Action, 80))
	}
	d, err := a.Controls.Install(c.ctx(), c.actor(), workspace, body.Slug)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireInstalled{Framework: frameworkView(d.Framework), RequirementsCreated: d.RequirementsCreated,
		RequirementsUpdated: d.RequirementsUpdated, ControlsCreated: d.ControlsCreated, ControlsUpdated: d.ControlsUpdated, MappingsCreated: d.MappingsCreated})
}
