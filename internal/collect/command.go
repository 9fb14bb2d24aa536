package collect

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
)

// program is one run of a program.
type program struct {
	args    []string
	env     []string
	format  string
	items   *jq.Code
	timeout time.Duration
}

func (e *engine) collectCommand(ctx context.Context) error {
	c := e.recipe.command
	p := program{format: c.format, items: c.items, timeout: c.timeout}
	for _, a := range c.run {
		p.args = append(p.args, a.fill(e.values))
	}
	for _, v := range c.env {
		p.env = append(p.env, v.name+"="+v.value.fill(e.values))
	}
	return e.start(ctx, p)
}

// start runs a program, without a shell, and reads what it prints.
func (e *engine) start(ctx context.Context, p program) error {
	if !e.run.Local {
		return notLocal("the programs")
	}
	e.begin(StepFetch)
	name := p.args[0]
	path, err := exec.LookPath(name)
	if err != nil {
		return failed(StepFetch, CodeCommandNotFound, []string{"program", name}, "There is no program %s on this machine.", name)
	}
	limited, cancel := context.WithTimeout(ctx, min(p.timeout, e.limits.Time))
	defer cancel()
	cmd := exec.CommandContext(limited, path, p.args[1:]...)
	cmd.Args[0] = name
	cmd.Env = append(surroundings(), p.env...)
	cmd.WaitDelay = 2 * time.Second
	ownGroup(cmd)
	said := &tail{most: 8 << 10}
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return failed(StepFetch, CodeCommandFailed, []string{"program", name, "reason", err.Error()}, "The program %s cannot be started.", name)
	}
	e.count(StepFetch, CountRequests, 1)
	rerr := e.rows(limited, out, p.format, p.items, "The output of "+name)
	if rerr != nil && !broken(rerr) {
		cancel()
	}
	// What is left unread would keep the program from its end.
	_, _ = io.Copy(io.Discard, io.LimitReader(out, e.limits.ReplyBytes))
	if rerr != nil {
		_ = out.Close()
	}
	werr := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil && (rerr == nil || broken(rerr) || errors.Is(rerr, context.DeadlineExceeded)):
		return failed(StepFetch, CodeTimeout, []string{"program", name, "after", p.timeout.String()}, "The program %s did not come to its end within %s.", name, p.timeout)
	case errors.As(werr, &exit) && (rerr == nil || broken(rerr)):
		code := strconv.Itoa(exit.ExitCode())
		return failed(StepFetch, CodeCommandFailed, []string{"program", name, "exit", code, "snippet", e.redact.snippet(said.String())}, "The program %s failed with exit code %s.", name, code)
	case rerr != nil:
		return rerr
	case werr != nil:
		return failed(StepFetch, CodeCommandFailed, []string{"program", name, "reason", werr.Error()}, "The program %s did not come to a proper end.", name)
	}
	return nil
}

// broken reports whether an output ended before it was whole, or was none: then
// the program may have a better reason.
func broken(err error) bool {
	var f *StepError
	return errors.As(err, &f) && (f.Code == CodeBadJSON || f.Code == CodeNotJSON)
}

// surroundings are the variables that programs get: those of this process but
// for our own, which hold secrets.
func surroundings() []string {
	var out []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PLUMBLINE_") {
			out = append(out, v)
		}
	}
	return out
}

// tail keeps the end of what is written to it.
type tail struct {
	most int
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - t.most; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.text) }
