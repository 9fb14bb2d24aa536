// Package event is the audit trail: every mutation appends one event in its
// own transaction, so that what happened and the record of it cannot differ.
package event

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/page"
)

// Type says what happened. The names are the contract's (section 2.11) where
// it has one.
type Type string

// The types that this version writes.
const (
	ConnectionCreated  Type = "PROVIDER_CONNECTION_CREATED"
	ConnectionUpdated  Type = "PROVIDER_CONNECTION_UPDATED"
	ConnectionRemoved  Type = "PROVIDER_CONNECTION_REMOVED"
	ResourceUpdated    Type = "CUSTOM_RESOURCE_UPDATED"
	SchemaUpdated      Type = "CUSTOM_RESOURCE_SCHEMA_UPDATED"
	RecordsWritten     Type = "CUSTOM_RESOURCE_RECORD_CREATED"
	RecordsUpdated     Type = "CUSTOM_RESOURCE_RECORD_UPDATED"
	RecordRemoved      Type = "CUSTOM_RESOURCE_RECORD_REMOVED"
	SessionStarted     Type = "CUSTOM_DATA_SESSION_STARTED"
	SessionUploaded    Type = "CUSTOM_DATA_SESSION_UPLOADED"
	SessionCompleted   Type = "CUSTOM_DATA_SESSION_COMPLETED"
	SessionCanceled    Type = "CUSTOM_DATA_SESSION_CANCELED"
	TestCreated        Type = "MONITOR_TEST_CREATED"
	TestUpdated        Type = "MONITOR_TEST_DETAILS_UPDATED"
	TestPublished      Type = "MONITOR_TEST_PUBLISHED"
	TestDraftDiscarded Type = "MONITOR_TEST_DRAFT_DISCARDED"
	TestStatusUpdated  Type = "MONITOR_TEST_STATUS_UPDATED"
	TestStopped        Type = "MONITOR_TEST_STOPPED"
	TestEnabled        Type = "MONITOR_TEST_ENABLED"
	TestDeleted        Type = "MONITOR_TEST_DELETED"
	TestRun            Type = "AP_CUSTOM_TEST"
	TestRunCanceled    Type = "AP_CUSTOM_TEST_CANCELED"
	TestDrift          Type = "MONITOR_TEST_DRIFT"
	ConnectionStale    Type = "PROVIDER_CONNECTION_STALE"
	ConnectionFresh    Type = "PROVIDER_CONNECTION_FRESH"
	// ConnectionFailed: a sync run of a resource failed, after good ones or as the first.
	ConnectionFailed       Type = "PROVIDER_CONNECTION_ERROR"
	ConnectionRecovered    Type = "PROVIDER_CONNECTION_RECOVERED"
	ConnectionDisconnected Type = "PROVIDER_CONNECTION_DISCONNECTED"
	ConnectionReconnected  Type = "PROVIDER_CONNECTION_RECONNECTED"
	DraftRun               Type = "AP_DRAFT_TEST"
	ConditionCreated       Type = "NAMED_CONDITION_CREATED"
	ConditionUpdated       Type = "NAMED_CONDITION_UPDATED"
	ConditionDeleted       Type = "NAMED_CONDITION_DELETED"
	FrameworkCreated       Type = "FRAMEWORK_CREATED"
	FrameworkInstalled     Type = "FRAMEWORK_INSTALLED"
	FrameworkImported      Type = "FRAMEWORK_IMPORTED"
	FrameworkUpdated       Type = "FRAMEWORK_UPDATED"
	FrameworkDeleted       Type = "FRAMEWORK_DELETED"
	RequirementCreated     Type = "FRAMEWORK_REQUIREMENT_CREATED"
	RequirementUpdated     Type = "FRAMEWORK_REQUIREMENT_UPDATED"
	RequirementDeleted     Type = "FRAMEWORK_REQUIREMENT_DELETED"
	ControlCreated         Type = "CONTROL_CREATED"
	ControlUpdated         Type = "CONTROL_UPDATED"
	ControlScopeUpdated    Type = "CONTROL_SCOPE_UPDATED"
	// ControlMappingsReset: the mapping to requirements is the shipped one again.
	ControlMappingsReset Type = "CONTROL_MAPPINGS_RESET"
	ControlNoteCreated   Type = "CONTROL_NOTE_CREATED"
	ControlNoteUpdated   Type = "CONTROL_NOTE_UPDATED"
	ControlNoteDeleted   Type = "CONTROL_NOTE_DELETED"
	ExclusionCreated     Type = "MONITOR_EXCLUSION_CREATED"
	ExclusionUpdated     Type = "MONITOR_EXCLUSION_UPDATED"
	ExclusionDeleted     Type = "MONITOR_EXCLUSION_DELETED"
	ExclusionExpiring    Type = "MONITOR_EXCLUSION_EXPIRING"
	ExclusionExpired     Type = "MONITOR_EXCLUSION_EXPIRED"
	ExclusionFixed       Type = "MONITOR_EXCLUSION_FIXED"
	KeyCreated           Type = "PUBLIC_API_KEY_CREATED"
	KeyRevoked           Type = "PUBLIC_API_KEY_REVOKED"
	OrganisationCreated  Type = "COMPANY_CREATED"
	OrganisationUpdated  Type = "COMPANY_UPDATED"
	WorkspaceCreated     Type = "WORKSPACE_CREATED"
	WorkspaceUpdated     Type = "WORKSPACE_UPDATED"
	ControlOwnersUpdated Type = "CONTROL_OWNERS_UPDATED"

	UserCreated         Type = "USER_CREATED"
	UserInvited         Type = "USER_INVITED"
	UserUpdated         Type = "USER_UPDATED"
	UserDisabled        Type = "USER_DISABLED"
	UserEnabled         Type = "USER_ENABLED"
	UserDeleted         Type = "USER_DELETED"
	UserLinkCreated     Type = "USER_LINK_CREATED"
	UserPasswordChanged Type = "USER_PASSWORD_CHANGED"
	UserSignedIn        Type = "USER_SIGNED_IN"
	UserSignInFailed    Type = "USER_SIGN_IN_FAILED"
	UserSignedOut       Type = "USER_SIGNED_OUT"
	UserSessionsEnded   Type = "USER_SESSIONS_ENDED"

	AccountMappingUpdated Type = "ACCOUNT_MAPPING_UPDATED"
	AccountMappingDeleted Type = "ACCOUNT_MAPPING_DELETED"
	// AccountsExtracted: accounts came, changed or vanished with the records.
	AccountsExtracted     Type = "ACCOUNTS_EXTRACTED"
	AccountUpdated        Type = "ACCOUNT_UPDATED"
	AccessReviewCreated   Type = "ACCESS_REVIEW_CREATED"
	AccessReviewUpdated   Type = "ACCESS_REVIEW_UPDATED"
	AccessReviewDeleted   Type = "ACCESS_REVIEW_DELETED"
	AccessReviewDecided   Type = "ACCESS_REVIEW_DECIDED"
	AccessReviewSignedOff Type = "ACCESS_REVIEW_SIGNED_OFF"
	AccessReviewOverdue   Type = "ACCESS_REVIEW_OVERDUE"

	// How a resource is collected by the server itself, and the runs of that.
	CollectionCreated   Type = "COLLECTION_CREATED"
	CollectionUpdated   Type = "COLLECTION_UPDATED"
	CollectionDeleted   Type = "COLLECTION_DELETED"
	CollectionPaused    Type = "COLLECTION_PAUSED"
	CollectionResumed   Type = "COLLECTION_RESUMED"
	CollectionRun       Type = "COLLECTION_RUN"
	CollectionCanceled  Type = "COLLECTION_CANCELED"
	CollectionStarted   Type = "COLLECTION_STARTED"
	CollectionCompleted Type = "COLLECTION_COMPLETED"
	CollectionFailed    Type = "COLLECTION_FAILED"
	// CollectionStopped: a run ended early because somebody, or the end of the
	// process, wanted it.
	CollectionStopped     Type = "COLLECTION_STOPPED"
	IdentitiesWritten     Type = "HRIS_IDENTITIES_WRITTEN"
	IdentityDeleted       Type = "HRIS_IDENTITY_DELETED"
	IdentitySyncStarted   Type = "IDENTITY_SYNC_STARTED"
	IdentitySyncCompleted Type = "IDENTITY_SYNC_COMPLETED"
	IdentitySyncCanceled  Type = "IDENTITY_SYNC_CANCELED"
	PersonUpdated         Type = "PERSONNEL_UPDATED"
	PersonReset           Type = "PERSONNEL_RESET"
	// Groups of people, who belongs to one that has no rule, and of which groups the
	// personnel scope of a workspace is.
	PersonnelGroupCreated Type = "PERSONNEL_GROUP_CREATED"
	PersonnelGroupUpdated Type = "PERSONNEL_GROUP_UPDATED"
	PersonnelGroupDeleted Type = "PERSONNEL_GROUP_DELETED"
	PersonnelGroupMembers Type = "PERSONNEL_GROUP_MEMBERS_UPDATED"
	PersonnelScopeUpdated Type = "WORKSPACE_PERSONNEL_SCOPE_UPDATED"
	// PeopleImported and AssetsImported: a file made or changed several at once.
	PeopleImported     Type = "PERSONNEL_IMPORTED"
	AssetsImported     Type = "ASSETS_IMPORTED"
	AssetCreated       Type = "MANUAL_ASSET_CREATED"
	AssetUpdated       Type = "MANUAL_ASSET_UPDATED"
	AssetDeleted       Type = "MANUAL_ASSET_DELETED"
	AssetRestored      Type = "MANUAL_ASSET_RESTORED"
	AssetOwnerUpdated  Type = "ASSET_OWNER_UPDATED"
	AssetNotesUpdated  Type = "ASSET_NOTES_UPDATED"
	CustomFieldCreated Type = "CUSTOM_FIELD_CREATED"
	CustomFieldUpdated Type = "CUSTOM_FIELD_UPDATED"
	CustomFieldDeleted Type = "CUSTOM_FIELD_DELETED"
	DeviceLinked       Type = "DEVICE_LINKED"
	DeviceUpdated      Type = "DEVICE_UPDATED"
	DeviceDeleted      Type = "DEVICE_DELETED"
	DocumentAdded      Type = "DEVICE_DOCUMENT_ADDED"
	DocumentDeleted    Type = "DEVICE_DOCUMENT_DELETED"
	DocumentDownloaded Type = "DEVICE_DOCUMENT_DOWNLOADED"

	ChannelCreated     Type = "NOTIFICATION_CHANNEL_CREATED"
	ChannelUpdated     Type = "NOTIFICATION_CHANNEL_UPDATED"
	ChannelDeleted     Type = "NOTIFICATION_CHANNEL_DELETED"
	ChannelTested      Type = "NOTIFICATION_CHANNEL_TESTED"
	RuleCreated        Type = "NOTIFICATION_RULE_CREATED"
	RuleUpdated        Type = "NOTIFICATION_RULE_UPDATED"
	RuleDeleted        Type = "NOTIFICATION_RULE_DELETED"
	NotificationFailed Type = "NOTIFICATION_FAILED"
	// NotificationRetried: one that was given up is tried anew.
	NotificationRetried Type = "NOTIFICATION_RETRIED"

	AIProviderUpdated Type = "AI_PROVIDER_UPDATED"
	AIProviderTested  Type = "AI_PROVIDER_TESTED"
	// Those of summaries hold nothing of what was asked or answered.
	SummaryRequested Type = "CONNECTION_SUMMARY_REQUESTED"
	SummaryCreated   Type = "CONNECTION_SUMMARY_CREATED"
	SummaryFailed    Type = "CONNECTION_SUMMARY_FAILED"
	SummaryRated     Type = "CONNECTION_SUMMARY_RATED"
)

// Category groups types.
type Category string

// The categories.
const (
	CategoryConnection Category = "CUSTOM_CONNECTION"
	CategoryMonitor    Category = "MONITOR"
	CategoryControl    Category = "CONTROL"
	CategoryFramework  Category = "FRAMEWORK"
	CategoryKey        Category = "PUBLIC_API_KEY"
	CategoryCompany    Category = "COMPANY"
	CategoryUser       Category = "USER"
	CategoryPersonnel  Category = "PERSONNEL"
	CategoryAsset      Category = "ASSET"
	CategoryDevice     Category = "DEVICE"
	// CategoryNotification and CategoryAccount are ours.
	CategoryAccount      Category = "ACCOUNT"
	CategoryNotification Category = "NOTIFICATION"
)

// Source says through which door a change came.
type Source string

// The sources of the contract that occur here: the public API, the evaluator
// (AUTOPILOT), the clock (SCHEDULED) and the program's own command line (APP).
const (
	SourceAPI       Source = "PUBLIC_API"
	SourceEvaluator Source = "AUTOPILOT"
	SourceScheduled Source = "SCHEDULED"
	SourceApp       Source = "APP"
)

// Actor is who does something: a key, a person, or the system itself.
type Actor struct {
	Source Source
	// KeyID is the API key, 0 when no key is involved.
	KeyID int64
	// UserID is the person, 0 when no person is known.
	UserID int64
	// Name is what people call the actor, for the description.
	Name string
	// Request names the request for requestDescription, such as
	// "POST /public/v2/custom-connections".
	Request string
}

// Owner names who may see what the actor left in memory or for a repetition: the
// key, or the person as a number below zero.
func (a Actor) Owner() int64 {
	if a.UserID != 0 {
		return -a.UserID
	}
	return a.KeyID
}

// System is the actor of work that nobody asked for by hand.
func System(source Source) Actor { return Actor{Source: source, Name: "Plumbline"} }

// Event is one line of the audit trail. Ids that do not apply are 0.
type Event struct {
	// ID is a UUID in text form.
	ID string
	// Seq orders events; it is internal.
	Seq          int64
	Type         Type
	Category     Category
	Source       Source
	Description  string
	Metadata     json.RawMessage
	Status       string
	WorkspaceID  int64
	ConnectionID int64
	TestID       int64
	TestName     string
	UserID       int64
	KeyID        int64
	Request      string
	CreatedAt    time.Time
}

// New makes an event of an actor. Metadata must marshal to a JSON object, or
// be nil.
func New(a Actor, at time.Time, t Type, c Category, description string, metadata any) Event {
	e := Event{ID: uuid.NewString(), Type: t, Category: c, Source: a.Source, Description: description,
		UserID: a.UserID, KeyID: a.KeyID, Request: a.Request, CreatedAt: at}
	if metadata != nil {
		// Metadata is always a map or struct of plain values made here.
		e.Metadata, _ = json.Marshal(metadata)
	}
	return e
}

// Filter narrows a list of events; zero fields do not.
type Filter struct {
	Type         Type
	Category     Category
	Source       Source
	WorkspaceID  int64
	ConnectionID int64
	// NoConnection keeps only events without a connection (connectionId=null).
	NoConnection bool
	UserID       int64
	NoUser       bool
	// Within keeps the events of these workspaces, and those without a workspace
	// that are of a connection of theirs; nil keeps all.
	Within []int64
	KeyID  int64
	// TestID is the number of a test in its workspace.
	TestID int64
	// About keeps what names these objects in its metadata.
	About []Object
	// Search is a part of the description, in any case.
	Search string
	// Look is how many events a page of a narrowed list looks through; 0: [Looked].
	Look int
	// From and To bound createdAt: From <= createdAt < To.
	From, To time.Time
}

// Object is one that an event names in its metadata, such as controlId 12.
type Object struct {
	Name string
	ID   int64
}

// Looked is how many events one page of a narrowed list looks through at most.
const Looked = 50_000

// Store keeps events.
type Store interface {
	// Events lists events by createdAt. A page of a narrowed list may be short, or
	// empty, and go on: it looks through [Looked] events.
	Events(ctx context.Context, f Filter, r page.Request) (page.Page[Event], error)
	// Event reads one event by its UUID, within bounds as in [Filter]; an absent
	// one is a NotFound.
	Event(ctx context.Context, id string, within []int64) (Event, error)
}
