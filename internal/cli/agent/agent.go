// Package agent is the command `plumbline agent`, which reports the posture of
// the machine that it runs on.
package agent

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/agent"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Report the posture of this machine: disk encryption, firewall, screen lock, updates, antivirus, software",
		Long: `Report the posture of this machine to an MDM connection: what it is, whether its
disk is encrypted, a firewall is on, the screen locks, updates install by
themselves, an antivirus runs and a password manager is there, and what is
installed. What the agent cannot know it reports as not known, which never passes.

It changes nothing, needs no rights (with fewer rights it knows less), and reads
no documents, passwords or histories. "plumbline agent show" prints all that
would be sent.`,
	}
	return command.Group(cmd, show(env), run(env), install(env))
}

// read reads this machine.
func read(ctx context.Context, env command.Env) (agent.Posture, error) {
	host, _ := os.Hostname() // without one the device goes by its model
	p, err := agent.Read(ctx, agent.Options{System: agent.ThisSystem(runtime.GOOS), OS: runtime.GOOS, Host: host, UID: os.Getuid(), Now: env.Now()})
	return p, err
}

// owner is the person of --for: a number, or email: and an address.
func owner(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		return n, nil
	}
	if address, ok := strings.CutPrefix(text, "email:"); ok && strings.Contains(strings.Trim(address, "@"), "@") && !strings.ContainsAny(address, " \t\r\n") {
		return text, nil
	}
	return nil, command.Usagef("--for is %q: it must be whose machine this is, such as email:ada@example.com, or the number of a person", text)
}

// report is what is sent of a posture.
func report(p agent.Posture, owner any) client.DeviceReport {
	r := client.DeviceReport{PersonnelID: owner, PlatformName: p.Platform, PlatformVersion: p.Version, Alias: p.Name, Model: p.Model, SerialNumber: p.Serial,
		MACAddress: strings.Join(p.MACs, ","), ExternalID: p.InstallationID, AppList: programs(p.Apps), BrowserExtensions: programs(p.Extensions), WindowsServices: programs(p.Services)}
	for _, f := range []struct {
		answer  agent.Answer
		enabled **bool
		text    *string
	}{
		{p.DiskEncryption, &r.EncryptionEnabled, &r.EncryptionExplanation}, {p.Firewall, &r.FirewallEnabled, &r.FirewallExplanation},
		{p.ScreenLock, &r.ScreenLockEnabled, &r.ScreenLockExplanation}, {p.AutoUpdate, &r.AutoUpdateEnabled, &r.AutoUpdateExplanation},
		{p.Antivirus, &r.AntivirusEnabled, &r.AntivirusExplanation}, {p.PasswordManager, &r.PasswordManagerEnabled, &r.PasswordManagerExplanation},
	} {
		*f.text = f.answer.Text
		switch f.answer.State {
		case agent.Yes:
			*f.enabled = new(true)
		case agent.No:
			*f.enabled = new(false)
		}
	}
	if p.LockAfter > 0 {
		r.ScreenLockTime = new(p.LockAfter.Seconds())
	}
	return r
}

func programs(list []agent.Program) []client.ReportedProgram {
	out := make([]client.ReportedProgram, len(list))
	for i, p := range list {
		out[i] = client.ReportedProgram(p)
	}
	return out
}

// recognisable refuses a report by which no server could tell the machine from
// others.
func recognisable(r client.DeviceReport) error {
	if r.SerialNumber == "" && r.MACAddress == "" && r.ExternalID == "" {
		return &command.Failure{Code: command.ExitError, Err: errNameless}
	}
	return nil
}
