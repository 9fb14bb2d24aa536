package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunNotifications proves that what changed is told: nothing is lost, and
// nothing told twice, whoever dispatches and dies.
func RunNotifications(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*post)
	}{
		{"channels", channelsKept},
		{"rules", rulesKept},
		{"in the transaction of the event", queuedWithEvent},
		{"flapping", flapping},
		{"an event of a connection", connectionEvents},
		{"digests", digests},
		{"retries until it is given up", givenUp},
		{"a crash between claim and send", crashed},
		{"broken off by us", brokenOff},
		{"every cause", everyCause},
		{"a channel that is dead", deadChannel},
		{"a channel that goes", channelGoes},
		{"two dispatchers", twoDispatchers},
		{"deliveries", deliveriesKept},
		{"people", people},
		{"owners of controls", controlOwners},
		{"against an oracle", toldAsExpected},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			x := &suite{t, await.Context(t), open(t, clock.Now), clock}
			p := &post{suite: x, sender: &recorder{}}
			p.options = notify.Options{Sender: p.sender, Sealer: plainSealer{}, Now: clock.Now}
			p.service = notify.NewService(x.s, p.options)
			p.dispatcher = p.another(x.s)
			c.test(p)
		})
	}
}

// window is how long the dispatchers of the suite let a change wait.
const window = time.Minute

// post is a bench for notifications.
type post struct {
	*suite
	sender     *recorder
	options    notify.Options
	service    *notify.Service
	dispatcher *notify.Dispatcher
}

// another is a dispatcher over the same database.
func (p *post) another(s notify.DispatchStore) *notify.Dispatcher {
	return notify.NewDispatcher(s, p.options, notify.DispatcherOptions{Window: window, Chance: func() float64 { return 0.5 }})
}

// recorder is a sender that keeps what it is given.
type recorder struct {
	mu   sync.Mutex
	sent []notify.Parcel
	// fail, if set, decides about a message before it is kept.
	fail func(notify.Parcel) error
}

func (r *recorder) Check(notify.Channel, notify.Secrets) error { return nil }

func (r *recorder) Send(_ context.Context, p notify.Parcel) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(p); err != nil {
			return err
		}
	}
	r.sent = append(r.sent, p)
	return nil
}

// texts are the messages that were sent since the last look: channel, target
// and subject, in an order of their own.
func (r *recorder) texts() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, p := range r.sent {
		out = append(out, strings.TrimSpace(p.Channel.Name+" "+p.Target)+": "+p.Message.Subject)
	}
	r.sent = nil
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// plainSealer seals so that a test can look inside.
type plainSealer struct{}

func (plainSealer) Seal(plain []byte, purpose string) ([]byte, error) {
	return []byte(purpose + "\n" + string(plain)), nil
}

func (plainSealer) Open(sealed []byte, purpose string) ([]byte, error) {
	plain, ok := strings.CutPrefix(string(sealed), purpose+"\n")
	if !ok {
		return nil, errors.New("sealed for another purpose")
	}
	return []byte(plain), nil
}

var somebody = event.System(event.SourceApp)

func ptr[T any](v T) *T { return &v }

func (p *post) slack(name string) notify.Channel {
	p.t.Helper()
	c, err := p.service.CreateChannel(p.ctx, somebody, 1, notify.Slack, notify.ChannelChange{Name: &name, URL: ptr("https://slack.example/" + name)})
	p.must(err)
	return c
}

func (p *post) mail(name string, to ...string) notify.Channel {
	p.t.Helper()
	c, err := p.service.CreateChannel(p.ctx, somebody, 1, notify.Mail, notify.ChannelChange{Name: &name, To: &to})
	p.must(err)
	return c
}

func (p *post) rule(name string, change notify.RuleChange, topics []notify.Topic, channels ...notify.Channel) notify.Rule {
	p.t.Helper()
	ids := []int64{}
	for _, c := range channels {
		ids = append(ids, c.ID)
	}
	change.Name, change.Topics, change.ChannelIDs = &name, &topics, &ids
	r, err := p.service.CreateRule(p.ctx, somebody, 1, change)
	p.must(err)
	return r
}

// happens writes an event through the store, as every part does.
func (p *post) happens(e event.Event) {
	p.t.Helper()
	p.must(p.s.NoteEvent(p.ctx, e))
}

// changed is the event of a test that changed.
func (p *post) changed(test int64, from, to string) event.Event {
	e := event.New(somebody, p.clock.Now(), event.TestStatusUpdated, event.CategoryMonitor, "changed", map[string]any{"from": from, "to": to})
	e.WorkspaceID, e.TestID, e.TestName, e.Status = 1, test, fmt.Sprint("T", test), to
	return e
}

func (p *post) excluded(test int64, ty event.Type) event.Event {
	e := event.New(somebody, p.clock.Now(), ty, event.CategoryMonitor, "exclusion", map[string]any{"exclusionId": 1, "targetId": "bob"})
	e.WorkspaceID, e.TestID, e.TestName = 1, test, fmt.Sprint("T", test)
	return e
}

// rest dispatches until nothing is left to do now.
func (p *post) rest() {
	p.t.Helper()
	for range 1000 {
		more, err := p.dispatcher.Step(p.ctx)
		p.must(err)
		if !more {
			return
		}
	}
	p.t.Fatal("the dispatcher finds no end")
}

// told lets time go by, dispatches, and demands what was sent.
func (p *post) told(after time.Duration, want ...string) {
	p.t.Helper()
	p.clock.Advance(after)
	p.rest()
	slices.Sort(want)
	equal(p.suite, "sent", p.sender.texts(), strings.Join(want, "\n"))
}

func (p *post) deliveries(f notify.DeliveryFilter) []notify.Delivery {
	p.t.Helper()
	list, err := p.s.Deliveries(p.ctx, 1, f, page.Request{Ascending: true, Size: 500})
	p.must(err)
	return list.Items
}

func (p *post) eventsOf(ty event.Type) []event.Event {
	p.t.Helper()
	list, err := p.s.Events(p.ctx, event.Filter{Type: ty}, page.Request{Size: 500})
	p.must(err)
	return list.Items
}

func channelsKept(p *post) {
	c := p.slack("one")
	equal(p.suite, "hint", c.URLHint, "slack.example…/one")
	_, err := p.service.CreateChannel(p.ctx, somebody, 1, notify.Slack, notify.ChannelChange{Name: ptr(" one "), URL: ptr("https://x.example/yyyy")})
	p.refused(err, fault.CodeDuplicateName)
	_, err = p.service.CreateChannel(p.ctx, somebody, 99, notify.Slack, notify.ChannelChange{Name: ptr("x"), URL: ptr("https://x.example/yyyy")})
	p.refused(err, fault.CodeNotFound)
	for _, id := range []int64{c.ID + 1, 0, -1} {
		_, err := p.service.Channel(p.ctx, 1, id)
		p.refused(err, fault.CodeNotFound)
	}
	_, err = p.service.Channel(p.ctx, 2, c.ID)
	p.refused(err, fault.CodeNotFound)

	w, err := p.service.CreateChannel(p.ctx, somebody, 1, notify.Webhook, notify.ChannelChange{Name: ptr("hook"), URL: ptr("https://x.example/yyyy"), SigningKey: ptr(strings.Repeat("a", 24))})
	p.must(err)
	p.clock.Advance(time.Second)
	w, err = p.service.UpdateChannel(p.ctx, somebody, 1, w.ID, notify.ChannelChange{SigningKey: ptr(strings.Repeat("b", 24))})
	p.must(err)
	equal(p.suite, "hints", w.URLHint+" "+w.KeyHint, "x.example…yyyy …bbbb")
	equal(p.suite, "changed", w.UpdatedAt.Sub(w.CreatedAt), time.Second)
	got, err := p.service.Channel(p.ctx, 1, w.ID)
	p.must(err)
	contains(p.suite, string(got.Sealed), `{"url":"https://x.example/yyyy","signingKey":"bbbbbbbbbbbbbbbbbbbbbbbb"}`)
	_, err = p.service.UpdateChannel(p.ctx, somebody, 1, w.ID, notify.ChannelChange{Name: ptr("one")})
	p.refused(err, fault.CodeDuplicateName)

	// A key file that was lost: all secrets together can be given anew.
	lost := p.options
	lost.Sealer = otherSealer{}
	s := notify.NewService(p.s, lost)
	_, err = s.UpdateChannel(p.ctx, somebody, 1, w.ID, notify.ChannelChange{URL: ptr("https://x.example/zzzz")})
	p.refused(err, fault.CodeUnprocessable)
	_, err = s.UpdateChannel(p.ctx, somebody, 1, w.ID, notify.ChannelChange{URL: ptr("https://x.example/zzzz"), SigningKey: ptr(strings.Repeat("c", 24))})
	p.must(err)

	r := p.rule("uses", notify.RuleChange{}, []notify.Topic{notify.Drift}, c, w)
	p.refused(p.service.DeleteChannel(p.ctx, somebody, 1, c.ID), fault.CodeConflict)
	p.must(p.service.DeleteRule(p.ctx, somebody, 1, r.ID))
	p.must(p.service.DeleteChannel(p.ctx, somebody, 1, c.ID))
	p.refused(p.service.DeleteChannel(p.ctx, somebody, 1, c.ID), fault.CodeNotFound)
	list, err := p.service.Channels(p.ctx, 1, page.Request{WantTotal: true})
	p.must(err)
	equal(p.suite, "channels", len(list.Items), 1)
	for ty, n := range map[event.Type]int{event.ChannelCreated: 2, event.ChannelUpdated: 2, event.ChannelDeleted: 1, event.RuleCreated: 1, event.RuleDeleted: 1} {
		got := p.eventsOf(ty)
		equal(p.suite, string(ty), len(got), n)
		for _, e := range got {
			if strings.Contains(string(e.Metadata)+e.Description, "yyyy\"") && strings.Contains(string(e.Metadata), "https") {
				p.t.Errorf("the event holds the URL: %s", e.Metadata)
			}
			equal(p.suite, "workspace", e.WorkspaceID, 1)
		}
	}
	for i := range notify.MaxChannels - 1 {
		p.slack(fmt.Sprint("n", i))
	}
	_, err = p.service.CreateChannel(p.ctx, somebody, 1, notify.Slack, notify.ChannelChange{Name: ptr("more"), URL: ptr("https://x.example/yyyy")})
	p.refused(err, fault.CodeConflict)
}

type otherSealer struct{}

func (otherSealer) Seal(plain []byte, _ string) ([]byte, error) {
	return append([]byte("other"), plain...), nil
}
func (otherSealer) Open([]byte, string) ([]byte, error) { return nil, errors.New("another key") }

func rulesKept(p *post) {
	c, d := p.slack("one"), p.slack("two")
	conn := p.resource("Users").ConnectionID
	r := p.rule("all", notify.RuleChange{Connection: &[]int64{conn}}, notify.Topics, d, c)
	got, err := p.service.Rule(p.ctx, 1, r.ID)
	p.must(err)
	equal(p.suite, "channels", fmt.Sprint(got.ChannelIDs), fmt.Sprint([]int64{d.ID, c.ID}))
	equal(p.suite, "rule", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", r))
	for _, bad := range []notify.RuleChange{{ChannelIDs: &[]int64{c.ID, 999}}, {TestIDs: &[]int64{1}}, {Connection: &[]int64{conn, conn + 1}}} {
		_, err := p.service.UpdateRule(p.ctx, somebody, 1, r.ID, bad)
		p.refused(err, fault.CodeValidation)
		contains(p.suite, err.Error(), "in this workspace (/")
	}
	// What it named before may be gone.
	p.must(p.s.DeleteConnection(p.ctx, conn, p.clock.Now(), p.event(event.ConnectionRemoved)))
	r, err = p.service.UpdateRule(p.ctx, somebody, 1, r.ID, notify.RuleChange{Name: ptr("renamed"), ChannelIDs: &[]int64{c.ID}})
	p.must(err)
	equal(p.suite, "connections", fmt.Sprint(r.Filter.ConnectionIDs), fmt.Sprint([]int64{conn}))
	p.must(p.service.DeleteChannel(p.ctx, somebody, 1, d.ID))
	_, err = p.service.CreateRule(p.ctx, somebody, 1, notify.RuleChange{Name: ptr("renamed"), Topics: &notify.Topics, ChannelIDs: &[]int64{c.ID}})
	p.refused(err, fault.CodeDuplicateName)
	_, err = p.service.CreateRule(p.ctx, somebody, 9, notify.RuleChange{Name: ptr("x"), Topics: &notify.Topics, ChannelIDs: &[]int64{c.ID}})
	p.refused(err, fault.CodeNotFound)
	_, err = p.service.Rule(p.ctx, 2, r.ID)
	p.refused(err, fault.CodeNotFound)
	equal(p.suite, "failed changes left no event", len(p.eventsOf(event.RuleUpdated)), 1)
	list, err := p.service.Rules(p.ctx, 1, page.Request{})
	p.must(err)
	equal(p.suite, "listed", fmt.Sprint(list.Items[0].ChannelIDs), fmt.Sprint([]int64{c.ID}))
	_, err = p.service.Rules(p.ctx, 9, page.Request{})
	p.refused(err, fault.CodeNotFound)
}

func deliveriesKept(p *post) {
	s := p.slack("s")
	p.rule("all", notify.RuleChange{}, notify.Topics, s)
	for i := range 3 {
		p.happens(p.changed(int64(i+1), "PASSED", "FAILED"))
	}
	p.told(window, "s: Test “T1” fails", "s: Test “T2” fails", "s: Test “T3” fails")
	first, err := p.service.Deliveries(p.ctx, 1, notify.DeliveryFilter{}, page.Request{Size: 2, WantTotal: true})
	p.must(err)
	equal(p.suite, "page", fmt.Sprint(len(first.Items), *first.Total), "2 3")
	r, err := page.Request{Size: 2}.WithCursor(first.Next)
	p.must(err)
	rest, err := p.service.Deliveries(p.ctx, 1, notify.DeliveryFilter{}, r)
	p.must(err)
	equal(p.suite, "the last is the oldest", fmt.Sprint(len(rest.Items), rest.Items[0].Subject), "1Test “T1” fails")
	d, m, err := p.service.Delivery(p.ctx, 1, rest.Items[0].ID)
	p.must(err)
	equal(p.suite, "text", m.Subject, d.Subject)
	_, _, err = p.service.Delivery(p.ctx, 2, d.ID)
	p.refused(err, fault.CodeNotFound)
	_, err = p.service.Deliveries(p.ctx, 9, notify.DeliveryFilter{}, page.Request{})
	p.refused(err, fault.CodeNotFound)
	p.clock.Advance(89 * 24 * time.Hour)
	p.must(p.dispatcher.Sweep(p.ctx))
	equal(p.suite, "kept", len(p.deliveries(notify.DeliveryFilter{})), 3)
	p.clock.Advance(2 * 24 * time.Hour)
	p.must(p.dispatcher.Sweep(p.ctx))
	equal(p.suite, "swept", len(p.deliveries(notify.DeliveryFilter{})), 0)
}
