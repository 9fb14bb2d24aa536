package send

import (
	"errors"
	"net/netip"
	"net/url"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// What the guard refuses, in words that say which setting allows it.
var (
	errPrivate = errors.New("the address leads to a private network: the server's setting notify-networks says which may be used")
	errPlain   = errors.New("http:// can be used in the networks of the server's setting notify-networks only: use https://")
)

// guardError is what the guard refused within an error, or nil.
func guardError(err error) error {
	switch {
	case errors.Is(err, outbound.ErrPrivate):
		return errPrivate
	case errors.Is(err, outbound.ErrPlain):
		return errPlain
	}
	return nil
}

// checkURL refuses early what the dialler would refuse later for sure. It does
// not repeat the URL, which is a secret.
func checkURL(p outbound.Policy, text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return fault.New(fault.CodeValidation, "`url` (/url) is no URL")
	}
	plain := u.Scheme != "https"
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := guardError(p.Check(a, plain)); err != nil {
			return fault.New(fault.CodeValidation, "`url` (/url): %s", err)
		}
	}
	if plain && len(p.Networks) == 0 {
		return fault.New(fault.CodeValidation, "`url` (/url): %s", errPlain)
	}
	return nil
}
