package notify

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones must be the same wherever the program runs

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Every says how often a digest goes out.
type Every string

// The intervals of a digest.
const (
	Day  Every = "DAY"
	Week Every = "WEEK"
)

// Schedule says when a digest goes out: daily or weekly at a time of a zone.
type Schedule struct {
	Every Every `json:"every"`
	// Weekday counts with Week only.
	Weekday time.Weekday `json:"weekday"`
	// Hour and Minute are local time.
	Hour   int `json:"hour"`
	Minute int `json:"minute"`
	// Zone is a name of the IANA time zone database, such as Europe/Berlin.
	Zone string `json:"zone"`
}

// Weekdays are the names of the days on the wire, from Sunday on.
var Weekdays = []string{"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"}

// ParseSchedule reads a schedule from its words: the time as HH:MM, the weekday
// by its name. An empty zone is UTC.
func ParseSchedule(every, weekday, at, zone string) (Schedule, error) {
	s := Schedule{Every: Every(every), Zone: zone}
	switch s.Every {
	case Day:
		if weekday != "" {
			return s, fault.New(fault.CodeValidation, "`weekday` (/digestAt/weekday) goes with `every` WEEK only")
		}
	case Week:
		found := false
		for i, name := range Weekdays {
			if name == weekday {
				s.Weekday, found = time.Weekday(i), true
			}
		}
		if !found {
			return s, fault.New(fault.CodeValidation, "`weekday` (/digestAt/weekday) is %q; it must be one of %s", fault.Short(weekday, 40), strings.Join(Weekdays, ", "))
		}
	default:
		return s, fault.New(fault.CodeValidation, "`every` (/digestAt/every) is %q; it must be DAY or WEEK", fault.Short(every, 40))
	}
	clock, err := time.Parse("15:04", at)
	if err != nil || len(at) != len("15:04") {
		return s, fault.New(fault.CodeValidation, "`time` (/digestAt/time) is %q; it must be a time of day such as 08:00", fault.Short(at, 40))
	}
	s.Hour, s.Minute = clock.Hour(), clock.Minute()
	if s.Zone == "" {
		s.Zone = "UTC"
	}
	if _, err := loadZone(s.Zone); err != nil {
		return s, fault.New(fault.CodeValidation, "`timeZone` (/digestAt/timeZone) is %q; it must be a name such as UTC or Europe/Berlin", fault.Short(zone, 80))
	}
	return s, nil
}

// loadZone refuses what would depend on the machine.
func loadZone(name string) (*time.Location, error) {
	if strings.EqualFold(name, "local") {
		return nil, fmt.Errorf("the zone of the machine is no zone")
	}
	return time.LoadLocation(name)
}

func (s Schedule) location() *time.Location {
	if l, err := loadZone(s.Zone); err == nil {
		return l
	}
	return time.UTC
}

// Next is the first moment after another at which a digest goes out. There is
// one on each local day (of the weekday): a time that the clocks skip is moved
// by as much as they are, one that comes twice counts once.
func (s Schedule) Next(after time.Time) time.Time {
	zone := s.location()
	local := after.In(zone)
	// The day before and some after, since the moment of a day may be moved.
	for i := -1; ; i++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+i, s.Hour, s.Minute, 0, 0, zone)
		day := time.Date(local.Year(), local.Month(), local.Day()+i, 12, 0, 0, 0, time.UTC)
		if at.After(after) && (s.Every != Week || day.Weekday() == s.Weekday) {
			return at.UTC()
		}
	}
}

// Time is the time of day as HH:MM.
func (s Schedule) Time() string { return fmt.Sprintf("%02d:%02d", s.Hour, s.Minute) }
