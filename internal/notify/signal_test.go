package notify

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func eventOf(ty event.Type, metadata string) event.Event {
	return event.Event{ID: "e1", Type: ty, WorkspaceID: 1, ConnectionID: 3, TestID: 7, TestName: "MFA", CreatedAt: noon, Metadata: json.RawMessage(metadata)}
}

func TestSubject(t *testing.T) {
	for _, c := range []struct {
		e        event.Event
		subject  string
		concerns bool
	}{
		{eventOf(event.TestStatusUpdated, `{"from":"PASSED","to":"FAILED"}`), "test 7", true},
		{eventOf(event.ConnectionStale, `{"resourceId":9}`), "resource 9", true},
		{eventOf(event.ConnectionFailed, `{"resourceId":9}`), "health 9", true},
		{eventOf(event.ConnectionRecovered, `{"resourceId":9}`), "health 9", true},
		{eventOf(event.ConnectionFresh, `{"resourceId":9}`), "resource 9", true},
		{eventOf(event.ExclusionExpiring, `{}`), "", true},
		{eventOf(event.ExclusionExpired, `{}`), "", true},
		{eventOf(event.TestDrift, `{}`), "", true},
		{eventOf(event.TestPublished, `{}`), "", false},
		{eventOf(event.NotificationFailed, `{}`), "", false},
	} {
		if subject, concerns := Subject(c.e); subject != c.subject || concerns != c.concerns {
			t.Errorf("%s: %q %v", c.e.Type, subject, concerns)
		}
	}
}

func TestSignalOf(t *testing.T) {
	at := "2026-03-08T00:00:00Z"
	moment, _ := time.Parse(time.RFC3339, at)
	base := Signal{EventID: "e1", At: noon, TestID: 7, TestName: "MFA", ConnectionID: 3}
	with := func(change func(*Signal)) Signal {
		s := base
		change(&s)
		return s
	}
	for _, c := range []struct {
		e    event.Event
		want Signal
	}{
		{eventOf(event.TestStatusUpdated, `{"from":"PASSED","to":"ERROR","reason":"STALE"}`), with(func(s *Signal) { s.From, s.To, s.Reason = "PASSED", "ERROR", "STALE" })},
		{eventOf(event.ConnectionStale, `{"resourceId":9,"resourceName":"Users","freshAt":"`+at+`","freshnessHours":24}`), with(func(s *Signal) {
			s.From, s.To, s.ResourceID, s.ResourceName, s.FreshAt, s.FreshnessHours = fresh, stale, 9, "Users", moment, 24
		})},
		{eventOf(event.ExclusionExpiring, `{"exclusionId":4,"targetId":55,"reason":"moving","expiresAt":"`+at+`"}`), with(func(s *Signal) {
			s.Topic, s.ExclusionID, s.Excluded, s.Reason, s.ExpiresAt = ExclusionExpiring, 4, "55", "moving", moment
		})},
		{eventOf(event.ExclusionExpired, `{"exclusionId":4,"targetId":null,"selector":"`+"`n` is 1"+`","reason":"moving"}`), with(func(s *Signal) {
			s.Topic, s.ExclusionID, s.Excluded, s.Reason = ExclusionExpired, 4, "`n` is 1", "moving"
		})},
		// A property of another form loses nothing else.
		{eventOf(event.ConnectionFresh, `{"resourceId":9,"resourceName":17,"freshAt":"soon","expiresAt":""}`), with(func(s *Signal) {
			s.From, s.To, s.ResourceID = stale, fresh, 9
		})},
		{eventOf(event.TestDrift, `not JSON`), with(func(s *Signal) { s.Topic = Drift })},
	} {
		if got := SignalOf(c.e); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %s:\n got %+v\nwant %+v", c.e.Type, c.e.Metadata, got, c.want)
		}
	}
}

func TestTopics(t *testing.T) {
	want := map[string]Topic{
		"PASSED FAILED": TestFailed, "READY FAILED": TestFailed, "ERROR FAILED": TestFailed, "PASSED ERROR": TestError, "FAILED ERROR": TestError,
		"READY ERROR": TestError, "FAILED PASSED": TestRecovered, "ERROR PASSED": TestRecovered,
	}
	states := []string{"READY", "PASSED", "FAILED", "ERROR"}
	for _, from := range states {
		for _, to := range states {
			if got := topic(from, to); got != want[from+" "+to] {
				t.Errorf("%s to %s: %q", from, to, got)
			}
		}
	}
	if topic(well, unwell) != ConnectionUnhealthy || topic(unwell, well) != ConnectionRecovered || topic(unwell, unwell) != "" {
		t.Error("the topics of health")
	}
	if topic(fresh, stale) != ConnectionStale || topic(stale, fresh) != ConnectionFresh || topic(stale, stale) != "" {
		t.Error("the data of a resource")
	}
}

// Whatever happens in between, the collapsed change leads from the state before
// to the state after, and is of the last event.
func TestCollapse(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	states := []string{"READY", "PASSED", "FAILED", "ERROR"}
	for range 2000 {
		at := states[r.IntN(len(states))]
		first := at
		var list []Signal
		for i := range 1 + r.IntN(6) {
			to := states[r.IntN(len(states))]
			list = append(list, Signal{EventID: fmt.Sprint(i), From: at, To: to})
			at = to
		}
		got, ok := Collapse(list)
		if want := topic(first, at); ok != (want != "") || ok && (got.Topic != want || got.From != first || got.To != at || got.EventID != fmt.Sprint(len(list)-1)) {
			t.Fatalf("seed %d: %v gives %+v, %v", seed, list, got, ok)
		}
	}
	if _, ok := Collapse(nil); ok {
		t.Error("nothing collapses to something")
	}
}

func FuzzSignalOf(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"from":"PASSED","to":"FAILED"}`, `{"resourceId":1e99,"freshAt":5,"targetId":{"a":[]}}`, `{"resourceName":"\u0000\n<b>"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, metadata string) {
		for _, ty := range []event.Type{event.TestStatusUpdated, event.ConnectionStale, event.ConnectionFresh, event.ConnectionFailed, event.ConnectionRecovered, event.ExclusionExpiring, event.ExclusionExpired, event.TestDrift} {
			e := eventOf(ty, metadata)
			Subject(e)
			s := SignalOf(e)
			if s.Topic == "" {
				s.Topic = TestFailed
			}
			m := Notice{Signals: []Signal{s}, Rule: metadata}.Message("https://x")
			if strings.ContainsFunc(m.Subject, control) {
				t.Errorf("the subject has several lines: %q", m.Subject)
			}
		}
	})
}
