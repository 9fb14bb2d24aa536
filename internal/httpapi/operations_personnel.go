package httpapi

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/asset"
)

func personnelParams() []*huma.Param {
	return append(listing(asset.PersonSorts...), repeated("employmentStatus[]", "Only those with one of these statuses.", words(choices(asset.EmploymentStatuses))),
		repeated("complianceStatus[]", "Only those whose FULL_COMPLIANCE is one of these now.", words(choices(asset.CheckStatuses))),
		query("byHand", "true: only those of whom something was decided by hand.", yesNo()), query("hasDevice", "Only those with a device (true), or without one (false).", yesNoAny()),
		repeated("groupIds[]", "Only those who belong to one of these groups.", id()), query("workspaceId", "Only those in the personnel scope of this workspace.", id()),
		query("q", "Only those with this in their name or address, in any case.", plain()), expand(personParts...))
}

func personnelSearchParams() []*huma.Param {
	params := personnelParams()
	for _, p := range params {
		if p.Name == "complianceStatus[]" {
			p.Description, p.Schema = "Only those whose FULL_COMPLIANCE is one of these now; OUT_OF_SCOPE is EXCLUDED.",
				&huma.Schema{Type: huma.TypeArray, Items: words(append(choices(asset.CheckStatuses), outOfScope))}
		}
	}
	return append(params, wantedFieldsParam(), query("firstName", "Only those whose first name begins so, in any case.", plain()), query("lastName", "Only those whose last name begins so, in any case.", plain()),
		query("syncStatus", "Only those who follow an HRIS identity, or only the others.", words([]string{syncStatus(true), syncStatus(false)})),
		repeated("facets[]", "What to count on the first page.", words(facetNames)))
}

const (
	groupText = "A group is a named set of people, in the whole organisation. Either a rule says who belongs to it, and it follows what the identity sync, imports and people change; or people are named one by one."
	scopeText = "Without groups everybody is in scope of the workspace."
)

// personnelOperations describe the searches of personnel, groups of people and the
// personnel scopes of workspaces.
var personnelOperations = map[string]operation{
	"searchPersonnel": {tag: "Personnel", summary: "Search personnel", text: "The list of personnel with more filters, and with counts.",
		params: personnelSearchParams(), replies: map[int]any{200: wireFoundPeople{}}, errors: []int{404}},
	"searchWorkspacePersonnel": {tag: "Personnel", summary: "Search personnel from a workspace", text: "Only those in the personnel scope of the workspace: everybody while it has no groups.",
		params: slices.DeleteFunc(personnelSearchParams(), func(p *huma.Param) bool { return p.Name == "workspaceId" }), replies: map[int]any{200: wireFoundPeople{}}},

	"listGroups": {tag: "Personnel", summary: "List groups of people", params: append(listing(asset.GroupSorts...), searching("their name")),
		replies: map[int]any{200: wireList[wireGroup]{}}},
	"createGroup":  {tag: "Personnel", summary: "Create a group of people", text: groupText, body: groupChange{}, replies: map[int]any{201: wireGroup{}}, errors: []int{409}},
	"getGroup":     {tag: "Personnel", summary: "Get a group of people", replies: map[int]any{200: wireGroup{}}},
	"updateGroup":  {tag: "Personnel", summary: "Change a group of people", body: groupChange{}, replies: map[int]any{200: wireGroup{}}, errors: []int{409}},
	"deleteGroup":  {tag: "Personnel", summary: "Delete a group of people", text: "One that is part of a workspace's personnel scope is not deleted.", replies: map[int]any{204: nil}, errors: []int{409}},
	"previewGroup": {tag: "Personnel", summary: "Count whom a rule is true of", body: groupRuleOnly{}, replies: map[int]any{200: wireGroupPreview{}}},
	"performGroupAction": {tag: "Personnel", summary: "Add people to a group, or remove them", text: "Of a group without a rule. The reply counts those of whom that changed something.", body: groupAction{},
		replies: map[int]any{200: wireCount{}}, errors: []int{409}},

	"listScopedPersonnelGroups": {tag: "Organisation", summary: "List the groups of a workspace's personnel scope", text: scopeText, params: listing(asset.GroupSorts...),
		replies: map[int]any{200: wireList[wireScopeGroup]{}}},
	"addScopedPersonnelGroup":    {tag: "Organisation", summary: "Add a group to a workspace's personnel scope", text: scopeText, body: newScopeGroup{}, replies: map[int]any{201: wireScopeGroup{}}, errors: []int{409}},
	"putScopedPersonnelGroups":   {tag: "Organisation", summary: "Replace the groups of a workspace's personnel scope", text: scopeText, body: scopeGroups{}, replies: map[int]any{204: nil}},
	"removeScopedPersonnelGroup": {tag: "Organisation", summary: "Take a group out of a workspace's personnel scope", text: scopeText, replies: map[int]any{204: nil}},
	"getScopedPersonnelCounts": {tag: "Organisation", summary: "Count who is in a workspace's personnel scope", text: scopeText,
		params: []*huma.Param{repeated("groupIds[]", "Count as if these were the groups of the scope.", id())}, replies: map[int]any{200: wireScopeCounts{}}},
}
