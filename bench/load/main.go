//go:build unix

// Command load measures Plumbline against the raw limits of the same machine
// in the same run and prints one table: what was measured, the figure, and its
// ratio to the limit or peer beside it.
//
//	go run ./bench/load
//	go run ./bench/load -postgres start
//	go run ./bench/load -people 100000
//
// It builds the real binary, starts it on loopback with databases in temporary
// folders, and ends it when it is done. What is given as a ratio to the bare
// loop is measured in three rounds of both; the figures are medians, and the
// ratio is the median of the rounds' with the least and the greatest of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit bounds the whole run, and limitOfPeople one of people, a device of each of
// whom is reported by itself.
const (
	limit         = 15 * time.Minute
	limitOfPeople = 40 * time.Minute
)

// plan is how much is measured.
type plan struct {
	// records are pushed in a row into one resource; a push of a round has a
	// fifth of them.
	records int
	rounds  int
	// watch is how long verdicts are waited for under load.
	watch time.Duration
	// people, unless 0, are measured instead of records.
	people int
}

// part is how many records one measurement of a round pushes.
func (p plan) part() int { return max(p.records/5/batch, clients) * batch }

func main() {
	records := flag.Int("records", 1_000_000, "records that are pushed in a row; a measurement of a round has a fifth of them")
	postgres := flag.String("postgres", "", "measure PostgreSQL too: the URL of an empty database, or start for a throw-away server")
	people := flag.Int("people", 0, "measure instead the lists of so many people, at least 1000, each with a device")
	flag.Parse()
	if flag.NArg() > 0 || *records < 1 || *people != 0 && *people < 1000 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(plan{records: *records, rounds: 3, watch: 10 * time.Second, people: *people}, *postgres); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(p plan, postgres string) error {
	// A reader of the table that goes away is a signal, too: the server must not
	// outlive this process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	within := limit
	if p.people > 0 {
		within = limitOfPeople
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	r := &report{}
	defer r.print()
	begin, known, err := readClock()
	if err != nil {
		return err
	}
	if err := measure(ctx, r, p, postgres); err != nil || !known {
		return err
	}
	return begin.others(r)
}

func measure(ctx context.Context, r *report, p plan, postgres string) (err error) {
	if p.people > 0 {
		return measurePeople(ctx, r, p.people, postgres)
	}
	if err := parts(r); err != nil {
		return err
	}
	binary, clean, err := build(ctx)
	if err != nil {
		return err
	}
	defer clean()
	if err := onSQLite(ctx, r, p, binary); err != nil || postgres == "" {
		return err
	}
	if postgres == "start" {
		c, err := startCluster()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.stop()) }()
		postgres = c.url
	}
	p.records /= 4
	return onPostgres(ctx, r, p, binary, postgres)
}
