// Package host is the built-in collector of one Linux machine: its accounts,
// SSH daemon settings, listening ports, packages, file systems and kernel
// settings, as datasets that are ready to be pushed into resources.
//
// It reads files and asks two programs (sshd and rpm, where they exist); it
// changes nothing, opens no connection and needs no rights: what it may not
// read it leaves out, and says so in [Dataset.Omitted]. A fact that could not
// be established is an absent property, never a harmless-looking value.
// Secrets (password hashes, environment values, credentials in mount options)
// never enter a record.
package host

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// Dataset is what was read of one kind of thing, in the form of a resource.
type Dataset struct {
	// Name is the resource name, such as "Host accounts"; Slug the short form
	// of it, such as "accounts".
	Name, Slug  string
	Description string
	// DisplayNameKey is the top-level property that names a record for people.
	DisplayNameKey string
	// Schema is a JSON Schema (draft-07): undeclared properties are allowed,
	// required are those that every record has.
	Schema json.RawMessage
	// Records are JSON objects. Each has `id`, the same in every run and unique
	// in the dataset, and `host`, the name of the machine.
	Records []json.RawMessage
	// Omitted is what was left out; empty when everything could be read.
	Omitted []Omission
}

// Omission is one thing that was left out, and the reason as a sentence.
type Omission struct {
	What, Why string
}

// Options are the surroundings of a collection. The zero value reads this
// machine.
type Options struct {
	// Root is the folder that is read as the machine's "/". Links that lead out
	// of it are not followed. Below a Root other than "/" the sizes of file
	// systems are not asked, and programs are run only through Run.
	Root string
	// Now tells the time from which ages are counted; time.Now by default.
	Now func() time.Time
	// Run runs a program and returns its standard output.
	Run func(ctx context.Context, name string, args ...string) ([]byte, error)
}

//go:embed schemas/*.json
var schemas embed.FS

type collector struct {
	slug, name, display, description string
	collect                          func(context.Context, *reader, *draft)
}

var collectors = []collector{
	{"accounts", "Host accounts", "name",
		"Local accounts with the state of their passwords, their groups, and what sudo lets them do.", collectAccounts},
	{"ssh-settings", "Host SSH daemon settings", "keyword",
		"Settings in force for the SSH daemon, one record a keyword, with the values that Match blocks put in their place.", collectSSH},
	{"listening-ports", "Host listening ports", "endpoint",
		"TCP and UDP ports on which a process waits, in the network namespace of the collector.", collectPorts},
	{"packages", "Host packages", "name",
		"Packages that dpkg, rpm or apk has installed.", collectPackages},
	{"file-systems", "Host file systems", "mountPoint",
		"Mounted file systems, the options they are mounted with, and how full they are.", collectMounts},
	{"kernel-settings", "Host kernel settings", "name",
		"Settings of the running kernel that matter to security.", collectKernel},
}

// Collect reads the machine. The datasets come in a fixed order, all of them
// each time; one that could not be read is empty and has an [Omission]. The
// error is the context's, or says that there is nothing to read at all.
func Collect(ctx context.Context, o Options) ([]Dataset, error) {
	m, err := newMachine(o)
	if err != nil {
		return nil, err
	}
	return m.collect(ctx)
}

func (m *reader) collect(ctx context.Context) ([]Dataset, error) {
	type outcome struct {
		datasets []Dataset
		err      error
	}
	done := make(chan outcome, 1)
	// Asking for a file can hang in the kernel (a home on a dead file server),
	// so the caller's patience must not depend on it.
	go func() {
		defer m.files.Close()
		var all []Dataset
		for _, c := range collectors {
			d, err := m.dataset(ctx, c)
			if err != nil {
				done <- outcome{err: err}
				return
			}
			all = append(all, d)
		}
		done <- outcome{datasets: all}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case o := <-done:
		return o.datasets, o.err
	}
}

func (m *reader) dataset(ctx context.Context, c collector) (Dataset, error) {
	schema, err := schemas.ReadFile("schemas/" + c.slug + ".json")
	if err != nil {
		return Dataset{}, err
	}
	d := &draft{Dataset: Dataset{
		Name: c.name, Slug: c.slug, Description: c.description, DisplayNameKey: c.display, Schema: schema,
	}}
	c.collect(ctx, m, d)
	if err := ctx.Err(); err != nil {
		return Dataset{}, err
	}
	return d.finish()
}

func newMachine(o Options) (*reader, error) {
	m := &reader{run: o.Run, now: time.Now(), live: o.Root == "" || o.Root == "/"}
	if o.Now != nil {
		m.now = o.Now()
	}
	if m.live {
		if runtime.GOOS != "linux" {
			return nil, fmt.Errorf("the host collector reads Linux machines; this one runs %s", runtime.GOOS)
		}
		if m.run == nil {
			m.run = func(ctx context.Context, name string, args ...string) ([]byte, error) {
				return machine.Run(ctx, machine.DefaultLimits(), name, args...)
			}
		}
	}
	m.files = machine.ThisMachine()
	if !m.live {
		files, err := machine.Below(o.Root)
		if err != nil {
			return nil, fmt.Errorf("open the root folder of the machine: %w", err)
		}
		m.files = files
	}
	m.host = m.hostname()
	return m, nil
}
