package app

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/config"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Users is the use of accounts by somebody who can reach the database.
type Users struct {
	access *access.Service
	// base is the address of the web app, empty if it is not known.
	base  string
	close func() error
}

// User is an account as people see it.
type User struct {
	ID        int64
	Email     string
	FirstName string
	LastName  string
	State     string
	// Roles are such as ADMIN, or AUDITOR@2 for one that is held in workspace 2.
	Roles     []string
	CreatedAt time.Time
	// LastSignInAt is zero for never.
	LastSignInAt time.Time
}

// NewUser is what may be chosen of an account.
type NewUser struct {
	Email, FirstName, LastName string
	// Roles are names of roles, held in Workspaces, or everywhere without any.
	Roles      []string
	Workspaces []int64
}

// UserLink is a one-time link; it is shown this once.
type UserLink struct {
	// URL is only the path where the address of the web app is not known.
	URL       string
	Purpose   string
	ExpiresAt time.Time
}

// OpenUsers opens the database beside a server that may be running. Only with
// fresh it may make a database where there is none.
func OpenUsers(ctx context.Context, c config.Config, now func() time.Time, fresh bool) (*Users, error) {
	if err := present(c, fresh); err != nil {
		return nil, err
	}
	st, err := openStore(ctx, c, slog.New(slog.DiscardHandler), now)
	if err != nil {
		return nil, err
	}
	return &Users{access.NewService(st, now), c.PublicURL, st.Close}, nil
}

// Users is the use of the accounts of this server.
func (a *App) Users() *Users {
	base := a.config.PublicURL
	if base == "" {
		base = a.URL()
	}
	return &Users{a.access, base, func() error { return nil }}
}

// Close gives the database back.
func (u *Users) Close() error { return u.close() }

var userOperator = access.Operator(event.Actor{Source: event.SourceApp, Name: "command line", Request: "plumbline users"})

// Roles are the names of the roles that there are.
func Roles() []string { return access.RoleNames() }

func (n NewUser) made() access.NewUser {
	out := access.NewUser{Email: n.Email, Profile: access.Profile{FirstName: &n.FirstName, LastName: &n.LastName}}
	for _, r := range n.Roles {
		if len(n.Workspaces) == 0 {
			out.Grants = append(out.Grants, access.Grant{Role: access.Role(r)})
		}
		for _, w := range n.Workspaces {
			out.Grants = append(out.Grants, access.Grant{Role: access.Role(r), WorkspaceID: w})
		}
	}
	return out
}

// Check reports why nobody can hold these roles, nil if they can.
func (n NewUser) Check() error {
	_, err := access.NewGrants(n.made().Grants)
	return err
}

// Create makes an account with a password.
func (u *Users) Create(ctx context.Context, n NewUser, password string) (User, error) {
	made, err := u.access.AddUser(ctx, userOperator, n.made(), password)
	return describe(made), err
}

// Invite makes an account and the link with which its owner chooses a password.
func (u *Users) Invite(ctx context.Context, n NewUser) (User, UserLink, error) {
	made, link, err := u.access.Invite(ctx, userOperator, n.made())
	return describe(made), u.link(link), err
}

// SetUpLink makes the link that creates the first administrator.
func (u *Users) SetUpLink(ctx context.Context) (UserLink, error) {
	link, err := u.access.SetUpLink(ctx)
	return u.link(link), err
}

// NeedsSetUp reports whether there is no user yet.
func (u *Users) NeedsSetUp(ctx context.Context) (bool, error) { return u.access.NeedsSetUp(ctx) }

// SignInLink makes a link that signs a user in once.
func (u *Users) SignInLink(ctx context.Context, email string) (UserLink, error) {
	link, err := u.access.OneSignInLink(ctx, userOperator, access.UserRef{Email: email})
	return u.link(link), err
}

// Reset makes a link with which a user chooses a new password.
func (u *Users) Reset(ctx context.Context, email string) (User, UserLink, error) {
	found, link, err := u.access.RenewLink(ctx, userOperator, access.UserRef{Email: email})
	return describe(found), u.link(link), err
}

// Disable keeps a user out.
func (u *Users) Disable(ctx context.Context, email string) (User, error) {
	found, err := u.access.DisableUser(ctx, userOperator, access.UserRef{Email: email}, false)
	return describe(found), err
}

// Enable lets a user in again.
func (u *Users) Enable(ctx context.Context, email string) (User, error) {
	found, err := u.access.EnableUser(ctx, userOperator, access.UserRef{Email: email})
	return describe(found), err
}

// List lists all users, the newest first.
func (u *Users) List(ctx context.Context) ([]User, error) {
	all := []User{}
	r := page.Request{Size: page.MaxSize}
	for {
		p, err := u.access.Users(ctx, userOperator, access.UserFilter{}, r)
		if err != nil {
			return nil, err
		}
		for _, one := range p.Items {
			all = append(all, describe(one))
		}
		if p.Next == "" {
			return all, nil
		}
		if r, err = r.WithCursor(p.Next); err != nil {
			return nil, err
		}
	}
}

func (u *Users) link(l access.Issued) UserLink {
	if l.Token == "" {
		return UserLink{}
	}
	return UserLink{URL: strings.TrimSuffix(u.base, "/") + l.Path(), Purpose: string(l.Purpose), ExpiresAt: l.ExpiresAt}
}

func describe(u access.User) User {
	out := User{ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, State: string(u.State()), CreatedAt: u.CreatedAt, LastSignInAt: u.LastSignInAt, Roles: []string{}}
	for _, g := range u.Grants {
		name := string(g.Role)
		if g.WorkspaceID != 0 {
			name += "@" + strconv.FormatInt(g.WorkspaceID, 10)
		}
		out.Roles = append(out.Roles, name)
	}
	return out
}

// IsConflict reports whether an error is of an object that is not in a state
// that allows what was asked for.
func IsConflict(err error) bool { return fault.KindOf(err) == fault.Conflict }
