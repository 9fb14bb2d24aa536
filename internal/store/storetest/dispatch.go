package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
)

// An event that is not stored is not told, and one that is stored waits for its
// dispatcher, whatever becomes of the process.
func queuedWithEvent(p *post) {
	p.rule("all", notify.RuleChange{}, notify.Topics, p.slack("s"))
	e := p.changed(1, "PASSED", "FAILED")
	p.happens(e)
	again := p.changed(2, "PASSED", "FAILED")
	again.ID = e.ID
	if err := p.s.NoteEvent(p.ctx, again); err == nil {
		p.t.Fatal("an event was stored twice")
	}
	p.told(window-1, []string{}...)
	p.dispatcher = p.another(p.s)
	p.told(time.Millisecond, "s: Test “T1” fails")
	p.told(time.Hour, []string{}...)
}

func flapping(p *post) {
	p.rule("all", notify.RuleChange{}, notify.Topics, p.slack("s"))
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.happens(p.changed(2, "FAILED", "ERROR"))
	p.clock.Advance(window / 2)
	p.happens(p.changed(1, "FAILED", "PASSED"))
	p.happens(p.changed(3, "READY", "PASSED"))
	p.told(window/2, "s: Test “T2” cannot be decided")
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.clock.Advance(window / 2)
	p.happens(p.changed(1, "FAILED", "ERROR"))
	// The first change is due: all of the subject goes with it.
	p.told(window/2, "s: Test “T1” cannot be decided")
	p.told(time.Hour, []string{}...)
	// Each exclusion stands for itself.
	p.happens(p.excluded(1, event.ExclusionExpiring))
	p.happens(p.excluded(1, event.ExclusionExpiring))
	p.happens(p.excluded(1, event.ExclusionExpired))
	p.told(window, "s: An exclusion of test “T1” ends soon", "s: An exclusion of test “T1” ends soon", "s: An exclusion of test “T1” has ended")
}

func connectionEvents(p *post) {
	r := p.resource("Users")
	other := p.resource("Other")
	p.rule("some", notify.RuleChange{Connection: &[]int64{r.ConnectionID}}, notify.Topics, p.mail("m", "ann@x.example", "bob@x.example"))
	stale := func(conn, resource int64, ty event.Type) {
		e := event.New(somebody, p.clock.Now(), ty, event.CategoryConnection, "data", map[string]any{"resourceId": resource, "resourceName": "Users", "freshnessHours": 24})
		e.ConnectionID = conn
		p.happens(e)
	}
	stale(r.ConnectionID, r.ID, event.ConnectionStale)
	stale(other.ConnectionID, other.ID, event.ConnectionStale)
	p.told(window, "m ann@x.example: “Users” has no fresh data", "m bob@x.example: “Users” has no fresh data")
	stale(r.ConnectionID, r.ID, event.ConnectionFresh)
	p.told(window, "m ann@x.example: “Users” has fresh data again", "m bob@x.example: “Users” has fresh data again")
	stale(r.ConnectionID, r.ID, event.ConnectionStale)
	stale(r.ConnectionID, r.ID, event.ConnectionFresh)
	p.told(window, []string{}...)
	equal(p.suite, "deliveries", len(p.deliveries(notify.DeliveryFilter{})), 4)
}

func digests(p *post) {
	s, m := p.slack("s"), p.mail("m", "ann@x.example")
	// The clock begins at 12:00.
	daily := notify.Schedule{Every: notify.Day, Hour: 18, Zone: "UTC"}
	r := p.rule("evening", notify.RuleChange{Mode: ptr(notify.Digest), DigestAt: &daily}, notify.Topics, s, m)
	p.told(0, []string{}...)
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.clock.Advance(2 * window)
	p.happens(p.changed(1, "FAILED", "PASSED"))
	p.happens(p.changed(2, "PASSED", "FAILED"))
	p.told(5*time.Hour, []string{}...)
	text := "Digest: 2 tests fail, 1 test passes again"
	p.told(time.Hour, "s: "+text, "m ann@x.example: "+text)
	d := p.deliveries(notify.DeliveryFilter{ChannelID: s.ID})[0]
	equal(p.suite, "listed", len(d.Notice.Signals), 3)
	equal(p.suite, "order", fmt.Sprint(d.Notice.Signals[0].TestID, d.Notice.Signals[1].TestID, d.Notice.Signals[2].TestID), "1 1 2")
	got, err := p.service.Rule(p.ctx, 1, r.ID)
	p.must(err)
	equal(p.suite, "next", got.NextDigest, time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC))
	// Nothing happened: no message. Days that nobody dispatched are one.
	p.told(24*time.Hour, []string{}...)
	p.happens(p.changed(3, "PASSED", "ERROR"))
	p.told(10*24*time.Hour, "s: Digest: 1 test cannot be decided", "m ann@x.example: Digest: 1 test cannot be decided")
	p.told(24*time.Hour, []string{}...)

	// What waits goes out at once when the rule becomes immediate, and is dropped
	// when it is disabled.
	p.happens(p.changed(4, "PASSED", "FAILED"))
	p.told(window, []string{}...)
	_, err = p.service.UpdateRule(p.ctx, somebody, 1, r.ID, notify.RuleChange{Mode: ptr(notify.Immediate), ChannelIDs: &[]int64{s.ID}})
	p.must(err)
	p.told(0, "s: Digest: 1 test fails")
	p.happens(p.changed(4, "FAILED", "PASSED"))
	p.told(window, "s: Test “T4” passes again")
	_, err = p.service.UpdateRule(p.ctx, somebody, 1, r.ID, notify.RuleChange{Mode: ptr(notify.Digest), DigestAt: &daily})
	p.must(err)
	p.happens(p.changed(5, "PASSED", "FAILED"))
	p.told(window, []string{}...)
	for _, enabled := range []bool{false, true} {
		_, err = p.service.UpdateRule(p.ctx, somebody, 1, r.ID, notify.RuleChange{Enabled: &enabled})
		p.must(err)
	}
	p.told(48*time.Hour, []string{}...)

	// More than a digest carries is counted.
	for i := range notify.DigestSignals + 5 {
		p.happens(p.changed(int64(100+i), "PASSED", "FAILED"))
	}
	p.told(window, []string{}...)
	p.told(24*time.Hour, fmt.Sprintf("s: Digest: %d tests fail", notify.DigestSignals+5))
	all := p.deliveries(notify.DeliveryFilter{ChannelID: s.ID})
	last := all[len(all)-1].Notice
	equal(p.suite, "carried", len(last.Signals), notify.DigestSignals)
	equal(p.suite, "the latest", last.Signals[notify.DigestSignals-1].TestID, int64(100+notify.DigestSignals+4))
}

func givenUp(p *post) {
	s := p.slack("s")
	rule := p.rule("all", notify.RuleChange{}, notify.Topics, s)
	var seen []string
	p.sender.fail = func(n notify.Parcel) error {
		seen = append(seen, n.UID)
		if len(seen) == 2 {
			return &notify.Refusal{Text: "busy", After: 30 * time.Minute}
		}
		return fmt.Errorf("no\nluck %d", len(seen))
	}
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.clock.Advance(window)
	var pauses []time.Duration
	for range notify.MaxAttempts {
		p.rest()
		d := p.deliveries(notify.DeliveryFilter{})[0]
		equal(p.suite, "attempts", d.Attempts, len(seen))
		if d.Status == notify.Pending {
			pauses = append(pauses, d.NextAt.Sub(p.clock.Now()))
			p.clock.Advance(d.NextAt.Sub(p.clock.Now()) - time.Microsecond)
			p.rest()
			equal(p.suite, "attempts before the time", len(seen), d.Attempts)
			p.clock.Advance(time.Microsecond)
		}
	}
	want := []time.Duration{}
	for n := 1; n < notify.MaxAttempts; n++ {
		want = append(want, notify.Backoff(n, 0.5))
	}
	want[1] = 30 * time.Minute
	equal(p.suite, "pauses", fmt.Sprint(pauses), fmt.Sprint(want))
	equal(p.suite, "one message", len(slices.Compact(slices.Clone(seen))), 1)
	d := p.deliveries(notify.DeliveryFilter{Status: notify.Failed})[0]
	equal(p.suite, "error", d.LastError, "no luck 10")
	equal(p.suite, "finished", d.FinishedAt, p.clock.Now())
	p.clock.Advance(100 * time.Hour)
	p.rest()
	equal(p.suite, "attempts", len(seen), notify.MaxAttempts)
	e := p.eventsOf(event.NotificationFailed)
	equal(p.suite, "events", len(e), 1)
	equal(p.suite, "workspace", e[0].WorkspaceID, 1)
	contains(p.suite, e[0].Description, "“Test “T1” fails” could not be sent to channel “s”: no luck 10")
	contains(p.suite, string(e[0].Metadata), fmt.Sprintf(`"deliveryId":%d`, d.ID))

	// It can be tried anew, and only then.
	_, err := p.service.RetryDelivery(p.ctx, somebody, 2, d.ID)
	p.refused(err, fault.CodeNotFound)
	_, err = p.service.RetryDelivery(p.ctx, somebody, 1, d.ID)
	p.must(err)
	_, err = p.service.RetryDelivery(p.ctx, somebody, 1, d.ID)
	p.refused(err, fault.CodeConflict)
	p.sender.fail = nil
	p.told(0, "s: Test “T1” fails")
	_, err = p.service.RetryDelivery(p.ctx, somebody, 1, d.ID)
	p.refused(err, fault.CodeConflict)
	equal(p.suite, "events", len(p.eventsOf(event.NotificationRetried)), 1)
	p.sender.fail = func(notify.Parcel) error { return errors.New("no") }
	p.happens(p.changed(2, "PASSED", "FAILED"))
	for range notify.MaxAttempts {
		p.told(time.Hour, []string{}...)
	}
	p.must(p.service.DeleteRule(p.ctx, somebody, 1, rule.ID))
	p.must(p.service.DeleteChannel(p.ctx, somebody, 1, s.ID))
	_, err = p.service.RetryDelivery(p.ctx, somebody, 1, p.deliveries(notify.DeliveryFilter{Status: notify.Failed})[0].ID)
	p.refused(err, fault.CodeConflict)
}

// crashing is a store for a process that dies before it notes an outcome.
type crashing struct{ notify.DispatchStore }

var errDied = errors.New("the process died")

func (crashing) Finish(context.Context, notify.Delivery, time.Time, notify.Outcome, *event.Event) error {
	return errDied
}

func crashed(p *post) {
	p.rule("all", notify.RuleChange{}, notify.Topics, p.slack("s"))
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.clock.Advance(window)
	// It claims and dies before it sends.
	p.sender.fail = func(notify.Parcel) error { return errDied }
	if _, err := p.another(crashing{p.s}).Step(p.ctx); !errors.Is(err, errDied) {
		p.t.Fatal(err)
	}
	p.sender.fail = nil
	p.told(0, []string{}...) // it still has the claim
	p.told(time.Minute, []string{}...)
	// It sends and dies before it says so: the message comes again, with its id.
	p.clock.Advance(time.Minute)
	if _, err := p.another(crashing{p.s}).Step(p.ctx); !errors.Is(err, errDied) {
		p.t.Fatal(err)
	}
	first := p.sender.sent[0].UID
	p.clock.Advance(2 * time.Minute)
	p.rest()
	equal(p.suite, "sent", len(p.sender.sent), 2)
	equal(p.suite, "id", p.sender.sent[1].UID, first)
	d := p.deliveries(notify.DeliveryFilter{})[0]
	equal(p.suite, "status", fmt.Sprint(d.Status, d.Attempts), "SENT3")
	// One that comes back late says nothing any more.
	late := d
	late.Attempts = 2
	p.must(p.s.Finish(p.ctx, late, p.clock.Now(), notify.Outcome{Status: notify.Failed, Error: "late"}, ptr(p.event(event.NotificationFailed))))
	equal(p.suite, "status", p.deliveries(notify.DeliveryFilter{})[0].Status, notify.Sent)
	equal(p.suite, "events", len(p.eventsOf(event.NotificationFailed)), 0)
}

func brokenOff(p *post) {
	p.rule("all", notify.RuleChange{}, notify.Topics, p.slack("s"))
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.clock.Advance(window)
	ctx, stop := context.WithCancel(p.ctx)
	p.sender.fail = func(notify.Parcel) error { stop(); return ctx.Err() }
	if _, err := p.dispatcher.Step(ctx); err != nil {
		p.t.Fatal(err)
	}
	d := p.deliveries(notify.DeliveryFilter{})[0]
	equal(p.suite, "given back", fmt.Sprint(d.Status, d.Attempts, d.NextAt), fmt.Sprint(notify.Pending, 0, p.clock.Now()))
	p.sender.fail = nil
	p.told(0, "s: Test “T1” fails")
	// A sender that panics spoils its own message only.
	p.sender.fail = func(n notify.Parcel) error {
		if strings.Contains(n.Message.Subject, "T2") {
			panic("oh")
		}
		return nil
	}
	p.happens(p.changed(2, "PASSED", "FAILED"))
	p.happens(p.changed(3, "PASSED", "FAILED"))
	p.told(window, "s: Test “T3” fails")
	contains(p.suite, p.deliveries(notify.DeliveryFilter{Status: notify.Pending})[0].LastError, "its log has the reason")
}

// What the other parts bring about comes as the messages that it should be.
func everyCause(p *post) {
	p.rule("all", notify.RuleChange{}, notify.Topics, p.slack("s"))
	b := newBench(p.suite)
	b.push(annOn, bobOff)
	test := b.create(b.logic(""))
	b.rest()
	p.told(window, "s: Test “MFA is on” fails")
	_, err := b.checks.Exclude(b.ctx, b.actor, 1, test.Number, check.NewExclusion{Key: "bob", Reason: "leaves", Category: "ACCEPTED_RISK",
		ExpiresAt: p.clock.Now().Add(10 * 24 * time.Hour)})
	p.must(err)
	b.rest()
	p.told(window, "s: Test “MFA is on” passes again")
	later := func(d time.Duration, want ...string) {
		p.t.Helper()
		p.clock.Advance(d)
		p.must(b.evaluator.Tick(b.ctx))
		p.must(b.checks.SweepExclusions(b.ctx))
		b.rest()
		p.told(window, want...)
	}
	later(25*time.Hour, "s: “Users” has no fresh data", "s: Test “MFA is on” cannot be decided")
	b.push(annOn, bobOff)
	later(0, "s: “Users” has fresh data again", "s: Test “MFA is on” passes again")
	later(2*24*time.Hour, "s: An exclusion of test “MFA is on” ends soon", "s: “Users” has no fresh data", "s: Test “MFA is on” cannot be decided")
	b.push(annOn)
	later(0, "s: “Users” has fresh data again", "s: Test “MFA is on” passes again")
	later(23*time.Hour, []string{}...)
	b.push(annOn)
	p.clock.Advance(6 * 24 * time.Hour)
	b.push(annOn)
	later(0, "s: An exclusion of test “MFA is on” has ended", "s: Test “MFA is on” fails")
}

// While a channel takes nothing, its messages do not hold up those of others.
func deadChannel(p *post) {
	dead, alive := p.slack("dead"), p.slack("alive")
	p.rule("all", notify.RuleChange{}, notify.Topics, dead, alive)
	tries := 0
	p.sender.fail = func(n notify.Parcel) error {
		if n.Channel.ID == dead.ID {
			tries++
			return errors.New("no answer")
		}
		return nil
	}
	const tests = 50
	want := []string{}
	for i := range tests {
		p.happens(p.changed(int64(i), "PASSED", "FAILED"))
		want = append(want, fmt.Sprintf("alive: Test “T%d” fails", i))
	}
	p.told(window, want...)
	if tries == 0 || tries > 8 {
		p.t.Fatalf("the dead channel was tried %d times at once", tries)
	}
	p.sender.fail = nil
	for i := range want {
		want[i] = strings.Replace(want[i], "alive", "dead", 1)
	}
	p.told(time.Minute, want...)
	for _, d := range p.deliveries(notify.DeliveryFilter{ChannelID: dead.ID}) {
		equal(p.suite, "status", d.Status, notify.Sent)
	}
}

func channelGoes(p *post) {
	s, other := p.slack("s"), p.slack("other")
	r := p.rule("all", notify.RuleChange{}, notify.Topics, s, other)
	p.sender.fail = func(notify.Parcel) error { return errors.New("no") }
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.told(window, []string{}...)
	_, err := p.service.UpdateRule(p.ctx, somebody, 1, r.ID, notify.RuleChange{ChannelIDs: &[]int64{other.ID}})
	p.must(err)
	p.must(p.service.DeleteChannel(p.ctx, somebody, 1, s.ID))
	p.sender.fail = nil
	p.told(time.Hour, "other: Test “T1” fails")
	d := p.deliveries(notify.DeliveryFilter{ChannelID: s.ID})[0]
	equal(p.suite, "status", d.Status, notify.Canceled)
	equal(p.suite, "name", d.ChannelName, "s")
}

// Three processes dispatch at once: each message goes out once.
func twoDispatchers(p *post) {
	m := p.mail("m", "ann@x.example", "bob@x.example", "cid@x.example")
	p.rule("one", notify.RuleChange{}, notify.Topics, m, p.slack("s"))
	p.rule("two", notify.RuleChange{}, notify.Topics, m)
	daily := notify.Schedule{Every: notify.Day, Hour: 18, Zone: "UTC"}
	p.rule("three", notify.RuleChange{Mode: ptr(notify.Digest), DigestAt: &daily}, notify.Topics, p.slack("d"))
	const tests = 40
	for i := range tests {
		p.happens(p.changed(int64(i), "PASSED", "FAILED"))
		p.happens(p.excluded(int64(i), event.ExclusionExpired))
	}
	together := func() {
		var wg sync.WaitGroup
		for range 3 {
			d := p.another(p.s)
			wg.Go(func() {
				for more := true; more; {
					var err error
					if more, err = d.Step(p.ctx); err != nil {
						p.t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	p.clock.Advance(window)
	together()
	counts := map[string]int{}
	for _, n := range p.sender.sent {
		counts[n.Channel.Name+n.Target+n.Message.Subject+n.Notice.Signals[0].EventID]++
	}
	equal(p.suite, "messages", len(p.sender.sent), tests*2*4)
	equal(p.suite, "different ones", len(counts), tests*2*4)
	p.sender.texts()
	p.clock.Advance(6 * time.Hour)
	together()
	equal(p.suite, "digests", p.sender.texts(), fmt.Sprintf("d: Digest: %d tests fail, %d exclusions have ended", tests, tests))
}

// expected is what a person with a notebook would tell: of each test the state
// that was told last, the one it has, and when the first change since came. A
// minute after that they look at it again.
type expected struct {
	wanted map[string][]string // who wants to know of a state
	told   map[int64]string
	state  map[int64]string
	since  map[int64]time.Time
	out    []string
}

var subjects = map[string]string{"FAILED": "fails", "ERROR": "cannot be decided", "PASSED": "passes again"}

// look tells of the tests whose minute is over at a moment.
func (o *expected) look(now time.Time) {
	for test, since := range o.since {
		if now.Before(since.Add(window)) {
			continue
		}
		was, is := o.told[test], o.state[test]
		o.told[test] = is
		delete(o.since, test)
		if is == was || is == "READY" || is == "PASSED" && was == "READY" {
			continue
		}
		for _, who := range o.wanted[is] {
			o.out = append(o.out, fmt.Sprintf("%s: Test “T%d” %s", who, test, subjects[is]))
		}
	}
}

// change notes a change, after what was to be told by then.
func (o *expected) change(test int64, to string, now time.Time) {
	o.look(now)
	o.state[test] = to
	if o.since[test].IsZero() {
		o.since[test] = now
	}
}

// toldAsExpected: after any history, with senders that fail and processes that
// die, each message that was to be told came, and none other.
func toldAsExpected(p *post) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 3))
	a, b, m := p.slack("a"), p.slack("b"), p.mail("m", "ann@x.example", "bob@x.example")
	p.rule("failed", notify.RuleChange{}, []notify.Topic{notify.TestFailed, notify.TestError}, a, m)
	p.rule("recovered", notify.RuleChange{}, []notify.Topic{notify.TestRecovered}, a, b)
	p.rule("again", notify.RuleChange{}, []notify.Topic{notify.TestFailed}, b, m)
	p.rule("off", notify.RuleChange{Enabled: ptr(false)}, notify.Topics, a, b, m)
	o := &expected{map[string][]string{"FAILED": {"a", "b", "m ann@x.example", "m bob@x.example"}, "ERROR": {"a", "m ann@x.example", "m bob@x.example"},
		"PASSED": {"a", "b"}}, map[int64]string{}, map[int64]string{}, map[int64]time.Time{}, nil}
	states := []string{"READY", "PASSED", "FAILED", "ERROR"}
	p.sender.fail = func(notify.Parcel) error {
		if r.IntN(3) == 0 {
			return errors.New("not now")
		}
		return nil
	}
	for range 150 {
		switch r.IntN(4) {
		case 0, 1:
			test := int64(1 + r.IntN(4))
			if o.state[test] == "" {
				o.state[test], o.told[test] = "READY", "READY"
			}
			to := states[r.IntN(len(states))]
			if to == o.state[test] {
				continue
			}
			p.happens(p.changed(test, o.state[test], to))
			o.change(test, to, p.clock.Now())
		case 2:
			p.clock.Advance(time.Duration(r.IntN(5)) * 15 * time.Second)
		default:
			if r.IntN(4) == 0 {
				// A process that dies: it may have sent nothing yet.
				keep := p.sender.fail
				p.sender.fail = func(notify.Parcel) error { return errDied }
				if _, err := p.another(crashing{p.s}).Step(p.ctx); err != nil && !errors.Is(err, errDied) {
					p.t.Fatal(err)
				}
				p.sender.fail = keep
			}
			p.rest()
		}
	}
	p.sender.fail = nil
	p.clock.Advance(window)
	o.look(p.clock.Now())
	p.rest()
	p.clock.Advance(2 * time.Hour)
	p.rest()
	want := slices.Sorted(slices.Values(o.out))
	if got := p.sender.texts(); got != strings.Join(want, "\n") {
		p.t.Fatalf("seed %d: sent\n%s\nwant\n%s", seed, got, strings.Join(want, "\n"))
	}
	if len(want) == 0 {
		p.t.Fatalf("seed %d: nothing was to be told", seed)
	}
}
