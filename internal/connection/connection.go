// Package connection holds connections to outside systems and their resources,
// the typed datasets that records are pushed into.
package connection

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// ProviderType says what sort of system a connection joins.
type ProviderType string

// The types that anybody can make a connection with.
const (
	Custom ProviderType = "CUSTOM"
	MDM    ProviderType = "MDM"
	HRIS   ProviderType = "HRIS"
)

// ProviderTypes lists every type of the contract once. Connections of the others
// are made from the catalogue.
var ProviderTypes = []ProviderType{"IDENTITY", "INFRASTRUCTURE", "VERSION_CONTROL", "TICKETING", HRIS, "BACKGROUND_CHECK", "SINGLE_SIGN_ON",
	"ENTERPRISE_SSO", MDM, "SECURITY_TRAINING", "OBSERVABILITY", "COMMUNICATION", "DIGITAL_SIGNATURE", "EXTERNAL_POLICY", "VULNERABILITY", "EDR",
	"USER_ACCESS_REVIEW", "CSPM", "CODEBASE", "CYBER_INSURANCE", "CRM", Custom, "AUTOMATION_TOOLS", "SECURITY_REVIEWS", "PROCUREMENT", "AUDITS", "MFA",
	"PRIVACY"}

// ParseProviderType refuses what is no type of the contract.
func ParseProviderType(text string) (ProviderType, error) {
	if t := ProviderType(text); slices.Contains(ProviderTypes, t) {
		return t, nil
	}
	return "", fault.New(fault.CodeValidation, "`providerTypes` has %.80q, which is no type of connection", text)
}

// Kind says how data comes into a connection.
type Kind string

// The kinds: we pull, somebody else pushes, you push, the data is our own.
const (
	Standard    Kind = "STANDARD"
	Partner     Kind = "PARTNER"
	OfYourOwn   Kind = "CUSTOM"
	OfPlumbline Kind = "BUILT_IN"
)

// Kinds lists every kind once.
var Kinds = []Kind{Standard, Partner, OfYourOwn, OfPlumbline}

// BuiltIn says what of its own the server keeps in a resource, such as people
// (package directory); empty: the records are brought from outside.
type BuiltIn string

// State says whether a connection takes data.
type State string

// The states.
const (
	Active       State = "ACTIVE"
	Disconnected State = "DISCONNECTED"
)

// States lists every state once.
var States = []State{Active, Disconnected}

// Connection joins one outside system.
type Connection struct {
	ID int64
	// Name is clientAlias on the wire.
	Name          string
	Description   *string
	ProviderTypes []ProviderType
	WorkspaceIDs  []int64
	Kind          Kind
	// CatalogSlug names the catalogue entry that it was made from, empty for one of
	// one's own.
	CatalogSlug string
	// DisconnectedAt is since when it takes no data, zero: it does.
	DisconnectedAt time.Time
	// CreatedBy is the person who made it, 0 if a key did.
	CreatedBy int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// Resources is filled where it was asked for.
	Resources []Resource
}

// Resource is a typed dataset of a connection.
type Resource struct {
	ID           int64
	ConnectionID int64
	Name         string
	Description  *string
	// DisplayNameKey is the top-level property that names a record for people.
	DisplayNameKey string
	// Schema is the text of the JSON Schema in force, SchemaVersion its number
	// from 1.
	Schema        []byte
	SchemaVersion int64
	// FreshnessHours is the age after which the data is stale; nil: no limit.
	FreshnessHours *int64
	CreatedAt      time.Time
	UpdatedAt      time.Time

	// RecordCount is the number of live records.
	RecordCount int64
	// ChangeSeq is the number of the last change to the records; each
	// transaction that changes records takes the next one.
	ChangeSeq int64
	// FreshAt is when the data was last confirmed: by any accepted push, or,
	// once a session was completed, by completed sessions only. Zero: never.
	FreshAt time.Time
	// ActiveSession is the id of the ACTIVE session, empty without one.
	ActiveSession string
	// Collected: the server gets the records by itself.
	Collected bool
	// BuiltIn is set for good when the server keeps the records.
	BuiltIn BuiltIn
	// Sync is what is remembered of its sync runs.
	Sync syncrun.Mark
}

// Open refuses what only the server does to a built-in resource.
func (r Resource) Open() error {
	if r.BuiltIn == "" {
		return nil
	}
	return fault.New(fault.CodeBuiltIn, "resource %d is built in: Plumbline keeps its records as personnel, devices and assets are, so change these instead", r.ID)
}

// Open refuses what cannot be done to a built-in connection.
func (c Connection) Open() error {
	if c.Kind != OfPlumbline {
		return nil
	}
	return fault.New(fault.CodeBuiltIn, "connection %d is built in: it stays as it is, while there are personnel, devices and assets", c.ID)
}

// Stale reports whether the data is older than the resource's limit at a
// moment. Data that never arrived is not stale, it is missing.
func (r Resource) Stale(now time.Time) bool {
	end := r.StaleAt()
	return !end.IsZero() && now.After(end)
}

// StaleAt is the moment after which the data is stale if no more comes, zero:
// never.
func (r Resource) StaleAt() time.Time {
	if r.FreshnessHours == nil || r.FreshAt.IsZero() {
		return time.Time{}
	}
	return r.FreshAt.Add(time.Duration(*r.FreshnessHours) * time.Hour)
}

// DataStatus says whether data can be relied on.
type DataStatus string

// The statuses. Data that never arrived is not stale, it is missing.
const (
	DataCurrent DataStatus = "CURRENT"
	DataStale   DataStatus = "STALE"
	DataMissing DataStatus = "NO_DATA"
)

// DataStatus is the state of the data at a moment.
func (r Resource) DataStatus(now time.Time) DataStatus {
	switch {
	case r.FreshAt.IsZero():
		return DataMissing
	case r.Stale(now):
		return DataStale
	}
	return DataCurrent
}

// DataStatus is that of the resource that is worst off, stale before missing;
// empty for a connection without resources.
func (c Connection) DataStatus(now time.Time) DataStatus {
	worst := DataStatus("")
	for _, r := range c.Resources {
		switch s := r.DataStatus(now); {
		case s == DataStale:
			return s
		case s == DataMissing || worst == "":
			worst = s
		}
	}
	return worst
}

// SchemaVersion is one version of a resource's schema.
type SchemaVersion struct {
	Version   int64
	Schema    []byte
	CreatedAt time.Time
	// KeyID and UserID are the key or the person who wrote it, 0 if none did.
	KeyID, UserID int64
}

// Filter narrows a list of connections; zero fields do not.
type Filter struct {
	WorkspaceID int64
	// Within keeps the connections of these workspaces; nil keeps all.
	Within []int64
}

// Look narrows a list of connections to what a person looks for; zero fields do
// not.
type Look struct {
	// Text is a part of the name, of a resource's name or of the description, in
	// any case.
	Text string
	// ProviderTypes keeps the connections of any of these.
	ProviderTypes []ProviderType
	Data          DataStatus
	Health        Health
	State         State
	Kind          Kind
}

func (l Look) empty() bool {
	return l.Text == "" && len(l.ProviderTypes) == 0 && l.Data == "" && l.Health == "" && l.State == "" && l.Kind == ""
}

func (l Look) matches(c Connection, now time.Time) bool {
	of := func(t ProviderType) bool { return slices.Contains(c.ProviderTypes, t) }
	if len(l.ProviderTypes) > 0 && !slices.ContainsFunc(l.ProviderTypes, of) || l.Data != "" && l.Data != c.DataStatus(now) ||
		l.State != "" && l.State != c.State() || l.Kind != "" && l.Kind != c.Kind || l.Health != "" && l.Health != c.Health(now).Health {
		return false
	}
	has := func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(l.Text)) }
	return l.Text == "" || has(c.Name) || c.Description != nil && has(*c.Description) ||
		slices.ContainsFunc(c.Resources, func(r Resource) bool { return has(r.Name) })
}

// Position is the place of the connection in a list of that order.
func (c Connection) Position(s page.Sort) page.Position {
	if s == page.UpdatedAt {
		return page.Position{Value: c.UpdatedAt.UnixMicro(), ID: c.ID}
	}
	return page.Position{Value: c.CreatedAt.UnixMicro(), ID: c.ID}
}

// Store keeps connections.
type Store interface {
	// CreateConnection stores a connection with its resources in one
	// transaction; a resource name that is taken in one of the workspaces is a
	// CodeDuplicateName, an unknown workspace a CodeValidation. With
	// uniqueName a taken name gets a number instead.
	CreateConnection(ctx context.Context, c Connection, uniqueName bool, e event.Event) (Connection, error)
	// Connections lists connections with their resources.
	Connections(ctx context.Context, f Filter, r page.Request) (page.Page[Connection], error)
	// Connection reads one with its resources; an absent one is a NotFound.
	Connection(ctx context.Context, id int64) (Connection, error)
	// Disconnect stops the intake of a connection and cancels its open sessions, or
	// with a zero since lets it take data again. One that is so already is a
	// CodeConflict, an absent one a NotFound.
	Disconnect(ctx context.Context, id int64, since, at time.Time, e event.Event) (Connection, error)
	UpdateConnection(ctx context.Context, id int64, name *string, description **string, at time.Time, e event.Event) (Connection, error)
	// DeleteConnection deletes it with everything below it.
	DeleteConnection(ctx context.Context, id int64, at time.Time, e event.Event) error
	// Resource reads one resource of a connection; an absent one, or one of
	// another connection, is a NotFound.
	Resource(ctx context.Context, connectionID, resourceID int64) (Resource, error)
	// UpdateResource stores what change makes of the settings of a resource, which
	// nobody else changes meanwhile; change may be called more than once. An absent
	// resource, or one of another connection, is a NotFound.
	UpdateResource(ctx context.Context, connectionID, resourceID int64, change func(*Resource) (event.Event, error)) (Resource, error)
	// PutSchema makes a new version of the schema if the version in force, and the
	// DisplayNameKey, are still those of read, else it is a CodeEditConflict.
	PutSchema(ctx context.Context, read Resource, schema []byte, displayNameKey string, at time.Time, e event.Event) (Resource, error)
	SchemaVersions(ctx context.Context, resourceID int64) ([]SchemaVersion, error)
}
