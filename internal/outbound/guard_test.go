package outbound

import (
	"net/netip"
	"testing"
)

func TestPolicy(t *testing.T) {
	open := Policy{}
	some := Policy{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32")}}
	for _, c := range []struct {
		addr         string
		public, some bool
	}{
		{"8.8.8.8", true, true}, {"2606:4700::1111", true, true},
		{"127.0.0.1", false, false}, {"::1", false, false}, {"0.0.0.0", false, false}, {"::", false, false}, {"10.0.0.1", false, false}, {"10.1.2.3", false, true},
		{"::ffff:10.1.2.3", false, true}, {"::ffff:127.0.0.1", false, false}, {"172.16.0.1", false, false}, {"192.168.1.1", false, false},
		{"169.254.169.254", false, false}, {"100.64.0.1", false, false}, {"192.0.2.1", false, false}, {"198.18.0.1", false, false}, {"224.0.0.1", false, false},
		{"255.255.255.255", false, false}, {"240.0.0.1", false, false}, {"fe80::1", false, false}, {"fd00::1", false, false}, {"fd00:1::1", false, true},
		{"ff02::1", false, false}, {"64:ff9b::7f00:1", false, false}, {"2002:7f00:1::", false, false}, {"2001::1", false, false}, {"2001:db8::1", false, false},
		{"fec0::1", false, false},
	} {
		a := netip.MustParseAddr(c.addr)
		if got := open.Check(a, false) == nil; got != c.public {
			t.Errorf("%s without a setting: %v", c.addr, got)
		}
		if got := some.Check(a, false) == nil; got != c.some {
			t.Errorf("%s with networks: %v", c.addr, got)
		}
		if got := some.Check(a, true) == nil; got != (c.some && !c.public) {
			t.Errorf("%s without TLS: %v", c.addr, got)
		}
	}
	if err := (Policy{Any: true}).Check(netip.MustParseAddr("127.0.0.1"), true); err != nil {
		t.Error(err)
	}
	if open.Dialer(false).Control("tcp", "no address", nil) == nil {
		t.Error("what cannot be read is dialled")
	}
}
