package httpapi_test

import "strings"

// departuresV1 are the properties of v1 replies that may be null here although
// the published text does not say so, and why.
var departuresV1 = map[string]string{
	"AssetResponsePublicDto.removedAt":                "an asset that is in use has no such date",
	"AssetResponsePublicDto.notes":                    "there need be none",
	"AssetResponsePublicDto.uniqueId":                 "there need be none",
	"AssetResponsePublicDto.externalId":               "there need be none",
	"AssetResponsePublicDto.externalOwnerId":          "there need be none",
	"AssetResponsePublicDto.device":                   "not every asset is a device",
	"AssetWithoutPersonnelResponsePublicDto.uniqueId": "a device may have no serial number",

	"DeviceComplianceCheckResponsePublicDto.expiresAt":     "what is not known does not expire",
	"DeviceComplianceCheckResponsePublicDto.lastCheckedAt": "it may never have been looked at",
	"PersonnelDetailsResponsePublicDto.startDate":          "nobody may have said",
	"PersonnelDetailsTableResponsePublicDto.startDate":     "nobody may have said",
}

// absentV1 are parts of replies that need not be there, and are not.
var absentV1 = map[string]string{
	"UserResponsePublicDto.documents": "the devices of a person have them",
}

// emptyV1 are lists that are always empty here, so that the shape of their items says
// nothing, and why.
var emptyV1 = map[string]string{
	"PersonnelDetailsResponsePublicDto.complianceTests":      "no test is of one person here",
	"PersonnelDetailsTableResponsePublicDto.complianceTests": "no test is of one person here",
	"UserResponsePublicDto.backgroundChecks":                 "nothing is known of them here",
	"UserResponsePublicDto.identities":                       "they are of identity providers, of which there are none here",
}

// factsV1 are the contract's facts of v1 as we keep to them. Beside the above,
// an explanation is any JSON, since the published examples are texts; and the
// devices of a person are a page of devices: the operation pages, but the published
// reply is one device.
func factsV1() map[string]any {
	doc := readJSON("testdata/facts-v1.json")
	schemas := object(doc["schemas"])
	for _, s := range schemas {
		properties := object(object(s)["properties"])
		for name := range properties {
			if strings.HasSuffix(name, "Explanation") {
				properties[name] = map[string]any{}
			}
		}
	}
	for at := range absentV1 {
		schema, property, _ := strings.Cut(at, ".")
		delete(object(object(schemas[schema])["properties"]), property)
	}
	for at := range emptyV1 {
		schema, property, _ := strings.Cut(at, ".")
		delete(object(object(object(schemas[schema])["properties"])[property]), "items")
	}
	for at := range departuresV1 {
		schema, property, _ := strings.Cut(at, ".")
		object(object(object(schemas[schema])["properties"])[property])["nullable"] = true
	}
	content := object(object(object(object(object(doc["paths"])["/personnel/{personnelId}/devices"])["get"])["responses"])["200"])["content"]
	object(content)["application/json"] = map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/DevicesPaginatedResponsePublicDto"}}
	return doc
}
