package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plumbline-dev/plumbline/internal/await"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plumbline": func() { os.Exit(Main()) }})
}

// TestScripts runs the scripts of each command, COMMAND/testdata/*.txtar,
// against the real program.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("*/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("NO_PROXY", "*")
			e.Values[serversKey{}] = map[string]*server{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":    start,
			"end":      end,
			"pasted":   pasted,
			"http":     call,
			"await":    untilFound,
			"until":    until,
			"jsonenv":  jsonEnv,
			"json":     jsonIs,
			"inflight": inFlight,
			"standin":  standIn,
		},
	})
}

// server is a plumbline process that a script started.
type server struct {
	cmd *exec.Cmd
	url string
	// told is what it wrote before it was ready.
	told     string
	out, err bytes.Buffer
	rest     chan struct{}
}

type serversKey struct{}

// patient calls servers that may be busy, but not for ever.
var patient = &http.Client{Timeout: await.Patience}

// serversOf are the servers of a script by name.
func serversOf(ts *testscript.TestScript) map[string]*server {
	all, ok := ts.Value(serversKey{}).(map[string]*server)
	if !ok {
		ts.Fatalf("the script was not set up")
	}
	return all
}

// start NAME [VAR=value …] COMMAND [ARG …] runs plumbline in the background
// until it tells its address, which becomes $URL.
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME [VAR=value …] COMMAND [ARG …]")
	}
	name, args := args[0], args[1:]
	env := []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR")}
	for strings.Contains(args[0], "=") {
		env, args = append(env, args[0]), args[1:]
	}
	program, err := exec.LookPath("plumbline")
	ts.Check(err)
	s := &server{cmd: exec.Command(program, args...), rest: make(chan struct{})}
	s.cmd.Dir, s.cmd.Env, s.cmd.Stderr = ts.MkAbs("."), env, &s.err
	pipe, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	// One that does not tell where it is ends, and its output says why.
	late := time.AfterFunc(await.Patience, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewReader(pipe)
	told := func(string) bool { return s.url != "" }
	if args[0] == "demo" && !slices.Contains(args, "json") {
		told = func(line string) bool { return strings.HasPrefix(line, "Ctrl+C") }
	}
	for line := ""; !told(line); {
		line, err = lines.ReadString('\n')
		s.out.WriteString(line)
		if _, after, found := strings.Cut(line, "http://"); found && s.url == "" {
			s.url = "http://" + after[:strings.IndexAny(after, "\"/ \n")]
		}
		if err != nil {
			_ = s.cmd.Wait()
			ts.Fatalf("%s ended before it told its address\n%s%s", name, s.out.String(), s.err.String())
		}
	}
	s.told = s.out.String()
	go func() {
		_, _ = io.Copy(&s.out, lines)
		close(s.rest)
	}()
	serversOf(ts)[name] = s
	ts.Defer(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			<-s.rest
			_ = s.cmd.Wait()
		}
	})
	ts.Setenv("URL", s.url)
	resp, err := patient.Get(s.url + "/readyz")
	ts.Check(err)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("/readyz answered %s", resp.Status)
	}
}

// end NAME [SIGNAL] ends a server and checks that it exits with 0 (with ! that
// it does not). Its output becomes the files NAME.out and NAME.err.
func end(ts *testscript.TestScript, neg bool, args []string) {
	s := serversOf(ts)[args[0]]
	if s == nil {
		ts.Fatalf("no server %s", args[0])
	}
	signal := syscall.SIGTERM
	if len(args) > 1 {
		signal = map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL}[args[1]]
	}
	ts.Check(s.cmd.Process.Signal(signal))
	wait(ts, neg, args[0], s)
}

func wait(ts *testscript.TestScript, neg bool, name string, s *server) {
	// One that does not end says where it is.
	late := time.AfterFunc(await.Patience, func() { _ = s.cmd.Process.Signal(syscall.SIGQUIT) })
	defer late.Stop()
	<-s.rest
	err := s.cmd.Wait()
	ts.Check(os.WriteFile(ts.MkAbs(name+".out"), s.out.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(name+".err"), s.err.Bytes(), 0o600))
	if (err != nil) != neg {
		ts.Fatalf("%s ended with %v\n%s", name, err, s.err.String())
	}
}

// pasted NAME runs the call that the demo printed as a shell would, and checks
// that what the demo says of its answer is true.
func pasted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pasted NAME")
	}
	text := serversOf(ts)[args[0]].told
	line := text[strings.Index(text, "curl "):]
	line = line[:strings.Index(line, "\n\n")]
	promise := regexp.MustCompile(`The answer says (X-Tests-Failing: \d+) `).FindStringSubmatch(text)
	if promise == nil {
		ts.Fatalf("the demo promises nothing\n%s", text)
	}
	out, err := exec.Command("sh", "-c", line).CombinedOutput()
	if err != nil || !strings.Contains(strings.ToLower(string(out)), strings.ToLower(promise[1])+"\r\n") {
		ts.Fatalf("%s\nanswered (%v)\n%s", line, err, out)
	}
}

// http STATUS METHOD PATH [BODY] calls the server with $KEY and writes the
// headers and the body to the files http.head and http.body.
func call(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: http STATUS METHOD PATH [BODY]")
	}
	body := ""
	if len(args) > 3 {
		body = args[3]
	}
	req, err := http.NewRequest(args[1], ts.Getenv("URL")+args[2], strings.NewReader(body))
	ts.Check(err)
	if key := ts.Getenv("KEY"); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := patient.Do(req)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	var head bytes.Buffer
	ts.Check(resp.Header.Write(&head))
	ts.Check(os.WriteFile(ts.MkAbs("http.head"), head.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("http.body"), text, 0o600))
	if fmt.Sprint(resp.StatusCode) != args[0] {
		ts.Fatalf("%s %s answered %s\n%s", args[1], args[2], resp.Status, text)
	}
}

// await PATH asks the server with $KEY until it answers 200.
func untilFound(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await PATH")
	}
	for deadline := time.Now().Add(await.Patience); ; time.Sleep(20 * time.Millisecond) {
		req, err := http.NewRequest(http.MethodGet, ts.Getenv("URL")+args[0], http.NoBody)
		ts.Check(err)
		req.Header.Set("Authorization", "Bearer "+ts.Getenv("KEY"))
		resp, err := patient.Do(req)
		ts.Check(err)
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s still answers %s", args[0], resp.Status)
		}
	}
}

// until REGEXP COMMAND [ARG …] runs plumbline until it succeeds with an output
// that the expression fits: what follows a change does so within a second.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP COMMAND [ARG …]")
	}
	wanted, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(await.Patience); ; time.Sleep(50 * time.Millisecond) {
		err := ts.Exec("plumbline", args[1:]...)
		out := ts.ReadFile("stdout")
		if err == nil && wanted.MatchString(out) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("plumbline %s still says (%v)\n%s%s", strings.Join(args[1:], " "), err, out, ts.ReadFile("stderr"))
		}
	}
}

// lookUp finds a value in the JSON of a file, such as stdout, by a path such as
// data.0.id.
func lookUp(ts *testscript.TestScript, file, path string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	d.UseNumber()
	ts.Check(d.Decode(&v))
	if _, err := d.Token(); err != io.EOF {
		ts.Fatalf("%s has more than one JSON value", file)
	}
	for _, step := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[step]
			if !ok {
				return nil
			}
			v = next
		case []any:
			at := 0
			if step == "length" {
				return len(in)
			}
			if _, err := fmt.Sscan(step, &at); err != nil || at >= len(in) {
				ts.Fatalf("%s: nothing at %s of %d elements", path, step, len(in))
			}
			v = in[at]
		default:
			ts.Fatalf("%s: %v has no %s", path, v, step)
		}
	}
	return v
}

// jsonenv VAR FILE PATH puts a value of JSON into a variable.
func jsonEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: jsonenv VAR FILE PATH")
	}
	ts.Setenv(args[0], fmt.Sprint(lookUp(ts, args[1], args[2])))
}

// json FILE PATH VALUE compares a value of JSON.
func jsonIs(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH VALUE")
	}
	if got := fmt.Sprint(lookUp(ts, args[0], args[1])); (got == args[2]) == neg {
		ts.Fatalf("%s of %s is %s\n%s", args[1], args[0], got, ts.ReadFile(args[0]))
	}
}

// inflight NAME PATH BODY sends a request of which the server has read only the
// head, then SIGTERM, and the body only once no new connection is accepted. The
// request must be answered with 201 and the server must exit with 0.
func inFlight(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: inflight NAME PATH BODY")
	}
	s, path, body := serversOf(ts)[args[0]], args[1], args[2]
	addr := strings.TrimPrefix(s.url, "http://")
	conn, err := net.Dial("tcp", addr)
	ts.Check(err)
	defer func() { _ = conn.Close() }()
	ts.Check(conn.SetDeadline(time.Now().Add(await.Patience)))
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		path, addr, ts.Getenv("KEY"), len(body))
	ts.Check(err)
	// The server asks for the body from within the handler.
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		ts.Fatalf("got %q, %v", line, err)
	}
	_, err = r.ReadString('\n')
	ts.Check(err)
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	for deadline := time.Now().Add(await.Patience); ; {
		probe, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		_ = probe.Close()
		if time.Now().After(deadline) {
			ts.Fatalf("%s still takes connections after SIGTERM", args[0])
		}
	}
	_, err = io.WriteString(conn, body)
	ts.Check(err)
	resp, err := http.ReadResponse(r, nil)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusCreated {
		ts.Fatalf("the request in flight was answered with %s", resp.Status)
	}
	wait(ts, false, args[0], s)
}

// standin DIR serves the files of a folder as another system's API, whose address
// becomes $STANDIN: a path with its query is the name of a file in which slashes
// are underscores. A request without the text of the file "authorization" in its
// header is refused; what is not there is answered with 404.
func standIn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: standin DIR")
	}
	dir := ts.MkAbs(args[0])
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		key, err := os.ReadFile(filepath.Join(dir, "authorization"))
		if err == nil && q.Header.Get("Authorization") != strings.TrimSpace(string(key)) {
			http.Error(w, "unknown token "+q.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		text, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(q.URL.RequestURI(), "/"), "/", "_")))
		if err != nil {
			http.NotFound(w, q)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	}))
	ts.Defer(s.Close)
	ts.Setenv("STANDIN", s.URL)
}
