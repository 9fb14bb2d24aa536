// Package await has the waits of tests. Each has an end: what was waited for, or
// a failure that says what did not come. A wait without one hangs until the
// whole package is given up, and then nobody knows why.
package await

import (
	"context"
	"testing"
	"time"
)

// Patience is how long a test waits for what comes at once: far more than
// anything takes on a machine that is busy with other things.
const Patience = time.Minute

// Receive takes the next value of a channel, or sees it closed; what names it.
// Like all of this package it belongs into the goroutine of the test.
func Receive[T any](tb testing.TB, what string, from <-chan T) T {
	tb.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	select {
	case v := <-from:
		return v
	case <-late.C:
		tb.Fatalf("%s: still waited for after %s", what, Patience)
		panic("not reached")
	}
}

// Send gives a value to whoever takes it from a channel.
func Send[T any](tb testing.TB, what string, to chan<- T, v T) {
	tb.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	select {
	case to <- v:
	case <-late.C:
		tb.Fatalf("%s: nobody took it within %s", what, Patience)
	}
}

// Until asks again and again until ok says yes.
func Until(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for late := time.Now().Add(Patience); !ok(); <-again.C {
		if time.Now().After(late) {
			tb.Fatalf("%s: still not so after %s", what, Patience)
		}
	}
}

// Context is that of a test, but ends while the test still can say so. It is for
// work that takes longer than a moment.
func Context(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 5*Patience)
	tb.Cleanup(cancel)
	return ctx
}
