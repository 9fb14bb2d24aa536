// Package exclusions is the command `plumbline exclusions`: what tests do not
// count, and why.
package exclusions

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
		Use:   "exclusions",
		Short: "Take records out of the count of a test, and see what is out",
		Long: `Take records out of the count of a test, by id or by a condition, list what is
excluded, and audit it: what expired, covers nothing, covers more than was
approved, or is about to end.`,
	}
	return command.Group(cmd, list(env), add(env), remove(env), audit(env))
}

// server is what every subcommand is told.
type server struct {
	*command.Server
	out       *command.Output
	workspace int64
}

// addServer adds the flags of a subcommand that writes as out says.
func addServer(cmd *cobra.Command, out func(*cobra.Command) *command.Output) *server {
	s := &server{Server: command.AddServer(cmd), out: out(cmd)}
	cmd.Flags().Int64Var(&s.workspace, "workspace", 1, "id of the workspace")
	return s
}

func list(env command.Env) *cobra.Command {
	var f client.ExclusionFilter
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the exclusions of a workspace, or of one test",
		Example: `  plumbline exclusions list --test 3 --state all`,
		Args:    cobra.NoArgs,
	}
	cmd.Flags().Int64Var(&f.TestID, "test", 0, "only those of this test (testId)")
	cmd.Flags().Int64Var(&f.ResourceID, "resource", 0, "only those over this resource")
	cmd.Flags().StringVar(&f.State, "state", "active", "active, expired, fixed, deleted or all")
	cmd.Flags().StringVar(&f.Category, "category", "", "only those of this category")
	cmd.Flags().StringVar(&f.TargetID, "record", "", "only those of the record with this id")
	s := addServer(cmd, command.AddListOutput)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f.State, f.Category = strings.ToUpper(f.State), command.Word(f.Category)
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return command.List(env, s.out, c.Exclusions(cmd.Context(), s.workspace, f, client.List{}), append(named(),
			column{Head: "STATE", Cell: func(x client.Exclusion) string { return x.State }},
			column{Head: "CATEGORY", Cell: func(x client.Exclusion) string { return x.Category }},
			column{Head: "EXPIRES", Cell: expiry},
			column{Head: "REASON", Cell: func(x client.Exclusion) string { return x.Reason }, Wide: true})...)
	}
	return cmd
}

type column = command.Column[client.Exclusion]

// named are the columns that every list begins with.
func named() []column {
	return []column{
		{Head: "ID", Cell: func(x client.Exclusion) string { return strconv.FormatInt(x.ID, 10) }},
		{Head: "TEST", Cell: func(x client.Exclusion) string { return strconv.FormatInt(x.TestID, 10) }},
		{Head: "TARGET", Cell: func(x client.Exclusion) string { return x.TargetName }, Wide: true},
	}
}

func expiry(x client.Exclusion) string { return command.Day(x.ExpiresAt, "never") }

func add(env command.Env) *cobra.Command {
	var n client.NewExclusion
	var test int64
	var selector, expires string
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Exclude a record, or what a condition matches; it is in effect when the command ends",
		Example: `  plumbline exclusions add --test 3 --record laptop-17 --reason "being replaced" --category accepted-risk --expires 30d
  echo '{"all":[{"fact":"env","operator":"equal","value":"lab"}]}' |
    plumbline exclusions add --test 3 --selector - --reason "lab machines" --category out-of-scope --expires 2027-01-31`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().Int64Var(&test, "test", 0, "the test (testId, required)")
	cmd.Flags().StringVar(&n.TargetID, "record", "", "id of the record")
	cmd.Flags().StringVar(&selector, "selector", "", "file with a condition instead of a record; - reads standard input")
	cmd.Flags().Int64Var(&n.ResourceID, "resource", 0, "id of the resource, for a test over several")
	cmd.Flags().StringVar(&n.Reason, "reason", "", "why (required)")
	cmd.Flags().StringVar(&n.Category, "category", "", "accepted-risk, false-positive, compensating-control or out-of-scope (required)")
	cmd.Flags().StringVar(&n.Approver, "approver", "", "who allowed it")
	cmd.Flags().StringVar(&n.TicketURL, "ticket", "", "address of the ticket")
	cmd.Flags().StringVar(&expires, "expires", "90d", "its end: a time from now (90d, 12h), a date (2027-01-31) or never")
	cmd.Flags().BoolVar(&n.ExpireOnFix, "on-fix", false, "end it, too, once the record does not fail any more")
	for _, name := range []string{"test", "reason", "category"} {
		_ = cmd.MarkFlagRequired(name)
	}
	s := addServer(cmd, command.AddOutput)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if (n.TargetID == "") == (selector == "") {
			return command.Usagef("say what is excluded: either --record or --selector")
		}
		until, err := command.Expiry(expires, env.Now())
		if err != nil {
			return err
		}
		if !until.IsZero() {
			n.ExpiresAt = &until
		}
		if selector != "" {
			if n.Selector, err = condition(env, selector); err != nil {
				return err
			}
		}
		n.Category = command.Word(n.Category)
		return s.do(cmd.Context(), env, func(ctx context.Context, c *client.Client) error {
			made, err := c.Exclude(ctx, s.workspace, test, n)
			if err != nil {
				return err
			}
			return s.out.Write(env.Out, made, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "Exclusion %d: %s is out of test %d (%s) until %s; it covers %d, of which %d fail.\n", made.ID, command.OneLine(made.TargetName),
					made.TestID, command.OneLine(made.TestName), command.Moment(made.ExpiresAt, "it is deleted"), made.Approved.Matching, made.Approved.Failing)
				return err
			})
		})
	}
	return cmd
}

func (s *server) do(ctx context.Context, env command.Env, do func(context.Context, *client.Client) error) error {
	c, err := s.Client(env)
	if err != nil {
		return err
	}
	return do(ctx, c)
}

// maxCondition is the longest condition in bytes that is read.
const maxCondition = 1 << 20

// condition reads a condition from a file, or from standard input.
func condition(env command.Env, name string) (json.RawMessage, error) {
	text, err := env.ReadFile(name, maxCondition)
	if err != nil {
		return nil, &command.Failure{Code: command.ExitUsage, Err: fmt.Errorf("--selector: %w", err)}
	}
	if !json.Valid(text) {
		return nil, command.Usagef("--selector %s is not JSON", name)
	}
	return text, nil
}

func remove(env command.Env) *cobra.Command {
	var test int64
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "End an exclusion: what it covered counts again",
		Args:  cobra.ExactArgs(1),
	}
	cmd.Flags().Int64Var(&test, "test", 0, "the test (testId, required)")
	_ = cmd.MarkFlagRequired("test")
	s := addServer(cmd, command.AddOutput)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := command.ID(args[0], "an exclusion", "exclusions list")
		if err != nil {
			return err
		}
		return s.do(cmd.Context(), env, func(ctx context.Context, c *client.Client) error {
			if err := c.EndExclusion(ctx, s.workspace, test, id); err != nil {
				return err
			}
			return command.Deleted(env, s.out, id, fmt.Sprintf("Exclusion %d has ended.", id))
		})
	}
	return cmd
}

func audit(env command.Env) *cobra.Command {
	var problem string
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List the exclusions that somebody should look at",
		Long: `List the exclusions of a workspace that somebody should look at:
  expired       it ended by time in the last 90 days
  unused        nothing that it covers fails
  matches-more  its condition matches more records than when it was approved
  expiring      it is about to end`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&problem, "problem", "", "only those with this problem")
	s := addServer(cmd, command.AddListOutput)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		now := func(x client.Exclusion) client.Reach {
			if x.Now == nil {
				return client.Reach{}
			}
			return *x.Now
		}
		return command.List(env, s.out, c.AuditExclusions(cmd.Context(), s.workspace, command.Word(problem), client.List{}), append(named(),
			column{Head: "PROBLEMS", Cell: func(x client.Exclusion) string { return strings.Join(x.Problems, ",") }},
			column{Head: "MATCHING", Cell: func(x client.Exclusion) string {
				return fmt.Sprintf("%d (approved %d)", now(x).Matching, x.Approved.Matching)
			}},
			column{Head: "FAILING", Cell: func(x client.Exclusion) string { return strconv.FormatInt(now(x).Failing, 10) }},
			column{Head: "EXPIRES", Cell: expiry})...)
	}
	return cmd
}
