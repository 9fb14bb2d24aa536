package httpapi

import (
	"net/http"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireAuth is what the sign-in page must know before anybody is signed in.
type wireAuth struct {
	SignedIn              bool `json:"signedIn" doc:"The browser has a session that is good."`
	NeedsSetUp            bool `json:"needsSetUp" doc:"There is no user yet: the server prints a link for the first one."`
	MinimumPasswordLength int  `json:"minimumPasswordLength"`
	SessionIdleHours      int  `json:"sessionIdleHours" doc:"After how long without use a session ends."`
	SessionDays           int  `json:"sessionDays" doc:"After how long a session ends in any case."`
}

func (a *api) getAuth(c *call) (answer, error) {
	needed, err := a.Access.NeedsSetUp(c.ctx())
	if err != nil {
		return answer{}, err
	}
	signedIn := false
	if token := a.sessionToken(c.r); token != "" {
		_, err := a.Access.AuthenticateSession(c.ctx(), token, false)
		if err != nil && fault.KindOf(err) != fault.Unauthorized {
			return answer{}, err
		}
		signedIn = err == nil
	}
	return reply(http.StatusOK, wireAuth{signedIn, needed, access.MinPassword, int(access.SessionIdle / time.Hour), int(access.SessionLife / (24 * time.Hour))})
}

// signInBody is one of the two: address and password, or the token of a link.
type signInBody struct {
	_        struct{} `additionalProperties:"true"`
	Email    string   `json:"email,omitempty" maxLength:"254"`
	Password string   `json:"password,omitempty" maxLength:"1024"`
	Token    string   `json:"token,omitempty" maxLength:"200" doc:"Of a one-time link to sign in, in place of address and password."`
}

type wireSignedIn struct {
	User wireMeUser `json:"user"`
}

// signedIn gives the browser its cookie.
func (a *api) signedIn(c *call, in access.SignedIn, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	ans, err := reply(http.StatusOK, wireSignedIn{meUser(in.User)})
	ans.set(setCookie, a.cookie(c.r, in.Token))
	return ans, err
}

func (a *api) signIn(c *call) (answer, error) {
	body, err := decode[signInBody](c)
	if err != nil {
		return answer{}, err
	}
	if err := a.mayHaveCookie(c.r); err != nil {
		return answer{}, err
	}
	if body.Token != "" {
		in, err := a.Access.SignInByLink(c.ctx(), body.Token, a.visitor(c))
		return a.signedIn(c, in, err)
	}
	in, err := a.Access.SignIn(c.ctx(), body.Email, body.Password, a.visitor(c))
	return a.signedIn(c, in, err)
}

// tokenBody carries the token of a link. It is never in an address, where it
// would be logged.
type tokenBody struct {
	_     struct{} `additionalProperties:"true"`
	Token string   `json:"token" maxLength:"200"`
}

type wireLink struct {
	Purpose   string   `json:"purpose" enum:"SET_UP,INVITATION,RESET,SIGN_IN"`
	Email     *string  `json:"email" doc:"Whose link it is; null for the set-up."`
	FirstName *string  `json:"firstName"`
	LastName  *string  `json:"lastName"`
	ExpiresAt wireTime `json:"expiresAt"`
}

func (a *api) lookAtLink(c *call) (answer, error) {
	body, err := decode[tokenBody](c)
	if err != nil {
		return answer{}, err
	}
	l, u, err := a.Access.LookAtLink(c.ctx(), body.Token)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireLink{Purpose: string(l.Purpose), Email: orNull(u.Email), FirstName: orNull(u.FirstName), LastName: orNull(u.LastName),
		ExpiresAt: wireTime(l.ExpiresAt)})
}

// Profile is what people say of themselves.
type Profile struct {
	FirstName *string `json:"firstName,omitempty" nullable:"true" maxLength:"191"`
	LastName  *string `json:"lastName,omitempty" nullable:"true" maxLength:"191"`
	JobTitle  *string `json:"jobTitle,omitempty" nullable:"true" maxLength:"191"`
}

func (p Profile) change(c *call) access.Profile {
	return access.Profile{FirstName: c.clearable("firstName", p.FirstName), LastName: c.clearable("lastName", p.LastName), JobTitle: c.clearable("jobTitle", p.JobTitle)}
}

type setUpBody struct {
	_        struct{} `additionalProperties:"true"`
	Token    string   `json:"token" maxLength:"200"`
	Email    string   `json:"email" maxLength:"254"`
	Password string   `json:"password" maxLength:"1024" doc:"12 characters or more; common ones are refused."`
	Profile
}

func (a *api) setUp(c *call) (answer, error) {
	body, err := decode[setUpBody](c)
	if err != nil {
		return answer{}, err
	}
	if err := a.mayHaveCookie(c.r); err != nil {
		return answer{}, err
	}
	in, err := a.Access.SetUp(c.ctx(), body.Token, access.NewUser{Email: body.Email, Profile: body.change(c)}, body.Password, a.visitor(c))
	return a.signedIn(c, in, err)
}

type acceptBody struct {
	_        struct{} `additionalProperties:"true"`
	Token    string   `json:"token" maxLength:"200" doc:"Of an invitation, or of a link to choose a new password."`
	Password string   `json:"password" maxLength:"1024" doc:"12 characters or more; common ones are refused."`
	Profile
}

func (a *api) acceptInvitation(c *call) (answer, error) {
	body, err := decode[acceptBody](c)
	if err != nil {
		return answer{}, err
	}
	if err := a.mayHaveCookie(c.r); err != nil {
		return answer{}, err
	}
	in, err := a.Access.ChoosePassword(c.ctx(), body.Token, body.Password, body.change(c), a.visitor(c))
	return a.signedIn(c, in, err)
}

type passwordBody struct {
	_               struct{} `additionalProperties:"true"`
	CurrentPassword string   `json:"currentPassword" maxLength:"1024"`
	Password        string   `json:"password" maxLength:"1024" doc:"12 characters or more; common ones are refused."`
}

func (a *api) changePassword(c *call) (answer, error) {
	body, err := decode[passwordBody](c)
	if err != nil {
		return answer{}, err
	}
	in, err := a.Access.ChangePassword(c.ctx(), c.principal, body.CurrentPassword, body.Password, a.visitor(c))
	return a.signedIn(c, in, err)
}

type signOutBody struct {
	_     struct{} `additionalProperties:"true"`
	Where string   `json:"where,omitempty" enum:"HERE,EVERYWHERE,OTHERS" doc:"HERE if absent: the browser that asks."`
}

func (a *api) signOut(c *call) (answer, error) {
	var body signOutBody
	if len(c.body) > 0 {
		var err error
		if body, err = decode[signOutBody](c); err != nil {
			return answer{}, err
		}
	}
	if body.Where == "OTHERS" {
		_, err := a.Access.SignOutOthers(c.ctx(), c.principal)
		return noContent(), err
	}
	if body.Where != "" && body.Where != "HERE" && body.Where != "EVERYWHERE" {
		return answer{}, wrongWord("where", body.Where, "HERE", "EVERYWHERE", "OTHERS")
	}
	if err := a.Access.SignOut(c.ctx(), c.principal, body.Where == "EVERYWHERE"); err != nil {
		return answer{}, err
	}
	ans := noContent()
	ans.set(setCookie, a.cookie(c.r, ""))
	return ans, nil
}

type wireWebSession struct {
	ID        int64    `json:"id"`
	Current   bool     `json:"current" doc:"The one that asks."`
	UserAgent string   `json:"userAgent"`
	Address   string   `json:"address" doc:"Where it was begun."`
	CreatedAt wireTime `json:"createdAt"`
	SeenAt    wireTime `json:"seenAt" doc:"To the minute."`
	EndsAt    wireTime `json:"endsAt" doc:"If it is not used any more."`
}

type wireWebSessions struct {
	Data []wireWebSession `json:"data"`
}

func (a *api) listWebSessions(c *call) (answer, error) {
	all, err := a.Access.WebSessions(c.ctx(), c.principal)
	if err != nil {
		return answer{}, err
	}
	out := wireWebSessions{Data: make([]wireWebSession, len(all))}
	for i, w := range all {
		out.Data[i] = wireWebSession{ID: w.ID, Current: w.ID == c.principal.Session.ID, UserAgent: w.UserAgent, Address: w.Address,
			CreatedAt: wireTime(w.CreatedAt), SeenAt: wireTime(w.SeenAt), EndsAt: wireTime(w.Ends())}
	}
	return reply(http.StatusOK, out)
}

func (a *api) endWebSession(c *call) (answer, error) {
	id, err := c.number("webSessionId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Access.EndSession(c.ctx(), c.principal, id)
}
