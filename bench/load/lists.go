//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	pageSize = 500
	// samples is how often each page is read.
	samples = 50
	// openings is how often a list is opened in each order.
	openings = 15
)

// depth is a page of a list by its number.
type depth struct {
	page  int
	path  string
	spans []time.Duration
}

// lists measures pages at depth, as far as the list goes. The pages take turns.
func lists(ctx context.Context, r *report, where string, s *server, of resource, records int) error {
	var all []*depth
	cursor := ""
	for page := 1; page <= 1000 && page*pageSize <= records; page++ {
		path := fmt.Sprintf("%s?size=%d&cursor=%s", of.path, pageSize, cursor)
		switch page {
		case 2, 100, 1000:
			all = append(all, &depth{page: page, path: path})
		}
		_, reply, err := s.call(ctx, http.MethodGet, path, nil)
		if err != nil {
			return err
		}
		var p struct {
			Data       []struct{}
			Pagination struct{ Cursor string }
		}
		if err := json.Unmarshal(reply, &p); err != nil {
			return err
		}
		if len(p.Data) != pageSize {
			return fmt.Errorf("page %d of the benchmark has %d records", page, len(p.Data))
		}
		cursor = p.Pagination.Cursor
	}
	atRest()
	for range samples {
		for _, d := range all {
			begin := time.Now()
			if _, _, err := s.call(ctx, http.MethodGet, d.path, nil); err != nil {
				return err
			}
			d.spans = append(d.spans, time.Since(begin))
		}
	}
	for i, d := range all {
		took, against, ratio := median(d.spans), "", ""
		if i > 0 {
			against, ratio = fmt.Sprintf("page %d", all[0].page), fmt.Sprintf("%.2f", took.Seconds()/median(all[0].spans).Seconds())
		}
		r.add(fmt.Sprintf("%s: list of %d records, page %d, median of %d", where, pageSize, d.page, samples), fmt.Sprintf("%.2f ms", 1000*took.Seconds()), against, ratio)
	}
	return nil
}

// opened measures what the web app asks when a list is opened: its first page
// with its length, in each order.
func opened(ctx context.Context, r *report, where string, s *server, of resource, records int) error {
	for _, order := range []string{"sort=createdAt&sortDir=DESC", "sort=createdAt&sortDir=ASC", "sort=updatedAt&sortDir=DESC", "sort=updatedAt&sortDir=ASC"} {
		spans := make([]time.Duration, openings)
		for i := range spans {
			begin := time.Now()
			_, reply, err := s.call(ctx, http.MethodGet, of.path+"?includeTotalCount=true&"+order, nil)
			spans[i] = time.Since(begin)
			if err != nil {
				return err
			}
			var p struct{ Pagination struct{ TotalCount int } }
			if err := json.Unmarshal(reply, &p); err != nil || p.Pagination.TotalCount != records {
				return fmt.Errorf("the list of the benchmark has %d records, not %d: %w", p.Pagination.TotalCount, records, err)
			}
		}
		r.add(fmt.Sprintf("%s: a list of %d records opens with its length, %s, median of %d", where, records, order, openings),
			fmt.Sprintf("%.2f ms", 1000*median(spans).Seconds()), "", "")
	}
	return nil
}

// narrowed measures the first page of a list with a filter: one that some records
// satisfy, and one that a single record does, of which a page looks through as many
// as it may.
func narrowed(ctx context.Context, r *report, where string, s *server, of resource, records int) error {
	for _, filter := range []string{"where[mfa]=false", "where[email]=user0000000@example.com"} {
		spans := make([]time.Duration, openings)
		for i := range spans {
			begin := time.Now()
			_, _, err := s.call(ctx, http.MethodGet, of.path+"?"+filter, nil)
			spans[i] = time.Since(begin)
			if err != nil {
				return err
			}
		}
		r.add(fmt.Sprintf("%s: a list of %d records opens with %s, median of %d", where, records, filter, openings),
			fmt.Sprintf("%.2f ms", 1000*median(spans).Seconds()), "", "")
	}
	return nil
}

// filed measures a list as a file, in each form.
func filed(ctx context.Context, r *report, where string, s *server, of resource, records int) error {
	for _, format := range []string{"csv", "ndjson"} {
		begin := time.Now()
		_, reply, err := s.call(ctx, http.MethodGet, of.path+"?format="+format, nil)
		took := time.Since(begin)
		if err != nil {
			return err
		}
		lines := bytes.Count(reply, []byte("\n"))
		if format == "csv" {
			lines-- // the header
		}
		if lines != records {
			return fmt.Errorf("the file of the benchmark has %d records, not %d", lines, records)
		}
		r.add(fmt.Sprintf("%s: %d records as a file, %s", where, records, format),
			fmt.Sprintf("%s, %.0f MB/s", rate(float64(records)/took.Seconds()), float64(len(reply))/1e6/took.Seconds()), "", "")
	}
	return nil
}
