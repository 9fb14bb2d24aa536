package connection

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/schema"
)

const (
	maxName        = 191
	maxDescription = 30000
	maxFreshness   = 24 * 366 * 5
)

// Service is the use of connections and resources.
type Service struct {
	store     Store
	now       func() time.Time
	refresher Refresher

	mu       sync.Mutex
	compiled map[int64]compiled
}

type compiled struct {
	version int64
	schema  *schema.Schema
}

// NewService makes the service over a store and a clock.
func NewService(s Store, now func() time.Time) *Service {
	return &Service{store: s, now: now, compiled: map[int64]compiled{}}
}

// New is what a caller gives to create a connection (contract section 2.2).
type New struct {
	Name          string
	Description   *string
	ProviderTypes []string
	WorkspaceIDs  []int64
	// Schema and SampleData are JSON texts; exactly one is given for CUSTOM.
	// SampleData may also be an array of samples.
	Schema         []byte
	SampleData     []byte
	DisplayNameKey string
	// ResourceName defaults to the connection's name.
	ResourceName   string
	FreshnessHours *int64
	// Kind and CatalogSlug are those of a catalogue entry; both are empty for a
	// connection of one's own. From the catalogue a connection of any of
	// [ProviderTypes] can be made, and always with its resource.
	Kind        Kind
	CatalogSlug string
}

// Create makes a connection; a CUSTOM one, or one from the catalogue, with its
// resource.
func (s *Service) Create(ctx context.Context, a event.Actor, n New) (Connection, error) {
	c := Connection{Name: strings.TrimSpace(n.Name), Description: n.Description, WorkspaceIDs: slices.Compact(slices.Sorted(slices.Values(n.WorkspaceIDs))),
		Kind: OfYourOwn, CatalogSlug: n.CatalogSlug, CreatedAt: s.now()}
	c.UpdatedAt = c.CreatedAt
	if n.CatalogSlug != "" {
		c.Kind = n.Kind
	}
	if err := checkName("name", c.Name); err != nil {
		return c, err
	}
	if err := checkDescription(n.Description); err != nil {
		return c, err
	}
	may := []ProviderType{Custom, MDM, HRIS}
	if n.CatalogSlug != "" {
		may = ProviderTypes
	}
	types, err := providerTypes(n.ProviderTypes, may)
	if err != nil {
		return c, err
	}
	c.ProviderTypes = types
	uniqueName := false
	if n.CatalogSlug != "" || slices.Contains(types, Custom) {
		r, err := newResource(n, c)
		if err != nil {
			return c, err
		}
		uniqueName = n.ResourceName == ""
		c.Resources = []Resource{r}
	} else if n.Schema != nil || n.SampleData != nil || n.DisplayNameKey != "" || len(n.WorkspaceIDs) > 0 {
		return c, fault.New(fault.CodeValidation,
			"`schema`, `sampleData`, `displayNameKey` and `workspaceIds` belong to CUSTOM connections only: leave them out")
	}
	return s.store.CreateConnection(ctx, c, uniqueName, event.New(a, c.CreatedAt, event.ConnectionCreated,
		event.CategoryConnection, "Connection “"+c.Name+"” was created", map[string]any{"name": c.Name, "providerTypes": types}))
}

func providerTypes(texts []string, may []ProviderType) ([]ProviderType, error) {
	words := fmt.Sprint(may)
	words = strings.ReplaceAll(words[1:len(words)-1], " ", ", ")
	var types []ProviderType
	for _, t := range texts {
		p := ProviderType(t)
		if !slices.Contains(may, p) {
			return nil, fault.New(fault.CodeValidation, "`providerTypes` has %q; it may hold %s", t, words)
		}
		if !slices.Contains(types, p) {
			types = append(types, p)
		}
	}
	if len(types) == 0 {
		return nil, fault.New(fault.CodeValidation, "`providerTypes` must name at least one of %s", words)
	}
	return types, nil
}

func newResource(n New, c Connection) (Resource, error) {
	r := Resource{Name: strings.TrimSpace(n.ResourceName), SchemaVersion: 1, DisplayNameKey: n.DisplayNameKey,
		FreshnessHours: n.FreshnessHours, CreatedAt: c.CreatedAt, UpdatedAt: c.CreatedAt}
	if len(n.WorkspaceIDs) == 0 {
		return r, fault.New(fault.CodeValidation, "`workspaceIds` must name at least one workspace, such as [1]")
	}
	if r.Name == "" {
		r.Name = c.Name
	}
	if err := checkName("resourceName", r.Name); err != nil {
		return r, err
	}
	if err := checkFreshness(n.FreshnessHours); err != nil {
		return r, err
	}
	if (n.Schema == nil) == (n.SampleData == nil) {
		return r, fault.New(fault.CodeValidation, "give exactly one of `schema` and `sampleData`")
	}
	text := n.Schema
	if n.SampleData != nil {
		inferred, err := schema.Infer(n.SampleData)
		if err != nil {
			return r, err
		}
		text = inferred.Schema
	}
	compiled, err := schema.Compile(text)
	if err != nil {
		return r, err
	}
	if n.DisplayNameKey == "" {
		return r, fault.New(fault.CodeValidation, "`displayNameKey` is required: the top-level property that names a record for people")
	}
	if err := compiled.DisplayNameCandidate(n.DisplayNameKey); err != nil {
		return r, err
	}
	r.Schema = compiled.Text()
	return r, nil
}

func checkName(field, name string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
		return fault.New(fault.CodeValidation, "`%s` must have 1 to %d characters", field, maxName)
	}
	return nil
}

func checkDescription(d *string) error {
	if d != nil && utf8.RuneCountInString(*d) > maxDescription {
		return fault.New(fault.CodeValidation, "`description` may have at most %d characters", maxDescription)
	}
	return nil
}

func checkFreshness(hours *int64) error {
	if hours != nil && (*hours < 1 || *hours > maxFreshness) {
		return fault.New(fault.CodeValidation, "`freshnessHours` must be null (no limit) or 1 to %d", maxFreshness)
	}
	return nil
}

// List lists connections with their resources. Whether data is stale is judged
// at this moment.
func (s *Service) List(ctx context.Context, f Filter, look Look, r page.Request) (page.Page[Connection], error) {
	if look.empty() {
		return s.store.Connections(ctx, f, r)
	}
	now := s.now()
	all := r
	all.Size = page.MaxSize
	var out []Connection
	for {
		p, err := s.store.Connections(ctx, f, all)
		if err != nil {
			return p, err
		}
		for _, c := range p.Items {
			if look.matches(c, now) {
				out = append(out, c)
			}
		}
		// A total needs the whole list; without one the first page too many is
		// enough.
		counting := r.WantTotal && r.After == nil
		if p.Next == "" || len(out) > r.Limit() && !counting {
			cut := page.Cut(r, out, func(c Connection) page.Position { return c.Position(r.Order()) })
			if counting {
				total := int64(len(out))
				cut.Total = &total
			}
			return cut, nil
		}
		if all, err = all.WithCursor(p.Next); err != nil {
			return p, err
		}
	}
}

// All lists all connections that a person looks for, newest first.
func (s *Service) All(ctx context.Context, f Filter, look Look) ([]Connection, error) {
	now := s.now()
	r := page.Request{Size: page.MaxSize}
	var out []Connection
	for {
		p, err := s.store.Connections(ctx, f, r)
		if err != nil {
			return nil, err
		}
		for _, c := range p.Items {
			if look.matches(c, now) {
				out = append(out, c)
			}
		}
		if p.Next == "" {
			return out, nil
		}
		if r, err = r.WithCursor(p.Next); err != nil {
			return nil, err
		}
	}
}

// Refresher collects the data of connections.
type Refresher interface {
	// Refresh asks for a run of each collection of a connection that does not run,
	// and tells how many.
	Refresh(ctx context.Context, a event.Actor, c Connection) (int, error)
}

// CollectWith sets what collects data. It is called before the service is used.
func (s *Service) CollectWith(r Refresher) { s.refresher = r }

// Refresh starts the collections of a connection and reads it again. One of which
// nothing was started is a CodeConflict, a disconnected one a CodeIntakeStopped.
func (s *Service) Refresh(ctx context.Context, a event.Actor, c Connection) (Connection, error) {
	if c.State() == Disconnected {
		return c, fault.New(fault.CodeIntakeStopped, "connection %d is disconnected: connect it again before it is refreshed", c.ID)
	}
	started := 0
	if s.refresher != nil {
		var err error
		if started, err = s.refresher.Refresh(ctx, a, c); err != nil {
			return c, err
		}
	}
	if started == 0 {
		return c, fault.New(fault.CodeConflict, "nothing of connection %d can be fetched now: its data is pushed, not pulled, or it is being fetched already", c.ID)
	}
	return s.store.Connection(ctx, c.ID)
}

// Get reads one connection with its resources; an absent one is a NotFound.
func (s *Service) Get(ctx context.Context, id int64) (Connection, error) {
	return s.store.Connection(ctx, id)
}

// Update changes name and description; nil leaves either as it is.
func (s *Service) Update(ctx context.Context, a event.Actor, id int64, name *string, description **string) (Connection, error) {
	if name != nil {
		trimmed := strings.TrimSpace(*name)
		if err := checkName("clientAlias", trimmed); err != nil {
			return Connection{}, err
		}
		name = &trimmed
	}
	if description != nil {
		if err := checkDescription(*description); err != nil {
			return Connection{}, err
		}
	}
	if err := s.open(ctx, id); err != nil {
		return Connection{}, err
	}
	now := s.now()
	e := event.New(a, now, event.ConnectionUpdated, event.CategoryConnection, "A connection's name or description was changed", nil)
	e.ConnectionID = id
	return s.store.UpdateConnection(ctx, id, name, description, now, e)
}

// open refuses to change a connection that is built in.
func (s *Service) open(ctx context.Context, id int64) error {
	c, err := s.store.Connection(ctx, id)
	if err != nil {
		return err
	}
	return c.Open()
}

// Disconnect stops the intake of a connection; what it has stays. Its open sessions
// are cancelled.
func (s *Service) Disconnect(ctx context.Context, a event.Actor, id int64) (Connection, error) {
	if err := s.open(ctx, id); err != nil {
		return Connection{}, err
	}
	now := s.now()
	e := event.New(a, now, event.ConnectionDisconnected, event.CategoryConnection, "A connection was disconnected: it takes no data, and keeps what it has", nil)
	e.ConnectionID = id
	return s.store.Disconnect(ctx, id, now, now, e)
}

// Reconnect lets a disconnected connection take data again.
func (s *Service) Reconnect(ctx context.Context, a event.Actor, id int64) (Connection, error) {
	now := s.now()
	e := event.New(a, now, event.ConnectionReconnected, event.CategoryConnection, "A connection takes data again", nil)
	e.ConnectionID = id
	return s.store.Disconnect(ctx, id, time.Time{}, now, e)
}

// Delete deletes a connection with its resources and records.
func (s *Service) Delete(ctx context.Context, a event.Actor, id int64) error {
	if err := s.open(ctx, id); err != nil {
		return err
	}
	now := s.now()
	e := event.New(a, now, event.ConnectionRemoved, event.CategoryConnection, "A connection was deleted with its records", nil)
	e.ConnectionID = id
	return s.store.DeleteConnection(ctx, id, now, e)
}

// Resource reads one resource of a connection; an absent one, or one of
// another connection, is a NotFound.
func (s *Service) Resource(ctx context.Context, connectionID, resourceID int64) (Resource, error) {
	return s.store.Resource(ctx, connectionID, resourceID)
}

// maxCompiled is how many resources have their compiled schemas kept; one more
// and they are all compiled anew when they are wanted.
const maxCompiled = 1000

// Schema is the compiled schema of a resource as it was read. It is compiled
// once per version.
func (s *Service) Schema(r Resource) (*schema.Schema, error) {
	s.mu.Lock()
	c, ok := s.compiled[r.ID]
	s.mu.Unlock()
	if ok && c.version == r.SchemaVersion {
		return c.schema, nil
	}
	sch, err := schema.Compile(r.Schema)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.compiled) >= maxCompiled {
		clear(s.compiled)
	}
	s.compiled[r.ID] = compiled{r.SchemaVersion, sch}
	return sch, nil
}

// Change is what a caller may change of a resource; nil leaves a field as it
// is.
type Change struct {
	Name           *string
	Description    **string
	DisplayNameKey *string
	FreshnessHours **int64
}

// UpdateResource changes a resource's settings.
func (s *Service) UpdateResource(ctx context.Context, a event.Actor, connectionID, resourceID int64, c Change) (Resource, error) {
	return s.store.UpdateResource(ctx, connectionID, resourceID, func(r *Resource) (event.Event, error) {
		if err := r.Open(); err != nil {
			return event.Event{}, err
		}
		if err := s.apply(c, r); err != nil {
			return event.Event{}, err
		}
		r.UpdatedAt = s.now()
		e := event.New(a, r.UpdatedAt, event.ResourceUpdated, event.CategoryConnection, "The settings of resource “"+r.Name+"” were changed",
			map[string]any{"resourceId": r.ID})
		e.ConnectionID = connectionID
		return e, nil
	})
}

func (s *Service) apply(c Change, r *Resource) error {
	if c.Name != nil {
		r.Name = strings.TrimSpace(*c.Name)
		if err := checkName("name", r.Name); err != nil {
			return err
		}
	}
	if c.Description != nil {
		r.Description = *c.Description
		if err := checkDescription(r.Description); err != nil {
			return err
		}
	}
	if c.FreshnessHours != nil {
		r.FreshnessHours = *c.FreshnessHours
		if err := checkFreshness(r.FreshnessHours); err != nil {
			return err
		}
	}
	if c.DisplayNameKey != nil {
		sch, err := s.Schema(*r)
		if err != nil {
			return err
		}
		if err := sch.DisplayNameCandidate(*c.DisplayNameKey); err != nil {
			return err
		}
		r.DisplayNameKey = *c.DisplayNameKey
	}
	return nil
}

// PutSchema replaces the schema of a resource that was read at its present
// version. Whether stored records satisfy it is for package record to say.
func (s *Service) PutSchema(ctx context.Context, a event.Actor, r Resource, text []byte, displayNameKey string) (Resource, error) {
	now := s.now()
	e := event.New(a, now, event.SchemaUpdated, event.CategoryConnection, "The schema of resource “"+r.Name+"” was changed",
		map[string]any{"resourceId": r.ID, "version": r.SchemaVersion + 1})
	e.ConnectionID = r.ConnectionID
	return s.store.PutSchema(ctx, r, text, displayNameKey, now, e)
}

// SchemaVersions lists all versions of a resource's schema, newest first.
func (s *Service) SchemaVersions(ctx context.Context, connectionID, resourceID int64) ([]SchemaVersion, error) {
	if _, err := s.store.Resource(ctx, connectionID, resourceID); err != nil {
		return nil, err
	}
	return s.store.SchemaVersions(ctx, resourceID)
}
