// Package collect is the command `plumbline collect`.
package collect

import (
	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	return command.Group(&cobra.Command{
		Use:   "collect",
		Short: "Collect evidence with a built-in collector and push it",
	}, hostCommand(env), recipeCommand(env), checkCommand(env))
}
