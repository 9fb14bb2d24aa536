package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// dispatchLimit is how many queued events one transaction looks at.
const dispatchLimit = 200

// queue keeps an event for the dispatcher, in the transaction of the event. One
// of a connection concerns each of its workspaces.
func queue(q querier, e event.Event, subject string) error {
	var err error
	switch {
	case e.WorkspaceID != 0:
		_, err = q.exec("INSERT INTO notification_queue (workspace_id, event_id, subject, at) VALUES ($1, $2, $3, $4)", e.WorkspaceID, e.ID, subject, e.CreatedAt)
	case e.ConnectionID != 0:
		_, err = q.exec(`INSERT INTO notification_queue (workspace_id, event_id, subject, at)
			SELECT workspace_id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT) FROM connection_workspace WHERE connection_id = $1 ORDER BY workspace_id`,
			e.ConnectionID, e.ID, subject, e.CreatedAt)
	}
	return err
}

// due reports whether a query that gives one number gives any.
func (s *Store) due(ctx context.Context, sql string, args ...any) (bool, error) {
	var is bool
	err := s.db.read(ctx, func(q querier) error {
		is = false
		return q.query(sql, func(row) error { is = true; return nil }, args...)
	})
	return is, err
}

// Dispatch implements notify.DispatchStore. One dispatcher at a time reads the
// queue: two would each see a part of the changes of a subject.
func (s *Store) Dispatch(ctx context.Context, before time.Time, plan func(notify.Due) notify.Plan) (bool, error) {
	const first = "SELECT workspace_id FROM notification_queue WHERE at <= $1 ORDER BY at, id LIMIT 1"
	is, err := s.due(ctx, first, before)
	if err != nil || !is {
		return false, err
	}
	err = s.db.exclusive(ctx, func(q querier) error {
		d := notify.Due{Before: before}
		err := one(q, first, []any{before}, &d.WorkspaceID)
		if errors.Is(err, errNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		orphans, err := readQueue(q, before, &d)
		if err != nil {
			return err
		}
		if d.Rules, err = readRules(q, " WHERE workspace_id = $1 AND enabled = 1 ORDER BY id"+q.dialect().forUpdate, d.WorkspaceID); err != nil {
			return err
		}
		if d.Channels, err = channelsOf(q, d.WorkspaceID); err != nil {
			return err
		}
		tests := make([]int64, len(d.Queue))
		for i, each := range d.Queue {
			tests[i] = each.Event.TestID
		}
		if d.Audience, err = audience(q, d.WorkspaceID, d.Channels, tests); err != nil {
			return err
		}
		p := plan(d)
		if err := putDeliveries(q, p.Deliveries); err != nil {
			return err
		}
		if err := insertRows(q, p.Entries, "INSERT INTO notification_entry (rule_id, topic, signal, test_id) VALUES ", "(?, ?, ?, ?)", "", func(e *notify.Entry) []any {
			return []any{e.RuleID, string(e.Signal.Topic), toJSON(e.Signal), e.Signal.TestID}
		}); err != nil {
			return err
		}
		for part := range slices.Chunk(append(p.Done, orphans...), perInsert) {
			where, args := in("id", part)
			if _, err := q.exec(number("DELETE FROM notification_queue WHERE "+where), args...); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}

// readQueue reads all queued events of the subjects of which one is due. Orphans
// are those that are due and whose event is not there any more.
func readQueue(q querier, before time.Time, d *notify.Due) (orphans []int64, err error) {
	type place struct {
		id      int64
		subject string
	}
	var places []place
	if err := q.query("SELECT id, subject FROM notification_queue WHERE workspace_id = $1 AND at <= $2 ORDER BY at, id LIMIT $3", func(r row) error {
		var p place
		err := r.scan(&p.id, &p.subject)
		places = append(places, p)
		return err
	}, d.WorkspaceID, before, dispatchLimit); err != nil {
		return nil, err
	}
	const columns = `SELECT n.id, n.subject, e.id, e.type, e.metadata, e.workspace_id, e.connection_id, e.test_id, e.test_name, e.created_at
		FROM notification_queue n JOIN event e ON e.id = n.event_id WHERE `
	read := map[int64]bool{}
	each := func(r row) error {
		var got notify.Queued
		var typ string
		var metadata json.RawMessage
		e := &got.Event
		err := r.scan(&got.ID, &got.Subject, &e.ID, &typ, &metadata, &e.WorkspaceID, &e.ConnectionID, &e.TestID, &e.TestName, &e.CreatedAt)
		e.Type, e.Metadata = event.Type(typ), metadata
		d.Queue, read[got.ID] = append(d.Queue, got), true
		return err
	}
	seen := map[string]bool{}
	for _, p := range places {
		switch {
		case p.subject == "":
			err = q.query(columns+"n.id = $1", each, p.id)
		case !seen[p.subject]:
			seen[p.subject] = true
			err = q.query(columns+"n.workspace_id = $1 AND n.subject = $2 ORDER BY n.id", each, d.WorkspaceID, p.subject)
		}
		if err != nil {
			return nil, err
		}
		if !read[p.id] {
			orphans = append(orphans, p.id)
		}
	}
	return orphans, nil
}

func channelsOf(q querier, workspaceID int64) (map[int64]notify.Channel, error) {
	out := map[int64]notify.Channel{}
	found, err := readChannels(q, " WHERE workspace_id = $1", workspaceID)
	for _, c := range found {
		out[c.ID] = c
	}
	return out, err
}

func putDeliveries(q querier, list []notify.Delivery) error {
	return insertRows(q, list, `INSERT INTO notification_delivery (uid, workspace_id, channel_id, channel_name, kind, target, dedupe, subject, notice,
		status, attempts, next_at, created_at, user_id, address) VALUES `, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", " ON CONFLICT (channel_id, target, dedupe) DO NOTHING",
		func(d *notify.Delivery) []any {
			return []any{d.UID, d.WorkspaceID, d.ChannelID, d.ChannelName, string(d.Kind), targetKey(*d), d.Key, d.Subject, toJSON(d.Notice),
				string(d.Status), d.Attempts, d.NextAt, d.CreatedAt, nullID(d.UserID), nullText(d.Target)}
		})
}

// Digest implements notify.DispatchStore.
func (s *Store) Digest(ctx context.Context, now time.Time, collect func(notify.Collected) ([]notify.Delivery, time.Time)) (bool, error) {
	const where = " WHERE next_digest_at <= $1 AND enabled = 1 ORDER BY next_digest_at, id LIMIT 1"
	is, err := s.due(ctx, "SELECT id FROM notification_rule"+where, now)
	if err != nil || !is {
		return false, err
	}
	err = s.db.exclusive(ctx, func(q querier) error {
		rules, err := readRules(q, where+q.dialect().forUpdate, now)
		if err != nil || len(rules) == 0 {
			return err
		}
		c := notify.Collected{Rule: rules[0]}
		if err := readEntries(q, &c); err != nil {
			return err
		}
		if c.Channels, err = channelsOf(q, c.Rule.WorkspaceID); err != nil {
			return err
		}
		tests := make([]int64, len(c.Tallies))
		for i, t := range c.Tallies {
			tests[i] = t.TestID
		}
		if c.Audience, err = audience(q, c.Rule.WorkspaceID, c.Channels, tests); err != nil {
			return err
		}
		deliveries, next := collect(c)
		if err := putDeliveries(q, deliveries); err != nil {
			return err
		}
		if _, err := q.exec("DELETE FROM notification_entry WHERE rule_id = $1", c.Rule.ID); err != nil {
			return err
		}
		_, err = q.exec("UPDATE notification_rule SET next_digest_at = $2 WHERE id = $1", c.Rule.ID, next)
		return err
	})
	return err == nil, err
}

func readEntries(q querier, c *notify.Collected) error {
	if err := q.query("SELECT topic, test_id, count(*) FROM notification_entry WHERE rule_id = $1 GROUP BY topic, test_id ORDER BY topic, test_id", func(r row) error {
		var topic string
		var test, n int64
		err := r.scan(&topic, &test, &n)
		c.Tallies = append(c.Tallies, notify.Tally{Topic: notify.Topic(topic), TestID: test, N: int(n)})
		return err
	}, c.Rule.ID); err != nil {
		return err
	}
	err := q.query("SELECT signal FROM notification_entry WHERE rule_id = $1 ORDER BY id DESC LIMIT $2", func(r row) error {
		var body []byte
		if err := r.scan(&body); err != nil {
			return err
		}
		var s notify.Signal
		err := json.Unmarshal(body, &s)
		c.Signals = append(c.Signals, s)
		return err
	}, c.Rule.ID, notify.DigestSignals)
	slices.Reverse(c.Signals)
	return err
}

const deliveryColumns = `SELECT id, uid, workspace_id, channel_id, channel_name, kind, target, dedupe, subject, notice, status, attempts, next_at,
	last_error, created_at, finished_at, user_id, address FROM notification_delivery`

func scanDelivery(r row, d *notify.Delivery) error {
	var kind, status, address string
	var notice []byte
	var attempts int64
	if err := r.scan(&d.ID, &d.UID, &d.WorkspaceID, &d.ChannelID, &d.ChannelName, &kind, &d.Target, &d.Key, &d.Subject, &notice, &status, &attempts,
		&d.NextAt, &d.LastError, &d.CreatedAt, &d.FinishedAt, &d.UserID, &address); err != nil {
		return err
	}
	if d.UserID != 0 {
		d.Target = address
	}
	d.Kind, d.Status, d.Attempts = notify.Kind(kind), notify.Status(status), int(attempts)
	return json.Unmarshal(notice, &d.Notice)
}

// Claim implements notify.DispatchStore.
func (s *Store) Claim(ctx context.Context, now, until time.Time, limit int) ([]notify.Attempt, error) {
	const where = " WHERE status = 'PENDING' AND next_at <= $1 ORDER BY next_at, id LIMIT $2"
	is, err := s.due(ctx, "SELECT id FROM notification_delivery"+where, now, 1)
	if err != nil || !is {
		return nil, err
	}
	var out []notify.Attempt
	err = s.db.write(ctx, func(q querier) error {
		out = nil
		var found []notify.Delivery
		if err := q.query(deliveryColumns+where+q.dialect().skipLocked, func(r row) error {
			var d notify.Delivery
			err := scanDelivery(r, &d)
			found = append(found, d)
			return err
		}, now, limit); err != nil {
			return err
		}
		for _, d := range found {
			c, err := readChannel(q, d.WorkspaceID, d.ChannelID, "")
			if fault.KindOf(err) == fault.NotFound {
				// It was deleted while this came.
				_, err = q.exec("UPDATE notification_delivery SET status = $2, finished_at = $3 WHERE id = $1", d.ID, string(notify.Canceled), now)
			} else if err == nil {
				var people map[int64]notify.Person
				if d.UserID != 0 {
					if people, err = recipients(q, d.WorkspaceID, []int64{d.UserID}); err != nil {
						return err
					}
					d.Target = people[d.UserID].Address
				}
				d.Attempts, d.NextAt = d.Attempts+1, until
				out = append(out, notify.Attempt{Delivery: d, Channel: c, Person: people[d.UserID]})
				_, err = q.exec("UPDATE notification_delivery SET attempts = $2, next_at = $3 WHERE id = $1", d.ID, d.Attempts, until)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Finish implements notify.DispatchStore.
func (s *Store) Finish(ctx context.Context, d notify.Delivery, at time.Time, o notify.Outcome, e *event.Event) error {
	attempts, finished, next := d.Attempts, at, at
	if o.Uncounted {
		attempts--
	}
	if o.Status == notify.Pending {
		finished, next = time.Time{}, o.NextAt
	}
	return s.db.write(ctx, func(q querier) error {
		n, err := q.exec(`UPDATE notification_delivery SET status = $3, attempts = $4, next_at = $5, last_error = $6, finished_at = $7, address = $8
			WHERE id = $1 AND attempts = $2 AND status = 'PENDING'`, d.ID, d.Attempts, string(o.Status), attempts, next, nullText(o.Error), finished, nullText(d.Target))
		if err != nil || n == 0 {
			return err
		}
		if !o.Hold.IsZero() {
			if _, err := q.exec(`UPDATE notification_delivery SET next_at = $4 WHERE channel_id = $1 AND target = $2 AND id <> $3 AND status = 'PENDING'
				AND next_at < $4`, d.ChannelID, targetKey(d), d.ID, o.Hold); err != nil {
				return err
			}
		}
		if e == nil {
			return nil
		}
		return s.append(q, *e)
	})
}

// RetryDelivery implements notify.Store.
func (s *Store) RetryDelivery(ctx context.Context, workspaceID, id int64, at time.Time, e func(notify.Delivery) event.Event) (d notify.Delivery, err error) {
	err = s.db.write(ctx, func(q querier) error {
		var err error
		if d, err = readDelivery(q, workspaceID, id, q.dialect().forUpdate); err != nil {
			return err
		}
		if d.Status != notify.Failed {
			return fault.New(fault.CodeConflict, "the delivery %d is %s; only one that is %s can be tried anew", id, d.Status, notify.Failed)
		}
		if _, err := readChannel(q, workspaceID, d.ChannelID, ""); fault.KindOf(err) == fault.NotFound {
			return fault.New(fault.CodeConflict, "the channel “%s” of the delivery %d was deleted", d.ChannelName, id)
		} else if err != nil {
			return err
		}
		d.Status, d.Attempts, d.NextAt, d.FinishedAt = notify.Pending, 0, at, time.Time{}
		if _, err := q.exec("UPDATE notification_delivery SET status = $2, attempts = $3, next_at = $4, finished_at = $5 WHERE id = $1",
			id, string(d.Status), d.Attempts, d.NextAt, d.FinishedAt); err != nil {
			return err
		}
		return s.append(q, e(d))
	})
	return d, err
}

// SweepDeliveries implements notify.DispatchStore.
func (s *Store) SweepDeliveries(ctx context.Context, before time.Time) error {
	const old = "SELECT id FROM notification_delivery WHERE finished_at < $1 ORDER BY finished_at LIMIT 1000"
	for {
		is, err := s.due(ctx, old, before)
		if err != nil || !is {
			return err
		}
		if err := s.db.write(ctx, func(q querier) error {
			_, err := q.exec("DELETE FROM notification_delivery WHERE id IN ("+old+")", before)
			return err
		}); err != nil {
			return err
		}
	}
}

// Deliveries implements notify.Store.
func (s *Store) Deliveries(ctx context.Context, workspaceID int64, f notify.DeliveryFilter, r page.Request) (page.Page[notify.Delivery], error) {
	l := list[notify.Delivery]{sql: deliveryColumns, where: []string{"workspace_id = ?"}, args: []any{workspaceID}, id: "id",
		columns: map[page.Sort]string{page.CreatedAt: "id"}, scan: scanDelivery,
		position: func(d notify.Delivery) page.Position { return page.Position{ID: d.ID} }}
	if f.Status != "" {
		l.and("status = ?", string(f.Status))
	}
	if f.ChannelID != 0 {
		l.and("channel_id = ?", f.ChannelID)
	}
	return l.runIn(ctx, s, workspaceID, r)
}

// Delivery implements notify.Store.
func (s *Store) Delivery(ctx context.Context, workspaceID, id int64) (d notify.Delivery, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		d, err = readDelivery(q, workspaceID, id, "")
		return err
	})
	return d, err
}

func readDelivery(q querier, workspaceID, id int64, lock string) (d notify.Delivery, err error) {
	found := false
	err = q.query(deliveryColumns+" WHERE id = $1 AND workspace_id = $2"+lock, func(r row) error {
		found = true
		return scanDelivery(r, &d)
	}, id, workspaceID)
	if err == nil && !found {
		err = absent("notification delivery", id)
	}
	return d, err
}
