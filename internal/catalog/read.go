package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/document"
	"github.com/plumbline-dev/plumbline/internal/schedule"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/rule"
)

// The files of an entry.
const (
	entryFile   = "entry.yaml"
	schemaFile  = "schema.json"
	samplesFile = "samples.json"
	recipeFile  = "recipe.yaml"
	testsFile   = "tests.yaml"
	guideFile   = "guide.md"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Read reads a folder with a folder for each entry. What it gives is complete,
// and every recipe and every test compiles.
func Read(files fs.FS) (*Library, error) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	l := &Library{bySlug: map[string]*Entry{}}
	var bad []error
	for _, f := range folders {
		folder, err := fs.Sub(files, f.Name())
		if err != nil {
			return nil, err
		}
		e, err := readEntry(f.Name(), folder)
		if err != nil {
			bad = append(bad, fmt.Errorf("catalogue entry %s: %w", f.Name(), err))
			continue
		}
		l.entries = append(l.entries, e)
		l.bySlug[e.Slug] = e
	}
	return l, errors.Join(bad...)
}

// head is entry.yaml.
type head struct {
	Name           string
	Category       string
	Kind           connection.Kind
	Description    string
	Proves         string
	Recommended    int
	Account        string
	Access         []Permission
	DisplayNameKey string `yaml:"displayNameKey"`
	FreshnessHours int64  `yaml:"freshnessHours"`
	Schedule       string
	// Accounts is an account mapping.
	Accounts map[string]any
}

func readEntry(slug string, files fs.FS) (*Entry, error) {
	if !slugForm.MatchString(slug) || slug == "categories" {
		return nil, errors.New("the name of a folder has small letters, digits and dashes, and is not `categories`")
	}
	var h head
	text, err := fs.ReadFile(files, entryFile)
	if err != nil {
		return nil, err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&h); err != nil {
		return nil, fmt.Errorf("%s: %w", entryFile, err)
	}
	e := &Entry{Slug: slug, Name: h.Name, Category: connection.ProviderType(h.Category), Kind: h.Kind, Description: oneLine(h.Description), Proves: oneLine(h.Proves),
		Recommended: h.Recommended, Account: oneLine(h.Account), Access: h.Access, DisplayNameKey: h.DisplayNameKey, FreshnessHours: h.FreshnessHours, Schedule: h.Schedule}
	for i := range e.Access {
		e.Access[i].Why = oneLine(e.Access[i].Why)
	}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", entryFile, err)
	}
	if h.Accounts != nil {
		text, err := json.Marshal(h.Accounts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entryFile, err)
		}
		mapping, err := account.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entryFile, err)
		}
		e.Accounts = &mapping
	}
	for _, part := range []struct {
		name string
		read func([]byte) error
		// optional may be absent.
		optional bool
	}{
		{schemaFile, e.readSchema, false}, {samplesFile, e.readSamples, false}, {recipeFile, e.readRecipe, e.Kind != connection.Standard},
		{testsFile, e.readTests, false}, {guideFile, e.readGuide, false},
	} {
		text, err := fs.ReadFile(files, part.name)
		if part.optional && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := part.read(text); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return e, e.whole()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (e *Entry) check() error {
	for _, given := range []struct{ name, text string }{
		{"name", e.Name}, {"description", e.Description}, {"proves", e.Proves}, {"account", e.Account}, {"displayNameKey", e.DisplayNameKey},
	} {
		if given.text == "" {
			return fmt.Errorf("`%s` is missing", given.name)
		}
	}
	switch {
	case !slices.Contains(CategoryNames(), string(e.Category)):
		return fmt.Errorf("there is no category %q", e.Category)
	case !slices.Contains([]connection.Kind{connection.Standard, connection.Partner, connection.OfYourOwn}, e.Kind):
		return fmt.Errorf("`kind` is %q; it is one of STANDARD, PARTNER and CUSTOM", e.Kind)
	case e.FreshnessHours < 1:
		return errors.New("`freshnessHours` is missing: the age after which the data is stale")
	case e.Kind == connection.Standard && e.Schedule == "":
		return errors.New("`schedule` is missing: what is pulled needs a cron expression")
	case len(e.Access) == 0:
		return errors.New("`access` is missing: say which permission the account needs, and why")
	}
	for _, a := range e.Access {
		if a.Name == "" || a.Why == "" {
			return errors.New("each of `access` has a `permission` and a `why`")
		}
	}
	if e.Schedule == "" {
		return nil
	}
	_, err := schedule.Parse(e.Schedule)
	return err
}

// whole proves what concerns several files.
func (e *Entry) whole() error {
	s, err := schema.Compile(e.Schema)
	if err != nil {
		return err
	}
	if err := s.DisplayNameCandidate(e.DisplayNameKey); err != nil {
		return err
	}
	if e.Recipe == nil && e.Schedule != "" {
		return errors.New("there is a `schedule`, but no recipe that could run by it")
	}
	return nil
}

func (e *Entry) readSchema(text []byte) error {
	e.Schema = compact(text)
	return nil
}

// compact is JSON on one line; what is none comes back and is refused by who
// compiles it.
func compact(text []byte) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return text
	}
	return b.Bytes()
}

func (e *Entry) readSamples(text []byte) error {
	root, err := document.Read(samplesFile, text)
	if err != nil {
		return err
	}
	list := root.Get("records")
	if list == nil || list.Kind != document.IsList {
		return errors.New("`records` is missing: the records that the recipe makes of the replies")
	}
	for _, r := range list.Items {
		e.Samples = append(e.Samples, r.JSON())
	}
	return nil
}

func (e *Entry) readRecipe(text []byte) error {
	r, err := collect.Parse(text)
	if err != nil {
		return err
	}
	e.Recipe, e.Collector = text, r.Collector()
	for _, i := range r.Inputs() {
		e.Inputs = append(e.Inputs, Input{Name: i.Name, Label: i.Label, Help: i.Help, Example: i.Example, Default: i.Default, Required: i.Required, Secret: i.Secret})
	}
	return nil
}

func (e *Entry) readGuide(text []byte) error {
	e.Guide = strings.TrimSpace(string(text))
	if e.Guide == "" {
		return errors.New("the guide is empty")
	}
	return nil
}

// groupKeys are those of a test's group in the file; the rest of a test is for
// its fixtures.
var (
	testKeys    = []string{"name", "description", "controls", "group"}
	fixtureKeys = []string{"now", "pass", "fail", "outOfScope", "error", "cases"}
)

func (e *Entry) readTests(text []byte) error {
	s := document.Source{Name: path.Join(e.Slug, testsFile)}
	root, err := document.Read(s.Name, text)
	if err != nil {
		return err
	}
	if root.Kind != document.IsList {
		return s.Fail(root, "the file is a list of tests, not %s", root.Describe())
	}
	for _, n := range root.Items {
		if n.Kind != document.IsMapping {
			return s.Fail(n, "a test is a mapping, not %s", n.Describe())
		}
		if err := s.Keys(n, "a test", slices.Concat(testKeys, fixtureKeys)); err != nil {
			return err
		}
		t := Test{Name: textOf(n.Get("name")), Description: oneLine(textOf(n.Get("description")))}
		if t.Name == "" || t.Description == "" || n.Get("group") == nil {
			return s.Fail(n, "a test has a `name`, a `description` and a `group`")
		}
		if c := n.Get("controls"); c != nil {
			for _, code := range c.Items {
				t.Controls = append(t.Controls, code.Text)
			}
		}
		if len(t.Controls) == 0 {
			return s.Fail(n, "`controls` is missing: the codes of the controls that the test serves")
		}
		parsed, perr := rule.ParseTest(slices.Concat([]byte(`{"groups":[`), n.Get("group").JSON(), []byte(`]}`)))
		if perr != nil {
			return s.Fail(n.Get("group"), "%s", perr)
		}
		t.Logic, t.Words = parsed.JSON(), check.Words(&parsed.Groups[0], e.Name)
		e.Tests = append(e.Tests, t)
	}
	if len(e.Tests) == 0 {
		return errors.New("an entry recommends at least one test")
	}
	return nil
}

func textOf(n *document.Node) string {
	if n == nil || n.Kind != document.IsText {
		return ""
	}
	return n.Text
}
