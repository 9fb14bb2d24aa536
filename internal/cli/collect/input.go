package collect

import (
	"errors"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// inputEnv begins the names of the variables that hold inputs.
const inputEnv = "PLUMBLINE_INPUT_"

// maxInput bounds the file of an input.
const maxInput = 64 << 10

// inputFlags are the inputs of a recipe as they are given.
type inputFlags struct{ values, files []string }

func addInputs(cmd *cobra.Command) *inputFlags {
	f := &inputFlags{}
	cmd.Flags().StringArrayVar(&f.values, "input", nil, "an input of the recipe, name=value; not for secrets [$"+inputEnv+"NAME]")
	cmd.Flags().StringArrayVar(&f.files, "input-file", nil, "an input that is read from a file, name=path (- is standard input): for secrets and keys")
	return f
}

// variable is the name of the variable that holds an input: baseUrl is
// PLUMBLINE_INPUT_BASE_URL.
func variable(name string) string {
	var b strings.Builder
	b.WriteString(inputEnv)
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = !unicode.IsUpper(r)
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// read gathers the values: of flags, of files, else of variables.
func (f *inputFlags) read(env command.Env, r *collect.Recipe) (map[string]string, error) {
	out := map[string]string{}
	put := func(flag, given string, value func(string) (string, error)) error {
		name, text, ok := strings.Cut(given, "=")
		if !ok {
			return command.Usagef("--%s %s: it must be name=value", flag, command.Plain(document.Clip(name, 60)))
		}
		if _, twice := out[name]; twice {
			return command.Usagef("the input %s is given twice", command.Plain(name))
		}
		v, err := value(text)
		out[name] = v
		return err
	}
	for _, given := range f.values {
		name, _, _ := strings.Cut(given, "=")
		for _, i := range r.Inputs() {
			if i.Secret && i.Name == name {
				return nil, command.Usagef("the input %s is a secret, which others would see in the list of processes: give it in %s, or with --input-file %s=PATH", name, variable(name), name)
			}
		}
		if err := put("input", given, func(text string) (string, error) { return text, nil }); err != nil {
			return nil, err
		}
	}
	for _, given := range f.files {
		err := put("input-file", given, func(path string) (string, error) {
			text, err := env.ReadFile(path, maxInput)
			return strings.TrimRight(string(text), "\r\n"), err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, i := range r.Inputs() {
		if _, given := out[i.Name]; !given {
			if v := env.Getenv(variable(i.Name)); v != "" {
				out[i.Name] = v
			}
		}
	}
	return out, nil
}

// usage says what to do about an input that cannot be used.
func usage(err error) error {
	var bad *collect.InputError
	if errors.As(err, &bad) {
		return command.Usagef("the input %s: give it with --input, --input-file or %s", command.Plain(err.Error()), variable(bad.Name))
	}
	return err
}

// readRecipe reads the file of a recipe. Its fault has file and line.
func readRecipe(env command.Env, name string) (*collect.Recipe, error) {
	text, err := env.ReadFile(name, document.MaxFile)
	if err != nil {
		return nil, err
	}
	return collect.Parse(text)
}

// faultText is a fault with its file, line and column.
func faultText(file string, f *collect.Fault) string {
	text := document.Place(file, f.Line, f.Column) + ": "
	if f.Pointer != "" {
		text += f.Pointer + " "
	}
	text += f.Message
	if f.Suggestion != "" {
		text += "; did you mean `" + f.Suggestion + "`?"
	}
	return command.Plain(text)
}
