package push

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// progress shows how much of the input was read, if somebody looks.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress makes the bar of an input of size bytes, -1 if that is unknown.
func newProgress(env command.Env, size int64) *progress {
	if !command.IsTerminal(env.Err) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(env.Err),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetDescription("pushing"),
		progressbar.OptionClearOnFinish(),
	)}
}

// reading counts what is read through the reader.
func (p *progress) reading(r io.Reader) io.Reader {
	if p.bar == nil {
		return r
	}
	return io.TeeReader(r, p.bar)
}

func (p *progress) records(n int) {
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%d records", n))
	}
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
		_ = p.bar.Clear()
		p.bar = nil
	}
}
