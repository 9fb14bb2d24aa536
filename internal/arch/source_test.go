package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// maxLines is where a file is no longer read in one go.
const maxLines = 600

func TestSources(t *testing.T) {
	root := os.DirFS("../..")
	all := sources(t, root)
	report(t, strayStatements(all))
	report(t, clockReads(all))
	report(t, badNames(all))
	report(t, longFiles(t, root))
}

// statement finds SQL in a text: keywords in capitals anywhere, or in small
// letters where the text begins with them, so that prose is left alone.
var statement = regexp.MustCompile(`(?s)\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE\s.+\sSET|DELETE FROM)\s` +
	`|^\s*(select\s.+\sfrom|insert\s+into|update\s+\S+\s+set|delete\s+from)\s`)

// strayStatements names SQL outside the store. Tests without a driver cannot run
// any, and may quote some.
func strayStatements(all []source) []string {
	var out []string
	for _, s := range all {
		if s.test() || belowAny(s.dir(), driverHomes) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, isText := joined(e)
			if isText && statement.MatchString(text) {
				out = append(out, fmt.Sprintf("%s: SQL outside %s: %.40q", s.at(n), strings.Join(driverHomes, ", "), text))
			}
			return !isText
		})
	}
	return out
}

// joined is the text of a string literal, or of a sum of them in which anything
// else counts as a word.
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, leftText := joined(e.X)
		right, rightText := joined(e.Y)
		if !leftText {
			left = "x"
		}
		if !rightText {
			right = "x"
		}
		return left + right, leftText || rightText
	}
	return "", false
}

// clockReads names the places where a package without a clock reads one.
func clockReads(all []source) []string {
	var out []string
	for _, s := range all {
		spec, ok := s.imports()["time"]
		if !ok || s.test() || !belowAny(s.dir(), clockless) {
			continue
		}
		name := "time"
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			out = append(out, fmt.Sprintf("%s: package time is imported without its name", s.at(spec)))
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				out = append(out, fmt.Sprintf("%s: %s reads the clock: time.%s", s.at(n), s.dir(), sel.Sel.Name))
			}
			return true
		})
	}
	return out
}

// emptyNames say nothing about what a package holds.
var emptyNames = []string{"base", "common", "helper", "helpers", "lib", "misc", "model", "models", "shared", "types", "util", "utils"}

// badNames names the packages whose name says nothing, is a plural, or differs
// from that of their folder. Packages of commands are named for the command.
func badNames(all []source) []string {
	var out []string
	for _, s := range all {
		folder, name := path.Base(s.dir()), strings.TrimSuffix(s.file.Name.Name, "_test")
		plural := strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && !strings.HasSuffix(name, "is") && !below(s.dir(), "internal/cli")
		switch {
		case slices.Contains(emptyNames, name), slices.Contains(emptyNames, folder):
			out = append(out, fmt.Sprintf("%s: the name of package %s says nothing", s.path, s.dir()))
		case plural:
			out = append(out, fmt.Sprintf("%s: the name of package %s is a plural", s.path, s.dir()))
		case name != "main" && name != folder:
			out = append(out, fmt.Sprintf("%s: package %s lies in folder %s", s.path, name, folder))
		}
	}
	return out
}

// code are the kinds of file that people write and read.
var code = []string{".css", ".go", ".html", ".js", ".mjs", ".sh", ".sql", ".ts", ".tsx"}

var generated = regexp.MustCompile(`(?i)code generated|auto-?generated`)

// longFiles names the files that should be split. Generated ones are excepted.
func longFiles(t *testing.T, root fs.FS) []string {
	t.Helper()
	var out []string
	for _, p := range files(t, root) {
		if !slices.Contains(code, path.Ext(p)) {
			continue
		}
		text, err := fs.ReadFile(root, p)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n > maxLines && !generated.Match(text[:min(len(text), 300)]) {
			out = append(out, fmt.Sprintf("%s: %d lines, at most %d: split it by meaning", p, n, maxLines))
		}
	}
	return out
}

func text(lines ...string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(strings.Join(lines, "\n") + "\n")}
}

func TestViolatedSources(t *testing.T) {
	tree := fstest.MapFS{
		"internal/record/a.go": text("package record", `import "time"`,
			`var now = time.Now`, `func f(t time.Time) { _ = time.Since(t); _ = time.Unix(0, 0) }`),
		"internal/record/a_test.go": text("package record_test", `import "time"`, `var now = time.Now()`),
		"internal/record/b.go":      text("package record", `import clock "time"`, `var now = clock.Until`),
		"internal/httpapi/a.go": text("package httpapi", `import "time"`, `var now = time.Now`,
			`var a = "SELECT id FROM record WHERE id = 1"`,
			`var b = "SELECT id " + columns + " FROM record "`,
			"var c = `\n  delete from record where id = 1`",
			`var d = "Select a resource from the list, update the record and set its name"`,
			`// SELECT id FROM record in a comment`),
		"internal/httpapi/a_test.go":   text("package httpapi", `var a = "DELETE FROM record "`),
		"internal/store/sub/a.go":      text("package sub", `var a = "INSERT INTO record VALUES (1)"`),
		"internal/cli/keys/a.go":       text("package keys"),
		"internal/records/a.go":        text("package records"),
		"internal/util/a.go":           text("package util"),
		"internal/access/a.go":         text("package acess"),
		"internal/access/main_test.go": text("package access_test"),
		"cmd/plumbline/main.go":        text("package main"),
		"ui/src/long.tsx":              text(make([]string, maxLines+1)...),
		"ui/src/just.tsx":              text(make([]string, maxLines)...),
		"ui/src/made.ts":               text(append([]string{"// This file was auto-generated."}, make([]string, maxLines)...)...),
		"ui/package-lock.json":         text(make([]string, 5*maxLines)...),
		"rule/testdata/long.go":        text(make([]string, maxLines+1)...),
	}
	all := sources(t, tree)
	expect(t, clockReads(all), []string{
		"internal/record/a.go:3: internal/record reads the clock: time.Now",
		"internal/record/a.go:4: internal/record reads the clock: time.Since",
		"internal/record/b.go:3: internal/record reads the clock: time.Until",
	})
	expect(t, strayStatements(all), []string{
		`internal/httpapi/a.go:4: SQL outside internal/store, internal/collect/query: "SELECT id FROM record WHERE id = 1"`,
		`internal/httpapi/a.go:5: SQL outside internal/store, internal/collect/query: "SELECT id x FROM record "`,
		`internal/httpapi/a.go:6: SQL outside internal/store, internal/collect/query: "\n  delete from record where id = 1"`,
	})
	expect(t, badNames(all), []string{
		"internal/access/a.go: package acess lies in folder access",
		"internal/records/a.go: the name of package internal/records is a plural",
		"internal/util/a.go: the name of package internal/util says nothing",
	})
	expect(t, longFiles(t, tree), []string{"ui/src/long.tsx: 601 lines, at most 600: split it by meaning"})
}
