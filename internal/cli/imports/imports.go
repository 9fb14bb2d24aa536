// Package imports is the subcommands `import` and `export` of people and assets: a
// CSV file, looked at first and taken on demand, and all that is there as one.
package imports

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Kind is what a file is of.
type Kind struct {
	// Import and Template are those of the client.
	Import   func(c *client.Client, ctx context.Context, file []byte, o client.ImportOptions) (client.Import, error)
	Template func(c *client.Client, ctx context.Context, w io.Writer) error
}

// Command makes the subcommand.
func Command(env command.Env, cmd *cobra.Command, kind Kind) *cobra.Command {
	var apply, template, skip bool
	var after int
	cmd.Use, cmd.Args = "import FILE.csv|-", cobra.MaximumNArgs(1)
	cmd.Flags().BoolVar(&apply, "apply", false, "take the file; without it nothing is changed")
	cmd.Flags().BoolVar(&skip, "skip-refused", false, "leave out the rows that cannot be taken, and take the others; else all of the file is taken or nothing")
	cmd.Flags().BoolVar(&template, "template", false, "print an example of a file, with all columns, and do nothing else")
	cmd.Flags().IntVar(&after, "after-line", 0, "tell only of lines below this one, 1,000 at most; what is done with the file is the same")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if template == (len(args) == 1) {
			return command.Usagef("name one file, or - for standard input, or give --template")
		}
		if template && apply {
			return command.Usagef("--template prints an example: there is nothing to --apply")
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		if template {
			return kind.Template(c, cmd.Context(), env.Out)
		}
		text, err := env.ReadFile(args[0], client.MaxImportBytes)
		if err != nil {
			return err
		}
		f := &file{name: args[0], text: text, kind: kind, c: c, o: client.ImportOptions{Preview: !apply, SkipRefused: skip, After: after}}
		return f.run(cmd.Context(), env, out)
	}
	return cmd
}

// Export makes the subcommand that prints what is there as a file.
func Export(env command.Env, cmd *cobra.Command, file func(c *client.Client, ctx context.Context, w io.Writer) error) *cobra.Command {
	cmd.Use, cmd.Args = "export", cobra.NoArgs
	s := command.AddServer(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return file(c, cmd.Context(), env.Out)
	}
	return cmd
}

// file is a file on its way.
type file struct {
	name string
	text []byte
	kind Kind
	c    *client.Client
	o    client.ImportOptions
}

func (f *file) run(ctx context.Context, env command.Env, out *command.Output) error {
	result, err := f.kind.Import(f.c, ctx, f.text, f.o)
	if client.IsCode(err, client.CodeValidation) && !f.o.Preview {
		// The refusal names the first error; a preview has all of them.
		f.o.Preview = true
		preview, perr := f.kind.Import(f.c, ctx, f.text, f.o)
		if perr != nil || preview.CanApply {
			return err
		}
		result, err = preview, nil
	}
	if err != nil {
		return err
	}
	if err := out.Write(env.Out, result, func(w io.Writer) error { return f.told(w, result) }); err != nil {
		return err
	}
	f.refusals(env.Err, result)
	return f.outcome(result)
}

// told writes the result for people.
func (f *file) told(out io.Writer, r client.Import) error {
	w := bufio.NewWriter(out)
	for _, l := range r.Lines {
		_, _ = fmt.Fprintf(w, "line %d  %s  %s\n", l.Line, strings.ToLower(l.Outcome), command.OneLine(l.Name))
		fields := make([]command.Field, len(l.Changes))
		for i, c := range l.Changes {
			fields[i] = command.Field{Name: "  " + command.OneLine(c.Field), Value: strings.TrimSpace(command.Maybe(c.Old) + " → " + command.Maybe(c.New))}
		}
		if err := command.Fields(w, fields...); err != nil {
			return err
		}
		if len(l.Kept) > 0 {
			_, _ = fmt.Fprintf(w, "  kept as it is: %s\n", command.OneLine(strings.Join(l.Kept, ", ")))
		}
	}
	if r.MoreLines > 0 {
		_, _ = fmt.Fprintf(w, "… and %s", command.Plural(r.MoreLines, "line more", "lines more"))
		if r.Preview {
			_, _ = fmt.Fprintf(w, "; --after-line %d tells of those", r.Lines[len(r.Lines)-1].Line)
		}
		_ = w.WriteByte('\n')
	}
	if len(r.IgnoredColumns) > 0 {
		_, _ = fmt.Fprintf(w, "columns that do not count: %s\n", command.OneLine(strings.Join(r.IgnoredColumns, ", ")))
	}
	if r.NumRows > 0 {
		_, _ = fmt.Fprintf(w, "%s: %d created, %d updated, %d unchanged, %d refused\n", command.Plural(r.NumRows, "row", "rows"), r.NumCreated, r.NumUpdated, r.NumUnchanged, r.NumRefused)
	}
	if r.Preview && r.CanApply && r.NumCreated+r.NumUpdated > 0 {
		_, _ = fmt.Fprintln(w, "Nothing was changed yet: --apply takes the file.")
	}
	return w.Flush()
}

// refusals writes each error as FILE:LINE:COLUMN: why.
func (f *file) refusals(w io.Writer, r client.Import) {
	for _, e := range r.Errors {
		place := f.name
		if f.name == "-" {
			place = "standard input"
		}
		if e.Line != nil {
			place += ":" + strconv.Itoa(*e.Line)
		}
		for _, x := range append([]client.ImportFault{{Column: e.Column, Message: e.Message}}, e.Also...) {
			in := place
			if x.Column != nil {
				in += ":" + command.OneLine(*x.Column)
			}
			_, _ = fmt.Fprintf(w, "%s: %s\n", in, command.OneLine(x.Message))
		}
	}
	if r.MoreErrors > 0 {
		_, _ = fmt.Fprintf(w, "… and %s\n", command.Plural(r.MoreErrors, "error more", "errors more"))
	}
}

// outcome is what the command ends with.
func (f *file) outcome(r client.Import) error {
	switch refused := command.Plural(r.NumRefused, "row", "rows"); {
	case !r.CanApply && r.NumRefused > 0:
		return fmt.Errorf("the file cannot be taken because of %s: correct it, or leave them out with --skip-refused", refused)
	case !r.CanApply && len(r.Errors) == 0:
		return errors.New("the file has no rows below its first line")
	case !r.CanApply:
		return errors.New("the file cannot be taken: correct it; --template prints an example")
	case r.NumRefused > 0 && r.Preview:
		return fmt.Errorf("%s would be left out", refused)
	case r.NumRefused > 0:
		return fmt.Errorf("the file was taken without %s", refused)
	}
	return nil
}
