package access

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// How long a session of the web app lasts: without use, and at most.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 30 * 24 * time.Hour
)

const (
	tokenSize    = 32
	maxUserAgent = 300
	// maxSessions is how many sessions a person has; the oldest ends.
	maxSessions = 50
)

// WebSession is one browser in which a person is signed in. Its token is only in
// the browser; we keep the SHA-256.
type WebSession struct {
	ID        int64
	UserID    int64
	UserAgent string
	// Address is where it was begun.
	Address   string
	CreatedAt time.Time
	// SeenAt has a resolution of one minute.
	SeenAt time.Time
}

// Ends is when the session ends if it is not used any more.
func (w WebSession) Ends() time.Time {
	idle, last := w.SeenAt.Add(SessionIdle), w.CreatedAt.Add(SessionLife)
	if idle.Before(last) {
		return idle
	}
	return last
}

// NewSession is a session to be stored; more than MaxSessions end the oldest.
type NewSession struct {
	WebSession
	Digest Digest
	// Clear is the account whose failures are forgotten.
	Clear       string
	MaxSessions int
}

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

func newToken() string { return base64.RawURLEncoding.EncodeToString(random(tokenSize)) }

func newLink(p Purpose, now time.Time, life time.Duration) (string, Link) {
	token := newToken()
	return token, Link{Digest: digestOf(token), Purpose: p, CreatedAt: now, ExpiresAt: now.Add(life)}
}

func digestOf(token string) Digest { return sha256.Sum256([]byte(token)) }

// SessionStore keeps sessions, links and failures.
type SessionStore interface {
	// CreateSession stores a session of a user, who must be enabled.
	CreateSession(ctx context.Context, n NewSession, password string, e event.Event) (WebSession, error)
	// SessionByDigest reads a session with its user; an absent one is a NotFound.
	SessionByDigest(ctx context.Context, d Digest) (WebSession, User, error)
	// WebSessions lists the sessions of a user, the latest seen first.
	WebSessions(ctx context.Context, userID int64) ([]WebSession, error)
	TouchSession(ctx context.Context, id int64, at time.Time) error
	// EndSession ends a session of a user; an absent one is a NotFound.
	EndSession(ctx context.Context, userID, id int64, e event.Event) error
	// EndSessions ends the sessions of a user but one and tells how many.
	EndSessions(ctx context.Context, userID, but int64, e event.Event) (int, error)
	// PutLink stores a link that stands for itself; others of its purpose end.
	PutLink(ctx context.Context, l Link) error
	// Link reads a link that is unused and in time, else it is a NotFound.
	Link(ctx context.Context, d Digest, now time.Time) (Link, error)
	// Attempt counts an attempt to sign in for each subject, or tells until when
	// one of them must wait.
	Attempt(ctx context.Context, subjects []Subject, now time.Time) (until time.Time, err error)
	// Forgive takes back the last attempt of a subject, which was none of a guesser.
	Forgive(ctx context.Context, subject string) error
	// SweepSignIns forgets sessions that are over, links that are late and
	// failures that are old.
	SweepSignIns(ctx context.Context, seenBefore, madeBefore, now, failedBefore time.Time) error
	NoteEvent(ctx context.Context, e event.Event) error
}

// Subject is what attempts to sign in are counted for.
type Subject struct {
	Name string
	// Free is how many failures cost nothing; each one after them doubles the
	// pause, up to Longest.
	Free    int64
	Longest time.Duration
}

const (
	accountFree    = 5
	accountLongest = 5 * time.Minute
	sourceFree     = 20
	sourceLongest  = 15 * time.Minute
	firstPause     = 2 * time.Second
	// failuresKept is after how long without a failure the count begins anew.
	failuresKept = 24 * time.Hour
)

// Pause is how long a subject must wait after a number of failures.
func (s Subject) Pause(failures int64) time.Duration {
	over := failures - s.Free
	if over <= 0 {
		return 0
	}
	if over > 20 {
		return s.Longest
	}
	return min(s.Longest, time.Duration(float64(firstPause)*math.Pow(2, float64(over-1))))
}

// FailuresKept is how long failures count.
const FailuresKept = failuresKept

// account names an address in the count of failures, also one that has no user;
// its length is bounded.
func account(email string) Subject {
	sum := sha256.Sum256([]byte(Folded(strings.TrimSpace(email))))
	return Subject{"account:" + hex.EncodeToString(sum[:16]), accountFree, accountLongest}
}

// source names the address that attempts come from; one machine may use a whole
// /64 of IPv6.
func source(from netip.Addr) Subject {
	from = from.Unmap().WithZone("")
	if from.Is6() {
		from = netip.PrefixFrom(from, 64).Masked().Addr()
	}
	return Subject{"source:" + from.String(), sourceFree, sourceLongest}
}

// Visitor is who stands at the door.
type Visitor struct {
	Address   netip.Addr
	UserAgent string
	Request   string
}

// actor is a person in the audit trail.
func (u User) actor(request string) event.Actor {
	return event.Actor{Source: event.SourceApp, UserID: u.ID, Name: u.DisplayName(), Request: request}
}

// SignedIn is a session that has just begun, with its token.
type SignedIn struct {
	User    User
	Session WebSession
	Token   string
}

// wrong is the one answer to an address that is unknown, a password that is
// wrong, and an account that is disabled.
func wrong() error {
	return fault.New(fault.CodeSignIn, "the e-mail address and the password do not fit together")
}

// stale is the one answer to a link that is used, late, replaced or invented.
func stale() error {
	return fault.New(fault.CodeLink, "this link is no longer good: it was used, or is too old, or a newer one was made")
}

// attempt counts an attempt before its outcome is known, so that many at once
// are not more than the same one after the other.
func (s *Service) attempt(ctx context.Context, subjects ...Subject) error {
	now := s.now()
	until, err := s.store.Attempt(ctx, subjects, now)
	if err != nil || until.IsZero() {
		return err
	}
	wait := until.Sub(now)
	refused := fault.New(fault.CodeTooManyRequests, "too many attempts failed: try again in %s", patience(wait))
	refused.RetryAfter = wait
	return refused
}

func patience(d time.Duration) string {
	d = (d + time.Second - 1).Truncate(time.Second)
	if d < 2*time.Minute {
		return strconv.Itoa(int(d.Seconds())) + " s"
	}
	return strconv.Itoa(int(math.Ceil(d.Minutes()))) + " minutes"
}

// session makes a new session of a user; its token was never known to anybody
// before (no fixation).
func (s *Service) session(u User, v Visitor) (string, NewSession) {
	token, now := newToken(), s.now()
	agent := strings.ToValidUTF8(v.UserAgent, "")
	for utf8.RuneCountInString(agent) > maxUserAgent {
		agent = string([]rune(agent)[:maxUserAgent])
	}
	agent = strings.ReplaceAll(agent, "\x00", "")
	return token, NewSession{WebSession: WebSession{UserID: u.ID, UserAgent: agent, Address: v.Address.Unmap().String(), CreatedAt: now, SeenAt: now},
		Digest: digestOf(token), Clear: account(u.Email).Name, MaxSessions: maxSessions}
}

// SignIn begins a session with address and password. All failures answer the
// same, after the same work.
func (s *Service) SignIn(ctx context.Context, email, password string, v Visitor) (SignedIn, error) {
	if len(email) > maxEmail || len(password) > MaxPasswordBytes || !storable(email) {
		return SignedIn{}, wrong()
	}
	from := source(v.Address)
	if err := s.attempt(ctx, account(email), from); err != nil {
		return SignedIn{}, err
	}
	u, err := s.store.UserByEmail(ctx, Folded(strings.TrimSpace(email)))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return SignedIn{}, err
	}
	ok, old, err := s.hasher.matches(ctx, password, u.Password)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok || u.State() != UserActive {
		// Also for an unknown address: what is written takes time, too.
		a := event.Actor{Source: event.SourceApp, UserID: u.ID, Name: "somebody", Request: v.Request}
		e := event.New(a, s.now(), event.UserSignInFailed, event.CategoryUser, "A sign-in failed", map[string]any{"email": strings.TrimSpace(email), "address": v.Address.Unmap().String()})
		if err := s.store.NoteEvent(ctx, e); err != nil {
			return SignedIn{}, err
		}
		return SignedIn{}, wrong()
	}
	var stronger string
	if old {
		if stronger, err = s.hasher.hash(ctx, password); err != nil {
			return SignedIn{}, err
		}
	}
	in, err := s.begin(ctx, u, v, stronger)
	if err != nil {
		return SignedIn{}, err
	}
	return in, s.store.Forgive(ctx, from.Name)
}

func storable(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// begin stores a new session; stronger, if not empty, is a better hash of the
// same password.
func (s *Service) begin(ctx context.Context, u User, v Visitor, stronger string) (SignedIn, error) {
	token, n := s.session(u, v)
	w, err := s.store.CreateSession(ctx, n, stronger, userEvent(u.actor(v.Request), n.CreatedAt, event.UserSignedIn, u.DisplayName()+" signed in", u, map[string]any{"address": n.Address}))
	return SignedIn{User: u, Session: w, Token: token}, err
}

// AuthenticateSession accepts the token of a session, or answers
// [Unauthorized].
func (s *Service) AuthenticateSession(ctx context.Context, token string) (Principal, error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return Principal{}, Unauthorized()
	}
	w, u, err := s.store.SessionByDigest(ctx, digestOf(token))
	if fault.KindOf(err) == fault.NotFound {
		return Principal{}, Unauthorized()
	}
	if err != nil {
		return Principal{}, err
	}
	now := s.now()
	if u.State() != UserActive || !now.Before(w.Ends()) {
		return Principal{}, Unauthorized()
	}
	s.touch(-w.ID, now, func() error { return s.store.TouchSession(ctx, w.ID, now) })
	return Principal{User: u, Session: w, Actor: u.actor(""), powers: powersOf(u.Grants)}, nil
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

// choose checks a new password and makes its hash.
func (s *Service) choose(ctx context.Context, u User, password string) (string, error) {
	c, err := s.store.Company(ctx)
	if err != nil {
		return "", err
	}
	local, domain, _ := strings.Cut(u.Email, "@")
	host, _, _ := strings.Cut(domain, ".")
	if err := checkPassword(password, u.FirstName, u.LastName, local, host, c.Name, c.Domain); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
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
	if err := n.apply(&u); err != nil {
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
	if err := c.apply(&u); err != nil {
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
		if err := c.apply(u); err != nil {
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

// ChangePassword replaces a person's own password. All sessions end; the one it
// came from goes on under a new token.
func (s *Service) ChangePassword(ctx context.Context, p Principal, current, next string, v Visitor) (SignedIn, error) {
	if len(current) > MaxPasswordBytes {
		return SignedIn{}, wrongCurrent()
	}
	if err := s.attempt(ctx, account(p.User.Email), source(v.Address)); err != nil {
		return SignedIn{}, err
	}
	ok, _, err := s.hasher.matches(ctx, current, p.User.Password)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok {
		return SignedIn{}, wrongCurrent()
	}
	hash, err := s.choose(ctx, p.User, next)
	if err != nil {
		return SignedIn{}, err
	}
	token, n := s.session(p.User, v)
	u, err := s.store.ChangeUser(ctx, p.User.ID, func(u *User, _ int) (Aftermath, error) {
		if u.Password != p.User.Password || u.State() != UserActive {
			return Aftermath{}, fault.New(fault.CodeEditConflict, "the password was changed elsewhere at this moment: sign in again")
		}
		u.Password, u.UpdatedAt = hash, n.CreatedAt
		return Aftermath{EndSessions: true, EndLinks: true, Session: &n,
			Event: userEvent(p.Actor, n.CreatedAt, event.UserPasswordChanged, u.DisplayName()+" changed their password", *u, nil)}, nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{User: u, Session: n.WebSession, Token: token}, s.store.Forgive(ctx, source(v.Address).Name)
}

func wrongCurrent() error {
	err := fault.New(fault.CodeValidation, "the current password (/currentPassword) is not right")
	err.Pointer = "/currentPassword"
	return err
}

// WebSessions lists the sessions of a person that have not ended.
func (s *Service) WebSessions(ctx context.Context, p Principal) ([]WebSession, error) {
	all, err := s.store.WebSessions(ctx, p.User.ID)
	now := s.now()
	return slices.DeleteFunc(all, func(w WebSession) bool { return !now.Before(w.Ends()) }), err
}

// EndSession ends one session of a person.
func (s *Service) EndSession(ctx context.Context, p Principal, id int64) error {
	return s.store.EndSession(ctx, p.User.ID, id, userEvent(p.Actor, s.now(), event.UserSignedOut, p.User.DisplayName()+" ended a session", p.User, map[string]any{"sessionId": id}))
}

// SignOut ends the session of a principal, with everywhere all of the person's
// sessions, with others all but this one.
func (s *Service) SignOut(ctx context.Context, p Principal, everywhere bool) error {
	now := s.now()
	if !everywhere {
		return s.store.EndSession(ctx, p.User.ID, p.Session.ID, userEvent(p.Actor, now, event.UserSignedOut, p.User.DisplayName()+" signed out", p.User, nil))
	}
	_, err := s.store.EndSessions(ctx, p.User.ID, 0, userEvent(p.Actor, now, event.UserSessionsEnded, p.User.DisplayName()+" signed out everywhere", p.User, nil))
	return err
}

// SignOutOthers ends a person's sessions but the one that asks.
func (s *Service) SignOutOthers(ctx context.Context, p Principal) (int, error) {
	return s.store.EndSessions(ctx, p.User.ID, p.Session.ID, userEvent(p.Actor, s.now(), event.UserSessionsEnded, p.User.DisplayName()+" ended the other sessions", p.User, nil))
}
