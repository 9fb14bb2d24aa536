//go:build crash && linux

package crash

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/await"
)

// program builds plumbline once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "plumbline-crash-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "plumbline")
	cmd := exec.Command("go", "build", "-o", path, "github.com/plumbline-dev/plumbline/cmd/plumbline")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// server is a plumbline that can be killed and started again on its data.
type server struct {
	tb   testing.TB
	path string
	// where are the flags that name the database.
	where []string

	cmd *exec.Cmd
	log *bytes.Buffer
	key string
	c   *client.Client
}

func newServer(tb testing.TB, where ...string) *server {
	path, err := program()
	if err != nil {
		tb.Fatalf("build plumbline: %v", err)
	}
	s := &server{tb: tb, path: path, where: where}
	out, err := exec.Command(path, append([]string{"keys", "create", "--name", "crash", "--scope", "all", "--output", "json"}, where...)...).Output()
	if err != nil {
		tb.Fatalf("make a key: %v", err)
	}
	var made struct{ Key string }
	if err := json.Unmarshal(out, &made); err != nil {
		tb.Fatal(err)
	}
	s.key = made.Key
	tb.Cleanup(func() {
		if s.cmd != nil {
			s.kill()
		}
	})
	s.start()
	return s
}

func (s *server) start() {
	s.tb.Helper()
	s.cmd = exec.Command(s.path, append([]string{"serve", "--addr", "127.0.0.1:0", "--rate-limit", "0", "--log-level", "warn"}, s.where...)...)
	s.log = &bytes.Buffer{}
	s.cmd.Stderr = s.log
	// The server must not outlive the test, however the test ends.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.tb.Fatal(err)
	}
	late := time.AfterFunc(await.Patience, func() { _ = s.cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	late.Stop()
	_, url, found := strings.Cut(strings.TrimSpace(line), " listens on ")
	if err != nil || !found {
		s.kill()
		s.tb.Fatalf("the server does not start: %q %v\n%s", line, err, s.log)
	}
	// One attempt: what fails is not known to be stored.
	if s.c, err = client.New(url, s.key, client.Options{Attempts: 1}); err != nil {
		s.tb.Fatal(err)
	}
}

// kill ends the server with SIGKILL and waits until it is gone.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}
