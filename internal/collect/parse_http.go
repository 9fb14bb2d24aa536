package collect

import (
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// httpSource is the section of a recipe for HTTP.
type httpSource struct {
	method  string
	url     template
	query   []pair
	headers []pair
	body    *body
	auth    *auth
	pages   *pages
	items   *jq.Code
	details []detail
	hosts   []template
}

const (
	maxPairs   = 50
	maxHosts   = 20
	maxDetails = 4
)

// The ways of paging.
const (
	byLink   = "link"
	byCursor = "cursor"
	byPage   = "page"
	byOffset = "offset"
)

// pages says how one reply leads to the next.
type pages struct {
	kind string
	// parameter is that of the cursor, the page or the offset; sizeParameter and
	// size are what is asked for, empty and 0 where nothing is.
	parameter     string
	first         int64
	sizeParameter string
	size          int64
	// from finds the cursor in a reply. It goes into the body at a path, or is
	// the next URL.
	from   *jq.Code
	inBody []string
	isURL  bool
}

// detail is one more request for each item.
type detail struct {
	as     string
	url    *jq.Code
	absent []int
	items  *jq.Code
}

// body is a JSON body with placeholders in its texts.
type body struct {
	node *document.Node
	text template
	kids []*body
}

func (r *reader) httpSource(f field) *httpSource {
	if !r.mapping(f, "url", "method", "query", "headers", "body", "auth", "pages", "items", "details", "hosts") {
		return nil
	}
	h := &httpSource{url: r.neededTemplate(f.get("url")), method: r.oneOf(f.get("method"), http.MethodGet, http.MethodGet, http.MethodPost),
		query: r.pairs(f.get("query"), maxPairs), headers: r.headers(f.get("headers")), items: r.expression(f.get("items"))}
	if b := f.get("body"); !b.absent() {
		if h.method != http.MethodPost {
			r.fail(b, "goes with the method POST")
		}
		h.body = r.body(b)
	}
	for _, host := range r.list(f.get("hosts"), maxHosts) {
		h.hosts = append(h.hosts, r.neededTemplate(host))
	}
	h.auth = r.auth(f.get("auth"))
	h.pages = r.pages(f.get("pages"), h)
	h.details = r.details(f.get("details"))
	return h
}

var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// taken are the headers that are ours.
var taken = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding"}

func (r *reader) headers(f field) []pair {
	all := r.pairs(f, maxPairs)
	for _, p := range all {
		r.header(f.get(p.name), p.name)
	}
	return all
}

func (r *reader) header(at field, name string) {
	switch {
	case !headerName.MatchString(name):
		r.fail(at, "is no name of a header")
	case slices.Contains(taken, textproto.CanonicalMIMEHeaderKey(name)):
		r.fail(at, "this header cannot be set")
	}
}

func (r *reader) body(f field) *body {
	b := &body{node: f.Node}
	switch f.Kind {
	case document.IsText:
		b.text = r.template(f)
	case document.IsList:
		for i := range f.Items {
			b.kids = append(b.kids, r.body(f.item(i)))
		}
	case document.IsMapping:
		for i := range f.Keys {
			_, value := f.member(i)
			b.kids = append(b.kids, r.body(value))
		}
	}
	return b
}

// only is the one member of a mapping that offers a choice.
func (r *reader) only(f field, choices ...string) (string, field) {
	if f.absent() || !r.mapping(f, choices...) {
		return "", field{}
	}
	if len(f.Keys) != 1 {
		r.fail(f, "must have one of %s, and only one", strings.Join(choices, ", "))
		return "", field{}
	}
	return f.member(0)
}

func (r *reader) pages(f field, h *httpSource) *pages {
	kind, at := r.only(f, byLink, byCursor, byPage, byOffset)
	p := &pages{kind: kind}
	switch kind {
	case "":
		return nil
	case byLink:
		r.mapping(at)
	case byCursor:
		r.cursor(at, p, h)
	case byPage:
		if r.mapping(at, "parameter", "first", "size") {
			p.parameter, p.first = r.needed(at.get("parameter")), r.whole(at.get("first"), 1, 0, 1_000_000)
			r.size(at.get("size"), p)
		}
	case byOffset:
		if r.mapping(at, "parameter", "size") {
			p.parameter = r.needed(at.get("parameter"))
			r.size(at.get("size"), p)
		}
	}
	return p
}

func (r *reader) cursor(at field, p *pages, h *httpSource) {
	if !r.mapping(at, "from", "parameter", "in", "url") {
		return
	}
	r.needed(at.get("from"))
	p.from, p.isURL = r.expression(at.get("from")), r.flag(at.get("url"), false)
	in := r.oneOf(at.get("in"), "query", "query", "body")
	if p.isURL {
		if at.Get("parameter") != nil || at.Get("in") != nil {
			r.fail(at, "with `url: true` the value is the next URL, and there is neither `parameter` nor `in`")
		}
		return
	}
	p.parameter = r.needed(at.get("parameter"))
	if in == "body" {
		p.inBody = strings.Split(p.parameter, ".")
		if h.method != http.MethodPost {
			r.fail(at.get("in"), "goes with the method POST")
		}
		if h.body != nil && h.body.node.Kind != document.IsMapping {
			r.fail(at.get("in"), "the body must be a mapping to take the cursor")
		}
	}
}

func (r *reader) size(f field, p *pages) {
	if !f.absent() && r.mapping(f, "parameter", "value") {
		p.sizeParameter, p.size = r.text(f.get("parameter")), r.whole(f.get("value"), 0, 1, 100_000)
		if p.size == 0 {
			r.fail(f.get("value"), "is missing")
		}
	}
}

func (r *reader) details(f field) []detail {
	var out []detail
	var names []string
	for _, d := range r.list(f, maxDetails) {
		if !r.mapping(d, "as", "url", "absent", "items") {
			return nil
		}
		name := r.needed(d.get("as"))
		switch {
		case !inputName.MatchString(name):
			r.fail(d.get("as"), "must begin with a small letter and hold letters and digits only")
		case name == "now" || r.known(name) || slices.Contains(names, name):
			r.fail(d.get("as"), "the name `%s` is taken", name)
		}
		r.needed(d.get("url"))
		one := detail{as: name, url: r.expression(d.get("url"), names...), items: r.expression(d.get("items"))}
		for _, s := range r.list(d.get("absent"), maxPairs) {
			one.absent = append(one.absent, int(r.whole(s, 0, 400, 599)))
		}
		names = append(names, name)
		out = append(out, one)
	}
	return out
}

// The ways of authentication.
const (
	withBearer = "bearer"
	withBasic  = "basic"
	withKey    = "apiKey"
	withOAuth  = "oauth"
	withJWT    = "jwt"
)

// auth says who we are.
type auth struct {
	kind string
	// value is a bearer token or the value of a key, header or query its name.
	value         template
	header, query string
	// user and password are those of basic, or the client of OAuth.
	user, password template
	// tokenURL, scopes and parameters are those of OAuth and JWT.
	tokenURL   template
	scopes     []template
	parameters []pair
	// The rest is that of a JWT.
	issuer, subject, audience, privateKey, serviceAccount template
}

func (r *reader) auth(f field) *auth {
	kind, at := r.only(f, withBearer, withBasic, withKey, withOAuth, withJWT)
	a := &auth{kind: kind}
	switch kind {
	case "":
		return nil
	case withBearer:
		a.value = r.neededTemplate(at)
	case withBasic:
		if r.mapping(at, "username", "password") {
			a.user, a.password = r.template(at.get("username")), r.template(at.get("password"))
		}
	case withKey:
		if r.mapping(at, "header", "query", "value") {
			a.header, a.query, a.value = r.text(at.get("header")), r.text(at.get("query")), r.neededTemplate(at.get("value"))
			if (a.header == "") == (a.query == "") {
				r.fail(at, "must have either `header` or `query`")
			} else if a.header != "" {
				r.header(at.get("header"), a.header)
			}
		}
	case withOAuth:
		if r.mapping(at, "tokenUrl", "clientId", "clientSecret", "scopes", "parameters") {
			a.tokenURL, a.user, a.password = r.neededTemplate(at.get("tokenUrl")), r.neededTemplate(at.get("clientId")), r.neededTemplate(at.get("clientSecret"))
			a.parameters = r.pairs(at.get("parameters"), maxPairs)
		}
	case withJWT:
		r.jwt(at, a)
	}
	for _, s := range r.list(at.get("scopes"), maxPairs) {
		a.scopes = append(a.scopes, r.neededTemplate(s))
	}
	return a
}

func (r *reader) jwt(at field, a *auth) {
	if !r.mapping(at, "tokenUrl", "issuer", "subject", "audience", "privateKey", "serviceAccount", "scopes") {
		return
	}
	a.subject, a.audience = r.template(at.get("subject")), r.template(at.get("audience"))
	a.tokenURL = r.template(at.get("tokenUrl"))
	if at.Get("serviceAccount") != nil {
		a.serviceAccount = r.neededTemplate(at.get("serviceAccount"))
		for _, name := range []string{"issuer", "privateKey"} {
			if at.Get(name) != nil {
				r.fail(at.get(name), "stands in the file of the service account")
			}
		}
		return
	}
	r.needed(at.get("tokenUrl"))
	a.issuer, a.privateKey = r.neededTemplate(at.get("issuer")), r.neededTemplate(at.get("privateKey"))
}
