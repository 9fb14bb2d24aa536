// Package company is the command `plumbline company`: what is said of the
// organisation.
package company

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "company", Short: "Show and change what is said of the organisation"}
	return command.Group(cmd, show(env), set(env))
}

func show(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "show", Short: "Show the organisation that the server belongs to", Args: cobra.NoArgs}
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		company, err := c.Company(cmd.Context())
		if err != nil {
			return err
		}
		return write(env, out, company)
	}
	return cmd
}

// write writes the organisation.
func write(env command.Env, out *command.Output, c client.Company) error {
	return out.Write(env.Out, c, func(w io.Writer) error {
		return command.Fields(w,
			command.Field{Name: "Name", Value: command.OneLine(c.Name)},
			command.Field{Name: "Legal name", Value: command.Maybe(c.LegalName)},
			command.Field{Name: "Domain", Value: command.OneLine(c.Domain)},
			command.Field{Name: "Description", Value: command.Maybe(c.Description)},
			command.Field{Name: "Account", Value: c.AccountID})
	})
}

func set(env command.Env) *cobra.Command {
	var name, domain, legal, description string
	cmd := &cobra.Command{
		Use:     "set",
		Short:   "Change what is said of the organisation; what is not given stays",
		Example: `  plumbline company set --name Acme --domain acme.example --legal-name "Acme, Inc."`,
		Args:    cobra.NoArgs,
	}
	cmd.Flags().StringVar(&name, "name", "", "name")
	cmd.Flags().StringVar(&domain, "domain", "", "domain, such as example.com")
	cmd.Flags().StringVar(&legal, "legal-name", "", "legal name, or none")
	cmd.Flags().StringVar(&description, "description", "", "what it does, or none")
	cmd.MarkFlagsOneRequired("name", "domain", "legal-name", "description")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var change client.CompanyChange
		given := cmd.Flags().Changed
		if given("name") {
			change.Name = &name
		}
		if given("domain") {
			change.Domain = &domain
		}
		if given("legal-name") {
			change.LegalName = command.Clearable(legal)
		}
		if given("description") {
			change.Description = command.Clearable(description)
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		changed, err := c.UpdateCompany(cmd.Context(), change)
		if err != nil {
			return err
		}
		return write(env, out, changed)
	}
	return cmd
}
