package httpapi

const searchFindings = "Only records with this text in their id or in what people call them. A page may be shorter than asked for, and lead on; not with asOf."

// findingOperations describe the lists of records by what tests say of them.
var findingOperations = map[string]operation{
	"listFailures": {tag: "Tests", summary: "List the records that fail a test", params: append(listing(bothSorts...),
		query("includeExclusions", "Also those that are excluded.", yesNo()),
		query("asOf", "Those that failed at a moment (RFC 3339), or at the end of a day (UTC), with the cause that the records of then had under the logic of then. Records that were excluded then may make a page shorter; the total counts them.", plain()),
		expand("tags"), query("q", searchFindings, plain())), replies: map[int]any{200: wireFindings{}}},
	"listErrors": {tag: "Tests", summary: "List the records on which a test cannot be evaluated", text: "`causeText` says why. A record in error is no finding, so `failedSince` is null.",
		params: append(listing(bothSorts...), expand("tags"), query("q", searchFindings, plain())), replies: map[int]any{200: wireFindings{}}},
	"listFindings": {tag: "Tests", summary: "List the open findings of all tests", text: "The newest first. Those of excluded records are left out.",
		params: append(listing(findingSorts...), expand("tags")), replies: map[int]any{200: wireList[wireFinding]{}}},
	"listPasses": {tag: "Tests", summary: "List the records that pass a test", params: append(listing(bothSorts...), expand("tags"), query("q", searchFindings, plain())),
		replies: map[int]any{200: wireFindings{}}},
}
