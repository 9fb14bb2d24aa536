// Package connections is the command `plumbline connections`: the outside systems
// that data comes from.
package connections

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "connections",
		Short: "List, make, change and delete connections",
		Long: `List the connections with their resources and their health, and make one for
records (CUSTOM), for people of an HRIS system (HRIS) or for devices (MDM).
Connections of known providers are made by plumbline catalog use.`,
	}
	return command.Group(cmd, list(env), show(env), create(env), update(env), remove(env))
}

func number(arg string) (int64, error) { return command.ID(arg, "a connection", "connections list") }

func health(c client.Connection) string {
	switch {
	case c.State == "DISCONNECTED":
		return c.State
	case c.Health != nil:
		return *c.Health
	}
	return ""
}

// never is what is said of the last data where there is none; people and devices
// come without a resource, and nobody notes when.
func never(c client.Connection) string {
	if len(c.Resources) == 0 {
		return ""
	}
	return "never"
}

type column = command.Column[client.Connection]

func list(env command.Env) *cobra.Command {
	var f client.ConnectionFilter
	cmd := &cobra.Command{
		Use:   "list [TEXT]",
		Short: "List connections, or those whose name, description or resource has a text",
		Example: `  plumbline connections list --provider-type hris
  plumbline connections list --output ndjson | jq -r '.customResources[] | [.id, .name] | @tsv'`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.Flags().StringVar(&f.ProviderType, "provider-type", "", "only those of this type: custom, hris, mdm or that of a provider, such as identity")
	cmd.Flags().StringVar(&f.DataStatus, "data", "", "only those whose data is so: current, stale or no-data")
	cmd.Flags().Int64Var(&f.WorkspaceID, "workspace", 0, "only those of this workspace")
	s, l := command.AddServer(cmd), command.AddListing(cmd, "createdAt", "updatedAt")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.Text, f.ProviderType, f.DataStatus = strings.Join(args, ""), command.Word(f.ProviderType), command.Word(f.DataStatus)
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return command.Walked(env, l, c.Connections(cmd.Context(), f, l.List()),
			column{Head: "ID", Cell: func(c client.Connection) string { return strconv.FormatInt(c.ID, 10) }},
			column{Head: "NAME", Cell: func(c client.Connection) string { return c.Name }, Wide: true},
			column{Head: "TYPES", Cell: func(c client.Connection) string { return strings.Join(c.ProviderTypes, ",") }, Wide: true},
			column{Head: "RECORDS", Cell: func(c client.Connection) string { return strconv.FormatInt(c.RecordCount, 10) }},
			column{Head: "HEALTH", Cell: health, Paint: command.Standing},
			column{Head: "LAST DATA", Cell: func(c client.Connection) string { return command.Day(c.LastSyncAt, never(c)) }})
	}
	return cmd
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show a connection with its resources, whose ids plumbline push needs"}
	return command.Shown(env, cmd, number, (*client.Client).Connection, write)
}

// write writes a connection.
func write(env command.Env, out *command.Output, c client.Connection) error {
	return out.Write(env.Out, c, func(w io.Writer) error {
		workspaces := make([]string, len(c.WorkspaceIDs))
		for i, id := range c.WorkspaceIDs {
			workspaces[i] = strconv.FormatInt(id, 10)
		}
		if err := command.Fields(w,
			command.Field{Name: "Connection", Value: fmt.Sprintf("%d  %s", c.ID, command.OneLine(c.Name))},
			command.Field{Name: "Description", Value: command.Maybe(c.Description)},
			command.Field{Name: "Types", Value: strings.Join(c.ProviderTypes, ", ")},
			command.Field{Name: "Workspaces", Value: strings.Join(workspaces, ", ")},
			command.Field{Name: "Health", Value: strings.TrimSpace(command.Standing(command.NewPaint(env, w), health(c)) + "  " + command.OneLine(c.HealthReason))},
			command.Field{Name: "Last data", Value: command.Moment(c.LastSyncAt, never(c))}); err != nil || len(c.Resources) == 0 {
			return err
		}
		_, _ = fmt.Fprintln(w)
		return command.Table(env, w, c.Resources,
			command.Column[client.Resource]{Head: "RESOURCE", Cell: func(r client.Resource) string { return strconv.FormatInt(r.ID, 10) }},
			command.Column[client.Resource]{Head: "NAME", Cell: func(r client.Resource) string { return r.Name }, Wide: true},
			command.Column[client.Resource]{Head: "RECORDS", Cell: func(r client.Resource) string { return strconv.FormatInt(r.RecordCount, 10) }},
			command.Column[client.Resource]{Head: "FRESH FOR", Cell: func(r client.Resource) string {
				if r.FreshnessHours == nil {
					return ""
				}
				return fmt.Sprintf("%d h", *r.FreshnessHours)
			}})
	})
}

func update(env command.Env) *cobra.Command {
	var name, description string
	cmd := &cobra.Command{
		Use:     "update ID",
		Short:   "Change name or description of a connection",
		Example: `  plumbline connections update 7 --name "HR of the shop"`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&name, "name", "", "name")
	cmd.Flags().StringVar(&description, "description", "", "what it is for")
	cmd.MarkFlagsOneRequired("name", "description")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := number(args[0])
		if err != nil {
			return err
		}
		var called, about *string
		if cmd.Flags().Changed("name") {
			called = &name
		}
		if cmd.Flags().Changed("description") {
			about = &description
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		changed, err := c.UpdateConnection(cmd.Context(), id, called, about)
		if err != nil {
			return err
		}
		return write(env, out, changed)
	}
	return cmd
}

func remove(env command.Env) *cobra.Command {
	var records bool
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a connection with its resources, and with its records if one says so",
		Args:  cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&records, "with-records", false, "delete it although there are records, which go with it")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		found, err := c.Connection(ctx, id)
		if err != nil {
			return err
		}
		held := fmt.Sprintf("%s and %s", command.Plural(len(found.Resources), "resource", "resources"), command.Plural(int(found.RecordCount), "record", "records"))
		if found.RecordCount > 0 && !records {
			return fmt.Errorf("connection %d (%s) has %s, which go with it: say so with --with-records", id, command.OneLine(found.Name), held)
		}
		if err := c.DeleteConnection(ctx, id); err != nil {
			return err
		}
		return command.Deleted(env, out, id, fmt.Sprintf("Connection %d (%s) is deleted, with %s.", id, command.OneLine(found.Name), held))
	})
	return cmd
}
