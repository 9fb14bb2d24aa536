package agent

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// printed are the settings of the service that install prints with some flags, by
// name.
func printed(t *testing.T, flags ...string) map[string][]string {
	t.Helper()
	var out bytes.Buffer
	cmd := install(command.Env{Out: &out, Err: &out, Now: time.Now, Version: "test"})
	cmd.SetArgs(append([]string{"--systemd", "--program=/p", "--environment-file=/e", "--token-file=/t"}, flags...))
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	_, service, _ := strings.Cut(out.String(), "[Service]\n")
	service, _, _ = strings.Cut(service, "\n# /")
	settings := map[string][]string{}
	for line := range strings.Lines(service) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.ContainsAny(name, " <{") || strings.Contains(value, "{{") {
			t.Fatalf("%q is no setting", line)
		}
		settings[name] = append(settings[name], strings.Fields(value)...)
	}
	return settings
}

// The unit has the rights that its flags ask for, and no others; the document
// names what it is kept from.
func TestUnitHasNoMoreThanItsFlags(t *testing.T) {
	text, err := os.ReadFile("../../../docs/agent.md")
	if err != nil {
		t.Fatal(err)
	}
	const homes, rules = "--read-homes", "--read-firewall"
	for _, flags := range [][]string{nil, {homes}, {rules}, {homes, rules}} {
		is := printed(t, flags...)
		var rights []string
		families := []string{"AF_UNIX", "AF_INET", "AF_INET6"}
		home := []string{"yes"}
		if slices.Contains(flags, homes) {
			rights, home = append(rights, "CAP_DAC_READ_SEARCH"), []string{"read-only"}
		}
		if slices.Contains(flags, rules) {
			rights, families = append(rights, "CAP_NET_ADMIN"), append(families, "AF_NETLINK")
		}
		for name, want := range map[string][]string{"CapabilityBoundingSet": rights, "AmbientCapabilities": rights, "RestrictAddressFamilies": families, "ProtectHome": home,
			"User": {"plumbline-agent"}, "DynamicUser": {"yes"}, "NoNewPrivileges": {"yes"}, "ProtectSystem": {"strict"}, "ProtectProc": {"default"}, "ProcSubset": {"all"},
			"DevicePolicy": {"closed"}, "DeviceAllow": {"/dev/zfs", "rw"}, "SystemCallFilter": {"@system-service", "~@privileged", "@resources"}} {
			if !slices.Equal(is[name], want) {
				t.Errorf("%v: %s is %q, want %q", flags, name, is[name], want)
			}
		}
		if shut := is["InaccessiblePaths"]; (len(shut) > 0) != slices.Contains(flags, homes) {
			t.Errorf("%v: InaccessiblePaths is %q", flags, shut)
		}
		for _, path := range is["InaccessiblePaths"] {
			// The old one beside a file is meant with it.
			if name := strings.TrimSuffix(strings.TrimPrefix(path, "-"), "-"); path[0] != '-' || !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("the document does not name %s, or it must be there", path)
			}
		}
	}
	for _, word := range []string{"`ProtectProc=default`", "`ProcSubset=all`", "`/dev/zfs`", "useradd --system", "plumbline-agent"} {
		if !strings.Contains(string(text), word) {
			t.Errorf("the document does not say %s", word)
		}
	}
}
