package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireConnection struct {
	ID             int64          `json:"id"`
	ClientAlias    *string        `json:"clientAlias" doc:"The connection's name."`
	Description    *string        `json:"description"`
	ProviderTypes  []string       `json:"providerTypes"`
	WorkspaceIDs   []int64        `json:"workspaceIds"`
	Kind           string         `json:"kind" enum:"STANDARD,PARTNER,CUSTOM,BUILT_IN" doc:"STANDARD: we pull; PARTNER: somebody else pushes; CUSTOM: you push; BUILT_IN: what Plumbline itself knows of personnel, devices and assets, which only tests can be written over."`
	CatalogSlug    *string        `json:"catalogSlug" doc:"The catalogue entry that it was made from."`
	State          string         `json:"state" enum:"ACTIVE,DISCONNECTED" doc:"A disconnected connection keeps its data and takes none."`
	DisconnectedAt maybeTime      `json:"disconnectedAt"`
	Health         wireHealthWord `json:"health" doc:"HEALTHY: all steps of the last sync run were completed; UNHEALTHY: one failed; STALE: no data for longer than the limit; null: nothing is known."`
	HealthReason   string         `json:"healthReason" doc:"One sentence."`
	HealthSince    maybeTime      `json:"healthSince"`
	LastSyncAt     maybeTime      `json:"lastSyncAt" doc:"When a sync run was last heard of."`
	RecordCount    int64          `json:"recordCount" doc:"How many records are live, in all its resources."`
	CreatedAt      wireTime       `json:"createdAt"`
	UpdatedAt      wireTime       `json:"updatedAt"`
	DataStatus     string         `json:"dataStatus,omitempty" enum:"CURRENT,STALE,NO_DATA" doc:"That of the resource that is worst off; absent without resources."`
	CreatedByID    *int64         `json:"createdById" doc:"The person who made it; null when a key did."`
	CreatedByUser  *wireUser      `json:"createdByUser,omitempty" doc:"With expand[]=createdByUser, when a person made it."`
	// CustomResources is there when asked for, even if empty.
	CustomResources *[]wireResource `json:"customResources,omitempty" doc:"With expand[]=customResources."`
}

// wireHealthWord is a state of health; the empty one is null.
type wireHealthWord connection.Health

// MarshalJSON implements json.Marshaler.
func (h wireHealthWord) MarshalJSON() ([]byte, error) { return json.Marshal(orNull(string(h))) }

// Schema implements huma.SchemaProvider.
func (wireHealthWord) Schema(huma.Registry) *huma.Schema {
	s := words(choices(connection.Healths))
	s.Nullable, s.Enum = true, append(s.Enum, nil)
	return s
}

type wireResource struct {
	ID             int64          `json:"id"`
	ConnectionID   int64          `json:"connectionId"`
	Name           string         `json:"name"`
	Description    *string        `json:"description"`
	Schema         wireObject     `json:"schema" doc:"The JSON Schema of its records."`
	SchemaVersion  int64          `json:"schemaVersion"`
	DisplayNameKey string         `json:"displayNameKey" doc:"The top-level property that names a record for people."`
	FreshnessHours *int64         `json:"freshnessHours" doc:"The age after which the data is stale; null: no limit."`
	RecordCount    int64          `json:"recordCount" doc:"How many records are live."`
	LastRecordAt   maybeTime      `json:"lastRecordAt" doc:"When the data was last confirmed by a push or a completed session."`
	Health         wireHealthWord `json:"health" doc:"HEALTHY: all steps of the last sync run were completed; UNHEALTHY: one failed; STALE: no data for longer than the limit; null: nothing is known."`
	HealthReason   string         `json:"healthReason" doc:"One sentence."`
	HealthSince    maybeTime      `json:"healthSince"`
	LastSyncAt     maybeTime      `json:"lastSyncAt" doc:"When a sync run was last heard of."`
	DataStatus     string         `json:"dataStatus" enum:"CURRENT,STALE,NO_DATA" doc:"Whether the data is within its limit now."`
	StaleAt        maybeTime      `json:"staleAt" doc:"When the data is stale if no more comes; null: never."`
	Collected      bool           `json:"collected" doc:"The server gets its records by itself: GET .../collection says how."`
	BuiltIn        *string        `json:"builtIn" doc:"PERSONNEL, DEVICE or ASSET when Plumbline itself keeps the records, whose ids are the numbers of these; else null."`
	CreatedAt      wireTime       `json:"createdAt"`
	UpdatedAt      wireTime       `json:"updatedAt"`
	DeletedAt      maybeTime      `json:"deletedAt"`
}

func connectionView(by *call, c connection.Connection, withResources bool) wireConnection {
	out := wireConnection{ID: c.ID, ClientAlias: &c.Name, Description: c.Description, ProviderTypes: make([]string, len(c.ProviderTypes)),
		WorkspaceIDs: []int64{}, CreatedAt: wireTime(c.CreatedAt), UpdatedAt: wireTime(c.UpdatedAt), CreatedByID: orNull(c.CreatedBy),
		Kind: string(c.Kind), CatalogSlug: orNull(c.CatalogSlug), State: string(c.State()), DisconnectedAt: maybeTime(c.DisconnectedAt),
		LastSyncAt: maybeTime(c.SyncedAt())}
	health := c.Health(by.api.Now())
	out.Health, out.HealthReason, out.HealthSince = wireHealthWord(health.Health), health.Reason, maybeTime(health.Since)
	for _, id := range c.WorkspaceIDs {
		if by.principal.Sees(id) {
			out.WorkspaceIDs = append(out.WorkspaceIDs, id)
		}
	}
	out.DataStatus = string(c.DataStatus(by.api.Now()))
	for i, t := range c.ProviderTypes {
		out.ProviderTypes[i] = string(t)
	}
	for _, r := range c.Resources {
		out.RecordCount += r.RecordCount
	}
	if withResources {
		list := make([]wireResource, len(c.Resources))
		for i, r := range c.Resources {
			list[i] = resourceView(by, r)
		}
		out.CustomResources = &list
	}
	return out
}

func resourceView(by *call, r connection.Resource) wireResource {
	health := r.Health(by.api.Now())
	return wireResource{ID: r.ID, ConnectionID: r.ConnectionID, Name: r.Name, Description: r.Description, Schema: wireObject(r.Schema),
		SchemaVersion: r.SchemaVersion, DisplayNameKey: r.DisplayNameKey, FreshnessHours: r.FreshnessHours, RecordCount: r.RecordCount,
		LastRecordAt: maybeTime(r.FreshAt), DataStatus: string(r.DataStatus(by.api.Now())),
		Health: wireHealthWord(health.Health), HealthReason: health.Reason, HealthSince: maybeTime(health.Since), LastSyncAt: maybeTime(r.Sync.At), StaleAt: maybeTime(r.StaleAt()), Collected: r.Collected, BuiltIn: orNull(string(r.BuiltIn)), CreatedAt: wireTime(r.CreatedAt), UpdatedAt: wireTime(r.UpdatedAt)}
}

func (a *api) listConnections(c *call) (answer, error) {
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	look, err := c.connectionLook()
	if err != nil {
		return answer{}, err
	}
	return a.connectionPage(c, look, r)
}

// connectionPage answers with the connections within reach that a person looks for.
func (a *api) connectionPage(c *call, look connection.Look, r page.Request) (answer, error) {
	workspace, _, err := c.idOrNull("workspaceId")
	if err != nil {
		return answer{}, err
	}
	p, err := a.Connections.List(c.ctx(), connection.Filter{WorkspaceID: workspace, Within: c.reachable()}, look, r)
	if err != nil {
		return answer{}, err
	}
	makers, err := people(a, c, "createdByUser", p.Items, func(each connection.Connection) int64 { return each.CreatedBy })
	if err != nil {
		return answer{}, err
	}
	resources := c.expands("customResources")
	return reply(http.StatusOK, listOf(p, func(each connection.Connection) wireConnection {
		view := connectionView(c, each, resources)
		view.CreatedByUser = makers[each.CreatedBy]
		return view
	}))
}

var dataStatusWords = []string{string(connection.DataCurrent), string(connection.DataStale), string(connection.DataMissing)}

func (c *call) connectionLook() (look connection.Look, err error) {
	if look.Text, err = c.text("q"); err != nil {
		return look, err
	}
	provider, err := c.choice("providerType", providerWords...)
	if err != nil {
		return look, err
	}
	if provider != "" {
		look.ProviderTypes = []connection.ProviderType{connection.ProviderType(provider)}
	}
	data, err := c.choice("dataStatus", dataStatusWords...)
	look.Data = connection.DataStatus(data)
	return look, err
}

// newConnection is what a connection is created from (contract section 2.2).
type newConnection struct {
	_              struct{}    `additionalProperties:"true"`
	Name           string      `json:"name" minLength:"1" maxLength:"191"`
	ProviderTypes  []string    `json:"providerTypes" enum:"CUSTOM,MDM,HRIS" minItems:"1"`
	WorkspaceIDs   []int64     `json:"workspaceIds,omitempty" doc:"Required for CUSTOM."`
	Schema         wireObject  `json:"schema,omitempty" doc:"The JSON Schema of the records. CUSTOM: exactly one of schema and sampleData."`
	SampleData     wireSamples `json:"sampleData,omitempty" doc:"One record, or several, from which the schema is inferred."`
	DisplayNameKey string      `json:"displayNameKey,omitempty" doc:"Required for CUSTOM: a top-level property of the schema."`
	Description    *string     `json:"description,omitempty" nullable:"true" maxLength:"30000"`
	ResourceName   string      `json:"resourceName,omitempty" maxLength:"191" doc:"The name of the resource; the connection's name if absent."`
	FreshnessHours *int64      `json:"freshnessHours,omitempty" nullable:"true" minimum:"1" doc:"The age after which the data is stale."`
}

// given is nil for JSON that is absent or null.
func given[T ~[]byte](text T) []byte {
	if len(text) == 0 || string(text) == "null" {
		return nil
	}
	return text
}

func (a *api) createConnection(c *call) (answer, error) {
	body, err := decode[newConnection](c)
	if err != nil {
		return answer{}, err
	}
	if len(body.WorkspaceIDs) == 0 && !c.principal.Has(c.route.scope) {
		return answer{}, fault.New(fault.CodeValidation, "`workspaceIds` (/workspaceIds) must name the workspaces that the connection is for")
	}
	for _, id := range body.WorkspaceIDs {
		if !c.principal.Sees(id) {
			return answer{}, fault.New(fault.CodeValidation, "`workspaceIds` has %d, but there is no such workspace", id)
		}
		if err := c.principal.RequireIn(c.route.scope, id); err != nil {
			return answer{}, err
		}
	}
	made, err := a.Connections.Create(c.ctx(), c.actor(), connection.New{Name: body.Name, Description: body.Description,
		ProviderTypes: body.ProviderTypes, WorkspaceIDs: body.WorkspaceIDs, Schema: given(body.Schema), SampleData: given(body.SampleData),
		DisplayNameKey: body.DisplayNameKey, ResourceName: body.ResourceName, FreshnessHours: body.FreshnessHours})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, connectionView(c, made, true))
}

func (a *api) getConnection(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	found, err := a.Connections.Get(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	makers, err := people(a, c, "createdByUser", []connection.Connection{found}, func(each connection.Connection) int64 { return each.CreatedBy })
	if err != nil {
		return answer{}, err
	}
	view := connectionView(c, found, c.expands("customResources"))
	view.CreatedByUser = makers[found.CreatedBy]
	return reply(http.StatusOK, view)
}

// connectionChange is what may change of a connection; absent properties stay.
type connectionChange struct {
	_           struct{} `additionalProperties:"true"`
	ClientAlias *string  `json:"clientAlias,omitempty" nullable:"true" maxLength:"191" doc:"The connection's name; null leaves it."`
	Description *string  `json:"description,omitempty" nullable:"true" maxLength:"30000" doc:"null removes it."`
}

func (a *api) putConnection(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[connectionChange](c)
	if err != nil {
		return answer{}, err
	}
	changed, err := a.Connections.Update(c.ctx(), c.actor(), id, body.ClientAlias, sent(c, "description", body.Description))
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, connectionView(c, changed, c.expands("customResources")))
}

func (a *api) deleteConnection(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Connections.Delete(c.ctx(), c.actor(), id)
}

// resourceOf reads the resource of the path.
func (a *api) resourceOf(c *call) (connection.Resource, error) {
	t, err := c.target()
	if err != nil {
		return connection.Resource{}, err
	}
	return a.Connections.Resource(c.ctx(), t.ConnectionID, t.ResourceID)
}

func (a *api) getResource(c *call) (answer, error) {
	r, err := a.resourceOf(c)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, resourceView(c, r))
}

// resourceChange is what may change of a resource; absent properties stay.
type resourceChange struct {
	_              struct{} `additionalProperties:"true"`
	Name           *string  `json:"name,omitempty" maxLength:"191"`
	Description    *string  `json:"description,omitempty" nullable:"true" maxLength:"30000" doc:"null removes it."`
	DisplayNameKey *string  `json:"displayNameKey,omitempty" doc:"A top-level property of the schema."`
	FreshnessHours *int64   `json:"freshnessHours,omitempty" nullable:"true" minimum:"1" doc:"null: no limit."`
}

func (a *api) putResource(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[resourceChange](c)
	if err != nil {
		return answer{}, err
	}
	r, err := a.Connections.UpdateResource(c.ctx(), c.actor(), t.ConnectionID, t.ResourceID, connection.Change{Name: body.Name,
		Description: sent(c, "description", body.Description), DisplayNameKey: body.DisplayNameKey,
		FreshnessHours: sent(c, "freshnessHours", body.FreshnessHours)})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, resourceView(c, r))
}
