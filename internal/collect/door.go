package collect

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
)

// door lets requests in: it gives them the credentials, and gets tokens.
type door struct {
	h *httpRun
	a *auth

	mu    sync.Mutex
	token string
	until time.Time
	// inHeader says how the client names itself to get a token.
	inHeader bool
	account  serviceAccount
}

const (
	// tokenLife is that of a token that does not say, tokenMargin how long
	// before its end it is renewed.
	tokenLife   = 5 * time.Minute
	tokenMargin = 30 * time.Second
)

func (h *httpRun) newDoor() (*door, error) {
	d := &door{h: h, a: h.source.auth, inHeader: true}
	switch {
	case d.a == nil:
	case d.a.kind == withBasic:
		pair := d.a.user.fill(h.values) + ":" + d.a.password.fill(h.values)
		h.redact.hide(base64.StdEncoding.EncodeToString([]byte(pair)))
	case d.a.kind == withJWT:
		var err error
		if d.account, err = d.readAccount(); err != nil {
			h.begin(StepAuthenticate)
			return nil, err
		}
	}
	return d, nil
}

// open gives a request its credentials.
func (d *door) open(ctx context.Context, q *http.Request) error {
	if d.a == nil {
		return nil
	}
	value := strings.TrimSpace(d.a.value.fill(d.h.values))
	switch d.a.kind {
	case withBearer:
		q.Header.Set("Authorization", "Bearer "+value)
	case withBasic:
		q.SetBasicAuth(d.a.user.fill(d.h.values), d.a.password.fill(d.h.values))
	case withKey:
		if d.a.header != "" {
			q.Header.Set(d.a.header, value)
			return nil
		}
		query := q.URL.Query()
		query.Set(d.a.query, value)
		q.URL.RawQuery = query.Encode()
	default:
		token, err := d.current(ctx)
		if err != nil {
			return err
		}
		q.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// current is the token, a new one where there is none or it is about to end.
func (d *door) current(ctx context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.token != "" && d.h.clock().Before(d.until) {
		return d.token, nil
	}
	if err := d.fetch(ctx); err != nil {
		return "", err
	}
	d.h.enter()
	return d.token, nil
}

// renew forgets a token that was refused, so that the next request gets a new
// one; false where that would change nothing.
func (d *door) renew(context.Context) bool {
	if d.a == nil || d.a.kind != withOAuth && d.a.kind != withJWT {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token = ""
	return true
}

// fetch gets a token (RFC 6749, section 4.4, or RFC 7523).
func (d *door) fetch(ctx context.Context) error {
	u, err := d.tokenURL()
	if err != nil {
		return err
	}
	got, err := d.ask(ctx, u)
	if err != nil {
		return err
	}
	v, err := d.h.decode(got)
	if err != nil {
		var f *StepError
		if errors.As(err, &f) {
			f.step = StepAuthenticate
		}
		return err
	}
	answer, _ := v.(map[string]any)
	token, _ := answer["access_token"].(string)
	if kind, _ := answer["token_type"].(string); token == "" || kind != "" && !strings.EqualFold(kind, "bearer") {
		return tokenRefused(got, []string{"host", u.Host, "url", plainURL(u), "status", strconv.Itoa(got.status)})
	}
	d.h.redact.hide(token)
	life := tokenLife
	if seconds, err := strconv.ParseFloat(lifeText(answer["expires_in"]), 64); err == nil && seconds > 0 && seconds < 1e8 {
		life = time.Duration(seconds * float64(time.Second))
	}
	d.token, d.until = token, d.h.clock().Add(max(life-tokenMargin, life/2))
	return nil
}

func lifeText(v any) string {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case string:
		return v
	}
	return ""
}

func (d *door) tokenURL() (*url.URL, error) {
	text, err := d.a.tokenURL.fillURL(d.h.values)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(strings.TrimSpace(either(text, d.account.TokenURI)))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, failed(StepAuthenticate, CodeTokenRefused, nil, "The address of the token cannot be used: it must begin with https://.")
	}
	return u, nil
}

// ask makes the request for a token. Servers differ in where a client names
// itself: what is refused in the header is tried in the body.
func (d *door) ask(ctx context.Context, u *url.URL) (*reply, error) {
	form := url.Values{}
	for _, p := range d.a.parameters {
		form.Add(p.name, p.value.fill(d.h.values))
	}
	if d.a.kind == withJWT {
		assertion, err := d.assertion(u)
		if err != nil {
			return nil, err
		}
		d.h.redact.hide(assertion)
		form.Set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
		form.Set("assertion", assertion)
		return d.h.send(ctx, request{method: http.MethodPost, url: u, body: []byte(form.Encode()), form: true, token: true})
	}
	form.Set("grant_type", "client_credentials")
	if scopes := d.scopes(); scopes != "" {
		form.Set("scope", scopes)
	}
	id, secret := strings.TrimSpace(d.a.user.fill(d.h.values)), strings.TrimSpace(d.a.password.fill(d.h.values))
	r := request{method: http.MethodPost, url: u, body: []byte(form.Encode()), form: true, token: true}
	if d.inHeader {
		// RFC 6749, section 2.3.1: both are encoded as a form is.
		r.basic = [2]string{url.QueryEscape(id), url.QueryEscape(secret)}
		d.h.redact.hide(base64.StdEncoding.EncodeToString([]byte(r.basic[0] + ":" + r.basic[1])))
		got, err := d.h.send(ctx, r)
		var f *StepError
		if err == nil || !errors.As(err, &f) || f.Code != CodeTokenRefused {
			return got, err
		}
		r.basic = [2]string{}
	}
	form.Set("client_id", id)
	form.Set("client_secret", secret)
	r.body = []byte(form.Encode())
	got, err := d.h.send(ctx, r)
	d.inHeader = err != nil
	return got, err
}

func (d *door) scopes() string {
	all := make([]string, len(d.a.scopes))
	for i, s := range d.a.scopes {
		all[i] = s.fill(d.h.values)
	}
	return strings.Join(all, " ")
}

// tokenRefused makes a failure of an answer without a token, with the reason that
// it gives (RFC 6749, section 5.2).
func tokenRefused(got *reply, facts []string) *StepError {
	v, _ := jq.Decode(got.body)
	object, _ := v.(map[string]any)
	reason, _ := object["error"].(string)
	description, _ := object["error_description"].(string)
	facts = append(facts, "error", reason, "description", description)
	because := ""
	if reason != "" {
		because = " (" + reason + ")"
	}
	return failed(StepAuthenticate, CodeTokenRefused, facts, "%s does not give an access token%s.", got.url.Host, because)
}
