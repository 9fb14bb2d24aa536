package code

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/document"
)

// Limits of a folder.
const (
	maxFiles  = 20_000
	maxFolder = 256 << 20 // bytes of all files
	// maxProblems is how many broken files are told of.
	maxProblems = 20
)

// folder is what the files of a folder describe.
type folder struct {
	root    *os.Root
	objects map[kind]map[string]*object
	// files are the names of all that were read, slashes between folders.
	files map[string]*object
	bytes int64
}

func newFolder(root *os.Root) *folder {
	f := &folder{root: root, objects: map[kind]map[string]*object{}, files: map[string]*object{}}
	for _, k := range kinds {
		f.objects[k] = map[string]*object{}
	}
	return f
}

// readFolder reads all files of a folder. Nothing outside of it is read, whatever
// its files name or link to. All broken files are told of, not only the first.
func readFolder(root *os.Root) (*folder, error) {
	f := newFolder(root)
	if err := f.slips(); err != nil {
		return nil, err
	}
	var problems []error
	for _, k := range kinds {
		names, err := f.names(k)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			err := f.read(k, name)
			if err == nil {
				continue
			}
			if problems = append(problems, err); len(problems) == maxProblems {
				return nil, errors.Join(append(problems, errors.New("there may be more"))...)
			}
		}
	}
	return f, errors.Join(problems...)
}

// slips refuses folders whose names are nearly those that are read: what is in
// them would count as gone.
func (f *folder) slips() error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("the folder cannot be read: %w", err)
	}
	var known []string
	for _, k := range kinds {
		known = append(known, k.folder())
	}
	for _, e := range entries {
		if !e.IsDir() || slices.Contains(known, e.Name()) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if meant := document.Nearest(e.Name(), known); meant != "" {
			return fmt.Errorf("the folder %s is not read; did you mean `%s`?", e.Name(), meant)
		}
	}
	return nil
}

// names are the files of a kind, in order.
func (f *folder) names(k kind) ([]string, error) {
	entries, err := fs.ReadDir(f.root.FS(), k.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", k.folder(), cause(err))
	}
	var out []string
	for _, e := range entries {
		name := path.Join(k.folder(), e.Name())
		switch ext := strings.ToLower(path.Ext(name)); {
		case strings.HasPrefix(e.Name(), "."), ext == ".md", ext == ".json" && k == connectionKind && !e.IsDir():
		case ext == ".yaml" || ext == ".yml":
			out = append(out, name)
		case e.IsDir():
			return nil, fmt.Errorf("%s: folders within %s are not read", name, k.folder())
		default:
			return nil, fmt.Errorf("%s: only files whose names end in .yaml or .yml are read here", name)
		}
	}
	if len(out) > maxFiles {
		return nil, fmt.Errorf("%s holds more than %d files", k.folder(), maxFiles)
	}
	return out, nil
}

// cause is an error of a file without its path.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// text reads a file within the folder.
func (f *folder) text(name string) ([]byte, error) {
	info, err := f.root.Stat(name)
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, document.MaxFile+1))
	if err != nil {
		return nil, cause(err)
	}
	if f.bytes += int64(len(text)); f.bytes > maxFolder {
		return nil, fmt.Errorf("the files of the folder come to more than %d MB", maxFolder>>20)
	}
	return text, nil
}

func (f *folder) read(k kind, name string) error {
	text, err := f.text(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	root, failure := document.Read(name, text)
	if failure != nil {
		return failure
	}
	r := &reader{Source: document.Source{Name: name}, kind: k, open: f.schema}
	o, failure := r.object(root)
	if failure != nil {
		return failure
	}
	if other := f.objects[k][o.name]; other != nil {
		at := root.Get(k.identity())
		if at == nil {
			at = root.Get("shipped")
		}
		return r.Fail(at, "the %s `%s` stands in %s, too", k, document.Clip(o.name, 80), other.source.Name)
	}
	f.objects[k][o.name] = o
	f.files[name] = o
	return nil
}

// schema reads the file that a connection names; it lies beside the connection's
// or below.
func (f *folder) schema(r *reader, n *document.Node) (*document.Node, *document.Error) {
	name := path.Join(path.Dir(r.Name), n.Text)
	if path.IsAbs(n.Text) || !strings.HasPrefix(name, path.Dir(r.Name)+"/") || strings.ContainsAny(n.Text, "\\\x00") {
		return nil, r.Fail(n, "the file of a schema lies in the folder of the connection or below: `%s` does not", document.Clip(n.Text, 80))
	}
	text, err := f.text(name)
	if err != nil {
		return nil, r.Fail(n, "the file `%s` cannot be read: %v", document.Clip(n.Text, 80), err)
	}
	root, failure := document.Read(name, text)
	if failure != nil {
		return nil, failure
	}
	r.o.schemaFile = name
	return mapping(&reader{Source: document.Source{Name: name}}, root)
}

// empty is whether no object is described.
func (f *folder) empty() bool { return len(f.files) == 0 }
