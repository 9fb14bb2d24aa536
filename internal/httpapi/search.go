package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/search"
)

const searchText = "By the beginning of a name, a code or an id, or by words in a name; at most 8 hits of a kind, the best first. " +
	"Only kinds that the caller may read are searched. Records are found by the beginning of their id (as it is spelt) in the 200 resources that were fed last, " +
	"and by their display name among some 2,000 of the newest ones. Of tests, controls, requirements and the like all are searched."

// kindScopes say which scope lets somebody find a kind.
var kindScopes = map[search.Kind]access.Scope{
	search.Connection: access.ConnectionsGet, search.Resource: access.ConnectionsGet, search.Record: access.ConnectionsGet,
	search.Test: access.MonitorsGet, search.Exclusion: access.MonitorsGet, search.Control: access.ControlsGet,
	search.Framework: access.FrameworksGet, search.Requirement: access.RequirementsGet, search.Person: access.PersonnelGet, search.Device: access.DevicesGet, search.Asset: access.AssetsGet,
}

type wireHits struct {
	Data []wireHit `json:"data"`
}

type wireHit struct {
	Kind         string `json:"kind" enum:"test,control,requirement,framework,connection,resource,record,exclusion,person,device,asset"`
	ID           int64  `json:"id,omitempty" doc:"Absent for a record, which has recordId."`
	RecordID     string `json:"recordId,omitempty"`
	Code         string `json:"code,omitempty" doc:"Of a person the address, of a device its serial number, of an asset its external id."`
	Title        string `json:"title" doc:"What people call it."`
	Detail       string `json:"detail,omitempty" doc:"What it belongs to, or what it is for."`
	ConnectionID int64  `json:"connectionId,omitempty"`
	ResourceID   int64  `json:"resourceId,omitempty"`
	TestID       int64  `json:"testId,omitempty"`
	FrameworkID  int64  `json:"frameworkId,omitempty"`
}

func (a *api) search(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	text, err := c.text("q")
	if err != nil {
		return answer{}, err
	}
	if !c.principal.Sees(workspace) {
		return answer{}, fault.New(fault.CodeNotFound, "there is no workspace %d", workspace)
	}
	if _, err := a.Access.Workspace(c.ctx(), workspace); err != nil {
		return answer{}, err
	}
	var kinds []search.Kind
	for _, k := range search.Kinds {
		if c.principal.HasIn(kindScopes[k], workspace) {
			kinds = append(kinds, k)
		}
	}
	hits, err := a.Search.Find(c.ctx(), workspace, text, kinds)
	if err != nil {
		return answer{}, err
	}
	out := wireHits{Data: make([]wireHit, len(hits))}
	for i, h := range hits {
		out.Data[i] = wireHit{Kind: string(h.Kind), ID: h.ID, RecordID: h.Key, Code: h.Code, Title: h.Title, Detail: cutText(h.Detail, 200),
			ConnectionID: h.ConnectionID, ResourceID: h.ResourceID, TestID: h.TestID, FrameworkID: h.FrameworkID}
	}
	return reply(http.StatusOK, out)
}
