package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// askings is a database that counts the statements of reads.
type askings struct {
	database
	statements int
}

func (c *askings) read(ctx context.Context, fn func(querier) error) error {
	return c.database.read(ctx, func(q querier) error { return fn(&asking{q, c}) })
}

type asking struct {
	querier
	to *askings
}

func (q *asking) query(sql string, each func(row) error, args ...any) error {
	q.to.statements++
	return q.querier.query(sql, each, args...)
}

// Lists of controls, requirements and frameworks take as many statements for
// many objects as for few.
func TestControlListsTakeFewStatements(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
		actor := event.System(event.SourceApp)
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		connections := connection.NewService(s, now)
		c, err := connections.Create(ctx, actor, connection.New{Name: "Users", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
			Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"},"mfa":{"type":"boolean"}}}`), DisplayNameKey: "id"})
		must(err)
		resource := c.Resources[0]
		_, err = record.NewService(s, connections, record.Options{Now: now, SessionIdle: time.Hour}).Upsert(ctx, actor,
			record.Target{ConnectionID: resource.ConnectionID, ResourceID: resource.ID}, [][]byte{[]byte(`{"id":"a","mfa":true}`)})
		must(err)
		controls, checks := control.NewService(s, now), check.NewService(s, check.Options{Now: now})
		evaluator := check.NewEvaluator(s, check.Options{Now: now})
		grow := func(from, to int) {
			for i := from; i < to; i++ {
				f, err := controls.CreateFramework(ctx, actor, 1, fmt.Sprint("F", i), "F", "d")
				must(err)
				made, err := controls.CreateRequirements(ctx, actor, 1, f.ID, []control.Item{{Requirement: control.Requirement{Code: "A", Name: "a"}}, {Requirement: control.Requirement{Code: "B", Name: "b"}}})
				must(err)
				links := []int64{made[0].ID, made[1].ID}
				v, err := controls.Create(ctx, actor, 1, control.Draft{Code: fmt.Sprint("C", i), Name: "c", Description: "d", Links: control.Links{Requirements: &links}})
				must(err)
				_, err = checks.Create(ctx, actor, 1, check.Draft{Name: fmt.Sprint("T", i), Publish: true, ControlIDs: []int64{v.ID},
					Logic: fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}`, resource.ID)})
				must(err)
				for more := true; more; {
					more, err = evaluator.Step(ctx, resource.ID)
					must(err)
				}
			}
		}
		yes := true
		r := page.Request{Size: page.MaxSize}
		lists := map[string]func() (int, error){
			"controls": func() (int, error) {
				p, err := controls.List(ctx, 1, control.ControlFilter{}, r, true)
				return len(p.Items), err
			},
			"ready controls": func() (int, error) {
				p, err := controls.List(ctx, 1, control.ControlFilter{Ready: &yes}, r, false)
				return len(p.Items), err
			},
			"frameworks": func() (int, error) {
				p, err := controls.Frameworks(ctx, 1, control.FrameworkFilter{Ready: &yes}, r)
				return len(p.Items), err
			},
			"requirements": func() (int, error) {
				p, err := controls.Requirements(ctx, control.RequirementFilter{WorkspaceID: 1}, r)
				return len(p.Items) / 2, err
			},
			"controls of tests": func() (int, error) {
				p, err := checks.List(ctx, 1, check.Filter{}, r)
				must(err)
				ids := make([]int64, len(p.Items))
				for i, each := range p.Items {
					ids[i] = each.ID
				}
				of, err := controls.OfTests(ctx, ids)
				return len(of), err
			},
		}
		inner := s.db
		measure := func(want int) map[string]int {
			took := map[string]int{}
			for name, list := range lists {
				c := &askings{database: inner}
				s.db = c
				n, err := list()
				s.db = inner
				must(err)
				if n != want {
					t.Errorf("%s: %d, want %d", name, n, want)
				}
				took[name] = c.statements
			}
			return took
		}
		grow(0, 2)
		few := measure(2)
		grow(2, 12)
		many := measure(12)
		for name, n := range many {
			if n != few[name] {
				t.Errorf("%s: %d statements for twelve, %d for two", name, n, few[name])
			}
		}
		// Tests of which a newer version is being built have one in force that is
		// to be looked up.
		tests, err := checks.List(ctx, 1, check.Filter{}, r)
		must(err)
		for _, each := range tests.Items {
			_, err := checks.Update(ctx, actor, 1, each.Number, check.Change{Logic: []byte(strings.Replace(string(each.Published.Logic), "true", "false", 1))})
			must(err)
			_, err = checks.Act(ctx, actor, 1, each.Number, check.Publish, "")
			must(err)
		}
		for name, n := range measure(12) {
			if n > many[name]+2 {
				t.Errorf("%s: %d statements while versions are built, %d before", name, n, many[name])
			}
		}
		t.Log(many)
	})
}
