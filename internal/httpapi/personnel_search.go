package httpapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireFoundPeople is a page of a search of personnel.
type wireFoundPeople struct {
	Data       []wirePerson   `json:"data"`
	Pagination wirePagination `json:"pagination"`
	Facets     *wireFacets    `json:"facets,omitempty" doc:"With facets[], on the first page: how many of all that are found have which value."`
}

type wireFacets struct {
	EmploymentStatus *[]wireFacet `json:"employmentStatus,omitempty"`
	ComplianceStatus *[]wireFacet `json:"complianceStatus,omitempty"`
	SyncStatus       *[]wireFacet `json:"syncStatus,omitempty"`
	GroupIDs         *[]wireFacet `json:"groupIds,omitempty" doc:"Groups that somebody who is found belongs to, by number."`
}

type wireFacet struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

var facetNames = []string{"employmentStatus", "complianceStatus", "syncStatus", "groupIds"}

// outOfScope is a second word of a search for EXCLUDED.
const outOfScope = "OUT_OF_SCOPE"

// searchFilter is the filter of a search: that of the list, and what only a
// search knows.
func (c *call) searchFilter() (asset.PersonFilter, error) {
	f, err := c.personFilter(outOfScope)
	if err != nil {
		return f, err
	}
	for _, p := range []parameter[*string]{{"firstName", &f.FirstName}, {"lastName", &f.LastName}} {
		if *p.into, err = c.text(p.name); err != nil {
			return f, err
		}
	}
	word, err := c.choice("syncStatus", syncStatus(true), syncStatus(false))
	if word != "" {
		follows := word == syncStatus(true)
		f.Synced = &follows
	}
	return f, err
}

func (a *api) searchPersonnel(c *call) (answer, error) {
	f, err := c.searchFilter()
	if err != nil {
		return answer{}, err
	}
	return a.foundPersonnel(c, f)
}

func (a *api) foundPersonnel(c *call, f asset.PersonFilter) (_ answer, err error) {
	if f.Fields, err = a.wantedFields(c, customfield.Person); err != nil {
		return answer{}, err
	}
	for _, name := range c.all("facets[]") {
		if !slices.Contains(facetNames, name) {
			return answer{}, fault.New(fault.CodeValidation, "`facets[]` is %q; it must be one of %s", cutText(name, 80), strings.Join(facetNames, ", "))
		}
	}
	r, err := c.paging(asset.PersonSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.People(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.personViews(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	out := wireFoundPeople{Data: views, Pagination: paginationOf(p.Next, p.Total)}
	if wanted := c.all("facets[]"); len(wanted) > 0 && r.After == nil {
		found, err := a.People.PeopleFacets(c.ctx(), f, slices.Contains(wanted, "groupIds"))
		if err != nil {
			return answer{}, err
		}
		out.Facets = facetViews(wanted, found)
	}
	return reply(http.StatusOK, out)
}

// searchWorkspacePersonnel finds people in the personnel scope of a workspace.
func (a *api) searchWorkspacePersonnel(c *call) (answer, error) {
	id, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	f, err := c.searchFilter()
	if err != nil {
		return answer{}, err
	}
	f.WorkspaceID = id
	return a.foundPersonnel(c, f)
}

// facetViews have every value, also what nobody has; but of groups only those that
// somebody belongs to.
func facetViews(wanted []string, found asset.PeopleFacets) *wireFacets {
	var out wireFacets
	if slices.Contains(wanted, "employmentStatus") {
		out.EmploymentStatus = facet(asset.EmploymentStatuses, found.Statuses)
	}
	if slices.Contains(wanted, "complianceStatus") {
		out.ComplianceStatus = facet(asset.CheckStatuses, found.Standing)
	}
	if slices.Contains(wanted, "syncStatus") {
		out.SyncStatus = &[]wireFacet{{syncStatus(true), found.Synced}, {syncStatus(false), found.NotSynced}}
	}
	if slices.Contains(wanted, "groupIds") {
		list := []wireFacet{}
		for _, id := range slices.Sorted(maps.Keys(found.Groups)) {
			list = append(list, wireFacet{strconv.FormatInt(id, 10), found.Groups[id]})
		}
		out.GroupIDs = &list
	}
	return &out
}

func facet[T ~string](all []T, counts map[T]int64) *[]wireFacet {
	out := make([]wireFacet, len(all))
	for i, v := range all {
		out[i] = wireFacet{string(v), counts[v]}
	}
	return &out
}
