package agent

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Of several faults in the flags the first is told, again and again.
func TestInstallTellsTheFirstFault(t *testing.T) {
	for _, c := range []struct{ flags, first string }{
		{"--program=a --token-file=b --environment-file=c", "--program"},
		{"--program=/a --token-file=b --environment-file=c", "--token-file"},
		{"--program=/a --token-file=/b:c --environment-file=/c$ --proxy=$ --external-id=$", "--token-file"},
		{"--program=/a --token-file=/b --environment-file=/c --proxy=$ --external-id=$", "--proxy"},
	} {
		for range 20 {
			var out bytes.Buffer
			cmd := install(command.Env{Out: &out, Err: &out, Now: time.Now, Version: "test"})
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			cmd.SetArgs(append([]string{"--systemd"}, strings.Fields(c.flags)...))
			if err := cmd.Execute(); err == nil || !strings.HasPrefix(err.Error(), c.first+" ") {
				t.Fatalf("%s: %v, want a fault of %s", c.flags, err, c.first)
			}
		}
	}
}
