package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// TestMachines reads recorded machines. The golden files hold what is found;
// -update writes them.
func TestMachines(t *testing.T) {
	for name, system := range map[string]string{"ubuntu-laptop": "linux", "fedora-unprivileged": "linux", "bare": "linux", "macbook": "darwin", "notebook-windows": "windows",
		"bare-mac": "darwin", "bare-windows": "windows"} {
		t.Run(name, func(t *testing.T) {
			file := name
			if strings.HasPrefix(name, "bare") {
				file = "bare"
			}
			text, err := os.ReadFile(filepath.Join("testdata", file+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			o := Options{System: record(t, string(text)), OS: system, Host: "box", UID: 501, Now: noon}
			p, err := Read(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			e.SetIndent("", " ")
			if err := e.Encode(struct {
				Posture
				LockAfter string `json:"lockAfter"`
			}{p, p.LockAfter.String()}); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".golden.json")
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
				t.Errorf("differs from %s (see it with -update and git diff):\n%s", golden, b.Bytes())
			}
			if strings.HasPrefix(name, "bare") {
				for what, a := range answers(p) {
					if a.State == Yes {
						t.Errorf("%s passes where nothing can be known: %s", what, a.Text)
					}
				}
			}
		})
	}
}

func answers(p Posture) map[string]Answer {
	return map[string]Answer{"disk": p.DiskEncryption, "firewall": p.Firewall, "lock": p.ScreenLock, "updates": p.AutoUpdate, "antivirus": p.Antivirus, "manager": p.PasswordManager}
}

// troubled is a platform of which each probe fails in another way.
type troubled struct{ hang chan struct{} }

func (f troubled) identity(context.Context) (Identity, []string) { panic("no identity") }
func (f troubled) diskEncryption(context.Context) Answer         { panic("no disk") }
func (f troubled) firewall(context.Context) Answer               { <-f.hang; return yes("late") }
func (f troubled) autoUpdate(ctx context.Context) Answer         { <-ctx.Done(); <-f.hang; return yes("late") }
func (f troubled) antivirus(context.Context) Answer              { return yes("fine") }
func (f troubled) software(context.Context) software             { panic("no software") }
func (f troubled) screenLock(context.Context) (Answer, time.Duration) {
	<-f.hang
	return yes("late"), time.Minute
}

// A probe that panics, or never comes back, is unknown, and holds up no other.
func TestTroubledProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := troubled{make(chan struct{})}
		defer close(f.hang)
		p := read(t.Context(), f, Options{Patience: time.Second})
		for what, a := range answers(p) {
			if want := map[bool]State{true: Yes, false: Unknown}[what == "antivirus"]; a.State != want || a.Text == "" {
				t.Errorf("%s: %+v", what, a)
			}
		}
		if p.LockAfter != 0 || len(p.Notes) != 2 {
			t.Errorf("%s, %q", p.LockAfter, p.Notes)
		}
	})
}

func TestUnknownSystem(t *testing.T) {
	if _, err := Read(t.Context(), Options{OS: "plan9"}); err == nil || !strings.Contains(err.Error(), "plan9") {
		t.Error(err)
	}
}

// Fields that makers leave empty must not make one device of many machines.
func TestTold(t *testing.T) {
	for in, want := range map[string]string{"To Be Filled By O.E.M.": "", "Default string": "", "0": "", "0000-0000": "", "XXXXXXX": "", "None": "", " PF3XK7QZ \n": "PF3XK7QZ", "VMware-56 4d 00": "VMware-56 4d 00",
		"System Serial Number": "", "a\x1b[31m": "a[31m"} {
		if got := told(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
