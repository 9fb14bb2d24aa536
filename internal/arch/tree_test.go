package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/plumbline-dev/plumbline"

// source is one Go file of the module.
type source struct {
	path string // from the root, with slashes
	file *ast.File
	fset *token.FileSet
}

// dir is the path of the file's package within the module.
func (s source) dir() string { return path.Dir(s.path) }

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// at names a place in the file.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}

// imports are the paths that the file imports, with the statement of each.
func (s source) imports() map[string]*ast.ImportSpec {
	out := map[string]*ast.ImportSpec{}
	for _, spec := range s.file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			out[p] = spec
		}
	}
	return out
}

// files lists the files of the tree below root that are the module's own work:
// not what is installed or built, not test data, not another module.
func files(t *testing.T, root fs.FS) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			out = append(out, p)
			return nil
		}
		if p == "." {
			return nil
		}
		name := d.Name()
		if strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "testdata", "dist", "bin", "tmp"}, name) {
			return fs.SkipDir
		}
		if _, err := fs.Stat(root, path.Join(p, "go.mod")); err == nil {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sources parses the Go files of the tree, whatever their build tags.
func sources(t *testing.T, root fs.FS) []source {
	t.Helper()
	var out []source
	for _, p := range files(t, root) {
		if path.Ext(p) != ".go" || slices.ContainsFunc(outside, func(dir string) bool { return below(p, dir) }) {
			continue
		}
		text, err := fs.ReadFile(root, p)
		if err != nil {
			t.Fatal(err)
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, p, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{path: p, file: file, fset: fset})
	}
	return out
}

// below reports whether p is dir or lies in it.
func below(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

func belowAny(p string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return below(p, dir) })
}
