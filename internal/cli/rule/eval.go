package rule

import (
	"bufio"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/records"
)

// maxRefused bounds how many refused records are listed.
const maxRefused = 1000

// options are the flags of eval.
type options struct {
	rule, records, filter, conditions string
	resources                         []string
	format, now, failOn               string
}

func eval(env command.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "eval --rule FILE --records FILE",
		Short: "Evaluate a rule over a file of records",
		Long: `Evaluate a rule over a file of records, or standard input (-). No server is
needed.

The rule is JSON: an evaluator ({"all": [...]}), or a whole test with groups and
assertions. The records are one JSON object, a JSON array of objects, or NDJSON
(one object a line). A line that is no record does not hold up the others, is
told with its number, and makes the exit code 1.

With --output json each record is one line:

  {"key","inScope","pass","cause":[...],"outcome","words":[...],"line"}

key is the record's id, else its line; outcome is pass, fail, out_of_scope or
error; a test with groups gives a line for each group, which it names. Where
values must be unique, nothing is told before the last record was read.

Exit codes: 0 evaluated, 1 error, 2 usage, 3 the result is FAILED (--fail-on).`,
		Example: `  plumbline rule eval --rule mfa.json --records users.ndjson
  plumbline rule eval --rule mfa.json --filter humans.json --records - --output json < users.ndjson
  plumbline rule eval --rule leavers.json --records people.ndjson --resource accounts=accounts.ndjson --fail-on failed`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&o.rule, "rule", "", "file of the rule (required)")
	f.StringVar(&o.records, "records", "", "file of the records (required)")
	f.StringVar(&o.filter, "filter", "", "file of a filteringCriteria; a bare evaluator in it takes records out of scope")
	f.StringVar(&o.conditions, "conditions", "", "file of named conditions, a JSON object by name")
	f.StringArrayVar(&o.resources, "resource", nil, "NAME=FILE: the records of another resource that existsIn and notExistsIn ask (repeatable)")
	f.StringVar(&o.format, "format", records.Auto, "format of the records: auto (by the file's name and first bytes), json or ndjson")
	f.StringVar(&o.now, "now", "", "moment of the evaluation, RFC 3339 or a date (default: now)")
	f.StringVar(&o.failOn, "fail-on", "", "exit with 3 when the result is FAILED (failed), or also when it is ERROR (error)")
	_ = cmd.MarkFlagRequired("rule")
	_ = cmd.MarkFlagRequired("records")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		e, err := o.prepare(cmd.Context(), env)
		if err != nil {
			return err
		}
		e.json = out.JSON()
		return e.run(cmd.Context(), o)
	}
	return cmd
}

// prepare reads everything but the records.
func (o *options) prepare(ctx context.Context, env command.Env) (*evaluation, error) {
	if o.failOn != "" && o.failOn != "failed" && o.failOn != "error" {
		return nil, command.Usagef("--fail-on is %q: it must be failed or error", o.failOn)
	}
	inputs := 0
	for _, name := range []string{o.rule, o.records, o.filter, o.conditions} {
		if name == "-" {
			inputs++
		}
	}
	if inputs > 1 {
		return nil, command.Usagef("only one of the files can be standard input (-)")
	}
	now, err := o.moment(env.Now())
	if err != nil {
		return nil, err
	}
	known, err := conditions(env, o.conditions)
	if err != nil {
		return nil, told(err)
	}
	l, err := load(env, o.rule, known)
	if err != nil {
		return nil, told(err)
	}
	if o.filter != "" {
		if err := l.filter(env, o.filter, known); err != nil {
			return nil, told(err)
		}
	}
	return newEvaluation(ctx, env, l, o.resources, now)
}

// told makes an error fit for a terminal.
func told(err error) error {
	if f, ok := err.(*finding); ok { //nolint:errorlint // findings are never wrapped
		f.Message, f.Pointer = command.Plain(f.Message), command.Plain(f.Pointer)
	}
	return err
}

func (o *options) moment(now time.Time) (time.Time, error) {
	if o.now == "" {
		return now, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, o.now); err == nil {
			return t, nil
		}
	}
	return now, command.Usagef("--now is %q: it must be a moment such as 2026-10-01T12:00:00Z, or a date", o.now)
}

// run evaluates the records as they come.
func (e *evaluation) run(ctx context.Context, o options) error {
	format, err := records.FormatOf(o.format, o.records)
	if err != nil {
		return &command.Failure{Code: command.ExitUsage, Err: err}
	}
	in, err := e.env.Open(o.records)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	e.out = bufio.NewWriterSize(e.env.Out, 1<<16)
	// Who feeds a pipe, or looks on, wants to see each result as it comes.
	e.hurry = o.records == "-" || command.IsTerminal(e.env.Out)
	e.paint = command.NewPaint(e.env, e.env.Out)
	err = e.feed(ctx, func() (records.Source, error) { return records.Open(in, format, nil) })
	if err == nil {
		err = e.finish()
	}
	if ferr := e.out.Flush(); err == nil {
		err = ferr
	}
	switch {
	case err != nil:
		return err
	case e.refused > 0:
		return fmt.Errorf("%s refused; all others were evaluated", command.Plural(e.refused, "record was", "records were"))
	}
	return e.gate(o.failOn)
}

func (e *evaluation) feed(ctx context.Context, open func() (records.Source, error)) error {
	for entry, err := range records.Each(ctx, open) {
		if err != nil {
			return fmt.Errorf("the records cannot be read further: %w", err)
		}
		if entry.Err != nil {
			e.refuse(entry.Line, entry.Err)
			continue
		}
		if err := e.record(entry); err != nil {
			return err
		}
	}
	return ctx.Err()
}
