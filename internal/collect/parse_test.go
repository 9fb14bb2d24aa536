package collect

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "the file is empty",
		"[]":                    "line 1, must be a mapping, not a list",
		"collector: http":       "/http: is missing",
		"collector: httpp":      "line 1, /collector: must be one of http",
		"collector: http\nx: 1": "line 2, /x: unknown field `x`",
		"collector: http\nrecrod: .\nhttp: {url: 'https://a'}":                                            "line 2, /recrod: unknown field `recrod`: the fields here are collector, inputs, items, record, http",
		"collector: http\nhttp: {url: 'https://a', methode: GET}":                                         "did you mean `method`?",
		"collector: http\nhttp: {url: 'https://a', method: PUT}":                                          "/http/method: must be one of GET, POST",
		"collector: http\nhttp: {url: 'https://a', body: {}}":                                             "/http/body: goes with the method POST",
		"collector: http\nhttp: {url: '${a}'}":                                                            "/http/url: there is no input `a`",
		"collector: http\nhttp: {url: '${a'}":                                                             "/http/url: `${` has no closing brace",
		"collector: http\nhttp: {url: 'https://a', items: '.['}":                                          "/http/items: this is not jq: ",
		"collector: http\nhttp: {url: 'https://a'}\nitems: .":                                             "/items: stands within `http`",
		"collector: http\nhttp: {url: 'https://a'}\nrecord: '{a: env.HOME}'":                              "/record: `env` cannot be used here",
		"collector: http\nhttp: {url: 'https://a'}\nrecord: '$ENV'":                                       "/record: `$ENV` cannot be used here",
		"collector: http\nhttp: {url: 'https://a'}\nrecord: 'include \"a\"; .'":                           "/record: an expression here has no modules",
		"collector: http\nhttp: {url: 'https://a'}\nrecord: '[inputs]'":                                   "/record: `inputs` cannot be used here",
		"collector: http\nhttp: {url: 'https://a'}\nrecord: $nobody":                                      "/record: this is not jq that can be used here: variable not defined: $nobody",
		"collector: http\ninputs: [{name: t, secret: true}]\nhttp: {url: 'https://a'}\nrecord: $t":        "(an expression never sees a secret)",
		"collector: http\ninputs: [{name: Abc}]\nhttp: {url: 'https://a'}":                                "/inputs/0/name: must begin with a small letter",
		"collector: http\ninputs: [{name: a}, {name: a}]\nhttp: {url: 'https://a'}":                       "/inputs/1/name: there are two inputs `a`",
		"collector: http\ninputs: [{name: now}]\nhttp: {url: 'https://a'}":                                "/inputs/0/name: `now` is the start of the run",
		"collector: http\ninputs: [{name: a, pattern: '('}]\nhttp: {url: 'https://a'}":                    "/inputs/0/pattern: is no expression of the kind RE2",
		"collector: http\ninputs: [{name: a, pattern: 'x+', default: y}]\nhttp: {url: 'https://a'}":       "/inputs/0/default: `a` does not have the form",
		"collector: http\ninputs: [{name: a, secret: true, default: yyyy}]\nhttp: {url: 'https://a'}":     "/inputs/0/default: a secret has no default",
		"collector: http\ninputs: [{name: a, required: perhaps}]\nhttp: {url: 'https://a'}":               "/inputs/0/required: must be true or false",
		"collector: http\nhttp: {url: 'https://a', auth: {bearer: a, basic: {}}}":                         "/http/auth: must have one of bearer, basic, apiKey, oauth, jwt, and only one",
		"collector: http\nhttp: {url: 'https://a', auth: {apiKey: {value: a}}}":                           "/http/auth/apiKey: must have either `header` or `query`",
		"collector: http\nhttp: {url: 'https://a', auth: {apiKey: {header: 'a b', value: a}}}":            "/http/auth/apiKey/header: is no name of a header",
		"collector: http\nhttp: {url: 'https://a', headers: {Host: b}}":                                   "/http/headers/Host: this header cannot be set",
		"collector: http\nhttp: {url: 'https://a', auth: {jwt: {serviceAccount: a, issuer: b}}}":          "/http/auth/jwt/issuer: stands in the file of the service account",
		"collector: http\nhttp: {url: 'https://a', auth: {oauth: {tokenUrl: a, clientId: b}}}":            "/http/auth/oauth/clientSecret: is missing",
		"collector: http\nhttp: {url: 'https://a', pages: {link: {}, page: {parameter: a}}}":              "/http/pages: must have one of link, cursor, page, offset, and only one",
		"collector: http\nhttp: {url: 'https://a', pages: {cursor: {from: .a}}}":                          "/http/pages/cursor/parameter: is missing",
		"collector: http\nhttp: {url: 'https://a', pages: {cursor: {from: .a, parameter: b, in: body}}}":  "/http/pages/cursor/in: goes with the method POST",
		"collector: http\nhttp: {url: 'https://a', pages: {cursor: {from: .a, parameter: b, url: true}}}": "/http/pages/cursor: with `url: true` the value is the next URL",
		"collector: http\nhttp: {url: 'https://a', pages: {page: {parameter: a, size: {value: 0}}}}":      "/http/pages/page/size/value: must be a whole number from 1 to",
		"collector: http\nhttp: {url: 'https://a', details: [{as: a, url: .u}, {as: a, url: .u}]}":        "/http/details/1/as: the name `a` is taken",
		"collector: http\nhttp: {url: 'https://a', details: [{as: a, url: .u, absent: [200]}]}":           "/http/details/0/absent/0: must be a whole number from 400 to 599",
		"collector: http\nhttp: {url: 'https://a', details: [1, 2, 3, 4, 5]}":                             "/http/details: has 5 elements: there may be 4",

		"collector: sql\nsql: {driver: oracle, dsn: a, query: b}":                                    "/sql/driver: must be one of postgres, mysql, sqlite",
		"collector: sql\nsql: {driver: mysql, dsn: a, query: b}\nitems: .":                           "/items: there is nothing to find: every row of sql is an item",
		"collector: sql\nsql: {driver: mysql, dsn: a, query: b}\nhttp: {}":                           "/http: does not go with the collector sql",
		"collector: command\ncommand: {run: []}":                                                     "/command/run: must name a program",
		"collector: command\ncommand: {run: [a], timeout: 2h}":                                       "/command/timeout: must be a time from 1s to 1h",
		"collector: command\ncommand: {run: [a], format: csv}\nitems: .a":                            "/items: goes with the format json",
		"collector: command\ncommand: {run: [a], env: {'A=B': c}}":                                   "/command/env: `A=B` is no name of a variable",
		"collector: command\ninputs: [{name: t, secret: true}]\ncommand: {run: [a, '--token=${t}']}": "/command/run/1: a secret here could be seen in the list of processes",
		"collector: file\nfile: {path: a, format: xml}":                                              "/file/format: must be one of json, ndjson, csv, parquet",
		"collector: osquery\nosquery: {}":                                                            "/osquery: must have either `query` or `results`",
		"collector: osquery\nosquery: {query: '--flagfile=/etc/x'}":                                  "/osquery/query: must be a statement",
		"collector: osquery\ninputs: [{name: t, secret: true}]\nosquery: {query: \"select '${t}'\"}": "/osquery/query: a secret here could be seen",
	} {
		_, err := Parse([]byte(text))
		var f *Fault
		if err == nil || !errors.As(err, &f) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n\tgot  %v\n\twant %s", text, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	r := parsed(t, `
collector: http
inputs:
  - {name: baseUrl, example: https://example.okta.com, pattern: 'https?://[a-z0-9.:]+'}
  - {name: site, required: false, default: main}
  - {name: token, secret: true}
http: {url: "${baseUrl}/${site}"}
`)
	fine := map[string]string{"baseUrl": "https://a", "token": "abcd"}
	if err := r.Check(fine); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		key, value, want string
	}{
		"missing":    {"token", "", "`token` is missing"},
		"unknown":    {"tokem", "abcd", "`tokem` is no input of this recipe; did you mean `token`?"},
		"form":       {"baseUrl", "https://a b", "`baseUrl` does not have the form that is asked for, such as https://example.okta.com"},
		"whole form": {"baseUrl", "x https://a", "`baseUrl` does not have the form"},
		"short":      {"token", "abc", "`token` is too short for a secret"},
		"long":       {"site", strings.Repeat("x", maxValue+1), "`site` is longer than 64 KB"},
		"NUL":        {"site", "a\x00", "`site` holds a character that cannot be used"},
	} {
		inputs := map[string]string{}
		for k, v := range fine {
			inputs[k] = v
		}
		inputs[c.key] = c.value
		var bad *InputError
		if err := r.Check(inputs); err == nil || !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestURLs(t *testing.T) {
	for _, c := range []struct{ url, value, want string }{
		{"${a}", "https://x/y?z=1", "https://x/y?z=1"},
		{"${a}/users", "https://x/y/", "https://x/y/users"},
		{"https://x/${a}/b", "c/d?e#f", "https://x/c%2Fd%3Fe%23f/b"},
		{"https://x/b?c=${a}&d=1", "e&f=g", "https://x/b?c=e%26f%3Dg&d=1"},
		{"https://${a}.example.com/b", "acme", "https://acme.example.com/b"},
		{"https://${a}.example.com/b", "evil/", "`a` cannot be a part of a host name"},
		{"https://${a}.example.com/b", "evil#", "`a` cannot be a part of a host name"},
		{"https://${a}.example.com/b", "u@evil", "`a` cannot be a part of a host name"},
		{"${a}", "ftp://x", "`a` must be an address that begins with https://"},
		{"${a}/b", "https://user:password@x", "`a` must be an address that begins with https:// and holds no user name"},
		{"${a}/b", "https://", "`a` must be an address"},
	} {
		r := parsed(t, "collector: http\ninputs: [{name: a}]\nhttp: {url: '"+c.url+"'}")
		u, err := r.http.address(map[string]string{"a": c.value})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = u.String()
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s with %s: %s, want %s", c.url, c.value, got, c.want)
		}
	}
}

// No text may end the program, and a fault names its place.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/recipes/*")
	if err != nil || len(files) == 0 {
		f.Fatal("no corpus", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Parse(text)
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) || fault.Message == "" {
				t.Errorf("%v", err)
			}
			return
		}
		inputs := map[string]string{}
		for _, i := range r.Inputs() {
			inputs[i.Name] = "https://example.com/x"
		}
		_ = r.Check(inputs)
		_ = r.Check(nil)
	})
}

// The recipes of the corpus are good ones.
func TestRecipes(t *testing.T) {
	files, err := filepath.Glob("testdata/recipes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no recipes", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := strings.SplitN(filepath.Base(name), "-", 2)[0]; r.Collector() != want {
			t.Errorf("%s: %s", name, r.Collector())
		}
	}
}

// The examples that users read are good ones.
func TestDocumentedRecipes(t *testing.T) {
	text, err := os.ReadFile("../../docs/collectors.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
		n++
		block, _, _ = strings.Cut(block, "```")
		if _, err := Parse([]byte(block)); err != nil {
			t.Errorf("%v\n%s", err, block)
		}
	}
	if n < 4 {
		t.Errorf("%d examples", n)
	}
}
