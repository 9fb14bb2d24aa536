package access

import (
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Scope is a permission that a key may carry. The strings are the contract's;
// those marked ours in [Scopes] cover operations that only we have.
type Scope string

// The scopes. All and Read are bundles: everything, and everything that only
// reads.
const (
	All  Scope = "all"
	Read Scope = "read"

	ConnectionsGet     Scope = "custom-connections-get"
	ConnectionsPost    Scope = "custom-connections-post"
	ConnectionsPut     Scope = "custom-connections-put"
	ConnectionsDelete  Scope = "custom-connections-delete"
	DataPost           Scope = "custom-connections-data-post"
	DataPut            Scope = "custom-connections-data-put"
	DataDelete         Scope = "custom-connections-data-delete"
	MonitorsGet        Scope = "monitors-get"
	MonitorsGetOne     Scope = "monitors-get-monitor"
	MonitorsPut        Scope = "monitors-put-monitor"
	MonitorsPost       Scope = "monitors-post-monitor"
	MonitorsAction     Scope = "monitors-post-action"
	ExclusionsPost     Scope = "monitors-post-exclusion"
	ExclusionsPut      Scope = "monitors-put-exclusion"
	ExclusionsDelete   Scope = "monitors-delete-exclusion"
	ControlsGet        Scope = "controls-get"
	ControlsGetOne     Scope = "controls-get-control"
	ControlsPost       Scope = "controls-post"
	ControlsPut        Scope = "controls-put"
	ControlsAction     Scope = "controls-post-action"
	ControlsReset      Scope = "controls-post-reset-mappings"
	ControlsPutOwners  Scope = "controls-put-owners"
	ControlsDelOwners  Scope = "controls-delete-owners"
	ControlNotesGet    Scope = "controls-get-notes"
	ControlNotesPost   Scope = "controls-post-notes"
	ControlNotesPut    Scope = "controls-put-notes"
	ControlNotesDelete Scope = "controls-delete-notes"
	FrameworksGet      Scope = "workspaces-get-frameworks"
	FrameworksPost     Scope = "workspaces-post-framework"
	FrameworksPut      Scope = "workspaces-put-framework"
	FrameworksDelete   Scope = "workspaces-delete-framework"
	RequirementsGet    Scope = "get-frameworks-requirements"
	RequirementsPost   Scope = "workspaces-post-framework-requirements"
	RequirementsPut    Scope = "framework-requirement-put"
	RequirementsDelete Scope = "framework-requirement-delete"
	EventsGet          Scope = "event-tracking-get"
	EventsGetOne       Scope = "event-tracking-get-event"
	WorkspacesGet      Scope = "workspaces-get"
	CompanyGet         Scope = "company-settings-get-info"
	KeysGet            Scope = "api-keys-get"
	KeysPost           Scope = "api-keys-post"
	KeysDelete         Scope = "api-keys-delete"
	SettingsGet        Scope = "settings-get"
	SettingsPut        Scope = "settings-put"
	WorkspacesPost     Scope = "workspaces-post"
	WorkspacesPut      Scope = "workspaces-put"
	CompanyPut         Scope = "company-settings-put"
	UsersGet           Scope = "users-get"
	UsersGetOne        Scope = "user-get"
	UsersPost          Scope = "users-post"
	UsersPut           Scope = "users-put"
	UsersDelete        Scope = "users-delete"
	IdentitiesGet      Scope = "user-identities-hris-get"
	IdentityPost       Scope = "user-identity-hris-post"
	IdentityGet        Scope = "user-identity-hris-get"
	IdentityDelete     Scope = "user-identity-hris-delete"
	AssetsGet          Scope = "assets-get"
	AssetsPost         Scope = "assets-post"
	AssetsPut          Scope = "assets-put"
	AssetsDelete       Scope = "assets-delete"
	AssetsImport       Scope = "assets-import"
	DevicesGet         Scope = "devices-get"
	DevicesPost        Scope = "devices-post"
	DevicesDelete      Scope = "devices-delete-from-custom-connection"
	DevicesReport      Scope = "devices-report"
	DocumentsGet       Scope = "devices-get-documents"
	DocumentsPost      Scope = "devices-post-document"
	DocumentsGetOne    Scope = "devices-get-download-document"
	DocumentsDelete    Scope = "devices-delete-document"
	PersonnelGet       Scope = "personnel-get"
	PersonnelGetOne    Scope = "personnel-get-personnel-details"
	PersonnelPut       Scope = "personnel-put"
	PersonnelPutDates  Scope = "personnel-put-contract-dates"
	PersonnelPutStatus Scope = "personnel-put-employment-status"
	PersonnelReset     Scope = "personnel-put-reset-resync"
	PersonnelImport    Scope = "personnel-import"
	GroupsPut          Scope = "personnel-groups-put"
	CustomFieldsGet    Scope = "custom-fields-get"
	CustomFieldsPut    Scope = "custom-fields-put"
	RolesGet           Scope = "roles-get"
	RolesGetOne        Scope = "role-get"

	PersonnelScopeGet    Scope = "workspace-personnel-scope-get"
	PersonnelScopePut    Scope = "workspace-personnel-scope-update"
	PersonnelScopeDelete Scope = "workspace-personnel-scope-delete"

	NotificationsGet    Scope = "notifications-get"
	NotificationsPost   Scope = "notifications-post"
	NotificationsPut    Scope = "notifications-put"
	NotificationsDelete Scope = "notifications-delete"

	AccountsGet    Scope = "accounts-get"
	AccountsPut    Scope = "accounts-put"
	ReviewsGet     Scope = "access-reviews-get"
	ReviewsPost    Scope = "access-reviews-post"
	ReviewsPut     Scope = "access-reviews-put"
	ReviewsSignOff Scope = "access-reviews-sign-off"
	ReviewsDelete  Scope = "access-reviews-delete"
)

// ScopeInfo describes one scope for people.
type ScopeInfo struct {
	Scope Scope
	// Name is the permission's name as the contract words it.
	Name string
	// Reads is true when the scope changes nothing; [Read] includes it.
	Reads bool
}

// Scopes lists every scope once, bundles first.
var Scopes = []ScopeInfo{
	{All, "Everything", false},
	{Read, "Everything that only reads", true},
	{ConnectionsGet, "Custom Connections Management: List Custom Connections", true},
	{ConnectionsPost, "Custom Connections Management: Create Custom Connection", false},
	{ConnectionsPut, "Custom Connections Management: Update Custom Connection", false},
	{ConnectionsDelete, "Custom Connections Management: Delete Custom Connection", false},
	{DataPost, "Custom Connections Data: Create Custom Connection Data", false},
	{DataPut, "Custom Connections Data: Create and Update Custom Connection Data", false},
	{DataDelete, "Custom Connections Data: Delete Custom Connection Data", false},
	{MonitorsGet, "Monitoring: List Monitors", true},
	{MonitorsGetOne, "Monitoring: Get Monitor", true},
	{MonitorsPut, "Monitoring: Update Monitor", false},
	{MonitorsPost, "Monitoring: Create Monitor", false},
	{MonitorsAction, "Monitoring: Run, Publish, Enable, Disable and Delete Monitors", false},
	{ExclusionsPost, "Monitoring: Create Exclusion", false},
	{ExclusionsPut, "Monitoring: Update Exclusion", false},
	{ExclusionsDelete, "Monitoring: Delete Exclusion", false},
	{ControlsGet, "Controls: List Controls", true},
	{ControlsGetOne, "Controls: Get Control", true},
	{ControlsPost, "Controls: Create Control", false},
	{ControlsPut, "Controls: Update Control", false},
	{ControlsAction, "Controls: Mark In and Out of Scope", false},
	{ControlsReset, "Controls: Reset Mappings", false},
	{ControlsPutOwners, "Controls: Update Owners", false},
	{ControlsDelOwners, "Controls: Remove Owner", false},
	{ControlNotesGet, "Controls: List Notes", true},
	{ControlNotesPost, "Controls: Create Note", false},
	{ControlNotesPut, "Controls: Update Note", false},
	{ControlNotesDelete, "Controls: Delete Note", false},
	{FrameworksGet, "Frameworks: List Frameworks", true},
	{FrameworksPost, "Frameworks: Create, Install and Import Frameworks", false},
	{FrameworksPut, "Frameworks: Update Framework", false},
	{FrameworksDelete, "Frameworks: Delete Framework", false},
	{RequirementsGet, "Frameworks: List Requirements", true},
	{RequirementsPost, "Frameworks: Create Requirements", false},
	{RequirementsPut, "Frameworks: Update Requirement", false},
	{RequirementsDelete, "Frameworks: Delete Requirement", false},
	{EventsGet, "Event Tracking: List Events", true},
	{EventsGetOne, "Event Tracking: Get Event", true},
	{WorkspacesGet, "Workspaces: List Workspaces", true},
	{WorkspacesPost, "Workspaces: Create Workspace", false},
	{WorkspacesPut, "Workspaces: Update Workspace", false},
	{CompanyGet, "Company Settings: Get Company Settings", true},
	{CompanyPut, "Company Settings: Update Company Settings", false},
	{UsersGet, "Users: List Users", true},
	{UsersGetOne, "Users: Get User", true},
	{UsersPost, "Users: Invite User", false},
	{UsersPut, "Users: Update, Disable and Enable User, Renew Links", false},
	{UsersDelete, "Users: Delete User", false},
	{IdentitiesGet, "HRIS User Identities: List HRIS User Identities", true},
	{IdentityPost, "HRIS User Identities: Create or Update HRIS User Identities", false},
	{IdentityGet, "HRIS User Identities: Get HRIS User Identity", true},
	{IdentityDelete, "HRIS User Identities: Delete HRIS User Identity", false},
	{AssetsGet, "Assets: List Assets", true},
	{AssetsPost, "Assets: Create Asset", false},
	{AssetsPut, "Assets: Update Asset", false},
	{AssetsDelete, "Assets: Delete Asset", false},
	{AssetsImport, "Assets: Import Assets", false},
	{DevicesGet, "Devices: List Devices", true},
	{DevicesPost, "Devices: Create Device", false},
	{DevicesDelete, "Devices: Delete Device", false},
	{DevicesReport, "Devices: Report Devices to Named Connections and Nothing Else (Agent)", false},
	{DocumentsGet, "Devices: List Device Documents", true},
	{DocumentsPost, "Devices: Add Device Document", false},
	{DocumentsGetOne, "Devices: Get and Download Device Document", true},
	{DocumentsDelete, "Devices: Delete Device Document", false},
	{PersonnelGet, "Personnel: List Personnel", true},
	{PersonnelGetOne, "Personnel: Get Personnel", true},
	{PersonnelPut, "Personnel: Update Personnel", false},
	{PersonnelPutDates, "Personnel: Update Contract Dates (v1)", false},
	{PersonnelPutStatus, "Personnel: Update Employment Status (v1)", false},
	{PersonnelReset, "Personnel: Reset and Sync Personnel", false},
	{PersonnelImport, "Personnel: Import Personnel", false},
	{GroupsPut, "Personnel: Create, Change and Delete Groups", false},
	{PersonnelScopeGet, "Workspaces: View Workspace Personnel Scope", true},
	{PersonnelScopePut, "Workspaces: Replace Workspace Personnel Scope", false},
	{PersonnelScopeDelete, "Workspaces: Remove Group From Workspace Personnel Scope", false},
	{CustomFieldsGet, "Custom Fields: List Custom Fields", true},
	{CustomFieldsPut, "Custom Fields: Create, Change and Delete Custom Fields", false},
	{RolesGet, "Roles: List Roles", true},
	{RolesGetOne, "Roles: Get Role", true},
	{KeysGet, "API Keys: List API Keys", true},
	{KeysPost, "API Keys: Create API Key", false},
	{KeysDelete, "API Keys: Revoke API Key", false},
	{SettingsGet, "Settings: Get Settings", true},
	{SettingsPut, "Settings: Change Settings", false},
	{NotificationsGet, "Notifications: List Channels, Rules and Deliveries", true},
	{NotificationsPost, "Notifications: Create and Try Channels, Create Rules, Retry Deliveries", false},
	{NotificationsPut, "Notifications: Change Channels and Rules", false},
	{NotificationsDelete, "Notifications: Delete Channels and Rules", false},
	{AccountsGet, "Accounts: List Accounts", true},
	{AccountsPut, "Accounts: Link People, Mark Service Accounts, Set Scope, Give Evidence", false},
	{ReviewsGet, "Access Reviews: List Access Reviews", true},
	{ReviewsPost, "Access Reviews: Create and Change Access Reviews", false},
	{ReviewsPut, "Access Reviews: Decide about Accounts", false},
	{ReviewsSignOff, "Access Reviews: Sign off", false},
	{ReviewsDelete, "Access Reviews: Delete Access Review", false},
}

// Grants reports whether a set of scopes allows what needs one scope. It is
// the only place that decides; handlers name the scope, never the rule.
func Grants(have []Scope, need Scope) bool {
	if slices.Contains(have, All) || slices.Contains(have, need) {
		return true
	}
	if !slices.Contains(have, Read) {
		return false
	}
	i := slices.IndexFunc(Scopes, func(s ScopeInfo) bool { return s.Scope == need })
	return i >= 0 && Scopes[i].Reads
}

// Expand spells out the bundles in a set of scopes: every scope that it grants,
// in the order of [Scopes].
func Expand(have []Scope) []Scope {
	out := []Scope{}
	for _, i := range Scopes {
		if i.Scope != All && i.Scope != Read && Grants(have, i.Scope) {
			out = append(out, i.Scope)
		}
	}
	return out
}

// ParseScopes checks a list of scope strings, drops repeats and keeps order.
// An empty list or an unknown scope is a CodeValidation that names it.
func ParseScopes(texts []string) ([]Scope, error) {
	var out []Scope
	for _, t := range texts {
		s := Scope(strings.TrimSpace(t))
		if !slices.ContainsFunc(Scopes, func(i ScopeInfo) bool { return i.Scope == s }) {
			return nil, fault.New(fault.CodeValidation, "`scopes` has %q, which is not a scope; use `all`, `read` or scopes such as `%s`", t, DataPost)
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.CodeValidation, "`scopes` must name at least one scope, such as `all`, `read` or `%s`", DataPost)
	}
	return out, nil
}
