package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// append adds an event to the audit trail, inside the transaction of what it
// tells of, notes whose records it bears on, and queues it if somebody may want to
// be told.
func (s *Store) append(q querier, e event.Event) error {
	_, err := q.exec(`INSERT INTO event (id, type, category, source, description, metadata, status, workspace_id, connection_id,
		test_id, test_name, user_id, key_id, request, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		e.ID, string(e.Type), string(e.Category), string(e.Source), e.Description, e.Metadata, nullText(e.Status), nullID(e.WorkspaceID),
		nullID(e.ConnectionID), nullID(e.TestID), nullText(e.TestName), nullID(e.UserID), nullID(e.KeyID), nullText(e.Request), e.CreatedAt)
	if err != nil {
		return err
	}
	if err := touch(q, directory.Touched(e), e.ID); err != nil {
		return err
	}
	if subject, concerns := notify.Subject(e); concerns {
		return queue(q, e, subject)
	}
	return nil
}

const eventColumns = `SELECT seq, id, type, category, source, description, metadata, status, workspace_id, connection_id, test_id, test_name,
	user_id, key_id, request, created_at FROM event`

func scanEvent(r row, e *event.Event) error {
	var typ, category, source string
	var metadata json.RawMessage
	err := r.scan(&e.Seq, &e.ID, &typ, &category, &source, &e.Description, &metadata, &e.Status, &e.WorkspaceID, &e.ConnectionID,
		&e.TestID, &e.TestName, &e.UserID, &e.KeyID, &e.Request, &e.CreatedAt)
	e.Type, e.Category, e.Source, e.Metadata = event.Type(typ), event.Category(category), event.Source(source), metadata
	return err
}

// Events implements event.Store.
func (s *Store) Events(ctx context.Context, f event.Filter, r page.Request) (page.Page[event.Event], error) {
	l := list[event.Event]{sql: eventColumns, id: "seq", columns: map[page.Sort]string{page.CreatedAt: "created_at"}, scan: scanEvent,
		position: func(e event.Event) page.Position {
			return page.Position{Value: e.CreatedAt.UnixMicro(), ID: e.Seq}
		}}
	// span are the events that a page looks through, which an index has together.
	var span list[event.Event]
	for _, c := range []struct {
		column, value string
		indexed       bool
	}{{"type", string(f.Type), !slices.Contains(frequentTypes, f.Type)},
		{"category", string(f.Category), f.Type == "" && f.Category != event.CategoryConnection}, {"source", string(f.Source), false}} {
		if c.value == "" {
			continue
		}
		l.and(c.column+" = ?", c.value)
		if c.indexed {
			span.and(c.column+" = ?", c.value)
			span.where = append(span.where, notFrequent)
		}
	}
	for _, c := range []struct {
		column string
		id     int64
		none   bool
	}{{"workspace_id", f.WorkspaceID, false}, {"connection_id", f.ConnectionID, f.NoConnection}, {"user_id", f.UserID, f.NoUser},
		{"key_id", f.KeyID, false}, {"test_id", f.TestID, false}} {
		switch {
		case c.none:
			l.where = append(l.where, c.column+" IS NULL")
		case c.id != 0:
			l.and(c.column+" = ?", c.id)
		}
	}
	if f.Within != nil {
		cond, args := eventsWithin(f.Within)
		l.where, l.args = append(l.where, cond), append(l.args, args...)
	}
	for _, o := range f.About {
		// A text within the metadata has its quotes escaped: only a name matches.
		named := fmt.Sprintf(`%%"%s":%d`, o.Name, o.ID)
		l.where = append(l.where, "(metadata LIKE ? OR metadata LIKE ?)")
		l.args = append(l.args, named+",%", named+"}%")
	}
	l.search(f.Search, "description")
	narrowed := len(l.where) > 0
	l.where = append(l.where, span.where[min(1, len(span.where)):]...)
	for _, each := range []*list[event.Event]{&l, &span} {
		if !f.From.IsZero() {
			each.and("created_at >= ?", f.From)
		}
		if !f.To.IsZero() {
			each.and("created_at < ?", f.To)
		}
	}
	if !narrowed {
		return l.run(ctx, s, r)
	}
	var p page.Page[event.Event]
	err := s.db.read(ctx, func(q querier) error {
		part := l
		end, err := eventsEnd(q, span, r, cmp.Or(f.Look, event.Looked))
		if err != nil {
			return err
		}
		than := ">="
		if r.Ascending {
			than = "<="
		}
		if end != nil {
			part.where = append(part.where[:len(part.where):len(part.where)], "(created_at, seq) "+than+" (?, ?)")
			part.args = append(part.args[:len(part.args):len(part.args)], end.Value, end.ID)
		}
		looking := r
		looking.WantTotal = false
		if p, err = part.page(s, q, looking); err != nil {
			return err
		}
		if end != nil && p.Next == "" {
			p.Next = r.Cursor(*end)
		}
		if r.WantTotal && r.After == nil {
			var total int64
			total, err = l.count(q)
			p.Total = &total
		}
		return err
	})
	return p, err
}

// frequentTypes are those of pushes, which outnumber all others: the indexes by
// type and category leave them out, so that they cost a push nothing.
var frequentTypes = []event.Type{event.RecordsWritten, event.RecordsUpdated, event.RecordRemoved, event.SessionUploaded}

// notFrequent has the words of these indexes.
const notFrequent = `type NOT IN ('CUSTOM_RESOURCE_RECORD_CREATED', 'CUSTOM_RESOURCE_RECORD_UPDATED', 'CUSTOM_RESOURCE_RECORD_REMOVED', 'CUSTOM_DATA_SESSION_UPLOADED')`

// eventsEnd is the last event that a page looks at, nil if it reaches the end of
// the list. It reads an index only.
func eventsEnd(q querier, span list[event.Event], r page.Request, looked int) (*page.Position, error) {
	order, than := "DESC", "<"
	if r.Ascending {
		order, than = "ASC", ">"
	}
	if r.After != nil {
		span.where = append(span.where, "(created_at, seq) "+than+" (?, ?)")
		span.args = append(span.args, r.After.Value, r.After.ID)
	}
	var end page.Position
	err := one(q, number("SELECT created_at, seq FROM event"+condition(span.where)+" ORDER BY created_at "+order+", seq "+order+" LIMIT 1 OFFSET ?"),
		append(span.args, looked-1), &end.Value, &end.ID)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	return &end, err
}

// eventsWithin keeps what concerns some workspaces.
func eventsWithin(workspaces []int64) (string, []any) {
	own, args := in("workspace_id", append([]int64{0}, workspaces...))
	return "(" + own + " OR workspace_id IS NULL AND connection_id IN (SELECT connection_id FROM connection_workspace WHERE " + own + "))", append(args, args...)
}

// Event implements event.Store.
func (s *Store) Event(ctx context.Context, id string, within []int64) (event.Event, error) {
	var e event.Event
	err := s.db.read(ctx, func(q querier) error {
		found := false
		where, args := "id = ?", []any{id}
		if within != nil {
			cond, more := eventsWithin(within)
			where, args = where+" AND "+cond, append(args, more...)
		}
		err := q.query(number(eventColumns+" WHERE "+where), func(r row) error {
			found = true
			return scanEvent(r, &e)
		}, args...)
		if err == nil && !found {
			return absent("event", id)
		}
		return err
	})
	return e, err
}
