// Package doctor is the command `plumbline doctor`, which explains a broken set-up
// in sentences.
package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/app"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/config"
)

type report struct {
	Problems int           `json:"problems"`
	Warnings int           `json:"warnings"`
	Findings []app.Finding `json:"findings"`
}

// settings are those of the server that can be looked at from outside.
var settings = []string{config.Addr, config.Data, config.DatabaseURL, config.TLSCert, config.TLSKey, config.SecretKeyFile, config.PublicURL,
	config.MailHost, config.MailPort, config.MailFrom, config.NotifyNetworks, config.AINetworks}

// Command makes the command.
func Command(env command.Env) *cobra.Command {
	var scopes []string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with a set-up, and what to do about it",
		Long: `Say what is wrong with a set-up, and what to do about it: first what this machine
sees of the server at --url (its address, certificate, version and clock, and what
the API key may do), then what a server with the given settings would find here
(data folder and disk, or PostgreSQL, key file, certificate, mail server, networks).

Give it the flags, variables or settings file that you give to serve and to the
other commands. It changes nothing. It ends with 1 if there is a problem, and with
4 if the only problem is the key or what it may do.`,
		Args: cobra.NoArgs,
	}
	server := command.AddServer(cmd)
	cmd.Flags().StringArrayVar(&scopes, "scope", nil, "a scope that the key needs, such as custom-connections-data-post; repeat it for several")
	config.AddFlags(cmd.Flags(), settings...)
	output := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(cmd.Flags(), env.Environ)
		if err != nil {
			return &command.Failure{Code: command.ExitUsage, Err: err}
		}
		url, key := server.Named(env)
		out := report{Findings: append(examine(cmd.Context(), env, url, key, scopes), app.Examine(cmd.Context(), c, env.Now())...)}
		keyOnly := true
		for _, f := range out.Findings {
			switch f.Level {
			case app.Problem:
				out.Problems++
				keyOnly = keyOnly && (f.Name == "key" || f.Name == "scopes")
			case app.Warning:
				out.Warnings++
			}
		}
		if err := output.Write(env.Out, out, func(w io.Writer) error { return out.write(w) }); err != nil {
			return err
		}
		switch {
		case out.Problems == 0:
			return nil
		case keyOnly:
			return &command.Failure{Code: command.ExitUnauthorized}
		}
		return &command.Failure{Code: command.ExitError}
	}
	return cmd
}

func (r report) write(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-8s %s\n", f.Level, f.Message)
	}
	switch {
	case r.Problems > 0:
		fmt.Fprintf(&b, "\n%s to solve.\n", counted(r.Problems, "problem"))
	case r.Warnings > 0:
		fmt.Fprintf(&b, "\nIt works, with %s.\n", counted(r.Warnings, "warning"))
	default:
		b.WriteString("\nNothing is wrong.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
