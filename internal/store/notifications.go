package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// channelSettings is what is stored of a channel as JSON.
type channelSettings struct {
	To      []string `json:"to,omitempty"`
	URLHint string   `json:"urlHint,omitempty"`
	KeyHint string   `json:"keyHint,omitempty"`
	Owners  bool     `json:"controlOwners,omitempty"`
}

const channelColumns = `SELECT id, workspace_id, name, kind, settings, sealed, created_at, updated_at FROM notification_channel`

func scanChannel(r row, c *notify.Channel) error {
	var kind string
	var settings, sealed []byte
	if err := r.scan(&c.ID, &c.WorkspaceID, &c.Name, &kind, &settings, &sealed, &c.CreatedAt, &c.UpdatedAt); err != nil {
		return err
	}
	var s channelSettings
	err := json.Unmarshal(settings, &s)
	c.Kind, c.To, c.URLHint, c.KeyHint, c.ControlOwners, c.Sealed = notify.Kind(kind), s.To, s.URLHint, s.KeyHint, s.Owners, sealed
	return err
}

func settingsOf(c notify.Channel) string {
	return toJSON(channelSettings{c.To, c.URLHint, c.KeyHint, c.ControlOwners})
}

func readChannel(q querier, workspaceID, id int64, lock string) (notify.Channel, error) {
	found, err := readChannels(q, " WHERE id = $1 AND workspace_id = $2"+lock, id, workspaceID)
	if err == nil && len(found) == 0 {
		err = absent("notification channel", id)
	}
	if err != nil {
		return notify.Channel{}, err
	}
	return found[0], nil
}

func readChannels(q querier, where string, args ...any) ([]notify.Channel, error) {
	var out []notify.Channel
	if err := q.query(channelColumns+where, func(r row) error {
		var c notify.Channel
		err := scanChannel(r, &c)
		out = append(out, c)
		return err
	}, args...); err != nil {
		return nil, err
	}
	return out, withUsers(q, out)
}

// Channels implements notify.Store.
func (s *Store) Channels(ctx context.Context, workspaceID int64, r page.Request) (page.Page[notify.Channel], error) {
	l := list[notify.Channel]{sql: channelColumns, where: []string{"workspace_id = ?"}, args: []any{workspaceID}, id: "id",
		columns: map[page.Sort]string{page.CreatedAt: "id"}, scan: scanChannel,
		position: func(c notify.Channel) page.Position { return page.Position{ID: c.ID} }}
	l.fill = withUsers
	return l.runIn(ctx, s, workspaceID, r)
}

// Channel implements notify.Store.
func (s *Store) Channel(ctx context.Context, workspaceID, id int64) (c notify.Channel, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		c, err = readChannel(q, workspaceID, id, "")
		return err
	})
	return c, err
}

// room refuses one more row in a table of a workspace than it may have.
func room(q querier, table string, workspaceID int64, most int, what string) error {
	if err := lockWorkspace(q, workspaceID); err != nil {
		return err
	}
	var n int64
	if err := one(q, "SELECT count(*) FROM "+table+" WHERE workspace_id = $1", []any{workspaceID}, &n); err != nil {
		return err
	}
	if n >= int64(most) {
		return fault.New(fault.CodeConflict, "a workspace has at most %d notification %s", most, what)
	}
	return nil
}

func takenName(err error, what, name string) error {
	if errors.Is(err, errDuplicate) {
		return fault.New(fault.CodeDuplicateName, "there is a notification %s named “%s” already (/name)", what, name)
	}
	return err
}

// CreateChannel implements notify.Store.
func (s *Store) CreateChannel(ctx context.Context, c notify.Channel, e func(notify.Channel) event.Event) (notify.Channel, error) {
	err := s.db.write(ctx, func(q querier) error {
		if err := room(q, "notification_channel", c.WorkspaceID, notify.MaxChannels, "channels"); err != nil {
			return err
		}
		if err := one(q, `INSERT INTO notification_channel (workspace_id, name, kind, settings, sealed, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
			[]any{c.WorkspaceID, c.Name, string(c.Kind), settingsOf(c), c.Sealed, c.CreatedAt, c.UpdatedAt}, &c.ID); err != nil {
			return takenName(err, "channel", c.Name)
		}
		if err := putChannelUsers(q, c, nil); err != nil {
			return err
		}
		return s.append(q, e(c))
	})
	return c, err
}

// ChangeChannel implements notify.Store.
func (s *Store) ChangeChannel(ctx context.Context, workspaceID, id int64, change func(*notify.Channel) (event.Event, error)) (c notify.Channel, err error) {
	err = s.db.write(ctx, func(q querier) error {
		var err error
		if c, err = readChannel(q, workspaceID, id, q.dialect().forUpdate); err != nil {
			return err
		}
		was := slices.Clone(c.UserIDs)
		e, err := change(&c)
		if err != nil {
			return err
		}
		if _, err := q.exec("UPDATE notification_channel SET name = $2, settings = $3, sealed = $4, updated_at = $5 WHERE id = $1",
			id, c.Name, settingsOf(c), c.Sealed, c.UpdatedAt); err != nil {
			return takenName(err, "channel", c.Name)
		}
		if err := putChannelUsers(q, c, was); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return c, err
}

// DeleteChannel implements notify.Store.
func (s *Store) DeleteChannel(ctx context.Context, workspaceID, id int64, at time.Time, e func(notify.Channel) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		c, err := readChannel(q, workspaceID, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		var users []string
		if err := q.query(`SELECT r.name FROM notification_rule_channel rc JOIN notification_rule r ON r.id = rc.rule_id WHERE rc.channel_id = $1
			ORDER BY r.id LIMIT 10`, func(r row) error {
			var name string
			err := r.scan(&name)
			users = append(users, "“"+name+"”")
			return err
		}, id); err != nil {
			return err
		}
		if len(users) > 0 {
			return fault.New(fault.CodeConflict, "the notification channel “%s” is in use by the rules %s: take it out there first", c.Name, strings.Join(users, ", "))
		}
		if _, err := q.exec("UPDATE notification_delivery SET status = $2, finished_at = $3 WHERE channel_id = $1 AND status = $4",
			id, string(notify.Canceled), at, string(notify.Pending)); err != nil {
			return err
		}
		for _, sql := range []string{"DELETE FROM notification_channel_user WHERE channel_id = $1", "DELETE FROM notification_channel WHERE id = $1"} {
			if _, err := q.exec(sql, id); err != nil {
				return err
			}
		}
		return s.append(q, e(c))
	})
}

// ruleSpec is what is stored of a rule as JSON.
type ruleSpec struct {
	Topics   []notify.Topic  `json:"topics"`
	Filter   notify.Filter   `json:"filter"`
	DigestAt notify.Schedule `json:"digestAt,omitzero"`
}

const ruleColumns = `SELECT id, workspace_id, name, enabled, mode, spec, next_digest_at, created_at, updated_at FROM notification_rule`

func scanRule(r row, out *notify.Rule) error {
	var mode string
	var body []byte
	if err := r.scan(&out.ID, &out.WorkspaceID, &out.Name, &out.Enabled, &mode, &body, &out.NextDigest, &out.CreatedAt, &out.UpdatedAt); err != nil {
		return err
	}
	var spec ruleSpec
	err := json.Unmarshal(body, &spec)
	out.Mode, out.Topics, out.Filter, out.DigestAt = notify.Mode(mode), spec.Topics, spec.Filter, spec.DigestAt
	return err
}

// withChannels fills in the channels of rules.
func withChannels(q querier, rules []notify.Rule) error {
	for i := range rules {
		r := &rules[i]
		r.ChannelIDs = []int64{}
		if err := q.query("SELECT channel_id FROM notification_rule_channel WHERE rule_id = $1 ORDER BY position", func(each row) error {
			var id int64
			err := each.scan(&id)
			r.ChannelIDs = append(r.ChannelIDs, id)
			return err
		}, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func readRules(q querier, where string, args ...any) ([]notify.Rule, error) {
	var out []notify.Rule
	if err := q.query(ruleColumns+where, func(each row) error {
		var r notify.Rule
		err := scanRule(each, &r)
		out = append(out, r)
		return err
	}, args...); err != nil {
		return nil, err
	}
	return out, withChannels(q, out)
}

func readRule(q querier, workspaceID, id int64, lock string) (notify.Rule, error) {
	found, err := readRules(q, " WHERE id = $1 AND workspace_id = $2"+lock, id, workspaceID)
	if err != nil {
		return notify.Rule{}, err
	}
	if len(found) == 0 {
		return notify.Rule{}, absent("notification rule", id)
	}
	return found[0], nil
}

// Rules implements notify.Store.
func (s *Store) Rules(ctx context.Context, workspaceID int64, r page.Request) (page.Page[notify.Rule], error) {
	l := list[notify.Rule]{sql: ruleColumns, where: []string{"workspace_id = ?"}, args: []any{workspaceID}, id: "id",
		columns: map[page.Sort]string{page.CreatedAt: "id"}, scan: scanRule,
		position: func(r notify.Rule) page.Position { return page.Position{ID: r.ID} }}
	l.fill = withChannels
	return l.runIn(ctx, s, workspaceID, r)
}

// Rule implements notify.Store.
func (s *Store) Rule(ctx context.Context, workspaceID, id int64) (r notify.Rule, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		r, err = readRule(q, workspaceID, id, "")
		return err
	})
	return r, err
}

// putRuleChannels stores the channels of a rule, and refuses what a rule newly
// names and its workspace does not have. What it named before may be gone.
func putRuleChannels(q querier, r, was notify.Rule) error {
	for _, c := range []struct {
		what, pointer, sql string
		ids, known         []int64
	}{
		{"notification channel", "/channelIds", "SELECT id FROM notification_channel WHERE workspace_id = $1 AND id = $2" + q.dialect().forUpdate, r.ChannelIDs, nil},
		{"test", "/filter/testIds", "SELECT number FROM test WHERE workspace_id = $1 AND number = $2 AND deleted_at IS NULL", r.Filter.TestIDs, was.Filter.TestIDs},
		{"connection", "/filter/connectionIds", `SELECT cw.connection_id FROM connection_workspace cw JOIN connection c ON c.id = cw.connection_id
			WHERE cw.workspace_id = $1 AND cw.connection_id = $2 AND c.deleted_at IS NULL`, r.Filter.ConnectionIDs, was.Filter.ConnectionIDs},
	} {
		// In one order, so that two rules do not wait for each other's channels.
		for _, id := range slices.Sorted(slices.Values(c.ids)) {
			if slices.Contains(c.known, id) {
				continue
			}
			var same int64
			err := one(q, c.sql, []any{r.WorkspaceID, id}, &same)
			if errors.Is(err, errNoRow) {
				return fault.New(fault.CodeValidation, "there is no %s %d in this workspace (%s/%d)", c.what, id, c.pointer, slices.Index(c.ids, id))
			}
			if err != nil {
				return err
			}
		}
	}
	if _, err := q.exec("DELETE FROM notification_rule_channel WHERE rule_id = $1", r.ID); err != nil {
		return err
	}
	for i, id := range r.ChannelIDs {
		if _, err := q.exec("INSERT INTO notification_rule_channel (rule_id, position, channel_id) VALUES ($1, $2, $3)", r.ID, i, id); err != nil {
			return err
		}
	}
	return nil
}

// CreateRule implements notify.Store.
func (s *Store) CreateRule(ctx context.Context, r notify.Rule, e func(notify.Rule) event.Event) (notify.Rule, error) {
	err := s.db.write(ctx, func(q querier) error {
		if err := room(q, "notification_rule", r.WorkspaceID, notify.MaxRules, "rules"); err != nil {
			return err
		}
		if err := one(q, `INSERT INTO notification_rule (workspace_id, name, enabled, mode, spec, next_digest_at, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`, []any{r.WorkspaceID, r.Name, r.Enabled, string(r.Mode),
			toJSON(ruleSpec{r.Topics, r.Filter, r.DigestAt}), r.NextDigest, r.CreatedAt, r.UpdatedAt}, &r.ID); err != nil {
			return takenName(err, "rule", r.Name)
		}
		if err := putRuleChannels(q, r, notify.Rule{}); err != nil {
			return err
		}
		return s.append(q, e(r))
	})
	return r, err
}

// ChangeRule implements notify.Store.
func (s *Store) ChangeRule(ctx context.Context, workspaceID, id int64, change func(*notify.Rule) (event.Event, error)) (r notify.Rule, err error) {
	err = s.db.write(ctx, func(q querier) error {
		was, err := readRule(q, workspaceID, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		r = was
		e, err := change(&r)
		if err != nil {
			return err
		}
		if _, err := q.exec(`UPDATE notification_rule SET name = $2, enabled = $3, mode = $4, spec = $5, next_digest_at = $6, updated_at = $7 WHERE id = $1`,
			id, r.Name, r.Enabled, string(r.Mode), toJSON(ruleSpec{r.Topics, r.Filter, r.DigestAt}), r.NextDigest, r.UpdatedAt); err != nil {
			return takenName(err, "rule", r.Name)
		}
		if !r.Enabled {
			if _, err := q.exec("DELETE FROM notification_entry WHERE rule_id = $1", id); err != nil {
				return err
			}
		}
		if err := putRuleChannels(q, r, was); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return r, err
}

// DeleteRule implements notify.Store.
func (s *Store) DeleteRule(ctx context.Context, workspaceID, id int64, e func(notify.Rule) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		r, err := readRule(q, workspaceID, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		for _, sql := range []string{"DELETE FROM notification_entry WHERE rule_id = $1", "DELETE FROM notification_rule_channel WHERE rule_id = $1",
			"DELETE FROM notification_rule WHERE id = $1"} {
			if _, err := q.exec(sql, id); err != nil {
				return err
			}
		}
		return s.append(q, e(r))
	})
}

// NoteEvent implements notify.Store.
func (s *Store) NoteEvent(ctx context.Context, e event.Event) error {
	return s.db.write(ctx, func(q querier) error { return s.append(q, e) })
}
