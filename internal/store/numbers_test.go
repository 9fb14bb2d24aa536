package store

import (
	"errors"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// The last number of a resource is not followed by the first of the next one.
func TestRecordNumbersEnd(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	now := time.Now()
	ev := event.New(event.System(event.SourceApp), now, event.ConnectionCreated, event.CategoryConnection, "test", nil)
	c, err := s.CreateConnection(t.Context(), connection.Connection{Name: "c", WorkspaceIDs: []int64{1}, CreatedAt: now, UpdatedAt: now,
		Resources: []connection.Resource{{Name: "r", Schema: []byte(`{}`), DisplayNameKey: "id", CreatedAt: now}}}, false, ev)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Resources[0].ID
	if err := s.db.write(t.Context(), func(q querier) error {
		_, err := q.exec("UPDATE resource SET next_record = $2 WHERE id = $1", r, int64(1)<<numberBits-2)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	push := func(keys ...string) error {
		var rows []record.Row
		for _, k := range keys {
			rows = append(rows, record.Row{Key: k, Body: []byte(`{}`)})
		}
		_, err := s.Write(t.Context(), record.Write{ResourceID: r, SchemaVersion: 1, Rows: rows, At: now, Event: func(record.Counts) event.Event { return ev }})
		return err
	}
	if err := push("a", "b", "c"); fault.CodeOf(err) != fault.CodeConflict {
		t.Errorf("one more than there are: got %v", err)
	}
	ev.ID = "another"
	if err := push("a", "b"); err != nil {
		t.Errorf("the last two: %v", err)
	}
	if err := push("d"); fault.CodeOf(err) != fault.CodeConflict {
		t.Errorf("one too many: got %v", err)
	}
}

// What is written after the end is refused, and nobody waits for an answer
// that does not come.
func TestWriteAfterClose(t *testing.T) {
	for range 20 {
		s, err := Open(t.Context(), Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		answer := make(chan error, 1)
		go func() { answer <- s.db.write(t.Context(), func(querier) error { return nil }) }()
		if err := await.Receive(t, "the answer to a write after the end", answer); err == nil {
			t.Fatal("a write after the end is confirmed")
		}
	}
}

// An error that ends the whole transaction of a group, as a full disk does,
// must not confirm what is lost nor refuse what is stored.
func TestGroupWhoseTransactionEnds(t *testing.T) {
	full := errors.New("the disk is full")
	errs := runGroup(t, []string{"before", "full", "after"}, map[string]func(querier) error{"full": func(q querier) error {
		_, err := q.exec("ROLLBACK")
		return errors.Join(full, err)
	}})
	if !errors.Is(errs["full"], full) || errs["after"] != nil {
		t.Errorf("got %v", errs)
	}
}

// What fails in a group fails alone, the first too, and what is large is in no
// savepoint, wherever it comes.
func TestGroupsAround(t *testing.T) {
	oh := errors.New("oh")
	fails := func(querier) error { return oh }
	free := func(q querier) error {
		if _, err := q.exec("RELEASE job"); err == nil {
			return errors.New("it was in a savepoint")
		}
		return nil
	}
	for _, c := range []struct {
		names []string
		does  map[string]func(querier) error
		fail  string
	}{
		{[]string{"first", "second", "third"}, map[string]func(querier) error{"first": fails}, "first"},
		{[]string{"first", "second", "third"}, map[string]func(querier) error{"first": func(querier) error { panic("oh") }}, "first"},
		{[]string{"first", "second", "third"}, map[string]func(querier) error{"second": fails}, "second"},
		{[]string{"first", "large", "third"}, map[string]func(querier) error{"first": free, "large": free}, ""},
		{[]string{"large", "second", "third"}, map[string]func(querier) error{"large": free, "second": free}, ""},
		{[]string{"first", "second", "large", "fourth"}, map[string]func(querier) error{"large": fails}, "large"},
		{[]string{"first", "large", "third"}, map[string]func(querier) error{"first": fails, "large": free}, "first"},
	} {
		for name, err := range runGroup(t, c.names, c.does) {
			if (err != nil) != (name == c.fail) {
				t.Errorf("%v: %s says %v", c.names, name, err)
			}
		}
	}
}

// runGroup has transactions wait behind the first, each of which stores its name and
// does what is given for it. It demands that just those are stored that say so.
func runGroup(t *testing.T, names []string, does map[string]func(querier) error) map[string]error {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	db := s.db.(*sqliteDB)
	jobs := make([]*sqliteJob, len(names))
	for i, name := range names {
		jobs[i] = &sqliteJob{ctx: t.Context(), alone: name == "large", err: make(chan error, 1), fn: func(q querier) error {
			if i == 0 {
				// The queue is filled while the group is under way, so that the others can be in it.
				for _, j := range jobs[1:] {
					db.jobs <- j
				}
			}
			if _, err := q.exec("INSERT INTO workspace (is_primary, name, next_test, created_at, updated_at) VALUES (0, $1, 1, 0, 0)", name); err != nil {
				return err
			}
			if after := does[name]; after != nil {
				return after(q)
			}
			return nil
		}}
	}
	db.jobs <- jobs[0]
	errs := map[string]error{}
	for i, j := range jobs {
		errs[names[i]] = await.Receive(t, "the answer to a write", j.err)
	}
	stored := map[string]bool{}
	if err := s.db.read(t.Context(), func(q querier) error {
		return q.query("SELECT name FROM workspace", func(r row) error {
			var text string
			err := r.scan(&text)
			stored[text] = true
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	for name, err := range errs {
		if stored[name] != (err == nil) {
			t.Errorf("%v: %s: stored %t, answered %v", names, name, stored[name], err)
		}
	}
	return errs
}
