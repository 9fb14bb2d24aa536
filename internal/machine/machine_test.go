package machine

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs a shell")
	}
	out, err := Run(t.Context(), DefaultLimits(), "/bin/sh", "-c", "echo $LC_ALL; echo noise >&2")
	if err != nil || string(out) != "C\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if _, err = Run(t.Context(), DefaultLimits(), "/bin/sh", "-c", "echo first line. >&2; echo second >&2; exit 3"); err == nil || err.Error() != "first line" {
		t.Errorf("got %v", err)
	}
	if _, err = Run(t.Context(), DefaultLimits(), "/nonexistent/program"); err == nil {
		t.Error("an absent program ran")
	}
	both := DefaultLimits()
	both.Both = true
	if out, err := Run(t.Context(), both, "/bin/sh", "-c", "echo heard >&2"); err != nil || string(out) != "heard\n" {
		t.Errorf("got %q, %v", out, err)
	}
	short := DefaultLimits()
	short.Time, short.Output = 50*time.Millisecond, 3
	if _, err := Run(t.Context(), short, "/bin/sh", "-c", "exec sleep 60"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a program that hangs: %v", err)
	}
	short.Time = time.Minute
	if _, err := Run(t.Context(), short, "/bin/sh", "-c", "echo four"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a program that talks too much: %v", err)
	}
	c := capped{limit: 3}
	for _, part := range []string{"ab", "cd", "ef"} {
		if n, err := c.Write([]byte(part)); n != 2 || err != nil {
			t.Fatalf("wrote %d, %v", n, err)
		}
	}
	if c.kept.String() != "abc" || !c.over {
		t.Errorf("kept %q, over %v", c.kept.String(), c.over)
	}
}

func TestEachLine(t *testing.T) {
	long := strings.Repeat("x", MaxLine+1)
	for _, c := range []struct {
		name, in string
		limit    int64
		want     []string
		err      error
	}{
		{"plain", "a\nb\r\nc", 100, []string{"a", "b", "c"}, nil},
		{"empty", "", 100, nil, nil},
		{"blank lines", "\n\na\n", 100, []string{"", "", "a"}, nil},
		{"at the limit", "ab\ncd", 5, []string{"ab", "cd"}, nil},
		{"above the limit", "ab\ncde", 5, []string{"ab"}, ErrTooLarge},
		{"a long line in between", "a\n" + long + "\nb\n", 4 << 20, []string{"a", "b"}, nil},
		{"a long line at the end", "a\n" + long, 4 << 20, []string{"a"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := EachLine(t.Context(), strings.NewReader(c.in), c.limit, func(line string) { got = append(got, line) })
			if !errors.Is(err, c.err) || !slices.Equal(got, c.want) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := EachLine(ctx, strings.NewReader(strings.Repeat("x\n", 10000)), 1<<20, func(string) { n++; cancel() })
	if !errors.Is(err, context.Canceled) || n >= 10000 {
		t.Errorf("read %d lines of a cancelled file, %v", n, err)
	}
}
