package control

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const (
	maxName      = 191
	maxShortName = 16
	maxText      = 30000
	// defaultColor and defaultBgColor are those of a framework of the
	// workspace's own.
	defaultColor   = "#475569"
	defaultBgColor = "#F1F5F9"
)

// Service is the use of frameworks, requirements and controls.
type Service struct {
	store Store
	now   func() time.Time
}

// NewService makes the service over a store and a clock.
func NewService(s Store, now func() time.Time) *Service { return &Service{store: s, now: now} }

// FrameworkChange is what may change of a framework; nil leaves a field as it is.
type FrameworkChange struct {
	Name, ShortName, Pill, Description, Color, BgColor *string
	Enabled                                            *bool
}

func (s *Service) frameworkEvent(a event.Actor, ty event.Type, f Framework, what string, metadata map[string]any) event.Event {
	if metadata == nil {
		metadata = map[string]any{}
	}
	metadata["framework"] = f.Name
	if f.ID != 0 {
		metadata["frameworkId"] = f.ID
	}
	e := event.New(a, s.now(), ty, event.CategoryFramework, "Framework “"+f.Name+"” "+what, metadata)
	e.WorkspaceID = f.WorkspaceID
	return e
}

// Frameworks lists the frameworks of a workspace with their counts at this
// moment.
func (s *Service) Frameworks(ctx context.Context, workspaceID int64, f FrameworkFilter, r page.Request) (page.Page[Framework], error) {
	all, err := s.store.Frameworks(ctx, workspaceID)
	if err != nil {
		return page.Page[Framework]{}, err
	}
	all = slices.DeleteFunc(all, func(each Framework) bool {
		return f.Enabled != nil && each.Enabled != *f.Enabled || slices.Contains(f.Exclude, each.ID) ||
			!strings.Contains(strings.ToLower(each.Name), strings.ToLower(f.Name))
	})
	if f.Ready != nil {
		if err := s.count(ctx, all); err != nil {
			return page.Page[Framework]{}, err
		}
		all = slices.DeleteFunc(all, func(each Framework) bool { return each.Counts.Ready() != *f.Ready })
	}
	total := int64(len(all))
	p := cut(r, all)
	if r.WantTotal && r.After == nil {
		p.Total = &total
	}
	if f.Ready != nil {
		return p, nil
	}
	return p, s.count(ctx, p.Items)
}

// cut makes a page of all frameworks.
func cut(r page.Request, all []Framework) page.Page[Framework] {
	at := func(f Framework) page.Position {
		if r.Order() == page.UpdatedAt {
			return page.Position{Value: f.UpdatedAt.UnixMicro(), ID: f.ID}
		}
		return page.Position{Value: f.CreatedAt.UnixMicro(), ID: f.ID}
	}
	compare := func(x, y page.Position) int {
		switch {
		case x == y:
			return 0
		case (x.Value < y.Value || x.Value == y.Value && x.ID < y.ID) == r.Ascending:
			return -1
		}
		return 1
	}
	slices.SortFunc(all, func(x, y Framework) int { return compare(at(x), at(y)) })
	if r.After != nil {
		all = slices.DeleteFunc(all, func(f Framework) bool { return compare(at(f), *r.After) <= 0 })
	}
	return page.Cut(r, all, at)
}

// count fills the counts of frameworks.
func (s *Service) count(ctx context.Context, list []Framework) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]int64, len(list))
	for i, f := range list {
		ids[i] = f.ID
	}
	m, err := s.store.FrameworkMapping(ctx, ids)
	if err != nil {
		return err
	}
	j := Judge(m, s.now())
	for i := range list {
		list[i].Counts = j.Counts[list[i].ID]
	}
	return nil
}

// FrameworksOf lists the frameworks of several workspaces, oldest first, by
// workspace.
func (s *Service) FrameworksOf(ctx context.Context, workspaceIDs []int64) (map[int64][]Framework, error) {
	if len(workspaceIDs) == 0 {
		return nil, nil
	}
	all, err := s.store.Frameworks(ctx, workspaceIDs...)
	if err != nil {
		return nil, err
	}
	if err := s.count(ctx, all); err != nil {
		return nil, err
	}
	out := map[int64][]Framework{}
	for _, f := range all {
		out[f.WorkspaceID] = append(out[f.WorkspaceID], f)
	}
	return out, nil
}

// Framework reads one with its counts.
func (s *Service) Framework(ctx context.Context, workspaceID, id int64) (Framework, error) {
	f, err := s.store.Framework(ctx, workspaceID, id)
	if err != nil {
		return f, err
	}
	return s.counted(ctx, f)
}

func (s *Service) counted(ctx context.Context, f Framework) (Framework, error) {
	list := []Framework{f}
	err := s.count(ctx, list)
	return list[0], err
}

// CreateFramework makes a framework of the workspace's own, without
// requirements, in force at once.
func (s *Service) CreateFramework(ctx context.Context, a event.Actor, workspaceID int64, name, shortName, description string) (Framework, error) {
	f := s.own(workspaceID, name, shortName, description)
	if err := f.check(); err != nil {
		return f, err
	}
	return s.store.CreateFramework(ctx, f, nil, func(f Framework) event.Event {
		return s.frameworkEvent(a, event.FrameworkCreated, f, "was created", nil)
	})
}

// own is a new framework of a workspace's own.
func (s *Service) own(workspaceID int64, name, shortName, description string) Framework {
	now := s.now()
	f := Framework{WorkspaceID: workspaceID, Tag: TagCustom, Name: strings.TrimSpace(name), ShortName: strings.TrimSpace(shortName),
		Description: description, Color: defaultColor, BgColor: defaultBgColor, Enabled: true, CreatedAt: now, UpdatedAt: now}
	f.Pill, f.Slug = f.ShortName, slugOf(f.Name)
	if slices.ContainsFunc(Library().Frameworks, func(shipped ShippedFramework) bool { return shipped.Slug == f.Slug }) {
		// The slug of shipped content belongs to it.
		f.Slug += "-own"
	}
	return f
}

// slugOf is a name for use in addresses.
func slugOf(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if slug := strings.Trim(b.String(), "-"); slug != "" {
		return slug
	}
	return "framework"
}

var hexColor = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

func (f Framework) check() error {
	if err := within("name", f.Name, 1, maxName); err != nil {
		return err
	}
	if err := within("shortName", f.ShortName, 1, maxShortName); err != nil {
		return err
	}
	if err := within("pill", f.Pill, 1, maxShortName); err != nil {
		return err
	}
	for _, c := range []struct{ name, value string }{{"color", f.Color}, {"bgColor", f.BgColor}} {
		if !hexColor.MatchString(c.value) {
			return fault.New(fault.CodeValidation, "`%s` (/%s) must be a color such as #1F5FA8", c.name, c.name)
		}
	}
	return within("description", f.Description, 1, maxText)
}

// within checks the length of a text in characters.
func within(field, text string, low, high int) error {
	return withinAt("/"+field, field, text, low, high)
}

func withinAt(pointer, field, text string, low, high int) error {
	n := utf8.RuneCountInString(text)
	switch {
	case !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0:
		return fault.New(fault.CodeValidation, "`%s` (%s) is not UTF-8 text without NUL", field, pointer)
	case n < low && n == 0:
		return fault.New(fault.CodeValidation, "`%s` (%s) is required: it has %d to %d characters", field, pointer, low, high)
	case n < low || n > high:
		return fault.New(fault.CodeValidation, "`%s` (%s) has %d characters; it must have %d to %d", field, pointer, n, low, high)
	}
	return nil
}

// UpdateFramework changes the texts of a framework, and whether it is in force.
func (s *Service) UpdateFramework(ctx context.Context, a event.Actor, workspaceID, id int64, c FrameworkChange) (Framework, error) {
	f, err := s.store.UpdateFramework(ctx, workspaceID, id, func(f *Framework) (event.Event, error) {
		was := *f
		for to, from := range map[*string]*string{&f.Name: c.Name, &f.ShortName: c.ShortName, &f.Pill: c.Pill, &f.Description: c.Description,
			&f.Color: c.Color, &f.BgColor: c.BgColor} {
			if from != nil {
				*to = strings.TrimSpace(*from)
			}
		}
		f.Edited = f.Edited || *f != was
		what := "was changed"
		if c.Enabled != nil && *c.Enabled != f.Enabled {
			f.Enabled = *c.Enabled
			what = map[bool]string{true: "was enabled", false: "was disabled"}[f.Enabled]
		}
		f.UpdatedAt = s.now()
		return s.frameworkEvent(a, event.FrameworkUpdated, *f, what, map[string]any{"enabled": f.Enabled}), f.check()
	})
	if err != nil {
		return f, err
	}
	return s.counted(ctx, f)
}

// DeleteFramework deletes a framework with its requirements. Controls stay.
func (s *Service) DeleteFramework(ctx context.Context, a event.Actor, workspaceID, id int64) error {
	return s.store.DeleteFramework(ctx, workspaceID, id, func(f Framework) event.Event {
		return s.frameworkEvent(a, event.FrameworkDeleted, f, "was deleted", nil)
	})
}
