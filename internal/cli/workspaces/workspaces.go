// Package workspaces is the command `plumbline workspaces`: the parts into which
// an organisation divides its compliance.
package workspaces

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "workspaces",
		Short: "List, make and change workspaces, and say whom they are about",
		Long: `List, make and change workspaces. Each has connections, tests, controls and
frameworks of its own; whom it is about is its personnel scope.`,
	}
	return command.Group(cmd, list(env), show(env), create(env), update(env), scope(env))
}

func number(arg string) (int64, error) { return command.ID(arg, "a workspace", "workspaces list") }

// scoped is whom a workspace is about.
func scoped(w client.Workspace) string {
	if w.Scoped == nil {
		return "everybody"
	}
	return command.Plural(int(*w.Scoped), "person", "people")
}

type column = command.Column[client.Workspace]

func list(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the workspaces", Args: cobra.NoArgs}
	s, l := command.AddServer(cmd), command.AddListing(cmd, "createdAt", "updatedAt")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return command.Walked(env, l, c.Workspaces(cmd.Context(), l.List()),
			column{Head: "ID", Cell: func(w client.Workspace) string { return strconv.FormatInt(w.ID, 10) }},
			column{Head: "NAME", Cell: func(w client.Workspace) string { return w.Name }, Wide: true},
			column{Head: "IN SCOPE", Cell: scoped},
			column{Head: "DESCRIPTION", Cell: func(w client.Workspace) string { return command.Maybe(w.Description) }, Wide: true})
	}
	return cmd
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show a workspace"}
	return command.Shown(env, cmd, number, (*client.Client).Workspace, write)
}

// write writes a workspace.
func write(env command.Env, out *command.Output, v client.Workspace) error {
	return out.Write(env.Out, v, func(w io.Writer) error {
		primary := ""
		if v.Primary {
			primary = "yes"
		}
		return command.Fields(w,
			command.Field{Name: "Workspace", Value: fmt.Sprintf("%d  %s", v.ID, command.OneLine(v.Name))},
			command.Field{Name: "Primary", Value: primary},
			command.Field{Name: "Description", Value: command.Maybe(v.Description)},
			command.Field{Name: "Address", Value: command.Maybe(v.URL)},
			command.Field{Name: "In scope", Value: scoped(v)})
	})
}

func create(env command.Env) *cobra.Command {
	var n client.NewWorkspace
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Make a workspace",
		Example: `  plumbline workspaces create --name Payments --product-url https://pay.example.com`,
		Args:    cobra.NoArgs,
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "name, one in the organisation (required)")
	cmd.Flags().StringVar(&n.Description, "description", "", "what it is for")
	cmd.Flags().StringVar(&n.URL, "product-url", "", "address of the product")
	_ = cmd.MarkFlagRequired("name")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		w, err := c.CreateWorkspace(cmd.Context(), n)
		if err != nil {
			return err
		}
		return write(env, out, w)
	}
	return cmd
}

func update(env command.Env) *cobra.Command {
	var name, description, address string
	cmd := &cobra.Command{
		Use:     "update ID",
		Short:   "Change a workspace; what is not given stays",
		Example: `  plumbline workspaces update 2 --name Billing --description none`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&name, "name", "", "name, one in the organisation")
	cmd.Flags().StringVar(&description, "description", "", "what it is for, or none")
	cmd.Flags().StringVar(&address, "product-url", "", "address of the product, or none")
	cmd.MarkFlagsOneRequired("name", "description", "product-url")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		var change client.WorkspaceChange
		given := cmd.Flags().Changed
		if given("name") {
			change.Name = &name
		}
		if given("description") {
			change.Description = command.Clearable(description)
		}
		if given("product-url") {
			change.URL = command.Clearable(address)
		}
		w, err := c.UpdateWorkspace(ctx, id, change)
		if err != nil {
			return err
		}
		return write(env, out, w)
	})
	return cmd
}

func scope(env command.Env) *cobra.Command {
	var groups []int64
	var everybody bool
	cmd := &cobra.Command{
		Use:   "scope ID",
		Short: "List the groups of people that a workspace is about, or choose them",
		Long: `List the groups of people that a workspace is about. With --group these become all
groups of its personnel scope; with --everybody it has none, and is about everybody.`,
		Example: `  plumbline workspaces scope 2 --group 3 --group 5
  plumbline workspaces scope 2 --everybody`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().Int64SliceVar(&groups, "group", nil, "a group that is in scope from now on, by number; repeat it for all of them")
	cmd.Flags().BoolVar(&everybody, "everybody", false, "take all groups away: everybody is in scope")
	cmd.MarkFlagsMutuallyExclusive("group", "everybody")
	s, out := command.AddServer(cmd), command.AddListOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		if everybody || len(groups) > 0 {
			if err := c.SetScope(ctx, id, slices.Clone(groups)); err != nil {
				return err
			}
		}
		type group = client.ScopeGroup
		return command.List(env, out, c.ScopeGroups(ctx, id, client.List{Sort: "name", Ascending: true}),
			command.Column[group]{Head: "ID", Cell: func(g group) string { return strconv.FormatInt(g.ID, 10) }},
			command.Column[group]{Head: "GROUP", Cell: func(g group) string { return g.Name }, Wide: true},
			command.Column[group]{Head: "PEOPLE", Cell: func(g group) string { return strconv.FormatInt(g.People, 10) }})
	})
	return cmd
}
