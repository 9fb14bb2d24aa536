package rule

import (
	"bytes"
	"net/netip"
	"strconv"
)

// readNetwork reads an address or a network as a range of addresses; an IPv4
// address written inside IPv6 counts as IPv4, zones are ignored.
func readNetwork(s []byte) (netip.Prefix, bool) {
	text := string(s)
	if bytes.IndexByte(s, '/') >= 0 {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return p, false
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		return p, true
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen()), true
}

// within is whether the whole of inner lies in outer.
func within(inner, outer netip.Prefix) bool {
	return inner.Bits() >= outer.Bits() && outer.Contains(inner.Addr())
}

// networks reads the value of inCidr: one network or an array of them.
func networks(v *value) ([]netip.Prefix, bool) {
	switch v.kind {
	case kindString:
		p, ok := readNetwork(v.s)
		return []netip.Prefix{p}, ok
	case kindArray:
		list, ok := []netip.Prefix{}, true
		eachElement(v.s, func(e *value) bool {
			var p netip.Prefix
			if ok = e.kind == kindString; ok {
				p, ok = readNetwork(e.s)
			}
			list = append(list, p)
			return ok
		})
		return list, ok
	}
	return nil, false
}

// versionText gives the dotted numbers of a version: digits and dots after an
// optional v, up to a suffix that begins with -, +, ~, ( or a space.
func versionText(v *value) ([]byte, bool) {
	if v.kind != kindString && !v.isNumber() {
		return nil, false
	}
	s := v.s
	if v.kind == kindInt && len(s) == 0 {
		s = strconv.AppendInt(nil, v.bits, 10) // a length has no text of its own
	}
	if v.kind == kindString {
		s = bytes.Trim(s, " \t")
		if len(s) > 0 && s[0]|0x20 == 'v' {
			s = s[1:]
		}
	}
	end := bytes.IndexAny(s, "-+~( ")
	if end >= 0 && v.kind == kindString {
		s = s[:end]
	}
	digit := false
	for _, c := range s {
		switch {
		case c-'0' <= 9:
			digit = true
		case c == '.' && digit:
			digit = false
		default:
			return nil, false
		}
	}
	return s, digit
}

// compareVersions compares dotted numbers part by part; missing parts are zero.
func compareVersions(a, b []byte) int {
	for len(a) > 0 || len(b) > 0 {
		var x, y []byte
		x, a, _ = bytes.Cut(a, []byte("."))
		y, b, _ = bytes.Cut(b, []byte("."))
		x, y = bytes.TrimLeft(x, "0"), bytes.TrimLeft(y, "0")
		if len(x) != len(y) {
			if len(x) < len(y) {
				return -1
			}
			return 1
		}
		if c := bytes.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}
