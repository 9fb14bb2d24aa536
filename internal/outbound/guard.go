// Package outbound is how the server reaches other systems: a guard that looks at
// the address that is dialled, and HTTP clients behind it. Whoever may name an
// address in the web app is not one who may reach everything that the server can.
package outbound

import (
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// The refusals of the guard. They are found within a dialler's error by
// errors.Is.
var (
	ErrPrivate = errors.New("the address leads to a private network")
	ErrPlain   = errors.New("a public address is reached over TLS only")
)

// Policy says which addresses may be dialled. The zero value allows the public
// ones, over TLS.
type Policy struct {
	// Networks are allowed besides the public ones, also without TLS.
	Networks []netip.Prefix
	// Any allows every address: for a person at the command line, who may reach
	// it anyway.
	Any bool
	// Roots are the certificate authorities; nil: those of the system.
	Roots *x509.CertPool
}

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

// Check is nil if an address may be dialled, else [ErrPrivate] or [ErrPlain].
// plain says that it would be without TLS.
func (p Policy) Check(a netip.Addr, plain bool) error {
	a = a.Unmap().WithZone("")
	switch {
	case p.Any && a.IsValid(), within(p.Networks, a):
		return nil
	case !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || within(special, a) || a.Is6() && !globalUnicast6.Contains(a):
		return ErrPrivate
	case plain:
		return ErrPlain
	}
	return nil
}

// Dialer makes a dialler that asks the policy about every address it connects
// to, so a name cannot change between a look and the use. plain says that the
// connection will carry no TLS.
func (p Policy) Dialer(plain bool) *net.Dialer {
	if p.Any {
		return &net.Dialer{Timeout: 20 * time.Second}
	}
	return &net.Dialer{Timeout: 20 * time.Second, Control: func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			// A socket of the machine, or something nobody thought of.
			return ErrPrivate
		}
		return p.Check(to.Addr(), plain)
	}}
}
