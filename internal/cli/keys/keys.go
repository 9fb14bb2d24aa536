// Package keys is the command `plumbline keys`, which works on the database
// beside a running server.
package keys

import (
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
		Use:   "keys",
		Short: "Create, list and revoke API keys",
		Long: `Create, list and revoke API keys in the database that --data or --database-url
names. No API key is needed for it: who can write to the database may do
anything. It works while a server runs on the same database.`,
	}
	return command.Group(cmd, create(env), list(env), revoke(env))
}

// with opens the database that the flags name; only with fresh it may make one.
func with(cmd *cobra.Command, env command.Env, fresh bool, do func(context.Context, *app.Keys) error) error {
	return command.Opened(cmd, env, func(ctx context.Context, c config.Config) (*app.Keys, error) {
		return app.OpenKeys(ctx, c, env.Now, fresh)
	}, do)
}

// keyView is a key in the output.
type keyView struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Key is the secret; only create tells it.
	Key         string     `json:"key,omitempty"`
	Prefix      string     `json:"prefix,omitempty"`
	Scopes      []string   `json:"scopes"`
	State       string     `json:"state"`
	AllowedIPs  []string   `json:"allowedIps"`
	Connections []int64    `json:"connectionIds,omitempty"`
	CreatedAt   time.Time  `json:"createdAt"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	RevokedAt   *time.Time `json:"revokedAt"`
	LastUsedAt  *time.Time `json:"lastUsedAt"`
}

func view(k app.Key) keyView {
	v := keyView{ID: k.ID, Name: k.Name, Prefix: k.Prefix, Scopes: k.Scopes, State: k.State, AllowedIPs: []string{}, Connections: k.Connections,
		CreatedAt: k.CreatedAt.UTC().Truncate(time.Millisecond), ExpiresAt: maybe(k.ExpiresAt), RevokedAt: maybe(k.RevokedAt), LastUsedAt: maybe(k.LastUsedAt)}
	for _, p := range k.AllowedIPs {
		v.AllowedIPs = append(v.AllowedIPs, p.String())
	}
	return v
}

func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

func create(env command.Env) *cobra.Command {
	var name, expires string
	var scopes, allow []string
	var connections []int64
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create an API key; its secret is shown this once",
		Example: `  plumbline keys create --data ./data --name ci --scope custom-connections-data-post,custom-connections-get
  plumbline keys create --data ./data --name laptops --scope devices-report --connection 9
  plumbline keys create --data ./data --name admin --scope all --expires never --allow-ip 10.0.0.0/8 --output json`,
		Args: cobra.NoArgs,
	}
	config.AddFlags(cmd.Flags(), config.Data, config.DatabaseURL)
	cmd.Flags().StringVar(&name, "name", "", "name of the key (required)")
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "what the key may do: all, read, or scopes separated by commas (required)")
	cmd.Flags().StringVar(&expires, "expires", "365d", "when the key ends: a time from now (365d, 12h), a date (2027-01-31) or never")
	cmd.Flags().StringSliceVar(&allow, "allow-ip", nil, "address or network (CIDR) that the key may be used from (default: anywhere)")
	cmd.Flags().Int64SliceVar(&connections, "connection", nil, "with the scope devices-report: id of an MDM connection to which the key reports devices")
	_ = cmd.MarkFlagRequired("name")
	_ = cmd.MarkFlagRequired("scope")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		until, err := command.Expiry(expires, env.Now())
		if err != nil {
			return err
		}
		n := app.NewKey{Name: name, ExpiresAt: until, Connections: connections}
		for _, s := range scopes {
			n.Scopes = append(n.Scopes, strings.TrimSpace(s))
		}
		for _, a := range allow {
			p, err := config.ParsePrefix(strings.TrimSpace(a))
			if err != nil {
				return command.Usagef("--allow-ip: %w", err)
			}
			n.AllowedIPs = append(n.AllowedIPs, p)
		}
		if err := n.Check(); err != nil {
			return command.Usagef("--scope: %w", err)
		}
		return with(cmd, env, true, func(ctx context.Context, k *app.Keys) error {
			made, secret, err := k.Create(ctx, n)
			if err != nil {
				return err
			}
			v := view(made)
			v.Key, v.Prefix = secret, ""
			return out.Write(env.Out, v, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s\n\nThis is key %d (%s). It is shown this once; %s.\n", secret, v.ID, v.Name, ending(v.ExpiresAt))
				return err
			})
		})
	}
	return cmd
}

func ending(t *time.Time) string {
	if t == nil {
		return "it never expires"
	}
	return "it expires on " + t.Format("2006-01-02 15:04 MST")
}

func list(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the API keys, revoked and expired ones included",
		Args:  cobra.NoArgs,
	}
	config.AddFlags(cmd.Flags(), config.Data, config.DatabaseURL)
	out := command.AddListOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return with(cmd, env, false, func(ctx context.Context, k *app.Keys) error {
			all, err := k.List(ctx)
			if err != nil {
				return err
			}
			views := make([]keyView, len(all))
			for i, one := range all {
				views[i] = view(one)
			}
			return command.List(env, out, command.Slice(views),
				command.Column[keyView]{Head: "ID", Cell: func(v keyView) string { return strconv.FormatInt(v.ID, 10) }},
				command.Column[keyView]{Head: "NAME", Cell: func(v keyView) string { return v.Name }, Wide: true},
				command.Column[keyView]{Head: "STATE", Cell: func(v keyView) string { return v.State }},
				command.Column[keyView]{Head: "SCOPES", Cell: func(v keyView) string { return strings.Join(v.Scopes, ",") }, Wide: true},
				command.Column[keyView]{Head: "EXPIRES", Cell: func(v keyView) string { return command.Day(v.ExpiresAt, "never") }},
				command.Column[keyView]{Head: "LAST USED", Cell: func(v keyView) string { return command.Day(v.LastUsedAt, "never") }},
				command.Column[keyView]{Head: "KEY", Cell: func(v keyView) string { return v.Prefix + "…" }})
		})
	}
	return cmd
}

func revoke(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke an API key; the next request that shows it is refused",
		Args:  cobra.ExactArgs(1),
	}
	config.AddFlags(cmd.Flags(), config.Data, config.DatabaseURL)
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := command.ID(args[0], "a key", "keys list")
		if err != nil {
			return err
		}
		return with(cmd, env, false, func(ctx context.Context, k *app.Keys) error {
			if err := k.Revoke(ctx, id); err != nil {
				return err
			}
			result := struct {
				ID      int64 `json:"id"`
				Revoked bool  `json:"revoked"`
			}{id, true}
			return out.Write(env.Out, result, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "Key %d is revoked.\n", id)
				return err
			})
		})
	}
	return cmd
}
