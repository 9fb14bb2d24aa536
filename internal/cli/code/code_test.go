package code

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/app"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/config"
)

var (
	seedFlag = flag.Uint64("seed", 0, "seed of the random workspaces, 0 for a new one each")
	rounds   = flag.Int("rounds", 5, "how many random workspaces go round")
)

// serving starts a server on a database of its own.
func serving(t *testing.T) *client.Client {
	t.Helper()
	c := config.Config{Addr: "127.0.0.1:0", DataDir: filepath.Join(t.TempDir(), "data"), MaxBody: 5 << 20, SessionIdle: time.Hour, ShutdownGrace: time.Minute}
	a, err := app.New(t.Context(), app.Options{Config: c, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := await.Receive(t, "the end of the server", ended); err != nil {
			t.Error(err)
		}
	})
	_, key, err := a.Keys().Create(t.Context(), app.NewKey{Name: "all", Scopes: []string{"all"}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.New(a.URL(), key, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func opened(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

// exportTo writes workspace 1 into a folder.
func exportTo(t *testing.T, c *client.Client, dir string) exported {
	t.Helper()
	f, err := readFolder(opened(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(c, 1)
	if err := w.read(t.Context(), func(kind) bool { return true }); err != nil {
		t.Fatal(err)
	}
	done, err := export(f, w, false)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func planOf(t *testing.T, c *client.Client, dir string, prune bool) *plan {
	t.Helper()
	f, err := readFolder(opened(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(c, 1)
	if err := w.read(t.Context(), f.wants(prune)); err != nil {
		t.Fatal(err)
	}
	p, err := newPlan(t.Context(), f, w, prune, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.foresee(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

func applied1(t *testing.T, p *plan) {
	t.Helper()
	if _, err := p.apply(t.Context(), "because", func(*change) {}); err != nil {
		t.Fatal(err)
	}
}

// filesOf are the texts of all files of a folder.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func events(t *testing.T, c *client.Client) int {
	t.Helper()
	n := 0
	for e, err := range c.Events(t.Context(), client.EventFilter{}, client.List{}) {
		if err != nil {
			t.Fatal(err)
		}
		// What follows from verdicts and from the time comes when it comes.
		if e.Source == "PUBLIC_API" {
			n++
		}
	}
	return n
}

// A workspace that is exported and applied to an empty one is the same: the
// export of that has the same bytes, and a second apply changes nothing.
func TestRoundTrip(t *testing.T) {
	for range *rounds {
		seed := *seedFlag
		if seed == 0 {
			seed = rand.Uint64()
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := &generator{t: t, r: rand.New(rand.NewPCG(seed, 1)), c: serving(t)}
			g.fill()
			first := t.TempDir()
			exportTo(t, g.c, first)
			files := filesOf(t, first)
			if p := planOf(t, g.c, first, true); p.changes() {
				t.Fatalf("after the export the plan is %s", told1(p))
			}
			if again := exportTo(t, g.c, first); len(again.Updated)+len(again.Created) > 0 {
				t.Fatalf("the second export did %+v", again)
			}

			other := serving(t)
			if _, err := other.Company(t.Context()); err != nil {
				t.Fatal(err)
			}
			p := planOf(t, other, first, false)
			applied1(t, p)
			for _, c := range planOf(t, other, first, false).Changes {
				if c.Action != keep {
					t.Errorf("after the apply there is still to %s %s %s: %v", c.Action, c.Kind, c.Name, c.Fields)
				}
			}
			got, want := picture(t, other), picture(t, g.c)
			for _, line := range got {
				if !slices.Contains(want, line) {
					t.Errorf("only the other workspace says %s", line)
				}
			}
			for _, line := range want {
				if !slices.Contains(got, line) {
					t.Errorf("the other workspace does not say %s", line)
				}
			}
			// What excludes records waits for them.
			g.records(other)
			applied1(t, planOf(t, other, first, false))
			before := events(t, other)
			p = planOf(t, other, first, true)
			if p.changes() {
				t.Fatalf("after the apply the plan is %s", told1(p))
			}
			applied1(t, p)
			if after := events(t, other); after != before {
				t.Errorf("a second apply made %d events", after-before)
			}
			second := t.TempDir()
			exportTo(t, other, second)
			again := filesOf(t, second)
			for name, text := range files {
				if again[name] != text {
					t.Errorf("%s was\n%s\nand is\n%s", name, text, again[name])
				}
			}
			if len(again) != len(files) {
				t.Errorf("%d files became %d", len(files), len(again))
			}

			// With its keys in another order and everything quoted it means the same.
			for name, text := range files {
				if err := os.WriteFile(filepath.Join(second, name), []byte("# by hand\n"+asJSON(t, text)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if p := planOf(t, other, second, true); p.changes() {
				t.Errorf("of other writing the plan is %s", told1(p))
			}
			if done := exportTo(t, other, second); len(done.Updated) > 0 {
				t.Errorf("of other writing the export did %+v", done)
			}
		})
	}
}

func told1(p *plan) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	if err := e.Encode(p.report()); err != nil {
		return err.Error()
	}
	return b.String()
}

// What somebody else changed since the plan was made is not overwritten.
func TestChangedMeanwhile(t *testing.T) {
	c := serving(t)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	logic := func(v string) string {
		return "logic: {groups: [{resource: A, evaluator: {all: [{fact: a, operator: equal, value: " + v + "}]}}]}\n"
	}
	write("connections/a.yaml", "name: A\ndisplayNameKey: a\nschema: {type: object, properties: {a: {type: string}}}\n")
	write("conditions/c.yaml", "name: C\nlogic: {all: []}\n")
	write("controls/x.yaml", "code: X-1\nname: x\ndescription: x\n")
	write("frameworks/f.yaml", "name: F\nshortName: F\ndescription: f\nrequirements: [{code: R, name: r}]\n")
	write("tests/t.yaml", "name: T\n"+logic("x"))
	applied1(t, planOf(t, c, dir, false))

	description, ctx := "mine", t.Context()
	for _, each := range []struct {
		file, text string
		meanwhile  func() error
		says       string
	}{
		{"tests/t.yaml", "name: T\n" + logic("y"), func() error {
			_, err := c.UpdateTest(ctx, 1, 1, 0, client.TestChange{Description: &description})
			return err
		}, "test `T`: somebody changed it since the plan was made"},
		{"connections/a.yaml", "name: A\ndescription: theirs\ndisplayNameKey: a\nschema: {type: object, properties: {a: {type: string}}}\n", func() error {
			_, err := c.UpdateConnection(ctx, 1, nil, &description)
			return err
		}, "connection `A`: somebody changed it"},
		{"conditions/c.yaml", "name: C\nlogic: {any: [{fact: a, operator: equal, value: 1}]}\n", func() error {
			_, err := c.PutCondition(ctx, 1, "C", json.RawMessage(`{"any":[]}`))
			return err
		}, "condition `C`: somebody changed it"},
		{"controls/x.yaml", "code: X-1\nname: y\ndescription: x\n", func() error {
			_, err := c.ScopeControl(ctx, 1, 1, false, "why")
			return err
		}, "control `X-1`: somebody changed it"},
		{"frameworks/f.yaml", "name: F\nshortName: F\ndescription: g\nrequirements: [{code: R, name: r}]\n", func() error {
			_, err := c.CreateRequirements(ctx, 1, 1, []client.NewRequirement{{Code: "S", Name: "s"}})
			return err
		}, "framework `F`: somebody changed it"},
		{"conditions/new.yaml", "name: N\nlogic: {any: []}\n", func() error {
			_, err := c.PutCondition(ctx, 1, "N", json.RawMessage(`{"all":[]}`))
			return err
		}, "condition `N`: somebody created one of this name"},
		{"connections/new.yaml", "name: N\ndisplayNameKey: a\nresource: M\nschema: {type: object, properties: {a: {type: string}}}\n", func() error {
			_, err := c.CreateConnection(ctx, client.NewConnection{Name: "N", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
				SampleData: json.RawMessage(`{"a":"b"}`), DisplayNameKey: "a"})
			return err
		}, "connection `N`: somebody created one of this name"},
	} {
		before, existed := filesOf(t, dir)[each.file]
		write(each.file, each.text)
		p := planOf(t, c, dir, false)
		if err := each.meanwhile(); err != nil {
			t.Fatal(err)
		}
		n := events(t, c)
		_, err := p.apply(ctx, "", func(*change) {})
		if err == nil || !strings.Contains(err.Error(), each.says) {
			t.Errorf("%s: got %v, want ~%q", each.file, err, each.says)
		}
		if now := events(t, c); now != n {
			t.Errorf("%s: the refused apply made %d events", each.file, now-n)
		}
		if existed {
			write(each.file, before)
		} else if err := os.Remove(filepath.Join(dir, each.file)); err != nil {
			t.Fatal(err)
		}
		for _, o := range planOf(t, c, dir, false).Changes {
			if o.Action == update {
				exportTo(t, c, dir)
				break
			}
		}
	}
	// The publication itself is fenced: a draft of somebody else's that comes in
	// between is not published.
	test, err := c.Test(ctx, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.UpdateTest(ctx, 1, 1, 0, client.TestChange{Logic: test.Logic}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ActAt(ctx, 1, 1, test.Revision, "publish", ""); !client.IsCode(err, client.CodeEditConflict) {
		t.Errorf("got %v", err)
	}
}

// The example of the documentation is accepted, means what an export would say of
// it, and says of records what it promises.
func TestExample(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../../examples/tests-as-code")); err != nil {
		t.Fatal(err)
	}
	c := serving(t)
	applied1(t, planOf(t, c, dir, false))
	if p := planOf(t, c, dir, true); p.changes() {
		t.Fatalf("after the apply the plan is %s", told1(p))
	}
	before := filesOf(t, dir)
	if done := exportTo(t, c, dir); len(done.Created)+len(done.Updated)+len(done.Gone)+len(done.LeftOut) > 0 {
		t.Errorf("the export did %+v", done)
	}
	for name, text := range filesOf(t, dir) {
		if before[name] != text {
			t.Errorf("the export changed %s", name)
		}
	}
	w := newWorkspace(c, 1)
	if err := w.readConnections(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, records := range map[string][]json.RawMessage{
		"Staff list":        {json.RawMessage(`{"email":"ada@example.com"}`)},
		"Identity provider": {json.RawMessage(`{"id":"1","email":"ada@example.com","kind":"person","active":true,"factors":["key"]}`), json.RawMessage(`{"id":"2","email":"bob@example.com","kind":"person","active":true}`)},
	} {
		if _, err := c.Push(t.Context(), w.objects[connectionKind][name].held.target, records, &client.Wait{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []int64{1, 2} {
		got, err := settled(t.Context(), c, 1, name)
		if err != nil || got.Result != client.Failed || got.Counts.Failing != 1 || got.Counts.InScope != 2 {
			t.Errorf("test %d: %+v, %v", name, got, err)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{"Every user has MFA": "every-user-has-mfa", "  a/b\\..c ": "a-b-c", "Ärger": "rger", "日本": "unnamed", "": "unnamed",
		"CON": "con-", "com1": "com1-", strings.Repeat("x", 500): strings.Repeat("x", 80), "../../etc/passwd": "etc-passwd"} {
		if got := slug(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
