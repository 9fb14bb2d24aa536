package command

import (
	"context"
	"fmt"
	"io"
	"slices"
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
		out[i].ID, out[i].Name = fieldNamed(name)
		if value = strings.TrimSpace(value); value != "" {
			out[i].Value = &value
		}
	}
	return out, nil
}

// fieldNamed is the number that a text names a custom field by, or the name.
func fieldNamed(text string) (id int64, name string) {
	if digits, numbered := strings.CutPrefix(text, "id:"); numbered {
		if id, err := strconv.ParseInt(digits, 10, 64); err == nil && id > 0 {
			return id, ""
		}
	}
	return 0, text
}

// FieldFilterHelp is what a command that lists by custom fields says of the flag.
const FieldFilterHelp = `--field "Cost centre=4711" keeps those of which a custom field has the value, in any
case, and --field "Cost centre" those of which it has any; given several times, all
must fit. The name ends at the first =; where it has one itself, name the field by
its number: --field "id:3=4711".`

// AddFieldFilter adds --field to a command that lists.
func AddFieldFilter(cmd *cobra.Command) *[]string {
	return cmd.Flags().StringArray(FieldFlag, nil, "only those of which a custom field is so, as `NAME=VALUE`, or NAME for any value; repeat it for several")
}

// fieldThings are what objects of a kind are called.
var fieldThings = map[string]string{"ASSET": "assets", "PERSONNEL": "personnel"}

// FieldFilters reads what --field was given to a command that lists objects of a
// kind, ASSET or PERSONNEL. Fields that are named by their names are looked up.
func FieldFilters(ctx context.Context, c *client.Client, kind string, given []string) ([]client.FieldFilter, error) {
	out := make([]client.FieldFilter, len(given))
	var known []client.CustomField
	for i, text := range given {
		name, value, cut := strings.Cut(text, "=")
		value = strings.TrimSpace(value)
		if name = strings.TrimSpace(name); name == "" || cut && value == "" {
			return nil, Usagef(`--field is %q: it must be a name with a value, such as "Cost centre=4711", or a name alone for any value`, text)
		}
		if cut {
			out[i].Value = &value
		}
		if out[i].ID, name = fieldNamed(name); name == "" {
			continue
		}
		if known == nil {
			for f, err := range c.CustomFields(ctx, kind, "", client.List{}) {
				if err != nil {
					return nil, err
				}
				known = append(known, f)
			}
		}
		at := slices.IndexFunc(known, func(f client.CustomField) bool { return strings.EqualFold(f.Name, name) })
		if at < 0 {
			return nil, fmt.Errorf("there is no custom field %q of %s: `plumbline custom-fields list --kind %s` shows them", name, fieldThings[kind], strings.ToLower(kind))
		}
		out[i].ID = known[at].ID
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
