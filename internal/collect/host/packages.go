package host

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// softwarePackage is one installed package.
type softwarePackage struct {
	ID           string `json:"id"`
	Host         string `json:"host"`
	Name         string `json:"name"`
	Version      string `json:"version"`
	Architecture string `json:"architecture"`
	Manager      string `json:"manager"`
	State        string `json:"state"`
	Held         bool   `json:"held"`
	Source       string `json:"source,omitempty"`
	Section      string `json:"section,omitempty"`
	Summary      string `json:"summary,omitempty"`
	InstalledAt  string `json:"installedAt,omitempty"`
}

const (
	maxPackageFile = 512 << 20
	dpkgStatus     = "/var/lib/dpkg/status"
	// rpmFormat asks for one line a package, its fields apart by tabs.
	rpmFormat = `%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{INSTALLTIME}\t%{SUMMARY}\n`
)

var apkInstalled = []string{"/lib/apk/db/installed", "/usr/lib/apk/db/installed"}

func collectPackages(ctx context.Context, m *reader, d *draft) {
	d.addPackages(m, m.packages(ctx, d))
}

// packages are those of all package managers.
func (m *reader) packages(ctx context.Context, d *draft) []softwarePackage {
	dpkg, hasDpkg := m.dpkg(ctx, d)
	apk, hasApk := m.apk(ctx, d)
	rpm, hasRpm := m.rpm(ctx, d)
	if !hasDpkg && !hasApk && !hasRpm && len(d.Omitted) == 0 {
		d.omit("Installed packages", "There is no database of dpkg, rpm or apk on this machine.")
	}
	return slices.Concat(dpkg, apk, rpm)
}

// addPackages adds the packages under "name:architecture". Where several
// versions of one stand side by side (kernels under rpm) the version belongs
// to their ids.
func (d *draft) addPackages(m *reader, all []softwarePackage) {
	plural := map[string]int{}
	for _, p := range all {
		plural[p.Name+":"+p.Architecture]++
	}
	for _, p := range all {
		key := p.Name + ":" + p.Architecture
		if plural[key] > 1 {
			key += "@" + p.Version
		}
		for _, field := range []*string{&p.Name, &p.Version, &p.Architecture, &p.State, &p.Source, &p.Section} {
			*field = text(*field)
		}
		p.Host, p.Summary = m.host, cut(text(p.Summary), 200)
		d.add(key, func(id string) any { p.ID = id; return p })
	}
}

// stanzas calls f with the fields of each paragraph of a file: "Key: value"
// for dpkg, "K:value" for apk. Only the keys asked for are kept; continuation
// lines are passed over.
func (m *reader) stanzas(ctx context.Context, name string, keys []string, f func(map[string]string)) error {
	fields := map[string]string{}
	flush := func() {
		if len(fields) > 0 {
			f(fields)
			clear(fields)
		}
	}
	err := m.lines(ctx, name, maxPackageFile, func(line string) {
		if line == "" {
			flush()
			return
		}
		key, value, ok := strings.Cut(line, ":")
		if ok && slices.Contains(keys, key) {
			if _, have := fields[key]; !have {
				fields[key] = strings.TrimSpace(value)
			}
		}
	})
	flush()
	return err
}

// dpkg reads the status file, see deb-control(5) and dpkg(1). found is whether
// there is one.
func (m *reader) dpkg(ctx context.Context, d *draft) (all []softwarePackage, found bool) {
	bad := 0
	err := m.stanzas(ctx, dpkgStatus, []string{"Package", "Status", "Version", "Architecture", "Source", "Section", "Description"}, func(f map[string]string) {
		status := strings.Fields(f["Status"])
		if f["Package"] == "" || len(status) != 3 {
			bad++
			return
		}
		// What is gone, or only has configuration left, is not on the machine.
		if status[2] == "not-installed" || status[2] == "config-files" || len(all) > maxRecords {
			return
		}
		source, _, _ := strings.Cut(f["Source"], " ")
		if source == "" {
			source = f["Package"]
		}
		all = append(all, softwarePackage{
			Name: f["Package"], Version: f["Version"], Architecture: f["Architecture"], Manager: "dpkg",
			State: status[2], Held: status[0] == "hold", Source: source, Section: f["Section"], Summary: f["Description"],
		})
	})
	if bad > 0 {
		d.omit(count(bad, "paragraph", "paragraphs")+" of "+dpkgStatus, "They are not in the form that such a file has.")
	}
	if err != nil && !isAbsent(err) {
		d.omit("Packages of dpkg", machine.Reason(dpkgStatus, err))
	}
	return all, err == nil
}

// apk reads the installed database of Alpine's package manager.
func (m *reader) apk(ctx context.Context, d *draft) ([]softwarePackage, bool) {
	for _, name := range apkInstalled {
		var all []softwarePackage
		bad := 0
		err := m.stanzas(ctx, name, []string{"P", "V", "A", "o", "T"}, func(f map[string]string) {
			if f["P"] == "" || f["V"] == "" {
				bad++
				return
			}
			if len(all) <= maxRecords {
				all = append(all, softwarePackage{
					Name: f["P"], Version: f["V"], Architecture: f["A"], Manager: "apk",
					State: "installed", Source: f["o"], Summary: f["T"],
				})
			}
		})
		if isAbsent(err) {
			continue
		}
		if bad > 0 {
			d.omit(count(bad, "paragraph", "paragraphs")+" of "+name, "They are not in the form that such a file has.")
		}
		if err != nil {
			d.omit("Packages of apk", machine.Reason(name, err))
		}
		return all, true
	}
	return nil, false
}

// rpm asks the rpm program, since its databases have formats of their own.
func (m *reader) rpm(ctx context.Context, d *draft) (all []softwarePackage, found bool) {
	program, ok := m.first("/usr/bin/rpm", "/bin/rpm")
	if !ok {
		return nil, false
	}
	if m.run == nil {
		d.omit("Packages of rpm", "This is a copy of a machine, where no programs are run.")
		return nil, false
	}
	out, err := m.run(ctx, program, "-qa", "--qf", rpmFormat)
	if err != nil {
		d.omit("Packages of rpm", machine.Reason("The package database", err))
		return nil, false
	}
	bad := 0
	err = machine.EachLine(ctx, bytes.NewReader(out), machine.MaxOutput, func(line string) {
		f := strings.SplitN(line, "\t", 8)
		if len(f) != 8 || f[0] == "" {
			bad++
			return
		}
		// Keys that rpm trusts are kept as packages, but are none.
		if f[0] == "gpg-pubkey" || len(all) > maxRecords {
			return
		}
		p := softwarePackage{
			Name: f[0], Version: f[2] + "-" + f[3], Architecture: f[4], Manager: "rpm",
			State: "installed", Source: strings.TrimSuffix(f[5], ".src.rpm"), Summary: f[7],
		}
		if f[1] != "0" && f[1] != "(none)" {
			p.Version = f[1] + ":" + p.Version
		}
		if p.Source == "(none)" {
			p.Source = ""
		}
		if t, err := strconv.ParseInt(f[6], 10, 64); err == nil && t > 0 && t < 1<<37 {
			p.InstalledAt = time.Unix(t, 0).UTC().Format(time.RFC3339)
		}
		all = append(all, p)
	})
	slices.SortFunc(all, func(a, b softwarePackage) int {
		return strings.Compare(a.Name+"\x00"+a.Architecture+"\x00"+a.Version, b.Name+"\x00"+b.Architecture+"\x00"+b.Version)
	})
	d.malformed(bad, "rpm's answer")
	if err != nil {
		d.omit("Packages of rpm", machine.Reason("The answer of rpm", err))
	}
	return all, len(all) > 0
}
