package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

const (
	// maxLogic is the largest file of logic; the server takes no larger body.
	maxLogic = 5 << 20
	// lookAgain is how often a job is looked at.
	lookAgain = 300 * time.Millisecond
)

// previewing is one call of preview.
type previewing struct {
	workspace, resource int64
	asOf                string
	full                bool
	// before stands before the text of the file.
	before string
	file   string
}

func preview(env command.Env) *cobra.Command {
	p := &previewing{}
	cmd := &cobra.Command{
		Use:   "preview FILE",
		Short: "Try logic over the records of a server",
		Long: `Try logic over the records of a server, now or at a past moment, without writing
anything: how many records would pass and fail, the first that fail and why, and
remarks on the logic. FILE is the logic of a test as JSON, or - for standard
input; a bare evaluator needs --resource.

Where that takes the server longer than a second and a half it answers with a
sample, and says so; --full waits for the full count.

Exit codes: 0 answered, whatever the result, 1 refused or failed, 2 usage, 4 not
authorised.`,
		Example: `  plumbline test preview mfa.json --workspace 1
  plumbline test preview evaluator.json --resource 7 --as-of 2026-03-01
  plumbline test preview mfa.json --full --output json`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().Int64Var(&p.workspace, "workspace", 1, "id of the workspace")
	cmd.Flags().Int64Var(&p.resource, "resource", 0, "id of the resource whose records a bare evaluator is about")
	cmd.Flags().StringVar(&p.asOf, "as-of", "", "look at the records of a moment (RFC 3339) or of the end of a day (UTC)")
	cmd.Flags().BoolVar(&p.full, "full", false, "wait for the full count where the answer is a sample")
	server := command.AddServer(cmd)
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		logic, err := p.read(env, args[0])
		if err != nil {
			return err
		}
		c, err := server.Client(env)
		if err != nil {
			return err
		}
		got, err := p.ask(cmd.Context(), c, logic)
		if err != nil {
			return p.refused(err)
		}
		for i := range got.Lint {
			got.Lint[i].Pointer = p.pointer(got.Lint[i].Pointer)
		}
		return out.Write(env.Out, got, func(w io.Writer) error { return previewText(w, command.NewPaint(env, w), got) })
	}
	return cmd
}

// read reads the logic; a bare evaluator becomes a test over the resource.
func (p *previewing) read(env command.Env, name string) ([]byte, error) {
	if p.workspace <= 0 || p.resource < 0 {
		return nil, command.Usagef("--workspace and --resource must be ids, which are above 0")
	}
	text, err := env.ReadFile(name, maxLogic)
	if err != nil {
		return nil, err
	}
	if p.file = name; name == "-" {
		p.file = "<stdin>"
	}
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	if err := strictjson.Check(text); err != nil {
		return nil, fmt.Errorf("%s: %w", p.file, err)
	}
	_, whole := strictjson.Member(text, "groups")
	switch {
	case whole && p.resource > 0:
		return nil, command.Usagef("--resource goes with a bare evaluator; the groups of this test name their resources")
	case p.resource > 0:
		// In a line of its own, so that lines below are those of the file plus one.
		p.before = fmt.Sprintf("{\"groups\":[{\"resourceId\":%d,\"evaluator\":\n", p.resource)
		return []byte(p.before + string(text) + "}]}"), nil
	}
	return text, nil
}

// ask asks the server, and for the full count if that is wanted.
func (p *previewing) ask(ctx context.Context, c *client.Client, logic []byte) (client.Preview, error) {
	got, err := c.Preview(ctx, p.workspace, logic, p.asOf)
	if err != nil || got.JobID == "" {
		if err == nil && p.full && got.Sample != nil {
			err = errors.New("the server counts for others at the moment and cannot count all records: try again later")
		}
		return got, err
	}
	if !p.full {
		id := got.JobID
		got.JobID = ""
		return got, c.CancelPreview(ctx, p.workspace, id)
	}
	for {
		job, err := c.PreviewJob(ctx, p.workspace, got.JobID)
		switch {
		case err != nil:
			return got, err
		case job.State == client.PreviewDone && job.Result != nil:
			return *job.Result, nil
		case job.State == client.PreviewFailed:
			return got, fmt.Errorf("the full count failed: %s", deref(job.Message, "nobody knows why"))
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return got, errors.Join(ctx.Err(), c.CancelPreview(context.WithoutCancel(ctx), p.workspace, got.JobID))
		}
	}
}

// refused puts a refusal at its place in the file.
func (p *previewing) refused(err error) error {
	var e *client.Error
	if !errors.As(err, &e) || e.Line == 0 && e.Pointer == "" {
		return err
	}
	line, pointer := e.Line, p.pointer(e.Pointer)
	if p.before != "" {
		line = max(line-1, 0)
	}
	text := p.file
	if line > 0 {
		text += fmt.Sprintf(":%d:%d", line, e.Column)
	}
	message := strings.Replace(e.Message, fmt.Sprintf("line %d, column %d: ", e.Line, e.Column), "", 1)
	return fmt.Errorf("%s: %s", text, strings.Replace(message, "("+e.Pointer+")", "("+pointer+")", 1))
}

// pointer is a pointer into what was sent as one into the file.
func (p *previewing) pointer(sent string) string {
	if p.before == "" {
		return sent
	}
	return strings.TrimPrefix(sent, "/groups/0/evaluator")
}

func deref(text *string, absent string) string {
	if text == nil {
		return absent
	}
	return *text
}

func previewText(w io.Writer, paint command.Paint, p client.Preview) error {
	var b strings.Builder
	result := deref(p.Result, "SAMPLE")
	switch result {
	case client.Passed:
		result = paint.Good(result)
	case client.Failed, client.Errors:
		result = paint.Bad(result)
	default:
		result = paint.Odd(result)
	}
	b.WriteString(result)
	if p.Reason != nil {
		fmt.Fprintf(&b, " (%s)", command.Plain(*p.Reason))
	}
	fmt.Fprintf(&b, " of %s: %d in scope, ", p.EvaluatedAt.UTC().Format("2006-01-02 15:04:05"), p.InScope)
	if p.Satisfying != nil {
		fmt.Fprintf(&b, "%d satisfy the conditions, ", *p.Satisfying)
	}
	fmt.Fprintf(&b, "%d pass, %d fail, %s, %d filtered out\n", p.Passing, p.Failing,
		command.Plural(int(p.Errors), "error", "errors"), p.FilteredOut)
	if s := p.Sample; s != nil {
		of := "the"
		if s.Of != nil {
			of = fmt.Sprint(*s.Of)
		}
		fmt.Fprintf(&b, "a sample: %d of %s records; --full counts all of them\n", s.Records, of)
	}
	for _, e := range p.Examples {
		fmt.Fprintf(&b, "%s %s", paint.Bad("FAIL"), command.Plain(e.ResourceName))
		if e.RecordID != e.ResourceName {
			fmt.Fprintf(&b, " (%s)", command.Plain(e.RecordID))
		}
		b.WriteByte('\n')
		for _, words := range e.Words {
			fmt.Fprintf(&b, "     %s\n", command.Plain(words))
		}
	}
	if more := p.Failing - int64(len(p.Examples)); more > 0 {
		fmt.Fprintf(&b, "     and %d more\n", more)
	}
	for _, r := range p.Lint {
		fmt.Fprintf(&b, "%s: %s (%s)\n", paint.Odd(command.Plain(r.Severity)), command.Plain(r.Message), command.Plain(r.Pointer))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
