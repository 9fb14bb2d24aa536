// Package rule is the command `plumbline rule`, which tries rules on files: no
// server is needed.
package rule

import (
	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	return command.Group(&cobra.Command{
		Use:   "rule",
		Short: "Try rules on files of records, and look for slips in them",
	}, eval(env), lint(env))
}
