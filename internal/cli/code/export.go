package code

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/plumbline-dev/plumbline/internal/document"
)

// exported is what an export did.
type exported struct {
	Created   []string `json:"created"`
	Updated   []string `json:"updated"`
	Deleted   []string `json:"deleted"`
	Unchanged int      `json:"unchanged"`
	// Gone are files of objects that the workspace does not hold (any more).
	Gone []string `json:"gone"`
	// LeftOut are objects that no file can describe, with the reason.
	LeftOut []string `json:"leftOut"`
}

// exporter writes a workspace into a folder.
type exporter struct {
	f      *folder
	w      *workspace
	report exported
	// taken are the names of files in small letters, for file systems that take
	// them for the same.
	taken map[string]bool
}

// export makes the files of a folder say what a workspace holds. A file that
// means the same already stays as it is.
func export(f *folder, w *workspace, prune bool) (exported, error) {
	e := &exporter{f: f, w: w, taken: map[string]bool{}, report: exported{Created: []string{}, Updated: []string{}, Deleted: []string{}, Gone: []string{}, LeftOut: []string{}}}
	for name := range f.files {
		e.taken[strings.ToLower(name)] = true
	}
	e.settle()
	for _, k := range kinds {
		for _, name := range slices.Sorted(maps.Keys(w.objects[k])) {
			if err := e.object(w.objects[k][name]); err != nil {
				return e.report, err
			}
		}
		for _, name := range slices.Sorted(maps.Keys(f.objects[k])) {
			if w.objects[k][name] != nil {
				continue
			}
			file := f.objects[k][name].source.Name
			if !prune {
				e.report.Gone = append(e.report.Gone, file)
				continue
			}
			if err := f.root.Remove(file); err != nil {
				return e.report, fmt.Errorf("%s cannot be deleted: %w", file, cause(err))
			}
			e.report.Deleted = append(e.report.Deleted, file)
		}
	}
	return e.report, nil
}

// settle brings the logic of files into its one form, where it can be read with
// what the workspace holds; else the file says something else than it.
func (e *exporter) settle() {
	b := newBook()
	for id, name := range e.w.resources {
		b.add(name, id)
	}
	if err := b.conditions(e.w.objects[conditionKind]); err != nil {
		return
	}
	for _, o := range e.f.objects[testKind] {
		if _, n, err := b.test(o.source, o.root.Get("logic")); err == nil {
			o.set("logic", n)
			// What cannot be read is another exclusion than any that stands.
			_ = b.exclusions(o)
		}
	}
	for name, o := range e.f.objects[conditionKind] {
		with := newBook()
		with.ids, with.names = b.ids, b.names
		all := maps.Clone(e.w.objects[conditionKind])
		all[name] = o
		if err := with.conditions(all); err != nil {
			continue
		}
		if n, err := with.readable(with.known.Condition(name).JSON()); err == nil {
			o.set("logic", n)
		}
	}
}

func (e *exporter) object(o *object) error {
	switch {
	case o.held.unpublished:
		e.leaveOut(o, "it is a draft that was never published")
		return nil
	case o.held.gone != 0:
		e.leaveOut(o, fmt.Sprintf("it looks at resource %d, which is not in the workspace any more", o.held.gone))
		return nil
	}
	o = e.bare(o)
	old := e.f.objects[o.kind][o.name]
	if old == nil {
		name := e.fileName(o)
		e.report.Created = append(e.report.Created, name)
		return e.write(name, o.tree().YAML())
	}
	if same(o.tree(), e.bare(old).tree()) {
		e.report.Unchanged++
		return nil
	}
	e.report.Updated = append(e.report.Updated, old.source.Name)
	if old.schemaFile == "" || o.get("schema") == nil {
		return e.write(old.source.Name, o.tree().YAML())
	}
	if !same(o.get("schema"), old.get("schema")) {
		if err := e.write(old.schemaFile, schemaText(old.schemaFile, o.get("schema"))); err != nil {
			return err
		}
	}
	reference := old.root.Get("schema")
	now, was := *o, *old
	now.fields, was.fields = slices.Clone(o.fields), slices.Clone(old.fields)
	now.set("schema", document.TextNode(reference.Text))
	was.set("schema", document.TextNode(reference.Text))
	if same(now.tree(), was.tree()) {
		return nil
	}
	return e.write(old.source.Name, now.tree().YAML())
}

// bare is an object without lists that are empty and that a file need not have.
func (e *exporter) bare(o *object) *object {
	out := *o
	out.fields = slices.DeleteFunc(slices.Clone(o.fields), func(f field) bool {
		return len(f.value.Items) == 0 && (f.value.Kind == document.IsList || f.value.Kind == document.IsMapping) && f.key != "logic" && f.key != "schema"
	})
	return &out
}

func (e *exporter) leaveOut(o *object, why string) {
	e.report.LeftOut = append(e.report.LeftOut, fmt.Sprintf("%s `%s`: %s", o.kind, o.name, why))
}

func schemaText(name string, n *document.Node) []byte {
	if strings.ToLower(path.Ext(name)) != ".json" {
		return n.YAML()
	}
	var b bytes.Buffer
	if err := json.Indent(&b, n.JSON(), "", "  "); err != nil {
		return n.JSON()
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// write puts a file in the place of another at once.
func (e *exporter) write(name string, text []byte) error {
	if err := e.f.root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return fmt.Errorf("%s cannot be made: %w", path.Dir(name), cause(err))
	}
	if info, err := e.f.root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a link: it is not written through", name)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s cannot be written: %w", name, cause(err))
	}
	beside := path.Join(path.Dir(name), ".plumbline-"+path.Base(name))
	err := e.f.root.WriteFile(beside, text, 0o666)
	if err == nil {
		err = e.f.root.Rename(beside, name)
	}
	if err != nil {
		_ = e.f.root.Remove(beside)
		return fmt.Errorf("%s cannot be written: %w", name, cause(err))
	}
	return nil
}

// fileName is a name for the file of an object that no other file has.
func (e *exporter) fileName(o *object) string {
	base := slug(o.name)
	if o.kind == controlKind && fileSafe(o.name) {
		base = o.name
	}
	for n := 1; ; n++ {
		name := path.Join(o.kind.folder(), base+".yaml")
		if n > 1 {
			name = path.Join(o.kind.folder(), fmt.Sprintf("%s-%d.yaml", base, n))
		}
		if !e.taken[strings.ToLower(name)] {
			e.taken[strings.ToLower(name)] = true
			return name
		}
	}
}

const maxSlug = 80

// devices are names that some systems keep for themselves.
var devices = []string{"con", "prn", "aux", "nul"}

func fileSafe(name string) bool {
	return name != "" && len(name) <= maxSlug && slug(name) == strings.ToLower(name)
}

// slug is a name for use as that of a file.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	out := strings.Trim(b.String(), "-")
	if out == "" {
		out = "unnamed"
	}
	if slices.Contains(devices, out) || len(out) == 4 && (strings.HasPrefix(out, "com") || strings.HasPrefix(out, "lpt")) {
		out += "-"
	}
	return out
}
