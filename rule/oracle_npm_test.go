//go:build oracle

package rule

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// baseEngine runs pairs through npm json-rules-engine, installed in a temporary
// folder from the pinned package.json.
func baseEngine(t *testing.T, input []byte) []string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"package.json", "oracle.mjs"} {
		text, err := os.ReadFile(filepath.Join("testdata", "oracle", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.Command("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm install: %v\n%s", err, out)
	}
	node := exec.Command("node", "oracle.mjs")
	node.Dir = dir
	node.Stdin = bytes.NewReader(input)
	node.Stderr = os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var lines []string
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}

func TestAgainstBaseEngine(t *testing.T) {
	g := &generator{Rand: rand.New(rand.NewPCG(newSeed(t), 2)), base: true}
	defer func() { slowNamed = nil }()
	var input bytes.Buffer
	var ours []string
	var pairs [][]byte
	for wanted := often(t, "PLUMBLINE_TEST_PAIRS", 20_000); len(pairs) < wanted; {
		g.named = map[string]any{}
		if g.IntN(3) == 0 {
			g.named["first"] = g.condition(1)
			g.named["second"] = g.condition(1)
		}
		rule := g.condition(2)
		p, err := Compile([]Rule{{Evaluator: g.parse(t, rule)}})
		if err != nil {
			t.Fatal(err)
		}
		m := p.Machine()
		for range 4 {
			record := g.object(3)
			line := marshal(map[string]any{"rule": rule, "record": record, "conditions": g.named})
			pairs = append(pairs, line)
			input.Write(append(line, '\n'))
			m.Run(marshal(record), testNow)
			ours = append(ours, baseWord(m.Outcome(0)))
		}
	}
	theirs := baseEngine(t, input.Bytes())
	if len(theirs) != len(ours) {
		t.Fatalf("%d answers for %d pairs", len(theirs), len(ours))
	}
	count := map[string]int{}
	different, explained := 0, 0
	for i := range ours {
		want := theirs[i]
		if len(want) > 5 {
			want = want[:5]
		}
		count[want]++
		if ours[i] != want {
			if baseMode(t, pairs[i]) == want {
				explained++
			} else if different++; different <= 10 {
				t.Errorf("base %s, ours %s: %s", theirs[i], ours[i], pairs[i])
			}
		}
	}
	t.Logf("%d pairs, base engine says %v, %d differences by intention, %d others", len(ours), count, explained, different)
	for _, w := range []string{"true", "false", "error"} {
		if count[w] < len(ours)/100 {
			t.Errorf("only %d answers are %s: the generator is too tame", count[w], w)
		}
	}
}

// baseMode is what the slow evaluator says with the differences of doc.go
// undone.
func baseMode(t *testing.T, pair []byte) string {
	slowAsBase = true
	defer func() { slowAsBase = false }()
	decoded, err := decodeText(pair)
	if err != nil {
		t.Fatal(err)
	}
	m := decoded.(map[string]any)
	slowNamed = map[string]map[string]any{}
	for name, c := range m["conditions"].(map[string]any) {
		slowNamed[name] = c.(map[string]any)
	}
	return baseWord(slowOutcome(slowRule{evaluator: m["rule"].(map[string]any)}, m["record"], testNow))
}

// baseWord is how oracle.mjs says an outcome.
func baseWord(o Outcome) string {
	switch o {
	case Pass:
		return "true"
	case Errored:
		return "error"
	}
	return "false"
}

// TestDifferencesInBaseEngine checks what the table of differences says of the
// base engine.
func TestDifferencesInBaseEngine(t *testing.T) {
	var input bytes.Buffer
	for _, d := range differences {
		input.WriteString(`{"rule":` + d.rule + `,"record":` + d.record + "}\n")
	}
	theirs := baseEngine(t, input.Bytes())
	for i, d := range differences {
		if got := theirs[i]; len(got) < len(d.base) || got[:len(d.base)] != d.base {
			t.Errorf("%s: base engine says %s, the table %s", d.row, got, d.base)
		}
	}
}
