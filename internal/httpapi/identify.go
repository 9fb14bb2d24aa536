package httpapi

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

const (
	setCookie = "Set-Cookie"
	// plainCookie holds the session over HTTP on this machine, with the port,
	// because browsers keep the cookies of all ports together; safeCookie over
	// HTTPS, where browsers let nobody else set it.
	plainCookie = "plumbline"
	safeCookie  = "__Host-plumbline"
)

// identify finds out who asks: an API key wins over the cookie of a session. A
// request that a page of another site has a browser send is refused.
func (a *api) identify(c *call) (p access.Principal, err error) {
	r := c.r
	switch key := bearer(r); {
	case c.route.scope == anyone:
		err = a.sameSite(r, false)
	case key != "":
		p, err = a.Access.Authenticate(r.Context(), key, c.trace.from)
		c.trace.keyID = p.Key.ID
	default:
		token := a.sessionToken(r)
		if token == "" {
			return p, access.Unauthorized()
		}
		if err := a.sameSite(r, true); err != nil {
			return p, err
		}
		p, err = a.Access.AuthenticateSession(r.Context(), token, !c.again)
		c.trace.userID = p.User.ID
		a.visits.note(token, err == nil, a.Now())
	}
	p.Actor.Request = r.Method + " " + cutText(r.URL.EscapedPath(), 500)
	return p, err
}

// authorise decides from the route's line whether the caller may do it.
func (a *api) authorise(c *call, p access.Principal) error {
	need := c.route.scope
	if p.Key.Reports() {
		return c.reports(p.Key)
	}
	switch need {
	case anyKey, anyone:
		return nil
	case person:
		if !p.IsPerson() {
			return fault.New(fault.CodeForbidden, "this is for people who are signed in; an API key has neither a password nor sessions")
		}
		return nil
	}
	switch {
	case strings.Contains(c.route.path, "{workspaceId}"):
		id, err := c.number("workspaceId")
		if err != nil {
			// The workspace of a number that none can have is out of reach of all.
			return cmp.Or(p.RequireSomewhere(need), err)
		}
		return p.RequireIn(need, id)
	case strings.Contains(c.route.path, "{connectionId}") && !p.Has(need) && p.IsPerson():
		if err := p.RequireSomewhere(need); err != nil {
			return err
		}
		id, err := c.number("connectionId")
		if err != nil {
			return err
		}
		found, err := a.Connections.Get(c.ctx(), id)
		if err != nil {
			return err
		}
		return p.RequireShared(need, found.WorkspaceIDs, fault.New(fault.CodeNotFound, "there is no connection %d", id))
	case narrowed[c.route.id]:
		return p.RequireSomewhere(need)
	}
	return p.Require(need)
}

// reports refuses all that a key for reporting devices is not for. Whether what
// it asks for exists is not told.
func (c *call) reports(k access.Key) error {
	if forReports[c.route.id] {
		if id, err := c.number("connectionId"); err == nil && slices.Contains(k.Connections, id) {
			return nil
		}
	}
	ids := make([]string, len(k.Connections))
	for i, id := range k.Connections {
		ids[i] = strconv.FormatInt(id, 10)
	}
	return fault.New(fault.CodeForbidden, "this API key has the scope `%s`: it reports devices to connection %s, and may do nothing else",
		access.DevicesReport, strings.Join(ids, ", "))
}

// reachable are the workspaces in which the caller may do what the route is for:
// nil for all of them.
func (c *call) reachable() []int64 {
	reach := c.principal.Reach(c.route.scope)
	if reach.All {
		return nil
	}
	return append([]int64{}, reach.Workspaces...)
}

// sameSite refuses what a page of another site has a browser do. strict is for
// requests with a cookie: a browser then says where they come from.
func (a *api) sameSite(r *http.Request, strict bool) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return nil
	}
	if strict && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" || a.crossOrigin.Check(r) != nil {
		return fault.New(fault.CodeCrossOrigin, "this request does not come from a page of this server, so the sign-in does not count for it: programs use an API key")
	}
	return nil
}

// safe reports whether nobody can read along: the browser speaks HTTPS, with us
// or with a proxy in front.
func (a *api) safe(r *http.Request) bool {
	if r.TLS != nil || strings.HasPrefix(a.PublicURL, "https://") && !loopback(r.Host) {
		return true
	}
	return trusts(a.TrustedProxies, addrOf(r.RemoteAddr)) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// loopback reports whether a Host header names this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// cookieName is the name of the session's cookie in a browser that asks so.
func (a *api) cookieName(r *http.Request) string {
	if a.safe(r) {
		return safeCookie
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil && strings.Trim(port, "0123456789") == "" {
		return plainCookie + "-" + port
	}
	return plainCookie
}

func (a *api) sessionToken(r *http.Request) string {
	cookie, err := r.Cookie(a.cookieName(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// mayHaveCookie refuses to begin a session that others could read along.
func (a *api) mayHaveCookie(r *http.Request) error {
	if a.safe(r) || loopback(r.Host) {
		return nil
	}
	return fault.New(fault.CodeInsecure, "a password would go over the line readable for others: open this server by https:// (--tls-cert and --tls-key, or a proxy with --trusted-proxies and --public-url)")
}

// cookie is the Set-Cookie header for a token; an empty one takes the cookie
// away.
func (a *api) cookie(r *http.Request, token string) string {
	cookie := http.Cookie{Name: a.cookieName(r), Value: token, Path: "/", HttpOnly: true, Secure: a.safe(r), SameSite: http.SameSiteStrictMode,
		MaxAge: int(access.SessionLife / time.Second)}
	if token == "" {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

func (a *api) visitor(c *call) access.Visitor {
	return access.Visitor{Address: c.trace.from, UserAgent: c.r.UserAgent(), Request: c.r.Method + " " + c.r.URL.EscapedPath()}
}

// newCrossOrigin lets in requests of the server's own pages.
func newCrossOrigin(publicURL string) *http.CrossOriginProtection {
	out := http.NewCrossOriginProtection()
	if u, err := url.Parse(publicURL); err == nil && u.Host != "" {
		// A proxy may show us another host than the browser.
		_ = out.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	return out
}
