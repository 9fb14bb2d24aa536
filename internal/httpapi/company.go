package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireCompany is the contract's company (section 2.15). What it knows of
// trainings and background checks belongs to parts that are not there.
type wireCompany struct {
	AccountID           string            `json:"accountId" format:"uuid"`
	Domain              string            `json:"domain"`
	Name                string            `json:"name"`
	LegalName           *string           `json:"legalName"`
	Description         *string           `json:"description"`
	LogoURL             *string           `json:"logoUrl"`
	SecurityTraining    *string           `json:"securityTraining"`
	HipaaTraining       *string           `json:"hipaaTraining"`
	BackgroundCheck     *string           `json:"backgroundCheck"`
	CreatedAt           wireTime          `json:"createdAt"`
	UpdatedAt           wireTime          `json:"updatedAt"`
	AgentEnabled        bool              `json:"agentEnabled" doc:"The agent can report devices: always."`
	ManualUploadEnabled bool              `json:"manualUploadEnabled" doc:"Documents can be uploaded by hand: always."`
	Entitlements        []wireEntitlement `json:"entitlements" doc:"The features that are switched on."`
	Language            string            `json:"language" enum:"ENGLISH_US,SPANISH_LA,GERMAN_DE,FRENCH_FR,ITALIAN_IT,DUTCH_NL,PSEUDO,PSEUDOX"`
}

type wireEntitlement struct {
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Type        string     `json:"type"`
	FeatureID   *int64     `json:"featureId"`
	Metadata    wireObject `json:"metadata"`
}

var featureTexts = map[access.Feature]string{
	access.CustomConnections: "Custom connections, their records and the tests over them",
	access.CustomFrameworks:  "Frameworks of one's own, made or imported",
}

func (a *api) getCompany(c *call) (answer, error) {
	company, err := a.Access.Company(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return a.companyAnswer(c, company)
}

// companyChange is what may change of the organisation; absent properties stay.
type companyChange struct {
	_           struct{} `additionalProperties:"true"`
	Name        *string  `json:"name,omitempty" minLength:"1" maxLength:"191"`
	Domain      *string  `json:"domain,omitempty" maxLength:"253" example:"example.com"`
	LegalName   *string  `json:"legalName,omitempty" nullable:"true" maxLength:"191" doc:"null removes it."`
	Description *string  `json:"description,omitempty" nullable:"true" maxLength:"30000" doc:"null removes it."`
}

func (a *api) putCompany(c *call) (answer, error) {
	body, err := decode[companyChange](c)
	if err != nil {
		return answer{}, err
	}
	company, err := a.Access.UpdateCompany(c.ctx(), c.actor(), access.CompanyChange{Name: body.Name, Domain: body.Domain,
		LegalName: c.clearable("legalName", body.LegalName), Description: c.clearable("description", body.Description)})
	if err != nil {
		return answer{}, err
	}
	return a.companyAnswer(c, company)
}

func (a *api) companyAnswer(c *call, company access.Company) (answer, error) {
	settings, err := a.Access.Settings(c.ctx())
	if err != nil {
		return answer{}, err
	}
	out := wireCompany{AccountID: company.AccountID, Domain: company.Domain, Name: company.Name, LegalName: orNull(company.LegalName),
		Description: orNull(company.Description), CreatedAt: wireTime(company.CreatedAt), UpdatedAt: wireTime(company.UpdatedAt),
		AgentEnabled: true, ManualUploadEnabled: true, Entitlements: []wireEntitlement{}, Language: "ENGLISH_US"}
	for _, f := range access.Features {
		if !slices.Contains(settings.DisabledFeatures, string(f)) {
			out.Entitlements = append(out.Entitlements, wireEntitlement{Name: string(f), Description: featureTexts[f], Type: "FEATURE"})
		}
	}
	return reply(http.StatusOK, out)
}

type wireWorkspace struct {
	ID                   int64            `json:"id"`
	Primary              bool             `json:"primary"`
	Name                 string           `json:"name"`
	Description          *string          `json:"description"`
	CreatedAt            wireTime         `json:"createdAt"`
	UpdatedAt            wireTime         `json:"updatedAt"`
	HowItWorks           *string          `json:"howItWorks"`
	URL                  *string          `json:"url"`
	Logo                 *string          `json:"logo"`
	Frameworks           *[]wireFramework `json:"frameworks,omitempty" doc:"With expand[]=frameworks."`
	ScopedPersonnelCount *maybeCount      `json:"scopedPersonnelCount,omitempty" nullable:"true" doc:"With expand[]=personnelScope, how many current employees and contractors are in scope; null: the scope has no groups, so everybody is."`
}

// maybeCount is a count or null.
type maybeCount struct{ n *int64 }

// MarshalJSON implements json.Marshaler.
func (m maybeCount) MarshalJSON() ([]byte, error) { return json.Marshal(m.n) }

// Schema implements huma.SchemaProvider.
func (maybeCount) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Nullable: true}
}

// workspaceParts are what is asked for of workspaces, by workspace.
type workspaceParts struct {
	frameworks map[int64][]control.Framework
	scoped     map[int64]*int64
}

func (a *api) workspaceParts(c *call, list ...access.Workspace) (parts workspaceParts, err error) {
	if parts.scoped, err = a.scopedCounts(c, list...); err != nil || !c.expands("frameworks") {
		return parts, err
	}
	ids := make([]int64, len(list))
	for i, w := range list {
		ids[i] = w.ID
	}
	parts.frameworks, err = a.Controls.FrameworksOf(c.ctx(), ids)
	return parts, err
}

func workspaceView(c *call, w access.Workspace, parts workspaceParts) wireWorkspace {
	out := wireWorkspace{ID: w.ID, Primary: w.Primary, Name: w.Name, Description: orNull(w.Description), CreatedAt: wireTime(w.CreatedAt),
		UpdatedAt: wireTime(w.UpdatedAt), URL: orNull(w.URL)}
	if c.expands("personnelScope") {
		out.ScopedPersonnelCount = &maybeCount{parts.scoped[w.ID]}
	}
	if c.expands("frameworks") {
		list := make([]wireFramework, len(parts.frameworks[w.ID]))
		for i, f := range parts.frameworks[w.ID] {
			list[i] = frameworkView(f)
		}
		out.Frameworks = &list
	}
	return out
}

func (a *api) listWorkspaces(c *call) (answer, error) {
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Access.Workspaces(c.ctx(), c.principal.Reach(access.WorkspacesGet), r)
	if err != nil {
		return answer{}, err
	}
	parts, err := a.workspaceParts(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(w access.Workspace) wireWorkspace { return workspaceView(c, w, parts) }))
}

func (a *api) getWorkspace(c *call) (answer, error) {
	id, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	w, err := a.Access.Workspace(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	parts, err := a.workspaceParts(c, w)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, workspaceView(c, w, parts))
}

// newWorkspace is what a workspace is created from.
type newWorkspace struct {
	_           struct{} `additionalProperties:"true"`
	Name        string   `json:"name" minLength:"1" maxLength:"191" doc:"One in the organisation."`
	Description *string  `json:"description,omitempty" nullable:"true" maxLength:"30000"`
	URL         *string  `json:"url,omitempty" nullable:"true" maxLength:"2048"`
}

func (a *api) createWorkspace(c *call) (answer, error) {
	body, err := decode[newWorkspace](c)
	if err != nil {
		return answer{}, err
	}
	w, err := a.Access.CreateWorkspace(c.ctx(), c.actor(), access.WorkspaceChange{Name: &body.Name, Description: body.Description, URL: body.URL})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, workspaceView(c, w, workspaceParts{}))
}

// workspaceChange is what may change of a workspace; absent properties stay.
type workspaceChange struct {
	_           struct{} `additionalProperties:"true"`
	Name        *string  `json:"name,omitempty" minLength:"1" maxLength:"191"`
	Description *string  `json:"description,omitempty" nullable:"true" maxLength:"30000" doc:"null removes it."`
	URL         *string  `json:"url,omitempty" nullable:"true" maxLength:"2048" doc:"null removes it."`
}

func (a *api) putWorkspace(c *call) (answer, error) {
	id, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[workspaceChange](c)
	if err != nil {
		return answer{}, err
	}
	w, err := a.Access.UpdateWorkspace(c.ctx(), c.actor(), id, access.WorkspaceChange{Name: body.Name,
		Description: c.clearable("description", body.Description), URL: c.clearable("url", body.URL)})
	if err != nil {
		return answer{}, err
	}
	parts, err := a.workspaceParts(c, w)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, workspaceView(c, w, parts))
}

type wireErrorCodes struct {
	Data []wireErrorCode `json:"data"`
}

type wireErrorCode struct {
	Code       fault.Code `json:"code"`
	Name       string     `json:"name"`
	StatusCode int        `json:"statusCode"`
}

func (a *api) listErrorCodes(*call) (answer, error) {
	out := wireErrorCodes{Data: make([]wireErrorCode, len(fault.Registry))}
	for i, e := range fault.Registry {
		out.Data[i] = wireErrorCode{e.Code, e.Name, e.Kind.Status()}
	}
	return reply(http.StatusOK, out)
}
