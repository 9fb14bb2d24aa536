package code

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// applying is one `plumbline apply`.
type applying struct {
	*flags
	yes         bool
	note        string
	wait        bool
	waitTimeout time.Duration
	failOn      string
}

// step is one change in the report of `plumbline apply`.
type step struct {
	Action action `json:"action"`
	Kind   kind   `json:"kind"`
	Name   string `json:"name"`
}

// applied is what an apply did.
type applied struct {
	Done    []step `json:"done"`
	NotDone []step `json:"notDone"`
	// Tests are there when the apply waited for them: those of the folder.
	Tests []testResult `json:"tests,omitempty"`
}

type testResult struct {
	Name    string `json:"name"`
	Result  string `json:"result"`
	Reason  string `json:"reason,omitempty"`
	Failing int64  `json:"failing"`
}

// Apply makes the command `plumbline apply`.
func Apply(env command.Env) *cobra.Command {
	a := &applying{}
	cmd := &cobra.Command{
		Use:   "apply DIR",
		Short: "Make a workspace what the files of a folder say",
		Long: `Do what "plumbline plan" shows: connections and schemas first, then named
conditions, frameworks, controls and tests, which are published; deletions last,
and only with --prune. A second apply changes nothing.

On a terminal it asks before it changes anything. It stops at the first refusal,
also when somebody changed an object since it was compared, and says what was
done and what was not.

Exit codes: 0 fine, 1 error, 2 usage, 3 tests of the folder failed (--fail-on),
4 not authorised.`,
		Example: `  plumbline apply ./compliance
  plumbline apply ./compliance --yes --note "$GITHUB_SHA" --wait --fail-on failed`,
	}
	a.flags = addFlags(cmd, env, pruneHelp)
	cmd.Flags().BoolVar(&a.yes, "yes", false, "do not ask")
	cmd.Flags().StringVar(&a.note, "note", "applied from files", "why, for the history of the tests")
	cmd.Flags().BoolVar(&a.wait, "wait", false, "wait until the tests of the folder have their verdicts")
	cmd.Flags().DurationVar(&a.waitTimeout, "wait-timeout", 5*time.Minute, "how long to wait for that")
	cmd.Flags().StringVar(&a.failOn, "fail-on", "", "exit with 3 when tests of the folder fail (failed), or also when they cannot tell (error); waits")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if a.failOn != "" && a.failOn != "failed" && a.failOn != "error" {
			return command.Usagef("--fail-on is %q: it must be failed or error", a.failOn)
		}
		a.wait = a.wait || a.failOn != ""
		return a.run(cmd.Context(), args[0])
	}
	return cmd
}

func (a *applying) run(ctx context.Context, dir string) error {
	p, closed, err := a.flags.plan(ctx, dir)
	if err != nil {
		return err
	}
	defer closed()
	paint := command.NewPaint(a.env, a.env.Out)
	if !a.out.JSON() {
		if err := p.text(paint)(a.env.Out); err != nil {
			return err
		}
	}
	if p.changes() && !a.yes && command.IsTerminal(a.env.In) {
		if a.out.JSON() {
			if err := p.text(command.NewPaint(a.env, a.env.Err))(a.env.Err); err != nil {
				return err
			}
		}
		if ok, err := command.Confirmed(a.env.In, a.env.Err); err != nil || !ok {
			return errors.Join(err, errors.New("nothing was changed"))
		}
	}
	report := applied{Done: []step{}, NotDone: []step{}}
	n, failure := p.apply(ctx, a.note, func(c *change) {
		if !a.out.JSON() {
			_, _ = fmt.Fprintf(a.env.Out, "%s %s %s: done\n", marks[c.Action], c.Kind, safe(c.Name))
		}
	})
	for _, c := range p.Changes {
		switch s := (step{c.Action, c.Kind, c.Name}); {
		case c.Action == keep:
		case len(report.Done) < n:
			report.Done = append(report.Done, s)
		default:
			report.NotDone = append(report.NotDone, s)
		}
	}
	if failure == nil && a.wait {
		report.Tests, failure = a.results(ctx, p)
	}
	if err := a.out.Write(a.env.Out, report, report.text); err != nil {
		return err
	}
	if failure != nil {
		return failure
	}
	return a.outcome(report.Tests)
}

func (r applied) text(w io.Writer) error {
	out := &printer{}
	for _, s := range r.NotDone {
		out.line("%s %s %s: not done", marks[s.Action], s.Kind, safe(s.Name))
	}
	for _, t := range r.Tests {
		text := fmt.Sprintf("test %s: %s", safe(t.Name), t.Result)
		if t.Reason != "" {
			text += " (" + t.Reason + ")"
		}
		if t.Failing > 0 {
			text += ", " + command.Plural(int(t.Failing), "record fails", "records fail")
		}
		out.line("%s", text)
	}
	if len(r.Done)+len(r.NotDone) > 0 {
		out.line("%d done, %d not done", len(r.Done), len(r.NotDone))
	}
	_, err := io.WriteString(w, out.b.String())
	return err
}

// look is how often a test is looked at that has no verdict yet.
const look = 300 * time.Millisecond

// results waits for the verdicts of the enabled tests of the folder.
func (a *applying) results(ctx context.Context, p *plan) ([]testResult, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, a.waitTimeout, fmt.Errorf("everything is done, but the verdicts were not in after %s: ask again later, or raise --wait-timeout", a.waitTimeout))
	defer cancel()
	ids := map[string]int64{}
	for t, err := range p.workspace.c.Tests(ctx, p.workspace.id, "", oldestFirst) {
		if err != nil {
			return nil, causeOf(ctx, err)
		}
		ids[t.Name] = t.TestID
	}
	out := []testResult{}
	for _, name := range slices.Sorted(maps.Keys(p.folder.objects[testKind])) {
		if !p.folder.objects[testKind][name].flag("enabled") {
			continue
		}
		t, err := settled(ctx, p.workspace.c, p.workspace.id, ids[name])
		if err != nil {
			return nil, causeOf(ctx, err)
		}
		out = append(out, testResult{t.Name, t.Result, deref(t.Reason), t.Counts.Failing})
	}
	return out, nil
}

// causeOf is why a context ended, if that is why something failed.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// settled reads a test until its verdict is in.
func settled(ctx context.Context, c *client.Client, workspaceID, id int64) (client.Test, error) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		t, err := c.Test(ctx, workspaceID, id)
		if err != nil || !t.IsBuilding {
			return t, err
		}
		select {
		case <-ctx.Done():
			return t, ctx.Err()
		case <-tick.C:
		}
	}
}

func (a *applying) outcome(tests []testResult) error {
	failing, broken := 0, 0
	for _, t := range tests {
		switch t.Result {
		case client.Failed:
			failing++
		case client.Errors:
			broken++
		}
	}
	switch {
	case a.failOn == "":
	case failing > 0:
		return &command.Failure{Code: command.ExitTestsFailed, Err: fmt.Errorf("%s", command.Plural(failing, "test of the folder fails", "tests of the folder fail"))}
	case broken > 0 && a.failOn == "error":
		return &command.Failure{Code: command.ExitTestsFailed, Err: fmt.Errorf("%s", command.Plural(broken, "test of the folder is in error", "tests of the folder are in error"))}
	}
	return nil
}
