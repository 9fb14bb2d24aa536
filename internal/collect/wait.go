package collect

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pauseFor says whether and when to ask again after an answer.
type pauseFor struct {
	// again is whether to ask again at all.
	again bool
	// told is whether the answer says how long to wait: time.
	told bool
	time time.Duration
	// limited is whether the answer means that there were too many requests.
	limited bool
}

// waitFor reads from an answer when to ask again: Retry-After (RFC 9110, section
// 10.2.3), else the headers of the limit where it is used up.
func (h *httpRun) waitFor(got *reply) pauseFor {
	now := h.clock()
	wait, told := retryAfter(got.header.Get("Retry-After"), now)
	spent := got.header.Get("X-RateLimit-Remaining") == "0" || got.header.Get("X-Rate-Limit-Remaining") == "0"
	if !told && (spent || got.status == http.StatusTooManyRequests) {
		wait, told = reset(either(got.header.Get("X-RateLimit-Reset"), got.header.Get("X-Rate-Limit-Reset")), now)
	}
	switch {
	case got.status == http.StatusTooManyRequests, got.status == http.StatusForbidden && (spent || told):
		return pauseFor{again: true, told: told, time: wait, limited: true}
	case got.status == http.StatusServiceUnavailable:
		return pauseFor{again: true, told: told, time: wait}
	case got.status == http.StatusBadGateway, got.status == http.StatusGatewayTimeout:
		return pauseFor{again: true}
	}
	return pauseFor{}
}

// retryAfter reads the seconds or the date of the header.
func retryAfter(text string, now time.Time) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}

// reset reads when a limit begins anew, in seconds since 1970.
func reset(text string, now time.Time) (time.Duration, bool) {
	seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || seconds < 1_000_000_000 {
		return 0, false
	}
	// The second that is named is over only at its end.
	return max(time.Unix(seconds+1, 0).Sub(now), 0), true
}
