package collect

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/await"
)

// programs puts shell scripts on the PATH.
func programs(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range scripts {
		written(t, dir, name, "#!/bin/sh\n"+text)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return dir
}

func TestCommand(t *testing.T) {
	t.Setenv("PLUMBLINE_API_KEY", "key-of-the-process")
	programs(t, map[string]string{
		"list":    `printf '{"Users":[{"id":"%s","secret":"%s","key":"%s"}]}' "$1" "$TOKEN" "$PLUMBLINE_API_KEY"`,
		"lines":   `echo '{"id":1}'; echo 'a warning' >&2; echo '{"id":2}'`,
		"fails":   `echo '{"id":1}'; echo "no rights, token is $TOKEN" >&2; exit 7`,
		"cut":     `printf '[{"id":1},'; echo 'broke off' >&2; exit 3`,
		"silent":  `:`,
		"endless": `while :; do echo '{"id":1}'; done`,
		"sleeps":  `sleep 600 & echo $! > "$PIDS"; echo '{"id":1}'; wait`,
		"talks":   `echo hello`,
	})
	recipe := func(run, more string) string {
		return "collector: command\ninputs: [{name: token, secret: true, required: false}, {name: who, required: false}]\ncommand: {run: " + run + ", env: {TOKEN: '${token}'}" + more
	}
	for name, c := range map[string]struct {
		recipe string
		want   []string
		code   string
		facts  map[string]string
		limits Limits
	}{
		"json":         {recipe("[list, 'a ${who}; ls']", "}\nitems: .Users"), []string{`{"id":"a $(id); ls","key":"","secret":"s3cret-token"}`}, "", nil, Limits{}},
		"lines":        {recipe("[lines]", ", format: ndjson}"), []string{`{"id":1}`, `{"id":2}`}, "", nil, Limits{}},
		"fails":        {recipe("[fails]", ", format: ndjson}"), []string{`{"id":1}`}, CodeCommandFailed, map[string]string{"exit": "7", "snippet": "no rights, token is •••"}, Limits{}},
		"cut off":      {recipe("[cut]", "}"), []string{`{"id":1}`}, CodeCommandFailed, map[string]string{"exit": "3", "snippet": "broke off"}, Limits{}},
		"silent":       {recipe("[silent]", "}"), nil, CodeBadJSON, nil, Limits{}},
		"no JSON":      {recipe("[talks]", "}"), nil, CodeBadJSON, nil, Limits{}},
		"no program":   {recipe("[no-such-program]", "}"), nil, CodeCommandNotFound, nil, Limits{}},
		"a path":       {recipe("[/no/such/program]", "}"), nil, CodeCommandNotFound, nil, Limits{}},
		"endless":      {recipe("[endless]", ", format: ndjson}"), nil, CodeTooLarge, nil, Limits{Items: 100}},
		"endless text": {recipe("[cat, /dev/zero]", "}"), nil, CodeTooLarge, nil, Limits{ReplyBytes: 1 << 20}},
	} {
		t.Run(name, func(t *testing.T) {
			o := collected(t, c.recipe, Run{Inputs: map[string]string{"token": "s3cret-token", "who": `$(id)`}, Local: true, Limits: c.limits})
			if c.want != nil {
				same(t, o.records, c.want...)
			}
			if c.code == "" {
				if o.err != nil {
					t.Error(o.err)
				}
				return
			}
			f := o.failure(t)
			if f.Code != c.code {
				t.Errorf("%s: %s %v", f.Code, f.Message, f.Facts)
			}
			for name, want := range c.facts {
				if f.Facts[name] != want {
					t.Errorf("%s is %q, want %q", name, f.Facts[name], want)
				}
			}
		})
	}

	// A program ends with the run, and its children with it.
	for name, c := range map[string]struct {
		// On a busy machine the child may not have begun in the shortest time.
		timeouts []string
		stop     bool
		code     string
	}{"timeout": {[]string{"1s", "10s", "1m"}, false, CodeTimeout}, "stopped": {[]string{"1m"}, true, CodeCanceled}} {
		var pid []byte
		for _, timeout := range c.timeouts {
			pids := filepath.Join(t.TempDir(), "pid")
			ctx, cancel := context.WithCancel(t.Context())
			r := parsed(t, "collector: command\ninputs: [{name: pids}]\ncommand: {run: [sleeps], format: ndjson, env: {PIDS: '${pids}'}, timeout: "+timeout+"}")
			o := collectedBy(ctx, r, Run{Inputs: map[string]string{"pids": pids}, Local: true, Emit: func([]byte) error {
				if c.stop {
					cancel()
				}
				return nil
			}})
			cancel()
			if f := o.failure(t); f.Code != c.code {
				t.Errorf("%s: %s %s", name, f.Code, f.Message)
			}
			// All programs of the run are gone, so nobody is writing any more.
			if pid, _ = os.ReadFile(pids); len(pid) > 0 {
				break
			}
		}
		await.Until(t, name+": the end of the child", func() bool { return !alive(t, string(pid)) })
	}
}

// alive reports whether a process runs, not waiting to be buried.
func alive(t *testing.T, pid string) bool {
	t.Helper()
	id, err := strconv.Atoi(strings.TrimSpace(pid))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	return err == nil && !strings.Contains(string(text), ") Z ")
}

// What osqueryi of osquery 5 prints for `--json`, and what osqueryd writes into
// its results log.
func TestOsquery(t *testing.T) {
	dir := programs(t, map[string]string{"osqueryi": `[ "$1" = --json ] && [ "$2" = "select username, uid from users" ] || exit 1
cat <<'END'
[
  {"uid":"0","username":"root"},
  {"uid":"1000","username":"ada"}
]
END
`})
	o := collected(t, "collector: osquery\nosquery: {query: 'select username, uid from users'}\nrecord: '{id: .username, uid: (.uid | tonumber)}'", Run{Local: true})
	if o.err != nil {
		t.Error(o.err)
	}
	same(t, o.records, `{"id":"root","uid":0}`, `{"id":"ada","uid":1000}`)

	line := func(name, action, columns string, counter, at int) string {
		return fmt.Sprintf(`{"name":%q,"hostIdentifier":"web1","calendarTime":"Sat Nov 21 09:00:00 2026 UTC","unixTime":%d,"epoch":0,"counter":%d,"numerics":false,"columns":%s,"action":%q}`, name, at, counter, columns, action)
	}
	log := strings.Join([]string{
		line("pack_a", "added", `{"user":"gone before"}`, 7, 50),
		line("pack_a", "added", `{"user":"root"}`, 0, 100), line("pack_a", "added", `{"user":"ada"}`, 0, 100), line("pack_a", "added", `{"user":"bob"}`, 1, 200),
		line("pack_a", "removed", `{"user":"ada"}`, 2, 300), line("pack_a", "removed", `{"user":"nobody"}`, 2, 300),
		`{"snapshot":[{"pid":"1"},{"pid":"2"}],"action":"snapshot","name":"ps","hostIdentifier":"web1","unixTime":100,"epoch":0,"counter":0,"numerics":false}`,
		`{"snapshot":[{"pid":"1"},{"pid":"3"}],"action":"snapshot","name":"ps","hostIdentifier":"web1","unixTime":200,"epoch":0,"counter":0,"numerics":false}`,
	}, "\n")
	recipe := "collector: osquery\ninputs: [{name: path}]\nosquery: {results: '${path}'}\nrecord: '.columns + {of: .name}'"
	o = collected(t, recipe, Run{Inputs: map[string]string{"path": written(t, dir, "osqueryd.results.log", log)}, Local: true})
	if o.err != nil {
		t.Error(o.err)
	}
	same(t, o.records, `{"of":"pack_a","user":"root"}`, `{"of":"pack_a","user":"bob"}`, `{"of":"ps","pid":"1"}`, `{"of":"ps","pid":"3"}`)
	o = collected(t, recipe, Run{Inputs: map[string]string{"path": written(t, dir, "other.log", `{"message":"hello"}`)}, Local: true})
	if f := o.failure(t); f.Code != CodeBadJSON {
		t.Error(f)
	}
}
