package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const nodeDir = "node"

// node is a process that holds json-rules-engine with its rules and records. It
// answers one request after the other and does nothing in between.
type node struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startNode(ctx context.Context) (*node, error) {
	if _, err := os.Stat(filepath.Join(nodeDir, "node_modules")); err != nil {
		return nil, errors.New("json-rules-engine is not installed: run make bench-peers, or npm ci in bench/engines/node, and start this program in bench/engines")
	}
	cmd := exec.CommandContext(ctx, "node", "engine.mjs")
	cmd.Dir, cmd.Stderr = nodeDir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &node{cmd: cmd, in: in, out: bufio.NewReader(out)}, cmd.Start()
}

func (n *node) stop() error {
	_ = n.in.Close()
	return n.cmd.Wait()
}

func (n *node) ask(request map[string]any, answer any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := n.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("node: %w", err)
	}
	reply, err := n.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	var failed struct{ Error string }
	if err := json.Unmarshal(reply, &failed); err != nil {
		return fmt.Errorf("node: %w", err)
	}
	if failed.Error != "" {
		return fmt.Errorf("node: %s", failed.Error)
	}
	return json.Unmarshal(reply, answer)
}

// newNodeEngine loads tests and records; the process keeps the records, so the
// variants ignore those they are called with.
//
// Its two ways of use are two peers: an engine per test gives each test a verdict
// of its own, whatever becomes of the others; one engine for all tests shares
// the cost of a run among them, and one of them that throws fails all.
func newNodeEngines(n *node, tests []test, records [][]byte) ([]engine, error) {
	rules := make([]json.RawMessage, len(tests))
	for i, t := range tests {
		rules[i] = json.RawMessage(t.json)
	}
	texts := make([]string, len(records))
	for i, r := range records {
		texts[i] = string(r)
	}
	var loaded struct {
		Version  string
		Variants []string
	}
	if err := n.ask(map[string]any{"do": "load", "now": now.UnixMilli(), "rules": rules, "records": texts}, &loaded); err != nil {
		return nil, fmt.Errorf("json-rules-engine: %w", err)
	}
	var out []engine
	for _, name := range []string{perTest, oneEngine} {
		use := strings.TrimPrefix(name, "json-rules-engine, ")
		e := engine{name: name, version: loaded.Version}
		for _, name := range loaded.Variants {
			if way, of := strings.CutPrefix(name, use+", "); of {
				e.variants = append(e.variants, namedVariant{way, &nodeVariant{n, name}})
			}
		}
		out = append(out, e)
	}
	return out, nil
}

type nodeVariant struct {
	node *node
	name string
}

func (v *nodeVariant) verdicts([][]byte) ([][]bool, error) {
	var answer struct{ Verdicts []string }
	if err := v.node.ask(map[string]any{"do": "verdicts", "variant": v.name}, &answer); err != nil {
		return nil, err
	}
	out := make([][]bool, len(answer.Verdicts))
	for i, row := range answer.Verdicts {
		for _, digit := range row {
			out[i] = append(out[i], digit == '1')
		}
	}
	return out, nil
}

func (v *nodeVariant) speed(_ [][]byte, length time.Duration, decoded bool) (float64, error) {
	var answer struct{ Speed float64 }
	err := v.node.ask(map[string]any{"do": "speed", "variant": v.name, "seconds": length.Seconds(), "decoded": decoded}, &answer)
	return answer.Speed, err
}
