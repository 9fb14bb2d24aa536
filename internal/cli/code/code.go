// Package code is the commands `plumbline export`, `plan` and `apply`: the
// objects of a workspace as files of YAML in a folder, to be kept in Git.
package code

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// flags are those that the three commands share.
type flags struct {
	env       command.Env
	server    *command.Server
	out       *command.Output
	workspace int64
	prune     bool
}

func addFlags(cmd *cobra.Command, env command.Env, prune string) *flags {
	f := &flags{env: env, server: command.AddServer(cmd)}
	cmd.Args = cobra.ExactArgs(1)
	cmd.Flags().Int64Var(&f.workspace, "workspace", 1, "id of the workspace")
	cmd.Flags().BoolVar(&f.prune, "prune", false, prune)
	f.out = command.AddOutput(cmd)
	return f
}

// open opens the folder and the workspace; with fresh the folder is made if it is
// not there.
func (f *flags) open(dir string, fresh bool) (*os.Root, *client.Client, error) {
	if f.workspace <= 0 {
		return nil, nil, command.Usagef("--workspace must be an id, which is above 0")
	}
	c, err := f.server.Client(f.env)
	if err != nil {
		return nil, nil, err
	}
	if fresh {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, nil, fmt.Errorf("the folder cannot be made: %w", err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("the folder cannot be opened: %w", err)
	}
	return root, c, nil
}

// Export makes the command `plumbline export`.
func Export(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the tests of a workspace, and what they need, into a folder as YAML",
		Long: `Write the connections with their schemas, named conditions, frameworks,
controls and tests of a workspace into a folder, one file each.

Into a folder that has files already only those are written that mean something
else than the workspace: comments and the order of keys stay where nothing
changed. Drafts that were never published are left out.

Exit codes: 0 fine, 1 error, 2 usage, 4 not authorised.`,
		Example: "  plumbline export ./compliance\n  plumbline export ./compliance --prune --output json",
	}
	f := addFlags(cmd, env, "delete files of objects that are not in the workspace")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, c, err := f.open(args[0], true)
		if err != nil {
			return err
		}
		defer func() { _ = root.Close() }()
		files, err := readFolder(root)
		if err != nil {
			return err
		}
		w := newWorkspace(c, f.workspace)
		if err := w.read(cmd.Context(), func(kind) bool { return true }); err != nil {
			return err
		}
		done, err := export(files, w, f.prune)
		if err != nil {
			return err
		}
		return f.out.Write(env.Out, done, done.text)
	}
	return cmd
}

// plan compares the folder with the workspace.
func (f *flags) plan(ctx context.Context, dir string) (p *plan, done func(), err error) {
	root, c, err := f.open(dir, false)
	if err != nil {
		return nil, nil, err
	}
	closing := func() { _ = root.Close() }
	defer func() {
		if err != nil {
			closing()
		}
	}()
	files, err := readFolder(root)
	if err != nil {
		return nil, nil, err
	}
	if files.empty() && !f.prune {
		return nil, nil, errors.New("the folder describes nothing: it has no files in connections, conditions, frameworks, controls or tests")
	}
	w := newWorkspace(c, f.workspace)
	if err := w.read(ctx, files.wants(f.prune)); err != nil {
		return nil, nil, err
	}
	if p, err = newPlan(ctx, files, w, f.prune, f.env.Now()); err != nil {
		return nil, nil, err
	}
	return p, closing, p.foresee(ctx)
}

const pruneHelp = "delete what the folder does not describe"

// planned is the result of `plumbline plan`.
type planReport struct {
	Changes []*change `json:"changes"`
	Create  int       `json:"create"`
	Update  int       `json:"update"`
	Delete  int       `json:"delete"`
}

func (p *plan) report() planReport {
	return planReport{p.Changes, p.count(create), p.count(update), p.count(remove)}
}

// Plan makes the command `plumbline plan`.
func Plan(env command.Env) *cobra.Command {
	var detailed bool
	cmd := &cobra.Command{
		Use:   "plan DIR",
		Short: "Show what `plumbline apply` would change, and which verdicts with it",
		Long: `Compare the files of a folder with a workspace: what would be created, changed
and, with --prune, deleted, and for each test that is new or says something else
which records would begin or cease to fail. Nothing is written.

Exit codes: 0 fine, 1 error, 2 usage, 3 there is something to do
(--detailed-exitcode), 4 not authorised.`,
		Example: "  plumbline plan ./compliance\n  plumbline plan ./compliance --prune --detailed-exitcode --output json",
	}
	f := addFlags(cmd, env, pruneHelp)
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 3 when there is something to do")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p, done, err := f.plan(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		defer done()
		if err := f.out.Write(env.Out, p.report(), p.text(command.NewPaint(env, env.Out))); err != nil {
			return err
		}
		if detailed && p.changes() {
			return &command.Failure{Code: command.ExitTestsFailed}
		}
		return nil
	}
	return cmd
}
