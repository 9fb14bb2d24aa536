package notify

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestMatches(t *testing.T) {
	rule := Rule{Enabled: true, Topics: []Topic{TestFailed, ConnectionStale}, Filter: Filter{TestIDs: []int64{1, 2}, ConnectionIDs: []int64{5}}}
	for _, c := range []struct {
		change func(*Rule)
		s      Signal
		want   bool
	}{
		{nil, Signal{Topic: TestFailed, TestID: 1}, true},
		{nil, Signal{Topic: TestFailed, TestID: 3}, false},
		{nil, Signal{Topic: TestRecovered, TestID: 1}, false},
		{nil, Signal{Topic: ConnectionStale, ConnectionID: 5}, true},
		{nil, Signal{Topic: ConnectionStale, ConnectionID: 6}, false},
		{nil, Signal{TestID: 1}, false},
		{func(r *Rule) { r.Enabled = false }, Signal{Topic: TestFailed, TestID: 1}, false},
		{func(r *Rule) { r.Filter = Filter{} }, Signal{Topic: TestFailed, TestID: 3}, true},
	} {
		r := rule
		if c.change != nil {
			c.change(&r)
		}
		if got := r.Matches(c.s); got != c.want {
			t.Errorf("%+v for %+v: %v", r, c.s, got)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestRuleChanges(t *testing.T) {
	morning := Schedule{Every: Day, Hour: 8, Zone: "UTC"}
	base := func() Rule {
		return Rule{Name: "r", Enabled: true, Topics: []Topic{TestFailed}, ChannelIDs: []int64{1}, Mode: Immediate, Filter: Filter{[]int64{}, []int64{}}}
	}
	many := make([]int64, 501)
	for i := range many {
		many[i] = int64(i)
	}
	for _, c := range []struct {
		change RuleChange
		bad    string
	}{
		{RuleChange{Name: ptr(" ")}, "/name"}, {RuleChange{Name: ptr("a\nb")}, "/name"}, {RuleChange{Name: ptr(strings.Repeat("é", 101))}, "/name"},
		{RuleChange{Topics: &[]Topic{}}, "/events"}, {RuleChange{Topics: &[]Topic{TestFailed, "X"}}, "/events/1"},
		{RuleChange{ChannelIDs: &[]int64{}}, "/channelIds"}, {RuleChange{ChannelIDs: ptr(many[:21])}, "/channelIds"},
		{RuleChange{TestIDs: &many}, "/filter/testIds"}, {RuleChange{Connection: &many}, "/filter/connectionIds"},
		{RuleChange{Mode: ptr(Mode("x"))}, "/mode"}, {RuleChange{Mode: ptr(Digest)}, "/digestAt"},
	} {
		r := base()
		if err := c.change.apply(&r, noon); err == nil || !strings.Contains(err.Error(), "("+c.bad+")") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	r := base()
	if err := (RuleChange{Name: ptr(" new "), Topics: &[]Topic{Drift, TestFailed, Drift}, ChannelIDs: &[]int64{2, 1, 2}}).apply(&r, noon); err != nil ||
		r.Name != "new" || !reflect.DeepEqual(r.Topics, []Topic{TestFailed, Drift}) || !reflect.DeepEqual(r.ChannelIDs, []int64{2, 1}) {
		t.Errorf("%+v %v", r, err)
	}

	// When the next digest goes out, step by step.
	r = base()
	for i, c := range []struct {
		change RuleChange
		want   time.Time
	}{
		{RuleChange{}, time.Time{}},
		{RuleChange{Mode: ptr(Digest), DigestAt: &morning}, noon.Add(20 * time.Hour)},
		{RuleChange{Name: ptr("other")}, noon.Add(20 * time.Hour)},
		{RuleChange{DigestAt: &Schedule{Every: Day, Hour: 14, Zone: "UTC"}}, noon.Add(2 * time.Hour)},
		{RuleChange{Enabled: ptr(false)}, time.Time{}},
		{RuleChange{Enabled: ptr(true)}, noon.Add(2 * time.Hour)},
		{RuleChange{Mode: ptr(Immediate)}, noon},
		{RuleChange{Name: ptr("third")}, noon},
		{RuleChange{Mode: ptr(Digest), DigestAt: &morning}, noon.Add(20 * time.Hour)},
	} {
		if err := c.change.apply(&r, noon); err != nil || !r.NextDigest.Equal(c.want) {
			t.Errorf("step %d: %+v %v", i, r, err)
		}
	}
	if r.DigestAt != morning {
		t.Errorf("digest at %+v", r.DigestAt)
	}
}

func TestChannelChanges(t *testing.T) {
	key := strings.Repeat("k", 24)
	for i, c := range []struct {
		kind   Kind
		change ChannelChange
		bad    string
	}{
		{Mail, ChannelChange{To: &[]string{"ann@example.com", " Bob@Example.COM "}}, ""},
		{Slack, ChannelChange{URL: ptr("https://hooks.example.com/x")}, ""},
		{Teams, ChannelChange{URL: ptr("https://example.com:444/x?a=b&c=d")}, ""},
		{Webhook, ChannelChange{URL: ptr("https://example.com"), SigningKey: &key}, ""},
		{"pager", ChannelChange{}, "/kind"},
		{Mail, ChannelChange{}, "/to"}, {Mail, ChannelChange{To: &[]string{}}, "/to"}, {Mail, ChannelChange{To: &[]string{"a@b.c", "x"}}, "/to/1"},
		{Mail, ChannelChange{To: &[]string{"Ann <ann@example.com>"}}, "/to/0"}, {Mail, ChannelChange{To: &[]string{"a@b.c\r\nBcc: x@y.z"}}, "/to/0"},
		{Mail, ChannelChange{To: ptr(make([]string, 51))}, "/to"}, {Mail, ChannelChange{To: &[]string{"a@b.c"}, URL: ptr("https://x")}, "/url"},
		{Slack, ChannelChange{}, "/url"}, {Slack, ChannelChange{URL: ptr("ftp://x")}, "/url"}, {Slack, ChannelChange{URL: ptr("https://u:p@x/")}, "/url"},
		{Slack, ChannelChange{URL: ptr("https://x/#f")}, "/url"}, {Slack, ChannelChange{URL: ptr("https:///x")}, "/url"},
		{Slack, ChannelChange{URL: ptr("https://x/" + strings.Repeat("a", 2048))}, "/url"}, {Slack, ChannelChange{URL: ptr("https://x/ä")}, "/url"},
		{Slack, ChannelChange{URL: ptr("https://x"), SigningKey: &key}, "/signingKey"}, {Slack, ChannelChange{URL: ptr("https://x"), To: &[]string{"a@b.c"}}, "/to"},
		{Webhook, ChannelChange{URL: ptr("https://x")}, "/signingKey"}, {Webhook, ChannelChange{URL: ptr("https://x"), SigningKey: ptr(key[1:])}, "/signingKey"},
		{Webhook, ChannelChange{URL: ptr("https://x"), SigningKey: ptr(key + "\n")}, "/signingKey"},
	} {
		ch := Channel{Kind: c.kind, Name: "c"}
		var s Secrets
		err := c.change.apply(&ch, &s)
		if (err == nil) != (c.bad == "") || err != nil && !strings.Contains(err.Error(), "("+c.bad+")") {
			t.Errorf("%d: %s %+v: %v", i, c.kind, c.change, err)
		}
		if err != nil && c.change.URL != nil && strings.Contains(err.Error(), *c.change.URL) && len(*c.change.URL) > 10 {
			t.Errorf("the error shows the URL: %v", err)
		}
		if i == 0 && !reflect.DeepEqual(ch.To, []string{"ann@example.com", "Bob@example.com"}) {
			t.Errorf("addresses %v", ch.To)
		}
	}
}

func TestBackoff(t *testing.T) {
	var shortest, longest time.Duration
	for n := 1; n < MaxAttempts; n++ {
		low, high := Backoff(n, 0), Backoff(n, 0.999999)
		want := min(time.Hour, 30*time.Second<<(n-1))
		if low != want/2 || high <= low || high > want {
			t.Errorf("attempt %d: %v to %v, want %v", n, low, high, want)
		}
		shortest, longest = shortest+low, longest+high
	}
	if shortest < time.Hour || longest > 4*time.Hour {
		t.Errorf("all attempts take %v to %v", shortest, longest)
	}
	for _, n := range []int{-5, 0, 70, 1 << 40} {
		if d := Backoff(n, 0.5); d <= 0 || d > time.Hour {
			t.Errorf("attempt %d: %v", n, d)
		}
	}
}

// Each target of a channel is told once, however many rules ask for it.
func TestDispatch(t *testing.T) {
	n := 0
	uid := func() string { n++; return fmt.Sprint("u", n) }
	status := func(id, from, to string) Queued {
		e := eventOf("MONITOR_TEST_STATUS_UPDATED", fmt.Sprintf(`{"from":%q,"to":%q}`, from, to))
		e.ID = id
		n++
		return Queued{int64(n), "test 7", e}
	}
	d := Due{WorkspaceID: 1, Before: noon, Queue: []Queued{status("a", "PASSED", "FAILED"), status("b", "FAILED", "PASSED"), status("c", "PASSED", "FAILED")},
		Channels: map[int64]Channel{1: {ID: 1, Kind: Mail, Name: "m", To: []string{"a@x", "b@x"}}, 2: {ID: 2, Kind: Slack, Name: "s"}},
		Rules: []Rule{
			{ID: 3, Enabled: true, Name: "third", Topics: []Topic{TestFailed}, ChannelIDs: []int64{1, 2, 99}, Mode: Immediate},
			{ID: 2, Enabled: true, Name: "second", Topics: []Topic{TestFailed}, ChannelIDs: []int64{1}, Mode: Immediate},
			{ID: 4, Enabled: true, Name: "digest", Topics: []Topic{TestFailed}, ChannelIDs: []int64{1}, Mode: Digest},
			{ID: 5, Enabled: true, Name: "other", Topics: []Topic{TestRecovered}, ChannelIDs: []int64{2}, Mode: Immediate},
		}}
	n = 0
	p := dispatch(d, time.Minute, noon, uid)
	var got []string
	for _, v := range p.Deliveries {
		got = append(got, fmt.Sprint(v.UID, v.ChannelID, v.Target, v.Key, v.Notice.Rule, v.Subject, v.Status))
	}
	want := []string{"u11a@xevent:csecondTest “MFA” failsPENDING", "u21b@xevent:csecondTest “MFA” failsPENDING", "u32event:cthirdTest “MFA” failsPENDING"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("deliveries %q", got)
	}
	if !reflect.DeepEqual(p.Done, []int64{1, 2, 3}) {
		t.Errorf("done %v", p.Done)
	}
	d.Before = noon.Add(-1)
	if p := dispatch(d, time.Minute, noon, uid); len(p.Done)+len(p.Deliveries)+len(p.Entries) != 0 {
		t.Errorf("before the window is over: %+v", p)
	}
	if len(p.Entries) != 1 || p.Entries[0].RuleID != 4 || p.Entries[0].Signal.EventID != "c" {
		t.Errorf("entries %+v", p.Entries)
	}
}
