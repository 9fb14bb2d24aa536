// Package users is the command `plumbline users`, which works on the database
// beside a running server.
package users

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/app"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/config"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "users",
		Short: "Create, invite, list and disable the people who sign in",
		Long: `Create, invite, list and disable the people who sign in to the web app, in the
database that --data or --database-url names. No API key is needed for it: who
can write to the database may do anything. It works while a server runs on the
same database.

Links are printed whole where --public-url is given, else without their host.`,
	}
	return command.Group(cmd, list(env), create(env), invite(env), setUpLink(env), reset(env), disable(env), enable(env))
}

// with opens the database that the flags name; only with fresh it may make one.
func with(cmd *cobra.Command, env command.Env, fresh bool, do func(context.Context, *app.Users) error) error {
	return command.Opened(cmd, env, func(ctx context.Context, c config.Config) (*app.Users, error) {
		return app.OpenUsers(ctx, c, env.Now, fresh)
	}, do)
}

func flags(cmd *cobra.Command) *command.Output {
	config.AddFlags(cmd.Flags(), config.Data, config.DatabaseURL, config.PublicURL)
	return command.AddOutput(cmd)
}

// userView is a user in the output.
type userView struct {
	ID           int64      `json:"id"`
	Email        string     `json:"email"`
	FirstName    string     `json:"firstName"`
	LastName     string     `json:"lastName"`
	State        string     `json:"state"`
	Roles        []string   `json:"roles"`
	CreatedAt    time.Time  `json:"createdAt"`
	LastSignInAt *time.Time `json:"lastSignInAt"`
	Link         *linkView  `json:"link,omitempty"`
}

type linkView struct {
	URL       string    `json:"url"`
	Purpose   string    `json:"purpose"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func view(u app.User) userView {
	v := userView{ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, State: u.State, Roles: u.Roles, CreatedAt: u.CreatedAt.UTC().Truncate(time.Millisecond)}
	if !u.LastSignInAt.IsZero() {
		at := u.LastSignInAt.UTC().Truncate(time.Millisecond)
		v.LastSignInAt = &at
	}
	return v
}

func viewOf(l app.UserLink) *linkView {
	return &linkView{l.URL, l.Purpose, l.ExpiresAt.UTC().Truncate(time.Millisecond)}
}

func list(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the users", Args: cobra.NoArgs}
	config.AddFlags(cmd.Flags(), config.Data, config.DatabaseURL, config.PublicURL)
	out := command.AddListOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return with(cmd, env, false, func(ctx context.Context, u *app.Users) error {
			all, err := u.List(ctx)
			if err != nil {
				return err
			}
			views := make([]userView, len(all))
			for i, one := range all {
				views[i] = view(one)
			}
			return command.List(env, out, command.Slice(views),
				command.Column[userView]{Head: "ID", Cell: func(v userView) string { return strconv.FormatInt(v.ID, 10) }},
				command.Column[userView]{Head: "E-MAIL", Cell: func(v userView) string { return v.Email }, Wide: true},
				command.Column[userView]{Head: "NAME", Cell: func(v userView) string { return strings.TrimSpace(v.FirstName + " " + v.LastName) }, Wide: true},
				command.Column[userView]{Head: "STATE", Cell: func(v userView) string { return v.State }},
				command.Column[userView]{Head: "ROLES", Cell: func(v userView) string { return strings.Join(v.Roles, ",") }, Wide: true},
				command.Column[userView]{Head: "LAST SIGN-IN", Cell: func(v userView) string { return command.Day(v.LastSignInAt, "never") }})
		})
	}
	return cmd
}

// person adds the flags that describe somebody.
func person(cmd *cobra.Command) *app.NewUser {
	n := &app.NewUser{}
	cmd.Flags().StringVar(&n.Email, "email", "", "mail address (required)")
	cmd.Flags().StringVar(&n.FirstName, "first-name", "", "first name")
	cmd.Flags().StringVar(&n.LastName, "last-name", "", "last name")
	cmd.Flags().StringSliceVar(&n.Roles, "role", nil, "what they may do: "+strings.Join(app.Roles(), ", ")+" (required)")
	cmd.Flags().Int64SliceVar(&n.Workspaces, "workspace", nil, "workspaces in which the roles are held (default: all)")
	_ = cmd.MarkFlagRequired("email")
	_ = cmd.MarkFlagRequired("role")
	return n
}

func create(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Create a user whose password comes from standard input",
		Example: `  printf '%s' "$PASSWORD" | plumbline users create --data ./data --email ann@example.com --role ADMIN`,
		Args:    cobra.NoArgs,
	}
	out, n := flags(cmd), person(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := n.Check(); err != nil {
			return command.Usagef("--role: %w", err)
		}
		password, err := bufio.NewReader(io.LimitReader(env.In, 4096)).ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		password = strings.TrimRight(password, "\r\n")
		if password == "" {
			return command.Usagef("the password must come from standard input, as one line")
		}
		return with(cmd, env, true, func(ctx context.Context, u *app.Users) error {
			made, err := u.Create(ctx, *n, password)
			if err != nil {
				return err
			}
			return out.Write(env.Out, view(made), func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "User %d (%s) can sign in.\n", made.ID, made.Email)
				return err
			})
		})
	}
	return cmd
}

func invite(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "invite",
		Short:   "Invite a user; the link with which they choose a password is shown this once",
		Example: `  plumbline users invite --data ./data --email ann@example.com --role CONTROL_MANAGER --workspace 2`,
		Args:    cobra.NoArgs,
	}
	out, n := flags(cmd), person(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := n.Check(); err != nil {
			return command.Usagef("--role: %w", err)
		}
		return with(cmd, env, true, func(ctx context.Context, u *app.Users) error {
			made, link, err := u.Invite(ctx, *n)
			if err != nil {
				return err
			}
			return show(env, out, made, link)
		})
	}
	return cmd
}

// show writes a user with a link.
func show(env command.Env, out *command.Output, u app.User, l app.UserLink) error {
	v := view(u)
	v.Link = viewOf(l)
	return out.Write(env.Out, v, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n\nGive this link to %s. It works once, until %s.\n", l.URL, u.Email, l.ExpiresAt.UTC().Format("2006-01-02 15:04 MST"))
		return err
	})
}

func setUpLink(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup-link",
		Short: "Print a new link that creates the first administrator; links before it end",
		Args:  cobra.NoArgs,
	}
	out := flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return with(cmd, env, true, func(ctx context.Context, u *app.Users) error {
			link, err := u.SetUpLink(ctx)
			if err != nil {
				return err
			}
			return out.Write(env.Out, viewOf(link), func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s\n\nThe link works once, until %s.\n", link.URL, link.ExpiresAt.UTC().Format("2006-01-02 15:04 MST"))
				return err
			})
		})
	}
	return cmd
}

func reset(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "reset EMAIL", Short: "Make a link with which a user chooses a new password", Args: cobra.ExactArgs(1)}
	out := flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return with(cmd, env, false, func(ctx context.Context, u *app.Users) error {
			found, link, err := u.Reset(ctx, args[0])
			if err != nil {
				return err
			}
			return show(env, out, found, link)
		})
	}
	return cmd
}

func disable(env command.Env) *cobra.Command {
	return act(env, "disable EMAIL", "Keep a user out; their sessions end at once", "is disabled", (*app.Users).Disable)
}

func enable(env command.Env) *cobra.Command {
	return act(env, "enable EMAIL", "Let a user in again", "is enabled", (*app.Users).Enable)
}

func act(env command.Env, use, short, done string, do func(*app.Users, context.Context, string) (app.User, error)) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1)}
	out := flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return with(cmd, env, false, func(ctx context.Context, u *app.Users) error {
			changed, err := do(u, ctx, args[0])
			if err != nil {
				return err
			}
			return out.Write(env.Out, view(changed), func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s %s.\n", changed.Email, done)
				return err
			})
		})
	}
	return cmd
}
