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
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	db := s.db.(*sqliteDB)
	name := func(text string, after func(querier) error) *sqliteJob {
		return &sqliteJob{t.Context(), func(q querier) error {
			if _, err := q.exec("INSERT INTO workspace (is_primary, name, next_test, created_at, updated_at) VALUES (0, $1, 1, 0, 0)", text); err != nil {
				return err
			}
			return after(q)
		}, make(chan error, 1)}
	}
	nothing := func(querier) error { return nil }
	full := errors.New("the disk is full")
	jobs := []*sqliteJob{name("before", nothing), name("full", func(q querier) error {
		_, err := q.exec("ROLLBACK")
		return errors.Join(full, err)
	}), name("after", nothing)}
	// The first job fills the queue while the group is under way, so that the
	// others are in it.
	first := jobs[0].fn
	jobs[0].fn = func(q querier) error {
		db.jobs <- jobs[1]
		db.jobs <- jobs[2]
		return first(q)
	}
	db.jobs <- jobs[0]
	stored := map[string]bool{}
	var errs []error
	for _, j := range jobs {
		errs = append(errs, await.Receive(t, "the answer to a write", j.err))
	}
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
	for i, text := range []string{"before", "full", "after"} {
		if stored[text] != (errs[i] == nil) {
			t.Errorf("%s: stored %t, answered %v", text, stored[text], errs[i])
		}
	}
	if !errors.Is(errs[1], full) || errs[2] != nil {
		t.Errorf("got %v", errs)
	}
}
