package collection

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// The codes of failures besides those of the collectors and of the record path.
const (
	codeInterrupted = "INTERRUPTED"
	codeSecrets     = "SECRETS"
	codeRecipe      = "RECIPE"
	codeInputs      = "INPUTS"
	codeInternal    = "INTERNAL"
	codeSessionOpen = "SESSION_OPEN"
)

// passing are the codes of failures that may be over in a while. All others wait
// for the schedule, or for somebody to change something: a password that is
// refused again and again gets locked.
var passing = []string{"DNS", "CONNECTION_REFUSED", "TIMEOUT", "RATE_LIMITED", "SERVER_ERROR", codeInternal, codeInterrupted, codeSessionOpen, syncrun.CodeSuperseded}

const (
	// firstPause is how long after a failure that may pass it is tried again; it
	// doubles with each, up to the next run by the schedule.
	firstPause = 5 * time.Minute
	// maxPause bounds what another side may ask for.
	maxPause = 24 * time.Hour
)

// failure is why a run did not complete.
type failure struct {
	code    string
	message string
	// at is the step that failed if nobody has told it yet.
	at syncrun.Name
	// after is how long to wait at least, if the other side said so.
	after time.Duration
	cause error
	// stopped: the process ends.
	stopped bool
}

func (f *failure) Error() string { return f.message }
func (f *failure) Unwrap() error { return f.cause }

func (f *failure) status() Status {
	if f.code == syncrun.CodeCanceled {
		return Canceled
	}
	return Failed
}

// next says when a collection runs again after a failure; zero leaves it to the
// schedule.
func (f *failure) next(c *Collection, was Claim, now time.Time) {
	c.NextAt = time.Time{}
	if f.stopped {
		// A wish for a run stands.
		if c.Enabled {
			c.NextAt = now
		}
		return
	}
	c.Asked = Asked{}
	switch {
	case !c.Enabled:
		c.Failures = 0
	case was.Revision != c.Revision:
		// What failed has been changed since.
		c.NextAt, c.Failures = now, 0
	case slices.Contains(passing, f.code):
		c.Failures++
		pause := maxPause
		if c.Failures < 10 {
			pause = min(maxPause, firstPause<<(c.Failures-1))
		}
		c.NextAt = now.Add(pause)
		if scheduled := c.following(now); scheduled.Before(c.NextAt) {
			c.NextAt = scheduled
		}
		if polite := now.Add(min(f.after, maxPause)); c.NextAt.Before(polite) {
			c.NextAt = polite
		}
	default:
		c.Failures = 0
	}
}

// why makes a failure of what ended a run, nil of none.
func (a *attempt) why(err error) *failure {
	if err == nil {
		return nil
	}
	switch cause := context.Cause(a.ctx); {
	case errors.Is(cause, errStopped):
		return &failure{code: syncrun.CodeCanceled, message: errStopped.Error(), stopped: true}
	case errors.Is(cause, errCanceled):
		return &failure{code: syncrun.CodeCanceled, message: errCanceled.Error()}
	}
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	switch code := fault.CodeOf(err); code {
	case fault.CodeSessionOpen:
		return &failure{at: syncrun.Stage, code: codeSessionOpen, message: sentence(err)}
	case fault.CodeMaxDeletePercent:
		return &failure{code: syncrun.CodeGuard, message: sentence(err)}
	case fault.CodeSessionSuperseded:
		return &failure{code: syncrun.CodeSuperseded, message: sentence(err)}
	case fault.CodeSessionAction, fault.CodeSessionClosed:
		return &failure{code: syncrun.CodeCanceled, message: "Its session was ended by somebody else."}
	case fault.CodeInternal:
	default:
		return &failure{at: syncrun.Stage, code: code.Name(), message: sentence(err)}
	}
	var step *collect.StepError
	if errors.As(err, &step) {
		out := &failure{code: step.Code, message: advised(step)}
		if s, err := strconv.ParseInt(step.Facts["retryAfter"], 10, 64); err == nil && s > 0 {
			out.after = time.Duration(min(s, int64(maxPause/time.Second))) * time.Second
		}
		return out
	}
	a.log.Error("collect", "resource", a.c.ResourceID, "error", err)
	return &failure{at: syncrun.Complete, code: codeInternal, message: "The server failed in the midst of it; its log has the reason."}
}

// advice says which setting of the server is in the way, by the code of a
// failure.
var advice = map[string]string{
	"ADDRESS_NOT_ALLOWED": "The server's setting notify-networks (PLUMBLINE_NOTIFY_NETWORKS) says which networks may be reached.",
	"LOCAL_NOT_ALLOWED":   "The server's setting collect-local (PLUMBLINE_COLLECT_LOCAL) allows it.",
}

func advised(e *collect.StepError) string {
	if more, ok := advice[e.Code]; ok {
		return e.Message + " " + more
	}
	return e.Message
}

// sentence is the text of an error for people.
func sentence(err error) string {
	text := err.Error()
	var f *fault.Error
	if errors.As(err, &f) {
		// Its cause is for the log.
		text = f.Message
	}
	text = strings.TrimRight(text, ". ")
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:] + "."
}

// lower puts a sentence into another one.
func lower(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + strings.TrimRight(text[size:], ".")
}
