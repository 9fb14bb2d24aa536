//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// readyTime bounds the start of the server, stopTime its end.
	readyTime = 30 * time.Second
	stopTime  = 20 * time.Second
	// chunk is how much of a body is read or written at once.
	chunk = 256 << 10
)

// build makes the binary that is measured.
func build(ctx context.Context) (binary string, clean func(), err error) {
	dir, err := os.MkdirTemp("", "plumbline-load")
	if err != nil {
		return "", nil, err
	}
	clean = func() { _ = os.RemoveAll(dir) }
	binary = filepath.Join(dir, "plumbline")
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "github.com/plumbline-dev/plumbline/cmd/plumbline")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		clean()
		return "", nil, fmt.Errorf("build the server: %w\n%s", err, out)
	}
	return binary, clean, nil
}

// server is the product as a child process.
type server struct {
	url, key string
	cmd      *exec.Cmd
	end      context.CancelFunc
	dir      string
	http     *http.Client
}

// start starts the server, on SQLite in a folder of its own unless a database
// is given, and makes a key. The server ends with stop or with ctx.
func start(ctx context.Context, binary, database string) (*server, error) {
	dir, err := os.MkdirTemp("", "plumbline-load-data")
	if err != nil {
		return nil, err
	}
	alive, end := context.WithCancel(ctx)
	s := &server{dir: dir, end: end, http: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 2 * clients, DisableCompression: true, ReadBufferSize: chunk, WriteBufferSize: chunk,
	}}}
	if err := s.open(alive, binary, database); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) open(ctx context.Context, binary, database string) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	s.url = "http://" + addr
	args := []string{"--data", s.dir}
	if database != "" {
		args = append(args, "--database-url", database)
	}
	log, err := os.Create(s.log())
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.CommandContext(ctx, binary, append([]string{"serve", "--addr", addr}, args...)...)
	s.cmd.Env = append(os.Environ(), "PLUMBLINE_RATE_LIMIT=0")
	s.cmd.Stderr = log
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = stopTime
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	if err := s.ready(ctx); err != nil {
		said, _ := os.ReadFile(s.log())
		return fmt.Errorf("%w\n%s", err, said[max(0, len(said)-4096):])
	}
	out, err := exec.CommandContext(ctx, binary, append([]string{"keys", "create", "--name", "load", "--scope", "all", "--output", "json"}, args...)...).Output()
	if err != nil {
		return fmt.Errorf("create a key: %w", err)
	}
	var key struct{ Key string }
	if err := json.Unmarshal(out, &key); err != nil {
		return fmt.Errorf("create a key: %w", err)
	}
	s.key = key.Key
	return nil
}

func (s *server) log() string { return filepath.Join(s.dir, "load.log") }

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, _, err := s.call(ctx, http.MethodGet, "/readyz", nil); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the server does not become ready")
		case <-tick.C:
		}
	}
}

// stop ends the server with SIGTERM, after stopTime with SIGKILL, and removes
// its files.
func (s *server) stop() error {
	s.http.CloseIdleConnections()
	s.end()
	var err error
	if s.cmd != nil {
		if err = s.cmd.Wait(); errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			err = nil // it ended as it was asked to
		}
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// used is the processor time of the server so far. Only Linux tells it of a process
// that runs.
func (s *server) used() (spent time.Duration, known bool, err error) {
	if runtime.GOOS != "linux" {
		return 0, false, nil
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, false, err
	}
	// The name of the program, in parentheses, may hold spaces.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return 0, false, fmt.Errorf("/proc/PID/stat has %d fields behind the name", len(fields))
	}
	for _, f := range fields[11:13] { // in user and in system mode
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, false, fmt.Errorf("read /proc/PID/stat: %w", err)
		}
		spent += time.Duration(n) * tick
	}
	return spent, true, nil
}

// peak is the largest resident memory of the server so far, in MB. Only Linux
// tells it of a process that runs.
func (s *server) peak() (mb float64, known bool, err error) {
	if runtime.GOOS != "linux" {
		return 0, false, nil
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, false, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1024, true, err
		}
	}
	return 0, false, errors.New("no VmHWM in the process's status")
}

func (s *server) request(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	return s.http.Do(req)
}

// call sends a request and reads the whole reply; a status of 400 or more is
// an error.
func (s *server) call(ctx context.Context, method, path string, body []byte) (http.Header, []byte, error) {
	resp, err := s.request(ctx, method, path, body)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s %.300s", method, path, resp.Status, reply)
	}
	return resp.Header, reply, err
}

// resource is one of the server under test.
type resource struct {
	id   int64
	path string // of its records
}

// connect makes a connection with one resource.
func (s *server) connect(ctx context.Context) (resource, error) {
	text := fmt.Appendf(nil, `{"name":"first","providerTypes":["CUSTOM"],"workspaceIds":[1],"displayNameKey":"name","sampleData":%s}`, small("k", 1))
	_, reply, err := s.call(ctx, http.MethodPost, "/public/v2/custom-connections", text)
	if err != nil {
		return resource{}, err
	}
	var c struct {
		ID              int64
		CustomResources []struct{ ID int64 }
	}
	if err := json.Unmarshal(reply, &c); err != nil {
		return resource{}, err
	}
	if len(c.CustomResources) != 1 {
		return resource{}, fmt.Errorf("a new connection has %d resources", len(c.CustomResources))
	}
	id := c.CustomResources[0].ID
	return resource{id, fmt.Sprintf("/public/v2/custom-connections/%d/resources/%d/records", c.ID, id)}, nil
}
