package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/connection"
)

// previewAccounts is how many accounts a preview shows.
const previewAccounts = 10

type wireQuestion struct {
	Path string `json:"path" doc:"The attribute that answers, as a path from the record on."`
	Is   []any  `json:"is,omitempty" doc:"The values that mean yes: texts, numbers, booleans or null. Without them true means yes."`
}

// wireMapping is an account mapping; its paths are those of rules.
type wireMapping struct {
	Name         string        `json:"name" doc:"The attribute that says what the account is called: a path from the record on, such as profile.login or $.emails[0].value. A record without it has no account."`
	Email        string        `json:"email,omitempty" doc:"The attribute with the e-mail address, by which the account is linked to a user."`
	DisplayName  string        `json:"displayName,omitempty"`
	Kind         string        `json:"kind,omitempty" doc:"The attribute that says what sort of account it is."`
	Roles        string        `json:"roles,omitempty" doc:"The attribute with roles, groups or permissions: one text or several, such as $.groups[*].name."`
	Active       *wireQuestion `json:"active,omitempty" doc:"Whether the account can be used."`
	MFA          *wireQuestion `json:"mfa,omitempty" doc:"Whether it has a second factor."`
	LastActiveAt string        `json:"lastActiveAt,omitempty" doc:"The attribute with the last activity: RFC 3339, a date, or seconds or milliseconds since 1970."`
}

type wireMappingState struct {
	ResourceID   int64        `json:"resourceId"`
	ConnectionID int64        `json:"connectionId"`
	Expected     bool         `json:"expected" doc:"Connections of this category have accounts."`
	Mapping      *wireMapping `json:"mapping" doc:"null: there is none yet."`
	Proposal     *wireMapping `json:"proposal,omitempty" doc:"Without a mapping: what the attributes are called suggests this one; its name is empty if nothing looks like one."`
	Current      bool         `json:"current" doc:"The accounts are those of the records as they are now."`
	Accounts     int64        `json:"accounts" doc:"How many are in the data."`
	Removed      int64        `json:"removed" doc:"How many vanished from the data."`
	CreatedAt    maybeTime    `json:"createdAt"`
	UpdatedAt    maybeTime    `json:"updatedAt"`
	UpdatedBy    *wireActor   `json:"updatedBy,omitempty"`

	Attributes []wireMappable `json:"attributes" doc:"What a mapping can name: what the schema declares, then what was seen in a sample of the records; at most 300."`
}

type wireMappable struct {
	Path   string            `json:"path" doc:"As a mapping names it."`
	Types  []string          `json:"types" doc:"The JSON types that are declared or were seen." enum:"string,integer,number,boolean,object,array,null"`
	Values []json.RawMessage `json:"values" doc:"At most five different short values that were seen; of a list, of its elements."`
}

// TransformSchema implements huma.SchemaTransformer.
func (wireMappingState) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return nullable(s, "mapping")
}

type wireMappingPreview struct {
	Records  int64            `json:"records" doc:"How many records of a sample were looked at."`
	Named    int64            `json:"named" doc:"How many of them have an account."`
	Accounts []wireFacts      `json:"accounts" doc:"The first of them."`
	With     map[string]int64 `json:"with" doc:"In how many of the accounts each part of the mapping found something."`
}

// wireFacts is what a record tells of its account.
type wireFacts struct {
	Name         string    `json:"name"`
	Email        *string   `json:"email"`
	DisplayName  *string   `json:"displayName"`
	Kind         *string   `json:"kind"`
	Roles        []string  `json:"roles"`
	Active       *bool     `json:"active" doc:"null: the record does not tell."`
	MFA          *bool     `json:"mfa" doc:"null: the record does not tell."`
	LastActiveAt maybeTime `json:"lastActiveAt"`
}

func factsView(f account.Facts) wireFacts {
	return wireFacts{Name: f.Name, Email: orNull(f.Email), DisplayName: orNull(f.DisplayName), Kind: orNull(f.Kind), Roles: append([]string{}, f.Roles...),
		Active: f.Active, MFA: f.MFA, LastActiveAt: maybeTime(f.LastActiveAt)}
}

func mappingView(m account.Mapping) *wireMapping {
	question := func(q *account.Question) *wireQuestion {
		if q == nil {
			return nil
		}
		out := &wireQuestion{Path: q.Path}
		for _, v := range q.Is {
			out.Is = append(out.Is, v)
		}
		return out
	}
	return &wireMapping{Name: m.Name, Email: m.Email, DisplayName: m.DisplayName, Kind: m.Kind, Roles: m.Roles, Active: question(m.Active), MFA: question(m.MFA), LastActiveAt: m.LastActiveAt}
}

func (a *api) mappingState(c *call, r connection.Resource) (answer, error) {
	found, err := a.Connections.Get(c.ctx(), r.ConnectionID)
	if err != nil {
		return answer{}, err
	}
	types := make([]string, len(found.ProviderTypes))
	for i, t := range found.ProviderTypes {
		types[i] = string(t)
	}
	state, err := a.Accounts.Mapping(c.ctx(), r)
	if err != nil {
		return answer{}, err
	}
	out := wireMappingState{ResourceID: r.ID, ConnectionID: r.ConnectionID, Expected: account.Expects(types), Attributes: []wireMappable{}}
	for _, each := range state.Attributes {
		out.Attributes = append(out.Attributes, wireMappable(each))
	}
	if state.Set == nil {
		out.Proposal = mappingView(*state.Proposal)
		return reply(http.StatusOK, out)
	}
	set := *state.Set
	who := author{set.KeyID, set.UserID}
	names, err := a.names(c, []author{who})
	if err != nil {
		return answer{}, err
	}
	by := names.of(who)
	out.Mapping, out.Current, out.Accounts, out.Removed = mappingView(set.Mapping), set.Current, set.Accounts, set.Removed
	out.CreatedAt, out.UpdatedAt, out.UpdatedBy = maybeTime(set.CreatedAt), maybeTime(set.UpdatedAt), &by
	return reply(http.StatusOK, out)
}

func (a *api) getAccountMapping(c *call) (answer, error) {
	r, err := a.resourceOf(c)
	if err != nil {
		return answer{}, err
	}
	return a.mappingState(c, r)
}

func (a *api) putAccountMapping(c *call) (answer, error) {
	r, err := a.resourceOf(c)
	if err != nil {
		return answer{}, err
	}
	m, err := account.Parse(c.body)
	if err != nil {
		return answer{}, err
	}
	if _, err := a.Accounts.SetMapping(c.ctx(), c.actor(), r.ConnectionID, r.ID, m); err != nil {
		return answer{}, err
	}
	return a.mappingState(c, r)
}

func (a *api) deleteAccountMapping(c *call) (answer, error) {
	r, err := a.resourceOf(c)
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Accounts.DeleteMapping(c.ctx(), c.actor(), r)
}

func (a *api) previewAccountMapping(c *call) (answer, error) {
	r, err := a.resourceOf(c)
	if err != nil {
		return answer{}, err
	}
	m, err := account.Parse(c.body)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Accounts.Preview(c.ctx(), r, m, previewAccounts)
	if err != nil {
		return answer{}, err
	}
	out := wireMappingPreview{Records: p.Records, Named: p.Named, Accounts: make([]wireFacts, len(p.Accounts)), With: p.With}
	for i, f := range p.Accounts {
		out.Accounts[i] = factsView(f)
	}
	return reply(http.StatusOK, out)
}
