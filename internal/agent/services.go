package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// unit is the state of a unit of systemd.
type unit struct {
	// load is "loaded" or "not-found"; active "active" or not; enabled "enabled",
	// "disabled", "static", "masked" and so on.
	load, active, enabled string
}

// on is a unit that runs, and does so again after the next start.
func (u unit) on() bool {
	return u.load == "loaded" && u.active == "active" && u.enabled != "masked" && u.enabled != "disabled"
}

// units asks systemd for the state of units.
func (l *linux) units(ctx context.Context, names ...string) (map[string]unit, error) {
	out, err := l.System.Run(ctx, "systemctl", append([]string{"show", "--no-pager", "--property=Id,LoadState,ActiveState,UnitFileState"}, names...)...)
	if err != nil {
		return nil, err
	}
	all := map[string]unit{}
	for part := range strings.SplitSeq(string(out), "\n\n") {
		id, u := "", unit{}
		for line := range strings.Lines(part) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch key {
			case "Id":
				id = value
			case "LoadState":
				u.load = value
			case "ActiveState":
				u.active = value
			case "UnitFileState":
				u.enabled = value
			}
		}
		if id != "" {
			all[id] = u
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("nothing")
	}
	return all, nil
}

// autoUpdate asks whether updates are installed, not only fetched, without
// anybody doing it.
func (l *linux) autoUpdate(ctx context.Context) Answer {
	units, err := l.units(ctx, "apt-daily.timer", "apt-daily-upgrade.timer", "dnf-automatic.timer", "dnf-automatic-install.timer", "dnf5-automatic.timer",
		"transactional-update.timer", "rpm-ostreed-automatic.timer", "nixos-upgrade.timer")
	if err != nil {
		return unknown("Whether updates install by themselves is a matter of timers, which cannot be read: %s", because("systemctl", err))
	}
	if units["transactional-update.timer"].on() {
		return yes("transactional-update.timer is on.")
	}
	if units["nixos-upgrade.timer"].on() {
		return yes("nixos-upgrade.timer is on.")
	}
	if units["dnf-automatic-install.timer"].on() {
		return yes("dnf-automatic-install.timer is on.")
	}
	for _, name := range []string{"dnf-automatic.timer", "dnf5-automatic.timer"} {
		if units[name].on() {
			if v := strings.ToLower(l.setting("/etc/dnf/automatic.conf", "apply_updates")); v == "yes" || v == "true" || v == "1" {
				return yes("%s is on, and apply_updates is on in /etc/dnf/automatic.conf.", name)
			}
			return no("%s is on, but apply_updates is not on in /etc/dnf/automatic.conf: updates are not installed.", name)
		}
	}
	if units["rpm-ostreed-automatic.timer"].on() {
		if v := l.setting("/etc/rpm-ostreed.conf", "AutomaticUpdatePolicy"); v == "stage" || v == "apply" {
			return yes("rpm-ostreed-automatic.timer is on, and AutomaticUpdatePolicy in /etc/rpm-ostreed.conf is %s.", v)
		}
		return no("rpm-ostreed-automatic.timer is on, but AutomaticUpdatePolicy in /etc/rpm-ostreed.conf does not install anything.")
	}
	if _, debian := exists(l.System, "/usr/bin/apt-get"); debian {
		return l.unattended(ctx, units)
	}
	r := l.osRelease()
	family := " " + r["ID"] + " " + r["ID_LIKE"] + " "
	for _, known := range []string{" fedora ", " rhel ", " centos ", " suse ", " opensuse "} {
		if strings.Contains(family, known) {
			return no("None of dnf-automatic, transactional-update and rpm-ostree is set up to install updates. PackageKit and the software centres fetch updates, but wait for somebody.")
		}
	}
	return unknown("The agent knows no way in which %s installs updates by itself.", cmp.Or(r["PRETTY_NAME"], r["NAME"], "this system"))
}

// unattended is the way of Debian and Ubuntu.
func (l *linux) unattended(ctx context.Context, units map[string]unit) Answer {
	if _, there := exists(l.System, "/usr/bin/unattended-upgrade"); !there {
		return no("unattended-upgrades is not installed.")
	}
	out, err := l.System.Run(ctx, "apt-config", "dump")
	if err != nil {
		return unknown("unattended-upgrades is installed, but its settings cannot be read: %s", because("apt-config", err))
	}
	values := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if key, value, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), ";"), " "); ok {
			values[strings.ToLower(key)] = strings.Trim(value, `"`)
		}
	}
	periodic := func(name string) bool {
		v := values["apt::periodic::"+name]
		return v != "" && v != "0" && !strings.HasPrefix(v, "0") || v == "always"
	}
	switch {
	case values["apt::periodic::enable"] == "0":
		return no("APT::Periodic::Enable is 0, so unattended-upgrades does not run.")
	case !periodic("unattended-upgrade"):
		return no("APT::Periodic::Unattended-Upgrade is not on.")
	case !periodic("update-package-lists"):
		return no("APT::Periodic::Update-Package-Lists is not on, so new updates are never seen.")
	case !units["apt-daily.timer"].on() || !units["apt-daily-upgrade.timer"].on():
		return no("unattended-upgrades is set up, but apt-daily.timer or apt-daily-upgrade.timer is not on.")
	}
	return yes("unattended-upgrades is set up, and apt-daily-upgrade.timer is on.")
}

// product is an antivirus that is known by the process that watches.
type product struct{ process, name string }

// products are recognised by the first 15 characters of the name of a process,
// which is what the kernel keeps.
var products = []product{
	{"falcon-sensor", "CrowdStrike Falcon"}, {"falcon-sensor-b", "CrowdStrike Falcon"}, {"sentinelone-age", "SentinelOne"}, {"s1-agent", "SentinelOne"},
	{"sav-protect", "Sophos"}, {"av", "Sophos Protection for Linux"}, {"savd", "Sophos Anti-Virus"}, {"ds_am", "Trend Micro Deep Security"},
	{"esets_daemon", "ESET"}, {"oaeventd", "ESET Endpoint Antivirus"}, {"kesl", "Kaspersky Endpoint Security"}, {"bdsecd", "Bitdefender"}, {"mfetpd", "Trellix Endpoint Security"},
	{"cbagentd", "Carbon Black Cloud"}, {"traps_pmd", "Cortex XDR"}, {"pmd", "Cortex XDR"}, {"elastic-endpoin", "Elastic Defend"}, {"fsavd", "WithSecure"}, {"drweb-configd", "Dr.Web"},
	{"wdavdaemon", "Microsoft Defender for Endpoint"}, {"clamd", "ClamAV"},
}

// vague are names that other programs may have, too: they count only with the
// folder of the product.
var vague = map[string]string{"av": "/opt/sophos-spl", "pmd": "/opt/traps"}

const maxProcesses = 100_000

// watchers are the known products of which a process runs under an account of
// the system: what a person starts under that name does not count.
func (l *linux) watchers() ([]product, Answer) {
	names, err := l.System.Names("/proc")
	if err != nil {
		return nil, unknown("%s", machine.Reason("/proc", err))
	}
	others := false
	var out []product
	for _, pid := range names[:min(len(names), maxProcesses)] {
		if _, err := strconv.Atoi(pid); err != nil {
			continue
		}
		about := word(l.System, "/proc/"+pid+"/status")
		if about == "" {
			continue
		}
		name, uid := "", -1
		for line := range strings.Lines(about) {
			key, value, _ := strings.Cut(line, ":")
			f := strings.Fields(value)
			switch {
			case key == "Name" && len(f) > 0:
				name = strings.TrimSpace(value)
			case key == "Uid" && len(f) > 0:
				if n, err := strconv.Atoi(f[0]); err == nil {
					uid = n
				}
			}
		}
		others = others || pid == "1"
		if uid < 0 || uid >= 1000 {
			continue
		}
		for _, p := range products {
			if p.process != name || slices.Contains(out, p) {
				continue
			}
			if folder, isVague := vague[name]; isVague {
				if _, there := exists(l.System, folder); !there {
					continue
				}
			}
			out = append(out, p)
		}
	}
	if !others {
		return nil, unknown("The processes of others are hidden from the agent (/proc shows no process 1).")
	}
	return out, Answer{}
}

// antivirus asks which known product watches.
func (l *linux) antivirus(ctx context.Context) Answer {
	found, hidden := l.watchers()
	if hidden.State != "" {
		return hidden
	}
	var weak Answer
	for _, p := range found {
		a := yes("%s runs (process %s).", p.name, p.process)
		switch p.process {
		case "clamd":
			a = l.clamav()
		case "wdavdaemon":
			a = l.defender(ctx)
		}
		if a.State == Yes {
			return a
		}
		if weak.State != Unknown {
			weak = a
		}
	}
	if weak.State != "" {
		return weak
	}
	return no("No process of an antivirus that the agent knows runs (such as ClamAV, Microsoft Defender, CrowdStrike Falcon, SentinelOne, Sophos, ESET).")
}

// maxSignatureAge is how old the signatures of an antivirus may be.
const maxSignatureAge = 7 * 24 * time.Hour

// clamav looks at the age of the signatures, which stands at the head of their
// file.
func (l *linux) clamav() Answer {
	for _, name := range []string{"/var/lib/clamav/daily.cld", "/var/lib/clamav/daily.cvd"} {
		head, err := machine.Read(l.System, name, 512)
		if len(head) == 0 {
			if err != nil && !absent(err) {
				return unknown("The ClamAV daemon runs, but the age of its signatures is not known: %s", machine.Reason(name, err))
			}
			continue
		}
		f := strings.SplitN(string(head), ":", 3)
		if len(f) < 3 || f[0] != "ClamAV-VDB" {
			return unknown("The ClamAV daemon runs, but %s is not in the form of signatures.", name)
		}
		made, err := time.Parse("2 Jan 2006 15-04 -0700", f[1])
		if err != nil {
			return unknown("The ClamAV daemon runs, but %s does not tell its age.", name)
		}
		if age := l.Now.Sub(made); age > maxSignatureAge {
			return no("The ClamAV daemon runs, but its signatures are of %s.", made.UTC().Format(time.DateOnly))
		}
		return yes("The ClamAV daemon runs, with signatures of %s.", made.UTC().Format(time.DateOnly))
	}
	return no("The ClamAV daemon runs, but has no daily signatures in /var/lib/clamav.")
}

// defender asks Microsoft Defender for Endpoint.
func (l *linux) defender(ctx context.Context) Answer {
	program, _ := exists(l.System, "/usr/bin/mdatp", "/opt/microsoft/mdatp/sbin/wdavdaemonclient")
	out, err := l.System.Run(ctx, cmp.Or(program, "mdatp"), "health", "--output", "json")
	if err != nil {
		return unknown("Microsoft Defender runs, but does not tell how it is: %s", because("mdatp", err))
	}
	return parseMdatp(out)
}

// parseMdatp reads `mdatp health --output json`, in which a value may be wrapped
// in an object that says whether it is managed.
func parseMdatp(out []byte) Answer {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(out, &all); err != nil {
		return unknown("Microsoft Defender runs, but its answer is not JSON.")
	}
	value := func(name string) string {
		var wrapped map[string]json.RawMessage
		raw := all[name]
		if json.Unmarshal(raw, &wrapped) == nil {
			if raw = wrapped["value"]; raw == nil {
				raw = wrapped["$type"]
			}
		}
		return strings.Trim(string(raw), `"`)
	}
	switch realTime := value("realTimeProtectionEnabled"); {
	case realTime == "false":
		return no("Microsoft Defender runs, but its real-time protection is off.")
	case value("healthy") == "false":
		return no("Microsoft Defender runs, but says that it is not healthy.")
	case strings.EqualFold(value("definitionsStatus"), "outOfDate"):
		return no("Microsoft Defender runs, but its definitions are out of date.")
	case realTime == "true":
		return yes("Microsoft Defender runs with real-time protection.")
	}
	return unknown("Microsoft Defender runs, but does not say whether its real-time protection is on.")
}
