package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

func records(x *suite) {
	r := x.resource("one")
	created := x.clock.Now()
	a := x.write(r, row("b", 1), row("a", 2), row("ü", 3))
	equal(x, "counts", a.Counts, record.Counts{Created: 3})
	equal(x, "seq", a.Seq, 1)
	x.clock.Advance(time.Hour)
	a = x.write(r, row("a", 2), row("b", 9), row("c", 1))
	equal(x, "counts", a.Counts, record.Counts{Created: 1, Updated: 1, Unchanged: 1})
	equal(x, "outcomes", fmt.Sprint(a.Rows[0].Outcome, a.Rows[1].Outcome, a.Rows[2].Outcome), fmt.Sprint(record.Unchanged, record.Updated, record.Created))
	equal(x, "created at stays", a.Rows[1].CreatedAt, created)
	equal(x, "updated at", a.Rows[1].UpdatedAt, x.clock.Now())
	equal(x, "unchanged keeps its time", a.Rows[0].UpdatedAt, created)
	a = x.write(r, row("a", 2))
	equal(x, "an unchanged push takes no number", a.Seq, 2)
	equal(x, "live", len(x.live(r)), 4)
	equal(x, "body", x.live(r)["b"], `{"id":"b","n":9}`)
	got, err := x.s.Record(x.ctx, r.ID, "b")
	x.must(err)
	equal(x, "change", got.ChangeSeq, 2)
	_, err = x.s.Record(x.ctx, r.ID, "B")
	x.refused(err, fault.CodeNotFound)

	merge := record.Write{ResourceID: r.ID, SchemaVersion: 1, Rows: []record.Row{row("b", 10)}, At: x.clock.Now(), Replaces: 1,
		Event: func(record.Counts) event.Event { return x.event(event.RecordsUpdated) }}
	if _, err := x.s.Write(x.ctx, merge); !errors.Is(err, record.ErrChanged) {
		x.t.Fatalf("a merge with an old version: got %v", err)
	}
	merge.Replaces = 2
	_, err = x.s.Write(x.ctx, merge)
	x.must(err)

	seq, err := x.s.Delete(x.ctx, r.ID, "a", x.clock.Now(), x.event(event.RecordRemoved))
	x.must(err)
	equal(x, "seq of the deletion", seq, 4)
	_, err = x.s.Delete(x.ctx, r.ID, "a", x.clock.Now(), x.event(event.RecordRemoved))
	x.refused(err, fault.CodeNotFound)
	equal(x, "live", len(x.live(r)), 3)
	_, err = x.s.Write(x.ctx, record.Write{ResourceID: 99, SchemaVersion: 1, Rows: []record.Row{row("a", 1)}, At: x.clock.Now()})
	x.refused(err, fault.CodeNotFound)
}

// filtered pages through what a filter keeps, in both orders, and meets every
// record once, however the pages are cut.
func filtered(x *suite) {
	r := x.resource("one")
	other := x.resource("two")
	var rows []record.Row
	for i := range 2500 {
		body := fmt.Sprintf(`{"id":"r%d","name":"Person %d","team":"%s","tags":["t%d","all"],"n":%d}`, i, i, []string{"Red", "Blüe"}[i%2], i%7, i)
		rows = append(rows, record.Row{Key: fmt.Sprintf("r%d", i), Body: []byte(body), Hash: strictjson.Fingerprint([]byte(body))})
	}
	x.write(r, rows...)
	x.write(other, row("r1", 1))
	for _, c := range []struct {
		name string
		f    record.Filter
		want int
	}{
		{"a part of the id", record.Filter{Text: "R24"}, 1 + 10 + 100},
		{"a part of the name", record.Filter{Text: "sOn 9", NameKey: "name"}, 1 + 10 + 100},
		{"nothing", record.Filter{Text: "nobody", NameKey: "name"}, 0},
		{"a value", record.Filter{Where: []record.Where{{Name: "team", Value: "blÜe"}}}, 1250},
		{"not a part of a value", record.Filter{Where: []record.Where{{Name: "team", Value: "Re"}}}, 0},
		{"a number", record.Filter{Where: []record.Where{{Name: "n", Value: "7"}}}, 1},
		{"an element", record.Filter{Where: []record.Where{{Name: "tags", Value: "T6"}}}, 357},
		{"a whole array", record.Filter{Where: []record.Where{{Name: "tags", Value: `["t6","all"]`}}}, 357},
		{"no such property", record.Filter{Where: []record.Where{{Name: "nothing", Value: ""}}}, 0},
		{"both", record.Filter{Text: "r1", Where: []record.Where{{Name: "team", Value: "red"}}}, 555},
	} {
		for _, q := range []page.Request{{Size: 30}, {Size: 500, Ascending: true}, {Size: 100, Sort: page.UpdatedAt}} {
			seen := map[string]bool{}
			for {
				p, err := x.s.Records(x.ctx, r.ID, c.f, q)
				x.must(err)
				for _, rec := range p.Items {
					if seen[rec.Key] {
						x.t.Fatalf("%s: %s came twice", c.name, rec.Key)
					}
					seen[rec.Key] = true
				}
				if len(p.Items) > q.Size {
					x.t.Fatalf("%s: a page has %d records", c.name, len(p.Items))
				}
				if p.Next == "" {
					break
				}
				q, err = q.WithCursor(p.Next)
				x.must(err)
			}
			equal(x, c.name, len(seen), c.want)
		}
	}
}

func versions(x *suite) {
	r := x.resource("one")
	start := x.clock.Now()
	for n := range 3 {
		x.write(r, row("a", n))
		x.clock.Advance(time.Hour)
	}
	_, err := x.s.Delete(x.ctx, r.ID, "a", x.clock.Now(), x.event(event.RecordRemoved))
	x.must(err)
	p, err := x.s.Versions(x.ctx, r.ID, "a", page.Request{Size: 2})
	x.must(err)
	equal(x, "newest first", string(p.Items[0].Body), `{"id":"a","n":2}`)
	equal(x, "deleted", p.Items[0].Deleted, true)
	next, err := page.Request{Size: 2}.WithCursor(p.Next)
	x.must(err)
	p, err = x.s.Versions(x.ctx, r.ID, "a", next)
	x.must(err)
	equal(x, "oldest", string(p.Items[0].Body), `{"id":"a","n":0}`)
	equal(x, "from", p.Items[0].ValidFrom, start)
	equal(x, "to", p.Items[0].ValidTo, start.Add(time.Hour))
	equal(x, "deleted", p.Items[0].Deleted, false)
}

func lists(x *suite) {
	r, other := x.resource("one"), x.resource("two")
	for n := range 30 {
		x.write(r, row(fmt.Sprintf("k%02d", n), n))
		x.write(other, row(fmt.Sprintf("k%02d", n), n))
	}
	for n := range 10 {
		x.write(r, row(fmt.Sprintf("k%02d", n*3), 100+n))
	}
	for _, req := range []page.Request{{}, {Ascending: true}, {Sort: page.UpdatedAt}, {Sort: page.UpdatedAt, Ascending: true}} {
		req.Size, req.WantTotal = 7, true
		var all []record.Record
		for at := req; ; {
			p, err := x.s.Records(x.ctx, r.ID, record.Filter{}, at)
			x.must(err)
			if at.After == nil {
				equal(x, "total", *p.Total, 30)
			}
			all = append(all, p.Items...)
			if p.Next == "" {
				break
			}
			at, err = at.WithCursor(p.Next)
			x.must(err)
		}
		equal(x, fmt.Sprintf("all of %+v", req), len(all), 30)
		for i := 1; i < len(all); i++ {
			a, b := all[i-1], all[i]
			if !req.Ascending {
				a, b = b, a
			}
			if req.Sort == page.UpdatedAt && a.ChangeSeq >= b.ChangeSeq || req.Sort != page.UpdatedAt && a.ID >= b.ID {
				x.t.Fatalf("%+v: record %d is out of order", req, i)
			}
		}
	}
}

func concurrent(x *suite) {
	r := x.resource("one")
	const pushers, pushes = 4, 10
	var wg sync.WaitGroup
	errs := make(chan error, pushers*pushes)
	for p := range pushers {
		wg.Go(func() {
			for n := range pushes {
				_, err := x.s.Write(x.ctx, record.Write{ResourceID: r.ID, SchemaVersion: 1, At: x.clock.Now(),
					Rows:  []record.Row{row(fmt.Sprintf("p%d-%d", p, n), n), row("shared", p*100+n)},
					Event: func(record.Counts) event.Event { return x.event(event.RecordsWritten) }})
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		x.must(err)
	}
	equal(x, "records", len(x.live(r)), pushers*pushes+1)
	equal(x, "changes", x.resourceNow(r).ChangeSeq, pushers*pushes)
	p, err := x.s.Versions(x.ctx, r.ID, "shared", page.Request{Size: 100})
	x.must(err)
	equal(x, "versions of the shared record", len(p.Items), pushers*pushes-1)
}

func (x *suite) stage(r connection.Resource, id string, rows ...record.Row) (record.Session, []record.Written, error) {
	return x.s.Stage(x.ctx, record.Stage{ResourceID: r.ID, ConnectionID: r.ConnectionID, SessionID: id, SchemaVersion: r.SchemaVersion, Rows: rows,
		At: x.clock.Now(), IdleBefore: x.clock.Now().Add(-15 * time.Minute), Started: x.event(event.SessionStarted), Uploaded: x.event(event.SessionUploaded),
		Superseded: func(record.Session) event.Event { return x.event(event.SessionCanceled) }})
}

func (x *suite) complete(r connection.Resource, id string, g record.Guards) (record.Completion, error) {
	return x.s.Complete(x.ctx, r.ID, id, g, x.clock.Now(), func(record.Counts) event.Event { return x.event(event.SessionCompleted) })
}

func sessions(x *suite) {
	r := x.resource("one")
	x.write(r, row("keep", 1), row("change", 1), row("gone", 1))
	keep, err := x.s.Record(x.ctx, r.ID, "keep")
	x.must(err)
	x.clock.Advance(time.Minute)
	_, w, err := x.stage(r, "s-1", row("keep", 1), row("change", 2))
	x.must(err)
	equal(x, "outcome", w[0].Outcome, record.Created)
	_, w, err = x.stage(r, "s-1", row("new", 1), row("change", 3))
	x.must(err)
	equal(x, "sent again", w[1].Outcome, record.Updated)
	se, err := x.s.Session(x.ctx, r.ID, "s-1")
	x.must(err)
	equal(x, "staged", se.Staged, 3)
	p, err := x.s.Staged(x.ctx, se.ID, page.Request{WantTotal: true})
	x.must(err)
	equal(x, "staged list", len(p.Items), 3)
	equal(x, "staged total", *p.Total, 3)
	equal(x, "live is untouched", x.live(r)["change"], `{"id":"change","n":1}`)
	_, _, err = x.stage(r, "s-2", row("a", 1))
	x.refused(err, fault.CodeSessionOpen)

	done, err := x.complete(r, "s-1", record.Guards{DryRun: true})
	x.must(err)
	want := record.Counts{Created: 1, Updated: 1, Unchanged: 1, Deleted: 1}
	equal(x, "dry run", done.Counts, want)
	equal(x, "nothing happened", len(x.live(r)), 3)
	done, err = x.complete(r, "s-1", record.Guards{})
	x.must(err)
	equal(x, "counts", done.Counts, want)
	equal(x, "status", done.Session.Status, record.Active)
	live := x.live(r)
	equal(x, "live", len(live), 3)
	equal(x, "changed", live["change"], `{"id":"change","n":3}`)
	equal(x, "new", live["new"], `{"id":"new","n":1}`)
	now, err := x.s.Record(x.ctx, r.ID, "keep")
	x.must(err)
	equal(x, "an unchanged record is not touched", now.ChangeSeq, keep.ChangeSeq)
	equal(x, "active session", x.resourceNow(r).ActiveSession, "s-1")
	_, err = x.complete(r, "s-1", record.Guards{})
	x.refused(err, fault.CodeSessionAction)
	_, _, err = x.stage(r, "s-1", row("a", 1))
	x.refused(err, fault.CodeSessionClosed)
	_, err = x.complete(r, "absent", record.Guards{})
	x.refused(err, fault.CodeNotFound)

	// An empty session empties the dataset.
	_, _, err = x.stage(r, "s-3")
	x.must(err)
	done, err = x.complete(r, "s-3", record.Guards{})
	x.must(err)
	equal(x, "deleted", done.Counts.Deleted, 3)
	equal(x, "live", len(x.live(r)), 0)
	old, err := x.s.Session(x.ctx, r.ID, "s-1")
	x.must(err)
	equal(x, "former session", old.Status, record.Archived)
	for range 20 {
		if n, err := x.s.SweepStaged(x.ctx, 2); err != nil || n < 2 {
			x.must(err)
			break
		}
	}
	p, err = x.s.Staged(x.ctx, se.ID, page.Request{})
	x.must(err)
	equal(x, "swept", len(p.Items), 0)
	list, total, err := x.s.SessionsPage(x.ctx, record.SessionFilter{ConnectionID: r.ConnectionID}, 2, 1)
	x.must(err)
	equal(x, "total", total, 2)
	equal(x, "second page by number", list[0].SessionID, "s-1")
	sp, err := x.s.Sessions(x.ctx, record.SessionFilter{ResourceID: r.ID, Status: record.Active}, page.Request{WantTotal: true})
	x.must(err)
	equal(x, "active sessions", *sp.Total, 1)
}

func guards(x *suite) {
	r := x.resource("one")
	x.write(r, row("a", 1), row("b", 1), row("c", 1), row("d", 1))
	_, _, err := x.stage(r, "guarded", row("a", 1), row("b", 1), row("c", 1))
	x.must(err)
	two, three := int64(2), int64(3)
	ten, quarter := 10.0, 25.0
	_, err = x.complete(r, "guarded", record.Guards{ExpectedCount: &two})
	x.refused(err, fault.CodeExpectedCount)
	_, err = x.complete(r, "guarded", record.Guards{MaxDeletePercent: &ten})
	x.refused(err, fault.CodeMaxDeletePercent)
	equal(x, "nothing half done", len(x.live(r)), 4)
	_, err = x.complete(r, "guarded", record.Guards{ExpectedCount: &three, MaxDeletePercent: &quarter})
	x.must(err)
	equal(x, "live", len(x.live(r)), 3)
}

func idle(x *suite) {
	r := x.resource("one")
	_, _, err := x.stage(r, "old", row("a", 1))
	x.must(err)
	x.clock.Advance(16 * time.Minute)
	_, _, err = x.stage(r, "young", row("b", 1))
	x.must(err)
	se, err := x.s.Session(x.ctx, r.ID, "old")
	x.must(err)
	equal(x, "the idle one is cancelled", se.Status, record.Canceled)
	equal(x, "cancelled at", se.CanceledAt, x.clock.Now())
	x.clock.Advance(25 * time.Hour)
	n, err := x.s.CancelIdle(x.ctx, x.clock.Now().Add(-24*time.Hour), x.clock.Now(), func(record.Session) event.Event { return x.event(event.SessionCanceled) })
	x.must(err)
	equal(x, "cancelled by the server", n, 1)
	_, err = x.s.Cancel(x.ctx, r.ID, "young", x.clock.Now(), x.event(event.SessionCanceled))
	x.refused(err, fault.CodeSessionAction)
}

func deleted(x *suite) {
	r := x.resource("one")
	x.write(r, row("a", 1), row("b", 1))
	x.write(r, row("a", 2))
	_, _, err := x.stage(r, "open", row("z", 1))
	x.must(err)
	x.must(x.s.DeleteConnection(x.ctx, r.ConnectionID, x.clock.Now(), x.event(event.ConnectionRemoved)))
	_, err = x.s.Resource(x.ctx, r.ConnectionID, r.ID)
	x.refused(err, fault.CodeNotFound)
	_, err = x.s.Write(x.ctx, record.Write{ResourceID: r.ID, SchemaVersion: 1, Rows: []record.Row{row("a", 1)}, At: x.clock.Now()})
	x.refused(err, fault.CodeNotFound)
	x.refused(x.s.DeleteConnection(x.ctx, r.ConnectionID, x.clock.Now(), x.event(event.ConnectionRemoved)), fault.CodeNotFound)
	for n := 0; ; n++ {
		left, err := x.s.PurgeDeleted(x.ctx, 10)
		x.must(err)
		if left < 10 {
			break
		}
		if n > 10 {
			x.t.Fatal("the purge does not end")
		}
	}
	rows := 0
	x.must(x.s.Scan(x.ctx, r.ID, func(int64, string, []byte) error { rows++; return nil }))
	equal(x, "records left", rows, 0)
	p, err := x.s.Versions(x.ctx, r.ID, "a", page.Request{})
	x.must(err)
	equal(x, "versions left", len(p.Items), 0)
	x.resource("one") // the name is free again
}

func events(x *suite) {
	r := x.resource("one")
	x.clock.Advance(time.Second)
	x.write(r, row("a", 1))
	p, err := x.s.Events(x.ctx, event.Filter{Type: event.RecordsWritten}, page.Request{WantTotal: true})
	x.must(err)
	equal(x, "total", *p.Total, 1)
	e, err := x.s.Event(x.ctx, p.Items[0].ID, nil)
	x.must(err)
	equal(x, "metadata", string(e.Metadata), `{"a":1}`)
	_, err = x.s.Event(x.ctx, "absent", nil)
	x.refused(err, fault.CodeNotFound)
	p, err = x.s.Events(x.ctx, event.Filter{From: x.clock.Now()}, page.Request{})
	x.must(err)
	equal(x, "since", len(p.Items), 1)
	p, err = x.s.Events(x.ctx, event.Filter{NoConnection: true, Category: event.CategoryCompany}, page.Request{})
	x.must(err)
	equal(x, "without a connection", len(p.Items), 1)
	p, err = x.s.Events(x.ctx, event.Filter{ConnectionID: r.ConnectionID}, page.Request{})
	x.must(err)
	equal(x, "events of the connection", len(p.Items), 1)
}
