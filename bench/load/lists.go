//go:build unix

package main

import (
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
