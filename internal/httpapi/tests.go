package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

type wireTest struct {
	ID                int64               `json:"id"`
	TestID            int64               `json:"testId" doc:"The test's number in its workspace, as in the path."`
	Name              string              `json:"name"`
	Description       string              `json:"description"`
	CheckResultStatus string              `json:"checkResultStatus" enum:"READY,PASSED,FAILED,ERROR,PREAUDIT"`
	ResultReason      *string             `json:"resultReason" doc:"Why, such as NO_DATA, STALE, SCHEMA_DRIFT, RULE_ERROR or NOT_RUN."`
	CheckStatus       string              `json:"checkStatus" enum:"UNUSED,NEW,ENABLED,DISABLED,TESTING"`
	DisabledReason    *string             `json:"disabledReason"`
	TestSource        string              `json:"testSource" enum:"DRATA,CUSTOM,EXTERNAL,ACORN,DRATA_LIBRARY"`
	CreatedAt         wireTime            `json:"createdAt"`
	UpdatedAt         wireTime            `json:"updatedAt"`
	LastPassedAt      maybeTime           `json:"lastPassedAt"`
	FailedSince       maybeTime           `json:"failedSince"`
	ResultSince       maybeTime           `json:"resultSince" doc:"Since when the test has its result."`
	Schedule          string              `json:"schedule" doc:"When a full pass verifies every verdict: a cron expression in UTC."`
	NextRunAt         maybeTime           `json:"nextRunAt" doc:"When it does so next."`
	LastCheckAt       maybeTime           `json:"lastCheckAt"`
	Counts            wireCounts          `json:"counts"`
	Version           *int64              `json:"version" doc:"The version in force; null before the first is published."`
	Revision          int64               `json:"revision" doc:"The ETag of the test, for If-Match."`
	HasDraft          bool                `json:"hasDraft"`
	IsBuilding        bool                `json:"isBuilding" doc:"A version or a run is evaluated over all records; its result is not in force yet."`
	DraftRun          *wireDraftRun       `json:"draftRun,omitempty" doc:"The result of the last run of the draft. It counts for nothing."`
	MonitorInstances  *[]wireInstance     `json:"monitorInstances,omitempty" doc:"With expand[]=monitorInstances."`
	Controls          *[]wireTestControl  `json:"controls,omitempty" doc:"With expand[]=controls."`
	Resources         *[]wireTestResource `json:"resources,omitempty" doc:"With expand[]=resources: what it looks at, or its draft."`
	Groups            *[]wireTestGroup    `json:"groups,omitempty" doc:"With expand[]=groups: what each group in force says, and what is in its way."`
	Plan              *wirePlan           `json:"plan,omitempty" doc:"With expand[]=plan: the schedule in words, and its next moments."`
	DisabledByUser    *wireUser           `json:"disabledByUser,omitempty" doc:"With expand[]=disablingUser, when a person disabled it."`
	Logic             json.RawMessage     `json:"logic,omitempty" doc:"With expand[]=logic: the published logic, else the draft."`
	DraftLogic        json.RawMessage     `json:"draftLogic,omitempty" doc:"With expand[]=logic, when there is a draft."`
	Words             *wireSaidLogic      `json:"words,omitempty" doc:"With expand[]=words: the published logic in sentences, else the draft. One test by itself only."`
	DraftWords        *wireSaidLogic      `json:"draftWords,omitempty" doc:"With expand[]=words, when there is a draft."`
}

type wireCounts struct {
	Records       int64  `json:"records"`
	InScope       int64  `json:"inScope"`
	Passing       int64  `json:"passing"`
	Failing       int64  `json:"failing"`
	Errors        int64  `json:"errors" doc:"Records on which the rule cannot be evaluated."`
	OutOfScope    int64  `json:"outOfScope"`
	Excluded      int64  `json:"excluded" doc:"In scope, but counted nowhere else."`
	Satisfying    *int64 `json:"satisfying,omitempty" doc:"Where a number of records is asserted (count): those that satisfy its conditions. No single one of them passes or fails."`
	NotSatisfying *int64 `json:"notSatisfying,omitempty" doc:"Where a number of records is asserted (count): those that do not satisfy its conditions. They are not failing."`
}

// satisfyingView are the records of which a number is asserted, if it is.
func satisfyingView(c check.Counts) (satisfying, not *int64) {
	if !c.Counting {
		return nil, nil
	}
	return &c.Satisfying, &c.NotSatisfying
}

type wireInstance struct {
	ID                    int64    `json:"id"`
	CheckResultStatus     string   `json:"checkResultStatus" enum:"READY,PASSED,FAILED,ERROR,PREAUDIT"`
	CollectionDescription *string  `json:"collectionDescription"`
	CreatedAt             wireTime `json:"createdAt"`
	UpdatedAt             wireTime `json:"updatedAt"`
	CheckTypes            []string `json:"checkTypes"`
}

// wireTestControl is what a test shows of a control (contract section 2.5).
type wireTestControl struct {
	ID          int64    `json:"id"`
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	Description *string  `json:"description"`
	IsReady     bool     `json:"isReady"`
	CreatedAt   wireTime `json:"createdAt"`
	UpdatedAt   wireTime `json:"updatedAt"`
}

type wireDraftRun struct {
	Version  int64         `json:"version"`
	RunAt    wireTime      `json:"runAt"`
	Result   string        `json:"result" enum:"READY,PASSED,FAILED,ERROR"`
	Reason   *string       `json:"reason"`
	Counts   wireCounts    `json:"counts"`
	Examples []wireExample `json:"examples" doc:"The first failing records."`
}

type wireExample struct {
	RecordID     string      `json:"recordId"`
	ResourceName string      `json:"resourceName"`
	Cause        []wireCause `json:"cause"`
}

func countsView(c check.Counts) wireCounts {
	out := wireCounts{Records: c.OutOfScope + c.InScope() + c.Excluded, InScope: c.InScope(), Passing: c.Passing, Failing: c.Failing,
		Errors: c.Errors, OutOfScope: c.OutOfScope, Excluded: c.Excluded}
	out.Satisfying, out.NotSatisfying = satisfyingView(c)
	return out
}

const customSource = "CUSTOM"

func (a *api) testView(c *call, t check.Test, parts testParts) wireTest {
	verdict, reason := t.Current(a.Now())
	out := wireTest{ID: t.ID, TestID: t.Number, Name: t.Name, Description: t.Description, CheckResultStatus: string(verdict),
		ResultReason: orNull(reason), CheckStatus: string(t.Status()), DisabledReason: orNull(t.DisabledReason), TestSource: customSource,
		CreatedAt: wireTime(t.CreatedAt), UpdatedAt: wireTime(t.UpdatedAt), LastPassedAt: maybeTime(t.LastPassed()),
		FailedSince: maybeTime(t.FailedSince), LastCheckAt: maybeTime(t.LastCheck()), Counts: countsView(t.Totals()),
		ResultSince: maybeTime(t.Since(a.Now())), Schedule: t.Cron(), NextRunAt: maybeTime(t.NextRun()),
		Revision: t.Revision, HasDraft: t.Draft != nil, IsBuilding: t.Building}
	if t.Published != nil {
		out.Version = &t.Published.Number
	}
	if d := t.DraftRun; d != nil {
		run := wireDraftRun{Version: d.Version, RunAt: wireTime(d.RunAt), Result: string(d.Result), Reason: orNull(string(d.Reason)),
			Counts: countsView(d.Counts), Examples: make([]wireExample, len(d.Examples))}
		for i, e := range d.Examples {
			run.Examples[i] = wireExample{e.RecordID, e.ResourceName, causesView(e.Cause)}
		}
		out.DraftRun = &run
	}
	if c.expands("monitorInstances") {
		out.MonitorInstances = &[]wireInstance{{ID: t.ID, CheckResultStatus: string(verdict), CollectionDescription: orNull(t.Description),
			CreatedAt: wireTime(t.CreatedAt), UpdatedAt: wireTime(t.UpdatedAt), CheckTypes: []string{customSource}}}
	}
	if c.expands("controls") {
		list := make([]wireTestControl, len(parts.controls[t.ID]))
		for i, v := range parts.controls[t.ID] {
			list[i] = wireTestControl{ID: v.ID, Code: v.Code, Name: v.Name, Description: orNull(v.Description), IsReady: v.Standing.Ready(),
				CreatedAt: wireTime(v.CreatedAt), UpdatedAt: wireTime(v.UpdatedAt)}
		}
		out.Controls = &list
	}
	if c.expands("resources") {
		list := make([]wireTestResource, len(parts.sources[t.ID]))
		for i, x := range parts.sources[t.ID] {
			list[i] = sourceView(x, a.Now())
		}
		out.Resources = &list
	}
	if c.expands("logic") {
		if t.Draft != nil {
			out.Logic, out.DraftLogic = t.Draft.Logic, t.Draft.Logic
		}
		if t.Published != nil {
			out.Logic = t.Published.Logic
		}
	}
	return out
}

// testAnswer is a reply with one test and its ETag.
func (a *api) testAnswer(c *call, status int, t check.Test) (answer, error) {
	parts, err := a.testParts(c, t.WorkspaceID, t)
	if err != nil {
		return answer{}, err
	}
	view := a.testView(c, t, parts)
	if err := a.closer(c, t, &view); err != nil {
		return answer{}, err
	}
	ans, err := reply(status, view)
	ans.set("ETag", `"`+strconv.FormatInt(t.Revision, 10)+`"`)
	return ans, err
}

var (
	resultWords = []string{"READY", "PASSED", "FAILED", "ERROR", "PREAUDIT"}
	statusWords = []string{"UNUSED", "NEW", "ENABLED", "DISABLED", "TESTING"}
	typeWords   = []string{"POLICY", "IN_DRATA", "AGENT", "INFRASTRUCTURE", "VERSION_CONTROL", "IDENTITY", "TICKETING", "HRIS", "OBSERVABILITY", customSource}
	sourceWords = []string{"DRATA", customSource, "EXTERNAL", "ACORN", "DRATA_LIBRARY"}
)

func (a *api) listTests(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(check.TestSorts...)
	if err != nil {
		return answer{}, err
	}
	f, none, err := c.testFilter()
	if err != nil {
		return answer{}, err
	}
	if none {
		// All our tests are custom ones: a filter for others finds none.
		if _, err := a.Access.Workspace(c.ctx(), workspace); err != nil {
			return answer{}, err
		}
		return a.testList(c, workspace, check.Listing{By: check.ResultCounts{}})
	}
	var l check.Listing
	if c.expands("resultCounts") {
		l, err = a.Checks.ListCounted(c.ctx(), workspace, f, r)
	} else {
		l.Page, err = a.Checks.List(c.ctx(), workspace, f, r)
	}
	if err != nil {
		return answer{}, err
	}
	return a.testList(c, workspace, l)
}

// testFilter reads the filters of the list; none means that no test can match.
func (c *call) testFilter() (f check.Filter, none bool, err error) {
	var result, status, kind, source, stage, provider string
	for _, each := range []struct {
		name  string
		words []string
		to    *string
	}{{"checkResultStatus", resultWords, &result}, {"checkStatus", statusWords, &status}, {"type", typeWords, &kind}, {"testSource", sourceWords, &source},
		{"stage", choices(check.Stages), &stage}, {"providerType", providerWords, &provider}} {
		if *each.to, err = c.choice(each.name, each.words...); err != nil {
			return f, false, err
		}
	}
	f = check.Filter{Result: rule.Verdict(result), Status: check.Status(status), Stage: check.Stage(stage), ProviderType: connection.ProviderType(provider)}
	for _, each := range []struct {
		name string
		to   *int64
	}{{"resourceId", &f.ResourceID}, {"connectionId", &f.ConnectionID}, {"controlId", &f.ControlID}} {
		if *each.to, _, err = c.idOrNull(each.name); err != nil {
			return f, false, err
		}
	}
	if f.Text, err = c.searchText(); err != nil {
		return f, false, err
	}
	if f.Owners, err = c.ownerIDs(); err != nil {
		return f, false, err
	}
	return f, kind != "" && kind != customSource || source != "" && source != customSource, nil
}

// newTest is what a test is created from.
type newTest struct {
	_           struct{}   `additionalProperties:"true"`
	Name        string     `json:"name" minLength:"1" maxLength:"191"`
	Description string     `json:"description,omitempty" maxLength:"30000"`
	Logic       wireObject `json:"logic" doc:"The rules over records."`
	Publish     bool       `json:"publish,omitempty" doc:"Put it into force at once; else it is a draft."`
	Note        string     `json:"note,omitempty" maxLength:"2000" doc:"Why, for the history."`
	ControlIDs  []int64    `json:"controlIds,omitempty" doc:"Controls that the test proves; each must exist."`
}

func (a *api) createTest(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waits()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newTest](c)
	if err != nil {
		return answer{}, err
	}
	if _, err := a.Access.Workspace(c.ctx(), workspace); err != nil {
		return answer{}, err
	}
	if given(body.Logic) == nil {
		return answer{}, fault.New(fault.CodeValidation, "`logic` (/logic) is required: the rules over records")
	}
	t, err := a.Checks.Create(c.ctx(), c.actor(), workspace, check.Draft{Name: body.Name, Description: body.Description,
		Logic: body.Logic, Publish: body.Publish, Note: body.Note, ControlIDs: body.ControlIDs})
	if err != nil {
		return answer{}, err
	}
	return a.settledTest(c, wait, http.StatusCreated, t)
}

func (a *api) getTest(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	if _, err := c.paging(bothSorts...); err != nil {
		return answer{}, err
	}
	t, err := a.Checks.Get(c.ctx(), workspace, number)
	if err != nil {
		return answer{}, err
	}
	return a.testAnswer(c, http.StatusOK, t)
}

// testChange is what may change of a test; absent properties stay.
type testChange struct {
	_           struct{}   `additionalProperties:"true"`
	Name        *string    `json:"name,omitempty" maxLength:"191"`
	Enabled     *bool      `json:"enabled,omitempty"`
	Description *string    `json:"description,omitempty" nullable:"true" maxLength:"30000"`
	Logic       wireObject `json:"logic,omitempty" doc:"Replaces the draft; publish it with an action."`
	Schedule    *string    `json:"schedule,omitempty" nullable:"true" maxLength:"120" doc:"When a full pass verifies the test: a cron expression of five fields in UTC; null for every day at 02:00."`
	ControlIDs  *[]int64   `json:"controlIds,omitempty" doc:"Replaces the controls that the test proves; each must exist."`
}

func (a *api) putTest(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	revision, err := c.ifMatch()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[testChange](c)
	if err != nil {
		return answer{}, err
	}
	change := check.Change{Name: body.Name, Description: body.Description, Enabled: body.Enabled, Logic: given(body.Logic), ControlIDs: body.ControlIDs, Revision: revision}
	if change.Description == nil && sent(c, "description", struct{}{}) != nil {
		change.Description = new(string)
	}
	if change.Schedule = body.Schedule; change.Schedule == nil && sent(c, "schedule", struct{}{}) != nil {
		change.Schedule = new(string)
	}
	t, err := a.Checks.Update(c.ctx(), c.actor(), workspace, number, change)
	if err != nil {
		return answer{}, err
	}
	return a.testAnswer(c, http.StatusOK, t)
}

// ifMatch is the revision that the caller saw, nil when he does not say.
func (c *call) ifMatch() (*int64, error) {
	text := strings.TrimSpace(c.r.Header.Get("If-Match"))
	if text == "" || text == "*" {
		return nil, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(text, "W/"), `"`), 10, 64)
	if err != nil {
		return nil, fault.New(fault.CodeValidation, "`If-Match` is %q; it must be the ETag of the test", cutText(text, 80))
	}
	return &n, nil
}

// testAction is something to do with a test.
type testAction struct {
	_      struct{} `additionalProperties:"true"`
	Action string   `json:"action" enum:"run,runDraft,publish,discardDraft,enable,disable,delete"`
	Note   string   `json:"note,omitempty" maxLength:"2000" doc:"Why, for the history."`
}

func (a *api) actOnTest(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waits()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[testAction](c)
	if err != nil {
		return answer{}, err
	}
	action, err := check.ParseAction(body.Action)
	if err != nil {
		return answer{}, err
	}
	revision, err := c.ifMatch()
	if err != nil {
		return answer{}, err
	}
	t, err := a.Checks.ActOn(c.ctx(), c.actor(), workspace, number, revision, action, body.Note)
	if err != nil {
		return answer{}, err
	}
	if action == check.Delete {
		return a.testAnswer(c, http.StatusOK, t)
	}
	return a.settledTest(c, wait, http.StatusOK, t)
}

// settledTest answers with a test, after its verdict is in if that was asked.
func (a *api) settledTest(c *call, wait wait, status int, t check.Test) (answer, error) {
	if !wait.asked {
		return a.testAnswer(c, status, t)
	}
	waited, err := wait.until(c, answer{}, func(ctx context.Context) (check.Waited, error) {
		return a.Waiter.WaitTest(ctx, t.WorkspaceID, t.Number)
	})
	if err != nil {
		return answer{}, err
	}
	if t, err = a.Checks.Get(c.ctx(), t.WorkspaceID, t.Number); err != nil {
		return answer{}, err
	}
	ans, err := a.testAnswer(c, status, t)
	ans.header = append(ans.header, waited.header...)
	return ans, err
}
