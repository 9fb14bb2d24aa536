package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/schema"
)

// wireSamples is one sample record or several.
type wireSamples json.RawMessage

// UnmarshalJSON implements json.Unmarshaler.
func (s *wireSamples) UnmarshalJSON(text []byte) error {
	*s = append((*s)[:0], text...)
	return nil
}

// Schema implements huma.SchemaProvider.
func (wireSamples) Schema(r huma.Registry) *huma.Schema { return oneOrMoreRows{}.Schema(r) }

type wireSchema struct {
	Version  int64               `json:"version"`
	Schema   wireObject          `json:"schema"`
	Versions []wireSchemaVersion `json:"versions" doc:"All versions, newest first."`
}

type wireSchemaVersion struct {
	Version   int64     `json:"version"`
	CreatedAt wireTime  `json:"createdAt"`
	Author    wireActor `json:"author" doc:"Who wrote it."`
}

func (a *api) getSchema(c *call) (answer, error) {
	r, err := a.resourceOf(c)
	if err != nil {
		return answer{}, err
	}
	versions, err := a.Connections.SchemaVersions(c.ctx(), r.ConnectionID, r.ID)
	if err != nil {
		return answer{}, err
	}
	who := make([]author, len(versions))
	for i, v := range versions {
		who[i] = author{v.KeyID, v.UserID}
	}
	names, err := a.names(c, who)
	if err != nil {
		return answer{}, err
	}
	out := wireSchema{Version: r.SchemaVersion, Schema: wireObject(r.Schema), Versions: make([]wireSchemaVersion, len(versions))}
	for i, v := range versions {
		out.Versions[i] = wireSchemaVersion{v.Version, wireTime(v.CreatedAt), names.of(who[i])}
	}
	return reply(http.StatusOK, out)
}

// schemaChange replaces the schema of a resource.
type schemaChange struct {
	_              struct{}    `additionalProperties:"true"`
	Schema         wireObject  `json:"schema,omitempty" doc:"The JSON Schema. Exactly one of schema and sampleData."`
	SampleData     wireSamples `json:"sampleData,omitempty" doc:"One record, or several, from which the schema is inferred."`
	DisplayNameKey string      `json:"displayNameKey,omitempty" doc:"Stays what it is when absent."`
	DryRun         bool        `json:"dryRun,omitempty" doc:"Change nothing, only check the stored records."`
	RequireValid   bool        `json:"requireValid,omitempty" doc:"Change nothing if a stored record does not satisfy the schema."`
}

type wireSchemaOutcome struct {
	Version        int64                `json:"version" doc:"The version in force; with dryRun the present one."`
	DryRun         bool                 `json:"dryRun"`
	Records        int64                `json:"records" doc:"How many stored records were checked."`
	InvalidRecords int64                `json:"invalidRecords" doc:"How many of them do not satisfy the schema. They stay as they are."`
	Examples       []wireInvalidExample `json:"examples" doc:"The first of these, at most ten."`
	Tests          []wireDependent      `json:"tests" doc:"The published tests that use a property which the schema lacks: they have no verdict with it (SCHEMA_DRIFT)."`
	Schema         wireObject           `json:"schema" doc:"The schema that was checked."`
}

type wireDependent struct {
	WorkspaceID int64    `json:"workspaceId"`
	TestID      int64    `json:"testId"`
	TestName    string   `json:"testName"`
	Properties  []string `json:"properties" doc:"What it uses and the schema lacks."`
}

// dependents are the tests that a schema would leave without a verdict.
func (a *api) dependents(c *call, change record.SchemaChange) ([]wireDependent, error) {
	conn, err := a.Connections.Get(c.ctx(), change.Resource.ConnectionID)
	if err != nil {
		return nil, err
	}
	out := []wireDependent{}
	for _, workspace := range conn.WorkspaceIDs {
		if !c.principal.Sees(workspace) {
			continue
		}
		found, err := a.Checks.Dependents(c.ctx(), workspace, change.Resource.ID, change.Schema)
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			out = append(out, wireDependent{workspace, d.Test.Number, d.Test.Name, d.Missing})
		}
	}
	return out, nil
}

type wireInvalidExample struct {
	RecordID string `json:"recordId"`
	Message  string `json:"message"`
}

func (a *api) putSchema(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	dryRun, err := c.boolean("dryRun")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[schemaChange](c)
	if err != nil {
		return answer{}, err
	}
	text, samples := given(body.Schema), given(body.SampleData)
	if (text == nil) == (samples == nil) {
		return answer{}, fault.New(fault.CodeValidation, "give exactly one of `schema` and `sampleData`")
	}
	if samples != nil {
		inferred, err := schema.Infer(samples)
		if err != nil {
			return answer{}, err
		}
		text = inferred.Schema
	}
	dryRun = dryRun || body.DryRun
	change, err := a.Records.PutSchema(c.ctx(), c.actor(), t, text, body.DisplayNameKey, record.SchemaGuards{DryRun: dryRun, RequireValid: body.RequireValid})
	if err != nil {
		return answer{}, err
	}
	tests, err := a.dependents(c, change)
	if err != nil {
		return answer{}, err
	}
	out := wireSchemaOutcome{Version: change.Resource.SchemaVersion, DryRun: dryRun, Records: change.Records, InvalidRecords: change.Invalid, Tests: tests,
		Examples: make([]wireInvalidExample, len(change.Examples)), Schema: wireObject(text)}
	for i, e := range change.Examples {
		out.Examples[i] = wireInvalidExample{e.Key, e.Message}
	}
	return reply(http.StatusOK, out)
}

// samplesBody asks for the schema that samples suggest. NDJSON may be sent as
// it is instead, with another content type.
type samplesBody struct {
	_          struct{}    `additionalProperties:"true"`
	SampleData wireSamples `json:"sampleData"`
}

type wireInference struct {
	Schema     wireObject         `json:"schema"`
	Samples    int                `json:"samples" doc:"How many samples were read."`
	Properties []wirePropertyInfo `json:"properties"`
	// DisplayNameKeys suggests one for a new resource.
	DisplayNameKeys []string `json:"displayNameKeys" doc:"The properties that can name a record for people, the likely ones first."`
}

// schemaText asks whether a schema can be that of a resource.
type schemaText struct {
	_      struct{}   `additionalProperties:"true"`
	Schema wireObject `json:"schema"`
}

type wireChecked struct {
	Properties      []wireDeclared `json:"properties" doc:"The declared properties of a record, in the order of the schema."`
	DisplayNameKeys []string       `json:"displayNameKeys" doc:"Those that can name a record for people, the likely ones first."`
}

type wireDeclared struct {
	Name     string   `json:"name"`
	Types    []string `json:"types" doc:"Empty: any."`
	Format   string   `json:"format,omitempty"`
	Required bool     `json:"required"`
}

func (a *api) checkSchema(c *call) (answer, error) {
	body, err := decode[schemaText](c)
	if err != nil {
		return answer{}, err
	}
	text := given(body.Schema)
	if text == nil {
		return answer{}, fault.New(fault.CodeInvalidSchema, "`schema` (/schema) is required: the JSON Schema of a record").At("/schema")
	}
	sch, err := schema.Compile(text)
	if err != nil {
		return answer{}, err
	}
	properties := sch.Properties()
	out := wireChecked{Properties: make([]wireDeclared, len(properties)), DisplayNameKeys: append([]string{}, sch.DisplayNames()...)}
	for i, p := range properties {
		out.Properties[i] = wireDeclared{p.Name, append([]string{}, p.Types...), p.Format, p.Required}
	}
	return reply(http.StatusOK, out)
}

type wirePropertyInfo struct {
	Path     string          `json:"path" doc:"A JSON Pointer; the token * stands for every element of an array."`
	Types    []wireTypeCount `json:"types"`
	Present  int             `json:"present" doc:"How often the place was there."`
	Nullable bool            `json:"nullable" doc:"null was seen."`
	Format   string          `json:"format,omitempty"`
	Examples []string        `json:"examples"`
}

type wireTypeCount struct {
	Type  string `json:"type" enum:"string,integer,number,boolean,object,array,null"`
	Count int    `json:"count"`
}

func (a *api) inferSchema(c *call) (answer, error) {
	samples := c.body
	if t := c.r.Header.Get("Content-Type"); !lines(t) {
		body, err := decode[samplesBody](c)
		if err != nil {
			return answer{}, err
		}
		if samples = given(body.SampleData); samples == nil {
			return answer{}, fault.New(fault.CodeInvalidSample, "`sampleData` is required: one record or an array of records; or send NDJSON as application/x-ndjson")
		}
	}
	inferred, err := schema.Infer(samples)
	if err != nil {
		return answer{}, err
	}
	sch, err := schema.Compile(inferred.Schema)
	if err != nil {
		return answer{}, err
	}
	out := wireInference{Schema: wireObject(inferred.Schema), DisplayNameKeys: append([]string{}, sch.DisplayNames()...), Samples: inferred.Samples, Properties: make([]wirePropertyInfo, len(inferred.Properties))}
	for i, p := range inferred.Properties {
		info := wirePropertyInfo{Path: p.Path, Present: p.Present, Nullable: p.Nullable, Format: p.Format,
			Types: make([]wireTypeCount, len(p.Types)), Examples: append([]string{}, p.Examples...)}
		for j, t := range p.Types {
			info.Types[j] = wireTypeCount{t.Type, t.Count}
		}
		out.Properties[i] = info
	}
	return reply(http.StatusOK, out)
}

// lines reports whether a content type says that the body is one record a
// line.
func lines(contentType string) bool {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(media) {
	case "text/plain", "application/x-ndjson", "application/ndjson", "application/jsonl":
		return true
	}
	return false
}
