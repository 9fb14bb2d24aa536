// Package devices is the command `plumbline devices`: computers and phones that
// MDM connections report.
package devices

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
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List devices and how they stand, report and delete them",
		Long: `List the computers and phones that MDM connections report, see how each stands
and what is installed on it, report devices from a file, and delete them.`,
	}
	told := &cobra.Command{Use: "history ID", Short: "List what became of a device, newest first", Example: `  plumbline devices history 17 --limit 5`}
	return command.Group(cmd, list(env), show(env), report(env), remove(env), apps(env),
		history.Command(env, told, func(arg string) (history.Walk, error) {
			id, err := number(arg)
			return func(ctx context.Context, c *client.Client, l client.List) iter.Seq2[client.ObjectChange, error] {
				return c.DeviceHistory(ctx, id, l)
			}, err
		}))
}

func number(arg string) (int64, error) { return command.ID(arg, "a device", "devices list") }

// owner is whose a device is.
func owner(d client.Device) string {
	if d.Owner == nil {
		return ""
	}
	return d.Owner.Email
}

func list(env command.Env) *cobra.Command {
	var f client.DeviceFilter
	var person string
	cmd := &cobra.Command{
		Use:   "list [TEXT]",
		Short: "List devices, or those whose name, model, identifier or owner has a text",
		Example: `  plumbline devices list --person ada@example.com
  plumbline devices list --platform macos --output ndjson | jq -r 'select(.encryptionEnabled == false).serialNumber'`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.Flags().StringVar(&person, "person", "", "only those of this person, by number or address")
	cmd.Flags().Int64Var(&f.ConnectionID, "connection", 0, "only those that this connection reports")
	cmd.Flags().StringVar(&f.Platform, "platform", "", "only those with this system: macos, windows, linux, unix or android")
	cmd.Flags().StringVar(&f.Source, "source", "", "only those reported by the agent, or by a custom connection: agent or custom")
	cmd.Flags().StringVar(&f.SerialNumber, "serial", "", "only that with this serial number")
	cmd.Flags().StringVar(&f.MACAddress, "mac", "", "only that with this MAC address")
	cmd.Flags().StringVar(&f.ExternalID, "external-id", "", "only that with this external id")
	s, l := command.AddServer(cmd), command.AddListing(cmd, "createdAt", "updatedAt")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.Text, f.Platform, f.Source = strings.Join(args, ""), command.Word(f.Platform), command.Word(f.Source)
		who := ""
		if person != "" {
			var err error
			if who, err = command.Person(person); err != nil {
				return err
			}
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		if who != "" {
			p, err := c.Person(cmd.Context(), who)
			if err != nil {
				return err
			}
			f.PersonnelID = p.ID
		}
		return command.Walked(env, l, c.Devices(cmd.Context(), f, l.List()),
			command.Column[client.Device]{Head: "ID", Cell: func(d client.Device) string { return strconv.FormatInt(d.ID, 10) }},
			command.Column[client.Device]{Head: "NAME", Cell: func(d client.Device) string { return d.DisplayName }, Wide: true},
			command.Column[client.Device]{Head: "SYSTEM", Cell: func(d client.Device) string { return command.Maybe(d.OSVersion) }, Wide: true},
			command.Column[client.Device]{Head: "OWNER", Cell: owner, Wide: true},
			command.Column[client.Device]{Head: "COMPLIANCE", Cell: func(d client.Device) string { return d.ComplianceStatus }, Paint: command.Standing},
			command.Column[client.Device]{Head: "SEEN", Cell: func(d client.Device) string { return command.Day(d.LastCheckedAt, "never") }})
	}
	return cmd
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show a device: what was reported, and how each check stands"}
	return command.Shown(env, cmd, number, (*client.Client).Device, write)
}

// write writes a device.
func write(env command.Env, out *command.Output, d client.Device) error {
	return out.Write(env.Out, d, func(w io.Writer) error { return describe(env, w, d) })
}

func describe(env command.Env, w io.Writer, d client.Device) error {
	firewall := ""
	if d.FirewallEnabled != nil {
		firewall = map[bool]string{true: "on", false: "off"}[*d.FirewallEnabled]
	}
	if err := command.Fields(w,
		command.Field{Name: "Device", Value: fmt.Sprintf("%d  %s", d.ID, command.OneLine(d.DisplayName))},
		command.Field{Name: "System", Value: command.Maybe(d.OSVersion)},
		command.Field{Name: "Model", Value: command.Maybe(d.Model)},
		command.Field{Name: "Serial number", Value: command.Maybe(d.SerialNumber)},
		command.Field{Name: "MAC address", Value: command.Maybe(d.MACAddress)},
		command.Field{Name: "External id", Value: command.Maybe(d.ExternalID)},
		command.Field{Name: "Owner", Value: strings.TrimSpace(fmt.Sprintf("person %d  %s", d.PersonnelID, command.OneLine(owner(d))))},
		command.Field{Name: "Asset", Value: command.Number(d.AssetID)},
		command.Field{Name: "Connection", Value: connection(d)},
		command.Field{Name: "Last report", Value: command.Moment(d.LastCheckedAt, "never")},
		command.Field{Name: "Firewall", Value: firewall},
		command.Field{Name: "Applications", Value: command.Number(d.AppsCount)}); err != nil {
		return err
	}
	return command.Checks(env, w, d.Checks)
}

// connection is what reports a device.
func connection(d client.Device) string {
	if d.ConnectionID == 0 {
		return "none: the documents of somebody without a device stand here"
	}
	return fmt.Sprintf("%d  %s", d.ConnectionID, d.SourceType)
}

func remove(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a device with its asset and its documents; its next report makes a new one",
		Args:  cobra.ExactArgs(1),
	}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		d, err := c.Device(ctx, id)
		if err != nil {
			return err
		}
		if d.ConnectionID == 0 {
			return fmt.Errorf("%d is the number of a person of whom no device is reported: there is none to delete", id)
		}
		if err := c.DeleteDevice(ctx, d.ConnectionID, id); err != nil {
			return err
		}
		return command.Deleted(env, out, id, fmt.Sprintf("Device %d (%s) is deleted, with its asset and its documents.", id, command.OneLine(d.DisplayName)))
	})
	return cmd
}

func apps(env command.Env) *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:     "apps ID [TEXT]",
		Short:   "List what is installed on a device",
		Example: `  plumbline devices apps 17 --kind browser-extension`,
		Args:    cobra.RangeArgs(1, 2),
	}
	cmd.Flags().StringVar(&kind, "kind", "application", "application, browser-extension or windows-service")
	s, l := command.AddServer(cmd), command.AddListing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := number(args[0])
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		order := l.List()
		order.Ascending = true // as they were reported
		return command.Walked(env, l, c.DeviceApps(cmd.Context(), id, command.Word(kind), strings.Join(args[1:], ""), order),
			command.Column[client.DeviceApp]{Head: "NAME", Cell: func(a client.DeviceApp) string { return a.Program.Name }, Wide: true},
			command.Column[client.DeviceApp]{Head: "VERSION", Cell: func(a client.DeviceApp) string { return a.Program.Version }},
			command.Column[client.DeviceApp]{Head: "DESCRIPTION", Cell: func(a client.DeviceApp) string { return a.Program.Description }, Wide: true})
	}
	return cmd
}
