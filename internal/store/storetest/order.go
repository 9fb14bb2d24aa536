package storetest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// pushesOutOfOrder: a push takes its time before it waits for its turn, so a
// later one may come first; the history must hold no version that ends before
// it begins.
func pushesOutOfOrder(x *suite) {
	r := x.resource("one")
	x.write(r, row("changed", 1), row("deleted", 1), row("replaced", 1), row("left", 1))
	first := x.clock.Now()
	x.clock.Advance(-time.Second)
	a := x.write(r, row("changed", 2))
	equal(x, "updated at", a.Rows[0].UpdatedAt, first)
	_, err := x.s.Delete(x.ctx, r.ID, "deleted", x.clock.Now(), x.event(event.RecordRemoved))
	x.must(err)
	_, _, err = x.stage(r, "s-1", row("changed", 2), row("replaced", 2))
	x.must(err)
	_, err = x.complete(r, "s-1", record.Guards{})
	x.must(err)
	for _, key := range []string{"changed", "deleted", "replaced", "left"} {
		p, err := x.s.Versions(x.ctx, r.ID, key, page.Request{})
		x.must(err)
		equal(x, "versions of "+key, len(p.Items), 1)
		equal(x, "end of "+key, p.Items[0].ValidTo, first)
	}
	for _, key := range []string{"changed", "replaced"} {
		rec, err := x.s.Record(x.ctx, r.ID, key)
		x.must(err)
		equal(x, "beginning of "+key, rec.UpdatedAt, first)
	}
}

// editsAtOnce: one changes the name of a connection while another changes its
// description.
func editsAtOnce(x *suite) {
	id := x.resource("one").ConnectionID
	for n := range 20 {
		text := fmt.Sprint(n)
		description := &text
		var wg sync.WaitGroup
		errs := make(chan error, 2)
		wg.Go(func() {
			_, err := x.s.UpdateConnection(x.ctx, id, &text, nil, x.clock.Now(), x.event(event.ConnectionUpdated))
			errs <- err
		})
		wg.Go(func() {
			_, err := x.s.UpdateConnection(x.ctx, id, nil, &description, x.clock.Now(), x.event(event.ConnectionUpdated))
			errs <- err
		})
		wg.Wait()
		x.must(<-errs)
		x.must(<-errs)
		c, err := x.s.Connection(x.ctx, id)
		x.must(err)
		equal(x, "name", c.Name, text)
		equal(x, "description", *c.Description, text)
	}
}

// resourceEditsAtOnce: one changes the name of a resource while another changes
// its description and a third its schema, whose property for names is another.
func resourceEditsAtOnce(x *suite) {
	r := x.resource("one")
	conns := connection.NewService(x.s, x.clock.Now)
	records := record.NewService(x.s, conns, record.Options{Now: x.clock.Now})
	actor := event.System(event.SourceApp)
	for n := range 20 {
		text := fmt.Sprint("text ", n)
		description, key := &text, fmt.Sprint("key", n)
		var wg sync.WaitGroup
		errs := make(chan error, 3)
		edit := func(c connection.Change) {
			wg.Go(func() {
				_, err := conns.UpdateResource(x.ctx, actor, r.ConnectionID, r.ID, c)
				errs <- err
			})
		}
		edit(connection.Change{Name: &text})
		edit(connection.Change{Description: &description})
		wg.Go(func() {
			_, err := records.PutSchema(x.ctx, actor, record.Target{ConnectionID: r.ConnectionID, ResourceID: r.ID},
				fmt.Appendf(nil, `{"type":"object","properties":{%q:{}}}`, key), key, record.SchemaGuards{})
			errs <- err
		})
		wg.Wait()
		for range 3 {
			x.must(<-errs)
		}
		now := x.resourceNow(r)
		equal(x, "name", now.Name, text)
		equal(x, "description", now.Description != nil && *now.Description == text, true)
		equal(x, "displayNameKey", now.DisplayNameKey, key)
	}
}

// settingsAtOnce: two nodes change two settings.
func settingsAtOnce(x *suite) {
	here, there := access.NewService(x.s, x.clock.Now), access.NewService(x.s, x.clock.Now)
	actor := event.System(event.SourceApp)
	for n := range 20 {
		off := []string{string(access.CustomConnections)}[:n%2]
		version, text := fmt.Sprint(n), "terms"
		var wg sync.WaitGroup
		errs := make(chan error, 2)
		change := func(s *access.Service, c access.SettingsChange) {
			wg.Go(func() {
				_, err := s.UpdateSettings(x.ctx, actor, c)
				errs <- err
			})
		}
		change(here, access.SettingsChange{DisabledFeatures: &off})
		change(there, access.SettingsChange{TermsVersion: &version, TermsText: &text})
		wg.Wait()
		x.must(<-errs)
		x.must(<-errs)
		now, err := x.s.Settings(x.ctx)
		x.must(err)
		equal(x, "terms", now.TermsVersion, version)
		equal(x, "features that are off", len(now.DisabledFeatures), n%2)
	}
}

// sweepers: several nodes sweep at once; none may take what another one is
// just deleting for all there is.
func sweepers(x *suite) {
	r := x.resource("one")
	for n := range 20 {
		var rows []record.Row
		for k := range 50 {
			rows = append(rows, row(fmt.Sprintf("k%d-%d", n, k), k))
		}
		x.write(r, rows...)
		_, _, err := x.stage(r, "s-1", rows...)
		x.must(err)
	}
	se, err := x.s.Session(x.ctx, r.ID, "s-1")
	x.must(err)
	x.must(x.s.DeleteConnection(x.ctx, r.ConnectionID, x.clock.Now(), x.event(event.ConnectionRemoved)))
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for range 4 {
		wg.Go(func() { errs <- x.sweep(20) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		x.must(err)
	}
	x.must(x.sweep(20))
	left := 0
	x.must(x.s.Scan(x.ctx, r.ID, func(int64, string, []byte) error { left++; return nil }))
	equal(x, "records left", left, 0)
	p, err := x.s.Staged(x.ctx, se.ID, page.Request{})
	x.must(err)
	equal(x, "staged records left", len(p.Items), 0)
}

func (x *suite) sweep(limit int) error {
	for staged, deleted := int64(limit), int64(limit); staged == int64(limit) || deleted == int64(limit); {
		var err error
		if staged, err = x.s.SweepStaged(x.ctx, limit); err != nil {
			return err
		}
		if deleted, err = x.s.PurgeDeleted(x.ctx, limit); err != nil {
			return err
		}
	}
	return nil
}

// oneNameAtOnce: two tests take the same name at the same time.
func oneNameAtOnce(b *bench) {
	for _, name := range []string{"one", "two"} {
		_, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: name, Logic: b.logic("")})
		b.must(err)
	}
	for n := range 20 {
		name := fmt.Sprint(n)
		errs := make(chan error, 2)
		for number := range int64(2) {
			go func() {
				_, err := b.checks.Update(b.ctx, b.actor, 1, number+1, check.Change{Name: &name})
				errs <- err
			}()
		}
		first, second := await.Receive(b.t, "the first answer", errs), await.Receive(b.t, "the second answer", errs)
		if first == nil {
			first = second
		} else {
			b.must(second)
		}
		b.refused(first, fault.CodeDuplicateName)
	}
}

// longValues: what a record has under `unique` may be longer than an index
// entry.
func longValues(b *bench) {
	random := rand.New(rand.NewPCG(1, 2))
	long := func() string {
		text := make([]byte, 20_000)
		for i := range text {
			text[i] = byte('0' + random.IntN(74))
			if text[i] == '\\' {
				text[i] = '!'
			}
		}
		return string(text)
	}
	shared, own := long(), long()
	b.create(fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"exists","value":true}]},
		"assertion":{"kind":"unique","path":"seen"}}]}`, b.resource.ID))
	b.push(fmt.Sprintf(`{"id":"ann","seen":%q}`, shared), fmt.Sprintf(`{"id":"bob","seen":%q}`, shared), fmt.Sprintf(`{"id":"eve","seen":%q}`, own))
	equal(b.suite, "counts", b.result("FAILED ").Totals(), check.Counts{Passing: 1, Failing: 2})
	b.push(fmt.Sprintf(`{"id":"bob","seen":%q}`, shared[1:]))
	equal(b.suite, "counts", b.result("PASSED ").Totals(), check.Counts{Passing: 3})

	// A deleted connection leaves none of its values behind.
	b.push(`{"id":"ann","seen":"x"}`)
	group := b.groups(b.resource.ID)[0].ID
	members := func() int {
		found, err := b.s.UniqueMembers(b.ctx, group, map[string]int{`"x"`: 10})
		b.must(err)
		return len(found[`"x"`])
	}
	equal(b.suite, "members", members(), 1)
	b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	b.evaluate()
	b.must(b.sweep(2))
	equal(b.suite, "members after the purge", members(), 0)
}

// logicOfGroups: until the pass over a new version is done, the groups of the
// old one are combined as the old one says.
func logicOfGroups(b *bench) {
	other := b.second()
	b.pushTo(other, annOn)
	b.create(b.both("ANY_GROUP", other))
	b.push(annOn, bobOff)
	b.rest()
	was := b.result("PASSED ")
	b.publish(was.Number, b.both("ALL_GROUPS", other))
	_, err := b.records.Upsert(b.ctx, b.actor, b.target(), [][]byte{[]byte(`{"id":"eve","mfa":false}`)})
	b.must(err)
	more, err := b.evaluator.Step(b.ctx, b.resource.ID) // the change comes before the pass
	b.must(err)
	equal(b.suite, "more", more, true)
	b.result("PASSED ")
	b.rest()
	b.result("FAILED ")
}

// countKeepsItsBeginning: the one finding of a group that asserts a count goes
// on when the test is run again.
func countKeepsItsBeginning(b *bench) {
	t := b.create(b.logic(`,"assertion":{"kind":"count","min":2}`))
	b.push(annOn)
	first := b.clock.Now()
	b.clock.Advance(time.Hour)
	b.act(t.Number, check.Run)
	b.rest()
	equal(b.suite, "failures", len(b.failures()), 1)
	equal(b.suite, "failing since", b.failures()[0].OpenedAt, first)
	b.publish(t.Number, b.logic(""))
	b.rest()
	b.result("PASSED ")
	equal(b.suite, "failures", len(b.failures()), 0)
}
