package store

import (
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// A session that is older than the active one can be in progress only by a
// race, which this test makes by hand.
func TestSupersededSessionCannotComplete(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		now := time.Now()
		ev := event.New(event.System(event.SourceApp), now, event.ConnectionCreated, event.CategoryConnection, "test", nil)
		c, err := s.CreateConnection(ctx, connection.Connection{Name: "c", WorkspaceIDs: []int64{1}, CreatedAt: now, UpdatedAt: now,
			Resources: []connection.Resource{{Name: "r", Schema: []byte(`{}`), DisplayNameKey: "id", CreatedAt: now}}}, false, ev)
		if err != nil {
			t.Fatal(err)
		}
		r := c.Resources[0].ID
		err = s.db.write(ctx, func(q querier) error {
			for _, se := range []struct{ id, status string }{{"old", "IN_PROGRESS"}, {"young", "ACTIVE"}} {
				if _, err := q.exec(`INSERT INTO session (resource_id, session_id, status, staged, next_record, created_at, updated_at, swept)
					VALUES ($1, $2, $3, 0, 1, $4, $4, 0)`, r, se.id, se.status, now); err != nil {
					return err
				}
			}
			_, err := q.exec("UPDATE resource SET active_session = (SELECT max(id) FROM session) WHERE id = $1", r)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Complete(ctx, r, "old", record.Guards{}, now, func(record.Counts) event.Event { return ev })
		if fault.CodeOf(err) != fault.CodeSessionSuperseded {
			t.Errorf("got %v", err)
		}
	})
}
