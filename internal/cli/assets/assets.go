// Package assets is the command `plumbline assets`: what the organisation answers
// for.
package assets

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
		Use:   "assets",
		Short: "List, make, change, import and export assets",
		Long: `List the things that the organisation answers for, make and change them, and
import them from a CSV file or export them to one. Each device has an asset,
which the server makes and keeps; all others are made here.`,
	}
	told := &cobra.Command{Use: "history ID", Short: "List what became of an asset, newest first", Example: `  plumbline assets history 3 --limit 5`}
	file := &cobra.Command{
		Short: "Show what a CSV file would change, and take it with --apply",
		Long: `Show what a CSV file of assets would change, line by line, and take it with
--apply. What cannot be taken is listed on standard error as FILE:LINE:COLUMN,
and makes the exit code 1. An asset is recognised by externalId or id. Imported
once more, a file changes nothing. A custom field is a column by its name, or
customFields.NAME.`,
		Example: `  plumbline assets import --template > assets.csv
  plumbline assets import assets.csv
  plumbline assets import assets.csv --apply`,
	}
	all := &cobra.Command{
		Short: "Print all assets as a CSV file that import takes",
		Long: `Print all assets as a CSV file that import takes, with classes, owners and custom
fields. Imported as it is, it changes nothing. What it has of owners besides
ownerId is there to be read: to give an asset to somebody else, change ownerId,
or put their address into a column ownerEmail.`,
		Example: `  plumbline assets export > assets.csv
  plumbline assets import assets.csv`,
	}
	return command.Group(cmd, list(env), show(env), create(env), update(env), remove(env), restore(env), imports.Export(env, all, (*client.Client).AssetFile),
		imports.Command(env, file, imports.Kind{Import: (*client.Client).ImportAssets, Template: (*client.Client).AssetTemplate}),
		history.Command(env, told, func(arg string) (history.Walk, error) {
			id, err := number(arg)
			return func(ctx context.Context, c *client.Client, l client.List) iter.Seq2[client.ObjectChange, error] {
				return c.AssetHistory(ctx, id, l)
			}, err
		}))
}

func number(arg string) (int64, error) { return command.ID(arg, "an asset", "assets list") }

func classes(a client.Asset) string {
	out := make([]string, len(a.Classes))
	for i, k := range a.Classes {
		out[i] = k.Type
	}
	return strings.Join(out, ",")
}

func owner(a client.Asset) string {
	if a.Owner == nil {
		return ""
	}
	return a.Owner.Email
}

func list(env command.Env) *cobra.Command {
	var f client.AssetFilter
	var who string
	var removed, here, devices, others bool
	cmd := &cobra.Command{
		Use:   "list [TEXT]",
		Short: "List assets, or those whose name, description or id has a text",
		Long: `List assets, or those whose name, description or id has a text.

` + command.FieldFilterHelp,
		Example: `  plumbline assets list --class database
  plumbline assets list --owner-status former-employee --output ndjson | jq -r .name
  plumbline assets list --field Criticality=High`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.Flags().StringVar(&f.Class, "class", "", "only those of this class, such as hardware, software, code, database or networking")
	cmd.Flags().StringVar(&f.Type, "type", "", "only physical or virtual ones")
	cmd.Flags().StringVar(&f.Provider, "provider", "", "only those that came from here: agent, or drata for all others")
	cmd.Flags().StringVar(&who, "owner", "", "only those of this person, by address, or of this user, by number")
	cmd.Flags().StringVar(&f.OwnerStatus, "owner-status", "", "only those whose owner has this employment status")
	cmd.Flags().BoolVar(&removed, "removed", false, "only those that were removed")
	cmd.Flags().BoolVar(&here, "not-removed", false, "only those that were not")
	cmd.Flags().BoolVar(&devices, "of-devices", false, "only those that stand for a device")
	cmd.Flags().BoolVar(&others, "not-of-devices", false, "only the others")
	cmd.MarkFlagsMutuallyExclusive("removed", "not-removed")
	cmd.MarkFlagsMutuallyExclusive("of-devices", "not-of-devices")
	fields := command.AddFieldFilter(cmd)
	s, l := command.AddServer(cmd), command.AddListing(cmd, "name", "createdAt", "updatedAt")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.Text = strings.Join(args, "")
		for _, text := range []*string{&f.Class, &f.Type, &f.Provider, &f.OwnerStatus} {
			*text = command.Word(*text)
		}
		if removed || here {
			f.Removed = &removed
		}
		if devices || others {
			f.OfDevices = &devices
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		if who != "" {
			if f.OwnerID, err = ownerID(cmd.Context(), c, who); err != nil {
				return err
			}
		}
		if f.Fields, err = command.FieldFilters(cmd.Context(), c, "ASSET", *fields); err != nil {
			return err
		}
		return command.Walked(env, l, c.Assets(cmd.Context(), f, l.List()),
			command.Column[client.Asset]{Head: "ID", Cell: func(a client.Asset) string { return strconv.FormatInt(a.ID, 10) }},
			command.Column[client.Asset]{Head: "NAME", Cell: func(a client.Asset) string { return a.Name }, Wide: true},
			command.Column[client.Asset]{Head: "TYPE", Cell: func(a client.Asset) string { return a.AssetType }},
			command.Column[client.Asset]{Head: "CLASSES", Cell: classes, Wide: true},
			command.Column[client.Asset]{Head: "OWNER", Cell: owner, Wide: true},
			command.Column[client.Asset]{Head: "REMOVED", Cell: func(a client.Asset) string { return command.Day(a.RemovedAt, "") }})
	}
	return cmd
}

// ownerID is the user that a text names: a number, or the address of a person.
func ownerID(ctx context.Context, c *client.Client, text string) (int64, error) {
	who, err := command.Person(text)
	if err != nil {
		return 0, err
	}
	if id, err := strconv.ParseInt(who, 10, 64); err == nil {
		return id, nil
	}
	p, err := c.Person(ctx, who)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", text, err)
	}
	return p.UserID, nil
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show an asset with its custom fields"}
	return command.Shown(env, cmd, number, (*client.Client).Asset, write)
}

// write writes an asset.
func write(env command.Env, out *command.Output, a client.Asset) error {
	return out.Write(env.Out, a, func(w io.Writer) error {
		if err := command.Fields(w,
			command.Field{Name: "Asset", Value: fmt.Sprintf("%d  %s", a.ID, command.OneLine(a.Name))},
			command.Field{Name: "Description", Value: command.OneLine(a.Description)},
			command.Field{Name: "Type", Value: a.AssetType},
			command.Field{Name: "Classes", Value: classes(a)},
			command.Field{Name: "Owner", Value: strings.TrimSpace(fmt.Sprintf("user %d  %s", a.OwnerID, command.OneLine(owner(a))))},
			command.Field{Name: "Device", Value: command.Number(a.DeviceID)},
			command.Field{Name: "External id", Value: command.Maybe(a.ExternalID)},
			command.Field{Name: "Owner's external id", Value: command.Maybe(a.ExternalOwnerID)},
			command.Field{Name: "Unique id", Value: command.Maybe(a.UniqueID)},
			command.Field{Name: "Notes", Value: command.Maybe(a.Notes)},
			command.Field{Name: "Removed", Value: command.Day(a.RemovedAt, "")}); err != nil {
			return err
		}
		if err := command.FieldValues(w, a.CustomFields); err != nil {
			return err
		}
		return command.Checks(env, w, a.Checks)
	})
}

func remove(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete an asset that was made here; that of a device goes with the device",
		Args:  cobra.ExactArgs(1),
	}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = command.One(env, s, number, func(ctx context.Context, c *client.Client, id int64) error {
		if err := c.DeleteAsset(ctx, id); err != nil {
			return err
		}
		return command.Deleted(env, out, id, fmt.Sprintf("Asset %d is deleted.", id))
	})
	return cmd
}

func restore(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "restore ID", Short: "Bring back an asset that was deleted, as it was"}
	return command.Shown(env, cmd, number, (*client.Client).RestoreAsset, write)
}
