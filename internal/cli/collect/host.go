package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/dataset"
	"github.com/plumbline-dev/plumbline/internal/collect/host"
)

// Freshness is the age in hours after which what was collected of a host is
// stale: a daily run may be late by a night.
const Freshness = 36

type hostReport struct {
	Host     string        `json:"host"`
	DryRun   bool          `json:"dryRun,omitempty"`
	Datasets []hostDataset `json:"datasets"`
	// TestsCreated names the tests that --tests made.
	TestsCreated []string `json:"testsCreated,omitempty"`
}

type hostDataset struct {
	Connection   string `json:"connection"`
	ConnectionID int64  `json:"connectionId,omitempty"`
	ResourceID   int64  `json:"resourceId,omitempty"`
	Records      int    `json:"records"`
	Created      int64  `json:"created"`
	Updated      int64  `json:"updated"`
	Unchanged    int64  `json:"unchanged"`
	Deleted      int64  `json:"deleted"`
	// Kept means that nothing could be read, and that what was stored before
	// stays until it is stale.
	Kept bool `json:"kept,omitempty"`
	// Omitted is what was left out, and why.
	Omitted []hostOmission `json:"omitted"`
}

type hostOmission struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

func hostCommand(env command.Env) *cobra.Command {
	var workspace int64
	var name, root string
	var dryRun, tests bool
	cmd := &cobra.Command{
		Use:   "host",
		Short: "Collect accounts, SSH settings, ports, packages, file systems and kernel settings of this machine",
		Long: `Collect this machine's accounts, SSH daemon settings, listening ports, packages,
file systems and kernel settings, and push each as the dataset of a connection
named for the machine, such as "web1 accounts". Later runs replace the datasets.

Root rights are not needed: what may not be read is left out, and named. Secrets
are never collected.`,
		Args: cobra.NoArgs,
	}
	server := command.AddServer(cmd)
	cmd.Flags().Int64Var(&workspace, "workspace", 1, "id of the workspace")
	cmd.Flags().StringVar(&name, "name", "", "name of the machine in the names of the connections (default: its host name)")
	cmd.Flags().StringVar(&root, "root", "/", "folder that is read as the machine's root, for a machine's disk that is mounted elsewhere")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "tell what would be pushed, and push nothing")
	cmd.Flags().BoolVar(&tests, "tests", false, "also create and publish the recommended tests that are not there yet")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if workspace <= 0 {
			return command.Usagef("--workspace must be an id, which is above 0")
		}
		var c *client.Client
		if !dryRun {
			var err error
			if c, err = server.Client(env); err != nil {
				return err
			}
		}
		r := hostReport{Host: name, DryRun: dryRun}
		if r.Host == "" {
			var err error
			if r.Host, err = os.Hostname(); err != nil {
				return fmt.Errorf("this machine has no host name (%w): give one with --name", err)
			}
		}
		found, err := host.Collect(cmd.Context(), host.Options{Root: root, Now: env.Now})
		if err != nil {
			return err
		}
		if dryRun {
			for _, d := range found {
				r.Datasets = append(r.Datasets, describe(r.Host, d))
			}
		} else if err := r.push(cmd.Context(), env, c, workspace, found, tests); err != nil {
			return err
		}
		return out.Write(env.Out, r, r.text)
	}
	return cmd
}

func (r *hostReport) push(ctx context.Context, env command.Env, c *client.Client, workspace int64, found []host.Dataset, tests bool) error {
	pushed, err := PushHost(ctx, env, c, workspace, r.Host, found)
	if err != nil {
		return err
	}
	for i, p := range pushed {
		d := describe(r.Host, found[i])
		d.ConnectionID, d.ResourceID = p.Target.ConnectionID, p.Target.ResourceID
		d.Created, d.Updated, d.Unchanged, d.Deleted = p.Done.Created, p.Done.Updated, p.Done.Unchanged, p.Done.Deleted
		d.Kept = p.Kept
		r.Datasets = append(r.Datasets, d)
	}
	if tests {
		r.TestsCreated, err = HostTests(ctx, c, workspace, pushed)
	}
	return err
}

// Pushed is a dataset of a host that was pushed.
type Pushed struct {
	Slug, Connection string
	Target           client.Target
	Done             client.Completed
	// Kept means that nothing could be read, so nothing was replaced: an empty
	// dataset would say that there is nothing on the machine.
	Kept bool
}

// PushHost replaces the datasets of a host, in the order of found.
func PushHost(ctx context.Context, env command.Env, c *client.Client, workspace int64, name string, found []host.Dataset) ([]Pushed, error) {
	dir, err := dataset.Read(ctx, c, workspace)
	if err != nil {
		return nil, err
	}
	var all []Pushed
	for _, d := range found {
		p := Pushed{Slug: d.Slug, Connection: connectionName(name, d), Kept: len(d.Records) == 0 && len(d.Omitted) > 0}
		p.Target, _, err = dir.Ensure(ctx, dataset.Dataset{Connection: p.Connection, Description: d.Description,
			DisplayNameKey: d.DisplayNameKey, Schema: d.Schema, FreshnessHours: Freshness})
		if err == nil && !p.Kept {
			p.Done, err = dataset.Replace(ctx, c, p.Target, dataset.SessionID("host", env.Now()), d.Records)
		}
		if err != nil {
			return all, fmt.Errorf("%s: %w", p.Connection, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// HostTests publishes the recommended tests over the datasets of a host and
// names those that were not there yet.
func HostTests(ctx context.Context, c *client.Client, workspace int64, pushed []Pushed) ([]string, error) {
	have, err := dataset.ReadTests(ctx, c, workspace)
	if err != nil {
		return nil, err
	}
	controls, err := dataset.ReadControls(ctx, c, workspace)
	if err != nil {
		return nil, err
	}
	created := []string{}
	for _, p := range pushed {
		for _, t := range host.RecommendedTests() {
			if t.Slug != p.Slug {
				continue
			}
			logic, err := t.ForResource(p.Target.ResourceID)
			if err != nil {
				return created, err
			}
			n := client.NewTest{Name: t.Name + " – " + p.Connection, Description: t.Description, Logic: json.RawMessage(logic),
				ControlIDs: controls.With(t.Control)}
			_, isNew, err := have.Ensure(ctx, n)
			if err != nil {
				return created, err
			}
			if isNew {
				created = append(created, n.Name)
			}
		}
	}
	return created, nil
}

func connectionName(name string, d host.Dataset) string {
	return name + " " + strings.TrimPrefix(d.Name, "Host ")
}

func describe(name string, d host.Dataset) hostDataset {
	out := hostDataset{Connection: connectionName(name, d), Records: len(d.Records), Omitted: []hostOmission{}}
	for _, o := range d.Omitted {
		out.Omitted = append(out.Omitted, hostOmission{o.What, o.Why})
	}
	return out
}

func (r *hostReport) text(w io.Writer) error {
	var b strings.Builder
	for _, d := range r.Datasets {
		fmt.Fprintf(&b, "%s: %d records", d.Connection, d.Records)
		switch {
		case r.DryRun:
			b.WriteString(" (not pushed)\n")
		case d.Kept:
			b.WriteString(" (not pushed: what was stored before stays until it is stale)\n")
		default:
			fmt.Fprintf(&b, " (created %d, updated %d, unchanged %d, deleted %d)\n", d.Created, d.Updated, d.Unchanged, d.Deleted)
		}
		for _, o := range d.Omitted {
			fmt.Fprintf(&b, "  left out: %s: %s\n", o.What, o.Why)
		}
	}
	for _, t := range r.TestsCreated {
		fmt.Fprintf(&b, "test created: %s\n", t)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
