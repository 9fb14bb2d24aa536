// Package customfield keeps the fields that an organisation defines for its assets
// and personnel, and says what their values may be.
package customfield

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Kind is what a field is of.
type Kind string

// The kinds.
const (
	Asset  Kind = "ASSET"
	Person Kind = "PERSONNEL"
)

// Kinds are both.
var Kinds = []Kind{Asset, Person}

// things are what people call objects of a kind.
var things = map[Kind]string{Asset: "assets", Person: "personnel"}

// Things is what people call objects of the kind: assets, personnel.
func (k Kind) Things() string { return things[k] }

// Limits.
const (
	// MaxFields is how many fields a kind has at most.
	MaxFields = 100
	// MaxChoices is how many values a field may list.
	MaxChoices = 100
	// maxText is how many characters a name, a choice and a value may have.
	maxText        = 191
	maxDescription = 768
)

// Field is a field that somebody defined.
type Field struct {
	ID   int64
	Kind Kind
	// Name is unique among the fields of the kind, without regard to case.
	Name        string
	Description *string
	// Choices are the values that it may have, in order; none: any text.
	Choices   []string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ByName orders fields by name.
const ByName page.Sort = "name"

// quoted is how much of a text a message quotes.
const quoted = 80

// Sorts are the orders of a list of fields.
var Sorts = []page.Sort{page.CreatedAt, page.UpdatedAt, ByName}

// Position is the field's place in a list.
func (f Field) Position(order page.Sort) page.Position {
	switch order {
	case page.UpdatedAt:
		return page.Position{Value: f.UpdatedAt.UnixMicro(), ID: f.ID}
	case ByName:
		return page.Position{Text: f.Name, ID: f.ID}
	}
	return page.Position{Value: f.CreatedAt.UnixMicro(), ID: f.ID}
}

// Key is a name, or a value, as it is compared.
func Key(text string) string { return access.Folded(text) }

// Filter narrows a list of fields; zero fields do not.
type Filter struct {
	Kind Kind
	// Text is part of the name, in any case.
	Text string
}

// Store keeps fields.
type Store interface {
	CustomFields(ctx context.Context, f Filter, r page.Request) (page.Page[Field], error)
	// CustomField reads one; an absent one is a NotFound.
	CustomField(ctx context.Context, id int64) (Field, error)
	// CustomFieldsOf are all of a kind, in the order in which they were made.
	CustomFieldsOf(ctx context.Context, k Kind) ([]Field, error)
	// CreateCustomField gives it its id. A name that is taken is a DuplicateName; a
	// kind that has limit fields gets no more.
	CreateCustomField(ctx context.Context, f Field, limit int, ev func(Field) event.Event) (Field, error)
	// ChangeCustomField changes one; nothing is written when change gives no event.
	ChangeCustomField(ctx context.Context, id int64, change func(*Field) (*event.Event, error)) (Field, error)
	// DeleteCustomField deletes one, and tells how many values went with it.
	DeleteCustomField(ctx context.Context, id int64, at time.Time, ev func(f Field, values int64) event.Event) (int64, error)
	// CountCustomFieldValues is how many objects that are there have a value of a
	// field.
	CountCustomFieldValues(ctx context.Context, id int64) (int64, error)
	// PurgeCustomFields removes up to limit values of fields that are deleted, and
	// tells how many. It leaves those of which records have not heard yet.
	PurgeCustomFields(ctx context.Context, limit int) (int64, error)
}

// Service is the use of fields.
type Service struct {
	store Store
	now   func() time.Time
}

// NewService makes the service over a store and a clock.
func NewService(s Store, now func() time.Time) *Service { return &Service{s, now} }

// List lists fields.
func (s *Service) List(ctx context.Context, f Filter, r page.Request) (page.Page[Field], error) {
	return s.store.CustomFields(ctx, f, r)
}

// Of are all fields of a kind, in the order in which they were made.
func (s *Service) Of(ctx context.Context, k Kind) ([]Field, error) {
	return s.store.CustomFieldsOf(ctx, k)
}

// Get reads one; an absent one is a NotFound.
func (s *Service) Get(ctx context.Context, id int64) (Field, error) {
	return s.store.CustomField(ctx, id)
}

// Count is how many objects have a value of a field.
func (s *Service) Count(ctx context.Context, id int64) (int64, error) {
	return s.store.CountCustomFieldValues(ctx, id)
}

// Change is what a field is made of or changed to; nil leaves a part as it is.
type Change struct {
	Name        *string
	Description **string
	Choices     *[]string
}

// Create defines a field.
func (s *Service) Create(ctx context.Context, a event.Actor, k Kind, c Change) (Field, error) {
	if !slices.Contains(Kinds, k) {
		return Field{}, invalid("/kind", "`kind` is %q; it must be ASSET or PERSONNEL", fault.Short(string(k), quoted))
	}
	if c.Name == nil {
		return Field{}, invalid("/name", "`name` is required")
	}
	now := s.now()
	made := Field{Kind: k, CreatedAt: now}
	if err := c.apply(&made, now); err != nil {
		return Field{}, err
	}
	return s.store.CreateCustomField(ctx, made, MaxFields, func(f Field) event.Event {
		return fieldEvent(a, now, event.CustomFieldCreated, f, "was defined", nil)
	})
}

// Update changes a field. Values that stand stay as they are, also when they are
// no choice any more.
func (s *Service) Update(ctx context.Context, a event.Actor, id int64, c Change) (Field, error) {
	now := s.now()
	return s.store.ChangeCustomField(ctx, id, func(f *Field) (*event.Event, error) {
		old := *f
		if err := c.apply(f, now); err != nil {
			return nil, err
		}
		if old.Name == f.Name && same(old.Description, f.Description) && slices.Equal(old.Choices, f.Choices) {
			*f = old
			return nil, nil
		}
		what, more := "was changed", map[string]any(nil)
		if old.Name != f.Name {
			what, more = "was renamed; it was “"+old.Name+"”", map[string]any{"oldName": old.Name}
		}
		e := fieldEvent(a, now, event.CustomFieldUpdated, *f, what, more)
		return &e, nil
	})
}

// Delete deletes a field with all values, and tells how many those were.
func (s *Service) Delete(ctx context.Context, a event.Actor, id int64) (int64, error) {
	now := s.now()
	return s.store.DeleteCustomField(ctx, id, now, func(f Field, values int64) event.Event {
		return fieldEvent(a, now, event.CustomFieldDeleted, f, "was deleted", map[string]any{"values": values})
	})
}

// purgedAtOnce is how many values one transaction removes.
const purgedAtOnce = 2000

// Sweep removes the values of deleted fields.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		n, err := s.store.PurgeCustomFields(ctx, purgedAtOnce)
		if err != nil || n < purgedAtOnce {
			return err
		}
	}
}

func fieldEvent(a event.Actor, at time.Time, t event.Type, f Field, what string, more map[string]any) event.Event {
	metadata := map[string]any{"customFieldId": f.ID, "kind": f.Kind, "name": f.Name}
	for name, v := range more {
		metadata[name] = v
	}
	return event.New(a, at, t, event.CategoryCompany, "Custom field “"+f.Name+"” of "+f.Kind.Things()+" "+what, metadata)
}

func (c Change) apply(f *Field, now time.Time) error {
	if c.Name != nil {
		name := strings.TrimSpace(*c.Name)
		if !plain(name) {
			return invalid("/name", "`name` must have 1 to %d characters, in one line", maxText)
		}
		f.Name = name
	}
	if c.Description != nil {
		f.Description = nil
		if text := *c.Description; text != nil && strings.TrimSpace(*text) != "" {
			trimmed := strings.TrimSpace(*text)
			if utf8.RuneCountInString(trimmed) > maxDescription {
				return invalid("/description", "`description` may have at most %d characters", maxDescription)
			}
			f.Description = &trimmed
		}
	}
	f.UpdatedAt = now
	if c.Choices == nil {
		return nil
	}
	f.Choices = nil
	if len(*c.Choices) > MaxChoices {
		return invalid("/choices", "`choices` may have at most %d values", MaxChoices)
	}
	for i, text := range *c.Choices {
		choice := strings.TrimSpace(text)
		at := pointer("/choices", i)
		if !plain(choice) {
			return invalid(at, "each of `choices` must have 1 to %d characters, in one line", maxText)
		}
		if f.choice(choice) != "" {
			return invalid(at, "`choices` has %q twice", fault.Short(choice, quoted))
		}
		f.Choices = append(f.Choices, choice)
	}
	return nil
}

// choice is the choice that a text means, empty for none.
func (f Field) choice(text string) string {
	for _, c := range f.Choices {
		if Key(c) == Key(text) {
			return c
		}
	}
	return ""
}

// plain reports whether a text is one line that can be a name or a value.
func plain(text string) bool {
	n := utf8.RuneCountInString(text)
	return n > 0 && n <= maxText && !strings.ContainsFunc(text, unicode.IsControl)
}

func same(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func invalid(pointer, format string, args ...any) error {
	return fault.New(fault.CodeValidation, format, args...).At(pointer)
}
