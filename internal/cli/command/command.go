// Package command holds what the commands share: streams, exit codes, output
// and the connection to a server.
package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
)

// Env is what a command sees of the world.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	// Environ is a list of NAME=value.
	Environ []string
	Now     func() time.Time
	// Version is that of the program.
	Version string
}

// Getenv is the value of a variable, empty if it is not set.
func (e Env) Getenv(name string) string {
	for _, v := range e.Environ {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// IsTerminal reports whether somebody looks at a stream.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// The exit codes.
const (
	ExitOK           = 0
	ExitError        = 1
	ExitUsage        = 2
	ExitTestsFailed  = 3
	ExitUnauthorized = 4
)

// Failure is an error with an exit code. A nil Err exits without a word: what
// there is to say was said.
type Failure struct {
	Code int
	Err  error
}

func (f *Failure) Error() string {
	if f.Err == nil {
		return ""
	}
	return f.Err.Error()
}

func (f *Failure) Unwrap() error { return f.Err }

// Usagef is an error in how the program was called.
func Usagef(format string, args ...any) error {
	return &Failure{Code: ExitUsage, Err: fmt.Errorf(format, args...)}
}

// ExitCode is the code that the program ends with after err.
func ExitCode(err error) int {
	var f *Failure
	var c *client.Error
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &f):
		return f.Code
	case errors.As(err, &c) && (c.Status == 401 || c.Status == 403):
		return ExitUnauthorized
	}
	return ExitError
}

// Sentence is an error as it is shown: what went wrong and what to do.
func Sentence(err error) string {
	var c *client.Error
	var n *client.NetworkError
	switch {
	case errors.As(err, &c) && c.Status == 401:
		return "the server does not accept the API key: give one that is valid with --key or PLUMBLINE_API_KEY"
	case errors.As(err, &n):
		return err.Error() + "; is the server running there? Give its address with --url or PLUMBLINE_URL"
	}
	return err.Error()
}

// Output is the form in which a command tells its result.
type Output struct{ format string }

// AddOutput adds --output to a command.
func AddOutput(cmd *cobra.Command) *Output { return addOutput(cmd, "text", "json") }

// AddListOutput adds --output to a command that writes by [List].
func AddListOutput(cmd *cobra.Command) *Output { return addOutput(cmd, "text", "json", "ndjson") }

func addOutput(cmd *cobra.Command, forms ...string) *Output {
	o := &Output{}
	last := len(forms) - 1
	known := strings.Join(forms[:last], ", ") + " or " + forms[last]
	cmd.Flags().StringVarP(&o.format, "output", "o", forms[0], "form of the result on standard output: "+known)
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(forms, o.format) {
			return Usagef("--output is %q: it must be %s", o.format, known)
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
	return o
}

// JSON reports whether the result goes out as JSON.
func (o *Output) JSON() bool { return o.format == "json" }

// Text reports whether the result is told to people.
func (o *Output) Text() bool { return o.format == "text" }

// Write writes the result: value as one line of JSON, or as text tells it.
func (o *Output) Write(w io.Writer, value any, text func(io.Writer) error) error {
	if !o.JSON() {
		return text(w)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// Deleted writes that what an id names is gone, which said says to people.
func Deleted(env Env, o *Output, id int64, said string) error {
	result := struct {
		ID      int64 `json:"id"`
		Deleted bool  `json:"deleted"`
	}{id, true}
	return o.Write(env.Out, result, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, said)
		return err
	})
}

// OfItem reports whether err refuses only what was sent: something else can still
// be taken.
func OfItem(err error) bool {
	var c *client.Error
	return errors.As(err, &c) && c.Status/100 == 4 && c.Status != 401 && c.Status != 403
}

// Group makes a command of others, which by itself shows its help.
func Group(cmd *cobra.Command, subs ...*cobra.Command) *cobra.Command {
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.AddCommand(subs...)
	return cmd
}
