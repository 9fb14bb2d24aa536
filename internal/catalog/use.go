package catalog

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

// maxName leaves room for the connection's name in the names of its tests.
const maxName = 100

// Store makes several changes one.
type Store interface {
	// Together runs fn so that everything stored with its context comes true at
	// once, or nothing if it errs. fn may run more than once.
	Together(ctx context.Context, fn func(context.Context) error) error
}

// Options are what [Service] works with.
type Options struct {
	Store       Store
	Connections *connection.Service
	Checks      *check.Service
	Controls    *control.Service
	// Collections is how the server pulls; nil: it does not.
	Collections *collection.Service
	// Accounts takes accounts out of records.
	Accounts *account.Manager
	// Changed, if set, is told that a resource has something to evaluate.
	Changed func(resourceID int64)
}

// Service is the use of the catalogue.
type Service struct {
	*Library
	Options
}

// NewService makes the service over the catalogue of the program.
func NewService(o Options) *Service {
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	return &Service{Shipped(), o}
}

// Find is the entry with a slug; an absent one is a NotFound.
func (s *Service) Find(slug string) (*Entry, error) {
	if e := s.Entry(slug); e != nil {
		return e, nil
	}
	return nil, fault.New(fault.CodeNotFound, "there is no entry %q in the catalogue", slug)
}

// Wish is how somebody wants to use an entry.
type Wish struct {
	// Name is that of the connection, the entry's if empty.
	Name         string
	WorkspaceIDs []int64
	// MayAdd says whether controls may be added to a workspace.
	MayAdd func(workspaceID int64) bool
}

// Used is what the use of an entry made.
type Used struct {
	Connection connection.Connection
	// Tests are those of all workspaces.
	Tests []check.Test
	// Unmapped are the controls that tests would serve, but that are not there.
	Unmapped []Unmapped
}

// Unmapped is a control that a workspace lacks.
type Unmapped struct {
	WorkspaceID int64
	Code        string
}

// Use makes a connection with its resource, its collection (paused until somebody
// fills in what it needs), its account mapping and, in each workspace, the recommended
// tests, published and mapped to controls. All of it is made at once or nothing. A
// name that is taken is a CodeDuplicateName.
func (s *Service) Use(ctx context.Context, a event.Actor, slug string, w Wish) (Used, error) {
	e, err := s.Find(slug)
	if err != nil {
		return Used{}, err
	}
	if w.Name = strings.TrimSpace(w.Name); w.Name == "" {
		w.Name = e.Name
	}
	if utf8.RuneCountInString(w.Name) > maxName {
		return Used{}, fault.New(fault.CodeValidation, "`name` (/name) may have at most %d characters here, since the tests get it too", maxName).At("/name")
	}
	if len(w.WorkspaceIDs) == 0 {
		return Used{}, fault.New(fault.CodeValidation, "`workspaceIds` (/workspaceIds) must name the workspaces that the connection is for").At("/workspaceIds")
	}
	var out Used
	err = s.Store.Together(ctx, func(ctx context.Context) error {
		var err error
		out, err = s.use(ctx, a, e, w)
		return err
	})
	if err != nil {
		if fault.CodeOf(err) == fault.CodeDuplicateName {
			why, _, _ := strings.Cut(err.Error(), ":")
			return Used{}, fault.New(fault.CodeDuplicateName, "the name “%s” (/name) is taken, since %s: choose another one, such as “%s 2”", w.Name, why, w.Name).At("/name")
		}
		return Used{}, err
	}
	// The passes were begun before they could be seen.
	for _, r := range out.Connection.Resources {
		s.Changed(r.ID)
	}
	return out, nil
}

func (s *Service) use(ctx context.Context, a event.Actor, e *Entry, w Wish) (Used, error) {
	hours, description := e.FreshnessHours, e.Description
	c, err := s.Connections.Create(ctx, a, connection.New{Name: w.Name, Description: &description, ProviderTypes: []string{string(e.Category)}, WorkspaceIDs: w.WorkspaceIDs,
		Schema: e.Schema, DisplayNameKey: e.DisplayNameKey, ResourceName: w.Name, FreshnessHours: &hours, Kind: e.Kind, CatalogSlug: e.Slug})
	if err != nil {
		return Used{}, err
	}
	out := Used{Connection: c}
	if err := s.prepare(ctx, a, e, c.Resources[0]); err != nil {
		return out, err
	}
	for _, id := range c.WorkspaceIDs {
		controls, lacking, err := s.Controls.Bring(ctx, a, id, e.controls(), w.MayAdd(id))
		if err != nil {
			return out, err
		}
		for _, code := range lacking {
			out.Unmapped = append(out.Unmapped, Unmapped{id, code})
		}
		for i := range e.Tests {
			t, err := s.Checks.Create(ctx, a, id, e.Tests[i].draft(c, controls))
			if err != nil {
				return out, err
			}
			out.Tests = append(out.Tests, t)
		}
	}
	return out, nil
}

// prepare stores how the records of a resource are got, to begin once somebody has
// filled in what that needs, and which accounts they tell of.
func (s *Service) prepare(ctx context.Context, a event.Actor, e *Entry, r connection.Resource) error {
	if e.Accounts != nil {
		if _, err := s.Accounts.SetMapping(ctx, a, r.ConnectionID, r.ID, *e.Accounts); err != nil {
			return err
		}
	}
	if e.Recipe == nil || s.Collections == nil {
		return nil
	}
	recipe, off := string(e.Recipe), false
	change := collection.Change{Recipe: &recipe, Enabled: &off}
	if e.Schedule != "" {
		change.Schedule = &e.Schedule
	}
	_, err := s.Collections.Put(ctx, a, collection.Target{ConnectionID: r.ConnectionID, ResourceID: r.ID}, change)
	return err
}

// controls are the codes of all controls that the tests serve.
func (e *Entry) controls() []string {
	var codes []string
	for _, t := range e.Tests {
		codes = append(codes, t.Controls...)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// draft is the test over the resource of a connection.
func (t *Test) draft(c connection.Connection, controls map[string]int64) check.Draft {
	parsed, err := rule.ParseTest(t.Logic)
	if err != nil {
		panic(err) // it was parsed before
	}
	for i := range parsed.Groups {
		parsed.Groups[i].ResourceID = c.Resources[0].ID
	}
	d := check.Draft{Name: t.Name + " (" + c.Name + ")", Description: t.Description, Logic: parsed.JSON(), Publish: true, Note: "From the catalogue"}
	for _, code := range t.Controls {
		if id, ok := controls[code]; ok {
			d.ControlIDs = append(d.ControlIDs, id)
		}
	}
	return d
}
