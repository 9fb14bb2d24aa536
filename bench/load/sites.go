//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
)

// onSQLite measures the product on SQLite beside the bare loop.
func onSQLite(ctx context.Context, r *report, p plan, binary string) error {
	at := site{name: "HTTP, SQLite, synchronous=FULL", bare: true, scan: scanSQLite, driver: "bare scan, database/sql", open: func(ctx context.Context) (*place, error) {
		s, err := start(ctx, binary, "")
		if err != nil {
			return nil, err
		}
		to, err := s.place(ctx)
		if err != nil {
			return nil, errors.Join(err, s.stop())
		}
		to.close = s.stop
		return to, nil
	}}
	if err := rounds(ctx, r, p, at); err != nil {
		return err
	}
	return withMany(ctx, r, p, at)
}

// onPostgres measures the product on one PostgreSQL database.
func onPostgres(ctx context.Context, r *report, p plan, binary, database string) (err error) {
	s, err := start(ctx, binary, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	at := site{name: "HTTP, PostgreSQL", open: s.place, driver: "bare scan, pgx",
		scan: func(_ *server, of resource) scan { return scanPostgres(database, of) }}
	if err := rounds(ctx, r, p, at); err != nil {
		return err
	}
	return withMany(ctx, r, p, at)
}

// place makes two resources; to close it is nothing.
func (s *server) place(ctx context.Context) (*place, error) {
	first, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	second, err := s.connect(ctx)
	return &place{server: s, first: first, second: second, close: func() error { return nil }}, err
}

// withMany pushes all records of the plan in a row into one resource and
// measures what its size could slow down.
func withMany(ctx context.Context, r *report, p plan, at site) (err error) {
	to, err := at.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	var whole, last result
	for whole.records < p.records {
		last, err = to.push(ctx, to.first.path, clients, bodies(sequential(whole.records, p.part()), 0), created)
		if err != nil {
			return err
		}
		whole.records += last.records
		whole.took += last.took
		whole.spans = append(whole.spans, last.spans...)
	}
	for _, l := range []struct {
		what string
		result
	}{
		{fmt.Sprintf("%d new records in a row, %d clients", whole.records, clients), whole},
		{fmt.Sprintf("the last %d of them", last.records), last},
	} {
		p50, p99 := quantiles(l.spans)
		r.add(at.name+": "+l.what, fmt.Sprintf("%s, p50 %s, p99 %s", rate(l.perSecond()), brief(p50), brief(p99)), "", "")
	}
	if err := memory(r, at.name, to.server, whole.records); err != nil {
		return err
	}
	if err := lists(ctx, r, at.name, to.server, to.first, whole.records); err != nil {
		return err
	}
	if err := opened(ctx, r, at.name, to.server, to.first, whole.records); err != nil {
		return err
	}
	if err := narrowed(ctx, r, at.name, to.server, to.first, whole.records); err != nil {
		return err
	}
	if err := filed(ctx, r, at.name, to.server, to.first, whole.records); err != nil {
		return err
	}
	if err := previews(ctx, r, at.name, to.server, to.first, whole.records, at.driver, at.scan(to.server, to.first)); err != nil {
		return err
	}
	if err := passes(ctx, r, at.name, to.server, to.first, whole.records, at.driver, at.scan(to.server, to.first)); err != nil {
		return err
	}
	if err := nights(ctx, r, at.name, to.server, to.first, whole.records, at.driver, at.scan(to.server, to.first)); err != nil {
		return err
	}
	return verdicts(ctx, r, p, at.name, to.server, to.second)
}

// memory is left out where the system does not tell it.
func memory(r *report, where string, s *server, records int) error {
	mb, known, err := s.peak()
	if known && err == nil {
		r.add(fmt.Sprintf("%s: peak memory of the server, %d records in a row", where, records), fmt.Sprintf("%.0f MB", mb), "", "")
	}
	return err
}
