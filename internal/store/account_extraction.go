package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
)

// wholeChange is the id of a mark behind all records of a change.
const wholeChange = 1<<63 - 1

// AccountsPending implements account.ExtractionStore.
func (s *Store) AccountsPending(ctx context.Context) (out []int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out, err = idList(q, `SELECT m.resource_id FROM account_mapping m JOIN resource r ON r.id = m.resource_id
			WHERE r.deleted_at IS NULL AND (m.building = 1 OR m.watermark_seq < r.change_seq OR m.watermark_id <> $1)`, int64(wholeChange))
		return err
	})
	return out, err
}

// AccountWork implements account.ExtractionStore.
func (s *Store) AccountWork(ctx context.Context, resourceID int64) (w account.Work, ok bool, err error) {
	err = s.db.read(ctx, func(q querier) error {
		w, ok = account.Work{ResourceID: resourceID}, false
		var body json.RawMessage
		if err := q.query(`SELECT m.body, m.epoch, m.watermark_seq, m.watermark_id, m.building, m.build_after, m.build_from, m.moved_added, m.moved_changed, m.moved_removed,
			r.change_seq, r.connection_id, r.name FROM account_mapping m JOIN resource r ON r.id = m.resource_id
			WHERE m.resource_id = $1 AND r.deleted_at IS NULL`, func(r row) error {
			ok = true
			return r.scan(&body, &w.Epoch, &w.Done.Seq, &w.Done.ID, &w.Building, &w.After, &w.From, &w.Moved.Added, &w.Moved.Changed, &w.Moved.Removed,
				&w.ChangeSeq, &w.ConnectionID, &w.ResourceName)
		}, resourceID); err != nil || !ok {
			return err
		}
		return json.Unmarshal(body, &w.Mapping)
	})
	return w, ok, err
}

func scanSeen(r row, s *account.Seen) error {
	return r.scan(&s.Mark.ID, &s.Key, &s.Body, &s.At, &s.Mark.Seq)
}

func (s *Store) seen(q querier, limit int, sql string, args ...any) ([]account.Seen, bool, error) {
	return readPortion(q, portion{sql: sql, args: args, body: "r.body", limit: limit, budget: s.budget}, scanSeen, func(s *account.Seen) int { return len(s.Body) })
}

// AccountRecords implements account.ExtractionStore.
func (s *Store) AccountRecords(ctx context.Context, resourceID, after int64, limit int) (list []account.Seen, more bool, err error) {
	first, end := recordRange(resourceID)
	err = s.db.read(ctx, func(q querier) error {
		list, more, err = s.seen(q, limit, `SELECT r.id, r.record_key, r.body, r.created_at, r.change_seq FROM record r
			WHERE r.id > $1 AND r.id < $2 ORDER BY r.id`, max(after, first-1), end)
		return err
	})
	return list, more || len(list) == limit, err
}

// AccountChanges implements account.ExtractionStore.
func (s *Store) AccountChanges(ctx context.Context, resourceID int64, after account.Mark, limit int) (list []account.Seen, more bool, err error) {
	err = s.db.read(ctx, func(q querier) error {
		live, cut, err := s.seen(q, limit, `SELECT r.id, r.record_key, r.body, r.updated_at, r.change_seq FROM record r
			WHERE r.resource_id = $1 AND (r.change_seq, r.id) > ($2, $3) ORDER BY r.change_seq, r.id`, resourceID, after.Seq, after.ID)
		if err != nil {
			return err
		}
		gone, _, err := readPortion(q, portion{sql: `SELECT r.record_id, r.record_key, '', r.valid_to, r.closed_seq FROM record_version r
			WHERE r.resource_id = $1 AND r.deleted = 1 AND (r.closed_seq, r.record_id) > ($2, $3) ORDER BY r.closed_seq, r.record_id`,
			args: []any{resourceID, after.Seq, after.ID}, limit: limit}, scanSeen, nil)
		if err != nil {
			return err
		}
		for i := range gone {
			gone[i].Deleted = true
		}
		order := func(a, b account.Seen) int {
			return cmp.Or(cmp.Compare(a.Mark.Seq, b.Mark.Seq), cmp.Compare(a.Mark.ID, b.Mark.ID))
		}
		if cut {
			// Nothing is known of what changed behind the last that was read.
			last := live[len(live)-1]
			gone = slices.DeleteFunc(gone, func(g account.Seen) bool { return order(g, last) > 0 })
		}
		list = slices.Concat(live, gone)
		slices.SortFunc(list, order)
		more = cut || len(list) >= limit
		list = list[:min(len(list), limit)]
		return nil
	})
	return list, more, err
}

// storedAccount is what is known of an account before a step.
type storedAccount struct {
	facts   string
	removed bool
}

// ApplyAccounts implements account.ExtractionStore.
func (s *Store) ApplyAccounts(ctx context.Context, p account.Progress) (bool, error) {
	var applied bool
	err := s.db.write(ctx, func(q querier) error {
		moved := p.Moved
		n, err := q.exec("UPDATE account_mapping SET epoch = epoch + 1 WHERE resource_id = $1 AND epoch = $2", p.ResourceID, p.Epoch)
		if applied = n == 1; err != nil || !applied {
			return err
		}
		for part := range slices.Chunk(p.Found, perInsert) {
			if err := applyFound(q, p, part, &moved); err != nil {
				return err
			}
		}
		if p.Sweep {
			n, err := q.exec(`UPDATE account SET removed_at = coalesce((SELECT max(v.valid_to) FROM record_version v WHERE v.resource_id = account.resource_id
				AND v.record_key = account.record_key AND v.deleted = 1), CAST($2 AS BIGINT)), updated_at = `+later("updated_at", "$2")+`
				WHERE resource_id = $1 AND removed_at IS NULL AND `+recordGone, p.ResourceID, p.At)
			if err != nil {
				return err
			}
			moved.Removed += n
		}
		if p.Event != nil {
			if moved != (account.Moved{}) {
				if err := s.append(q, p.Event(moved)); err != nil {
					return err
				}
			}
			moved = account.Moved{}
		}
		_, err = q.exec(`UPDATE account_mapping SET watermark_seq = $2, watermark_id = $3, building = $4, build_after = $5, build_from = $6,
			moved_added = $7, moved_changed = $8, moved_removed = $9 WHERE resource_id = $1`, p.ResourceID, p.Done.Seq, p.Done.ID, p.Building, p.After, p.From,
			moved.Added, moved.Changed, moved.Removed)
		return err
	})
	return applied, err
}

const recordGone = "NOT EXISTS (SELECT 1 FROM record r WHERE r.resource_id = account.resource_id AND r.record_key = account.record_key)"

// applyFound stores what some records tell; of several forms of a record the last
// one counts.
func applyFound(q querier, p account.Progress, part []account.Found, moved *account.Moved) error {
	last := map[string]int{}
	for i, f := range part {
		last[f.Key] = i
	}
	keys := make([]string, 0, len(last))
	for key := range last {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	held, err := storedAccounts(q, p.ResourceID, keys)
	if err != nil {
		return err
	}
	var put []account.Found
	for _, key := range keys {
		f := part[last[key]]
		was, known := held[key]
		switch {
		case f.Facts == nil:
			if !known || was.removed {
				continue
			}
			n, err := q.exec("UPDATE account SET removed_at = $3, updated_at = "+later("updated_at", "$4")+" WHERE resource_id = $1 AND record_key = $2", p.ResourceID, key, f.At, p.At)
			if err != nil {
				return err
			}
			moved.Removed += n
		case !known:
			moved.Added++
			put = append(put, f)
		case was.removed:
			moved.Added++
			put = append(put, f)
		case was.facts != toJSON(f.Facts):
			moved.Changed++
			put = append(put, f)
		}
	}
	return putAccounts(q, p, put)
}

func storedAccounts(q querier, resourceID int64, keys []string) (map[string]storedAccount, error) {
	out := map[string]storedAccount{}
	// A repeated key fills the lot up.
	for _, part := range lots(keys, keys[0]) {
		if err := q.query("SELECT record_key, facts, removed_at FROM account WHERE resource_id = $1 AND record_key IN "+texts(len(part), 1), func(r row) error {
			var key string
			var a storedAccount
			var removed time.Time
			err := r.scan(&key, &a.facts, &removed)
			a.removed = !removed.IsZero()
			out[key] = a
			return err
		}, arguments([]any{resourceID}, part)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func putAccounts(q querier, p account.Progress, put []account.Found) error {
	if len(put) == 0 {
		return nil
	}
	if err := insertRows(q, put, `INSERT INTO account (resource_id, record_key, facts, search, email_key, active, mfa, last_active_at,
		service, out_of_scope, decided, created_at, updated_at) VALUES `, "(?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '{}', ?, ?)",
		` ON CONFLICT (resource_id, record_key) DO UPDATE SET facts = excluded.facts, search = excluded.search,
		email_key = excluded.email_key, active = excluded.active, mfa = excluded.mfa, last_active_at = excluded.last_active_at, removed_at = NULL,
		updated_at = CASE WHEN account.updated_at > excluded.updated_at THEN account.updated_at ELSE excluded.updated_at END`,
		func(f *account.Found) []any {
			x := f.Facts
			var seen int64
			if !x.LastActiveAt.IsZero() {
				seen = x.LastActiveAt.UnixMicro()
			}
			return []any{p.ResourceID, f.Key, toJSON(x), searchKey(x), nullText(foldedKey(x.Email)),
				answered(x.Active), answered(x.MFA), seen, f.At, p.At}
		}); err != nil {
		return err
	}
	keys := make([]string, len(put))
	for i, f := range put {
		keys[i] = f.Key
	}
	for _, part := range lots(keys, keys[0]) {
		if err := linkByEmail(q, "resource_id = $1 AND record_key IN "+texts(len(part), 1), arguments([]any{p.ResourceID}, part)...); err != nil {
			return err
		}
	}
	return nil
}

// texts is a list of n placeholders behind the first ones.
func texts(n, first int) string {
	return shifted("("+strings.TrimSuffix(strings.Repeat("?, ", n), ", ")+")", first)
}

// maxKey is how many bytes of a text are compared: an index holds no long ones.
const maxKey = 800

// searchKey is what an account is ordered and found by. What separates its parts
// comes before all that names have.
func searchKey(f *account.Facts) []byte {
	return []byte(foldedKey(f.Name) + "\n" + foldedKey(f.Email) + "\n" + foldedKey(f.DisplayName))
}

// foldedKey is a text as it is compared.
func foldedKey(text string) string {
	key := access.Folded(text)
	if len(key) > maxKey {
		key = strings.ToValidUTF8(key[:maxKey], "")
	}
	return key
}

func answered(yes *bool) any {
	if yes == nil {
		return nil
	}
	return *yes
}
