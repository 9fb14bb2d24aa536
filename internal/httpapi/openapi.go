package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// documents are the OpenAPI documents by the path that serves them.
var documents = sync.OnceValue(func() map[string][]byte {
	return map[string][]byte{
		v1 + "/openapi.json":    openAPI("v2", func(path string) bool { return strings.HasPrefix(path, v2+"/") }),
		v1 + "/openapi-v1.json": openAPI("v1", func(path string) bool { return !strings.HasPrefix(path, v2+"/") }),
	}
})

const openAPIText = "The API of Plumbline: push evidence records into typed resources, write tests over them, read who fails since when. " +
	"Every list is paged by cursor: repeat the request with `cursor` set to `pagination.cursor` until that is null. " +
	"Every refusal has the same body; its `code` is for programs, its `message` for people."

// openAPI writes the document of the routes whose path is wanted, from the
// route table and the wire types.
func openAPI(version string, wanted func(path string) bool) []byte {
	// An array on the wire is never null here.
	huma.DefaultArrayNullable = false
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	description := openAPIText
	if version == "v2" {
		description += " " + exportText
	}
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "Plumbline API", Version: version, Description: description,
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
		Servers:  []*huma.Server{{URL: "/"}},
		Security: []map[string][]string{{"bearer": {}}, {"session": {}}},
		Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{
			"bearer":  {Type: "http", Scheme: "bearer", BearerFormat: "API_KEY"},
			"session": {Type: "apiKey", In: "cookie", Name: safeCookie, Description: "The session of a person in the web app. Over plain HTTP on one's own machine the cookie has another name."}}},
	}
	used := map[string]bool{}
	for i := range routes {
		if rt := &routes[i]; wanted(rt.path) {
			doc.AddOperation(describe(rt, registry))
			used[operations[rt.id].tag] = true
		}
	}
	for _, t := range tags {
		if used[t.Name] {
			doc.Tags = append(doc.Tags, t)
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err) // only types of this package
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		panic(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// schemaName is the type's name without our prefix.
func schemaName(t reflect.Type, hint string) string {
	name := strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "Wire", "")
	if list, ok := strings.CutPrefix(name, "List"); ok && list != "" {
		return list + "List"
	}
	return name
}

// operation is what the document says of a route beyond its table line.
type operation struct {
	tag, summary, text string
	// params are the query and header parameters; those of the path follow
	// from it.
	params []*huma.Param
	// body is a value of the type of the request body; nil: none, or none that is
	// JSON.
	body any
	// lines says that the body may be NDJSON instead.
	lines bool
	// media are other content types of the body, replyMedia those of a success.
	media, replyMedia []string
	// flow is a value of the type of the data of a stream's messages.
	flow any
	// replies are values of the types of the replies by status; nil: no body.
	replies map[int]any
	// errors are statuses beyond those that every operation can answer.
	errors []int
	// headers are the reply headers of a success.
	headers []string
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

// textIDs are the path parameters that are not numbers.
var textIDs = []string{"recordId", "sessionId", "eventId", "name", "jobId", "range", "controlId", "userId", "roleId", "slug", "email"}

// eitherIDs are those that are a number, or a word with a colon and a text.
var eitherIDs = []string{"personnelId", "userIdentityId"}

func describe(rt *route, registry huma.Registry) *huma.Operation {
	o, ok := operations[rt.id]
	if !ok {
		panic("operation " + rt.id + " has no description")
	}
	op := &huma.Operation{Method: rt.method, Path: rt.path, OperationID: rt.id, Tags: []string{o.tag}, Summary: o.summary,
		Description: o.text, Responses: map[string]*huma.Response{}, Extensions: map[string]any{}}
	switch rt.scope {
	case anyKey:
	case anyone:
		op.Security = []map[string][]string{{}}
	case person:
		op.Security = []map[string][]string{{"session": {}}}
	default:
		op.Extensions["x-permissions"] = []string{string(rt.scope)}
		op.Extensions["x-permission-name"] = scopeName(rt.scope)
	}
	if f := rt.feature.of(); f != "" {
		op.Extensions["x-entitlement"] = []string{string(f)}
	}
	for _, m := range pathParam.FindAllStringSubmatch(rt.path, -1) {
		s := &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
		switch {
		case slices.Contains(textIDs, m[1]):
			s = &huma.Schema{Type: huma.TypeString}
		case slices.Contains(eitherIDs, m[1]):
			s = numberOrWord()
		}
		op.Parameters = append(op.Parameters, &huma.Param{Name: m[1], In: "path", Required: true, Schema: s})
	}
	op.Parameters = append(op.Parameters, o.params...)
	if o.pages() {
		op.Parameters = append(op.Parameters, query("format", "The whole list as a file instead of a page, of the same filter and order; the head of this document says how. Not with cursor.", words([]string{"csv", "ndjson", "json"})))
		o.replyMedia = append(slices.Clone(o.replyMedia), csvMedia, linesMedia)
		o.headers = append(slices.Clone(o.headers), "Content-Disposition")
	}
	if rt.method == http.MethodPost && rt.scope != anyone {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "A text of your choice, new for each request: a repetition within 24 hours gets the first reply instead of doing it again. What was refused with 409 or 422, or failed, is tried anew."})
	}
	if o.body == nil && len(o.media) > 0 {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		for _, media := range o.media {
			op.RequestBody.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
	}
	if o.body != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: registry.Schema(reflect.TypeOf(o.body), true, rt.id+"Body")}}}
		if o.lines {
			op.RequestBody.Content["application/x-ndjson"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		for _, media := range o.media {
			op.RequestBody.Content[media] = &huma.MediaType{Schema: mediaSchema(media, op.RequestBody.Content["application/json"].Schema)}
		}
	}
	for status, v := range o.replies {
		made := success(status, v, o.headers, registry)
		for _, media := range o.replyMedia {
			if made.Content == nil {
				made.Content = map[string]*huma.MediaType{}
			}
			made.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		if o.flow != nil {
			made.Content = map[string]*huma.MediaType{streamMedia: {Schema: registry.Schema(reflect.TypeOf(o.flow), true, "")}}
		}
		op.Responses[strconv.Itoa(status)] = made
	}
	for _, status := range rt.refusals(o) {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Headers: errorHeaders(status),
			Content: jsonContent(registry.Schema(reflect.TypeFor[wireError](), true, "Error"))}
	}
	return op
}

// mediaSchema is the schema of a body that is no JSON: a form has the fields of
// the object.
func mediaSchema(media string, object *huma.Schema) *huma.Schema {
	if media == multipartForm {
		return object
	}
	return &huma.Schema{Type: huma.TypeString}
}

// refusals are the statuses with which a route can refuse.
func (rt *route) refusals(o operation) []int {
	out := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusServiceUnavailable}
	if rt.feature != alwaysOn {
		out = append(out, http.StatusPreconditionFailed)
	}
	if rt.feature.of() != "" {
		out = append(out, http.StatusPaymentRequired)
	}
	if strings.Contains(rt.path, "{") {
		out = append(out, http.StatusNotFound)
	}
	if rt.method == http.MethodPost || rt.method == http.MethodPut {
		out = append(out, http.StatusRequestEntityTooLarge)
	}
	if rt.method == http.MethodPost {
		out = append(out, http.StatusConflict, http.StatusUnprocessableEntity)
	}
	return append(out, o.errors...)
}

func success(status int, v any, headers []string, registry huma.Registry) *huma.Response {
	r := &huma.Response{Description: http.StatusText(status)}
	if len(headers) > 0 {
		r.Headers = map[string]*huma.Param{}
		for _, name := range headers {
			r.Headers[name] = replyHeaders[name]
		}
	}
	switch v := v.(type) {
	case nil:
	case oneOf:
		s := &huma.Schema{}
		for _, each := range v {
			s.OneOf = append(s.OneOf, registry.Schema(reflect.TypeOf(each), true, ""))
		}
		r.Content = jsonContent(s)
	default:
		r.Content = jsonContent(registry.Schema(reflect.TypeOf(v), true, ""))
	}
	return r
}

// oneOf are the types of a reply that has several forms.
type oneOf []any

func jsonContent(s *huma.Schema) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: s}}
}

func errorHeaders(status int) map[string]*huma.Param {
	if status != http.StatusTooManyRequests {
		return nil
	}
	return map[string]*huma.Param{"Retry-After": {Description: "Seconds to wait.", Schema: &huma.Schema{Type: huma.TypeInteger}}}
}

func headerOf(t, text string) *huma.Param {
	return &huma.Param{Description: text, Schema: &huma.Schema{Type: t}}
}

// replyHeaders are the headers that replies carry for programs.
var replyHeaders = map[string]*huma.Param{
	"X-Records-Created":   headerOf(huma.TypeInteger, "How many records were created."),
	"X-Records-Updated":   headerOf(huma.TypeInteger, "How many records were changed."),
	"X-Records-Unchanged": headerOf(huma.TypeInteger, "How many records were already stored as they came."),
	"X-Records-Failed":    headerOf(huma.TypeInteger, "How many records were refused; their items say why."),
	"X-Tests-Failing":     headerOf(huma.TypeInteger, "With wait=verdict: how many tests over the resource fail."),
	"X-Tests-Error":       headerOf(huma.TypeInteger, "With wait=verdict: how many tests over the resource have no verdict for an error."),
	"X-Verdicts":          headerOf(huma.TypeString, "pending: the verdicts were not in when the time was up."),
	setCookie:             headerOf(huma.TypeString, "The session."),
	"Content-Disposition": headerOf(huma.TypeString, "A name for the file, where the reply is one."),
	"ETag":                headerOf(huma.TypeString, "The revision of the test, for If-Match."),
}

func scopeName(s access.Scope) string {
	for _, info := range access.Scopes {
		if info.Scope == s {
			return info.Name
		}
	}
	panic(fmt.Sprintf("scope %s is not listed", s))
}
