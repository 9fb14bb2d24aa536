package control

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const maxComment = 30000

// Notes lists the notes on a control.
func (s *Service) Notes(ctx context.Context, ref Ref, r page.Request) (page.Page[Note], error) {
	c, err := s.store.Control(ctx, ref)
	if err != nil {
		return page.Page[Note]{}, err
	}
	return s.store.Notes(ctx, c.ID, r)
}

// Note reads one note on a control.
func (s *Service) Note(ctx context.Context, ref Ref, id int64) (Note, error) {
	c, err := s.store.Control(ctx, ref)
	if err != nil {
		return Note{}, err
	}
	return s.store.Note(ctx, c.ID, id)
}

// CreateNote adds a note to a control.
func (s *Service) CreateNote(ctx context.Context, a event.Actor, ref Ref, comment string) (Note, error) {
	if err := within("comment", comment, 1, maxComment); err != nil {
		return Note{}, err
	}
	c, err := s.store.Control(ctx, ref)
	if err != nil {
		return Note{}, err
	}
	now := s.now()
	n := Note{ControlID: c.ID, Comment: comment, KeyID: a.KeyID, UserID: a.UserID, CreatedAt: now, UpdatedAt: now}
	return s.store.CreateNote(ctx, n, s.event(a, event.ControlNoteCreated, c, "got a note", nil))
}

// UpdateNote changes the text of a note.
func (s *Service) UpdateNote(ctx context.Context, a event.Actor, ref Ref, id int64, comment string) (Note, error) {
	if err := within("comment", comment, 1, maxComment); err != nil {
		return Note{}, err
	}
	c, err := s.store.Control(ctx, ref)
	if err != nil {
		return Note{}, err
	}
	n := Note{ID: id, ControlID: c.ID, Comment: comment, KeyID: a.KeyID, UserID: a.UserID, UpdatedAt: s.now()}
	return s.store.UpdateNote(ctx, n, s.event(a, event.ControlNoteUpdated, c, "has a note that was changed", map[string]any{"noteId": id}))
}

// DeleteNote deletes a note.
func (s *Service) DeleteNote(ctx context.Context, a event.Actor, ref Ref, id int64) error {
	c, err := s.store.Control(ctx, ref)
	if err != nil {
		return err
	}
	return s.store.DeleteNote(ctx, c.ID, id, s.event(a, event.ControlNoteDeleted, c, "lost a note", map[string]any{"noteId": id}))
}
