package await

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// heard is a test that notes how it failed.
type heard struct {
	testing.TB
	said string
}

func (h *heard) Helper() {}

func (h *heard) Fatalf(format string, args ...any) {
	h.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure is what a wait says that fails, "" of one that does not.
func failure(t *testing.T, wait func(tb testing.TB)) (said string, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h, began, ended := &heard{TB: t}, time.Now(), make(chan struct{})
		go func() {
			defer close(ended)
			wait(h)
		}()
		<-ended
		said, took = h.said, time.Since(began)
	})
	return said, took
}

func TestWhatComes(t *testing.T) {
	said, took := failure(t, func(tb testing.TB) {
		values := make(chan int)
		go func() {
			time.Sleep(59 * time.Second)
			values <- 7
			<-values
		}()
		if got := Receive(tb, "the number", values); got != 7 {
			t.Errorf("got %d", got)
		}
		Send(tb, "the number", values, 8)
		asked := 0
		Until(tb, "the third time", func() bool { asked++; return asked == 3 })
	})
	if said != "" || took != 59*time.Second+2*time.Millisecond {
		t.Errorf("after %s: %q", took, said)
	}
}

func TestWhatDoesNotCome(t *testing.T) {
	for name, wait := range map[string]func(tb testing.TB){
		"Receive": func(tb testing.TB) { Receive(tb, "the end", make(chan int)) },
		"Send":    func(tb testing.TB) { Send(tb, "the end", make(chan int), 1) },
		"Until":   func(tb testing.TB) { Until(tb, "the end", func() bool { return false }) },
	} {
		if said, took := failure(t, wait); !strings.HasPrefix(said, "the end: ") || took > Patience+time.Second {
			t.Errorf("%s after %s: %q", name, took, said)
		}
	}
}

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if <-Context(t).Done(); time.Since(began) != 5*Patience {
			t.Errorf("it ended after %s", time.Since(began))
		}
	})
}
