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
	previewedFilter = `,"filteringCriteria":{"all":[{"fact":"department","operator":"equal","value":"contractors"}]}`
	previewedRule   = `"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true},{"fact":"age","operator":"lessThan","value":89},
		{"fact":"email","operator":"endsWith","value":"@example.com"},{"fact":"lastSeen","operator":"after","value":"2025-01-01"}]}`
)

// preview is a reply as far as the benchmark looks at it.
type preview struct {
	Records int
	Failing int
	Sample  *struct{ Records int }
	JobID   string
}

// previews measures previews of all records beside a bare scan of the same rows.
// One whose time is up is told as the sample that it is.
func previews(ctx context.Context, r *report, where string, s *server, over resource, records int, what string, bare scan) error {
	path := "/public/v2/workspaces/1/monitoring-tests/preview"
	for _, c := range []struct{ name, more, asOf string }{
		{"preview of a test with a filter over %d records", previewedFilter, ""},
		{"preview of a test of unique values over %d records", `,"assertion":{"kind":"unique","path":"email"}`, ""},
		{"preview of a past moment over %d records", previewedFilter, time.Now().UTC().Format(time.RFC3339Nano)},
	} {
		body := fmt.Appendf(nil, `{"logic":{"groups":[{"resourceId":%d,%s%s}]}}`, over.id, previewedRule, c.more)
		if c.asOf != "" {
			body = fmt.Appendf(nil, `{"asOf":%q,%s`, c.asOf, body[1:])
		}
		var spans, limits []time.Duration
		var ratios []float64
		seen := records
		for range passRounds {
			limit, err := timed(ctx, bare, records)
			if err != nil {
				return err
			}
			begin := time.Now()
			_, reply, err := s.call(ctx, http.MethodPost, path, body)
			if err != nil {
				return err
			}
			span := time.Since(begin)
			var got preview
			if err := json.Unmarshal(reply, &got); err != nil {
				return err
			}
			if got.Sample == nil && got.Records != records || got.Failing == 0 {
				return fmt.Errorf("a preview of the benchmark is %s", reply)
			}
			if got.JobID != "" {
				if _, _, err := s.call(ctx, http.MethodDelete, path+"/"+got.JobID, nil); err != nil {
					return err
				}
			}
			seen = min(seen, got.Records)
			spans, limits, ratios = append(spans, span), append(limits, limit), append(ratios, span.Seconds()/limit.Seconds())
		}
		figure := brief(median(spans))
		if seen < records {
			figure += fmt.Sprintf(", a sample of %d at the least", seen)
		}
		r.add(where+": "+fmt.Sprintf(c.name, records), figure, fmt.Sprintf("%s %s", what, brief(median(limits))), spread(ratios))
	}
	return nil
}
