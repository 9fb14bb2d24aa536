package arch

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestImports(t *testing.T) {
	all := sources(t, os.DirFS("../.."))
	if len(all) == 0 {
		t.Fatal("no Go file found")
	}
	report(t, forbiddenImports(table, all))
	report(t, driverImports(all))
	report(t, effectImports(all))
}

func report(t *testing.T, violations []string) {
	t.Helper()
	for _, v := range violations {
		t.Error(v)
	}
}

// owner is the row that speaks for a package.
func owner(table []row, pkg string) (row, bool) {
	best, found := row{}, false
	for _, r := range table {
		if below(pkg, r.pkg) && len(r.pkg) >= len(best.pkg) {
			best, found = r, true
		}
	}
	return best, found
}

// forbiddenImports names the imports within the module that are not in the table.
func forbiddenImports(table []row, all []source) []string {
	var out []string
	for _, s := range all {
		from, ok := owner(table, s.dir())
		if !ok {
			out = append(out, fmt.Sprintf("%s: package %s has no row in the import table", s.path, s.dir()))
			continue
		}
		for imported, spec := range s.imports() {
			pkg, ok := strings.CutPrefix(imported, module+"/")
			if !ok {
				continue
			}
			to, ok := owner(table, pkg)
			switch {
			case !ok:
				out = append(out, fmt.Sprintf("%s: %s has no row in the import table", s.at(spec), pkg))
			case to.pkg == from.pkg, slices.Contains(from.may, to.pkg), s.test() && slices.Contains(slices.Concat(everyTest, from.test), to.pkg):
			default:
				out = append(out, fmt.Sprintf("%s: %s may not import %s", s.at(spec), s.dir(), pkg))
			}
		}
	}
	slices.Sort(out)
	return out
}

// driverImports names the imports of database drivers outside their home.
func driverImports(all []source) []string {
	return refused(all, func(s source, imported string) bool {
		return belowAny(imported, drivers) && !belowAny(s.dir(), driverHomes)
	}, "a database driver is imported outside "+strings.Join(driverHomes, ", "))
}

// effectImports names what ties a pure package to the world.
func effectImports(all []source) []string {
	return refused(all, func(s source, imported string) bool {
		return !s.test() && slices.Contains(pure, s.dir()) && slices.Contains(effects, imported)
	}, "a pure package reaches outside")
}

func refused(all []source, bad func(s source, imported string) bool, why string) []string {
	var out []string
	for _, s := range all {
		for imported, spec := range s.imports() {
			if bad(s, imported) {
				out = append(out, fmt.Sprintf("%s: %s: %s", s.at(spec), why, imported))
			}
		}
	}
	slices.Sort(out)
	return out
}

// Every package that a row names as importable has a row of its own, and no
// package has two.
func TestTable(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range table {
		if rows[r.pkg] {
			t.Errorf("two rows for %s", r.pkg)
		}
		rows[r.pkg] = true
	}
	for _, r := range table {
		for _, p := range slices.Concat(r.may, r.test) {
			if !rows[p] {
				t.Errorf("the row of %s names %s, which has none", r.pkg, p)
			}
		}
	}
}

func goFile(imports ...string) *fstest.MapFile {
	text := "package x\n"
	for _, i := range imports {
		text += "import _ \"" + i + "\"\n"
	}
	return &fstest.MapFile{Data: []byte(text)}
}

func TestViolatedImports(t *testing.T) {
	fixture := []row{
		{pkg: "low"},
		{pkg: "high", may: []string{"low"}, test: []string{"support"}},
		{pkg: "high/own"},
		{pkg: "support"},
	}
	tree := fstest.MapFS{
		"low/a.go":                 goFile("fmt", "github.com/google/uuid"),
		"low/b.go":                 goFile(module + "/high"),
		"low/b_test.go":            goFile(module + "/support"),
		"high/a.go":                goFile(module+"/low", module+"/high/part"),
		"high/part/a.go":           goFile(module+"/high/own", module+"/high"),
		"high/a_test.go":           goFile(module+"/support", module+"/low"),
		"high/c.go":                goFile(module + "/support"),
		"high/tagged.go":           {Data: []byte("//go:build never\n\npackage x\nimport _ \"" + module + "/nowhere\"\n")},
		"stray/a.go":               goFile("fmt"),
		"bench/a.go":               goFile(module + "/high"),
		"low/testdata/a.go":        goFile(module + "/high"),
		"ui/node_modules/a.go":     goFile(module + "/high"),
		"other/go.mod":             {Data: []byte("module other\n")},
		"other/a.go":               goFile(module + "/high"),
		"internal/store/a.go":      goFile("github.com/jackc/pgx/v5/pgxpool"),
		"internal/httpapi/a.go":    goFile("github.com/jackc/pgx/v5", "database/sql"),
		"rule/a.go":                goFile("os", "strings"),
		"rule/a_test.go":           goFile("os"),
		"internal/connection/a.go": goFile("log/slog"),
	}
	all := sources(t, tree)
	onlyFixture := slices.DeleteFunc(slices.Clone(all), func(s source) bool { return belowAny(s.path, []string{"internal", "rule"}) })
	expect(t, forbiddenImports(fixture, onlyFixture), []string{
		"high/c.go:2: high may not import support",
		"high/part/a.go:2: high/part may not import high/own",
		"high/tagged.go:4: nowhere has no row in the import table",
		"low/b.go:2: low may not import high",
		"low/b_test.go:2: low may not import support",
		"stray/a.go: package stray has no row in the import table",
	})
	expect(t, driverImports(all), []string{
		"internal/httpapi/a.go:2: a database driver is imported outside internal/store, internal/collect/query: github.com/jackc/pgx/v5",
		"internal/httpapi/a.go:3: a database driver is imported outside internal/store, internal/collect/query: database/sql",
	})
	expect(t, effectImports(all), []string{"rule/a.go:2: a pure package reaches outside: os"})
}

func expect(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
