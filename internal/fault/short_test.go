package fault

import "testing"

func TestShort(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"", 2, ""}, {"ab", 2, "ab"}, {"abc", 2, "ab…"}, {"äöü", 3, "äöü"}, {"äöü", 2, "äö…"}, {"a\xffb", 2, "a\xff…"}, {"a", 0, "…"}} {
		if got := Short(c.text, c.most); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.text, c.most, got, c.want)
		}
	}
}
