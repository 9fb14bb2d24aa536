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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// build makes the binary that is measured.
func build(ctx context.Context) (binary string, clean func(), err error) {
	dir, err := os.MkdirTemp("", "plumbline-load")
	if err != nil {
		return "", nil, err
	}
	clean = func() { _ = os.RemoveAll(dir) }
	binary = filepath.Join(dir, "plumbline")
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "./cmd/plumbline")
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
	dir      string
	http     *http.Client
}

func start(ctx context.Context, binary, database string) (*server, error) {
	dir, err := os.MkdirTemp("", "plumbline-load-data")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	args := []string{"--data", dir}
	if database != "" {
		args = append(args, "--database-url", database)
	}
	s := &server{url: "http://" + addr, dir: dir, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	s.cmd = exec.CommandContext(ctx, binary, append([]string{"serve", "--addr", addr}, args...)...)
	s.cmd.Env = append(os.Environ(), "PLUMBLINE_RATE_LIMIT=0")
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	out, err := exec.CommandContext(ctx, binary, append([]string{"keys", "create", "--name", "load", "--scope", "all", "--output", "json"}, args...)...).Output()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create a key: %w", err), s.stop())
	}
	var key struct{ Key string }
	if err := json.Unmarshal(out, &key); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.key = key.Key
	return s, nil
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *server) ready(ctx context.Context) error {
	for range 100 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := s.http.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the server does not become ready")
}

func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	err := s.cmd.Wait()
	return errors.Join(err, os.RemoveAll(s.dir))
}

// peak is the largest resident memory of the server so far, in MB.
func (s *server) peak() (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("no VmHWM in the process's status")
}

// call sends a request and reads the whole reply; a status of 400 or more is
// an error.
func (s *server) call(ctx context.Context, method, path string, body []byte) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s %s", method, path, resp.Status, reply)
	}
	return resp.Header, reply, err
}

// connection makes a connection and returns the path of its records.
func (s *server) connection(ctx context.Context, name string) (string, int64, error) {
	body := fmt.Appendf(nil, `{"name":%q,"providerTypes":["CUSTOM"],"workspaceIds":[1],"displayNameKey":"name","sampleData":%s}`, name, small("k", 1))
	_, reply, err := s.call(ctx, http.MethodPost, "/public/v2/custom-connections", body)
	if err != nil {
		return "", 0, err
	}
	var c struct {
		ID              int64
		CustomResources []struct{ ID int64 }
	}
	if err := json.Unmarshal(reply, &c); err != nil {
		return "", 0, err
	}
	return fmt.Sprintf("/public/v2/custom-connections/%d/resources/%d/records", c.ID, c.CustomResources[0].ID), c.CustomResources[0].ID, nil
}
