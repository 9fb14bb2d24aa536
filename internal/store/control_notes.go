package store

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const noteColumns = "SELECT id, control_id, comment, key_id, user_id, created_at, updated_at FROM control_note"

func scanNote(r row, n *control.Note) error {
	return r.scan(&n.ID, &n.ControlID, &n.Comment, &n.KeyID, &n.UserID, &n.CreatedAt, &n.UpdatedAt)
}

// Notes implements control.Store.
func (s *Store) Notes(ctx context.Context, controlID int64, r page.Request) (page.Page[control.Note], error) {
	l := list[control.Note]{sql: noteColumns, id: "id", scan: scanNote,
		columns: map[page.Sort]string{page.CreatedAt: "created_at", page.UpdatedAt: "updated_at"},
		position: func(n control.Note) page.Position {
			if r.Order() == page.UpdatedAt {
				return page.Position{Value: n.UpdatedAt.UnixMicro(), ID: n.ID}
			}
			return page.Position{Value: n.CreatedAt.UnixMicro(), ID: n.ID}
		}}
	l.and("control_id = ?", controlID)
	return l.run(ctx, s, r)
}

// Note implements control.Store.
func (s *Store) Note(ctx context.Context, controlID, id int64) (control.Note, error) {
	var n control.Note
	err := s.db.read(ctx, func(q querier) error {
		var err error
		n, err = readNote(q, controlID, id)
		return err
	})
	return n, err
}

func readNote(q querier, controlID, id int64) (control.Note, error) {
	var n control.Note
	found := false
	err := q.query(noteColumns+" WHERE id = $1 AND control_id = $2", func(r row) error {
		found = true
		return scanNote(r, &n)
	}, id, controlID)
	if err == nil && !found {
		err = absent("note", id)
	}
	return n, err
}

// CreateNote implements control.Store.
func (s *Store) CreateNote(ctx context.Context, n control.Note, e event.Event) (control.Note, error) {
	err := s.db.write(ctx, func(q querier) error {
		var held int64
		if err := one(q, "SELECT count(*) FROM control_note WHERE control_id = $1", []any{n.ControlID}, &held); err != nil {
			return err
		}
		if held >= control.MaxNotes {
			return fault.New(fault.CodeConflict, "a control has at most %d notes", control.MaxNotes)
		}
		if err := one(q, "INSERT INTO control_note (control_id, comment, key_id, created_at, updated_at, user_id) VALUES ($1, $2, $3, $4, $4, $5) RETURNING id",
			[]any{n.ControlID, n.Comment, nullID(n.KeyID), n.CreatedAt, nullID(n.UserID)}, &n.ID); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return n, err
}

// UpdateNote implements control.Store.
func (s *Store) UpdateNote(ctx context.Context, n control.Note, e event.Event) (control.Note, error) {
	var out control.Note
	err := s.db.write(ctx, func(q querier) error {
		if _, err := q.exec("UPDATE control_note SET comment = $3, key_id = $4, updated_at = $5, user_id = $6 WHERE id = $1 AND control_id = $2",
			n.ID, n.ControlID, n.Comment, nullID(n.KeyID), n.UpdatedAt, nullID(n.UserID)); err != nil {
			return err
		}
		var err error
		if out, err = readNote(q, n.ControlID, n.ID); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return out, err
}

// DeleteNote implements control.Store.
func (s *Store) DeleteNote(ctx context.Context, controlID, id int64, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		n, err := q.exec("DELETE FROM control_note WHERE id = $1 AND control_id = $2", id, controlID)
		if err == nil && n == 0 {
			err = absent("note", id)
		}
		if err != nil {
			return err
		}
		return s.append(q, e)
	})
}
