package machine

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"
)

// Limits bound a program.
type Limits struct {
	Time   time.Duration
	Output int
	// Env is the whole environment of the program: NAME=value.
	Env []string
	// Both takes what the program says on standard error for its answer, too.
	Both bool
}

// MaxOutput is what [Run] keeps of an answer by default.
const MaxOutput = 64 << 20

// DefaultLimits are a minute and [MaxOutput], with the folders of a Unix system
// in the path.
func DefaultLimits() Limits {
	return Limits{Time: time.Minute, Output: MaxOutput, Env: []string{"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}}
}

// Run runs a program within limits and returns its standard output; what it says
// on standard error becomes the error's text. No shell is involved.
func Run(ctx context.Context, l Limits, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Time)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = l.Env
	cmd.WaitDelay = time.Second
	out, complaint := capped{limit: l.Output}, capped{limit: 4 << 10}
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if l.Both {
		cmd.Stderr = &out
	}
	err := cmd.Run()
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		if first, _, _ := strings.Cut(strings.TrimSpace(complaint.kept.String()), "\n"); first != "" {
			return out.kept.Bytes(), errors.New(strings.ToValidUTF8(strings.TrimRight(first, "\r."), "\uFFFD"))
		}
		return out.kept.Bytes(), err
	case out.over:
		return nil, ErrTooLarge
	}
	return out.kept.Bytes(), nil
}

// capped keeps the first bytes of what is written to it and swallows the rest.
// The buffer is no part of it: its ReadFrom would pass by the limit.
type capped struct {
	kept  bytes.Buffer
	limit int
	over  bool
}

func (c *capped) Write(p []byte) (int, error) {
	if room := c.limit - c.kept.Len(); len(p) > room {
		c.over = true
		c.kept.Write(p[:room])
		return len(p), nil
	}
	return c.kept.Write(p)
}
