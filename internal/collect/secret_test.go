package collect

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A server that sends back what it got, in any form and any kind of failure,
// must not bring a secret into a step, a fact or an error.
func TestSecretsStayHidden(t *testing.T) {
	const alphabet = `abcXYZ019 "'\/+&=%<>é:@.-_~`
	letters := []rune(alphabet)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	secret := func() string {
		// Ends that are trimmed are no part of the secret.
		out := "k"
		for range 7 + random.IntN(40) {
			out += string(letters[random.IntN(len(letters))])
		}
		return out + "z"
	}
	for n := range 300 {
		s1, s2 := secret(), secret()
		auths := []string{"{bearer: '${one}'}", "{basic: {username: '${one}', password: '${two}'}}", "{apiKey: {header: X-Key, value: 'a ${one} ${two}'}}",
			"{apiKey: {query: key, value: '${one}'}}", "{oauth: {tokenUrl: '${baseUrl}/token', clientId: '${one}', clientSecret: '${two}'}}",
			"{jwt: {tokenUrl: '${baseUrl}/token', issuer: '${one}', privateKey: '${two}'}}"}
		auth := auths[n%len(auths)]
		code := []int{200, 302, 400, 401, 403, 404, 429, 500}[random.IntN(8)]
		shapes := []func(string) string{
			func(s string) string { return s }, url.QueryEscape, url.PathEscape, html.EscapeString,
			func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
			func(s string) string { b, _ := json.Marshal(s); return string(b) },
			func(s string) string { return hex.EncodeToString([]byte(s)) },
			func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
			func(s string) string { return base64.URLEncoding.EncodeToString([]byte("a" + s + "b")) },
			func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte("user:" + s)) },
			func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s1 + ":" + s)) },
		}
		shape := shapes[random.IntN(len(shapes))]
		server := serve(t, func(w http.ResponseWriter, q *http.Request) {
			_ = q.ParseForm()
			echo := fmt.Sprint(q.URL, q.Header, q.Form, q.URL.Path) + shape(s1) + " " + strings.Repeat(" ", random.IntN(3)) + shape(s2)
			kind := []string{"text/html", "application/json", "text/plain; charset=" + "x", ""}[random.IntN(4)]
			if kind != "" {
				w.Header().Set("Content-Type", kind)
			}
			w.Header().Set("Retry-After", url.QueryEscape(s1))
			w.Header().Set("Location", "/"+url.PathEscape(s1)+"?"+url.QueryEscape(s2))
			w.WriteHeader(code)
			if q.URL.Path == "/token" {
				text, _ := json.Marshal(map[string]string{"error": echo, "error_description": echo})
				_, _ = w.Write(text)
				return
			}
			_, _ = w.Write([]byte(echo))
		})
		recipe := "collector: http\ninputs: [{name: baseUrl}, {name: one, secret: true}, {name: two, secret: true}]\nhttp:\n  url: ${baseUrl}/${one}/x\n" +
			"  query: {q: '${two}'}\n  headers: {X-Two: a}\n  auth: " + auth + "\n"
		o := collected(t, recipe, Run{Inputs: map[string]string{"baseUrl": server.URL, "one": s1, "two": s2}})
		server.Close()
		if o.err == nil {
			t.Fatalf("seed %d, run %d did not fail", seed, n)
		}
		said := []string{o.err.Error()}
		for _, s := range o.told {
			if s.Err != nil {
				said = append(said, s.Err.Message)
				for name, value := range s.Err.Facts {
					said = append(said, name+": "+value)
				}
			}
		}
		for _, text := range said {
			for _, s := range []string{s1, s2} {
				bare := strings.Join(strings.Fields(s), " ")
				for _, form := range []string{s, bare, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), hex.EncodeToString([]byte(s)), inner(s, 0), inner(s, 1), inner(s, 2)} {
					if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
						t.Fatalf("seed %d, run %d (%s, %d): %q holds %q of the secret %q", seed, n, auth, code, text, form, s)
					}
				}
			}
		}
	}
}

// inner is the part of the base64 form of a longer text that only the secret
// decides.
func inner(secret string, shift int) string {
	text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("a", shift) + secret + "aaa"))
	return text[(shift*8+5)/6 : (shift+len(secret))*8/6]
}

func TestRedact(t *testing.T) {
	r := &redactor{}
	r.hide("postgres://me:pa55word@host/db", "me:hunter22@tcp(host:3306)/db", "host=x password='quo ted' user=y", "-----BEGIN KEY-----\nAAAABBBBCCCC\n-----END KEY-----",
		`{"client_email": "me@project.example", "private_key": "secret-of-the-file-0123"}`, "abc", "")
	for in, want := range map[string]string{
		"password pa55word wrong": "password ••• wrong", "hunter22 and HUNTER22": "••• and •••", "quo ted": "•••", "line AAAABBBBCCCC": "line •••",
		"secret-of-the-file-0123": "•••", "abc stays": "abc stays", "me@host": "me@host",
	} {
		if got := r.text(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := r.snippet("a\x1b[31m  b\n" + strings.Repeat("x ", 1000)); len([]rune(got)) != 301 || !strings.HasPrefix(got, "a[31m b x") {
		t.Errorf("%q", got)
	}
}
