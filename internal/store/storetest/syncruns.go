package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// RunSyncRuns proves that whatever comes in leaves a run that tells the truth, and
// that health follows from the runs.
func RunSyncRuns(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*syncBench)
	}{
		{"pushes of a minute are one run", pushesOfAMinute},
		{"everything refused", everythingRefused},
		{"a merge that is refused", refusedMerge},
		{"pushes at once", pushesAtOnce},
		{"evaluated", evaluatedRuns},
		{"a session", sessionRun},
		{"refused by guards", guardedRun},
		{"canceled sessions", canceledRuns},
		{"a collection", collectionRun},
		{"a collection that is lost", lostRun},
		{"disconnected", disconnected},
		{"stale and healthy again", staleAndBack},
		{"old runs", oldRuns},
		{"another connection's run", othersRun},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			b := newBench(&suite{t, await.Context(t), open(t, clock.Now), clock})
			c.test(&syncBench{b, syncrun.NewService(b.s, clock.Now)})
		})
	}
}

type syncBench struct {
	*bench
	runs *syncrun.Service
}

const (
	good = `{"id":"ann","mfa":true}`
	bad  = `{"id":"bob","mfa":"yes"}`
)

func (b *syncBench) send(a event.Actor, records ...string) record.Result {
	b.t.Helper()
	res, err := b.records.Upsert(b.ctx, a, b.target(), texts(records))
	b.must(err)
	return res
}

func texts(records []string) (out [][]byte) {
	for _, r := range records {
		out = append(out, []byte(r))
	}
	return out
}

func (b *syncBench) upload(session string, records ...string) {
	b.t.Helper()
	_, err := b.records.Upload(b.ctx, b.actor, b.target(), session, texts(records))
	b.must(err)
}

func (b *syncBench) all() []syncrun.Run {
	b.t.Helper()
	p, err := b.runs.List(b.ctx, syncrun.Filter{ConnectionID: b.resource.ConnectionID}, page.Request{Size: 100})
	b.must(err)
	return p.Items
}

func (b *syncBench) last() syncrun.Run {
	b.t.Helper()
	list := b.all()
	if len(list) == 0 {
		b.t.Fatal("there is no run")
	}
	return list[0]
}

var marks = map[syncrun.StepStatus]string{syncrun.StepPending: "?", syncrun.StepRunning: "~", syncrun.StepCompleted: "+", syncrun.StepFailed: "!", syncrun.StepSkipped: "-"}

// story tells a run in one line.
func story(r syncrun.Run) string {
	words := []string{string(r.Trigger), string(r.Status)}
	for _, s := range r.Steps {
		words = append(words, strings.ToLower(string(s.Name))+marks[s.Status])
	}
	return strings.Join(words, " ")
}

func (b *syncBench) story(want string) syncrun.Run {
	b.t.Helper()
	r := b.last()
	equal(b.suite, "run", story(r), want)
	return r
}

func (b *syncBench) step(r syncrun.Run, name syncrun.Name) syncrun.Step {
	b.t.Helper()
	for _, s := range r.Steps {
		if s.Name == name {
			return s
		}
	}
	b.t.Fatalf("the run has no step %s", name)
	return syncrun.Step{}
}

// health is that of the connection, with its grounds.
func (b *syncBench) health(want connection.Health) connection.Condition {
	b.t.Helper()
	c, err := b.connections.Get(b.ctx, b.resource.ConnectionID)
	b.must(err)
	got := c.Health(b.clock.Now())
	equal(b.suite, "health ("+got.Reason+")", got.Health, want)
	return got
}

func pushesOfAMinute(b *syncBench) {
	b.health("")
	key, person := event.Actor{Source: event.SourceAPI, KeyID: 7}, event.Actor{Source: event.SourceAPI, UserID: 7}
	b.send(key, good)
	b.clock.Advance(10 * time.Second)
	b.send(key, good, `{"id":"cid","mfa":true}`)
	b.clock.Advance(time.Second)
	b.send(person, good)
	equal(b.suite, "runs", len(b.all()), 2)
	equal(b.suite, "of the person", b.last().UserID, int64(7))
	first := b.all()[1]
	equal(b.suite, "of the key", first.KeyID, int64(7))
	equal(b.suite, "first", story(first), "PUSH COMPLETED validate+ compare+ complete+ evaluate-")
	equal(b.suite, "counts", fmt.Sprint(b.step(first, syncrun.Validate).Counts), "map[accepted:3 received:3 rejected:0 requests:2]")
	equal(b.suite, "compared", fmt.Sprint(b.step(first, syncrun.Compare).Counts), "map[created:2 unchanged:1 updated:0]")
	equal(b.suite, "took", first.EndedAt.Sub(first.StartedAt), 10*time.Second)
	b.health(connection.Healthy)

	b.send(key, `{"id":"dan","mfa":true}`, bad, good, bad)
	refused := b.all()[1]
	equal(b.suite, "refused", story(refused), "PUSH FAILED validate! compare+ complete+ evaluate-")
	why := b.step(refused, syncrun.Validate).Error
	equal(b.suite, "why", why.Code+" "+why.Message, "SCHEMA 2 of 7 records were refused; the others were taken.")
	equal(b.suite, "which", fmt.Sprintf("%+v", why.Records), "[{ID:bob Position:4 Message:must be boolean Pointer:/mfa} {ID:bob Position:6 Message:must be boolean Pointer:/mfa}]")
	since := b.health(connection.Unhealthy).Since
	b.send(key, good)
	b.health(connection.Unhealthy)
	b.clock.Advance(time.Minute)
	b.send(key, bad)
	equal(b.suite, "since", b.health(connection.Unhealthy).Since, since)
	equal(b.suite, "told", b.events(event.ConnectionFailed), 1)
	b.clock.Advance(time.Minute)
	b.send(key, good)
	b.health(connection.Healthy)
	equal(b.suite, "recovered", b.events(event.ConnectionRecovered), 1)
	equal(b.suite, "told", b.events(event.ConnectionFailed), 1)
	equal(b.suite, "runs", len(b.all()), 4)
}

func everythingRefused(b *syncBench) {
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"r%d","mfa":1}`, i)
	}
	b.send(b.actor, many...)
	r := b.story("PUSH FAILED validate! compare- complete- evaluate-")
	why := b.step(r, syncrun.Validate).Error
	equal(b.suite, "why", why.Message, "All 30 records were refused.")
	equal(b.suite, "kept", len(why.Records), syncrun.MaxRefused)
	equal(b.suite, "fresh", b.resourceNow(b.resource).FreshAt.IsZero(), true)
	equal(b.suite, "reason", b.health(connection.Unhealthy).Reason, "In “Users”, all 30 records were refused.")
	equal(b.suite, "told", b.events(event.ConnectionFailed), 1)
}

func refusedMerge(b *syncBench) {
	b.send(b.actor, good)
	b.clock.Advance(time.Minute)
	_, err := b.records.Update(b.ctx, b.actor, b.target(), "ann", []byte(`{"mfa":3}`))
	b.refused(err, fault.CodeSchema)
	r := b.story("PUSH FAILED validate! compare- complete- evaluate-")
	equal(b.suite, "which", b.step(r, syncrun.Validate).Error.Records[0].ID, "ann")
	b.clock.Advance(time.Minute)
	_, err = b.records.Update(b.ctx, b.actor, b.target(), "ann", []byte(`{"mfa":false}`))
	b.must(err)
	b.story("PUSH COMPLETED validate+ compare+ complete+ evaluate-")
}

func pushesAtOnce(b *syncBench) {
	const pushers, pushes = 4, 5
	var wg sync.WaitGroup
	errs := make(chan error, pushers*pushes)
	for p := range pushers {
		wg.Go(func() {
			for n := range pushes {
				_, err := b.records.Upsert(b.ctx, b.actor, b.target(), texts([]string{fmt.Sprintf(`{"id":"p%d-%d"}`, p, n), bad}))
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		b.must(err)
	}
	equal(b.suite, "runs", len(b.all()), 1)
	v := b.step(b.last(), syncrun.Validate)
	equal(b.suite, "counts", fmt.Sprint(v.Counts), "map[accepted:20 received:40 rejected:20 requests:20]")
	equal(b.suite, "which", len(v.Error.Records), syncrun.MaxRefused)
	equal(b.suite, "told", b.events(event.ConnectionFailed), 1)
}

func evaluatedRuns(b *syncBench) {
	b.create(b.logic(""))
	b.evaluate()
	b.send(b.actor, good)
	pushed := b.clock.Now()
	b.story("PUSH COMPLETED validate+ compare+ complete+ evaluate~")
	b.must(b.runs.Sweep(b.ctx))
	b.clock.Advance(3 * time.Second)
	b.evaluate()
	r := b.story("PUSH COMPLETED validate+ compare+ complete+ evaluate+")
	e := b.step(r, syncrun.Evaluate)
	equal(b.suite, "began", e.StartedAt, pushed)
	equal(b.suite, "took", e.EndedAt.Sub(e.StartedAt), 3*time.Second)
	b.clock.Advance(5 * time.Minute)
	b.must(b.runs.Sweep(b.ctx))
	b.send(b.actor, `{"id":"dan","mfa":false}`)
	b.evaluate()
	settled := b.all()[1]
	equal(b.suite, "it stays", b.step(settled, syncrun.Evaluate).EndedAt, e.EndedAt)

	// Of a run that nobody looked at before the next change, the end is not made up.
	b.clock.Advance(time.Minute)
	b.send(b.actor, `{"id":"eva","mfa":false}`)
	b.evaluate()
	for range 2 {
		passed := b.all()[1]
		equal(b.suite, "passed", story(passed), "PUSH COMPLETED validate+ compare+ complete+ evaluate+")
		equal(b.suite, "its end", b.step(passed, syncrun.Evaluate).EndedAt.IsZero(), true)
		b.clock.Advance(5 * time.Minute)
		b.must(b.runs.Sweep(b.ctx))
	}
}

func sessionRun(b *syncBench) {
	b.upload("one", good)
	b.story("SESSION RUNNING validate~ stage~ compare? complete? evaluate?")
	b.health("")
	b.clock.Advance(time.Second)
	b.upload("one", bad, `{"id":"cid"}`)
	r := b.story("SESSION RUNNING validate! stage~ compare? complete? evaluate?")
	equal(b.suite, "which", fmt.Sprintf("%+v", b.step(r, syncrun.Validate).Error.Records[0]), "{ID:bob Position:1 Message:must be boolean Pointer:/mfa}")
	b.health(connection.Unhealthy)
	_, err := b.records.Complete(b.ctx, b.actor, b.target(), "one", record.Guards{DryRun: true})
	b.must(err)
	b.story("SESSION RUNNING validate! stage~ compare? complete? evaluate?")
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "one", record.Guards{})
	b.must(err)
	r = b.story("SESSION FAILED validate! stage+ compare+ complete+ evaluate-")
	equal(b.suite, "session", r.SessionID, "one")
	equal(b.suite, "compared", fmt.Sprint(b.step(r, syncrun.Compare).Counts), "map[created:2 deleted:0 unchanged:0 updated:0]")
	b.health(connection.Unhealthy)
	b.upload("two", good)
	b.health(connection.Unhealthy)
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "two", record.Guards{})
	b.must(err)
	b.story("SESSION COMPLETED validate+ stage+ compare+ complete+ evaluate-")
	b.health(connection.Healthy)
	equal(b.suite, "runs", len(b.all()), 2)
}

func guardedRun(b *syncBench) {
	b.send(b.actor, good, `{"id":"cid"}`)
	b.upload("one", good)
	none := 0.0
	dry := record.Guards{MaxDeletePercent: &none, DryRun: true}
	_, err := b.records.Complete(b.ctx, b.actor, b.target(), "one", dry)
	b.refused(err, fault.CodeMaxDeletePercent)
	b.health(connection.Healthy)
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "one", record.Guards{MaxDeletePercent: &none})
	b.refused(err, fault.CodeMaxDeletePercent)
	r := b.story("SESSION RUNNING validate+ stage+ compare+ complete! evaluate?")
	why := b.step(r, syncrun.Complete).Error
	equal(b.suite, "why", why.Code+" "+why.Message, "GUARD 1 of 2 live records would be deleted, more than 0 %")
	b.health(connection.Unhealthy)
	equal(b.suite, "records", b.resourceNow(b.resource).RecordCount, int64(2))
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "one", record.Guards{})
	b.must(err)
	b.story("SESSION COMPLETED validate+ stage+ compare+ complete+ evaluate-")
	b.health(connection.Healthy)
}

func canceledRuns(b *syncBench) {
	cancel := func(id string) {
		b.t.Helper()
		_, err := b.records.Cancel(b.ctx, b.actor, b.target(), id)
		b.must(err)
	}
	b.upload("clean", good)
	cancel("clean")
	b.story("SESSION CANCELED validate+ stage+ compare- complete- evaluate-")
	b.health("")
	b.upload("refused", bad)
	cancel("refused")
	b.story("SESSION CANCELED validate! stage- compare- complete- evaluate-")
	b.health(connection.Unhealthy)
	b.upload("clean-again", good)
	cancel("clean-again")
	b.clock.Advance(time.Second)

	b.upload("left", good)
	b.clock.Advance(25 * time.Hour)
	b.must(b.records.Sweep(b.ctx))
	r := b.story("SESSION CANCELED validate+ stage+ compare- complete! evaluate-")
	equal(b.suite, "why", b.step(r, syncrun.Complete).Error.Message, "The session rested for too long, so it was cancelled.")
	equal(b.suite, "reason", b.health(connection.Unhealthy).Reason, "A sync run of “Users” was not completed: The session rested for too long, so it was cancelled.")
	b.upload("another", good)
	b.clock.Advance(2 * time.Hour)
	b.upload("newcomer", good)
	equal(b.suite, "superseded", story(b.all()[1]), "SESSION CANCELED validate+ stage+ compare- complete! evaluate-")
	cancel("newcomer")
	b.health(connection.Unhealthy)
}

func collectionRun(b *syncBench) {
	at := b.clock.Now()
	begin := syncrun.Begin{ConnectionID: b.resource.ConnectionID, ResourceID: b.resource.ID, SessionID: "col-1", Actor: b.actor}
	id, err := b.runs.Begin(b.ctx, begin)
	b.must(err)
	b.must(b.runs.Step(b.ctx, id, syncrun.Step{Name: syncrun.Authenticate, Status: syncrun.StepCompleted, StartedAt: at, EndedAt: at}))
	b.must(b.runs.Step(b.ctx, id, syncrun.Step{Name: syncrun.Fetch, Status: syncrun.StepRunning, StartedAt: at}))
	b.story("COLLECTION RUNNING authenticate+ fetch~ parse? validate? stage? compare? complete? evaluate?")
	b.upload("col-1", good)
	for _, name := range []syncrun.Name{syncrun.Fetch, syncrun.Parse} {
		b.must(b.runs.Step(b.ctx, id, syncrun.Step{Name: name, Status: syncrun.StepCompleted, StartedAt: at, EndedAt: at, Counts: map[string]int64{"pages": 2}}))
	}
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "col-1", record.Guards{})
	b.must(err)
	b.must(b.runs.End(b.ctx, id, syncrun.Completed))
	b.must(b.runs.Step(b.ctx, id, syncrun.Step{Name: syncrun.Fetch, Status: syncrun.StepFailed, StartedAt: at}))
	r := b.story("COLLECTION COMPLETED authenticate+ fetch+ parse+ validate+ stage+ compare+ complete+ evaluate-")
	equal(b.suite, "id", r.ID, id)
	equal(b.suite, "runs", len(b.all()), 1)
	equal(b.suite, "pages", b.step(r, syncrun.Fetch).Counts["pages"], int64(2))
	b.health(connection.Healthy)

	begin.SessionID = "col-2"
	id, err = b.runs.Begin(b.ctx, begin)
	b.must(err)
	b.upload("col-2", good)
	b.must(b.runs.Step(b.ctx, id, syncrun.Step{Name: syncrun.Fetch, Status: syncrun.StepFailed, StartedAt: at, EndedAt: at,
		Error: &syncrun.Error{Code: "UNAUTHORIZED", Message: "The system refused the credentials.", Facts: map[string]string{"status": "401"}}}))
	b.must(b.runs.End(b.ctx, id, syncrun.Failed))
	r = b.story("COLLECTION FAILED authenticate- fetch! parse- validate+ stage+ compare- complete- evaluate-")
	equal(b.suite, "status", b.step(r, syncrun.Fetch).Error.Facts["status"], "401")
	equal(b.suite, "reason", b.health(connection.Unhealthy).Reason, "The data of “Users” could not be fetched: The system refused the credentials.")
	se, err := b.s.Session(b.ctx, b.resource.ID, "col-2")
	b.must(err)
	equal(b.suite, "session", se.Status, record.Canceled)
	_, err = b.runs.Begin(b.ctx, syncrun.Begin{ConnectionID: b.resource.ConnectionID, ResourceID: 99, Actor: b.actor})
	b.refused(err, fault.CodeNotFound)
	b.refused(b.runs.Step(b.ctx, 99, syncrun.Step{Name: syncrun.Fetch}), fault.CodeNotFound)
}

func lostRun(b *syncBench) {
	id, err := b.runs.Begin(b.ctx, syncrun.Begin{ConnectionID: b.resource.ConnectionID, ResourceID: b.resource.ID, SessionID: "col-1", Actor: b.actor})
	b.must(err)
	b.must(b.runs.Step(b.ctx, id, syncrun.Step{Name: syncrun.Fetch, Status: syncrun.StepRunning, StartedAt: b.clock.Now()}))
	b.upload("col-1", good)
	b.clock.Advance(syncrun.Lost)
	b.must(b.runs.Sweep(b.ctx))
	equal(b.suite, "status", b.last().Status, syncrun.Running)
	b.clock.Advance(time.Second)
	b.must(b.runs.Sweep(b.ctx))
	r := b.story("COLLECTION FAILED authenticate- fetch! parse- validate+ stage+ compare- complete- evaluate-")
	equal(b.suite, "why", b.step(r, syncrun.Fetch).Error.Message, "The server stopped in the midst of it; nothing was changed.")
	b.upload("free-again", good)
}

func disconnected(b *syncBench) {
	id := b.resource.ConnectionID
	b.send(b.actor, good)
	b.upload("open", good)
	c, err := b.connections.Disconnect(b.ctx, b.actor, id)
	b.must(err)
	equal(b.suite, "state", c.State(), connection.Disconnected)
	b.health("")
	equal(b.suite, "session", story(b.last()), "SESSION CANCELED validate+ stage+ compare- complete- evaluate-")
	_, err = b.records.Upsert(b.ctx, b.actor, b.target(), texts([]string{good}))
	b.refused(err, fault.CodeIntakeStopped)
	_, err = b.records.Upload(b.ctx, b.actor, b.target(), "next", texts([]string{good}))
	b.refused(err, fault.CodeIntakeStopped)
	_, err = b.runs.Begin(b.ctx, syncrun.Begin{ConnectionID: id, ResourceID: b.resource.ID, Actor: b.actor})
	b.refused(err, fault.CodeIntakeStopped)
	_, err = b.connections.Disconnect(b.ctx, b.actor, id)
	b.refused(err, fault.CodeConflict)
	equal(b.suite, "records", b.resourceNow(b.resource).RecordCount, int64(1))
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), "ann"))
	_, err = b.connections.Reconnect(b.ctx, b.actor, id)
	b.must(err)
	b.health(connection.Healthy)
	b.send(b.actor, good)
	_, err = b.connections.Reconnect(b.ctx, b.actor, id)
	b.refused(err, fault.CodeConflict)
	_, err = b.connections.Disconnect(b.ctx, b.actor, 99)
	b.refused(err, fault.CodeNotFound)
}

func staleAndBack(b *syncBench) {
	b.send(b.actor, good)
	b.clock.Advance(25 * time.Hour)
	got := b.health(connection.Stale)
	equal(b.suite, "since", b.clock.Now().Sub(got.Since), time.Hour)
	equal(b.suite, "reason", got.Reason, "“Users” has had no data for longer than its limit of 1 day.")
	b.send(b.actor, bad)
	b.health(connection.Unhealthy)
	b.clock.Advance(time.Minute)
	b.send(b.actor, good)
	equal(b.suite, "since", b.health(connection.Healthy).Since, b.clock.Now())
	b.clock.Advance(25 * time.Hour)
	b.send(b.actor, good)
	equal(b.suite, "since it came again", b.health(connection.Healthy).Since, b.clock.Now())
}

func oldRuns(b *syncBench) {
	begun := b.clock.Now()
	for range 4 {
		b.send(b.actor, good)
		b.clock.Advance(time.Minute)
	}
	b.must(b.runs.Sweep(b.ctx))
	equal(b.suite, "young", len(b.all()), 4)
	n, err := b.s.PruneSyncRuns(b.ctx, begun.Add(90*time.Second), 3, 10)
	b.must(err)
	equal(b.suite, "beyond the last ones", n, 1)
	n, err = b.s.PruneSyncRuns(b.ctx, begun.Add(time.Hour), 1, 1)
	b.must(err)
	equal(b.suite, "at a time", n, 1)
	equal(b.suite, "left", len(b.all()), 2)
	b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	b.must(b.records.Sweep(b.ctx))
	equal(b.suite, "of what is deleted", len(b.all()), 0)
}

func othersRun(b *syncBench) {
	b.send(b.actor, good)
	id := b.last().ID
	_, err := b.runs.Get(b.ctx, b.resource.ConnectionID, id)
	b.must(err)
	_, err = b.runs.Get(b.ctx, b.resource.ConnectionID+1, id)
	b.refused(err, fault.CodeNotFound)
	for _, c := range []struct {
		f    syncrun.Filter
		want int
	}{
		{syncrun.Filter{Trigger: syncrun.Push}, 1},
		{syncrun.Filter{Trigger: syncrun.Session}, 0},
		{syncrun.Filter{Status: syncrun.Completed}, 1},
		{syncrun.Filter{Status: syncrun.Failed}, 0},
		{syncrun.Filter{ResourceID: b.resource.ID}, 1},
		{syncrun.Filter{ResourceID: b.resource.ID + 1}, 0},
	} {
		c.f.ConnectionID = b.resource.ConnectionID
		p, err := b.runs.List(b.ctx, c.f, page.Request{WantTotal: true})
		b.must(err)
		equal(b.suite, fmt.Sprintf("%+v", c.f), len(p.Items), c.want)
		equal(b.suite, "total", *p.Total, int64(c.want))
	}
}
