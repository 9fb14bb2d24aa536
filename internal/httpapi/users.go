package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireUser is the contract's user (section 2.13).
type wireUser struct {
	ID        int64    `json:"id"`
	Email     string   `json:"email"`
	FirstName *string  `json:"firstName"`
	LastName  *string  `json:"lastName"`
	JobTitle  *string  `json:"jobTitle"`
	AvatarURL *string  `json:"avatarUrl"`
	TermsAt   nothing  `json:"drataTermsAgreedAt" doc:"The contract's; there are no such terms here."`
	CreatedAt wireTime `json:"createdAt"`
	UpdatedAt wireTime `json:"updatedAt"`

	State        string      `json:"state" enum:"ACTIVE,INVITED,NO_ACCOUNT,DISABLED,DELETED" doc:"NO_ACCOUNT: known as personnel, and never invited."`
	DisplayName  string      `json:"displayName" doc:"The name, or the address of somebody without one."`
	LastSignInAt maybeTime   `json:"lastSignInAt"`
	Grants       []wireGrant `json:"grants" doc:"The roles that are held, and where. Those in workspaces out of your reach are left out."`

	Roles            *[]wireRole     `json:"roles,omitempty" doc:"With expand[]=roles."`
	BackgroundChecks *[]wireObject   `json:"backgroundChecks,omitempty" doc:"With expand[]=backgroundChecks; there are none here."`
	Documents        *[]wireDocument `json:"documents,omitempty" doc:"With expand[]=documents: those of the person and of all devices, if you may list them."`
	Identities       *[]wireIdentity `json:"identities,omitempty" doc:"With expand[]=identities: the HRIS identity that the person follows, if you may list identities."`
	Personnel        *wirePerson     `json:"personnel,omitempty" doc:"With expand[]=personnel: the user as personnel, if the user is and you may see personnel."`
}

// wireGrant is a role that is held.
type wireGrant struct {
	Role        string `json:"role" enum:"ADMIN,TECHGOV,WORKSPACE_ADMINISTRATOR,CONTROL_MANAGER,DEVOPS_ENGINEER,PEOPLE_OPS,AUDITOR,ACT_AS_READ_ONLY,EMPLOYEE"`
	WorkspaceID *int64 `json:"workspaceId" required:"false" nullable:"true" doc:"null: in all workspaces."`
}

var userParts = []string{"backgroundChecks", "documents", "identities", "personnel", "roles"}

func grantViews(grants []access.Grant) []wireGrant {
	out := make([]wireGrant, len(grants))
	for i, g := range grants {
		out[i] = wireGrant{string(g.Role), orNull(g.WorkspaceID)}
	}
	return out
}

// personView is a user as others name them, without what they may do.
func personView(u access.User) wireUser {
	return wireUser{ID: u.ID, Email: u.Email, FirstName: orNull(u.FirstName), LastName: orNull(u.LastName), JobTitle: orNull(u.JobTitle),
		CreatedAt: wireTime(u.CreatedAt), UpdatedAt: wireTime(u.UpdatedAt), State: string(u.State()), DisplayName: u.DisplayName(),
		LastSignInAt: maybeTime(u.LastSignInAt), Grants: []wireGrant{}}
}

func userView(c *call, u access.User) wireUser {
	out := personView(u)
	out.Grants = grantViews(u.Grants)
	if c.expands("roles") {
		list := []wireRole{}
		for _, r := range u.Roles() {
			info, _ := access.FindRole(r)
			list = append(list, roleView(c, info))
		}
		out.Roles = &list
	}
	if c.expands("backgroundChecks") {
		out.BackgroundChecks = &[]wireObject{}
	}
	if c.expands("identities") {
		out.Identities = &[]wireIdentity{}
	}
	if c.expands("documents") {
		out.Documents = &[]wireDocument{}
	}
	return out
}

// people are the persons that a list of objects names, if they are asked for.
func people[T any](a *api, c *call, part string, list []T, id func(T) int64) (map[int64]*wireUser, error) {
	out := map[int64]*wireUser{}
	if part != "" && !c.expands(part) {
		return out, nil
	}
	var ids []int64
	for _, each := range list {
		if n := id(each); n != 0 {
			ids = append(ids, n)
		}
	}
	slices.Sort(ids)
	found, err := a.Access.People(c.ctx(), slices.Compact(ids))
	for id, u := range found {
		view := personView(u)
		view.LastSignInAt = maybeTime{}
		out[id] = &view
	}
	return out, err
}

func (a *api) listUsers(c *call) (answer, error) {
	f, err := c.userFilter()
	if err != nil {
		return answer{}, err
	}
	return a.userList(c, f)
}

func (c *call) userFilter() (f access.UserFilter, err error) {
	for _, p := range []parameter[*string]{{"firstName", &f.FirstName}, {"lastName", &f.LastName}, {"q", &f.Text}} {
		if *p.into, err = c.text(p.name); err != nil {
			return f, err
		}
	}
	role, err := c.choice("role", access.RoleNames()...)
	if err != nil {
		return f, err
	}
	words := make([]string, len(access.UserStates))
	for i, s := range access.UserStates {
		words[i] = string(s)
	}
	state, err := c.choice("state", words...)
	f.Role, f.State = access.Role(role), access.UserState(state)
	return f, err
}

func (a *api) userList(c *call, f access.UserFilter) (answer, error) {
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Access.Users(c.ctx(), c.principal, f, r)
	if err != nil {
		return answer{}, err
	}
	out := listOf(p, func(u access.User) wireUser { return userView(c, u) })
	views := make([]*wireUser, len(out.Data))
	for i := range out.Data {
		views[i] = &out.Data[i]
	}
	if err := a.withDocuments(c, views...); err != nil {
		return answer{}, err
	}
	if err := a.withPersonnel(c, views...); err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, out)
}

// userRef is the user of the path: the id, or email: and the address.
func (c *call) userRef() (access.UserRef, error) {
	if email, ok := strings.CutPrefix(c.r.PathValue("userId"), "email:"); ok {
		if email == "" {
			return access.UserRef{}, fault.New(fault.CodeValidation, "`userId` in the path is %q; an address stands behind the colon", "email:")
		}
		return access.UserRef{Email: email}, nil
	}
	id, err := c.number("userId")
	return access.UserRef{ID: id}, err
}

func (a *api) getUser(c *call) (answer, error) {
	ref, err := c.userRef()
	if err != nil {
		return answer{}, err
	}
	u, err := a.Access.User(c.ctx(), c.principal, ref)
	if err != nil {
		return answer{}, err
	}
	out := userView(c, u)
	if err := a.withDocuments(c, &out); err != nil {
		return answer{}, err
	}
	if err := a.withPersonnel(c, &out); err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, out)
}

// newUser is who is invited.
type newUser struct {
	_            struct{}    `additionalProperties:"true"`
	Email        string      `json:"email" maxLength:"254"`
	Roles        []string    `json:"roles,omitempty" doc:"Roles such as AUDITOR, in workspaceIds. Use grants where they differ from one workspace to the other."`
	WorkspaceIDs []int64     `json:"workspaceIds,omitempty" doc:"The workspaces in which the roles are held; all when absent."`
	Grants       []wireGrant `json:"grants,omitempty" doc:"Roles with their workspaces."`
	Profile
}

func grantsOf(list []wireGrant) []access.Grant {
	out := make([]access.Grant, len(list))
	for i, g := range list {
		out[i] = access.Grant{Role: access.Role(g.Role)}
		if g.WorkspaceID != nil {
			out[i].WorkspaceID = *g.WorkspaceID
			if *g.WorkspaceID == 0 {
				// 0 stands for all of them in the table, but nobody asked for that.
				out[i].WorkspaceID = -1
			}
		}
	}
	return out
}

// maxRoles bounds what a call names before it is multiplied.
const maxRoles = 100

func (n newUser) all() ([]access.Grant, error) {
	if len(n.Roles) > maxRoles || len(n.WorkspaceIDs) > access.MaxWorkspaces || len(n.Grants) > maxRoles*maxRoles {
		return nil, fault.New(fault.CodeValidation, "`roles` (/roles), `workspaceIds` (/workspaceIds) or `grants` (/grants) names too many")
	}
	out := grantsOf(n.Grants)
	for _, r := range n.Roles {
		if len(n.WorkspaceIDs) == 0 {
			out = append(out, access.Grant{Role: access.Role(r)})
		}
		for _, w := range n.WorkspaceIDs {
			if w == 0 {
				w = -1
			}
			out = append(out, access.Grant{Role: access.Role(r), WorkspaceID: w})
		}
	}
	return out, nil
}

// wireInvited is a user with the link that only this reply has.
type wireInvited struct {
	User wireUser    `json:"user"`
	Link *wireIssued `json:"link,omitempty" doc:"For its owner alone; it is in this reply and nowhere else. A repetition with the same Idempotency-Key leaves it out."`
}

// wireIssued is a one-time link.
type wireIssued struct {
	Purpose   string   `json:"purpose" enum:"INVITATION,RESET"`
	Path      string   `json:"path" doc:"The link behind the address of the web app."`
	URL       *string  `json:"url" doc:"The whole link; null where the server does not know its address (--public-url)."`
	ExpiresAt wireTime `json:"expiresAt"`
	Mailed    bool     `json:"mailed" doc:"It was also sent to its owner."`
}

// issued shows a link, and mails it to its owner where that is possible. The
// host is never taken from the request, which its sender could have chosen.
func (a *api) issued(c *call, u access.User, i access.Issued) *wireIssued {
	out := &wireIssued{Purpose: string(i.Purpose), Path: i.Path(), ExpiresAt: wireTime(i.ExpiresAt)}
	if a.PublicURL == "" {
		return out
	}
	whole, err := url.JoinPath(a.PublicURL)
	if err != nil {
		return out
	}
	whole = strings.TrimSuffix(whole, "/") + i.Path()
	out.URL = &whole
	if a.Mail == nil {
		return out
	}
	subject, text := "Your invitation to Plumbline", "You are invited to Plumbline. Choose your password here:"
	if i.Purpose == access.Reset {
		subject, text = "Choose a new password for Plumbline", "Somebody who manages your account made this link with which you choose a new password:"
	}
	text += "\n\n" + whole + "\n\nThe link works once, until " + i.ExpiresAt.UTC().Format("2 January 2006 15:04 UTC") + ".\n"
	if err := a.Mail(c.ctx(), u.Email, subject, text); err != nil {
		a.Log.WarnContext(c.ctx(), "link not mailed", "requestId", c.trace.id, "userId", u.ID, "error", err.Error())
		return out
	}
	out.Mailed = true
	return out
}

// withLink is a reply whose link is kept nowhere, not with an idempotency key
// either.
func withLink(status int, u wireUser, link *wireIssued) (answer, error) {
	kept, err := encode(wireInvited{User: u})
	if err != nil {
		return answer{}, err
	}
	ans, err := reply(status, wireInvited{User: u, Link: link})
	ans.keep = kept
	return ans, err
}

func (a *api) createUser(c *call) (answer, error) {
	body, err := decode[newUser](c)
	if err != nil {
		return answer{}, err
	}
	grants, err := body.all()
	if err != nil {
		return answer{}, err
	}
	u, link, err := a.Access.Invite(c.ctx(), c.principal, access.NewUser{Email: body.Email, Profile: body.change(c), Grants: grants})
	if err != nil {
		return answer{}, err
	}
	return withLink(http.StatusCreated, userView(c, u), a.issued(c, u, link))
}

// userChange is what may change of a user; absent properties stay.
type userChange struct {
	_      struct{}     `additionalProperties:"true"`
	Grants *[]wireGrant `json:"grants,omitempty" doc:"Replaces the roles in the workspaces that you manage."`
	Profile
}

func (a *api) putUser(c *call) (answer, error) {
	ref, err := c.userRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[userChange](c)
	if err != nil {
		return answer{}, err
	}
	change := access.UserChange{Profile: body.change(c)}
	if body.Grants != nil {
		grants := grantsOf(*body.Grants)
		change.Grants = &grants
	}
	u, err := a.Access.UpdateUser(c.ctx(), c.principal, ref, change)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, userView(c, u))
}

// userAction is something to do with a user. What is misspelt must not leave keys
// in use.
type userAction struct {
	_          struct{} `additionalProperties:"false"`
	Action     string   `json:"action" enum:"disable,enable,renewLink,endSessions" doc:"renewLink makes a link with which its owner chooses a password; earlier links end."`
	RevokeKeys bool     `json:"revokeKeys,omitempty" doc:"With disable: also revokes the API keys that the person made, which go on otherwise. Needs the scope to revoke keys."`
}

func (a *api) actOnUser(c *call) (answer, error) {
	ref, err := c.userRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[userAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.RevokeKeys && body.Action != "disable" {
		err := fault.New(fault.CodeValidation, "`revokeKeys` (/revokeKeys) goes with the action disable only")
		err.Pointer = "/revokeKeys"
		return answer{}, err
	}
	var u access.User
	switch body.Action {
	case "disable":
		u, err = a.Access.DisableUser(c.ctx(), c.principal, ref, body.RevokeKeys)
	case "enable":
		u, err = a.Access.EnableUser(c.ctx(), c.principal, ref)
	case "endSessions":
		u, err = a.Access.EndUserSessions(c.ctx(), c.principal, ref)
	case "renewLink":
		var link access.Issued
		if u, link, err = a.Access.RenewLink(c.ctx(), c.principal, ref); err == nil {
			return withLink(http.StatusOK, userView(c, u), a.issued(c, u, link))
		}
	default:
		err = wrongWord("action", body.Action, "disable", "enable", "renewLink", "endSessions")
	}
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireInvited{User: userView(c, u)})
}

// wrongWord refuses a property that must be one of some words.
func wrongWord(property, value string, words ...string) error {
	err := fault.New(fault.CodeValidation, "`%s` (/%s) is %q; it must be one of %s", property, property, cutText(value, 80), strings.Join(words, ", "))
	err.Pointer = "/" + property
	return err
}

func (a *api) deleteUser(c *call) (answer, error) {
	ref, err := c.userRef()
	if err != nil {
		return answer{}, err
	}
	revoke, err := c.boolean("revokeKeys")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Access.DeleteUser(c.ctx(), c.principal, ref, revoke)
}

// wireRole is the contract's role with what it is for.
type wireRole struct {
	ID           int64             `json:"id"`
	Role         string            `json:"role" enum:"ADMIN,TECHGOV,WORKSPACE_ADMINISTRATOR,CONTROL_MANAGER,DEVOPS_ENGINEER,PEOPLE_OPS,AUDITOR,ACT_AS_READ_ONLY,EMPLOYEE"`
	Name         string            `json:"name"`
	Description  string            `json:"description"`
	PerWorkspace bool              `json:"perWorkspace" doc:"It can be held in some workspaces only."`
	Scopes       []wireScope       `json:"scopes" doc:"What it allows."`
	Permissions  *[]wirePermission `json:"permissions,omitempty" doc:"With expand[]=permissions."`
}

// wireScope is a scope in words.
type wireScope struct {
	Scope string `json:"scope"`
	Name  string `json:"name"`
	Reads bool   `json:"reads" doc:"It changes nothing."`
}

type wirePermission struct {
	ID      nothing `json:"id"`
	Action  string  `json:"action" enum:"READ,MANAGE,CREATE,UPDATE,DELETE"`
	Subject string  `json:"subject"`
}

// verbs are what the names of scopes end in, by the contract's actions.
func actionOf(s access.Scope) string {
	text := string(s)
	switch {
	case strings.Contains(text, "-get") || strings.HasPrefix(text, "get-"):
		return "READ"
	case strings.Contains(text, "-delete"):
		return "DELETE"
	case strings.Contains(text, "action") || strings.Contains(text, "reset"):
		return "MANAGE"
	case strings.Contains(text, "-post"):
		return "CREATE"
	}
	return "UPDATE"
}

func roleView(c *call, r access.RoleInfo) wireRole {
	out := wireRole{ID: r.ID, Role: string(r.Role), Name: r.Name, Description: r.Text, PerWorkspace: r.Scoped, Scopes: []wireScope{}}
	permissions := []wirePermission{}
	for _, i := range access.Scopes {
		if i.Scope == access.All || i.Scope == access.Read || !access.Grants(r.Scopes, i.Scope) {
			continue
		}
		out.Scopes = append(out.Scopes, wireScope{string(i.Scope), i.Name, i.Reads})
		subject, _, _ := strings.Cut(i.Name, ":")
		p := wirePermission{Action: actionOf(i.Scope), Subject: subject}
		if !slices.Contains(permissions, p) {
			permissions = append(permissions, p)
		}
	}
	if c.expands("permissions") {
		out.Permissions = &permissions
	}
	return out
}

func (a *api) listRoles(c *call) (answer, error) {
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	if r.After == nil {
		// Roles have no times, only an order.
		r.Ascending = c.query("sortDir") != "DESC"
	}
	p := pageOf(r, access.Roles, func(r access.RoleInfo) int64 { return r.ID })
	return reply(http.StatusOK, listOf(p, func(r access.RoleInfo) wireRole { return roleView(c, r) }))
}

// role is the role of the path: its id, or role: and its name.
func (c *call) role() (access.RoleInfo, error) {
	if name, ok := strings.CutPrefix(c.r.PathValue("roleId"), "role:"); ok {
		if r, ok := access.FindRole(access.Role(name)); ok {
			return r, nil
		}
		return access.RoleInfo{}, fault.New(fault.CodeNotFound, "there is no role %q", cutText(name, 80))
	}
	id, err := c.number("roleId")
	if err != nil {
		return access.RoleInfo{}, err
	}
	i := slices.IndexFunc(access.Roles, func(r access.RoleInfo) bool { return r.ID == id })
	if i < 0 {
		return access.RoleInfo{}, fault.New(fault.CodeNotFound, "there is no role %d", id)
	}
	return access.Roles[i], nil
}

func (a *api) getRole(c *call) (answer, error) {
	r, err := c.role()
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, roleView(c, r))
}

func (a *api) listRoleUsers(c *call) (answer, error) {
	r, err := c.role()
	if err != nil {
		return answer{}, err
	}
	return a.userList(c, access.UserFilter{Role: r.Role})
}
