package store

import (
	"context"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/live"
)

const liveEvents = "SELECT seq, type, category, workspace_id, connection_id, test_id, metadata FROM event WHERE "

// dueDeliveries is how many of those that are next to be sent are looked at:
// what happens to deliveries happens to the first ones.
const dueDeliveries = 500

// Watch implements live.Store.
func (s *Store) Watch(ctx context.Context, w live.Window) (live.View, error) {
	var v live.View
	err := s.db.read(ctx, func(q querier) error {
		v = live.View{}
		if err := one(q, "SELECT (SELECT coalesce(max(seq), 0) FROM event), (SELECT coalesce(max(id), 0) FROM directory_entry)", nil, &v.Last, &v.Entries); err != nil {
			return err
		}
		if err := newEntries(q, w.Entries, &v); err != nil {
			return err
		}
		if err := tailOfEvents(q, w, &v); err != nil {
			return err
		}
		if err := q.query(`SELECT r.id, r.connection_id, e.epoch, r.fresh_at, r.sync_at FROM resource r LEFT JOIN evaluation e ON e.resource_id = r.id
			WHERE r.deleted_at IS NULL`, func(r row) error {
			var res live.Resource
			err := r.scan(&res.ID, &res.ConnectionID, &res.Epoch, &res.FreshAt, &res.SyncAt)
			v.Resources = append(v.Resources, res)
			return err
		}); err != nil || !w.Slow {
			return err
		}
		if err := q.query("SELECT id, workspace_id, number, next_run_at FROM test WHERE deleted_at IS NULL", func(r row) error {
			var t live.Test
			err := r.scan(&t.ID, &t.WorkspaceID, &t.Number, &t.NextRunAt)
			v.Tests = append(v.Tests, t)
			return err
		}); err != nil {
			return err
		}
		return movedDeliveries(q, w.Deliveries, &v)
	})
	return v, err
}

// tailOfEvents reads the events that came since a look, those with lower numbers
// that were missing then first.
func tailOfEvents(q querier, w live.Window, v *live.View) error {
	each := func(r row) error {
		var e live.Event
		var typ, category string
		err := r.scan(&e.Seq, &typ, &category, &e.WorkspaceID, &e.ConnectionID, &e.TestID, &e.Metadata)
		e.Type, e.Category = event.Type(typ), event.Category(category)
		v.Events = append(v.Events, e)
		return err
	}
	for part := range slices.Chunk(w.Missing, perLookup) {
		cond, args := in("seq", part)
		if err := q.query(number(liveEvents+cond+" ORDER BY seq"), each, args...); err != nil {
			return err
		}
	}
	if v.Last <= w.After || w.Limit == 0 {
		return nil
	}
	return q.query(liveEvents+"seq > $1 ORDER BY seq LIMIT $2", each, w.After, w.Limit)
}

// topicOf is what the history of an object belongs to.
var topicOf = map[string]live.Topic{string(directory.Person): live.Personnel, string(directory.Device): live.Devices, string(directory.Asset): live.Assets}

// newEntries reads whose histories had an entry since a look. One transaction at
// a time adds entries, so none has a lower number than what was seen.
func newEntries(q querier, after *int64, v *live.View) error {
	if after == nil || v.Entries <= *after {
		return nil
	}
	return q.query("SELECT DISTINCT kind FROM directory_entry WHERE id > $1 ORDER BY kind", func(r row) error {
		var kind string
		err := r.scan(&kind)
		v.Histories = append(v.Histories, topicOf[kind])
		return err
	}, *after)
}

func movedDeliveries(q querier, was *live.Deliveries, v *live.View) error {
	d := &v.Deliveries
	err := one(q, `SELECT (SELECT coalesce(max(id), 0) FROM notification_delivery),
		(SELECT coalesce(max(finished_at), 0) FROM notification_delivery WHERE finished_at IS NOT NULL),
		(SELECT CAST(coalesce(sum(attempts + 1 + next_at % 1000003), 0) AS BIGINT) FROM (SELECT attempts, next_at FROM notification_delivery WHERE status = 'PENDING'
			ORDER BY next_at, id LIMIT $1) due)`, []any{dueDeliveries}, &d.LastID, &d.FinishedAt, &d.Due)
	if err != nil || was == nil || *d == *was {
		return err
	}
	v.DeliveredIn, err = idList(q, `SELECT workspace_id FROM notification_delivery WHERE id > $1
		UNION SELECT workspace_id FROM notification_delivery WHERE finished_at >= $2
		UNION SELECT workspace_id FROM (SELECT workspace_id FROM notification_delivery WHERE status = 'PENDING' ORDER BY next_at, id LIMIT $3) due`,
		was.LastID, was.FinishedAt, dueDeliveries)
	return err
}

// Reach implements live.Store.
func (s *Store) Reach(ctx context.Context, resources, connections []int64) (live.Reach, error) {
	out := live.Reach{Tests: map[int64][]live.Test{}, Workspaces: map[int64][]int64{}}
	err := s.db.read(ctx, func(q querier) error {
		for part := range slices.Chunk(resources, perLookup) {
			cond, args := in("g.resource_id", part)
			if err := q.query(number(`SELECT DISTINCT g.resource_id, t.id, t.workspace_id, t.number FROM test_group g JOIN test t ON t.id = g.test_id
				WHERE g.state <> 'retired' AND t.deleted_at IS NULL AND `+cond), func(r row) error {
				var resource int64
				var t live.Test
				err := r.scan(&resource, &t.ID, &t.WorkspaceID, &t.Number)
				out.Tests[resource] = append(out.Tests[resource], t)
				return err
			}, args...); err != nil {
				return err
			}
		}
		for part := range slices.Chunk(connections, perLookup) {
			cond, args := in("connection_id", part)
			if err := q.query(number("SELECT connection_id, workspace_id FROM connection_workspace WHERE "+cond), func(r row) error {
				var connection, workspace int64
				err := r.scan(&connection, &workspace)
				out.Workspaces[connection] = append(out.Workspaces[connection], workspace)
				return err
			}, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
