package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

// wireTests is a page of tests; the numbers by result are there with
// expand[]=resultCounts.
type wireTests struct {
	Data         []wireTest        `json:"data"`
	Pagination   wirePagination    `json:"pagination"`
	ResultCounts *wireResultCounts `json:"resultCounts,omitempty" doc:"With expand[]=resultCounts: how many tests there are of each result that match the other filters."`
}

type wireResultCounts struct {
	Failed int64 `json:"FAILED"`
	Error  int64 `json:"ERROR"`
	Ready  int64 `json:"READY"`
	Passed int64 `json:"PASSED"`
}

// wireTestResource is a resource that a test looks at.
type wireTestResource struct {
	ID             int64     `json:"id"`
	Name           string    `json:"name"`
	ConnectionID   int64     `json:"connectionId"`
	ConnectionName string    `json:"connectionName"`
	ProviderTypes  []string  `json:"providerTypes"`
	FreshnessHours *int64    `json:"freshnessHours"`
	FreshAt        maybeTime `json:"freshAt" doc:"When its data was last confirmed; null when it never had any."`
	IsStale        bool      `json:"isStale" doc:"Its data is older than its limit."`
}

type wireTestGroup struct {
	Name              string     `json:"name"`
	ResourceID        int64      `json:"resourceId"`
	ResourceName      string     `json:"resourceName"`
	ConnectionID      int64      `json:"connectionId"`
	CheckResultStatus string     `json:"checkResultStatus" enum:"READY,PASSED,FAILED,ERROR"`
	ResultReason      *string    `json:"resultReason"`
	Counts            wireCounts `json:"counts"`
	MissingProperties []string   `json:"missingProperties" doc:"Properties that the rule names and the schema lost since the version was published."`
	StaleResources    []wireAged `json:"staleResources" doc:"What it looks at whose data is older than its limit."`
}

// wireAged is a resource with stale data.
type wireAged struct {
	ResourceID     int64     `json:"resourceId"`
	ResourceName   string    `json:"resourceName"`
	ConnectionID   int64     `json:"connectionId"`
	FreshAt        maybeTime `json:"freshAt"`
	FreshnessHours *int64    `json:"freshnessHours"`
}

// wirePlan says when something by schedule happens.
type wirePlan struct {
	Schedule string     `json:"schedule" doc:"A cron expression of five fields in UTC."`
	Words    string     `json:"words"`
	Next     []wireTime `json:"next" doc:"Its next moments."`
}

var providerWords = choices(connection.ProviderTypes)

// testParts are what lists and single tests show beside the test itself.
type testParts struct {
	controls map[int64][]control.Control
	sources  map[int64][]check.Source
}

// testParts reads the parts of tests that are asked for.
func (a *api) testParts(c *call, workspaceID int64, list ...check.Test) (parts testParts, err error) {
	if c.expands("controls") {
		ids := make([]int64, len(list))
		for i, t := range list {
			ids[i] = t.ID
		}
		if parts.controls, err = a.Controls.OfTests(c.ctx(), ids); err != nil {
			return parts, err
		}
	}
	if c.expands("resources") {
		parts.sources, err = a.Checks.Sources(c.ctx(), workspaceID, list)
	}
	return parts, err
}

func sourceView(x check.Source, now time.Time) wireTestResource {
	return wireTestResource{ID: x.ResourceID, Name: x.Resource, ConnectionID: x.ConnectionID, ConnectionName: x.Connection, ProviderTypes: choices(x.ProviderTypes),
		FreshnessHours: x.FreshnessHours, FreshAt: maybeTime(x.FreshAt), IsStale: x.Stale(now)}
}

// closer adds what only one test by itself shows.
func (a *api) closer(c *call, t check.Test, view *wireTest) error {
	if c.expands("groups") {
		standings, err := a.Checks.Standings(c.ctx(), t)
		if err != nil {
			return err
		}
		list := make([]wireTestGroup, len(standings))
		for i, s := range standings {
			list[i] = standingView(s)
		}
		view.Groups = &list
	}
	if c.expands("words") {
		inForce, draft, err := a.Checks.Words(c.ctx(), t)
		if err != nil {
			return err
		}
		view.Words, view.DraftWords = saidLogicView(inForce), saidLogicView(draft)
	}
	if c.expands("plan") {
		plan, err := a.Checks.Plan(t.Cron())
		if err != nil {
			return err
		}
		view.Plan = ptr(planView(plan))
	}
	return nil
}

func standingView(s check.Standing) wireTestGroup {
	out := wireTestGroup{Name: s.Group.Name, ResourceID: s.Group.Resource.ID, ResourceName: s.Group.Resource.Name, ConnectionID: s.Group.Resource.ConnectionID,
		CheckResultStatus: string(s.Verdict), ResultReason: orNull(s.Reason), Counts: countsView(s.Group.Told()),
		MissingProperties: append([]string{}, s.Missing...), StaleResources: make([]wireAged, len(s.Stale))}
	for i, r := range s.Stale {
		out.StaleResources[i] = wireAged{r.ID, r.Name, r.ConnectionID, maybeTime(r.FreshAt), r.FreshnessHours}
	}
	return out
}

func planView(p check.Plan) wirePlan {
	out := wirePlan{Schedule: p.Expression, Words: p.Words, Next: make([]wireTime, len(p.Next))}
	for i, at := range p.Next {
		out.Next[i] = wireTime(at)
	}
	return out
}

func (a *api) testList(c *call, workspaceID int64, l check.Listing) (answer, error) {
	parts, err := a.testParts(c, workspaceID, l.Items...)
	if err != nil {
		return answer{}, err
	}
	list := listOf(l.Page, func(t check.Test) wireTest { return a.testView(c, t, parts) })
	out := wireTests{Data: list.Data, Pagination: list.Pagination}
	if l.By != nil && c.expands("resultCounts") {
		out.ResultCounts = &wireResultCounts{l.By[rule.VerdictFailed], l.By[rule.VerdictError], l.By[rule.VerdictReady], l.By[rule.VerdictPassed]}
	}
	return reply(http.StatusOK, out)
}

// maxSearch is the longest text that a list is searched for, in bytes.
const maxSearch = 400

// searchText reads what a list is searched for.
func (c *call) searchText() (string, error) {
	text, err := c.text("q")
	if err != nil {
		return "", err
	}
	if len(text) > maxSearch {
		return "", fault.New(fault.CodeValidation, "`q` may have at most %d bytes", maxSearch)
	}
	return strings.TrimSpace(text), nil
}

func (a *api) getSchedulePlan(c *call) (answer, error) {
	text, err := c.text("schedule")
	if err != nil {
		return answer{}, err
	}
	plan, err := a.Checks.Plan(text)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, planView(plan))
}
