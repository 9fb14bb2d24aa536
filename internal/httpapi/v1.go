package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// flag reads a header that is true, false or absent.
func (c *call) flag(name string) (bool, error) {
	switch v := strings.ToLower(strings.TrimSpace(c.r.Header.Get(name))); v {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	default:
		return false, fault.New(fault.CodeValidation, "`%s` is %q; it must be true or false", name, cutText(v, 80))
	}
}

// sessionHeaders say what v1 wants of a session beside the upload.
type sessionHeaders struct {
	id              string
	complete, abort bool
}

func (c *call) sessionHeaders() (s sessionHeaders, err error) {
	s.id = c.r.Header.Get("X-Session-Id")
	if s.complete, err = c.flag("x-session-complete"); err != nil {
		return s, err
	}
	if s.abort, err = c.flag("x-session-abort"); err != nil {
		return s, err
	}
	if s.complete && s.abort {
		return s, fault.New(fault.CodeValidation, "`x-session-complete` and `x-session-abort` cannot both be true")
	}
	if s.id == "" && (s.complete || s.abort) {
		return s, fault.New(fault.CodeValidation, "`x-session-id` must name the session to complete or abort")
	}
	return s, nil
}

func (a *api) pushRecordsV1(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	s, err := c.sessionHeaders()
	if err != nil {
		return answer{}, err
	}
	e, err := strictjson.Split(c.body)
	if err != nil {
		return answer{}, err
	}
	if s.abort {
		return a.abortV1(c, t, s.id)
	}
	var result record.Result
	if s.id == "" {
		result, err = a.Records.Upsert(c.ctx(), c.actor(), t, e.Records)
	} else {
		result, err = a.Records.Upload(c.ctx(), c.actor(), t, s.id, e.Records)
	}
	if err != nil {
		return answer{}, err
	}
	ans, err := writtenAnswer(c, e.Single, result, flattened)
	if err == nil && s.complete {
		_, err = a.Records.Complete(c.ctx(), c.actor(), t, s.id, record.Guards{})
	}
	return ans, err
}

// abortV1 ends a session. The records that come with the request would be
// dropped with the others, so they are not stored, and cannot stand in the way.
func (a *api) abortV1(c *call, t record.Target, id string) (answer, error) {
	none, err := a.Records.Upload(c.ctx(), c.actor(), t, id, nil)
	if err != nil {
		return answer{}, err
	}
	if _, err := a.Records.Cancel(c.ctx(), c.actor(), t, id); err != nil {
		return answer{}, err
	}
	return writtenAnswer(c, false, none, flattened)
}

func (a *api) putRecordV1(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	result, err := a.merge(c, t)
	if err != nil {
		return answer{}, err
	}
	return writtenAnswer(c, true, result, flattened)
}

func (a *api) deleteRecordV1(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK}, a.Records.Delete(c.ctx(), c.actor(), t, c.r.PathValue("recordId"))
}

// wireWrittenV1 is a written record in v1: its own properties stand beside
// these.
type wireWrittenV1 struct {
	_         struct{} `additionalProperties:"true"`
	ID        string   `json:"id"`
	CreatedAt wireTime `json:"createdAt"`
	UpdatedAt wireTime `json:"updatedAt"`
}

// wireBulkItemV1 is one element of a bulk reply in v1. A refused record echoes
// what came in `data`.
type wireBulkItemV1 struct {
	_          struct{}  `additionalProperties:"true"`
	ID         string    `json:"id,omitempty"`
	CreatedAt  *wireTime `json:"createdAt,omitempty"`
	UpdatedAt  *wireTime `json:"updatedAt,omitempty"`
	StatusCode int       `json:"statusCode" enum:"200,201,400"`
}

type wireSessionsV1 struct {
	Data  []wireSessionV1 `json:"data"`
	Page  int64           `json:"page"`
	Limit int64           `json:"limit"`
	Total int64           `json:"total"`
}

type wireSessionV1 struct {
	ID               int64               `json:"id"`
	SessionID        string              `json:"sessionId"`
	ConnectionID     int64               `json:"connectionId"`
	CustomResourceID int64               `json:"customResourceId"`
	Status           string              `json:"status" enum:"IN_PROGRESS,ACTIVE,CANCELED,ARCHIVED"`
	CreatedAt        wireTime            `json:"createdAt"`
	UpdatedAt        wireTime            `json:"updatedAt"`
	ActivatedAt      maybeTime           `json:"activatedAt"`
	CanceledAt       maybeTime           `json:"canceledAt"`
	Workspaces       []wireWorkspaceName `json:"workspaces"`
}

type wireWorkspaceName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Limits of paging by number (contract section 1.4).
const (
	maxPageV1      = 1_000_000
	maxLimitV1     = 50
	defaultLimitV1 = 20
)

// wirePageV1 is a list in v1.
type wirePageV1[T any] struct {
	Data  []T   `json:"data"`
	Page  int64 `json:"page"`
	Limit int64 `json:"limit"`
	Total int64 `json:"total" doc:"How many there are on all pages."`
}

// place reads the number and the length of a page; last is the highest number.
func (c *call) place(last int64) (number, limit int64, err error) {
	if number, err = c.within("page", 1, last, 1); err == nil {
		limit, err = c.within("limit", 1, maxLimitV1, defaultLimitV1)
	}
	return number, limit, err
}

// numbered is what v1 asks of a list. orders are the words of `sort`; without one
// the newest come first, and with one the first.
func (c *call) numbered(last int64, orders map[string]page.Sort) (page.Request, error) {
	number, limit, err := c.place(last)
	if err != nil {
		return page.Request{}, err
	}
	r := page.Request{Number: int(number), Size: int(limit), WantTotal: true}
	if len(orders) == 0 {
		return r, nil
	}
	word, err := c.choice("sort", slices.Sorted(maps.Keys(orders))...)
	if err != nil {
		return r, err
	}
	direction, err := c.choice("sortDir", "ASC", "DESC")
	r.Sort, r.Ascending = orders[word], direction == "ASC" || direction == "" && word != ""
	return r, err
}

// numberedPage is the page that was asked for, with the views of its items.
func numberedPage[T, V any](r page.Request, p page.Page[T], views []V) wirePageV1[V] {
	return wirePageV1[V]{Data: views, Page: int64(r.Number), Limit: int64(r.Size), Total: *p.Total}
}

// chosen are the values of a repeated query parameter, which must be some words.
func (c *call) chosen(name string, words ...string) ([]string, error) {
	list := c.all(name)
	for _, v := range list {
		if !slices.Contains(words, v) {
			return nil, fault.New(fault.CodeValidation, "`%s` is %q; it must be one of %s", name, cutText(v, 80), strings.Join(words, ", "))
		}
	}
	return list, nil
}

func (a *api) listSessionsV1(c *call) (answer, error) {
	number, limit, err := c.place(maxPageV1)
	if err != nil {
		return answer{}, err
	}
	var f record.SessionFilter
	if f.ConnectionID, _, err = c.idOrNull("connectionId"); err != nil {
		return answer{}, err
	}
	if f.ResourceID, _, err = c.idOrNull("resourceId"); err != nil {
		return answer{}, err
	}
	sessions, total, err := a.Records.SessionsPage(c.ctx(), f, int(number), int(limit))
	if err != nil {
		return answer{}, err
	}
	out := wireSessionsV1{Data: make([]wireSessionV1, len(sessions)), Page: number, Limit: limit, Total: total}
	workspaces := map[int64][]wireWorkspaceName{}
	for i, s := range sessions {
		names, known := workspaces[s.ConnectionID]
		if !known {
			if names, err = a.workspacesOf(c, s.ConnectionID); err != nil {
				return answer{}, err
			}
			workspaces[s.ConnectionID] = names
		}
		out.Data[i] = wireSessionV1{ID: s.ID, SessionID: s.SessionID, ConnectionID: s.ConnectionID, CustomResourceID: s.ResourceID,
			Status: string(s.Status), CreatedAt: wireTime(s.CreatedAt), UpdatedAt: wireTime(s.UpdatedAt),
			ActivatedAt: maybeTime(s.ActivatedAt), CanceledAt: maybeTime(s.CanceledAt), Workspaces: names}
	}
	return reply(http.StatusOK, out)
}

// wireEvidenceV1 is a page of the records of a session.
type wireEvidenceV1 struct {
	Data             []wireWrittenV1 `json:"data" doc:"The records, each with its own properties beside these."`
	Page             int64           `json:"page"`
	Limit            int64           `json:"limit"`
	Total            int64           `json:"total"`
	SessionID        string          `json:"sessionId"`
	ConnectionID     int64           `json:"connectionId"`
	CustomResourceID int64           `json:"customResourceId"`
}

func (a *api) listEvidenceV1(c *call) (answer, error) {
	number, limit, err := c.place(maxPageV1)
	if err != nil {
		return answer{}, err
	}
	f := record.SessionFilter{Within: c.reachable()}
	if f.ConnectionID, _, err = c.idOrNull("connectionId"); err != nil {
		return answer{}, err
	}
	if f.ResourceID, _, err = c.idOrNull("resourceId"); err != nil {
		return answer{}, err
	}
	session, err := a.Records.Named(c.ctx(), c.r.PathValue("sessionId"), f)
	if err != nil {
		return answer{}, err
	}
	records, total, err := a.Records.Evidence(c.ctx(), session, int(number), int(limit))
	if err != nil {
		return answer{}, err
	}
	held := c.buffer()
	w := replyWriter{b: append(*held, `{"data":[`...), form: flattened}
	for i, r := range records {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.single(&record.Item{Key: r.Key, Data: r.Body, Written: record.Written{CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}})
	}
	w.b = fmt.Appendf(w.b, `],"page":%d,"limit":%d,"total":%d,"sessionId":`, number, limit, total)
	w.b = strictjson.AppendText(w.b, session.SessionID)
	w.b = fmt.Appendf(w.b, `,"connectionId":%d,"customResourceId":%d}`, session.ConnectionID, session.ResourceID)
	*held = w.b
	return answer{status: http.StatusOK, body: w.b}, nil
}

// workspacesOf names the workspaces of a connection, none once it is gone.
func (a *api) workspacesOf(c *call, connectionID int64) ([]wireWorkspaceName, error) {
	out := []wireWorkspaceName{}
	found, err := a.Connections.Get(c.ctx(), connectionID)
	if fault.KindOf(err) == fault.NotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, id := range found.WorkspaceIDs {
		w, err := a.Access.Workspace(c.ctx(), id)
		if err != nil {
			return nil, err
		}
		out = append(out, wireWorkspaceName{w.ID, w.Name})
	}
	return out, nil
}
