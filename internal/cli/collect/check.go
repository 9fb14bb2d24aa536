package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/collect"
)

// maxSample bounds a saved reply, maxShown how many of its records are shown.
const (
	maxSample = 64 << 20
	maxShown  = 100
)

type checkReport struct {
	File      string            `json:"file"`
	Valid     bool              `json:"valid"`
	Faults    []checkFault      `json:"faults"`
	Collector string            `json:"collector,omitempty"`
	Inputs    []checkInput      `json:"inputs,omitempty"`
	Records   *int              `json:"recordCount,omitempty"`
	Shown     []json.RawMessage `json:"records,omitempty"`
}

type checkFault struct {
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Pointer    string `json:"pointer"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`
}

type checkInput struct {
	Name     string `json:"name"`
	Label    string `json:"label,omitempty"`
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"`
	Variable string `json:"variable"`
}

func checkCommand(env command.Env) *cobra.Command {
	var sample string
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a recipe, and show the records that it makes of a saved reply",
		Long: `Check a recipe without asking anybody. With --sample, a reply of the system that
was saved to a file (the body of an HTTP reply, the output of a program, a file,
or rows of a database as a JSON array), also show the records that it would make.
What more requests for each item would give is null.

Exit codes: 0 fine, 1 faults, 2 usage.`,
		Example: `  plumbline collect check okta.yaml
  plumbline collect check okta.yaml --sample users.json --input baseUrl=https://example.okta.com`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&sample, "sample", "", "file of a saved reply")
	inputs := addInputs(cmd)
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r := checkReport{File: args[0], Faults: []checkFault{}}
		recipe, err := readRecipe(env, args[0])
		var fault *collect.Fault
		switch {
		case errors.As(err, &fault):
			r.Faults = append(r.Faults, checkFault{fault.Line, fault.Column, fault.Pointer, fault.Message, fault.Suggestion})
			if werr := out.Write(env.Out, r, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, faultText(args[0], fault))
				return err
			}); werr != nil {
				return werr
			}
			return &command.Failure{Code: command.ExitError}
		case err != nil:
			return err
		}
		r.Valid, r.Collector = true, recipe.Collector()
		for _, i := range recipe.Inputs() {
			r.Inputs = append(r.Inputs, checkInput{i.Name, i.Label, i.Required, i.Secret, variable(i.Name)})
		}
		if sample != "" {
			if err := r.sample(cmd, env, recipe, sample, inputs); err != nil {
				return err
			}
		}
		return out.Write(env.Out, r, r.text)
	}
	return cmd
}

func (r *checkReport) sample(cmd *cobra.Command, env command.Env, recipe *collect.Recipe, name string, inputs *inputFlags) error {
	values, err := inputs.read(env, recipe)
	if err != nil {
		return err
	}
	reply, err := env.ReadFile(name, maxSample)
	if err != nil {
		return err
	}
	n := 0
	r.Records, r.Shown = &n, []json.RawMessage{}
	return told(recipe.Sample(cmd.Context(), reply, values, env.Now(), func(record []byte) error {
		if n++; n <= maxShown {
			r.Shown = append(r.Shown, record)
		}
		return nil
	}))
}

func (r *checkReport) text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: a good recipe for the collector %s\n", command.Plain(r.File), r.Collector)
	for _, i := range r.Inputs {
		kind := "required"
		if !i.Required {
			kind = "optional"
		}
		if i.Secret {
			kind += ", secret"
		}
		fmt.Fprintf(&b, "  input %s (%s) [$%s]\n", i.Name, kind, i.Variable)
	}
	if r.Records != nil {
		fmt.Fprintf(&b, "%s from the sample\n", command.Plural(*r.Records, "record", "records"))
		for _, text := range r.Shown {
			fmt.Fprintf(&b, "%s\n", command.Plain(string(text)))
		}
		if more := *r.Records - len(r.Shown); more > 0 {
			fmt.Fprintf(&b, "… and %d more\n", more)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
