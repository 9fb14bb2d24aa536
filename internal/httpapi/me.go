package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/page"
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
	ID        int64    `json:"id"`
	Email     string   `json:"email"`
	FirstName *string  `json:"firstName"`
	LastName  *string  `json:"lastName"`
	Roles     []string `json:"roles" doc:"The roles that are held somewhere."`
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

func (a *api) getMe(c *call) (answer, error) {
	out := wireMe{Kind: "key", Key: &wireMeKey{c.principal.Key.ID, c.principal.Key.Name}, Scopes: scopeTexts(access.Expand(c.principal.Key.Scopes)),
		Grants: []wireMeGrant{}, Workspaces: []wireMeWorkspace{}}
	r := page.Request{Size: page.MaxSize, Ascending: true}
	for {
		p, err := a.Access.Workspaces(c.ctx(), r)
		if err != nil {
			return answer{}, err
		}
		for _, w := range p.Items {
			out.Workspaces = append(out.Workspaces, wireMeWorkspace{w.ID, w.Name})
		}
		if p.Next == "" {
			return reply(http.StatusOK, out)
		}
		if r, err = r.WithCursor(p.Next); err != nil {
			return answer{}, err
		}
	}
}

func scopeTexts(scopes []access.Scope) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return out
}
