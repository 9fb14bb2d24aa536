// Package cli is the command line: one folder per command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/agent"
	"github.com/plumbline-dev/plumbline/internal/cli/assets"
	"github.com/plumbline-dev/plumbline/internal/cli/catalog"
	"github.com/plumbline-dev/plumbline/internal/cli/code"
	"github.com/plumbline-dev/plumbline/internal/cli/collect"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/company"
	"github.com/plumbline-dev/plumbline/internal/cli/connections"
	"github.com/plumbline-dev/plumbline/internal/cli/customfields"
	"github.com/plumbline-dev/plumbline/internal/cli/demo"
	"github.com/plumbline-dev/plumbline/internal/cli/devices"
	"github.com/plumbline-dev/plumbline/internal/cli/doctor"
	"github.com/plumbline-dev/plumbline/internal/cli/documents"
	"github.com/plumbline-dev/plumbline/internal/cli/exclusions"
	"github.com/plumbline-dev/plumbline/internal/cli/groups"
	"github.com/plumbline-dev/plumbline/internal/cli/identities"
	"github.com/plumbline-dev/plumbline/internal/cli/keys"
	"github.com/plumbline-dev/plumbline/internal/cli/personnel"
	"github.com/plumbline-dev/plumbline/internal/cli/push"
	"github.com/plumbline-dev/plumbline/internal/cli/roles"
	"github.com/plumbline-dev/plumbline/internal/cli/rule"
	"github.com/plumbline-dev/plumbline/internal/cli/serve"
	"github.com/plumbline-dev/plumbline/internal/cli/test"
	"github.com/plumbline-dev/plumbline/internal/cli/users"
	"github.com/plumbline-dev/plumbline/internal/cli/version"
	"github.com/plumbline-dev/plumbline/internal/cli/workspaces"
)

// Main runs the command that the arguments of the process name and returns its
// exit code. SIGINT and SIGTERM end the command's context; a second one ends
// the process.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	env := command.Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ(), Now: time.Now, Version: version.Number()}
	return run(ctx, env, os.Args[1:])
}

func run(ctx context.Context, env command.Env, args []string) int {
	root, began := newRoot(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return command.ExitOK
	}
	if text := command.Sentence(err); text != "" {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			text = "stopped"
		}
		_, _ = fmt.Fprintf(env.Err, "plumbline: %s\n", text)
	}
	code := command.ExitCode(err)
	if !*began {
		code = command.ExitUsage
		_, _ = fmt.Fprintf(env.Err, "See `plumbline --help`, or a command's own --help.\n")
	}
	return code
}

// newRoot makes the command tree. began is set once a command runs: what fails
// before that is a fault of how the program was called.
func newRoot(env command.Env) (root *cobra.Command, began *bool) {
	began = new(bool)
	root = &cobra.Command{
		Use:           "plumbline",
		Short:         "Self-hosted continuous compliance",
		Long:          "Plumbline: push evidence as JSON, write tests over it, see which record fails since when and why.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       env.Version,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.CompletionOptions.DisableDefaultCmd = false
	root.AddCommand(serve.Command(env), demo.Command(env), push.Command(env), code.Export(env), code.Plan(env), code.Apply(env), rule.Command(env), test.Command(env), collect.Command(env), catalog.Command(env), exclusions.Command(env),
		connections.Command(env), personnel.Command(env), groups.Command(env), identities.Command(env), devices.Command(env), assets.Command(env), customfields.Command(env), documents.Command(env), keys.Command(env), users.Command(env), roles.Command(env), company.Command(env), workspaces.Command(env), agent.Command(env), doctor.Command(env), version.Command(env))
	noting(root, began)
	return root, began
}

// noting makes every command note that it runs.
func noting(cmd *cobra.Command, began *bool) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*began = true
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		noting(sub, began)
	}
}
