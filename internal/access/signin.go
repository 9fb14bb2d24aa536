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

func newToken() string { return base64.RawURLEncoding.EncodeToString(random(tokenSize)) }

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
// [Unauthorized]. used says that this is a use of it.
func (s *Service) AuthenticateSession(ctx context.Context, token string, used bool) (Principal, error) {
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
	if used {
		s.touch(-w.ID, now, func() error { return s.store.TouchSession(ctx, w.ID, now) })
	}
	return Principal{User: u, Session: w, Actor: u.actor(""), powers: powersOf(u.Grants)}, nil
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
