// Command load measures Plumbline against the raw limits of the same machine
// in the same run and prints one table: what was measured, the figure, and its
// ratio to the limit or peer beside it.
//
//	go run ./bench/load
//
// It builds the real binary, starts it on loopback with a database in a
// temporary folder, and ends it when it is done.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"time"
)

// limit bounds the whole run.
const limit = 20 * time.Minute

type row struct{ what, figure, against, ratio string }

// report collects the rows of the table.
type report struct{ rows []row }

func (r *report) add(what, figure, against, ratio string) {
	r.rows = append(r.rows, row{what, figure, against, ratio})
	fmt.Fprintf(os.Stderr, "%s: %s %s %s\n", what, figure, against, ratio)
}

func (r *report) print() {
	fmt.Printf("%s, %d cores, %s, %s\n\n", runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), runtime.Version(), time.Now().Format(time.DateOnly))
	fmt.Println("| measured | figure | against | ratio |\n|---|---:|---|---:|")
	for _, l := range r.rows {
		fmt.Printf("| %s | %s | %s | %s |\n", l.what, l.figure, l.against, l.ratio)
	}
}

// median of three runs of a measurement that gives a rate.
func median(run func() (float64, error)) (float64, error) {
	var got []float64
	for range 3 {
		v, err := run()
		if err != nil {
			return 0, err
		}
		got = append(got, v)
	}
	slices.Sort(got)
	return got[1], nil
}

func times(a, b float64) string { return fmt.Sprintf("%.2f", a/b) }

func main() {
	records := flag.Int("records", 1_000_000, "records that are pushed to the server")
	postgres := flag.String("postgres", "", "URL of an empty PostgreSQL database: measure it too")
	flag.Parse()
	if err := run(*records, *postgres); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(records int, postgres string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r := &report{}
	defer r.print()
	return measure(ctx, r, records, postgres)
}

func measure(ctx context.Context, r *report, records int, postgres string) error {
	if err := parts(r); err != nil {
		return err
	}
	bare, err := bareSQLite(ctx, r)
	if err != nil {
		return err
	}
	binary, clean, err := build(ctx)
	if err != nil {
		return err
	}
	defer clean()
	if err := ingest(ctx, r, binary, records, "", bare); err != nil || postgres == "" {
		return err
	}
	return ingest(ctx, r, binary, records/4, postgres, nil)
}
