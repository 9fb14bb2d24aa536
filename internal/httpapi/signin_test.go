package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/httpapi"
)

const (
	strong = "violet tractor 9 sings"
	other  = "nine otters ride a tram"
)

var operator = access.Operator(event.System(event.SourceApp))

// browser is where somebody is signed in, or not yet.
type browser struct {
	s      *server
	cookie string
	addr   string
}

// newBrowser is one at an address that nobody else comes from.
func (s *server) newBrowser() *browser {
	s.browsers++
	return &browser{s: s, addr: fmt.Sprintf("10.%d.%d.1", s.browsers/250, s.browsers%250)}
}

const ownHost = "127.0.0.1:8080"

func host(h string) option { return func(r *http.Request) { r.Host = h } }

// ask is what a page of the server has the browser do.
func (b *browser) ask(t testing.TB, method, path, body string, options ...option) got {
	t.Helper()
	first := []option{without("Authorization"), host(ownHost), from(b.addr), with("Sec-Fetch-Site", "same-origin"), with("User-Agent", "Test/1.0")}
	if b.cookie != "" {
		first = append(first, with("Cookie", b.cookie))
	}
	g := b.s.call(t, method, path, body, append(first, options...)...)
	if set := g.header.Get("Set-Cookie"); set != "" {
		b.cookie, _, _ = strings.Cut(set, ";")
	}
	return g
}

func (b *browser) signIn(t testing.TB, email, password string) got {
	t.Helper()
	return b.ask(t, "POST", "/auth/sign-in", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
}

// user makes a user who can sign in, and tells the address.
func (s *server) user(t testing.TB, grants ...access.Grant) access.User {
	t.Helper()
	s.names++
	n := access.NewUser{Email: fmt.Sprintf("person%d@example.com", s.names), Grants: grants}
	u, err := s.access.AddUser(t.Context(), operator, n, strong)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// as signs a new user in.
func (s *server) signedIn(t testing.TB, grants ...access.Grant) (*browser, access.User) {
	t.Helper()
	u, b := s.user(t, grants...), s.newBrowser()
	b.signIn(t, u.Email, strong).is(200)
	return b, u
}

func everywhere(r access.Role) access.Grant { return access.Grant{Role: r} }

// setUpCase is the first: it makes the first user.
func setUpCase(t *testing.T, s *server) {
	b := s.newBrowser()
	b.ask(t, "GET", "/auth", "").is(200).has(map[string]any{"needsSetUp": true, "minimumPasswordLength": 12})
	old, err := s.access.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	link, err := s.access.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(link.Path(), "/set-up#token=") || strings.Contains(s.log.String(), link.Token) {
		t.Errorf("the link is %s", link.Path())
	}
	form := func(token, email, password string) string {
		return fmt.Sprintf(`{"token":%q,"email":%q,"password":%q,"firstName":"Ada","lastName":"First"}`, token, email, password)
	}
	b.ask(t, "POST", "/auth/links", fmt.Sprintf(`{"token":%q}`, link.Token)).is(200).has(map[string]any{"purpose": "SET_UP", "email": nil})
	b.ask(t, "POST", "/auth/set-up", form(old.Token, "ada@example.com", strong)).refused(401, 40102, "link")
	b.ask(t, "POST", "/auth/set-up", form(link.Token+"x", "ada@example.com", strong)).refused(401, 40102, "link")
	b.ask(t, "POST", "/auth/set-up", form(link.Token, "ada@example.com", "password1234")).refused(400, 40001, "first that others would try").has(map[string]any{"pointer": "/password"})
	b.ask(t, "POST", "/auth/set-up", form(link.Token, "ada@example.com", "Ada First 2026!")).refused(400, 40001, "your name")
	b.ask(t, "POST", "/auth/set-up", form(link.Token, "ada", strong)).refused(400, 40001, "email").has(map[string]any{"pointer": "/email"})
	b.ask(t, "POST", "/auth/set-up", form(link.Token, "ada@example.com", strong), with("Sec-Fetch-Site", "cross-site")).refused(403, 40302, "page of this server")
	b.ask(t, "POST", "/auth/set-up", form(link.Token, "ada@example.com", strong), host("plumbline.test")).refused(403, 40303, "https://")
	b.ask(t, "POST", "/auth/set-up", form(link.Token, "Ada@Example.com", strong)).is(200).has(map[string]any{"user.email": "Ada@Example.com", "user.roles.0": "ADMIN"})
	b.ask(t, "GET", "/me", "").is(200).has(map[string]any{"kind": "user", "user.displayName": "Ada First", "key": absent, "grants.0": absent, "workspaces.0.id": 1})
	b.ask(t, "POST", "/auth/set-up", form(link.Token, "eve@example.com", strong)).refused(401, 40102, "link")
	if _, err := s.access.SetUpLink(t.Context()); err == nil {
		t.Error("a set-up link with a user there")
	}
	b.ask(t, "GET", "/auth", "").is(200).has(map[string]any{"needsSetUp": false, "signedIn": true})
	s.newBrowser().ask(t, "GET", "/auth", "").is(200).has(map[string]any{"signedIn": false})
	s.newBrowser().signIn(t, "ADA@example.COM", strong).is(200)
}

func signInCase(t *testing.T, s *server) {
	u := s.user(t, everywhere(access.Auditor))
	gone := s.user(t)
	if _, err := s.access.DisableUser(t.Context(), operator, access.UserRef{ID: gone.ID}, false); err != nil {
		t.Fatal(err)
	}
	invited, _, err := s.access.Invite(t.Context(), operator, access.NewUser{Email: s.name("i") + "@example.com"})
	if err == nil {
		t.Fatal("an address with a blank was taken")
	}
	invited, link, err := s.access.Invite(t.Context(), operator, access.NewUser{Email: "invited@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	// One answer to all that is wrong, with one body.
	var bodies [][]byte
	for _, c := range [][2]string{{u.Email, other}, {"nobody@example.com", strong}, {gone.Email, strong}, {invited.Email, strong}, {u.Email, ""}, {"", strong},
		{u.Email, strings.Repeat("x", 1024)}, {u.Email, strings.Repeat("x", 1025)}, {strings.Repeat("x", 300), strong}, {u.Email, strong + " "}} {
		g := s.newBrowser().signIn(t, c[0], c[1]).refused(401, 40101, "do not fit")
		bodies = append(bodies, g.body)
		if g.header.Get("Set-Cookie") != "" {
			t.Errorf("%v: a cookie for %.50q", g.header, c)
		}
	}
	if len(slices.CompactFunc(bodies, bytes.Equal)) != 1 {
		t.Errorf("answers differ: %q", bodies)
	}
	b := s.newBrowser()
	g := b.signIn(t, strings.ToUpper(u.Email), strong).is(200)
	set := g.header.Get("Set-Cookie")
	for _, part := range []string{"plumbline-8080=", "; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age=2592000"} {
		if !strings.Contains(set, part) {
			t.Errorf("%q has no %q", set, part)
		}
	}
	if strings.Contains(set, "Secure") || strings.Contains(set, "Domain") {
		t.Errorf("%q", set)
	}
	// The token is not in the log, and neither are password and address.
	_, token, _ := strings.Cut(b.cookie, "=")
	for _, secret := range []string{token, strong, link.Token} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	// A session that was there before sign-in, chosen by somebody else, is not
	// taken over (fixation), and a new sign-in gets a new token.
	victim := s.newBrowser()
	victim.cookie = "plumbline-8080=" + strings.Repeat("A", 43)
	planted := victim.cookie
	victim.signIn(t, u.Email, strong).is(200)
	if victim.cookie == planted || victim.cookie == b.cookie {
		t.Error("the token was not new")
	}
	thief := s.newBrowser()
	thief.cookie = planted
	thief.ask(t, "GET", "/me", "").refused(401, 26430, "Unauthorized")
	for _, bad := range []string{"plumbline=" + token, "plumbline-9090=" + token, "__Host-plumbline=" + token, "plumbline-8080=" + token + "x", "plumbline-8080=", "plumbline-8080=\"" + token} {
		thief.cookie = bad
		thief.ask(t, "GET", "/me", "").refused(401, 26430, "Unauthorized")
	}
	// Who has a key and a cookie is the key.
	b.ask(t, "GET", "/me", "", as(s.key)).is(200).has(map[string]any{"kind": "key"})
	b.ask(t, "GET", "/me", "", as("nonsense")).refused(401, 26430, "Unauthorized")
	b.ask(t, "POST", "/auth/sign-in", `{"email":`).refused(400, 40002, "")
	// A key is nobody.
	for path, body := range map[string]string{"/auth/password": `{"currentPassword":"x","password":"y"}`, "/auth/sign-out": `{}`} {
		s.call(t, "POST", path, body).refused(403, 40301, "people who are signed in")
	}
	s.call(t, "GET", "/auth/sessions", "").is(403)
	s.call(t, "PUT", "/me", `{"firstName":"x"}`).is(403)
	got := s.call(t, "GET", fmt.Sprintf("/events?userId=%d&type=USER_SIGNED_IN&expand[]=user&expand[]=metadata", u.ID), "").is(200)
	got.has(map[string]any{"data.0.source": "APP", "data.0.user.email": u.Email, "data.0.user.displayName": u.Email, "data.0.keyId": nil, "data.0.requestDescription": "POST /public/v2/auth/sign-in"})
	s.call(t, "GET", "/events?type=USER_SIGN_IN_FAILED&size=1&expand[]=metadata", "").is(200).has(map[string]any{"data.0.category": "USER"})
}

func backOffCase(t *testing.T, s *server) {
	u := s.user(t)
	// The account waits wherever the attempts come from, an unknown one as well.
	for _, email := range []string{u.Email, "unknown@example.com"} {
		for range 6 {
			s.newBrowser().signIn(t, email, other).refused(401, 40101, "")
		}
		blocked := s.newBrowser().signIn(t, email, strong).refused(429, 42901, "try again in")
		if n := blocked.header.Get("Retry-After"); n != "2" {
			t.Errorf("Retry-After is %q", n)
		}
	}
	s.clock.advance(3 * time.Second)
	s.newBrowser().signIn(t, u.Email, other).refused(401, 40101, "")
	if n := s.newBrowser().signIn(t, u.Email, strong).refused(429, 42901, "").header.Get("Retry-After"); n != "4" {
		t.Errorf("Retry-After is %q", n)
	}
	// However often it fails, it is over after five minutes, and a success ends it.
	for range 12 {
		s.clock.advance(6 * time.Minute)
		s.newBrowser().signIn(t, u.Email, other).refused(401, 40101, "")
	}
	s.clock.advance(5*time.Minute + time.Second)
	b := s.newBrowser()
	b.signIn(t, u.Email, strong).is(200)
	s.newBrowser().signIn(t, u.Email, other).refused(401, 40101, "")
	s.newBrowser().signIn(t, u.Email, strong).is(200)
	// A source that tries many accounts waits, too; others do not.
	spray := s.newBrowser()
	for i := range 21 {
		spray.signIn(t, fmt.Sprintf("spray%d@example.com", i), other).refused(401, 40101, "")
	}
	spray.signIn(t, u.Email, strong).refused(429, 42901, "")
	s.newBrowser().signIn(t, u.Email, strong).is(200)
	// The current password cannot be guessed in a session that was taken over.
	change := func() got {
		return b.ask(t, "POST", "/auth/password", fmt.Sprintf(`{"currentPassword":"wrong","password":%q}`, other))
	}
	for range 6 {
		change().refused(400, 40001, "current password").has(map[string]any{"pointer": "/currentPassword"})
	}
	change().refused(429, 42901, "")
	s.clock.advance(time.Hour)
}

func crossOriginCase(t *testing.T, s *server) {
	b, _ := s.signedIn(t, everywhere(access.Administrator))
	body := `{"name":"Acme"}`
	put := func(options ...option) got {
		return b.ask(t, "PUT", "/company", body, append([]option{without("Sec-Fetch-Site")}, options...)...)
	}
	for name, o := range map[string]option{"no header": without("Origin"), "another origin": with("Origin", "https://evil.test"), "null": with("Origin", "null"),
		"another port": with("Origin", "http://127.0.0.1:9090"), "the host in a path": with("Origin", "https://evil.test/127.0.0.1:8080"),
		"cross-site": with("Sec-Fetch-Site", "cross-site"), "same-site": with("Sec-Fetch-Site", "same-site"), "odd": with("Sec-Fetch-Site", "x")} {
		t.Run(name, func(t *testing.T) { put(o).refused(403, 40302, "page of this server") })
	}
	put(with("Origin", "http://"+ownHost)).is(200).has(map[string]any{"name": "Acme"})
	put(with("Sec-Fetch-Site", "none")).is(200)
	put(with("Sec-Fetch-Site", "same-origin"), with("Origin", "https://evil.test")).is(200)
	b.ask(t, "GET", "/company", "", with("Sec-Fetch-Site", "cross-site")).is(200)
	b.ask(t, "DELETE", "/auth/sessions/1", "", with("Sec-Fetch-Site", "cross-site")).refused(403, 40302, "")
	// Keys are not sent by browsers on their own.
	s.call(t, "PUT", "/company", `{"name":"My organisation"}`, with("Origin", "https://evil.test"), with("Sec-Fetch-Site", "cross-site")).is(200)
	s.newBrowser().ask(t, "POST", "/auth/sign-in", `{}`, with("Sec-Fetch-Site", "cross-site")).refused(403, 40302, "")
	g := b.ask(t, "GET", "/me", "", with("Origin", "https://evil.test")).is(200)
	for name := range g.header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("a header %s", name)
		}
	}
}

func webSessionsCase(t *testing.T, s *server) {
	b, u := s.signedIn(t, everywhere(access.Auditor))
	second := s.newBrowser()
	second.signIn(t, u.Email, strong).is(200)
	stranger, _ := s.signedIn(t)
	list := b.ask(t, "GET", "/auth/sessions", "").is(200)
	if list.length("data") != 2 {
		t.Fatalf("%s", list.body)
	}
	current, theirs := 0, ""
	for i := range 2 {
		if list.at(fmt.Sprintf("data.%d.current", i)) == true {
			current++
			continue
		}
		theirs = list.text(fmt.Sprintf("data.%d.id", i))
		list.has(map[string]any{fmt.Sprintf("data.%d.userAgent", i): "Test/1.0", fmt.Sprintf("data.%d.address", i): second.addr})
	}
	if current != 1 {
		t.Errorf("%d current sessions", current)
	}
	stranger.ask(t, "DELETE", "/auth/sessions/"+theirs, "").refused(404, 40401, "")
	b.ask(t, "DELETE", "/auth/sessions/"+theirs, "").is(204)
	b.ask(t, "DELETE", "/auth/sessions/"+theirs, "").is(404)
	second.ask(t, "GET", "/me", "").refused(401, 26430, "Unauthorized")
	second.signIn(t, u.Email, strong).is(200)
	b.ask(t, "POST", "/auth/sign-out", `{"where":"OTHERS"}`).is(204)
	second.ask(t, "GET", "/me", "").is(401)
	second.signIn(t, u.Email, strong).is(200)
	b.ask(t, "POST", "/auth/sign-out", `{"where":"THERE"}`).refused(400, 40001, "EVERYWHERE")

	// A new password ends all sessions; this one goes on under a new token.
	was := b.cookie
	b.ask(t, "POST", "/auth/password", fmt.Sprintf(`{"currentPassword":%q,"password":"short"}`, strong)).refused(400, 40001, "12 characters").has(map[string]any{"pointer": "/password"})
	b.ask(t, "POST", "/auth/password", fmt.Sprintf(`{"currentPassword":%q,"password":%q}`, strong, other), with("Idempotency-Key", "change")).is(200)
	if b.cookie == was {
		t.Error("the token is the old one")
	}
	b.ask(t, "GET", "/me", "").is(200)
	if again := b.ask(t, "POST", "/auth/password", fmt.Sprintf(`{"currentPassword":%q,"password":%q}`, strong, other), with("Idempotency-Key", "change")).is(200); again.header.Get("Set-Cookie") != "" {
		t.Error("an idempotency key kept a session")
	}
	thief := &browser{s: s, cookie: was, addr: b.addr}
	thief.ask(t, "GET", "/me", "").is(401)
	second.ask(t, "GET", "/me", "").is(401)
	s.newBrowser().signIn(t, u.Email, strong).is(401)
	second.signIn(t, u.Email, other).is(200)

	// Twelve hours without use end a session, thirty days any.
	for range 3 {
		s.clock.advance(11 * time.Hour)
		b.ask(t, "GET", "/me", "").is(200)
	}
	second.ask(t, "GET", "/me", "").is(401)
	for range 62 {
		s.clock.advance(11 * time.Hour)
		b.ask(t, "GET", "/me", "").is(200)
	}
	s.clock.advance(11 * time.Hour)
	b.ask(t, "GET", "/me", "").is(401)
	if err := s.access.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}

	// Sign-out ends it here, or everywhere, on the server.
	b.signIn(t, u.Email, other).is(200)
	second.signIn(t, u.Email, other).is(200)
	kept := b.cookie
	if g := b.ask(t, "POST", "/auth/sign-out", "").is(204); !strings.Contains(g.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%v", g.header)
	}
	b.cookie = kept
	b.ask(t, "GET", "/me", "").is(401)
	second.ask(t, "GET", "/me", "").is(200)
	b.signIn(t, u.Email, other).is(200)
	b.ask(t, "POST", "/auth/sign-out", `{"where":"EVERYWHERE"}`).is(204)
	second.ask(t, "GET", "/me", "").is(401)

	b.signIn(t, u.Email, other).is(200)
	b.ask(t, "PUT", "/me", `{"firstName":"Grace","lastName":"Moss","jobTitle":"Auditor"}`).is(200).has(map[string]any{"user.displayName": "Grace Moss", "user.jobTitle": "Auditor"})
	b.ask(t, "PUT", "/me", `{"jobTitle":null,"email":"else@example.com"}`).is(200).has(map[string]any{"user.jobTitle": nil, "user.email": u.Email})
	b.ask(t, "PUT", "/me", `{"firstName":"a\r\nSet-Cookie: x"}`).refused(400, 40001, "line breaks").has(map[string]any{"pointer": "/firstName"})
}

// The name and flags of the cookie follow how the browser came.
func TestCookieByConnection(t *testing.T) {
	s := newServer(t, sqlite, func(o *httpapi.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.9/32")}
	})
	public := newServer(t, sqlite, func(o *httpapi.Options) { o.PublicURL = "https://plumbline.example.com" })
	for _, c := range []struct {
		name   string
		on     *server
		o      []option
		cookie string
	}{
		{"this machine", s, []option{host("localhost:8080")}, "plumbline-8080"},
		{"this machine, IPv6", s, []option{host("[::1]:8080")}, "plumbline-8080"},
		{"this machine, no port", s, []option{host("127.0.0.1")}, "plumbline"},
		{"a proxy over HTTPS", s, []option{host("app.test"), from("192.0.2.9"), with("X-Forwarded-Proto", "https")}, "__Host-plumbline"},
		{"a proxy over HTTP", s, []option{host("app.test"), from("192.0.2.9"), with("X-Forwarded-Proto", "http")}, ""},
		{"somebody who says so", s, []option{host("app.test"), with("X-Forwarded-Proto", "https")}, ""},
		{"another machine over HTTP", s, []option{host("10.0.0.1:8080")}, ""},
		{"a name like this machine", s, []option{host("localhost.evil.test")}, ""},
		{"the public address", public, []option{host("plumbline.example.com")}, "__Host-plumbline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := c.on.user(t)
			g := c.on.newBrowser().ask(t, "POST", "/auth/sign-in", fmt.Sprintf(`{"email":%q,"password":%q}`, u.Email, strong), c.o...)
			if c.cookie == "" {
				g.refused(403, 40303, "https://")
				return
			}
			set := g.is(200).header.Get("Set-Cookie")
			if name, _, _ := strings.Cut(set, "="); name != c.cookie || strings.Contains(set, "; Secure") != strings.HasPrefix(c.cookie, "__Host-") {
				t.Errorf("%q", set)
			}
		})
	}
}

// Sessions have a rate limit of their own, which an invented cookie does not
// give.
func TestRateLimitOfSessions(t *testing.T) {
	s := newServer(t, sqlite, func(o *httpapi.Options) { o.RateLimit = 10 })
	s.clock.hurry(time.Microsecond)
	b, _ := s.signedIn(t)
	shared := from("10.9.9.9")
	b.ask(t, "GET", "/me", "", shared).is(200)
	for range 40 {
		b.ask(t, "GET", "/me", "", shared).is(200)
	}
	b.ask(t, "GET", "/me", "", shared).refused(429, 42901, "this browser")
	fake := s.newBrowser()
	fake.cookie = "plumbline-8080=" + strings.Repeat("A", 43)
	for range 9 {
		fake.ask(t, "GET", "/me", "", shared).is(401)
	}
	fake.ask(t, "GET", "/me", "", shared).refused(429, 42901, "your address")
}
