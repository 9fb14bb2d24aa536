// Package personnel is the command `plumbline personnel`: who belongs to the
// organisation.
package personnel

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/history"
	"github.com/plumbline-dev/plumbline/internal/cli/imports"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "personnel",
		Short: "List people, decide about them, and bring them in",
		Long: `List the people of the organisation, see how they stand, decide by hand what no
system says, run the identity sync, and import people from a CSV file.

A person is named by number or by address: 17, ada@example.com.`,
	}
	told := &cobra.Command{Use: "history PERSON", Short: "List what became of a person, newest first", Example: `  plumbline personnel history ada@example.com --limit 5`}
	file := &cobra.Command{
		Short: "Show what a CSV file would change, and take it with --apply",
		Long: `Show what a CSV file of people would change, line by line, and take it with
--apply. What cannot be taken is listed on standard error as FILE:LINE:COLUMN,
and makes the exit code 1. Imported once more, a file changes nothing. A custom
field is a column by its name, or customFields.NAME.`,
		Example: `  plumbline personnel import --template > people.csv
  plumbline personnel import people.csv
  plumbline personnel import people.csv --apply`,
	}
	all := &cobra.Command{
		Short: "Print all people as a CSV file that import takes",
		Long: `Print all people as a CSV file that import takes, with custom fields. Imported as
it is, it changes nothing.`,
		Example: `  plumbline personnel export > people.csv
  plumbline personnel import people.csv`,
	}
	return command.Group(cmd, list(env), show(env), set(env), reset(env), sync(env), syncs(env), imports.Export(env, all, (*client.Client).PersonnelFile),
		imports.Command(env, file, imports.Kind{Import: (*client.Client).ImportPersonnel, Template: (*client.Client).PersonnelTemplate}),
		history.Command(env, told, func(arg string) (history.Walk, error) {
			who, err := command.Person(arg)
			return func(ctx context.Context, c *client.Client, l client.List) iter.Seq2[client.ObjectChange, error] {
				return c.PersonHistory(ctx, who, l)
			}, err
		}))
}

// standing is how somebody stands with all checks.
func standing(p client.Person) string {
	for _, each := range p.Checks {
		if each.Type == client.FullCompliance {
			return each.Status
		}
	}
	return ""
}

func list(env command.Env) *cobra.Command {
	var f client.PersonFilter
	var with, without bool
	cmd := &cobra.Command{
		Use:   "list [TEXT]",
		Short: "List people, or those whose name or address has a text",
		Long: `List people, or those whose name or address has a text.

` + command.FieldFilterHelp,
		Example: `  plumbline personnel list ada
  plumbline personnel list --status current-employee --compliance fail,misconfigured
  plumbline personnel list --without-device --output ndjson | jq -r .email
  plumbline personnel list --field "Cost centre=4711" --field Desk`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.Flags().StringSliceVar(&f.Statuses, "status", nil, "only those with this employment status, such as current-employee or former-contractor; repeat it for several")
	cmd.Flags().StringSliceVar(&f.Compliance, "compliance", nil, "only those who stand so: pass, fail, misconfigured or excluded; repeat it for several")
	cmd.Flags().BoolVar(&f.ByHand, "by-hand", false, "only those of whom something was decided by hand")
	cmd.Flags().BoolVar(&with, "with-device", false, "only those with a device")
	cmd.Flags().BoolVar(&without, "without-device", false, "only those without a device")
	cmd.Flags().Int64SliceVar(&f.GroupIDs, "group", nil, "only those who belong to this group, by number; repeat it for several")
	cmd.MarkFlagsMutuallyExclusive("with-device", "without-device")
	fields := command.AddFieldFilter(cmd)
	s, l := command.AddServer(cmd), command.AddListing(cmd, "name", "createdAt", "updatedAt", "startDate")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.Text, f.Statuses, f.Compliance = strings.Join(args, ""), command.Words(f.Statuses), command.Words(f.Compliance)
		if with || without {
			f.HasDevice = &with
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		if f.Fields, err = command.FieldFilters(cmd.Context(), c, "PERSONNEL", *fields); err != nil {
			return err
		}
		return command.Walked(env, l, c.Personnel(cmd.Context(), f, l.List()),
			command.Column[client.Person]{Head: "ID", Cell: func(p client.Person) string { return strconv.FormatInt(p.ID, 10) }},
			command.Column[client.Person]{Head: "NAME", Cell: func(p client.Person) string { return p.DisplayName }, Wide: true},
			command.Column[client.Person]{Head: "E-MAIL", Cell: func(p client.Person) string { return p.Email }, Wide: true},
			command.Column[client.Person]{Head: "STATUS", Cell: func(p client.Person) string { return p.EmploymentStatus }},
			command.Column[client.Person]{Head: "COMPLIANCE", Cell: standing, Paint: command.Standing})
	}
	return cmd
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show PERSON", Short: "Show a person: employment, groups, custom fields, and how each check stands"}
	return command.Shown(env, cmd, command.Person, (*client.Client).Person, write)
}

// groups are those of a person by name and number, as far as they are told.
func groups(of client.GroupsOf) string {
	names := make([]string, len(of.First))
	for i, g := range of.First {
		names[i] = fmt.Sprintf("%s (%d)", command.OneLine(g.Name), g.ID)
	}
	if more := of.Total - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// write writes a person.
func write(env command.Env, out *command.Output, p client.Person) error {
	return out.Write(env.Out, p, func(w io.Writer) error {
		hand := ""
		if p.ByHand {
			hand = "yes: the identity sync leaves status and dates alone"
		}
		if err := command.Fields(w,
			command.Field{Name: "Person", Value: fmt.Sprintf("%d  %s", p.ID, command.OneLine(p.DisplayName))},
			command.Field{Name: "E-mail", Value: command.OneLine(p.Email)},
			command.Field{Name: "User", Value: strconv.FormatInt(p.UserID, 10)},
			command.Field{Name: "Status", Value: p.EmploymentStatus},
			command.Field{Name: "Reason", Value: command.Maybe(p.NotHumanReason)},
			command.Field{Name: "Started", Value: command.Day(p.StartedAt, "")},
			command.Field{Name: "Separated", Value: command.Day(p.SeparatedAt, "")},
			command.Field{Name: "HRIS identity", Value: command.Number(p.IdentityID)},
			command.Field{Name: "By hand", Value: hand},
			command.Field{Name: "Groups", Value: groups(p.Groups)},
			command.Field{Name: "In scope of", Value: command.WorkspaceNames(p.Workspaces)}); err != nil {
			return err
		}
		if err := command.FieldValues(w, p.CustomFields); err != nil {
			return err
		}
		return command.Checks(env, w, p.Checks)
	})
}

func set(env command.Env) *cobra.Command {
	var status, reason, started, separated string
	cmd := &cobra.Command{
		Use:   "set PERSON",
		Short: "Decide status or dates of a person by hand, or set custom fields",
		Long: `Decide status or dates of a person by hand, which the identity sync leaves alone
then, or set custom fields, with which it has nothing to do.

` + command.FieldHelp,
		Example: `  plumbline personnel set backup@example.com --status out-of-scope --reason "a mailbox"
  plumbline personnel set 17 --status former-employee --separated 2026-01-31
  plumbline personnel set ada@example.com --field Desk=4.17`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&status, "status", "", "employment status, such as former-employee or out-of-scope")
	cmd.Flags().StringVar(&reason, "reason", "", "why the person is out of scope")
	cmd.Flags().StringVar(&started, "started", "", "first day, such as 2026-01-31, or none")
	cmd.Flags().StringVar(&separated, "separated", "", "last day, or none")
	fields := command.AddFields(cmd)
	cmd.MarkFlagsOneRequired("status", "reason", "started", "separated", command.FieldFlag)
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		who, err := command.Person(args[0])
		if err != nil {
			return err
		}
		var change client.PersonChange
		if change.CustomFields, err = command.FieldSettings(*fields); err != nil {
			return err
		}
		given := cmd.Flags().Changed
		if given("status") {
			change.EmploymentStatus = new(command.Word(status))
		}
		if given("reason") {
			change.NotHumanReason = &reason
		}
		if given("started") {
			change.StartedAt = command.Clearable(started)
		}
		if given("separated") {
			change.SeparatedAt = command.Clearable(separated)
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		p, err := c.UpdatePerson(cmd.Context(), who, change)
		if err != nil {
			return err
		}
		return write(env, out, p)
	}
	return cmd
}

// maxReset is how many people are given back in one call.
const maxReset = 1000

func reset(env command.Env) *cobra.Command {
	var everybody bool
	cmd := &cobra.Command{
		Use:   "reset [PERSON …]",
		Short: "Give people back to the identity sync: what was decided of them by hand counts no more",
		Example: `  plumbline personnel reset ada@example.com bob@example.com
  plumbline personnel reset --all`,
	}
	cmd.Flags().BoolVar(&everybody, "all", false, "everybody")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case everybody == (len(args) > 0):
			return command.Usagef("say who is given back: people, or --all")
		case len(args) > maxReset:
			return command.Usagef("at most %d people can be given back at once; --all means everybody", maxReset)
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		var ids []int64
		for _, arg := range args {
			who, err := command.Person(arg)
			if err != nil {
				return err
			}
			id, err := strconv.ParseInt(who, 10, 64)
			if err != nil {
				p, err := c.Person(cmd.Context(), who)
				if err != nil {
					return fmt.Errorf("%s: %w", arg, err)
				}
				id = p.ID
			}
			ids = append(ids, id)
		}
		n, err := c.ResetPersonnel(cmd.Context(), ids)
		if err != nil {
			return err
		}
		result := struct {
			Count int `json:"count"`
		}{n}
		return out.Write(env.Out, result, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s again.\n", command.Plural(n, "person follows the identity sync", "people follow the identity sync"))
			return err
		})
	}
	return cmd
}
