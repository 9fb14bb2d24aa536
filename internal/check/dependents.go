package check

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/schema"
)

// Dependent is a published test that uses properties which a schema lacks: with
// that schema in force it has no verdict (SCHEMA_DRIFT).
type Dependent struct {
	Test Test
	// Missing are these properties.
	Missing []string
}

// Dependents are the published tests of a workspace that look at a resource, or
// look something up in it, and would drift with a schema.
func (s *Service) Dependents(ctx context.Context, workspaceID, resourceID int64, sch *schema.Schema) ([]Dependent, error) {
	var out []Dependent
	r := page.Request{Size: page.MaxSize, Ascending: true}
	for {
		p, err := s.store.Tests(ctx, workspaceID, r)
		if err != nil {
			return nil, err
		}
		for _, t := range p.Items {
			if missing := t.missing(resourceID, sch); len(missing) > 0 {
				out = append(out, Dependent{t, missing})
			}
		}
		if p.Next == "" {
			return out, nil
		}
		if r, err = r.WithCursor(p.Next); err != nil {
			return nil, err
		}
	}
}

func (t Test) missing(resourceID int64, sch *schema.Schema) []string {
	var names []string
	seen := map[string]bool{}
	add := func(declared []string) {
		for _, name := range declared {
			if !sch.Has(name) && !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	for _, g := range t.Groups {
		if g.Resource.ID == resourceID {
			add(g.Declared)
		}
		for _, a := range g.Asks {
			if a.Resource.ID == resourceID {
				add(a.Declared)
			}
		}
	}
	return names
}
