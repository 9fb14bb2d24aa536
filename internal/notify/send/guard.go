package send

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"syscall"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// guard keeps messages out of networks that channels must not lead to: whoever
// may make a channel is not one who may reach everything the server can. It
// looks at the address that is dialled, so a name cannot change between a look
// and the use.
type guard struct{ allowed []netip.Prefix }

var (
	errPrivate = errors.New("the address leads to a private network: the server's setting notify-networks says which may be used")
	errPlain   = errors.New("http:// can be used in the networks of the server's setting notify-networks only: use https://")
)

// special are networks for which netip has no question (IANA registries of
// special-purpose addresses). For IPv6 what is not global unicast (2000::/3) is
// refused as a whole.
var special = parse("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

var globalUnicast6 = netip.MustParsePrefix("2000::/3")

func parse(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

func within(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// check is nil if a message may go to an address; plain says that it would go
// without TLS.
func (g guard) check(a netip.Addr, plain bool) error {
	a = a.Unmap().WithZone("")
	switch {
	case within(g.allowed, a):
		return nil
	case !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || within(special, a) || a.Is6() && !globalUnicast6.Contains(a):
		return errPrivate
	case plain:
		return errPlain
	}
	return nil
}

// control is the Control of a net.Dialer.
func (g guard) control(plain bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return errPrivate
		}
		return g.check(to.Addr(), plain)
	}
}

// checkURL refuses early what the dialler would refuse later for sure. It does
// not repeat the URL, which is a secret.
func (g guard) checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return fault.New(fault.CodeValidation, "`url` (/url) is no URL")
	}
	plain := u.Scheme != "https"
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := g.check(a, plain); err != nil {
			return fault.New(fault.CodeValidation, "`url` (/url): %s", err)
		}
	}
	if plain && len(g.allowed) == 0 {
		return fault.New(fault.CodeValidation, "`url` (/url): %s", errPlain)
	}
	return nil
}

// guardError is the error of the guard within a dialler's, if it is one.
func guardError(err error) error {
	for _, known := range []error{errPrivate, errPlain} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}
