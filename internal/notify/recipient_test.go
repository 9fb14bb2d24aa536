package notify

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Each person is told what they may look at, and an owner what is theirs.
func TestTargets(t *testing.T) {
	people := map[int64]Person{
		1: {ID: 1, Address: "all@x.example", Tests: true, Connections: true},
		2: {ID: 2, Address: "tests@x.example", Tests: true},
		3: {ID: 3, Address: "off@x.example", Absence: Disabled, Tests: true, Connections: true},
		4: {ID: 4, Address: "none@x.example"},
	}
	a := Audience{People: people, Owners: map[int64][]int64{7: {2, 3}, 8: {2}}}
	for _, c := range []struct {
		channel Channel
		topic   Topic
		test    int64
		want    []string
	}{
		{Channel{Kind: Slack}, TestFailed, 7, []string{":0"}},
		{Channel{Kind: Mail, To: []string{"ALL@x.example"}, UserIDs: []int64{4, 3, 2, 1}}, TestFailed, 7, []string{"ALL@x.example:0", "tests@x.example:2"}},
		{Channel{Kind: Mail, UserIDs: []int64{1, 2}}, ConnectionStale, 0, []string{"all@x.example:1"}},
		{Channel{Kind: Mail, ControlOwners: true}, TestFailed, 7, []string{"tests@x.example:2"}},
		{Channel{Kind: Mail, ControlOwners: true}, TestFailed, 9, nil},
		{Channel{Kind: Mail, ControlOwners: true}, ConnectionStale, 0, nil},
		{Channel{Kind: Mail, UserIDs: []int64{1}, ControlOwners: true}, Drift, 8, []string{"all@x.example:1", "tests@x.example:2"}},
	} {
		var got []string
		for _, to := range a.targets(c.channel) {
			if to.about(c.topic, c.test) {
				got = append(got, fmt.Sprint(to.address, ":", to.user))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v, %s of test %d: %v, want %v", c.channel, c.topic, c.test, got, c.want)
		}
	}
}

// A digest that is on its way is not sent to somebody who may not look at all of it.
func TestRefusals(t *testing.T) {
	n := Notice{Digest: true, Counts: []Count{{TestFailed, 1}, {ConnectionStale, 1}}, Signals: []Signal{{Topic: TestFailed}}}
	for _, c := range []struct {
		p    Person
		want string
	}{
		{Person{Name: "Ann", Tests: true, Connections: true}, ""},
		{Person{Name: "Ann", Tests: true}, "Ann may not look at this here"},
		{Person{Name: "Ann"}, "Ann may not look at this here"},
		{Person{Name: "Ann", Absence: Gone, Tests: true, Connections: true}, "Ann has no account any more"},
	} {
		if got := c.p.refusal(n); got != c.want {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
}

// A digest is made for each by what is theirs.
func TestDigestOfEach(t *testing.T) {
	c := Collected{Rule: Rule{ID: 1, Mode: Digest, DigestAt: Schedule{Every: Day, Zone: "UTC"}, ChannelIDs: []int64{5}},
		Channels: map[int64]Channel{5: {ID: 5, Kind: Mail, UserIDs: []int64{2}, To: []string{"to@x.example"}}},
		Audience: Audience{People: map[int64]Person{2: {ID: 2, Address: "tests@x.example", Tests: true}}},
		Tallies:  []Tally{{ConnectionStale, 0, 1}, {TestFailed, 7, 2}, {TestFailed, 8, 1}},
		Signals:  []Signal{{Topic: ConnectionStale}, {Topic: TestFailed, TestID: 7}}}
	got, next := collect(c, noon, func() string { return "u" })
	if len(got) != 2 || next != noon.Add(12*time.Hour) {
		t.Fatalf("%+v, next %v", got, next)
	}
	if want := []Count{{TestFailed, 3}, {ConnectionStale, 1}}; !slices.Equal(got[0].Notice.Counts, want) || len(got[0].Notice.Signals) != 2 {
		t.Errorf("for an address: %+v", got[0].Notice)
	}
	if want := []Count{{TestFailed, 3}}; !slices.Equal(got[1].Notice.Counts, want) || len(got[1].Notice.Signals) != 1 || got[1].UserID != 2 {
		t.Errorf("for a person: %+v", got[1].Notice)
	}
}
