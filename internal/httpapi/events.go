package httpapi

import (
	"net/http"
	"strconv"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireEvent struct {
	ID                 string                 `json:"id" format:"uuid"`
	Type               string                 `json:"type"`
	Category           string                 `json:"category"`
	Source             string                 `json:"source" enum:"APP,AUTOPILOT,PUBLIC_API,VENDOR_QUESTIONNAIRE,SCHEDULED,WORKFLOW,DRATA_POLICY"`
	Description        string                 `json:"description"`
	Status             *string                `json:"status"`
	CreatedAt          wireTime               `json:"createdAt"`
	WorkspaceID        *int64                 `json:"workspaceId"`
	UserID             *int64                 `json:"userId"`
	KeyID              *int64                 `json:"keyId" doc:"The API key that was used."`
	Actor              wireActor              `json:"actor"`
	ConnectionID       *int64                 `json:"connectionId"`
	RequestDescription *string                `json:"requestDescription"`
	Metadata           *wireObject            `json:"metadata,omitempty" doc:"With expand[]=metadata."`
	TestID             *string                `json:"testId,omitempty" nullable:"true" doc:"With expand[]=testId."`
	TestName           *string                `json:"testName,omitempty" nullable:"true" doc:"With expand[]=testName."`
	Connection         *wireConnectionCompact `json:"connection,omitempty" doc:"With expand[]=connection, while it exists."`
	User               *wireUser              `json:"user,omitempty" doc:"With expand[]=user, when a person did it."`
	Issues             *[]wireObject          `json:"issues,omitempty" doc:"With expand[]=issues."`
}

// eventObjects are the objects that an event can name in its metadata.
var eventObjects = []string{"controlId", "frameworkId", "requirementId", "exclusionId", "resourceId"}

var sourceNames = []string{"APP", "AUTOPILOT", "PUBLIC_API", "VENDOR_QUESTIONNAIRE", "SCHEDULED", "WORKFLOW", "DRATA_POLICY"}

func (a *api) listEvents(c *call) (answer, error) {
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	f, err := c.eventFilter()
	if err != nil {
		return answer{}, err
	}
	f.Within = c.reachable()
	p, err := a.Events.Events(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.eventViews(c, p.Items)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireEvent]{views, paginationOf(p.Next, p.Total)})
}

func (c *call) eventFilter() (event.Filter, error) {
	var f event.Filter
	kind, err := c.text("type")
	if err != nil {
		return f, err
	}
	category, err := c.text("category")
	if err != nil {
		return f, err
	}
	f.Type, f.Category = event.Type(kind), event.Category(category)
	source, err := c.choice("source", sourceNames...)
	if err != nil {
		return f, err
	}
	f.Source = event.Source(source)
	if f.ConnectionID, f.NoConnection, err = c.idOrNull("connectionId"); err != nil {
		return f, err
	}
	if f.UserID, f.NoUser, err = c.idOrNull("userId"); err != nil {
		return f, err
	}
	if f.KeyID, _, err = c.idOrNull("keyId"); err != nil {
		return f, err
	}
	if f.TestID, _, err = c.idOrNull("testId"); err != nil {
		return f, err
	}
	for _, name := range eventObjects {
		id, _, err := c.idOrNull(name)
		if err != nil {
			return f, err
		}
		if id != 0 {
			f.About = append(f.About, event.Object{Name: name, ID: id})
		}
	}
	if f.Search, err = c.searchText(); err != nil {
		return f, err
	}
	if f.WorkspaceID, _, err = c.idOrNull("workspaceId"); err != nil {
		return f, err
	}
	if f.From, err = c.moment("createdAtStartDate", false); err != nil {
		return f, err
	}
	if f.To, err = c.moment("createdAtEndDate", true); err != nil {
		return f, err
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		return f, fault.New(fault.CodeValidation, "`createdAtEndDate` is before `createdAtStartDate`")
	}
	return f, nil
}

func (a *api) getEvent(c *call) (answer, error) {
	e, err := a.Events.Event(c.ctx(), c.r.PathValue("eventId"), c.reachable())
	if err != nil {
		return answer{}, err
	}
	views, err := a.eventViews(c, []event.Event{e})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

func (a *api) eventViews(c *call, events []event.Event) ([]wireEvent, error) {
	out := make([]wireEvent, len(events))
	known := map[int64]*wireConnectionCompact{}
	people, err := people(a, c, "user", events, func(e event.Event) int64 { return e.UserID })
	if err != nil {
		return nil, err
	}
	who := make([]author, len(events))
	for i, e := range events {
		who[i] = author{e.KeyID, e.UserID}
	}
	names, err := a.names(c, who)
	if err != nil {
		return nil, err
	}
	for i, e := range events {
		out[i] = eventView(c, e)
		out[i].User = people[e.UserID]
		out[i].Actor = names.of(who[i])
		if e.ConnectionID == 0 || !c.expands("connection") {
			continue
		}
		view, seen := known[e.ConnectionID]
		if !seen {
			found, err := a.Connections.Get(c.ctx(), e.ConnectionID)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			if err == nil {
				view = compactView(found, a.Now())
			}
			known[e.ConnectionID] = view
		}
		out[i].Connection = view
	}
	return out, nil
}

func eventView(c *call, e event.Event) wireEvent {
	out := wireEvent{ID: e.ID, Type: string(e.Type), Category: string(e.Category), Source: string(e.Source), Description: e.Description,
		Status: orNull(e.Status), CreatedAt: wireTime(e.CreatedAt), WorkspaceID: orNull(e.WorkspaceID), UserID: orNull(e.UserID),
		KeyID: orNull(e.KeyID), ConnectionID: orNull(e.ConnectionID), RequestDescription: orNull(e.Request)}
	if c.expands("metadata") {
		metadata := wireObject(e.Metadata)
		out.Metadata = &metadata
	}
	if c.expands("testId") && e.TestID != 0 {
		out.TestID = orNull(strconv.FormatInt(e.TestID, 10))
	}
	if c.expands("testName") {
		out.TestName = orNull(e.TestName)
	}
	if c.expands("issues") {
		out.Issues = &[]wireObject{}
	}
	return out
}
