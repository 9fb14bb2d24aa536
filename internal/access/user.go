package access

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// User is a person who can sign in.
type User struct {
	ID int64
	// Email is one of the organisation, in any case.
	Email     string
	FirstName string
	LastName  string
	JobTitle  string
	// Password is an argon2id hash, empty until the person chose one.
	Password string
	// NoAccount marks people that a directory made known, and nobody invited.
	NoAccount    bool
	DisabledAt   time.Time
	DeletedAt    time.Time
	LastSignInAt time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Grants       []Grant
}

// UserState is what people see of an account's life.
type UserState string

// The states. Deleted users stay in the audit trail only.
const (
	UserActive  UserState = "ACTIVE"
	UserInvited UserState = "INVITED"
	// UserNoAccount: known from a directory, never invited.
	UserNoAccount UserState = "NO_ACCOUNT"
	UserDisabled  UserState = "DISABLED"
	UserDeleted   UserState = "DELETED"
)

// UserStates lists the states of users that can be listed.
var UserStates = []UserState{UserActive, UserInvited, UserNoAccount, UserDisabled}

// State is the user's state.
func (u User) State() UserState {
	switch {
	case !u.DeletedAt.IsZero():
		return UserDeleted
	case !u.DisabledAt.IsZero():
		return UserDisabled
	case u.NoAccount:
		return UserNoAccount
	case u.Password == "":
		return UserInvited
	}
	return UserActive
}

// DisplayName is what people call the user.
func (u User) DisplayName() string {
	if name := strings.TrimSpace(u.FirstName + " " + u.LastName); name != "" {
		return name
	}
	return u.Email
}

// Roles are the roles that the user holds somewhere, in the order of [Roles].
func (u User) Roles() []Role {
	var out []Role
	for _, r := range Roles {
		if slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.Role == r.Role }) {
			out = append(out, r.Role)
		}
	}
	return out
}

// administers reports whether the user is an administrator who can sign in.
func (u User) administers() bool {
	return u.State() == UserActive && slices.Contains(u.Grants, Grant{Role: Administrator})
}

// May reports whether the user's roles grant a scope in a workspace.
func (u User) May(need Scope, workspaceID int64) bool {
	return powersOf(u.Grants).has(need, workspaceID)
}

// UserFilter narrows a list of users; zero fields do not. Texts are compared
// without regard to case.
type UserFilter struct {
	// FirstName and LastName are beginnings.
	FirstName, LastName string
	// Text is part of a name or an address.
	Text  string
	Role  Role
	State UserState
	// Within keeps those who hold a role in one of these workspaces, or
	// everywhere; nil keeps all.
	Within []int64
}

// Folded is the form of a text that is compared.
func Folded(text string) string { return strings.ToLower(norm.NFKC.String(text)) }

// Profile is what people may say of themselves; nil leaves a field as it is.
type Profile struct {
	FirstName, LastName, JobTitle *string
}

// UserStore keeps users, their sessions and links.
type UserStore interface {
	SessionStore
	// Users lists users, without deleted ones.
	Users(ctx context.Context, f UserFilter, r page.Request) (page.Page[User], error)
	// User reads one; an absent or deleted one is a NotFound.
	User(ctx context.Context, id int64) (User, error)
	// UserByEmail reads one by the folded address, NotFound like [User].
	UserByEmail(ctx context.Context, key string) (User, error)
	// UsersByID reads users, deleted ones too; those that are absent are left out.
	UsersByID(ctx context.Context, ids []int64) (map[int64]User, error)
	// AnyUser reports whether there is a user at all.
	AnyUser(ctx context.Context) (bool, error)
	// CreateUser stores a user and, if l is not nil, a link for them. A taken
	// address is a CodeDuplicateName, an unknown workspace a CodeValidation. With
	// first it is a CodeConflict if there is a user already, and the link that
	// first names is used up.
	CreateUser(ctx context.Context, u User, l *Link, first *Digest, at time.Time, e event.Event) (User, error)
	// ChangeUser stores what change makes of a user, whom nobody else changes
	// meanwhile; others is the number of other administrators who can sign in.
	// change may be called more than once.
	ChangeUser(ctx context.Context, id int64, change func(u *User, others int) (Aftermath, error)) (User, error)
}

// Aftermath is what else happens in the transaction of a change of a user.
type Aftermath struct {
	Event event.Event
	// EndSessions ends the user's sessions, all but Keep.
	EndSessions bool
	Keep        int64
	// EndLinks makes the user's links useless.
	EndLinks bool
	// KeyRevoked, if set, has the keys revoked that the user made; it is the event
	// of one.
	KeyRevoked func(id int64) event.Event
	// Link, if set, is a new link of the user.
	Link *Link
	// UseUp, if set, is a link that must be unused and in time, and is used now.
	UseUp   *Digest
	Purpose []Purpose
	// Session, if set, is a new session of the user.
	Session *NewSession
}

// Limits of an account.
const (
	maxEmail = 254
	maxNames = 191
)

// ParseEmail checks a mail address.
func ParseEmail(text string) (string, error) {
	text = strings.TrimSpace(text)
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > maxEmail || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		err := fault.New(fault.CodeValidation, "`email` (/email) must be a mail address such as ann@example.com")
		err.Pointer = "/email"
		return "", err
	}
	return text, nil
}

// Apply changes what the profile names.
func (p Profile) Apply(u *User) error {
	for _, f := range []struct {
		name string
		from *string
		to   *string
	}{{"firstName", p.FirstName, &u.FirstName}, {"lastName", p.LastName, &u.LastName}, {"jobTitle", p.JobTitle, &u.JobTitle}} {
		if f.from == nil {
			continue
		}
		text := strings.TrimSpace(*f.from)
		if utf8.RuneCountInString(text) > maxNames || strings.ContainsFunc(text, unicode.IsControl) {
			err := fault.New(fault.CodeValidation, "`%s` (/%s) may have at most %d characters, and no line breaks", f.name, f.name, maxNames)
			err.Pointer = "/" + f.name
			return err
		}
		*f.to = text
	}
	return nil
}

// Users lists the users that a principal may see.
func (s *Service) Users(ctx context.Context, p Principal, f UserFilter, r page.Request) (page.Page[User], error) {
	if reach := p.Reach(UsersGet); !reach.All {
		f.Within = reach.Workspaces
	}
	found, err := s.store.Users(ctx, f, r)
	for i := range found.Items {
		found.Items[i] = p.shown(found.Items[i], UsersGet)
	}
	return found, err
}

// shown is a user with the grants that a principal may know of.
func (p Principal) shown(u User, need Scope) User {
	reach := p.Reach(need)
	u.Grants = slices.DeleteFunc(slices.Clone(u.Grants), func(g Grant) bool { return g.WorkspaceID != 0 && !reach.Includes(g.WorkspaceID) })
	return u
}

// within reports whether a user is among those that a principal may see.
func (p Principal) within(u User, need Scope) bool {
	if p.User.ID == u.ID {
		return true
	}
	reach := p.Reach(need)
	return reach.All || slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.WorkspaceID == 0 || reach.Includes(g.WorkspaceID) })
}

// UserRef names a user by id, or by address when that is not empty.
type UserRef struct {
	ID    int64
	Email string
}

// User reads a user that a principal may see; others are absent.
func (s *Service) User(ctx context.Context, p Principal, ref UserRef) (User, error) {
	u, err := s.find(ctx, p, ref, UsersGetOne)
	return p.shown(u, UsersGetOne), err
}

func (s *Service) find(ctx context.Context, p Principal, ref UserRef, need Scope) (u User, err error) {
	var name any = ref.ID
	if ref.Email != "" {
		name = ref.Email
		u, err = s.store.UserByEmail(ctx, Folded(ref.Email))
	} else {
		u, err = s.store.User(ctx, ref.ID)
	}
	if err == nil && !p.within(u, need) || err != nil && fault.KindOf(err) == fault.NotFound {
		return User{}, fault.New(fault.CodeNotFound, "there is no user %v", name)
	}
	return u, err
}

// People reads users by their ids for lists that name them, deleted ones too.
func (s *Service) People(ctx context.Context, ids []int64) (map[int64]User, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.store.UsersByID(ctx, ids)
}

// NewUser is who is invited.
type NewUser struct {
	Email string
	Profile
	Grants []Grant
}

func userEvent(a event.Actor, at time.Time, t event.Type, text string, u User, more map[string]any) event.Event {
	metadata := map[string]any{"userId": u.ID, "email": u.Email}
	for k, v := range more {
		metadata[k] = v
	}
	return event.New(a, at, t, event.CategoryUser, text, metadata)
}

func grantTexts(grants []Grant) []map[string]any {
	out := make([]map[string]any, len(grants))
	for i, g := range grants {
		out[i] = map[string]any{"role": g.Role, "workspaceId": g.WorkspaceID}
	}
	return out
}

// UpdateProfile changes what a person says of themselves.
func (s *Service) UpdateProfile(ctx context.Context, p Principal, c Profile) (User, error) {
	return s.store.ChangeUser(ctx, p.User.ID, func(u *User, _ int) (Aftermath, error) {
		if err := c.Apply(u); err != nil {
			return Aftermath{}, err
		}
		now := s.now()
		u.UpdatedAt = now
		return Aftermath{Event: userEvent(p.Actor, now, event.UserUpdated, u.DisplayName()+" changed their own name", *u, nil)}, nil
	})
}
