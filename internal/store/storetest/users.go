package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunUsers proves what must hold when several people, or nodes, act at once.
func RunUsers(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*suite)
	}{
		{"first user", firstUser},
		{"addresses", addresses},
		{"links are used once", linksOnce},
		{"the last administrator", lastAdministrators},
		{"attempts at once", attemptsAtOnce},
		{"attempts over time", attemptsOverTime},
		{"sessions", webSessions},
		{"reach", reaches},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(&suite{t, await.Context(t), open(t, clock.Now), clock})
		})
	}
}

func (x *suite) newUser(email string, grants ...access.Grant) access.User {
	return access.User{Email: email, Password: "hash", Grants: grants, CreatedAt: x.clock.Now(), UpdatedAt: x.clock.Now()}
}

func (x *suite) createUser(email string, grants ...access.Grant) access.User {
	x.t.Helper()
	u, err := x.s.CreateUser(x.ctx, x.newUser(email, grants...), nil, nil, x.clock.Now(), x.event(event.UserCreated))
	x.must(err)
	return u
}

// atOnce runs n functions side by side and counts those without an error.
func atOnce(n int, do func(i int) error) int {
	var all sync.WaitGroup
	var fine atomic.Int64
	for i := range n {
		all.Go(func() {
			if do(i) == nil {
				fine.Add(1)
			}
		})
	}
	all.Wait()
	return int(fine.Load())
}

func digest(text string) access.Digest { return sha256.Sum256([]byte(text)) }

func firstUser(x *suite) {
	any, err := x.s.AnyUser(x.ctx)
	x.must(err)
	equal(x, "any user", any, false)
	link := access.Link{Digest: digest("a"), Purpose: access.SetUp, CreatedAt: x.clock.Now(), ExpiresAt: x.clock.Now().Add(time.Hour)}
	x.must(x.s.PutLink(x.ctx, link))
	d := link.Digest
	n := atOnce(8, func(i int) error {
		_, err := x.s.CreateUser(x.ctx, x.newUser(fmt.Sprintf("u%d@example.com", i), access.Grant{Role: access.Administrator}), nil, &d, x.clock.Now(), x.event(event.UserCreated))
		return err
	})
	equal(x, "first users", n, 1)
	_, err = x.s.Link(x.ctx, d, x.clock.Now())
	equal(x, "the link", fault.KindOf(err), fault.NotFound)
}

func addresses(x *suite) {
	x.createUser("Ann@Example.com")
	_, err := x.s.CreateUser(x.ctx, x.newUser("ann@example.COM"), nil, nil, x.clock.Now(), x.event(event.UserCreated))
	equal(x, "taken", fault.CodeOf(err), fault.CodeDuplicateName)
	u, err := x.s.UserByEmail(x.ctx, access.Folded("ANN@EXAMPLE.COM"))
	x.must(err)
	equal(x, "as written", u.Email, "Ann@Example.com")
	_, err = x.s.CreateUser(x.ctx, x.newUser("b@example.com", access.Grant{Role: access.Auditor, WorkspaceID: 99}), nil, nil, x.clock.Now(), x.event(event.UserCreated))
	equal(x, "unknown workspace", fault.CodeOf(err), fault.CodeValidation)
	_, err = x.s.UserByEmail(x.ctx, "b@example.com")
	equal(x, "nothing is half done", fault.KindOf(err), fault.NotFound)
	n := atOnce(6, func(int) error {
		_, err := x.s.CreateUser(x.ctx, x.newUser("c@example.com"), nil, nil, x.clock.Now(), x.event(event.UserCreated))
		return err
	})
	equal(x, "same address at once", n, 1)
	_, err = x.s.ChangeUser(x.ctx, u.ID, func(u *access.User, _ int) (access.Aftermath, error) {
		u.DeletedAt = x.clock.Now()
		return access.Aftermath{EndSessions: true, EndLinks: true, Event: x.event(event.UserCreated)}, nil
	})
	x.must(err)
	x.createUser("ann@example.com")
	gone, err := x.s.UsersByID(x.ctx, []int64{u.ID, 99})
	x.must(err)
	equal(x, "a deleted user's name", gone[u.ID].Email, "Ann@Example.com")
	equal(x, "users", len(gone), 1)
}

func linksOnce(x *suite) {
	link := access.Link{Digest: digest("a"), Purpose: access.Invitation, CreatedAt: x.clock.Now(), ExpiresAt: x.clock.Now().Add(time.Hour)}
	u, err := x.s.CreateUser(x.ctx, x.newUser("a@example.com"), &link, nil, x.clock.Now(), x.event(event.UserCreated))
	x.must(err)
	use := func(d access.Digest, p access.Purpose) error {
		_, err := x.s.ChangeUser(x.ctx, u.ID, func(*access.User, int) (access.Aftermath, error) {
			return access.Aftermath{UseUp: &d, Purpose: []access.Purpose{p}, Event: x.event(event.UserCreated)}, nil
		})
		return err
	}
	equal(x, "another purpose", fault.KindOf(use(link.Digest, access.OneSignIn)), fault.NotFound)
	equal(x, "uses at once", atOnce(8, func(int) error { return use(link.Digest, access.Invitation) }), 1)
	late := access.Link{Digest: digest("b"), Purpose: access.Reset, CreatedAt: x.clock.Now(), ExpiresAt: x.clock.Now().Add(time.Hour)}
	_, err = x.s.ChangeUser(x.ctx, u.ID, func(*access.User, int) (access.Aftermath, error) {
		return access.Aftermath{Link: &late, Event: x.event(event.UserCreated)}, nil
	})
	x.must(err)
	x.clock.Advance(time.Hour)
	equal(x, "late", fault.KindOf(use(late.Digest, access.Reset)), fault.NotFound)
	x.must(x.s.SweepSignIns(x.ctx, x.clock.Now(), x.clock.Now(), x.clock.Now().Add(time.Minute), x.clock.Now()))
	_, err = x.s.Link(x.ctx, late.Digest, x.clock.Now().Add(-2*time.Hour))
	equal(x, "swept", fault.KindOf(err), fault.NotFound)
}

var errLast = errors.New("the last one")

// lastAdministrators: all are disabled at the same moment, and one is left.
func lastAdministrators(x *suite) {
	var ids []int64
	for i := range 6 {
		ids = append(ids, x.createUser(fmt.Sprintf("u%d@example.com", i), access.Grant{Role: access.Administrator}).ID)
	}
	n := atOnce(len(ids), func(i int) error {
		_, err := x.s.ChangeUser(x.ctx, ids[i], func(u *access.User, others int) (access.Aftermath, error) {
			if others == 0 {
				return access.Aftermath{}, errLast
			}
			u.DisabledAt = x.clock.Now()
			return access.Aftermath{Event: x.event(event.UserCreated)}, nil
		})
		return err
	})
	equal(x, "disabled", n, len(ids)-1)
	p, err := x.s.Users(x.ctx, access.UserFilter{State: access.UserActive, Role: access.Administrator}, page.Request{})
	x.must(err)
	equal(x, "left", len(p.Items), 1)
}

func attemptsAtOnce(x *suite) {
	account := access.Subject{Name: "account:a", Free: 5, Longest: time.Minute}
	n := atOnce(30, func(i int) error {
		until, err := x.s.Attempt(x.ctx, []access.Subject{account, {Name: fmt.Sprintf("source:%d", i%3), Free: 100, Longest: time.Minute}}, x.clock.Now())
		if err == nil && !until.IsZero() {
			return errLast
		}
		return err
	})
	equal(x, "attempts that were let through", n, 6)
}

func attemptsOverTime(x *suite) {
	account := access.Subject{Name: "account:a", Free: 2, Longest: 10 * time.Second}
	attempt := func(want time.Duration) {
		x.t.Helper()
		until, err := x.s.Attempt(x.ctx, []access.Subject{account}, x.clock.Now())
		x.must(err)
		wait := time.Duration(0)
		if !until.IsZero() {
			wait = until.Sub(x.clock.Now())
		}
		equal(x, "the wait", wait, want)
	}
	for _, pause := range []time.Duration{0, 0, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second, 10 * time.Second} {
		attempt(0)
		if pause > 0 {
			attempt(pause)
		}
		x.clock.Advance(pause)
	}
	// A success takes one attempt back, a day without a failure all.
	x.must(x.s.Forgive(x.ctx, account.Name))
	x.must(x.s.Forgive(x.ctx, "account:unknown"))
	attempt(0)
	attempt(10 * time.Second)
	x.clock.Advance(access.FailuresKept + time.Second)
	attempt(0)
	attempt(0)
	x.must(x.s.SweepSignIns(x.ctx, x.clock.Now(), x.clock.Now(), x.clock.Now(), x.clock.Now().Add(time.Second)))
	attempt(0)
	attempt(0)
}

func webSessions(x *suite) {
	u, other := x.createUser("a@example.com", access.Grant{Role: access.Auditor, WorkspaceID: 1}), x.createUser("b@example.com")
	begin := func(id int64, token string) access.WebSession {
		x.t.Helper()
		w, err := x.s.CreateSession(x.ctx, access.NewSession{WebSession: access.WebSession{UserID: id, UserAgent: "t", Address: "::1", CreatedAt: x.clock.Now(), SeenAt: x.clock.Now()},
			Digest: digest(token), MaxSessions: 3}, "", x.event(event.UserCreated))
		x.must(err)
		return w
	}
	first := begin(u.ID, "1")
	found, owner, err := x.s.SessionByDigest(x.ctx, digest("1"))
	x.must(err)
	equal(x, "session", found, first)
	equal(x, "grants", owner.Grants[0], access.Grant{Role: access.Auditor, WorkspaceID: 1})
	equal(x, "last sign-in", owner.LastSignInAt, x.clock.Now())
	for i := range 3 {
		x.clock.Advance(time.Minute)
		begin(u.ID, fmt.Sprint("more", i))
	}
	list, err := x.s.WebSessions(x.ctx, u.ID)
	x.must(err)
	equal(x, "sessions", len(list), 3)
	_, _, err = x.s.SessionByDigest(x.ctx, digest("1"))
	equal(x, "the oldest ends", fault.KindOf(err), fault.NotFound)
	equal(x, "of another", fault.KindOf(x.s.EndSession(x.ctx, other.ID, list[0].ID, x.event(event.UserCreated))), fault.NotFound)
	x.clock.Advance(time.Minute)
	x.must(x.s.TouchSession(x.ctx, list[2].ID, x.clock.Now()))
	x.must(x.s.SweepSignIns(x.ctx, x.clock.Now(), x.clock.Now().Add(-time.Hour), x.clock.Now(), x.clock.Now()))
	left, err := x.s.WebSessions(x.ctx, u.ID)
	x.must(err)
	equal(x, "left", len(left), 1)
	n, err := x.s.EndSessions(x.ctx, u.ID, 0, x.event(event.UserCreated))
	x.must(err)
	equal(x, "ended", n, 1)
	// A disabled user gets no session, however the two meet.
	_, err = x.s.ChangeUser(x.ctx, u.ID, func(u *access.User, _ int) (access.Aftermath, error) {
		u.DisabledAt = x.clock.Now()
		return access.Aftermath{EndSessions: true, Event: x.event(event.UserCreated)}, nil
	})
	x.must(err)
	_, err = x.s.CreateSession(x.ctx, access.NewSession{WebSession: access.WebSession{UserID: u.ID, CreatedAt: x.clock.Now()}, Digest: digest("z"), MaxSessions: 3}, "", x.event(event.UserCreated))
	equal(x, "disabled", fault.KindOf(err), fault.Unauthorized)
}

func reaches(x *suite) {
	second, err := x.s.CreateWorkspace(x.ctx, access.Workspace{Name: "Second", CreatedAt: x.clock.Now(), UpdatedAt: x.clock.Now()}, 2, x.event(event.UserCreated))
	x.must(err)
	_, err = x.s.CreateWorkspace(x.ctx, access.Workspace{Name: "Third", CreatedAt: x.clock.Now(), UpdatedAt: x.clock.Now()}, 2, x.event(event.UserCreated))
	equal(x, "the limit", fault.KindOf(err), fault.Conflict)
	a := x.createUser("a@example.com", access.Grant{Role: access.Auditor, WorkspaceID: second.ID})
	x.createUser("b@example.com", access.Grant{Role: access.Auditor, WorkspaceID: 1})
	b := x.createUser("c@example.com", access.Grant{Role: access.Administrator})
	x.createUser("d@example.com")
	p, err := x.s.Users(x.ctx, access.UserFilter{Within: []int64{second.ID}}, page.Request{Ascending: true, WantTotal: true})
	x.must(err)
	equal(x, "within reach", fmt.Sprint(p.Items[0].ID, p.Items[1].ID, len(p.Items), *p.Total), fmt.Sprint(a.ID, b.ID, 2, 2))
	p, err = x.s.Users(x.ctx, access.UserFilter{Within: []int64{}}, page.Request{})
	x.must(err)
	equal(x, "within nothing", len(p.Items), 1)
	e := x.event(event.UserCreated)
	e.WorkspaceID = second.ID
	x.must(x.s.NoteEvent(x.ctx, e))
	list, err := x.s.Events(x.ctx, event.Filter{Within: []int64{second.ID}}, page.Request{})
	x.must(err)
	equal(x, "events", len(list.Items), 2)
	_, err = x.s.Event(x.ctx, e.ID, []int64{1})
	equal(x, "an event elsewhere", fault.KindOf(err), fault.NotFound)
	_, err = x.s.Event(x.ctx, e.ID, []int64{second.ID})
	x.must(err)
}
