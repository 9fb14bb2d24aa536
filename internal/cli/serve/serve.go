// Package serve is the command `plumbline serve`.
package serve

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/app"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/config"
)

// Command makes the command.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server: the API under /public, the web app at /, the API reference at
/docs. It is ready when GET /readyz answers 200. SIGTERM or SIGINT stops it
after the requests in flight.

Every setting is a flag, a variable (in brackets) or a line in the file that
--config names; a flag wins over a variable, a variable over the file.

The log goes to standard error.`,
		Example: `  plumbline serve --addr 127.0.0.1:8080 --data ./data
  PLUMBLINE_RATE_LIMIT=0 plumbline serve --database-url postgres://plumbline@localhost/plumbline`,
		Args: cobra.NoArgs,
	}
	config.AddFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(cmd.Flags(), env.Environ)
		if err != nil {
			return &command.Failure{Code: command.ExitUsage, Err: err}
		}
		a, err := app.New(cmd.Context(), app.Options{Config: c, Version: env.Version, Log: Logger(env.Err, c), Now: env.Now})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(env.Out, "Plumbline %s listens on %s\n", env.Version, a.URL()); err != nil {
			return err
		}
		return a.Run(cmd.Context())
	}
	return cmd
}

// Logger writes lines in the form and from the level that the settings ask for.
func Logger(w io.Writer, c config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}
