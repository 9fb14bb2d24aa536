// Command engines decides the same tests on the same records with package rule
// and with the engines of the field, in one run on one machine, and prints one
// table of ratios. README.md says how it is done.
//
//	cd bench/engines && go run .
//
// It fails when two engines disagree about any test on any record, and not
// because of speed. It is a module of its own so that what the peers need stays
// out of the product.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

const limit = 20 * time.Minute

func main() {
	seconds := flag.Float64("seconds", 2, "length of one measurement; there are three of each")
	records := flag.Int("records", 2000, "records of each size")
	seed := flag.Uint64("seed", 20261001, "seed of the records")
	markdown := flag.Bool("markdown", true, "print the table as Markdown, else aligned for a terminal")
	flag.Parse()
	if *seconds <= 0 || *records < 1 {
		fmt.Fprintln(os.Stderr, "engines: -seconds and -records must be positive")
		os.Exit(2)
	}
	if err := run(time.Duration(*seconds*float64(time.Second)), *records, *seed, *markdown); err != nil {
		fmt.Fprintln(os.Stderr, "engines:", err)
		os.Exit(1)
	}
}

func run(length time.Duration, records int, seed uint64, markdown bool) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	process, err := startNode(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if stopped := process.stop(); err == nil {
			err = stopped
		}
	}()
	var results []result
	for _, s := range sizes {
		g := &generator{rand.New(rand.NewPCG(seed, 1))}
		set := g.records(records, func(n int) string { return s.record(g, n) })
		r, err := compare(ctx, process, s, set, length)
		if err != nil {
			return fmt.Errorf("%s records: %w", s.name, err)
		}
		results = append(results, *r)
	}
	report(os.Stdout, results, seed, length, markdown)
	return nil
}

// size is one of the two kinds of record with its tests, and how many times
// faster than each peer the product has to be.
type size struct {
	name     string
	record   func(g *generator, n int) string
	tests    []test
	required map[string]float64
}

const (
	perTest   = "json-rules-engine, an engine per test"
	oneEngine = "json-rules-engine, one engine"
)

var sizes = []size{
	{"small", (*generator).small, smallRules, map[string]float64{perTest: 300, oneEngine: 300, "OPA": 50, "cel-go": 8}},
	{"medium", (*generator).medium, mediumRules, map[string]float64{perTest: 40, oneEngine: 40, "OPA": 15, "cel-go": 3}},
}
