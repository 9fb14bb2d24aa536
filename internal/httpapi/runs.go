package httpapi

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireRun struct {
	ID         int64        `json:"id"`
	Trigger    string       `json:"trigger" enum:"PUSH,TIME,PUBLISH,MANUAL,SCHEDULE,EXCLUSION" doc:"PUSH and TIME runs tell what one minute of changes, or of moments at which dates flipped, did; the others look at all records."`
	State      string       `json:"state" enum:"RUNNING,DONE,CANCELED"`
	StartedBy  wireActor    `json:"startedBy" doc:"Who started a run by hand, published the version or changed the exclusion."`
	StartedAt  wireTime     `json:"startedAt"`
	FinishedAt maybeTime    `json:"finishedAt"`
	DurationMs *int64       `json:"durationMs"`
	Result     *string      `json:"result" doc:"The test's result at the end."`
	Reason     *string      `json:"reason"`
	Counts     *wireCounts  `json:"counts,omitempty" doc:"The test's counters at the end."`
	Changed    int64        `json:"changed" doc:"How many verdicts of records it changed."`
	Drift      int64        `json:"drift" doc:"How many stored verdicts a full pass found to differ from what they should have been; there must be none."`
	Progress   wireProgress `json:"progress"`
	Evidence   wireEvidence `json:"evidence"`
}

type wireProgress struct {
	Records int64 `json:"records" doc:"How many records are evaluated."`
	Of      int64 `json:"of"`
}

// wireEvidence says what a run looked at.
type wireEvidence struct {
	Version   int64                  `json:"version" doc:"The version of the test's logic."`
	Resources []wireEvidenceResource `json:"resources"`
}

type wireEvidenceResource struct {
	ResourceID    int64   `json:"resourceId"`
	ResourceName  string  `json:"resourceName"`
	SchemaVersion int64   `json:"schemaVersion"`
	FromChange    int64   `json:"fromChange" doc:"The number of the resource's last change when the run began."`
	ToChange      int64   `json:"toChange" doc:"The same at its end; equal numbers mean that the records stood still meanwhile."`
	Records       int64   `json:"records" doc:"How many records were evaluated."`
	Hash          *string `json:"hash" doc:"SHA-256, in hexadecimal, over the SHA-256 of each evaluated record: of its id, a line feed and its JSON text as stored. A PUSH or TIME run that goes on hashes its hash so far with that of the next step."`
}

func (a *api) runViews(ctx context.Context, list ...check.TestRun) ([]wireRun, error) {
	who := make([]author, len(list))
	for i, r := range list {
		who[i] = author{r.KeyID, r.UserID}
	}
	names, err := a.namesOf(ctx, who)
	out := make([]wireRun, len(list))
	for i, r := range list {
		out[i] = runView(r, names.of(who[i]))
	}
	return out, err
}

// runReply answers with one run.
func (a *api) runReply(c *call, r check.TestRun) (answer, error) {
	views, err := a.runViews(c.ctx(), r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

func runView(r check.TestRun, by wireActor) wireRun {
	out := wireRun{StartedBy: by, ID: r.ID, Trigger: string(r.Trigger), State: string(r.State), StartedAt: wireTime(r.StartedAt), FinishedAt: maybeTime(r.FinishedAt),
		Result: orNull(string(r.Result)), Reason: orNull(string(r.Reason)), Changed: r.Changed, Drift: r.Drift,
		Evidence: wireEvidence{Version: r.Version, Resources: make([]wireEvidenceResource, len(r.Parts))}}
	out.Progress.Records, out.Progress.Of = r.Progress()
	if !r.FinishedAt.IsZero() {
		out.DurationMs = ptr(r.FinishedAt.Sub(r.StartedAt).Milliseconds())
	}
	if r.Result != "" {
		out.Counts = ptr(countsView(r.Counts))
	}
	for i, p := range r.Parts {
		e := wireEvidenceResource{ResourceID: p.Resource, ResourceName: p.Name, SchemaVersion: p.SchemaVersion, FromChange: p.FromSeq, ToChange: p.ToSeq, Records: p.Records}
		if p.Done && r.State == check.RunDone {
			e.Hash = ptr(hex.EncodeToString(p.Digest))
		}
		out.Evidence.Resources[i] = e
	}
	return out
}

// choices are the words of a set of named values.
func choices[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

func (a *api) listRuns(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	trigger, err := c.choice("trigger", choices(check.Triggers)...)
	if err != nil {
		return answer{}, err
	}
	state, err := c.choice("state", choices(check.RunStates)...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Checks.Runs(c.ctx(), workspace, number, check.RunFilter{Trigger: check.Trigger(trigger), State: check.RunState(state)}, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.runViews(c.ctx(), p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(page.Page[wireRun]{Items: views, Next: p.Next, Total: p.Total}, func(r wireRun) wireRun { return r }))
}

// runIDs are the ids of a run's path.
func (c *call) runIDs() (workspace, number, id int64, err error) {
	return c.nested("workspaceId", "testId", "runId")
}

func (a *api) getRun(c *call) (answer, error) {
	workspace, number, id, err := c.runIDs()
	if err != nil {
		return answer{}, err
	}
	r, err := a.Checks.Run(c.ctx(), workspace, number, id)
	if err != nil {
		return answer{}, err
	}
	return a.runReply(c, r)
}

// runAction is something to do with a run.
type runAction struct {
	_      struct{} `additionalProperties:"true"`
	Action string   `json:"action" enum:"cancel"`
}

func (a *api) actOnRun(c *call) (answer, error) {
	workspace, number, id, err := c.runIDs()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[runAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "cancel" {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it can only be cancel", cutText(body.Action, 80))
	}
	r, err := a.Checks.CancelRun(c.ctx(), c.actor(), workspace, number, id)
	if err != nil {
		return answer{}, err
	}
	return a.runReply(c, r)
}

type wireHistory struct {
	Data []wireDay `json:"data"`
	Ages []wireAge `json:"ages" doc:"How many findings are open now by the days since they began, those of excluded records left out; the youngest first."`
}

// wireAge is a span of ages of findings.
type wireAge struct {
	FromDays int64  `json:"fromDays" doc:"At least so many days."`
	ToDays   *int64 `json:"toDays" doc:"Less than so many; null in the last span."`
	Findings int64  `json:"findings"`
}

type wireDay struct {
	Date          string   `json:"date" format:"date"`
	Result        string   `json:"result" enum:"READY,PASSED,FAILED,ERROR"`
	Reason        *string  `json:"reason"`
	Passing       int64    `json:"passing"`
	Failing       int64    `json:"failing"`
	Excluded      int64    `json:"excluded"`
	Errors        int64    `json:"errors"`
	OutOfScope    int64    `json:"outOfScope"`
	Satisfying    *int64   `json:"satisfying,omitempty" doc:"Where a number of records is asserted (count): those that satisfy its conditions. No single one of them passes or fails."`
	NotSatisfying *int64   `json:"notSatisfying,omitempty" doc:"Where a number of records is asserted (count): those that do not satisfy its conditions. They are not failing."`
	PassRate      *float64 `json:"passRate" doc:"Passing records of those that are judged, in percent; null when none was."`
}

const (
	defaultDays = 90
	maxDays     = 400
)

func (a *api) getHistory(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	days, err := c.within("days", 1, maxDays, defaultDays)
	if err != nil {
		return answer{}, err
	}
	list, err := a.Checks.History(c.ctx(), workspace, number, int(days))
	if err != nil {
		return answer{}, err
	}
	ages, err := a.Checks.Ages(c.ctx(), workspace, number)
	if err != nil {
		return answer{}, err
	}
	out := wireHistory{Data: make([]wireDay, len(list)), Ages: make([]wireAge, len(ages))}
	for i, age := range ages {
		out.Ages[i] = wireAge{age.From, orNull(age.To), age.Findings}
	}
	for i, d := range list {
		counts := countsView(d.Counts)
		out.Data[i] = wireDay{Date: d.Date.Format(time.DateOnly), Result: string(d.Result), Reason: orNull(string(d.Reason)), Passing: counts.Passing,
			Failing: counts.Failing, Excluded: counts.Excluded, Errors: counts.Errors, OutOfScope: counts.OutOfScope, Satisfying: counts.Satisfying, NotSatisfying: counts.NotSatisfying}
		if rate, ok := d.Counts.PassRate(); ok {
			out.Data[i].PassRate = &rate
		}
	}
	return reply(http.StatusOK, out)
}
