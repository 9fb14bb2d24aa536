package arch

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// ARCHITECTURE.md names each package, so that whoever looks for one finds it.
func TestNamed(t *testing.T) {
	root := os.DirFS("../..")
	page, err := fs.ReadFile(root, "ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range unnamed(string(page), sources(t, root)) {
		t.Errorf("the house in ARCHITECTURE.md does not name %s", dir)
	}
}

func TestUnnamed(t *testing.T) {
	all := sources(t, fstest.MapFS{"internal/store/a.go": goFile(), "internal/cli/users/a.go": goFile(), "internal/sto/a.go": goFile()})
	if got := unnamed("sto\n```\nstore/  all SQL\n```\nusers", all); !slices.Equal(got, []string{"internal/cli/users", "internal/sto"}) {
		t.Errorf("%v", got)
	}
}

var word = regexp.MustCompile(`[a-z0-9_]+`)

// unnamed are the packages whose last name does not stand in the house, which is
// the first block of a page.
func unnamed(page string, all []source) []string {
	_, house, _ := strings.Cut(page, "```")
	house, _, _ = strings.Cut(house, "```")
	named := word.FindAllString(house, -1)
	var out []string
	for _, s := range all {
		if dir := s.dir(); dir != "." && !slices.Contains(named, path.Base(dir)) && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	slices.Sort(out)
	return out
}
