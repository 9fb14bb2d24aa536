// Package page holds keyset paging: what a caller asks of a list, the opaque
// cursor that leads to the next page, and one page of the answer. A page costs
// the same at any depth because it starts at an index position, never at an
// offset. Only the lists of v1 are paged by number.
package page

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Limits of the `size` parameter.
const (
	DefaultSize = 50
	MaxSize     = 500
)

// Sort names the column that orders a list.
type Sort string

// The orders every list knows.
const (
	CreatedAt Sort = "createdAt"
	UpdatedAt Sort = "updatedAt"
)

// The orders that some lists know besides. Code and Name order by text in any
// case.
const (
	ExpiresAt Sort = "expiresAt"
	Code      Sort = "code"
	Name      Sort = "name"
	// Recommended is the order for a newcomer.
	Recommended Sort = "recommended"
)

// Position is a place in a list: the value of the ordering column and the id
// that breaks ties.
type Position struct {
	Value int64
	// Text is the value where the order is that of texts.
	Text string
	ID   int64
}

// Request is what a caller asks of a list. The zero value asks for the first
// page of [DefaultSize] objects, newest first.
type Request struct {
	Sort      Sort
	Ascending bool
	Size      int
	// After is where the page before ended, nil for the first page.
	After *Position
	// Number asks for a page by its number from 1 on, as v1 does: After counts for
	// nothing then, and the page leads to no other one. It costs as much as all that
	// stands before it. 0 is paging by cursor.
	Number int
	// WantTotal asks for the total; it is honoured on the first page only, or on
	// every one by number.
	WantTotal bool
	// List tells this list from others: a cursor of another one is refused,
	// since its position means nothing here.
	List uint32
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Next is the cursor of the next page, empty at the end of the list.
	Next string
	// Total is the number of objects in the whole list when it was asked for.
	Total *int64
}

// Limit is the page size with its default applied.
func (r Request) Limit() int {
	if r.Size == 0 {
		return DefaultSize
	}
	return r.Size
}

// Offset is how many objects stand before a page by number.
func (r Request) Offset() int {
	if r.Number < 1 {
		return 0
	}
	return (r.Number - 1) * r.Limit()
}

// Order is the ordering column with its default applied.
func (r Request) Order() Sort {
	if r.Sort == "" {
		return CreatedAt
	}
	return r.Sort
}

// Cursor is the opaque text that leads to the page after p. It carries order,
// direction and list, so that it cannot be used with others.
func (r Request) Cursor(p Position) string {
	dir := "d"
	if r.Ascending {
		dir = "a"
	}
	text := string(r.Order()) + "." + dir + "." + strconv.FormatInt(p.Value, 36) + "." + strconv.FormatInt(p.ID, 36) +
		"." + strconv.FormatUint(uint64(r.List), 36)
	if p.Text != "" {
		text += "." + base64.RawURLEncoding.EncodeToString([]byte(p.Text))
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// WithCursor is r continued at a cursor: order and direction come from the
// cursor. The empty cursor and the literal "undefined" (sent by some clients
// on their first call) stand for the first page. A text that [Request.Cursor]
// did not make is a CodeInvalidCursor; whether the list knows the order is its
// own to say.
func (r Request) WithCursor(cursor string) (Request, error) {
	if cursor == "" || cursor == "undefined" || cursor == "null" {
		return r, nil
	}
	bad := fault.New(fault.CodeInvalidCursor, "`cursor` is not one that this list gave: repeat the list without it")
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return r, bad
	}
	parts := strings.Split(string(text), ".")
	if len(parts) < 5 || len(parts) > 6 || (parts[1] != "a" && parts[1] != "d") {
		return r, bad
	}
	var at Position
	if len(parts) == 6 {
		value, err := base64.RawURLEncoding.DecodeString(parts[5])
		if err != nil {
			return r, bad
		}
		at.Text = string(value)
	}
	value, err1 := strconv.ParseInt(parts[2], 36, 64)
	id, err2 := strconv.ParseInt(parts[3], 36, 64)
	if err1 != nil || err2 != nil {
		return r, bad
	}
	at.Value, at.ID = value, id
	next := r
	next.Sort, next.Ascending, next.After, next.WantTotal = Sort(parts[0]), parts[1] == "a", &at, false
	if next.Cursor(*next.After) != cursor {
		return r, bad
	}
	return next, nil
}

// Cut makes a page of up to r.Limit() items out of a query that asked for one
// item more; position tells where an item stands.
func Cut[T any](r Request, items []T, position func(T) Position) Page[T] {
	p := Page[T]{Items: items}
	if n := r.Limit(); len(items) > n {
		p.Items = items[:n]
		p.Next = r.Cursor(position(items[n-1]))
	}
	return p
}
