package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Role names a set of scopes that a person may hold. The names are the
// contract's (section 2.13).
type Role string

// The roles.
const (
	Administrator    Role = "ADMIN"
	SecurityLead     Role = "TECHGOV"
	WorkspaceManager Role = "WORKSPACE_ADMINISTRATOR"
	ControlManager   Role = "CONTROL_MANAGER"
	DevOpsEngineer   Role = "DEVOPS_ENGINEER"
	PersonnelManager Role = "PEOPLE_OPS"
	Auditor          Role = "AUDITOR"
	ReadOnly         Role = "ACT_AS_READ_ONLY"
	Employee         Role = "EMPLOYEE"
)

// RoleInfo describes a role.
type RoleInfo struct {
	// ID is its number on the wire.
	ID   int64
	Role Role
	Name string
	// Text says what it is for.
	Text string
	// Scoped roles can be held in some workspaces only.
	Scoped bool
	Scopes []Scope
}

// organisational are the scopes of what belongs to no workspace: a role brings
// them only when it is held everywhere.
var organisational = []Scope{WorkspacesPost, CompanyPut, KeysGet, KeysPost, KeysDelete, SettingsPut, CustomFieldsPut}

// shared are the scopes that a role brings everywhere, even when it is held in
// one workspace only: pages of every workspace need them.
var shared = []Scope{CompanyGet, SettingsGet, RolesGet, RolesGetOne}

// of are the scopes for which a condition holds, without the bundles.
func of(wanted func(ScopeInfo) bool) []Scope {
	var out []Scope
	for _, i := range Scopes {
		if i.Scope != All && i.Scope != Read && wanted(i) {
			out = append(out, i.Scope)
		}
	}
	return out
}

var (
	// looking is reading everything of workspaces.
	looking = of(func(i ScopeInfo) bool { return i.Reads && !slices.Contains(organisational, i.Scope) })
	// managing is doing everything in workspaces.
	managing = of(func(i ScopeInfo) bool { return !slices.Contains(organisational, i.Scope) })
)

// Roles is the one table of roles. They add up; a person with several may do
// what any of them allows.
var Roles = []RoleInfo{
	{1, Administrator, "Administrator", "Everything, people, keys and settings included.", false, []Scope{All}},
	{2, SecurityLead, "Information security lead", "Everything in workspaces, settings and API keys; people only to look at.", true,
		slices.Concat(without(managing, UsersPost, UsersPut, UsersDelete, WorkspacesPut), []Scope{SettingsPut, KeysGet, KeysPost, KeysDelete})},
	{3, WorkspaceManager, "Workspace manager", "Everything in workspaces, and the people whose roles are in them.", true, managing},
	{4, ControlManager, "Control manager", "Controls with their owners and notes, frameworks, requirements, exclusions and access reviews; the rest to look at.", true,
		slices.Concat(looking, []Scope{ControlsPost, ControlsPut, ControlsAction, ControlsReset, ControlsPutOwners, ControlsDelOwners, ControlNotesPost, ControlNotesPut,
			ControlNotesDelete, FrameworksPost, FrameworksPut, FrameworksDelete, RequirementsPost, RequirementsPut, RequirementsDelete,
			ExclusionsPost, ExclusionsPut, ExclusionsDelete, AccountsPut, ReviewsPost, ReviewsPut, ReviewsSignOff, ReviewsDelete})},
	{5, DevOpsEngineer, "DevOps engineer", "Connections, records, tests and accounts, decisions in access reviews, and API keys that push or report devices; the rest to look at.", true,
		slices.Concat(looking, []Scope{ConnectionsPost, ConnectionsPut, ConnectionsDelete, DataPost, DataPut, DataDelete, MonitorsPost, MonitorsPut, MonitorsAction,
			NotificationsPost, NotificationsPut, AccountsPut, ReviewsPut, DevicesReport, KeysGet, KeysPost})},
	{6, PersonnelManager, "Personnel compliance manager", "Personnel, their identities, devices, assets and accounts, access reviews; controls, frameworks and users to look at.", false,
		[]Scope{WorkspacesGet, CompanyGet, SettingsGet, ControlsGet, ControlsGetOne, ControlNotesGet, ControlNotesPost, FrameworksGet, RequirementsGet, MonitorsGet,
			UsersGet, UsersGetOne, RolesGet, RolesGetOne, ConnectionsGet, IdentitiesGet, IdentityPost, IdentityGet, IdentityDelete, PersonnelGet, PersonnelGetOne,
			PersonnelPut, PersonnelPutDates, PersonnelPutStatus, PersonnelReset, PersonnelImport, GroupsPut, PersonnelScopeGet, CustomFieldsGet, AssetsGet, AssetsPost, AssetsPut, AssetsDelete, AssetsImport, DevicesGet, DevicesPost, DevicesDelete,
			DocumentsGet, DocumentsPost, DocumentsGetOne, DocumentsDelete,
			AccountsGet, AccountsPut, ReviewsGet, ReviewsPost, ReviewsPut}},
	{7, Auditor, "Auditor", "Everything of workspaces and who did what, to look at.", true, looking},
	{8, ReadOnly, "Read-only", "Everything, to look at.", true, []Scope{Read}},
	{9, Employee, "Employee", "Their own account only.", false, []Scope{CompanyGet}},
}

func without(list []Scope, out ...Scope) []Scope {
	return slices.DeleteFunc(slices.Clone(list), func(s Scope) bool { return slices.Contains(out, s) })
}

// FindRole finds a role by its name.
func FindRole(r Role) (RoleInfo, bool) {
	i := slices.IndexFunc(Roles, func(each RoleInfo) bool { return each.Role == r })
	if i < 0 {
		return RoleInfo{}, false
	}
	return Roles[i], true
}

// RoleNames are the names of all roles.
func RoleNames() []string {
	out := make([]string, len(Roles))
	for i, r := range Roles {
		out[i] = string(r.Role)
	}
	return out
}

// Grant is a role that a person holds in a workspace, or everywhere
// (WorkspaceID 0).
type Grant struct {
	Role        Role
	WorkspaceID int64
}

// brings is what a grant gives: everywhere, and in its workspace only.
func (g Grant) brings() (everywhere, there []Scope) {
	info, ok := FindRole(g.Role)
	if !ok {
		// A role of a newer program.
		return nil, nil
	}
	if g.WorkspaceID == 0 {
		return info.Scopes, nil
	}
	for _, s := range Expand(info.Scopes) {
		switch {
		case slices.Contains(shared, s):
			everywhere = append(everywhere, s)
		case !slices.Contains(organisational, s):
			there = append(there, s)
		}
	}
	return everywhere, there
}

// NewGrants checks the roles that somebody is to hold: in the workspaces, or
// everywhere when none are named. Roles that cannot be limited are held
// everywhere in any case.
func NewGrants(list []Grant) ([]Grant, error) {
	var out []Grant
	for i, g := range list {
		info, ok := FindRole(g.Role)
		if !ok {
			return nil, at(fault.New(fault.CodeValidation, "there is no role %q; there are %s", fault.Short(string(g.Role), 40), strings.Join(RoleNames(), ", ")), i)
		}
		if g.WorkspaceID != 0 && !info.Scoped {
			return nil, at(fault.New(fault.CodeValidation, "the role %s cannot be limited to workspaces", info.Name), i)
		}
		if g.WorkspaceID < 0 {
			return nil, UnknownWorkspace(i, g.WorkspaceID)
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	if len(out) > maxGrants {
		return nil, fault.New(fault.CodeValidation, "a person may hold at most %d roles in workspaces", maxGrants)
	}
	// What is held everywhere is held in each workspace, too.
	return slices.DeleteFunc(out, func(g Grant) bool { return g.WorkspaceID != 0 && slices.Contains(out, Grant{Role: g.Role}) }), nil
}

// maxGrants bounds what one person holds.
const maxGrants = 1000

// at sets the place of a grant in the list that came.
func at(err *fault.Error, i int) *fault.Error {
	err.Pointer = "/grants/" + strconv.Itoa(i)
	return err
}

// UnknownWorkspace refuses the grant at a place of a list.
func UnknownWorkspace(i int, workspaceID int64) error {
	return at(fault.New(fault.CodeValidation, "there is no workspace %d", workspaceID), i)
}
