package httpapi

import (
	"context"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// maxWait is how long a request may wait for verdicts.
const maxWait = 30

// wait is a caller's wish to learn the verdicts of what he changed.
type wait struct {
	asked bool
	limit time.Duration
}

// waits reads `wait` and `waitSeconds`.
func (c *call) waits() (wait, error) {
	word := c.query("wait")
	if word == "" {
		return wait{}, nil
	}
	if word != "verdict" {
		return wait{}, fault.New(fault.CodeValidation, "`wait` is %q; it can only be verdict", cutText(word, 80))
	}
	seconds, err := c.within("waitSeconds", 1, maxWait, maxWait)
	return wait{true, time.Duration(seconds) * time.Second}, err
}

// resource waits until the verdicts of a resource cover its changes up to seq
// and puts their number into the headers of the answer.
func (w wait) resource(c *call, ans answer, resourceID, seq int64) (answer, error) {
	return w.until(c, ans, func(ctx context.Context) (check.Waited, error) {
		return c.api.Waiter.Wait(ctx, resourceID, seq)
	})
}

func (w wait) until(c *call, ans answer, look func(context.Context) (check.Waited, error)) (answer, error) {
	if !w.asked {
		return ans, nil
	}
	ctx, cancel := context.WithTimeout(c.ctx(), w.limit)
	defer cancel()
	waited, err := look(ctx)
	if err != nil {
		return answer{}, err
	}
	ans.set("X-Tests-Failing", strconv.Itoa(waited.Failing))
	ans.set("X-Tests-Error", strconv.Itoa(waited.Errors))
	if waited.Pending {
		ans.set("X-Verdicts", "pending")
	}
	return ans, nil
}
