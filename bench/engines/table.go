package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// report writes what was run and the table. Speeds are millions of decided tests
// a second; ratios say how many times the product is faster.
func report(w io.Writer, results []result, seed uint64, length time.Duration, markdown bool) {
	_, _ = fmt.Fprintf(w, "%s/%s, %s, %d cores, %s; seed %d; median of %d rounds of %s each\n\n",
		runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), time.Now().UTC().Format(time.DateOnly), seed, rounds, length)
	for _, r := range results {
		_, _ = fmt.Fprintf(w, "- %s: %d tests on %d records of %d bytes on average; all engines agree on all %d verdicts\n",
			r.name, len(r.tests), r.records, r.bytes/r.records, len(r.tests)*r.records)
	}
	_, _ = fmt.Fprintln(w)
	rows := [][]string{{"records", "engine", "version", "M tests/s", "ratio", "required", "", "decoded before: M tests/s", "ratio"}}
	for _, r := range results {
		tests := float64(len(r.tests)) / 1e6
		allocations := float64(r.allocations) / float64(r.records)
		rows = append(rows,
			[]string{r.name, "**Plumbline**, 1 core", "this tree", number(r.ours * tests), "", "", "", "", ""},
			[]string{r.name, "**Plumbline**, 2 cores", "this tree", number(r.onTwo * tests), fmt.Sprintf("%.2f of one core", r.onTwo/r.ours), "near 2", "", "", ""},
			[]string{r.name, "**Plumbline**, allocations per record", "this tree", number(allocations), "", "0", verdict(r.allocations == 0), "", ""},
		)
		for _, p := range r.peers {
			ratio := r.ours / p.text
			required, met := "", ""
			if want := r.required[p.name]; want > 0 {
				required, met = number(want), verdict(ratio >= want)
			}
			rows = append(rows, []string{r.name, p.name + " (" + p.variant + ")", p.version, number(p.text * tests), number(ratio), required, met, number(p.decoded * tests), number(r.ours / p.decoded)})
		}
	}
	printTable(w, rows, markdown)
	_, _ = fmt.Fprintf(w, "\nWays of using the peers, M tests/s, highest of %d short runs; the table has the fastest:\n\n", rounds)
	for _, r := range results {
		for _, p := range r.peers {
			ways := make([]string, len(p.ways))
			for i, way := range p.ways {
				ways[i] = way.name + " " + number(p.tried[i]*float64(len(r.tests))/1e6)
			}
			if len(ways) > 1 {
				_, _ = fmt.Fprintf(w, "- %s, %s: %s\n", r.name, p.name, strings.Join(ways, "; "))
			}
		}
	}
}

func printTable(w io.Writer, rows [][]string, markdown bool) {
	if !markdown {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			_, _ = fmt.Fprintln(t, strings.ReplaceAll(strings.Join(row, "\t"), "**", ""))
		}
		_ = t.Flush()
		return
	}
	for i, row := range rows {
		_, _ = fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			_, _ = fmt.Fprintln(w, "|---|---|---|---:|---:|---:|---|---:|---:|")
		}
	}
}

// number keeps three digits.
func number(f float64) string {
	switch {
	case f == 0:
		return "0"
	case f < 0.1:
		return fmt.Sprintf("%.4f", f)
	case f < 1:
		return fmt.Sprintf("%.3f", f)
	case f < 10:
		return fmt.Sprintf("%.2f", f)
	case f < 100:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.0f", f)
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "**not met**"
}
