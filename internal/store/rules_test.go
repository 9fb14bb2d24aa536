package store

import (
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/rule"
)

// Rules that nobody uses any more do not stay for ever.
func TestRuleCacheIsBounded(t *testing.T) {
	var c ruleCache
	text := func(n int) string { return strings.Repeat(string(rune('a'+n%26)), 1<<20+n) }
	for n := range 100 {
		c.put(text(n), rule.Group{Name: text(n)[:1]})
		c.put(text(n), rule.Group{})
		g, ok := c.get(text(n))
		if !ok || g.Name != text(n)[:1] {
			t.Fatalf("rule %d is not there", n)
		}
		held := 0
		for known := range c.byText {
			held += len(known)
		}
		if held > maxRuleText || held != c.bytes {
			t.Fatalf("after %d rules %d bytes are held, %d counted", n, held, c.bytes)
		}
	}
}
