package access

import (
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Purpose says what a one-time link is for.
type Purpose string

// The purposes.
const (
	SetUp      Purpose = "SET_UP"
	Invitation Purpose = "INVITATION"
	Reset      Purpose = "RESET"
	OneSignIn  Purpose = "SIGN_IN"
)

const (
	setUpLife      = 24 * time.Hour
	invitationLife = 7 * 24 * time.Hour
	resetLife      = 24 * time.Hour
	oneSignInLife  = time.Hour
)

// Link is a one-time link as it is stored.
type Link struct {
	Digest    Digest
	Purpose   Purpose
	UserID    int64
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Issued is a one-time link as it is shown, once.
type Issued struct {
	Token     string
	Purpose   Purpose
	ExpiresAt time.Time
}

// pages are where the web app takes the links of a purpose.
var pages = map[Purpose]string{SetUp: "/set-up", Invitation: "/invitation", Reset: "/invitation", OneSignIn: "/sign-in"}

// Path is the link without its host. The token is in the fragment, which no
// browser sends and no server logs.
func (i Issued) Path() string { return pages[i.Purpose] + "#token=" + i.Token }

func newLink(p Purpose, now time.Time, life time.Duration) (string, Link) {
	token := newToken()
	return token, Link{Digest: digestOf(token), Purpose: p, CreatedAt: now, ExpiresAt: now.Add(life)}
}

// stale is the one answer to a link that is used, late, replaced or invented.
func stale() error {
	return fault.New(fault.CodeLink, "this link is no longer good: it was used, or is too old, or a newer one was made")
}

// OneSignInLink makes a link that signs a user in once.
func (s *Service) OneSignInLink(ctx context.Context, p Principal, ref UserRef) (Issued, error) {
	var out Issued
	_, err := s.change(ctx, p, ref, UsersPut, func(u *User, _ int, now time.Time) (Aftermath, error) {
		if u.State() != UserActive {
			return Aftermath{}, fault.New(fault.CodeConflict, "nobody can sign in with this account now")
		}
		token, link := newLink(OneSignIn, now, oneSignInLife)
		out = Issued{Token: token, Purpose: OneSignIn, ExpiresAt: link.ExpiresAt}
		return Aftermath{Link: &link, Event: userEvent(p.Actor, now, event.UserLinkCreated, "A link to sign in was made for "+u.DisplayName(), *u,
			map[string]any{"purpose": OneSignIn, "expiresAt": link.ExpiresAt})}, nil
	})
	return out, err
}

// NeedsSetUp reports whether there is no user yet.
func (s *Service) NeedsSetUp(ctx context.Context) (bool, error) {
	any, err := s.store.AnyUser(ctx)
	return !any, err
}

// SetUpLink makes the link that creates the first administrator; those made
// before end. With a user in the database it is a CodeConflict.
func (s *Service) SetUpLink(ctx context.Context) (Issued, error) {
	needed, err := s.NeedsSetUp(ctx)
	if err != nil {
		return Issued{}, err
	}
	if !needed {
		return Issued{}, fault.New(fault.CodeConflict, "there are users already: an administrator invites others, or use `plumbline users reset`")
	}
	token, link := newLink(SetUp, s.now(), setUpLife)
	return Issued{Token: token, Purpose: SetUp, ExpiresAt: link.ExpiresAt}, s.store.PutLink(ctx, link)
}

// link reads a link that must be for one of some purposes.
func (s *Service) link(ctx context.Context, token string, purposes ...Purpose) (Link, error) {
	if len(token) > 200 {
		return Link{}, stale()
	}
	l, err := s.store.Link(ctx, digestOf(token), s.now())
	if fault.KindOf(err) == fault.NotFound || err == nil && !slices.Contains(purposes, l.Purpose) {
		return Link{}, stale()
	}
	return l, err
}

// LookAtLink tells what a link is for, and whose it is (the zero user for the
// set-up).
func (s *Service) LookAtLink(ctx context.Context, token string) (Link, User, error) {
	l, err := s.link(ctx, token, SetUp, Invitation, Reset, OneSignIn)
	if err != nil || l.UserID == 0 {
		return l, User{}, err
	}
	u, err := s.store.User(ctx, l.UserID)
	if fault.KindOf(err) == fault.NotFound {
		return l, u, stale()
	}
	return l, u, err
}

// SetUp creates the first administrator with the set-up link and signs them in.
func (s *Service) SetUp(ctx context.Context, token string, n NewUser, password string, v Visitor) (SignedIn, error) {
	l, err := s.link(ctx, token, SetUp)
	if err != nil {
		return SignedIn{}, err
	}
	now := s.now()
	u := User{CreatedAt: now, UpdatedAt: now, Grants: []Grant{{Role: Administrator}}}
	if u.Email, err = ParseEmail(n.Email); err != nil {
		return SignedIn{}, err
	}
	if err := n.Apply(&u); err != nil {
		return SignedIn{}, err
	}
	if u.Password, err = s.choose(ctx, u, password); err != nil {
		return SignedIn{}, err
	}
	e := userEvent(event.Actor{Source: event.SourceApp, Name: u.DisplayName(), Request: v.Request}, now, event.UserCreated,
		u.DisplayName()+" set up this installation and is its first administrator", u, nil)
	if u, err = s.store.CreateUser(ctx, u, nil, &l.Digest, now, e); fault.KindOf(err) == fault.NotFound {
		return SignedIn{}, stale()
	}
	if err != nil {
		return SignedIn{}, err
	}
	return s.begin(ctx, u, v, "")
}

// ChoosePassword uses an invitation or a reset link: the person chooses a
// password and is signed in; all other sessions end.
func (s *Service) ChoosePassword(ctx context.Context, token, password string, c Profile, v Visitor) (SignedIn, error) {
	l, u, err := s.LookAtLink(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	if l.Purpose != Invitation && l.Purpose != Reset || !u.DisabledAt.IsZero() {
		return SignedIn{}, stale()
	}
	if err := c.Apply(&u); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.choose(ctx, u, password)
	if err != nil {
		return SignedIn{}, err
	}
	token, n := s.session(u, v)
	u, err = s.store.ChangeUser(ctx, l.UserID, func(u *User, _ int) (Aftermath, error) {
		if !u.DisabledAt.IsZero() {
			return Aftermath{}, stale()
		}
		if err := c.Apply(u); err != nil {
			return Aftermath{}, err
		}
		u.Password, u.UpdatedAt, u.LastSignInAt = hash, n.CreatedAt, n.CreatedAt
		text := " chose a new password by a link"
		if l.Purpose == Invitation {
			text = " accepted the invitation"
		}
		return Aftermath{UseUp: &l.Digest, Purpose: []Purpose{l.Purpose}, EndLinks: true, EndSessions: true, Session: &n,
			Event: userEvent(u.actor(v.Request), n.CreatedAt, event.UserPasswordChanged, u.DisplayName()+text, *u, nil)}, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return SignedIn{}, stale()
	}
	return SignedIn{User: u, Session: n.WebSession, Token: token}, err
}

// SignInByLink uses a one-time sign-in link.
func (s *Service) SignInByLink(ctx context.Context, token string, v Visitor) (SignedIn, error) {
	l, u, err := s.LookAtLink(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	if l.Purpose != OneSignIn || u.State() != UserActive {
		return SignedIn{}, stale()
	}
	secret, n := s.session(u, v)
	u, err = s.store.ChangeUser(ctx, l.UserID, func(u *User, _ int) (Aftermath, error) {
		if u.State() != UserActive {
			return Aftermath{}, stale()
		}
		u.LastSignInAt = n.CreatedAt
		return Aftermath{UseUp: &l.Digest, Purpose: []Purpose{OneSignIn}, Session: &n,
			Event: userEvent(u.actor(v.Request), n.CreatedAt, event.UserSignedIn, u.DisplayName()+" signed in by a link", *u, nil)}, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return SignedIn{}, stale()
	}
	return SignedIn{User: u, Session: n.WebSession, Token: secret}, err
}
