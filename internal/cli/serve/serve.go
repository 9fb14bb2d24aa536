// Package serve is the command `plumbline serve`.
package serve

import (
	"context"
	"errors"
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

While there is no user it prints a link that creates the administrator; a restart
prints a new one, and so does "plumbline users setup-link".

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
		log := Logger(env.Err, c)
		a, err := app.New(cmd.Context(), app.Options{Config: c, Version: env.Version, Log: log, Now: env.Now})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(env.Out, "Plumbline %s listens on %s\n", env.Version, a.URL()); err != nil {
			return err
		}
		if err := invite(cmd.Context(), env, a, log); err != nil {
			return errors.Join(err, a.Close())
		}
		return a.Run(cmd.Context())
	}
	return cmd
}

// invite prints the link that makes the first administrator, while there is no
// user.
func invite(ctx context.Context, env command.Env, a *app.App, log *slog.Logger) error {
	users := a.Users()
	needed, err := users.NeedsSetUp(ctx)
	if err != nil || !needed {
		return err
	}
	link, err := users.SetUpLink(ctx)
	if app.IsConflict(err) {
		// Another node was quicker.
		return nil
	}
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "there is no user yet: open this link to create the administrator", "link", link.URL, "until", link.ExpiresAt)
	_, err = fmt.Fprintf(env.Out, "There is no user yet. Open this link once to create the administrator (until %s):\n\n  %s\n\n", link.ExpiresAt.Local().Format("2006-01-02 15:04 MST"), link.URL)
	return err
}

// Logger writes lines in the form and from the level that the settings ask for.
func Logger(w io.Writer, c config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}
