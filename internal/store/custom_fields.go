package store

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const customFieldColumns = "SELECT f.id, f.kind, f.name, f.description, f.choices, f.created_at, f.updated_at FROM custom_field f"

func scanCustomField(r row, f *customfield.Field) error {
	var kind string
	var choices []byte
	if err := r.scan(&f.ID, &kind, &f.Name, &f.Description, &choices, &f.CreatedAt, &f.UpdatedAt); err != nil {
		return err
	}
	f.Kind = customfield.Kind(kind)
	return json.Unmarshal(choices, &f.Choices)
}

func selectCustomFields(q querier, where string, args ...any) ([]customfield.Field, error) {
	var out []customfield.Field
	err := q.query(number(customFieldColumns+" WHERE f.deleted_at IS NULL AND "+where), func(r row) error {
		var f customfield.Field
		err := scanCustomField(r, &f)
		out = append(out, f)
		return err
	}, args...)
	return out, err
}

func readCustomField(q querier, id int64, tail string) (customfield.Field, error) {
	found, err := selectCustomFields(q, "f.id = ?"+tail, id)
	if err == nil && len(found) == 0 {
		err = absent("custom field", id)
	}
	if err != nil {
		return customfield.Field{}, err
	}
	return found[0], nil
}

// CustomFields implements customfield.Store.
func (s *Store) CustomFields(ctx context.Context, f customfield.Filter, r page.Request) (page.Page[customfield.Field], error) {
	l := list[customfield.Field]{sql: customFieldColumns, id: "f.id", where: []string{"f.deleted_at IS NULL"}, scan: scanCustomField,
		columns:  map[page.Sort]string{page.CreatedAt: "f.created_at", page.UpdatedAt: "f.updated_at"},
		texts:    map[page.Sort]string{customfield.ByName: "f.name"},
		position: func(f customfield.Field) page.Position { return f.Position(r.Order()) }}
	if f.Kind != "" {
		l.and("f.kind = ?", string(f.Kind))
	}
	l.search(f.Text, "f.name")
	return l.run(ctx, s, r)
}

// CustomField implements customfield.Store.
func (s *Store) CustomField(ctx context.Context, id int64) (f customfield.Field, err error) {
	err = s.db.read(ctx, func(q querier) error {
		f, err = readCustomField(q, id, "")
		return err
	})
	return f, err
}

// CustomFieldsOf implements customfield.Store.
func (s *Store) CustomFieldsOf(ctx context.Context, k customfield.Kind) (out []customfield.Field, err error) {
	err = s.db.read(ctx, func(q querier) error {
		out, err = selectCustomFields(q, "f.kind = ? ORDER BY f.id", string(k))
		return err
	})
	return out, err
}

func takenField(err error, f customfield.Field) error {
	if errors.Is(err, errDuplicate) {
		return fault.New(fault.CodeDuplicateName, "there is a custom field of %s named “%s” already", f.Kind.Things(), f.Name).At("/name")
	}
	return err
}

// CreateCustomField implements customfield.Store.
func (s *Store) CreateCustomField(ctx context.Context, f customfield.Field, limit int, ev func(customfield.Field) event.Event) (customfield.Field, error) {
	err := s.db.write(ctx, func(q querier) error {
		if err := lockUsers(q); err != nil {
			return err
		}
		var n int64
		if err := one(q, "SELECT count(*) FROM custom_field WHERE kind = $1 AND deleted_at IS NULL", []any{string(f.Kind)}, &n); err != nil {
			return err
		}
		if n >= int64(limit) {
			return fault.New(fault.CodeConflict, "there are at most %d custom fields of %s", limit, f.Kind.Things())
		}
		if err := one(q, "INSERT INTO custom_field (kind, name, name_key, description, choices, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
			[]any{string(f.Kind), f.Name, customfield.Key(f.Name), f.Description, toJSON(f.Choices), f.CreatedAt, f.UpdatedAt}, &f.ID); err != nil {
			return takenField(err, f)
		}
		return s.append(q, ev(f))
	})
	return f, err
}

// ChangeCustomField implements customfield.Store.
func (s *Store) ChangeCustomField(ctx context.Context, id int64, change func(*customfield.Field) (*event.Event, error)) (f customfield.Field, err error) {
	err = s.db.write(ctx, func(q querier) error {
		if f, err = readCustomField(q, id, q.dialect().forUpdate); err != nil {
			return err
		}
		e, err := change(&f)
		if err != nil || e == nil {
			return err
		}
		if _, err := q.exec("UPDATE custom_field SET name = $2, name_key = $3, description = $4, choices = $5, updated_at = $6 WHERE id = $1",
			id, f.Name, customfield.Key(f.Name), f.Description, toJSON(f.Choices), f.UpdatedAt); err != nil {
			return takenField(err, f)
		}
		return s.append(q, *e)
	})
	return f, err
}

// DeleteCustomField implements customfield.Store.
func (s *Store) DeleteCustomField(ctx context.Context, id int64, at time.Time, ev func(customfield.Field, int64) event.Event) (values int64, err error) {
	err = s.db.write(ctx, func(q querier) error {
		f, err := readCustomField(q, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		if values, err = countFieldValues(q, f); err != nil {
			return err
		}
		if _, err := q.exec("UPDATE custom_field SET deleted_at = $2 WHERE id = $1", id, at); err != nil {
			return err
		}
		return s.append(q, ev(f, values))
	})
	return values, err
}

// CountCustomFieldValues implements customfield.Store.
func (s *Store) CountCustomFieldValues(ctx context.Context, id int64) (n int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		f, err := readCustomField(q, id, "")
		if err == nil {
			n, err = countFieldValues(q, f)
		}
		return err
	})
	return n, err
}

// countFieldValues passes over assets that are deleted; nobody sees their values.
func countFieldValues(q querier, f customfield.Field) (n int64, err error) {
	sql := "SELECT count(*) FROM custom_field_value v WHERE v.field_id = $1"
	if f.Kind == customfield.Asset {
		sql += " AND EXISTS (SELECT 1 FROM asset a WHERE a.id = v.object_id AND a.deleted_at IS NULL)"
	}
	return n, one(q, sql, []any{f.ID}, &n)
}

// PurgeCustomFields implements customfield.Store.
func (s *Store) PurgeCustomFields(ctx context.Context, limit int) (n int64, err error) {
	is, err := s.due(ctx, "SELECT id FROM custom_field WHERE deleted_at IS NOT NULL LIMIT 1")
	if err != nil || !is {
		return 0, err
	}
	err = s.db.write(ctx, func(q querier) error {
		n = 0
		var id int64
		// The projector finds the objects of a field by its values.
		err := one(q, `SELECT f.id FROM custom_field f WHERE f.deleted_at IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM directory_change c WHERE c.kind = 'CUSTOM_FIELD' AND c.object_id = f.id) ORDER BY f.id LIMIT 1`, nil, &id)
		if errors.Is(err, errNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err = q.exec(`DELETE FROM custom_field_value WHERE field_id = $1 AND (kind, object_id) IN
			(SELECT kind, object_id FROM custom_field_value WHERE field_id = $1 LIMIT $2)`, id, limit)
		if err != nil || n == int64(limit) {
			return err
		}
		_, err = q.exec("DELETE FROM custom_field WHERE id = $1", id)
		return err
	})
	return n, err
}

// customValues reads the values of some objects of a kind, by object. Those of
// deleted fields are none any more.
func customValues(q querier, k customfield.Kind, ids []int64) (map[int64][]customfield.Value, error) {
	out := map[int64][]customfield.Value{}
	err := inParts(ids, "v.object_id", func(cond string, args []any) error {
		return q.query(number("SELECT v.object_id, v.field_id, f.name, v.value FROM custom_field_value v JOIN custom_field f ON f.id = v.field_id AND f.deleted_at IS NULL "+
			"WHERE v.kind = ? AND "+cond+" ORDER BY v.object_id, v.field_id"), func(r row) error {
			var id int64
			var v customfield.Value
			err := r.scan(&id, &v.FieldID, &v.Name, &v.Text)
			out[id] = append(out[id], v)
			return err
		}, append([]any{string(k)}, args...)...)
	})
	return out, err
}

// valued is what an object has.
type valued struct {
	object int64
	has    []customfield.Value
}

// putCustomValues writes what differs from what stands. A field that was deleted
// since it was looked up is refused.
func putCustomValues(q querier, k customfield.Kind, list []valued) error {
	type pair struct {
		object int64
		customfield.Value
	}
	ids := make([]int64, len(list))
	for i, v := range list {
		ids[i] = v.object
	}
	stand, err := customValues(q, k, ids)
	if err != nil {
		return err
	}
	var put, gone []pair
	for _, each := range list {
		for _, d := range customfield.Differences(stand[each.object], each.has) {
			p := pair{each.object, customfield.Value{FieldID: d.FieldID, Name: d.Name}}
			if d.To == nil {
				gone = append(gone, p)
				continue
			}
			p.Text = *d.To
			put = append(put, p)
		}
	}
	names := map[int64]string{}
	for _, p := range put {
		names[p.FieldID] = p.Name
	}
	if err := lockCustomFields(q, names); err != nil {
		return err
	}
	if err := insertRows(q, gone, "DELETE FROM custom_field_value WHERE (kind, object_id, field_id) IN (VALUES ", "(CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT))", ")",
		func(p *pair) []any { return []any{string(k), p.object, p.FieldID} }); err != nil {
		return err
	}
	return insertRows(q, put, "INSERT INTO custom_field_value (kind, object_id, field_id, value, value_key) VALUES ", "(?, ?, ?, ?, ?)",
		" ON CONFLICT (kind, object_id, field_id) DO UPDATE SET value = excluded.value, value_key = excluded.value_key",
		func(p *pair) []any { return []any{string(k), p.object, p.FieldID, p.Text, customfield.Key(p.Text)} })
}

// lockCustomFields keeps fields from being deleted until the transaction ends.
func lockCustomFields(q querier, names map[int64]string) error {
	if len(names) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(names))
	cond, args := in("f.id", ids)
	found, err := selectCustomFields(q, cond+" ORDER BY f.id"+q.dialect().forUpdate, args...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(f customfield.Field) bool { return f.ID == id }) {
			return fault.New(fault.CodeValidation, "the custom field “%s” was deleted meanwhile", names[id]).At("/customFields")
		}
	}
	return nil
}

// withCustomValues keeps the objects with some values: of a table whose number
// stands in a column.
func withCustomValues(k customfield.Kind, column string, wanted []customfield.Wanted) []rare {
	var out []rare
	for _, w := range wanted {
		cond, args := "field_id = ?", []any{w.FieldID}
		if w.Text != nil {
			cond, args = cond+" AND value_key = ?", append(args, customfield.Key(*w.Text))
		}
		out = append(out, rare{
			cond: func(dialect) string {
				return "EXISTS (SELECT 1 FROM custom_field_value WHERE kind = '" + string(k) + "' AND object_id = " + column + " AND " + cond + ")"
			},
			args: args,
			find: func(q querier, most int) ([]int64, error) {
				return idList(q, number("SELECT object_id FROM custom_field_value WHERE "+cond+" LIMIT ?"), append(slices.Clone(args), most)...)
			},
		})
	}
	return out
}
