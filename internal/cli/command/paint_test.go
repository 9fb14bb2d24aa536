package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"plain é 😀 text":        "plain é 😀 text",
		"a\x1b[31mb":            `a\u001b[31mb`,
		"a\nb\tc":               `a\u000ab\u0009c`,
		"\u009b2J":              `\u009b2J`,
		"a\u202eb\u2066c\u2028": `a\u202eb\u2066c\u2028`,
	} {
		if got := Plain(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestPaint(t *testing.T) {
	var out bytes.Buffer
	if got := NewPaint(Env{}, &out).Bad("x"); got != "x" {
		t.Errorf("where nobody looks: %q", got)
	}
	p := Paint{on: true}
	if got := p.Bad(""); got != "" {
		t.Errorf("nothing is painted: %q", got)
	}
	for _, got := range []string{p.Good("x"), p.Bad("x"), p.Odd("x"), p.Faint("x")} {
		if !strings.HasPrefix(got, "\x1b[") || !strings.HasSuffix(got, "x\x1b[0m") {
			t.Errorf("%q", got)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	env := Env{In: strings.NewReader("from a pipe")}
	if text, err := env.ReadFile(name, 1<<20); err != nil || len(text) != 1<<20 {
		t.Error(len(text), err)
	}
	if text, err := env.ReadFile("-", 1<<20); err != nil || string(text) != "from a pipe" {
		t.Error(string(text), err)
	}
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{name: "is larger than 1 MB", dir: "is a folder: name a file", filepath.Join(dir, "g"): "cannot be read: no such file"} {
		if _, err := env.ReadFile(file, 1<<20); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
