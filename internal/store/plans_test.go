package store

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// What was planned while the tables were small, as a server keeps it for a
// while, does not read them from end to end once they are large.
func TestPlansOfSmallTablesServeLargeOnes(t *testing.T) {
	ctx := t.Context()
	url := pgserver.Start(t)
	s, err := Open(ctx, Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
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
	to := record.Target{ConnectionID: conn.ID, ResourceID: conn.Resources[0].ID}
	for i, assertion := range []string{`{"kind":"maxFailing","value":3}`, `{"kind":"unique","path":"n"}`} {
		_, err := checks.Create(ctx, actor, 1, check.Draft{Name: fmt.Sprint(i), Publish: true, Logic: fmt.Appendf(nil,
			`{"groups":[{"resourceId":%d,"evaluator":{"any":[{"fact":"n","operator":"greaterThan","value":40},
			{"fact":"n","operator":"existsIn","value":{"resource":%[1]d,"path":"n","where":{"fact":"n","operator":"lessThan","value":20}}}]},
			"assertion":%s}]}`, to.ResourceID, assertion)})
		must(err)
	}
	push := func(first, count, salt int) {
		t.Helper()
		rows := make([][]byte, count)
		for i := range rows {
			rows[i] = fmt.Appendf(nil, `{"id":"r%d","n":%d}`, first+i, (first+i)*salt%100)
		}
		_, err := records.Upsert(ctx, actor, to, rows)
		must(err)
		for more := true; more; {
			more, err = evaluator.Step(ctx, to.ResourceID)
			must(err)
		}
	}
	for range 2 {
		for salt := range 12 {
			push(0, 30, salt+1)
		}
		must(s.db.write(ctx, func(q querier) error {
			_, err := q.exec("ANALYZE")
			return err
		}))
	}
	for salt := range 12 {
		push(0, 30, salt+1)
	}
	for salt := range 2 {
		for first := 0; first < 5000; first += 500 {
			push(first, 500, salt+1)
		}
	}
	// What a connection has read is counted when it ends.
	must(s.Close())
	s, err = Open(ctx, Options{URL: url})
	must(err)
	defer func() { _ = s.Close() }()
	must(s.db.read(ctx, func(q querier) error {
		return q.query(`SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE seq_tup_read > 100000`, func(r row) error {
			var table string
			var rows int64
			err := r.scan(&table, &rows)
			t.Errorf("%d rows of %s were read from end to end", rows, table)
			return err
		})
	}))
}

// A statement that looks up many rows is planned for these: it keeps no plan.
func TestLookupsOfManyKeepNoPlan(t *testing.T) {
	s, err := Open(t.Context(), Options{URL: pgserver.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for n, want := range map[int]int64{2: 1, plannedEachTime - 1: 1, plannedEachTime: 0, perList: 0} {
		err := s.db.write(t.Context(), func(q querier) error {
			of, args := in("c.id", make([]int64, n))
			sql := number("SELECT c.id FROM connection c WHERE " + of)
			for range 2 {
				if _, err := idList(q, sql, args...); err != nil {
					return err
				}
			}
			if _, err := q.exec(number("DELETE FROM personnel c WHERE "+of), args...); err != nil {
				return err
			}
			for _, statement := range []string{sql, number("DELETE FROM personnel c WHERE " + of)} {
				var kept int64
				if err := one(q, "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1", []any{statement}, &kept); err != nil {
					return err
				}
				if kept != want {
					t.Errorf("of %d rows %d plans are kept of %.60s, want %d", n, kept, statement, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
