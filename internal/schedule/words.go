package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

var (
	monthNames = []string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames   = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	tags       = map[string]string{"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *"}
)

// Words say when the schedule is due, such as "every Monday at 03:00 UTC". A form
// that has no plain words is told as its expression.
func (s Schedule) Words() string {
	expression := s.expression
	if tag, ok := tags[strings.ToLower(expression)]; ok {
		expression = tag
	}
	f := strings.Fields(expression)
	if len(f) != 5 {
		return "by " + s.expression
	}
	when, timed := clock(f[0], f[1])
	days, known := dates(f[2], f[3], f[4])
	switch {
	case when == "" || !known:
		return "by " + s.expression + ", in UTC"
	case timed && days == "":
		return "every day " + when + " UTC"
	case timed:
		return days + " " + when + " UTC"
	case days == "":
		return when
	}
	return when + ", " + days
}

// clock says minute and hour: at a time, or else how often.
func clock(minute, hour string) (words string, timed bool) {
	m, exact := whole(minute, 0, 59)
	switch {
	case exact && hour == "*" && m == 0:
		return "every hour", false
	case exact && hour == "*":
		return fmt.Sprintf("every hour, at minute %d", m), false
	case exact:
		if step, ok := step(hour, 23); ok && m == 0 {
			return "every " + plural(step, "hour"), false
		}
		hours, ok := numbersOf(hour, 0, 23)
		if !ok {
			return "", false
		}
		times := make([]string, len(hours))
		for i, h := range hours {
			times[i] = fmt.Sprintf("%02d:%02d", h, m)
		}
		return "at " + listed(times), true
	case hour != "*":
		return "", false
	case minute == "*":
		return "every minute", false
	}
	if step, ok := step(minute, 59); ok {
		return "every " + plural(step, "minute"), false
	}
	return "", false
}

// dates says on which days; the empty text is every day.
func dates(day, month, weekday string) (words string, known bool) {
	of := ""
	if month != "*" {
		months, ok := names(month, 1, 12, monthNames)
		if !ok {
			return "", false
		}
		of = " of " + months
	}
	switch {
	case day == "*" && weekday == "*":
		if of != "" {
			return "every day" + of, true
		}
		return "", true
	case weekday == "*":
		days, ok := numbersOf(day, 1, 31)
		if !ok {
			return "", false
		}
		texts := make([]string, len(days))
		for i, d := range days {
			texts[i] = strconv.Itoa(d)
		}
		if of == "" {
			of = " of every month"
		}
		return "on day " + listed(texts) + of, true
	case day == "*" && of == "":
		if weekday == "1-5" {
			return "every day from Monday to Friday", true
		}
		days, ok := names(weekday, 0, 7, dayNames)
		return "every " + days, ok
	}
	return "", false
}

// step reads "*/n", n within 1 to high.
func step(field string, high int) (int, bool) {
	text, ok := strings.CutPrefix(field, "*/")
	if !ok {
		return 0, false
	}
	return whole(text, 1, high)
}

func whole(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= low && n <= high
}

// numbersOf reads a list of numbers without ranges.
func numbersOf(field string, low, high int) ([]int, bool) {
	var out []int
	for part := range strings.SplitSeq(field, ",") {
		n, ok := whole(part, low, high)
		if !ok {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// names says a list of numbers, or of the beginnings of names, by their names.
func names(field string, low, high int, all []string) (string, bool) {
	var out []string
	for part := range strings.SplitSeq(field, ",") {
		n, ok := whole(part, low, high)
		for i := low; !ok && i <= high; i++ {
			if strings.EqualFold(part, all[i][:3]) {
				n, ok = i, true
			}
		}
		if !ok {
			return "", false
		}
		out = append(out, all[n])
	}
	return listed(out), true
}

func listed(texts []string) string {
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " and " + texts[n-1]
	}
	return texts[0]
}

func plural(n int, unit string) string {
	if n == 1 {
		return unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
