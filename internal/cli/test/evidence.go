package test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

var evidenceForms = []string{client.EvidenceJSON, client.EvidenceCSV, client.EvidencePDF}

// downloading is one call of evidence.
type downloading struct {
	workspace      int64
	run, form, out string
}

func evidence(env command.Env) *cobra.Command {
	d := &downloading{}
	cmd := &cobra.Command{
		Use:   "evidence TEST",
		Short: "Download what a run of a test looked at",
		Long: `Download the evidence of a run: every record as it was at the end of the run with
its verdict, as JSON, CSV or PDF. TEST is the number of the test. docs/tests.md
says how to check the hash of a run by the JSON file.

Exit codes: 0 written, 1 refused or failed, 2 usage, 4 not authorised.`,
		Example: `  plumbline test evidence 12 --out evidence.json
  plumbline test evidence 12 --run 345 --format pdf --out evidence.pdf`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().Int64Var(&d.workspace, "workspace", 1, "id of the workspace")
	cmd.Flags().StringVar(&d.run, "run", "last", "id of the run, or last for the last one that is done")
	cmd.Flags().StringVar(&d.form, "format", client.EvidenceJSON, "form of the file: "+strings.Join(evidenceForms, ", "))
	cmd.Flags().StringVar(&d.out, "out", "-", "file to write, - for standard output")
	server := command.AddServer(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		test, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || test <= 0 || d.workspace <= 0 {
			return command.Usagef("TEST is the number of a test and --workspace an id, which are above 0")
		}
		if !slices.Contains(evidenceForms, d.form) {
			return command.Usagef("--format is %q: it must be one of %s", d.form, strings.Join(evidenceForms, ", "))
		}
		run, err := strconv.ParseInt(d.run, 10, 64)
		if d.run != "last" && (err != nil || run <= 0) {
			return command.Usagef("--run is %q: it must be the id of a run, or last", d.run)
		}
		c, err := server.Client(env)
		if err != nil {
			return err
		}
		if d.run == "last" {
			if run, err = lastRun(cmd.Context(), c, d.workspace, test); err != nil {
				return err
			}
		}
		return d.write(env, func(w io.Writer) error { return c.Evidence(cmd.Context(), d.workspace, test, run, d.form, w) })
	}
	return cmd
}

// lastRun is the last run of a test that is done.
func lastRun(ctx context.Context, c *client.Client, workspace, test int64) (int64, error) {
	for r, err := range c.Runs(ctx, workspace, test, "", client.List{}) {
		if err != nil {
			return 0, err
		}
		if r.State == client.RunDone {
			return r.ID, nil
		}
	}
	return 0, fmt.Errorf("test %d has no run that is done", test)
}

// write writes the file at once or not at all.
func (d *downloading) write(env command.Env, download func(io.Writer) error) error {
	if d.out == "-" {
		return download(env.Out)
	}
	f, err := os.CreateTemp(filepath.Dir(d.out), ".evidence-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", d.out, err)
	}
	err = errors.Join(download(f), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), d.out)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
