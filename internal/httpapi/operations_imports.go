package httpapi

import (
	"github.com/danielgtaylor/huma/v2"
)

const importText = "A custom field has the column customFields.NAME, or NAME alone where no other column is called so. An empty cell leaves a field as it is, `null` clears it. All of the file is taken in one transaction, or nothing; with onError=skip all but the rows that are refused. " +
	"Once imported, the same file changes nothing. With preview=true the reply (200) tells what would change and every error, and nothing is stored."

func importParams() []*huma.Param {
	return []*huma.Param{query("preview", "Only tell what would happen.", yesNo()),
		query("onError", "What happens when a row cannot be taken: refuse the file, which is the default, or skip the row.", words(importModes)),
		query("afterLine", "Tell only of lines after this one.", whole(0, maxImportLine, 0)),
		query("outcome", "Tell only of rows of which this becomes; the counts are of all.", words(rowOutcomeWords)),
		query("limit", "How many lines, and how many errors, are told.", whole(1, maxImportLines, defaultImportLines))}
}

// importOperations describe the import of files.
var importOperations = map[string]operation{
	"getPersonnelImportTemplate": {tag: "Personnel", summary: "Get an example of a CSV file of personnel", replies: map[int]any{200: nil}, replyMedia: []string{csvMedia}, headers: []string{"Content-Disposition"}},
	"importPersonnel": {tag: "Personnel", summary: "Import personnel", params: importParams(), media: []string{csvMedia},
		text: "The body is a CSV file with columns of the template; one that is a list as a file, changed, will do too. A person is recognised by `id` or `email`; who is new gets " +
			"an account that nobody is invited to. What a row changes counts as decided by hand, as with a change of one person. Names are taken only for those who " +
			"neither sign in nor follow an HRIS identity. " + importText, replies: map[int]any{200: wireImportResult{}, 201: wireImportResult{}}},
	"getAssetImportTemplate": {tag: "Assets", summary: "Get an example of a CSV file of assets", replies: map[int]any{200: nil}, replyMedia: []string{csvMedia}, headers: []string{"Content-Disposition"}},
	"importAssets": {tag: "Assets", summary: "Import assets", params: importParams(), media: []string{csvMedia},
		text: "The body is a CSV file with columns of the template. An asset is recognised by `id` or `externalId`, and created if there is none with that external id. " +
			"The owner is named by address, classes stand between semicolons. The asset of a device keeps what its connection says. " + importText,
		replies: map[int]any{200: wireImportResult{}, 201: wireImportResult{}}},
}
