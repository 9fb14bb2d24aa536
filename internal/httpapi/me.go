package httpapi

import (
	"maps"
	"net/http"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// wireMe is who asks, and what they may do.
type wireMe struct {
	Kind       string            `json:"kind" enum:"key,user"`
	Key        *wireMeKey        `json:"key,omitempty" doc:"With kind key."`
	User       *wireMeUser       `json:"user,omitempty" doc:"With kind user."`
	Scopes     []string          `json:"scopes" doc:"What is granted in every workspace and beside them. The bundles all and read are spelt out."`
	Grants     []wireMeGrant     `json:"grants" doc:"What is granted in some workspaces only."`
	Workspaces []wireMeWorkspace `json:"workspaces" doc:"The workspaces within reach."`
}

type wireMeKey struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type wireMeUser struct {
	ID          int64    `json:"id"`
	Email       string   `json:"email"`
	FirstName   *string  `json:"firstName"`
	LastName    *string  `json:"lastName"`
	JobTitle    *string  `json:"jobTitle"`
	DisplayName string   `json:"displayName" doc:"The name, or the address of somebody without one."`
	Roles       []string `json:"roles" doc:"The roles that are held somewhere."`
}

// wireMeGrant is what is granted in one workspace.
type wireMeGrant struct {
	WorkspaceID int64    `json:"workspaceId"`
	Scopes      []string `json:"scopes"`
}

type wireMeWorkspace struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func meUser(u access.User) wireMeUser {
	out := wireMeUser{ID: u.ID, Email: u.Email, FirstName: orNull(u.FirstName), LastName: orNull(u.LastName), JobTitle: orNull(u.JobTitle),
		DisplayName: u.DisplayName(), Roles: []string{}}
	for _, r := range u.Roles() {
		out.Roles = append(out.Roles, string(r))
	}
	return out
}

func (a *api) getMe(c *call) (answer, error) {
	p := c.principal
	out := wireMe{Kind: "key", Scopes: scopeTexts(p.Everywhere()), Grants: []wireMeGrant{}, Workspaces: []wireMeWorkspace{}}
	if p.IsPerson() {
		view := meUser(p.User)
		out.Kind, out.User = "user", &view
	} else {
		out.Key = &wireMeKey{p.Key.ID, p.Key.Name}
	}
	in := p.In()
	for _, id := range slices.Sorted(maps.Keys(in)) {
		out.Grants = append(out.Grants, wireMeGrant{id, scopeTexts(in[id])})
	}
	reach := p.Reach(access.WorkspacesGet)
	if !p.IsPerson() {
		reach = access.Reach{All: true}
	}
	found, err := a.workspaces(c, reach)
	if err != nil {
		return answer{}, err
	}
	for _, w := range found {
		out.Workspaces = append(out.Workspaces, wireMeWorkspace{w.ID, w.Name})
	}
	return reply(http.StatusOK, out)
}

// meChange is what people may change of themselves; absent properties stay.
type meChange struct {
	_ struct{} `additionalProperties:"true"`
	Profile
}

func (a *api) putMe(c *call) (answer, error) {
	body, err := decode[meChange](c)
	if err != nil {
		return answer{}, err
	}
	if c.principal.User, err = a.Access.UpdateProfile(c.ctx(), c.principal, body.change(c)); err != nil {
		return answer{}, err
	}
	return a.getMe(c)
}

func scopeTexts(scopes []access.Scope) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return out
}
