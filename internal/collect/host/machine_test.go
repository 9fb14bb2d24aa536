package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// unpack lays out a machine from testdata. In the archive a name "a -> b" is a
// symbolic link and "$ program args" is what the program answers.
func unpack(t testing.TB, name string) (Options, string) {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	answers := map[string]string{}
	for _, f := range a.Files {
		if command, ok := strings.CutPrefix(f.Name, "$ "); ok {
			answers[command] = string(f.Data)
			continue
		}
		file, target, link := strings.Cut(f.Name, " -> ")
		at := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if link {
			err = os.Symlink(target, at)
		} else {
			err = os.WriteFile(at, f.Data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	o := Options{Root: root, Now: func() time.Time { return noon }}
	if len(answers) > 0 {
		o.Run = func(_ context.Context, name string, args ...string) ([]byte, error) {
			if len(args) > 1 {
				args = args[:1]
			}
			if answer, ok := answers[name+" "+strings.Join(args, " ")]; ok {
				return []byte(answer), nil
			}
			return nil, errors.New("no such program in the archive")
		}
	}
	return o, root
}

// forbidden is a machine on which some files may not be read.
type forbidden struct {
	machine.Files
	names_ []string
}

func (f forbidden) Open(name string) (io.ReadCloser, error) {
	if slices.Contains(f.names_, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.Files.Open(name)
}

func (f forbidden) Names(name string) ([]string, error) {
	if slices.Contains(f.names_, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.Files.Names(name)
}

func (f forbidden) Close() {}

// memory is a machine in memory, for fuzzing.
type memory map[string]string

func (m memory) fs() fstest.MapFS {
	all := fstest.MapFS{}
	for name, data := range m {
		all[machine.Within(name)] = &fstest.MapFile{Data: []byte(data), Mode: 0o644}
	}
	return all
}

func (m memory) Open(name string) (io.ReadCloser, error) {
	if data, ok := m[name]; ok {
		return io.NopCloser(strings.NewReader(data)), nil
	}
	return nil, fs.ErrNotExist
}

func (m memory) Names(dir string) ([]string, error) {
	entries, err := fs.ReadDir(m.fs(), machine.Within(dir))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (m memory) Readlink(string) (string, error) { return "", fs.ErrInvalid }
func (m memory) Stat(name string) (fs.FileInfo, error) {
	return fs.Stat(m.fs(), machine.Within(path.Clean(name)))
}
func (m memory) Close() {}

func (m memory) machine() *reader {
	return &reader{files: m, host: "fuzz", now: noon}
}

// valid checks everything that holds for any dataset of any machine.
func valid(t testing.TB, d Dataset) {
	t.Helper()
	s := compiled(t, d)
	ids := map[string]bool{}
	for _, raw := range d.Records {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v in %s", d.Slug, err, raw)
		}
		if err := s.Validate(v); err != nil {
			t.Fatalf("%s: %v\n%s", d.Slug, err, raw)
		}
		id := v.(map[string]any)["id"].(string)
		if ids[id] || id != recordID(id) {
			t.Fatalf("%s: id %q stands twice or cannot be a key", d.Slug, id)
		}
		ids[id] = true
		if len(raw) > 4<<20 {
			t.Fatalf("%s: record %q of %d bytes", d.Slug, id, len(raw))
		}
	}
	for _, o := range d.Omitted {
		if o.What == "" || !strings.HasSuffix(o.Why, ".") {
			t.Fatalf("%s: omission %+v is no sentence", d.Slug, o)
		}
	}
}

var schemaCache = map[string]*jsonschema.Schema{}

func compiled(t testing.TB, d Dataset) *jsonschema.Schema {
	t.Helper()
	if s := schemaCache[d.Slug]; s != nil {
		return s
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(d.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("mem://"+d.Slug, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem://" + d.Slug)
	if err != nil {
		t.Fatal(err)
	}
	schemaCache[d.Slug] = s
	return s
}

// fields decodes the records of a dataset by id.
func fields(t testing.TB, d Dataset) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, raw := range d.Records {
		var v map[string]any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		all[v["id"].(string)] = v
	}
	return all
}

func bySlug(t testing.TB, all []Dataset, slug string) Dataset {
	t.Helper()
	i := slices.IndexFunc(all, func(d Dataset) bool { return d.Slug == slug })
	if i < 0 {
		t.Fatalf("no dataset %q", slug)
	}
	return all[i]
}

// archive gives the files of a machine in testdata by name.
func archive(t testing.TB, name string) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range a.Files {
		all[f.Name] = string(f.Data)
	}
	return all
}
