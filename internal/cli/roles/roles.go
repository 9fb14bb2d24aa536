// Package roles is the command `plumbline roles`: what people may do, and who may.
package roles

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
		Use:   "roles",
		Short: "Show what each role may do, and who holds it",
		Long: `Show what each role may do, and who holds it. Roles are given by plumbline users
invite on the machine of the server, and in the web app.`,
	}
	return command.Group(cmd, list(env), show(env), users(env))
}

// named is the word of a role, with or without role: before it.
func named(arg string) (string, error) { return command.Word(strings.TrimPrefix(arg, "role:")), nil }

func list(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the roles", Args: cobra.NoArgs}
	s, out := command.AddServer(cmd), command.AddListOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		type role = client.Role
		return command.List(env, out, c.Roles(cmd.Context()),
			command.Column[role]{Head: "ROLE", Cell: func(r role) string { return r.Role }},
			command.Column[role]{Head: "NAME", Cell: func(r role) string { return r.Name }},
			command.Column[role]{Head: "HELD IN", Cell: func(r role) string {
				if r.PerWorkspace {
					return "workspaces"
				}
				return "everywhere"
			}},
			command.Column[role]{Head: "DESCRIPTION", Cell: func(r role) string { return r.Description }, Wide: true})
	}
	return cmd
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show ROLE", Short: "Show what a role may do", Example: `  plumbline roles show auditor`, Args: cobra.ExactArgs(1)}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, named, func(ctx context.Context, c *client.Client, word string) error {
		r, err := c.Role(ctx, word)
		if err != nil {
			return err
		}
		return out.Write(env.Out, r, func(w io.Writer) error {
			if err := command.Fields(w,
				command.Field{Name: "Role", Value: r.Role + "  " + command.OneLine(r.Name)},
				command.Field{Name: "Description", Value: command.OneLine(r.Description)}); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(w, "May"); err != nil {
				return err
			}
			for _, each := range r.Scopes {
				if _, err := fmt.Fprintf(w, "  %s\n", command.OneLine(each.Name+" ("+each.Scope+")")); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return cmd
}

func users(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "users ROLE", Short: "List who holds a role, and where", Example: `  plumbline roles users admin`, Args: cobra.ExactArgs(1)}
	s, l := command.AddServer(cmd), command.AddListing(cmd, "createdAt", "updatedAt")
	cmd.RunE = command.One(env, s, named, func(ctx context.Context, c *client.Client, word string) error {
		type user = client.User
		return command.Walked(env, l, c.RoleUsers(ctx, word, l.List()),
			command.Column[user]{Head: "ID", Cell: func(u user) string { return strconv.FormatInt(u.ID, 10) }},
			command.Column[user]{Head: "NAME", Cell: func(u user) string { return u.DisplayName }, Wide: true},
			command.Column[user]{Head: "E-MAIL", Cell: func(u user) string { return u.Email }, Wide: true},
			command.Column[user]{Head: "STATE", Cell: func(u user) string { return u.State }},
			command.Column[user]{Head: "HELD IN", Cell: func(u user) string { return where(u, word) }},
			command.Column[user]{Head: "LAST SIGN-IN", Cell: func(u user) string { return command.Day(u.LastSignInAt, "never") }})
	})
	return cmd
}

// where is in which workspaces somebody holds a role.
func where(u client.User, role string) string {
	var in []string
	for _, g := range u.Grants {
		if g.Role != role {
			continue
		}
		if g.WorkspaceID == nil {
			return "everywhere"
		}
		in = append(in, "workspace "+strconv.FormatInt(*g.WorkspaceID, 10))
	}
	return strings.Join(in, ", ")
}
