package command

import (
	"strconv"
	"strings"
	"time"
)

// Expiry is the moment that the text of --expires means; zero for never.
func Expiry(text string, now time.Time) (time.Time, error) {
	var at time.Time
	if text == "never" {
		return at, nil
	}
	days, isDays := strings.CutSuffix(text, "d")
	n, err := strconv.ParseUint(days, 10, 16)
	switch {
	case isDays && err == nil:
		at = now.AddDate(0, 0, int(n))
	default:
		d, derr := time.ParseDuration(text)
		if derr == nil {
			at = now.Add(d)
			break
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if at, err = time.Parse(layout, text); err == nil {
				break
			}
		}
		if err != nil {
			return at, Usagef("--expires is %q: it must be a time from now (365d, 12h), a date (2027-01-31) or never", text)
		}
	}
	if !at.After(now) {
		return at, Usagef("--expires %s is not in the future", text)
	}
	return at, nil
}
