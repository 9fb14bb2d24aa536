package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/asset"
)

// deviceSources and providerNames are all that the contract knows; asset.Sources
// and asset.Providers are those that occur here.
var (
	deviceSources = []string{"AGENT", "JAMF", "INTUNE", "KANDJI", "JUMPCLOUD", "HEXNODE_UEM", "UNKNOWN", "RIPPLING", "WORKSPACE_ONE", "KOLIDE", "CUSTOM", "INTUNE_GCC_HIGH",
		"CUSTOM_XFA", "NINJAONE"}
	providerNames = []string{"DRATA_DEV", "AGENT", "DRATA", "GOOGLE", "MICROSOFT_365", "JAMF", "INTUNE", "OKTA_IDENTITY", "KANDJI", "JUMPCLOUD", "HEXNODE_UEM", "RIPPLING", "AWS",
		"MERGEDEV_ONELOGIN", "MERGEDEV_JUMPCLOUD", "WORKSPACE_ONE", "CSV_IDP", "AWS_GOV_CLOUD", "AZURE", "GCP", "MICROSOFT_365_GCC_HIGH", "MERGEDEV_CYBERARK", "KOLIDE",
		"MERGEDEV_PINGONE", "AWS_ORG_UNITS", "INTUNE_GCC_HIGH", "CUSTOM_XFA", "NINJAONE"}
)

// maxShort is the length of the contract's short texts, in characters.
const maxShort = 191

func short() *huma.Schema { return &huma.Schema{Type: huma.TypeString, MaxLength: ptr(maxShort)} }

// maxOwnerID is the greatest number of a user that a list of assets takes.
const maxOwnerID = 1_000_000_000

func ownerID() *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: ptr(1.0), Maximum: ptr(float64(maxOwnerID))}
}

func deviceParams() []*huma.Param {
	return append(listing(bothSorts...), query("externalId", "Only that with this external id.", short()), query("macAddress", "Only that with this MAC address, in any notation.", plain()),
		query("serialNumber", "Only that with this serial number, in any case.", plain()), query("sourceType", "Only those that are reported so: CUSTOM or AGENT; the others report nothing here.", words(deviceSources)),
		query("platformName", "Only those with this operating system.", words(choices(asset.PlatformNames))),
		repeated("complianceStatus[]", "Only those that stand so as a whole now.", words(choices(deviceStatuses))),
		query("failingCheck", "Only those of which this check fails.", words(choices(asset.DeviceChecks()))), query("stale", "true: only those whose last report is too old to count.", yesNo()),
		searching("the name, model, identifiers, or the owner's name or address"), expand(deviceParts...))
}

func assetParams() []*huma.Param {
	return append(listing(asset.AssetSorts...), query("assetClassType", "Only those of this class.", words(choices(asset.ClassTypes))),
		query("assetType", "Only those of this type.", words(choices(asset.Types))), query("assetProvider", "Only those that this told of: DRATA or AGENT; the others tell of nothing here.", words(providerNames)),
		query("userId", "Only those of this user.", ownerID()), query("employmentStatus", "Only those whose owner has this status.", words(choices(asset.EmploymentStatuses))),
		query("removed", "Only those whose removal date has come, or only the others.", yesNoAny()), query("ofDevices", "Only those that stand for devices, or only the others.", yesNoAny()),
		searching("name, description, external or unique id"), wantedFieldsParam(), expand(assetParts...))
}
