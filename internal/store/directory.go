package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// touch notes that the records of objects may have to change.
func touch(q querier, objects []directory.Object, eventID string) error {
	if len(objects) == 0 {
		return nil
	}
	return insertRows(q, objects, "INSERT INTO directory_change (rank, kind, object_id, event_id) VALUES ", "(0, ?, ?, ?)", "", func(o *directory.Object) []any {
		return []any{string(o.Kind), o.ID, nullText(eventID)}
	})
}

// touchAll touches objects of one kind, because of an event that does not name
// them.
func touchAll(q querier, kind connection.BuiltIn, ids []int64, e event.Event) error {
	objects := make([]directory.Object, len(ids))
	for i, id := range ids {
		objects[i] = directory.Object{Kind: kind, ID: id}
	}
	return touch(q, objects, e.ID)
}

// comparisonDue picks the last comparison if there must be another one.
const comparisonDue = "SELECT id FROM directory_comparison WHERE (edition <> $1 OR compared_at < $2)"

// DirectoryWaits implements directory.Store.
func (s *Store) DirectoryWaits(ctx context.Context, now, since time.Time, edition int64) (bool, error) {
	for _, each := range []struct {
		sql  string
		args []any
	}{
		{"SELECT id FROM directory_change LIMIT 1", nil},
		{comparisonDue, []any{edition, since}},
		{"SELECT object_id FROM directory_due WHERE due_at <= $1 LIMIT 1", []any{now}},
	} {
		if is, err := s.due(ctx, each.sql, each.args...); err != nil || is {
			return is, err
		}
	}
	return false, nil
}

// DirectoryDue implements directory.Store.
func (s *Store) DirectoryDue(ctx context.Context, now time.Time) error {
	return s.db.write(ctx, func(q querier) error {
		if _, err := q.exec("INSERT INTO directory_change (rank, kind, object_id) SELECT 1, kind, object_id FROM directory_due WHERE due_at <= $1", now); err != nil {
			return err
		}
		_, err := q.exec("DELETE FROM directory_due WHERE due_at <= $1", now)
		return err
	})
}

// spreadBuiltIn makes the built-in connection one of each workspace.
func spreadBuiltIn(q querier) error {
	_, err := q.exec(`INSERT INTO connection_workspace (workspace_id, connection_id)
		SELECT w.id, c.id FROM workspace w CROSS JOIN connection c WHERE c.kind = 'BUILT_IN' AND c.deleted_at IS NULL ON CONFLICT DO NOTHING`)
	return err
}

// everything makes a change of each object, and of each record without one.
var everything = []string{
	"DELETE FROM directory_change WHERE rank = 2",
	"INSERT INTO directory_change (rank, kind, object_id) SELECT 2, 'PERSONNEL', id FROM personnel",
	"INSERT INTO directory_change (rank, kind, object_id) SELECT 2, 'DEVICE', id FROM device WHERE deleted_at IS NULL",
	"INSERT INTO directory_change (rank, kind, object_id) SELECT 2, 'ASSET', id FROM asset WHERE deleted_at IS NULL",
	orphans("PERSONNEL", "personnel o WHERE"),
	orphans("DEVICE", "device o WHERE o.deleted_at IS NULL AND"),
	orphans("ASSET", "asset o WHERE o.deleted_at IS NULL AND"),
}

func orphans(kind, from string) string {
	return "INSERT INTO directory_change (rank, kind, object_id) SELECT 2, '" + kind + `', CAST(r.record_key AS BIGINT) FROM record r
		WHERE r.resource_id = (SELECT id FROM resource WHERE built_in = '` + kind + "') AND NOT EXISTS (SELECT 1 FROM " + from + " o.id = CAST(r.record_key AS BIGINT))"
}

// CompareDirectory implements directory.Store.
func (s *Store) CompareDirectory(ctx context.Context, now, since time.Time, edition int64) error {
	return s.db.write(ctx, func(q querier) error {
		n, err := q.exec("UPDATE directory_comparison SET edition = $1, compared_at = $3 WHERE id IN ("+comparisonDue+")", edition, since, now)
		if err != nil || n == 0 {
			return err
		}
		for _, statement := range everything {
			if _, err := q.exec(statement); err != nil {
				return err
			}
		}
		return spreadBuiltIn(q)
	})
}

// DirectoryChanges implements directory.Store.
func (s *Store) DirectoryChanges(ctx context.Context, limit int) (out []directory.Change, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out = nil
		return q.query(`SELECT id, rank, kind, object_id, event_id FROM directory_change
			WHERE rank = (SELECT min(rank) FROM directory_change) ORDER BY rank, id LIMIT $1`, func(r row) error {
			var c directory.Change
			var rank int64
			var kind string
			err := r.scan(&c.ID, &rank, &kind, &c.Object.ID, &c.EventID)
			c.Rank, c.Kind = directory.Rank(rank), connection.BuiltIn(kind)
			out = append(out, c)
			return err
		}, limit)
	})
	return out, err
}

// following is what hangs on the objects of changes c.
var following = []struct{ kind, from string }{
	{"'DEVICE'", "o.id FROM directory_change c JOIN device o ON o.person_id = c.object_id AND o.deleted_at IS NULL WHERE c.kind = 'PERSONNEL'"},
	{"'ASSET'", "o.id FROM directory_change c JOIN personnel p ON p.id = c.object_id JOIN asset o ON o.owner_id = p.user_id AND o.deleted_at IS NULL WHERE c.kind = 'PERSONNEL'"},
	{"'PERSONNEL'", "o.person_id FROM directory_change c JOIN device o ON o.id = c.object_id WHERE c.kind = 'DEVICE'"},
	{"'ASSET'", "o.asset_id FROM directory_change c JOIN device o ON o.id = c.object_id WHERE c.kind = 'DEVICE'"},
	{"'PERSONNEL'", "o.id FROM directory_change c JOIN personnel o ON o.user_id = c.object_id WHERE c.kind = 'USER'"},
	{"'DEVICE'", "o.id FROM directory_change c JOIN personnel p ON p.user_id = c.object_id JOIN device o ON o.person_id = p.id AND o.deleted_at IS NULL WHERE c.kind = 'USER'"},
	{"'ASSET'", "o.id FROM directory_change c JOIN asset o ON o.owner_id = c.object_id AND o.deleted_at IS NULL WHERE c.kind = 'USER'"},
	{"v.kind", "v.object_id FROM directory_change c JOIN custom_field_value v ON v.field_id = c.object_id WHERE c.kind = 'CUSTOM_FIELD'"},
}

// FollowChanges implements directory.Store.
func (s *Store) FollowChanges(ctx context.Context, changes []int64) error {
	return s.db.write(ctx, func(q querier) error {
		return inParts(changes, "c.id", func(cond string, args []any) error {
			for _, f := range following {
				if _, err := q.exec(number("INSERT INTO directory_change (rank, event_id, kind, object_id) SELECT 1, c.event_id, "+f.kind+", "+f.from+" AND "+cond), args...); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// DirectoryFacts implements directory.Store.
func (s *Store) DirectoryFacts(ctx context.Context, objects []directory.Object) (directory.Facts, error) {
	var f directory.Facts
	ids := map[connection.BuiltIn][]int64{}
	for _, o := range objects {
		ids[o.Kind] = append(ids[o.Kind], o.ID)
	}
	err := s.db.read(ctx, func(q querier) error {
		f = directory.Facts{People: map[int64]asset.Person{}, Devices: map[int64]asset.Device{}, Assets: map[int64]asset.Asset{}, Identities: map[int64]asset.Identity{},
			DevicesOf: map[int64][]asset.Device{}, Owners: map[int64]asset.Person{}}
		people := ids[directory.Person]
		if err := inParts(ids[directory.Device], "d.id", func(cond string, args []any) error {
			found, err := selectDevices(q, cond, args...)
			for _, d := range found {
				f.Devices[d.ID] = d
				people = append(people, d.PersonID)
			}
			return err
		}); err != nil {
			return err
		}
		if err := peopleFacts(q, &f, people); err != nil {
			return err
		}
		if err := inParts(ids[directory.Person], "d.person_id", func(cond string, args []any) error {
			found, err := selectDevices(q, cond+" ORDER BY d.id", args...)
			for _, d := range found {
				f.DevicesOf[d.PersonID] = append(f.DevicesOf[d.PersonID], d)
			}
			return err
		}); err != nil {
			return err
		}
		return assetFacts(q, &f, ids[directory.Asset])
	})
	return f, err
}

// inParts calls do with a condition for parts of a list of ids.
func inParts(ids []int64, column string, do func(cond string, args []any) error) error {
	for part := range slices.Chunk(ids, perList) {
		cond, args := in(column, part)
		if err := do(cond, args); err != nil {
			return err
		}
	}
	return nil
}

func peopleFacts(q querier, f *directory.Facts, ids []int64) error {
	var followed []int64
	if err := inParts(ids, "p.id", func(cond string, args []any) error {
		found, err := selectPeople(q, cond, args...)
		for _, p := range found {
			f.People[p.ID] = p
			if p.IdentityID != 0 {
				followed = append(followed, p.IdentityID)
			}
		}
		return err
	}); err != nil {
		return err
	}
	groups, err := groupsOf(q, ids)
	if err != nil {
		return err
	}
	f.GroupsOf = groups
	return inParts(followed, "i.id", func(cond string, args []any) error {
		found, err := selectIdentities(q, cond, args...)
		for _, i := range found {
			f.Identities[i.ID] = i
		}
		return err
	})
}

// assetFacts reads assets with the accounts that own them, which need not be
// those of personnel.
func assetFacts(q querier, f *directory.Facts, ids []int64) error {
	var owners []int64
	if err := inParts(ids, "a.id", func(cond string, args []any) error {
		found, err := selectAssets(q, cond, args...)
		for _, a := range found {
			f.Assets[a.ID] = a
			owners = append(owners, a.OwnerID)
		}
		return err
	}); err != nil {
		return err
	}
	if err := inParts(owners, "p.user_id", func(cond string, args []any) error {
		found, err := selectPeople(q, cond, args...)
		for _, p := range found {
			f.Owners[p.UserID] = p
		}
		return err
	}); err != nil {
		return err
	}
	owners = slices.DeleteFunc(owners, func(id int64) bool { return f.Owners[id].ID != 0 })
	return inParts(owners, "u.id", func(cond string, args []any) error {
		found, err := selectUsers(q, number(cond), args...)
		for _, u := range found {
			f.Owners[u.ID] = asset.Person{UserID: u.ID, User: u}
		}
		return err
	})
}

// WorkspaceIDs implements directory.Store.
func (s *Store) WorkspaceIDs(ctx context.Context) (out []int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out = nil
		return q.query("SELECT id FROM workspace ORDER BY id", func(r row) error {
			var id int64
			err := r.scan(&id)
			out = append(out, id)
			return err
		})
	})
	return out, err
}

// BuiltInResources implements directory.Store.
func (s *Store) BuiltInResources(ctx context.Context) (map[connection.BuiltIn]connection.Resource, error) {
	out := map[connection.BuiltIn]connection.Resource{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		return q.query(resourceColumns+" WHERE r.built_in IS NOT NULL", func(r row) error {
			var res connection.Resource
			_, err := scanResource(r, &res)
			out[res.BuiltIn] = res
			return err
		})
	})
	return out, err
}

// RecordBodies implements directory.Store.
func (s *Store) RecordBodies(ctx context.Context, resourceID int64, keys []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(keys, perList) {
			if err := q.query(number("SELECT record_key, body FROM record WHERE resource_id = ? AND record_key IN ("+marks(len(part))+")"), func(r row) error {
				var key string
				var body []byte
				err := r.scan(&key, &body)
				out[key] = body
				return err
			}, arguments([]any{resourceID}, part)...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// AddEntries implements directory.Store.
func (s *Store) AddEntries(ctx context.Context, list []directory.Entry) error {
	return s.db.write(ctx, func(q querier) error {
		return insertRows(q, list, "INSERT INTO directory_entry (kind, object_id, what, changes, events, at) VALUES ", "(?, ?, ?, ?, ?, ?)", "", func(e *directory.Entry) []any {
			return []any{string(e.Kind), e.Object.ID, string(e.What), toJSON(e.Changes), toJSON(e.EventIDs), e.At}
		})
	})
}

// PutDue implements directory.Store.
func (s *Store) PutDue(ctx context.Context, list []directory.Due) error {
	none := map[connection.BuiltIn][]int64{}
	var some []directory.Due
	for _, d := range list {
		if d.At.IsZero() {
			none[d.Kind] = append(none[d.Kind], d.ID)
		} else {
			some = append(some, d)
		}
	}
	return s.db.write(ctx, func(q querier) error {
		for kind, ids := range none {
			if err := inParts(ids, "object_id", func(cond string, args []any) error {
				_, err := q.exec(number("DELETE FROM directory_due WHERE kind = ? AND "+cond), append([]any{string(kind)}, args...)...)
				return err
			}); err != nil {
				return err
			}
		}
		return insertRows(q, some, "INSERT INTO directory_due (kind, object_id, due_at) VALUES ", "(?, ?, ?)",
			" ON CONFLICT (kind, object_id) DO UPDATE SET due_at = excluded.due_at", func(d *directory.Due) []any {
				return []any{string(d.Kind), d.ID, d.At}
			})
	})
}

// DropChanges implements directory.Store.
func (s *Store) DropChanges(ctx context.Context, ids []int64) error {
	return s.db.write(ctx, func(q querier) error {
		return inParts(ids, "id", func(cond string, args []any) error {
			_, err := q.exec(number("DELETE FROM directory_change WHERE "+cond), args...)
			return err
		})
	})
}

// DirectoryHistory implements directory.Store.
func (s *Store) DirectoryHistory(ctx context.Context, o directory.Object, r page.Request) (page.Page[directory.Entry], error) {
	l := list[directory.Entry]{sql: "SELECT id, what, changes, events, at FROM directory_entry", id: "id", columns: map[page.Sort]string{page.CreatedAt: "id"},
		position: directory.Entry.Position, scan: func(r row, e *directory.Entry) error {
			var what string
			var changes, events []byte
			if err := r.scan(&e.ID, &what, &changes, &events, &e.At); err != nil {
				return err
			}
			e.Object, e.What = o, directory.What(what)
			if err := json.Unmarshal(changes, &e.Changes); err != nil {
				return err
			}
			return json.Unmarshal(events, &e.EventIDs)
		}}
	l.and("kind = ?", string(o.Kind))
	l.and("object_id = ?", o.ID)
	l.fill = fillEvents
	return l.run(ctx, s, r)
}

func fillEvents(q querier, entries []directory.Entry) error {
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.EventIDs...)
	}
	known := map[string]event.Event{}
	for part := range slices.Chunk(ids, perList) {
		if err := q.query(number(eventColumns+" WHERE id IN ("+marks(len(part))+")"), func(r row) error {
			var e event.Event
			err := scanEvent(r, &e)
			known[e.ID] = e
			return err
		}, arguments(nil, part)...); err != nil {
			return err
		}
	}
	for i := range entries {
		for _, id := range entries[i].EventIDs {
			if e, is := known[id]; is {
				entries[i].Events = append(entries[i].Events, e)
			}
		}
	}
	return nil
}
