package notify

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestParseSchedule(t *testing.T) {
	for _, c := range []struct {
		every, weekday, at, zone string
		bad                      string
	}{
		{"DAY", "", "08:00", "", ""}, {"WEEK", "MONDAY", "23:59", "Europe/Berlin", ""}, {"DAY", "", "00:00", "America/New_York", ""},
		{"", "", "08:00", "", "every"}, {"day", "", "08:00", "", "every"}, {"DAY", "MONDAY", "08:00", "", "weekday"}, {"WEEK", "", "08:00", "", "weekday"},
		{"WEEK", "Monday", "08:00", "", "weekday"}, {"DAY", "", "8:00", "", "time"}, {"DAY", "", "24:00", "", "time"}, {"DAY", "", "08:60", "", "time"},
		{"DAY", "", "", "", "time"}, {"DAY", "", "08:00", "Mars/Olympus", "timeZone"}, {"DAY", "", "08:00", "Local", "timeZone"},
		{"DAY", "", "08:00", "../../etc/passwd", "timeZone"},
	} {
		s, err := ParseSchedule(c.every, c.weekday, c.at, c.zone)
		switch {
		case c.bad == "" && (err != nil || s.Time() != c.at):
			t.Errorf("%v: %v %v", c, s, err)
		case c.bad != "" && (err == nil || !strings.Contains(err.Error(), "/digestAt/"+c.bad)):
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestNextDigest(t *testing.T) {
	parse := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		every, weekday, at, zone string
		after, want              string
	}{
		{"DAY", "", "08:00", "UTC", "2026-03-01T07:59:59Z", "2026-03-01T08:00:00Z"},
		{"DAY", "", "08:00", "UTC", "2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z"},
		{"DAY", "", "08:00", "Europe/Berlin", "2026-03-28T08:00:00Z", "2026-03-29T06:00:00Z"}, // summer time begins on the 29th
		{"DAY", "", "01:00", "Pacific/Auckland", "2026-03-01T11:59:00Z", "2026-03-01T12:00:00Z"},
		{"WEEK", "MONDAY", "09:30", "UTC", "2026-03-01T00:00:00Z", "2026-03-02T09:30:00Z"}, // 1 March 2026 is a Sunday
		{"WEEK", "SUNDAY", "09:30", "UTC", "2026-03-01T10:00:00Z", "2026-03-08T09:30:00Z"},
		{"WEEK", "MONDAY", "00:30", "Pacific/Auckland", "2026-03-01T10:00:00Z", "2026-03-01T11:30:00Z"},
		{"DAY", "", "23:59", "UTC", "2026-12-31T23:59:00Z", "2027-01-01T23:59:00Z"},
	} {
		s, err := ParseSchedule(c.every, c.weekday, c.at, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Next(parse(c.after)); !got.Equal(parse(c.want)) {
			t.Errorf("%+v after %s: %v, want %s", s, c.after, got, c.want)
		}
	}
}

// Over two years there is one digest on every local day, at its time but for
// the days on which the clocks change.
func TestOneDigestADay(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 2))
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"} {
		for range 4 {
			s := Schedule{Every: Day, Hour: r.IntN(24), Minute: r.IntN(60), Zone: zone}
			l := s.location()
			at := s.Next(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
			moved := 0
			for range 730 {
				next := s.Next(at)
				day, nextDay := at.In(l), next.In(l)
				want := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, time.UTC)
				if nextDay.Format(time.DateOnly) != want.Format(time.DateOnly) {
					t.Fatalf("seed %d: %+v: after %v comes %v", seed, s, day, nextDay)
				}
				if nextDay.Format("15:04") != s.Time() {
					moved++
				}
				at = next
			}
			if moved > 2 {
				t.Errorf("seed %d: %+v: %d days at another time", seed, s, moved)
			}
		}
	}
}
