package test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/document"
	"github.com/plumbline-dev/plumbline/internal/fixture"
)

// maxFile is the largest file that is read, records included.
const maxFile = 8 << 20

// report is the result.
type report struct {
	Cases    int               `json:"cases"`
	Failed   int               `json:"failed"`
	Files    []fileReport      `json:"files"`
	Failures []fixture.Failure `json:"failures"`
	// Mutations is there with --mutate.
	Mutations *fixture.Survey `json:"mutations,omitempty"`
}

type fileReport struct {
	File   string `json:"file"`
	Cases  int    `json:"cases"`
	Failed int    `json:"failed"`
}

func run(env command.Env) *cobra.Command {
	mutate := false
	cmd := &cobra.Command{
		Use:   "run FILE...",
		Short: "Run fixtures: rules with records that must pass or fail",
		Long: `Run fixtures: files of YAML or JSON with a rule and the records that must pass
or fail under it. No server is needed.

  rule: mfa.json                 # a file, or the rule itself
  now: 2026-10-01                # where the rule depends on the time
  pass: [{mfa: true}]
  fail: [{mfa: false}, {}]

docs/rules.md describes all keys.

With --mutate each rule is changed, one small thing at a time (an operator for
its neighbour, a condition dropped or negated, a number moved by one), and the
changes are listed that none of the records notices.

Exit codes: 0 fine, 1 a file cannot be used or a change goes unnoticed, 2 usage,
3 an expectation does not hold.`,
		Example: `  plumbline test run tests/*.yaml
  plumbline test run mfa.yaml --mutate
  plumbline test run mfa.yaml --output json`,
		Args: cobra.MinimumNArgs(1),
	}
	cmd.Flags().BoolVar(&mutate, "mutate", false, "change the rules and list the changes that no record notices")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		files, err := read(env, args)
		if err != nil {
			return err
		}
		r := judge(files)
		if mutate {
			survey, err := fixture.Mutate(cmd.Context(), files)
			if err != nil {
				return err
			}
			r.Mutations = &survey
		}
		if err := out.Write(env.Out, r, func(w io.Writer) error { return r.text(w, command.NewPaint(env, w)) }); err != nil {
			return err
		}
		return r.outcome(cmd.Context())
	}
	return cmd
}

// read reads all files and tells of every one that cannot be used.
func read(env command.Env, names []string) ([]*fixture.File, error) {
	var files []*fixture.File
	var faults []error
	for _, name := range names {
		f, err := readOne(env, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		files = append(files, f)
	}
	if len(faults) == 0 {
		return files, nil
	}
	for _, err := range faults[:len(faults)-1] {
		_, _ = fmt.Fprintf(env.Err, "plumbline: %s\n", command.Plain(err.Error()))
	}
	return nil, errors.New(command.Plain(faults[len(faults)-1].Error()))
}

func readOne(env command.Env, name string) (*fixture.File, error) {
	text, err := env.ReadFile(name, maxFile)
	if err != nil {
		return nil, err
	}
	return fixture.Parse(name, text, func(name string) ([]byte, error) { return env.ReadFile(name, maxFile) })
}

func judge(files []*fixture.File) *report {
	r := &report{Files: []fileReport{}, Failures: []fixture.Failure{}}
	for _, f := range files {
		one := fileReport{File: f.Name, Cases: len(f.Cases)}
		for _, c := range f.Cases {
			if failures := c.Run(); len(failures) > 0 {
				one.Failed++
				r.Failures = append(r.Failures, failures...)
			}
		}
		r.Cases, r.Failed = r.Cases+one.Cases, r.Failed+one.Failed
		r.Files = append(r.Files, one)
	}
	return r
}

func (r *report) outcome(ctx context.Context) error {
	m := r.Mutations
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.Failed > 0:
		return &command.Failure{Code: command.ExitTestsFailed, Err: fmt.Errorf("%s not hold", command.Plural(r.Failed, "case does", "cases do"))}
	case m != nil && len(m.Survivors) > 0:
		return fmt.Errorf("%s unnoticed: give a record for each that would come out otherwise", command.Plural(len(m.Survivors), "change goes", "changes go"))
	case m != nil && m.Untried > 0:
		return fmt.Errorf("%s too many to try: run fewer files at a time", command.Plural(m.Untried, "change was", "changes were"))
	}
	return nil
}

func (r *report) text(w io.Writer, paint command.Paint) error {
	var b strings.Builder
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "%s %s: %s\n", paint.Bad("FAIL"), document.Place(f.File, f.Line, f.Column), command.Plain(f.Case))
		if f.What == "outcome" || f.What == "result" {
			fmt.Fprintf(&b, "     %s is %s, expected %s\n", f.What, paint.Bad(command.Plain(f.Got)), f.Want)
		} else {
			fmt.Fprintf(&b, "     %-9s %s\n     expected: %s\n", f.What+":", command.Plain(f.Got), command.Plain(f.Want))
		}
		for _, words := range f.Words {
			fmt.Fprintf(&b, "     %s\n", command.Plain(words))
		}
	}
	for _, f := range r.Files {
		state := paint.Good("ok  ")
		if f.Failed > 0 {
			state = paint.Bad("FAIL")
		}
		fmt.Fprintf(&b, "%s %s: %s", state, command.Plain(f.File), command.Plural(f.Cases, "case", "cases"))
		if f.Failed > 0 {
			fmt.Fprintf(&b, ", %d of them not as expected", f.Failed)
		}
		b.WriteByte('\n')
	}
	if r.Mutations != nil {
		survey(&b, r.Mutations, paint)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func survey(b *strings.Builder, m *fixture.Survey, paint command.Paint) {
	fmt.Fprintf(b, "\n%s of %s: %d noticed, %s\n", command.Plural(m.Tried, "change", "changes"), command.Plural(m.Rules, "rule", "rules"),
		m.Killed, unnoticed(len(m.Survivors), paint))
	for _, s := range m.Survivors {
		fmt.Fprintf(b, "%s %s: %s", paint.Odd("LIVE"), document.Place(s.File, s.Line, s.Column), command.Plain(s.Change))
		if s.Pointer != "" {
			fmt.Fprintf(b, " (%s)", command.Plain(s.Pointer))
		}
		b.WriteByte('\n')
	}
	if m.Failing > 0 {
		fmt.Fprintf(b, "%s not changed, because cases of it do not hold\n", command.Plural(m.Failing, "rule was", "rules were"))
	}
	if m.Untried > 0 {
		fmt.Fprintf(b, "%s not tried: there are too many\n", command.Plural(m.Untried, "change was", "changes were"))
	}
}

func unnoticed(n int, paint command.Paint) string {
	if n == 0 {
		return paint.Good("none unnoticed")
	}
	return paint.Odd(fmt.Sprintf("%d unnoticed", n))
}
