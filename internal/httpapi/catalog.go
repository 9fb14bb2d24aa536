package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/schedule"
)

// wireCatalogEntry is an entry of the catalogue in a list.
type wireCatalogEntry struct {
	Slug         string `json:"slug"`
	Name         string `json:"name"`
	Category     string `json:"category" doc:"A type of provider."`
	CategoryName string `json:"categoryName" doc:"The category in words."`
	Kind         string `json:"kind" enum:"STANDARD,PARTNER,CUSTOM" doc:"STANDARD: we pull; PARTNER: somebody else pushes; CUSTOM: you push."`
	Description  string `json:"description"`
	Recommended  *int64 `json:"recommended" doc:"The place in the order for a newcomer; null: none."`
	TestCount    int64  `json:"testCount" doc:"How many tests it recommends."`
}

// What is embedded is part of the documented object by an exported name only.
type (
	// CatalogEntryPart is what a list shows of an entry.
	CatalogEntryPart = wireCatalogEntry
	// ConnectionPart is what a list shows of a connection.
	ConnectionPart = wireConnection
)

// wireCatalogDetail is all of an entry. It holds what a list shows, too.
type wireCatalogDetail struct {
	CatalogEntryPart
	Proves         string              `json:"proves" doc:"What the data is evidence of."`
	Account        string              `json:"account" doc:"In whose name data is read."`
	Access         []wireAccessNeed    `json:"access" doc:"What that account needs, and no more."`
	Guide          string              `json:"guide" doc:"How to set it up, in Markdown."`
	Collector      *string             `json:"collector" enum:"http,sql,command,file,osquery" doc:"How data is collected; null: it is pushed only."`
	Recipe         *string             `json:"recipe" doc:"The recipe for plumbline collect, in YAML. It has no credentials."`
	Inputs         []wireCatalogInput  `json:"inputs" doc:"What a person fills in before data is collected."`
	Schedule       *string             `json:"schedule" doc:"When data is pulled unless somebody says otherwise: a cron expression in UTC."`
	ScheduleWords  *string             `json:"scheduleWords"`
	FreshnessHours int64               `json:"freshnessHours" doc:"The age after which the data is stale."`
	DisplayNameKey string              `json:"displayNameKey"`
	Schema         wireObject          `json:"schema" doc:"The JSON Schema of a record."`
	SampleRecords  []wireObject        `json:"sampleRecords" doc:"A few records, invented."`
	Tests          []wireSuggestedTest `json:"tests"`
}

type wireAccessNeed struct {
	Permission string `json:"permission"`
	Why        string `json:"why"`
}

type wireCatalogInput struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Help     string `json:"help"`
	Example  string `json:"example"`
	Default  string `json:"default"`
	Required bool   `json:"required"`
	Secret   bool   `json:"secret" doc:"It is sealed, and never shown again."`
}

type wireSuggestedTest struct {
	Name        string              `json:"name"`
	Description string              `json:"description"`
	Words       string              `json:"words" doc:"The logic in words."`
	Logic       json.RawMessage     `json:"logic" doc:"The logic, without a resource."`
	Controls    []wireServedControl `json:"controls"`
}

type wireServedControl struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

type wireCatalogCategories struct {
	Data []wireCatalogCategory `json:"data"`
}

type wireCatalogCategory struct {
	Category string `json:"category"`
	Name     string `json:"name"`
	Entries  int64  `json:"entries" doc:"How many the catalogue has."`
}

func catalogEntryView(e *catalog.Entry) wireCatalogEntry {
	return wireCatalogEntry{Slug: e.Slug, Name: e.Name, Category: string(e.Category), CategoryName: catalog.CategoryName(e.Category), Kind: string(e.Kind),
		Description: e.Description, Recommended: orNull(int64(e.Recommended)), TestCount: int64(len(e.Tests))}
}

func catalogDetail(e *catalog.Entry) wireCatalogDetail {
	out := wireCatalogDetail{CatalogEntryPart: catalogEntryView(e), Proves: e.Proves, Account: e.Account, Guide: e.Guide, Collector: orNull(e.Collector),
		Recipe: orNull(string(e.Recipe)), Schedule: orNull(e.Schedule), FreshnessHours: e.FreshnessHours, DisplayNameKey: e.DisplayNameKey, Schema: wireObject(e.Schema),
		Access: []wireAccessNeed{}, Inputs: []wireCatalogInput{}, SampleRecords: []wireObject{}, Tests: []wireSuggestedTest{}}
	if s, err := schedule.Parse(e.Schedule); err == nil {
		out.ScheduleWords = orNull(s.Words())
	}
	for _, a := range e.Access {
		out.Access = append(out.Access, wireAccessNeed{a.Name, a.Why})
	}
	for _, i := range e.Inputs {
		out.Inputs = append(out.Inputs, wireCatalogInput(i))
	}
	for _, r := range e.Samples {
		out.SampleRecords = append(out.SampleRecords, wireObject(r))
	}
	names := map[string]string{}
	for _, c := range control.Library().Controls {
		names[c.Code] = c.Name
	}
	for _, t := range e.Tests {
		view := wireSuggestedTest{Name: t.Name, Description: t.Description, Words: t.Words, Logic: t.Logic}
		for _, code := range t.Controls {
			view.Controls = append(view.Controls, wireServedControl{code, names[code]})
		}
		out.Tests = append(out.Tests, view)
	}
	return out
}

var catalogSorts = []page.Sort{page.Recommended, page.Name}

func (a *api) listCatalog(c *call) (answer, error) {
	r, err := c.paging(catalogSorts...)
	if err != nil {
		return answer{}, err
	}
	var f catalog.Filter
	if f.Text, err = c.text("q"); err != nil {
		return answer{}, err
	}
	category, err := c.choice("category", catalog.CategoryNames()...)
	if err != nil {
		return answer{}, err
	}
	kind, err := c.choice("kind", catalogKinds...)
	if err != nil {
		return answer{}, err
	}
	f.Category, f.Kind = connection.ProviderType(category), connection.Kind(kind)
	return reply(http.StatusOK, listOf(a.Catalog.Entries(f, r), catalogEntryView))
}

var catalogKinds = []string{string(connection.Standard), string(connection.Partner), string(connection.OfYourOwn)}

func (a *api) listCatalogCategories(*call) (answer, error) {
	out := wireCatalogCategories{}
	for _, c := range a.Catalog.Categories() {
		out.Data = append(out.Data, wireCatalogCategory{string(c.Type), c.Name, int64(c.Entries)})
	}
	return reply(http.StatusOK, out)
}

func (a *api) getCatalogEntry(c *call) (answer, error) {
	e, err := a.Catalog.Find(c.r.PathValue("slug"))
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, catalogDetail(e))
}

// catalogUse is how an entry is used.
type catalogUse struct {
	_            struct{} `additionalProperties:"true"`
	Name         string   `json:"name,omitempty" maxLength:"100" doc:"The name of the connection; the entry's if absent."`
	WorkspaceIDs []int64  `json:"workspaceIds" minItems:"1" doc:"The workspaces that the connection, and its tests, are for."`
}

// wireUsed is the connection with what was made beside it.
type wireUsed struct {
	ConnectionPart
	Tests            []wireUsedTest `json:"tests" doc:"The tests that were made and published."`
	UnmappedControls []wireUnmapped `json:"unmappedControls" doc:"Controls that tests would serve, but that a workspace lacks: the caller may not add controls there."`
}

type wireUsedTest struct {
	WorkspaceID int64  `json:"workspaceId"`
	TestID      int64  `json:"testId"`
	Name        string `json:"name"`
}

type wireUnmapped struct {
	WorkspaceID int64  `json:"workspaceId"`
	Code        string `json:"code"`
}

func (a *api) useCatalogEntry(c *call) (answer, error) {
	body, err := decode[catalogUse](c)
	if err != nil {
		return answer{}, err
	}
	for _, id := range body.WorkspaceIDs {
		if !c.principal.Sees(id) {
			return answer{}, fault.New(fault.CodeValidation, "`workspaceIds` (/workspaceIds) has %d, but there is no such workspace", id).At("/workspaceIds")
		}
		for _, need := range []access.Scope{c.route.scope, access.MonitorsPost} {
			if err := c.principal.RequireIn(need, id); err != nil {
				return answer{}, err
			}
		}
	}
	used, err := a.Catalog.Use(c.ctx(), c.actor(), c.r.PathValue("slug"), catalog.Wish{Name: body.Name, WorkspaceIDs: body.WorkspaceIDs,
		MayAdd: func(id int64) bool { return c.principal.HasIn(access.ControlsPost, id) }})
	if err != nil {
		return answer{}, err
	}
	out := wireUsed{ConnectionPart: connectionView(c, used.Connection, true), Tests: []wireUsedTest{}, UnmappedControls: []wireUnmapped{}}
	for _, t := range used.Tests {
		out.Tests = append(out.Tests, wireUsedTest{t.WorkspaceID, t.Number, t.Name})
	}
	for _, u := range used.Unmapped {
		out.UnmappedControls = append(out.UnmappedControls, wireUnmapped(u))
	}
	return reply(http.StatusCreated, out)
}
