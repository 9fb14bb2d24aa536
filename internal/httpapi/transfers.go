package httpapi

import (
	"bytes"
	"mime"
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/control"
)

const csvMedia = "text/csv"

var formatWords = []string{string(control.CSV), string(control.OSCAL)}

// wireImport is the outcome of an import, or of its dry run.
type wireImport struct {
	DryRun          bool           `json:"dryRun"`
	Framework       *wireFramework `json:"framework,omitempty" doc:"What was created; absent after a dry run."`
	Name            string         `json:"name"`
	ShortName       string         `json:"shortName"`
	NumRequirements int            `json:"numRequirements"`
	NumMappings     int            `json:"numMappings" doc:"Pairs of a requirement and a control."`
	NumSkipped      int            `json:"numSkipped" doc:"Controls that the catalog calls withdrawn."`
	Requirements    []wireImported `json:"requirements" doc:"The first fifty."`
	NumProblems     int            `json:"numProblems"`
	Problems        []wireProblem  `json:"problems" doc:"Why the file cannot be imported: the first hundred reasons."`
}

type wireImported struct {
	Code         string   `json:"code"`
	Name         string   `json:"name"`
	Category     *string  `json:"category"`
	ControlCodes []string `json:"controlCodes"`
}

type wireProblem struct {
	Row     *int    `json:"row" doc:"The line of a CSV file, from 1."`
	Pointer *string `json:"pointer" doc:"The place in a JSON document (a JSON Pointer), or the parameter."`
	Message string  `json:"message"`
}

// maxImported is how many requirements the reply to an import shows.
const maxImported = 50

func importView(i control.Import, dryRun bool) wireImport {
	out := wireImport{DryRun: dryRun, Name: i.Framework.Name, ShortName: i.Framework.ShortName, NumRequirements: len(i.Items), NumMappings: i.Mappings,
		NumSkipped: i.Skipped, NumProblems: len(i.Problems) + i.Suppressed, Requirements: []wireImported{}, Problems: []wireProblem{}}
	if !dryRun {
		f := frameworkView(i.Framework)
		out.Framework = &f
	}
	for _, item := range i.Items[:min(len(i.Items), maxImported)] {
		out.Requirements = append(out.Requirements, wireImported{item.Requirement.Code, item.Requirement.Name, orNull(item.Requirement.Category),
			append([]string{}, item.ControlCodes...)})
	}
	for _, p := range i.Problems {
		out.Problems = append(out.Problems, wireProblem{orNull(p.Row), orNull(p.Pointer), p.Message})
	}
	return out
}

func (a *api) importFramework(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	u := control.Upload{Text: c.body}
	if u.DryRun, err = c.boolean("dryRun"); err != nil {
		return answer{}, err
	}
	format, err := c.choice("format", formatWords...)
	if err != nil {
		return answer{}, err
	}
	for _, p := range []parameter[*string]{{"name", &u.Name}, {"shortName", &u.ShortName}, {"description", &u.Description}} {
		if *p.into, err = c.text(p.name); err != nil {
			return answer{}, err
		}
	}
	u.Format = control.Format(format)
	if format == "" {
		u.Format = c.guessFormat()
	}
	i, err := a.Controls.Import(c.ctx(), c.actor(), workspace, u)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusCreated
	if u.DryRun {
		status = http.StatusOK
	}
	return reply(status, importView(i, u.DryRun))
}

// guessFormat tells a catalog from a file of rows.
func (c *call) guessFormat() control.Format {
	media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && media == csvMedia {
		return control.CSV
	}
	if bytes.HasPrefix(bytes.TrimLeft(c.body, " \t\r\n"), []byte("{")) {
		return control.OSCAL
	}
	return control.CSV
}

// file is an answer that is kept as a file.
func file(name, media string, body []byte) answer {
	ans := answer{status: http.StatusOK, body: body, media: media}
	ans.set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return ans
}

func (a *api) getImportTemplate(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	if _, err := a.Access.Workspace(c.ctx(), workspace); err != nil {
		return answer{}, err
	}
	return file("requirements.csv", csvMedia+"; charset=utf-8", control.CSVTemplate()), nil
}

func (a *api) exportFramework(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "frameworkId")
	if err != nil {
		return answer{}, err
	}
	format, err := c.choice("format", formatWords...)
	if err != nil {
		return answer{}, err
	}
	f, text, err := a.Controls.Export(c.ctx(), workspace, id, control.Format(format))
	if err != nil {
		return answer{}, err
	}
	if format == string(control.CSV) {
		return file(f.Slug+".csv", csvMedia+"; charset=utf-8", text), nil
	}
	return file(f.Slug+".json", "", text), nil
}
