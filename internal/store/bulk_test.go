package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// counting counts how many findings and values each transaction changes or
// deletes that are there already.
type counting struct {
	database
	most int64
}

type countingQuerier struct {
	querier
	n int64
}

func (c *counting) write(ctx context.Context, fn func(querier) error) error {
	return c.database.write(ctx, func(q querier) error {
		counted := &countingQuerier{querier: q}
		err := fn(counted)
		c.most = max(c.most, counted.n)
		return err
	})
}

func (q *countingQuerier) exec(sql string, args ...any) (int64, error) {
	n, err := q.querier.exec(sql, args...)
	for _, table := range []string{"UPDATE finding", "DELETE FROM finding", "DELETE FROM unique_value"} {
		if strings.HasPrefix(sql, table) {
			q.n += n
		}
	}
	return n, err
}

// Whoever publishes, disables or deletes does not wait until each finding is
// closed, nor does anybody behind him.
func TestNoTransactionEndsAllFindings(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	actor := event.System(event.SourceApp)
	connections := connection.NewService(s, time.Now)
	records := record.NewService(s, connections, record.Options{Now: time.Now})
	checks := check.NewService(s, check.Options{Now: time.Now})
	evaluator := check.NewEvaluator(s, check.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	conn, err := connections.Create(ctx, actor, connection.New{Name: "c", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
		Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"},"n":{"type":"integer"}}}`), DisplayNameKey: "id"})
	must(err)
	r := conn.Resources[0]
	var rows [][]byte
	for n := range 300 {
		rows = append(rows, fmt.Appendf(nil, `{"id":"r%d","n":%d}`, n, n/2))
	}
	_, err = records.Upsert(ctx, actor, record.Target{ConnectionID: conn.ID, ResourceID: r.ID}, rows)
	must(err)
	c := &counting{database: s.db}
	s.db = c
	logic := fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"n","operator":"greaterThan","value":-1}]},"assertion":{"kind":"unique","path":"n"}}]}`, r.ID)
	test, err := checks.Create(ctx, actor, 1, check.Draft{Name: "t", Logic: logic, Publish: true})
	must(err)
	rest := func() {
		t.Helper()
		for more := true; more; {
			more, err = evaluator.Step(ctx, r.ID)
			must(err)
		}
	}
	rest()
	act := func(a check.Action) func() {
		return func() {
			_, err := checks.Act(ctx, actor, 1, test.Number, a, "")
			must(err)
		}
	}
	for _, do := range []struct {
		what string
		run  func()
	}{
		{"run", act(check.Run)}, {"disable", act(check.Disable)}, {"enable", act(check.Enable)},
		{"delete", func() { must(connections.Delete(ctx, actor, conn.ID)) }}, {"delete the test", act(check.Delete)},
	} {
		c.most = 0
		do.run()
		rest()
		if c.most > 1 {
			t.Errorf("%s: one transaction ended %d findings and values", do.what, c.most)
		}
	}
	for sweep, run := range map[string]func(context.Context, int) (int64, error){"groups": s.SweepGroups, "purge": s.PurgeDeleted} {
		c.most = 0
		for n := int64(50); n == 50; {
			n, err = run(ctx, 50)
			must(err)
		}
		if c.most == 0 && sweep == "groups" || c.most > 100 {
			t.Errorf("%s: a sweep of 50 ended %d at once", sweep, c.most)
		}
	}
	var open int64
	must(s.db.read(ctx, func(q querier) error {
		return one(q, "SELECT (SELECT count(*) FROM finding WHERE closed_at IS NULL) + (SELECT count(*) FROM unique_value)", nil, &open)
	}))
	if open != 0 {
		t.Errorf("%d are left", open)
	}
}
