package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

type wireSession struct {
	ID          int64     `json:"id"`
	SessionID   string    `json:"sessionId"`
	Status      string    `json:"status" enum:"IN_PROGRESS,ACTIVE,CANCELED,ARCHIVED"`
	CreatedAt   wireTime  `json:"createdAt"`
	UpdatedAt   wireTime  `json:"updatedAt"`
	ActivatedAt maybeTime `json:"activatedAt"`
	CanceledAt  maybeTime `json:"canceledAt"`
	RecordCount int64     `json:"recordCount" doc:"How many records are staged, or were when the session ended."`
}

func sessionView(s record.Session) wireSession {
	return wireSession{ID: s.ID, SessionID: s.SessionID, Status: string(s.Status), CreatedAt: wireTime(s.CreatedAt),
		UpdatedAt: wireTime(s.UpdatedAt), ActivatedAt: maybeTime(s.ActivatedAt), CanceledAt: maybeTime(s.CanceledAt), RecordCount: s.Staged}
}

var sessionStatuses = []string{string(record.InProgress), string(record.Active), string(record.Canceled), string(record.Archived)}

func (a *api) listSessions(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	status, err := c.choice("status", sessionStatuses...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Records.Sessions(c.ctx(), t, record.SessionStatus(status), r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, sessionView))
}

func (a *api) uploadRecords(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	e, err := strictjson.Split(c.body)
	if err != nil {
		return answer{}, err
	}
	result, err := a.Records.Upload(c.ctx(), c.actor(), t, c.r.PathValue("sessionId"), e.Records)
	if err != nil {
		return answer{}, err
	}
	return writtenAnswer(c, e.Single, result, wrapped)
}

// sessionAction ends a session (contract decision 13 for the guards). A guard
// whose name is misspelt must not be left out.
type sessionAction struct {
	_                struct{} `additionalProperties:"false"`
	Action           string   `json:"action" enum:"complete,cancel"`
	ExpectedCount    *int64   `json:"expectedCount,omitempty" minimum:"0" doc:"complete only if this many records are staged."`
	MaxDeletePercent *float64 `json:"maxDeletePercent,omitempty" minimum:"0" maximum:"100" doc:"complete only if at most this share of the live records would vanish."`
	DryRun           bool     `json:"dryRun,omitempty" doc:"Change nothing, only count what would change."`
}

type wireSessionOutcome struct {
	SessionID    string `json:"sessionId"`
	Status       string `json:"status" enum:"IN_PROGRESS,ACTIVE,CANCELED,ARCHIVED"`
	Action       string `json:"action" enum:"complete,cancel"`
	ConnectionID int64  `json:"connectionId"`
	ResourceID   int64  `json:"resourceId"`
	DryRun       bool   `json:"dryRun,omitempty"`
	// The counts belong to complete.
	Created   *int64 `json:"created,omitempty"`
	Updated   *int64 `json:"updated,omitempty"`
	Unchanged *int64 `json:"unchanged,omitempty"`
	Deleted   *int64 `json:"deleted,omitempty"`
}

func (a *api) actOnSession(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waits()
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[sessionAction](c)
	if err != nil {
		return answer{}, err
	}
	id := c.r.PathValue("sessionId")
	out := wireSessionOutcome{SessionID: id, Action: body.Action, ConnectionID: t.ConnectionID, ResourceID: t.ResourceID}
	switch body.Action {
	case "complete":
		done, err := a.Records.Complete(c.ctx(), c.actor(), t, id,
			record.Guards{ExpectedCount: body.ExpectedCount, MaxDeletePercent: body.MaxDeletePercent, DryRun: body.DryRun})
		if err != nil {
			return answer{}, err
		}
		n := done.Counts
		out.Status, out.DryRun = string(done.Session.Status), body.DryRun
		out.Created, out.Updated, out.Unchanged, out.Deleted = &n.Created, &n.Updated, &n.Unchanged, &n.Deleted
		ans, err := reply(http.StatusOK, out)
		if err != nil || body.DryRun {
			return ans, err
		}
		return wait.resource(c, ans, t.ResourceID, done.Seq)
	case "cancel":
		s, err := a.Records.Cancel(c.ctx(), c.actor(), t, id)
		if err != nil {
			return answer{}, err
		}
		out.Status = string(s.Status)
		return reply(http.StatusOK, out)
	}
	return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be complete or cancel", cutText(body.Action, 80))
}
