// Command peers pushes the same records into Plumbline and into PocketBase, a
// ready-made server on SQLite with a batch API, in one run on one machine, and
// prints one table.
//
//	cd bench/peers && go run .
//
// Both are processes of their own on loopback with their databases in temporary
// folders; they are ended when the run is over. It is a module of its own so
// that what PocketBase needs stays out of the product.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	batch   = 500
	clients = 8
	limit   = 10 * time.Minute
)

func main() {
	serve := flag.String("serve-pocketbase", "", "address: run as PocketBase, used by the program itself")
	data := flag.String("data", "", "data folder of -serve-pocketbase")
	records := flag.Int("records", 20_000, "records for PocketBase; Plumbline gets ten times as many")
	flag.Parse()
	var err error
	if *serve != "" {
		err = servePocketBase(*serve, *data)
	} else {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		err = compare(ctx, *records)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// record is the same for both: about 250 bytes, a 15-character id.
func record(n, salt int) []byte {
	return fmt.Appendf(nil, `{"id":"r%014d","name":"User %07d","email":"user%07d@example.com","mfa":%t,"age":%d,"lastSeen":"2026-01-01T00:00:00Z","department":"engineering","groups":["staff","on-call"],"note":"%040d"}`,
		n, n, n, n%50 != 0, n%90, n+salt)
}

func compare(ctx context.Context, records int) error {
	ours, err := startPlumbline(ctx)
	if err != nil {
		return err
	}
	defer ours.stop()
	theirs, err := startPocketBase(ctx)
	if err != nil {
		return err
	}
	defer theirs.stop()
	fmt.Printf("%d records (Plumbline: ten times as many) in batches of %d, %d clients, median of 3\n\n| records | Plumbline | PocketBase batch API | ratio |\n|---|---:|---:|---:|\n", records, batch, clients)
	for _, c := range []struct {
		what  string
		salt  func(run int) int
		first func(run int) int
	}{
		{"new", func(int) int { return 0 }, func(run int) int { return run }},
		{"changed", func(run int) int { return run + 1 }, func(int) int { return 0 }},
	} {
		var a, b []float64
		for run := range 3 {
			x, err := ours.push(ctx, c.first(run)*records*10, records*10, c.salt(run))
			if err != nil {
				return err
			}
			y, err := theirs.push(ctx, c.first(run)*records, records, c.salt(run))
			if err != nil {
				return err
			}
			a, b = append(a, x), append(b, y)
		}
		slices.Sort(a)
		slices.Sort(b)
		fmt.Printf("| %s | %.0f/s | %.0f/s | %.0f |\n", c.what, a[1], b[1], a[1]/b[1])
	}
	return nil
}

// peer is a server as a child process.
type peer struct {
	cmd  *exec.Cmd
	dir  string
	url  string
	key  string
	body func(first, salt int) []byte
}

func (p *peer) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	_ = os.RemoveAll(p.dir)
}

func (p *peer) push(ctx context.Context, first, records, salt int) (float64, error) {
	var bodies [][]byte
	for at := first; at < first+records; at += batch {
		bodies = append(bodies, p.body(at, salt))
	}
	var next atomic.Int64
	errs := make([]error, clients)
	var all sync.WaitGroup
	begin := time.Now()
	for c := range clients {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(bodies) && errs[c] == nil; n = int(next.Add(1)) - 1 {
				_, errs[c] = p.post(ctx, p.url, bodies[n])
			}
		})
	}
	all.Wait()
	return float64(records) / time.Since(begin).Seconds(), errors.Join(errs...)
}

func (p *peer) post(ctx context.Context, url string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode >= 300 || resp.Header.Get("X-Records-Failed") > "0") {
		err = fmt.Errorf("%s: %s %.300s", url, resp.Status, reply)
	}
	return reply, err
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// start starts a child and waits until it answers.
func start(ctx context.Context, dir, health string, env []string, name string, args ...string) (*peer, error) {
	p := &peer{dir: dir, cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Env = append(os.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		if resp, err := http.Get(health); err == nil { //nolint:noctx // bounded by the loop
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return p, nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.stop()
	return nil, fmt.Errorf("%s does not answer at %s", name, health)
}

func startPlumbline(ctx context.Context) (*peer, error) {
	dir, err := os.MkdirTemp("", "plumbline-peer")
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(dir, "plumbline")
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "./cmd/plumbline")
	c.Dir, c.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build Plumbline: %w\n%s", err, out)
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, dir, "http://"+addr+"/readyz", []string{"PLUMBLINE_RATE_LIMIT=0"}, binary, "serve", "--addr", addr, "--data", filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, binary, "keys", "create", "--data", filepath.Join(dir, "data"), "--name", "peer", "--scope", "all", "--output", "json").Output()
	if err != nil {
		p.stop()
		return nil, err
	}
	var key struct{ Key string }
	if err := json.Unmarshal(out, &key); err != nil {
		p.stop()
		return nil, err
	}
	p.key = key.Key
	if _, err := p.post(ctx, "http://"+addr+"/public/v2/custom-connections",
		fmt.Appendf(nil, `{"name":"peer","providerTypes":["CUSTOM"],"workspaceIds":[1],"displayNameKey":"name","sampleData":%s}`, record(1, 0))); err != nil {
		p.stop()
		return nil, err
	}
	p.url = "http://" + addr + "/public/v2/custom-connections/1/resources/1/records"
	p.body = func(first, salt int) []byte {
		var b bytes.Buffer
		b.WriteString(`{"data":[`)
		for i := range batch {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(record(first+i, salt))
		}
		b.WriteString(`]}`)
		return b.Bytes()
	}
	return p, nil
}
