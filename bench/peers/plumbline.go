//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

func buildPlumbline(ctx context.Context, binary string) error {
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "./cmd/plumbline")
	c.Dir, c.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build Plumbline: %w\n%s", err, out)
	}
	return nil
}

// startPlumbline starts the server with one resource.
func startPlumbline(ctx context.Context, binary string) (_ *peer, err error) {
	p, err := start(ctx, "Plumbline", "/readyz", func(addr, data string) []string {
		return []string{binary, "serve", "--addr", addr, "--data", data}
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.stop())
		}
	}()
	out, err := exec.CommandContext(ctx, binary, "keys", "create", "--data", p.data(), "--name", "peer", "--scope", "all", "--output", "json").Output()
	if err != nil {
		return nil, fmt.Errorf("create a key: %w", err)
	}
	var key struct{ Key string }
	if err := json.Unmarshal(out, &key); err != nil {
		return nil, fmt.Errorf("create a key: %w", err)
	}
	p.key = key.Key
	if _, err := p.call(ctx, http.MethodPost, "/public/v2/custom-connections",
		fmt.Appendf(nil, `{"name":"peer","providerTypes":["CUSTOM"],"workspaceIds":[1],"displayNameKey":"name","sampleData":%s}`, record(1, 0))); err != nil {
		return nil, err
	}
	p.pushes = "/public/v2/custom-connections/1/resources/1/records"
	p.records = p.pushes + "/"
	p.body = func(first, salt int) []byte { return bodyOf(first, salt, `{"data":[`, "", "", `]}`) }
	return p, nil
}
