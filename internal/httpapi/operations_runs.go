package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const evidenceText = "All records as they were at the end of the run, with the verdict of each under the run's version of the logic, made from their history. " +
	"Where `fromChange` is `toChange`, the hash of a run over all records is that of the records in the JSON file. " +
	"409: the run is not done, or its records are gone with their connection."

// runOperations describe the operations on the runs of tests.
var runOperations = map[string]operation{
	"listRuns": {tag: "Tests", summary: "List the runs of a test", params: append(listing(page.CreatedAt),
		query("trigger", "Only those that this started.", words(choices(check.Triggers))), query("state", "Only those in this state.", words(choices(check.RunStates)))),
		replies: map[int]any{200: wireList[wireRun]{}}},
	"getRun": {tag: "Tests", summary: "Get a run with its progress and evidence", replies: map[int]any{200: wireRun{}}},
	"getEvidence": {tag: "Tests", summary: "Download the evidence of a run", text: evidenceText,
		params:  []*huma.Param{query("format", "The form of the file; json if absent.", words([]string{"json", "csv", "pdf"}))},
		replies: map[int]any{200: wireEvidenceFile{}}, replyMedia: []string{csvMedia, "application/pdf"}, headers: []string{"Content-Disposition"}, errors: []int{409}},
	"performRunAction": {tag: "Tests", summary: "Cancel a run", text: "Only runs by hand and by schedule can be canceled: the others bring a change into force.",
		body: runAction{}, replies: map[int]any{200: wireRun{}}, errors: []int{409}},
	"getHistory": {tag: "Tests", summary: "Get the daily series of a test", text: "One entry per day, today last; days before the first verdict are left out.",
		params: []*huma.Param{query("days", "How many days.", whole(1, maxDays, defaultDays))}, replies: map[int]any{200: wireHistory{}}},
}
