package httpapi_test

import (
	"strings"
	"testing"
)

// cases run on both databases against one server each; every case makes the
// objects it works on.
var cases = []struct {
	name string
	run  func(*testing.T, *server)
}{
	{"the set-up link", setUpCase},
	{"decision 1: a failed item of a bulk", failedItem},
	{"decision 2: status of a write", statusOfWrite},
	{"decision 3: v2 wraps, v1 flattens", wrapsAndFlattens},
	{"decision 4: POST replaces the whole record", postReplaces},
	{"decision 5: PUT merges at the top level", putMerges},
	{"decision 5: merges at once", mergesAtOnce},
	{"decision 6: record ids", recordIDs},
	{"decision 7: which records a list shows", listedRecords},
	{"filters of records", filteredRecords},
	{"decision 8: one session in progress", oneSession},
	{"decision 9: upload to an ended session", uploadToEnded},
	{"decision 10: action in the wrong state", wrongAction},
	{"decision 11: an empty session", emptySession},
	{"decision 12: late completion", lateCompletion},
	{"decision 13: guards of a completion", guards},
	{"decision 14: the spelling of CANCELED", spelling},
	{"decision 15: sizes and gzip", sizes},
	{"decision 17: what is absent is a 404", absentIs404},
	{"decision 19: strict JSON, exact values", strictJSON},
	{"decision 20: no data", noData},
	{"decision 22: error bodies", errorBodies},
	{"decision 23: unknown query parameters", unknownParameters},
	{"decision 24: idempotency keys", idempotencyKeys},
	{"decision 25: another's object and none are the same", sameAbsence},
	{"records by id and their versions", recordAndVersions},
	{"paging", paging},
	{"sessions in v1", sessionsV1},
	{"writes in v1", writesV1},
	{"connections", connectionsCase},
	{"hub", hubCase},
	{"the catalogue", catalogCase},
	{"resources", resourcesCase},
	{"schemas", schemasCase},
	{"inference", inference},
	{"the rule language", ruleLanguageCase},
	{"attributes and their values", attributesCase},
	{"what an editor is told", lintCase},
	{"what an editor is offered", completeCase},
	{"tests in words", testWordsCase},
	{"the life of a test", lifeOfATest},
	{"tests", testsCase},
	{"lists of tests", testListCase},
	{"test actions", testActions},
	{"invalid logic", invalidLogic},
	{"lookups", lookupsCase},
	{"the past", pastCase},
	{"versions", versionsCase},
	{"refused versions", versionRefusals},
	{"reasons", reasonsCase},
	{"previews", previewsCase},
	{"refused previews", previewRefusals},
	{"samples and their jobs", previewJobs},
	{"records that are tried", attemptsCase},
	{"conditions", conditionsCase},
	{"refused conditions", conditionRefusals},
	{"controls", controlsCase},
	{"filters of controls", controlFilters},
	{"controls by form", controlForms},
	{"refused controls", controlRefusals},
	{"notes on controls", controlNotes},
	{"tests and controls", testsAndControls},
	{"frameworks", frameworksCase},
	{"refused frameworks", frameworkRefusals},
	{"shipped frameworks", shippedFrameworks},
	{"imports and exports", transfersCase},
	{"refused imports", importRefusals},
	{"runs and their evidence", runsCase},
	{"canceled runs", canceledRuns},
	{"the evidence of a run", evidenceCase},
	{"evidence as CSV", evidenceCSV},
	{"evidence of several groups", evidenceOfGroups},
	{"evidence of large records", hugeEvidence},
	{"evidence of exclusions", evidenceOfExclusions},
	{"evidence for people", evidencePDF},
	{"the daily series", historyCase},
	{"schedules", schedulesCase},
	{"stale data is told", staleCase},
	{"failures and passes", findingsCase},
	{"the newest findings", newestCase},
	{"records in error", errorsCase},
	{"a number of records", numbersCase},
	{"exclusions", exclusionsCase},
	{"exclusions by selector", selectorsCase},
	{"how exclusions end", exclusionEnds},
	{"refused exclusions", exclusionRefusals},
	{"audit of exclusions", exclusionAudit},
	{"waiting for verdicts", waitingForVerdicts},
	{"notification channels", channelsCase},
	{"people who are notified", notifiedPeople},
	{"refused notification channels", channelRefusals},
	{"notification rules", rulesCase},
	{"refused notification rules", ruleRefusals},
	{"collections", collectionsCase},
	{"collections that fail", failingCollections},
	{"collections that may not reach", guardedCollections},
	{"collections of a disconnected connection", disconnectedCollections},
	{"guards of collections", collectionGuards},
	{"when collections run", collectionTimes},
	{"collections that are cancelled", canceledCollections},
	{"collections of two nodes", collectionNodes},
	{"recipes that are tried", triedRecipes},
	{"refused collections", collectionRefusals},
	{"secrets of collections", collectionSecrets},
	{"the AI provider", aiProviderCase},
	{"diagnosis", diagnosisCase},
	{"events", eventsCase},
	{"search", searchCase},
	{"streams of changes", streamCase},
	{"streams and scopes", streamScopes},
	{"too many streams", streamLimits},
	{"company, workspaces and codes", companyCase},
	{"who am I", meCase},
	{"sign-in", signInCase},
	{"waiting after failures", backOffCase},
	{"requests of other sites", crossOriginCase},
	{"sessions of the web app", webSessionsCase},
	{"identities", identitiesCase},
	{"personnel", personnelCase},
	{"search of personnel", personnelSearchCase},
	{"users as personnel", usersAsPersonnelCase},
	{"devices", devicesCase},
	{"devices of a deleted connection", orphansCase},
	{"keys that report devices", reportingCase},
	{"documents", documentsCase},
	{"documents without a device", personDocumentsCase},
	{"refused documents", documentRefusals},
	{"links to documents", documentLinks},
	{"documents in v1", documentsV1},
	{"assets", assetsCase},
	{"devices in v1", devicesV1},
	{"assets in v1", assetsV1},
	{"custom fields", customFieldsCase},
	{"values of custom fields", customValuesCase},
	{"refused custom fields", customFieldRefusals},
	{"personnel in v1", personnelV1},
	{"filters of personnel in v1", personnelFiltersV1},
	{"orders of personnel in v1", personnelOrdersV1},
	{"imports of personnel", importPersonnelCase},
	{"imports of assets", importAssetsCase},
	{"imports of custom fields of personnel", importFieldsCase},
	{"imports of custom fields of assets", importAssetFieldsCase},
	{"lists of assets that are imported", importedListCase},
	{"groups of people", groupsCase},
	{"members of groups", membersCase},
	{"personnel scopes of workspaces", scopeCase},
	{"organisation and workspaces", organisationCase},
	{"evidence of a session in v1", sessionEvidenceV1},
	{"roles", rolesCase},
	{"owners of controls", ownersCase},
	{"reach", reachCase},
	{"users", usersCase},
	{"escalation", escalationCase},
	{"the last administrator", lastAdministratorCase},
	{"keys", keysCase},
	{"keys of people", keysOfPeople},
	{"authors", authorsCase},
	{"the use of the catalogue", catalogUseCase},
	{"paths and methods", pathsAndMethods},
	{"bad parameters", badParameters},
	{"text that no database holds", unstorableText},
	{"request bodies of another kind", otherBodies},
	{"account mappings", accountMappingCase},
	{"the first of two faults", firstFaultCase},
	{"accounts", accountsCase},
	{"access reviews", accessReviewsCase},
	{"lists as files", exportsCase},
	// The built-in connection is one of every workspace from here on.
	{"people, devices and assets as records", directoryCase},
}

// The two go side by side: one waits for its database while the other reckons.
func TestSQLite(t *testing.T)   { t.Parallel(); runCases(t, sqlite) }
func TestPostgres(t *testing.T) { t.Parallel(); runCases(t, postgres) }

// It counts all tests of the workspace, so it has a server of its own.
func TestPosture(t *testing.T) {
	for _, d := range []dialect{sqlite, postgres} {
		t.Run(string(d), func(t *testing.T) { postureCase(t, newServer(t, d)) })
	}
}

// Years go by, which would end what other cases made.
func TestDocumentsProveChecks(t *testing.T) {
	for _, d := range []dialect{sqlite, postgres} {
		t.Run(string(d), func(t *testing.T) {
			s := newServer(t, d)
			t.Run("with a device", func(t *testing.T) { proofCase(t, s) })
			t.Run("without one", func(t *testing.T) { personProofCase(t, s) })
			t.Run("a null device", func(t *testing.T) { nullDeviceCase(t, s) })
		})
	}
}

func runCases(t *testing.T, d dialect) {
	s := newServer(t, d)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, s) })
	}
	t.Run("how a workspace stands", func(t *testing.T) { s.call(t, "GET", "/workspaces/1/posture", "").is(200) })
	t.Run("every list as a file", s.everyListAsFile)
	s.settingsCase(t)
	if t.Failed() {
		return
	}
	for _, o := range ours() {
		if !s.seen[o.method+" "+o.path] {
			t.Errorf("no case got a success out of %s %s", o.method, o.path)
		}
	}
	if log := s.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log has errors: %s", log)
	}
}
