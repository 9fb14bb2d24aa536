package agent

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

//go:embed units/*.tmpl
var unitFiles embed.FS

var unitTemplates = template.Must(template.New("").Funcs(template.FuncMap{"quoted": quoted}).ParseFS(unitFiles, "units/*.tmpl"))

const (
	serviceName = "plumbline-agent.service"
	timerName   = "plumbline-agent.timer"
	// made is the first line of our units, by which they are recognised.
	made = "# Made by `plumbline agent install`; made anew, it is replaced.\n"
)

// unit is what the templates are filled with.
type unit struct {
	Program, URL, Connection, For, Token, ID string
	EnvironmentFile, Proxy                   string
	Plain, Homes, Rules                      bool
	Every                                    string
}

func install(env command.Env) *cobra.Command {
	var t target
	var systemd, write bool
	var dir, program, environment, proxy string
	var homes, rules bool
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "install --systemd",
		Short: "Print, or write, a systemd unit with a timer for the agent",
		Long: `Print a systemd unit and a timer that report this machine, or write them with
--write. The unit runs as the user plumbline-agent, may write nowhere, and gets
the token from systemd (LoadCredential), so that the file with the token can
belong to root alone. Without that user it runs as one that exists only
meanwhile, which most systems keep from systemctl: automatic updates, ufw and
firewalld are not known then.

Without further rights these are not known: the screen lock, browser extensions
and, where it is only one of these, the password manager (home folders are shut);
the serial number; the rules of the firewall (ufw and firewalld are still seen).
  --read-homes     lets the unit read all files (CAP_DAC_READ_SEARCH), which are
                   then still read-only: the screen lock, browser extensions,
                   the password manager and the serial number are known.
  --read-firewall  lets it read the rules of the kernel. There is no right to
                   read them only: it is that to administer the network
                   (CAP_NET_ADMIN).

Whose machine it is, and all the rest, may come from a file of variables
(--environment-file), so that one unit does for all machines.`,
		Example: `  plumbline agent install --systemd --url https://plumbline.example.com --connection 9 --for email:ada@example.com --token-file /etc/plumbline/agent.token
  sudo plumbline agent install --systemd --write --read-homes --read-firewall --environment-file /etc/plumbline/agent.env --token-file /etc/plumbline/agent.token`,
		Args: cobra.NoArgs,
	}
	t.flags(cmd, env)
	f := cmd.Flags()
	f.BoolVar(&systemd, "systemd", false, "make units for systemd (needed: there is no other kind yet)")
	f.BoolVar(&write, "write", false, "write the units into --dir instead of printing them")
	f.StringVar(&dir, "dir", "/etc/systemd/system", "folder of the units")
	f.StringVar(&program, "program", "", "path of this program in the unit (default: where it is now)")
	f.StringVar(&environment, "environment-file", "", "file with "+urlEnv+", "+connectionEnv+" and "+forEnv+" in place of flags")
	f.StringVar(&proxy, "proxy", "", "proxy through which the server is reached, such as http://proxy.example.com:3128")
	f.BoolVar(&homes, "read-homes", false, "let the unit read home folders and the serial number")
	f.BoolVar(&rules, "read-firewall", false, "let the unit read the rules of the firewall")
	f.DurationVar(&every, "every", 4*time.Hour, "how long between reports (5m to 168h)")
	cmd.RunE = func(*cobra.Command, []string) error {
		if !systemd {
			return command.Usagef("say --systemd: units for systemd are what can be made")
		}
		if every < minEvery || every > maxEvery {
			return command.Usagef("--every is %s: it must be from %s to %s", every, minEvery, maxEvery)
		}
		if environment == "" {
			if _, _, err := t.check(); err != nil {
				return err
			}
		} else if t.token == "" {
			return command.Usagef("--token-file is needed: systemd reads it, not the agent")
		}
		if program == "" {
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("where this program is cannot be told: %w; say --program", err)
			}
			program = self
		}
		u := unit{Program: program, URL: t.url, Connection: t.connection, For: t.whose, Token: t.token, ID: t.id, EnvironmentFile: environment, Proxy: proxy, Plain: t.plain,
			Homes: homes, Rules: rules, Every: fmt.Sprintf("%ds", int64(every.Seconds()))}
		type flag struct{ name, value string }
		paths := []flag{{"--program", program}, {"--token-file", t.token}, {"--environment-file", environment}}
		for _, f := range paths {
			if f.value != "" && !filepath.IsAbs(f.value) {
				return command.Usagef("%s is %q: a unit needs the whole path", f.name, f.value)
			}
		}
		for _, f := range append(paths, flag{"--proxy", proxy}, flag{"--url", t.url}, flag{"--for", t.whose}, flag{"--external-id", t.id}) {
			if strings.ContainsFunc(f.value, func(r rune) bool {
				return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune("\"'$`", r) || r == '\\' || r == ':' && f.name == "--token-file"
			}) {
				return command.Usagef("%s is %q: blanks, quotes and the like cannot stand in a unit", f.name, f.value)
			}
		}
		texts := map[string][]byte{}
		for _, name := range []string{serviceName, timerName} {
			var b bytes.Buffer
			b.WriteString(made)
			if err := unitTemplates.ExecuteTemplate(&b, name+".tmpl", u); err != nil {
				return err
			}
			texts[name] = b.Bytes()
		}
		if !write {
			_, err := fmt.Fprintf(env.Out, "# %s\n%s\n# %s\n%s", filepath.Join(dir, serviceName), texts[serviceName], filepath.Join(dir, timerName), texts[timerName])
			return err
		}
		for _, name := range []string{serviceName, timerName} {
			if err := place(filepath.Join(dir, name), texts[name]); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(env.Out, "Written: %s\n", filepath.Join(dir, name))
		}
		_, err := fmt.Fprintf(env.Out, `
Now:
  id plumbline-agent || useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin plumbline-agent
  systemctl daemon-reload
  systemctl enable --now %s
  systemctl start %s && journalctl -u %s -n 5
`, timerName, serviceName, serviceName)
		return err
	}
	return cmd
}

// quoted is a text in a unit, in which % would mean something.
func quoted(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// place writes a unit whole or not at all. A file that is not ours stays.
func place(name string, text []byte) error {
	old, err := os.ReadFile(name)
	switch {
	case err == nil && !bytes.HasPrefix(old, []byte(made)):
		return fmt.Errorf("%s is there and was not made by this command: move it away first", name)
	case err == nil && bytes.Equal(old, text):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".plumbline-agent-*")
	if err != nil {
		return fmt.Errorf("the unit cannot be written: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the unit cannot be written: %w", err), os.Remove(f.Name()))
	}
	return nil
}
