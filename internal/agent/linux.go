package agent

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/plumbline-dev/plumbline/internal/collect/host"
	"github.com/plumbline-dev/plumbline/internal/machine"
)

// linux reads a Linux machine.
type linux struct {
	Options
	homes func() (homes, error)
}

func newLinux(o Options) *linux {
	l := &linux{Options: o}
	l.homes = sync.OnceValues(l.findHomes)
	return l
}

// osRelease are the lines of os-release(5).
func (l *linux) osRelease() map[string]string {
	out := map[string]string{}
	for _, name := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		all, err := text(l.System, name)
		if err != nil {
			continue
		}
		for line := range strings.Lines(all) {
			key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
			if ok && !strings.HasPrefix(key, "#") {
				out[key] = strings.Trim(value, `"'`)
			}
		}
		return out
	}
	return out
}

// placeholders are what makers leave in the fields of a mainboard; a machine
// must never be recognised by one.
var placeholders = []string{
	"", "0", "00000000", "123456789", "1234567890", "012345678", "0123456789", "123-1234-123", "default string", "default", "none", "n/a", "na", "null", "o.e.m.", "oem",
	"not applicable", "not available", "not specified", "not present", "system product name", "system serial number", "serial number", "chassis serial number", "to be filled by o.e.m.",
	"to be filled by o.e.m", "type1productconfigid", "unknown", "empty", "invalid", "xxxxxxxxxxx", "product name", "all series", "sku", "standard", "vmware virtual platform",
}

// told is a field of the mainboard, empty where it says nothing.
func told(value string) string {
	value = clean(value, maxName)
	if slices.Contains(placeholders, strings.ToLower(value)) || strings.Trim(value, "0.-xX ") == "" {
		return ""
	}
	return value
}

const dmi = "/sys/class/dmi/id/"

func (l *linux) identity(context.Context) (Identity, []string) {
	r, notes := l.osRelease(), []string(nil)
	version := strings.TrimSpace(cmp.Or(r["PRETTY_NAME"], r["NAME"]+" "+r["VERSION_ID"]))
	if kernel := word(l.System, "/proc/sys/kernel/osrelease"); kernel != "" {
		version = strings.TrimSpace(version + " (kernel " + kernel + ")")
	}
	i := Identity{Platform: "LINUX", Version: cmp.Or(clean(version, maxName), "unknown"), Name: clean(l.Host, maxName), MACs: l.macs()}
	vendor, model := told(word(l.System, dmi+"sys_vendor")), told(word(l.System, dmi+"product_name"))
	// Lenovo says a number where others say the name.
	if friendly := told(word(l.System, dmi+"product_version")); strings.EqualFold(vendor, "lenovo") && friendly != "" {
		model = friendly
	}
	i.Model = cmp.Or(named(vendor, model), told(word(l.System, "/sys/firmware/devicetree/base/model")))
	for _, name := range []string{dmi + "product_serial", dmi + "board_serial", "/sys/firmware/devicetree/base/serial-number"} {
		_, err := machine.Read(l.System, name, 4096)
		if errors.Is(err, fs.ErrPermission) {
			notes = append(notes, "The serial number: "+machine.Reason(name, err))
			break
		}
		if i.Serial = told(word(l.System, name)); i.Serial != "" {
			break
		}
	}
	if id := cmp.Or(word(l.System, "/etc/machine-id"), word(l.System, "/var/lib/dbus/machine-id")); len(id) == 32 {
		i.InstallationID = installation("linux", id)
	}
	return i, notes
}

// installation is the id of an installation for us: as machine-id(5) wants it,
// the machine's own id cannot be had back from it.
func installation(system, machineID string) string {
	h := hmac.New(sha256.New, []byte(strings.ToLower(machineID)))
	h.Write([]byte("plumbline agent"))
	return system + "-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// named is a model with its maker, once.
func named(vendor, model string) string {
	if strings.HasPrefix(strings.ToLower(model), strings.ToLower(vendor)) {
		return model
	}
	return clean(strings.TrimSpace(vendor+" "+model), maxName)
}

// macs are the addresses of built-in network cards: neither those that are made
// up, nor those of adapters and docks that go from desk to desk.
func (l *linux) macs() []string {
	const dir = "/sys/class/net/"
	names, _ := l.System.Names(dir)
	var out []string
	for _, name := range names {
		at := dir + name
		if _, err := l.System.Stat(at + "/device"); err != nil {
			continue
		}
		bus, _ := l.System.Readlink(at + "/device/subsystem")
		if path.Base(bus) == "usb" {
			continue
		}
		if kind := word(l.System, at+"/addr_assign_type"); kind != "" && kind != "0" {
			continue
		}
		if mac := strings.ToLower(word(l.System, at+"/address")); usableMAC(mac) && !slices.Contains(out, mac) && len(out) < 8 {
			out = append(out, mac)
		}
	}
	return out
}

func usableMAC(mac string) bool {
	return len(mac) == 17 && strings.Trim(mac, "0123456789abcdef:") == "" && strings.Count(mac, ":") == 5 && mac != "00:00:00:00:00:00" && mac != "ff:ff:ff:ff:ff:ff"
}

// home is the folder of a person.
type home struct{ user, dir string }

// homes are the folders of people.
type homes struct {
	open []home
	// shut cannot be read without more rights.
	shut []string
}

// findHomes finds the folders of the people with an account, and of those whose
// account a directory service keeps.
func (l *linux) findHomes() (homes, error) {
	var out homes
	seen := map[string]bool{}
	add := func(user, dir string) {
		dir = path.Clean(dir)
		if seen[dir] || !path.IsAbs(dir) || dir == "/" {
			return
		}
		seen[dir] = true
		switch _, err := l.System.Names(dir); {
		case err == nil:
			out.open = append(out.open, home{user, dir})
		case errors.Is(err, fs.ErrPermission):
			out.shut = append(out.shut, user)
		}
	}
	passwd, err := text(l.System, "/etc/passwd")
	if err != nil {
		return out, err
	}
	for line := range strings.Lines(passwd) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 7 || strings.HasSuffix(f[6], "/nologin") || strings.HasSuffix(f[6], "/false") {
			continue
		}
		uid, err := strconv.Atoi(f[2])
		if err == nil && (uid >= 1000 && uid < 60000 || uid == l.UID && uid > 0) {
			add(f[0], f[5])
		}
	}
	names, err := l.System.Names("/home")
	if errors.Is(err, fs.ErrPermission) {
		out.shut = append(out.shut, "whoever has a folder in /home")
	}
	for _, name := range names {
		if info, err := l.System.Stat("/home/" + name); err == nil && info.IsDir() && name != "lost+found" && !strings.HasPrefix(name, ".") {
			add(name, "/home/"+name)
		}
	}
	return out, nil
}

// unread says whose folders could not be read; empty if all could.
func (h homes) unread() string {
	if len(h.shut) == 0 {
		return ""
	}
	return "The home folder of " + listed(h.shut, 5) + " cannot be read without more rights."
}

func (l *linux) software(ctx context.Context) software {
	var out software
	packages, omitted := host.Packages(ctx, l.System, l.System.Run)
	for _, o := range omitted {
		out.omitted = append(out.omitted, o.What+": "+o.Why)
	}
	all, err := l.homes()
	switch {
	case err != nil:
		out.omitted = append(out.omitted, machine.Reason("/etc/passwd", err))
	case all.unread() != "":
		out.omitted = append(out.omitted, all.unread())
	}
	out.apps = append(l.flatpaks(all), l.snaps()...)
	for _, p := range packages {
		out.apps = append(out.apps, Program{Name: p.Name, Version: p.Version, Description: p.Manager})
	}
	out.managers = managersOf(out.apps)
	var dirs []browserDir
	for _, h := range all.open {
		dirs = append(dirs, linuxBrowsers(h.dir)...)
	}
	found := extensions(l.System, dirs)
	out.extensions, out.managers = found.all, append(out.managers, found.managers...)
	out.omitted = append(out.omitted, found.omitted...)
	return out
}

const maxDirs = 2000

// flatpaks are the applications of Flatpak, those of the system and of people.
func (l *linux) flatpaks(all homes) []Program {
	dirs := []string{"/var/lib/flatpak"}
	for _, h := range all.open {
		dirs = append(dirs, h.dir+"/.local/share/flatpak")
	}
	var out []Program
	for _, dir := range dirs {
		names, _ := l.System.Names(dir + "/app")
		for _, id := range names[:min(len(names), maxDirs)] {
			at := dir + "/app/" + id + "/current/active/files/share/"
			if _, err := l.System.Stat(dir + "/app/" + id + "/current"); err != nil {
				continue
			}
			version := ""
			for _, name := range []string{at + "metainfo/" + id + ".metainfo.xml", at + "appdata/" + id + ".appdata.xml", at + "metainfo/" + id + ".appdata.xml"} {
				about, err := text(l.System, name)
				if _, release, ok := strings.Cut(about, "<release "); err == nil && ok {
					release, _, _ = strings.Cut(release, ">")
					if _, v, ok := strings.Cut(release, `version="`); ok {
						version, _, _ = strings.Cut(v, `"`)
						break
					}
				}
			}
			out = append(out, Program{Name: id, Version: version, Description: "flatpak"})
		}
	}
	return out
}

// snaps are the applications of Snap.
func (l *linux) snaps() []Program {
	var out []Program
	for _, dir := range []string{"/snap", "/var/lib/snapd/snap"} {
		names, _ := l.System.Names(dir)
		for _, name := range names[:min(len(names), maxDirs)] {
			about, err := text(l.System, dir+"/"+name+"/current/meta/snap.yaml")
			if err != nil {
				continue
			}
			p := Program{Name: name, Description: "snap"}
			app := true
			for line := range strings.Lines(about) {
				key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
				value = strings.Trim(strings.TrimSpace(value), `"'`)
				switch key {
				case "version":
					p.Version = value
				case "type":
					app = value == "app"
				}
			}
			if app {
				out = append(out, p)
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}
