package assets

import (
	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// properties are the flags that describe an asset.
type properties struct {
	name, description, kind, owner string
	classes                        []string
	notes, external, externalOwner string
	unique, removed                string
	fields                         *[]string
}

// add adds the flags; required marks those without which there is no asset.
func (p *properties) add(cmd *cobra.Command, required string) {
	f := cmd.Flags()
	f.StringVar(&p.name, "name", "", "name"+required)
	f.StringVar(&p.description, "description", "", "what it is"+required)
	f.StringSliceVar(&p.classes, "class", nil, "class: hardware, policy, document, personnel, software, code, container, compute, networking, database or storage; repeat it for several"+required)
	f.StringVar(&p.kind, "type", "", "physical or virtual"+required)
	f.StringVar(&p.owner, "owner", "", "address of a person, or number of a user"+required)
	none := ""
	if required == "" {
		none = ", or none"
		f.StringVar(&p.removed, "removed", "", "day on which it was removed, such as 2026-01-31, or none")
	}
	f.StringVar(&p.notes, "notes", "", "notes"+none)
	f.StringVar(&p.external, "external-id", "", "what another system calls it; an import recognises it by this"+none)
	f.StringVar(&p.externalOwner, "external-owner-id", "", "what another system calls its owner"+none)
	f.StringVar(&p.unique, "unique-id", "", "unique id"+none)
	p.fields = command.AddFields(cmd)
}

func create(env command.Env) *cobra.Command {
	var p properties
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Make an asset",
		Long:    "Make an asset.\n\n" + command.FieldHelp,
		Example: `  plumbline assets create --name Backups --description "Nightly copies" --class storage --type virtual --owner ada@example.com`,
		Args:    cobra.NoArgs,
	}
	p.add(cmd, " (required)")
	for _, name := range []string{"name", "description", "class", "type", "owner"} {
		_ = cmd.MarkFlagRequired(name)
	}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		n := client.NewAsset{Name: p.name, Description: p.description, AssetClassTypes: command.Words(p.classes), AssetType: command.Word(p.kind)}
		for name, into := range map[string]**string{"notes": &n.Notes, "external-id": &n.ExternalID, "external-owner-id": &n.ExternalOwnerID, "unique-id": &n.UniqueID} {
			if f := cmd.Flags().Lookup(name); f.Changed {
				*into = new(f.Value.String())
			}
		}
		var err error
		if n.CustomFields, err = command.FieldSettings(*p.fields); err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		if n.OwnerID, err = ownerID(cmd.Context(), c, p.owner); err != nil {
			return err
		}
		a, err := c.CreateAsset(cmd.Context(), n)
		if err != nil {
			return err
		}
		return write(env, out, a)
	}
	return cmd
}

func update(env command.Env) *cobra.Command {
	var p properties
	cmd := &cobra.Command{
		Use:   "update ID",
		Short: "Change an asset; what is not given stays",
		Long:  "Change an asset; what is not given stays.\n\n" + command.FieldHelp,
		Example: `  plumbline assets update 3 --owner bob@example.com
  plumbline assets update 3 --removed 2026-01-31 --notes none
  plumbline assets update 3 --field Criticality=High --field "Cost centre="`,
		Args: cobra.ExactArgs(1),
	}
	p.add(cmd, "")
	cmd.MarkFlagsOneRequired("name", "description", "class", "type", "owner", "notes", "external-id", "external-owner-id", "unique-id", "removed", command.FieldFlag)
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := number(args[0])
		if err != nil {
			return err
		}
		var change client.AssetChange
		if change.CustomFields, err = command.FieldSettings(*p.fields); err != nil {
			return err
		}
		given := cmd.Flags().Changed
		for name, set := range map[string]func(){
			"name":              func() { change.Name = &p.name },
			"description":       func() { change.Description = &p.description },
			"class":             func() { change.AssetClassTypes = command.Words(p.classes) },
			"type":              func() { change.AssetType = new(command.Word(p.kind)) },
			"notes":             func() { change.Notes = command.Clearable(p.notes) },
			"external-id":       func() { change.ExternalID = command.Clearable(p.external) },
			"external-owner-id": func() { change.ExternalOwnerID = command.Clearable(p.externalOwner) },
			"unique-id":         func() { change.UniqueID = command.Clearable(p.unique) },
			"removed":           func() { change.RemovedAt = command.Clearable(p.removed) },
		} {
			if given(name) {
				set()
			}
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		if given("owner") {
			owner, err := ownerID(cmd.Context(), c, p.owner)
			if err != nil {
				return err
			}
			change.OwnerID = &owner
		}
		a, err := c.UpdateAsset(cmd.Context(), id, change)
		if err != nil {
			return err
		}
		return write(env, out, a)
	}
	return cmd
}
