// Package test is the command `plumbline test`, which tests tests.
package test

import (
	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	return command.Group(&cobra.Command{
		Use:   "test",
		Short: "Test tests: run fixtures, try logic over the records of a server, download evidence",
	}, run(env), preview(env), evidence(env))
}
