// Package groups is the command `plumbline groups`: named sets of people.
package groups

import (
	"context"
	"encoding/json"
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
		Use:   "groups",
		Short: "Make groups of people, by a rule or one by one",
		Long: `List, make, change and delete groups of people. A group has those of whom its rule
is true, or whom plumbline groups add named. plumbline workspaces scope says which
groups a workspace is about.`,
	}
	return command.Group(cmd, list(env), show(env), create(env), update(env), members(env, true), members(env, false), remove(env))
}

func number(arg string) (int64, error) { return command.ID(arg, "a group", "groups list") }

type column = command.Column[client.Group]

func list(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "list [TEXT]", Short: "List groups, or those whose name has a text", Args: cobra.MaximumNArgs(1)}
	s, l := command.AddServer(cmd), command.AddListing(cmd, "name", "createdAt", "updatedAt")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return command.Walked(env, l, c.Groups(cmd.Context(), strings.Join(args, ""), l.List()),
			column{Head: "ID", Cell: func(g client.Group) string { return strconv.FormatInt(g.ID, 10) }},
			column{Head: "NAME", Cell: func(g client.Group) string { return g.Name }, Wide: true},
			column{Head: "PEOPLE", Cell: func(g client.Group) string { return strconv.FormatInt(g.People, 10) }},
			column{Head: "BY RULE", Cell: func(g client.Group) string { return strings.Join(rule(g.Rule), "; ") }, Wide: true})
	}
	return cmd
}

// rule is a rule in words.
func rule(r *client.GroupRule) []string {
	var out []string
	if r == nil {
		return out
	}
	if len(r.JobTitles) > 0 {
		out = append(out, "job title "+strings.Join(r.JobTitles, " or "))
	}
	if len(r.EmailDomains) > 0 {
		out = append(out, "address at "+strings.Join(r.EmailDomains, " or "))
	}
	if len(r.ConnectionIDs) > 0 {
		ids := make([]string, len(r.ConnectionIDs))
		for i, id := range r.ConnectionIDs {
			ids[i] = strconv.FormatInt(id, 10)
		}
		out = append(out, "HRIS connection "+strings.Join(ids, " or "))
	}
	return out
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show a group; plumbline personnel list --group tells who belongs to it"}
	return command.Shown(env, cmd, number, (*client.Client).Group, write)
}

// write writes a group.
func write(env command.Env, out *command.Output, g client.Group) error {
	return out.Write(env.Out, g, func(w io.Writer) error {
		who := "named one by one"
		if g.Rule != nil {
			who = command.OneLine(strings.Join(rule(g.Rule), "; "))
		}
		return command.Fields(w,
			command.Field{Name: "Group", Value: fmt.Sprintf("%d  %s", g.ID, command.OneLine(g.Name))},
			command.Field{Name: "External id", Value: command.OneLine(g.ExternalID)},
			command.Field{Name: "Who", Value: who},
			command.Field{Name: "People", Value: strconv.FormatInt(g.People, 10)},
			command.Field{Name: "In scope of", Value: command.WorkspaceNames(g.Workspaces)})
	})
}

// properties are the flags that describe a group.
type properties struct {
	name, external string
	rule           client.GroupRule
}

// ruleFlags are those of which a rule is made.
var ruleFlags = []string{"job-title", "email-domain", "connection"}

func (p *properties) add(cmd *cobra.Command, required, none string) {
	f := cmd.Flags()
	f.StringVar(&p.name, "name", "", "name, one in the organisation"+required)
	f.StringVar(&p.external, "external-id", "", "what another system calls it"+none)
	f.StringArrayVar(&p.rule.JobTitles, "job-title", nil, "rule: the job title is this, in any case; repeat it for several")
	f.StringSliceVar(&p.rule.EmailDomains, "email-domain", nil, "rule: what stands behind the @ of the address; repeat it for several")
	f.Int64SliceVar(&p.rule.ConnectionIDs, "connection", nil, "rule: an HRIS connection whose identities people follow, by number; repeat it for several")
}

// change is what the flags say.
func (p *properties) change(cmd *cobra.Command) (client.GroupChange, error) {
	var out client.GroupChange
	given := cmd.Flags().Changed
	if given("name") {
		out.Name = &p.name
	}
	if given("external-id") {
		out.ExternalID = command.Clearable(p.external)
	}
	for _, name := range ruleFlags {
		if given(name) {
			text, err := json.Marshal(p.rule)
			out.Rule = text
			return out, err
		}
	}
	return out, nil
}

func create(env command.Env) *cobra.Command {
	var p properties
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a group",
		Long: `Make a group. Of several kinds of a rule each must be true, of several values of one
kind any. Without a rule people are added by plumbline groups add.`,
		Example: `  plumbline groups create --name Payments --job-title Engineer --email-domain pay.example.com
  plumbline groups create --name "Incident response"`,
		Args: cobra.NoArgs,
	}
	p.add(cmd, " (required)", "")
	_ = cmd.MarkFlagRequired("name")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		n, err := p.change(cmd)
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		g, err := c.CreateGroup(cmd.Context(), n)
		if err != nil {
			return err
		}
		return write(env, out, g)
	}
	return cmd
}

func update(env command.Env) *cobra.Command {
	var p properties
	var free bool
	cmd := &cobra.Command{
		Use:   "update ID",
		Short: "Change a group; what is not given stays",
		Long: `Change a group; what is not given stays, but a rule is replaced whole. With --no-rule
whom it named stays in the group.`,
		Example: `  plumbline groups update 3 --job-title Engineer --job-title "Site Reliability Engineer"`,
		Args:    cobra.ExactArgs(1),
	}
	p.add(cmd, "", ", or none")
	cmd.Flags().BoolVar(&free, "no-rule", false, "take the rule away: people are named one by one")
	for _, name := range ruleFlags {
		cmd.MarkFlagsMutuallyExclusive(name, "no-rule")
	}
	cmd.MarkFlagsOneRequired(append([]string{"name", "external-id", "no-rule"}, ruleFlags...)...)
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		change, err := p.change(cmd)
		if err != nil {
			return err
		}
		if free {
			change.Rule = json.RawMessage("null")
		}
		g, err := c.UpdateGroup(ctx, id, change)
		if err != nil {
			return err
		}
		return write(env, out, g)
	})
	return cmd
}

// members adds people to a group, or removes them.
func members(env command.Env, add bool) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "remove ID PERSON...",
		Short:   "Remove people from a group without a rule",
		Example: `  plumbline groups remove 3 ada@example.com`,
		Args:    cobra.MinimumNArgs(2),
	}
	told := "%s left the group.\n"
	if add {
		cmd.Use, cmd.Short = "add ID PERSON...", "Add people to a group without a rule"
		cmd.Example = `  plumbline groups add 3 17 ada@example.com`
		told = "%s joined the group.\n"
	}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := number(args[0])
		if err != nil {
			return err
		}
		people := make([]string, len(args)-1)
		for i, arg := range args[1:] {
			if people[i], err = command.Person(arg); err != nil {
				return err
			}
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		n, err := c.ChangeMembers(cmd.Context(), id, add, people)
		if err != nil {
			return err
		}
		result := struct {
			ID    int64 `json:"id"`
			Count int   `json:"count"`
		}{id, n}
		return out.Write(env.Out, result, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, told, command.Plural(n, "person", "people"))
			return err
		})
	}
	return cmd
}

func remove(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "delete ID", Short: "Delete a group that is in scope of no workspace", Args: cobra.ExactArgs(1)}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		if err := c.DeleteGroup(ctx, id); err != nil {
			return err
		}
		return command.Deleted(env, out, id, fmt.Sprintf("Group %d is deleted.", id))
	})
	return cmd
}
