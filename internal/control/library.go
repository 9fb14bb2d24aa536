package control

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

//go:embed content/*.yaml
var content embed.FS

// Shipped is the content that comes with the program.
type Shipped struct {
	Frameworks []ShippedFramework
	Controls   []ShippedControl
	// Source and Licence are those of the controls.
	Source, Licence string
}

// ShippedFramework is a framework file.
type ShippedFramework struct {
	Kind         string
	Tag          Tag
	Slug         string
	Name         string
	ShortName    string `yaml:"shortName"`
	Pill         string
	Description  string
	Color        string
	BgColor      string `yaml:"bgColor"`
	Source       string
	Licence      string
	Requirements []struct{ Code, Name, Category, Description string }

	// Digest tells this edition from others, the controls' mapping included.
	Digest string `yaml:"-"`
}

// ShippedControl is a control of the file of controls.
type ShippedControl struct {
	Code, Name, Description, Question, Activity string
	// Requirements are codes by the slug of their framework.
	Requirements map[string][]string
}

type shippedControls struct {
	Kind, Source, Licence string
	Controls              []ShippedControl
}

// Library is the shipped content. It is the same for every call.
var Library = sync.OnceValue(func() *Shipped {
	l, err := readLibrary(content)
	if err != nil {
		panic(err) // only files of this package
	}
	return l
})

// readLibrary reads and proves the files of content/.
func readLibrary(files fs.FS) (*Shipped, error) {
	names, err := fs.Glob(files, "content/*.yaml")
	if err != nil {
		return nil, err
	}
	out := &Shipped{}
	digest := map[string]string{}
	mapping := ""
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		var head struct{ Kind string }
		if err := yaml.Unmarshal(text, &head); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		switch head.Kind {
		case "framework":
			var f ShippedFramework
			if err := known(text, &f); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out.Frameworks = append(out.Frameworks, f)
			digest[f.Slug] = string(sum[:])
		case "controls":
			var c shippedControls
			if err := known(text, &c); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out.Controls, out.Source, out.Licence = append(out.Controls, c.Controls...), c.Source, c.Licence
			mapping += string(sum[:])
		default:
			return nil, fmt.Errorf("%s: kind is %q, want framework or controls", name, head.Kind)
		}
	}
	for i := range out.Frameworks {
		f := &out.Frameworks[i]
		sum := sha256.Sum256([]byte(digest[f.Slug] + mapping))
		f.Digest = hex.EncodeToString(sum[:8])
	}
	slices.SortStableFunc(out.Frameworks, func(x, y ShippedFramework) int { return strings.Compare(x.Name, y.Name) })
	return out, out.check()
}

// known decodes a file that has nothing unknown in it.
func known(text []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("a second document begins")
	}
	return nil
}

// check proves the content: what it must have, lengths, unique codes, and that
// each mapping names a requirement.
func (l *Shipped) check() error {
	codes := map[string]map[string]bool{}
	for i := range l.Frameworks {
		f := &l.Frameworks[i]
		if err := f.check(); err != nil {
			return fmt.Errorf("framework %q: %w", f.Slug, err)
		}
		if codes[f.Slug] != nil {
			return fmt.Errorf("two frameworks have the slug %q", f.Slug)
		}
		codes[f.Slug] = map[string]bool{}
		for _, r := range f.Requirements {
			if codes[f.Slug][r.Code] {
				return fmt.Errorf("framework %q: the code %q comes twice", f.Slug, r.Code)
			}
			codes[f.Slug][r.Code] = true
		}
	}
	if len(l.Controls) > 0 && (l.Source == "" || l.Licence == "") {
		return errors.New("the controls have no source or licence")
	}
	seen := map[string]bool{}
	for _, c := range l.Controls {
		if _, err := c.template(); err != nil {
			return err
		}
		if seen[c.Code] {
			return fmt.Errorf("the control %s comes twice", c.Code)
		}
		seen[c.Code] = true
		control := c.control()
		if err := control.check(); err != nil {
			return fmt.Errorf("control %s: %w", c.Code, err)
		}
		for slug, list := range c.Requirements {
			for _, code := range list {
				if !codes[slug][code] {
					return fmt.Errorf("control %s: framework %q has no requirement %q", c.Code, slug, code)
				}
			}
		}
	}
	return nil
}

func (f *ShippedFramework) check() error {
	if f.Slug == "" || slugOf(f.Slug) != f.Slug {
		return fmt.Errorf("slug %q is not made of small letters, digits and dashes", f.Slug)
	}
	if !slices.Contains(Tags, string(f.Tag)) || f.Tag == TagAll || f.Tag == TagNone {
		return fmt.Errorf("tag is %q", f.Tag)
	}
	if strings.TrimSpace(f.Source) == "" || strings.TrimSpace(f.Licence) == "" {
		return errors.New("source or licence is missing")
	}
	if len(f.Requirements) == 0 || len(f.Requirements) > MaxRequirements {
		return fmt.Errorf("it has %d requirements", len(f.Requirements))
	}
	made := f.framework()
	if err := made.check(); err != nil {
		return err
	}
	for _, r := range f.requirements() {
		if err := r.check("/" + r.Code); err != nil {
			return err
		}
		if r.Category == "" {
			return fmt.Errorf("requirement %s has no category", r.Code)
		}
		if err := within("name", r.Name, 1, maxName); err != nil {
			return fmt.Errorf("requirement %s: %w", r.Code, err)
		}
	}
	return nil
}

func (f *ShippedFramework) framework() Framework {
	return Framework{Slug: f.Slug, Tag: f.Tag, Name: f.Name, ShortName: f.ShortName, Pill: f.Pill, Description: strings.TrimSpace(f.Description),
		Color: f.Color, BgColor: f.BgColor, Source: strings.TrimSpace(f.Source), Licence: strings.TrimSpace(f.Licence), Shipped: f.Digest, Enabled: true}
}

func (f *ShippedFramework) requirements() []Requirement {
	out := make([]Requirement, len(f.Requirements))
	for i, r := range f.Requirements {
		out[i] = Requirement{Code: r.Code, Name: r.Name, Category: r.Category, Description: strings.TrimSpace(r.Description), InScope: true}
	}
	return out
}

// template is the number in the control's code, which stands for it in every
// edition.
func (c ShippedControl) template() (int64, error) {
	digits, ok := strings.CutPrefix(c.Code, "PLB-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n <= 0 || len(digits) < 3 {
		return 0, fmt.Errorf("the control's code %q is not PLB- and a number such as 001", c.Code)
	}
	return n, nil
}

func (c ShippedControl) control() Control {
	n, _ := c.template()
	return Control{Code: c.Code, Slug: slugOf(c.Code), Name: c.Name, Description: strings.TrimSpace(c.Description), Question: strings.TrimSpace(c.Question),
		Activity: strings.TrimSpace(c.Activity), TemplateID: n}
}

// Bundle is what an installation of one framework brings.
type Bundle struct {
	Framework    Framework
	Requirements []Requirement
	Controls     []BundledControl
}

// BundledControl is a control with the codes of the requirements of the bundle
// that it serves.
type BundledControl struct {
	Control      Control
	Requirements []string
}

// bundle gathers what belongs to a framework.
func (l *Shipped) bundle(slug string) (Bundle, bool) {
	i := slices.IndexFunc(l.Frameworks, func(f ShippedFramework) bool { return f.Slug == slug })
	if i < 0 {
		return Bundle{}, false
	}
	f := &l.Frameworks[i]
	b := Bundle{Framework: f.framework(), Requirements: f.requirements()}
	for _, c := range l.Controls {
		if codes := c.Requirements[slug]; len(codes) > 0 {
			b.Controls = append(b.Controls, BundledControl{c.control(), codes})
		}
	}
	return b, true
}

// Available is a shipped framework as a workspace sees it.
type Available struct {
	Framework    Framework
	Requirements int
	Controls     int
	// Installed is the id of the framework in the workspace, 0 if it is not
	// there; Newer is true if it was installed from another edition.
	Installed int64
	Newer     bool
}

// Available lists the shipped frameworks by name.
func (s *Service) Available(ctx context.Context, workspaceID int64) ([]Available, error) {
	here, err := s.store.Frameworks(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	l := Library()
	out := make([]Available, len(l.Frameworks))
	for i, f := range l.Frameworks {
		b, _ := l.bundle(f.Slug)
		out[i] = Available{Framework: b.Framework, Requirements: len(b.Requirements), Controls: len(b.Controls)}
		if at := slices.IndexFunc(here, func(h Framework) bool { return h.Slug == f.Slug && h.Shipped != "" }); at >= 0 {
			out[i].Installed, out[i].Newer = here[at].ID, here[at].Shipped != f.Digest
		}
	}
	return out, nil
}

// NewerThan reports whether the program ships another edition of a framework
// than the one that was installed.
func (l *Shipped) NewerThan(f Framework) bool {
	return f.Shipped != "" && slices.ContainsFunc(l.Frameworks, func(s ShippedFramework) bool { return s.Slug == f.Slug && s.Digest != f.Shipped })
}

// Install brings a shipped framework into a workspace, with the controls that
// serve it. A repetition adds what is absent and updates what nobody edited; it
// never touches what people mapped.
func (s *Service) Install(ctx context.Context, a event.Actor, workspaceID int64, slug string) (Delta, error) {
	b, ok := Library().bundle(slug)
	if !ok {
		var slugs []string
		for _, f := range Library().Frameworks {
			slugs = append(slugs, f.Slug)
		}
		return Delta{}, fault.New(fault.CodeValidation, "`slug` (/slug) is %q; these frameworks can be installed: %s", slug, strings.Join(slugs, ", "))
	}
	d, err := s.store.Install(ctx, workspaceID, b, s.now(), func(d Delta) event.Event {
		return s.frameworkEvent(a, event.FrameworkInstalled, d.Framework, "was installed", map[string]any{
			"requirementsCreated": d.RequirementsCreated, "requirementsUpdated": d.RequirementsUpdated,
			"controlsCreated": d.ControlsCreated, "controlsUpdated": d.ControlsUpdated, "mappingsCreated": d.MappingsCreated})
	})
	if err != nil {
		return d, err
	}
	d.Framework, err = s.counted(ctx, d.Framework)
	return d, err
}

// Bring finds the controls of a workspace with some codes of shipped controls, and
// makes those that it lacks if it may. It gives their ids by code, and what is
// still lacking.
func (s *Service) Bring(ctx context.Context, a event.Actor, workspaceID int64, codes []string, may bool) (ids map[string]int64, lacking []string, err error) {
	here, err := s.store.ControlsByCode(ctx, workspaceID, codes)
	if err != nil {
		return nil, nil, err
	}
	var bring []BundledControl
	var made []string
	for _, c := range Library().Controls {
		if _, ok := here[c.Code]; !ok && slices.Contains(codes, c.Code) {
			bring, made = append(bring, BundledControl{Control: c.control()}), append(made, c.Code)
		}
	}
	if may && len(bring) > 0 {
		err := s.store.BringControls(ctx, workspaceID, bring, s.now(), func(created int) event.Event {
			e := event.New(a, s.now(), event.ControlCreated, event.CategoryControl, "Controls that come with the program were added: "+strings.Join(made, ", "),
				map[string]any{"codes": made, "controlsCreated": created})
			e.WorkspaceID = workspaceID
			return e
		})
		if err != nil {
			return nil, nil, err
		}
		if here, err = s.store.ControlsByCode(ctx, workspaceID, codes); err != nil {
			return nil, nil, err
		}
	}
	ids = make(map[string]int64, len(here))
	for _, code := range codes {
		if c, ok := here[code]; ok {
			ids[code] = c.ID
		} else {
			lacking = append(lacking, code)
		}
	}
	return ids, lacking, nil
}
