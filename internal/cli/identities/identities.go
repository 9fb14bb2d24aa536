// Package identities is the command `plumbline identities`: what HRIS systems say
// of people.
package identities

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
		Use:   "identities",
		Short: "Send, list and delete the identities of an HRIS connection",
		Long: `Send what an HRIS system says of people to its connection, list it, and delete
it. Personnel follow with the identity sync: plumbline personnel sync.

An identity is named by its number, or by what the system calls the person:
17, identity-id:e-17.`,
	}
	return command.Group(cmd, push(env), list(env), show(env), remove(env))
}

func connection(arg string) (int64, error) {
	return command.ID(arg, "a connection", "connections list --provider-type hris")
}

// identity is the connection and the identity that two arguments name, as the
// client takes them.
func identity(args []string) (connectionID int64, which string, err error) {
	if connectionID, err = connection(args[0]); err != nil {
		return 0, "", err
	}
	key, named := strings.CutPrefix(args[1], "identity-id:")
	if named && key != "" {
		return connectionID, args[1], nil
	}
	if id, err := strconv.ParseInt(args[1], 10, 64); err != nil || id <= 0 {
		return 0, "", command.Usagef("%q names no identity: give its number, or what the system calls the person, such as identity-id:e-17", args[1])
	}
	return connectionID, args[1], nil
}

type column = command.Column[client.Identity]

func list(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list CONNECTION",
		Short:   "List the identities of an HRIS connection",
		Example: `  plumbline identities list 7 --output ndjson | jq -r 'select(.personnelId == null).identityId'`,
		Args:    cobra.ExactArgs(1),
	}
	s, l := command.AddServer(cmd), command.AddListing(cmd, "createdAt", "updatedAt")
	cmd.RunE = command.One(env, s, connection, func(ctx context.Context, c *client.Client, id int64) error {
		return command.Walked(env, l, c.Identities(ctx, id, l.List()),
			column{Head: "ID", Cell: func(i client.Identity) string { return strconv.FormatInt(i.ID, 10) }},
			column{Head: "IDENTITY", Cell: func(i client.Identity) string { return i.IdentityID }, Wide: true},
			column{Head: "NAME", Cell: name, Wide: true},
			column{Head: "E-MAIL", Cell: func(i client.Identity) string { return command.Maybe(i.Email) }, Wide: true},
			column{Head: "SEPARATED", Cell: func(i client.Identity) string { return command.Day(i.SeparatedAt, "") }},
			column{Head: "PERSON", Cell: func(i client.Identity) string { return command.Number(i.PersonnelID) }})
	})
	return cmd
}

func name(i client.Identity) string {
	return strings.TrimSpace(command.Maybe(i.FirstName) + " " + command.Maybe(i.LastName))
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show CONNECTION IDENTITY", Short: "Show an identity", Args: cobra.ExactArgs(2)}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		connection, which, err := identity(args)
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		i, err := c.Identity(cmd.Context(), connection, which)
		if err != nil {
			return err
		}
		return out.Write(env.Out, i, func(w io.Writer) error {
			contractor := ""
			if i.IsContractor != nil {
				contractor = map[bool]string{true: "yes", false: "no"}[*i.IsContractor]
			}
			return command.Fields(w,
				command.Field{Name: "Identity", Value: fmt.Sprintf("%d  %s", i.ID, command.OneLine(i.IdentityID))},
				command.Field{Name: "Name", Value: name(i)},
				command.Field{Name: "E-mail", Value: command.Maybe(i.Email)},
				command.Field{Name: "Second e-mail", Value: command.Maybe(i.SecondaryEmail)},
				command.Field{Name: "Job", Value: command.Maybe(i.JobTitle)},
				command.Field{Name: "Manager", Value: strings.TrimSpace(command.Maybe(i.ManagerID) + " " + command.Maybe(i.ManagerName))},
				command.Field{Name: "Contractor", Value: contractor},
				command.Field{Name: "Started", Value: command.Day(i.StartedAt, "")},
				command.Field{Name: "Separated", Value: command.Day(i.SeparatedAt, "")},
				command.Field{Name: "Updated", Value: command.Moment(&i.UpdatedAt, "")})
		})
	}
	return cmd
}

func remove(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "delete CONNECTION IDENTITY",
		Short:   "Delete an identity; to push it again brings it back with what it had",
		Example: `  plumbline identities delete 7 identity-id:e-17`,
		Args:    cobra.ExactArgs(2),
	}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		connection, which, err := identity(args)
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		i, err := c.Identity(cmd.Context(), connection, which)
		if err != nil {
			return err
		}
		if err := c.DeleteIdentity(cmd.Context(), connection, strconv.FormatInt(i.ID, 10)); err != nil {
			return err
		}
		return command.Deleted(env, out, i.ID, fmt.Sprintf("Identity %d (%s) is deleted.", i.ID, command.OneLine(i.IdentityID)))
	}
	return cmd
}
