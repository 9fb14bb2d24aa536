package agent

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/collect/host"
	"github.com/plumbline-dev/plumbline/internal/machine"
)

// kept are the folders whose file systems hold what people keep.
var kept = []string{"/", "/home", "/root", "/var", "/srv", "/opt", "/usr/local", "/data"}

// volume is what was found of one file system or swap area.
type volume struct {
	point string
	Answer
}

// diskEncryption looks at what the file systems that hold data lie on. A disk
// that encrypts by itself, or the host of a virtual machine, does so unseen.
func (l *linux) diskEncryption(ctx context.Context) Answer {
	mounts, err := host.Mounts(ctx, l.System)
	if err != nil {
		return unknown("%s", machine.Reason("/proc/self/mountinfo", err))
	}
	var all []volume
	for _, m := range mounts {
		own := slices.Contains(kept, m.Point) || strings.HasPrefix(m.Point, "/home/")
		seen := slices.ContainsFunc(all, func(v volume) bool { return v.point == m.Point })
		switch {
		case !own, m.Type == "autofs", seen && !strings.HasPrefix(m.Source, "/dev/") && m.Type != "zfs":
			// A service may have its own view of a folder, such as an empty one.
			continue
		case m.Point != "/" && !strings.HasPrefix(m.Source, "/dev/") && m.Type != "zfs" && m.Type != "ecryptfs" && m.Type != "bcachefs":
			// In memory, or on another machine.
			continue
		}
		all = append(all, volume{m.Point, l.volume(ctx, m)})
	}
	if !slices.ContainsFunc(all, func(v volume) bool { return v.point == "/" }) {
		return unknown("What / is mounted from does not stand in /proc/self/mountinfo.")
	}
	all = append(all, l.swap(ctx, mounts)...)
	var open, dark, closed []string
	for _, v := range all {
		text := v.point + " " + v.Text
		switch v.State {
		case No:
			open = append(open, text)
		case Unknown:
			dark = append(dark, text)
		default:
			closed = append(closed, text)
		}
	}
	switch {
	case len(open) > 0:
		return no("%s. A disk that encrypts by itself, or the host of a virtual machine, would not be seen here.", strings.Join(unique(slices.Concat(open, dark, closed)), "; "))
	case len(dark) > 0:
		return unknown("%s.", strings.Join(unique(slices.Concat(dark, closed)), "; "))
	}
	return yes("%s.", strings.Join(unique(closed), "; "))
}

// volume says in the words that follow a mount point what it lies on.
func (l *linux) volume(ctx context.Context, m host.Mount) Answer {
	switch m.Type {
	case "zfs":
		out, err := l.System.Run(ctx, "zfs", "get", "-H", "-o", "value", "encryption", m.Source)
		switch value := strings.TrimSpace(string(out)); {
		case err != nil:
			return unknown("is ZFS (%s), of which nothing is known: %s", m.Source, strings.TrimSuffix(because("zfs", err), "."))
		case value == "off":
			return no("is ZFS (%s) without encryption", m.Source)
		case strings.HasPrefix(value, "aes-"):
			return yes("is ZFS (%s) encrypted with %s", m.Source, value)
		default:
			return unknown("is ZFS (%s) with the encryption %q, which the agent does not know", m.Source, value)
		}
	case "ecryptfs":
		return yes("is encrypted with eCryptfs")
	case "overlay", "tmpfs", "ramfs", "aufs", "squashfs", "9p", "virtiofs", "nfs", "nfs4", "rootfs":
		return unknown("is %s: what lies below it cannot be seen from here, as in a container", m.Type)
	case "bcachefs":
		return unknown("is bcachefs, whose own encryption the agent cannot read")
	case "btrfs":
		return l.btrfs(m.Source)
	}
	return l.device(m.Source)
}

// device judges a block device by its path.
func (l *linux) device(source string) Answer {
	name, ok := l.block(source)
	if !ok {
		return unknown("is on %s, which is not in /sys/class/block", source)
	}
	return l.below(name, 0)
}

const block = "/sys/class/block/"

// block is the kernel's name for a device, such as dm-0 for /dev/mapper/home.
func (l *linux) block(source string) (string, bool) {
	name := path.Base(source)
	if mapped, ok := strings.CutPrefix(source, "/dev/mapper/"); ok {
		all, _ := l.System.Names(block)
		for _, each := range all {
			if strings.HasPrefix(each, "dm-") && word(l.System, block+each+"/dm/name") == mapped {
				return each, true
			}
		}
		return "", false
	}
	if path.Dir(source) != "/dev" {
		// Such as /dev/disk/by-uuid/… and /dev/vg/root.
		target, err := l.System.Readlink(source)
		if err != nil {
			return "", false
		}
		name = path.Base(target)
	}
	_, err := l.System.Stat(block + name)
	return name, err == nil
}

// ciphers are the kinds of device mapper targets of cryptsetup that encrypt;
// CRYPT-INTEGRITY and CRYPT-VERITY do not.
var ciphers = []string{"LUKS1", "LUKS2", "PLAIN", "LOOPAES", "TCRYPT", "BITLK", "FVAULT2"}

const maxDepth = 16

// below follows a device down to the disks: all ways must pass encryption.
func (l *linux) below(name string, depth int) Answer {
	if uuid := word(l.System, block+name+"/dm/uuid"); strings.HasPrefix(uuid, "CRYPT-") {
		kind, _, _ := strings.Cut(strings.TrimPrefix(uuid, "CRYPT-"), "-")
		if slices.Contains(ciphers, kind) {
			return yes("is encrypted with %s (%s)", kind, cmp.Or(word(l.System, block+name+"/dm/name"), name))
		}
	}
	if strings.HasPrefix(name, "zram") {
		return yes("is in memory (%s)", name)
	}
	if depth > maxDepth {
		return unknown("is on %s, whose layers are too many to follow", name)
	}
	slaves, err := l.System.Names(block + name + "/slaves")
	if err != nil && !absent(err) {
		return unknown("is on %s, of which nothing is known: %s", name, machine.Reason("what lies below", err))
	}
	if len(slaves) == 0 {
		if backing := word(l.System, block+name+"/loop/backing_file"); backing != "" {
			return unknown("is in the file %s, and where that lies was not followed", backing)
		}
		return no("is on %s without encryption", name)
	}
	var last Answer
	for _, s := range slaves {
		if last = l.below(s, depth+1); last.State != Yes {
			return last
		}
	}
	return last
}

// btrfs judges all devices of a file system that may have several.
func (l *linux) btrfs(source string) Answer {
	name, ok := l.block(source)
	if !ok {
		return unknown("is on %s, which is not in /sys/class/block", source)
	}
	systems, _ := l.System.Names("/sys/fs/btrfs")
	for _, id := range systems {
		devices, err := l.System.Names("/sys/fs/btrfs/" + id + "/devices")
		if err != nil || !slices.Contains(devices, name) {
			continue
		}
		for _, d := range devices {
			if a := l.below(d, 0); a.State != Yes {
				return a
			}
		}
	}
	return l.below(name, 0)
}

// swap judges where memory is written to.
func (l *linux) swap(ctx context.Context, mounts []host.Mount) []volume {
	all, err := text(l.System, "/proc/swaps")
	if err != nil {
		return nil
	}
	var out []volume
	for line := range strings.Lines(all) {
		f := strings.Fields(line)
		switch {
		case len(f) < 2:
		case f[1] == "partition":
			out = append(out, volume{"swap", l.device(f[0])})
		case f[1] == "file":
			var on host.Mount
			for _, m := range mounts {
				if within := m.Point == "/" || strings.HasPrefix(f[0], m.Point+"/"); within && len(m.Point) >= len(on.Point) {
					on = m
				}
			}
			out = append(out, volume{"swap", l.volume(ctx, on)})
		}
	}
	return out
}

func unique(list []string) []string {
	var out []string
	for _, each := range list {
		if !slices.Contains(out, each) {
			out = append(out, each)
		}
	}
	return out
}
