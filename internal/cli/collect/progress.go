package collect

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/collect"
)

// progress shows how far a run is, if somebody looks.
type progress struct {
	bar            *progressbar.ProgressBar
	pages, records int64
}

func newProgress(env command.Env) *progress {
	if !command.IsTerminal(env.Err) {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions(-1, progressbar.OptionSetWriter(env.Err), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetDescription("collecting"), progressbar.OptionClearOnFinish())}
}

func (p *progress) step(s collect.Step) {
	if p.bar == nil {
		return
	}
	p.pages = max(p.pages, s.Counts[collect.CountPages])
	p.records = max(p.records, s.Counts[collect.CountRecords])
	p.bar.Describe(fmt.Sprintf("%s: %d pages, %d records", s.Name, p.pages, p.records))
	_ = p.bar.Add(1)
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
		_ = p.bar.Clear()
	}
}
