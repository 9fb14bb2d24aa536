package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// previewJob is a path that no pattern of net/http can tell from
// "/{testId}/actions": it is served by one that takes both segments.
const previewJob = v2 + tests + "/preview/{jobId}"

const previewText = "Evaluates logic over all live records, or those of a past moment, and writes nothing. " +
	"Where that takes longer than a second and a half the answer is a sample that says so, and the full count goes on as a job."

// onlyPreview serves what is below "preview" and nothing else.
func (a *api) onlyPreview(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("testId") != "preview" {
			a.noEndpoint(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// previewRequest is logic to be tried.
type previewRequest struct {
	Logic   wireObject `json:"logic" doc:"The rules over records."`
	Against wireObject `json:"against,omitempty" doc:"Other logic, such as that in force: the answer then has a difference. Only over the records of now."`
	AsOf    string     `json:"asOf,omitempty" doc:"A moment (RFC 3339), or a date, which stands for its end in UTC: the records are those of that moment, and so is the time of date operators."`
}

func (r previewRequest) rules() wireObject { return r.Logic }

// trial reads a body whose logic is tried in a workspace.
func trial[T interface{ rules() wireObject }](a *api, c *call) (workspace int64, body T, err error) {
	if workspace, err = c.number("workspaceId"); err != nil {
		return workspace, body, err
	}
	if body, err = decodeKnown[T](c); err != nil {
		return workspace, body, err
	}
	if _, err = a.Access.Workspace(c.ctx(), workspace); err == nil && given(body.rules()) == nil {
		err = fault.New(fault.CodeValidation, "`logic` (/logic) is required: the rules over records").At("/logic")
	}
	return workspace, body, err
}

type wirePreview struct {
	InScope       int64                  `json:"inScope"`
	FilteredOut   int64                  `json:"filteredOut" doc:"Records that the filter keeps out of scope."`
	Passing       int64                  `json:"passing"`
	Failing       int64                  `json:"failing"`
	Errors        int64                  `json:"errors" doc:"Records on which the rule cannot be evaluated."`
	Satisfying    *int64                 `json:"satisfying,omitempty" doc:"Where a number of records is asserted (count): those that satisfy its conditions. No single one of them passes or fails."`
	NotSatisfying *int64                 `json:"notSatisfying,omitempty" doc:"Where a number of records is asserted (count): those that do not satisfy its conditions. They are not failing."`
	Records       int64                  `json:"records" doc:"Those in scope and those filtered out. A record under two groups counts twice."`
	Result        *string                `json:"result" doc:"What the test would say: READY, PASSED, FAILED or ERROR; null in a sample."`
	Reason        *string                `json:"reason"`
	EvaluatedAt   wireTime               `json:"evaluatedAt" doc:"The moment whose records were looked at."`
	Groups        []wirePreviewGroup     `json:"groups"`
	Examples      []wireTried            `json:"examples" doc:"The first 20 failing records."`
	Lint          []wireRemark           `json:"lint" doc:"Conditions that hardly say what was meant."`
	Difference    *wireVerdictDifference `json:"difference,omitempty" doc:"With against: what would change from that logic."`
	Sample        *wireSample            `json:"sample,omitempty" doc:"There when not all records were evaluated: the counts are those of the sample."`
	JobID         *string                `json:"jobId,omitempty" doc:"With a sample: the job that counts all records. Absent when as many jobs run as may."`
}

type wirePreviewGroup struct {
	Name         string     `json:"name"`
	ResourceID   int64      `json:"resourceId"`
	ResourceName string     `json:"resourceName"`
	Counts       wireCounts `json:"counts"`
	Result       *string    `json:"result" doc:"PASSED, FAILED or ERROR; null in a sample."`
	Reason       *string    `json:"reason"`
}

// wireTried is a record that fails logic which is tried out.
type wireTried struct {
	RecordID     string      `json:"recordId"`
	ResourceName string      `json:"resourceName" doc:"What people call the record."`
	Cause        []wireCause `json:"cause" doc:"The conditions that are to blame."`
	CauseText    []string    `json:"causeText" doc:"The same in words."`
	ResourceID   int64       `json:"resourceId"`
	Group        string      `json:"group" doc:"The name of the group that it fails."`
}

type wireRemark struct {
	Pointer  string `json:"pointer" doc:"Where in the logic, as JSON Pointer."`
	Message  string `json:"message"`
	Severity string `json:"severity" enum:"warning,info"`
}

type wireSample struct {
	Records int64  `json:"records" doc:"How many records were evaluated, taken from everywhere."`
	Of      *int64 `json:"of" doc:"How many there are; null where that is not known, as for a past moment."`
}

type wirePreviewJob struct {
	JobID     string       `json:"jobId"`
	State     string       `json:"state" enum:"waiting,running,done,failed"`
	StartedAt wireTime     `json:"startedAt"`
	Records   int64        `json:"records" doc:"How many records were evaluated so far."`
	Of        *int64       `json:"of" doc:"How many there are; null where that is not known."`
	Result    *wirePreview `json:"result,omitempty" doc:"Once it is done."`
	Message   *string      `json:"message" doc:"Why it failed."`
}

func triedView(list []check.Example) []wireTried {
	out := make([]wireTried, len(list))
	for i, e := range list {
		out[i] = wireTried{RecordID: e.RecordID, ResourceName: e.ResourceName, Cause: causesView(e.Cause),
			CauseText: append([]string{}, e.Words...), ResourceID: e.ResourceID, Group: e.Group}
	}
	return out
}

func previewView(p check.Preview) wirePreview {
	c := countsView(p.Counts)
	out := wirePreview{InScope: c.InScope, FilteredOut: c.OutOfScope, Passing: c.Passing, Failing: c.Failing, Errors: c.Errors, Records: c.Records,
		Satisfying: c.Satisfying, NotSatisfying: c.NotSatisfying,
		Result: orNull(string(p.Result)), Reason: orNull(p.Reason), EvaluatedAt: wireTime(p.At), Groups: make([]wirePreviewGroup, len(p.Groups)),
		Examples: triedView(p.Examples), Lint: make([]wireRemark, len(p.Lint)), JobID: orNull(p.JobID)}
	for i, g := range p.Groups {
		out.Groups[i] = wirePreviewGroup{g.Name, g.ResourceID, g.ResourceName, countsView(g.Counts), orNull(string(g.Result)), orNull(string(g.Reason))}
	}
	for i, r := range p.Lint {
		out.Lint[i] = wireRemark{r.Pointer, r.Message, string(r.Severity)}
	}
	if p.Difference != nil {
		out.Difference = verdictDifferenceView(p.Difference)
	}
	if p.Sample != nil {
		out.Sample = &wireSample{p.Sample.Records, orNull(p.Sample.Of)}
	}
	return out
}

func (a *api) previewTest(c *call) (answer, error) {
	workspace, body, err := trial[previewRequest](a, c)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Checks.Preview(c.ctx(), c.actor(), workspace, check.Trial{Logic: body.Logic, AsOf: body.AsOf, Against: given(body.Against)})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, previewView(p))
}

func (a *api) getPreviewJob(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	j, err := a.Checks.PreviewJob(c.actor().Owner(), workspace, c.r.PathValue("jobId"))
	if err != nil {
		return answer{}, err
	}
	out := wirePreviewJob{JobID: j.ID, State: string(j.State), StartedAt: wireTime(j.StartedAt), Records: j.Read, Of: orNull(j.Of)}
	if j.Result != nil {
		view := previewView(*j.Result)
		out.Result = &view
	}
	if j.Err != nil {
		b, _, known := errorOf(j.Err)
		if !known {
			a.Log.ErrorContext(c.ctx(), "the job of a preview failed", "error", j.Err)
		}
		out.Message = &b.Message
	}
	return reply(http.StatusOK, out)
}

func (a *api) cancelPreviewJob(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Checks.CancelPreview(c.actor().Owner(), workspace, c.r.PathValue("jobId"))
}
