package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/app"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

const (
	patience  = 10 * time.Second
	maxAnswer = 1 << 20
	// offBy is from how far on the clock of the server is worth a word, farOff from
	// how far on it is a problem: keys end, and data is stale, by the server's clock.
	offBy, farOff = time.Minute, 10 * time.Minute
)

// visit asks a server.
type visit struct {
	env  command.Env
	base string
	key  string
	http *http.Client
}

// examine looks at the server at an address.
func examine(ctx context.Context, env command.Env, address, key string, scopes []string) []app.Finding {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return []app.Finding{{Name: "address", Level: app.Problem, Message: fmt.Sprintf("The address %q is not that of a server: it must look like https://plumbline.example.com.", address)}}
	}
	v := &visit{env: env, base: strings.TrimSuffix(strings.TrimRight(u.Scheme+"://"+u.Host+u.Path, "/"), "/public/v2"), key: key, http: &http.Client{
		Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	reply, err := v.get(ctx, "/healthz", "")
	if err != nil {
		return []app.Finding{{Name: "address", Level: app.Problem, Message: unreachable(v.base, u, err)}}
	}
	var health struct{ Status, Version string }
	switch {
	case reply.status/100 == 3:
		return []app.Finding{{Name: "address", Level: app.Problem, Message: "The server at " + v.base + " sends on to " + reply.leads + ": give that address with --url."}}
	case json.Unmarshal(reply.text, &health) != nil || health.Version == "" || reply.status != http.StatusOK:
		return []app.Finding{{Name: "address", Level: app.Problem, Message: fmt.Sprintf("Something answers at %s (status %d), but it is not Plumbline: check the address and, if there is one, the proxy in front.", v.base, reply.status)}}
	}
	out := []app.Finding{{Name: "address", Level: app.Fine, Message: "Plumbline " + health.Version + " answers at " + v.base + "."}}
	if f, ok := v.clock(reply.date); ok {
		out = append(out, f)
	}
	if ready, err := v.get(ctx, "/readyz", ""); err != nil || ready.status != http.StatusOK {
		out = append(out, app.Finding{Name: "ready", Level: app.Problem, Message: "The server runs, but its database does not answer: its log says why."})
	}
	return append(out, v.mayDo(ctx, scopes)...)
}

// answer is what came of a request.
type answer struct {
	status int
	date   string
	// leads is where a redirect leads, without what is private of an address.
	leads string
	text  []byte
}

func (v *visit) get(ctx context.Context, path, key string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("User-Agent", "plumbline/"+v.env.Version)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	reply, err := v.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = reply.Body.Close() }()
	out := answer{status: reply.StatusCode, date: reply.Header.Get("Date"), leads: "another address"}
	if u, err := reply.Location(); err == nil {
		out.leads = u.Scheme + "://" + u.Host
	}
	out.text, err = io.ReadAll(io.LimitReader(reply.Body, maxAnswer))
	return out, err
}

// unreachable says in words why nobody answers.
func unreachable(base string, u *url.URL, err error) string {
	var name *net.DNSError
	var op *net.OpError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &name):
		return "The name " + u.Hostname() + " cannot be resolved: check --url, one letter is enough."
	case errors.As(err, &host):
		return "The certificate of " + base + " is for another name: use the name that it is for."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "The certificate of " + base + " has ended, or is not valid yet: renew it, or correct the clock of this machine."
	case errors.As(err, &authority), errors.As(err, &invalid):
		return "This machine does not trust the certificate of " + base + ": install the certificate of its authority here."
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "The server at " + base + " speaks no TLS: use http:// in the address."
	case errors.As(err, &timeout) && timeout.Timeout():
		return "Nobody answers at " + base + " in time: a firewall may be in the way."
	case errors.As(err, &op) && op.Op == "dial":
		return "Nobody answers at " + base + ": is the server running there (plumbline serve), and is its port open?"
	}
	return "The server at " + base + " does not answer as a web server does: check the port in --url."
}

// clock compares the clock of the server with that of this machine.
func (v *visit) clock(date string) (app.Finding, bool) {
	at, err := http.ParseTime(date)
	if err != nil {
		return app.Finding{}, false
	}
	off := v.env.Now().Sub(at).Round(time.Second)
	way := "behind"
	if off < 0 {
		off, way = -off, "ahead of"
	}
	switch {
	case off >= farOff:
		return app.Finding{Name: "clock", Level: app.Problem, Message: fmt.Sprintf("The clock of the server is %s %s that of this machine: one of them is wrong. Keys end, and data is stale, by the server's.", off, way)}, true
	case off >= offBy:
		return app.Finding{Name: "clock", Level: app.Warning, Message: fmt.Sprintf("The clock of the server is %s %s that of this machine.", off, way)}, true
	}
	return app.Finding{Name: "clock", Level: app.Fine, Message: "The clocks of the server and of this machine agree."}, true
}

// mayDo asks who the key is and what it may do.
func (v *visit) mayDo(ctx context.Context, scopes []string) []app.Finding {
	if v.key == "" {
		return []app.Finding{{Name: "key", Level: app.Note, Message: "No API key was given (--key or PLUMBLINE_API_KEY), so what it may do was not looked at."}}
	}
	if strings.ContainsFunc(v.key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return []app.Finding{{Name: "key", Level: app.Problem, Message: "The API key has a space, a line break or another character that no key has: copy it again."}}
	}
	reply, err := v.get(ctx, "/public/v2/me", v.key)
	var me struct {
		Key    struct{ Name string }
		Scopes []string
		// Message is that of a refusal.
		Message string
	}
	switch {
	case err != nil:
		return []app.Finding{{Name: "key", Level: app.Problem, Message: "The server broke off when it was asked about the key."}}
	case reply.status == http.StatusUnauthorized:
		return []app.Finding{{Name: "key", Level: app.Problem, Message: "The server does not accept the API key: it is wrong, revoked, over, or not allowed from this address. plumbline keys list, on the server, shows which."}}
	case json.Unmarshal(reply.text, &me) != nil || reply.status != http.StatusOK:
		return []app.Finding{{Name: "key", Level: app.Problem, Message: strings.TrimSpace(fmt.Sprintf("The server did not say what the key may do (status %d). %s", reply.status, me.Message))}}
	}
	out := []app.Finding{{Name: "key", Level: app.Fine, Message: fmt.Sprintf("The server accepts the API key “%s”, which has %s.", me.Key.Name, counted(len(me.Scopes), "scope"))}}
	missing := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return slices.Contains(me.Scopes, s) })
	switch {
	case len(missing) > 0:
		out = append(out, app.Finding{Name: "scopes", Level: app.Problem, Message: "The key lacks " + strings.Join(missing, ", ") + ": create one with these scopes, and give it in place of this one."})
	case len(scopes) > 0:
		out = append(out, app.Finding{Name: "scopes", Level: app.Fine, Message: "The key has every scope that was asked for."})
	}
	return out
}
