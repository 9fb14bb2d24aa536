package agent

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/agent"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

func show(env command.Env) *cobra.Command {
	var whose string
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print what would be reported of this machine; nothing is sent",
		Long: `Print what "plumbline agent run" would report of this machine, and where each
answer was seen. Nothing is sent. With --output json it is the body of the call,
to the letter.`,
		Example: `  plumbline agent show
  sudo plumbline agent show
  plumbline agent show --for email:ada@example.com --output json`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&whose, "for", "", "whose machine this is, for the JSON: email: and an address, or the number of a person")
	out := command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var person any
		if whose != "" {
			var err error
			if person, err = owner(whose); err != nil {
				return err
			}
		}
		p, err := read(cmd.Context(), env)
		if err != nil {
			return err
		}
		return out.Write(env.Out, report(p, person), func(w io.Writer) error { return told(env, w, p) })
	}
	return cmd
}

// told writes a posture for people.
func told(env command.Env, w io.Writer, p agent.Posture) error {
	paint := command.NewPaint(env, w)
	line := func(name, value string) command.Field {
		return command.Field{Name: name, Value: command.Plain(cmp.Or(value, "not known"))}
	}
	if err := command.Fields(w, line("Name", p.Name), line("System", p.Version), line("Model", p.Model), line("Serial number", p.Serial),
		line("MAC addresses", strings.Join(p.MACs, ", ")), line("Installation", p.InstallationID)); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		agent.Answer
	}{
		{"Disk encryption", p.DiskEncryption}, {"Firewall", p.Firewall}, {"Screen lock", p.ScreenLock}, {"Automatic updates", p.AutoUpdate},
		{"Antivirus", p.Antivirus}, {"Password manager", p.PasswordManager},
	} {
		state := paint.Odd("not known")
		switch f.State {
		case agent.Yes:
			state = paint.Good("yes")
		case agent.No:
			state = paint.Bad("no")
		}
		if _, err := fmt.Fprintf(w, "\n%s: %s\n  %s\n", f.name, state, command.Plain(f.Text)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s, %s.\n", command.Plural(len(p.Apps), "application or package", "applications and packages"), command.Plural(len(p.Extensions), "browser extension", "browser extensions"))
	for _, n := range p.Notes {
		_, _ = fmt.Fprintf(w, "Left out: %s\n", command.Plain(n))
	}
	return err
}
