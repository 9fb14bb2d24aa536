// Package version is the command `plumbline version`, and knows the version.
package version

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// number is set by the linker: -X …/internal/cli/version.number=1.2.3
var number string

type info struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Number is the version of the program, "dev" when it was built without one.
func Number() string {
	if number != "" {
		return number
	}
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "dev"
}

func commit() string {
	b, _ := debug.ReadBuildInfo()
	revision, modified := "", false
	if b != nil {
		for _, s := range b.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
	}
	if revision != "" && modified {
		revision += "+modified"
	}
	return revision
}

// Command makes the command.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
	}
	out := command.AddOutput(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		i := info{Version: Number(), Commit: commit(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
		return out.Write(env.Out, i, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "plumbline %s (%s, %s/%s)\n", i.Version, i.Go, i.OS, i.Arch)
			return err
		})
	}
	return cmd
}
