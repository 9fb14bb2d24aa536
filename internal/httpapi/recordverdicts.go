package httpapi

import (
	"net/http"
	"strconv"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wireRecordVerdicts is what tests say of a record now, and a page of the times in
// which it failed one.
type wireRecordVerdicts struct {
	Verdicts   []wireRecordVerdict `json:"verdicts" doc:"What the tests in force say of the record now."`
	Data       []wireInterval      `json:"data" doc:"The times in which it failed a test."`
	Pagination wirePagination      `json:"pagination"`
}

type wireRecordVerdict struct {
	WorkspaceID int64     `json:"workspaceId"`
	TestID      int64     `json:"testId"`
	TestName    string    `json:"testName"`
	Group       string    `json:"group"`
	Version     int64     `json:"version"`
	State       string    `json:"state" enum:"pass,fail,error,satisfied,notSatisfied,outOfScope,notEvaluated" doc:"satisfied and notSatisfied: where a number of records is asserted (count), which no single record passes or fails."`
	IsExcluded  bool      `json:"isExcluded" doc:"It counts nowhere, whatever the state."`
	Problem     *string   `json:"problem" doc:"Why the group as a whole has no verdict, such as SCHEMA_DRIFT; the state is then the last one that it had."`
	Since       maybeTime `json:"since" doc:"Since when it fails, or no longer fails; null if it never failed."`
}

type wireInterval struct {
	ID          string    `json:"id" doc:"That of the finding."`
	WorkspaceID int64     `json:"workspaceId"`
	TestID      int64     `json:"testId"`
	TestName    string    `json:"testName"`
	Group       string    `json:"group"`
	Version     int64     `json:"version" doc:"The last version that it failed."`
	OpenedAt    wireTime  `json:"openedAt"`
	ClosedAt    maybeTime `json:"closedAt" doc:"null while it fails."`
	CloseReason *string   `json:"closeReason" doc:"Why it ended: fixed, record deleted, out of scope, test changed, test disabled or test deleted."`
}

func (a *api) listRecordVerdicts(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	if _, err := a.Connections.Resource(c.ctx(), t.ConnectionID, t.ResourceID); err != nil {
		return answer{}, err
	}
	now, p, err := a.Checks.RecordVerdicts(c.ctx(), t.ResourceID, c.r.PathValue("recordId"), r)
	if err != nil {
		return answer{}, err
	}
	l := listOf(p, func(i check.Interval) wireInterval {
		return wireInterval{strconv.FormatInt(i.ID, 10), i.WorkspaceID, i.Test, i.TestName, i.Group, i.Version, wireTime(i.OpenedAt), maybeTime(i.ClosedAt), orNull(string(i.Why))}
	})
	out := wireRecordVerdicts{Verdicts: make([]wireRecordVerdict, len(now)), Data: l.Data, Pagination: l.Pagination}
	for i, v := range now {
		state := stateWords[v.State]
		if state == "" {
			state = "notEvaluated"
		}
		out.Verdicts[i] = wireRecordVerdict{v.WorkspaceID, v.Test, v.TestName, v.Group, v.Version, state, v.Excluded, orNull(string(v.Problem)), maybeTime(v.Since)}
	}
	return reply(http.StatusOK, out)
}
