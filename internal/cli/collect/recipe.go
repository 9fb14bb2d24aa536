package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/dataset"
	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// sampleRecords is how many records a dry run shows.
const sampleRecords = 5

type recipeReport struct {
	Collector    string       `json:"collector"`
	DryRun       bool         `json:"dryRun,omitempty"`
	ConnectionID int64        `json:"connectionId,omitempty"`
	ResourceID   int64        `json:"resourceId,omitempty"`
	Steps        []recipeStep `json:"steps"`
	// Records is how many were collected. Nothing is stored of a run that failed.
	Records   int64 `json:"records"`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Deleted   int64 `json:"deleted"`
	// Sample are the first records of a dry run.
	Sample []json.RawMessage `json:"sample,omitempty"`
}

type recipeStep struct {
	Name      string           `json:"name"`
	StartedAt time.Time        `json:"startedAt"`
	EndedAt   time.Time        `json:"endedAt"`
	Counts    map[string]int64 `json:"counts"`
	Error     *recipeError     `json:"error,omitempty"`
}

type recipeError struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Facts   map[string]string `json:"facts"`
}

// recipeRun is one run of the command.
type recipeRun struct {
	env              command.Env
	recipe           *collect.Recipe
	inputs           map[string]string
	dryRun, empty    bool
	expected         *int64
	maxDeletePercent float64
	target           client.Target
	report           recipeReport
}

func recipeCommand(env command.Env) *cobra.Command {
	r := &recipeRun{env: env, report: recipeReport{Steps: []recipeStep{}}}
	var to string
	var expected int64
	cmd := &cobra.Command{
		Use:   "recipe FILE",
		Short: "Run a recipe on this machine and replace the records of a resource with what it collects",
		Long: `Run a recipe (see docs/collectors.md) on this machine and make what it collects
the records of a resource, in one step. A run that fails changes nothing.

Inputs come from --input, --input-file, or variables: the input baseUrl is
` + "PLUMBLINE_INPUT_BASE_URL" + `. Secrets are not taken from --input, where the list of
processes would show them.

Exit codes: 0 fine, 1 error, 2 usage, 4 not authorised by the Plumbline server.`,
		Example: `  PLUMBLINE_INPUT_TOKEN=… plumbline collect recipe okta.yaml --input baseUrl=https://example.okta.com --dry-run
  plumbline collect recipe okta.yaml --input baseUrl=https://example.okta.com --input-file token=okta.token --to 3/3 --max-delete-percent 20`,
		Args: cobra.ExactArgs(1),
	}
	server := command.AddServer(cmd)
	inputs := addInputs(cmd)
	f := cmd.Flags()
	f.StringVar(&to, "to", "", "where to: CONNECTION/RESOURCE, two ids (required but for --dry-run)")
	f.BoolVar(&r.dryRun, "dry-run", false, "collect, show what came, and push nothing")
	f.Int64Var(&expected, "expected-count", 0, "how many records there must be, else nothing changes (default: as many as were collected)")
	f.Float64Var(&r.maxDeletePercent, "max-delete-percent", 100, "how much of the stored records may vanish, else nothing changes")
	f.BoolVar(&r.empty, "allow-empty", false, "let a run that collects nothing delete all records")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.Changed("expected-count") {
			r.expected = &expected
		}
		c, err := r.prepare(server, to)
		if err != nil {
			return err
		}
		r.recipe, err = readRecipe(env, args[0])
		var fault *collect.Fault
		if errors.As(err, &fault) {
			return errors.New(faultText(args[0], fault))
		}
		if err != nil {
			return err
		}
		if r.inputs, err = inputs.read(env, r.recipe); err != nil {
			return err
		}
		if err := r.recipe.Check(r.inputs); err != nil {
			return usage(err)
		}
		r.report.Collector, r.report.DryRun = r.recipe.Collector(), r.dryRun
		err = r.run(cmd.Context(), c)
		if err == nil || out.JSON() {
			if werr := out.Write(env.Out, r.report, r.report.text); werr != nil {
				return werr
			}
		}
		return err
	}
	return cmd
}

// prepare checks the flags and makes the client, nil for a dry run.
func (r *recipeRun) prepare(server *command.Server, to string) (*client.Client, error) {
	switch {
	case r.maxDeletePercent < 0 || r.maxDeletePercent > 100 || r.maxDeletePercent != r.maxDeletePercent:
		return nil, command.Usagef("--max-delete-percent must be from 0 to 100")
	case r.expected != nil && *r.expected < 0:
		return nil, command.Usagef("--expected-count must be 0 or more")
	case r.dryRun && to == "":
		return nil, nil
	}
	first, second, ok := strings.Cut(to, "/")
	connection, cerr := strconv.ParseInt(first, 10, 64)
	resource, rerr := strconv.ParseInt(second, 10, 64)
	if !ok || cerr != nil || rerr != nil || connection <= 0 || resource <= 0 {
		return nil, command.Usagef("--to must be CONNECTION/RESOURCE, two ids such as 3/3")
	}
	r.target = client.Target{ConnectionID: connection, ResourceID: resource}
	if r.dryRun {
		return nil, nil
	}
	r.report.ConnectionID, r.report.ResourceID = connection, resource
	return server.Client(r.env)
}

func (r *recipeRun) run(ctx context.Context, c *client.Client) error {
	bar := newProgress(r.env)
	defer bar.done()
	run := collect.Run{Inputs: r.inputs, Outbound: outbound.Policy{Any: true}, Now: r.env.Now(), Local: true, Clock: r.env.Now, Step: func(s collect.Step) {
		bar.step(s)
		if !s.EndedAt.IsZero() {
			r.note(s)
		}
	}}
	if c == nil {
		run.Emit = func(record []byte) error {
			if r.report.Records++; r.report.Records <= sampleRecords {
				r.report.Sample = append(r.report.Sample, record)
			}
			return nil
		}
		return told(r.recipe.Collect(ctx, run))
	}
	return r.replace(ctx, c, run)
}

// replace runs the recipe into a session and completes it.
func (r *recipeRun) replace(ctx context.Context, c *client.Client, run collect.Run) (err error) {
	session := dataset.SessionID("recipe", r.env.Now())
	defer func() {
		if err != nil {
			undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			// If nothing was uploaded there is no session to cancel.
			_ = c.CancelSession(undo, r.target, session)
		}
	}()
	ids := dataset.NewDistinct()
	var refused error
	p := c.NewPusher(r.target, client.PusherOptions{SessionID: session, OnItem: func(n int, item client.Item) {
		if item.Error == nil {
			ids.Add(item.ID)
		} else if refused == nil {
			refused = fmt.Errorf("nothing was replaced: record %d was refused: %w", n+1, item.Error)
		}
	}})
	run.Emit = func(record []byte) error {
		r.report.Records++
		if err := p.Add(ctx, record); err != nil {
			return err
		}
		return refused
	}
	if err := told(r.recipe.Collect(ctx, run)); err != nil {
		return err
	}
	if err := p.Flush(ctx); err != nil {
		return err
	}
	switch {
	case refused != nil:
		return refused
	case r.report.Records == 0 && !r.empty:
		return errors.New("nothing was collected, so nothing was replaced: --allow-empty lets an empty run delete all records")
	case r.report.Records == 0:
		if _, err := c.Upload(ctx, r.target, session, nil); err != nil {
			return err
		}
	}
	expected := ids.Len()
	if r.expected != nil {
		expected = *r.expected
	}
	done, err := c.CompleteSession(ctx, r.target, session, client.Guards{ExpectedCount: &expected, MaxDeletePercent: &r.maxDeletePercent})
	if err != nil {
		return fmt.Errorf("nothing was replaced: %w", err)
	}
	r.report.Created, r.report.Updated, r.report.Unchanged, r.report.Deleted = done.Created, done.Updated, done.Unchanged, done.Deleted
	return nil
}

// told is a failure of a collection as it is shown.
func told(err error) error {
	var f *collect.StepError
	if !errors.As(err, &f) {
		return err
	}
	text := command.Plain(f.Message) + " (" + f.Code + ")"
	for _, name := range slices.Sorted(maps.Keys(f.Facts)) {
		text += "\n  " + name + ": " + command.Plain(f.Facts[name])
	}
	return errors.New(text)
}

func (r *recipeRun) note(s collect.Step) {
	step := recipeStep{Name: s.Name, StartedAt: s.StartedAt.UTC(), EndedAt: s.EndedAt.UTC(), Counts: s.Counts}
	if s.Err != nil {
		step.Error = &recipeError{s.Err.Code, s.Err.Message, s.Err.Facts}
	}
	// A step that was done may fail later.
	r.report.Steps = append(slices.DeleteFunc(r.report.Steps, func(o recipeStep) bool { return o.Name == s.Name }), step)
}

func (r recipeReport) text(w io.Writer) error {
	var b strings.Builder
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "%s:", s.Name)
		for _, name := range slices.Sorted(maps.Keys(s.Counts)) {
			fmt.Fprintf(&b, " %s %d", name, s.Counts[name])
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s", command.Plural(int(r.Records), "record", "records"))
	if r.DryRun {
		b.WriteString(" (not pushed)\n")
		for _, record := range r.Sample {
			fmt.Fprintf(&b, "%s\n", command.Plain(string(record)))
		}
		if more := r.Records - int64(len(r.Sample)); more > 0 {
			fmt.Fprintf(&b, "… and %d more\n", more)
		}
	} else {
		fmt.Fprintf(&b, " (created %d, updated %d, unchanged %d, deleted %d)\n", r.Created, r.Updated, r.Unchanged, r.Deleted)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
