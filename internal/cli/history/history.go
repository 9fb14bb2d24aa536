// Package history is the subcommand `history` of people, devices and assets.
package history

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Walk walks the history of what an argument names.
type Walk func(ctx context.Context, c *client.Client, l client.List) iter.Seq2[client.ObjectChange, error]

// Command makes the subcommand for what Use names; named reads its argument.
func Command(env command.Env, cmd *cobra.Command, named func(arg string) (Walk, error)) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	s, l := command.AddServer(cmd), command.AddListing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		walk, err := named(args[0])
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		all := walk(cmd.Context(), c, l.List())
		if l.Text() {
			return told(env, command.Limited(l, all))
		}
		return command.Walked(env, l, all)
	}
	return cmd
}

// told writes a history for people.
func told(env command.Env, all iter.Seq2[client.ObjectChange, error]) (err error) {
	w, paint := bufio.NewWriter(env.Out), command.NewPaint(env, env.Out)
	defer func() {
		if ferr := w.Flush(); err == nil {
			err = ferr
		}
	}()
	for change, err := range all {
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "%s  %s\n", paint.Faint(command.Moment(&change.At, "")), change.Type)
		for _, e := range change.Events {
			_, _ = fmt.Fprintf(w, "  %s%s\n", command.OneLine(e.Description), by(e.Actor))
		}
		fields := make([]command.Field, len(change.Changes))
		for i, each := range change.Changes {
			fields[i] = command.Field{Name: "  " + command.OneLine(each.Field), Value: strings.TrimSpace(command.Value(each.From) + " → " + command.Value(each.To))}
		}
		if err := command.Fields(w, fields...); err != nil {
			return err
		}
	}
	return nil
}

// by is who did something, if anybody did.
func by(a client.Actor) string {
	switch a.Kind {
	case "key":
		return ", by key " + command.OneLine(a.Name)
	case "user":
		return ", by " + command.OneLine(a.Name)
	}
	return ""
}
