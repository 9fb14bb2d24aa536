package storetest

import (
	"fmt"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// samples are taken from everywhere, each record once, however many there are.
func samples(x *suite) {
	r, other := x.resource("one"), x.resource("two")
	x.write(other, row("other", 1))
	take := func(n, until int) []string {
		x.t.Helper()
		var out []string
		x.must(x.s.Sample(x.ctx, r.ID, n, func(body []byte) bool {
			out = append(out, string(body))
			return len(out) != until
		}))
		seen := map[string]bool{}
		for _, body := range out {
			if seen[body] {
				x.t.Fatalf("a sample of %d has %s twice", n, body)
			}
			seen[body] = true
		}
		return out
	}
	equal(x, "of nothing", len(take(10, -1)), 0)
	var rows []record.Row
	for i := range 1000 {
		rows = append(rows, row(fmt.Sprintf("r%04d", i), i))
	}
	x.write(r, rows...)
	for _, n := range []int{1, 7, 200, 250, 1000, 5000} {
		got := take(n, -1)
		equal(x, fmt.Sprint("a sample of ", n), len(got), min(n, 1000))
		quarters := [4]int{}
		for _, body := range got {
			var i int
			if _, err := fmt.Sscanf(body, `{"id":"r%04d"`, &i); err != nil {
				x.t.Fatal(body, err)
			}
			quarters[i/250]++
		}
		for q, count := range quarters {
			if n >= 200 && count*5 < len(got) {
				x.t.Fatalf("a sample of %d has %d records of quarter %d", n, count, q)
			}
		}
	}
	equal(x, "that is ended", len(take(200, 3)), 3)
	for i := range 995 {
		_, err := x.s.Delete(x.ctx, r.ID, fmt.Sprintf("r%04d", i), x.clock.Now(), x.event(event.RecordRemoved))
		x.must(err)
	}
	equal(x, "of the last few", len(take(200, -1)), 5)
	x.refused(x.s.Sample(x.ctx, 9999, 10, func([]byte) bool { return true }), fault.CodeNotFound)
}
