//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// readyTime bounds the start of a server, stopTime its end, requestTime
	// one request.
	readyTime, stopTime, requestTime = 30 * time.Second, 20 * time.Second, time.Minute
	// chunk is how much of a body is read or written at once.
	chunk = 256 << 10
)

// client keeps a connection for each of those who push.
var client = &http.Client{Timeout: requestTime, Transport: &http.Transport{
	MaxIdleConnsPerHost: 2 * clients, DisableCompression: true, ReadBufferSize: chunk, WriteBufferSize: chunk,
}}

// peer is a server as a child process.
type peer struct {
	name string
	cmd  *exec.Cmd
	end  context.CancelFunc
	dir  string
	base string
	key  string
	// pushes takes a body, records followed by an id reads one record.
	pushes, records string
	body            func(first, salt int) []byte
}

// start starts a server by its command with a folder of its own, and waits until
// it answers at the path health. It ends with stop or with ctx.
func start(ctx context.Context, name, health string, command func(addr, data string) []string) (*peer, error) {
	dir, err := os.MkdirTemp("", "plumbline-peer-data")
	if err != nil {
		return nil, err
	}
	p := &peer{name: name, dir: dir, end: func() {}}
	if err := p.open(ctx, health, command); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), p.stop())
	}
	return p, nil
}

func (p *peer) open(ctx context.Context, health string, command func(addr, data string) []string) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	p.base = "http://" + addr
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	alive, end := context.WithCancel(ctx)
	p.end = end
	words := command(addr, p.data())
	cmd := exec.CommandContext(alive, words[0], words[1:]...)
	cmd.Env, cmd.Stderr = append(os.Environ(), "PLUMBLINE_RATE_LIMIT=0"), log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopTime
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd = cmd
	if err := p.ready(ctx, health); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%w\n%s", err, said[max(0, len(said)-4096):])
	}
	return nil
}

func (p *peer) data() string { return filepath.Join(p.dir, "data") }

// stop ends the server with SIGTERM, after stopTime with SIGKILL, and removes
// its files.
func (p *peer) stop() error {
	p.end()
	if p.cmd != nil {
		_ = p.cmd.Wait() // however it ended, it is gone
	}
	return os.RemoveAll(p.dir)
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (p *peer) ready(ctx context.Context, health string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := p.call(ctx, http.MethodGet, health, nil); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the server does not become ready")
		case <-tick.C:
		}
	}
}

// push sends records 0 to records-1 and gives how many a second.
func (p *peer) push(ctx context.Context, records, salt int) (float64, error) {
	bodies := make([][]byte, records/batch)
	for i := range bodies {
		bodies[i] = p.body(i*batch, salt)
	}
	runtime.GC() // what was made before is not to be collected meanwhile
	var next atomic.Int64
	errs := make([]error, clients)
	var all sync.WaitGroup
	begin := time.Now()
	for c := range clients {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(bodies) && errs[c] == nil; n = int(next.Add(1)) - 1 {
				_, errs[c] = p.call(ctx, http.MethodPost, p.pushes, bodies[n])
			}
		})
	}
	all.Wait()
	took := time.Since(begin).Seconds()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	return float64(records) / took, p.has(ctx, salt, 0, records/2, records-1)
}

// has fails unless the server gives these records as they were pushed last.
func (p *peer) has(ctx context.Context, salt int, numbers ...int) error {
	for _, n := range numbers {
		reply, err := p.call(ctx, http.MethodGet, p.records+id(n), nil)
		if err != nil {
			return err
		}
		if !bytes.Contains(reply, []byte(note(n, salt))) {
			return fmt.Errorf("%s: record %s was not stored: %.300s", p.name, id(n), reply)
		}
	}
	return nil
}

// call sends a request and reads the whole reply; anything but success is an
// error.
func (p *peer) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if failed := resp.Header.Get("X-Records-Failed"); err == nil && (resp.StatusCode >= http.StatusMultipleChoices || failed != "" && failed != "0") {
		err = fmt.Errorf("%s %s: %s, %q records refused, %.300s", method, path, resp.Status, failed, reply)
	}
	return reply, err
}
