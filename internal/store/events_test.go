package store

import (
	"strings"
	"testing"
)

// The indexes of events by type and category leave the same types out as the
// queries do, or no database would use them.
func TestIndexesOfEvents(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for column, index := range map[string]string{"type": "event_type", "category": "event_category"} {
		var plan strings.Builder
		if err := s.db.read(t.Context(), func(q querier) error {
			return q.query("EXPLAIN QUERY PLAN SELECT created_at, seq FROM event WHERE "+column+" = $1 AND "+notFrequent+" ORDER BY created_at DESC, seq DESC LIMIT 50", func(r row) error {
				var id, parent, unused int64
				var detail string
				err := r.scan(&id, &parent, &unused, &detail)
				plan.WriteString(detail + "\n")
				return err
			}, "x")
		}); err != nil {
			t.Fatal(err)
		}
		if got := plan.String(); !strings.Contains(got, index) || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("by %s: %s", column, got)
		}
	}
	for _, ty := range frequentTypes {
		if !strings.Contains(notFrequent, "'"+string(ty)+"'") {
			t.Errorf("%s is in the indexes", ty)
		}
	}
}
