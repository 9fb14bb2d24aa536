package collect

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/url"
	"strings"
	"time"
)

// serviceAccount is what a JWT is made of; Google's key file has these names.
type serviceAccount struct {
	Issuer     string `json:"client_email"`
	PrivateKey string `json:"private_key"`
	KeyID      string `json:"private_key_id"`
	TokenURI   string `json:"token_uri"`

	signer crypto.Signer
}

// assertionLife is how long an assertion can be used.
const assertionLife = 5 * time.Minute

var errKey = failed(StepAuthenticate, CodeTokenRefused, []string{"reason", "key"}, "The private key cannot be read: it must be a PEM text of the kind RSA, P-256 or Ed25519.")

func (d *door) readAccount() (serviceAccount, error) {
	a := serviceAccount{Issuer: d.a.issuer.fill(d.h.values), PrivateKey: d.a.privateKey.fill(d.h.values)}
	if !d.a.serviceAccount.empty() {
		err := json.Unmarshal([]byte(d.a.serviceAccount.fill(d.h.values)), &a)
		if err != nil || a.Issuer == "" || a.PrivateKey == "" {
			return a, failed(StepAuthenticate, CodeTokenRefused, []string{"reason", "key"}, "The file of the service account is not the JSON file with client_email and private_key that Google gives.")
		}
		d.h.redact.hide(a.PrivateKey)
	}
	var err error
	a.signer, err = readKey(a.PrivateKey)
	return a, err
}

// readKey reads a private key as PEM. Where it came through a form its line ends
// may be written as \n.
func readKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, errKey
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, err
	case *ecdsa.PrivateKey:
		if key.Curve.Params().BitSize == 256 {
			return key, err
		}
	case ed25519.PrivateKey:
		return key, err
	}
	return nil, errKey
}

// assertion makes the signed token that is exchanged for an access token.
func (d *door) assertion(tokenURL *url.URL) (string, error) {
	now := d.h.clock()
	header := map[string]string{"typ": "JWT"}
	if d.account.KeyID != "" {
		header["kid"] = d.account.KeyID
	}
	claims := map[string]any{"iss": d.account.Issuer, "aud": either(d.a.audience.fill(d.h.values), tokenURL.String()),
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(), "jti": rand.Text()}
	// Google takes an assertion without a subject, RFC 7523 asks for one.
	subject := d.a.subject.fill(d.h.values)
	if subject == "" && d.a.serviceAccount.empty() {
		subject = d.account.Issuer
	}
	if subject != "" {
		claims["sub"] = subject
	}
	if scopes := d.scopes(); scopes != "" {
		claims["scope"] = scopes
	}
	switch d.account.signer.(type) {
	case *rsa.PrivateKey:
		header["alg"] = "RS256"
	case *ecdsa.PrivateKey:
		header["alg"] = "ES256"
	default:
		header["alg"] = "EdDSA"
	}
	signed := segment(header) + "." + segment(claims)
	signature, err := sign(d.account.signer, signed)
	if err != nil {
		return "", errKey
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func segment(v any) string {
	text, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(text)
}

// sign signs as RFC 7518, section 3, and RFC 8037 say.
func sign(signer crypto.Signer, text string) ([]byte, error) {
	digest := sha256.Sum256([]byte(text))
	switch key := signer.(type) {
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			return nil, err
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), nil
	case ed25519.PrivateKey:
		return ed25519.Sign(key, []byte(text)), nil
	}
	return nil, errors.New("no key that can sign")
}
