package httpapi

import (
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// placed are the parameters of a page by number.
func placed(last float64, more ...*huma.Param) []*huma.Param {
	return append([]*huma.Param{query("page", "The number of the page.", whole(1, last, 1)), query("limit", "How many a page has.", whole(1, maxLimitV1, defaultLimitV1))}, more...)
}

// ordered are the parameters of an order by name.
func ordered(orders map[string]page.Sort) []*huma.Param {
	return []*huma.Param{query("sort", "The order; without it the newest come first.", words(slices.Sorted(maps.Keys(orders)))),
		query("sortDir", "ASC if absent, where `sort` is given.", words([]string{"ASC", "DESC"}))}
}

func deviceParamsV1(more ...*huma.Param) []*huma.Param {
	return placed(maxPageV1, slices.Concat([]*huma.Param{
		query("externalId", "Only that with this external id.", short()), expand(devicePartsV1...),
		query("macAddress", "Only those with this MAC address, or with one of several that have commas between them, in any notation.", plain()),
		query("serialNumber", "Only that with this serial number, in any case.", plain())}, more)...)
}

func sourceParamV1() *huma.Param {
	return query("sourceType", "Only those that are reported so: CUSTOM or AGENT; others report nothing here.", words(deviceSources))
}

func ofPersonV1() *huma.Param { return query("personnelId", "Only those of this person.", id()) }

func assetParamsV1() []*huma.Param {
	return placed(maxAssetPageV1, slices.Concat([]*huma.Param{searching("name, description, external or unique id")}, ordered(assetOrdersV1), []*huma.Param{
		query("assetClassType", "Only those of this class.", words(choices(asset.ClassTypes))), query("assetType", "Only those of this type.", words(choices(asset.Types))),
		query("assetProvider", "Only those that this told of: DRATA or AGENT; others tell of nothing here.", words(providerNames)),
		query("userId", "Only those of this user.", ownerID()),
		query("employmentStatus", "Only those whose owner has this status.", words(choices(asset.EmploymentStatuses)))})...)
}

func personnelParamsV1() []*huma.Param {
	params := []*huma.Param{searching("their name or address"), query("employmentStatus", "Only those with this status.", words(choices(asset.EmploymentStatuses))),
		repeated("employmentStatuses[]", "Only those with one of these statuses. The last three words stand for several of them.", words(statusesV1)),
		query("fullCompliance", "Only those who pass every check (true), or who do not (false).", yesNoAny()),
		query("deviceCompliance", "Only those with devices of which all pass every check (true), or one does not (false).", yesNoAny())}
	for _, name := range slices.Sorted(maps.Keys(checkFiltersV1)) {
		text := "Only those who pass this check (true), or who do not (false): it fails, or nothing is known. Of whom nothing is asked is neither."
		if checkFiltersV1[name] == "" {
			text = "Nothing is known of this here, so it keeps nobody, whichever way it is asked for."
		}
		params = append(params, query(name, text, yesNoAny()))
	}
	params = append(params, query("multiTrainingComplianceType", "No training is known here, so it keeps nobody.", words(trainingsV1)),
		repeated("groupIds", "Only those who belong to one of these groups.", id()),
		query("mdmSourceType", "Only those with a device that is reported so.", words(deviceSources)),
		repeated("inverseMdmSourceTypes[]", "Only those without any device that is reported in one of these ways.", words(deviceSources)))
	return placed(maxPageV1, append(params, ordered(personOrdersV1)...)...)
}

const (
	resetTextV1 = "Status and dates follow the identity sync again."
	devicesV1   = "What came from the last report of each; it says nothing that v2 does not."
)

// operationsV1 describe the routes of v1 for devices, assets and personnel.
var operationsV1 = map[string]operation{
	"v1ListDevices":           {tag: "Devices", summary: "List devices", text: devicesV1, params: deviceParamsV1(sourceParamV1(), ofPersonV1()), replies: map[int]any{200: wirePageV1[wireDeviceV1]{}}, errors: []int{404}},
	"v1ListPersonnelDevices":  {tag: "Devices", summary: "List the devices of a person", params: deviceParamsV1(sourceParamV1()), replies: map[int]any{200: wirePageV1[wireDeviceV1]{}}},
	"v1ListConnectionDevices": {tag: "Devices", summary: "List the devices that a connection reports", params: deviceParamsV1(ofPersonV1()), replies: map[int]any{200: wirePageV1[wireDeviceV1]{}}},
	"v1GetDevice": {tag: "Devices", summary: "Get a device", params: []*huma.Param{expand(append([]string{"deviceApps"}, devicePartsV1...)...)},
		replies: map[int]any{200: wireDeviceV1{}}},
	"v1ListDeviceApps": {tag: "Devices", summary: "List the applications of a device", params: placed(maxPageV1), replies: map[int]any{200: wirePageV1[wireInstalledV1]{}}},
	"v1CreateDevice": {tag: "Devices", summary: "Report a device", text: "As in v2, but that the person is named by number only.",
		params: []*huma.Param{expand(devicePartsV1...)}, body: deviceReportV1{}, replies: map[int]any{201: wireDeviceV1{}}},

	"v1ListAssets":  {tag: "Assets", summary: "List assets", params: assetParamsV1(), replies: map[int]any{200: wirePageV1[wireAssetV1]{}}},
	"v1CreateAsset": {tag: "Assets", summary: "Create an asset", body: newAsset{}, replies: map[int]any{201: wireAssetV1{}}, errors: []int{404}},
	"v1DeleteAsset": {tag: "Assets", summary: "Delete an asset", text: "The reply is the asset as it was.", replies: map[int]any{200: wireAssetV1{}}},

	"v1ListPersonnel":       {tag: "Personnel", summary: "List personnel", params: personnelParamsV1(), replies: map[int]any{200: wirePersonnelV1{}}, errors: []int{404}},
	"v1GetPersonnel":        {tag: "Personnel", summary: "Get a person", replies: map[int]any{200: wirePersonV1{}}},
	"v1GetPersonnelByEmail": {tag: "Personnel", summary: "Get a person by address", replies: map[int]any{200: wirePersonV1{}}},
	"v1UpdateContractDates": {tag: "Personnel", summary: "Change the dates of a person", text: "By hand: the identity sync leaves them alone until they are reset.", body: contractDatesV1{},
		replies: map[int]any{200: wirePersonV1{}}, errors: []int{409}},
	"v1UpdateEmploymentStatus": {tag: "Personnel", summary: "Change the status of a person", text: "By hand: the identity sync leaves it alone until it is reset.", body: statusChangeV1{},
		replies: map[int]any{200: wirePersonV1{}}, errors: []int{409}},
	"v1ResetPersonnel":     {tag: "Personnel", summary: "Give a person back to the identity sync", text: resetTextV1, replies: map[int]any{200: wirePersonV1{}}, errors: []int{409}},
	"v1ResetSomePersonnel": {tag: "Personnel", summary: "Give people back to the identity sync", text: resetTextV1 + " The reply is the first of those who are named.", body: resetV1Body{}, replies: map[int]any{200: wirePersonV1{}}, errors: []int{404, 409}},
	"v1ResetAllPersonnel": {tag: "Personnel", summary: "Give everybody back to the identity sync", text: resetTextV1 + " The reply is the person who was there first, of those of whom something was decided by hand; of all, if there was nobody. 404: there are no people yet.",
		replies: map[int]any{200: wirePersonV1{}}, errors: []int{404, 409}},
}
