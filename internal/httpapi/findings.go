package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

type wireFinding struct {
	ID                   string      `json:"id"`
	ProviderName         string      `json:"providerName" doc:"The connection's name."`
	ResourceName         string      `json:"resourceName" doc:"What people call the record."`
	AccountName          *string     `json:"accountName"`
	ClientID             *string     `json:"clientId"`
	ResourceArn          *string     `json:"resourceArn"`
	OrganizationalUnitID *string     `json:"organizationalUnitId"`
	Region               *string     `json:"region"`
	RecordID             *string     `json:"recordId" doc:"null when the finding is about the set of records."`
	ConnectionID         int64       `json:"connectionId"`
	ResourceID           int64       `json:"resourceId"`
	FailedSince          maybeTime   `json:"failedSince"`
	Cause                []wireCause `json:"cause" doc:"The conditions that are to blame."`
	CauseText            []string    `json:"causeText" doc:"The same in words."`
	Tags                 *wireTags   `json:"tags,omitempty" doc:"With expand[]=tags."`
	IsExcluded           *bool       `json:"isExcluded,omitempty" doc:"With includeExclusions: it does not count."`
	ExclusionID          *int64      `json:"exclusionId,omitempty" doc:"With includeExclusions: an exclusion that covers it."`
	ExclusionReason      *string     `json:"exclusionReason,omitempty" doc:"With includeExclusions: the reason of that one."`
	TestID               *int64      `json:"testId,omitempty" doc:"In the list over all tests."`
	TestName             *string     `json:"testName,omitempty" doc:"In the list over all tests."`
}

// wireTags are the labels of a record in its own system; there are none yet.
type wireTags struct {
	_ struct{} `additionalProperties:"true"`
}

type wireCause struct {
	Fact       string          `json:"fact"`
	Path       *string         `json:"path"`
	Operator   string          `json:"operator"`
	Value      json.RawMessage `json:"value" doc:"What the condition asks for."`
	ValueFact  string          `json:"valueFact,omitempty" doc:"The property that the value was taken from."`
	FactResult json.RawMessage `json:"factResult,omitempty" doc:"What the record has; absent when it has no such value."`
	Result     bool            `json:"result"`
	Reason     *string         `json:"reason" doc:"Why the condition cannot be true on such a value."`
}

func causesView(causes []rule.Cause) []wireCause {
	out := make([]wireCause, len(causes))
	for i, c := range causes {
		if c.Expected == nil {
			c.Expected = json.RawMessage("null")
		}
		out[i] = wireCause{Fact: c.Fact, Path: orNull(c.Path), Operator: c.Operator, Value: c.Expected, ValueFact: c.ValueFact,
			FactResult: c.Actual, Result: c.Result, Reason: orNull(c.Reason)}
	}
	return out
}

// wireFindings is a page of findings (contract section 2.5).
type wireFindings struct {
	Data       []wireFinding  `json:"data"`
	Pagination wirePagination `json:"pagination"`
	LastCheck  maybeTime      `json:"lastCheck"`
}

func findingView(c *call, f check.Finding) wireFinding {
	out := wireFinding{ID: strconv.FormatInt(f.ID, 10), ProviderName: f.Connection, ResourceName: f.DisplayName(), RecordID: orNull(f.Key),
		ConnectionID: f.ConnectionID, FailedSince: maybeTime(f.OpenedAt), Cause: causesView(f.Cause), CauseText: append([]string{}, f.Words...)}
	if f.ID == 0 {
		// A passing record has no finding; group and record name it.
		out.ID = strconv.FormatInt(f.GroupID, 10) + "-" + strconv.FormatInt(f.RecordID, 10)
	}
	if f.Group != nil {
		out.ResourceID = f.Group.Resource.ID
	}
	if c.expands("tags") {
		out.Tags = &wireTags{}
	}
	return out
}

type findingList func(ctx context.Context, workspaceID, number int64, r page.Request) (page.Page[check.Finding], check.Test, error)

func (a *api) listFailures(c *call) (answer, error) {
	excluded, err := c.boolean("includeExclusions")
	if err != nil {
		return answer{}, err
	}
	at, err := check.ParseMoment(c.query("asOf"), a.Now())
	if err != nil {
		return answer{}, err
	}
	text, err := c.searchText()
	if err != nil {
		return answer{}, err
	}
	if text != "" && !at.IsZero() {
		return answer{}, fault.New(fault.CodeValidation, "`q` cannot be used with `asOf`: records are searched as they are now")
	}
	view := func(f check.Finding) wireFinding {
		out := findingView(c, f)
		if excluded {
			out.IsExcluded = &f.Excluded
			out.ExclusionID, out.ExclusionReason = orNull(f.Exclusion.ID), orNull(f.Exclusion.Reason)
		}
		return out
	}
	if !at.IsZero() {
		return listFindings(c, func(ctx context.Context, workspaceID, number int64, r page.Request) (page.Page[check.Finding], check.Test, error) {
			p, _, err := a.Checks.FailuresAsOf(ctx, workspaceID, number, at, excluded, r)
			// When the records were last looked at says nothing of then.
			return p, check.Test{}, err
		}, view)
	}
	return listFindings(c, func(ctx context.Context, workspaceID, number int64, r page.Request) (page.Page[check.Finding], check.Test, error) {
		return a.Checks.SearchFailures(ctx, workspaceID, number, excluded, text, r)
	}, view)
}

func (a *api) listPasses(c *call) (answer, error) {
	text, err := c.searchText()
	if err != nil {
		return answer{}, err
	}
	return listFindings(c, func(ctx context.Context, workspaceID, number int64, r page.Request) (page.Page[check.Finding], check.Test, error) {
		return a.Checks.SearchPasses(ctx, workspaceID, number, text, r)
	}, func(f check.Finding) wireFinding { return findingView(c, f) })
}

func (a *api) listErrors(c *call) (answer, error) {
	text, err := c.searchText()
	if err != nil {
		return answer{}, err
	}
	return listFindings(c, func(ctx context.Context, workspaceID, number int64, r page.Request) (page.Page[check.Finding], check.Test, error) {
		return a.Checks.Faulty(ctx, workspaceID, number, text, r)
	}, func(f check.Finding) wireFinding { return findingView(c, f) })
}

// findingSorts are the orders of the list over all tests; a finding is created
// when it is opened.
var findingSorts = []page.Sort{check.ByOpened, page.CreatedAt}

func (a *api) listAllFailures(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(findingSorts...)
	if err != nil {
		return answer{}, err
	}
	if _, err := a.Access.Workspace(c.ctx(), workspace); err != nil {
		return answer{}, err
	}
	p, err := a.Checks.AllFailures(c.ctx(), workspace, r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(f check.TestFinding) wireFinding {
		out := findingView(c, f.Finding)
		out.TestID, out.TestName = &f.Test.Number, &f.Test.Name
		return out
	}))
}

func listFindings(c *call, list findingList, view func(check.Finding) wireFinding) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	p, t, err := list(c.ctx(), workspace, number, r)
	if err != nil {
		return answer{}, err
	}
	l := listOf(p, view)
	return reply(http.StatusOK, wireFindings{l.Data, l.Pagination, maybeTime(t.LastCheck())})
}
