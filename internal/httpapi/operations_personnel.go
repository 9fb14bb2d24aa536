package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/asset"
)

func personnelParams() []*huma.Param {
	return append(listing(asset.PersonSorts...), repeated("employmentStatus[]", "Only those with one of these statuses.", words(choices(asset.EmploymentStatuses))),
		repeated("complianceStatus[]", "Only those whose FULL_COMPLIANCE is one of these now.", words(choices(asset.CheckStatuses))),
		query("byHand", "true: only those of whom something was decided by hand.", yesNo()), query("hasDevice", "Only those with a device (true), or without one (false).", yesNoAny()),
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

// personnelOperations describe the searches of personnel.
var personnelOperations = map[string]operation{
	"searchPersonnel": {tag: "Personnel", summary: "Search personnel", text: "The list of personnel with more filters, and with counts.",
		params: personnelSearchParams(), replies: map[int]any{200: wireFoundPeople{}}},
	"searchWorkspacePersonnel": {tag: "Personnel", summary: "Search personnel from a workspace", text: "Personnel belong to all workspaces.",
		params: personnelSearchParams(), replies: map[int]any{200: wireFoundPeople{}}},
}
