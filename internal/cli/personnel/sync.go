package personnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

func sync(env command.Env) *cobra.Command {
	var start bool
	var patience time.Duration
	var cancel int64
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Make personnel of the HRIS identities now, and wait until it is done",
		Long: `Make personnel of the HRIS identities now, as the server does each night, and
wait until it is done. When an identity sync is running already, this one begins
after it. To end the command does not end the sync: it goes on at the server.`,
		Example: `  plumbline identities push 7 people.ndjson && plumbline personnel sync`,
		Args:    cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&start, "no-wait", false, "begin it, and do not wait for its end")
	cmd.Flags().Int64Var(&cancel, "cancel", 0, "end this identity sync instead, by number; what it has applied stays")
	cmd.MarkFlagsMutuallyExclusive("no-wait", "cancel")
	cmd.Flags().DurationVar(&patience, "timeout", 10*time.Minute, "how long to wait for it")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if patience <= 0 {
			return command.Usagef("--timeout must be above 0")
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		if cmd.Flags().Changed("cancel") {
			y, err := c.CancelIdentitySync(cmd.Context(), cancel)
			if err != nil {
				return err
			}
			return out.Write(env.Out, y, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "Identity sync %d was cancelled after %d of %s.\n", y.ID, y.Done, command.Plural(int(y.Total), "identity", "identities"))
				return err
			})
		}
		if start {
			y, err := c.StartIdentitySync(cmd.Context())
			if err != nil {
				return err
			}
			return out.Write(env.Out, y, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "Identity sync %d has begun.\n", y.ID)
				return err
			})
		}
		y, err := follow(cmd.Context(), env, c, patience)
		if err != nil {
			return err
		}
		if err := out.Write(env.Out, y, func(w io.Writer) error { return ended(w, y) }); err != nil {
			return err
		}
		if y.Status != "COMPLETED" {
			return fmt.Errorf("identity sync %d was cancelled; what it had applied stays", y.ID)
		}
		return nil
	}
	return cmd
}

// follow runs a sync, and tells of its progress whoever looks.
func follow(ctx context.Context, env command.Env, c *client.Client, patience time.Duration) (client.IdentitySync, error) {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	watched, last := command.IsTerminal(env.Err), ""
	defer func() {
		if last != "" {
			_, _ = fmt.Fprint(env.Err, "\r\x1b[K")
		}
	}()
	y, err := c.SyncIdentities(within, func(y client.IdentitySync) {
		line := fmt.Sprintf("identity sync %d: %d of %d", y.ID, y.Done, y.Total)
		if y.ID == 0 {
			line = "waiting for the identity sync that is running"
		}
		if watched && line != last {
			_, _ = fmt.Fprintf(env.Err, "\r\x1b[K%s", line)
			last = line
		}
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return y, fmt.Errorf("the identity sync is not done after %s; it goes on at the server", patience)
	}
	return y, err
}

func ended(w io.Writer, y client.IdentitySync) error {
	if _, err := fmt.Fprintf(w, "Identity sync %d looked at %s: %d people created, %d updated, %d unchanged.\n", y.ID, command.Plural(int(y.Done), "identity", "identities"),
		y.Created, y.Updated, y.Unchanged); err != nil {
		return err
	}
	for _, each := range []struct {
		n         int64
		one, many string
	}{
		{y.WithoutAddress, "identity without an address, which a person needs", "identities without an address, which a person needs"},
		{y.Taken, "identity whose address is of somebody who follows another one", "identities whose address is of somebody who follows another one"},
	} {
		if each.n > 0 {
			if _, err := fmt.Fprintf(w, "Passed over: %s.\n", command.Plural(int(each.n), each.one, each.many)); err != nil {
				return err
			}
		}
	}
	return nil
}

func syncs(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "syncs", Short: "List the identity syncs, newest first", Example: `  plumbline personnel syncs --limit 1`, Args: cobra.NoArgs}
	s, l := command.AddServer(cmd), command.AddListing(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		count := func(head string, of func(client.IdentitySync) int64) command.Column[client.IdentitySync] {
			return command.Column[client.IdentitySync]{Head: head, Cell: func(y client.IdentitySync) string { return strconv.FormatInt(of(y), 10) }}
		}
		return command.Walked(env, l, c.IdentitySyncs(cmd.Context(), l.List()),
			count("ID", func(y client.IdentitySync) int64 { return y.ID }),
			command.Column[client.IdentitySync]{Head: "STARTED", Cell: func(y client.IdentitySync) string { return command.Moment(&y.StartedAt, "") }},
			command.Column[client.IdentitySync]{Head: "STATUS", Cell: func(y client.IdentitySync) string { return y.Status }},
			command.Column[client.IdentitySync]{Head: "BY", Cell: func(y client.IdentitySync) string { return y.Trigger }},
			count("DONE", func(y client.IdentitySync) int64 { return y.Done }),
			count("CREATED", func(y client.IdentitySync) int64 { return y.Created }),
			count("UPDATED", func(y client.IdentitySync) int64 { return y.Updated }))
	}
	return cmd
}
