package schema

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// home is the address of the document while it compiles; nothing is ever read
// from it.
const home = "plumbline:///schema"

// library is the schema as the full validator runs it, with what must be known
// to bound its work.
type library struct {
	root  *jsonschema.Schema
	graph *graph
	// order keeps the types of a list as they are declared, by location.
	order map[string][]string
}

// closedLoader refuses every document but the schema itself; the metaschemas
// are built into the library.
type closedLoader struct{}

var errOutside = errors.New("outside of the document")

func (closedLoader) Load(string) (any, error) { return nil, errOutside }

func compileLibrary(doc *document) (lib *library, err error) {
	defer func() {
		if r := recover(); r != nil {
			lib, err = nil, fault.Wrap(fmt.Errorf("schema compiler: %v", r), fault.CodeInvalidSchema, "The JSON Schema cannot be compiled.")
		}
	}()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.UseLoader(closedLoader{})
	c.UseRegexpEngine(patternEngine)
	if err := c.AddResource(home, doc.root); err != nil {
		return nil, doc.compileError(err)
	}
	root, err := c.Compile(home)
	if err != nil {
		return nil, doc.compileError(err)
	}
	g, err := newGraph(root)
	if err != nil {
		return nil, err
	}
	lib = &library{root: root, graph: g, order: map[string][]string{}}
	for _, s := range g.schemas {
		if s.Types == nil || len(s.Types.ToStrings()) < 2 {
			continue
		}
		if object, ok := doc.located(s.Location); ok {
			lib.order[s.Location] = typeList(object["type"])
		}
	}
	for _, s := range g.schemas {
		adapt(s)
	}
	return lib, nil
}

// compileError turns an error of the library into a sentence. The text of a
// validation error is never asked for: it can be many megabytes.
func (d *document) compileError(err error) error {
	var bad *jsonschema.SchemaValidationError
	if errors.As(err, &bad) {
		return metaschemaError(explain(bad.Err, nil, nil))
	}
	var load *jsonschema.LoadURLError
	if errors.As(err, &load) {
		return invalid(d.refTo(load.URL), "%q leads out of the document, which is not allowed", cut(load.URL, maxShown))
	}
	var missing *jsonschema.JSONPointerNotFoundError
	if errors.As(err, &missing) {
		return invalid(d.refTo(missing.URL), "the target of the reference does not exist")
	}
	var anchor *jsonschema.AnchorNotFoundError
	if errors.As(err, &anchor) {
		return invalid(d.refTo(anchor.Reference), "the target of the reference does not exist")
	}
	return invalid("", "%s", cut(strings.ReplaceAll(err.Error(), home, ""), maxShown))
}

// metaschemaError tells the faults of the deepest place: those above it mostly
// say that one of several forms was not met because of it.
func metaschemaError(faults []found) error {
	if len(faults) == 0 {
		return invalid("", "it does not satisfy the metaschema of its draft")
	}
	deepest := slices.MaxFunc(faults, func(a, b found) int { return cmp.Compare(len(a.location), len(b.location)) })
	var messages []string
	for _, f := range faults {
		if slices.Equal(f.location, deepest.location) && len(messages) < 3 {
			messages = append(messages, f.message)
		}
	}
	return invalid(pointerOf(deepest.location), "%s", strings.Join(messages, "; "))
}

// refTo is the pointer of a reference that resolves to address, empty if none
// is found.
func (d *document) refTo(address string) string {
	base, fragment, _ := strings.Cut(address, "#")
	for _, ref := range d.refs {
		refBase, refFragment, _ := strings.Cut(ref.text, "#")
		refBase = strings.TrimLeft(refBase, "./")
		if refBase != "" && strings.HasSuffix(base, refBase) {
			return ref.pointer
		}
		if refBase == "" && refFragment != "" && unescaped(refFragment) == unescaped(fragment) {
			return ref.pointer
		}
	}
	return ""
}

func unescaped(fragment string) string {
	if s, err := url.PathUnescape(fragment); err == nil {
		return s
	}
	return fragment
}

// located is the object of the document at a location of the library.
func (d *document) located(location string) (map[string]any, bool) {
	fragment, ok := strings.CutPrefix(location, home+"#")
	if !ok {
		return nil, false
	}
	v, _ := d.at(unescaped(fragment))
	object, ok := v.(map[string]any)
	return object, ok
}

func pointerOfLocation(location string) string {
	if fragment, ok := strings.CutPrefix(location, home+"#"); ok {
		return unescaped(fragment)
	}
	return location
}
