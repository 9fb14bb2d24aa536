package collect

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func rsaKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// verified checks the assertion of a request for a token and gives its claims.
func verified(q *http.Request, key crypto.PublicKey) (map[string]any, error) {
	if q.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return nil, errors.New("grant_type")
	}
	parts := strings.Split(q.FormValue("assertion"), ".")
	if len(parts) != 3 {
		return nil, errors.New("no assertion")
	}
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	switch key := key.(type) {
	case *rsa.PublicKey:
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
			return nil, err
		}
	case *ecdsa.PublicKey:
		if len(signature) != 64 || !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
			return nil, errors.New("signature")
		}
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	var claims map[string]any
	return claims, json.Unmarshal(text, &claims)
}

func TestAuth(t *testing.T) {
	key, keyPEM := rsaKey(t)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	curvePEM := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
	file, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "me@project", "private_key": keyPEM, "private_key_id": "7", "token_uri": "https://nowhere.invalid/token"})
	if err != nil {
		t.Fatal(err)
	}
	const secret = "s3cr3t & more"
	bearer := func(q *http.Request) bool { return q.Header.Get("Authorization") == "Bearer of-today" }
	grant := map[string]any{"access_token": "of-today", "token_type": "Bearer", "expires_in": 3600}
	for name, c := range map[string]struct {
		auth  string
		token string
		let   func(*http.Request) bool
		grant func(w http.ResponseWriter, q *http.Request) bool
	}{
		"bearer":          {"bearer: '${token}'", secret, func(q *http.Request) bool { return q.Header.Get("Authorization") == "Bearer "+secret }, nil},
		"a pasted bearer": {"bearer: '${token}'", " " + secret + "\n", func(q *http.Request) bool { return q.Header.Get("Authorization") == "Bearer "+secret }, nil},
		"basic": {"basic: {username: me, password: '${token}'}", secret, func(q *http.Request) bool {
			user, password, ok := q.BasicAuth()
			return ok && user == "me" && password == secret
		}, nil},
		"key in a header": {"apiKey: {header: authorization, value: 'SSWS ${token}'}", secret, func(q *http.Request) bool { return q.Header.Get("Authorization") == "SSWS "+secret }, nil},
		"key in the query": {"apiKey: {query: key, value: '${token}'}", secret, func(q *http.Request) bool {
			return q.FormValue("key") == secret && q.FormValue("a") == "b c"
		}, nil},
		"oauth, client in the header": {"oauth: {tokenUrl: '${baseUrl}/token', clientId: 'me:too', clientSecret: '${token}', scopes: [read, 'all'], parameters: {audience: api}}", secret, bearer,
			func(_ http.ResponseWriter, q *http.Request) bool {
				user, password, ok := q.BasicAuth()
				user, _ = url.QueryUnescape(user)
				password, _ = url.QueryUnescape(password)
				return ok && user == "me:too" && password == secret && q.FormValue("grant_type") == "client_credentials" && q.FormValue("scope") == "read all" && q.FormValue("audience") == "api"
			}},
		"oauth, client in the body": {"oauth: {tokenUrl: '${baseUrl}/token', clientId: me, clientSecret: '${token}'}", secret, bearer,
			func(_ http.ResponseWriter, q *http.Request) bool {
				return q.Header.Get("Authorization") == "" && q.FormValue("client_id") == "me" && q.FormValue("client_secret") == secret
			}},
		"jwt": {"jwt: {tokenUrl: '${baseUrl}/token', issuer: me, subject: you, audience: all, privateKey: '${token}', scopes: [a, b]}", keyPEM, bearer,
			func(_ http.ResponseWriter, q *http.Request) bool {
				claims, err := verified(q, &key.PublicKey)
				return err == nil && claims["iss"] == "me" && claims["sub"] == "you" && claims["aud"] == "all" && claims["scope"] == "a b" &&
					claims["iat"] == float64(start.Unix()) && claims["exp"] == float64(start.Unix()+300)
			}},
		"jwt of a curve, its lines in one": {"jwt: {tokenUrl: '${baseUrl}/token', issuer: me, privateKey: '${token}'}", strings.ReplaceAll(curvePEM, "\n", `\n`), bearer,
			func(_ http.ResponseWriter, q *http.Request) bool {
				claims, err := verified(q, &curve.PublicKey)
				return err == nil && claims["sub"] == "me" && claims["aud"] == "http://"+q.Host+"/token"
			}},
		"service account": {"jwt: {serviceAccount: '${token}', tokenUrl: '${baseUrl}/token', subject: admin@example.com, scopes: [x]}", string(file), bearer,
			func(_ http.ResponseWriter, q *http.Request) bool {
				claims, err := verified(q, &key.PublicKey)
				return err == nil && claims["iss"] == "me@project" && claims["sub"] == "admin@example.com"
			}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, q *http.Request) {
				switch {
				case q.URL.Path == "/token":
					if !c.grant(w, q) {
						w.WriteHeader(http.StatusUnauthorized)
						answer(w, map[string]string{"error": "invalid_client"})
						return
					}
					answer(w, grant)
				case !c.let(q):
					http.Error(w, "no", http.StatusUnauthorized)
				default:
					answer(w, pageOf(6))
				}
			})
			recipe := simple("query: {a: b c}", "auth: {"+c.auth+"}")
			o := collected(t, recipe, Run{Inputs: map[string]string{"baseUrl": s.URL + "/", "token": c.token}})
			if o.err != nil {
				t.Fatal(o.err)
			}
			same(t, o.records, `{"id":6}`)
			if o.steps[0].Name != StepAuthenticate || o.steps[0].Err != nil {
				t.Errorf("first %+v", o.steps[0])
			}

			// What is not let in fails where it was not let in.
			wrong := map[string]string{"baseUrl": s.URL, "token": "s0mething else"}
			if strings.HasPrefix(c.auth, "jwt") {
				_, wrong["token"] = rsaKey(t)
				if strings.Contains(c.auth, "serviceAccount") {
					wrong["token"] = `{"client_email": "me", "private_key": ` + strconv.Quote(wrong["token"]) + `}`
				}
			}
			o = collected(t, recipe, Run{Inputs: wrong})
			want := CodeUnauthorized
			if c.grant != nil {
				want = CodeTokenRefused
			}
			if f := o.failure(t); f.Code != want || f.Facts["status"] != "401" || o.steps[0].Name != StepAuthenticate || len(o.steps) != 1 {
				t.Errorf("%+v, steps %v", f, o.steps)
			}
		})
	}
}

// A token that ends on the way, by its own word or without one, is renewed.
func TestTokenEnds(t *testing.T) {
	for _, early := range []bool{false, true} {
		given := 0
		s := serve(t, func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path == "/token" {
				given++
				answer(w, map[string]any{"access_token": fmt.Sprintf("token-number-%d", given), "expires_in": "3600"})
				return
			}
			page := number(q.FormValue("page"))
			current := q.Header.Get("Authorization") == fmt.Sprintf("Bearer token-number-%d", given)
			if !current || early && page == 2 && given == 1 {
				http.Error(w, "expired", http.StatusUnauthorized)
				return
			}
			answer(w, pageOf(3*page-3))
		})
		o := collected(t, simple("auth: {oauth: {tokenUrl: '${baseUrl}/token', clientId: me, clientSecret: '${token}'}}", "pages: {page: {parameter: page}}"),
			Run{Inputs: map[string]string{"baseUrl": s.URL, "token": "secret"}})
		want := 1
		if early {
			want = 2
		}
		if o.err != nil || len(o.records) != 7 || given != want {
			t.Errorf("%v, %d records, %d tokens", o.err, len(o.records), given)
		}
	}
}
