// Package catalogtest stands in for the systems of the catalogue: it answers with
// the replies that an entry's samples.json recorded.
package catalogtest

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Samples is a samples.json.
type Samples struct {
	// Inputs are the values of the recipe's inputs. ${baseUrl} is the address of
	// the stand-in, ${file} the path of File, and ${privateKey} a key made for the
	// test, in PEM with its line ends escaped.
	Inputs map[string]string
	// Replies are what a system answers over HTTP.
	Replies []Reply
	// Commands are what programs print.
	Commands []Program
	// File is what a recipe reads.
	File *File
	// Database names a database that the test has a real server of.
	Database string
	// Records are what the recipe makes of all this.
	Records []json.RawMessage
}

// Reply is an answer to a request that fits: its method (GET if empty) and path
// are the same, and the named parts of its query and headers. Of several that fit
// the one with the longest query answers, the later one of two as long.
type Reply struct {
	Method, Path string
	Query        map[string]string
	Headers      map[string]string
	// Sent is a part of the body that the request must have.
	Sent   string
	Status int
	// Next is the page that a Link header leads to.
	Next string
	// Body is JSON in which ${baseUrl} stands for the address of the stand-in.
	Body json.RawMessage
}

// Program is a call of a program by the beginning of its command line.
type Program struct {
	Run string
	// Output is a text, or JSON that is printed as it is.
	Output json.RawMessage
	Exit   int
}

// File is one that is put on the disk: JSON or a text.
type File struct {
	Name    string
	Content json.RawMessage
	Text    string
}

// Read reads a samples.json of which nothing may be unknown.
func Read(t testing.TB, text []byte) Samples {
	t.Helper()
	var s Samples
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// System is a running stand-in.
type System struct {
	// Inputs are the inputs that lead a recipe to it.
	Inputs map[string]string
	// Unasked are the replies that no request has got yet.
	Unasked func() []string
}

// Start stands in for a system until the test ends. Programs are found by $PATH.
func Start(t *testing.T, s Samples) System {
	t.Helper()
	out := System{Inputs: map[string]string{}}
	asked := make([]bool, len(s.Replies))
	var mu sync.Mutex
	out.Unasked = func() (paths []string) {
		mu.Lock()
		defer mu.Unlock()
		for i, done := range asked {
			if !done {
				paths = append(paths, s.Replies[i].Path)
			}
		}
		return paths
	}
	values := []string{"${privateKey}", key(t)}
	if len(s.Replies) > 0 {
		var server *httptest.Server
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			at := s.find(r, body.String())
			if at < 0 {
				t.Errorf("the stand-in has no reply to %s %s (%s)", r.Method, r.URL, body.String())
				w.WriteHeader(http.StatusTeapot)
				return
			}
			mu.Lock()
			asked[at] = true
			mu.Unlock()
			s.Replies[at].write(w, server.URL)
		}))
		t.Cleanup(server.Close)
		values = append(values, "${baseUrl}", server.URL)
		out.Inputs["baseUrl"] = server.URL
	}
	if s.File != nil {
		values = append(values, "${file}", s.File.put(t))
	}
	for name, value := range s.Inputs {
		out.Inputs[name] = strings.NewReplacer(values...).Replace(value)
	}
	if len(s.Commands) > 0 {
		programs(t, s.Commands)
	}
	return out
}

func (s Samples) find(r *http.Request, body string) int {
	best := -1
	for i, reply := range s.Replies {
		if reply.fits(r, body) && (best < 0 || len(reply.Query)+len(reply.Sent) >= len(s.Replies[best].Query)+len(s.Replies[best].Sent)) {
			best = i
		}
	}
	return best
}

func (p Reply) fits(r *http.Request, body string) bool {
	if r.Method != cmp.Or(p.Method, http.MethodGet) || r.URL.Path != p.Path || !strings.Contains(body, p.Sent) {
		return false
	}
	query := r.URL.Query()
	for name, value := range p.Query {
		if query.Get(name) != value {
			return false
		}
	}
	for name, value := range p.Headers {
		if r.Header.Get(name) != value {
			return false
		}
	}
	return true
}

func (p Reply) write(w http.ResponseWriter, base string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if p.Next != "" {
		w.Header().Set("Link", fmt.Sprintf(`<%s%s>; rel="next"`, base, p.Next))
	}
	w.WriteHeader(cmp.Or(p.Status, http.StatusOK))
	_, _ = w.Write(bytes.ReplaceAll(p.Body, []byte("${baseUrl}"), []byte(base)))
}

func (f *File) put(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), f.Name)
	text := []byte(f.Text)
	if f.Content != nil {
		text = f.Content
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// programs puts programs that print what was recorded before all others.
func programs(t *testing.T, calls []Program) {
	t.Helper()
	dir := t.TempDir()
	scripts := map[string]*strings.Builder{}
	// The longest beginning is tried first.
	slices.SortStableFunc(calls, func(a, b Program) int { return len(b.Run) - len(a.Run) })
	for i, call := range calls {
		name, args, _ := strings.Cut(call.Run, " ")
		output := filepath.Join(dir, fmt.Sprintf("output-%d", i))
		text := []byte(call.Output)
		var plain string
		if json.Unmarshal(call.Output, &plain) == nil {
			text = []byte(plain)
		}
		if err := os.WriteFile(output, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if scripts[name] == nil {
			scripts[name] = &strings.Builder{}
			scripts[name].WriteString("#!/bin/sh\n")
		}
		pattern := "*"
		if args != "" {
			pattern = "'" + args + "'*"
		}
		fmt.Fprintf(scripts[name], "case \"$*\" in %s) cat '%s'; exit %d;; esac\n", pattern, output, call.Exit)
	}
	for name, script := range scripts {
		script.WriteString("echo \"nobody recorded: $*\" >&2\nexit 64\n")
		//nolint:gosec // it is a program
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script.String()), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

var key = func() func(testing.TB) string {
	made := sync.OnceValues(func() (string, error) {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return "", err
		}
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			return "", err
		}
		return strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "\n", `\n`), nil
	})
	return func(t testing.TB) string {
		text, err := made()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
}()
