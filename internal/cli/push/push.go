// Package push is the command `plumbline push`: records from a file or a pipe
// into a resource.
package push

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/dataset"
	"github.com/plumbline-dev/plumbline/internal/cli/records"
)

// maxErrors bounds how many refused records are listed.
const maxErrors = 1000

// options are the flags.
type options struct {
	connection, resource int64
	format, types        string

	replace          bool
	expected         int64
	maxDeletePercent float64
	dryRun           bool

	wait        bool
	waitTimeout time.Duration
	failOn      string
}

// report is the result.
type report struct {
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Failed    int64 `json:"failed"`
	// Deleted is there when the push replaced the records.
	Deleted *int64 `json:"deleted,omitempty"`
	// DryRun means that nothing was changed.
	DryRun bool `json:"dryRun,omitempty"`
	// Errors lists the first refused records.
	Errors []refusal `json:"errors"`
	// TestsFailing and TestsError are there when the push waited for verdicts.
	TestsFailing *int `json:"testsFailing,omitempty"`
	TestsError   *int `json:"testsError,omitempty"`
}

// refusal is a record that was not stored.
type refusal struct {
	Line    int    `json:"line"`
	ID      string `json:"id,omitempty"`
	Message string `json:"message"`
}

// Command makes the command.
func Command(env command.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "push FILE|-",
		Short: "Push records from a file or standard input into a resource",
		Long: `Push records from a file or, with -, from standard input into a resource.

The input is one JSON object, a JSON array of objects, NDJSON (one object a
line) or CSV with a header line. A record whose id is stored already replaces
the stored one; a record that is refused does not hold up the others, is listed
with its line, and makes the exit code 1.

With --replace the input is the whole dataset: what is not in it is deleted, in
one step, and only if every record was accepted.

Cells of CSV become what the schema of the resource declares for the property
of that name (number, true or false, JSON), or text; an empty cell leaves the
property out.

Exit codes: 0 fine, 1 error, 2 usage, 3 tests failed (--fail-on), 4 not
authorised.`,
		Example: `  plumbline push users.ndjson --connection 1 --resource 1
  export-users | plumbline push - --connection 1 --resource 1 --replace --max-delete-percent 20
  plumbline push repos.csv --connection 2 --resource 2 --replace --wait --fail-on failed --output json`,
		Args: cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	server := command.AddServer(cmd)
	f.Int64Var(&o.connection, "connection", 0, "id of the connection (required)")
	f.Int64Var(&o.resource, "resource", 0, "id of the resource (required)")
	f.StringVar(&o.format, "format", records.Auto, "format of the input: auto (by the file's name and first bytes), json, ndjson or csv")
	f.StringVar(&o.types, "types", "schema", "what cells of CSV become: schema (as the resource's schema declares) or text")
	f.BoolVar(&o.replace, "replace", false, "replace all records of the resource with the input")
	f.Int64Var(&o.expected, "expected-count", 0, "with --replace: how many records there must be, else nothing changes (default: as many as were read)")
	f.Float64Var(&o.maxDeletePercent, "max-delete-percent", 100, "with --replace: how much of the stored records may vanish, else nothing changes")
	f.BoolVar(&o.dryRun, "dry-run", false, "with --replace: tell what would change, and change nothing")
	f.BoolVar(&o.wait, "wait", false, "wait until the tests over the resource have judged the records")
	f.DurationVar(&o.waitTimeout, "wait-timeout", 5*time.Minute, "how long to wait for that")
	f.StringVar(&o.failOn, "fail-on", "", "exit with 3 when tests over the resource fail (failed), or also when they cannot tell (error); waits")
	_ = cmd.MarkFlagRequired("connection")
	_ = cmd.MarkFlagRequired("resource")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.check(cmd.Flags().Changed); err != nil {
			return err
		}
		c, err := server.Client(env)
		if err != nil {
			return err
		}
		p := &pushing{env: env, o: o, c: c, target: client.Target{ConnectionID: o.connection, ResourceID: o.resource},
			expectedGiven: cmd.Flags().Changed("expected-count"), report: report{Errors: []refusal{}}}
		err = p.run(cmd.Context(), args[0])
		if p.told {
			slices.SortFunc(p.report.Errors, func(a, b refusal) int { return cmp.Compare(a.Line, b.Line) })
			if werr := out.Write(env.Out, p.report, p.report.text); werr != nil {
				return werr
			}
		}
		return err
	}
	return cmd
}

func (o *options) check(given func(string) bool) error {
	switch {
	case o.connection <= 0 || o.resource <= 0:
		return command.Usagef("--connection and --resource must be ids, which are above 0")
	case o.failOn != "" && o.failOn != "failed" && o.failOn != "error":
		return command.Usagef("--fail-on is %q: it must be failed or error", o.failOn)
	case o.types != "schema" && o.types != "text":
		return command.Usagef("--types is %q: it must be schema or text", o.types)
	case o.maxDeletePercent < 0 || o.maxDeletePercent > 100 || o.maxDeletePercent != o.maxDeletePercent:
		return command.Usagef("--max-delete-percent must be from 0 to 100")
	case o.expected < 0:
		return command.Usagef("--expected-count must be 0 or more")
	}
	for _, name := range []string{"expected-count", "max-delete-percent", "dry-run"} {
		if given(name) && !o.replace {
			return command.Usagef("--%s goes with --replace", name)
		}
	}
	o.wait = o.wait || o.failOn != ""
	if o.wait && o.dryRun {
		return command.Usagef("--dry-run changes nothing, so there is no verdict to --wait for")
	}
	return nil
}

// pushing is one push.
type pushing struct {
	env           command.Env
	o             options
	c             *client.Client
	target        client.Target
	expectedGiven bool

	report report
	// told is set once there is a report to tell.
	told bool
	// lines are those of the records that were added and not answered yet.
	lines []int
	ids   *dataset.Distinct
}

func (p *pushing) run(ctx context.Context, name string) error {
	format, err := records.FormatOf(p.o.format, name)
	if err != nil {
		return &command.Failure{Code: command.ExitUsage, Err: err}
	}
	in, size, err := p.input(name)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	columns, err := p.columns(ctx, format)
	if err != nil {
		return err
	}
	bar := newProgress(p.env, size)
	defer bar.done()
	src := func() (records.Source, error) { return records.Open(bar.reading(in), format, columns) }
	session := ""
	if p.o.replace {
		session = dataset.SessionID("push", p.env.Now())
		p.ids = dataset.NewDistinct()
	}
	if err := p.send(ctx, src, session, bar); err != nil {
		return p.abandon(ctx, session, err)
	}
	bar.done()
	if session != "" {
		if err := p.complete(ctx, session); err != nil {
			return err
		}
	}
	p.told = true
	if p.o.wait {
		if err := p.verdict(ctx); err != nil {
			return err
		}
	}
	return p.outcome()
}

func (p *pushing) input(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(p.env.In), -1, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("the input cannot be read: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder: name a file", name)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	if !info.Mode().IsRegular() {
		return f, -1, nil
	}
	return f, info.Size(), nil
}

// columns asks for the schema where the cells of CSV need it.
func (p *pushing) columns(ctx context.Context, format string) (func(string) records.Cell, error) {
	if format != records.CSV || p.o.types == "text" {
		return func(string) records.Cell { return records.TextCell }, nil
	}
	r, err := p.c.Resource(ctx, p.target)
	if client.IsCode(err, client.CodeForbidden) {
		return nil, &command.Failure{Code: command.ExitUnauthorized, Err: errors.New("CSV takes the types of its columns from the schema of the resource, " +
			"which the key may not read: give the key the scope custom-connections-get, or push with --types text")}
	}
	if err != nil {
		return nil, err
	}
	return records.Columns(r.Schema)
}

func (p *pushing) send(ctx context.Context, src func() (records.Source, error), session string, bar *progress) error {
	pusher := p.c.NewPusher(p.target, client.PusherOptions{SessionID: session, OnItem: p.answered, OnBatch: bar.records})
	err := p.feed(ctx, src, pusher)
	// What came before a fault of the input counts, unless it would replace
	// everything.
	var bad *inputFault
	if err == nil || errors.As(err, &bad) && session == "" {
		if ferr := pusher.Flush(ctx); ferr != nil {
			err = ferr
		}
	}
	if session == "" {
		p.add(pusher.Total())
		p.told = p.report.Created+p.report.Updated+p.report.Unchanged+p.report.Failed > 0
	}
	return err
}

// inputFault ends the input before its end.
type inputFault struct{ error }

func (f *inputFault) Unwrap() error { return f.error }

func (p *pushing) feed(ctx context.Context, src func() (records.Source, error), pusher *client.Pusher) error {
	for e, err := range records.Each(ctx, src) {
		if err != nil {
			return &inputFault{err}
		}
		if e.Err != nil {
			p.refused(refusal{Line: e.Line, Message: e.Err.Error()})
			continue
		}
		p.lines = append(p.lines, e.Line)
		if err := pusher.Add(ctx, e.Text); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p *pushing) add(t client.Pushed) {
	p.report.Created, p.report.Updated, p.report.Unchanged = t.Created, t.Updated, t.Unchanged
}

// answered takes the answer to the next record.
func (p *pushing) answered(_ int, item client.Item) {
	line := p.lines[0]
	p.lines = p.lines[1:]
	if item.Error != nil {
		p.refused(refusal{Line: line, ID: item.ID, Message: item.Error.Message})
	} else if p.ids != nil {
		p.ids.Add(item.ID)
	}
}

func (p *pushing) refused(r refusal) {
	p.report.Failed++
	if len(p.report.Errors) < maxErrors {
		p.report.Errors = append(p.report.Errors, r)
	}
}

// abandon gives up a session that cannot be completed.
func (p *pushing) abandon(ctx context.Context, session string, why error) error {
	if session == "" {
		return why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	// If nothing was uploaded there is no session; if the server is gone, it
	// cancels the session by itself later.
	_ = p.c.CancelSession(ctx, p.target, session)
	return why
}

// complete replaces the records, if every one of the input was accepted.
func (p *pushing) complete(ctx context.Context, session string) error {
	if p.report.Failed > 0 {
		p.told = true
		return p.abandon(ctx, session, fmt.Errorf("%s refused, so nothing was replaced: correct the input and push it again",
			plural(p.report.Failed, "record was", "records were")))
	}
	if p.ids.Len() == 0 {
		// An empty dataset is a dataset, too.
		if _, err := p.c.Upload(ctx, p.target, session, nil); err != nil {
			return err
		}
	}
	expected := p.ids.Len()
	if p.expectedGiven {
		expected = p.o.expected
	}
	done, err := p.c.CompleteSession(ctx, p.target, session, client.Guards{ExpectedCount: &expected, MaxDeletePercent: &p.o.maxDeletePercent, DryRun: p.o.dryRun})
	if err != nil {
		return p.abandon(ctx, session, fmt.Errorf("nothing was replaced: %w", err))
	}
	p.report.Created, p.report.Updated, p.report.Unchanged = done.Created, done.Updated, done.Unchanged
	p.report.Deleted, p.report.DryRun = &done.Deleted, p.o.dryRun
	if p.o.dryRun {
		_ = p.abandon(ctx, session, nil)
	}
	return nil
}

// verdict waits for the tests over the resource.
func (p *pushing) verdict(ctx context.Context) error {
	deadline := p.env.Now().Add(p.o.waitTimeout)
	for {
		left := deadline.Sub(p.env.Now())
		if left < time.Second {
			return fmt.Errorf("the records are stored, but the verdicts were not in after %s: ask again later, or raise --wait-timeout", p.o.waitTimeout)
		}
		v, err := p.c.Verdicts(ctx, p.target, client.Wait{Seconds: int(min(left, 30*time.Second).Seconds())})
		if err != nil {
			return err
		}
		if !v.Pending {
			p.report.TestsFailing, p.report.TestsError = &v.Failing, &v.Errors
			return nil
		}
	}
}

func (p *pushing) outcome() error {
	if p.report.Failed > 0 {
		return fmt.Errorf("%s refused; all others were stored", plural(p.report.Failed, "record was", "records were"))
	}
	if p.o.failOn == "" {
		return nil
	}
	failing, broken := *p.report.TestsFailing, *p.report.TestsError
	switch {
	case failing > 0:
		return &command.Failure{Code: command.ExitTestsFailed, Err: fmt.Errorf("%s over the resource", plural(int64(failing), "test fails", "tests fail"))}
	case broken > 0 && p.o.failOn == "error":
		return &command.Failure{Code: command.ExitTestsFailed, Err: fmt.Errorf("%s over the resource", plural(int64(broken), "test is in error", "tests are in error"))}
	}
	return nil
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (r report) text(w io.Writer) error {
	var b strings.Builder
	if r.DryRun {
		b.WriteString("Nothing was changed. The push would have: ")
	}
	fmt.Fprintf(&b, "created %d, updated %d, unchanged %d", r.Created, r.Updated, r.Unchanged)
	if r.Deleted != nil {
		fmt.Fprintf(&b, ", deleted %d", *r.Deleted)
	}
	fmt.Fprintf(&b, ", refused %d\n", r.Failed)
	for _, e := range r.Errors {
		fmt.Fprintf(&b, "  line %d: %s\n", e.Line, e.Message)
	}
	if n := r.Failed - int64(len(r.Errors)); n > 0 {
		fmt.Fprintf(&b, "  … and %d more\n", n)
	}
	if r.TestsFailing != nil {
		fmt.Fprintf(&b, "tests failing %d, in error %d\n", *r.TestsFailing, *r.TestsError)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
