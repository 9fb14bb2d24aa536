package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wireSyncRun is how data came in once.
type wireSyncRun struct {
	ID           int64          `json:"id"`
	ConnectionID int64          `json:"connectionId"`
	ResourceID   int64          `json:"resourceId"`
	ResourceName string         `json:"resourceName"`
	Trigger      string         `json:"trigger" enum:"PUSH,SESSION,COLLECTION" doc:"PUSH: the direct pushes of somebody within a minute; SESSION: a session; COLLECTION: the server fetched."`
	Actor        wireActor      `json:"actor"`
	SessionID    *string        `json:"sessionId"`
	Status       string         `json:"status" enum:"RUNNING,COMPLETED,FAILED,CANCELED" doc:"FAILED: it ended and a step failed, be it that one record was refused."`
	StartedAt    wireTime       `json:"startedAt"`
	EndedAt      maybeTime      `json:"endedAt"`
	Steps        []wireSyncStep `json:"steps" doc:"Those that such a run has, in their order."`
}

type wireSyncStep struct {
	Name      string           `json:"name" enum:"AUTHENTICATE,FETCH,PARSE,VALIDATE,STAGE,COMPARE,COMPLETE,EVALUATE"`
	Status    string           `json:"status" enum:"PENDING,RUNNING,COMPLETED,FAILED,SKIPPED" doc:"SKIPPED: the run ended without it."`
	StartedAt maybeTime        `json:"startedAt"`
	EndedAt   maybeTime        `json:"endedAt"`
	Counts    map[string]int64 `json:"counts"`
	Error     *wireSyncError   `json:"error,omitempty" doc:"Of a step that failed."`
}

type wireSyncError struct {
	Code    string              `json:"code" doc:"One of a few words for programs, such as SCHEMA, GUARD or UNAUTHORIZED."`
	Message string              `json:"message" doc:"One sentence."`
	Facts   map[string]string   `json:"facts"`
	Records []wireRefusedRecord `json:"records" doc:"The first 20 records that were refused."`
}

type wireRefusedRecord struct {
	ID       *string `json:"id" doc:"The record's id, if it could be read."`
	Position int64   `json:"position" doc:"Its place among the records that the run received, from 0."`
	Message  string  `json:"message"`
	Pointer  *string `json:"pointer" doc:"The JSON Pointer of what is wrong."`
}

func syncStepView(s syncrun.Step) wireSyncStep {
	out := wireSyncStep{Name: string(s.Name), Status: string(s.Status), StartedAt: maybeTime(s.StartedAt), EndedAt: maybeTime(s.EndedAt), Counts: s.Counts}
	if out.Counts == nil {
		out.Counts = map[string]int64{}
	}
	if s.Error == nil {
		return out
	}
	out.Error = &wireSyncError{Code: s.Error.Code, Message: s.Error.Message, Facts: s.Error.Facts, Records: make([]wireRefusedRecord, len(s.Error.Records))}
	if out.Error.Facts == nil {
		out.Error.Facts = map[string]string{}
	}
	for i, r := range s.Error.Records {
		out.Error.Records[i] = wireRefusedRecord{ID: orNull(r.ID), Position: r.Position, Message: r.Message, Pointer: orNull(r.Pointer)}
	}
	return out
}

// syncRunViews shows runs of one connection.
func (a *api) syncRunViews(c *call, of connection.Connection, list []syncrun.Run) ([]wireSyncRun, error) {
	resources := map[int64]string{}
	for _, r := range of.Resources {
		resources[r.ID] = r.Name
	}
	authors := make([]author, len(list))
	for i, r := range list {
		authors[i] = author{r.KeyID, r.UserID}
	}
	names, err := a.names(c, authors)
	if err != nil {
		return nil, err
	}
	out := make([]wireSyncRun, len(list))
	for i, r := range list {
		out[i] = wireSyncRun{ID: r.ID, ConnectionID: r.ConnectionID, ResourceID: r.ResourceID, ResourceName: resources[r.ResourceID], Trigger: string(r.Trigger),
			Actor: names.of(authors[i]), SessionID: orNull(r.SessionID), Status: string(r.Status), StartedAt: wireTime(r.StartedAt), EndedAt: maybeTime(r.EndedAt)}
		for _, s := range r.Steps {
			out[i].Steps = append(out[i].Steps, syncStepView(s))
		}
	}
	return out, nil
}

// hubConnection reads the connection of the path.
func (a *api) hubConnection(c *call) (connection.Connection, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return connection.Connection{}, err
	}
	return a.Connections.Get(c.ctx(), id)
}

func (a *api) listSyncRuns(c *call) (answer, error) {
	of, err := a.hubConnection(c)
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	f := syncrun.Filter{ConnectionID: of.ID}
	if f.ResourceID, _, err = c.idOrNull("resourceId"); err != nil {
		return answer{}, err
	}
	status, err := c.choice("status", choices(syncrun.Statuses)...)
	if err != nil {
		return answer{}, err
	}
	trigger, err := c.choice("trigger", choices(syncrun.Triggers)...)
	if err != nil {
		return answer{}, err
	}
	f.Status, f.Trigger = syncrun.Status(status), syncrun.Trigger(trigger)
	p, err := a.SyncRuns.List(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.syncRunViews(c, of, p.Items)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireSyncRun]{views, paginationOf(p.Next, p.Total)})
}

func (a *api) getSyncRun(c *call) (answer, error) {
	of, err := a.hubConnection(c)
	if err != nil {
		return answer{}, err
	}
	id, err := c.number("runId")
	if err != nil {
		return answer{}, err
	}
	run, err := a.SyncRuns.Get(c.ctx(), of.ID, id)
	if err != nil {
		return answer{}, err
	}
	views, err := a.syncRunViews(c, of, []syncrun.Run{run})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

// hubLook reads the filters of GET /connections.
func (c *call) hubLook() (look connection.Look, err error) {
	if look.Text, err = c.text("q"); err != nil {
		return look, err
	}
	if look.ProviderTypes, err = c.providerTypes(); err != nil {
		return look, err
	}
	for _, each := range []struct {
		name string
		may  []string
		into func(string)
	}{
		{"health", choices(connection.Healths), func(v string) { look.Health = connection.Health(v) }},
		{"state", choices(connection.States), func(v string) { look.State = connection.State(v) }},
		{"kind", choices(connection.Kinds), func(v string) { look.Kind = connection.Kind(v) }},
		{"dataStatus", dataStatusWords, func(v string) { look.Data = connection.DataStatus(v) }},
	} {
		v, err := c.choice(each.name, each.may...)
		if err != nil {
			return look, err
		}
		each.into(v)
	}
	return look, nil
}

// providerTypes reads `providerTypes[]`, also without the brackets, as clients of
// the first version write it.
func (c *call) providerTypes() (out []connection.ProviderType, err error) {
	for _, v := range append(c.all("providerTypes[]"), c.all("providerTypes")...) {
		t, err := connection.ParseProviderType(v)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (a *api) listHub(c *call) (answer, error) {
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	look, err := c.hubLook()
	if err != nil {
		return answer{}, err
	}
	return a.connectionPage(c, look, r)
}

// connectionAction is what can be done with a connection.
type connectionAction struct {
	_      struct{} `additionalProperties:"false"`
	Action string   `json:"action" enum:"refresh,disconnect,reconnect" doc:"refresh: collect now; disconnect: take no data and keep what is there; reconnect: take data again."`
}

func (a *api) actOnConnection(c *call) (answer, error) {
	of, err := a.hubConnection(c)
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[connectionAction](c)
	if err != nil {
		return answer{}, err
	}
	switch body.Action {
	case "refresh":
		of, err = a.Connections.Refresh(c.ctx(), c.actor(), of)
	case "disconnect":
		of, err = a.Connections.Disconnect(c.ctx(), c.actor(), of.ID)
	case "reconnect":
		of, err = a.Connections.Reconnect(c.ctx(), c.actor(), of.ID)
	default:
		err = fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be refresh, disconnect or reconnect", cutText(body.Action, 80)).At("/action")
	}
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, connectionView(c, of, true))
}

// wireConnectionCompact is the contract's ConnectionCompact.
type wireConnectionCompact struct {
	ID          int64     `json:"id"`
	ClientType  string    `json:"clientType"`
	ClientID    *string   `json:"clientId"`
	ClientAlias *string   `json:"clientAlias"`
	State       string    `json:"state" enum:"ACTIVE,MISCONFIGURED" doc:"MISCONFIGURED: unhealthy or disconnected."`
	CreatedAt   wireTime  `json:"createdAt"`
	UpdatedAt   wireTime  `json:"updatedAt"`
	ConnectedAt maybeTime `json:"connectedAt"`
	FailedAt    maybeTime `json:"failedAt"`
	DeletedAt   maybeTime `json:"deletedAt"`
}

// clientTypes are the names that the contract has for the connections of a
// provider type.
var clientTypes = map[connection.ProviderType]string{
	connection.Custom: "CUSTOM", connection.MDM: "CUSTOM_MDM", connection.HRIS: "CUSTOM_HRIS",
}

// clientType is the name of the system: that of the catalogue entry, or what the
// contract calls a connection of one's own.
func clientType(of connection.Connection) string {
	if of.CatalogSlug != "" {
		return strings.ToUpper(strings.ReplaceAll(of.CatalogSlug, "-", "_"))
	}
	if len(of.ProviderTypes) > 0 {
		if name, ok := clientTypes[of.ProviderTypes[0]]; ok {
			return name
		}
	}
	return clientTypes[connection.Custom]
}

func compactView(of connection.Connection, now time.Time) *wireConnectionCompact {
	out := &wireConnectionCompact{ID: of.ID, ClientType: clientType(of), ClientAlias: &of.Name, State: "ACTIVE", CreatedAt: wireTime(of.CreatedAt),
		UpdatedAt: wireTime(of.UpdatedAt), ConnectedAt: maybeTime(of.CreatedAt)}
	if health := of.Health(now); health.Health == connection.Unhealthy {
		out.State, out.FailedAt = "MISCONFIGURED", maybeTime(health.Since)
	}
	if of.State() == connection.Disconnected {
		out.State = "MISCONFIGURED"
	}
	return out
}

// wireConnectionV1 is a connection in v1.
type wireConnectionV1 struct {
	ID            int64               `json:"id"`
	ClientType    string              `json:"clientType"`
	ClientID      *string             `json:"clientId"`
	ClientAlias   *string             `json:"clientAlias"`
	State         string              `json:"state" enum:"ACTIVE,MISCONFIGURED"`
	ConnectedAt   maybeTime           `json:"connectedAt"`
	FailedAt      maybeTime           `json:"failedAt"`
	DeletedAt     maybeTime           `json:"deletedAt"`
	CreatedAt     wireTime            `json:"createdAt"`
	UpdatedAt     wireTime            `json:"updatedAt"`
	ProviderTypes []string            `json:"providerTypes"`
	Workspaces    []wireWorkspaceName `json:"workspaces"`
}

type wireConnectionsV1 struct {
	Data  []wireConnectionV1 `json:"data"`
	Page  int64              `json:"page"`
	Limit int64              `json:"limit"`
	Total int64              `json:"total"`
}

// statesV1 are the states of v1. None of our connections waits to be confirmed or
// is being made.
var statesV1 = []string{"ACTIVE", "MISCONFIGURED", "CONFIGURED_PENDING_CONFIRMATION", "IN_PROGRESS"}

func (a *api) listConnectionsV1(c *call) (answer, error) {
	number, limit, err := c.place(maxPageV1)
	if err != nil {
		return answer{}, err
	}
	types, err := c.providerTypes()
	if err != nil {
		return answer{}, err
	}
	state, err := c.choice("state", statesV1...)
	if err != nil {
		return answer{}, err
	}
	list, err := a.Connections.All(c.ctx(), connection.Filter{Within: c.reachable()}, connection.Look{ProviderTypes: types})
	if err != nil {
		return answer{}, err
	}
	out := wireConnectionsV1{Data: []wireConnectionV1{}, Page: number, Limit: limit}
	for _, each := range list {
		compact := compactView(each, a.Now())
		if state != "" && compact.State != state {
			continue
		}
		if out.Total++; out.Total <= (number-1)*limit || out.Total > number*limit {
			continue
		}
		names, err := a.workspacesOf(c, each.ID)
		if err != nil {
			return answer{}, err
		}
		out.Data = append(out.Data, wireConnectionV1{ID: each.ID, ClientType: compact.ClientType, ClientAlias: compact.ClientAlias,
			State: compact.State, ConnectedAt: compact.ConnectedAt, FailedAt: compact.FailedAt, CreatedAt: compact.CreatedAt, UpdatedAt: compact.UpdatedAt,
			ProviderTypes: choices(each.ProviderTypes), Workspaces: names})
	}
	return reply(http.StatusOK, out)
}
