package httpapi

import (
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// tags are the groups of the document in the order of a newcomer's way.
var tags = []*huma.Tag{
	{Name: "Connections", Description: "Outside systems and their resources, the typed datasets that records go into."},
	{Name: "Catalogue", Description: "Providers that come with the program: how their data is got, and which tests prove something with it."},
	{Name: "Records", Description: "The evidence: push, read, change and delete records."},
	{Name: "Sessions", Description: "Replace the records of a resource in one step."},
	{Name: "Tests", Description: "Rules over records, their verdict and the records that fail."},
	{Name: "Exclusions", Description: "Records that a test does not count, why, and until when."},
	{Name: "Controls", Description: "What the organisation does, proved by tests."},
	{Name: "Frameworks", Description: "What is demanded of it: requirements, the controls that serve them, and readiness."},
	{Name: "Accounts", Description: "Who has access where: accounts in the systems of connections, what people decide about them, and access reviews."},
	{Name: "Notifications", Description: "Tell people what changed: channels, rules and what became of the messages."},
	{Name: "Events", Description: "Who did what, when."},
	{Name: "Sign-in", Description: "Sessions of the web app, in a cookie. Programs use an API key."},
	{Name: "Users", Description: "People, the roles that they hold, and where."},
	{Name: "Assets", Description: "Things that the organisation answers for."},
	{Name: "Devices", Description: "Computers and phones as MDM connections report them, and what is checked of them."},
	{Name: "Personnel", Description: "People as the organisation's directories know them, and what they are to it."},
	{Name: "Custom fields", Description: "Fields that the organisation defines for its assets and personnel."},
	{Name: "Organisation", Description: "The organisation, its workspaces and settings."},
	{Name: "API keys", Description: "Keys and what they may do."},
}

func words(w []string) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, each := range w {
		s.Enum = append(s.Enum, each)
	}
	return s
}

func query(name, doc string, s *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: doc, Schema: s}
}

func plain() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }
func id() *huma.Schema    { return &huma.Schema{Type: huma.TypeInteger, Format: "int64"} }
func yesNo() *huma.Schema { return &huma.Schema{Type: huma.TypeBoolean, Default: false} }

// yesNoAny is a filter that is off when it is absent.
func yesNoAny() *huma.Schema { return &huma.Schema{Type: huma.TypeBoolean} }

func whole(low, high float64, absent int) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Minimum: &low, Maximum: &high, Default: absent}
}

// listing are the parameters of a list (contract section 1.4).
func listing(sorts ...page.Sort) []*huma.Param {
	names := make([]string, len(sorts))
	for i, s := range sorts {
		names[i] = string(s)
	}
	return append(placing(names), query("includeTotalCount", "Tell the length of the whole list, on the first page.", yesNo()))
}

func placing(sorts []string) []*huma.Param {
	return []*huma.Param{
		query("cursor", "Where the page before ended; leave out for the first page.", plain()),
		query("size", "How many objects a page has at most; large records make it shorter.", whole(1, page.MaxSize, page.DefaultSize)),
		query("sort", "The order; createdAt if absent.", words(sorts)),
		query("sortDir", "The direction; DESC if absent.", words([]string{"ASC", "DESC"})),
	}
}

func expand(parts ...string) *huma.Param {
	return repeated("expand[]", "Parts to add; repeat it for several.", words(parts))
}

// whereParam is a filter by properties: where[NAME]=VALUE.
func whereParam() *huma.Param {
	explode := true
	p := query("where", "Only those with these values of top-level properties: where[status]=active. In any case; of an array one element is enough.",
		&huma.Schema{Type: huma.TypeObject, AdditionalProperties: plain()})
	p.Style, p.Explode = "deepObject", &explode
	return p
}

// repeated is a parameter that may come several times.
func repeated(name, doc string, s *huma.Schema) *huma.Param {
	explode := true
	p := query(name, doc, &huma.Schema{Type: huma.TypeArray, Items: s})
	p.Style, p.Explode = "form", &explode
	return p
}

// searching narrows a list by a text.
func searching(where string) *huma.Param {
	return query("q", "Only those with this text, in any case, in "+where+".", plain())
}

func requirementFilters() []*huma.Param {
	return []*huma.Param{repeated("frameworkTag", "Only those of frameworks with this tag.", words(control.Tags)),
		repeated("excludeIds", "Without these requirements.", id()), query("frameworkSlug", "Only those of this framework.", plain())}
}

func userFilters() []*huma.Param {
	return []*huma.Param{query("firstName", "Only those whose first name begins so.", plain()), query("lastName", "Only those whose last name begins so.", plain()),
		query("q", "Only those with this in their name or address.", plain()), query("role", "Only those who hold this role somewhere.", words(access.RoleNames())),
		query("state", "Only those in this state.", words(choices(access.UserStates))), expand(userParts...)}
}

func waiting() []*huma.Param {
	return []*huma.Param{
		query("wait", "verdict: answer when the verdicts of this change are in.", words([]string{"verdict"})),
		query("waitSeconds", "How long to wait for them at most.", whole(1, maxWait, maxWait)),
	}
}

func excluding() []*huma.Param {
	return []*huma.Param{query("waitSeconds", "How long to wait for the verdicts at most; 0: not at all.", whole(0, maxWait, maxWait))}
}

func headerParam(name, doc string, s *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: doc, Schema: s}
}

func ifMatch() *huma.Param {
	return headerParam("If-Match", "The ETag that you saw; if somebody changed the test since, the answer is 409.", plain())
}

var (
	countHeaders   = []string{"X-Records-Created", "X-Records-Updated", "X-Records-Unchanged", "X-Records-Failed"}
	verdictHeaders = []string{"X-Tests-Failing", "X-Tests-Error", "X-Verdicts"}
	writeHeaders   = slices.Concat(countHeaders, verdictHeaders)
	pushReplies    = map[int]any{200: oneOf{wireWritten{}, []wireBulkItem{}}, 201: wireWritten{}}
)

var testExpansions = []string{"controls", "monitorInstances", "disablingUser", "logic", "resources", "groups", "plan", "words"}

const collectionActionText = "run: now, whatever the schedule says; 409 if it runs already. pause and resume: the schedule. cancel: the run that is under way; 409 without one. " +
	"try: run the recipe until it has given some records, for 30 seconds at most, and answer them with what the schema says of each; nothing is written."

const controlIDText = "The control is named by its id, or by `code:` and its code."

const (
	userIDText = "The user is named by the id, or by `email:` and the address."
	roleIDText = "The role is named by its id, or by `role:` and its name, such as `role:ADMIN`."
)

const (
	reportText = "A device that is recognised by serial number, MAC address or external id is replaced whole: what a report leaves out is not known. 409: the report is of two devices, of one of " +
		"another connection, or of one of another person. Its asset, owned by the person's user, is made and kept by the server. A key with the scope `devices-report` may do this, too, for the connections that it names: " +
		"the source of the device is then AGENT, and `expand[]` brings nothing."
	identityIDText = "The identity is named by its number, or by `identity-id:` and what the system calls the person."
	personIDText   = "The person is named by the number, or by `email:` and the address of the account."
	identitiesText = "An array of 1 to 1,000. Each item is judged by itself: 201 when all are new, 207 when one is refused, 200 otherwise. What an item leaves out stays as it is, null clears it, " +
		"an identity that was deleted is restored. Personnel follow with the next identity sync."
)

const pushText = "One object is created (201), replaced (200) or refused (400). Of an array each is, and the reply is 200 with one item for each in the order of the input. " +
	"A record with a stored `id` replaces it whole; without `id` it gets one."

// operations describe the routes by id.
var operations = together(catalogOperations, importOperations, accountOperations, documentOperations, personnelOperations, fieldOperations, findingOperations, runOperations, operationsV1, map[string]operation{
	records + "listCustomDataRecords": {tag: "Records", summary: "List records",
		text: "The live records; with the id of a session in progress its staged ones. With `q` or `where` a page looks at 20,000 records: it can be shorter than asked for, even empty, while its cursor leads on.",
		params: append(listing(bothSorts...), query("q", "Only those with this in their id or display name, in any case.", plain()), whereParam(), query("sessionId", "A session of the resource.",
			&huma.Schema{Type: huma.TypeString, MinLength: ptr(3), MaxLength: ptr(64)})),
		replies: map[int]any{200: wireList[wireRecord]{}}},
	records + "createCustomData": {tag: "Records", summary: "Create or replace records", text: pushText, params: waiting(),
		body: recordsBody{}, replies: pushReplies, headers: writeHeaders},
	"getRecord": {tag: "Records", summary: "Get a record", replies: map[int]any{200: wireRecord{}}},
	records + "updateCustomData": {tag: "Records", summary: "Change a record",
		text:   "The properties that are sent replace those of the record, the others stay. The whole must satisfy the schema.",
		params: waiting(), body: recordBody{}, replies: map[int]any{200: wireRecord{}}, headers: writeHeaders, errors: []int{409}},
	records + "deleteCustomData": {tag: "Records", summary: "Delete a record", params: waiting(), replies: map[int]any{204: nil}, headers: verdictHeaders, errors: []int{409}},
	"listRecordVersions": {tag: "Records", summary: "List what a record was before", text: "Its closed versions, newest first.",
		params: listing(page.CreatedAt), replies: map[int]any{200: wireList[wireVersion]{}}},
	records + "listSessions": {tag: "Sessions", summary: "List sessions",
		params: append(listing(bothSorts...), query("status", "Only those in this state.", words(sessionStatuses))), replies: map[int]any{200: wireList[wireSession]{}}},
	records + "uploadSessionRecords": {tag: "Sessions", summary: "Stage records in a session",
		text: "The first upload opens the session. Staged records are not live until it is completed.",
		body: recordsBody{}, replies: pushReplies, headers: countHeaders},
	records + "performSessionAction": {tag: "Sessions", summary: "Complete or cancel a session",
		text:   "complete makes the staged records the live ones in one step; all others vanish. cancel drops the staged records.",
		params: waiting(), body: sessionAction{}, replies: map[int]any{200: wireSessionOutcome{}}, headers: verdictHeaders},

	connections + "listCustomConnections": {tag: "Connections", summary: "List connections",
		params: append(listing(bothSorts...), expand("createdByUser", "customResources"), query("q", "Only those with this in their name, description or the name of a resource, in any case.", plain()),
			query("providerType", "Only those of this type.", words(providerWords)), query("dataStatus", "Only those whose data is in this state now.", words(dataStatusWords)),
			query("workspaceId", "Only those of this workspace.", id())), replies: map[int]any{200: wireList[wireConnection]{}}},
	connections + "createCustomConnection": {tag: "Connections", summary: "Create a connection",
		text: "A CUSTOM connection is made with one resource, whose schema is given or inferred from samples; the reply has it in customResources.",
		body: newConnection{}, replies: map[int]any{201: wireConnection{}}},
	connections + "getCustomConnection": {tag: "Connections", summary: "Get a connection",
		params: []*huma.Param{expand("createdByUser", "customResources")}, replies: map[int]any{200: wireConnection{}}},
	connections + "updateCustomConnection": {tag: "Connections", summary: "Change a connection",
		params: []*huma.Param{expand("createdByUser", "customResources")}, body: connectionChange{}, replies: map[int]any{200: wireConnection{}}, errors: []int{409}},
	connections + "deleteCustomConnection": {tag: "Connections", summary: "Delete a connection with its records", replies: map[int]any{204: nil}, errors: []int{409}},
	"listConnections": {tag: "Connections", summary: "List connections of all kinds", text: "From the catalogue and of your own, with their health.",
		params: append(listing(bothSorts...), expand("createdByUser", "customResources"), query("q", "Only those with this in their name, description or the name of a resource, in any case.", plain()),
			repeated("providerTypes[]", "Only those of one of these types.", words(providerWords)), query("health", "Only those in this state of health.", words(choices(connection.Healths))),
			query("state", "Only those that take data, or that do not.", words(choices(connection.States))), query("kind", "Only those of this kind.", words(choices(connection.Kinds))),
			query("dataStatus", "Only those whose data is in this state now.", words(dataStatusWords)), query("workspaceId", "Only those of this workspace.", id())),
		replies: map[int]any{200: wireList[wireConnection]{}}},
	"getConnection": {tag: "Connections", summary: "Get a connection of any kind", params: []*huma.Param{expand("createdByUser", "customResources")}, replies: map[int]any{200: wireConnection{}}},
	"performConnectionAction": {tag: "Connections", summary: "Refresh, disconnect or reconnect a connection",
		text: "refresh starts the collection; 409 if the data is pushed. disconnect keeps all data and refuses new data with INTAKE_STOPPED; open sessions are cancelled.",
		body: connectionAction{}, replies: map[int]any{200: wireConnection{}}, errors: []int{409}},
	"listSyncRuns": {tag: "Connections", summary: "List how data came in", text: "The sync runs of a connection, newest first: each session, each collection, and the direct pushes of a minute, with their steps.",
		params: append(listing(page.CreatedAt), query("status", "Only those in this state.", words(choices(syncrun.Statuses))),
			query("trigger", "Only those that began so.", words(choices(syncrun.Triggers))), query("resourceId", "Only those of this resource.", id())),
		replies: map[int]any{200: wireList[wireSyncRun]{}}},
	"getSyncRun":     {tag: "Connections", summary: "Get a sync run", replies: map[int]any{200: wireSyncRun{}}},
	"getResource":    {tag: "Connections", summary: "Get a resource", replies: map[int]any{200: wireResource{}}},
	"updateResource": {tag: "Connections", summary: "Change a resource", body: resourceChange{}, replies: map[int]any{200: wireResource{}}, errors: []int{409}},
	"getSchema":      {tag: "Connections", summary: "Get the schema of a resource", replies: map[int]any{200: wireSchema{}}},
	"updateSchema": {tag: "Connections", summary: "Change the schema of a resource",
		text:   "All stored records are checked first; those that the new schema refuses are counted and stay. With requireValid they are a 409, and nothing changes.",
		params: []*huma.Param{query("dryRun", "Only check; the same as dryRun in the body.", yesNo())},
		body:   schemaChange{}, replies: map[int]any{200: wireSchemaOutcome{}}, errors: []int{409}},
	"listAttributes": {tag: "Connections", summary: "List what conditions can look at", text: attributesText, replies: map[int]any{200: wireAttributes{}}},
	"listAttributeValues": {tag: "Connections", summary: "List values of an attribute", text: "From a sample of records that is taken from everywhere.",
		params: []*huma.Param{{Name: "fact", In: "query", Required: true, Description: "The attribute, as a condition names it.", Schema: plain()},
			query("path", "The path of the condition.", plain()), query("prefix", "Only values whose text begins with this, in upper or lower case.", plain()),
			query("size", "How many values at most.", whole(1, maxListedValues, defaultListedValues))},
		replies: map[int]any{200: wireKnownValues{}}},
	"getCollection": {tag: "Connections", summary: "Tell how the records of a resource are collected", text: "404 if they are pushed only. No secret is ever shown.", replies: map[int]any{200: wireCollection{}}},
	"updateCollection": {tag: "Connections", summary: "Have the server collect the records of a resource", text: "Makes the collection, or changes it; absent properties stay. A new one runs at once, as does one whose last run failed and of which recipe or inputs changed. Secrets are sealed and never shown again.",
		body: collectionChange{}, replies: map[int]any{200: wireCollection{}}, errors: []int{409, 422}},
	"deleteCollection": {tag: "Connections", summary: "Collect the records of a resource no more", text: "Recipe, inputs and secrets are forgotten; the records stay. A run that is under way is cancelled.", replies: map[int]any{204: nil}},
	"performCollectionAction": {tag: "Connections", summary: "Run, pause, resume, cancel or try a collection", text: collectionActionText,
		body: collectionAction{}, replies: map[int]any{200: oneOf{wireCollection{}, wireTrial{}}}, errors: []int{409, 422, 429}},
	"checkRecipe": {tag: "Connections", summary: "Check a recipe", text: "Nothing is stored, and nobody is asked.", body: recipeText{}, replies: map[int]any{200: wireCheckedRecipe{}}},
	"checkSchema": {tag: "Connections", summary: "Check a JSON Schema", text: "Whether it can be that of a resource. Nothing is stored.", body: schemaText{}, replies: map[int]any{200: wireChecked{}}},
	"inferSchema": {tag: "Connections", summary: "Infer a schema from samples", text: "Nothing is stored.", body: samplesBody{}, lines: true,
		replies: map[int]any{200: wireInference{}}},

	"listMonitoringTests": {tag: "Tests", summary: "List tests", params: append(listing(check.TestSorts...),
		expand("controls", "monitorInstances", "disablingUser", "logic", "resources", "resultCounts"), query("checkResultStatus", "Only those with this result.", words(resultWords)),
		query("checkStatus", "Only those with this status.", words(statusWords)), query("type", "Only those of this type.", words(typeWords)),
		query("testSource", "Only those of this source.", words(sourceWords)), query("resourceId", "Only those over this resource.", id()),
		query("connectionId", "Only those over a resource of this connection.", id()), query("providerType", "Only those over a connection of this type.", words(providerWords)),
		query("controlId", "Only those that prove this control.", id()), query("stage", "draft: only those that have a draft; published: only those that have a published version.", words(choices(check.Stages))),
		repeated("ownerIds[]", "Only those that prove a control of this user; me stands for the person who asks.", plain()),
		query("q", "Only those with this text in name or description, or with this number.", plain())),
		replies: map[int]any{200: wireTests{}}},
	"createMonitoringTest": {tag: "Tests", summary: "Create a test", params: waiting(), body: newTest{}, replies: map[int]any{201: wireTest{}},
		headers: append([]string{"ETag"}, verdictHeaders...)},
	"previewTest": {tag: "Tests", summary: "Try logic over the live records", text: previewText, body: previewRequest{}, replies: map[int]any{200: wirePreview{}}},
	"tryRecords": {tag: "Tests", summary: "Try logic on given records", body: attemptRequest{}, replies: map[int]any{200: wireAttempts{}},
		text: "Evaluates one group on records that need not be stored, such as those that must pass and those that must fail. What other resources hold is looked up; " +
			"whether a value is unique is not told, and nothing is written."},
	"lintLogic":     {tag: "Tests", summary: "Check the text of logic", text: lintText, body: lintRequest{}, replies: map[int]any{200: wireLint{}}},
	"completeLogic": {tag: "Tests", summary: "Propose how the text of logic goes on", text: completeText, body: completeRequest{}, replies: map[int]any{200: wireProposals{}}},
	"getPreviewJob": {tag: "Tests", summary: "See how far the full count of a preview is",
		text:    "Only for the key that asked for the preview. Jobs are in the memory of the server: they are kept for 15 minutes, and a restart ends them.",
		replies: map[int]any{200: wirePreviewJob{}}},
	"cancelPreviewJob": {tag: "Tests", summary: "Cancel the full count of a preview", replies: map[int]any{204: nil}},
	"getMonitoringTest": {tag: "Tests", summary: "Get a test", params: append(placing([]string{"createdAt", "updatedAt"}),
		expand(testExpansions...)), replies: map[int]any{200: wireTest{}}, headers: []string{"ETag"}},
	"updateMonitoringTest": {tag: "Tests", summary: "Change a test or its draft", text: "`logic` replaces the draft and touches no verdict.",
		params: []*huma.Param{expand(testExpansions...),
			ifMatch()},
		body: testChange{}, replies: map[int]any{200: wireTest{}}, errors: []int{409}, headers: []string{"ETag"}},
	"performTestAction": {tag: "Tests", summary: "Run, publish, enable, disable or delete a test",
		params: append(waiting(), expand(testExpansions...), ifMatch()), body: testAction{},
		replies: map[int]any{200: wireTest{}}, headers: append([]string{"ETag"}, verdictHeaders...)},
	"listTestVersions": {tag: "Tests", summary: "List the versions of a test", text: "Newest first. Every draft that was saved is a version of its own.",
		params: append(listing(page.CreatedAt), expand("logic")), replies: map[int]any{200: wireList[wireTestVersion]{}}},
	"compareTestVersions": {tag: "Tests", summary: "Get a version, or what differs between two",
		text: "`range` is a number or the word draft for one version, or two of them as in 3...7 for what differs: their logic, and what they say of the records of now. " +
			"The comparison of verdicts takes ten seconds at most; after that it is a sample that says so.",
		replies: map[int]any{200: oneOf{wireTestVersion{}, wireVersionDifference{}}}},
	"listRecordVerdicts": {tag: "Records", summary: "List what the tests say of a record, and said",
		text:   "`verdicts` is what the tests in force say of it now; `data` are the times in which it failed one, the latest beginning first. A deleted record has the latter only.",
		params: listing(page.CreatedAt), replies: map[int]any{200: wireRecordVerdicts{}}},
	"getPosture": {tag: "Tests", summary: "Get how the tests of a workspace stand", text: "How many tests have which result now, and at the end of each day. " +
		"A day on which nothing moved is like the one before it; days before the first verdict are left out.",
		params: []*huma.Param{query("days", "How many days.", whole(1, maxDays, defaultDays))}, replies: map[int]any{200: wirePosture{}}},
	"getSchedulePlan": {tag: "Tests", summary: "Tell when a schedule is due", text: "In words, and its next moments.",
		params:  []*huma.Param{query("schedule", "A cron expression of five fields in UTC; if absent, the one of tests that have none of their own.", &huma.Schema{Type: huma.TypeString, MaxLength: ptr(120)})},
		replies: map[int]any{200: wirePlan{}}},

	"listExclusions": {tag: "Exclusions", summary: "List the exclusions of a test", text: "Those that stand, unless `state` asks for others.",
		params: append(listing(exclusionSorts...), expand("connection", "exclusionDesignator"),
			query("targetId", "Only those of this record.", &huma.Schema{Type: huma.TypeString, MaxLength: ptr(30000)}),
			query("state", "Only those in this state; ALL for every one.", words(exclusionStates))),
		replies: map[int]any{200: wireList[wireExclusion]{}}},
	"createExclusion": {tag: "Exclusions", summary: "Exclude a record, or all that a condition matches",
		text: "Give either targetId, the id of a record (recordId of a finding), or selector, a condition with `all`, `any` or `not` at its root. " +
			"The reply comes when the verdicts are in, or after waitSeconds.",
		params: excluding(), body: newExclusion{}, replies: map[int]any{201: wireExclusion{}}, headers: verdictHeaders},
	"previewExclusion": {tag: "Exclusions", summary: "Tell what a selector would exclude now", text: "Nothing is stored.",
		body: selectorBody{}, replies: map[int]any{200: wireSelectorPreview{}}},
	"getExclusion": {tag: "Exclusions", summary: "Get an exclusion with all that it said before", replies: map[int]any{200: wireExclusion{}},
		params: []*huma.Param{expand("connection", "exclusionDesignator", "now")}},
	"updateExclusion": {tag: "Exclusions", summary: "Change an exclusion", text: "What is absent stays. One that has ended cannot be changed.",
		params: excluding(), body: exclusionChange{}, replies: map[int]any{200: wireExclusion{}}, headers: verdictHeaders, errors: []int{409}},
	"deleteExclusion": {tag: "Exclusions", summary: "End an exclusion", text: "What it covered counts again. It stays readable with state=DELETED.",
		params: excluding(), replies: map[int]any{204: nil}, headers: verdictHeaders, errors: []int{409}},
	"listWorkspaceExclusions": {tag: "Exclusions", summary: "List the exclusions of a workspace", text: "Those that stand, unless `state` asks for others.",
		params: append(listing(exclusionSorts...), expand("connection", "exclusionDesignator"), query("testId", "Only those of this test.", id()),
			query("resourceId", "Only those over this resource.", id()), query("targetId", "Only those of this record.", plain()),
			query("category", "Only those of this category.", words(exclusionCategories)),
			query("kind", "Only those of one record, or of what a selector matches.", words(exclusionKinds)),
			searching("the reason, the record's id, the selector, the test's name, the approver or the ticket"),
			query("state", "Only those in this state; ALL for every one.", words(exclusionStates))),
		replies: map[int]any{200: wireList[wireExclusion]{}}},
	"auditExclusions": {tag: "Exclusions", summary: "List the exclusions that somebody should look at",
		text: "EXPIRED: it ended by time in the last 90 days. UNUSED: nothing that it covers fails. MATCHES_MORE: its selector matches more records than when it was approved. " +
			"EXPIRING: it is about to end.",
		params:  append(listing(exclusionSorts...), expand("connection", "exclusionDesignator"), query("problem", "Only those with this problem.", words(exclusionProblems))),
		replies: map[int]any{200: wireExclusionAudit{}}},

	"listConditions": {tag: "Tests", summary: "List named conditions", text: "All of them on one page, by name; a workspace has at most 500.",
		params:  []*huma.Param{query("includeTotalCount", "Tell the length of the list.", yesNo())},
		replies: map[int]any{200: wireList[wireCondition]{}}},
	"getCondition": {tag: "Tests", summary: "Get a named condition", replies: map[int]any{200: wireCondition{}}},
	"putCondition": {tag: "Tests", summary: "Create or change a named condition",
		text: "Rules refer to it with {\"condition\":\"name\"}. The name is case-sensitive and has 1 to 100 letters, digits, spaces, dots, dashes and underscores. " +
			"Each enabled, published test that refers to it, directly or through other conditions, gets a new version at once; if one of them would not be acceptable any more, nothing changes.",
		body: conditionChange{}, replies: map[int]any{200: wireCondition{}}, errors: []int{409}},
	"deleteCondition": {tag: "Tests", summary: "Delete a named condition", text: "Refused while a test, published or draft, or another condition refers to it.",
		replies: map[int]any{204: nil}, errors: []int{409}},

	"listNotificationChannels": {tag: "Notifications", summary: "List channels", params: listing(page.CreatedAt), replies: map[int]any{200: wireList[wireNotificationChannel]{}}},
	"createNotificationChannel": {tag: "Notifications", summary: "Create a channel", text: "A mail channel has to, a slack or teams channel url, a webhook url and signingKey.",
		body: newNotificationChannel{}, replies: map[int]any{201: wireNotificationChannel{}}, errors: []int{409, 422}},
	"getNotificationChannel": {tag: "Notifications", summary: "Get a channel", text: "Its secrets are not shown, only hints of them.",
		replies: map[int]any{200: wireNotificationChannel{}}},
	"updateNotificationChannel": {tag: "Notifications", summary: "Change a channel", text: "What is absent stays, secrets too.", body: notificationChannelChange{},
		replies: map[int]any{200: wireNotificationChannel{}}, errors: []int{409, 422}},
	"deleteNotificationChannel": {tag: "Notifications", summary: "Delete a channel", text: "Refused while a rule names it. What is on its way to it is cancelled.",
		replies: map[int]any{204: nil}, errors: []int{409}},
	"performNotificationChannelAction": {tag: "Notifications", summary: "Send a test message", text: "Sends it now and answers with the outcome.", body: notificationChannelAction{},
		replies: map[int]any{200: wireTestMessages{}}},
	"listNotificationRules": {tag: "Notifications", summary: "List rules", params: listing(page.CreatedAt), replies: map[int]any{200: wireList[wireNotificationRule]{}}},
	"createNotificationRule": {tag: "Notifications", summary: "Create a rule", text: "name, events and channelIds are required.", body: notificationRuleChange{},
		replies: map[int]any{201: wireNotificationRule{}}, errors: []int{409}},
	"getNotificationRule": {tag: "Notifications", summary: "Get a rule", replies: map[int]any{200: wireNotificationRule{}}},
	"updateNotificationRule": {tag: "Notifications", summary: "Change a rule", text: "What is absent stays. A digest rule that becomes immediate sends what waits at once.",
		body: notificationRuleChange{}, replies: map[int]any{200: wireNotificationRule{}}, errors: []int{409}},
	"deleteNotificationRule": {tag: "Notifications", summary: "Delete a rule", text: "What waits for its digest is dropped.", replies: map[int]any{204: nil}},
	"listNotificationDeliveries": {tag: "Notifications", summary: "List deliveries", text: "Messages on their way, sent or given up. What is over is kept for 90 days.",
		params:  append(listing(page.CreatedAt), query("status", "Only those in this state.", words(deliveryStatuses)), query("channelId", "Only those of this channel.", id())),
		replies: map[int]any{200: wireList[wireNotificationDelivery]{}}},
	"getNotificationDelivery": {tag: "Notifications", summary: "Get a delivery with its text", replies: map[int]any{200: wireNotificationDelivery{}}},
	"performNotificationDeliveryAction": {tag: "Notifications", summary: "Try a delivery anew", text: "One that was given up (FAILED), as often as a new one.",
		body: notificationDeliveryAction{}, replies: map[int]any{200: wireNotificationDelivery{}}, errors: []int{409}},

	"listControls": {tag: "Controls", summary: "List controls", text: "Parts that are not there yet (policies, tickets, evidence) match nothing.",
		params: append(listing(controlSorts...), expand(controlParts...), searching("the code, the name or the description"),
			query("hasTest", "Only those that a test is mapped to, of whatever status, or not.", yesNoAny()), query("isMonitored", "Only those that a published, enabled test proves, or not.", yesNoAny()),
			query("isReady", "Only those that are ready now, or not.", yesNoAny()), query("hasPassingTest", "Only those of which a test passes now, or none does.", yesNoAny()),
			query("isEnabled", "Only those that serve a requirement of an enabled framework, or not.", yesNoAny()),
			query("isArchived", "Only those out of scope, or in it.", yesNoAny()), query("hasEvidence", "Only those with evidence, or without.", yesNoAny()),
			query("hasPolicy", "Only those with a policy, or without.", yesNoAny()), query("ticketStatus", "Only those with tickets in this state.", words([]string{"IN_PROGRESS", "ARCHIVED"})),
			query("policyId", "Only those of this policy.", id()), query("frameworkId", "Only those that serve this framework.", id()),
			query("hasOwner", "Only those that somebody owns, or nobody does.", yesNoAny()),
			repeated("ownerIds[]", "Only those of this user; me stands for the person who asks.", plain())),
		replies: map[int]any{200: wireList[wireControl]{}}},
	"createControl": {tag: "Controls", summary: "Create a control", params: []*huma.Param{expand(controlParts...)}, body: newControl{}, media: []string{multipartForm},
		replies: map[int]any{201: wireControl{}}},
	"getControl": {tag: "Controls", summary: "Get a control", text: controlIDText, params: append(placing([]string{"createdAt", "updatedAt"}), expand(controlParts...)),
		replies: map[int]any{200: wireControl{}}},
	"updateControl": {tag: "Controls", summary: "Change a control", text: controlIDText, params: []*huma.Param{expand(controlParts...)}, body: controlChange{},
		replies: map[int]any{200: wireControl{}}, errors: []int{409}},
	"listControlRequirements": {tag: "Controls", summary: "List the requirements that a control serves", text: controlIDText,
		params: append(listing(bothSorts...), append(requirementFilters(), expand(requirementParts...))...), replies: map[int]any{200: wireList[wireRequirement]{}}},
	"performControlAction": {tag: "Controls", summary: "Mark a control in or out of scope", text: "A control out of scope counts for no requirement. " + controlIDText,
		params: []*huma.Param{expand(controlParts...)}, body: controlAction{}, replies: map[int]any{200: wireControl{}}},
	"listControlOwners":   {tag: "Controls", summary: "List the owners of a control", params: listing(bothSorts...), replies: map[int]any{200: wireList[wireUser]{}}},
	"updateControlOwners": {tag: "Controls", summary: "Replace the owners of a control", body: newOwners{}, replies: map[int]any{200: wireList[wireUser]{}}},
	"addControlOwner":     {tag: "Controls", summary: "Add an owner to a control", body: newOwner{}, replies: map[int]any{200: wireList[wireUser]{}}},
	"removeControlOwner":  {tag: "Controls", summary: "Remove an owner from a control", replies: map[int]any{200: wireList[wireUser]{}}},
	"listControlNotes":    {tag: "Controls", summary: "List the notes on a control", params: listing(bothSorts...), replies: map[int]any{200: wireList[wireNote]{}}},
	"createControlNote":   {tag: "Controls", summary: "Add a note to a control", body: noteText{}, replies: map[int]any{201: wireNote{}}},
	"getControlNote":      {tag: "Controls", summary: "Get a note", replies: map[int]any{200: wireNote{}}},
	"updateControlNote":   {tag: "Controls", summary: "Change a note", body: noteText{}, replies: map[int]any{200: wireNote{}}},
	"deleteControlNote":   {tag: "Controls", summary: "Delete a note", replies: map[int]any{204: nil}},
	"resetControlMappings": {tag: "Controls", summary: "Map controls to requirements as shipped", text: "Each control by itself; one of your own has nothing to go back to.",
		body: controlIDs{}, replies: map[int]any{200: wireResets{}}},
	"compareControlRequirements": {tag: "Controls", summary: "Compare what controls serve with the shipped mapping",
		params: []*huma.Param{repeated("controlIds[]", "A control; repeat it for several, 300 at most.", id())}, replies: map[int]any{200: wireComparisons{}}, errors: []int{404}},

	"listFrameworks": {tag: "Frameworks", summary: "List frameworks", params: append(listing(bothSorts...), query("name", "Only those with this in their name.", plain()),
		repeated("excludeIds", "Without these.", id()), query("isReady", "Only those that are ready now, or not.", yesNoAny()), query("isEnabled", "Only those that are enabled, or not.", yesNoAny())),
		replies: map[int]any{200: wireList[wireFramework]{}}},
	"createFramework": {tag: "Frameworks", summary: "Create a framework of your own", body: newFramework{}, replies: map[int]any{201: wireFramework{}}},
	"listAvailableFrameworks": {tag: "Frameworks", summary: "List the frameworks that come with the program", text: "They cost nothing until they are installed.",
		replies: map[int]any{200: wireAvailables{}}},
	"performFrameworksAction": {tag: "Frameworks", summary: "Install a framework that comes with the program",
		text: "Its requirements come with the shipped controls that serve them. A repetition adds what a newer edition has, updates what nobody edited, and leaves what people mapped.",
		body: frameworksAction{}, replies: map[int]any{200: wireInstalled{}}},
	"importFramework": {tag: "Frameworks", summary: "Import a framework", text: "The body is an OSCAL catalog (JSON) or a CSV file with the columns of the template. All of it becomes a framework of your own, or nothing. " +
		"With dryRun the reply (200) tells what would be created, and every problem.",
		params: []*huma.Param{query("dryRun", "Only tell what would happen.", yesNo()), query("format", "What the body is; else its content type or its first character tells.", words(formatWords)),
			query("name", "The name of the framework; the catalog's title if absent.", plain()), query("shortName", "16 characters at most; the beginning of the name if absent.", plain()),
			query("description", "The description of the framework.", plain())},
		body: wireObject{}, media: []string{csvMedia}, replies: map[int]any{200: wireImport{}, 201: wireImport{}}},
	"getImportTemplate": {tag: "Frameworks", summary: "Get an example of a CSV file to import", replies: map[int]any{200: nil}, replyMedia: []string{csvMedia}, headers: []string{"Content-Disposition"}},
	"exportFramework": {tag: "Frameworks", summary: "Export a framework", text: "As an OSCAL catalog (JSON), or as CSV; both can be imported again.",
		params:  []*huma.Param{query("format", "oscal if absent.", words(formatWords))},
		replies: map[int]any{200: wireObject{}}, replyMedia: []string{csvMedia}, headers: []string{"Content-Disposition"}},
	"getFramework":    {tag: "Frameworks", summary: "Get a framework", replies: map[int]any{200: wireFramework{}}},
	"updateFramework": {tag: "Frameworks", summary: "Change, enable or disable a framework", body: frameworkChange{}, replies: map[int]any{200: wireFramework{}}, errors: []int{409}},
	"deleteFramework": {tag: "Frameworks", summary: "Delete a framework with its requirements", text: "Controls stay, without what they served of it.", replies: map[int]any{204: nil}},
	"listRequirements": {tag: "Frameworks", summary: "List the requirements of a framework",
		params: append(listing(requirementSorts...), expand(requirementParts...), searching("the code, the name, the category or the description"),
			query("isInScope", "Only those in scope, or out of it.", yesNoAny()), query("isReady", "Only those that are ready now, or not.", yesNoAny())),
		replies: map[int]any{200: wireList[wireRequirement]{}}},
	"createRequirements": {tag: "Frameworks", summary: "Add requirements to a framework", text: "All of them or none. A code that is taken or a control that does not exist: 422.",
		params: []*huma.Param{expand(requirementParts...)}, body: newRequirements{}, replies: map[int]any{201: wireRequirements{}}},
	"getRequirement": {tag: "Frameworks", summary: "Get a requirement", params: []*huma.Param{expand(requirementParts...)}, replies: map[int]any{200: wireRequirement{}}},
	"updateRequirement": {tag: "Frameworks", summary: "Change a requirement", params: []*huma.Param{expand(requirementParts...)}, body: requirementChange{},
		replies: map[int]any{200: wireRequirement{}}, errors: []int{409}},
	"deleteRequirement": {tag: "Frameworks", summary: "Delete a requirement of a framework of your own", text: "One that was installed would come back: mark it out of scope.",
		replies: map[int]any{204: nil}, errors: []int{409}},
	"listRequirementControls": {tag: "Frameworks", summary: "List the controls that serve a requirement", params: append(listing(bothSorts...), expand(controlParts...)),
		replies: map[int]any{200: wireList[wireControl]{}}},
	"listAllRequirements": {tag: "Frameworks", summary: "List requirements of all frameworks", text: "The older form.",
		params: append(listing(bothSorts...), append(requirementFilters(), query("workspaceId", "Only those of this workspace.", id()),
			query("frameworkId", "Only those of this framework.", id()), searching("the code, the name, the category or the description"), expand(requirementParts...))...), replies: map[int]any{200: wireList[wireRequirement]{}}, errors: []int{404}},
	"updateAnyRequirement": {tag: "Frameworks", summary: "Change a requirement by its id alone", text: "The older form.", params: []*huma.Param{expand(requirementParts...)},
		body: requirementChange{}, replies: map[int]any{200: wireRequirement{}}, errors: []int{409}},

	"getDiagnosis": {tag: "Connections", summary: "Get why a connection is unhealthy", text: "The causes and what to do about them, by rules, from the last sync runs; and what a language model said of the same data, if one was asked.",
		replies: map[int]any{200: wireDiagnosis{}}},
	"refreshDiagnosis": {tag: "Connections", summary: "Ask for a summary of the diagnosis", text: refreshText, replies: map[int]any{200: wireDiagnosis{}}, replyMedia: []string{streamMedia}},
	"rateDiagnosis":    {tag: "Connections", summary: "Say whether the summary helped", text: "409: there is none of the data as it is now.", body: diagnosisFeedback{}, replies: map[int]any{200: wireDiagnosis{}}},

	"listEvents": {tag: "Events", summary: "List events",
		text: "A page that is narrowed looks through 50,000 events: it may be short, or empty, and have a cursor that leads on.",
		params: append(listing(page.CreatedAt),
			expand("connection", "issues", "metadata", "testId", "testName", "user"), query("type", "Only those of this type.", plain()),
			query("source", "Only those that came this way.", words(sourceNames)), query("category", "Only those of this category.", plain()),
			query("connectionId", "Only those of this connection; null: of none.", plain()), query("userId", "Only those of this person; null: of none.", plain()),
			query("keyId", "Only those of this API key.", id()), query("testId", "Only those of the test with this number in its workspace.", id()),
			query("controlId", "Only those that name this control.", id()), query("frameworkId", "Only those that name this framework.", id()),
			query("requirementId", "Only those that name this requirement.", id()), query("exclusionId", "Only those that name this exclusion.", id()),
			query("resourceId", "Only those that name this resource.", id()), searching("the description"),
			query("workspaceId", "Only those of this workspace.", id()), query("createdAtStartDate", "Only those from then on: a date or a time.", plain()),
			query("createdAtEndDate", "Only those before then: a time, or a date with that whole day.", plain())),
		replies: map[int]any{200: wireList[wireEvent]{}}},
	"getEvent": {tag: "Events", summary: "Get an event", params: []*huma.Param{expand("connection", "issues", "metadata", "testId", "testName", "user")},
		replies: map[int]any{200: wireEvent{}}},

	"search": {tag: "Organisation", summary: "Find things by what they are called", text: searchText,
		params: []*huma.Param{{Name: "q", In: "query", Required: true, Description: "What to look for.", Schema: plain()}}, replies: map[int]any{200: wireHits{}}},
	"getAuth": {tag: "Sign-in", summary: "Get what the sign-in page must know", replies: map[int]any{200: wireAuth{}}},
	"signIn": {tag: "Sign-in", summary: "Sign in", text: "Begins a session and sets its cookie. After failures the next attempt must wait (429).", body: signInBody{},
		replies: map[int]any{200: wireSignedIn{}}, headers: []string{setCookie}},
	"lookAtLink": {tag: "Sign-in", summary: "Look at a one-time link", text: "What it is for, and whose it is; it stays good.", body: tokenBody{}, replies: map[int]any{200: wireLink{}}},
	"setUp": {tag: "Sign-in", summary: "Create the first administrator", text: "With the token of the link that the server prints while there is no user.", body: setUpBody{},
		replies: map[int]any{200: wireSignedIn{}}, headers: []string{setCookie}},
	"acceptInvitation": {tag: "Sign-in", summary: "Choose a password by a link", text: "Of an invitation, or to replace a password that was forgotten. All other sessions of the person end.",
		body: acceptBody{}, replies: map[int]any{200: wireSignedIn{}}, headers: []string{setCookie}},
	"changePassword": {tag: "Sign-in", summary: "Change your password", text: "All your sessions end; this one goes on under a new cookie.", body: passwordBody{},
		replies: map[int]any{200: wireSignedIn{}}, headers: []string{setCookie}},
	"signOut":         {tag: "Sign-in", summary: "Sign out", body: signOutBody{}, replies: map[int]any{204: nil}, headers: []string{setCookie}},
	"listWebSessions": {tag: "Sign-in", summary: "List where you are signed in", replies: map[int]any{200: wireWebSessions{}}},
	"endWebSession":   {tag: "Sign-in", summary: "End one of your sessions", replies: map[int]any{204: nil}},
	"getMe":           {tag: "Users", summary: "Get who you are", text: "The caller, and what the caller may do where.", replies: map[int]any{200: wireMe{}}},
	"updateMe":        {tag: "Users", summary: "Change your name", body: meChange{}, replies: map[int]any{200: wireMe{}}},
	"listUsers":       {tag: "Users", summary: "List users", params: append(listing(bothSorts...), userFilters()...), replies: map[int]any{200: wireList[wireUser]{}}},
	"createUser": {tag: "Users", summary: "Invite a user", text: "The reply has the link with which they choose a password. Nobody gives roles that allow more than their own.",
		params: []*huma.Param{expand(userParts...)}, body: newUser{}, replies: map[int]any{201: wireInvited{}}},
	"getUser": {tag: "Users", summary: "Get a user", text: userIDText, params: []*huma.Param{expand(userParts...)}, replies: map[int]any{200: wireUser{}}},
	"updateUser": {tag: "Users", summary: "Change names and roles of a user", text: userIDText, params: []*huma.Param{expand(userParts...)}, body: userChange{},
		replies: map[int]any{200: wireUser{}}, errors: []int{409}},
	"performUserAction": {tag: "Users", summary: "Disable or enable a user, sign them out, renew their link", text: userIDText, params: []*huma.Param{expand(userParts...)},
		body: userAction{}, replies: map[int]any{200: wireInvited{}}},
	"deleteUser": {tag: "Users", summary: "Delete a user", text: userIDText + " The audit trail keeps the name.", replies: map[int]any{204: nil}, errors: []int{409},
		params: []*huma.Param{query("revokeKeys", "Also revoke the API keys that the person made, which go on otherwise.", yesNo())}},
	"listHrisUserIdentities": {tag: "Personnel", summary: "List the identities of an HRIS connection", params: listing(bothSorts...), replies: map[int]any{200: wireList[wireIdentity]{}}},
	"putHrisUserIdentities": {tag: "Personnel", summary: "Create or change identities", text: identitiesText, body: []newIdentity{},
		replies: map[int]any{200: []wireIdentityResult{}, 201: []wireIdentityResult{}, 207: []wireIdentityResult{}}},
	"getHrisUserIdentity":    {tag: "Personnel", summary: "Get an identity", text: identityIDText, replies: map[int]any{200: wireIdentity{}}},
	"deleteHrisUserIdentity": {tag: "Personnel", summary: "Delete an identity", text: identityIDText + " Sending it again restores it with what it had.", replies: map[int]any{204: nil}},
	"listPersonnel":          {tag: "Personnel", summary: "List personnel", params: personnelParams(), replies: map[int]any{200: wireList[wirePerson]{}}, errors: []int{404}},
	"getPersonnelSummary":    {tag: "Personnel", summary: "Count personnel", replies: map[int]any{200: wirePeopleSummary{}}},
	"getPersonnel":           {tag: "Personnel", summary: "Get a person", text: personIDText, params: []*huma.Param{expand(personParts...)}, replies: map[int]any{200: wirePerson{}}},
	"updatePersonnel": {tag: "Personnel", summary: "Change a person by hand", text: personIDText + " The identity sync leaves alone what was changed, until it is reset.",
		params: []*huma.Param{expand(personParts...)}, body: personChange{}, replies: map[int]any{200: wirePerson{}}},
	"performPersonnelAction": {tag: "Personnel", summary: "Give people back to the identity sync", body: personnelAction{}, replies: map[int]any{201: wireCount{}}, errors: []int{404}},
	"listPersonnelHistory":   {tag: "Personnel", summary: "List what became of a person", text: historyText, params: listing(page.CreatedAt), replies: map[int]any{200: wireList[wireObjectChange]{}}},
	"listDeviceHistory":      {tag: "Devices", summary: "List what became of a device", text: historyText, params: listing(page.CreatedAt), replies: map[int]any{200: wireList[wireObjectChange]{}}},
	"listAssetHistory":       {tag: "Assets", summary: "List what became of an asset", text: historyText, params: listing(page.CreatedAt), replies: map[int]any{200: wireList[wireObjectChange]{}}},
	"listPersonnelDevices":   {tag: "Devices", summary: "List the devices of a person", text: personIDText, params: deviceParams(), replies: map[int]any{200: wireList[wireDevice]{}}},
	"listDevices":            {tag: "Devices", summary: "List devices", params: append(deviceParams(), query("personnelId", "Only those of this person.", id()), query("connectionId", "Only those that this connection reports.", id())), replies: map[int]any{200: wireList[wireDevice]{}}},
	"getDeviceSummary":       {tag: "Devices", summary: "Count devices", replies: map[int]any{200: wireDeviceSummary{}}},
	"getDevice":              {tag: "Devices", summary: "Get a device", params: []*huma.Param{expand(append([]string{"apps", "deviceApps"}, deviceParts...)...)}, replies: map[int]any{200: wireDevice{}}},
	"listDeviceApps": {tag: "Devices", summary: "List the applications of a device", params: append(listing(bothSorts...), searching("the name"),
		query("kind", "What to list: applications, if absent.", words(choices(asset.ProgramKinds)))), replies: map[int]any{200: wireList[wireInstalledIn]{}}},
	"listConnectionDevices": {tag: "Devices", summary: "List the devices of a connection", params: append(deviceParams(), query("personnelId", "Only those of this person.", id())), replies: map[int]any{200: wireList[wireDevice]{}}},
	"createDevice": {tag: "Devices", summary: "Report a device", text: reportText, params: []*huma.Param{expand(deviceParts...)}, body: deviceReport{},
		replies: map[int]any{201: wireDevice{}}, errors: []int{409}},
	"deleteDevice": {tag: "Devices", summary: "Delete a device with its asset and documents", replies: map[int]any{204: nil}},
	"listAssets":   {tag: "Assets", summary: "List assets", params: assetParams(), replies: map[int]any{200: wireList[wireAsset]{}}},
	"createAsset": {tag: "Assets", summary: "Create an asset", text: "Of a thing that is no device: devices come through MDM connections, and their assets with them.",
		params: []*huma.Param{expand(assetParts...)}, body: newAsset{}, replies: map[int]any{201: wireAsset{}}, errors: []int{404}},
	"getAsset":    {tag: "Assets", summary: "Get an asset", params: []*huma.Param{expand(assetParts...)}, replies: map[int]any{200: wireAsset{}}},
	"updateAsset": {tag: "Assets", summary: "Change an asset", params: []*huma.Param{expand(assetParts...)}, body: assetChange{}, replies: map[int]any{200: wireAsset{}}},
	"deleteAsset": {tag: "Assets", summary: "Delete an asset", text: "One that stands for a device goes with the device.", replies: map[int]any{204: nil}},
	"performAssetAction": {tag: "Assets", summary: "Restore a deleted asset", text: "It comes back as it was. 409 if it stood for a device, which brings an asset with its next report, or if another asset has its externalId or uniqueId now.",
		params: []*huma.Param{expand(assetParts...)}, body: assetAction{}, replies: map[int]any{200: wireAsset{}}, errors: []int{409}},
	"listIdentitySyncs": {tag: "Personnel", summary: "List identity syncs", params: append(listing(page.CreatedAt), expand("startedBy")), replies: map[int]any{200: wireList[wireSync]{}}},
	"startIdentitySync": {tag: "Personnel", summary: "Apply all identities to personnel", text: "It goes on beside requests, in parts of which each is whole; the one of the night begins at 02:00 UTC.",
		params: []*huma.Param{expand("startedBy")}, replies: map[int]any{202: wireSync{}}, errors: []int{409}},
	"getIdentitySync":           {tag: "Personnel", summary: "See how far an identity sync is", params: []*huma.Param{expand("startedBy")}, replies: map[int]any{200: wireSync{}}},
	"performIdentitySyncAction": {tag: "Personnel", summary: "Cancel an identity sync", params: []*huma.Param{expand("startedBy")}, body: syncAction{}, replies: map[int]any{200: wireSync{}}, errors: []int{409}},

	"listRoles": {tag: "Users", summary: "List roles", params: append(listing(bothSorts...), expand("permissions")), replies: map[int]any{200: wireList[wireRole]{}}},
	"getRole":   {tag: "Users", summary: "Get a role", text: roleIDText, params: []*huma.Param{expand("permissions")}, replies: map[int]any{200: wireRole{}}},
	"listRoleUsers": {tag: "Users", summary: "List who holds a role", text: roleIDText, params: append(listing(bothSorts...), expand(userParts...)),
		replies: map[int]any{200: wireList[wireUser]{}}},

	"updateCompany":   {tag: "Organisation", summary: "Change the organisation", body: companyChange{}, replies: map[int]any{200: wireCompany{}}},
	"createWorkspace": {tag: "Organisation", summary: "Create a workspace", body: newWorkspace{}, replies: map[int]any{201: wireWorkspace{}}},
	"updateWorkspace": {tag: "Organisation", summary: "Change a workspace", params: []*huma.Param{expand("frameworks", "personnelScope")}, body: workspaceChange{},
		replies: map[int]any{200: wireWorkspace{}}, errors: []int{409}},
	"streamChanges": {tag: "Organisation", summary: "Follow what changes", text: streamText,
		params:  []*huma.Param{headerParam("Last-Event-ID", "The id of the last message that you received.", plain())},
		replies: map[int]any{200: nil}, flow: wireChanges{}},
	"CompaniesPublicV2Controller_getCompany": {tag: "Organisation", summary: "Get the organisation", replies: map[int]any{200: wireCompany{}}, errors: []int{404}},
	"listWorkspaces": {tag: "Organisation", summary: "List workspaces", params: append(listing(bothSorts...), expand("frameworks", "personnelScope")),
		replies: map[int]any{200: wireList[wireWorkspace]{}}},
	"getWorkspace": {tag: "Organisation", summary: "Get a workspace", params: []*huma.Param{expand("frameworks", "personnelScope")},
		replies: map[int]any{200: wireWorkspace{}}},
	"getSettings": {tag: "Organisation", summary: "Get the settings", replies: map[int]any{200: wireSettings{}}},
	"updateSettings": {tag: "Organisation", summary: "Change the settings", text: "Features that are switched off answer 402; API terms that nobody accepted yet make all else answer 412.",
		body: settingsChange{}, replies: map[int]any{200: wireSettings{}}},
	"performSettingsAction": {tag: "Organisation", summary: "Accept the API terms", body: settingsAction{}, replies: map[int]any{200: wireSettings{}}},
	"getAIProvider":         {tag: "Organisation", summary: "Get the AI provider", text: "The language model that summaries of diagnoses are asked of.", replies: map[int]any{200: wireAIProvider{}}},
	"updateAIProvider": {tag: "Organisation", summary: "Change the AI provider", text: "Any server of the chat completions protocol of OpenAI, also one of your own.",
		body: aiProviderChange{}, replies: map[int]any{200: wireAIProvider{}}},
	"performAIProviderAction": {tag: "Organisation", summary: "Try the AI provider", text: "It is asked a trivial question, with the settings as they are stored.",
		body: aiProviderAction{}, replies: map[int]any{200: wireAITrial{}}},
	"getRuleLanguage": {tag: "Tests", summary: "Get the rule language", text: "All that a builder or an editor has to know of it: operators with words, examples and what they fit, " +
		"how groups combine, assertions, and limits.", replies: map[int]any{200: rule.Language{}}},
	"listErrorCodes": {tag: "Organisation", summary: "List the codes of refusals", replies: map[int]any{200: wireErrorCodes{}}},
	"listApiKeys": {tag: "API keys", summary: "List keys", params: append(listing(bothSorts...), repeated("requires[]", "A scope that is needed; each key then tells which of them it lacks.", plain()),
		query("userId", "Only those that this person made.", &huma.Schema{Type: huma.TypeInteger, Format: "int64"}), query("usable", "Only those that are neither revoked nor expired.", yesNo())), replies: map[int]any{200: wireList[wireKey]{}}},
	"createApiKey": {tag: "API keys", summary: "Create a key", text: "The secret is in this reply and nowhere else.",
		body: newKey{}, replies: map[int]any{201: wireKey{}}},
	"revokeApiKey": {tag: "API keys", summary: "Revoke a key", text: "The next request that shows it is refused.", replies: map[int]any{204: nil}},

	"v1CreateCustomData": {tag: "Records", summary: "Create or replace records, also in a session",
		text: pushText + " With x-session-id the records are staged in that session, which can be completed or aborted in the same call.",
		params: []*huma.Param{headerParam("x-session-id", "The session to stage the records in.", plain()),
			headerParam("x-session-complete", "true: complete the session after the upload.", plain()),
			headerParam("x-session-abort", "true: cancel the session; the records of this call are dropped with it.", plain())},
		body: recordsBody{}, replies: map[int]any{200: oneOf{wireWrittenV1{}, []wireBulkItemV1{}}, 201: wireWrittenV1{}}, headers: countHeaders},
	"v1UpdateCustomData": {tag: "Records", summary: "Change a record", body: recordBody{}, replies: map[int]any{200: wireWrittenV1{}},
		headers: countHeaders, errors: []int{409}},
	"v1DeleteCustomData": {tag: "Records", summary: "Delete a record", replies: map[int]any{200: nil}},
	"v1ListConnections": {tag: "Connections", summary: "List connections", params: []*huma.Param{
		query("page", "The number of the page.", whole(1, maxPageV1, 1)), query("limit", "How many connections a page has.", whole(1, maxLimitV1, defaultLimitV1)),
		repeated("providerTypes[]", "Only those of one of these types.", words(providerWords)), query("state", "Only those in this state.", words(statesV1))},
		replies: map[int]any{200: wireConnectionsV1{}}},
	"v1ListSessions": {tag: "Sessions", summary: "List sessions", params: []*huma.Param{
		query("page", "The number of the page.", whole(1, maxPageV1, 1)), query("limit", "How many sessions a page has.", whole(1, maxLimitV1, defaultLimitV1)),
		query("connectionId", "Only those of this connection.", id()), query("resourceId", "Only those of this resource.", id())},
		replies: map[int]any{200: wireSessionsV1{}}},
	"v1ListSessionEvidence": {tag: "Sessions", summary: "List the records of a session", text: "Those that are staged while the session is in progress, and the live ones of the active session; a session that is over holds none. " +
		"Each resource has sessions of its own: where several have one of this id, `resourceId` must say which is meant.",
		params:  placed(maxPageV1, query("connectionId", "Only of this connection.", id()), query("resourceId", "Only of this resource.", id())),
		replies: map[int]any{200: wireEvidenceV1{}}},
	"v1GetCompany": {tag: "Organisation", summary: "Get the organisation", replies: map[int]any{200: wireCompany{}}, errors: []int{404}},
})

// together is one map of several.
func together(parts ...map[string]operation) map[string]operation {
	out := map[string]operation{}
	for _, part := range parts {
		maps.Copy(out, part)
	}
	return out
}

func ptr[T any](v T) *T { return &v }
