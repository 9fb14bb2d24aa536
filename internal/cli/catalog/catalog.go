// Package catalog is the command `plumbline catalog`: the providers that the
// server knows, and connections made of them.
package catalog

import (
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
		Use:   "catalog",
		Short: "Look up providers, and make connections of them",
		Long: `Look up the providers that the server knows: how their data is got, what that
needs, and which tests prove something with it. To use one makes the connection
with its resource and its tests; credentials are given afterwards.`,
	}
	return command.Group(cmd, list(env), show(env), use(env))
}

func list(env command.Env) *cobra.Command {
	var f client.CatalogFilter
	cmd := &cobra.Command{
		Use:     "list [TEXT]",
		Short:   "List the catalogue, or what fits a text",
		Example: `  plumbline catalog list --category identity`,
		Args:    cobra.MaximumNArgs(1),
	}
	cmd.Flags().StringVar(&f.Category, "category", "", "only those of this category, such as identity or version-control")
	cmd.Flags().StringVar(&f.Kind, "kind", "", "only those of this kind: standard, partner or custom")
	s, out := command.AddServer(cmd), command.AddListOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.Category, f.Kind, f.Text = command.Word(f.Category), command.Word(f.Kind), strings.Join(args, "")
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return command.List(env, out, c.Catalog(cmd.Context(), f),
			command.Column[client.CatalogEntry]{Head: "SLUG", Cell: func(e client.CatalogEntry) string { return e.Slug }},
			command.Column[client.CatalogEntry]{Head: "NAME", Cell: func(e client.CatalogEntry) string { return e.Name }, Wide: true},
			command.Column[client.CatalogEntry]{Head: "CATEGORY", Cell: func(e client.CatalogEntry) string { return e.CategoryName }, Wide: true},
			command.Column[client.CatalogEntry]{Head: "KIND", Cell: func(e client.CatalogEntry) string { return strings.ToLower(e.Kind) }},
			command.Column[client.CatalogEntry]{Head: "TESTS", Cell: func(e client.CatalogEntry) string { return strconv.FormatInt(e.TestCount, 10) }})
	}
	return cmd
}

func show(env command.Env) *cobra.Command {
	var recipe bool
	cmd := &cobra.Command{
		Use:     "show SLUG",
		Short:   "Show an entry: what it proves, what it needs, how it is set up",
		Example: `  plumbline catalog show okta --recipe > okta.yaml`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&recipe, "recipe", false, "print nothing but the recipe, for plumbline collect")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		e, err := c.CatalogEntry(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if recipe {
			if e.Recipe == nil {
				return fmt.Errorf("%s has no recipe: its data is pushed", e.Name)
			}
			_, err := io.WriteString(env.Out, *e.Recipe)
			return err
		}
		return out.Write(env.Out, e, func(w io.Writer) error { return describe(w, e) })
	}
	return cmd
}

func describe(w io.Writer, e client.CatalogDetail) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s)\n%s\nIt proves: %s\n\nAccess\n%s\n", e.Name, e.CategoryName, strings.ToLower(e.Kind), e.Description, e.Proves, e.Account)
	for _, a := range e.Access {
		fmt.Fprintf(&b, "- %s: %s\n", a.Permission, a.Why)
	}
	fmt.Fprintf(&b, "\nSet it up\n%s\n", e.Guide)
	if len(e.Inputs) > 0 {
		b.WriteString("\nInputs\n")
	}
	for _, i := range e.Inputs {
		marks := ""
		if i.Secret {
			marks = " (secret)"
		}
		fmt.Fprintf(&b, "- %s%s: %s\n", i.Name, marks, strings.TrimSpace(i.Label+". "+i.Help))
	}
	b.WriteString("\nTests\n")
	for _, t := range e.Tests {
		var codes []string
		for _, c := range t.Controls {
			codes = append(codes, c.Code)
		}
		fmt.Fprintf(&b, "- %s (%s)\n  %s\n", t.Name, strings.Join(codes, ", "), t.Words)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func use(env command.Env) *cobra.Command {
	var name string
	var workspaces []int64
	cmd := &cobra.Command{
		Use:     "use SLUG",
		Short:   "Make a connection of an entry, with its resource and tests",
		Example: `  plumbline catalog use github --name "GitHub of the shop" --workspace 1 --workspace 2`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the connection (default: that of the entry)")
	cmd.Flags().Int64SliceVar(&workspaces, "workspace", []int64{1}, "id of a workspace; repeat it for several")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		made, err := c.UseEntry(cmd.Context(), args[0], name, workspaces)
		if err != nil {
			return err
		}
		return out.Write(env.Out, made, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Connection %d “%s” is there, with resource %d and %d published tests.\n", made.ID, made.Name, made.Resources[0].ID, len(made.Tests))
			for _, u := range made.Unmapped {
				if err == nil {
					_, err = fmt.Fprintf(w, "Control %s is not in workspace %d, and this key may not add it.\n", u.Code, u.WorkspaceID)
				}
			}
			return err
		})
	}
	return cmd
}
