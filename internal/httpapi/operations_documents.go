package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/upload"
)

const (
	documentsText = "Where somebody has no device the number is that of the person: personnel and devices draw theirs from one sequence."
	uploadText    = "What a file is, is decided by its content, which its name and its declared type must fit. Refused are empty files, other kinds of files, " +
		"paths in the name, passwords and macros; 413: more than 25 MB."
)

// documentMedia are the types of contents.
func documentMedia() []string {
	out := make([]string, len(upload.Kinds))
	for i, k := range upload.Kinds {
		out[i] = k.Media
	}
	return out
}

// documentOperations describe the routes of documents.
var documentOperations = map[string]operation{
	"listDeviceDocuments": {tag: "Devices", summary: "List the documents of a device", text: documentsText, params: []*huma.Param{
		query("type", "Only those of this type.", words(choices(asset.DocumentTypes))), expand(documentParts...)}, replies: map[int]any{200: wireDocuments{}}},
	"createDeviceDocument": {tag: "Devices", summary: "Add a document to a device", text: documentsText + " " + uploadText, body: documentUpload{}, media: []string{multipartForm},
		replies: map[int]any{201: wireDocument{}}},
	"getDeviceDocument":    {tag: "Devices", summary: "Get a document", text: documentsText, params: []*huma.Param{expand(documentParts...)}, replies: map[int]any{200: wireDocument{}}},
	"deleteDeviceDocument": {tag: "Devices", summary: "Delete a document", text: documentsText, replies: map[int]any{200: nil}},
	"downloadDeviceDocument": {tag: "Devices", summary: "Download a document", text: "The address is downloadUrl.signedUrl of a document, and good for five minutes.",
		params: []*huma.Param{query("expires", "Part of the address.", id()), query("user", "Part of the address.", id()), query("key", "Part of the address.", id()),
			query("signature", "Part of the address.", plain()), query("disposition", "inline shows it in place, if it is an image or a PDF document.", words([]string{"attachment", "inline"}))},
		replies: map[int]any{200: nil}, replyMedia: documentMedia(), headers: []string{"Content-Disposition"}},
	"v1ListDeviceDocuments": {tag: "Devices", summary: "List the documents of a device", text: documentsText, params: []*huma.Param{
		query("type", "Only those of this type.", words(choices(asset.DocumentTypes)))}, replies: map[int]any{200: wireDocuments{}}},
	"v1CreateDeviceDocument": {tag: "Devices", summary: "Add a document to a device", text: documentsText + " " + uploadText, body: documentUpload{}, media: []string{multipartForm},
		replies: map[int]any{201: wireDocument{}}},
	"v1DeleteDeviceDocument":   {tag: "Devices", summary: "Delete a document", replies: map[int]any{200: nil}},
	"v1DownloadDeviceDocument": {tag: "Devices", summary: "Get the address of a document's content", replies: map[int]any{200: wireSignedURL{}}},
}
