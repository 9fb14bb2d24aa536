package host

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// mount is a mounted file system.
type mount struct {
	ID          string   `json:"id"`
	Host        string   `json:"host"`
	MountPoint  string   `json:"mountPoint"`
	Source      string   `json:"source"`
	FSType      string   `json:"fsType"`
	Options     []string `json:"options"`
	ReadOnly    bool     `json:"readOnly"`
	NoExec      bool     `json:"noexec"`
	NoSuid      bool     `json:"nosuid"`
	NoDev       bool     `json:"nodev"`
	Kernel      bool     `json:"kernel"`
	Network     bool     `json:"network"`
	SizeBytes   *int64   `json:"sizeBytes,omitempty"`
	UsedPercent *int     `json:"usedPercent,omitempty"`
}

const (
	maxMountFile = 64 << 20
	maxOptions   = 200
	mountInfo    = "/proc/self/mountinfo"
)

// kernelFS are file systems through which the kernel shows something of
// itself; they store nothing.
var kernelFS = []string{
	"autofs", "binder", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "efivarfs",
	"fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "resctrl", "rpc_pipefs", "securityfs", "selinuxfs",
	"sysfs", "tracefs",
}

// networkFS are file systems whose server may be out of reach.
var networkFS = []string{
	"9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2",
	"smb3", "smbfs", "virtiofs",
}

func collectMounts(ctx context.Context, m *reader, d *draft) {
	var all []mount
	at := map[string]int{}
	bad := 0
	err := m.lines(ctx, mountInfo, maxMountFile, func(line string) {
		v, ok := parseMount(line)
		if !ok {
			bad++
			return
		}
		// What is mounted later over the same point hides the former.
		if i, have := at[v.MountPoint]; have {
			all[i] = v
			return
		}
		if len(all) <= maxRecords {
			at[v.MountPoint] = len(all)
			all = append(all, v)
		}
	})
	d.malformed(bad, mountInfo)
	if err != nil {
		d.omit("Mounted file systems", machine.Reason(mountInfo, err))
	}
	unasked, unanswered := 0, 0
	for _, v := range all {
		if ctx.Err() != nil {
			return
		}
		switch remote := v.Network || v.FSType == "fuse" || strings.HasPrefix(v.FSType, "fuse."); {
		case v.Kernel || !m.live:
		case remote:
			unasked++
		default:
			size, free, err := fileSystemSize(v.MountPoint)
			switch {
			case err != nil:
				unanswered++
			case size > 0:
				v.SizeBytes = ptr(size)
				v.UsedPercent = ptr(usedPercent(size, free))
			}
		}
		point := v.MountPoint
		v.Host, v.MountPoint, v.Source, v.FSType = m.host, text(point), text(v.Source), text(v.FSType)
		d.add(point, func(id string) any { v.ID = id; return v })
	}
	if len(all) > 0 && !m.live {
		d.omit("Sizes of file systems", "This is a copy of a machine; its file systems are not mounted here.")
	}
	if unasked > 0 {
		d.omit("Sizes of "+count(unasked, "network or FUSE file system", "network or FUSE file systems"), "A server that does not answer would hold up the collector for good.")
	}
	if unanswered > 0 {
		d.omit("Sizes of "+count(unanswered, "file system", "file systems"), "The collector may not look into the folder, or it is hidden by another mount.")
	}
}

// usedPercent counts as df(1) does, but with room that only root may use as
// used room, and rounds up.
func usedPercent(size, free int64) int {
	used := float64(size-min(size, max(free, 0))) / float64(size) * 100
	return int(used + 0.999)
}

// parseMount reads a line of mountinfo, see proc_pid_mountinfo(5).
func parseMount(line string) (mount, bool) {
	f := strings.Split(line, " ")
	end := slices.Index(f, "-")
	if end < 6 || len(f) < end+4 {
		return mount{}, false
	}
	v := mount{MountPoint: unescapeMount(f[4]), FSType: unescapeMount(f[end+1]), Source: withoutCredentials(unescapeMount(f[end+2])), Options: []string{}}
	if v.MountPoint == "" || !path.IsAbs(v.MountPoint) {
		return mount{}, false
	}
	options := strings.Split(f[5]+","+f[end+3], ",")
	slices.Sort(options)
	for _, o := range slices.Compact(options) {
		switch o {
		case "":
			continue
		case "ro":
			v.ReadOnly = true
		case "noexec":
			v.NoExec = true
		case "nosuid":
			v.NoSuid = true
		case "nodev":
			v.NoDev = true
		}
		if len(v.Options) < maxOptions {
			v.Options = append(v.Options, text(withoutSecret(unescapeMount(o))))
		}
	}
	if v.ReadOnly {
		// The mount may be read-only over a file system that is not.
		v.Options = slices.DeleteFunc(v.Options, func(o string) bool { return o == "rw" })
	}
	v.Kernel = slices.Contains(kernelFS, v.FSType)
	v.Network = slices.Contains(networkFS, v.FSType)
	return v, true
}

// unescapeMount undoes the kernel's octal escapes (\040 is a blank).
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] >= '0' && s[i+1] <= '3' && octal(s[i+2]) && octal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(c byte) bool { return c >= '0' && c <= '7' }

// withoutSecret takes the value from an option whose name says that it is a
// secret.
func withoutSecret(option string) string {
	name, _, ok := strings.Cut(option, "=")
	lower := strings.ToLower(name)
	for _, word := range []string{"pass", "secret", "key", "cred", "token"} {
		if ok && strings.Contains(lower, word) {
			return name + "=(hidden)"
		}
	}
	return option
}

// withoutCredentials takes "user:password@" out of a source that is an address.
func withoutCredentials(source string) string {
	start := 0
	if i := strings.Index(source, "//"); i >= 0 {
		start = i + 2
	} else {
		return source
	}
	rest := source[start:]
	host, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		return source[:start] + rest[at+1:]
	}
	return source
}
