package httpapi

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// wireAccount is an account with what people decided about it.
type wireAccount struct {
	ID             int64            `json:"id"`
	ConnectionID   int64            `json:"connectionId"`
	ConnectionName string           `json:"connectionName"`
	ResourceID     int64            `json:"resourceId"`
	ResourceName   string           `json:"resourceName"`
	RecordID       string           `json:"recordId" doc:"The record that tells of it."`
	Name           string           `json:"name"`
	Email          *string          `json:"email"`
	DisplayName    *string          `json:"displayName"`
	Kind           *string          `json:"kind"`
	Roles          []string         `json:"roles"`
	Active         *bool            `json:"active" doc:"null: the record does not tell."`
	MFA            *bool            `json:"mfa" doc:"null: the record does not tell."`
	LastActiveAt   maybeTime        `json:"lastActiveAt"`
	Status         string           `json:"status" enum:"ACTIVE,INACTIVE,REMOVED" doc:"INACTIVE: switched off there. REMOVED: it vanished from the data."`
	CreatedAt      wireTime         `json:"createdAt" doc:"When it was first seen."`
	UpdatedAt      wireTime         `json:"updatedAt"`
	RemovedAt      maybeTime        `json:"removedAt" doc:"When it vanished from the data, which proves by itself that access is revoked."`
	Person         *wireHolder      `json:"person" doc:"Who has the account; null: nobody is linked."`
	Leaver         bool             `json:"leaver" doc:"The person is gone and still has the account."`
	Service        *wireService     `json:"serviceAccount" doc:"null: it is no service account."`
	InScope        bool             `json:"inScope"`
	ScopeReason    *string          `json:"scopeReason" doc:"Why it is out of scope."`
	Evidence       *wireAccountNote `json:"evidence" doc:"Proof that access was revoked, where the data do not show it."`
}

// TransformSchema implements huma.SchemaTransformer.
func (wireAccount) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return nullable(s, "person", "serviceAccount", "evidence")
}

// nullable lets objects among the properties of a schema be null.
func nullable(s *huma.Schema, names ...string) *huma.Schema {
	for _, name := range names {
		p := s.Properties[name]
		s.Properties[name] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
	}
	return s
}

type wireHolder struct {
	UserID    *int64  `json:"userId" doc:"null: no user of this installation."`
	Email     *string `json:"email"`
	Name      *string `json:"name"`
	State     string  `json:"state" enum:"ACTIVE,DISABLED,LEFT,NO_USER" doc:"DISABLED: the user is disabled or deleted. LEFT: personnel says that they do not work here any more."`
	Automatic bool    `json:"automatic" doc:"The link follows from equal e-mail addresses; people may set another one."`
}

type wireService struct {
	Owner  string `json:"owner" doc:"The e-mail address of who answers for it."`
	Reason string `json:"reason" doc:"Why there is such an account."`
}

type wireAccountNote struct {
	Note       string    `json:"note"`
	URL        *string   `json:"url"`
	At         wireTime  `json:"at" doc:"When access was revoked."`
	RecordedAt wireTime  `json:"recordedAt"`
	RecordedBy wireActor `json:"recordedBy"`
}

var (
	accountSorts    = []page.Sort{page.CreatedAt, page.UpdatedAt, page.Name, account.LastActiveAt}
	accountStatuses = []string{"ACTIVE", "INACTIVE", "REMOVED"}
	accountViews    = func() (out []string) {
		for _, v := range account.Views {
			out = append(out, string(v))
		}
		return out
	}()
)

func holderView(p *account.Person) *wireHolder {
	if p == nil {
		return nil
	}
	return &wireHolder{UserID: orNull(p.UserID), Email: orNull(p.Email), Name: orNull(p.Name), State: string(p.State), Automatic: p.Automatic}
}

func evidenceView(e *account.Evidence, names actorNames) *wireAccountNote {
	if e == nil {
		return nil
	}
	return &wireAccountNote{Note: e.Note, URL: orNull(e.URL), At: wireTime(e.At), RecordedAt: wireTime(e.RecordedAt), RecordedBy: names.of(author{e.KeyID, e.UserID})}
}

// accountsView shows accounts.
func (a *api) accountsView(c *call, list []account.Account) ([]wireAccount, error) {
	var who []author
	for i := range list {
		if e := list[i].Evidence; e != nil {
			who = append(who, author{e.KeyID, e.UserID})
		}
	}
	names, err := a.names(c, who)
	if err != nil {
		return nil, err
	}
	out := make([]wireAccount, len(list))
	for i := range list {
		x, f := &list[i], factsView(list[i].Facts)
		out[i] = wireAccount{ID: x.ID, ConnectionID: x.ConnectionID, ConnectionName: x.ConnectionName, ResourceID: x.ResourceID, ResourceName: x.ResourceName, RecordID: x.RecordID,
			Name: f.Name, Email: f.Email, DisplayName: f.DisplayName, Kind: f.Kind, Roles: f.Roles, Active: f.Active, MFA: f.MFA, LastActiveAt: f.LastActiveAt,
			Status: string(x.Status()), CreatedAt: wireTime(x.CreatedAt), UpdatedAt: wireTime(x.UpdatedAt), RemovedAt: maybeTime(x.RemovedAt),
			Person: holderView(x.Person), Leaver: x.Leaver(), InScope: x.OutOfScope == nil, ScopeReason: x.OutOfScope, Evidence: evidenceView(x.Evidence, names)}
		if x.Service != nil {
			out[i].Service = &wireService{x.Service.Owner, x.Service.Reason}
		}
	}
	return out, nil
}

// eitherWay is a query parameter that is true, false or absent.
func (c *call) eitherWay(name string) (*bool, error) {
	if c.query(name) == "" {
		return nil, nil //nolint:nilnil // it does not narrow
	}
	v, err := c.boolean(name)
	return &v, err
}

func (c *call) accountFilter() (f account.Filter, err error) {
	for _, p := range []parameter[**bool]{{"linked", &f.Linked}, {"serviceAccount", &f.Service}, {"inScope", &f.InScope}, {"mfa", &f.MFA}, {"leaver", &f.Leaver}} {
		if *p.into, err = c.eitherWay(p.name); err != nil {
			return f, err
		}
	}
	connectionID, _, err := c.idOrNull("connectionId")
	if err != nil {
		return f, err
	}
	if connectionID != 0 {
		f.ConnectionIDs = []int64{connectionID}
	}
	if f.ResourceID, _, err = c.idOrNull("resourceId"); err != nil {
		return f, err
	}
	if f.UserID, _, err = c.idOrNull("userId"); err != nil {
		return f, err
	}
	view, err := c.choice("category", accountViews...)
	if err != nil {
		return f, err
	}
	status, err := c.choice("status", accountStatuses...)
	if err != nil {
		return f, err
	}
	if f.View = account.View(view); status != "" {
		f.Status = []account.Status{account.Status(status)}
	}
	f.Text, err = c.searchText()
	return f, err
}

func (a *api) listAccounts(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(accountSorts...)
	if err != nil {
		return answer{}, err
	}
	f, err := c.accountFilter()
	if err != nil {
		return answer{}, err
	}
	p, err := a.Accounts.List(c.ctx(), workspace, f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.accountsView(c, p.Items)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireAccount]{views, paginationOf(p.Next, p.Total)})
}

type wireAccountSummary struct {
	All       wireAccountTally    `json:"all"`
	Views     []wireAccountView   `json:"views" doc:"The five views; an account may be in several."`
	Resources []wireAccountSource `json:"resources" doc:"The resources with an account mapping."`
}

type wireAccountSource struct {
	ConnectionID   int64    `json:"connectionId"`
	ConnectionName string   `json:"connectionName"`
	ResourceID     int64    `json:"resourceId"`
	ResourceName   string   `json:"resourceName"`
	Categories     []string `json:"categories" enum:"USER_ACCESS_REVIEW,BACKGROUND_CHECK,INFRASTRUCTURE,OBSERVABILITY,VERSION_CONTROL" doc:"The views that it is in."`
	Accounts       int64    `json:"accounts" doc:"How many accounts are in the data."`
}

type wireAccountView struct {
	Category string           `json:"category" enum:"USER_ACCESS_REVIEW,BACKGROUND_CHECK,INFRASTRUCTURE,OBSERVABILITY,VERSION_CONTROL"`
	Tally    wireAccountTally `json:"tally"`
}

type wireAccountTally struct {
	Resources  int   `json:"resources" doc:"How many resources have an account mapping."`
	Accounts   int64 `json:"accounts" doc:"How many accounts are in the data."`
	Removed    int64 `json:"removed"`
	Unlinked   int64 `json:"unlinked" doc:"Those in scope with neither a person nor an owner."`
	Leavers    int64 `json:"leavers" doc:"Those that somebody has who is gone."`
	WithoutMFA int64 `json:"withoutMfa" doc:"Those that are known to have no second factor."`
}

func (a *api) getAccountSummary(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	s, err := a.Accounts.Standing(c.ctx(), workspace)
	if err != nil {
		return answer{}, err
	}
	tally := func(v account.View) wireAccountTally {
		n, t := s.In(v)
		return wireAccountTally{n, t.Present, t.Removed, t.Unlinked, t.Leavers, t.WithoutMFA}
	}
	out := wireAccountSummary{All: tally(""), Resources: []wireAccountSource{}}
	for _, source := range s.Sources {
		w := wireAccountSource{ConnectionID: source.ConnectionID, ConnectionName: source.ConnectionName, ResourceID: source.ResourceID, ResourceName: source.ResourceName,
			Accounts: s.ByResource[source.ResourceID].Present}
		for _, v := range account.ViewsOf(source.Types) {
			w.Categories = append(w.Categories, string(v))
		}
		out.Resources = append(out.Resources, w)
	}
	for _, v := range account.Views {
		out.Views = append(out.Views, wireAccountView{string(v), tally(v)})
	}
	return reply(http.StatusOK, out)
}

func (a *api) accountAnswer(c *call, x account.Account) (answer, error) {
	views, err := a.accountsView(c, []account.Account{x})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

func (a *api) getAccount(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "accountId")
	if err != nil {
		return answer{}, err
	}
	x, err := a.Accounts.Get(c.ctx(), workspace, id)
	if err != nil {
		return answer{}, err
	}
	return a.accountAnswer(c, x)
}

// accountChange is what people say about an account; what is absent stays.
type accountChange struct {
	_           struct{}       `additionalProperties:"true"`
	Person      *accountPerson `json:"person,omitempty" doc:"null takes the link away; what follows from equal addresses then counts again."`
	Service     *wireService   `json:"serviceAccount,omitempty" doc:"null: it is no service account."`
	InScope     *bool          `json:"inScope,omitempty"`
	ScopeReason *string        `json:"scopeReason,omitempty" doc:"Required to take an account out of scope."`
	Evidence    *newEvidence   `json:"evidence,omitempty" doc:"null takes it away."`
}

// TransformSchema implements huma.SchemaTransformer.
func (accountChange) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return nullable(s, "person", "serviceAccount", "evidence")
}

type accountPerson struct {
	UserID *int64  `json:"userId,omitempty" doc:"A user."`
	Email  *string `json:"email,omitempty" doc:"Or somebody by e-mail address."`
}

type newEvidence struct {
	Note string  `json:"note"`
	URL  *string `json:"url,omitempty" doc:"A ticket, for example."`
	At   *string `json:"at,omitempty" doc:"When access was revoked: a date or a time; now if absent."`
}

// read makes the change of a body, whose text tells null from absent.
func (body accountChange) read(text []byte) (account.Change, error) {
	var out account.Change
	has := func(name string) bool {
		_, ok := strictjson.Member(text, name)
		return ok
	}
	if has("person") {
		var link *account.Link
		if p := body.Person; p != nil {
			link = &account.Link{}
			if p.UserID != nil {
				link.UserID = *p.UserID
			}
			if p.Email != nil {
				link.Email = *p.Email
			}
		}
		out.Person = &link
	}
	if has("serviceAccount") {
		var service *account.Service
		if body.Service != nil {
			service = &account.Service{Owner: body.Service.Owner, Reason: body.Service.Reason}
		}
		out.Service = &service
	}
	switch {
	case body.InScope != nil && *body.InScope:
		var none *string
		out.OutOfScope = &none
	case body.InScope != nil:
		reason := ""
		if body.ScopeReason != nil {
			reason = *body.ScopeReason
		}
		why := &reason
		out.OutOfScope = &why
	}
	if has("evidence") {
		var evidence *account.Evidence
		if e := body.Evidence; e != nil {
			evidence = &account.Evidence{Note: e.Note}
			if e.URL != nil {
				evidence.URL = *e.URL
			}
			if e.At != nil {
				at, err := momentOrDay(*e.At)
				if err != nil {
					return out, refusedAt("/evidence/at", "`at` must be a date such as 2026-01-31 or a time such as 2026-01-31T10:00:00.000Z")
				}
				evidence.At = at
			}
		}
		out.Evidence = &evidence
	}
	if out == (account.Change{}) {
		return out, fault.New(fault.CodeValidation, "the body names nothing to change: give `person`, `serviceAccount`, `inScope` or `evidence`")
	}
	return out, nil
}

func refusedAt(pointer, message string) error {
	err := fault.New(fault.CodeValidation, "%s", message)
	err.Pointer = pointer
	return err
}

func momentOrDay(text string) (time.Time, error) {
	if t, err := parseMoment(text); err == nil {
		return t, nil
	}
	return time.Parse(time.DateOnly, text)
}

func (a *api) putAccount(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "accountId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[accountChange](c)
	if err != nil {
		return answer{}, err
	}
	change, err := body.read(c.body)
	if err != nil {
		return answer{}, err
	}
	x, err := a.Accounts.Change(c.ctx(), c.actor(), workspace, id, change)
	if err != nil {
		return answer{}, err
	}
	return a.accountAnswer(c, x)
}

type accountsAction struct {
	_          struct{}      `additionalProperties:"true"`
	AccountIDs []int64       `json:"accountIds" doc:"1 to 500 accounts, each of which is changed by itself."`
	Change     accountChange `json:"change"`
}

type wireAccountOutcomes struct {
	Data []wireAccountOutcome `json:"data" doc:"In the order of accountIds."`
}

type wireAccountOutcome struct {
	AccountID  int64          `json:"accountId"`
	StatusCode int            `json:"statusCode"`
	Account    *wireAccount   `json:"account,omitempty"`
	Error      *wireItemError `json:"error,omitempty"`
}

func (a *api) actOnAccounts(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[accountsAction](c)
	if err != nil {
		return answer{}, err
	}
	text, _ := strictjson.Member(c.body, "change")
	change, err := body.Change.read(text)
	if err != nil {
		return answer{}, err
	}
	list, err := a.Accounts.ChangeMany(c.ctx(), c.actor(), workspace, body.AccountIDs, change)
	if err != nil {
		return answer{}, err
	}
	out, err := outcomes(c, list, a.accountsView, func(id int64, status int, now *wireAccount, refused *wireItemError) wireAccountOutcome {
		return wireAccountOutcome{id, status, now, refused}
	})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireAccountOutcomes{out})
}

// outcomes shows what became of each of several changes, in their order; those
// that were made are looked up together.
func outcomes[T, View, Wire any](c *call, list []account.Outcome[T], view func(*call, []T) ([]View, error), wire func(id int64, status int, now *View, refused *wireItemError) Wire) ([]Wire, error) {
	var made []T
	for _, each := range list {
		if each.Now != nil {
			made = append(made, *each.Now)
		}
	}
	views, err := view(c, made)
	if err != nil {
		return nil, err
	}
	out := make([]Wire, len(list))
	for i, each := range list {
		if each.Now == nil {
			status, refused := refusedItem(each.Err)
			out[i] = wire(each.ID, status, nil, refused)
			continue
		}
		out[i] = wire(each.ID, http.StatusOK, &views[0], nil)
		views = views[1:]
	}
	return out, nil
}

// refusedItem shows the refusal of one of several changes.
func refusedItem(err *fault.Error) (int, *wireItemError) {
	return err.Kind.Status(), &wireItemError{Message: err.Message, Code: err.Code}
}
