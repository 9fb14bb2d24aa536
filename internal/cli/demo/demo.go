// Package demo is the command `plumbline demo`: a server with real input of
// this machine and sample connections, gone when it ends.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/app"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/config"
)

// Command makes the command.
func Command(env command.Env) *cobra.Command {
	var keep string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a server with this machine's own settings and sample data in it",
		Long: `Run a server on an embedded database in a temporary folder, which is removed at
the end. In it are this machine's accounts, SSH settings, listening ports,
packages, file systems and kernel settings, three sample connections, tests over
all of them, and the controls and frameworks that these tests prove; beside them
the people of an organisation with their devices and assets. Nothing is downloaded and nothing leaves the machine.`,
		Args: cobra.NoArgs,
	}
	config.AddFlags(cmd.Flags(), config.Addr)
	cmd.Flags().StringVar(&keep, "keep", "", "folder for the database, which is then kept")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(cmd.Flags(), env.Environ)
		if err != nil {
			return &command.Failure{Code: command.ExitUsage, Err: err}
		}
		// The demo is for one person on one machine.
		c.RateLimit = 0
		c.ShutdownGrace = 5 * time.Second
		c.DataDir = keep
		if keep == "" {
			if c.DataDir, err = os.MkdirTemp("", "plumbline-demo-"); err != nil {
				return err
			}
			defer func() { _ = os.RemoveAll(c.DataDir) }()
		}
		d := &demo{env: env, out: out, kept: keep}
		return d.run(cmd.Context(), c, cmd.Flags().Changed(config.Addr))
	}
	return cmd
}

type demo struct {
	env  command.Env
	out  *command.Output
	kept string
}

func (d *demo) run(ctx context.Context, c config.Config, addrGiven bool) error {
	a, err := d.open(ctx, c, addrGiven)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(running) }()

	ready, err := d.fill(ctx, a)
	if err == nil {
		err = d.out.Write(d.env.Out, ready, ready.text)
	}
	if err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	return <-ended
}

// open starts the server, on a free port if the usual one is taken and nobody
// asked for it.
func (d *demo) open(ctx context.Context, c config.Config, addrGiven bool) (*app.App, error) {
	o := app.Options{Config: c, Version: d.env.Version, Now: d.env.Now,
		Log: slog.New(slog.NewTextHandler(d.env.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	a, err := app.New(ctx, o)
	if errors.Is(err, app.ErrAddrInUse) && !addrGiven {
		o.Config.Addr = "127.0.0.1:0"
		return app.New(ctx, o)
	}
	return a, err
}

// fill brings everything into the server, through its public API.
func (d *demo) fill(ctx context.Context, a *app.App) (*ready, error) {
	_, key, err := a.Keys().Create(ctx, app.NewKey{Name: "demo", Scopes: []string{"all"}})
	if err != nil {
		return nil, err
	}
	c, err := client.New(a.URL(), key, client.Options{UserAgent: "plumbline-demo"})
	if err != nil {
		return nil, err
	}
	r := &ready{URL: a.URL(), Key: key, Kept: d.kept}
	f := &filling{c: c, env: d.env, notes: d.env.Err, ready: r}
	_, _ = io.WriteString(d.env.Err, "Reading this machine and setting up …\n")
	if err := f.all(ctx); err != nil {
		return nil, fmt.Errorf("the demo could not be set up: %w", err)
	}
	return r, d.letIn(ctx, a, r)
}

// demoEmail is who signs in to the demo.
const demoEmail = "demo@plumbline.example"

// letIn makes the person who signs in, and a link that does it without typing. A
// database that was kept has the person already; nobody knows that password.
func (d *demo) letIn(ctx context.Context, a *app.App, r *ready) error {
	users := a.Users()
	needed, err := users.NeedsSetUp(ctx)
	if err != nil {
		return err
	}
	if needed {
		password := rand.Text()[:20]
		if _, err := users.Create(ctx, app.NewUser{Email: demoEmail, FirstName: "Demo", LastName: "Administrator", Roles: []string{"ADMIN"}}, password); err != nil {
			return err
		}
		r.Login = &login{demoEmail, password}
	}
	link, err := users.SignInLink(ctx, demoEmail)
	r.Link = link.URL
	return err
}
