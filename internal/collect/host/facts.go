package host

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// Package is an installed package of dpkg, rpm or apk.
type Package struct {
	Name, Version string
	// Manager is "dpkg", "rpm" or "apk".
	Manager string
}

// Packages reads the installed packages. run, which may be nil, runs a program.
func Packages(ctx context.Context, files machine.Files, run func(ctx context.Context, name string, args ...string) ([]byte, error)) ([]Package, []Omission) {
	m, d := &reader{files: files, run: run}, &draft{}
	found := m.packages(ctx, d)
	out := make([]Package, len(found))
	for i, p := range found {
		out[i] = Package{text(p.Name), text(p.Version), p.Manager}
	}
	return out, d.Omitted
}

// Mount is a mounted file system.
type Mount struct{ Point, Source, Type string }

// Mounts reads what is mounted, in the order of mounting: what hides another
// mount comes after it.
func Mounts(ctx context.Context, files machine.Files) ([]Mount, error) {
	var out []Mount
	err := machine.Lines(ctx, files, mountInfo, maxMountFile, func(line string) {
		if v, ok := parseMount(line); ok && len(out) < maxRecords {
			out = append(out, Mount{v.MountPoint, v.Source, v.FSType})
		}
	})
	return out, err
}
