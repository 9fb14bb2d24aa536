package page_test

import (
	"encoding/base64"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

func TestCursorCarriesOrderAndDirection(t *testing.T) {
	for _, r := range []page.Request{
		{}, {Sort: page.CreatedAt}, {Sort: page.UpdatedAt}, {Ascending: true}, {Sort: page.UpdatedAt, Ascending: true}, {Sort: "name"},
	} {
		for _, p := range []page.Position{{}, {Value: 1, ID: 2}, {Value: -5, ID: 1<<63 - 1}, {Text: "a.b é\xff", ID: 3}} {
			got, err := page.Request{Size: 7, WantTotal: true}.WithCursor(r.Cursor(p))
			if err != nil {
				t.Fatal(err)
			}
			if got.Order() != r.Order() || got.Ascending != r.Ascending || *got.After != p || got.Size != 7 || got.WantTotal {
				t.Errorf("%+v at %+v came back as %+v", r, p, got)
			}
		}
	}
}

func TestCursorRefusals(t *testing.T) {
	for _, c := range []string{"x", "!!", "Y3JlYXRlZEF0", "bmFtZS5hLjEuMQ", "Y3JlYXRlZEF0LngxLjEuMQ"} {
		if _, err := (page.Request{}).WithCursor(c); fault.CodeOf(err) != fault.CodeInvalidCursor {
			t.Errorf("cursor %q: got %v", c, err)
		}
	}
	for _, c := range []string{"", "undefined", "null"} {
		if got, err := (page.Request{}).WithCursor(c); err != nil || got.After != nil {
			t.Errorf("cursor %q must mean the first page: %+v, %v", c, got, err)
		}
	}
}

// A cursor leads through the list that gave it, and through no other.
func TestCursorOfAnotherList(t *testing.T) {
	one, other := page.Request{List: 7}, page.Request{List: 8}
	c := one.Cursor(page.Position{Value: 1, ID: 2})
	if got, err := one.WithCursor(c); err != nil || got.After == nil || got.List != 7 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := other.WithCursor(c); fault.CodeOf(err) != fault.CodeInvalidCursor {
		t.Errorf("got %v", err)
	}
	// There is one way to write a cursor.
	for _, parts := range []string{"createdAt.d.+1.1.0", "createdAt.d.01.1.0", "createdAt.d.1.A.0", "createdAt.d.1.1.00", "createdAt.d.1.1.0.", "createdAt.d.1.1.0.!", "createdAt.d.1.1.0.YQ.YQ"} {
		text := base64.RawURLEncoding.EncodeToString([]byte(parts))
		if _, err := (page.Request{}).WithCursor(text); fault.CodeOf(err) != fault.CodeInvalidCursor {
			t.Errorf("%s: got %v", parts, err)
		}
	}
	if _, err := (page.Request{}).WithCursor(base64.RawURLEncoding.EncodeToString([]byte("createdAt.d.1.1.0"))); err != nil {
		t.Error(err)
	}
}

func TestCut(t *testing.T) {
	position := func(i int) page.Position { return page.Position{Value: int64(i)} }
	full := page.Cut(page.Request{Size: 2}, []int{1, 2, 3}, position)
	if len(full.Items) != 2 || full.Next == "" {
		t.Errorf("a full page: %+v", full)
	}
	last := page.Cut(page.Request{Size: 2}, []int{1, 2}, position)
	if len(last.Items) != 2 || last.Next != "" {
		t.Errorf("the last page: %+v", last)
	}
}

func TestNumber(t *testing.T) {
	r := page.Request{Size: 2, Number: 3}
	if r.Offset() != 4 || (page.Request{Size: 2}).Offset() != 0 || (page.Request{Number: 2}).Offset() != page.DefaultSize {
		t.Errorf("page 3 of two each begins after %d", r.Offset())
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(page.Request{}.Cursor(page.Position{Value: 1, ID: 2}))
	f.Add("undefined")
	f.Add("....")
	f.Fuzz(func(t *testing.T, c string) {
		r, err := page.Request{}.WithCursor(c)
		if err == nil && r.After != nil && r.Cursor(*r.After) == "" {
			t.Error("an accepted cursor must give a cursor again")
		}
	})
}
