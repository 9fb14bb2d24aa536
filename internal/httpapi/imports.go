package httpapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/event"
)

var importModes = []string{"refuse", "skip"}

// rowOutcomes are what becomes of a row, in their order.
var (
	rowOutcomeWords = []string{"CREATED", "UPDATED", "UNCHANGED", "REFUSED"}
	rowOutcomes     = []asset.Outcome{asset.Created, asset.Updated, asset.Unchanged, asset.Refused}
)

// How much an import tells.
const (
	maxImportLine      = 10_000_000
	maxImportLines     = 1000
	defaultImportLines = 100
	maxImportCell      = 400
)

// wireImportResult is what became of a file, or would.
type wireImportResult struct {
	Preview        bool              `json:"preview"`
	CanApply       bool              `json:"canApply" doc:"The file can be taken, with this onError."`
	NumRows        int               `json:"numRows" doc:"The rows below the first line that are not blank; the next four add up to it, unless the file as a whole cannot be read."`
	NumCreated     int               `json:"numCreated"`
	NumUpdated     int               `json:"numUpdated"`
	NumUnchanged   int               `json:"numUnchanged"`
	NumRefused     int               `json:"numRefused"`
	IgnoredColumns []string          `json:"ignoredColumns" doc:"Columns that are known from lists, and do not count."`
	Lines          []wireImportLine  `json:"lines" doc:"What rows change, or would, in the order of the file."`
	MoreLines      int               `json:"moreLines" doc:"How many come after those that are told; afterLine leads to them."`
	Errors         []wireImportError `json:"errors"`
	MoreErrors     int               `json:"moreErrors"`
}

type wireImportLine struct {
	Line    int                `json:"line" doc:"Where the row begins in the file, from 1."`
	Outcome string             `json:"outcome" enum:"CREATED,UPDATED,UNCHANGED"`
	ID      *int64             `json:"id" doc:"The person or the asset; null while it is not there yet."`
	Name    string             `json:"name"`
	Changes []wireImportChange `json:"changes"`
	Kept    []string           `json:"kept" doc:"Columns that differ and are left as they are: the person signs in, or follows an HRIS identity, and is called as they say."`
}

type wireImportChange struct {
	Field string  `json:"field" doc:"The column."`
	Old   *string `json:"old" doc:"Null for an empty field. Long texts are cut."`
	New   *string `json:"new"`
}

type wireImportError struct {
	Line    *int              `json:"line" doc:"Null for the file as a whole."`
	Column  *string           `json:"column"`
	Message string            `json:"message"`
	Also    []wireImportFault `json:"also" doc:"What else is wrong with the row, as far as its cells show; the first few."`
}

type wireImportFault struct {
	Column  *string `json:"column"`
	Message string  `json:"message"`
}

func cutPointer(text *string) *string {
	if text == nil {
		return nil
	}
	cut := cutText(*text, maxImportCell)
	return &cut
}

func importResult(i asset.Import, preview bool) wireImportResult {
	out := wireImportResult{Preview: preview, CanApply: i.Takes, NumRows: i.Rows, NumCreated: i.Created, NumUpdated: i.Updated, NumUnchanged: i.Unchanged,
		NumRefused: i.Refused, IgnoredColumns: append([]string{}, i.Passed...), Lines: make([]wireImportLine, len(i.Lines)), MoreLines: i.MoreLines,
		Errors: make([]wireImportError, len(i.Problems)), MoreErrors: i.MoreProblems}
	for n, l := range i.Lines {
		line := wireImportLine{Line: l.Line, Outcome: rowOutcomeWords[slices.Index(rowOutcomes, l.Outcome)],
			ID: orNull(l.ID), Name: l.Name, Changes: make([]wireImportChange, len(l.Changes)), Kept: append([]string{}, l.Kept...)}
		for k, c := range l.Changes {
			line.Changes[k] = wireImportChange{c.Column, cutPointer(c.Old), cutPointer(c.New)}
		}
		out.Lines[n] = line
	}
	for n, p := range i.Problems {
		out.Errors[n] = wireImportError{orNull(p.Line), orNull(p.Column), p.Message, make([]wireImportFault, len(p.Also))}
		for k, more := range p.Also {
			out.Errors[n].Also[k] = wireImportFault{orNull(more.Column), more.Message}
		}
	}
	return out
}

// importer is an import of a service.
type importer func(ctx context.Context, a event.Actor, text []byte, o asset.ImportOptions) (asset.Import, error)

func (c *call) importFile(run importer) (answer, error) {
	var o asset.ImportOptions
	var err error
	if o.Preview, err = c.boolean("preview"); err != nil {
		return answer{}, err
	}
	mode, err := c.choice("onError", importModes...)
	if err != nil {
		return answer{}, err
	}
	o.SkipRefused = mode == "skip"
	after, err := c.within("afterLine", 0, maxImportLine, 0)
	if err != nil {
		return answer{}, err
	}
	limit, err := c.within("limit", 1, maxImportLines, defaultImportLines)
	if err != nil {
		return answer{}, err
	}
	o.After, o.Limit = int(after), int(limit)
	only, err := c.choice("outcome", rowOutcomeWords...)
	if err != nil {
		return answer{}, err
	}
	if only != "" {
		o.Only = &rowOutcomes[slices.Index(rowOutcomeWords, only)]
	}
	i, err := run(c.ctx(), c.actor(), c.body, o)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusCreated
	if o.Preview {
		status = http.StatusOK
	}
	return reply(status, importResult(i, o.Preview))
}

func (a *api) importPersonnel(c *call) (answer, error) { return c.importFile(a.People.ImportPeople) }
func (a *api) importAssets(c *call) (answer, error)    { return c.importFile(a.People.ImportAssets) }

func (a *api) getPersonnelTemplate(c *call) (answer, error) {
	text, err := a.People.PeopleTemplate(c.ctx())
	return file("personnel.csv", csvMedia+"; charset=utf-8", text), err
}

func (a *api) getAssetTemplate(c *call) (answer, error) {
	text, err := a.People.AssetTemplate(c.ctx())
	return file("assets.csv", csvMedia+"; charset=utf-8", text), err
}
