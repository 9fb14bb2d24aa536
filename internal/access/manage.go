package access

import (
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Invite makes an account without a password, and the link with which its
// owner chooses one.
func (s *Service) Invite(ctx context.Context, p Principal, n NewUser) (User, Issued, error) {
	grants, err := NewGrants(n.Grants)
	if err != nil {
		return User{}, Issued{}, err
	}
	if err := p.manages(UsersPost, grants); err != nil {
		return User{}, Issued{}, err
	}
	return s.invite(ctx, p.Actor, n, grants)
}

// manages is nil when a principal may manage people who hold grants: it has the
// scope wherever these are, and all that they bring.
func (p Principal) manages(need Scope, grants []Grant) error {
	if len(grants) == 0 {
		return p.Require(need)
	}
	for i, g := range grants {
		if !p.HasIn(need, g.WorkspaceID) {
			if g.WorkspaceID != 0 && !p.Sees(g.WorkspaceID) {
				return UnknownWorkspace(i, g.WorkspaceID)
			}
			if g.WorkspaceID == 0 {
				return p.Require(need)
			}
			return p.RequireIn(need, g.WorkspaceID)
		}
	}
	return p.Covers(grants)
}

func (s *Service) invite(ctx context.Context, a event.Actor, n NewUser, grants []Grant) (User, Issued, error) {
	now := s.now()
	u := User{CreatedAt: now, UpdatedAt: now, Grants: grants}
	var err error
	if u.Email, err = ParseEmail(n.Email); err != nil {
		return User{}, Issued{}, err
	}
	if err := n.Apply(&u); err != nil {
		return User{}, Issued{}, err
	}
	token, link := newLink(Invitation, now, invitationLife)
	u, err = s.store.CreateUser(ctx, u, &link, nil, now, userEvent(a, now, event.UserInvited, u.DisplayName()+" was invited", u, map[string]any{"grants": grantTexts(grants)}))
	return u, Issued{Token: token, Purpose: Invitation, ExpiresAt: link.ExpiresAt}, err
}

// AddUser makes an account with a password.
func (s *Service) AddUser(ctx context.Context, p Principal, n NewUser, password string) (User, error) {
	grants, err := NewGrants(n.Grants)
	if err != nil {
		return User{}, err
	}
	if err := p.manages(UsersPost, grants); err != nil {
		return User{}, err
	}
	now := s.now()
	u := User{CreatedAt: now, UpdatedAt: now, Grants: grants}
	if u.Email, err = ParseEmail(n.Email); err != nil {
		return User{}, err
	}
	if err := n.Apply(&u); err != nil {
		return User{}, err
	}
	if u.Password, err = s.choose(ctx, u, password); err != nil {
		return User{}, err
	}
	return s.store.CreateUser(ctx, u, nil, nil, now, userEvent(p.Actor, now, event.UserCreated, "The account of "+u.DisplayName()+" was created", u,
		map[string]any{"grants": grantTexts(grants)}))
}

// UserChange is what may change of a user; nil leaves it.
type UserChange struct {
	Profile
	// Grants replace those within the reach of who changes them.
	Grants *[]Grant
}

// UpdateUser changes names and roles of a user.
func (s *Service) UpdateUser(ctx context.Context, p Principal, ref UserRef, c UserChange) (User, error) {
	var wanted []Grant
	var err error
	if c.Grants != nil {
		if wanted, err = NewGrants(*c.Grants); err != nil {
			return User{}, err
		}
	}
	found, err := s.find(ctx, p, ref, UsersGetOne)
	if err != nil {
		return User{}, err
	}
	u, err := s.store.ChangeUser(ctx, found.ID, func(u *User, others int) (Aftermath, error) {
		was := *u
		out := Aftermath{}
		if c.Profile != (Profile{}) {
			if err := p.manages(UsersPut, u.Grants); err != nil {
				return out, err
			}
			if err := c.Apply(u); err != nil {
				return out, err
			}
		}
		if c.Grants != nil {
			if u.Grants, err = p.regrant(u.Grants, wanted); err != nil {
				return out, err
			}
		}
		if was.administers() && !u.administers() && others == 0 {
			return out, lastAdministrator("loses the role")
		}
		now := s.now()
		u.UpdatedAt = now
		out.Event = userEvent(p.Actor, now, event.UserUpdated, "The account of "+u.DisplayName()+" was changed", *u,
			map[string]any{"grants": grantTexts(u.Grants), "grantsBefore": grantTexts(was.Grants)})
		return out, nil
	})
	return p.shown(u, UsersGetOne), err
}

// regrant replaces the grants that are within the reach of a principal by those
// that are wanted. What is given or taken must be its own to give.
func (p Principal) regrant(have, wanted []Grant) ([]Grant, error) {
	reach := p.Reach(UsersPut)
	var out, changed []Grant
	concerned := reach.All
	for _, g := range have {
		within := reach.All || g.WorkspaceID != 0 && reach.Includes(g.WorkspaceID)
		concerned = concerned || within
		switch {
		case slices.Contains(wanted, g):
		case !within:
			out = append(out, g)
		default:
			changed = append(changed, g)
		}
	}
	for _, g := range wanted {
		if !slices.Contains(have, g) {
			changed = append(changed, g)
		}
		out = append(out, g)
	}
	switch {
	case len(changed) > 0:
		if err := p.manages(UsersPut, changed); err != nil {
			return nil, err
		}
	case !concerned:
		return nil, p.Require(UsersPut)
	}
	return NewGrants(out)
}

func lastAdministrator(what string) error {
	return fault.New(fault.CodeConflict, "this is the last administrator: make another one before this one %s", what)
}

// oversees is nil when a principal may act on an account as a whole.
func (p Principal) oversees(need Scope, u User) error {
	if err := p.manages(need, u.Grants); err != nil {
		if fault.KindOf(err) != fault.Forbidden {
			return p.Require(need)
		}
		return err
	}
	return nil
}

// change acts on an account as a whole.
func (s *Service) change(ctx context.Context, p Principal, ref UserRef, need Scope, act func(u *User, others int, now time.Time) (Aftermath, error)) (User, error) {
	found, err := s.find(ctx, p, ref, UsersGetOne)
	if err != nil {
		return User{}, err
	}
	u, err := s.store.ChangeUser(ctx, found.ID, func(u *User, others int) (Aftermath, error) {
		if err := p.oversees(need, *u); err != nil {
			return Aftermath{}, err
		}
		now := s.now()
		u.UpdatedAt = now
		return act(u, others, now)
	})
	return p.shown(u, UsersGetOne), err
}

// keysToo is what has the keys of somebody revoked, nil if that is not wanted.
func (s *Service) keysToo(p Principal, wanted bool) (func(int64) event.Event, error) {
	if !wanted {
		return nil, nil
	}
	return keyRevoked(p.Actor, s.now()), p.Require(KeysDelete)
}

// DisableUser keeps a person out: sessions and links end at once. The keys that
// they made are the organisation's and go on, unless they are to be revoked.
func (s *Service) DisableUser(ctx context.Context, p Principal, ref UserRef, revokeKeys bool) (User, error) {
	revoked, err := s.keysToo(p, revokeKeys)
	if err != nil {
		return User{}, err
	}
	return s.change(ctx, p, ref, UsersPut, func(u *User, others int, now time.Time) (Aftermath, error) {
		if u.administers() && others == 0 {
			return Aftermath{}, lastAdministrator("is disabled")
		}
		if u.DisabledAt.IsZero() {
			u.DisabledAt = now
		}
		return Aftermath{EndSessions: true, EndLinks: true, KeyRevoked: revoked, Event: userEvent(p.Actor, now, event.UserDisabled, "The account of "+u.DisplayName()+" was disabled", *u, nil)}, nil
	})
}

// EnableUser lets a person in again.
func (s *Service) EnableUser(ctx context.Context, p Principal, ref UserRef) (User, error) {
	return s.change(ctx, p, ref, UsersPut, func(u *User, _ int, now time.Time) (Aftermath, error) {
		u.DisabledAt = time.Time{}
		return Aftermath{Event: userEvent(p.Actor, now, event.UserEnabled, "The account of "+u.DisplayName()+" was enabled", *u, nil)}, nil
	})
}

// DeleteUser ends an account for good; the audit trail keeps its name. Keys are
// as in [Service.DisableUser].
func (s *Service) DeleteUser(ctx context.Context, p Principal, ref UserRef, revokeKeys bool) error {
	revoked, err := s.keysToo(p, revokeKeys)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, p, ref, UsersDelete, func(u *User, others int, now time.Time) (Aftermath, error) {
		if u.administers() && others == 0 {
			return Aftermath{}, lastAdministrator("is deleted")
		}
		u.DeletedAt, u.Password, u.Grants = now, "", nil
		return Aftermath{EndSessions: true, EndLinks: true, KeyRevoked: revoked, Event: userEvent(p.Actor, now, event.UserDeleted, "The account of "+u.DisplayName()+" was deleted", *u, nil)}, nil
	})
	return err
}

// EndUserSessions signs a person out everywhere.
func (s *Service) EndUserSessions(ctx context.Context, p Principal, ref UserRef) (User, error) {
	return s.change(ctx, p, ref, UsersPut, func(u *User, _ int, now time.Time) (Aftermath, error) {
		return Aftermath{EndSessions: true, Event: userEvent(p.Actor, now, event.UserSessionsEnded, u.DisplayName()+" was signed out everywhere", *u, nil)}, nil
	})
}

// RenewLink makes a new link with which a person chooses a password: the
// invitation of somebody who has none, else a reset. Links made before end. A
// disabled account gets none.
func (s *Service) RenewLink(ctx context.Context, p Principal, ref UserRef) (User, Issued, error) {
	var out Issued
	u, err := s.change(ctx, p, ref, UsersPut, func(u *User, _ int, now time.Time) (Aftermath, error) {
		if !u.DisabledAt.IsZero() {
			return Aftermath{}, fault.New(fault.CodeConflict, "this account is disabled: enable it before its owner gets a link")
		}
		purpose, life := Reset, resetLife
		if u.Password == "" {
			purpose, life = Invitation, invitationLife
			u.NoAccount = false
		}
		token, link := newLink(purpose, now, life)
		out = Issued{Token: token, Purpose: purpose, ExpiresAt: link.ExpiresAt}
		return Aftermath{EndLinks: true, Link: &link, Event: userEvent(p.Actor, now, event.UserLinkCreated, "A link to choose a password was made for "+u.DisplayName(), *u,
			map[string]any{"purpose": purpose, "expiresAt": link.ExpiresAt})}, nil
	})
	return u, out, err
}
