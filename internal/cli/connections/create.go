package connections

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// maxShape is how large a schema or a sample may be in bytes.
const maxShape = 4 << 20

func create(env command.Env) *cobra.Command {
	var n client.NewConnection
	var description, schema, sample string
	var freshness int64
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a connection",
		Long: `Make a connection. A CUSTOM one has a resource for records, whose shape comes
from a JSON Schema or from sample records; HRIS and MDM have none: people and
devices have a shape of their own.`,
		Example: `  plumbline connections create --name "HR system" --provider-type hris
  plumbline connections create --name Repositories --provider-type custom --workspace 1 --sample repos.json --display-name-key name
  plumbline connections create --name Users --provider-type custom --workspace 1 --schema users.schema.json --display-name-key email --freshness-hours 24`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&n.Name, "name", "", "name (required)")
	f.StringVar(&description, "description", "", "what it is for")
	f.StringSliceVar(&n.ProviderTypes, "provider-type", nil, "custom, hris or mdm; repeat it for several (required)")
	f.Int64SliceVar(&n.WorkspaceIDs, "workspace", nil, "id of a workspace, needed for custom; repeat it for several")
	f.StringVar(&schema, "schema", "", "file with the JSON Schema of the records; - reads standard input")
	f.StringVar(&sample, "sample", "", "file with a record, or an array of some, to infer the schema from; - reads standard input")
	f.StringVar(&n.DisplayNameKey, "display-name-key", "", "property that names a record for people, needed for custom")
	f.StringVar(&n.ResourceName, "resource-name", "", "name of the resource (default: that of the connection)")
	f.Int64Var(&freshness, "freshness-hours", 0, "age in hours after which the data is stale (default: never)")
	for _, name := range []string{"name", "provider-type"} {
		_ = cmd.MarkFlagRequired(name)
	}
	cmd.MarkFlagsMutuallyExclusive("schema", "sample")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		n.ProviderTypes = command.Words(n.ProviderTypes)
		if f.Changed("description") {
			n.Description = &description
		}
		if f.Changed("freshness-hours") {
			n.FreshnessHours = &freshness
		}
		for _, each := range []struct {
			flag, file string
			into       *json.RawMessage
		}{{"schema", schema, &n.Schema}, {"sample", sample, &n.SampleData}} {
			if each.file == "" {
				continue
			}
			text, err := env.ReadFile(each.file, maxShape)
			if err != nil {
				return err
			}
			if !json.Valid(text) {
				return command.Usagef("--%s %s is not JSON", each.flag, each.file)
			}
			*each.into = text
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		made, err := c.CreateConnection(cmd.Context(), n)
		if err != nil {
			return err
		}
		return write(env, out, made)
	}
	return cmd
}
