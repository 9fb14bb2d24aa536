package httpapi

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

func accountFilters() []*huma.Param {
	return []*huma.Param{query("category", "Only those of this view.", words(accountViews)), query("connectionId", "Only those of this connection.", id()),
		query("resourceId", "Only those of this resource.", id()), query("userId", "Only those of this person.", id()),
		query("status", "Only those in this state.", words(accountStatuses)), query("linked", "Only those that somebody is, or nobody is, linked to.", yesNoAny()),
		query("serviceAccount", "Only service accounts, or only others.", yesNoAny()), query("inScope", "Only those in scope, or out of it.", yesNoAny()),
		query("mfa", "Only those that are known to have a second factor, or to have none.", yesNoAny()),
		query("leaver", "Only those, or none of those, that somebody has who is gone.", yesNoAny()), searching("name, e-mail address and display name")}
}

const (
	mappingText = "The records of a resource tell of accounts by its account mapping. Accounts follow the records within a moment; one that vanishes from the data is kept with its time."
	reviewText  = "A review has the accounts as they are at this moment: in the data, in scope, and as connectionIds and filter say."
)

// accountOperations describe the operations on accounts and access reviews.
var accountOperations = map[string]operation{
	"getAccountMapping": {tag: "Accounts", summary: "Get the account mapping of a resource", text: mappingText + " Where there is none the reply has a proposal.", replies: map[int]any{200: wireMappingState{}}},
	"putAccountMapping": {tag: "Accounts", summary: "Set the account mapping of a resource", text: mappingText + " The accounts are taken out anew; what people decided about them stays.",
		body: wireMapping{}, replies: map[int]any{200: wireMappingState{}}, errors: []int{409}},
	"deleteAccountMapping": {tag: "Accounts", summary: "Take the account mapping of a resource away", text: "Its accounts are listed no more. What people decided about them comes back with another mapping.",
		replies: map[int]any{204: nil}},
	"previewAccountMapping": {tag: "Accounts", summary: "Try an account mapping", text: "On a sample of the records; nothing is stored.", body: wireMapping{}, replies: map[int]any{200: wireMappingPreview{}}, errors: []int{409}},
	"listAccounts": {tag: "Accounts", summary: "List accounts", text: "Those of the connections of the workspace whose resources have an account mapping. By name the order is that of letters, by lastActiveAt what is not known comes first upwards.",
		params: slices.Concat(listing(accountSorts...), accountFilters()), replies: map[int]any{200: wireList[wireAccount]{}}},
	"getAccountSummary": {tag: "Accounts", summary: "Count accounts by view", replies: map[int]any{200: wireAccountSummary{}}},
	"getAccount":        {tag: "Accounts", summary: "Get an account", replies: map[int]any{200: wireAccount{}}},
	"updateAccount": {tag: "Accounts", summary: "Say whose an account is, and more", text: "What is absent stays. What is said holds in all workspaces that share the connection.",
		body: accountChange{}, replies: map[int]any{200: wireAccount{}}},
	"performAccountsAction": {tag: "Accounts", summary: "Change several accounts", body: accountsAction{}, replies: map[int]any{200: wireAccountOutcomes{}}},

	"listAccessReviews": {tag: "Accounts", summary: "List access reviews", params: append(listing(bothSorts...),
		query("state", "Only those in this state.", words([]string{"IN_PROGRESS", "OVERDUE", "SIGNED_OFF"})), searching("the name")), replies: map[int]any{200: wireList[wireReview]{}}},
	"createAccessReview": {tag: "Accounts", summary: "Begin an access review", text: reviewText, body: newReview{}, replies: map[int]any{201: wireReview{}}},
	"getAccessReview":    {tag: "Accounts", summary: "Get an access review", replies: map[int]any{200: wireReview{}}},
	"updateAccessReview": {tag: "Accounts", summary: "Change name, reviewers and end of an access review", body: reviewChange{}, replies: map[int]any{200: wireReview{}}, errors: []int{409}},
	"deleteAccessReview": {tag: "Accounts", summary: "Delete an access review", text: "One that is signed off stays.", replies: map[int]any{204: nil}, errors: []int{409}},
	"performAccessReviewAction": {tag: "Accounts", summary: "Sign an access review off", text: "Once everything is decided; nothing of it changes after that. What is to be revoked is followed until it is.",
		body: reviewAction{}, replies: map[int]any{200: wireReview{}}, errors: []int{409}},
	"getAccessReviewReport": {tag: "Accounts", summary: "Download an access review as a report", text: "A PDF with the first 1,000 accounts; the list of its accounts can be had whole as CSV, NDJSON or JSON.",
		replies: map[int]any{200: nil}, replyMedia: []string{"application/pdf"}, headers: []string{"Content-Disposition"}},
	"listAccessReviewItems": {tag: "Accounts", summary: "List the accounts of an access review", text: "As they were when it began, with decisions; upwards in the order of their names.",
		params: append(listing("createdAt"), query("decision", "Only those with this decision.", words([]string{"PENDING", "KEEP", "REVOKE", "CHANGE"})),
			query("revocation", "OPEN: only those to be revoked that are still in the data, without evidence.", words([]string{"OPEN"})), searching("name, e-mail address and display name")),
		replies: map[int]any{200: wireList[wireReviewItem]{}}},
	"getAccessReviewItem": {tag: "Accounts", summary: "Get an account of an access review", replies: map[int]any{200: wireReviewItem{}}},
	"decideAccessReviewItem": {tag: "Accounts", summary: "Decide about an account of an access review", text: "People decide who are among its reviewers, or all who may where it has none; an API key with the scope may in any case.",
		body: itemDecision{}, replies: map[int]any{200: wireReviewItem{}}, errors: []int{409}},
	"decideAccessReviewItems": {tag: "Accounts", summary: "Decide about several accounts of an access review", body: itemsDecision{}, replies: map[int]any{200: wireItemOutcomes{}}, errors: []int{409}},
}
