package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The golden files hold what is read of each machine in testdata; -update
// writes them.
func TestMachines(t *testing.T) {
	for _, c := range []struct {
		machine, golden string
		forbidden       []string
	}{
		{"debian", "debian", nil},
		{"debian", "debian-without-rights", []string{"/etc/shadow", "/etc/sudoers", "/proc/812/fd", "/proc/900/fd", "/proc/sys/fs/protected_symlinks", "/etc/ssh/sshd_config.d/50-cloud-init.conf"}},
		{"alpine", "alpine", nil},
		{"broken", "broken", nil},
	} {
		t.Run(c.golden, func(t *testing.T) {
			o, _ := unpack(t, c.machine)
			if c.forbidden != nil {
				o.Run = nil
			}
			m, err := newMachine(o)
			if err != nil {
				t.Fatal(err)
			}
			defer m.files.Close()
			m.files = forbidden{m.files, c.forbidden}
			all, err := m.collect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			type shown struct {
				Records []json.RawMessage
				Omitted []Omission
			}
			got := map[string]shown{}
			for _, d := range all {
				valid(t, d)
				got[d.Slug] = shown{d.Records, d.Omitted}
			}
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			e.SetIndent("", " ")
			if err := e.Encode(got); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b.Bytes(), []byte("HUNTER2")) {
				t.Error("a secret came into a record")
			}
			golden := filepath.Join("testdata", c.golden+".golden.json")
			if *update {
				if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, b.Bytes()) {
				t.Errorf("differs from %s (see it with -update and git diff):\n%s", golden, firstDifference(want, b.Bytes()))
			}

			again, err := m.collect(t.Context())
			if err != nil || !reflect.DeepEqual(all, again) {
				t.Error("a second collection gives something else", err)
			}
		})
	}
}

func firstDifference(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "want " + w[i] + "\n got " + g[i]
		}
	}
	return "one is longer"
}

func TestThisMachine(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the collector reads Linux machines")
	}
	all, err := Collect(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		valid(t, d)
		t.Logf("%-16s %5d records, left out: %v", d.Slug, len(d.Records), d.Omitted)
		if len(d.Records) == 0 && len(d.Omitted) == 0 && d.Slug != "listening-ports" {
			t.Errorf("%s is empty without a word", d.Slug)
		}
	}
	for _, slug := range []string{"accounts", "file-systems", "kernel-settings"} {
		if len(bySlug(t, all, slug).Records) == 0 {
			t.Errorf("no %s on a running machine", slug)
		}
	}
	for _, d := range fields(t, bySlug(t, all, "accounts")) {
		if d["passwordLocked"] == true && d["passwordScheme"] != nil {
			t.Errorf("the hash of a locked account is described: %v", d["name"])
		}
	}
}

// A schema declares what a record can hold, and requires what it always holds.
func TestSchemasFitTheRecords(t *testing.T) {
	records := map[string]reflect.Type{
		"accounts": reflect.TypeFor[account](), "ssh-settings": reflect.TypeFor[sshSetting](),
		"listening-ports": reflect.TypeFor[listener](), "packages": reflect.TypeFor[softwarePackage](),
		"file-systems": reflect.TypeFor[mount](), "kernel-settings": reflect.TypeFor[kernelSetting](),
	}
	all, err := Collect(t.Context(), Options{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(records) {
		t.Fatalf("%d datasets, %d kinds of record", len(all), len(records))
	}
	for _, d := range all {
		var schema struct {
			Schema               string `json:"$schema"`
			AdditionalProperties bool
			Required             []string
			Properties           map[string]struct{ Type, Description string }
		}
		if err := json.Unmarshal(d.Schema, &schema); err != nil {
			t.Fatal(err)
		}
		var always, sometimes []string
		var walk func(reflect.Type)
		walk = func(r reflect.Type) {
			for f := range r.Fields() {
				if f.Anonymous {
					walk(f.Type)
					continue
				}
				name, how, _ := strings.Cut(f.Tag.Get("json"), ",")
				if how == "" {
					always = append(always, name)
				} else {
					sometimes = append(sometimes, name)
				}
			}
		}
		walk(records[d.Slug])
		slices.Sort(always)
		slices.Sort(schema.Required)
		if !slices.Equal(always, schema.Required) {
			t.Errorf("%s requires %v, always present are %v", d.Slug, schema.Required, always)
		}
		for _, name := range append(always, sometimes...) {
			if p := schema.Properties[name]; p.Type == "" || p.Description == "" {
				t.Errorf("%s does not declare or describe %q", d.Slug, name)
			}
		}
		if len(schema.Properties) != len(always)+len(sometimes) {
			t.Errorf("%s declares %d properties of %d", d.Slug, len(schema.Properties), len(always)+len(sometimes))
		}
		if schema.Schema != "http://json-schema.org/draft-07/schema#" || !schema.AdditionalProperties {
			t.Errorf("%s is not an open draft-07 schema", d.Slug)
		}
		if p := schema.Properties[d.DisplayNameKey]; p.Type != "string" || !slices.Contains(schema.Required, d.DisplayNameKey) {
			t.Errorf("%s: %q cannot name a record", d.Slug, d.DisplayNameKey)
		}
		// An empty folder has nothing to read, and that is said.
		if len(d.Records) != 0 || len(d.Omitted) == 0 {
			t.Errorf("%s of an empty folder: %d records, left out %v", d.Slug, len(d.Records), d.Omitted)
		}
	}
}

func TestRootsThatCannotBeRead(t *testing.T) {
	if _, err := Collect(t.Context(), Options{Root: filepath.Join(t.TempDir(), "absent")}); err == nil {
		t.Error("an absent root was collected")
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "etc", "passwd"), 0o755); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "shadow")
	if err := os.WriteFile(outside, []byte("root:x:0:0:::\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "etc", "hostname")); err != nil {
		t.Fatal(err)
	}
	all, err := Collect(t.Context(), Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	d := bySlug(t, all, "accounts")
	if want := []Omission{{"Accounts", "/etc/passwd is not a regular file."}}; !slices.Equal(d.Omitted, want) {
		t.Errorf("left out %v, want %v", d.Omitted, want)
	}
	m, err := newMachine(Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	defer m.files.Close()
	if m.host != "unknown" {
		t.Errorf("the host name %q came from outside of the root", m.host)
	}
}

func TestCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o, _ := unpack(t, "debian")
	o.Run = func(ctx context.Context, _ string, _ ...string) ([]byte, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if all, err := Collect(ctx, o); !errors.Is(err, context.Canceled) || all != nil {
		t.Errorf("got %d datasets, %v", len(all), err)
	}
}

// A program that hangs and does not care about the context holds nobody up.
func TestCancelledWhileSomethingHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	o, _ := unpack(t, "debian")
	o.Run = func(context.Context, string, ...string) ([]byte, error) {
		cancel()
		<-release
		return nil, errors.New("released")
	}
	if _, err := Collect(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRecordID(t *testing.T) {
	for in, want := range map[string]string{
		"root": "root", "/": "/", "tcp:[::]:22": "tcp:[::]:22", "Ünïcode ✓": "Ünïcode ✓",
		strings.Repeat("a", 512): strings.Repeat("a", 512),
	} {
		if got := recordID(in); got != want {
			t.Errorf("recordID(%q) = %q", in, got)
		}
	}
	seen := map[string]string{}
	for _, in := range []string{"", ".", "..", "a\x00b", "a\x01b", "a\xffb", "a\ufffdb", strings.Repeat("a", 513), strings.Repeat("a", 514), strings.Repeat("é", 400)} {
		id := recordID(in)
		if other, twice := seen[id]; twice {
			t.Errorf("%q and %q have the same id %q", in, other, id)
		}
		seen[id] = in
		if id == "" || id == "." || id == ".." || len(id) > 512 || recordID(id) != id {
			t.Errorf("recordID(%q) = %q", in, id)
		}
	}
}

func TestRecordsBeyondTheLimitAreSaid(t *testing.T) {
	d := &draft{}
	for range maxRecords + 2 {
		d.add("same", func(id string) any { return id })
	}
	got, err := d.finish()
	if err != nil || len(got.Records) != maxRecords || len(got.Omitted) != 1 {
		t.Errorf("%d records, left out %v, %v", len(got.Records), got.Omitted, err)
	}
}
