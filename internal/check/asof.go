package check

import (
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Reader reads the records of one moment, see [Store.Look]. It serves one
// goroutine.
type Reader interface {
	// Parts divides the records of a resource into about n parts. records is how
	// many live ones there are now.
	Parts(resourceID int64, n int) (parts []Part, records int64, err error)
	// Scan calls each for every record of a part until it returns an error. body
	// is lent.
	Scan(p Part, each func(id int64, body []byte) error) error
	// Sightings reads records of a resource by their ids; absent ones are left out.
	Sightings(resourceID int64, ids []int64) (map[int64]Sighting, error)
	// Until has everything that is read of a resource end with a change, and not
	// with the moment; after is one before which no later change was made. A
	// record that was made by a later change, before the moment, and has changed
	// since is read too.
	Until(resourceID, change int64, after time.Time)
	// IDs reads the ids of all records that have, or ever had, some keys.
	IDs(resourceID int64, keys []string) ([]int64, error)
	// FailingSince reads since when records failed a test at the moment, by their
	// keys; those that did not are left out.
	FailingSince(testID, resourceID int64, keys []string) (map[string]time.Time, error)
}

// Part is some of the records of a resource: those with first <= id < end that
// have not changed since, or those that changed or went away afterwards.
type Part struct {
	ResourceID, First, End int64
	Closed                 bool
}

// Sighting is a record as it was at a moment.
type Sighting struct {
	Key  string
	Body []byte
}

// ParseMoment reads `asOf`: a moment as RFC 3339, or a date, which stands for the
// end of that day in UTC, or for now while the day lasts. The empty text and now
// are the zero time. A moment that is yet to come is a CodeValidation.
func ParseMoment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		day, notADay := time.Parse(time.DateOnly, text)
		if notADay != nil {
			return time.Time{}, fault.New(fault.CodeValidation, "`asOf` (/asOf) is %q; it must be a date such as 2026-01-31 or a time such as 2026-01-31T10:00:00Z", clipped(text))
		}
		at = day.AddDate(0, 0, 1).Add(-time.Microsecond)
		if !day.After(now) && at.After(now) {
			return time.Time{}, nil
		}
	}
	if at.After(now) {
		return time.Time{}, fault.New(fault.CodeValidation, "`asOf` (/asOf) is %q, which is yet to come", clipped(text))
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

func clipped(text string) string {
	const most = 80
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// existed refuses a moment at which a resource was not there yet.
func existed(r connection.Resource, at time.Time) error {
	if at.IsZero() || !at.Before(r.CreatedAt.Truncate(time.Microsecond)) {
		return nil
	}
	return fault.New(fault.CodeValidation, "`asOf` (/asOf) is before the resource “%s” was made, at %s", r.Name, r.CreatedAt.UTC().Format(time.RFC3339))
}
