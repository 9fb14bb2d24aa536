package store

import (
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
)

// deviceStretch is a span of a device, as table device_compliance has it.
type deviceStretch struct {
	device int64
	span   asset.DeviceSpan
}

// standDevices makes anew how the devices of a person stand; see stand.
func standDevices(q querier, personID int64, devices []asset.Device, at time.Time) error {
	theirs, err := idList(q, "SELECT id FROM device WHERE person_id = $1", personID)
	if err != nil {
		return err
	}
	for _, id := range theirs {
		if _, err := q.exec("DELETE FROM device_compliance WHERE device_id = $1", id); err != nil {
			return err
		}
	}
	var list []deviceStretch
	for _, d := range devices {
		for _, s := range d.Spans(at) {
			list = append(list, deviceStretch{d.ID, s})
		}
	}
	return insertRows(q, list, "INSERT INTO device_compliance (device_id, status, failing, unknown, stale, since, until) VALUES ", "(?, ?, ?, ?, ?, ?, ?)", "", func(s *deviceStretch) []any {
		since, until := bounds(s.span.Since, s.span.Until)
		stale := int64(0)
		if s.span.Stale {
			stale = 1
		}
		return []any{s.device, string(s.span.Status), int64(s.span.Failing), int64(s.span.Unknown), stale, since, until}
	})
}

// standingDevices keeps those devices in a list that stand so.
func standingDevices(l *list[asset.Device], f asset.DeviceFilter) {
	var so clauses
	statuses := f.Standing
	if f.Failing != "" {
		// Whatever has a check that fails fails as a whole.
		if len(statuses) == 0 {
			statuses = []asset.CheckStatus{asset.CheckFail}
		}
		so.and("c.failing & ? <> 0", int64(asset.SetOf(f.Failing)))
	}
	if f.Stale {
		so.and("c.stale = 1")
	}
	if len(statuses) > 0 {
		so.and("c.status IN ("+marks(len(statuses))+")", arguments(nil, words(statuses))...)
	}
	if len(so.conds) > 0 {
		so.and("c.since <= ?", f.At)
		so.and("c.until > ?", f.At)
		l.standing(so)
	}
}

// standing keeps those devices in a list that stand so: of which a stretch c
// satisfies conditions.
func (l *list[T]) standing(so clauses) {
	const stretches = " FROM device_compliance c WHERE "
	l.rare = append(l.rare, rare{
		// One stretch at most holds at a moment. PostgreSQL would make a join of EXISTS,
		// and read all stretches for each device when it takes them for few.
		cond: func(dialect) string {
			return "(SELECT 1" + stretches + "c.device_id = d.id AND " + so.String() + ") = 1"
		},
		args: so.args,
		find: func(q querier, most int) ([]int64, error) {
			return idList(q, number("SELECT c.device_id"+stretches+so.String()+" LIMIT ?"), slices.Concat(so.args, []any{most})...)
		},
		count: func(q querier) (n int64, err error) {
			err = one(q, number("SELECT count(*)"+stretches+so.String()), so.args, &n)
			return n, err
		},
	})
}

// CountDevices implements asset.DeviceStore.
func (s *Store) CountDevices(ctx context.Context, at time.Time) ([]asset.DeviceCount, error) {
	var out []asset.DeviceCount
	err := s.db.read(ctx, func(q querier) error {
		out = nil
		if err := orderly(q); err != nil {
			return err
		}
		return q.query(`SELECT status, failing, unknown, stale, count(*) FROM device_compliance WHERE since <= $1 AND until > $1
			GROUP BY status, failing, unknown, stale`, func(r row) error {
			var n asset.DeviceCount
			var status string
			var failing, unknown int64
			err := r.scan(&status, &failing, &unknown, &n.Stale, &n.Devices)
			n.Status, n.Failing, n.Unknown = asset.CheckStatus(status), asset.CheckSet(failing), asset.CheckSet(unknown)
			out = append(out, n)
			return err
		}, at)
	})
	return out, err
}
