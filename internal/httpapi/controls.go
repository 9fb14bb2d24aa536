package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wireControl is the contract's control (section 2.8). Policies, tickets,
// people, custom fields and evidence are parts that are not there.
type wireControl struct {
	ID                int64     `json:"id"`
	Name              string    `json:"name"`
	Code              string    `json:"code"`
	Slug              *string   `json:"slug"`
	Description       *string   `json:"description"`
	Question          *string   `json:"question"`
	Activity          *string   `json:"activity"`
	ArchivedAt        maybeTime `json:"archivedAt" doc:"When it was marked out of scope; null while it is in scope."`
	Rationale         *string   `json:"rationale" doc:"Why it is out of scope, or in it again."`
	CreatedAt         wireTime  `json:"createdAt"`
	UpdatedAt         wireTime  `json:"updatedAt"`
	ControlTemplateID *int64    `json:"controlTemplateId" doc:"The number of the shipped control that it was made from; null for one of your own."`
	IsReady           bool      `json:"isReady" doc:"At least one of its tests passes and none fails or is in error; tests that are disabled or have no verdict count for nothing."`
	IsInScope         bool      `json:"isInScope"`
	NotReadyBecause   *string   `json:"notReadyBecause" doc:"Why it is not ready, in a sentence; null if it is ready."`
	NumTests          int       `json:"numTests" doc:"The tests that are mapped to it, of whatever status."`
	NumFailingTests   int       `json:"numFailingTests" doc:"Those of them that are published and enabled, and fail or are in error."`
	NumPassingTests   int       `json:"numPassingTests"`

	FrameworkTags *[]string              `json:"frameworkTags,omitempty" doc:"With expand[]=frameworkTags."`
	Topics        *[]string              `json:"topics,omitempty" doc:"With expand[]=topics."`
	Flags         *wireControlFlags      `json:"flags,omitempty" doc:"With expand[]=flags."`
	Owners        *wireOwners            `json:"owners,omitempty" doc:"With expand[]=owners."`
	Requirements  *[]wireRequirement     `json:"requirements,omitempty" doc:"With expand[]=requirements."`
	CustomFields  *[]wireObject          `json:"customFields,omitempty" doc:"With expand[]=customFields."`
	Tests         *[]wireControlTest     `json:"tests,omitempty" doc:"With expand[]=tests: what is mapped to it, of whatever status."`
	TestIDs       *wireControlTests      `json:"testIds,omitempty" doc:"With expand[]=testIds."`
	EvidenceIDs   *wireControlEvidenceID `json:"evidenceIds,omitempty" doc:"With expand[]=evidenceIds."`
}

// wireControlTest is what a control shows of a test.
type wireControlTest struct {
	TestID            int64      `json:"testId" doc:"The test's number in its workspace."`
	Name              string     `json:"name"`
	CheckResultStatus string     `json:"checkResultStatus" enum:"READY,PASSED,FAILED,ERROR,PREAUDIT"`
	ResultReason      *string    `json:"resultReason"`
	CheckStatus       string     `json:"checkStatus" enum:"UNUSED,NEW,ENABLED,DISABLED,TESTING"`
	FailedSince       maybeTime  `json:"failedSince"`
	Counts            wireCounts `json:"counts"`
}

func controlTests(tests []check.Test, now time.Time) []wireControlTest {
	out := make([]wireControlTest, len(tests))
	for i, t := range tests {
		verdict, reason := t.Current(now)
		out[i] = wireControlTest{TestID: t.Number, Name: t.Name, CheckResultStatus: string(verdict), ResultReason: orNull(reason),
			CheckStatus: string(t.Status()), FailedSince: maybeTime(t.FailedSince), Counts: countsView(t.Totals())}
	}
	return out
}

type wireControlFlags struct {
	HasEvidence bool `json:"hasEvidence"`
	HasPolicy   bool `json:"hasPolicy"`
	IsReady     bool `json:"isReady"`
	HasTicket   bool `json:"hasTicket"`
	HasOwner    bool `json:"hasOwner"`
	IsMonitored bool `json:"isMonitored" doc:"A published, enabled test proves it."`
}

type wireOwners struct {
	Data       []wireUser `json:"data"`
	TotalCount int64      `json:"totalCount"`
}

type wireControlTests struct {
	Passing   []int64 `json:"passing" doc:"The tests (testId) that pass."`
	Failing   []int64 `json:"failing" doc:"Those that fail or are in error."`
	Monitored []int64 `json:"monitored" doc:"All that are published and enabled."`
}

type wireControlEvidenceID struct {
	ValidExternalEvidenceIDs   []int64 `json:"validExternalEvidenceIds"`
	InvalidExternalEvidenceIDs []int64 `json:"invalidExternalEvidenceIds"`
	ValidReportIDs             []int64 `json:"validReportIds"`
	InvalidReportIDs           []int64 `json:"invalidReportIds"`
}

var controlParts = []string{"customFields", "evidenceIds", "flags", "frameworkTags", "owners", "requirements", "testIds", "tests", "topics"}

// plainControl is a control without what must be asked for.
func plainControl(v control.Control) wireControl {
	return wireControl{ID: v.ID, Name: v.Name, Code: v.Code, Slug: orNull(v.Slug), Description: orNull(v.Description), Question: orNull(v.Question),
		Activity: orNull(v.Activity), ArchivedAt: maybeTime(v.ArchivedAt), Rationale: orNull(v.Rationale), CreatedAt: wireTime(v.CreatedAt),
		UpdatedAt: wireTime(v.UpdatedAt), ControlTemplateID: orNull(v.TemplateID), IsReady: v.Standing.Ready(), IsInScope: v.InScope(),
		NotReadyBecause: orNull(v.Standing.Lack()), NumTests: len(v.Standing.Tests), NumFailingTests: len(v.Standing.Failing), NumPassingTests: len(v.Standing.Passing)}
}

func controlView(c *call, v control.Control, owners map[int64]*wireUser) wireControl {
	out := plainControl(v)
	if c.expands("frameworkTags") {
		tags := []string{}
		for _, r := range v.Requirements {
			tags = append(tags, string(r.Framework.Tag))
		}
		slices.Sort(tags)
		tags = slices.Compact(tags)
		out.FrameworkTags = &tags
	}
	if c.expands("topics") {
		out.Topics = &[]string{}
	}
	if c.expands("flags") {
		out.Flags = &wireControlFlags{IsReady: v.Standing.Ready(), IsMonitored: len(v.Standing.Monitored) > 0, HasOwner: len(v.Owners) > 0}
	}
	if c.expands("owners") {
		out.Owners = &wireOwners{Data: ownerViews(v, owners), TotalCount: int64(len(v.Owners))}
		out.Owners.Data = out.Owners.Data[:min(len(out.Owners.Data), maxOwnersShown)]
	}
	if c.expands("requirements") {
		list := make([]wireRequirement, len(v.Requirements))
		for i, r := range v.Requirements {
			list[i] = plainRequirement(r)
			list[i].Framework = frameworkBrief(r.Framework)
		}
		out.Requirements = &list
	}
	if c.expands("customFields") {
		out.CustomFields = &[]wireObject{}
	}
	if c.expands("tests") {
		tests := controlTests(v.Standing.Tests, c.api.Now())
		out.Tests = &tests
	}
	if c.expands("testIds") {
		out.TestIDs = &wireControlTests{v.Standing.Passing, v.Standing.Failing, v.Standing.Monitored}
	}
	if c.expands("evidenceIds") {
		out.EvidenceIDs = &wireControlEvidenceID{[]int64{}, []int64{}, []int64{}, []int64{}}
	}
	return out
}

// controlAnswer shows one control.
func (a *api) controlAnswer(c *call, status int, v control.Control) (answer, error) {
	owners, err := a.owners(c, "owners", v)
	if err != nil {
		return answer{}, err
	}
	return reply(status, controlView(c, v, owners))
}

// wantsRequirements reports whether a list of controls must know what they are
// mapped to.
func (c *call) wantsRequirements() bool {
	return c.expands("requirements") || c.expands("frameworkTags")
}

// tristate is a query parameter that is true, false or absent (nil).
func (c *call) tristate(name string) (*bool, error) {
	if c.query(name) == "" {
		return nil, nil
	}
	v, err := c.boolean(name)
	return &v, err
}

// controlFilter reads the filters of a list of controls. What asks for parts
// that are not there matches nothing.
func (c *call) controlFilter() (f control.ControlFilter, err error) {
	var evidence, policy *bool
	for _, p := range []parameter[**bool]{{"isMonitored", &f.Monitored}, {"hasTest", &f.Tested}, {"isReady", &f.Ready}, {"hasPassingTest", &f.Passing}, {"isEnabled", &f.Enabled},
		{"isArchived", &f.Archived}, {"hasOwner", &f.Owned}, {"hasEvidence", &evidence}, {"hasPolicy", &policy}} {
		if *p.into, err = c.tristate(p.name); err != nil {
			return f, err
		}
	}
	ticket, err := c.choice("ticketStatus", "IN_PROGRESS", "ARCHIVED")
	if err != nil {
		return f, err
	}
	if f.Search, err = c.searchText(); err != nil {
		return f, err
	}
	policyID, _, err := c.idOrNull("policyId")
	if err != nil {
		return f, err
	}
	if f.Owners, err = c.ownerIDs(); err != nil {
		return f, err
	}
	f.FrameworkID, _, err = c.idOrNull("frameworkId")
	f.Nothing = evidence != nil && *evidence || policy != nil && *policy || ticket != "" || policyID != 0
	return f, err
}

var (
	controlSorts     = []page.Sort{page.CreatedAt, page.UpdatedAt, page.Code, page.Name}
	requirementSorts = []page.Sort{page.CreatedAt, page.UpdatedAt, page.Code}
)

func (a *api) listControls(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(controlSorts...)
	if err != nil {
		return answer{}, err
	}
	f, err := c.controlFilter()
	if err != nil {
		return answer{}, err
	}
	return a.controlList(c, workspace, f, r)
}

func (a *api) controlList(c *call, workspace int64, f control.ControlFilter, r page.Request) (answer, error) {
	p, err := a.Controls.List(c.ctx(), workspace, f, r, c.wantsRequirements())
	if err != nil {
		return answer{}, err
	}
	owners, err := a.owners(c, "owners", p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(v control.Control) wireControl { return controlView(c, v, owners) }))
}

// controlRef is the control of the path: its id, or code: and its code.
func (c *call) controlRef() (control.Ref, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return control.Ref{}, err
	}
	if code, ok := strings.CutPrefix(c.r.PathValue("controlId"), "code:"); ok {
		if code == "" {
			return control.Ref{}, fault.New(fault.CodeValidation, "`controlId` in the path is %q; a code stands behind the colon", "code:")
		}
		return control.Ref{WorkspaceID: workspace, Code: code}, nil
	}
	id, err := c.number("controlId")
	return control.Ref{WorkspaceID: workspace, ID: id}, err
}

func (a *api) getControl(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	if _, err := c.paging(bothSorts...); err != nil {
		return answer{}, err
	}
	found, err := a.Controls.Get(c.ctx(), ref)
	if err != nil {
		return answer{}, err
	}
	return a.controlAnswer(c, http.StatusOK, found)
}

// AbsentParts are the properties of a control for which there is nothing that
// they could name.
type AbsentParts struct {
	ReportIDs                []int64      `json:"reportIds,omitempty" doc:"There are no reports yet: must be empty."`
	PolicyIDs                []int64      `json:"policyIds,omitempty" doc:"There are no policies yet: must be empty."`
	CustomFields             []wireObject `json:"customFields,omitempty" doc:"There are no custom fields yet: must be empty."`
	ExternalEvidence         []wireObject `json:"externalEvidence,omitempty" doc:"There is no evidence library yet: must be empty."`
	ExternalEvidenceMetadata []wireObject `json:"externalEvidenceMetadata,omitempty" doc:"There is no evidence library yet: must be empty."`
	Base64Files              []wireObject `json:"base64Files,omitempty" doc:"There is no evidence library yet: must be empty."`
}

// refuse refuses what names a part that is not there.
func (p AbsentParts) refuse() error {
	for _, each := range []struct {
		field, what string
		ids         []int64
	}{{"reportIds", "report", p.ReportIDs}, {"policyIds", "policy", p.PolicyIDs}} {
		if len(each.ids) > 0 {
			return fault.New(fault.CodeValidation, "`%s` (/%s/0) names %s %d, which does not exist", each.field, each.field, each.what, each.ids[0])
		}
	}
	for _, each := range []struct {
		field, what string
		n           int
	}{{"customFields", "a custom field that does not exist", len(p.CustomFields)}, {"externalEvidence", "evidence, which is not kept yet", len(p.ExternalEvidence)},
		{"externalEvidenceMetadata", "evidence, which is not kept yet", len(p.ExternalEvidenceMetadata)}, {"base64Files", "evidence, which is not kept yet", len(p.Base64Files)}} {
		if each.n > 0 {
			return fault.New(fault.CodeValidation, "`%s` (/%s/0) is %s", each.field, each.field, each.what)
		}
	}
	return nil
}

// newControl is what a control is created from (contract section 2.8).
type newControl struct {
	_              struct{} `additionalProperties:"true"`
	Name           string   `json:"name" minLength:"1" maxLength:"191"`
	Description    string   `json:"description" minLength:"1" maxLength:"30000"`
	Code           string   `json:"code" minLength:"1" maxLength:"20" doc:"One in the workspace."`
	Question       *string  `json:"question,omitempty" nullable:"true" maxLength:"768"`
	Activity       *string  `json:"activity,omitempty" nullable:"true" maxLength:"768"`
	RequirementIDs []int64  `json:"requirementIds,omitempty" doc:"Requirements that it serves; each must exist."`
	TestIDs        []int64  `json:"testIds,omitempty" doc:"Tests (testId) that prove it; each must exist."`
	OwnersIDs      []int64  `json:"ownersIds,omitempty" maxItems:"50" doc:"The users who own it; each must exist."`
	AbsentParts
}

func (a *api) createControl(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	if err := c.formBody(controlForm); err != nil {
		return answer{}, err
	}
	body, err := decode[newControl](c)
	if err != nil {
		return answer{}, err
	}
	if err := body.refuse(); err != nil {
		return answer{}, err
	}
	if err := a.knownOwners(c, "ownersIds", body.OwnersIDs); err != nil {
		return answer{}, err
	}
	made, err := a.Controls.Create(c.ctx(), c.actor(), workspace, control.Draft{Code: body.Code, Name: body.Name, Description: body.Description,
		Question: orEmpty(body.Question), Activity: orEmpty(body.Activity), Links: control.Links{Requirements: &body.RequirementIDs, Tests: &body.TestIDs, Owners: &body.OwnersIDs}})
	if err != nil {
		return answer{}, err
	}
	return a.controlAnswer(c, http.StatusCreated, made)
}

// orEmpty is the empty text for nil.
func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// controlChange is what may change of a control; absent properties stay.
type controlChange struct {
	_              struct{} `additionalProperties:"true"`
	Name           *string  `json:"name,omitempty" minLength:"1" maxLength:"191"`
	Description    *string  `json:"description,omitempty" minLength:"1" maxLength:"30000"`
	Code           *string  `json:"code,omitempty" minLength:"1" maxLength:"20"`
	Question       *string  `json:"question,omitempty" nullable:"true" maxLength:"768" doc:"null removes it."`
	Activity       *string  `json:"activity,omitempty" nullable:"true" maxLength:"768" doc:"null removes it."`
	RequirementIDs *[]int64 `json:"requirementIds,omitempty" doc:"Replaces the requirements that it serves."`
	TestIDs        *[]int64 `json:"testIds,omitempty" doc:"Replaces the tests (testId) that prove it."`
	OwnersIDs      *[]int64 `json:"ownersIds,omitempty" maxItems:"50" doc:"Replaces the users who own it."`
	AbsentParts
}

// clearable is the change of a text that null removes.
func (c *call) clearable(property string, v *string) *string {
	if v == nil && sent(c, property, struct{}{}) != nil {
		return new(string)
	}
	return v
}

func (a *api) putControl(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[controlChange](c)
	if err != nil {
		return answer{}, err
	}
	if err := body.refuse(); err != nil {
		return answer{}, err
	}
	if body.OwnersIDs != nil {
		// Who owns a control is a permission of its own.
		if err := c.principal.RequireIn(access.ControlsPutOwners, ref.WorkspaceID); err != nil {
			return answer{}, err
		}
		if err := a.knownOwners(c, "ownersIds", *body.OwnersIDs); err != nil {
			return answer{}, err
		}
	}
	changed, err := a.Controls.Update(c.ctx(), c.actor(), ref, control.Change{Code: body.Code, Name: body.Name, Description: body.Description,
		Question: c.clearable("question", body.Question), Activity: c.clearable("activity", body.Activity),
		Links: control.Links{Requirements: body.RequirementIDs, Tests: body.TestIDs, Owners: body.OwnersIDs}})
	if err != nil {
		return answer{}, err
	}
	return a.controlAnswer(c, http.StatusOK, changed)
}

// controlAction is something to do with a control.
type controlAction struct {
	_         struct{} `additionalProperties:"true"`
	Action    string   `json:"action" enum:"markInScope,markOutOfScope"`
	Rationale string   `json:"rationale,omitempty" maxLength:"191" doc:"Why, for the auditor."`
}

func (a *api) actOnControl(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[controlAction](c)
	if err != nil {
		return answer{}, err
	}
	v, err := a.Controls.Act(c.ctx(), c.actor(), ref, control.Action(body.Action), body.Rationale)
	if err != nil {
		return answer{}, err
	}
	return a.controlAnswer(c, http.StatusOK, v)
}

// controlIDs names controls.
type controlIDs struct {
	_          struct{} `additionalProperties:"true"`
	ControlIDs []int64  `json:"controlIds" minItems:"1" maxItems:"100"`
}

type wireResets struct {
	Results []wireReset `json:"results"`
}

type wireReset struct {
	ControlID int64   `json:"controlId"`
	Success   bool    `json:"success"`
	Error     *string `json:"error"`
}

func (a *api) resetMappings(c *call) (answer, error) {
	body, err := decode[controlIDs](c)
	if err != nil {
		return answer{}, err
	}
	list, err := a.Controls.ResetMappings(c.ctx(), c.actor(), body.ControlIDs)
	if err != nil {
		return answer{}, err
	}
	out := wireResets{Results: make([]wireReset, len(list))}
	for i, each := range list {
		out.Results[i] = wireReset{ControlID: each.ControlID, Success: each.Err == nil}
		if each.Err != nil {
			text := each.Err.Error()
			out.Results[i].Error = &text
		}
	}
	return reply(http.StatusOK, out)
}

type wireComparisons struct {
	Data []wireComparison `json:"data"`
}

type wireComparison struct {
	ControlID int64             `json:"controlId"`
	Code      string            `json:"code"`
	Name      string            `json:"name"`
	IsShipped bool              `json:"isShipped"`
	Current   []wireRequirement `json:"current" doc:"The requirements that it serves."`
	Added     []wireRequirement `json:"added" doc:"Those of them that the shipped content does not map it to."`
	Removed   []wireRequirement `json:"removed" doc:"Those that only the shipped content maps it to."`
}

func (a *api) compareRequirements(c *call) (answer, error) {
	ids, err := c.ids("controlIds[]")
	if err != nil {
		return answer{}, err
	}
	list, err := a.Controls.Compare(c.ctx(), ids)
	if err != nil {
		return answer{}, err
	}
	out := wireComparisons{Data: make([]wireComparison, len(list))}
	for i, v := range list {
		out.Data[i] = wireComparison{ControlID: v.Control.ID, Code: v.Control.Code, Name: v.Control.Name, IsShipped: v.Control.TemplateID != 0,
			Current: requirementViews(v.Current), Added: requirementViews(v.Added), Removed: requirementViews(v.Removed)}
	}
	return reply(http.StatusOK, out)
}

// ids is a repeated query parameter of numeric ids.
func (c *call) ids(name string) ([]int64, error) {
	values := c.all(name)
	if len(values) > control.MaxMapped {
		return nil, fault.New(fault.CodeValidation, "`%s` is given more than %d times", name, control.MaxMapped)
	}
	out := make([]int64, 0, len(values))
	for _, v := range values {
		if v == "" {
			continue
		}
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil || id <= 0 {
			return nil, fault.New(fault.CodeValidation, "`%s` is %q; it must be a number above 0", name, cutText(v, 80))
		}
		out = append(out, id)
	}
	return out, nil
}
