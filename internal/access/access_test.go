package access_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

func TestSecrets(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		s := access.NewSecret()
		if !strings.HasPrefix(s, "plk_") || !access.WellFormed(s) || seen[s] {
			t.Fatalf("bad secret %q", s)
		}
		seen[s] = true
		for _, bad := range []string{"", "plk_", s[:len(s)-1], s + "A", strings.ToUpper(s), flip(s)} {
			if access.WellFormed(bad) {
				t.Errorf("%q passes for a key", bad)
			}
		}
	}
}

// flip changes one character in the middle.
func flip(s string) string {
	c := byte('A')
	if s[20] == c {
		c = 'B'
	}
	return s[:20] + string(c) + s[21:]
}

func TestGrants(t *testing.T) {
	for _, c := range []struct {
		have []access.Scope
		need access.Scope
		want bool
	}{
		{[]access.Scope{access.All}, access.KeysDelete, true},
		{[]access.Scope{access.Read}, access.ConnectionsGet, true},
		{[]access.Scope{access.Read}, access.DataPost, false},
		{[]access.Scope{access.Read}, access.All, false},
		{[]access.Scope{access.DataPost}, access.DataPost, true},
		{[]access.Scope{access.DataPost}, access.DataPut, false},
		{nil, access.ConnectionsGet, false},
		{[]access.Scope{access.Read}, "unknown", false},
	} {
		if got := access.Grants(c.have, c.need); got != c.want {
			t.Errorf("%v for %s: %v", c.have, c.need, got)
		}
	}
}

func TestParseScopes(t *testing.T) {
	got, err := access.ParseScopes([]string{" read", "read", "custom-connections-data-post"})
	if err != nil || len(got) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range [][]string{nil, {""}, {"everything"}, {"all", "nothing"}} {
		if _, err := access.ParseScopes(bad); fault.CodeOf(err) != fault.CodeValidation {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestKeyState(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		key  access.Key
		want access.KeyState
	}{
		{access.Key{}, access.KeyActive},
		{access.Key{ExpiresAt: now.Add(31 * 24 * time.Hour)}, access.KeyActive},
		{access.Key{ExpiresAt: now.Add(29 * 24 * time.Hour)}, access.KeyExpiresSoon},
		{access.Key{ExpiresAt: now}, access.KeyExpired},
		{access.Key{ExpiresAt: now.Add(-time.Hour), RevokedAt: now}, access.KeyRevoked},
	} {
		if got := c.key.State(now); got != c.want {
			t.Errorf("%+v: %s, want %s", c.key, got, c.want)
		}
	}
}

// An IPv4 network may be written as IPv6; requests from it come as IPv4.
func TestNetwork(t *testing.T) {
	for text, want := range map[string]string{
		"::ffff:192.0.2.0/120": "192.0.2.0/24", "::ffff:192.0.2.7/128": "192.0.2.7/32", "::ffff:0.0.0.0/96": "0.0.0.0/0", "192.0.2.9/24": "192.0.2.0/24",
		"::ffff:0.0.0.0/90": "::ffc0:0:0/90", "2001:db8::1/32": "2001:db8::/32", "::/0": "::/0",
	} {
		if got := access.Network(netip.MustParsePrefix(text)).String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
