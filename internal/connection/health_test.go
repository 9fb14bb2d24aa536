package connection_test

import (
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
)

// A connection is as its worst resource, and healthy only if there is something to
// base it on in all of them.
func TestHealth(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	day, hour := int64(24), int64(1)
	earlier := now.Add(-2 * time.Hour)
	never := connection.Resource{ID: 1, Name: "Never"}
	well := connection.Resource{ID: 2, Name: "Well", FreshAt: earlier, FreshnessHours: &day, Sync: syncrun.Mark{RunID: 7, Since: earlier, At: earlier}}
	later := well
	later.Name, later.Sync.Since = "Later", now.Add(-time.Hour)
	old := well
	old.Name, old.FreshnessHours = "Old", &hour
	ill := well
	ill.Name, ill.Sync.Failed, ill.Sync.Reason = "Ill", syncrun.Fetch, "The system refused the credentials."
	both := old
	both.Name, both.Sync.Failed, both.Sync.Reason = "Both", syncrun.Validate, "All 3 records were refused."
	before := connection.Resource{ID: 3, Name: "Before", FreshAt: earlier}
	for _, c := range []struct {
		name      string
		resources []connection.Resource
		off       bool
		want      connection.Health
		reason    string
		since     time.Time
	}{
		{"no resource", nil, false, "", "The connection has no resource yet.", time.Time{}},
		{"no data", []connection.Resource{never}, false, "", "“Never” has had no data yet.", time.Time{}},
		{"well", []connection.Resource{well}, false, connection.Healthy, "Every step of the last sync run of “Well” was completed.", earlier},
		{"all well", []connection.Resource{well, later}, false, connection.Healthy, "Every step of the last sync run of “Later” was completed.", now.Add(-time.Hour)},
		{"one without data", []connection.Resource{well, never}, false, "", "“Never” has had no data yet.", time.Time{}},
		{"older than runs", []connection.Resource{before}, false, connection.Healthy, "“Before” has data, and nothing is known to be wrong.", time.Time{}},
		{"stale", []connection.Resource{never, old, well}, false, connection.Stale, "“Old” has had no data for longer than its limit of 1 hour.", now.Add(-time.Hour)},
		{"ill", []connection.Resource{old, ill, well}, false, connection.Unhealthy, "The data of “Ill” could not be fetched: The system refused the credentials.", earlier},
		{"ill and stale", []connection.Resource{both}, false, connection.Unhealthy, "In “Both”, all 3 records were refused.", earlier},
		{"disconnected", []connection.Resource{ill}, true, "", "The connection is disconnected: it takes no data.", now},
	} {
		of := connection.Connection{Resources: c.resources}
		if c.off {
			of.DisconnectedAt = now
		}
		got := of.Health(now)
		if got.Health != c.want || got.Reason != c.reason || !got.Since.Equal(c.since) {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}
