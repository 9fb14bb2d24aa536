package httpapi

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// GroupName is the compact group of the contract. It is exported to be embedded:
// other structs are no part of a document.
type GroupName struct {
	ID           int64    `json:"id"`
	Name         string   `json:"name"`
	ExternalID   string   `json:"externalId" doc:"What another system calls the group; empty without one."`
	Source       string   `json:"source" enum:"CUSTOM"`
	ConnectionID *nothing `json:"connectionId" doc:"null: no connection brings groups."`
	CreatedAt    wireTime `json:"createdAt"`
	UpdatedAt    wireTime `json:"updatedAt"`
}

// wireGroup is a group of people.
type wireGroup struct {
	GroupName

	Rule           *wireGroupRule      `json:"rule" doc:"Who belongs to it; null: people are named one by one."`
	PersonnelCount int64               `json:"personnelCount" doc:"How many belong to it, those who left the organisation too."`
	Workspaces     []wireWorkspaceName `json:"workspaces" doc:"Whose personnel scope it is part of, of those within reach."`
}

// TransformSchema implements huma.SchemaTransformer.
func (wireGroup) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return nullable(s, "rule")
}

// wireGroupRule is true of those of whom each of its lists that has values is.
type wireGroupRule struct {
	_             struct{} `additionalProperties:"false"`
	JobTitles     []string `json:"jobTitles,omitempty" maxItems:"200" doc:"The job title is one of these, in any case."`
	EmailDomains  []string `json:"emailDomains,omitempty" maxItems:"200" doc:"What stands behind the @ of the address is one of these." example:"[\"example.com\"]"`
	ConnectionIDs []int64  `json:"connectionIds,omitempty" maxItems:"200" doc:"The person follows an identity of one of these HRIS connections."`
}

func (r *wireGroupRule) rule() *asset.GroupRule {
	if r == nil {
		return nil
	}
	return &asset.GroupRule{JobTitles: r.JobTitles, EmailDomains: r.EmailDomains, ConnectionIDs: r.ConnectionIDs}
}

func groupName(g asset.PeopleGroup) GroupName {
	return GroupName{ID: g.ID, Name: g.Name, ExternalID: g.ExternalID, Source: "CUSTOM", ConnectionID: &nothing{}, CreatedAt: wireTime(g.CreatedAt), UpdatedAt: wireTime(g.UpdatedAt)}
}

func (a *api) groupViews(c *call, list ...asset.PeopleGroup) ([]wireGroup, error) {
	seen, err := a.workspacesSeen(c)
	if err != nil {
		return nil, err
	}
	out := make([]wireGroup, len(list))
	for i, g := range list {
		out[i] = wireGroup{GroupName: groupName(g), PersonnelCount: g.People, Workspaces: []wireWorkspaceName{}}
		if g.Rule != nil {
			out[i].Rule = &wireGroupRule{JobTitles: g.Rule.JobTitles, EmailDomains: g.Rule.EmailDomains, ConnectionIDs: g.Rule.ConnectionIDs}
		}
		for _, id := range g.WorkspaceIDs {
			if name, is := seen[id]; is {
				out[i].Workspaces = append(out[i].Workspaces, wireWorkspaceName{id, name})
			}
		}
	}
	return out, nil
}

// workspacesSeen are the names of the workspaces of which anything is within
// reach of the caller, by number: others are absent.
func (a *api) workspacesSeen(c *call) (map[int64]string, error) {
	out := map[int64]string{}
	all, err := a.workspaces(c, access.Reach{All: true})
	for _, w := range all {
		if c.principal.Sees(w.ID) {
			out[w.ID] = w.Name
		}
	}
	return out, err
}

// workspaces are all that somebody reaches, the oldest first.
func (a *api) workspaces(c *call, reach access.Reach) (out []access.Workspace, err error) {
	for r := (page.Request{Size: page.MaxSize, Ascending: true}); ; {
		p, err := a.Access.Workspaces(c.ctx(), reach, r)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Items...)
		if p.Next == "" {
			return out, nil
		}
		if r, err = r.WithCursor(p.Next); err != nil {
			return nil, err
		}
	}
}

func (a *api) oneGroup(c *call, status int, g asset.PeopleGroup) (answer, error) {
	views, err := a.groupViews(c, g)
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func (a *api) listGroups(c *call) (answer, error) {
	r, err := c.paging(asset.GroupSorts...)
	if err != nil {
		return answer{}, err
	}
	text, err := c.text("q")
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.PeopleGroups(c.ctx(), text, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.groupViews(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireGroup]{Data: views, Pagination: paginationOf(p.Next, p.Total)})
}

func (a *api) getGroup(c *call) (answer, error) {
	id, err := c.number("groupId")
	if err != nil {
		return answer{}, err
	}
	g, err := a.People.PeopleGroup(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	return a.oneGroup(c, http.StatusOK, g)
}

// groupChange is what a group is made from or changed to; absent properties stay.
// A part of a rule whose name is misspelt must not be left out.
type groupChange struct {
	_          struct{}       `additionalProperties:"false"`
	Name       *string        `json:"name,omitempty" minLength:"1" maxLength:"191" doc:"One in the organisation."`
	ExternalID *string        `json:"externalId,omitempty" nullable:"true" maxLength:"191" doc:"null removes it."`
	Rule       *wireGroupRule `json:"rule,omitempty" doc:"Who belongs to it. null: people are named one by one; whom the rule named before stays."`
}

// TransformSchema implements huma.SchemaTransformer.
func (groupChange) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return nullable(s, "rule")
}

func (c *call) groupChange() (asset.GroupChange, error) {
	body, err := decodeKnown[groupChange](c)
	return asset.GroupChange{Name: body.Name, ExternalID: c.clearable("externalId", body.ExternalID), Rule: sent(c, "rule", body.Rule.rule())}, err
}

func (a *api) createGroup(c *call) (answer, error) {
	change, err := c.groupChange()
	if err != nil {
		return answer{}, err
	}
	g, err := a.People.CreatePeopleGroup(c.ctx(), c.actor(), change)
	if err != nil {
		return answer{}, err
	}
	return a.oneGroup(c, http.StatusCreated, g)
}

func (a *api) putGroup(c *call) (answer, error) {
	id, err := c.number("groupId")
	if err != nil {
		return answer{}, err
	}
	change, err := c.groupChange()
	if err != nil {
		return answer{}, err
	}
	g, err := a.People.UpdatePeopleGroup(c.ctx(), c.actor(), id, change)
	if err != nil {
		return answer{}, err
	}
	return a.oneGroup(c, http.StatusOK, g)
}

func (a *api) deleteGroup(c *call) (answer, error) {
	id, err := c.number("groupId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.People.DeletePeopleGroup(c.ctx(), c.actor(), id)
}

type groupRuleOnly struct {
	_    struct{}       `additionalProperties:"false"`
	Rule *wireGroupRule `json:"rule"`
}

type wireGroupPreview struct {
	PersonnelCount int64 `json:"personnelCount" doc:"How many people the rule is true of."`
}

func (a *api) previewGroup(c *call) (answer, error) {
	body, err := decodeKnown[groupRuleOnly](c)
	if err != nil {
		return answer{}, err
	}
	if body.Rule == nil {
		return answer{}, fault.New(fault.CodeValidation, "`rule` is required").At("/rule")
	}
	n, err := a.People.PreviewGroup(c.ctx(), *body.Rule.rule())
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireGroupPreview{n})
}

type groupAction struct {
	_            struct{}       `additionalProperties:"true"`
	Action       string         `json:"action" enum:"add,remove"`
	PersonnelIDs []numberOrText `json:"personnelIds" minItems:"1" maxItems:"1000" doc:"Numbers of people, or email: and the address."`
}

// actOnGroup adds people to a group, or removes them.
func (a *api) actOnGroup(c *call) (answer, error) {
	id, err := c.number("groupId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[groupAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "add" && body.Action != "remove" {
		return answer{}, fault.New(fault.CodeValidation, "`action` is %q; it must be add or remove", cutText(body.Action, 80)).At("/action")
	}
	refs := make([]asset.PersonRef, len(body.PersonnelIDs))
	for i, v := range body.PersonnelIDs {
		if refs[i], err = personNamed(v, "each of `personnelIds` must be", "/personnelIds/"+strconv.Itoa(i)); err != nil {
			return answer{}, err
		}
	}
	n, err := a.People.ChangeMembers(c.ctx(), c.actor(), id, body.Action == "add", refs)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireCount{n})
}

// wireScopeGroup is a group of a workspace's personnel scope.
type wireScopeGroup struct {
	ID                 int64    `json:"id"`
	Name               string   `json:"name"`
	ConnectionProvider *nothing `json:"connectionProvider" doc:"null: no connection brings groups."`
	PersonnelCount     int64    `json:"personnelCount" doc:"How many belong to it."`
}

func scopeGroupView(g asset.PeopleGroup) wireScopeGroup {
	return wireScopeGroup{ID: g.ID, Name: g.Name, ConnectionProvider: &nothing{}, PersonnelCount: g.People}
}

func (a *api) listScopeGroups(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(asset.GroupSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.ScopeGroups(c.ctx(), workspace, r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, scopeGroupView))
}

type newScopeGroup struct {
	_       struct{} `additionalProperties:"true"`
	GroupID *int64   `json:"groupId"`
}

func (a *api) addScopeGroup(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newScopeGroup](c)
	if err != nil {
		return answer{}, err
	}
	if body.GroupID == nil {
		return answer{}, fault.New(fault.CodeValidation, "`groupId` is required").At("/groupId")
	}
	g, err := a.People.AddToScope(c.ctx(), c.actor(), workspace, *body.GroupID)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, scopeGroupView(g))
}

type scopeGroups struct {
	_        struct{} `additionalProperties:"true"`
	GroupIDs *[]int64 `json:"groupIds" maxItems:"100" doc:"All groups of the scope from now on; none: everybody is in scope."`
}

func (a *api) putScopeGroups(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[scopeGroups](c)
	if err != nil {
		return answer{}, err
	}
	if body.GroupIDs == nil {
		return answer{}, fault.New(fault.CodeValidation, "`groupIds` is required; an empty list puts everybody in scope").At("/groupIds")
	}
	return noContent(), a.People.SetScope(c.ctx(), c.actor(), workspace, *body.GroupIDs)
}

func (a *api) removeScopeGroup(c *call) (answer, error) {
	workspace, group, err := c.numbers("workspaceId", "groupId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.People.RemoveFromScope(c.ctx(), c.actor(), workspace, group)
}

// wireScopeCounts count who works here now.
type wireScopeCounts struct {
	ScopedPersonnelCount int64 `json:"scopedPersonnelCount" doc:"Current employees and contractors in scope; all of them while the scope has no groups."`
	TotalPersonnelCount  int64 `json:"totalPersonnelCount" doc:"All current employees and contractors."`
}

func (a *api) getScopeCounts(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	asked, err := c.groupIDs("groupIds[]")
	if err != nil {
		return answer{}, err
	}
	n, err := a.People.CountScope(c.ctx(), workspace, asked)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireScopeCounts{n.Scoped, n.Total})
}

// groupIDs are the values of a repeated parameter, nil without any.
func (c *call) groupIDs(name string) ([]int64, error) {
	list := c.all(name)
	if len(list) > asset.MaxScopeGroups {
		return nil, fault.New(fault.CodeValidation, "`%s` comes %d times; it may come %d times", name, len(list), asset.MaxScopeGroups)
	}
	var out []int64
	for _, v := range list {
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil || id < 1 {
			return nil, fault.New(fault.CodeValidation, "`%s` is %q; it must be the number of a group", name, cutText(v, 80))
		}
		out = append(out, id)
	}
	return out, nil
}

// wireGroupsOf are the groups of a person.
type wireGroupsOf struct {
	Data       []GroupName `json:"data" doc:"The first ten, by name."`
	TotalCount int64       `json:"totalCount"`
}

// groupsShown is how many groups are shown with a person.
const groupsShown = 10

func groupsOfView(groups []asset.PeopleGroup) *wireGroupsOf {
	out := wireGroupsOf{Data: []GroupName{}, TotalCount: int64(len(groups))}
	for _, g := range groups[:min(len(groups), groupsShown)] {
		out.Data = append(out.Data, groupName(g))
	}
	return &out
}

// belongings are the groups of people and the workspaces in whose scope they are,
// of those that the caller sees.
type belongings struct {
	groups map[int64][]asset.PeopleGroup
	scopes map[int64][]int64
	seen   map[int64]string
}

func (a *api) belongings(c *call, list []asset.Person) (b belongings, err error) {
	if !c.expands("groups") && !c.expands("workspaces") {
		return b, nil
	}
	ids := make([]int64, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	if b.groups, err = a.People.GroupsOf(c.ctx(), ids); err != nil || !c.expands("workspaces") {
		return b, err
	}
	if b.scopes, err = a.People.Scopes(c.ctx()); err != nil {
		return b, err
	}
	b.seen, err = a.workspacesSeen(c)
	return b, err
}

// workspaces are those in whose scope a person is, by number.
func (b belongings) workspaces(person int64) *[]wireWorkspaceName {
	out := []wireWorkspaceName{}
	for id, name := range b.seen {
		groups, limited := b.scopes[id]
		if !limited || slices.ContainsFunc(b.groups[person], func(g asset.PeopleGroup) bool { return slices.Contains(groups, g.ID) }) {
			out = append(out, wireWorkspaceName{id, name})
		}
	}
	slices.SortFunc(out, func(x, y wireWorkspaceName) int { return cmp.Compare(x.ID, y.ID) })
	return &out
}

// scopedCounts are the counts of the scopes of workspaces, if they are asked for;
// nil: everybody is in scope.
func (a *api) scopedCounts(c *call, list ...access.Workspace) (map[int64]*int64, error) {
	if !c.expands("personnelScope") {
		return nil, nil
	}
	scopes, err := a.People.Scopes(c.ctx())
	if err != nil {
		return nil, err
	}
	out := map[int64]*int64{}
	for _, w := range list {
		if groups := scopes[w.ID]; len(groups) > 0 {
			n, err := a.People.CountScope(c.ctx(), w.ID, groups)
			if err != nil {
				return nil, err
			}
			out[w.ID] = &n.Scoped
		}
	}
	return out, nil
}
