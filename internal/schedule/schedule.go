// Package schedule reads cron expressions, in UTC: the one place that knows the
// library that does.
package schedule

import (
	"strings"
	"time"

	"github.com/adhocore/gronx"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// maxLength is the longest expression in bytes.
const maxLength = 120

// Schedule is a cron expression of five fields (minute, hour, day of month,
// month, weekday) or one of @hourly, @daily, @weekly, @monthly, @yearly. The
// zero value has no next moment.
type Schedule struct{ expression string }

// Parse reads an expression; one that is wrong, or never comes, is a
// CodeValidation.
func Parse(text string) (Schedule, error) {
	text = strings.Join(strings.Fields(text), " ")
	refused := func(why string) (Schedule, error) {
		return Schedule{}, fault.New(fault.CodeValidation, "`schedule` %s: write a cron expression of five fields in UTC, such as \"0 3 * * *\" for every day at three, or @hourly, @daily, @weekly, @monthly", why)
	}
	switch {
	case len(text) > maxLength:
		return refused("is too long")
	case !strings.HasPrefix(text, "@") && strings.Count(text, " ") != 4:
		return refused("must have five fields")
	case !gronx.IsValid(text):
		return refused("is no cron expression")
	}
	s := Schedule{text}
	if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return refused("names a moment that never comes")
	}
	return s, nil
}

// String is the expression.
func (s Schedule) String() string { return s.expression }

// Next is the first moment after t at which the schedule is due, zero without
// one.
func (s Schedule) Next(t time.Time) time.Time {
	if s.expression == "" {
		return time.Time{}
	}
	next, err := gronx.NextTickAfter(s.expression, t.UTC(), false)
	if err != nil {
		return time.Time{}
	}
	return next
}
