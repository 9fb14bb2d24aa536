package command

import (
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
)

// FieldFlag is the flag that sets custom fields.
const FieldFlag = "field"

// FieldHelp is what a command that has the flag says of it.
const FieldHelp = `--field "Cost centre=4711" sets a custom field, an empty value clears it, and what
is not named stays. The name ends at the first =; where it has one itself, name
the field by its number: --field "id:3=4711".`

// AddFields adds --field to a command.
func AddFields(cmd *cobra.Command) *[]string {
	return cmd.Flags().StringArray(FieldFlag, nil, "a custom field as `NAME=VALUE`; repeat it for several")
}

// FieldSettings reads what --field was given, for the client.
func FieldSettings(given []string) ([]client.FieldSetting, error) {
	out := make([]client.FieldSetting, len(given))
	for i, text := range given {
		name, value, cut := strings.Cut(text, "=")
		if name = strings.TrimSpace(name); !cut || name == "" {
			return nil, Usagef(`--field is %q: it must be a name and a value, such as "Cost centre=4711"`, text)
		}
		if digits, numbered := strings.CutPrefix(name, "id:"); numbered {
			if id, err := strconv.ParseInt(digits, 10, 64); err == nil && id > 0 {
				out[i].ID, name = id, ""
			}
		}
		out[i].Name = name
		if value = strings.TrimSpace(value); value != "" {
			out[i].Value = &value
		}
	}
	return out, nil
}

// FieldValues writes the custom fields that have a value, if there is any, as a
// part of what is told of a person or an asset.
func FieldValues(w io.Writer, values []client.FieldValue) error {
	var fields []Field
	for _, v := range values {
		if v.Value != nil {
			fields = append(fields, Field{Name: "  " + OneLine(v.Name), Value: OneLine(*v.Value)})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "Custom fields\n"); err != nil {
		return err
	}
	return Fields(w, fields...)
}
