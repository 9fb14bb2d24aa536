//go:build unix

package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

type row struct{ what, figure, against, ratio string }

// report collects the rows of the table.
type report struct{ rows []row }

// add adds a row; ratio is that of the figure to against.
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

// median is the middle one of some values.
func median[T cmp.Ordered](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// quantiles are the median and the 99th percentile.
func quantiles(spans []time.Duration) (p50, p99 time.Duration) {
	sorted := slices.Sorted(slices.Values(spans))
	return sorted[len(sorted)/2], sorted[len(sorted)*99/100]
}

func rate(perSecond float64) string { return fmt.Sprintf("%.0f/s", perSecond) }

func brief(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }

// spread is the median of some ratios with the least and the greatest.
func spread(ratios []float64) string {
	return fmt.Sprintf("%.2f (%.2f..%.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
}
