package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/asset"
)

func deviceParams() []*huma.Param {
	return append(listing(bothSorts...), query("externalId", "Only that with this external id.", plain()), query("macAddress", "Only that with this MAC address, in any notation.", plain()),
		query("serialNumber", "Only that with this serial number, in any case.", plain()), query("sourceType", "Only those that are reported so: CUSTOM or AGENT; others report nothing here.", plain()),
		query("platformName", "Only those with this operating system.", words(choices(asset.PlatformNames))),
		repeated("complianceStatus[]", "Only those that stand so as a whole now.", words(choices(deviceStatuses))),
		query("failingCheck", "Only those of which this check fails.", words(choices(asset.DeviceChecks()))), query("stale", "true: only those whose last report is too old to count.", yesNo()),
		searching("the name, model, identifiers, or the owner's name or address"), expand(deviceParts...))
}

func assetParams() []*huma.Param {
	return append(listing(asset.AssetSorts...), query("assetClassType", "Only those of this class.", words(choices(asset.ClassTypes))),
		query("assetType", "Only those of this type.", words(choices(asset.Types))), query("assetProvider", "Only those that this told of: DRATA or AGENT; others tell of nothing here.", plain()),
		query("userId", "Only those of this user.", id()), query("employmentStatus", "Only those whose owner has this status.", words(choices(asset.EmploymentStatuses))),
		query("removed", "Only those whose removal date has come, or only the others.", yesNoAny()), query("ofDevices", "Only those that stand for devices, or only the others.", yesNoAny()),
		searching("name, description, external or unique id"), expand(assetParts...))
}
