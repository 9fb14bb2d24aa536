package live

import (
	"encoding/json"

	"github.com/plumbline-dev/plumbline/internal/event"
)

// byType says which topics an event touches besides [Events]. What a topic's
// lists and objects show of another one counts: a connection shows how many
// records it has, a finding what its record says.
var byType = map[event.Type][]Topic{
	event.AccountMappingUpdated: {Accounts},
	event.AccountMappingDeleted: {Accounts},
	event.AccountsExtracted:     {Accounts, AccessReviews},
	event.AccountUpdated:        {Accounts, AccessReviews},
	event.AccessReviewCreated:   {AccessReviews},
	event.AccessReviewUpdated:   {AccessReviews},
	event.AccessReviewDeleted:   {AccessReviews},
	event.AccessReviewDecided:   {AccessReviews},
	event.AccessReviewSignedOff: {AccessReviews},
	event.AccessReviewOverdue:   {AccessReviews},

	event.ConnectionCreated: {Connections, Resources},
	event.ConnectionUpdated: {Connections, Resources, Accounts},
	event.ConnectionRemoved: {Connections, Resources, Records, Sessions, Tests, Findings, Exclusions, Accounts, AccessReviews, Devices},
	event.ResourceUpdated:   {Connections, Resources, Records, Tests, Findings},
	event.SchemaUpdated:     {Connections, Resources, Records, Tests, Findings},
	event.RecordsWritten:    {Connections, Resources, Records, Findings, Exclusions},
	event.RecordsUpdated:    {Connections, Resources, Records, Findings, Exclusions},
	event.RecordRemoved:     {Connections, Resources, Records, Findings, Exclusions},
	event.SessionStarted:    {Connections, Resources, Sessions, SyncRuns},
	event.SessionUploaded:   {Sessions, SyncRuns},
	event.SessionCompleted:  {Connections, Resources, Records, Sessions, Findings, Exclusions},
	event.SessionCanceled:   {Connections, Resources, Sessions, SyncRuns},
	event.ConnectionStale:   {Connections, Resources, Tests},
	event.ConnectionFresh:   {Connections, Resources, Tests},
	event.SummaryRequested:  {},
	event.AIProviderUpdated: {Settings, Connections},
	event.AIProviderTested:  {},
	event.SummaryCreated:    {Connections},
	event.SummaryFailed:     {Connections},
	event.SummaryRated:      {Connections},

	event.CollectionCreated:   {Connections, Resources},
	event.CollectionUpdated:   {Connections, Resources},
	event.CollectionDeleted:   {Connections, Resources},
	event.CollectionPaused:    {Connections, Resources},
	event.CollectionResumed:   {Connections, Resources},
	event.CollectionRun:       {Connections, Resources},
	event.CollectionCanceled:  {Connections, Resources},
	event.CollectionStarted:   {Connections, Resources},
	event.CollectionCompleted: {Connections, Resources},
	event.CollectionFailed:    {Connections, Resources},
	event.CollectionStopped:   {Connections, Resources},

	event.ConnectionFailed:       {Connections, Resources, SyncRuns},
	event.ConnectionRecovered:    {Connections, Resources, SyncRuns},
	event.ConnectionDisconnected: {Connections, Resources, Sessions, SyncRuns},
	event.ConnectionReconnected:  {Connections, Resources},

	event.TestCreated:        {Tests, Runs, Controls, Frameworks, Requirements},
	event.TestUpdated:        {Tests, Controls},
	event.TestPublished:      {Tests, Runs, Findings, Controls, Frameworks, Requirements, Exclusions},
	event.TestDraftDiscarded: {Tests},
	event.TestStatusUpdated:  {Tests, Runs, Findings, Controls, Frameworks, Requirements, Exclusions},
	event.TestStopped:        {Tests, Runs, Controls, Frameworks, Requirements},
	event.TestEnabled:        {Tests, Runs, Findings, Controls, Frameworks, Requirements, Exclusions},
	event.TestDeleted:        {Tests, Runs, Findings, Controls, Frameworks, Requirements, Exclusions},
	event.TestRun:            {Tests, Runs},
	event.TestRunCanceled:    {Tests, Runs},
	event.TestDrift:          {Tests, Runs},
	event.DraftRun:           {Tests, Runs},

	event.ConditionCreated: {Conditions},
	event.ConditionUpdated: {Conditions, Tests},
	event.ConditionDeleted: {Conditions},

	event.ExclusionCreated:  {Exclusions, Tests, Findings, Runs},
	event.ExclusionUpdated:  {Exclusions, Tests, Findings, Runs},
	event.ExclusionDeleted:  {Exclusions, Tests, Findings, Runs},
	event.ExclusionExpiring: {Exclusions},
	event.ExclusionExpired:  {Exclusions, Tests, Findings, Runs},
	event.ExclusionFixed:    {Exclusions, Tests, Findings, Runs},

	event.FrameworkCreated:     {Frameworks, Requirements},
	event.FrameworkInstalled:   {Frameworks, Requirements, Controls, Tests},
	event.FrameworkImported:    {Frameworks, Requirements, Controls},
	event.FrameworkUpdated:     {Frameworks, Requirements, Controls},
	event.FrameworkDeleted:     {Frameworks, Requirements, Controls},
	event.RequirementCreated:   {Frameworks, Requirements, Controls},
	event.RequirementUpdated:   {Frameworks, Requirements, Controls},
	event.RequirementDeleted:   {Frameworks, Requirements, Controls},
	event.ControlCreated:       {Controls, Frameworks, Requirements, Tests},
	event.ControlUpdated:       {Controls, Frameworks, Requirements, Tests},
	event.ControlScopeUpdated:  {Controls, Frameworks, Requirements, Tests},
	event.ControlMappingsReset: {Controls, Frameworks, Requirements},
	event.ControlOwnersUpdated: {Controls, Tests},
	event.ControlNoteCreated:   {Controls},
	event.ControlNoteUpdated:   {Controls},
	event.ControlNoteDeleted:   {Controls},

	event.KeyCreated:          {Keys},
	event.KeyRevoked:          {Keys},
	event.OrganisationCreated: {Settings, Workspaces},
	// Of package access, which knows its own types.
	"COMPANY_SETTINGS_UPDATED": {Settings},

	event.OrganisationUpdated: {Settings, Workspaces},
	event.WorkspaceCreated:    {Workspaces},
	event.WorkspaceUpdated:    {Workspaces},

	event.UserCreated:         {Users, Accounts},
	event.UserInvited:         {Users, Accounts},
	event.UserUpdated:         {Users, Personnel, Devices, Assets},
	event.UserDisabled:        {Users, Accounts},
	event.UserEnabled:         {Users, Accounts},
	event.UserDeleted:         {Users, Controls, Accounts},
	event.UserLinkCreated:     {Users},
	event.UserPasswordChanged: {Users},
	event.UserSignedIn:        {Users},
	event.UserSignInFailed:    {},
	event.UserSignedOut:       {Users},
	event.UserSessionsEnded:   {Users},

	event.IdentitiesWritten:     {Connections, Personnel},
	event.IdentityDeleted:       {Connections, Personnel},
	event.IdentitySyncStarted:   {Users, Personnel},
	event.IdentitySyncCompleted: {Users, Personnel, Accounts, Devices, Assets},
	event.IdentitySyncCanceled:  {Users, Personnel},
	event.PersonUpdated:         {Users, Personnel, Accounts},
	event.PersonReset:           {Users, Personnel},
	event.PersonnelGroupCreated: {Personnel},
	event.PersonnelGroupUpdated: {Personnel, Workspaces},
	event.PersonnelGroupDeleted: {Personnel},
	event.PersonnelGroupMembers: {Personnel, Workspaces},
	event.PersonnelScopeUpdated: {Personnel, Workspaces},
	event.PeopleImported:        {Users, Personnel, Accounts},
	event.AssetCreated:          {Assets},
	event.AssetUpdated:          {Assets},
	event.AssetDeleted:          {Assets},
	event.AssetRestored:         {Assets},
	event.AssetOwnerUpdated:     {Assets},
	event.AssetNotesUpdated:     {Assets},
	event.AssetsImported:        {Assets},
	event.CustomFieldCreated:    {Settings, Personnel, Assets},
	event.CustomFieldUpdated:    {Settings, Personnel, Assets},
	event.CustomFieldDeleted:    {Settings, Personnel, Assets},
	event.DeviceLinked:          {Connections, Personnel, Devices, Assets},
	event.DeviceUpdated:         {Connections, Personnel, Devices, Assets},
	event.DeviceDeleted:         {Connections, Personnel, Devices, Assets},
	event.DocumentAdded:         {Personnel, Devices},
	event.DocumentDeleted:       {Personnel, Devices},
	event.DocumentDownloaded:    {},

	event.ChannelCreated:      {Notifications},
	event.ChannelUpdated:      {Notifications},
	event.ChannelDeleted:      {Notifications},
	event.ChannelTested:       {Notifications},
	event.RuleCreated:         {Notifications},
	event.RuleUpdated:         {Notifications},
	event.RuleDeleted:         {Notifications},
	event.NotificationFailed:  {Notifications},
	event.NotificationRetried: {Notifications},
}

// byCategory serves the types that are not in byType.
var byCategory = map[event.Category][]Topic{
	event.CategoryConnection:   {Connections, Resources, Records, Sessions, SyncRuns},
	event.CategoryMonitor:      {Tests, Runs, Findings, Exclusions, Conditions, Controls, Frameworks, Requirements},
	event.CategoryControl:      {Controls, Frameworks, Requirements, Tests},
	event.CategoryFramework:    {Frameworks, Requirements, Controls},
	event.CategoryKey:          {Keys},
	event.CategoryCompany:      {Settings, Workspaces, Users, Keys},
	event.CategoryNotification: {Notifications},
	event.CategoryUser:         {Users, Controls},
	event.CategoryAccount:      {Accounts, AccessReviews},
}

// touched are the topics of an event, without [Events]. One of a kind that
// nobody knows here may be of anything.
func touched(e Event) []Topic {
	if list, ok := byType[e.Type]; ok {
		return list
	}
	if list, ok := byCategory[e.Category]; ok {
		return list
	}
	return AllTopics
}

// resourceOf is the resource that an event of a connection names, 0 if none.
func resourceOf(e Event) int64 {
	if e.ConnectionID == 0 || len(e.Metadata) == 0 {
		return 0
	}
	var m struct {
		ResourceID int64 `json:"resourceId"`
	}
	// What is no such object names none.
	_ = json.Unmarshal(e.Metadata, &m)
	return m.ResourceID
}

// rights are the topics with which the rights of a listener may change.
var rights = map[Topic]bool{Keys: true, Users: true, Settings: true, Workspaces: true}

// ofResource and ofTest are the topics whose changes name a resource or a test.
var (
	ofResource = map[Topic]bool{Accounts: true, Connections: true, Resources: true, Records: true, Sessions: true, SyncRuns: true, Findings: true, Exclusions: true}
	ofTest     = map[Topic]bool{Tests: true, Findings: true, Runs: true, Exclusions: true}
)

// changesOf are the changes of an event, in each of the workspaces it concerns.
func changesOf(e Event, workspaces []int64) []Change {
	resource := resourceOf(e)
	var out []Change
	for _, ws := range workspaces {
		out = append(out, Change{Topic: Events, WorkspaceID: ws})
		for _, t := range touched(e) {
			c := Change{Topic: t, WorkspaceID: ws}
			if ofResource[t] {
				c.ConnectionID, c.ResourceID = e.ConnectionID, resource
			}
			if ofTest[t] {
				c.TestID = e.TestID
			}
			out = append(out, c)
		}
	}
	return out
}
