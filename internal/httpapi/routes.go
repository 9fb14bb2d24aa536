package httpapi

import (
	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
)

// route is one operation of the public API.
type route struct {
	method, path string
	// id is the operation's id in the OpenAPI document; the published ones are
	// the contract's.
	id      string
	scope   access.Scope
	feature feature
	handle  func(*api, *call) (answer, error)
}

// What stands in place of a scope: anyKey is what every valid key and every
// person may ask, person what concerns the person who is signed in, and anyone
// what needs neither key nor sign-in.
const (
	anyKey access.Scope = ""
	person access.Scope = "a person"
	anyone access.Scope = "anyone"
)

// narrowed are the operations outside of a workspace that ask for their scope in
// some workspace only: they show, or change, no more than what is within reach
// of the caller. All others outside of workspaces and connections ask for it
// everywhere.
var narrowed = map[string]bool{
	connections + "listCustomConnections": true, connections + "createCustomConnection": true, "inferSchema": true,
	"listConnections": true, "v1ListConnections": true, "v1ListSessionEvidence": true,
	"listConnectionCatalog": true, "listCatalogCategories": true, "getCatalogEntry": true, "useCatalogEntry": true,
	"listEvents": true, "getEvent": true, "listWorkspaces": true,
	"listUsers": true, "getUser": true, "createUser": true, "updateUser": true, "performUserAction": true, "deleteUser": true,
	"listRoles": true, "getRole": true, "listRoleUsers": true,
}

// forReports are the operations that a key with the scope `devices-report` may
// ask, of the connections that it names. It may ask nothing else, not even what
// every other key may.
var forReports = map[string]bool{"createDevice": true}

// withFile are the operations whose body is a file, with how many bytes it may
// have: more than others.
var withFile = map[string]int64{"createDeviceDocument": maxFileBody, "v1CreateDeviceDocument": maxFileBody, "importPersonnel": asset.MaxImportBytes, "importAssets": asset.MaxImportBytes}

// feature says what an administrator can do to a route: core stops while terms
// are not accepted, custom and customFramework also when their feature is
// switched off, and alwaysOn never.
type feature uint8

const (
	core feature = iota
	custom
	customFramework
	alwaysOn
)

func (f feature) of() access.Feature {
	switch f {
	case custom:
		return access.CustomConnections
	case customFramework:
		return access.CustomFrameworks
	}
	return ""
}

const (
	v1 = "/public"
	v2 = "/public/v2"

	shelf = "/connection-catalog"
	conn  = "/custom-connections"
	one   = conn + "/{connectionId}"
	res   = one + "/resources/{resourceId}"
	hub   = "/connections"
	link  = hub + "/{connectionId}"
	tests = "/workspaces/{workspaceId}/monitoring-tests"
	conds = "/workspaces/{workspaceId}/conditions"
	excls = tests + "/{testId}/exclusions"
	every = "/workspaces/{workspaceId}/exclusions"

	diagnoses = "/connections/{connectionId}/diagnosis"

	channels   = "/workspaces/{workspaceId}/notifications/channels"
	rules      = "/workspaces/{workspaceId}/notifications/rules"
	deliveries = "/workspaces/{workspaceId}/notifications/deliveries"

	scopes     = "/workspaces/{workspaceId}/scoped-personnel-groups"
	accounts   = "/workspaces/{workspaceId}/accounts"
	reviews    = "/workspaces/{workspaceId}/access-reviews"
	oneReview  = reviews + "/{reviewId}"
	identities = one + "/hris-user-identities"

	evidence    = "/devices/{deviceId}/documents"
	anyDocument = "/devices/documents/{documentId}"

	fieldDefs = "/custom-fields"

	resetOne = "/personnel/reset-sync/{personnelId}"

	controls       = "/workspaces/{workspaceId}/controls"
	oneControl     = controls + "/{controlId}"
	frameworks     = "/workspaces/{workspaceId}/frameworks"
	oneFramework   = frameworks + "/{frameworkId}"
	requirements   = oneFramework + "/requirements"
	anyRequirement = "/framework-requirements"

	records     = "CustomDataRecordsPublicV2Controller_"
	connections = "CustomConnectionsPublicV2Controller_"
)

// routes is every operation. Authorisation is decided from this table alone.
var routes = []route{
	{"GET", v2 + res + "/records", records + "listCustomDataRecords", access.ConnectionsGet, custom, (*api).listRecords},
	{"POST", v2 + res + "/records", records + "createCustomData", access.DataPost, custom, (*api).pushRecords},
	{"GET", v2 + res + "/records/{recordId}", "getRecord", access.ConnectionsGet, custom, (*api).getRecord},
	{"PUT", v2 + res + "/records/{recordId}", records + "updateCustomData", access.DataPut, custom, (*api).putRecord},
	{"DELETE", v2 + res + "/records/{recordId}", records + "deleteCustomData", access.DataDelete, custom, (*api).deleteRecord},
	{"GET", v2 + res + "/records/{recordId}/versions", "listRecordVersions", access.ConnectionsGet, custom, (*api).listVersions},
	{"GET", v2 + res + "/records/{recordId}/verdicts", "listRecordVerdicts", access.MonitorsGetOne, custom, (*api).listRecordVerdicts},
	{"GET", v2 + res + "/sessions", records + "listSessions", access.ConnectionsGet, custom, (*api).listSessions},
	{"POST", v2 + res + "/sessions/{sessionId}", records + "uploadSessionRecords", access.DataPost, custom, (*api).uploadRecords},
	{"POST", v2 + res + "/sessions/{sessionId}/actions", records + "performSessionAction", access.DataPost, custom, (*api).actOnSession},

	{"GET", v2 + shelf, "listConnectionCatalog", access.ConnectionsGet, custom, (*api).listCatalog},
	{"GET", v2 + shelf + "/categories", "listCatalogCategories", access.ConnectionsGet, custom, (*api).listCatalogCategories},
	{"GET", v2 + shelf + "/{slug}", "getCatalogEntry", access.ConnectionsGet, custom, (*api).getCatalogEntry},
	{"POST", v2 + shelf + "/{slug}/use", "useCatalogEntry", access.ConnectionsPost, custom, (*api).useCatalogEntry},
	{"GET", v2 + conn, connections + "listCustomConnections", access.ConnectionsGet, custom, (*api).listConnections},
	{"POST", v2 + conn, connections + "createCustomConnection", access.ConnectionsPost, custom, (*api).createConnection},
	{"GET", v2 + one, connections + "getCustomConnection", access.ConnectionsGet, custom, (*api).getConnection},
	{"PUT", v2 + one, connections + "updateCustomConnection", access.ConnectionsPut, custom, (*api).putConnection},
	{"DELETE", v2 + one, connections + "deleteCustomConnection", access.ConnectionsDelete, custom, (*api).deleteConnection},
	{"GET", v2 + hub, "listConnections", access.ConnectionsGet, core, (*api).listHub},
	{"GET", v2 + link, "getConnection", access.ConnectionsGet, core, (*api).getConnection},
	{"POST", v2 + link + "/actions", "performConnectionAction", access.ConnectionsPut, core, (*api).actOnConnection},
	{"GET", v2 + link + "/sync-runs", "listSyncRuns", access.ConnectionsGet, core, (*api).listSyncRuns},
	{"GET", v2 + link + "/sync-runs/{runId}", "getSyncRun", access.ConnectionsGet, core, (*api).getSyncRun},
	{"GET", v2 + res, "getResource", access.ConnectionsGet, custom, (*api).getResource},
	{"PUT", v2 + res, "updateResource", access.ConnectionsPut, custom, (*api).putResource},
	{"GET", v2 + res + "/schema", "getSchema", access.ConnectionsGet, custom, (*api).getSchema},
	{"PUT", v2 + res + "/schema", "updateSchema", access.ConnectionsPut, custom, (*api).putSchema},
	{"GET", v2 + res + "/attributes", "listAttributes", access.ConnectionsGet, custom, (*api).listAttributes},
	{"GET", v2 + res + "/attributes/values", "listAttributeValues", access.ConnectionsGet, custom, (*api).listAttributeValues},
	{"GET", v2 + res + "/collection", "getCollection", access.ConnectionsGet, core, (*api).getCollection},
	{"PUT", v2 + res + "/collection", "updateCollection", access.ConnectionsPut, core, (*api).putCollection},
	{"DELETE", v2 + res + "/collection", "deleteCollection", access.ConnectionsPut, core, (*api).deleteCollection},
	{"POST", v2 + res + "/collection/actions", "performCollectionAction", access.ConnectionsPut, core, (*api).actOnCollection},
	{"POST", v2 + "/recipes/check", "checkRecipe", access.ConnectionsGet, core, (*api).checkRecipe},
	{"POST", v2 + "/schemas/check", "checkSchema", access.ConnectionsGet, custom, (*api).checkSchema},
	{"POST", v2 + "/schemas/infer", "inferSchema", access.ConnectionsGet, custom, (*api).inferSchema},

	{"GET", v2 + diagnoses, "getDiagnosis", access.ConnectionsGet, custom, (*api).getDiagnosis},
	{"POST", v2 + diagnoses, "refreshDiagnosis", access.ConnectionsPut, custom, (*api).refreshDiagnosis},
	{"POST", v2 + diagnoses + "/feedback", "rateDiagnosis", access.ConnectionsPut, custom, (*api).rateDiagnosis},

	{"GET", v2 + "/workspaces/{workspaceId}/posture", "getPosture", access.MonitorsGet, core, (*api).getPosture},
	{"GET", v2 + "/workspaces/{workspaceId}/findings", "listFindings", access.MonitorsGet, core, (*api).listAllFailures},
	{"GET", v2 + tests, "listMonitoringTests", access.MonitorsGet, core, (*api).listTests},
	{"POST", v2 + tests, "createMonitoringTest", access.MonitorsPost, custom, (*api).createTest},
	{"POST", v2 + tests + "/preview", "previewTest", access.MonitorsPost, custom, (*api).previewTest},
	{"POST", v2 + tests + "/try", "tryRecords", access.MonitorsPost, custom, (*api).tryRecords},
	{"POST", v2 + tests + "/complete", "completeLogic", access.ConnectionsGet, core, (*api).completeLogic},
	{"POST", v2 + tests + "/lint", "lintLogic", access.MonitorsGetOne, core, (*api).lintLogic},
	{"GET", v2 + tests + "/preview/{jobId}", "getPreviewJob", access.MonitorsPost, custom, (*api).getPreviewJob},
	{"DELETE", v2 + tests + "/preview/{jobId}", "cancelPreviewJob", access.MonitorsPost, custom, (*api).cancelPreviewJob},
	{"GET", v2 + tests + "/{testId}", "getMonitoringTest", access.MonitorsGetOne, core, (*api).getTest},
	{"PUT", v2 + tests + "/{testId}", "updateMonitoringTest", access.MonitorsPut, core, (*api).putTest},
	{"POST", v2 + tests + "/{testId}/actions", "performTestAction", access.MonitorsAction, core, (*api).actOnTest},
	{"GET", v2 + tests + "/{testId}/versions", "listTestVersions", access.MonitorsGetOne, core, (*api).listTestVersions},
	{"GET", v2 + tests + "/{testId}/versions/{range}", "compareTestVersions", access.MonitorsGetOne, core, (*api).compareTestVersions},
	{"GET", v2 + tests + "/{testId}/failures", "listFailures", access.MonitorsGetOne, core, (*api).listFailures},
	{"GET", v2 + tests + "/{testId}/passes", "listPasses", access.MonitorsGetOne, core, (*api).listPasses},
	{"GET", v2 + tests + "/{testId}/errors", "listErrors", access.MonitorsGetOne, core, (*api).listErrors},

	{"GET", v2 + tests + "/{testId}/runs", "listRuns", access.MonitorsGetOne, core, (*api).listRuns},
	{"GET", v2 + tests + "/{testId}/runs/{runId}", "getRun", access.MonitorsGetOne, core, (*api).getRun},
	{"GET", v2 + tests + "/{testId}/runs/{runId}/evidence", "getEvidence", access.MonitorsGetOne, core, (*api).getEvidence},
	{"POST", v2 + tests + "/{testId}/runs/{runId}/actions", "performRunAction", access.MonitorsAction, core, (*api).actOnRun},
	{"GET", v2 + tests + "/{testId}/history", "getHistory", access.MonitorsGetOne, core, (*api).getHistory},

	{"GET", v2 + "/schedule-plan", "getSchedulePlan", anyKey, core, (*api).getSchedulePlan},

	{"GET", v2 + excls, "listExclusions", access.MonitorsGetOne, core, (*api).listExclusions},
	{"POST", v2 + excls, "createExclusion", access.ExclusionsPost, custom, (*api).createExclusion},
	{"POST", v2 + excls + "/preview", "previewExclusion", access.MonitorsGetOne, core, (*api).previewExclusion},
	{"GET", v2 + excls + "/{exclusionId}", "getExclusion", access.MonitorsGetOne, core, (*api).getExclusion},
	{"PUT", v2 + excls + "/{exclusionId}", "updateExclusion", access.ExclusionsPut, core, (*api).putExclusion},
	{"DELETE", v2 + excls + "/{exclusionId}", "deleteExclusion", access.ExclusionsDelete, core, (*api).deleteExclusion},
	{"GET", v2 + every, "listWorkspaceExclusions", access.MonitorsGet, core, (*api).listAllExclusions},
	{"GET", v2 + every + "/audit", "auditExclusions", access.MonitorsGet, core, (*api).auditExclusions},

	{"GET", v2 + conds, "listConditions", access.MonitorsGet, core, (*api).listConditions},
	{"GET", v2 + conds + "/{name}", "getCondition", access.MonitorsGetOne, core, (*api).getCondition},
	{"PUT", v2 + conds + "/{name}", "putCondition", access.MonitorsPut, core, (*api).putCondition},
	{"DELETE", v2 + conds + "/{name}", "deleteCondition", access.MonitorsAction, core, (*api).deleteCondition},

	{"GET", v2 + channels, "listNotificationChannels", access.NotificationsGet, core, (*api).listChannels},
	{"POST", v2 + channels, "createNotificationChannel", access.NotificationsPost, core, (*api).createChannel},
	{"GET", v2 + channels + "/{channelId}", "getNotificationChannel", access.NotificationsGet, core, (*api).getChannel},
	{"PUT", v2 + channels + "/{channelId}", "updateNotificationChannel", access.NotificationsPut, core, (*api).putChannel},
	{"DELETE", v2 + channels + "/{channelId}", "deleteNotificationChannel", access.NotificationsDelete, core, (*api).deleteChannel},
	{"POST", v2 + channels + "/{channelId}/actions", "performNotificationChannelAction", access.NotificationsPost, core, (*api).actOnChannel},
	{"GET", v2 + rules, "listNotificationRules", access.NotificationsGet, core, (*api).listRules},
	{"POST", v2 + rules, "createNotificationRule", access.NotificationsPost, core, (*api).createRule},
	{"GET", v2 + rules + "/{ruleId}", "getNotificationRule", access.NotificationsGet, core, (*api).getRule},
	{"PUT", v2 + rules + "/{ruleId}", "updateNotificationRule", access.NotificationsPut, core, (*api).putRule},
	{"DELETE", v2 + rules + "/{ruleId}", "deleteNotificationRule", access.NotificationsDelete, core, (*api).deleteRule},
	{"GET", v2 + deliveries, "listNotificationDeliveries", access.NotificationsGet, core, (*api).listDeliveries},
	{"GET", v2 + deliveries + "/{deliveryId}", "getNotificationDelivery", access.NotificationsGet, core, (*api).getDelivery},
	{"POST", v2 + deliveries + "/{deliveryId}/actions", "performNotificationDeliveryAction", access.NotificationsPost, core, (*api).actOnDelivery},

	{"GET", v2 + res + "/account-mapping", "getAccountMapping", access.ConnectionsGet, custom, (*api).getAccountMapping},
	{"PUT", v2 + res + "/account-mapping", "putAccountMapping", access.ConnectionsPut, custom, (*api).putAccountMapping},
	{"DELETE", v2 + res + "/account-mapping", "deleteAccountMapping", access.ConnectionsPut, custom, (*api).deleteAccountMapping},
	{"POST", v2 + res + "/account-mapping/preview", "previewAccountMapping", access.ConnectionsGet, custom, (*api).previewAccountMapping},
	{"GET", v2 + accounts, "listAccounts", access.AccountsGet, core, (*api).listAccounts},
	{"GET", v2 + accounts + "/summary", "getAccountSummary", access.AccountsGet, core, (*api).getAccountSummary},
	{"POST", v2 + accounts + "/actions", "performAccountsAction", access.AccountsPut, core, (*api).actOnAccounts},
	{"GET", v2 + accounts + "/{accountId}", "getAccount", access.AccountsGet, core, (*api).getAccount},
	{"PUT", v2 + accounts + "/{accountId}", "updateAccount", access.AccountsPut, core, (*api).putAccount},
	{"GET", v2 + reviews, "listAccessReviews", access.ReviewsGet, core, (*api).listAccessReviews},
	{"POST", v2 + reviews, "createAccessReview", access.ReviewsPost, core, (*api).createAccessReview},
	{"GET", v2 + oneReview, "getAccessReview", access.ReviewsGet, core, (*api).getAccessReview},
	{"PUT", v2 + oneReview, "updateAccessReview", access.ReviewsPost, core, (*api).putAccessReview},
	{"DELETE", v2 + oneReview, "deleteAccessReview", access.ReviewsDelete, core, (*api).deleteAccessReview},
	{"POST", v2 + oneReview + "/actions", "performAccessReviewAction", access.ReviewsSignOff, core, (*api).actOnAccessReview},
	{"GET", v2 + oneReview + "/report", "getAccessReviewReport", access.ReviewsGet, core, (*api).getAccessReviewReport},
	{"GET", v2 + oneReview + "/items", "listAccessReviewItems", access.ReviewsGet, core, (*api).listAccessReviewItems},
	{"POST", v2 + oneReview + "/items/actions", "decideAccessReviewItems", access.ReviewsPut, core, (*api).decideAccessReviewItems},
	{"GET", v2 + oneReview + "/items/{itemId}", "getAccessReviewItem", access.ReviewsGet, core, (*api).getAccessReviewItem},
	{"PUT", v2 + oneReview + "/items/{itemId}", "decideAccessReviewItem", access.ReviewsPut, core, (*api).putAccessReviewItem},

	{"GET", v2 + controls, "listControls", access.ControlsGet, core, (*api).listControls},
	{"POST", v2 + controls, "createControl", access.ControlsPost, core, (*api).createControl},
	{"GET", v2 + oneControl, "getControl", access.ControlsGetOne, core, (*api).getControl},
	{"PUT", v2 + oneControl, "updateControl", access.ControlsPut, core, (*api).putControl},
	{"GET", v2 + oneControl + "/requirements", "listControlRequirements", access.ControlsGetOne, core, (*api).listControlRequirements},
	{"POST", v2 + oneControl + "/actions", "performControlAction", access.ControlsAction, core, (*api).actOnControl},
	{"GET", v2 + oneControl + "/owners", "listControlOwners", access.ControlsGetOne, core, (*api).listOwners},
	{"PUT", v2 + oneControl + "/owners", "updateControlOwners", access.ControlsPutOwners, core, (*api).putOwners},
	{"POST", v2 + oneControl + "/owners", "addControlOwner", access.ControlsPutOwners, core, (*api).addOwner},
	{"DELETE", v2 + oneControl + "/owners/{ownerId}", "removeControlOwner", access.ControlsDelOwners, core, (*api).removeOwner},
	{"GET", v2 + oneControl + "/notes", "listControlNotes", access.ControlNotesGet, core, (*api).listNotes},
	{"POST", v2 + oneControl + "/notes", "createControlNote", access.ControlNotesPost, core, (*api).createNote},
	{"GET", v2 + oneControl + "/notes/{noteId}", "getControlNote", access.ControlNotesGet, core, (*api).getNote},
	{"PUT", v2 + oneControl + "/notes/{noteId}", "updateControlNote", access.ControlNotesPut, core, (*api).putNote},
	{"DELETE", v2 + oneControl + "/notes/{noteId}", "deleteControlNote", access.ControlNotesDelete, core, (*api).deleteNote},
	{"POST", v2 + "/controls/action-reset-mappings", "resetControlMappings", access.ControlsReset, core, (*api).resetMappings},
	{"GET", v2 + "/controls-requirement-comparison", "compareControlRequirements", access.ControlsGet, core, (*api).compareRequirements},

	{"GET", v2 + frameworks, "listFrameworks", access.FrameworksGet, core, (*api).listFrameworks},
	{"POST", v2 + frameworks, "createFramework", access.FrameworksPost, customFramework, (*api).createFramework},
	{"GET", v2 + frameworks + "/available", "listAvailableFrameworks", access.FrameworksGet, core, (*api).listAvailableFrameworks},
	{"POST", v2 + frameworks + "/actions", "performFrameworksAction", access.FrameworksPost, core, (*api).actOnFrameworks},
	{"POST", v2 + frameworks + "/import", "importFramework", access.FrameworksPost, customFramework, (*api).importFramework},
	{"GET", v2 + frameworks + "/import-template", "getImportTemplate", access.FrameworksGet, core, (*api).getImportTemplate},
	{"GET", v2 + oneFramework + "/export", "exportFramework", access.RequirementsGet, core, (*api).exportFramework},
	{"GET", v2 + oneFramework, "getFramework", access.FrameworksGet, core, (*api).getFramework},
	{"PUT", v2 + oneFramework, "updateFramework", access.FrameworksPut, core, (*api).putFramework},
	{"DELETE", v2 + oneFramework, "deleteFramework", access.FrameworksDelete, core, (*api).deleteFramework},
	{"GET", v2 + requirements, "listRequirements", access.RequirementsGet, core, (*api).listRequirements},
	{"POST", v2 + requirements, "createRequirements", access.RequirementsPost, core, (*api).createRequirements},
	{"GET", v2 + requirements + "/{requirementId}", "getRequirement", access.RequirementsGet, core, (*api).getRequirement},
	{"PUT", v2 + requirements + "/{requirementId}", "updateRequirement", access.RequirementsPut, core, (*api).putRequirement},
	{"DELETE", v2 + requirements + "/{requirementId}", "deleteRequirement", access.RequirementsDelete, core, (*api).deleteRequirement},
	{"GET", v2 + requirements + "/{requirementId}/controls", "listRequirementControls", access.RequirementsGet, core, (*api).listRequirementControls},
	{"GET", v2 + anyRequirement, "listAllRequirements", access.RequirementsGet, core, (*api).listAllRequirements},
	{"PUT", v2 + anyRequirement + "/{requirementId}", "updateAnyRequirement", access.RequirementsPut, core, (*api).putAnyRequirement},

	{"GET", v2 + "/workspaces/{workspaceId}/search", "search", anyKey, core, (*api).search},
	{"GET", v2 + "/events", "listEvents", access.EventsGet, core, (*api).listEvents},
	{"GET", v2 + "/events/{eventId}", "getEvent", access.EventsGetOne, core, (*api).getEvent},

	{"GET", v2 + "/auth", "getAuth", anyone, alwaysOn, (*api).getAuth},
	{"POST", v2 + "/auth/sign-in", "signIn", anyone, alwaysOn, (*api).signIn},
	{"POST", v2 + "/auth/links", "lookAtLink", anyone, alwaysOn, (*api).lookAtLink},
	{"POST", v2 + "/auth/set-up", "setUp", anyone, alwaysOn, (*api).setUp},
	{"POST", v2 + "/auth/accept-invitation", "acceptInvitation", anyone, alwaysOn, (*api).acceptInvitation},
	{"POST", v2 + "/auth/password", "changePassword", person, alwaysOn, (*api).changePassword},
	{"POST", v2 + "/auth/sign-out", "signOut", person, alwaysOn, (*api).signOut},
	{"GET", v2 + "/auth/sessions", "listWebSessions", person, alwaysOn, (*api).listWebSessions},
	{"DELETE", v2 + "/auth/sessions/{webSessionId}", "endWebSession", person, alwaysOn, (*api).endWebSession},
	{"GET", v2 + "/me", "getMe", anyKey, alwaysOn, (*api).getMe},
	{"PUT", v2 + "/me", "updateMe", person, alwaysOn, (*api).putMe},

	{"GET", v2 + "/users", "listUsers", access.UsersGet, alwaysOn, (*api).listUsers},
	{"POST", v2 + "/users", "createUser", access.UsersPost, alwaysOn, (*api).createUser},
	{"GET", v2 + "/users/{userId}", "getUser", access.UsersGetOne, alwaysOn, (*api).getUser},
	{"PUT", v2 + "/users/{userId}", "updateUser", access.UsersPut, alwaysOn, (*api).putUser},
	{"POST", v2 + "/users/{userId}/actions", "performUserAction", access.UsersPut, alwaysOn, (*api).actOnUser},
	{"DELETE", v2 + "/users/{userId}", "deleteUser", access.UsersDelete, alwaysOn, (*api).deleteUser},
	{"GET", v2 + identities, "listHrisUserIdentities", access.IdentitiesGet, custom, (*api).listIdentities},
	{"POST", v2 + identities, "putHrisUserIdentities", access.IdentityPost, custom, (*api).putIdentities},
	{"GET", v2 + identities + "/{userIdentityId}", "getHrisUserIdentity", access.IdentityGet, custom, (*api).getIdentity},
	{"DELETE", v2 + identities + "/{userIdentityId}", "deleteHrisUserIdentity", access.IdentityDelete, custom, (*api).deleteIdentity},
	{"GET", v2 + "/personnel", "listPersonnel", access.PersonnelGet, core, (*api).listPersonnel},
	{"GET", v2 + "/personnel/summary", "getPersonnelSummary", access.PersonnelGet, core, (*api).getPersonnelSummary},
	{"GET", v2 + "/personnel-search", "searchPersonnel", access.PersonnelGet, core, (*api).searchPersonnel},
	{"GET", v2 + "/workspaces/{workspaceId}/personnel-search", "searchWorkspacePersonnel", access.PersonnelGet, core, (*api).searchWorkspacePersonnel},
	{"GET", v2 + "/groups", "listGroups", access.PersonnelGet, core, (*api).listGroups},
	{"POST", v2 + "/groups", "createGroup", access.GroupsPut, core, (*api).createGroup},
	{"POST", v2 + "/groups/preview", "previewGroup", access.PersonnelGet, core, (*api).previewGroup},
	{"GET", v2 + "/groups/{groupId}", "getGroup", access.PersonnelGet, core, (*api).getGroup},
	{"PUT", v2 + "/groups/{groupId}", "updateGroup", access.GroupsPut, core, (*api).putGroup},
	{"DELETE", v2 + "/groups/{groupId}", "deleteGroup", access.GroupsPut, core, (*api).deleteGroup},
	{"POST", v2 + "/groups/{groupId}/actions", "performGroupAction", access.GroupsPut, core, (*api).actOnGroup},
	{"GET", v2 + scopes, "listScopedPersonnelGroups", access.PersonnelScopeGet, core, (*api).listScopeGroups},
	{"POST", v2 + scopes, "addScopedPersonnelGroup", access.PersonnelScopePut, core, (*api).addScopeGroup},
	{"PUT", v2 + scopes, "putScopedPersonnelGroups", access.PersonnelScopePut, core, (*api).putScopeGroups},
	{"DELETE", v2 + scopes + "/{groupId}", "removeScopedPersonnelGroup", access.PersonnelScopeDelete, core, (*api).removeScopeGroup},
	{"GET", v2 + "/workspaces/{workspaceId}/scoped-personnel-counts", "getScopedPersonnelCounts", access.PersonnelScopeGet, core, (*api).getScopeCounts},
	{"GET", v2 + "/personnel/{personnelId}", "getPersonnel", access.PersonnelGetOne, core, (*api).getPersonnel},
	{"PUT", v2 + "/personnel/{personnelId}", "updatePersonnel", access.PersonnelPut, core, (*api).putPersonnel},
	{"POST", v2 + "/personnel/actions", "performPersonnelAction", access.PersonnelReset, core, (*api).actOnPersonnel},
	{"GET", v2 + "/personnel/import-template", "getPersonnelImportTemplate", access.PersonnelGet, core, (*api).getPersonnelTemplate},
	{"POST", v2 + "/personnel/imports", "importPersonnel", access.PersonnelImport, core, (*api).importPersonnel},
	{"GET", v2 + "/personnel/{personnelId}/history", "listPersonnelHistory", access.PersonnelGetOne, core, (*api).listPersonHistory},
	{"GET", v2 + "/personnel/{personnelId}/devices", "listPersonnelDevices", access.DevicesGet, core, (*api).listPersonDevices},
	{"GET", v2 + "/devices", "listDevices", access.DevicesGet, core, (*api).listDevices},
	{"GET", v2 + "/devices/summary", "getDeviceSummary", access.DevicesGet, core, (*api).getDeviceSummary},
	{"GET", v2 + "/devices/{deviceId}", "getDevice", access.DevicesGet, core, (*api).getDevice},
	{"GET", v2 + "/devices/{deviceId}/history", "listDeviceHistory", access.DevicesGet, core, (*api).listDeviceHistory},
	{"GET", v2 + "/devices/{deviceId}/apps", "listDeviceApps", access.DevicesGet, core, (*api).listDeviceApps},
	{"GET", v2 + evidence, "listDeviceDocuments", access.DocumentsGet, core, (*api).listDocuments},
	{"POST", v2 + evidence, "createDeviceDocument", access.DocumentsPost, core, (*api).createDocument},
	{"GET", v2 + evidence + "/{documentId}", "getDeviceDocument", access.DocumentsGetOne, core, (*api).getDocument},
	{"DELETE", v2 + evidence + "/{documentId}", "deleteDeviceDocument", access.DocumentsDelete, core, (*api).deleteDocument},
	{"GET", v2 + evidence + "/{documentId}/content", "downloadDeviceDocument", anyone, core, (*api).downloadDocument},
	{"GET", v2 + "/connections/{connectionId}/devices", "listConnectionDevices", access.DevicesGet, core, (*api).listConnectionDevices},
	{"POST", v2 + one + "/devices", "createDevice", access.DevicesPost, core, (*api).reportDevice},
	{"DELETE", v2 + one + "/devices/{deviceId}", "deleteDevice", access.DevicesDelete, core, (*api).deleteDevice},
	{"GET", v2 + "/assets", "listAssets", access.AssetsGet, core, (*api).listAssets},
	{"POST", v2 + "/assets", "createAsset", access.AssetsPost, core, (*api).createAsset},
	{"GET", v2 + "/assets/{assetId}", "getAsset", access.AssetsGet, core, (*api).getAsset},
	{"GET", v2 + "/assets/{assetId}/history", "listAssetHistory", access.AssetsGet, core, (*api).listAssetHistory},
	{"PUT", v2 + "/assets/{assetId}", "updateAsset", access.AssetsPut, core, (*api).putAsset},
	{"DELETE", v2 + "/assets/{assetId}", "deleteAsset", access.AssetsDelete, core, (*api).deleteAsset},
	{"GET", v2 + fieldDefs, "listCustomFields", access.CustomFieldsGet, core, (*api).listCustomFields},
	{"POST", v2 + fieldDefs, "createCustomField", access.CustomFieldsPut, core, (*api).createCustomField},
	{"GET", v2 + fieldDefs + "/{customFieldId}", "getCustomField", access.CustomFieldsGet, core, (*api).getCustomField},
	{"PUT", v2 + fieldDefs + "/{customFieldId}", "updateCustomField", access.CustomFieldsPut, core, (*api).putCustomField},
	{"DELETE", v2 + fieldDefs + "/{customFieldId}", "deleteCustomField", access.CustomFieldsPut, core, (*api).deleteCustomField},
	{"POST", v2 + "/assets/{assetId}/actions", "performAssetAction", access.AssetsPut, core, (*api).actOnAsset},
	{"GET", v2 + "/assets/import-template", "getAssetImportTemplate", access.AssetsGet, core, (*api).getAssetTemplate},
	{"POST", v2 + "/assets/imports", "importAssets", access.AssetsImport, core, (*api).importAssets},
	{"GET", v2 + "/identity-syncs", "listIdentitySyncs", access.PersonnelGet, core, (*api).listSyncs},
	{"POST", v2 + "/identity-syncs", "startIdentitySync", access.PersonnelReset, core, (*api).startSync},
	{"GET", v2 + "/identity-syncs/{syncId}", "getIdentitySync", access.PersonnelGet, core, (*api).getSync},
	{"POST", v2 + "/identity-syncs/{syncId}/actions", "performIdentitySyncAction", access.PersonnelReset, core, (*api).actOnSync},

	{"GET", v2 + "/roles", "listRoles", access.RolesGet, alwaysOn, (*api).listRoles},
	{"GET", v2 + "/roles/{roleId}", "getRole", access.RolesGetOne, alwaysOn, (*api).getRole},
	{"GET", v2 + "/roles/{roleId}/users", "listRoleUsers", access.UsersGet, alwaysOn, (*api).listRoleUsers},

	{"GET", v2 + "/company", "CompaniesPublicV2Controller_getCompany", access.CompanyGet, core, (*api).getCompany},
	{"PUT", v2 + "/company", "updateCompany", access.CompanyPut, core, (*api).putCompany},
	{"POST", v2 + "/workspaces", "createWorkspace", access.WorkspacesPost, core, (*api).createWorkspace},
	{"PUT", v2 + "/workspaces/{workspaceId}", "updateWorkspace", access.WorkspacesPut, core, (*api).putWorkspace},
	{"GET", v2 + "/workspaces", "listWorkspaces", access.WorkspacesGet, core, (*api).listWorkspaces},
	{"GET", v2 + "/workspaces/{workspaceId}", "getWorkspace", access.WorkspacesGet, core, (*api).getWorkspace},
	{"GET", v2 + "/settings", "getSettings", access.SettingsGet, alwaysOn, (*api).getSettings},
	{"PUT", v2 + "/settings", "updateSettings", access.SettingsPut, alwaysOn, (*api).putSettings},
	{"POST", v2 + "/settings/actions", "performSettingsAction", access.SettingsPut, alwaysOn, (*api).actOnSettings},
	{"GET", v2 + "/settings/ai-provider", "getAIProvider", access.SettingsGet, core, (*api).getAIProvider},
	{"PUT", v2 + "/settings/ai-provider", "updateAIProvider", access.SettingsPut, core, (*api).putAIProvider},
	{"POST", v2 + "/settings/ai-provider/actions", "performAIProviderAction", access.SettingsPut, core, (*api).actOnAIProvider},
	{"GET", v2 + "/api-keys", "listApiKeys", access.KeysGet, core, (*api).listKeys},
	{"POST", v2 + "/api-keys", "createApiKey", access.KeysPost, core, (*api).createKey},
	{"DELETE", v2 + "/api-keys/{keyId}", "revokeApiKey", access.KeysDelete, core, (*api).revokeKey},
	{"GET", v2 + "/stream", "streamChanges", anyKey, core, (*api).streamChanges},
	{"GET", v2 + "/rule-language", "getRuleLanguage", anyKey, core, (*api).getRuleLanguage},
	{"GET", v2 + "/error-codes", "listErrorCodes", anyKey, core, (*api).listErrorCodes},

	{"POST", v1 + res + "/records", "v1CreateCustomData", access.DataPost, custom, (*api).pushRecordsV1},
	{"PUT", v1 + res + "/records/{recordId}", "v1UpdateCustomData", access.DataPut, custom, (*api).putRecordV1},
	{"DELETE", v1 + res + "/records/{recordId}", "v1DeleteCustomData", access.DataDelete, custom, (*api).deleteRecordV1},
	{"GET", v1 + hub, "v1ListConnections", access.ConnectionsGet, core, (*api).listConnectionsV1},
	{"GET", v1 + "/sessions", "v1ListSessions", access.ConnectionsGet, custom, (*api).listSessionsV1},
	{"GET", v1 + "/sessions/{sessionId}/evidence", "v1ListSessionEvidence", access.ConnectionsGet, custom, (*api).listEvidenceV1},
	{"GET", v1 + evidence, "v1ListDeviceDocuments", access.DocumentsGet, core, (*api).listDocuments},
	{"POST", v1 + evidence, "v1CreateDeviceDocument", access.DocumentsPost, core, (*api).createDocument},
	{"DELETE", v1 + anyDocument, "v1DeleteDeviceDocument", access.DocumentsDelete, core, (*api).deleteDocumentV1},
	{"GET", v1 + anyDocument + "/download", "v1DownloadDeviceDocument", access.DocumentsGetOne, core, (*api).downloadDocumentV1},
	{"GET", v1 + "/devices", "v1ListDevices", access.DevicesGet, core, (*api).listDevicesV1},
	{"GET", v1 + "/devices/{deviceId}", "v1GetDevice", access.DevicesGet, core, (*api).getDeviceV1},
	{"GET", v1 + "/devices/{deviceId}/apps", "v1ListDeviceApps", access.DevicesGet, core, (*api).listDeviceAppsV1},
	{"GET", v1 + one + "/devices", "v1ListConnectionDevices", access.DevicesGet, core, (*api).listConnectionDevicesV1},
	{"POST", v1 + one + "/devices", "v1CreateDevice", access.DevicesPost, core, (*api).reportDeviceV1},
	{"GET", v1 + "/assets", "v1ListAssets", access.AssetsGet, core, (*api).listAssetsV1},
	{"POST", v1 + "/assets", "v1CreateAsset", access.AssetsPost, core, (*api).createAssetV1},
	{"DELETE", v1 + "/assets/{id}", "v1DeleteAsset", access.AssetsDelete, core, (*api).deleteAssetV1},
	{"GET", v1 + "/personnel", "v1ListPersonnel", access.PersonnelGet, core, (*api).listPersonnelV1},
	{"GET", v1 + "/personnel/{id}", "v1GetPersonnel", access.PersonnelGetOne, core, (*api).getPersonnelV1},
	{"GET", v1 + "/personnel/{email}/email", "v1GetPersonnelByEmail", access.PersonnelGetOne, core, (*api).getPersonnelByEmailV1},
	{"GET", v1 + "/personnel/{personnelId}/devices", "v1ListPersonnelDevices", access.DevicesGet, core, (*api).listPersonDevicesV1},
	{"PUT", v1 + "/personnel/{id}/contract-dates", "v1UpdateContractDates", access.PersonnelPutDates, core, (*api).putContractDatesV1},
	{"PUT", v1 + "/personnel/{id}/status", "v1UpdateEmploymentStatus", access.PersonnelPutStatus, core, (*api).putStatusV1},
	{"PUT", v1 + resetOne, "v1ResetPersonnel", access.PersonnelReset, core, (*api).resetPersonV1},
	{"PUT", v1 + "/personnel/some/reset-sync", "v1ResetSomePersonnel", access.PersonnelReset, core, (*api).resetPeopleV1},
	{"PUT", v1 + "/personnel/all/reset-sync", "v1ResetAllPersonnel", access.PersonnelReset, core, (*api).resetAllV1},
	{"GET", v1 + "/company/info", "v1GetCompany", access.CompanyGet, core, (*api).getCompany},
}
