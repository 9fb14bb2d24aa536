//go:build unix

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	_ "modernc.org/sqlite" // the driver of the bare scan
)

// passedConditions are those of the tests of a full pass, each a test of its own.
var passedConditions = []string{
	`{"fact":"mfa","operator":"equal","value":true}`,
	`{"fact":"age","operator":"lessThan","value":89}`,
	`{"fact":"age","operator":"greaterThanInclusive","value":1}`,
	`{"fact":"email","operator":"endsWith","value":"@example.com"}`,
	`{"fact":"email","operator":"matches","value":"^user[0-9]+@example\\.com$"}`,
	`{"fact":"name","operator":"startsWith","value":"User"}`,
	`{"fact":"department","operator":"in","value":["engineering","finance","legal"]}`,
	`{"fact":"department","operator":"notEqual","value":"contractors"}`,
	`{"fact":"groups","operator":"contains","value":"staff"}`,
	`{"fact":"groups","operator":"doesNotContain","value":"admins"}`,
	`{"fact":"lastSeen","operator":"after","value":"2025-01-01"}`,
	`{"fact":"lastSeen","operator":"exists","value":true}`,
	`{"fact":"note","operator":"isEmpty","value":false}`,
	`{"fact":"groups","path":"length","operator":"lessThan","value":10}`,
	`{"fact":"department","operator":"equalIgnoreCase","value":"Engineering"}`,
	`{"any":[{"fact":"mfa","operator":"equal","value":true},{"fact":"age","operator":"lessThan","value":50}]}`,
	`{"not":{"fact":"department","operator":"equal","value":"sales"}}`,
	`{"fact":"age","operator":"notIn","value":[88,89]}`,
	`{"fact":"id","operator":"startsWith","value":"k-"}`,
	`{"fact":"groups","operator":"any","value":{"fact":"$","operator":"equal","value":"on-call"}}`,
}

// passRounds is how often pass and bare scan take turns.
const passRounds = 5

// scan reads the records of a resource and does nothing with them.
type scan func(ctx context.Context) (records int, err error)

// passes measures full passes over all records beside a bare scan of the same
// rows: the first one of new tests, which writes every verdict, and one that
// verifies, which reads all and finds nothing to write.
func passes(ctx context.Context, r *report, where string, s *server, over resource, records int, what string, bare scan) error {
	var last string
	begin := time.Now()
	for i, condition := range passedConditions {
		test := fmt.Appendf(nil, `{"name":"pass %d","publish":true,"logic":{"groups":[{"resourceId":%d,"evaluator":{"all":[%s]}}]}}`, i, over.id, condition)
		_, reply, err := s.call(ctx, http.MethodPost, "/public/v2/workspaces/1/monitoring-tests", test)
		if err != nil {
			return err
		}
		var made struct{ TestID int64 }
		if err := json.Unmarshal(reply, &made); err != nil {
			return err
		}
		last = fmt.Sprintf("/public/v2/workspaces/1/monitoring-tests/%d", made.TestID)
	}
	if err := s.settle(ctx, over); err != nil {
		return err
	}
	first := time.Since(begin)
	if err := s.quiet(ctx, last); err != nil {
		return err
	}
	var spans, limits []time.Duration
	var ratios []float64
	for range passRounds {
		limit, err := timed(ctx, bare, records)
		if err != nil {
			return err
		}
		span, err := s.verify(ctx, last, records)
		if err != nil {
			return err
		}
		spans, limits, ratios = append(spans, span), append(limits, limit), append(ratios, span.Seconds()/limit.Seconds())
	}
	tests := len(passedConditions)
	r.add(fmt.Sprintf("%s: full pass that verifies %d records with %d tests", where, records, tests), brief(median(spans)),
		fmt.Sprintf("%s %s", what, brief(median(limits))), spread(ratios))
	r.add(fmt.Sprintf("%s: first pass of %d new tests over %d records, every verdict written", where, tests, records), brief(first),
		fmt.Sprintf("%s %s", what, brief(median(limits))), fmt.Sprintf("%.2f", first.Seconds()/median(limits).Seconds()))
	return nil
}

func timed(ctx context.Context, bare scan, records int) (time.Duration, error) {
	atRest()
	begin := time.Now()
	n, err := bare(ctx)
	if err == nil && n != records {
		err = fmt.Errorf("the bare scan read %d records instead of %d", n, records)
	}
	return time.Since(begin), err
}

// passRun is a run of a test as far as the benchmark looks at it.
type passRun struct {
	State      string
	DurationMs int64
	Drift      int64
	Progress   struct{ Records int }
}

// verify runs a test by hand and gives how long the pass took from the request
// to its end.
func (s *server) verify(ctx context.Context, test string, records int) (time.Duration, error) {
	begin := time.Now()
	if _, _, err := s.call(ctx, http.MethodPost, test+"/actions?wait=verdict", []byte(`{"action":"run"}`)); err != nil {
		return 0, err
	}
	took := time.Since(begin)
	runs, err := s.runs(ctx, test+"/runs?trigger=MANUAL&size=1")
	if err != nil {
		return 0, err
	}
	if len(runs) != 1 || runs[0].State != "DONE" || runs[0].Progress.Records != records || runs[0].Drift != 0 {
		return 0, fmt.Errorf("a run of the benchmark is %+v", runs)
	}
	return took, nil
}

func (s *server) runs(ctx context.Context, path string) ([]passRun, error) {
	_, reply, err := s.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	var list struct{ Data []passRun }
	return list.Data, json.Unmarshal(reply, &list)
}

// quiet waits until the runs that publications began are over.
func (s *server) quiet(ctx context.Context, test string) error {
	for range 600 {
		runs, err := s.runs(ctx, test+"/runs?state=RUNNING")
		if err != nil || len(runs) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return errors.New("the runs of the benchmark do not end")
}

// scanSQLite is a bare scan through database/sql of the file that a server has.
func scanSQLite(s *server, of resource) scan {
	return func(ctx context.Context) (n int, err error) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "plumbline.db")+"?mode=ro")
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		rows, err := db.QueryContext(ctx, "SELECT id, record_key, body FROM record WHERE resource_id = ? ORDER BY id", of.id)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		var id int64
		var key, body sql.RawBytes
		for rows.Next() {
			if err := rows.Scan(&id, &key, &body); err != nil {
				return n, err
			}
			n++
		}
		return n, rows.Err()
	}
}

// scanPostgres is a bare scan through pgx.
func scanPostgres(url string, of resource) scan {
	return func(ctx context.Context) (n int, err error) {
		c, err := pgx.Connect(ctx, url)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, c.Close(ctx)) }()
		rows, err := c.Query(ctx, "SELECT id, record_key, body FROM record WHERE resource_id = $1 ORDER BY id", of.id)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		var id int64
		var key, body pgtype.DriverBytes
		for rows.Next() {
			if err := rows.Scan(&id, &key, &body); err != nil {
				return n, err
			}
			n++
		}
		return n, rows.Err()
	}
}
