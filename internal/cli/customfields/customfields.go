// Package customfields is the command `plumbline custom-fields`: what an
// organisation notes of assets and people that no product foresees.
package customfields

import (
	"context"
	"errors"
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
		Use:   "custom-fields",
		Short: "Define the custom fields of assets and personnel",
		Long: `List, define, change and delete the custom fields of assets and personnel. Their
values are set with --field of plumbline assets create and update, and of
plumbline personnel set.`,
	}
	return command.Group(cmd, list(env), show(env), create(env), update(env), remove(env))
}

func number(arg string) (int64, error) {
	return command.ID(arg, "a custom field", "custom-fields list")
}

type column = command.Column[client.CustomField]

func list(env command.Env) *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:     "list [TEXT]",
		Short:   "List custom fields, or those whose name has a text",
		Example: `  plumbline custom-fields list --kind asset`,
		Args:    cobra.MaximumNArgs(1),
	}
	cmd.Flags().StringVar(&kind, "kind", "", "only those of this kind: asset or personnel")
	s, l := command.AddServer(cmd), command.AddListing(cmd, "name", "createdAt", "updatedAt")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return command.Walked(env, l, c.CustomFields(cmd.Context(), command.Word(kind), strings.Join(args, ""), l.List()),
			column{Head: "ID", Cell: func(f client.CustomField) string { return strconv.FormatInt(f.ID, 10) }},
			column{Head: "KIND", Cell: func(f client.CustomField) string { return f.Kind }},
			column{Head: "NAME", Cell: func(f client.CustomField) string { return f.Name }, Wide: true},
			column{Head: "CHOICES", Cell: choices, Wide: true},
			column{Head: "DESCRIPTION", Cell: func(f client.CustomField) string { return command.Maybe(f.Description) }, Wide: true})
	}
	return cmd
}

func choices(f client.CustomField) string { return strings.Join(f.Choices, " | ") }

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show a custom field, and how many values it has"}
	return command.Shown(env, cmd, number, (*client.Client).CustomField, write)
}

// write writes a custom field.
func write(env command.Env, out *command.Output, f client.CustomField) error {
	return out.Write(env.Out, f, func(w io.Writer) error {
		allowed := "any text"
		if len(f.Choices) > 0 {
			allowed = command.OneLine(choices(f))
		}
		return command.Fields(w,
			command.Field{Name: "Custom field", Value: fmt.Sprintf("%d  %s", f.ID, command.OneLine(f.Name))},
			command.Field{Name: "Kind", Value: f.Kind},
			command.Field{Name: "Description", Value: command.Maybe(f.Description)},
			command.Field{Name: "Choices", Value: allowed},
			command.Field{Name: "Values", Value: command.Number(f.ValueCount)})
	})
}

func create(env command.Env) *cobra.Command {
	var n client.NewCustomField
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Define a custom field",
		Example: `  plumbline custom-fields create --kind asset --name Criticality --choice Low --choice High
  plumbline custom-fields create --kind personnel --name Desk`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&n.Kind, "kind", "", "what it is a field of: asset or personnel (required)")
	cmd.Flags().StringVar(&n.Name, "name", "", "name (required)")
	cmd.Flags().StringVar(&n.Description, "description", "", "what it is for")
	cmd.Flags().StringArrayVar(&n.Choices, "choice", nil, "a value that it may have; repeat it for several (default: any text)")
	for _, name := range []string{"kind", "name"} {
		_ = cmd.MarkFlagRequired(name)
	}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		n.Kind = command.Word(n.Kind)
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		f, err := c.CreateCustomField(cmd.Context(), n)
		if err != nil {
			return err
		}
		return write(env, out, f)
	}
	return cmd
}

func update(env command.Env) *cobra.Command {
	var name, description string
	var allowed []string
	var free bool
	cmd := &cobra.Command{
		Use:   "update ID",
		Short: "Change a custom field; its values stay",
		Long: `Change a custom field; what is not given stays, and so do all values, also those
that are no choice any more.`,
		Example: `  plumbline custom-fields update 3 --name Impact --description none
  plumbline custom-fields update 3 --choice Low --choice Medium --choice High`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&name, "name", "", "name; tests that name the old one do not follow")
	cmd.Flags().StringVar(&description, "description", "", "what it is for, or none")
	cmd.Flags().StringArrayVar(&allowed, "choice", nil, "a value that it may have; repeat it for all of them")
	cmd.Flags().BoolVar(&free, "any-text", false, "take the choices away: it may have any text")
	cmd.MarkFlagsMutuallyExclusive("choice", "any-text")
	cmd.MarkFlagsOneRequired("name", "description", "choice", "any-text")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		var change client.CustomFieldChange
		given := cmd.Flags().Changed
		if given("name") {
			change.Name = &name
		}
		if given("description") {
			change.Description = command.Clearable(description)
		}
		if given("choice") {
			change.Choices = allowed
		}
		if free {
			change.Choices = []string{}
		}
		f, err := c.UpdateCustomField(ctx, id, change)
		if err != nil {
			return err
		}
		return write(env, out, f)
	})
	return cmd
}

func remove(env command.Env) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a custom field with all of its values",
		Long: `Delete a custom field with all of its values, and say how many those were; the
history of the assets or people keeps them. On a terminal it says so before, and
asks.`,
		Example: `  plumbline custom-fields delete 3 --yes`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		f, err := c.CustomField(ctx, id)
		if err != nil {
			return err
		}
		if !yes && command.IsTerminal(env.In) {
			if err := ask(env, f); err != nil {
				return err
			}
		}
		n, err := c.DeleteCustomField(ctx, id)
		if err != nil {
			return err
		}
		result := struct {
			ID         int64 `json:"id"`
			Deleted    bool  `json:"deleted"`
			ValueCount int64 `json:"valueCount"`
		}{id, true, n}
		return out.Write(env.Out, result, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s is deleted%s.\n", named(f), along(f.Kind, n))
			return err
		})
	})
	return cmd
}

// ask says what a deletion takes along, and is an error unless somebody wants it.
func ask(env command.Env, f client.CustomField) error {
	var n int64
	if f.ValueCount != nil {
		n = *f.ValueCount
	}
	if _, err := fmt.Fprintf(env.Err, "%s will be deleted%s.\n", named(f), along(f.Kind, n)); err != nil {
		return err
	}
	ok, err := command.Confirmed(env.In, env.Err)
	if err == nil && !ok {
		err = errors.New("nothing was deleted")
	}
	return err
}

func named(f client.CustomField) string {
	return fmt.Sprintf("Custom field %d (%s)", f.ID, command.OneLine(f.Name))
}

// along is what goes with a field of a kind that n objects have a value of.
func along(kind string, n int64) string {
	switch {
	case n == 0:
		return "; it has no values"
	case kind == "PERSONNEL":
		return ", and its value of " + command.Plural(int(n), "person", "people")
	}
	return ", and its value of " + command.Plural(int(n), "asset", "assets")
}
