package httpapi

import (
	"net/http"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
)

// wirePosture is how the tests of a workspace stand (ours).
type wirePosture struct {
	Tests       wirePostureTests       `json:"tests"`
	Records     wirePostureRecords     `json:"records"`
	Connections wirePostureConnections `json:"connections"`
	Days        []wirePostureDay       `json:"days" doc:"Today last."`
	Expiring    []wireExclusion        `json:"expiring" doc:"The exclusions that are about to expire, the next one first; at most 500."`
}

type wirePostureTests struct {
	Passed   int `json:"passed"`
	Failed   int `json:"failed"`
	Error    int `json:"error"`
	Ready    int `json:"ready"`
	Disabled int `json:"disabled" doc:"Those of the ready ones that are switched off."`
	Drafts   int `json:"drafts" doc:"Those of the ready ones that were never published."`
}

type wirePostureRecords struct {
	Failing  int64 `json:"failing" doc:"Over all tests: a record that fails two counts twice."`
	Excluded int64 `json:"excluded"`
}

// wirePostureConnections is how many connections are in each state of health.
type wirePostureConnections struct {
	Healthy      int `json:"healthy"`
	Unhealthy    int `json:"unhealthy"`
	Stale        int `json:"stale"`
	NoData       int `json:"noData" doc:"Nothing is known of them yet."`
	Disconnected int `json:"disconnected"`
}

type wirePostureDay struct {
	Date   string `json:"date" format:"date"`
	Passed int    `json:"passed"`
	Failed int    `json:"failed"`
	Error  int    `json:"error"`
	Ready  int    `json:"ready"`
}

func (a *api) getPosture(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	days, err := c.within("days", 1, maxDays, defaultDays)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Checks.Posture(c.ctx(), workspace, int(days))
	if err != nil {
		return answer{}, err
	}
	expiring, err := a.exclusionViews(c, p.Expiring)
	if err != nil {
		return answer{}, err
	}
	connections, err := a.postureOfConnections(c, workspace)
	if err != nil {
		return answer{}, err
	}
	out := wirePosture{Connections: connections, Tests: wirePostureTests{p.Now.Passed, p.Now.Failed, p.Now.Error, p.Now.Ready, p.Disabled, p.Drafts}, Records: wirePostureRecords{p.Failing, p.Excluded},
		Expiring: expiring, Days: make([]wirePostureDay, len(p.Days))}
	for i, d := range p.Days {
		out.Days[i] = wirePostureDay{d.Date.Format(time.DateOnly), d.Passed, d.Failed, d.Error, d.Ready}
	}
	return reply(http.StatusOK, out)
}

func (a *api) postureOfConnections(c *call, workspace int64) (out wirePostureConnections, err error) {
	list, err := a.Connections.All(c.ctx(), connection.Filter{WorkspaceID: workspace}, connection.Look{})
	for _, each := range list {
		health := each.Health(a.Now()).Health
		switch {
		case each.State() == connection.Disconnected:
			out.Disconnected++
		case health == connection.Unhealthy:
			out.Unhealthy++
		case health == connection.Stale:
			out.Stale++
		case health == connection.Healthy:
			out.Healthy++
		default:
			out.NoData++
		}
	}
	return out, err
}
