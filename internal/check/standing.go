package check

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schedule"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/rule"
)

// Standing is what one group in force says at a moment, and what is in its way.
type Standing struct {
	Group   Group
	Verdict rule.Verdict
	Reason  string
	// Missing are the properties that its rule names and the schema declared when
	// the version was published, but declares no more.
	Missing []string
	// Stale are the resources that it looks at whose data is older than their limit.
	Stale []connection.Resource
}

// Standings are those of a test's groups, in order.
func (s *Service) Standings(ctx context.Context, t Test) ([]Standing, error) {
	now := s.now()
	out := make([]Standing, len(t.Groups))
	for i, g := range t.Groups {
		x := Standing{Group: g}
		one := Test{Groups: t.Groups[i : i+1]}
		one.Result, one.Reason = g.assess()
		x.Verdict, x.Reason = one.Current(now)
		for _, r := range append([]connection.Resource{g.Resource}, g.asked()...) {
			if r.Stale(now) {
				x.Stale = append(x.Stale, r)
			}
		}
		if g.Problem == SchemaDrift {
			missing, err := s.missing(ctx, t.WorkspaceID, g)
			if err != nil {
				return nil, err
			}
			x.Missing = missing
		}
		out[i] = x
	}
	return out, nil
}

func (s *Service) missing(ctx context.Context, workspaceID int64, g Group) ([]string, error) {
	r, err := s.store.ResourceInWorkspace(ctx, workspaceID, g.Resource.ID)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sch, err := schema.Compile(r.Schema)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range g.Declared {
		if !sch.Has(f) {
			out = append(out, f)
		}
	}
	return out, nil
}

// Plan is when a schedule is due.
type Plan struct {
	// Expression is the cron expression, Words say it.
	Expression string
	Words      string
	Next       []time.Time
}

const planned = 5

// Plan tells what a cron expression means; the empty one is the default of tests.
func (s *Service) Plan(expression string) (Plan, error) {
	if expression == "" {
		expression = DefaultSchedule
	}
	parsed, err := schedule.Parse(expression)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Expression: parsed.String(), Words: parsed.Words()}
	at := s.now()
	for range planned {
		if at = parsed.Next(at); at.IsZero() {
			break
		}
		p.Next = append(p.Next, at)
	}
	return p, nil
}
